"""The handout: the exercises of the coming days on paper, with a grid to tick and the way back to Today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import segno
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from clients.emails import absolute
from clients.models import AssignedPhase, Client, Side, TenderSpot, localized
from clients.planning import DayPlan, PlanFacts, gather, plan
from clients.schedule import LOADING, Stint
from clients.sheets import (
    COLUMNS,
    Ask,
    Column,
    Line,
    asks_of,
    columns_of,
    days_that_fit,
    legend,
    lines_of,
)
from clients.spots import SpotMap, maps_of, spots_of
from clients.templatetags.dose import days_words, sided_dose
from routines.models import PhaseKind

AHEAD = 400  # days in which a program may begin that is handed out already
ROOMY, CLOSE = 4, 8  # exercises up to which a page has large cards, and cards with everything on them


class NothingToHandOut(ValueError):
    """No exercise is due in the days ahead."""


@dataclass(frozen=True)
class Card:
    """One exercise as it stands on paper. `side` is the side that works, both where each has a line of its own."""

    name: str
    side: str
    dose: str
    days: str
    kind: str
    position: str
    exercise: str
    media: list[dict[str, Any]]
    cue: str
    cautions: list[str]
    note: str
    instead_of: str
    spots: list[SpotMap]


@dataclass(frozen=True)
class Part:
    """A program and the phase of it that the handout shows."""

    program: str
    phase: str
    kind: PhaseKind


@dataclass(frozen=True)
class Handout:
    client: Client
    parts: list[Part]
    cards: list[Card]
    columns: list[Column]
    lines: list[Line]
    warm_up: str
    look: str

    @property
    def first(self) -> date:
        return self.columns[0].day

    @property
    def last(self) -> date:
        return self.columns[-1].day

    @property
    def days(self) -> list[Column]:
        """The first column of each day."""
        return [column for column in self.columns if column.begins_day]

    @property
    def split(self) -> bool:
        """Whether a day has more than one session."""
        return any(column.goes > 1 for column in self.columns)

    @property
    def asks(self) -> list[Ask]:
        return asks_of(loading=any(line.item.kind in LOADING for line in self.lines))

    @property
    def legend(self) -> list[tuple[str, str]]:
        return legend()

    @property
    def address(self) -> str:
        """The plain address of Today: no token in it, and nothing of a person."""
        return absolute("today")

    @property
    def code(self) -> SafeString:
        return code_of(self.address)


def handout_for(client: Client, today: date, phase: AssignedPhase | None = None) -> Handout:
    """What is due from today on, or from the day on which a program begins or a pause is over; of a `phase` as if it began
    today.

    A fixed number of queries. Raises NothingToHandOut.
    """
    facts = gather(client, today, today + timedelta(days=AHEAD), ahead=phase is not None)
    if phase is not None:
        facts = as_if_begun(facts, phase, today)
    plans, lines = coming(facts, today)
    spots = spots_of(client, {line.item.exercise_id for line in lines})
    columns = columns_of(plans)
    cards = cards_of(lines, columns, spots)
    return Handout(
        client=client,
        parts=parts_of(plans),
        cards=cards,
        columns=columns,
        lines=lines,
        warm_up=next((each.warm_up for each in plans if each.warm_up), ""),
        look=look_of(len(cards)),
    )


def coming(facts: PlanFacts, today: date) -> tuple[Sequence[DayPlan], list[Line]]:
    """The days of the sheet, with what is due on them. Pure. Raises NothingToHandOut."""
    for first in first_days(facts, today):
        plans = days_that_fit([plan(facts, first + timedelta(days=n)) for n in range(COLUMNS)])
        if lines := lines_of(plans):
            return plans, lines
    raise NothingToHandOut


def first_days(facts: PlanFacts, today: date) -> list[date]:
    """The days with which a sheet may begin: today, unless every program begins later, else each that ends a wait. Pure."""
    starts = [each.stints[0].first_day for each in facts.assignments if each.stints]
    backs = [
        pause.until + timedelta(days=1) for each in facts.assignments for pause in each.pauses if pause.until
    ]
    now = max(today, min(starts, default=today))
    return sorted({now, *(day for day in (*starts, *backs) if now < day <= today + timedelta(days=AHEAD))})


def as_if_begun(facts: PlanFacts, phase: AssignedPhase, day: date) -> PlanFacts:
    """The one program of this phase, as it will be when the phase begins on that day. Pure."""
    own = [each for each in facts.assignments if phase.pk in each.phases]
    begun = [replace(each, stints=[Stint(phase.pk, day)], rows=[], pauses=[], standings={}) for each in own]
    return replace(facts, assignments=begun)


def look_of(cards: int) -> str:
    """How much room a card has, so that the exercises of a program stand on one page. Pure."""
    if cards <= ROOMY:
        return "roomy"
    return "close" if cards <= CLOSE else "tight"


def parts_of(plans: Iterable[DayPlan]) -> list[Part]:
    """Each program with the first phase that it has in these days; one that rests on all of them asks for nothing."""
    found: dict[int, Part] = {}
    for each in plans:
        resting = {facts.assignment.pk for facts in each.paused}
        for facts, phase, _number in each.current:
            if facts.assignment.pk in resting:
                continue
            part = Part(facts.assignment.name, phase.name, PhaseKind(phase.kind))
            found.setdefault(facts.assignment.pk, part)
    return list(found.values())


def cards_of(
    lines: Sequence[Line], columns: Sequence[Column], spots: Mapping[int, Sequence[TenderSpot]]
) -> list[Card]:
    """One card for each exercise, its sides together."""
    found = []
    for _exercise, together in groupby(lines, key=lambda line: line.item.exercise_id):
        group = list(together)
        items = [line.item for line in group]
        item = items[0]
        due = frozenset().union(*(line.due for line in group))
        found.append(
            Card(
                name=item.name,
                side=item.side if len(items) == 1 else Side.BOTH,
                dose=sided_dose([(each.dose, each.side_mode, each.side) for each in items]),
                days=when([column for column in columns if column.key in due], columns),
                kind=item.kind.value,
                position=item.as_was.get("position", ""),
                exercise=item.as_was.get("slug", ""),
                media=item.as_was.get("media", []),
                cue=localized(item.as_was.get("texts", {}), "cue"),
                cautions=localized(item.as_was.get("texts", {}), "cautions") or [],
                note=item.note,
                instead_of=item.instead_of,
                spots=maps_of(spots.get(item.exercise_id, ())),
            )
        )
    return found


def when(due: Sequence[Column], columns: Sequence[Column]) -> str:
    """ "Mon, Wed, Fri", "every day, 2 times a day", "Fri, from 11 December on": what the boxes of these days say. Pure."""
    weekdays = {column.day.isoweekday() for column in due}
    days = [column.day for column in columns if column.day.isoweekday() in weekdays]
    said = days_words("".join(map(str, sorted(weekdays))))
    times = max(column.number for column in due)
    if times > 1:
        said = _("%(days)s, %(times)d times a day") % {"days": said, "times": times}
    first, last = due[0].day, due[-1].day
    if days[0] < first:
        said += ", " + _("from %(day)s on") % {"day": date_format(first, "j F")}
    if last < days[-1]:
        said += ", " + _("until %(day)s") % {"day": date_format(last, "j F")}
    return said


def code_of(address: str) -> SafeString:
    """The address as a QR code: one SVG path, without style or script, black on white in any theme."""
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(omitsize=True, svgclass="qr", lineclass=None, border=4, light="#fff")
    return mark_safe(drawn)  # noqa: S308 -- drawn here, of numbers alone
