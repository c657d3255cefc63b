"""The program as a story, and moving its days."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from clients.adjusting import change_step, end_assignment, pause_assignment, remove_step
from clients.demo.builders import NOW, advance, assign, bulk_sessions, make_client, responsible, tag
from clients.models import AssignedPhase, AssignedStep
from clients.progression.apply import pause_strengthening
from routines.models import ConditionTag, Exercise, ExerciseTag
from tests.clients.views.conftest import text

pytestmark = pytest.mark.django_db


def step_of(seat, slug):
    steps = AssignedStep.objects.filter(phase__assignment=seat.assignment, valid_until__isnull=True)
    return next(step for step in steps if step.as_was["slug"] == slug)


def days_path(phase):
    return reverse("program_days", args=[phase.pk])


def days_fields(phase, **moved):
    """The form as it stands on the page, with some exercises moved: ball="123456"."""
    steps = list(AssignedStep.objects.filter(phase=phase, valid_until__isnull=True).order_by("order"))
    fields = {"steps-TOTAL_FORMS": len(steps), "steps-INITIAL_FORMS": len(steps)}
    for step in steps:
        fields[f"steps-{step.pk}-days"] = list(moved.get(step.as_was["slug"], step.weekdays))
    return fields


# ---- The story ---------------------------------------------------------------------------------------------------------


def test_program_tells_all_phases_with_their_steps(ana):
    shown = text(ana.get("/program/"))

    for phase in ana.assignment.phases.all():
        assert phase.name in shown
    assert "Clam" in shown
    assert "Mon, Wed, Fri" in shown
    assert "every day" in shown


def test_program_says_what_is_open_and_why_the_rest_is_locked(ana):
    shown = text(ana.get("/program/"))

    assert "Today is day 4 of this phase." in shown
    assert shown.count("It opens when your therapist moves you on from the phase before.") == 3
    assert "What opens next: Wake up the buttock muscles" in shown


def test_program_tells_who_moved_it_on_and_why(ana, therapist):
    advance(ana.assignment, by=therapist, reason="Tenderness from 7 to 3", now=NOW)

    shown = text(ana.get("/program/"))

    assert "Moved on: Wake up the buttock muscles" in shown
    assert "Tom Therapist: Tenderness from 7 to 3" in shown
    assert "Today is day 1 of this phase." in shown


def test_program_tells_what_changed_in_a_step_and_why(ana, therapist):
    ball = step_of(ana, "smr_buttock_ball_wall")
    stretch = step_of(ana, "stretch_figure_four_sitting")
    dose = ball.dose.__class__(**{**ball.dose.__dict__, "sets": 1})
    change_step(ball, by=therapist, reason="Less is enough", now=NOW, dose=dose)
    remove_step(stretch, by=therapist, reason="Pinches the hip", now=NOW)

    shown = text(ana.get("/program/"))

    assert "Ball release, buttock at a wall: 2 × 45 s, right side → 1 × 45 s, right side" in shown
    assert "Tom Therapist: Less is enough" in shown
    assert "Figure-four stretch (sitting): taken out" in shown
    assert "Tom Therapist: Pinches the hip" in shown


def rows_of(seat, place):
    """The exercises of one phase: why each is left out, and its note."""
    parts = seat.get("/program/").context["stories"][0].phases[place].steps
    return {part.step.as_was["slug"]: (part.left_out, part.note) for part in parts}


def test_program_says_what_a_condition_leaves_out_of_what_is_open_and_of_what_is_locked(ana):
    avoided = ConditionTag.objects.get(slug="nerve_arm_symptoms")
    for slug in ("smr_buttock_ball_wall", "clam"):
        ExerciseTag.objects.create(exercise=Exercise.objects.get(slug=slug), tag=avoided, rule="avoid")
    tag(ana.client, "nerve_arm_symptoms")
    tag(ana.client, "nerve_leg_pain")

    said = f"Left out because of “{avoided.text('label')}”. Your therapist knows."
    waits = "Waits for your therapist's OK because of “Pain, tingling or numbness down the leg”."
    assert rows_of(ana, 0)["smr_buttock_ball_wall"][0].endswith(said)
    assert rows_of(ana, 0)["stretch_figure_four_sitting"][0].endswith(waits)
    assert rows_of(ana, 0)["stretch_inner_thigh_sitting"] == ("", "every day")
    instead = f"Replaced by “Side-lying leg raise” because of “{avoided.text('label')}”."
    assert rows_of(ana, 1)["clam"] == (instead, "Mon, Wed, Fri")
    shown = text(ana.get("/program/"))
    assert said in shown
    assert waits in shown


def test_program_names_the_side_that_is_left_out_where_the_other_one_stays(sit_down):
    seat = sit_down(side="both")
    tag(seat.client, "broken_or_infected_skin", "buttock", side="left")

    left_out, note = rows_of(seat, 0)["smr_buttock_ball_wall"]

    assert left_out == ""
    assert note.endswith(
        ". Left side: Left out because of “Open wound, burn, rash or infection”. Your therapist knows."
    )


def test_program_says_nothing_of_conditions_in_a_phase_that_is_done(ana):
    advance(ana.assignment, now=NOW)
    tag(ana.client, "nerve_leg_pain")

    assert {left_out for left_out, _note in rows_of(ana, 0).values()} == {""}


def test_program_shows_the_therapists_note_and_a_pause(ana, therapist):
    assign(ana.client, "program_upper_crossed", now=NOW, note="Shoulders low.")
    pause_assignment(ana.assignment, until=None, by=therapist, reason="Holiday", now=NOW)

    shown = text(ana.get("/program/"))

    assert "Shoulders low." in shown
    assert "paused" in shown
    assert "Paused" in shown


def test_program_before_its_first_day_names_it(therapist, web_as):
    finn = make_client(name="Finn Vogt", therapist=therapist)
    assign(finn, start_date=finn.local_date(NOW) + timedelta(days=5), now=NOW)

    assert "It begins on Sunday 15 March." in text(web_as(finn.user).get("/program/"))


def test_program_without_one_says_so_and_lists_the_earlier_ones(ana):
    end_assignment(ana.assignment, by=responsible(ana.client), reason="All well", now=NOW)

    shown = text(ana.get("/program/"))

    assert "No program is running" in shown
    assert '<a class="button ghost" href="/history/">Look at your sessions so far</a>' in shown
    assert "Buttock-related sciatica: release, then strengthen" in shown


def test_program_before_the_first_one_leads_to_today(therapist, web_as):
    nora = make_client(name="Nora", therapist=therapist)

    assert '<a class="button ghost" href="/today/">To Today</a>' in text(web_as(nora.user).get("/program/"))


def test_program_says_what_rests_as_today_does(ana, therapist):
    advance(ana.assignment)
    pause_strengthening(ana.assignment, by=therapist, reason="After the fall.", now=NOW)

    for page in ("/program/", "/today/"):
        assert "Your therapist says: After the fall." in text(ana.get(page))


@pytest.mark.parametrize(
    ("changes", "sessions", "conditions", "queries"),
    [(1, 3, 0, 32), (3, 3, 0, 32), (1, 3, 1, 51), (3, 3, 3, 51), (3, 3000, 3, 51)],
)
def test_program_runs_a_fixed_number_of_queries(
    ana, therapist, django_assert_num_queries, changes, sessions, conditions, queries
):
    bulk_sessions(ana.client, sessions, now=NOW)
    for n in range(changes):
        change_step(
            step_of(ana, "smr_buttock_ball_wall"), by=therapist, reason=f"Try {n}", now=NOW, note=f"{n}"
        )

    for area in ("buttock", "calf", "thigh_back")[:conditions]:
        tag(ana.client, "broken_or_infected_skin", area)

    with django_assert_num_queries(queries):
        ana.get("/program/")


# ---- Moving the days ---------------------------------------------------------------------------------------------------


@pytest.fixture
def phase(ana):
    return ana.assignment.phases.get(order=0)


@pytest.fixture
def locked(ana):
    return ana.assignment.phases.get(order=1)


def test_days_are_shown_as_they_are(ana, locked):
    formset = ana.get(days_path(locked)).context["formset"]

    assert [form["days"].value() for form in formset.forms] == [["1", "3", "5"]] * 4
    assert formset.forms[1].fields["days"].label == "Clam"


def test_days_are_moved_from_today_on(ana, locked):
    response = ana.web.post(days_path(locked), days_fields(locked, clam="246"), follow=True)

    step = step_of(ana, "clam")
    assert step.weekdays == "246"
    assert step.valid_from == ana.client.local_date(NOW)
    assert step.changed_by is None
    assert "Clam: now on Tue, Thu, Sat" in text(response)
    assert "You: Moved to other days" in text(response)


def test_days_that_stay_make_no_new_version(ana, phase):
    before = AssignedStep.objects.count()

    ana.web.post(days_path(phase), days_fields(phase))

    assert AssignedStep.objects.count() == before


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        ("124", "Strengthening needs a day of rest in between: these days follow each other."),
        ("137", "Strengthening needs a day of rest in between: these days follow each other."),
        ("13", "Please choose 3 days."),
        ("1357", "Please choose 3 days."),
        ("", "Choose at least one day."),
    ],
)
def test_days_that_cannot_be_are_refused_beside_the_exercise_and_nothing_moves(ana, locked, days, reason):
    fields = days_fields(locked, clam=days, bridge="246")

    response = ana.web.post(days_path(locked), fields)

    assert response.status_code == 422
    assert response.context["formset"].forms[1].errors["days"] == [reason]
    assert reason in text(response)
    assert step_of(ana, "clam").weekdays == "135"
    assert step_of(ana, "bridge").weekdays == "135"


def test_days_that_would_follow_yesterday_are_refused_beside_the_exercise_and_kept_in_the_form(ana, locked):
    advance(ana.assignment, now=NOW - timedelta(days=1))

    response = ana.web.post(days_path(locked), days_fields(locked, clam="246"))

    assert response.status_code == 422
    form = response.context["formset"].forms[1]
    said = (
        "Strengthening needs a day of rest in between: now it would come on Monday and on Tuesday. "
        "Choose other days, or move to these on Sunday."
    )
    assert form.errors["days"] == [said]
    assert said in text(response)
    assert form["days"].value() == ["2", "4", "6"]
    assert step_of(ana, "clam").weekdays == "135"
    assert "Clam" not in text(ana.get("/today/"))


@pytest.mark.parametrize("day", ["8", "0", "mon", "\0"])
def test_days_that_do_not_exist_are_refused(ana, locked, day):
    fields = days_fields(locked)
    fields[f"steps-{step_of(ana, 'clam').pk}-days"] = ["1", "3", day]

    assert ana.web.post(days_path(locked), fields).context["formset"].forms[1].errors["days"]


@pytest.mark.parametrize("broken", [{}, {"steps-TOTAL_FORMS": "99999"}, {"steps-TOTAL_FORMS": "x"}, {"steps-TOTAL_FORMS": "1", "steps-INITIAL_FORMS": "0"}])  # fmt: skip
def test_days_of_a_form_that_is_not_whole_change_nothing(ana, phase, broken):
    before = AssignedStep.objects.count()

    assert ana.web.post(days_path(phase), broken).status_code == 200
    assert AssignedStep.objects.count() == before


def test_days_chosen_for_other_steps_than_there_are_change_nothing(ana, locked, therapist):
    """Between looking and saving one step went and another came: the places are the same, the steps are not."""
    fields = days_fields(locked, clam="246")
    clam = step_of(ana, "clam")
    change_step(clam, by=therapist, reason="Softer.", now=NOW, note="Softly")
    before = AssignedStep.objects.count()

    response = ana.web.post(days_path(locked), fields)

    assert "This step was changed in the meantime." in text(response)
    assert AssignedStep.objects.count() == before

    remove_step(step_of(ana, "clam"), by=therapist, reason="Enough.", now=NOW)
    response = ana.web.post(days_path(locked), fields)

    assert "This step was changed in the meantime." in text(response)
    assert AssignedStep.objects.count() == before


@pytest.mark.parametrize("muscles", [[], ["no_such_muscle"], ["piriformis", "\0"]])
def test_tight_again_needs_muscles_of_this_program(ana, muscles):
    advance(ana.assignment, now=NOW)

    response = ana.web.post(reverse("tight_again", args=[ana.assignment.pk]), {"muscles": muscles})

    assert response.status_code == 422
    assert response.context["form"].errors["muscles"]
    assert not ana.assignment.transitions.filter(kind="tight_again").exists()


def test_days_of_somebody_elses_program_are_not_found(ben, phase):
    assert ben.get(days_path(phase)).status_code == 404
    assert ben.web.post(days_path(phase), days_fields(phase)).status_code == 404


def test_days_of_a_phase_that_is_done_are_not_found(ana, phase):
    advance(ana.assignment, now=NOW)
    assert phase.state == AssignedPhase.State.ACTIVE

    assert ana.get(days_path(phase)).status_code == 404


def test_days_moved_reach_the_next_plan(ana, locked):
    advance(ana.assignment, now=NOW)
    ana.web.post(days_path(locked), days_fields(locked, clam="246"))

    assert "Clam" in text(ana.get("/today/"))
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        assert "Clam" not in text(ana.get("/today/"))
