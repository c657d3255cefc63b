"""Simulated lives through the real rules, on a throw-away database: what must never happen is counted."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clients.demo.loading import AT_MOST, FEW, Cost, costs, fill
from clients.demo.simulation.running import Result, run, throw_away_database, with_broken
from clients.demo.simulation.watching import VIOLATIONS
from clients.models import Client

RARELY = (
    100_000,
    50,
    50,
)  # rows come and go by the thousand: looking for circles among them took a fifth of the time
LEAST_FOR_A_PART = 20  # clients; fewer are not worth a process of their own


class Command(BaseCommand):
    help = "Simulates clients and their therapists for weeks and counts what must never happen. Exits 1 on any violation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clients", type=int, help="40, or 2000 for --load")
        parser.add_argument("--weeks", type=int, help="6, or 156 for --load")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--processes", type=int, default=os.cpu_count() or 1, help="each with a database of its own"
        )
        parser.add_argument(
            "--controls", action="store_true", help="break one rule after the other; each counter must rise"
        )
        parser.add_argument(
            "--load",
            action="store_true",
            help="write years of records in bulk and measure what pages of the workplace cost with few clients and with many",
        )
        parser.add_argument(
            "--keep",
            action="store_true",
            help="with --load: fill the empty practice that is connected, and leave it",
        )
        parser.add_argument("--first", type=int, default=0, help="number of the first client")
        parser.add_argument(
            "--part", action="store_true", help="print the counts as JSON, for another process"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        gc.set_threshold(*RARELY)
        usual_clients, usual_weeks = (2000, 156) if options["load"] else (40, 6)
        options["clients"] = options["clients"] or usual_clients
        options["weeks"] = options["weeks"] or usual_weeks
        if options["load"]:
            self.load(options)
        elif options["part"]:
            self.stdout.write(self.one(options, told=False).as_json())
        elif options["controls"]:
            self.controls(options)
        else:
            self.simulate(options)

    def load(self, options: dict[str, Any]) -> None:
        clients, weeks, now = options["clients"], options["weeks"], timezone.now()
        if options["keep"]:
            if Client.objects.exists():
                raise CommandError("There are clients in this database. The load wants an empty one.")
            fill(clients, weeks, now, told=self.stdout.write)
            return
        few, many = (self.measured(number, weeks) for number in (FEW, clients))
        self.stdout.write(f"{FEW} clients and {clients} clients, {weeks} weeks of records each")
        dear = False
        for page, least in few.items():
            most = many[page]
            times = most.seconds / least.seconds
            dear = dear or most.queries != least.queries or times > AT_MOST
            self.stdout.write(
                f"{page:16} {least.queries:3} and {most.queries:3} queries, "
                f"{1000 * least.seconds:6.0f} and {1000 * most.seconds:6.0f} ms: {times:.1f} times"
            )
        if dear:
            sys.exit(1)

    def measured(self, clients: int, weeks: int) -> dict[str, Cost]:
        with TemporaryDirectory() as folder, throw_away_database(f"load_{clients}", f"{folder}/load.sqlite3"):
            return costs(fill(clients, weeks, timezone.now(), told=self.stdout.write))

    def one(self, options: dict[str, Any], *, broken: str = "", told: bool = True) -> Result:
        def say(line: str) -> None:
            if told:
                self.stdout.write(line)

        clients, weeks, seed, first = (options[name] for name in ("clients", "weeks", "seed", "first"))
        with throw_away_database(f"simulation_{seed}_{first}"):
            if not broken:
                return run(clients, weeks, seed, first=first, told=say)
            with with_broken(broken):
                return run(clients, weeks, seed, first=first, until=broken)

    def simulate(self, options: dict[str, Any]) -> None:
        began = time.monotonic()
        parts = min(options["processes"], max(1, options["clients"] // LEAST_FOR_A_PART))
        result = self.one(options) if parts == 1 else self.together(options, parts)
        for what in VIOLATIONS:
            example = f" (such as {result.examples[what]})" if what in result.examples else ""
            self.stdout.write(f"{result.violations[what]:8} {what}{example}")
        self.stdout.write(", ".join(f"{number} {what}" for what, number in sorted(result.looked.items())))
        minutes = (time.monotonic() - began) / 60
        self.stdout.write(
            f"{result.total} violations: {options['clients']} clients, {options['weeks']} weeks, "
            f"seed {options['seed']}, {minutes:.1f} minutes"
        )
        if result.total:
            sys.exit(1)

    def together(self, options: dict[str, Any], parts: int) -> Result:
        """Each process has its share of the clients; a person's life depends on the seed and their number alone."""
        sizes = [options["clients"] // parts + (n < options["clients"] % parts) for n in range(parts)]
        running = []
        for n, size in enumerate(sizes):
            same = [f"--{name}={options[name]}" for name in ("weeks", "seed")]
            words = [
                sys.argv[0],
                "simulate",
                "--part",
                f"--clients={size}",
                f"--first={sum(sizes[:n])}",
                *same,
            ]
            running.append(subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True))  # noqa: S603 -- our own command
        results = []
        for process in running:
            told, _errors = process.communicate()
            if process.returncode:
                raise CommandError("A part of the simulation failed.")
            results.append(Result.from_json(told.strip().splitlines()[-1]))
        first, *others = results
        return sum(others, first)

    def controls(self, options: dict[str, Any]) -> None:
        blind = []
        for what in VIOLATIONS:
            count = self.one(options, broken=what, told=False).violations[what]
            self.stdout.write(f"{count:8} {what}, with its rule broken")
            if not count:
                blind.append(what)
        self.stdout.write(
            f"{len(VIOLATIONS) - len(blind)} of {len(VIOLATIONS)} counters rise with their rule broken"
        )
        if blind:
            sys.exit(1)
