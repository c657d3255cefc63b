"""What the client found too hard: an easier version took its place for that day, the plan stayed as it was."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models.accounts import Client, ScopedQuerySet
from clients.models.training import TrainingSession
from routines.models import Exercise


class TooHard(models.Model):
    """One exercise of one session that was too hard, and what was offered instead: once a session.

    `easier` is the same exercise where the catalogue knows no easier version that this client may do: then with less of it.
    """

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="too_hard", verbose_name=_("client")
    )
    session = models.ForeignKey(TrainingSession, on_delete=models.CASCADE, related_name="too_hard")
    exercise = models.ForeignKey(
        Exercise, on_delete=models.PROTECT, related_name="+", verbose_name=_("exercise")
    )
    easier = models.ForeignKey(
        Exercise, on_delete=models.PROTECT, related_name="+", verbose_name=_("easier version")
    )
    key = models.CharField(max_length=64)
    at = models.DateTimeField(_("when"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("too hard")
        verbose_name_plural = _("too hard")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["session", "exercise"], name="toohard_once_a_session"),
            models.UniqueConstraint(fields=["client", "key"], name="toohard_key"),
            models.CheckConstraint(condition=~Q(key=""), name="toohard_key_filled"),
        ]

    def __str__(self) -> str:
        return str(self.at)
