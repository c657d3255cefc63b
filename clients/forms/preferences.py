"""What a client may set: language, zone, and when to be reminded."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

from clients.models import Client, ReminderSchedule
from clients.practice import language_choices
from routines.models import Equipment

DAYS = [(str(n + 1), word) for n, word in WEEKDAYS_ABBR.items()]
LONGEST_PAUSE = timedelta(days=366)
OLD_NAMES = ("Etc/", "SystemV/", "US/", "posix", "right")


def zone_choices(current: str) -> list[tuple[str, str]]:
    """Zones by their usual names, with the one that is set now even where its name is an old one."""
    names = {name for name in available_timezones() if "/" in name and not name.startswith(OLD_NAMES)}
    return [(name, name.replace("_", " ").replace("/", " / ")) for name in sorted(names | {"UTC", current})]


class DaysField(forms.MultipleChoiceField):
    """Weekdays as ISO figures in one word: "135" is Monday, Wednesday, Friday."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=DAYS, widget=forms.CheckboxSelectMultiple(attrs={"data-days": "1"}), **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        return list(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        return "".join(sorted(set(super().clean(value))))


class PreferencesForm(forms.Form):
    language = forms.ChoiceField(label=_("Language"))
    zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Today begins at midnight there, and reminders come by its clock.")
    )
    active = forms.BooleanField(
        label=_("Remind me by e-mail"),
        required=False,
        help_text=_("Only on days with something to do, and never after you have done it."),
    )
    local_time = forms.TimeField(
        label=_("At"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("Please write the time like 18:30.")},
    )
    days = DaysField(label=_("On these days"), error_messages={"required": _("Choose at least one day.")})
    paused_until = forms.DateField(
        label=_("No reminders until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("For a holiday. The day itself is still quiet."),
        error_messages={"invalid": _("Please write the day like 2026-08-31.")},
    )

    def __init__(self, data: Any = None, *, client: Client, schedule: ReminderSchedule, today: date) -> None:
        initial = {
            "language": client.language,
            "zone": client.zone_info.key,
            "active": schedule.active,
            "local_time": schedule.local_time,
            "days": schedule.days,
            "paused_until": pause if (pause := schedule.paused_until) and pause >= today else None,
        }
        super().__init__(data, initial=initial)
        self.today = today
        self.fields["language"].choices = language_choices(client.language)  # type: ignore[attr-defined]
        self.fields["zone"].choices = zone_choices(client.zone_info.key)  # type: ignore[attr-defined]

    def clean_local_time(self) -> time:
        """To the minute: nobody is reminded at a second."""
        return self.cleaned_data["local_time"].replace(second=0, microsecond=0)

    def clean_paused_until(self) -> date | None:
        day = self.cleaned_data["paused_until"]
        if day is not None and not self.today <= day <= self.today + LONGEST_PAUSE:
            raise ValidationError(_("Choose a day from today on, at most a year ahead."))
        return day


class CupboardForm(forms.Form):
    """What is at home. Nothing ticked is an answer too."""

    tools = forms.TypedMultipleChoiceField(
        label=_("At home"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose from this list.")},
    )

    def __init__(self, data: Any = None, *, tools: Iterable[Equipment], have: Collection[str]) -> None:
        known = {str(tool.pk): tool for tool in tools}
        super().__init__(data, initial={"tools": [key for key, tool in known.items() if tool.slug in have]})
        field = self.fields["tools"]
        field.choices = [(key, str(tool)) for key, tool in known.items()]  # type: ignore[attr-defined]
        field.coerce = known.__getitem__  # type: ignore[attr-defined]


class StepDaysForm(forms.Form):
    """On which days one exercise falls."""

    days = DaysField(error_messages={"required": _("Choose at least one day.")})


class TightAgainForm(forms.Form):
    """Which muscles feel tight again, of those that the program released."""

    muscles = forms.MultipleChoiceField(
        label=_("What feels tight"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose what feels tight."),
            "invalid_choice": _("Choose one of these muscles."),
        },
    )

    def __init__(self, data: Any = None, *, choices: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["muscles"].choices = choices  # type: ignore[attr-defined]
