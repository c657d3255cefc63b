"""Which exercises a client's conditions forbid or allow only with care. Read live: a new contraindication
protects running clients at once (domain.md 7.2, 7.4; catalogue.yaml condition_tags)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from clients.models import CareTick, Client, ClientTag, SafetyBlock, Side
from routines.models import BodyArea, ConditionTag, Exercise, ExerciseMuscle, ExerciseTag, Muscle, SideMode

# Areas in which no muscle of the catalogue lies, with the region that moves with them.
REGION_OF_BARE_AREA = {
    "forehead": "head_neck",
    "shoulder_side": "shoulder_girdle",
    "hand_palm": "arm",
    "hand_back": "arm",
    "sacrum": "hip",
    "knee_front": "thigh",
    "knee_outer": "thigh",
    "knee_back": "thigh",
    "ankle_inner": "lower_leg_foot",
    "heel": "lower_leg_foot",
    "foot_top": "lower_leg_foot",
}


@dataclass(frozen=True)
class Condition:
    """One condition of a client. `regions` is None when the whole body counts."""

    slug: str
    label: str
    rule: str
    regions: frozenset[str] | None
    side: str = Side.BOTH


@dataclass(frozen=True)
class Reach:
    """What an exercise touches or moves, and which conditions it names."""

    regions: frozenset[str]
    avoid: frozenset[str]
    care: frozenset[str]


@dataclass(frozen=True)
class Verdict:
    """May this exercise be done on this side? `avoid` forbids, `care` waits for the therapist's tick."""

    avoid: tuple[Condition, ...] = ()
    care: tuple[Condition, ...] = ()

    @property
    def forbidden(self) -> bool:
        return bool(self.avoid)


@dataclass(frozen=True)
class Conditions:
    """A client's conditions on one day and the exercises agreed with care: {(exercise id, tag slug)}."""

    conditions: tuple[Condition, ...] = ()
    ticked: frozenset[tuple[int, str]] = field(default_factory=frozenset)


def touches(condition: Condition, reach: Reach, side: str) -> bool:
    """Whether the condition applies to this exercise on this side. An unknown region counts as touched."""
    if condition.regions is None:
        return True
    if not condition.regions & reach.regions:
        return False
    one_sided = {Side.LEFT, Side.RIGHT}
    return condition.side not in one_sided or side not in one_sided or condition.side == side


def judge(exercise_id: int, reach: Reach, side: str, client: Conditions) -> Verdict:
    """Pure: what this client's conditions say about this exercise on this side."""
    here = [condition for condition in client.conditions if touches(condition, reach, side)]
    avoid = tuple(condition for condition in here if condition.slug in reach.avoid)
    care = tuple(
        condition
        for condition in here
        if condition.slug in reach.care and (exercise_id, condition.slug) not in client.ticked
    )
    return Verdict(avoid=avoid, care=care)


def area_regions() -> dict[str, frozenset[str] | None]:
    """Region slugs by body area slug; None for an area of which nothing is known: it counts for the whole body."""
    regions: dict[str, set[str]] = {slug: set() for slug in BodyArea.objects.values_list("slug", flat=True)}
    for area, region in Muscle.objects.values_list("body_area__slug", "region__slug"):
        regions[area].add(region)
    for area, region in REGION_OF_BARE_AREA.items():
        if area in regions:
            regions[area].add(region)
    return {area: frozenset(found) or None for area, found in regions.items()}


def reaches(exercise_ids: Iterable[int]) -> dict[int, Reach]:
    """What each of these exercises touches, moves and forbids, as the catalogue says now. Three queries."""
    ids = set(exercise_ids)
    regions: dict[int, set[str]] = {pk: set() for pk in ids}
    rows = ExerciseMuscle.objects.filter(exercise__in=ids)
    for pk, region in rows.values_list("exercise_id", "muscle__region__slug"):
        regions[pk].add(region)
    moved = rows.filter(role=ExerciseMuscle.Role.TARGET, muscle__joints__isnull=False)
    for pk, region in moved.values_list("exercise_id", "muscle__joints__region__slug"):
        regions[pk].add(region)
    tags: dict[int, dict[str, set[str]]] = {pk: {"avoid": set(), "care": set()} for pk in ids}
    for pk, slug, rule in ExerciseTag.objects.filter(exercise__in=ids).values_list(
        "exercise_id", "tag__slug", "rule"
    ):
        tags[pk][rule].add(slug)
    return {
        pk: Reach(frozenset(regions[pk]), frozenset(tags[pk]["avoid"]), frozenset(tags[pk]["care"]))
        for pk in ids
    }


def conditions_of(client: Client, day: date) -> Conditions:
    """The client's conditions on that day, with what the therapist agreed to."""
    return conditions_of_many({client: day})[client.pk]


def conditions_of_many(days: Mapping[Client, date]) -> dict[int, Conditions]:
    """The same for each of these clients on their own day, by the client's key, in a fixed number of queries."""
    today = {client.pk: day for client, day in days.items()}
    tags = [
        tag
        for tag in ClientTag.objects.filter(client__in=today).select_related("tag", "area")
        if tag.valid_from <= today[tag.client_id]
        and (tag.valid_to is None or tag.valid_to >= today[tag.client_id])
    ]
    local = any(tag.tag.scope == ConditionTag.Scope.LOCAL and tag.area for tag in tags)
    regions: Mapping[str, frozenset[str] | None] = area_regions() if local else {}
    conditions: dict[int, list[Condition]] = {pk: [] for pk in today}
    for tag in tags:
        is_local = tag.tag.scope == ConditionTag.Scope.LOCAL and tag.area is not None
        conditions[tag.client_id].append(
            Condition(
                slug=tag.tag.slug,
                label=tag.tag.text("label"),
                rule=tag.tag.text("rule"),
                regions=regions.get(tag.area.slug) if is_local and tag.area else None,
                side=tag.side if is_local and tag.area and tag.area.sided else Side.BOTH,
            )
        )
    ticked: dict[int, set[tuple[int, str]]] = {pk: set() for pk in today}
    ticks = CareTick.objects.filter(client__in=today).values_list("client_id", "exercise_id", "tag__slug")
    for client, exercise, slug in ticks:
        ticked[client].add((exercise, slug))
    return {pk: Conditions(tuple(found), frozenset(ticked[pk])) for pk, found in conditions.items()}


def open_blocks(client: Client) -> list[SafetyBlock]:
    """Open blocks, the most urgent first."""
    order = list(SafetyBlock.Effect.values)
    return sorted(
        SafetyBlock.objects.filter(client=client).open(), key=lambda block: order.index(block.effect)
    )


def sides_of(side_mode: str, side: str) -> tuple[str, ...]:
    """The sides on which a step is recorded: each side has its own window and its own record."""
    if side_mode == SideMode.EACH_SIDE:
        return (Side.LEFT, Side.RIGHT) if side in (Side.BOTH, Side.NONE) else (side,)
    return (Side.NONE,) if side_mode == SideMode.NOT_SIDED else (Side.BOTH,)


def verdicts(client: Client, exercises: Iterable[Exercise], day: date) -> dict[int, Verdict]:
    """The verdict for each exercise on whichever side it is worst: for choosing exercises, before sides are settled."""
    chosen = list(exercises)
    known = reaches(exercise.pk for exercise in chosen)
    conditions = conditions_of(client, day)
    return {exercise.pk: judge(exercise.pk, known[exercise.pk], Side.BOTH, conditions) for exercise in chosen}
