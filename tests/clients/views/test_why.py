"""Why this one: what the client reads beside an exercise that came from a draft."""

import pytest
from django.urls import reverse

from clients.demo.builders import NOW, train
from clients.models import AssignedStep
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
