"""The staged program as two people live it: from what hands found to the first session, through the gate, a flare, a stop."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect

from clients.demo.builders import (
    advance,
    assign,
    make_client,
    make_practice,
    make_therapist,
    new_key,
    train,
)
from clients.models import Assignment, Client, Measure, PhaseTransition, SessionItem, TrainingSession
from clients.planning import plan_for
from clients.progression.apply import evaluate
from clients.progression.standing import Kind
from clients.recording import record_reading
from clients.telling import Site, record_morning, record_pain_diary, record_tenderness
from routines.models import Muscle
from tests.journeys.conftest import Watched, axe_findings
from tests.journeys.test_first_session import answer_first_screening

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

EVENING = datetime(2026, 3, 16, 18, 0, tzinfo=UTC)  # a Monday


@contextmanager
def at(days: float) -> Iterator[datetime]:
    """So many days after that evening, for the server; the browser keeps its own clock."""
    moment = EVENING + timedelta(days=days)
    with time_machine.travel(moment, tick=True):
        yield moment


@pytest.fixture
def ana() -> Client:
    make_practice()
    with time_machine.travel(EVENING - timedelta(days=20)):
        return make_client(name="Ana Silva", therapist=make_therapist(name="Adam"))


def adam(ana: Client) -> Any:
    return ana.care_team.get().therapist


def flaws(watched: Watched) -> list[str]:
    """What axe finds on the whole page: in a low window the bar at the bottom hides whatever lies under it just then."""
    size = watched.page.viewport_size
    assert size
    watched.page.set_viewport_size({"width": size["width"], "height": 4000})
    found = axe_findings(watched)
    watched.page.set_viewport_size(size)
    return found


def start_session(page: Page, *, pain: int = 2) -> None:
    page.goto("/today/")
    page.get_by_role("link", name=re.compile("^Start, ")).click()
    page.locator("#div_id_pain_before").get_by_text(str(pain), exact=True).click()
    page.get_by_role("button", name=re.compile("^None of these")).click()
    page.wait_for_url(re.compile(r"/session/\d+/"))


def test_from_the_map_to_the_first_session(visit: Callable[..., Watched], ana: Client) -> None:
    with at(0):
        seat = visit(adam(ana), width="desk")
        page = seat.page
        page.goto(f"/workplace/clients/client/{ana.pk}/")
        page.get_by_role("button", name="New visit").click()
        page.get_by_role("link", name=re.compile("^Buttock, right")).click()
        page.get_by_role("heading", name="Buttock, right").wait_for()
        piriformis = page.locator("details", has=page.locator("summary", has_text="Piriformis")).first
        piriformis.locator("summary").click()
        piriformis.get_by_text("8", exact=True).first.click()
        piriformis.get_by_role("button", name=re.compile("^Record")).click()
        page.locator("#recorded").get_by_text("Tight 8, right").wait_for()
        page.get_by_role("button", name="Finish the visit").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("A draft for Ana Silva")
        expect(page.get_by_text(re.compile("piriformis")).first).to_be_visible()
        page.get_by_role("button", name="Give this program").click()
        page.get_by_role("button", name="Assign", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ana Silva")
        assert Assignment.objects.get().phases.count() == 4

        hers = visit(ana.user)
        hers.page.goto("/today/")
        hers.page.get_by_role("link", name="Start with a few health questions").click()
        answer_first_screening(hers.page)
        start_session(hers.page)
        expect(hers.page.get_by_text(re.compile("^Why this one", re.I)).first).to_be_attached()
        assert TrainingSession.objects.get().items.filter(kind="release_smr").exists()
        assert not SessionItem.objects.filter(kind="strengthen").exists()
    assert seat.troubles + hers.troubles == []


def fill_the_gate(ana: Client, assignment: Assignment) -> None:
    """Nine days of release, each with its pain and its morning, tenderness once; the diary began before."""
    piriformis, adductors = (Muscle.objects.get(slug=slug) for slug in ("piriformis", "hip_adductors"))
    for n in range(9):
        now = EVENING + timedelta(days=n - 9, hours=1)
        if plan_for(ana, ana.local_date(now)).items:
            if n:
                record_fine_morning(ana, now - timedelta(hours=10))
            session = train(ana, now=now, pain_before=3)
            record_reading(session, Measure.PAIN_WORST, 2, key=new_key(), now=now)
    for muscle in (piriformis, adductors):
        record_tenderness(ana, Site(muscle, "right"), 2, key=new_key(), now=EVENING - timedelta(days=1))
    evaluate(ana, EVENING - timedelta(minutes=5))
    assert assignment.transitions.filter(kind=Kind.READY).exists()


def record_fine_morning(ana: Client, now: datetime) -> None:
    newest = ana.sessions.order_by("-local_date").first()
    record_morning(ana, newest.local_date, "fine", None, key=new_key(), now=now)


def test_gate_fills_the_therapist_says_yes_and_strengthening_opens(
    visit: Callable[..., Watched], ana: Client
) -> None:
    for ago in (12, 11, 10):
        moment = EVENING - timedelta(days=ago)
        record_pain_diary(ana, ana.local_date(moment), 4, key=new_key(), now=moment)
    assignment = assign(ana, now=EVENING - timedelta(days=9))
    fill_the_gate(ana, assignment)
    with at(0):
        hers = visit(ana.user)
        hers.page.goto("/today/")
        expect(hers.page.get_by_text("All that opens the next phase holds", exact=True)).to_be_visible()
        expect(hers.page.get_by_text("9 of 9 met").first).to_be_visible()
        assert flaws(hers) == []

        seat = visit(adam(ana), width="desk")
        seat.page.goto("/workplace/")
        expect(seat.page.get_by_text("Ready for the next phase. 9 of 9 met").first).to_be_visible()
        assert flaws(seat) == []
        seat.page.get_by_role("button", name=re.compile("^Approve")).click()
        expect(
            seat.page.get_by_text("“Wake up the buttock muscles” is the current phase now.")
        ).to_be_visible()

        hers.page.goto("/today/")
        expect(hers.page.get_by_text("Wake up the buttock muscles").first).to_be_visible()
        assert "strengthen" in {item.kind.value for item in plan_for(ana, ana.local_date(EVENING)).items}
    row = PhaseTransition.objects.get(kind=Kind.ADVANCED)
    assert (row.by, row.reason) == (adam(ana), "9 of 9 met.")
    assert {each["answer"] for each in row.numbers["criteria"]} == {"met"}
    assert seat.troubles + hers.troubles == []


def answer_morning(page: Page, word: str) -> None:
    page.goto("/today/")
    page.get_by_role("button", name=word, exact=True).click()
    page.wait_for_load_state()


def test_bad_morning_means_release_only_until_two_good_ones(
    visit: Callable[..., Watched], ana: Client
) -> None:
    assignment = assign(ana, now=EVENING - timedelta(days=14))
    advance(assignment, now=EVENING - timedelta(days=7))
    train(ana, now=EVENING)  # Monday, with strengthening
    hers = visit(ana.user)
    with at(0.6):
        answer_morning(hers.page, "Worse than before")
    with at(0.7):
        hers.page.goto("/today/")
        expect(hers.page.get_by_text("A few lighter days", exact=True)).to_be_visible()
        assert flaws(hers) == []
    for n in (2, 4):  # Wednesday and Friday hold release only
        with at(n) as now:
            start_session(hers.page)
            session = TrainingSession.objects.latest("started_at")
            assert {item.kind for item in session.items.all()} == {"release_smr"}
            TrainingSession.objects.filter(pk=session.pk).delete()
            train(ana, now=now)
        with at(n + 0.6):
            answer_morning(hers.page, "Fine")
    with at(4.7):
        hers.page.goto("/today/")
        expect(hers.page.get_by_text("Strengthening is back", exact=True)).to_be_visible()
        assert flaws(hers) == []
    monday = plan_for(ana, ana.local_date(EVENING + timedelta(days=7)))
    assert "strengthen" in {item.kind.value for item in monday.items}
    assert [row.kind for row in assignment.transitions.order_by("pk")][-3:] == [
        Kind.RELEASE_ONLY,
        Kind.STRENGTHENING_BACK,
        Kind.DOSE_REDUCED,
    ]
    assert hers.troubles == []


def test_emergency_answer_blocks_until_a_contact_is_recorded(
    visit: Callable[..., Watched], ana: Client
) -> None:
    assign(ana, now=EVENING - timedelta(days=3))
    train(ana, now=EVENING - timedelta(days=1))
    with at(0):
        hers = visit(ana.user)
        hers.page.goto("/today/")
        hers.page.get_by_role("link", name=re.compile("^Start, ")).click()
        hers.page.locator("fieldset.checklist label").first.click()
        hers.page.get_by_role("button", name="Go on with what I ticked").click()
        expect(hers.page).to_have_url(re.compile("/blocked/"))
        assert flaws(hers) == []
        hers.page.goto("/today/")
        expect(hers.page.get_by_role("link", name=re.compile("^Start, "))).to_have_count(0)

        seat = visit(adam(ana), width="desk")
        seat.page.goto("/workplace/")
        seat.page.locator("summary", has_text="Record contact").click()
        seat.page.get_by_label(re.compile("^What was agreed")).fill("Seen in hospital, all clear.")
        assert flaws(seat) == []
        seat.page.get_by_role("button", name=re.compile("^Record and lift")).click()
        expect(seat.page.get_by_text("Contact recorded. Ana Silva can train again.")).to_be_visible()

        hers.page.goto("/today/")
        expect(hers.page.get_by_role("link", name=re.compile("^Start, "))).to_be_visible()
    assert seat.troubles + hers.troubles == []
