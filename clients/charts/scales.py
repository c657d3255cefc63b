"""From values to places on a drawing. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Scale:
    """A straight line from values to pixels: `low` lies at `start`, `high` at `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where the value lies, to a tenth of a pixel. A scale without width puts everything in its middle."""
        if self.high == self.low:
            return round((self.start + self.end) / 2, 1)
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def day_scale(days: list[date], start: float, end: float) -> Scale:
    """Dates by their number; the first day at `start`, the last at `end`."""
    return Scale(days[0].toordinal(), days[-1].toordinal(), start, end)


def day_ticks(days: list[date], most: int = 5) -> list[date]:
    """At most `most` days to write under the axis, evenly spread, first and last among them.

    Fewer where whole days cannot be: of four days the third would stand on the last.
    """
    first, last = days[0].toordinal(), days[-1].toordinal()
    if first == last:
        return [days[0]]
    steps = min(most - 1, last - first)
    while (last - first) // steps < 0.75 * (last - first) / steps:
        steps -= 1
    return [date.fromordinal(first + round(n * (last - first) / steps)) for n in range(steps + 1)]


def path(points: list[tuple[float, float]]) -> str:
    """The `points` attribute of an SVG polyline."""
    return " ".join(f"{x:g},{y:g}" for x, y in points)
