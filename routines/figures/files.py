"""Figures as files: what each is called, and what stands in it. The name carries a digest, so a browser may keep it for ever."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from django.urls import reverse
from django.utils.translation import get_language

from routines.figures.drawing import PHASES, THEMES, svg
from routines.figures.reading import FILE, figures, words
from routines.models import ExerciseKind, Position

SIDES = ("right", "left")
NAME = re.compile(rf"({'|'.join(PHASES)})-({'|'.join(THEMES)})-({'|'.join(SIDES)})-(still|moving)\.svg")
COPY = re.compile(r"(_copy(_\d+)?)+$")  # what routines.composing adds to the slug of an own copy


# Changes with the data and with the code that draws it; read when this code is, as no other may draw under its name
DIGEST = hashlib.sha256(
    b"".join(path.read_bytes() for path in [FILE, *sorted(Path(__file__).parent.rglob("*.py"))])
).hexdigest()[:12]


def is_drawn(exercise: str) -> bool:
    """Whether there is a figure of this exercise itself, or of the one that it is a copy of."""
    return exercise in figures() or COPY.sub("", exercise) in figures()


def figure_for(exercise: str, position: str) -> str:
    """The figure of the exercise with this slug, of the one that it is a copy of, else of the position; unknown ones stand.

    The position alone shows nobody doing anything: a picture of another exercise would be worse than none.
    """
    for name in (exercise, COPY.sub("", exercise)):
        if name in figures():
            return name
    return f"position_{position if position in Position.values else Position.STANDING}"


def phase_for(kind: str) -> str:
    return ExerciseKind(kind).phase.value if kind in ExerciseKind.values else PHASES[0]


def address(name: str, *, phase: str, theme: str = "light", side: str = "", moving: bool = False) -> str:
    """Where the file lies. A figure shows the right side; only `left` mirrors it."""
    told = "-".join((phase, theme, "left" if side == "left" else "right", "moving" if moving else "still"))
    return reverse("figure", args=(DIGEST, name, f"{told}.svg"))


def content(name: str, file: str) -> str | None:
    """The SVG of a file; None where there is no such figure or no such file of it."""
    asked = NAME.fullmatch(file)
    if not asked or name not in figures():
        return None
    phase, theme, side, mode = asked.groups()
    return drawn(name, phase, theme, side, mode == "moving")


@lru_cache(maxsize=1024)
def drawn(name: str, phase: str, theme: str, side: str, moving: bool) -> str:
    return svg(figures()[name], phase=phase, theme=theme, side=side, moving=moving)


def moves(name: str) -> bool:
    return figures()[name].moves


def says(name: str) -> str:
    """What the figure shows, in the language of the page: its text alternative."""
    return words(get_language() or "").get(name, figures()[name].says)


@lru_cache(maxsize=512)
def inline(name: str, *, phase: str, side: str = "") -> str:
    """The still as part of a page, in the page's own colours and without its words: for a device without a network."""
    silent = replace(figures()[name], says="")
    return svg(silent, phase=phase, theme="page", side="left" if side == "left" else "right")
