"""What a draft is made from: a visit, or a pattern without findings."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.models import Side, Visit
from routines.models import Imbalance

VISIT, PATTERN = "visit", "pattern"


def wish_of(source: str, more: str = "") -> str:
    return f"{source} {more}"


class DraftForm(forms.Form):
    """`key` is made with the page, so that the same draft sent twice makes one program."""

    key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)
    source = forms.ChoiceField(
        label=gettext_lazy("Draft from"),
        error_messages={"required": gettext_lazy("Choose a visit or a pattern.")},
    )
    pattern = forms.ChoiceField(
        label=gettext_lazy("Pattern behind the findings"),
        required=False,
        help_text=gettext_lazy("For a visit: it says which weak muscles are the partners."),
    )
    side = forms.ChoiceField(
        label=gettext_lazy("Side to release"),
        choices=[(Side.LEFT, Side.LEFT.label), (Side.RIGHT, Side.RIGHT.label), (Side.BOTH, Side.BOTH.label)],
        required=False,
        help_text=gettext_lazy("For a pattern without findings; a visit brings its own sides."),
    )

    def __init__(
        self, *args: Any, visits: Sequence[Visit], patterns: Sequence[Imbalance], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.visits = visits
        named = [(each.slug, str(each)) for each in patterns]
        of_visits = [(f"{VISIT}:{each.pk}", self.words(each)) for each in visits]
        of_patterns = [(f"{PATTERN}:{slug}", name) for slug, name in named]
        groups: list[Any] = [(_("A pattern without findings"), of_patterns)]
        if of_visits:
            groups.insert(0, (_("What your hands found"), of_visits))
        else:
            groups.insert(0, ("", _("Choose a pattern")))
            del self.fields["pattern"]
        self.fields["source"].choices = groups  # type: ignore[attr-defined]
        if "pattern" in self.fields:
            self.fields["pattern"].choices = [("", _("The one that explains most")), *named]  # type: ignore[attr-defined]

    def words(self, visit: Visit) -> str:
        return _("Visit of %(day)s") % {"day": date_format(visit.held_on, "j F Y")}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned.setdefault("pattern", "")
        return cleaned

    @property
    def visit(self) -> Visit | None:
        """The chosen visit, of a form that is valid; None where a pattern was chosen."""
        kind, _colon, what = self.cleaned_data["source"].partition(":")
        return next((each for each in self.visits if kind == VISIT and str(each.pk) == what), None)

    @property
    def wish(self) -> str:
        """What decides which draft it is, of a form that is valid: the page carries it, and only what was shown is saved."""
        chosen = self.cleaned_data
        return wish_of(chosen["source"], chosen["pattern"] if self.visit else chosen["side"])

    @property
    def imbalance(self) -> str:
        """The short name of the pattern that was chosen instead of a visit."""
        return str(self.cleaned_data["source"].partition(":")[2])
