"""The grid of a sheet of paper: exercises on their sides down, the sessions of some days across. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext as _

from clients.models import Measure, MorningWord, Side, StopEvent
from clients.planning import DayPlan, PlannedItem

COLUMNS = 14  # across a sheet of A4 or US letter, wide enough for a tick
FEWEST_DAYS = 7

# What is written into a cell beside numbers; no letter means two things, so that none can be put into a wrong row
MORNING_LETTERS = dict(zip("ABCD", MorningWord, strict=True))
STOP_LETTERS = dict(zip("EFGH", StopEvent.Choice, strict=True))


@dataclass(frozen=True)
class Column:
    """One session of one day. `goes` is how many the day asks for; 0 where nothing is due, and then `number` is 1."""

    day: date
    number: int
    goes: int

    @property
    def key(self) -> str:
        return f"{self.day:%Y%m%d}-{self.number}"

    @property
    def begins_day(self) -> bool:
        return self.number == 1

    @property
    def span(self) -> int:
        """Over how many columns the day stands."""
        return max(1, self.goes)


@dataclass(frozen=True)
class Line:
    """One exercise on one side, with the sessions in which it is asked for."""

    item: PlannedItem
    due: frozenset[str]

    @property
    def side(self) -> str:
        """The side's word; empty where the exercise has none."""
        return side_word(self.item.side)


def legend() -> list[tuple[str, str]]:
    """Each letter with what it stands for, in the order of the sheet."""
    return [(letter, str(word.label)) for letter, word in (MORNING_LETTERS | STOP_LETTERS).items()]


class Ask(StrEnum):
    """What a sheet asks about each session, beside the ticks."""

    BEFORE = Measure.PAIN_BEFORE.value
    WORST = Measure.PAIN_WORST.value
    AFTER = Measure.PAIN_AFTER.value
    EFFORT = Measure.EFFORT.value
    MORNING = "morning"
    STOPPED = "stopped"

    @property
    def of_the_day(self) -> bool:
        """Whether it is asked once, however many sessions the day has."""
        return self == Ask.MORNING

    @property
    def words(self) -> str:
        return {
            Ask.MORNING: _("Next morning (A–D)"),
            Ask.STOPPED: _("Stopped (E–H)"),
        }.get(self) or str(Measure(self.value).label)


def asks_of(*, loading: bool) -> list[Ask]:
    """The lines below the ticks; the effort where something is strengthened."""
    return [ask for ask in Ask if loading or ask != Ask.EFFORT]


def side_word(side: str) -> str:
    """ "left", "right"; empty for an exercise of both sides at once or of none."""
    return str(Side(side).label) if side in (Side.LEFT, Side.RIGHT) else ""


def columns_of(plans: Iterable[DayPlan]) -> list[Column]:
    """The sessions of each day; a day without any has one column all the same, for its pain."""
    return [
        Column(plan.day, number, plan.goes) for plan in plans for number in range(1, max(1, plan.goes) + 1)
    ]


def days_that_fit(plans: Sequence[DayPlan]) -> Sequence[DayPlan]:
    """The first of these days that stand on one sheet: two weeks of one session a day, one week of more."""
    most = max((plan.goes for plan in plans), default=0)
    return plans[: max(FEWEST_DAYS, COLUMNS // max(1, most))]


def lines_of(plans: Iterable[DayPlan]) -> list[Line]:
    """Every exercise and side of these days, in the order of a session; its sides stand together."""
    items: dict[tuple[int, str], PlannedItem] = {}
    due: dict[tuple[int, str], set[str]] = {}
    for plan in plans:
        for number in range(1, plan.goes + 1):
            key = Column(plan.day, number, plan.goes).key
            for item in plan.for_go(number):
                place = (item.exercise_id, item.side)
                items.setdefault(place, item)
                due.setdefault(place, set()).add(key)
    exercises = list(dict.fromkeys(exercise for exercise, _side in items))
    kinds = {exercise: item.kind.order for (exercise, _side), item in items.items()}
    order = {
        exercise: n for n, exercise in enumerate(sorted(exercises, key=lambda exercise: kinds[exercise]))
    }
    places = sorted(items, key=lambda place: order[place[0]])
    return [Line(items[place], frozenset(due[place])) for place in places]
