"""Weeks against their goal as a drawing: an outline for the days that were due, filled by those that were done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from clients.charts.scales import Scale

WIDTH, HEIGHT = 400, 150  # small, so that its words stay readable on a phone
LEFT, RIGHT, TOP, BOTTOM = 28, 8, 14, 26
DAYS = 7
WIDEST = 36


class Week(Protocol):
    @property
    def monday(self) -> date: ...
    @property
    def due(self) -> int: ...
    @property
    def done(self) -> int: ...
    @property
    def runs(self) -> bool: ...


@dataclass(frozen=True)
class Bar:
    """One week. `top` and `height` of the filled part, `goal_top` and `goal_height` of the outline."""

    x: float
    width: float
    top: float
    height: float
    goal_top: float
    goal_height: float
    middle: float
    words: str
    monday: date
    named: bool  # whether its day is written under it
    runs: bool


@dataclass(frozen=True)
class WeeksChart:
    """Geometry for templates/clients/workplace/_chart_weeks.html, in the units of its viewBox."""

    width: int
    height: int
    left: int
    right: int
    floor: float
    below: float
    levels: tuple[tuple[float, int], ...]
    bars: tuple[Bar, ...]


def weeks_chart(weeks: Sequence[Week]) -> WeeksChart | None:
    """The drawing of these weeks, oldest first; None where nothing was due in any of them."""
    if not any(week.due for week in weeks):
        return None
    y = Scale(0, DAYS, HEIGHT - BOTTOM, TOP)
    room = (WIDTH - RIGHT - LEFT) / len(weeks)
    wide = round(min(WIDEST, room * 0.7), 1)
    every = -(-len(weeks) // 4)  # at most four days are written
    bars = []
    for n, week in enumerate(weeks):
        middle = round(LEFT + room * (n + 0.5), 1)
        done, due = y(min(week.done, DAYS)), y(min(week.due, DAYS))
        bars.append(
            Bar(
                x=round(middle - wide / 2, 1),
                width=wide,
                top=done,
                height=round(y(0) - done, 1),
                goal_top=due,
                goal_height=round(y(0) - due, 1),
                middle=middle,
                words=f"{week.done}/{week.due}",
                monday=week.monday,
                named=(len(weeks) - 1 - n) % every == 0,
                runs=week.runs,
            )
        )
    return WeeksChart(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        floor=y(0),
        below=HEIGHT - 8,
        levels=tuple((y(level), level) for level in (0, 3, 7)),
        bars=tuple(bars),
    )
