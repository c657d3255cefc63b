"""Exercises with their muscles and conditions, equipment, conditions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, Q
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from routines.admin.entries import CatalogueAdmin, LinesField, Rows, entry_form
from routines.admin.ranked import RankedFormSet, RankedInline
from routines.models import ConditionTag, Equipment, Exercise, ExerciseMuscle, ExerciseTag
from routines.review import sides_of
from routines.wording import dose_line, often

EXERCISES = ("exercise", "equipment", "conditiontag")


@admin.register(Equipment)
class EquipmentAdmin(CatalogueAdmin):
    shelf = EXERCISES
    form = entry_form(Equipment, ["name", "substitute"])
    list_display = ["name", "substitute"]
    search_fields = ["name", "slug"]
    fieldsets = [(None, {"fields": ["name", "substitute"]})]


@admin.register(ConditionTag)
class ConditionTagAdmin(CatalogueAdmin):
    shelf = EXERCISES
    texts = ["label", "rule"]
    name_field = "label"
    form = entry_form(ConditionTag, texts)
    list_display = ["label", "scope", "rule"]
    list_filter = ["scope"]
    search_fields = ["label", "slug"]
    fieldsets = [
        (
            None,
            {
                "fields": ["label", "scope", "rule"],
                "description": _(
                    "A condition that forbids or limits exercises. It is always read live: a condition that you add "
                    "to a client protects running programs at once. A local one holds for one area and side."
                ),
            },
        )
    ]


class InRoles(RankedFormSet):
    group = "role"


class ExerciseMuscleInline(RankedInline):
    model = ExerciseMuscle
    formset = InRoles
    fields = ["role", "place", "muscle"]
    leads_to = ["muscle"]
    verbose_name = _("muscle")
    verbose_name_plural = _("muscles: the targets are what this exercise is chosen for")


class ExerciseTagInline(Rows):
    model = ExerciseTag
    extra = 1
    fields = ["tag", "rule"]
    leads_to = ["tag"]
    verbose_name = _("condition")
    verbose_name_plural = _("conditions: avoid hides the exercise, care asks for your tick")


@admin.register(Exercise)
class ExerciseAdmin(CatalogueAdmin):
    shelf = EXERCISES
    texts = ["name", "cue", "cautions"]
    form = entry_form(
        Exercise,
        texts,
        cautions=LinesField(label=_("Cautions")),
        sources=LinesField(
            label=_("Sources"), help_text=_("One on each line: keys of the list in docs/domain.md.")
        ),
    )
    list_display = ["name", "kind", "targets", "position", "level", "usual_dose", "minutes"]
    list_filter = [
        "kind",
        "muscles__muscle__body_area",
        "muscles__muscle__region",
        "muscles__muscle",
        "equipment",
        "position",
        "needs_floor",
        "level",
        "tags__tag",
    ]
    search_fields = ["name", "slug", "muscles__muscle__name", "muscles__muscle__anatomical_name"]
    inlines = [ExerciseMuscleInline, ExerciseTagInline]
    fieldsets = [
        (None, {"fields": ["name", "kind", "cue", "cautions"]}),
        (
            _("How it is done"),
            {
                "fields": ["position", "needs_floor", "side_mode", "equipment", "level"],
                "description": _(
                    "“Each side” does the whole dose left and right; “alternating” changes sides with each repetition "
                    "and counts them for each side. Level 1 is the gentlest."
                ),
            },
        ),
        (
            _("Usual dose"),
            {
                "fields": [
                    ("sets", "reps", "hold_seconds"),
                    ("tempo_lift", "tempo_hold", "tempo_lower"),
                    ("rest_seconds", "per_day", "days_per_week"),
                ],
                "description": _(
                    "What a new step in a program begins with. For self-massage a set is one tender spot. "
                    "A hold is for each repetition; moving repetitions have 0 and a tempo in seconds, or none for "
                    "the person's own pace. Changing it changes no program."
                ),
            },
        ),
        (
            _("Other versions"),
            {
                "fields": ["easier", "harder"],
                "description": _(
                    "The easier one is taken when a dose has to go down and there is no set to spare."
                ),
            },
        ),
        (_("Background"), {"fields": ["basis", "sources", "author", "licence"], "classes": ["collapse"]}),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not while it is the easier or harder version of another: a client may be led to it."""
        return (
            super().has_delete_permission(request, obj)
            and not Exercise.objects.filter(Q(easier=obj) | Q(harder=obj)).exists()
        )

    def get_queryset(self, request: HttpRequest) -> Any:
        targets = ExerciseMuscle.objects.filter(role=ExerciseMuscle.Role.TARGET).select_related("muscle")
        queryset = super().get_queryset(request)
        return queryset.prefetch_related(Prefetch("muscles", targets, to_attr="target_parts"))

    @admin.display(description=_("targets"))
    def targets(self, exercise: Any) -> str:
        return ", ".join(str(part.muscle) for part in exercise.target_parts)

    @admin.display(description=_("usual dose"))
    def usual_dose(self, exercise: Exercise) -> str:
        return f"{dose_line(exercise.dose, exercise.side_mode)}, {often(exercise.dose)}"

    @admin.display(description=_("time"))
    def minutes(self, exercise: Exercise) -> str:
        minutes = max(1, round(exercise.dose.seconds(sides_of(exercise.side_mode)) / 60))
        return gettext("%(number)s min") % {"number": minutes}
