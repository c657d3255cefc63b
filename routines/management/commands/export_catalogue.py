"""Hand out the catalogue in our own format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from routines.exchange.exporting import as_text, as_zip, document
from routines.models import Exercise, Program


class Command(BaseCommand):
    help = "Writes the exercises that are in use, and with --programs the programs, as docs/exchange.md describes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--programs", action="store_true", help="the programs too")
        parser.add_argument(
            "--source", default="train-and-massage", help="the name under which others know them"
        )
        parser.add_argument(
            "--zip", default="", help="a file for them and their pictures, instead of the output"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        programs = Program.objects.in_use() if options["programs"] else None
        exercises = Exercise.objects.in_use()
        found, files = document(exercises, programs, source=options["source"], day=timezone.localdate())
        if options["zip"]:
            Path(options["zip"]).write_bytes(as_zip(found, files).getvalue())
        else:
            self.stdout.write(as_text(found), ending="")
