"""Reading what a draft is made from: the catalogue and the numbers of the rules, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from routines.composing import FIRST_VALUES
from routines.drafting.facts import (
    CatalogueKnown,
    ExerciseKnown,
    ImbalanceKnown,
    MuscleKnown,
    Named,
    Numbers,
    PhaseDays,
    Texts,
)
from routines.models import (
    CatalogueEntry,
    Exercise,
    ExerciseKind,
    ExerciseMuscle,
    Imbalance,
    ImbalanceMuscle,
    Muscle,
    MusclePartner,
    Phase,
    PhaseKind,
    Rule,
)

RULES = ("drafting", ExerciseKind.RELEASE_STRETCH.value)


def names_of(entry: CatalogueEntry) -> Texts:
    """The name in every language, as `localized` reads it."""
    texts: dict[str, dict[str, Any]] = {"": {"name": entry.name}}  # type: ignore[attr-defined]
    for language, translated in entry.translations.items():
        if translated.get("name"):
            texts[language] = {"name": translated["name"]}
    return texts


def read_catalogue(exercises: Iterable[Exercise]) -> CatalogueKnown:
    """The catalogue with these exercises, which should be read by `with_details()`."""
    antagonists: dict[str, list[str]] = {}
    pairs = MusclePartner.objects.filter(relation=MusclePartner.Relation.ANTAGONIST)
    for first, second in pairs.values_list("first__slug", "second__slug"):
        antagonists.setdefault(first, []).append(second)
        antagonists.setdefault(second, []).append(first)
    patterns = Imbalance.objects.in_use().prefetch_related("muscles__muscle")
    return CatalogueKnown(
        muscles={row.slug: muscle_known(row) for row in Muscle.objects.all()},
        exercises=[exercise_known(row) for row in exercises],
        imbalances=[imbalance_known(row) for row in patterns],
        antagonists=antagonists,
    )


def muscle_known(row: Muscle) -> MuscleKnown:
    return MuscleKnown(
        slug=row.slug,
        texts=names_of(row),
        sided=row.sided,
        is_fascia=row.tissue == Muscle.Tissue.FASCIA,
    )


def exercise_known(row: Exercise) -> ExerciseKnown:
    parts = list(row.muscles.all())
    return ExerciseKnown(
        slug=row.slug,
        texts=names_of(row),
        kind=row.kind,
        targets=tuple(part.muscle.slug for part in parts if part.role == ExerciseMuscle.Role.TARGET),
        secondary=tuple(part.muscle.slug for part in parts if part.role == ExerciseMuscle.Role.SECONDARY),
        level=row.level,
        needs_floor=row.needs_floor,
        equipment=tuple(
            Named(tool.slug, names_of(tool))
            for tool in sorted(row.equipment.all(), key=lambda tool: tool.slug)
        ),
        dose=row.dose,
        side_mode=row.side_mode,
        retired=row.retired_at is not None,
    )


def imbalance_known(row: Imbalance) -> ImbalanceKnown:
    def of(role: str) -> tuple[str, ...]:
        parts = sorted(row.muscles.all(), key=lambda part: part.order)
        return tuple(part.muscle.slug for part in parts if part.role == role)

    return ImbalanceKnown(
        slug=row.slug,
        texts=names_of(row),
        tight=of(ImbalanceMuscle.Role.TIGHT),
        weak=of(ImbalanceMuscle.Role.WEAK),
    )


def read_numbers(overrides: Mapping[str, Mapping[str, Any]] | None = None) -> Numbers:
    """The numbers of the rules, where `overrides` ({rule slug: {key: value}}) has none (domain.md 6.4)."""
    gates = [rule for _low, _high, rule in FIRST_VALUES.values() if rule]
    rows = dict(Rule.objects.filter(slug__in=[*RULES, *gates]).values_list("slug", "numbers"))
    rules = {slug: {**numbers, **(overrides or {}).get(slug, {})} for slug, numbers in rows.items()}
    usual = Numbers()
    days = {}
    for kind, (low, high, rule) in FIRST_VALUES.items():
        gate = rules.get(rule or "", {})
        days[str(kind)] = PhaseDays(
            int(gate.get("min_days_in_phase", low)), int(gate.get("review_by_day", high)), rule
        )
    before = rules.get(RULES[1], {}).get("before_strengthening", {})
    shipped = Phase.objects.filter(
        kind=PhaseKind.RELEASE, program__retired_at=None, program__imbalance__isnull=False
    ).exclude(program__seed_hash="")
    return Numbers(
        release_review_by=dict(
            shipped.order_by("-review_by_day").values_list("program__imbalance__slug", "review_by_day")
        ),
        at_a_time=int(rules.get("drafting", {}).get("max_at_a_time", usual.at_a_time)),
        stretch_seconds_before_strengthening=int(
            before.get("max_total_seconds_per_muscle", usual.stretch_seconds_before_strengthening)
        ),
        days=days,
    )
