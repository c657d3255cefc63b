"""The list of letters: their fate in words, and no word of what they are about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client as Web
from django.urls import reverse

from clients.demo.builders import NOW
from clients.models import Client, Delivery, User
from clients.reminders.due import Reason

URL = "admin:clients_delivery_changelist"


def letter(client: Client | None, event: str, **fields: Any) -> Delivery:
    return Delivery.objects.create(
        client=client, event_id=event, due_at=NOW, not_after=NOW, created_at=NOW,
        **{"letter": Delivery.Letter.PLAN_CHANGED, **fields},
    )  # fmt: skip


@pytest.fixture
def letters(ana: Client, adam: User) -> None:
    letter(ana, "1", status="sent", sent_at=NOW)
    letter(ana, "2", status="skipped", reason=Reason.DONE_TODAY)
    letter(ana, "3", status="skipped", reason=Reason.BLOCKED)
    letter(ana, "4", letter=Delivery.Letter.SAFETY_ALERT, user=adam)
    letter(None, "5", letter=Delivery.Letter.STAFF_INVITATION, user=adam)


def shown(answer: Any) -> list[str]:
    return sorted(row.event_id for row in answer.context["cl"].result_list)


@time_machine.travel(NOW)
def test_reason_is_told_in_words(web_as: Callable[..., Web], adam: User, letters: None) -> None:
    html = web_as(adam).get(reverse(URL)).content.decode()

    assert "Done already" in html
    assert "done_today" not in html
    assert "10 Mar 2026, 19:00" in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["1", "2", "3", "4"]),
        ("status__exact=skipped", ["2", "3"]),
        ("letter__exact=safety_alert", ["4"]),
        ("q=silva", ["1", "2", "3", "4"]),
    ],
)
def test_list_is_narrowed(
    web_as: Callable[..., Web], adam: User, letters: None, query: str, expected: list[str]
) -> None:
    assert shown(web_as(adam).get(f"{reverse(URL)}?{query}")) == expected


def test_owner_sees_letters_to_the_team(web_as: Callable[..., Web], owner: User, letters: None) -> None:
    web = web_as(owner)
    to_the_team = Delivery.objects.get(event_id="5")

    assert shown(web.get(reverse(URL))) == ["1", "2", "3", "4", "5"]
    assert web.get(reverse("admin:clients_delivery_change", args=[to_the_team.pk])).status_code == 200


def test_office_sees_nothing_that_hints_at_health(
    web_as: Callable[..., Web], office: User, ana: Client, letters: None
) -> None:
    web = web_as(office)

    assert shown(web.get(reverse(URL))) == ["1", "2", "5"]
    page = web.get(reverse("admin:client", args=[ana.pk])).content.decode()
    assert "Safety alert" not in page
    assert "Done already" in page


@pytest.mark.parametrize("key", ["x", "²", "9" * 40, "1/../2"])
def test_nonsense_instead_of_a_number_is_no_error_of_ours(
    web_as: Callable[..., Web], owner: User, letters: None, key: str
) -> None:
    assert web_as(owner).get(f"{reverse(URL)}{key}/change/").status_code in (302, 404)


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_a_fixed_number_of_queries(
    web_as: Callable[..., Web], adam: User, ana: Client, django_assert_num_queries: Any, number: int
) -> None:
    for n in range(number):
        letter(ana, str(n), user=adam)
    web = web_as(adam)
    web.get(reverse(URL))

    with django_assert_num_queries(9):
        web.get(reverse(URL))
