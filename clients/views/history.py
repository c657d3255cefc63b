"""How it goes, in charts, and the sessions that were done, each open to correction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clients.access import ClientRequest, client_required
from clients.casefile.progress import progress_of
from clients.models import Client, Measure, TrainingSession
from clients.recording import SessionState, states_of
from clients.sketching import pain_places
from clients.telling import Told, told_about

A_PAGE = 20
NEWEST = 5  # sessions on the page of progress


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


def page_for(client: Client, number: str | None) -> HistoryPage:
    page = Paginator(TrainingSession.objects.filter(client=client), A_PAGE).get_page(number)
    return HistoryPage(page=page, past=past_of(page.object_list))


def past_of(sessions: Iterable[TrainingSession]) -> list[Past]:
    """These sessions with what was told of them, in a fixed number of queries."""
    states = states_of(sessions)
    told = told_about([state.session for state in states])
    return [
        Past(
            state,
            state.readings.get(Measure.PAIN_BEFORE),
            state.readings.get(Measure.PAIN_AFTER),
            told[state.session.pk],
        )
        for state in states
    ]


@client_required
@require_safe
def progress(request: ClientRequest) -> HttpResponse:
    client, now = request.person, timezone.now()
    newest = past_of(TrainingSession.objects.filter(client=client)[:NEWEST])
    context = {
        "progress": progress_of(client, now),
        "past": newest,
        "today": client.local_date(now),
        "pain_places": pain_places(client),
    }
    return render(request, "clients/history/progress.html", context)


@client_required
@require_safe
def history(request: ClientRequest) -> HttpResponse:
    page = page_for(request.person, request.GET.get("page"))
    today = request.person.local_date(timezone.now())
    context = {"history": page, "today": today, "section": "progress"}
    return render(request, "clients/history/history.html", context)
