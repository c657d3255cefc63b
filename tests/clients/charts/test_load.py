"""What is said of the load of one exercise."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from clients.charts.load import DoneSet, Unit, amount, load_chart, sets_words, unit_of

DAY = timedelta(days=1)
START = date(2026, 1, 5)


def sets(
    number: int, reps: int | None = None, seconds: int | None = None, kg: str = "", band: str = ""
) -> list[DoneSet]:
    return [DoneSet(reps, seconds, Decimal(kg) if kg else None, band)] * number


@pytest.mark.parametrize(
    ("done", "unit", "value", "words"),
    [
        (sets(3, 12, kg="4.0"), Unit.KG, 4, "3 × 12, 4 kg"),
        (sets(2, 12) + sets(1, 10), Unit.REPS, 34, "12, 12, 10"),
        (sets(2, 12, band="green"), Unit.REPS, 24, "2 × 12, band: green"),
        (sets(3, 1, 20), Unit.SECONDS, 60, "3 × 20 s"),
        (sets(2, None, 30), Unit.SECONDS, 60, "2 × 30 s"),
        (sets(2, 5, 10), Unit.REPS, 10, "2 × 5 × 10 s"),
        (sets(1), Unit.REPS, None, "1 × –"),
    ],
)
def test_day_in_one_number_and_in_words(
    done: list[DoneSet], unit: Unit, value: float | None, words: str
) -> None:
    assert unit_of(done) == unit
    assert amount(done, unit) == value
    assert sets_words(done) == words


def test_weight_is_told_where_there_ever_was_one() -> None:
    chart = load_chart(
        "key",
        "Clam",
        {
            "none": {
                START: sets(3, 12),
                START + DAY: sets(3, 12, kg="2.5"),
                START + 2 * DAY: sets(3, 12, kg="4"),
            }
        },
    )

    assert chart.figures.sentence == "2.5 at first, 4 kg the last time."
    assert [row.cells for row in chart.figures.rows] == [("4",), ("2.5",)]


def test_sides_are_told_apart_with_their_gap_and_band() -> None:
    chart = load_chart(
        "key",
        "Clam",
        {
            "left": {START: sets(3, 10, band="red"), START + 2 * DAY: sets(3, 12, band="green")},
            "right": {START: sets(3, 8, band="red"), START + 2 * DAY: sets(3, 12, band="green")},
        },
    )

    assert chart.figures.sentence == (
        "Left: 30 at first, 36 repetitions the last time. "
        "Right: 24 at first, 36 repetitions the last time. "
        "Left and right were 6 apart at first, level the last time. Band: red at first, green the last time."
    )
    assert [(row.cells, row.beside) for row in chart.figures.rows] == [
        (("36", "36"), ("0", "3 × 12, band: green", "3 × 12, band: green")),
        (("30", "24"), ("6", "3 × 10, band: red", "3 × 8, band: red")),
    ]


def test_what_was_done_with_both_sides_together_is_a_third_line_beside_the_sides() -> None:
    chart = load_chart(
        "key",
        "Clam",
        {
            "none": {START: sets(2, 8), START + DAY: sets(2, 10)},
            "left": {START + 2 * DAY: sets(2, 9)},
            "right": {START + 2 * DAY: sets(2, 10)},
        },
    )

    assert chart.figures.sentence == (
        "Left: 18 repetitions so far. Right: 20 repetitions so far. "
        "Both sides together: 16 at first, 20 repetitions the last time. Left and right are 2 apart."
    )
    assert [series.head for series in chart.figures.series] == [
        "Repetitions, left",
        "Repetitions, right",
        "Repetitions, together",
    ]
    assert [(row.cells, row.beside) for row in chart.figures.rows] == [
        (("18", "20", "–"), ("2", "2 × 9", "2 × 10", "–")),
        (("–", "–", "20"), ("–", "–", "–", "2 × 10")),
        (("–", "–", "16"), ("–", "–", "–", "2 × 8")),
    ]


def test_one_side_and_both_together_are_two_lines_without_a_distance() -> None:
    chart = load_chart("key", "Clam", {"none": {START: sets(2, 8)}, "right": {START + DAY: sets(2, 10)}})

    assert (
        chart.figures.sentence == "Right: 20 repetitions so far. Both sides together: 16 repetitions so far."
    )
    assert not chart.figures.pair
    assert [column.head for column in chart.figures.beside] == ["Sets, right", "Sets, both sides together"]


def test_year_that_is_not_the_first_says_so() -> None:
    sides = {"none": {START: sets(2, 8), START + DAY: sets(2, 10)}}
    words = "This is the last year; what came before it is not shown."

    assert words in load_chart("key", "Clam", sides, cut=True).figures.sentence
    assert words not in load_chart("key", "Clam", sides).figures.sentence


def test_one_side_alone_is_one_line() -> None:
    chart = load_chart("key", "Clam", {"right": {START: sets(2, 10)}})

    assert chart.figures.sentence == "Right: 20 repetitions so far."
    assert [series.head for series in chart.figures.series] == ["Repetitions, right"]


def test_year_is_drawn_by_weeks_without_the_sets_of_each_day() -> None:
    chart = load_chart("key", "Clam", {"none": {START + n * DAY: sets(2, 10) for n in range(365)}})

    assert chart.figures.beside == ()
    assert len(chart.figures.days) == 53
    assert "middle of a week (365 entries in all)" in chart.figures.sentence
