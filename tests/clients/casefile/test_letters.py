""" "Why did I not get a mail?", answered from the rows."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from clients.adjusting import end_assignment, pause_assignment
from clients.casefile.letters import HELPS, held_back, mail_on_file
from clients.demo import builders
from clients.demo.builders import NOW
from clients.enrolling import end_care, resume_care
from clients.models import Client, Delivery, ReminderSchedule, User
from clients.reminders.addresses import suppress
from clients.reminders.due import Reason
from clients.reminders.fate import fate_of
from clients.reminders.schedules import plan_letters, reschedule

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def scheduled(client: Client) -> Client:
    schedule = ReminderSchedule.objects.create(client=client, local_time=time(18, 30), zone=client.zone)
    reschedule(schedule, NOW)
    return client


def reason(client: Client) -> Any:
    client.refresh_from_db()
    coming = mail_on_file(client, NOW).coming
    return coming.reason if coming else "none"


def letter(client: Client, n: int = 1, **fate: Any) -> Delivery:
    return Delivery.objects.create(
        client=client,
        letter="plan_changed",
        event_id=f"plan/{n}",
        due_at=NOW - n * DAY,
        not_after=NOW,
        **fate,
    )


def test_next_letter_is_told_by_the_clients_clock_and_as_things_stand(scheduled: Client) -> None:
    builders.assign(scheduled, now=NOW - 2 * DAY)

    mail = mail_on_file(scheduled, NOW)

    assert mail.coming is not None
    assert mail.coming.goes
    due = mail.coming.delivery.due_at.astimezone(scheduled.zone_info)
    assert mail.coming_at.endswith(f"{due:%H:%M}")
    assert not Delivery.objects.filter(letter="reminder").exists()


def test_reason_follows_from_what_holds(scheduled: Client, therapist: User) -> None:
    assert reason(scheduled) == Reason.NOT_ASSIGNED
    assignment = builders.assign(scheduled, now=NOW - 2 * DAY)
    assert reason(scheduled) is None
    pause_assignment(assignment, until=None, by=therapist, reason="Away.", now=NOW)
    assert reason(scheduled) == Reason.PAUSED
    builders.screen(scheduled, yes=["fever_unwell"])
    assert reason(scheduled) == Reason.BLOCKED
    assert "record the contact" in mail_on_file(scheduled, NOW).coming_helps


def test_reminders_that_are_switched_off_have_no_next_one(scheduled: Client) -> None:
    schedule = ReminderSchedule.objects.get(client=scheduled)
    schedule.active = False
    schedule.save()
    reschedule(schedule, NOW)

    assert reason(scheduled) == "none"


def test_address_from_which_mail_came_back_is_said(scheduled: Client) -> None:
    builders.assign(scheduled, now=NOW - 2 * DAY)
    assert scheduled.user is not None
    suppress(scheduled.user.email, reason="no_such_address", now=NOW)

    mail = mail_on_file(scheduled, NOW)

    assert mail.suppressed
    assert mail.coming is not None
    assert mail.coming.reason == Reason.SUPPRESSED


def test_client_on_paper_has_no_address() -> None:
    paper = builders.make_client(name="Paper", with_account=False, email="")

    mail = mail_on_file(paper, NOW)

    assert (mail.address, mail.suppressed, mail.coming) == ("", False, None)


def test_held_back_letters_are_told_once_for_each_reason(client: Client) -> None:
    letter(client, 1, status="skipped", reason=Reason.PAUSED)
    letter(client, 2, status="failed", reason=Reason.REFUSED)
    letter(client, 3, status="skipped", reason=Reason.PAUSED)
    letter(client, 4, status="skipped", reason=Reason.DONE_TODAY)
    letter(client, 5, status="sent", sent_at=NOW)

    found = mail_on_file(client, NOW).held_back

    assert [(each.words, each.times, each.last) for each in found] == [
        ("Paused", 2, NOW - DAY),
        ("The mail server refused it", 1, NOW - 2 * DAY),
    ]
    assert all(each.helps for each in found)


def test_reason_of_an_older_version_is_told_as_it_stands(client: Client) -> None:
    row = letter(client, status="skipped", reason="of_old")

    assert held_back([row])[0].words == "of_old"
    assert (fate_of(row).open, fate_of(row).reason) == (False, None)


def test_every_reason_that_somebody_can_help_says_how() -> None:
    as_it_should_be = {
        Reason.DONE_TODAY,
        Reason.ALREADY_ACCEPTED,
        Reason.READ_ALREADY,
        Reason.NOTHING_DUE,
        Reason.NOT_IN_THEIR_CARE,
    }

    assert set(HELPS) == set(Reason) - as_it_should_be


def test_end_of_a_program_stops_reminders_and_keeps_records(scheduled: Client, therapist: User) -> None:
    assignment = builders.assign(scheduled, now=NOW - 2 * DAY)
    session = builders.train(scheduled, now=NOW - DAY)

    end_assignment(assignment, by=therapist, reason="All is well.", now=NOW)

    assert reason(scheduled) == Reason.NOT_ASSIGNED
    assert list(scheduled.sessions.all()) == [session]


def test_end_of_care_stops_reminders_and_care_taken_up_brings_them_back(
    scheduled: Client, therapist: User
) -> None:
    builders.assign(scheduled, now=NOW - 2 * DAY)
    session = builders.train(scheduled, now=NOW - DAY)
    due = ReminderSchedule.objects.get(client=scheduled).next_due_at
    assert due is not None

    end_care(scheduled, by=therapist, reason="All is well.", now=NOW)
    assert reason(scheduled) == Reason.ACCOUNT_CLOSED
    assert plan_letters(due) == 0
    assert list(scheduled.sessions.all()) == [session]

    resume_care(scheduled, by=therapist, reason="It is back.", now=NOW)
    scheduled.refresh_from_db()
    builders.assign(scheduled, now=NOW)
    assert reason(scheduled) is None
