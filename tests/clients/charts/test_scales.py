"""From values to places on a drawing."""

from datetime import date

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


def test_path_writes_points_as_svg_reads_them():
    assert path([(1.0, 2.5), (10.0, 0.0)]) == "1,2.5 10,0"
