"""Why this one: what the client reads beside an exercise that came from a draft."""

import re

import pytest
from django.urls import reverse

from clients.demo.builders import NOW, train
from clients.models import AssignedPhase, AssignedStep
from tests.clients.views.conftest import text

WHY = {
    "because": "tight",
    "muscles": [
        {
            "slug": "piriformis",
            "texts": {"": {"name": "Piriformis"}, "de": {"name": "Birnenförmiger Muskel"}},
            "sides": ["right"],
            "rating": 7,
        }
    ],
    "sides": ["right"],
    "rating": 7,
    "of": {},
}
SENTENCE = "May ease what feels tight: piriformis (right)."


@pytest.fixture
def drafted(ana):
    steps = AssignedStep.objects.filter(
        phase__assignment=ana.assignment, exercise__slug="smr_buttock_ball_wall"
    )
    steps.update(why=WHY)
    return ana


def test_program_says_why_where_there_is_a_reason(drafted):
    shown = text(drafted.get("/program/"))

    assert SENTENCE in shown
    assert "7 of 10" not in shown
    assert (
        shown.count("Why this one")
        == drafted.assignment.phases.filter(steps__exercise__slug="smr_buttock_ball_wall").count()
    )


def test_session_says_why_beside_the_exercise(drafted):
    session = train(drafted.client, now=NOW, finish=False, partial={"smr_buttock_ball_wall": 0})

    first = text(drafted.get(reverse("session_step", args=[session.pk, 1])))
    second = text(drafted.get(reverse("session_step", args=[session.pk, 2])))

    assert SENTENCE in first
    assert "Why this one" not in second


def test_reason_is_told_in_german(drafted):
    drafted.client.language = "de"
    drafted.client.save(update_fields=["language"])

    shown = text(drafted.get("/program/"))

    assert "Kann lockern, was sich verspannt anfühlt: Birnenförmiger Muskel (rechts)." in shown


# ---- Why release first ------------------------------------------------------------------------------------------------


def test_order_of_the_program_is_explained_without_promises(ana):
    shown = text(ana.get("/why-release-first/"))

    assert "may ease the muscle that feels tight" in shown
    assert "help to keep what you have gained" in shown
    assert "counts towards the next phase if the session felt all right too" in shown
    assert "two good mornings, each after a release session" in shown
    assert "All is well" not in shown


def test_picture_shows_muscles_that_change_and_a_joint_that_does_not(ana):
    drawn = ana.get("/why-release-first/").content.decode()
    bones = re.findall(r'class="bone" d="M(\d+) (\d+)L(\d+) (\d+)"', drawn)
    drawings = [bones[place : place + 2] for place in (0, 2, 4)]

    directions = {
        tuple((int(x2) - int(x1), int(y2) - int(y1)) for x1, y1, x2, y2 in bones) for bones in drawings
    }

    assert len(bones) == 6
    assert len(directions) == 1


def test_player_shows_where_the_exercise_works_on_its_side(ana):
    session = train(ana.client, now=NOW, finish=False, partial={"smr_buttock_ball_wall": 0})
    shown = text(ana.get(f"/session/{session.pk}/1/"))

    assert 'class="body-sketch"' in shown
    assert "<b>Works on:</b>" in shown
    assert "buttock, both sides" in shown or "buttock, right" in shown or "buttock, left" in shown


def test_program_shows_what_each_phase_reaches_and_where_each_step_works(ana):
    shown = text(ana.get("/program/"))
    phases = AssignedPhase.objects.filter(assignment=ana.assignment)
    steps = AssignedStep.objects.filter(phase__assignment=ana.assignment)

    assert all(f'id="reach-{phase.pk}-back"' in shown for phase in phases)
    assert shown.count('class="more where"') == steps.count()
    assert "<b>Released:</b>" in shown
    assert "<b>Strengthened:</b>" in shown
