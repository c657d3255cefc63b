"""What a client says around sessions: the morning after, tenderness, tightness, symptoms of a limb, a note (domain.md 6.1).

Records like sets: rows that never change, a correction is the next revision.
"""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models.accounts import Client, ScopedQuerySet, Side
from clients.models.training import Record, RecordQuerySet, TrainingSession
from routines.models import Exercise, Muscle
from routines.models.base import filled

ZERO_TO_TEN = Q(value__gte=0, value__lte=10)


class MorningWord(models.TextChoices):
    FINE = "fine", _("Fine")
    A_BIT_SORE = "a_bit_sore", _("A bit sore")
    SORE = "sore", _("Sore")
    WORSE = "worse_than_before", _("Worse than before")


class MorningAnswerQuerySet(RecordQuerySet):
    identity = ("client", "after_day")


class MorningAnswer(Record):
    """How the area felt on the morning after a day of training. `after_day` is that day; `pain` is optional, 0 to 10.

    Any session of the day is answered by it; `answered_on` is the client's day on which it was said.
    """

    after_day = models.DateField(_("after the session of"))
    answered_on = models.DateField(_("answered on"))
    word = models.CharField(_("answer"), max_length=18, choices=MorningWord)
    pain = models.PositiveSmallIntegerField(
        _("pain on getting up"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(10)],
    )

    objects = MorningAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer in the morning")
        verbose_name_plural = _("answers in the morning")
        ordering = ["after_day", "revision"]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["client", "after_day", "revision"], name="morninganswer_once_a_revision"
            ),
            models.CheckConstraint(condition=Q(word__in=MorningWord.values), name="morninganswer_word"),
            models.CheckConstraint(
                condition=Q(pain__isnull=True) | Q(pain__gte=0, pain__lte=10), name="morninganswer_0_to_10"
            ),
            models.CheckConstraint(
                condition=Q(answered_on__gt=models.F("after_day")), name="morninganswer_on_a_later_day"
            ),
        ]

    def __str__(self) -> str:
        return self.get_word_display()


class PainDiaryQuerySet(RecordQuerySet):
    identity = ("client", "local_date")


class PainDiaryEntry(Record):
    """Pain 0 to 10 on a day, told without a session: the diary begins with the invitation (domain.md 6.4, baseline)."""

    local_date = models.DateField(_("day"))
    value = models.PositiveSmallIntegerField(_("pain"))

    objects = PainDiaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the pain diary")
        verbose_name_plural = _("pain diary")
        ordering = ["local_date", "revision"]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["client", "local_date", "revision"], name="paindiaryentry_once_a_revision"
            ),
            models.CheckConstraint(condition=ZERO_TO_TEN, name="paindiaryentry_0_to_10"),
        ]

    def __str__(self) -> str:
        return f"{self.local_date}: {self.value}"


class TendernessQuerySet(RecordQuerySet):
    identity = ("client", "local_date", "muscle", "side")


class TendernessReading(Record):
    """How tender a tracked muscle is when pressed as shown, 0 to 10, once a week (domain.md 1, tenderness rating)."""

    local_date = models.DateField(_("day"))
    muscle = models.ForeignKey(Muscle, on_delete=models.PROTECT, related_name="+", verbose_name=_("muscle"))
    side = models.CharField(_("side"), max_length=5, choices=Side)
    value = models.PositiveSmallIntegerField(_("tenderness"))

    objects = TendernessQuerySet.as_manager()

    class Meta:
        verbose_name = _("tenderness")
        verbose_name_plural = _("tenderness")
        ordering = ["local_date", "pk"]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["client", "local_date", "muscle", "side", "revision"],
                name="tendernessreading_once_a_revision",
            ),
            models.CheckConstraint(
                condition=Q(side__in=["left", "right", "none"]), name="tendernessreading_side"
            ),
            models.CheckConstraint(condition=ZERO_TO_TEN, name="tendernessreading_0_to_10"),
        ]

    def __str__(self) -> str:
        return f"{self.muscle} {self.value}"


class TightnessQuerySet(RecordQuerySet):
    identity = ("session", "muscle", "side", "moment")


class TightnessReading(Record):
    """How tight a muscle feels before and after the release block of a session: a trend, never a gate (domain.md 1)."""

    class Moment(models.TextChoices):
        BEFORE = "before", _("Before")
        AFTER = "after", _("After")

    session = models.ForeignKey(TrainingSession, on_delete=models.CASCADE, related_name="tightness")
    muscle = models.ForeignKey(Muscle, on_delete=models.PROTECT, related_name="+", verbose_name=_("muscle"))
    side = models.CharField(_("side"), max_length=5, choices=Side)
    moment = models.CharField(_("when"), max_length=6, choices=Moment)
    value = models.PositiveSmallIntegerField(_("tightness"))

    objects = TightnessQuerySet.as_manager()

    class Meta:
        verbose_name = _("tightness")
        verbose_name_plural = _("tightness")
        ordering = ["session", "pk"]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["session", "muscle", "side", "moment", "revision"],
                name="tightnessreading_once_a_revision",
            ),
            models.CheckConstraint(
                condition=Q(side__in=["left", "right", "both", "none"]), name="tightnessreading_side"
            ),
            models.CheckConstraint(
                condition=Q(moment__in=["before", "after"]), name="tightnessreading_moment"
            ),
            models.CheckConstraint(condition=ZERO_TO_TEN, name="tightnessreading_0_to_10"),
        ]

    def __str__(self) -> str:
        return f"{self.muscle} {self.value}"


class SessionAnswerQuerySet(RecordQuerySet):
    identity = ("session",)


class LimbAnswer(Record):
    """Where the symptoms of a leg or arm went with a session. The direction comes before the number (domain.md 6.2)."""

    class Direction(models.TextChoices):
        SAME = "same", _("The same")
        FURTHER_UP = "further_up", _("Moved up, towards the back or neck")
        LESS = "less", _("Less")
        MORE = "more", _("More")
        FURTHER_DOWN = "further_down", _("Moved further down")
        NEW_NUMB = "new_numb", _("New numbness or weakness")

    session = models.ForeignKey(TrainingSession, on_delete=models.CASCADE, related_name="limb_answers")
    direction = models.CharField(_("symptoms in the leg or arm"), max_length=12, choices=Direction)

    objects = SessionAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("symptoms of a limb")
        verbose_name_plural = _("symptoms of a limb")
        ordering = ["session", "revision"]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(fields=["session", "revision"], name="limbanswer_once_a_revision"),
            models.CheckConstraint(
                condition=Q(direction__in=["same", "further_up", "less", "more", "further_down", "new_numb"]),
                name="limbanswer_direction",
            ),
        ]

    def __str__(self) -> str:
        return self.get_direction_display()


class SessionNote(Record):
    """What the client wants to tell the therapist about a session. Empty text takes it back."""

    session = models.ForeignKey(TrainingSession, on_delete=models.CASCADE, related_name="notes")
    text = models.CharField(_("note to the therapist"), max_length=500, blank=True)

    objects = SessionAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("note on a session")
        verbose_name_plural = _("notes on sessions")
        ordering = ["session", "revision"]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(fields=["session", "revision"], name="sessionnote_once_a_revision"),
        ]

    def __str__(self) -> str:
        return self.text


class ExerciseNoteQuerySet(RecordQuerySet):
    identity = ("client", "exercise")


class ExerciseNote(Record):
    """What the client wants to read again at this exercise next time; an empty text takes it away."""

    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(_("your note"), max_length=200, blank=True)

    objects = ExerciseNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note on an exercise")
        verbose_name_plural = _("notes on exercises")
        ordering = ["exercise", "revision"]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["client", "exercise", "revision"], name="exercisenote_once_a_revision"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class HealthChange(models.Model):
    """The client says that something about their health has changed: the first questions are asked again (domain.md 7.4)."""

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="health_changes", verbose_name=_("client")
    )
    at = models.DateTimeField(_("when"))
    key = models.CharField(max_length=64)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of health")
        verbose_name_plural = _("changes of health")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="healthchange_key"),
            models.CheckConstraint(condition=filled("key"), name="healthchange_key_filled"),
        ]

    def __str__(self) -> str:
        return str(self.at)
