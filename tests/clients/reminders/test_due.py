"""What a reminder needs to know of the client's day at the moment of sending."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.adjusting import pause_assignment, remove_step
from clients.demo import builders
from clients.demo.builders import NOW, new_key
from clients.models import AssignedStep, Assignment, Client, SafetyBlock, SetRecord, TrainingSession
from clients.recording import SetEntry, record_set
from clients.reminders.due import facts_of

pytestmark = pytest.mark.django_db

TODAY = NOW.date()  # a Tuesday
TOMORROW = TODAY + timedelta(days=1)
HEEL = "program_plantar_heel"


def test_reminder_is_wanted_while_something_is_due_and_not_done(client: Client) -> None:
    assert facts_of(client, TODAY).assigned is False

    builders.assign(client, HEEL)
    facts = facts_of(client, TODAY)
    assert (facts.assigned, facts.blocked, facts.paused, facts.due_items, facts.done) == (
        True,
        False,
        False,
        4,
        False,
    )

    builders.train(client, number=1)
    assert facts_of(client, TODAY).done is False, "the day asks for two"
    builders.train(client, number=2, finish=False)
    assert facts_of(client, TODAY).done is True, "ticked to the last set, though nobody pressed finish"
    taken_back = SetRecord.objects.filter(item__session__number=2).first()
    record_set(taken_back.item, taken_back.number, SetEntry(done=False), key=new_key(), now=NOW)
    assert facts_of(client, TODAY).done is False
    TrainingSession.objects.update(finished_at=NOW + timedelta(hours=1))
    assert facts_of(client, TODAY).done is True
    assert facts_of(client, TOMORROW).done is False


def test_reminder_is_not_wanted_when_all_that_is_left_was_taken_out(
    client: Client, assignment: Assignment
) -> None:
    step = AssignedStep.objects.get(
        phase__assignment=assignment, phase__state="active", exercise__slug="smr_buttock_ball_wall"
    )
    builders.train(client, partial={"smr_buttock_ball_wall": 0}, finish=False)
    assert facts_of(client, TODAY).done is False

    remove_step(step, by=builders.responsible(client), reason="Too early.", now=NOW)

    assert facts_of(client, TODAY).done is True


def test_reminder_knows_of_pause_block_and_empty_day(client: Client, assignment: Assignment) -> None:
    builders.advance(assignment, now=NOW)
    assert facts_of(client, TODAY).due_items == 0  # Tuesday: strengthening rests
    assert facts_of(client, TODAY).done is False

    pause_assignment(assignment, until=None, by=builders.responsible(client), reason="Holiday", now=NOW)
    assert facts_of(client, TOMORROW).paused is True
    builders.assign(client, HEEL)
    assert facts_of(client, TOMORROW).paused is False, "the other program goes on"
    SafetyBlock.objects.create(client=client, effect="review", created_at=NOW)
    assert facts_of(client, TODAY).blocked is True


def test_day_on_which_everything_is_withheld_needs_no_reminder(
    client: Client, assignment: Assignment
) -> None:
    builders.tag(client, "acute_inflammation")

    facts = facts_of(client, TODAY)

    assert (facts.assigned, facts.due_items) == (True, 0)


def test_reminder_costs_the_same_with_three_thousand_sessions(client: Client, assignment: Assignment) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            facts_of(client, TODAY)
        return len(captured)

    before = queries()
    builders.bulk_sessions(client, 3000, items=1, sets=1)

    assert queries() == before
