"""The grid of a sheet of paper: which days it holds, which session is where."""

from datetime import timedelta

import pytest

from clients.demo.builders import NOW, advance, assign, make_client
from clients.planning import gather, plan
from clients.sheets import asks_of, columns_of, days_that_fit, legend, lines_of

pytestmark = pytest.mark.django_db


def plans_of(client, days=14):
    today = client.local_date(NOW)
    facts = gather(client, today, today + timedelta(days=days))
    return [plan(facts, today + timedelta(days=n)) for n in range(days)]


def test_one_session_a_day_fills_two_weeks():
    ana = make_client()
    assign(ana)

    plans = days_that_fit(plans_of(ana))

    assert len(plans) == 14
    assert [column.number for column in columns_of(plans)] == [1] * 14


def test_two_sessions_a_day_fill_one_week():
    ana = make_client()
    assign(ana, "program_plantar_heel")

    plans = days_that_fit(plans_of(ana))
    columns = columns_of(plans)

    assert len(plans) == 7
    assert {(column.number, column.span) for column in columns} == {(1, 2), (2, 2)}
    assert len(columns) == 14


def test_day_without_anything_due_has_a_column_for_its_pain():
    ana = make_client()
    advance(assign(ana))

    columns = columns_of(plans_of(ana, 7))

    assert len(columns) == 7
    assert {column.goes for column in columns} == {0, 1}


def test_lines_are_the_exercises_of_all_days_each_side_apart():
    ana = make_client(side="both")
    assign(ana, side="both")
    plans = plans_of(ana)

    lines = lines_of(plans)

    asked = {(item.exercise_id, item.side) for each in plans for item in each.items}
    assert {(line.item.exercise_id, line.item.side) for line in lines} == asked
    together = [line.item.exercise_id for line in lines]
    assert together == sorted(together, key=together.index)
    assert {line.side for line in lines} <= {"left", "right", ""}


def test_line_knows_the_sessions_in_which_it_is_due():
    ana = make_client()
    assign(ana, "program_plantar_heel")
    plans = days_that_fit(plans_of(ana))

    twice = {line.item.name for line in lines_of(plans) if any(key.endswith("-2") for key in line.due)}

    assert twice == {"Sole stretch (toe pull)"}


def test_no_letter_stands_for_two_things():
    letters = [letter for letter, _word in legend()]

    assert letters == list("ABCDEFGH")


def test_effort_is_asked_where_something_is_strengthened():
    assert len(asks_of(loading=True)) == len(asks_of(loading=False)) + 1
