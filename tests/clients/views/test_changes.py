"""The page behind the letter: what changed and why, and the quiet note on Today that leads there."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from clients.adjusting import change_step
from clients.models import AssignedStep, Client
from tests.clients.views.conftest import NOW

NOTE = "Something in your plan has changed"
LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(LATER, tick=False):
        yield


def change(seat, therapist):
    step = AssignedStep.objects.select_related("phase__assignment__client").filter(
        phase__assignment=seat.assignment
    )[0]
    dose = step.dose.__class__(**{**step.dose.__dict__, "sets": 7})
    change_step(step, by=therapist, reason="It is time for more", now=NOW, dose=dose)


def test_today_leads_to_the_change_until_it_was_read(ana, therapist):
    assert NOTE not in ana.get("/today/").content.decode()
    change(ana, therapist)
    assert NOTE in ana.get("/today/").content.decode()

    page = ana.get(reverse("program_changes")).content.decode()

    assert "It is time for more" in page
    assert f"{therapist.name}" in page
    assert "new</span>" in page
    assert NOTE not in ana.get("/today/").content.decode()
    assert "new</span>" not in ana.get(reverse("program_changes")).content.decode()


def test_head_is_no_look(ana, therapist):
    change(ana, therapist)

    ana.web.head(reverse("program_changes"))

    assert Client.objects.get(pk=ana.client.pk).changes_seen_at is None


def test_another_client_reads_only_their_own(ana, ben, therapist):
    change(ana, therapist)

    page = ben.get(reverse("program_changes")).content.decode()

    assert "It is time for more" not in page
    assert NOTE not in ben.get("/today/").content.decode()
