"""Where an entry of the catalogue came from, when it was brought in from somebody else's collection."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from routines.models.base import filled
from routines.models.exercises import Exercise
from routines.models.media import ExerciseMedia
from routines.models.programs import Program


class Imported(models.Model):
    """An entry under the key that its collection knows it by, so that a newer release finds it again.

    `came` is what the last release said, as our content: what differs from it was edited here. `coming` is what a newer
    release says of an entry that is offered already; it waits until somebody has read it.
    """

    source = models.CharField(_("collection"), max_length=80)
    key = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    came = models.JSONField(default=dict)
    coming = models.JSONField(default=dict, blank=True)
    first_at = models.DateTimeField(_("brought in"))
    last_at = models.DateTimeField(_("last release"))
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="%(class)s_once"),
            models.CheckConstraint(condition=filled("source", "key", "digest"), name="%(class)s_named"),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.key}"


class ImportedExercise(Imported):
    """`undecided` names what its collection does not say and somebody has to choose, the conditions that forbid it
    (`tags`) among it: empty only once somebody has said so; `unknown` are its words without a
    counterpart here; `words` its whole text by language; `credits` who wrote which text under which licence.
    """

    exercise = models.OneToOneField(Exercise, on_delete=models.CASCADE, related_name="imported")
    undecided = models.JSONField(default=list, blank=True)
    unknown = models.JSONField(default=list, blank=True)
    words = models.JSONField(default=dict, blank=True)
    credits = models.JSONField(default=list, blank=True)
    author = models.CharField(_("author"), max_length=200)
    licence = models.CharField(_("licence"), max_length=200)
    link = models.CharField(_("link"), max_length=500, blank=True)

    class Meta(Imported.Meta):
        verbose_name = _("imported exercise")
        verbose_name_plural = _("imported exercises")

    @property
    def languages(self) -> list[str]:
        return sorted(self.words)

    @property
    def shares_alike(self) -> bool:
        return shares_alike(self.licence)

    @property
    def other_credits(self) -> list[dict[str, Any]]:
        """Who wrote a text in another language."""
        return [credit for credit in self.credits if credit.get("language")]


class ImportedProgram(Imported):
    program = models.OneToOneField(Program, on_delete=models.CASCADE, related_name="imported")

    class Meta(Imported.Meta):
        verbose_name = _("imported program")
        verbose_name_plural = _("imported programs")


class ImportedPicture(models.Model):
    """A picture that came with an exercise, known by what its file was before it was written anew.

    The row stays when somebody takes the picture away, so that the next release does not bring it back. `waiting` is
    one that a newer release brought to an exercise that is offered already: taken off until somebody has seen it.
    """

    imported = models.ForeignKey(ImportedExercise, on_delete=models.CASCADE, related_name="pictures")
    digest = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    media = models.ForeignKey(ExerciseMedia, on_delete=models.SET_NULL, null=True, related_name="+")
    waiting = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("imported picture")
        verbose_name_plural = _("imported pictures")
        constraints = [
            models.UniqueConstraint(fields=["imported", "digest"], name="importedpicture_once"),
            models.CheckConstraint(condition=filled("digest", "name"), name="importedpicture_named"),
        ]

    def __str__(self) -> str:
        return self.name


def shares_alike(licence: str) -> bool:
    """Whether what is made of it has to stand under the same licence."""
    return "BY-SA" in licence.upper().replace(" ", "-") or "ODBL" in licence.upper()
