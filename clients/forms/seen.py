"""A text that more than one person, or one person on two devices, may be writing."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _


class SeenForm(forms.ModelForm):
    """`seen` says which words the page showed: those that came since are not written over unread."""

    text: ClassVar[str]  # the name of the field
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stands = sha256(self.initial[self.text].encode()).hexdigest()
        self.initial["seen"] = self.stands

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kept = self.initial[self.text]
        if cleaned.get("seen", "") not in ("", self.stands) and cleaned.get(self.text) != kept:
            self.data = {**self.data.dict(), self.add_prefix("seen"): self.stands}  # type: ignore[attr-defined]
            changed = _("Somebody has changed this in the meantime: “%(notes)s”. Save again to keep yours.")
            self.add_error(self.text, changed % {"notes": kept})
        return cleaned
