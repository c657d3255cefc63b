"""A collection that somebody sent in: kept for an hour between the report and the yes, for whoever sent it."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify
from django.utils.translation import gettext as _

from clients.ownership import visible_exercises, visible_programs
from clients.practice import this_practice
from routines.exchange import Collection, Refused, Report, bring, known, look, read, uploaded
from routines.models import Exercise

AN_HOUR = 3600
SALT = "clients.exchanging"
KEY = re.compile(r"[0-9a-f]{32}")


class Gone(Refused):
    """The file is not there any more, or is not this person's; they send it again."""

    def __str__(self) -> str:
        return _("The file was brought in already, or the hour has passed. Choose it again.")


@dataclass(frozen=True)
class Kept:
    """A file with what was read from it. `ticket` is what the page sends back with the yes."""

    ticket: str
    report: Report


def folder() -> Path:
    return Path(settings.VAR_DIR) / "imports"


def home() -> str:
    """The name under which this practice hands out its own entries."""
    practice = this_practice()
    return (slugify(practice.name) if practice else "")[:80] or "practice"


def collected(path: Path, name: str, source: str) -> Collection:
    with path.open("rb") as file:
        return read(uploaded(file, name), known(), source)


def take_in(file: UploadedFile, source: str, user: Any) -> Kept:
    """Keeps the file and says what bringing it in would do. Raises Refused, and then keeps nothing."""
    sweep()
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    key = secrets.token_hex(16)
    path, digest = folder() / key, hashlib.sha256()
    try:
        with path.open("xb") as kept:
            for chunk in file.chunks():
                digest.update(chunk)
                kept.write(chunk)
        name = Path(file.name or "").name[-100:]
        report = look(collected(path, name, source), **seen_by(user), home=home())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    ticket = {"key": key, "user": user.pk, "digest": digest.hexdigest(), "name": name, "source": source}
    return Kept(signing.dumps(ticket, salt=SALT), report)


def bring_in(ticket: str, user: Any, *, now: datetime) -> Report:
    """Brings in exactly the file of this ticket, once. Raises Gone, Refused."""
    try:
        path, said = kept_file(ticket, user)
        collection = collected(path, said["name"], said["source"])
    except FileNotFoundError as error:
        raise Gone from error
    report = bring(collection, now=now, **seen_by(user), home=home())
    path.unlink(missing_ok=True)
    LogEntry.objects.create(
        user_id=user.pk,
        content_type=ContentType.objects.get_for_model(Exercise),
        object_repr=report.source,
        action_flag=ADDITION,
        change_message=report.summary,
    )
    return report


def seen_by(user: Any) -> dict[str, Any]:
    return {"exercises": visible_exercises(user), "programs": visible_programs(user)}


def kept_file(ticket: str, user: Any) -> tuple[Path, dict[str, str]]:
    try:
        said = signing.loads(ticket, salt=SALT, max_age=AN_HOUR)
    except signing.BadSignature as error:
        raise Gone from error
    path = folder() / said["key"]
    if said["user"] != user.pk or not KEY.fullmatch(said["key"]) or not path.is_file():
        raise Gone
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != said["digest"]:
            raise Gone
    return path, said


def sweep() -> None:
    """Removes what nobody said yes to within the hour."""
    for path in folder().glob("*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - AN_HOUR:
                path.unlink()
