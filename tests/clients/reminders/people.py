"""Who gets letters in these tests, and the clock they are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from clients.demo.builders import assign, make_client, make_practice, make_therapist
from clients.models import AssignedStep, Client, Delivery, User
from clients.reminders import deliver
from clients.reminders.queue import queue_letter
from clients.reminders.schedules import reschedule

NOON = datetime(2026, 3, 10, 11, tzinfo=UTC)  # a Tuesday, noon in Berlin
SEVEN = datetime(2026, 3, 10, 18, tzinfo=UTC)  # seven in the evening there
MINUTE = timedelta(minutes=1)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = SEVEN

    def __call__(self) -> datetime:
        return self.now


def ring(now: datetime = SEVEN) -> deliver.Tally:
    """One tick at this moment."""
    return deliver.tick(clock=Clock(now))


def make_reminded(**fields: Any) -> Client:
    """A client with something to do every day, and a reminder every evening at seven."""
    make_practice()
    client = make_client(**fields)
    assign(client, now=NOON)
    AssignedStep.objects.filter(phase__assignment__client=client).update(weekdays="1234567")
    client.reminder_schedule.local_time = time(19)
    client.reminder_schedule.save(update_fields=["local_time"])
    reschedule(client.reminder_schedule, NOON)
    return client


def notice(number: int, user: User | None = None, now: datetime = SEVEN) -> Delivery:
    """A letter that needs little: a word about an account."""
    return queue_letter(
        Delivery.Letter.ACCOUNT_NOTICE,
        event_id=f"notice/{number}",
        now=now,
        user=user or make_therapist(),
        data={"subject": "A word", "text": "About your account."},
    )
