"""Simulated lives break no rule, and with one rule broken on purpose its watcher sees it."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from clients.demo.simulation.running import Result, run, with_broken
from clients.demo.simulation.watching import EARLY, VIOLATIONS

SIZE = {"clients": 40, "weeks": 6, "seed": 1}


@pytest.mark.simulation
@pytest.mark.django_db(transaction=True)
def test_forty_lives_of_six_weeks_break_no_rule():
    result = run(**SIZE)

    assert (result.violations, result.examples) == ({}, {})
    assert result.looked["days"] == 40 * 6 * 7
    assert result.looked["moves"] > 60
    assert result.looked["ready"] > 20
    assert result.looked["whole days"] > 500
    assert result.looked["asked again"] > 20


@pytest.mark.simulation
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", VIOLATIONS)
def test_counter_rises_with_its_rule_broken(what):
    with with_broken(what):
        result = run(10, 9, seed=2, until=what)

    assert result.violations[what] > 0


@pytest.mark.django_db(transaction=True)
def test_few_lives_of_two_weeks_break_no_rule():
    result = run(5, 2, seed=4)

    assert (result.violations, result.examples) == ({}, {})
    assert result.looked["days"] == 5 * 2 * 7


@pytest.mark.django_db(transaction=True)
def test_broken_gate_is_seen_at_once():
    with with_broken(EARLY):
        result = run(2, 2, seed=2, until=EARLY)

    assert result.violations[EARLY] > 0
    assert result.looked["days"] == 2 * 7, "it ends with the week in which it was seen"


@pytest.mark.django_db
def test_a_simulation_of_nobody_breaks_nothing():
    assert run(0, 1, seed=1) == Result({}, {}, {})


def test_counts_of_several_processes_add_up():
    one = Result.from_json('{"violations": {"history changed": 1}, "looked": {"days": 7}, "examples": {}}')

    both = one + Result.from_json(one.as_json())

    assert json.loads(both.as_json()) == {
        "violations": {"history changed": 2},
        "looked": {"days": 14},
        "examples": {},
    }
    assert both.total == 2


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_command_makes_a_database_of_its_own_and_says_what_it_counted(monkeypatch):
    monkeypatch.setattr(
        "clients.management.commands.simulate.throw_away_database",
        lambda _name: pytest.MonkeyPatch().context(),
    )
    out = StringIO()

    call_command("simulate", clients=2, weeks=1, seed=3, processes=1, stdout=out)

    lines = out.getvalue().splitlines()
    assert lines[-1].startswith("0 violations: 2 clients, 1 weeks, seed 3, ")
    assert len([line for line in lines if line.strip().startswith("0 ") and "violations" not in line]) == len(
        VIOLATIONS
    )
