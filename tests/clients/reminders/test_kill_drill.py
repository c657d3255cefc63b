"""Senders as real processes, killed in the middle of their work (R1, R2, M1): nothing lost, next to nothing doubled.

The same with ten thousand letters and twenty kills is a drill of its own; here are the numbers that a test can wait for.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connection
from django.utils import timezone

from clients.demo.builders import make_therapist
from clients.models import Delivery
from practice import ROOT, dies_with_parent
from tests.clients.reminders.people import notice
from tests.clients.reminders.sink import Sink

LETTERS = 60
SENDERS = 3
KILLS = 5
SECONDS_A_LETTER = 0.2  # so that each kill finds its sender at work


@dataclass(frozen=True)
class Outcome:
    lost: int
    extra: int
    worst: int


def database_url() -> str:
    """This test's own database, for another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


def start(sink: Sink, options: list[str]) -> subprocess.Popen[str]:
    """A sender that has begun. Not a fork of this process, whose threads and locks it would inherit half."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.clients.reminders.sender", str(sink.port), *options],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url()},
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=dies_with_parent(),  # noqa: PLW1509 -- one call of the system, and no orphan stays behind
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def stop(process: subprocess.Popen[str], number: int) -> None:
    """Send the signal and see it obeyed."""
    process.send_signal(number)
    try:
        process.wait(timeout=20)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]


def drill(sink: Sink, number: int, *options: str) -> Outcome:
    """Send letters with several processes, of which one at a time gets the signal and is replaced; count the copies."""
    sink.delay = SECONDS_A_LETTER
    therapist = make_therapist()
    letters = [notice(n, therapist, now=timezone.now()) for n in range(LETTERS)]
    # Not a security matter: the same moments at every run
    rhythm = random.Random(7)  # noqa: S311 -- see above
    senders = [start(sink, [*options]) for _ in range(SENDERS)]
    try:
        wait_for(lambda: len(sink.mails) > 0, seconds=20)
        for _ in range(KILLS):
            at_work(sink, seconds=20)
            time.sleep(rhythm.uniform(0.05, 0.2))
            stop(senders.pop(0), number)  # the oldest: the others may still be starting
            senders.append(start(sink, [*options]))
        wait_for(lambda: not Delivery.objects.live().exists(), seconds=30)
    finally:
        for process in senders:
            stop(process, signal.SIGTERM)
    copies = Counter(sink.ids)
    return Outcome(len(letters) - len(copies), sum(copies.values()) - len(copies), max(copies.values()))


def at_work(sink: Sink, seconds: float) -> None:
    """Wait until another letter came in, or none is left: whoever sends is in the middle of the next."""
    before = len(sink.mails)
    wait_for(lambda: len(sink.mails) > before or not Delivery.objects.live().exists(), seconds)


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "It takes too long."
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_killed_senders_lose_nothing_and_double_at_most_one_each(sink: Sink) -> None:
    outcome = drill(sink, signal.SIGKILL)

    assert outcome.lost == 0
    assert outcome.extra <= KILLS
    assert outcome.worst <= 3
    assert set(Delivery.objects.values_list("status", flat=True)) == {Delivery.Status.SENT}


@pytest.mark.django_db(transaction=True)
def test_senders_that_are_told_to_stop_lose_and_double_nothing(sink: Sink) -> None:
    """R2: what every deploy does."""
    assert drill(sink, signal.SIGTERM) == Outcome(lost=0, extra=0, worst=1)


@pytest.mark.django_db(transaction=True)
def test_marking_first_and_sending_then_loses_letters(sink: Sink) -> None:
    """The control: the order that seems safer is the one that loses."""
    assert drill(sink, signal.SIGKILL, "--mark-first").lost > 0
