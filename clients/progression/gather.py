"""Reads the evidence as it stood at a moment: what was received by then, and no later revision (domain.md 6, 11).

Reading yesterday again gives yesterday's answer. What the catalogue says of conditions is read live, as in every plan; a
decision keeps its figures in its row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Q, QuerySet

from clients import planning
from clients.models import (
    AssignedStep,
    Assignment,
    CareTick,
    Client,
    LimbAnswer,
    Measure,
    MorningAnswer,
    OutcomeResponse,
    PainDiaryEntry,
    PhaseTransition,
    SafetyBlock,
    Screening,
    ScreeningAnswer,
    SessionItem,
    SessionReading,
    SetRecord,
    Side,
    SkipReason,
    SkipRecord,
    StopEvent,
    TendernessReading,
    TrainingSession,
    ZoneChange,
)
from clients.models.practice import zone_of
from clients.models.training import RecordQuerySet
from clients.numbers import phase_numbers, rule_numbers
from clients.progression.decide import Rules
from clients.progression.facts import Evidence, Item, Morning, Reading, Score, Session, Site
from clients.progression.standing import Standing, standing_on, until
from clients.safety import Conditions
from clients.schedule import LOADING, Pause
from routines.models import DOSE_COLUMNS, Dose, Effect, OutcomeMeasure, dose_from

MOST_TRACKED = 3  # muscles of one program (domain.md 6.1)
LONGEST_WINDOW = 28  # days of which any rule counts the work that was due
FAR = timedelta(days=42)  # sessions that any rule still looks at; pain is read from the beginning


Plans = Mapping[int, planning.PlanFacts]


@dataclass(frozen=True)
class Told:
    """All that one client told and did, as of a moment; every program reads its own part."""

    client: Client
    moment: datetime
    today: date
    sessions: tuple[Session, ...]
    mornings: Mapping[date, Morning]
    pain: Mapping[date, int]
    tenderness: Mapping[tuple[str, str], list[Reading]]
    activities: tuple[Score, ...]
    checked: frozenset[date]
    signs: frozenset[date]
    trained_days: frozenset[date]
    blocked: tuple[tuple[date, date | None], ...]
    facts: planning.PlanFacts
    ticks: Mapping[tuple[int, str], date]
    plans: dict[date, planning.DayPlan] = field(default_factory=dict, compare=False, repr=False)

    def plan_on(self, day: date) -> planning.DayPlan:
        """What that day held, with what was agreed with care by then; worked out once for all programs."""
        if day not in self.plans:
            self.plans[day] = planning.plan(self.facts_on(day), day)
        return self.plans[day]

    def facts_on(self, day: date) -> planning.PlanFacts:
        conditions = self.facts.conditions
        if not conditions.ticked:
            return self.facts
        agreed = frozenset(key for key in conditions.ticked if self.ticks.get(key, day) <= day)
        return replace(self.facts, conditions=replace(conditions, ticked=agreed))


def told_by(moments: Mapping[Client, datetime], plans: Plans | None = None) -> dict[int, Told]:
    """What each of these clients had told by their moment, by the client's key.

    In a fixed number of queries, however many they are and however long they have been in care. `plans` spare those of
    the plans; they must reach from FAR before the client's today on.
    """
    if not moments:
        return {}
    clocks = Clock.of(moments)
    asked = Asked({client.pk: moment for client, moment in moments.items()})
    days = {pk: clocks[pk].day(moment) for pk, moment in asked.moments.items()}
    since = {pk: day - FAR for pk, day in days.items()}
    if plans is None:
        ranges = {client: (since[client.pk], days[client.pk]) for client in moments}
        plans = planning.gather_many(ranges, words=False)
    facts = {pk: as_of(plans[pk], moment) for pk, moment in asked.moments.items()}
    begun = {
        pk: min((each.assignment.start_date for each in facts[pk].assignments), default=day) - FAR
        for pk, day in days.items()
    }
    sessions = sessions_of(asked, since, facts.values())
    after = MorningAnswer.objects.filter(after_day__gte=min(since.values()))
    mornings = asked.newest(after, "word", "pain")
    pain = pain_by_day(asked, begun)
    tenderness = tenderness_of(asked, begun)
    activities = OutcomeResponse.objects.filter(measure__slug="activities")
    scores = asked.newest(activities, "score", "activities")
    checked, signs = screened(asked, since)
    blocked = blocked_days(asked, clocks)
    ticks = ticks_of(asked.those(pk for pk in facts if facts[pk].conditions.conditions), clocks)
    return {
        client.pk: Told(
            client=client,
            moment=moment,
            today=days[client.pk],
            sessions=tuple(sessions[client.pk]),
            mornings={
                day: Morning(word, value)
                for (_client, day), (word, value) in mornings[client.pk].items()
                if day >= since[client.pk]
            },
            pain=pain[client.pk],
            tenderness=tenderness[client.pk],
            activities=tuple(
                Score(day, float(value), of)
                for (_client, _measure, day), (value, of) in sorted(scores[client.pk].items())
            ),
            checked=frozenset(checked[client.pk]),
            signs=frozenset(signs[client.pk]),
            trained_days=frozenset(session.day for session in sessions[client.pk] if session.trained),
            blocked=tuple(blocked[client.pk]),
            facts=facts[client.pk],
            ticks=ticks[client.pk],
        )
        for client, moment in moments.items()
    }


@dataclass(frozen=True)
class Clock:
    """The client's days, each by the zone that they had then."""

    zone: ZoneInfo
    changes: tuple[ZoneChange, ...]

    @classmethod
    def of(cls, clients: Iterable[Client]) -> dict[int, Clock]:
        """The clock of each client, by the client's key."""
        zones = {client.pk: client.zone_info for client in clients}
        changes: dict[int, list[ZoneChange]] = defaultdict(list)
        for change in ZoneChange.objects.filter(client__in=zones):
            changes[change.client_id].append(change)
        return {pk: cls(zone, tuple(changes[pk])) for pk, zone in zones.items()}

    def day(self, moment: datetime) -> date:
        later = next((change for change in self.changes if change.at > moment), None)
        return moment.astimezone(zone_of(later.old) if later else self.zone).date()


@dataclass(frozen=True)
class Asked:
    """As of which moment each client is asked about, by the client's key: one query reads the rows of all of them."""

    moments: Mapping[int, datetime]

    def those(self, clients: Iterable[int]) -> Asked:
        return Asked({pk: self.moments[pk] for pk in clients})

    def rows(self, rows: QuerySet[Any], moment: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """(client, *columns) of the rows that were there by then; `moment` names the column that says since when."""
        if not self.moments:
            return
        latest = max(self.moments.values())
        there = rows.filter(**{"client__in": self.moments, f"{moment}__lte": latest})
        for pk, at, *told in there.values_list("client_id", moment, *columns):
            if at <= self.moments[pk]:
                yield (pk, *told)

    def newest(
        self, rows: RecordQuerySet, *columns: str
    ) -> dict[int, dict[tuple[Any, ...], tuple[Any, ...]]]:
        """For each client these columns of the latest revision of each record received by then, by what identifies it.

        The same as `as_of`, told in Python: a look at the evidence asks for so little that a subquery for each row costs
        more.
        """
        known = len(rows.identity)
        found: dict[int, dict[tuple[Any, ...], tuple[Any, ...]]] = defaultdict(dict)
        for pk, *row in self.rows(rows.order_by("revision"), "received_at", *rows.identity, *columns):
            found[pk][tuple(row[:known])] = tuple(row[known:])
        return found


def as_of(facts: planning.PlanFacts, moment: datetime) -> planning.PlanFacts:
    """The facts of the plan without decisions made later, and with each condition from its own day on."""
    conditions = tuple(
        replace(each, since=each.since + timedelta(days=1) if each.since else None)
        for each in facts.conditions.conditions
    )
    return replace(
        facts,
        conditions=Conditions(conditions, facts.conditions.ticked),
        assignments=[
            replace(
                each,
                rows=rows,
                stints=planning.stints_of(rows),
                pauses=pauses_at(each.pauses, each.rows, moment),
                standings={},
            )
            for each in facts.assignments
            for rows in [until(each.rows, moment)]
        ],
    )


def pauses_at(pauses: Iterable[Pause], rows: Iterable[PhaseTransition], moment: datetime) -> list[Pause]:
    """The pauses of a program that had been set by then, and open the one that was ended only later. Pure.

    An ended pause keeps its days, or is taken away where it began on the same day; its rows say when that was.
    """
    set_or_ended = (PhaseTransition.Kind.PAUSED, PhaseTransition.Kind.RESUMED)
    told = sorted((row for row in rows if row.kind in set_or_ended), key=lambda row: (row.at, row.pk))
    before = [row for row in told if row.at <= moment]
    after = told[len(before) :]
    set_at = {row.local_date: row.at for row in told if row.kind == PhaseTransition.Kind.PAUSED}
    found = [pause for pause in pauses if set_at.get(pause.since, moment) <= moment]
    if [row.kind for row in (*before[-1:], *after[:1])] == [*set_or_ended]:
        since = before[-1].local_date
        found = [*(pause for pause in found if pause.since != since), Pause(since)]
    return found


@dataclass(frozen=True)
class Agreed:
    """What a step asks for as the therapist agreed, and for which program."""

    step: AssignedStep
    program: int
    seconds: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    def seconds_on(self, side: str) -> int:
        """A day's seconds on this side; worked out once, as every session asks for it."""
        if side not in self.seconds:
            self.seconds[side] = self.step.dose_on(side).seconds_per_day
        return self.seconds[side]


def agreed_by(facts: planning.PlanFacts) -> dict[int, Agreed]:
    programs = {phase: each.assignment.pk for each in facts.assignments for phase in each.phases}
    return {
        step.pk: Agreed(step, programs[step.phase_id]) for each in facts.assignments for step in each.steps
    }


def sessions_of(
    asked: Asked, since: Mapping[int, date], facts: Iterable[planning.PlanFacts]
) -> dict[int, list[Session]]:
    """Each client's sessions from their day on, with what was told and done by then; columns only, as there are many sets."""
    agreed = {step: told for each in facts for step, told in agreed_by(each).items()}
    begun = TrainingSession.objects.filter(local_date__gte=min(since.values())).order_by(
        "local_date", "number"
    )
    rows = [
        row
        for row in asked.rows(begun, "started_at", "pk", "local_date", "number", "finished_at")
        if row[2] >= since[row[0]]
    ]
    ids = [row[1] for row in rows]
    skips = asked.newest(SkipRecord.objects.filter(item__session__in=ids), "skipped", "reason")
    skipped = {
        item: reason for told in skips.values() for (item,), (left_out, reason) in told.items() if left_out
    }
    asked_for = items_of(ids)
    done = sets_done(asked, ids)
    readings: dict[int, dict[str, int]] = defaultdict(dict)
    for told in asked.newest(SessionReading.objects.filter(session__in=ids), "value").values():
        for (session, measure), (value,) in told.items():
            readings[session][measure] = value
    answers = asked.newest(LimbAnswer.objects.filter(session__in=ids), "direction")
    limbs = {session: direction for told in answers.values() for (session,), (direction,) in told.items()}
    stops: dict[int, list[tuple[str, int | None]]] = defaultdict(list)
    stopped = StopEvent.objects.filter(session__in=ids)
    for _client, session, choice, exercise in asked.rows(
        stopped, "at", "session_id", "choice", "item__exercise_id"
    ):
        stops[session].append((choice, exercise))
    found: dict[int, list[Session]] = defaultdict(list)
    for client, pk, day, number, finished_at in rows:
        wrong = {exercise for _choice, exercise in stops[pk]}
        mine = tuple(counted(asked_for[pk], agreed, done, skipped, wrong))
        found[client].append(
            Session(
                key=pk,
                day=day,
                number=number,
                finished=finished_at is not None and finished_at <= asked.moments[client],
                before=readings[pk].get(Measure.PAIN_BEFORE),
                worst=readings[pk].get(Measure.PAIN_WORST),
                effort=readings[pk].get(Measure.EFFORT),
                limb=limbs.get(pk, ""),
                stops=frozenset(choice for choice, _exercise in stops[pk]),
                items=mine,
                programs=frozenset().union(*(item.programs for item in mine)),
            )
        )
    return found


@dataclass(frozen=True)
class AskedFor:
    """One exercise on one side as a session asked for it, with the assigned steps that it served."""

    exercise: int
    side: str
    loading: bool
    dose: Dose
    replaced: bool
    stands_in_for: int | None
    spared: int
    steps: list[int]

    def done_with(self, done: int, steps: list[Agreed], *, excused: bool, eased: AskedFor | None) -> Item:
        asked = self.dose.seconds_per_day
        # One that replaces another has a dose of its own
        agreed = self.replaced or all(asked >= step.seconds_on(self.side) for step in steps)
        return Item(
            loading=self.loading,
            asked=self.dose.sets - (eased.spared if eased else 0),
            done=done,
            full_dose=agreed and eased is None,
            excused=excused,
            programs=frozenset(step.program for step in steps),
        )


def counted(
    asked: Mapping[int, AskedFor],
    agreed: Mapping[int, Agreed],
    done: Mapping[int, int],
    skipped: Mapping[int, str],
    wrong: Collection[int | None],
) -> Iterator[Item]:
    """What a session asked for and what was done of it. Pure.

    An exercise that was too hard and the easier version that took its place are one piece of due work: the sets of both
    count towards what was asked, less the sets that the easier version spares. So asking for the easier version costs
    nothing and earns nothing: what is left undone of it is missing just as before. It is never the full dose.
    """
    stand_ins = {item.stands_in_for: key for key, item in asked.items() if item.stands_in_for}
    for key, item in asked.items():
        if item.stands_in_for:
            continue
        instead = stand_ins.get(key)
        eased = instead is not None and skipped.get(key) == SkipReason.TOO_HARD
        standing = instead if instead is not None and eased else key
        yield item.done_with(
            done.get(key, 0) + (done.get(instead, 0) if instead is not None else 0),
            [agreed[step] for step in item.steps if step in agreed],
            excused=standing in skipped and asked[standing].exercise in wrong,
            eased=asked[standing] if eased else None,
        )


def items_of(sessions: Collection[int]) -> dict[int, dict[int, AskedFor]]:
    """{session: {item: what it asked for}}, in their order; no model is made of the hundreds of rows."""
    found: dict[int, dict[int, AskedFor]] = defaultdict(dict)
    rows = SessionItem.objects.filter(session__in=sessions).order_by("order", "pk")
    rows = rows.annotate(replaced=Q(as_was__has_key="instead_of"), step=F("served__step_id"))
    for session, item, exercise, side, kind, replaced, eased, spared, step, *dose in rows.values_list(
        "session_id",
        "pk",
        "exercise_id",
        "side",
        "kind",
        "replaced",
        "stands_in_for_id",
        "spared",
        "step",
        *DOSE_COLUMNS,
    ):
        known = found[session].get(item)
        if known is None:
            asked = dose_from(dose)
            known = found[session][item] = AskedFor(
                exercise, side, kind in LOADING, asked, replaced, eased, spared, []
            )
        if step is not None:
            known.steps.append(step)
    return found


def sets_done(asked: Asked, sessions: Collection[int]) -> Counter[int]:
    """How many sets of each item stood as done. Sets that were corrected are read one by one, the others are counted."""
    rows = SetRecord.objects.filter(item__session__in=sessions)
    each = rows.values("client_id", "item_id").annotate(
        sets=Count("pk", filter=Q(done=True)), corrected=Max("revision"), latest=Max("received_at")
    )
    found: Counter[int] = Counter()
    unclear = []
    for row in each:
        if row["corrected"] == 1 and row["latest"] <= asked.moments[row["client_id"]]:
            found[row["item_id"]] = row["sets"]
        else:
            unclear.append(row["item_id"])
    if unclear:
        for told in asked.newest(SetRecord.objects.filter(item__in=unclear), "done").values():
            found.update(item for (item, _number), (was_done,) in told.items() if was_done)
    return found


def pain_by_day(asked: Asked, since: Mapping[int, date]) -> dict[int, dict[date, int]]:
    """One value for each recorded day of a client's: before the first session of the day, else the diary."""
    earliest = min(since.values())
    found: dict[int, dict[date, int]] = defaultdict(dict)
    diary = PainDiaryEntry.objects.filter(local_date__gte=earliest)
    for pk, told in asked.newest(diary, "value").items():
        found[pk].update({day: value for (_client, day), (value,) in told.items() if day >= since[pk]})
    before = SessionReading.objects.filter(measure=Measure.PAIN_BEFORE, session__local_date__gte=earliest)
    columns = ("session__local_date", "session__number", "value")
    for pk, told in asked.newest(before, *columns).items():
        first_last = sorted(told.values(), key=lambda row: row[1], reverse=True)
        found[pk].update({day: value for day, _number, value in first_last if day >= since[pk]})
    return found


def tenderness_of(asked: Asked, since: Mapping[int, date]) -> dict[int, dict[tuple[str, str], list[Reading]]]:
    found: dict[int, dict[tuple[str, str], list[Reading]]] = defaultdict(dict)
    rows = TendernessReading.objects.filter(local_date__gte=min(since.values()))
    for pk, told in asked.newest(rows, "muscle__slug", "value").items():
        for (_client, day, _muscle, side), (slug, value) in sorted(told.items()):
            if day >= since[pk]:
                found[pk].setdefault((slug, side), []).append(Reading(day, value))
    return found


def screened(asked: Asked, since: Mapping[int, date]) -> tuple[dict[int, set[date]], dict[int, set[date]]]:
    """The days on which each client answered the short list, and those on which an answer was a warning sign."""
    checked: dict[int, set[date]] = defaultdict(set)
    signs: dict[int, set[date]] = defaultdict(set)
    answered = Screening.objects.filter(local_date__gte=min(since.values()))
    rows = {
        pk: (client, day, used)
        for client, pk, day, used in asked.rows(
            answered, "answered_at", "pk", "local_date", "checklist__used_in"
        )
        if day >= since[client]
    }
    for client, day, used in rows.values():
        if used == "before_each_session":
            checked[client].add(day)
    warnings = ScreeningAnswer.objects.filter(
        screening__client__in=asked.moments,
        screening__local_date__gte=min(since.values()),
        yes=True,
        effect__in=[Effect.EMERGENCY, Effect.URGENT],
    )
    for pk in warnings.values_list("screening_id", flat=True):
        if pk in rows:
            client, day, _used = rows[pk]
            signs[client].add(day)
    return checked, signs


def ticks_of(asked: Asked, clocks: Mapping[int, Clock]) -> dict[int, dict[tuple[int, str], date]]:
    """From which day the therapist agreed with care: what waited before was not due."""
    found: dict[int, dict[tuple[int, str], date]] = defaultdict(dict)
    for pk, exercise, slug, at in asked.rows(CareTick.objects.all(), "at", "exercise_id", "tag__slug", "at"):
        found[pk][exercise, slug] = clocks[pk].day(at)
    return found


def blocked_days(asked: Asked, clocks: Mapping[int, Clock]) -> dict[int, list[tuple[date, date | None]]]:
    """From when to when no session was possible, in the client's days; None: still."""
    found: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for pk, created, lifted in asked.rows(SafetyBlock.objects.all(), "created_at", "created_at", "lifted_at"):
        over = lifted is not None and lifted <= asked.moments[pk]
        found[pk].append((clocks[pk].day(created), clocks[pk].day(lifted) if over else None))
    return found


# ---- One program --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """Everything that one evaluation of one program needs."""

    assignment: Assignment
    rows: tuple[PhaseTransition, ...]
    standing: Standing
    evidence: Evidence
    rules: Rules

    @property
    def events(self) -> frozenset[str]:
        return frozenset(row.event for row in self.rows if row.event)


def cases(client: Client, moment: datetime, plan_facts: planning.PlanFacts | None = None) -> list[Case]:
    """The running programs of a client that have begun, as they stood at that moment (see `told_by`)."""
    return cases_of({client: moment}, {client.pk: plan_facts} if plan_facts else None)[client.pk]


def cases_of(moments: Mapping[Client, datetime], plans: Plans | None = None) -> dict[int, list[Case]]:
    """The same for each of these clients at their moment, by the client's key."""
    told = told_by(moments, plans)
    large = LargeChange()
    return {
        pk: [case for facts in each.facts.assignments if (case := case_of(each, facts, large)) is not None]
        for pk, each in told.items()
    }


class LargeChange:
    """Which fall of pain is one that counts: asked of the catalogue once, when somebody has trained for so long."""

    @cached_property
    def measure(self) -> OutcomeMeasure:
        return OutcomeMeasure.objects.get(slug="nprs")

    def known_to(self, rules: Rules) -> Rules:
        points = float(self.measure.important_change or 2)
        return replace(rules, important_points=points, important_percent=self.measure.or_percent)


def case_of(told: Told, facts: planning.AssignmentFacts, large: LargeChange) -> Case | None:
    found = facts.phase_on(told.today)
    if found is None:
        return None
    phase, number = found
    assignment = facts.assignment
    rows = facts.rows
    standing = standing_on(rows, told.today)
    stint = next(each for each in facts.stints if each.holds(told.today))
    order = sorted(facts.phases.values(), key=lambda each: each.order)
    evidence = Evidence(
        today=told.today,
        program=assignment.pk,
        phase=phase.pk,
        phase_kind=phase.kind,
        phase_started=stint.first_day,
        phase_day=number,
        first_phase_on=assignment.start_date,
        has_earlier=phase.order > order[0].order,
        has_next=phase.order < order[-1].order,
        paused=facts.paused_on(told.today),
        numbers=phase_numbers(phase, rows),
        zones=rule_numbers(assignment, "session_pain_zones", rows),
        mornings_rule=rule_numbers(assignment, "next_morning", rows),
        baseline_rule=rule_numbers(assignment, "baseline", rows),
        sessions=told.sessions,
        mornings=told.mornings,
        pain=told.pain,
        due=due_by_day(told, facts, stint.first_day),
        sites=tuple(sites_of(told, phase.tenderness_sites, assignment)),
        checked=told.checked,
        signs=told.signs,
        activities=told.activities,
        trained_days=told.trained_days,
        pauses=tuple(facts.pauses),
        blocked=is_blocked(told, told.today),
        paper_until=paper_until(told, stint.first_day),
    )
    rules = Rules(
        step_back=rule_numbers(assignment, "step_back", rows),
        reduce_dose=rule_numbers(assignment, "reduce_dose", rows),
        pause_strengthening=rule_numbers(assignment, "pause_strengthening", rows),
        stop_and_refer=rule_numbers(assignment, "stop_and_refer", rows),
    )
    if (told.today - assignment.start_date).days >= rules.stop_and_refer.value(
        "no_meaningful_change_after_days", 0
    ):
        rules = large.known_to(rules)
    return Case(assignment, tuple(rows), standing, evidence, rules)


def paper_until(told: Told, since: date) -> date | None:
    """The last day that was keyed in for a client without an account; None for one who tells by themselves."""
    if told.client.user_id is not None:
        return None
    days = [*told.mornings, *told.pain, *(session.day for session in told.sessions)]
    return max(days, default=since)


def sites_of(told: Told, sites: Iterable[dict[str, Any]], assignment: Assignment) -> Iterable[Site]:
    """Each tracked muscle on each side that the complaint has."""
    for site in list(sites)[:MOST_TRACKED]:
        for side in tracked_sides(assignment.side, sided=site.get("sided", True)):
            yield Site(site["slug"], side, site["texts"], told.tenderness.get((site["slug"], side), []))


def tracked_sides(side: str, *, sided: bool) -> tuple[str, ...]:
    """On which sides a muscle is tracked: that of the complaint, both where it has none."""
    if not sided:
        return (Side.NONE,)
    return (side,) if side in (Side.LEFT, Side.RIGHT) else (Side.LEFT, Side.RIGHT)


def due_by_day(told: Told, facts: planning.AssignmentFacts, since: date) -> dict[date, tuple[int, float]]:
    """Due items of this program and the done share of them, for each day of its phase within the longest window.

    A session counts with what it asked, a go that was not done with what the plan holds. Not due: paused and blocked
    days, what a condition, a stop or a pause of strengthening withholds. Today counts only by finished sessions.
    """
    pk = facts.assignment.pk
    # No day asks for more goes than this
    most = max((step.per_day for each in told.facts.assignments for step in each.steps), default=0)
    first = max(since, told.today - timedelta(days=LONGEST_WINDOW - 1))
    found = {}
    by_day: dict[date, list[Session]] = {}
    for session in told.sessions:
        by_day.setdefault(session.day, []).append(session)
    for n in range((told.today - first).days + 1):
        day = first + timedelta(days=n)
        if facts.paused_on(day):
            continue
        sessions = by_day.get(day, [])
        resting = told.facts.release_only(day)
        items = [
            item
            for session in sessions
            if session.finished or day < told.today
            for item in session.items
            if pk in item.programs and not item.excused and not (resting and item.loading and not item.done)
        ]
        due, share = len(items), sum(item.share for item in items)
        numbers = {session.number for session in sessions}
        if day < told.today and not numbers.issuperset(range(1, most + 1)) and not is_blocked(told, day):
            plan = told.plan_on(day)
            for number in range(1, plan.goes + 1):
                if number not in numbers:
                    due += sum(
                        1
                        for item in plan.for_go(number)
                        if any(step.phase_id in facts.phases for step in item.steps)
                    )
        if due:
            found[day] = (due, share)
    return found


def is_blocked(told: Told, day: date) -> bool:
    return any(since <= day and (lifted is None or day <= lifted) for since, lifted in told.blocked)
