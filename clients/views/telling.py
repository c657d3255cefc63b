"""What is told beside a session: the morning after, the pain diary, tenderness once a week, a change of health."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.forms.boundfield import BoundField
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.access import ClientRequest, care_required, client_required
from clients.charts.places import Place, place_of
from clients.forms.sessions import KeyedForm, new_key
from clients.forms.telling import DiaryForm, MorningForm, TendernessForm
from clients.models import Client, MorningAnswer, MorningWord
from clients.planning import plan_for
from clients.recording import KeyReused
from clients.screening import screening_open
from clients.telling import (
    AnswerStands,
    DayOver,
    NothingToAnswer,
    Site,
    morning_of,
    newest_tenderness,
    pain_told,
    record_morning,
    record_pain_diary,
    record_tenderness,
    report_health_change,
    tenderness_due,
    tracked,
)

READ_WRITE = ["GET", "HEAD", "POST"]


# ---- The morning after ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MorningCard:
    """The question with its four buttons, or the answer of today with a number beside it for whoever wants one."""

    after_day: date
    answer: MorningAnswer | None
    choices: list[tuple[str, dict[str, Any], bool]]
    number_fields: dict[str, Any]

    @property
    def pain(self) -> int | None:
        return self.answer.pain if self.answer else None


def morning_card(client: Client, now: datetime) -> MorningCard | None:
    """What stands on Today about the morning; None where nothing is asked and nothing was answered. Two queries."""
    morning = morning_of(client, now)
    after_day = morning.asked or (morning.answer.after_day if morning.answer else None)
    if after_day is None:
        return None
    told = morning.answer
    fields = {"after_day": after_day.isoformat()}
    return MorningCard(
        after_day=after_day,
        answer=told,
        choices=[
            (
                str(label),
                {**fields, "key": new_key(), "word": value},
                told is not None and told.word == value,
            )
            for value, label in MorningWord.choices
        ],
        number_fields={**fields, "key": new_key(), "word": told.word if told else ""},
    )


@client_required
@care_required
@require_http_methods(READ_WRITE)
def morning(request: ClientRequest) -> HttpResponse:
    """One tap answers; on the same day another one corrects it."""
    client, now = request.person, timezone.now()
    if request.method == "POST":
        form = MorningForm(request.POST)
        if heard(request, form):
            told = form.cleaned_data
            try:
                record_morning(
                    client,
                    told["after_day"],
                    told["word"],
                    told["pain"],
                    key=told["key"],
                    now=now,
                    device_time=form.moment,
                )
            except (AnswerStands, KeyReused, NothingToAnswer) as error:
                messages.info(request, str(error))
        return redirect("today")
    card = morning_card(client, now)
    if card is None:
        messages.info(request, _("There is nothing to answer this morning."))
        return redirect("today")
    return render(request, "clients/telling/morning.html", {"card": card, "section": "today"})


def heard(request: ClientRequest, form: Form) -> bool:
    """Whether the answer of a button can be read; else the person is told that it was not saved."""
    if form.is_valid():
        return True
    messages.error(request, _("This answer was not saved. Please press it again."))
    return False


# ---- The pain diary -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DiaryCard:
    """Pain today, on a day without a session; `told` is what stands there."""

    told: int | None
    fields: dict[str, Any]


def diary_card(client: Client, day: date) -> DiaryCard:
    return DiaryCard(pain_told(client, day), {"day": day.isoformat(), "key": new_key()})


@client_required
@care_required
@require_http_methods(READ_WRITE)
def diary(request: ClientRequest) -> HttpResponse:
    """One number for today. Looked at, as after signing in again, it leads to the day."""
    form = DiaryForm(request.POST)
    if request.method == "POST" and heard(request, form):
        told = form.cleaned_data
        try:
            record_pain_diary(
                request.person,
                told["day"],
                told["value"],
                key=told["key"],
                now=timezone.now(),
                device_time=form.moment,
            )
        except (DayOver, KeyReused) as error:
            messages.info(request, str(error))
    return redirect("today")


# ---- Tenderness, once a week ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Press:
    """One muscle on one side: where to press, the scale, and what was told the last time."""

    site: Site
    place: Place | None
    field: BoundField
    last: int | None
    last_day: date | None


@client_required
@care_required
@require_http_methods(READ_WRITE)
def tenderness(request: ClientRequest) -> HttpResponse:
    """The muscles that the phase tracks. What was told today stands there and can be corrected."""
    client, now = request.person, timezone.now()
    today = client.local_date(now)
    sites = tracked(plan_for(client, today))
    if not sites:
        messages.info(request, _("There is nothing to press at the moment."))
        return redirect("today")
    told = newest_tenderness(client, sites)
    standing = {
        name: told[site].value
        for name, site in TendernessForm(sites=sites).sites.items()
        if site in told and told[site].local_date == today
    }
    form = TendernessForm(request.POST or None, sites=sites, initial=standing)
    if request.method == "POST" and form.is_valid():
        try:
            save_tenderness(client, form, now)
        except KeyReused as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("today")
    presses = [
        Press(
            site=site,
            place=place_of(site.muscle.body_area.slug, site.side, site.name),
            field=form[name],
            last=told[site].value if site in told and told[site].local_date < today else None,
            last_day=told[site].local_date if site in told else None,
        )
        for name, site in form.sites.items()
    ]
    context = {
        "form": form,
        "presses": presses,
        "due": any(tenderness_due(press.last_day, today) for press in presses),
        "section": "today",
    }
    return render(request, "clients/telling/tenderness.html", context, status=form.status)


@transaction.atomic
def save_tenderness(client: Client, form: TendernessForm, now: datetime) -> None:
    """Writes the numbers that are new or different. Raises KeyReused."""
    for name, (site, value) in form.readings().items():
        if form.initial.get(name) != value:
            key = f"{form.cleaned_data['key']}-{name}"
            record_tenderness(client, site, value, key=key, now=now, device_time=form.moment)


# ---- A change of health ---------------------------------------------------------------------------------------------


@client_required
@care_required
@require_http_methods(READ_WRITE)
def health_changed(request: ClientRequest) -> HttpResponse:
    """The client says that something has changed; then the first questions come again (domain.md 7.4)."""
    client, now = request.person, timezone.now()
    if request.method == "POST":
        form = KeyedForm(request.POST)
        if not heard(request, form):
            return redirect("health_changed")
        report_health_change(client, key=form.cleaned_data["key"], now=now)
        if screening_open(client, client.local_date(now)):
            return redirect("screening")
        messages.success(request, _("Noted. Your therapist can read it."))
        return redirect("today")
    context = {"fields": {"key": new_key()}, "section": "today"}
    return render(request, "clients/telling/health_changed.html", context)
