"""When a wall time on a local day is, as an instant. Pure; the time rule of reliability.md 3c.

Wall time and zone are the truth, an instant in UTC is only their shadow: adding 24 hours, or keeping a winter offset,
is wrong on one zone-day in five.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo

PATIENCE = timedelta(hours=4)
LEAST_PATIENCE = timedelta(minutes=30)
QUIET_FROM = time(21)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def tzdata_version() -> str:
    """The version of the zone rules in use: settings.py lets zoneinfo read those of the package alone."""
    return version("tzdata")


def due_utc(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The instant in UTC at which the clock on the wall shows `wall` on `day`.

    An hour that happens twice: its first minute. An hour that is skipped: shifted by the length of the gap
    (RFC 5545), but never out of the day: in Nuuk and Scoresbysund it is the day's last hour that is skipped.
    The day must exist in the zone (`exists`).
    """
    instant = datetime.combine(day, wall, zone).astimezone(UTC)
    if instant.astimezone(zone).date() == day:
        return instant
    return last_minute_still_on(day, zone)


def last_minute_still_on(day: date, zone: ZoneInfo) -> datetime:
    """The last whole minute (UTC) that a calendar in the zone shows under this day."""
    noon = datetime.combine(day, time(12), zone).astimezone(UTC)
    still, over = 0, 2 * 24 * 60
    while over - still > 1:
        minutes = (still + over) // 2
        if (noon + minutes * MINUTE).astimezone(zone).date() > day:
            over = minutes
        else:
            still = minutes
    return noon + still * MINUTE


def exists(day: date, zone: ZoneInfo) -> bool:
    """Whether the zone's calendar has this day: Apia had no 30 December 2011."""
    return datetime.combine(day, time(12), zone).astimezone(UTC).astimezone(zone).date() == day


def chosen_days(days: str, zone: ZoneInfo, first: date) -> Iterator[date]:
    """The days of the calendar from `first` on that carry one of these ISO weekday figures ("135": Mon, Wed, Fri)."""
    day = first
    while True:
        if str(day.isoweekday()) in days and exists(day, zone):
            yield day
        day += DAY


def next_occurrence(
    days: str, wall: time, zone: ZoneInfo, *, first: date, after: datetime | None = None
) -> tuple[date, datetime]:
    """The first chosen day from `first` on, and its instant; with `after`, the first whose instant is later."""
    for day in chosen_days(days, zone, first):
        instant = due_utc(day, wall, zone)
        if after is None or instant > after:
            return day, instant
    raise AssertionError("The calendar has no end.")


def too_late_after(day: date, wall: time, due: datetime, zone: ZoneInfo) -> datetime:
    """Until when the letter of this day may still be tried.

    Four hours, but not into the quiet hours (from 21:00, or from midnight for whoever chose an hour after 21:00);
    half an hour always, since the chosen time itself wins.
    """
    quiet = due_utc(day, QUIET_FROM, zone) if wall < QUIET_FROM else last_minute_still_on(day, zone)
    return min(due + PATIENCE, max(quiet, due + LEAST_PATIENCE))
