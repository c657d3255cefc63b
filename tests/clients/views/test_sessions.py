"""A session from its first question to its last, and correcting it later."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
import time_machine
from django.urls import reverse

from clients.adjusting import change_step, end_assignment, remove_step
from clients.demo.builders import (
    NOW,
    advance,
    agree,
    bulk_sessions,
    check_in,
    recorded,
    responsible,
    tag,
    talk,
    train,
)
from clients.enrolling import end_care
from clients.models import (
    AssignedStep,
    Delivery,
    Measure,
    SafetyBlock,
    Screening,
    SessionItem,
    SessionReading,
    SetRecord,
    SkipReason,
    SkipRecord,
    StopEvent,
    TrainingSession,
)
from clients.planning import plan_for
from clients.progression.apply import move
from clients.recording import current_state, prescribed, state_of, stop
from clients.views.sessions.screen import SetWindow, place_of
from routines.models import ConditionTag, ExerciseTag, SideMode
from tests.clients.views.conftest import text

pytestmark = pytest.mark.django_db

KEY = "k" * 22
BALL = "smr_buttock_ball_wall"
START = "/session/start/1/"


def url(name, session, *rest):
    return reverse(name, args=[session.pk, *rest])


def item_of(session, slug, side="right"):
    return next(item for item in session.items.all() if item.as_was["slug"] == slug and item.side == side)


def tick(seat, item, number, *, key=KEY, done="1", **figures):
    path = url("session_set", item.session, item.pk, number)
    return seat.post(path, key=key, done=done, **({"seconds": item.hold_seconds} | figures))


@pytest.fixture
def ball(begun):
    return item_of(begun, "smr_buttock_ball_wall")


# ---- Starting ----------------------------------------------------------------------------------------------------------


def test_start_asks_pain_and_the_short_list_on_one_screen(ana):
    shown = text(ana.get(START))

    assert "How strong is the pain in this area right now?" in shown
    assert "Is any of this new or worse today?" in shown
    assert "Fever, chills, or feeling generally ill together with the pain" in shown
    assert "None of these: start" in shown


def test_start_records_pain_and_answers_and_opens_the_first_exercise(ana):
    response = ana.web.post(START, {"key": KEY, "pain_before": "4", "none": "1"}, follow=True)

    session = TrainingSession.objects.get(client=ana.client)
    assert response.redirect_chain[-1][0] == url("session_step", session, 1)
    assert session.screening == Screening.objects.get(checklist__slug="before_session")
    assert state_of(session).readings == {Measure.PAIN_BEFORE: 4}


def test_start_sent_twice_starts_once(ana):
    for _twice in range(2):
        ana.post(START, key=KEY, pain_before="4", none="1")

    assert TrainingSession.objects.count() == 1
    assert Screening.objects.filter(checklist__slug="before_session").count() == 1
    assert SessionReading.objects.count() == 1


def test_start_with_a_page_left_open_elsewhere_keeps_the_pain_said_first(ana):
    ana.post(START, key=KEY, pain_before="4", none="1")
    ana.post(START, key="o" * 22, pain_before="9", none="1")

    assert state_of(TrainingSession.objects.get()).readings == {Measure.PAIN_BEFORE: 4}


def test_start_without_a_number_for_pain_asks_for_it(ana):
    response = ana.post(START, key=KEY, none="1")

    assert "Please choose a number from 0 to 10." in text(response)
    assert TrainingSession.objects.count() == 0
    assert Screening.objects.filter(checklist__slug="before_session").count() == 0


@pytest.mark.parametrize("pain", ["11", "-1", "3.5", "much", "\0", "9" * 400])
def test_start_with_a_number_off_the_scale_is_refused(ana, pain):
    response = ana.post(START, key=KEY, pain_before=pain, none="1")

    assert "Please choose a number from 0 to 10." in text(response)
    assert TrainingSession.objects.count() == 0


def test_start_without_an_answer_to_the_list_keeps_what_was_typed(ana):
    response = ana.post(START, key=KEY, pain_before="4")

    shown = text(response)
    assert "Tick what is true for you, or press “None of these: start”." in shown
    assert re.search(r'<input[^>]* value="4"[^>]* checked', shown)
    assert KEY in shown


@pytest.mark.parametrize("pain", ["4", "", "11"])
def test_start_with_a_warning_sign_blocks_at_once_whatever_the_number(ana, pain):
    response = ana.post(START, key=KEY, pain_before=pain, saddle_numbness="on")

    assert response.headers["Location"] == "/blocked/"
    assert SafetyBlock.objects.get().effect == "emergency"
    assert TrainingSession.objects.count() == 0


def test_start_hears_a_warning_sign_from_somebody_who_went_back(ana):
    """The page before, with its old key, while the session has begun already."""
    ana.post(START, key=KEY, pain_before="4", none="1")

    response = ana.post(START, key=KEY, pain_before="4", fever_unwell="on")

    assert response.headers["Location"] == "/blocked/"
    session = TrainingSession.objects.get()
    assert ana.get(url("session_step", session, 1)).headers["Location"] == "/blocked/"


def test_start_with_yesterdays_page_asks_nothing_of_yesterday(ana):
    ana.post(START, key=KEY, pain_before="4", none="1")
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        ana.post(START, key=KEY, pain_before="4", none="1")

    assert Screening.objects.filter(checklist__slug="before_session").count() == 2
    assert TrainingSession.objects.count() == 2


def test_start_of_a_session_that_has_begun_resumes_it(ana, begun):
    assert ana.get(START).headers["Location"] == url("session", begun)


def test_start_before_the_health_questions_asks_them(sit_down):
    seat = sit_down(screened=False)

    assert seat.get(START).headers["Location"] == "/questions/"
    seat.post(START, key=KEY, pain_before="4", none="1")
    assert TrainingSession.objects.count() == 0


def test_start_of_a_blocked_client_leads_to_the_phones(ana):
    check_in(ana.client, now=NOW, yes=["fever_unwell"])

    assert ana.get(START).headers["Location"] == "/blocked/"
    assert ana.post(START, key=KEY, pain_before="4", none="1").headers["Location"] == "/blocked/"
    assert TrainingSession.objects.count() == 0


@pytest.mark.parametrize("number", [0, 2, 4, 10**30])
def test_start_of_a_session_that_the_day_does_not_have_says_so(ana, number):
    path = f"/session/start/{number}/"

    for response in (
        ana.web.get(path, follow=True),
        ana.web.post(path, {"key": KEY, "pain_before": "4", "none": "1"}, follow=True),
    ):
        assert "There is nothing to do for this session today." in text(response)
    assert Screening.objects.filter(checklist__slug="before_session").count() == 0


def test_start_again_after_the_contact(ana):
    check_in(ana.client, now=NOW, yes=["fever_unwell"])
    talk(ana.client, now=NOW)

    ana.post(START, key=KEY, pain_before="4", none="1")

    assert TrainingSession.objects.count() == 1


# ---- I did it without the app ------------------------------------------------------------------------------------------


WITHOUT = "/session/without-app/1/"
TOLD = {"pain_before": "4", "none": "1"}


def test_without_app_asks_what_the_start_asks_and_records_nothing_by_looking(ana):
    shown = text(ana.get(WITHOUT))

    assert WITHOUT in text(ana.get("/today/"))
    assert "I did it without the app" in shown
    assert "How strong was the pain in this area before the session?" in shown
    assert "Is any of this new or worse today?" in shown
    assert "None of these: note it as done" in shown
    assert TrainingSession.objects.count() == 0


def test_without_app_records_the_answers_ticks_every_set_and_finishes(ana):
    response = ana.web.post(WITHOUT, {"key": KEY, **TOLD}, follow=True)

    session = TrainingSession.objects.get(client=ana.client)
    assert response.redirect_chain[-1][0] == "/today/"
    assert "Noted as done." in text(response)
    assert session.source == TrainingSession.Source.WITHOUT_APP
    assert session.finished_at == NOW
    assert session.screening == Screening.objects.get(checklist__slug="before_session")
    assert state_of(session).readings == {Measure.PAIN_BEFORE: 4}
    assert recorded(session) == {
        "smr_buttock_ball_wall right": [1, 2],
        "smr_inner_thigh_roller right": [1],
        "stretch_figure_four_sitting right": [1, 2],
        "stretch_inner_thigh_sitting both": [1, 2],
    }


@pytest.mark.parametrize(
    ("told", "asks"),
    [
        ({}, "Tick what is true for you, or press “None of these: note it as done”."),
        ({"none": "1"}, "Please choose a number from 0 to 10."),
        ({"none": "1", "pain_before": "11"}, "Please choose a number from 0 to 10."),
    ],
)
def test_without_app_without_an_answer_asks_for_it(ana, told, asks):
    assert asks in text(ana.post(WITHOUT, key=KEY, **told))
    assert TrainingSession.objects.count() == 0


def test_without_app_with_a_warning_sign_blocks_and_records_nothing_as_done(ana):
    response = ana.post(WITHOUT, key=KEY, saddle_numbness="on")

    assert response.headers["Location"] == "/blocked/"
    assert SafetyBlock.objects.get().effect == "emergency"
    assert TrainingSession.objects.count() == 0


@pytest.mark.parametrize(
    ("again", "says"),
    [
        ({"key": KEY} | TOLD, "Noted as done. If something was different, correct it below."),
        ({"key": "o" * 22, "pain_before": "9", "none": "1"}, "This session is recorded already."),
    ],
)
def test_without_app_pressed_again_records_once(ana, again, says):
    ana.web.post(WITHOUT, {"key": KEY} | TOLD, follow=True)

    response = ana.web.post(WITHOUT, again, follow=True)

    assert [str(message) for message in response.context["messages"]] == [says]
    assert state_of(TrainingSession.objects.get()).readings == {Measure.PAIN_BEFORE: 4}
    assert SetRecord.objects.filter(revision__gt=1).count() == 0


def test_without_app_of_a_session_that_has_begun_ticks_the_rest(ana, begun, ball):
    tick(ana, ball, 1, key="t" * 22, seconds=30)

    ana.post(WITHOUT, key=KEY, **TOLD)

    begun.refresh_from_db()
    assert (begun.finished_at, begun.source) == (NOW, TrainingSession.Source.APP)
    assert recorded(begun)[f"{BALL} right"] == [1, 2]
    assert ball.set_records.get(number=1).seconds == 30
    assert ana.get(WITHOUT).headers["Location"] == url("session", begun)


def test_without_app_from_a_page_left_open_overnight_counts_for_the_new_day(ana):
    ana.post(WITHOUT, key=KEY, **TOLD)
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        ana.post(WITHOUT, key=KEY, **TOLD)

    assert TrainingSession.objects.filter(finished_at__isnull=False).count() == 2


@pytest.mark.parametrize("number", [0, 2, 3, 4, 99999999999999999999])
def test_without_app_of_a_session_that_the_day_does_not_have_says_so(ana, number):
    path = f"/session/without-app/{number}/"

    for response in (ana.web.get(path, follow=True), ana.web.post(path, {"key": KEY, **TOLD}, follow=True)):
        assert "There is nothing to do for this session today." in text(response)
    assert TrainingSession.objects.count() == 0


@pytest.mark.parametrize("key", ["", "short", "x" * 300, "a b" * 10, "\0" * 20])
def test_without_app_with_a_broken_key_changes_nothing(ana, key):
    assert ana.post(WITHOUT, key=key, **TOLD).status_code == 422
    assert TrainingSession.objects.count() == 0


def test_without_app_of_a_blocked_client_records_nothing(ana):
    check_in(ana.client, now=NOW, yes=["fever_unwell"])

    assert ana.get(WITHOUT).headers["Location"] == "/blocked/"
    assert ana.post(WITHOUT, key=KEY, **TOLD).headers["Location"] == "/blocked/"
    assert TrainingSession.objects.count() == 0


def test_without_app_before_the_health_questions_asks_them_first(sit_down):
    seat = sit_down(screened=False)

    assert seat.get(WITHOUT).headers["Location"] == "/questions/"
    assert seat.post(WITHOUT, key=KEY, **TOLD).headers["Location"] == "/questions/"
    assert TrainingSession.objects.count() == 0


def test_without_app_has_nothing_to_note_where_all_is_forbidden(ana, begun):
    avoided = ConditionTag.objects.get(slug="nerve_arm_symptoms")
    for exercise in set(begun.items.values_list("exercise_id", flat=True)):
        ExerciseTag.objects.update_or_create(exercise_id=exercise, tag=avoided, defaults={"rule": "avoid"})
    tag(ana.client, "nerve_arm_symptoms")

    response = ana.web.post(WITHOUT, {"key": KEY, **TOLD}, follow=True)

    assert "There is nothing to do for this session today." in text(response)
    assert SetRecord.objects.count() == 0
    begun.refresh_from_db()
    assert begun.finished_at is None


# ---- One exercise ------------------------------------------------------------------------------------------------------


def test_step_shows_what_to_do(ana, begun):
    shown = text(ana.get(url("session_step", begun, 1)))

    assert "Ball release, buttock at a wall" in shown
    assert "1 of 4" in shown
    assert "release · massage" in shown
    assert "2 × 45 s, right side" in shown
    assert "Lean the outer buttock into the ball on the wall" in shown
    assert "Keep off the hip bone itself." in shown
    assert "You need: massage or tennis ball" in shown
    assert "Something is wrong" in shown


def test_step_interleaves_the_sides(sit_down):
    seat = sit_down(side="both")
    session = train(seat.client, now=NOW, finish=False, partial={"smr_buttock_ball_wall": 0}, pain_after=None)

    rows = seat.get(url("session_step", session, 1)).context["screen"].rows

    assert [(row.number, row.told) for row in rows] == [
        (1, "45 s left"),
        (1, "45 s right"),
        (2, "45 s left"),
        (2, "45 s right"),
    ]
    assert [row.current for row in rows] == [True, False, False, False]
    assert [row.rest for row in rows] == [10, 15, 10, 0]


@pytest.mark.parametrize(("done", "shown"), [(0, "left"), (1, "right")])
def test_step_shows_the_side_of_the_set_that_comes_next(sit_down, done, shown):
    seat = sit_down(side="both")
    session = train(seat.client, now=NOW, finish=False, partial={"smr_buttock_ball_wall": 0}, pain_after=None)
    if done:
        tick(seat, item_of(session, "smr_buttock_ball_wall", "left"), 1)

    page = text(seat.get(url("session_step", session, 1)))

    pictures = re.findall(r"smr_buttock_ball_wall/release-(?:light|dark)-(left|right)-still", page)
    assert pictures == [shown, shown]


def test_step_asks_each_side_for_its_own_dose(sit_down):
    """Two programs ask for the same exercise, each on its own side."""
    seat = sit_down(side="both")
    session = train(seat.client, now=NOW, finish=False, partial={"smr_buttock_ball_wall": 0}, pain_after=None)
    right = item_of(session, "smr_buttock_ball_wall", "right")
    SessionItem.objects.filter(pk=right.pk).update(sets=3, hold_seconds=30)

    screen = seat.get(url("session_step", session, 1)).context["screen"]

    assert [row.told for row in screen.rows] == ["45 s left", "30 s right"] * 2 + ["30 s right"]
    assert [row.form["seconds"].value() for row in screen.rows] == [45, 30, 45, 30, 30]
    assert screen.dose == "2 × 45 s left, 3 × 30 s right"


def test_step_counts_both_sides_of_an_alternating_hold_in_one_window(begun, ball):
    ball.reps, ball.hold_seconds, ball.side_mode = 6, 8, SideMode.ALTERNATING

    assert SetWindow(ball, 1, prescribed(ball)).seconds == 96


@pytest.mark.parametrize("n", [0, 5, 10**30])
def test_step_that_the_session_does_not_have_is_not_found(ana, begun, n):
    assert ana.get(url("session_step", begun, n)).status_code == 404


def test_step_works_as_a_plain_form(ana, begun, ball):
    """What a browser without JavaScript sends: the hidden fields and the figures as they are filled in."""
    form = ana.get(url("session_step", begun, 1)).context["screen"].rows[0].form

    fields = {name: form[name].value() or "" for name in form.fields}
    response = ana.web.post(url("session_set", begun, ball.pk, 1), fields)

    assert response.headers["Location"] == url("session_step", begun, 1) + "#sets"
    assert recorded(begun)["smr_buttock_ball_wall right"] == [1]


def test_tick_saves_the_set_at_once(ana, begun, ball):
    tick(ana, ball, 1, device_time="2026-03-10T18:59:30+01:00")

    row = SetRecord.objects.get()
    assert (row.item, row.number, row.done, row.seconds, row.reps) == (ball, 1, True, 45, None)
    assert row.received_at == NOW
    assert row.device_time == NOW - timedelta(seconds=30)


@pytest.mark.parametrize(
    "told",
    ["", "yesterday", "2026-02-30T10:00:00Z", "0001-01-01T00:00:00+14:00", "2026-03-10T10:00", "x" * 40],
)
def test_tick_with_a_broken_device_clock_is_saved_all_the_same(ana, ball, told):  # fmt: skip
    tick(ana, ball, 1, device_time=told)

    assert SetRecord.objects.get().device_time is None


def test_tick_sent_twice_records_one(ana, ball):
    tick(ana, ball, 1)
    tick(ana, ball, 1)

    assert SetRecord.objects.count() == 1


def test_tick_with_a_used_key_and_other_figures_is_refused_with_what_stands(ana, ball):
    tick(ana, ball, 1)

    response = tick(ana, ball, 1, seconds=20)

    assert response.status_code == 409
    assert "This set was saved before with other figures." in text(response)
    assert SetRecord.objects.get().seconds == 45


def test_tick_taken_back_is_the_next_revision(ana, begun, ball):
    tick(ana, ball, 1)
    tick(ana, ball, 1, key="l" * 22, done="")

    assert recorded(begun)["smr_buttock_ball_wall right"] == []
    assert SetRecord.objects.count() == 2


def test_tick_with_other_figures_is_shown_as_done_like_that(ana, begun, ball):
    tick(ana, ball, 1, seconds=30)

    row = ana.get(url("session_step", begun, 1)).context["screen"].rows[0]
    assert (row.told, row.done, row.changed) == ("30 s right", True, True)


@pytest.mark.parametrize("seconds", ["", "-1", "7201", "a", "1e3", "9" * 400, "\0"])
def test_tick_with_impossible_figures_keeps_them_beside_the_sentence(ana, begun, ball, seconds):
    response = tick(ana, ball, 1, seconds=seconds)

    assert response.status_code == 422
    assert "This set was not saved. Look at the figures below." in text(response)
    assert response.context["screen"].rows[0].form.errors["seconds"]
    assert SetRecord.objects.count() == 0


def test_tick_of_a_set_that_the_exercise_does_not_have_says_so(ana, begun, ball):
    for number in (0, 3, 10**30):
        response = ana.web.post(
            url("session_set", begun, ball.pk, number),
            {"key": f"{number}"[:1] * 22, "done": "1", "seconds": "45"},
            follow=True,
        )
        assert "This exercise has 2 sets." in text(response)
    assert SetRecord.objects.count() == 0


def test_tick_of_an_exercise_of_another_session_says_so(ana, begun, ball):
    other = train(ana.client, now=NOW - timedelta(days=1)).items.first()
    before = SetRecord.objects.count()

    for pk in (other.pk, 10**30):
        response = ana.web.post(
            url("session_set", begun, pk, 1), {"key": KEY, "done": "1", "seconds": "45"}, follow=True
        )
        assert "This exercise is not part of this session. Nothing was changed." in text(response)
    assert SetRecord.objects.count() == before


def test_step_of_repetitions_takes_the_weight_of_the_last_time(sit_down):
    seat = sit_down()
    advance(seat.assignment, now=NOW - timedelta(days=1))
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        first = train(
            seat.client, now=NOW + timedelta(days=1), finish=False, partial={"clam": 0}, pain_after=None
        )
        clam = item_of(first, "clam", "left")
        tick(seat, clam, 1, reps=10, load_kg="2.5")
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        second = train(
            seat.client, now=NOW + timedelta(days=3), finish=False, partial={"clam": 0}, pain_after=None
        )
        rows = seat.get(url("session_step", second, 2)).context["screen"].rows

    assert SetRecord.objects.get(load_kg__isnull=False).load_kg == Decimal("2.5")
    assert rows[0].told == "10 repetitions left, 2.5 kg"
    assert rows[2].told == "12 repetitions left, 2.5 kg"


def test_step_tells_the_timer_the_tempo_and_whom_to_call(sit_down):
    seat = sit_down()
    advance(seat.assignment, now=NOW - timedelta(days=1))
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        session = train(
            seat.client, now=NOW + timedelta(days=1), finish=False, partial={"clam": 0}, pain_after=None
        )
        shown = seat.get(url("session_step", session, 2))
        row = shown.context["screen"].rows[0]

    lift, hold, lower = row.item.dose.tempo
    assert row.tempo == f"{lift} {hold} {lower}"
    assert row.turns == row.item.reps
    assert f'data-turns="{row.turns}" data-tempo="{row.tempo}"' in text(shown)
    assert shown.context["screen"].timed
    assert responsible(seat.client).name in text(shown)


@pytest.mark.parametrize(
    "page", ["session_step", "session_skip", "session_too_hard", "session_wrong", "session_end"]
)
def test_every_page_of_a_session_says_in_its_head_whom_to_call(ana, begun, page):
    where = url(page, begun) if page == "session_end" else url(page, begun, 1)
    head = text(ana.get(where)).partition("<main")[0]

    assert responsible(ana.client).name in head
    assert "tel:" in head


@pytest.mark.parametrize(
    ("tempo", "hold", "told"), [((1, 2, 4), 0, "1 2 4"), ((1, 2, 4), 30, ""), (None, 0, "")]
)
def test_step_has_a_tempo_only_where_something_moves_by_one(ana, begun, ball, tempo, hold, told):
    lift, stay, lower = tempo or (None, None, None)
    SessionItem.objects.filter(pk=ball.pk).update(
        hold_seconds=hold, tempo_lift=lift, tempo_hold=stay, tempo_lower=lower
    )

    rows = ana.get(url("session_step", begun, 1)).context["screen"].rows

    assert {row.tempo for row in rows} == {told}


def test_step_counts_the_repetitions_of_both_sides_that_alternate(ana, begun, ball):
    SessionItem.objects.filter(pk=ball.pk).update(side_mode=SideMode.ALTERNATING, reps=6)

    rows = ana.get(url("session_step", begun, 1)).context["screen"].rows

    assert {row.turns for row in rows} == {12}


def test_step_of_repetitions_forgets_a_weight_that_was_corrected_or_taken_back(sit_down):
    seat = sit_down()
    advance(seat.assignment, now=NOW - timedelta(days=1))
    day = NOW + timedelta(days=1)
    with time_machine.travel(day, tick=False):
        first = train(seat.client, now=day, finish=False, partial={"clam": 0}, pain_after=None)
        clam = item_of(first, "clam", "left")
        tick(seat, clam, 1, key="a" * 22, reps=10, load_kg="25")
        tick(seat, clam, 1, key="b" * 22, reps=10)
        tick(seat, clam, 2, key="c" * 22, reps=10, load_kg="30")
        tick(seat, clam, 2, key="d" * 22, done="", reps=10, load_kg="30")
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        second = train(
            seat.client, now=NOW + timedelta(days=3), finish=False, partial={"clam": 0}, pain_after=None
        )
        rows = seat.get(url("session_step", second, 2)).context["screen"].rows

    assert rows[0].told == "10 repetitions left"
    assert rows[2].told == "12 repetitions left"


# ---- Leaving out -------------------------------------------------------------------------------------------------------


def test_skip_leaves_the_exercise_out_with_its_reason_and_goes_on(ana, begun, ball):
    response = ana.web.post(url("session_skip", begun, 1), {"key": KEY, "reason": "no_time"}, follow=True)

    assert response.redirect_chain[-1][0] == url("session_step", begun, 2)
    assert SkipRecord.objects.get().item == ball
    assert "No time" in text(ana.get(url("session_step", begun, 1)))


@pytest.mark.parametrize("reason", ["", "bored", "\0"])
def test_skip_without_a_reason_asks_for_one(ana, begun, reason):
    response = ana.post(url("session_skip", begun, 1), key=KEY, reason=reason)

    assert response.status_code == 422
    assert "Please choose a reason." in text(response)
    assert SkipRecord.objects.count() == 0


def test_skip_taken_back_opens_the_exercise_again(ana, begun):
    ana.post(url("session_skip", begun, 1), key=KEY, reason="no_time")

    ana.post(url("session_unskip", begun, 1), key="l" * 22)

    assert not state_of(begun).items[0].skipped
    assert SkipRecord.objects.latest("pk").reason == SkipReason.NO_TIME
    assert ana.get(url("session", begun)).headers["Location"] == url("session_step", begun, 1)


def test_skip_with_a_used_key_says_so(ana, begun):
    ana.post(url("session_skip", begun, 1), key=KEY, reason="no_time")

    response = ana.web.post(url("session_skip", begun, 1), {"key": KEY, "reason": "pain"}, follow=True)

    assert "This was sent before with other values." in text(response)
    assert SkipRecord.objects.count() == 1


def test_unskip_with_a_broken_key_changes_nothing(ana, begun):
    ana.post(url("session_skip", begun, 1), key=KEY, reason="no_time")
    ana.post(url("session_unskip", begun, 1), key="")
    ana.post(url("session_unskip", begun, 1), key=KEY)

    assert state_of(begun).items[0].skipped


# ---- Resuming ----------------------------------------------------------------------------------------------------------


def test_session_resumes_at_the_first_open_exercise(ana, begun, ball):
    tick(ana, ball, 1)
    assert ana.get(url("session", begun)).headers["Location"] == url("session_step", begun, 1)

    tick(ana, ball, 2, key="l" * 22)
    assert ana.get(url("session", begun)).headers["Location"] == url("session_step", begun, 2)


def test_session_with_everything_settled_resumes_at_its_end(ana):
    session = train(ana.client, now=NOW, finish=False, pain_after=None)

    assert ana.get(url("session", session)).headers["Location"] == url("session_end", session)


# ---- Something is wrong ------------------------------------------------------------------------------------------------


def test_wrong_offers_four_answers(ana, begun):
    shown = text(ana.get(url("session_wrong", begun, 1)))

    for word in StopEvent.Choice.labels:
        assert str(word) in shown


@pytest.mark.parametrize("choice", ["too_strong", "tingling", "other"])
def test_wrong_ends_the_exercise_and_shows_what_to_do(ana, begun, therapist, choice):
    response = ana.web.post(url("session_wrong", begun, 1), {"key": KEY, "choice": choice}, follow=True)

    shown = text(response)
    assert "Stop this exercise" in shown
    assert "Skip it for the rest of today." in shown
    assert url("session_end", begun) in shown
    assert state_of(begun).items[0].skipped
    assert Delivery.objects.get(letter=Delivery.Letter.SAFETY_ALERT).user == therapist


def test_wrong_rests_the_exercise_until_the_session_is_over(ana, begun, ball):
    rests = "Something was wrong with it, so it rests for today. Your therapist knows."
    ana.post(url("session_wrong", begun, 1), key=KEY, choice="too_strong")

    shown = text(ana.get(url("session_step", begun, 1)))
    refused = ana.web.post(url("session_unskip", begun, 1), {"key": "u" * 22}, follow=True)
    tick(ana, ball, 1, key="t" * 22)

    assert rests in shown
    assert url("session_unskip", begun, 1) not in shown
    assert url("session_set", begun, ball.pk, 1) not in shown
    assert [str(message) for message in refused.context["messages"]] == [rests]
    assert state_of(begun).items[0].skipped
    assert SetRecord.objects.count() == 0

    ana.post(url("session_end", begun), key="e" * 22, pain_after="3", pain_worst="5")
    tick(ana, ball, 1, key="t" * 22)

    assert recorded(begun)[f"{BALL} right"] == [1], "what was done is corrected freely afterwards"


def test_wrong_with_the_chest_blocks_and_shows_the_emergency(ana, begun):
    response = ana.web.post(
        url("session_wrong", begun, 1), {"key": KEY, "choice": "dizzy_chest"}, follow=True
    )

    assert response.redirect_chain[-1][0] == "/blocked/"
    assert "Stop here and get emergency help" in text(response)
    assert SafetyBlock.objects.get().effect == "emergency"
    begun.refresh_from_db()
    assert begun.finished_at == NOW


@pytest.mark.parametrize("n", [1, 99])
def test_wrong_after_midnight_is_heard(ana, begun, n):
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        offered = ana.get(url("session_wrong", begun, n))
        answered = ana.post(url("session_wrong", begun, n), key=KEY, choice="dizzy_chest")

    assert offered.status_code == 200
    assert answered.headers["Location"] == "/blocked/"
    assert SafetyBlock.objects.get().effect == "emergency"
    assert (StopEvent.objects.get().item is None) == (n == 99)


def test_wrong_of_days_ago_is_heard_though_it_is_not_offered(ana, begun):
    with time_machine.travel(NOW + timedelta(days=4), tick=False):
        assert ana.get(url("session_wrong", begun, 1)).status_code == 404
        ana.post(url("session_wrong", begun, 1), key=KEY, choice="dizzy_chest")

    assert SafetyBlock.objects.get().effect == "emergency"


def test_wrong_in_a_session_of_somebody_else_is_not_found(ana, ben, begun):
    assert ben.post(url("session_wrong", begun, 1), key=KEY, choice="dizzy_chest").status_code == 404
    assert SafetyBlock.objects.count() == 0


def test_wrong_sent_twice_is_one_event(ana, begun):
    for _twice in range(2):
        ana.post(url("session_wrong_now", begun), key=KEY, choice="tingling")

    assert StopEvent.objects.count() == 1


@pytest.mark.parametrize("choice", ["", "bored", "\0"])
def test_wrong_without_an_answer_asks_again(ana, begun, choice):
    response = ana.post(url("session_wrong", begun, 1), key=KEY, choice=choice)

    assert response.status_code == 422
    assert "Please press one of the four answers." in text(response)
    assert StopEvent.objects.count() == 0


def test_stopped_message_of_another_session_is_not_found(ana, begun):
    ana.post(url("session_wrong_now", begun), key=KEY, choice="tingling")
    event = StopEvent.objects.get()
    other = train(ana.client, now=NOW - timedelta(days=1))

    assert ana.get(url("session_stopped", begun, event.pk)).status_code == 200
    assert ana.get(url("session_stopped", other, event.pk)).status_code == 404


# ---- Ending ------------------------------------------------------------------------------------------------------------


def test_end_stores_the_readings_and_finishes(ana, begun, ball):
    tick(ana, ball, 1)

    response = ana.web.post(
        url("session_end", begun), {"key": KEY, "pain_after": "3", "pain_worst": "5"}, follow=True
    )

    begun.refresh_from_db()
    assert begun.finished_at == NOW
    assert state_of(begun).readings == {Measure.PAIN_BEFORE: 3, Measure.PAIN_AFTER: 3, Measure.PAIN_WORST: 5}
    assert "Saved." in text(response)
    assert "Done for today" in text(response)


def test_end_asks_for_effort_only_where_something_was_strengthened(ana, begun):
    assert "effort" not in ana.get(url("session_end", begun)).context["form"].fields

    advance(ana.assignment, now=NOW)
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        session = train(ana.client, now=NOW + timedelta(days=1), finish=False)
        ana.post(url("session_end", session), key=KEY, pain_after="3", pain_worst="5", effort="6")

    assert state_of(session).readings[Measure.EFFORT] == 6


def test_end_of_a_session_without_a_tick_says_so_and_keeps_what_was_typed(ana, begun):
    response = ana.post(url("session_end", begun), key=KEY, pain_after="3", pain_worst="5")

    shown = text(response)
    assert "Nothing is ticked yet." in shown
    assert SessionReading.objects.filter(measure=Measure.PAIN_AFTER).count() == 0
    begun.refresh_from_db()
    assert begun.finished_at is None


def test_end_of_a_session_in_which_nothing_may_be_done_any_more_asks_for_no_tick(ana, begun):
    end_assignment(ana.assignment, by=responsible(ana.client), reason="Surgery", now=NOW)

    ana.post(url("session_end", begun), key=KEY, pain_after="3", pain_worst="5")

    begun.refresh_from_db()
    assert begun.finished_at == NOW
    assert SetRecord.objects.count() == 0


@pytest.mark.parametrize(("after", "worst"), [("11", "5"), ("3", ""), ("", "5"), ("-1", "5"), ("3", "x")])
def test_end_with_a_number_off_the_scale_changes_nothing(ana, begun, ball, after, worst):
    tick(ana, ball, 1)

    response = ana.post(url("session_end", begun), key=KEY, pain_after=after, pain_worst=worst)

    assert "Please choose a number from 0 to 10." in text(response)
    begun.refresh_from_db()
    assert begun.finished_at is None


def test_end_names_what_is_not_ticked(ana, begun):
    assert "Foam roll, inner thigh" in text(ana.get(url("session_end", begun)))


def test_end_with_a_used_key_and_other_numbers_says_so(ana, begun, ball):
    tick(ana, ball, 1)
    ana.post(url("session_end", begun), key=KEY, pain_after="3", pain_worst="5")

    response = ana.post(url("session_end", begun), key=KEY, pain_after="4", pain_worst="5")

    assert "This was sent before with other values." in text(response)
    assert state_of(begun).readings[Measure.PAIN_AFTER] == 3


# ---- A condition that comes while training -----------------------------------------------------------------------------


BALL = "smr_buttock_ball_wall"


@pytest.fixture
def forbidden(begun, ball):
    """The ball of the running session is forbidden by now: the condition that says so in its words."""
    ExerciseTag.objects.create(
        exercise_id=ball.exercise_id, tag=ConditionTag.objects.get(slug="nerve_arm_symptoms"), rule="avoid"
    )
    label = tag(begun.client, "nerve_arm_symptoms").tag.text("label")
    return f"Left out because of “{label}”. Your therapist knows."


def test_new_condition_takes_its_exercise_out_of_a_running_session(ana, begun, ball, forbidden):
    n = place_of(begun, ball)
    shown = ana.get(url("session_step", begun, n))

    assert forbidden in text(shown)
    assert shown.context["screen"].rows == []
    assert url("session_set", begun, ball.pk, 1) not in text(shown)
    assert ana.get(url("session", begun)).headers["Location"] != url("session_step", begun, n)
    assert ball.name not in [
        name for _n, name in ana.get(url("session_end", begun)).context["open_exercises"]
    ]


def test_new_condition_refuses_a_tick_from_a_page_before(ana, begun, ball, forbidden):
    fields = {"key": KEY, "done": "1", "seconds": "45"}
    response = ana.web.post(url("session_set", begun, ball.pk, 1), fields, follow=True)

    assert forbidden in text(response)
    assert SetRecord.objects.count() == 0


def test_new_condition_that_asks_for_care_waits_for_the_therapist(ana, begun, ball):
    label = tag(ana.client, "bleeding_risk").tag.text("label")
    waits = f"Waits for your therapist's OK because of “{label}”."

    assert waits in text(ana.get(url("session_step", begun, 1)))
    assert ana.get("/today/").context["page"].rows[0].skipped == waits
    tick(ana, ball, 1)
    assert SetRecord.objects.count() == 0

    agree(ana.client, BALL, "bleeding_risk")

    tick(ana, ball, 1)
    assert recorded(begun)[f"{BALL} right"] == [1]


def test_new_condition_still_lets_a_tick_be_taken_back(ana, begun, ball):
    tick(ana, ball, 1, key="a" * 22)
    ExerciseTag.objects.create(
        exercise_id=ball.exercise_id, tag=ConditionTag.objects.get(slug="nerve_arm_symptoms"), rule="avoid"
    )
    tag(begun.client, "nerve_arm_symptoms")

    tick(ana, ball, 1, key="b" * 22, done="")

    assert SetRecord.objects.latest_revisions().get().done is False


def test_new_condition_leaves_finished_sessions_to_be_corrected(ana):
    slug = "stretch_figure_four_sitting"
    before = train(ana.client, now=NOW - timedelta(days=2), partial={slug: 1})
    item = item_of(before, slug)
    ExerciseTag.objects.create(
        exercise_id=item.exercise_id, tag=ConditionTag.objects.get(slug="nerve_arm_symptoms"), rule="avoid"
    )
    tag(ana.client, "nerve_arm_symptoms", valid_from=NOW.date() - timedelta(days=5))

    tick(ana, item, 2)

    assert recorded(before)[f"{slug} right"] == [1, 2]


def test_new_condition_of_one_side_leaves_the_other_side(sit_down):
    seat = sit_down(side="both")
    session = train(seat.client, now=NOW, finish=False, partial={BALL: 0}, pain_after=None)
    ball = item_of(session, BALL, "left")
    ConditionTag.objects.filter(slug="nerve_arm_symptoms").update(scope=ConditionTag.Scope.LOCAL)
    ExerciseTag.objects.create(
        exercise_id=ball.exercise_id, tag=ConditionTag.objects.get(slug="nerve_arm_symptoms"), rule="avoid"
    )
    tag(seat.client, "nerve_arm_symptoms", "buttock", side="left")

    screen = seat.get(url("session_step", session, 1)).context["screen"]

    assert [row.told for row in screen.rows] == ["45 s right", "45 s right"]
    assert screen.dose == "2 × 45 s, right side"
    assert screen.forbidden
    assert not screen.settled


# ---- A plan that changes while training --------------------------------------------------------------------------------


CHANGED = "Your therapist has changed the plan."


def test_step_back_takes_the_strengthening_out_of_a_running_session(ana):
    now = NOW + timedelta(days=1)
    advance(ana.assignment, now=NOW)
    with time_machine.travel(now, tick=False):
        session = train(ana.client, now=now, finish=False, partial={"clam": 0, "bridge": 0}, pain_after=None)
        clam = next(item for item in session.items.all() if item.as_was["slug"] == "clam")
        release = ana.assignment.phases.get(order=0)
        move(ana.assignment, to=release, by=responsible(ana.client), reason="It flared up", now=now)

        rows = {row.exercise: row.skipped for row in ana.get("/today/").context["page"].rows}
        shown = text(ana.get(url("session_step", session, place_of(session, clam))))
        tick(ana, clam, 1, reps=10)
        kept = set(release.steps.values_list("as_was__slug", flat=True))

        assert (
            {slug for slug, why in rows.items() if why == CHANGED} == set(rows) - kept >= {"clam", "bridge"}
        )
        assert CHANGED in shown
        assert url("session_set", session, clam.pk, 1) not in shown
        assert not clam.set_records.exists()
        assert ana.get(url("session", session)).headers["Location"] == url("session_end", session)


@pytest.mark.parametrize("since", [0, 1])
def test_exercise_that_was_taken_out_leaves_a_running_session(ana, begun, ball, since):
    step = ball.steps.get()
    AssignedStep.objects.filter(pk=step.pk).update(valid_from=NOW.date() - timedelta(days=since))
    step.refresh_from_db()
    remove_step(step, by=responsible(ana.client), reason="Too strong", now=NOW)

    assert CHANGED in text(ana.get(url("session_step", begun, 1)))
    tick(ana, ball, 1)
    assert SetRecord.objects.count() == 0


def test_exercise_with_another_dose_or_day_stays_in_a_running_session(ana, begun, ball):
    step = ball.steps.get()
    change_step(
        step,
        by=responsible(ana.client),
        reason="Slowly",
        now=NOW,
        dose=replace(step.dose, sets=1, days_per_week=1),
    )

    tick(ana, ball, 2)

    assert recorded(begun)[f"{BALL} right"] == [2]


# ---- Correcting --------------------------------------------------------------------------------------------------------


@pytest.fixture
def past(ana):
    return train(ana.client, now=NOW - timedelta(days=2), partial={"stretch_figure_four_sitting": 1})


def test_finished_session_shows_what_was_done(ana, past):
    shown = text(ana.get(url("session", past)))

    assert "Sunday 8 March" in shown
    assert "3 of 4 sets" in shown
    assert "1 of 2 sets done" in shown


def test_finished_session_is_corrected_with_the_same_pages(ana, past):
    item = item_of(past, "stretch_figure_four_sitting")

    tick(ana, item, 2)
    ana.post(url("session_end", past), key=KEY, pain_after="1", pain_worst="4")

    assert recorded(past)["stretch_figure_four_sitting right"] == [1, 2]
    assert state_of(past).readings[Measure.PAIN_AFTER] == 1
    assert SessionReading.objects.get(measure=Measure.PAIN_AFTER, value=2).revision == 1


def test_finished_session_keeps_its_end_when_corrected(ana, past):
    ended = past.finished_at

    ana.post(url("session_end", past), key=KEY, pain_after="1", pain_worst="4")

    past.refresh_from_db()
    assert past.finished_at == ended


def test_correcting_writes_only_what_is_different(ana, past):
    ana.post(url("session_end", past), key=KEY, pain_after="2", pain_worst="4")

    assert SessionReading.objects.filter(measure=Measure.PAIN_AFTER).count() == 1


@pytest.mark.parametrize("told", [None, 8])
def test_pain_before_can_be_told_or_corrected_once_the_session_is_over(ana, begun, told):
    assert "pain_before" not in ana.get(url("session_end", begun)).context["form"].fields
    past = train(ana.client, now=NOW - timedelta(days=1), pain_before=told, pain_after=2)

    ana.post(url("session_end", past), key=KEY, pain_before="3", pain_after="2", pain_worst="3")

    assert state_of(past).readings == {Measure.PAIN_BEFORE: 3, Measure.PAIN_AFTER: 2, Measure.PAIN_WORST: 3}
    values = past.readings.filter(measure=Measure.PAIN_BEFORE).values_list("value", flat=True)
    assert list(values) == [value for value in (told, 3) if value is not None]


def test_pain_before_that_is_left_open_stays_as_it_was(ana, past):
    told = state_of(past).readings[Measure.PAIN_BEFORE]

    ana.post(url("session_end", past), key=KEY, pain_after="2", pain_worst="3")

    assert state_of(past).readings[Measure.PAIN_BEFORE] == told


def test_finished_session_has_no_player(ana, past):
    shown = text(ana.get(url("session_step", past, 1)))

    assert "data-timer" not in shown
    assert "Something is wrong" not in shown
    assert "Back to the session" in shown


def test_session_of_another_day_has_no_stop_button(ana, past):
    assert ana.get(url("session_wrong_now", past)).status_code == 404


def test_session_left_open_yesterday_can_be_told_to_its_end(ana):
    left = train(ana.client, now=NOW - timedelta(days=1), finish=False, pain_after=None)

    ana.post(url("session_end", left), key=KEY, pain_after="1", pain_worst="4")

    left.refresh_from_db()
    assert left.finished_at == NOW


def test_session_left_open_yesterday_is_not_played_today(ana):
    left = train(
        ana.client,
        now=NOW - timedelta(days=1),
        finish=False,
        partial={"smr_buttock_ball_wall": 1},
        pain_after=None,
    )

    assert "not finished" in text(ana.get(url("session", left)))
    assert "data-timer" not in text(ana.get(url("session_step", left, 1)))


# ---- Over midnight -----------------------------------------------------------------------------------------------------

LATE = NOW.replace(hour=22, minute=50)  # ten minutes before Ana's midnight


@pytest.fixture
def late(ana):
    with time_machine.travel(LATE, tick=False):
        return train(
            ana.client, now=LATE, finish=False, partial={"smr_buttock_ball_wall": 1}, pain_after=None
        )


@pytest.mark.parametrize("waited", [timedelta(minutes=20), timedelta(hours=5, minutes=59)])
def test_session_over_midnight_goes_on_being_played(ana, late, waited):
    with time_machine.travel(LATE + waited, tick=False):
        assert ana.get(url("session", late)).headers["Location"] == url("session_step", late, 1)
        step = text(ana.get(url("session_step", late, 1)))
        end = text(ana.get(url("session_end", late)))
        today = text(ana.get("/today/"))

    assert "data-timer" in step
    assert url("session_wrong", late, 1) in step
    assert url("session_wrong_now", late) in end
    assert "Finish" in end
    assert "Resume" in today
    assert url("session", late) in today


def test_session_over_midnight_is_stopped_by_a_block(ana, late):
    with time_machine.travel(LATE + timedelta(minutes=20), tick=False):
        check_in(ana.client, now=LATE + timedelta(minutes=20), yes=["fever_unwell"])

        assert ana.get(url("session_step", late, 1)).headers["Location"] == "/blocked/"


def test_session_over_midnight_is_left_to_correction_in_the_morning(ana, late):
    with time_machine.travel(LATE + timedelta(hours=6), tick=False):
        assert "not finished" in text(ana.get(url("session", late)))
        today = text(ana.get("/today/"))

    assert "Resume" not in today
    assert START in today


def test_session_over_midnight_gives_way_to_the_new_days_own(ana, late):
    with time_machine.travel(LATE + timedelta(minutes=30), tick=False):
        new = train(ana.client, now=LATE + timedelta(minutes=30), finish=False, pain_after=None)

        assert ana.get("/today/").context["page"].current.session == new


def test_session_over_midnight_once_finished_leaves_the_new_day_as_it_is(ana, late):
    with time_machine.travel(LATE + timedelta(minutes=20), tick=False):
        ana.post(url("session_end", late), key=KEY, pain_after="1", pain_worst="4")

        assert START in text(ana.get("/today/"))


# ---- A block while training --------------------------------------------------------------------------------------------


def test_live_session_of_a_blocked_client_leads_to_the_phones(ana, begun, ball):
    check_in(ana.client, now=NOW, yes=["fever_unwell"])

    for path in (
        url("session", begun),
        url("session_step", begun, 1),
        url("session_end", begun),
        url("session_skip", begun, 1),
    ):
        assert ana.get(path).headers["Location"] == "/blocked/"
    assert tick(ana, ball, 1).headers["Location"] == "/blocked/"
    assert ana.post(url("session_unskip", begun, 1), key=KEY).headers["Location"] == "/blocked/"
    assert SetRecord.objects.count() == 0


def test_past_session_of_a_blocked_client_can_still_be_corrected(ana, past):
    check_in(ana.client, now=NOW, yes=["fever_unwell"])

    assert ana.get(url("session", past)).status_code == 200
    tick(ana, item_of(past, "stretch_figure_four_sitting"), 2)
    assert recorded(past)["stretch_figure_four_sitting right"] == [1, 2]


# ---- Signing in again -------------------------------------------------------------------------------------------------


def test_tick_without_a_sign_in_leads_back_to_the_session(ana, ben, begun, ball, web):
    """A login leads on to the page it was asked for, and a browser reloads one: both with GET."""
    for path in (url("session_set", begun, ball.pk, 1), url("session_unskip", begun, 1)):
        asked = web.post(path, {"key": KEY, "done": "1", "seconds": 45})
        assert (
            asked.headers["Location"] == f"{reverse('account_login')}?{urlencode({'next': path}, safe='/')}"
        )

        assert ana.get(path).headers["Location"] == url("session", begun)
        assert ana.web.head(path).headers["Location"] == url("session", begun)
        assert ben.get(path).status_code == 404
    assert SetRecord.objects.count() == 0
    assert SkipRecord.objects.count() == 0


# ---- Strangers ---------------------------------------------------------------------------------------------------------


def test_session_of_another_client_is_not_found(ben, begun, ball):
    for name in ("session", "session_end", "session_wrong_now"):
        assert ben.get(url(name, begun)).status_code == 404
    for name in ("session_step", "session_skip", "session_wrong"):
        assert ben.get(url(name, begun, 1)).status_code == 404
    assert tick(ben, ball, 1).status_code == 404
    assert ben.post(url("session_unskip", begun, 1), key=KEY).status_code == 404
    assert ben.post(url("session_wrong_now", begun), key=KEY, choice="tingling").status_code == 404
    assert SetRecord.objects.count() == 0
    assert StopEvent.objects.count() == 0


def test_session_that_does_not_exist_is_not_found(ana):
    assert ana.get("/session/999999/").status_code == 404
    assert ana.get(f"/session/{10**30}/").status_code == 404


# ---- Queries -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sessions", [1, 3, 300])
def test_step_runs_a_fixed_number_of_queries(ana, django_assert_num_queries, sessions):
    bulk_sessions(ana.client, sessions, now=NOW)
    session = train(ana.client, now=NOW, finish=False, partial={"smr_buttock_ball_wall": 0})

    with django_assert_num_queries(29):
        ana.get(url("session_step", session, 1))


@pytest.mark.parametrize("sessions", [1, 3])
def test_summary_runs_a_fixed_number_of_queries(ana, django_assert_num_queries, sessions):
    bulk_sessions(ana.client, sessions, now=NOW)
    session = TrainingSession.objects.filter(client=ana.client).first()

    with django_assert_num_queries(13):
        ana.get(url("session", session))


AFTER = LATE + timedelta(minutes=30)


def test_exercise_taken_out_after_midnight_is_taken_out_of_the_session_that_runs(ana, late):
    ball = item_of(late, BALL)
    with time_machine.travel(AFTER, tick=False):
        step = AssignedStep.objects.get(
            phase__assignment=ana.assignment,
            exercise_id=ball.exercise_id,
            valid_until=None,
            phase__state="active",
        )
        remove_step(step, by=responsible(ana.client), reason="Too early.", now=AFTER)

        assert "changed the plan" in text(ana.get(url("session_step", late, 1)))


def test_care_ended_after_midnight_ends_the_session_that_runs(ana, late):
    ball = item_of(late, BALL)
    with time_machine.travel(AFTER, tick=False):
        end_care(ana.client, by=responsible(ana.client), reason="All is well.", now=AFTER)

        tick(ana, ball, 2)

        assert "changed the plan" in text(ana.get(url("session_step", late, 1)))
    assert not ball.set_records.filter(number=2).exists()


def test_exercise_stopped_after_midnight_rests_on_the_day_it_names(ana, late):
    ball = item_of(late, BALL)
    with time_machine.travel(AFTER, tick=False):
        stop(late, ball, choice="too_strong", key=KEY, now=AFTER)

        assert "rests for today" in text(ana.get(url("session_step", late, 1)))
        today = ana.client.local_date(AFTER)
    assert ball.exercise_id not in {item.exercise_id for item in plan_for(ana.client, today).items}


def test_side_that_the_therapist_takes_out_is_taken_out_of_the_session_that_runs(ana, begun):
    right = next(item for item in begun.items.all() if item.side_mode == "each_side" and item.side == "right")
    step = AssignedStep.objects.get(
        phase__assignment=ana.assignment,
        exercise_id=right.exercise_id,
        valid_until=None,
        phase__state="active",
    )

    change_step(step, by=responsible(ana.client), reason="The other side.", now=NOW, side="left")

    [state] = [each for each in current_state(begun, NOW).items if each.item == right]
    assert state.verdict.withdrawn


def test_session_in_which_nothing_could_be_done_is_no_day_of_training(ana, begun):
    end_assignment(ana.assignment, by=responsible(ana.client), reason="A break.", now=NOW)

    ana.post(url("session_end", begun), key=KEY, pain_after="1", pain_worst="4")

    begun.refresh_from_db()
    assert begun.finished_at is not None
    assert ana.get("/today/").context["page"].week.done == 0


def test_one_forbidden_side_is_named_and_the_other_stays_open(ana):
    step = AssignedStep.objects.get(
        phase__assignment=ana.assignment, exercise__slug=BALL, valid_until=None, phase__state="active"
    )
    change_step(step, by=responsible(ana.client), reason="Both.", now=NOW - timedelta(days=1), side="both")
    begun = train(ana.client, now=NOW, finish=False, pain_after=None, partial={BALL: 0})
    tag(ana.client, ConditionTag.objects.filter(scope="local").first().slug, "buttock", side="left")

    [row] = [row for row in ana.get("/today/").context["page"].rows if row.exercise == BALL]

    assert row.skipped == ""
    assert row.note.startswith("Left side: ")
    assert "Left side: " in text(ana.get(url("session_step", begun, 1)))
