"""Which pattern explains the findings, in which order the tight muscles come, and which partners they have.

The pairing rule of domain.md 3: the weak findings of the same pattern; if there are none, its weak muscles; for a
finding that belongs to no pattern, the muscles that make the opposite movement. Pure and independent of any order
in which findings or catalogue arrive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from routines.drafting.facts import (
    BOTH_SIDES,
    LEFT,
    NO_SIDE,
    RIGHT,
    CatalogueKnown,
    Found,
    ImbalanceKnown,
    MuscleKnown,
    Wanted,
)

TIGHT, WEAK = "tight", "weak"


@dataclass(frozen=True)
class WantedMuscle:
    """One muscle with the sides that count. `rating` is the highest of its findings, None without a finding.

    `imbalance` is the pattern it belongs to here; `partners_of` are the tight muscles that a weak one pairs with.
    """

    muscle: MuscleKnown
    sides: tuple[str, ...]
    rating: int | None = None
    imbalance: ImbalanceKnown | None = None
    partners_of: tuple[MuscleKnown, ...] = ()

    @property
    def slug(self) -> str:
        return self.muscle.slug

    @property
    def found(self) -> bool:
        return self.rating is not None


@dataclass(frozen=True)
class Pairs:
    """Tight muscles by rank, the weak ones to strengthen by rank, and the patterns that explain them."""

    imbalances: tuple[ImbalanceKnown, ...]
    tight: tuple[WantedMuscle, ...]
    weak: tuple[WantedMuscle, ...]


@dataclass
class _Grouped:
    sides: set[str]
    rating: int


def pairs_of(wanted: Wanted, catalogue: CatalogueKnown) -> Pairs:
    """The muscles to release and to strengthen. A finding of 0 says "not at all", so nothing follows from it."""
    if not wanted.found:
        return _of_pattern(wanted, catalogue)
    tight, weak = _grouped(wanted.found, TIGHT, catalogue), _grouped(wanted.found, WEAK, catalogue)
    order, belongs = _explained(wanted.imbalance, tight, weak, catalogue)
    ranked = sorted(tight, key=lambda slug: _rank(slug, tight[slug].rating, belongs.get(slug), order))
    partners = _partners(ranked, belongs, weak, catalogue)
    strengthened = [
        *sorted(weak, key=lambda slug: (-weak[slug].rating, _first_place(slug, order), slug)),
        *(slug for slug in partners if slug not in weak),
    ]
    return Pairs(
        imbalances=tuple(order),
        tight=tuple(
            WantedMuscle(
                catalogue.muscles[slug],
                _in_order(tight[slug].sides),
                tight[slug].rating,
                belongs.get(slug),
            )
            for slug in ranked
        ),
        weak=tuple(
            WantedMuscle(
                muscle=catalogue.muscles[slug],
                sides=_in_order(weak[slug].sides) if slug in weak else sides_of(catalogue.muscles[slug]),
                rating=weak[slug].rating if slug in weak else None,
                imbalance=belongs.get(partners[slug][0]) if slug in partners else None,
                partners_of=tuple(catalogue.muscles[each] for each in partners.get(slug, ())),
            )
            for slug in strengthened
        ),
    )


def sides_of(muscle: MuscleKnown) -> tuple[str, ...]:
    """Every side that there is of it."""
    return BOTH_SIDES if muscle.sided else NO_SIDE


def _of_pattern(wanted: Wanted, catalogue: CatalogueKnown) -> Pairs:
    """Release the side of the complaint, strengthen both (domain.md 4)."""
    pattern = catalogue.imbalance(wanted.imbalance)
    if pattern is None:
        return Pairs((), (), ())
    tight = [catalogue.muscles[slug] for slug in pattern.tight if slug in catalogue.muscles]
    weak = [catalogue.muscles[slug] for slug in pattern.weak if slug in catalogue.muscles]
    sides = _in_order(set(wanted.sides) & set(BOTH_SIDES)) or BOTH_SIDES
    return Pairs(
        imbalances=(pattern,),
        tight=tuple(
            WantedMuscle(each, sides if each.sided else NO_SIDE, imbalance=pattern) for each in tight
        ),
        weak=tuple(
            WantedMuscle(each, sides_of(each), imbalance=pattern, partners_of=tuple(tight)) for each in weak
        ),
    )


def _grouped(found: Iterable[Found], state: str, catalogue: CatalogueKnown) -> dict[str, _Grouped]:
    grouped: dict[str, _Grouped] = {}
    for each in found:
        muscle = catalogue.muscles.get(each.muscle)
        if each.state != state or muscle is None or not each.rating:
            continue
        sides = {each.side} if muscle.sided and each.side in BOTH_SIDES else set(sides_of(muscle))
        here = grouped.setdefault(each.muscle, _Grouped(set(), 0))
        here.sides |= sides
        here.rating = max(here.rating, each.rating)
    return grouped


def _in_order(sides: set[str]) -> tuple[str, ...]:
    return tuple(side for side in (LEFT, RIGHT, *NO_SIDE) if side in sides)


def _explained(
    chosen: str | None, tight: dict[str, _Grouped], weak: dict[str, _Grouped], catalogue: CatalogueKnown
) -> tuple[list[ImbalanceKnown], dict[str, ImbalanceKnown]]:
    """The patterns that explain most findings, one after the other, and the one that each tight finding belongs to.

    What the therapist chose comes first. Equal ones: what fits more of all findings, then the higher ratings, then the
    smaller pattern, then the slug.
    """
    open_tight, open_weak = set(tight), set(weak)
    order: list[ImbalanceKnown] = []
    belongs: dict[str, ImbalanceKnown] = {}

    def take(pattern: ImbalanceKnown) -> None:
        order.append(pattern)
        belongs.update(dict.fromkeys(open_tight & set(pattern.tight), pattern))
        open_tight.difference_update(pattern.tight)
        open_weak.difference_update(pattern.weak)

    def strength(pattern: ImbalanceKnown) -> tuple[int, int, int, int, str]:
        mine = open_tight & set(pattern.tight)
        explained = len(mine) + len(open_weak & set(pattern.weak))
        fitting = len(tight.keys() & set(pattern.tight)) + len(weak.keys() & set(pattern.weak))
        size = len(pattern.tight) + len(pattern.weak)
        return -explained, -fitting, -sum(tight[slug].rating for slug in mine), size, pattern.slug

    if first := catalogue.imbalance(chosen):
        take(first)
    while offered := [each for each in catalogue.imbalances if open_tight & set(each.tight)]:
        take(min(offered, key=strength))
    return order, belongs


def _rank(
    slug: str, rating: int, pattern: ImbalanceKnown | None, order: list[ImbalanceKnown]
) -> tuple[int, int, int, str]:
    """By rating, highest first, then by the order in the pattern (catalogue.yaml, drafting_rules.rank)."""
    if pattern is None:
        return -rating, len(order), 0, slug
    return -rating, order.index(pattern), pattern.tight.index(slug), slug


def _first_place(slug: str, order: list[ImbalanceKnown]) -> tuple[int, int]:
    places = [(n, each.weak.index(slug)) for n, each in enumerate(order) if slug in each.weak]
    return min(places, default=(len(order), 0))


def _partners(
    ranked: list[str],
    belongs: dict[str, ImbalanceKnown],
    weak: dict[str, _Grouped],
    catalogue: CatalogueKnown,
) -> dict[str, list[str]]:
    """The tight muscles that each partner pairs with, both in the order of rank."""
    partners: dict[str, list[str]] = {}
    for slug in ranked:
        pattern = belongs.get(slug)
        if pattern is None:
            mine = sorted(catalogue.antagonists.get(slug, ()))
        else:
            mine = [each for each in pattern.weak if each in weak] or list(pattern.weak)
        for each in mine:
            if each in catalogue.muscles:
                partners.setdefault(each, []).append(slug)
    return partners
