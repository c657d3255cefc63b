"""Giving a program to a client: the copy is theirs, and the program may change without it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from clients.attention.asking import look_again
from clients.care import NotInCare
from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    CareTick,
    Client,
    PhaseTransition,
    Practice,
    ReminderSchedule,
    Side,
    TemplateUpdate,
    User,
)
from clients.numbers import freeze_numbers, numbers_now
from clients.practice import this_practice
from clients.reminders.schedules import reschedule
from clients.safety import Condition, Verdict, conditions_of, judge, reaches, sides_of
from clients.schedule import weekdays_for
from routines.composing import PhaseDesign, StepDesign, design_of, design_rows, version_of
from routines.models import (
    CatalogueEntry,
    Exercise,
    ExerciseKind,
    Imbalance,
    ImbalanceMuscle,
    Muscle,
    MusclePartner,
    Program,
    SideMode,
    StepSide,
)

EVENING = time(18, 0)  # most home sessions happen between 6 pm and 8 am (product.md)


class ProgramEmpty(ValueError):
    """The program has no phase, or a phase without a step."""


class AlreadyAssigned(ValueError):
    """The client follows this program already."""


class StartDateRefused(ValueError):
    """The start lies before today, or more than a year ahead."""


@dataclass(frozen=True)
class StepWarning:
    """What the therapist must know before assigning: this step's exercise and the conditions that speak against it."""

    step: StepDesign
    sides: tuple[str, ...]
    verdict: Verdict


def texts_of(entry: CatalogueEntry | PhaseDesign, *fields: str) -> dict[str, dict[str, Any]]:
    """The entry's texts in every language, as `localized` reads them."""
    texts = {"": {field: getattr(entry, field) for field in fields}}
    for language, translated in (entry.translations or {}).items():
        kept = {field: translated[field] for field in fields if translated.get(field)}
        if kept:
            texts[language] = kept
    return texts


def exercise_as_it_is(exercise: Exercise) -> dict[str, Any]:
    """The frozen copy that an assigned step keeps (see AssignedStep.as_was)."""
    muscles = list(exercise.muscles.all())
    return {
        "slug": exercise.slug,
        "position": exercise.position,
        "needs_floor": exercise.needs_floor,
        "level": exercise.level,
        "equipment": [texts_of(tool, "name") for tool in exercise.equipment.all()],
        "targets": [muscle_as_it_is(row.muscle) for row in muscles if row.role == row.Role.TARGET],
        "also": [muscle_as_it_is(row.muscle) for row in muscles if row.role == row.Role.SECONDARY],
        "media": media_as_it_is(exercise),
        "author": exercise.author,
        "licence": exercise.licence,
        "texts": texts_of(exercise, "name", "cue", "cautions"),
    }


def muscle_as_it_is(muscle: Muscle) -> dict[str, Any]:
    """With the area of the body in which it lies."""
    area = muscle.body_area
    return {
        "slug": muscle.slug,
        "texts": texts_of(muscle, "name"),
        "area": {
            "slug": area.slug,
            "sided": area.sided,
            "view": area.map_view,
            "texts": texts_of(area, "name"),
        },
    }


def media_as_it_is(exercise: Exercise) -> list[dict[str, Any]]:
    """Its pictures and films, which stay readable for whoever was given this copy. What was refused is left out."""
    return [
        {
            "kind": row.kind,
            "token": row.token,
            "state": row.state,
            "alt": row.alt,
            "author": row.author,
            "licence": row.licence,
            "link": row.link,
        }
        for row in exercise.shown_media
        if row.state != row.State.REFUSED
    ]


def settle_side(side: str, side_mode: str, kind: str, complaint_side: str) -> str:
    """The client's side of a step. By the complaint: release the painful side, strengthen both (domain.md 4)."""
    if side_mode != SideMode.EACH_SIDE:
        return Side.NONE if side_mode == SideMode.NOT_SIDED else Side.BOTH
    if side != StepSide.BY_COMPLAINT:
        return side
    if ExerciseKind(kind).is_release and complaint_side in (Side.LEFT, Side.RIGHT):
        return complaint_side
    return Side.BOTH


def warnings_for(design: Sequence[PhaseDesign], client: Client, day: date, side: str) -> list[StepWarning]:
    """Steps of the design that this client's conditions forbid or allow only with care."""
    steps = [step for phase in design for step in phase.steps]
    known = reaches(step.exercise.pk for step in steps)
    conditions = conditions_of(client, day)
    found = []
    for step in steps:
        exercise = step.exercise
        sides = sides_of(exercise.side_mode, settle_side(step.side, exercise.side_mode, exercise.kind, side))
        judged = [(each, judge(exercise.pk, known[exercise.pk], each, conditions)) for each in sides]
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


def why_of(imbalance: Imbalance | None, design: Sequence[PhaseDesign]) -> dict[str, Any]:
    """The imbalance in words, as it is now: the muscles the program really releases and strengthens come first."""
    return why_of_pattern(imbalance, [step.exercise for phase in design for step in phase.steps])


def why_of_pattern(imbalance: Imbalance | None, exercises: Iterable[Exercise]) -> dict[str, Any]:
    """The same for exercises that may not be saved as a program.

    `partners` are those it strengthens that pair with the first tight muscle; there may be none.
    """
    if imbalance is None:
        return {}
    targets: dict[bool, list[int]] = {True: [], False: []}
    for exercise in exercises:
        for row in exercise.muscles.all():
            if row.role == row.Role.TARGET:
                targets[ExerciseKind(exercise.kind).is_release].append(row.muscle_id)

    rows = list(imbalance.muscles.select_related("muscle"))

    def by_use(role: str, used: list[int]) -> list[Muscle]:
        found = [row for row in rows if row.role == role]
        return [row.muscle for row in sorted(found, key=lambda row: (row.muscle_id not in used, row.order))]

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


def check_assignment(
    program: Program,
    client: Client,
    start_date: date,
    now: datetime,
    design: Sequence[PhaseDesign] | None = None,
) -> None:
    """Whether the program could be given: asked before, to say it early; assigning asks again.

    Read the program by `with_design()`; with `design` it is given otherwise than it stands.
    Raises NotInCare, StartDateRefused, ProgramEmpty, AlreadyAssigned.
    """
    if client.ended_at is not None:
        raise NotInCare(client)
    today = client.local_date(now)
    if not today <= start_date <= today.replace(year=today.year + 1, day=min(today.day, 28)):
        raise StartDateRefused(_("Choose a day from today on, at most a year ahead."))
    phases = design_of(program) if design is None else design
    if not phases or any(not phase.steps for phase in phases):
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
    hold_in_care(client)
    program = Program.objects.with_copies().get(pk=program.pk)
    design = design_of(program)
    check_assignment(program, client, start_date, now, design)
    assignment = give(
        Assignment(
            client=client,
            program=program,
            imbalance=program.imbalance,
            texts=texts_of(program, "name", "warm_up"),
            side=side or client.side,
            start_date=start_date,
            assigned_at=now,
            assigned_by=by,
            note=note,
        ),
        design,
        care=care,
    )
    TemplateUpdate.objects.create(
        assignment=assignment,
        version=version_of(design),
        design=design_rows(design),
        answer=TemplateUpdate.Answer.GIVEN,
        by=by,
        at=now,
    )
    return assignment


def hold_in_care(client: Client) -> None:
    """Holds the client's row: care does not end while a program is given."""
    if not Client.objects.in_care().filter(pk=client.pk).update(ended_at=None):
        client.refresh_from_db(fields=["ended_at"])


def give(
    assignment: Assignment, design: Sequence[PhaseDesign], *, care: Iterable[tuple[int, int]]
) -> Assignment:
    """Saves the assignment with this design as the client's copy, within a transaction. Raises AlreadyAssigned."""
    client, now = assignment.client, assignment.assigned_at
    practice = this_practice()
    assignment.numbers = freeze_numbers(practice)
    assignment.why = why_of(assignment.imbalance, design)
    try:
        with transaction.atomic():
            assignment.save(force_insert=True)
    except IntegrityError as error:
        if not Assignment.objects.running().filter(client=client, program=assignment.program_id).exists():
            raise
        raise AlreadyAssigned(
            _("%(client)s follows this program already.") % {"client": client.name}
        ) from error
    rule = numbers_now("weekday", practice)
    prefetch_related_objects(
        [step.exercise for phase in design for step in phase.steps], "muscles__muscle__body_area"
    )
    phases = AssignedPhase.objects.bulk_create(
        copy_phase(assignment, phase, order, practice, active=order == 0)
        for order, phase in enumerate(design)
    )
    AssignedStep.objects.bulk_create(
        copy_step(copy, step, place, assignment.side, rule)
        for copy, phase in zip(phases, design, strict=True)
        for place, step in enumerate(phase.steps)
    )
    PhaseTransition.objects.create(
        assignment=assignment,
        kind=PhaseTransition.Kind.STARTED,
        to_phase=phases[0],
        at=now,
        local_date=assignment.start_date,
        by=assignment.assigned_by,
        reason="",
    )
    agree_with_care(client, care, by=assignment.assigned_by, now=now)
    remind(client, now)
    return assignment


def copy_phase(
    assignment: Assignment, phase: PhaseDesign, order: int, practice: Practice | None, *, active: bool
) -> AssignedPhase:
    return AssignedPhase(
        assignment=assignment,
        order=order,
        kind=phase.kind,
        texts=texts_of(phase, "name"),
        min_days=phase.min_days,
        review_by_day=phase.review_by_day,
        criteria=phase.criteria.slug if phase.criteria else "",
        numbers=numbers_of(phase, practice),
        tenderness_sites=[
            {"slug": muscle.slug, "sided": muscle.sided, "texts": texts_of(muscle, "name")}
            for muscle in phase.tenderness_sites
        ],
        state=AssignedPhase.State.ACTIVE if active else AssignedPhase.State.LOCKED,
        started_on=assignment.start_date if active else None,
    )


def numbers_of(phase: PhaseDesign, practice: Practice | None) -> dict[str, dict[str, Any]]:
    """The numbers of the rule that opens the next phase, by whose they are (see AssignedPhase)."""
    rule = phase.criteria
    levels: dict[str, Any] = {
        "phase": dict(phase.numbers),
        "practice": practice.numbers.get(rule.slug) if practice and rule else None,
        "rule": rule.numbers if rule else None,
    }
    return {level: numbers for level, numbers in levels.items() if numbers}


def copy_step(
    phase: AssignedPhase, step: StepDesign, order: int, complaint_side: str, rule: dict[str, Any]
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
        weekdays=weekdays_for(step.dose.days_per_week, exercise.kind, rule).weekdays,
        start_after_days=step.start_after_days,
        until_days=step.until_days,
        note=step.note,
        why=dict(step.why or {}),
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
    look_again(client, now)


def remind(client: Client, now: datetime) -> None:
    """The client has a reminder from the first program on, in the evening by the client's clock."""
    schedule, _made = ReminderSchedule.objects.get_or_create(
        client=client, defaults={"local_time": EVENING, "zone": client.zone}
    )
    reschedule(schedule, now)
