"""What the therapist's hands found at a visit, and what the person has and can do at home (domain.md 11)."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models.accounts import Client, ScopedQuerySet, Side, User
from routines.models import BodyArea, Equipment, ImbalanceMuscle, Joint, Muscle
from routines.models.base import filled

RATING = [MinValueValidator(0), MaxValueValidator(10)]


class VisitQuerySet(ScopedQuerySet):
    def closed(self) -> VisitQuerySet:
        return self.filter(closed_at__isnull=False)


class Visit(models.Model):
    """One examination by hand. While it is open its findings may change; closed, it is history."""

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="visits", verbose_name=_("client")
    )
    held_on = models.DateField(_("day"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    note = models.TextField(_("note"), blank=True, help_text=_("Never shown to the client."))
    opened_at = models.DateTimeField(_("begun"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    key = models.CharField(max_length=64)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="visit_key"),
            models.CheckConstraint(condition=filled("key"), name="visit_key_filled"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")), name="visit_from_to"
            ),
            models.UniqueConstraint(
                fields=["client"], condition=Q(closed_at__isnull=True), name="visit_one_open"
            ),
        ]

    def __str__(self) -> str:
        return str(self.held_on)


class FindingQuerySet(ScopedQuerySet):
    client_path = "visit__client"


class Finding(models.Model):
    """One muscle on one side, tight or weak, 0 (not at all) to 10. A muscle may be both (domain.md 0, fact 1)."""

    class Judged(models.TextChoices):
        HANDS = "hands", _("By hand")
        LENGTH = "length", _("Length test")
        STRENGTH = "strength", _("Strength test")
        MOVEMENT = "movement", _("Watching a movement")
        TOLD = "told", _("Told by the client")
        OTHER = "other", _("In another way")

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="findings")
    muscle = models.ForeignKey(Muscle, on_delete=models.PROTECT, related_name="+", verbose_name=_("muscle"))
    side = models.CharField(_("side"), max_length=5, choices=Side)
    state = models.CharField(_("found"), max_length=5, choices=ImbalanceMuscle.Role)
    rating = models.PositiveSmallIntegerField(_("how much (0 to 10)"), validators=RATING)
    judged = models.CharField(_("how judged"), max_length=8, choices=Judged, default=Judged.HANDS)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["state", "-rating", "pk"]  # tight, then weak
        constraints = [
            models.UniqueConstraint(fields=["visit", "muscle", "side", "state"], name="finding_once"),
            models.CheckConstraint(condition=Q(side__in=["left", "right", "none"]), name="finding_side"),
            models.CheckConstraint(condition=Q(state__in=["tight", "weak"]), name="finding_state"),
            models.CheckConstraint(condition=Q(rating__gte=0, rating__lte=10), name="finding_0_to_10"),
            models.CheckConstraint(
                condition=Q(judged__in=["hands", "length", "strength", "movement", "told", "other"]),
                name="finding_judged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.muscle} {self.get_state_display()}"


class JointFinding(models.Model):
    """How a joint rests or moves. Never "out of place" (domain.md 7.5)."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="joint_findings")
    joint = models.ForeignKey(Joint, on_delete=models.PROTECT, related_name="+", verbose_name=_("joint"))
    side = models.CharField(_("side"), max_length=5, choices=Side)
    alteration = models.CharField(_("how it rests or moves"), max_length=200)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding at a joint")
        verbose_name_plural = _("findings at joints")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "joint", "side", "alteration"], name="jointfinding_once"
            ),
            models.CheckConstraint(condition=Q(side__in=["left", "right", "none"]), name="jointfinding_side"),
            models.CheckConstraint(condition=filled("alteration"), name="jointfinding_words"),
        ]

    def __str__(self) -> str:
        return f"{self.joint}: {self.alteration}"


class PainArea(models.Model):
    """Where it hurts, as told at the visit; `rating` 0 to 10 where it was asked."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="pain_areas")
    area = models.ForeignKey(BodyArea, on_delete=models.PROTECT, related_name="+", verbose_name=_("area"))
    side = models.CharField(_("side"), max_length=5, choices=Side)
    rating = models.PositiveSmallIntegerField(_("pain (0 to 10)"), null=True, blank=True, validators=RATING)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("pain area")
        verbose_name_plural = _("pain areas")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "area", "side"], name="painarea_once"),
            models.CheckConstraint(condition=Q(side__in=["left", "right", "none"]), name="painarea_side"),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=0, rating__lte=10), name="painarea_0_to_10"
            ),
        ]

    def __str__(self) -> str:
        return str(self.area)


class HomeSetup(models.Model):
    """What the client has at home and can do; without a row nothing is known, and nothing is preferred.

    `tools_at` is when the tools were last told, and `tools_by` by whom; without it nobody was asked, which is not the
    same as nothing at home. `level` and `minutes` are empty until somebody says them.
    """

    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="home_setup")
    tools = models.ManyToManyField(Equipment, blank=True, related_name="+", verbose_name=_("at home"))
    tools_at = models.DateTimeField(null=True, blank=True, editable=False)
    tools_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    floor = models.BooleanField(_("gets down to the floor and up again"), default=True)
    level = models.PositiveSmallIntegerField(
        _("hardest level to begin with"),
        null=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes a day"), null=True, validators=[MinValueValidator(3), MaxValueValidator(90)]
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("at home")
        verbose_name_plural = _("at home")
        constraints = [
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__gte=1, level__lte=5), name="homesetup_level"
            ),
            models.CheckConstraint(
                condition=Q(minutes__isnull=True) | Q(minutes__gte=3, minutes__lte=90),
                name="homesetup_minutes",
            ),
            models.CheckConstraint(
                condition=Q(tools_by__isnull=True) | Q(tools_at__isnull=False), name="homesetup_tools_told"
            ),
        ]

    def __str__(self) -> str:
        return str(self.client)
