"""A client's own plan as a design again: for a template, for another client, or once more for the same one.

Nothing about the person goes along: no note to them, no reason of a change, no finding, no side that was theirs.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, QuerySet, When
from django.utils.translation import gettext as _

from clients.assigning import ProgramEmpty, check_assignment, give, hold_in_care, settle_side
from clients.models import AssignedPhase, AssignedStep, Assignment, Client, TemplateUpdate, User
from clients.ownership import keep_program, visible_programs
from routines.composing import (
    PhaseDesign,
    StepDesign,
    design_of,
    design_rows,
    free_slug,
    save_design,
    slug_from,
    version_of,
)
from routines.finding import says
from routines.models import Exercise, Muscle, Program, Rule, SideMode, StepSide
from routines.tagging import set_tags


@dataclass(frozen=True)
class OwnStep:
    """A step of somebody's plan as it would go on: `proposed` is its side without the person, `was` the one they have."""

    pk: int
    design: StepDesign
    was: str

    @property
    def has_sides(self) -> bool:
        return self.design.exercise.side_mode == SideMode.EACH_SIDE

    @property
    def proposed(self) -> str:
        return self.design.side


@dataclass(frozen=True)
class OwnPlan:
    """Somebody's plan as it stands, phase by phase."""

    assignment: Assignment
    phases: tuple[PhaseDesign, ...]
    steps: tuple[tuple[OwnStep, ...], ...]

    def design(self, sides: Mapping[int, str] | None = None) -> list[PhaseDesign]:
        """With these sides by the key of the step, else the proposed ones."""
        chosen = sides or {}
        return [
            replace(
                phase,
                steps=tuple(
                    replace(step.design, side=chosen.get(step.pk, step.design.side)) for step in steps
                ),
            )
            for phase, steps in zip(self.phases, self.steps, strict=True)
        ]


def plan_of(assignment: Assignment) -> OwnPlan:
    """The plan with the current version of each step, in a fixed number of queries."""
    rows = list(AssignedPhase.objects.filter(assignment=assignment).order_by("order"))
    current = list(
        AssignedStep.objects.filter(phase__assignment=assignment, valid_until__isnull=True).order_by(
            "order", "pk"
        )
    )
    details = Exercise.objects.with_details()
    exercises = {row.pk: row for row in details.filter(pk__in={step.exercise_id for step in current})}
    rules = {rule.slug: rule for rule in Rule.objects.filter(slug__in={row.criteria for row in rows})}
    tracked = {site["slug"] for row in rows for site in row.tenderness_sites}
    muscles = {muscle.slug: muscle for muscle in Muscle.objects.filter(slug__in=tracked)}
    return OwnPlan(
        assignment=assignment,
        phases=tuple(phase_design(row, rules, muscles) for row in rows),
        steps=tuple(
            tuple(
                own_step(step, exercises[step.exercise_id], assignment.side)
                for step in current
                if step.phase_id == row.pk
            )
            for row in rows
        ),
    )


def phase_design(row: AssignedPhase, rules: Mapping[str, Rule], muscles: Mapping[str, Muscle]) -> PhaseDesign:
    return PhaseDesign(
        kind=row.kind,
        name=row.texts.get("", {}).get("name", "") or row.get_kind_display(),
        translations={language: texts for language, texts in row.texts.items() if language},
        min_days=row.min_days,
        review_by_day=row.review_by_day,
        criteria=rules.get(row.criteria),
        tenderness_sites=tuple(
            muscles[site["slug"]] for site in row.tenderness_sites if site["slug"] in muscles
        ),
        numbers=row.numbers.get("phase", {}),
    )


def own_step(step: AssignedStep, exercise: Exercise, complaint_side: str) -> OwnStep:
    return OwnStep(
        pk=step.pk,
        was=step.side,
        design=StepDesign(
            exercise=exercise,
            dose=step.dose,
            side=general_side(step.side, exercise.side_mode, exercise.kind, complaint_side),
            start_after_days=step.start_after_days,
            until_days=step.until_days,
            why={},
        ),
    )


def general_side(side: str, side_mode: str, kind: str, complaint_side: str) -> str:
    """The side of a step without the person: by the complaint where that gave it, else both or the side that was chosen.

    What is done on both sides because the complaint has none, or asks for both, follows the next complaint as well.
    """
    if side_mode != SideMode.EACH_SIDE:
        return StepSide.BY_COMPLAINT
    if side == settle_side(StepSide.BY_COMPLAINT, side_mode, kind, complaint_side):
        return StepSide.BY_COMPLAINT
    return side if side in (StepSide.LEFT, StepSide.RIGHT) else StepSide.BOTH


# ---- A template --------------------------------------------------------------------------------------------------


def save_template(
    plan: OwnPlan,
    *,
    name: str,
    tags: Sequence[str],
    own: bool,
    sides: Mapping[int, str],
    key: uuid.UUID,
    by: User,
    now: datetime,
) -> Program:
    """The plan as a program, of the therapist's own or of the practice, ready for the builder.

    The same answers sent twice with one `key` make one program, others another. Raises ProgramEmpty.
    """
    design = [phase for phase in plan.design(sides) if phase.steps]
    if not design:
        raise ProgramEmpty(_("This plan has no step, so there is no program to make of it."))
    own_key = uuid.uuid5(
        key, repr((by.pk, plan.assignment.pk, name, sorted(tags), own, sorted(sides.items())))
    )

    @transaction.atomic
    def make() -> Program:
        assignment = plan.assignment
        program = Program.objects.create(
            slug=free_slug(Program, slug_from(name, Program)),
            name=name,
            imbalance=assignment.imbalance,
            warm_up=assignment.texts.get("", {}).get("warm_up", ""),
            translations={
                language: {"warm_up": texts["warm_up"]}
                for language, texts in assignment.texts.items()
                if language and texts.get("warm_up")
            },
            key=own_key,
        )
        save_design(program, design, confirmed=True)
        set_tags(program, tags)
        if own:
            keep_program(program, by, now=now)
        return program

    try:
        return make()
    except IntegrityError:  # the same page sent twice, or another program of the same name at the same moment
        made = visible_programs(by).filter(key=own_key).first()
        return made or make()


# ---- Another client ----------------------------------------------------------------------------------------------


def plans_to_copy(user: User, client: Client, words: str) -> QuerySet[Assignment]:
    """The client's own programs that have ended, then those of the user's other clients, running ones first.

    Narrowed by words from the name of client or program.
    """
    found = Assignment.objects.visible_to(user).exclude(client=client, ended_on__isnull=True)
    for word in words.split()[:6]:
        found = found.filter(Q(client__name__icontains=word) | says(word, "program__"))
    return found.select_related("client", "program", "imbalance").order_by(
        Case(When(client=client, then=0), default=1),
        F("ended_on").asc(nulls_first=True),
        "client__name",
        "-start_date",
        "pk",
    )


def design_for(source: Assignment, client: Client) -> list[PhaseDesign]:
    """The plan as it would go on for this client: their own sides where it was theirs, else by their complaint."""
    plan = plan_of(source)
    if source.client_id != client.pk:
        return plan.design()
    return plan.design({step.pk: step.was for steps in plan.steps for step in steps if step.has_sides})


def check_copy(
    source: Assignment, design: Sequence[PhaseDesign], client: Client, start_date: date, now: datetime
) -> None:
    """Whether the plan could be given to this client: see `check_assignment`."""
    check_assignment(source.program, client, start_date, now, design)


@transaction.atomic
def copy_assignment(
    source: Assignment,
    client: Client,
    *,
    start_date: date,
    by: User,
    now: datetime,
    side: str,
    note: str = "",
    care: Iterable[tuple[int, int]] = (),
) -> Assignment:
    """Gives this client the plan of another one, or their own that had ended, as it stands, whatever became of the
    program since. It begins with its first phase.

    The exercises are those of the catalogue today. What was adjusted there stays adjusted here: a later version of the
    program is laid beside what it asked of that client, as it stands now where that was not kept. Raises NotInCare, StartDateRefused, ProgramEmpty, AlreadyAssigned.
    """
    hold_in_care(client)
    design = design_for(source, client)
    check_copy(source, design, client, start_date, now)
    assignment = give(
        Assignment(
            client=client,
            program=source.program,
            imbalance=source.imbalance,
            texts=source.texts,
            side=side,
            start_date=start_date,
            assigned_at=now,
            assigned_by=by,
            note=note,
        ),
        design,
        care=care,
    )
    known = source.template_updates.order_by("at", "pk").last()
    asks = design_of(Program.objects.with_design().get(pk=source.program_id)) if known is None else []
    TemplateUpdate.objects.create(
        assignment=assignment,
        version=known.version if known else version_of(asks),
        design=known.design if known else design_rows(asks),
        answer=TemplateUpdate.Answer.GIVEN,
        by=by,
        at=now,
    )
    return assignment
