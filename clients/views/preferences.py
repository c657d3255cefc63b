"""Settings: language, zone, reminders, the way to password and sign-out; and what is at home."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.access import ClientRequest, care_required, client_required
from clients.assigning import EVENING
from clients.care import NotInCare
from clients.cupboard import cupboard_of, keep_tools, tools_to_tick
from clients.enrolling import set_clock
from clients.forms.preferences import CupboardForm, PreferencesForm
from clients.models import Client, ReminderSchedule
from clients.reminders.schedules import reschedule


@client_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: ClientRequest) -> HttpResponse:
    client, now = request.person, timezone.now()
    schedule = ReminderSchedule.objects.filter(client=client).first()
    shown = schedule or ReminderSchedule(client=client, local_time=EVENING, zone=client.zone)
    form = PreferencesForm(request.POST or None, client=client, schedule=shown, today=client.local_date(now))
    if form.is_valid():
        save(client, form, now)
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Saved."))
        return redirect("settings")
    context = {"form": form, "schedule": shown}
    return render(request, "clients/preferences/settings.html", context, status=422 if form.is_bound else 200)


@client_required
@care_required
@require_http_methods(["GET", "HEAD", "POST"])
def at_home(request: ClientRequest) -> HttpResponse:
    """Which tools are at home: the draft and the program take it into account."""
    client = request.person
    shown, cupboard = tools_to_tick(), cupboard_of(client)
    sent = request.POST if request.method == "POST" else None  # nothing ticked is an answer too
    form = CupboardForm(sent, tools=shown, have=cupboard.have or ())
    if form.is_valid():
        ticked, by = form.cleaned_data["tools"], request.user
        try:
            keep_tools(client, ticked, shown=shown, by=by, now=timezone.now())  # type: ignore[arg-type]
        except NotInCare as error:
            messages.info(request, str(error))
            return redirect("today")
        messages.success(request, _("Saved. Your therapist sees it too."))
        return redirect("at_home")
    context = {"form": form, "asked": cupboard.have is not None, "section": "program"}
    status = 422 if form.errors else 200
    return render(request, "clients/preferences/at_home.html", context, status=status)


@transaction.atomic
def save(client: Client, form: PreferencesForm, now: datetime) -> None:
    """Writes what was chosen and computes the next reminder anew."""
    chosen = form.cleaned_data
    Client.objects.filter(pk=client.pk).update(language=chosen["language"])
    set_clock(client, chosen["zone"], now=now)
    schedule, _made = ReminderSchedule.objects.update_or_create(
        client=client,
        defaults={
            "zone": chosen["zone"],
            "active": chosen["active"],
            "local_time": chosen["local_time"],
            "days": chosen["days"],
            "paused_until": chosen["paused_until"],
        },
    )
    reschedule(schedule, now)
