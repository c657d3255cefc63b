"""Runs simulated lives day by day and sums what the watchers counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from unittest import mock

from django.db import connection

from clients.demo import builders
from clients.demo.simulation import lives
from clients.demo.simulation.sabotage import PATCHES
from clients.demo.simulation.watching import Watch
from clients.progression.apply import evaluate_days

BEGIN = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)  # a Monday
KEEP_EVERY = 9  # one client-week in so many is asked again in the end


@dataclass(frozen=True)
class Result:
    violations: Counter[str]
    looked: Counter[str]
    examples: dict[str, str]

    @property
    def total(self) -> int:
        return sum(self.violations.values())

    def as_json(self) -> str:
        return json.dumps(
            {"violations": self.violations, "looked": self.looked, "examples": self.examples}, sort_keys=True
        )

    @classmethod
    def from_json(cls, text: str) -> Result:
        said = json.loads(text)
        return cls(Counter(said["violations"]), Counter(said["looked"]), said["examples"])

    def __add__(self, other: Result) -> Result:
        return Result(
            self.violations + other.violations, self.looked + other.looked, self.examples | other.examples
        )


def run(
    clients: int,
    weeks: int,
    seed: int,
    *,
    first: int = 0,
    told: Callable[[str], None] = lambda _line: None,
    until: str = "",
) -> Result:
    """Lives of so many clients for so many weeks on the database that is connected, through the real rules.

    `first` is the number of the first client, so that several processes can share one simulation. It ends early with
    the week in which the counter named by `until` has risen.
    """
    builders.make_practice()
    watch = Watch.ready()
    everybody = lives.people(clients, first, seed, BEGIN)
    for n in range(7 * weeks):
        now = BEGIN + timedelta(days=n)
        for person in everybody:
            person.live(n, now, watch.day)
        evaluate_days(now + timedelta(hours=20))
        if n % 7 == 6:
            for place, person in enumerate(everybody):
                keep = (place + n // 7) % KEEP_EVERY == 0
                watch.week(person, now + timedelta(hours=21), keep=keep or bool(until))
            if until and watch.seen_by_the_end(everybody)[until]:
                break
            told(f"Week {n // 7 + 1} of {weeks}: {sum(watch.counts.values())} violations")
    for person in everybody:
        watch.end(person)
    watch.ask_again()
    return Result(watch.counts, watch.looked, watch.examples)


@contextmanager
def throw_away_database(name: str) -> Iterator[None]:
    """A database of its own with the catalogue, gone afterwards; whatever the connected one holds is not touched."""
    from django.core.management import call_command  # noqa: PLC0415 -- only a command makes databases

    before = connection.settings_dict["NAME"]
    tests = connection.settings_dict["TEST"]
    tests["NAME"] = name if connection.vendor == "postgresql" else None  # SQLite: in memory
    with mock.patch("clients.reminders.queue.ring"):  # letters are rows here, nobody sends them
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            call_command("seed_catalogue", verbosity=0)
            yield
        finally:
            connection.creation.destroy_test_db(before, verbosity=0)


# ---- Controls: with one rule broken on purpose its counter must rise ---------------------------------------------------


@contextmanager
def with_broken(name: str) -> Iterator[None]:
    with ExitStack() as stack:
        for place, attribute, wrong in PATCHES[name]:
            stack.enter_context(mock.patch.object(place, attribute, wrong))
        yield
