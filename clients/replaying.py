"""Taking in what a device recorded without a network (reliability.md 3g, C1, C2, D1, D2).

What was done is history, and history is always taken in: a set that arrives late is recorded although its exercise is
forbidden by now, a whole session although its client is blocked by now. To refuse the record would protect nobody; it
would only hide from the therapist that somebody trained. What protects is that nothing further is offered: the block
stands, the answer says so, and the therapist has been told.

So that a warning sign loses no time, it goes before everything else that arrives with it (`ORDER`): an answer that
blocks, then "something is wrong", then the sets that were done before it. A start with a yes starts nothing, whatever
the yes means: what an answer does to the plan is known here and not on the device.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from clients.assigning import exercise_as_it_is
from clients.models import AssignedStep, Client, Screening, SessionItem, SessionItemStep, TrainingSession
from clients.planning import DayPlan, plan_for
from clients.recording import KeyReused, NothingDue, freeze
from routines.models import Exercise, dose_columns

DAYS_BACK = 7  # the plan on the device is no older (reliability.md C5)
AHEAD = timedelta(minutes=15)  # by which the clock of a device may be fast
SALT = "clients.shown"
TRIES = 20  # devices that add to one session at once: each waits its turn

# Of what arrives together: first what may block, then what the rest needs, then the rest as it was done
ORDER = ("warning", "start", "stop")

Shown = tuple[
    SessionItem, list[AssignedStep]
]  # an item as the device showed it, not yet saved, and the steps it serves


class DayRefused(ValueError):
    """The session is of a day that is too long ago, or has not begun."""


class NoSuchSession(ValueError):
    """What arrived belongs to no session of this client."""


def sign_shown(client: Client, plan: DayPlan, number: int) -> str:
    """The session of that day as the device keeps it: what it shows is then what was asked, whatever changes meanwhile."""
    items = [
        [
            each.exercise_id,
            each.side,
            each.side_mode,
            [step.pk for step in each.steps],
            bool(each.replacement),
            list(dose_columns(each.dose).values()),
        ]
        for each in plan.for_go(number)
    ]
    return signing.dumps([client.pk, plan.day.isoformat(), number, items], salt=SALT, compress=True)


def read_shown(client: Client, token: str, day: date, number: int) -> list[Shown]:
    """The items that the device showed, not yet saved; none where the token is not of this client, day and number."""
    try:
        whose, of_day, of_number, rows = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return []
    if (whose, of_day, of_number) != (client.pk, day.isoformat(), number):
        return []
    known = {
        step.pk: step
        for step in AssignedStep.objects.filter(
            pk__in={pk for row in rows for pk in row[3]}, phase__assignment__client=client
        )
    }
    return [found for row in rows if (found := shown_item(row, known)) is not None]


def shown_item(row: Sequence[Any], known: dict[int, AssignedStep]) -> Shown | None:
    exercise_id, side, side_mode, steps, replaces, dose = row
    served = [known[pk] for pk in steps if pk in known]
    if not served:
        return None
    as_was = served[0].as_was
    if replaces:
        exercise = Exercise.objects.with_details().filter(pk=exercise_id).first()
        if exercise is None:
            return None
        as_was = exercise_as_it_is(exercise) | {"instead_of": as_was.get("texts", {})}
    asked = dose_columns(served[0].dose)
    if len(dose) != len(asked):  # signed by an older version of the app
        return None
    columns = dict(zip(asked, dose, strict=True))
    item = SessionItem(
        **columns,
        exercise_id=exercise_id,
        as_was=as_was,
        kind=served[0].kind,
        side_mode=side_mode,
        side=side,
        note=" ".join(dict.fromkeys(step.note for step in served if step.note)),
    )
    return item, served


def day_of(client: Client, moment: datetime, now: datetime) -> date:
    """The client's day of a session that began at `moment` by the clock of the device. Raises DayRefused."""
    if moment > now + AHEAD:
        raise DayRefused(
            _(
                "The clock of this device is ahead: this session would be of %(day)s. Set the clock, then send it again."
            )
            % {"day": client.local_date(moment).isoformat()}
        )
    day = client.local_date(min(moment, now))
    if day < client.local_date(now) - timedelta(days=DAYS_BACK):
        raise DayRefused(
            _(
                "This session is more than %(days)d days old and can no longer be taken in by itself. Tell your therapist, "
                "who can note it."
            )
            % {"days": DAYS_BACK}
        )
    return day


def start_later(
    client: Client,
    *,
    number: int,
    key: str,
    moment: datetime,
    now: datetime,
    shown: str = "",
    screening: Screening | None = None,
) -> TrainingSession:
    """The session that was begun at `moment` without a network; merged with one that another device began that day.

    Its items are those that the device showed. No block and no open question keeps it out: see above. The same key
    again returns the same session. Raises DayRefused, NothingDue, KeyReused.
    """
    day = day_of(client, moment, now)
    if not 1 <= number <= 3:
        raise NothingDue(_("There is nothing to do for this session today."))
    own = TrainingSession.objects.filter(client=client, key=key).first()
    if own is not None and (own.local_date, own.number) != (day, number):
        raise KeyReused(_("This was sent before with other values."))
    items = read_shown(client, shown, day, number)
    session = own or TrainingSession.objects.filter(client=client, local_date=day, number=number).first()
    if session is None:
        session = begin(client, day, number, key, min(moment, now), items, screening)
    add_missing(session, items)
    return session


@transaction.atomic
def begin(
    client: Client,
    day: date,
    number: int,
    key: str,
    started_at: datetime,
    items: Sequence[Shown],
    screening: Screening | None,
) -> TrainingSession:
    """Raises NothingDue where neither the device nor the plan of that day names anything to do, KeyReused."""
    plan = plan_for(client, day)
    if not items and not plan.for_go(number):
        raise NothingDue(_("There is nothing to do for this session today."))
    try:
        with transaction.atomic():
            session = TrainingSession.objects.create(
                client=client,
                local_date=day,
                number=number,
                zone=client.zone,
                key=key,
                warm_up=plan.warm_up,
                screening=screening,
                started_at=started_at,
            )
    except IntegrityError as error:
        begun = TrainingSession.objects.filter(client=client, local_date=day, number=number).first()
        if begun is None:
            raise KeyReused(_("This was sent before with other values.")) from error
        return begun
    if not items:
        freeze(session, plan, number)
    return session


def add_missing(session: TrainingSession, items: Iterable[Shown]) -> None:
    """Puts in what the device showed and the session lacks: a set that was done needs its exercise."""
    there = set(session.items.values_list("exercise_id", "side"))
    for item, serves in items:
        if (item.exercise_id, item.side) not in there:
            add_item(session, item, serves)


def add_item(session: TrainingSession, item: SessionItem, serves: Iterable[AssignedStep]) -> None:
    """Last in the order; where another device took the place first, the one after it, and where it put in the same, nothing."""
    for _attempt in range(TRIES):
        last = session.items.aggregate(last=Max("order"))["last"]
        item.session, item.order = session, 0 if last is None else last + 1
        try:
            with transaction.atomic():
                item.save(force_insert=True)
                SessionItemStep.objects.bulk_create(SessionItemStep(item=item, step=step) for step in serves)
        except IntegrityError:
            item.pk = None
            if session.items.filter(exercise_id=item.exercise_id, side=item.side).exists():
                return
            continue
        return
    raise RuntimeError("The exercise could not be put in.")


def session_begun(
    client: Client, *, key: str, number: int, started: datetime | None, now: datetime
) -> TrainingSession:
    """The session that began under this key, or the one of that day and number with which it was merged.

    Raises NoSuchSession.
    """
    found = TrainingSession.objects.filter(client=client, key=key).first()
    if found is None and started is not None:
        day = client.local_date(min(started, now))
        found = TrainingSession.objects.filter(client=client, local_date=day, number=number).first()
    if found is None:
        raise NoSuchSession(_("The session that this belongs to has not arrived. Send its beginning first."))
    return found
