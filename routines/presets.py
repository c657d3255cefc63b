"""Doses that fit a kind of exercise, as the dose rules have them (domain.md 5), for one press in the builder. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from routines.models import Dose

SHORT_HOLD = 30  # seconds of a release that only keeps what was freed
MOST_SETS, MOST_REPS, MOST_SECONDS = 20, 200, 3600


@dataclass(frozen=True)
class Preset:
    slug: str
    word: str
    dose: Dose


def presets_for(own: Dose, rule: Mapping[str, Any]) -> list[Preset]:
    """The exercise's own dose first, then what the rule of its kind says. `rule` are its numbers, empty without one.

    Each dose once. What the rule does not name stays as the exercise has it.
    """
    found = [Preset("own", _("Its own dose"), own)]
    if rule:
        usual = usual_dose(own, rule)
        found.append(Preset("usual", _("Usual"), usual))
        found.append(Preset("lighter", _("Lighter start"), lighter(usual, rule)))
        if most := number(rule.get("before_strengthening"), "max_total_seconds_per_muscle", 0, MOST_SECONDS):
            found.append(Preset("short", _("Before strengthening"), shortened(usual, most)))
        if fuller := fuller_dose(usual, rule):
            found.append(Preset("fuller", _("Fuller"), fuller))
    return list({preset.dose: preset for preset in reversed(found)}.values())[::-1]


def usual_dose(own: Dose, rule: Mapping[str, Any]) -> Dose:
    """The rule's own numbers. An exercise that is held where its kind moves, or moved where it holds, keeps how."""
    usual = replace(
        own,
        sets=number(rule, "sets", own.sets, MOST_SETS),
        rest_seconds=number(rule, "rest_seconds", own.rest_seconds, 600),
        per_day=number(rule, "per_day", own.per_day, 3),
        days_per_week=number(rule, "days_per_week", own.days_per_week, 7),
    )
    hold = number(rule, "hold_seconds", 0, MOST_SECONDS)
    if bool(own.hold_seconds) != bool(hold):
        return usual
    tempo = rule.get("tempo")
    pace = own.tempo
    if own.tempo and isinstance(tempo, Mapping):
        pace = (
            number(tempo, "lift", own.tempo[0], 60),
            number(tempo, "hold", own.tempo[1], 60),
            number(tempo, "lower", own.tempo[2], 60),
        )
    reps = number(rule, "reps", own.reps, MOST_REPS)
    return replace(usual, reps=max(1, reps), hold_seconds=hold, tempo=pace)


def lighter(usual: Dose, rule: Mapping[str, Any]) -> Dose:
    """The lower end of what is usual."""
    dose = replace(usual, sets=max(1, low(rule, "sets", usual.sets)))
    if usual.hold_seconds:
        return replace(dose, hold_seconds=max(1, low(rule, "hold_seconds", usual.hold_seconds)))
    return replace(dose, reps=max(1, low(rule, "reps", usual.reps)))


def shortened(usual: Dose, most: int) -> Dose:
    """One set within the seconds that a muscle may be stretched before it works."""
    return replace(
        usual, sets=1, reps=1, hold_seconds=min(usual.hold_seconds or SHORT_HOLD, most), tempo=None
    )


def fuller_dose(usual: Dose, rule: Mapping[str, Any]) -> Dose | None:
    """The upper end of what is usual, for what is counted in repetitions."""
    sets, reps = high(rule, "sets"), high(rule, "reps")
    if usual.hold_seconds or not sets or not reps:
        return None
    return replace(usual, sets=sets, reps=reps)


def number(numbers: Any, name: str, default: int, most: int) -> int:
    """A whole number of a rule that a person may have edited; the default where it is none that a dose can have."""
    value = numbers.get(name) if isinstance(numbers, Mapping) else None
    return value if type(value) is int and 0 <= value <= most else default


def ends(rule: Mapping[str, Any], name: str) -> tuple[int, int] | None:
    ranges = rule.get("range")
    found = ranges.get(name) if isinstance(ranges, Mapping) else None
    if not isinstance(found, list) or len(found) != 2 or not all(type(end) is int for end in found):
        return None
    return found[0], found[1]


def low(rule: Mapping[str, Any], name: str, usual: int) -> int:
    found = ends(rule, name)
    return min(usual, found[0]) if found else usual


def high(rule: Mapping[str, Any], name: str) -> int:
    found = ends(rule, name)
    most = {"sets": MOST_SETS, "reps": MOST_REPS}[name]
    return found[1] if found and 1 <= found[1] <= most else 0
