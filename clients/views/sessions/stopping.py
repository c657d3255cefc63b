"""Something is wrong: what it is, and what to do now."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.access import ClientRequest, client_required
from clients.forms.sessions import StopForm, new_key
from clients.models import StopEvent, localized
from clients.recording import is_live, state_of, stop
from clients.views.sessions.screen import READ_WRITE, find_session


@client_required
@require_http_methods(READ_WRITE)
def session_wrong(request: ClientRequest, pk: int, n: int = 0) -> HttpResponse:
    """Four answers, one press each. `n` is the exercise that was being done; 0, or unknown: none in particular.

    Offered until the day after, for a session goes on over midnight. An answer that was given is heard whenever it comes.
    """
    now = timezone.now()
    found = find_session(request, pk)
    yesterday = found.client.local_date(now) - timedelta(days=1)
    if request.method != "POST" and found.local_date < yesterday:
        raise Http404
    exercises = state_of(found).exercises()
    item = exercises[n - 1][0].item if 1 <= n <= len(exercises) else None
    form = StopForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        event, block = stop(
            found, item, choice=form.cleaned_data["choice"], key=form.cleaned_data["key"], now=now
        )
        return redirect("blocked") if block else redirect("session_stopped", pk, event.pk)
    if request.method == "POST":
        messages.error(request, _("Please press one of the four answers."))
    choices = [(word, {"choice": value, "key": new_key()}) for value, word in StopEvent.Choice.choices]
    context = {"session": found, "n": n, "item": item, "choices": choices, "section": "today"}
    return render(request, "clients/sessions/wrong.html", context, status=form.status)


@client_required
@require_safe
def session_stopped(request: ClientRequest, pk: int, event: int) -> HttpResponse:
    """The message that the answer leads to, with the ways on."""
    found = find_session(request, pk)
    stopped = get_object_or_404(StopEvent.objects.filter(session=found), pk=event)
    context = {
        "session": found,
        "title": localized(stopped.texts, "title"),
        "body": localized(stopped.texts, "body"),
        "live": is_live(found, timezone.now()),
        "section": "today",
    }
    return render(request, "clients/sessions/stopped.html", context)
