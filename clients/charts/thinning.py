"""Many days as few: the middle of each week, month or quarter, so that years stay readable. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from statistics import median

MOST = 60  # points that a drawing on a phone can tell apart

Column = tuple[float | None, ...]


class Span(Enum):
    """How much time one point stands for; the value is the days that lie between two neighbours at most."""

    DAY = 0
    WEEK = 7
    MONTH = 31
    QUARTER = 92

    def begins(self, day: date) -> date:
        """The first day of the week, month or quarter in which this day lies."""
        if self is Span.DAY:
            return day
        if self is Span.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1, month=day.month if self is Span.MONTH else (day.month - 1) // 3 * 3 + 1)


@dataclass(frozen=True)
class Thinned:
    """`days` with the values of each column; `counts` says how many stand behind each day of it."""

    span: Span
    days: tuple[date, ...]
    columns: tuple[Column, ...]
    counts: tuple[int, ...]

    @property
    def of(self) -> int:
        return sum(self.counts)


def thinned(
    days: Sequence[date],
    columns: Sequence[Sequence[float | None]],
    *,
    most: int = MOST,
    middle: Callable[[list[float]], float] = median,
) -> Thinned:
    """The same while there are at most `most`, else the middle of each week, or of the shortest span that is few enough.

    `days` are the oldest first, each column has a value or None for each of them. Days of which nothing was told are left
    out, and so is a span of such days.
    """
    told = [n for n in range(len(days)) if any(column[n] is not None for column in columns)]
    days, columns = [days[n] for n in told], [[column[n] for n in told] for column in columns]
    for span in Span:
        if span is Span.DAY:
            if len(days) <= most:
                return Thinned(span, tuple(days), tuple(tuple(each) for each in columns), (1,) * len(days))
            continue
        if len({span.begins(day) for day in days}) <= most or span is Span.QUARTER:
            break
    places: dict[date, list[int]] = {}
    for n, day in enumerate(days):
        places.setdefault(span.begins(day), []).append(n)
    return Thinned(
        span,
        tuple(places),
        tuple(
            tuple(middle_of([column[n] for n in found], middle) for found in places.values())
            for column in columns
        ),
        tuple(len(found) for found in places.values()),
    )


def middle_of(values: Sequence[float | None], middle: Callable[[list[float]], float]) -> float | None:
    told = [value for value in values if value is not None]
    return middle(told) if told else None
