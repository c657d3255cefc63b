"""manage.py make_demo: the people a newcomer meets."""

import random
from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction

from clients.demo import builders
from clients.demo.crowd import NAMES
from clients.demo.lives import carla
from clients.demo.practice import make_demo
from clients.models import (
    Client,
    Delivery,
    Message,
    MorningAnswer,
    PaperSheet,
    PhaseTransition,
    Practice,
    ReminderSchedule,
    Role,
    SafetyBlock,
    SessionReading,
    SetRecord,
    TendernessReading,
    TrainingSession,
    User,
)
from clients.planning import gather, plan, plan_for
from clients.recording import state_of
from clients.reminders.schedules import plan_letters

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 10, 14, 0, tzinfo=BERLIN)  # a Tuesday


def said(**options):
    out = StringIO()
    call_command("make_demo", stdout=out, **{"others": 0, **options})
    return out.getvalue()


def phases():
    """Each client's current phases with the day's number in them, on their day at NOW."""
    return {
        client.name: [
            (phase.kind, number) for _facts, phase, number in plan_for(client, client.local_date(NOW)).current
        ]
        for client in Client.objects.all()
    }


@time_machine.travel(NOW, tick=False)
def test_demo_holds_eight_lives_that_the_rules_have_written(
    settings, web, django_capture_on_commit_callbacks
):
    settings.DEMO = True

    with django_capture_on_commit_callbacks(execute=True):
        answer = said()

    assert answer.startswith("The demo practice is made.\n")
    assert Practice.objects.get().name == "Train and Massage"
    assert phases() == {
        "Ana Silva": [("release", 8)],
        "Ben Ortiz": [("release", 5)],
        "Carla Meier": [("strengthen", 9)],
        "David Kim": [("integrate", 15)],
        "Erika Vogel": [("maintain", 12), ("maintain", 7)],
        "Frieda Lang": [("release", 6)],
        "Gina Rossi": [("release", 10)],
        "Hugo Brandt": [("strengthen", 12)],
    }
    waiting = PhaseTransition.objects.filter(assignment__waits=True, by=None)
    assert {
        (row.assignment.client.name, row.kind) for row in waiting if row.kind in ("ready", "release_only")
    } == {("Gina Rossi", "ready"), ("Hugo Brandt", "release_only")}
    block = SafetyBlock.objects.open().get()
    assert (block.client.name, block.effect) == ("Ben Ortiz", "urgent")
    assert block.created_at == NOW.replace(hour=7, minute=40)
    silent = TrainingSession.objects.filter(client__name="David Kim").first()
    assert 6 <= (NOW.date() - silent.local_date).days <= 8
    erika = Client.objects.get(name="Erika Vogel")
    today = erika.local_date(NOW)
    shared = [item for item in plan(gather(erika, today, today), today).items if len(item.steps) > 1]
    assert [item.step.as_was["slug"] for item in shared] == ["band_squat"]
    paper = Client.objects.get(name="Frieda Lang")
    assert (paper.user, paper.email) == (None, "")
    assert {session.source for session in paper.sessions.all()} == {TrainingSession.Source.PAPER}
    assert PaperSheet.objects.get(client=paper).sessions.count() == paper.sessions.count() > 3

    for session in TrainingSession.objects.all():
        assert session.finished_at <= NOW
        assert session.local_date < session.client.local_date(NOW), "today is still to do"
        state = state_of(session)
        assert state.done_sets > 0
        assert set(state.readings) == {"pain_before", "pain_worst", "pain_after"}
    assert TrainingSession.objects.count() > 60
    assert MorningAnswer.objects.count() > 40
    assert TendernessReading.objects.count() > 10

    ways_in = answer.splitlines()[1:]
    assert len(ways_in) == 10
    for line in ways_in:
        email = next(word for word in line.split() if "@" in word)
        assert web.login(email=email, password=line.split(email)[1].split()[0]), line
    assert User.objects.get(email="adam@example.org").role == Role.OWNER

    assert not ReminderSchedule.objects.filter(next_due_at__lte=NOW).exists()
    assert plan_letters(NOW) == 0
    assert [letter.letter for letter in Delivery.objects.live()] == ["safety_alert"]
    assert not Delivery.objects.filter(status=Delivery.Status.SENT, sent_at__gt=NOW).exists()

    before = (SetRecord.objects.count(), SessionReading.objects.count(), User.objects.count())
    settings.DEMO = False
    assert said(force=True) == answer.replace("is made.", "is there already.")
    assert (SetRecord.objects.count(), SessionReading.objects.count(), User.objects.count()) == before


@time_machine.travel(NOW, tick=False)
def test_demo_has_others_whose_lives_are_simulated(settings, monkeypatch, django_capture_on_commit_callbacks):
    settings.DEMO = True
    monkeypatch.setattr("clients.demo.lives.LIVES", ())  # the eight have a test of their own

    with django_capture_on_commit_callbacks(execute=True):
        said(others=12)

    others = Client.objects.filter(created_at__lt=NOW)
    assert sorted(others.values_list("name", flat=True)) == sorted(NAMES[:12])
    berta = User.objects.get(email="berta@example.org")
    assert 0 < Client.objects.visible_to(berta).count() < 12
    assert not SetRecord.objects.filter(received_at__gt=NOW).exists()
    assert not TrainingSession.objects.filter(local_date__gte=NOW.date()).exists()
    assert TrainingSession.objects.filter(client__in=others).count() > 100
    assert PhaseTransition.objects.filter(assignment__client__in=others, kind="advanced").exists()
    assert Message.objects.unread_by_team().count() == 2
    assert not ReminderSchedule.objects.filter(next_due_at__lte=NOW).exists()
    assert plan_letters(NOW) == 0


def lives():
    """Everything that was recorded, without keys."""
    sets = SetRecord.objects.order_by("pk").values_list(
        "client__name", "item__session__local_date", "item__order", "number", "reps", "seconds", "received_at"
    )
    readings = SessionReading.objects.order_by("pk").values_list(
        "client__name", "measure", "value", "received_at"
    )
    return list(sets), list(readings)


@pytest.mark.parametrize(
    "now",
    [
        datetime(
            2026, 3, 29, 0, 5, tzinfo=BERLIN
        ),  # just after midnight, in the night in which the clocks change
        datetime(2028, 2, 29, 23, 59, tzinfo=BERLIN),
    ],
)
def test_demo_can_be_made_at_any_hour(now):
    make_demo(now)

    assert not SetRecord.objects.filter(received_at__gt=now).exists()
    assert not TrainingSession.objects.filter(local_date__gte=now.date()).exists()
    assert SafetyBlock.objects.open().get().created_at <= now
    assert not ReminderSchedule.objects.filter(next_due_at__lte=now).exists()
    assert plan_letters(now) == 0


def test_life_with_the_same_seed_is_the_same_life():
    told = []
    for _again in range(2):
        with transaction.atomic():
            carla(builders.make_owner(), NOW, random.Random(7))  # noqa: S311 -- as the demo draws its lots
            told.append(lives())
            transaction.set_rollback(True)

    assert told[0] == told[1]
    assert len(told[0][0]) > 50


@pytest.mark.parametrize("someone", [builders.make_practice, builders.make_client, builders.make_owner])
def test_demo_is_never_made_among_real_people(settings, someone):
    settings.DEMO = True
    someone()

    with pytest.raises(CommandError, match="Real people"):
        said()

    assert not User.objects.filter(email="adam@example.org").exists()


def test_demo_is_refused_where_demo_is_off(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO is off"):
        said()

    assert not User.objects.exists()


def test_demo_that_fails_half_way_leaves_nothing(monkeypatch):
    def stumble(*args):
        raise RuntimeError("half way")

    monkeypatch.setattr("clients.demo.practice.settle", stumble)

    with pytest.raises(RuntimeError, match="half way"):
        make_demo(NOW)

    assert not User.objects.exists()
    assert not Practice.objects.exists()
