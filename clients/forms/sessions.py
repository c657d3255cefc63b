"""What a client says around and during a session. Each form carries the browser's key, so that sending twice records once."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext_lazy as _

from clients.forms.widgets import EFFORT_ENDS, ScaleField, Stepper
from clients.models import (
    Band,
    ExerciseNote,
    LimbAnswer,
    Measure,
    SessionItem,
    SessionNote,
    SkipReason,
    StopEvent,
)
from clients.recording import KeyReused, SetEntry, prescribed
from routines.models import ExerciseKind

KEY = re.compile(r"[A-Za-z0-9_-]{16,40}")  # what a browser makes up to name a request
LONGEST_NOTE: int = SessionNote._meta.get_field("text").max_length or 0
LOADED = (ExerciseKind.STRENGTHEN, ExerciseKind.INTEGRATE)


def new_key() -> str:
    """128 random bits: what one form is known by (reliability.md D1)."""
    return secrets.token_urlsafe(16)


def key_field() -> forms.CharField:
    return forms.CharField(
        max_length=40,
        min_length=16,
        widget=forms.HiddenInput,
        initial=new_key,
        validators=[RegexValidator(rf"^{KEY.pattern}\Z")],
    )


def device_moment(text: str) -> datetime | None:
    """What the device's clock said; None for nothing, nonsense, or a clock that is years off."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None or not is_aware(moment) or not 2020 <= moment.year <= 2100:
        return None
    return moment


class KeyedForm(forms.Form):
    key = key_field()
    device_time = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    sent_before = False

    def refuse(self, error: Exception) -> None:
        """Shows the sentence of a domain error. What was sent before with other values gets a key of its own now.

        So the next press of the button says what the page shows.
        """
        self.add_error(None, str(error))
        if isinstance(error, KeyReused):
            self.sent_before = True
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data[self.add_prefix("key")] = new_key()  # type: ignore[index]

    @property
    def status(self) -> int:
        """Of the page that shows this form: 409 where the key said something else before, 422 for what cannot be taken."""
        if self.sent_before:
            return 409
        return 422 if self.is_bound and self.errors else 200

    @property
    def moment(self) -> datetime | None:
        return device_moment(self.cleaned_data["device_time"])


class SetFigures(KeyedForm):
    """All that can be told of a set; the page without a network takes away what an exercise does not have."""

    done = forms.BooleanField(required=False, widget=forms.HiddenInput)
    reps = forms.IntegerField(label=_("Repetitions"), min_value=0, max_value=500, widget=Stepper())
    seconds = forms.IntegerField(label=_("Seconds"), min_value=0, max_value=7200, widget=Stepper(by=5))
    load_kg = forms.DecimalField(
        label=_("Weight (kg)"),
        min_value=Decimal(0),
        max_value=Decimal(500),
        max_digits=5,
        decimal_places=1,
        required=False,
        widget=Stepper(step="0.1", by=5),
    )
    band = forms.ChoiceField(
        label=_("Band"),
        choices=[("", _("No colour")), *Band.choices],
        required=False,
        widget=forms.RadioSelect(attrs={"data-cards": "1"}),
    )


class SetForm(SetFigures):
    """One set: its figures filled in as asked, and whether it counts as done.

    `shown` are other figures to fill in; the tick of a set that is `ticked` takes it back. A `banded` one asks for the colour.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        item: SessionItem,
        number: int,
        shown: SetEntry | None = None,
        ticked: bool = False,
        banded: bool = False,
    ) -> None:
        self.item, self.number = item, number
        asked = prescribed(item)
        entry = shown or asked
        super().__init__(
            data,
            auto_id=f"set_{item.pk}_{number}_%s",
            initial={
                "done": "" if ticked else "1",
                "reps": entry.reps,
                "seconds": entry.seconds,
                "load_kg": entry.load_kg,
                "band": entry.band,
            },
        )
        if asked.reps is None:
            del self.fields["reps"]
        if asked.seconds is None:
            del self.fields["seconds"]
        if item.kind not in LOADED:
            del self.fields["load_kg"]
        if not banded:
            del self.fields["band"]

    def entry(self) -> SetEntry:
        found = self.cleaned_data
        return SetEntry(
            done=found["done"],
            reps=found.get("reps"),
            seconds=found.get("seconds"),
            load_kg=found.get("load_kg"),
            band=found.get("band", ""),
        )


class SkipForm(KeyedForm):
    reason = forms.ChoiceField(
        label=_("Why do you leave it out?"),
        choices=[choice for choice in SkipReason.choices if choice[0] != SkipReason.TOO_HARD],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose a reason."),
            "invalid_choice": _("Please choose a reason."),
        },
    )


class OwnNoteForm(KeyedForm):
    """What the client wants to read again at this exercise next time."""

    text = forms.CharField(
        label=_("Your note on this exercise"),
        max_length=ExerciseNote._meta.get_field("text").max_length,
        required=False,
        help_text=_("It stands here again next time. Empty takes it away."),
    )


class StopForm(KeyedForm):
    """One answer to "Something is wrong", sent by a button of its own."""

    choice = forms.ChoiceField(choices=StopEvent.Choice.choices, widget=forms.HiddenInput)


class NoteField(forms.CharField):
    """Text with the ends of its lines as the browser counts them: one character each, though two are sent."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").replace("\r\n", "\n")


class EndForm(KeyedForm):
    """How it was: at most four answers, and a note for whoever wants to write one.

    Effort is asked only where something was strengthened, the direction only where symptoms of a leg or arm belong to
    the pattern; both may stay open. Pain before was asked at the start; `correcting` a session that is over, it can be
    changed or told. New numbness counts even where the numbers are missing or the note is too long.
    """

    pain_before = ScaleField(
        label=_("How strong was the pain in this area before the session?"), required=False
    )
    pain_after = ScaleField(label=_("How strong is the pain in this area right now?"))
    pain_worst = ScaleField(label=_("What was the strongest pain in this area during the session?"))
    limb = forms.ChoiceField(
        label=_("Pain, tingling or numbness in the leg or arm: where did it go with this session?"),
        choices=LimbAnswer.Direction.choices,
        widget=forms.RadioSelect(attrs={"data-cards": "1"}),
        required=False,
        help_text=_("Nothing to feel there? Choose “The same”, or leave it open."),
    )
    effort = ScaleField(
        label=_("How hard was the exercise part of this session?"),
        ends=EFFORT_ENDS,
        required=False,
        help_text=_(
            "2 light, could go on for a long time. 4 working, but comfortable. 6 demanding, about 3 more would have been "
            "possible. 8 very demanding, about 1 more."
        ),
    )
    note = NoteField(
        label=_("A note to your therapist"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        *args: Any,
        with_effort: bool,
        with_limb: bool = False,
        correcting: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if not correcting:
            del self.fields["pain_before"]
        if not with_effort:
            del self.fields["effort"]
        if not with_limb:
            del self.fields["limb"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("limb") == LimbAnswer.Direction.NEW_NUMB:
            for name in ("pain_before", "pain_after", "pain_worst", "effort"):
                self.errors.pop(name, None)
            if self.errors.pop("note", None):
                note = str(self.fields["note"].to_python(self.data.get(self.add_prefix("note"))))
                cleaned["note"] = note.replace("\0", "")[:LONGEST_NOTE].strip()
        return cleaned

    def readings(self) -> dict[str, int]:
        found = {measure.value: self.cleaned_data.get(measure.value) for measure in Measure}
        return {measure: value for measure, value in found.items() if value is not None}
