"""What a client says around sessions. Most of it is one tap: the button carries the answer, the form checks it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.sessions import KeyedForm
from clients.forms.widgets import ScaleField
from clients.models import MorningWord, Side, TightnessReading
from clients.telling import Site
from routines.models import Muscle

TENDER_ENDS = (_("Pressure only, not tender"), _("The strongest you can imagine"))


def number_field(*, required: bool = True) -> forms.IntegerField:
    """0 to 10, as a button sends it."""
    return forms.IntegerField(min_value=0, max_value=10, required=required, widget=forms.HiddenInput)


class MorningForm(KeyedForm):
    """The word, and a number where one was tapped."""

    after_day = forms.DateField(input_formats=["%Y-%m-%d"], widget=forms.HiddenInput)
    word = forms.ChoiceField(choices=MorningWord.choices, widget=forms.HiddenInput)
    pain = number_field(required=False)


class MorningLetterForm(KeyedForm):
    """The same from a letter, which knows client and day."""

    word = forms.ChoiceField(choices=MorningWord.choices, widget=forms.HiddenInput)


class DiaryForm(KeyedForm):
    day = forms.DateField(input_formats=["%Y-%m-%d"], widget=forms.HiddenInput)
    value = number_field()


class TightnessForm(KeyedForm):
    when = forms.ChoiceField(choices=TightnessReading.Moment.choices, widget=forms.HiddenInput)
    value = number_field()


class TightnessOfForm(TightnessForm):
    """The same from a device, which says what it asked about."""

    muscle = forms.ModelChoiceField(Muscle.objects.all(), to_field_name="slug", widget=forms.HiddenInput)
    side = forms.ChoiceField(choices=Side.choices, widget=forms.HiddenInput)

    @property
    def site(self) -> Site:
        return Site(self.cleaned_data["muscle"], self.cleaned_data["side"])


class TendernessForm(KeyedForm):
    """A scale for each muscle and side; one may be left open, all may not."""

    use_required_attribute = False

    def __init__(self, *args: Any, sites: Collection[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sites = {f"t-{site.muscle.pk}-{site.side}": site for site in sites}
        for name, site in self.sites.items():
            self.fields[name] = ScaleField(label=site.name, ends=TENDER_ENDS, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.get(name) is not None for name in self.sites):
            raise forms.ValidationError(
                _("Choose a number for at least one muscle, or leave it for another day.")
            )
        return cleaned

    def readings(self) -> dict[str, tuple[Site, int]]:
        """What was chosen, by the name of its field."""
        told = {name: (site, self.cleaned_data.get(name)) for name, site in self.sites.items()}
        return {name: (site, value) for name, (site, value) in told.items() if value is not None}
