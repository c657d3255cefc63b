"""Settings: zone, language, reminders."""

from datetime import date, time

import pytest

from clients.demo.builders import make_client
from clients.models import ReminderSchedule
from tests.clients.views.conftest import text

pytestmark = pytest.mark.django_db

CHOSEN = {
    "language": "en",
    "zone": "America/New_York",
    "active": "on",
    "local_time": "20:30",
    "days": ["1", "3", "5"],
    "paused_until": "",
}


def schedule_of(seat):
    return ReminderSchedule.objects.get(client=seat.client)


def test_settings_show_what_is_set(ana):
    form = ana.get("/settings/").context["form"]

    assert form["zone"].value() == "Europe/Berlin"
    assert form["days"].value() == list("1234567")
    assert form["active"].value() is True


def test_settings_are_saved_and_the_next_reminder_computed_anew(ana):
    response = ana.web.post("/settings/", CHOSEN, follow=True)

    ana.client.refresh_from_db()
    schedule = schedule_of(ana)
    assert "Saved." in text(response)
    assert (ana.client.zone, schedule.zone) == ("America/New_York", "America/New_York")
    assert (schedule.local_time, schedule.days, schedule.active) == (time(20, 30), "135", True)
    assert schedule.next_local_date == date(2026, 3, 11)
    assert schedule.next_due_at.isoformat() == "2026-03-12T00:30:00+00:00"


def test_settings_switch_the_reminder_off(ana):
    ana.web.post("/settings/", {name: value for name, value in CHOSEN.items() if name != "active"})

    schedule = schedule_of(ana)
    assert not schedule.active
    assert schedule.next_due_at is None


def test_settings_pause_until_a_day(ana):
    ana.web.post("/settings/", CHOSEN | {"paused_until": "2026-03-20"})

    schedule = schedule_of(ana)
    assert schedule.paused_until == date(2026, 3, 20)
    assert schedule.next_local_date == date(2026, 3, 23)


def test_settings_are_saved_when_the_pause_is_over(ana):
    ReminderSchedule.objects.filter(client=ana.client).update(paused_until=date(2026, 3, 9))
    form = ana.get("/settings/").context["form"]

    response = ana.web.post("/settings/", CHOSEN | {"paused_until": form["paused_until"].value() or ""})

    assert response.status_code == 302
    assert schedule_of(ana).paused_until is None


def test_settings_speak_the_chosen_language(ana):
    ana.web.post("/settings/", CHOSEN | {"language": "de"})

    assert '<html lang="de"' in text(ana.get("/settings/"))


def test_settings_of_somebody_without_a_program_make_a_schedule(therapist, web_as):
    nora = make_client(name="Nora New", therapist=therapist)

    assert web_as(nora.user).get("/settings/").status_code == 200
    web_as(nora.user).post("/settings/", CHOSEN)

    assert ReminderSchedule.objects.get(client=nora).days == "135"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("zone", "Mars/Olympus"),
        ("zone", "\0"),
        ("language", "xx"),
        ("local_time", "25:00"),
        ("local_time", ""),
        ("days", []),
        ("days", ["8"]),
        ("paused_until", "2026-03-09"),
        ("paused_until", "2030-01-01"),
        ("paused_until", "soon"),
    ],
)
def test_settings_that_cannot_be_stand_beside_their_sentence_and_change_nothing(ana, field, value):
    response = ana.web.post("/settings/", CHOSEN | {field: value})

    ana.client.refresh_from_db()
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert ana.client.zone == "Europe/Berlin"
    assert schedule_of(ana).days == "1234567"


def test_settings_keep_an_old_name_of_a_zone(sit_down):
    seat = sit_down(zone="US/Pacific")

    response = seat.web.post("/settings/", CHOSEN | {"zone": "US/Pacific"})

    assert response.status_code == 302


def test_settings_lead_to_the_password_and_out(ana):
    shown = text(ana.get("/settings/"))

    assert "Set a password" in shown
    assert 'action="/accounts/logout/"' in shown


def test_every_page_says_whom_to_call(ana):
    for path in ("/today/", "/program/", "/history/", "/settings/", "/session/start/1/"):
        assert 'href="tel:+493023125014"' in text(ana.get(path))


def test_settings_are_computed_from_the_client_who_asks(ana, ben):
    ana.web.post("/settings/", CHOSEN)

    assert schedule_of(ben).days == "1234567"
