"""The tender spot as therapist and client meet it: marked in two taps, with scripts and without, by keyboard, and seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.demo.builders import assign, make_client, make_practice, make_therapist, screen, train
from clients.models import AssignedStep, Client, TenderSpot
from clients.spots import Point, mark
from routines.bodyspot import frames_of
from tests.journeys.conftest import Watched, axe_findings

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
BALL = "smr_buttock_ball_wall"


@pytest.fixture
def ana() -> Client:
    make_practice()
    client = make_client(name="Ana Silva", therapist=make_therapist(name="Adam"))
    assign(client)
    screen(client)
    return client


def ball_of(client: Client) -> AssignedStep:
    steps = AssignedStep.objects.filter(phase__assignment__client=client, valid_until__isnull=True)
    found = steps.filter(exercise__slug=BALL).first()
    assert found is not None
    return found


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
@pytest.mark.parametrize("width", ["phone", "desk"])
def test_two_taps_mark_the_spot_where_the_finger_was(
    visit: Callable[..., Watched], ana: Client, width: str, scripts: bool
) -> None:
    desk = visit(ana.care_team.get().therapist, width=width, scripts=scripts)
    page = desk.page
    page.goto(reverse("admin:client", args=[ana.pk]))

    page.locator(".plan-step", has_text="Ball release").first.get_by_role(
        "link", name="Mark the spot"
    ).click()
    page.get_by_role("heading", name="Mark the spot").wait_for()
    picture = page.locator("[data-spot-press]:visible")
    size = picture.bounding_box()
    assert size is not None
    picture.click(position={"x": size["width"] * 0.6, "y": size["height"] * 0.5})
    page.get_by_text("Marked: Buttock, right").wait_for()

    spot = TenderSpot.objects.get()
    frame = frames_of("buttock", "right")[0]
    assert (spot.view, spot.area.slug, spot.side) == ("back", "buttock", "right")
    wanted = frame.spot(0.6, 0.5)
    assert abs(spot.x - wanted[0]) <= 3  # a pixel on the small picture
    assert abs(spot.y - wanted[1]) <= 3
    assert page.locator(".spot-pin").count() == 2  # in both sizes, of which one shows
    assert desk.troubles == []


def test_arrow_keys_move_a_cross_and_enter_marks_it(visit: Callable[..., Watched], ana: Client) -> None:
    desk = visit(ana.care_team.get().therapist, width="desk")
    page = desk.page
    page.goto(reverse("admin:client_spot", args=[ana.pk, ball_of(ana).pk]))

    page.locator("[data-spot-press]:visible").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.get_by_text("Marked: Buttock, right").wait_for()

    spot = TenderSpot.objects.get()
    wanted = frames_of("buttock", "right")[0].spot(0.54, 0.516)
    assert abs(spot.x - wanted[0]) <= 2
    assert abs(spot.y - wanted[1]) <= 2
    assert axe_findings(desk) == []
    assert desk.troubles == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_enter_alone_marks_the_middle_and_buttons_move_it(
    visit: Callable[..., Watched], ana: Client, scripts: bool
) -> None:
    desk = visit(ana.care_team.get().therapist, scripts=scripts)
    page = desk.page
    page.goto(reverse("admin:client_spot", args=[ana.pk, ball_of(ana).pk]))

    page.locator("[data-spot-press]:visible").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Marked: Buttock, right").wait_for()
    middle = TenderSpot.objects.get()
    page.get_by_role("button", name="Up", exact=True).click()
    page.wait_for_url("**/spot/")
    page.get_by_label("Note to the client").fill("Press gently here")
    page.get_by_role("button", name="Save the note").click()
    page.get_by_text("Note saved").wait_for()

    spot = TenderSpot.objects.standing().get()
    assert (spot.x, spot.note) == (middle.x, "Press gently here")
    assert spot.y < middle.y
    assert TenderSpot.objects.count() == 3  # what stood before stays as history
    assert desk.troubles == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", ["phone", "desk"])
def test_client_sees_the_spot_beside_the_exercise(
    visit: Callable[..., Watched], ana: Client, width: str, scheme: str
) -> None:
    step = ball_of(ana)
    AssignedStep.objects.filter(pk=step.pk).update(weekdays="1234567")  # due on whatever day this runs
    therapist = ana.care_team.get().therapist
    x, y = frames_of("buttock", "right")[0].spot(0.55, 0.5)
    at = Point("back", x, y)
    mark(ana, step.exercise_id, at, sides=["right"], note="Gently", seen=[], by=therapist, now=timezone.now())
    session = train(ana, now=timezone.now(), finish=False, partial={BALL: 0})
    phone = visit(ana.user, width=width, scheme=scheme)
    page = phone.page

    page.goto(reverse("session_step", args=[session.pk, 1]))
    page.get_by_text("Your therapist marked this spot").wait_for()

    assert page.get_by_text("Buttock, right: Gently").is_visible()
    assert page.locator(".spot-map:visible").count() == 2
    assert axe_findings(phone) == []
    assert phone.troubles == []
