"""Days on which something was due and done, week by week."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clients.adjusting import pause_assignment
from clients.casefile.weeks import Days, WeekLine, days_on_file, weeks_sentence
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import Client, User

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = NOW.date()  # a Tuesday
MONDAY = date(2026, 3, 9)


def test_week_that_runs_has_the_goal_of_the_whole_week(client: Client) -> None:
    builders.assign(client, now=NOW - DAY)
    builders.screen(client, now=NOW - DAY)
    builders.train(client, now=NOW - DAY)

    weeks = days_on_file(client, TODAY).weeks()

    assert weeks == [WeekLine(MONDAY, due=7, done=1, runs=True)]


def test_weeks_begin_with_the_first_goal(client: Client) -> None:
    assert days_on_file(client, TODAY).weeks() == []

    builders.assign(client, now=NOW - DAY - timedelta(weeks=2))

    assert [week.monday for week in days_on_file(client, TODAY).weeks()] == [
        MONDAY - timedelta(weeks=2), MONDAY - timedelta(weeks=1), MONDAY,
    ]  # fmt: skip


def test_paused_and_blocked_days_are_not_due(client: Client, therapist: User) -> None:
    assignment = builders.assign(client, now=NOW - DAY)
    assert len(days_on_file(client, TODAY).due) == 7
    builders.screen(client, yes=["fever_unwell"])
    assert TODAY not in days_on_file(client, TODAY).due

    pause_assignment(assignment, until=None, by=therapist, reason="Away.", now=NOW)

    assert days_on_file(client, TODAY).due == {MONDAY}


def test_today_is_due_only_once_it_is_done() -> None:
    every = frozenset(MONDAY + n * DAY for n in range(7))

    assert Days(MONDAY, TODAY, every, frozenset()).since(MONDAY) == (1, 0)
    assert Days(MONDAY, TODAY, every, frozenset([TODAY])).since(MONDAY) == (2, 1)


@pytest.mark.parametrize(
    ("weeks", "words"),
    [
        ([], "Not enough data: no full week yet."),
        ([WeekLine(MONDAY, 7, 2, runs=True)], "Not enough data: no full week yet."),
        ([WeekLine(MONDAY, 5, 2)], "Last week 2 of 5 days."),
        (
            [WeekLine(MONDAY, 5, 5), WeekLine(MONDAY, 5, 2), WeekLine(MONDAY, 5, 0, runs=True)],
            "Last week 2 of 5 days. The goal was reached in 1 of 2 full weeks.",
        ),
    ],
)
def test_sentence_speaks_of_full_weeks_alone(weeks: list[WeekLine], words: str) -> None:
    assert weeks_sentence(weeks) == words
