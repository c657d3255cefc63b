"""The page of a draft: what it shows, what it saves, where it leads, whom it lets in."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client as Web
from django.urls import reverse

from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import Assignment, Client, HomeSetup, OwnProgram, User
from routines.models import Program, Step
from tests.clients.visits import make_visit

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def url(client: Client) -> str:
    return reverse("admin:client_draft", args=[client.pk])


def form(**fields: Any) -> dict[str, Any]:
    """As a page sends it whose draft was looked at."""
    sent = {
        "key": str(uuid.uuid4()),
        "source": "pattern:sciatica_piriformis",
        "pattern": "",
        "side": "left",
        "act": "look",
        **fields,
    }
    more = sent["pattern" if sent["source"].startswith("visit") else "side"]
    return {"shown": f"{sent['source']} {more}", **sent}


def own_programs() -> Any:
    return Program.objects.exclude(key=None)


def test_newest_visit_is_drafted_at_once(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    make_visit(ana, ("soleus", "left", "tight", 3))
    make_visit(ana, ("piriformis", "right", "tight", 7), days=1)

    answer = web_as(adam).get(url(ana))
    shown = answer.content.decode()

    assert answer.status_code == 200
    assert [part.kind.value for part in answer.context["page"].phases] == [
        "release", "strengthen", "integrate", "maintain",
    ]  # fmt: skip
    assert "Feels tight: piriformis (right, 7 of 10)." in shown
    assert "2 × 45 s, right side, 6 days a week" in shown
    assert "The findings fit: Buttock-related sciatica (piriformis pattern)." in shown
    assert not own_programs().exists()


def test_without_a_visit_a_pattern_can_be_chosen(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    web = web_as(adam)

    first = web.get(url(ana))
    shown = web.post(url(ana), form()).content.decode()

    assert "No findings yet" in first.content.decode()
    assert first.context["form"]["side"].value() == "right"
    assert "Tight in “Buttock-related sciatica (piriformis pattern)”: piriformis" in shown
    assert "2 × 45 s, left side" in shown
    assert "The findings fit" not in shown


@pytest.mark.parametrize("side", ["left", "right"])
def test_figure_shows_the_side_that_the_dose_names_in_the_draft_and_in_the_builder(
    web_as: Callable[..., Web], adam: User, ana: Client, side: str
) -> None:
    web = web_as(adam)
    other = "left" if side == "right" else "right"

    draft = web.post(url(ana), form(side=side)).content.decode()
    builder = web.post(url(ana), form(side=side, act="edit"), follow=True).content.decode()

    for page in (draft, builder):
        assert f"2 × 45 s, {side} side" in page
        assert f"smr_buttock_ball_wall/release-light-{side}-still.svg" in page
    assert f"smr_buttock_ball_wall/release-light-{other}-still.svg" not in draft


def test_older_visit_and_another_pattern_can_be_chosen(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    older = make_visit(ana, ("piriformis", "right", "tight", 7))
    make_visit(ana, ("soleus", "left", "tight", 3), days=1)

    answer = web_as(adam).post(url(ana), form(source=f"visit:{older.pk}", pattern="hamstring_dominant"))

    assert answer.context["page"].patterns == ["Hamstring-dominant pattern"]


def test_what_is_uncovered_left_out_and_asked_is_said(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    make_visit(ana, ("piriformis", "right", "tight", 7), ("gluteus_maximus", "left", "tight", 5))
    builders.tag(ana, "blood_clot", "buttock", side="right")
    builders.tag(ana, "nerve_leg_pain")
    HomeSetup.objects.create(client=ana, floor=False, level=1, minutes=10, tools_at=NOW)

    answer = web_as(adam).get(url(ana))
    shown, page = answer.content.decode(), answer.context["page"]

    assert "Stays uncovered" in shown
    assert "Large buttock muscle (left side)" in {each.name for each in page.uncovered}
    assert "Left out because of a condition" in shown
    assert {each.name for each in page.left_out} >= {"Ball release, buttock at a wall"}
    assert "only with care: " in shown


def test_editing_saves_an_own_program_and_opens_it(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    web = web_as(adam)
    sent = form(act="edit")
    answers = [web.post(url(ana), sent) for _time in range(2)]

    program = own_programs().get()
    assert {answer["Location"] for answer in answers} == {
        f"{reverse('admin:routines_program_builder', args=[program.pk])}?client={ana.pk}"
    }
    assert OwnProgram.objects.get(program=program).therapist == adam
    assert "Ana" not in program.name
    opened = web.get(answers[0]["Location"]).content.decode()
    assert "Tight in “Buttock-related sciatica (piriformis pattern)”: piriformis" in opened


def test_assigning_leads_to_the_check_and_gives_nothing_yet(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    web = web_as(adam)

    answer = web.post(url(ana), form(act="assign"), follow=True)

    program = own_programs().get()
    assert answer.status_code == 200
    assert answer.context["preview"].name == program.name
    assert answer.context["form"].cleaned_data["side"] == "right"
    assert not Assignment.objects.exists()

    sent = {"program": program.pk, "start_date": "2026-03-10", "side": "right", "note": "", "act": "assign"}
    web.post(answer.request["PATH_INFO"], sent)
    step = Assignment.objects.get().phases.get(kind="release").steps.first()
    assert step.why == Step.objects.get(phase__program=program, phase__kind="release", order=1).why


@pytest.mark.parametrize("act", ["edit", "assign"])
@pytest.mark.parametrize(
    "chosen",
    [{"source": "pattern:sciatica_piriformis"}, {"pattern": "hamstring_dominant"}],
    ids=["source", "pattern"],
)
def test_draft_that_nobody_has_looked_at_is_shown_before_it_is_saved(
    web_as: Callable[..., Web], adam: User, ana: Client, act: str, chosen: dict[str, str]
) -> None:
    visit = make_visit(ana, ("piriformis", "right", "tight", 7))
    web = web_as(adam)
    page = web.get(url(ana)).context
    sent = {
        "key": page["form"]["key"].value(),
        "shown": page["shown"],
        "source": f"visit:{visit.pk}",
        "pattern": "",
        "side": "left",
        "act": act,
    }
    first = web.post(url(ana), sent | chosen)
    assert first.status_code == 200
    assert "Nothing is saved yet." in first.content.decode()
    assert not own_programs().exists()

    second = web.post(url(ana), sent | chosen | {"shown": first.context["shown"]})
    assert second.status_code == 302
    assert own_programs().exists()


def test_draft_as_it_was_shown_at_first_is_saved_at_once(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    visit = make_visit(ana, ("piriformis", "right", "tight", 7))
    web = web_as(adam)
    page = web.get(url(ana)).context
    key = page["form"]["key"].value()
    sent = {"key": key, "shown": page["shown"], "source": f"visit:{visit.pk}", "side": "right", "act": "edit"}

    assert web.post(url(ana), sent).status_code == 302


def test_enter_shows_the_draft(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    make_visit(ana, ("piriformis", "right", "tight", 7))
    drawn = web_as(adam).get(url(ana)).content.decode()
    of_draft = drawn.split("draft-page", 1)[1]

    assert re.findall(r'<button type="submit"[^>]*value="(\w+)"', of_draft)[0] == "look"


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "pattern:nothing"},
        {"source": "visit:999999"},
        {"source": ""},
        {"key": "none"},
        {"side": "up"},
    ],
)
@pytest.mark.parametrize("act", ["look", "edit", "assign"])
def test_wrong_wish_saves_nothing(
    web_as: Callable[..., Web], adam: User, ana: Client, act: str, wrong: dict[str, str]
) -> None:
    answer = web_as(adam).post(url(ana), form(act=act, **wrong))

    assert answer.status_code == 422
    assert not own_programs().exists()


def test_visit_of_somebody_else_is_not_drafted(
    web_as: Callable[..., Web], adam: User, ana: Client, carla: Client
) -> None:
    hers = make_visit(carla, ("piriformis", "right", "tight", 7))
    web = web_as(adam)

    assert web.post(url(ana), form(source=f"visit:{hers.pk}", act="edit")).status_code == 422
    assert web.get(url(carla)).status_code == 404
    assert web.post(url(carla), form(act="edit")).status_code == 404
    assert not own_programs().exists()


def test_visit_that_found_nothing_tight_or_weak_says_what_to_do(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    make_visit(ana, ("piriformis", "right", "tight", 0))

    answer = web_as(adam).get(url(ana))

    assert answer.status_code == 200
    assert "Record what your hands found, or choose a pattern." in answer.content.decode()


def test_office_drafts_nothing(web_as: Callable[..., Web], office: User, ana: Client) -> None:
    assert web_as(office).get(url(ana)).status_code in (403, 404)


def test_nothing_is_drafted_after_the_care_has_ended(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    Client.objects.filter(pk=ana.pk).update(ended_at=NOW)

    answer = web_as(adam).post(url(ana), form(act="edit"))

    assert answer["Location"] == reverse("admin:client", args=[ana.pk])
    assert not own_programs().exists()


def test_client_s_page_leads_to_the_draft(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    shown = web_as(adam).get(reverse("admin:client", args=[ana.pk])).content.decode()

    assert f'href="{url(ana)}"' in shown


@pytest.mark.parametrize("number", [1, 3])
def test_draft_runs_a_fixed_number_of_queries(
    web_as: Callable[..., Web], adam: User, ana: Client, django_assert_num_queries: Any, number: int
) -> None:
    found = [
        ("piriformis", "right", "tight", 7),
        ("soleus", "left", "tight", 3),
        ("gluteus_medius", "left", "weak", 5),
    ]
    for days in range(number):
        make_visit(ana, *found[:number], days=days)
    builders.tag(ana, "osteoporosis")
    HomeSetup.objects.create(client=ana, level=2, minutes=15, tools_at=NOW)
    web = web_as(adam)
    web.get(url(ana))

    with django_assert_num_queries(40):
        web.get(url(ana))
