"""The practice's own words: a few places on the pages, and around the usual words of the letters to clients.

A letter may be read by whoever holds the phone, so its words name no part of the body, complaint, muscle or exercise
(reliability.md P5): what the catalogue calls so, in every language, is refused when it is saved. The letters about an
account (a new password, what changed in it) go to clients and team alike and warn: they keep their usual words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language, gettext_lazy

from clients.models import Delivery, Practice
from routines.models import BodyArea, ConditionTag, Exercise, Imbalance, Joint, Muscle
from routines.models.anatomy import Region

Letter = Delivery.Letter

PLACES = ("welcome", "today", "therapist", "imprint", "privacy")
ALWAYS = ("imprint", "privacy")  # said in the practice's language where the reader's has none
WORDED = (Letter.INVITATION, Letter.REMINDER, Letter.PLAN_CHANGED, Letter.MESSAGE, Letter.SIGN_IN)
PARTS = ("subject", "greeting", "opening", "closing")
PLACEHOLDERS = {
    "name": gettext_lazy("the client’s name"),
    "practice": gettext_lazy("the name of the practice"),
    "therapist": gettext_lazy("who answers for the client"),
}
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


# ---- Words on pages -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PageWords:
    """What the practice says at its places, in the reader's language; empty where it says nothing."""

    welcome: str = ""
    today: str = ""
    therapist: str = ""
    imprint: str = ""
    privacy: str = ""


def page_words(practice: Practice | None, language: str | None = None) -> PageWords:
    if practice is None:
        return PageWords()
    own = practice.texts.get(language or get_language() or "", {})
    usual = practice.texts.get(practice.language, {})
    found = {place: own.get(place) or (usual.get(place) if place in ALWAYS else "") for place in PLACES}
    return PageWords(**{place: text or "" for place, text in found.items()})


# ---- Words of letters ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LetterWords:
    """What stands in a letter besides the usual words; an own subject takes the place of the usual one."""

    subject: str = ""
    greeting: str = ""
    opening: str = ""
    closing: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, part) for part in PARTS)

    @property
    def name_therapist(self) -> bool:
        return any("{therapist}" in getattr(self, part) for part in PARTS)

    def filled(self, names: Mapping[str, str]) -> LetterWords:
        return LetterWords(**{part: fill(getattr(self, part), names) for part in PARTS})


def letter_words(practice: Practice | None, letter: str, language: str | None = None) -> LetterWords:
    """As they were written, with their placeholders; none for a letter that is not to clients."""
    if practice is None or letter not in WORDED:
        return LetterWords()
    own = practice.letters.get(letter, {}).get(language or get_language() or "", {})
    return LetterWords(**{part: own.get(part, "") for part in PARTS})


def fill(text: str, names: Mapping[str, str]) -> str:
    """With the names in their places, each in one line. What the names hold is not read again."""
    return PLACEHOLDER.sub(lambda found: " ".join(names.get(found[1], "").split()), text)


def unknown_placeholders(text: str) -> list[str]:
    """What stands in braces and is none of ours; a brace that is alone counts as well."""
    unknown = [f"{{{name}}}" for name in PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    return unknown + re.findall(r"[{}]", PLACEHOLDER.sub("", text))


# ---- What a letter does not say -------------------------------------------------------------------------------------

# Words that speak of a body or of what ails it and that no row of the catalogue is called by, in our languages.
PLAIN = (
    "ache", "aches", "aching", "arthritis", "arthrosis", "complaint", "complaints", "disc", "hurt", "hurts", "hurting",
    "injury", "injured", "injuries", "joint", "joints", "ligament", "lower back", "low back", "back pain", "your back",
    "my back", "muscle", "muscles", "muscular", "pain", "pains", "painful", "sciatica", "shoulder", "sore", "soreness",
    "spine", "sprain", "stretching", "symptom", "symptoms", "tendon", "weh", "tut weh", "bein", "beine", "arm", "arme",
    "leg", "legs", "arms",
)  # fmt: skip
WITHIN = (
    "arthrose", "bandscheibe", "beschwerde", "entzünd", "gelenk", "gesäß", "hexenschuss", "hüft", "ischias", "muskel",
    "muskul", "nacken", "oberschenkel", "unterschenkel", "rücken", "schmerz", "schulter", "sehne", "symptom",
    "verletz", "verspann", "wirbel", "knieg", "kniesch", "knieübung", "ellenbogen", "handgelenk", "sprunggelenk",
    "headache", "backache", "tendin",
)  # fmt: skip
# What names of areas and joints are made of besides the part of the body itself.
NEITHER = {
    "and", "back", "base", "behind", "beside", "between", "both", "front", "inner", "inside", "lower", "middle", "outer",
    "outside", "part", "right", "left", "side", "sides", "small", "the", "top", "under", "upper", "whole", "with", "palm",
    "außen", "außenseite", "beide", "hinten", "hinter", "innen", "innenseite", "mitte", "mittlerer", "obere", "oberer",
    "oberseite", "rückseite", "seite", "teil", "unter", "untere", "unterer", "unterseite", "vorderseite", "zwischen",
}  # fmt: skip
ENDING = r"(?:s|es|e|en|n|er)?"


class HealthWords:
    """Everything that a letter does not say, read from the catalogue once for however many texts are looked at."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        words = sorted({*PLAIN, *self.of_catalogue()}, key=len, reverse=True)
        whole = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words)
        within = "|".join(map(re.escape, WITHIN))
        return re.compile(rf"(?<!\w)(?:{whole}){ENDING}(?!\w)|\w*(?:{within})\w*")

    def of_catalogue(self) -> Iterator[str]:
        for places in (BodyArea.objects.all(), Joint.objects.all(), Region.objects.all()):
            for name in names_in(places, "name"):
                yield name
                yield from (word for word in re.findall(r"\w{4,}", name) if word not in NEITHER)
        unused = Exercise.objects.filter(imported__isnull=False, retired_at__isnull=False)
        exercises = Exercise.objects.exclude(pk__in=unused.values("pk"))
        for named in (Muscle.objects.all(), exercises, Imbalance.objects.all()):
            yield from names_in(named, "name")
        yield from names_in(ConditionTag.objects.all(), "label")
        for anatomical in Muscle.objects.values_list("anatomical_name", flat=True):
            yield plain(anatomical.partition("(")[0])

    def first_in(self, text: str) -> str:
        """The first word of the text that speaks of somebody's health; empty where none does."""
        found = self.pattern.search(plain(PLACEHOLDER.sub(" ", text)))
        return found[0] if found else ""


def names_in(rows: QuerySet[Any], field: str) -> Iterator[str]:
    """What the rows are called in each language, without what stands in brackets."""
    for own, translations in rows.values_list(field, "translations"):
        for text in (own, *(each.get(field, "") for each in translations.values())):
            if name := plain(str(text).partition("(")[0]):
                yield name


def plain(text: str) -> str:
    """As it is compared: one case, one way to write an accent, nothing that cannot be seen."""
    seen = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    return " ".join(seen.lower().split())
