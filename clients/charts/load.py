"""How much one exercise was loaded over time: kilograms, else repetitions, else seconds, by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from clients.charts.chart import Chart, Column, Figures, Series, chart_of, top_of
from clients.charts.thinning import Span, Thinned, thinned
from clients.charts.words import apart, gap_words, span_note
from clients.models import Band
from clients.outcomes import figure
from routines.wording import duration, in_sentence

SIDES = ("left", "right", "none")  # in the order in which they are shown
GAP_DAYS = 14  # strengthening rests between its days, and now and then for a week


class Unit(StrEnum):
    KG = "kg"
    REPS = "reps"
    SECONDS = "seconds"


@dataclass(frozen=True)
class DoneSet:
    """One set as it was done."""

    reps: int | None = None
    seconds: int | None = None
    load_kg: Decimal | None = None
    band: str = ""


Days = Mapping[date, Sequence[DoneSet]]


def unit_of(sets: Sequence[DoneSet]) -> Unit:
    """What tells these sets apart best: a weight where there ever was one, else repetitions, else the time held."""
    if any(each.load_kg for each in sets):
        return Unit.KG
    if any((each.reps or 0) > 1 for each in sets) or not any(each.seconds for each in sets):
        return Unit.REPS
    return Unit.SECONDS


def amount(sets: Sequence[DoneSet], unit: Unit) -> float | None:
    """One day in one number: the heaviest weight, all repetitions, or all seconds held; None where nobody told it."""
    if unit is Unit.KG:
        return max((float(each.load_kg) for each in sets if each.load_kg is not None), default=None)
    told = [each.reps if unit is Unit.REPS else (each.seconds or 0) * (each.reps or 1) for each in sets]
    known = [each for each in told if each is not None]
    return sum(known) if known else None


def sets_words(sets: Sequence[DoneSet]) -> str:
    """ "3 × 12, 4 kg, green band"; unlike sets one after the other: "12, 12, 10"."""
    each_one = [set_words(each) for each in sets]
    alike = len(set(each_one)) == 1
    words = [
        _("%(sets)d × %(what)s") % {"sets": len(sets), "what": each_one[0]} if alike else ", ".join(each_one)
    ]
    loads = {each.load_kg for each in sets if each.load_kg}
    words += [_("%(load)s kg") % {"load": plain(max(loads))}] if loads else []
    return ", ".join(
        [*words, *(band_words(band) for band in dict.fromkeys(each.band for each in sets if each.band))]
    )


def set_words(each: DoneSet) -> str:
    if each.reps is not None and each.seconds and each.reps > 1:
        return _("%(reps)d × %(hold)s") % {"reps": each.reps, "hold": duration(each.seconds)}
    if each.seconds and (each.reps or 1) == 1:
        return duration(each.seconds)
    return str(each.reps if each.reps is not None else "–")


def band_words(band: str) -> str:
    return _("band: %(colour)s") % {"colour": in_sentence(str(Band(band).label))}


def plain(number: Decimal) -> str:
    return str(number_format(number.normalize() if number != int(number) else int(number)))


def load_chart(key: str, name: str, sides: Mapping[str, Days], *, cut: bool = False) -> Chart:
    """One exercise; `sides` are left, right and one that is neither, each day with the sets that were done. `cut`: these days
    are the last year, and not the first.
    """
    unit = unit_of([each for days in sides.values() for sets in days.values() for each in sets])
    order, short = by_side(sides, unit)
    words = {"left": _("left"), "right": _("right")}
    if len(order) > 1:
        words["none"] = _("together")
    head = {Unit.KG: _("Heaviest, kg"), Unit.REPS: _("Repetitions"), Unit.SECONDS: _("Seconds held")}[unit]
    year = _("This is the last year; what came before it is not shown.") if cut else ""
    said = [load_sentence(order, short.columns, unit), *bands_note(sides), year, span_note(short)]
    return chart_of(
        Figures(
            key=key,
            title=name,
            sentence=" ".join(filter(None, said)),
            days=short.days,
            series=tuple(
                Series(
                    f"{head}, {words[side]}" if side in words else head,
                    words.get(side) or unit_word(unit),
                    column,
                )
                for side, column in zip(order, short.columns, strict=True)
            ),
            high=top_of(value for column in short.columns for value in column if value is not None),
            gap=GAP_DAYS,
            span=short.span,
            pair=order[:2] == ["left", "right"],
            beside=tuple(beside(order, sides, short)),
            caption=name,
            tone="phase-strengthen",
        )
    )


def by_side(sides: Mapping[str, Days], unit: Unit) -> tuple[list[str], Thinned]:
    """The sides in the order in which they are shown, and the figure of each on each day."""
    told = {
        side: [
            (day, value) for day, sets in sorted(days.items()) if (value := amount(sets, unit)) is not None
        ]
        for side, days in sides.items()
    }
    order = sorted(told, key=SIDES.index)
    days = sorted({day for values in told.values() for day, _value in values})
    columns = [dict(told[side]) for side in order]
    return order, thinned(days, [[column.get(day) for day in days] for column in columns])


def beside(order: Sequence[str], sides: Mapping[str, Days], short: Thinned) -> Iterable[Column]:
    """How far the sides lie apart, and each day's sets where a row is a day."""
    if order[:2] == ["left", "right"]:
        distances = apart(*short.columns[:2])
        yield Column(_("Apart"), tuple("–" if each is None else figure(each) for each in distances))
    if short.span is not Span.DAY:
        return
    words = {"left": _("Sets, left"), "right": _("Sets, right")}
    if len(order) > 1:
        words["none"] = _("Sets, both sides together")
    for side in order:
        texts = (sets_words(sides[side][day]) if day in sides[side] else "–" for day in short.days)
        yield Column(words.get(side) or _("Sets"), tuple(texts))


def unit_word(unit: Unit) -> str:
    return {Unit.KG: _("kg"), Unit.REPS: _("reps"), Unit.SECONDS: _("s")}[unit]


def load_sentence(order: Sequence[str], columns: Sequence[Sequence[float | None]], unit: Unit) -> str:
    """First and latest of each side, the latest with its unit, and how far the sides lie apart."""
    parts = []
    for side, column in zip(order, columns, strict=True):
        told = [value for value in column if value is not None]
        if not told:
            continue
        first, last = figure(told[0]), with_unit(told[-1], unit)
        words = {"first": first, "last": last}
        if side != "none" or len(order) > 1:
            words["side"] = {"left": _("Left"), "right": _("Right"), "none": _("Both sides together")}[side]
            said = _("%(side)s: %(first)s at first, %(last)s the last time.")
            parts.append((said if len(told) > 1 else _("%(side)s: %(last)s so far.")) % words)
        else:
            said = _("%(first)s at first, %(last)s the last time.")
            parts.append((said if len(told) > 1 else _("%(last)s so far.")) % words)
    if order[:2] == ["left", "right"]:
        parts.append(gap_words(*columns[:2]))
    return " ".join(parts)


def with_unit(value: float, unit: Unit) -> str:
    """ "4 kg", "36 repetitions", "90 s"."""
    if unit is Unit.KG:
        return _("%(load)s kg") % {"load": figure(value)}
    if unit is Unit.REPS:
        return _("%(reps)s repetitions") % {"reps": figure(value)}
    return _("%(seconds)s s held") % {"seconds": figure(value)}


def bands_note(sides: Mapping[str, Days]) -> list[str]:
    """The colour of the first band and of the latest; what a colour pulls is the maker's own."""
    told = sorted(
        (day, each.band)
        for days in sides.values()
        for day, sets in days.items()
        for each in sets
        if each.band
    )
    if not told:
        return []
    first, last = (in_sentence(str(Band(band).label)) for band in (told[0][1], told[-1][1]))
    if first == last:
        return [_("Band: %(colour)s.") % {"colour": last}]
    return [_("Band: %(first)s at first, %(last)s the last time.") % {"first": first, "last": last}]
