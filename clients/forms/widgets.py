"""How the practice's own answers are drawn: eleven buttons instead of a slider, minus and plus instead of a keyboard."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

PAIN_ENDS = (_("No pain"), _("The worst pain you can imagine"))
EFFORT_ENDS = (_("Like resting"), _("Not one more"))


class Scale(forms.RadioSelect):
    """0 to 10 as buttons, with words at both ends."""

    def __init__(self, low: Any, high: Any) -> None:
        super().__init__(attrs={"data-scale": "pain", "data-low": low, "data-high": high})


class ScaleField(forms.TypedChoiceField):
    """A whole number from 0 to 10; None where nothing was chosen."""

    def __init__(self, *, ends: tuple[Any, Any] = PAIN_ENDS, **kwargs: Any) -> None:
        errors = {
            "required": _("Please choose a number from 0 to 10."),
            "invalid_choice": _("Please choose a number from 0 to 10."),
        }
        super().__init__(
            choices=[(n, n) for n in range(11)],
            coerce=int,
            empty_value=None,
            widget=Scale(*ends),
            error_messages=errors,
            **kwargs,
        )


class Stepper(forms.NumberInput):
    """A number with minus and plus, each `by` so many steps; a plain number field without JavaScript."""

    def __init__(self, *, step: str = "1", by: int = 1) -> None:
        super().__init__(attrs={"data-stepper": "1", "data-by": by, "step": step, "inputmode": "decimal"})
