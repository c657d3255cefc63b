"""What a therapist records at a visit. Each form is short and stands alone, so that one press keeps one finding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.examining import SideMissing, sides_to_record
from clients.forms.seen import SeenForm
from clients.forms.widgets import PAIN_ENDS, ScaleField, Stepper
from clients.models import Finding, HomeSetup, Side, Visit
from routines.bodymap import place_words, sides_drawn
from routines.models import BodyArea, Equipment, ImbalanceMuscle, Joint, Muscle

SIDES = [
    (Side.LEFT.value, Side.LEFT.label),
    (Side.RIGHT.value, Side.RIGHT.label),
    (Side.BOTH.value, Side.BOTH.label),
]
LONGEST_NOTE = 4000
FOUND_ENDS = (gettext_lazy("Not at all"), gettext_lazy("As much as can be"))


def cards() -> forms.RadioSelect:
    return forms.RadioSelect(attrs={"data-cards": "1"})


def side_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("Side"),
        choices=SIDES,
        widget=cards(),
        required=False,
    )


def needs_side(form: forms.Form, sided: bool) -> None:
    """Says beside the field that a side is missing."""
    if "side" not in form.errors:
        try:
            sides_to_record(sided, form.cleaned_data.get("side", ""))
        except SideMissing as error:
            form.add_error("side", str(error))


class FindingForm(forms.Form):
    """One muscle: tight or weak, the side, how much. Which muscle it is stands in the form and is not chosen."""

    muscle = forms.CharField(widget=forms.HiddenInput)
    state = forms.ChoiceField(
        label=gettext_lazy("Found"), choices=ImbalanceMuscle.Role.choices, widget=cards()
    )
    side = side_field()
    rating = ScaleField(label=gettext_lazy("How much?"), ends=FOUND_ENDS)
    judged = forms.ChoiceField(
        label=gettext_lazy("How judged"), choices=Finding.Judged.choices, initial=Finding.Judged.HANDS
    )

    def __init__(self, *args: Any, muscle: Muscle, side: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"id_muscle{muscle.pk}_%s")
        first = {"muscle": muscle.pk, "side": side, "state": ImbalanceMuscle.Role.TIGHT}
        kwargs["initial"] = first
        super().__init__(*args, **kwargs)
        self.of = muscle
        if muscle.tissue == Muscle.Tissue.FASCIA:
            tight = ImbalanceMuscle.Role.TIGHT
            self.fields["state"].choices = [(tight.value, tight.label)]  # type: ignore[attr-defined]
        if not muscle.sided:
            del self.fields["side"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.of.sided:
            needs_side(self, sided=True)
        return cleaned


class PainForm(forms.Form):
    """Where it hurts; the number may stay open."""

    area = forms.CharField(widget=forms.HiddenInput)
    side = side_field()
    rating = ScaleField(label=gettext_lazy("Pain now"), ends=PAIN_ENDS, required=False)

    def __init__(self, *args: Any, area: BodyArea, side: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "id_pain_%s")
        kwargs["initial"] = {"area": area.slug, "side": side}
        super().__init__(*args, **kwargs)
        self.of = area
        if not area.sided:
            del self.fields["side"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.of.sided:
            needs_side(self, sided=True)
        return cleaned


class JointForm(forms.Form):
    """How a joint rests or moves: own words, or those that the patterns of the catalogue use."""

    joint = forms.TypedChoiceField(label=gettext_lazy("Joint"))
    side = forms.ChoiceField(
        label=gettext_lazy("Side"),
        choices=[("", gettext_lazy("No side")), *SIDES],
        required=False,
    )
    alteration = forms.CharField(
        label=gettext_lazy("How it rests or moves"),
        max_length=200,
        help_text=gettext_lazy("Own words, or choose from those that come up while you type."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "alterations"}),
    )

    def __init__(self, *args: Any, joints: Iterable[Joint], **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "id_joint_%s")
        super().__init__(*args, **kwargs)
        self.known = {str(joint.pk): joint for joint in joints}
        field = self.fields["joint"]
        field.choices = [  # type: ignore[attr-defined]
            ("", _("Choose a joint")),
            *((key, str(joint)) for key, joint in self.known.items()),
        ]
        field.coerce = self.known.__getitem__  # type: ignore[attr-defined]

    def clean_alteration(self) -> str:
        return " ".join(self.cleaned_data["alteration"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if joint := cleaned.get("joint"):
            needs_side(self, sided=joint.sided)
        return cleaned


class VisitNoteForm(SeenForm):
    text = "note"

    class Meta:
        model = Visit
        fields = ["note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST_NOTE})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "id_visit_%s")
        super().__init__(*args, **kwargs)
        self.fields["note"].label = _("Note on this visit")

    def clean_note(self) -> str:
        note: str = self.cleaned_data["note"]
        if len(note) > LONGEST_NOTE:
            raise forms.ValidationError(_("At most 4000 characters."))
        return note

    def clean(self) -> dict[str, Any]:
        """A finished visit takes no note at all, whatever it says."""
        return super().clean() if self.instance.closed_at is None else self.cleaned_data


class HomeForm(forms.ModelForm):
    """What the client has at home and can do."""

    tools = forms.TypedMultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = HomeSetup
        fields = ["tools", "floor", "level", "minutes"]
        widgets = {"level": Stepper(), "minutes": Stepper(by=5)}
        help_texts = {
            "level": gettext_lazy("1 is the easiest, 5 the hardest."),
        }

    def __init__(self, *args: Any, tools: Iterable[Equipment], **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "id_home_%s")
        super().__init__(*args, **kwargs)
        known = {str(tool.pk): tool for tool in tools}
        field = self.fields["tools"]
        self.initial["tools"] = [tool.pk for tool in self.initial.get("tools", [])]
        field.label = capfirst(HomeSetup._meta.get_field("tools").verbose_name)
        field.choices = [(key, str(tool)) for key, tool in known.items()]  # type: ignore[attr-defined]
        field.coerce = known.__getitem__  # type: ignore[attr-defined]


class MuscleSearch(forms.Form):
    """A search that anybody may write into an address: what it does not understand, it leaves out."""

    q = forms.CharField(
        label=gettext_lazy("Search muscles"),
        required=False,
        max_length=100,
        widget=forms.SearchInput(
            attrs={"placeholder": gettext_lazy("Name or what it does"), "autocomplete": "off"}
        ),
    )
    place = forms.ChoiceField(label=gettext_lazy("Or an area"), required=False)

    def __init__(self, *args: Any, areas: Iterable[BodyArea], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {f"{area.slug}-{side}": (area, side) for area in areas for side in sides_drawn(area)}
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            ("", _("Any area")),
            *((key, place_words(str(area), side)) for key, (area, side) in self.places.items()),
        ]


class CompareForm(forms.Form):
    """Which two visits stand side by side."""

    before = forms.ChoiceField(label=gettext_lazy("Earlier visit"))
    after = forms.ChoiceField(label=gettext_lazy("Later visit"))

    def __init__(self, *args: Any, visits: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.choices = list(visits)  # type: ignore[attr-defined]
