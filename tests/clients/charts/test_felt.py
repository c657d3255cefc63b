"""What a muscle felt like over time as a drawing."""

from __future__ import annotations

from datetime import date, timedelta

from clients.charts.felt import BOTTOM, HEIGHT, TOP, FeltPoint, felt_chart

START = date(2026, 1, 5)


def points(*values: tuple[int | None, int | None], every: int = 2) -> list[FeltPoint]:
    return [
        FeltPoint(START + timedelta(days=every * n), after, before)
        for n, (before, after) in enumerate(values)
    ]


def test_one_value_is_no_line() -> None:
    assert felt_chart([]) is None
    assert felt_chart(points((5, 3), (6, None))) is None


def test_ten_lies_at_the_top_and_nought_at_the_floor() -> None:
    chart = felt_chart(points((None, 10), (None, 0)))

    assert chart is not None
    assert [dot.y for dot in chart.values.dots] == [TOP, HEIGHT - BOTTOM]
    assert chart.before.dots == []
    assert (chart.first.value, chart.last.value) == (10, 0)


def test_two_lines_share_their_days_and_break_over_a_silence() -> None:
    chart = felt_chart(points((6, 4), (5, None), (5, 3), every=5))

    assert chart is not None
    assert [dot.x for dot in chart.values.dots] == [chart.before.dots[0].x, chart.before.dots[2].x]
    assert len(chart.values.strokes) == 0
    assert len(chart.before.strokes) == 1
