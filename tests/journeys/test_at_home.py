"""What I have at home: found in the settings, ticked, saved with one press, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clients.cupboard import cupboard_of
from clients.demo.builders import make_client, make_practice, make_therapist
from clients.models import Client
from tests.journeys.conftest import Watched, axe_findings

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ana() -> Client:
    make_practice()
    return make_client(name="Ana Silva", therapist=make_therapist(name="Adam"))


@pytest.mark.parametrize(("width", "scheme", "scripts"), [("phone", "light", False), ("desk", "dark", True)])
def test_tools_are_ticked_and_saved_with_one_press(
    visit: Callable[..., Watched], ana: Client, width: str, scheme: str, scripts: bool
) -> None:
    phone = visit(ana.user, width=width, scheme=scheme, scripts=scripts)
    page = phone.page
    page.goto("/settings/")
    page.get_by_role("link", name="What I have at home").click()
    page.get_by_text("Foam roller").click()
    page.get_by_text("Strap or belt").click()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. Your therapist sees it too.").wait_for()

    assert cupboard_of(ana).have == {"foam_roller", "strap"}
    assert page.get_by_label("Foam roller").is_checked()
    assert (axe_findings(phone) if scripts else []) == []
    assert phone.troubles == []
