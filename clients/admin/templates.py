"""From one client's plan to the next: saved as a template, or copied for another client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.access import get_client_for_staff
from clients.adjusting import tell_about_change
from clients.admin.adjusting import assignment_of
from clients.admin.assigning import FIELD_OF, CheckForms, preview_of
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.assigning import ProgramEmpty
from clients.copying import (
    OwnPlan,
    OwnStep,
    check_copy,
    copy_assignment,
    design_for,
    plan_of,
    plans_to_copy,
    save_template,
)
from clients.forms.templates import CopyForm, PlanSearch, TemplateForm
from clients.models import Side
from clients.ownership import MINE, visible_programs
from routines.composing import PhaseDesign
from routines.models import is_key
from routines.tagging import tags_in_use
from routines.wording import dose_line, often

GET_AND_POST = ["GET", "HEAD", "POST"]
SHOWN = 30  # programs of other clients on one page; words find the others


@dataclass(frozen=True)
class StepLine:
    step: OwnStep
    dose: str
    side: Any  # the field, None where the exercise has no sides
    was: str


def lines_of(plan: OwnPlan, form: TemplateForm) -> list[tuple[PhaseDesign, list[StepLine]]]:
    return [
        (phase, [line_of(step, form) for step in steps])
        for phase, steps in zip(plan.phases, plan.steps, strict=True)
        if steps
    ]


def line_of(step: OwnStep, form: TemplateForm) -> StepLine:
    design = step.design
    return StepLine(
        step=step,
        dose=f"{dose_line(design.dose, design.exercise.side_mode, design.side)}, {often(design.dose)}",
        side=form.side_field(step.pk),
        was=str(Side(step.was).label),
    )


@require_http_methods(GET_AND_POST)
def save(request: HttpRequest, pk: int, assignment: int) -> HttpResponse:
    """What becomes of each side is shown and may be chosen otherwise; then the program opens in the builder."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    row = assignment_of(request, client, assignment)
    plan = plan_of(row)
    form = TemplateForm(
        request.POST or None,
        plan=plan,
        client=client,
        initial={"name": row.texts.get("", {}).get("name", "")},
    )
    if form.is_valid():
        said = form.cleaned_data
        try:
            program = save_template(
                plan,
                name=said["name"],
                tags=said["tags"],
                own=said["whose"] == MINE,
                sides=form.sides,
                key=said["key"],
                by=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
            )
        except ProgramEmpty as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved as a program. Nothing about the client is in it."))
            return redirect("admin:routines_program_builder", program.pk)
    return draw(
        request,
        "template_save",
        title=_("Save as a template"),
        status=refused(form),
        client=client,
        assignment=row,
        form=form,
        phases=lines_of(plan, form),
        known_tags=tags_in_use(visible_programs(request.user)),
    )


def asked_again(request: HttpRequest) -> dict[str, Any]:
    """The plan that a link names, chosen already; whether it may be chosen the form says."""
    return {"plan": plan} if is_key(plan := request.GET.get("plan", "")) else {}


@require_http_methods(GET_AND_POST)
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose among one's own clients' programs, look at it for this client, give it: as `assigning.assign` does."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    now = timezone.now()
    today = client.local_date(now)
    search = PlanSearch(request.POST if request.method == "POST" else request.GET)
    words = search.cleaned_data["q"] if search.is_valid() else ""
    every = plans_to_copy(request.user, client, "")  # type: ignore[arg-type]
    found = plans_to_copy(request.user, client, words)  # type: ignore[arg-type]
    act = request.POST.get("act", "")
    shown = list(found[: SHOWN + 1])
    offered = every.filter(pk__in=[row.pk for row in shown[:SHOWN]])
    form = CopyForm(
        request.POST if act in ("check", "assign") else None,
        plans=every,
        initial=request.POST.dict()
        if act
        else {**asked_again(request), "start_date": today, "side": client.side},
    )
    context: dict[str, Any] = {
        "title": _("A program that somebody had"),
        "client": client,
        "form": form,
        "plans": shown[:SHOWN],
        "more": len(shown) > SHOWN,
        "search": PlanSearch(initial={"q": words}),
    }
    refusal = not form.is_valid() if form.is_bound else True
    form.fields["plan"].queryset = offered  # type: ignore[attr-defined]  # every plan may be named, a page of them is drawn
    if refusal:
        return draw(request, "copy_program", status=refused(form), **context)
    chosen = form.cleaned_data
    source = chosen["plan"]
    design = design_for(source, client)
    preview = preview_of(source.name, design, client, max(chosen["start_date"], today), chosen["side"])
    check = CheckForms(request, client, preview, now, sent=act == "assign")
    try:
        if act == "assign" and check.are_valid:
            with transaction.atomic():
                assignment = copy_assignment(
                    source,
                    client,
                    start_date=chosen["start_date"],
                    by=request.user,  # type: ignore[arg-type]
                    now=now,
                    side=chosen["side"],
                    note=chosen["note"],
                    care=check.ticks,
                )
                tell_about_change(assignment, now)
            return check.given(assignment)
        check_copy(source, design, client, chosen["start_date"], now)
    except tuple(FIELD_OF) as error:
        field = FIELD_OF[type(error)]
        form.add_error("plan" if field == "program" else field, str(error))
        return draw(request, "copy_program", status=422, **context)
    return draw(
        request,
        "assign_check",
        status=refused(check.care) if check.care.errors else 200,
        preview=preview,
        side=Side(chosen["side"]).label,
        check=check,
        **context,
    )
