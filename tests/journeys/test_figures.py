"""Figures in a browser: they move, and stand still where somebody asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clients.demo.builders import assign, make_client, make_practice, screen, train
from clients.models import AssignedStep, Side

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

BALL = "smr_buttock_ball_wall"


def begin(**fields: Any) -> tuple[Any, str]:
    """The first exercise of a session, which is timed, and whose it is."""
    now = timezone.now()
    make_practice()
    client = make_client(**fields)
    assign(client, now=now)
    AssignedStep.objects.update(weekdays="1234567")
    screen(client, now=now)
    session = train(client, now=now, partial={BALL: 0}, finish=False)
    return client.user, f"/session/{session.pk}/1/"


@pytest.fixture
def address() -> tuple[Any, str]:
    return begin()


def shown(page: Page, pattern: str) -> None:
    """Wait until the picture that the browser has chosen is such a one, and is drawn."""
    page.wait_for_function(
        """pattern => {
            const image = document.querySelector(".stage picture.figure img");
            return new RegExp(pattern).test(image.currentSrc) && image.complete && image.naturalWidth > 0;
        }""",
        arg=pattern,
    )


def test_figure_moves_until_it_is_held_still(address: tuple[Any, str], visit: Callable[..., Any]) -> None:
    user, page_address = address
    seat = visit(user)
    seat.page.goto(page_address)
    hold = seat.page.get_by_role("button", name="Hold the picture still")

    shown(seat.page, "release-light-right-moving")
    expect(seat.page.locator(".stage picture img")).to_have_attribute("alt", re.compile("Standing .*wall"))
    hold.click()
    shown(seat.page, "release-light-right-still")
    expect(hold).to_have_attribute("aria-pressed", "true")
    hold.click()
    shown(seat.page, "release-light-right-moving")


def test_figure_that_is_held_stays_so_when_the_page_is_drawn_anew(
    address: tuple[Any, str], visit: Callable[..., Any]
) -> None:
    user, page_address = address
    seat = visit(user)
    seat.page.goto(page_address)
    seat.page.get_by_role("button", name="Hold the picture still").click()
    for tick in seat.page.locator(".ticks button.tick").all():
        tick.click()
    expect(seat.page.locator("#tightness-after, [data-live=dock] a.primary").first).to_be_visible()

    shown(seat.page, "-still")
    expect(seat.page.get_by_role("button", name="Hold the picture still")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_figure_stands_still_while_the_session_is_paused(
    address: tuple[Any, str], visit: Callable[..., Any]
) -> None:
    user, page_address = address
    seat = visit(user)
    seat.page.goto(page_address)
    button = seat.page.locator("[data-timer-main]")

    button.click()
    shown(seat.page, "-moving")
    seat.page.keyboard.press("Escape")
    shown(seat.page, "-still")
    button.click()
    shown(seat.page, "-moving")


def test_figure_never_moves_where_less_motion_is_asked_for(
    address: tuple[Any, str], visit: Callable[..., Any]
) -> None:
    user, page_address = address
    seat = visit(user, reduced_motion="reduce")
    asked: list[str] = []
    seat.page.on("request", lambda request: asked.append(request.url))

    seat.page.goto(page_address)
    shown(seat.page, "-still")
    expect(seat.page.get_by_role("button", name="Hold the picture still")).to_be_hidden()

    assert not [url for url in asked if "-moving" in url]
    seat.page.emulate_media(reduced_motion="no-preference")
    shown(seat.page, "-moving")


def test_figure_has_the_colours_of_a_dark_page(address: tuple[Any, str], visit: Callable[..., Any]) -> None:
    user, page_address = address
    seat = visit(user, scheme="dark", scripts=False)
    seat.page.goto(page_address)

    expect(seat.page.locator(".stage picture source")).to_have_attribute(
        "srcset", re.compile("release-dark-right-still")
    )
    assert "release-dark-right-still" in seat.page.locator(".stage picture img").evaluate(
        "image => image.currentSrc"
    )


def test_figure_turns_to_the_side_of_the_set_that_comes_next(visit: Callable[..., Any]) -> None:
    user, page_address = begin(side=Side.BOTH)
    seat = visit(user)
    seat.page.goto(page_address)
    ticks = seat.page.locator("button.tick")

    shown(seat.page, "release-light-left-moving")
    ticks.nth(0).click()
    shown(seat.page, "release-light-right-moving")
    ticks.nth(1).click()
    shown(seat.page, "release-light-left-moving")
    ticks.nth(1).click()  # taken back
    shown(seat.page, "release-light-right-moving")
    assert seat.troubles == []
