"""Cover at the workplace: my holidays, who covers for whom, and ending it earlier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client as Web
from django.urls import reverse

from clients.casefile import decisions
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import CareDecision, CareTeam, Client, User

COVER, COVERS = "admin:clients_careteam_cover", "admin:clients_careteam_covers"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def evening() -> Any:
    with time_machine.travel(NOW):
        yield


def given(to: User, **fields: Any) -> dict[str, Any]:
    return {
        "therapist": to.pk,
        "first_day": "2026-03-11",
        "last_day": "2026-03-24",
        "reason": "Holidays.",
        "which": "all",
        "key": str(uuid4()),
        **fields,
    }


def cover_of(client: Client, to: User) -> CareTeam:
    return CareTeam.objects.create(
        client=client, therapist=to, capacity="cover", since=NOW - DAY, until=NOW + 9 * DAY
    )


def test_my_holidays_are_covered_and_shown_to_both(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, carla: Client
) -> None:
    ben = builders.make_client(name="Ben Ortiz", therapist=adam)

    answer = web_as(adam).post(reverse(COVER), given(berta))

    assert answer["Location"] == reverse(COVERS)
    assert CareTeam.objects.filter(therapist=berta, capacity="cover").count() == 2
    assert "Berta covers 2 clients for Adam" in web_as(adam).get(reverse(COVERS)).text
    assert "you cover 2 clients for Adam" in web_as(berta).get(reverse("admin:index")).text
    with time_machine.travel(NOW + 2 * DAY):
        assert "You cover 2 clients for Adam until 24 Mar" in web_as(berta).get(reverse("admin:index")).text
        assert "cover until 24 March" in web_as(berta).get(reverse("admin:client", args=[ben.pk])).text
    with time_machine.travel(NOW + 20 * DAY):
        assert "for Adam" not in web_as(berta).get(reverse("admin:index")).text
        assert web_as(berta).get(reverse("admin:client", args=[ana.pk])).status_code == 404
    decided = [entry.what for entry in decisions(ana)]
    assert "Berta covers from 11 Mar to 24 Mar" in decided


def test_only_some_are_covered(web_as: Callable[..., Web], adam: User, berta: User, ana: Client) -> None:
    builders.make_client(name="Ben Ortiz", therapist=adam)
    web = web_as(adam)

    nobody = web.post(reverse(COVER), given(berta, which="some"))
    web.post(reverse(COVER), given(berta, which="some", clients=[ana.pk]))
    page = web.get(f"{reverse(COVER)}?client={ana.pk}")

    assert (nobody.status_code, list(nobody.context["form"].errors)) == (422, ["clients"])
    assert [row.client for row in CareTeam.objects.filter(therapist=berta)] == [ana]
    assert page.context["form"].initial["clients"] == [ana.pk]


@pytest.mark.parametrize("who", ["office", "client", "self", "nobody"])
def test_only_who_gives_care_can_be_chosen(
    web_as: Callable[..., Web], adam: User, office: User, ana: Client, berta: User, who: str
) -> None:
    to = {"office": office.pk, "client": ana.user.pk, "self": adam.pk, "nobody": "9" * 30}[who]

    answer = web_as(adam).post(reverse(COVER), {**given(berta), "therapist": to})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["therapist"])
    assert not CareTeam.objects.filter(capacity="cover").exists()


def test_clients_of_a_colleague_are_neither_shown_nor_covered(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, carla: Client
) -> None:
    web = web_as(adam)
    third = builders.make_therapist(name="Carl")

    page = web.get(reverse(COVER)).text
    of_berta = web.get(f"{reverse(COVER)}?of={berta.pk}")
    chosen = web.get(f"{reverse(COVER)}?client={carla.pk}").context["form"].initial["clients"]
    forged = web.post(reverse(COVER), given(third, which="some", clients=[carla.pk]))

    assert "CANARY" not in page
    assert of_berta.status_code == 404
    assert chosen == []
    assert forged.status_code == 422
    assert not CareTeam.objects.filter(therapist=third).exists()


def test_number_that_no_cover_can_have_is_not_there(web_as: Callable[..., Web], adam: User) -> None:
    url = reverse("admin:clients_careteam_end", args=[10**30])

    assert web_as(adam).post(url, {"reason": "Mine."}).status_code == 404


def test_who_only_covers_hands_nothing_on(web_as: Callable[..., Web], berta: User, ana: Client) -> None:
    row, third = cover_of(ana, berta), builders.make_therapist(name="Carl")
    web = web_as(berta)

    answer = web.post(reverse(COVER), given(third, which="some", clients=[ana.pk]))
    ended = web.post(reverse("admin:clients_careteam_end", args=[row.pk]), {"reason": "Mine."})

    assert answer.status_code == 422
    assert ended.status_code == 404
    assert not CareTeam.objects.filter(therapist=third).exists()


def test_owner_gives_cover_for_all(
    web_as: Callable[..., Web], owner: User, adam: User, berta: User, ana: Client, carla: Client
) -> None:
    third = builders.make_therapist(name="Carl")
    web = web_as(owner)

    web.post(f"{reverse(COVER)}?of={adam.pk}", given(third))
    one = list(CareTeam.objects.filter(therapist=third).values_list("client__name", flat=True))
    web.post(reverse(COVER), given(third))

    assert one == ["Ana Silva"]
    assert CareTeam.objects.filter(therapist=third).count() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first_day": "2026-03-09"}, "first_day"),
        ({"last_day": "2026-03-10"}, "last_day"),
        ({"last_day": "2027-06-01"}, "last_day"),
        ({"last_day": "9999-12-31"}, "last_day"),
        ({"last_day": "tomorrow"}, "last_day"),
        ({"reason": " "}, "reason"),
        ({"which": "none"}, "which"),
        ({"which": "some", "clients": ["x"]}, "clients"),
        ({"which": "some", "clients": ["9" * 30]}, "clients"),
        ({"key": "x"}, "key"),
    ],
)
def test_wrong_field_is_said_beside_it(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, wrong: dict[str, Any], field: str
) -> None:
    answer = web_as(adam).post(reverse(COVER), given(berta, **wrong))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not CareTeam.objects.filter(therapist=berta).exists()


def test_cover_sent_twice_is_given_once(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client
) -> None:
    web, data = web_as(adam), given(berta)

    first, second = web.post(reverse(COVER), data), web.post(reverse(COVER), data)

    assert (first.status_code, second.status_code) == (302, 422)
    assert CareDecision.objects.count() == 1


def test_cover_is_ended_for_one_or_for_all_of_it(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client
) -> None:
    others = [builders.make_client(name=name, therapist=adam) for name in ("Ben", "Dora")]
    rows = [cover_of(client, berta) for client in (ana, *others)]
    url = reverse("admin:clients_careteam_end", args=[rows[0].pk])
    web = web_as(adam)

    assert web.get(url).context["form"].fields["others"].label == "Also for the others of this cover (2)"
    assert web.post(url, {"reason": ""}).status_code == 422
    web.post(url, {"reason": "Back early."})
    one = CareTeam.objects.filter(therapist=berta, until__gt=NOW + DAY).count()
    web.post(reverse("admin:clients_careteam_end", args=[rows[1].pk]), {"reason": "Back.", "others": "on"})
    again = web.post(url, {"reason": "Back early."})

    assert (one, CareTeam.objects.filter(therapist=berta, until__gt=NOW + DAY).count()) == (2, 0)
    assert again.status_code == 404
    assert CareDecision.objects.filter(kind="cover_ended").count() == 3


def test_cover_of_a_colleague_s_client_cannot_be_ended(
    web_as: Callable[..., Web], adam: User, carla: Client
) -> None:
    row = cover_of(carla, builders.make_therapist(name="Carl"))
    web = web_as(adam)
    url = reverse("admin:clients_careteam_end", args=[row.pk])

    assert [web.get(url).status_code, web.post(url, {"reason": "Mine."}).status_code] == [404, 404]
    assert "CANARY" not in web.get(reverse(COVERS)).text
    row.refresh_from_db()
    assert row.until == NOW + 9 * DAY


def test_office_and_clients_have_no_business_there(
    web_as: Callable[..., Web], office: User, ana: Client, berta: User
) -> None:
    row = cover_of(ana, berta)
    pages = [reverse(COVER), reverse(COVERS), reverse("admin:clients_careteam_end", args=[row.pk])]

    assert [web_as(office).get(page).status_code for page in pages] == [403] * 3
    assert {web_as(ana.user).get(page).status_code for page in pages} <= {302, 403}


def test_cover_needs_a_reason_and_leaves_a_decision(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client
) -> None:
    refused = web_as(adam).post(reverse(COVER), given(berta, reason=""))
    web_as(adam).post(reverse(COVER), given(berta, reason="A course."))

    row = CareDecision.objects.get()
    assert list(refused.context["form"].errors) == ["reason"]
    assert (row.kind, row.therapist, row.by, row.reason) == ("covered", berta, adam, "A course.")


@pytest.mark.parametrize("number", [1, 3])
def test_pages_ask_a_fixed_number_of_queries(
    web_as: Callable[..., Web], adam: User, berta: User, number: int, django_assert_num_queries: Any
) -> None:
    for each in range(number):
        cover_of(builders.make_client(name=f"Client {each}", therapist=adam), berta)
    web = web_as(adam)
    web.get(reverse(COVERS))

    with django_assert_num_queries(8):
        web.get(reverse(COVERS))
    with django_assert_num_queries(9):
        web.get(reverse(COVER))
