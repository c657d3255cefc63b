"""The dose as people read it: "2 × 30 s each side", "2 days a week"."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from routines.models import Dose, SideMode


def dose_line(dose: Dose, side_mode: str = "", side: str = "") -> str:
    """Sets, repetitions, hold and sides in one line. `side` is left, right, both or by_complaint."""
    return " ".join(part for part in (amount(dose), side_words(side_mode, side)) if part)


def amount(dose: Dose) -> str:
    """A single held repetition is counted in seconds; a moving one in repetitions, with the tempo where there is one."""
    if dose.hold_seconds and dose.reps == 1:
        return _("%(sets)d × %(seconds)d s") % {"sets": dose.sets, "seconds": dose.hold_seconds}
    if dose.hold_seconds:
        return _("%(sets)d × %(reps)d × %(seconds)d s") % {
            "sets": dose.sets,
            "reps": dose.reps,
            "seconds": dose.hold_seconds,
        }
    return _("%(sets)d × %(reps)d") % {"sets": dose.sets, "reps": dose.reps}


def side_words(side_mode: str, side: str) -> str:
    """ "each side", "left side", "alternating"; nothing where the exercise has no sides."""
    if side_mode == SideMode.ALTERNATING:
        return _("alternating")
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
