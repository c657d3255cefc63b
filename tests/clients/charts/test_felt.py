"""What is said of tightness, of tenderness, and of left against right."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clients.charts.felt import FeltPoint, by_day, sides_chart, tenderness_chart, tightness_chart

START = date(2026, 1, 5)
DAY = timedelta(days=1)


def points(*values: tuple[int | None, int | None]) -> list[FeltPoint]:
    return [FeltPoint(START + 2 * n * DAY, after, before) for n, (before, after) in enumerate(values)]


def test_tightness_tells_before_and_after() -> None:
    chart = tightness_chart("key", "Piriformis, right", points((6, 4), (5, 3)))

    assert (
        chart.figures.sentence == "4 of 10 at first, 3 the last time. The last release took it from 5 to 3."
    )
    assert [row.cells for row in chart.figures.rows] == [("3", "5"), ("4", "6")]


def test_tightness_that_did_not_ease_is_not_said_to_have_eased() -> None:
    assert (
        tightness_chart("key", "Name", points((6, 4), (3, 3))).figures.sentence
        == "4 of 10 at first, 3 the last time."
    )


def test_tightness_told_only_before_speaks_of_it() -> None:
    assert (
        tightness_chart("key", "Name", points((6, None), (5, None))).figures.sentence
        == "6 of 10 at first, 5 the last time."
    )


def test_tenderness_of_one_side_is_one_line_that_crosses_a_week() -> None:
    chart = tenderness_chart("key", "Name", {"right": [(START, 7), (START + 9 * DAY, 5)]})

    assert chart.figures.sentence == "7 of 10 at first, 5 the last time."
    assert chart.drawing is not None
    assert len(chart.drawing.strokes[0].lines) == 1
    assert [label.text for label in chart.drawing.lasts] == ["5 right"]


def test_tenderness_of_both_sides_is_left_against_right() -> None:
    chart = tenderness_chart(
        "key",
        "Name",
        {"right": [(START, 7), (START + 7 * DAY, 5)], "left": [(START, 3), (START + 7 * DAY, 3)]},
    )

    assert (
        chart.figures.sentence == "Left and right were 4 apart at first, 2 the last time: the gap is closing."
    )
    assert [(row.cells, row.beside) for row in chart.figures.rows] == [
        (("3", "5"), ("2",)),
        (("3", "7"), ("4",)),
    ]
    assert chart.drawing is not None
    assert len(chart.drawing.links) == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([(3, None), (None, 4)], "Not enough data: no day tells both sides."),
        ([(3, 5)], "Left and right are 2 apart."),
        ([(3, 3), (4, 4)], "Left and right are level."),
        ([(3, 5), (4, 4)], "Left and right were 2 apart at first, level the last time."),
        ([(3, 5), (3, 7)], "Left and right were 2 apart at first, 4 the last time."),
        ([(3, 5), (None, 4), (5, 3)], "Left and right were 2 apart at first, 2 the last time."),
    ],
)
def test_gap_is_told_as_it_is(values: list[tuple[int | None, int | None]], words: str) -> None:
    days = [(START + n * DAY, left, right) for n, (left, right) in enumerate(values)]

    chart = sides_chart("key", "Title", days, gap=7, caption="")

    assert chart.figures.sentence == words


def test_days_of_both_sides_are_one_list() -> None:
    left, right = [(START, 3.0), (START + DAY, 4.0)], [(START + DAY, 5.0), (START + 2 * DAY, 6.0)]

    assert by_day(left, right) == [(START, 3, None), (START + DAY, 4, 5), (START + 2 * DAY, None, 6)]
