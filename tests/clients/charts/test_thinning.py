"""Many days as few."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median_high

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.charts.thinning import MOST, Span, thinned

MONDAY = date(2026, 1, 5)


def daily(number: int) -> list[date]:
    return [MONDAY + timedelta(days=n) for n in range(number)]


@pytest.mark.parametrize(
    ("number", "span", "points"),
    [
        (0, Span.DAY, 0),
        (1, Span.DAY, 1),
        (3, Span.DAY, 3),
        (MOST, Span.DAY, MOST),
        (MOST + 1, Span.WEEK, 9),
        (1500, Span.MONTH, 50),
        (6000, Span.QUARTER, 66),
    ],
)
def test_as_few_points_as_a_drawing_can_tell_apart(number: int, span: Span, points: int) -> None:
    found = thinned(daily(number), [[5.0] * number])

    assert (found.span, len(found.days), found.of) == (span, points, number)


def test_point_of_a_week_is_its_middle_and_begins_on_monday() -> None:
    found = thinned(daily(9), [[1, 2, 9, 3, None, None, None, 4, 5]], most=5)

    assert found.days == (MONDAY, MONDAY + timedelta(days=7))
    assert found.columns == ((2.5, 4.5),)
    assert found.counts == (4, 2)


def test_what_was_not_told_has_no_point() -> None:
    found = thinned(daily(3), [[1, None, 3], [None, None, 4]])

    assert found.days == (MONDAY, MONDAY + timedelta(days=2))
    assert found.columns == ((1, 3), (None, 4))


def test_of_two_middle_ones_the_worse_where_asked() -> None:
    assert thinned(daily(2), [[0, 3]], most=1, middle=median_high).columns == ((3,),)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.none() | st.integers(0, 10)), max_size=400),
    st.integers(1, 70),
)
def test_middle_lies_between_the_values_and_no_entry_is_lost(
    told: list[tuple[int, int | None]], most: int
) -> None:
    days, day = [], MONDAY
    for ahead, _value in told:
        day += timedelta(days=ahead)
        days.append(day)
    values = [value for _ahead, value in told]

    found = thinned(days, [values], most=most)

    known = [value for value in values if value is not None]
    assert found.of == len(known)
    assert list(found.days) == sorted(found.days)
    assert all(value is not None and min(known) <= value <= max(known) for value in found.columns[0])
    assert len(found.days) <= most or found.span is Span.QUARTER
