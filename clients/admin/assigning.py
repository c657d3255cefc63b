"""Giving a client a program: choose, look at what their conditions say, confirm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.access import get_client_for_staff
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.assigning import (
    AlreadyAssigned,
    ProgramEmpty,
    StartDateRefused,
    StepWarning,
    assign_program,
    check_assignment,
    settle_side,
    warnings_for,
)
from clients.care import NotInCare
from clients.forms.workplace import AssignForm, CareForm, ProgramSearch
from clients.models import Assignment, Client, Side
from clients.numbers import numbers_now
from clients.ownership import visible_programs
from clients.practice import this_practice
from clients.safety import Condition
from clients.schedule import weekdays_for
from routines.models import ConditionTag, Phase, Program, Step
from routines.review import minutes_per_day, most_at_once, step_facts
from routines.wording import dose_line, often

FIELD_OF: dict[type[ValueError], str] = {
    NotInCare: "program",
    ProgramEmpty: "program",
    AlreadyAssigned: "program",
    StartDateRefused: "start_date",
}


@dataclass(frozen=True)
class PhasePreview:
    phase: Phase
    minutes: int
    at_once: int
    steps: tuple[tuple[Step, str, str], ...]  # step, dose in words, note about the days


@dataclass(frozen=True)
class Preview:
    """What assigning would do: minutes, days laid out otherwise, steps left out, steps that need a yes."""

    program: Program
    phases: tuple[PhasePreview, ...]
    left_out: tuple[StepWarning, ...]
    with_care: tuple[tuple[StepWarning, Condition], ...]

    @property
    def care_choices(self) -> list[tuple[str, str]]:
        """Each exercise and condition once."""
        found: dict[str, str] = {}
        for warning, condition in self.with_care:
            words = _("%(step)s, because of: %(condition)s. %(rule)s.") % {
                "step": warning.step.exercise.text("name"),
                "condition": condition.label,
                "rule": condition.rule,
            }
            found.setdefault(f"{warning.step.exercise_id}:{condition.slug}", words)
        return list(found.items())


def preview_of(program: Program, client: Client, day: date, side: str) -> Preview:
    program = Program.objects.with_design().get(pk=program.pk)
    rule = numbers_now("weekday", this_practice())
    phases = []
    for phase in program.phases.all():
        steps = []
        for step in phase.steps.all():
            exercise = step.exercise
            settled = settle_side(step.side, exercise.side_mode, exercise.kind, side)
            dose = f"{dose_line(step.dose, exercise.side_mode, settled)}, {often(step.dose)}"
            steps.append((step, dose, weekdays_for(step.days_per_week, exercise.kind, rule).note))
        facts = [step_facts(step) for step in phase.steps.all()]
        phases.append(
            PhasePreview(phase, minutes_per_day(facts), most_at_once(facts)[0] if facts else 0, tuple(steps))
        )
    warnings = warnings_for(program, client, day, side)
    return Preview(
        program=program,
        phases=tuple(phases),
        left_out=tuple(warning for warning in warnings if warning.verdict.avoid),
        with_care=tuple(
            (warning, condition)
            for warning in warnings
            if not warning.verdict.avoid
            for condition in warning.verdict.care
        ),
    )


def programs_for(request: HttpRequest, text: str) -> Any:
    """Programs that may be given, narrowed by words from their name or pattern."""
    found = visible_programs(request.user).in_use().select_related("imbalance")  # type: ignore[attr-defined]
    for word in text.split()[:6]:
        found = found.filter(
            Q(name__icontains=word) | Q(imbalance__name__icontains=word) | Q(notes__icontains=word)
        )
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Two steps on one address: `act=check` shows what would happen, `act=assign` does it, `act=back` returns.

    An address may ask for the check of a program from today on the side of the complaint: a draft leads there.
    """
    care_only(request)
    client = get_client_for_staff(request, pk)
    now = timezone.now()
    today = client.local_date(now)
    search = ProgramSearch(request.POST if request.POST.get("q") else request.GET)
    text = search.cleaned_data["q"] if search.is_valid() else ""
    every = programs_for(request, "")
    found = programs_for(request, text)
    act = request.POST.get("act", "")
    data: Any = request.POST if act else None
    if request.method != "POST" and request.GET.get("act") == "check":
        act = "check"
        chosen_here = request.GET.get("program", "")
        data = {"program": chosen_here, "start_date": today.isoformat(), "side": client.side, "note": ""}
    form = AssignForm(
        data,
        programs=every if act in ("check", "assign") else found,
        initial={"start_date": today, "side": client.side, "program": request.GET.get("program")},
    )
    context = {
        "title": _("A program for %(client)s") % {"client": client.name},
        "client": client,
        "form": form,
        "programs": found,
        "following": following(client),
        "search": ProgramSearch(initial={"q": text}),
    }
    if act not in ("check", "assign"):
        if act:
            form = context["form"] = AssignForm(programs=found, initial=request.POST.dict())
        return draw(request, "assign", **context)
    if not form.is_valid():
        return draw(request, "assign", status=refused(form), **context)

    chosen = form.cleaned_data
    preview = preview_of(chosen["program"], client, max(chosen["start_date"], today), chosen["side"])
    care = CareForm(data if act == "assign" else None, choices=preview.care_choices, prefix="care")
    if act == "assign" and care.is_valid():
        try:
            assignment = assign_program(
                chosen["program"],
                client,
                start_date=chosen["start_date"],
                by=request.user,  # type: ignore[arg-type]
                now=now,
                side=chosen["side"],
                note=chosen["note"],
                care=ticks(care.cleaned_data["care"]),
            )
        except tuple(FIELD_OF) as error:
            form.add_error(FIELD_OF[type(error)], str(error))
            return draw(request, "assign", status=422, **context)
        messages.success(
            request,
            _("%(client)s has “%(program)s” now.") % {"client": client.name, "program": assignment.name},
        )
        return redirect("admin:client", client.pk)
    try:
        check_assignment(preview.program, client, chosen["start_date"], now)
    except tuple(FIELD_OF) as error:
        form.add_error(FIELD_OF[type(error)], str(error))
        return draw(request, "assign", status=422, **context)
    return draw(
        request,
        "assign_check",
        status=refused(care) if care.errors else 200,
        preview=preview,
        side=Side(chosen["side"]).label,
        care=care,
        **context,
    )


def following(client: Client) -> set[int]:
    return set(Assignment.objects.running().filter(client=client).values_list("program_id", flat=True))


def ticks(keys: list[str]) -> list[tuple[int, int]]:
    """ "exercise:condition" as the keys of both."""
    pairs = [key.split(":", 1) for key in keys]
    tags = dict(ConditionTag.objects.filter(slug__in=[slug for _pk, slug in pairs]).values_list("slug", "pk"))
    return [(int(exercise), tags[slug]) for exercise, slug in pairs]
