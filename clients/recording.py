"""Recording a session: every tick is saved at once, nothing is ever overwritten, a repeated request changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from clients.assigning import texts_of
from clients.models import (
    Client,
    Record,
    SafetyBlock,
    Screening,
    SessionItem,
    SessionItemStep,
    SessionReading,
    SetRecord,
    SkipReason,
    SkipRecord,
    StopEvent,
    TrainingSession,
)
from clients.models.training import RecordQuerySet
from clients.planning import DayPlan, PlanFacts, asked_on, gather, plan_for
from clients.progression.apply import evidence_changed
from clients.safety import Verdict, reaches
from clients.screening import alert_therapists, block, screening_open
from clients.shortening import short_day
from routines.models import Message, dose_columns

R = TypeVar("R", bound=Record)

GOES_ON = timedelta(hours=6)  # from its start, how long a session may still be played on the next day
TRIES = 20  # devices recording the same set at once: each waits its turn


class ClientBlocked(ValueError):
    """A safety block is open: no session until the therapist has recorded a contact."""


class ScreeningNeeded(ValueError):
    """The safety questions before a first session are not all answered."""


class NothingDue(ValueError):
    """Today has no such session."""


class NotInThisSession(ValueError):
    """That exercise or set does not belong to the session."""


class SessionNotStarted(ValueError):
    """There is nothing recorded that could be finished."""


class KeyReused(ValueError):
    """The same key came with another content (409)."""


@dataclass(frozen=True)
class SetEntry:
    """What was done in one set: whole repetitions, seconds, kilograms, colour of the band; None or empty where it does not apply."""

    done: bool = True
    reps: int | None = None
    seconds: int | None = None
    load_kg: Decimal | None = None
    band: str = ""


def prescribed(item: SessionItem) -> SetEntry:
    """A set done as asked."""
    if item.hold_seconds and item.reps == 1:
        return SetEntry(seconds=item.hold_seconds)
    return SetEntry(reps=item.reps, seconds=item.hold_seconds or None)


@transaction.atomic
def start_session(
    client: Client,
    *,
    number: int,
    key: str,
    now: datetime,
    source: str = TrainingSession.Source.APP,
    screening: Screening | None = None,
    short: bool = False,
) -> TrainingSession:
    """Starts today's session with this number, or returns the one that another device has started.

    `short` shows only the two exercises that matter most, where the day has more; the others stay asked.

    Raises ClientBlocked, ScreeningNeeded, NothingDue, KeyReused.
    """
    today = client.local_date(now)
    existing = TrainingSession.objects.filter(client=client, local_date=today, number=number).first()
    plan = plan_for(client, today)
    if plan.blocked:
        raise ClientBlocked(_("Your therapist has to hear from you first."))
    if existing is not None:
        return existing
    if not 1 <= number <= 3 or not plan.for_go(number):
        raise NothingDue(_("There is nothing to do for this session today."))
    if screening_open(client, today):
        raise ScreeningNeeded(_("A few questions come first."))
    two = short_day(plan, number) if short else ()
    try:
        with transaction.atomic():
            session = TrainingSession.objects.create(
                client=client,
                local_date=today,
                number=number,
                zone=client.zone,
                key=key,
                source=source,
                warm_up=plan.warm_up,
                short=bool(two),
                screening=screening,
                started_at=now,
            )
    except IntegrityError as error:
        started = TrainingSession.objects.filter(client=client, local_date=today, number=number).first()
        if started is None:
            raise KeyReused(_("This was sent before with other values.")) from error
        return started
    freeze(session, plan, number, shown={each.items[0].exercise_id for each in two})
    return session


def freeze(
    session: TrainingSession, plan: DayPlan, number: int, shown: Collection[int] = (), *, behind: int = 0
) -> None:
    """Copies the day's items into the session: what was asked stands beside what was done.

    `shown` are the exercises of a short day; all where it is empty. `behind` so many items that stand there already.
    """
    planned = plan.for_go(number)
    items = SessionItem.objects.bulk_create(
        SessionItem(
            **dose_columns(each.dose),
            session=session,
            order=order,
            exercise_id=each.exercise_id,
            as_was=each.as_was,
            kind=each.step.kind,
            side_mode=each.side_mode,
            side=each.side,
            note=each.note,
            later=bool(shown) and each.exercise_id not in shown,
        )
        for order, each in enumerate(planned, behind)
    )
    SessionItemStep.objects.bulk_create(
        SessionItemStep(item=item, step=step)
        for item, each in zip(items, planned, strict=True)
        for step in each.steps
    )


def add_revision(make: Callable[[int], R], newest: Callable[[], int]) -> R:
    """Writes the next revision; where another device took that number first, the one after it.

    Most records have one revision: the first is tried without asking, and the database says whether it is taken.
    Raises IntegrityError for a key that is taken and for a value that the database refuses.
    """
    for attempt in range(TRIES):
        row = make(newest() + 1 if attempt else 1)
        try:
            # Alone, one INSERT is a transaction; within another a refusal must not spoil it
            with transaction.atomic() if connection.in_atomic_block else nullcontext():
                row.save(force_insert=True)
        except IntegrityError:
            taken = newest() >= row.revision
            if not taken or type(row)._default_manager.filter(client=row.client, key=row.key).exists():
                raise
            continue
        return row
    raise RuntimeError("No revision could be written.")


def replayed(model: type[R], client: Client, key: str, same: dict[str, Any]) -> R | None:
    """The row that this key made before. Raises KeyReused when it said something else (reliability.md D1)."""
    return same_again(model._default_manager.filter(client=client, key=key), key, same)


def same_again(rows: Iterable[R], key: str, same: dict[str, Any]) -> R | None:
    """The row with this key. Raises KeyReused when it says something else."""
    row = next((row for row in rows if row.key == key), None)
    if row is not None and any(getattr(row, field) != value for field, value in same.items()):
        raise KeyReused(_("This was sent before with other values."))
    return row


def identity_of(model: type[Record]) -> tuple[str, ...]:
    """What the revisions of one record share."""
    rows: RecordQuerySet = model._default_manager.get_queryset()  # type: ignore[assignment]
    return rows.identity


def record(
    model: type[R], client: Client, key: str, now: datetime, device_time: datetime | None, **what: Any
) -> R:
    """One revision of what the identity fields of the model name. Idempotent by the client's key. Raises KeyReused."""
    return record_once(model, client, key, now, device_time, **what)[0]


def record_once(
    model: type[R], client: Client, key: str, now: datetime, device_time: datetime | None, **what: Any
) -> tuple[R, bool]:
    """The same, and whether this request wrote the row: of two at once one did. Raises KeyReused."""
    told = {"client": client, **what}
    rows = model._default_manager.filter(**{field: told[field] for field in identity_of(model)})
    try:
        return add_revision(
            lambda revision: model(
                client=client, key=key, revision=revision, device_time=device_time, received_at=now, **what
            ),
            lambda: rows.aggregate(last=Max("revision"))["last"] or 0,
        ), True
    except IntegrityError:
        row = replayed(model, client, key, what)
        if row is None:
            raise
        return row, False


def record_set(
    item: SessionItem,
    number: int,
    entry: SetEntry,
    *,
    key: str,
    now: datetime,
    device_time: datetime | None = None,
) -> SetRecord:
    """One set of one exercise on one side. Raises NotInThisSession, KeyReused."""
    if not 1 <= number <= item.sets:
        raise NotInThisSession(_("This exercise has %(sets)d sets.") % {"sets": item.sets})
    row, made = record_once(
        SetRecord,
        item.session.client,
        key,
        now,
        device_time,
        item=item,
        number=number,
        done=entry.done,
        reps=entry.reps,
        seconds=entry.seconds,
        load_kg=entry.load_kg,
        band=entry.band,
    )
    if made:
        corrected(item.session, now)
    return row


def corrected(session: TrainingSession, now: datetime) -> None:
    """What is told of a session that is over changes the evidence at once."""
    if session.finished_at is not None:
        evidence_changed(session.client, now)


def record_skip(
    item: SessionItem,
    *,
    skipped: bool,
    reason: str,
    key: str,
    now: datetime,
    device_time: datetime | None = None,
) -> Record:
    """The exercise is left out, with the reason, or taken up again."""
    row, made = record_once(
        SkipRecord, item.session.client, key, now, device_time, item=item, skipped=skipped, reason=reason
    )
    if made:
        corrected(item.session, now)
    return row


def record_reading(
    session: TrainingSession,
    measure: str,
    value: int,
    *,
    key: str,
    now: datetime,
    device_time: datetime | None = None,
) -> Record:
    """Pain or effort, 0 to 10. A correction is the next revision."""
    return record(
        SessionReading, session.client, key, now, device_time, session=session, measure=measure, value=value
    )


def finish_session(session: TrainingSession, *, now: datetime) -> None:
    """The person says that the session is over. A second time changes nothing.

    Raises SessionNotStarted where nothing is recorded, unless nothing may be done any more.
    """
    if not any_record(session) and not all(each.forbidden for each in current_state(session, now).items):
        raise SessionNotStarted(_("Nothing is ticked yet. Tick what you did, or skip it with a reason."))
    TrainingSession.objects.filter(pk=session.pk, finished_at__isnull=True).update(
        finished_at=max(now, session.started_at)
    )
    evidence_changed(session.client, now)


def any_record(session: TrainingSession) -> bool:
    """Whether a set stands as done or an exercise as left out; the few rows are read, as a subquery for each costs more."""
    sets = SetRecord.objects.filter(item__session=session).order_by("revision")
    if any({(item, n): done for item, n, done in sets.values_list("item_id", "number", "done")}.values()):
        return True
    skips = SkipRecord.objects.filter(item__session=session).order_by("revision")
    return any(dict(skips.values_list("item_id", "skipped")).values())


@transaction.atomic
def tick_all(session: TrainingSession, *, key: str, now: datetime) -> None:
    """ "I did it without the app": every set that is still open is recorded as asked.

    What was left out with a reason stays left out, and so does what must not be done by now.
    """
    for state in current_state(session, now).items:
        if state.skipped or state.forbidden or state.set_aside:
            continue
        item = state.item
        for number in range(1, item.sets + 1):
            if number not in state.sets or not state.sets[number].done:
                record_set(item, number, prescribed(item), key=f"{key}-{item.order}-{number}", now=now)


STOP_MESSAGES = {
    StopEvent.Choice.TOO_STRONG: "stop_exercise",
    StopEvent.Choice.TINGLING: "stop_exercise",
    StopEvent.Choice.DIZZY_CHEST: "emergency",
    StopEvent.Choice.OTHER: "stop_exercise",
}


@transaction.atomic
def stop(
    session: TrainingSession,
    item: SessionItem | None,
    *,
    choice: str,
    key: str,
    now: datetime,
    alert: str = "",
) -> tuple[StopEvent, SafetyBlock | None]:
    """ "Something is wrong": ends the exercise on both sides and says what to do (domain.md 7.3).

    Dizzy or chest blocks everything, ends the session and shows the emergency message. The therapist is alerted
    of each, of those told at once by one `alert` only once. The same key again returns the first event. Raises
    NotInThisSession.
    """
    if item is not None and item.session_id != session.pk:
        raise NotInThisSession(_("This exercise is not part of the session."))
    if existing := stopped_before(session.client, key):
        return existing
    message = Message.objects.get(slug=STOP_MESSAGES[StopEvent.Choice(choice)])
    event = StopEvent(
        client=session.client,
        session=session,
        item=item,
        choice=choice,
        texts=texts_of(message, "title", "body"),
        key=key,
        at=now,
    )
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError:  # the same request, sent twice at once
        if existing := stopped_before(session.client, key):
            return existing
        raise
    skip_rest(session, item, key=key, now=now)
    evidence_changed(session.client, now)
    if choice == StopEvent.Choice.DIZZY_CHEST:
        blocked = block(
            session.client,
            effect=SafetyBlock.Effect.EMERGENCY,
            message=message,
            cause=event.get_choice_display(),
            now=now,
            event=alert or f"stop/{event.pk}",
        )
        TrainingSession.objects.filter(pk=session.pk, finished_at__isnull=True).update(
            finished_at=max(now, session.started_at)
        )
        return event, blocked
    alert_therapists(session.client, event=alert or f"stop/{event.pk}", now=now)
    return event, None


def stopped_before(client: Client, key: str) -> tuple[StopEvent, SafetyBlock | None] | None:
    """What this key has stopped already, with the block that came of it."""
    event = StopEvent.objects.filter(client=client, key=key).first()
    if event is None:
        return None
    return event, SafetyBlock.objects.filter(client=client, created_at=event.at, screening=None).first()


def skip_rest(session: TrainingSession, item: SessionItem | None, *, key: str, now: datetime) -> None:
    """Leaves out the exercise that was stopped, on every side that is not finished; what is set aside stays so."""
    if item is None:
        return
    for each in state_of(session).items:
        if each.item.exercise_id == item.exercise_id and not (each.complete or each.set_aside):
            each.item.session = session
            key_of_side = f"{key}-{each.item.order}"
            record_skip(each.item, skipped=True, reason=SkipReason.PAIN, key=key_of_side, now=now)


def complete(item: SessionItem) -> bool:
    return item.set_records.latest_revisions().filter(done=True).count() >= item.sets


@dataclass(frozen=True)
class ItemState:
    """What was asked and what stands recorded for one exercise on one side.

    `set_aside`: the other of the two stands today, the easier version or the exercise that was too hard. `later`: not
    shown on a short day.
    """

    item: SessionItem
    sets: dict[int, SetRecord]
    skip: SkipRecord | None
    verdict: Verdict | None = None
    set_aside: bool = False
    later: bool = False

    @property
    def forbidden(self) -> bool:
        """A condition, a stop or the plan withholds it by now; known only of a state `with_verdicts`."""
        return self.verdict is not None and self.verdict.withheld

    @property
    def done(self) -> int:
        return sum(1 for row in self.sets.values() if row.done)

    @property
    def asked(self) -> int:
        """Sets that are asked for today: of what is set aside only those that were done stand there."""
        return self.done if self.set_aside else self.item.sets

    @property
    def skipped(self) -> bool:
        return self.skip is not None and self.skip.skipped and self.done < self.asked

    @property
    def complete(self) -> bool:
        return self.done >= self.asked

    @property
    def settled(self) -> bool:
        """Done, left out with a reason, not shown today, or forbidden by now."""
        return self.complete or self.skipped or self.later or self.forbidden


@dataclass(frozen=True)
class SessionState:
    """A session as it stands: its items with their latest records and its readings."""

    session: TrainingSession
    items: list[ItemState]
    readings: dict[str, int]

    @property
    def done_sets(self) -> int:
        return sum(state.done for state in self.items)

    @property
    def all_sets(self) -> int:
        return sum(state.asked for state in self.items)

    def exercises(self) -> list[list[ItemState]]:
        """Items of the same exercise together, in the order of the session: one screen each.

        An easier version shares the screen of the exercise whose place it takes, so that no screen moves. The two of a
        short day come first; without its rest they are all.
        """
        taken = {state.item.pk: state.item.exercise_id for state in self.items}
        screens: dict[int, list[ItemState]] = {}
        for state in sorted(self.items, key=lambda state: state.item.later):
            place = taken.get(state.item.stands_in_for_id or 0, state.item.exercise_id)
            screens.setdefault(place, []).append(state)
        return [
            sorted(found, key=lambda state: (state.set_aside, state.item.stands_in_for_id is None))
            for found in screens.values()
        ]

    def offered(self) -> list[ItemState]:
        """What is to be done today, screen by screen: neither forbidden by now nor set aside, on a short day of the two."""
        screens = (each for group in self.exercises() for each in group)
        return [each for each in screens if not (each.forbidden or each.set_aside or each.later)]

    def shown(self) -> list[list[ItemState]]:
        """The screens of today: on a short day the two."""
        return [group for group in self.exercises() if not all(state.later for state in group)]


def states_of(sessions: Iterable[TrainingSession]) -> list[SessionState]:
    """The state of each session in a fixed number of queries, however many there are."""
    sessions = list(sessions)
    items: dict[int, list[SessionItem]] = {}
    for item in SessionItem.objects.filter(session__in=sessions).order_by("order"):
        items.setdefault(item.session_id, []).append(item)
    # The newest revision comes last; the few that were corrected cost less than a subquery for each row
    sets: dict[int, dict[int, SetRecord]] = {}
    for row in SetRecord.objects.filter(item__session__in=sessions).order_by("number", "revision"):
        sets.setdefault(row.item_id, {})[row.number] = row
    left_out = SkipRecord.objects.filter(item__session__in=sessions).order_by("revision")
    skips = {row.item_id: row for row in left_out}
    readings: dict[int, dict[str, int]] = {}
    for reading in SessionReading.objects.filter(session__in=sessions).order_by("revision"):
        readings.setdefault(reading.session_id, {})[reading.measure] = reading.value
    aside = set_aside((item for found in items.values() for item in found), skips)
    return [
        SessionState(
            session=session,
            items=[
                ItemState(
                    item,
                    sets.get(item.pk, {}),
                    skips.get(item.pk),
                    set_aside=item.pk in aside,
                    later=item.later and session.shows_two,
                )
                for item in items.get(session.pk, [])
            ],
            readings=readings.get(session.pk, {}),
        )
        for session in sessions
    ]


def set_aside(items: Iterable[SessionItem], skips: Mapping[int, SkipRecord]) -> set[int]:
    """Of each exercise that was too hard and its easier version the one that does not stand now, by the item's key."""
    found = set()
    for item in items:
        if item.stands_in_for_id:
            skip = skips.get(item.stands_in_for_id)
            eased = skip is not None and skip.skipped and skip.reason == SkipReason.TOO_HARD
            found.add(item.stands_in_for_id if eased else item.pk)
    return found


def state_of(session: TrainingSession) -> SessionState:
    return states_of([session])[0]


def forbidden_items(
    items: Iterable[SessionItem], facts: PlanFacts, day: date, today: date
) -> dict[int, Verdict]:
    """What must not be done any more of the frozen items of a session of that day, by the item's key.

    `items` are all of the session: an easier version holds as long as the exercise whose place it takes is asked for.
    Pure, of facts read live: a condition, a stop or a change of the plan that comes while a session runs counts at once
    (domain.md 7.2, 7.3). `today` is the day after `day` where the session runs over midnight.
    """
    items = list(items)
    asked = asked_on(facts, today)
    places = {item.pk: (item.exercise_id, item.side) for item in items}
    found = {}
    for item in items:
        verdict = Verdict(withdrawn=True)
        if places.get(item.stands_in_for_id or item.pk) in asked:
            verdict = facts.verdict(item.exercise_id, item.side, today)
            verdict = replace(
                verdict,
                stopped=verdict.stopped or (day, item.exercise_id) in facts.stopped,
                paused=facts.paused(item.kind, today),
            )
        if verdict.withheld:
            found[item.pk] = verdict
    return found


def reaching(items: Iterable[SessionItem], facts: PlanFacts) -> PlanFacts:
    """The facts with what the easier versions among these items touch: no plan asks for them."""
    eased = {item.exercise_id for item in items if item.stands_in_for_id} - facts.reach.keys()
    if not eased or not facts.conditions.conditions:
        return facts
    return replace(facts, reach=facts.reach | reaches(eased))


def verdict_on(session: TrainingSession, item: SessionItem, now: datetime) -> Verdict | None:
    """Why this item must not be done any more; None where it may."""
    day, today = session.local_date, session.client.local_date(now)
    items = [item, *session.items.filter(pk=item.stands_in_for_id or 0)]
    facts = reaching(items, gather(session.client, day, today))
    return forbidden_items(items, facts, day, today).get(item.pk)


def with_verdicts(state: SessionState, today: date, facts: PlanFacts | None = None) -> SessionState:
    """The same state with what is forbidden by now: for a session that still runs. `facts` must reach from its day on."""
    day = state.session.local_date
    items = [each.item for each in state.items]
    facts = reaching(items, facts or gather(state.session.client, day, today))
    found = forbidden_items(items, facts, day, today)
    return replace(state, items=[replace(each, verdict=found.get(each.item.pk)) for each in state.items])


def current_state(session: TrainingSession, now: datetime) -> SessionState:
    """The session as it stands; while it is live with what is forbidden by now."""
    state = state_of(session)
    return with_verdicts(state, session.client.local_date(now)) if is_live(session, now) else state


def is_live(session: TrainingSession, now: datetime) -> bool:
    """Whether it is being done: not finished, and of today, or of yesterday and begun less than six hours ago."""
    if session.finished_at is not None:
        return False
    today = session.client.local_date(now)
    over_midnight = now - session.started_at < GOES_ON and session.local_date == today - timedelta(days=1)
    return session.local_date == today or over_midnight


def sessions_on(client: Client, day: date) -> list[TrainingSession]:
    return list(TrainingSession.objects.filter(client=client, local_date=day).order_by("number"))


def sessions_at(client: Client, now: datetime) -> list[TrainingSession]:
    """Those of the client's day, and after them one of yesterday that is still being done."""
    today = client.local_date(now)
    near = TrainingSession.objects.filter(client=client, local_date__in=[today, today - timedelta(days=1)])
    near = near.select_related("client").order_by("-local_date", "number")
    return [session for session in near if session.local_date == today or is_live(session, now)]
