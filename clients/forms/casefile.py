"""What a therapist types on the pages of one client: a dose in place, a swap, a document."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.forms.workplace import CareReasonForm, ReasonForm
from clients.models import AssignedStep, Document
from clients.swapping import Offer
from routines.forms import whole
from routines.models import Dose

USUAL_REASONS = (
    gettext_lazy("Adjusted at the visit."),
    gettext_lazy("It has become easy."),
    gettext_lazy("It was too much."),
    gettext_lazy("Less time at home."),
)


def reason_with_usual_ones() -> forms.CharField:
    """The reason, filled in with the usual one; others are offered while one types."""
    return forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=300,
        initial=USUAL_REASONS[0],
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "usual-reasons"}),
    )


class QuickDoseForm(forms.Form):
    """The numbers of a dose that change most, in place. Everything else has a page of its own."""

    sets = whole(gettext_lazy("Sets"), 1, 20)
    reps = whole(gettext_lazy("Reps"), 1, 200)
    hold_seconds = whole(gettext_lazy("Hold, s"), 0, 3600)
    per_day = whole(gettext_lazy("A day"), 1, 3)
    days_per_week = whole(gettext_lazy("Days a week"), 1, 7)

    NUMBERS = ("sets", "reps", "hold_seconds", "per_day", "days_per_week")

    def __init__(self, *args: Any, step: AssignedStep, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {name: getattr(step, name) for name in self.NUMBERS})
        kwargs.setdefault("prefix", f"step-{step.pk}")
        super().__init__(*args, **kwargs)
        self.step = step
        self.fields["reason"] = reason_with_usual_ones()
        if step.hold_seconds == 0:
            del self.fields["hold_seconds"]

    @property
    def dose(self) -> Dose:
        """Of a form that is valid."""
        numbers = {name: self.cleaned_data[name] for name in self.NUMBERS if name in self.fields}
        return replace(self.step.dose, **numbers)

    @property
    def numbers(self) -> list[forms.BoundField]:
        return [self[name] for name in self.NUMBERS if name in self.fields]


class SwapForm(ReasonForm):
    """Which of the offered exercises takes the place."""

    exercise = forms.TypedChoiceField(
        label=gettext_lazy("Instead"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose an exercise."),
            "invalid_choice": gettext_lazy("This exercise is not offered any more. Choose another one."),
        },
    )

    field_order = ["exercise", "reason"]

    def __init__(self, *args: Any, offers: Iterable[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["exercise"].choices = [  # type: ignore[attr-defined]
            (str(offer.exercise.pk), str(offer.exercise)) for offer in offers
        ]
        self.fields["reason"].help_text = _("One sentence. The client reads it beside the change.")
        self.fields["reason"].initial = USUAL_REASONS[0]
        self.fields["reason"].widget.attrs["list"] = "usual-reasons"


class DocumentForm(forms.ModelForm):
    """`key` is made with the form, so that sending it twice keeps one document."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=255,
        help_text=gettext_lazy("A PDF up to 10 MB, or a picture."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.webp"}),
    )

    class Meta:
        model = Document
        fields = ["title"]
        widgets = {"title": forms.TextInput(attrs={"autocomplete": "off"})}
        help_texts = {"title": gettext_lazy("What it is, such as “Referral from the doctor”.")}

    field_order = ["title", "file", "key"]

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())


class WithdrawForm(CareReasonForm):
    """Why a document is withdrawn."""
