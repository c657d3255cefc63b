"""Sending: plan, claim, check, fence, send, mark. The only writer of `Delivery.status` (reliability.md 3b).

Exactly once does not exist for mail. A letter goes out at least once, and at most once more for each sender that is
killed between the server's "accepted" and our note of it. Any number of senders and ticks may run beside each other.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from clients import emails
from clients.models import Delivery
from clients.reminders.addresses import address_of, give_another_chance, suppress
from clients.reminders.due import Reason, why_not
from clients.reminders.locks import not_in_other_hands
from clients.reminders.queue import PATIENCE
from clients.reminders.schedules import plan_letters
from clients.reminders.trouble import Kind, Trouble, delay_after, read_door, read_trouble

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Status = Delivery.Status

BATCH = 20
LEASE = timedelta(minutes=2)
TICK_TAKES = timedelta(seconds=60)
MAX_ATTEMPTS = 6
OUR_ERRORS = 3
OUR_ERROR_REST = timedelta(hours=1)
DOOR_REST = timedelta(minutes=2)
REQUEUED_FOR = timedelta(hours=4)
DOOR_KEY = "reminders.door-shut"
# What a person may send again: the dead letters, and those that were held back because others had come back
GIVEN_UP = Q(status__in=[Status.FAILED, Status.MISSED]) | Q(status=Status.SKIPPED, reason=Reason.SUPPRESSED)


def database_now() -> datetime:
    """The database's clock: senders on machines whose clocks disagree must agree about leases.

    An embedded database is on this machine, and so is its clock.
    """
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0].astimezone(UTC)


@dataclass
class Tally:
    """What one tick did."""

    planned: int = 0
    ends: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        counted = [f"{self.planned} planned", *(f"{count} {end}" for end, count in sorted(self.ends.items()))]
        return ", ".join(counted)

    def __bool__(self) -> bool:
        return bool(self.planned or self.ends)


class DoorClosed(Exception):
    """The mail server is away, or does not want us; the letters wait."""


def tick(*, clock: Clock, stop: Callable[[], bool] = lambda: False) -> Tally:
    """Plan what has come due, then send what is waiting; ends after a minute, or when `stop` says so."""
    start = clock()
    tally = Tally(planned=plan_letters(start))
    tally.ends.update({"missed": missed} if (missed := expire(start)) else {})
    if cache.get(DOOR_KEY) is None:
        Sender(clock, lambda: stop() or clock() >= start + TICK_TAKES, tally).run()
    if tally:
        log.info("Letters: %s.", tally)
    return tally


def waiting(now: datetime) -> Q:
    """Rows that may be claimed: due, or in the hands of a sender whose lease has run out."""
    return Q(due_at__lte=now) & (Q(status=Status.DUE) | Q(status=Status.SENDING, lease_until__lt=now))


def expire(now: datetime) -> int:
    """Letters that would come too late are missed: after an outage there is no flood and no stale mail."""
    late = Delivery.objects.filter(waiting(now), not_after__lt=now)
    return late.update(status=Status.MISSED, reason=Reason.TOO_LATE, lease_until=None, lease_token="")


def claim(now: datetime, size: int = BATCH) -> list[Delivery]:
    """Take up to `size` waiting letters under a lease of our own; those that a person caused come first.

    Choosing and taking are two steps, and only the second counts: a row that somebody else took in between
    no longer meets its condition.
    """
    token = secrets.token_urlsafe(16)
    ready = Delivery.objects.filter(waiting(now), not_after__gte=now).order_by("due_at", "pk")
    with transaction.atomic():
        chosen: list[int] = []
        for rows in (ready.exclude(event_id=""), ready.filter(event_id="")):
            if len(chosen) < size:
                chosen += [row.pk for row in not_in_other_hands(rows.only("pk"))[: size - len(chosen)]]
        Delivery.objects.filter(waiting(now), pk__in=chosen).update(
            status=Status.SENDING, lease_until=now + LEASE, lease_token=token, attempts=F("attempts") + 1
        )
    mine = Delivery.objects.filter(lease_token=token).select_related("client__user", "user__client")
    return sorted(mine, key=lambda row: (not row.event_id, row.due_at, row.pk))


def fence(delivery: Delivery, now: datetime) -> bool:
    """Renew the lease right before sending. False when it ran out: the letter is somebody else's now."""
    mine = Delivery.objects.filter(
        pk=delivery.pk, status=Status.SENDING, lease_token=delivery.lease_token, lease_until__gt=now
    )
    return mine.update(lease_until=now + LEASE) == 1


def end(delivery: Delivery, status: str, **values: Any) -> bool:
    """Leave `sending`, if the letter is still ours; every change of state passes here or through claim and expire."""
    mine = Delivery.objects.filter(pk=delivery.pk, status=Status.SENDING, lease_token=delivery.lease_token)
    return mine.update(status=status, lease_until=None, lease_token="", **values) == 1


@dataclass
class Sender:
    """One connection for each batch, one letter after the other, each marked before the next begins."""

    clock: Clock
    enough: Callable[[], bool]
    tally: Tally

    def run(self) -> None:
        while not self.enough():
            letters = claim(self.clock())
            if not letters:
                return
            if not self.send_batch(letters):
                return

    def send_batch(self, letters: list[Delivery]) -> bool:
        """Send these; False when the rest was given back, because the door is closed or it is time to stop."""
        mail = get_connection()
        try:
            for number, letter in enumerate(letters):
                if self.enough():
                    self.give_back(letters[number:])
                    return False
                try:
                    self.send(letter, mail)
                except DoorClosed:
                    self.give_back(letters[number:])
                    return False
            return True
        finally:
            hang_up(mail)

    def send(self, letter: Delivery, mail: Any) -> None:
        """One letter through all its gates. DoorClosed when nothing can be sent at all."""
        if letter.attempts > MAX_ATTEMPTS:
            self.fail(letter, Reason.TOO_MANY_TRIES, letter.error_class)
            return
        try:
            if reason := why_not(letter):
                self.note(end(letter, Status.SKIPPED, reason=reason), f"skipped ({reason})")
                return
            message = emails.write(letter, self.clock())
        except (OperationalError, InterfaceError):
            raise  # the database is away, which says nothing about this letter
        except Exception as error:  # noqa: BLE001 -- one person's broken row must not hold up everybody's letters
            self.rest(letter, error)
            return
        if cache.get(sender_key(message)) is not None:
            self.wait(letter)
            return
        open_door(mail)
        if not fence(letter, self.clock()):
            self.tally.ends["left to another sender"] += 1
            return
        self.hand_over(letter, message, mail)

    def hand_over(self, letter: Delivery, message: EmailMultiAlternatives, mail: Any) -> None:
        try:
            mail.send_messages([message])
        except OSError as error:
            hang_up(mail)
            self.after_trouble(letter, read_trouble(error), message)
        except Exception as error:  # noqa: BLE001 -- an address or header that cannot be written: this letter only
            hang_up(mail)
            self.rest(letter, error)
        else:
            sent = end(
                letter,
                Status.SENT,
                sent_at=self.clock(),
                reason="",
                error_class="",
                provider_id=message.extra_headers.get("Message-ID", ""),
            )
            self.note(sent, "sent")

    def after_trouble(self, letter: Delivery, trouble: Trouble, message: EmailMultiAlternatives) -> None:
        now = self.clock()
        if trouble.kind is Kind.DOOR_SHUT:
            shut(trouble)
        elif trouble.kind is Kind.SENDER_REFUSED:
            shut_for_sender(message, trouble)
            self.wait(letter)
        elif trouble.kind is Kind.UNKNOWN_ADDRESS:
            suppress(message.to[0], reason=trouble.name[:40], now=now)
            self.fail(letter, Reason.NO_SUCH_ADDRESS, trouble.name)
        elif trouble.kind is Kind.REFUSED:
            self.fail(letter, Reason.REFUSED, trouble.name)
        elif (delay := delay_after(letter.attempts, trouble)) is None:
            self.fail(letter, Reason.TOO_MANY_TRIES, trouble.name)
        elif now + delay > letter.not_after:
            missed = end(letter, Status.MISSED, reason=Reason.TOO_LATE, error_class=trouble.name)
            self.note(missed, "missed")
        else:
            again = end(letter, Status.DUE, due_at=now + delay, error_class=trouble.name)
            self.note(again, "to be tried again")

    def wait(self, letter: Delivery) -> None:
        """Until its sender is tried again; no try is used up."""
        due_at = min(self.clock() + DOOR_REST, letter.not_after)
        self.note(end(letter, Status.DUE, due_at=due_at, attempts=letter.attempts - 1), "given back")

    def rest(self, letter: Delivery, error: Exception) -> None:
        """An error of our own: this letter alone rests for an hour, and is given up at its third."""
        name = place_of(error)
        again_at = self.clock() + OUR_ERROR_REST
        if letter.attempts >= OUR_ERRORS or again_at > letter.not_after:
            self.fail(letter, Reason.OUR_ERROR, name)
            return
        log.warning("Letter %s: %s; next try in an hour.", letter.pk, name)
        self.note(end(letter, Status.DUE, due_at=again_at, error_class=name), "to be tried again")

    def fail(self, letter: Delivery, reason: Reason, name: str) -> None:
        """The dead letter: a person must look."""
        level = logging.ERROR if reason is Reason.OUR_ERROR else logging.WARNING
        log.log(level, "Letter %s is given up: %s %s", letter.pk, reason.value, name)
        self.note(end(letter, Status.FAILED, reason=reason, error_class=name), "failed")

    def give_back(self, letters: list[Delivery]) -> None:
        """As if they had never been claimed: no try is used up."""
        given = sum(end(letter, Status.DUE, attempts=letter.attempts - 1) for letter in letters)
        if given:
            self.tally.ends["given back"] += given

    def note(self, done: bool, what: str) -> None:
        self.tally.ends[what if done else "left to another sender"] += 1


def open_door(mail: Any) -> None:
    """Connect and sign in, once for the batch. DoorClosed if that fails."""
    try:
        mail.open()
    except OSError as error:
        trouble = read_door(error)
        if trouble.kind is Kind.DOOR_SHUT:
            shut(trouble)
        log.warning("The mail server is away (%s); letters wait.", trouble.name)
        raise DoorClosed from error


def shut(trouble: Trouble) -> None:
    """The server refuses us, not a letter: every sender rests for two minutes, and somebody must be told."""
    cache.set(DOOR_KEY, trouble.name, DOOR_REST.total_seconds())
    log.error("The mail server refuses us (%s). No letter is lost; check EMAIL_URL.", trouble.name)
    raise DoorClosed


def shut_for_sender(message: EmailMultiAlternatives, trouble: Trouble) -> None:
    """The server refuses one of our two senders: its letters rest for two minutes, those of the other go out."""
    if cache.add(sender_key(message), trouble.name, DOOR_REST.total_seconds()):
        log.error("The mail server refuses a sender (%s). No letter is lost; check FROM_EMAIL.", trouble.name)


def sender_key(message: EmailMultiAlternatives) -> str:
    return f"{DOOR_KEY}.{parseaddr(message.from_email)[1]}"


def hang_up(mail: Any) -> None:
    """A connection that broke cannot be ended politely."""
    with contextlib.suppress(OSError):
        mail.close()


def place_of(error: Exception) -> str:
    """Class and line, without the words: they may repeat what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"[:120]


def may_be_requeued(delivery: Delivery, now: datetime) -> bool:
    """Not for a reminder of a day that has gone by, nor for a link that its reader has long stopped waiting for."""
    if delivery.letter in PATIENCE:
        return now <= delivery.not_after
    return not delivery.local_date or (
        delivery.client is not None and delivery.local_date == delivery.client.local_date(now)
    )


def requeue(delivery: Delivery, *, now: datetime, named: bool = True) -> bool:
    """Back to due, by hand: a letter that was given up gets all its tries again. False where that cannot be.

    The address of a letter that somebody `named` gets another chance in any case: the next letter may arrive even
    where this one is out of date.
    """
    if named:
        give_another_chance(address_of(delivery.client, delivery.user))
    if not may_be_requeued(delivery, now):
        return False
    given_up = Delivery.objects.filter(GIVEN_UP, pk=delivery.pk)
    not_after = delivery.not_after if delivery.letter in PATIENCE else now + REQUEUED_FOR
    back = {"status": Status.DUE, "due_at": now, "not_after": not_after, "attempts": 0}
    return given_up.update(**back, reason="", error_class="") == 1
