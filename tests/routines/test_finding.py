"""An exercise is found by the words that stand on the page, in whatever language that is."""

from __future__ import annotations

import pytest

from routines.finding import ExerciseSearch, says
from routines.models import Exercise, Program

pytestmark = pytest.mark.django_db
BALL = "smr_buttock_ball_wall"


@pytest.mark.parametrize("words", ["Buttock ball", "Selbstmassage Gesäß", "großer gesäßmuskel", "Tennisball"])
def test_exercise_is_found_by_name_muscle_and_tool_in_each_language(words: str) -> None:
    exercise = Exercise.objects.get(slug=BALL)
    exercise.translations["de"]["name"] = "Selbstmassage mit Ball, Gesäß an der Wand"
    exercise.save()

    assert exercise in ExerciseSearch({"q": words}).found()


@pytest.mark.parametrize("written", ["übung", "Übung"])
def test_small_letter_finds_the_capital_one(written: str) -> None:
    Exercise.objects.filter(slug=BALL).update(translations={"de": {"name": "Übung am Ball"}})

    assert Exercise.objects.filter(says(written)).filter(slug=BALL).exists()


def test_other_words_find_nothing() -> None:
    assert not ExerciseSearch({"q": "Selbstmassage Xylophon"}).found().exists()
    assert not Program.objects.filter(says("Xylophon", "imbalance__")).exists()
