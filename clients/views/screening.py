"""The safety questions before the first session: short lists, one page each."""

from __future__ import annotations

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
from clients.screening import Outcome, answer, first_screening
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
    """One list. A list that has been answered meanwhile leads on to the next."""
    client, now = request.person, timezone.now()
    if open_blocks(client):
        return redirect("blocked")
    lists = first_screening(client, client.local_date(now))
    asked = next((each for each in lists if each.checklist.slug == slug), None)
    if asked is None:
        return redirect("screening")
    areas = list(BodyArea.objects.in_use()) if asked.needs_place else []
    form = ChecklistForm(request.POST or None, asked=asked, areas=areas)
    if request.method == "POST" and form.is_valid():
        outcome = answer(
            client,
            asked,
            yes=form.yes,
            none=form.none,
            key=form.cleaned_data["key"],
            now=now,
            places=form.places(),
        )
        return go_on(request, client, outcome, last=len(lists) == 1)
    context = {
        "form": form,
        "checklist": asked.checklist,
        "more": len(lists) - 1,
    }
    return render(request, "clients/screening/checklist.html", context)


def go_on(request: ClientRequest, client: Client, outcome: Outcome, *, last: bool) -> HttpResponse:
    """After an answer: the block, the next list, or the session it was asked for."""
    if outcome.block is not None:
        return redirect("blocked")
    if outcome.message is not None:
        messages.info(request, outcome.message.text("body"))
    if not last:
        return redirect("screening")
    if plan_for(client, client.local_date(timezone.now())).items:
        return redirect("session_start", 1)
    return redirect("today")
