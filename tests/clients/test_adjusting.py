"""Changing a client's copy of a program: yesterday keeps its plan."""

from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from clients import adjusting
from clients.adjusting import (
    AlreadyInPhase,
    AssignmentEnded,
    PauseRefused,
    StepChanged,
    add_step,
    change_step,
    end_assignment,
    pause_assignment,
    remove_step,
    resume_assignment,
    swap_step,
)
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    AssignmentPause,
    Delivery,
    PhaseTransition,
)
from clients.planning import plan_for
from clients.schedule import DaysRefused
from routines.models import Dose, Exercise
from tests.clients.plans import TODAY, due, step_of
from tests.together import together

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


# Changing a step


def test_change_makes_a_new_version_and_yesterday_keeps_its_own(client, assignment, therapist):
    step = step_of(assignment, "smr_buttock_ball_wall")
    thursday = NOW + 2 * DAY

    changed = change_step(
        step,
        by=therapist,
        reason="Bears more.",
        now=thursday,
        dose=Dose(3, 1, 60, None, 15, 2, 6),
        side="both",
        note="On both sides now.",
    )

    step.refresh_from_db()
    assert (step.valid_from, step.valid_until, step.sets, step.side) == (TODAY, TODAY + 2 * DAY, 2, "right")
    assert (changed.valid_from, changed.valid_until, changed.replaces) == (TODAY + 2 * DAY, None, step)
    assert (changed.changed_by, changed.change_reason) == (therapist, "Bears more.")
    assert (changed.order, changed.exercise, changed.as_was) == (step.order, step.exercise, step.as_was)
    assert changed.dose == Dose(3, 1, 60, None, 15, 2, 6)
    assert due(client, TODAY + DAY)["smr_buttock_ball_wall right"] == 2
    assert "smr_buttock_ball_wall left" not in due(client, TODAY + DAY)
    assert due(client, TODAY + 2 * DAY)["smr_buttock_ball_wall left"] == 3


def test_change_of_one_thing_leaves_the_others(assignment, therapist):
    step = step_of(assignment, "smr_buttock_ball_wall")

    changed = change_step(step, by=therapist, reason="", now=NOW, note="Slowly.")

    assert changed.note == "Slowly."
    assert (changed.dose, changed.side, changed.weekdays) == (step.dose, step.side, step.weekdays)
    assert (changed.start_after_days, changed.until_days) == (step.start_after_days, step.until_days)


def test_note_can_be_taken_away(assignment, therapist):
    step = change_step(
        step_of(assignment, "smr_buttock_ball_wall"), by=therapist, reason="", now=NOW, note="Slowly."
    )

    assert change_step(step, by=therapist, reason="", now=NOW, note="").note == ""


def test_two_changes_on_one_day_leave_one_version_for_that_day(client, assignment, therapist):
    first = change_step(
        step_of(assignment, "smr_buttock_ball_wall"), by=therapist, reason="", now=NOW + DAY, note="One."
    )
    second = change_step(first, by=therapist, reason="", now=NOW + DAY + timedelta(hours=1), note="Two.")

    first.refresh_from_db()
    assert first.valid_from == first.valid_until == second.valid_from
    notes = [item.note for item in plan_for(client, TODAY + DAY).items]
    assert notes.count("Two.") == 1
    assert "One." not in notes


def test_change_before_the_start_counts_from_the_start(client, therapist):
    assignment = builders.assign(client, start_date=TODAY + 7 * DAY)

    changed = change_step(
        step_of(assignment, "smr_buttock_ball_wall"), by=therapist, reason="", now=NOW + DAY, note="Gently."
    )

    assert changed.valid_from == TODAY + 7 * DAY


def test_side_of_an_exercise_without_sides_cannot_be_chosen(assignment, therapist):
    step = step_of(assignment, "stretch_inner_thigh_sitting")

    assert change_step(step, by=therapist, reason="", now=NOW, side="left").side == "both"


def test_other_days_per_week_lay_the_weekdays_out_anew(assignment, therapist):
    step = step_of(assignment, "clam", "strengthen")
    assert step.weekdays == "135"
    dose = Dose(2, 12, 0, (1, 2, 4), 60, 1, 2)

    changed = change_step(step, by=therapist, reason="", now=NOW, dose=dose)

    assert (changed.weekdays, changed.days_per_week) == ("25", 2)


def test_moved_days_stay_when_only_the_dose_changes(assignment, therapist):
    moved = change_step(
        step_of(assignment, "clam", "strengthen"), by=None, reason="", now=NOW, weekdays="642"
    )
    assert moved.weekdays == "246"

    changed = change_step(moved, by=therapist, reason="", now=NOW, dose=Dose(3, 12, 0, (1, 2, 4), 60, 1, 3))

    assert (changed.weekdays, changed.sets) == ("246", 3)


@pytest.mark.parametrize("weekdays", ["124", "671", "13", "1357", "", "089", "abc", "11"])
def test_days_that_cannot_be_are_refused_and_nothing_changes(assignment, weekdays):
    step = step_of(assignment, "clam", "strengthen")

    with pytest.raises(DaysRefused):
        change_step(step, by=None, reason="", now=NOW, weekdays=weekdays)

    assert step_of(assignment, "clam", "strengthen") == step


@pytest.fixture
def clam(client):
    """On Monday, Wednesday, Friday since last Friday; it is Tuesday."""
    assignment = builders.assign(client, start_date=TODAY - 7 * DAY, now=NOW - 7 * DAY)
    builders.advance(assignment, now=NOW - 4 * DAY)
    return step_of(assignment, "clam", "strengthen")


@pytest.mark.parametrize(
    ("days_on", "weekdays", "first", "second"),
    [
        (0, "246", "Monday", "Tuesday"),  # yesterday was one of the old days
        (1, "246", "Wednesday", "Thursday"),  # today is one
        (1, "14", "Wednesday", "Thursday"),
    ],
)
def test_strengthening_is_never_moved_onto_the_day_after_one_of_its_days(
    clam, days_on, weekdays, first, second
):
    dose = replace(clam.dose, days_per_week=len(weekdays))

    with pytest.raises(DaysRefused, match=f"it would come on {first} and on {second}"):
        change_step(clam, by=None, reason="", now=NOW + days_on * DAY, dose=dose, weekdays=weekdays)

    assert not AssignedStep.objects.filter(replaces=clam).exists()


def test_strengthening_is_moved_where_a_day_of_rest_remains(clam):
    moved = change_step(clam, by=None, reason="", now=NOW, weekdays="357")
    back = change_step(moved, by=None, reason="", now=NOW + 3 * DAY, weekdays="135")

    assert (moved.weekdays, back.weekdays) == ("357", "135")


def test_strengthening_moved_twice_in_a_day_still_rests_after_what_was_due_that_morning(clam):
    wednesday = NOW + DAY
    moved = change_step(clam, by=None, reason="", now=wednesday, weekdays="257")

    with pytest.raises(DaysRefused, match="on Wednesday and on Thursday"):
        change_step(moved, by=None, reason="", now=wednesday, weekdays="146")


def test_strengthening_of_a_paused_day_needs_no_rest(clam, therapist):
    pause_assignment(clam.phase.assignment, until=None, by=therapist, reason="Holiday.", now=NOW - DAY)

    assert change_step(clam, by=None, reason="", now=NOW, weekdays="246").weekdays == "246"


def test_strengthening_laid_out_anew_keeps_the_day_of_rest(clam, therapist):
    with pytest.raises(DaysRefused, match="on Monday and on Tuesday"):
        change_step(clam, by=therapist, reason="", now=NOW, dose=replace(clam.dose, days_per_week=2))


def test_daily_strengthening_may_become_less_at_once(clam, therapist):
    daily = change_step(clam, by=therapist, reason="", now=NOW, dose=replace(clam.dose, days_per_week=7))

    less = change_step(daily, by=therapist, reason="", now=NOW + DAY, dose=clam.dose)

    assert less.weekdays == "135"


def test_release_is_moved_to_any_days(assignment, therapist):
    ball = step_of(assignment, "smr_buttock_ball_wall")

    assert change_step(ball, by=therapist, reason="", now=NOW, weekdays="234567").weekdays == "234567"


def test_day_named_twice_counts_once(assignment):
    changed = change_step(
        step_of(assignment, "clam", "strengthen"), by=None, reason="", now=NOW, weekdays="13351"
    )

    assert changed.weekdays == "135"


def test_change_of_an_old_version_is_refused(assignment, therapist):
    step = step_of(assignment, "smr_buttock_ball_wall")
    newer = change_step(step, by=therapist, reason="", now=NOW, note="First.")

    with pytest.raises(StepChanged, match="changed in the meantime"):
        change_step(step, by=therapist, reason="", now=NOW, note="Second.")

    assert step_of(assignment, "smr_buttock_ball_wall") == newer


def test_client_is_told_once_a_day_that_the_therapist_changed_something(client, assignment, therapist):
    step = change_step(
        step_of(assignment, "smr_buttock_ball_wall"), by=therapist, reason="", now=NOW, note="One."
    )
    change_step(step, by=therapist, reason="", now=NOW + timedelta(hours=1), note="Two.")
    letter = Delivery.objects.get()
    assert (letter.letter, letter.client) == ("plan_changed", client)
    change_step(
        step_of(assignment, "smr_inner_thigh_roller"), by=therapist, reason="", now=NOW + DAY, note="Three."
    )
    assert Delivery.objects.count() == 2


def test_client_who_moves_days_gets_no_letter(client, assignment):
    change_step(step_of(assignment, "clam", "strengthen"), by=client.user, reason="", now=NOW, weekdays="246")

    assert not Delivery.objects.exists()


def test_client_on_paper_gets_no_letter(therapist):
    paper = builders.make_client(email="", with_account=False, therapist=therapist)
    assignment = builders.assign(paper)

    change_step(
        step_of(assignment, "smr_buttock_ball_wall"), by=therapist, reason="", now=NOW, note="Slowly."
    )

    assert not Delivery.objects.exists()


# Adding and removing


def test_added_step_is_due_from_today_on(client, assignment, therapist):
    phase = assignment.phases.first()
    day = NOW + DAY

    step = add_step(
        phase,
        Exercise.objects.get(slug="stretch_cat_camel"),
        dose=Dose(1, 8, 3, None, 0, 1, 7),
        side="by_complaint",
        note="First thing in the morning.",
        by=therapist,
        reason="Stiff mornings.",
        now=day,
    )

    assert (step.order, step.side, step.weekdays) == (4, "none", "1234567")
    assert (step.valid_from, step.changed_by, step.change_reason) == (
        TODAY + DAY,
        therapist,
        "Stiff mornings.",
    )
    assert step.name == "Cat and camel"
    assert "stretch_cat_camel none" not in due(client)
    assert due(client, TODAY + DAY)["stretch_cat_camel none"] == 1
    assert Delivery.objects.get().letter == "plan_changed"


@pytest.mark.parametrize(
    ("side", "expected"), [("by_complaint", "right"), ("left", "left"), ("both", "both")]
)
def test_added_step_settles_its_side(assignment, therapist, side, expected):
    step = add_step(
        assignment.phases.first(),
        Exercise.objects.get(slug="smr_calf_roller"),
        dose=Dose(2, 1, 45, None, 15, 1, 6),
        side=side,
        note="",
        by=therapist,
        reason="",
        now=NOW,
    )

    assert step.side == expected


def test_step_added_to_a_program_that_has_not_started_waits_for_its_start(client, therapist):
    assignment = builders.assign(client, start_date=TODAY + 3 * DAY)

    step = add_step(
        assignment.phases.first(),
        Exercise.objects.get(slug="stretch_cat_camel"),
        dose=Dose(1, 8, 3, None, 0, 1, 7),
        side="both",
        note="",
        by=therapist,
        reason="",
        now=NOW,
    )

    assert step.valid_from == TODAY + 3 * DAY


def test_step_takes_the_place_behind_the_last_one_even_when_some_have_gone(assignment, therapist):
    phase = assignment.phases.first()
    remove_step(step_of(assignment, "stretch_inner_thigh_sitting"), by=therapist, reason="", now=NOW)

    step = add_step(
        phase,
        Exercise.objects.get(slug="stretch_cat_camel"),
        dose=Dose(1, 8, 3, None, 0, 1, 7),
        side="both",
        note="",
        by=therapist,
        reason="",
        now=NOW,
    )

    assert step.order == 4


def test_removed_step_was_due_until_yesterday(client, assignment, therapist):
    step = step_of(assignment, "smr_buttock_ball_wall")

    remove_step(step, by=therapist, reason="Bruises.", now=NOW + DAY)

    step.refresh_from_db()
    assert (step.valid_until, step.removed_by, step.removal_reason) == (TODAY + DAY, therapist, "Bruises.")
    assert "smr_buttock_ball_wall right" in due(client)
    assert "smr_buttock_ball_wall right" not in due(client, TODAY + DAY)
    with pytest.raises(StepChanged):
        remove_step(step, by=therapist, reason="Again.", now=NOW + DAY)


# Pausing and ending


def test_pause_rests_the_whole_program_until_its_last_day(client, assignment, therapist):
    pause_assignment(assignment, until=TODAY + 2 * DAY, by=therapist, reason="Holiday", now=NOW)

    assert [bool(due(client, TODAY + n * DAY)) for n in range(4)] == [False, False, False, True]
    row = assignment.transitions.last()
    assert (row.kind, row.by, row.reason, row.local_date) == ("paused", therapist, "Holiday", TODAY)
    _facts, _phase, number = plan_for(client, TODAY + 3 * DAY).current[0]
    assert number == 0, "paused days do not count"


def test_open_pause_ends_when_it_is_resumed(client, assignment, therapist):
    pause_assignment(assignment, until=None, by=therapist, reason="Flu", now=NOW)
    assert not due(client, TODAY + 100 * DAY)

    resume_assignment(assignment, by=therapist, reason="Well again", now=NOW + 3 * DAY)

    pause = AssignmentPause.objects.get()
    assert (pause.since, pause.until) == (TODAY, TODAY + 2 * DAY)
    assert [bool(due(client, TODAY + n * DAY)) for n in (2, 3)] == [False, True]
    assert [row.kind for row in assignment.transitions.all()] == ["started", "paused", "resumed"]


def test_pause_taken_back_on_its_day_never_was(client, assignment, therapist):
    pause_assignment(assignment, until=None, by=therapist, reason="By mistake", now=NOW)

    resume_assignment(assignment, by=therapist, reason="By mistake", now=NOW)

    assert not AssignmentPause.objects.exists()
    assert due(client)
    assert [row.kind for row in assignment.transitions.all()] == ["started", "paused", "resumed"]


@pytest.mark.parametrize(
    ("until", "message"), [(-1, "from today on"), (None, "paused already"), (5, "paused already")]
)
def test_pause_that_cannot_be_is_refused(assignment, therapist, until, message):
    if message == "paused already":
        pause_assignment(assignment, until=None, by=therapist, reason="Flu", now=NOW - 2 * DAY)

    with pytest.raises(PauseRefused, match=message):
        pause_assignment(
            assignment,
            until=None if until is None else TODAY + until * DAY,
            by=therapist,
            reason="Holiday",
            now=NOW,
        )

    assert AssignmentPause.objects.count() == (message == "paused already")


def test_program_that_is_not_paused_cannot_be_resumed(assignment, therapist):
    with pytest.raises(PauseRefused, match="not paused"):
        resume_assignment(assignment, by=therapist, reason="Well", now=NOW)
    pause_assignment(assignment, until=TODAY, by=therapist, reason="One day", now=NOW)
    with pytest.raises(PauseRefused, match="not paused"):
        resume_assignment(assignment, by=therapist, reason="Well", now=NOW + DAY)

    assert [row.kind for row in assignment.transitions.all()] == ["started", "paused"]


def test_second_pause_after_the_first_is_fine(assignment, therapist):
    pause_assignment(assignment, until=TODAY, by=therapist, reason="One day", now=NOW)

    pause_assignment(assignment, until=None, by=therapist, reason="Again", now=NOW + DAY)

    assert AssignmentPause.objects.count() == 2


def test_ended_program_is_due_until_yesterday(client, assignment, therapist):
    end_assignment(assignment, by=therapist, reason="Done.", now=NOW + 3 * DAY)

    assignment.refresh_from_db()
    assert assignment.ended_on == TODAY + 3 * DAY
    assert [bool(due(client, TODAY + n * DAY)) for n in (2, 3)] == [True, False]
    phase = assignment.phases.first()
    assert (phase.state, phase.ended_on) == (AssignedPhase.State.DONE, TODAY + 3 * DAY)
    row = assignment.transitions.last()
    assert (row.kind, row.by, row.reason, row.local_date) == ("ended", therapist, "Done.", TODAY + 3 * DAY)


def test_program_ended_before_its_start_was_never_followed(client, therapist):
    assignment = builders.assign(client, start_date=TODAY + 7 * DAY)

    end_assignment(assignment, by=therapist, reason="Moved away.", now=NOW)

    assignment.refresh_from_db()
    assert assignment.ended_on == assignment.start_date
    assert not due(client, TODAY + 7 * DAY)


def test_program_ends_on_the_day_of_a_move_that_travelled_west(client, assignment, therapist):
    builders.advance(assignment, by=therapist, now=NOW)
    active = assignment.phases.get(state=AssignedPhase.State.ACTIVE)
    client.zone = "Pacific/Pago_Pago"
    client.save()
    morning = NOW.replace(hour=6)
    assert client.local_date(morning) < active.started_on

    end_assignment(Assignment.objects.get(pk=assignment.pk), by=therapist, reason="Moved away.", now=morning)

    active.refresh_from_db()
    assert (active.state, active.ended_on) == (AssignedPhase.State.DONE, active.started_on)


def test_ended_program_cannot_be_changed_any_more(assignment, therapist):
    step, phase = step_of(assignment, "smr_buttock_ball_wall"), assignment.phases.first()
    stale = Assignment.objects.get(pk=assignment.pk)
    end_assignment(assignment, by=therapist, reason="Done.", now=NOW)
    rows = PhaseTransition.objects.count()

    for attempt in (
        lambda: end_assignment(stale, by=therapist, reason="Again.", now=NOW),
        lambda: change_step(step, by=therapist, reason="", now=NOW, note="No."),
        lambda: remove_step(step, by=therapist, reason="", now=NOW),
        lambda: pause_assignment(stale, until=None, by=therapist, reason="Holiday", now=NOW),
        lambda: resume_assignment(stale, by=therapist, reason="Back", now=NOW),
        lambda: add_step(
            phase,
            step.exercise,
            dose=step.dose,
            side="both",
            note="",
            by=therapist,
            reason="",
            now=NOW,
        ),
    ):
        with pytest.raises(AssignmentEnded):
            attempt()

    assert PhaseTransition.objects.count() == rows
    assert AssignedStep.objects.get(pk=step.pk).valid_until is None


# At the same moment


@pytest.mark.django_db(transaction=True)
def test_step_changed_by_two_people_at_once_has_one_new_version():
    client = builders.make_client()
    step = step_of(builders.assign(client), "smr_buttock_ball_wall")
    by = builders.responsible(client)

    outcomes = together(
        lambda n: change_step(step, by=by, reason="", now=NOW + DAY, note=f"By {n}"), times=3, numbered=True
    )

    assert sorted(type(each).__name__ for each in outcomes) == ["AssignedStep", "StepChanged", "StepChanged"]
    assert step_of(Assignment.objects.get(), "smr_buttock_ball_wall").note.startswith("By ")
    assert AssignedStep.objects.filter(replaces=step).count() == 1


@pytest.mark.django_db(transaction=True)
def test_exercises_added_by_two_people_at_once_both_find_their_place():
    client = builders.make_client()
    phase = builders.assign(client).phases.first()
    by = builders.responsible(client)
    exercises = Exercise.objects.filter(slug__in=["stretch_cat_camel", "smr_calf_roller", "clam"])

    steps = together(
        lambda n: add_step(
            phase,
            exercises[n],
            dose=Dose(1, 8, 3, None, 0, 1, 7),
            side="both",
            note="",
            by=by,
            reason="",
            now=NOW,
        ),
        times=3,
        numbered=True,
    )

    assert sorted(step.order for step in steps) == [4, 5, 6]


@pytest.fixture
def adding():
    """Adds the same exercise to the same phase, however often it is called; and the question whether it is there."""
    client = builders.make_client()
    phase = builders.assign(client).phases.first()
    by = builders.responsible(client)
    exercise = Exercise.objects.get(slug="stretch_cat_camel")

    def add():
        return add_step(
            phase, exercise, dose=exercise.dose, side="both", note="", by=by, reason="Stiff.", now=NOW
        )

    return add, AssignedStep.objects.filter(phase=phase, exercise=exercise, valid_until__isnull=True)


@pytest.mark.django_db(transaction=True)
def test_exercise_added_by_several_people_at_once_is_in_the_phase_once(adding):
    add, there = adding

    outcomes = together(add, times=4)

    assert sorted(type(each).__name__ for each in outcomes) == ["AlreadyInPhase"] * 3 + ["AssignedStep"]
    assert there.count() == 1


@pytest.mark.django_db(transaction=True)
def test_asking_before_the_program_is_held_adds_the_exercise_twice(adding, monkeypatch):
    """The control: ask, then add."""
    add, there = adding
    monkeypatch.setattr(adjusting, "refuse_if_there", lambda phase, exercise: None)
    asked = Barrier(2)

    def careless():
        known = there.exists()
        asked.wait(timeout=30)
        return None if known else add()

    together(careless, times=2)

    assert there.count() == 2


# One exercise for another


@pytest.fixture
def ball(assignment):
    return step_of(assignment, "smr_buttock_ball_wall")


def other(slug="smr_buttock_ball_floor"):
    return Exercise.objects.get(slug=slug)


def test_swapped_exercise_is_due_from_today_on_with_its_own_dose(client, assignment, ball, therapist):
    new = swap_step(ball, other(), by=therapist, reason="Better sitting.", now=NOW + 2 * DAY)

    ball.refresh_from_db()
    assert (ball.valid_until, ball.removed_by, ball.removal_reason) == (
        TODAY + 2 * DAY,
        therapist,
        "Better sitting.",
    )
    assert (new.valid_from, new.order, new.changed_by, new.change_reason) == (
        TODAY + 2 * DAY,
        ball.order,
        therapist,
        "Better sitting.",
    )
    assert (new.dose, new.replaces) == (other().dose, None)
    assert new.as_was["slug"] == "smr_buttock_ball_floor"
    assert any(name.startswith("smr_buttock_ball_wall") for name in due(client, TODAY + DAY))
    assert not any(name.startswith("smr_buttock_ball_wall") for name in due(client, TODAY + 2 * DAY))
    assert "smr_buttock_ball_floor right" in due(client, TODAY + 2 * DAY)


def test_swap_is_one_letter(assignment, ball, therapist):
    Delivery.objects.all().delete()

    swap_step(ball, other(), by=therapist, reason="Better sitting.", now=NOW)

    assert [row.letter for row in Delivery.objects.all()] == ["plan_changed"]


@pytest.mark.parametrize(
    ("side", "exercise", "expected"),
    [
        ("left", "smr_buttock_ball_floor", "left"),
        ("both", "smr_buttock_ball_floor", "both"),
        ("left", "stretch_cat_camel", "none"),
    ],
)
def test_swap_keeps_the_side_where_it_fits(ball, therapist, side, exercise, expected):
    ball = change_step(ball, by=therapist, reason="Side.", now=NOW, side=side)

    assert swap_step(ball, other(exercise), by=therapist, reason="Why.", now=NOW).side == expected


@pytest.mark.parametrize(
    ("exercise", "sets", "expected"),
    [
        ("smr_buttock_ball_floor", 2, ("left", "right")),
        ("smr_buttock_ball_floor", 20, ("left", "none")),
        ("stretch_cat_camel", 2, ("none", "none")),
    ],
)
def test_swap_keeps_which_side_begins_and_which_has_a_set_more(ball, therapist, exercise, sets, expected):
    sides = {"side": "both", "first_side": "left", "extra_set_side": "right"}
    ball = change_step(ball, by=therapist, reason="Sides.", now=NOW, **sides)
    Exercise.objects.filter(slug=exercise).update(sets=sets)

    new = swap_step(ball, other(exercise), by=therapist, reason="Why.", now=NOW)

    assert (new.first_side, new.extra_set_side) == expected


def test_swap_of_a_step_that_was_changed_is_refused_and_changes_nothing(assignment, ball, therapist):
    change_step(ball, by=therapist, reason="Meanwhile.", now=NOW, note="Slowly.")

    with pytest.raises(StepChanged):
        swap_step(ball, other(), by=therapist, reason="Late.", now=NOW)
    assert not AssignedStep.objects.filter(exercise=other()).exists()


def test_swap_for_what_the_phase_has_is_refused_and_changes_nothing(assignment, ball, therapist):
    with pytest.raises(AlreadyInPhase):
        swap_step(ball, other("stretch_inner_thigh_sitting"), by=therapist, reason="Why.", now=NOW)
    ball.refresh_from_db()
    assert (ball.valid_until, ball.removed_by) == (None, None)


def test_swap_in_a_program_that_has_ended_is_refused(assignment, ball, therapist):
    end_assignment(assignment, by=therapist, reason="Done.", now=NOW)

    with pytest.raises(AssignmentEnded):
        swap_step(ball, other(), by=therapist, reason="Late.", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_step_swapped_by_several_people_at_once_is_swapped_once():
    client = builders.make_client()
    step = step_of(builders.assign(client), "smr_buttock_ball_wall")
    by = builders.responsible(client)

    outcomes = together(lambda: swap_step(step, other(), by=by, reason="Why.", now=NOW), times=3)

    assert sorted(type(each).__name__ for each in outcomes) == ["AssignedStep", "StepChanged", "StepChanged"]
    assert AssignedStep.objects.filter(phase=step.phase, exercise=other()).count() == 1
