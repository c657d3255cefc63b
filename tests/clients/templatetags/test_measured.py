"""Scores and measured values as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from clients.templatetags.measured import as_change, as_difference, as_figure, as_value


@pytest.mark.parametrize(
    ("value", "figure", "change"),
    [("4.00", "4", "+4"), ("5.67", "5.7", "+5.7"), ("-2.00", "−2", "−2"), ("0", "0", "0")],
)
def test_score(value: str, figure: str, change: str) -> None:
    assert (as_figure(Decimal(value)), as_change(Decimal(value))) == (figure, change)


@pytest.mark.parametrize(
    ("value", "shown", "difference"),
    [
        ("95.00", "95", "+95"),
        ("92.50", "92.5", "+92.5"),
        ("0.25", "0.25", "+0.25"),
        ("-3.50", "−3.5", "−3.5"),
        ("100", "100", "+100"),
    ],
)
def test_measured_value(value: str, shown: str, difference: str) -> None:
    assert (as_value(Decimal(value)), as_difference(Decimal(value))) == (shown, difference)


def test_nothing_is_a_dash() -> None:
    assert [as_figure(None), as_figure(""), as_change(None), as_value(None), as_difference(None)] == ["–"] * 5


def test_germans_read_a_comma() -> None:
    with translation.override("de"):
        assert (as_figure(Decimal("5.67")), as_value(Decimal("92.5"))) == ("5,7", "92,5")
