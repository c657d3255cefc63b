"""On paper: the handout to print, and the page on which a filled-in sheet is keyed in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clients.access import ClientRequest, care_required, client_required
from clients.forms.sheets import day_named, filled_in, taken_in, warnings_of
from clients.handouts import NothingToHandOut, handout_for
from clients.models import User
from clients.safety import open_blocks
from clients.screening import screening_open


@client_required
@require_safe
def handout(request: ClientRequest) -> HttpResponse:
    """The exercises of the coming days to print. What keeps them from Today keeps them from paper."""
    client = request.person
    today = client.local_date(timezone.now())
    if open_blocks(client):
        return redirect("blocked")
    if screening_open(client, today):
        return redirect("screening")
    try:
        found = handout_for(client, today)
    except NothingToHandOut:
        found = None
    return render(request, "clients/sheets/handout.html", {"handout": found, "back": reverse("program")})


@client_required
@care_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: ClientRequest) -> HttpResponse:
    """What stands on the client's paper, day by day; what is recorded already stays."""
    client, now = request.person, timezone.now()
    by: User = request.user  # type: ignore[assignment]
    data = request.POST if request.method == "POST" else None
    first = day_named((data or request.GET).get("from", ""))
    form, keyed = filled_in(client, data, first, by=by, now=now)
    if keyed is not None:
        messages.success(request, taken_in(keyed))
        if keyed.block is not None:
            return redirect("blocked")
        for words in warnings_of(keyed, now):
            messages.warning(request, words)
        return redirect(f"{reverse('sheet')}?from={keyed.sheet.first_day.isoformat()}")
    context = {
        "form": form,
        "section": "program",
        "here": reverse("sheet"),
        "handout": reverse("program_handout"),
    }
    return render(request, "clients/sheets/sheet.html", context, status=form.status if form else 200)
