"""On paper: a handout of at most two pages whose code leads to Today, and a filled-in sheet keyed in within twenty actions."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
import zxingcpp
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from clients.demo.builders import (
    assign,
    examine,
    make_client,
    make_practice,
    make_therapist,
    new_key,
    screen,
    train,
)
from clients.models import Client, Message, MorningAnswer, SessionReading, TrainingSession, User
from clients.recording import states_of, stop
from clients.telling import Site, record_note
from clients.tightness import record_tightness
from routines.models import Muscle, Program
from tests.journeys.conftest import Watched, axe_findings
from tests.journeys.test_two_minutes import Hand

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

MOST_PAGES = 2
MOST_ACTIONS = 20
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
PAPERS = ("A4", "Letter")
SHIPPED = (
    "program_sciatica_piriformis",
    "program_lower_crossed",
    "program_upper_crossed",
    "program_knee_valgus",
    "program_plantar_heel",
)
ADDRESS = "http://localhost:8000/today/"


@pytest.fixture
def adam() -> User:
    make_practice()
    return make_therapist(name="Adam")


def pages_of(page: Page, paper: str) -> int:
    return len(PAGE.findall(page.pdf(format=paper)))


def read_code(page: Page) -> str:
    """What a telephone reads from the printed code."""
    shot = Image.open(BytesIO(page.locator(".qr").screenshot()))
    found = zxingcpp.read_barcodes(shot.resize((shot.width * 4, shot.height * 4)))
    return found[0].text if found else ""


def test_programs_here_are_those_that_ship() -> None:
    assert set(SHIPPED) == set(Program.objects.values_list("slug", flat=True))


@pytest.mark.parametrize("program", SHIPPED)
def test_handout_of_each_phase_fits_two_pages_and_leads_to_today(
    visit: Callable[..., Watched], adam: User, program: str
) -> None:
    client = make_client(therapist=adam, side="both")
    assignment = assign(client, program, by=adam, now=timezone.now(), side="both")
    seat = visit(adam, width="desk")
    too_long = []
    for phase in assignment.phases.all():
        seat.page.goto(f"{reverse('admin:client_handout', args=[client.pk])}?phase={phase.pk}")
        expect(seat.page.get_by_text(phase.name, exact=True)).to_be_visible()
        assert read_code(seat.page) == ADDRESS
        for paper in PAPERS:
            number = pages_of(seat.page, paper)
            if not 1 <= number <= MOST_PAGES:
                too_long.append((phase.name, paper, number))

    assert too_long == []
    assert seat.troubles == []


def test_handout_of_two_programs_fits_two_pages_for_the_client(
    visit: Callable[..., Watched], adam: User
) -> None:
    client = make_client(therapist=adam, side="both")
    for program in SHIPPED[:2]:
        assign(client, program, by=adam, now=timezone.now(), side="both")
    screen(client, now=timezone.now())
    seat = visit(client.user)
    seat.page.goto(reverse("program_handout"))

    assert [pages_of(seat.page, paper) <= MOST_PAGES for paper in PAPERS] == [True, True]
    assert read_code(seat.page) == ADDRESS


# ---- A sheet that came back ------------------------------------------------------------------------------------------


@pytest.fixture
def frieda(adam: User) -> Client:
    """Neither account nor e-mail. A week of her program is over."""
    client = make_client(name="Frieda Lang", therapist=adam, with_account=False, email="")
    assign(client, by=adam, now=timezone.now() - timedelta(days=6))
    return client


def type_row(hand: Hand, words: str, typed: str) -> None:
    """One row of the sheet in one go: a press into its first place, then the keys one after the other.

    A hand that types on without looking up makes one action of it; nothing is pressed in between.
    """
    first = hand.page.get_by_role("textbox", name=re.compile(f"^{re.escape(words)},")).first
    hand.click(first)
    hand.page.keyboard.type(typed)


def test_week_on_paper_is_keyed_in_within_twenty_actions(
    visit: Callable[..., Watched], adam: User, frieda: Client
) -> None:
    seat = visit(adam, width="desk")
    page, hand = seat.page, Hand(seat.page)
    page.goto(reverse("admin:client", args=[frieda.pk]))

    hand.click(page.get_by_role("link", name="Key in a sheet"))
    hand.click(page.get_by_role("button", name="Tick everything"))
    missed = page.locator("input[name=done]").nth(2)
    hand.click(missed)
    type_row(hand, "Pain before", "55431044")
    type_row(hand, "Strongest pain during", "4433 22")
    type_row(hand, "Pain after", "3332221")
    type_row(hand, "Next morning (A–D)", "baabaa")
    assert axe_findings(seat) == []
    hand.click(page.get_by_role("button", name="Save the sheet"))
    expect(page.get_by_text("7 sessions were recorded from the sheet.")).to_be_visible()

    sessions = list(TrainingSession.objects.filter(client=frieda).order_by("local_date"))
    states = states_of(sessions)
    assert [each.source for each in sessions] == ["paper"] * 7
    left_out = [each.item for state in states for each in state.items if not each.done]
    assert len(left_out) == 1
    assert all(each.complete or not each.done for state in states for each in state.items)
    assert [state.readings.get("pain_before") for state in states] == [5, 5, 4, 3, 10, 4, 4]
    assert [state.readings.get("pain_worst") for state in states] == [4, 4, 3, 3, None, 2, 2]
    assert [state.readings.get("pain_after") for state in states] == [3, 3, 3, 2, 2, 2, 1]
    words = MorningAnswer.objects.filter(client=frieda).order_by("after_day").values_list("word", flat=True)
    assert list(words) == ["a_bit_sore", "fine", "fine", "a_bit_sore", "fine", "fine"]
    assert len(hand.actions) <= MOST_ACTIONS, hand.actions
    assert seat.troubles == []


@pytest.mark.parametrize(
    ("typed", "stands"),
    [
        ("1-1-2", ["1", "", "1", "", "2", "", ""]),
        ("1 2 10", ["1", "2", "", "10", "", "", ""]),
        ("1 1 1", ["1", "1", "1", "", "", "", ""]),
        ("3--1-", ["3", "", "", "1", "", "", ""]),
        ("1013", ["10", "1", "3", "", "", "", ""]),
    ],
)
def test_row_typed_in_one_go_stands_on_its_days(
    visit: Callable[..., Watched], adam: User, frieda: Client, typed: str, stands: list[str]
) -> None:
    page = visit(adam, width="desk").page
    page.goto(reverse("admin:client_sheet", args=[frieda.pk]))

    type_row(Hand(page), "Pain before", typed)

    row = page.get_by_role("textbox", name=re.compile("^Pain before,"))
    assert [each.input_value() for each in row.all()] == stands


def test_two_sessions_a_day_are_keyed_in_within_twenty_actions(
    visit: Callable[..., Watched], adam: User
) -> None:
    client = make_client(therapist=adam, with_account=False, email="")
    assign(client, "program_plantar_heel", by=adam, now=timezone.now() - timedelta(days=6))
    seat = visit(adam, width="desk")
    page, hand = seat.page, Hand(seat.page)
    page.goto(reverse("admin:client_plan", args=[client.pk]))

    hand.click(page.get_by_role("link", name="Key in a sheet"))
    hand.click(page.get_by_role("button", name="Tick everything"))
    for words in ("Pain before", "Strongest pain during", "Pain after"):
        type_row(hand, words, "43" * 7)
    type_row(hand, "Next morning (A–D)", "aaaaaa")
    hand.click(page.get_by_role("button", name="Save the sheet"))
    expect(page.get_by_text("14 sessions were recorded from the sheet.")).to_be_visible()

    assert SessionReading.objects.filter(session__client=client).count() == 3 * 14
    assert len(hand.actions) <= MOST_ACTIONS, hand.actions


@pytest.mark.parametrize("scripts", [True, False])
def test_one_session_is_ticked_by_one_press_with_and_without_scripts(
    visit: Callable[..., Watched], adam: User, scripts: bool
) -> None:
    client = make_client(therapist=adam)
    assign(client, by=adam, now=timezone.now() - timedelta(days=6))
    seat = visit(client.user, width="desk", scripts=scripts)
    page = seat.page
    page.goto(reverse("sheet"))
    page.get_by_role("textbox", name=re.compile("^Pain before,")).nth(1).fill("4")

    page.get_by_role("button", name=re.compile("^Tick all of")).nth(1).click()
    expect(page.locator("input[name=done]:checked").first).to_be_visible()
    page.get_by_role("button", name="Save the sheet").click()
    expect(page.get_by_text("One session was recorded from the sheet.")).to_be_visible()

    session = TrainingSession.objects.get(client=client)
    state = states_of([session])[0]
    assert session.local_date == client.local_date(timezone.now()) - timedelta(days=5)
    assert (state.done_sets, state.readings) == (state.all_sets, {"pain_before": 4})
    assert seat.troubles == []


# ---- Since the last visit --------------------------------------------------------------------------------------------


def test_since_the_last_visit_is_one_press_away_and_one_page_however_much_was_told(
    visit: Callable[..., Watched], adam: User
) -> None:
    now = timezone.now()
    client = make_client(therapist=adam, side="both", since=now - timedelta(days=40))
    assign(client, by=adam, now=now - timedelta(days=20), side="both")
    examine(client, now=now - timedelta(days=18))
    site = [
        Site(Muscle.objects.get(slug=slug), side)
        for slug in ("piriformis", "gluteus_medius", "hip_adductors", "iliopsoas")
        for side in ("left", "right")
    ]
    for ago in range(12, 0, -1):
        moment = now - timedelta(days=ago)
        session = train(client, now=moment, pain_before=5, pain_after=3)
        record_note(
            session,
            f"{ago}: " + "It pulled in the leg when I got up from the chair. " * 9,
            key=new_key(),
            now=moment,
        )
        stop(session, session.items.first(), choice="too_strong", key=new_key(), now=moment)
        for each in site:
            record_tightness(session, each, "before", 6, key=new_key(), now=moment)
            record_tightness(session, each, "after", 3, key=new_key(), now=moment)
    for _number in range(6):
        Message.objects.create(
            client=client,
            by=client.user,
            from_client=True,
            text="May I swim,\nand how far?\n\n" * 20,
            at=now,
            key=uuid4(),
        )
    seat = visit(adam, width="desk")
    seat.page.goto(reverse("admin:client_plan", args=[client.pk]))

    seat.page.get_by_role("link", name="Since the last visit").click()
    expect(seat.page.get_by_role("button", name="Print")).to_be_visible()

    assert [pages_of(seat.page, paper) for paper in PAPERS] == [1, 1]
    assert seat.troubles == []
