"""The body in small, for people: where an exercise works, what a phase reaches, what was found, where it hurt over time.

Plans show what their frozen copies say. Where a muscle lies is read from the catalogue only for copies that are older than that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.examining import Noted, VisitSheet, newest_visits
from clients.models import Client, PainArea, Side, Visit, localized
from routines.bodymap import place_words
from routines.bodysketch import ALSO, PAIN, WORKS, Shown, Sketch, reach_of, shown, sketch, sketches
from routines.models import BodyArea, Muscle

NEWEST = 6  # visits that are drawn; what is said counts all of them

Areas = Mapping[str, BodyArea]


def areas_of_muscles(copies: Iterable[Mapping[str, Any]]) -> dict[str, BodyArea]:
    """In which area the muscles lie whose frozen copies do not say it yet, by slug. One query, none where all do."""
    slugs = {each["slug"] for copy in copies for each in muscles_of(copy) if "area" not in each}
    if not slugs:
        return {}
    rows = Muscle.objects.filter(slug__in=slugs).select_related("body_area")
    return {muscle.slug: muscle.body_area for muscle in rows}


def muscles_of(copy: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [*copy.get("targets", ()), *copy.get("also", ())]


def muscle_shown(
    muscle: Mapping[str, Any], look: str, side: str, areas: Areas, what: str = ""
) -> list[Shown]:
    """The area of a muscle as its frozen copy says, else as the catalogue does; empty where nobody does. Pure."""
    if area := muscle.get("area"):
        name = localized(area["texts"], "name")
        return [Shown(area["slug"], name, area["sided"], area["view"], look, side, what)]
    known = areas.get(muscle["slug"])
    return [shown(known, look, side, what)] if known else []


# ---- An exercise, a phase ----------------------------------------------------------------------------------------------


def side_of(sides: Collection[str]) -> str:
    """One word for the sides on which something is done; empty where it is not done side by side."""
    told = {each for each in sides if each in (Side.LEFT, Side.RIGHT)}
    return next(iter(told)) if len(told) == 1 else Side.BOTH if told else ""


def copy_shown(as_was: Mapping[str, Any], sides: Collection[str], areas: Areas) -> list[Shown]:
    """Where an exercise works and works as well, as its frozen copy says. An area with a target is told once. Pure."""
    side = side_of(sides)
    rows = [
        each
        for look, part in ((WORKS, "targets"), (ALSO, "also"))
        for muscle in as_was.get(part, ())
        for each in muscle_shown(muscle, look, side, areas, localized(muscle["texts"], "name"))
    ]
    first = {each.area for each in rows if each.look == WORKS}
    return [each for each in rows if each.look == WORKS or each.area not in first]


def copy_sketch(as_was: Mapping[str, Any], sides: Collection[str], areas: Areas) -> Sketch | None:
    return sketch(copy_shown(as_was, sides, areas))


def exercise_sketch(as_was: Mapping[str, Any], sides: Collection[str]) -> Sketch | None:
    """The same for one exercise alone. At most one query."""
    return copy_sketch(as_was, sides, areas_of_muscles([as_was]))


def reached(as_was: Mapping[str, Any], kind: str, sides: Collection[str], areas: Areas) -> list[Shown]:
    """The areas that an exercise of a plan is for, released or strengthened. Pure."""
    side, look = side_of(sides), reach_of(kind)
    return [each for muscle in as_was.get("targets", ()) for each in muscle_shown(muscle, look, side, areas)]


# ---- What was found ----------------------------------------------------------------------------------------------------


def areas_of_visits(sheets: Iterable[VisitSheet]) -> dict[str, BodyArea]:
    """The areas in which something was found. One query."""
    slugs = {noted.area for sheet in sheets for noted in (*sheet.muscles, *sheet.pains)}
    return {area.slug: area for area in BodyArea.objects.filter(slug__in=slugs)}


def found_shown(sheet: VisitSheet, areas: Areas) -> list[Shown]:
    """Tight, weak and painful areas with the numbers that were given. Pure."""
    return [
        shown(areas[noted.area], noted.state, noted.side, f"{noted.name} {noted.rating}")
        for noted in sheet.muscles
        if noted.area in areas
    ] + [pain_shown(areas[noted.area], noted) for noted in sheet.pains if noted.area in areas]


def pain_shown(area: BodyArea, noted: Noted | PainArea) -> Shown:
    return shown(area, PAIN, noted.side, rating_words(noted.rating))


def rating_words(rating: int | None) -> str:
    """ "6 of 10"; empty where it was not asked."""
    return "" if rating is None else _("%(value)d of 10") % {"value": rating}


def findings_sketch(sheet: VisitSheet | None) -> Sketch | None:
    """What was found at a visit, at a glance; None where nothing was. At most one query."""
    if sheet is None or not (sheet.muscles or sheet.pains):
        return None
    return sketch(found_shown(sheet, areas_of_visits([sheet])))


@dataclass(frozen=True)
class Glance:
    """The newest visit with what was found; `sketch` is None where nothing was."""

    visit: Visit
    sketch: Sketch | None


def glance(client: Client) -> Glance | None:
    """None before the first visit. A fixed number of queries."""
    sheet = next(iter(newest_visits(client, 1)), None)
    return Glance(sheet.visit, findings_sketch(sheet)) if sheet else None


def findings_sketches(sheets: Sequence[VisitSheet]) -> list[Sketch]:
    """Visits side by side, all drawn alike; none where nothing was found at any. One query."""
    areas = areas_of_visits(sheets)
    series = [found_shown(sheet, areas) for sheet in sheets]
    return sketches(series) if any(series) else []


# ---- Where it hurt, over time ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PainAt:
    """One visit with the places that were told at it."""

    day: date
    sketch: Sketch


@dataclass(frozen=True)
class PainPlaces:
    """Where it hurt at the newest visits, the oldest first, and a sentence for each place that was ever told."""

    visits: tuple[PainAt, ...]
    facts: tuple[str, ...]
    number: int

    @property
    def earlier(self) -> int:
        """Visits that are counted and not drawn."""
        return self.number - len(self.visits)


def pain_places(client: Client) -> PainPlaces | None:
    """The places of pain that were told at finished visits; None where none ever was. Two queries."""
    visits = list(Visit.objects.filter(client=client).closed().order_by("held_on", "pk"))
    rows = PainArea.objects.filter(visit__client=client, visit__closed_at__isnull=False)
    return pain_over_time(visits, list(rows.select_related("area")))


def pain_over_time(visits: Sequence[Visit], rows: Sequence[PainArea]) -> PainPlaces | None:
    """`visits` are the oldest first. A visit without a place says that none was told, not that nothing hurt. Pure."""
    of_visit: dict[int, list[PainArea]] = {visit.pk: [] for visit in visits}
    for row in rows:
        if row.visit_id in of_visit:  # not of a visit that was finished since they were read
            of_visit[row.visit_id].append(row)
    if not any(of_visit.values()):
        return None
    newest = visits[-NEWEST:]
    if not any(of_visit[visit.pk] for visit in newest):
        newest = []
    drawn = sketches([[pain_shown(row.area, row) for row in of_visit[visit.pk]] for visit in newest])
    return PainPlaces(
        tuple(PainAt(visit.held_on, each) for visit, each in zip(newest, drawn, strict=True)),
        tuple(facts(visits, of_visit)),
        len(visits),
    )


def facts(visits: Sequence[Visit], of_visit: Mapping[int, Sequence[PainArea]]) -> list[str]:
    """ "Buttock, right: in 3 of 4 visits, last on 12 Nov 2026", what was told most often first."""
    days: dict[tuple[str, str], list[date]] = {}
    names: dict[tuple[str, str], str] = {}
    for visit in visits:
        for row in of_visit[visit.pk]:
            place = (row.area.slug, row.side)
            names[place] = place_words(str(row.area), row.side)
            days.setdefault(place, []).append(visit.held_on)
    order = sorted(days, key=lambda place: (-len(days[place]), -days[place][-1].toordinal(), names[place]))
    return [fact(names[place], days[place], len(visits)) for place in order]


def fact(place: str, days: Sequence[date], number: int) -> str:
    words = ngettext(
        "%(place)s: in %(times)d of %(number)d visit, last on %(day)s",
        "%(place)s: in %(times)d of %(number)d visits, last on %(day)s",
        number,
    )
    return words % {
        "place": place,
        "times": len(days),
        "number": number,
        "day": date_format(days[-1], "j M Y"),
    }
