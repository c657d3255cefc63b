"""On paper: the handout to print, and the page on which a sheet that came back is keyed in."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clients.access import ClientRequest, client_required
from clients.handouts import NothingToHandOut, handout_for
from clients.safety import open_blocks


@client_required
@require_safe
def handout(request: ClientRequest) -> HttpResponse:
    """The exercises of the coming days to print. A block shows them on no page, and on none of paper."""
    client = request.person
    if open_blocks(client):
        return redirect("blocked")
    try:
        found = handout_for(client, client.local_date(timezone.now()))
    except NothingToHandOut:
        found = None
    return render(request, "clients/sheets/handout.html", {"handout": found, "back": reverse("program")})
