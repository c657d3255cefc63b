"""One client as the therapist reads them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from clients.adjusting import change_step, pause_assignment, remove_step
from clients.casefile import account_state, condition_words, decisions, open_file
from clients.demo import builders
from clients.demo.builders import NOW
from clients.enrolling import ConditionKnown, NewCondition, add_condition, end_condition
from clients.models import AssignedStep, Client, ClientTag, User
from clients.ownership import visible_exercises, visible_programs
from routines.models import BodyArea, ConditionTag, Dose

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = NOW.date()


def whats(client: Client) -> list[str]:
    return [entry.what for entry in decisions(client)]


# ---- Account --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "invited", "state", "may_invite"),
    [
        ("", None, "paper", False),
        ("", NOW, "paper", False),
        ("ana@example.org", None, "not_invited", True),
        ("ana@example.org", NOW - 71 * timedelta(hours=1), "invited", True),
        ("ana@example.org", NOW - 72 * timedelta(hours=1), "expired", True),
    ],
)
def test_account_state_of_somebody_outside(email: str, invited: Any, state: str, may_invite: bool) -> None:
    found = account_state(Client(name="Ana", email=email), invited, NOW)

    assert (found.state, found.may_invite) == (state, may_invite)


def test_account_state_of_somebody_inside(client: Client) -> None:
    found = account_state(client, NOW, NOW)

    assert (found.state, found.may_invite) == ("inside", False)


# ---- The timeline ---------------------------------------------------------------------------------------------------


def test_timeline_tells_what_who_and_why_the_newest_first(client: Client, therapist: User) -> None:
    assignment = builders.assign(client, now=NOW - 9 * DAY)
    step = AssignedStep.objects.filter(phase__assignment=assignment).first()
    assert step is not None
    more = Dose(sets=3, reps=1, hold_seconds=45, tempo=None, rest_seconds=15, per_day=1, days_per_week=6)
    changed = change_step(step, by=therapist, reason="Too little.", now=NOW - 3 * DAY, dose=more)
    remove_step(changed, by=therapist, reason="It hurts.", now=NOW - DAY)
    pause_assignment(assignment, until=None, by=therapist, reason="Holidays.", now=NOW)

    entries = decisions(client)

    assert [entry.day for entry in entries] == [TODAY, TODAY - DAY, TODAY - 3 * DAY, TODAY - 9 * DAY]
    assert [entry.why for entry in entries] == ["Holidays.", "It hurts.", "Too little.", ""]
    assert entries[2].what == (
        "Changed: Ball release, buttock at a wall, "
        "from 2 × 45 s, right side, 6 days a week to 3 × 45 s, right side, 6 days a week"
    )
    assert entries[0].who == str(therapist)


def test_timeline_shows_contacts_and_conditions(client: Client) -> None:
    builders.assign(client)
    builders.screen(client, yes=["fever_unwell"])
    builders.talk(client, note="Seen by her doctor.")
    builders.talk(client, note="All good.")
    builders.tag(client, "blood_clot", "calf", side="left", valid_to=TODAY)

    found = whats(client)

    assert "Contact, block lifted: Phone" in found
    assert "Contact: Phone" in found
    assert any(what.startswith("Condition noted:") and "Calf, left" in what for what in found)
    assert any(what.startswith("Condition ended:") for what in found)


def test_timeline_is_limited(client: Client) -> None:
    builders.assign(client)
    for _number in range(25):
        builders.talk(client)

    assert len(decisions(client)) == 20


# ---- The plan -------------------------------------------------------------------------------------------------------


def test_sheet_of_a_program_that_starts_later(client: Client) -> None:
    builders.assign(client, start_date=TODAY + 5 * DAY)

    sheet = open_file(client, NOW).sheets[0]

    assert (sheet.starts_later, sheet.day, sheet.paused) == (True, None, False)
    assert sheet.following is not None
    assert sheet.earlier == ()


def test_sheet_of_the_last_phase_has_nothing_after_it(client: Client) -> None:
    assignment = builders.assign(client)
    for _phase in range(3):
        builders.advance(assignment)

    sheet = open_file(client, NOW).sheets[0]

    assert sheet.following is None
    assert len(sheet.earlier) == 3
    assert sheet.day == 1


def test_line_says_why_a_step_is_left_out_or_waits(client: Client) -> None:
    builders.assign(client)
    builders.tag(client, "osteoporosis")
    builders.tag(client, "blood_clot", "buttock", side="right")

    lines = [line for phase in open_file(client, NOW).sheets[0].phases for line in phase.lines]

    assert {condition.slug for line in lines for condition in line.avoid} >= {"blood_clot"}
    assert {condition.slug for line in lines for condition in line.care} == {"osteoporosis"}


# ---- Conditions -----------------------------------------------------------------------------------------------------


def new(slug: str, area: str | None = None, side: str = "both") -> NewCondition:
    return NewCondition(
        ConditionTag.objects.get(slug=slug), BodyArea.objects.get(slug=area) if area else None, side
    )


@pytest.mark.parametrize(
    ("slug", "area", "side", "kept"),
    [
        ("blood_clot", "calf", "left", ("calf", "left")),
        ("blood_clot", "sacrum", "left", ("sacrum", "left")),
        ("blood_clot", "abdomen", "left", ("abdomen", "both")),  # an area without sides
        ("blood_clot", None, "left", (None, "both")),  # not known where: the whole body
        ("osteoporosis", "calf", "left", (None, "both")),  # of the whole person
    ],
)
def test_condition_keeps_only_the_place_it_can_have(
    client: Client, therapist: User, slug: str, area: str | None, side: str, kept: tuple[str | None, str]
) -> None:
    row = add_condition(client, new(slug, area, side), by=therapist, now=NOW)

    assert (row.area.slug if row.area else None, row.side) == kept


def test_condition_is_noted_once_at_a_place(client: Client, therapist: User) -> None:
    add_condition(client, new("blood_clot", "calf", "left"), by=therapist, now=NOW)
    add_condition(client, new("blood_clot", "calf", "right"), by=therapist, now=NOW)

    with pytest.raises(ConditionKnown, match="on the list already"):
        add_condition(client, new("blood_clot", "calf", "left"), by=therapist, now=NOW)
    assert ClientTag.objects.count() == 2


def test_condition_ends_once(client: Client) -> None:
    row = builders.tag(client, "osteoporosis", valid_from=TODAY - 9 * DAY)

    assert end_condition(row, now=NOW) == TODAY - DAY
    end_condition(row, now=NOW + 5 * DAY)

    row.refresh_from_db()
    assert row.valid_to == TODAY - DAY


def test_condition_can_come_back(client: Client, therapist: User) -> None:
    row = builders.tag(client, "osteoporosis", valid_from=TODAY - 9 * DAY)
    end_condition(row, now=NOW)

    again = add_condition(client, new("osteoporosis"), by=therapist, now=NOW)

    assert again.valid_from == date(2026, 3, 10)
    assert condition_words(again) == "Osteoporosis or a fragility fracture"


# ---- What is whose --------------------------------------------------------------------------------------------------


def test_without_owners_everything_belongs_to_the_practice(therapist: User) -> None:
    assert visible_programs(therapist).count() == 5
    assert visible_exercises(therapist).count() == 100
