"""Days on which something was due and done, week by week."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clients.adjusting import pause_assignment
from clients.casefile.pages import overview
from clients.casefile.weeks import Days, WeekLine, days_on_file, minutes_of_weeks
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import Client, TrainingSession, User

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


def test_weeks_on_paper_say_no_more_than_what_was_keyed_in() -> None:
    """As the days since the last visit do, which stand on the same page."""
    client = builders.make_client(name="Frieda Lang", with_account=False)
    builders.assign(client, now=NOW - 22 * DAY, start_date=MONDAY - 21 * DAY)
    builders.train(client, now=NOW - 13 * DAY)

    days = days_on_file(client, TODAY)

    assert days.weeks(on_paper=True) == [
        WeekLine(MONDAY - 21 * DAY, due=7, done=0),
        WeekLine(MONDAY - 14 * DAY, due=3, done=1),
        WeekLine(MONDAY - 7 * DAY, due=0, done=0, told=False),
        WeekLine(MONDAY, due=7, done=0, runs=True),
    ]
    assert days.since(days.first, on_paper=True) == (10, 1)
    assert minutes_of_weeks(client, days.weeks(on_paper=True))[2] is None
    said = overview(client, NOW).weeks.figures.sentence
    assert said == "Week from 23 February: 1 of 3 days. The goal was reached in 0 of 2 weeks."


def test_weeks_on_paper_of_which_nothing_came_back_are_not_nought() -> None:
    client = builders.make_client(name="Frieda Lang", with_account=False)
    builders.assign(client, now=NOW - 80 * DAY, start_date=MONDAY - 77 * DAY)

    told = [(week.told, week.due) for week in days_on_file(client, TODAY).weeks(on_paper=True)]

    assert told == [*[(False, 0)] * 11, (True, 7)]


def test_as_many_weeks_as_are_asked_for(client: Client) -> None:
    builders.assign(client, now=NOW - timedelta(weeks=20))

    assert len(days_on_file(client, TODAY).weeks()) == 12
    assert len(days_on_file(client, TODAY, 26).weeks()) == 21


def test_minutes_are_those_that_the_app_knows(client: Client) -> None:
    builders.assign(client, now=NOW - timedelta(weeks=3))
    builders.screen(client, now=NOW - timedelta(weeks=3))
    builders.train(client, now=NOW - timedelta(weeks=2))
    builders.train(client, now=NOW - timedelta(weeks=1), source=TrainingSession.Source.PAPER)
    builders.train(client, now=NOW - DAY)
    builders.train(client, now=NOW, finish=False)

    weeks = days_on_file(client, TODAY).weeks()

    assert minutes_of_weeks(client, weeks) == [0, 7, None, 7]
    assert minutes_of_weeks(client, []) == []
