"""Easier today, the short day, the client's own note: as plain forms, for the client's own session only."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from clients.adjusting import change_step
from clients.demo.builders import NOW, advance, responsible, train
from clients.models import AssignedStep, ExerciseNote, SetRecord, TooHard, TrainingSession
from clients.planning import plan_for
from clients.remembering import with_band
from clients.templatetags.dose import step_dose
from routines.models import Equipment, Exercise
from tests.clients.views.conftest import text

pytestmark = pytest.mark.django_db

KEY = "k" * 22
OTHER = "o" * 22
DAY = timedelta(days=1)


def url(name, session, *rest):
    return reverse(name, args=[session.pk, *rest])


def none_of_these(**fields):
    return {"key": KEY, "pain_before": 4, "none": "none"} | fields


PATHS = ["session_note", "session_too_hard", "session_as_planned"]


@pytest.mark.parametrize("name", PATHS)
def test_a_stranger_finds_nothing(ben, begun, name):
    assert ben.post(url(name, begun, 1), key=KEY, text="Mine").status_code == 404
    assert ben.post(url("session_rest", begun), key=KEY).status_code == 404
    assert not TooHard.objects.exists()
    assert not ExerciseNote.objects.exists()


@pytest.mark.parametrize("name", PATHS)
def test_a_screen_that_is_not_there_is_not_found(ana, begun, name):
    assert ana.post(url(name, begun, 99), key=KEY, text="x").status_code == 404


def test_tap_on_a_number_shows_the_list_and_starts_nothing(ana):
    response = ana.post("/session/start/1/", begin="1", pain_before="4")

    assert response.status_code == 200
    assert response.context["form"]["pain_before"].value() == "4"
    assert not response.context["form"].errors
    assert not TrainingSession.objects.exists()


def test_tap_with_nonsense_chooses_nothing(ana):
    response = ana.post("/session/start/1/", begin="1", pain_before="x" * 999)

    assert response.status_code == 200
    assert "checked" not in str(response.context["form"]["pain_before"])


def test_short_day_is_asked_for_and_recorded(ana):
    page = ana.get("/session/start/1/?short=1")
    assert len(page.context["short"]) == 2

    ana.post("/session/start/1/", **none_of_these(short="True"))

    session = TrainingSession.objects.get()
    assert session.short
    screen = ana.get(url("session_step", session, 1)).context["screen"]
    assert (screen.count, screen.rest) == (2, 2)
    assert ana.get(url("session_step", session, 3)).status_code == 404
    assert "short day" in text(ana.get("/today/"))

    ana.post(url("session_rest", session), key=KEY)
    assert ana.get(url("session_step", session, 3)).status_code == 200


@pytest.mark.parametrize(("short", "shown"), [("False", 0), ("", 0), ("True", 2)])
def test_a_missing_answer_leaves_a_whole_day_whole(ana, short, shown):
    page = ana.post("/session/start/1/", **none_of_these(short=short, pain_before=""))

    assert page.status_code == 422
    assert len(page.context["short"]) == shown


def test_five_minutes_are_offered_only_on_a_longer_day(ana):
    assert "I have 5 minutes" in text(ana.get("/today/"))

    AssignedStep.objects.update(sets=1, hold_seconds=10)

    assert "Start, " in text(ana.get("/today/"))
    assert "I have 5 minutes" not in text(ana.get("/today/"))


def test_without_the_app_there_is_no_short_day(ana):
    ana.post("/session/without-app/1/", **none_of_these(short="True"))

    assert not TrainingSession.objects.get().short


def test_own_note_stands_there_next_time_and_can_be_taken_away(ana, begun):
    ana.post(url("session_note", begun, 1), key=KEY, text="Chair beside the wall")
    assert "Your note</b> Chair beside the wall" in text(ana.get(url("session_step", begun, 1)))

    with time_machine.travel(NOW + DAY, tick=False):
        later = train(ana.client, now=NOW + DAY, partial={"smr_buttock_ball_wall": 0}, finish=False)
        assert "Chair beside the wall" in text(ana.get(url("session_step", later, 1)))
        ana.post(url("session_note", later, 1), key=OTHER, text="  ")
        assert "Your note</b>" not in text(ana.get(url("session_step", later, 1)))
    assert ExerciseNote.objects.count() == 2


def test_own_note_that_is_too_long_is_kept_to_be_shortened(ana, begun):
    response = ana.post(url("session_note", begun, 1), key=KEY, text="x" * 201)

    assert response.status_code == 422
    assert "x" * 201 in text(response)
    assert not ExerciseNote.objects.exists()


def test_own_note_sent_twice_is_one(ana, begun):
    for _time in range(2):
        ana.post(url("session_note", begun, 1), key=KEY, text="Slowly")

    assert ExerciseNote.objects.count() == 1
    assert ana.post(url("session_note", begun, 1), key=KEY, text="Fast").status_code == 409


def test_too_hard_over_the_page(ana, begun):
    page = ana.get(url("session_too_hard", begun, 1))
    assert page.context["easier"].name in text(page)

    response = ana.post(url("session_too_hard", begun, 1), key=KEY)

    assert response.headers["Location"] == url("session_step", begun, 1) + "#sets"
    screen = ana.get(url("session_step", begun, 1)).context["screen"]
    assert screen.too_hard
    assert not screen.may_ease
    ana.post(url("session_as_planned", begun, 1), key=OTHER)
    assert not ana.get(url("session_step", begun, 1)).context["screen"].too_hard


def test_band_is_asked_where_there_is_one_and_remembered(ana, begun):
    item = begun.items.first()
    exercise = Exercise.objects.get(pk=item.exercise_id)
    assert "band" not in ana.get(url("session_step", begun, 1)).context["screen"].rows[0].form.fields
    exercise.equipment.add(Equipment.objects.get(slug="mini_band"))
    assert with_band([exercise.pk])

    ana.post(url("session_set", begun, item.pk, 1), key=KEY, done="1", seconds=45, band="green")
    refused = ana.post(url("session_set", begun, item.pk, 2), key=OTHER, done="1", seconds=45, band="pink")

    assert refused.status_code == 422
    assert SetRecord.objects.get().band == "green"
    with time_machine.travel(NOW + DAY, tick=False):
        later = train(ana.client, now=NOW + DAY, partial={item.as_was["slug"]: 0}, finish=False)
        rows = ana.get(url("session_step", later, 1)).context["screen"].rows
    assert [row.form["band"].value() for row in rows] == ["green"] * len(rows)
    assert "band green" in rows[0].told


def test_worse_side_comes_first_and_the_weak_side_has_a_set_more(ana):
    advance(ana.assignment, now=NOW - DAY)
    clam = AssignedStep.objects.get(exercise__slug="clam", phase__state="active", valid_until=None)
    changed = change_step(
        clam, by=responsible(ana.client), reason="Weaker on the right.", now=NOW,
        first_side="right", extra_set_side="right",
    )  # fmt: skip

    sets = {
        item.side: item.dose.sets
        for item in plan_for(ana.client, (NOW + DAY).date()).items
        if item.exercise_id == clam.exercise_id
    }

    assert changed.replaces == clam
    assert list(sets) == ["right", "left"]
    assert sets == {"right": clam.sets + 1, "left": clam.sets}
    assert (
        step_dose(changed)
        == f"{clam.sets + 1} × {clam.reps} right, {clam.sets} × {clam.reps} left, right first"
    )
    one_side = change_step(changed, by=None, reason="", now=NOW + DAY, side="left")
    assert (one_side.first_side, one_side.extra_set_side) == ("none", "none")


def test_end_says_what_was_done_in_one_line(ana):
    session = train(ana.client, now=NOW, pain_before=4, pain_after=3)

    page = text(ana.get(url("session", session)))

    total = sum(item.sets for item in session.items.all())
    assert f"Pain 4 before, 3 after. {total} of {total} sets in {total} minutes." in page
    assert "Pain 4 before, 3 after." in text(ana.get("/today/"))
