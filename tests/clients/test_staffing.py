"""The team: who comes, goes and gets another role; there is always an owner, and nobody in care is left alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client as Web
from django.urls import reverse

from clients.care import CareChanged
from clients.demo import builders
from clients.demo.builders import NOW
from clients.enrolling import end_care, hand_over, responsibility, resume_care
from clients.models import CareDecision, CareTeam, Client, Delivery, Role, StaffDecision, User
from clients.staffing import (
    LastOwner,
    StillAnswers,
    TeamChanged,
    change_role,
    let_in,
    let_in_again,
    shut_out,
    team,
)
from tests.together import together

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def practice() -> None:
    builders.make_practice()


@pytest.fixture
def owner() -> User:
    return builders.make_owner(name="Olga")


@pytest.fixture
def adam() -> User:
    return builders.make_therapist(name="Adam")


def rows() -> list[tuple[str, str, str, str, str]]:
    """Who, what, from which role, to which, and why; the first one first."""
    return [
        (row.user.name, row.kind, row.old_role, row.new_role, row.reason)
        for row in StaffDecision.objects.select_related("user")
    ]


def because(by: User) -> dict[str, Any]:
    return {"by": by, "reason": "Because.", "now": NOW}


# ---- In -------------------------------------------------------------------------------------------------------------


def test_colleague_is_let_in_with_a_letter_and_a_row(owner: User) -> None:
    berta = let_in(name="Berta", email="Berta@Example.org", role="therapist", by=owner, now=NOW)

    letter = Delivery.objects.get()
    assert (berta.email, berta.role, berta.has_usable_password()) == ("berta@example.org", "therapist", False)
    assert (letter.letter, letter.user, letter.data["by"]) == ("staff_invitation", berta, owner.pk)
    assert rows() == [("Berta", "invited", "", "therapist", "")]


def test_address_that_is_taken_lets_nobody_in(owner: User, adam: User) -> None:
    with pytest.raises(TeamChanged):
        let_in(name="Adam", email=adam.email.upper(), role="owner", by=owner, now=NOW)

    assert rows() == []
    assert not Delivery.objects.exists()


def test_team_says_how_many_clients_each_has_and_asks_once(
    owner: User, adam: User, django_assert_num_queries: Any
) -> None:
    berta = builders.make_therapist(name="Berta")
    clients = [builders.make_client(name=name, therapist=adam) for name in ("Ana", "Ben", "Carla")]
    end_care(clients[0], by=adam, reason="All is well.", now=NOW)
    CareTeam.objects.create(
        client=clients[1], therapist=berta, capacity="cover", since=NOW - DAY, until=NOW + DAY
    )
    CareTeam.objects.create(
        client=clients[2], therapist=berta, capacity="cover", since=NOW - 2 * DAY, until=NOW - DAY
    )
    Authenticator.objects.create(user=adam, type="totp", data={})
    Authenticator.objects.create(user=berta, type="recovery_codes", data={})

    with django_assert_num_queries(1):
        found = team(NOW)

    assert [(each.user.name, each.clients, each.covers, each.second_factor) for each in found] == [
        ("Adam", 2, 0, True),
        ("Berta", 0, 1, False),
        ("Olga", 0, 0, False),
    ]


# ---- Another role -----------------------------------------------------------------------------------------------------


def test_another_role_holds_from_now_on_and_leaves_a_row(owner: User, adam: User) -> None:
    change_role(adam, "owner", seen="therapist", **because(owner))

    adam.refresh_from_db()
    assert adam.role == Role.OWNER
    assert rows() == [("Adam", "role_changed", "therapist", "owner", "Because.")]


def test_role_that_is_not_the_one_shown_is_not_changed(owner: User, adam: User) -> None:
    for seen, role in [
        ("office", "owner"),
        ("therapist", "therapist"),
        ("therapist", "client"),
        ("", "owner"),
    ]:
        with pytest.raises(TeamChanged):
            change_role(adam, role, seen=seen, **because(owner))

    adam.refresh_from_db()
    assert (adam.role, rows()) == (Role.THERAPIST, [])


def test_a_client_gets_no_role(owner: User) -> None:
    client = builders.make_client()

    for seen in ("client", "therapist"):
        with pytest.raises(TeamChanged):
            change_role(client.user, "owner", seen=seen, **because(owner))

    client.user.refresh_from_db()
    assert client.user.role == Role.CLIENT


def test_only_owner_stays_owner_and_inside(owner: User) -> None:
    builders.make_owner(name="Gone", is_active=False)

    with pytest.raises(LastOwner):
        change_role(owner, "therapist", seen="owner", **because(owner))
    with pytest.raises(LastOwner):
        shut_out(owner, **because(owner))

    owner.refresh_from_db()
    assert (owner.role, owner.is_active, rows()) == (Role.OWNER, True, [])


@pytest.mark.parametrize("role", ["therapist", "office"])
def test_who_is_no_owner_decides_nothing(owner: User, adam: User, role: str) -> None:
    other = builders.make_user(name="Other", role=role)

    for act in (
        lambda: change_role(adam, "owner", seen="therapist", **because(other)),
        lambda: shut_out(owner, **because(other)),
        lambda: let_in_again(owner, **because(other)),
    ):
        with pytest.raises(TeamChanged):
            act()

    assert rows() == []


def test_nobody_goes_to_the_office_while_they_answer_for_somebody(owner: User, adam: User) -> None:
    builders.make_client(therapist=adam)

    with pytest.raises(StillAnswers):
        change_role(adam, "office", seen="therapist", **because(owner))

    adam.refresh_from_db()
    assert adam.role == Role.THERAPIST


# ---- Out and in again -------------------------------------------------------------------------------------------------


def test_who_answers_for_somebody_in_care_is_not_shut_out(owner: User, adam: User) -> None:
    client = builders.make_client(therapist=adam)

    with pytest.raises(StillAnswers):
        shut_out(adam, **because(owner))
    end_care(client, by=adam, reason="All is well.", now=NOW)
    shut_out(adam, **because(owner))

    adam.refresh_from_db()
    assert not adam.is_active


def test_covers_of_who_is_shut_out_end_with_a_row(owner: User, adam: User) -> None:
    client = builders.make_client(therapist=owner)
    cover = CareTeam.objects.create(
        client=client, therapist=adam, capacity="cover", since=NOW - DAY, until=NOW + 9 * DAY
    )

    shut_out(adam, **because(owner))

    cover.refresh_from_db()
    row = CareDecision.objects.get()
    assert (cover.until, row.kind, row.therapist, row.client) == (NOW, "cover_ended", adam, client)


def test_session_of_who_is_shut_out_ends_at_once(
    owner: User, adam: User, web_as: Callable[..., Web], settings: Any
) -> None:
    settings.STAFF_SECOND_FACTOR = False
    web = web_as(adam)
    before = web.get(reverse("admin:index")).status_code

    shut_out(adam, **because(owner))

    after = web.get(reverse("admin:index"))
    assert before == 200
    assert (after.status_code, after["Location"].startswith(reverse("account_login"))) == (
        302,
        True,
    ) or after["Location"].startswith(reverse("admin:login"))


def test_let_in_again_is_as_before_and_each_is_a_row(owner: User, adam: User) -> None:
    shut_out(adam, **because(owner))
    with pytest.raises(TeamChanged):
        shut_out(adam, **because(owner))
    let_in_again(adam, **because(owner))
    with pytest.raises(TeamChanged):
        let_in_again(adam, **because(owner))

    adam.refresh_from_db()
    assert (adam.is_active, adam.role) == (True, Role.THERAPIST)
    assert [row[1] for row in rows()] == ["deactivated", "reactivated"]


# ---- At the same moment -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_leave_one() -> None:
    owners = [builders.make_owner(name=name) for name in ("Olga", "Otto")]

    outcomes = together(
        lambda n: change_role(owners[n], "therapist", seen="owner", **because(owners[1 - n])),
        times=2,
        numbered=True,
    )

    assert User.objects.filter(role=Role.OWNER, is_active=True).count() == 1
    assert [isinstance(each, TeamChanged) for each in outcomes].count(True) == 1
    assert len(rows()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_shut_each_other_out_leave_one() -> None:
    owners = [builders.make_owner(name=name) for name in ("Olga", "Otto")]

    together(lambda n: shut_out(owners[n], **because(owners[1 - n])), times=2, numbered=True)

    assert User.objects.filter(role=Role.OWNER, is_active=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_client_handed_to_somebody_who_is_being_shut_out_has_somebody_who_answers() -> None:
    owner, adam = builders.make_owner(name="Olga"), builders.make_therapist(name="Adam")
    client = builders.make_client(therapist=owner)
    held = responsibility(client)

    def press(number: int) -> Any:
        if number:
            return shut_out(adam, **because(owner))
        return hand_over(client, held=held, to=adam, **because(owner))

    together(press, times=2, numbered=True)

    care = responsibility(client)
    assert care is not None
    assert care.therapist.is_active
    assert Client.objects.visible_to(care.therapist, at=NOW + DAY).filter(pk=client.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_care_taken_up_again_while_who_answers_is_shut_out_has_somebody_who_answers() -> None:
    owner, adam = builders.make_owner(name="Olga"), builders.make_therapist(name="Adam")
    client = builders.make_client(therapist=adam)
    end_care(client, **because(owner))

    def press(number: int) -> Any:
        return shut_out(adam, **because(owner)) if number else resume_care(client, **because(owner))

    outcomes = together(press, times=2, numbered=True)

    adam.refresh_from_db()
    client.refresh_from_db()
    assert (client.ended_at is None) == adam.is_active
    assert [isinstance(each, CareChanged | StillAnswers) for each in outcomes].count(True) == 1
