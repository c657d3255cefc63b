"""Starting: pain, the short list, the session; or noting at once what was done without the app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.access import ClientRequest, client_required
from clients.forms.screening import BeforeSessionForm, WithoutAppForm
from clients.models import Client, Measure, SessionReading, TrainingSession
from clients.planning import plan_for
from clients.recording import (
    ClientBlocked,
    KeyReused,
    NothingDue,
    ScreeningNeeded,
    any_record,
    finish_session,
    record_reading,
    start_session,
    tick_all,
)
from clients.safety import open_blocks
from clients.screening import answer, before_session, screening_open
from clients.shortening import minutes_of, short_day
from clients.views.sessions.screen import READ_WRITE

BEGIN = "begin"  # sent by Today with the pain alone: it shows the list, and starts nothing


def key_of_day(key: str, day: date, number: int) -> str:
    """The key of a session that a form starts: a form left open overnight starts the other day's session anew."""
    return f"{key}.{day:%Y%m%d}.{number}"


@client_required
@require_http_methods(READ_WRITE)
def session_start(request: ClientRequest, number: int) -> HttpResponse:
    """Pain now and the short list of the complaint, then the first exercise."""
    return ask_first(request, number, BeforeSessionForm, open_session)


@client_required
@require_http_methods(READ_WRITE)
def without_app(request: ClientRequest, number: int) -> HttpResponse:
    """ "I did it without the app": the same questions, then the whole session is recorded as asked, to be corrected."""
    return ask_first(request, number, WithoutAppForm, record_without_app)


def ask_first(
    request: ClientRequest,
    number: int,
    kind: type[BeforeSessionForm],
    then: Callable[[ClientRequest, BeforeSessionForm, int, datetime], HttpResponse],
) -> HttpResponse:
    """The questions that come before every session (domain.md 7.1), and what follows when they are answered."""
    client, now = request.person, timezone.now()
    today = client.local_date(now)
    told = request.POST if request.method == "POST" and BEGIN not in request.POST else None
    form = kind(told, asked=before_session(client), areas=[], initial=first_tap(request))
    if told is None and (elsewhere := instead_of_starting(request, number, today)):
        return elsewhere
    if form.is_valid():
        try:
            return then(request, form, number, now)
        except ScreeningNeeded:
            return redirect("screening")
        except (KeyReused, NothingDue) as error:
            messages.error(request, str(error))
            return redirect("today")
    plan = plan_for(client, today)
    two = short_day(plan, number) if form.asks_short else ()
    context = {
        "form": form,
        "minutes": minutes_of(two) if two else plan.minutes(number),
        "short": [each.items[0].name for each in two],
    }
    return render(request, "clients/sessions/start.html", context, status=form.status)


def first_tap(request: ClientRequest) -> dict[str, object]:
    """What Today has said already: the number that was pressed there, or that there are only five minutes."""
    pain = request.POST.get("pain_before", "") if BEGIN in request.POST else ""
    return {"pain_before": pain, "short": "short" in request.GET}


def instead_of_starting(request: ClientRequest, number: int, today: date) -> HttpResponse | None:
    """Where to go when this session has begun, must not begin, or does not exist."""
    client = request.person
    existing = TrainingSession.objects.filter(client=client, local_date=today, number=number).first()
    if existing is not None:
        return redirect("session", existing.pk)
    if open_blocks(client):
        return redirect("blocked")
    if screening_open(client, today):
        return redirect("screening")
    if not (number and plan_for(client, today).for_go(number)):
        messages.info(request, _("There is nothing to do for this session today."))
        return redirect("today")
    return None


def held_back(client: Client) -> HttpResponse:
    """Where the answers lead that let no session begin."""
    return redirect("blocked" if open_blocks(client) else "screening")


def open_session(request: ClientRequest, form: BeforeSessionForm, number: int, now: datetime) -> HttpResponse:
    session = begin(request.person, form, number, now)
    return redirect("session", session.pk) if session else held_back(request.person)


@transaction.atomic
def record_without_app(
    request: ClientRequest, form: BeforeSessionForm, number: int, now: datetime
) -> HttpResponse:
    """Every set as asked, once: another press finds what stands recorded. Raises NothingDue, KeyReused."""
    session = begin(request.person, form, number, now, source=TrainingSession.Source.WITHOUT_APP)
    if session is None:
        return held_back(request.person)
    key = key_of_day(form.cleaned_data["key"], session.local_date, number)
    if session.finished_at and session.key != key:
        messages.info(request, _("This session is recorded already."))
        return redirect("today")
    if not session.finished_at:
        tick_all(session, key=key, now=now)
        if not any_record(session):
            raise NothingDue(_("There is nothing to do for this session today."))
        finish_session(session, now=now)
    messages.success(request, _("Noted as done. If something was different, correct it below."))
    return redirect("today")


@transaction.atomic
def begin(
    client: Client,
    form: BeforeSessionForm,
    number: int,
    now: datetime,
    source: str = TrainingSession.Source.APP,
) -> TrainingSession | None:
    """Stores the answers and starts; a warning sign stores them and starts nothing. Raises NothingDue, KeyReused."""
    today = client.local_date(now)
    outcome = answer(client, form.asked, yes=form.yes, none=form.none, key=form.answer_key(today), now=now)
    if outcome.block is not None or screening_open(client, today):
        return None
    key = key_of_day(form.cleaned_data["key"], today, number)
    try:
        session = start_session(
            client,
            number=number,
            key=key,
            now=now,
            source=source,
            screening=outcome.screening,
            short=form.cleaned_data["short"] and source == TrainingSession.Source.APP,
        )
    except ClientBlocked:
        return None
    pain = form.cleaned_data["pain_before"]
    known = SessionReading.objects.filter(session=session, measure=Measure.PAIN_BEFORE).exists()
    # A page left open elsewhere does not overwrite what was said at the start
    if session.key == key or not known:
        record_reading(session, Measure.PAIN_BEFORE, pain, key=f"{key}-before", now=now)
    return session
