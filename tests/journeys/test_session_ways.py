"""Ways through a session: counted taps, too hard, five minutes, corrections, and all of it by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clients.demo.builders import advance, assign, make_client, make_practice, screen
from clients.models import AssignedStep, Client, SetRecord, TooHard, TrainingSession
from tests.journeys.conftest import axe_findings

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def client() -> Client:
    """Strengthens from today on, and has answered the first questions."""
    make_practice()
    client = make_client()
    now = timezone.now()
    advance(assign(client, now=now - timedelta(days=8)), now=now)
    AssignedStep.objects.update(weekdays="1234567", start_after_days=0, until_days=None)  # whatever day it is
    screen(client, now=now)
    return client


@pytest.fixture
def seat(client: Client, visit: Callable[..., Any]) -> Any:
    found = visit(client.user)
    found.page.goto("/today/")
    return found


def ticks(page: Page) -> Any:
    return page.get_by_role("button", name=re.compile("^Set "))


def answer_none(page: Page) -> None:
    page.get_by_role("button", name=re.compile("None of these")).click()
    page.wait_for_url(re.compile(r"/session/\d+/"))


def start(page: Page) -> None:
    page.locator("#begin-number").get_by_role("button", name="4", exact=True).click()
    answer_none(page)


def go_to(page: Page, kind: str) -> None:
    """To the first screen of this kind: its phase stands in the header."""
    while page.locator("header .tag").inner_text() != kind:
        onward(page)


def onward(page: Page) -> None:
    """The link to the next screen that stands there, with the timer or without."""
    page.wait_for_load_state()  # the timer says which of the two links stands
    before = page.url
    page.locator(".foot a:visible").filter(has_text=re.compile("^(Next|To the end)")).first.click()
    page.wait_for_url(lambda url: url != before)


def test_three_taps_from_today_to_the_first_set_and_one_for_each_further_set(seat: Any) -> None:
    """Pain on Today, "None of these", the tick. No answer is guessed: each of the three says something."""
    page, taps = seat.page, 0
    page.locator("#begin-number").get_by_role("button", name="4", exact=True).click()
    taps += 1
    page.wait_for_url("**/session/start/**")
    expect(page.get_by_label("4", exact=True)).to_be_checked()
    assert not TrainingSession.objects.exists()
    answer_none(page)
    taps += 1
    ticks(page).first.click()
    taps += 1
    expect(page.locator(".tick-row.done")).to_have_count(1)
    assert taps <= 3
    assert TrainingSession.objects.get().readings.get().value == 4

    go_to(page, "strengthen")
    for further in (1, 2):
        ticks(page).nth(further - 1).click()
        expect(page.locator(".tick-row.done")).to_have_count(further)
    expect(page.locator(".unsent")).to_have_count(0)
    assert SetRecord.objects.filter(done=True).count() == 3
    assert seat.troubles == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_too_hard_offers_the_easier_version_for_today(
    client: Client, visit: Callable[..., Any], scripts: bool
) -> None:
    seat = visit(client.user, scripts=scripts)
    page = seat.page
    page.goto("/today/")
    start(page)
    go_to(page, "strengthen")
    where = page.locator("header .where").inner_text()
    hard = page.get_by_role("heading", level=1).inner_text()
    ticks(page).first.click()
    expect(page.locator(".tick-row.done")).to_have_count(1)

    page.get_by_role("link", name="Too hard").click()
    if scripts:
        assert axe_findings(seat) == []
    page.get_by_role("button", name="Do this one today").click()

    expect(page.locator(".eased")).to_contain_text("too hard")
    expect(page.locator(".tick-row.done")).to_have_count(1)
    assert page.locator("header .where").inner_text() == where
    row = TooHard.objects.get()
    assert row.exercise.name == hard
    ticks(page).nth(1).click()
    expect(page.locator(".tick-row.done")).to_have_count(2)
    if scripts:
        assert axe_findings(seat) == []
    page.get_by_role("button", name="Back to the plan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(hard)
    assert seat.troubles == []


HEARD_ON_PRESS = """(() => {
  const { fetch } = window;
  let pressed = false;
  document.addEventListener("submit", (event) => { pressed ||= !event.target.matches(".ticks form"); }, true);
  window.fetch = (url, options) => options?.method === "POST" && !pressed ? Promise.reject(new TypeError("away")) : fetch(url, options);
})();"""


def test_tick_that_is_not_sent_yet_is_heard_before_what_is_asked_next(seat: Any) -> None:
    page = seat.page
    start(page)
    go_to(page, "strengthen")
    page.context.add_init_script(HEARD_ON_PRESS)
    page.reload()
    ticks(page).first.click()
    expect(page.locator(".unsent")).to_have_count(1)

    page.get_by_role("link", name="Too hard").click()
    assert not SetRecord.objects.exists()
    page.get_by_role("button", name="Do this one today").click()

    expect(page.locator(".eased")).to_be_visible()
    expect(page.locator(".tick-row.done")).to_have_count(1)


def test_five_minutes_show_two_exercises_and_the_rest_on_demand(seat: Any) -> None:
    page = seat.page
    page.get_by_role("link", name="I have 5 minutes").click()
    expect(page.locator(".page-head")).to_contain_text("Short day")
    page.get_by_label("3", exact=True).check(force=True)
    answer_none(page)

    expect(page.locator("header .where")).to_have_text("1 of 2")
    for _screen in range(2):
        number = ticks(page).count()
        for n in range(number):
            ticks(page).nth(n).click()
            expect(page.locator(".tick-row.done")).to_have_count(n + 1)
        onward(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("How was it?")
    expect(page.get_by_text("Not ticked yet")).to_have_count(0)
    expect(page.get_by_text(re.compile("Short day: "))).to_be_visible()
    assert axe_findings(seat) == []
    for question in ("right now", "during the session"):
        page.get_by_role("group", name=re.compile(question)).get_by_label("2", exact=True).check(force=True)
    page.get_by_role("button", name="Finish").click()

    expect(page.get_by_text(re.compile("Pain 3 before, 2 after. Short day: "))).to_be_visible()
    session = TrainingSession.objects.get()
    assert session.short
    assert session.finished_at
    assert seat.troubles == []


def test_rest_of_a_short_day_can_be_done_too(seat: Any) -> None:
    page = seat.page
    page.goto("/session/start/1/?short=1")
    page.get_by_label("3", exact=True).check(force=True)
    answer_none(page)
    page.get_by_role("button", name="Do the rest too").click()

    expect(page.locator("header .where")).not_to_have_text("1 of 2")
    assert TrainingSession.objects.get().whole_at is not None


def test_figures_band_and_note_are_remembered_and_corrected_in_place(seat: Any) -> None:
    page = seat.page
    start(page)
    page.locator("#own-note summary").click()
    page.get_by_label(re.compile("^Your note on this exercise")).fill("Chair beside the wall")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator(".own-note")).to_contain_text("Chair beside the wall")
    assert axe_findings(seat) == []
    go_to(page, "strengthen")
    ticks(page).first.click()
    expect(page.locator(".tick-row.done")).to_have_count(1)

    page.get_by_text("Correct", exact=True).first.click()
    page.get_by_label("Less: Repetitions").first.click()
    page.get_by_label("More: Weight (kg)").first.click()
    page.get_by_role("button", name="Save like this").first.click()

    expect(page.locator(".tick-row.done").first).to_contain_text("0.5 kg")
    expect(page.locator(".unsent")).to_have_count(0)
    assert SetRecord.objects.filter(revision=2).count() == 1


def test_session_by_keyboard_alone(seat: Any) -> None:
    """From Today to the first set, one tick taken back, and the easier version, without a pointer."""
    page = seat.page

    def press(target: Any, key: str = "Enter") -> None:
        target.focus()
        expect(target).to_be_focused()
        page.keyboard.press(key)

    press(page.locator("#begin-number").get_by_role("button", name="4", exact=True))
    press(page.get_by_role("button", name=re.compile("None of these")))
    press(ticks(page).first)
    expect(page.locator(".tick-row.done")).to_have_count(1)
    press(ticks(page).first)
    expect(page.locator(".tick-row.done")).to_have_count(0)
    expect(page.locator(".unsent")).to_have_count(0)  # the practice knows that it is not done
    press(page.get_by_role("link", name="Too hard"))
    press(page.get_by_role("button", name="Do this one today"))
    expect(page.locator(".eased")).to_be_visible()
    assert seat.troubles == []


def test_step_shows_what_is_needed_without_much_scrolling(seat: Any) -> None:
    """Picture, dose and cue on the first screen of a small phone, the first tick at most a flick below."""
    page = seat.page
    start(page)
    go_to(page, "strengthen")

    for part in (".dose", ".stage .picture", ".cue"):
        box = page.locator(part).first.bounding_box()
        assert box["y"] + box["height"] <= 780
    assert ticks(page).first.bounding_box()["y"] <= 780 * 1.5
