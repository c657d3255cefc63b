"""A warning is overridden once, for one program or for one client, until it holds no more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import Client, OwnProgram, User, WarningOverride
from clients.overriding import Given, keep, standing
from routines.models import Program

pytestmark = pytest.mark.django_db
DOSE = Given("unusual_dose", "dose", "Usual is 1 to 3.", "She is used to it.")
TOOL = Given("tool_missing", "tool", "Not at home: ball.", "She buys one.", personal=True)


@pytest.fixture
def adam() -> User:
    builders.make_practice()
    return builders.make_therapist(name="Adam")


@pytest.fixture
def ana(adam: User) -> Client:
    return builders.make_client(name="Ana Silva", therapist=adam)


@pytest.fixture
def program() -> Program:
    return Program.objects.get(slug="program_sciatica_piriformis")


def stands(program: Program, client: Client | None, user: User) -> list[str]:
    return sorted(standing(program, client, user).values_list("about", flat=True))


def test_reason_stands_until_the_warning_holds_no_more(adam: User, program: Program) -> None:
    keep(program, None, [DOSE], holding={"dose"}, by=adam, now=NOW)
    keep(program, None, [], holding={"dose"}, by=adam, now=NOW)
    assert stands(program, None, adam) == ["dose"]

    keep(program, None, [], holding=set(), by=adam, now=NOW + timedelta(days=1))

    assert stands(program, None, adam) == []
    row = WarningOverride.objects.get()
    assert (row.reason, row.sentence, row.by, row.ended_at) == (
        "She is used to it.", "Usual is 1 to 3.", adam, NOW + timedelta(days=1),
    )  # fmt: skip


def test_reason_that_is_taken_back_can_be_given_anew(adam: User, program: Program) -> None:
    keep(program, None, [DOSE], holding={"dose"}, by=adam, now=NOW)
    keep(program, None, [DOSE], holding={"dose"}, taken_back={"dose"}, by=adam, now=NOW)

    assert WarningOverride.objects.count() == 2
    assert stands(program, None, adam) == ["dose"]


def test_reason_that_is_sent_twice_is_one(adam: User, program: Program) -> None:
    for _time in range(2):
        keep(program, None, [DOSE], holding={"dose"}, by=adam, now=NOW)

    assert WarningOverride.objects.count() == 1


def test_what_is_about_a_client_holds_for_no_other(adam: User, ana: Client, program: Program) -> None:
    ben = builders.make_client(name="Ben", therapist=adam)
    keep(program, ana, [DOSE, TOOL], holding={"dose", "tool"}, by=adam, now=NOW)

    assert stands(program, ana, adam) == ["dose", "tool"]
    assert stands(program, ben, adam) == stands(program, None, adam) == ["dose"]
    keep(program, ben, [TOOL], holding={"dose", "tool"}, by=adam, now=NOW)
    assert stands(program, ben, adam) == ["dose", "tool"]


def test_saving_for_nobody_ends_nothing_that_is_about_a_client(
    adam: User, ana: Client, program: Program
) -> None:
    keep(program, ana, [TOOL], holding={"tool"}, by=adam, now=NOW)
    keep(program, None, [], holding=set(), by=adam, now=NOW)

    assert stands(program, ana, adam) == ["tool"]


def test_what_is_about_a_client_is_not_kept_without_one(adam: User, program: Program) -> None:
    keep(program, None, [TOOL], holding={"tool"}, by=adam, now=NOW)

    assert not WarningOverride.objects.exists()


def test_stranger_sees_neither_the_client_s_nor_those_of_an_own_program(
    adam: User, ana: Client, program: Program
) -> None:
    berta, office, owner = (
        builders.make_therapist(name="Berta"),
        builders.make_office(),
        builders.make_owner(),
    )
    keep(program, ana, [DOSE, TOOL], holding={"dose", "tool"}, by=adam, now=NOW)

    def seen(user: User) -> list[str]:
        return sorted(WarningOverride.objects.visible_to(user).values_list("about", flat=True))

    assert [seen(user) for user in (adam, owner, berta, office, ana.user)] == [
        ["dose", "tool"], ["dose", "tool"], ["dose"], [], [],
    ]  # fmt: skip
    OwnProgram.objects.create(program=program, therapist=adam)
    assert seen(berta) == []
