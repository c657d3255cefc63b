"""One client's plan goes on: as a template, and to another client; nothing about the person goes along."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client as Web
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.adjusting import change_step, end_assignment, remove_step
from clients.demo import builders
from clients.demo.builders import NOW, SCIATICA
from clients.models import AssignedStep, Assignment, CareTick, Client, Delivery, OwnProgram, User
from clients.ownership import keep_program
from routines.models import Program
from routines.tagging import set_tags

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def assignment(ana: Client) -> Assignment:
    return builders.assign(ana, note="For Ana alone")


@pytest.fixture
def ben(adam: User) -> Client:
    return builders.make_client(name="Ben Ortiz", therapist=adam, side="left", with_account=False)


def steps_of(assignment: Assignment) -> list[AssignedStep]:
    rows = AssignedStep.objects.filter(phase__assignment=assignment, valid_until__isnull=True)
    return list(rows.select_related("exercise", "phase").order_by("phase__order", "order"))


def adjust(assignment: Assignment, **how: Any) -> AssignedStep:
    """The first step, changed for this client."""
    first = steps_of(assignment)[0]
    dose = first.dose.__class__(**{**first.dose.__dict__, "sets": first.sets + 2})
    by = builders.responsible(assignment.client)
    return change_step(first, by=by, reason="More of it", now=NOW, dose=dose, note="CANARY note", **how)


def template_url(assignment: Assignment) -> str:
    return reverse("admin:client_save_template", args=[assignment.client_id, assignment.pk])


def filled(web: Web, assignment: Assignment, **fields: Any) -> dict[str, Any]:
    form = web.get(template_url(assignment)).context["form"]
    return {**{name: form[name].value() for name in form.fields}, "tags": "", **fields}


# ---- As a template -----------------------------------------------------------------------------------------------


def test_adjusted_plan_becomes_a_program_without_the_person(
    web_as: Callable[..., Web], adam: User, assignment: Assignment
) -> None:
    changed = adjust(assignment)
    removed = steps_of(assignment)[1]
    remove_step(removed, by=adam, reason="Not needed", now=NOW)
    web = web_as(adam)

    answer = web.post(
        template_url(assignment), filled(web, assignment, name="Hip, calm", tags="hip, Runners")
    )

    program = Program.objects.get(name="Hip, calm")
    assert answer["Location"] == reverse("admin:routines_program_builder", args=[program.pk])
    made = [step for phase in program.phases.all() for step in phase.steps.all()]
    assert [step.exercise_id for step in made] == [step.exercise_id for step in steps_of(assignment)]
    assert made[0].dose == changed.dose
    assert {step.note for step in made} == {""}
    assert {step.side for step in made} == {"by_complaint"}
    assert [tag.name for tag in program.tags.all()] == ["hip", "Runners"]
    assert OwnProgram.objects.get(program=program).therapist == adam
    assert program.imbalance == assignment.imbalance
    everything = web.get(answer["Location"]).content.decode()
    assert "CANARY" not in everything
    assert "For Ana alone" not in everything


def test_sent_twice_it_is_one_program_and_another_name_makes_another(
    web_as: Callable[..., Web], adam: User, assignment: Assignment
) -> None:
    web = web_as(adam)
    data = filled(web, assignment, name="Once", whose="practice")

    places = [web.post(template_url(assignment), data)["Location"] for _time in range(2)]
    other = web.post(template_url(assignment), {**data, "name": "Other"})["Location"]

    assert places[0] == places[1] != other
    assert Program.objects.filter(name="Once").count() == 1
    assert not OwnProgram.objects.exists()


def test_other_side_than_the_complaint_is_shown_and_may_be_chosen(
    web_as: Callable[..., Web], adam: User, assignment: Assignment
) -> None:
    release = next(step for step in steps_of(assignment) if step.side == "right")
    changed = change_step(release, by=adam, reason="The other one", now=NOW, side="left")
    web = web_as(adam)

    form = web.get(template_url(assignment)).context["form"]
    assert form[f"side-{changed.pk}"].value() == "left"
    web.post(template_url(assignment), filled(web, assignment, name="Both", **{f"side-{changed.pk}": "both"}))

    sides = Program.objects.get(name="Both").phases.first().steps.values_list("exercise", "side")
    assert (changed.exercise_id, "both") in list(sides)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": ""}, "name"),
        ({"name": "For ana silva"}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"tags": "x" * 41}, "tags"),
        ({"tags": ",".join(map(str, range(9)))}, "tags"),
        ({"tags": "a\0b"}, "tags"),
        ({"whose": "everybody"}, "whose"),
        ({"key": "no key"}, "key"),
    ],
)
def test_what_cannot_be_a_template_is_said_beside_the_field(
    web_as: Callable[..., Web], adam: User, assignment: Assignment, fields: dict[str, str], where: str
) -> None:
    web = web_as(adam)
    before = Program.objects.count()

    answer = web.post(template_url(assignment), filled(web, assignment, **fields))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [where]
    assert Program.objects.count() == before


def test_ended_program_can_become_a_template(
    web_as: Callable[..., Web], adam: User, assignment: Assignment
) -> None:
    end_assignment(assignment, by=adam, reason="Done", now=NOW)
    web = web_as(adam)

    web.post(template_url(assignment), filled(web, assignment, name="Kept"))

    assert Program.objects.filter(name="Kept").exists()


def test_stranger_and_office_save_nothing(
    web_as: Callable[..., Web], berta: User, office: User, assignment: Assignment
) -> None:
    for user, status in ((berta, 404), (office, 403)):
        for method in ("get", "post"):
            assert getattr(web_as(user), method)(template_url(assignment)).status_code == status


def test_page_of_a_template_costs_the_same_for_any_plan(
    web_as: Callable[..., Web], adam: User, assignment: Assignment
) -> None:
    web = web_as(adam)
    first = steps_of(assignment)[0].phase

    def cost() -> int:
        with counted() as queries:
            web.get(template_url(assignment))
        return len(queries)

    before = cost()
    AssignedStep.objects.filter(phase=first).delete()
    assert cost() == before


def counted() -> Any:
    return CaptureQueriesContext(connection)


# ---- For another client ------------------------------------------------------------------------------------------


def copy_url(client: Client) -> str:
    return reverse("admin:client_copy_program", args=[client.pk])


def form(source: Assignment, **fields: Any) -> dict[str, Any]:
    return {"plan": str(source.pk), "start_date": "2026-03-10", "side": "left", "note": "", **fields}


def test_plan_of_another_client_is_given_as_it_stands(
    web_as: Callable[..., Web], adam: User, assignment: Assignment, ben: Client
) -> None:
    changed = adjust(assignment)
    Program.objects.get(slug=SCIATICA).phases.all().delete()
    web = web_as(adam)

    check = web.post(copy_url(ben), form(assignment, act="check"))
    answer = web.post(copy_url(ben), form(assignment, act="assign", note="For Ben"))

    assert changed.name in check.content.decode()
    assert answer["Location"] == reverse("admin:client", args=[ben.pk])
    copy = Assignment.objects.get(client=ben)
    hers, his = steps_of(assignment), steps_of(copy)
    assert [(step.exercise_id, step.dose) for step in his] == [(step.exercise_id, step.dose) for step in hers]
    assert {
        step.side for step in his if step.kind.startswith("release") and step.side_mode == "each_side"
    } == {"left"}
    assert (copy.program_id, copy.note, copy.start_date) == (assignment.program_id, "For Ben", NOW.date())
    assert [phase.state for phase in copy.phases.all()][:2] == ["active", "locked"]


def test_own_program_that_has_ended_is_given_again_with_its_own_sides(
    web_as: Callable[..., Web], adam: User, assignment: Assignment, ana: Client
) -> None:
    changed = adjust(assignment, side="left")
    web = web_as(adam)
    assert (
        web.post(copy_url(ana), form(assignment, act="check", side="right")).status_code == 422
    )  # it still runs
    end_assignment(assignment, by=adam, reason="Moved away", now=NOW)
    link = f"{copy_url(ana)}?plan={assignment.pk}"

    plan_page = web.get(reverse("admin:client_plan", args=[ana.pk])).content.decode()
    chosen = web.get(link).context["form"]["plan"].value()
    answer = web.post(copy_url(ana), form(assignment, act="assign", side="right"))

    assert link in plan_page
    assert chosen == str(assignment.pk)
    again = Assignment.objects.get(client=ana, ended_on=None)
    assert answer["Location"] == reverse("admin:client", args=[ana.pk])
    assert [(step.exercise_id, step.dose, step.side) for step in steps_of(again)] == [
        (step.exercise_id, step.dose, step.side) for step in steps_of(assignment)
    ]
    assert steps_of(again)[0].side == "left" != ana.side
    assert steps_of(again)[0].exercise_id == changed.exercise_id
    assert [phase.state for phase in again.phases.all()][:2] == ["active", "locked"]
    assert Assignment.objects.get(pk=assignment.pk).ended_on == NOW.date()
    assert Delivery.objects.filter(client=ana, event_id__startswith=f"plan/{again.pk}/").count() == 1


@pytest.mark.parametrize("plan", ["0", "x", "-1", "99999999999999999999", "²"])
def test_link_that_names_no_plan_opens_the_page(
    web_as: Callable[..., Web], adam: User, ana: Client, plan: str
) -> None:
    assert web_as(adam).get(copy_url(ana), {"plan": plan}).status_code == 200


def test_nothing_of_the_other_client_goes_along(
    web_as: Callable[..., Web], adam: User, assignment: Assignment, ben: Client
) -> None:
    first = adjust(assignment)
    change_step(first, by=adam, reason="CANARY reason", now=NOW, note="CANARY again")
    AssignedStep.objects.filter(phase__assignment=assignment).update(why={"CANARY": 1})

    web_as(adam).post(copy_url(ben), form(assignment, act="assign"))

    copy = Assignment.objects.get(client=ben)
    rows = [
        copy.__dict__,
        *copy.phases.values(),
        *AssignedStep.objects.filter(phase__assignment=copy).values(),
        *copy.transitions.values(),
    ]
    assert not re.search("CANARY|Ana|More of it", repr(rows))


def test_conditions_of_this_client_are_looked_at(
    web_as: Callable[..., Web], adam: User, assignment: Assignment, ben: Client
) -> None:
    builders.tag(ben, "hypermobility")
    web = web_as(adam)

    check = web.post(copy_url(ben), form(assignment, act="check"))
    choice = check.context["check"].care.fields["care"].choices[0][0]
    web.post(copy_url(ben), form(assignment, act="assign", **{"care-care": choice}))

    assert CareTick.objects.filter(client=ben).count() == 1
    assert not CareTick.objects.exclude(client=ben).exists()


def test_only_own_clients_are_listed_found_or_taken(
    web_as: Callable[..., Web], adam: User, ben: Client, assignment: Assignment, carla: Client
) -> None:
    hers = builders.assign(carla, "program_plantar_heel")
    web = web_as(adam)

    for words in ("", "CANARY", "heel"):
        page = web.post(copy_url(ben), {"act": "find", "q": words}).content.decode()
        assert "Carla" not in page
    for act in ("check", "assign"):
        answer = web.post(copy_url(ben), form(hers, act=act))
        assert answer.status_code == 422
        assert "Carla" not in answer.content.decode()
    assert not Assignment.objects.filter(client=ben).exists()


def test_owner_may_copy_from_everybody(
    web_as: Callable[..., Web], owner: User, ben: Client, carla: Client
) -> None:
    hers = builders.assign(carla, "program_plantar_heel")

    web_as(owner).post(copy_url(ben), form(hers, act="assign"))

    assert Assignment.objects.get(client=ben).program == hers.program


def test_stranger_and_office_copy_nothing(
    web_as: Callable[..., Web], berta: User, office: User, assignment: Assignment, ben: Client
) -> None:
    for user, status in ((berta, 404), (office, 403)):
        web = web_as(user)
        assert web.get(copy_url(ben)).status_code == status
        assert web.post(copy_url(ben), form(assignment, act="assign")).status_code == status
    assert not Assignment.objects.filter(client=ben).exists()


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"plan": ""}, "plan"),
        ({"plan": "9" * 30}, "plan"),
        ({"plan": "a\0b"}, "plan"),
        ({"start_date": "2026-03-01"}, "start_date"),
        ({"start_date": "no day"}, "start_date"),
        ({"side": "up"}, "side"),
    ],
)
@pytest.mark.parametrize("act", ["check", "assign"])
def test_what_cannot_be_copied_is_said_beside_the_field(
    web_as: Callable[..., Web],
    adam: User,
    assignment: Assignment,
    ben: Client,
    fields: dict[str, str],
    where: str,
    act: str,
) -> None:
    answer = web_as(adam).post(copy_url(ben), form(assignment, act=act, **fields))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [where]


def test_sent_twice_it_is_one_program_of_the_client(
    web_as: Callable[..., Web], adam: User, assignment: Assignment, ben: Client
) -> None:
    web = web_as(adam)

    for status in (302, 422):
        assert web.post(copy_url(ben), form(assignment, act="assign")).status_code == status

    assert Assignment.objects.filter(client=ben).count() == 1


def test_list_of_plans_costs_the_same_for_one_and_three(
    web_as: Callable[..., Web], adam: User, assignment: Assignment, ben: Client
) -> None:
    web = web_as(adam)

    def cost() -> int:
        with counted() as queries:
            web.get(copy_url(ben))
        return len(queries)

    before = cost()
    for name in ("Cora", "Dan"):
        builders.assign(builders.make_client(name=name, therapist=adam))
    assert cost() == before


# ---- The invitation goes with the program ------------------------------------------------------------------------


def test_invitation_is_offered_and_sent_with_the_program(
    web_as: Callable[..., Web], adam: User, ben: Client
) -> None:
    url = reverse("admin:client_assign", args=[ben.pk])
    sent = {
        "program": str(Program.objects.get(slug=SCIATICA).pk),
        "start_date": "2026-03-10",
        "side": "left",
        "note": "",
    }
    web = web_as(adam)

    check = web.post(url, {**sent, "act": "check"})
    assert check.context["check"].invite["invite"].value() is True
    web.post(url, {**sent, "act": "assign", "invite": "on"})
    web.post(url, {**sent, "act": "assign", "invite": "on"})

    assert Delivery.objects.filter(client=ben, letter="invitation").count() == 1


def test_invitation_is_left_out_where_nobody_can_be_invited(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    paper = builders.make_client(name="Pia", therapist=adam, with_account=False, email="")
    program = Program.objects.get(slug=SCIATICA)
    for client in (ana, paper):
        url = reverse("admin:client_assign", args=[client.pk])
        page = web_as(adam).get(url, {"program": program.pk, "act": "check"})
        assert page.context["check"].invite is None
        web_as(adam).post(
            url,
            {
                "program": program.pk,
                "start_date": "2026-03-10",
                "side": "left",
                "act": "assign",
                "invite": "on",
            },
        )

    assert not Delivery.objects.filter(letter="invitation").exists()


# ---- Tags and whose ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "rows"), [("client_assign", "programs"), ("client_copy_program", "plans")])
def test_programs_are_found_by_the_words_on_the_page(
    web_as: Callable[..., Web], adam: User, ben: Client, assignment: Assignment, page: str, rows: str
) -> None:
    adam.language = "de"
    adam.save()
    answer = web_as(adam).get(reverse(f"admin:{page}", args=[ben.pk]), {"q": "ischiasbeschwerden"})

    assert len(answer.context[rows]) == 1


def test_programs_to_give_are_narrowed_by_tag_and_whose(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client
) -> None:
    mine, hers = Program.objects.exclude(slug=SCIATICA)[:2]
    keep_program(mine, adam, now=NOW)
    keep_program(hers, berta, now=NOW)
    set_tags(mine, ["Runners"])
    set_tags(hers, ["CANARY tag"])
    web = web_as(adam)
    url = reverse("admin:client_assign", args=[ana.pk])

    page = web.get(url)
    assert "CANARY" not in page.content.decode()
    tag = page.context["search"].fields["tag"].choices[1][0]
    found = {
        "by tag": web.get(url, {"tag": tag}),
        "by word": web.get(url, {"q": "runn"}),
        "mine": web.get(url, {"whose": "mine"}),
    }
    assert {name: list(answer.context["programs"]) for name, answer in found.items()} == {
        name: [mine] for name in found
    }
    others = web.get(url, {"whose": "practice"}).context["programs"]
    assert mine not in others
    assert hers not in others
    assert others
