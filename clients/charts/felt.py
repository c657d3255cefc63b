"""What a muscle on one side felt like over time, 0 to 10: tenderness as one line, tightness before and after as two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clients.charts.pain import Dot, Line, line
from clients.charts.scales import Scale, day_scale, day_ticks

WIDTH, HEIGHT = 400, 160  # small, so that its words stay readable on a phone
LEFT, RIGHT, TOP, BOTTOM = 28, 8, 10, 28


@dataclass(frozen=True)
class FeltPoint:
    """A day with its value; `before` where the same was asked before something was done."""

    day: date
    value: int | None
    before: int | None = None


@dataclass(frozen=True)
class FeltChart:
    """Geometry for templates/clients/workplace/_chart_felt.html, in the units of its viewBox."""

    width: int
    height: int
    left: int
    right: int
    levels: tuple[tuple[float, int], ...]
    days: tuple[tuple[float, date], ...]
    below: float
    values: Line
    before: Line
    first: Dot
    last: Dot


def felt_chart(points: Sequence[FeltPoint]) -> FeltChart | None:
    """The drawing of these days, oldest first; None with fewer than two values, as a dot tells less than its number."""
    told = [point for point in points if point.value is not None]
    if len(told) < 2:
        return None
    days = [point.day for point in points]
    x = day_scale(days, LEFT, WIDTH - RIGHT)
    y = Scale(0, 10, HEIGHT - BOTTOM, TOP)
    values = line([(point.day, point.value) for point in told if point.value is not None], x, y)
    before = line([(point.day, point.before) for point in points if point.before is not None], x, y)
    return FeltChart(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        levels=tuple((y(level), level) for level in (0, 5, 10)),
        days=tuple((x(day.toordinal()), day) for day in day_ticks(days, most=3)),
        below=HEIGHT - 6,
        values=values,
        before=before,
        first=values.dots[0],
        last=values.dots[-1],
    )
