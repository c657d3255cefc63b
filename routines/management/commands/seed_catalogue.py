"""Bring the catalogue file into the database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from routines.seeding import DEFAULT_PATH, CatalogueError, load, seed


class Command(BaseCommand):
    help = "Seeds the catalogue from its file. Entries that were edited here are kept and named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "path", nargs="?", default=str(DEFAULT_PATH), help="the file; without it, the shipped one"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = seed(load(options["path"]), dry_run=options["dry_run"])
        except CatalogueError as error:
            lines = "\n".join(f"  {problem}" for problem in error.problems)
            raise CommandError(f"The catalogue was refused and nothing was written:\n{lines}") from error
        for line in report.lines if options["verbosity"] else []:
            self.stdout.write(line)
