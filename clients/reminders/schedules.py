"""From the time a client chose to the rows of Delivery: which letter is planned for which local day."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import Delivery, ReminderSchedule
from clients.models.practice import zone_of
from clients.reminders.addresses import address_of, digest_of
from clients.reminders.clock import DAY, due_utc, next_occurrence, too_late_after, tzdata_version
from clients.reminders.locks import not_in_other_hands

log = logging.getLogger(__name__)

BATCH = 500
POISON_REST = timedelta(hours=1)

Occurrence = tuple[date, datetime]


@dataclass(frozen=True)
class Wish:
    """What the client chose: ISO weekday figures, wall time, zone, and the last day of a pause."""

    days: str
    wall: time
    zone: ZoneInfo
    paused_until: date | None = None

    @classmethod
    def of(cls, schedule: ReminderSchedule) -> Wish:
        return cls(schedule.days, schedule.local_time, zone_of(schedule.zone), schedule.paused_until)

    def first_day(self, day: date) -> date:
        """The day itself, or the first one after the pause."""
        return max(day, self.paused_until + DAY) if self.paused_until else day

    def from_day(self, first: date, after: datetime | None = None) -> Occurrence:
        return next_occurrence(self.days, self.wall, self.zone, first=self.first_day(first), after=after)


def take(wish: Wish, scheduled: Occurrence, now: datetime) -> tuple[Occurrence | None, Occurrence]:
    """The letter to plan now, if any, and the occurrence after it. Pure.

    Days that have gone by leave no letter, however long nobody planned: there is one for today, not one for each.
    Yesterday's counts as long as it may still be sent, as with a quarter to midnight planned at midnight.
    """
    day, due = scheduled
    today = now.astimezone(wish.zone).date()
    gone = day < today and too_late_after(day, wish.wall, due, wish.zone) < now
    if gone or day < wish.first_day(day):
        day, due = wish.from_day(today)
    if due > now:
        return None, (day, due)
    return (day, due), wish.from_day(day + DAY)


def restart(wish: Wish, now: datetime, *, planned_today: bool) -> Occurrence:
    """The next occurrence after a change of wish. Pure.

    A day has one letter: with a row for today, whatever its state, the next one is tomorrow's; a time that is past
    today means tomorrow too.
    """
    today = now.astimezone(wish.zone).date()
    return wish.from_day(today + DAY if planned_today else today, after=now)


def reschedule(schedule: ReminderSchedule, now: datetime) -> None:
    """Compute the next occurrence anew; to be called whenever time, zone, days, pause or on/off changed."""
    day = due = None
    if schedule.active:
        wish = Wish.of(schedule)
        of_today = Delivery.objects.filter(
            client=schedule.client_id,
            local_date=now.astimezone(wish.zone).date(),
            kind=Delivery.Kind.DAILY,
        )
        day, due = restart(wish, now, planned_today=of_today.exists())
    following = {"next_local_date": day, "next_due_at": due, "tzdata_version": tzdata_version()}
    ReminderSchedule.objects.filter(pk=schedule.pk).update(**following)
    for name, value in following.items():
        setattr(schedule, name, value)


def plan_letters(now: datetime) -> int:
    """Make the rows of all letters whose time has come, and move each schedule on. Returns how many were planned.

    Any number of planners may run: the unique constraint decides, and a schedule is moved only as it was read.
    """
    follow_new_zone_rules(now)
    planned = 0
    while True:
        taken, letters = plan_batch(now)
        planned += letters
        if taken < BATCH:
            return planned


@transaction.atomic
def plan_batch(now: datetime) -> tuple[int, int]:
    due = ReminderSchedule.objects.filter(active=True, next_due_at__lte=now)
    due = due.select_related("client__user").order_by("next_due_at", "pk")
    schedules = list(not_in_other_hands(due)[:BATCH])
    letters = []
    for schedule in schedules:
        try:
            wish = Wish.of(schedule)
            letter, following = take(wish, occurrence_of(schedule), now)
        except Exception as error:  # noqa: BLE001 -- one client's broken row must not hold up everybody's letters
            put_off(schedule, error, now)
            continue
        moved = unchanged(schedule).update(next_local_date=following[0], next_due_at=following[1])
        if letter and moved and may_get_letters(schedule):
            letters.append(planned_letter(schedule, wish, *letter))
    Delivery.objects.bulk_create(letters, ignore_conflicts=True)
    return len(schedules), len(letters)


def occurrence_of(schedule: ReminderSchedule) -> Occurrence:
    if schedule.next_local_date is None or schedule.next_due_at is None:
        raise ValueError("This schedule has no next occurrence.")
    return schedule.next_local_date, schedule.next_due_at


def unchanged(schedule: ReminderSchedule) -> Any:
    """The row, provided that it still says what was read: the client may be changing it at this moment."""
    names = ("next_local_date", "next_due_at", "local_time", "zone", "days", "active", "paused_until")
    return ReminderSchedule.objects.filter(
        pk=schedule.pk, **{name: getattr(schedule, name) for name in names}
    )


def may_get_letters(schedule: ReminderSchedule) -> bool:
    """No rows for people who can never get them: care has ended, or there is no account and so no confirmed address."""
    return schedule.client.ended_at is None and schedule.client.user_id is not None


def planned_letter(schedule: ReminderSchedule, wish: Wish, day: date, due: datetime) -> Delivery:
    return Delivery(
        client=schedule.client,
        local_date=day,
        kind=Delivery.Kind.DAILY,
        letter=Delivery.Letter.REMINDER,
        data={"address": digest_of(address_of(schedule.client, None))},
        due_at=due,
        not_after=too_late_after(day, wish.wall, due, wish.zone),
    )


def put_off(schedule: ReminderSchedule, error: Exception, now: datetime) -> None:
    """A schedule that cannot be computed rests for an hour, so that the others go on; the log says so each time."""
    log.error("Reminder %s cannot be planned (%s); next try in an hour.", schedule.pk, type(error).__name__)
    ReminderSchedule.objects.filter(pk=schedule.pk).update(
        next_local_date=schedule.next_local_date or now.date(),
        next_due_at=now + POISON_REST,
        tzdata_version=tzdata_version(),
    )


def follow_new_zone_rules(now: datetime) -> int:
    """Recompute schedules planned with another version of the zone rules. Returns how many moved to another instant."""
    current = tzdata_version()
    moved = 0
    for schedule in ReminderSchedule.objects.filter(active=True).exclude(tzdata_version=current)[:BATCH]:
        try:
            if schedule.next_local_date is None:
                reschedule(schedule, now)
                continue
            wish = Wish.of(schedule)
            due = due_utc(schedule.next_local_date, wish.wall, wish.zone)
        except Exception as error:  # noqa: BLE001 -- one client's broken row must not hold up everybody's letters
            put_off(schedule, error, now)
            continue
        if (
            unchanged(schedule).update(next_due_at=due, tzdata_version=current)
            and due != schedule.next_due_at
        ):
            moved += 1
            log.info(
                "Zone rules %s move reminder %s on %s by %s.",
                current,
                schedule.pk,
                schedule.next_local_date,
                due - (schedule.next_due_at or due),
            )
    return moved
