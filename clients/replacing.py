"""What may take the place of an exercise that a condition forbids (catalogue.yaml, meta.easier_rule.forbidden_exercise)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from clients.assigning import exercise_as_it_is
from clients.models import OwnExercise, localized
from clients.safety import Verdict, sides_of
from routines.drafting.facts import IN_EVERY_HOME
from routines.models import Dose, Exercise, ExerciseMuscle


@dataclass(frozen=True)
class Replacement:
    """Another exercise with its usual dose and its frozen copy."""

    exercise_id: int
    side_mode: str
    dose: Dose
    as_was: dict[str, Any]
    tools: frozenset[str] = frozenset()  # by slug

    def lacks(self, have: Collection[str] | None) -> bool:
        """Whether it needs a tool that is not at home. None: nobody said what is, so nothing is missing."""
        return have is not None and bool(self.tools - IN_EVERY_HOME - set(have))

    @property
    def level(self) -> int:
        return int(self.as_was["level"])

    @property
    def name(self) -> str:
        return localized(self.as_was.get("texts", {}), "name")

    def dose_for(self, asked: Dose) -> Dose:
        """Its own usual dose, as often as the exercise that it replaces was asked for."""
        return replace(self.dose, per_day=asked.per_day, days_per_week=asked.days_per_week)


Replacements = Mapping[int, Sequence[Replacement]]


def replacements(exercise_ids: Iterable[int]) -> dict[int, list[Replacement]]:
    """For each exercise those of the whole practice of the same kind that cover one of its targets: its easier version, then by level.

    Whether one of them may be done is asked of the client's conditions afterwards, so that those are left out of which
    nobody said what forbids them. A fixed number of queries.
    """
    ids = set(exercise_ids)
    asked = {each.pk: each for each in Exercise.objects.filter(pk__in=ids)}
    targets: dict[int, set[int]] = {pk: set() for pk in ids}
    rows = ExerciseMuscle.objects.filter(exercise__in=ids, role=ExerciseMuscle.Role.TARGET)
    for pk, muscle in rows.values_list("exercise_id", "muscle_id"):
        targets[pk].add(muscle)
    others = (
        Exercise.objects.with_known_conditions()
        .in_use()
        .filter(
            kind__in={each.kind for each in asked.values()},
            muscles__role=ExerciseMuscle.Role.TARGET,
            muscles__muscle__in=set().union(*targets.values()),
        )
    )
    others = others.exclude(pk__in=OwnExercise.objects.values("exercise")).distinct()
    found = sorted(
        others.prefetch_related("muscles__muscle__body_area", "equipment", "media"),
        key=lambda each: (each.level, each.slug),
    )
    covers = {
        each.pk: {row.muscle_id for row in each.muscles.all() if row.role == row.Role.TARGET}
        for each in found
    }
    made = {
        each.pk: Replacement(
            each.pk,
            each.side_mode,
            each.dose,
            exercise_as_it_is(each),
            frozenset(tool.slug for tool in each.equipment.all()),
        )
        for each in found
    }
    return {
        pk: [
            made[each.pk]
            for each in sorted(found, key=lambda each: each.pk != exercise.easier_id)
            if each.pk != pk and each.kind == exercise.kind and covers[each.pk] & targets[pk]
        ]
        for pk, exercise in asked.items()
    }


def first_allowed(
    versions: Iterable[Replacement],
    side: str,
    verdict: Callable[[int, str], Verdict],
    *,
    level: int,
    taken: Collection[int] = (),
    have: Collection[str] | None = None,
) -> Replacement | None:
    """The first that is done on this side and that nothing forbids or lets wait. Pure.

    Harder ones than the exercise of this `level` come last, the lowest of them first: a missing tool can be replaced,
    so it never makes an exercise harder. Before that, those come last that need a tool which is not at home (`have`,
    slugs); of equal ones those that the phase has anyway (`taken`), which add nothing.
    """

    def place(each: Replacement) -> tuple[object, ...]:
        harder = each.level > level
        return harder, each.lacks(have), max(each.level, level), each.exercise_id in taken

    for each in sorted(versions, key=place):
        if side in sides_of(each.side_mode, side) and not verdict(each.exercise_id, side).withheld:
            return each
    return None
