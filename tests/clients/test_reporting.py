"""What the report counts, and when it says that people are too few."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clients.adjusting import end_assignment, pause_assignment
from clients.demo.builders import (
    NOW,
    advance,
    assign,
    bulk_sessions,
    make_client,
    make_office,
    make_owner,
    make_practice,
    make_therapist,
    rate,
    screen,
    talk,
)
from clients.models import Client, SetRecord, User
from clients.outcomes import Difference
from clients.reporting import FEW, Course, Group, Told, middle, reached, report, row_of, share_of

DAY = timedelta(days=1)


def course(
    client: int, *, state: str = "running", share: float | None = None, day: int = 1, **changes: Any
) -> Course:
    began = date(2026, 1, day)
    return Course(program=1, client=client, began=began, state=state, share=share, changes=changes)


# ---- Summing ------------------------------------------------------------------------------------------------------------


def test_a_median_of_few_people_is_not_told() -> None:
    assert middle([50.0] * (FEW - 1)) == Told(FEW - 1, None)
    assert middle([50.0] * (FEW - 1)).few
    assert middle([10.0, 20.0, 30.0, 90.0, 100.0]) == Told(5, 30.0)
    assert not middle([]).few


def test_drop_out_is_whoever_ended_early_or_fell_silent() -> None:
    states = ["running", "silent", "finished", "early", "early"]
    row = row_of("Neck", [course(n, state=state) for n, state in enumerate(states)])

    assert (row.people, row.running, row.silent, row.finished, row.early) == (5, 2, 1, 1, 2)
    assert row.left == Told(5, 60.0)


def test_drop_out_of_few_people_is_no_percentage() -> None:
    assert row_of("Neck", [course(1, state="early")]).left == Told(1, None)


def test_somebody_with_two_programs_is_one_person_and_counts_by_the_newer() -> None:
    twice = [course(1, state="early", share=0.1, day=1), course(1, state="finished", share=0.9, day=2)]
    row = row_of("Neck", [*twice, *(course(n, share=0.9) for n in range(2, 6))])

    assert (row.people, row.finished, row.early) == (5, 1, 0)
    assert row.left == Told(5, 0)
    assert row.adherence == Told(5, 90.0)
    assert row_of("Neck", [course(1, state="early", day=n) for n in range(1, 7)]).left == Told(1, None)


def test_adherence_leaves_out_whoever_has_too_little_data() -> None:
    row = row_of("Neck", [course(n, share=share) for n, share in enumerate([0.5, 0.6, 0.7, 0.8, 1.0, None])])

    assert row.adherence == Told(5, pytest.approx(70))


def test_a_change_that_matters_is_counted_among_those_who_answered_twice() -> None:
    said = [
        Difference.BETTER,
        Difference.BETTER,
        Difference.WORSE,
        Difference.WITHIN_NOISE,
        Difference.BETTER,
    ]
    courses = [course(n, nprs=(Decimal(-n), each)) for n, each in enumerate(said)]
    found = reached([*courses, course(9)], "nprs")

    assert (found.of, found.better, found.worse, found.percent) == (5, 3, 1, 60)
    assert found.change == Told(5, Decimal(-2))


def test_a_week_of_due_days_says_something_of_a_habit_and_less_does_not() -> None:
    due = {date(2026, 3, n) for n in range(1, 8)}

    assert share_of(due, {date(2026, 3, 1), date(2026, 3, 30)}) == pytest.approx(1 / 7)
    assert share_of(due - {date(2026, 3, 1)}, due) is None


# ---- From the records -----------------------------------------------------------------------------------------------------


@pytest.fixture
def adam(db: None) -> User:
    make_practice()
    return make_therapist(name="Adam")


def given(therapist: User, name: str = "Ana", *, ago: int = 30, **who: Any) -> Client:
    client = make_client(name=name, therapist=therapist, **who)
    assign(client, by=therapist, start_date=NOW.date() - ago * DAY, now=NOW - (ago + 1) * DAY)
    return client


def only(groups: list[Group]) -> Any:
    assert len(groups) == 1
    assert len(groups[0].rows) == 1
    return groups[0].rows[0]


def test_days_trained_are_held_against_days_due_in_the_first_four_weeks(adam: User) -> None:
    for n in range(FEW):
        bulk_sessions(given(adam, f"Client {n}", ago=60), 60)

    assert only(report(adam, NOW)).adherence == Told(FEW, 100)


def test_whoever_never_trained_counts_with_nothing_and_is_silent(adam: User) -> None:
    for n in range(FEW):
        given(adam, f"Client {n}")
    row = only(report(adam, NOW))

    assert row.adherence == Told(FEW, 0)
    assert row.silent == FEW


@pytest.mark.parametrize(("keyed", "told"), [(14, Told(FEW, 100)), (0, Told(0))])
def test_days_on_paper_that_were_not_keyed_in_are_unknown(adam: User, keyed: int, told: Told) -> None:
    for n in range(FEW):
        client = given(adam, f"Client {n}", ago=60, with_account=False)
        if keyed:
            bulk_sessions(client, keyed, now=NOW - (60 - keyed) * DAY)

    assert only(report(adam, NOW)).adherence == told


def test_session_in_which_nothing_was_done_is_no_training(adam: User) -> None:
    for n in range(FEW):
        bulk_sessions(given(adam, f"Client {n}", ago=60), 60)
    SetRecord.objects.update(done=False)

    row = only(report(adam, NOW))

    assert row.adherence == Told(FEW, 0)
    assert row.silent == FEW


def test_a_paused_program_is_not_silent(adam: User) -> None:
    client = given(adam, ago=40)
    pause_assignment(client.assignments.get(), until=None, by=adam, reason="Away", now=NOW - 39 * DAY)

    assert only(report(adam, NOW)).silent == 0


def test_days_of_a_pause_that_is_over_are_no_silence(adam: User) -> None:
    client = given(adam, ago=40)
    until = NOW.date() - 2 * DAY
    pause_assignment(client.assignments.get(), until=until, by=adam, reason="Away", now=NOW - 39 * DAY)

    assert only(report(adam, NOW)).silent == 0


@pytest.mark.parametrize("lifted", [False, True])
def test_days_on_which_nobody_may_train_are_neither_due_nor_silent(adam: User, lifted: bool) -> None:
    for n in range(FEW):
        client = given(adam, f"Client {n}", ago=40)
        bulk_sessions(client, 10, now=NOW - 30 * DAY)
        screen(client, now=NOW - 30 * DAY, yes=["fever_unwell"])
        if lifted:
            talk(client, now=NOW - DAY)
    row = only(report(adam, NOW))

    assert row.silent == 0
    assert row.adherence == Told(FEW, 100)


def test_an_ended_program_is_finished_only_from_its_last_phase(adam: User) -> None:
    early, whole = given(adam, "Early"), given(adam, "Whole")
    for _phase in range(3):
        advance(whole.assignments.get(), now=NOW - DAY)
    for client in (early, whole):
        end_assignment(client.assignments.get(), by=adam, reason="Done", now=NOW)
    row = only(report(adam, NOW))

    assert (row.early, row.finished, row.running) == (1, 1, 0)


def test_pain_is_compared_within_the_time_of_the_program(adam: User) -> None:
    client = given(adam, ago=30)
    rate(client, "nprs", 9, now=NOW - 90 * DAY)  # long before
    rate(client, "nprs", 6, now=NOW - 30 * DAY)
    rate(client, "nprs", 2, now=NOW - DAY)
    pain = only(report(adam, NOW)).pain

    assert (pain.of, pain.better) == (1, 1)
    assert pain.change == Told(1, None)


def test_another_list_of_activities_is_another_beginning(adam: User) -> None:
    client = given(adam, ago=30)
    rate(client, "activities", [2, 2], activities=("Stairs", "Sitting"), now=NOW - 28 * DAY)
    rate(client, "activities", [8, 8], activities=("Cycling", "Lifting"), now=NOW - DAY)

    assert only(report(adam, NOW)).activities.of == 0


def test_the_period_says_which_programs_are_in_it(adam: User) -> None:
    given(adam, "Old", ago=500)
    given(adam, "New", ago=20)

    assert [only(report(adam, NOW, period=period)).people for period in ("quarter", "year", "all")] == [
        1,
        1,
        2,
    ]


def test_a_therapist_counts_their_own_clients_and_the_owner_all(adam: User) -> None:
    given(adam)
    given(make_therapist(name="Berta"), "Carla")

    assert only(report(adam, NOW)).people == 1
    assert only(report(make_owner(), NOW)).people == 2
    assert report(make_office(), NOW) == []


@pytest.mark.parametrize("people", [1, 3])
def test_the_report_costs_the_same_for_few_and_for_many(
    adam: User, people: int, django_assert_num_queries: Any
) -> None:
    for n in range(people):
        client = given(adam, f"Client {n}")
        bulk_sessions(client, 3)
        rate(client, "nprs", 5, now=NOW - DAY)

    with django_assert_num_queries(9):
        report(adam, NOW)
