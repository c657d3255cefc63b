"""The client's plan as the therapist reads it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clients.casefile import plan_on_file
from clients.casefile.plan import ended_programs
from clients.demo import builders
from clients.demo.builders import NOW
from clients.enrolling import end_care
from clients.models import Client, PhaseTransition, User
from clients.progression.apply import strengthen_too

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = NOW.date()


def test_sheet_of_a_program_that_starts_later(client: Client) -> None:
    builders.assign(client, start_date=TODAY + 5 * DAY)

    sheet = plan_on_file(client, NOW).sheets[0]

    assert (sheet.starts_later, sheet.day, sheet.paused) == (True, None, False)
    assert sheet.following is not None
    assert sheet.earlier == ()


def test_sheet_of_the_last_phase_has_nothing_after_it(client: Client) -> None:
    assignment = builders.assign(client)
    for _phase in range(3):
        builders.advance(assignment)

    sheet = plan_on_file(client, NOW).sheets[0]

    assert sheet.following is None
    assert len(sheet.earlier) == 3
    assert sheet.day == 1


def test_line_says_why_a_step_is_left_out_or_waits(client: Client) -> None:
    builders.assign(client)
    builders.tag(client, "osteoporosis")
    builders.tag(client, "blood_clot", "buttock", side="right")

    lines = [line for phase in plan_on_file(client, NOW).sheets[0].phases for line in phase.lines]

    assert {condition.slug for line in lines for condition in line.avoid} >= {"blood_clot"}
    assert {condition.slug for line in lines for condition in line.care} == {"osteoporosis"}


def test_line_says_what_the_client_gets_while_a_rule_has_reduced_it(client: Client) -> None:
    assignment = builders.assign(client, now=NOW - 5 * DAY, side="right")
    agreed = plan_on_file(client, NOW).sheets[0]
    PhaseTransition.objects.create(
        assignment=assignment,
        kind=PhaseTransition.Kind.DOSE_REDUCED,
        from_phase=assignment.phases.get(order=1),
        at=NOW - DAY,
        local_date=TODAY - DAY,
        numbers={"of": "release", "sets_minus": 1, "cause": "session", "day": str(TODAY - 2 * DAY)},
        event="less/1",
    )

    sheet = plan_on_file(client, NOW).sheets[0]

    assert agreed.reductions == []
    assert [line.lighter for line in agreed.phases[0].lines] == [""] * len(agreed.phases[0].lines)
    assert (sheet.phases[0].lines[0].dose, sheet.phases[0].lines[0].lighter) == (
        "2 × 45 s, right side",
        "1 × 45 s, right side",
    )
    assert [why for _row, why in sheet.reductions] == [f"A session was in the red ({TODAY - 2 * DAY:%-d %b})"]


def test_phase_that_is_strengthened_beside_release_holds_too(client: Client, therapist: User) -> None:
    assignment = builders.assign(client)
    assert [part.holds for part in plan_on_file(client, NOW).sheets[0].phases] == [True, False, False, False]

    strengthen_too(assignment, by=therapist, reason="Bears it.", now=NOW)

    assert [part.holds for part in plan_on_file(client, NOW).sheets[0].phases] == [True, True, False, False]


def test_programs_that_have_ended_stay_on_file(client: Client, therapist: User) -> None:
    assignment = builders.assign(client)

    end_care(client, by=therapist, reason="All is well.", now=NOW)

    assert plan_on_file(client, NOW).sheets == []
    assert ended_programs(client, 5) == [assignment]
