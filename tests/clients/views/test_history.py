"""What was done: the list of all sessions."""

from datetime import timedelta

import pytest

from clients.demo.builders import NOW, bulk_sessions, examine, train
from tests.clients.views.conftest import text

pytestmark = pytest.mark.django_db


def test_history_of_nobody_yet_leads_to_today(ana):
    shown = text(ana.get("/history/"))

    assert "Nothing recorded yet" in shown


def test_history_lists_sessions_with_sets_and_pain(ana):
    session = train(
        ana.client,
        now=NOW - timedelta(days=1),
        pain_before=5,
        pain_after=3,
        partial={"stretch_figure_four_sitting": 1},
    )

    shown = text(ana.get("/history/"))

    assert "Monday 9 March" in shown
    assert "6 of 7 sets, pain 5 → 3" in shown
    assert f'href="/session/{session.pk}/"' in shown
    assert "1 session" in shown


def test_history_shows_the_corrected_number(ana):
    session = train(ana.client, now=NOW - timedelta(days=1), pain_before=5, pain_after=3)
    ana.post(f"/session/{session.pk}/end/", key="k" * 22, pain_after="2", pain_worst="4")

    assert "pain 5 → 2" in text(ana.get("/history/"))


def test_history_names_what_is_not_finished(ana):
    train(ana.client, now=NOW - timedelta(days=1), finish=False, pain_after=None)

    assert "not finished" in text(ana.get("/history/"))


def test_history_shows_only_ones_own(ana, ben):
    train(ben.client, now=NOW - timedelta(days=1))

    assert "Nothing recorded yet" in text(ana.get("/history/"))


def test_history_goes_back_to_the_first_day_in_pages(ana):
    bulk_sessions(ana.client, 45, now=NOW)

    first, last = text(ana.get("/history/")), text(ana.get("/history/?page=3"))

    assert "Monday 9 March" in first
    assert "Saturday 24 January" in last
    assert "45 sessions" in last


@pytest.mark.parametrize("number", ["0", "-1", "999", "x", "9" * 100])
def test_history_of_a_page_that_is_not_there_shows_one_that_is(ana, number):
    bulk_sessions(ana.client, 3, now=NOW)

    assert ana.web.get("/history/", {"page": number}).status_code == 200


@pytest.mark.parametrize("sessions", [1, 3, 3000])
def test_history_runs_a_fixed_number_of_queries(ana, django_assert_num_queries, sessions):
    bulk_sessions(ana.client, sessions, now=NOW)

    with django_assert_num_queries(14):
        ana.get("/history/")


def test_progress_shows_where_it_hurt_at_the_visits_of_this_person_alone(ana, ben):
    train(ana.client, now=NOW - timedelta(days=1))
    train(ben.client, now=NOW - timedelta(days=1))
    examine(ana.client, pain=[("buttock", "right", 6)], now=NOW - timedelta(days=2))
    shown, other = text(ana.get("/progress/")), text(ben.get("/progress/"))

    assert "Buttock, right: in 1 of 1 visit, last on 8 Mar 2026" in shown
    assert "<b>Pain:</b> buttock, right (6 of 10)" in shown
    assert "Where it hurts" not in other
