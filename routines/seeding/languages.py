"""The catalogue's texts in another language, merged into its entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from routines.seeding.consistency import lists
from routines.seeding.schema import Problems
from routines.seeding.shape import LANGUAGE


def merge(data: dict[str, Any], texts: Any, language: str) -> Problems:
    """Adds the texts to the `translations` of the entries of `data`, a valid catalogue.

    Returns one line for each thing that is wrong, beginning with the key; the data are of no use then. A text that
    the file leaves out is read in the catalogue's own language.
    """
    problems: Problems = []
    LANGUAGE(texts, "", problems)
    if problems:
        return problems
    if texts["meta"]["language"] != language:
        return [f"meta.language: must be {language}, as the name of the file says"]
    if language == data["meta"]["language"]:
        return [f"meta.language: {language} is the language of the catalogue itself"]
    known = {section: {entry["slug"]: entry for entry in rows} for section, rows in lists(data).items()}
    for section, named in sections(texts):
        for slug, translated in named.items():
            entry = known[section].get(slug)
            if entry is None:
                problems.append(f"{section}.{slug}: there is no such entry in the catalogue")
            else:
                problems.extend(
                    f"{section}.{slug}.{problem}" for problem in misfits(entry, translated, language)
                )
                add(entry, translated, language)
    return problems


def sections(texts: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The path of each section with its texts by short name."""
    for section, named in texts.items():
        if section == "vocabulary":
            yield from ((f"vocabulary.{part}", inner) for part, inner in named.items())
        elif section != "meta":
            yield section, named


def misfits(entry: dict[str, Any], translated: dict[str, Any], language: str) -> Iterator[str]:
    """What the entry does not say, says in another number of parts, or says in this language itself."""
    own = {"plain_words": "joints"}
    there = entry.get("translations", {}).get(language, {})
    for field, text in translated.items():
        original = entry.get(own.get(field, field))
        if original is None:
            yield f"{field}: the catalogue has no such text"
        elif field in there:
            yield f"{field}: stands in the catalogue itself too"
        elif isinstance(text, list) and len(text) != len(original):
            yield f"{field}: must have {len(original)}, as many as in the catalogue, not {len(text)}"


def add(entry: dict[str, Any], translated: dict[str, Any], language: str) -> None:
    own = {field: text for field, text in translated.items() if field != "phases"}
    entry.setdefault("translations", {}).setdefault(language, {}).update(own)
    for phase, name in zip(entry.get("phases", []), translated.get("phases", []), strict=False):
        phase.setdefault("translations", {}).setdefault(language, {})["name"] = name
