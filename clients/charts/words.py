"""What charts have in common to say: first and latest, how far apart two sides are, how much time a point stands for."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.charts.thinning import Span, Thinned
from clients.outcomes import figure


def nothing() -> str:
    return _("Not enough data: nothing told yet.")


def from_to(values: Sequence[float | None], said: str, once: str = "") -> str:
    """`said` with the first and the latest value, `once` with a single one; none is said to be that."""
    told = [value for value in values if value is not None]
    if not told:
        return nothing()
    if len(told) == 1:
        return (once or _("One number so far: %(value)s of 10.")) % {"value": figure(told[0])}
    return said % {"first": figure(told[0]), "last": figure(told[-1])}


def span_note(short: Thinned) -> str:
    """That points stand for more than a day, and how many entries are behind them; "" where each is one."""
    if short.span is Span.DAY:
        return ""
    words = {
        Span.WEEK: ngettext(
            "Each point is the middle of a week (%(number)d entry in all).",
            "Each point is the middle of a week (%(number)d entries in all).",
            short.of,
        ),
        Span.MONTH: ngettext(
            "Each point is the middle of a month (%(number)d entry in all).",
            "Each point is the middle of a month (%(number)d entries in all).",
            short.of,
        ),
        Span.QUARTER: ngettext(
            "Each point is the middle of three months (%(number)d entry in all).",
            "Each point is the middle of three months (%(number)d entries in all).",
            short.of,
        ),
    }[short.span]
    return words % {"number": short.of}


def apart(one: Sequence[float | None], other: Sequence[float | None]) -> list[float | None]:
    """How far two values of one day lie apart; None where one of them is missing."""
    return [abs(a - b) if a is not None and b is not None else None for a, b in zip(one, other, strict=True)]


def gap_words(one: Sequence[float | None], other: Sequence[float | None]) -> str:
    """How far left and right lay apart at first and lately, on days that tell both; a fact, whichever way it went."""
    told = [value for value in apart(one, other) if value is not None]
    if not told:
        return _("Not enough data: no day tells both sides.")
    first, last = figure(told[0]), figure(told[-1])
    if not any(told):
        return _("Left and right are level.")
    if len(told) == 1:
        return _("Left and right are %(last)s apart.") % {"last": last}
    if not told[-1] and told[0]:
        return _("Left and right were %(first)s apart at first, level the last time.") % {"first": first}
    if told[-1] < told[0]:
        return _(
            "Left and right were %(first)s apart at first, %(last)s the last time: the gap is closing."
        ) % {
            "first": first,
            "last": last,
        }
    return _("Left and right were %(first)s apart at first, %(last)s the last time.") % {
        "first": first,
        "last": last,
    }
