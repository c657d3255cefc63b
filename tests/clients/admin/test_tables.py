"""Lists that are taken along: the rows that the reader sees, as filtered, and no cell that a spreadsheet calculates."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.contrib import admin
from django.template.defaultfilters import floatformat
from django.test import Client as Web
from django.urls import reverse
from django.utils import timezone

from clients.admin.reporting import measure_cells, rounded
from clients.demo import builders
from clients.models import CareTeam, Client, Message, User
from clients.reporting import Reached, Told, middle
from routines.admin import tables
from routines.admin.tables import CsvList, safe


def rows_of(web: Web, name: str, **query: str) -> list[list[str]]:
    answer = web.get(reverse(f"admin:{name}"), query)
    assert answer.status_code == 200, answer.status_code
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))


@pytest.mark.parametrize("value", ["=1+1", "+49 30", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =1", "|calc"])
def test_what_looks_like_a_formula_is_text(value: str) -> None:
    assert safe(value) == f"'{value}"


@pytest.mark.parametrize("value", ["Ana Silva", "", "12", "a=b", "“=”"])
def test_other_words_stay_as_they_are(value: str) -> None:
    assert safe(value) == value


@pytest.mark.parametrize("value", [-2, -0.5, Decimal("-2.0")])
def test_a_number_stays_one_that_can_be_summed(value: object) -> None:
    assert safe(value) == str(value)


def test_the_report_as_csv_tells_a_fall_of_pain_as_a_number() -> None:
    changes = [Decimal(change) for change in (-4, -3, -2, -2, 1)]

    assert measure_cells(Reached(5, 4, 1, middle(changes))) == [5, Decimal("-2.0"), 4, 1]
    assert safe(measure_cells(Reached(5, 4, 1, middle(changes)))[1]) == "-2.0"


def test_the_report_as_csv_rounds_a_half_as_its_page_does() -> None:
    told = Told(8, 12.5)

    assert rounded(told) == int(floatformat(told.value, 0)) == 13


def test_every_list_can_be_taken_along_and_starts_no_cell_with_a_formula(
    web_as: Callable[..., Web], owner: User, adam: User
) -> None:
    ana = builders.make_client(
        name="=HYPERLINK(1)", therapist=adam, complaint="@now", email="+ana@example.org"
    )
    builders.assign(ana, by=adam)
    builders.train(ana)
    web = web_as(owner)
    lists = [each for each in admin.site._registry.values() if isinstance(each, CsvList)]
    for each in lists:
        name = f"{each.opts.app_label}_{each.opts.model_name}_csv"
        header, *rows = rows_of(web, name)

        assert len({len(row) for row in [header, *rows]}) == 1, name
        assert not [cell for row in rows for cell in row if cell.startswith(tables.FORMULA)], name
    assert len(lists) > 10
    assert "'=HYPERLINK(1)" in [row[0] for row in rows_of(web, "clients_client_csv")]


def test_a_list_holds_what_the_page_shows(web_as: Callable[..., Web], adam: User) -> None:
    for name in ("Ana Silva", "Ben Ortiz", "Cem Aydin"):
        builders.make_client(name=name, therapist=adam)
    web = web_as(adam)

    assert [row[0] for row in rows_of(web, "clients_client_csv")[1:]] == [
        "Ana Silva",
        "Ben Ortiz",
        "Cem Aydin",
    ]
    assert [row[0] for row in rows_of(web, "clients_client_csv", q="Ben")[1:]] == ["Ben Ortiz"]


def test_what_somebody_typed_comes_as_it_was_typed(web_as: Callable[..., Web], adam: User) -> None:
    builders.make_client(
        name="O'Neil & <Son>", therapist=adam, complaint="Farmer's <neck> & arm", side="left"
    )
    _header, row = rows_of(web_as(adam), "clients_client_csv")

    assert row[:2] == ["O'Neil & <Son>", "Farmer's <neck> & arm left"]


def test_a_list_of_many_pages_comes_whole(
    web_as: Callable[..., Web], adam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(7):
        builders.make_client(name=f"Client {n}", therapist=adam)
    monkeypatch.setattr(tables, "AT_ONCE", 3)

    assert [row[0] for row in rows_of(web_as(adam), "clients_client_csv")[1:]] == [
        f"Client {n}" for n in range(7)
    ]


def test_a_list_that_is_too_long_says_so(
    web_as: Callable[..., Web], ana: Client, adam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 0)
    answer = web_as(adam).get(reverse("admin:clients_client_csv"), {"q": "Ana"}, follow=True)

    assert answer.redirect_chain == [(f"{reverse('admin:clients_client_changelist')}?q=Ana", 302)]
    assert "Filter it first" in answer.content.decode()


def test_a_filter_that_nobody_offers_leads_back(web_as: Callable[..., Web], ana: Client, adam: User) -> None:
    answer = web_as(adam).get(reverse("admin:clients_client_csv"), {"notes__contains": "x"})

    assert answer.status_code in (302, 400)


def test_nobody_takes_along_what_they_do_not_see(
    web_as: Callable[..., Web], carla: Client, ana: Client, adam: User, office: User
) -> None:
    assert "CANARY" not in str(rows_of(web_as(adam), "clients_client_csv"))
    assert web_as(office).get(reverse("admin:clients_assignment_csv")).status_code == 403
    assert "CANARY" in str(
        rows_of(web_as(carla.care_team.get().therapist), "clients_client_csv")
    )  # the control


# ---- Lists that are pages of their own ------------------------------------------------------------------------------


def test_the_messages_as_csv_are_one_s_own_and_without_a_word(
    web_as: Callable[..., Web], adam: User, ana: Client, carla: Client
) -> None:
    for client in (ana, carla):
        for number in (1, 2):
            Message.objects.create(
                client=client,
                by=client.user,
                from_client=True,
                text="SECRET",
                at=builders.NOW + timedelta(minutes=number),
                key=uuid4(),
            )
    web = web_as(adam)

    answer = web.get(reverse("admin:messages_csv"))

    assert rows_of(web, "messages_csv")[1:] == [["Ana Silva", "2026-03-10 19:02", "2"]]
    assert "SECRET" not in answer.content.decode()
    assert reverse("admin:messages_csv") in web.get(reverse("admin:messages")).text


def test_the_covers_as_csv_are_those_that_one_may_end(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, carla: Client
) -> None:
    now = timezone.now()
    until = datetime(2036, 3, 25, tzinfo=ZoneInfo(builders.ZONE))
    for client, user in ((ana, berta), (carla, builders.make_therapist(name="Carl"))):
        CareTeam.objects.create(client=client, therapist=user, capacity="cover", since=now, until=until)
    web = web_as(adam)

    rows = rows_of(web, "clients_careteam_covers_csv")[1:]

    assert [[*row[:3], row[4]] for row in rows] == [["Ana Silva", "Adam", "Berta", "2036-03-24 23:59"]]
    assert rows_of(web_as(berta), "clients_careteam_covers_csv")[1:] != rows
    assert (
        reverse("admin:clients_careteam_covers_csv") in web.get(reverse("admin:clients_careteam_covers")).text
    )


def test_the_team_as_csv_is_for_the_owner(
    web_as: Callable[..., Web], owner: User, adam: User, office: User, ana: Client
) -> None:
    web = web_as(owner)

    rows = {row[0]: row[1:] for row in rows_of(web, "clients_practice_team_csv")[1:]}

    assert rows["Adam"] == [adam.email, "Therapist", "1", "0", rows["Adam"][4], "no", "yes"]
    assert set(rows) == {"Adam", "Olga", "Olaf"}
    assert reverse("admin:clients_practice_team_csv") in web.get(reverse("admin:clients_practice_team")).text
    for user in (adam, office):
        assert web_as(user).get(reverse("admin:clients_practice_team_csv")).status_code in (403, 404)


def test_the_office_takes_no_messages_and_no_covers_along(web_as: Callable[..., Web], office: User) -> None:
    pages = [reverse("admin:messages_csv"), reverse("admin:clients_careteam_covers_csv")]

    assert [web_as(office).get(page).status_code for page in pages] == [403, 403]


# ---- The report -----------------------------------------------------------------------------------------------------------


def test_the_report_names_programs_and_says_when_people_are_too_few(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.assign(ana, by=adam, start_date=timezone.localdate(), now=timezone.now())
    words = web_as(adam).get(reverse("admin:report")).content.decode()

    assert "Buttock-related sciatica: release, then strengthen" in words
    assert "too few" in words


def test_the_report_of_nobody_tells_the_next_step(web_as: Callable[..., Web], adam: User) -> None:
    assert "Nothing to tell yet" in web_as(adam).get(reverse("admin:report")).content.decode()


def test_the_report_as_csv_says_the_same(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    builders.assign(ana, by=adam, start_date=timezone.localdate(), now=timezone.now())
    _header, row = rows_of(web_as(adam), "report_csv", period="quarter")

    assert row[1:4] == ["Buttock-related sciatica: release, then strengthen", "1", "1"]
    assert row[7] == ""


def test_the_office_has_no_report(web_as: Callable[..., Web], office: User) -> None:
    web = web_as(office)

    assert web.get(reverse("admin:report")).status_code == 403
    assert web.get(reverse("admin:report_csv")).status_code == 403
    assert reverse("admin:report") not in web.get(reverse("admin:index")).content.decode()


def test_a_period_that_is_none_is_the_last_year(web_as: Callable[..., Web], adam: User) -> None:
    found: Any = web_as(adam).get(reverse("admin:report"), {"period": "for ever"})

    assert found.context["period"] == "year"
