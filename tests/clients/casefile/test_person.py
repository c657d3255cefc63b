"""Who the client is: the account, the conditions, what belongs to whom, the head of every page."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from clients.adjusting import end_assignment, pause_assignment, resume_assignment
from clients.casefile import account_state, condition_words, head_of
from clients.demo import builders
from clients.demo.builders import NOW
from clients.enrolling import ConditionKnown, NewCondition, add_condition, end_care, end_condition
from clients.models import Client, ClientTag, ReminderSchedule, SafetyBlock, User
from clients.ownership import visible_exercises, visible_programs
from clients.reminders.schedules import reschedule
from routines.models import BodyArea, ConditionTag

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = NOW.date()


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


# ---- The head -------------------------------------------------------------------------------------------------------


def test_head_tells_where_the_client_stands(client: Client, therapist: User) -> None:
    assignment = builders.assign(client, now=NOW - 4 * DAY)
    builders.tag(client, "osteoporosis")
    visit = builders.examine(client, close=False)

    head = head_of(client, NOW)

    assert [standing.words for standing in head.standings] == ["Release, day 5"]
    assert head.standings[0].phase.started_on == TODAY - 4 * DAY
    assert [words for _tag, words in head.conditions] == ["Osteoporosis or a fragility fracture"]
    assert (head.blocked, head.open_visit, head.account.state) == (False, visit.pk, "inside")
    pause_assignment(assignment, until=None, by=therapist, reason="Away.", now=NOW)
    assert head_of(client, NOW).standings[0].words == "Release, paused"


def test_head_of_a_program_that_starts_later(client: Client) -> None:
    builders.assign(client, start_date=TODAY + 3 * DAY)

    assert head_of(client, NOW).standings[0].words == "Release, not started"


def remind(client: Client) -> ReminderSchedule:
    builders.assign(client)
    ReminderSchedule.objects.filter(client=client).update(local_time=time(18, 30))
    return ReminderSchedule.objects.get(client=client)


def test_head_names_the_next_reminder_by_the_clients_clock(client: Client) -> None:
    reschedule(remind(client), NOW)

    assert head_of(client, NOW).next_letter_at.endswith("18:30")


def test_head_names_no_reminder_that_cannot_come(client: Client, therapist: User) -> None:
    assert head_of(client, NOW).next_letter_at == ""
    reschedule(remind(client), NOW)
    assert head_of(client, NOW).next_letter_at

    end_care(client, by=therapist, reason="All is well.", now=NOW)

    client.refresh_from_db()
    assert head_of(client, NOW).next_letter_at == ""


def test_head_names_no_reminder_without_a_program_nor_while_blocked_or_paused(
    client: Client, therapist: User
) -> None:
    reschedule(remind(client), NOW)
    block = SafetyBlock.objects.create(client=client, effect="review", created_at=NOW)
    assert head_of(client, NOW).next_letter_at == ""
    block.delete()
    assert head_of(client, NOW).next_letter_at

    pause_assignment(client.assignments.get(), until=None, by=therapist, reason="Away.", now=NOW)
    assert head_of(client, NOW).next_letter_at == ""
    resume_assignment(client.assignments.get(), by=therapist, reason="Back.", now=NOW)
    assert head_of(client, NOW).next_letter_at

    end_assignment(client.assignments.get(), by=therapist, reason="Done.", now=NOW)

    assert head_of(client, NOW).next_letter_at == ""
