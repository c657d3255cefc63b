"""What was done: pain as a chart with a table, and the sessions, each open to correction."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clients.access import ClientRequest, client_required
from clients.casefile import pain_points, pain_sentence
from clients.charts.pain import PainChart, PainPoint, pain_chart
from clients.models import Client, Measure, TrainingSession
from clients.recording import SessionState, states_of
from clients.telling import Told, told_about

A_PAGE = 20


@dataclass(frozen=True)
class Past:
    """One session in the list. `before` and `after` are pain from 0 to 10, None where it was not told."""

    state: SessionState
    before: int | None
    after: int | None
    told: Told

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


def page_for(client: Client, number: str | None) -> HistoryPage:
    page = Paginator(TrainingSession.objects.filter(client=client), A_PAGE).get_page(number)
    points = pain_points(client)
    chart = pain_chart(points)
    states = states_of(page.object_list)
    told = told_about([state.session for state in states])
    return HistoryPage(
        page=page,
        past=[
            Past(
                state,
                state.readings.get(Measure.PAIN_BEFORE),
                state.readings.get(Measure.PAIN_AFTER),
                told[state.session.pk],
            )
            for state in states
        ],
        chart=chart,
        points=points[::-1],
        sentence=pain_sentence(chart),
    )


@client_required
@require_safe
def history(request: ClientRequest) -> HttpResponse:
    page = page_for(request.person, request.GET.get("page"))
    today = request.person.local_date(timezone.now())
    return render(request, "clients/history/history.html", {"history": page, "today": today})
