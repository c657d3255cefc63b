"""What is said of a measure: every value, gaps, and the line from which a difference matters."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from clients.charts.chart import Chart
from clients.charts.measure import GAP_DAYS, measure_chart, own_chart
from clients.measures import Line, Point
from clients.measuring import OwnLine, SideLine
from clients.models import OwnMeasure
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


def goals(chart: Chart) -> list[tuple[str, str]]:
    return [(goal.word, chart.figures.text(goal.value)) for goal in chart.figures.goals]


def test_lines_lie_apart_for_the_better_and_for_the_worse() -> None:
    assert goals(measure_chart(line("rmdq", 10, 12), "Back")) == [("better from", "7"), ("worse from", "15")]
    assert goals(measure_chart(line("activities", 4, 5), "Mine")) == [
        ("better from", "6"),
        ("worse from", "2"),
    ]


@pytest.mark.parametrize("slug", ["leg_symptoms", "effort"])
def test_no_line_where_nobody_knows_one(slug: str) -> None:
    assert needed_change(measure(slug), Decimal(5)) is None
    assert goals(measure_chart(line(slug, 5, 3), "Title")) == []


@pytest.mark.parametrize("values", [(), (4,)])
def test_one_value_is_no_drawing_and_no_line(values: tuple[int, ...]) -> None:
    chart = measure_chart(line("nprs", *values), "Pain")

    assert (chart.drawing, chart.figures.goals, len(chart.figures.rows)) == (None, (), len(values))


def test_lines_stay_on_the_scale() -> None:
    drawing = measure_chart(line("nprs", 9, 5), "Pain").drawing

    assert drawing is not None
    assert [goal.words for goal in drawing.goals] == ["better from 7"]  # 11 would lie off the scale


def test_change_is_drawn_around_the_first_day() -> None:
    chart = measure_chart(line("change", 1, 4), "Overall")

    assert chart.drawing is not None
    assert [level.label.text for level in chart.drawing.levels] == ["−5", "0", "+5"]
    assert goals(chart) == [("better from", "+2.5"), ("worse from", "−2.5")]


def test_silence_is_a_gap() -> None:
    near, far = (
        measure_chart(line("nprs", 5, 4, every=days), "Pain").drawing for days in (GAP_DAYS, GAP_DAYS + 1)
    )

    assert near is not None
    assert far is not None
    assert (len(near.gaps), len(far.gaps), len(far.strokes[0].marks)) == (0, 1, 2)


def own(unit: str, **sides: list[tuple[int, str]]) -> OwnLine:
    what = OwnMeasure(pk=7, name="Neck turn", unit=unit, sided="none" not in sides)
    return OwnLine(
        what,
        tuple(
            SideLine(side, tuple(Point(START + timedelta(days=day), Decimal(value)) for day, value in told))
            for side, told in sides.items()
        ),
    )


def test_own_measure_of_two_sides_is_left_against_right() -> None:
    chart = own_chart(own("°", left=[(0, "40"), (14, "55")], right=[(0, "60"), (14, "60")]))

    assert (chart.figures.title, chart.figures.high) == ("Neck turn (°)", 60)
    assert (
        chart.figures.sentence
        == "Left and right were 20 apart at first, 5 the last time: the gap is closing."
    )


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ([], "Not measured yet."),
        ([(0, "4")], "4 cm so far."),
        ([(0, "4"), (9, "2.5")], "4 cm at first, 2.5 cm the last time."),
    ],
)
def test_own_measure_without_sides_is_one_line(told: list[tuple[int, str]], words: str) -> None:
    assert own_chart(own("cm", none=told)).figures.sentence == words
