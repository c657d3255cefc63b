"""Weeks against their goal as a drawing."""

from __future__ import annotations

from datetime import date, timedelta

from clients.casefile.weeks import WeekLine
from clients.charts.weeks import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, weeks_chart

MONDAY = date(2026, 1, 5)


def week(n: int, due: int, done: int) -> WeekLine:
    return WeekLine(MONDAY + timedelta(weeks=n), due, done)


def test_nothing_due_draws_nothing() -> None:
    assert weeks_chart([]) is None
    assert weeks_chart([week(0, 0, 0)]) is None


def test_done_fills_the_outline_of_what_was_due() -> None:
    chart = weeks_chart([week(0, 7, 7), week(1, 6, 3), week(2, 4, 0)])

    assert chart is not None
    full, half, none = chart.bars
    assert (full.goal_top, full.top, full.height) == (TOP, TOP, HEIGHT - BOTTOM - TOP)
    assert half.height == round(half.goal_height / 2, 1)
    assert half.top + half.height == chart.floor == half.goal_top + half.goal_height
    assert none.height == 0


def test_bars_stay_within_the_drawing_and_few_days_are_written() -> None:
    chart = weeks_chart([week(n, 7, n % 8) for n in range(12)])

    assert chart is not None
    assert all(bar.x >= LEFT and bar.x + bar.width <= WIDTH - RIGHT for bar in chart.bars)
    assert [bar.named for bar in chart.bars].count(True) == 4
    assert chart.bars[-1].named
