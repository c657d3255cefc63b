"""Moving between phases by hand: one at a time, with a reason, and the database knows of one active phase."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from clients.adjusting import AssignmentEnded, end_assignment
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import AssignedPhase, Assignment, Delivery, PhaseTransition
from clients.planning import plan_for
from clients.progression.apply import MoveRefused, move
from tests.together import together

TODAY = NOW.date()
DAY = timedelta(days=1)


@pytest.fixture
def go(assignment, therapist):
    """`go(1, days=7)`: to that phase, so many days after the start."""

    def to(order, *, days, reason="Calm.", **more):
        phase = AssignedPhase.objects.get(assignment=assignment, order=order)
        return move(assignment, to=phase, by=therapist, reason=reason, now=NOW + days * DAY, **more)

    return to


def phases(assignment):
    """State, first and last day of each phase, days counted from the start."""

    def n(day):
        return None if day is None else (day - TODAY).days

    return [
        (phase.state, n(phase.started_on), n(phase.ended_on))
        for phase in AssignedPhase.objects.filter(assignment=assignment)
    ]


LOCKED = ("locked", None, None)


def test_move_on_ends_one_phase_and_begins_the_next(assignment, therapist, go):
    row = go(1, days=8, reason="  Piriformis is calm.  ", numbers={"tenderness": 2})

    assert phases(assignment) == [("done", 0, 8), ("active", 8, None), LOCKED, LOCKED]
    row.refresh_from_db()
    before, after = assignment.phases.all()[:2]
    assert (row.kind, row.from_phase, row.to_phase) == ("advanced", before, after)
    assert (row.at, row.local_date) == (NOW + 8 * DAY, TODAY + 8 * DAY)
    assert (row.by, row.reason, row.numbers) == (
        therapist,
        "Piriformis is calm.",
        {"tenderness": 2, "to_kind": "strengthen"},
    )


def test_way_through_all_phases(assignment, go):
    go(1, days=8)
    go(2, days=22)
    go(3, days=43)

    assert phases(assignment) == [("done", 0, 8), ("done", 8, 22), ("done", 22, 43), ("active", 43, None)]
    with pytest.raises(MoveRefused):
        go(3, days=44)


def test_plan_changes_on_the_day_of_the_move(client, go):
    go(1, days=8)

    def kinds(days):
        return [phase.kind for _facts, phase, _number in plan_for(client, TODAY + days * DAY).current]

    assert (kinds(7), kinds(8)) == (["release"], ["strengthen"])
    assert [number for _facts, _phase, number in plan_for(client, TODAY + 8 * DAY).current] == [0]


def test_step_back_locks_what_lies_behind(assignment, go):
    go(1, days=8)
    go(2, days=22)

    row = go(1, days=25, reason="Two red days.")

    assert phases(assignment) == [("done", 0, 8), ("active", 25, None), LOCKED, LOCKED]
    assert row.kind == "stepped_back"


def test_step_back_may_cross_several_phases(assignment, client, go):
    go(1, days=8)
    go(2, days=22)

    go(0, days=25)

    assert phases(assignment) == [("active", 25, None), LOCKED, LOCKED, LOCKED]
    _facts, phase, number = plan_for(client, TODAY + 27 * DAY).current[0]
    assert (phase.kind, number) == ("release", 2)


def test_plan_of_the_past_stays_when_the_program_steps_back(client, go):
    go(1, days=8)
    past = plan_for(client, TODAY + 10 * DAY)

    go(0, days=12)

    again = plan_for(client, TODAY + 10 * DAY)
    assert [(item.exercise_id, item.side) for item in again.items] == [
        (item.exercise_id, item.side) for item in past.items
    ]


def test_phase_entered_again_can_be_left_again(assignment, go):
    go(1, days=8)
    go(0, days=10)
    go(1, days=15)

    assert phases(assignment) == [("done", 10, 15), ("active", 15, None), LOCKED, LOCKED]
    assert [row.kind for row in assignment.transitions.all()] == [
        "started",
        "advanced",
        "stepped_back",
        "advanced",
    ]


@pytest.mark.parametrize(
    ("order", "message"),
    [(0, "the current one already"), (2, "“Wake up the buttock muscles” comes first"), (3, "comes first")],
)
def test_nobody_skips_a_phase_or_moves_to_the_same_one(assignment, go, order, message):
    with pytest.raises(MoveRefused, match=message):
        go(order, days=8)

    assert phases(assignment) == [("active", 0, None), LOCKED, LOCKED, LOCKED]
    assert PhaseTransition.objects.count() == 1


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_move_without_a_reason_is_refused(assignment, go, reason):
    with pytest.raises(MoveRefused, match="say why"):
        go(1, days=8, reason=reason)

    assert phases(assignment)[0] == ("active", 0, None)


def test_phase_of_another_program_is_refused(assignment, therapist):
    other = builders.assign(builders.make_client())

    with pytest.raises(MoveRefused, match="no such phase"):
        move(assignment, to=other.phases.all()[1], by=therapist, reason="Calm.", now=NOW)

    assert phases(assignment) == phases(other) == [("active", 0, None), LOCKED, LOCKED, LOCKED]


def test_ended_program_stays_where_it_is(assignment, therapist, go):
    stale = Assignment.objects.get(pk=assignment.pk)
    end_assignment(assignment, by=therapist, reason="Done.", now=NOW + 5 * DAY)

    with pytest.raises(AssignmentEnded):
        move(stale, to=assignment.phases.all()[1], by=therapist, reason="Calm.", now=NOW + 5 * DAY)

    assert phases(assignment)[0] == ("done", 0, 5)


def test_program_moved_before_its_start_moves_on_its_start(client, therapist):
    assignment = builders.assign(client, start_date=TODAY + 7 * DAY)

    move(assignment, to=assignment.phases.all()[1], by=therapist, reason="Released last year.", now=NOW)

    assert phases(assignment) == [("done", 7, 7), ("active", 7, None), LOCKED, LOCKED]
    assert [phase.kind for _f, phase, _n in plan_for(client, TODAY + 7 * DAY).current] == ["strengthen"]
    assert not plan_for(client, TODAY + 6 * DAY).current


def test_several_moves_on_one_day_leave_the_last_one(client, assignment, go):
    go(1, days=8)
    go(0, days=8)
    go(1, days=8)

    assert phases(assignment) == [("done", 8, 8), ("active", 8, None), LOCKED, LOCKED]
    assert [phase.kind for _f, phase, _n in plan_for(client, TODAY + 8 * DAY).current] == ["strengthen"]
    assert [phase.kind for _f, phase, _n in plan_for(client, TODAY + 7 * DAY).current] == ["release"]


def test_client_is_told_of_the_move(client, go):
    go(1, days=8)

    letter = Delivery.objects.get()
    assert (letter.letter, letter.client) == ("plan_changed", client)


def test_second_request_for_the_same_move_is_refused(assignment, therapist):
    """Both were looking at a page on which the first phase was active."""
    first, second = (Assignment.objects.get(pk=assignment.pk) for _ in range(2))
    after = assignment.phases.all()[1]
    move(first, to=after, by=therapist, reason="Calm.", now=NOW + 8 * DAY)

    with pytest.raises(MoveRefused):
        move(second, to=after, by=therapist, reason="Calm.", now=NOW + 8 * DAY)

    assert PhaseTransition.objects.filter(kind="advanced").count() == 1


def test_database_refuses_two_active_phases(assignment):
    second = AssignedPhase.objects.filter(assignment=assignment, order=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        second.update(state="active", started_on=TODAY)

    assert phases(assignment)[0] == ("active", 0, None)


@pytest.mark.django_db(transaction=True)
def test_of_several_moves_at_once_one_happens():
    client = builders.make_client()
    assignment = builders.assign(client)
    therapist = builders.responsible(client)
    after = assignment.phases.all()[1]

    def press():
        return move(
            Assignment.objects.get(pk=assignment.pk),
            to=AssignedPhase.objects.get(pk=after.pk),
            by=therapist,
            reason="Calm.",
            now=NOW + 8 * DAY,
        )

    outcomes = together(press, times=4)

    assert sorted(type(each).__name__ for each in outcomes) == ["MoveRefused"] * 3 + ["PhaseTransition"]
    assert phases(assignment) == [("done", 0, 8), ("active", 8, None), LOCKED, LOCKED]
    assert PhaseTransition.objects.filter(kind="advanced").count() == 1
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_program_that_is_moved_and_ended_at_once_has_no_active_phase_left():
    client = builders.make_client()
    assignment = builders.assign(client)
    therapist = builders.responsible(client)
    after = assignment.phases.all()[1]

    def press(number):
        fresh = Assignment.objects.get(pk=assignment.pk)
        if number:
            move(fresh, to=after, by=therapist, reason="Calm.", now=NOW + 8 * DAY)
        else:
            end_assignment(fresh, by=therapist, reason="Done.", now=NOW + 8 * DAY)

    together(press, times=2, numbered=True)

    assignment.refresh_from_db()
    assert assignment.ended_on == TODAY + 8 * DAY
    assert not AssignedPhase.objects.filter(assignment=assignment, state="active").exists()
