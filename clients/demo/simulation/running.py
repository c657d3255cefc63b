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
from clients.demo.simulation.lives import Person
from clients.demo.simulation.sabotage import PATCHES
from clients.demo.simulation.watching import Watch
from clients.models import Assignment, Client
from clients.planning import gather_many, plan
from clients.progression import apply
from clients.progression.apply import evaluate_days
from clients.progression.gather import cases_of

BEGIN = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)  # a Monday
TOGETHER = 50  # people whose day is lived, and whose evidence is looked at, together
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
    groups = [everybody[n : n + TOGETHER] for n in range(0, len(everybody), TOGETHER)]
    for n in range(7 * weeks):
        for group in groups:
            live(group, n, watch)
        now = BEGIN + timedelta(days=n)
        evaluate_days(now + timedelta(hours=15))  # whoever told nothing that day
        if n % 7 == 6:
            end_week(groups, n // 7, now + timedelta(hours=21), watch, keep=bool(until))
            if until and watch.seen_by_the_end(everybody)[until]:
                break
            told(f"Week {n // 7 + 1} of {weeks}: {sum(watch.counts.values())} violations")
    for person in everybody:
        watch.end(person)
    watch.ask_again()
    return Result(watch.counts, watch.looked, watch.examples)


def live(group: list[Person], n: int, watch: Watch) -> None:
    """One day of these people: the morning, the therapist, the session, the evening. Nobody knows of anybody else."""
    now = BEGIN + timedelta(days=n)
    with looking_together(group):
        for person in group:
            person.wake(now)
    clients = [person.client for person in group]
    waiting = set(Assignment.objects.filter(client__in=clients, waits=True).values_list("pk", flat=True))
    with looking_together(group):
        for person in group:
            person.therapist_works(n, now + timedelta(hours=5), waiting)
    begin = {person: now + timedelta(hours=person.chance.choice([11, 12, 13])) for person in group}
    today = {person: person.client.local_date(begin[person]) for person in group}
    facts = gather_many({person.client: (today[person], today[person]) for person in group})
    plans = {person: plan(facts[person.client.pk], today[person]) for person in group}
    watch.days(plans.items())
    with looking_together(group):
        for person in group:
            person.session(begin[person], plans[person])
            person.say_tight(now + timedelta(hours=14))


@contextmanager
def looking_together(group: list[Person]) -> Iterator[None]:
    """Looks at the evidence of these people in one go once all have told theirs, as after one transaction for each."""
    clients = {person.client.pk: person.client for person in group}
    moments: dict[Client, datetime] = {}

    def later(client: Client, now: datetime) -> None:
        known = clients[client.pk]
        moments[known] = max(moments.get(known, now), now)

    with mock.patch.object(apply, "evaluate", later):
        yield
    apply.evaluate_many(moments)


def end_week(groups: list[list[Person]], week: int, now: datetime, watch: Watch, *, keep: bool) -> None:
    place = 0
    for group in groups:
        found = cases_of({person.client: now for person in group})
        for person in group:
            kept = keep or (place + week) % KEEP_EVERY == 0
            watch.week(person, now, found[person.client.pk], keep=kept)
            place += 1


@contextmanager
def throw_away_database(name: str, file: str | None = None) -> Iterator[None]:
    """A database of its own with the catalogue, gone afterwards; whatever the connected one holds is not touched.

    SQLite's lies in memory, or in this file where several threads work on it.
    """
    from django.core.management import call_command  # noqa: PLC0415 -- only a command makes databases

    before = connection.settings_dict["NAME"]
    tests = connection.settings_dict["TEST"]
    tests["NAME"] = name if connection.vendor == "postgresql" else file  # SQLite without a file: in memory
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
