"""One thing that a device kept until there was a network: what every entry has, whatever it tells."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from clients.forms.sessions import KEY, device_moment
from clients.models import Side
from clients.replaying import ORDER
from routines.models import is_key

SCHEMA = 1
LARGEST = 64 * 1024  # bytes of one request; a set has about 400
MOST = 20  # entries of one request
KINDS = ("start", "set", "skip", "unskip", "finish", "stop", "tightness")
SLUG = re.compile(r"[a-z0-9_-]{1,80}")


class BrokenEntry(ValueError):
    """What arrived is no entry of ours; the text says what is wrong."""


@dataclass(frozen=True)
class SessionRef:
    """Which session: its number here, or the key, number of the day and moment with which the device began it."""

    pk: int = 0
    key: str = ""
    number: int = 0
    started: datetime | None = None


@dataclass(frozen=True)
class ItemRef:
    """Which exercise: the number of the item here, or exercise and side; neither: the session as a whole."""

    pk: int = 0
    exercise: int = 0
    side: str = ""


@dataclass(frozen=True)
class Entry:
    """`what` are the fields of the form that the page would have sent."""

    key: str
    kind: str
    session: SessionRef
    item: ItemRef
    number: int
    what: dict[str, str]
    asked: tuple[str, ...]
    yes: tuple[str, ...]
    shown: str
    moment: datetime | None

    @property
    def urgency(self) -> int:
        """Its place among what arrives together: `ORDER`."""
        kind = "warning" if self.kind == "start" and self.yes else self.kind
        return ORDER.index(kind) if kind in ORDER else len(ORDER)


def read_entries(body: bytes) -> list[dict[str, Any]]:
    """The entries of a request, each still to be read. Raises BrokenEntry."""
    try:
        said = json.loads(body)
        json.dumps(said, ensure_ascii=False).encode()  # half a character is refused here, not by the database
    except (ValueError, RecursionError) as error:
        raise BrokenEntry(_("This could not be read.")) from error
    entries = said.get("entries") if isinstance(said, dict) else None
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST:
        raise BrokenEntry(_("This could not be read."))
    if not all(isinstance(each, dict) and key_of(each) for each in entries):
        raise BrokenEntry(_("This could not be read."))
    return entries


def key_of(raw: Mapping[str, Any]) -> str:
    """The key of an entry; empty when it has none that could be one."""
    key = raw.get("key")
    return key if isinstance(key, str) and KEY.fullmatch(key) else ""


def read_entry(raw: Mapping[str, Any]) -> Entry:
    """Raises BrokenEntry."""
    if raw.get("schema") != SCHEMA:
        raise BrokenEntry(_("This was kept by another version of the app. Open the app again, then send it."))
    if raw.get("kind") not in KINDS:
        raise BrokenEntry(_("This could not be read."))
    session, item = table(raw, "session"), table(raw, "item")
    side = item.get("side", "")
    return Entry(
        key=key_of(raw),
        kind=raw["kind"],
        session=SessionRef(
            number_of(session, "id"),
            key_of(session),
            number_of(session, "number"),
            moment_of(session, "started"),
        ),
        item=ItemRef(number_of(item, "id"), number_of(item, "exercise"), side if side in Side.values else ""),
        number=number_of(raw, "number"),
        what={name: word(value) for name, value in table(raw, "what").items()},
        asked=slugs(raw, "asked"),
        yes=slugs(raw, "yes"),
        shown=word(raw.get("shown")),
        moment=moment_of(raw, "device_time"),
    )


def table(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name, {})
    if not isinstance(found, dict):
        raise BrokenEntry(_("This could not be read."))
    return found


def number_of(raw: Mapping[str, Any], name: str) -> int:
    """A number from 0, 0 where there is none."""
    found = raw.get(name, 0)
    if isinstance(found, bool) or not isinstance(found, int) or not is_key(str(found)):
        raise BrokenEntry(_("This could not be read."))
    return found


def word(value: Any) -> str:
    """A value of a form as a form sends it."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BrokenEntry(_("This could not be read."))
    return str(value)


def moment_of(raw: Mapping[str, Any], name: str) -> datetime | None:
    return device_moment(word(raw.get(name)))


def slugs(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = raw.get(name, [])
    if not isinstance(found, list) or not all(
        isinstance(each, str) and SLUG.fullmatch(each) for each in found
    ):
        raise BrokenEntry(_("This could not be read."))
    return tuple(found)
