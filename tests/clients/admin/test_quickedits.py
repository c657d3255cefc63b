"""A dose in place and one exercise for another, from the pages of the client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client as Web
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.adjusting import change_step, end_assignment
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import AssignedStep, Assignment, Client, Delivery, HomeSetup, User
from clients.planning import plan_for
from routines.models import Equipment, Exercise, ExerciseKind, ExerciseMedia
from tests.clients.plans import step_of

pytestmark = pytest.mark.usefixtures("clock")
TODAY = date(2026, 3, 10)
BALL = "smr_buttock_ball_wall"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def assignment(ana: Client, adam: User) -> Assignment:
    return builders.assign(ana, by=adam, now=NOW - timedelta(days=3))


@pytest.fixture
def ball(assignment: Assignment) -> AssignedStep:
    return step_of(assignment, BALL)


def photo_of(exercise: Exercise) -> ExerciseMedia:
    return ExerciseMedia.objects.create(
        exercise=exercise, kind="photo", order=0, token=uuid4().hex, alt="Adam at the wall"
    )


def address(name: str, step: AssignedStep) -> str:
    return reverse(f"admin:{name}", args=[step.phase.assignment.client_id, step.pk])


def dose(step: AssignedStep, **change: Any) -> dict[str, Any]:
    names = ("sets", "reps", "hold_seconds", "per_day", "days_per_week")
    data = {name: getattr(step, name) for name in names} | {"reason": "Adjusted at the visit."} | change
    return {f"step-{step.pk}-{name}": value for name, value in data.items()}


# ---- A dose in place ------------------------------------------------------------------------------------------------


def test_dose_is_changed_where_it_stands(web_as: Callable[..., Web], adam: User, ball: AssignedStep) -> None:
    """Open, change, save: what the page has filled in is sent as it stands."""
    web = web_as(adam)
    html = web.get(reverse("admin:client", args=[ball.phase.assignment.client_id])).content.decode()
    assert f'name="step-{ball.pk}-sets" value="{ball.sets}"' in html
    assert 'value="Adjusted at the visit."' in html

    answer = web.post(address("client_step_dose", ball), dose(ball, sets=3))

    new = AssignedStep.objects.get(replaces=ball)
    assert answer["Location"].endswith(f"/#program-{ball.phase.assignment_id}")
    assert (new.sets, new.reps, new.weekdays, new.valid_from) == (3, ball.reps, ball.weekdays, TODAY)
    assert (new.changed_by, new.change_reason) == (adam, "Adjusted at the visit.")
    assert Delivery.objects.filter(letter="plan_changed").count() == 1


def test_dose_from_the_plan_leads_back_to_the_plan(
    web_as: Callable[..., Web], adam: User, ball: AssignedStep
) -> None:
    answer = web_as(adam).post(address("client_step_dose", ball), dose(ball, sets=3) | {"page": "plan"})

    assert "/plan/#program-" in answer["Location"]


def test_dose_that_is_the_same_changes_nothing_and_sends_no_letter(
    web_as: Callable[..., Web], adam: User, ball: AssignedStep
) -> None:
    answer = web_as(adam).post(address("client_step_dose", ball), dose(ball), follow=True)

    assert not AssignedStep.objects.filter(replaces=ball).exists()
    assert not Delivery.objects.filter(letter="plan_changed").exists()
    assert "Nothing was changed" in answer.content.decode()


def test_dose_sent_twice_is_one_change(web_as: Callable[..., Web], adam: User, ball: AssignedStep) -> None:
    web = web_as(adam)
    web.post(address("client_step_dose", ball), dose(ball, sets=3))
    again = web.post(address("client_step_dose", ball), dose(ball, sets=3), follow=True)

    assert AssignedStep.objects.filter(exercise=ball.exercise, phase=ball.phase).count() == 2
    assert "changed in the meantime" in again.content.decode()


@pytest.mark.parametrize("page", ["", "plan"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sets", "0"),
        ("sets", ""),
        ("sets", "9" * 400),
        ("reps", "x"),
        ("reps", "\x00"),
        ("days_per_week", "8"),
        ("reason", ""),
        ("reason", "\x00"),
        ("reason", "x" * 301),
    ],
)
def test_dose_that_cannot_be_is_said_beside_the_field(
    web_as: Callable[..., Web], adam: User, ball: AssignedStep, field: str, value: str, page: str
) -> None:
    data = dose(ball, **{field: value}) | {"page": page}

    answer = web_as(adam).post(address("client_step_dose", ball), data)

    assert answer.status_code == 422
    sheet = answer.context["file"]["plan"].sheets[0] if page else answer.context["file"].plan.sheets[0]
    form = next(line.step.quick for part in sheet.phases for line in part.lines if line.step.pk == ball.pk)
    assert field in form.errors
    assert answer.content.decode().count("error-summary-title") == 1
    assert not AssignedStep.objects.filter(replaces=ball).exists()


def test_dose_of_a_program_that_has_ended_stays(
    web_as: Callable[..., Web], adam: User, ball: AssignedStep
) -> None:
    end_assignment(ball.phase.assignment, by=adam, reason="Done.", now=NOW)

    web_as(adam).post(address("client_step_dose", ball), dose(ball, sets=3))

    assert not AssignedStep.objects.filter(replaces=ball).exists()


@pytest.mark.parametrize("name", ["client_step_dose", "client_step_swap"])
def test_stranger_changes_nothing(
    web_as: Callable[..., Web], berta: User, office: User, carla: Client, ball: AssignedStep, name: str
) -> None:
    data = dose(ball, sets=3) | {"exercise": "1", "reason": "Forged."}
    through_her_own = reverse(f"admin:{name}", args=[carla.pk, ball.pk])

    assert web_as(berta).post(address(name, ball), data).status_code == 404
    assert web_as(berta).post(through_her_own, data).status_code == 404
    assert web_as(office).post(address(name, ball), data).status_code == 403
    ball.refresh_from_db()
    assert ball.valid_until is None


# ---- One exercise for another ---------------------------------------------------------------------------------------


def offered(web: Web, step: AssignedStep) -> list[str]:
    return [
        offer.exercise.slug for offer, _chosen in web.get(address("client_step_swap", step)).context["offers"]
    ]


def test_swap_offers_release_for_the_same_muscle(
    web_as: Callable[..., Web], adam: User, ball: AssignedStep
) -> None:
    web = web_as(adam)
    found = offered(web, ball)

    assert "smr_buttock_ball_floor" in found
    assert BALL not in found
    kinds = set(Exercise.objects.filter(slug__in=found).values_list("kind", flat=True))
    assert all(ExerciseKind(kind).is_release for kind in kinds)


def test_swap_shows_the_therapists_own_picture(
    web_as: Callable[..., Web], adam: User, ball: AssignedStep
) -> None:
    web = web_as(adam)
    offered = [
        offer.exercise for offer, _radio in web.get(address("client_step_swap", ball)).context["offers"]
    ]
    row = photo_of(offered[0])

    with CaptureQueriesContext(connection) as one:
        html = web.get(address("client_step_swap", ball)).content.decode()
    for each in offered[1:]:
        photo_of(each)
    with CaptureQueriesContext(connection) as all_of_them:
        web.get(address("client_step_swap", ball))

    assert html.count(f"/media/{row.token}/small.webp") == 1
    assert len(all_of_them) == len(one)


def test_swap_offers_nothing_that_a_condition_forbids(
    web_as: Callable[..., Web], adam: User, ana: Client, ball: AssignedStep
) -> None:
    web = web_as(adam)
    before = offered(web, ball)
    builders.tag(ana, "blood_clot", "buttock", side="right")

    after = offered(web, ball)

    assert before
    assert len(after) < len(before)
    choice = Exercise.objects.get(slug=next(slug for slug in before if slug not in after))
    answer = web.post(address("client_step_swap", ball), {"exercise": str(choice.pk), "reason": "Forged."})
    assert answer.status_code == 422
    ball.refresh_from_db()
    assert ball.valid_until is None


def test_swap_names_the_tool_that_is_not_at_home(
    web_as: Callable[..., Web], adam: User, ana: Client, ball: AssignedStep
) -> None:
    home = HomeSetup.objects.create(client=ana, tools_at=NOW, tools_by=adam)
    home.tools.set(Equipment.objects.filter(slug="none"))

    html = web_as(adam).get(address("client_step_swap", ball)).content.decode()

    assert "not at home: " in html


def test_swap_takes_one_out_and_puts_one_in(
    web_as: Callable[..., Web], adam: User, ana: Client, ball: AssignedStep
) -> None:
    web = web_as(adam)
    slug = offered(web, ball)[0]
    new = Exercise.objects.get(slug=slug)

    answer = web.post(
        address("client_step_swap", ball), {"exercise": str(new.pk), "reason": "Better sitting."}, follow=True
    )

    slugs = {item.step.as_was["slug"] for item in plan_for(ana, TODAY).items}
    assert "takes the place of" in answer.content.decode()
    assert BALL not in slugs
    assert AssignedStep.objects.get(exercise=new, valid_until__isnull=True).change_reason == "Better sitting."


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"exercise": "", "reason": "Why."}, "exercise"),
        ({"exercise": "999999", "reason": "Why."}, "exercise"),
        ({"exercise": "\x00", "reason": "Why."}, "exercise"),
        ({"exercise": "9" * 500, "reason": "Why."}, "exercise"),
        ({"exercise": "", "reason": ""}, "reason"),
    ],
)
def test_swap_that_cannot_be_is_said_beside_the_field(
    web_as: Callable[..., Web], adam: User, ball: AssignedStep, data: dict[str, str], field: str
) -> None:
    answer = web_as(adam).post(address("client_step_swap", ball), data)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_swap_of_a_step_that_was_changed_meanwhile_changes_nothing(
    web_as: Callable[..., Web], adam: User, ball: AssignedStep
) -> None:
    web = web_as(adam)
    new = Exercise.objects.get(slug=offered(web, ball)[0])
    change_step(ball, by=adam, reason="Meanwhile.", now=NOW, note="Slowly.")

    answer = web.post(
        address("client_step_swap", ball), {"exercise": str(new.pk), "reason": "Late."}, follow=True
    )

    assert "changed in the meantime" in answer.content.decode()
    assert not AssignedStep.objects.filter(exercise=new).exists()
