"""Reads a table: CSV in UTF-8 with a header, cells separated by commas or semicolons.

Columns as docs/exchange.md lists them. Lists within a cell are separated by `|`. What looks like a formula is text.
"""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import Any

from django.utils.translation import gettext as _

from routines.exchange.drafting import Sketch, drafted
from routines.exchange.files import MOST_ROWS, Bundle, Refused, is_text
from routines.exchange.incoming import (
    LONGEST_CAUTION,
    LONGEST_CUE,
    LONGEST_NAME,
    Collection,
    Incoming,
    RefusedEntry,
    Unknown,
)
from routines.exchange.known import Known, looked_up
from routines.exchange.proposing import cue_of
from routines.models import ExerciseKind, Position, SideMode

COLUMNS = (
    "key", "name", "text", "kind", "targets", "also", "equipment", "position", "sides", "level", "needs_floor", "cautions",
    "author", "licence", "link",
)  # fmt: skip
NEEDED = ("key", "name", "text", "licence")
OTHER_LANGUAGE = re.compile(r"(name|text)_([a-z]{2,3}(?:-[a-z0-9]{2,8})?)")
LEVELS = ("1", "2", "3", "4", "5")
YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
CHOICES = {"kind": ExerciseKind.values, "position": Position.values, "sides": SideMode.values}


def fits(bundle: Bundle) -> bool:
    return len(bundle.paths) == 1 and bundle.paths[0].lower().endswith(".csv")


def read(bundle: Bundle, known: Known, source: str) -> Collection:
    collection = Collection("table", source)
    for row in rows_of(bundle.read(bundle.paths[0])):
        found = exercise(row, known)
        if isinstance(found, Incoming):
            collection.exercises.append(found)
        else:
            collection.refused.append(found)
        collection.texts.update(
            ["en", *{name[2] for column in row if (name := OTHER_LANGUAGE.fullmatch(column)) and row[column]}]
        )
    return collection


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The rows by column; refused whole where the header or one of the rows is wrong."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(_("The table is not in UTF-8.")) from error
    if not is_text(text):
        raise Refused(_("The table holds characters that no text may hold."))
    if text.count("\n") > 20 * MOST_ROWS:
        raise Refused(_("There are more than %(most)d entries in it.") % {"most": MOST_ROWS})
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        lines = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header = [name.strip().casefold() for name in next(lines, [])]
        check(header)
        rows = []
        for line in lines:
            if not any(cell.strip() for cell in line):
                continue
            if len(line) != len(header):
                words = _("Line %(line)d has %(cells)d cells, the header has %(columns)d.")
                raise Refused(words % {"line": lines.line_num, "cells": len(line), "columns": len(header)})
            rows.append({name: cell.strip() for name, cell in zip(header, line, strict=True)})
            if len(rows) > MOST_ROWS:
                raise Refused(_("There are more than %(most)d entries in it.") % {"most": MOST_ROWS})
    except csv.Error as error:
        raise Refused(_("This is no table that can be read.")) from error
    return rows


def check(header: list[str]) -> None:
    for name in header:
        if name not in COLUMNS and not OTHER_LANGUAGE.fullmatch(name):
            raise Refused(_("“%(column)s” is no column that is known here.") % {"column": name[:80]})
        if header.count(name) > 1:
            raise Refused(_("The column “%(column)s” stands in it twice.") % {"column": name[:80]})
    for name in NEEDED:
        if name not in header:
            raise Refused(_("The column “%(column)s” is missing.") % {"column": name})


def exercise(row: dict[str, str], known: Known) -> Incoming | RefusedEntry:
    chosen: dict[str, str | None] = {}
    unknown: list[Unknown] = []
    for name, allowed in CHOICES.items():
        said = row.get(name, "").casefold()
        chosen[name] = said if said in allowed else None
        if said and said not in allowed:
            unknown.append(Unknown(name, row[name]))
    targets, more = looked_up(listed(row, "targets"), known.muscles, "muscle")
    unknown += more
    secondary, more = looked_up(listed(row, "also"), known.muscles, "muscle")
    unknown += more
    equipment, more = looked_up(listed(row, "equipment"), known.equipment, "equipment")
    unknown += more
    level = row.get("level", "")
    if level and level not in LEVELS:
        unknown.append(Unknown("level", level))
    spoken = languages(row)
    return drafted(
        Sketch(
            key=row["key"],
            name=row["name"],
            text=row["text"],
            kind=chosen["kind"],
            position=chosen["position"],
            side_mode=chosen["sides"],
            level=int(level) if level in LEVELS else None,
            floor=YES.get(row.get("needs_floor", "").casefold()),
            cautions=[each[:LONGEST_CAUTION] for each in listed(row, "cautions")],
            targets=targets,
            secondary=secondary,
            equipment=equipment,
            unknown=unknown,
            translations={
                language: {name: value for name, value in said.items() if value}
                for language, said in spoken.items()
            },
            words={"en": row["text"], **{language: row.get(f"text_{language}", "") for language in spoken}},
            author=row.get("author", ""),
            licence=row["licence"],
            link=row.get("link", ""),
        ),
        known,
    )


def listed(row: dict[str, str], name: str) -> list[str]:
    return [part.strip() for part in row.get(name, "").split("|") if part.strip()]


def languages(row: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Name and cue in other languages, as far as the row has them."""
    found: dict[str, dict[str, Any]] = {}
    for column, value in row.items():
        named = OTHER_LANGUAGE.fullmatch(column)
        if named and value:
            field, language = named.groups()
            said = value[:LONGEST_NAME] if field == "name" else cue_of(value, LONGEST_CUE)
            found.setdefault(language, {})["cue" if field == "text" else field] = said
    return found
