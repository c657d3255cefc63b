"""Everything that happened and everything that was decided, a page at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.adjusting import change_step, pause_assignment, remove_step
from clients.casefile import decisions
from clients.casefile.timeline import SOURCES, Cursor, Group, timeline
from clients.demo import builders
from clients.demo.builders import NOW, new_key
from clients.documents import keep_document, withdraw_document
from clients.models import AssignedStep, Client, ContactRecord, Delivery, Message, User
from clients.telling import record_morning, report_health_change
from routines.models import Dose

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = NOW.date()


def whats(client: Client) -> list[str]:
    return [entry.what for entry in decisions(client)]


# ---- Decisions ------------------------------------------------------------------------------------------------------


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


# ---- Everything -----------------------------------------------------------------------------------------------------


def everything(client: Client, therapist: User) -> None:
    """At least one row of most sources."""
    assignment = builders.assign(client, now=NOW - 9 * DAY)
    builders.screen(client, now=NOW - 8 * DAY)
    builders.train(client, now=NOW - 3 * DAY, pain_before=5, pain_after=3)
    record_morning(client, TODAY - 3 * DAY, "sore", 4, key=new_key(), now=NOW - 2 * DAY)
    builders.examine(client, found=[("piriformis", "right", "tight", 7)], now=NOW - DAY)
    builders.rate(client, "activities", [4], now=NOW - DAY)
    builders.talk(client, note="Spoken.")
    report_health_change(client, key=new_key(), now=NOW)
    Message.objects.create(
        client=client, by=client.user, from_client=True, text="May I swim?", at=NOW, key=uuid4()
    )
    step = AssignedStep.objects.filter(phase__assignment=assignment).first()
    assert step is not None
    remove_step(step, by=therapist, reason="It hurts.", now=NOW)


def test_timeline_tells_of_everything(client: Client, therapist: User, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    everything(client, therapist)
    kept = keep_document(
        client,
        SimpleUploadedFile("a.pdf", b"%PDF-1.7 x"),
        title="Referral",
        key=uuid4(),
        by=therapist,
        now=NOW,
    )
    withdraw_document(kept, by=therapist, reason="Wrong person.", now=NOW)

    told = {entry.what: entry for entry in timeline(client, number=100).lines}

    session = next(entry for what, entry in told.items() if what.startswith("Session: "))
    assert (session.day, session.why) == (TODAY - 3 * DAY, "pain before 5, after 3")
    assert told["The morning after: Sore"].why == "pain 4"
    assert told["Visit"].why == "one finding"
    assert told["Contact: Phone"].why == "Spoken."
    assert told["Message from the client"].why == "May I swim?"
    assert told["Document: Referral"].href == ""
    assert told["Document withdrawn: Referral"].why == "Wrong person."
    assert any(what.startswith("Taken out: ") for what in told)
    assert any(what.startswith("My activities: ") for what in told), sorted(told)
    assert any(what.startswith("Letter, Plan changed") for what in told)
    assert any(what.startswith("Answered: ") for what in told)


def test_groups_share_everything_among_them(client: Client, therapist: User) -> None:
    everything(client, therapist)

    whole = timeline(client, number=200).lines
    parts = [entry for group in Group for entry in timeline(client, groups=[group], number=200).lines]

    assert sorted(map(str, parts)) == sorted(map(str, whole))
    assert {source.group for source in SOURCES} == set(Group)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_behind_their_cursors_are_the_whole_list(client: Client, therapist: User, size: int) -> None:
    """Also of rows of one moment, and of days that stand at one hour."""
    everything(client, therapist)
    for _number in range(4):
        builders.talk(client, note="The same moment.")
    whole = [str(entry) for entry in timeline(client, number=500).lines]

    found: list[str] = []
    cursor: Cursor | None = None
    for _page in range(len(whole) + 1):
        page = timeline(client, before=cursor, number=size)
        found += [str(entry) for entry in page.lines]
        if not page.older:
            break
        cursor = Cursor.read(page.older)
        assert cursor is not None

    assert found == whole


def test_newest_comes_first(client: Client, therapist: User) -> None:
    everything(client, therapist)

    days = [entry.day for entry in timeline(client, number=200).lines]

    assert days == sorted(days, reverse=True)


def test_timeline_begins_on_a_day(client: Client, therapist: User) -> None:
    everything(client, therapist)

    assert {entry.day for entry in timeline(client, number=200, since=TODAY).lines} == {TODAY}


def test_timeline_holds_nothing_of_another_client(client: Client, therapist: User) -> None:
    other = builders.make_client(name="Carla")
    everything(other, builders.responsible(other))

    assert timeline(client, number=200).lines == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1",
        "1.2",
        "1.2.3.4",
        "-1.2.3",
        "1.-2.3",
        "1.2.x",
        "9" * 30 + ".1.1",
        "1." + "9" * 9 + ".1",
        "\u0661.\u0662.\u0663",
        "1.2.3\n",
    ],
)
def test_cursor_that_no_page_wrote_is_none(text: str) -> None:
    assert Cursor.read(text) is None


@pytest.mark.parametrize(
    "text", ["0.0.0", "250000000000000000.99.999999999999999999", "1773133200000001.12.7"]
)
def test_any_cursor_that_can_be_read_finds_a_page(client: Client, text: str) -> None:
    builders.talk(client)
    cursor = Cursor.read(text)

    assert cursor is not None
    assert str(cursor) == text
    assert len(timeline(client, before=cursor).lines) <= 1


def test_cursor_keeps_the_microsecond() -> None:
    at = datetime(2026, 3, 10, 7, 12, 33, 123457, tzinfo=UTC)

    read = Cursor.read(str(Cursor(at, -12, 345)))

    assert read == Cursor(at, -12, 345)


def test_timeline_asks_the_same_queries_for_3_rows_and_for_300(
    client: Client, therapist: User, django_assert_num_queries: Any
) -> None:
    everything(client, therapist)
    with CaptureQueriesContext(connection) as few:
        timeline(client)
    builders.bulk_sessions(client, 300, now=NOW - 5 * DAY)
    ContactRecord.objects.bulk_create(
        ContactRecord(client=client, by=therapist, at=NOW - n * DAY, note="Spoken.") for n in range(300)
    )
    Delivery.objects.bulk_create(
        Delivery(client=client, letter="plan_changed", event_id=f"plan/{n}", due_at=NOW, not_after=NOW)
        for n in range(300)
    )

    with django_assert_num_queries(len(few)):
        timeline(client)
