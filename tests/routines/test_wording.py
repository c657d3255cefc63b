"""The dose as people read it."""

import pytest

from routines.models import Dose
from routines.wording import dose_line, often


def dose(**numbers: object) -> Dose:
    usual = {
        "sets": 2,
        "reps": 1,
        "hold_seconds": 30,
        "tempo": None,
        "rest_seconds": 10,
        "per_day": 1,
        "days_per_week": 7,
    }
    return Dose(**{**usual, **numbers})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("numbers", "side_mode", "side", "words"),
    [
        ({}, "each_side", "both", "2 × 30 s each side"),
        ({}, "each_side", "by_complaint", "2 × 30 s each side"),
        ({}, "each_side", "right", "2 × 30 s, right side"),
        ({}, "each_side", "left", "2 × 30 s, left side"),
        ({}, "both_together", "both", "2 × 30 s"),
        ({}, "not_sided", "none", "2 × 30 s"),
        ({"reps": 8, "hold_seconds": 3}, "both_together", "both", "2 × 8 × 3 s"),
        (
            {"reps": 12, "hold_seconds": 0, "tempo": (1, 2, 4)},
            "alternating",
            "both",
            "2 × 12 each side, alternating",
        ),
        ({"sets": 1, "hold_seconds": 900}, "not_sided", "none", "15 min"),
        ({"sets": 1, "hold_seconds": 150}, "not_sided", "none", "2:30 min"),
        ({"sets": 2, "hold_seconds": 120}, "not_sided", "none", "2 × 2 min"),
        ({"sets": 1, "hold_seconds": 119}, "not_sided", "none", "1 × 119 s"),
    ],
)
def test_dose_in_one_line(numbers: dict[str, object], side_mode: str, side: str, words: str) -> None:
    assert dose_line(dose(**numbers), side_mode, side) == words


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({}, "every day"),
        ({"days_per_week": 1}, "1 day a week"),
        ({"days_per_week": 3}, "3 days a week"),
        ({"per_day": 2}, "every day, 2 times a day"),
    ],
)
def test_how_often(numbers: dict[str, object], words: str) -> None:
    assert often(dose(**numbers)) == words
