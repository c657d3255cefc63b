"""One measure over time: every value, the first one, the line of the change that matters (domain.md 8)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from clients.charts.chart import Chart, Figures, Goal, Series, chart_of, top_of
from clients.charts.felt import by_day, sides_chart
from clients.charts.thinning import thinned
from clients.charts.words import span_note
from clients.measures import Asked, Line, Measures
from clients.measuring import OwnLine
from clients.outcomes import figure, needed_change
from routines.models import OutcomeMeasure

GAP_DAYS = 30  # measures come every two or four weeks; a line does not cross a longer silence
VISITS_GAP = 120  # what the therapist measures comes with the visits


@dataclass(frozen=True)
class Part:
    """One measure on a page, with its drawing."""

    asked: Asked
    chart: Chart


def parts(measures: Measures) -> list[Part]:
    """Those that have a value, in their order."""
    return [
        Part(each, measure_chart(each.line, each.title))
        for each in measures.asked
        if each.line.points or each.earlier
    ]


def measure_chart(line: Line, title: str) -> Chart:
    """`title` is what its reader calls it. From which difference on it counts stands as a line on each side of the start."""
    measure = line.measure
    short = thinned([point.day for point in line.points], [[float(point.score) for point in line.points]])
    return chart_of(
        Figures(
            key=f"measure-{measure.pk}",
            title=title,
            sentence=" ".join(filter(None, [line.sentence, span_note(short)])),
            days=short.days,
            series=(Series(_("Value"), "", short.columns[0]),),
            low=measure.minimum,
            high=measure.maximum,
            signed=measure.minimum < 0,
            gap=GAP_DAYS,
            span=short.span,
            goals=goals_of(line) if len(line.points) > 1 else (),
            notes=(line.matters,) if line.matters else (),
        )
    )


def goals_of(line: Line) -> tuple[Goal, ...]:
    """The lines from which a difference counts, for the better first."""
    start = line.start
    needed = None if start is None else needed_change(line.measure, start)
    if start is None or needed is None:
        return ()
    up = line.measure.better == OutcomeMeasure.Better.HIGHER
    return (
        Goal(float(start + needed.better if up else start - needed.better), _("better from")),
        Goal(float(start - needed.worse if up else start + needed.worse), _("worse from")),
    )


def own_chart(line: OwnLine) -> Chart:
    """A measure of the therapist's own, left against right where it has sides."""
    measure = line.measure
    key = f"own-{measure.pk}"
    title = f"{measure.name} ({measure.unit})" if measure.unit else measure.name
    values = [float(point.score) for side in line.sides for point in side.points]
    low, high = min([0.0, *values]), float(top_of(values))
    if measure.sided:
        left, right = ([(point.day, float(point.score)) for point in side.points] for side in line.sides)
        days = by_day(left, right)
        return sides_chart(
            key, title, days, gap=VISITS_GAP, caption=title, low=low, high=high, tone="tone-brand"
        )
    (side,) = line.sides
    short = thinned([point.day for point in side.points], [[float(point.score) for point in side.points]])
    told = [value for value in short.columns[0] if value is not None]
    sentence = _("%(first)s at first, %(last)s the last time.") if len(told) > 1 else _("%(last)s so far.")
    words = (
        {"first": with_unit(told[0], measure.unit), "last": with_unit(told[-1], measure.unit)} if told else {}
    )
    return chart_of(
        Figures(
            key=key,
            title=title,
            sentence=sentence % words if told else _("Not measured yet."),
            days=short.days,
            series=(Series(_("Value"), "", short.columns[0]),),
            low=low,
            high=high,
            gap=VISITS_GAP,
            span=short.span,
        )
    )


def with_unit(value: float | Decimal, unit: str) -> str:
    return f"{figure(value)} {unit}".strip()
