"""The figures of the catalogue, read from routines/data/figures.yaml. How that file is written: docs/figures.md."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from routines.figures.drawing import Figure, check
from routines.figures.rigs import UnknownPart
from routines.seeding.reading import read

FILE = Path(__file__).resolve().parent.parent / "data" / "figures.yaml"
KEYS = {"rig", "view", "poses", "props", "muscles", "says", "shows"}


class UnreadableFigure(Exception):
    """A figure that cannot be drawn, with its name and what is wrong with it."""


def read_figure(name: str, told: Mapping[str, Any], *, drawn: bool = True) -> Figure:
    """One figure as it stands in the file. Raises UnreadableFigure; unless it is `drawn`, only for what it is told by."""
    try:
        unknown = set(told) - KEYS
        if unknown:
            raise UnknownPart(
                f"There is no {sorted(unknown)[0]!r} in a figure; there are {', '.join(sorted(KEYS))}."
            )
        first, *more = told["poses"]
        poses = [first, *({**first, **pose} for pose in more)]  # a later pose says only what changes
        figure = Figure(
            rig=told.get("rig", "body"),
            view=told.get("view", "side"),
            poses=tuple(poses),
            props=tuple(told.get("props", ())),
            muscles=tuple(told.get("muscles", ())),
            says=told.get("says", ""),
            shows=told.get("shows", len(poses)) - 1,
        )
        if drawn:
            check(figure)
    except (UnknownPart, KeyError, TypeError, ValueError, IndexError) as error:
        told_so = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise UnreadableFigure(f"{name}: {told_so}") from error
    return figure


@cache
def figures() -> Mapping[str, Figure]:
    """Every figure by the slug of its exercise. The suite draws each of them; here that would take a second."""
    return {name: read_figure(name, told, drawn=False) for name, told in read(FILE).items()}


@cache
def words(language: str) -> Mapping[str, str]:
    """What the figures show, by slug, in another language than English; empty where nobody has translated it."""
    path = FILE.with_name(f"{FILE.stem}.{language.split('-')[0]}.yaml")
    return read(path) or {} if language and path.is_file() else {}
