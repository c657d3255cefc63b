"""Which pages open to whom (reliability.md A1, L4)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Client, Practice
from routines.models import is_key

View = Callable[..., HttpResponse]


class PersonRequest(HttpRequest):
    """A request as PersonMiddleware passes it on."""

    person: Client | None
    practice: Practice | None


class ClientRequest(HttpRequest):
    """The same on a page behind `client_required`, where there is a client."""

    person: Client
    practice: Practice | None


def client_required(view: View) -> View:
    """The page of a client, found as `request.person`. The team is sent to its workplace."""

    @wraps(view)
    def guarded(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.person is None:
            if request.user.is_staff:
                return redirect("admin:index")
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def care_required(view: View) -> View:
    """A page of `client_required` on which the client tells something: once care has ended, Today says so instead."""

    @wraps(view)
    def guarded(request: ClientRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.person.ended_at is None:
            return view(request, *args, **kwargs)
        if request.method == "POST":
            messages.info(request, _("This was not saved: your care here has ended."))
        return redirect("today")

    return guarded


def get_client_for_staff(request: HttpRequest, pk: int | str) -> Client:
    """The one way from a page of the team to a client: their own clients, 404 for any other number.

    Every staff page comes through here, so this is where a look at a person's data can be noted.
    """
    if not request.user.is_staff or not is_key(str(pk)):
        raise Http404
    return get_object_or_404(Client.objects.visible_to(request.user).select_related("user"), pk=int(pk))


# ---- Second factor ------------------------------------------------------------------------------------------------


def lacks_second_factor(request: HttpRequest) -> bool:
    """Somebody of the team whose session has not shown a second factor, where one is asked for."""
    return settings.STAFF_SECOND_FACTOR and request.user.is_staff and not used_second_factor(request)


def used_second_factor(request: HttpRequest) -> bool:
    """Whether this person showed a passkey, an app's code or a recovery code in this session; allauth notes it."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def to_second_factor(request: HttpRequest) -> HttpResponseRedirect:
    """To showing the factor, or to setting one up for whoever has none yet."""
    for url in ways_to_show_it(request):
        back = {"next": request.get_full_path()} if request.method == "GET" else {}
        return redirect(f"{url}?{urlencode(back)}" if back else url)
    return redirect(reverse("mfa_index"))


def ways_to_show_it(request: HttpRequest) -> list[str]:
    """The pages on which the person can show a second factor; none for whoever has not set one up."""
    methods = get_adapter(request).get_reauthentication_methods(request.user)
    return [method["url"] for method in methods if method["id"].startswith("mfa_")]
