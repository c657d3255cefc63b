"""Everything that must be true before the processes start: after an installation, and after each update."""

import hashlib
import os
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Bring database, cache table, catalogue and static files to what the code expects; with DEMO=1 the demo too. "
        "Can be repeated at any time: what is right already is left alone."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        make_folders()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("seed_catalogue", stdout=self.stdout)
        if settings.DEMO:
            logins = StringIO()
            self.stdout.write("Looking after the demo: on the first start forty people move in.")
            call_command("make_demo", stdout=logins)
            # `practice.py run` shows them once the pages answer
            (settings.VAR_DIR / "demo.txt").write_text(logins.getvalue())
        if collect_static():
            self.stdout.write("Static files collected.")


def make_folders() -> None:
    """Those of the embedded broker above all: kombu's file transport fails in every process while its own are missing."""
    for folder in (
        settings.BROKER_DIR / "messages",
        settings.BROKER_DIR / "control",
        settings.VAR_DIR / "run",
    ):
        folder.mkdir(parents=True, exist_ok=True)


def collect_static() -> bool:
    """Hashing and packing takes seconds, so it is done only when a file, or what was collected, has changed.

    Returns whether it was done.
    """
    root = Path(settings.STATIC_ROOT)
    stamp = root / "sources.sha256"
    sources = sources_digest()
    if stamp.is_file() and stamp.read_text() == sources:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(sources)
    return True


def sources_digest() -> str:
    """Over name, size and time of every file that any finder would collect, those of installed packages included."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = os.stat(storage.path(name))
            digest.update(f"{name}\n{stat.st_size}\n{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
