"""The design of a staged program: phases in order, each with its steps and with what must hold to move on."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from routines.models.anatomy import Imbalance, Muscle
from routines.models.base import CatalogueEntry, ReviewedQuerySet, filled, reviewed_before_offered
from routines.models.exercises import Exercise, ExerciseMuscle, ExerciseTag, PhaseKind
from routines.models.prescription import Prescription

# With all their fields fewer than the 1,000 that Django reads of one request, so that the builder can save every program
MOST_PHASES = 12
MOST_STEPS = 40


class Rule(CatalogueEntry):
    """Numbers of the trade as data: gates, doses, weekdays (catalogue.yaml; meaning in domain.md 5, 6).

    The value that applies is the first of: this client, the program's phase, the practice, this row.
    """

    class Section(models.TextChoices):
        PROGRESSION = "progression", _("Progression")
        DOSE = "dose", _("Usual doses")
        SCHEDULE = "schedule", _("Days of the week")
        DRAFTING = "drafting", _("Drafting")
        META = "meta", _("Pairing and easier versions")

    section = models.CharField(_("section"), max_length=12, choices=Section)
    numbers = models.JSONField(_("numbers"), default=dict)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["section", "slug"]
        constraints = [
            models.CheckConstraint(condition=filled("slug"), name="rule_named"),
            models.CheckConstraint(
                condition=Q(section__in=["progression", "dose", "schedule", "drafting", "meta"]),
                name="rule_section",
            ),
        ]

    def __str__(self) -> str:
        return self.slug.replace("_", " ")


class ProgramTag(models.Model):
    """A word of the therapists under which programs are found. `key` is the name without regard to capitals."""

    LONGEST = 40

    name = models.CharField(_("tag"), max_length=LONGEST)
    key = models.CharField(max_length=3 * LONGEST, unique=True, editable=False)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["key"]
        constraints = [models.CheckConstraint(condition=filled("name", "key"), name="programtag_named")]

    def __str__(self) -> str:
        return self.name


class ProgramQuerySet(ReviewedQuerySet):
    def with_design(self) -> ProgramQuerySet:
        """Phases, steps, exercises, muscles and conditions, in a fixed number of queries."""
        muscles = ExerciseMuscle.objects.select_related("muscle")
        tags = Prefetch("exercise__tags", ExerciseTag.objects.select_related("tag"))
        return self.with_steps(Prefetch("exercise__muscles", muscles), tags, "exercise__equipment")

    def with_copies(self) -> ProgramQuerySet:
        """The same with what the copy of an exercise keeps: areas of the body and media, and no conditions."""
        muscles = ExerciseMuscle.objects.select_related("muscle__body_area")
        return self.with_steps(
            Prefetch("exercise__muscles", muscles), "exercise__equipment", "exercise__media"
        )

    def with_steps(self, *of_exercises: Prefetch | str) -> ProgramQuerySet:
        """Phases, steps and exercises: what is compared, copied and written; and `of_exercises` what is named."""
        steps = Step.objects.select_related("exercise").prefetch_related(*of_exercises)
        phases = Phase.objects.select_related("criteria").prefetch_related(
            Prefetch("tenderness_sites", TendernessSite.objects.select_related("muscle")),
            Prefetch("steps", steps),
        )
        return self.select_related("imbalance").prefetch_related(Prefetch("phases", phases))


class Program(CatalogueEntry):
    """`key` is that of the page on which a therapist made it, so that sending the page twice makes one program."""

    name = models.CharField(_("name"), max_length=160)
    imbalance = models.ForeignKey(
        Imbalance,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="programs",
        verbose_name=_("imbalance"),
    )
    weeks_from = models.PositiveSmallIntegerField(_("weeks, from"), null=True, blank=True)
    weeks_to = models.PositiveSmallIntegerField(_("weeks, to"), null=True, blank=True)
    notes = models.TextField(_("notes for the therapist"), blank=True)
    warm_up = models.CharField(_("warm-up"), max_length=200, blank=True)
    key = models.UUIDField(null=True, unique=True, editable=False)
    tags = models.ManyToManyField(ProgramTag, related_name="programs", blank=True, verbose_name=_("tags"))
    awaits_review = models.BooleanField(default=False, editable=False)

    objects = ProgramQuerySet.as_manager()  # type: ignore[misc]  # a class variable, which mypy does not see

    class Meta:
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=filled("slug", "name"), name="program_named"),
            models.CheckConstraint(
                condition=Q(weeks_from__isnull=True, weeks_to__isnull=True)
                | Q(
                    weeks_from__isnull=False,
                    weeks_from__gte=1,
                    weeks_to__isnull=False,
                    weeks_to__gte=F("weeks_from"),
                    weeks_to__lte=104,
                ),
                name="program_weeks",
                violation_error_message=_(
                    "Give the weeks from and to, the smaller number first and at most 104, or neither."
                ),
            ),
            reviewed_before_offered("program_reviewed_before_offered"),
        ]

    def __str__(self) -> str:
        return self.text("name")


class Phase(models.Model):
    """One stage. `criteria` names the rule that opens the next phase; the last phase has none.

    `min_days` and `review_by_day` are days of the phase, counted from 0 on its first day (domain.md 6.5).
    `numbers` overrides single numbers of the rule for this program.
    """

    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="phases", verbose_name=_("program")
    )
    order = models.PositiveSmallIntegerField(_("order"))
    kind = models.CharField(_("kind"), max_length=10, choices=PhaseKind)
    name = models.CharField(_("name"), max_length=120)
    translations = models.JSONField(_("translations"), default=dict, blank=True)
    min_days = models.PositiveSmallIntegerField(
        _("at least (days)"), default=7, validators=[MaxValueValidator(730)]
    )
    review_by_day = models.PositiveSmallIntegerField(
        _("review by day"), default=21, validators=[MaxValueValidator(730)]
    )
    criteria = models.ForeignKey(
        Rule,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("what opens the next phase"),
    )
    numbers = models.JSONField(_("numbers of this phase"), default=dict, blank=True)

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["program", "order"], name="phase_order"),
            models.CheckConstraint(condition=Q(kind__in=PhaseKind.values), name="phase_kind"),
            models.CheckConstraint(condition=filled("name"), name="phase_named"),
            models.CheckConstraint(
                condition=Q(min_days__gte=0, review_by_day__gte=F("min_days"), review_by_day__lte=730),
                name="phase_days",
                violation_error_message=_(
                    "The review cannot come before the days that the phase lasts at least."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TendernessSite(models.Model):
    """A muscle whose tenderness is tracked in this phase."""

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="tenderness_sites")
    muscle = models.ForeignKey(Muscle, on_delete=models.PROTECT, related_name="+", verbose_name=_("muscle"))
    order = models.PositiveSmallIntegerField(_("order"))

    class Meta:
        verbose_name = _("tracked muscle")
        verbose_name_plural = _("tracked muscles")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["phase", "muscle"], name="tendernesssite_once"),
            models.UniqueConstraint(fields=["phase", "order"], name="tendernesssite_order"),
        ]

    def __str__(self) -> str:
        return str(self.muscle)


class StepSide(models.TextChoices):
    """`BY_COMPLAINT` is settled at assignment: release the painful side, strengthen both (domain.md 4)."""

    BY_COMPLAINT = "by_complaint", _("By the complaint")
    LEFT = "left", _("Left")
    RIGHT = "right", _("Right")
    BOTH = "both", _("Both")


class Step(Prescription):
    """One exercise in a phase with the dose for this program.

    Due from day `start_after_days` (inclusive) until day `until_days` (exclusive, empty: to the end).
    `why` is what a draft says about it (routines.drafting); empty where a therapist chose the step herself.
    """

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="steps", verbose_name=_("phase"))
    order = models.PositiveSmallIntegerField(_("order"))
    exercise = models.ForeignKey(
        Exercise, on_delete=models.PROTECT, related_name="steps", verbose_name=_("exercise")
    )
    side = models.CharField(_("side"), max_length=12, choices=StepSide, default=StepSide.BY_COMPLAINT)
    start_after_days = models.PositiveSmallIntegerField(
        _("from day"), default=0, validators=[MaxValueValidator(730)]
    )
    until_days = models.PositiveSmallIntegerField(
        _("until day"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(730)]
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    why = models.JSONField(_("why it is there"), default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["order"]
        constraints = [
            *Prescription.Meta.constraints,
            models.UniqueConstraint(fields=["phase", "order"], name="step_order"),
            models.CheckConstraint(condition=Q(side__in=StepSide.values), name="step_side"),
            models.CheckConstraint(
                condition=Q(start_after_days__lte=730)
                & (Q(until_days__isnull=True) | Q(until_days__gt=F("start_after_days"), until_days__lte=730)),
                name="step_day_range",
                violation_error_message=_("The last day must come after the first."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.exercise)
