"""Doing, and later correcting: one exercise after the other, set by set, or left out with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.access import ClientRequest, client_required
from clients.forms.sessions import KeyedForm, OwnNoteForm, SetForm, SkipForm, new_key
from clients.forms.telling import TightnessForm
from clients.media import shown_of
from clients.models import Measure, Side, SkipReason
from clients.recording import (
    KeyReused,
    NotInThisSession,
    current_state,
    is_live,
    record_set,
    record_skip,
    verdict_on,
)
from clients.remembering import record_own_note, with_band
from clients.telling import told_about
from clients.tightness import record_tightness, tightness_told
from clients.views.sessions.screen import (
    READ_WRITE,
    Screen,
    barred,
    exercise_dose,
    find_session,
    first_unsettled,
    of_a_screen,
    place_of,
    screen_for,
    to_step,
    why_left,
)
from clients.views.sessions.summing import in_one_line


@client_required
@require_safe
def session(request: ClientRequest, pk: int) -> HttpResponse:
    """Resumes a live session at its first open exercise; shows any other one with what was done."""
    now = timezone.now()
    found = find_session(request, pk)
    if barred(found, now):
        return redirect("blocked")
    state = current_state(found, now)
    if is_live(found, now):
        n = first_unsettled(state)
        return redirect("session_end", pk) if n is None else redirect("session_step", pk, n)
    exercises = [
        {
            "n": n,
            "item": group[0].item,
            "dose": exercise_dose(group),
            "done": sum(each.done for each in group),
            "asked": sum(each.asked for each in group),
            "complete": all(each.complete for each in group),
            "skipped": why_left(group),
            "side": group[0].item.side if len(group) == 1 else Side.BOTH,
            "eased_from": group[0].item.eased_from if not group[0].set_aside else "",
        }
        for n, group in enumerate(state.exercises(), 1)
    ]
    context = {
        "session": found,
        "state": state,
        "exercises": exercises,
        "facts": in_one_line(state),
        "readings": [(measure.label, state.readings.get(measure)) for measure in Measure],
        "told": told_about([found])[found.pk],
        "section": "history",
    }
    return render(request, "clients/sessions/summary.html", context)


@client_required
@require_safe
def session_step(request: ClientRequest, pk: int, n: int) -> HttpResponse:
    """One exercise: what to do, and its sets to tick."""
    now = timezone.now()
    found = find_session(request, pk)
    if barred(found, now):
        return redirect("blocked")
    return show_screen(request, screen_for(found, n, now))


def show_screen(request: ClientRequest, screen: Screen, status: int = 200) -> HttpResponse:
    context = {
        "screen": screen,
        "media": shown_of(screen.item.as_was.get("media", [])),
        "unskip_fields": {"key": new_key()},
        "section": "today" if screen.live else "history",
    }
    return render(request, "clients/sessions/step.html", context, status=status)


@client_required
@require_http_methods(READ_WRITE)
def session_set(request: ClientRequest, pk: int, item: int, number: int) -> HttpResponse:
    """Ticks one set, takes the tick back, or corrects its figures. Saved at once.

    Looked at, as after signing in again, it leads to the session.
    """
    now = timezone.now()
    found = find_session(request, pk)
    if request.method != "POST":
        return redirect("session", pk)
    if barred(found, now):
        return redirect("blocked")
    row = found.items.filter(pk=item).first()
    if row is None:
        messages.error(request, _("This exercise is not part of this session. Nothing was changed."))
        return redirect("session", pk)
    row.session = found
    n = place_of(found, row)
    banded = row.exercise_id in with_band([row.exercise_id])
    form = SetForm(request.POST, item=row, number=number, banded=banded)
    if not form.is_valid():
        messages.error(request, _("This set was not saved. Look at the figures below."))
        return show_screen(request, screen_for(found, n, now, form), status=422)
    forbidden = verdict_on(found, row, now) if form.cleaned_data["done"] and is_live(found, now) else None
    if forbidden:
        messages.error(request, forbidden.sentence)
        return to_step(found, n)
    try:
        record_set(row, number, form.entry(), key=form.cleaned_data["key"], now=now, device_time=form.moment)
    except NotInThisSession as error:
        messages.error(request, str(error))
    except KeyReused:
        messages.error(
            request, _("This set was saved before with other figures. Here is what stands recorded.")
        )
        return show_screen(request, screen_for(found, n, now), status=409)
    return to_step(found, n)


@client_required
@require_http_methods(READ_WRITE)
def session_note(request: ClientRequest, pk: int, n: int) -> HttpResponse:
    """The client's own note on this exercise. Looked at, as after signing in again, it leads to the session."""
    now = timezone.now()
    found = find_session(request, pk)
    if request.method != "POST":
        return redirect("session", pk)
    screen = screen_for(found, n, now)
    form = OwnNoteForm(request.POST, auto_id="own_note_%s")
    if form.is_valid():
        text, key = form.cleaned_data["text"], form.cleaned_data["key"]
        try:
            record_own_note(found, screen.item.exercise_id, text, key=key, now=now, device_time=form.moment)
        except KeyReused as error:
            form.refuse(error)
        else:
            return redirect("session_step", pk, n)
    return show_screen(request, replace(screen, note_form=form), status=form.status)


@client_required
@require_http_methods(READ_WRITE)
@of_a_screen
def session_tightness(request: ClientRequest, screen: Screen, now: datetime) -> HttpResponse:
    """One tap on the screen of the n-th exercise. Looked at, as after signing in again, it leads to the session.

    Raises Http404 where the session has no such exercise.
    """
    found = screen.session
    if request.method != "POST":
        return redirect("session", found.pk)
    site, _told = tightness_told(found)
    form = TightnessForm(request.POST)
    if site is None or not form.is_valid():
        messages.error(request, _("This answer was not saved. Please press it again."))
        return redirect("session_step", found.pk, screen.n)
    told = form.cleaned_data
    try:
        record_tightness(
            found, site, told["when"], told["value"], key=told["key"], now=now, device_time=form.moment
        )
    except KeyReused as error:
        messages.info(request, str(error))
    return redirect("session_step", found.pk, screen.n)


@client_required
@require_http_methods(READ_WRITE)
@of_a_screen
def session_skip(request: ClientRequest, screen: Screen, now: datetime) -> HttpResponse:
    """Leaves an exercise out, with the reason. It can be taken up again."""
    form = SkipForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            skip_exercise(screen, reason=form.cleaned_data["reason"], form=form, skipped=True, now=now)
        except KeyReused as error:
            messages.error(request, str(error))
        return redirect("session", screen.session.pk)
    context = {"screen": screen, "form": form, "section": "today" if screen.live else "history"}
    return render(request, "clients/sessions/skip.html", context, status=form.status)


@client_required
@require_http_methods(READ_WRITE)
@of_a_screen
def session_unskip(request: ClientRequest, screen: Screen, now: datetime) -> HttpResponse:
    """Takes an exercise up again. Looked at, as after signing in again, it leads to the session."""
    if request.method != "POST":
        return redirect("session", screen.session.pk)
    form = KeyedForm(request.POST)
    if all(state.forbidden for state in screen.states):
        messages.error(request, screen.forbidden)
    elif form.is_valid():
        try:
            skip_exercise(screen, reason="", form=form, skipped=False, now=now)
        except KeyReused as error:
            messages.error(request, str(error))
    return redirect("session_step", screen.session.pk, screen.n)


@transaction.atomic
def skip_exercise(screen: Screen, *, reason: str, form: KeyedForm, skipped: bool, now: datetime) -> None:
    """On every side that is not complete. Taking it up again keeps the reason that stood there."""
    for state in screen.states:
        if state.complete or (not skipped and (state.forbidden or not state.skipped)):
            continue
        kept = state.skip.reason if state.skip else SkipReason.OTHER
        record_skip(
            state.item,
            skipped=skipped,
            reason=reason or kept,
            key=f"{form.cleaned_data['key']}-{state.item.order}",
            now=now,
            device_time=form.moment,
        )
