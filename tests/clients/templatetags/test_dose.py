"""Sets, tempo, kinds and days as people read them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation

from clients.recording import SetEntry
from clients.templatetags.dose import days_words, entry_words, kind_phase, kind_word, tempo_words
from routines.models import Dose, ExerciseKind

CLAM = Dose(sets=2, reps=12, hold_seconds=0, tempo=(1, 2, 4), rest_seconds=60, per_day=1, days_per_week=3)


@pytest.mark.parametrize(
    ("entry", "side", "words"),
    [
        (SetEntry(seconds=45), "right", "45 s right"),
        (SetEntry(seconds=900), "none", "15 min"),
        (SetEntry(reps=12), "left", "12 repetitions left"),
        (SetEntry(reps=1), "both", "1 repetition"),
        (SetEntry(reps=10, seconds=5), "none", "10 × 5 s"),
        (SetEntry(reps=12, load_kg=Decimal("4.0")), "none", "12 repetitions, 4 kg"),
        (SetEntry(reps=12, load_kg=Decimal("20.0")), "none", "12 repetitions, 20 kg"),
        (SetEntry(reps=12, load_kg=Decimal("2.5")), "right", "12 repetitions right, 2.5 kg"),
        (SetEntry(reps=0), "none", "0 repetitions"),
        (SetEntry(), "none", "0 s"),
    ],
)
def test_entry_words_say_one_set(entry, side, words):
    assert entry_words(entry, side) == words


def test_entry_words_write_figures_as_the_reader_does():
    with translation.override("de"):
        assert "2,5 kg" in entry_words(SetEntry(reps=12, load_kg=Decimal("2.5")))


def test_tempo_words_only_where_there_is_a_tempo():
    assert tempo_words(CLAM) == "Slowly: 1 s up, stay 2 s, 4 s down"
    assert tempo_words(replace(CLAM, tempo=(2, 0, 2))) == "Slowly: 2 s up, 2 s down"
    assert tempo_words(replace(CLAM, tempo=None)) == ""
    assert tempo_words(replace(CLAM, hold_seconds=5)) == ""


def test_days_words_name_the_days():
    assert days_words("1234567") == "every day"
    assert days_words("135") == "Mon, Wed, Fri"


def test_every_kind_has_a_word_and_a_phase():
    assert [kind_word(kind) for kind in ExerciseKind] == ["massage", "stretch", "strengthen", "whole body"]
    assert [kind_phase(kind) for kind in ExerciseKind] == ["release", "release", "strengthen", "integrate"]
