"""The dose as people read it: "2 × 30 s each side", "2 × 45 s, right side", "3 days a week"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from routines.models import Dose, SideMode
from routines.models.base import localized

LANGUAGES_WITH_CAPITAL_NOUNS = ("de",)
MINUTES_FROM = 120  # seconds; shorter times are said in seconds


def dose_line(dose: Dose, side_mode: str = "", side: str = "") -> str:
    """Sets, repetitions, hold and sides in one line. `side` is left, right, both or by_complaint."""
    line = amount(dose)
    words = side_words(side_mode, side)
    if not words:
        return line
    if side in ("left", "right"):
        return f"{line}, {words}"
    return f"{line} {words}"


def both_amounts(asked: Sequence[tuple[Dose, str]]) -> str:
    """Sides that are asked differently, each with its word: "3 × 10 left, 2 × 10 right"."""
    words = {"left": _("left"), "right": _("right")}
    return ", ".join(f"{amount(dose)} {words.get(side, '')}".strip() for dose, side in asked)


def amount(dose: Dose) -> str:
    """A single held repetition is counted in its time; moving ones in repetitions; one long hold is just its time."""
    if dose.hold_seconds and dose.reps == 1:
        if dose.sets == 1 and dose.hold_seconds >= MINUTES_FROM:
            return duration(dose.hold_seconds)
        return _("%(sets)d × %(time)s") % {"sets": dose.sets, "time": duration(dose.hold_seconds)}
    if dose.hold_seconds:
        return _("%(sets)d × %(reps)d × %(time)s") % {
            "sets": dose.sets,
            "reps": dose.reps,
            "time": duration(dose.hold_seconds),
        }
    return _("%(sets)d × %(reps)d") % {"sets": dose.sets, "reps": dose.reps}


def duration(seconds: int) -> str:
    """45 s; from two minutes on in minutes: 15 min, 2:30 min."""
    minutes, rest = divmod(seconds, 60)
    if seconds < MINUTES_FROM:
        name, rest = "seconds", seconds
    else:
        name = "both" if rest else "minutes"
    return str(duration_patterns()[name]) % {"minutes": minutes, "seconds": rest}


def duration_patterns() -> dict[str, str | int]:
    """What `duration` is made of, and from how many seconds on it speaks of minutes."""
    return {
        "seconds": _("%(seconds)d s"),
        "both": _("%(minutes)d:%(seconds)02d min"),
        "minutes": _("%(minutes)d min"),
        "minutes_from": MINUTES_FROM,
    }


def side_words(side_mode: str, side: str) -> str:
    """ "each side", "left side", "alternating"; nothing where the exercise has no sides."""
    if side_mode == SideMode.ALTERNATING:
        return _("each side, alternating")
    if side_mode != SideMode.EACH_SIDE:
        return ""
    if side == "left":
        return _("left side")
    if side == "right":
        return _("right side")
    return _("each side")


def often(dose: Dose) -> str:
    """ "every day", "3 days a week", with the times a day where they are more than one."""
    days = (
        _("every day")
        if dose.days_per_week == 7
        else ngettext("%(days)d day a week", "%(days)d days a week", dose.days_per_week)
        % {"days": dose.days_per_week}
    )
    if dose.per_day == 1:
        return days
    return _("%(days)s, %(times)d times a day") % {"days": days, "times": dose.per_day}


def listed(names: Sequence[str]) -> str:
    """ "a, b and c"."""
    return get_text_list(list(names), _("and"))


def in_sentence(name: str) -> str:
    """A name within a sentence: small first letter, where the language writes nouns so. "TFL" stays."""
    if (get_language() or "").split("-")[0] in LANGUAGES_WITH_CAPITAL_NOUNS or name[:2].isupper():
        return name
    return name[:1].lower() + name[1:]


# ---- Why a step is there -----------------------------------------------------------------------------------------


def why_words(why: Mapping[str, Any]) -> str:
    """The therapist's sentence for what a draft says about a step (routines.drafting); empty where it says nothing."""
    muscles = listed([muscle_words(muscle) for muscle in why.get("muscles", ())])
    of = why.get("of", {})
    if not muscles:
        return ""
    match why.get("because"):
        case "tight" if why.get("rating") is None and of.get("imbalance"):
            words = {"pattern": localized(of["imbalance"]["texts"], "name"), "muscles": muscles}
            return _("Tight in “%(pattern)s”: %(muscles)s.") % words
        case "tight":
            return _("Feels tight: %(muscles)s.") % {"muscles": muscles}
        case "partner":
            tight = listed([in_sentence(localized(each["texts"], "name")) for each in of.get("tight", ())])
            return _("Partner of %(tight)s: %(muscles)s.") % {"tight": tight, "muscles": muscles}
        case "weak":
            return _("Found weak: %(muscles)s.") % {"muscles": muscles}
        case "short_release":
            return _("Release never stops, a short one opens the day: %(muscles)s.") % {"muscles": muscles}
        case "keep":
            return _("Keeps what was reached: %(muscles)s.") % {"muscles": muscles}
    return ""


def muscle_words(muscle: Mapping[str, Any], *, rated: bool = True) -> str:
    """ "piriformis (left, 7 of 10)"; the side and the rating only where there was a finding."""
    name = in_sentence(localized(muscle["texts"], "name"))
    said = []
    sides = [side for side in muscle.get("sides", ()) if side in ("left", "right")]
    if muscle.get("rating") is None:
        return name
    if sides:
        said.append(
            _("both sides") if len(sides) == 2 else {"left": _("left"), "right": _("right")}[sides[0]]
        )
    if rated:
        said.append(_("%(rating)d of 10") % {"rating": muscle["rating"]})
    return f"{name} ({', '.join(said)})" if said else name
