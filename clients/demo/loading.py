"""A clinic of years, written in bulk for measuring: what the workplace costs with thousands of clients."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connection, reset_queries, transaction
from django.db.models import Model
from django.test import Client as Web
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from clients.demo import builders
from clients.models import (
    AssignedStep,
    Assignment,
    Client,
    ContactRecord,
    Delivery,
    MorningAnswer,
    MorningWord,
    PainDiaryEntry,
    PhaseTransition,
    ReminderSchedule,
    SessionItem,
    SessionItemStep,
    SessionReading,
    SetRecord,
    TrainingSession,
    User,
)
from clients.progression.apply import evaluate_days
from clients.reminders.schedules import reschedule

DAY = timedelta(days=1)
FEW = 20  # clients that the cost is held against
PATTERNS = 35  # lives that are written: each program, each silent or not
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
    """So many clients of one therapist with years of records, one in seven silent lately. Returns the therapist.

    The first few lives are written; whoever comes after has the same records as one of them, copied by the database.
    """
    builders.make_practice()
    therapist = builders.make_therapist(name="Tom Therapist")
    written: dict[int, Assignment] = {}
    for n in range(clients):
        with transaction.atomic():
            assignment = begin(n, therapist, weeks, now)
            if n < PATTERNS:
                write_life(n, assignment, weeks, now)
                written[n] = assignment
            else:
                copy_life(written[n % PATTERNS], assignment)
        if n % 100 == 99:
            told(f"{n + 1} of {clients} clients")
    evaluate_days(now)
    return therapist


def begin(n: int, therapist: User, weeks: int, now: datetime) -> Assignment:
    since = now - weeks * 7 * DAY
    client = builders.make_client(name=f"Client {n:05}", therapist=therapist, since=since)
    program = PROGRAMS[n % len(PROGRAMS)]
    assignment = builders.assign(
        client, program, by=therapist, now=since, start_date=client.local_date(since)
    )
    for schedule in ReminderSchedule.objects.filter(client=client):
        reschedule(schedule, now)
    return assignment


def write_life(n: int, assignment: Assignment, weeks: int, now: datetime) -> None:
    client, therapist, since = assignment.client, assignment.assigned_by, assignment.assigned_at
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


def copy_life(pattern: Assignment, assignment: Assignment) -> None:
    """The records of one client for another who follows the same program, in one statement a table."""
    old, new = pattern.client_id, assignment.client_id
    steps = {
        each.pk: list(
            AssignedStep.objects.filter(phase__assignment=each).order_by("pk").values_list("pk", flat=True)
        )
        for each in (pattern, assignment)
    }
    apart = steps[assignment.pk][0] - steps[pattern.pk][0]
    if [step + apart for step in steps[pattern.pk]] != steps[assignment.pk]:
        raise RuntimeError("Two copies of one program have their steps in different places.")
    copy(TrainingSession, "o.client_id = %s", [old], client_id=new)
    sessions = (
        "JOIN {session} os ON os.id = o.session_id JOIN {session} ns ON ns.client_id = %s "
        "AND ns.local_date = os.local_date AND ns.number = os.number"
    )
    items = (
        "JOIN {item} oi ON oi.id = o.item_id JOIN {session} os ON os.id = oi.session_id "
        "JOIN {session} ns ON ns.client_id = %s AND ns.local_date = os.local_date AND ns.number = os.number "
        'JOIN {item} ni ON ni.session_id = ns.id AND ni."order" = oi."order"'
    )
    theirs, ns, ni = "os.client_id = %s", Raw("ns.id"), Raw("ni.id")
    copy(SessionItem, theirs, [new, old], sessions, session_id=ns)
    copy(SessionItemStep, theirs, [new, old], items, item_id=ni, step_id=Raw(f"o.step_id + {apart}"))
    copy(SetRecord, theirs, [new, old], items, item_id=ni, client_id=new)
    copy(SessionReading, theirs, [new, old], sessions, session_id=ns, client_id=new)
    for model in (MorningAnswer, PainDiaryEntry, ContactRecord):
        copy(model, "o.client_id = %s", [old], client_id=new)
    copy(Delivery, "o.client_id = %s AND o.kind <> ''", [old], client_id=new)
    copy(
        PhaseTransition,
        "o.assignment_id = %s AND o.kind = 'carried_on'",
        [pattern.pk],
        assignment_id=assignment.pk,
    )


class Raw(str):
    """An expression of SQL instead of a value. Only from here: nothing that somebody typed."""


def copy(model: type[Model], where: str, values: list[int], joined: str = "", **changed: Any) -> None:
    """Copies rows of a table with these columns changed; every other column stays, the key is a new one."""
    columns = [field.column for field in model._meta.local_fields if not field.primary_key]
    chosen = [str(changed[name]) if name in changed else f'o."{name}"' for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    tables = {"session": TrainingSession._meta.db_table, "item": SessionItem._meta.db_table}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(chosen)} "  # noqa: S608 -- our own names and numbers
            f"FROM {model._meta.db_table} o {joined.format(**tables)} WHERE {where}",
            values,
        )


# ---- Measuring ----------------------------------------------------------------------------------------------------------


def costs(therapist: User) -> dict[str, Cost]:
    """What the therapist's front page and the page of a client cost, as the server does them."""
    client = Client.objects.visible_to(therapist).order_by("pk")[0]
    pages = {
        "front page": reverse("admin:index"),
        "client page": reverse("admin:client", args=[client.pk]),
    }
    with as_served():
        web = Web()
        web.force_login(therapist)
        return {name: cost(web, url) for name, url in pages.items()}


def cost(web: Web, url: str) -> Cost:
    reset_queries()  # a log that is full, as filling under DEBUG leaves it, counts nothing more
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
