"""The small chart beside a row of the queue, as figures."""

from __future__ import annotations

from clients.charts.spark import HEIGHT, WIDTH, Bar, spark_of


def test_line_goes_from_the_first_day_to_the_last_with_its_baseline() -> None:
    spark = spark_of(
        {"of": "pain", "values": [["2026-03-01", 0], ["2026-03-03", 9], ["2026-03-05", 9]], "baseline": 9}
    )

    assert spark is not None
    assert spark.line.split()[0].startswith("4,")
    assert spark.dot == (WIDTH - 4, spark.baseline)
    assert spark.bars == []


def test_line_without_baseline_has_none() -> None:
    spark = spark_of({"of": "pain", "values": [["2026-03-01", 2], ["2026-03-03", 3]], "baseline": None})

    assert spark is not None
    assert spark.baseline is None


def test_small_numbers_do_not_fill_the_whole_height() -> None:
    spark = spark_of({"of": "tenderness", "values": [["2026-03-01", 1], ["2026-03-03", 1]], "baseline": None})

    assert spark is not None
    assert spark.dot is not None
    assert spark.dot[1] > HEIGHT / 2


def test_bars_stand_on_the_ground_and_nothing_is_a_hairline() -> None:
    spark = spark_of({"of": "sessions", "values": [4, 0]})

    assert spark is not None
    assert spark.bars == [Bar(x=0, y=4, width=14, height=32), Bar(x=20, y=35, width=14, height=1)]


def test_nothing_is_drawn_where_there_is_nothing() -> None:
    assert spark_of(None) is None
    assert spark_of({}) is None
    assert spark_of({"of": "sessions", "values": [0, 0]}) is None
    assert spark_of({"of": "pain", "values": [["2026-03-01", 3]]}) is None
