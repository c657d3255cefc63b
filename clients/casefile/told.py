"""What a client told around sessions, from the first day on, as the points of charts. Rows are read bare: years are many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from clients.charts.felt import FeltPoint
from clients.charts.load import DoneSet
from clients.charts.pain import PainPoint, StrainPoint
from clients.models import (
    Client,
    Measure,
    MorningAnswer,
    PainDiaryEntry,
    SessionItem,
    SessionReading,
    SetRecord,
    Side,
    TendernessReading,
    TightnessReading,
    TrainingSession,
)
from clients.schedule import LOADING
from clients.telling import site_name
from routines.models import Muscle

LOAD_DAYS = timedelta(days=365)  # loads are told of the last year, and a chart says where that is not all

Site = tuple[int, str]  # a muscle on one side


@dataclass(frozen=True)
class Readings:
    """The finished sessions, the oldest first, with what was told of them."""

    sessions: tuple[tuple[int, date], ...]
    values: Mapping[tuple[int, str], int]
    mornings: Mapping[date, tuple[str, int | None]]

    @property
    def pain(self) -> list[PainPoint]:
        """The morning is told of a day, and stands with its last session."""
        last = {day: pk for pk, day in self.sessions}
        return [
            PainPoint(
                day,
                self.values.get((pk, Measure.PAIN_BEFORE)),
                self.values.get((pk, Measure.PAIN_AFTER)),
                self.mornings[day][1] if day in self.mornings and last[day] == pk else None,
            )
            for pk, day in self.sessions
        ]

    @property
    def strain(self) -> list[StrainPoint]:
        return [
            StrainPoint(day, self.values.get((pk, Measure.PAIN_WORST)), self.values.get((pk, Measure.EFFORT)))
            for pk, day in self.sessions
        ]

    @property
    def words(self) -> list[tuple[date, str]]:
        """The answers of the mornings, by the day that they follow."""
        return [(day, word) for day, (word, _pain) in sorted(self.mornings.items())]


def readings_of(client: Client) -> Readings:
    """Three queries. Of each reading the newest revision counts."""
    sessions = TrainingSession.objects.filter(client=client).finished().order_by("local_date", "number")
    values = SessionReading.objects.filter(client=client).order_by("revision")
    mornings = MorningAnswer.objects.filter(client=client).order_by("revision")
    return Readings(
        sessions=tuple(sessions.values_list("pk", "local_date")),
        values={(pk, of): value for pk, of, value in values.values_list("session_id", "measure", "value")},
        mornings={day: (word, pain) for day, word, pain in mornings.values_list("after_day", "word", "pain")},
    )


def diary_of(client: Client) -> list[tuple[date, int]]:
    """The pain diary, the oldest day first. One query."""
    rows = PainDiaryEntry.objects.filter(client=client).order_by("revision")
    return sorted(dict(rows.values_list("local_date", "value")).items())


@dataclass(frozen=True)
class Felt:
    """What muscles felt like: tightness by site and tenderness by site, the oldest first, and the muscles' names."""

    tightness: Mapping[Site, Sequence[FeltPoint]]
    tenderness: Mapping[Site, Sequence[tuple[date, int]]]
    muscles: Mapping[int, Muscle]

    def name(self, muscle: int, side: str = "") -> str:
        return site_name(self.muscles[muscle], side)


def felt_of(client: Client, sessions: Sequence[tuple[int, date]]) -> Felt:
    """`sessions` are those that count, the oldest first. Three queries."""
    days = dict(sessions)
    rows = TightnessReading.objects.filter(client=client).order_by("revision")
    told: dict[Site, dict[int, dict[str, int]]] = {}
    for pk, muscle, side, moment, value in rows.values_list(
        "session_id", "muscle_id", "side", "moment", "value"
    ):
        if pk in days:
            told.setdefault((muscle, side), {}).setdefault(pk, {})[moment] = value
    before, after = TightnessReading.Moment.BEFORE, TightnessReading.Moment.AFTER
    tightness = {
        site: [
            FeltPoint(days[pk], found[pk].get(after), found[pk].get(before))
            for pk, _day in sessions
            if pk in found
        ]
        for site, found in told.items()
    }
    weekly = TendernessReading.objects.filter(client=client).order_by("revision")
    pressed: dict[Site, dict[date, int]] = {}
    for muscle, side, day, value in weekly.values_list("muscle_id", "side", "local_date", "value"):
        pressed.setdefault((muscle, side), {})[day] = value
    return Felt(
        tightness,
        {site: sorted(found.items()) for site, found in pressed.items()},
        Muscle.objects.in_bulk({muscle for muscle, _side in [*tightness, *pressed]}),
    )


@dataclass(frozen=True)
class Loaded:
    """One exercise that strengthens: its sets by side and day."""

    exercise: int
    name: str
    sides: Mapping[str, Mapping[date, Sequence[DoneSet]]]
    cut: bool = False  # whether it was loaded before the last year as well


def loads_of(client: Client, today: date, most: int) -> list[Loaded]:
    """The exercises that were loaded in finished sessions within a year, the most lately done first. Three queries."""
    ever = SetRecord.objects.filter(
        client=client, item__kind__in=LOADING, item__session__finished_at__isnull=False
    )
    rows = ever.filter(item__session__local_date__gte=today - LOAD_DAYS)
    what = rows.order_by("revision").only("item_id", "number", "done", "reps", "seconds", "load_kg", "band")
    newest = {(row.item_id, row.number): row for row in what}
    of_item = {
        pk: (exercise, side, day)
        for pk, exercise, side, day in rows.order_by()
        .values_list("item_id", "item__exercise_id", "item__side", "item__session__local_date")
        .distinct()
    }
    found: dict[int, dict[str, dict[date, list[DoneSet]]]] = {}
    shows: dict[int, tuple[date, int]] = {}
    for (item, _number), row in sorted(newest.items(), key=lambda each: each[0]):
        exercise, side, day = of_item[item]
        if row.done:
            found.setdefault(exercise, {}).setdefault(side, {}).setdefault(day, []).append(
                DoneSet(row.reps, row.seconds, row.load_kg, row.band)
            )
            shows[exercise] = max(shows.get(exercise, (day, item)), (day, item))
    order = sorted(found, key=lambda pk: shows[pk], reverse=True)[:most]
    before = ever.latest_revisions().filter(
        done=True, item__exercise=OuterRef("exercise"), item__session__local_date__lt=today - LOAD_DAYS
    )
    items = SessionItem.objects.filter(pk__in=[shows[pk][1] for pk in order]).annotate(cut=Exists(before))
    by_exercise = {item.exercise_id: item for item in items}
    return [Loaded(pk, by_exercise[pk].name, sided(found[pk]), by_exercise[pk].cut) for pk in order]


def sided(
    sides: Mapping[str, Mapping[date, Sequence[DoneSet]]],
) -> Mapping[str, Mapping[date, Sequence[DoneSet]]]:
    """Left, right, and what was done without sides or with both at once, since an exercise may change from one to the other."""
    found = {str(side): sides[side] for side in (Side.LEFT, Side.RIGHT) if side in sides}
    whole: dict[date, list[DoneSet]] = {}
    for side in (Side.NONE, Side.BOTH):
        for day, sets in sides.get(side, {}).items():
            whole.setdefault(day, []).extend(sets)
    return {**found, str(Side.NONE): whole} if whole else found
