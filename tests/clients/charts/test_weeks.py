"""What is said of weeks: days against their goal, and minutes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clients.casefile.weeks import WeekLine
from clients.charts.weeks import minutes_chart, weeks_chart, weeks_sentence

MONDAY = date(2026, 1, 5)


def week(n: int, due: int, done: int, *, runs: bool = False, told: bool = True) -> WeekLine:
    return WeekLine(MONDAY + timedelta(weeks=n), due, done, runs=runs, told=told)


@pytest.mark.parametrize(
    ("weeks", "words"),
    [
        ([], "Not enough data: no week is over yet."),
        ([week(0, 7, 2, runs=True)], "Not enough data: no week is over yet."),
        ([week(0, 5, 2)], "Last week 2 of 5 days."),
        (
            [week(0, 5, 5), week(1, 5, 2), week(2, 5, 0, runs=True)],
            "Last week 2 of 5 days. The goal was reached in 1 of 2 weeks.",
        ),
        (
            [week(0, 5, 2), week(1, 0, 0), week(2, 5, 0, runs=True)],
            "Week from 5 January: 2 of 5 days.",
        ),
        (
            [week(0, 5, 5), week(1, 5, 2), week(2, 0, 0), week(3, 0, 0, runs=True)],
            "Week from 12 January: 2 of 5 days. The goal was reached in 1 of 2 weeks.",
        ),
        ([week(0, 5, 2), week(1, 0, 0, told=False)], "Week from 5 January: 2 of 5 days."),
        (
            [week(0, 0, 0, told=False), week(1, 5, 0, runs=True)],
            "Not enough data: no sheet of these weeks has come back yet.",
        ),
    ],
)
def test_sentence_speaks_of_full_weeks_alone(weeks: list[WeekLine], words: str) -> None:
    assert weeks_sentence(weeks) == words


def test_nothing_due_draws_nothing() -> None:
    assert weeks_chart([]).drawing is None
    assert weeks_chart([week(0, 0, 0)]).drawing is None


def test_weeks_say_done_and_goal_and_which_one_runs() -> None:
    chart = weeks_chart([week(0, 7, 7), week(1, 6, 3, runs=True)])

    assert [(row.cells, row.flag) for row in chart.figures.rows] == [
        (("3", "6"), "this week"),
        (("7", "7"), ""),
    ]
    assert chart.drawing is not None
    assert len(chart.drawing.outlines) == 2


def test_week_whose_sheet_is_still_out_is_a_dash() -> None:
    chart = weeks_chart([week(0, 4, 3), week(1, 0, 0, told=False), week(2, 7, 0, runs=True)])

    assert [row.cells for row in chart.figures.rows] == [("0", "7"), ("–", "–"), ("3", "4")]
    assert chart.drawing is not None
    assert (len(chart.drawing.bars), len(chart.drawing.outlines)) == (1, 2)


def test_minutes_of_a_week_that_nobody_knows_are_a_dash() -> None:
    chart = minutes_chart([week(0, 7, 7), week(1, 7, 2), week(2, 7, 3)], [48, None, 30])

    assert chart.figures.sentence == "78 minutes in all, in 2 weeks."
    assert [row.cells for row in chart.figures.rows] == [("30",), ("–",), ("48",)]
    assert chart.figures.high == 60
    assert chart.figures.notes == (
        "From the start to the last set, as the app knows it; sessions without the app or on paper are not in it.",
    )
    assert chart.drawing is not None
    assert len(chart.drawing.bars) == 2


def test_minutes_of_no_session_are_not_enough_data() -> None:
    chart = minutes_chart([week(0, 7, 2)], [None])

    assert (chart.figures.sentence, chart.figures.days) == (
        "Not enough data: no session with a time yet.",
        (),
    )
