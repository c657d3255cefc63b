"""What one practice hands out, another brings in: the same exercises and programs."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from routines.composing import add_phase, add_step
from routines.exchange import bring, look
from routines.exchange.exporting import as_text, as_zip, document
from routines.exchange.reviewing import NotReady, offer, offer_program
from routines.media import add_photo
from routines.models import (
    ConditionTag,
    Equipment,
    Exercise,
    ExerciseMuscle,
    ExerciseTag,
    ImportedExercise,
    ImportedProgram,
    Muscle,
    Program,
)
from tests.routines.exchange.shapes import photo, read_bytes

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.get_default_timezone())
CHOSEN = ("name", "kind", "position", "needs_floor", "side_mode", "level", "cue")


@pytest.fixture
def ours() -> Exercise:
    exercise = Exercise.objects.create(
        slug="our_bridge", name="Our bridge", kind="strengthen", position="supine", needs_floor=True,
        side_mode="each_side", level=3, cue="Lift.", cautions=["Stop when it hurts."], sets=3, reps=8, tempo_lift=1,
        tempo_hold=2, tempo_lower=3, rest_seconds=40, days_per_week=3, author="Ada", licence="CC BY 4.0",
        translations={"de": {"name": "Unsere Brücke"}}, easier=Exercise.objects.get(slug="bridge_double_leg")
        if Exercise.objects.filter(slug="bridge_double_leg").exists() else None,
    )  # fmt: skip
    exercise.equipment.set(Equipment.objects.filter(slug="mat"))
    for order, slug in enumerate(["gluteus_maximus", "biceps_femoris"], start=1):
        ExerciseMuscle.objects.create(
            exercise=exercise, muscle=Muscle.objects.get(slug=slug), role="target", order=order
        )
    ExerciseTag.objects.create(exercise=exercise, tag=ConditionTag.objects.first(), rule="care")
    return exercise


@pytest.fixture
def program(ours: Exercise) -> Program:
    program = Program.objects.create(
        slug="our_program", name="Our program", weeks_from=2, weeks_to=4, notes="Calm."
    )
    step = add_step(add_phase(program, "strengthen"), ours)
    type(step).objects.filter(pk=step.pk).update(sets=1, note="Slowly", until_days=9)
    return program


def handed_out(source: str = "ada") -> tuple[dict[str, Any], bytes]:
    found, files = document(
        Exercise.objects.filter(slug__startswith="our"),
        Program.objects.filter(slug__startswith="our"),
        source=source,
        day=NOW.date(),
    )
    return found, as_zip(found, files).getvalue()


def gone(*rows: Any) -> None:
    for row in rows:
        row.delete()


def test_what_was_handed_out_comes_back_equal(ours: Exercise, program: Program) -> None:
    add_photo(
        ours, BytesIO(photo()), alt="Ada lifts", author="Bea", licence="CC0", link="https://example.org/"
    )
    before, packed = handed_out()
    gone(program, ours)

    report = bring(read_bytes(packed), now=NOW)
    assert (len(report.new), report.refused, report.pictures.new) == (2, [], 1)
    Exercise.objects.filter(awaits_review=True).update(awaits_review=False)
    Program.objects.filter(awaits_review=True).update(awaits_review=False)

    after, _packed = handed_out()
    for entry in after["exercises"]:
        for name in ("link", "credits", "words"):
            entry.pop(name, None)
    assert after == before


def test_it_waits_for_review_elsewhere_and_a_second_run_changes_nothing(
    ours: Exercise, program: Program
) -> None:
    _document, packed = handed_out()
    gone(program, ours)
    bring(read_bytes(packed), now=NOW)

    assert Exercise.objects.get(slug="our_bridge").awaits_review
    assert Program.objects.get(slug="our_program").awaits_review
    assert len(bring(read_bytes(packed), now=NOW).same) == 2


def test_a_program_is_offered_after_its_exercises(ours: Exercise, program: Program) -> None:
    _document, packed = handed_out()
    gone(program, ours)
    bring(read_bytes(packed), now=NOW)
    with pytest.raises(NotReady):
        offer_program(ImportedProgram.objects.get(), now=NOW)
    assert not Program.objects.in_use().filter(slug="our_program").exists()

    row = ImportedExercise.objects.select_related("exercise").get()
    offer(
        row,
        {name: getattr(row.exercise, name) for name in CHOSEN},
        rules={},
        none_forbids=True,
        now=NOW,
    )
    offer_program(ImportedProgram.objects.get(), now=NOW)
    assert Program.objects.in_use().filter(slug="our_program").exists()


def test_a_newer_program_takes_the_place_of_the_older_and_is_read_again(
    ours: Exercise, program: Program
) -> None:
    before, _packed = handed_out()
    gone(program, ours)
    bring(read_bytes(as_text(before).encode(), "a.json"), now=NOW)
    Exercise.objects.update(awaits_review=False)
    Exercise.objects.filter(slug="our_bridge").update(retired_at=None)
    offer_program(ImportedProgram.objects.get(), now=NOW)
    before["programs"][0]["phases"][0]["steps"][0]["note"] = "Faster"
    report = bring(read_bytes(as_text(before).encode(), "a.json"), now=NOW)

    found = Program.objects.get(slug="our_program")
    assert [line.fields for line in report.changed] == [("phases",)]
    assert (found.awaits_review, found.phases.get().steps.get().note) == (True, "Faster")


def test_a_program_that_was_edited_here_is_kept(ours: Exercise, program: Program) -> None:
    before, _packed = handed_out()
    gone(program, ours)
    bring(read_bytes(as_text(before).encode(), "a.json"), now=NOW)
    Program.objects.filter(slug="our_program").update(notes="Mine.")
    before["programs"][0]["notes"] = "Theirs."
    report = bring(read_bytes(as_text(before).encode(), "a.json"), now=NOW)

    assert [line.kept for line in report.kept] == [("notes",)]
    assert Program.objects.get(slug="our_program").notes == "Mine."


def test_the_shipped_catalogue_is_the_same_everywhere() -> None:
    found, _files = document(
        Exercise.objects.in_use(), Program.objects.in_use(), source="ada", day=NOW.date()
    )
    report = look(read_bytes(as_text(found).encode(), "a.json"))

    assert (len(report.same), report.changes_something) == (
        len(found["exercises"]) + len(found["programs"]),
        False,
    )


def test_an_exercise_of_the_same_name_here_is_another_one(ours: Exercise) -> None:
    _document, packed = handed_out()
    Exercise.objects.filter(pk=ours.pk).update(cue="Ours, by chance of the same name.")
    report = bring(read_bytes(packed), now=NOW)

    assert len(report.new) == 1
    assert Exercise.objects.get(slug="our_bridge_2").cue == "Lift."


def test_this_practice_does_not_bring_in_its_own_twice(ours: Exercise) -> None:
    _document, packed = handed_out()
    Exercise.objects.filter(pk=ours.pk).update(cue="Edited since.")

    assert [line.kept for line in look(read_bytes(packed), home="ada").kept] == [("cue",)]


def test_what_waits_for_review_is_not_handed_out(ours: Exercise) -> None:
    Exercise.objects.filter(pk=ours.pk).update(awaits_review=True, retired_at=NOW)

    assert handed_out()[0]["exercises"] == []


def test_a_program_with_an_exercise_that_is_not_seen_stays_here(program: Program, ours: Exercise) -> None:
    found, _files = document(
        Exercise.objects.none(), Program.objects.filter(pk=program.pk), source="ada", day=NOW.date(),
        seen=Exercise.objects.exclude(pk=ours.pk),
    )  # fmt: skip

    assert (found["exercises"], found["programs"]) == ([], [])


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("kind",), "dance"), (("level",), 9), (("dose",), {"sets": 1}), (("name",), "x" * 121), (("extra",), 1),
        (("translations",), {"de": {"name": ""}}),
    ],
)  # fmt: skip
def test_an_entry_that_is_not_as_the_format_says_is_refused_alone(
    ours: Exercise, where: tuple[str], value: Any
) -> None:
    found, _packed = handed_out()
    found["exercises"].append({**found["exercises"][0], "key": "wrong", where[0]: value})
    collection = read_bytes(as_text(found).encode(), "a.json")

    assert [each.key for each in collection.refused] == ["wrong"]


@pytest.mark.parametrize(
    "change",
    [
        {"imbalance": "nowhere"}, {"weeks_from": 5}, {"phases": [{"kind": "release", "name": "x", "steps": [{"exercise": "?"}]}]},
        {"phases": [{"kind": "release", "name": "x", "criteria": "nothing", "steps": []}]},
        {"phases": [{"kind": "release", "name": "x", "min_days": 30, "review_by_day": 3, "steps": []}]},
    ],
)  # fmt: skip
def test_a_program_that_cannot_stand_here_is_refused_alone(program: Program, change: dict[str, Any]) -> None:
    found, _packed = handed_out()
    found["programs"][0] |= {"key": "wrong", **change}
    report = look(read_bytes(as_text(found).encode(), "a.json"))

    assert [each.key for each in report.refused] == ["wrong"]


def test_a_link_that_leads_nowhere_safe_is_left_out(ours: Exercise) -> None:
    found, _packed = handed_out()
    picture = {"file": "p.webp", "link": "javascript:alert(1)"}
    found["exercises"][0] |= {"key": "other", "link": "javascript:alert(1)", "pictures": [picture]}
    (exercise,) = read_bytes(as_text(found).encode(), "a.json").exercises

    assert (exercise.link, exercise.pictures[0].link) == ("", "")


def test_a_condition_unknown_here_is_named(ours: Exercise) -> None:
    found, _packed = handed_out()
    found["exercises"][0] |= {"key": "other", "avoid_if": ["green_hair"]}
    (exercise,) = read_bytes(as_text(found).encode(), "a.json").exercises

    assert [(each.what, each.word) for each in exercise.unknown] == [("condition", "green_hair")]


def test_the_command_writes_json_or_a_zip(
    ours: Exercise, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("export_catalogue", programs=True)
    found = json.loads(capsys.readouterr().out)
    assert {"our_bridge"} <= {entry["key"] for entry in found["exercises"]}
    assert found["programs"]

    call_command("export_catalogue", zip=str(tmp_path / "c.zip"))
    assert zipfile.ZipFile(tmp_path / "c.zip").namelist() == ["catalogue.json"]
