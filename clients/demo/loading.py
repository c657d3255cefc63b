"""A clinic of years, written in bulk for measuring: what the workplace costs with thousands of clients."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.conf import settings
from django.db import connection, transaction
from django.test import Client as Web
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from clients.demo import builders
from clients.models import (
    Client,
    ContactRecord,
    Delivery,
    MorningAnswer,
    MorningWord,
    PainDiaryEntry,
    PhaseTransition,
    ReminderSchedule,
    User,
)
from clients.progression.apply import evaluate_days
from clients.reminders.schedules import reschedule

DAY = timedelta(days=1)
FEW = 20  # clients that the cost is held against
EVERY = 3  # days from session to session
PROGRAMS = (
    "program_sciatica_piriformis",
    "program_upper_crossed",
    "program_knee_valgus",
    "program_plantar_heel",
    "program_lower_crossed",
)
LOOKS = 7  # how often each page is opened; the median counts
AT_MOST = 3.0  # times the time with few clients


@dataclass(frozen=True)
class Cost:
    """What a page costs: queries, and seconds as the median of some looks."""

    queries: int
    seconds: float


def fill(
    clients: int, weeks: int, now: datetime, *, told: Callable[[str], None] = lambda _line: None
) -> User:
    """So many clients of one therapist with years of records, one in seven silent lately. Returns the therapist."""
    builders.make_practice()
    therapist = builders.make_therapist(name="Tom Therapist")
    for n in range(clients):
        with transaction.atomic():
            write_life(n, therapist, weeks, now)
        if n % 100 == 99:
            told(f"{n + 1} of {clients} clients")
    evaluate_days(now)
    return therapist


def write_life(n: int, therapist: User, weeks: int, now: datetime) -> None:
    since = now - weeks * 7 * DAY
    client = builders.make_client(name=f"Client {n:05}", therapist=therapist, since=since)
    assignment = builders.assign(
        client, PROGRAMS[n % len(PROGRAMS)], by=therapist, now=since, start_date=client.local_date(since)
    )
    quiet = 6 * DAY if n % 7 == 0 else timedelta()
    sessions = builders.bulk_sessions(
        client,
        max(1, weeks * 7 // EVERY - 1),
        now=now - quiet,
        items=1,
        pain_before=2 + n % 4,
        pain_after=1 + n % 4,
        every=EVERY,
    )
    MorningAnswer.objects.bulk_create(
        MorningAnswer(
            client=client,
            after_day=session.local_date,
            answered_on=session.local_date + DAY,
            word=MorningWord.FINE if n % 5 else MorningWord.SORE,
            key=builders.new_key(),
            received_at=session.started_at + timedelta(hours=14),
        )
        for session in sessions
    )
    for schedule in ReminderSchedule.objects.filter(client=client):
        reschedule(schedule, now)
    monthly = [since + 28 * n * DAY for n in range(1, weeks // 4)]
    PainDiaryEntry.objects.bulk_create(
        PainDiaryEntry(
            client=client,
            local_date=client.local_date(since - n * DAY),
            value=5,
            key=builders.new_key(),
            received_at=since - n * DAY,
        )
        for n in range(1, 6)
    )
    ContactRecord.objects.bulk_create(
        ContactRecord(client=client, by=therapist, channel="phone", note="Going on.", at=at) for at in monthly
    )
    PhaseTransition.objects.bulk_create(
        PhaseTransition(
            assignment=assignment,
            kind=PhaseTransition.Kind.CARRIED_ON,
            at=at,
            local_date=client.local_date(at),
            by=therapist,
            reason="A little longer.",
            numbers={"what": "review"},
        )
        for at in monthly
    )
    Delivery.objects.bulk_create(
        Delivery(
            client=client,
            letter=Delivery.Letter.REMINDER,
            kind=Delivery.Kind.DAILY,
            local_date=session.local_date,
            due_at=session.started_at,
            not_after=session.started_at,
            sent_at=session.started_at,
            status=Delivery.Status.SENT,
        )
        for session in sessions[::2]
    )


# ---- Measuring ----------------------------------------------------------------------------------------------------------


def costs(therapist: User) -> dict[str, Cost]:
    """What the therapist's front page, the list of clients and the page of a client cost, as the server does them."""
    client = Client.objects.visible_to(therapist).order_by("pk")[0]
    pages = {
        "front page": reverse("admin:index"),
        "client page": reverse("admin:client", args=[client.pk]),
        "list of clients": reverse("admin:clients_client_changelist"),
    }
    with as_served():
        web = Web()
        web.force_login(therapist)
        return {name: cost(web, url) for name, url in pages.items()}


def cost(web: Web, url: str) -> Cost:
    with CaptureQueriesContext(connection) as queries:
        if web.get(url).status_code != 200:
            raise RuntimeError(f"{url} does not answer.")
    number, took = len(queries), []  # counted now: the next request empties the log
    for _look in range(LOOKS):
        gc.collect()
        began = time.perf_counter()
        web.get(url)
        took.append(time.perf_counter() - began)
    return Cost(number, median(took))


@contextmanager
def as_served() -> Iterator[None]:
    """Without the second factor, which nobody here can show, and by a name that the site answers to."""
    with override_settings(STAFF_SECOND_FACTOR=False, ALLOWED_HOSTS=[*settings.ALLOWED_HOSTS, "testserver"]):
        yield
