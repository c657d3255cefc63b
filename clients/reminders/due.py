"""Whether a letter is still wanted at the moment of sending (reliability.md R8). Facts first, then a pure decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Delivery, Message, ReminderSchedule, TrainingSession, User
from clients.planning import gather, plan
from clients.recording import sessions_on, states_of, with_verdicts
from clients.reminders.addresses import address_of, digest_of, is_suppressed
from clients.telling import morning_open

# Fourteen ignored days make the reminder weekly, until a session is recorded again (reliability.md 3e).
IGNORED_DAYS = timedelta(days=14)
WEEK = timedelta(days=7)


class Reason(models.TextChoices):
    """Why a letter was not sent, or not any more. What stands in `Delivery.reason`."""

    ACCOUNT_CLOSED = "account_closed", _("The account is closed, or care has ended")
    NO_ADDRESS = "no_address", _("There is no address")
    NOT_CONFIRMED = "not_confirmed", _("The invitation has not been accepted yet")
    ADDRESS_CHANGED = "address_changed", _("The address was changed meanwhile")
    SUPPRESSED = "suppressed", _("Mail to this address came back")
    NOT_IN_THEIR_CARE = "not_in_their_care", _("The reader does not care for this client any more")
    ALREADY_ACCEPTED = "already_accepted", _("The invitation has been accepted already")
    UNSUBSCRIBED = "unsubscribed", _("Reminders are switched off")
    OTHER_DAYS = "other_days", _("This weekday is not chosen any more")
    PAUSED = "paused", _("Paused")
    BLOCKED = "blocked", _("The therapist must be asked first")
    NOT_ASSIGNED = "not_assigned", _("No program is running")
    NOTHING_DUE = "nothing_due", _("Nothing is due on this day")
    DONE_TODAY = "done_today", _("Done already")
    WEEKLY = "weekly", _("This week's letter has been sent")
    READ_ALREADY = "read_already", _("The message has been read already")

    TOO_LATE = "too_late", _("It would have come too late")
    REFUSED = "refused", _("The mail server refused it")
    NO_SUCH_ADDRESS = "no_such_address", _("The mail server does not know the address")
    TOO_MANY_TRIES = "too_many_tries", _("Tried too often")
    OUR_ERROR = "our_error", _("An error in this application")


# Letters that must arrive even when the address was corrected after they were queued.
FOLLOWS_THE_READER = {
    Delivery.Letter.SAFETY_ALERT,
    Delivery.Letter.ACCOUNT_NOTICE,
    Delivery.Letter.PLAN_CHANGED,
    Delivery.Letter.MESSAGE,
}
PLANNED = {Delivery.Letter.REMINDER}


@dataclass(frozen=True)
class Reader:
    """Who would get the letter, as they are now."""

    letter: str
    has_account: bool = True
    has_address: bool = True
    closed: bool = False
    sees_client: bool = True
    accepted: bool = False
    address_changed: bool = False
    suppressed: bool = False


@dataclass(frozen=True)
class Habit:
    """What the client chose about reminders, and what became of the last ones."""

    active: bool
    days: str = ""
    paused_until: date | None = None
    weekly: bool = False
    last_sent: date | None = None
    ignored_since: date | None = None


@dataclass(frozen=True)
class Facts:
    """What the client's day holds, as far as a reminder goes."""

    assigned: bool
    blocked: bool
    paused: bool
    due_items: int
    done: bool


def why_unreachable(reader: Reader) -> Reason | None:
    """Why this reader must not get this letter, whatever it is about; None if they may."""
    if reader.closed:
        return Reason.ACCOUNT_CLOSED
    if not reader.sees_client:
        return Reason.NOT_IN_THEIR_CARE
    if not reader.has_address:
        return Reason.NO_ADDRESS
    if reader.letter in PLANNED and not reader.has_account:
        return Reason.NOT_CONFIRMED
    if reader.accepted:
        return Reason.ALREADY_ACCEPTED
    if reader.address_changed and reader.letter not in FOLLOWS_THE_READER:
        return Reason.ADDRESS_CHANGED
    if reader.suppressed:
        return Reason.SUPPRESSED
    return None


def why_unwanted(habit: Habit, day: date) -> Reason | None:
    """Why the client does not want a reminder on this day, whatever is due; None if they do."""
    if not habit.active:
        return Reason.UNSUBSCRIBED
    if str(day.isoweekday()) not in habit.days:
        return Reason.OTHER_DAYS
    if habit.paused_until and day <= habit.paused_until:
        return Reason.PAUSED
    weekly = habit.weekly or (habit.ignored_since and habit.ignored_since + IGNORED_DAYS <= day)
    if weekly and habit.last_sent and habit.last_sent + WEEK > day:
        return Reason.WEEKLY
    return None


def why_pointless(facts: Facts, *, morning_open: bool = False) -> Reason | None:
    """Why there is nothing to be reminded of; None if something is due and not done, or the morning question is open.

    The question alone makes a letter on a day of rest (reliability.md 3e), never after today's session.
    """
    if facts.blocked:
        return Reason.BLOCKED
    if not facts.assigned:
        return Reason.NOT_ASSIGNED
    if facts.paused:
        return Reason.PAUSED
    if facts.done:
        return Reason.DONE_TODAY
    if not facts.due_items and not morning_open:
        return Reason.NOTHING_DUE
    return None


def why_not(delivery: Delivery) -> Reason | None:
    """Why this letter must not be sent now; None if it must. Reads everything anew: minutes may lie since planning."""
    if reason := why_unreachable(reader_of(delivery)):
        return reason
    if delivery.letter == Delivery.Letter.MESSAGE:
        waiting = Message.objects.filter(client=delivery.client_id).unread_by_client()
        return None if waiting.exists() else Reason.READ_ALREADY
    if delivery.letter not in PLANNED or delivery.client is None or delivery.local_date is None:
        return None
    if reason := why_unwanted(habit_of(delivery), delivery.local_date):
        return reason
    client, day = delivery.client, delivery.local_date
    return why_pointless(facts_of(client, day), morning_open=morning_open(client, day))


def facts_of(client: Client, day: date) -> Facts:
    """Done means: as many sessions as the day asks for are finished, or ticked or left out to the last set."""
    facts = gather(client, day, day)
    today = plan(facts, day)
    states = [with_verdicts(state, day, facts) for state in states_of(sessions_on(client, day))]
    finished = sum(
        1 for state in states if state.session.finished_at or all(item.settled for item in state.items)
    )
    return Facts(
        assigned=bool(today.current),
        blocked=today.blocked,
        paused=bool(today.current) and len(today.paused) == len(today.current),
        due_items=len(today.items),
        done=bool(today.items) and finished >= today.goes,
    )


def reader_of(delivery: Delivery) -> Reader:
    client, user = delivery.client, delivery.user
    account = user or (client.user if client else None)
    address = address_of(client, user)
    care_ended = user is None and client is not None and client.ended_at is not None
    return Reader(
        letter=delivery.letter,
        has_account=account is not None,
        has_address=bool(address),
        closed=care_ended or (account is not None and not account.is_active),
        sees_client=delivery.letter != Delivery.Letter.SAFETY_ALERT or sees_client(delivery),
        accepted=account is not None and has_come_in(delivery.letter, account),
        address_changed=delivery.data.get("address", digest_of(address)) != digest_of(address),
        suppressed=is_suppressed(address),
    )


def sees_client(alert: Delivery) -> bool:
    """Now, or from when the letter is due: the care of its reader may begin by a clock that is ahead of ours."""
    seen = Client.objects.visible_to(alert.user, at=max(timezone.now(), alert.due_at))
    return seen.filter(deliveries=alert.pk).exists()


def has_come_in(letter: str, account: User) -> bool:
    """Whether this letter is an invitation that was accepted meanwhile."""
    if letter == Delivery.Letter.INVITATION:
        return account.last_login is not None
    return letter == Delivery.Letter.STAFF_INVITATION and account.has_usable_password()


def habit_of(delivery: Delivery) -> Habit:
    schedule = ReminderSchedule.objects.filter(client=delivery.client_id).first()
    if schedule is None:
        return Habit(active=False)
    sent = Delivery.objects.filter(
        client=delivery.client_id, kind=delivery.kind, status=Delivery.Status.SENT
    ).order_by("local_date")
    last_session = (
        TrainingSession.objects.filter(client=delivery.client_id)
        .order_by("local_date")
        .values_list("local_date", flat=True)
        .last()
    )
    unanswered = sent.filter(local_date__gt=last_session) if last_session else sent
    dates = sent.values_list("local_date", flat=True)
    return Habit(
        active=schedule.active,
        days=schedule.days,
        paused_until=schedule.paused_until,
        weekly=schedule.weekly,
        last_sent=dates.last(),
        ignored_since=unanswered.values_list("local_date", flat=True).first(),
    )
