"""Giving a program: what is shown before, what is refused, what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Web
from django.urls import reverse

from clients.demo import builders
from clients.demo.builders import NOW, SCIATICA
from clients.models import AssignedStep, Assignment, CareTick, Client, Delivery, OwnProgram, User
from routines.composing import copy_program
from routines.models import Program, Step

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def program() -> Program:
    return Program.objects.get(slug=SCIATICA)


def url(client: Client) -> str:
    return reverse("admin:client_assign", args=[client.pk])


def form(chosen: Program, **fields: Any) -> dict[str, Any]:
    return {"program": str(chosen.pk), "start_date": "2026-03-10", "side": "right", "note": "", **fields}


def test_page_begins_with_today_and_the_side_of_the_complaint(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    first = web_as(adam).get(url(ana)).context["form"]

    assert str(first["start_date"].value()) == "2026-03-10"
    assert first["side"].value() == "right"


def test_today_is_the_client_s_own_day(web_as: Callable[..., Web], adam: User) -> None:
    far = builders.make_client(name="Far", therapist=adam, zone="Pacific/Auckland")

    assert str(web_as(adam).get(url(far)).context["form"]["start_date"].value()) == "2026-03-11"


def test_programs_are_found_by_words(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    web = web_as(adam)
    asked = web.get(url(ana), {"q": "heel"})
    searched = web.post(url(ana), {"q": "heel", "note": "Typed with care", "act": "find"})

    for answer in (asked, searched):
        assert [row.slug for row in answer.context["programs"]] == ["program_plantar_heel"]
        assert answer.content.decode().count('name="program"') == 1
    assert "Typed with care" in searched.content.decode()


@pytest.mark.parametrize("words", ["a\0b", "x" * 101])
def test_words_that_make_no_sense_leave_every_program(
    web_as: Callable[..., Web], adam: User, ana: Client, words: str
) -> None:
    web = web_as(adam)
    every = list(web.get(url(ana)).context["programs"])

    answer = web.post(url(ana), {"q": words, "act": "find"})

    assert list(answer.context["programs"]) == every


def test_check_shows_phases_minutes_and_writes_nothing(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    answer = web_as(adam).post(url(ana), form(program, act="check", note="Slowly at first."))

    preview = answer.context["preview"]
    assert answer.status_code == 200
    assert len(preview.phases) == 4
    assert all(phase.minutes > 0 and phase.at_once <= 4 for phase in preview.phases)
    assert "Slowly at first." in answer.content.decode()
    assert not Assignment.objects.exists()


def test_assigning_copies_the_program_and_leads_to_the_client(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    answer = web_as(adam).post(
        url(ana), form(program, act="assign", start_date="2026-03-12", side="left", note="Slowly at first.")
    )

    assignment = Assignment.objects.get()
    assert answer["Location"] == reverse("admin:client", args=[ana.pk])
    assert (assignment.client, assignment.program, assignment.assigned_by) == (ana, program, adam)
    assert (str(assignment.start_date), assignment.side, assignment.note) == (
        "2026-03-12", "left", "Slowly at first.",
    )  # fmt: skip


def test_a_client_who_is_inside_gets_one_letter_about_a_new_program(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    web = web_as(adam)
    on_paper = builders.make_client(name="Ben Ortiz", therapist=adam, with_account=False)

    for client in (ana, ana, on_paper):
        web.post(url(client), form(program, act="assign"))

    assert Assignment.objects.count() == 2
    (letter,) = Delivery.objects.filter(letter=Delivery.Letter.PLAN_CHANGED)
    assert letter.client == ana


def test_forbidden_steps_are_named_as_left_out(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    builders.tag(ana, "blood_clot", "buttock", side="right")

    answer = web_as(adam).post(url(ana), form(program, act="check"))

    left_out = {warning.step.exercise.slug for warning in answer.context["preview"].left_out}
    assert "smr_buttock_ball_wall" in left_out
    assert "Left out because of a condition" in answer.content.decode()


def test_steps_with_care_wait_for_their_tick(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    builders.tag(ana, "osteoporosis")
    web = web_as(adam)
    choices = web.post(url(ana), form(program, act="check")).context["preview"].care_choices
    assert choices

    web.post(url(ana), {**form(program, act="assign"), "care-care": [choices[0][0]]})

    tick = CareTick.objects.get()
    assert f"{tick.exercise_id}:{tick.tag.slug}" == choices[0][0]


@pytest.mark.parametrize("key", ["999999:osteoporosis", "nonsense", "1:blood_clot"])
def test_forged_tick_assigns_nothing(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program, key: str
) -> None:
    builders.tag(ana, "osteoporosis")

    answer = web_as(adam).post(url(ana), {**form(program, act="assign"), "care-care": [key]})

    assert answer.status_code == 422
    assert not Assignment.objects.exists()
    assert not CareTick.objects.exists()


def test_four_days_of_strengthening_are_said_to_become_three(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    copy = copy_program(program)
    Step.objects.filter(phase__program=copy, exercise__kind="strengthen").update(days_per_week=4)

    answer = web_as(adam).post(url(ana), form(copy, act="check"))

    assert "laid out as three" in answer.content.decode()


@pytest.mark.parametrize("act", ["check", "assign"])
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"start_date": "2026-03-09"}, "start_date"),
        ({"start_date": "2030-01-01"}, "start_date"),
        ({"start_date": "soon"}, "start_date"),
        ({"program": "999999"}, "program"),
        ({"program": ""}, "program"),
        ({"side": "up"}, "side"),
    ],
)
def test_wrong_field_is_said_beside_it_and_keeps_the_rest(
    web_as: Callable[..., Web],
    adam: User,
    ana: Client,
    program: Program,
    act: str,
    wrong: dict[str, str],
    field: str,
) -> None:
    answer = web_as(adam).post(url(ana), form(program, **{"note": "Typed with care", "act": act, **wrong}))

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert "Typed with care" in answer.content.decode()
    assert not Assignment.objects.exists()


def test_program_without_phases_is_refused(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    program.phases.all().delete()
    web = web_as(adam)

    answers = [web.post(url(ana), form(program, act=act)) for act in ("check", "assign")]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert "phase without steps" in answers[1].context["form"].errors["program"][0]


def test_program_that_runs_already_is_refused(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    web = web_as(adam)
    answers = [web.post(url(ana), form(program, act="assign")) for _time in range(2)]

    assert answers[1].status_code == 422
    assert "follows this program already" in answers[1].context["form"].errors["program"][0]
    assert Assignment.objects.count() == 1


def test_back_keeps_what_was_typed(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    answer = web_as(adam).post(url(ana), form(program, act="back", note="Typed with care", side="both"))

    again = answer.context["form"]
    assert answer.status_code == 200
    assert (again["note"].value(), again["side"].value()) == ("Typed with care", "both")
    assert again["program"].value() == str(program.pk)


def test_retired_and_foreign_programs_are_not_offered(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, program: Program
) -> None:
    retired = copy_program(program, "Retired")
    Program.objects.filter(pk=retired.pk).update(retired_at=NOW)
    foreign = copy_program(program, "Foreign")
    OwnProgram.objects.create(program=foreign, therapist=berta)
    web = web_as(adam)

    html = web.get(url(ana)).content.decode()
    answers = [web.post(url(ana), form(each, act="assign")) for each in (retired, foreign)]

    assert "Retired" not in html
    assert "Foreign" not in html
    assert [answer.status_code for answer in answers] == [422, 422]
    assert not Assignment.objects.exists()


def test_foreign_client_is_given_nothing(
    web_as: Callable[..., Web], adam: User, carla: Client, program: Program
) -> None:
    web = web_as(adam)

    assert web.get(url(carla)).status_code == 404
    assert web.post(url(carla), form(program, act="assign")).status_code == 404
    assert not Assignment.objects.exists()


def test_assigned_steps_begin_on_the_start_date(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    web_as(adam).post(url(ana), form(program, act="assign", start_date="2026-03-20"))

    assert set(AssignedStep.objects.values_list("valid_from", flat=True)) == {
        (NOW + timedelta(days=10)).date()
    }
