"""Catalogue data that is almost right: a copy of the shipped file with one key changed."""

from __future__ import annotations

import copy
import re
from functools import cache
from typing import Any

from routines.seeding import load

GONE = object()


@cache
def shipped() -> dict[str, Any]:
    return load()


def data(**changes: Any) -> dict[str, Any]:
    """The shipped data, with values put at these paths: data(**{"exercises[3].dose.sets": 0}). GONE takes a key away."""
    changed = copy.deepcopy(shipped())
    for path, value in changes.items():
        *way, last = (int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", path))
        place: Any = changed
        for part in way:
            place = place[part]
        if value is GONE:
            del place[last]
        else:
            place[last] = value
    return changed


def entry(section: str, slug: str, source: dict[str, Any]) -> dict[str, Any]:
    """The entry of a list in the file, to read or to change."""
    rows: Any = source
    for part in section.split("."):
        rows = rows[part]
    found: dict[str, Any] = next(row for row in rows if row["slug"] == slug)
    return found


def place(section: str, slug: str) -> str:
    """The path of this entry: "exercises[3]"."""
    rows: Any = shipped()
    for part in section.split("."):
        rows = rows[part]
    return f"{section}[{[row['slug'] for row in rows].index(slug)}]"
