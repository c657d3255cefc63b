"""Doses of one press: the exercise's own, and what the rule of its kind says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from routines.models import Dose, Exercise, ExerciseKind, Rule
from routines.presets import presets_for
from routines.review import Limits, PhaseFacts, ProgramFacts, StepFacts, review

MASSAGE = Dose(1, 1, 30, None, 10, 2, 5)
MOVING = Dose(3, 10, 0, (2, 1, 2), 30, 1, 2)
HELD = Dose(3, 1, 20, None, 30, 1, 4)
PRESS: dict[str, Any] = {
    "sets": 2, "reps": 1, "hold_seconds": 45, "rest_seconds": 15, "per_day": 1, "days_per_week": 6,
    "range": {"hold_seconds": [20, 60], "sets": [1, 3]},
}  # fmt: skip
STRENGTHEN: dict[str, Any] = {
    "sets": 2, "reps": 12, "tempo": {"lift": 1, "hold": 2, "lower": 4}, "rest_seconds": 60, "per_day": 1,
    "days_per_week": 3, "range": {"sets": [1, 3], "reps": [8, 15]},
}  # fmt: skip


def doses(own: Dose, rule: dict[str, Any]) -> dict[str, Dose]:
    return {preset.slug: preset.dose for preset in presets_for(own, rule)}


def test_own_dose_comes_first_and_stands_alone_without_a_rule() -> None:
    assert doses(MOVING, {}) == {"own": MOVING}
    assert next(iter(doses(MOVING, STRENGTHEN))) == "own"


def test_usual_dose_is_that_of_the_kind() -> None:
    assert doses(MASSAGE, PRESS)["usual"] == Dose(2, 1, 45, None, 15, 1, 6)
    assert doses(MOVING, STRENGTHEN)["usual"] == Dose(2, 12, 0, (1, 2, 4), 60, 1, 3)


def test_exercise_without_a_tempo_keeps_its_own_pace() -> None:
    assert doses(replace(MOVING, tempo=None), STRENGTHEN)["usual"].tempo is None


def test_hold_among_moving_ones_stays_a_hold() -> None:
    found = doses(HELD, STRENGTHEN)

    assert (found["usual"].reps, found["usual"].hold_seconds) == (1, 20)
    assert found["lighter"] == replace(found["usual"], sets=1)
    assert "fuller" not in found


def test_lighter_and_fuller_are_the_ends_of_what_is_usual() -> None:
    found = doses(MOVING, STRENGTHEN)

    assert (found["lighter"].sets, found["lighter"].reps) == (1, 8)
    assert (found["fuller"].sets, found["fuller"].reps) == (3, 15)


def test_stretch_before_strengthening_stays_within_its_seconds() -> None:
    rule = {**PRESS, "before_strengthening": {"max_total_seconds_per_muscle": 40}}

    assert doses(MASSAGE, rule)["short"] == Dose(1, 1, 40, None, 15, 1, 6)


def test_the_same_dose_is_offered_once() -> None:
    usual = Dose(2, 12, 0, (1, 2, 4), 60, 1, 3)

    assert [preset.slug for preset in presets_for(usual, STRENGTHEN)] == ["own", "lighter", "fuller"]


@pytest.mark.parametrize(
    "rule",
    [
        {"sets": "two", "reps": None, "hold_seconds": -4, "range": {"sets": [1]}},
        {"sets": 10**9, "tempo": {"lift": 999}, "range": {"sets": [99, 999], "reps": "x"}},
        {"range": [], "tempo": 7, "before_strengthening": []},
        {"sets": True, "range": {"sets": [0, 0], "reps": [0, 10**9]}},
    ],
)
def test_rule_that_somebody_broke_gives_doses_that_can_be_saved(rule: dict[str, Any]) -> None:
    for dose in doses(MOVING, rule).values():
        assert 1 <= dose.sets <= 20
        assert 1 <= dose.reps <= 200
        assert 0 <= dose.hold_seconds <= 3600
        assert dose.tempo is None or all(0 <= part <= 60 for part in dose.tempo)


@pytest.mark.django_db
def test_no_shipped_preset_is_called_unusual() -> None:
    rules = {row.slug: row.numbers for row in Rule.objects.filter(section=Rule.Section.DOSE)}
    limits = Limits({kind: rules[kind]["range"] for kind in ExerciseKind.values})
    strange = []
    for exercise in Exercise.objects.all():
        for preset in presets_for(exercise.dose, rules[exercise.kind]):
            step = StepFacts(exercise.slug, exercise.kind, preset.dose, exercise.dose)
            phase = PhaseFacts("Any", "release", True, (step,))
            found = review(ProgramFacts((phase,), limits=limits))
            strange += [(preset.slug, warning.sentence) for warning in found]

    assert strange == []
