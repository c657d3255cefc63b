"""A program as a client will see it, before anybody is given it: the days and screens of each phase.

Nothing is written: the copy that assigning would make is made in memory, and planned by the rules that plan a client's day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from clients.assigning import copy_step, numbers_of, texts_of, why_of_pattern
from clients.cupboard import missing_words
from clients.explaining import Opening, Why, in_sentence, opening, why, why_this
from clients.fitting import Fit
from clients.models import AssignedPhase, Assignment, Client, Practice, Side, localized
from clients.numbers import numbers_now
from clients.planning import AssignmentFacts, DayPlan, PlanFacts, PlannedExercise, bearing, plan
from clients.recording import SetEntry
from clients.safety import Conditions, Verdict, reasons
from clients.schedule import Stint
from clients.templatetags.dose import entry_words, tempo_words
from routines.composing import PhaseDesign
from routines.models import Exercise, Imbalance, PhaseKind
from routines.wording import both_amounts, dose_line

DAYS = 28  # of a phase, in which its fullest day is looked for


@dataclass(frozen=True)
class StepScreen:
    """One exercise as the player shows it."""

    n: int
    count: int
    name: str
    kind: str
    position: str
    exercise: str
    side: str
    media: tuple[dict[str, Any], ...]
    dose: str
    tempo: str
    cue: str
    needs: str
    instead: tuple[str, ...]
    why: str
    note: str
    cautions: tuple[str, ...]
    sets: tuple[str, ...]


@dataclass(frozen=True)
class LeftOut:
    name: str
    why: str


@dataclass(frozen=True)
class PhasePreview:
    """A phase on its fullest day, which is told as the day of the phase, counted from 1."""

    name: str
    kind: PhaseKind
    rail: tuple[dict[str, Any], ...]
    day: int
    minutes: int
    warm_up: str
    why: Why | None
    opens: Opening | None
    screens: tuple[StepScreen, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Wanted:
    """What is to be shown: the texts of the program as they stand, and its design."""

    name: str
    warm_up: str
    imbalance: Imbalance | None
    design: Sequence[PhaseDesign]
    exercises: Sequence[Exercise]  # read with their details


def preview(
    wanted: Wanted, practice: Practice | None, day: date, fit: Fit | None = None
) -> list[PhasePreview]:
    """Every phase that has exercises, begun on this day, for this client or for somebody of whom nothing is known."""
    client = fit.client if fit else Client(zone=practice.zone if practice else "UTC")
    assignment = Assignment(
        client=client,
        imbalance=wanted.imbalance,
        texts={"": {"name": wanted.name, "warm_up": wanted.warm_up}},
        why=why_of_pattern(wanted.imbalance, wanted.exercises),
        side=client.side or Side.NONE,
        start_date=day,
    )
    phases = [phase_of(assignment, each, order, practice) for order, each in enumerate(wanted.design)]
    known = {exercise.pk for exercise in wanted.exercises}
    conditions = agreed(fit.conditions, known) if fit else Conditions()
    reach, instead = bearing({0: (known, conditions)}) if conditions.conditions else ({}, {})
    rule = numbers_now("weekday", practice)
    found = []
    for phase, design in zip(phases, wanted.design, strict=True):
        steps = [
            copy_step(phase, step, place, assignment.side, rule) for place, step in enumerate(design.steps)
        ]
        for number, step in enumerate(steps, 1):
            step.pk = 1000 * phase.pk + number  # told apart, and never saved
        facts = PlanFacts(
            client=client,
            assignments=[AssignmentFacts(assignment, {phase.pk: phase}, [Stint(phase.pk, day)], [], steps)],
            reach=reach,
            conditions=conditions,
            blocks=[],
            stopped=set(),
            replacements=instead.get(0, {}),
            **({"cupboard": fit.cupboard} if fit else {}),
        )
        if steps:
            found.append(
                phase_shown(phase, phases, fullest(facts, day), day, {e.pk: e for e in wanted.exercises}, fit)
            )
    return found


def agreed(conditions: Conditions, exercises: Iterable[int]) -> Conditions:
    """As if the therapist had said yes to what needs it: that is asked when the program is given."""
    ticked = {(exercise, each.slug) for exercise in exercises for each in conditions.conditions}
    return replace(conditions, ticked=conditions.ticked | ticked)


def phase_of(
    assignment: Assignment, design: PhaseDesign, order: int, practice: Practice | None
) -> AssignedPhase:
    """What `copy_phase` would write."""
    return AssignedPhase(
        pk=order + 1,
        assignment=assignment,
        order=order,
        kind=design.kind,
        texts={"": {"name": design.name}},
        min_days=design.min_days,
        review_by_day=design.review_by_day,
        criteria=design.criteria.slug if design.criteria else "",
        numbers=numbers_of(design, practice),
        tenderness_sites=[
            {"slug": muscle.slug, "sided": muscle.sided, "texts": texts_of(muscle, "name")}
            for muscle in design.tenderness_sites
        ],
        state=AssignedPhase.State.ACTIVE if order == 0 else AssignedPhase.State.LOCKED,
        started_on=assignment.start_date if order == 0 else None,
    )


def fullest(facts: PlanFacts, first: date) -> DayPlan:
    """The first of the days on which most is due."""
    days = [plan(facts, first + timedelta(days=number)) for number in range(DAYS)]
    return max(days, key=lambda each: (len(each.exercises()), each.minutes(), -each.day.toordinal()))


def phase_shown(
    phase: AssignedPhase,
    phases: list[AssignedPhase],
    today: DayPlan,
    first: date,
    exercises: dict[int, Exercise],
    fit: Fit | None,
) -> PhasePreview:
    planned = today.exercises()
    return PhasePreview(
        name=phase.name,
        kind=PhaseKind(phase.kind),
        rail=tuple(rail(phases, phase)),
        day=(today.day - first).days + 1,
        minutes=today.minutes(),
        warm_up=today.warm_up,
        why=why(phase.assignment, phase.kind),
        opens=opening(phases, phase),
        screens=tuple(screen(each, n, len(planned), exercises, fit) for n, each in enumerate(planned, 1)),
        left_out=tuple(left_out(today)),
    )


def rail(phases: Sequence[AssignedPhase], current: AssignedPhase) -> list[dict[str, Any]]:
    states = {True: "done", False: "ahead"}
    return [
        {
            "kind": phase.kind,
            "word": PhaseKind(phase.kind).label,
            "state": "current" if phase == current else states[phase.order < current.order],
            "progress": 10,
        }
        for phase in phases
    ]


def screen(
    planned: PlannedExercise, n: int, count: int, exercises: dict[int, Exercise], fit: Fit | None
) -> StepScreen:
    item = planned.items[0]
    as_was = item.as_was
    texts = as_was.get("texts", {})
    known = exercises.get(item.exercise_id)
    missing = fit.cupboard.missing(known.equipment.all()) if fit and known else ()
    return StepScreen(
        n=n,
        count=count,
        name=item.name,
        kind=item.kind.value,
        position=as_was.get("position", ""),
        exercise=as_was.get("slug", ""),
        side=item.side if len(planned.items) == 1 else Side.BOTH,
        media=tuple(as_was.get("media", ())),
        dose=dose_of(planned),
        tempo=tempo_words(item.dose),
        cue=localized(texts, "cue"),
        needs=", ".join(in_sentence(localized(tool, "name")) for tool in as_was.get("equipment", [])),
        instead=tuple(missing_words(tool) for tool in missing),
        why=why_this(item.step.why),
        note=planned.note,
        cautions=tuple(localized(texts, "cautions") or ()),
        sets=tuple(sets_of(planned)),
    )


def dose_of(planned: PlannedExercise) -> str:
    """Both sides in one line, by name where they are asked differently."""
    items = planned.items
    if len({each.dose for each in items}) > 1:
        return both_amounts([(each.dose, each.side) for each in items])
    return dose_line(items[0].dose, items[0].side_mode, planned.side)


def sets_of(planned: PlannedExercise) -> list[str]:
    """Set 1 left, set 1 right, set 2 left, as they are ticked."""
    most = max(item.dose.sets for item in planned.items)
    return [
        entry_words(entry_asked(item.dose), item.side)
        for number in range(1, most + 1)
        for item in planned.items
        if number <= item.dose.sets
    ]


def entry_asked(dose: Any) -> SetEntry:
    if dose.hold_seconds and dose.reps == 1:
        return SetEntry(seconds=dose.hold_seconds)
    return SetEntry(reps=dose.reps, seconds=dose.hold_seconds or None)


def left_out(today: DayPlan) -> list[LeftOut]:
    """Each exercise that the client's conditions leave out or let wait, with the sentence that they read."""
    judged: dict[int, list[tuple[str, Verdict]]] = {}
    names: dict[int, str] = {}
    for each in today.withheld:
        judged.setdefault(each.step.exercise_id, []).append((each.side, each.verdict))
        names[each.step.exercise_id] = each.step.name
    for item in today.items:
        if item.exercise_id in judged:
            judged[item.exercise_id].append((item.side, Verdict()))
    return [LeftOut(names[pk], " ".join(reasons(sides))) for pk, sides in judged.items()]


def with_whys(design: Sequence[PhaseDesign], before: Sequence[PhaseDesign]) -> list[PhaseDesign]:
    """The design with what a draft said about the steps that it keeps."""
    whys = {step.id: (step.exercise.pk, step.why) for phase in before for step in phase.steps}
    return [
        replace(
            phase,
            steps=tuple(
                replace(step, why=step.why or whys[step.id][1])
                if step.id in whys and whys[step.id][0] == step.exercise.pk
                else step
                for step in phase.steps
            ),
        )
        for phase in design
    ]
