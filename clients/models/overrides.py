"""What a therapist was warned of in a program and wanted all the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models.accounts import Client, Role, ScopedQuerySet, User
from clients.models.ownership import OwnProgram
from routines.models import Program
from routines.models.base import filled


class WarningOverrideQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any, at: datetime | None = None) -> Self:
        """Those about a client as any row about one; those about a program alone for the therapists who see the program."""
        mine = super().visible_to(user, at).filter(client__isnull=False)
        if not user.is_authenticated or not user.is_active or user.role not in (Role.OWNER, Role.THERAPIST):
            return self.none()
        programs = self.filter(client__isnull=True)
        if user.role != Role.OWNER:
            programs = programs.exclude(
                program__in=OwnProgram.objects.exclude(therapist=user).values("program")
            )
        return self.filter(Q(pk__in=mine.values("pk")) | Q(pk__in=programs.values("pk")))

    def standing(self) -> WarningOverrideQuerySet:
        return self.filter(ended_at__isnull=True)


class WarningOverride(models.Model):
    """The reason for which a warning about a program was overridden, with the sentence that was shown.

    `about` names what the warning is about (routines.admin.asking.token_of): the same warning about another dose is
    another one. It stands until the warning holds no more or somebody takes it back, and the row stays.
    """

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="+", verbose_name=_("program")
    )
    client = models.ForeignKey(
        Client,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="warning_overrides",
        verbose_name=_("client"),
    )
    warning = models.CharField(_("warning"), max_length=40)
    about = models.CharField(_("about"), max_length=64)
    sentence = models.TextField(_("as it was shown"), max_length=1000)
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"))
    ended_at = models.DateTimeField(_("until"), null=True, blank=True, editable=False)

    objects = WarningOverrideQuerySet.as_manager()

    class Meta:
        verbose_name = _("overridden warning")
        verbose_name_plural = _("overridden warnings")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=filled("warning", "about", "sentence", "reason"), name="warningoverride_filled"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("at")),
                name="warningoverride_ended_after",
            ),
            models.UniqueConstraint(
                fields=["program", "about"],
                condition=Q(ended_at__isnull=True, client__isnull=True),
                name="warningoverride_once",
            ),
            models.UniqueConstraint(
                fields=["program", "client", "about"],
                condition=Q(ended_at__isnull=True, client__isnull=False),
                name="warningoverride_once_for_client",
            ),
        ]

    def __str__(self) -> str:
        return self.reason
