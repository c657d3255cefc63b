"""What a client may change about reminders from a letter, without signing in: the token of the link is the key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clients.models import ReminderSchedule
from clients.reminders.schedules import reschedule

# What the buttons of the page ask for, and what that changes. Each can be asked twice, and each can be taken back.
WISHES: dict[str, dict[str, Any]] = {
    "stop": {"active": False},
    "start": {"active": True},
    "weekly": {"active": True, "weekly": True},
    "every_day": {"active": True, "weekly": False},
}


def schedule_behind(token: str) -> ReminderSchedule | None:
    """The schedule whose letters carry this token; None for a token that is not ours, or no longer."""
    return ReminderSchedule.objects.select_related("client").filter(token=token).first()


def grant(schedule: ReminderSchedule, wish: str, now: datetime) -> None:
    """Do one of WISHES; it holds at once, for letters that are planned already too."""
    changes = WISHES[wish]
    ReminderSchedule.objects.filter(pk=schedule.pk).update(**changes)
    for name, value in changes.items():
        setattr(schedule, name, value)
    reschedule(schedule, now)
