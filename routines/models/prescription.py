"""The dose: how often, how long, how slowly. Shared by exercises, designed steps, assigned steps and records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SideMode(models.TextChoices):
    EACH_SIDE = "each_side", _("Each side")
    BOTH_TOGETHER = "both_together", _("Both sides together")
    ALTERNATING = "alternating", _("Alternating")
    NOT_SIDED = "not_sided", _("Not sided")


@dataclass(frozen=True)
class Dose:
    """One prescription as a value. Seconds, whole repetitions, days a week, times a day.

    For self-massage a set is one tender spot. `hold_seconds` is per repetition, 0 means moving repetitions at
    `tempo` (lift, hold, lower), or at the person's own pace where there is no tempo.
    """

    sets: int
    reps: int
    hold_seconds: int
    tempo: tuple[int, int, int] | None
    rest_seconds: int
    per_day: int
    days_per_week: int

    @property
    def seconds_per_rep(self) -> int:
        """The hold, else the sum of the tempo, else 3 (catalogue.yaml, meta.duration_rule)."""
        return self.hold_seconds or (sum(self.tempo) if self.tempo else 3)

    @property
    def seconds_per_set(self) -> int:
        return self.reps * self.seconds_per_rep

    def seconds(self, sides: int) -> int:
        """How long one go takes: `sides` is 2 for an exercise done on each side or alternating, else 1."""
        return seconds_together([self] * sides)

    @property
    def seconds_per_day(self) -> int:
        """Work on one side on a day of training, without rests: what makes one dose larger than another."""
        return self.sets * self.seconds_per_set * self.per_day

    def larger(self, other: Dose) -> Dose:
        """The one that asks for more work in a day, whole: sets of one and repetitions of the other were never asked for.

        This one where both ask for the same.
        """
        return other if other.seconds_per_day > self.seconds_per_day else self


def seconds_together(sides: Sequence[Dose]) -> int:
    """How long one go takes with a dose for each side (domain.md 4): work, rests, 10 s to change sides, 15 s to get ready.

    Sets that only one side has need no change; the longer rests count, since the sides take turns.
    """
    return (
        sum(dose.sets * dose.seconds_per_set for dose in sides)
        + max((dose.sets - 1) * dose.rest_seconds for dose in sides)
        + min(dose.sets for dose in sides) * (len(sides) - 1) * 10
        + 15
    )


class Prescription(models.Model):
    """The dose as columns. Ranges are what the database accepts at all; what is usual stands in the dose rules."""

    sets = models.PositiveSmallIntegerField(
        _("sets"), default=1, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    reps = models.PositiveSmallIntegerField(
        _("repetitions"), default=1, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    hold_seconds = models.PositiveSmallIntegerField(
        _("hold (s)"),
        default=0,
        validators=[MaxValueValidator(3600)],
        help_text=_("Seconds for each repetition; 0 for moving ones."),
    )
    tempo_lift = models.PositiveSmallIntegerField(
        _("lift (s)"), null=True, blank=True, validators=[MaxValueValidator(60)]
    )
    tempo_hold = models.PositiveSmallIntegerField(
        _("stay (s)"), null=True, blank=True, validators=[MaxValueValidator(60)]
    )
    tempo_lower = models.PositiveSmallIntegerField(
        _("lower (s)"), null=True, blank=True, validators=[MaxValueValidator(60)]
    )
    rest_seconds = models.PositiveSmallIntegerField(
        _("rest (s)"), default=0, validators=[MaxValueValidator(600)]
    )
    per_day = models.PositiveSmallIntegerField(
        _("times a day"), default=1, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    days_per_week = models.PositiveSmallIntegerField(
        _("days a week"), default=7, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )

    DOSE_FIELDS = (
        "sets", "reps", "hold_seconds", "tempo_lift", "tempo_hold", "tempo_lower", "rest_seconds", "per_day", "days_per_week",
    )  # fmt: skip

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(sets__gte=1, sets__lte=20), name="%(class)s_sets"),
            models.CheckConstraint(condition=Q(reps__gte=1, reps__lte=200), name="%(class)s_reps"),
            models.CheckConstraint(condition=Q(hold_seconds__gte=0, hold_seconds__lte=3600), name="%(class)s_hold"),
            models.CheckConstraint(condition=Q(rest_seconds__gte=0, rest_seconds__lte=600), name="%(class)s_rest"),
            models.CheckConstraint(condition=Q(per_day__gte=1, per_day__lte=3), name="%(class)s_per_day"),
            models.CheckConstraint(condition=Q(days_per_week__gte=1, days_per_week__lte=7), name="%(class)s_days_per_week"),
            models.CheckConstraint(
                condition=Q(tempo_lift__isnull=True, tempo_hold__isnull=True, tempo_lower__isnull=True)
                # A comparison with an empty column is neither true nor false, and then the database lets it pass.
                | Q(
                    tempo_lift__isnull=False, tempo_lift__gte=0, tempo_lift__lte=60,
                    tempo_hold__isnull=False, tempo_hold__gte=0, tempo_hold__lte=60,
                    tempo_lower__isnull=False, tempo_lower__gte=0, tempo_lower__lte=60,
                ),
                name="%(class)s_tempo_whole_or_none",
                violation_error_message=_("Give all three parts of the tempo, up to 60 seconds each, or none."),
            ),
        ]  # fmt: skip

    @property
    def dose(self) -> Dose:
        return dose_from([getattr(self, column) for column in DOSE_COLUMNS])

    @dose.setter
    def dose(self, dose: Dose) -> None:
        for field, value in dose_columns(dose).items():
            setattr(self, field, value)

    @classmethod
    def with_dose(cls, dose: Dose, **fields: Any) -> Self:
        return cls(**dose_columns(dose), **fields)


def dose_columns(dose: Dose) -> dict[str, int | None]:
    """The dose as the columns of `Prescription`."""
    lift, hold, lower = dose.tempo or (None, None, None)
    return {
        "sets": dose.sets,
        "reps": dose.reps,
        "hold_seconds": dose.hold_seconds,
        "tempo_lift": lift,
        "tempo_hold": hold,
        "tempo_lower": lower,
        "rest_seconds": dose.rest_seconds,
        "per_day": dose.per_day,
        "days_per_week": dose.days_per_week,
    }


DOSE_COLUMNS = tuple(dose_columns(Dose(1, 1, 0, None, 0, 1, 1)))


def dose_from(columns: Sequence[Any]) -> Dose:
    """The dose from the values of DOSE_COLUMNS, in their order."""
    sets, reps, hold, lift, held, lower, rest, per_day, per_week = columns
    tempo = None if lift is None else (lift, held or 0, lower or 0)
    return Dose(sets, reps, hold, tempo, rest, per_day, per_week)
