"""Exercises with their muscles and conditions, equipment, conditions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from routines.admin.entries import CatalogueAdmin, LinesField, Rows, entry_form, uuid_or_none
from routines.admin.media import MediaPages
from routines.admin.ranked import InRoles, RankedInline
from routines.bodysketch import muscles_shown, sketch
from routines.composing import copy_exercise
from routines.figures.files import is_drawn
from routines.finding import text_fields
from routines.models import (
    ConditionTag,
    Equipment,
    Exercise,
    ExerciseKind,
    ExerciseMuscle,
    ExerciseTag,
    ImportedExercise,
    Program,
)
from routines.review import sides_of
from routines.wording import dose_line, often
from trainandmassage.ui import figure

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


@dataclass(frozen=True)
class Others:
    """Rows that this person sees, and how many more there are: those are counted, never named."""

    seen: list[Any]
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.seen or self.more)


@dataclass(frozen=True)
class WhereUsed:
    """What an exercise is part of. `people` is None where nobody knows of people."""

    programs: Others
    versions: Others  # of which it is the easier or harder one
    copies: Others
    copy_of: Exercise | None
    is_copy: bool
    people: int | None
    history: list[LogEntry]


SHOWN = 12  # of programs, versions, copies
LAST = 6  # entries of the history


@admin.register(Exercise)
class ExerciseAdmin(MediaPages, CatalogueAdmin):
    """Exercises are retired, never deleted: a client may be led to them."""

    shelf = EXERCISES
    change_form_template = "admin/routines/exercise/change_form.html"
    change_list_template = "admin/routines/exercise/change_list.html"
    texts = ["name", "cue", "cautions"]
    form = entry_form(
        Exercise,
        texts,
        cautions=LinesField(label=_("Cautions")),
        sources=LinesField(
            label=_("Sources"), help_text=_("One on each line: keys of the list in docs/domain.md.")
        ),
    )
    list_display = ["picture", "name", "kind", "targets", "level", "usual_dose", "minutes"]
    list_display_links = ["name"]
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
    search_fields = [
        *text_fields("name"),
        "slug",
        *text_fields("name", "muscles__muscle__"),
        "muscles__muscle__anatomical_name",
    ]
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

    # ---- What another app may say about it ------------------------------------------------------------------------------

    def programs_for(self, request: HttpRequest) -> QuerySet[Program]:
        """The programs that this person sees."""
        return Program.objects.all()

    def people_with(self, request: HttpRequest, exercise: Exercise) -> int | None:
        """How many of this person's clients follow it now; another app may know."""
        return None

    def exercise_copied(self, request: HttpRequest, exercise: Exercise, copy: Exercise) -> None:
        """Called within the transaction that copies the exercise."""

    # ---- List ---------------------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        targets = ExerciseMuscle.objects.filter(role=ExerciseMuscle.Role.TARGET).select_related("muscle")
        queryset = super().get_queryset(request)
        return queryset.prefetch_related(Prefetch("muscles", targets, to_attr="target_parts"), "media")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("picture"))
    def picture(self, exercise: Exercise) -> str:
        drawn = figure(exercise.position, exercise.kind, exercise=exercise.slug, media=exercise.shown_media)
        return format_html('<div class="picture kind-{}">{}</div>', exercise.kind, drawn)

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

    # ---- Page ---------------------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("figures/", view(self.figures_page), name="routines_exercise_figures"),
            path("<int:pk>/copy/", view(require_POST(self.copy_page)), name="routines_exercise_copy"),
            path("<int:pk>/retire/", view(require_POST(self.retire_page)), name="routines_exercise_retire"),
            *super().get_urls(),
        ]

    def may_retire(self, obj: Any) -> bool:
        """What came from elsewhere is out of use until somebody has reviewed it."""
        return not obj.awaits_review and super().may_retire(obj)

    @admin.display(description=_("origin"))
    def origin(self, obj: Any) -> str:
        came = ImportedExercise.objects.filter(exercise=obj).first() if obj.pk else None
        if came is None:
            return super().origin(obj)
        return gettext("From the collection “%(source)s”. A newer release leaves alone what you edited.") % {
            "source": came.source
        }

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        exercise = kwargs.get("obj")
        if exercise is not None:
            context |= {
                "exercise": exercise,
                "dose": self.usual_dose(exercise),
                "minutes": self.minutes(exercise),
                "targets": self.targets(exercise),
                "where": sketch(muscles_shown(exercise.muscles.select_related("muscle__body_area"))),
                "used": self.where_used(request, exercise),
                "came_from": ImportedExercise.objects.filter(exercise=exercise).first(),
                "copy_fields": {"key": uuid.uuid4()},
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def where_used(self, request: HttpRequest, exercise: Exercise) -> WhereUsed:
        programs = Program.objects.filter(phases__steps__exercise=exercise).distinct().order_by("name")
        mine = self.get_queryset(request).prefetch_related(None)
        versions = Exercise.objects.filter(easier=exercise) | Exercise.objects.filter(harder=exercise)
        entries = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Exercise), object_id=str(exercise.pk)
        )
        return WhereUsed(
            programs=seen_of(programs, self.programs_for(request)),
            versions=seen_of(versions, mine),
            copies=seen_of(Exercise.objects.filter(copy_of=exercise), mine),
            copy_of=mine.filter(pk=exercise.copy_of_id).first() if exercise.copy_of_id else None,
            is_copy=exercise.copy_of_id is not None,
            people=self.people_with(request, exercise),
            history=list(entries.select_related("user").order_by("-action_time", "-pk")[:LAST]),
        )

    def figures_page(self, request: HttpRequest) -> HttpResponse:
        """All figures side by side: what is drawn for each exercise that this person sees, by kind."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        seen = self.get_queryset(request).prefetch_related(None).filter(retired_at=None)
        drawn = [each for each in seen.order_by("name") if is_drawn(each.slug)]
        kinds = [(kind, [each for each in drawn if each.kind == kind]) for kind in ExerciseKind]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("All figures"),
            "kinds": [(kind, of_it) for kind, of_it in kinds if of_it],
            "moving": "moving" in request.GET,
        }
        return TemplateResponse(request, "admin/routines/exercise/figures.html", context)

    # ---- One button each ----------------------------------------------------------------------------------------------------

    def copy_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        exercise = self.seen_exercise(request, pk)
        if exercise.awaits_review:
            return self.review_first(request, exercise)
        key = uuid_or_none(request.POST.get("key", ""))
        copy = self.get_queryset(request).filter(key=key).first() if key else None
        if copy is None:
            try:
                with transaction.atomic():
                    copy = copy_exercise(exercise, key)
                    self.exercise_copied(request, exercise, copy)
                    self.log_addition(
                        request, copy, gettext("A copy of “%(name)s”.") % {"name": exercise.name}
                    )
            except IntegrityError:  # the same page twice at once
                messages.error(request, gettext("Somebody saved at the same moment. Please save again."))
                return redirect("admin:routines_exercise_change", exercise.pk)
        messages.success(request, gettext("This is your copy. Give it a name of its own."))
        return redirect("admin:routines_exercise_change", copy.pk)

    def review_first(self, request: HttpRequest, exercise: Exercise) -> HttpResponse:
        messages.error(
            request, gettext("“%(exercise)s” has to be reviewed first.") % {"exercise": exercise.text("name")}
        )
        return redirect("admin:routines_exercise_change", exercise.pk)

    def retire_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Retired or not, as the button says: pressed twice it changes nothing more."""
        exercise = self.seen_exercise(request, pk)
        back = request.POST.get("wish") == "bring_back"
        if back and exercise.awaits_review:
            return self.review_first(request, exercise)
        row = Exercise.objects.filter(pk=exercise.pk)
        if row.bring_back() if back else row.retire(timezone.now()):
            word = gettext("Offered again.") if back else gettext("No longer offered.")
            self.log_change(request, exercise, word)
        said = (
            gettext("“%(exercise)s” is offered again.")
            if back
            else gettext("“%(exercise)s” is no longer offered. Programs that have it keep it.")
        )
        messages.success(request, said % {"exercise": exercise.text("name")})
        return redirect("admin:routines_exercise_change", exercise.pk)


def seen_of(rows: QuerySet[Any], mine: QuerySet[Any]) -> Others:
    """The first of the rows that are among `mine`; the rest is a number."""
    seen = list(rows.filter(pk__in=mine.order_by().values("pk"))[:SHOWN])
    return Others(seen, rows.count() - len(seen))
