"""Exercises: what to do, for which muscle, with what, and who must not."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from routines.models.anatomy import Basis, Muscle
from routines.models.base import CatalogueEntry, ReviewedQuerySet, filled, reviewed_before_offered
from routines.models.prescription import Prescription, SideMode


class PhaseKind(models.TextChoices):
    """The four phases in their order (domain.md 0). Their order here is their order everywhere."""

    RELEASE = "release", _("Release")
    STRENGTHEN = "strengthen", _("Strengthen")
    INTEGRATE = "integrate", _("Integrate")
    MAINTAIN = "maintain", _("Maintain")


class ExerciseKind(models.TextChoices):
    """Kinds in the order inside a session (domain.md 5)."""

    RELEASE_SMR = "release_smr", _("Self-massage")
    RELEASE_STRETCH = "release_stretch", _("Stretch")
    STRENGTHEN = "strengthen", _("Strengthen")
    INTEGRATE = "integrate", _("Whole-body")

    @property
    def is_release(self) -> bool:
        return self in (ExerciseKind.RELEASE_SMR, ExerciseKind.RELEASE_STRETCH)

    @property
    def order(self) -> int:
        return list(ExerciseKind).index(self)

    @property
    def phase(self) -> PhaseKind:
        """The phase that this kind belongs to, which gives it its colour."""
        return PhaseKind.RELEASE if self.is_release else PhaseKind(self.value)


class Position(models.TextChoices):
    STANDING = "standing", _("Standing")
    SEATED = "seated", _("Sitting")
    SUPINE = "supine", _("On the back")
    PRONE = "prone", _("Face down")
    SIDE_LYING = "side_lying", _("On the side")
    KNEELING = "kneeling", _("Kneeling")
    QUADRUPED = "quadruped", _("Hands and knees")


class Equipment(CatalogueEntry):
    """A tool. `substitute` is what a home has instead of it, as the end of "instead of it: …"; empty where nothing does."""

    name = models.CharField(_("name"), max_length=80)
    substitute = models.CharField(_("instead of it"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("equipment")
        verbose_name_plural = _("equipment")
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=filled("slug", "name"), name="equipment_named")]

    def __str__(self) -> str:
        return self.text("name")


class ConditionTag(CatalogueEntry):
    """A condition that forbids or limits exercises (domain.md 7.2, 7.4)."""

    class Scope(models.TextChoices):
        WHOLE_PERSON = "whole_person", _("The whole person")
        LOCAL = "local", _("One area and side")

    label = models.CharField(_("label"), max_length=120)
    scope = models.CharField(_("applies to"), max_length=12, choices=Scope)
    rule = models.CharField(_("rule"), max_length=300)

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering = ["label"]
        constraints = [
            models.CheckConstraint(condition=filled("slug", "label", "rule"), name="conditiontag_named"),
            models.CheckConstraint(
                condition=Q(scope__in=["whole_person", "local"]), name="conditiontag_scope"
            ),
        ]

    def __str__(self) -> str:
        return self.text("label")


class ExerciseQuerySet(ReviewedQuerySet):
    def with_details(self) -> ExerciseQuerySet:
        """Everything that a card, a copy or a safety check reads, in a fixed number of queries."""
        return self.prefetch_related(
            "muscles__muscle__body_area", "muscles__muscle__joints__region", "equipment", "tags__tag", "media"
        )

    def as_drawn(self) -> ExerciseQuerySet:
        """What the page of a program shows of an exercise: where it works and its pictures. The review reads no more."""
        muscles = ExerciseMuscle.objects.select_related("muscle__body_area")
        return self.prefetch_related(Prefetch("muscles", muscles), "media")

    def with_known_conditions(self) -> ExerciseQuerySet:
        """Those that may be proposed by themselves: what came from elsewhere only once somebody said what forbids it."""
        tagged = Q(pk__in=ExerciseTag.objects.values("exercise"))
        return self.filter(Q(imported__isnull=True) | Q(imported__undecided=[]) | tagged)


class Exercise(CatalogueEntry, Prescription):
    """One exercise with its usual dose. `easier` and `harder` are versions of it, mostly of the same kind.

    `key` is that of the page on which somebody made their own copy of another one, so that sending it twice makes one.
    """

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=ExerciseKind)
    position = models.CharField(_("position"), max_length=12, choices=Position)
    needs_floor = models.BooleanField(_("needs the floor"), default=False)
    side_mode = models.CharField(_("sides"), max_length=14, choices=SideMode)
    level = models.PositiveSmallIntegerField(
        _("level"), default=1, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    cue = models.TextField(
        _("cue"), max_length=400, help_text=_("One sentence that a person on the floor can follow.")
    )
    cautions = models.JSONField(_("cautions"), default=list, blank=True)
    equipment = models.ManyToManyField(
        Equipment, blank=True, related_name="exercises", verbose_name=_("equipment")
    )
    easier = models.ForeignKey(
        "self",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("easier version"),
    )
    harder = models.ForeignKey(
        "self",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("harder version"),
    )
    basis = models.CharField(_("basis"), max_length=12, choices=Basis, default=Basis.CONVENTION)
    sources = models.JSONField(_("sources"), default=list, blank=True)
    author = models.CharField(_("author"), max_length=200, default="practice")
    licence = models.CharField(_("licence"), max_length=200, default="own text")
    awaits_review = models.BooleanField(default=False, editable=False)
    copy_of = models.ForeignKey(
        "self",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("copy of"),
    )
    key = models.UUIDField(null=True, unique=True, editable=False)

    objects = ExerciseQuerySet.as_manager()  # type: ignore[misc]  # a class variable, which mypy does not see

    class Meta:
        verbose_name = _("exercise")
        verbose_name_plural = _("exercises")
        ordering = ["name"]
        constraints = [
            *Prescription.Meta.constraints,
            models.CheckConstraint(condition=filled("slug", "name", "cue"), name="exercise_named"),
            models.CheckConstraint(condition=Q(kind__in=ExerciseKind.values), name="exercise_kind"),
            models.CheckConstraint(condition=Q(position__in=Position.values), name="exercise_position"),
            models.CheckConstraint(condition=Q(side_mode__in=SideMode.values), name="exercise_side_mode"),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="exercise_basis"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="exercise_level"),
            models.CheckConstraint(
                condition=~Q(easier=F("id")) & ~Q(harder=F("id")),
                name="exercise_not_its_own_version",
                violation_error_message=_("An exercise is not its own easier or harder version."),
            ),
            reviewed_before_offered("exercise_reviewed_before_offered"),
        ]

    def __str__(self) -> str:
        return self.text("name")

    @property
    def shown_media(self) -> list[Any]:
        """Its pictures, links and films in their order; a list of exercises reads `media` at once for all of them."""
        return [row for row in self.media.all() if row.removed_at is None]

    @property
    def seconds(self) -> int:
        """How long one go with the usual dose takes, both sides where it has them."""
        return self.dose.seconds(2 if self.side_mode in (SideMode.EACH_SIDE, SideMode.ALTERNATING) else 1)


class ExerciseMuscle(models.Model):
    class Role(models.TextChoices):
        TARGET = "target", _("Target")
        SECONDARY = "secondary", _("Also works on")

    exercise = models.ForeignKey(Exercise, on_delete=models.CASCADE, related_name="muscles")
    muscle = models.ForeignKey(
        Muscle, on_delete=models.PROTECT, related_name="exercises", verbose_name=_("muscle")
    )
    role = models.CharField(_("role"), max_length=9, choices=Role)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("muscle of an exercise")
        verbose_name_plural = _("muscles of exercises")
        ordering = ["-role", "order"]  # target before secondary
        constraints = [
            models.UniqueConstraint(fields=["exercise", "muscle"], name="exercisemuscle_once"),
            models.UniqueConstraint(fields=["exercise", "role", "order"], name="exercisemuscle_order"),
            models.CheckConstraint(condition=Q(role__in=["target", "secondary"]), name="exercisemuscle_role"),
        ]

    def __str__(self) -> str:
        return f"{self.muscle} ({self.get_role_display()})"


class ExerciseTag(models.Model):
    """What a condition means for an exercise: avoid hides it, care warns and needs the therapist's tick."""

    class Rule(models.TextChoices):
        AVOID = "avoid", _("Avoid")
        CARE = "care", _("Only with care")

    exercise = models.ForeignKey(Exercise, on_delete=models.CASCADE, related_name="tags")
    tag = models.ForeignKey(
        ConditionTag, on_delete=models.PROTECT, related_name="exercises", verbose_name=_("condition")
    )
    rule = models.CharField(_("rule"), max_length=5, choices=Rule)

    class Meta:
        verbose_name = _("condition of an exercise")
        verbose_name_plural = _("conditions of exercises")
        ordering = ["rule", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["exercise", "tag"], name="exercisetag_once"),
            models.CheckConstraint(condition=Q(rule__in=["avoid", "care"]), name="exercisetag_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.tag}: {self.get_rule_display()}"
