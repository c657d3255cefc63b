"""What stands on each page of a client, gathered in a fixed number of queries. Read the client with their user."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from clients.casefile.plan import PlanOnFile, plan_on_file
from clients.casefile.sessions import NEWEST, SessionLine, newest_sessions
from clients.casefile.since import Since, since_visit
from clients.casefile.told import readings_of
from clients.casefile.weeks import days_on_file
from clients.charts.chart import Chart
from clients.charts.pain import pain_chart
from clients.charts.weeks import weeks_chart
from clients.examining import Comparison, VisitSheet, compare, newest_visits, open_visit_of
from clients.models import Client, PainDiaryEntry, SafetyBlock, ScreeningAnswer, StopEvent, Visit
from clients.safety import open_blocks
from clients.telling import diary_told


@dataclass(frozen=True)
class Overview:
    """What one wants to know between two massages."""

    blocks: list[SafetyBlock]
    plan: PlanOnFile
    since: Since
    weeks: Chart
    pain: Chart


@dataclass(frozen=True)
class Visits:
    """The newest visit with its findings, the open one, and how many there are."""

    newest: VisitSheet | None
    open_visit: Visit | None
    number: int


@dataclass(frozen=True)
class Records:
    """What was found and what was told: the page of findings and measures."""

    visits: Visits
    before: date | None  # the day of the visit before the newest
    comparison: Comparison | None
    diary: list[PainDiaryEntry]
    sessions: list[SessionLine]
    stops: list[StopEvent]
    answers: list[ScreeningAnswer]
    screened_on: date | None


def overview(client: Client, now: datetime) -> Overview:
    days = days_on_file(client, client.local_date(now))
    return Overview(
        blocks=open_blocks(client),
        plan=plan_on_file(client, now),
        since=since_visit(client, days),
        weeks=weeks_chart(days.weeks(on_paper=client.user_id is None)),
        pain=pain_chart(readings_of(client).pain),
    )


def records(client: Client) -> Records:
    answers = ScreeningAnswer.objects.filter(screening__client=client)
    answers = answers.order_by("-screening__answered_at", "pk")
    visits = newest_visits(client, 2)
    return Records(
        visits=Visits(visits[0] if visits else None, open_visit_of(client), client.visits.count()),
        before=visits[1].visit.held_on if len(visits) > 1 else None,
        comparison=compare(visits[1], visits[0]) if len(visits) > 1 else None,
        diary=diary_told(client, NEWEST),
        sessions=newest_sessions(client),
        stops=list(StopEvent.objects.filter(client=client).select_related("item", "session")[:NEWEST]),
        answers=list(answers.filter(yes=True).select_related("screening__checklist")[:NEWEST]),
        screened_on=answers.values_list("screening__local_date", flat=True).first(),
    )
