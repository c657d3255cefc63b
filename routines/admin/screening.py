"""Safety questions with their lists and messages, and what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from routines.admin.entries import CatalogueAdmin, EntryForm, LinesField, Rows, entry_form
from routines.admin.ranked import RankedInline
from routines.models import (
    Checklist,
    Effect,
    Message,
    OutcomeAnchor,
    OutcomeMeasure,
    OutcomeQuestion,
    ScreeningGroup,
    ScreeningQuestion,
)

SAFETY = ("screeningquestion", "checklist", "message", "screeninggroup", "outcomemeasure")


class SafetyAdmin(CatalogueAdmin):
    """Shipped safety texts may be reworded, but not taken out of use: people's safety rests on all of them."""

    shelf = SAFETY
    shipped_may_retire = False


@admin.register(ScreeningGroup)
class ScreeningGroupAdmin(SafetyAdmin):
    form = entry_form(ScreeningGroup, ["name"])
    list_display = ["name", "slug"]
    search_fields = ["name", "slug"]
    fieldsets = [
        (
            None,
            {
                "fields": ["name"],
                "description": _("Questions that belong together. A pattern names its groups."),
            },
        )
    ]


@admin.register(Message)
class MessageAdmin(SafetyAdmin):
    texts = ["title", "body"]
    name_field = "title"
    form = entry_form(Message, texts)
    list_display = ["title", "slug"]
    search_fields = ["title", "body", "slug"]
    fieldsets = [
        (
            None,
            {
                "fields": ["title", "body"],
                "description": _(
                    "What a client reads. Say what to do now, in plain words, and never name a cause. The practice's "
                    "phone and the emergency number stand below it by themselves."
                ),
            },
        )
    ]


class SettledForm(EntryForm):
    """Choices that no page takes back; they are shown, and checked together with what is changed beside them."""

    always: Sequence[str] = ()
    shipped: Sequence[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settled = [
            *(self.always if self.instance.pk else ()),
            *(self.shipped if self.instance.seed_hash else ()),
        ]
        for name in settled:
            if name in self.fields:
                self.fields[name].disabled = True


class ChecklistForm(SettledForm):
    """A list stays where it is asked: every session starts with the one that is asked before it."""

    always = ["used_in"]


class QuestionForm(SettledForm):
    """What a shipped question does and when it is asked: people's safety rests on it, whoever edits its words."""

    shipped = ["effect", "group", "checklist", "ask_before_each_session"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        asked = {"effect", "checklist"}
        moved = asked <= cleaned.keys() and asked.intersection(self.changed_data)
        if moved and (refusal := cleaned["checklist"].refusal(cleaned["effect"])):
            self.add_error("checklist", refusal)
        return cleaned


class EffectsField(forms.TypedMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=Effect.choices, **kwargs)


@admin.register(Checklist)
class ChecklistAdmin(SafetyAdmin):
    texts = ["title", "intro", "none_label"]
    name_field = "title"
    form = entry_form(
        Checklist, texts, ChecklistForm, effects=EffectsField(label=_("Holds questions that mean"))
    )
    list_display = ["title", "used_in", "order"]
    list_filter = ["used_in"]
    search_fields = ["title", "slug"]
    fieldsets = [
        (None, {"fields": ["title", "intro", "none_label"]}),
        (
            _("When it is asked"),
            {
                "fields": ["used_in", "order", "effects"],
                "description": _(
                    "The most urgent list comes first; an emergency or urgent answer ends the questions."
                ),
            },
        ),
    ]

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The list before each session is shipped, and there is only one: a new list is asked before the first."""
        if db_field.name == "used_in" and not (
            request.resolver_match and request.resolver_match.kwargs.get("object_id")
        ):
            kwargs["choices"] = [
                (Checklist.UsedIn.FIRST_SCREENING.value, Checklist.UsedIn.FIRST_SCREENING.label)
            ]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


def raise_version(entry: ScreeningQuestion | OutcomeMeasure) -> None:
    """Later answers belong to a new text."""
    type(entry).objects.filter(pk=entry.pk).update(version=F("version") + 1)


@admin.register(ScreeningQuestion)
class ScreeningQuestionAdmin(SafetyAdmin):
    texts = ["question", "item"]
    name_field = "item"
    form = entry_form(ScreeningQuestion, texts, QuestionForm)
    list_display = ["item", "effect", "group", "checklist", "ask_before_each_session", "version"]
    list_filter = ["effect", "group", "checklist", "ask_before_each_session", "adds_tag"]
    list_select_related = ["group", "checklist"]
    search_fields = ["question", "item", "slug"]
    readonly_fields = ["version"]
    fieldsets = [
        (
            None,
            {
                "fields": ["item", "question"],
                "description": _(
                    "The short text stands in the list, the question is the full wording. Answers are kept with the "
                    "version of the text that was read, so a new text begins a new version."
                ),
            },
        ),
        (
            _("What a yes does"),
            {
                "fields": ["effect", "message", "adds_tag"],
                "description": _(
                    "Emergency and medical advice block everything until a contact is recorded; “ask first” blocks "
                    "until you record a clearance; “adapt” adds a condition."
                ),
            },
        ),
        (
            _("When it is asked"),
            {
                "fields": ["group", "checklist", "ask_before_each_session", "order"],
                "description": _(
                    "Before each session only the signs that need attention at once are asked again."
                ),
            },
        ),
    ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and {*self.texts, *form.translated}.intersection(form.changed_data):
            raise_version(obj)


class OutcomeQuestionInline(RankedInline):
    model = OutcomeQuestion
    fields = ["place", "text"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OutcomeAnchorInline(Rows):
    model = OutcomeAnchor
    fields = ["value", "label"]
    extra = 0


@admin.register(OutcomeMeasure)
class OutcomeMeasureAdmin(SafetyAdmin):
    form = entry_form(OutcomeMeasure, ["name"], sources=LinesField(label=_("Sources")))
    list_display = ["name", "shipped", "minimum", "maximum", "better", "important_change"]
    list_filter = ["shipped", "better"]
    search_fields = ["name", "slug"]
    readonly_fields = ["shipped", "licence", "scoring", "version"]
    inlines = [OutcomeQuestionInline, OutcomeAnchorInline]
    fieldsets = [
        (
            None,
            {
                "fields": ["name", "minimum", "maximum", "better"],
                "description": _("What is asked, and in which direction it should move."),
            },
        ),
        (
            _("Change that matters"),
            {
                "fields": ["important_change", "or_percent"],
                "description": _("Smaller changes are not called progress: they may be noise."),
            },
        ),
        (
            _("Licence"),
            {
                "fields": ["shipped", "licence", "scoring", "version", "sources"],
                "description": _(
                    "Some forms may not be offered here; of others only a total may be entered."
                ),
            },
        ),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Scoring is code, so a new measure comes with an update."""
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        scale = {"minimum", "maximum", *form.translated}.intersection(form.changed_data)
        if scale or any(formset.has_changed() for formset in formsets):
            raise_version(form.instance)
