"""What came beside what is there: new, changed, the same, or kept as somebody here made it. Without a database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Collection as Some
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from routines.exchange.incoming import Collection, Incoming, IncomingPicture, IncomingProgram, RefusedEntry
from routines.models import DOSE_COLUMNS
from routines.seeding.content import Content

LONGEST_BASE = 74


class Verdict(Enum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    KEPT = "kept"


@dataclass(frozen=True)
class Present:
    """An entry as it stands here. `came` is empty where it was not imported."""

    pk: int
    slug: str
    content: Content
    shipped: bool = False
    awaiting: bool = False
    digest: str = ""
    came: Content = field(default_factory=dict)
    coming: Content = field(default_factory=dict)
    pictures: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Here:
    """The catalogue as one person sees it. `imported` is by the key of this collection, `others` by short name.

    `taken` are all short names, those of rows that this person does not see among them.
    """

    imported: Mapping[str, Present] = field(default_factory=dict)
    others: Mapping[str, Present] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Decision:
    """What is to be done with one entry. `content` is what it says afterwards, `wanted` what the release says.

    `fields` are those that change, `kept` those that changed there and were edited here. Of an exercise that is
    offered already nothing changes at once: `coming` waits to be read.
    """

    incoming: Any
    verdict: Verdict
    slug: str
    content: Content
    wanted: Content
    present: Present | None = None
    fields: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    coming: Content = field(default_factory=dict)
    pictures: tuple[IncomingPicture, ...] = ()
    why: str = ""

    @property
    def adopted(self) -> bool:
        """Whether the entry belongs to the collection; what was made or shipped here does not."""
        return self.present is None or bool(self.present.digest)


@dataclass
class Plan:
    exercises: list[Decision] = field(default_factory=list)
    programs: list[Decision] = field(default_factory=list)
    refused: list[RefusedEntry] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def of(self, verdict: Verdict) -> list[Decision]:
        return [each for each in (*self.exercises, *self.programs) if each.verdict == verdict]


def planned(collection: Collection, exercises: Here, programs: Here, home: str = "") -> Plan:
    """`home` is the name under which this practice hands out its own entries."""
    plan = Plan(refused=list(collection.refused))
    slugs = named(collection.exercises, exercises, "exercise", ours(collection, exercises, home))
    for incoming in collection.exercises:
        wanted = resolved(incoming.content, slugs)
        plan.exercises.append(exercise(incoming, wanted, slugs[incoming.key], exercises))
    usual = {each.slug: each.content for each in plan.exercises}
    titles = named(collection.programs, programs, "program", ours(collection, programs, home))
    for each in collection.programs:
        design = with_exercises(each, slugs, usual)
        if isinstance(design, RefusedEntry):
            plan.refused.append(design)
        else:
            plan.programs.append(program(each, design, titles[each.key], programs))
    keys = {each.key for each in collection.exercises} | {each.key for each in collection.refused}
    plan.gone = sorted(exercises.imported.keys() - keys)
    return plan


def ours(collection: Collection, here: Here, home: str) -> Callable[[Any], bool]:
    """Whether an entry that was not imported is the one that stands here under its short name.

    Only our own format names entries by our short names: then it is when it was shipped, when this very practice
    handed it out, or when it says the same.
    """

    def same_one(incoming: Any) -> bool:
        there = here.others.get(incoming.key)
        if collection.shape != "own" or there is None:
            return False
        return there.shipped or collection.source == home or incoming.content == there.content

    return same_one


def named(entries: Some[Any], here: Here, model: str, is_ours: Callable[[Any], bool]) -> dict[str, str]:
    """The short name of each entry: the one that it has here, else a free one like its name."""
    found: dict[str, str] = {}
    taken = set(here.taken)
    for incoming in entries:
        if incoming.key in here.imported:
            found[incoming.key] = here.imported[incoming.key].slug
        elif is_ours(incoming):
            found[incoming.key] = incoming.key
    last: dict[str, int] = {}
    for incoming in entries:
        if incoming.key not in found:
            slug = free(base_of(incoming.name, model), taken, last)
            taken.add(slug)
            found[incoming.key] = slug
    return found


def base_of(name: str, model: str) -> str:
    slug = slugify(name).replace("-", "_").strip("_")[:LONGEST_BASE]
    return slug if slug[:1].isalpha() else f"{model}_{slug}".strip("_")[:LONGEST_BASE]


def free(base: str, taken: Some[str], last: dict[str, int]) -> str:
    slug = base
    number = last.get(base, 1)
    while slug in taken:
        number += 1
        slug = f"{base}_{number}"
    last[base] = number
    return slug


def resolved(content: Content, slugs: Mapping[str, str]) -> Content:
    """With the easier and the harder version by our short names; a version that is not there is left out."""
    versions = {name: slugs[content[name]] for name in ("easier", "harder") if content.get(name) in slugs}
    return {name: value for name, value in content.items() if name not in ("easier", "harder")} | versions


# ---- One exercise ----


def exercise(incoming: Incoming, wanted: Content, slug: str, here: Here) -> Decision:
    there = here.imported.get(incoming.key)
    pictures = tuple(each for each in incoming.pictures if each.read)
    if there is None:
        other = here.others.get(slug)
        if other is None:
            return Decision(incoming, Verdict.NEW, slug, wanted, wanted, pictures=pictures)
        return beside(incoming, wanted, other)
    if incoming.digest == there.digest:
        return Decision(incoming, Verdict.SAME, slug, there.content, wanted, present=there)
    came, now, wish = flat(there.came), flat(there.content), flat(wanted)
    changed = [name for name in sorted(came.keys() | wish.keys()) if came.get(name) != wish.get(name)]
    different = [name for name in changed if now.get(name) != wish.get(name)]
    kept = tuple(name for name in different if now.get(name) != came.get(name))
    taken = tuple(name for name in different if name not in kept)
    fresh = tuple(each for each in pictures if each.digest not in there.pictures)
    merged = {**now, **{name: wish.get(name) for name in taken}}
    waiting = {**there.coming, **{name: wish.get(name) for name in taken}}
    return Decision(
        incoming,
        Verdict.KEPT if kept and not taken and not fresh else Verdict.CHANGED,
        slug,
        deep(merged) if there.awaiting else there.content,
        wanted,
        present=there,
        fields=(*taken, *(["pictures"] if fresh else [])),
        kept=kept,
        coming={}
        if there.awaiting
        else {name: value for name, value in waiting.items() if now.get(name) != value},
        pictures=fresh,
    )


def beside(incoming: Any, wanted: Content, other: Present) -> Decision:
    """What stands here already, shipped or made here, is not touched."""
    if other.content == wanted:
        return Decision(incoming, Verdict.SAME, other.slug, other.content, wanted, present=other)
    now, wish = flat(other.content), flat(wanted)
    names = tuple(name for name in sorted(now.keys() | wish.keys()) if now.get(name) != wish.get(name))
    why = _("It stands here already and says something else.")
    return Decision(
        incoming, Verdict.KEPT, other.slug, other.content, wanted, present=other, kept=names, why=why
    )


def flat(content: Content) -> dict[str, Any]:
    """Each language is a field of its own, so that a new one does not touch an edited one."""
    found = {name: value for name, value in content.items() if name != "translations"}
    return found | {
        f"translations.{language}": said for language, said in content.get("translations", {}).items()
    }


def deep(values: Mapping[str, Any]) -> Content:
    """The way back."""
    content = {
        name: value
        for name, value in values.items()
        if value is not None and not name.startswith("translations.")
    }
    spoken = {
        name.removeprefix("translations."): value
        for name, value in values.items()
        if name.startswith("translations.") and value
    }
    return content | ({"translations": spoken} if spoken else {})


# ---- One program ----


def with_exercises(
    incoming: IncomingProgram, slugs: Mapping[str, str], usual: Mapping[str, Content]
) -> Content | RefusedEntry:
    phases = []
    for phase in incoming.content.get("phases", []):
        steps = []
        for step in phase.get("steps", []):
            slug = slugs.get(step["exercise"])
            if slug is None:
                why = _("Its exercise “%(key)s” is not there.") % {"key": step["exercise"]}
                return RefusedEntry(incoming.key, incoming.name[:120], why)
            dose = {name: usual[slug][name] for name in DOSE_COLUMNS if name in usual[slug]}
            steps.append({**({} if "sets" in step else dose), **step, "exercise": slug})
        phases.append({**phase, **({"steps": steps} if steps else {})})
    return incoming.content | ({"phases": phases} if phases else {})


def program(incoming: IncomingProgram, wanted: Content, slug: str, here: Here) -> Decision:
    """A program is one piece: edited here it stays as it is, else a newer release takes its place and is read again."""
    there = here.imported.get(incoming.key)
    if there is None:
        other = here.others.get(slug)
        if other is None:
            return Decision(incoming, Verdict.NEW, slug, wanted, wanted)
        return beside(incoming, wanted, other)
    if incoming.digest == there.digest:
        return Decision(incoming, Verdict.SAME, slug, there.content, wanted, present=there)
    fields = tuple(
        name
        for name in sorted(there.came.keys() | wanted.keys())
        if there.came.get(name) != wanted.get(name) and there.content.get(name) != wanted.get(name)
    )
    if there.content != there.came and fields:
        return Decision(incoming, Verdict.KEPT, slug, there.content, wanted, present=there, kept=fields)
    return Decision(incoming, Verdict.CHANGED, slug, wanted, wanted, present=there, fields=fields)
