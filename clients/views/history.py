"""What was done: pain as a chart with a table, and the sessions, each open to correction."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clients.access import ClientRequest, client_required
from clients.charts.pain import PainChart, PainPoint, pain_chart
from clients.models import Client, Measure, SessionReading, TrainingSession
from clients.recording import SessionState, states_of

A_PAGE = 20
CHART_SESSIONS = 60  # the chart tells the last months; the list below goes back to the first day


@dataclass(frozen=True)
class Past:
    """One session in the list. `before` and `after` are pain from 0 to 10, None where it was not told."""

    state: SessionState
    before: int | None
    after: int | None

    @property
    def session(self) -> TrainingSession:
        return self.state.session


@dataclass(frozen=True)
class HistoryPage:
    page: Page
    past: list[Past]
    chart: PainChart | None
    points: list[PainPoint]
    sentence: str


def pain_points(client: Client) -> list[PainPoint]:
    """The last finished sessions with their readings, oldest first. Two queries."""
    recent = list(TrainingSession.objects.filter(client=client).finished()[:CHART_SESSIONS])
    measures = (Measure.PAIN_BEFORE, Measure.PAIN_AFTER)
    readings = SessionReading.objects.filter(session__in=recent, measure__in=measures).latest_revisions()
    told = {(each.session_id, each.measure): each.value for each in readings}
    return [
        PainPoint(
            day=session.local_date,
            before=told.get((session.pk, Measure.PAIN_BEFORE)),
            after=told.get((session.pk, Measure.PAIN_AFTER)),
        )
        for session in reversed(recent)
    ]


def sentence(chart: PainChart | None) -> str:
    """What the chart shows, in words and without praise."""
    if chart is None or chart.first is None or chart.last is None:
        return ""
    if chart.first == chart.last:
        return _("One number so far: %(value)d of 10.") % {"value": chart.last.value}
    return _("Pain after the session: %(first)d of 10 at first, %(last)d the last time.") % {
        "first": chart.first.value,
        "last": chart.last.value,
    }


def page_for(client: Client, number: str | None) -> HistoryPage:
    page = Paginator(TrainingSession.objects.filter(client=client), A_PAGE).get_page(number)
    points = pain_points(client)
    chart = pain_chart(points)
    return HistoryPage(
        page=page,
        past=[
            Past(state, state.readings.get(Measure.PAIN_BEFORE), state.readings.get(Measure.PAIN_AFTER))
            for state in states_of(page.object_list)
        ],
        chart=chart,
        points=points[::-1],
        sentence=sentence(chart),
    )


@client_required
@require_safe
def history(request: ClientRequest) -> HttpResponse:
    page = page_for(request.person, request.GET.get("page"))
    today = request.person.local_date(timezone.now())
    return render(request, "clients/history/history.html", {"history": page, "today": today})
