"""Pictures and films of exercises: their rows, and the folder where their files lie."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import IntegrityError
from PIL import Image

from routines import media
from routines.composing import copy_exercise
from routines.films import FilmRefused
from routines.media import (
    TooManyOfAKind,
    add_film,
    add_link,
    add_photo,
    folder_of,
    move_up,
    prepare_next_film,
    root,
    sweep,
    take_off,
)
from routines.models import Exercise, ExerciseMedia
from routines.pictures import PictureRefused
from tests.routines.films import film

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def picture(width: int = 60, height: int = 40) -> BytesIO:
    into = BytesIO()
    Image.new("RGB", (width, height), "teal").save(into, "PNG")
    into.seek(0)
    return into


def folders() -> int:
    return len(list(root().glob("??/*")))


def names(row: ExerciseMedia) -> list[str]:
    return sorted(path.name for path in folder_of(row.token).iterdir())


@pytest.fixture
def exercise() -> Exercise:
    return Exercise.objects.get(slug="bridge")


def test_a_picture_is_kept_in_two_sizes_and_named_by_its_exercise(exercise: Exercise) -> None:
    row = add_photo(exercise, picture(2000, 1000))

    assert names(row) == ["large.webp", "small.webp"]
    assert (row.alt, row.order, row.width, row.height) == (exercise.name, 0, 1280, 640)
    with Image.open(folder_of(row.token) / "small.webp") as small:
        assert (small.format, small.size) == ("WEBP", (480, 240))


def test_a_refused_picture_leaves_neither_row_nor_file(exercise: Exercise) -> None:
    with pytest.raises(PictureRefused):
        add_photo(exercise, BytesIO(b"<svg/>"))

    assert (ExerciseMedia.objects.count(), folders()) == (0, 0)


def test_a_fifth_picture_is_refused_and_leaves_no_file(exercise: Exercise) -> None:
    for _number in range(4):
        add_photo(exercise, picture())

    with pytest.raises(TooManyOfAKind):
        add_photo(exercise, picture())

    assert ExerciseMedia.objects.count() == folders() == 4


def test_the_same_key_adds_one(exercise: Exercise) -> None:
    key = uuid4()

    rows = {add_photo(exercise, picture(), key=key).pk for _time in range(2)}

    assert (len(rows), folders()) == (1, 1)


def test_what_the_database_refuses_leaves_no_file(exercise: Exercise) -> None:
    with pytest.raises(IntegrityError):
        add_photo(exercise, picture(), link="javascript:alert(1)")

    assert folders() == 0


def test_pictures_move_up_one_place(exercise: Exercise) -> None:
    first, second, third = (add_photo(exercise, picture(), alt=alt) for alt in ("A", "B", "C"))

    assert move_up(third)
    assert not move_up(first)
    assert not move_up(third)  # it stands elsewhere by now than it did when it was read
    assert [row.alt for row in exercise.media.all()] == ["A", "C", "B"]
    assert second.order == 1


def test_taking_one_off_closes_the_gap_and_removes_its_files(
    exercise: Exercise, django_capture_on_commit_callbacks
) -> None:
    first, *_others = (add_photo(exercise, picture(), alt=alt) for alt in ("A", "B", "C"))

    with django_capture_on_commit_callbacks(execute=True):
        assert take_off(first, given=False, now=NOW)

    assert [(row.alt, row.order) for row in exercise.media.all()] == [("B", 0), ("C", 1)]
    assert folders() == 2
    assert not take_off(first, given=False, now=NOW)


def test_what_was_given_to_somebody_is_taken_off_and_stays_readable(
    exercise: Exercise, django_capture_on_commit_callbacks
) -> None:
    row = add_photo(exercise, picture())

    with django_capture_on_commit_callbacks(execute=True):
        take_off(row, given=True, now=NOW)

    row.refresh_from_db()
    assert (exercise.shown_media, row.order, row.removed_at) == ([], None, NOW)
    assert names(row) == ["large.webp", "small.webp"]


def test_a_copy_shares_the_files_until_the_last_one_is_gone(
    exercise: Exercise, django_capture_on_commit_callbacks
) -> None:
    row = add_photo(exercise, picture(), author="Adam")
    copy = copy_exercise(exercise)
    (copied,) = copy.shown_media

    with django_capture_on_commit_callbacks(execute=True):
        take_off(row, given=False, now=NOW)
    assert (copied.token, copied.author, folders()) == (row.token, "Adam", 1)

    with django_capture_on_commit_callbacks(execute=True):
        take_off(copied, given=False, now=NOW)
    assert folders() == 0


def test_sweeping_removes_only_old_folders_that_no_row_names(exercise: Exercise) -> None:
    kept, lost = add_photo(exercise, picture()), add_photo(exercise, picture())
    ExerciseMedia.objects.filter(pk=lost.pk).delete()
    young = folder_of(uuid4().hex)
    young.mkdir(parents=True)
    for row in (kept, lost):
        os.utime(folder_of(row.token), (0, 0))

    assert sweep() == 1
    assert not folder_of(lost.token).exists()
    assert young.exists()
    assert names(kept)


# ---- Films -----------------------------------------------------------------------------------------------------------


def test_a_film_waits_and_is_prepared_once(exercise: Exercise) -> None:
    row = add_film(exercise, BytesIO(film()))
    assert (row.state, names(row)) == ("waiting", ["sent"])

    assert prepare_next_film(NOW)
    assert not prepare_next_film(NOW)

    row.refresh_from_db()
    assert (row.state, row.width, row.height, row.seconds) == ("ready", 64, 48, 1)
    assert names(row) == ["film.mp4", "poster.webp"]


def test_a_copy_made_while_the_film_waits_is_ready_with_it(exercise: Exercise) -> None:
    add_film(exercise, BytesIO(film()))
    copy = copy_exercise(exercise)

    prepare_next_film(NOW)

    assert copy.media.get().state == "ready"


def test_another_kind_of_file_is_refused_before_it_is_kept(exercise: Exercise) -> None:
    with pytest.raises(FilmRefused, match="unreadable"):
        add_film(exercise, BytesIO(b"#EXTM3U\nfile:///etc/passwd"))

    assert (ExerciseMedia.objects.count(), folders()) == (0, 0)


def test_a_film_that_is_too_large_is_refused_while_it_arrives(
    exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "MOST_BYTES", 100)

    with pytest.raises(FilmRefused, match="large"):
        add_film(exercise, BytesIO(film()))

    assert (ExerciseMedia.objects.count(), folders()) == (0, 0)


def test_a_film_that_cannot_be_read_says_why_and_is_not_kept(exercise: Exercise) -> None:
    row = add_film(exercise, BytesIO(film()[:400]))

    prepare_next_film(NOW)

    row.refresh_from_db()
    assert (row.state, row.reason) == ("refused", "unreadable")
    assert row.reason in media.REFUSALS
    assert names(row) == []


def test_a_film_that_broke_its_worker_is_tried_again_a_few_times(exercise: Exercise) -> None:
    row = add_film(exercise, BytesIO(film()))
    moments = [NOW + timedelta(minutes=minutes) for minutes in (0, 4, 8, 12)]

    claimed = [media.claim(moment) for moment in moments]
    row.refresh_from_db()

    assert [each is not None for each in claimed] == [True, True, True, False]
    assert (row.state, row.reason, row.tries) == ("refused", "unreadable", 3)


def test_a_film_that_somebody_works_on_is_left_alone(exercise: Exercise) -> None:
    add_film(exercise, BytesIO(film()))

    assert media.claim(NOW) is not None
    assert media.claim(NOW + timedelta(minutes=2)) is None


def test_a_film_that_was_taken_off_while_it_was_prepared_leaves_no_file(
    exercise: Exercise, django_capture_on_commit_callbacks
) -> None:
    row = add_film(exercise, BytesIO(film()))
    claimed = media.claim(NOW)
    assert claimed is not None
    ExerciseMedia.objects.filter(pk=row.pk).delete()

    media.prepare(claimed)

    assert folders() == 0


def test_a_link_needs_no_file(exercise: Exercise) -> None:
    row = add_link(exercise, "https://example.org/film", alt="On another site")

    assert (row.kind, row.state, row.token, folders()) == ("link", "ready", "", 0)


# ---- Copies of exercises ---------------------------------------------------------------------------------------------


def test_a_copy_says_the_same_under_a_name_of_its_own(exercise: Exercise) -> None:
    exercise.translations = {"de": {"name": "Brücke", "cue": "Heben."}}
    exercise.save()

    copy = copy_exercise(exercise)

    assert (copy.name, copy.copy_of, copy.seed_hash) == ("Bridge (copy)", exercise, "")
    assert copy.slug != exercise.slug
    assert copy.translations["de"]["cue"] == "Heben."
    assert copy.translations["de"]["name"].startswith("Brücke (")
    assert (copy.dose, copy.cue, copy.easier, copy.harder) == (
        exercise.dose, exercise.cue, exercise.easier, exercise.harder,
    )  # fmt: skip
    for rows, names_of in (
        ("muscles", ("muscle", "role", "order")), ("tags", ("tag", "rule")), ("equipment", ("slug",)),
    ):  # fmt: skip
        found = [set(getattr(each, rows).values_list(*names_of)) for each in (exercise, copy)]
        assert found[0] == found[1]
    assert exercise.muscles.exists()
