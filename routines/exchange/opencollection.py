"""Reads a collection of one JSON file for each exercise, with vocabularies and pictures beside them.

As in github.com/erikpr1994/open-exercise-db: `exercises/<id>.json`, `vocab/*.json`, `images/<path named in the entry>`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from routines.exchange.drafting import Sketch, drafted, safe_link
from routines.exchange.files import MOST_ROWS, Bundle, Marks, Refused, parsed
from routines.exchange.incoming import (
    LONGEST_TEXT,
    Collection,
    Incoming,
    IncomingPicture,
    RefusedEntry,
    Unknown,
)
from routines.exchange.known import Known, translated
from routines.exchange.proposing import position_of, sides_of_words
from routines.exchange.vocabulary import OPEN_EQUIPMENT, OPEN_KINDS, OPEN_LEVELS, OPEN_MUSCLES
from routines.models import ExerciseKind, SideMode
from routines.pictures import MOST_BYTES as MOST_OF_A_PICTURE
from routines.seeding.schema import Problems, many, maybe, record, text

SOURCE = "open-exercise-db"
HOME = "https://github.com/erikpr1994/open-exercise-db"
AUTHOR = "open-exercise-db contributors"
PICTURES_BY = "open-exercise-db contributors, made by a machine"
SIGNS = ("id", "name", "instructions", "primaryMuscles")

word = text(200)
words = many(text(200), repeated=True)
ENTRY = record(
    {
        "id": text(120),
        "name": text(LONGEST_TEXT),
        "modality": maybe(word),
        "equipment": maybe(word),
        "primaryMuscles": words,
        "instructions": many(text(LONGEST_TEXT), repeated=True),
    },
    {
        "aliases": words, "family": maybe(word), "variantGroup": maybe(word), "level": maybe(word), "mechanic": maybe(word),
        "force": maybe(word), "secondaryMuscles": words, "measurementType": maybe(word), "laterality": maybe(word),
        "images": words, "video": maybe(text(500)), "source": lambda *_: None,
    },
)  # fmt: skip


def folder(bundle: Bundle) -> str | None:
    """Where the collection begins: the folder above `exercises`; None where this is another shape."""
    for path in bundle.paths:
        parts = PurePosixPath(path).parts
        if len(parts) >= 2 and parts[-2] == "exercises" and parts[-1].endswith(".json"):
            above = "".join(f"{part}/" for part in parts[:-2])
            if any(each.startswith(f"{above}vocab/") for each in bundle.paths):
                return above
    return None


def fits(bundle: Bundle) -> bool:
    return folder(bundle) is not None


def read(bundle: Bundle, known: Known, source: str) -> Collection:
    above, marks = folder(bundle) or "", Marks()
    collection = Collection("open", SOURCE)
    licence = licence_of(bundle, above)
    paths = [
        path for path in bundle.paths if path.startswith(f"{above}exercises/") and path.endswith(".json")
    ]
    if len(paths) > MOST_ROWS:
        raise Refused(_("There are more than %(most)d entries in it.") % {"most": MOST_ROWS})
    for path in paths:
        entry = parsed(bundle.read(path), path, marks)
        problems: Problems = []
        ENTRY(entry, "", problems)
        if not isinstance(entry, dict) or not all(sign in entry for sign in SIGNS):
            raise Refused(_("“%(file)s” is no exercise of such a collection.") % {"file": path})
        found = refusal(entry, problems) or drafted(sketch_of(entry, bundle, above, licence, known), known)
        if isinstance(found, Incoming):
            collection.exercises.append(found)
        else:
            collection.refused.append(found)
    collection.texts = Counter({"en": len(paths)})
    return collection


def refusal(entry: dict[str, Any], problems: Problems) -> RefusedEntry | None:
    key, name = str(entry["id"])[:120], str(entry["name"])[:120]
    if problems:
        return RefusedEntry(
            key, name, _("It is not as the collection says: %(problem)s") % {"problem": problems[0]}
        )
    if entry.get("source"):
        return RefusedEntry(
            key, name, _("It was taken from somewhere else, under a licence that the collection cannot give.")
        )
    return None


def licence_of(bundle: Bundle, above: str) -> str:
    """What the file LICENSE says; empty where it says nothing that is known."""
    path = f"{above}LICENSE"
    if path not in bundle.readers:
        return ""
    said = " ".join(bundle.read(path).decode("utf-8", "replace").split()).casefold()
    if "released into the public domain" in said:
        return "Unlicense"
    if "cc0 1.0 universal" in said:
        return "CC0 1.0"
    return "MIT" if said.startswith("mit license") else ""


def sketch_of(entry: dict[str, Any], bundle: Bundle, above: str, licence: str, known: Known) -> Sketch:
    name, steps = entry["name"].strip(), [step.strip() for step in entry["instructions"]]
    text, unknown = "\n".join(steps), []
    targets, more = translated(entry["primaryMuscles"], OPEN_MUSCLES, known.muscles, "muscle")
    unknown += more
    secondary, more = translated(entry.get("secondaryMuscles", []), OPEN_MUSCLES, known.muscles, "muscle")
    unknown += more
    tool = [entry["equipment"]] if entry.get("equipment") else []
    equipment, more = translated(tool, OPEN_EQUIPMENT, known.equipment, "equipment")
    unknown += more
    kind = OPEN_KINDS.get(entry.get("modality") or "")
    if kind is None:
        unknown.append(Unknown("kind", str(entry.get("modality"))))
    elif kind == ExerciseKind.RELEASE_STRETCH and "foam_roller" in equipment:
        kind = ExerciseKind.RELEASE_SMR
    level = OPEN_LEVELS.get(entry.get("level") or "")
    if level is None:
        unknown.append(Unknown("level", str(entry.get("level"))))
    position = position_of(name, text)
    return Sketch(
        key=entry["id"],
        name=name,
        text=text,
        kind=kind.value if kind else None,
        position=position.value if position else None,
        side_mode=sides(entry.get("laterality"), name, text),
        level=level,
        targets=targets,
        secondary=secondary,
        equipment=equipment,
        unknown=unknown,
        words={"en": text},
        author=AUTHOR,
        licence=licence,
        link=f"{HOME}/blob/main/exercises/{entry['id']}.json",
        pictures=[
            picture(bundle, f"{above}images/{path}", path, name, licence)
            for path in dict.fromkeys(entry.get("images", []))
        ],
    )


def sides(laterality: str | None, name: str, text: str) -> str | None:
    said = sides_of_words(name, text)
    if laterality == "unilateral":
        return (said or SideMode.EACH_SIDE).value
    if laterality == "bilateral":
        return (SideMode.ALTERNATING if said == SideMode.ALTERNATING else SideMode.BOTH_TOGETHER).value
    return said.value if said else None


def picture(bundle: Bundle, path: str, name: str, shows: str, licence: str) -> IncomingPicture:
    about = {
        "alt": shows,
        "author": PICTURES_BY,
        "licence": licence,
        "link": safe_link(f"{HOME}/blob/main/images/{name}"),
    }
    if path not in bundle.readers:
        return IncomingPicture(name, None, **about)
    reader: Callable[[], bytes] = lambda: bundle.readers[path](MOST_OF_A_PICTURE + 1)  # noqa: E731 -- of this path
    return IncomingPicture(name, reader, hashlib.sha256(reader()).hexdigest(), **about)
