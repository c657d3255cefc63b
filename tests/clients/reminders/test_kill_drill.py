"""Senders as real processes, killed in the middle of their work (R1, R2, M1): nothing lost, next to nothing doubled.

The same with ten thousand letters and twenty kills is a drill of its own; here are the numbers that a test can wait for.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from clients.demo.builders import make_therapist
from clients.models import Delivery
from clients.reminders import deliver
from tests.clients.reminders.people import notice
from tests.clients.reminders.sink import Sink

LETTERS = 60
SENDERS = 3
KILLS = 5
processes = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Outcome:
    lost: int
    extra: int
    worst: int


def sender() -> None:
    """What a sender's process does: the command that needs no Celery, until it is told to stop."""
    call_command("reminders", "run", "--every", "1", stdout=open(os.devnull, "w"))  # noqa: SIM115 -- ends with the process


def start() -> Any:
    # A connection that two processes share would be closed by the first that ends.
    connections.close_all()
    process = processes.Process(target=sender)
    process.start()
    return process


def drill(sink: Sink, number: int, kills: int) -> Outcome:
    """Send letters with several processes, of which one at a time gets the signal and is replaced; count the copies."""
    therapist = make_therapist()
    letters = [notice(n, therapist, now=timezone.now()) for n in range(LETTERS)]
    # Not a security matter: the same moments at every run
    rhythm = random.Random(7)  # noqa: S311 -- see above
    senders = [start() for _ in range(SENDERS)]
    try:
        for _ in range(kills):
            wait_for(lambda: len(sink.mails) > 0, seconds=20)
            time.sleep(rhythm.uniform(0.05, 0.2))
            victim = senders.pop(rhythm.randrange(SENDERS))
            os.kill(victim.pid, number)
            victim.join()
            senders.append(start())
        wait_for(lambda: not Delivery.objects.live().exists(), seconds=30)
    finally:
        for process in senders:
            process.terminate()
        for process in senders:
            process.join()
    connections.close_all()
    copies = Counter(sink.ids)
    return Outcome(len(letters) - len(copies), sum(copies.values()) - len(copies), max(copies.values()))


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "It takes too long."
        time.sleep(0.05)


@pytest.fixture
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed sender held comes free within the test's patience; the senders inherit it."""
    monkeypatch.setattr(deliver, "LEASE", timedelta(seconds=2))
    monkeypatch.setattr(deliver, "BATCH", 5)


@pytest.mark.django_db(transaction=True)
def test_killed_senders_lose_nothing_and_double_at_most_one_each(sink: Sink, short_leases: None) -> None:
    sink.delay = 0.03

    outcome = drill(sink, signal.SIGKILL, KILLS)

    assert outcome.lost == 0
    assert outcome.extra <= KILLS
    assert outcome.worst <= 3
    assert set(Delivery.objects.values_list("status", flat=True)) == {Delivery.Status.SENT}


@pytest.mark.django_db(transaction=True)
def test_senders_that_are_told_to_stop_lose_and_double_nothing(sink: Sink, short_leases: None) -> None:
    """R2: what every deploy does."""
    sink.delay = 0.03

    assert drill(sink, signal.SIGTERM, KILLS) == Outcome(lost=0, extra=0, worst=1)


@pytest.mark.django_db(transaction=True)
def test_marking_first_and_sending_then_loses_letters(
    sink: Sink, short_leases: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the order that seems safer is the one that loses."""

    def marked_first(self: deliver.Sender, letter: Delivery, message: Any, mail: Any) -> None:
        deliver.end(letter, Delivery.Status.SENT, sent_at=self.clock())
        mail.send_messages([message])

    monkeypatch.setattr(deliver.Sender, "hand_over", marked_first)
    sink.delay = 0.1

    assert drill(sink, signal.SIGKILL, KILLS).lost > 0
