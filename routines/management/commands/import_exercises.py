"""Bring a collection of exercises into the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from routines.exchange import Refused, Report, bring, known, look, opened, read


class Command(BaseCommand):
    help = (
        "Reads a collection of exercises: a folder, a zip, a JSON or a CSV file. Says what bringing it in would do; "
        "with --apply it does it. What is new waits for review in the workplace."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", help="the folder or file")
        parser.add_argument("--source", default="", help="its name here; a known collection has its own")
        parser.add_argument("--apply", action="store_true", help="write it; without this, only the report")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            collection = read(opened(Path(options["path"])), known(), options["source"])
            report = bring(collection, now=timezone.now()) if options["apply"] else look(collection)
        except Refused as error:
            raise CommandError(f"Refused, nothing was written: {error}") from error
        for line in lines(report) if options["verbosity"] > 1 else []:
            self.stdout.write(line)
        self.stdout.write(report.summary + ("" if options["apply"] else " (dry run, nothing written)"))


def lines(report: Report) -> list[str]:
    figures = {
        "Kinds": report.kinds,
        "Licences of exercises": report.licences,
        "Licences of texts": report.text_licences,
        "Texts": report.languages,
        "To choose": report.undecided,
        "Unknown here": {
            f"{each.what} “{each.word}”": number
            for each, number in sorted(report.unknown.items(), key=lambda item: -item[1])
        },
    }
    pictures = report.pictures
    return [
        f"Entries: {report.entries} ({report.programs} of them programs), with a target muscle: {report.muscles}",
        *(
            f"{title}: " + ", ".join(f"{name} {number}" for name, number in values.items())
            for title, values in figures.items()
        ),
        f"Pictures: {pictures.named} named, {pictures.here} here, {pictures.new} new, {len(pictures.missing)} missing",
        *(f"Refused picture {name}: {why}" for name, why in pictures.refused),
        *(f"Refused {each.key} ({each.name}): {each.why}" for each in report.refused),
        *(
            f"Changed {each.key}: {', '.join(each.fields)}"
            + (f"; kept: {', '.join(each.kept)}" if each.kept else "")
            for each in report.changed
        ),
        *(f"Changed there, edited here, kept: {each.key}: {', '.join(each.kept)}" for each in report.kept),
        *(f"No longer in it, left as it is: {key}" for key in report.gone),
    ]
