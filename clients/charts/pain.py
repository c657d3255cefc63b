"""Pain before and after each session as a drawing: two lines from 0 to 10, the start, the change that matters, gaps.

Rules for charts in domain.md 8: the first value, the latest, the line of important change, and every gap are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from clients.charts.scales import Scale as Axis
from clients.charts.scales import day_scale, day_ticks, path

WIDTH, HEIGHT = 400, 220  # small, so that its words stay readable on a phone
LEFT, RIGHT, TOP, BOTTOM = 28, 8, 10, 30
GAP_DAYS = 7  # a line does not cross a longer silence


@dataclass(frozen=True)
class PainPoint:
    """One session: pain 0 to 10 before and after; None where it was not told."""

    day: date
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    value: int
    day: date


@dataclass(frozen=True)
class Line:
    """`strokes` are the polylines between the gaps, `dots` every value."""

    strokes: list[str]
    dots: list[Dot]


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    text: str = ""
    day: date | None = None


@dataclass(frozen=True)
class PainChart:
    """Geometry for templates/clients/history/_chart_pain.html, in the units of its viewBox.

    `main` is the line that first, last and goal speak of: after, or before where after was never told.
    """

    width: int
    height: int
    left: int
    right: float
    levels: list[Label]
    days: list[Label]
    before: Line
    after: Line
    main: Line
    first: Dot | None
    last: Dot | None
    start_y: float | None
    goal: Label | None = field(default=None)


def important_change(start: int) -> int:
    """By how many points pain must fall to matter, from where it began (domain.md 6.3): about 1 from a low start,
    2 from the middle, 3 from 8 on. 0 where there is nothing to lose.
    """
    if start == 0:
        return 0
    if start <= 4:
        return 1
    return 2 if start < 8 else 3


def pain_chart(points: Sequence[PainPoint]) -> PainChart | None:
    """The drawing of these sessions, oldest first; None where nobody told a number."""
    told = [point for point in points if point.before is not None or point.after is not None]
    if not told:
        return None
    days = [point.day for point in told]
    x = day_scale(days, LEFT, WIDTH - RIGHT)
    y = Axis(0, 10, HEIGHT - BOTTOM, TOP)
    before = line([(p.day, p.before) for p in told if p.before is not None], x, y)
    after = line([(p.day, p.after) for p in told if p.after is not None], x, y)
    main = after if after.dots else before
    first, last = main.dots[0], main.dots[-1]
    fall = important_change(first.value)
    goal = first.value - fall
    return PainChart(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        levels=[Label(LEFT - 8, y(level), str(level)) for level in (0, 2, 4, 6, 8, 10)],
        days=[Label(x(day.toordinal()), HEIGHT - 6, day=day) for day in day_ticks(days, most=3)],
        before=before,
        after=after,
        main=main,
        first=first,
        last=last,
        start_y=first.y,
        goal=Label(WIDTH - RIGHT, y(goal), str(goal)) if fall else None,
    )


def line(values: list[tuple[date, int]], x: Axis, y: Axis) -> Line:
    dots = [Dot(x(day.toordinal()), y(value), value, day) for day, value in values]
    strokes: list[list[Dot]] = []
    for dot in dots:
        if strokes and (dot.day - strokes[-1][-1].day).days <= GAP_DAYS:
            strokes[-1].append(dot)
        else:
            strokes.append([dot])
    return Line([path([(dot.x, dot.y) for dot in stroke]) for stroke in strokes if len(stroke) > 1], dots)
