"""What a therapist chooses when a plan becomes a template, or is copied from another client."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.copying import OwnPlan
from clients.forms.workplace import StartForm
from clients.models import Assignment, Client
from clients.ownership import MINE, PRACTICE
from clients.updating import Update
from routines.models import Program, StepSide
from routines.tagging import TagsField


class TemplateForm(forms.Form):
    """Name, tags, whose, and the side of each step that has one. `key` is made with the page."""

    key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Name of the program"),
        max_length=Program._meta.get_field("name").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    tags = TagsField()
    whose = forms.ChoiceField(
        label=gettext_lazy("Who uses it?"),
        choices=[(MINE, gettext_lazy("Only me")), (PRACTICE, gettext_lazy("The whole practice"))],
        initial=MINE,
        widget=forms.RadioSelect(attrs={"data-cards": "1"}),
    )

    def __init__(self, *args: Any, plan: OwnPlan, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan, self.client = plan, client
        for steps in plan.steps:
            for step in steps:
                if step.has_sides:
                    self.fields[f"side-{step.pk}"] = forms.ChoiceField(
                        label=step.design.exercise.text("name"),
                        choices=StepSide.choices,
                        initial=step.proposed,
                    )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if self.client.name.casefold() in name.casefold():
            raise forms.ValidationError(_("The name of a client does not belong into a program."))
        return name

    @property
    def sides(self) -> dict[int, str]:
        return {
            int(name.removeprefix("side-")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("side-")
        }

    def side_field(self, pk: int) -> Any:
        return self[f"side-{pk}"] if f"side-{pk}" in self.fields else None


class UpdateForm(forms.Form):
    """What of a changed program is taken over for one person, and why. Not ticked: what was adjusted for
    them, and what one of their conditions forbids."""

    version = forms.CharField(max_length=64, widget=forms.HiddenInput)
    lines = forms.MultipleChoiceField(label=gettext_lazy("Take over"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=300,
        error_messages={"required": gettext_lazy("Say why: the client reads it.")},
        help_text=gettext_lazy("One sentence. The client reads it beside each change."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, update: Update, reason: str = "") -> None:
        differences = update.difference.lines
        super().__init__(
            data,
            auto_id=f"id_update{update.assignment.pk}_%s",
            initial={
                "version": update.version,
                "lines": [
                    line.key for line in differences if not line.by_hand and not update.avoid.get(line.key)
                ],
                "reason": reason,
            },
        )
        self.fields["lines"].choices = [(line.key, line.key) for line in differences]  # type: ignore[attr-defined]
        self.fields["reason"].required = self.data.get("act") != "leave"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.data.get("act") == "take" and not cleaned.get("lines") and "lines" not in self.errors:
            self.add_error("lines", _("Choose at least one difference, or leave the plan as it is."))
        return cleaned


class PlanSearch(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Search clients and programs"),
        required=False,
        max_length=100,
        widget=forms.SearchInput(
            attrs={"placeholder": gettext_lazy("Name of a client or program"), "autocomplete": "off"}
        ),
    )


class PlanChoice(forms.ModelChoiceField):
    """A program of another client, or one of their own that has ended."""

    def label_from_instance(self, obj: Any) -> str:
        words = _("%(client)s: %(program)s") % {"client": obj.client.name, "program": obj.name}
        return words if obj.ended_on is None else _("%(plan)s (ended)") % {"plan": words}


class CopyForm(StartForm):
    plan = PlanChoice(
        label=gettext_lazy("Whose program?"),
        queryset=Assignment.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": gettext_lazy("Choose a program."),
            "invalid_choice": gettext_lazy("Choose one of your clients' programs."),
        },
    )

    field_order = ["plan"]

    def __init__(self, *args: Any, plans: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan"].queryset = plans  # type: ignore[attr-defined]
