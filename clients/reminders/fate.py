"""What became of one letter, or what will: for the command that explains it and for the page that a therapist reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clients.models import Client, Delivery, ReminderSchedule
from clients.reminders.due import Reason, why_not
from clients.reminders.schedules import Wish, occurrence_of, planned_letter, take


@dataclass(frozen=True)
class Fate:
    """`reason` is why it was not sent, or will not be as things stand; `open` while nothing is settled."""

    delivery: Delivery
    open: bool
    reason: Reason | None = None

    @property
    def goes(self) -> bool:
        """It still waits, and nothing speaks against it now."""
        return self.open and self.reason is None


def fate_of(delivery: Delivery) -> Fate:
    """Of a letter that waits, what would be decided if it were sent now. Read it with its client, their user and its user."""
    if delivery.status == Delivery.Status.SENT:
        return Fate(delivery, open=False)
    if delivery.reason:
        known = delivery.reason in Reason.values
        return Fate(delivery, open=False, reason=Reason(delivery.reason) if known else None)
    return Fate(delivery, open=True, reason=why_not(delivery))


def next_letter(client: Client, schedule: ReminderSchedule | None, now: datetime) -> Fate | None:
    """The next planned reminder with what would be decided about it now; None where none is planned.

    The row is not there yet: it is made when its time has come.
    """
    if schedule is None or not schedule.active or schedule.next_due_at is None:
        return None
    wish = Wish.of(schedule)
    letter, following = take(wish, occurrence_of(schedule), now)
    schedule.client = client
    return fate_of(planned_letter(schedule, wish, *(letter or following)))
