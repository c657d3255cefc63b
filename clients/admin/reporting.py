"""The report of the practice: one table, and the same as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clients.admin.pages import draw
from clients.admin.scoping import care_only
from clients.reporting import FEW, PERIODS, Group, Reached, Row, Told, report
from routines.admin.tables import csv_of


def period_of(request: HttpRequest) -> str:
    period = request.GET.get("period", "year")
    return period if period in PERIODS else "year"


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    care_only(request)
    period = period_of(request)
    return draw(
        request,
        "report",
        title=_("Report"),
        groups=report(request.user, timezone.now(), period=period),
        period=period,
        periods=[(word, f"?period={name}", name == period) for name, (_days, word) in PERIODS.items()],
        few=FEW,
    )


@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    care_only(request)
    groups = report(request.user, timezone.now(), period=period_of(request))
    return csv_of("report", lines_of(groups))


def lines_of(groups: list[Group]) -> Iterator[list[object]]:
    yield [
        _("Imbalance"), _("Program"), _("People"), _("Running"), _("Silent"), _("Finished"), _("Ended early"),
        _("Drop-out (%)"), _("Adherence, median (%)"), _("Adherence: people"), _("Pain: people"),
        _("Pain: median change"), _("Pain: better"), _("Pain: worse"), _("Activities: people"),
        _("Activities: median change"), _("Activities: better"), _("Activities: worse"),
    ]  # fmt: skip
    for group in groups:
        for row in group.rows:
            yield [group.whole.name, *cells_of(row)]


def cells_of(row: Row) -> list[object]:
    """An empty cell says that too few people stand behind a figure."""
    counts = [row.name, row.people, row.running, row.silent, row.finished, row.early]
    return [
        *counts,
        rounded(row.left),
        rounded(row.adherence),
        row.adherence.people,
        *measure_cells(row.pain),
        *measure_cells(row.activities),
    ]


def measure_cells(told: Reached) -> list[object]:
    change = "" if told.change.value is None else round(told.change.value, 1)
    return [told.of, change, told.better, told.worse]


def rounded(told: Told) -> object:
    """A half goes up, as on the page."""
    return "" if told.value is None else floor(float(told.value) + 0.5)
