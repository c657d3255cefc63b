"""A letter that somebody's act causes, and the doorbell."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from clients.demo.builders import make_client, make_therapist
from clients.models import Client, Delivery
from clients.reminders.addresses import address_of, digest_of, is_suppressed, suppress
from clients.reminders.queue import queue_letter, ring
from clients.tasks import look_at_days, prepare_films, tick, tidy_files
from tests.clients.reminders.people import SEVEN, notice
from trainandmassage.celery import app

Letter = Delivery.Letter


@pytest.fixture
def broken_broker() -> Iterator[None]:
    """A broker on a port where nobody listens."""
    before = app.conf.broker_url, app.conf.broker_transport_options
    app._pool = app.amqp._producer_pool = None
    app.conf.broker_url = "redis://127.0.0.1:1/0"
    app.conf.broker_transport_options = {"max_retries": 1, "interval_start": 0}
    yield
    app.conf.broker_url, app.conf.broker_transport_options = before
    app._pool = app.amqp._producer_pool = None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("letter", "patience"),
    [
        (Letter.SIGN_IN, timedelta(minutes=30)),
        (Letter.PASSWORD_RESET, timedelta(hours=1)),
        (Letter.INVITATION, timedelta(hours=24)),
    ],
)
def test_a_letter_waits_as_long_as_it_is_of_use(letter: str, patience: timedelta) -> None:
    row = queue_letter(letter, event_id="an event", now=SEVEN, client=make_client())

    assert (row.status, row.due_at, row.not_after) == ("due", SEVEN, SEVEN + patience)


@pytest.mark.django_db
def test_an_event_has_one_letter() -> None:
    therapist = make_therapist()
    first = notice(1, therapist)
    Delivery.objects.filter(pk=first.pk).update(status="skipped", reason="suppressed")

    again = notice(1, therapist)

    assert (again.pk, again.status) == (first.pk, "skipped")


@pytest.mark.django_db(transaction=True)
def test_an_event_that_four_tell_at_once_has_one_letter() -> None:
    """R5: the constraint decides, and nobody sees an error."""
    therapist = make_therapist()

    def tell(_: int) -> set[int]:
        told = {notice(number, therapist).pk for number in range(20)}
        connection.close()
        return told

    with ThreadPoolExecutor(4) as pool:
        told = set.union(*pool.map(tell, range(4)))

    assert Delivery.objects.count() == len(told) == 20


@pytest.mark.django_db
def test_a_row_that_breaks_a_rule_is_not_swallowed() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        queue_letter(Letter.SIGN_IN, event_id="an event", now=SEVEN)


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_never_written() -> None:
    with transaction.atomic():
        notice(1)
        transaction.set_rollback(True)

    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_the_doorbell_rings_once_a_letter_and_after_the_commit(
    django_capture_on_commit_callbacks: Any,
) -> None:
    therapist = make_therapist()
    with django_capture_on_commit_callbacks() as bells:
        notice(1, therapist)
        notice(1, therapist)

    assert bells == [ring]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_stop_the_act(
    broken_broker: None, caplog: pytest.LogCaptureFixture
) -> None:
    with transaction.atomic():
        letter = notice(1)

    letter.refresh_from_db()
    assert letter.status == "due"
    assert "The doorbell does not ring" in caplog.text


def test_the_tick_is_on_beats_list_and_goes_stale() -> None:
    """In code; a tick that nobody took is dropped when the next one comes."""
    assert app.conf.beat_schedule == {
        "tick": {"task": tick.name, "schedule": 20, "options": {"expires": 20}},
        "days": {"task": look_at_days.name, "schedule": 600, "options": {"expires": 600}},
        "films": {"task": prepare_films.name, "schedule": 20, "options": {"expires": 20}},
        "files": {"task": tidy_files.name, "schedule": 86_400, "options": {"expires": 3600}},
    }
    assert tick.expires == 20
    assert app.conf.task_ignore_result
    assert not tick.acks_late


@pytest.mark.django_db
def test_the_tick_sends_what_is_due(mailoutbox: list[Any]) -> None:
    letter = notice(1, now=SEVEN)
    Delivery.objects.filter(pk=letter.pk).update(not_after=SEVEN + timedelta(days=3650))

    tick()

    assert [message.to for message in mailoutbox] == [[letter.user.email]]


def test_a_tick_that_fails_says_where_and_lets_the_next_one_try(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: Any) -> None:
        raise ValueError("Ana Silva, deep ache in the right buttock")

    monkeypatch.setattr("clients.tasks.deliver_letters", fail)

    tick()

    assert "A tick ended with ValueError at test_queue.py" in caplog.text
    assert "Ana Silva" not in caplog.text


# ---- Addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_letter_goes_where_the_reader_signs_in() -> None:
    client = make_client(email="ana@example.org")
    Client.objects.filter(pk=client.pk).update(email="old@example.org")
    client.refresh_from_db()
    therapist = make_therapist()

    assert address_of(client, None) == "ana@example.org"
    assert address_of(client, therapist) == therapist.email
    assert address_of(make_client(email="new@example.org", with_account=False), None) == "new@example.org"
    assert address_of(make_client(email="", with_account=False), None) == ""
    assert address_of(None, None) == ""


@pytest.mark.django_db
def test_an_address_is_suppressed_in_whatever_letters_it_is_written() -> None:
    suppress("Ana@Example.org ", reason="bounced", now=SEVEN)
    suppress("ana@example.org", reason="again", now=SEVEN)

    assert is_suppressed("ANA@example.org")
    assert not is_suppressed("ben@example.org")


def test_the_digest_of_an_address_needs_our_key(settings: Any) -> None:
    before = digest_of("ana@example.org")
    settings.SECRET_KEY = settings.SECRET_KEY[::-1]

    assert len(before) == 64
    assert digest_of("ana@example.org") != before
