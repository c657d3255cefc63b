"""The safety checklists as forms: each item a box, "None of these" a button of its own (domain.md 7.4)."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Fieldset, Layout, Submit
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.forms.sessions import KeyedForm
from clients.forms.widgets import ScaleField
from clients.models import Side
from clients.screening import Asked, Place
from routines.models import BodyArea, Effect, ScreeningQuestion

UNSURE = "unsure"
SIDES = [(Side.RIGHT, _("right")), (Side.LEFT, _("left")), (Side.BOTH, _("both, or in the middle"))]


class ChecklistForm(KeyedForm):
    """One list. A local condition asks for its area and side beside the item.

    The button "None of these" sends `none`. Ticks together with that button contradict each other: the person is asked
    again, because the wrong one of the two could hurt.
    """

    use_required_attribute = False  # where and side are asked only beside a ticked item
    some_label = _("Go on with what I ticked")

    def __init__(self, *args: Any, asked: Asked, areas: list[BodyArea], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        places = [("", _("Choose")), (UNSURE, _("I am not sure, or several places"))]
        places += [(area.slug, area.text("name")) for area in areas]
        self.areas = {area.slug: area for area in areas}
        for question in asked.questions:
            self.fields[question.slug] = forms.BooleanField(label=question.text("item"), required=False)
        for question in self.local:
            self.fields[f"{question.slug}-area"] = forms.ChoiceField(
                label=_("Where"), choices=places, error_messages={"required": _("Please choose where.")}
            )
            self.fields[f"{question.slug}-side"] = forms.ChoiceField(
                label=_("Side"), choices=SIDES, initial=Side.BOTH
            )
        self.helper = self.make_helper()

    def make_helper(self) -> FormHelper:
        helper = FormHelper()
        helper.layout = Layout(
            "key",
            *self.leading(),
            Fieldset(self.asked.checklist.text("intro"), *self.items(), css_class="checklist"),
        )
        helper.add_input(Submit("some", self.some_label, css_class="some-of-these big full"))
        helper.add_input(Submit("none", self.none_label, css_class="none-of-these big full"))
        return helper

    @property
    def none_label(self) -> str:
        return self.asked.checklist.text("none_label")

    def leading(self) -> list[Any]:
        return []

    def items(self) -> list[Any]:
        local = set(self.local)
        return [
            Div(
                Field(question.slug),
                Div(f"{question.slug}-area", f"{question.slug}-side", css_class="place"),
                css_class="item",
            )
            if question in local
            else Field(question.slug)
            for question in self.asked.questions
        ]

    @property
    def local(self) -> list[ScreeningQuestion]:
        """Items that ask where. A warning sign does not: it stops everything, and nobody is to be kept by a question."""
        warnings = (Effect.EMERGENCY, Effect.URGENT)
        return [question for question in self.asked.needs_place if question.effect not in warnings]

    @property
    def none(self) -> bool:
        return "none" in self.data

    @property
    def yes(self) -> list[str]:
        return [question.slug for question in self.asked.questions if self.cleaned_data.get(question.slug)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for question in self.local:
            if not cleaned.get(question.slug):
                self.errors.pop(f"{question.slug}-area", None)
                self.errors.pop(f"{question.slug}-side", None)
        if self.none and self.yes:
            raise ValidationError(
                _("You ticked something and pressed “None of these”. Take the tick away, or go on with it.")
            )
        if not self.none and not self.yes:
            raise ValidationError(
                _("Tick what is true for you, or press “%(none)s”."),
                params={"none": self.none_label},
            )
        return cleaned

    def answer_key(self, day: date) -> str:
        """The key of this answer: sent twice it counts once, but other ticks from the same page are a new answer.

        Somebody who goes back and ticks a warning sign must be heard.
        """
        told = hashlib.sha256(f"{day} {sorted(self.yes)}".encode()).hexdigest()
        return f"{self.cleaned_data['key']}.{told[:16]}"

    def places(self) -> dict[str, Place]:
        return {
            question.slug: self.place(question)
            for question in self.local
            if self.cleaned_data.get(question.slug)
        }

    def place(self, question: ScreeningQuestion) -> Place:
        """Not sure where counts for the whole body, which is the safer reading."""
        area = self.areas.get(self.cleaned_data[f"{question.slug}-area"])
        side = self.cleaned_data[f"{question.slug}-side"]
        return Place(area=area, side=side if area is not None and area.sided else Side.BOTH)


class BeforeSessionForm(ChecklistForm):
    """Pain now and the short list, on one screen. A warning sign counts even where the number is missing."""

    pain_before = ScaleField(label=_("How strong is the pain in this area right now?"))
    short = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @property
    def heading(self) -> str:
        return self.asked.checklist.text("title")

    @property
    def asks_short(self) -> bool:
        """Whether it was two exercises that were asked for; also where an answer is missing."""
        return bool(self.fields["short"].to_python(self["short"].value()))

    def leading(self) -> list[Any]:
        return ["short", Field("pain_before")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.yes:
            self.errors.pop("pain_before", None)
        return cleaned


class WithoutAppForm(BeforeSessionForm):
    """The same questions about a session that was done without the app."""

    pain_before = ScaleField(label=_("How strong was the pain in this area before the session?"))

    @property
    def heading(self) -> str:
        return gettext("I did it without the app")

    @property
    def none_label(self) -> str:
        return gettext("None of these: note it as done")
