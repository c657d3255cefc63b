"""One measure over time as a drawing: every value, the first one, the line of the change that matters (domain.md 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clients.charts.scales import Scale, day_scale, day_ticks, path
from clients.measures import Line
from clients.outcomes import figure, needed_change, starting_point
from routines.models import OutcomeMeasure

WIDTH, HEIGHT = 400, 200  # small, so that its words stay readable on a phone
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 10, 30
GAP_DAYS = 30  # measures come every two or four weeks; a line does not cross a longer silence


@dataclass(frozen=True)
class Mark:
    """A place in the drawing with its figure or day."""

    x: float
    y: float
    text: str = ""
    day: date | None = None


@dataclass(frozen=True)
class MeasureChart:
    """Geometry for templates/clients/measures/_chart.html, in the units of its viewBox.

    `goals` are the lines from which a difference matters, above and below the start where the scale has room.
    """

    width: int
    height: int
    left: int
    right: int
    levels: tuple[Mark, ...]
    days: tuple[Mark, ...]
    strokes: tuple[str, ...]
    dots: tuple[Mark, ...]
    goals: tuple[Mark, ...]


def measure_chart(line: Line) -> MeasureChart | None:
    """The drawing of a line with at least two values; None before that, since a dot tells less than its number."""
    points: Sequence[tuple[date, Decimal]] = [(point.day, point.score) for point in line.points]
    measure = line.measure
    start = starting_point(measure, points[0][1]) if points else None
    if len(points) < 2 or start is None:
        return None
    x = day_scale([day for day, _score in points], LEFT, WIDTH - RIGHT)
    y = Scale(measure.minimum, measure.maximum, HEIGHT - BOTTOM, TOP)
    dots = [Mark(x(day.toordinal()), y(float(value)), figure(value), day) for day, value in points]
    strokes: list[list[Mark]] = []
    for dot in dots:
        near = (
            strokes and dot.day and strokes[-1][-1].day and (dot.day - strokes[-1][-1].day).days <= GAP_DAYS
        )
        if near:
            strokes[-1].append(dot)
        else:
            strokes.append([dot])
    needed = needed_change(measure, start)
    lines: list[Decimal] = []
    if needed is not None:
        below, above = needed.better, needed.worse
        if measure.better == OutcomeMeasure.Better.HIGHER:
            below, above = above, below
        lines = [start - below, start + above]
    middle = Decimal(measure.minimum + measure.maximum) / 2
    return MeasureChart(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        levels=tuple(
            Mark(LEFT - 8, y(float(level)), figure(Decimal(level), signed=measure.minimum < 0))
            for level in (measure.minimum, middle, measure.maximum)
        ),
        days=tuple(
            Mark(x(day.toordinal()), HEIGHT - 6, day=day)
            for day in day_ticks([day for day, _score in points], most=3)
        ),
        strokes=tuple(path([(dot.x, dot.y) for dot in stroke]) for stroke in strokes if len(stroke) > 1),
        dots=tuple(dots),
        goals=tuple(
            Mark(WIDTH - RIGHT, y(float(level)), figure(level))
            for level in lines
            if measure.minimum <= level <= measure.maximum
        ),
    )
