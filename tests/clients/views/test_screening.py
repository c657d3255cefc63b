"""The health questions before the first session, one list a page."""

import re
from datetime import timedelta

import pytest
import time_machine

from clients.demo.builders import NOW, assign
from clients.models import ClientTag, Delivery, SafetyBlock, Screening, ScreeningAnswer
from clients.screening import questions_for
from tests.clients.views.conftest import text
from tests.pages import main_of

pytestmark = pytest.mark.django_db

KEY = "k" * 22
WARNINGS = "/questions/warning_signs/"
HEALTH = "/questions/ask_first/"
ADJUST = "/questions/adjust/"


@pytest.fixture
def fresh(sit_down):
    return sit_down(screened=False)


def test_screening_leads_from_list_to_list_into_the_session(fresh):
    assert fresh.get("/questions/").headers["Location"] == WARNINGS

    path = WARNINGS
    for n, following in enumerate([HEALTH, ADJUST]):
        assert fresh.post(path, key=f"{KEY}{n}", none="1").headers["Location"] == "/questions/"
        path = fresh.get("/questions/").headers["Location"]
        assert path == following
    assert fresh.post(path, key=f"{KEY}9", none="1").headers["Location"] == "/session/start/1/"

    answers = ScreeningAnswer.objects.filter(screening__client=fresh.client)
    assert answers.count() == len(questions_for(fresh.client))
    assert not answers.filter(yes=True).exists()
    assert fresh.get("/questions/").headers["Location"] == "/today/"


def test_screening_list_shows_short_items_and_its_own_button(fresh):
    shown = text(fresh.get(WARNINGS))

    assert "Signs that need attention now" in shown
    assert "New or worsening pain, numbness or weakness in both legs" in shown
    assert "None of these" in shown
    assert "2 more lists" in shown
    assert shown.count("Tick everything that is true for you at the moment.") == 1
    assert not re.search(r"<p[^>]*>\s*</p>", main_of(shown))


def test_screening_list_without_an_answer_says_so_and_stores_nothing(fresh):
    response = fresh.post(WARNINGS, key=KEY)

    assert response.status_code == 422
    assert "Tick what is true for you, or press “None of these”." in text(response)
    assert Screening.objects.count() == 0


def test_screening_list_asks_again_when_tick_and_button_contradict_each_other(fresh):
    response = fresh.post(WARNINGS, key=KEY, none="1", fever_unwell="on")

    assert "You ticked something and pressed “None of these”." in text(response)
    assert Screening.objects.count() == 0


@pytest.mark.parametrize(
    ("path", "sign", "effect", "title"),
    [
        (WARNINGS, "saddle_numbness", "emergency", "Stop here and get emergency help"),
        (WARNINGS, "fever_unwell", "urgent", "Please get medical advice today"),
        (HEALTH, "night_pain", "review", "Ask first"),
    ],
)
def test_screening_answer_that_blocks_shows_its_message_and_alerts_the_therapist(
    fresh, therapist, path, sign, effect, title
):
    response = fresh.web.post(path, {"key": KEY, sign: "on"}, follow=True)

    assert response.redirect_chain[-1][0] == "/blocked/"
    assert title in text(response)
    assert 'href="tel:112"' in text(response)
    assert SafetyBlock.objects.get(client=fresh.client).effect == effect
    assert Delivery.objects.get(letter=Delivery.Letter.SAFETY_ALERT).user == therapist
    assert fresh.get("/questions/").headers["Location"] == "/blocked/"


def test_screening_warning_sign_never_asks_where_before_it_blocks(fresh):
    response = fresh.post(WARNINGS, key=KEY, calf_signs="on")

    assert response.headers["Location"] == "/blocked/"


def test_screening_heard_again_when_somebody_goes_back_and_ticks(fresh):
    """The same page of the browser's history, so the same key, and the list is answered already."""
    fresh.post(WARNINGS, key=KEY, none="1")

    response = fresh.post(WARNINGS, key=KEY, fever_unwell="on")

    assert response.headers["Location"] == "/blocked/"
    assert SafetyBlock.objects.count() == 1


def test_screening_sent_twice_is_stored_once(fresh):
    fresh.post(WARNINGS, key=KEY, none="1")
    fresh.post(WARNINGS, key=KEY, none="1")
    assert Screening.objects.count() == 1

    fresh.post(WARNINGS, key=KEY, fever_unwell="on")
    fresh.post(WARNINGS, key=KEY, fever_unwell="on")
    assert Screening.objects.count() == 2
    assert SafetyBlock.objects.count() == 1


def test_screening_of_a_blocked_client_still_hears_something_more_urgent(fresh):
    fresh.post(HEALTH, key=KEY, night_pain="on")

    shown = text(fresh.web.post(WARNINGS, {"key": KEY, "saddle_numbness": "on"}, follow=True))

    assert shown.index("Stop here and get emergency help") < shown.index("Ask first")


# ---- Local conditions --------------------------------------------------------------------------------------------------


def test_screening_local_condition_is_stored_where_it_is(fresh):
    fresh.web.post(
        ADJUST,
        {"key": KEY, "skin": "on", "skin-area": "buttock", "skin-side": "right"},
    )

    tag = ClientTag.objects.get(client=fresh.client)
    assert (tag.tag.slug, tag.area.slug, tag.side) == ("broken_or_infected_skin", "buttock", "right")
    assert tag.source == ClientTag.Source.SCREENING


def test_screening_local_condition_wants_to_know_where(fresh):
    response = fresh.post(ADJUST, key=KEY, skin="on")

    assert "Please choose where." in text(response)
    assert ClientTag.objects.count() == 0


def test_screening_local_condition_at_an_unsure_place_counts_for_the_whole_body(fresh):
    fresh.web.post(ADJUST, {"key": KEY, "skin": "on", "skin-area": "unsure", "skin-side": "left"})

    tag = ClientTag.objects.get(client=fresh.client)
    assert (tag.area, tag.side) == (None, "both")


@pytest.mark.parametrize(("area", "side"), [("nowhere", "left"), ("buttock", "upwards"), ("\0", "left")])
def test_screening_local_condition_at_a_forged_place_is_refused(fresh, area, side):
    response = fresh.web.post(ADJUST, {"key": KEY, "skin": "on", "skin-area": area, "skin-side": side})

    assert response.status_code == 422
    assert ClientTag.objects.count() == 0


def test_screening_of_a_whole_person_condition_tells_what_follows(fresh):
    screen_all_but_last(fresh)
    response = fresh.web.post(ADJUST, {"key": KEY, "kneel": "on"}, follow=True)

    assert "Some exercises are left out or changed for you." in text(response)


def screen_all_but_last(seat):
    for path in (WARNINGS, HEALTH):
        seat.post(path, key=KEY, none="1")


# ---- Doors ---------------------------------------------------------------------------------------------------------------


def test_screening_of_a_list_that_is_answered_leads_on(ana):
    assert ana.get(WARNINGS).headers["Location"] == "/questions/"


@pytest.mark.parametrize("slug", ["before_session", "nonsense"])
def test_screening_of_a_list_that_is_not_asked_here_leads_on(fresh, slug):
    assert fresh.get(f"/questions/{slug}/").headers["Location"] == "/questions/"


def test_screening_ignores_items_that_are_not_asked(fresh):
    response = fresh.post(WARNINGS, key=KEY, arm_signs="on", nonsense="on")

    assert "Tick what is true for you" in text(response)


def test_screening_is_asked_again_after_three_months(ana):
    assert ana.get("/questions/").headers["Location"] == "/today/"

    with time_machine.travel(NOW + timedelta(days=100), tick=False):
        ana.web.force_login(ana.client.user)
        assert ana.get("/questions/").headers["Location"] == WARNINGS


@pytest.mark.parametrize("programs", [1, 3])
def test_screening_list_runs_a_fixed_number_of_queries(fresh, django_assert_num_queries, programs):
    for slug in ["program_knee_valgus", "program_plantar_heel"][: programs - 1]:
        assign(fresh.client, slug, now=NOW)

    with django_assert_num_queries(13):
        fresh.get(WARNINGS)
