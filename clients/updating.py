"""A changed program and the people who follow an earlier version: what differs, taken over or left, never by itself.

Three things are laid side by side: what the program asked for when it was given or last answered, what it asks for now,
and this client's copy. Only what changed in the program is offered; what was adjusted for the client stays unless the
therapist chooses otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from clients.adjusting import (
    add_step,
    change_step,
    refuse_if_ended,
    remove_step,
    reorder_steps,
)
from clients.assigning import settle_side
from clients.models import AssignedPhase, AssignedStep, Assignment, TemplateUpdate, User
from clients.safety import Condition, conditions_of_many, judge, reaches, sides_of
from routines.composing import PhaseDesign, design_of, design_rows, version_of
from routines.models import Dose, Exercise, Program, dose_from

AT_ONCE = 20  # people whose plans are laid beside the program
Key = tuple[int, int]  # the exercise, and which of its places in the phase


class TemplateChanged(ValueError):
    """The program was changed again after the page was opened."""


class AnsweredAlready(ValueError):
    """Somebody answered this version for this client."""


class What(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    ORDER = "order"


@dataclass(frozen=True)
class Asked:
    """What is asked of a person with one exercise in one phase."""

    exercise: int
    dose: Dose
    side: str
    days: tuple[int, int | None] = (0, None)
    note: str = ""

    @property
    def parts(self) -> dict[str, Any]:
        return {"dose": self.dose, "side": self.side, "days": self.days, "note": self.note}


@dataclass(frozen=True)
class Stage:
    """One phase: of the program, or of the client's copy, where `phase` is its row and `closed` says that it is history."""

    kind: str
    steps: tuple[Asked, ...]
    phase: int = 0
    closed: bool = False
    rows: tuple[int, ...] = ()  # the client's steps, in the order of `steps`

    @property
    def items(self) -> dict[Key, Asked]:
        found: dict[Key, Asked] = {}
        for step in self.steps:
            found[step.exercise, sum(1 for pk, _n in found if pk == step.exercise)] = step
        return found

    def row_of(self, key: Key) -> int:
        return dict(zip(self.items, self.rows, strict=True))[key]


@dataclass(frozen=True)
class Line:
    """One difference. `by_hand`: it would undo what was adjusted for this client, and so is kept unless chosen."""

    key: str
    what: What
    phase: int
    old: Asked | None = None
    new: Asked | None = None
    step: int = 0
    by_hand: bool = False
    order: tuple[int, ...] = ()  # exercises in the program's order


@dataclass(frozen=True)
class Kept:
    """Adjusted for this client, and no matter of this version: it stays."""

    phase: int
    old: Asked | None  # what the program asks for, None where the exercise was added for this client
    own: Asked | None  # None where it was taken out for this client


@dataclass(frozen=True)
class Difference:
    lines: tuple[Line, ...] = ()
    kept: tuple[Kept, ...] = ()
    new_phases: tuple[
        str, ...
    ] = ()  # kinds of phases that the copy lacks; a phase is never added to a running program


# ---- Decide --------------------------------------------------------------------------------------------------------


def difference(base: Sequence[Stage], template: Sequence[Stage], copy: Sequence[Stage]) -> Difference:
    """Pure: what the program asks for now and did not before, as it differs from the copy; phases that are over are left out."""
    before, now = by_place(base), by_place(template)
    lines: list[Line] = []
    kept: list[Kept] = []
    for place, own in by_place(copy).items():
        if own.closed or place not in now:
            continue
        said = before.get(place, Stage(own.kind, ()))
        lines += lines_of(said, now[place], own)
        kept += kept_of(said, now[place], own)
    new = tuple(stage.kind for place, stage in now.items() if place not in by_place(copy))
    return Difference(tuple(lines), tuple(kept), new)


def by_place(stages: Iterable[Stage]) -> dict[tuple[str, int], Stage]:
    """The stages by their kind, and which of that kind they are."""
    found: dict[tuple[str, int], Stage] = {}
    for stage in stages:
        found[stage.kind, sum(1 for kind, _n in found if kind == stage.kind)] = stage
    return found


def lines_of(base: Stage, template: Stage, copy: Stage) -> Iterator[Line]:
    said, asks, own = base.items, template.items, copy.items
    for key, new in asks.items():
        if key in own:
            merged = merge(said.get(key), new, own[key])
            if merged != own[key]:
                yield Line(
                    name_of(copy, key),
                    What.CHANGED,
                    copy.phase,
                    old=own[key],
                    new=merged,
                    step=copy.row_of(key),
                    by_hand=undoes(said.get(key), own[key], merged),
                )
        elif said.get(key) != new:
            yield Line(name_of(copy, key), What.ADDED, copy.phase, new=new, by_hand=key in said)
    for key, old in own.items():
        if key not in asks and key in said:
            yield Line(
                name_of(copy, key),
                What.REMOVED,
                copy.phase,
                old=old,
                step=copy.row_of(key),
                by_hand=old != said[key],
            )
    common = [key for key in asks if key in own]
    ways = [[key for key in each if key in common] for each in (said, asks, own)]
    if ways[1] != ways[2] and ways[0] != ways[1]:
        yield Line(
            f"{copy.phase}-order",
            What.ORDER,
            copy.phase,
            by_hand=ways[0] != ways[2],
            order=tuple(exercise for exercise, _n in ways[1]),
        )


def kept_of(base: Stage, template: Stage, copy: Stage) -> Iterator[Kept]:
    said, asks, own = base.items, template.items, copy.items
    for key, mine in own.items():
        if key not in asks and key not in said:
            yield Kept(copy.phase, None, mine)
        elif key in said and asks.get(key) == said[key] and mine != said[key]:
            yield Kept(copy.phase, said[key], mine)
    for key, old in said.items():
        if key not in own and asks.get(key) == old:
            yield Kept(copy.phase, old, None)


def merge(base: Asked | None, new: Asked, own: Asked) -> Asked:
    """The copy with those parts that changed in the program."""
    if base is None:
        return new
    changed = {name: part for name, part in new.parts.items() if part != base.parts[name]}
    return replace(own, **changed)


def undoes(base: Asked | None, own: Asked, merged: Asked) -> bool:
    """Whether a part that was adjusted for this client would be another."""
    return base is None or any(
        part != base.parts[name] and part != merged.parts[name] for name, part in own.parts.items()
    )


def name_of(stage: Stage, key: Key) -> str:
    return f"{stage.phase}-{key[0]}-{key[1]}"


# ---- Gather --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Update:
    """One person who follows an earlier version. `withheld` are conditions of theirs by the key of the line."""

    assignment: Assignment
    version: str
    design: list[dict[str, Any]]
    difference: Difference
    exercises: Mapping[int, Exercise]
    phases: Mapping[int, AssignedPhase]
    avoid: Mapping[str, tuple[Condition, ...]] = field(default_factory=dict)
    care: Mapping[str, tuple[Condition, ...]] = field(default_factory=dict)


def present(program: Program) -> list[PhaseDesign]:
    """What the program asks for now."""
    return design_of(Program.objects.with_design().get(pk=program.pk))


def updates_of(
    program: Program,
    assignments: Iterable[Assignment],
    now: datetime,
    design: Sequence[PhaseDesign] | None = None,
) -> list[Update]:
    """Those of these assignments of the program for which its present version was not answered and differs.

    Read the assignments with their clients. A fixed number of queries, however many people there are.
    """
    rows = {row.pk: row for row in assignments}
    if not rows or program.awaits_review:
        return []
    design = present(program) if design is None else design
    version, asked = version_of(design), design_rows(design)
    answers = list(
        TemplateUpdate.objects.filter(assignment__in=rows)
        .order_by("at", "pk")
        .values_list("assignment", "pk", "version")
    )
    newest = {assignment: answer for assignment, answer, _version in answers}
    done = {assignment for assignment, _answer, of in answers if of == version}
    rows = {pk: row for pk, row in rows.items() if pk not in done}
    if not rows:
        return []
    last = TemplateUpdate.objects.filter(pk__in=[newest[pk] for pk in rows if pk in newest])
    known = dict(last.values_list("assignment", "design"))
    phases: dict[int, list[AssignedPhase]] = {}
    for phase in AssignedPhase.objects.filter(assignment__in=rows).order_by("order"):
        phases.setdefault(phase.assignment_id, []).append(phase)
    steps: dict[int, list[AssignedStep]] = {}
    given = Q(phase__assignment__in=rows.keys() - known.keys(), replaces=None, changed_by=None)
    own_steps = AssignedStep.objects.filter(given | Q(valid_until=None), phase__assignment__in=rows)
    for step in own_steps.defer("as_was", "why").order_by("order", "pk"):
        steps.setdefault(step.phase_id, []).append(step)
    wanted = {step.exercise_id for each in steps.values() for step in each}
    wanted |= {step["exercise"] for stage in asked for step in stage["steps"]}
    wanted |= {step["exercise"] for said in known.values() for stage in said for step in stage["steps"]}
    exercises = {row.pk: row for row in Exercise.objects.filter(pk__in=wanted)}
    found = []
    for pk, row in rows.items():
        own = phases.get(pk, [])
        base = (
            stages_of(known[pk], exercises, row.side)
            if pk in known
            else [as_given(phase, steps.get(phase.pk, ())) for phase in own]
        )
        differs = difference(
            base,
            stages_of(asked, exercises, row.side),
            [as_it_stands(phase, steps.get(phase.pk, ())) for phase in own],
        )
        differs = replace(
            differs, lines=tuple(each for each in differs.lines if may_be_offered(each, exercises))
        )
        if differs.lines:
            found.append(Update(row, version, asked, differs, exercises, {phase.pk: phase for phase in own}))
    return judged(found, now)


def may_be_offered(line: Line, exercises: Mapping[int, Exercise]) -> bool:
    """An exercise that nobody has read yet is given to nobody."""
    return line.what != What.ADDED or line.new is None or not exercises[line.new.exercise].awaits_review


def stages_of(
    design: Iterable[Mapping[str, Any]], exercises: Mapping[int, Exercise], side: str
) -> list[Stage]:
    """What a version of the program asks of somebody with a complaint on this side."""
    stages = []
    for stage in design:
        steps = []
        for step in stage["steps"]:
            exercise = exercises.get(step["exercise"])
            if exercise is None:
                continue
            steps.append(
                Asked(
                    exercise.pk,
                    dose_from(step["dose"]),
                    str(settle_side(step["side"], exercise.side_mode, exercise.kind, side)),
                    (step["days"][0], step["days"][1]),
                    step["note"],
                )
            )
        stages.append(Stage(stage["kind"], tuple(steps)))
    return stages


def asked_of(step: AssignedStep) -> Asked:
    return Asked(step.exercise_id, step.dose, step.side, (step.start_after_days, step.until_days), step.note)


def as_given(phase: AssignedPhase, steps: Iterable[AssignedStep]) -> Stage:
    """The phase as it was assigned, for a program that was given before its version was kept."""
    first = [step for step in steps if step.replaces_id is None and step.changed_by_id is None]
    return Stage(phase.kind, tuple(map(asked_of, first)))


def as_it_stands(phase: AssignedPhase, steps: Iterable[AssignedStep]) -> Stage:
    current = [step for step in steps if step.valid_until is None]
    return Stage(
        phase.kind,
        tuple(map(asked_of, current)),
        phase=phase.pk,
        closed=phase.state == AssignedPhase.State.DONE,
        rows=tuple(step.pk for step in current),
    )


def judged(updates: Sequence[Update], now: datetime) -> list[Update]:
    """With what each person's conditions say about the exercises that would be new or otherwise."""
    if not updates:
        return []
    reach = reaches({line.new.exercise for each in updates for line in each.difference.lines if line.new})
    clients = {each.assignment.client for each in updates}
    conditions = conditions_of_many({client: client.local_date(now) for client in clients})
    found = []
    for each in updates:
        avoid: dict[str, tuple[Condition, ...]] = {}
        care: dict[str, tuple[Condition, ...]] = {}
        for line in each.difference.lines:
            if line.new is None:
                continue
            pk = line.new.exercise
            sides = sides_of(each.exercises[pk].side_mode, line.new.side)
            verdicts = [judge(pk, reach[pk], side, conditions[each.assignment.client_id]) for side in sides]
            avoid[line.key] = tuple({c.slug: c for verdict in verdicts for c in verdict.avoid}.values())
            care[line.key] = tuple({c.slug: c for verdict in verdicts for c in verdict.care}.values())
        found.append(replace(each, avoid=avoid, care=care))
    return found


def earlier(program: Program, user: Any, design: Sequence[PhaseDesign]) -> QuerySet[Assignment]:
    """The plans of the people whom this user sees for which the program's present `design` was not answered.

    Some of them may hold what it asks for anyway: `updates_of` says what differs.
    """
    running = Assignment.objects.running().visible_to(user).order_by("client__name", "pk")
    if program.awaits_review:
        return running.none()
    answered = TemplateUpdate.objects.filter(assignment=OuterRef("pk"), version=version_of(design))
    here = running.filter(~Exists(answered), program=program, client__ended_at__isnull=True)
    return here.select_related("client")


def number_of_followers(program: Program, user: Any, changed_at: datetime | None) -> int:
    """How many follow an earlier version, without looking at what differs. Read the program with its design.

    A plan that was given before versions were kept counts where the program was changed after that.
    """
    kept = Q(Exists(TemplateUpdate.objects.filter(assignment=OuterRef("pk"))))
    changed = Q(assigned_at__lt=changed_at) if changed_at else Q(pk__in=())
    return earlier(program, user, design_of(program)).filter(kept | changed).count()


def followers(program: Program, user: Any, now: datetime) -> list[Update]:
    """The first of those whom this user sees and whose plan differs from the program's present version."""
    design = present(program)
    return updates_of(program, earlier(program, user, design)[:AT_ONCE], now, design)


# ---- Answer --------------------------------------------------------------------------------------------------------


@transaction.atomic
def take_over(
    assignment: Assignment, *, version: str, keys: Collection[str], by: User, reason: str, now: datetime
) -> None:
    """Takes these differences over from the client's today on; what was done keeps what was asked.

    Raises TemplateChanged, AnsweredAlready, AssignmentEnded, and what a change of a step may raise; then nothing is taken.
    """
    update = still_open(assignment, version, now)
    answered(update, TemplateUpdate.Answer.TAKEN, keys=keys, by=by, reason=reason, now=now)
    who: dict[str, Any] = {"by": by, "reason": reason, "now": now}
    steps = {
        step.pk: step
        for step in AssignedStep.objects.filter(phase__assignment=assignment).select_related(
            "phase__assignment__client"
        )
    }
    chosen = [line for line in update.difference.lines if line.key in keys]
    for line in chosen:
        if line.what == What.REMOVED:
            remove_step(steps[line.step], **who)
        elif line.what == What.CHANGED and line.new:
            change_step(
                steps[line.step],
                dose=line.new.dose,
                side=line.new.side,
                note=line.new.note,
                block=line.new.days,
                **who,
            )
        elif line.what == What.ADDED and line.new:
            phase = update.phases[line.phase]
            phase.assignment = assignment
            exercise = update.exercises[line.new.exercise]
            add_step(
                phase,
                exercise,
                dose=line.new.dose,
                side=line.new.side,
                note=line.new.note,
                block=line.new.days,
                **who,
            )
    for line in chosen:
        if line.what == What.ORDER:
            reorder_steps(update.phases[line.phase], line.order, **who)


@transaction.atomic
def leave(assignment: Assignment, *, version: str, by: User, reason: str, now: datetime) -> None:
    """Leaves the copy as it is, and asks no more about this version. Raises as `take_over` does."""
    answered(
        still_open(assignment, version, now),
        TemplateUpdate.Answer.LEFT,
        keys=(),
        by=by,
        reason=reason,
        now=now,
    )


def still_open(assignment: Assignment, version: str, now: datetime) -> Update:
    """The update that the page showed, behind the lock of the assignment."""
    refuse_if_ended(assignment)
    if TemplateUpdate.objects.filter(assignment=assignment, version=version).exists():
        raise AnsweredAlready(_("This was answered in the meantime."))
    found = updates_of(assignment.program, [assignment], now)
    if not found or found[0].version != version:
        raise TemplateChanged(
            _("The program was changed again in the meantime. Look at the differences as they are now.")
        )
    return found[0]


def answered(
    update: Update, answer: str, *, keys: Collection[str], by: User, reason: str, now: datetime
) -> None:
    try:
        with transaction.atomic():
            TemplateUpdate.objects.create(
                assignment=update.assignment,
                version=update.version,
                design=update.design,
                answer=answer,
                lines=sorted(keys),
                by=by,
                at=now,
                reason=reason,
            )
    except IntegrityError as error:
        raise AnsweredAlready(_("This was answered in the meantime.")) from error
