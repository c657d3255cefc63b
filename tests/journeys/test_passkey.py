from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clients.demo.builders import SESAME, make_practice, make_therapist

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

# A device with a finger on it, as Chromium plays it
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def plug_in_a_device(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def test_passkey_is_set_up_and_opens_the_workplace_alone(visit: Callable[..., Any], settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    make_practice()
    therapist = make_therapist()
    watched = visit(width="desk")
    page = watched.page
    plug_in_a_device(page)

    page.goto("/workplace/")
    page.get_by_label("E-mail").fill(therapist.email)
    page.get_by_label("Password").fill(SESAME)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("One step is missing")).to_be_visible()

    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("link", name="To the workplace").click()
    expect(page).to_have_url(re.compile(r"/workplace/$"))

    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").last.click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile(r"/workplace/$"))
    assert watched.troubles == []
