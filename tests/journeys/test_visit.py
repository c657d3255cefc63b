"""A visit as a therapist works: an area on the map by keyboard, findings in a few presses, finished, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.demo.builders import examine, make_client, make_practice, make_therapist
from clients.models import Client, Finding, PainArea, Visit
from tests.journeys.conftest import Watched, axe_findings

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ana() -> Client:
    make_practice()
    client = make_client(name="Ana Silva", therapist=make_therapist(name="Adam"))
    examine(client, found=[("piriformis", "right", "tight", 9)], now=timezone.now() - timedelta(days=7))
    return client


def begin(visit: Callable[..., Watched], ana: Client, **how: Any) -> Watched:
    desk = visit(ana.care_team.get().therapist, **how)
    desk.page.goto(reverse("admin:client", args=[ana.pk]))
    desk.page.get_by_role("button", name="New visit").click()
    return desk


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_findings_are_recorded_by_keyboard_on_the_map(
    visit: Callable[..., Watched], ana: Client, scripts: bool
) -> None:
    desk = begin(visit, ana, width="desk", scripts=scripts)
    page = desk.page

    page.get_by_role("link", name="Buttock, right: 3 muscles", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Buttock, right").wait_for()
    page.locator("summary", has_text="Piriformis").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # tight is chosen
    page.keyboard.press("Tab")  # the side of the map is chosen
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _step in range(6):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#recorded").get_by_text("Tight 6, right").wait_for()

    page.get_by_role("link", name="Buttock, right: 3 muscles, 1 finding", exact=True).wait_for()
    page.get_by_text("Pain here").click()
    page.locator(".pain-here").get_by_text("5", exact=True).click()
    page.get_by_role("button", name="Record the pain").click()
    page.get_by_role("link", name="Buttock, right: 3 muscles, 1 finding, pain", exact=True).wait_for()
    found = axe_findings(desk) if scripts else []
    page.get_by_label("Note").fill("Calm today.")
    page.get_by_role("button", name="Finish the visit").click()
    page.get_by_role("heading", name="A draft for Ana Silva").wait_for()
    page.get_by_role("link", name="Ana Silva").first.click()
    page.get_by_role("link", name="Findings and measures").click()
    page.get_by_role("heading", name="Findings").wait_for()
    page.get_by_role("link", name="Compare two visits").click()

    assert page.get_by_text("3 less").is_visible()
    row = Finding.objects.get(visit__closed_at__isnull=False, rating=6)
    assert (row.muscle.slug, row.side, row.state) == ("piriformis", "right", "tight")
    assert PainArea.objects.get().rating == 5
    assert Visit.objects.first().note == "Calm today."
    assert found == []
    assert desk.troubles == []


def test_error_is_met_where_it_stands_and_nothing_is_lost(visit: Callable[..., Watched], ana: Client) -> None:
    desk = begin(visit, ana, width="phone")
    page = desk.page
    page.get_by_label("Note").fill("Not to be lost")
    page.get_by_label("Joint", exact=True).select_option(label="Hip")
    page.get_by_label("How it rests or moves").fill("held turned out")
    page.get_by_role("button", name="Record the joint").click()
    page.locator("#joints .error-summary").wait_for()

    assert page.locator("#joints .error-summary").evaluate("each => each === document.activeElement")
    assert page.get_by_label("How it rests or moves").input_value() == "held turned out"
    assert page.get_by_label("Note").input_value() == "Not to be lost"
    assert axe_findings(desk) == []
    page.get_by_role("link", name="Calf, left: 3 muscles", exact=True).press("Enter")
    page.get_by_role("heading", name="Calf, left").wait_for()
    page.locator("#joints").get_by_label("Side").select_option(label="right")
    page.get_by_role("button", name="Record the joint").click()
    page.locator("#recorded").get_by_text("held turned out, right").wait_for()
    page.get_by_role("button", name="Take out Hip, held turned out, right").click()
    page.locator("#recorded").get_by_text("Nothing yet.").wait_for()
    assert desk.troubles == []
