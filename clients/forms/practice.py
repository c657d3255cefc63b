"""What the owner types about the practice: its row, its look, its words, its team; and who covers for whom."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.branding import COLOUR, ENOUGH, HOUSE, THEMES, companion, faintest, nearest, own_colours, reads
from clients.forms.workplace import CareReasonForm, day_input, zones
from clients.models import Client, Practice, Role, User
from clients.practice import offered_languages
from clients.wording import PLACEHOLDERS, HealthWords, unknown_placeholders
from routines.forms import RowsField

LONGEST_AHEAD = timedelta(days=366)
ROLES = [(role.value, role.label) for role in (Role.THERAPIST, Role.OFFICE, Role.OWNER)]


# ---- The practice's row ---------------------------------------------------------------------------------------------


class PracticeForm(forms.ModelForm):
    zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=zones)
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages that you offer"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Offer at least one language.")},
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = Practice
        fields = ["name", "phone", "emergency_number", "address", "website", "zone", "languages", "language"]
        help_texts = {
            "name": gettext_lazy("Stands on every page and in every letter."),
            "phone": gettext_lazy("Clients call it when a safety question says so."),
            "emergency_number": gettext_lazy("The number in your country, such as 112 or 911."),
            "address": gettext_lazy("Stands at the foot of pages."),
            "website": gettext_lazy("Stands beside the address."),
            "zone": gettext_lazy("New clients begin with it."),
            "language": gettext_lazy(
                "For whoever has chosen none, and whose browser asks for none that is spoken here."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["languages"] = [code for code, _word in offered_languages(self.instance)]

    def clean_name(self) -> str:
        """In one line: it stands in the headers of every letter."""
        return " ".join(self.cleaned_data["name"].split())

    def clean_address(self) -> str:
        return " ".join(self.cleaned_data["address"].split())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        offered = cleaned.get("languages")
        if offered and cleaned.get("language") and cleaned["language"] not in offered:
            self.add_error("language", _("You do not offer this language."))
        return cleaned


# ---- Look -----------------------------------------------------------------------------------------------------------


class ColourInput(forms.TextInput):
    input_type = "color"


def colour_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        validators=[RegexValidator(rf"^{COLOUR.pattern}\Z", gettext_lazy("Write a colour like #0F6B66."))],
        widget=ColourInput,
    )


class LookForm(forms.Form):
    """One colour for each theme, readable wherever words stand in it or on it."""

    light = colour_field(gettext_lazy("On light pages"))
    follow = forms.BooleanField(
        label=gettext_lazy("Find the colour for dark pages by itself"),
        required=False,
        help_text=gettext_lazy("The same hue, as light as it must be to be read there."),
    )
    dark = colour_field(gettext_lazy("On dark pages"))

    def __init__(self, data: Any = None, *, practice: Practice) -> None:
        own = own_colours(practice.colours)
        first = {**HOUSE, **own, "follow": not own or own["dark"] == companion(own["light"])}
        super().__init__(data, initial=first)
        self.offers: dict[str, str] = {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        light = cleaned.get("light")
        if cleaned.get("follow") and light:
            self.errors.pop("dark", None)
            cleaned["dark"] = companion(light)
        for theme in THEMES:
            colour = cleaned.get(theme)
            if colour and not reads(colour, theme):
                self.offers[theme] = nearest(colour, theme)
                ratio = number_format(int(faintest(colour, theme) * 100) / 100, 2)
                words = _(
                    "Too faint to be read: %(ratio)s to 1, where words need %(enough)s to 1. %(nearest)s would do."
                )
                self.add_error(
                    theme,
                    words
                    % {"ratio": ratio, "enough": number_format(ENOUGH, 1), "nearest": self.offers[theme]},
                )
        return cleaned

    def colours(self) -> dict[str, str]:
        return {theme: self.cleaned_data[theme].upper() for theme in THEMES}


class LogoForm(forms.Form):
    logo = forms.FileField(
        label=gettext_lazy("Picture"),
        help_text=gettext_lazy("JPEG, PNG or WebP, at most 15 MB. What is see-through stays so."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )


# ---- Words ----------------------------------------------------------------------------------------------------------


class WordsForm(forms.Form):
    """The practice's own words in one language. An empty place says nothing."""

    welcome = forms.CharField(
        label=gettext_lazy("Welcome at the entrance"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Above sign-in and on the page of an invitation. Anybody can read it."),
    )
    today = forms.CharField(
        label=gettext_lazy("A word on Today"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For all clients, such as when the practice is closed."),
    )
    therapist = forms.CharField(
        label=gettext_lazy("How a therapist is called"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Such as “your massage therapist”: stands in letters where nobody is named."),
    )
    imprint = forms.CharField(
        label=gettext_lazy("Imprint"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("At the foot of the entrance and of clients’ pages."),
    )
    privacy = forms.CharField(
        label=gettext_lazy("Whom to ask about privacy"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_therapist(self) -> str:
        return " ".join(self.cleaned_data["therapist"].split())


class LetterForm(forms.Form):
    """What stands around the usual words of one letter in one language. Empty: the usual words alone."""

    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        required=False,
        max_length=90,
        help_text=gettext_lazy("It can be read on a locked phone."),
    )
    greeting = forms.CharField(label=gettext_lazy("Greeting"), required=False, max_length=120)
    opening = forms.CharField(
        label=gettext_lazy("Before the button"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    closing = forms.CharField(
        label=gettext_lazy("At the end"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        health = HealthWords()
        for part, text in list(cleaned.items()):
            if not text:
                continue
            if unknown := unknown_placeholders(text):
                offered = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
                words = _("%(unknown)s means nothing here. You may use %(offered)s.")
                self.add_error(part, words % {"unknown": unknown[0], "offered": offered})
            elif word := health.first_in(text):
                words = _(
                    "“%(word)s” speaks of somebody’s health, and a letter may be read by others. "
                    "Say it behind the link."
                )
                self.add_error(part, words % {"word": word})
        return cleaned

    def clean_subject(self) -> str:
        """In one line, as greeting: a subject is a header of the letter."""
        return " ".join(self.cleaned_data["subject"].split())

    def clean_greeting(self) -> str:
        return " ".join(self.cleaned_data["greeting"].split())

    def words(self) -> dict[str, str]:
        return {part: text for part, text in self.cleaned_data.items() if text}


# ---- The team -------------------------------------------------------------------------------------------------------


class ColleagueForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("As clients and colleagues read it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=ROLES,
        initial=Role.THERAPIST.value,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "A therapist sees their own clients, the owner sees all, the office sees names and letters but nothing of "
            "anybody’s health."
        ),
    )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("This address has an account already."))
        return email


class NameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name"]
        help_texts = {"name": gettext_lazy("As clients and colleagues read it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class RoleForm(CareReasonForm):
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=ROLES, widget=forms.RadioSelect)

    field_order = ["role", "reason"]


# ---- Cover ----------------------------------------------------------------------------------------------------------


class CoverForm(CareReasonForm):
    """A colleague who covers for several clients from one day to another; all of them, or only those that are ticked."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    therapist = forms.ModelChoiceField(label=gettext_lazy("Who covers?"), queryset=User.objects.none())
    first_day = forms.DateField(label=gettext_lazy("First day"), widget=day_input())
    last_day = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=day_input(),
    )
    which = forms.ChoiceField(
        label=gettext_lazy("For whom?"),
        choices=[("all", gettext_lazy("All of them")), ("some", gettext_lazy("Only some"))],
        initial="all",
        widget=forms.RadioSelect,
    )
    clients = RowsField(
        label=gettext_lazy("Only these"),
        queryset=Client.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    field_order = ["therapist", "first_day", "last_day", "reason", "which", "clients", "key"]

    def __init__(
        self,
        *args: Any,
        therapists: Any,
        clients: Any,
        today: date,
        chosen: Sequence[int] = (),
        **kwargs: Any,
    ) -> None:
        first = {
            "key": uuid.uuid4(),
            "first_day": today,
            "which": "some" if chosen else "all",
            "clients": list(chosen),
        }
        super().__init__(*args, initial=first, **kwargs)
        self.today = today
        self.fields["therapist"].queryset = therapists  # type: ignore[attr-defined]
        self.fields["clients"].queryset = clients  # type: ignore[attr-defined]

    def clean_first_day(self) -> date:
        return self.within_reach(self.cleaned_data["first_day"])

    def clean_last_day(self) -> date:
        return self.within_reach(self.cleaned_data["last_day"])

    def within_reach(self, day: date) -> date:
        if not self.today <= day <= self.today + LONGEST_AHEAD:
            raise forms.ValidationError(_("Choose a day from today on, at most a year ahead."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        if cleaned.get("which") == "some" and not cleaned.get("clients") and "clients" not in self.errors:
            self.add_error("clients", _("Tick at least one client."))
        return cleaned

    def covered(self) -> list[Client]:
        if self.cleaned_data["which"] == "all":
            return list(self.fields["clients"].queryset)  # type: ignore[attr-defined]
        return list(self.cleaned_data["clients"])


class CoverEndForm(CareReasonForm):
    others = forms.BooleanField(required=False, initial=True)

    field_order = ["others", "reason"]

    def __init__(self, *args: Any, others: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if others:
            self.fields["others"].label = _("Also for the others of this cover (%(number)d)") % {
                "number": others
            }
        else:
            del self.fields["others"]
