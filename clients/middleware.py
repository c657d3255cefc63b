"""Whose day and whose language it is; and the workplace's second factor."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from clients.models import Client
from clients.practice import this_practice

GetResponse = Callable[[HttpRequest], HttpResponse]


class PersonMiddleware:
    """Sets `request.person` (the Client of the signed-in client, else None) and activates zone and language."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        person = None
        if user.is_authenticated and not user.is_staff:
            person = Client.objects.filter(user=user).first()
        request.person = person
        request.practice = SimpleLazyObject(this_practice)
        if user.is_authenticated:
            zone = person.zone if person else user.zone or (request.practice.zone if request.practice else "UTC")
            language = person.language if person else user.language
            timezone.activate(ZoneInfo(zone))
            if language:
                translation.activate(language)
                request.LANGUAGE_CODE = language
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()


class StaffSecondFactorMiddleware:
    """Nobody enters the workplace on a password or a link alone.

    allauth has no such setting: it records how a session signed in, and this gate reads it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            settings.STAFF_SECOND_FACTOR
            and request.path.startswith(reverse("admin:index"))
            and request.user.is_authenticated
            and request.user.is_staff
            and not used_second_factor(request)
        ):
            return redirect("mfa_index")
        return self.get_response(request)


def used_second_factor(request: HttpRequest) -> bool:
    methods = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    return any(method.get("method") == "mfa" for method in methods)
