"""What I have at home: ticked by the client, seen beside the exercise, known to the therapist."""

from __future__ import annotations

import pytest

from clients.admin.athome import USUAL
from clients.cupboard import cupboard_of, keep_tools, tools_to_tick
from clients.demo.builders import NOW, make_client, make_therapist, responsible, train
from clients.models import Client, HomeSetup
from routines.models import Equipment
from tests.clients.views.conftest import text

BALL = "massage_ball"


def key(slug: str) -> int:
    return Equipment.objects.get(slug=slug).pk


def test_page_is_reached_from_settings_and_program_and_says_that_nobody_asked(ana):
    for page in ("/settings/", "/program/"):
        assert 'href="/at-home/"' in text(ana.get(page))

    shown = text(ana.get("/at-home/"))
    assert "You have not told us yet" in shown
    assert "Massage or tennis ball" in shown
    assert "Firm chair" not in shown
    assert "checked" not in shown


def test_ticked_tools_are_kept_and_come_back_ticked(ana):
    answer = ana.post("/at-home/", tools=[key(BALL), key("strap")])
    page = ana.get("/at-home/")

    assert answer["Location"] == "/at-home/"
    assert cupboard_of(ana.client).have == {BALL, "strap"}
    assert HomeSetup.objects.get().tools_by == ana.client.user
    assert text(page).count("checked") == 2
    assert "You have not told us yet" not in text(page)


def test_nothing_ticked_is_an_answer(ana):
    ana.post("/at-home/")

    assert cupboard_of(ana.client).have == frozenset()
    assert "You have not told us yet" not in text(ana.get("/at-home/"))


@pytest.mark.parametrize("tool", ["999999", "x", "-1", "9" * 30, "\x00", "wall"])
def test_tool_that_is_not_offered_is_refused_beside_the_list(ana, tool):
    sent = key("wall") if tool == "wall" else tool
    answer = ana.post("/at-home/", tools=[key(BALL), sent])

    assert answer.status_code == 422
    assert "Choose from this list." in text(answer)
    assert text(answer).count("checked") == 1  # what was ticked stays
    assert not HomeSetup.objects.exists()


def test_after_care_has_ended_nothing_is_ticked(ana):
    Client.objects.filter(pk=ana.client.pk).update(ended_at=NOW)

    assert ana.get("/at-home/")["Location"] == "/today/"
    assert ana.post("/at-home/", tools=[key(BALL)])["Location"] == "/today/"
    assert not HomeSetup.objects.exists()
    assert "/at-home/" not in text(ana.get("/settings/"))


def test_nobody_but_clients_has_this_page(web_as, therapist, ben, ana):
    assert web_as(therapist).post("/at-home/", {"tools": [key(BALL)]})["Location"].startswith("/workplace/")
    ben.post("/at-home/", tools=[key(BALL)])

    assert HomeSetup.objects.get().client == ben.client


def test_page_runs_a_fixed_number_of_queries(ana, django_assert_num_queries):
    keep_tools(ana.client, tools_to_tick(), shown=[], by=ana.client.user, now=NOW)

    with django_assert_num_queries(6):
        ana.get("/at-home/")


# ---- Beside the exercise ----------------------------------------------------------------------------------------------


def step_page(seat):
    session = train(seat.client, now=NOW, finish=False, partial={"smr_buttock_ball_wall": 0})
    return lambda: text(seat.get(f"/session/{session.pk}/1/"))


def test_missing_tool_is_told_with_its_substitute_and_the_exercise_stays(ana):
    shown = step_page(ana)
    assert "tennis ball in a sock" not in shown()

    ana.post("/at-home/")
    assert "This does it: a tennis ball in a sock." in shown()
    assert "Ball release, buttock at a wall" in shown()

    ana.post("/at-home/", tools=[key(BALL)])
    assert "This does it" not in shown()


# ---- In the workplace ---------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(web_as, ana, settings):
    settings.STAFF_SECOND_FACTOR = False
    return web_as(responsible(ana.client))


def test_therapist_sees_what_was_ticked_and_what_the_plan_lacks(ana, desk):
    url = f"/workplace/clients/client/{ana.client.pk}/plan/"
    before = text(desk.get(url))
    ana.post("/at-home/", tools=[key("foam_roller")])
    after = text(desk.get(url))

    assert "Nobody has asked yet which tools there are." in before
    assert "not at home" not in before
    assert "Ticked by the client on" in after
    assert "not at home: Massage or tennis ball" in after


def test_therapist_changes_what_is_at_home(ana, desk):
    url = f"/workplace/clients/client/{ana.client.pk}/home/"
    ana.post("/at-home/", tools=[key("foam_roller")])
    form = desk.get(url).context["form"]
    saved = desk.post(url, {"tools": [key(BALL)], "level": "1", "minutes": "10", "floor": "on"})
    home = HomeSetup.objects.get()

    assert {name: form[name].value() for name in USUAL} == USUAL
    assert saved.status_code == 302
    assert cupboard_of(ana.client).have == {BALL}
    assert (home.level, home.minutes, home.tools_by) == (1, 10, responsible(ana.client))


def test_bad_number_of_the_therapist_is_told_and_nothing_is_written(ana, desk):
    url = f"/workplace/clients/client/{ana.client.pk}/home/"

    assert desk.post(url, {"level": "9", "minutes": "x"}).status_code == 422
    assert not HomeSetup.objects.exists()


def test_home_of_somebody_elses_client_is_not_found(desk):
    other = make_client(name="Carla", therapist=make_therapist(name="Berta"))
    url = f"/workplace/clients/client/{other.pk}/home/"

    assert desk.get(url).status_code == 404
    assert desk.post(url, {"level": "1", "minutes": "10"}).status_code == 404
    assert not HomeSetup.objects.exists()
