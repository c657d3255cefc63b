"""Today: every face of a day, and what it says."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from clients.adjusting import end_assignment, pause_assignment
from clients.demo.builders import (
    NOW,
    advance,
    assign,
    bulk_sessions,
    check_in,
    make_client,
    responsible,
    screen,
    tag,
    talk,
    train,
)
from clients.models import AssignedStep
from clients.spots import Point, mark
from routines.models import ConditionTag, ExerciseTag
from tests.clients.views.conftest import text

pytestmark = pytest.mark.django_db


def test_home_leads_each_to_their_own_place(ana, therapist, web_as):
    assert ana.get("/").headers["Location"] == "/today/"
    assert web_as(therapist).get("/").headers["Location"] == reverse("admin:index")


def test_today_sends_the_team_to_its_workplace(therapist, web_as):
    assert web_as(therapist).get("/today/").headers["Location"] == reverse("admin:index")


def test_today_asks_strangers_to_sign_in(web):
    assert web.get("/today/").headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Berlin", "Good evening, Ana"),  # 19:00
        ("America/New_York", "Good afternoon, Ana"),  # 14:00
        ("Asia/Tokyo", "Good evening, Ana"),  # 03:00: whoever is still up has an evening
        ("Pacific/Auckland", "Good morning, Ana"),  # 07:00
    ],
)
def test_today_greets_by_the_clients_own_clock(sit_down, zone, words):
    assert words in text(sit_down(zone=zone).get("/today/"))


def test_today_greets_somebody_whose_name_is_only_blanks(sit_down):
    assert "Good evening," in text(sit_down(name=" ", email="blank@example.org").get("/today/"))


def test_today_tells_minutes_week_and_why(ana):
    train(ana.client, now=NOW - timedelta(days=1))

    shown = text(ana.get("/today/"))

    assert "6 minutes today, 1 of 7 days this week" in shown
    assert "Easing your <strong>right piriformis</strong> comes first" in shown
    assert "the <strong>side buttock muscle</strong>" in shown
    assert "at the <strong>hip</strong>" in shown
    assert "for a pattern often called buttock-related sciatica (piriformis pattern)." in shown


def test_week_leaves_out_days_on_which_a_block_stood_as_the_chart_of_weeks_does(ana):
    block = check_in(ana.client, now=NOW - timedelta(days=1), yes=["fever_unwell"]).block
    talk(ana.client, now=NOW - timedelta(hours=20), lift=[block])

    week = ana.get("/today/").context["page"].week
    chart = ana.get("/progress/").context["progress"].section("weeks").charts[0]

    assert (week.due, week.done) == (6, 0)
    assert chart.figures.rows[0].cells == ("0", "6")


def test_today_lists_the_steps_with_their_dose(ana):
    shown = text(ana.get("/today/"))

    assert "Ball release, buttock at a wall" in shown
    assert "2 × 45 s, right side" in shown
    assert "Start, 6 minutes" in shown


def test_today_says_what_opens_next_and_who_decides(ana):
    shown = text(ana.get("/today/"))

    assert "What opens next: Wake up the buttock muscles" in shown
    assert "At least 7 days in this phase" in shown
    assert "5 sessions in the last 7 days" in shown
    assert "your therapist looks at it with you and decides" in shown


def test_today_shows_the_warm_up_where_something_is_strengthened(ana):
    assert "easy walking" not in text(ana.get("/today/"))

    advance(ana.assignment, now=NOW - timedelta(days=1))
    with time_machine.travel(NOW + timedelta(days=1), tick=False):  # a Wednesday: strengthening
        shown = text(ana.get("/today/"))

    assert "5 minutes of easy walking or marching" in shown


def test_today_names_both_sides_where_they_are_asked_differently(ana):
    phase = ana.assignment.phases.get(order=0)
    step = next(step for step in phase.steps.all() if step.as_was["slug"] == "smr_buttock_ball_wall")
    step.pk, step.order, step.side, step.sets, step.hold_seconds = None, step.order + 50, "left", 3, 60
    step.save(force_insert=True)

    doses = {row.exercise: row.dose for row in ana.get("/today/").context["page"].rows}

    assert doses["smr_buttock_ball_wall"] == "3 × 60 s left, 2 × 45 s right"


def test_today_merges_several_programs(ana):
    assign(ana.client, "program_upper_crossed", now=NOW - timedelta(days=1), note="Shoulders low.")

    shown = text(ana.get("/today/"))

    assert "Release the deep buttock" in shown
    assert "Release neck top and chest" in shown
    assert "Shoulders low." in shown
    assert shown.count("What opens next") == 2


def test_today_first_asks_the_health_questions(sit_down):
    seat = sit_down(screened=False)

    shown = text(seat.get("/today/"))

    assert "Start with a few health questions" in shown
    assert "I did it without the app" not in shown


def test_today_of_a_day_that_is_done_says_when_the_next_one_is(ana):
    session = train(ana.client, now=NOW)

    shown = text(ana.get("/today/"))

    assert "Done for today" in shown
    assert "The next session is on Wednesday 11 March" in shown
    assert reverse("session", args=[session.pk]) in shown
    assert reverse("session_start", args=[1]) not in shown


def test_today_resumes_what_was_begun(ana, begun):
    shown = text(ana.get("/today/"))

    assert "Resume" in shown
    assert reverse("session", args=[begun.pk]) in shown


def test_today_offers_the_second_session_where_the_day_has_two(sit_down):
    seat = sit_down("program_plantar_heel")
    train(seat.client, now=NOW)

    shown = text(seat.get("/today/"))

    assert "Second session, " in shown
    assert reverse("session_start", args=[2]) in shown


def test_today_without_a_program_says_that_it_is_being_prepared(therapist, web_as):
    nora = make_client(name="Nora New", therapist=therapist)

    shown = text(web_as(nora.user).get("/today/"))

    assert "Your program is being prepared" in shown
    assert '<a class="button ghost" href="/settings/">To the settings</a>' in shown
    assert "letter" not in shown, "nobody sends one when the program is here"


@pytest.mark.parametrize("days", [5, 60])
def test_today_before_the_start_names_the_day(therapist, web_as, days):
    finn = make_client(name="Finn Vogt", therapist=therapist)
    first = finn.local_date(NOW) + timedelta(days=days)
    assign(finn, start_date=first, now=NOW)

    shown = text(web_as(finn.user).get("/today/"))

    assert "Your program has a date" in shown
    assert f"{first:%A} {first.day} {first:%B}" in shown


def test_today_of_a_pause_holds_nothing_to_do(ana):
    pause_assignment(ana.assignment, until=None, by=responsible(ana.client), reason="Holiday", now=NOW)

    shown = text(ana.get("/today/"))

    assert "Your program is paused" in shown
    assert "Start," not in shown


def test_today_of_a_pause_with_an_end_names_the_next_day(ana):
    until = ana.client.local_date(NOW) + timedelta(days=3)
    pause_assignment(ana.assignment, until=until, by=responsible(ana.client), reason="Holiday", now=NOW)

    shown = text(ana.get("/today/"))

    assert "Nothing is due, and nothing is lost. The next session is on Saturday 14 March." in shown
    assert "Your therapist takes it up again with you." not in shown


def test_today_with_one_of_two_programs_paused_goes_on_with_the_other(ana):
    assign(ana.client, "program_upper_crossed", now=NOW - timedelta(days=1))
    screen(ana.client, now=NOW)  # the neck has questions of its own
    pause_assignment(ana.assignment, until=None, by=responsible(ana.client), reason="Holiday", now=NOW)

    shown = text(ana.get("/today/"))

    assert "Paused for now." in shown
    assert "Start, " in shown
    assert "Ball release, buttock at a wall" not in shown


def test_today_of_a_day_of_rest_names_the_next_day(ana):
    advance(ana.assignment, now=NOW - timedelta(days=1))

    shown = text(ana.get("/today/"))

    assert "Nothing to do today" in shown
    assert "The next session is on Wednesday 11 March" in shown


def test_today_after_the_end_says_that_the_next_one_is_being_prepared(ana):
    end_assignment(ana.assignment, by=responsible(ana.client), reason="All well", now=NOW)

    assert "Your program is being prepared" in text(ana.get("/today/"))


def test_today_explains_what_is_left_out(ana):
    tag(ana.client, "nerve_leg_pain", now=NOW)
    tag(ana.client, "broken_or_infected_skin", "buttock", side="right", now=NOW)

    shown = text(ana.get("/today/"))

    assert "Left out because of “Open wound, burn, rash or infection”. Your therapist knows." in shown
    assert "Waits for your therapist's OK because of “Pain, tingling or numbness down the leg”." in shown


def test_today_names_the_side_of_what_is_left_out_on_one_side_only(sit_down):
    seat = sit_down(side="both")
    tag(seat.client, "broken_or_infected_skin", "buttock", side="left", now=NOW)

    page = seat.get("/today/").context["page"]

    why = {each.name: each.why for each in page.left_out}
    said = "Left out because of “Open wound, burn, rash or infection”. Your therapist knows."
    assert why["Ball release, buttock at a wall"] == f"Left side: {said}"
    doses = {row.name: row.dose for row in page.rows}
    assert doses["Ball release, buttock at a wall"].endswith(", right side")

    tag(seat.client, "broken_or_infected_skin", "buttock", side="right", now=NOW)

    why = {each.name: each.why for each in seat.get("/today/").context["page"].left_out}
    assert why["Ball release, buttock at a wall"] == said


def test_today_knows_a_condition_that_ends_tomorrow(ana):
    """Conditions hold day by day, although the page looks two weeks ahead."""
    today = ana.client.local_date(NOW)
    tag(ana.client, "broken_or_infected_skin", "buttock", side="right", valid_from=today, valid_to=today)

    assert "Left out because of" in text(ana.get("/today/"))


@pytest.mark.parametrize(
    ("sign", "title"),
    [("fever_unwell", "Please get medical advice today"), ("saddle_numbness", "Stop here and get emergency help")],
)  # fmt: skip
def test_today_of_a_blocked_client_shows_message_and_phones(ana, sign, title):
    check_in(ana.client, now=NOW, yes=[sign])

    for path in ("/today/", "/blocked/"):
        shown = text(ana.get(path))
        assert title in shown
        assert 'href="tel:+493023125014"' in shown
        assert 'href="tel:112"' in shown
        assert "Start," not in shown


def test_blocked_page_leads_back_once_the_therapist_has_spoken(ana):
    check_in(ana.client, now=NOW, yes=["fever_unwell"])
    talk(ana.client, now=NOW)

    assert ana.get("/blocked/").headers["Location"] == "/today/"


def test_today_says_what_a_new_condition_forbids_of_a_running_session(ana, begun):
    ball = begun.items.get(as_was__slug="smr_buttock_ball_wall")
    avoided = ConditionTag.objects.get(slug="nerve_arm_symptoms")
    ExerciseTag.objects.create(exercise_id=ball.exercise_id, tag=avoided, rule="avoid")
    tag(ana.client, "nerve_arm_symptoms")

    page = ana.get("/today/").context["page"]

    rows = {row.exercise: row.skipped for row in page.rows}
    said = f"Left out because of “{avoided.text('label')}”. Your therapist knows."
    assert rows.pop("smr_buttock_ball_wall") == said
    assert set(rows.values()) == {""}
    assert page.left_out == [], "the list says it already"


@pytest.mark.parametrize("begun", [False, True])
def test_today_tells_where_the_therapist_marked_a_spot(ana, therapist, begun):
    if begun:
        train(ana.client, now=NOW, partial={"smr_buttock_ball_wall": 0}, pain_after=None, finish=False)
    ball = AssignedStep.objects.filter(
        phase__assignment=ana.assignment, exercise__slug="smr_buttock_ball_wall"
    )
    mark(
        ana.client,
        ball[0].exercise_id,
        Point("back", 590, 520),
        sides=["right"],
        seen=[],
        by=therapist,
        now=NOW,
    )

    notes = {row.exercise: row.note for row in ana.get("/today/").context["page"].rows}

    assert "Marked by your therapist: Buttock, right." in notes.pop("smr_buttock_ball_wall")
    assert not any("Marked" in note for note in notes.values())


# ---- Queries -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sessions", [1, 3, 3000])
def test_today_runs_a_fixed_number_of_queries(ana, django_assert_num_queries, sessions):
    bulk_sessions(ana.client, sessions, now=NOW)

    with django_assert_num_queries(48):
        ana.get("/today/")
