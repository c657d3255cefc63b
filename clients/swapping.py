"""What may take the place of an exercise when the therapist swaps it: easier, harder, or another for the same muscle."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clients.cupboard import home_on_file
from clients.models import AssignedStep, Client
from clients.safety import Verdict, conditions_of, judge, reaches, sides_of
from routines.models import Equipment, Exercise, ExerciseKind, ExerciseMuscle

MOST = 30


@dataclass(frozen=True)
class Offer:
    """One exercise with what speaks for and against it; `harder_by` counts levels, below nought it is easier."""

    exercise: Exercise
    verdict: Verdict
    missing: tuple[Equipment, ...]  # tools that are not at home
    harder_by: int
    same_kind: bool
    version: bool  # the catalogue names it as the easier or harder version

    @property
    def words(self) -> str:
        if self.harder_by < 0:
            return _("easier")
        return _("harder") if self.harder_by > 0 else _("about as hard")


def offers_for(step: AssignedStep, client: Client, day: date, exercises: QuerySet[Exercise]) -> list[Offer]:
    """Those for one of the same muscles that none of the client's conditions forbids, and that the phase has not.

    Of which nobody said what forbids them, those are not among them.

    Release stays release, and load stays load. What is at home and may be done at once comes first, then the versions
    that the catalogue names, then the same kind, then what is near in level. A fixed number of queries.
    """
    old = step.exercise
    muscles = ExerciseMuscle.objects.filter(exercise=old, role=ExerciseMuscle.Role.TARGET).values("muscle")
    kinds = [kind for kind in ExerciseKind if kind.is_release == ExerciseKind(step.kind).is_release]
    taken = AssignedStep.objects.filter(phase=step.phase_id, valid_until__isnull=True).values("exercise")
    fits = ExerciseMuscle.objects.filter(role=ExerciseMuscle.Role.TARGET, muscle__in=muscles).values(
        "exercise"
    )
    others = list(
        exercises.with_known_conditions()  # type: ignore[attr-defined]
        .filter(kind__in=kinds, pk__in=fits)
        .exclude(pk=old.pk)
        .exclude(pk__in=taken)
        .prefetch_related("media")
    )
    reach = reaches(each.pk for each in others)
    conditions = conditions_of(client, day)
    missing = home_on_file(client, [each.pk for each in others]).missing
    found = []
    for each in others:
        sides = sides_of(each.side_mode, step.side)
        verdict = strictest([judge(each.pk, reach[each.pk], side, conditions) for side in sides])
        if not verdict.avoid:
            version = each.pk in (old.easier_id, old.harder_id)
            harder = version and each.pk == old.harder_id
            by_levels = each.level - old.level or (0 if not version else 1 if harder else -1)
            tools = tuple(missing.get(each.pk, ()))
            found.append(Offer(each, verdict, tools, by_levels, each.kind == step.kind, version))
    return sorted(found, key=place)[:MOST]


def place(offer: Offer) -> tuple[object, ...]:
    waits = bool(offer.missing or offer.verdict.care)
    return waits, not offer.version, not offer.same_kind, abs(offer.harder_by), str(offer.exercise)


def strictest(verdicts: Collection[Verdict]) -> Verdict:
    """What holds for the whole exercise: forbidden on one side is forbidden."""
    for verdict in verdicts:
        if verdict.avoid:
            return verdict
    return next((verdict for verdict in verdicts if verdict.care), Verdict())
