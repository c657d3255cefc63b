"""One set, tempo, kinds and days as people read them: "30 s left", "Mon, Wed, Fri". The dose line is routines.wording's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

from django.template import Library
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.models import AssignedStep, Band, OneSide, Side
from clients.recording import SetEntry
from routines.models import Dose, ExerciseKind
from routines.wording import amount, both_amounts, dose_line, duration, duration_patterns, in_sentence

register = Library()

# Shorter than the labels of the model: they stand in a tag beside a name.
KIND_WORDS = {
    ExerciseKind.RELEASE_SMR: gettext_lazy("massage"),
    ExerciseKind.RELEASE_STRETCH: gettext_lazy("stretch"),
    ExerciseKind.STRENGTHEN: gettext_lazy("strengthen"),
    ExerciseKind.INTEGRATE: gettext_lazy("whole body"),
}
IN_FULL = {
    ExerciseKind.RELEASE_SMR: gettext_lazy("release · massage"),
    ExerciseKind.RELEASE_STRETCH: gettext_lazy("release · stretch"),
}
EVERY_DAY = "1234567"


@register.filter
def kind_word(kind: str) -> str:
    return str(KIND_WORDS[ExerciseKind(kind)])


@register.filter
def kind_in_full(kind: str) -> str:
    """The phase and the kind, where the phase has two kinds."""
    return str(IN_FULL.get(ExerciseKind(kind)) or kind_word(kind))


@register.filter
def kind_phase(kind: str) -> str:
    """The phase whose colour this kind of exercise has."""
    return ExerciseKind(kind).phase.value


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


def step_dose(step: AssignedStep) -> str:
    """The dose line of a step: "2 × 12 each side", "3 × 12 left, 2 × 12 right", and which side begins."""
    line = dose_line(step.dose, step.side_mode, step.side)
    if step.extra_set_side != OneSide.NONE:
        sides = sorted((Side.LEFT, Side.RIGHT), key=lambda side: side != step.first_side)
        line = both_amounts([(step.dose_on(side), side) for side in sides])
    if step.first_side == OneSide.NONE:
        return line
    return _("%(dose)s, %(side)s first") % {"dose": line, "side": OneSide(step.first_side).label}


def sided_dose(asked: Sequence[tuple[Dose, str, str]]) -> str:
    """The dose, kind of sides and side of each item in one line; both sides by name where they are asked differently."""
    dose, side_mode, side = asked[0]
    if len({amount(each) for each, _mode, _side in asked}) > 1:
        return both_amounts([(each, side) for each, _mode, side in asked])
    return dose_line(dose, side_mode, Side.BOTH if len(asked) > 1 else side)


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
    if entry.band:
        words = _("%(set)s, band %(colour)s") % {
            "set": words,
            "colour": in_sentence(str(Band(entry.band).label)),
        }
    return words


@register.simple_tag
def set_patterns() -> str:
    """What `entry_words` is made of, as JSON, for figures that are changed on the device (static/js/words.js)."""
    return json.dumps(
        {
            "turns": _("%(reps)d × %(hold)s"),
            "once": ngettext("%(reps)d repetition", "%(reps)d repetitions", 1),
            "reps": ngettext("%(reps)d repetition", "%(reps)d repetitions", 2),
            "side": _("%(set)s %(side)s"),
            "load": _("%(set)s, %(load)s kg"),
            "band": _("%(set)s, band %(colour)s"),
            "bands": {band.value: in_sentence(str(band.label)) for band in Band},
            **duration_patterns(),
        },
        ensure_ascii=False,
    )


def plain(number: Decimal) -> str:
    """4.0 as 4, 2.5 as 2.5 or 2,5."""
    return str(localize(int(number) if number == int(number) else number.normalize()))


@register.filter
def days_words(weekdays: str) -> str:
    """The days of a step: "every day", "Mon, Wed, Fri"."""
    if weekdays == EVERY_DAY:
        return _("every day")
    return ", ".join(str(WEEKDAYS_ABBR[int(day) - 1]) for day in weekdays)
