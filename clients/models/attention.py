"""Who needs the therapist: what the last look at a program found, what was put aside, and from which figures on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models.accounts import Client, ScopedQuerySet, User
from clients.models.assignments import Assignment
from routines.models.base import filled


class NeedQuerySet(ScopedQuerySet):
    def standing(self) -> NeedQuerySet:
        """Those that nobody has put aside, of programs that run and clients in care."""
        aside = Dismissal.objects.filter(
            client=models.OuterRef("client"), kind=models.OuterRef("kind"), key=models.OuterRef("key")
        )
        return self.filter(
            ~models.Exists(aside), assignment__ended_on__isnull=True, client__ended_at__isnull=True
        )


class Need(models.Model):
    """Why somebody should look at a program. It follows from the records and is written anew with each look at them.

    `key` names the evidence: as long as it is the same, a need that was put aside stays so. `evidence` holds the
    figures for the words and the small chart. `rank` is the place in the queue, the smaller the more urgent.
    """

    class Kind(models.TextChoices):
        REFER_SUGGESTED = "refer_suggested", _("Medical review suggested")
        STEP_BACK_PROPOSED = "step_back_proposed", _("Step back proposed")
        PAIN_RISE = "pain_rise", _("Pain has risen")
        RELEASE_ONLY = "release_only", _("Release only for now")
        TIGHT_AGAIN = "tight_again", _("Tight again: release reopened")
        READY = "ready", _("Ready for the next phase")
        REVIEW_DUE = "review_due", _("Review due")
        CARE = "care", _("Waits for a yes")
        ADHERENCE = "adherence", _("Less is done than before")
        SILENT = "silent", _("Silent")
        RUNNING_OUT = "running_out", _("Running out")

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="needs", verbose_name=_("client")
    )
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="needs")
    kind = models.CharField(_("what"), max_length=20, choices=Kind)
    rank = models.PositiveSmallIntegerField()
    rises = models.BooleanField(default=False)
    since = models.DateField(_("since"))
    key = models.CharField(max_length=80)
    evidence = models.JSONField(default=dict, blank=True)

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "kind"], name="need_once_a_program"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "refer_suggested", "step_back_proposed", "pain_rise", "release_only", "tight_again", "ready",
                        "review_due", "care", "adherence", "silent", "running_out",
                    ]
                ),
                name="need_kind",
            ),
            models.CheckConstraint(condition=filled("key"), name="need_key_filled"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.get_kind_display()


class Dismissal(models.Model):
    """Not now: who put a need aside, when and why. It comes back with other evidence, which has another key."""

    class Kind(models.TextChoices):
        """Of letters and invitations, which are no program's."""

        MAIL = "mail", _("Mail does not arrive")
        INVITATION = "invitation", _("Invited, not inside yet")

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="dismissals", verbose_name=_("client")
    )
    kind = models.CharField(_("what"), max_length=20, choices=[*Need.Kind.choices, *Kind.choices])
    key = models.CharField(max_length=80)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"))
    reason = models.CharField(_("why"), max_length=300)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("put aside")
        verbose_name_plural = _("put aside")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["client", "kind", "key"], name="dismissal_once"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "refer_suggested", "step_back_proposed", "pain_rise", "release_only", "tight_again", "ready",
                        "review_due", "care", "adherence", "silent", "running_out", "mail", "invitation",
                    ]
                ),
                name="dismissal_kind",
            ),
            models.CheckConstraint(condition=filled("key", "reason"), name="dismissal_filled"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.get_kind_display()


class Threshold(models.Model):
    """From which figures on this client comes into the queue, as a therapist decided: the newest row counts.

    `numbers` are all own values at that moment, {key: value}; a key that is missing follows the practice.
    """

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="thresholds", verbose_name=_("client")
    )
    numbers = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"))
    reason = models.CharField(_("why"), max_length=500)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("threshold of a client")
        verbose_name_plural = _("thresholds of clients")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=filled("reason"), name="threshold_reason"),
        ]

    def __str__(self) -> str:
        return str(self.at)
