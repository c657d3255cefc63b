"""Programs and exercises as this person sees them: the practice's, and their own.

The catalogue knows nothing of people; whose own row is whose is decided here, on the clients' side.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from clients.ownership import visible_exercises, visible_programs
from routines.admin.exercises import ExerciseAdmin
from routines.admin.programs import ProgramAdmin
from routines.models import Exercise, Program

admin.site.unregister([Exercise, Program])


@admin.register(Exercise)
class SeenExerciseAdmin(ExerciseAdmin):
    def get_queryset(self, request: HttpRequest) -> Any:
        return visible_exercises(request.user, super().get_queryset(request))


@admin.register(Program)
class SeenProgramAdmin(ProgramAdmin):
    def get_queryset(self, request: HttpRequest) -> Any:
        return visible_programs(request.user, super().get_queryset(request))
