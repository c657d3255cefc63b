"""Measures that a therapist defines: a number with a unit, by side, two days next to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from clients.care import NotInCare
from clients.measures import Point
from clients.models import Client, Measurement, OwnMeasure, Side, User
from clients.outcomes import AnswerRefused
from clients.recording import record


@dataclass(frozen=True)
class SideLine:
    """The values of one side by day, oldest first."""

    side: str
    points: tuple[Point, ...]

    def on(self, day: date | None) -> Decimal | None:
        return next((point.score for point in self.points if point.day == day), None)


@dataclass(frozen=True)
class Pair:
    """One side on two days, and the difference between them; None where it was not measured."""

    side: str
    before: Decimal | None
    after: Decimal | None
    better: str = OwnMeasure.Better.NEITHER

    @property
    def moved(self) -> Decimal | None:
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def words(self) -> str:
        """ "better", "worse", or nothing where the measure has no direction or nothing moved."""
        if not self.moved or self.better == OwnMeasure.Better.NEITHER:
            return ""
        upwards = self.better == OwnMeasure.Better.HIGHER
        return _("better") if (self.moved > 0) == upwards else _("worse")


@dataclass(frozen=True)
class OwnLine:
    """A measure of the therapist's own with all its values."""

    measure: OwnMeasure
    sides: tuple[SideLine, ...]

    @property
    def days(self) -> list[date]:
        """On which anything was measured, the newest first."""
        return sorted({point.day for side in self.sides for point in side.points}, reverse=True)

    def pairs(self, before: date | None, after: date | None) -> list[Pair]:
        """Two days next to each other, one row for each side."""
        return [Pair(line.side, line.on(before), line.on(after), self.measure.better) for line in self.sides]

    @property
    def first_and_latest(self) -> list[Pair]:
        days = self.days
        return self.pairs(days[-1] if len(days) > 1 else None, days[0]) if days else []


def own_lines(client: Client) -> list[OwnLine]:
    """Every measure of the therapist's own of this client. Two queries."""
    rows = list(Measurement.objects.filter(client=client).latest_revisions().order_by("measured_on", "pk"))
    return [own_line(measure, rows) for measure in OwnMeasure.objects.filter(client=client)]


def own_line(measure: OwnMeasure, rows: Sequence[Measurement]) -> OwnLine:
    sides = [Side.LEFT, Side.RIGHT] if measure.sided else [Side.NONE]
    return OwnLine(
        measure,
        tuple(
            SideLine(
                side.value,
                tuple(
                    Point(row.measured_on, row.value)
                    for row in rows
                    if row.measure_id == measure.pk and row.side == side
                ),
            )
            for side in sides
        ),
    )


def names_used(by: User) -> list[str]:
    """What this therapist has called measures so far, for suggestions."""
    names = OwnMeasure.objects.filter(by=by).order_by("name").values_list("name", flat=True)
    return list(names.distinct())


@transaction.atomic
def record_measurement(
    measure: OwnMeasure, values: Mapping[str, Decimal], *, day: date, by: User, key: str, now: datetime
) -> list[Measurement]:
    """The values of one day by side; another value of the same day and side corrects it.

    Raises NotInCare, AnswerRefused, KeyReused.
    """
    if measure.client.ended_at is not None:
        raise NotInCare(measure.client)
    sides = {Side.LEFT, Side.RIGHT} if measure.sided else {Side.NONE}
    if not values or not set(values) <= sides:
        raise AnswerRefused(_("Enter a value for one side at least."))
    if day > measure.client.local_date(now):
        raise AnswerRefused(_("This day has not come yet."))
    return [
        record(
            Measurement,
            measure.client,
            f"{key}-{side}",
            now,
            None,
            measure=measure,
            side=side,
            measured_on=day,
            value=value,
            by=by,
        )
        for side, value in values.items()
    ]
