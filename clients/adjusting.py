"""Changing this client's copy of a program: its steps, its days, its rests, its end. History never changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from clients.assigning import exercise_as_it_is, settle_side
from clients.attention.asking import look_again
from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    AssignmentPause,
    Delivery,
    OneSide,
    PhaseTransition,
    Side,
    User,
)
from clients.numbers import clients_own, numbers_now
from clients.planning import facts_of
from clients.practice import this_practice
from clients.reminders.queue import queue_letter
from clients.schedule import check_days, check_move, falls_on, needs_rest, weekdays_for
from routines.models import Dose, Exercise, SideMode, StepSide, dose_columns

MOST_SETS = 20  # of one exercise on one side, as the database keeps it


class AssignmentEnded(ValueError):
    """The assignment has ended; its copy is history."""


class PauseRefused(ValueError):
    """The program is paused already, or not paused, or the pause would end before it begins."""


class StepChanged(ValueError):
    """Somebody else changed this step in the meantime."""


class AlreadyInPhase(ValueError):
    """The phase has this exercise already."""


def tell_about_change(assignment: Assignment, now: datetime) -> None:
    """One letter a day at most: something changed. What and why stands behind the link."""
    client = assignment.client
    if client.user_id and client.email:
        event = f"plan/{assignment.pk}/{client.local_date(now).isoformat()}"
        queue_letter(Delivery.Letter.PLAN_CHANGED, event_id=event, now=now, client=client)


def refuse_if_ended(assignment: Assignment) -> None:
    """Raises AssignmentEnded. Writes the row, so that two changes of one program wait for each other."""
    if not Assignment.objects.running().filter(pk=assignment.pk).update(ended_on=None):
        raise AssignmentEnded(_("This program has ended. Its plan stays as it was."))


@transaction.atomic
def change_step(
    step: AssignedStep,
    *,
    by: User | None,
    reason: str,
    now: datetime,
    dose: Dose | None = None,
    side: str | None = None,
    note: str | None = None,
    weekdays: str | None = None,
    first_side: str | None = None,
    extra_set_side: str | None = None,
    block: tuple[int, int | None] | None = None,
) -> AssignedStep:
    """A new version of the step from the client's today on; yesterday keeps its own.

    Other days per week lay the weekdays out anew unless `weekdays` says which. `block` are the days of the phase on
    which it is due, from and until. Which side begins and which has a set more
    holds only where both sides are done. Raises StepChanged when the step
    has a newer version, DaysRefused for days that cannot be, AssignmentEnded.
    """
    assignment = step.phase.assignment
    refuse_if_ended(assignment)
    dose = dose or step.dose
    rule = numbers_now("weekday", this_practice())
    if weekdays is not None:
        check_days(weekdays, days_per_week=dose.days_per_week, kind=step.kind, rule=rule)
    elif dose.days_per_week != step.days_per_week:
        weekdays = weekdays_for(dose.days_per_week, step.kind, rule).weekdays
    else:
        weekdays = step.weekdays
    weekdays = "".join(sorted(set(weekdays)))
    today = assignment.client.local_date(now)
    if weekdays != step.weekdays and needs_rest(dose.days_per_week, step.kind, rule):
        check_move(step.weekdays, weekdays, days_due(step, (today - timedelta(days=1), today)))
    today = max(today, step.valid_from)
    end_version(step, today)
    side = step.side if side is None or step.side_mode != SideMode.EACH_SIDE else side
    both = step.side_mode == SideMode.EACH_SIDE and side in (Side.BOTH, Side.NONE)
    changed = AssignedStep.objects.create(
        **dose_columns(dose),
        phase=step.phase,
        order=step.order,
        exercise_id=step.exercise_id,
        as_was=step.as_was,
        kind=step.kind,
        side_mode=step.side_mode,
        side=side,
        first_side=(step.first_side if first_side is None else first_side) if both else OneSide.NONE,
        extra_set_side=(step.extra_set_side if extra_set_side is None else extra_set_side)
        if both and dose.sets < MOST_SETS
        else OneSide.NONE,
        weekdays=weekdays,
        start_after_days=step.start_after_days if block is None else block[0],
        until_days=step.until_days if block is None else block[1],
        note=step.note if note is None else note,
        why=step.why,
        valid_from=today,
        replaces=step,
        changed_by=by,
        change_reason=reason,
        changed_at=now,
    )
    look_again(assignment.client, now)
    if by is not None and by.is_staff:
        tell_about_change(assignment, now)
    return changed


def days_due(step: AssignedStep, days: Iterable[date]) -> Iterator[date]:
    """Those of these days that held this exercise. A version that ended on the day itself may have been done before."""
    facts = facts_of(step.phase.assignment, {})
    versions = list(AssignedStep.objects.filter(phase=step.phase_id, exercise=step.exercise_id))
    for day in days:
        found = facts.phase_on(day)
        if found is None or found[0].pk != step.phase_id or facts.paused_on(day):
            continue
        if any(
            each.valid_from <= day <= (each.valid_until or day)
            and falls_on(each.weekdays, each.start_after_days, each.until_days, day, found[1])
            for each in versions
        ):
            yield day


def end_version(step: AssignedStep, day: date) -> None:
    """Ends this version unless somebody else did in the meantime."""
    ended = AssignedStep.objects.filter(pk=step.pk, valid_until__isnull=True).update(valid_until=day)
    if not ended:
        raise StepChanged(
            _("This step was changed in the meantime. Look at it again, then repeat your change.")
        )


@transaction.atomic
def add_step(
    phase: AssignedPhase,
    exercise: Exercise,
    *,
    dose: Dose,
    side: str,
    note: str,
    by: User,
    reason: str,
    now: datetime,
    block: tuple[int, int | None] = (0, None),
) -> AssignedStep:
    """Adds an exercise to this client's copy from today on (from the start for a phase that is still locked).

    Raises AlreadyInPhase, AssignmentEnded.
    """
    assignment = phase.assignment
    refuse_if_ended(assignment)
    refuse_if_there(phase, exercise)
    exercise = Exercise.objects.with_details().get(pk=exercise.pk)
    last = AssignedStep.objects.filter(phase=phase).aggregate(last=Max("order"))["last"]
    step = AssignedStep.objects.create(
        **dose_columns(dose),
        phase=phase,
        order=0 if last is None else last + 1,
        exercise=exercise,
        as_was=exercise_as_it_is(exercise),
        kind=exercise.kind,
        side_mode=exercise.side_mode,
        side=settle_side(side, exercise.side_mode, exercise.kind, assignment.side),
        weekdays=weekdays_for(
            dose.days_per_week, exercise.kind, numbers_now("weekday", this_practice())
        ).weekdays,
        start_after_days=block[0],
        until_days=block[1],
        note=note,
        valid_from=max(assignment.client.local_date(now), assignment.start_date),
        changed_by=by,
        change_reason=reason,
        changed_at=now,
    )
    look_again(assignment.client, now)
    tell_about_change(assignment, now)
    return step


def refuse_if_there(phase: AssignedPhase, exercise: Exercise) -> None:
    """Raises AlreadyInPhase. Asked behind `refuse_if_ended`, or two who add at once would both find nothing."""
    if AssignedStep.objects.filter(phase=phase, exercise=exercise, valid_until__isnull=True).exists():
        raise AlreadyInPhase(_("This exercise is in the phase already. Change its dose there."))


@transaction.atomic
def remove_step(step: AssignedStep, *, by: User, reason: str, now: datetime) -> None:
    """Ends the step from today on. What was done with it stays."""
    assignment = step.phase.assignment
    refuse_if_ended(assignment)
    end_version(step, max(assignment.client.local_date(now), step.valid_from))
    AssignedStep.objects.filter(pk=step.pk).update(removed_by=by, removal_reason=reason, removed_at=now)
    look_again(assignment.client, now)
    tell_about_change(assignment, now)


@transaction.atomic
def swap_step(
    step: AssignedStep, exercise: Exercise, *, by: User, reason: str, now: datetime
) -> AssignedStep:
    """Another exercise in the place of this one from today on, with its own usual dose; one reason, one letter.

    The side is kept where the new exercise is done by sides, else it is what the complaint asks for; and so is which
    side begins and which has a set more. What was done with the old one stays. Raises StepChanged, AlreadyInPhase, AssignmentEnded.
    """
    assignment = step.phase.assignment
    refuse_if_ended(assignment)
    today = max(assignment.client.local_date(now), step.valid_from)
    end_version(step, today)
    refuse_if_there(step.phase, exercise)
    AssignedStep.objects.filter(pk=step.pk).update(removed_by=by, removal_reason=reason, removed_at=now)
    exercise = Exercise.objects.with_details().get(pk=exercise.pk)
    side = side_after_swap(step, exercise, assignment.side)
    both = exercise.side_mode == SideMode.EACH_SIDE and side in (Side.BOTH, Side.NONE)
    new = AssignedStep.objects.create(
        **dose_columns(exercise.dose),
        phase=step.phase,
        order=step.order,
        exercise=exercise,
        as_was=exercise_as_it_is(exercise),
        kind=exercise.kind,
        side_mode=exercise.side_mode,
        side=side,
        first_side=step.first_side if both else OneSide.NONE,
        extra_set_side=step.extra_set_side if both and exercise.dose.sets < MOST_SETS else OneSide.NONE,
        weekdays=weekdays_for(
            exercise.dose.days_per_week, exercise.kind, numbers_now("weekday", this_practice())
        ).weekdays,
        start_after_days=step.start_after_days,
        until_days=step.until_days,
        valid_from=today,
        changed_by=by,
        change_reason=reason,
        changed_at=now,
    )
    look_again(assignment.client, now)
    tell_about_change(assignment, now)
    return new


def side_after_swap(step: AssignedStep, exercise: Exercise, complaint: str) -> str:
    if step.side_mode == exercise.side_mode == SideMode.EACH_SIDE:
        return step.side
    return settle_side(StepSide.BY_COMPLAINT, exercise.side_mode, exercise.kind, complaint)


@transaction.atomic
def reorder_steps(
    phase: AssignedPhase, exercises: Sequence[int], *, by: User, reason: str, now: datetime
) -> None:
    """The steps of the phase from today on in the order of these exercises; those that are not named stay behind them.

    Raises AssignmentEnded, StepChanged.
    """
    assignment = phase.assignment
    refuse_if_ended(assignment)
    steps = list(
        AssignedStep.objects.filter(phase=phase, valid_until__isnull=True)
        .select_related("phase__assignment__client")
        .order_by("order")
    )
    rank = {exercise: place for place, exercise in reversed(list(enumerate(exercises)))}
    wanted = sorted(steps, key=lambda step: rank.get(step.exercise_id, len(rank)))
    places = [step.order for step in steps]
    moved = [(step, place) for step, place in zip(wanted, places, strict=True) if step.order != place]
    today = assignment.client.local_date(now)
    for step, _place in moved:
        end_version(step, max(today, step.valid_from))
    for step, place in moved:
        old, since = step.pk, max(today, step.valid_from)
        step.pk, step.replaces_id, step.order = None, old, place
        step.valid_from, step.valid_until = since, None
        step.changed_by, step.change_reason, step.changed_at = by, reason, now
        step.save(force_insert=True)
    if moved:
        tell_about_change(assignment, now)


@transaction.atomic
def pause_assignment(
    assignment: Assignment, *, until: date | None, by: User, reason: str, now: datetime
) -> AssignmentPause:
    """Rests the whole program from today; `until` is the last paused day, None: until resumed.

    Raises PauseRefused, AssignmentEnded.
    """
    refuse_if_ended(assignment)
    today = assignment.client.local_date(now)
    if until is not None and until < today:
        raise PauseRefused(_("Choose a day from today on."))
    if running_pauses(assignment, today).exists():
        raise PauseRefused(_("This program is paused already."))
    pause = AssignmentPause.objects.create(
        assignment=assignment, since=today, until=until, reason=reason, by=by
    )
    leave_row(assignment, PhaseTransition.Kind.PAUSED, by=by, reason=reason, now=now)
    return pause


@transaction.atomic
def resume_assignment(assignment: Assignment, *, by: User, reason: str, now: datetime) -> None:
    """Ends a pause today. A pause that began today is taken away, as no day was paused.

    Raises PauseRefused, AssignmentEnded.
    """
    refuse_if_ended(assignment)
    today = assignment.client.local_date(now)
    running = running_pauses(assignment, today)
    if not running.exists():
        raise PauseRefused(_("This program is not paused."))
    running.filter(since=today).delete()
    running.update(until=today.fromordinal(today.toordinal() - 1))
    leave_row(assignment, PhaseTransition.Kind.RESUMED, by=by, reason=reason, now=now)


def running_pauses(assignment: Assignment, today: date) -> QuerySet[AssignmentPause]:
    return AssignmentPause.objects.filter(assignment=assignment, since__lte=today).exclude(until__lt=today)


@transaction.atomic
def end_assignment(assignment: Assignment, *, by: User, reason: str, now: datetime) -> None:
    """Ends the program from today on. Records and plan stay."""
    active = AssignedPhase.objects.filter(assignment=assignment, state=AssignedPhase.State.ACTIVE)
    # A client who travelled west may live a day that lies before the one on which the phase began
    begun = active.aggregate(day=Max("started_on"))["day"] or assignment.start_date
    today = max(assignment.client.local_date(now), assignment.start_date, begun)
    ended = Assignment.objects.filter(pk=assignment.pk, ended_on__isnull=True).update(ended_on=today)
    if not ended:
        raise AssignmentEnded(_("This program has ended already."))
    active.update(state=AssignedPhase.State.DONE, ended_on=today)
    leave_row(assignment, PhaseTransition.Kind.ENDED, by=by, reason=reason, now=now, day=today)


@transaction.atomic
def change_numbers(
    assignment: Assignment,
    rule: str,
    own: Mapping[str, Any],
    *,
    phase: AssignedPhase | None,
    by: User,
    reason: str,
    now: datetime,
) -> PhaseTransition | None:
    """The therapist's own numbers of one rule for this client from now on; a key that `own` lacks is taken back.

    `phase` is the one whose gate the rule is, None for a rule that guards the whole program. The same numbers again
    leave no row. Check them against the rule before. Raises AssignmentEnded.
    """
    refuse_if_ended(assignment)
    rows = PhaseTransition.objects.filter(assignment=assignment, kind=PhaseTransition.Kind.NUMBERS)
    before = clients_own(rows.order_by("at", "pk"), rule)
    if before == dict(own):
        return None
    look_again(assignment.client, now)
    return PhaseTransition.objects.create(
        assignment=assignment,
        kind=PhaseTransition.Kind.NUMBERS,
        from_phase=phase,
        at=now,
        local_date=assignment.client.local_date(now),
        by=by,
        reason=reason.strip(),
        numbers={
            "rule": rule,
            "set": {key: value for key, value in own.items() if key not in before or before[key] != value},
            "unset": [key for key in before if key not in own],
        },
    )


def leave_row(
    assignment: Assignment, kind: str, *, by: User, reason: str, now: datetime, day: date | None = None
) -> PhaseTransition:
    look_again(assignment.client, now)
    return PhaseTransition.objects.create(
        assignment=assignment,
        kind=kind,
        at=now,
        local_date=day or assignment.client.local_date(now),
        by=by,
        reason=reason,
    )
