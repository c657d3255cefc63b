"""What an import would do, or did, in figures and lists that a person can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from routines.exchange.comparing import Decision, Plan, Verdict
from routines.exchange.incoming import Collection, RefusedEntry, Unknown


@dataclass(frozen=True)
class Line:
    """One entry: its key and name, what of it changes, what is kept, what is odd about it."""

    key: str
    name: str
    fields: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    why: str = ""


@dataclass
class PictureFigures:
    """Pictures that the entries name: those that are here, that are new, that are missing or refused."""

    named: int = 0
    here: int = 0
    new: int = 0
    missing: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Report:
    source: str
    shape: str
    entries: int = 0
    programs: int = 0
    new: list[Line] = field(default_factory=list)
    changed: list[Line] = field(default_factory=list)
    same: list[Line] = field(default_factory=list)
    kept: list[Line] = field(default_factory=list)
    refused: list[RefusedEntry] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    pictures: PictureFigures = field(default_factory=PictureFigures)
    licences: Counter[str] = field(default_factory=Counter)
    text_licences: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    unknown: Counter[Unknown] = field(default_factory=Counter)
    muscles: int = 0  # exercises with at least one target muscle of ours

    @property
    def texts(self) -> int:
        return self.languages.total()

    @property
    def changes_something(self) -> bool:
        return bool(self.new or self.changed or self.kept)

    @property
    def summary(self) -> str:
        pictures = self.pictures
        return (
            f"{self.source}: {len(self.new)} new, {len(self.changed)} changed, {len(self.same)} the same, "
            f"{len(self.kept)} kept (edited here), {len(self.refused)} refused; pictures: {pictures.new} new, "
            f"{len(pictures.missing)} missing, {len(pictures.refused)} refused"
        )


def report_of(collection: Collection, plan: Plan, refused_pictures: Mapping[str, str]) -> Report:
    report = Report(
        collection.source,
        collection.shape,
        entries=collection.entries,
        programs=len(collection.programs),
        refused=list(plan.refused),
        gone=plan.gone,
        languages=Counter(dict(sorted(collection.texts.items()))),
    )
    lists = {
        Verdict.NEW: report.new,
        Verdict.CHANGED: report.changed,
        Verdict.SAME: report.same,
        Verdict.KEPT: report.kept,
    }
    for decision in (*plan.exercises, *plan.programs):
        lists[decision.verdict].append(line(decision))
    for decision in plan.exercises:
        count(decision, report, refused_pictures)
    return report


def line(decision: Decision) -> Line:
    incoming = decision.incoming
    return Line(incoming.key, incoming.name, decision.fields, decision.kept, decision.why)


def count(decision: Decision, report: Report, refused: Mapping[str, str]) -> None:
    incoming = decision.incoming
    report.licences[incoming.credits[0]["licence"] if incoming.credits else incoming.licence] += 1
    report.text_licences.update(credit["licence"] for credit in incoming.credits[1:])
    report.kinds["?" if "kind" in incoming.undecided else incoming.content["kind"]] += 1
    report.undecided.update(incoming.to_choose)
    report.unknown.update(incoming.unknown)
    report.muscles += "muscles" not in incoming.undecided
    pictures = report.pictures
    pictures.named += len(incoming.pictures)
    pictures.here += sum(1 for each in incoming.pictures if each.read)
    pictures.missing += [f"{incoming.key}: {each.name}" for each in incoming.pictures if not each.read]
    for each in decision.pictures:
        if why := refused.get(each.digest):
            pictures.refused.append((each.name, why))
        else:
            pictures.new += 1
