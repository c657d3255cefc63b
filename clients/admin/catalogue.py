"""Programs and exercises as this person sees them: the practice's, and their own.

The catalogue knows nothing of people; whose own row is whose is decided here, on the clients' side.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.media import followed_by, is_given, ring
from clients.models import OwnExercise, OwnProgram, Role
from clients.ownership import (
    keep_exercise,
    keep_program,
    share_exercise,
    share_program,
    visible_exercises,
    visible_programs,
)
from routines.admin.builder import ProgramForm
from routines.admin.exercises import ExerciseAdmin
from routines.admin.programs import ProgramAdmin
from routines.models import Exercise, ExerciseMedia, Program
from routines.review import DesignWarning

admin.site.unregister([Exercise, Program])

VERSIONS = ("easier", "harder")
MINE = "mine"
WHOSE = [("practice", gettext_lazy("The whole practice")), (MINE, gettext_lazy("Only me"))]


def whose_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("Who uses it?"),
        choices=WHOSE,
        initial="practice",
        required=False,
        widget=forms.RadioSelect(attrs={"data-cards": "1"}),
    )


class OwnedProgramForm(ProgramForm):
    """The builder's form, with whose program it is where that may be chosen."""

    whose = whose_field()

    def __init__(self, *args: Any, own: OwnProgram | None, may_choose: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_choose:
            del self.fields["whose"]
        else:
            self.initial.setdefault("whose", MINE if own else "practice")


@admin.register(Program)
class SeenProgramAdmin(ProgramAdmin):
    program_form = OwnedProgramForm

    def get_queryset(self, request: HttpRequest) -> Any:
        return visible_programs(request.user, super().get_queryset(request))

    def goes_along(self, row: Model) -> bool:
        return isinstance(row, OwnProgram)

    def exercises_for(self, request: HttpRequest) -> QuerySet[Exercise]:
        return visible_exercises(request.user)

    def more_warnings(self, form: ProgramForm, exercises: list[Exercise]) -> list[DesignWarning]:
        """A program for everybody shows everybody what somebody keeps to themselves."""
        if "whose" in form.fields and form["whose"].value() == MINE:
            return []
        words = _("“%(exercise)s” is somebody's own exercise. Everybody who uses this program sees it.")
        return [
            DesignWarning("own_exercise", words % {"exercise": row.exercise.text("name")})
            for row in OwnExercise.objects.filter(exercise__in=exercises).select_related("exercise")
        ]

    def form_for(self, request: HttpRequest, program: Program, **kwargs: Any) -> ProgramForm:
        """New programs and own ones may be kept or shared; what belongs to the practice stays with it."""
        own = OwnProgram.objects.filter(program=program).first() if program.pk else None
        return super().form_for(
            request, program, own=own, may_choose=program.pk is None or own is not None, **kwargs
        )

    def program_saved(self, request: HttpRequest, program: Program, form: ProgramForm, new: bool) -> None:
        if "whose" not in form.fields:
            return
        if form.cleaned_data["whose"] == MINE:
            keep_program(program, request.user, now=timezone.now())  # type: ignore[arg-type]
        else:
            share_program(program)

    def program_copied(self, request: HttpRequest, program: Program, copy: Program) -> None:
        """What somebody keeps to themselves is not shared by copying it: the copy is whoever's who made it."""
        if OwnProgram.objects.filter(program=program).exists():
            keep_program(copy, request.user, now=timezone.now())  # type: ignore[arg-type]


class OwnedExerciseForm(ExerciseAdmin.form):  # type: ignore[misc, valid-type]
    whose = whose_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["whose"].initial = MINE  # it is shown for own ones only
        # What this person does not see they cannot send back: it reads as empty, and left empty it stays
        self.unseen = {name: self.initial[name] for name in VERSIONS if self.is_hidden(name)}
        self.initial.update(dict.fromkeys(self.unseen))

    def is_hidden(self, version: str) -> bool:
        known, field = self.initial.get(version), self.fields.get(version)
        return bool(known and field and not field.queryset.filter(pk=known).exists())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        for name, known in self.unseen.items():
            if name not in self.errors and cleaned.get(name) is None:
                cleaned[name] = Exercise.objects.get(pk=known)
        return cleaned


@admin.register(Exercise)
class SeenExerciseAdmin(ExerciseAdmin):
    form = OwnedExerciseForm

    def get_queryset(self, request: HttpRequest) -> Any:
        return visible_exercises(request.user, super().get_queryset(request))

    def goes_along(self, row: Model) -> bool:
        return isinstance(row, OwnExercise)

    def programs_for(self, request: HttpRequest) -> QuerySet[Program]:
        return visible_programs(request.user)

    def people_with(self, request: HttpRequest, exercise: Exercise) -> int | None:
        """Office reads no health text, and who does which exercise is some."""
        if request.user.role == Role.OFFICE:  # type: ignore[union-attr]
            return None
        return followed_by(request.user, exercise)  # type: ignore[arg-type]

    def media_is_given(self, row: ExerciseMedia) -> bool:
        return is_given(row)

    def film_added(self) -> None:
        transaction.on_commit(ring)

    def exercise_copied(self, request: HttpRequest, exercise: Exercise, copy: Exercise) -> None:
        """The copy is whoever's who made it."""
        keep_exercise(copy, request.user, now=timezone.now())  # type: ignore[arg-type]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """With whose exercise it is, for a new one and for an own one."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.may_choose(obj):
            fieldsets.insert(1, (_("Whose"), {"fields": ["whose"]}))
        return fieldsets

    def may_choose(self, exercise: Exercise | None) -> bool:
        return exercise is None or OwnExercise.objects.filter(exercise=exercise).exists()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        may_choose = self.may_choose(obj if change else None)
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if may_choose and form.cleaned_data.get("whose") == MINE:
                keep_exercise(obj, request.user, now=timezone.now())  # type: ignore[arg-type]
            elif may_choose:
                share_exercise(obj)
