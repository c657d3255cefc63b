"""Safety questions, the short lists they are asked in, and what people read after an answer (domain.md 7.1, 7.4)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from routines.models.anatomy import ScreeningGroup
from routines.models.base import CatalogueEntry, filled
from routines.models.exercises import ConditionTag


class Effect(models.TextChoices):
    """What a yes does, most urgent first."""

    EMERGENCY = "emergency", _("Emergency")
    URGENT = "urgent", _("Medical advice today")
    REVIEW = "review", _("Ask first")
    TAG = "tag", _("Adapt the exercises")

    @property
    def blocks(self) -> bool:
        return self is not Effect.TAG


class Message(CatalogueEntry):
    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(_("text"))

    class Meta:
        verbose_name = _("message to clients")
        verbose_name_plural = _("messages to clients")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(condition=filled("slug", "title", "body"), name="message_named")
        ]

    def __str__(self) -> str:
        return self.text("title")


class Checklist(CatalogueEntry):
    class UsedIn(models.TextChoices):
        FIRST_SCREENING = "first_screening", _("Before the first session")
        BEFORE_EACH_SESSION = "before_each_session", _("Before each session")

    order = models.PositiveSmallIntegerField(_("order"))
    used_in = models.CharField(_("asked"), max_length=20, choices=UsedIn)
    effects = models.JSONField(_("effects"), default=list)
    title = models.CharField(_("title"), max_length=120)
    intro = models.CharField(_("introduction"), max_length=300, blank=True)
    none_label = models.CharField(_("button for none"), max_length=80)

    class Meta:
        verbose_name = _("safety checklist")
        verbose_name_plural = _("safety checklists")
        ordering = ["used_in", "order"]
        constraints = [
            models.UniqueConstraint(fields=["used_in", "order"], name="checklist_order"),
            models.UniqueConstraint(
                fields=["used_in"],
                condition=Q(used_in="before_each_session"),
                name="checklist_one_before_each_session",
            ),
            models.CheckConstraint(
                condition=Q(used_in__in=["first_screening", "before_each_session"]), name="checklist_used_in"
            ),
            models.CheckConstraint(condition=filled("slug", "title", "none_label"), name="checklist_named"),
        ]

    def __str__(self) -> str:
        return self.text("title")

    def refusal(self, effect: str) -> str:
        """Why a question with this effect cannot stand in this list; empty when it can."""
        if self.used_in != Checklist.UsedIn.FIRST_SCREENING:
            return gettext("Questions stand in a list that is asked before the first session.")
        if effect not in self.effects:
            return gettext("This list holds no questions that mean “%(effect)s”.") % {
                "effect": Effect(effect).label
            }
        return ""


class ScreeningQuestion(CatalogueEntry):
    """`question` is the full wording, `item` the short text in a checklist. `version` rises when the text changes."""

    order = models.PositiveSmallIntegerField(_("order"))
    group = models.ForeignKey(
        ScreeningGroup, on_delete=models.PROTECT, related_name="questions", verbose_name=_("group")
    )
    question = models.CharField(_("question"), max_length=400)
    item = models.CharField(_("short text"), max_length=300)
    effect = models.CharField(_("effect"), max_length=9, choices=Effect)
    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, related_name="+", verbose_name=_("message")
    )
    adds_tag = models.ForeignKey(
        ConditionTag,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("adds the condition"),
    )
    ask_before_each_session = models.BooleanField(_("ask before each session"), default=False)
    checklist = models.ForeignKey(
        Checklist, on_delete=models.PROTECT, related_name="questions", verbose_name=_("checklist")
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("safety question")
        verbose_name_plural = _("safety questions")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["checklist", "order"], name="screeningquestion_order"),
            models.CheckConstraint(
                condition=filled("slug", "question", "item"), name="screeningquestion_named"
            ),
            models.CheckConstraint(condition=Q(effect__in=Effect.values), name="screeningquestion_effect"),
            models.CheckConstraint(
                condition=~Q(effect="tag") | Q(adds_tag__isnull=False),
                name="screeningquestion_tag_named",
                violation_error_message=_(
                    "A question that adapts the exercises must name the condition that it adds."
                ),
            ),
            models.CheckConstraint(
                condition=Q(ask_before_each_session=False) | Q(effect__in=["emergency", "urgent"]),
                name="screeningquestion_repeats_only_warnings",
                violation_error_message=_(
                    "Only emergency and medical advice questions are asked before each session."
                ),
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="screeningquestion_version"),
        ]

    def __str__(self) -> str:
        return self.text("item")
