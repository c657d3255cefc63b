"""Fields that several forms share: those of the dose, as a therapist types them, and rows to tick."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from routines.models import Dose, is_key

TEMPO = ("tempo_lift", "tempo_hold", "tempo_lower")


def whole(
    label: Any, low: int, high: int, *, required: bool = True, help_text: Any = ""
) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=low,
        max_value=high,
        required=required,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class RowsField(forms.ModelMultipleChoiceField):
    """Refuses what can be no key of a row before the database is asked."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if not is_key(str(key)):
                raise forms.ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": key}
                )
        return super().clean(value)


class DoseForm(forms.Form):
    """The numbers of one prescription; `dose` is what they mean. The ranges are those of the database."""

    sets = whole(gettext_lazy("Sets"), 1, 20)
    reps = whole(gettext_lazy("Reps"), 1, 200)
    hold_seconds = whole(gettext_lazy("Hold, s"), 0, 3600)
    tempo_lift = whole(gettext_lazy("Lift, s"), 0, 60, required=False)
    tempo_hold = whole(gettext_lazy("Stay, s"), 0, 60, required=False)
    tempo_lower = whole(gettext_lazy("Lower, s"), 0, 60, required=False)
    rest_seconds = whole(gettext_lazy("Rest, s"), 0, 600)
    per_day = whole(gettext_lazy("A day"), 1, 3)
    days_per_week = whole(gettext_lazy("Days a week"), 1, 7)

    DOSE_FIELDS = (
        "sets", "reps", "hold_seconds", *TEMPO, "rest_seconds", "per_day", "days_per_week",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = [name for name in TEMPO if cleaned.get(name) is not None]
        if given and len(given) < len(TEMPO):
            for name in TEMPO:
                if name not in given and name not in self.errors:
                    self.add_error(name, _("Give all three parts of the tempo, or none."))
        return cleaned

    @property
    def dose(self) -> Dose:
        """Of a form that is valid."""
        numbers = self.cleaned_data
        tempo = tuple(numbers[name] for name in TEMPO)
        return Dose(
            sets=numbers["sets"],
            reps=numbers["reps"],
            hold_seconds=numbers["hold_seconds"],
            tempo=None if None in tempo else (tempo[0], tempo[1], tempo[2]),
            rest_seconds=numbers["rest_seconds"],
            per_day=numbers["per_day"],
            days_per_week=numbers["days_per_week"],
        )

    @property
    def dose_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.DOSE_FIELDS]
