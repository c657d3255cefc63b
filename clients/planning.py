"""What a client's day holds: several programs merged into one plan, conditions read live.

`gather` makes the only queries; `plan` is pure and may be asked for every day of the gathered range.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Prefetch, Q

from clients.cupboard import Cupboard, cupboards_of
from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    Client,
    OneSide,
    PhaseTransition,
    SafetyBlock,
    TrainingSession,
    localized,
)
from clients.progression.standing import MOVES, RELEASE, STRENGTHENING, Standing, standing_on
from clients.replacing import Replacement, Replacements, first_allowed, replacements
from clients.safety import (
    Conditions,
    Reach,
    Verdict,
    conditions_between,
    judge,
    open_blocks_of,
    reaches,
    sides_of,
    stopped_by,
)
from clients.schedule import LOADING, Pause, Stint, falls_on, phase_day, stints, week_of
from routines.models import Dose, ExerciseKind, PhaseKind, SideMode, seconds_together


@dataclass(frozen=True)
class AssignmentFacts:
    """One running or ended program with all that says which of its phases held when."""

    assignment: Assignment
    phases: dict[int, AssignedPhase]
    stints: list[Stint]
    pauses: list[Pause]
    steps: list[AssignedStep]
    rows: list[PhaseTransition] = field(default_factory=list)
    standings: dict[date, Standing] = field(default_factory=dict, compare=False, repr=False)

    def standing_on(self, day: date) -> Standing:
        """What the decisions say of that day; folded once for each day, as a plan asks for it many times."""
        if day not in self.standings:
            self.standings[day] = standing_on(self.rows, day)
        return self.standings[day]

    def phase_on(self, day: date) -> tuple[AssignedPhase, int] | None:
        """The phase of that day with the day's number in it; None before the start and after the end."""
        for stint in self.stints:
            if stint.holds(day):
                return self.phases[stint.phase_id], phase_day(stint.first_day, day, self.pauses)
        return None

    def paused_on(self, day: date) -> bool:
        return any(pause.holds(day) for pause in self.pauses)


@dataclass(frozen=True)
class PlanFacts:
    """`reach` is known where the client has a condition: without one no exercise is judged by it."""

    client: Client
    assignments: list[AssignmentFacts]
    reach: dict[int, Reach]
    conditions: Conditions
    blocks: list[SafetyBlock]
    stopped: set[tuple[date, int]]
    replacements: Replacements = field(default_factory=dict)
    cupboard: Cupboard = field(default_factory=Cupboard)

    def verdict(self, exercise_id: int, side: str, day: date) -> Verdict:
        """May this exercise of a plan be done on this side on this day?"""
        found = Verdict()
        if self.conditions.conditions:
            reach = self.reach.get(exercise_id, Reach(frozenset(), frozenset(), frozenset()))
            found = judge(exercise_id, reach, side, self.conditions.on(day))
        return replace(found, stopped=True) if (day, exercise_id) in self.stopped else found

    def paused(self, kind: str, day: date) -> bool:
        """Whether exercises of this kind rest on this day, because one of the programs is on release only."""
        return kind in LOADING and self.release_only(day)

    def release_only(self, day: date) -> bool:
        return any(each.standing_on(day).release_only for each in self.assignments)

    def instead_of(self, step: AssignedStep, side: str, day: date) -> Replacement | None:
        """What takes the place of a forbidden step on this side: the first of its versions that may be done."""
        versions = self.replacements.get(step.exercise_id, ())
        taken = {
            each.exercise_id
            for assignment in self.assignments
            for each in assignment.steps
            if each.phase_id == step.phase_id
        }
        level = step.as_was.get("level", 1)
        return first_allowed(
            versions,
            side,
            lambda pk, of: self.verdict(pk, of, day),
            level=level,
            taken=taken,
            have=self.cupboard.have,
        )


@dataclass(frozen=True)
class PlannedItem:
    """One exercise on one side with the dose of the day and the assigned steps it serves."""

    exercise_id: int
    side: str
    steps: tuple[AssignedStep, ...]
    dose: Dose
    replacement: Replacement | None = None

    @property
    def as_was(self) -> dict[str, Any]:
        """The exercise as it is copied into a session; one that replaces another says which."""
        if self.replacement is None:
            return self.step.as_was
        return {**self.replacement.as_was, "instead_of": self.step.as_was.get("texts", {})}

    @property
    def side_mode(self) -> str:
        return self.replacement.side_mode if self.replacement else self.step.side_mode

    @property
    def name(self) -> str:
        return localized(self.as_was.get("texts", {}), "name")

    @property
    def instead_of(self) -> str:
        """The name of the exercise that this one replaces; empty for one that the therapist chose."""
        return localized(self.as_was.get("instead_of", {}), "name")

    @property
    def step(self) -> AssignedStep:
        return self.steps[0]

    @property
    def kind(self) -> ExerciseKind:
        return ExerciseKind(self.step.kind)

    @property
    def comes_second(self) -> bool:
        """Whether the therapist said that the other side is the worse one, which goes first."""
        first = next((step.first_side for step in self.steps if step.first_side != OneSide.NONE), self.side)
        return first != self.side

    @property
    def note(self) -> str:
        return " ".join(dict.fromkeys(step.note for step in self.steps if step.note))


@dataclass(frozen=True)
class PlannedExercise:
    """One exercise of the day, with an item for each side: what stands on one screen."""

    items: tuple[PlannedItem, ...]

    @property
    def step(self) -> AssignedStep:
        return self.items[0].step

    @property
    def dose(self) -> Dose:
        return self.items[0].dose

    @property
    def kind(self) -> ExerciseKind:
        return self.items[0].kind

    @property
    def side(self) -> str:
        """The side to name beside the dose: left, right, both, none."""
        return "both" if len(self.items) > 1 else self.items[0].side

    @property
    def note(self) -> str:
        return self.items[0].note

    @property
    def seconds(self) -> int:
        doses = [item.dose for item in self.items]
        return seconds_together(doses * 2 if self.items[0].side_mode == SideMode.ALTERNATING else doses)


@dataclass(frozen=True)
class Withheld:
    """A step of the day that is not offered on this side, and why."""

    step: AssignedStep
    side: str
    verdict: Verdict


@dataclass(frozen=True)
class DayPlan:
    """One client's day. `items` are in the order of a session: self-massage, stretch, strengthen, whole-body."""

    client: Client
    day: date
    items: tuple[PlannedItem, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    blocks: tuple[SafetyBlock, ...] = ()
    current: tuple[tuple[AssignmentFacts, AssignedPhase, int], ...] = ()
    paused: tuple[AssignmentFacts, ...] = field(default=())
    release_only: bool = False

    @property
    def blocked(self) -> bool:
        return bool(self.blocks)

    @property
    def goes(self) -> int:
        """How many sessions the day asks for, 0 to 3."""
        return max((item.dose.per_day for item in self.items), default=0)

    def for_go(self, number: int) -> tuple[PlannedItem, ...]:
        """The items of the day's first, second or third session."""
        return tuple(item for item in self.items if item.dose.per_day >= number)

    def exercises(self, number: int = 1) -> list[PlannedExercise]:
        return [
            PlannedExercise(tuple(group))
            for _, group in groupby(self.for_go(number), key=lambda item: item.exercise_id)
        ]

    def minutes(self, number: int = 1) -> int:
        """Whole minutes of one session, rounded up; the warm-up is a note and does not count (domain.md 6.5)."""
        return math.ceil(sum(exercise.seconds for exercise in self.exercises(number)) / 60)

    @property
    def warm_up(self) -> str:
        """The warm-up of the day: shown where something is strengthened or integrated (domain.md 6.5)."""
        if not any(item.kind in (ExerciseKind.STRENGTHEN, ExerciseKind.INTEGRATE) for item in self.items):
            return ""
        notes = (facts.assignment.warm_up for facts, _phase, _number in self.current)
        return next((note for note in notes if note), "")


def gather(client: Client, first: date, last: date, *, ahead: bool = False) -> PlanFacts:
    """Everything that plans for these days need, in a fixed number of queries.

    The steps of a phase that nobody has entered cannot be planned: they are read when `ahead` asks for them.
    """
    return gather_many({client: (first, last)}, ahead=ahead)[client.pk]


def gather_many(
    days: Mapping[Client, tuple[date, date]], *, words: bool = True, ahead: bool = False
) -> dict[int, PlanFacts]:
    """The same for each of these clients from their first to their last day, by the client's key.

    Without `words` the texts that only a page or a new session needs are not read.
    """
    if not days:
        return {}
    ranges = {client.pk: asked for client, asked in days.items()}
    first, last = min(asked[0] for asked in ranges.values()), max(asked[1] for asked in ranges.values())
    programs: dict[int, list[Assignment]] = {}
    rows = (
        Assignment.objects.filter(client__in=ranges, start_date__lte=last)
        .filter(Q(ended_on__isnull=True) | Q(ended_on__gt=first))
        .prefetch_related("transitions", "pauses")
    )
    phases = AssignedPhase.objects.all() if words else AssignedPhase.objects.defer("texts")
    rows = rows.prefetch_related(Prefetch("phases", phases))
    for assignment in rows.select_related("imbalance") if words else rows.defer("texts", "why"):
        own_first, own_last = ranges[assignment.client_id]
        if assignment.start_date <= own_last and (
            assignment.ended_on is None or assignment.ended_on > own_first
        ):
            programs.setdefault(assignment.client_id, []).append(assignment)
    steps: dict[int, dict[int, list[AssignedStep]]] = {pk: {} for pk in ranges}
    planned = {
        phase: pk
        for pk, found in programs.items()
        for assignment in found
        for phase in ([each.pk for each in assignment.phases.all()] if ahead else entered(assignment))
    }
    valid = AssignedStep.objects.filter(phase__in=planned, valid_from__lte=last)
    valid = valid.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=first))
    valid = valid.order_by("phase__order", "order", "pk")
    for step in valid if words else valid.defer("as_was", "why", "note"):
        pk = planned[step.phase_id]
        own_first, own_last = ranges[pk]
        if step.valid_from <= own_last and (step.valid_until is None or step.valid_until > own_first):
            steps[pk].setdefault(step.phase_id, []).append(step)
    conditions = conditions_between(ranges)
    reach, instead = bearing(
        {
            pk: ({step.exercise_id for found in steps[pk].values() for step in found}, known)
            for pk, known in conditions.items()
            if known.conditions
        }
    )
    if not words:
        careful = [pk for pk in ranges if conditions[pk].conditions or reopened(programs.get(pk, ()))]
        read_targets(careful, steps)
    replacing = [pk for pk, found in instead.items() if found]
    cupboards = cupboards_of(replacing) if replacing else {}
    blocks = open_blocks_of(ranges)
    stopped = stopped_by(days)
    return {
        client.pk: PlanFacts(
            client=client,
            assignments=[
                facts_of(assignment, steps[client.pk]) for assignment in programs.get(client.pk, [])
            ],
            reach=reach if conditions[client.pk].conditions else {},
            conditions=conditions[client.pk],
            replacements=instead.get(client.pk, {}),
            cupboard=cupboards.get(client.pk, Cupboard()),
            blocks=blocks.get(client.pk, []),
            stopped=stopped.get(client.pk, set()),
        )
        for client in days
    }


def entered(assignment: Assignment) -> set[int]:
    """The phases of which a step may fall on some day: those that ever held, those beside them, and those of release."""
    found = {phase.pk for phase in assignment.phases.all() if phase.kind == PhaseKind.RELEASE}
    for row in assignment.transitions.all():
        found |= {pk for pk in (row.to_phase_id, beside(row)) if pk is not None}
    return found


def reopened(programs: Iterable[Assignment]) -> bool:
    """Whether release was ever opened again for a muscle in one of these."""
    tight = PhaseTransition.Kind.TIGHT_AGAIN
    return any(row.kind == tight for program in programs for row in program.transitions.all())


def read_targets(clients: Iterable[int], steps: Mapping[int, Mapping[int, list[AssignedStep]]]) -> None:
    """Completes the steps of those clients whose plan asks what an exercise targets or how hard it is."""
    without = {step.pk: step for pk in clients for found in steps[pk].values() for step in found}
    for pk, as_was in AssignedStep.objects.filter(pk__in=without).values_list("pk", "as_was"):
        without[pk].as_was = as_was


def bearing(
    asked: Mapping[int, tuple[set[int], Conditions]],
) -> tuple[dict[int, Reach], dict[int, Replacements]]:
    """What the exercises of clients with conditions touch, and for each client what may replace those that are forbidden.

    `asked` is {client: (exercises, conditions)}.
    """
    exercises = {exercise for wanted, _known in asked.values() for exercise in wanted}
    reach = reaches(exercises) if asked else {}
    forbidden = {
        pk: {each for each in wanted if reach[each].avoid & {c.slug for c in known.conditions}}
        for pk, (wanted, known) in asked.items()
    }
    every = set().union(*forbidden.values())
    instead = replacements(every) if every else {}
    if instead:
        reach |= reaches({each.exercise_id for found in instead.values() for each in found} - exercises)
    return reach, {pk: {each: instead[each] for each in found} for pk, found in forbidden.items()}


def facts_of(assignment: Assignment, steps: dict[int, list[AssignedStep]]) -> AssignmentFacts:
    rows = list(assignment.transitions.all())
    phases = {phase.pk: phase for phase in assignment.phases.all()}
    return AssignmentFacts(
        assignment=assignment,
        phases=phases,
        stints=stints_of(rows),
        pauses=[Pause(pause.since, pause.until) for pause in assignment.pauses.all()],
        steps=[step for pk in phases for step in steps.get(pk, [])],
        rows=rows,
    )


def stints_of(rows: Iterable[PhaseTransition]) -> list[Stint]:
    """The stays in phases, from the rows of decisions in their order."""
    changes: list[tuple[date, int | None]] = []
    for row in rows:
        if row.kind in MOVES:
            changes.append((row.local_date, row.to_phase_id))
        elif row.kind == PhaseTransition.Kind.ENDED:
            changes.append((row.local_date, None))
    return stints(changes)


def steps_on(facts: AssignmentFacts, day: date) -> Iterator[tuple[AssignedStep, int]]:
    """The steps that hold on this day with the day that counts for them, be they due on it or not.

    Those of the phase, those of the next phase where the therapist started strengthening too, and those of the release
    phase that were reopened because a muscle is tight again. None while the program is paused.
    """
    if not facts.paused_on(day):
        yield from steps_among(facts, valid_steps(facts, day), day)


def steps_among(
    facts: AssignmentFacts, steps: Iterable[AssignedStep], day: date
) -> Iterator[tuple[AssignedStep, int]]:
    """Those of these steps whose phase holds on this day, paused or not, with the day that counts for them."""
    found = facts.phase_on(day)
    if found is None:
        return
    phase, number = found
    standing = facts.standing_on(day)
    for step in steps:
        if step.phase_id == phase.pk:
            yield step, number
        elif standing.alongside and step.phase_id == beside(standing.alongside):
            if step.kind in LOADING:
                yield step, phase_day(standing.alongside.local_date, day, facts.pauses)
        elif (
            standing.tight_again
            and standing.muscles & targets_of(step)
            and is_earlier_release(facts, step, phase)
        ):
            yield step, step.start_after_days


def beside(row: PhaseTransition) -> int | None:
    """The phase that this decision lets be strengthened while its own goes on."""
    return row.numbers.get("phase") if row.kind == PhaseTransition.Kind.ALONGSIDE else None


def valid_steps(facts: AssignmentFacts, day: date) -> Iterator[AssignedStep]:
    """The version of each step that holds on this day, of every phase."""
    for step in facts.steps:
        if step.valid_from <= day and (step.valid_until is None or day < step.valid_until):
            yield step


def targets_of(step: AssignedStep) -> frozenset[str]:
    return frozenset(target["slug"] for target in step.as_was.get("targets", ()))


def is_earlier_release(facts: AssignmentFacts, step: AssignedStep, current: AssignedPhase) -> bool:
    of = facts.phases.get(step.phase_id)
    return (
        of is not None
        and of.order < current.order
        and of.kind == PhaseKind.RELEASE
        and ExerciseKind(step.kind).is_release
    )


def due_steps(facts: AssignmentFacts, day: date, *, release_only: bool = False) -> list[AssignedStep]:
    """The steps of one program that fall on this day, in their order.

    On a day of `release_only` nothing is strengthened. Where the day holds no release, that of the phase is shown, else
    that of the release phase (domain.md 6.4).
    """
    due = [
        step
        for step, number in steps_on(facts, day)
        if falls_on(step.weekdays, step.start_after_days, step.until_days, day, number)
    ]
    release = [step for step in due if step.kind not in LOADING]
    if not release_only or len(release) == len(due):
        return due
    return release or release_instead(facts, day)


def release_instead(facts: AssignmentFacts, day: date) -> list[AssignedStep]:
    """The release steps that take the place of strengthening on a day without any, whatever their weekdays."""
    here = [step for step, _number in steps_on(facts, day) if step.kind not in LOADING]
    if here:
        return here
    releases = [phase.pk for phase in facts.phases.values() if phase.kind == PhaseKind.RELEASE]
    return [
        step
        for step in valid_steps(facts, day)
        if step.phase_id in releases and step.kind not in LOADING and step.until_days is None
    ]


def asked_on(facts: PlanFacts, day: date) -> set[tuple[int, str]]:
    """(exercise, side) that some program asks for at this time, be it on other days, or that replaces such a one."""
    found = set()
    for assignment in facts.assignments:
        held = [step for step, _number in steps_on(assignment, day)]
        if facts.release_only(day):
            held += release_instead(assignment, day)
        for step in held:
            for side in sides_of(step.side_mode, step.side):
                found.add((step.exercise_id, side))
                found |= {
                    (each.exercise_id, of)
                    for each in facts.replacements.get(step.exercise_id, ())
                    for of in sides_of(each.side_mode, side)
                }
    return found


def plan(facts: PlanFacts, day: date) -> DayPlan:
    """The merged plan of one day. Pure: the same facts give the same plan."""
    items: dict[tuple[int, str], list[PlannedItem]] = {}
    withheld: list[Withheld] = []
    current = []
    paused = []
    release_only = facts.release_only(day)
    for assignment in facts.assignments:
        found = assignment.phase_on(day)
        if found:
            current.append((assignment, *found))
            if assignment.paused_on(day):
                paused.append(assignment)
        standing = assignment.standing_on(day)
        for step in due_steps(assignment, day, release_only=release_only):
            for side in sides_of(step.side_mode, step.side):
                offered = offer(facts, step, side, day, standing)
                if isinstance(offered, Withheld):
                    withheld.append(offered)
                else:
                    items.setdefault((offered.exercise_id, offered.side), []).append(offered)
    merged = [together(found) for found in items.values()]
    place: dict[int, int] = {}  # where an exercise comes first, on whichever side
    for exercise, _side in items:
        place.setdefault(exercise, len(place))
    merged.sort(key=lambda item: (item.kind.order, place[item.exercise_id], item.comes_second, item.side))
    return DayPlan(
        client=facts.client,
        day=day,
        items=tuple(merged),
        withheld=tuple(withheld),
        blocks=tuple(facts.blocks),
        current=tuple(current),
        paused=tuple(paused),
        release_only=release_only,
    )


def offer(
    facts: PlanFacts, step: AssignedStep, side: str, day: date, standing: Standing
) -> PlannedItem | Withheld:
    """The step on this side with the dose of the day, or what replaces it where a condition forbids it."""
    verdict = facts.verdict(step.exercise_id, side, day)
    if not verdict.withheld:
        return PlannedItem(step.exercise_id, side, (step,), dose_on(step, step.dose_on(side), standing))
    instead = facts.instead_of(step, side, day) if verdict.avoid else None
    if instead is None:
        return Withheld(step, side, verdict)
    return PlannedItem(
        instead.exercise_id, side, (step,), dose_on(step, instead.dose_for(step.dose), standing), instead
    )


def dose_on(step: AssignedStep, dose: Dose, standing: Standing) -> Dose:
    """The dose as agreed, or the reduced one while a rule has reduced it (domain.md 6.4)."""
    row = standing.reduction(STRENGTHENING if step.kind in LOADING else RELEASE)
    return dose if row is None else reduced(dose, row.numbers)


def reduced(dose: Dose, numbers: dict[str, Any]) -> Dose:
    """One set less; with one set fewer repetitions or seconds by the percent of the rule, at least 1 rep or 2 s.

    `numbers` are those of the row: {"sets_minus": 1, "reps_or_hold_percent": -30}.
    """
    less = numbers.get("sets_minus", 1)
    if less and dose.sets > less:
        return replace(dose, sets=dose.sets - less)
    share = 1 + numbers.get("reps_or_hold_percent", -30) / 100
    if dose.reps > 1:
        return replace(dose, reps=max(1, math.floor(dose.reps * share)))
    if dose.hold_seconds:
        return replace(
            dose, hold_seconds=min(dose.hold_seconds, max(2, math.floor(dose.hold_seconds * share)))
        )
    return dose


def together(items: list[PlannedItem]) -> PlannedItem:
    """One exercise on one side for all programs that ask for it, with the larger dose; chosen goes before replacing."""
    if len(items) == 1:
        return items[0]
    dose = items[0].dose
    for item in items[1:]:
        dose = dose.larger(item.dose)
    chosen = next((item for item in items if item.replacement is None), items[0])
    steps = tuple(step for item in sorted(items, key=lambda item: item is not chosen) for step in item.steps)
    return replace(chosen, steps=steps, dose=dose)


def plan_for(client: Client, day: date) -> DayPlan:
    return plan(gather(client, day, day), day)


@dataclass(frozen=True)
class Week:
    """The week's goal without chains: days with something to do, and days on which a session was done."""

    due: int
    done: int


def week_for(facts: PlanFacts, day: date, blocked: Sequence[Pause] = ()) -> Week:
    """`facts` must reach from Monday to Sunday of the week. A day counts as done with one session in which something was done.

    Nothing is due on a day on which a safety block stood (`blocked`).
    """
    days = week_of(day)
    done = set(
        TrainingSession.objects.filter(client=facts.client, local_date__range=(days[0], days[-1]))
        .finished()
        .trained()
        .values_list("local_date", flat=True)
    )
    open_days = (each for each in days if not any(block.holds(each) for block in blocked))
    due = {each for each in open_days if plan(facts, each).items}
    return Week(due=len(due | done), done=len(done))


def phase_rail(facts: AssignmentFacts, day: date) -> list[dict[str, Any]]:
    """The four parts of the rail: each phase with its state and how far it is filled, 0 to 1.

    The filling of the current phase is its days against `min_days`; it says how long, never how well.
    """
    found = facts.phase_on(day)
    rail = []
    for phase in sorted(facts.phases.values(), key=lambda phase: phase.order):
        filled = 1.0 if phase.state == AssignedPhase.State.DONE else 0.0
        current = bool(found and found[0].pk == phase.pk)
        if found and current:
            filled = min(1.0, (found[1] + 1) / max(1, phase.min_days))
        rail.append({"phase": phase, "kind": PhaseKind(phase.kind), "filled": filled, "current": current})
    return rail
