"""The small chart beside a row of the queue: a line with the own baseline, or bars. Never without words beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from clients.charts.scales import Scale, day_scale, path

WIDTH, HEIGHT = 132, 36
EDGE = 4  # room for the dot and the thickness of the line
BAR, GAP = 14, 6
HIGHEST = 10  # pain and tenderness are told from 0 to 10
LEAST = 5  # small numbers fill no more than the lower part


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Spark:
    """Geometry for templates/components/spark.html, in the units of its viewBox."""

    width: int = WIDTH
    height: int = HEIGHT
    line: str = ""
    dot: tuple[float, float] | None = None
    baseline: float | None = None
    bars: list[Bar] = field(default_factory=list)


def spark_of(chart: Mapping[str, Any] | None) -> Spark | None:
    """From the figures that a need keeps: {"of": …, "values": …, "baseline": …}. None where there is nothing to draw."""
    if not chart or not chart.get("values"):
        return None
    if chart["of"] == "sessions":
        return bars(chart["values"])
    told = [(date.fromisoformat(day), value) for day, value in chart["values"]]
    return line(told, chart.get("baseline"))


def line(told: Sequence[tuple[date, float]], baseline: float | None) -> Spark | None:
    """Values from 0 to 10 by their days; None for a single one."""
    if len(told) < 2:
        return None
    x = day_scale([day for day, _value in told], EDGE, WIDTH - EDGE)
    top = max(*(value for _day, value in told), baseline or 0) + 1
    y = Scale(0, min(HIGHEST, max(LEAST, top)), HEIGHT - EDGE, EDGE)
    points = [(x(day.toordinal()), y(value)) for day, value in told]
    return Spark(line=path(points), dot=points[-1], baseline=y(baseline) if baseline is not None else None)


def bars(counts: Sequence[int]) -> Spark | None:
    """A bar for each count, the newest at the right; a count of 0 is a hairline, so that its place is seen."""
    if not any(counts):
        return None
    shown = counts[-(WIDTH // (BAR + GAP)) :]
    height = Scale(0, max(shown) or 1, 1, HEIGHT - EDGE)
    return Spark(
        bars=[
            Bar(x=n * (BAR + GAP), y=round(HEIGHT - height(count), 1), width=BAR, height=height(count))
            for n, count in enumerate(shown)
        ]
    )
