"""Outcome measures: what is asked, how it is scored, which change matters (domain.md 6.3, 8)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from routines.models.base import CatalogueEntry, filled


class OutcomeMeasure(CatalogueEntry):
    class Better(models.TextChoices):
        LOWER = "lower", _("Lower is better")
        HIGHER = "higher", _("Higher is better")
        NEITHER = "neither", _("No direction")

    class Shipped(models.TextChoices):
        """Whether the measure may be asked here; licences decide (domain.md 8)."""

        YES = "yes", _("Asked in full")
        TOTAL_ONLY = "total_only", _("A total obtained elsewhere is entered")
        NO = "no", _("Not offered")

    name = models.CharField(_("name"), max_length=160)
    minimum = models.SmallIntegerField(_("smallest value"))
    maximum = models.SmallIntegerField(_("largest value"))
    better = models.CharField(_("direction"), max_length=8, choices=Better)
    important_change = models.DecimalField(
        _("change that matters"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    or_percent = models.PositiveSmallIntegerField(_("or percent"), null=True, blank=True)
    licence = models.CharField(_("licence"), max_length=300)
    shipped = models.CharField(_("offered"), max_length=10, choices=Shipped)
    scoring = models.CharField(_("scoring"), max_length=20, blank=True)
    details = models.JSONField(_("further rules"), default=dict, blank=True)
    sources = models.JSONField(_("sources"), default=list, blank=True)
    version = models.PositiveSmallIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("outcome measure")
        verbose_name_plural = _("outcome measures")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=filled("slug", "name"), name="outcomemeasure_named"),
            models.CheckConstraint(
                condition=Q(maximum__gt=F("minimum")),
                name="outcomemeasure_range",
                violation_error_message=_("The largest value must be greater than the smallest."),
            ),
            models.CheckConstraint(
                condition=Q(better__in=["lower", "higher", "neither"]), name="outcomemeasure_better"
            ),
            models.CheckConstraint(
                condition=Q(shipped__in=["yes", "total_only", "no"]), name="outcomemeasure_shipped"
            ),
            models.CheckConstraint(
                condition=Q(important_change__isnull=True) | Q(important_change__gt=0),
                name="outcomemeasure_change",
            ),
            models.CheckConstraint(
                condition=Q(or_percent__isnull=True) | Q(or_percent__gte=1, or_percent__lte=100),
                name="outcomemeasure_percent",
            ),
        ]

    def __str__(self) -> str:
        return self.text("name")

    def question_texts(self) -> dict[str, str]:
        """The questions by short name, in the reader's language. Read the measure with its questions."""
        rows = list(self.questions.all())
        texts = self.parts_of("questions", [row.text for row in rows])
        return {row.slug: text for row, text in zip(rows, texts, strict=True)}

    def anchor_words(self) -> dict[int, str]:
        """The words at values of the scale, in the reader's language. Read the measure with its anchors."""
        rows = list(self.anchors.all())
        words = self.parts_of("anchors", [row.label for row in rows])
        return {row.value: word for row, word in zip(rows, words, strict=True)}

    def translated(self, field: str) -> str:
        """A text that has no column of its own, in the reader's language; "" where there is none."""
        return str(self.translations.get(get_language() or "", {}).get(field, ""))

    def parts_of(self, field: str, original: list[str]) -> list[str]:
        """A translated list stands in the order of the original; with another number of parts nobody knows whose they are."""
        translated = self.translations.get(get_language() or "", {}).get(field, [])
        return translated if len(translated) == len(original) else original


class OutcomeQuestion(models.Model):
    measure = models.ForeignKey(OutcomeMeasure, on_delete=models.CASCADE, related_name="questions")
    slug = models.CharField(max_length=80)
    text = models.CharField(_("text"), max_length=400)
    order = models.PositiveSmallIntegerField(_("order"))

    class Meta:
        verbose_name = _("question of a measure")
        verbose_name_plural = _("questions of measures")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["measure", "slug"], name="outcomequestion_once"),
            models.UniqueConstraint(fields=["measure", "order"], name="outcomequestion_order"),
            models.CheckConstraint(condition=filled("slug", "text"), name="outcomequestion_named"),
        ]

    def __str__(self) -> str:
        return self.text


class OutcomeAnchor(models.Model):
    """The words at a value of the scale."""

    measure = models.ForeignKey(OutcomeMeasure, on_delete=models.CASCADE, related_name="anchors")
    value = models.SmallIntegerField(_("value"))
    label = models.CharField(_("words"), max_length=120)

    class Meta:
        verbose_name = _("words at a value")
        verbose_name_plural = _("words at values")
        ordering = ["value"]
        constraints = [
            models.UniqueConstraint(fields=["measure", "value"], name="outcomeanchor_once"),
            models.CheckConstraint(condition=filled("label"), name="outcomeanchor_named"),
        ]

    def __str__(self) -> str:
        return f"{self.value}: {self.label}"
