"""Doses, sides and days as people read them: "2 × 45 s, right side", "Mon, Wed, Fri"."""

from __future__ import annotations

from decimal import Decimal

from django.template import Library
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.models import Side
from clients.recording import SetEntry
from routines.models import Dose, ExerciseKind, SideMode

register = Library()

# Shorter than the labels of the model: they stand in a tag beside a name.
KIND_WORDS = {
    ExerciseKind.RELEASE_SMR: gettext_lazy("massage"),
    ExerciseKind.RELEASE_STRETCH: gettext_lazy("stretch"),
    ExerciseKind.STRENGTHEN: gettext_lazy("strengthen"),
    ExerciseKind.INTEGRATE: gettext_lazy("whole body"),
}
EVERY_DAY = "1234567"


@register.filter
def kind_word(kind: str) -> str:
    return str(KIND_WORDS[ExerciseKind(kind)])


@register.filter
def kind_phase(kind: str) -> str:
    """The phase whose colour this kind of exercise has."""
    return ExerciseKind(kind).phase.value


@register.filter
def duration(seconds: int) -> str:
    """45 s; from two minutes on in minutes: 15 min, 2:30 min."""
    if seconds < 120:
        return _("%(seconds)d s") % {"seconds": seconds}
    minutes, rest = divmod(seconds, 60)
    if rest:
        return _("%(minutes)d:%(seconds)02d min") % {"minutes": minutes, "seconds": rest}
    return _("%(minutes)d min") % {"minutes": minutes}


def work(dose: Dose) -> str:
    """One set: 45 s, 10 × 5 s, 12 (repetitions)."""
    if not dose.hold_seconds:
        return str(dose.reps)
    if dose.reps == 1:
        return duration(dose.hold_seconds)
    return _("%(reps)d × %(hold)s") % {"reps": dose.reps, "hold": duration(dose.hold_seconds)}


def side_words(side: str, side_mode: str) -> str:
    """The side as it stands after a dose; empty where there is nothing to tell apart."""
    if side_mode == SideMode.ALTERNATING:
        return _("each side, alternating")
    if side_mode != SideMode.EACH_SIDE:
        return ""
    return {
        Side.LEFT: _("left side"),
        Side.RIGHT: _("right side"),
    }.get(Side(side), _("each side"))


def dose_line(dose: Dose, side: str, side_mode: str) -> str:
    """The whole dose in one line: "2 × 45 s, right side", "2 × 12 each side", "15 min"."""
    if dose.sets == 1 and dose.reps == 1 and dose.hold_seconds >= 120:
        line = duration(dose.hold_seconds)
    else:
        line = _("%(sets)d × %(set)s") % {"sets": dose.sets, "set": work(dose)}
    words = side_words(side, side_mode)
    if not words:
        return line
    if side in (Side.LEFT, Side.RIGHT):
        return _("%(dose)s, %(side)s") % {"dose": line, "side": words}
    return _("%(dose)s %(side)s") % {"dose": line, "side": words}


def tempo_words(dose: Dose) -> str:
    """How slowly a repetition goes; empty for holds and for the person's own pace."""
    if dose.hold_seconds or not dose.tempo:
        return ""
    lift, hold, lower = dose.tempo
    if not hold:
        return _("Slowly: %(lift)d s up, %(lower)d s down") % {"lift": lift, "lower": lower}
    return _("Slowly: %(lift)d s up, stay %(hold)d s, %(lower)d s down") % {
        "lift": lift,
        "hold": hold,
        "lower": lower,
    }


def entry_words(entry: SetEntry, side: str = Side.NONE) -> str:
    """What one set is, or was: "30 s left", "12 repetitions right, 4 kg"."""
    if entry.reps is not None and entry.seconds:
        words = _("%(reps)d × %(hold)s") % {"reps": entry.reps, "hold": duration(entry.seconds)}
    elif entry.reps is not None:
        words = ngettext("%(reps)d repetition", "%(reps)d repetitions", entry.reps) % {"reps": entry.reps}
    else:
        words = duration(entry.seconds or 0)
    if side in (Side.LEFT, Side.RIGHT):
        words = _("%(set)s %(side)s") % {"set": words, "side": Side(side).label}
    if entry.load_kg:
        words = _("%(set)s, %(load)s kg") % {"set": words, "load": plain(entry.load_kg)}
    return words


def plain(number: Decimal) -> str:
    """4.0 as 4, 2.5 as 2.5 or 2,5."""
    return str(localize(int(number) if number == int(number) else number.normalize()))


@register.filter
def days_words(weekdays: str) -> str:
    """The days of a step: "every day", "Mon, Wed, Fri"."""
    if weekdays == EVERY_DAY:
        return _("every day")
    return ", ".join(str(WEEKDAYS_ABBR[int(day) - 1]) for day in weekdays)
