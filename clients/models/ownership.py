"""Whose own exercise or program it is. A catalogue row without an owner belongs to the whole practice."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models.accounts import User
from routines.models import Exercise, Program


class OwnExercise(models.Model):
    exercise = models.OneToOneField(Exercise, on_delete=models.PROTECT, related_name="+")
    therapist = models.ForeignKey(User, on_delete=models.PROTECT, related_name="own_exercises")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("own exercise")
        verbose_name_plural = _("own exercises")

    def __str__(self) -> str:
        return str(self.exercise)


class OwnProgram(models.Model):
    program = models.OneToOneField(Program, on_delete=models.PROTECT, related_name="+")
    therapist = models.ForeignKey(User, on_delete=models.PROTECT, related_name="own_programs")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("own program")
        verbose_name_plural = _("own programs")

    def __str__(self) -> str:
        return str(self.program)
