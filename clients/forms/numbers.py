"""Numbers of rules in fields: what each means in plain words, what counts without an own value, and the own value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.numbers import Number, Numbers
from clients.outcomes import figure
from routines.seeding.rules import in_reading_order, rule_problems

LONGEST_LIST = 60

# Those that something reads; what the catalogue says of loads and reminders is not read yet
RULES = {
    "release_to_strengthen": gettext_lazy("From release to strengthening"),
    "strengthen_to_integrate": gettext_lazy("From strengthening to whole-body use"),
    "integrate_to_maintain": gettext_lazy("From whole-body use to maintaining"),
    "session_pain_zones": gettext_lazy("Green, amber and red: pain during a session"),
    "next_morning": gettext_lazy("The next morning"),
    "pause_strengthening": gettext_lazy("Pausing strengthening"),
    "reduce_dose": gettext_lazy("Reducing the dose"),
    "step_back": gettext_lazy("Proposing a step back"),
    "stop_and_refer": gettext_lazy("Suggesting medical care"),
    "reassess": gettext_lazy("When measures are asked"),
    "baseline": gettext_lazy("The baseline of pain"),
    "proposals": gettext_lazy("Proposals without an answer"),
    "weekday": gettext_lazy("Days of the week"),
}
FOR_ONE_CLIENT = [slug for slug in RULES if slug != "weekday"]

WORDS = {
    "min_days_in_phase": gettext_lazy("Days in the phase, at least"),
    "review_by_day": gettext_lazy("Look again by this day of the phase"),
    "window_days": gettext_lazy("Days that are looked back on"),
    "min_completed_sessions_in_window": gettext_lazy("Sessions in these days, at least"),
    "min_adherence_percent": gettext_lazy("Share of the planned exercises done, at least (%)"),
    "tenderness_max": gettext_lazy("Tenderness on pressing, at most (0-10)"),
    "or_tenderness_drop_at_least": gettext_lazy("Or tenderness lower than at the start by (points)"),
    "mean_pain_max": gettext_lazy("Average pain, at most (0-10)"),
    "mean_pain_not_above_baseline_by": gettext_lazy("Average pain above the baseline, at most (points)"),
    "session_pain_max": gettext_lazy("Pain during a session, at most (0-10)"),
    "consecutive_green_sessions": gettext_lazy("Green sessions in a row"),
    "full_dose_sessions_in_a_row": gettext_lazy("Sessions in a row with the full dose"),
    "effort_max": gettext_lazy("Effort in these sessions, at most (0-10)"),
    "pain_drop_at_least": gettext_lazy("Average pain lower than at the beginning by (points)"),
    "or_pain_drop_percent": gettext_lazy("Or lower by (%)"),
    "or_mean_pain_max": gettext_lazy("Or average pain, at most (0-10)"),
    "activities_gain_at_least": gettext_lazy("Activities better by, at least (points)"),
    "green": gettext_lazy("Green, from and to"),
    "amber": gettext_lazy("Amber, from and to"),
    "red": gettext_lazy("Red, from and to"),
    "hold_if_rise_at_least": gettext_lazy("Red from a rise by (points)"),
    "flag_if_rise_at_least": gettext_lazy("Amber from a rise by (points)"),
    "red_sessions_in_a_row": gettext_lazy("Red sessions in a row"),
    "mean_pain_rise_over_baseline": gettext_lazy("Average pain above the baseline by (points)"),
    "tenderness_rise_in_strengthen": gettext_lazy(
        "Tenderness up again in the strengthening phase by (points)"
    ),
    "missed_days": gettext_lazy("Days without any session"),
    "amber_sessions_in_a_row": gettext_lazy("Amber sessions in a row"),
    "red_sessions": gettext_lazy("Red sessions"),
    "next_morning_hold": gettext_lazy("Red mornings that reduce the dose"),
    "sets_minus": gettext_lazy("Sets fewer"),
    "reps_or_hold_percent": gettext_lazy("Or repetitions and seconds changed by (%)"),
    "approved_dose_returns_after_green_sessions": gettext_lazy(
        "The agreed dose returns after green sessions"
    ),
    "red_mornings": gettext_lazy("Red mornings that pause"),
    "returns_after_green_mornings": gettext_lazy("It returns after green mornings"),
    "every_days": gettext_lazy("Pain, activities and change: every so many days"),
    "full_outcome_days": gettext_lazy("Back, leg and activities: on these days of the program"),
    "no_meaningful_change_after_days": gettext_lazy("Days without a change that matters"),
    "escalate_after_days": gettext_lazy("Days until an unanswered proposal rises"),
    "last_recorded_days": gettext_lazy("Recorded days before the phase that count"),
    "min_values": gettext_lazy("Values that are needed, at least"),
    "pain_rise": gettext_lazy("Pain above the own baseline by (points)"),
    "adherence_drop": gettext_lazy("Less done than in the two weeks before by (percentage points)"),
    "silent_days": gettext_lazy("Days without a session before it counts as silence"),
    "running_out_days": gettext_lazy("Days ahead in which something should be due"),
    "strengthening_on_consecutive_days_from_days_per_week": gettext_lazy(
        "Strengthening on neighbouring days from so many days a week"
    ),
}
WHOSE = {
    "client": gettext_lazy("this client"),
    "phase": gettext_lazy("the program"),
    "practice": gettext_lazy("the practice"),
    "rule": gettext_lazy("the default"),
}
# What the check of a rule says, in the words of whoever reads it here
SAID = {
    "must not come before min_days_in_phase": gettext_lazy(
        "The review cannot come before the days that the phase lasts at least."
    ),
    "green, amber and red must cover 0 to 10 without gap or overlap": gettext_lazy(
        "Green, amber and red must cover 0 to 10 without gap or overlap."
    ),
    "must be two numbers, from and to": gettext_lazy("Write two numbers, from and to."),
    "must begin with the smaller number": gettext_lazy("Write the smaller number first."),
}
RANGE = re.compile(r"must be a (?:whole )?number from (\S+) to (\S+)")


def title_of(rule: str) -> str:
    return str(RULES.get(rule, rule.replace("_", " ")))


def words_of(key: str) -> str:
    return str(WORDS.get(key, key.replace("_", " ")))


def in_figures(value: Any) -> str:
    """ "70", "2.5 to 10", "0, 28, 56"."""
    if isinstance(value, list):
        return ", ".join(figure(each) for each in value)
    return figure(value)


def changeable(value: Any) -> bool:
    """Whether this is a number, or a list of numbers. What must hold in words, and a sign-off, nobody switches off here."""
    if isinstance(value, list):
        return bool(value) and all(changeable(each) and not isinstance(each, list) for each in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def keys_of(numbers: Numbers) -> list[str]:
    """The numbers of the rule that can be changed, in the order of the catalogue file."""
    whole = numbers.merged()
    return [key for key in in_reading_order(numbers.rule, whole) if changeable(whole[key])]


def told(problem: str) -> str:
    """What is wrong, in the reader's language."""
    if problem in SAID:
        return str(SAID[problem])
    if found := RANGE.fullmatch(problem):
        return _("Choose a number from %(low)s to %(high)s.") % {"low": found[1], "high": found[2]}
    return _("This does not fit here: %(problem)s") % {"problem": problem}


class NumberField(forms.FloatField):
    """A number that stays whole when it is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}), **kwargs)

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        return int(number) if number is not None and number.is_integer() else number


class NumbersField(forms.CharField):
    """Several numbers with commas between them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_LIST, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(each) for each in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        found = []
        for part in text.split(","):
            if not re.fullmatch(r"\s*-?\d{1,5}(\.\d{1,2})?\s*", part, re.ASCII):
                raise forms.ValidationError(_("Write numbers with commas between them, such as 0, 28, 56."))
            number = Decimal(part.strip())
            found.append(int(number) if number == number.to_integral_value() else float(number))
        return found


class NumbersForm(forms.Form):
    """The numbers of one rule. An empty field leaves what counts without it.

    `level` is whose values are edited; `numbers` has all levels. The whole rule is checked with the own values in it.
    """

    def __init__(self, data: Any = None, *, numbers: Numbers, level: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.numbers, self.level = numbers, level
        self.others = numbers.without(level)
        own = numbers.levels.get(level, {})
        self.names = {f"number-{key}": key for key in keys_of(numbers)}
        for name, key in self.names.items():
            below = self.others.get(key)
            field = NumbersField if isinstance(numbers.value(key), list) else NumberField
            self.fields[name] = field(
                label=words_of(key), required=False, initial=own.get(key), help_text=default_words(below)
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        names = {key: name for name, key in self.names.items()}
        for problem in rule_problems(self.numbers.rule, {**self.others.merged(), **self.own()}):
            path, sentence = problem.split(": ", 1)
            key = re.split(r"[.\[]", path)[0]
            self.add_error(names.get(key), told(sentence))
        return cleaned

    def own(self) -> dict[str, Any]:
        """The own values, the empty fields left out; what has no field here stays as it is."""
        shown = set(self.names.values())
        kept = {
            key: value for key, value in self.numbers.levels.get(self.level, {}).items() if key not in shown
        }
        values = {key: self.cleaned_data.get(name) for name, key in self.names.items()}
        return kept | {key: value for key, value in values.items() if value is not None}


def default_words(number: Number | None) -> str:
    if number is None:
        return ""
    return _("Otherwise %(value)s (%(whose)s)") % {
        "value": in_figures(number.value),
        "whose": WHOSE[number.whose],
    }


class ClientNumbersForm(NumbersForm):
    """The same for one client, always with a reason."""

    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, level="client", **kwargs)
        self.order_fields([*self.names, "reason"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and self.own() == dict(self.numbers.levels.get("client", {})):
            raise forms.ValidationError(_("Nothing was changed."))
        return cleaned


def number_rows(numbers: Numbers) -> list[Mapping[str, Any]]:
    """Each number of the rule with what counts, whose it is, and what would count without it."""
    rows: list[Mapping[str, Any]] = []
    for key in keys_of(numbers):
        number = numbers.get(key)
        if number is None:
            continue
        below = numbers.without(number.whose).get(key)
        rows.append(
            {
                "words": words_of(key),
                "value": in_figures(number.value),
                "whose": WHOSE[number.whose],
                "is_default": number.whose == "rule",
                "below": in_figures(below.value) if below else "",
            }
        )
    return rows
