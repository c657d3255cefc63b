"""A sheet of paper that came back: what stands on it becomes sessions, as if it had been told on the day itself.

What was done is history and is taken in whatever holds by now (see replaying): the sheet asks what was known when it began,
and what a later condition, stop or decision withholds can be ticked beside it. A session that is recorded already stays as
it is, an exercise that is not ticked is neither done nor left out with a reason, and what was not written down stays unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from clients.care import require_care
from clients.models import (
    Client,
    Measure,
    MorningAnswer,
    PainDiaryEntry,
    PaperSheet,
    Record,
    SafetyBlock,
    StopEvent,
    TrainingSession,
    User,
    ZoneChange,
)
from clients.models.practice import zone_of
from clients.planning import DayPlan, PlanFacts, PlannedItem, gather, plan
from clients.progression.apply import evidence_changed
from clients.progression.facts import RED
from clients.progression.gather import cases
from clients.progression.standing import Kind
from clients.recording import (
    SessionState,
    any_record,
    freeze,
    prescribed,
    record_reading,
    record_set,
    states_of,
    stop,
)
from clients.safety import Conditions
from clients.schedule import LOADING
from clients.sheets import COLUMNS, Column, days_that_fit

LIGHTER = (Kind.RELEASE_ONLY, Kind.STRENGTHENING_BACK, Kind.DOSE_REDUCED, Kind.DOSE_RESTORED)
DAYS_BACK = 42  # sessions that a rule still looks at are no older


class NothingToKey(ValueError):
    """No program has begun, so no sheet can have been filled in."""


class SheetChanged(ValueError):
    """What the page showed as open has been recorded meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("Something on this sheet was recorded in the meantime. Look at it again, then save.")
        )


Place = tuple[int, str]  # an exercise and a side


def place_of(item: PlannedItem) -> Place:
    return item.exercise_id, item.side


@dataclass(frozen=True)
class Slot:
    """One session of one day, as the sheet asks for it, or as it stands recorded.

    `beside` is what may have been done all the same, though the plan withholds it or asks for something else in its place.
    `opened` is a session that was opened in the app and into which nothing was told: it takes in what stands on the paper.
    """

    column: Column
    plan: DayPlan
    recorded: SessionState | None = None
    beside: tuple[PlannedItem, ...] = ()
    opened: TrainingSession | None = None

    @property
    def key(self) -> str:
        return self.column.key

    @property
    def day(self) -> date:
        return self.column.day

    @property
    def items(self) -> tuple[PlannedItem, ...]:
        """What the sheet asks for, where it can still be told."""
        return () if self.recorded else self.plan.for_go(self.column.number)

    @property
    def open(self) -> tuple[PlannedItem, ...]:
        """What can still be told of it."""
        return () if self.recorded else self.items + self.beside

    @property
    def loading(self) -> bool:
        return any(item.kind in LOADING for item in self.open)

    def with_done(self, done: Collection[Place]) -> DayPlan:
        """What was asked, and what was done beside it."""
        more = tuple(item for item in self.beside if place_of(item) in done)
        items = sorted(self.plan.items + more, key=lambda item: item.kind.order)
        return replace(self.plan, items=tuple(items))


@dataclass(frozen=True)
class Returned:
    """The days of a sheet with what stands recorded of them. `begins` is the first day that can be keyed in at all."""

    client: Client
    today: date
    begins: date
    slots: list[Slot]
    mornings: Mapping[date, MorningAnswer]
    diary: Mapping[date, int]
    earlier: date | None  # from where the days before begin

    @property
    def first(self) -> date:
        return self.slots[0].day

    @property
    def last(self) -> date:
        return self.slots[-1].day

    @property
    def later(self) -> date | None:
        return self.last + timedelta(days=1) if self.last < self.today else None

    def of_day(self, day: date) -> list[Slot]:
        return [slot for slot in self.slots if slot.day == day]


def sheet_of(client: Client, today: date, first: date | None = None) -> Returned:
    """The sheet that begins on `first`; without it after the last one that was keyed in, or with the newest days that fit.

    No day before the program and none ahead. A fixed number of queries. Raises NothingToKey.
    """
    back = today - timedelta(days=DAYS_BACK - 1)
    facts = gather(client, back, today)
    if not facts.assignments:
        raise NothingToKey
    begins = max(back, min(each.assignment.start_date for each in facts.assignments))
    if first is None:
        newest = PaperSheet.objects.filter(client=client).order_by("-last_day").first()
        first = newest.last_day + timedelta(days=1) if newest else None
        if first is None or first > today:
            first = first_that_fits(facts, today)
    first = min(max(first, begins), today)
    days = [first + timedelta(days=n) for n in range(min(COLUMNS, (today - first).days + 1))]
    printed = known_on(facts, first)
    plans = days_that_fit([plan(printed, day) for day in days])
    beside = {each.day: done_all_the_same(each, facts, printed) for each in plans}
    span = (first, plans[-1].day)
    sessions = TrainingSession.objects.filter(client=client, local_date__range=span)
    sessions = sessions.annotate(wrong=Exists(StopEvent.objects.filter(session=OuterRef("pk"))))
    known = {(state.session.local_date, state.session.number): state for state in states_of(sessions)}
    mornings = MorningAnswer.objects.filter(client=client, after_day__range=span).latest_revisions()
    diary = PainDiaryEntry.objects.filter(client=client, local_date__range=span).latest_revisions()
    return Returned(
        client=client,
        today=today,
        begins=begins,
        slots=[slot for each in plans for slot in slots_of(each, beside[each.day], known)],
        mornings={row.after_day: row for row in mornings},
        diary=dict(diary.values_list("local_date", "value")),
        earlier=max(begins, first_that_fits(facts, first - timedelta(days=1))) if first > begins else None,
    )


def first_that_fits(facts: PlanFacts, last: date) -> date:
    """The day from which a full sheet reaches to this one. Pure."""
    days = [last - timedelta(days=n) for n in range(COLUMNS)]
    return days[len(days_that_fit([plan(facts, day) for day in days])) - 1]


def known_on(facts: PlanFacts, day: date) -> PlanFacts:
    """The facts as they were known on the day on which a sheet begins: what was forbidden or made lighter later is not. Pure.

    Whoever trains on paper does what is printed there.
    """
    conditions = tuple(
        each for each in facts.conditions.conditions if each.since is None or each.since <= day
    )
    return replace(
        facts,
        conditions=replace(facts.conditions, conditions=conditions),
        stopped=set(),
        assignments=[
            replace(
                each,
                rows=[row for row in each.rows if row.kind not in LIGHTER or row.local_date <= day],
                pauses=[pause for pause in each.pauses if pause.since <= day],
                standings={},
            )
            for each in facts.assignments
        ],
    )


def unwithheld(facts: PlanFacts) -> PlanFacts:
    """The facts without anything that keeps an exercise of the program from a day. Pure."""
    return replace(
        facts,
        conditions=Conditions(),
        assignments=[
            replace(each, rows=[row for row in each.rows if row.kind != Kind.RELEASE_ONLY], standings={})
            for each in facts.assignments
        ],
    )


def done_all_the_same(printed: DayPlan, facts: PlanFacts, known: PlanFacts) -> tuple[PlannedItem, ...]:
    """What the sheet does not ask for on this day, but the program does, or the plan as it stands by now. Pure."""
    taken = {place_of(item) for item in printed.items}
    found: dict[Place, PlannedItem] = {}
    for each in (plan(unwithheld(known), printed.day), plan(facts, printed.day)):
        for item in each.items:
            if place_of(item) not in taken:
                found.setdefault(place_of(item), item)
    return tuple(found.values())


def slots_of(
    plan: DayPlan, beside: Sequence[PlannedItem], known: Mapping[tuple[date, int], SessionState]
) -> list[Slot]:
    """Those that the day asked for, and those that were done all the same. Pure."""
    empty = {place: state.session for place, state in known.items() if is_empty(state)}
    told = {place: state for place, state in known.items() if place not in empty}
    asked = [item.dose.per_day for item in beside]
    goes = max([plan.goes, *asked, *(number for day, number in known if day == plan.day)])
    return [
        Slot(
            Column(plan.day, number, goes),
            plan,
            told.get((plan.day, number)),
            tuple(item for item in beside if item.dose.per_day >= number),
            empty.get((plan.day, number)),
        )
        for number in range(1, max(1, goes) + 1)
    ]


def is_empty(state: SessionState) -> bool:
    """Whether it was opened and nothing was told: no set, nothing left out, no number, nothing wrong, and not finished.

    The session is annotated with `wrong`.
    """
    session: Any = state.session
    told = state.readings or session.wrong or session.finished_at or session.sheet_id
    return not told and not any(item.done or item.skipped for item in state.items)


@dataclass(frozen=True)
class Written:
    """What stands on the paper about one session: the exercises that are ticked, numbers from 0 to 10, why it was stopped."""

    slot: Slot
    done: frozenset[Place] = frozenset()
    readings: Mapping[str, int] = field(default_factory=dict)
    stopped: str = ""

    @property
    def happened(self) -> bool:
        return bool(self.done or self.stopped)


@dataclass(frozen=True)
class Keyed:
    """The sheet as it was taken in, and the block that a warning sign on it led to."""

    sheet: PaperSheet
    block: SafetyBlock | None = None


def stops_of(sheet: PaperSheet) -> list[StopEvent]:
    """What was wrong by this sheet, in the order of its days."""
    events = StopEvent.objects.filter(session__sheet=sheet)
    return list(events.order_by("session__local_date", "session__number"))


def red_days(sheet: PaperSheet, now: datetime) -> list[date]:
    """The days of this sheet with a red session or a red morning after, by the numbers of the running programs."""
    keyed = set(sheet.sessions.values_list("pk", flat=True))
    return sorted(
        {
            session.day
            for case in (cases(sheet.client, now) if keyed else ())
            for session in case.evidence.sessions
            if session.key in keyed
            and RED in (case.evidence.zone_in_session(session), case.evidence.zone_of_morning(session))
        }
    )


def keyed_before(client: Client, key: str) -> Keyed | None:
    sheet = PaperSheet.objects.filter(client=client, key=key).first()
    return Keyed(sheet) if sheet else None


@transaction.atomic
def key_in(
    client: Client,
    written: Iterable[Written],
    mornings: Mapping[date, str],
    *,
    by: User,
    key: str,
    now: datetime,
) -> Keyed:
    """Records all of it, or nothing; the same key again changes nothing.

    The pain of a day on which nothing was done goes into the diary. Raises NotInCare, SheetChanged.
    """
    require_care(client)
    told = sorted(written, key=lambda each: (each.slot.day, each.slot.column.number))
    days = {each.slot.day for each in told} | set(mornings)
    try:
        with transaction.atomic():
            sheet = PaperSheet.objects.create(
                client=client, first_day=min(days), last_day=max(days), key=key, by=by, at=now
            )
    except IntegrityError:  # the same form, sent twice
        if before := keyed_before(client, key):
            return before
        raise
    changes = list(ZoneChange.objects.filter(client=client))
    blocks = [
        record_session(sheet, each, zone_on(client, changes, each.slot.day), now)
        for each in told
        if each.happened
    ]
    for each in told:
        if not each.happened:
            note_pain(sheet, each, now)
    for day, word in mornings.items():
        note_morning(sheet, day, word, now)
    evidence_changed(client, now)
    return Keyed(sheet, next((block for block in blocks if block), None))


def zone_on(client: Client, changes: Iterable[ZoneChange], day: date) -> str:
    """The zone in which that day of the client's ended. `changes` are all of theirs, in their order. Pure."""
    later = (each.old for each in changes if each.at.astimezone(zone_of(each.old)).date() > day)
    return next(later, client.zone)


def record_session(sheet: PaperSheet, written: Written, zone: str, now: datetime) -> SafetyBlock | None:
    """The session of that day with every set of what is ticked as it was asked; the block where it says so.

    Raises SheetChanged.
    """
    slot = written.slot
    key = f"{sheet.key}.{slot.key}"
    session = take_up(slot.opened, sheet, written) if slot.opened else begin(sheet, written, zone, key, now)
    for item in session.items.all():
        if (item.exercise_id, item.side) in written.done:
            item.session = session
            for number in range(1, item.sets + 1):
                record_set(item, number, prescribed(item), key=f"{key}-{item.order}-{number}", now=now)
    for measure, value in written.readings.items():
        record_reading(session, measure, value, key=f"{key}-{measure}", now=now)
    block = None
    if written.stopped:
        _event, block = stop(
            session, None, choice=written.stopped, key=f"{key}-stop", now=now, alert=f"sheet/{sheet.pk}"
        )
    TrainingSession.objects.filter(pk=session.pk, finished_at=None).update(finished_at=now)
    return block


def begin(sheet: PaperSheet, written: Written, zone: str, key: str, now: datetime) -> TrainingSession:
    """Raises SheetChanged where the day has this session meanwhile."""
    slot = written.slot
    try:
        with transaction.atomic():
            session = TrainingSession.objects.create(
                client=sheet.client,
                local_date=slot.day,
                number=slot.column.number,
                zone=zone,
                key=key,
                source=TrainingSession.Source.PAPER,
                sheet=sheet,
                warm_up=slot.plan.warm_up,
                started_at=now,
            )
    except IntegrityError as error:
        raise SheetChanged from error
    freeze(session, slot.with_done(written.done), slot.column.number)
    return session


def take_up(session: TrainingSession, sheet: PaperSheet, written: Written) -> TrainingSession:
    """The session that was opened and left, now of this sheet, with what was done and does not stand in it yet.

    Raises SheetChanged where something was told in it meanwhile.
    """
    untold = TrainingSession.objects.filter(pk=session.pk, sheet=None, finished_at=None)
    if not untold.update(sheet=sheet, source=TrainingSession.Source.PAPER) or any_record(session):
        raise SheetChanged
    there = {(item.exercise_id, item.side) for item in session.items.all()}
    wanted = written.slot.with_done(written.done)
    lacking = tuple(
        item for item in wanted.items if place_of(item) in written.done and place_of(item) not in there
    )
    freeze(session, replace(wanted, items=lacking), written.slot.column.number, behind=session.items.count())
    return session


def note_pain(sheet: PaperSheet, written: Written, now: datetime) -> None:
    """Raises SheetChanged where the diary of that day was written meanwhile."""
    day = written.slot.day
    value = written.readings[Measure.PAIN_BEFORE]
    say_first(PainDiaryEntry, sheet, f"{day:%Y%m%d}-diary", now, local_date=day, value=value)


def note_morning(sheet: PaperSheet, day: date, word: str, now: datetime) -> None:
    """It was written down on the morning after, whenever it is keyed in. Raises SheetChanged."""
    said = {"after_day": day, "answered_on": day + timedelta(days=1), "word": word}
    say_first(MorningAnswer, sheet, f"{day:%Y%m%d}-morning", now, **said)


def say_first(model: type[Record], sheet: PaperSheet, what: str, now: datetime, **told: Any) -> None:
    """Paper corrects nothing: where somebody said it before, the database refuses. Raises SheetChanged."""
    try:
        with transaction.atomic():
            row = model(client=sheet.client, key=f"{sheet.key}.{what}", received_at=now, **told)
            row.save(force_insert=True)
    except IntegrityError as error:
        raise SheetChanged from error
