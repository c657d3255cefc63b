"""The program as a story: what is open, what is locked and why, on which days, what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import BaseFormSet, formset_factory
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.access import ClientRequest, client_required
from clients.adjusting import AssignmentEnded, StepChanged, change_step
from clients.changes import Change, changes_of, mark_seen, moved, seen_since, step_changes, told_once
from clients.explaining import Opening, Why, opening, why, why_this
from clients.forms.preferences import StepDaysForm, TightAgainForm
from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    Client,
    TenderSpot,
    User,
    localized,
)
from clients.planning import AssignmentFacts, PlanFacts, gather, phase_rail
from clients.progression.apply import AnswerRefused
from clients.progression.apply import tight_again as report_tight_again
from clients.progression.gather import FAR, Case, cases
from clients.progression.showing import Gate, gate_for_client, notes_for_client
from clients.progression.words import what_for_client
from clients.safety import Verdict, reasons, sides_of
from clients.schedule import LOADING, DaysRefused
from clients.sketching import areas_of_muscles, copy_sketch, reached
from clients.spots import marked_words, spots_of
from clients.templatetags.dose import days_words, step_dose
from routines.bodysketch import Sketch, sketches
from routines.models import BodyArea, PhaseKind

CHANGES_SHOWN = 20
AHEAD = 400  # days in which a program may begin that is shown already


class StepDaysFormSet(BaseFormSet):
    """One form for each step, named after its version and not after its place."""

    def __init__(self, data: Any = None, *, steps: list[AssignedStep]) -> None:
        self.names = [f"steps-{step.pk}" for step in steps]
        super().__init__(data, initial=[{"days": step.weekdays} for step in steps], prefix="steps")

    def add_prefix(self, index: int | str) -> str:
        known = isinstance(index, int) and index < len(self.names)
        return self.names[int(index)] if known else super().add_prefix(index)

    def shows_other_steps(self) -> bool:
        """What was sent names another number of steps, or one that has since been changed or taken out."""
        sent = {name.removesuffix("-days") for name in self.data if name.endswith("-days")}
        return self.total_form_count() != len(self.names) or not sent <= set(self.names)


DaysFormSet: Any = formset_factory(StepDaysForm, formset=StepDaysFormSet, extra=0)


@dataclass(frozen=True)
class StepPart:
    """One step as it stands now. `left_out` says why, where today's conditions leave no side of it; `why` why it is there."""

    step: AssignedStep
    dose: str
    note: str
    left_out: str
    why: str
    where: Sketch | None = None


@dataclass(frozen=True)
class PhasePart:
    """One phase of the story with its steps as they stand now."""

    phase: AssignedPhase
    kind: PhaseKind
    state: str
    day: int
    steps: list[StepPart]
    opens: Opening | None
    gate: Gate | None = None
    reach: Sketch | None = None


@dataclass(frozen=True)
class ProgramStory:
    assignment: Assignment
    rail: list[dict[str, Any]]
    why: Why | None
    phases: list[PhasePart]
    changes: list[Change]
    paused: bool


def program_page(client: Client, now: datetime) -> dict[str, Any]:
    """Every running program, and what is lighter or asked just now as Today says it, in a fixed number of queries."""
    today = client.local_date(now)
    facts = gather(client, today - FAR, today + timedelta(days=AHEAD), ahead=True)
    known = {case.assignment.pk: case for case in cases(client, now, facts)}
    running = [each for each in facts.assignments if each.assignment.ended_on is None]
    rows = AssignedStep.objects.filter(phase__assignment__in=[each.assignment for each in running])
    changed = rows.exclude(change_reason="", removal_reason="")
    changed = changed.select_related("changed_by", "removed_by", "phase", "replaces")
    latest = list(changed.order_by("-valid_from", "-pk")[:CHANGES_SHOWN])
    spots = spots_of(client)
    areas = areas_of_muscles(step.as_was for each in running for step in each.steps)
    people = {user.pk: user.name for user in User.objects.filter(pk__in=deciders(running))}
    stories = [
        story(each, today, latest, facts, known.get(each.assignment.pk), people, spots, areas)
        for each in running
    ]
    return {"stories": stories, "notes": notes_for_client(list(known.values()))}


def deciders(running: Iterable[AssignmentFacts]) -> set[int]:
    return {row.by_id for facts in running for row in facts.rows if row.by_id is not None}


def story(
    facts: AssignmentFacts,
    today: date,
    changed: Iterable[AssignedStep],
    plan: PlanFacts,
    case: Case | None,
    people: Mapping[int, str],
    spots: Mapping[int, Sequence[TenderSpot]],
    areas: Mapping[str, BodyArea],
) -> ProgramStory:
    found = facts.phase_on(today)
    phases = sorted(facts.phases.values(), key=lambda phase: phase.order)
    standing = {
        phase.pk: [step for step in facts.steps if step.phase_id == phase.pk and step.valid_until is None]
        for phase in phases
    }
    reach = dict(zip(standing, reach_of_phases(standing.values(), areas), strict=True))
    kind = found[0].kind if found else phases[0].kind
    mine = [step for step in changed if step.phase.assignment_id == facts.assignment.pk]
    changes = [
        *told_once((row, moved(row, facts.phases, people)) for row in facts.rows if what_for_client(row)),
        *(change for step in mine for change in step_changes(step)),
    ]
    changes.sort(key=lambda change: change.at, reverse=True)
    return ProgramStory(
        assignment=facts.assignment,
        rail=[
            {
                "kind": part["kind"].value,
                "word": part["kind"].label,
                "state": state_word(part["phase"]),
                "progress": part["filled"] * 100,
                "href": f"#phase-{part['phase'].pk}",
            }
            for part in phase_rail(facts, today)
        ],
        why=why(facts.assignment, kind),
        phases=[
            PhasePart(
                phase=phase,
                kind=PhaseKind(phase.kind),
                state=state_word(phase),
                day=found[1] + 1 if found and found[0].pk == phase.pk else 0,
                steps=[
                    step_part(step, plan, today, spots, areas, done=phase.state == AssignedPhase.State.DONE)
                    for step in standing[phase.pk]
                ],
                opens=opening(phases, phase, facts.rows),
                gate=gate_for_client(case, phases)
                if case is not None and phase.state == AssignedPhase.State.ACTIVE
                else None,
                reach=reach[phase.pk],
            )
            for phase in phases
        ],
        changes=changes[:CHANGES_SHOWN],
        paused=facts.paused_on(today),
    )


def reach_of_phases(
    phases: Iterable[Sequence[AssignedStep]], areas: Mapping[str, BodyArea]
) -> list[Sketch | None]:
    """What each phase reaches, all of them drawn alike; None for one that reaches nothing that is known."""
    series = [
        [
            each
            for step in steps
            for each in reached(step.as_was, step.kind, sides_of(step.side_mode, step.side), areas)
        ]
        for steps in phases
    ]
    return [each if each.lines else None for each in sketches(series)]


def step_part(
    step: AssignedStep,
    plan: PlanFacts,
    day: date,
    spots: Mapping[int, Sequence[TenderSpot]],
    areas: Mapping[str, BodyArea],
    *,
    done: bool,
) -> StepPart:
    """`done`: of a phase that is history, no condition of today is held against it."""
    sides = sides_of(step.side_mode, step.side)
    judged = [(side, Verdict() if done else verdict_of(step, side, plan, day)) for side in sides]
    said = " ".join(reasons(judged))
    whole = all(verdict.sentence for _side, verdict in judged)
    days = days_words(step.weekdays)
    note = f"{days}. {said}" if said and not whole else days
    if not done and (marked := marked_words(spots.get(step.exercise_id, ()))):
        note = f"{note.removesuffix('.')}. {marked}"
    return StepPart(
        step=step,
        dose=step_dose(step),
        note=note,
        left_out=said if whole else "",
        why=why_this(step.why),
        where=None if done else copy_sketch(step.as_was, sides, areas),
    )


def verdict_of(step: AssignedStep, side: str, plan: PlanFacts, day: date) -> Verdict:
    verdict = replace(plan.verdict(step.exercise_id, side, day), stopped=False)
    instead = plan.instead_of(step, side, day) if verdict.avoid else None
    return replace(verdict, instead=instead.name) if instead else verdict


def state_word(phase: AssignedPhase) -> str:
    """As the rail names it: done, current, ahead."""
    return {
        AssignedPhase.State.DONE: "done",
        AssignedPhase.State.ACTIVE: "current",
    }.get(AssignedPhase.State(phase.state), "ahead")


@client_required
@require_safe
def program(request: ClientRequest) -> HttpResponse:
    ended = Assignment.objects.filter(client=request.person, ended_on__isnull=False).order_by("-ended_on")
    context = {**program_page(request.person, timezone.now()), "ended": list(ended[:CHANGES_SHOWN])}
    return render(request, "clients/program/program.html", context)


@client_required
@require_safe
def changes(request: ClientRequest) -> HttpResponse:
    """What changed and why, the newest first, with what is new since the last look. The letter leads here."""
    now = timezone.now()
    since = seen_since(request.person, now)
    context = {"changes": changes_of(request.person, since), "section": "program"}
    if request.method == "GET":
        mark_seen(request.person, now)
    return render(request, "clients/program/changes.html", context)


# ---- "It is tight again" -----------------------------------------------------------------------------------------------


@client_required
@require_http_methods(["GET", "HEAD", "POST"])
def tight_again(request: ClientRequest, pk: int) -> HttpResponse:
    """Which muscle it is; release for it opens again at once, and the therapist is told."""
    running = Assignment.objects.running().visible_to(request.user).filter(client=request.person)
    assignment = get_object_or_404(running.select_related("client"), pk=pk)
    sent = request.POST if request.method == "POST" else None
    form = TightAgainForm(sent, choices=muscles_to_release(assignment))
    if form.is_valid():
        try:
            report_tight_again(
                assignment, form.cleaned_data["muscles"], now=timezone.now(), by=request.person.user
            )
        except (AnswerRefused, AssignmentEnded) as error:
            messages.info(request, str(error))
            return redirect("program")
        messages.success(request, _("Noted. Release for it is open again, and your therapist sees it."))
        return redirect("today")
    context = {"form": form, "assignment": assignment, "section": "today"}
    return render(request, "clients/program/tight_again.html", context, status=422 if form.is_bound else 200)


def muscles_to_release(assignment: Assignment) -> list[tuple[str, str]]:
    """The muscles that the release phases of this program release, each once."""
    steps = AssignedStep.objects.filter(
        phase__assignment=assignment, phase__kind=PhaseKind.RELEASE, valid_until__isnull=True
    )
    found = {
        target["slug"]: localized(target["texts"], "name")
        for step in steps.order_by("phase__order", "order")
        if step.kind not in LOADING
        for target in step.as_was.get("targets", ())
    }
    return list(found.items())


# ---- Moving the days ---------------------------------------------------------------------------------------------------


@client_required
@require_http_methods(["GET", "HEAD", "POST"])
def program_days(request: ClientRequest, pk: int) -> HttpResponse:
    """The days of each step of one phase. A choice that cannot be is told beside it, and nothing is changed."""
    running = AssignedPhase.objects.filter(
        assignment__client=request.person, assignment__ended_on__isnull=True
    )
    phase = get_object_or_404(running.exclude(state=AssignedPhase.State.DONE), pk=pk)
    steps = list(
        AssignedStep.objects.filter(phase=phase, valid_until__isnull=True)
        .select_related("phase__assignment__client")
        .order_by("order")
    )
    formset = DaysFormSet(request.POST or None, steps=steps)
    if formset.is_bound and formset.shows_other_steps():
        messages.error(
            request, _("This step was changed in the meantime. Look at it again, then repeat your change.")
        )
        formset = DaysFormSet(steps=steps)
    label_forms(formset, steps)
    if formset.is_valid() and move_days(steps, formset, timezone.now()):
        messages.success(request, _("The days are moved, from today on."))
        return redirect("program")
    context = {"phase": phase, "formset": formset, "section": "program"}
    return render(request, "clients/program/days.html", context, status=422 if formset.is_bound else 200)


def label_forms(formset: Any, steps: list[AssignedStep]) -> None:
    for form, step in zip(formset.forms, steps, strict=False):
        dose = step_dose(step)
        form.fields["days"].label = step.name
        form.fields["days"].help_text = _("%(dose)s, %(number)d days a week") % {
            "dose": dose,
            "number": len(step.weekdays),
        }


def move_days(steps: list[AssignedStep], formset: Any, now: datetime) -> bool:
    """Moves all or none; each refusal stands beside its exercise."""
    refused = False
    with transaction.atomic():
        for step, form in zip(steps, formset.forms, strict=True):
            days = form.cleaned_data["days"]
            if days == step.weekdays:
                continue
            try:
                change_step(step, by=None, reason=_("Moved to other days"), now=now, weekdays=days)
            except (DaysRefused, StepChanged, AssignmentEnded) as error:
                form.add_error("days", str(error))
                refused = True
        if refused:
            transaction.set_rollback(True)
    return not refused
