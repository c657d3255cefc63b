"""How it goes, gathered from the rows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.adjusting import end_assignment
from clients.casefile.progress import Progress, progress_of
from clients.charts.chart import Chart
from clients.demo import builders
from clients.demo.builders import NOW, new_key
from clients.measuring import record_measurement
from clients.models import (
    Client,
    Measure,
    MorningAnswer,
    OwnMeasure,
    SessionItem,
    SetRecord,
    TrainingSession,
    User,
)
from clients.recording import SetEntry, record_reading, record_set
from clients.telling import Site, record_morning, record_pain_diary, record_tenderness
from clients.tightness import record_tightness
from routines.models import Muscle

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = NOW.date()


def site(side: str = "right") -> Site:
    return Site(Muscle.objects.get(slug="piriformis"), side)


def titles(progress: Progress, key: str) -> list[str]:
    return [chart.figures.title for chart in progress.section(key).charts]


def chart(progress: Progress, title: str) -> Chart:
    return next(
        each for section in progress.sections for each in section.charts if each.figures.title == title
    )


@pytest.fixture
def begun(client: Client) -> Client:
    builders.assign(client, now=NOW - 9 * DAY)
    builders.screen(client, now=NOW - 9 * DAY)
    return client


def test_progress_of_nobody_yet_has_only_words(client: Client) -> None:
    found = progress_of(client, NOW)

    assert (found.begun, found.sessions, found.stages, found.milestones) == (False, 0, [], [])
    assert all(not section.charts and "Not enough data yet" in section.empty for section in found.sections)


def test_program_stands_with_its_rail_and_gate(begun: Client) -> None:
    (stage,) = progress_of(begun, NOW).stages

    assert (stage.day, stage.paused) == (10, False)
    assert [part["state"] for part in stage.rail] == ["current", "ahead", "ahead", "ahead"]
    assert stage.gate is not None
    assert stage.gate.lines[0].figure == "7 of 7"


def test_therapist_reads_the_figures_of_the_gate(begun: Client) -> None:
    (stage,) = progress_of(begun, NOW, detail=True).stages

    assert stage.gate is not None
    assert stage.gate.lines[0].figure == "9"


def test_pain_is_told_with_its_corrections_and_the_next_morning(begun: Client) -> None:
    session = builders.train(begun, now=NOW - DAY, pain_before=6, pain_after=4)
    record_reading(session, Measure.PAIN_AFTER, 3, key=new_key(), now=NOW)
    record_morning(begun, TODAY - DAY, "sore", 5, key=new_key(), now=NOW)

    rows = chart(progress_of(begun, NOW), "Pain, before and after").figures.rows

    assert [(row.day, row.cells) for row in rows] == [(TODAY - DAY, ("3", "6", "5"))]


def test_mornings_are_told_with_their_words(begun: Client) -> None:
    sessions = builders.bulk_sessions(begun, 1, now=NOW)
    builders.bulk_told(sessions, sides={"right": (6, 4)}, word="sore")

    found = progress_of(begun, NOW)

    assert (
        chart(found, "The morning after").figures.sentence
        == "The mornings after: 1 × sore. The last time: sore."
    )


def test_session_that_is_not_finished_is_not_in_it(begun: Client) -> None:
    builders.train(begun, now=NOW, finish=False)

    assert progress_of(begun, NOW).section("pain").charts == []


def test_diary_is_a_chart_of_its_own(client: Client) -> None:
    record_pain_diary(client, TODAY, 4, key=new_key(), now=NOW)

    assert titles(progress_of(client, NOW), "pain") == ["Pain on days without a session"]


def test_effort_is_for_the_therapist(begun: Client) -> None:
    session = builders.train(begun, now=NOW - DAY)
    record_reading(session, Measure.EFFORT, 5, key=new_key(), now=NOW)

    assert "Strongest pain and effort in the session" not in titles(progress_of(begun, NOW), "pain")
    assert "Strongest pain and effort in the session" in titles(progress_of(begun, NOW, detail=True), "pain")


def test_strongest_pain_has_the_number_of_the_program_from_which_it_is_amber(begun: Client) -> None:
    session = builders.train(begun, now=NOW - DAY)
    record_reading(session, Measure.PAIN_WORST, 5, key=new_key(), now=NOW)

    figures = chart(progress_of(begun, NOW, detail=True), "Strongest pain and effort in the session").figures

    assert [(goal.word, goal.value) for goal in figures.goals] == [("amber from", 4)]


def test_muscle_has_a_chart_for_each_side_and_one_for_both(begun: Client) -> None:
    for ago in (2, 1):
        session = builders.train(begun, now=NOW - ago * DAY)
        for side, before in (("left", 3), ("right", 4 + ago)):
            record_tightness(session, site(side), "before", before, key=new_key(), now=NOW)
            record_tightness(session, site(side), "after", before - 1, key=new_key(), now=NOW)

    found = progress_of(begun, NOW)

    assert sorted(titles(found, "muscles")) == ["Piriformis, left", "Piriformis, right"]
    assert [row.cells for row in chart(found, "Piriformis, right").figures.rows] == [("4", "5"), ("5", "6")]
    both = chart(found, "Piriformis, tight before release")
    assert (
        both.figures.sentence == "Left and right were 3 apart at first, 2 the last time: the gap is closing."
    )


def test_tenderness_of_one_side_stands_with_the_muscles_and_of_two_with_the_sides(client: Client) -> None:
    record_tenderness(client, site(), 7, key=new_key(), now=NOW - 7 * DAY)
    record_tenderness(client, site(), 5, key=new_key(), now=NOW)
    one = progress_of(client, NOW)
    record_tenderness(client, site("left"), 3, key=new_key(), now=NOW)
    two = progress_of(client, NOW)

    assert (titles(one, "muscles"), titles(one, "sides")) == (["Piriformis, right, when pressed"], [])
    assert (titles(two, "muscles"), titles(two, "sides")) == ([], ["Piriformis, when pressed"])


def test_load_has_what_was_done_and_not_what_was_taken_back(begun: Client) -> None:
    builders.advance(begun.assignments.get(), now=NOW - 8 * DAY)
    session = builders.train(begun, now=NOW - DAY)
    item = session.items.filter(kind="strengthen").first()
    assert item is not None
    last = item.sets
    record_set(item, 1, SetEntry(reps=20, load_kg=Decimal(4)), key=new_key(), now=NOW)
    record_set(item, last, SetEntry(done=False), key=new_key(), now=NOW)

    figures = chart(progress_of(begun, NOW), item.name).figures

    assert "4" in figures.rows[0].cells
    assert SetRecord.objects.filter(item=item).latest_revisions().filter(done=True).count() == last - 1


def test_load_of_a_session_that_is_not_finished_is_not_told(begun: Client) -> None:
    builders.advance(begun.assignments.get(), now=NOW - 8 * DAY)
    builders.train(begun, now=NOW - DAY, finish=False)

    assert progress_of(begun, NOW).section("load").charts == []


def test_load_says_where_the_last_year_is_not_all(client: Client) -> None:
    words = "This is the last year"
    builders.bulk_sessions(client, 1, now=NOW)
    SessionItem.objects.update(kind="strengthen")
    first = progress_of(client, NOW).section("load").charts
    builders.bulk_sessions(client, 1, now=NOW - 365 * DAY)
    SessionItem.objects.update(kind="strengthen")
    cut = progress_of(client, NOW).section("load").charts

    assert len(first) == len(cut) > 0
    assert not any(words in each.figures.sentence for each in first)
    assert all(words in each.figures.sentence for each in cut)


def test_load_keeps_what_was_done_before_the_sides_were_told_apart(client: Client) -> None:
    sessions = builders.bulk_sessions(client, 4, now=NOW, items=1)
    SessionItem.objects.update(kind="strengthen")
    for session, side in zip(sessions, ("none", "both", "left", "right"), strict=True):
        session.items.update(side=side)

    (load,) = progress_of(client, NOW).section("load").charts

    assert [len([value for value in each.values if value is not None]) for each in load.figures.series] == [
        1,
        1,
        2,
    ]


def test_measures_are_drawn_and_what_the_therapist_measures_is_for_the_therapist(
    begun: Client, therapist: User
) -> None:
    builders.rate(begun, "nprs", 6, now=NOW - 7 * DAY)
    builders.rate(begun, "nprs", 3)
    own = OwnMeasure.objects.create(
        client=begun, name="Turn", unit="°", sided=True, better="higher", by=therapist
    )
    record_measurement(
        own, {"left": Decimal(40), "right": Decimal(60)}, day=TODAY, by=therapist, key=new_key(), now=NOW
    )

    mine, theirs = progress_of(begun, NOW), progress_of(begun, NOW, detail=True)

    assert titles(mine, "measures") == ["Average pain"]
    assert "Turn (°)" not in titles(mine, "sides")
    assert titles(theirs, "sides") == ["Turn (°)"]
    assert "more than the usual ups and downs" in mine.milestones[0].what


@pytest.mark.parametrize("detail", [False, True])
def test_what_an_old_program_opened_stays_reached(client: Client, detail: bool) -> None:
    assignment = builders.assign(client, now=NOW - 400 * DAY)
    builders.advance(assignment, now=NOW - 380 * DAY)
    end_assignment(assignment, by=builders.responsible(client), reason="Done.", now=NOW - 300 * DAY)

    (reached,) = progress_of(client, NOW, detail=detail).milestones

    assert (reached.day, reached.kind) == (TODAY - 380 * DAY, "strengthen")
    assert reached.what.endswith("opened")


def test_years_are_drawn_by_months(begun: Client) -> None:
    sessions = builders.bulk_sessions(begun, 1500, now=NOW)
    builders.bulk_told(sessions)

    found = progress_of(begun, NOW)

    assert found.sessions == 1500
    assert found.milestones[-1].what == "First session"
    assert all(len(each.figures.days) <= 60 for section in found.sections for each in section.charts)
    assert "middle of a month (1500 entries in all)" in chart(found, "Piriformis, left").figures.sentence


@pytest.mark.parametrize("detail", [False, True])
def test_progress_reads_as_often_after_three_sessions_as_after_many(begun: Client, detail: bool) -> None:
    counted = []
    for number in (3, 300):
        TrainingSession.objects.all().delete()
        MorningAnswer.objects.all().delete()
        builders.bulk_told(builders.bulk_sessions(begun, number, now=NOW, items=4))
        with CaptureQueriesContext(connection) as captured:
            progress_of(begun, NOW, detail=detail)
        counted.append(len(captured))

    assert counted[0] == counted[1] < 55
