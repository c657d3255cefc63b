"""What the words of an exercise let one propose: its kind, position and sides; its text without markup; its cue."""

from __future__ import annotations

import re
from html import unescape

from routines.exchange.incoming import LONGEST_CUE
from routines.models import ExerciseKind, Position, SideMode

TAG = re.compile(r"<[^<>]*>")
SILENT = ("script", "style", "head", "title", "template")
BREAKS = ("p", "br", "li", "ul", "ol", "div", "tr", "h1", "h2", "h3", "h4", "h5", "h6")
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")

POSITIONS: tuple[tuple[Position, re.Pattern[str]], ...] = tuple(
    (position, re.compile(words))
    for position, words in (
        (Position.QUADRUPED, r"\ball fours\b|\bhands and knees\b|\bquadruped\b|\bbird[- ]dog\b"),
        (Position.SIDE_LYING, r"\bon (?:your|one|the) side\b|\bside[- ]lying\b|\bside plank\b"),
        (Position.PRONE, r"\bface[- ]down\b|\bprone\b|\bon (?:your|the) (?:stomach|belly)\b|\bpush-?ups?\b"),
        (Position.SUPINE, r"\bon (?:your|the) back\b|\bsupine\b|\bface[- ]up\b"),
        (Position.KNEELING, r"\bkneel(?:ing|s)?\b"),
        (Position.SEATED, r"\bsit\b|\bsitting\b|\bseated\b"),
        (Position.STANDING, r"\bstand(?:ing|s)?\b"),
    )
)
LYING = (Position.QUADRUPED, Position.SIDE_LYING, Position.PRONE, Position.SUPINE, Position.KNEELING)


def plain_text(markup: str) -> str:
    """HTML as text: a line for each paragraph, nothing of scripts, no tag left."""
    parts: list[str] = []
    at, silent = 0, ""
    for found in TAG.finditer(markup):
        if not silent:
            parts.append(markup[at : found.start()])
        at = found.end()
        tag = found.group().strip("<>/ \t\n").split(" ", 1)[0].split("\n", 1)[0].lower()
        closing = found.group().startswith("</")
        if silent:
            silent = "" if closing and tag == silent else silent
        elif tag in SILENT and not closing:
            silent = tag
        elif tag in BREAKS:
            parts.append("\n")
    if not silent:
        parts.append(markup[at:])
    lines = (" ".join(line.split()) for line in unescape("".join(parts)).splitlines())
    return "\n".join(line for line in lines if line)


def cue_of(text: str, longest: int = LONGEST_CUE) -> str:
    """The first sentences that fit; of a first sentence without end its beginning."""
    cue = ""
    for sentence in SENTENCE_END.split(" ".join(text.split())):
        longer = f"{cue} {sentence}".strip()
        if len(longer) > longest:
            break
        cue = longer
    if cue or not text.strip():
        return cue
    return " ".join(text.split())[: longest - 1].rsplit(" ", 1)[0] + "…"


def position_of(name: str, text: str) -> Position | None:
    """The one position that the name, else the first sentence names; None where it is none or more than one."""
    for words in (name, SENTENCE_END.split(text.strip())[0]):
        found = [position for position, pattern in POSITIONS if pattern.search(words.lower())]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def needs_floor(position: Position | None) -> bool:
    return position in LYING


def sides_of_words(name: str, text: str) -> SideMode | None:
    words = f"{name} {text}".lower()
    if re.search(r"\balternat", words):
        return SideMode.ALTERNATING
    if re.search(
        r"\b(?:each|other|opposite) (?:side|leg|arm)\b|\bsingle[- ](?:leg|arm)\b|\bone[- ](?:leg|arm)(?:ed)?\b|\bunilateral\b",
        words,
    ):
        return SideMode.EACH_SIDE
    return None


def kind_of_name(name: str) -> ExerciseKind | None:
    """What the name itself says."""
    words = name.lower()
    if re.search(r"\bfoam[- ]roll|\bself[- ]massage\b|\bsmr\b|\brollers?\b|\bmyofascial\b", words):
        return ExerciseKind.RELEASE_SMR
    if re.search(r"\bstretch", words):
        return ExerciseKind.RELEASE_STRETCH
    return None
