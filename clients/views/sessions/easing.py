"""Easier today: the easier version of one exercise, back to it as planned, and the rest of a short day."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clients.access import ClientRequest, client_required
from clients.easing import NothingEasier, ease, offered, take_back, take_up_rest
from clients.forms.sessions import KeyedForm, new_key
from clients.recording import KeyReused
from clients.templatetags.dose import sided_dose
from clients.views.sessions.screen import (
    READ_WRITE,
    Screen,
    barred,
    find_session,
    instead_of_tools,
    of_a_screen,
    to_step,
)


@client_required
@require_http_methods(READ_WRITE)
@of_a_screen
def session_too_hard(request: ClientRequest, screen: Screen, now: datetime) -> HttpResponse:
    """What is easier today, and the button that puts it in the place of the exercise."""
    found = screen.session
    if request.method == "POST":
        form = KeyedForm(request.POST)
        if form.is_valid():
            try:
                ease(found, screen.exercise_id, key=form.cleaned_data["key"], now=now)
            except (NothingEasier, KeyReused) as error:
                messages.error(request, str(error))
        return to_step(found, screen.n)
    if not screen.may_ease:
        return redirect("session_step", found.pk, screen.n)
    offers = offered(found, screen.exercise_id, now)
    context = {
        "screen": screen,
        "easier": offers[0] if offers else None,
        "dose": sided_dose([(each.dose, each.side_mode, each.item.side) for each in offers])
        if offers
        else "",
        "instead": instead_of_tools(found.client, offers[0].exercise_id) if offers else (),
        "fields": {"key": new_key()},
        "section": "today",
    }
    return render(request, "clients/sessions/too_hard.html", context)


@client_required
@require_http_methods(READ_WRITE)
@of_a_screen
def session_as_planned(request: ClientRequest, screen: Screen, now: datetime) -> HttpResponse:
    """Back to the exercise that was too hard. Looked at, as after signing in again, it leads to the session."""
    found = screen.session
    if request.method != "POST":
        return redirect("session", found.pk)
    form = KeyedForm(request.POST)
    if form.is_valid() and screen.live and screen.too_hard:
        try:
            take_back(found, screen.exercise_id, key=form.cleaned_data["key"], now=now)
        except KeyReused as error:
            messages.error(request, str(error))
    return to_step(found, screen.n)


@client_required
@require_http_methods(READ_WRITE)
def session_rest(request: ClientRequest, pk: int) -> HttpResponse:
    """The rest of a short day too. Looked at, as after signing in again, it leads to the session."""
    now = timezone.now()
    found = find_session(request, pk)
    if barred(found, now):
        return redirect("blocked")
    if request.method == "POST":
        take_up_rest(found, now)
    return redirect("session", pk)
