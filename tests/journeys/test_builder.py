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
    page.locator("#find").get_by_role("button", name="Search").click()
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
    page.set_viewport_size(
        {"width": 1280, "height": 1600}
    )  # at the edge of a screen the page would scroll on
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


def test_step_is_moved_by_the_keyboard_and_the_place_is_said(
    visit: Callable[..., Any], program: Program
) -> None:
    desk = visit(make_therapist(name="Adam"), width="desk")
    page = desk.page
    page.goto(reverse("admin:routines_program_builder", args=[program.pk]))
    before = names(page)
    page.locator("[data-grip]").first.focus()

    page.keyboard.press("Alt+ArrowDown")

    expect(page.locator("[data-step-row]").nth(1)).to_contain_text(before[0])
    expect(page.locator("[data-step-row]").nth(1).locator("[data-grip]")).to_be_focused()
    expect(page.locator("[data-said]")).to_contain_text(f"{before[0]}, 2 of 4")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("[data-step-row]").first.locator("[data-grip]")).to_be_focused()
    expect(page.locator("[data-said]")).to_contain_text(f"{before[0]}, 1 of 4")
    assert names(page) == before
    assert desk.troubles == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_exercise_is_found_on_the_body_map(
    visit: Callable[..., Any], program: Program, scripts: bool
) -> None:
    desk = visit(make_therapist(name="Adam"), width="desk", scripts=scripts)
    page = desk.page
    page.goto(reverse("admin:routines_program_builder", args=[program.pk]))
    page.get_by_label("Name", exact=True).first.fill("Typed before")
    page.get_by_text("On the body map").click()
    region = page.locator("a[data-region='buttock-left']")

    if scripts:
        region.focus()
        page.keyboard.press("Enter")
        expect(page.locator("a[data-region='buttock-left']")).to_be_focused()
    else:
        page.get_by_role("button", name="Buttock", exact=True).click()

    expect(page.get_by_role("button", name="Buttock", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".hits")).to_contain_text("buttock")
    expect(page.get_by_label("Name", exact=True).first).to_have_value("Typed before")
    assert desk.troubles == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_dose_of_one_press_and_the_budget_follow(
    visit: Callable[..., Any], program: Program, scripts: bool
) -> None:
    desk = visit(make_therapist(name="Adam"), width="desk", scripts=scripts)
    page = desk.page
    page.goto(reverse("admin:routines_program_builder", args=[program.pk]))
    row = page.locator("[data-step-row]").first
    row.locator("summary").click()

    row.get_by_role("button", name="Lighter start").click()

    expect(row.locator("summary")).to_contain_text("1 × 20 s")
    expect(row.get_by_role("button", name="Lighter start")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-phase]").first.locator(".budget-bars")).to_contain_text("of 15 min a day")
    if scripts:
        expect(row.get_by_role("button", name="Lighter start")).to_be_focused()
        page.get_by_label("Minutes a day").fill("5")
        expect(page.locator("[data-phase]").first.locator(".budget-bars")).to_contain_text("of 5 min a day")
    assert desk.troubles == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_warning_is_kept_with_a_reason_and_the_draft_previewed(
    visit: Callable[..., Any], program: Program, scripts: bool
) -> None:
    desk = visit(make_therapist(name="Adam"), width="desk", scripts=scripts)
    page = desk.page
    Step.objects.filter(phase__program=program, exercise__slug="clam").update(days_per_week=4)
    page.goto(reverse("admin:routines_program_builder", args=[program.pk]))
    warning = page.locator("[data-review] li").filter(has_text="4 days a week")
    warning.locator("summary").click()

    warning.get_by_role("button", name="Keep", exact=False).click()
    expect(warning).to_contain_text("required")
    warning.get_by_label("Your reason").fill("She swims on Fridays.")
    warning.get_by_role("button", name="Keep", exact=False).click()
    expect(warning).to_contain_text("You said: “She swims on Fridays.”")

    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("As a client sees it")).to_be_visible()
    page.get_by_role("button", name="Back to the builder").click()
    expect(page.locator("[data-review]")).to_contain_text("You said: “She swims on Fridays.”")
    page.get_by_role("button", name="Save the program").click()
    expect(page.get_by_text("is saved")).to_be_visible()
    expect(page.locator("[data-review]")).to_contain_text("Adam")
    assert desk.troubles == []
