"""Tenderness and tightness of each muscle and side over time, with a chart and the same in a table."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from clients.charts.felt import FeltChart, FeltPoint, felt_chart
from clients.models import Client, TendernessReading, TightnessReading, TrainingSession
from clients.telling import TENDERNESS_SHOWN, site_name

SESSIONS = 40
SITES = 6


@dataclass(frozen=True)
class FeltLine:
    """A muscle on one side; `points` are the newest first, `chart` is None with fewer than two of them."""

    name: str
    points: list[FeltPoint]
    chart: FeltChart | None
    sentence: str


def tenderness_lines(client: Client) -> list[FeltLine]:
    """From the weekly answers, the most lately told first. One query."""
    rows = TendernessReading.objects.filter(client=client).latest_revisions().select_related("muscle")
    told: dict[tuple[int, str], list[FeltPoint]] = {}
    names: dict[tuple[int, str], str] = {}
    for row in rows.order_by("-local_date", "-pk")[:TENDERNESS_SHOWN]:
        site = (row.muscle_id, row.side)
        names.setdefault(site, site_name(row.muscle, row.side))
        told.setdefault(site, []).append(FeltPoint(row.local_date, row.value))
    return [line_of(names[site], points) for site, points in list(told.items())[:SITES]]


def tightness_lines(client: Client) -> list[FeltLine]:
    """From the newest sessions, before and after release. Two queries."""
    newest = list(TrainingSession.objects.filter(client=client).finished()[:SESSIONS])
    days = {session.pk: session.local_date for session in newest}
    rows = TightnessReading.objects.filter(session__in=newest).latest_revisions().select_related("muscle")
    names: dict[tuple[int, str], str] = {}
    told: dict[tuple[int, str], dict[int, dict[str, int]]] = {}
    for row in rows.order_by("pk"):
        site = (row.muscle_id, row.side)
        names.setdefault(site, site_name(row.muscle, row.side))
        told.setdefault(site, {}).setdefault(row.session_id, {})[row.moment] = row.value
    found = []
    for site, sessions in told.items():
        points = [
            FeltPoint(
                days[pk],
                moments.get(TightnessReading.Moment.AFTER),
                moments.get(TightnessReading.Moment.BEFORE),
            )
            for pk, moments in sessions.items()
        ]
        points.sort(key=lambda point: point.day, reverse=True)
        found.append(line_of(names[site], points))
    found.sort(key=lambda each: each.points[0].day, reverse=True)
    return found[:SITES]


def line_of(name: str, points: list[FeltPoint]) -> FeltLine:
    """`points` the newest first."""
    chart = felt_chart(points[::-1])
    sentence = _("Not enough data for a line yet.")
    if chart is not None:
        words = {"first": chart.first.value, "last": chart.last.value}
        sentence = _("%(first)d of 10 at first, %(last)d the last time.") % words
    return FeltLine(name, points, chart, sentence)
