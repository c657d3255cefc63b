"""Outcome measures as the client meets them."""

import re
from datetime import timedelta

import pytest
import time_machine

from clients.demo.builders import NOW, rate, screen
from clients.enrolling import end_care
from clients.models import ActivityList, Delivery, OutcomeResponse, SafetyBlock
from routines.models import OutcomeMeasure
from tests.charted import charts_on, difference
from tests.clients.views.conftest import START, text

pytestmark = pytest.mark.django_db

KEY = "k" * 22
DAY = timedelta(days=1)
LEG = {"leg_pain": 2, "leg_feeling": 0, "leg_trust": 1, "leg_rest": 2}


def page(slug):
    return f"/measures/{OutcomeMeasure.objects.get(slug=slug).pk}/"


def listed(seat):
    """The hidden field that says which activities the page shows."""
    return ActivityList.objects.filter(client=seat.client).first().key


def due(seat):
    return [each.measure.slug for each in seat.get("/measures/").context["measures"].due]


def test_what_is_due_stands_on_the_page_and_calmly_on_today(ana):
    assert due(ana) == ["nprs", "activities", "leg_symptoms"]

    shown = text(ana.get("/today/"))

    assert "Average pain, My activities, My leg diary" in shown
    assert 'href="/measures/"' in shown


def test_back_complaints_are_asked_for_the_total_and_others_are_not(sit_down):
    back = sit_down("program_lower_crossed", name="Ben Ortiz")
    neck = sit_down("program_upper_crossed", name="Carla Meier")

    assert due(back) == ["nprs", "activities", "rmdq"]
    assert due(neck) == ["nprs", "activities"]
    assert neck.get(page("rmdq")).status_code == 404


def test_change_is_asked_two_weeks_later(sit_down):
    later = sit_down(name="Carla Meier", start=NOW - 14 * DAY)

    assert due(later) == ["nprs", "activities", "leg_symptoms", "change"]


def test_nothing_is_due_after_the_answers_and_while_the_program_rests(ana):
    rate(ana.client, "nprs", 6)
    rate(ana.client, "activities", [3, 4])
    rate(ana.client, "leg_symptoms", LEG)

    assert due(ana) == []
    assert "How does it go?" not in text(ana.get("/today/"))


def test_average_pain_is_one_tap_and_told_at_once(ana):
    rate(ana.client, "nprs", 6, now=START)

    saved = ana.post(page("nprs"), key=KEY, pain_average_7_days="4")

    assert saved["Location"] == "/measures/"
    shown = text(ana.get("/measures/"))
    assert "6 at first, 4 now: 2 points lower. That is more than the usual ups and downs" in shown
    assert "A difference counts from 2 points on, for the better also from 30 % on." in shown
    row = OutcomeResponse.objects.get(local_date=NOW.date())
    assert (row.answers, row.score, row.version, row.entered_by) == (
        {"pain_average_7_days": 4}, 4, 1, ana.client.user,
    )  # fmt: skip


def test_only_one_question_of_the_pain_scale_is_asked(ana):
    shown = text(ana.get(page("nprs")))

    assert "Over the last 7 days" in shown
    assert "right now" not in shown


def test_sent_twice_is_one_answer_and_another_one_corrects_it(ana):
    for _again in range(2):
        ana.post(page("nprs"), key=KEY, pain_average_7_days="4")
    assert OutcomeResponse.objects.count() == 1

    assert "You answered this today" in text(ana.get(page("nprs")))
    ana.post(page("nprs"), key="l" * 22, pain_average_7_days="5")

    newest = OutcomeResponse.objects.latest_revisions().get()
    assert (newest.revision, newest.score) == (2, 5)


def test_same_key_with_another_answer_is_refused(ana):
    ana.post(page("nprs"), key=KEY, pain_average_7_days="4")

    again = ana.post(page("nprs"), key=KEY, pain_average_7_days="9")

    assert again.status_code == 409
    assert "sent before with other values" in text(again)
    assert OutcomeResponse.objects.get().score == 4

    fresh = re.search(r'name="key" value="([^"]+)"', again.content.decode())[1]
    assert ana.post(page("nprs"), key=fresh, pain_average_7_days="9").status_code == 302
    assert OutcomeResponse.objects.latest_revisions().get().score == 9


@pytest.mark.parametrize("value", ["", "11", "-1", "five"])
def test_number_outside_the_scale_is_asked_for_again(ana, value):
    refused = ana.post(page("nprs"), key=KEY, pain_average_7_days=value)

    assert refused.status_code == 422
    assert "Please choose a number from 0 to 10." in text(refused)
    assert not OutcomeResponse.objects.exists()


def test_activities_are_named_first_and_rated_the_same_each_time(ana):
    assert ana.get(page("activities"))["Location"] == "/measures/activities/choose/"
    assert "Which everyday things are hard for you" in text(ana.get("/measures/activities/choose/"))

    named = ana.post(
        "/measures/activities/choose/", key=KEY, **{"name-0": " Put on  socks ", "name-2": "Sit"}
    )

    assert named["Location"] == page("activities")
    assert ActivityList.objects.get().names == ["Put on socks", "Sit"]
    shown = text(ana.get(page("activities")))
    assert "How well can you do this at the moment: Put on socks?" in shown
    assert "as well as before this began" in shown
    ana.post(page("activities"), key=KEY, list=listed(ana), **{"activity-0": "3", "activity-1": "6"})
    row = OutcomeResponse.objects.get()
    assert (row.answers, float(row.score), row.activities.names) == ([3, 6], 4.5, ["Put on socks", "Sit"])


def test_no_activity_is_not_a_list(ana):
    assert ana.post("/measures/activities/choose/", key=KEY).status_code == 422
    assert ana.post("/measures/activities/choose/", key=KEY, **{"name-0": "  "}).status_code == 422
    assert not ActivityList.objects.exists()


def test_same_list_goes_on_and_another_one_starts_a_new_line(ana):
    rate(ana.client, "activities", [2, 4], activities=["Socks", "Sit"], now=START)
    ana.post("/measures/activities/choose/", key=KEY, **{"name-0": "Socks", "name-1": "Sit"})
    assert ActivityList.objects.count() == 1

    assert "Another list begins a new line" in text(ana.get("/measures/activities/choose/"))
    ana.post("/measures/activities/choose/", key="l" * 22, **{"name-0": "Walk"})
    ana.post(page("activities"), key=KEY, list=listed(ana), **{"activity-0": "8"})

    asked = ana.get("/measures/").context["measures"].of("activities")
    assert [point.score for point in asked.line.points] == [8]
    assert [point.score for point in asked.earlier[0].points] == [3]
    assert "One value so far: 8." in text(ana.get("/measures/"))


def test_ratings_of_a_list_that_changed_are_kept_for_no_activity(ana):
    rate(ana.client, "activities", [2, 4], activities=["Socks", "Sit"], now=START)
    shown_before = listed(ana)
    ana.post("/measures/activities/choose/", key="l" * 22, **{"name-0": "Sit", "name-1": "Walk"})
    ratings = {"activity-0": "1", "activity-1": "9"}

    for sent in ({"list": shown_before}, {}):
        refused = ana.post(page("activities"), key=KEY, **sent, **ratings)

        assert refused.status_code == 409
        shown = text(refused)
        assert "The list of activities has changed in the meantime." in shown
        assert "How well can you do this at the moment: Walk?" in shown
        assert "checked" not in shown
        assert f'name="list" value="{listed(ana)}"' in shown
    assert OutcomeResponse.objects.count() == 1


def test_ratings_of_today_do_not_stand_beside_another_list(ana):
    rate(ana.client, "activities", [2, 4], activities=["Socks", "Sit"])
    assert text(ana.get(page("activities"))).count(" checked") == 2

    ana.post("/measures/activities/choose/", key=KEY, **{"name-0": "Sit", "name-1": "Walk"})

    assert " checked" not in text(ana.get(page("activities")))


def test_another_list_with_a_used_key_is_not_dropped(ana):
    choose = "/measures/activities/choose/"
    for _twice in range(2):
        ana.post(choose, key=KEY, **{"name-0": "Socks"})

    refused = ana.post(choose, key=KEY, **{"name-0": "Walk"})

    assert refused.status_code == 409
    assert 'value="Walk"' in text(refused)
    fresh = re.search(r'name="key" value="([^"]+)"', refused.content.decode())[1]
    assert ana.post(choose, key=fresh, **{"name-0": "Walk"})["Location"] == page("activities")
    assert [each.names for each in ActivityList.objects.all()] == [["Walk"], ["Socks"]]


def test_total_for_the_back_is_typed_with_its_day_and_source(sit_down):
    back = sit_down("program_lower_crossed", name="Ben Ortiz")

    shown = text(back.get(page("rmdq")))
    assert "Roland and Morris 1983" in shown

    early = back.client.local_date(NOW) - 2 * DAY
    back.post(page("rmdq"), key=KEY, day=early.isoformat(), total="11")

    row = OutcomeResponse.objects.get()
    assert (row.local_date, row.score, row.answers) == (early, 11, {"total": 11})


@pytest.mark.parametrize(
    ("day", "total"), [("2026-03-11", "4"), ("1999-12-31", "4"), ("2026-03-10", "25"), ("", "4")]
)
def test_total_of_tomorrow_or_above_the_scale_is_refused(sit_down, day, total):
    back = sit_down("program_lower_crossed", name="Ben Ortiz")

    assert back.post(page("rmdq"), key=KEY, day=day, total=total).status_code == 422
    assert not OutcomeResponse.objects.exists()


@pytest.mark.parametrize("number", ["0", "9" * 30, "nprs", "leg_symptoms"])
def test_measure_is_addressed_by_its_number(ana, number):
    assert ana.get(f"/measures/{number}/").status_code == 404


def test_addresses_name_no_complaint(ana):
    shown = ana.get("/measures/").content.decode() + ana.get("/today/").content.decode()

    for slug in ("leg_symptoms", "nprs", "rmdq"):
        assert not re.search(rf'href="[^"#]*{slug}', shown)


@pytest.mark.parametrize("slug", ["odi", "sbi", "effort"])
def test_what_is_not_asked_has_no_page(ana, slug):
    assert ana.get(page(slug)).status_code == 404
    assert ana.post(page(slug), key=KEY, total="4").status_code == 404


def test_measure_that_its_owner_does_not_allow_is_never_offered(ana):
    OutcomeMeasure.objects.filter(slug="nprs").update(shipped="no")

    assert "nprs" not in due(ana)
    assert ana.get(page("nprs")).status_code == 404


# ---- The question of the leg diary ----------------------------------------------------------------------------------


def test_leg_that_cannot_be_relied_on_leads_to_the_question_and_yes_blocks(ana):
    saved = ana.post(page("leg_symptoms"), key=KEY, **{**LEG, "leg_trust": 4})
    assert saved["Location"] == "/measures/question/"
    assert "One question about your leg" in text(ana.get("/today/"))
    assert "Is one leg or foot getting weaker" in text(ana.get("/measures/question/"))

    answered = ana.post("/measures/question/", key=KEY, leg_weakness_worsening="on", some="1")

    assert answered["Location"] == "/blocked/"
    assert SafetyBlock.objects.get(client=ana.client).effect == "urgent"
    assert Delivery.objects.filter(client=ana.client, letter=Delivery.Letter.SAFETY_ALERT).exists()
    assert ana.get("/measures/question/")["Location"] == "/measures/"


def test_no_lets_everything_go_on(ana):
    ana.post(page("leg_symptoms"), key=KEY, **{**LEG, "leg_trust": 6})

    answered = ana.post("/measures/question/", key=KEY, none="1")

    assert answered["Location"] == "/measures/"
    assert not SafetyBlock.objects.exists()
    assert "One question about your leg" not in text(ana.get("/today/"))


def test_empty_answer_is_no_answer(ana):
    ana.post(page("leg_symptoms"), key=KEY, **{**LEG, "leg_trust": 6})

    assert ana.post("/measures/question/", key=KEY).status_code == 422
    assert "One question about your leg" in text(ana.get("/today/"))


def test_rise_by_two_asks_and_a_steady_leg_does_not(ana):
    rate(ana.client, "leg_symptoms", LEG, now=START)
    screen(ana.client, now=START)

    steady = ana.post(page("leg_symptoms"), key=KEY, **{**LEG, "leg_trust": 2})
    assert steady["Location"] == "/measures/"
    risen = ana.post(page("leg_symptoms"), key="l" * 22, **{**LEG, "leg_trust": 3})

    assert risen["Location"] == "/measures/question/"


@pytest.mark.parametrize("later", [False, True])
def test_question_is_not_lowered_away(ana, later):
    ana.post(page("leg_symptoms"), key=KEY, **{**LEG, "leg_trust": 6})

    with time_machine.travel(NOW + later * DAY, tick=False):
        lowered = ana.post(page("leg_symptoms"), key="l" * 22, **{**LEG, "leg_trust": 1})

        assert lowered["Location"] == "/measures/question/"
        assert "One question about your leg" in text(ana.get("/today/"))
        ana.post("/measures/question/", key=KEY, none="1")
        assert "One question about your leg" not in text(ana.get("/today/"))


def test_question_answered_is_not_asked_again_by_a_correction_of_the_same_day(ana):
    ana.post(page("leg_symptoms"), key=KEY, **{**LEG, "leg_trust": 6})
    ana.post("/measures/question/", key=KEY, none="1")

    corrected = ana.post(page("leg_symptoms"), key="l" * 22, **{**LEG, "leg_pain": 1, "leg_trust": 6})

    assert corrected["Location"] == "/measures/"


def test_question_without_a_reason_is_not_asked(ana):
    assert ana.get("/measures/question/")["Location"] == "/measures/"


@pytest.mark.parametrize("name", ["nprs", "choose", "question"])
def test_nothing_is_rated_once_care_has_ended(ana, therapist, name):
    paths = {"choose": "/measures/activities/choose/", "question": "/measures/question/"}
    path = paths.get(name) or page(name)
    end_care(ana.client, by=therapist, reason="All is well.", now=NOW)

    assert ana.get(path)["Location"] == "/today/"
    fields = {"key": KEY, "pain_average_7_days": "4", "name-0": "Walk", "none": "1"}
    assert "your care here has ended" in text(ana.web.post(path, fields, follow=True))
    assert not OutcomeResponse.objects.exists()
    assert not ActivityList.objects.exists()


# ---- All together ---------------------------------------------------------------------------------------------------


def test_values_are_drawn_with_a_table_and_the_line_that_matters(ana):
    rate(ana.client, "nprs", 6, now=START)
    rate(ana.client, "nprs", 5)

    shown = text(ana.get("/measures/"))

    assert "<polyline" in shown
    assert "That is within the usual ups and downs." in shown
    assert '<time datetime="2026-03-10">10 Mar 2026</time></th><td class="number">5</td>' in shown
    (chart,) = charts_on(ana.get("/measures/").content.decode())
    assert difference(chart) == []


def test_answers_of_somebody_else_are_not_there(ana, ben):
    rate(ben.client, "nprs", 9)

    assert "9" not in [str(part.asked.line.latest.score) for part in ana.get("/measures/").context["parts"]]


def test_why_release_first_is_told_to_clients_and_the_team(ana, therapist, web_as, web, settings):
    settings.STAFF_SECOND_FACTOR = False
    shown = text(ana.get("/why-release-first/"))

    assert "Nobody has shown that release has to come first." in shown
    assert "It does not diagnose" in shown
    assert 'href="/why-release-first/"' in text(ana.get("/today/"))
    assert 'href="/why-release-first/"' in text(ana.get("/program/"))
    assert web_as(therapist).get("/why-release-first/").status_code == 200
    assert web.get("/why-release-first/").status_code == 302


def test_germans_read_questions_and_words_of_the_scale_in_german(sit_down):
    anna = sit_down(name="Anna Braun", language="de")
    diary = text(anna.get(page("leg_symptoms")))
    assert "auf Ihr Bein oder Ihren Fuß verlassen" in diary
    assert "2 ein wenig; 4 stark" in diary
    assert "Welche alltäglichen Dinge" in text(anna.get("/measures/activities/choose/"))
    rate(anna.client, "activities", [4], now=START)
    rate(anna.client, "activities", [6], activities=["Put on socks"])
    assert "Anfangs 4, jetzt 6: 2 Punkte höher." in text(anna.get("/measures/"))
    assert "Warum zuerst lösen?" in text(anna.get("/why-release-first/"))


@pytest.mark.parametrize("times", [1, 40])
def test_page_runs_a_fixed_number_of_queries(ana, django_assert_num_queries, times):
    for number in range(times):
        rate(ana.client, "nprs", 5, now=NOW - number * DAY)
        rate(ana.client, "activities", [4], activities=["Sit"], now=NOW - number * DAY)

    with django_assert_num_queries(14):
        ana.get("/measures/")
