"""Whose number counts (domain.md 6.4). The table needs no database."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from clients.models import AssignedPhase, Assignment, PhaseTransition, Practice
from clients.numbers import Number, freeze_numbers, numbers_now, phase_numbers, rule_numbers
from routines.models import Rule

GATE = "release_to_strengthen"
NUMBERS = PhaseTransition.Kind.NUMBERS


def changed(rule: str, unset: list[str] | None = None, **numbers: Any) -> PhaseTransition:
    return PhaseTransition(kind=NUMBERS, numbers={"rule": rule, "set": numbers, "unset": unset or []})


def phase(
    *, min_days: int = 10, review_by_day: int = 25, criteria: str = GATE, **levels: Any
) -> AssignedPhase:
    return AssignedPhase(criteria=criteria, min_days=min_days, review_by_day=review_by_day, numbers=levels)


@pytest.mark.parametrize("said", list(product([True, False], repeat=4)))
def test_the_nearest_level_that_has_a_number_wins(said: tuple[bool, ...]) -> None:
    values = dict(zip(AssignedPhase.LEVELS, (1, 2, 3, 4), strict=True))
    has = dict(zip(AssignedPhase.LEVELS, said, strict=True))
    given = {
        level: {"tenderness_max": values[level]} for level in ("phase", "practice", "rule") if has[level]
    }
    rows = [changed(GATE, tenderness_max=1)] if has["client"] else []

    found = phase_numbers(phase(**given), rows).get("tenderness_max")

    nearest = next((level for level in AssignedPhase.LEVELS if has[level]), None)
    assert found == (Number(values[nearest], nearest) if nearest else None)


@pytest.mark.parametrize("said", list(product([True, False], repeat=3)))
def test_a_rule_beside_the_gates_knows_client_practice_and_rule(said: tuple[bool, ...]) -> None:
    client, practice, rule = said
    numbers: dict[str, Any] = {"practice": {}, "rule": {}}
    if practice:
        numbers["practice"] = {"step_back": {"missed_days": 12}}
    if rule:
        numbers["rule"] = {"step_back": {"missed_days": 14}}
    rows = [changed("step_back", missed_days=9)] if client else []

    found = rule_numbers(Assignment(numbers=numbers), "step_back", rows).get("missed_days")

    expected = [
        Number(9, "client") if client else None,
        Number(12, "practice") if practice else None,
        Number(14, "rule") if rule else None,
    ]
    assert found == next((number for number in expected if number), None)


@pytest.mark.parametrize(("key", "own"), [("min_days_in_phase", 10), ("review_by_day", 25)])
def test_days_of_the_programs_phase_beat_practice_and_rule_but_not_the_client(key: str, own: int) -> None:
    here = phase(practice={key: 3}, rule={key: 7})

    assert phase_numbers(here, []).get(key) == Number(own, "phase")
    assert phase_numbers(here, [changed(GATE, **{key: 12})]).get(key) == Number(12, "client")


def test_days_of_a_phase_without_a_rule_are_known() -> None:
    last = phase(criteria="", min_days=0, review_by_day=90)

    assert phase_numbers(last, [changed("", review_by_day=5)]).value("review_by_day") == 90


def test_a_number_of_zero_or_none_is_a_number() -> None:
    here = phase(phase={"tenderness_max": 0}, rule={"tenderness_max": 3})

    assert phase_numbers(here, []).get("tenderness_max") == Number(0, "phase")
    assert phase_numbers(here, []).value("effort_max", 6) == 6


def test_what_was_changed_for_the_client_is_folded_in_order() -> None:
    rows = [
        changed(GATE, tenderness_max=4, mean_pain_max=6),
        changed("step_back", tenderness_max=9),
        PhaseTransition(kind=PhaseTransition.Kind.HELD, numbers={"rule": GATE, "set": {"tenderness_max": 8}}),
        changed(GATE, tenderness_max=2),
        changed(GATE, unset=["mean_pain_max", "never_set"]),
    ]
    here = phase(rule={"tenderness_max": 3, "mean_pain_max": 5})

    def at(count: int) -> tuple[Any, Any]:
        numbers = phase_numbers(here, rows[:count])
        return numbers.value("tenderness_max"), numbers.value("mean_pain_max")

    assert [at(count) for count in range(6)] == [(3, 5), (4, 6), (4, 6), (4, 6), (2, 6), (2, 5)]


def test_a_decision_keeps_the_number_and_whose_it_was() -> None:
    numbers = phase_numbers(phase(rule={"tenderness_max": 3}), [])

    assert numbers.as_json("tenderness_max", "min_days_in_phase", "unknown") == {
        "tenderness_max": {"value": 3, "whose": "rule"},
        "min_days_in_phase": {"value": 10, "whose": "phase"},
    }


def test_frozen_levels_are_not_changed_by_reading() -> None:
    here = phase(phase={"tenderness_max": 4})

    phase_numbers(here, [changed(GATE, tenderness_max=1)])

    assert here.numbers == {"phase": {"tenderness_max": 4}}


@pytest.mark.django_db
def test_every_rule_of_progression_is_frozen_with_what_the_practice_says() -> None:
    practice = Practice(numbers={"step_back": {"missed_days": 10}, "weekday": {"x": 1}})

    frozen = freeze_numbers(practice)

    assert frozen["practice"] == {"step_back": {"missed_days": 10}}
    assert set(frozen["rule"]) == set(
        Rule.objects.filter(section=Rule.Section.PROGRESSION).values_list("slug", flat=True)
    )
    assert frozen["rule"]["step_back"]["missed_days"] == 14
    assert freeze_numbers(None)["practice"] == {}


@pytest.mark.django_db
def test_what_is_planned_today_asks_the_practice_first() -> None:
    key = "strengthening_on_consecutive_days_from_days_per_week"
    rule = Rule.objects.get(slug="weekday").numbers

    assert numbers_now("weekday", None) == rule
    assert numbers_now("weekday", Practice(numbers={"weekday": {key: 7}})) == {**rule, key: 7}
