"""Giving a program to a client, and changing this client's copy of it. History never changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from clients.care import NotInCare
from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    AssignmentPause,
    CareTick,
    Client,
    Delivery,
    PhaseTransition,
    Practice,
    ReminderSchedule,
    Side,
    User,
)
from clients.planning import facts_of
from clients.practice import this_practice
from clients.reminders.queue import queue_letter
from clients.reminders.schedules import reschedule
from clients.safety import Condition, Verdict, conditions_of, judge, reaches, sides_of
from clients.schedule import check_days, check_move, falls_on, needs_rest, weekdays_for
from routines.models import (
    CatalogueEntry,
    Dose,
    Exercise,
    ExerciseKind,
    Imbalance,
    ImbalanceMuscle,
    Muscle,
    MusclePartner,
    Phase,
    Program,
    Rule,
    SideMode,
    Step,
    StepSide,
    dose_columns,
)

EVENING = time(18, 0)  # most home sessions happen between 6 pm and 8 am (product.md)


class ProgramEmpty(ValueError):
    """The program has no phase, or a phase without a step."""


class AlreadyAssigned(ValueError):
    """The client follows this program already."""


class StartDateRefused(ValueError):
    """The start lies before today, or more than a year ahead."""


class AssignmentEnded(ValueError):
    """The assignment has ended; its copy is history."""


class PauseRefused(ValueError):
    """The program is paused already, or not paused, or the pause would end before it begins."""


class StepChanged(ValueError):
    """Somebody else changed this step in the meantime."""


class AlreadyInPhase(ValueError):
    """The phase has this exercise already."""


@dataclass(frozen=True)
class StepWarning:
    """What the therapist must know before assigning: this step's exercise and the conditions that speak against it."""

    step: Step
    sides: tuple[str, ...]
    verdict: Verdict


def texts_of(entry: CatalogueEntry | Phase, *fields: str) -> dict[str, dict[str, Any]]:
    """The entry's texts in every language, as `localized` reads them."""
    texts = {"": {field: getattr(entry, field) for field in fields}}
    for language, translated in entry.translations.items():
        kept = {field: translated[field] for field in fields if translated.get(field)}
        if kept:
            texts[language] = kept
    return texts


def exercise_as_it_is(exercise: Exercise) -> dict[str, Any]:
    """The frozen copy that an assigned step keeps (see AssignedStep.as_was)."""
    return {
        "slug": exercise.slug,
        "position": exercise.position,
        "needs_floor": exercise.needs_floor,
        "level": exercise.level,
        "equipment": [texts_of(tool, "name") for tool in exercise.equipment.all()],
        "targets": [
            {"slug": row.muscle.slug, "texts": texts_of(row.muscle, "name")}
            for row in exercise.muscles.all()
            if row.role == row.Role.TARGET
        ],
        "picture": None,
        "author": exercise.author,
        "licence": exercise.licence,
        "texts": texts_of(exercise, "name", "cue", "cautions"),
    }


def settle_side(side: str, side_mode: str, kind: str, complaint_side: str) -> str:
    """The client's side of a step. By the complaint: release the painful side, strengthen both (domain.md 4)."""
    if side_mode != SideMode.EACH_SIDE:
        return Side.NONE if side_mode == SideMode.NOT_SIDED else Side.BOTH
    if side != StepSide.BY_COMPLAINT:
        return side
    if ExerciseKind(kind).is_release and complaint_side in (Side.LEFT, Side.RIGHT):
        return complaint_side
    return Side.BOTH


def warnings_for(program: Program, client: Client, day: date, side: str) -> list[StepWarning]:
    """Steps of the program that this client's conditions forbid or allow only with care."""
    steps = [step for phase in program.phases.all() for step in phase.steps.all()]
    known = reaches(step.exercise_id for step in steps)
    conditions = conditions_of(client, day)
    found = []
    for step in steps:
        exercise = step.exercise
        sides = sides_of(exercise.side_mode, settle_side(step.side, exercise.side_mode, exercise.kind, side))
        judged = [
            (each, judge(step.exercise_id, known[step.exercise_id], each, conditions)) for each in sides
        ]
        hit = tuple(each for each, verdict in judged if verdict.withheld)
        if hit:
            avoid: dict[str, Condition] = {c.slug: c for _each, verdict in judged for c in verdict.avoid}
            care: dict[str, Condition] = {c.slug: c for _each, verdict in judged for c in verdict.care}
            found.append(StepWarning(step, hit, Verdict(tuple(avoid.values()), tuple(care.values()))))
    return found


def joints_of(imbalance: Imbalance) -> list[dict[str, Any]]:
    """The joints of the pattern with their plain words, which the pattern keeps for other languages.

    Those words stand in the order of the joints; with another number of them nobody knows whose they are.
    """
    rows = list(imbalance.joints.select_related("joint"))
    found = []
    for place, row in enumerate(rows):
        texts = texts_of(row.joint, "name")
        texts[""]["plain_words"] = row.plain_words
        for language, translated in imbalance.translations.items():
            words = translated.get("plain_words", [])
            if len(words) == len(rows):
                texts.setdefault(language, {})["plain_words"] = words[place]
        found.append(texts)
    return found


def why_of(program: Program) -> dict[str, Any]:
    """The imbalance in words, as it is now: the muscles the program really releases and strengthens come first.

    `partners` are those it strengthens that pair with the first tight muscle; there may be none.
    """
    imbalance = program.imbalance
    if imbalance is None:
        return {}
    targets: dict[bool, list[int]] = {True: [], False: []}
    for phase in program.phases.all():
        for step in phase.steps.all():
            is_release = ExerciseKind(step.exercise.kind).is_release
            for row in step.exercise.muscles.all():
                if row.role == row.Role.TARGET:
                    targets[is_release].append(row.muscle_id)

    rows = imbalance.muscles.select_related("muscle")

    def by_use(role: str, used: list[int]) -> list[Muscle]:
        found = sorted(rows.filter(role=role), key=lambda row: (row.muscle_id not in used, row.order))
        return [row.muscle for row in found]

    def told(muscles: list[Muscle]) -> list[dict[str, Any]]:
        return [texts_of(muscle, "name", "action") for muscle in muscles]

    tight = by_use(ImbalanceMuscle.Role.TIGHT, targets[True])
    weak = by_use(ImbalanceMuscle.Role.WEAK, targets[False])
    pairs = MusclePartner.objects.of(tight[0]).values_list("first_id", "second_id") if tight else ()
    partners = {pk for pair in pairs for pk in pair if pk in targets[False]}
    return {
        "tight": told(tight),
        "weak": told(weak),
        "partners": told([muscle for muscle in weak if muscle.pk in partners and muscle != tight[0]]),
        "joints": joints_of(imbalance),
        "name": texts_of(imbalance, "name"),
        "client_words": texts_of(imbalance, "client_words"),
    }


def check_assignment(program: Program, client: Client, start_date: date, now: datetime) -> None:
    """Whether the program could be given: asked before, to say it early; assigning asks again.

    Read the program by `with_design()`. Raises NotInCare, StartDateRefused, ProgramEmpty, AlreadyAssigned.
    """
    if client.ended_at is not None:
        raise NotInCare(client)
    today = client.local_date(now)
    if not today <= start_date <= today.replace(year=today.year + 1, day=min(today.day, 28)):
        raise StartDateRefused(_("Choose a day from today on, at most a year ahead."))
    phases = list(program.phases.all())
    if not phases or any(not phase.steps.all() for phase in phases):
        raise ProgramEmpty(_("This program has a phase without steps. Complete it before assigning."))
    if Assignment.objects.running().filter(client=client, program=program).exists():
        raise AlreadyAssigned(_("%(client)s follows this program already.") % {"client": client.name})


@transaction.atomic
def assign_program(
    program: Program,
    client: Client,
    *,
    start_date: date,
    by: User,
    now: datetime,
    side: str | None = None,
    note: str = "",
    care: Iterable[tuple[int, int]] = (),
) -> Assignment:
    """Copies the program for this client, starts its first phase on `start_date` and leaves the row that says so.

    `care` are (exercise id, tag id) that the therapist agreed to with care. Raises NotInCare, ProgramEmpty,
    AlreadyAssigned, StartDateRefused. The first phase becomes active at once; before its first day nothing is due.
    """
    # Holds the client's row: care does not end while a program is given
    if not Client.objects.in_care().filter(pk=client.pk).update(ended_at=None):
        client.refresh_from_db(fields=["ended_at"])
    program = Program.objects.with_design().get(pk=program.pk)
    check_assignment(program, client, start_date, now)
    phases = list(program.phases.all())
    assignment = Assignment(
        client=client,
        program=program,
        imbalance=program.imbalance,
        texts=texts_of(program, "name", "warm_up"),
        why=why_of(program),
        side=side or client.side,
        start_date=start_date,
        assigned_at=now,
        assigned_by=by,
        note=note,
    )
    try:
        with transaction.atomic():
            assignment.save(force_insert=True)
    except IntegrityError as error:
        if not Assignment.objects.running().filter(client=client, program=program).exists():
            raise
        raise AlreadyAssigned(
            _("%(client)s follows this program already.") % {"client": client.name}
        ) from error
    rule = Rule.objects.get(slug="weekday").numbers
    practice = this_practice()
    first: AssignedPhase | None = None
    for order, phase in enumerate(phases):
        copy = copy_phase(assignment, phase, order, practice, active=order == 0)
        first = first or copy
        AssignedStep.objects.bulk_create(
            copy_step(copy, step, place, assignment.side, rule)
            for place, step in enumerate(phase.steps.all())
        )
    PhaseTransition.objects.create(
        assignment=assignment,
        kind=PhaseTransition.Kind.STARTED,
        to_phase=first,
        at=now,
        local_date=start_date,
        by=by,
        reason="",
    )
    agree_with_care(client, care, by=by, now=now)
    remind(client, now)
    return assignment


def copy_phase(
    assignment: Assignment, phase: Phase, order: int, practice: Practice | None, *, active: bool
) -> AssignedPhase:
    return AssignedPhase.objects.create(
        assignment=assignment,
        order=order,
        kind=phase.kind,
        texts=texts_of(phase, "name"),
        min_days=phase.min_days,
        review_by_day=phase.review_by_day,
        criteria=phase.criteria.slug if phase.criteria else "",
        numbers=numbers_of(phase, practice),
        tenderness_sites=[
            {"slug": site.muscle.slug, "texts": texts_of(site.muscle, "name")}
            for site in phase.tenderness_sites.all()
        ],
        state=AssignedPhase.State.ACTIVE if active else AssignedPhase.State.LOCKED,
        started_on=assignment.start_date if active else None,
    )


def numbers_of(phase: Phase, practice: Practice | None) -> dict[str, dict[str, Any]]:
    """The numbers of the rule that opens the next phase, by whose they are (see AssignedPhase)."""
    rule = phase.criteria
    levels = {
        "phase": phase.numbers,
        "practice": practice.numbers.get(rule.slug) if practice and rule else None,
        "rule": rule.numbers if rule else None,
    }
    return {level: numbers for level, numbers in levels.items() if numbers}


def copy_step(
    phase: AssignedPhase, step: Step, order: int, complaint_side: str, rule: dict[str, Any]
) -> AssignedStep:
    exercise = step.exercise
    return AssignedStep.with_dose(
        step.dose,
        phase=phase,
        order=order,
        exercise=exercise,
        as_was=exercise_as_it_is(exercise),
        kind=exercise.kind,
        side_mode=exercise.side_mode,
        side=settle_side(step.side, exercise.side_mode, exercise.kind, complaint_side),
        weekdays=weekdays_for(step.days_per_week, exercise.kind, rule).weekdays,
        start_after_days=step.start_after_days,
        until_days=step.until_days,
        note=step.note,
        valid_from=phase.assignment.start_date,
    )


def agree_with_care(
    client: Client, care: Iterable[tuple[int, int]], *, by: User, now: datetime, note: str = ""
) -> None:
    """Records the therapist's ticks; a new yes takes the place of an older one, whose condition may have ended."""
    CareTick.objects.bulk_create(
        [
            CareTick(client=client, exercise_id=exercise, tag_id=tag, by=by, at=now, note=note)
            for exercise, tag in dict.fromkeys(care)
        ],
        update_conflicts=True,
        unique_fields=["client", "exercise", "tag"],
        update_fields=["by", "at", "note"] if note else ["by", "at"],
    )


def remind(client: Client, now: datetime) -> None:
    """The client has a reminder from the first program on, in the evening by the client's clock."""
    schedule, _made = ReminderSchedule.objects.get_or_create(
        client=client, defaults={"local_time": EVENING, "zone": client.zone}
    )
    reschedule(schedule, now)


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
) -> AssignedStep:
    """A new version of the step from the client's today on; yesterday keeps its own.

    Other days per week lay the weekdays out anew unless `weekdays` says which. Raises StepChanged when the step
    has a newer version, DaysRefused for days that cannot be, AssignmentEnded.
    """
    assignment = step.phase.assignment
    refuse_if_ended(assignment)
    dose = dose or step.dose
    rule = Rule.objects.get(slug="weekday").numbers
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
    changed = AssignedStep.objects.create(
        **dose_columns(dose),
        phase=step.phase,
        order=step.order,
        exercise_id=step.exercise_id,
        as_was=step.as_was,
        kind=step.kind,
        side_mode=step.side_mode,
        side=step.side if side is None or step.side_mode != SideMode.EACH_SIDE else side,
        weekdays=weekdays,
        start_after_days=step.start_after_days,
        until_days=step.until_days,
        note=step.note if note is None else note,
        valid_from=today,
        replaces=step,
        changed_by=by,
        change_reason=reason,
    )
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
            dose.days_per_week, exercise.kind, Rule.objects.get(slug="weekday").numbers
        ).weekdays,
        note=note,
        valid_from=max(assignment.client.local_date(now), assignment.start_date),
        changed_by=by,
        change_reason=reason,
    )
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
    AssignedStep.objects.filter(pk=step.pk).update(removed_by=by, removal_reason=reason)
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


def leave_row(
    assignment: Assignment, kind: str, *, by: User, reason: str, now: datetime, day: date | None = None
) -> PhaseTransition:
    return PhaseTransition.objects.create(
        assignment=assignment,
        kind=kind,
        at=now,
        local_date=day or assignment.client.local_date(now),
        by=by,
        reason=reason,
    )


__all__ = [
    "AlreadyAssigned",
    "AlreadyInPhase",
    "AssignmentEnded",
    "PauseRefused",
    "ProgramEmpty",
    "StartDateRefused",
    "StepChanged",
    "StepWarning",
    "add_step",
    "agree_with_care",
    "assign_program",
    "change_step",
    "check_assignment",
    "end_assignment",
    "exercise_as_it_is",
    "pause_assignment",
    "remind",
    "remove_step",
    "resume_assignment",
    "warnings_for",
]
