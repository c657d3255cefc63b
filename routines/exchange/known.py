"""What this catalogue has words for, read once; readers look words up in it and change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from routines.exchange.incoming import Unknown
from routines.exchange.vocabulary import Table
from routines.models import (
    ConditionTag,
    Dose,
    Equipment,
    ExerciseKind,
    Imbalance,
    Muscle,
    Rule,
    dose_columns,
)
from routines.seeding.rules import GATES

# Where the rule of a kind says nothing
PLAIN_DOSE = Dose(2, 10, 0, None, 30, 1, 3)


@dataclass(frozen=True)
class Known:
    """Short names by the words they may be called, and the usual dose of each kind."""

    muscles: Mapping[str, str]
    equipment: Mapping[str, str]
    conditions: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    imbalances: frozenset[str] = frozenset()
    doses: Mapping[str, Dose] = field(default_factory=dict)

    def dose(self, kind: str) -> dict[str, int | None]:
        return dose_columns(self.doses.get(kind, PLAIN_DOSE))


def known() -> Known:
    rules = dict(Rule.objects.values_list("slug", "numbers"))
    return Known(
        muscles=by_word(Muscle.objects.values_list("slug", "name", "anatomical_name")),
        equipment=by_word(Equipment.objects.values_list("slug", "name")),
        conditions=frozenset(ConditionTag.objects.values_list("slug", flat=True)),
        rules=frozenset(rules.keys() & set(GATES)),
        imbalances=frozenset(Imbalance.objects.values_list("slug", flat=True)),
        doses={kind: usual_dose(rules[kind]) for kind in ExerciseKind.values if kind in rules},
    )


def by_word(rows: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Each row by its short name and its other names; a name that two rows share is none."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for slug, *names in rows:
        for name in {slug, *(name.casefold() for name in names)}:
            if found.setdefault(name, slug) != slug:
                shared.add(name)
    return {name: slug for name, slug in found.items() if name not in shared}


def usual_dose(numbers: Mapping[str, object]) -> Dose:
    """The rule's numbers, as far as it has them."""
    plain = dose_columns(PLAIN_DOSE)
    values = {
        name: value if isinstance(value := numbers.get(name), int) else plain[name]
        for name in ("sets", "reps", "hold_seconds", "rest_seconds", "per_day", "days_per_week")
    }
    tempo = numbers.get("tempo")
    lifted = None
    if isinstance(tempo, dict):
        lifted = (int(tempo.get("lift", 0)), int(tempo.get("hold", 0)), int(tempo.get("lower", 0)))
    return Dose(tempo=lifted, **values)  # type: ignore[arg-type]


def translated(
    words: Iterable[str], table: Table, here: Mapping[str, str], what: str
) -> tuple[list[str], list[Unknown]]:
    """Our short names for these words, each once and in their order, and the words that have none."""
    found: list[str] = []
    unknown: list[Unknown] = []
    for word in words:
        slugs = table.get(word.casefold().strip())
        if slugs is None or any(slug not in here for slug in slugs):
            unknown.append(Unknown(what, word))
        else:
            found += [slug for slug in slugs if slug not in found]
    return found, unknown


def looked_up(words: Iterable[str], here: Mapping[str, str], what: str) -> tuple[list[str], list[Unknown]]:
    """The same by our own names."""
    table: Table = {word: (slug,) for word, slug in here.items()}
    return translated(words, table, here, what)
