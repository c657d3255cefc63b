"""Paper at the workplace: printing a handout for a client, and keying in what they brought back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client as Web
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.demo import builders
from clients.demo.builders import NOW, new_key
from clients.models import AssignedPhase, Client, Delivery, PaperSheet, Screening, TrainingSession, User
from clients.safety import open_blocks
from clients.screening import screening_open
from routines.models import ScreeningQuestion
from tests.clients.admin.test_people import form

pytestmark = pytest.mark.usefixtures("clock")
DAY = timedelta(days=1)
BOXES = re.compile(r'name="done" value="([^"]+)"')


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def frieda(adam: User) -> Client:
    """Neither account nor e-mail: her program lives on paper."""
    client = builders.make_client(name="Frieda Lang", therapist=adam, with_account=False, email="")
    builders.assign(client, by=adam, now=NOW - 3 * DAY)
    return client


def at(name: str, client: Client) -> str:
    return reverse(f"admin:{name}", args=[client.pk])


def test_client_without_an_address_is_made_assigned_handed_out_and_keyed_in(
    web_as: Callable[..., Web], adam: User
) -> None:
    web = web_as(adam)
    made = web.post(
        reverse("admin:clients_client_add"),
        form(name="Otto Papier"),
    )
    otto = Client.objects.get(name="Otto Papier")
    assert (made.status_code, otto.email, otto.user) == (302, "", None)
    builders.assign(otto, by=adam, now=NOW - 2 * DAY)

    assert "Otto Papier" in web.get(at("client_handout", otto)).content.decode()
    ticked = BOXES.findall(web.get(at("client_sheet", otto)).content.decode())
    web.post(at("client_sheet", otto), {"key": uuid4().hex, "done": ticked})

    sessions = TrainingSession.objects.filter(client=otto)
    assert {(each.source, each.sheet.by) for each in sessions} == {("paper", adam)}
    assert sessions.count() == 3
    assert not Delivery.objects.filter(client=otto).exclude(user=adam).exists()


def test_handout_speaks_the_language_of_the_client(
    web_as: Callable[..., Web], adam: User, frieda: Client
) -> None:
    Client.objects.filter(pk=frieda.pk).update(language="de")

    page = web_as(adam).get(at("client_handout", frieda)).content.decode()

    assert '<html lang="de"' in page
    assert "10. März" in page


def test_handout_shows_the_left_side_as_the_left(web_as: Callable[..., Web], adam: User) -> None:
    left = builders.make_client(name="Lena Links", therapist=adam, with_account=False, email="", side="left")
    builders.assign(left, by=adam)

    page = web_as(adam).get(at("client_handout", left)).content.decode()

    assert "-left-still" in page
    assert '<caption class="visually-hidden">What I did</caption>' in page


def test_handout_of_a_phase_that_is_locked(web_as: Callable[..., Web], adam: User, frieda: Client) -> None:
    phase = AssignedPhase.objects.get(assignment__client=frieda, kind="strengthen")

    page = web_as(adam).get(f"{at('client_handout', frieda)}?phase={phase.pk}").content.decode()

    assert "Clam" in page
    assert phase.name in page


def test_phase_of_somebody_else_does_not_exist(
    web_as: Callable[..., Web], adam: User, frieda: Client, carla: Client
) -> None:
    builders.assign(carla)
    other = AssignedPhase.objects.filter(assignment__client=carla).first()
    assert other is not None
    web = web_as(adam)

    for number in (other.pk, "9" * 40, "first", ""):
        assert web.get(at("client_handout", frieda), {"phase": number}).status_code == 404


@pytest.mark.parametrize("name", ["client_handout", "client_sheet", "client_ask"])
def test_paper_is_for_those_who_care_alone(
    web_as: Callable[..., Web], berta: User, office: User, owner: User, frieda: Client, name: str
) -> None:
    assert web_as(berta).get(at(name, frieda)).status_code == 404
    assert web_as(office).get(at(name, frieda)).status_code == 403
    assert web_as(owner).get(at(name, frieda), follow=True).status_code == 200


def test_sheet_of_another_therapist_is_not_keyed_in(
    web_as: Callable[..., Web], berta: User, frieda: Client
) -> None:
    answer = web_as(berta).post(at("client_sheet", frieda), {"key": uuid4().hex})

    assert answer.status_code == 404
    assert not PaperSheet.objects.exists()


def test_warning_sign_leads_to_the_client_with_its_block(
    web_as: Callable[..., Web], adam: User, frieda: Client
) -> None:
    fields = {"key": uuid4().hex, f"stopped-{NOW - DAY:%Y%m%d}-1": "g"}

    answer = web_as(adam).post(at("client_sheet", frieda), fields, follow=True)

    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == at("client", frieda)
    assert "nothing is offered until you have spoken" in page


def test_session_says_that_it_came_from_paper_and_who_keyed_it_in(
    web_as: Callable[..., Web], adam: User, frieda: Client
) -> None:
    web = web_as(adam)
    ticked = BOXES.findall(web.get(at("client_sheet", frieda)).content.decode())
    web.post(at("client_sheet", frieda), {"key": uuid4().hex, "done": ticked[:1]})
    session = TrainingSession.objects.get(client=frieda)

    timeline = web.get(at("client_timeline", frieda)).content.decode()
    record = web.get(reverse("admin:clients_trainingsession_change", args=[session.pk])).content.decode()

    assert "from paper, keyed in by Adam" in timeline
    assert "Adam, 10 Mar 2026" in record


def test_list_of_sessions_names_who_keyed_them_in_in_the_same_queries_for_one_sheet_and_three(
    web_as: Callable[..., Web], adam: User, frieda: Client
) -> None:
    web = web_as(adam)
    counted = []
    for day in range(1, 4):
        sheet = PaperSheet.objects.create(
            client=frieda, first_day=NOW.date(), last_day=NOW.date(), key=new_key(), by=adam, at=NOW
        )
        session = builders.train(frieda, now=NOW - day * DAY)
        TrainingSession.objects.filter(pk=session.pk).update(source="paper", sheet=sheet)
        with CaptureQueriesContext(connection) as captured:
            page = web.get(reverse("admin:clients_trainingsession_changelist")).content.decode()
        counted.append(len(captured))
        assert page.count("Adam, 10 Mar 2026") == day

    assert counted[0] == counted[2]


def test_stop_from_paper_carries_the_day_of_its_session(
    web_as: Callable[..., Web], adam: User, frieda: Client
) -> None:
    web = web_as(adam)
    web.post(at("client_sheet", frieda), {"key": uuid4().hex, f"stopped-{NOW - 2 * DAY:%Y%m%d}-1": "f"})

    pages = [web.get(at(name, frieda)).content.decode() for name in ("client", "client_records")]
    timeline = web.get(at("client_timeline", frieda)).content.decode()
    today = web.get(reverse("admin:index")).content.decode()

    for page in pages:
        told = re.search(r"(?s)Tingling.{0,80}?<span[^>]*>([^<]+)</span>", page)
        assert told is not None
        assert told[1] == "8 Mar"
    assert "Something was wrong on 8 March, from paper: Tingling" in timeline
    assert re.search(r"Tingling[^<]*, 8 Mar<", today)


def test_plan_leads_to_paper(web_as: Callable[..., Web], adam: User, frieda: Client) -> None:
    web = web_as(adam)

    for name in ("client", "client_plan"):
        page = web.get(at(name, frieda)).content.decode()
        assert at("client_handout", frieda) in page
        assert at("client_sheet", frieda) in page


def test_sheet_without_a_program_leads_to_the_plan(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    page = web_as(adam).get(at("client_sheet", ana)).content.decode()

    assert "No program has begun" in page


# ---- The safety questions of a client without a telephone of their own ----------------------------------------------------


def test_lists_are_put_one_after_the_other_until_all_are_answered(
    web_as: Callable[..., Web], adam: User, frieda: Client
) -> None:
    web = web_as(adam)
    answered = []
    while screening_open(frieda, NOW.date()):
        asked = web.get(at("client_ask", frieda))["Location"]
        answered.append(asked)
        assert web.post(asked, {"key": uuid4().hex, "none": "1"}).status_code == 302

    assert len(answered) == len(set(answered)) > 1
    assert (
        "The safety questions are not answered" not in web.get(at("client_handout", frieda)).content.decode()
    )
    assert web.get(at("client_ask", frieda))["Location"].endswith("/before_session/")


def test_list_that_is_sent_twice_is_answered_once_and_no_other_with_it(
    web_as: Callable[..., Web], adam: User, frieda: Client
) -> None:
    web = web_as(adam)
    asked = web.get(at("client_ask", frieda))["Location"]
    for _twice in range(2):
        web.post(asked, {"key": "k" * 20, "none": "1"})

    screening = Screening.objects.get(client=frieda)
    assert screening.asked_by == adam
    assert "asked by Adam" in web.get(at("client_timeline", frieda)).content.decode()


def test_yes_to_a_warning_sign_blocks_as_on_a_telephone(
    web_as: Callable[..., Web], adam: User, frieda: Client
) -> None:
    web = web_as(adam)
    asked = web.get(at("client_ask", frieda))["Location"]
    sign = ScreeningQuestion.objects.filter(checklist__slug="warning_signs", group__slug="all").first()
    assert sign is not None

    answer = web.post(asked, {"key": uuid4().hex, sign.slug: "on", "some": "1"})

    assert answer["Location"] == at("client", frieda)
    (block,) = open_blocks(frieda)
    page = web.get(at("client", frieda)).content.decode()
    assert "Read out below what the client is told." in page
    assert page.count(f"<b>{block.title}.</b> {block.body}") == 1
    assert "blocked: nothing may be done" in web.get(at("client_handout", frieda)).content.decode()


def test_handout_says_that_nobody_asked_the_safety_questions(
    web_as: Callable[..., Web], adam: User, frieda: Client
) -> None:
    page = web_as(adam).get(at("client_handout", frieda)).content.decode()

    assert "The safety questions are not answered" in page
    assert at("client_ask", frieda) in page


def test_list_that_nobody_wrote_does_not_exist(
    web_as: Callable[..., Web], adam: User, frieda: Client
) -> None:
    assert web_as(adam).get(f"{at('client_ask', frieda)}horoscope/").status_code == 404


def test_empty_list_is_asked_again(web_as: Callable[..., Web], adam: User, frieda: Client) -> None:
    web = web_as(adam)
    asked = web.get(at("client_ask", frieda))["Location"]

    assert web.post(asked, {"key": uuid4().hex}).status_code == 422
