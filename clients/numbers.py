"""Whose number counts: this client's, the program's phase's, the practice's, the rule's own (domain.md 6.4).

A plan is frozen: an assignment carries what the practice and the rule said on the day it was given, and the therapist's
own numbers for a client are dated decisions. So a decision of last week can be told again with the numbers of last week.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from clients.models import AssignedPhase, Assignment, PhaseTransition, Practice
from routines.models import Rule

LEVELS = AssignedPhase.LEVELS


@dataclass(frozen=True)
class Number:
    """A value, and whose it is: "client", "phase", "practice" or "rule"."""

    value: Any
    whose: str


@dataclass(frozen=True)
class Numbers:
    """The numbers of one rule, as each level that has any says them: {level: {key: value}}."""

    rule: str
    levels: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))

    def get(self, key: str) -> Number | None:
        """The number of the nearest level that has one; None when no level has."""
        for level in LEVELS:
            if key in (said := self.levels.get(level, {})):
                return Number(said[key], level)
        return None

    def value(self, key: str, default: Any = None) -> Any:
        found = self.get(key)
        return default if found is None else found.value

    def without(self, level: str) -> Numbers:
        """What would count if this level said nothing."""
        return Numbers(self.rule, {name: said for name, said in self.levels.items() if name != level})

    def named(self) -> list[str]:
        """Every key that some level names, those of the rule first."""
        return list(dict.fromkeys(key for level in reversed(LEVELS) for key in self.levels.get(level, {})))

    def merged(self) -> dict[str, Any]:
        """Every key with the value that counts."""
        return {key: self.value(key) for key in self.named()}

    def as_json(self, *keys: str) -> dict[str, dict[str, Any]]:
        """{key: {"value": …, "whose": …}} of these keys, for the row of a decision; a key without a value is left out."""
        found = {key: self.get(key) for key in keys}
        return {
            key: {"value": number.value, "whose": number.whose} for key, number in found.items() if number
        }


def clients_own(rows: Iterable[PhaseTransition], rule: str) -> dict[str, Any]:
    """What the therapist has set for this client, of one rule: the rows of kind NUMBERS folded in their order.

    A row says {"rule": slug, "set": {key: value}, "unset": [keys]}.
    """
    own: dict[str, Any] = {}
    for row in rows:
        if row.kind != PhaseTransition.Kind.NUMBERS or row.numbers.get("rule") != rule:
            continue
        own.update(row.numbers.get("set", {}))
        for key in row.numbers.get("unset", []):
            own.pop(key, None)
    return own


def phase_numbers(phase: AssignedPhase, rows: Sequence[PhaseTransition]) -> Numbers:
    """The numbers of the rule that opens the next phase. `rows` are the assignment's up to the moment, in order.

    The days of the program's phase beat those of the practice and of the rule; the client's own beat the phase's.
    """
    levels = {level: dict(said) for level, said in phase.numbers.items() if level in LEVELS}
    days = {"min_days_in_phase": phase.min_days, "review_by_day": phase.review_by_day}
    levels["phase"] = {**levels.get("phase", {}), **days}
    levels["client"] = clients_own(rows, phase.criteria) if phase.criteria else {}
    return Numbers(phase.criteria, {level: said for level, said in levels.items() if said})


def rule_numbers(assignment: Assignment, slug: str, rows: Sequence[PhaseTransition]) -> Numbers:
    """The numbers of a rule that guards the whole program, as frozen when it was assigned.

    `rows` are the assignment's up to the moment, in order.
    """
    levels = {
        "client": clients_own(rows, slug),
        "practice": assignment.numbers.get("practice", {}).get(slug, {}),
        "rule": assignment.numbers.get("rule", {}).get(slug, {}),
    }
    return Numbers(slug, {level: said for level, said in levels.items() if said})


def freeze_numbers(practice: Practice | None) -> dict[str, dict[str, dict[str, Any]]]:
    """The numbers of every rule of progression as they are now, {"practice": {rule: {…}}, "rule": {rule: {…}}}."""
    guarding = Rule.objects.filter(section=Rule.Section.PROGRESSION)
    rules: dict[str, dict[str, Any]] = dict(guarding.values_list("slug", "numbers"))
    own = practice.numbers if practice else {}
    return {"practice": {slug: dict(own[slug]) for slug in rules if own.get(slug)}, "rule": rules}


def numbers_now(slug: str, practice: Practice | None) -> dict[str, Any]:
    """The numbers of a rule for what is planned today: the practice's own before the rule's."""
    own = practice.numbers.get(slug, {}) if practice else {}
    return {**Rule.objects.get(slug=slug).numbers, **own}
