"""A collection is brought in whole: reviewed before it is offered, updated and never doubled, edits kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from routines.exchange import Report, bring, look
from routines.exchange.reviewing import (
    AlreadyReviewed,
    NotReady,
    differences,
    leave,
    offer,
    set_aside,
    take_over,
)
from routines.finding import ExerciseSearch
from routines.models import (
    ConditionTag,
    Exercise,
    ExerciseMedia,
    ExerciseMuscle,
    ExerciseTag,
    ImportedExercise,
    ImportedPicture,
    Muscle,
)
from routines.seeding import load, seed
from tests.routines.exchange.shapes import (
    TABLE,
    open_entry,
    open_zip,
    photo,
    read_bytes,
    wger_records,
    wger_zip,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.get_default_timezone())
LATER = NOW + timedelta(days=30)


def brought(content: bytes, *, now: datetime = NOW, name: str = "c.zip", source: str = "") -> Report:
    return bring(read_bytes(content, name, source), now=now)


def bird_dog() -> Exercise:
    return ImportedExercise.objects.select_related("exercise").get(key="bird-dog").exercise


def reviewed(**changes: Any) -> ImportedExercise:
    row = ImportedExercise.objects.select_related("exercise").get(key="bird-dog")
    chosen = {
        name: getattr(row.exercise, name)
        for name in ("name", "kind", "position", "needs_floor", "side_mode", "level", "cue")
    }
    offer(row, {**chosen, **changes}, rules={}, none_forbids=True, now=NOW)
    return ImportedExercise.objects.select_related("exercise").get(pk=row.pk)


def everything() -> list[Any]:
    """All that an import may touch, as it stands."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Exercise, ExerciseMuscle, ImportedExercise, ImportedPicture, ExerciseMedia)
    ]


# ---- First ----


def test_looking_writes_nothing() -> None:
    before = everything()
    report = look(read_bytes(open_zip()))

    assert (len(report.new), everything()) == (1, before)


def test_what_is_new_is_there_and_waits() -> None:
    report = brought(open_zip())
    exercise = bird_dog()

    assert report.summary.startswith("open-exercise-db: 1 new, 0 changed, 0 the same")
    assert (exercise.awaits_review, exercise.retired_at) == (True, NOW)
    assert (exercise.slug, exercise.seed_hash, exercise.author) == (
        "arm_and_leg_reach",
        "",
        "open-exercise-db contributors",
    )
    assert exercise.imported.link.endswith("/exercises/bird-dog.json")


@pytest.mark.parametrize(
    ("content", "name"), [(open_zip(), "c.zip"), (wger_zip(), "c.zip"), (TABLE.encode(), "t.csv")]
)
def test_a_second_run_changes_nothing(content: bytes, name: str) -> None:
    brought(content, name=name, source="mine")
    before = everything()

    report = brought(content, now=LATER, name=name, source="mine")

    assert (len(report.same), report.changes_something) == (1, False)
    assert everything() == before


def test_a_name_that_is_taken_gets_a_number() -> None:
    taken = Exercise.objects.exclude(name="").first()
    assert taken is not None
    brought(open_zip(open_entry(name=taken.slug.replace("_", " "))))

    assert bird_dog().slug == f"{taken.slug}_2"


def test_two_collections_may_use_the_same_key() -> None:
    for source in ("one", "two"):
        brought(TABLE.encode(), name="t.csv", source=source)

    assert ImportedExercise.objects.filter(key="a1").count() == 2


# ---- Nobody finds it before ----


def test_what_nobody_has_read_is_found_by_no_search_and_not_in_use() -> None:
    brought(open_zip())

    assert not ExerciseSearch({"q": "Arm and Leg Reach"}).found().exists()
    assert not Exercise.objects.in_use().filter(slug="arm_and_leg_reach").exists()


def test_bringing_back_leaves_it_where_it_is() -> None:
    brought(open_zip())

    assert Exercise.objects.filter(slug="arm_and_leg_reach").bring_back() == 0
    assert bird_dog().retired_at is not None


def test_seeding_leaves_it_alone() -> None:
    brought(open_zip())
    before = everything()
    report = seed(load())

    assert not [name for name in (*report.gone, *report.edited_here) if "arm_and_leg_reach" in name]
    assert everything() == before


def test_reviewed_it_is_offered_as_it_was_chosen() -> None:
    brought(open_zip())
    row = reviewed(level=2, cue="Reach out, slowly.")

    assert (row.exercise.awaits_review, row.exercise.retired_at, row.exercise.level) == (False, None, 2)
    assert row.reviewed_at == NOW
    assert ExerciseSearch({"q": "Arm and Leg Reach"}).found().exists()


def test_without_a_muscle_it_is_not_offered() -> None:
    brought(open_zip(open_entry(primaryMuscles=["neck"])))

    with pytest.raises(NotReady):
        reviewed()
    assert bird_dog().awaits_review


def test_the_muscle_may_be_chosen_at_the_review() -> None:
    brought(open_zip(open_entry(primaryMuscles=[], secondaryMuscles=["glutes"])))
    row = ImportedExercise.objects.select_related("exercise").get()
    chosen = {
        name: getattr(row.exercise, name)
        for name in ("name", "kind", "position", "needs_floor", "side_mode", "level", "cue")
    }
    offer(
        row,
        chosen,
        rules={},
        none_forbids=True,
        target=Muscle.objects.get(slug="gluteus_maximus"),
        now=NOW,
    )

    assert [(part.muscle.slug, part.role) for part in row.exercise.muscles.all()] == [
        ("gluteus_maximus", "target")
    ]


def test_only_the_first_of_two_reviews_counts() -> None:
    brought(open_zip())
    row = reviewed()

    with pytest.raises(AlreadyReviewed):
        set_aside(row, now=NOW)


def test_release_that_takes_the_conditions_away_leaves_them_to_be_said_again() -> None:
    brought(open_zip())
    row = reviewed()
    tag = ConditionTag.objects.get(slug="pregnancy")
    ExerciseTag.objects.create(exercise=row.exercise, tag=tag, rule="avoid")
    row.coming = {"tags": []}
    row.save()
    take_over(row, now=NOW)
    row.refresh_from_db()

    assert (row.undecided, row.exercise.tags.count()) == (["tags"], 0)
    assert row.exercise not in Exercise.objects.with_known_conditions()


def test_set_aside_it_stays_out_of_use_whatever_comes() -> None:
    brought(open_zip())
    set_aside(ImportedExercise.objects.get(), now=NOW)
    brought(open_zip(open_entry(name="Reach, new")), now=LATER)

    exercise = Exercise.objects.get(slug="arm_and_leg_reach")
    assert (exercise.awaits_review, exercise.retired_at is not None, exercise.name) == (
        False,
        True,
        "Arm and Leg Reach",
    )


# ---- A newer release ----


def test_a_newer_release_updates_what_nobody_has_read() -> None:
    brought(open_zip())
    report = brought(open_zip(open_entry(instructions=["Lie on your back."])), now=LATER)

    assert [(line.key, line.fields) for line in report.changed] == [("bird-dog", ("cue", "position"))]
    exercise = bird_dog()
    assert (exercise.cue, exercise.position, exercise.awaits_review) == ("Lie on your back.", "supine", True)
    assert exercise.imported.first_at == NOW
    assert exercise.imported.last_at == LATER


def test_what_was_edited_here_is_kept_field_by_field() -> None:
    brought(open_zip())
    Exercise.objects.filter(slug="arm_and_leg_reach").update(cue="Ours.")
    report = brought(open_zip(open_entry(instructions=["Theirs, on all fours."], level="expert")), now=LATER)

    assert [(line.fields, line.kept) for line in report.changed] == [(("level",), ("cue",))]
    assert (bird_dog().cue, bird_dog().level) == ("Ours.", 5)


def test_changed_there_and_edited_here_alone_is_told_once() -> None:
    brought(open_zip())
    Exercise.objects.filter(slug="arm_and_leg_reach").update(name="Ours")
    newer = open_zip(open_entry(name="Theirs"))

    assert [line.kept for line in brought(newer, now=LATER).kept] == [("name",)]
    assert len(brought(newer, now=LATER).same) == 1
    assert bird_dog().name == "Ours"


def test_another_language_is_added_beside_an_edited_one() -> None:
    brought(wger_zip())
    exercise = Exercise.objects.get(slug="crunch")
    exercise.translations = {"de": {"name": "Unser Wort"}}
    exercise.save()
    rows = wger_records()
    rows["core/languages"].append({"model": "core.language", "pk": 4, "fields": {"short_name": "es"}})
    spanish = {**rows["exercises/translations"][1]["fields"], "language": 4, "name": "Abdominal"}
    rows["exercises/translations"].append({"model": "exercises.translation", "pk": 9, "fields": spanish})
    brought(wger_zip(**rows), now=LATER)

    exercise.refresh_from_db()
    assert exercise.translations["de"] == {"name": "Unser Wort"}
    assert exercise.translations["es"]["name"] == "Abdominal"


def test_what_is_gone_from_a_newer_release_stays_and_is_named() -> None:
    brought(open_zip())
    report = brought(open_zip(open_entry(id="other", name="Other")), now=LATER)

    assert report.gone == ["bird-dog"]
    assert bird_dog().awaits_review


def test_an_exercise_that_is_offered_waits_for_somebody_to_read_the_newer_release() -> None:
    brought(open_zip())
    reviewed()
    newer = open_zip(open_entry(instructions=["Something else."]))
    brought(newer, now=LATER)
    row = ImportedExercise.objects.get()

    assert bird_dog().cue.startswith("Begin on all fours.")
    assert ("cue", bird_dog().cue, "Something else.") in differences(row)

    before = everything()
    brought(newer, now=LATER)
    assert everything() == before


def test_a_newer_release_is_taken_over_once() -> None:
    brought(open_zip())
    reviewed(level=4)
    brought(open_zip(open_entry(instructions=["On your back."])), now=LATER)
    row = ImportedExercise.objects.get()
    take_over(row, now=LATER)

    exercise = bird_dog()
    assert (exercise.cue, exercise.position, exercise.level) == ("On your back.", "supine", 4)
    assert (exercise.awaits_review, exercise.seed_hash) == (False, "")
    with pytest.raises(AlreadyReviewed):
        take_over(row, now=LATER)


def test_what_is_left_as_it_is_does_not_come_again() -> None:
    brought(open_zip())
    reviewed()
    newer = open_zip(open_entry(instructions=["Something else."]))
    brought(newer, now=LATER)
    leave(ImportedExercise.objects.get(), now=LATER)
    report = brought(newer, now=LATER)

    assert (len(report.same), ImportedExercise.objects.get().coming) == (1, {})


# ---- Pictures ----

WITH_PICTURE = open_entry(images=["bird-dog/0.jpg", "bird-dog/1.jpg"])


def test_pictures_are_written_anew_with_author_licence_and_link() -> None:
    report = brought(open_zip(WITH_PICTURE, **{"bird-dog__0": photo()}))
    (media,) = bird_dog().media.all()

    assert (report.pictures.new, report.pictures.missing) == (1, ["bird-dog: bird-dog/1.jpg"])
    assert (media.kind, media.licence, media.alt) == ("photo", "Unlicense", "Arm and Leg Reach")
    assert "machine" in media.author
    assert media.link.endswith("bird-dog/0.jpg")


def test_a_second_run_adds_no_picture_again_nor_one_that_was_taken_off() -> None:
    content = open_zip(WITH_PICTURE, **{"bird-dog__0": photo()})
    brought(content)
    bird_dog().media.all().delete()
    brought(content, now=LATER)
    brought(open_zip({**WITH_PICTURE, "name": "New name"}, **{"bird-dog__0": photo()}), now=LATER)

    assert not ExerciseMedia.objects.exists()


def test_a_broken_picture_is_refused_alone_and_named() -> None:
    report = brought(open_zip(WITH_PICTURE, **{"bird-dog__0": b"no picture", "bird-dog__1": photo()}))

    assert [name for name, _why in report.pictures.refused] == ["bird-dog/0.jpg"]
    assert bird_dog().media.count() == 1


def test_the_report_before_counts_pictures_as_the_one_after() -> None:
    content = open_zip(WITH_PICTURE, **{"bird-dog__0": b"no picture", "bird-dog__1": photo()})

    before, after = look(read_bytes(content)).pictures, brought(content).pictures
    assert (before.new, before.refused) == (after.new, after.refused)


def test_a_new_picture_of_an_offered_exercise_waits_to_be_seen() -> None:
    brought(open_zip(WITH_PICTURE))
    reviewed()
    brought(open_zip(WITH_PICTURE, **{"bird-dog__0": photo()}), now=LATER)

    assert not bird_dog().shown_media
    take_over(ImportedExercise.objects.get(), now=LATER)
    assert len(bird_dog().shown_media) == 1


# ---- Whole or not at all ----


def test_nothing_is_written_when_one_row_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything()

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("routines.exchange.bringing.ImportedPicture.objects.bulk_create", fail)
    with pytest.raises(RuntimeError):
        brought(open_zip())
    assert everything() == before


# ---- The command ----


def test_the_command_looks_and_writes_only_when_told(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "c.zip"
    file.write_bytes(open_zip())
    call_command("import_exercises", str(file))
    assert not ImportedExercise.objects.exists()

    call_command("import_exercises", str(file), apply=True, verbosity=2)
    assert ImportedExercise.objects.count() == 1
    assert "open-exercise-db: 1 new" in capsys.readouterr().out


def test_the_command_says_why_it_refuses(tmp_path: Any) -> None:
    with pytest.raises(CommandError, match="nothing was written"):
        call_command("import_exercises", str(tmp_path / "nowhere"))


def test_a_report_costs_the_same_queries_for_one_and_for_three(
    django_assert_num_queries: Callable[..., Any],
) -> None:
    one = read_bytes(open_zip())
    three = read_bytes(open_zip(*(open_entry(id=f"e{n}", name=f"E {n}") for n in range(3))))
    with django_assert_num_queries(13) as first:
        look(one)
    with django_assert_num_queries(len(first)):
        look(three)
