"""The list of clients and the form that takes one into care."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client as Web
from django.urls import reverse

from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import CareTeam, Client, Practice, ReminderSchedule, User
from clients.reminders.schedules import reschedule
from routines.models import BodyArea, ConditionTag

LIST = "admin:clients_client_changelist"
ADD = "admin:clients_client_add"


def form(*conditions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The form of a new client as a browser sends it."""
    data: dict[str, Any] = {
        "key": str(uuid.uuid4()), "name": "Ana Silva", "email": "", "complaint": "Deep ache", "side": "right",
        "zone": "Europe/Berlin", "language": "en", "notes": "",
        "condition-TOTAL_FORMS": str(max(1, len(conditions))), "condition-INITIAL_FORMS": "0",
        "condition-0-tag": "", "condition-0-area": "", "condition-0-side": "both",
    }  # fmt: skip
    for number, condition in enumerate(conditions):
        for name, value in {"area": "", "side": "both", **condition}.items():
            data[f"condition-{number}-{name}"] = value
    return {**data, **fields}


def tag(slug: str) -> str:
    return str(ConditionTag.objects.get(slug=slug).pk)


def area(slug: str) -> str:
    return str(BodyArea.objects.get(slug=slug).pk)


# ---- Taking into care -----------------------------------------------------------------------------------------------


def test_form_begins_with_the_zone_of_the_practice(
    web_as: Callable[..., Web], adam: User, practice: Practice
) -> None:
    Practice.objects.update(zone="America/New_York", language="de")

    page = web_as(adam).get(reverse(ADD))

    assert page.context["form"]["zone"].value() == "America/New_York"
    assert page.context["form"]["language"].value() == "de"


@time_machine.travel(NOW, tick=False)
def test_new_client_is_in_the_care_of_whoever_took_them_in(web_as: Callable[..., Web], adam: User) -> None:
    answer = web_as(adam).post(reverse(ADD), form())

    client = Client.objects.get()
    assert answer["Location"] == reverse("admin:client", args=[client.pk])
    assert (client.name, client.email, client.side, client.zone) == (
        "Ana Silva",
        "",
        "right",
        "Europe/Berlin",
    )
    care = CareTeam.objects.get()
    assert (care.client, care.therapist, care.capacity, care.since, care.until) == (
        client, adam, "responsible", NOW, None,
    )  # fmt: skip


@time_machine.travel(NOW, tick=False)
def test_new_client_comes_with_conditions(web_as: Callable[..., Web], adam: User) -> None:
    web_as(adam).post(
        reverse(ADD),
        form(
            {"tag": tag("osteoporosis"), "area": area("low_back"), "side": "left"},
            {"tag": tag("blood_clot"), "area": area("calf"), "side": "left"},
        ),
    )

    kept = [
        (row.tag.slug, row.area and row.area.slug, row.side, row.valid_from, row.added_by)
        for row in Client.objects.get().tags.order_by("pk")
    ]
    assert kept == [
        ("osteoporosis", None, "both", date(2026, 3, 10), adam),  # of the whole person: it has no place
        ("blood_clot", "calf", "left", date(2026, 3, 10), adam),
    ]


def test_same_form_sent_twice_makes_one_client(web_as: Callable[..., Web], adam: User) -> None:
    data = form()
    web = web_as(adam)

    first, second = web.post(reverse(ADD), data), web.post(reverse(ADD), data)

    assert Client.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_form_with_the_key_of_somebody_else_makes_an_own_client(
    web_as: Callable[..., Web], adam: User, carla: Client
) -> None:
    answer = web_as(adam).post(reverse(ADD), form(key=str(carla.uuid)))

    assert answer.status_code == 302
    assert Client.objects.visible_to(adam).count() == 1


def test_same_condition_twice_is_said_beside_the_second(web_as: Callable[..., Web], adam: User) -> None:
    answer = web_as(adam).post(reverse(ADD), form({"tag": tag("osteoporosis")}, {"tag": tag("osteoporosis")}))

    assert answer.status_code == 422
    assert "on the list already" in answer.context["conditions"].forms[1].errors["tag"][0]
    assert not Client.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"email": "not an address"}, "email"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"side": "sideways"}, "side"),
        ({"language": "xx"}, "language"),
        ({"name": "x" * 121}, "name"),
    ],
)
def test_wrong_field_keeps_what_was_typed_and_makes_nobody(
    web_as: Callable[..., Web], adam: User, wrong: dict[str, str], field: str
) -> None:
    answer = web_as(adam).post(reverse(ADD), form(**{"notes": "Typed with care", **wrong}))

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert "Typed with care" in answer.content.decode()
    assert not Client.objects.exists()


@pytest.mark.parametrize(
    "row", [{"tag": "999999"}, {"tag": "x"}, {"area": "999999", "tag": "osteoporosis"}, {"side": "up"}]
)
def test_wrong_condition_is_refused(web_as: Callable[..., Web], adam: User, row: dict[str, str]) -> None:
    row = {
        **row,
        "tag": tag(row["tag"]) if row.get("tag") == "osteoporosis" else row.get("tag", tag("osteoporosis")),
    }

    answer = web_as(adam).post(reverse(ADD), form(row))

    assert answer.status_code == 422
    assert not Client.objects.exists()


def test_another_row_for_conditions_keeps_what_was_typed(web_as: Callable[..., Web], adam: User) -> None:
    answer = web_as(adam).post(
        reverse(ADD), form({"tag": tag("osteoporosis")}, name="", notes="Typed with care", act="more")
    )

    assert answer.status_code == 200
    assert len(answer.context["conditions"].forms) == 2
    assert answer.context["conditions"].forms[0]["tag"].value() == tag("osteoporosis")
    assert "Typed with care" in answer.content.decode()


def test_another_row_for_conditions_judges_nothing_yet(web_as: Callable[..., Web], adam: User) -> None:
    sent = form({"tag": "", "side": "up"}, name="", email="no address", act="more")
    page = web_as(adam).post(reverse(ADD), sent)

    assert "error-summary" not in page.content.decode()
    assert page.context["form"]["email"].value() == "no address"
    assert page.context["form"]["key"].value() == sent["key"]


@pytest.mark.parametrize("total", ["", "x", "-5", "10000000000"])
def test_nonsense_in_the_number_of_rows_is_not_an_error_of_ours(
    web_as: Callable[..., Web], adam: User, total: str
) -> None:
    answer = web_as(adam).post(reverse(ADD), form(act="more", **{"condition-TOTAL_FORMS": total}))

    assert answer.status_code == 200


def test_office_takes_nobody_into_care(web_as: Callable[..., Web], office: User) -> None:
    web = web_as(office)

    assert web.get(reverse(ADD)).status_code == 403
    assert web.post(reverse(ADD), form()).status_code == 403
    assert not Client.objects.exists()


def test_office_does_not_see_when_somebody_trained(
    web_as: Callable[..., Web], office: User, adam: User, ana: Client
) -> None:
    pages = [web_as(user).get(reverse("admin:index")).content.decode() for user in (adam, office)]

    assert ["Last session" in page for page in pages] == [True, False]


def test_office_reads_of_nothing_that_it_cannot_look_for(
    web_as: Callable[..., Web], office: User, adam: User, ana: Client
) -> None:
    helps = [web_as(user).get(reverse(LIST)).context["cl"].search_help_text for user in (adam, office)]

    assert helps == ["Name, e-mail or complaint", "Name or e-mail"]


# ---- Changing -------------------------------------------------------------------------------------------------------


def change(**fields: str) -> dict[str, str]:
    return {
        "name": "Ana Silva", "email": "ana@example.org", "complaint": "Better now", "side": "both",
        "zone": "Europe/Lisbon", "language": "de", "notes": "", **fields,
    }  # fmt: skip


def test_change_writes_only_what_was_changed(web_as: Callable[..., Web], adam: User) -> None:
    client = builders.make_client(
        name="Ana Silva", therapist=adam, with_account=False, email="old@example.org"
    )

    answer = web_as(adam).post(reverse("admin:clients_client_change", args=[client.pk]), change())

    client.refresh_from_db()
    assert answer["Location"] == reverse("admin:client", args=[client.pk])
    assert (client.complaint, client.zone, client.email) == ("Better now", "Europe/Lisbon", "ana@example.org")


@time_machine.travel(NOW, tick=False)
def test_reminder_follows_the_client_into_another_zone(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    schedule = ReminderSchedule.objects.create(client=ana, local_time=time(18), zone=ana.zone)
    reschedule(schedule, NOW)
    url = reverse("admin:clients_client_change", args=[ana.pk])

    web_as(adam).post(url, change(email=ana.email, zone="Pacific/Auckland"))

    schedule.refresh_from_db()
    assert schedule.zone == "Pacific/Auckland"
    assert schedule.next_due_at.astimezone(ZoneInfo("Pacific/Auckland")).time() == time(18)


def test_address_of_somebody_inside_is_theirs_to_change(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    before = ana.email

    web_as(adam).post(
        reverse("admin:clients_client_change", args=[ana.pk]), change(email="attacker@example.org")
    )

    ana.refresh_from_db()
    assert ana.email == before
    assert ana.complaint == "Better now"


def test_forged_fields_are_not_taken(
    web_as: Callable[..., Web], adam: User, ana: Client, carla: Client
) -> None:
    uuid_before = ana.uuid

    web_as(adam).post(
        reverse("admin:clients_client_change", args=[ana.pk]),
        change(id=str(carla.pk), pk=str(carla.pk), user="", uuid=str(uuid.uuid4()), ended_at="2020-01-01"),
    )

    ana.refresh_from_db()
    carla.refresh_from_db()
    assert (ana.uuid, ana.ended_at, ana.user is None) == (uuid_before, None, False)
    assert carla.name == "Carla CANARY"


def test_refused_change_shows_the_name_as_it_is(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    answer = web_as(adam).post(
        reverse("admin:clients_client_change", args=[ana.pk]), change(name="Typed", zone="nowhere")
    )

    assert answer.status_code == 422
    assert answer.context["title"] == "Ana Silva"
    assert 'value="Typed"' in answer.content.decode()


def test_foreign_client_cannot_be_changed(web_as: Callable[..., Web], adam: User, carla: Client) -> None:
    url = reverse("admin:clients_client_change", args=[carla.pk])
    web = web_as(adam)

    assert [web.get(url).status_code, web.post(url, change()).status_code] == [404, 404]
    assert web.get(reverse("admin:clients_client_change", args=["x"])).status_code == 404


# ---- The list -------------------------------------------------------------------------------------------------------


def names(answer: Any) -> list[str]:
    return [client.name for client in answer.context["cl"].result_list]


@pytest.fixture
def people(adam: User) -> None:
    """One of each: blocked and in release, strengthening, on paper, not invited, care ended."""
    ben = builders.make_client(name="Ben Ortiz", therapist=adam)
    builders.assign(ben, by=adam)
    builders.screen(ben, yes=["fever_unwell"])
    carla = builders.make_client(name="Carla Meier", therapist=adam)
    assignment = builders.assign(carla, by=adam)
    builders.train(carla)
    builders.advance(assignment)
    builders.make_client(name="Frieda Lang", therapist=adam, with_account=False, email="")
    builders.make_client(name="Gerda Neu", therapist=adam, with_account=False)
    builders.make_client(name="Hans Alt", therapist=adam, ended_at=NOW)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Ben Ortiz", "Carla Meier", "Frieda Lang", "Gerda Neu"]),
        ("phase=release", ["Ben Ortiz"]),
        ("phase=strengthen", ["Carla Meier"]),
        ("phase=none", ["Frieda Lang", "Gerda Neu"]),
        ("phase=nonsense", ["Ben Ortiz", "Carla Meier", "Frieda Lang", "Gerda Neu"]),
        ("status=blocked", ["Ben Ortiz"]),
        ("status=inside", ["Ben Ortiz", "Carla Meier"]),
        ("status=paper", ["Frieda Lang"]),
        ("status=not_invited", ["Gerda Neu"]),
        ("status=waiting", []),
        ("status=ended", ["Hans Alt"]),
        ("q=ortiz", ["Ben Ortiz"]),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_list_is_narrowed(
    web_as: Callable[..., Web], adam: User, people: None, query: str, expected: list[str]
) -> None:
    answer = web_as(adam).get(f"{reverse(LIST)}?{query}")

    assert names(answer) == expected


@time_machine.travel(NOW, tick=False)
def test_invited_client_waits(web_as: Callable[..., Web], adam: User, people: None) -> None:
    gerda = Client.objects.get(name="Gerda Neu")
    web = web_as(adam)
    web.post(reverse("admin:client_invite", args=[gerda.pk]))

    assert names(web.get(f"{reverse(LIST)}?status=waiting")) == ["Gerda Neu"]
    assert names(web.get(f"{reverse(LIST)}?status=not_invited")) == []


@time_machine.travel(NOW, tick=False)
def test_list_says_phase_last_session_and_state(web_as: Callable[..., Web], adam: User, people: None) -> None:
    html = web_as(adam).get(reverse(LIST)).content.decode()

    assert "Strengthen, day 1" in html
    assert "10 Mar 2026" in html
    assert "blocked" in html
    assert "on paper" in html
    assert reverse("admin:client", args=[Client.objects.get(name="Ben Ortiz").pk]) in html


@time_machine.travel(NOW, tick=False)
def test_office_list_has_no_filter_by_health(web_as: Callable[..., Web], office: User, people: None) -> None:
    web = web_as(office)
    html = web.get(reverse(LIST)).content.decode()

    assert "Strengthen" not in html
    assert "locked" not in html
    assert names(web.get(f"{reverse(LIST)}?phase=release")) == names(web.get(reverse(LIST)))
    assert names(web.get(f"{reverse(LIST)}?status=blocked")) == names(web.get(reverse(LIST)))


@pytest.mark.parametrize("number", [1, 3])
@time_machine.travel(NOW, tick=False)
def test_list_asks_a_fixed_number_of_queries(
    web_as: Callable[..., Web], adam: User, django_assert_num_queries: Any, number: int
) -> None:
    for n in range(number):
        client = builders.make_client(name=f"Client {n}", therapist=adam)
        builders.assign(client, by=adam)
        builders.bulk_sessions(client, number)
    web = web_as(adam)
    web.get(reverse(LIST))

    with django_assert_num_queries(11):
        web.get(reverse(LIST))
