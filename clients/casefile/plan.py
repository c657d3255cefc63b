"""The client's plan as the therapist reads it: phases, steps and doses, what is left out, what waits for a tick."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from clients.cupboard import HomeOnFile, home_on_file
from clients.models import AssignedPhase, AssignedStep, Assignment, Client, PhaseTransition, TenderSpot
from clients.numbers import rule_numbers
from clients.planning import AssignmentFacts, beside, dose_on, facts_of, phase_rail, steps_among
from clients.progression.gather import Case, cases
from clients.progression.showing import Gate, Proposal, gate_for_therapist, proposals_of, waiting_rows
from clients.progression.standing import Standing
from clients.progression.words import why_for_therapist
from clients.replacing import Replacements, first_allowed, replacements
from clients.safety import (
    Condition,
    Conditions,
    Reach,
    Verdict,
    Waiting,
    conditions_of,
    judge,
    judged,
    reaches,
    sides_of,
    waiting_for_tick,
)
from clients.spots import spots_of
from clients.templatetags.dose import sided_dose, step_dose
from routines.models import Equipment, ExerciseKind, PhaseKind, SideMode
from routines.wording import often

EVERY_DAY = "1234567"

# ---- The plan -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StepLine:
    """One step of the client's copy with its dose in words and what speaks against it today."""

    step: AssignedStep
    avoid: tuple[Condition, ...]
    care: tuple[Condition, ...]
    instead: tuple[str, ...] = ()
    spots: tuple[TenderSpot, ...] = ()
    missing: tuple[Equipment, ...] = ()  # tools that are not at home
    lighter: str = ""  # the dose that the client gets while a rule has reduced it

    @property
    def takes_a_spot(self) -> bool:
        return self.step.kind == ExerciseKind.RELEASE_SMR

    @property
    def dose(self) -> str:
        return step_dose(self.step)

    @property
    def days(self) -> str:
        """ "Mon, Wed, Fri", "every day", with the times a day where they are more than one."""
        dose = self.step.dose
        if self.step.weekdays == EVERY_DAY:
            return often(dose)
        days = ", ".join(str(WEEKDAYS_ABBR[int(day) - 1]) for day in self.step.weekdays)
        if dose.per_day == 1:
            return days
        return _("%(days)s, %(times)d times a day") % {"days": days, "times": dose.per_day}


@dataclass(frozen=True)
class PhaseSheet:
    phase: AssignedPhase
    lines: tuple[StepLine, ...]
    seconds: int
    days_here: int | None = None
    alongside: bool = False  # strengthened beside the phase that holds

    @property
    def minutes(self) -> int:
        """One session with everything of the phase, rounded up."""
        return -(-self.seconds // 60)

    @property
    def holds(self) -> bool:
        """Its exercises are done now."""
        return self.is_current or self.alongside

    @property
    def is_current(self) -> bool:
        return self.phase.state == AssignedPhase.State.ACTIVE


@dataclass(frozen=True)
class AssignmentSheet:
    """A running program: its rail, its phases with the steps that hold now, and where it stands."""

    assignment: Assignment
    rail: list[dict[str, Any]]
    phases: tuple[PhaseSheet, ...]
    paused: bool
    starts_later: bool
    gate: Gate | None = None
    proposals: tuple[Proposal, ...] = ()
    standing: Standing = field(default_factory=Standing)

    @property
    def reductions(self) -> list[tuple[PhaseTransition, str]]:
        """The rows by which a rule has reduced the dose for now, with the why."""
        return [(row, why_for_therapist(row)) for row in self.standing.reduced]

    @property
    def may_strengthen_too(self) -> bool:
        """In release, with a phase of strengthening behind it that has not begun beside it."""
        here = self.current
        return bool(
            here
            and here.phase.kind == PhaseKind.RELEASE
            and self.following
            and self.standing.alongside is None
        )

    @property
    def strengthens(self) -> bool:
        here = self.current
        return bool(here and (here.phase.kind != PhaseKind.RELEASE or self.standing.alongside))

    @property
    def current(self) -> PhaseSheet | None:
        return next((sheet for sheet in self.phases if sheet.is_current), None)

    @property
    def day(self) -> int | None:
        """The day of the current phase, counted from 1."""
        here = self.current.days_here if self.current else None
        return None if here is None else here + 1

    @property
    def following(self) -> PhaseSheet | None:
        """The phase after the current one, where there is one."""
        places = list(self.phases)
        here = next((n for n, sheet in enumerate(places) if sheet.is_current), None)
        return None if here is None or here + 1 >= len(places) else places[here + 1]

    @property
    def earlier(self) -> tuple[PhaseSheet, ...]:
        """Phases that one can step back to."""
        here = next((n for n, sheet in enumerate(self.phases) if sheet.is_current), 0)
        return self.phases[:here]


def running_assignments(client: Client) -> list[Assignment]:
    steps = AssignedStep.objects.filter(valid_until__isnull=True).order_by("order", "pk")
    return list(
        Assignment.objects.running()
        .filter(client=client)
        .prefetch_related(
            "transitions", "pauses", "phases", Prefetch("phases__steps", steps, to_attr="current_steps")
        )
    )


def sheet_of(
    assignment: Assignment,
    reach: Mapping[int, Reach],
    conditions: Conditions,
    today: date,
    case: Case | None = None,
    versions: Replacements | None = None,
    spots: Mapping[int, Sequence[TenderSpot]] | None = None,
    home: HomeOnFile | None = None,
) -> AssignmentSheet:
    facts: AssignmentFacts = facts_of(assignment, {})
    found = facts.phase_on(today)
    standing = case.standing if case else Standing()
    second = beside(standing.alongside) if standing.alongside else None
    phases = []
    for phase in assignment.phases.all():
        lines = []
        seconds = 0
        for step in phase.current_steps:  # type: ignore[attr-defined]
            avoid, care = judged(step, reach, conditions)
            taken = {each.exercise_id for each in phase.current_steps}  # type: ignore[attr-defined]
            have = home.cupboard.have if home else None
            instead = names_instead(step, versions or {}, reach, conditions, taken, have) if avoid else ()
            missing = home.missing.get(step.exercise_id, ()) if home else ()
            mine = tuple((spots or {}).get(step.exercise_id, ()))
            lighter = lighter_dose(step, standing)
            lines.append(
                StepLine(step, tuple(avoid.values()), tuple(care.values()), instead, mine, missing, lighter)
            )
            two = len(sides_of(step.side_mode, step.side)) > 1 or step.side_mode == SideMode.ALTERNATING
            seconds += step.dose.seconds(2 if two else 1)
        here = found[1] if found and found[0].pk == phase.pk else None
        phases.append(PhaseSheet(phase, tuple(lines), seconds, here, phase.pk == second))
    return AssignmentSheet(
        assignment=assignment,
        rail=rail_parts(facts, today),
        phases=tuple(phases),
        paused=facts.paused_on(today),
        starts_later=assignment.start_date > today,
        gate=gate_for_therapist(case, [sheet.phase for sheet in phases]) if case else None,
        proposals=proposals_in(case, today) if case else (),
        standing=standing,
    )


def lighter_dose(step: AssignedStep, standing: Standing) -> str:
    """The dose line while a rule has reduced the dose; empty while it is as agreed."""
    agreed = {side: step.dose_on(side) for side in sides_of(step.side_mode, step.side)}
    lighter = {side: dose_on(step, dose, standing) for side, dose in agreed.items()}
    if lighter == agreed:
        return ""
    return sided_dose([(dose, step.side_mode, side) for side, dose in lighter.items()])


def proposals_in(case: Case, today: date) -> tuple[Proposal, ...]:
    after = rule_numbers(case.assignment, "proposals", case.rows).value("escalate_after_days", 3)
    return tuple(proposals_of(waiting_rows(case.standing), today, after))


def names_instead(
    step: AssignedStep,
    versions: Replacements,
    reach: Mapping[int, Reach],
    conditions: Conditions,
    taken: Collection[int],
    have: Collection[str] | None = None,
) -> tuple[str, ...]:
    """What is offered in the place of a forbidden step, each exercise once."""

    def verdict(pk: int, side: str) -> Verdict:
        return judge(pk, reach[pk], side, conditions)

    found = (
        first_allowed(
            versions.get(step.exercise_id, ()),
            side,
            verdict,
            level=step.as_was.get("level", 1),
            taken=taken,
            have=have,
        )
        for side in sides_of(step.side_mode, step.side)
        if verdict(step.exercise_id, side).avoid
    )
    return tuple(dict.fromkeys(each.name for each in found if each))


def rail_parts(facts: AssignmentFacts, today: date) -> list[dict[str, Any]]:
    """The phase rail as the component draws it."""
    parts = []
    for part in phase_rail(facts, today):
        phase = part["phase"]
        current = phase.state == AssignedPhase.State.ACTIVE
        done = phase.state == AssignedPhase.State.DONE
        parts.append(
            {
                "kind": phase.kind,
                "word": part["kind"].label,
                "state": "current" if current else "done" if done else "ahead",
                "progress": round(100 * part["filled"]),
            }
        )
    return parts


@dataclass(frozen=True)
class PlanOnFile:
    """The running programs, what waits for a yes in them, and what is at home for them."""

    sheets: list[AssignmentSheet]
    waiting: list[Waiting]
    home: HomeOnFile


def steps_to_come(assignment: Assignment, today: date) -> list[AssignedStep]:
    """The steps of the phases that are not done, and those of a done one that were opened again."""
    phases = assignment.phases.all()
    facts = facts_of(assignment, {phase.pk: phase.current_steps for phase in phases})  # type: ignore[attr-defined]
    done = {phase.pk for phase in phases if phase.state == AssignedPhase.State.DONE}
    again = {step.pk for step, _number in steps_among(facts, facts.steps, today)}
    return [step for step in facts.steps if step.phase_id not in done or step.pk in again]


def plan_on_file(client: Client, now: datetime) -> PlanOnFile:
    """In a fixed number of queries."""
    today = client.local_date(now)
    assignments = running_assignments(client)
    known = {case.assignment.pk: case for case in cases(client, now)}
    steps = [
        step
        for assignment in assignments
        for phase in assignment.phases.all()
        for step in phase.current_steps  # type: ignore[attr-defined]
    ]
    reach = reaches(step.exercise_id for step in steps)
    conditions = conditions_of(client, today)
    forbidden = {step.exercise_id for step in steps if judged(step, reach, conditions)[0]}
    versions = replacements(forbidden) if forbidden else {}
    if versions:
        reach |= reaches(each.exercise_id for found in versions.values() for each in found)
    spots, home = spots_of(client), home_on_file(client, [step.exercise_id for step in steps])
    waiting = waiting_for_tick(
        (step for assignment in assignments for step in steps_to_come(assignment, today)),
        reach,
        conditions,
    )
    sheets = [
        sheet_of(assignment, reach, conditions, today, known.get(assignment.pk), versions, spots, home)
        for assignment in assignments
    ]
    return PlanOnFile(sheets, waiting, home)


def ended_programs(client: Client, number: int) -> list[Assignment]:
    """Those that have ended, the newest first."""
    ended = Assignment.objects.filter(client=client, ended_on__isnull=False)
    return list(ended.order_by("-ended_on", "-pk")[:number])
