"""From the therapist's first click to the session that she sees: the main job, end to end, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from clients.demo.builders import make_practice, make_therapist
from clients.models import Client, Delivery, SetRecord, TrainingSession
from clients.tasks import tick

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PROGRAM = "Buttock-related sciatica: release, then strengthen"


def take_into_care(page: Page, name: str, email: str) -> None:
    page.goto("/workplace/clients/client/add/")
    page.get_by_label(re.compile("^Name")).fill(name)
    page.get_by_label(re.compile("^E-mail")).fill(email)
    page.get_by_label(re.compile("^Complaint")).fill("Deep ache in the right buttock")
    page.get_by_role("group", name=re.compile("^Side")).get_by_label("right").check(force=True)
    page.get_by_role("button", name="Take into care").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def assign(page: Page) -> None:
    page.get_by_role("link", name="Assign a program").first.click()
    page.get_by_label(PROGRAM).check()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text(PROGRAM).first).to_be_visible()


def link_in_newest_mail() -> str:
    found = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found.group(1)


def answer_first_screening(page: Page) -> None:
    for _checklist in range(3):
        heading = page.get_by_role("heading", level=1).inner_text()
        page.get_by_role("button", name="None of these").click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text(heading)


def begin(page: Page, pain: int) -> None:
    page.get_by_role("link", name=re.compile("^Start")).click()
    page.get_by_label(str(pain), exact=True).check(force=True)
    page.get_by_role("button", name=re.compile("None of these")).click()
    page.wait_for_url(re.compile(r"/session/\d+/"))


def tick_everything(page: Page) -> int:
    """One tap a set, one for the next exercise; returns the taps on sets."""
    taps = 0
    while True:
        open_ticks = page.get_by_role("button", name=re.compile("^Set "), pressed=False)
        while open_ticks.count():
            before = open_ticks.count()
            open_ticks.first.click()
            taps += 1
            expect(open_ticks).to_have_count(before - 1)
        onward = page.get_by_role("link", name=re.compile("^(Next|To the end)"))
        last = onward.inner_text().startswith("To the end")
        heading = page.get_by_role("heading", level=1).inner_text()
        onward.click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text(heading)
        page.wait_for_load_state()  # its heading comes before its sets
        if last:
            return taps


def finish(page: Page, pain: int) -> None:
    for question in ("right now", "during the session"):
        page.get_by_role("group", name=re.compile(question)).get_by_label(str(pain), exact=True).check(
            force=True
        )
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("button", name="Finish")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_client_is_taken_in_and_trains_and_the_therapist_sees_it(
    visit: Callable[..., Any], scripts: bool, settings: Any
) -> None:
    make_practice()
    therapist = make_therapist(name="Adam")
    desk = visit(therapist, width="desk", scripts=scripts)
    phone = visit(None, scripts=scripts)

    take_into_care(desk.page, "Ana Silva", "ana@example.org")
    assign(desk.page)
    expect(desk.page.get_by_text("is on its way")).to_be_visible()
    tick()
    assert Delivery.objects.get(letter=Delivery.Letter.INVITATION).status == Delivery.Status.SENT

    phone.page.goto(link_in_newest_mail())
    phone.page.get_by_role("button").first.click()
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("Ana")
    phone.page.get_by_role("link", name=re.compile("questions|lists|Start|begin", re.I)).first.click()
    answer_first_screening(phone.page)
    phone.page.goto("/today/")
    begin(phone.page, pain=4)
    taps = tick_everything(phone.page)
    finish(phone.page, pain=2)

    session = TrainingSession.objects.get(client=Client.objects.get(name="Ana Silva"))
    assert session.finished_at is not None
    assert SetRecord.objects.filter(item__session=session, done=True).count() == taps
    assert taps == sum(item.sets for item in session.items.all())
    desk.page.get_by_role("link", name="Timeline", exact=True).click()
    expect(desk.page.get_by_text(f"{taps} of {taps}").first).to_be_visible()
    assert desk.troubles == []
    assert phone.troubles == []
