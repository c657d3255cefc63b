from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from clients.access import client_required, get_client_for_staff
from clients.demo.builders import make_client, make_office, make_owner, make_therapist
from clients.models import CareTeam, User

pytestmark = pytest.mark.django_db


def request_of(user: Any, person: Any = None) -> HttpRequest:
    request = RequestFactory().get("/somewhere/?day=2")
    request.user = user
    request.person = person
    request.session = SessionStore()
    return request


@client_required
def page_of_a_client(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.person.name)


# ---- Pages of clients ---------------------------------------------------------------------------------------------


def test_clients_page_opens_for_the_client():
    client = make_client()

    assert page_of_a_client(request_of(client.user, client)).content == b"Ana Silva"


def test_clients_page_sends_the_team_to_its_workplace():
    assert page_of_a_client(request_of(make_therapist())).url == reverse("admin:index")


def test_clients_page_refuses_an_account_without_a_person():
    client = make_client()

    with pytest.raises(PermissionDenied):
        page_of_a_client(request_of(client.user))


# ---- From the team to a client ------------------------------------------------------------------------------------


def test_therapist_finds_their_own_client():
    therapist = make_therapist()
    client = make_client(therapist=therapist)

    assert get_client_for_staff(request_of(therapist), client.pk) == client
    assert get_client_for_staff(request_of(therapist), str(client.pk)) == client


@pytest.mark.parametrize("make", [make_owner, make_office])
def test_owner_and_office_find_every_client(make):
    client = make_client()

    assert get_client_for_staff(request_of(make()), client.pk) == client


def test_stranger_and_nobody_look_the_same():
    stranger, client = make_therapist(), make_client()

    for pk in (client.pk, client.pk + 1000):
        with pytest.raises(Http404) as missing:
            get_client_for_staff(request_of(stranger), pk)
        assert str(missing.value) == "No Client matches the given query."


@pytest.mark.parametrize("pk", ["", "x", "-1", "1 or 1=1", "²", "1\x00", str(10**30), "9" * 5000])
def test_number_that_is_none_finds_nobody(pk):
    make_client()

    with pytest.raises(Http404):
        get_client_for_staff(request_of(make_owner()), pk)


def test_client_is_not_staff_even_for_themselves():
    client = make_client()

    with pytest.raises(Http404):
        get_client_for_staff(request_of(client.user, client), client.pk)


def test_covers_access_ends_by_itself():
    cover, client = make_therapist(name="Carla Cover"), make_client()
    now = timezone.now()
    care = CareTeam.objects.create(
        client=client,
        therapist=cover,
        capacity=CareTeam.Capacity.COVER,
        since=now - timedelta(days=7),
        until=now + timedelta(days=1),
    )
    assert get_client_for_staff(request_of(cover), client.pk) == client

    CareTeam.objects.filter(pk=care.pk).update(until=now)

    with pytest.raises(Http404):
        get_client_for_staff(request_of(cover), client.pk)


def test_dismissed_therapist_finds_nobody():
    therapist = make_therapist()
    client = make_client(therapist=therapist)
    User.objects.filter(pk=therapist.pk).update(is_active=False)
    therapist.refresh_from_db()

    with pytest.raises(Http404):
        get_client_for_staff(request_of(therapist), client.pk)
