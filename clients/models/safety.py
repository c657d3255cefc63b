"""Answers to safety questions, blocks, and the contacts that lift them (domain.md 7)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients.models.accounts import Client, ScopedQuerySet, User
from routines.models import Checklist, ConditionTag, Effect, Exercise, ScreeningQuestion
from routines.models.base import localized


class ContactRecord(models.Model):
    """The therapist spoke with the client: when, how, what was agreed."""

    class Channel(models.TextChoices):
        PHONE = "phone", _("Phone")
        IN_PERSON = "in_person", _("In person")
        MAIL = "mail", pgettext_lazy("way of speaking", "E-mail")

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="contacts", verbose_name=_("client")
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"))
    channel = models.CharField(_("how"), max_length=10, choices=Channel, default=Channel.PHONE)
    note = models.TextField(_("what was agreed"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=["phone", "in_person", "mail"]), name="contactrecord_channel"
            ),
            models.CheckConstraint(condition=~Q(note=""), name="contactrecord_note"),
        ]

    def __str__(self) -> str:
        return self.get_channel_display()


class Screening(models.Model):
    """One checklist answered once, by the client or as they told somebody who asked. Rows are never changed."""

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="screenings", verbose_name=_("client")
    )
    checklist = models.ForeignKey(
        Checklist, on_delete=models.PROTECT, related_name="+", verbose_name=_("checklist")
    )
    answered_at = models.DateTimeField(_("answered"))
    local_date = models.DateField(_("client's day"))
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("asked by")
    )
    key = models.CharField(max_length=64)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("answered checklist")
        verbose_name_plural = _("answered checklists")
        ordering = ["-answered_at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="screening_key"),
            models.CheckConstraint(condition=~Q(key=""), name="screening_key_filled"),
        ]

    def __str__(self) -> str:
        return str(self.checklist)


class ScreeningAnswer(models.Model):
    """Yes or no to one question, with the words that were shown."""

    screening = models.ForeignKey(Screening, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(ScreeningQuestion, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    effect = models.CharField(max_length=9, choices=Effect)
    yes = models.BooleanField()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["screening", "question"], name="screeninganswer_once"),
            models.CheckConstraint(condition=Q(effect__in=Effect.values), name="screeninganswer_effect"),
        ]

    def __str__(self) -> str:
        return self.text


class SafetyBlockQuerySet(ScopedQuerySet):
    def open(self) -> SafetyBlockQuerySet:
        return self.filter(lifted_at__isnull=True)


class SafetyBlock(models.Model):
    """No session until the therapist records a contact. `texts` is the message as it was shown; `cause` is for the therapist."""

    class Effect(models.TextChoices):
        EMERGENCY = "emergency", _("Emergency")
        URGENT = "urgent", _("Medical advice today")
        REVIEW = "review", _("Ask first")

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="blocks", verbose_name=_("client")
    )
    effect = models.CharField(_("effect"), max_length=9, choices=Effect)
    texts = models.JSONField(default=dict)
    cause = models.TextField(_("cause"))
    screening = models.ForeignKey(
        Screening, on_delete=models.CASCADE, null=True, blank=True, related_name="blocks"
    )
    created_at = models.DateTimeField(_("since"))
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    contact = models.ForeignKey(
        ContactRecord,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lifts",
        verbose_name=_("contact"),
    )

    objects = SafetyBlockQuerySet.as_manager()

    class Meta:
        verbose_name = _("safety block")
        verbose_name_plural = _("safety blocks")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(effect__in=["emergency", "urgent", "review"]), name="safetyblock_effect"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, contact__isnull=True)
                | Q(lifted_at__isnull=False, contact__isnull=False),
                name="safetyblock_lifted_by_a_contact",
            ),
        ]

    def __str__(self) -> str:
        return self.get_effect_display()

    @property
    def title(self) -> str:
        return str(localized(self.texts, "title"))

    @property
    def body(self) -> str:
        return str(localized(self.texts, "body"))


class CareTick(models.Model):
    """The therapist's yes to an exercise that a condition allows only with care, for this client."""

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="care_ticks", verbose_name=_("client")
    )
    exercise = models.ForeignKey(
        Exercise, on_delete=models.PROTECT, related_name="+", verbose_name=_("exercise")
    )
    tag = models.ForeignKey(
        ConditionTag, on_delete=models.PROTECT, related_name="+", verbose_name=_("condition")
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"))
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreed with care")
        verbose_name_plural = _("agreed with care")
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["client", "exercise", "tag"], name="caretick_once")]

    def __str__(self) -> str:
        return f"{self.exercise}: {self.tag}"
