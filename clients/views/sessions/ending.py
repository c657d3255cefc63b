"""Ending: how it was, and the summary in which all of it can be corrected."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.access import ClientRequest, client_required
from clients.forms.sessions import EndForm
from clients.models import SafetyBlock, TrainingSession
from clients.progression.apply import evidence_changed
from clients.recording import (
    KeyReused,
    SessionNotStarted,
    SessionState,
    current_state,
    finish_session,
    is_live,
    record_reading,
)
from clients.telling import Told, limb_asked, record_limb, record_note, told_about
from clients.views.sessions.screen import READ_WRITE, barred, find_session
from clients.views.sessions.summing import in_one_line
from routines.models import ExerciseKind


@client_required
@require_http_methods(READ_WRITE)
def session_end(request: ClientRequest, pk: int) -> HttpResponse:
    """Pain, effort, the direction of a limb's symptoms, a note; then the session is over. Later the same page corrects them."""
    now = timezone.now()
    found = find_session(request, pk)
    if barred(found, now):
        return redirect("blocked")
    state = current_state(found, now)
    with_effort = any(not ExerciseKind(each.item.kind).is_release for each in state.items)
    live = is_live(found, now)
    told = told_about([found])[found.pk]
    today = found.local_date == found.client.local_date(now)
    after = reverse("today") if today else reverse("session", args=[pk])
    form = EndForm(
        request.POST or None,
        with_effort=with_effort,
        with_limb=told.limb is not None or limb_asked(found),
        correcting=not live,
        initial=state.readings | {"limb": told.limb and told.limb.direction, "note": told.note},
    )
    if request.method == "POST" and form.is_valid():
        try:
            block = tell_all(found, state, told, form, now)
        except (KeyReused, SessionNotStarted) as error:
            form.refuse(error)
        else:
            if block is not None:
                return redirect("blocked")
            messages.success(request, _("Saved."))
            return redirect(after)
    context = {
        "session": found,
        "state": state,
        "form": form,
        "live": live,
        "after": after,
        "facts": in_one_line(state),
        "open_exercises": [
            (n, group[0].item.name)
            for n, group in enumerate(state.shown(), 1)
            if not all(each.settled for each in group)
        ],
        "section": "today",
    }
    return render(request, "clients/sessions/end.html", context, status=form.status)


def tell_all(
    session: TrainingSession, state: SessionState, told: Told, form: EndForm, now: datetime
) -> SafetyBlock | None:
    """Writes the answers and ends the session; a warning sign counts in a session of which nothing is ticked too.

    Returns the block that it led to. Raises KeyReused, SessionNotStarted.
    """
    block = tell_limb(session, told, form, now)
    try:
        end(session, state, told, form, now)
    except SessionNotStarted:
        if block is None:
            raise
    return block


def tell_limb(session: TrainingSession, told: Told, form: EndForm, now: datetime) -> SafetyBlock | None:
    """Writes the direction where it is new, before everything else: new numbness is heard whatever else is wrong.

    Returns the block that it led to. Raises KeyReused.
    """
    direction = form.cleaned_data.get("limb")
    if not direction or (told.limb is not None and told.limb.direction == direction):
        return None
    key = f"{form.cleaned_data['key']}-limb"
    _row, block = record_limb(session, direction, key=key, now=now, device_time=form.moment)
    return block


@transaction.atomic
def end(session: TrainingSession, state: SessionState, told: Told, form: EndForm, now: datetime) -> None:
    """Writes what is new or different, and finishes. Raises KeyReused, SessionNotStarted."""
    for measure, value in form.readings().items():
        if state.readings.get(measure) != value:
            record_reading(
                session,
                measure,
                value,
                key=f"{form.cleaned_data['key']}-{measure}",
                now=now,
                device_time=form.moment,
            )
    note = form.cleaned_data["note"]
    if note != told.note:
        record_note(session, note, key=f"{form.cleaned_data['key']}-note", now=now, device_time=form.moment)
    if session.finished_at is None:
        finish_session(session, now=now)
    else:
        evidence_changed(session.client, now)
