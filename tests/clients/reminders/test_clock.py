"""The time rule (reliability.md 3c, T1): in every zone, around every change of its clocks."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.metadata import version
from zoneinfo import ZoneInfo, available_timezones

import pytest

from clients.reminders.clock import due_utc, exists, next_occurrence, too_late_after, tzdata_version

DAY = timedelta(days=1)
FROM, TO = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
# Each hour, with the minutes around it, where clocks jump; every 30 minutes where they jump by half an hour.
TIMES = [time(hour, minute) for hour in range(24) for minute in (0, 1, 30, 59)]


@cache
def transitions() -> dict[str, list[date]]:
    """The local days of every change of a zone's offset, 2026 to 2028; looked for every twelve hours."""
    found: dict[str, list[date]] = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        days = []
        moment, offset = FROM, FROM.astimezone(zone).utcoffset()
        while moment < TO:
            moment += DAY / 2
            if moment.astimezone(zone).utcoffset() != offset:
                offset = moment.astimezone(zone).utcoffset()
                days.append(moment.astimezone(zone).date())
        found[name] = days
    return found


def days_around(name: str) -> Iterator[date]:
    for day in transitions()[name] or [date(2026, 6, 1)]:
        yield from (day + offset * DAY for offset in range(-2, 2))


def without_clamp(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, zone).astimezone(UTC)


def wrong_days(rule: Callable[[date, time, ZoneInfo], datetime], names: list[str]) -> set[str]:
    """Zones in which a rule puts some time of some day on another day."""
    return {
        name
        for name in names
        for day in days_around(name)
        for wall in TIMES
        if rule(day, wall, ZoneInfo(name)).astimezone(ZoneInfo(name)).date() != day
    }


def test_due_utc_lies_on_its_day_in_every_zone_around_every_transition() -> None:
    assert len(transitions()) > 590
    assert sum(map(len, transitions().values())) > 1100

    assert wrong_days(due_utc, list(transitions())) == set()


def test_due_utc_rises_from_day_to_day_in_every_zone() -> None:
    steps = (
        due_utc(day + DAY, wall, ZoneInfo(name)) - due_utc(day, wall, ZoneInfo(name))
        for name, days in transitions().items()
        for day in {each + offset * DAY for each in days for offset in (-2, -1, 0)}
        for wall in (time(0, 0), time(2, 30), time(7, 30), time(23, 30))
    )
    assert min(steps) > timedelta(hours=12)


def test_without_the_clamp_nuuk_gets_the_wrong_day() -> None:
    """The control: the skipped hour is the day's last."""
    assert wrong_days(without_clamp, list(transitions())) == {
        "America/Nuuk",
        "America/Scoresbysund",
        "America/Godthab",
    }


def test_adding_24_hours_is_wrong_on_many_days() -> None:
    """The control: what a fixed step from 1 January makes of half past seven."""
    wrong = 0
    for name in transitions():
        zone = ZoneInfo(name)
        naive = due_utc(date(2026, 1, 1), time(7, 30), zone)
        for _ in range(1, 3 * 365):
            naive += DAY
            wrong += naive.astimezone(zone).time() != time(7, 30)
    assert wrong > 100_000


@pytest.mark.parametrize(
    ("zone", "day", "wall", "due"),
    [
        ("Europe/Berlin", date(2026, 1, 15), time(7, 30), "2026-01-15T06:30"),
        ("Europe/Berlin", date(2026, 7, 15), time(7, 30), "2026-07-15T05:30"),
        # The hour that is skipped: shifted by the gap
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), "2026-03-29T01:30"),
        # The hour that comes twice: its first half past two
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),
        # The last hour is skipped: the last minute there is
        ("America/Nuuk", date(2026, 3, 28), time(23, 30), "2026-03-29T00:59"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:45"),
        ("Pacific/Kiritimati", date(2026, 1, 1), time(7, 0), "2025-12-31T17:00"),
    ],
)
def test_due_utc_examples(zone: str, day: date, wall: time, due: str) -> None:
    assert due_utc(day, wall, ZoneInfo(zone)) == datetime.fromisoformat(f"{due}+00:00")


def test_a_day_that_a_zone_skipped_does_not_exist() -> None:
    apia = ZoneInfo("Pacific/Apia")

    assert [exists(date(2011, 12, day), apia) for day in (29, 30, 31)] == [True, False, True]
    assert next_occurrence("1234567", time(7), apia, first=date(2011, 12, 30))[0] == date(2011, 12, 31)


def test_next_occurrence_takes_the_first_chosen_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    tuesday = date(2026, 3, 10)

    assert next_occurrence("135", time(19), berlin, first=tuesday) == (
        date(2026, 3, 11),
        datetime(2026, 3, 11, 18, tzinfo=UTC),
    )
    assert next_occurrence("2", time(19), berlin, first=tuesday)[0] == tuesday


def test_next_occurrence_leaves_out_what_is_past() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    tuesday = date(2026, 3, 10)
    at_seven = datetime(2026, 3, 10, 18, tzinfo=UTC)

    assert next_occurrence("1234567", time(19), berlin, first=tuesday, after=at_seven)[0] == date(2026, 3, 11)
    assert (
        next_occurrence("1234567", time(19), berlin, first=tuesday, after=at_seven - DAY / 24)[0] == tuesday
    )


@pytest.mark.parametrize(
    ("wall", "last"),
    [
        (time(7, 0), time(11, 0)),  # four hours
        (time(19, 0), time(21, 0)),  # not into the quiet hours
        (time(20, 50), time(21, 20)),  # but half an hour always
        (time(21, 0), time(23, 59)),  # who chose the night gets letters in the night, on that day
        (time(22, 30), time(23, 59)),
    ],
)
def test_a_letter_is_too_late_after_its_patience(wall: time, last: time) -> None:
    berlin, day = ZoneInfo("Europe/Berlin"), date(2026, 3, 10)

    limit = too_late_after(day, wall, due_utc(day, wall, berlin), berlin)

    assert limit.astimezone(berlin) == datetime.combine(day, last, berlin)


def test_a_letter_of_the_last_minutes_may_be_sent_after_midnight() -> None:
    berlin, day = ZoneInfo("Europe/Berlin"), date(2026, 3, 10)

    limit = too_late_after(day, time(23, 55), due_utc(day, time(23, 55), berlin), berlin)

    assert limit.astimezone(berlin) == datetime(2026, 3, 11, 0, 25, tzinfo=berlin)


def test_zone_rules_come_from_the_package_whose_version_is_named() -> None:
    assert zoneinfo.TZPATH == ()
    assert tzdata_version() == version("tzdata")
