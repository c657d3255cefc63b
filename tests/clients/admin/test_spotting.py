"""Marking the tender spot in the workplace: a tap, a bad tap, somebody else's client, a note, taking it away."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client as Web
from django.urls import reverse

from clients.adjusting import change_step
from clients.admin.spotting import places_of
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import AssignedStep, Client, TenderSpot, User
from routines.bodyspot import frames_of

FRAME = "back.buttock.right"
BALL = "smr_buttock_ball_wall"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def ball_of(client: Client) -> AssignedStep:
    steps = AssignedStep.objects.filter(phase__assignment__client=client, valid_until__isnull=True)
    return steps.filter(exercise__slug=BALL).order_by("pk")[:1].get()


@pytest.fixture
def step(ana: Client, adam: User) -> AssignedStep:
    builders.assign(ana, by=adam)
    return ball_of(ana)


@pytest.fixture
def web(web_as: Callable[..., Web], adam: User) -> Web:
    return web_as(adam)


def address(step: AssignedStep, spot: TenderSpot | None = None, query: str = "") -> str:
    client = step.phase.assignment.client_id
    if spot is None:
        return reverse("admin:client_spot", args=[client, step.pk]) + query
    return reverse("admin:client_spot_change", args=[client, step.pk, spot.pk])


def tap(web: Web, step: AssignedStep, x: Any = 128, y: Any = 160, *, frame: str = FRAME, **sent: Any) -> Any:
    return web.post(address(step), {"frame": frame, "small.x": x, "small.y": y, **sent})


def says(answer: Any) -> str:
    return " ".join(html.unescape(answer.content.decode()).split())


def test_visit_leads_to_the_map_of_each_self_massage_of_the_plan(
    web: Web, step: AssignedStep, adam: User
) -> None:
    client = step.phase.assignment.client
    visit = builders.examine(client, close=False, now=NOW)
    page = reverse("admin:client_visit", args=[client.pk, visit.pk])
    before = says(web.get(page))
    tap(web, step)
    after = says(web.get(page))

    assert f'href="{address(step)}"' in before
    assert "Spot marked" not in before
    assert "Spot marked: Buttock, right" in after
    assert "Figure-four" not in after.partition('id="spots"')[2].partition("</section>")[0]


# ---- Two taps -------------------------------------------------------------------------------------------------------


def test_plan_leads_to_the_map_of_the_steps_area_and_side(web: Web, step: AssignedStep) -> None:
    plan = says(web.get(reverse("admin:client", args=[step.phase.assignment.client_id])))
    page = web.get(address(step))

    assert f'href="{address(step)}"' in plan
    assert page.context["frame"].key == FRAME
    assert page.context["places"][0].chosen


def test_tap_marks_the_spot_and_the_plan_says_where(web: Web, step: AssignedStep, adam: User) -> None:
    answer = tap(web, step)
    spot = TenderSpot.objects.get()

    assert answer["Location"] == address(step)  # no place of anybody's body in the address
    assert (spot.client, spot.exercise_id, spot.marked_by) == (
        step.phase.assignment.client,
        step.exercise_id,
        adam,
    )
    frame = frames_of("buttock", "right")[0]
    assert (spot.x, spot.y) == frame.spot(128 / 256, 160 / frame.high(256))
    plan = says(web.get(reverse("admin:client", args=[spot.client_id])))
    assert "Spot marked: Buttock, right" in plan


def test_large_picture_means_the_same_point(web: Web, step: AssignedStep) -> None:
    high = frames_of("buttock", "right")[0].high
    tap(web, step, 154, round(high(256) / 2))
    small = TenderSpot.objects.get()
    TenderSpot.objects.all().delete()
    web.post(address(step), {"frame": FRAME, "large.x": 264, "large.y": round(high(440) / 2)})
    large = TenderSpot.objects.get()

    assert abs(small.x - large.x) + abs(small.y - large.y) <= 2


def test_enter_on_the_picture_marks_the_middle_of_the_area(web: Web, step: AssignedStep) -> None:
    tap(web, step, 0, 0)

    assert TenderSpot.objects.get().area.slug == "buttock"


def test_tap_beside_the_proposed_area_is_taken_as_it_is(web: Web, step: AssignedStep) -> None:
    web.post(address(step), {"frame": "back", "small.x": 156, "small.y": 365})

    assert TenderSpot.objects.get().place == "Back of the thigh, right"


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("", ""),
        ("x", "5"),
        ("-1", "5"),
        ("257", "5"),
        ("5", "9999"),
        ("1e2", "5"),
        ("9" * 30, "5"),
        ("²", "5"),
    ],
)
def test_tap_that_cannot_be_read_is_told_beside_the_picture(
    web: Web, step: AssignedStep, x: str, y: str
) -> None:
    answer = tap(web, step, x, y)

    assert answer.status_code == 422
    assert "Tap on the picture, where the spot is." in says(answer)
    assert not TenderSpot.objects.exists()


def test_tap_beside_the_body_and_on_the_other_side_is_told(web: Web, step: AssignedStep) -> None:
    beside = tap(web, step, 5, 5, frame="front")
    other = tap(web, step, frame="back.buttock.left")
    whole = tap(web, step, 0, 0, frame="back")

    assert "beside the body" in says(beside)
    assert "for the right side" in says(other)
    assert [answer.status_code for answer in (beside, other, whole)] == [422, 422, 422]
    assert other.context["frame"].key == "back.buttock.left"  # what was looked at stays
    assert not TenderSpot.objects.exists()


@pytest.mark.parametrize("frame", ["", "nowhere", "back.calf.both", "\x00", "x" * 999])
def test_picture_that_there_is_not_is_not_found(web: Web, step: AssignedStep, frame: str) -> None:
    assert tap(web, step, frame=frame).status_code == 404


def test_address_of_a_picture_that_there_is_not_shows_the_usual_one(web: Web, step: AssignedStep) -> None:
    for at in ("nowhere", "back.calf.both", "x" * 99, "back.calf.left.left"):
        assert web.get(address(step, query=f"?at={at}")).context["frame"].key == FRAME


def test_spot_of_somebody_else_meanwhile_is_shown_and_not_overwritten(web: Web, step: AssignedStep) -> None:
    tap(web, step)
    answer = tap(web, step, 100, 150)

    assert answer.status_code == 422
    assert "changed in the meantime" in says(answer)
    assert TenderSpot.objects.count() == 1


def test_moved_spot_keeps_its_history(web: Web, step: AssignedStep) -> None:
    tap(web, step)
    first = TenderSpot.objects.get()
    for seen in ([first.pk], [first.pk, "x", "9" * 40]):
        tap(web, step, 100, 150, seen=seen)

    assert TenderSpot.objects.count() == 2
    assert TenderSpot.objects.standing().get().pk != first.pk


# ---- What stands ------------------------------------------------------------------------------------------------------


@pytest.fixture
def spot(web: Web, step: AssignedStep) -> TenderSpot:
    tap(web, step)
    return TenderSpot.objects.select_related("area").get()


@pytest.mark.parametrize(("act", "x", "y"), [("up", 0, -1), ("down", 0, 1), ("left", -1, 0), ("right", 1, 0)])
def test_spot_is_moved_a_little(
    web: Web, step: AssignedStep, spot: TenderSpot, act: str, x: int, y: int
) -> None:
    web.post(address(step, spot), {"act": act})
    moved = TenderSpot.objects.standing().get()

    assert [(a > b) - (a < b) for a, b in ((moved.x, spot.x), (moved.y, spot.y))] == [x, y]


def test_note_is_kept_with_the_spot(web: Web, step: AssignedStep, spot: TenderSpot) -> None:
    web.post(address(step, spot), {"act": "note", "note": "  Press   gently "})
    kept = TenderSpot.objects.standing().get()

    assert (kept.x, kept.y, kept.note) == (spot.x, spot.y, "Press gently")
    assert "Press gently" in says(web.get(address(step)))


def test_note_that_is_too_long_stays_where_it_was_typed(
    web: Web, step: AssignedStep, spot: TenderSpot
) -> None:
    answer = web.post(address(step, spot), {"act": "note", "note": "long " * 40})

    assert answer.status_code == 422
    assert "long long" in says(answer)
    assert TenderSpot.objects.get().note == ""


def test_spot_is_taken_away(web: Web, step: AssignedStep, spot: TenderSpot) -> None:
    web.post(address(step, spot), {"act": "away"})
    again = web.post(address(step, spot), {"act": "away"}, follow=True)

    assert not TenderSpot.objects.standing().exists()
    assert "changed in the meantime" in says(again)
    assert TenderSpot.objects.count() == 1


def test_act_that_there_is_not_changes_nothing(web: Web, step: AssignedStep, spot: TenderSpot) -> None:
    for act in ("", "delete", "\x00"):
        assert web.post(address(step, spot), {"act": act}).status_code == 302
    assert web.get(address(step, spot)).status_code == 302

    assert TenderSpot.objects.standing().get() == spot


# ---- Whose ------------------------------------------------------------------------------------------------------------


def test_another_therapist_finds_nothing(
    web_as: Callable[..., Web], berta: User, step: AssignedStep, spot: TenderSpot
) -> None:
    stranger = web_as(berta)

    assert stranger.get(address(step)).status_code == 404
    assert tap(stranger, step).status_code == 404
    assert stranger.post(address(step, spot), {"act": "away"}).status_code == 404
    assert TenderSpot.objects.standing().get() == spot


def test_client_and_office_do_not_get_there(
    web_as: Callable[..., Web], office: User, ana: Client, step: AssignedStep
) -> None:
    for person in (office, ana.user):
        assert tap(web_as(person), step).status_code in (302, 403, 404)
    assert not TenderSpot.objects.exists()


def test_forged_step_and_spot_of_another_client_are_not_found(
    web: Web, ana: Client, carla: Client, berta: User, step: AssignedStep, spot: TenderSpot
) -> None:
    builders.assign(carla, by=berta)
    foreign = ball_of(carla)
    hers = TenderSpot.objects.create(
        client=carla, exercise_id=foreign.exercise_id, side="right", view="back", x=600, y=520, area=spot.area,
        marked_by=berta, marked_at=NOW,
    )  # fmt: skip

    assert web.get(reverse("admin:client_spot", args=[ana.pk, foreign.pk])).status_code == 404
    assert web.get(reverse("admin:client_spot", args=[ana.pk, 10**30])).status_code == 404
    assert web.post(reverse("admin:client_spot", args=[carla.pk, foreign.pk])).status_code == 404
    assert web.post(address(step, hers), {"act": "away"}).status_code == 404
    tap(web, step, 100, 150, seen=[hers.pk, spot.pk])
    hers.refresh_from_db()
    assert hers.ended_at is None


def test_step_without_massage_takes_no_spot(web: Web, step: AssignedStep) -> None:
    stretch = AssignedStep.objects.filter(phase=step.phase, kind="release_stretch")[:1].get()

    assert web.get(address(stretch)).status_code == 404


def test_step_that_is_history_leads_back_to_the_client(web: Web, step: AssignedStep, adam: User) -> None:
    newer = change_step(step, by=adam, reason="", now=NOW, note="New")

    assert tap(web, step)["Location"] == reverse("admin:client", args=[step.phase.assignment.client_id])
    assert not TenderSpot.objects.exists()
    tap(web, newer)
    assert TenderSpot.objects.exists()


def test_nothing_is_marked_after_care_has_ended(web: Web, ana: Client, step: AssignedStep) -> None:
    Client.objects.filter(pk=ana.pk).update(ended_at=NOW)
    answer = tap(web, step)

    assert answer.status_code == 422
    assert not TenderSpot.objects.exists()


# ---- Queries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 30])
def test_page_asks_a_fixed_number_of_queries(
    web: Web, step: AssignedStep, spot: TenderSpot, django_assert_num_queries: Any, number: int
) -> None:
    for _time in range(number):
        web.post(address(step, TenderSpot.objects.standing().get()), {"act": "up"})
        web.post(address(step, TenderSpot.objects.standing().get()), {"act": "down"})
    web.get(address(step))  # the messages are read

    with django_assert_num_queries(10):
        web.get(address(step))


def test_places_name_area_side_and_view(step: AssignedStep) -> None:
    assert places_of(step)[0][1] == "Buttock, right (Back)"
