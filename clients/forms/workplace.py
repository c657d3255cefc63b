"""What a therapist types about clients and the practice."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.adjusting import MOST_SETS
from clients.enrolling import NewCondition
from clients.forms.seen import SeenForm
from clients.models import AssignedStep, Client, ContactRecord, OneSide, Side, User
from clients.ownership import MINE, PRACTICE
from clients.practice import language_choices
from clients.safety import Waiting
from routines.forms import DoseForm
from routines.models import BodyArea, ConditionTag, Exercise, Program, ProgramTag, SideMode, StepSide

WEEKDAYS = [
    ("1", gettext_lazy("Mon")),
    ("2", gettext_lazy("Tue")),
    ("3", gettext_lazy("Wed")),
    ("4", gettext_lazy("Thu")),
    ("5", gettext_lazy("Fri")),
    ("6", gettext_lazy("Sat")),
    ("7", gettext_lazy("Sun")),
]


def zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones())]


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


# ---- The client -----------------------------------------------------------------------------------------------------


class ClientForm(forms.ModelForm):
    """`key` is made with the form of a new client, so that sending it twice makes one client."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=zones)
    language = forms.ChoiceField(label=gettext_lazy("Language"))

    class Meta:
        model = Client
        fields = ["name", "email", "complaint", "side", "zone", "language", "notes"]
        widgets = {
            "notes": forms.Textarea(attrs={"rows": 4}),
            "side": forms.RadioSelect(attrs={"data-cards": "1"}),
        }
        help_texts = {"zone": gettext_lazy("Reminders and the days of the plan follow the client's clock.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.fields["language"].choices = language_choices(self.instance.language)  # type: ignore[attr-defined]
        if self.instance.pk:
            del self.fields["key"]
        else:
            self.fields["key"].initial = uuid.uuid4
        if self.instance.user_id:
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _(
                "The client is inside and signs in with it; only they can change it."
            )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        return name


class NotesForm(SeenForm):
    """Private notes."""

    text = "notes"

    class Meta:
        model = Client
        fields = ["notes"]
        widgets = {"notes": forms.Textarea(attrs={"rows": 5})}


@dataclass(frozen=True)
class Places:
    """The conditions and body areas that can be chosen, read once for however many rows a form has."""

    tags: dict[str, ConditionTag]
    areas: dict[str, BodyArea]

    @classmethod
    def read(cls) -> Places:
        return cls(
            tags={str(tag.pk): tag for tag in ConditionTag.objects.in_use()},
            areas={str(area.pk): area for area in BodyArea.objects.in_use()},
        )

    @property
    def tag_choices(self) -> list[Any]:
        """Conditions of the whole person, and those of one place."""
        groups = []
        for scope in ConditionTag.Scope:
            rows = [(key, str(tag)) for key, tag in self.tags.items() if tag.scope == scope]
            groups.append((scope.label, rows))
        return [("", _("Choose a condition")), *groups]

    @property
    def area_choices(self) -> list[Any]:
        return [("", _("Whole body, or not known")), *((key, str(area)) for key, area in self.areas.items())]


def row_of(rows: dict[str, Any]) -> Callable[[str], Any]:
    """From a key as it was sent to its row; the field refuses a key that was not offered."""

    def chosen(key: str) -> Any:
        if key not in rows:
            raise ValueError(key)
        return rows[key]

    return chosen


class ConditionForm(forms.Form):
    """A condition; for a local one the place as well, where it is known."""

    tag = forms.TypedChoiceField(label=gettext_lazy("Condition"))
    area = forms.TypedChoiceField(label=gettext_lazy("Area"), required=False, empty_value=None)
    side = forms.ChoiceField(
        label=gettext_lazy("Side"),
        choices=[(Side.BOTH, Side.BOTH.label), (Side.LEFT, Side.LEFT.label), (Side.RIGHT, Side.RIGHT.label)],
        initial=Side.BOTH,
    )

    def __init__(self, *args: Any, places: Places, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tag, area = self.fields["tag"], self.fields["area"]
        tag.choices, tag.coerce = places.tag_choices, row_of(places.tags)  # type: ignore[attr-defined]
        area.choices, area.coerce = places.area_choices, row_of(places.areas)  # type: ignore[attr-defined]

    @property
    def condition(self) -> NewCondition | None:
        """None for a row that was left empty."""
        if not self.has_changed() or not self.cleaned_data.get("tag"):
            return None
        return NewCondition(**self.cleaned_data)


class BaseConditions(forms.BaseFormSet):
    @property
    def conditions(self) -> list[NewCondition]:
        return [form.condition for form in self.forms if form.condition is not None]

    def clean(self) -> None:
        """The same condition twice is said beside the second."""
        seen: set[tuple[int, int | None, str]] = set()
        for form in self.forms:
            if form.errors or form.condition is None:
                continue
            found = form.condition
            local = found.tag.scope == ConditionTag.Scope.LOCAL and found.area is not None
            key = (found.tag.pk, found.area.pk if local and found.area else None, found.side if local else "")
            if key in seen:
                form.add_error("tag", _("This condition is on the list already."))
            seen.add(key)


ConditionFormSet = forms.formset_factory(
    ConditionForm, formset=BaseConditions, extra=1, max_num=12, absolute_max=12
)


# ---- Acts -----------------------------------------------------------------------------------------------------------


class ContactForm(forms.Form):
    channel = forms.ChoiceField(
        label=gettext_lazy("How did you speak?"),
        choices=ContactRecord.Channel.choices,
        initial=ContactRecord.Channel.PHONE,
        widget=forms.RadioSelect(attrs={"data-cards": "1"}),
    )
    note = forms.CharField(
        label=gettext_lazy("What was agreed?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReasonForm(forms.Form):
    """Why: it stands in the record beside what was done."""

    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=300,
        help_text=gettext_lazy("One sentence. It stands beside the decision, also for the client."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class PauseForm(ReasonForm):
    until = forms.DateField(
        label=gettext_lazy("Last day of the pause"),
        required=False,
        help_text=gettext_lazy("Empty: until you resume it."),
        widget=day_input(),
    )

    field_order = ["until", "reason"]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until is not None and until < self.today:
            raise forms.ValidationError(_("This day lies in the past."))
        return until


class LookAgainForm(ReasonForm):
    """An answer that holds until a day."""

    look_again = forms.DateField(
        label=gettext_lazy("Look again on"),
        required=False,
        help_text=gettext_lazy("Empty: in a week."),
        widget=day_input(),
    )

    field_order = ["reason", "look_again"]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_look_again(self) -> date | None:
        day: date | None = self.cleaned_data["look_again"]
        if day is not None and not self.today < day <= self.today + timedelta(days=366):
            raise forms.ValidationError(_("Choose a day from tomorrow on, at most a year ahead."))
        return day


class CareReasonForm(ReasonForm):
    """Why, for a decision that the team alone reads."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("One sentence. It stands among the decisions, for the team.")


class HandOverForm(CareReasonForm):
    therapist = forms.ModelChoiceField(
        label=gettext_lazy("Who answers from now on?"), queryset=User.objects.none()
    )

    field_order = ["therapist", "reason"]

    def __init__(self, *args: Any, therapists: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["therapist"].queryset = therapists  # type: ignore[attr-defined]


class CareForm(forms.Form):
    """The therapist's yes to exercises that a condition allows only with care."""

    care = forms.MultipleChoiceField(
        label=gettext_lazy("Agreed with care"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("What you do not tick stays out of the client's plan until you do."),
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["care"].choices = choices  # type: ignore[attr-defined]


def waiting_choices(waiting: Iterable[Waiting]) -> list[tuple[str, str]]:
    return [
        (
            each.key,
            _("%(step)s, because of: %(condition)s. %(rule)s.")
            % {"step": each.step.name, "condition": each.condition.label, "rule": each.condition.rule},
        )
        for each in waiting
    ]


class ProgramSearch(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Search programs"),
        required=False,
        max_length=100,
        widget=forms.SearchInput(
            attrs={"placeholder": gettext_lazy("Name, pattern or tag"), "autocomplete": "off"}
        ),
    )
    whose = forms.ChoiceField(
        label=gettext_lazy("Whose"),
        choices=[
            ("", gettext_lazy("All")),
            (PRACTICE, gettext_lazy("The practice's")),
            (MINE, gettext_lazy("Mine")),
        ],
        required=False,
    )
    tag = forms.ChoiceField(label=gettext_lazy("Tag"), required=False)

    def __init__(self, *args: Any, tags: Sequence[ProgramTag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tag"].choices = [("", _("All")), *((str(tag.pk), tag.name) for tag in tags)]  # type: ignore[attr-defined]
        if not tags:
            del self.fields["tag"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned.setdefault("tag", "")
        return cleaned


class InviteForm(forms.Form):
    """Whether the invitation goes out with the program."""

    invite = forms.BooleanField(label=gettext_lazy("Invite by mail"), required=False)

    def __init__(self, *args: Any, client: Client, first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["invite"].initial = first
        self.fields["invite"].help_text = client.email


# ---- Assigning ------------------------------------------------------------------------------------------------------


class ProgramChoice(forms.ModelChoiceField):
    """Programs by name, with whose they are and their tags. Read the programs with their tags."""

    own: Mapping[int, bool] = {}

    def label_from_instance(self, obj: Any) -> str:
        words = [str(obj)]
        if obj.pk in self.own:
            words.append(_("mine") if self.own[obj.pk] else _("a colleague's own"))
        words.extend(str(tag) for tag in obj.tags.all())
        return " · ".join(words)


class StartForm(forms.Form):
    """From when, and for which side."""

    start_date = forms.DateField(label=gettext_lazy("Starts on"), widget=day_input())
    side = forms.ChoiceField(
        label=gettext_lazy("Side of the complaint"),
        choices=Side.choices,
        help_text=gettext_lazy("Steps “by the complaint” release this side and strengthen both."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note to the client"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AssignForm(StartForm):
    program = ProgramChoice(
        label=gettext_lazy("Program"),
        queryset=Program.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose a program.")},
    )

    field_order = ["program"]

    def __init__(self, *args: Any, programs: Any, own: Mapping[int, bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["program"]
        field.queryset, field.own = programs, own  # type: ignore[attr-defined]


# ---- This client's copy -----------------------------------------------------------------------------------------------


class PlanStepForm(DoseForm):
    """A step of the client's own copy: dose, side, days, note, and why it is changed."""

    side = forms.ChoiceField(label=gettext_lazy("Side"))
    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("On these days"),
        choices=WEEKDAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"data-cards": "1"}),
        help_text=gettext_lazy("Left as they are, other days per week lay them out anew."),
    )
    first_side = forms.ChoiceField(
        label=gettext_lazy("Begin with"),
        choices=OneSide.choices,
        required=False,
        help_text=gettext_lazy("The worse side, where you want it done first."),
    )
    extra_set_side = forms.ChoiceField(
        label=gettext_lazy("One set more on"),
        choices=OneSide.choices,
        required=False,
        help_text=gettext_lazy("The weak side. Sets counts those of the other side."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note to the client"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=300,
        help_text=gettext_lazy("One sentence. The client reads it beside the change."),
    )

    def __init__(self, *args: Any, step: AssignedStep, **kwargs: Any) -> None:
        kwargs.setdefault("initial", initial_of(step))
        super().__init__(*args, **kwargs)
        self.step = step
        give_sides(self.fields["side"], step.side_mode, step.side)
        if step.side_mode != SideMode.EACH_SIDE:
            del self.fields["first_side"], self.fields["extra_set_side"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        one_side = cleaned.get("side") in (Side.LEFT, Side.RIGHT)
        for name in ("first_side", "extra_set_side"):
            if (
                one_side
                and cleaned.get(name) in (Side.LEFT, Side.RIGHT)
                and cleaned[name] != self.initial[name]
            ):
                self.add_error(name, _("Only one side is done. Choose both sides, or no side here."))
        if cleaned.get("extra_set_side") in (Side.LEFT, Side.RIGHT) and cleaned.get("sets") == MOST_SETS:
            self.add_error("extra_set_side", _("There is no room for another set."))
        return cleaned

    @property
    def new_weekdays(self) -> str | None:
        """The days that the therapist chose; None where they were left as they are."""
        chosen = "".join(sorted(self.cleaned_data["weekdays"]))
        return None if not chosen or chosen == self.step.weekdays else chosen


def initial_of(step: AssignedStep) -> dict[str, Any]:
    dose = {name: getattr(step, name) for name in DoseForm.DOSE_FIELDS}
    return {
        **dose,
        "side": step.side,
        "first_side": step.first_side,
        "extra_set_side": step.extra_set_side,
        "weekdays": list(step.weekdays),
        "note": step.note,
    }


def give_sides(field: forms.Field, side_mode: str, only: str = Side.BOTH) -> None:
    """Left, right and both where each side has its own window; else the one side that there is, not to be chosen."""
    sided = side_mode == SideMode.EACH_SIDE
    sides = (Side.BOTH, Side.LEFT, Side.RIGHT) if sided else (Side(only),)
    field.choices = [(side.value, side.label) for side in sides]  # type: ignore[attr-defined]
    if not sided:
        field.widget = forms.HiddenInput()


class NewStepForm(DoseForm):
    """An exercise added to the client's own copy. Its dose is filled in from the exercise."""

    side = forms.ChoiceField(label=gettext_lazy("Side"), choices=StepSide.choices)
    note = forms.CharField(
        label=gettext_lazy("Note to the client"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=300,
        help_text=gettext_lazy("One sentence. The client reads it beside the change."),
    )

    def __init__(self, *args: Any, exercise: Exercise, **kwargs: Any) -> None:
        dose = {name: getattr(exercise, name) for name in DoseForm.DOSE_FIELDS}
        kwargs.setdefault("initial", {**dose, "side": StepSide.BY_COMPLAINT})
        super().__init__(*args, **kwargs)
        if exercise.side_mode != SideMode.EACH_SIDE:
            field = self.fields["side"]
            field.choices = [(StepSide.BY_COMPLAINT.value, StepSide.BY_COMPLAINT.label)]  # type: ignore[attr-defined]
            field.widget = forms.HiddenInput()
