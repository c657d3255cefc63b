"""From what hands found to the client who reads why each exercise is there."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from clients.demo.builders import make_client, make_practice, make_therapist
from clients.models import Assignment
from routines.models import Program
from tests.clients.visits import make_visit
from tests.journeys.conftest import Watched, axe_findings

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_findings_become_a_draft_and_the_client_reads_why(visit: Callable[..., Watched]) -> None:
    make_practice()
    adam = make_therapist(name="Adam")
    ana = make_client(name="Ana Silva", therapist=adam)
    make_visit(ana, ("piriformis", "right", "tight", 7), ("gluteus_medius", "right", "weak", 5))

    seat = visit(adam, width="desk")
    page = seat.page
    page.goto(f"/workplace/clients/client/{ana.pk}/")
    page.get_by_role("link", name="Draft a program").click()
    expect(page.get_by_text("Feels tight: piriformis (right, 7 of 10).").first).to_be_visible()
    page.get_by_role("button", name="Edit in the builder").click()
    expect(page.get_by_text("The draft is saved as a program of your own.")).to_be_visible()
    expect(page.get_by_text("Feels tight: piriformis (right, 7 of 10).").first).to_be_visible()
    page.get_by_label("Name", exact=True).first.fill("For the buttock")
    page.get_by_role("button", name="Save the program").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("For the buttock")

    program = Program.objects.get(name="For the buttock")
    page.goto(f"/workplace/clients/client/{ana.pk}/assign/?act=check&program={program.pk}")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Silva")
    assert Assignment.objects.get().program == program

    hers = visit(ana.user, width="phone")
    hers.page.goto("/program/")
    expect(hers.page.get_by_text(re.compile("May ease what feels tight: piriformis")).first).to_be_visible()
    assert axe_findings(hers) == []
