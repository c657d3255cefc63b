"""Client and team write to each other: once for each key, read once, with one letter for whatever is unread."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.attention.live import people_in_need
from clients.care import NotInCare
from clients.demo.builders import NOW, make_client, make_office, make_owner, make_therapist
from clients.enrolling import end_care
from clients.messaging import (
    NoReader,
    conversation_with,
    conversations,
    count_unread,
    mark_read,
    newest_for,
    reads_for,
    write,
)
from clients.models import CareTeam, Delivery, Message
from clients.recording import KeyReused
from tests.clients.reminders.people import ring

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def evening():
    with time_machine.travel(NOW, tick=False):
        yield


def say(client, by, text="How is it going?", *, now=NOW, key=None):
    return write(client, by=by, text=text, key=key or uuid4(), now=now)


# ---- Writing --------------------------------------------------------------------------------------------------------


def test_message_of_each_side_is_kept_word_for_word(client, therapist):
    first = say(client, client.user, "Is a door\nas good?")
    second = say(client, therapist, "Yes.", now=NOW + HOUR)

    assert list(Message.objects.values_list("text", "from_client", "by", "at")) == [
        ("Is a door\nas good?", True, client.user.pk, NOW),
        ("Yes.", False, therapist.pk, NOW + HOUR),
    ]
    assert list(conversation_with(client)) == [first, second]


def test_message_sent_twice_with_one_key_is_one(client, therapist):
    key = uuid4()

    once, again = (say(client, therapist, key=key, now=NOW + n * HOUR) for n in (0, 1))

    assert once == again
    assert Message.objects.get().at == NOW
    assert Delivery.objects.count() == 1


def test_key_that_comes_with_other_words_is_refused(client, therapist):
    key = uuid4()
    say(client, therapist, "One", key=key)
    other = make_client(therapist=therapist)

    with pytest.raises(KeyReused):
        say(client, therapist, "Two", key=key)
    with pytest.raises(KeyReused):
        say(other, therapist, "One", key=key)

    assert Message.objects.get().text == "One"


def test_nothing_is_written_after_the_end_of_care(client, therapist):
    end_care(client, by=therapist, reason="All is well.", now=NOW)

    for by in (client.user, therapist):
        with pytest.raises(NotInCare):
            say(client, by)

    assert not Message.objects.exists()


def test_nothing_is_written_to_a_client_who_would_not_read_it(therapist):
    paper = make_client(with_account=False, email="", therapist=therapist)

    with pytest.raises(NoReader, match="no account"):
        say(paper, therapist)

    assert not Message.objects.exists()
    assert not Delivery.objects.exists()


# ---- The letter -----------------------------------------------------------------------------------------------------


def test_stream_of_messages_is_one_letter_until_they_are_read(client, therapist):
    written = [say(client, therapist, str(n), now=NOW + n * HOUR) for n in range(3)]
    assert [(each.letter, each.client) for each in Delivery.objects.all()] == [("message", client)]

    mark_read(written, by_client=True, now=NOW + 3 * HOUR)
    say(client, therapist, "And one more", now=NOW + 4 * HOUR)

    assert Delivery.objects.filter(letter="message").count() == 2


def test_therapist_gets_no_letter_for_a_message(client):
    say(client, client.user)

    assert not Delivery.objects.exists()


def test_client_without_an_email_gets_no_letter(client, therapist):
    type(client).objects.filter(pk=client.pk).update(email="")
    client.refresh_from_db()

    say(client, therapist)

    assert Message.objects.count() == 1
    assert not Delivery.objects.exists()


def test_letter_about_a_message_that_was_read_meanwhile_is_not_sent(client, therapist, mailoutbox):
    message = say(client, therapist)
    mark_read([message], by_client=True, now=NOW + HOUR)

    ring(NOW + HOUR)

    letter = Delivery.objects.get()
    assert (letter.status, letter.reason) == ("skipped", "read_already")
    assert mailoutbox == []


def test_letter_about_a_message_arrives_once(client, therapist, mailoutbox):
    say(client, therapist, "CANARY")

    ring(NOW)
    say(client, therapist, "CANARY again", now=NOW + HOUR)
    ring(NOW + HOUR)

    assert [mail.to for mail in mailoutbox] == [[client.user.email]]
    assert "CANARY" not in mailoutbox[0].subject + mailoutbox[0].body


# ---- Reading --------------------------------------------------------------------------------------------------------


def test_message_is_read_once_and_by_the_other_side_only(client, therapist):
    asked, answered = say(client, client.user), say(client, therapist)
    both = [asked, answered]

    assert mark_read(both, by_client=False, now=NOW + HOUR) == 1
    assert mark_read(both, by_client=False, now=NOW + 2 * HOUR) == 0

    asked.refresh_from_db()
    answered.refresh_from_db()
    assert (asked.seen_at, answered.seen_at) == (NOW + HOUR, None)
    assert newest_for(client) == answered


def test_what_a_clock_ahead_of_ours_wrote_is_read_when_we_are_there(client):
    message = say(client, client.user, now=NOW + HOUR)

    assert mark_read([message], by_client=False, now=NOW) == 0
    assert mark_read([message], by_client=False, now=NOW + HOUR) == 1


def test_message_is_read_by_whoever_answers_and_not_by_whoever_looks(client, therapist):
    owner = make_owner()
    assert reads_for(therapist, client, NOW)
    assert not reads_for(owner, client, NOW)

    CareTeam.objects.filter(client=client).update(until=NOW - HOUR)

    assert reads_for(owner, client, NOW)


def test_page_of_a_conversation_ends_with_the_newest(client):
    written = [say(client, client.user, str(n), now=NOW + timedelta(minutes=n)) for n in range(25)]

    assert list(conversation_with(client)) == written[5:]
    assert list(conversation_with(client, page=2)) == written[:5]
    assert list(conversation_with(client, page="nonsense")) == written[5:]


# ---- What waits for the team ----------------------------------------------------------------------------------------


def test_list_shows_own_conversations_with_the_unread_first(therapist, client):
    second = make_client(name="Ben Ortiz", therapist=therapist)
    stranger = make_client(name="Carla CANARY")
    say(client, client.user, "Old question")
    say(second, therapist, "Newer", now=NOW + HOUR)
    say(stranger, stranger.user, "CANARY", now=NOW + HOUR)
    make_client(name="Silent", therapist=therapist)

    shown = [(each.client, each.newest.text, each.unread) for each in conversations(therapist)]

    assert shown == [(client, "Old question", 1), (second, "Newer", 0)]
    assert count_unread(therapist) == 1
    assert count_unread(make_owner()) == 2


def test_office_reads_no_message(client):
    say(client, client.user)
    office = make_office()

    assert list(conversations(office)) == []
    assert count_unread(office) == 0


def test_badge_counts_clients_in_care_as_the_queue_does(client, therapist):
    for _number in range(2):
        say(client, client.user)
    assert count_unread(therapist) == people_in_need(therapist, NOW).count() == 1

    end_care(client, by=therapist, reason="All is well.", now=NOW)

    assert count_unread(therapist) == people_in_need(therapist, NOW).count() == 0
    assert [each.unread for each in conversations(therapist)] == [2]


@pytest.mark.parametrize("number", [1, 12])
def test_list_costs_a_fixed_number_of_queries(number):
    therapist = make_therapist()
    for n in range(number):
        client = make_client(name=f"Client {n}", therapist=therapist)
        for _message in range(number):
            say(client, client.user)

    with CaptureQueriesContext(connection) as captured:
        assert len(conversations(therapist)) == number

    assert len(captured) == 3
