"""The search box of the workplace: a posted question, in no address, and only what may be opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Web
from django.urls import reverse

from clients.models import Client, User

URL = "admin:search"


def groups(page: Any) -> dict[str, list[str]]:
    return {str(group.title): [hit.name for hit in group.hits] for group in page.context["groups"]}


def test_box_stands_on_every_page_and_posts(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    web = web_as(adam)
    for url in (
        reverse("admin:index"),
        reverse("admin:client", args=[ana.pk]),
        reverse("admin:routines_exercise_changelist"),
    ):
        page = web.get(url).content.decode()
        assert f'<form method="post" action="{reverse(URL)}" role="search"' in page
        assert "csrfmiddlewaretoken" in page


def test_question_is_answered_on_a_page(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    page = web_as(adam).post(reverse(URL), {"q": "  ana "})

    assert page.status_code == 200
    assert groups(page) == {"Clients": ["Ana Silva"]}
    html = page.content.decode()
    assert "Found for “ana”" in html
    assert f'href="{reverse("admin:client", args=[ana.pk])}"' in html
    assert 'value="ana"' in html


def test_live_answer_is_the_list_alone(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    page = web_as(adam).post(reverse(URL), {"q": "ana", "live": "1"})

    html = page.content.decode()
    assert "Ana Silva" in html
    assert "<html" not in html


def test_question_in_an_address_is_not_heard(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    page = web_as(adam).get(reverse(URL), {"q": "ana"})

    html = page.content.decode()
    assert "Ana Silva" not in html
    assert "What are you looking for?" in html


def test_nothing_found_says_what_can_be_looked_for(web_as: Callable[..., Web], adam: User) -> None:
    page = web_as(adam).post(reverse(URL), {"q": "qqqq"})

    assert "Nothing found" in page.content.decode()
    assert "of an exercise or a program in any language" in page.content.decode()


@pytest.mark.parametrize("live", ["", "1"])
def test_therapist_finds_nothing_of_another(
    web_as: Callable[..., Web], adam: User, carla: Client, live: str
) -> None:
    asked = {"live": live} if live else {}
    web = web_as(adam)
    pages = [web.post(reverse(URL), {"q": q, **asked}) for q in ("carla", "complaint", carla.email[:9])]

    shown = [page.content.decode().replace("carla", "") for page in pages]
    assert [html for html in shown if "CANARY" in html] == []


def test_client_has_no_search(web_as: Callable[..., Web], ana: Client) -> None:
    answer = web_as(ana.user).post(reverse(URL), {"q": "ana"})

    assert answer.status_code in (302, 403)
    assert "Ana Silva" not in answer.content.decode()


@pytest.mark.parametrize(
    ("who", "asked", "expected"),
    [
        ("owner", "numbers", ["Numbers of rules"]),
        ("adam", "numbers of", []),
        ("adam", "new", ["New client", "New cover", "New exercise", "New program"]),
        ("adam", "messages", ["Messages"]),
        ("office", "new", []),
        ("office", "messages", []),
        ("office", "clients", ["Clients"]),
        ("adam", "joints", ["Joints"]),
    ],
)
def test_pages_are_those_that_this_person_may_open(
    web_as: Callable[..., Web], request: Any, who: str, asked: str, expected: list[str]
) -> None:
    web = web_as(request.getfixturevalue(who))

    page = web.post(reverse(URL), {"q": asked})

    hits = [hit for group in page.context["groups"] if str(group.title) == "Pages" for hit in group.hits]
    assert [str(hit.name) for hit in hits][: len(expected) or None] == expected
    assert {web.get(hit.url).status_code for hit in hits} <= {200}


@pytest.mark.parametrize("asked", ["\0", "x" * 5000, "%' OR 1=1", "<script>", "\ud83d\ude00", "a " * 400])
def test_any_question_is_answered(web_as: Callable[..., Web], adam: User, asked: str) -> None:
    page = web_as(adam).post(reverse(URL), {"q": asked.encode("utf-16", "surrogatepass").decode("utf-16")})

    assert page.status_code == 200
    assert "<script>" not in page.content.decode().replace('<script src="', "")
