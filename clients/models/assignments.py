"""The client's own copy of a program. It never changes when the catalogue does (reliability.md D3)."""

from __future__ import annotations

from dataclasses import replace

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models.accounts import Client, ScopedQuerySet, Side, User
from routines.models import (
    Dose,
    Exercise,
    ExerciseKind,
    Imbalance,
    PhaseKind,
    Prescription,
    Program,
    SideMode,
)
from routines.models.base import filled, localized


class AssignmentQuerySet(ScopedQuerySet):
    def running(self) -> AssignmentQuerySet:
        return self.filter(ended_on__isnull=True)


class Assignment(models.Model):
    """One program given to one client. Several may run at once.

    `why` holds the imbalance as it was: {"tight": [texts], "weak": [texts], "joints": [texts], "client_words": texts},
    each `texts` by language as `localized` reads it.
    `numbers` are those of the rules that guard the program (zones, pauses, steps back), as the practice and the rule
    had them when it was assigned: {"practice": {rule: {key: value}}, "rule": {…}}.
    `evaluated_on` is the client's day for which the evidence was last looked at by the clock. `waits` says whether
    something of it waits for the therapist; it follows from the rows of its decisions, so that the queue need not read
    everybody's.
    """

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="assignments", verbose_name=_("client")
    )
    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="+", verbose_name=_("program")
    )
    imbalance = models.ForeignKey(
        Imbalance, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    texts = models.JSONField(default=dict)
    why = models.JSONField(default=dict)
    side = models.CharField(_("side of the complaint"), max_length=5, choices=Side, default=Side.NONE)
    start_date = models.DateField(_("starts on"))
    assigned_at = models.DateTimeField(default=timezone.now)
    assigned_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("assigned by")
    )
    note = models.TextField(_("note to the client"), blank=True)
    numbers = models.JSONField(_("numbers of the rules"), default=dict, blank=True)
    evaluated_on = models.DateField(null=True, blank=True, editable=False)
    waits = models.BooleanField(default=False, editable=False, db_index=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assigned program")
        verbose_name_plural = _("assigned programs")
        ordering = ["start_date", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(side__in=Side.values), name="assignment_side"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("start_date")),
                name="assignment_from_to",
            ),
            models.UniqueConstraint(
                fields=["client", "program"],
                condition=Q(ended_on__isnull=True),
                name="assignment_program_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(self.texts, "name")

    @property
    def warm_up(self) -> str:
        return localized(self.texts, "warm_up")


class AssignmentPause(models.Model):
    """Days on which the whole program rests: not due, not counted (domain.md 6.5). `until` is the last paused day."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="pauses")
    since = models.DateField(_("from"))
    until = models.DateField(_("to"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        ordering = ["since"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="assignmentpause_from_to"
            ),
            models.CheckConstraint(condition=filled("reason"), name="assignmentpause_reason"),
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(until__isnull=True), name="assignmentpause_one_open"
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class AssignedPhase(models.Model):
    """One stage of the client's copy.

    `numbers` are those of the rule named by `criteria`, as each level had them when the program was assigned:
    {"phase": {key: value}, "practice": {…}, "rule": {…}}. Whose a number was can so be told later.
    """

    # Whose number counts, the nearest first (domain.md 6.4); the client's own are dated decisions (clients.numbers).
    LEVELS = ("client", "phase", "practice", "rule")

    class State(models.TextChoices):
        LOCKED = "locked", _("Locked")
        ACTIVE = "active", _("Active")
        DONE = "done", _("Done")

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="phases")
    order = models.PositiveSmallIntegerField(_("order"))
    kind = models.CharField(_("kind"), max_length=10, choices=PhaseKind)
    texts = models.JSONField(default=dict)
    min_days = models.PositiveSmallIntegerField(_("at least (days)"))
    review_by_day = models.PositiveSmallIntegerField(_("review by day"))
    criteria = models.CharField(_("rule"), max_length=80, blank=True)
    numbers = models.JSONField(_("numbers of the rule"), default=dict, blank=True)
    tenderness_sites = models.JSONField(_("tracked muscles"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.LOCKED)
    started_on = models.DateField(_("started on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    class Meta:
        verbose_name = _("assigned phase")
        verbose_name_plural = _("assigned phases")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "order"], name="assignedphase_order"),
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(state="active"), name="assignedphase_one_active"
            ),
            models.CheckConstraint(condition=Q(kind__in=PhaseKind.values), name="assignedphase_kind"),
            models.CheckConstraint(condition=Q(review_by_day__gte=F("min_days")), name="assignedphase_days"),
            models.CheckConstraint(
                condition=Q(state="locked", ended_on__isnull=True)
                | Q(state="active", started_on__isnull=False, ended_on__isnull=True)
                | Q(
                    state="done",
                    started_on__isnull=False,
                    ended_on__isnull=False,
                    ended_on__gte=F("started_on"),
                ),
                name="assignedphase_state_and_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(self.texts, "name")


class OneSide(models.TextChoices):
    """One of the two sides, or none of them in particular."""

    NONE = "none", _("No side in particular")
    LEFT = "left", _("left")
    RIGHT = "right", _("right")


class AssignedStepQuerySet(ScopedQuerySet):
    client_path = "phase__assignment__client"


class AssignedStep(Prescription):
    """One exercise for this client, as it was when it was assigned.

    A change of dose, side or days ends this row (`valid_until`, exclusive) and begins a new one that `replaces` it:
    yesterday keeps its plan. `weekdays` are ISO figures, "135" is Monday, Wednesday, Friday.
    `first_side` is the worse one, done first; `extra_set_side` the weak one, which gets one set more than `sets`.
    `changed_at` and `removed_at` are the moments behind those days, so that what is new to the client can be told.
    `as_was` is the exercise at that moment: {"slug", "position", "needs_floor", "equipment", "targets", "also", "media",
    "texts": {"": {"name", "cue", "cautions"}}}, its muscles with the area of the body in which they lie.
    """

    phase = models.ForeignKey(AssignedPhase, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField(_("order"))
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="+")
    as_was = models.JSONField(default=dict)
    kind = models.CharField(_("kind"), max_length=16, choices=ExerciseKind)
    side_mode = models.CharField(_("sides"), max_length=14, choices=SideMode)
    side = models.CharField(_("side"), max_length=5, choices=Side)
    weekdays = models.CharField(_("days"), max_length=7)
    start_after_days = models.PositiveSmallIntegerField(
        _("from day"), default=0, validators=[MaxValueValidator(730)]
    )
    until_days = models.PositiveSmallIntegerField(
        _("until day"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(730)]
    )
    first_side = models.CharField(_("begin with"), max_length=5, choices=OneSide, default=OneSide.NONE)
    extra_set_side = models.CharField(
        _("one set more on"), max_length=5, choices=OneSide, default=OneSide.NONE
    )
    note = models.CharField(_("note to the client"), max_length=300, blank=True)
    why = models.JSONField(_("why it is there"), default=dict, blank=True, editable=False)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by", editable=False
    )
    changed_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("changed by"),
    )
    change_reason = models.CharField(_("reason for the change"), max_length=300, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    removed_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("taken out by"),
    )
    removal_reason = models.CharField(
        _("reason for taking it out"), max_length=300, blank=True, editable=False
    )
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AssignedStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("assigned step")
        verbose_name_plural = _("assigned steps")
        ordering = ["order", "pk"]
        constraints = [
            *Prescription.Meta.constraints,
            models.UniqueConstraint(
                fields=["phase", "order"], condition=Q(valid_until__isnull=True), name="assignedstep_order"
            ),
            models.CheckConstraint(condition=Q(kind__in=ExerciseKind.values), name="assignedstep_kind"),
            models.CheckConstraint(condition=Q(side_mode__in=SideMode.values), name="assignedstep_side_mode"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="assignedstep_side"),
            models.CheckConstraint(
                condition=Q(weekdays__regex=r"^1?2?3?4?5?6?7?\Z") & ~Q(weekdays=""),
                name="assignedstep_weekdays",
            ),
            models.CheckConstraint(
                condition=Q(until_days__isnull=True) | Q(until_days__gt=F("start_after_days")),
                name="assignedstep_day_range",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="assignedstep_from_to",
            ),
            models.CheckConstraint(
                condition=Q(removed_by__isnull=True, removal_reason="")
                | Q(removed_by__isnull=False, valid_until__isnull=False),
                name="assignedstep_taken_out_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(first_side="none")
                | Q(side_mode="each_side", side__in=["both", "none"], first_side__in=["left", "right"]),
                name="assignedstep_first_side",
            ),
            models.CheckConstraint(
                condition=Q(extra_set_side="none")
                | Q(
                    side_mode="each_side",
                    side__in=["both", "none"],
                    extra_set_side__in=["left", "right"],
                    sets__lte=19,
                ),
                name="assignedstep_extra_set",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(self.as_was.get("texts", {}), "name")

    def dose_on(self, side: str) -> Dose:
        """What is agreed for this side: the weak one has a set more."""
        weak = side in (Side.LEFT, Side.RIGHT) and side == self.extra_set_side
        return replace(self.dose, sets=self.sets + 1) if weak else self.dose

    @property
    def cue(self) -> str:
        return localized(self.as_was.get("texts", {}), "cue")

    @property
    def cautions(self) -> list[str]:
        return localized(self.as_was.get("texts", {}), "cautions") or []


class TemplateUpdateQuerySet(ScopedQuerySet):
    client_path = "assignment__client"


class TemplateUpdate(models.Model):
    """One version of the program that an assignment came from: given at the start, or the therapist's answer to a later one.

    `version` is its digest, `design` what it asked for, as `clients.updating` reads it: so a later version can be told
    from what was changed for this client by hand. `lines` are the differences that were taken over. Nobody is asked
    twice about one version.
    """

    class Answer(models.TextChoices):
        GIVEN = "given", _("Given")
        TAKEN = "taken", _("Taken over")
        LEFT = "left", _("Left as it was")

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="template_updates")
    version = models.CharField(max_length=64)
    design = models.JSONField(default=list)
    answer = models.CharField(_("answer"), max_length=5, choices=Answer)
    lines = models.JSONField(default=list, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"))
    reason = models.CharField(_("why"), max_length=300, blank=True)

    objects = TemplateUpdateQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a given program")
        verbose_name_plural = _("versions of given programs")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "version"], name="templateupdate_once"),
            models.CheckConstraint(condition=filled("version"), name="templateupdate_version"),
            models.CheckConstraint(
                condition=Q(answer__in=["given", "taken", "left"]), name="templateupdate_answer"
            ),
            models.CheckConstraint(
                condition=~Q(answer="taken") | filled("reason"), name="templateupdate_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.get_answer_display()
