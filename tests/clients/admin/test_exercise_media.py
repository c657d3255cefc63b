"""An exercise's page: its pictures and films, own copies, retiring, and where it is used."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client as Web
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import AssignedStep, Client, OwnExercise, OwnProgram, User
from clients.ownership import keep_exercise, keep_program
from routines.composing import copy_exercise
from routines.media import add_photo, folder_of, root
from routines.models import Exercise, ExerciseMedia, Program
from tests.routines.films import film

pytestmark = pytest.mark.django_db

USED = "smr_buttock_ball_wall"


def picture(name: str = "photo.png", size: tuple[int, int] = (60, 40)) -> SimpleUploadedFile:
    into = BytesIO()
    Image.new("RGB", size, "teal").save(into, "PNG")
    return SimpleUploadedFile(name, into.getvalue(), "image/png")


@pytest.fixture
def exercise() -> Exercise:
    return Exercise.objects.get(slug="bridge")


@pytest.fixture
def own(adam: User, exercise: Exercise) -> Exercise:
    copy = copy_exercise(exercise)
    Exercise.objects.filter(pk=copy.pk).update(name="Adam's CANARY bridge")
    keep_exercise(copy, adam, now=NOW)
    copy.refresh_from_db()
    return copy


def page(exercise: Exercise, name: str = "media") -> str:
    return reverse(f"admin:routines_exercise_{name}", args=[exercise.pk])


def sent(kind: str = "photo", **fields: Any) -> dict[str, Any]:
    usual = {"alt": "A bridge", "author": "Adam", "licence": "own", "link": "", "key": str(uuid4())}
    return {"act": kind, **{f"{kind}-{name}": value for name, value in {**usual, **fields}.items()}}


# ---- Pictures and films ----------------------------------------------------------------------------------------------


def test_a_picture_is_added_and_shown(web_as: Callable[..., Web], adam: User, exercise: Exercise) -> None:
    answer = web_as(adam).post(page(exercise), sent(file=picture("../../etc/passwd")))

    assert answer.status_code == 302
    row = exercise.media.get()
    assert (row.alt, row.author, row.licence) == ("A bridge", "Adam", "own")
    assert sorted(each.name for each in folder_of(row.token).iterdir()) == ["large.webp", "small.webp"]
    for shown in (page(exercise), page(exercise, "change")):
        assert f"/media/{row.token}/large.webp" in web_as(adam).get(shown).content.decode()
    listed = web_as(adam).get(reverse("admin:routines_exercise_changelist"), {"q": "bridge"})
    assert f"/media/{row.token}/small.webp" in listed.content.decode()


@pytest.mark.parametrize(
    ("kind", "file", "words"),
    [
        ("photo", SimpleUploadedFile("x.jpg", b"<html><script>"), "This is no picture that can be read"),
        ("photo", SimpleUploadedFile("x.png", b""), "This is no picture that can be read"),
        ("photo", None, "This field is required."),
        ("film", SimpleUploadedFile("x.mp4", b"#EXTM3U"), "This is no film that can be read"),
    ],
)
def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_is_kept(
    web_as: Callable[..., Web], adam: User, exercise: Exercise, kind: str, file: Any, words: str
) -> None:
    fields = {"file": file} if file is not None else {}

    answer = web_as(adam).post(page(exercise), sent(kind, author="Typed author", **fields))

    assert answer.status_code == 422
    (way,) = [each for each in answer.context["adding"] if each.kind == kind]
    assert words in way.form.errors["file"][0]
    assert 'value="Typed author"' in answer.content.decode()
    assert (ExerciseMedia.objects.count(), list(root().glob("??/*"))) == (0, [])


def test_the_same_page_sent_twice_adds_one(
    web_as: Callable[..., Web], adam: User, exercise: Exercise
) -> None:
    fields = sent()
    for _time in range(2):
        web_as(adam).post(page(exercise), {**fields, "photo-file": picture()})

    assert exercise.media.count() == 1


def test_a_fifth_picture_is_refused(web_as: Callable[..., Web], adam: User, exercise: Exercise) -> None:
    for _number in range(4):
        add_photo(exercise, picture())

    answer = web_as(adam).post(page(exercise), sent(file=picture()))

    assert answer.status_code == 422
    assert "at most 4" in answer.content.decode()
    assert exercise.media.count() == 4


def test_a_film_waits_and_rings(
    web_as: Callable[..., Web],
    adam: User,
    exercise: Exercise,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    rung = []
    monkeypatch.setattr("clients.tasks.prepare_films.apply_async", lambda **how: rung.append(how))

    with django_capture_on_commit_callbacks(execute=True):
        web_as(adam).post(page(exercise), sent("film", file=SimpleUploadedFile("a.mp4", film())))

    assert exercise.media.get().state == "waiting"
    assert len(rung) == 1
    assert "Being prepared" in web_as(adam).get(page(exercise)).content.decode()


def test_a_film_is_prepared_by_the_worker(web_as: Callable[..., Web], adam: User, exercise: Exercise) -> None:
    from clients.tasks import prepare_films  # noqa: PLC0415 -- as the worker finds it

    web_as(adam).post(page(exercise), sent("film", file=SimpleUploadedFile("a.mp4", film())))
    web_as(adam).post(page(exercise), sent("film", file=SimpleUploadedFile("b.mp4", film()[:500])))

    prepare_films()
    prepare_films()

    shown = web_as(adam).get(page(exercise)).content.decode()
    assert {row.state for row in exercise.media.all()} == {"ready", "refused"}
    assert 'preload="none"' in shown
    assert "This is no film that can be read" in shown


@pytest.mark.parametrize(
    "link",
    [
        "http://example.org",
        "javascript:alert(1)",
        "//example.org",
        "https://",
        'https://a.org/"onclick="',
        "",
    ],
)
def test_a_film_elsewhere_has_a_safe_address(
    web_as: Callable[..., Web], adam: User, exercise: Exercise, link: str
) -> None:
    answer = web_as(adam).post(page(exercise), sent("link", link=link))

    assert answer.status_code == 422
    assert not ExerciseMedia.objects.exists()


def test_a_film_elsewhere_opens_in_a_window_of_its_own(
    web_as: Callable[..., Web], adam: User, exercise: Exercise
) -> None:
    web_as(adam).post(page(exercise), sent("link", link="https://example.org/film"))

    shown = web_as(adam).get(page(exercise)).content.decode()
    assert 'href="https://example.org/film" target="_blank" rel="noopener noreferrer' in shown
    assert 'src="https://example.org' not in shown


def test_words_are_changed_and_kept_where_they_are_wrong(
    web_as: Callable[..., Web], adam: User, exercise: Exercise
) -> None:
    row = add_photo(exercise, picture())
    web = web_as(adam)

    def words(**fields: str) -> dict[str, str]:
        return {
            "act": f"words:{row.pk}",
            **{f"words-{row.pk}-{name}": value for name, value in fields.items()},
        }

    assert (
        web.post(page(exercise), words(alt="Hips up", licence="CC0", link="https://a.org")).status_code == 302
    )
    row.refresh_from_db()
    assert (row.alt, row.licence, row.link) == ("Hips up", "CC0", "https://a.org")

    answer = web.post(page(exercise), words(alt="", author="Typed", link="javascript:x"))
    row.refresh_from_db()
    assert (answer.status_code, row.alt) == (422, "Hips up")
    assert 'value="Typed"' in answer.content.decode()


def test_pictures_change_places_and_are_taken_off(
    web_as: Callable[..., Web], adam: User, exercise: Exercise, django_capture_on_commit_callbacks: Any
) -> None:
    first, second = (add_photo(exercise, picture(), alt=alt) for alt in ("A", "B"))
    web = web_as(adam)

    web.post(page(exercise), {"act": f"up:{second.pk}"})
    assert [row.alt for row in exercise.media.all()] == ["B", "A"]

    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(2):
            assert web.post(page(exercise), {"act": f"off:{first.pk}"}).status_code == 302
    assert [row.alt for row in exercise.media.all()] == ["B"]
    assert not folder_of(first.token).exists()


def test_what_somebody_follows_keeps_its_picture(
    web_as: Callable[..., Web], adam: User, ana: Client, django_capture_on_commit_callbacks: Any
) -> None:
    exercise = Exercise.objects.get(slug=USED)
    row = add_photo(exercise, picture())
    builders.assign(ana, by=adam)

    with django_capture_on_commit_callbacks(execute=True):
        web_as(adam).post(page(exercise), {"act": f"off:{row.pk}"})

    assert f"/media/{row.token}" not in web_as(adam).get(page(exercise)).content.decode()
    assert web_as(ana.user).get(f"/media/{row.token}/small.webp").status_code == 200


@pytest.mark.parametrize(
    "act", ["", "up", "off:", "off:x", "off:999999", "up:" + "9" * 30, "words:0", "sing:1"]
)
def test_a_button_that_does_not_exist_changes_nothing(
    web_as: Callable[..., Web], adam: User, exercise: Exercise, act: str
) -> None:
    add_photo(exercise, picture())

    assert web_as(adam).post(page(exercise), {"act": act}).status_code == 302
    assert exercise.media.shown().count() == 1


def test_a_picture_of_another_exercise_is_not_reached_through_this_one(
    web_as: Callable[..., Web], berta: User, exercise: Exercise, own: Exercise
) -> None:
    row = add_photo(own, picture())

    for act in ("off", "up", "words"):
        web_as(berta).post(page(exercise), {"act": f"{act}:{row.pk}", f"words-{row.pk}-alt": "Mine"})

    row.refresh_from_db()
    assert (row.alt, row.removed_at, row.order) == (own.name, None, 0)


@pytest.mark.parametrize("name", ["media", "copy", "retire"])
def test_another_therapists_own_exercise_does_not_exist(
    web_as: Callable[..., Web], berta: User, own: Exercise, name: str
) -> None:
    web = web_as(berta)

    assert web.post(page(own, name), sent(file=picture())).status_code == 404
    assert web.get(page(own, name)).status_code in (404, 405)
    own.refresh_from_db()
    assert (own.retired_at, own.media.count(), Exercise.objects.filter(copy_of=own).count()) == (None, 0, 0)


# ---- Own copies ------------------------------------------------------------------------------------------------------


def test_an_own_copy_is_made_once_and_is_whoevers_who_made_it(
    web_as: Callable[..., Web], adam: User, berta: User, exercise: Exercise
) -> None:
    add_photo(exercise, picture())
    key = str(uuid4())

    answers = [web_as(adam).post(page(exercise, "copy"), {"key": key}) for _time in range(2)]

    copy = Exercise.objects.get(copy_of=exercise)
    assert [answer["Location"] for answer in answers] == [page(copy, "change")] * 2
    assert OwnExercise.objects.get(exercise=copy).therapist == adam
    assert copy.media.get().token == exercise.media.get().token
    shown = web_as(adam).get(page(copy, "change")).content.decode()
    assert "Copy of" in shown
    assert page(exercise, "change") in shown
    assert web_as(berta).get(page(copy, "change")).status_code == 302  # the admin's own way to say no


def test_a_forged_key_leads_to_nobody_elses_copy(
    web_as: Callable[..., Web], adam: User, berta: User, exercise: Exercise
) -> None:
    key = str(uuid4())
    web_as(adam).post(page(exercise, "copy"), {"key": key})

    answer = web_as(berta).post(page(exercise, "copy"), {"key": key})

    assert answer["Location"] == page(exercise, "change")
    assert Exercise.objects.filter(copy_of=exercise).count() == 1


@pytest.mark.parametrize("key", ["", "x", "9" * 400])
def test_a_key_that_cannot_be_read_makes_a_copy(
    web_as: Callable[..., Web], adam: User, exercise: Exercise, key: str
) -> None:
    web_as(adam).post(page(exercise, "copy"), {"key": key})

    assert Exercise.objects.filter(copy_of=exercise).count() == 1


def test_a_copy_of_what_somebody_keeps_to_themselves_does_not_name_it(
    web_as: Callable[..., Web], berta: User, own: Exercise
) -> None:
    copy = copy_exercise(own)
    Exercise.objects.filter(pk=copy.pk).update(name="A bridge")
    keep_exercise(copy, berta, now=NOW)

    shown = web_as(berta).get(page(copy, "change")).content.decode()

    assert "Copy of an exercise that you do not see" in shown
    assert "CANARY" not in shown


# ---- Retire ----------------------------------------------------------------------------------------------------------


def test_an_exercise_is_retired_and_brought_back(
    web_as: Callable[..., Web], adam: User, exercise: Exercise
) -> None:
    web = web_as(adam)
    for _time in range(2):
        web.post(page(exercise, "retire"), {"wish": "retire"})
    exercise.refresh_from_db()
    retired_at = exercise.retired_at
    shown = web.get(page(exercise, "change")).content.decode()
    offered = Exercise.objects.in_use().filter(pk=exercise.pk).exists()

    web.post(page(exercise, "retire"), {"wish": "bring_back"})
    exercise.refresh_from_db()

    assert retired_at is not None
    assert not offered
    assert "no longer offered" in shown
    assert "Bring back" in shown
    assert exercise.retired_at is None


def test_a_retired_exercise_stays_where_it_is_used(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.assign(ana, by=adam)
    exercise = Exercise.objects.get(slug=USED)

    web_as(adam).post(page(exercise, "retire"), {"wish": "retire"})

    assert AssignedStep.objects.filter(exercise=exercise, valid_until=None).exists()
    assert Program.objects.filter(phases__steps__exercise=exercise).exists()


def test_nothing_retires_by_looking(web_as: Callable[..., Web], adam: User, exercise: Exercise) -> None:
    assert web_as(adam).get(page(exercise, "retire")).status_code == 405
    assert web_as(adam).get(page(exercise, "copy")).status_code == 405


@pytest.mark.parametrize("owner_asks", [True, False])
def test_no_exercise_is_ever_deleted(
    web_as: Callable[..., Web], adam: User, owner: User, own: Exercise, owner_asks: bool
) -> None:
    answer = web_as(owner if owner_asks else adam).post(page(own, "delete"), {"post": "yes"})

    assert answer.status_code == 403
    assert Exercise.objects.filter(pk=own.pk).exists()


# ---- Where used ------------------------------------------------------------------------------------------------------


def test_programs_of_others_are_counted_and_never_named(
    web_as: Callable[..., Web], adam: User, berta: User
) -> None:
    exercise = Exercise.objects.get(slug=USED)
    hers = Program.objects.filter(phases__steps__exercise=exercise).first()
    assert hers is not None
    Program.objects.filter(pk=hers.pk).update(name="CANARY program")
    keep_program(hers, berta, now=NOW)

    used = web_as(adam).get(page(exercise, "change")).context["used"]
    shown = web_as(adam).get(page(exercise, "change")).content.decode()

    assert hers not in used.programs.seen
    assert used.programs.more == 1
    assert "CANARY" not in shown
    assert "CANARY" in web_as(berta).get(page(exercise, "change")).content.decode()
    assert OwnProgram.objects.count() == 1


def test_versions_and_copies_of_others_are_counted_and_never_named(
    web_as: Callable[..., Web], berta: User, exercise: Exercise, own: Exercise
) -> None:
    Exercise.objects.filter(pk=own.pk).update(easier=exercise)

    answer = web_as(berta).get(page(exercise, "change"))

    used = answer.context["used"]
    assert own not in used.versions.seen
    assert (used.versions.more, used.copies.more, used.copies.seen) == (1, 1, [])
    assert "CANARY" not in answer.content.decode()


def test_the_people_who_do_it_now_are_counted_among_ones_own(
    web_as: Callable[..., Web], adam: User, berta: User, owner: User, office: User, ana: Client, carla: Client
) -> None:
    exercise = Exercise.objects.get(slug=USED)
    for client, therapist in ((ana, adam), (carla, berta)):
        builders.assign(client, by=therapist)

    def people(user: User) -> int | None:
        number: int | None = web_as(user).get(page(exercise, "change")).context["used"].people
        return number

    assert (people(adam), people(berta), people(owner)) == (1, 1, 2)
    assert "CANARY" not in web_as(adam).get(page(exercise, "change")).content.decode()


# ---- Queries ---------------------------------------------------------------------------------------------------------


def test_the_list_runs_as_many_queries_with_pictures_as_without(
    web_as: Callable[..., Web], adam: User
) -> None:
    url = reverse("admin:routines_exercise_changelist")
    web = web_as(adam)
    web.get(url)
    counts = []
    for wanted in (3, 30):
        for exercise in Exercise.objects.filter(media=None)[:wanted]:
            add_photo(exercise, picture(size=(4, 3)))
        with CaptureQueriesContext(connection) as queries:
            web.get(url)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_page_runs_a_fixed_number_of_queries(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    exercise = Exercise.objects.get(slug=USED)
    web = web_as(adam)
    web.get(page(exercise, "change"))
    counts = []
    for number in (1, 3):
        for _each in range(number):
            copy_exercise(exercise)
        add_photo(exercise, picture(size=(4, 3)))
        with CaptureQueriesContext(connection) as queries:
            web.get(page(exercise, "change"))
        counts.append(len(queries))

    assert counts[0] == counts[1]
