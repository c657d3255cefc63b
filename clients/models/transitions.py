"""Every change of phase leaves a row: what, when, by whom, why."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models.accounts import ScopedQuerySet, User
from clients.models.assignments import AssignedPhase, Assignment


class PhaseTransitionQuerySet(ScopedQuerySet):
    client_path = "assignment__client"


class PhaseTransition(models.Model):
    class Kind(models.TextChoices):
        STARTED = "started", _("Started")
        ADVANCED = "advanced", _("Moved on")
        HELD = "held", _("Held")
        STEPPED_BACK = "stepped_back", _("Stepped back")
        PAUSED = "paused", _("Paused")
        RESUMED = "resumed", _("Resumed")
        ENDED = "ended", _("Ended")

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="transitions")
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    from_phase = models.ForeignKey(
        AssignedPhase,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("from phase"),
    )
    to_phase = models.ForeignKey(
        AssignedPhase,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("to phase"),
    )
    at = models.DateTimeField(_("when"))
    local_date = models.DateField(_("client's day"))
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    reason = models.CharField(_("why"), max_length=500, blank=True)
    numbers = models.JSONField(_("numbers at that moment"), default=dict, blank=True)

    objects = PhaseTransitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=["started", "advanced", "held", "stepped_back", "paused", "resumed", "ended"]
                ),
                name="phasetransition_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="started") | ~Q(reason=""), name="phasetransition_reason"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["advanced", "stepped_back"])
                | Q(from_phase__isnull=False, to_phase__isnull=False, by__isnull=False),
                name="phasetransition_person_and_phases",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
