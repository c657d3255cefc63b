"""What is said of pain."""

from datetime import date, timedelta

import pytest

from clients.charts.pain import (
    PainPoint,
    StrainPoint,
    diary_chart,
    important_change,
    morning_chart,
    pain_chart,
    strain_chart,
)


def point(
    day: int, before: int | None = None, after: int | None = None, morning: int | None = None
) -> PainPoint:
    return PainPoint(date(2026, 3, day), before, after, morning)


def heads(chart):
    return [series.head for series in chart.figures.series]


@pytest.mark.parametrize(
    ("start", "fall"), [(0, 0), (1, 1), (4, 1), (4.5, 2), (5, 2), (7, 2), (8, 3), (10, 3)]
)
def test_important_change_grows_with_the_start(start, fall):
    assert important_change(start) == fall


@pytest.mark.parametrize("points", [[], [point(1), point(2)]])
def test_pain_of_nothing_told_is_not_enough_data(points):
    chart = pain_chart(points)

    assert (chart.drawing, chart.figures.days) == (None, ())
    assert chart.figures.sentence == "Not enough data: nothing told yet."


def test_pain_of_one_number_says_one_number():
    assert pain_chart([point(1, after=3)]).figures.sentence == "One number so far: 3 of 10."


def test_pain_names_first_and_latest_and_the_change_that_matters():
    chart = pain_chart([point(1, 8, 6), point(3, 5, 4), point(5, 4, 3)])

    assert chart.figures.sentence == "Pain after the session: 6 of 10 at first, 3 the last time."
    assert [goal.value for goal in chart.figures.goals] == [4]
    assert heads(chart) == ["After", "Before"]


def test_pain_of_somebody_without_pain_has_no_goal():
    assert pain_chart([point(1, 0, 0)]).figures.goals == ()


def test_pain_speaks_of_before_when_after_was_never_told():
    chart = pain_chart([point(1, 5), point(2, 3)])

    assert chart.figures.sentence == "Pain before the session: 5 of 10 at first, 3 the last time."
    assert heads(chart) == ["Before"]


def test_pain_of_the_next_morning_is_a_line_of_its_own():
    chart = pain_chart([point(1, 5, 4, 6), point(2, 3, 2)])

    assert heads(chart) == ["After", "Before", "Next morning"]
    assert [row.cells for row in chart.figures.rows] == [("2", "3", "–"), ("4", "5", "6")]


def test_pain_of_years_says_that_points_are_months():
    days = [date(2022, 1, 1) + timedelta(days=n) for n in range(1500)]
    chart = pain_chart([PainPoint(day, 5, 3 + (day.day % 3)) for day in days])

    assert chart.figures.sentence.endswith("Each point is the middle of a month (1500 entries in all).")
    assert len(chart.figures.days) == 50
    assert chart.drawing is not None
    assert chart.drawing.long


def test_mornings_are_counted_by_their_words():
    chart = morning_chart(
        [(date(2026, 3, 1), "fine"), (date(2026, 3, 2), "worse_than_before"), (date(2026, 3, 3), "fine")]
    )

    assert chart.figures.sentence == "The mornings after: 2 × fine, 1 × worse. The last time: fine."
    assert [row.cells for row in chart.figures.rows] == [("Fine",), ("Worse than before",), ("Fine",)]


def test_mornings_of_nobody_are_not_enough_data():
    assert morning_chart([]).figures.sentence == "Not enough data: nothing told yet."


def test_strain_tells_pain_and_effort_apart():
    chart = strain_chart([StrainPoint(date(2026, 3, 1), 4, 6), StrainPoint(date(2026, 3, 2), None, 5)])

    assert chart.figures.sentence == (
        "Strongest pain during the session: 4 of 10 so far. Effort: 6 of 10 at first, 5 the last time."
    )
    assert heads(strain_chart([StrainPoint(date(2026, 3, 1), None, 6)])) == ["Effort"]
    assert strain_chart([]).figures.sentence == "Not enough data: nothing told yet."


def test_diary_has_its_days():
    chart = diary_chart([(date(2026, 3, 1), 4), (date(2026, 3, 2), 2)])

    assert chart.figures.sentence == "Pain diary: 4 of 10 at first, 2 the last time."
