"""manage.py simulate --load: years of records to measure with."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from clients.demo import builders, loading
from clients.demo.loading import EVERY, costs, fill
from clients.models import (
    Client,
    ContactRecord,
    Delivery,
    MorningAnswer,
    PainDiaryEntry,
    PhaseTransition,
    SessionItemStep,
    SessionReading,
    SetRecord,
    TrainingSession,
)

pytestmark = pytest.mark.django_db


def test_queries_are_counted_though_the_log_of_filling_is_full():
    therapist = builders.make_therapist()
    builders.make_client(therapist=therapist)
    entry = {"sql": "SELECT 1", "time": "0"}
    connection.queries_log.extend([entry] * connection.queries_limit)

    try:
        found = costs(therapist)
    finally:
        connection.queries_log.clear()

    assert found["front page"].queries > 5


def test_load_writes_years_for_everybody_and_pages_read_them():
    now = timezone.now()
    therapist = fill(3, 8, now)

    assert Client.objects.visible_to(therapist).count() == 3
    assert TrainingSession.objects.count() == 3 * (8 * 7 // EVERY - 1)
    assert not TrainingSession.objects.filter(started_at__gte=now).exists()
    assert PhaseTransition.objects.filter(kind="carried_on").count() == 3
    assert Delivery.objects.live().count() == 0
    found = costs(therapist)
    assert set(found) == {"front page", "client page"}
    assert all(cost.queries > 0 and cost.seconds > 0 for cost in found.values())


def test_whoever_comes_later_has_the_records_of_somebody_with_the_same_program(monkeypatch):
    monkeypatch.setattr(loading, "PATTERNS", 5)

    fill(7, 8, timezone.now())

    first, copied = (Client.objects.get(name=f"Client {n:05}") for n in (1, 6))
    told = [
        [
            (
                record.item.session.local_date,
                record.item.exercise_id,
                record.number,
                record.reps,
                record.seconds,
            )
            for record in SetRecord.objects.filter(client=client)
            .select_related("item__session")
            .order_by("item__session__local_date", "number")
        ]
        for client in (first, copied)
    ]
    assert told[0] == told[1] != []
    steps = SessionItemStep.objects.filter(item__session__client=copied).select_related(
        "step__phase__assignment"
    )
    assert {row.step.phase.assignment.client_id for row in steps} == {copied.pk}
    for rows in (MorningAnswer, PainDiaryEntry, ContactRecord, SessionReading):
        assert rows.objects.filter(client=copied).count() == rows.objects.filter(client=first).count() > 0


def test_load_is_kept_only_in_an_empty_database():
    builders.make_client()

    with pytest.raises(CommandError, match="empty"):
        call_command("simulate", load=True, keep=True, clients=1, weeks=4, stdout=StringIO())
