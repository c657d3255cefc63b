"""Messages at the workplace: one's own clients' only, read when they are looked at, answered once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client as Web
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.demo import builders
from clients.demo.builders import NOW
from clients.enrolling import end_care
from clients.messaging import write
from clients.models import Client, Message, User
from clients.recording import KeyReused

LIST = "admin:messages"


@pytest.fixture(autouse=True)
def evening() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def url_of(client: Client) -> str:
    return reverse("admin:client_messages", args=[client.pk])


def say(client: Client, text: str, by: User | None = None) -> Message:
    author: Any = by or client.user
    return write(client, by=author, text=text, key=uuid4(), now=NOW)


def rail(page: Any) -> dict[str, int]:
    return {str(word): count for word, _url, _current, count, _icon in page.context["workplace_nav"]}


def test_list_shows_who_wrote_and_the_rail_how_many(
    web_as: Callable[..., Web], adam: User, ana: Client, carla: Client
) -> None:
    say(ana, "Is a door as good?")
    say(ana, "Or a post?")
    say(carla, "CANARY message")

    page = web_as(adam).get(reverse(LIST))

    html = page.content.decode()
    assert "Or a post?" in html
    assert "2 new" in html
    assert "CANARY" not in html
    assert rail(page)["Messages"] == 1
    assert [str(word) for word, _url, current, *_ in page.context["workplace_nav"] if current] == ["Messages"]


def test_empty_list_says_how_it_begins(web_as: Callable[..., Web], adam: User) -> None:
    page = web_as(adam).get(reverse(LIST))

    assert "No message yet" in page.content.decode()
    assert rail(page)["Messages"] == 0


def test_conversation_that_is_opened_is_read(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    message = say(ana, "Is a door as good?")
    web = web_as(adam)

    web.head(url_of(ana))
    message.refresh_from_db()
    assert message.seen_at is None

    page = web.get(url_of(ana))
    message.refresh_from_db()
    assert "Is a door as good?" in page.content.decode()
    assert message.seen_at == NOW
    assert rail(page)["Messages"] == 0


def test_owner_looks_without_taking_the_message_from_who_answers(
    web_as: Callable[..., Web], owner: User, ana: Client
) -> None:
    message = say(ana, "Is a door as good?")

    page = web_as(owner).get(url_of(ana))

    message.refresh_from_db()
    assert message.seen_at is None
    assert "stays unread until Adam has seen it" in page.content.decode()


def test_answer_is_sent_once(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    web = web_as(adam)
    form = {"key": str(uuid4()), "text": "Yes, a door is fine."}

    answers = [web.post(url_of(ana), form) for _time in range(2)]

    assert [answer["Location"] for answer in answers] == [f"{url_of(ana)}#newest"] * 2
    message = Message.objects.get()
    assert (message.by, message.from_client, message.text) == (adam, False, "Yes, a door is fine.")
    assert ana.deliveries.filter(letter="message").count() == 1


def test_key_with_other_words_keeps_them_and_gets_a_new_key(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    web, key = web_as(adam), str(uuid4())
    web.post(url_of(ana), {"key": key, "text": "One"})

    page = web.post(url_of(ana), {"key": key, "text": "Two"})

    assert page.status_code == 422
    assert page.context["form"]["text"].value() == "Two"
    assert page.context["form"]["key"].value() != key
    assert Message.objects.get().text == "One"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"key": "nonsense", "text": "Words"},
        {"key": str(uuid4()), "text": "   "},
        {"key": str(uuid4()), "text": "x" * 4001},
        {"key": str(uuid4()), "text": "NUL\0"},
    ],
)
def test_message_that_cannot_be_taken_is_refused_beside_its_field(
    web_as: Callable[..., Web], adam: User, ana: Client, sent: dict[str, str]
) -> None:
    page = web_as(adam).post(url_of(ana), sent)

    assert page.status_code == 422
    assert not Message.objects.exists()


def test_after_the_end_of_care_it_is_only_read(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    say(ana, "Thank you for everything.")
    end_care(ana, by=adam, reason="All is well.", now=NOW)
    web = web_as(adam)

    read = web.get(url_of(ana)).content.decode()
    answer = web.post(url_of(ana), {"key": str(uuid4()), "text": "Goodbye"})

    assert "Thank you for everything." in read
    assert "<textarea" not in read
    assert answer.status_code == 422
    assert "Goodbye" in answer.content.decode()
    assert Message.objects.count() == 1


def test_client_on_paper_is_not_written_to(web_as: Callable[..., Web], adam: User) -> None:
    paper = builders.make_client(name="Petra Paper", with_account=False, email="", therapist=adam)
    web = web_as(adam)

    page = web.get(url_of(paper)).content.decode()
    answer = web.post(url_of(paper), {"key": str(uuid4()), "text": "Hello"})

    assert "has no account here yet" in page
    assert answer.status_code == 422
    assert not Message.objects.exists()


def test_stranger_finds_no_conversation(web_as: Callable[..., Web], adam: User, carla: Client) -> None:
    say(carla, "CANARY message")
    web = web_as(adam)

    answers = [web.get(url_of(carla)), web.post(url_of(carla), {"key": str(uuid4()), "text": "Hello"})]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert Message.objects.get().seen_at is None


def test_office_has_no_messages(web_as: Callable[..., Web], office: User, ana: Client) -> None:
    say(ana, "CANARY message")
    web = web_as(office)

    answers = [web.get(reverse(LIST)), web.get(url_of(ana)), web.post(url_of(ana), {"text": "Hello"})]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert "Messages" not in rail(web.get(reverse("admin:clients_client_changelist")))


def test_forged_key_of_a_foreign_message_tells_nothing(
    web_as: Callable[..., Web], adam: User, ana: Client, carla: Client, berta: User
) -> None:
    foreign = say(carla, "CANARY message", by=berta)

    page = web_as(adam).post(url_of(ana), {"key": str(foreign.key), "text": "CANARY message"})

    assert page.status_code == 422
    assert Message.objects.filter(client=ana).count() == 0
    with pytest.raises(KeyReused):
        write(ana, by=adam, text="CANARY message", key=foreign.key, now=NOW)


def test_pages_ask_as_many_queries_for_many_messages_as_for_one(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    web = web_as(adam)
    counts = []
    for people in (1, 12):
        for n in range(people):
            client = builders.make_client(name=f"Client {n}", therapist=adam)
            for person in (client, ana):
                say(person, "Hello")
                say(person, "Good evening", by=adam)
        asked = []
        for url in (reverse(LIST), url_of(ana)):
            with CaptureQueriesContext(connection) as captured:
                web.get(url)
            asked.append(len(captured))
        counts.append(asked)

    assert counts[0] == counts[1]
