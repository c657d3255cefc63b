"""Bring the catalogue file into the database without touching what the therapist made or edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from routines.models import CatalogueEntry
from routines.seeding.content import Content, Kind, Row, Writing, hash_of
from routines.seeding.kinds import KINDS, kind_of
from routines.seeding.reading import validate


@dataclass
class SeedReport:
    """What was done (or, dry, would be done). Entries are named as "exercises bridge"."""

    dry_run: bool = False
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    edited_here: list[str] = field(default_factory=list)
    made_here: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    @property
    def kept(self) -> int:
        return len(self.edited_here) + len(self.made_here)

    @property
    def summary(self) -> str:
        return (
            f"Catalogue: {self.new} new, {self.updated} updated, {self.unchanged} unchanged, "
            f"{self.kept} kept (edited here)"
        )

    @property
    def lines(self) -> list[str]:
        """The summary, then one line for each entry that a person should know of."""
        return [
            *[f"Kept, edited here: {name}" for name in self.edited_here],
            *[f"Kept, made here under a name of the file: {name}" for name in self.made_here],
            *[f"No longer in the file, left as it is: {name}" for name in self.gone],
            self.summary + (" (dry run, nothing written)" if self.dry_run else ""),
        ]


@dataclass(frozen=True)
class Plan:
    kind: Kind
    new: dict[str, Content]
    changed: dict[str, tuple[Row, Content]]


def seed(data: dict[str, Any], *, dry_run: bool = False) -> SeedReport:
    """Write the catalogue, in one transaction. Raises CatalogueError, and writes nothing, when `data` is wrong.

    An entry that stands in the database as the file says is not written. One that was edited here, or made here
    under the same short name, is kept and reported; one that is gone from the file is reported, never deleted.
    """
    validate(data)
    report = SeedReport(dry_run=dry_run)
    with transaction.atomic():
        plans = [plan(kind, kind.wanted(data), kind.read(), report) for kind in KINDS]
        if not dry_run:
            writing = Writing()
            for made in plans:
                if made.new or made.changed:
                    made.kind.write(made.new, made.changed, writing)
            for children, surplus in writing.surplus:
                children.remove(surplus)
    return report


def plan(kind: Kind, wanted: dict[str, Content], present: Mapping[str, Row], report: SeedReport) -> Plan:
    """Decide for each entry of this kind, and count it in the report."""
    fixed = {
        slug: row for slug, row in present.items() if slug not in wanted or row.made_here or row.edited_here
    }
    settled = kind.settle({slug: entry for slug, entry in wanted.items() if slug not in fixed}, fixed)
    new = {slug: entry for slug, entry in settled.items() if slug not in present}
    changed = {
        slug: (present[slug], entry)
        for slug, entry in settled.items()
        if slug in present and present[slug].content != entry
    }
    report.new += len(new)
    report.updated += len(changed)
    report.unchanged += len(settled) - len(new) - len(changed)
    for slug, row in fixed.items():
        name = f"{kind.section} {slug}"
        if slug not in wanted:
            if not row.made_here:
                report.gone.append(name)
        elif row.made_here:
            report.made_here.append(name)
        else:
            report.edited_here.append(name)
    return Plan(kind, new, changed)


def content_of(entry: CatalogueEntry) -> Content:
    """What the entry says now, child rows included, as it stands in the database."""
    return kind_of(entry).read(entry.slug)[entry.slug].content


def is_edited(entry: CatalogueEntry) -> bool:
    """Whether a shipped entry says something else than what was seeded. Entries that were made here are not edited."""
    return bool(entry.seed_hash) and hash_of(content_of(entry)) != entry.seed_hash
