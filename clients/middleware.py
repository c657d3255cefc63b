"""Whose day and whose language it is; and the workplace's second factor."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation.trans_real import parse_accept_lang_header

from clients.access import PersonRequest, lacks_second_factor, to_second_factor, ways_to_show_it
from clients.models import Client, Practice
from clients.models.practice import zone_of
from clients.practice import offered_languages, this_practice

GetResponse = Callable[[HttpRequest], HttpResponse]


class NulMiddleware:
    """Refuses a NUL in the path or the query: no page means one, and PostgreSQL stores and compares none."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if "\0" in request.path or "\0" in query or "%00" in query:
            raise BadRequest
        return self.get_response(request)


class PersonMiddleware:
    """Sets `request.person` (the Client of the signed-in client, else None) and activates zone and language.

    The language is the one that the person chose, else what the browser asks for and the practice offers, else the
    practice's.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: PersonRequest) -> HttpResponse:
        user = request.user
        request.person = None
        request.practice = cast("Practice | None", SimpleLazyObject(this_practice))
        if not user.is_authenticated:
            speak(request, practice_language(request))
            return self.get_response(request)
        if not user.is_staff:
            request.person = Client.objects.filter(user=user).first()
        whose = request.person or user
        timezone.activate(zone_of(whose.zone, request.practice))
        speak(request, whose.language or practice_language(request))
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()


def speak(request: HttpRequest, language: str) -> None:
    """In this language, if it is one of ours."""
    if language in dict(settings.LANGUAGES):
        translation.activate(language)
        request.LANGUAGE_CODE = language


def practice_language(request: PersonRequest) -> str:
    """What to speak with a browser: the first language it asks for that is offered here, else the practice's.

    Empty when we cannot know.
    """
    asked = [
        code.partition("-")[0]
        for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    ]
    try:
        offered = dict(offered_languages(request.practice))
        usual = request.practice.language if request.practice else ""
    except DatabaseError:
        return ""  # health says so without a database
    return next((code for code in asked if code in offered), usual)


class KeptByNobodyMiddleware:
    """No browser and no proxy keeps what a signed-in person sees, unless the page says otherwise (P4)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class OnlySentMiddleware:
    """Says in words that an address only takes what is sent: who signed in again after sending comes back to it with nothing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "GET" or not isinstance(response, HttpResponseNotAllowed):
            return response
        page = render(request, "405.html", status=response.status_code)
        page["Allow"] = response["Allow"]
        return page


class StaffSecondFactorMiddleware:
    """Nobody of the team enters the workplace on a password or a link alone, nor changes the factor they have (L4).

    allauth has no such setting: it notes how a session signed in, and this gate reads the note.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            request.path.startswith((reverse("admin:index"), reverse("mfa_index")))
            and request.user.is_authenticated
            and lacks_second_factor(request)
            and not is_about_it(request)
        ):
            return to_second_factor(request)
        return self.get_response(request)


def is_about_it(request: HttpRequest) -> bool:
    """A page on which the factor is shown; or, for whoever has none yet, one on which it is set up."""
    ways = ways_to_show_it(request)
    return request.path in ways or (not ways and request.path.startswith(reverse("mfa_index")))
