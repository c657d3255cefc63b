"""The dose as a value: how long it takes, and as columns."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from routines.models import Dose, Exercise, ExerciseKind, Step
from tests.routines.catalogue_files import shipped


@pytest.mark.parametrize(
    ("dose", "sides", "seconds"),
    [
        (Dose(2, 1, 45, None, 15, 1, 6), 2, 2 * 2 * 45 + 15 + 2 * 10 + 15),  # held, each side
        (Dose(2, 12, 0, (1, 2, 4), 60, 1, 3), 1, 2 * 12 * 7 + 60 + 15),  # moving at a tempo
        (Dose(2, 12, 0, None, 60, 1, 3), 2, 2 * 2 * 12 * 3 + 60 + 2 * 10 + 15),  # at the person's own pace
        (Dose(1, 10, 10, None, 0, 2, 7), 1, 10 * 10 + 15),  # one set has no rest; each go counts alone
        (Dose(1, 1, 900, None, 0, 1, 5), 1, 915),
        (Dose(3, 1, 0, (0, 0, 0), 30, 1, 3), 1, 3 * 0 + 2 * 30 + 15),
    ],
)
def test_duration_of_one_go(dose: Dose, sides: int, seconds: int) -> None:
    assert dose.seconds(sides) == seconds


@pytest.mark.django_db
def test_duration_of_every_shipped_exercise_follows_the_rule_of_the_file() -> None:
    """catalogue.yaml, meta.duration_rule, written out once more."""
    expected = {}
    for entry in shipped()["exercises"]:
        dose = entry["dose"]
        sides = 2 if entry["side_mode"] in ("each_side", "alternating") else 1
        tempo = dose["tempo"]
        per_rep = dose["hold_seconds"] or (tempo["lift"] + tempo["hold"] + tempo["lower"] if tempo else 3)
        work = dose["sets"] * sides * dose["reps"] * per_rep
        expected[entry["slug"]] = (
            work + (dose["sets"] - 1) * dose["rest_seconds"] + dose["sets"] * (sides - 1) * 10 + 15
        )

    assert {exercise.slug: exercise.seconds for exercise in Exercise.objects.all()} == expected


@pytest.mark.parametrize("tempo", [None, (1, 2, 4), (0, 0, 3)])
def test_dose_and_columns_say_the_same(tempo: tuple[int, int, int] | None) -> None:
    dose = Dose(3, 8, 0, tempo, 90, 2, 5)
    step = Step.with_dose(dose, side="left")
    other = Step()
    other.dose = dose

    assert step.dose == other.dose == dose
    assert step.side == "left"


@pytest.mark.parametrize(
    ("kind", "order", "phase", "releases"),
    [
        ("release_smr", 0, "release", True),
        ("release_stretch", 1, "release", True),
        ("strengthen", 2, "strengthen", False),
        ("integrate", 3, "integrate", False),
    ],
)
def test_kinds_stand_in_the_order_of_a_session(kind: str, order: int, phase: str, releases: bool) -> None:
    found = ExerciseKind(kind)

    assert (found.order, found.phase, found.is_release) == (order, phase, releases)


def test_text_is_read_in_the_readers_language() -> None:
    exercise = Exercise(name="Bridge", cue="Lift.", translations={"de": {"name": "Brücke", "cue": ""}})

    assert exercise.text("name", "de") == "Brücke"
    assert exercise.text("cue", "de") == "Lift."
    assert exercise.text("name", "es") == exercise.text("name") == str(exercise) == "Bridge"


@pytest.mark.parametrize(
    "translations",
    [["de"], {"de": "Brücke"}, {"de": {"name": 7}}, {"de": {"cautions": ["Langsam.", None]}}],
)
def test_translations_of_the_wrong_shape_are_refused(translations: object) -> None:
    with pytest.raises(ValidationError):
        Exercise(translations=translations).clean_fields(
            exclude=[field.name for field in Exercise._meta.fields if field.name != "translations"]
        )


@pytest.mark.parametrize("slug", ["Bridge", "2_bridge", "bridge-2", "brücke"])
def test_short_name_of_other_letters_is_refused(slug: str) -> None:
    with pytest.raises(ValidationError):
        Exercise(slug=slug).clean_fields(
            exclude=[field.name for field in Exercise._meta.fields if field.name != "slug"]
        )
