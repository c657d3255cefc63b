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
    """What was proposed, decided, or made safer by rule in one program. What holds on a day follows from these rows.

    `numbers` are the figures at that moment, with the numbers of the rule and whose they were. `event` makes a row
    that a rule writes happen once, whoever evaluates first. Only a change of phase has `to_phase`; the others name
    the phase that they concern in `from_phase`.
    """

    class Kind(models.TextChoices):
        STARTED = "started", _("Started")
        ADVANCED = "advanced", _("Moved on")
        HELD = "held", _("Held")
        STEPPED_BACK = "stepped_back", _("Stepped back")
        PAUSED = "paused", _("Paused")
        RESUMED = "resumed", _("Resumed")
        ENDED = "ended", _("Ended")
        # Proposals of the app, which a person answers
        READY = "ready", _("Ready for the next phase")
        NOT_READY = "not_ready", _("No longer ready")
        REVIEW_DUE = "review_due", _("Review due")
        STEP_BACK_PROPOSED = "step_back_proposed", _("Step back proposed")
        REFER_SUGGESTED = "refer_suggested", _("Medical review suggested")
        # Made safer by rule, and given back what the therapist had approved
        RELEASE_ONLY = "release_only", _("Release only for now")
        STRENGTHENING_BACK = "strengthening_back", _("Strengthening is back")
        DOSE_REDUCED = "dose_reduced", _("Dose reduced")
        DOSE_RESTORED = "dose_restored", _("Dose as agreed again")
        TIGHT_AGAIN = "tight_again", _("Tight again: release reopened")
        # Decisions of a person
        CARRIED_ON = "carried_on", _("Carry on")
        ALONGSIDE = "alongside", _("Strengthening too")
        ALONGSIDE_ENDED = "alongside_ended", _("Strengthening alongside ended")
        RELEASE_ENOUGH = "release_enough", _("Extra release ended")
        REFERRED = "referred", _("Sent to medical care")
        NUMBERS = "numbers", _("Numbers changed")

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="transitions")
    kind = models.CharField(_("what"), max_length=20, choices=Kind)
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
    event = models.CharField(max_length=80, blank=True, editable=False)

    objects = PhaseTransitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "started", "advanced", "held", "stepped_back", "paused", "resumed", "ended", "ready",
                        "not_ready", "review_due", "step_back_proposed", "refer_suggested", "release_only",
                        "strengthening_back", "dose_reduced", "dose_restored", "tight_again", "carried_on",
                        "alongside", "alongside_ended", "release_enough", "referred", "numbers",
                    ]
                ),
                name="phasetransition_kind",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "started", "ready", "not_ready", "review_due", "step_back_proposed", "refer_suggested",
                        "release_only", "strengthening_back", "dose_reduced", "dose_restored", "tight_again",
                    ]
                )
                | ~Q(reason=""),
                name="phasetransition_reason",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["advanced", "stepped_back"])
                | Q(from_phase__isnull=False, to_phase__isnull=False, by__isnull=False),
                name="phasetransition_person_and_phases",
            ),
            models.CheckConstraint(
                condition=~Q(
                    kind__in=[
                        "held", "carried_on", "alongside", "alongside_ended", "release_enough", "referred", "numbers",
                    ]
                )
                | Q(by__isnull=False),
                name="phasetransition_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["started", "advanced", "stepped_back"]) | Q(to_phase__isnull=True),
                name="phasetransition_only_moves_lead_somewhere",
            ),
            models.UniqueConstraint(
                fields=["assignment", "event"], condition=~Q(event=""), name="phasetransition_event_once"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.get_kind_display()
