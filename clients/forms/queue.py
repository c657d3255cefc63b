"""What is typed in the morning queue: what was agreed, and from which figures on somebody comes into it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from clients.attention.thresholds import LIMITS
from clients.forms.numbers import ClientNumbersForm, NumbersForm
from clients.forms.workplace import ContactForm
from clients.models import ContactRecord


class QuickContactForm(ContactForm):
    """The same where there is little room: how they spoke is a list."""

    channel = forms.ChoiceField(
        label=gettext_lazy("How did you speak?"),
        choices=ContactRecord.Channel.choices,
        initial=ContactRecord.Channel.PHONE,
    )


class WithinLimits:
    """Whole numbers between the smallest and the largest that makes sense."""

    def bound(self, form: Any) -> None:
        for name, key in form.names.items():
            low, high = LIMITS[key]
            number = form.fields[name]
            form.fields[name] = forms.IntegerField(
                label=number.label,
                required=False,
                initial=number.initial,
                help_text=number.help_text,
                min_value=low,
                max_value=high,
            )


class ThresholdsForm(NumbersForm, WithinLimits):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bound(self)


class ClientThresholdsForm(ClientNumbersForm, WithinLimits):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bound(self)
        self.order_fields([*self.names, "reason"])
