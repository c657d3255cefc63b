"""Bringing in collections of exercises, and reading what came."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from routines.exchange.files import MB, MOST_BYTES
from routines.forms import RowsField
from routines.models import (
    ConditionTag,
    Exercise,
    ExerciseKind,
    ImportedExercise,
    Muscle,
    Position,
    SideMode,
)


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("A zip of the collection's folder, a JSON or a CSV file, at most 60 MB."),
        widget=forms.FileInput(attrs={"accept": ".zip,.json,.csv"}),
    )
    source = forms.CharField(
        label=_("Name of the collection"),
        required=False,
        max_length=60,
        help_text=_(
            "For a table: the same name each time, so that a newer one finds its exercises again. "
            "Other collections have their own."
        ),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(mb)d MB."), params={"mb": MOST_BYTES // MB}
            )
        return file


class ExportForm(forms.Form):
    programs = forms.BooleanField(
        label=_("Programs too"),
        required=False,
        initial=True,
        help_text=_("With their phases, steps and doses."),
    )


class ReviewSearch(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.SearchInput(attrs={"placeholder": _("Name"), "autocomplete": "off"}),
    )
    source = forms.ChoiceField(label=_("Collection"), required=False)

    def __init__(self, *args: Any, sources: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [("", _("All")), *((each, each) for each in sources)]  # type: ignore[attr-defined]

    def value(self, name: str) -> str:
        """What was asked for; empty where nothing sensible was."""
        if self.is_bound:
            self.full_clean()
        return str(self.cleaned_data.get(name, "")) if self.is_bound else ""


class ConditionBoxes(forms.CheckboxSelectMultiple):
    """Conditions to tick, under what they apply to."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().create_option(name, value, *args, **kwargs) | {
            "group": value.instance.get_scope_display()
        }


def conditions_field(label: Any, help_text: Any) -> RowsField:
    return RowsField(
        label=label,
        help_text=help_text,
        required=False,
        queryset=ConditionTag.objects.none(),
        widget=ConditionBoxes(attrs={"data-grouped": "1"}),
    )


class ReviewForm(forms.ModelForm):
    """What was proposed, to read and to correct. What the collection does not say has no answer yet.

    Which conditions forbid it is always said: some of them, or that somebody looked and none does.
    """

    kind = forms.ChoiceField(label=_("Kind"), choices=[("", "---------"), *ExerciseKind.choices])
    position = forms.ChoiceField(label=_("Position"), choices=[("", "---------"), *Position.choices])
    side_mode = forms.ChoiceField(label=_("Sides"), choices=[("", "---------"), *SideMode.choices])
    level = forms.TypedChoiceField(
        label=_("Level"),
        coerce=int,
        choices=[("", "---------"), (1, _("1, the gentlest")), (2, "2"), (3, "3"), (4, "4"), (5, "5")],
    )
    target = forms.ModelChoiceField(
        label=_("Muscle that it is for"),
        queryset=Muscle.objects.none(),
        help_text=_("More of them in the form of the exercise."),
    )
    avoid = conditions_field(_("Conditions that forbid it"), _("Whoever has one of them never gets it."))
    care = conditions_field(
        _("Conditions that need care"), _("Whoever has one of them gets it after your tick.")
    )
    none_forbids = forms.BooleanField(
        label=_("I looked: none of these conditions speaks against it"), required=False
    )

    class Meta:
        model = Exercise
        fields = ["name", "cue", "kind", "target", "position", "needs_floor", "side_mode", "level"]
        widgets = {"cue": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, imported: ImportedExercise, targets: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in imported.undecided:
            if name in self.fields:
                self.initial[name] = ""
        if targets:
            del self.fields["target"]
        else:
            self.fields["target"].queryset = Muscle.objects.in_use()  # type: ignore[attr-defined]
        rules = list(imported.exercise.tags.values_list("tag", "rule"))
        known = Q(retired_at__isnull=True) | Q(pk__in=[tag for tag, _rule in rules])
        for name in ("avoid", "care"):
            field: Any = self.fields[name]
            field.queryset = ConditionTag.objects.filter(known).order_by("-scope", "label")
            self.initial[name] = [tag for tag, rule in rules if rule == name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        avoid, care = set(cleaned.get("avoid", ())), set(cleaned.get("care", ()))
        if twice := sorted(str(tag) for tag in avoid & care):
            self.add_error(
                "care",
                _("Either forbidden or with care, not both: %(conditions)s.")
                % {"conditions": ", ".join(twice)},
            )
        if {"avoid", "care"} & self.errors.keys():
            return cleaned
        if not (avoid or care or cleaned.get("none_forbids")):
            self.add_error(
                "none_forbids", _("Choose the conditions that speak against it, or say that none does.")
            )
        if (avoid or care) and cleaned.get("none_forbids"):
            self.add_error("none_forbids", _("You chose conditions that speak against it."))
        return cleaned

    @property
    def rules(self) -> dict[ConditionTag, str]:
        """What each chosen condition means for it."""
        return {tag: rule for rule in ("avoid", "care") for tag in self.cleaned_data[rule]}
