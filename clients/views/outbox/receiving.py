"""The door of the outbox: whose it is, what arrives, and one answer for each entry (reliability.md 3g)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clients.access import PersonRequest
from clients.forms.outbox import LARGEST, BrokenEntry, key_of, read_entries, read_entry
from clients.safety import open_blocks
from clients.views.outbox.entries import take_in


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def outbox(request: PersonRequest) -> JsonResponse:
    """Looked at, it says whose browser this is, with a fresh token; nothing else. Entries are posted to it.

    401 signed out, 403 no client or an old token, 409 of another account, 400 unreadable, 413 too long.
    """
    if request.method != "POST":
        return JsonResponse({"account": account_of(request), "csrf": get_token(request)})
    if not request.user.is_authenticated:
        return refusal(_("Sign in to send this."), HTTPStatus.UNAUTHORIZED)
    if request.person is None:
        return refusal(_("Only a client can send this."), HTTPStatus.FORBIDDEN)
    try:
        entries = read_entries(body_of(request))
    except BrokenEntry as error:
        return refusal(str(error), HTTPStatus.BAD_REQUEST)
    except TooLong:
        return refusal(_("This is too long to be sent at once."), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if any(each.get("account") != account_of(request) for each in entries):
        return refusal(_("This belongs to another account."), HTTPStatus.CONFLICT)
    return JsonResponse(answers(request, entries))


class TooLong(ValueError):
    """More than any device has to tell at once."""


def body_of(request: HttpRequest) -> bytes:
    """Raises TooLong, without reading it."""
    said = request.headers.get("Content-Length", "0")
    if not said.isdecimal() or len(said) > 9 or int(said) > LARGEST:
        raise TooLong
    return request.body


def account_of(request: PersonRequest) -> str:
    """The account that entries are bound to; empty for nobody and for the team."""
    return str(request.user.pk) if request.person is not None else ""


def refusal(sentence: str, status: HTTPStatus) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)


def answers(request: PersonRequest, raw: list[dict[str, Any]]) -> dict[str, Any]:
    """Each entry on its own, the most urgent first; one that cannot be read holds up no other."""
    client, now = request.person, timezone.now()
    assert client is not None  # noqa: S101 -- the door has looked
    found: dict[str, dict[str, Any]] = {}
    entries = []
    for each in raw:
        try:
            entries.append(read_entry(each))
        except BrokenEntry as error:
            found[key_of(each)] = {"state": "refused", "note": str(error)}
    for entry in sorted(entries, key=lambda entry: entry.urgency):
        found[entry.key] = take_in(client, entry, now)
    answered = [{"key": key_of(each), **found[key_of(each)]} for each in raw]
    return {"answers": answered, "blocked": bool(open_blocks(client))}
