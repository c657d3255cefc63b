"""What a chart says, as a drawing and as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from clients.charts.chart import (
    BOTTOM,
    HEIGHT,
    LEFT,
    LINE,
    RIGHT,
    TOP,
    WIDTH,
    Column,
    Figures,
    Goal,
    Series,
    chart_of,
    spread,
    top_of,
)
from clients.charts.thinning import Span

START = date(2026, 1, 5)
FLOOR = HEIGHT - BOTTOM


def figures(*columns: tuple[float | None, ...], every: int = 2, **more: object) -> Figures:
    days = tuple(START + timedelta(days=every * n) for n in range(len(columns[0])))
    series = tuple(Series(f"Head {n}", f"word{n}", column) for n, column in enumerate(columns))
    return replace(Figures("key", "Title", "Sentence.", days, series), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("columns", [((),), ((4.0,),), ((4.0, None),)])
def test_fewer_than_two_values_are_no_drawing_but_a_table(
    columns: tuple[tuple[float | None, ...], ...],
) -> None:
    chart = chart_of(figures(*columns))

    assert chart.drawing is None
    assert len(chart.figures.rows) == len(columns[0])


def test_ten_lies_at_the_top_and_nought_on_the_floor() -> None:
    drawing = chart_of(figures((10.0, 0.0))).drawing

    assert drawing is not None
    assert [mark.y for mark in drawing.strokes[0].marks] == [TOP, FLOOR]
    assert [(level.y, level.label.text) for level in drawing.levels] == [
        (FLOOR, "0"),
        ((TOP + FLOOR) / 2, "5"),
        (TOP, "10"),
    ]


def test_first_and_last_day_lie_at_the_edges_and_are_written() -> None:
    drawing = chart_of(figures((1.0, 2.0, 3.0, 4.0))).drawing

    assert drawing is not None
    marks = drawing.strokes[0].marks
    assert LEFT < marks[0].x < LEFT + 20
    assert marks[-1].x == WIDTH - RIGHT
    assert (drawing.days[0].day, drawing.days[-1].day) == (START, START + timedelta(days=6))


def test_line_breaks_over_a_silence_which_is_shown_and_counted_in_the_table() -> None:
    near = chart_of(figures((3.0, 3.0), every=7))
    far = chart_of(figures((3.0, 3.0), every=20))

    assert near.drawing is not None
    assert far.drawing is not None
    assert (len(near.drawing.strokes[0].lines), near.drawing.gaps) == (1, ())
    assert (far.drawing.strokes[0].lines, len(far.drawing.strokes[0].marks)) == ((), 2)
    assert [gap.words for gap in far.drawing.gaps] == ["19 days without"]
    assert [row.silence for row in far.figures.rows] == ["", "19 days without"]
    assert [row.silence for row in near.figures.rows] == ["", ""]


def test_series_that_paused_breaks_while_the_other_goes_on() -> None:
    drawing = chart_of(figures((1.0, 1.0, 1.0, 1.0), (5.0, None, None, 5.0), every=4)).drawing

    assert drawing is not None
    assert [len(stroke.lines) for stroke in drawing.strokes] == [1, 0]
    assert drawing.gaps == ()


def test_series_differ_by_mark_and_word() -> None:
    drawing = chart_of(figures((1.0, 2.0), (3.0, 4.0), (5.0, 6.0), (7.0, 8.0))).drawing

    assert drawing is not None
    shapes = {stroke.marks[0].d.lstrip("M0123456789. ")[:6] for stroke in drawing.strokes}
    assert len(shapes) == 4
    assert [label.text for label in drawing.lasts] == ["2 word0", "4 word1", "6 word2", "8 word3"]


def test_first_values_stand_above_the_higher_and_below_the_lower_mark() -> None:
    drawing = chart_of(figures((2.0, 5.0), (8.0, 5.0))).drawing

    assert drawing is not None
    low, high = (stroke.marks[0].y for stroke in drawing.strokes)
    by_text = {label.text: label.y for label in drawing.firsts}
    assert by_text["8"] < high < low < by_text["2"]


@pytest.mark.parametrize(
    ("begin", "shown"),
    [
        ((9.0, 5.0, 1.0), ["9", "1"]),
        ((1.0, 5.0, 9.0), ["9", "1"]),
        ((3.0, 9.0, 1.0), ["3", "1"]),
        ((7.0, 9.0, 1.0), ["9", "7"]),
        ((5.0, 5.0, 5.0), ["5", "5"]),
    ],
)
def test_first_value_of_the_first_series_is_always_written(
    begin: tuple[float, ...], shown: list[str]
) -> None:
    drawing = chart_of(figures(*((value, 4.0) for value in begin))).drawing

    assert drawing is not None
    above, below = drawing.firsts
    first = drawing.strokes[0].marks[0].y
    assert [above.text, below.text] == shown
    assert above.y < below.y
    assert first in (above.y + 8, below.y - LINE)


def test_goals_are_lines_at_their_level_that_keep_their_place() -> None:
    drawing = chart_of(figures((9.0, 8.0), goals=(Goal(11, "better"), Goal(5, "worse from")))).drawing

    assert drawing is not None
    assert [(goal.look, goal.y, goal.words) for goal in drawing.goals] == [
        (1, (TOP + FLOOR) / 2, "worse from 5")
    ]


def test_words_of_a_goal_stand_under_the_drawing_beside_a_piece_of_its_line() -> None:
    chart = chart_of(figures((9.0, 2.0), (3.0, 5.0), goals=(Goal(4, "a change that matters:"),)))

    page = render_to_string("components/chart.html", {"chart": chart})

    drawing, under = page.split("</svg>", 1)
    assert "a change that matters" not in drawing
    assert drawing.count("baseline goal-0") == under.count("baseline goal-0") == 1
    assert "a change that matters: 4" in under


def test_goal_beyond_the_scale_is_not_drawn() -> None:
    drawing = chart_of(figures((9.0, 8.0), goals=(Goal(11, "goal"),))).drawing

    assert drawing is not None
    assert drawing.goals == ()


def test_pair_draws_how_far_it_lies_apart_on_days_that_tell_both() -> None:
    drawing = chart_of(figures((2.0, 4.0, 5.0), (8.0, None, 5.0), pair=True)).drawing

    assert drawing is not None
    (link,) = drawing.links
    assert (link.top, link.bottom) == (drawing.strokes[1].marks[0].y, drawing.strokes[0].marks[0].y)


def test_words_are_marks_without_a_line() -> None:
    drawing = chart_of(figures((0.0, 1.0), words=("Fine", "Sore"), signs=("fine", "sore"), high=1)).drawing

    assert drawing is not None
    assert drawing.strokes[0].lines == ()
    assert [level.label.text for level in drawing.levels] == ["fine", "sore"]
    assert (drawing.firsts, drawing.lasts) == ((), ())


def test_table_is_the_newest_first_with_a_dash_where_nothing_was_told() -> None:
    said = figures((2.0, None), (None, 8.5), beside=(Column("Sets", ("a", "b")),), flags=("", "now"))

    newest, oldest = said.rows

    assert (newest.cells, newest.beside, newest.flag) == (("–", "8.5"), ("b",), "now")
    assert (oldest.cells, oldest.beside) == (("2", "–"), ("a",))
    assert said.columns == 4


def test_table_says_words_and_signs() -> None:
    assert [row.cells for row in figures((1.0, 0.0), words=("Fine", "Sore")).rows] == [("Fine",), ("Sore",)]
    assert [row.cells for row in figures((2.5, -1.0), signed=True).rows] == [("−1",), ("+2.5",)]


@given(st.lists(st.floats(TOP, FLOOR), max_size=5))
def test_words_at_the_end_of_lines_never_stand_on_each_other(places: list[float]) -> None:
    found = sorted(spread(places, LINE, TOP, FLOOR))

    assert all(later - earlier >= LINE - 0.001 for earlier, later in pairwise(found))
    assert all(place >= TOP - 0.001 for place in found)


def test_words_that_have_room_are_not_moved() -> None:
    assert spread([100, 30, 60], LINE, TOP, FLOOR) == [100, 30, 60]


@pytest.mark.parametrize(
    ("values", "top"),
    [
        ([], 1),
        ([0.5], 1),
        ([3], 4),
        ([7], 10),
        ([10], 10),
        ([11], 20),
        ([45], 60),
        ([101], 200),
        ([999], 1000),
    ],
)
def test_top_of_the_scale_is_round(values: list[float], top: int) -> None:
    assert top_of(values) == top


@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.none() | st.integers(0, 10), st.none() | st.integers(0, 10)),
        max_size=60,
    )
)
def test_everything_lies_within_the_drawing(told: list[tuple[int, int | None, int | None]]) -> None:
    days, day = [], START
    for ahead, _a, _b in told:
        day += timedelta(days=ahead)
        days.append(day)
    said = Figures(
        "key", "Title", "", tuple(days), (Series("A", "a", tuple(a for _n, a, _b in told)), Series("B", "b", tuple(b for _n, _a, b in told))), pair=True
    )  # fmt: skip
    drawing = chart_of(said).drawing

    if drawing is None:
        assert said.told < 2
        return
    marks = [mark for stroke in drawing.strokes for mark in stroke.marks]
    assert len(marks) == sum(1 for _n, a, b in told for value in (a, b) if value is not None)
    assert all(LEFT <= mark.x <= WIDTH - RIGHT and TOP <= mark.y <= FLOOR for mark in marks)
    assert all(gap.width > 0 and LEFT <= gap.x <= WIDTH - RIGHT for gap in drawing.gaps)


def bars(*columns: tuple[float | None, ...], **more: object) -> Figures:
    return figures(*columns, every=7, bars=True, high=7, span=Span.WEEK, **more)


def test_bars_fill_the_outline_and_an_unknown_week_has_none() -> None:
    drawing = chart_of(bars((7.0, 3.0, None, 0.0), (7.0, 6.0, 4.0, 4.0))).drawing

    assert drawing is not None
    assert [(bar.y, bar.height) for bar in drawing.bars[:1]] == [(TOP, FLOOR - TOP)]
    assert len(drawing.bars) == 2
    assert drawing.bars[1].height == pytest.approx(drawing.outlines[1].height / 2, abs=0.1)
    assert [label.text for label in drawing.firsts] == ["7/7", "0/4"]


def test_bars_of_noughts_are_no_drawing() -> None:
    assert chart_of(bars((0.0, 0.0))).drawing is None
    assert chart_of(bars(())).drawing is None


def test_bars_stay_within_the_drawing_and_few_days_are_written() -> None:
    drawing = chart_of(bars(tuple(float(n % 8) for n in range(26)))).drawing

    assert drawing is not None
    assert all(bar.x >= LEFT and bar.x + bar.width <= WIDTH for bar in drawing.bars)
    assert len(drawing.days) == 4
    assert drawing.days[-1].day == START + timedelta(weeks=25)


def test_bar_above_the_scale_ends_at_its_top() -> None:
    drawing = chart_of(bars((9.0,))).drawing

    assert drawing is not None
    assert drawing.bars[0].y == TOP
