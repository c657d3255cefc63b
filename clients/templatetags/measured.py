"""Scores and measured values as people read them: "4", "5.7", "−2"."""

from __future__ import annotations

from decimal import Decimal

from django.template import Library
from django.utils.formats import number_format

from clients.outcomes import figure

register = Library()


@register.filter
def as_figure(value: Decimal | str | None) -> str:
    """A dash for nothing, also for what a template did not find."""
    return figure(value) if isinstance(value, Decimal) else "–"


@register.filter
def as_change(value: Decimal | str | None) -> str:
    """With its sign, also where it is a rise."""
    return figure(value, signed=True) if isinstance(value, Decimal) else "–"


@register.filter
def as_value(value: Decimal | None) -> str:
    """A measured value with the decimals it was given, at most two."""
    if value is None:
        return "–"
    plain = value.normalize()
    places = min(2, max(0, -int(plain.as_tuple().exponent)))
    sign = "\N{MINUS SIGN}" if value < 0 else ""
    return f"{sign}{number_format(abs(value), places)}"


@register.filter
def as_difference(value: Decimal | None) -> str:
    return f"+{as_value(value)}" if value is not None and value > 0 else as_value(value)
