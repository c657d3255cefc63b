"""The safety questions before the first session: short lists, one page each."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clients.access import ClientRequest, client_required
from clients.forms.screening import ChecklistForm
from clients.models import Client
from clients.planning import plan_for
from clients.safety import open_blocks
from clients.screening import Outcome, answer, first_screening, list_named, screening_open
from routines.models import BodyArea


@client_required
@require_safe
def screening(request: ClientRequest) -> HttpResponse:
    """The next list that is open; back to the day when all are answered."""
    if open_blocks(request.person):
        return redirect("blocked")
    lists = first_screening(request.person, request.person.local_date(timezone.now()))
    if not lists:
        return redirect("today")
    return redirect("screening_list", lists[0].checklist.slug)


@client_required
@require_http_methods(["GET", "HEAD", "POST"])
def screening_list(request: ClientRequest, slug: str) -> HttpResponse:
    """One list. Looked at after it was answered it leads on to the next; sent again it is heard again."""
    client, now = request.person, timezone.now()
    today = client.local_date(now)
    lists = first_screening(client, today)
    asked = list_named(client, slug)
    still_open = slug in {each.checklist.slug for each in lists}
    if asked is None or (request.method != "POST" and (not still_open or open_blocks(client))):
        return redirect("screening")
    areas = list(BodyArea.objects.in_use()) if asked.needs_place else []
    form = ChecklistForm(request.POST or None, asked=asked, areas=areas)
    if request.method == "POST" and form.is_valid():
        outcome = answer(
            client,
            asked,
            yes=form.yes,
            none=form.none,
            key=form.answer_key(today),
            now=now,
            places=form.places(),
        )
        return go_on(request, client, outcome, now)
    context = {
        "form": form,
        "checklist": asked.checklist,
        "more": len(lists) - still_open,
    }
    return render(request, "clients/screening/checklist.html", context, status=form.status)


def go_on(request: ClientRequest, client: Client, outcome: Outcome, now: datetime) -> HttpResponse:
    """After an answer: the block, the next list, or the session it was asked for."""
    if outcome.block is not None:
        return redirect("blocked")
    if outcome.message is not None:
        messages.info(request, outcome.message.text("body"))
    today = client.local_date(now)
    if screening_open(client, today):
        return redirect("screening")
    if plan_for(client, today).items:
        return redirect("session_start", 1)
    return redirect("today")
