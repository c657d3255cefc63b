"""Client and therapist write to each other: on a phone and at a desk, and where the network is away nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from clients.demo.builders import make_client, make_practice, make_therapist
from clients.models import Client, Message
from tests.journeys.conftest import SCHEMES, Watched, axe_findings, small_targets

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ana() -> Client:
    make_practice()
    return make_client(name="Ana Silva", therapist=make_therapist(name="Adam"))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_question_is_answered_and_read(visit: Callable[..., Watched], ana: Client, scripts: bool) -> None:
    phone = visit(ana.user, scripts=scripts)
    phone.page.goto(reverse("today"))
    phone.page.get_by_role("link", name="Write to your therapist").click()
    phone.page.get_by_role("heading", name="Write to Adam").wait_for()
    phone.page.get_by_label("Your message").fill("Is a door as good?")
    phone.page.get_by_role("button", name="Send").click()
    phone.page.get_by_text("Sent. It is read between sessions.").wait_for()

    desk = visit(ana.care_team.get().therapist, width="desk", scripts=scripts)
    desk.page.goto(reverse("admin:index"))
    desk.page.get_by_role("link", name="Messages 1").click()
    desk.page.get_by_role("link", name="Ana Silva 1 new").click()
    desk.page.get_by_label("Your message").fill("Yes, a door is fine.")
    desk.page.get_by_role("button", name="Send").click()
    desk.page.get_by_text("not read yet").wait_for()

    phone.page.goto(reverse("today"))
    phone.page.get_by_role("link", name="Read it").click()
    phone.page.get_by_text("Yes, a door is fine.").wait_for()
    assert list(Message.objects.filter(seen_at=None)) == []
    assert desk.troubles + phone.troubles == []


def test_pages_are_clean_and_fit_a_narrow_phone(visit: Callable[..., Watched], ana: Client) -> None:
    phone = visit(ana.user)
    phone.page.goto(reverse("messages"))
    phone.page.get_by_label("Your message").fill("word" * 40 + "\n\nNew line")
    phone.page.get_by_role("button", name="Send").click()
    phone.page.get_by_text("not read yet").wait_for()
    wrong = []
    for each, urls in (
        (phone, ["messages"]),
        (visit(ana.care_team.get().therapist), ["admin:messages", "admin:client_messages", "admin:search"]),
    ):
        for url in urls:
            each.page.goto(reverse(url, args=[ana.pk] if "client" in url else []))
            each.page.set_viewport_size({"width": 320, "height": 700})
            if each.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wrong.append(f"{url} scrolls sideways")
            each.page.set_viewport_size({"width": 320, "height": 3000})
            for scheme in SCHEMES:
                each.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                wrong += axe_findings(each)
        wrong += each.troubles

    assert wrong == []
    assert small_targets(phone.page) == []


def test_message_stays_as_typed_while_nobody_answers(visit: Callable[..., Watched], ana: Client) -> None:
    phone = visit(ana.user)
    page = phone.page
    page.goto(reverse("messages"))
    page.get_by_label("Your message").fill("Is a door as good?")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    page.get_by_text("What you filled in stays here").wait_for()
    assert page.get_by_label("Your message").input_value() == "Is a door as good?"

    page.context.set_offline(False)
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Sent. It is read between sessions.").wait_for()

    assert Message.objects.get().text == "Is a door as good?"
