"""What client and therapist write to each other."""

from __future__ import annotations

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Message
from clients.recording import KeyReused

LONGEST: int = Message._meta.get_field("text").max_length or 0


class MessageForm(forms.Form):
    """`key` is made with the form, so that sending it twice makes one message."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    text = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write something first.")},
    )

    def refuse(self, error: Exception) -> None:
        """Shows the sentence of a domain error, and keeps what was typed; other words get a key of their own."""
        self.add_error(None, str(error))
        if isinstance(error, KeyReused):
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data[self.add_prefix("key")] = str(uuid.uuid4())  # type: ignore[index]
