"""When a client is reminded, and every letter: a row before it is a mail (reliability.md 3a)."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models.accounts import Client, ScopedQuerySet, User
from clients.models.practice import validate_zone


def new_token() -> str:
    """128 random bits for a link."""
    return secrets.token_urlsafe(16)


class ReminderSchedule(models.Model):
    """Wall time and zone are the truth; `next_local_date` and `next_due_at` are the computed next occurrence."""

    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="reminder_schedule")
    local_time = models.TimeField(_("at"))
    zone = models.CharField(_("time zone"), max_length=64, validators=[validate_zone])
    days = models.CharField(_("days"), max_length=7, default="1234567")
    active = models.BooleanField(_("remind me by e-mail"), default=True)
    evening_letter = models.BooleanField(_("a second letter in the evening"), default=False)
    weekly = models.BooleanField(_("only once a week"), default=False)
    paused_until = models.DateField(_("pause until"), null=True, blank=True)
    next_local_date = models.DateField(null=True, blank=True, editable=False)
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    tzdata_version = models.CharField(max_length=20, blank=True, editable=False)
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.CheckConstraint(
                condition=Q(days__regex=r"^1?2?3?4?5?6?7?\Z") & ~Q(days=""), name="reminderschedule_days"
            ),
            models.CheckConstraint(condition=~Q(token="") & ~Q(zone=""), name="reminderschedule_filled"),
            models.CheckConstraint(
                condition=Q(next_due_at__isnull=True, next_local_date__isnull=True)
                | Q(next_due_at__isnull=False, next_local_date__isnull=False),
                name="reminderschedule_next_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["next_due_at"], condition=Q(active=True), name="reminderschedule_due")
        ]

    def __str__(self) -> str:
        return str(self.local_time)


class DeliveryQuerySet(ScopedQuerySet):
    for_office = True

    def live(self) -> DeliveryQuerySet:
        return self.filter(status__in=[Delivery.Status.DUE, Delivery.Status.SENDING])


class Delivery(models.Model):
    """One letter. Planned letters are unique per client, local day and kind; the others per event.

    due → sending → sent; back to due for a later try; → failed, skipped or missed with a reason. Only due and
    sending are live. Every change of status is one conditional UPDATE (clients.reminders.deliver).
    """

    class Status(models.TextChoices):
        DUE = "due", _("Due")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        SKIPPED = "skipped", _("Not needed")
        FAILED = "failed", _("Failed")
        MISSED = "missed", _("Too late")

    class Kind(models.TextChoices):
        DAILY = "daily", _("Daily")
        EVENING = "evening", _("Evening")

    class Letter(models.TextChoices):
        REMINDER = "reminder", _("Reminder")
        INVITATION = "invitation", _("Invitation")
        STAFF_INVITATION = "staff_invitation", _("Invitation to the team")
        SIGN_IN = "sign_in", _("Sign-in link")
        PASSWORD_RESET = "password_reset", _("New password")
        ACCOUNT_NOTICE = "account_notice", _("Account notice")
        PLAN_CHANGED = "plan_changed", _("Plan changed")
        MESSAGE = "message", _("Message")
        SAFETY_ALERT = "safety_alert", _("Safety alert")

    client = models.ForeignKey(
        Client,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("client"),
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries")
    local_date = models.DateField(_("client's day"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, blank=True)
    event_id = models.CharField(max_length=120, blank=True)
    letter = models.CharField(_("letter"), max_length=16, choices=Letter)
    data = models.JSONField(default=dict, blank=True)
    due_at = models.DateTimeField(_("due"))
    not_after = models.DateTimeField(_("not after"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.DUE)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    error_class = models.CharField(_("error"), max_length=120, blank=True)
    provider_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "local_date", "kind"], condition=~Q(kind=""), name="delivery_planned_once"
            ),
            models.UniqueConstraint(
                fields=["event_id"], condition=~Q(event_id=""), name="delivery_event_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["daily", "evening"], event_id="", client__isnull=False, local_date__isnull=False
                )
                | (Q(kind="") & ~Q(event_id="")),
                name="delivery_planned_or_event",
            ),
            models.CheckConstraint(
                condition=Q(client__isnull=False) | Q(user__isnull=False), name="delivery_addressed"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["due", "sending", "sent", "skipped", "failed", "missed"]),
                name="delivery_status",
            ),
            models.CheckConstraint(
                condition=Q(status="sending", lease_until__isnull=False) & ~Q(lease_token="")
                | ~Q(status="sending"),
                name="delivery_sending_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False)
                | (~Q(status="sent") & Q(sent_at__isnull=True)),
                name="delivery_sent_when",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["skipped", "failed", "missed"]) | ~Q(reason=""),
                name="delivery_reason",
            ),
            models.CheckConstraint(condition=Q(not_after__gte=F("due_at")), name="delivery_not_after"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status__in=["due", "sending"]), name="delivery_live"),
            models.Index(
                fields=["due_at"],
                condition=Q(status__in=["due", "sending"]) & ~Q(event_id=""),
                name="delivery_live_event",
            ),
            # What did not arrive lately, among years of letters: the morning queue asks for it at each look
            models.Index(fields=["reason", "due_at"], name="delivery_reason_due"),
        ]

    def __str__(self) -> str:
        return self.get_letter_display()


class Suppression(models.Model):
    """An address that must not be written to any more; only its hash is kept."""

    address_hash = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=40)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        constraints = [
            models.CheckConstraint(condition=~Q(address_hash="") & ~Q(reason=""), name="suppression_filled")
        ]

    def __str__(self) -> str:
        return self.reason
