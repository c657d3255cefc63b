"""The dose as people read it: "2 × 30 s each side", "2 × 45 s, right side", "3 days a week"."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from routines.models import Dose, SideMode

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
    if seconds < MINUTES_FROM:
        return _("%(seconds)d s") % {"seconds": seconds}
    minutes, rest = divmod(seconds, 60)
    if rest:
        return _("%(minutes)d:%(seconds)02d min") % {"minutes": minutes, "seconds": rest}
    return _("%(minutes)d min") % {"minutes": minutes}


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
