"""The search box and the keys of the workplace: found by typing, chosen by arrow keys, saved by Ctrl S; and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from clients.demo.builders import assign, make_client, make_practice, make_therapist
from clients.models import Client, Message, User
from tests.journeys.conftest import SCHEMES, Watched, axe_findings, small_targets

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def adam() -> User:
    make_practice()
    return make_therapist(name="Adam")


@pytest.fixture
def ana(adam: User) -> Client:
    client = make_client(name="Ana Silva", therapist=adam)
    assign(client, now=timezone.now())
    make_client(name="Anton Maier", therapist=adam)
    make_client(name="Ana CANARY")
    return client


def begin(visit: Callable[..., Watched], adam: User, url: str = "", **how: Any) -> Watched:
    desk = visit(adam, **{"width": "desk", **how})
    desk.page.goto(url or reverse("admin:index"))
    return desk


def options(page: Page) -> Any:
    return page.get_by_role("listbox", name="Found").get_by_role("option")


def test_client_is_found_and_opened_by_keyboard(
    visit: Callable[..., Watched], adam: User, ana: Client
) -> None:
    desk = begin(visit, adam)
    page = desk.page

    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search clients, exercises, pages")
    expect(box).to_be_focused()
    page.keyboard.type("an")
    expect(options(page).first).to_contain_text("Ana Silva")
    page.keyboard.type("a")
    expect(options(page).first).to_contain_text("Release, day 1")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(options(page).first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options(page).first.get_attribute("id") or "")
    found = axe_findings(desk)
    assert "CANARY" not in page.content()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('admin:client', args=[ana.pk])}")

    assert page.get_by_role("heading", name="Ana Silva", level=1).is_visible()
    assert found == []
    assert desk.troubles == []


def test_escape_closes_and_enter_leads_to_all_that_was_found(
    visit: Callable[..., Watched], adam: User, ana: Client
) -> None:
    desk = begin(visit, adam)
    page = desk.page

    page.keyboard.press("Control+k")
    page.keyboard.type("stretch")
    expect(options(page)).to_have_count(6)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")  # past the first: the words again
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("[data-finder-list]")).to_be_hidden()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Found for “stretch”").wait_for()

    assert page.url.endswith(reverse("admin:search"))  # no word of it in the address
    assert page.get_by_role("link", name="Bent-knee calf stretch").is_visible()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert axe_findings(desk) == []
    assert desk.troubles == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_phone_searches_on_a_page_of_its_own(
    visit: Callable[..., Watched], adam: User, ana: Client, scripts: bool
) -> None:
    phone = begin(visit, adam, width="phone", scripts=scripts)
    page = phone.page

    page.get_by_role("link", name="Search").first.click()
    page.get_by_text("What are you looking for?").wait_for()
    page.get_by_label("Search clients, exercises, pages").fill("silva")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("heading", name="Found for “silva”").wait_for()

    if scripts:
        assert axe_findings(phone) == []
        assert [each for each in small_targets(page) if "finder" in each or "found" in each] == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("link", name="Ana Silva").click()
    page.get_by_role("heading", name="Ana Silva", level=1).wait_for()
    assert phone.troubles == []


def test_page_is_saved_by_its_key(visit: Callable[..., Watched], adam: User, ana: Client) -> None:
    desk = begin(visit, adam, reverse("admin:clients_client_change", args=[ana.pk]))
    page = desk.page

    page.get_by_label("Private notes").fill("Saved by key / and nothing was searched")
    page.keyboard.press("Control+s")
    page.wait_for_url(f"**{reverse('admin:client', args=[ana.pk])}")

    ana.refresh_from_db()
    assert ana.notes == "Saved by key / and nothing was searched"
    assert desk.troubles == []


def test_key_saves_the_form_one_is_in_and_guesses_nothing(
    visit: Callable[..., Watched], adam: User, ana: Client
) -> None:
    desk = begin(visit, adam, reverse("admin:client", args=[ana.pk]))
    page = desk.page
    page.keyboard.press("Control+s")
    page.wait_for_timeout(300)
    assert page.url.endswith(reverse("admin:client", args=[ana.pk]))

    page.get_by_role("link", name="Messages").last.click()
    page.wait_for_url(
        f"**{reverse('admin:client_messages', args=[ana.pk])}*", wait_until="load"
    )  # keys come last
    page.get_by_label("Your message").fill("Good evening, Ana")
    page.keyboard.press("Control+s")
    page.get_by_text("Good evening, Ana").wait_for()

    assert Message.objects.get().text == "Good evening, Ana"
    assert axe_findings(desk) == []
    assert desk.troubles == []


def test_keys_are_shown_and_single_ones_can_be_switched_off(
    visit: Callable[..., Watched], adam: User, ana: Client
) -> None:
    desk = begin(visit, adam)
    page = desk.page

    page.keyboard.press("?")
    switch = page.get_by_label("Single keys")
    expect(switch).to_be_visible()
    assert axe_findings(desk) == []
    switch.uncheck()
    page.keyboard.press("Escape")
    expect(switch).to_be_hidden()
    page.goto(reverse("admin:clients_client_changelist"))
    page.keyboard.press("/")

    expect(page.locator("#finder")).not_to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.locator("#finder")).to_be_focused()
    assert desk.troubles == []
