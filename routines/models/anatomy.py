"""Muscles, joints and imbalances: a tight muscle, its weak partner, an altered joint."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from routines.models.base import CatalogueEntry, filled


class MapView(models.TextChoices):
    FRONT = "front", _("Front")
    BACK = "back", pgettext_lazy("of the body", "Back")
    BOTH = "both", _("Front and back")


class Region(CatalogueEntry):
    """A part of the body for filters, coarser than a body area."""

    name = models.CharField(_("name"), max_length=80)
    order = models.PositiveSmallIntegerField(_("order"), unique=True)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["order"]
        constraints = [models.CheckConstraint(condition=filled("slug", "name"), name="region_named")]

    def __str__(self) -> str:
        return self.text("name")


class BodyArea(CatalogueEntry):
    """A place that a person can point to; the unit of pain areas, local conditions and the body map."""

    name = models.CharField(_("name"), max_length=80)
    map_view = models.CharField(_("shown on"), max_length=5, choices=MapView)
    sided = models.BooleanField(_("has left and right"))

    class Meta:
        verbose_name = _("body area")
        verbose_name_plural = _("body areas")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=filled("slug", "name"), name="bodyarea_named"),
            models.CheckConstraint(condition=Q(map_view__in=MapView.values), name="bodyarea_map_view"),
        ]

    def __str__(self) -> str:
        return self.text("name")


class Joint(CatalogueEntry):
    name = models.CharField(_("name"), max_length=80)
    anatomical_name = models.CharField(_("anatomical name"), max_length=200)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="joints", verbose_name=_("region")
    )
    sided = models.BooleanField(_("has left and right"))

    class Meta:
        verbose_name = _("joint")
        verbose_name_plural = _("joints")
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=filled("slug", "name"), name="joint_named")]

    def __str__(self) -> str:
        return self.text("name")


class JointMotion(models.Model):
    """A movement that this joint can make."""

    joint = models.ForeignKey(
        Joint, on_delete=models.CASCADE, related_name="motions", verbose_name=_("joint")
    )
    motion = models.CharField(_("motion"), max_length=40)

    class Meta:
        verbose_name = _("motion of a joint")
        verbose_name_plural = _("motions of joints")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["joint", "motion"], name="jointmotion_once"),
            models.CheckConstraint(condition=filled("motion"), name="jointmotion_named"),
        ]

    def __str__(self) -> str:
        return f"{self.joint}: {self.motion.replace('_', ' ')}"


class Muscle(CatalogueEntry):
    """A muscle, or a fascia, which can be released but never strengthened (domain.md 0, fact 4)."""

    class Tissue(models.TextChoices):
        MUSCLE = "muscle", _("Muscle")
        FASCIA = "fascia", _("Fascia")

    class Depth(models.TextChoices):
        SUPERFICIAL = "superficial", _("Near the surface")
        DEEP = "deep", _("Deep")

    name = models.CharField(_("name"), max_length=80)
    anatomical_name = models.CharField(_("anatomical name"), max_length=200)
    tissue = models.CharField(_("tissue"), max_length=10, choices=Tissue, default=Tissue.MUSCLE)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="muscles", verbose_name=_("region")
    )
    body_area = models.ForeignKey(
        BodyArea, on_delete=models.PROTECT, related_name="muscles", verbose_name=_("body area")
    )
    sided = models.BooleanField(_("has left and right"))
    map_view = models.CharField(_("shown on"), max_length=5, choices=MapView)
    depth = models.CharField(_("depth"), max_length=12, choices=Depth)
    action = models.CharField(_("what it does"), max_length=300)
    joints = models.ManyToManyField(Joint, related_name="muscles", verbose_name=_("joints"))

    class Meta:
        verbose_name = _("muscle")
        verbose_name_plural = _("muscles")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=filled("slug", "name"), name="muscle_named"),
            models.CheckConstraint(condition=Q(tissue__in=["muscle", "fascia"]), name="muscle_tissue"),
            models.CheckConstraint(condition=Q(map_view__in=["front", "back"]), name="muscle_map_view"),
            models.CheckConstraint(condition=Q(depth__in=["superficial", "deep"]), name="muscle_depth"),
        ]

    def __str__(self) -> str:
        return self.text("name")


class MuscleMotion(models.Model):
    """A movement that this muscle makes at a joint."""

    muscle = models.ForeignKey(
        Muscle, on_delete=models.CASCADE, related_name="motions", verbose_name=_("muscle")
    )
    motion = models.ForeignKey(
        JointMotion, on_delete=models.PROTECT, related_name="muscles", verbose_name=_("motion")
    )

    class Meta:
        verbose_name = _("motion of a muscle")
        verbose_name_plural = _("motions of muscles")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["muscle", "motion"], name="musclemotion_once")]

    def __str__(self) -> str:
        return str(self.motion)


class MusclePartnerQuerySet(models.QuerySet):
    def of(self, muscle: Muscle) -> MusclePartnerQuerySet:
        """The pairs that this muscle belongs to, whichever place it has in them."""
        return self.filter(Q(first=muscle) | Q(second=muscle))


class MusclePartner(models.Model):
    """Two muscles that pull against each other or share a job; one row a pair, so that it is the same from both sides.

    `first` is the row with the smaller key: the database refuses the mirrored pair.
    """

    class Relation(models.TextChoices):
        ANTAGONIST = "antagonist", _("Makes the opposite movement")
        FUNCTIONAL = "functional", _("Shares the job")

    first = models.ForeignKey(
        Muscle, on_delete=models.CASCADE, related_name="partners_after", verbose_name=_("first")
    )
    second = models.ForeignKey(
        Muscle, on_delete=models.CASCADE, related_name="partners_before", verbose_name=_("second")
    )
    relation = models.CharField(_("relation"), max_length=10, choices=Relation)

    objects = MusclePartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("pair of muscles")
        verbose_name_plural = _("pairs of muscles")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="musclepartner_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")),
                name="musclepartner_one_row_a_pair",
                violation_error_message=_("A muscle is not its own partner."),
            ),
            models.CheckConstraint(
                condition=Q(relation__in=["antagonist", "functional"]), name="musclepartner_relation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"


class ScreeningGroup(CatalogueEntry):
    """Questions that belong together; a complaint names the groups that must be asked (domain.md 7.4)."""

    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("group of safety questions")
        verbose_name_plural = _("groups of safety questions")
        ordering = ["slug"]
        constraints = [models.CheckConstraint(condition=filled("slug"), name="screeninggroup_named")]

    def __str__(self) -> str:
        return self.text("name")


class Basis(models.TextChoices):
    """What stands behind an entry (catalogue.yaml, meta.basis_values)."""

    ESTABLISHED = "established", _("Supported by reviews or guidelines")
    GUIDELINE = "guideline", _("Named in a clinical guideline or toolkit")
    TRIAL = "trial", _("Taken from a trial protocol")
    CONVENTION = "convention", _("Usual practice, little direct evidence")
    SEED = "seed", _("The practice's own method")


class Imbalance(CatalogueEntry):
    """A working pattern for the therapist, never a diagnosis. Clients see `client_words` (domain.md 3)."""

    class UsualSides(models.TextChoices):
        ONE = "one", _("One side")
        BOTH = "both", _("Both sides")
        EITHER = "either", _("One side or both")

    name = models.CharField(_("name"), max_length=160)
    client_words = models.CharField(_("in the client's words"), max_length=300)
    usual_sides = models.CharField(_("usual sides"), max_length=6, choices=UsualSides)
    refer_if = models.TextField(_("refer if"), blank=True)
    basis = models.CharField(_("basis"), max_length=12, choices=Basis)
    sources = models.JSONField(_("sources"), default=list, blank=True)
    note = models.TextField(_("note for the therapist"), blank=True)
    screening_groups = models.ManyToManyField(
        ScreeningGroup, blank=True, verbose_name=_("groups of safety questions")
    )

    class Meta:
        verbose_name = _("imbalance")
        verbose_name_plural = _("imbalances")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=filled("slug", "name", "client_words"), name="imbalance_named"),
            models.CheckConstraint(
                condition=Q(usual_sides__in=["one", "both", "either"]), name="imbalance_sides"
            ),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="imbalance_basis"),
        ]

    def __str__(self) -> str:
        return self.text("name")


class ImbalanceMuscle(models.Model):
    """A muscle's part in an imbalance. A muscle can be tight and weak at once (domain.md 0, fact 1)."""

    class Role(models.TextChoices):
        TIGHT = "tight", _("Tight")
        WEAK = "weak", _("Weak")

    imbalance = models.ForeignKey(Imbalance, on_delete=models.CASCADE, related_name="muscles")
    muscle = models.ForeignKey(
        Muscle, on_delete=models.PROTECT, related_name="imbalances", verbose_name=_("muscle")
    )
    role = models.CharField(_("role"), max_length=5, choices=Role)
    order = models.PositiveSmallIntegerField(_("order"))

    class Meta:
        verbose_name = _("muscle of an imbalance")
        verbose_name_plural = _("muscles of imbalances")
        ordering = ["role", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["imbalance", "muscle", "role"], name="imbalancemuscle_once_a_role"
            ),
            models.UniqueConstraint(fields=["imbalance", "role", "order"], name="imbalancemuscle_order"),
            models.CheckConstraint(condition=Q(role__in=["tight", "weak"]), name="imbalancemuscle_role"),
        ]

    def __str__(self) -> str:
        return f"{self.muscle} ({self.get_role_display()})"


class ImbalanceJoint(models.Model):
    """A joint that rests or moves away from its usual position. Never "out of place" (domain.md 7.5)."""

    imbalance = models.ForeignKey(Imbalance, on_delete=models.CASCADE, related_name="joints")
    joint = models.ForeignKey(
        Joint, on_delete=models.PROTECT, related_name="imbalances", verbose_name=_("joint")
    )
    alteration = models.CharField(_("alteration"), max_length=200)
    plain_words = models.CharField(_("in plain words"), max_length=200)
    order = models.PositiveSmallIntegerField(_("order"))

    class Meta:
        verbose_name = _("joint of an imbalance")
        verbose_name_plural = _("joints of imbalances")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["imbalance", "joint"], name="imbalancejoint_once"),
            models.UniqueConstraint(fields=["imbalance", "order"], name="imbalancejoint_order"),
            models.CheckConstraint(
                condition=filled("alteration", "plain_words"), name="imbalancejoint_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.joint}: {self.alteration}"


class ImbalanceArea(models.Model):
    """Where people with this pattern usually feel it."""

    imbalance = models.ForeignKey(Imbalance, on_delete=models.CASCADE, related_name="pain_areas")
    area = models.ForeignKey(BodyArea, on_delete=models.PROTECT, related_name="+", verbose_name=_("area"))
    order = models.PositiveSmallIntegerField(_("order"))

    class Meta:
        verbose_name = _("pain area of an imbalance")
        verbose_name_plural = _("pain areas of imbalances")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["imbalance", "area"], name="imbalancearea_once"),
            models.UniqueConstraint(fields=["imbalance", "order"], name="imbalancearea_order"),
        ]

    def __str__(self) -> str:
        return str(self.area)
