"""From what a reader found to our content: proposals filled in, gaps named, limits kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from routines.exchange.incoming import (
    LONGEST_CREDIT,
    LONGEST_KEY,
    LONGEST_LINK,
    LONGEST_NAME,
    Incoming,
    IncomingPicture,
    RefusedEntry,
    Unknown,
)
from routines.exchange.known import Known
from routines.exchange.proposing import cue_of, needs_floor
from routines.models import Basis, ExerciseKind, ExerciseMuscle, ExerciseTag, Position, SideMode
from routines.seeding.content import Content, any_order, content, written

# What stands in the database while nobody has chosen; it is never offered like this.
STANDING_IN = {
    "kind": ExerciseKind.STRENGTHEN.value,
    "position": Position.STANDING.value,
    "side_mode": SideMode.BOTH_TOGETHER.value,
    "level": 1,
}


@dataclass
class Sketch:
    """What a reader found of one exercise; None is what its collection does not say."""

    key: str
    name: str
    text: str
    kind: str | None = None
    position: str | None = None
    side_mode: str | None = None
    level: int | None = None
    floor: bool | None = None
    cue: str = ""
    cautions: Sequence[str] = ()
    targets: Sequence[str] = ()
    secondary: Sequence[str] = ()
    equipment: Sequence[str] = ()
    avoid_if: Sequence[str] = ()
    care_if: Sequence[str] = ()
    dose: Mapping[str, int | None] | None = None
    easier: str | None = None
    harder: str | None = None
    basis: str = Basis.CONVENTION.value
    sources: Sequence[str] = ()
    translations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unknown: Iterable[Unknown] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    credits: Sequence[dict[str, str]] = ()
    author: str = ""
    licence: str = ""
    link: str = ""
    pictures: Sequence[IncomingPicture] = ()


def drafted(sketch: Sketch, known: Known) -> Incoming | RefusedEntry:
    """The exercise as our content; refused where its name, its key or its licence cannot stand."""
    why = what_is_wrong(sketch)
    if why:
        return RefusedEntry(sketch.key[:LONGEST_KEY], sketch.name[:LONGEST_NAME], why)
    undecided = [name for name in STANDING_IN if getattr(sketch, name) is None]
    chosen: dict[str, Any] = {name: STANDING_IN[name] for name in undecided}
    chosen |= {name: getattr(sketch, name) for name in STANDING_IN if name not in undecided}
    cue = sketch.cue or cue_of(sketch.text)
    if not cue:
        undecided.append("cue")
    if not sketch.targets:
        undecided.append("muscles")
    return Incoming(
        key=sketch.key,
        content=as_content(sketch, known, {**chosen, "cue": cue or sketch.name}),
        undecided=tuple(undecided),
        unknown=tuple(dict.fromkeys(sketch.unknown)),
        words={language: text for language, text in sketch.words.items() if text},
        credits=tuple(sketch.credits),
        author=sketch.author[:LONGEST_CREDIT],
        licence=sketch.licence[:LONGEST_CREDIT],
        link=safe_link(sketch.link),
        pictures=tuple(sketch.pictures),
    )


def what_is_wrong(sketch: Sketch) -> str:
    if not sketch.key or len(sketch.key) > LONGEST_KEY:
        return _("It has no key, or one that is too long.")
    if not sketch.name:
        return _("It has no name.")
    if len(sketch.name) > LONGEST_NAME:
        return _("Its name has more than %(most)d characters.") % {"most": LONGEST_NAME}
    if not sketch.licence:
        return _("Nothing says under which licence it stands.")
    return ""


def as_content(sketch: Sketch, known: Known, chosen: dict[str, Any]) -> Content:
    secondary = [slug for slug in sketch.secondary if slug not in sketch.targets]
    roles = {ExerciseMuscle.Role.TARGET: sketch.targets, ExerciseMuscle.Role.SECONDARY: secondary}
    care = [slug for slug in sketch.care_if if slug not in sketch.avoid_if]
    rules = {ExerciseTag.Rule.AVOID: sketch.avoid_if, ExerciseTag.Rule.CARE: care}
    floor = sketch.floor
    if floor is None:
        floor = sketch.position is not None and needs_floor(Position(sketch.position))
    return content(
        name=sketch.name,
        needs_floor=floor,
        cautions=list(sketch.cautions),
        basis=sketch.basis,
        sources=list(sketch.sources),
        author=sketch.author[:LONGEST_CREDIT],
        licence=sketch.licence[:LONGEST_CREDIT],
        translations=sketch.translations,
        equipment=sorted(set(sketch.equipment), key=written),
        muscles=any_order(
            content(muscle=muscle, role=role.value, order=order)
            for role, muscles in roles.items()
            for order, muscle in enumerate(muscles, start=1)
        ),
        tags=any_order(content(tag=tag, rule=rule.value) for rule, tags in rules.items() for tag in tags),
        easier=sketch.easier,
        harder=sketch.harder,
        **(known.dose(chosen["kind"]) if sketch.dose is None else sketch.dose),
        **chosen,
    )


def safe_link(link: str) -> str:
    """An address that a page may link to; empty for anything else."""
    fits = (
        link.startswith(("https://", "http://"))
        and len(link) <= LONGEST_LINK
        and not set(link) & set(" \t\r\n\"'<>")
    )
    return link if fits else ""
