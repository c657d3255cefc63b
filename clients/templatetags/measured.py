"""Scores and measured values as people read them: "4", "5.7", "−2"."""

from __future__ import annotations

from decimal import Decimal

from django.template import Library

from clients.outcomes import figure

register = Library()


@register.filter
def as_figure(value: Decimal | None) -> str:
    return "–" if value is None else figure(value)


@register.filter
def as_change(value: Decimal | None) -> str:
    """With its sign, also where it is a rise."""
    return "–" if value is None else figure(value, signed=True)
