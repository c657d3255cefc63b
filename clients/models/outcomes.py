"""What became better or worse: outcome measures, and measures that a therapist defines (domain.md 6.3, 8)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models.accounts import Client, ScopedQuerySet, Side, User
from clients.models.training import Record, RecordQuerySet
from routines.models import OutcomeMeasure
from routines.models.base import filled


class ActivityList(models.Model):
    """The everyday things that a client rates. A changed list is a new row and starts a new line in the chart."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="activity_lists")
    names = models.JSONField(_("activities"))
    since = models.DateField(_("from"))
    key = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("list of activities")
        verbose_name_plural = _("lists of activities")
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="activitylist_key"),
            models.CheckConstraint(condition=filled("key"), name="activitylist_key_filled"),
        ]

    def __str__(self) -> str:
        return ", ".join(self.names)


class OutcomeResponseQuerySet(RecordQuerySet):
    identity = ("client", "measure", "local_date")


class OutcomeResponse(Record):
    """One measure answered on one day. `answers` are kept raw beside the score, with the version of the questions.

    For activities they are in the order of the list; for the others {question slug: value}.
    """

    measure = models.ForeignKey(
        OutcomeMeasure, on_delete=models.PROTECT, related_name="+", verbose_name=_("measure")
    )
    version = models.PositiveSmallIntegerField()
    local_date = models.DateField(_("day"))
    answers = models.JSONField()
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2)
    activities = models.ForeignKey(
        ActivityList, on_delete=models.RESTRICT, null=True, blank=True, related_name="responses"
    )
    entered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by")
    )

    objects = OutcomeResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("answered measure")
        verbose_name_plural = _("answered measures")
        ordering = ["local_date", "revision"]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["client", "measure", "local_date", "revision"], name="outcomeresponse_once_a_revision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure}: {self.score}"


class OwnMeasure(models.Model):
    """A measure that the therapist defines for one client: a number with a unit, left and right told apart."""

    class Better(models.TextChoices):
        LOWER = "lower", _("Lower is better")
        HIGHER = "higher", _("Higher is better")
        NEITHER = "neither", _("No direction")

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="own_measures", verbose_name=_("client")
    )
    name = models.CharField(_("name"), max_length=120)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    sided = models.BooleanField(_("left and right"), default=False)
    better = models.CharField(_("direction"), max_length=8, choices=Better, default=Better.NEITHER)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("own measure")
        verbose_name_plural = _("own measures")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=filled("name"), name="ownmeasure_named"),
            models.CheckConstraint(
                condition=Q(better__in=["lower", "higher", "neither"]), name="ownmeasure_better"
            ),
            models.UniqueConstraint(fields=["client", "name"], name="ownmeasure_once"),
        ]

    def __str__(self) -> str:
        return self.name


class MeasurementQuerySet(RecordQuerySet):
    identity = ("measure", "side", "measured_on")


class Measurement(Record):
    """A value of an own measure, as the therapist took it. A correction is the next revision."""

    measure = models.ForeignKey(OwnMeasure, on_delete=models.CASCADE, related_name="measurements")
    side = models.CharField(_("side"), max_length=5, choices=Side)
    measured_on = models.DateField(_("day"))
    value = models.DecimalField(_("value"), max_digits=8, decimal_places=2)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        ordering = ["measured_on", "side", "revision"]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["measure", "side", "measured_on", "revision"], name="measurement_once_a_revision"
            ),
            models.CheckConstraint(condition=Q(side__in=["left", "right", "none"]), name="measurement_side"),
        ]

    def __str__(self) -> str:
        return f"{self.measure}: {self.value}"
