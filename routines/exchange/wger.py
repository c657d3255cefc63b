"""Reads Django fixtures of exercises with texts in many languages, joined by key.

As in github.com/wger-project/wger: the exercises, their translations (texts as HTML), muscles, categories, equipment,
licences and languages, each a list of records with `model`, `pk` and `fields`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _

from routines.exchange.drafting import Sketch, drafted
from routines.exchange.files import MOST_ROWS, Bundle, Marks, Refused, parsed
from routines.exchange.incoming import (
    LONGEST_CREDIT,
    LONGEST_NAME,
    LONGEST_TEXT,
    Collection,
    Incoming,
    RefusedEntry,
    Unknown,
)
from routines.exchange.known import Known, translated
from routines.exchange.proposing import cue_of, kind_of_name, plain_text, position_of, sides_of_words
from routines.exchange.vocabulary import WGER_EQUIPMENT, WGER_KINDS, WGER_LICENCES, WGER_MUSCLES
from routines.models import ExerciseKind

SOURCE = "wger"
NOBODY_NAMED = "wger contributors, https://wger.de"
BASE_LANGUAGE = "en"
KINDS = {
    "exercises.exercise", "exercises.translation", "exercises.muscle", "exercises.exercisecategory",
    "exercises.equipment", "core.license", "core.language",
}  # fmt: skip
ALSO = {"exercises.exercisecomment", "exercises.alias"}

Fields = dict[str, Any]
Records = dict[str, dict[int, Fields]]


def fits(bundle: Bundle) -> bool:
    """Its files name the models of their records."""
    return any(
        path.endswith(".json") and b'"exercises.exercise"' in bundle.read(path) for path in bundle.paths
    )


def read(bundle: Bundle, known: Known, source: str) -> Collection:
    records = records_of(bundle)
    if missing := sorted(KINDS - records.keys()):
        raise Refused(_("It has no records of “%(model)s”.") % {"model": missing[0]})
    collection = Collection("wger", SOURCE)
    languages = {pk: text_of(row, "short_name") for pk, row in records["core.language"].items()}
    texts: dict[int, dict[str, Fields]] = defaultdict(dict)
    for pk, row in sorted(records["exercises.translation"].items()):
        if not isinstance(row.get("language"), int) or not isinstance(row.get("exercise"), int):
            raise Refused(_("The text %(number)d belongs to no exercise or no language.") % {"number": pk})
        if row["exercise"] not in records["exercises.exercise"] or not languages.get(row["language"]):
            raise Refused(_("The text %(number)d belongs to no exercise or no language.") % {"number": pk})
        language = languages[row["language"]]
        collection.texts[language] += 1
        if language in texts[row["exercise"]]:
            raise Refused(_("The text %(number)d is the second in its language.") % {"number": pk})
        texts[row["exercise"]][language] = {**row, "pk": pk}
    hints: dict[int, list[str]] = defaultdict(list)
    for _pk, row in sorted(records.get("exercises.exercisecomment", {}).items()):
        if isinstance(row.get("translation"), int):
            hints[row["translation"]].append(text_of(row, "comment"))
    for pk, row in sorted(records["exercises.exercise"].items()):
        found = exercise(pk, row, texts[pk], hints, records, known)
        if isinstance(found, Incoming):
            collection.exercises.append(found)
        else:
            collection.refused.append(found)
    return collection


def records_of(bundle: Bundle) -> Records:
    """All records by model and key. A model that is none of these makes the whole collection a foreign one."""
    marks, found = Marks(), defaultdict[str, dict[int, Fields]](dict)
    for path in bundle.paths:
        if not path.endswith(".json"):
            continue
        rows = parsed(bundle.read(path), path, marks)
        if not isinstance(rows, list):
            raise Refused(_("“%(file)s” is no list of records.") % {"file": path})
        for row in rows:
            if (
                not isinstance(row, dict)
                or not isinstance(row.get("fields"), dict)
                or type(row.get("pk")) is not int
            ):
                raise Refused(_("“%(file)s” is no list of records.") % {"file": path})
            model = row.get("model")
            if model not in KINDS | ALSO:
                raise Refused(_("“%(file)s” holds records of another kind.") % {"file": path})
            if row["pk"] in found[model]:
                raise Refused(_("The key “%(key)s” stands in it twice.") % {"key": f"{model} {row['pk']}"})
            found[model][row["pk"]] = row["fields"]
        if (
            len(found["exercises.exercise"]) > MOST_ROWS
            or len(found["exercises.translation"]) > 10 * MOST_ROWS
        ):
            raise Refused(_("There are more than %(most)d entries in it.") % {"most": MOST_ROWS})
    return {model: rows for model, rows in found.items() if rows}


def text_of(row: Fields, name: str) -> str:
    value = row.get(name)
    return value.strip() if isinstance(value, str) else ""


def words_of(row: Fields, name: str, records: dict[int, Fields]) -> list[str]:
    """The names of what this record points to; what points nowhere keeps its number, and is a word unknown here."""
    keys = row.get(name)
    return [
        text_of(records.get(key, {}), "name") or f"#{key}"
        for key in (keys if isinstance(keys, list) else [])
        if isinstance(key, int)
    ]


def exercise(
    pk: int,
    row: Fields,
    texts: dict[str, Fields],
    hints: dict[int, list[str]],
    records: Records,
    known: Known,
) -> Incoming | RefusedEntry:
    key = text_of(row, "uuid")
    base = texts.get(BASE_LANGUAGE)
    if base is None:
        name = next((text_of(each, "name") for each in texts.values()), "")
        return RefusedEntry(
            key, name[:LONGEST_NAME], _("It has no English text, which the catalogue is written in.")
        )
    name = text_of(base, "name")
    if any(len(text_of(each, "description")) > LONGEST_TEXT for each in texts.values()):
        return RefusedEntry(key, name[:LONGEST_NAME], _("One of its texts is too long."))
    licences = {each: licence_of(texts[each], records) for each in texts}
    own_licence = licence_of(row, records)
    if not own_licence or not all(licences.values()):
        return RefusedEntry(key, name[:LONGEST_NAME], _("Nothing says under which licence it stands."))
    words = {language: plain_text(text_of(each, "description")) for language, each in texts.items()}
    text = words[BASE_LANGUAGE]
    targets, unknown = translated(
        words_of(row, "muscles", records["exercises.muscle"]), WGER_MUSCLES, known.muscles, "muscle"
    )
    secondary, more = translated(
        words_of(row, "muscles_secondary", records["exercises.muscle"]), WGER_MUSCLES, known.muscles, "muscle"
    )
    unknown += more
    equipment, more = translated(
        words_of(row, "equipment", records["exercises.equipment"]),
        WGER_EQUIPMENT,
        known.equipment,
        "equipment",
    )
    unknown += more
    kind, more = kind_of(row, name, records)
    unknown += more
    position, sides = position_of(name, text), sides_of_words(name, text)
    link = text_of(row, "license_object_url") or f"https://wger.de/en/exercise/{pk}/view/"
    author = authors(author_of(row), author_of(base))
    return drafted(
        Sketch(
            key=key,
            name=name,
            text=text,
            kind=kind.value if kind else None,
            position=position.value if position else None,
            side_mode=sides.value if sides else None,
            targets=targets,
            secondary=secondary,
            equipment=equipment,
            translations=translations(texts, words),
            unknown=unknown,
            words={
                language: "\n".join([words[language], *hints[each["pk"]]]).strip()
                for language, each in texts.items()
            },
            credits=[
                {"language": "", "author": author_of(row), "licence": own_licence, "link": link},
                *(
                    {
                        "language": language,
                        "author": author_of(each),
                        "licence": licences[language],
                        "link": text_of(each, "license_object_url") or link,
                    }
                    for language, each in sorted(texts.items())
                ),
            ],
            author=author,
            licence=stricter(own_licence, licences[BASE_LANGUAGE]),
            link=link,
        ),
        known,
    )


def translations(texts: dict[str, Fields], words: dict[str, str]) -> dict[str, dict[str, str]]:
    found = {}
    for language, each in sorted(texts.items()):
        if language != BASE_LANGUAGE:
            said = {"name": text_of(each, "name")[:LONGEST_NAME], "cue": cue_of(words[language])}
            found[language] = {name: value for name, value in said.items() if value}
    return {language: said for language, said in found.items() if said}


def kind_of(row: Fields, name: str, records: Records) -> tuple[ExerciseKind | None, list[Unknown]]:
    """What the name says, else what is trained in this category; nothing for a category without a counterpart."""
    category = row.get("category")
    found = records["exercises.exercisecategory"].get(category, {}) if isinstance(category, int) else {}
    word = text_of(found, "name") or f"#{category}"
    said = kind_of_name(name) or WGER_KINDS.get(word.casefold())
    return said, [] if said else [Unknown("category", word)]


def licence_of(row: Fields, records: Records) -> str:
    key = row.get("license")
    found = records["core.license"].get(key, {}) if isinstance(key, int) else {}
    short = text_of(found, "short_name")
    return WGER_LICENCES.get(short, short)


def stricter(first: str, second: str) -> str:
    """Text and exercise may stand under two licences; both are named, the one of the exercise first."""
    return first if first == second else f"{first}; {second}"


def author_of(row: Fields) -> str:
    return text_of(row, "license_author") or NOBODY_NAMED


def authors(*names: str) -> str:
    return "; ".join(dict.fromkeys(names))[:LONGEST_CREDIT]
