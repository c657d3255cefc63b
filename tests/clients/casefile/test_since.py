"""Since the last visit: what was done and felt; what was not told is not enough data."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.casefile.since import (
    Since,
    felt,
    middle,
    pain_from_the_first_days,
    pain_then_and_now,
    since_visit,
)
from clients.casefile.weeks import WEEKS, days_on_file
from clients.demo import builders
from clients.demo.builders import NOW, new_key
from clients.models import Client, Message, PhaseTransition, User
from clients.recording import stop
from clients.telling import Site, record_morning, record_note, record_pain_diary
from clients.tightness import record_tightness
from routines.models import Muscle

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = NOW.date()


def since(client: Client, now: Any = NOW) -> Since:
    return since_visit(client, days_on_file(client, client.local_date(now)))


def told(*values: int, first: date = TODAY) -> dict[date, int]:
    return {first + n * DAY: value for n, value in enumerate(values)}


# ---- Pure -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"), [([], None), ([7, 7], None), ([1, 9, 5], 5), ([1, 2, 3, 4], 2.5)]
)
def test_middle_needs_three_values(values: list[int], expected: float | None) -> None:
    assert middle(values) == expected


def test_pain_is_the_middle_of_the_days_until_the_visit_and_of_the_newest_days() -> None:
    days = told(9, 9, 6, 6, 6, 6, 6, 6, 6) | told(5, 4, 3, 3, 2, first=TODAY + 9 * DAY)

    found = pain_then_and_now(days, first=TODAY + 8 * DAY)

    assert (found.before, found.now, found.enough) == (6, 3, True)


def test_two_days_of_pain_are_not_enough() -> None:
    found = pain_then_and_now(told(6, 6, 6, 2, 2), first=TODAY + 2 * DAY)

    assert (found.before, found.now, found.enough) == (6, None, False)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], (None, None)),
        ([6, 6, 6, 2, 2], (None, None)),
        ([6, 6, 6, 2, 2, 2], (6, 2)),
        ([8] * 7 + [5] * 3 + [1] * 7, (8, 1)),
    ],
)
def test_without_a_visit_the_first_days_stand_beside_the_newest(
    values: list[int], expected: tuple[float | None, float | None]
) -> None:
    found = pain_from_the_first_days(told(*values))

    assert (found.before, found.now) == expected


# ---- From the rows --------------------------------------------------------------------------------------------------


def test_nothing_told_is_not_enough_data(client: Client) -> None:
    found = since(client)

    assert (found.visit, found.whole, found.share, found.sessions) == (None, False, None, 0)
    assert not found.pain.enough
    assert (found.tightness, found.mornings, found.notes.rows, found.questions, found.decided) == (
        [],
        [],
        [],
        [],
        [],
    )


def test_days_done_and_due_are_counted_from_the_visit_on(client: Client) -> None:
    builders.assign(client, now=NOW - 6 * DAY)
    builders.screen(client, now=NOW - 6 * DAY)
    builders.train(client, now=NOW - 5 * DAY)
    builders.examine(client, now=NOW - 3 * DAY)
    builders.train(client, now=NOW - 2 * DAY)

    found = since(client)

    assert found.whole
    assert found.first == TODAY - 3 * DAY
    assert (found.done, found.due, found.sessions) == (1, 3, 1)
    assert found.share == 33


def test_open_visit_is_not_the_last_one(client: Client) -> None:
    closed = builders.examine(client, now=NOW - 9 * DAY)
    builders.examine(client, close=False, now=NOW)

    assert since(client).visit == closed


def test_visit_of_long_ago_is_named_and_twelve_weeks_are_told(client: Client) -> None:
    builders.examine(client, now=NOW - 300 * DAY)

    found = since(client)

    assert found.visit is not None
    assert not found.whole
    assert TODAY - found.first <= timedelta(weeks=WEEKS)


def test_what_was_told_since_then_stands_there(client: Client, therapist: User) -> None:
    builders.assign(client, now=NOW - 6 * DAY)
    builders.screen(client, now=NOW - 6 * DAY)
    builders.examine(client, now=NOW - 4 * DAY)
    session = builders.train(client, now=NOW - DAY, pain_before=4)
    site = Site(Muscle.objects.get(slug="piriformis"), "right")
    record_tightness(session, site, "before", 6, key=new_key(), now=NOW)
    record_tightness(session, site, "after", 4, key=new_key(), now=NOW)
    record_note(session, "Sitting is easier.", key=new_key(), now=NOW)
    record_morning(client, TODAY - DAY, "sore", 4, key=new_key(), now=NOW)
    stop(session, session.items.first(), choice="too_strong", key=new_key(), now=NOW)
    builders.talk(client, note="Go on.")

    found = since(client)

    assert [(each.name, each.before, each.after, each.sessions) for each in found.tightness] == [
        ("Piriformis, right", 6, 4, 1)
    ]
    assert [(str(word.label), number) for word, number in found.mornings] == [("Sore", 1)]
    assert [note.text for note in found.notes.rows] == ["Sitting is easier."]
    assert [event.choice for event in found.stops.rows] == ["too_strong"]
    assert "Contact: Phone" in [entry.what for entry in found.decided]


def test_decision_of_a_rule_for_each_session_of_a_sheet_leaves_room_for_the_others(client: Client) -> None:
    assignment = builders.assign(client, now=NOW - 12 * DAY)
    builders.talk(client, now=NOW - 2 * DAY, note="On Monday.")
    builders.talk(client, now=NOW - 2 * DAY, note="And again in the evening.")
    for number in range(14):
        PhaseTransition.objects.create(
            assignment=assignment,
            kind=PhaseTransition.Kind.DOSE_REDUCED,
            from_phase=assignment.phases.first(),
            at=NOW,
            local_date=TODAY,
            event=f"red/session/{number}",
            numbers={"cause": "session", "day": str(TODAY - (14 - number) * DAY)},
        )

    told = [(entry.what.split(":")[0], entry.why) for entry in since(client).decided]

    assert told[0] == ("Dose reduced", "A session was in the red (9 Mar)")
    assert [what for what, _why in told[1:]] == ["Contact", "Contact", "Started"]


@pytest.mark.parametrize(("number", "shown"), [(0, 0), (6, 6), (23, 20)])
def test_stops_are_all_there_or_it_is_said_how_many_more(client: Client, number: int, shown: int) -> None:
    builders.assign(client)
    session = builders.train(client)
    for _each in range(number):
        stop(session, None, choice="too_strong", key=new_key(), now=NOW)

    stops = since(client).stops

    assert (len(stops.rows), stops.total, stops.more) == (shown, number, number - shown)


def test_tightness_needs_both_moments(client: Client) -> None:
    builders.assign(client)
    session = builders.train(client)
    site = Site(Muscle.objects.get(slug="piriformis"), "right")
    row = record_tightness(session, site, "before", 6, key=new_key(), now=NOW)

    assert felt([row]) == []


def test_pain_takes_the_session_of_the_day_before_the_diary(client: Client) -> None:
    builders.assign(client, now=NOW - 9 * DAY)
    builders.screen(client, now=NOW - 9 * DAY)
    builders.examine(client, now=NOW - 9 * DAY)
    for ago in (3, 2, 1):
        builders.train(client, now=NOW - ago * DAY, pain_before=2)
        record_pain_diary(client, TODAY - ago * DAY, 9, key=new_key(), now=NOW - ago * DAY)

    assert since(client).pain.now == 2


def test_question_stands_until_the_team_writes(client: Client, therapist: User) -> None:
    def write(text: str, *, from_client: bool, ago: int) -> None:
        by = client.user if from_client else therapist
        Message.objects.create(
            client=client, by=by, from_client=from_client, text=text, at=NOW - ago * DAY, key=uuid4()
        )

    write("First", from_client=True, ago=5)
    write("Answer", from_client=False, ago=4)
    write("Second", from_client=True, ago=3)
    write("Third", from_client=True, ago=2)

    assert [each.text for each in since(client).questions] == ["Second", "Third"]


def test_since_asks_the_same_queries_for_3_sessions_and_for_300(
    client: Client, django_assert_num_queries: Any
) -> None:
    builders.assign(client)
    builders.examine(client, now=NOW - 80 * DAY)
    builders.bulk_sessions(client, 3)
    days = days_on_file(client, TODAY)
    with CaptureQueriesContext(connection) as few:
        since_visit(client, days)
    builders.bulk_sessions(client, 300, now=NOW - 5 * DAY)

    with django_assert_num_queries(len(few)):
        since_visit(client, days)


def test_small_print_is_for_what_does_not_fit_otherwise(client: Client) -> None:
    builders.assign(client)
    session = builders.train(client)
    assert not since(client).crowded
    item = session.items.first()
    assert item is not None
    for _number in range(13):
        stop(session, item, choice="too_strong", key=new_key(), now=NOW)

    found = since(client)

    assert found.crowded
    assert found.room < 300


def test_days_of_a_sheet_that_is_still_out_are_no_days_without_exercise() -> None:
    on_paper = builders.make_client(name="Frieda Lang", with_account=False)
    in_the_app = builders.make_client(name="Ana Silva")
    assert not since(on_paper).on_paper  # without a program nothing was due that a sheet could tell
    for each in (on_paper, in_the_app):
        builders.assign(each, now=NOW - 12 * DAY, start_date=TODAY - 12 * DAY)

    assert (since(on_paper).due, since(on_paper).done, since(on_paper).on_paper) == (0, 0, True)
    builders.train(on_paper, now=NOW - 8 * DAY)
    builders.train(in_the_app, now=NOW - 8 * DAY)

    paper, app = since(on_paper), since(in_the_app)
    assert paper.done == app.done == 1
    assert 1 <= paper.due <= 5 < app.due
