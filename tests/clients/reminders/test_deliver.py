"""Sending against a real SMTP server: what is sent, what waits, what is given up, and that nothing is sent twice."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from clients import emails
from clients.demo.builders import make_client, make_therapist, train
from clients.models import (
    AssignedStep,
    Assignment,
    AssignmentPause,
    Client,
    Delivery,
    ReminderSchedule,
    SafetyBlock,
    Suppression,
    User,
)
from clients.reminders import deliver
from clients.reminders.addresses import suppress
from clients.reminders.clock import DAY
from clients.reminders.deliver import BATCH, DOOR_REST, LEASE, MAX_ATTEMPTS, claim, requeue, tick
from clients.reminders.queue import queue_letter
from clients.reminders.schedules import plan_letters
from tests.clients.reminders.people import MINUTE, NOON, SEVEN, Clock, make_reminded, notice, ring
from tests.clients.reminders.sink import Sink

Status = Delivery.Status


def fate(delivery: Delivery) -> tuple[str, str, int]:
    """Status, reason, tries."""
    delivery.refresh_from_db()
    return delivery.status, delivery.reason, delivery.attempts


# ---- The way of a letter ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_reminder_is_planned_sent_and_marked(sink: Sink) -> None:
    client = make_reminded()

    tally = ring()

    letter = client.deliveries.get(kind="daily")
    assert fate(letter) == (Status.SENT, "", 1)
    assert (letter.sent_at, letter.lease_until, letter.lease_token) == (SEVEN, None, "")
    assert [str(mail["To"]) for mail in sink.mails] == [client.user.email]
    assert sink.ids == [letter.provider_id]
    assert str(tally) == "1 planned, 1 sent"
    assert str(ring()) == "0 planned"
    assert len(sink.mails) == 1


@pytest.mark.django_db
def test_nothing_is_sent_before_its_time(sink: Sink) -> None:
    make_reminded()

    assert not ring(SEVEN - MINUTE)
    assert sink.mails == []


@pytest.mark.django_db
def test_a_batch_goes_through_one_connection(sink: Sink) -> None:
    letters = [notice(number) for number in range(5)]

    ring()

    assert [fate(letter)[0] for letter in letters] == [Status.SENT] * 5
    assert (len(sink.mails), sink.connections) == (5, 1)


@pytest.mark.django_db
def test_letters_that_a_person_caused_go_before_the_planned_ones(sink: Sink) -> None:
    """R3: nobody waits for a link behind the evening's reminders."""
    make_reminded()
    plan_letters(SEVEN)
    therapist = make_therapist()
    notice(1, therapist, now=SEVEN + MINUTE)

    ring(SEVEN + MINUTE)

    assert [str(mail["To"]) == therapist.email for mail in sink.mails] == [True, False]


@pytest.mark.django_db
def test_queueing_twice_is_one_letter(sink: Sink) -> None:
    therapist = make_therapist()

    assert notice(1, therapist) == notice(1, therapist)

    ring()
    assert len(sink.mails) == 1


# ---- Why not (R8): one test a reason --------------------------------------------------------------------------------


def end_care(client: Client) -> None:
    Client.objects.filter(pk=client.pk).update(ended_at=SEVEN)


def close_account(client: Client) -> None:
    User.objects.filter(pk=client.user_id).update(is_active=False)


def lose_account_and_address(client: Client) -> None:
    Client.objects.filter(pk=client.pk).update(user=None, email="")


def lose_account(client: Client) -> None:
    Client.objects.filter(pk=client.pk).update(user=None)


def change_address(client: Client) -> None:
    User.objects.filter(pk=client.user_id).update(email="elsewhere@example.org")


def bounce(client: Client) -> None:
    suppress(client.user.email, reason="bounced", now=NOON)


def unsubscribe(client: Client) -> None:
    ReminderSchedule.objects.filter(client=client).update(active=False)


def leave_tuesday_out(client: Client) -> None:
    ReminderSchedule.objects.filter(client=client).update(days="134567")


def forget_schedule(client: Client) -> None:
    ReminderSchedule.objects.filter(client=client).delete()


def pause_reminders(client: Client) -> None:
    ReminderSchedule.objects.filter(client=client).update(paused_until=SEVEN.date())


def pause_program(client: Client) -> None:
    assignment = client.assignments.get()
    AssignmentPause.objects.create(
        assignment=assignment, since=SEVEN.date(), reason="holidays", by=assignment.assigned_by
    )


def block(client: Client) -> None:
    SafetyBlock.objects.create(client=client, effect="review", cause="a cause", created_at=SEVEN)


def take_program_away(client: Client) -> None:
    Assignment.objects.filter(client=client).delete()


def leave_nothing_today(client: Client) -> None:
    AssignedStep.objects.filter(phase__assignment__client=client).update(weekdays="1")


def do_the_session(client: Client) -> None:
    train(client, now=NOON)


def have_had_this_week(client: Client) -> None:
    ReminderSchedule.objects.filter(client=client).update(weekly=True)
    sent_before(client, 3)


def have_ignored_two_weeks(client: Client) -> None:
    for days in range(1, 16):
        sent_before(client, days)


def sent_before(client: Client, days: int) -> None:
    due = SEVEN - days * DAY
    Delivery.objects.create(
        client=client,
        local_date=due.date(),
        kind="daily",
        letter="reminder",
        due_at=due,
        not_after=due,
        status=Status.SENT,
        sent_at=due,
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (end_care, "account_closed"),
        (close_account, "account_closed"),
        (lose_account_and_address, "no_address"),
        (lose_account, "not_confirmed"),
        (change_address, "address_changed"),
        (bounce, "suppressed"),
        (unsubscribe, "unsubscribed"),
        (forget_schedule, "unsubscribed"),
        (leave_tuesday_out, "other_days"),
        (pause_reminders, "paused"),
        (pause_program, "paused"),
        (block, "blocked"),
        (take_program_away, "not_assigned"),
        (leave_nothing_today, "nothing_due"),
        (do_the_session, "done_today"),
        (have_had_this_week, "weekly"),
        (have_ignored_two_weeks, "weekly"),
    ],
)
def test_a_reminder_is_not_sent_when_something_changed_after_planning(
    sink: Sink, change: Callable[[Client], None], reason: str
) -> None:
    client = make_reminded()
    plan_letters(SEVEN)
    letter = client.deliveries.get(kind="daily")
    change(client)

    ring()

    assert fate(letter)[:2] == (Status.SKIPPED, reason)
    assert sink.mails == []


@pytest.mark.django_db
def test_a_weekly_reminder_is_sent_when_the_week_is_over(sink: Sink) -> None:
    client = make_reminded()
    ReminderSchedule.objects.update(weekly=True)
    sent_before(client, 7)

    ring()

    assert len(sink.mails) == 1


@pytest.mark.django_db
def test_a_session_brings_the_daily_reminder_back_after_ignored_weeks(sink: Sink) -> None:
    client = make_reminded()
    have_ignored_two_weeks(client)
    train(client, now=NOON, finish=False, partial={"smr_buttock_ball_wall": 1})

    ring()

    assert len(sink.mails) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("invited", [Delivery.Letter.INVITATION, Delivery.Letter.STAFF_INVITATION])
def test_an_invitation_that_was_accepted_meanwhile_is_not_sent(sink: Sink, invited: str) -> None:
    client = make_client()
    User.objects.filter(pk=client.user_id).update(last_login=NOON)
    people = {"client": client} if invited == Delivery.Letter.INVITATION else {"user": make_therapist()}
    letter = queue_letter(invited, event_id="invitation/1", now=SEVEN, **people)

    ring()

    assert fate(letter)[:2] == (Status.SKIPPED, "already_accepted")
    assert sink.mails == []


@pytest.mark.django_db
def test_a_safety_alert_follows_the_therapist_to_a_new_address(sink: Sink) -> None:
    therapist = make_therapist()
    client = make_client(therapist=therapist)
    letter = queue_letter(
        Delivery.Letter.SAFETY_ALERT, event_id="block/1", now=SEVEN, user=therapist, client=client
    )
    User.objects.filter(pk=therapist.pk).update(email="new@example.org")

    ring()

    assert fate(letter)[0] == Status.SENT
    assert len(sink.to("new@example.org")) == 1


# ---- Trouble with mail (R3) -----------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("step", "reply", "seconds"),
    [
        ("RCPT", "451 4.3.0 later", 10),
        ("DATA", "451 4.3.0 later", 10),
        ("MAIL", "421 busy", 10),
        ("DATA", "hang up", 10),
        ("RCPT", "452 4.2.2 mailbox full", 60),
        ("DATA", "552 5.2.2 mailbox full", 60),
    ],
)
def test_passing_trouble_means_trying_again_later(sink: Sink, step: str, reply: str, seconds: int) -> None:
    letter = notice(1)
    sink.replies[step] = reply

    ring()

    assert fate(letter) == (Status.DUE, "", 1)
    assert 0.8 * seconds <= (letter.due_at - SEVEN).total_seconds() <= 1.2 * seconds
    sink.replies.clear()
    ring(letter.due_at)
    assert fate(letter) == (Status.SENT, "", 2)
    assert len(sink.mails) == 1


@pytest.mark.django_db
def test_a_letter_is_given_up_after_six_tries(sink: Sink) -> None:
    letter = notice(1)
    sink.replies["RCPT"] = "451 later"
    delays = []
    for _ in range(MAX_ATTEMPTS):
        before = letter.due_at
        ring(before)
        letter.refresh_from_db()
        delays.append((letter.due_at - before).total_seconds())

    assert fate(letter) == (Status.FAILED, "too_many_tries", MAX_ATTEMPTS)
    assert [round(delay / wanted) for delay, wanted in zip(delays, [10, 30, 60, 300, 900], strict=False)] == [
        1
    ] * 5


@pytest.mark.django_db
def test_a_letter_is_missed_when_the_next_try_would_be_too_late(sink: Sink) -> None:
    client = make_reminded()
    plan_letters(SEVEN)
    letter = client.deliveries.get(kind="daily")
    sink.replies["RCPT"] = "451 later"

    ring(letter.not_after - timedelta(seconds=5))

    assert fate(letter)[:2] == (Status.MISSED, "too_late")


@pytest.mark.django_db
def test_an_unknown_address_is_tried_once_and_never_again(sink: Sink) -> None:
    therapist = make_therapist()
    first = notice(1, therapist)
    sink.replies["RCPT"] = "550 5.1.1 no such user"

    ring()

    assert fate(first) == (Status.FAILED, "no_such_address", 1)
    assert first.error_class == "SMTPRecipientsRefused 550 5.1.1"
    second = notice(2, therapist)
    sink.replies.clear()
    ring()
    assert fate(second)[:2] == (Status.SKIPPED, "suppressed")
    assert sink.mails == []


@pytest.mark.django_db
@pytest.mark.parametrize(("step", "reply"), [("RCPT", "550 5.7.1 blocked"), ("DATA", "554 refused")])
def test_a_refusal_that_is_not_about_the_address_suppresses_nobody(sink: Sink, step: str, reply: str) -> None:
    letter = notice(1)
    sink.replies[step] = reply

    ring()

    assert fate(letter) == (Status.FAILED, "refused", 1)
    assert not Suppression.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["AUTH", "MAIL"])
def test_a_server_that_refuses_us_uses_up_no_try_and_raises_an_alarm(
    sink: Sink, settings: Any, caplog: pytest.LogCaptureFixture, step: str
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "practice", "wrong"
    letters = [notice(number) for number in range(3)]
    sink.replies[step] = "535 5.7.8 no" if step == "AUTH" else "530 5.7.0 no"

    ring()

    assert [fate(letter) for letter in letters] == [(Status.DUE, "", 0)] * 3
    alarms = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(alarms) == 1
    assert "refuses us" in alarms[0].getMessage()


@pytest.mark.django_db
def test_after_a_refusal_every_sender_rests(sink: Sink, settings: Any) -> None:
    """The circuit breaker: a wrong password is not tried three times a minute until the account is locked."""
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "practice", "wrong"
    notice(1)
    sink.replies["AUTH"] = "535 5.7.8 no"
    ring()

    ring(SEVEN + MINUTE)

    assert sink.connections == 1


@pytest.mark.django_db
def test_a_sender_that_is_refused_holds_up_its_own_letters_only(
    sink: Sink, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REMINDER_FROM_EMAIL = "reminders@practice.example"
    reminded = [make_reminded().deliveries, make_reminded(name="Ben Ortiz").deliveries]
    sink.replies[f"MAIL {settings.REMINDER_FROM_EMAIL}"] = "553 5.7.1 not yours"
    ring()
    word = notice(1)
    ring(SEVEN + MINUTE)

    assert fate(word) == (Status.SENT, "", 1)
    for letters in reminded:
        letter = letters.get(kind="daily")
        assert fate(letter) == (Status.DUE, "", 0)
        assert letter.due_at == SEVEN + DOOR_REST
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1
    sink.replies.clear()
    cache.clear()
    ring(SEVEN + DOOR_REST)
    assert len(sink.mails) == 3


@pytest.mark.django_db
def test_a_server_that_is_away_uses_up_no_try(sink: Sink, settings: Any) -> None:
    letter = notice(1)
    settings.EMAIL_PORT = 1

    ring()

    assert fate(letter) == (Status.DUE, "", 0)
    settings.EMAIL_PORT = sink.port
    ring(SEVEN + 20 * MINUTE / 60)
    assert fate(letter) == (Status.SENT, "", 1)


@pytest.mark.django_db
def test_trouble_with_one_letter_leaves_the_others_alone(sink: Sink) -> None:
    letters = [notice(number) for number in range(4)]
    sink.replies[f"RCPT {letters[1].user.email}"] = "451 later"
    sink.replies[f"RCPT {letters[2].user.email}"] = "550 5.1.1 unknown"

    ring()

    assert [fate(letter)[0] for letter in letters] == [Status.SENT, Status.DUE, Status.FAILED, Status.SENT]


# ---- Our own errors (R7) --------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("poison", ["data", "address"])
def test_a_poisoned_letter_is_given_up_and_the_others_go_on_time(
    sink: Sink, caplog: pytest.LogCaptureFixture, poison: str
) -> None:
    """Data that its template cannot do without; an address that no mail program can write."""
    broken = notice(0)
    if poison == "data":
        Delivery.objects.filter(pk=broken.pk).update(data={})
    else:
        User.objects.filter(pk=broken.user_id).update(email="two lines\n@example.org")
    letters = [notice(number) for number in range(1, BATCH + 5)]

    ring()

    assert {fate(letter)[0] for letter in letters} == {Status.SENT}
    assert fate(broken) == (Status.DUE, "", 1)
    assert broken.due_at == SEVEN + timedelta(hours=1)
    ring(SEVEN + timedelta(hours=1))
    ring(SEVEN + timedelta(hours=2))
    assert fate(broken) == (Status.FAILED, "our_error", 3)
    ours = [record for record in caplog.records if record.name.startswith("clients.")]
    assert len([record for record in ours if record.levelno == logging.ERROR]) == 1
    assert not any("example.org" in record.getMessage() for record in ours)


@pytest.mark.django_db
def test_a_letter_that_kills_its_senders_is_given_up(sink: Sink) -> None:
    letter = notice(1)
    for number in range(MAX_ATTEMPTS):
        claim(SEVEN + number * 3 * MINUTE)

    ring(SEVEN + MAX_ATTEMPTS * 3 * MINUTE)

    assert fate(letter)[:2] == (Status.FAILED, "too_many_tries")
    assert sink.mails == []


# ---- Leases, fence, stop --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_lease_that_ran_out_makes_a_letter_claimable_again() -> None:
    letter = notice(1)

    assert claim(SEVEN) == [letter]
    assert claim(SEVEN + LEASE) == []
    assert claim(SEVEN + LEASE + MINUTE) == [letter]


@dataclass
class SlowClock:
    """Each look at it finds a little more time gone."""

    now: datetime
    step: timedelta

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


def two_senders_with_one_batch(sink: Sink) -> int:
    """One sender wakes after its lease has run out, when another has sent its letters. Returns the copies too many."""
    letters = [notice(number) for number in range(3)]
    asleep = claim(SEVEN)
    ring(SEVEN + LEASE + MINUTE)
    later = Clock(SEVEN + LEASE + 2 * MINUTE)
    deliver.Sender(later, lambda: False, deliver.Tally()).send_batch(asleep)
    return len(sink.mails) - len(letters)


@pytest.mark.django_db
def test_the_fence_keeps_a_sender_that_slept_from_sending_again(sink: Sink) -> None:
    assert two_senders_with_one_batch(sink) == 0


@pytest.mark.django_db
def test_without_the_fence_letters_are_doubled(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: no crash is needed, only a lease shorter than the batch takes (M3)."""
    monkeypatch.setattr(deliver, "fence", lambda delivery, now: True)

    assert two_senders_with_one_batch(sink) == 3


@pytest.mark.django_db
def test_stopping_gives_back_what_was_not_begun(sink: Sink) -> None:
    """R2: a deploy costs nobody a letter, and uses up no try."""
    letters = [notice(number) for number in range(4)]

    tick(clock=Clock(), stop=lambda: len(sink.mails) == 2)

    assert [fate(letter) for letter in letters] == [(Status.SENT, "", 1)] * 2 + [(Status.DUE, "", 0)] * 2
    ring()
    assert len(sink.mails) == 4


@pytest.mark.django_db
def test_a_tick_ends_after_a_minute(sink: Sink) -> None:
    letters = [notice(number) for number in range(12)]

    tick(clock=SlowClock(SEVEN, timedelta(seconds=5)))

    assert 0 < len(sink.mails) < len(letters)
    assert Delivery.objects.filter(status=Status.SENDING).count() == 0


def claim_everything_at_once(claiming: Callable[[datetime], list[Delivery]]) -> list[int]:
    """Four senders take letters until there are none; the numbers of all letters taken."""
    therapist = make_therapist()
    for number in range(60):
        notice(number, therapist)

    def sender(_: int) -> list[int]:
        mine: list[int] = []
        for _round in range(60):
            mine += [letter.pk for letter in claiming(SEVEN)]
        connection.close()
        return mine

    with ThreadPoolExecutor(4) as pool:
        return [pk for mine in pool.map(sender, range(4)) for pk in mine]


@pytest.mark.django_db(transaction=True)
def test_four_senders_never_claim_the_same_letter() -> None:
    """R5, M10."""
    taken = claim_everything_at_once(lambda now: claim(now, 3))

    assert sorted(taken) == sorted(Delivery.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_choosing_and_then_taking_without_a_condition_claims_twice() -> None:
    """The control: read, then write."""

    def careless(now: datetime) -> list[Delivery]:
        chosen = list(Delivery.objects.filter(status=Status.DUE).order_by("pk")[:3])
        Delivery.objects.filter(pk__in=[row.pk for row in chosen]).update(
            status=Status.SENDING, lease_until=now + LEASE, lease_token="mine"
        )
        return chosen

    taken = claim_everything_at_once(careless)

    assert len(taken) > len(set(taken)) == 60


# ---- Outages and clocks (R6, T3) --------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("hours", "sent", "missed"), [(1, 1, 0), (3, 0, 1), (72, 0, 0), (73, 1, 0)])
def test_after_an_outage_there_is_no_flood_and_no_stale_mail(
    sink: Sink, hours: int, sent: int, missed: int
) -> None:
    """Off from six in the evening on, for so many hours after seven: at most today's letter, if it is in time."""
    client = make_reminded()

    for _ in range(3):
        ring(SEVEN + timedelta(hours=hours - 1 if hours == 73 else hours, minutes=-1 if hours == 72 else 0))

    assert len(sink.mails) == sent
    assert client.deliveries.filter(status=Status.MISSED).count() == missed


@pytest.mark.django_db
def test_letters_that_waited_through_an_outage_are_missed_and_say_so(sink: Sink) -> None:
    client = make_reminded()
    plan_letters(SEVEN)
    letter = client.deliveries.get(kind="daily")

    assert str(ring(SEVEN + timedelta(hours=3))) == "0 planned, 1 missed"

    assert fate(letter)[:2] == (Status.MISSED, "too_late")
    assert sink.mails == []


@pytest.mark.django_db
def test_a_clock_set_back_two_hours_doubles_nothing(sink: Sink) -> None:
    make_reminded()
    ring()

    for minutes in range(-120, 30, 10):
        ring(SEVEN + minutes * MINUTE)

    assert len(sink.mails) == 1


@pytest.mark.django_db
def test_a_clock_set_forward_three_days_and_back_again_doubles_nothing(sink: Sink) -> None:
    client = make_reminded()
    ring()

    for days in (3, 0, 1, 2, 3, 4):
        ring(SEVEN + days * DAY)

    days = [
        str(row.local_date) for row in client.deliveries.filter(status=Status.SENT).order_by("local_date")
    ]
    assert len(sink.mails) == len(days) == len(set(days))


@pytest.mark.postgres_only
@pytest.mark.django_db
def test_the_clock_of_leases_is_the_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two machines whose clocks disagree by five minutes agree about a lease of two."""
    here = deliver.timezone.now()
    monkeypatch.setattr(deliver.timezone, "now", lambda: here + 5 * MINUTE)

    assert abs(deliver.database_now() - here) < MINUTE


# ---- Once more, by hand -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_requeue_gives_a_failed_letter_all_its_tries(sink: Sink) -> None:
    letter = notice(1)
    sink.replies["DATA"] = "554 refused"
    ring()
    sink.replies.clear()
    letter.refresh_from_db()

    assert requeue(letter, now=SEVEN + DAY)

    ring(SEVEN + DAY)
    assert fate(letter) == (Status.SENT, "", 1)
    assert not requeue(letter, now=SEVEN + DAY)


@pytest.mark.django_db
def test_requeue_refuses_a_reminder_of_yesterday(sink: Sink) -> None:
    client = make_reminded()
    plan_letters(SEVEN)
    letter = client.deliveries.get(kind="daily")
    ring(SEVEN + timedelta(hours=3))

    assert not requeue(letter, now=SEVEN + DAY)
    assert requeue(letter, now=SEVEN + timedelta(hours=3))


@pytest.mark.django_db
def test_requeue_gives_an_address_that_bounced_another_chance(sink: Sink) -> None:
    therapist = make_therapist()
    bounced = notice(1, therapist)
    sink.replies["RCPT"] = "550 5.1.1 no such user"
    ring()
    sink.replies.clear()
    held_back = notice(2, therapist)
    ring()
    assert fate(held_back)[:2] == (Status.SKIPPED, "suppressed")

    assert requeue(bounced, now=SEVEN)
    assert requeue(held_back, now=SEVEN)

    ring()
    assert {fate(letter)[0] for letter in (bounced, held_back)} == {Status.SENT}


@pytest.mark.django_db
def test_requeue_of_a_stale_reminder_lets_the_next_one_arrive(sink: Sink) -> None:
    client = make_reminded()
    sink.replies["RCPT"] = "550 5.1.1 no such user"
    ring()
    sink.replies.clear()

    assert not requeue(client.deliveries.get(kind="daily"), now=SEVEN + DAY)

    ring(SEVEN + DAY)
    assert len(sink.mails) == 1


@pytest.mark.django_db
def test_every_letter_has_its_function() -> None:
    assert set(emails.LETTERS) == set(Delivery.Letter)
