"""People to look around with, before there are any."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clients.demo.practice import OTHERS, NotADemo, logins, make_demo


class Command(BaseCommand):
    help = "Make the demo practice: two therapists, forty clients, weeks of records. Does nothing where it is there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="also where DEMO is off")

        parser.add_argument(
            "--others", type=int, default=OTHERS, help="clients beside the eight whose story is told"
        )

    def handle(self, *args: Any, force: bool, others: int, **options: Any) -> None:
        if not settings.DEMO and not force:
            raise CommandError(
                "DEMO is off: invented people do not belong into a real practice. --force makes them."
            )
        try:
            made = make_demo(timezone.now(), others)
        except NotADemo as error:
            raise CommandError("Real people are in this database. The demo wants an empty one.") from error
        self.stdout.write("The demo practice is made." if made else "The demo practice is there already.")
        rows = [(login.name, login.email, login.password, login.about) for login in logins()]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            self.stdout.write(
                "  ".join(text.ljust(width) for text, width in zip(row, [*widths, 0], strict=True))
            )
