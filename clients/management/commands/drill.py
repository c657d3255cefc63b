"""Drills: real programs under real accidents, on a throw-away database."""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clients.demo.drilling import VIOLATIONS, drill
from clients.demo.simulation.running import throw_away_database


class Command(BaseCommand):
    help = "Drills the outbox in a browser whose network breaks at random. Exits 1 on any violation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["outbox"])
        parser.add_argument("--sessions", type=int, default=500)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--control", action="store_true", help="a new key for each attempt: sets must come out twice"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chromium = os.environ.get("CHROMIUM", "")
        if not chromium:
            raise CommandError("CHROMIUM must name a browser; `python -m tests.harness.browser` finds one.")
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the browser's driver has a loop in this thread
        began = time.monotonic()
        with (
            TemporaryDirectory() as folder,
            throw_away_database(f"drill_{options['seed']}", f"{folder}/drill.sqlite3"),
        ):
            found = drill(
                options["sessions"],
                options["seed"],
                chromium,
                control=options["control"],
                told=self.stdout.write,
            )
        for what in VIOLATIONS:
            self.stdout.write(f"{found[what]:8} {what}")
        total = sum(found.values())
        minutes = (time.monotonic() - began) / 60
        control = ", control without the key" if options["control"] else ""
        self.stdout.write(
            f"{total} violations: {options['sessions']} sessions, seed {options['seed']}, {minutes:.1f} minutes{control}"
        )
        if total:
            sys.exit(1)
