"""One measure as a drawing: every value, gaps, and the line from which a difference matters."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from clients.charts.measure import GAP_DAYS, measure_chart
from clients.measures import Line, Point
from clients.outcomes import Needed, needed_change
from tests.clients.test_outcomes import measure

START = date(2026, 1, 5)


def line(slug: str, *values: int, every: int = 14) -> Line:
    points = (Point(START + timedelta(days=every * n), Decimal(value)) for n, value in enumerate(values))
    return Line(measure(slug), tuple(points))


@pytest.mark.parametrize(
    ("slug", "start", "better", "worse"),
    [
        ("nprs", 8, "2", "2"),
        ("nprs", 3, "0.9", "2"),
        ("nprs", 0, "2", "2"),
        ("rmdq", 20, "5", "5"),
        ("rmdq", 10, "3", "5"),
        ("activities", 1, "2", "2"),
    ],
)
def test_line_that_matters(slug: str, start: int, better: str, worse: str) -> None:
    assert needed_change(measure(slug), Decimal(start)) == Needed(Decimal(better), Decimal(worse))


def test_lines_lie_apart_for_the_better_and_for_the_worse() -> None:
    chart = measure_chart(line("rmdq", 10, 12))

    assert chart is not None
    assert [goal.text for goal in chart.goals] == ["7", "15"]


@pytest.mark.parametrize("slug", ["leg_symptoms", "effort"])
def test_no_line_where_nobody_knows_one(slug: str) -> None:
    assert needed_change(measure(slug), Decimal(5)) is None
    chart = measure_chart(line(slug, 5, 3))
    assert chart is not None
    assert chart.goals == ()


@pytest.mark.parametrize("values", [(), (4,)])
def test_one_value_is_no_drawing(values: tuple[int, ...]) -> None:
    assert measure_chart(line("nprs", *values)) is None


def test_more_lies_higher_and_lines_stay_on_the_scale() -> None:
    chart = measure_chart(line("nprs", 9, 5))

    assert chart is not None
    assert chart.dots[0].y < chart.dots[1].y
    assert [goal.text for goal in chart.goals] == ["7"]  # 11 would lie off the scale


def test_change_is_drawn_around_the_first_day() -> None:
    chart = measure_chart(line("change", 1, 4))

    assert chart is not None
    assert [level.text for level in chart.levels] == ["−5", "0", "+5"]
    assert [goal.text for goal in chart.goals] == ["−2.5", "2.5"]


def test_silence_is_a_gap() -> None:
    near, far = (measure_chart(line("nprs", 5, 4, every=days)) for days in (GAP_DAYS, GAP_DAYS + 1))

    assert near is not None
    assert far is not None
    assert (len(near.strokes), len(far.strokes), len(far.dots)) == (1, 0, 2)
