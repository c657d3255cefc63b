"""A therapist builds a program: the same buttons with scripts and without, and what scripts add."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from clients.demo.builders import make_practice, make_therapist
from routines.composing import copy_program
from routines.models import Program, Step

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def names(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("[data-step-row] h3").all_inner_texts()]


@pytest.fixture
def program() -> Program:
    make_practice()
    return copy_program(Program.objects.get(slug="program_sciatica_piriformis"), "Of the practice")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_step_is_moved_another_added_and_the_program_saved(
    visit: Callable[..., Any], program: Program, scripts: bool
) -> None:
    desk = visit(make_therapist(name="Adam"), width="desk", scripts=scripts)
    page = desk.page
    page.goto(reverse("admin:routines_program_builder", args=[program.pk]))
    first = names(page)[0]

    page.get_by_role("button", name=f"Move down: {first}").first.click()
    expect(page.locator("[data-step-row]").nth(1)).to_contain_text(first)
    expect(page.get_by_role("button", name=f"Move up: {first}").first).to_be_focused()
    page.get_by_role("button", name="Add an exercise to Wake up the buttock muscles").click()
    page.get_by_label("Search exercises").fill("side plank")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Add Side plank").first.click()
    expect(page.get_by_text("5 exercises at once")).to_be_visible()
    page.get_by_role("button", name="Save the program").click()

    expect(page.get_by_text("is saved")).to_be_visible()
    phase = program.phases.get(order=2)
    added = phase.steps.last()
    assert added is not None
    assert added.exercise.name.startswith("Side plank")
    assert program.phases.get(order=1).steps.get(order=2).exercise.name == first
    assert desk.troubles == []


def test_step_is_dragged_by_its_grip(visit: Callable[..., Any], program: Program) -> None:
    desk = visit(make_therapist(name="Adam"), width="desk")
    page = desk.page
    page.goto(reverse("admin:routines_program_builder", args=[program.pk]))
    before = names(page)
    rows = page.locator("[data-step-row]")
    page.evaluate("scrollTo(0, 350)")
    low = rows.nth(2).bounding_box()
    assert low is not None

    page.locator("[data-grip]").first.drag_to(
        rows.nth(2), target_position={"x": 40, "y": low["height"] - 6}, steps=8
    )
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    page.get_by_role("button", name="Save the program").click()
    expect(page.get_by_text("is saved")).to_be_visible()

    steps = Step.objects.filter(phase__program=program, phase__order=1).order_by("order")
    assert [step.exercise.name for step in steps] == [before[1], before[2], before[0], before[3]]
    assert desk.troubles == []


def test_words_and_warnings_follow_what_is_typed(visit: Callable[..., Any], program: Program) -> None:
    desk = visit(make_therapist(name="Adam"), width="desk")
    page = desk.page
    page.goto(reverse("admin:routines_program_builder", args=[program.pk]))
    row = page.locator("[data-step-row]").first
    row.locator("summary").click()

    row.get_by_label("Sets").fill("9")

    expect(row.locator("summary")).to_contain_text("9 × 45 s")
    expect(page.locator("[data-review]")).to_contain_text("usual is")
    expect(row.get_by_label("Sets")).to_be_focused()
    assert desk.troubles == []
