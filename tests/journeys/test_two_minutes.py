"""Two minutes per visit: from a new client's findings to the invitation, every press counted; and all of it by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from clients.demo.builders import assign, make_client, make_practice, make_therapist, new_key
from clients.models import AssignedStep, Assignment, Client, Delivery, Finding, PhaseTransition, User
from clients.progression.standing import Kind
from clients.telling import record_pain_diary
from tests.journeys.conftest import Watched, axe_findings
from tests.journeys.test_staged_program import EVENING, at, fill_the_gate

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

MOST = 25
MOST_FOR_A_DOSE = 3
MOST_FOR_A_PHASE = 2


@dataclass
class Hand:
    """A hand at the mouse that counts: each click, choice and toggle is one. Typing a name or an e-mail is not counted."""

    page: Page
    actions: list[str] = field(default_factory=list)

    def click(self, what: Locator) -> None:
        words = " ".join((what.text_content() or what.get_attribute("value") or "").split())
        self.actions.append(words[:40])
        what.click()

    def type(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)


@pytest.fixture
def adam() -> User:
    make_practice()
    return make_therapist(name="Adam")


def find(hand: Hand, muscle: str, rating: int, state: str = "Tight") -> None:
    """One finding in the area that is shown: which muscle, tight or weak, how much, kept."""
    page = hand.page
    line = page.locator(
        "#place details", has=page.locator("summary b", has_text=re.compile(f"^{re.escape(muscle)}$"))
    )
    hand.click(line.locator("summary"))
    if state != "Tight":  # the form begins with tight
        hand.click(line.get_by_role("radio", name=re.compile(state, re.I)))
    hand.click(line.get_by_text(str(rating), exact=True).first)
    hand.click(line.get_by_role("button", name=re.compile("^Record")))
    page.locator("#recorded").get_by_text(re.compile(f"{state} {rating}")).first.wait_for()


def look_at(hand: Hand, area: str) -> None:
    hand.click(hand.page.get_by_role("link", name=re.compile(f"^{area}")).first)
    hand.page.get_by_role("heading", name=area).wait_for()


def test_findings_become_an_invitation_in_few_actions(visit: Callable[..., Watched], adam: User) -> None:
    seat = visit(adam, width="desk")
    page, hand = seat.page, Hand(seat.page)
    page.goto(reverse("admin:index"))
    hand.click(page.get_by_role("link", name="New client").first)
    hand.type("Name", "Nora Winter")
    page.get_by_label(re.compile("^E-mail", re.I)).fill("nora@example.org")
    hand.click(page.locator("#div_id_side").get_by_role("radio", name="right"))
    hand.click(page.get_by_role("button", name="Take into care"))
    hand.click(page.get_by_role("button", name="New visit"))
    look_at(hand, "Buttock, right")
    find(hand, "Piriformis", 7)
    find(hand, "Large buttock muscle", 4, "Weak")
    look_at(hand, "Calf, right")
    find(hand, "Calf (lower)", 6)
    hand.click(page.get_by_role("button", name="Finish the visit"))
    expect(page.get_by_role("heading", level=1)).to_have_text("A draft for Nora Winter")
    hand.click(page.get_by_role("button", name="Give this program"))
    expect(page.get_by_label("Invite by mail")).to_be_checked()
    assert axe_findings(seat) == []
    hand.click(page.get_by_role("button", name="Assign", exact=True))
    expect(page.get_by_text("The invitation to nora@example.org is on its way.")).to_be_visible()

    client = Client.objects.get(name="Nora Winter")
    found = {
        (row.muscle.slug, row.side, row.state, row.rating) for row in Finding.objects.select_related("muscle")
    }
    assert found == {
        ("piriformis", "right", "tight", 7),
        ("gluteus_maximus", "right", "weak", 4),
        ("soleus", "right", "tight", 6),
    }
    assert Assignment.objects.get(client=client).program.phases.count() > 1
    assert Delivery.objects.filter(client=client, letter="invitation").count() == 1
    assert len(hand.actions) <= MOST, hand.actions
    assert seat.troubles == []


def test_dose_is_changed_in_three_actions(visit: Callable[..., Watched], adam: User) -> None:
    ana = make_client(name="Ana Silva", therapist=adam)
    assignment = assign(ana, by=adam, now=timezone.now() - timedelta(days=3))
    step = AssignedStep.objects.filter(phase__assignment=assignment, phase__state="active").first()
    assert step is not None
    seat = visit(adam, width="desk")
    page, hand = seat.page, Hand(seat.page)
    page.goto(reverse("admin:client", args=[ana.pk]))

    row = page.locator(".plan-step", has_text=step.name).first
    hand.click(row.locator("summary", has_text="Change the dose"))
    hand.click(row.get_by_label("Sets"))
    page.keyboard.press("Control+a")
    page.keyboard.type(str(step.sets + 1))
    hand.click(row.get_by_role("button", name=re.compile("^Save")))
    expect(page.get_by_text(f"Changed from today on: {step.name}.")).to_be_visible()

    now_due = AssignedStep.objects.get(phase=step.phase, order=step.order, valid_until=None)
    assert now_due.sets == step.sets + 1
    assert len(hand.actions) <= MOST_FOR_A_DOSE, hand.actions
    assert seat.troubles == []


def test_phase_is_approved_in_two_actions(visit: Callable[..., Watched], adam: User) -> None:
    ana = make_client(name="Ana Silva", therapist=adam, since=EVENING - timedelta(days=20))
    for ago in (12, 11, 10):
        moment = EVENING - timedelta(days=ago)
        record_pain_diary(ana, ana.local_date(moment), 4, key=new_key(), now=moment)
    assignment = assign(ana, by=adam, now=EVENING - timedelta(days=9))
    fill_the_gate(ana, assignment)
    with at(0):
        seat = visit(adam, width="desk")
        page, hand = seat.page, Hand(seat.page)
        page.goto(reverse("admin:index"))

        hand.click(page.get_by_role("button", name=re.compile("^Approve")))
        expect(page.get_by_text("is the current phase now.")).to_be_visible()

    assert PhaseTransition.objects.filter(assignment=assignment, kind=Kind.ADVANCED, by=adam).count() == 1
    assert len(hand.actions) <= MOST_FOR_A_PHASE, hand.actions
    assert seat.troubles == []


# ---- By keyboard only --------------------------------------------------------------------------------------------


@dataclass
class Keys:
    """Hands at the keyboard alone: Tab until the thing has the focus, then the key that works it."""

    page: Page

    def to(self, name: str, *, longest: int = 250) -> None:
        """Tabs on until what has the focus is called like this (the beginning of its name or text)."""
        for _step in range(longest):
            self.page.keyboard.press("Tab")
            if (self.focus() or "").startswith(name):
                return
        raise AssertionError(f"The keyboard does not reach {name!r}.")

    def focus(self) -> str:
        return self.page.evaluate(
            """() => {
              const each = document.activeElement;
              const label = each.labels?.[0]?.innerText;
              return (each.getAttribute("aria-label") || label || each.innerText || each.value || "").replace(/\\s+/g, " ").trim();
            }"""
        )

    def enter(self, name: str) -> None:
        self.to(name)
        self.send()

    def send(self) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


def test_whole_assignment_by_keyboard(visit: Callable[..., Watched], adam: User) -> None:
    ben = make_client(name="Ben Ortiz", therapist=adam, with_account=False, side="left")
    seat = visit(adam, width="desk")
    page, keys = seat.page, Keys(seat.page)
    page.goto(reverse("admin:client", args=[ben.pk]))

    keys.enter("Assign a program")
    keys.to("Search programs")
    page.keyboard.type("heel")
    keys.send()
    for _step in range(250):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "program":
            break
    page.keyboard.press("Space")
    assert page.locator("input[name='program']").first.is_checked()
    keys.to("Side of the complaint")
    page.keyboard.press("ArrowDown")
    keys.to("Note to the client")
    page.keyboard.type("See you in two weeks")
    keys.enter("Next")
    page.get_by_role("button", name="Assign", exact=True).wait_for()
    keys.to("Invite by mail")
    page.keyboard.press("Space")  # this time by hand
    page.keyboard.press("Space")
    keys.enter("Assign")
    page.get_by_text(re.compile("^The invitation to")).wait_for()

    given = Assignment.objects.get(client=ben)
    assert (given.program.slug, given.note) == ("program_plantar_heel", "See you in two weeks")
    assert Delivery.objects.filter(client=ben, letter="invitation").exists()
    assert seat.troubles == []


def test_draft_to_invitation_by_keyboard_after_a_visit(visit: Callable[..., Watched], adam: User) -> None:
    ben = make_client(name="Ben Ortiz", therapist=adam, with_account=False, side="right")
    seat = visit(adam, width="desk")
    page, keys = seat.page, Keys(seat.page)
    page.goto(reverse("admin:client", args=[ben.pk]))

    keys.enter("New visit")
    page.get_by_role("heading", name="Body map").wait_for()
    keys.to("Search muscles")
    page.keyboard.type("piriformis")
    keys.send()
    keys.to("left")  # no side is chosen yet
    page.keyboard.press("ArrowRight")
    keys.to("0")
    page.keyboard.press("Space")
    for _step in range(7):
        page.keyboard.press("ArrowRight")
    keys.to("Record")
    page.keyboard.press("Enter")
    page.locator("#recorded").get_by_text("Tight 7, right").wait_for()
    keys.enter("Finish the visit")
    keys.enter("Give this program")
    page.get_by_role("button", name="Assign", exact=True).wait_for()
    keys.enter("Assign")
    page.get_by_text(re.compile("^The invitation to")).wait_for()

    assert Assignment.objects.filter(client=ben).count() == 1
    assert seat.troubles == []
