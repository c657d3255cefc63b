"""Which exercises a client's conditions forbid or allow only with care. Read live: a new contraindication
protects running clients at once (domain.md 7.2, 7.4; catalogue.yaml condition_tags)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clients.models import AssignedStep, CareTick, Client, ClientTag, SafetyBlock, Side, StopEvent
from clients.schedule import Pause
from routines.models import (
    BodyArea,
    ConditionTag,
    Exercise,
    ExerciseKind,
    ExerciseMuscle,
    ExerciseTag,
    Muscle,
    SideMode,
)
from routines.wording import side_words

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


# A clot concerns the limb, not the place where it was felt (domain.md 7.2).
OF_A_WHOLE_LIMB = {"blood_clot"}
LIMBS = (frozenset({"hip", "thigh", "lower_leg_foot"}), frozenset({"shoulder_girdle", "arm"}))


def holds_from(since: date) -> date:
    """The day from which a condition counts: the one before its first.

    `since` is a day of the zone that the client had then. In a zone further west the same moment still belongs to the
    day before (Kiritimati to Honolulu: a whole day), and a journey must not lift a new condition.
    """
    return since - timedelta(days=1)


@dataclass(frozen=True)
class Condition:
    """One condition of a client. `regions` is None when the whole body counts. It holds from the day before
    `since`, see `holds_from`, to `until`, which is included."""

    slug: str
    label: str
    rule: str
    regions: frozenset[str] | None
    side: str = Side.BOTH
    since: date | None = None
    until: date | None = None

    def holds(self, day: date) -> bool:
        return (self.since is None or holds_from(self.since) <= day) and (
            self.until is None or day <= self.until
        )


@dataclass(frozen=True)
class Reach:
    """What an exercise touches or moves, and which conditions it names.

    `midline` are those regions that it reaches on both sides even when it is done on one: the spine has no left.
    """

    regions: frozenset[str]
    avoid: frozenset[str]
    care: frozenset[str]
    midline: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """May this exercise be done on this side? `avoid` forbids, `care` waits for the therapist's tick.

    `withdrawn`: no program asks for it any more. `stopped`: something was wrong with it on this day.
    `paused`: strengthening rests, the days hold release only. `instead` names what is offered in its place.
    """

    avoid: tuple[Condition, ...] = ()
    care: tuple[Condition, ...] = ()
    withdrawn: bool = False
    stopped: bool = False
    paused: bool = False
    instead: str = ""

    @property
    def withheld(self) -> bool:
        return bool(self.avoid or self.care or self.withdrawn or self.stopped or self.paused)

    @property
    def sentence(self) -> str:
        """What the client reads where the exercise is withheld; nothing where it is not."""
        if self.withdrawn:
            return _("Your therapist has changed the plan.")
        if self.stopped:
            return _("Something was wrong with it, so it rests for today. Your therapist knows.")
        if self.paused:
            return _("Strengthening rests for a few days. Nothing is lost, and it comes back.")
        if self.avoid and self.instead:
            return _("Replaced by “%(exercise)s” because of “%(condition)s”.") % {
                "exercise": self.instead,
                "condition": self.avoid[0].label,
            }
        if self.avoid:
            return _("Left out because of “%(condition)s”. Your therapist knows.") % {
                "condition": self.avoid[0].label
            }
        if self.care:
            return _("Waits for your therapist's OK because of “%(condition)s”.") % {
                "condition": self.care[0].label
            }
        return ""


@dataclass(frozen=True)
class Conditions:
    """A client's conditions and the exercises agreed with care: {(exercise id, tag slug)}.

    A yes given before a condition began says nothing about it, so that it is not among `ticked`.
    """

    conditions: tuple[Condition, ...] = ()
    ticked: frozenset[tuple[int, str]] = field(default_factory=frozenset)

    def on(self, day: date) -> Conditions:
        """Those that hold on this day."""
        return replace(self, conditions=tuple(each for each in self.conditions if each.holds(day)))


def touches(condition: Condition, reach: Reach, side: str) -> bool:
    """Whether the condition applies to this exercise on this side. What is not known counts as touched."""
    if condition.regions is None or not reach.regions:
        return True
    if not condition.regions & reach.regions:
        return False
    if condition.regions & reach.midline:
        return True
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


def reasons(judged: Iterable[tuple[str, Verdict]]) -> list[str]:
    """Why one exercise is withheld, each sentence once; a sentence that holds for one of its two sides names it."""
    asked = dict(judged)
    sides: dict[str, list[str]] = {}
    for side, verdict in asked.items():
        if verdict.sentence:
            sides.setdefault(verdict.sentence, []).append(side)
    return [
        f"{capfirst(side_words(SideMode.EACH_SIDE, *held))}: {sentence}"
        if len(asked) > 1 and held in ([Side.LEFT], [Side.RIGHT])
        else sentence
        for sentence, held in sides.items()
    ]


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
    midline: dict[int, set[str]] = {pk: set() for pk in ids}
    rows = ExerciseMuscle.objects.filter(exercise__in=ids).order_by()
    for pk, region, sided in rows.values_list("exercise_id", "muscle__region__slug", "muscle__sided"):
        regions[pk].add(region)
        if not sided:
            midline[pk].add(region)
    moved = rows.filter(role=ExerciseMuscle.Role.TARGET, muscle__joints__isnull=False)
    for pk, region, sided, kind in moved.values_list(
        "exercise_id", "muscle__joints__region__slug", "muscle__joints__sided", "exercise__kind"
    ):
        regions[pk].add(region)
        if not sided and kind != ExerciseKind.RELEASE_SMR:  # a tool presses on a muscle, it bends no spine
            midline[pk].add(region)
    tags: dict[int, dict[str, set[str]]] = {pk: {"avoid": set(), "care": set()} for pk in ids}
    rules = ExerciseTag.objects.filter(exercise__in=ids).order_by()
    for pk, slug, rule in rules.values_list("exercise_id", "tag__slug", "rule"):
        tags[pk][rule].add(slug)
    return {
        pk: Reach(
            regions=frozenset(regions[pk]),
            avoid=frozenset(tags[pk]["avoid"]),
            care=frozenset(tags[pk]["care"]),
            midline=frozenset(midline[pk]),
        )
        for pk in ids
    }


def conditions_of(client: Client, day: date, last: date | None = None) -> Conditions:
    """The client's conditions on that day, with what the therapist agreed to.

    With `last`: those of any day of the range; `Conditions.on` says which hold on each.
    """
    return conditions_between({client.pk: (day, last or day)})[client.pk]


def conditions_of_many(days: Mapping[Client, date]) -> dict[int, Conditions]:
    """The same for each of these clients on their own day, by the client's key, in a fixed number of queries."""
    return conditions_between({client.pk: (day, day) for client, day in days.items()})


def conditions_between(days: Mapping[int, tuple[date, date]]) -> dict[int, Conditions]:
    tags = [
        tag
        for tag in ClientTag.objects.filter(client__in=days).select_related("client", "tag", "area")
        if holds_from(tag.valid_from) <= days[tag.client_id][1]
        and (tag.valid_to is None or tag.valid_to >= days[tag.client_id][0])
    ]
    local = any(tag.tag.scope == ConditionTag.Scope.LOCAL and tag.area for tag in tags)
    regions: Mapping[str, frozenset[str] | None] = area_regions() if local else {}
    conditions: dict[int, list[Condition]] = {pk: [] for pk in days}
    zones: dict[int, ZoneInfo] = {}
    newest: dict[tuple[int, str], date] = {}
    for tag in tags:
        named = (tag.client_id, tag.tag.slug)
        newest[named] = max(newest.get(named, tag.valid_from), tag.valid_from)
        zones[tag.client_id] = tag.client.zone_info
        is_local = tag.tag.scope == ConditionTag.Scope.LOCAL and tag.area is not None
        conditions[tag.client_id].append(
            Condition(
                slug=tag.tag.slug,
                label=tag.tag.text("label"),
                rule=tag.tag.text("rule"),
                regions=regions_of(tag.tag.slug, regions.get(tag.area.slug))
                if is_local and tag.area
                else None,
                side=tag.side if is_local and tag.area and tag.area.sided else Side.BOTH,
                since=tag.valid_from,
                until=tag.valid_to,
            )
        )
    ticked: dict[int, set[tuple[int, str]]] = {pk: set() for pk in days}
    ticks = CareTick.objects.filter(client__in=zones).values_list(
        "client_id", "exercise_id", "tag__slug", "at"
    )
    for client, exercise, slug, at in ticks if zones else ():
        since = newest.get((client, slug))
        if since is None or since <= at.astimezone(zones[client]).date():
            ticked[client].add((exercise, slug))
    return {pk: Conditions(tuple(found), frozenset(ticked[pk])) for pk, found in conditions.items()}


def regions_of(slug: str, regions: frozenset[str] | None) -> frozenset[str] | None:
    """Where a local condition counts: in the area's own regions, a clot in the whole limb."""
    if regions is None or slug not in OF_A_WHOLE_LIMB:
        return regions
    return regions.union(*(limb for limb in LIMBS if limb & regions))


def open_blocks(client: Client) -> list[SafetyBlock]:
    """Open blocks, the most urgent first."""
    return open_blocks_of([client.pk]).get(client.pk, [])


def open_blocks_of(clients: Iterable[int]) -> dict[int, list[SafetyBlock]]:
    """The same of each of these clients who has any."""
    order = list(SafetyBlock.Effect.values)
    found: dict[int, list[SafetyBlock]] = {}
    rows = SafetyBlock.objects.filter(client__in=list(clients)).open()
    for block in sorted(rows, key=lambda block: order.index(block.effect)):
        found.setdefault(block.client_id, []).append(block)
    return found


def blocked_days(clients: Iterable[Client]) -> dict[int, list[Pause]]:
    """{client: from which day to which a block stood}, both days included. One query."""
    known = {client.pk: client for client in clients}
    found: dict[int, list[Pause]] = {pk: [] for pk in known}
    rows = SafetyBlock.objects.filter(client__in=known).order_by("created_at")
    for pk, since, lifted in rows.values_list("client", "created_at", "lifted_at"):
        client = known[pk]
        found[pk].append(Pause(client.local_date(since), client.local_date(lifted) if lifted else None))
    return found


def stopped_by(days: Mapping[Client, tuple[date, date]]) -> dict[int, set[tuple[date, int]]]:
    """{client: (day, exercise id)} of what went wrong on these days: it rests for the rest of the day (domain.md 7.3).

    In a session that ran over midnight, for the day of the session and for the day on which it was said.
    """
    eve = min(first for first, _last in days.values()) - timedelta(days=1)
    last = max(last for _first, last in days.values())
    clients = {client.pk: client for client in days}
    stops = StopEvent.objects.filter(
        client__in=clients, item__isnull=False, session__local_date__range=(eve, last)
    ).order_by()
    found: dict[int, set[tuple[date, int]]] = {}
    for pk, of, at, exercise in stops.values_list("client", "session__local_date", "at", "item__exercise_id"):
        told = {(of, exercise), (clients[pk].local_date(at), exercise)}
        found.setdefault(pk, set()).update(told)
    return found


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


# ---- What waits for the therapist's tick ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """A step that a condition allows only with care: the client sees it after the therapist's tick."""

    step: AssignedStep
    condition: Condition

    @property
    def key(self) -> str:
        """What a form sends: exercise and condition."""
        return f"{self.step.exercise_id}:{self.condition.slug}"


def judged(
    step: AssignedStep, reach: Mapping[int, Reach], conditions: Conditions
) -> tuple[dict[str, Condition], dict[str, Condition]]:
    """The conditions that forbid this step on one of its sides, and those that wait for a tick, by slug."""
    verdicts: list[Verdict] = [
        judge(step.exercise_id, reach[step.exercise_id], side, conditions)
        for side in sides_of(step.side_mode, step.side)
    ]
    avoid = {condition.slug: condition for verdict in verdicts for condition in verdict.avoid}
    care = {condition.slug: condition for verdict in verdicts for condition in verdict.care}
    return avoid, care


def waiting_for_tick(
    steps: Iterable[AssignedStep], reach: Mapping[int, Reach], conditions: Conditions
) -> list[Waiting]:
    """Each exercise and condition once, in the order of the plan. What is forbidden anyway waits for nothing."""
    found: dict[str, Waiting] = {}
    for step in steps:
        avoid, care = judged(step, reach, conditions)
        if not avoid:
            for condition in care.values():
                waiting = Waiting(step, condition)
                found.setdefault(waiting.key, waiting)
    return list(found.values())
