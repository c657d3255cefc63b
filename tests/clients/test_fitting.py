"""What the therapist reads of an exercise before she gives it to this client."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.demo import builders
from clients.demo.builders import NOW
from clients.fitting import Fit, fit_of, remarks_for, unfit
from clients.models import Client, HomeSetup
from routines.models import Equipment, Exercise, StepSide
from routines.review import Remark

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Client:
    builders.make_practice()
    return builders.make_client(name="Ana Silva", side="right")


def fit(client: Client) -> Fit:
    return fit_of(client, HomeSetup.objects.filter(client=client).first(), client.local_date(NOW))


def said(client: Client, *slugs: str) -> list[tuple[Remark, ...]]:
    exercises = {each.slug: each for each in Exercise.objects.with_details().filter(slug__in=slugs)}
    return remarks_for(fit(client), [(exercises[slug], StepSide.BY_COMPLAINT) for slug in slugs])


def test_nothing_is_said_where_nothing_is_known(ana: Client) -> None:
    assert said(ana, "clam", "smr_buttock_ball_wall") == [(), ()]


def test_forbidden_exercise_names_the_condition_and_what_the_client_gets(ana: Client) -> None:
    builders.tag(ana, "acute_inflammation", "buttock", side="right")

    (remarks,) = said(ana, "clam")

    assert [(each.slug, each.grave) for each in remarks] == [("contraindicated", True)]
    assert "“" in remarks[0].brief
    assert remarks[0].about.startswith("clam:acute_inflammation:")


def test_condition_of_the_other_side_does_not_speak_against_a_one_sided_step(ana: Client) -> None:
    builders.tag(ana, "broken_or_infected_skin", "buttock", side="left")

    assert said(ana, "smr_buttock_ball_wall") == [()]  # the complaint is on the right


def test_care_waits_for_a_yes_and_an_old_yes_is_enough(ana: Client) -> None:
    builders.tag(ana, "bleeding_risk")

    (before,) = said(ana, "smr_buttock_ball_wall")
    builders.agree(ana, "smr_buttock_ball_wall", "bleeding_risk")

    assert [each.slug for each in before] == ["with_care"]
    assert said(ana, "smr_buttock_ball_wall") == [()]


def test_tool_that_is_not_at_home_is_named_with_its_substitute(ana: Client) -> None:
    home = HomeSetup.objects.create(client=ana)
    assert said(ana, "smr_buttock_ball_wall") == [()]  # nobody was asked yet

    HomeSetup.objects.filter(pk=home.pk).update(tools_at=NOW)
    (remarks,) = said(ana, "smr_buttock_ball_wall")

    tool = Equipment.objects.get(exercises__slug="smr_buttock_ball_wall", slug__contains="ball")
    assert [each.slug for each in remarks] == ["tool_missing"]
    assert tool.substitute in remarks[0].sentence
    home.tools.add(tool)
    assert said(ana, "smr_buttock_ball_wall") == [()]


def test_floor_is_spoken_of_only_where_the_client_does_not_get_down_to_it(ana: Client) -> None:
    floor = Exercise.objects.in_use().filter(needs_floor=True).first()
    assert floor is not None
    home = HomeSetup.objects.create(client=ana)

    assert said(ana, floor.slug) == [()]
    HomeSetup.objects.filter(pk=home.pk).update(floor=False)
    assert [each.slug for each in said(ana, floor.slug)[0]] == ["floor"]


def test_unfit_are_those_against_which_something_speaks(ana: Client) -> None:
    HomeSetup.objects.create(client=ana, floor=False)
    every = Exercise.objects.in_use().prefetch_related("equipment")

    found = unfit(fit(ana), every)

    assert found == set(every.filter(needs_floor=True).values_list("pk", flat=True))


def test_remarks_cost_the_same_for_one_and_for_many(ana: Client) -> None:
    builders.tag(ana, "acute_inflammation", "buttock", side="both")
    HomeSetup.objects.create(client=ana, floor=False, tools_at=NOW)
    known = fit(ana)
    exercises = list(Exercise.objects.with_details().in_use())
    one = [each for each in exercises if each.slug == "clam"]

    def cost(asked: Sequence[Exercise]) -> int:
        with CaptureQueriesContext(connection) as queries:
            remarks_for(known, [(exercise, StepSide.BY_COMPLAINT) for exercise in asked])
        return len(queries)

    assert cost(exercises) <= cost(one)
