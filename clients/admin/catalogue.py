"""Programs and exercises as this person sees them: the practice's, and their own.

The catalogue knows nothing of people; whose own row is whose is decided here, on the clients' side.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Max, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from clients.admin import updating
from clients.admin.building import ForClient, client_of_builder, draw_preview, keep_reasons, reasons_before
from clients.admin.drafting import DRAFT_FOR
from clients.admin.exchanging import ExchangePages
from clients.media import followed_by, is_given, ring
from clients.models import Client, OwnExercise, OwnProgram, Role, WarningOverride
from clients.ownership import (
    MINE,
    PRACTICE,
    keep_exercise,
    keep_program,
    own_of,
    share_exercise,
    share_program,
    visible_exercises,
    visible_programs,
    whose_programs,
)
from clients.updating import number_of_followers
from routines.admin.asking import Said
from routines.admin.builder import Bench, Person, ProgramForm
from routines.admin.exercises import ExerciseAdmin
from routines.admin.programs import ProgramAdmin
from routines.models import Exercise, ExerciseMedia, Program
from routines.review import DesignWarning

admin.site.unregister([Exercise, Program])

VERSIONS = ("easier", "harder")
WHOSE = [(PRACTICE, gettext_lazy("The whole practice")), (MINE, gettext_lazy("Only me"))]


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


class WhoseFilter(admin.SimpleListFilter):
    """The programs of the practice, or one's own."""

    title = gettext_lazy("whose")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(PRACTICE, _("The practice's")), (MINE, _("Mine"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() in (PRACTICE, MINE):
            return whose_programs(queryset, str(self.value()), request.user)
        return queryset


@admin.register(Program)
class SeenProgramAdmin(ProgramAdmin):
    program_form = OwnedProgramForm
    keeps_reasons = True
    previews = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return visible_programs(request.user, super().get_queryset(request))

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        used, *others = super().get_list_filter(request)
        return [WhoseFilter, used, *others]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        name, *others = super().get_list_display(request)
        return [name, "whose", *others]

    def complete(self, request: HttpRequest, rows: Any) -> None:
        super().complete(request, rows)
        own = own_of(request.user, rows)
        for row in rows:
            row.own = own.get(row.pk)

    @admin.display(description=gettext_lazy("whose"))
    def whose(self, program: Any) -> str:
        words = {None: _("The practice's"), True: _("Mine"), False: _("A colleague's own")}
        return words[program.own]

    def goes_along(self, row: Model) -> bool:
        return isinstance(row, (OwnProgram, WarningOverride))

    def more_context(self, request: HttpRequest, program: Program) -> dict[str, Any]:
        """For whom it was drafted, and how many follow an earlier version."""
        if request.method == "POST" or request.user.role == Role.OFFICE:  # type: ignore[union-attr]
            return {}
        drafted = request.session.get(DRAFT_FOR, {})
        clients = Client.objects.visible_to(request.user).in_care()
        mine = clients.filter(pk=drafted.get("client")) if drafted.get("program") == program.pk else None
        return {
            "drafted_for": mine.first() if mine is not None else None,
            "followers": number_of_followers(program, request.user, changed_at(program)),
        }

    def exercises_for(self, request: HttpRequest) -> QuerySet[Exercise]:
        return visible_exercises(request.user)

    def more_warnings(self, form: ProgramForm, exercises: list[Exercise]) -> list[DesignWarning]:
        """A program for everybody shows everybody what somebody keeps to themselves."""
        if "whose" in form.fields and form["whose"].value() == MINE:
            return []
        words = _("“%(exercise)s” is somebody's own exercise. Everybody who uses this program sees it.")
        return [
            DesignWarning(
                "own_exercise", words % {"exercise": row.exercise.text("name")}, about=row.exercise.slug
            )
            for row in OwnExercise.objects.filter(exercise__in=exercises).select_related("exercise")
        ]

    def form_for(self, request: HttpRequest, program: Program, **kwargs: Any) -> ProgramForm:
        """New programs and own ones may be kept or shared; what belongs to the practice stays with it."""
        own = OwnProgram.objects.filter(program=program).first() if program.pk else None
        return super().form_for(
            request, program, own=own, may_choose=program.pk is None or own is not None, **kwargs
        )

    def person_for(self, request: HttpRequest) -> ForClient | None:
        return client_of_builder(request, timezone.now())

    def said_before(self, request: HttpRequest, program: Program, person: Person | None) -> dict[str, Said]:
        return reasons_before(request, program, person if isinstance(person, ForClient) else None)

    def keep_said(self, request: HttpRequest, program: Program, bench: Bench) -> None:
        keep_reasons(request, program, bench)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/", page(require_safe(self.preview_page)), name="routines_program_preview"),
            path("<int:pk>/updates/", page(updating.show), name="program_updates"),
            *super().get_urls(),
        ]

    def preview_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.preview(request, self.bench_for(request, self.found(request, pk)))

    def preview(self, request: HttpRequest, bench: Bench) -> HttpResponse:
        back = self.address(bench.program, bench.person) if bench.program.pk else ""
        return draw_preview(request, bench, back, timezone.now())

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


def changed_at(program: Program) -> datetime | None:
    """When somebody last saved it, as its history says."""
    kind = ContentType.objects.get_for_model(Program)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(program.pk))
    return entries.aggregate(last=Max("action_time"))["last"]


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
class SeenExerciseAdmin(ExchangePages, ExerciseAdmin):
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
