"""Pain before and after as a drawing."""

from datetime import date

import pytest

from clients.charts.pain import GAP_DAYS, HEIGHT, PainPoint, important_change, pain_chart


def point(day: int, before: int | None = None, after: int | None = None) -> PainPoint:
    return PainPoint(date(2026, 3, day), before, after)


@pytest.mark.parametrize(("start", "fall"), [(0, 0), (1, 1), (4, 1), (5, 2), (7, 2), (8, 3), (10, 3)])
def test_important_change_grows_with_the_start(start, fall):
    assert important_change(start) == fall


def test_pain_chart_of_nothing_told_is_no_chart():
    assert pain_chart([]) is None
    assert pain_chart([point(1), point(2)]) is None


def test_pain_chart_draws_more_pain_higher():
    chart = pain_chart([point(1, 8, 6), point(2, 4, 2)])

    assert chart.before.dots[0].y < chart.after.dots[0].y < chart.before.dots[1].y < chart.after.dots[1].y
    assert all(0 <= dot.y <= HEIGHT for dot in [*chart.before.dots, *chart.after.dots])


def test_pain_chart_names_first_and_last_and_the_change_that_matters():
    chart = pain_chart([point(1, 8, 6), point(3, 5, 4), point(5, 4, 3)])

    assert (chart.first.value, chart.last.value, chart.goal.text) == (6, 3, "4")


def test_pain_chart_of_somebody_without_pain_has_no_goal():
    assert pain_chart([point(1, 0, 0)]).goal is None


def test_pain_chart_shows_a_gap_as_a_gap():
    near = pain_chart([point(1, after=3), point(1 + GAP_DAYS, after=3)])
    far = pain_chart([point(1, after=3), point(2, after=3), point(3 + GAP_DAYS, after=3)])

    assert len(near.after.strokes) == 1
    assert len(far.after.strokes) == 1
    assert len(far.after.strokes[0].split()) == 2
    assert len(far.after.dots) == 3


def test_pain_chart_leaves_out_what_was_not_told():
    chart = pain_chart([point(1, 5, None), point(2, None, 4), point(3)])

    assert [dot.value for dot in chart.before.dots] == [5]
    assert [dot.value for dot in chart.after.dots] == [4]


def test_pain_chart_falls_back_to_before_when_after_was_never_told():
    chart = pain_chart([point(1, 5), point(2, 3)])

    assert (chart.first.value, chart.last.value) == (5, 3)
