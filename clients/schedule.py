"""From days a week to weekdays, and from dates to days of a phase. Pure (domain.md 6.5, 6.7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from routines.models import ExerciseKind

WEEKDAY_FIGURES = {"mon": "1", "tue": "2", "wed": "3", "thu": "4", "fri": "5", "sat": "6", "sun": "7"}
LOADING = (ExerciseKind.STRENGTHEN, ExerciseKind.INTEGRATE)


class DaysRefused(ValueError):
    """The days cannot be moved like this; the text says why, for the person who asked."""


@dataclass(frozen=True)
class Layout:
    """Weekdays as ISO figures, "135" for Monday, Wednesday, Friday; `note` when they are fewer than asked."""

    weekdays: str
    note: str = ""


def weekdays_for(days_per_week: int, kind: str, rule: dict[str, Any]) -> Layout:
    """The usual days for so many days a week. Strengthening asked for 4 is laid out as 3 (domain.md 6.7)."""
    note = ""
    if days_per_week == 4 and kind in LOADING:
        days_per_week = 3
        note = _("Four days a week cannot avoid neighbouring days, so this is laid out as three.")
    for row in rule["days_by_number"]:
        if row["days_per_week"] == days_per_week:
            return Layout("".join(sorted(WEEKDAY_FIGURES[day] for day in row["weekdays"])), note)
    raise ValueError(f"No weekdays for {days_per_week} days a week.")


def neighbouring(weekdays: str) -> bool:
    """Two of these days follow each other, Sunday to Monday included."""
    days = {int(day) for day in weekdays}
    return any(day % 7 + 1 in days for day in days)


def needs_rest(days_per_week: int, kind: str, rule: dict[str, Any]) -> bool:
    """Whether a day of rest lies between two days of such a step (domain.md 6.7)."""
    return kind in LOADING and days_per_week < rule["strengthening_on_consecutive_days_from_days_per_week"]


def check_days(weekdays: str, *, days_per_week: int, kind: str, rule: dict[str, Any]) -> None:
    """Refuses another number of days, and strengthening on neighbouring days below the rule's number.

    Raises DaysRefused with the reason.
    """
    usual = len(weekdays_for(days_per_week, kind, rule).weekdays)
    chosen = set(weekdays)
    if len(chosen) != usual or not chosen <= set(WEEKDAY_FIGURES.values()):
        raise DaysRefused(
            ngettext("Please choose %(number)d day.", "Please choose %(number)d days.", usual)
            % {"number": usual}
        )
    if needs_rest(days_per_week, kind, rule) and neighbouring(weekdays):
        raise DaysRefused(_("Strengthening needs a day of rest in between: these days follow each other."))


def check_move(old: str, new: str, due: Iterable[date]) -> None:
    """Refuses new days that hold the morrow of a day on which strengthening was `due` by the old ones.

    Old days that follow each other gave no rest, so that fewer may begin at once. Raises DaysRefused, which names the
    next day for the same move: of three days or fewer a week two others always follow each other.
    """
    if neighbouring(old):
        return
    eves = {eve(int(figure)) for figure in new}
    day = next((day for day in due if day.isoweekday() in eves), None)
    if day is None:
        return
    taken = eves & {int(figure) for figure in old}
    days = (day + timedelta(days=n) for n in range(2, 9))
    later = next(each for each in days if not taken & {each.isoweekday(), eve(each.isoweekday())})
    raise DaysRefused(
        _(
            "Strengthening needs a day of rest in between: now it would come on %(first)s and on %(second)s. "
            "Choose other days, or move to these on %(later)s."
        )
        % {
            "first": WEEKDAYS[day.weekday()],
            "second": WEEKDAYS[(day.weekday() + 1) % 7],
            "later": WEEKDAYS[later.weekday()],
        }
    )


def eve(figure: int) -> int:
    """The weekday before."""
    return (figure - 2) % 7 + 1


@dataclass(frozen=True)
class Stint:
    """One stay in a phase: from its first day until the day (exclusive) on which another began; None: still there."""

    phase_id: int
    first_day: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        return self.first_day <= day and (self.until is None or day < self.until)


def stints(changes: Iterable[tuple[date, int | None]]) -> list[Stint]:
    """The stays in phases from dated changes (day, phase or None for the end), in their order.

    Of several changes on one day the last holds.
    """
    result: list[Stint] = []
    for day, phase_id in changes:
        if result and result[-1].until is None:
            last = result.pop()
            if day > last.first_day:
                result.append(Stint(last.phase_id, last.first_day, day))
        if phase_id is not None:
            result.append(Stint(phase_id, day))
    return result


@dataclass(frozen=True)
class Pause:
    """Paused days, both ends included; `until` None: still paused."""

    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


def phase_day(first_day: date, day: date, pauses: Sequence[Pause] = ()) -> int:
    """The day's number in the phase, 0 on its first day. Paused days do not count (domain.md 6.5)."""
    total = (day - first_day).days
    if not pauses or total <= 0:
        return total
    return sum(
        1 for n in range(total) if not any(pause.holds(first_day + timedelta(days=n)) for pause in pauses)
    )


def falls_on(weekdays: str, start_after_days: int, until_days: int | None, day: date, number: int) -> bool:
    """Whether a step is due on this date, which is day `number` of its phase.

    From `start_after_days` inclusive until `until_days` exclusive (domain.md 6.5).
    """
    if str(day.isoweekday()) not in weekdays:
        return False
    return start_after_days <= number and (until_days is None or number < until_days)


def week_of(day: date) -> list[date]:
    """Monday to Sunday around this day."""
    monday = day - timedelta(days=day.isoweekday() - 1)
    return [monday + timedelta(days=n) for n in range(7)]
