"""What a collection brings, in our own terms, whatever its shape was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from routines.seeding.content import Content, hash_of

LONGEST_KEY = 120
LONGEST_NAME = 120
LONGEST_CUE = 400
LONGEST_CAUTION = 300
LONGEST_CREDIT = 200
LONGEST_LINK = 500
LONGEST_TEXT = 20_000


@dataclass(frozen=True)
class Unknown:
    """A word of the collection without a counterpart here."""

    what: str  # muscle, equipment, category, kind, condition, exercise
    word: str


@dataclass(frozen=True)
class IncomingPicture:
    """`read` gives the bytes as they came; None where the entry names a picture that is not there."""

    name: str
    read: Callable[[], bytes] | None
    digest: str = ""
    alt: str = ""
    author: str = ""
    licence: str = ""
    link: str = ""


@dataclass(frozen=True)
class Incoming:
    """One exercise as our content, with what could only be proposed.

    `undecided` names the fields that the collection says nothing of; in `content` they hold a value only because
    the database wants one.
    """

    key: str
    content: Content
    undecided: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    words: dict[str, str] = field(default_factory=dict)
    credits: tuple[dict[str, str], ...] = ()
    author: str = ""
    licence: str = ""
    link: str = ""
    pictures: tuple[IncomingPicture, ...] = ()

    @property
    def name(self) -> str:
        return str(self.content["name"])

    @property
    def to_choose(self) -> list[str]:
        """What somebody has to say at the review: the conditions too, where the collection names none."""
        return [*self.undecided, *([] if self.content.get("tags") else ["tags"])]

    @property
    def about(self) -> dict[str, Any]:
        """What is kept beside the exercise."""
        return {
            "undecided": self.to_choose,
            "unknown": [{"what": each.what, "word": each.word} for each in self.unknown],
            "words": self.words,
            "credits": list(self.credits),
            "author": self.author,
            "licence": self.licence,
            "link": self.link,
        }

    @property
    def digest(self) -> str:
        pictures = [
            [each.digest, each.alt, each.author, each.licence, each.link]
            for each in self.pictures
            if each.read
        ]
        return hash_of({"content": self.content, "about": self.about, "pictures": pictures})


@dataclass(frozen=True)
class IncomingProgram:
    key: str
    content: Content

    @property
    def name(self) -> str:
        return str(self.content["name"])

    @property
    def digest(self) -> str:
        return hash_of(self.content)


@dataclass(frozen=True)
class RefusedEntry:
    """One entry that is not taken, while the others are."""

    key: str
    name: str
    why: str


@dataclass
class Collection:
    """All of what came. `texts` counts the texts by language, as the collection has them."""

    shape: str
    source: str
    exercises: list[Incoming] = field(default_factory=list)
    programs: list[IncomingProgram] = field(default_factory=list)
    refused: list[RefusedEntry] = field(default_factory=list)
    texts: Counter[str] = field(default_factory=Counter)

    @property
    def entries(self) -> int:
        return len(self.exercises) + len(self.programs) + len(self.refused)
