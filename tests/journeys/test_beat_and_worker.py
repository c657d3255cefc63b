"""The real beat and the real worker, as a practice runs them: a reminder reaches a mail server, and no letter too many."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from clients.demo.builders import assign, make_client, make_practice, train
from clients.models import AssignedStep, Client, Delivery, ReminderSchedule
from clients.reminders.schedules import reschedule
from practice import dies_with_parent
from tests.clients.reminders.sink import Sink, running

CELERY = [sys.executable, "-m", "celery", "-A", "trainandmassage"]


def zone_with_noon(now: datetime) -> str:
    """A zone in which it is about noon now, so that no midnight falls into the test."""
    ahead = 12 - now.astimezone(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def make_reminded_now(name: str, seconds: int) -> Client:
    """A client with something to do today, whose reminder is due in so many seconds."""
    now = timezone.now()
    zone = zone_with_noon(now)
    client = make_client(name=name, zone=zone)
    assign(client, now=now)
    AssignedStep.objects.filter(phase__assignment__client=client).update(weekdays="1234567")
    due = (now + timedelta(seconds=seconds)).astimezone(ZoneInfo(zone))
    ReminderSchedule.objects.filter(client=client).update(
        zone=zone, local_time=due.time().replace(microsecond=0), days="1234567"
    )
    client.reminder_schedule.refresh_from_db()
    reschedule(client.reminder_schedule, now)
    return client


@contextlib.contextmanager
def alarm_clock(folder: Path, sink: Sink, broker: Mapping[str, str]) -> Iterator[None]:
    """Beat and worker with the settings of a real practice, on this test's database, until the block ends."""
    environment = {
        **os.environ,
        **broker,
        "DJANGO_SETTINGS_MODULE": "trainandmassage.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "EMBEDDED": "1",
        "SECURE": "0",
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "VAR_DIR": str(folder),
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
        "TICK_SECONDS": "1",
    }
    for name in ("messages", "control"):
        (folder / "broker" / name).mkdir(parents=True)
    commands = [
        [
            *CELERY,
            "worker",
            "--pool",
            "threads",
            "--concurrency",
            "2",
            "--without-gossip",
            "--without-mingle",
        ],
        [*CELERY, "beat", "--schedule", str(folder / "beat-schedule"), "--pidfile", ""],
    ]
    logs = [(folder / f"{number}.log").open("wb") for number in range(len(commands))]
    processes = [
        subprocess.Popen(
            command,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=dies_with_parent(),  # noqa: PLW1509 -- one call of the system, and no orphan stays behind
        )
        for command, log in zip(commands, logs, strict=True)
    ]
    try:
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(timeout=20)
        for log in logs:
            log.close()


def wait_for(condition: Callable[[], bool], what: str, folder: Path) -> None:
    end = time.monotonic() + 40
    while not condition():
        logs = "\n".join(path.read_text() for path in folder.glob("*.log"))
        assert time.monotonic() < end, f"{what}\n{logs}"
        time.sleep(0.1)


@pytest.fixture
def cache_table() -> Iterator[None]:
    """The processes count in the database what tests count in memory."""
    call_command("createcachetable", "cache", verbosity=0)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE cache")


def fates() -> dict[str, tuple[str, str]]:
    """Status and reason of each client's reminder."""
    rows = Delivery.objects.filter(kind="daily").values_list("client__name", "status", "reason")
    return {name: (status, reason) for name, status, reason in rows}


def remind_who_has_not_trained(folder: Path, broker: Mapping[str, str]) -> None:
    """Ana has not done her session and Ben has; then Ana does hers, and her reminder falls due once more."""
    make_practice()
    ana, ben = make_reminded_now("Ana Silva", seconds=3), make_reminded_now("Ben Ortiz", seconds=2)
    train(ben, now=timezone.now())
    done = ("skipped", "done_today")

    with running() as sink, alarm_clock(folder, sink, broker):
        wait_for(lambda: fates() == {"Ana Silva": ("sent", ""), "Ben Ortiz": done}, "No reminder.", folder)
        assert [(mail["To"], mail["Subject"]) for mail in sink.mails] == [
            (ana.email, "Your session for today")
        ]

        train(ana, now=timezone.now())
        Delivery.objects.filter(client=ana).delete()
        now = timezone.now()
        ReminderSchedule.objects.filter(client=ana).update(
            next_local_date=ana.local_date(now), next_due_at=now
        )
        wait_for(lambda: fates() == {"Ana Silva": done, "Ben Ortiz": done}, "Nothing was planned.", folder)

    assert len(sink.mails) == 1


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_beat_and_worker_remind_over_files(tmp_path: Path, cache_table: None) -> None:
    remind_who_has_not_trained(tmp_path, {"BROKER_URL": "filesystem://localhost"})


@pytest.mark.redis
@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_beat_and_worker_remind_over_redis(tmp_path: Path, cache_table: None) -> None:
    remind_who_has_not_trained(tmp_path, {"BROKER_URL": os.environ["REDIS_URL"]})
