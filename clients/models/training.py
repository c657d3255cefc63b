"""What was done. Sets, skips and readings are rows that never change: a correction is the next revision."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clients.models.accounts import Client, ScopedQuerySet, Side, User
from clients.models.assignments import AssignedStep, localized
from clients.models.safety import Screening
from routines.models import Exercise, ExerciseKind, Prescription, SideMode


class PaperSheet(models.Model):
    """A sheet of paper that came back: who keyed it in, when, and its first and last day. Its sessions name it."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="paper_sheets")
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("to"))
    key = models.CharField(max_length=64)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("keyed in by"))
    at = models.DateTimeField(_("when"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("sheet of paper")
        verbose_name_plural = _("sheets of paper")
        ordering = ["last_day", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="papersheet_key"),
            models.CheckConstraint(condition=~Q(key=""), name="papersheet_key_filled"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="papersheet_from_to"),
        ]

    def __str__(self) -> str:
        return f"{self.first_day} – {self.last_day}"


class TrainingSessionQuerySet(ScopedQuerySet):
    def finished(self) -> TrainingSessionQuerySet:
        return self.filter(finished_at__isnull=False)

    def trained(self) -> TrainingSessionQuerySet:
        """With at least one set done: one that ended because nothing might be done is no training."""
        done = SetRecord.objects.latest_revisions().filter(item__session=OuterRef("pk"), done=True)
        return self.filter(Exists(done))


class TrainingSession(models.Model):
    """One go of one day. `number` is 1 to 3, for people who train several times a day.

    `finished_at` is set by the person, never by a clock. A session that was stopped for safety is finished too.
    `short`: the person had five minutes, and the items `later` are not shown until they take up the rest (`whole_at`).
    `sheet` is the paper from which somebody keyed it in; its moments are then those of the keying.
    """

    class Source(models.TextChoices):
        APP = "app", _("With the app")
        WITHOUT_APP = "without_app", _("Without the app")
        PAPER = "paper", _("From a paper sheet")

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="sessions", verbose_name=_("client")
    )
    local_date = models.DateField(_("day"))
    number = models.PositiveSmallIntegerField(_("number of the day"), default=1)
    zone = models.CharField(_("time zone"), max_length=64)
    key = models.CharField(max_length=64)
    source = models.CharField(_("recorded"), max_length=11, choices=Source, default=Source.APP)
    warm_up = models.CharField(max_length=200, blank=True)
    short = models.BooleanField(_("short day"), default=False)
    whole_at = models.DateTimeField(_("the rest taken up"), null=True, blank=True)
    sheet = models.ForeignKey(
        PaperSheet,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="sessions",
        verbose_name=_("sheet of paper"),
        editable=False,
    )
    screening = models.ForeignKey(
        Screening, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = TrainingSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-local_date", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "local_date", "number"], name="trainingsession_once"),
            models.UniqueConstraint(fields=["client", "key"], name="trainingsession_key"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=3), name="trainingsession_number"),
            models.CheckConstraint(condition=~Q(key=""), name="trainingsession_key_filled"),
            models.CheckConstraint(
                condition=Q(source__in=["app", "without_app", "paper"]), name="trainingsession_source"
            ),
            models.CheckConstraint(
                condition=Q(sheet__isnull=True) | Q(source="paper"), name="trainingsession_sheet_is_paper"
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("started_at")),
                name="trainingsession_from_to",
            ),
            models.CheckConstraint(
                condition=Q(whole_at__isnull=True) | Q(short=True, whole_at__gte=F("started_at")),
                name="trainingsession_whole_after_short",
            ),
        ]

    def __str__(self) -> str:
        return str(self.local_date)

    @property
    def shows_two(self) -> bool:
        """A short day whose rest nobody took up."""
        return self.short and self.whole_at is None


class SessionItem(Prescription):
    """One exercise on one side in a session, with the dose that was asked, frozen. `steps` are the assigned steps it serves.

    `later` ones are not among the two of a short day. `stands_in_for` is the item that was too hard today, and
    `spared` how many of its open sets the easier version does without.
    """

    session = models.ForeignKey(TrainingSession, on_delete=models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField(_("order"))
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="+")
    as_was = models.JSONField(default=dict)
    kind = models.CharField(_("kind"), max_length=16, choices=ExerciseKind)
    side_mode = models.CharField(_("sides"), max_length=14, choices=SideMode)
    side = models.CharField(_("side"), max_length=5, choices=Side)
    note = models.CharField(_("note from the therapist"), max_length=600, blank=True)
    later = models.BooleanField(_("not on the short day"), default=False)
    stands_in_for = models.OneToOneField(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="stand_in",
        verbose_name=_("instead of"),
    )
    spared = models.PositiveSmallIntegerField(_("sets spared"), default=0)
    steps = models.ManyToManyField(AssignedStep, through="SessionItemStep", related_name="items")

    class Meta:
        verbose_name = _("exercise of a session")
        verbose_name_plural = _("exercises of a session")
        ordering = ["order"]
        constraints = [
            *Prescription.Meta.constraints,
            models.UniqueConstraint(fields=["session", "order"], name="sessionitem_order"),
            models.UniqueConstraint(
                fields=["session", "exercise", "side"],
                condition=Q(stands_in_for__isnull=True),
                name="sessionitem_once_a_side",
            ),
            models.CheckConstraint(
                condition=Q(stands_in_for__isnull=True) | ~Q(stands_in_for=F("id")),
                name="sessionitem_not_for_itself",
            ),
            models.CheckConstraint(
                condition=Q(spared=0) | Q(stands_in_for__isnull=False, spared__lte=19),
                name="sessionitem_spared",
            ),
            models.CheckConstraint(condition=Q(kind__in=ExerciseKind.values), name="sessionitem_kind"),
            models.CheckConstraint(condition=Q(side_mode__in=SideMode.values), name="sessionitem_side_mode"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="sessionitem_side"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(self.as_was.get("texts", {}), "name")

    @property
    def instead_of(self) -> str:
        """The name of the exercise that this one replaces; empty for one that the therapist chose."""
        return localized(self.as_was.get("instead_of", {}), "name")

    @property
    def eased_from(self) -> str:
        """The name of the exercise that was too hard today, of the easier version of it."""
        return localized(self.as_was.get("eased", {}), "name")

    @property
    def cue(self) -> str:
        return localized(self.as_was.get("texts", {}), "cue")

    @property
    def cautions(self) -> list[str]:
        return localized(self.as_was.get("texts", {}), "cautions") or []


class SessionItemStep(models.Model):
    item = models.ForeignKey(SessionItem, on_delete=models.CASCADE, related_name="served")
    step = models.ForeignKey(AssignedStep, on_delete=models.PROTECT, related_name="served_by")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "step"], name="sessionitemstep_once")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.step_id}"


class RecordQuerySet(models.QuerySet):
    """Revisions of the same record; `identity` names what they share."""

    identity: tuple[str, ...] = ()

    def as_of(self, moment: datetime) -> Self:
        """The latest revision of each record among those received by then."""
        same = {field: OuterRef(field) for field in self.identity}
        later = self.model._default_manager.filter(
            **same, revision__gt=OuterRef("revision"), received_at__lte=moment
        )
        return self.filter(received_at__lte=moment).exclude(Exists(later))

    def latest_revisions(self) -> Self:
        same = {field: OuterRef(field) for field in self.identity}
        return self.exclude(
            Exists(self.model._default_manager.filter(**same, revision__gt=OuterRef("revision")))
        )


class Record(models.Model):
    """What every record has: whose, which revision, the client's key, the device's time and ours."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    revision = models.PositiveSmallIntegerField(default=1)
    key = models.CharField(max_length=64)
    device_time = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="%(class)s_key"),
            models.CheckConstraint(condition=~Q(key=""), name="%(class)s_key_filled"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="%(class)s_revision_from_1"),
        ]


class SetRecordQuerySet(RecordQuerySet):
    identity = ("item", "number")


class Band(models.TextChoices):
    """The usual colours of elastic bands. What a colour pulls is the maker's own; so only the colour is kept."""

    YELLOW = "yellow", _("Yellow")
    RED = "red", _("Red")
    GREEN = "green", _("Green")
    BLUE = "blue", _("Blue")
    BLACK = "black", _("Black")
    SILVER = "silver", _("Silver")
    OTHER = "other", _("Another one")


class SetRecord(Record):
    """One set of one exercise on one side. `done` false takes it back. Whole seconds, repetitions, kilograms."""

    item = models.ForeignKey(SessionItem, on_delete=models.CASCADE, related_name="set_records")
    number = models.PositiveSmallIntegerField()
    done = models.BooleanField(default=True)
    reps = models.PositiveSmallIntegerField(null=True, blank=True)
    seconds = models.PositiveSmallIntegerField(null=True, blank=True)
    load_kg = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    band = models.CharField(_("band"), max_length=6, choices=Band, blank=True)

    objects = SetRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("set")
        verbose_name_plural = _("sets")
        ordering = ["number", "revision"]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(fields=["item", "number", "revision"], name="setrecord_once_a_revision"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=20), name="setrecord_number"),
            models.CheckConstraint(
                condition=Q(reps__isnull=True) | Q(reps__gte=0, reps__lte=500), name="setrecord_reps"
            ),
            models.CheckConstraint(
                condition=Q(seconds__isnull=True) | Q(seconds__gte=0, seconds__lte=7200),
                name="setrecord_seconds",
            ),
            models.CheckConstraint(
                condition=Q(load_kg__isnull=True) | Q(load_kg__gte=0, load_kg__lte=500), name="setrecord_load"
            ),
            models.CheckConstraint(condition=Q(band="") | Q(band__in=Band.values), name="setrecord_band"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class SkipReason(models.TextChoices):
    PAIN = "pain", _("It hurts")
    NO_TIME = "no_time", _("No time")
    NO_EQUIPMENT = "no_equipment", _("I do not have the tool")
    NOT_UNDERSTOOD = "not_understood", _("I am not sure how")
    TOO_TIRED = "too_tired", _("Too tired")
    TOO_HARD = "too_hard", _("Too hard today")
    OTHER = "other", _("Something else")


class SkipRecordQuerySet(RecordQuerySet):
    identity = ("item",)


class SkipRecord(Record):
    """An exercise left out, with the reason. `skipped` false takes it back."""

    item = models.ForeignKey(SessionItem, on_delete=models.CASCADE, related_name="skip_records")
    skipped = models.BooleanField(default=True)
    reason = models.CharField(_("reason"), max_length=14, choices=SkipReason)

    objects = SkipRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("skipped exercise")
        verbose_name_plural = _("skipped exercises")
        ordering = ["revision"]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(fields=["item", "revision"], name="skiprecord_once_a_revision"),
            models.CheckConstraint(condition=Q(reason__in=SkipReason.values), name="skiprecord_reason"),
        ]

    def __str__(self) -> str:
        return self.get_reason_display()


class Measure(models.TextChoices):
    """What is asked around a session, 0 to 10 (domain.md 6.1)."""

    PAIN_BEFORE = "pain_before", _("Pain before")
    PAIN_WORST = "pain_worst", _("Strongest pain during")
    PAIN_AFTER = "pain_after", _("Pain after")
    EFFORT = "effort", _("Effort")


class SessionReadingQuerySet(RecordQuerySet):
    identity = ("session", "measure")


class SessionReading(Record):
    session = models.ForeignKey(TrainingSession, on_delete=models.CASCADE, related_name="readings")
    measure = models.CharField(max_length=12, choices=Measure)
    value = models.SmallIntegerField()

    objects = SessionReadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        ordering = ["measure", "revision"]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["session", "measure", "revision"], name="sessionreading_once_a_revision"
            ),
            models.CheckConstraint(condition=Q(measure__in=Measure.values), name="sessionreading_measure"),
            models.CheckConstraint(condition=Q(value__gte=0, value__lte=10), name="sessionreading_0_to_10"),
        ]

    def __str__(self) -> str:
        return f"{self.get_measure_display()} {self.value}"


class StopEvent(models.Model):
    """ "Something is wrong": what the client chose, and the message that was shown (domain.md 7.3)."""

    class Choice(models.TextChoices):
        TOO_STRONG = "too_strong", _("The pain is too strong")
        TINGLING = "tingling", _("Tingling or numb")
        DIZZY_CHEST = "dizzy_chest", _("Dizzy, or something in the chest")
        OTHER = "other", _("Something else")

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="stop_events", verbose_name=_("client")
    )
    session = models.ForeignKey(TrainingSession, on_delete=models.CASCADE, related_name="stop_events")
    item = models.ForeignKey(
        SessionItem,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="stop_events",
        verbose_name=_("exercise"),
    )
    choice = models.CharField(_("what"), max_length=12, choices=Choice)
    texts: Any = models.JSONField(default=dict)
    key = models.CharField(max_length=64)
    at = models.DateTimeField(_("when"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stop")
        verbose_name_plural = _("stops")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="stopevent_key"),
            models.CheckConstraint(condition=~Q(key=""), name="stopevent_key_filled"),
            models.CheckConstraint(
                condition=Q(choice__in=["too_strong", "tingling", "dizzy_chest", "other"]),
                name="stopevent_choice",
            ),
        ]

    def __str__(self) -> str:
        return self.get_choice_display()
