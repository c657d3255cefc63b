"""What is proposed by itself: never an exercise of which nobody said what forbids it."""

from __future__ import annotations

import pytest

from clients.demo.builders import NOW, assign, make_client
from clients.easing import easier_version
from clients.models import AssignedStep
from clients.replacing import replacements
from clients.swapping import offers_for
from routines.models import Exercise, ExerciseTag, ImportedExercise

pytestmark = pytest.mark.django_db


def from_elsewhere(exercise: Exercise, *, said: bool, rules: bool = False) -> None:
    """As if it had come with a collection and were offered; `said`: somebody looked at the conditions at the review."""
    ImportedExercise.objects.create(
        exercise=exercise,
        source="elsewhere",
        key=exercise.slug,
        digest="1",
        author="Bea",
        licence="CC0",
        first_at=NOW,
        last_at=NOW,
        reviewed_at=NOW,
        undecided=[] if said else ["tags"],
    )
    if not rules:
        ExerciseTag.objects.filter(exercise=exercise).delete()


PROPOSED = [(False, False, False), (True, False, True), (False, True, True)]


@pytest.mark.parametrize(("said", "rules", "proposed"), PROPOSED)
def test_exercise_from_elsewhere_stands_in_only_with_known_conditions(
    said: bool, rules: bool, proposed: bool
) -> None:
    asked = Exercise.objects.get(slug="clam")
    other = Exercise.objects.get(pk=replacements([asked.pk])[asked.pk][0].exercise_id)
    from_elsewhere(other, said=said, rules=rules)
    assert not rules or other.tags.exists()

    assert (other.pk in {each.exercise_id for each in replacements([asked.pk])[asked.pk]}) is proposed


def test_easier_version_from_elsewhere_needs_known_conditions() -> None:
    asked = Exercise.objects.get(slug="clam")
    easier = Exercise.objects.in_use().filter(kind=asked.kind).exclude(pk=asked.pk)[0]
    Exercise.objects.filter(pk=asked.pk).update(easier=easier)
    assert easier_version(asked.pk) == easier
    from_elsewhere(easier, said=False)

    assert easier_version(asked.pk) is None


def test_swap_offers_nothing_from_elsewhere_without_known_conditions() -> None:
    client = make_client()
    assignment = assign(client, now=NOW)
    found = [
        (step, offers)
        for step in AssignedStep.objects.filter(phase__assignment=assignment).select_related("exercise")
        if (offers := offers_for(step, client, NOW.date(), Exercise.objects.in_use()))
    ]
    step, offers = found[0]
    from_elsewhere(offers[0].exercise, said=False)

    after = offers_for(step, client, NOW.date(), Exercise.objects.in_use())
    assert offers[0].exercise not in [each.exercise for each in after]
