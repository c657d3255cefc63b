"""Who is shown a picture or film of an exercise, and how it is sent."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client as Web
from django.urls import reverse
from PIL import Image

from clients.assigning import exercise_as_it_is
from clients.demo.builders import NOW, assign, make_client, make_office, make_owner, make_therapist, train
from clients.media import is_given, shown_of
from clients.models import AssignedStep, CareTeam, Client, User
from clients.ownership import keep_exercise
from routines.media import add_film, add_link, add_photo, folder_of, prepare_next_film
from routines.models import Exercise, ExerciseMedia
from tests.routines.films import film

pytestmark = pytest.mark.django_db

IN_THE_PLAN = "smr_buttock_ball_wall"


def picture() -> BytesIO:
    into = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(into, "PNG")
    into.seek(0)
    return into


def url(row: ExerciseMedia, name: str = "small.webp") -> str:
    return reverse("exercise_media", args=[row.token, name])


@pytest.fixture(autouse=True)
def password_alone_is_enough(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def adam() -> User:
    return make_therapist(name="Adam")


@pytest.fixture
def berta() -> User:
    return make_therapist(name="Berta")


@pytest.fixture
def ana(adam: User) -> Client:
    client = make_client(name="Ana Silva", therapist=adam)
    assign(client, by=adam)
    return client


@pytest.fixture
def shared(ana: Client) -> ExerciseMedia:
    return add_photo(Exercise.objects.get(slug=IN_THE_PLAN), picture())


def status(web_as: Callable[..., Web], user: Any, row: ExerciseMedia, name: str = "small.webp") -> int:
    code: int = web_as(user).get(url(row, name)).status_code
    return code


def test_a_client_sees_the_pictures_of_their_plan_and_no_other(
    web_as: Callable[..., Web], ana: Client, berta: User, shared: ExerciseMedia
) -> None:
    unseen = add_photo(make_other(), picture())
    stranger = make_client(name="Stella Stranger", therapist=berta)

    assert status(web_as, ana.user, shared) == 200
    assert status(web_as, ana.user, unseen) == 404
    assert status(web_as, stranger.user, shared) == 404
    assert Web().get(url(shared)).status_code == 302


def make_other() -> Exercise:
    """An exercise for a muscle that no plan of these tests works on."""
    return Exercise.objects.create(
        slug="finger_play", name="Finger play", kind="integrate", position="seated", side_mode="not_sided",
        cue="Play.", sets=1, reps=5, hold_seconds=0, rest_seconds=0, per_day=1, days_per_week=3,
    )  # fmt: skip


def test_a_client_sees_what_may_take_the_place_of_an_exercise(
    web_as: Callable[..., Web], ana: Client, adam: User, shared: ExerciseMedia
) -> None:
    step = AssignedStep.objects.filter(exercise__slug=IN_THE_PLAN).first()
    assert step is not None
    target = step.exercise.muscles.filter(role="target").first()
    other = (
        Exercise.objects.filter(kind=step.kind, muscles__role="target", muscles__muscle=target.muscle)
        .exclude(pk__in=AssignedStep.objects.values("exercise"))
        .first()
    )
    row = add_photo(other, picture())

    assert status(web_as, ana.user, row) == 200
    keep_exercise(other, adam, now=NOW)  # nobody's own exercise takes another's place
    assert status(web_as, ana.user, row) == 404


def test_an_own_exercise_is_seen_by_its_therapist_and_the_owner(
    web_as: Callable[..., Web], adam: User, berta: User
) -> None:
    own = make_other()
    keep_exercise(own, adam, now=NOW)
    row = add_photo(own, picture())

    seen = [status(web_as, user, row) for user in (adam, make_owner(), berta, make_office())]

    assert seen == [200, 200, 404, 404]


def test_an_own_exercise_is_seen_by_whoever_takes_care_of_a_client_with_it(
    web_as: Callable[..., Web], ana: Client, adam: User, berta: User
) -> None:
    exercise = Exercise.objects.get(slug=IN_THE_PLAN)
    keep_exercise(exercise, adam, now=NOW)
    row = add_photo(exercise, picture())
    assert status(web_as, berta, row) == 404

    CareTeam.objects.filter(client=ana).update(therapist=berta)
    assert status(web_as, berta, row) == 200

    CareTeam.objects.filter(client=ana).update(therapist=adam)
    assert status(web_as, berta, row) == 404


def test_staff_without_a_second_factor_are_shown_nothing(
    web_as: Callable[..., Web], adam: User, shared: ExerciseMedia, settings: Any
) -> None:
    settings.STAFF_SECOND_FACTOR = True

    assert status(web_as, adam, shared) == 404


@pytest.mark.parametrize(
    "name", ["sent", "film.mp4", "..%2f..%2fdb.sqlite3", "large.webp.bak", ".", "SMALL.WEBP"]
)
def test_only_what_belongs_to_it_is_sent(
    web_as: Callable[..., Web], adam: User, shared: ExerciseMedia, name: str
) -> None:
    folder = folder_of(shared.token)
    (folder / "sent").write_bytes(b"as it was sent")

    assert web_as(adam).get(f"/media/{shared.token}/{name}").status_code == 404


@pytest.mark.parametrize("token", ["0" * 32, "x", "..", "a" * 5_000])
def test_a_guess_finds_nothing(
    web_as: Callable[..., Web], adam: User, shared: ExerciseMedia, token: str
) -> None:
    add_link(shared.exercise, "https://example.org")

    assert web_as(adam).get(f"/media/{token}/small.webp").status_code == 404


def test_a_file_that_is_gone_is_not_found(
    web_as: Callable[..., Web], adam: User, shared: ExerciseMedia
) -> None:
    (folder_of(shared.token) / "small.webp").unlink()

    assert status(web_as, adam, shared) == 404


def test_a_picture_is_sent_as_what_it_is_for_this_browser_alone(
    web_as: Callable[..., Web], ana: Client, shared: ExerciseMedia
) -> None:
    answer = web_as(ana.user).get(url(shared))

    assert b"".join(answer.streaming_content) == (folder_of(shared.token) / "small.webp").read_bytes()  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private, ")
    assert "immutable" in answer["Cache-Control"]
    assert "Content-Security-Policy" in answer


def test_nothing_is_changed_by_looking_and_nothing_is_posted(
    web_as: Callable[..., Web], ana: Client, shared: ExerciseMedia
) -> None:
    assert web_as(ana.user).post(url(shared)).status_code == 405
    assert web_as(ana.user).head(url(shared)).status_code == 200


# ---- Films -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def filmed(ana: Client) -> ExerciseMedia:
    row = add_film(Exercise.objects.get(slug=IN_THE_PLAN), BytesIO(film()))
    prepare_next_film(NOW)
    return row


def test_a_film_is_shown_only_when_it_is_ready(web_as: Callable[..., Web], ana: Client) -> None:
    row = add_film(Exercise.objects.get(slug=IN_THE_PLAN), BytesIO(film()))
    before = status(web_as, ana.user, row, "film.mp4")

    prepare_next_film(NOW)

    assert before == 404
    assert [status(web_as, ana.user, row, name) for name in ("film.mp4", "poster.webp", "sent")] == [
        200,
        200,
        404,
    ]


@pytest.mark.parametrize(
    ("asked", "code", "first", "last"),
    [
        ("bytes=0-9", 206, 0, 9),
        ("bytes=5-", 206, 5, -1),
        ("bytes=-7", 206, -7, -1),
        ("bytes=0-999999999", 206, 0, -1),
        ("bytes=9-5", 200, 0, -1),
        ("bytes=0-1,5-6", 200, 0, -1),
        ("bytes=-", 200, 0, -1),
        ("lines=1-2", 200, 0, -1),
        ("bytes=" + "9" * 40 + "-", 200, 0, -1),
        ("bytes=999999999-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
    ],
)
def test_a_player_asks_for_a_part_of_a_film(
    web_as: Callable[..., Web],
    ana: Client,
    filmed: ExerciseMedia,
    asked: str,
    code: int,
    first: int,
    last: int,
) -> None:
    whole = (folder_of(filmed.token) / "film.mp4").read_bytes()

    answer = web_as(ana.user).get(url(filmed, "film.mp4"), headers={"Range": asked})

    assert answer.status_code == code
    assert answer["Accept-Ranges"] == "bytes"
    if code == 416:
        assert answer["Content-Range"] == f"bytes */{len(whole)}"
        return
    begin, end = first % len(whole), last % len(whole)
    assert b"".join(answer.streaming_content) == whole[begin : end + 1]  # type: ignore[attr-defined]
    assert answer["Content-Length"] == str(end + 1 - begin)
    if code == 206:
        assert answer["Content-Range"] == f"bytes {begin}-{end}/{len(whole)}"


def test_nginx_sends_the_file_that_the_page_let_pass(
    web_as: Callable[..., Web], ana: Client, berta: User, shared: ExerciseMedia, settings: Any
) -> None:
    settings.MEDIA_ACCEL = "/protected/"
    stranger = make_client(name="Stella Stranger", therapist=berta)

    answer = web_as(ana.user).get(url(shared))

    place = f"/protected/exercises/{shared.token[:2]}/{shared.token}/small.webp"
    assert (answer["X-Accel-Redirect"], answer.content, answer["Content-Type"]) == (place, b"", "image/webp")
    assert "X-Accel-Redirect" not in web_as(stranger.user).get(url(shared))


# ---- What a plan keeps -----------------------------------------------------------------------------------------------


def test_a_plan_keeps_the_pictures_of_the_day_it_was_given(adam: User, berta: User) -> None:
    exercise = Exercise.objects.get(slug=IN_THE_PLAN)
    kept = add_photo(exercise, picture(), alt="As it was", author="Adam")
    assign(make_client(therapist=adam), by=adam)
    late = add_photo(exercise, picture(), alt="Later")

    step = AssignedStep.objects.filter(exercise=exercise).first()

    assert step is not None
    assert [(each["token"], each["alt"], each["author"]) for each in step.as_was["media"]] == [
        (kept.token, "As it was", "Adam")
    ]
    assert (is_given(kept), is_given(late)) == (True, False)


def test_a_picture_takes_the_place_of_the_figure_where_the_exercise_is_done(
    web_as: Callable[..., Web], adam: User
) -> None:
    row = add_photo(Exercise.objects.get(slug=IN_THE_PLAN), picture(), alt="Adam at the wall")
    client = make_client(therapist=adam)
    assign(client, by=adam)
    session = train(client, now=NOW)
    web = web_as(client.user)

    today, program = (web.get(reverse(name)).content.decode() for name in ("today", "program"))
    step = web.get(reverse("session_step", args=[session.pk, 1])).content.decode()

    assert url(row) in program
    assert url(row) in today
    assert 'alt="Adam at the wall"' in step
    assert url(row, "large.webp") in step


def test_a_film_starts_on_demand_only_and_nothing_foreign_is_loaded(
    web_as: Callable[..., Web], adam: User
) -> None:
    exercise = Exercise.objects.get(slug=IN_THE_PLAN)
    row = add_film(exercise, BytesIO(film()))
    add_link(exercise, "https://films.example.org/watch", alt="The long film")
    client = make_client(therapist=adam)
    assign(client, by=adam)
    session = train(client, now=NOW)
    page = reverse("session_step", args=[session.pk, 1])
    web = web_as(client.user)
    assert "<video" not in web.get(page).content.decode()

    prepare_next_film(NOW)
    step = web.get(page).content.decode()

    (player,) = [tag for tag in step.split("<") if tag.startswith("video")]
    assert all(
        word in player
        for word in ("controls", 'preload="none"', "playsinline", "muted", url(row, "poster.webp"))
    )
    assert "autoplay" not in step
    assert 'href="https://films.example.org/watch" target="_blank" rel="noopener noreferrer"' in step
    assert 'src="https:' not in step


def test_looking_for_films_costs_a_query_only_where_one_was_waiting(django_assert_num_queries: Any) -> None:
    exercise = Exercise.objects.get(slug=IN_THE_PLAN)
    add_photo(exercise, picture(), author="Adam")
    with_photo = exercise_as_it_is(Exercise.objects.with_details().get(pk=exercise.pk))["media"]
    add_film(exercise, BytesIO(film()))
    with_film = exercise_as_it_is(Exercise.objects.with_details().get(pk=exercise.pk))["media"]

    with django_assert_num_queries(0):
        assert len(shown_of(with_photo)) == 1
    with django_assert_num_queries(1):
        assert len(shown_of(with_film)) == 1
