"""`manage.py reminders`: the same work as the tick, by hand."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from clients.demo.builders import make_therapist
from clients.inviting import request_password_reset, request_sign_in_link
from clients.models import Delivery, ReminderSchedule
from clients.reminders import deliver
from clients.reminders.addresses import is_suppressed, suppress
from clients.reminders.schedules import plan_letters
from tests.clients.reminders.people import NOON, SEVEN, make_reminded, notice, ring
from tests.clients.reminders.sink import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def seven_in_the_evening(monkeypatch: pytest.MonkeyPatch) -> Any:
    """On PostgreSQL too, whose clock nobody can set."""
    monkeypatch.setattr(deliver, "database_now", deliver.timezone.now)
    with time_machine.travel(SEVEN, tick=False):
        yield


@pytest.fixture(autouse=True)
def on_this_machine(settings: Any) -> None:
    """Where the loop may run as it likes; under the name of the test server it may not."""
    settings.ALLOWED_HOSTS = ["localhost"]


def reminders(*args: Any) -> list[str]:
    """The lines that the command prints."""
    out = StringIO()
    call_command("reminders", *map(str, args), stdout=out)
    return out.getvalue().splitlines()


def test_run_once_plans_and_sends() -> None:
    client = make_reminded()

    assert reminders("run", "--once") == ["Letters: 1 planned, 1 sent."]
    assert reminders("run", "--once") == ["Letters: 0 planned."]
    assert [message.to for message in mail.outbox] == [[client.user.email]]


def test_run_sends_nothing_where_the_server_would_not_start(settings: Any) -> None:
    """Mail as files on a real address: each letter would count as sent."""
    make_reminded()
    settings.EMBEDDED = False

    with pytest.raises(SystemExit, match="not safe"):
        reminders("run", "--once")

    assert mail.outbox == []


@pytest.fixture
def loses_the_first_statement(db: None) -> Iterator[None]:
    """The database is away for one statement, and at the next one somebody ends the process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    statements: list[str] = []

    def lose(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        if len(statements) == 1:
            raise OperationalError("server closed the connection: ana@example.org")
        if len(statements) == 2:
            signal.raise_signal(signal.SIGTERM)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(lose):
        yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("loses_the_first_statement")
def test_run_goes_on_after_a_round_that_failed(caplog: pytest.LogCaptureFixture) -> None:
    assert reminders("run", "--every", 0) == ["Letters: 0 planned."]

    [alarm] = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert "OperationalError" in alarm
    assert "ana@example.org" not in caplog.text


@pytest.mark.usefixtures("loses_the_first_statement")
def test_run_once_says_that_it_failed() -> None:
    with pytest.raises(CommandError, match="This round failed: OperationalError at"):
        reminders("run", "--once")


def test_run_with_dry_run_changes_nothing() -> None:
    client = make_reminded()
    before = ReminderSchedule.objects.values().get()

    lines = reminders("run", "--dry-run")

    assert lines == [
        f"Letter (to be planned) reminder of 2026-03-10 to client {client.pk}: to be sent",
        "1 due, 1 to be sent, 0 not.",
    ]
    assert not Delivery.objects.filter(kind="daily").exists()
    assert ReminderSchedule.objects.values().get() == before
    assert mail.outbox == []


def test_due_says_who_is_due_and_why_not() -> None:
    ana, ben = make_reminded(), make_reminded(name="Ben Ortiz")
    ReminderSchedule.objects.filter(client=ben).update(paused_until=None, weekly=False)
    plan_letters(SEVEN)
    ReminderSchedule.objects.filter(client=ben).update(active=False)

    lines = reminders("due")

    letters = {row.client_id: row.pk for row in Delivery.objects.filter(kind="daily")}
    assert sorted(lines[:2]) == sorted(
        [
            f"Letter {letters[ana.pk]} reminder of 2026-03-10 to client {ana.pk}: to be sent",
            f"Letter {letters[ben.pk]} reminder of 2026-03-10 to client {ben.pk}: Reminders are switched off",
        ]
    )
    assert lines[2] == "2 due, 1 to be sent, 1 not."


def test_due_tells_of_the_others_when_one_reminder_is_broken() -> None:
    ana, ben = make_reminded(), make_reminded(name="Ben Ortiz")
    ReminderSchedule.objects.filter(client=ana).update(paused_until=date.max)

    assert reminders("due") == [
        f"Reminder of client {ana.pk}: OverflowError",
        f"Letter (to be planned) reminder of 2026-03-10 to client {ben.pk}: to be sent",
        "1 due, 1 to be sent, 0 not.",
    ]


def test_explain_tells_the_fate_of_a_letter() -> None:
    waiting = notice(1)
    assert reminders("explain", waiting.pk) == [
        f"Letter {waiting.pk} account_notice to account {waiting.user_id}: due 2026-03-10 18:00:00 UTC",
        "due; it will be sent, not after 2026-03-11 18:00 UTC; 0 tries.",
    ]

    ring()
    waiting.refresh_from_db()
    assert (
        reminders("explain", waiting.pk)[1]
        == f"sent 2026-03-10 18:00:00 UTC as {waiting.provider_id}; 1 tries."
    )


def test_explain_says_why_a_letter_was_not_or_will_not_be_sent() -> None:
    make_reminded()
    plan_letters(SEVEN)
    letter = Delivery.objects.get(kind="daily")
    ReminderSchedule.objects.update(active=False)

    assert (
        reminders("explain", letter.pk)[1] == "due; it will not be sent: Reminders are switched off; 0 tries."
    )
    ring()
    assert reminders("explain", letter.pk)[1] == "skipped, Reminders are switched off; 1 tries."


def test_explain_tells_the_last_trouble(sink: Sink) -> None:
    letter = notice(1)
    sink.replies["RCPT"] = "451 4.3.0 later"
    ring()

    assert reminders("explain", letter.pk)[1].endswith(
        "1 tries, last trouble SMTPRecipientsRefused 451 4.3.0."
    )


def test_explain_refuses_a_number_without_a_letter() -> None:
    with pytest.raises(CommandError, match="There is no letter 4711"):
        reminders("explain", 4711)


def test_requeue_brings_failed_letters_back(sink: Sink) -> None:
    letters = [notice(1), notice(2)]
    sink.replies["DATA"] = "554 no"
    ring()
    first = f"Letter {letters[0].pk} account_notice to account {letters[0].user_id}: due again"

    assert reminders("requeue", letters[0].pk, "--dry-run") == [
        first,
        "1 due again, had this not been a dry run.",
    ]
    assert Delivery.objects.filter(status="failed").count() == 2
    assert reminders("requeue", letters[0].pk) == [first, "1 due again."]
    assert Delivery.objects.filter(status="failed").count() == 1
    assert reminders("requeue", "--all")[-1] == "1 due again."
    assert Delivery.objects.filter(status="due").count() == 2


def test_requeue_leaves_a_reminder_whose_day_has_gone_by() -> None:
    make_reminded()
    plan_letters(SEVEN)
    Delivery.objects.update(status="missed", reason="too_late")

    with time_machine.travel(NOON.replace(day=11), tick=False):
        assert reminders("requeue", "--all")[0].endswith("its day has gone by")
        assert reminders("requeue", "--all")[1] == "0 due again."


@pytest.mark.parametrize("ask", [request_sign_in_link, request_password_reset])
def test_requeue_leaves_a_link_that_nobody_waits_for(ask: Callable[[str, datetime], None]) -> None:
    client = make_reminded()
    ask(client.user.email, SEVEN - timedelta(minutes=20))
    Delivery.objects.filter(user=client.user).update(status="failed", reason="refused")
    assert reminders("requeue", "--all", "--dry-run")[0].endswith("due again")

    with time_machine.travel(SEVEN + timedelta(minutes=41), tick=False):
        said, total = reminders("requeue", "--all")
    assert said.endswith("too old; its reader asks for a new one")
    assert total == "0 due again."


def test_requeue_keeps_the_hour_after_which_a_link_is_of_no_use() -> None:
    client = make_reminded()
    request_sign_in_link(client.user.email, SEVEN)
    letters = Delivery.objects.filter(user=client.user)
    not_after = letters.get().not_after
    letters.update(status="failed", reason="refused")

    reminders("requeue", "--all")

    assert letters.get().status == "due"
    assert letters.get().not_after == not_after


def test_requeue_sends_what_was_held_back_only_when_it_is_named() -> None:
    therapist = make_therapist()
    suppress(therapist.email, reason="bounced", now=SEVEN)
    letter = notice(1, therapist)
    ring()

    assert reminders("requeue", "--all") == ["0 due again."]
    assert reminders("requeue", letter.pk)[-1] == "1 due again."
    assert reminders("run", "--once") == ["Letters: 0 planned, 1 sent."]


def test_requeue_of_all_forgets_no_address_that_came_back(sink: Sink) -> None:
    therapist = make_therapist()
    unknown, refused = notice(1, therapist), notice(2, therapist)
    Delivery.objects.filter(pk=unknown.pk).update(status="failed", reason="no_such_address")
    Delivery.objects.filter(pk=refused.pk).update(status="failed", reason="refused")
    suppress(therapist.email, reason="bounced", now=SEVEN)

    said = reminders("requeue", "--all")
    ring()

    assert said == [
        f"Letter {refused.pk} account_notice to account {therapist.pk}: due again",
        "1 due again.",
    ]
    assert is_suppressed(therapist.email)
    assert sink.mails == []

    assert reminders("requeue", unknown.pk)[-1] == "1 due again."
    assert not is_suppressed(therapist.email)


def test_requeue_wants_to_know_which() -> None:
    with pytest.raises(CommandError, match="Name the letters"):
        reminders("requeue")
