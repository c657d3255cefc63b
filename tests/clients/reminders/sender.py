"""A sender as a process of its own, for the drill that kills it.

    python -m tests.clients.reminders.sender PORT [--mark-first]

It runs the command that needs no Celery, on the database that DATABASE_URL names, and says `ready` once it begins. What a
killed sender held comes free within the patience of a test. With --mark-first it works in the order that loses letters.
"""

import argparse
import os
from datetime import timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trainandmassage.test_settings")
django.setup()

from django.conf import settings  # noqa: E402 -- the same as for all below: Django must be set up first
from django.core.management import call_command  # noqa: E402

from clients.models import Delivery  # noqa: E402
from clients.reminders import deliver  # noqa: E402


def mark_first(self: deliver.Sender, letter: Delivery, message: Any, mail: Any) -> None:
    deliver.end(letter, Delivery.Status.SENT, sent_at=self.clock())
    mail.send_messages([message])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--mark-first", action="store_true")
    chosen = parser.parse_args()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", chosen.port, 5
    deliver.LEASE, deliver.BATCH = timedelta(seconds=2), 5
    if chosen.mark_first:
        deliver.Sender.hand_over = mark_first  # type: ignore[method-assign]
    print("ready", flush=True)  # noqa: T201 -- the drill waits for it
    with open(os.devnull, "w") as nowhere:
        call_command("reminders", "run", "--every", "1", stdout=nowhere)


if __name__ == "__main__":
    main()
