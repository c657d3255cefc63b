"""Actions on the design of a program: copy it, arrange it, save it as the builder shows it. And copies of an exercise.

Every action is one transaction. Orders are counted from 1 without gaps. Nothing here reaches a program that a
person already follows: assignments are copies.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import F
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from routines.media import copy_media
from routines.models import (
    CatalogueEntry,
    Dose,
    Exercise,
    ExerciseMuscle,
    ExerciseTag,
    Muscle,
    Phase,
    PhaseKind,
    Program,
    Rule,
    Step,
    StepSide,
    TendernessSite,
    dose_columns,
)
from routines.review import DesignWarning, ProgramFacts, gather, needs_confirmation, review

# Added to every order before the rows get their new places: neither SQLite nor a plain unique constraint on
# PostgreSQL waits until the end of the transaction, so two rows may never pass through the same number.
OUT_OF_THE_WAY = 10_000


class DesignChanged(Exception):
    """The design names a phase or step that the program no longer has: it was changed elsewhere meanwhile."""


class TooManyAtOnce(Exception):
    """More exercises at once than a person can keep up with; the therapist may want it, but must say so."""

    def __init__(self, warnings: Sequence[DesignWarning]) -> None:
        super().__init__(" ".join(warning.sentence for warning in warnings))
        self.warnings = warnings


@dataclass(frozen=True)
class StepDesign:
    """One exercise in a phase as the therapist wants it. `id` is the step to keep, None for a new one.

    `why` is what a draft says about it; None leaves that of a kept step as it is.
    """

    exercise: Exercise
    dose: Dose
    side: str = StepSide.BY_COMPLAINT
    start_after_days: int = 0
    until_days: int | None = None
    note: str = ""
    id: int | None = None
    why: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class PhaseDesign:
    """One phase as the therapist wants it, its steps in their order. `id` is the phase to keep, None for a new one.

    `translations` None leaves the translations of a kept phase as they are, unless its name is another.
    """

    kind: str
    name: str
    min_days: int
    review_by_day: int
    criteria: Rule | None = None
    tenderness_sites: Sequence[Muscle] = ()
    numbers: Mapping[str, Any] = field(default_factory=dict)
    steps: Sequence[StepDesign] = ()
    translations: Mapping[str, Any] | None = None
    id: int | None = None


def dose_for(exercise: Exercise) -> Dose:
    """The dose that a new step begins with: the usual one of the exercise."""
    return exercise.dose


def design_of(program: Program) -> list[PhaseDesign]:
    """The saved design. Asks nothing of the database when the program was read by `with_steps()`."""
    return [
        PhaseDesign(
            id=phase.pk,
            kind=phase.kind,
            name=phase.name,
            min_days=phase.min_days,
            review_by_day=phase.review_by_day,
            criteria=phase.criteria,
            tenderness_sites=tuple(site.muscle for site in phase.tenderness_sites.all()),
            numbers=phase.numbers,
            translations=phase.translations,
            steps=tuple(
                StepDesign(
                    id=step.pk,
                    exercise=step.exercise,
                    dose=step.dose,
                    side=step.side,
                    start_after_days=step.start_after_days,
                    until_days=step.until_days,
                    note=step.note,
                    why=step.why or None,
                )
                for step in phase.steps.all()
            ),
        )
        for phase in program.phases.all()
    ]


def design_rows(design: Sequence[PhaseDesign]) -> list[dict[str, Any]]:
    """What the design asks a person to do, as plain JSON: which exercises, how much, on which side and days."""
    return [
        {
            "kind": phase.kind,
            "steps": [
                {
                    "exercise": step.exercise.pk,
                    "dose": list(dose_columns(step.dose).values()),
                    "side": step.side,
                    "days": [step.start_after_days, step.until_days],
                    "note": step.note,
                }
                for step in phase.steps
            ],
        }
        for phase in design
    ]


def version_of(design: Sequence[PhaseDesign]) -> str:
    """The digest of what the design asks for. Other names, or rows written anew, make no other version."""
    return hashlib.sha256(json.dumps(design_rows(design)).encode()).hexdigest()


def facts_of_design(program: Program, design: Sequence[PhaseDesign]) -> ProgramFacts:
    """What `review` looks at, of a design that is not saved yet."""
    return gather(program.imbalance, [(phase, phase.steps) for phase in design])


@transaction.atomic
def save_design(program: Program, design: Sequence[PhaseDesign], *, confirmed: bool = False) -> None:
    """Make the program's phases and steps what `design` says, in its order.

    Phases and steps that the design names keep their rows, also when a step moved to another phase; those that it
    leaves out are deleted. Nothing is written, and DesignChanged is raised, when an id is not one of the program's
    own or is named twice; TooManyAtOnce, when more than 5 exercises are due at once and this is not `confirmed`.
    """
    if not confirmed and (warnings := needs_confirmation(review(facts_of_design(program, design)))):
        raise TooManyAtOnce(warnings)
    phases = {phase.pk: phase for phase in program.phases.prefetch_related("tenderness_sites")}
    steps = {step.pk: step for step in Step.objects.filter(phase__program=program)}
    kept_phases = _known([phase.id for phase in design], phases)
    kept_steps = _known([step.id for phase in design for step in phase.steps], steps)

    Phase.objects.filter(program=program).update(order=F("order") + OUT_OF_THE_WAY)
    Step.objects.filter(phase__program=program).update(order=F("order") + OUT_OF_THE_WAY)

    rows = [_phase_row(program, phases, wanted, order) for order, wanted in enumerate(design, start=1)]
    _save(
        Phase,
        rows,
        ["order", "kind", "name", "min_days", "review_by_day", "criteria", "numbers", "translations"],
    )
    step_rows = [
        _step_row(row, steps, wanted, order)
        for row, phase in zip(rows, design, strict=True)
        for order, wanted in enumerate(phase.steps, start=1)
    ]
    _save(
        Step,
        step_rows,
        [
            "phase",
            "order",
            "exercise",
            "side",
            "start_after_days",
            "until_days",
            "note",
            "why",
            *Step.DOSE_FIELDS,
        ],
    )
    Step.objects.filter(pk__in=steps.keys() - kept_steps).delete()
    Phase.objects.filter(pk__in=phases.keys() - kept_phases).delete()

    _save_sites(rows, [[muscle.pk for muscle in phase.tenderness_sites] for phase in design], phases)


def _known(ids: Iterable[int | None], rows: Mapping[int, models.Model]) -> set[int]:
    named = [id_ for id_ in ids if id_ is not None]
    if len(named) != len(set(named)) or not rows.keys() >= set(named):
        raise DesignChanged
    return set(named)


def _phase_row(program: Program, phases: Mapping[int, Phase], wanted: PhaseDesign, order: int) -> Phase:
    row = Phase(program=program) if wanted.id is None else phases[wanted.id]
    if wanted.translations is not None:
        row.translations = dict(wanted.translations)
    elif row.name != wanted.name:
        row.translations = without_texts(row.translations, ["name"])
    row.order = order
    row.kind = wanted.kind
    row.name = wanted.name
    row.min_days = wanted.min_days
    row.review_by_day = wanted.review_by_day
    row.criteria = wanted.criteria
    row.numbers = dict(wanted.numbers)
    return row


def _step_row(phase: Phase, steps: Mapping[int, Step], wanted: StepDesign, order: int) -> Step:
    row = Step() if wanted.id is None else steps[wanted.id]
    if wanted.why is not None:
        row.why = dict(wanted.why)
    elif row.exercise_id != wanted.exercise.pk:
        row.why = {}
    row.phase = phase
    row.order = order
    row.exercise = wanted.exercise
    row.dose = wanted.dose
    row.side = wanted.side
    row.start_after_days = wanted.start_after_days
    row.until_days = wanted.until_days
    row.note = wanted.note
    return row


def _save(model: type[Phase] | type[Step], rows: Sequence[Any], fields: Sequence[str]) -> None:
    """Insert the new rows and update the kept ones, two statements whatever their number."""
    new = [row for row in rows if row.pk is None]
    kept = [row for row in rows if row.pk is not None]
    model.objects.bulk_create(new)
    model.objects.bulk_update(kept, fields)


def _save_sites(rows: Sequence[Phase], wanted: Sequence[Sequence[int]], before: Mapping[int, Phase]) -> None:
    """Give each phase these muscles, leaving alone the phases that have them already."""
    present = {pk: [site.muscle_id for site in phase.tenderness_sites.all()] for pk, phase in before.items()}
    changed = [
        (row, muscles)
        for row, muscles in zip(rows, wanted, strict=True)
        if present.get(row.pk) != list(muscles)
    ]
    TendernessSite.objects.filter(phase__in=[row for row, _muscles in changed]).delete()
    TendernessSite.objects.bulk_create(
        TendernessSite(phase=row, muscle_id=muscle, order=order)
        for row, muscles in changed
        for order, muscle in enumerate(muscles, start=1)
    )


def copy_program(program: Program, name: str = "", key: UUID | None = None) -> Program:
    """A copy with a short name of its own, made by the therapist: `seed_catalogue` never touches it."""
    with transaction.atomic():
        copy = Program.objects.create(
            slug=free_slug(Program, f"{program.slug}_copy"),
            name=(name or _("%(name)s (copy)") % {"name": program.text("name")})[:160],
            imbalance=program.imbalance,
            weeks_from=program.weeks_from,
            weeks_to=program.weeks_to,
            notes=program.notes,
            warm_up=program.warm_up,
            translations=without_texts(program.translations, ["name"]),
            awaits_review=program.awaits_review,
            retired_at=program.retired_at if program.awaits_review else None,
            key=key,
        )
        source = Program.objects.with_steps().get(pk=program.pk)
        save_design(copy, [without_ids(phase) for phase in design_of(source)], confirmed=True)
    return copy


def without_texts(translations: Mapping[str, Any], texts: Collection[str]) -> dict[str, Any]:
    """The translations but those of these texts: what they translated says something else now."""
    kept = {
        language: {text: said for text, said in each.items() if text not in texts}
        for language, each in translations.items()
    }
    return {language: each for language, each in kept.items() if each}


def without_ids(phase: PhaseDesign) -> PhaseDesign:
    """The same phase as a new one."""
    return replace(phase, id=None, steps=tuple(replace(step, id=None) for step in phase.steps))


def slug_from(name: str, model: type[CatalogueEntry]) -> str:
    """A short name out of what a person typed: small letters, figures and underscores, beginning with a letter."""
    slug = slugify(name).replace("-", "_").strip("_")
    return slug if slug[:1].isalpha() else f"{model._meta.model_name}_{slug}".strip("_")


def free_slug(model: type[CatalogueEntry], wanted: str) -> str:
    """The wanted short name, else with the next free number behind it."""
    base = wanted[:74]
    taken = set(model.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number = 1
    slug = base
    while slug in taken:
        number += 1
        slug = f"{base}_{number}"
    return slug


def reorder_phases(program: Program, ids: Sequence[int]) -> None:
    """Give the phases this order. Raises DesignChanged unless `ids` names each of them once."""
    _reorder(Phase.objects.filter(program=program), ids)


def reorder_steps(phase: Phase, ids: Sequence[int]) -> None:
    """Give the steps of the phase this order. Raises DesignChanged unless `ids` names each of them once."""
    _reorder(Step.objects.filter(phase=phase), ids)


@transaction.atomic
def _reorder(rows: models.QuerySet[Any], ids: Sequence[int]) -> None:
    by_key = {row.pk: row for row in rows}
    if sorted(by_key) != sorted(ids):
        raise DesignChanged
    rows.update(order=F("order") + OUT_OF_THE_WAY)
    for order, pk in enumerate(ids, start=1):
        by_key[pk].order = order
    rows.bulk_update(by_key.values(), ["order"])


# What a new phase begins with: days at least, review by day, and the rule that opens the next one (domain.md 6.4, 6.5).
FIRST_VALUES: dict[str, tuple[int, int, str | None]] = {
    PhaseKind.RELEASE: (7, 21, "release_to_strengthen"),
    PhaseKind.STRENGTHEN: (14, 42, "strengthen_to_integrate"),
    PhaseKind.INTEGRATE: (14, 56, "integrate_to_maintain"),
    PhaseKind.MAINTAIN: (28, 84, None),
}


def new_phase(kind: str) -> PhaseDesign:
    """An empty phase of this kind with the usual days and criteria, not saved."""
    min_days, review_by_day, rule = FIRST_VALUES[kind]
    return PhaseDesign(
        kind=kind,
        name=str(PhaseKind(kind).label),
        min_days=min_days,
        review_by_day=review_by_day,
        criteria=Rule.objects.filter(slug=rule).first() if rule else None,
    )


def add_phase(program: Program, kind: str) -> Phase:
    """An empty phase at the end of the program."""
    wanted = new_phase(kind)
    with transaction.atomic():
        return Phase.objects.create(
            program=program,
            order=_last(Phase.objects.filter(program=program)) + 1,
            kind=wanted.kind,
            name=wanted.name,
            min_days=wanted.min_days,
            review_by_day=wanted.review_by_day,
            criteria=wanted.criteria,
        )


def add_step(phase: Phase, exercise: Exercise) -> Step:
    """The exercise at the end of the phase, with its usual dose."""
    with transaction.atomic():
        return Step.objects.create(
            phase=phase,
            order=_last(Step.objects.filter(phase=phase)) + 1,
            exercise=exercise,
            **dose_columns(dose_for(exercise)),
        )


@transaction.atomic
def remove_phase(phase: Phase) -> None:
    """Delete the phase with its steps and close the gap."""
    program = phase.program
    phase.delete()
    reorder_phases(program, list(program.phases.values_list("pk", flat=True)))


@transaction.atomic
def remove_step(step: Step) -> None:
    """Delete the step and close the gap."""
    phase = step.phase
    step.delete()
    reorder_steps(phase, list(phase.steps.values_list("pk", flat=True)))


def _last(rows: models.QuerySet[Any]) -> int:
    return rows.aggregate(last=models.Max("order"))["last"] or 0


@transaction.atomic
def copy_exercise(exercise: Exercise, key: UUID | None = None) -> Exercise:
    """A copy with a name and a short name of its own, made by the therapist: texts, dose, muscles, tools, conditions.

    Its pictures and films are those of the exercise, whose files are there once. `seed_catalogue` never touches it.
    """
    copy = Exercise.objects.get(pk=exercise.pk)
    copy.pk = None
    copy.slug = free_slug(Exercise, f"{exercise.slug}_copy")
    copy.name, copy.translations = names_of_copy(exercise)
    copy.seed_hash, copy.retired_at, copy.copy_of, copy.key = "", None, exercise, key
    copy.save(force_insert=True)
    copy.equipment.set(exercise.equipment.all())
    ExerciseMuscle.objects.bulk_create(
        ExerciseMuscle(exercise=copy, muscle_id=row.muscle_id, role=row.role, order=row.order)
        for row in exercise.muscles.all()
    )
    ExerciseTag.objects.bulk_create(
        ExerciseTag(exercise=copy, tag_id=row.tag_id, rule=row.rule) for row in exercise.tags.all()
    )
    copy_media(exercise, copy)
    return copy


def names_of_copy(exercise: Exercise) -> tuple[str, dict[str, Any]]:
    """The copy's name, and the texts in other languages with its name in each of them."""

    def named(name: str) -> str:
        return (_("%(name)s (copy)") % {"name": name[:100]})[:120]

    texts = {}
    for language, known in exercise.translations.items():
        with translation.override(language):
            texts[language] = {**known, "name": named(known["name"])} if known.get("name") else dict(known)
    return named(exercise.name), texts
