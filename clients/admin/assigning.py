"""Giving a client a program: choose, look at what their conditions say, confirm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.access import get_client_for_staff
from clients.adjusting import tell_about_change
from clients.admin.file import invite_by_mail
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
from clients.casefile import account_state, invited_at
from clients.forms.workplace import AssignForm, CareForm, InviteForm, ProgramSearch
from clients.models import Assignment, Client, Side
from clients.numbers import numbers_now
from clients.ownership import own_of, visible_programs, whose_programs
from clients.practice import this_practice
from clients.safety import Condition
from clients.schedule import weekdays_for
from routines.composing import PhaseDesign, StepDesign, design_of
from routines.finding import says
from routines.models import ConditionTag, Program
from routines.review import minutes_per_day, most_at_once, step_facts
from routines.tagging import tags_in_use
from routines.wording import dose_line, often

FIELD_OF: dict[type[ValueError], str] = {
    NotInCare: "program",
    ProgramEmpty: "program",
    AlreadyAssigned: "program",
    StartDateRefused: "start_date",
}


@dataclass(frozen=True)
class PhasePreview:
    phase: PhaseDesign
    minutes: int
    at_once: int
    steps: tuple[tuple[StepDesign, str, str], ...]  # step, dose in words, note about the days


@dataclass(frozen=True)
class Preview:
    """What assigning would do: minutes, days laid out otherwise, steps left out, steps that need a yes."""

    name: str
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
            found.setdefault(f"{warning.step.exercise.pk}:{condition.slug}", words)
        return list(found.items())


def preview_of(name: str, design: Sequence[PhaseDesign], client: Client, day: date, side: str) -> Preview:
    rule = numbers_now("weekday", this_practice())
    phases = []
    for phase in design:
        steps = []
        for step in phase.steps:
            exercise = step.exercise
            settled = settle_side(step.side, exercise.side_mode, exercise.kind, side)
            dose = f"{dose_line(step.dose, exercise.side_mode, settled)}, {often(step.dose)}"
            steps.append((step, dose, weekdays_for(step.dose.days_per_week, exercise.kind, rule).note))
        facts = [step_facts(step) for step in phase.steps]
        phases.append(PhasePreview(phase, minutes_per_day(facts), most_at_once(facts)[0], tuple(steps)))
    warnings = warnings_for(design, client, day, side)
    return Preview(
        name=name,
        phases=tuple(phases),
        left_out=tuple(warning for warning in warnings if warning.verdict.avoid),
        with_care=tuple(
            (warning, condition)
            for warning in warnings
            if not warning.verdict.avoid
            for condition in warning.verdict.care
        ),
    )


def programs_for(request: HttpRequest, search: ProgramSearch | None = None) -> QuerySet[Program]:
    """Programs that may be given, narrowed by words from name, pattern or tags, by whose they are and by one tag."""
    found = visible_programs(request.user, Program.objects.in_use())
    found = found.select_related("imbalance").prefetch_related("tags")
    if search is None or not search.is_valid():
        return found
    wanted = search.cleaned_data
    for word in wanted["q"].split()[:6]:
        tagged = Program.tags.through.objects.filter(programtag__name__icontains=word)
        found = found.filter(
            says(word)
            | says(word, "imbalance__")
            | says(word, text="notes")
            | Q(pk__in=tagged.values("program"))
        )
    if wanted["whose"]:
        found = whose_programs(found, wanted["whose"], request.user)
    if wanted["tag"]:
        found = found.filter(tags=wanted["tag"])
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
    tags = tags_in_use(visible_programs(request.user))
    search = ProgramSearch(request.POST if request.method == "POST" else request.GET, tags=tags)
    every = programs_for(request)
    found = programs_for(request, search)
    own = own_of(request.user, every)
    act = request.POST.get("act", "")
    data: Any = request.POST if act else None
    if request.method != "POST" and request.GET.get("act") == "check":
        act = "check"
        chosen_here = request.GET.get("program", "")
        data = {"program": chosen_here, "start_date": today.isoformat(), "side": client.side, "note": ""}
    form = AssignForm(
        data,
        programs=every if act in ("check", "assign") else found,
        own=own,
        initial={"start_date": today, "side": client.side, "program": request.GET.get("program")},
    )
    kept = search.cleaned_data if search.is_valid() else {}
    context: dict[str, Any] = {
        "title": _("A program for %(client)s") % {"client": client.name},
        "client": client,
        "form": form,
        "programs": found,
        "following": following(client),
        "search": ProgramSearch(initial=kept, tags=tags),
        "may_copy": Assignment.objects.visible_to(request.user).exclude(client=client).exists(),
    }
    if act not in ("check", "assign"):
        if act:
            form = context["form"] = AssignForm(programs=found, own=own, initial=request.POST.dict())
        return draw(request, "assign", **context)
    if not form.is_valid():
        return draw(request, "assign", status=refused(form), **context)

    chosen = form.cleaned_data
    program = Program.objects.with_design().get(pk=chosen["program"].pk)
    design = design_of(program)
    preview = preview_of(
        program.text("name"), design, client, max(chosen["start_date"], today), chosen["side"]
    )
    check = CheckForms(request, client, preview, now, sent=act == "assign")
    if act == "assign" and check.are_valid:
        try:
            with transaction.atomic():
                assignment = assign_program(
                    program,
                    client,
                    start_date=chosen["start_date"],
                    by=request.user,  # type: ignore[arg-type]
                    now=now,
                    side=chosen["side"],
                    note=chosen["note"],
                    care=check.ticks,
                )
                tell_about_change(assignment, now)
        except tuple(FIELD_OF) as error:
            form.add_error(FIELD_OF[type(error)], str(error))
            return draw(request, "assign", status=422, **context)
        return check.given(assignment)
    try:
        check_assignment(program, client, chosen["start_date"], now, design)
    except tuple(FIELD_OF) as error:
        form.add_error(FIELD_OF[type(error)], str(error))
        return draw(request, "assign", status=422, **context)
    return draw(
        request,
        "assign_check",
        status=refused(check.care) if check.care.errors else 200,
        program=program,
        preview=preview,
        side=Side(chosen["side"]).label,
        check=check,
        **context,
    )


class CheckForms:
    """What is answered on the page before a program is given: exercises with care, and whether to invite at once."""

    def __init__(
        self, request: HttpRequest, client: Client, preview: Preview, now: datetime, *, sent: bool
    ) -> None:
        data = request.POST if sent else None
        self.request, self.client = request, client
        self.care = CareForm(data, choices=preview.care_choices, prefix="care")
        account = account_state(client, invited_at(client), now)
        self.invite = InviteForm(data, client=client, first=not account.again) if account.may_invite else None

    @property
    def are_valid(self) -> bool:
        return self.care.is_valid() and (self.invite is None or self.invite.is_valid())

    @property
    def ticks(self) -> list[tuple[int, int]]:
        return ticks(self.care.cleaned_data["care"])

    def given(self, assignment: Assignment) -> HttpResponse:
        """Says so, invites where that was ticked, and leads to the client."""
        messages.success(
            self.request,
            _("%(client)s has “%(program)s” now.") % {"client": self.client.name, "program": assignment.name},
        )
        if self.invite is not None and self.invite.cleaned_data["invite"]:
            invite_by_mail(self.request, self.client)
        return redirect("admin:client", self.client.pk)


def following(client: Client) -> set[int]:
    return set(Assignment.objects.running().filter(client=client).values_list("program_id", flat=True))


def ticks(keys: list[str]) -> list[tuple[int, int]]:
    """ "exercise:condition" as the keys of both."""
    pairs = [key.split(":", 1) for key in keys]
    tags = dict(ConditionTag.objects.filter(slug__in=[slug for _pk, slug in pairs]).values_list("slug", "pk"))
    return [(int(exercise), tags[slug]) for exercise, slug in pairs]
