"""The client's page of messages: to write, to read, and never for an emergency."""

from __future__ import annotations

from uuid import uuid4

from django.urls import reverse

from clients.demo.builders import NOW, make_client
from clients.enrolling import end_care
from clients.messaging import write
from clients.models import Delivery, Message
from tests.clients.views.conftest import text

URL = "/messages/"


def say(seat, by, words="Is it going well?"):
    return write(seat.client, by=by, text=words, key=uuid4(), now=NOW)


def test_page_names_the_therapist_and_whom_to_call_instead(ana, therapist):
    page = text(ana.get(URL))

    assert f"Write to {therapist.name}" in page
    assert "Not for emergencies" in page
    assert 'href="tel:112"' in page


def test_message_reaches_the_team_once(ana):
    form = {"key": str(uuid4()), "text": "Is a door as good?"}

    answers = [ana.post(URL, **form) for _time in range(2)]

    assert [answer["Location"] for answer in answers] == [f"{URL}#newest"] * 2
    message = Message.objects.get()
    assert (message.client, message.by, message.from_client) == (ana.client, ana.client.user, True)
    assert not Delivery.objects.filter(letter="message").exists()
    assert "Is a door as good?" in text(ana.get(URL))


def test_message_that_cannot_be_taken_stays_as_typed(ana):
    empty = ana.post(URL, key=str(uuid4()), text=" ")
    key = str(uuid4())
    ana.post(URL, key=key, text="One")
    other = ana.post(URL, key=key, text="Two")

    assert [empty.status_code, other.status_code] == [422, 422]
    assert "Write something first." in text(empty)
    assert other.context["form"]["text"].value() == "Two"
    assert Message.objects.count() == 1


def test_today_says_that_there_is_a_message_until_it_is_read(ana, therapist):
    say(ana, therapist, "CANARY words")

    before = text(ana.get("/today/"))
    ana.get(URL)
    after = text(ana.get("/today/"))

    assert "There is a message for you" in before
    assert f"{therapist.name} wrote to you" in before
    assert "CANARY" not in before
    assert "There is a message for you" not in after
    assert Message.objects.get().seen_at == NOW


def test_help_leads_to_the_page(ana):
    assert text(ana.get("/program/")).count(f'href="{reverse("messages")}#newest"') == 2  # menu and foot


def test_after_the_end_of_care_it_is_only_read(ana, therapist):
    say(ana, therapist, "Goodbye, Ana")
    end_care(ana.client, by=therapist, reason="All is well.", now=NOW)

    page = text(ana.get(URL))
    answer = ana.post(URL, key=str(uuid4()), text="One more thing")

    assert "Goodbye, Ana" in page
    assert "<textarea" not in page
    assert answer.status_code == 422
    assert "One more thing" in text(answer)
    assert Message.objects.count() == 1


def test_stranger_sees_own_messages_only(ana, web_as, therapist):
    say(ana, therapist, "CANARY words")
    stranger = make_client(name="Stella Stranger", therapist=therapist)
    web = web_as(stranger.user)

    page = text(web.get(URL))

    assert "CANARY" not in page
    assert Message.objects.get().seen_at is None


def test_page_costs_the_same_with_many_messages(ana, therapist, django_assert_num_queries):
    counts = []
    for number in (1, 30):
        for _message in range(number):
            say(ana, therapist)
            say(ana, ana.client.user)
        ana.get(URL)
        with django_assert_num_queries(8):
            counts.append(len(ana.get(URL).context["page"]))

    assert counts == [2, 20]
