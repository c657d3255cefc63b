"""The health page and the error pages."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.test import RequestFactory
from django.urls import reverse

from clients.demo.builders import NOW, assign, make_client, make_practice, responsible
from clients.models import Delivery, ReminderSchedule
from clients.reminders.queue import queue_letter
from trainandmassage import views

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def evening():
    with time_machine.travel(NOW, tick=False):
        yield


def letter(waiting: timedelta) -> None:
    client = make_client()
    queue_letter(Delivery.Letter.PLAN_CHANGED, event_id="plan/1", now=NOW - waiting, client=client)


@pytest.mark.parametrize(
    "address",
    [
        "/reminders/%00/",
        "/workplace/clients/delivery/?status__exact=%00",
        "/workplace/autocomplete/?term=a%00",
        "/?%00",
    ],
)
def test_nul_in_an_address_is_a_bad_request(web, address):
    response = web.get(address)

    assert response.status_code == 400
    assert "Content-Security-Policy" in response


def test_health_needs_no_login_and_is_never_kept(web):
    response = web.get("/health/")

    assert response.status_code == 200
    assert response.json() == {
        "database": connection.vendor,
        "oldest_due_letter_seconds": 0,
        "letters": "on time",
    }
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(("minutes", "status", "letters"), [(4, 200, "on time"), (6, 503, "late")])
def test_health_tells_for_how_long_a_letter_waits(web, minutes, status, letters):
    letter(timedelta(minutes=minutes))

    response = web.get("/health/")

    assert (response.status_code, response.json()["letters"]) == (status, letters)
    assert response.json()["oldest_due_letter_seconds"] == minutes * 60


def test_health_notices_that_nobody_plans(web):
    """With worker or beat dead no letter is made, so none is late."""
    client = make_client()
    assign(client, now=NOW)
    assert ReminderSchedule.objects.filter(client=client).update(next_due_at=NOW - timedelta(hours=3)) == 1

    response = web.get("/health/")

    assert (response.status_code, response.json()["oldest_due_letter_seconds"]) == (503, 3 * 3600)


def test_health_does_not_wait_for_letters_of_tomorrow_or_those_that_are_sent(web):
    letter(timedelta(days=-1))
    Delivery.objects.filter(event_id="plan/1").update(
        due_at=NOW + timedelta(days=1), not_after=NOW + timedelta(days=2)
    )

    assert web.get("/health/").json()["oldest_due_letter_seconds"] == 0


def test_health_of_a_lost_database_says_so(web):
    def lost(execute, sql, params, many, context):
        raise DatabaseError("gone")

    with connection.execute_wrapper(lost):
        response = web.get("/health/")

    assert (response.status_code, response.json()) == (503, {"database": "down"})


def test_health_shows_no_more_than_a_machine_needs(web):
    assert web.post("/health/").status_code == 405


def test_page_that_is_not_there_is_said_kindly(web):
    make_practice()

    response = web.get("/nowhere/")

    assert response.status_code == 404
    told = re.sub(r"<title>.*?</title>", "", response.content.decode(), flags=re.DOTALL)
    assert told.count("This page is not here") == 1


def test_address_that_only_takes_what_is_sent_says_so(web, settings):
    settings.STAFF_SECOND_FACTOR = False
    make_practice()
    client = make_client()
    web.force_login(responsible(client))
    address = reverse("admin:client_notes", args=[client.pk])

    response = web.get(address)

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "only takes what a form sends" in response.content.decode()
    assert web.head(address).content == b""


def test_page_that_failed_is_drawn_without_asking_anything(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = views.server_error(RequestFactory().get("/"))

    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()


@pytest.mark.parametrize(("view", "status"), [(views.bad_request, 400), (views.forbidden, 403)])
def test_refused_requests_have_their_page(view, status):
    request = RequestFactory().get("/")

    response = view(request, ValueError("secret detail"))

    assert response.status_code == status
    assert "secret detail" not in response.content.decode()
