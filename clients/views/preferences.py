"""Settings: language, zone, reminders, and the way to password and sign-out."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.access import ClientRequest, client_required
from clients.assigning import EVENING
from clients.enrolling import set_clock
from clients.forms.preferences import PreferencesForm
from clients.models import Client, ReminderSchedule
from clients.reminders.schedules import reschedule


@client_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: ClientRequest) -> HttpResponse:
    client, now = request.person, timezone.now()
    schedule = ReminderSchedule.objects.filter(client=client).first()
    shown = schedule or ReminderSchedule(client=client, local_time=EVENING, zone=client.zone)
    form = PreferencesForm(request.POST or None, client=client, schedule=shown, today=client.local_date(now))
    if request.method == "POST" and form.is_valid():
        save(client, form, now)
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Saved."))
        return redirect("settings")
    return render(request, "clients/preferences/settings.html", {"form": form, "schedule": shown})


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
