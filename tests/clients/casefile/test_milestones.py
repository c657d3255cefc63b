"""What was reached, as facts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from clients.casefile.milestones import AWAY, Milestone, milestones, of_measures, of_returns
from clients.measures import Asked, Line, Point
from clients.models import AssignedPhase, PhaseTransition
from tests.clients.test_outcomes import measure

MONDAY = date(2026, 1, 5)
DAY = timedelta(days=1)
Kind = PhaseTransition.Kind


def reached(sessions: list[date]) -> list[tuple[date, str]]:
    return [(each.day, each.what) for each in milestones(sessions, [], [])]


def test_nothing_done_has_reached_nothing() -> None:
    assert reached([]) == []


def test_first_session_and_counts_stand_on_their_days() -> None:
    assert reached([MONDAY + n * DAY for n in range(11)]) == [
        (MONDAY + 9 * DAY, "10 sessions done"),
        (MONDAY, "First session"),
    ]


def test_coming_back_counts_each_time() -> None:
    sessions = [MONDAY, MONDAY + AWAY, MONDAY + 2 * AWAY + DAY, MONDAY + 60 * DAY]

    assert [(each.day, each.what) for each in of_returns(sessions)] == [
        (MONDAY + 2 * AWAY + DAY, "Back after 14 days without a session"),
        (MONDAY + 60 * DAY, "Back after 30 days without a session"),
    ]


def test_phase_that_opened_is_named_and_a_proposal_is_not() -> None:
    phase = AssignedPhase(pk=4, kind="strengthen", texts={"": {"name": "Wake up"}})
    rows = [
        PhaseTransition(kind=Kind.READY, local_date=MONDAY, to_phase=phase),
        PhaseTransition(kind=Kind.ADVANCED, local_date=MONDAY + DAY, to_phase=phase),
        PhaseTransition(kind=Kind.STEPPED_BACK, local_date=MONDAY + 2 * DAY, to_phase=phase),
        PhaseTransition(kind=Kind.STRENGTHENING_BACK, local_date=MONDAY + 3 * DAY),
    ]

    assert milestones([], rows, []) == [
        Milestone(MONDAY + 3 * DAY, "Strengthening is back", "strengthen"),
        Milestone(MONDAY + DAY, "“Wake up” opened", "strengthen"),
    ]


def test_measure_counts_once_it_is_better_by_more_than_ups_and_downs() -> None:
    points = tuple(Point(MONDAY + 14 * n * DAY, Decimal(value)) for n, value in enumerate((6, 5, 3, 2)))
    noise = tuple(Point(MONDAY + 14 * n * DAY, Decimal(value)) for n, value in enumerate((6, 5)))

    def found(line: Line) -> list[tuple[date, str]]:
        return [(each.day, each.what) for each in of_measures([Asked(line.measure, due=False, line=line)])]

    assert found(Line(measure("nprs"), points)) == [
        (MONDAY + 28 * DAY, "Average pain: 3 points lower, more than the usual ups and downs")
    ]
    assert found(Line(measure("nprs"), noise)) == found(Line(measure("nprs"))) == []


def test_what_was_reached_with_an_earlier_list_of_activities_stays_reached() -> None:
    of = measure("activities")
    earlier = Line(of, (Point(MONDAY, Decimal(3)), Point(MONDAY + 14 * DAY, Decimal(6))))
    now = Line(of, (Point(MONDAY + 28 * DAY, Decimal(4)),))

    found = list(of_measures([Asked(of, due=False, line=now, earlier=(earlier,))]))

    assert [(each.day, each.what) for each in found] == [
        (MONDAY + 14 * DAY, "My activities: 3 points higher, more than the usual ups and downs")
    ]
