"""Reads the evidence as it stood at a moment: what was received by then, and no later revision (domain.md 6, 11).

Reading yesterday again gives yesterday's answer. What the catalogue says of conditions is read live, as in every plan; a
decision keeps its figures in its row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from clients import planning
from clients.models import (
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
    SessionItemStep,
    SessionReading,
    SetRecord,
    Side,
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
from clients.schedule import LOADING
from routines.models import Effect, OutcomeMeasure

MOST_TRACKED = 3  # muscles of one program (domain.md 6.1)
LONGEST_WINDOW = 28  # days of which any rule counts the work that was due
FAR = timedelta(days=42)  # sessions that any rule still looks at; pain is read from the beginning


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


def told_by(client: Client, moment: datetime, plan_facts: planning.PlanFacts | None = None) -> Told:
    """In a fixed number of queries, however long the client has been in care.

    `plan_facts` spare those of the plan; they must reach from FAR before the client's today on.
    """
    clock = Clock.of(client)
    today = clock.day(moment)
    since = today - FAR
    rows = list(
        TrainingSession.objects.filter(client=client, local_date__gte=since, started_at__lte=moment).order_by(
            "local_date", "number"
        )
    )
    facts = as_of(plan_facts or planning.gather(client, since, today), moment)
    begun = min((each.assignment.start_date for each in facts.assignments), default=today) - FAR
    sessions = sessions_of(rows, agreed_by(facts), moment)
    answered = Screening.objects.filter(client=client, answered_at__lte=moment, local_date__gte=since)
    warnings = ScreeningAnswer.objects.filter(
        screening__in=answered, yes=True, effect__in=[Effect.EMERGENCY, Effect.URGENT]
    )
    short = answered.filter(checklist__used_in="before_each_session")
    return Told(
        client=client,
        moment=moment,
        today=today,
        sessions=tuple(sessions),
        mornings={
            day: Morning(word, pain)
            for (_client, day), (word, pain) in newest(
                MorningAnswer.objects.filter(client=client, after_day__gte=since), moment, "word", "pain"
            ).items()
        },
        pain=pain_by_day(client, moment, begun),
        tenderness=tenderness_of(client, moment, begun),
        activities=tuple(
            Score(day, float(value), of)
            for (_client, _measure, day), (value, of) in sorted(
                newest(
                    OutcomeResponse.objects.filter(client=client, measure__slug="activities"),
                    moment,
                    "score",
                    "activities",
                ).items()
            )
        ),
        checked=frozenset(short.values_list("local_date", flat=True)),
        signs=frozenset(warnings.values_list("screening__local_date", flat=True)),
        trained_days=frozenset(session.day for session in sessions if session.trained),
        blocked=blocked_days(client, moment, clock),
        facts=facts,
        ticks=ticks_of(client, moment, clock) if facts.conditions.conditions else {},
    )


@dataclass(frozen=True)
class Clock:
    """The client's days, each by the zone that they had then."""

    zone: ZoneInfo
    changes: tuple[ZoneChange, ...]

    @classmethod
    def of(cls, client: Client) -> Clock:
        return cls(client.zone_info, tuple(ZoneChange.objects.filter(client=client)))

    def day(self, moment: datetime) -> date:
        later = next((change for change in self.changes if change.at > moment), None)
        return moment.astimezone(zone_of(later.old) if later else self.zone).date()


def newest(rows: RecordQuerySet, moment: datetime, *columns: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """These columns of the latest revision of each record received by then, by what identifies it.

    The same as `as_of`, told in Python: a look at the evidence asks for so little that a subquery for each row costs more.
    """
    known = len(rows.identity)
    told = rows.filter(received_at__lte=moment).order_by("revision").values_list(*rows.identity, *columns)
    return {row[:known]: row[known:] for row in told}


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
            replace(each, rows=rows, stints=planning.stints_of(rows))
            for each in facts.assignments
            for rows in [until(each.rows, moment)]
        ],
    )


@dataclass(frozen=True)
class Agreed:
    """What a step asks for as the therapist agreed, and for which program."""

    seconds: int
    program: int


def agreed_by(facts: planning.PlanFacts) -> dict[int, Agreed]:
    programs = {phase: each.assignment.pk for each in facts.assignments for phase in each.phases}
    return {
        step.pk: Agreed(step.dose.seconds_per_day, programs[step.phase_id])
        for each in facts.assignments
        for step in each.steps
    }


def sessions_of(rows: list[TrainingSession], agreed: Mapping[int, Agreed], moment: datetime) -> list[Session]:
    """The sessions with what was told and done by then; columns only, as there may be a thousand sets."""
    ids = [row.pk for row in rows]
    items: dict[int, list[SessionItem]] = {}
    columns = SessionItem.objects.filter(session__in=ids).order_by("order").defer("as_was", "note")
    for item in columns.annotate(replaced=Q(as_was__has_key="instead_of")):
        items.setdefault(item.session_id, []).append(item)
    sets = newest(SetRecord.objects.filter(item__session__in=ids), moment, "done")
    done = Counter(item for (item, _number), (was_done,) in sets.items() if was_done)
    skips = newest(SkipRecord.objects.filter(item__session__in=ids), moment, "skipped")
    skipped = {item for (item,), (left_out,) in skips.items() if left_out}
    steps: dict[int, list[Agreed]] = {}
    served = SessionItemStep.objects.filter(item__session__in=ids)
    for item_id, step in served.values_list("item_id", "step_id"):
        if step in agreed:
            steps.setdefault(item_id, []).append(agreed[step])
    readings: dict[int, dict[str, int]] = {}
    told = newest(SessionReading.objects.filter(session__in=ids), moment, "value")
    for (session, measure), (value,) in told.items():
        readings.setdefault(session, {})[measure] = value
    limbs = {
        session: direction
        for (session,), (direction,) in newest(
            LimbAnswer.objects.filter(session__in=ids), moment, "direction"
        ).items()
    }
    stops: dict[int, list[tuple[str, int | None]]] = {}
    stopped = StopEvent.objects.filter(session__in=ids, at__lte=moment)
    for session, choice, exercise in stopped.values_list("session_id", "choice", "item__exercise_id"):
        stops.setdefault(session, []).append((choice, exercise))
    found = []
    for row in rows:
        wrong = {exercise for _choice, exercise in stops.get(row.pk, ())}
        mine = tuple(
            item_of(
                item,
                done[item.pk],
                steps.get(item.pk, []),
                excused=item.pk in skipped and item.exercise_id in wrong,
            )
            for item in items.get(row.pk, [])
        )
        said = readings.get(row.pk, {})
        found.append(
            Session(
                key=row.pk,
                day=row.local_date,
                number=row.number,
                finished=row.finished_at is not None and row.finished_at <= moment,
                before=said.get(Measure.PAIN_BEFORE),
                worst=said.get(Measure.PAIN_WORST),
                effort=said.get(Measure.EFFORT),
                limb=limbs.get(row.pk, ""),
                stops=frozenset(choice for choice, _exercise in stops.get(row.pk, ())),
                items=mine,
                programs=frozenset().union(*(item.programs for item in mine)),
            )
        )
    return found


def item_of(item: SessionItem, done: int, steps: list[Agreed], *, excused: bool) -> Item:
    asked = item.dose.seconds_per_day
    return Item(
        loading=item.kind in LOADING,
        asked=item.sets,
        done=done,
        # One that replaces another has a dose of its own
        full_dose=item.replaced or all(asked >= step.seconds for step in steps),  # type: ignore[attr-defined]
        excused=excused,
        programs=frozenset(step.program for step in steps),
    )


def pain_by_day(client: Client, moment: datetime, since: date) -> dict[date, int]:
    """One value for each recorded day from then on: before the first session of the day, else the diary."""
    diary = PainDiaryEntry.objects.filter(client=client, local_date__gte=since)
    found = {day: value for (_client, day), (value,) in newest(diary, moment, "value").items()}
    before = SessionReading.objects.filter(
        client=client, measure=Measure.PAIN_BEFORE, session__local_date__gte=since
    )
    told = newest(before, moment, "session__local_date", "session__number", "value").values()
    return found | {day: value for day, _number, value in sorted(told, key=lambda row: row[1], reverse=True)}


def tenderness_of(client: Client, moment: datetime, since: date) -> dict[tuple[str, str], list[Reading]]:
    found: dict[tuple[str, str], list[Reading]] = {}
    rows = TendernessReading.objects.filter(client=client, local_date__gte=since)
    told = newest(rows, moment, "muscle__slug", "value")
    for (_client, day, _muscle, side), (slug, value) in sorted(told.items()):
        found.setdefault((slug, side), []).append(Reading(day, value))
    return found


def ticks_of(client: Client, moment: datetime, clock: Clock) -> dict[tuple[int, str], date]:
    """From which day the therapist agreed with care: what waited before was not due."""
    rows = CareTick.objects.filter(client=client, at__lte=moment)
    return {
        (exercise, slug): clock.day(at)
        for exercise, slug, at in rows.values_list("exercise_id", "tag__slug", "at")
    }


def blocked_days(client: Client, moment: datetime, clock: Clock) -> tuple[tuple[date, date | None], ...]:
    """From when to when no session was possible, in the client's days; None: still."""
    rows = SafetyBlock.objects.filter(client=client, created_at__lte=moment)
    return tuple(
        (
            clock.day(row.created_at),
            clock.day(row.lifted_at) if row.lifted_at and row.lifted_at <= moment else None,
        )
        for row in rows
    )


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
    told = told_by(client, moment, plan_facts)
    return [case for facts in told.facts.assignments if (case := case_of(told, facts)) is not None]


def case_of(told: Told, facts: planning.AssignmentFacts) -> Case | None:
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
        nprs = OutcomeMeasure.objects.get(slug="nprs")
        rules = replace(
            rules, important_points=float(nprs.important_change or 2), important_percent=nprs.or_percent
        )
    return Case(assignment, tuple(rows), standing, evidence, rules)


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
        if day < told.today and not is_blocked(told, day):
            plan = planning.plan(facts_on(told, day), day)
            numbers = {session.number for session in sessions}
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


def facts_on(told: Told, day: date) -> planning.PlanFacts:
    """The facts of the plan with what was agreed with care by that day."""
    conditions = told.facts.conditions
    if not conditions.ticked:
        return told.facts
    agreed = frozenset(key for key in conditions.ticked if told.ticks.get(key, day) <= day)
    return replace(told.facts, conditions=replace(conditions, ticked=agreed))


def is_blocked(told: Told, day: date) -> bool:
    return any(since <= day and (lifted is None or day <= lifted) for since, lifted in told.blocked)
