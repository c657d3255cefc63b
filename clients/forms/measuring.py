"""How outcome measures are answered, and what a therapist types about measures of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.forms.sessions import KeyedForm
from clients.forms.widgets import Scale, Stepper
from clients.forms.workplace import day_input
from clients.models import ActivityList, Client, OwnMeasure, Side
from clients.outcomes import AVERAGE_PAIN, PAIN, figure, item_range
from routines.models import OutcomeMeasure

FIRST_DAY = date(2000, 1, 1)
MOST_ACTIVITIES = 5
LIST_CHANGED = gettext_lazy(
    "The list of activities has changed in the meantime. Please rate those that stand here now."
)


class MeasureField(forms.TypedChoiceField):
    """A whole number from `low` to `high` as buttons, with the words that the measure has for some of them."""

    def __init__(self, *, low: int, high: int, words: Mapping[int, str], **kwargs: Any) -> None:
        said = {"low": figure(low), "high": figure(high)}
        missing = _("Please choose a number from %(low)s to %(high)s.") % said
        between = [(value, text) for value, text in words.items() if low < value < high]
        super().__init__(
            choices=[
                (value, button(value, words.get(value, ""), signed=low < 0)) for value in range(low, high + 1)
            ],
            coerce=int,
            empty_value=None,
            widget=Scale(words.get(low, figure(low)), words.get(high, figure(high))),
            error_messages={"required": missing, "invalid_choice": missing},
            help_text="; ".join(f"{figure(value, signed=low < 0)} {text}" for value, text in between),
            **kwargs,
        )
        self.widget.attrs["data-steps"] = high - low + 1


def button(value: int, words: str, *, signed: bool) -> str:
    """The number, and for whoever cannot see the ends of the scale its words."""
    if not words:
        return figure(value, signed=signed)
    return format_html('{}<span class="visually-hidden">, {}</span>', figure(value, signed=signed), words)


class OutcomeForm(KeyedForm):
    """One measure of one day. Another answer of the same day corrects the first.

    `activities` are what is rated: the page says which list it shows, so that no rating lands on another activity.
    `dated` lets the day be told, for a form that was filled in on paper.
    """

    day = forms.DateField(label=gettext_lazy("Filled in on"), widget=day_input())

    def __init__(
        self,
        data: Any = None,
        *,
        measure: OutcomeMeasure,
        today: date,
        activities: ActivityList | None = None,
        said: Any = None,
        dated: bool = False,
        **kwargs: Any,
    ) -> None:
        self.measure, self.today, self.activities = measure, today, activities
        super().__init__(data, **kwargs)
        if activities is not None and measure.scoring == "mean":
            self.fields["list"] = forms.CharField(
                max_length=64, required=False, widget=forms.HiddenInput, initial=activities.key
            )
        self.asked = self.questions()
        items = len(self.asked)
        low, high = item_range(measure, items)
        words = measure.anchor_words()
        for name, question in self.asked.items():
            if measure.scoring == "entered_total":
                self.fields[name] = forms.IntegerField(
                    label=question, min_value=low, max_value=high, widget=Stepper()
                )
            else:
                self.fields[name] = MeasureField(label=question, low=low, high=high, words=words)
            self.fields[name].initial = answer_before(said, name)
        if measure.scoring == "entered_total" or dated:
            self.fields["day"].initial = today
            self.order_fields(["key", "device_time", "day"])
        else:
            del self.fields["day"]

    def questions(self) -> dict[str, str]:
        """Name of the field with what it asks."""
        texts = self.measure.question_texts()
        if self.measure.scoring == "mean":
            text = next(iter(texts.values()), "{activity}")
            names = self.activities.names if self.activities else []
            return {f"activity-{place}": text.replace("{activity}", name) for place, name in enumerate(names)}
        if self.measure.slug == PAIN:
            return {AVERAGE_PAIN: texts[AVERAGE_PAIN]}
        return texts

    @property
    def of_another_list(self) -> bool:
        """Whether what was sent rates activities that the person has changed since; nothing of it may be kept."""
        if not self.is_bound or self.activities is None or "list" not in self.fields:
            return False
        return bool(self["list"].data != self.activities.key)

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not FIRST_DAY <= day <= self.today:
            raise forms.ValidationError(_("Choose today or a day before."))
        return day

    @property
    def when(self) -> date:
        return self.cleaned_data.get("day") or self.today

    def answers(self) -> dict[str, int] | list[int]:
        values = {name: self.cleaned_data[name] for name in self.asked}
        return list(values.values()) if self.measure.scoring == "mean" else values


def answer_before(said: Any, name: str) -> Any:
    """What was answered on this day already, so that a correction starts from it."""
    if isinstance(said, Mapping):
        return said.get(name)
    place = int(name.removeprefix("activity-")) if name.startswith("activity-") else -1
    return said[place] if isinstance(said, Sequence) and 0 <= place < len(said) else None


class ActivitiesForm(KeyedForm):
    """One to five everyday things in the person's own words; the first is asked for, the others may stay empty."""

    def __init__(self, data: Any = None, *, names: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for place in range(MOST_ACTIVITIES):
            self.fields[f"name-{place}"] = forms.CharField(
                label=_("Activity %(number)d") % {"number": place + 1},
                max_length=80,
                required=place == 0,
                initial=names[place] if place < len(names) else "",
            )
        self.fields["name-0"].help_text = _("For example: put on socks, sit through a meal, carry shopping.")

    @property
    def names(self) -> list[str]:
        return [self.cleaned_data[f"name-{place}"] for place in range(MOST_ACTIVITIES)]


# ---- Measures of the therapist's own ------------------------------------------------------------------------------------


class NameInput(forms.TextInput):
    """A text field that offers names used before (`<datalist>`), which the page draws."""

    def __init__(self) -> None:
        super().__init__(attrs={"list": "measure-names", "autocomplete": "off"})


class OwnMeasureForm(forms.ModelForm):
    """A number with a unit that this client is measured by."""

    class Meta:
        model = OwnMeasure
        fields = ["name", "unit", "sided", "better"]
        labels = {
            "sided": gettext_lazy("Left and right are measured apart"),
            "better": gettext_lazy("What is better"),
        }
        help_texts = {
            "name": gettext_lazy("What is measured and how, so that the next time is the same."),
            "unit": gettext_lazy("For example degrees, cm, kg, s."),
        }
        widgets = {"name": NameInput(), "better": forms.RadioSelect()}

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client = client

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if OwnMeasure.objects.filter(client=self.client, name__iexact=name).exists():
            raise forms.ValidationError(_("This client has a measure of this name."))
        return name


class MeasurementForm(KeyedForm):
    """The values of one day: one, or left and right, of which one may stay empty."""

    day = forms.DateField(label=gettext_lazy("Measured on"), widget=day_input())

    def __init__(self, data: Any = None, *, measure: OwnMeasure, today: date, **kwargs: Any) -> None:
        self.measure, self.today = measure, today
        super().__init__(data, **kwargs)
        self.fields["day"].initial = today
        sides = [Side.LEFT, Side.RIGHT] if measure.sided else [Side.NONE]
        for side in sides:
            label = {Side.LEFT: _("Left"), Side.RIGHT: _("Right"), Side.NONE: _("Value")}[side]
            self.fields[side.value] = forms.DecimalField(
                label=f"{label} ({measure.unit})" if measure.unit else label,
                max_digits=8,
                decimal_places=2,
                min_value=Decimal("-99999"),
                max_value=Decimal("99999"),
                required=not measure.sided,
                widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
            )
        self.sides = [side.value for side in sides]

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not FIRST_DAY <= day <= self.today:
            raise forms.ValidationError(_("Choose today or a day before."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.values():
            raise forms.ValidationError(_("Enter a value for one side at least."))
        return cleaned

    def values(self) -> dict[str, Decimal]:
        found = {side: self.cleaned_data.get(side) for side in self.sides}
        return {side: value for side, value in found.items() if value is not None}


class TwoDaysForm(forms.Form):
    """Which two days stand next to each other; the first and the newest where nothing was chosen."""

    before = forms.ChoiceField(label=gettext_lazy("From"))
    after = forms.ChoiceField(label=gettext_lazy("To"))

    def __init__(self, data: Any = None, *, days: Sequence[date]) -> None:
        """`days` are the newest first."""
        self.days = {day.isoformat(): day for day in days}
        super().__init__(data, auto_id="compare_%s")
        for field in self.fields.values():
            field.choices = [(key, date_format(day, "j M Y")) for key, day in self.days.items()]  # type: ignore[attr-defined]
        if days:
            self.fields["before"].initial, self.fields["after"].initial = (
                days[-1].isoformat(),
                days[0].isoformat(),
            )

    def chosen(self) -> tuple[date | None, date | None]:
        if self.is_valid():
            first, second = self.days[self.cleaned_data["before"]], self.days[self.cleaned_data["after"]]
            return min(first, second), max(first, second)
        known = list(self.days.values())
        return (known[-1] if len(known) > 1 else None, known[0] if known else None)
