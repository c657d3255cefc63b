"""Scores, the difference that matters, and when a measure is due (domain.md 6.1, 6.3, 8). No database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from clients.outcomes import (
    AnswerRefused,
    Difference,
    NotOffered,
    asked_for,
    due_on,
    important,
    leg_alarm,
    score,
    slot,
    starting_point,
)
from routines.models import OutcomeMeasure
from tests.routines.catalogue_files import shipped

SHIPPED = {True: "yes", False: "no", "total_only": "total_only"}
REASSESS = {"every_days": 14, "full_outcome_days": [0, 28, 56, 84]}
BETTER, WORSE, NOISE = Difference.BETTER, Difference.WORSE, Difference.WITHIN_NOISE


def measure(slug: str) -> OutcomeMeasure:
    """As the catalogue file has it."""
    row = next(row for row in shipped()["outcome_measures"] if row["slug"] == slug)
    change = row["important_change"]
    return OutcomeMeasure(
        slug=slug,
        minimum=row["min"],
        maximum=row["max"],
        better=row["better"] or "neither",
        important_change=None if change is None else Decimal(str(change)),
        or_percent=row["or_percent"],
        shipped=SHIPPED[row["implement"]],
        scoring=row.get("scoring", ""),
        details={name: row[name] for name in ("choose", "asks_screening") if name in row},
    )


def questions(slug: str) -> list[str]:
    row = next(row for row in shipped()["outcome_measures"] if row["slug"] == slug)
    return [question["slug"] for question in row.get("questions", [])]


LEG = {"leg_pain": 6, "leg_feeling": 0, "leg_trust": 2, "leg_rest": 3}


@pytest.mark.parametrize(
    ("slug", "answers", "expected"),
    [
        ("nprs", {"pain_average_7_days": 0}, "0"),
        ("nprs", {"pain_average_7_days": 10}, "10"),
        ("activities", [4], "4"),
        ("activities", [0, 10, 5], "5"),
        ("activities", [1, 1, 2], "1.33"),
        ("activities", [5, 6, 6], "5.67"),
        ("activities", [1, 2, 3, 4, 5], "3"),
        ("rmdq", {"total": 24}, "24"),
        ("rmdq", {"total": 0}, "0"),
        ("change", {"change": -5}, "-5"),
        ("change", {"change": 5}, "5"),
        ("leg_symptoms", LEG, "11"),
        ("leg_symptoms", dict.fromkeys(LEG, 6), "24"),
    ],
)
def test_score(slug: str, answers: Any, expected: str) -> None:
    assert score(measure(slug), answers, questions(slug)) == Decimal(expected)


@pytest.mark.parametrize(
    ("slug", "answers"),
    [
        ("nprs", {}),
        ("nprs", {"pain_average_7_days": 11}),
        ("nprs", {"pain_average_7_days": -1}),
        ("nprs", {"pain_average_7_days": None}),
        ("nprs", {"pain_average_7_days": True}),
        ("nprs", {"pain_average_7_days": 3.5}),
        ("nprs", {"something_else": 3}),
        ("nprs", {"pain_now": 3, "pain_morning": 4}),
        ("nprs", [3]),
        ("activities", []),
        ("activities", [1, 2, 3, 4, 5, 6]),
        ("activities", [11]),
        ("rmdq", {"total": 25}),
        ("change", {"change": -6}),
        ("leg_symptoms", {**LEG, "leg_rest": 7}),
        ("leg_symptoms", {"leg_pain": 6}),
        ("leg_symptoms", {**LEG, "sleep": 1}),
    ],
)
def test_what_cannot_be_scored_is_refused(slug: str, answers: Any) -> None:
    with pytest.raises(AnswerRefused):
        score(measure(slug), answers, questions(slug))


@pytest.mark.parametrize("slug", ["sbi", "odi"])
def test_what_the_owners_do_not_allow_is_never_scored(slug: str) -> None:
    with pytest.raises(NotOffered):
        score(measure(slug), {"total": 4}, ["total"])


@pytest.mark.parametrize(
    ("slug", "first", "latest", "expected"),
    [
        # Pain: 2 points or 30 %, down is good
        ("nprs", "8", "6", BETTER),
        ("nprs", "8", "7", NOISE),
        ("nprs", "8", "10", WORSE),
        ("nprs", "8", "9", NOISE),
        ("nprs", "4", "4", NOISE),
        ("nprs", "3", "4", NOISE),
        ("nprs", "3", "5", WORSE),
        ("nprs", "3", "2", BETTER),  # 33 %
        ("nprs", "4", "3", NOISE),  # 25 %
        ("nprs", "10", "7", BETTER),  # 30 % exactly, and 3 points
        ("nprs", "0", "1", NOISE),  # no percent of nothing
        ("nprs", "0", "2", WORSE),
        ("nprs", "0", "0", NOISE),
        # The total for the back: 5 points or 30 %
        ("rmdq", "20", "15", BETTER),
        ("rmdq", "20", "16", NOISE),
        ("rmdq", "10", "7", BETTER),
        ("rmdq", "10", "8", NOISE),
        ("rmdq", "10", "13", NOISE),  # percent are a share of what gets better
        ("rmdq", "10", "15", WORSE),
        ("rmdq", "1", "2", NOISE),
        # Activities: 2 points, up is good, no percent
        ("activities", "3", "5", BETTER),
        ("activities", "3", "4.99", NOISE),
        ("activities", "1", "2", NOISE),
        ("activities", "5", "3", WORSE),
        # Change is itself held against 0, whatever was said first
        ("change", "4", "3", BETTER),
        ("change", "4", "2", NOISE),
        ("change", "0", "-3", WORSE),
        ("change", "-5", "-2", NOISE),
        # Nobody knows a line
        ("leg_symptoms", "20", "2", Difference.NO_LINE),
        ("effort", "4", "9", Difference.NO_LINE),
    ],
)
def test_difference_that_matters(slug: str, first: str, latest: str, expected: Difference) -> None:
    assert important(Decimal(first), Decimal(latest), measure(slug)) == expected


@pytest.mark.parametrize(("first", "latest"), [(None, Decimal(3)), (Decimal(3), None), (None, None)])
@pytest.mark.parametrize("slug", ["nprs", "change", "leg_symptoms"])
def test_a_missing_value_says_nothing(slug: str, first: Decimal | None, latest: Decimal | None) -> None:
    assert important(first, latest, measure(slug)) is None


def test_change_starts_at_the_same() -> None:
    assert starting_point(measure("change"), Decimal(4)) == 0
    assert starting_point(measure("nprs"), Decimal(4)) == 4
    assert starting_point(measure("change"), None) is None


@pytest.mark.parametrize(
    ("slug", "day", "expected"),
    [
        ("nprs", -1, None),
        ("nprs", 0, 0),
        ("nprs", 13, 0),
        ("nprs", 14, 14),
        ("nprs", 27, 14),
        ("nprs", 140, 140),
        ("change", 0, None),
        ("change", 13, None),
        ("change", 14, 14),
        ("activities", 0, 0),
        ("activities", 14, 14),
        ("activities", 28, 28),
        ("activities", 98, 98),
        ("rmdq", 0, 0),
        ("rmdq", 27, 0),
        ("rmdq", 28, 28),
        ("rmdq", 84, 84),
        ("rmdq", 200, 84),
        ("leg_symptoms", 56, 56),
        ("leg_symptoms", 55, 28),
        ("tenderness", 14, None),
    ],
)
def test_when_a_measure_was_to_be_answered(slug: str, day: int, expected: int | None) -> None:
    assert slot(slug, day, REASSESS) == expected


@pytest.mark.parametrize(
    ("day", "answered", "expected"),
    [
        (0, [], True),
        (0, [0], False),
        (10, [], True),  # stays due until it is answered
        (13, [5], False),
        (14, [5], True),
        (14, [5, 13], True),
        (14, [14], False),
        (20, [16], False),
        (28, [16], True),
        (40, [], True),  # one time, not three
        (40, [-20], True),  # an answer of an earlier program
        (-3, [], False),
    ],
)
def test_due(day: int, answered: list[int], expected: bool) -> None:
    assert due_on("nprs", day, answered, REASSESS) is expected


def test_numbers_of_the_rule_give_the_days() -> None:
    often = {"every_days": 7, "full_outcome_days": [0, 42]}

    assert [slot("nprs", 8, often), slot("rmdq", 41, often), slot("rmdq", 42, often)] == [7, 0, 42]
    assert slot("nprs", 8, {}) is None


PATTERNS = {row["slug"]: row for row in shipped()["imbalances"]}
BACK = {"sciatica_lumbar_disc", "lower_crossed", "hamstring_dominant", "low_back_general", "si_joint"}
LEGS = {"sciatica_piriformis", "sciatica_lumbar_disc"}


@pytest.mark.parametrize("slug", PATTERNS)
def test_each_pattern_asks_for_what_suits_it(slug: str) -> None:
    row = PATTERNS[slug]

    asked = asked_for(row["pain_areas"], row["screening_groups"])

    expected = {"nprs", "activities", "change"}
    expected |= {"rmdq"} if slug in BACK else set()
    expected |= {"leg_symptoms"} if slug in LEGS else set()
    assert set(asked) == expected


def test_a_program_without_a_pattern_asks_for_what_suits_every_region() -> None:
    assert asked_for([], []) == ["nprs", "activities", "change"]


ASKS = {"question": "leg_trust", "from_value": 4, "or_rise": 2}


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, 3, False),
        (None, 4, True),
        (0, 1, False),
        (0, 2, True),
        (1, 3, True),
        (2, 3, False),
        (6, 4, True),
        (3, 1, False),
    ],
)
def test_leg_that_cannot_be_relied_on_asks_a_question(before: int | None, now: int, expected: bool) -> None:
    earlier = None if before is None else {"leg_trust": before}

    assert leg_alarm({"leg_trust": now}, earlier, ASKS) is expected


def test_an_unanswered_item_asks_nothing() -> None:
    assert leg_alarm({}, {"leg_trust": 6}, ASKS) is False
    assert leg_alarm({"leg_trust": 3}, {}, ASKS) is False
    assert leg_alarm({"leg_trust": 3}, {"leg_trust": 0}, {"question": "leg_trust", "from_value": 4}) is False


def test_catalogue_asks_as_tested_here() -> None:
    assert measure("leg_symptoms").details["asks_screening"] == {
        **ASKS,
        "screening_question": "leg_weakness_worsening",
    }
    assert shipped()["progression_rules"]["reassess"] == REASSESS
