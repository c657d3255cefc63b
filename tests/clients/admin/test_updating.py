"""The page that offers a changed program to those who follow an earlier version; it never forces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client as Web
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.adjusting import end_assignment
from clients.admin import updating as admin_updating
from clients.demo import builders
from clients.demo.builders import NOW, SCIATICA
from clients.models import AssignedStep, Assignment, Client, TemplateUpdate, User
from clients.ownership import keep_program
from routines.composing import add_step
from routines.models import Exercise, Program

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def program() -> Program:
    return Program.objects.get(slug=SCIATICA)


@pytest.fixture
def assignment(ana: Client, program: Program) -> Assignment:
    """Given, and then the program changed."""
    given = builders.assign(ana)
    program.phases.first().steps.update(rest_seconds=77)
    return given


def updates(program: Program) -> str:
    return reverse("admin:program_updates", args=[program.pk])


def answer_url(assignment: Assignment) -> str:
    return reverse("admin:client_update", args=[assignment.client_id, assignment.pk])


def form_of(web: Web, assignment: Assignment, **fields: Any) -> dict[str, Any]:
    form = web.get(answer_url(assignment)).context["card"].form
    return {
        "version": form["version"].value(),
        "lines": form["lines"].value(),
        "reason": "It proved better",
        **fields,
    }


def rests(assignment: Assignment) -> set[int]:
    steps = AssignedStep.objects.filter(
        phase__assignment=assignment, phase__order=0, valid_until__isnull=True
    )
    return set(steps.values_list("rest_seconds", flat=True))


def test_people_stand_there_with_the_difference(
    web_as: Callable[..., Web], adam: User, program: Program, assignment: Assignment
) -> None:
    page = web_as(adam).get(updates(program)).content.decode()

    assert "Ana Silva" in page
    assert page.count("Changed: ") == program.phases.first().steps.count()
    assert "Take over what is ticked" in page
    assert rests(assignment) != {77}


def test_forbidden_line_is_not_ticked(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program, assignment: Assignment
) -> None:
    builders.tag(ana, "pregnancy")
    forbidden = Exercise.objects.filter(tags__tag__slug="pregnancy", tags__rule="avoid").first()
    add_step(program.phases.first(), forbidden)
    update = web_as(adam).get(answer_url(assignment)).context["card"]
    lines = [line for phase in update.phases for line in phase.lines]

    assert {line.chosen for line in lines if line.avoid} == {False}
    assert {line.chosen for line in lines if not line.avoid} == {True}


def test_whose_plan_holds_it_anyway_is_named_below(
    web_as: Callable[..., Web], adam: User, program: Program, assignment: Assignment
) -> None:
    AssignedStep.objects.filter(phase__assignment=assignment, phase__order=0).update(rest_seconds=77)
    page = web_as(adam).get(updates(program)).content.decode()

    assert "Nothing differs for Ana Silva" in page
    assert "Nobody follows" not in page


def test_taking_over_and_leaving_leave_their_row(
    web_as: Callable[..., Web], adam: User, program: Program, assignment: Assignment
) -> None:
    ben = builders.make_client(name="Ben Ortiz", therapist=adam)
    Program.objects.get(pk=program.pk).phases.first().steps.update(rest_seconds=10)
    his = builders.assign(ben)
    program.phases.first().steps.update(rest_seconds=77)
    web = web_as(adam)

    first = web.post(answer_url(assignment), form_of(web, assignment, act="take"))
    assert first["Location"] == updates(program)
    assert web.get(updates(program)).context["cards"][0].form["reason"].value() == "It proved better"
    second = web.post(answer_url(his), form_of(web, his, reason="", act="leave"))

    assert second["Location"] == reverse("admin:client", args=[ben.pk])
    assert (rests(assignment), rests(his)) == ({77}, {10})
    answers = TemplateUpdate.objects.exclude(answer="given").order_by("pk")
    assert [(row.assignment, row.answer, row.by, row.reason) for row in answers] == [
        (assignment, "taken", adam, "It proved better"),
        (his, "left", adam, ""),
    ]
    assert "Nobody follows an earlier version" in web.get(updates(program)).content.decode()


def test_sent_twice_it_is_taken_once(web_as: Callable[..., Web], adam: User, assignment: Assignment) -> None:
    web = web_as(adam)
    data = form_of(web, assignment, act="take")

    for _time in range(2):
        assert web.post(answer_url(assignment), data).status_code == 302

    assert TemplateUpdate.objects.filter(answer="taken").count() == 1


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 301}, "reason"),
        ({"reason": "a\0b"}, "reason"),
        ({"lines": []}, "lines"),
        ({"lines": ["999-9-0"]}, "lines"),
        ({"lines": ["a\0b"]}, "lines"),
    ],
)
def test_answer_that_cannot_be_is_said_beside_the_field(
    web_as: Callable[..., Web], adam: User, assignment: Assignment, fields: dict[str, Any], where: str
) -> None:
    web = web_as(adam)

    answer = web.post(answer_url(assignment), form_of(web, assignment, act="take", **fields))

    assert answer.status_code == 422
    assert where in answer.context["card"].form.errors
    assert not TemplateUpdate.objects.exclude(answer="given").exists()


def test_changed_once_more_it_is_shown_again(
    web_as: Callable[..., Web], adam: User, program: Program, assignment: Assignment
) -> None:
    web = web_as(adam)
    data = form_of(web, assignment, act="take")
    program.phases.first().steps.update(rest_seconds=55)

    answer = web.post(answer_url(assignment), data, follow=True)

    assert "The program was changed again" in answer.content.decode()
    assert rests(assignment) != {55}


def test_ended_program_is_no_question(
    web_as: Callable[..., Web], adam: User, program: Program, assignment: Assignment
) -> None:
    web = web_as(adam)
    data = form_of(web, assignment, act="take")
    end_assignment(assignment, by=adam, reason="Done", now=NOW)

    assert web.post(answer_url(assignment), data).status_code == 302
    assert web.get(updates(program)).context["number"] == 0
    assert not TemplateUpdate.objects.exclude(answer="given").exists()


@pytest.mark.parametrize("act", ["take", "leave"])
def test_program_that_ends_while_it_is_answered_says_so(
    web_as: Callable[..., Web],
    adam: User,
    assignment: Assignment,
    monkeypatch: pytest.MonkeyPatch,
    act: str,
) -> None:
    web = web_as(adam)
    data = form_of(web, assignment, act=act)
    asked = admin_updating.updates_of

    def ended_meanwhile(*given: Any) -> Any:
        found = asked(*given)
        end_assignment(assignment, by=adam, reason="Done", now=NOW)
        return found

    monkeypatch.setattr(admin_updating, "updates_of", ended_meanwhile)
    answer = web.post(answer_url(assignment), data, follow=True)

    assert "This program has ended." in answer.content.decode()
    assert not TemplateUpdate.objects.exclude(answer="given").exists()


def test_stranger_and_office_neither_see_nor_answer(
    web_as: Callable[..., Web],
    adam: User,
    berta: User,
    office: User,
    program: Program,
    assignment: Assignment,
) -> None:
    data = form_of(web_as(adam), assignment, act="take")

    assert "Ana" not in web_as(berta).get(updates(program)).content.decode()
    assert web_as(office).get(updates(program)).status_code == 403
    for user, status in ((berta, 404), (office, 403)):
        assert web_as(user).get(answer_url(assignment)).status_code == status
        assert web_as(user).post(answer_url(assignment), data).status_code == status
    assert rests(assignment) != {77}


def test_own_program_of_a_colleague_has_no_page(
    web_as: Callable[..., Web], adam: User, berta: User, program: Program, assignment: Assignment
) -> None:
    keep_program(program, berta, now=NOW)

    assert web_as(adam).get(updates(program)).status_code == 404


def test_own_program_of_a_colleague_shows_its_news_to_nobody_else(
    web_as: Callable[..., Web], adam: User, berta: User, program: Program, assignment: Assignment
) -> None:
    """The plan came along at a hand-over; what the colleague writes into the program since is theirs."""
    data = form_of(web_as(adam), assignment, act="take")
    keep_program(program, berta, now=NOW)

    page = web_as(adam).get(answer_url(assignment))
    web_as(adam).post(answer_url(assignment), data)

    assert page.status_code == 302
    assert rests(assignment) != {77}


def test_page_costs_the_same_for_one_and_three(
    web_as: Callable[..., Web], adam: User, program: Program, assignment: Assignment
) -> None:
    web = web_as(adam)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            web.get(updates(program))
        return len(queries)

    before = cost()
    program.phases.first().steps.update(rest_seconds=10)
    for name in ("Ben", "Cora"):
        builders.assign(builders.make_client(name=name, therapist=adam))
    program.phases.first().steps.update(rest_seconds=77)
    assert cost() == before
    assert web.get(updates(program)).context["number"] == 3
