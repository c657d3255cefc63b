"""Measures of a client at the workplace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Web
from django.urls import reverse

from clients.demo.builders import NOW, assign, make_client, rate
from clients.enrolling import end_care
from clients.models import ActivityList, Client, Measurement, OutcomeResponse, OwnMeasure, SafetyBlock, User

pytestmark = pytest.mark.usefixtures("clock")

KEY = "k" * 22
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def web(web_as: Callable[..., Web], adam: User, ana: Client) -> Web:
    assign(ana, by=adam, start_date=NOW.date() - 20 * DAY, now=NOW - 20 * DAY)
    return web_as(adam)


def at(client: Client, path: str = "") -> str:
    return reverse("admin:client_measures", args=[client.pk]) + path


def words(web: Web, path: str) -> str:
    return " ".join(web.get(path).content.decode().split())


def test_clients_page_tells_first_latest_and_difference(web: Web, ana: Client) -> None:
    rate(ana, "nprs", 6, now=NOW - 14 * DAY)
    rate(ana, "nprs", 3)

    shown = words(web, reverse("admin:client_records", args=[ana.pk]))

    assert "Average pain" in shown
    assert "better" in shown
    assert "−3" in shown


def test_total_from_paper_is_entered_with_its_day(web: Web, ana: Client, adam: User) -> None:
    day = NOW.date() - 3 * DAY
    assert "Roland and Morris 1983" in words(web, at(ana, "rmdq/"))

    web.post(at(ana, "rmdq/"), {"key": KEY, "day": day.isoformat(), "total": "9"})

    row = OutcomeResponse.objects.get()
    assert (row.measure.slug, row.local_date, row.score, row.entered_by) == ("rmdq", day, 9, adam)


def test_answers_from_paper(web: Web, ana: Client) -> None:
    web.post(at(ana, "nprs/"), {"key": KEY, "day": NOW.date().isoformat(), "pain_average_7_days": "4"})

    assert OutcomeResponse.objects.get().answers == {"pain_average_7_days": 4}


def test_activities_from_paper_are_named_first(web: Web, ana: Client) -> None:
    assert web.get(at(ana, "activities/"))["Location"] == at(ana, "activities/choose/")

    web.post(at(ana, "activities/choose/"), {"key": KEY, "name-0": "Put on socks"})
    ratings = {"key": KEY, "day": NOW.date().isoformat(), "activity-0": "7"}
    of_another = web.post(at(ana, "activities/"), {**ratings, "list": "l" * 22})
    assert of_another.status_code == 409
    assert "has changed in the meantime" in of_another.content.decode()
    assert not OutcomeResponse.objects.exists()
    web.post(at(ana, "activities/"), {**ratings, "list": KEY})

    assert ActivityList.objects.get().names == ["Put on socks"]
    assert OutcomeResponse.objects.get().score == 7


@pytest.mark.parametrize("slug", ["odi", "sbi", "effort", "unknown"])
def test_what_is_not_offered_has_no_page(web: Web, ana: Client, slug: str) -> None:
    assert web.get(at(ana, f"{slug}/")).status_code == 404


def test_used_key_is_replaced_so_that_the_form_can_be_sent(web: Web, ana: Client) -> None:
    fields = {"day": NOW.date().isoformat(), "pain_average_7_days": "4"}
    web.post(at(ana, "nprs/"), {"key": KEY, **fields})

    again = web.post(at(ana, "nprs/"), {"key": KEY, **fields, "pain_average_7_days": "6"})

    assert again.status_code == 409
    key = again.context["form"]["key"].value()
    web.post(at(ana, "nprs/"), {"key": key, **fields, "pain_average_7_days": "6"})
    assert OutcomeResponse.objects.latest_revisions().get().score == 6


def test_nothing_is_entered_once_care_has_ended(web: Web, ana: Client, adam: User) -> None:
    end_care(ana, by=adam, reason="All is well.", now=NOW)
    fields = {"key": KEY, "day": NOW.date().isoformat(), "pain_average_7_days": "4"}

    refused = web.post(at(ana, "nprs/"), fields, follow=True)

    assert refused.redirect_chain == [(at(ana), 302)]
    assert "has ended already" in refused.content.decode()
    assert not OutcomeResponse.objects.exists()


def test_value_outside_the_scale_is_refused_beside_the_field(web: Web, ana: Client) -> None:
    refused = web.post(at(ana, "rmdq/"), {"key": KEY, "day": NOW.date().isoformat(), "total": "25"})

    assert refused.status_code == 422
    assert not OutcomeResponse.objects.exists()


def test_leg_diary_from_paper_leads_to_the_question(web: Web, ana: Client) -> None:
    diary = {"leg_pain": "2", "leg_feeling": "2", "leg_trust": "5", "leg_rest": "2"}
    saved = web.post(at(ana, "leg_symptoms/"), {"key": KEY, "day": NOW.date().isoformat(), **diary})
    assert saved["Location"] == at(ana, "question/")

    web.post(at(ana, "question/"), {"key": KEY, "leg_weakness_worsening": "on", "some": "1"})

    assert SafetyBlock.objects.get(client=ana).effect == "urgent"
    assert web.get(at(ana, "question/"))["Location"] == at(ana)


def test_own_measure_is_defined_once_and_measured_by_side(web: Web, ana: Client, adam: User) -> None:
    fields = {"name": " Hip  flexion", "unit": "°", "sided": "on", "better": "higher"}
    made = web.post(at(ana, "own/new/"), fields)
    measure = OwnMeasure.objects.get()
    assert (measure.name, measure.by, made["Location"]) == (
        "Hip flexion",
        adam,
        at(ana, f"own/{measure.pk}/"),
    )
    assert web.post(at(ana, "own/new/"), {**fields, "name": "hip flexion"}).status_code == 422

    for number, (left, right) in enumerate([("80", "92.5"), ("95", "")]):
        day = NOW.date() - (1 - number) * 10 * DAY
        key = f"{number}" * 20
        web.post(made["Location"], {"key": key, "day": day.isoformat(), "left": left, "right": right})

    assert Measurement.objects.count() == 3
    shown = words(web, made["Location"])
    assert "80 °" in shown
    assert "92.5 °" in shown
    assert "+15" in shown
    assert "better" in shown
    assert "+15, better" in words(web, reverse("admin:client_records", args=[ana.pk]))


def test_two_days_are_chosen(web: Web, ana: Client, adam: User) -> None:
    measure = OwnMeasure.objects.create(client=ana, name="Reach", unit="cm", better="lower", by=adam)
    for ago, value in ((20, 30), (10, 22), (0, 12)):
        day = (NOW.date() - ago * DAY).isoformat()
        web.post(at(ana, f"own/{measure.pk}/"), {"key": f"{ago:0>20}", "day": day, "none": value})
    assert "−18" in words(web, at(ana, f"own/{measure.pk}/"))

    days = {"before": NOW.date() - 10 * DAY, "after": NOW.date() - 20 * DAY}
    shown = words(web, at(ana, f"own/{measure.pk}/?before={days['before']}&after={days['after']}"))

    assert "−8" in shown
    assert "−18" not in shown


def test_no_value_at_all_is_refused(web: Web, ana: Client, adam: User) -> None:
    measure = OwnMeasure.objects.create(client=ana, name="Hip flexion", sided=True, by=adam)

    assert web.post(at(ana, f"own/{measure.pk}/"), {"key": KEY, "day": "2026-03-10"}).status_code == 422
    assert (
        web.post(at(ana, f"own/{measure.pk}/"), {"key": KEY, "day": "2026-03-11", "left": "4"}).status_code
        == 422
    )
    assert not Measurement.objects.exists()


def test_names_used_before_are_suggested(web: Web, ana: Client, adam: User) -> None:
    other = make_client(name="Ben Ortiz", therapist=adam)
    OwnMeasure.objects.create(client=other, name="Fingers to floor", by=adam)

    assert '<option value="Fingers to floor">' in words(web, at(ana, "own/new/"))


def test_measure_of_another_client_is_not_found(web: Web, ana: Client, adam: User) -> None:
    other = make_client(name="Ben Ortiz", therapist=adam)
    measure = OwnMeasure.objects.create(client=other, name="Reach", by=adam)

    assert web.get(at(ana, f"own/{measure.pk}/")).status_code == 404


@pytest.mark.parametrize("path", ["nprs/", "rmdq/", "activities/", "activities/choose/", "own/new/"])
def test_nothing_is_entered_after_care_has_ended(web: Web, ana: Client, path: str) -> None:
    Client.objects.filter(pk=ana.pk).update(ended_at=NOW)
    sent = {
        "key": KEY, "day": NOW.date().isoformat(), "pain_average_7_days": "4", "total": "9", "name-0": "Walk",
        "name": "Reach", "unit": "cm", "better": "lower",
    }  # fmt: skip
    opened = web.get(at(ana, path))
    answer = web.post(at(ana, path), sent, follow=True)

    assert opened["Location"] == at(ana)
    assert "has ended already" in answer.content.decode()
    assert "Enter from paper" not in answer.content.decode()
    assert "New measure" not in answer.content.decode()
    assert not any(model.objects.exists() for model in (OutcomeResponse, ActivityList, OwnMeasure))


def test_own_measure_is_read_after_care_has_ended_and_takes_no_value(
    web: Web, ana: Client, adam: User
) -> None:
    measure = OwnMeasure.objects.create(client=ana, name="Reach", unit="cm", better="lower", by=adam)
    path = at(ana, f"own/{measure.pk}/")
    web.post(path, {"key": KEY, "day": NOW.date().isoformat(), "none": 30})
    Client.objects.filter(pk=ana.pk).update(ended_at=NOW)

    assert "30" in words(web, path)
    assert 'name="none"' not in words(web, path)
    web.post(path, {"key": "l" * 22, "day": NOW.date().isoformat(), "none": 12})
    assert [row.value for row in Measurement.objects.all()] == [30]


@pytest.mark.parametrize("times", [1, 30])
def test_page_runs_a_fixed_number_of_queries(
    web: Web, ana: Client, adam: User, django_assert_num_queries: Any, times: int
) -> None:
    measure = OwnMeasure.objects.create(client=ana, name="Reach", by=adam)
    for number in range(times):
        rate(ana, "nprs", 5, now=NOW - number * DAY)
        day = (NOW.date() - number * DAY).isoformat()
        web.post(at(ana, f"own/{measure.pk}/"), {"key": f"{number:0>20}", "day": day, "none": 5})

    with django_assert_num_queries(21):
        web.get(at(ana))
