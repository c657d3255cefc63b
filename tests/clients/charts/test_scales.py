"""From values to places on a drawing."""

from datetime import date, timedelta

import pytest

from clients.charts.scales import Scale, day_scale, day_ticks, path


def test_scale_puts_its_ends_where_they_belong():
    y = Scale(0, 10, 190, 10)

    assert [y(0), y(5), y(10)] == [190, 100, 10]


def test_scale_without_width_puts_everything_in_the_middle():
    assert Scale(7, 7, 0, 100)(7) == 50


def test_day_scale_spreads_days_by_their_distance():
    x = day_scale([date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 11)], 0, 100)

    assert [x(date(2026, 3, day).toordinal()) for day in (1, 2, 11)] == [0, 10, 100]


def test_day_ticks_keep_first_and_last_and_never_repeat():
    week = [date(2026, 3, 1), date(2026, 3, 30)]

    assert day_ticks(week)[0] == date(2026, 3, 1)
    assert day_ticks(week)[-1] == date(2026, 3, 30)
    assert len(day_ticks(week)) == 5
    assert day_ticks([date(2026, 3, 1), date(2026, 3, 2)]) == [date(2026, 3, 1), date(2026, 3, 2)]
    assert day_ticks([date(2026, 3, 1)]) == [date(2026, 3, 1)]


@pytest.mark.parametrize(
    ("last", "written"), [(1, [0, 1]), (2, [0, 1, 2]), (3, [0, 3]), (4, [0, 2, 4]), (5, [0, 2, 5])]
)
def test_day_ticks_of_few_days_never_stand_on_each_other(last, written):
    first = date(2026, 11, 16)

    ticks = day_ticks([first, first + timedelta(days=last)], most=3)

    assert [(day - first).days for day in ticks] == written


def test_path_writes_points_as_svg_reads_them():
    assert path([(1.0, 2.5), (10.0, 0.0)]) == "1,2.5 10,0"
