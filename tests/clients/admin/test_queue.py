"""What is done from the morning queue, by whom, and what is refused."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from celery.signals import before_task_publish
from django.db import connection
from django.test import Client as Web
from django.urls import reverse

from clients.attention.look import look
from clients.dashboard import Act, Row, todays_people
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import (
    Assignment,
    AssignmentPause,
    Client,
    ContactRecord,
    Delivery,
    Dismissal,
    Need,
    PhaseTransition,
    Practice,
    Threshold,
    User,
)

pytestmark = pytest.mark.usefixtures("clock")

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def look_at(*clients: Client) -> None:
    look(dict.fromkeys(clients, NOW))


def propose(assignment: Assignment, kind: str = "ready", *, now: Any = NOW, met: int = 2) -> PhaseTransition:
    phase = assignment.phases.get(state="active")
    criteria = [
        {
            "slug": "days_in_phase",
            "answer": "met",
            "figures": {"days": 9},
            "rule": {},
            "muscle": {},
            "side": "",
        }
    ]
    return PhaseTransition.objects.create(
        assignment=assignment,
        kind=kind,
        from_phase=phase,
        at=now,
        local_date=now.date(),
        numbers={"criteria": criteria * met},
        event=f"{kind}/{phase.pk}/{now}",
    )


def row_of(user: User) -> Row:
    (row,) = todays_people(user, NOW).rows
    return row


def act_named(row: Row, word: str) -> Act:
    acts = [act for line in row.lines for act in (*line.acts, line.aside) if act is not None]
    acts += [row.pause] if row.pause else []
    return next(act for act in acts if act.word == word)


def press(web: Web, act: Act, **said: Any) -> Any:
    """The button as it stands on the page, with what somebody wrote instead of what was filled in."""
    until = {"until": act.until.isoformat()} if act.until else {}
    return web.post(act.url, {**act.fields, "reason": act.reason, **until, **said}, follow=True)


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


# ---- Answers --------------------------------------------------------------------------------------------------------


def test_approving_a_phase_is_one_press(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    assignment = builders.assign(ana, by=adam)
    propose(assignment)
    look_at(ana)
    approve = act_named(row_of(adam), "Approve")
    assert approve.reason == "2 of 2 met."

    answer = press(web_as(adam), approve)

    assert answer.redirect_chain == [(reverse("admin:index"), 302)]
    assert told(answer) == ["“Wake up the buttock muscles” is the current phase now."]
    row = assignment.transitions.get(kind="advanced")
    assert (row.by, row.reason) == (adam, "2 of 2 met.")


def test_answer_is_kept_where_the_look_after_it_fails(
    web_as: Callable[..., Web], adam: User, ana: Client, django_capture_on_commit_callbacks: Any
) -> None:
    assignment = builders.assign(ana, by=adam, now=NOW - 9 * DAY)
    propose(assignment)
    look_at(ana)
    approve = act_named(row_of(adam), "Approve")
    Practice.objects.update(numbers={"attention": {"silent_days": "no number"}})

    connection.run_on_commit.clear()
    with django_capture_on_commit_callbacks(execute=True):
        answer = press(web_as(adam), approve)

    assert told(answer) == ["“Wake up the buttock muscles” is the current phase now."]
    assert assignment.transitions.filter(kind="advanced").exists()


@pytest.mark.parametrize("name", ["key", "kind"])
@pytest.mark.parametrize("kind", ["ready", "mail", "invitation"])
def test_nul_in_a_hidden_field_is_other_evidence(
    web_as: Callable[..., Web], adam: User, ana: Client, name: str, kind: str
) -> None:
    assignment = builders.assign(ana, by=adam)
    propose(assignment)
    look_at(ana)
    need = Need.objects.get()
    fields = {"kind": kind, "program": assignment.pk, "key": need.key, "reason": "Seen."}
    fields[name] = f"{fields[name]}\0"

    for act in ("dismiss", "hold"):
        answer = web_as(adam).post(reverse("admin:client_queue", args=[ana.pk, act]), fields, follow=True)

        assert told(answer) == ["This has changed in the meantime. Here is the queue as it is now."]
    assert not Dismissal.objects.exists()


def test_reason_may_be_another(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    assignment = builders.assign(ana, by=adam)
    propose(assignment)
    look_at(ana)

    press(web_as(adam), act_named(row_of(adam), "Hold"), reason="The knee first.")

    row = assignment.transitions.get(kind="held")
    assert (row.by, row.reason, row.numbers["look_again"]) == (adam, "The knee first.", "2026-03-17")


@pytest.mark.parametrize(
    ("proposed", "word", "kind"),
    [
        ("review_due", "Go on", "carried_on"),
        ("refer_suggested", "Ask for a medical look", "referred"),
        ("refer_suggested", "Carry on", "carried_on"),
        ("step_back_proposed", "Step back", "stepped_back"),
        ("step_back_proposed", "No step back", "carried_on"),
        ("tight_again", "Seen, it goes on", "carried_on"),
    ],
)
def test_each_proposal_is_answered_in_one_press(
    web_as: Callable[..., Web], adam: User, ana: Client, proposed: str, word: str, kind: str
) -> None:
    assignment = builders.assign(ana, by=adam, now=NOW - 9 * DAY)
    builders.advance(assignment, now=NOW - 2 * DAY)
    propose(assignment, proposed)
    look_at(ana)

    press(web_as(adam), act_named(row_of(adam), word))

    assert assignment.transitions.filter(kind=kind, by=adam).count() == 1


def test_press_without_a_reason_asks_for_it_with_what_was_sent(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    assignment = builders.assign(ana, by=adam)
    propose(assignment)
    look_at(ana)

    answer = press(web_as(adam), act_named(row_of(adam), "Approve"), reason=" ")

    assert answer.status_code == 422
    html = answer.content.decode()
    assert "This field is required." in html
    assert f'name="to" value="{assignment.phases.all()[1].pk}"' in html
    assert not assignment.transitions.filter(kind="advanced").exists()


@pytest.mark.parametrize("evil", ["a\x00b", "x" * 5000, "\ud800"])
def test_odd_reasons_are_refused_or_kept_but_break_nothing(
    web_as: Callable[..., Web], adam: User, ana: Client, evil: str
) -> None:
    builders.assign(ana, by=adam, now=NOW - 9 * DAY)
    look_at(ana)
    pause = act_named(row_of(adam), "Pause")
    sent = urlencode({**pause.fields, "reason": evil, "until": evil}, errors="surrogatepass")

    answer = web_as(adam).post(pause.url, sent, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "wrong", [{"program": "9" * 30}, {"program": "x"}, {"kind": "dance"}, {"key": "other"}, {"key": "a\x00"}]
)
def test_other_evidence_than_the_page_showed_is_refused(
    web_as: Callable[..., Web], adam: User, ana: Client, wrong: dict[str, str]
) -> None:
    assignment = builders.assign(ana, by=adam)
    propose(assignment)
    look_at(ana)

    answer = press(web_as(adam), act_named(row_of(adam), "Approve"), **wrong)

    assert told(answer) == ["This has changed in the meantime. Here is the queue as it is now."]
    assert not assignment.transitions.filter(kind="advanced").exists()


def test_second_of_two_people_is_told_that_it_was_done(
    web_as: Callable[..., Web], adam: User, owner: User, ana: Client
) -> None:
    assignment = builders.assign(ana, by=adam)
    propose(assignment)
    look_at(ana)
    approve, hold = act_named(row_of(adam), "Approve"), act_named(row_of(adam), "Hold")

    press(web_as(adam), approve)
    again, late = press(web_as(owner), approve), press(web_as(owner), hold)

    assert assignment.transitions.filter(kind="advanced").count() == 1
    assert not assignment.transitions.filter(kind="held").exists()
    assert told(again) == ["This program has moved in the meantime. Look where it stands now."]
    assert told(late) == ["Nothing waits for this answer any more. Look where the program stands now."]


# ---- Pause, contact -------------------------------------------------------------------------------------------------


def test_silence_is_paused_in_one_press_for_a_week(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.assign(ana, by=adam, now=NOW - 9 * DAY)
    builders.assign(ana, "program_plantar_heel", by=adam, now=NOW - 9 * DAY)
    look_at(ana)

    press(web_as(adam), act_named(row_of(adam), "Pause"))

    rested = AssignmentPause.objects.values_list("until", "reason")
    assert (
        list(rested)
        == [(date(2026, 3, 17), "We have not heard from you. The program rests for some days.")] * 2
    )
    look_at(ana)
    assert todays_people(adam, NOW).rows == []


def test_pause_may_end_on_another_day_but_not_before_it_begins(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.assign(ana, by=adam, now=NOW - 9 * DAY)
    look_at(ana)
    pause = act_named(row_of(adam), "Pause")

    assert press(web_as(adam), pause, until="2026-03-01").status_code == 422
    press(web_as(adam), pause, until="2026-04-01")

    assert AssignmentPause.objects.get().until == date(2026, 4, 1)


def test_contact_lifts_the_block_that_was_shown_and_no_newer_one(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.screen(ana, yes=["fever_unwell"])
    row = row_of(adam)
    builders.check_in(ana, yes=["chest_breath"])
    said = {"channel": "phone", "note": "Sees her doctor today."}

    answer = web_as(adam).post(row.contact, {**said, "block": row.blocks}, follow=True)

    assert told(answer) == ["Contact recorded."]
    assert ana.blocks.open().count() == 1
    assert ContactRecord.objects.get().note == "Sees her doctor today."


def test_contact_needs_a_note_and_keeps_what_was_chosen(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.screen(ana, yes=["fever_unwell"])
    row = row_of(adam)

    answer = web_as(adam).post(row.contact, {"channel": "in_person", "note": "", "block": row.blocks})

    assert answer.status_code == 422
    assert f'name="block" value="{row.blocks[0]}"' in answer.content.decode()
    assert answer.context["form"]["channel"].value() == "in_person"
    assert ana.blocks.open().exists()


@pytest.mark.parametrize("kind", ["pain_rise", "adherence", "release_only"])
def test_whoever_would_not_read_it_is_not_written_to(adam: User, kind: str) -> None:
    paper = builders.make_client(name="Frieda", therapist=adam, email="", with_account=False)
    assignment = builders.assign(paper, by=adam, now=NOW)
    figures = {"now": 6, "before": 90, "baseline": 3}
    Need.objects.create(
        client=paper, assignment=assignment, kind=kind, rank=1, since=NOW.date(), key="k", evidence=figures
    )
    words = [act.word for line in row_of(adam).lines for act in line.acts]

    assert words == ["Look"] if kind == "release_only" else words == ["Pause"]
    assert row_of(adam).contact


def test_contact_sent_twice_is_one(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    builders.assign(ana, by=adam, now=NOW - 9 * DAY)
    look_at(ana)
    row = row_of(adam)
    for _time in range(2):
        web_as(adam).post(row.contact, {"channel": "phone", "note": "All is well."})

    assert ContactRecord.objects.count() == 1


def test_silence_after_a_contact_says_when_that_was(adam: User, ana: Client) -> None:
    builders.assign(ana, by=adam, now=NOW - 9 * DAY)
    look_at(ana)
    (before,) = row_of(adam).lines
    ContactRecord.objects.create(client=ana, by=adam, at=NOW - 4 * DAY, channel="phone", note="Tired.")
    look_at(ana)
    (after,) = row_of(adam).lines

    assert before.evidence.startswith("no session yet")
    assert after.evidence.startswith("no session yet · contact on 6 Mar")


# ---- Not now --------------------------------------------------------------------------------------------------------


def test_not_now_leaves_a_row_and_takes_the_need_away(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.assign(ana, by=adam, now=NOW - 9 * DAY)
    look_at(ana)
    aside = act_named(row_of(adam), "Not now")

    press(web_as(adam), aside, reason="She is on a trip.")
    again = press(web_as(adam), aside)

    row = Dismissal.objects.get()
    assert (row.kind, row.by, row.at, row.reason) == ("silent", adam, NOW, "She is on a trip.")
    assert todays_people(adam, NOW).rows == []
    assert Need.objects.count() == 1
    assert told(again) == ["This has changed in the meantime. Here is the queue as it is now."]


def test_block_and_stop_cannot_be_put_aside(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    builders.screen(ana, yes=["fever_unwell"])
    assert all(line.aside is None for line in row_of(adam).lines)
    url = reverse("admin:client_queue", args=[ana.pk, "dismiss"])

    for kind in ("block", "stop", "unread"):
        web_as(adam).post(url, {"kind": kind, "key": "1", "program": "", "reason": "No."})

    assert not Dismissal.objects.exists()
    assert todays_people(adam, NOW).needy == 1


def test_office_puts_letters_aside_and_nothing_of_health(
    web_as: Callable[..., Web], office: User, adam: User, ana: Client
) -> None:
    builders.assign(ana, by=adam, now=NOW - 9 * DAY)
    look_at(ana)
    silent = act_named(row_of(adam), "Not now")
    letter = {"letter": "plan_changed", "status": "failed", "reason": "refused"}
    Delivery.objects.create(client=ana, event_id="1", due_at=NOW - DAY, not_after=NOW, **letter)
    row = row_of(office)
    web = web_as(office)

    assert [line.kind for line in row.lines] == ["mail"]
    assert (row.contact, row.pause, row.thresholds) == ("", None, "")
    assert web.post(silent.url, {**silent.fields, "reason": "No."}).status_code == 403
    press(web, act_named(row, "Not now"))
    assert todays_people(office, NOW).rows == []

    Delivery.objects.create(client=ana, event_id="2", due_at=NOW + DAY, not_after=NOW + DAY, **letter)
    assert todays_people(office, NOW).needy == 1


def test_invitation_is_put_aside_until_it_is_sent_again(web_as: Callable[..., Web], adam: User) -> None:
    gerda = builders.make_client(name="Gerda", therapist=adam, with_account=False)
    web = web_as(adam)
    web.post(reverse("admin:client_invite", args=[gerda.pk]))

    press(web, act_named(row_of(adam), "Not now"))
    assert todays_people(adam, NOW).rows == []

    with time_machine.travel(NOW + DAY, tick=False):
        answer = web.post(reverse("admin:client_invite", args=[gerda.pk]), {"from": "queue"})
    assert answer["Location"] == reverse("admin:index")
    assert [line.kind for line in todays_people(adam, NOW + DAY).rows[0].lines] == ["invitation"]


# ---- Who may not ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["forward", "hold", "pause", "contact", "dismiss"])
def test_stranger_and_office_change_nothing(
    web_as: Callable[..., Web], adam: User, berta: User, office: User, ana: Client, act: str
) -> None:
    assignment = builders.assign(ana, by=adam, now=NOW - 9 * DAY)
    propose(assignment)
    look_at(ana)
    shown = act_named(row_of(adam), "Approve")
    before = PhaseTransition.objects.count()
    url = reverse("admin:client_queue", args=[ana.pk, act])
    sent = {**shown.fields, "reason": "Mine.", "note": "Mine.", "channel": "phone"}

    assert web_as(berta).post(url, sent).status_code == 404
    assert web_as(office).post(url, sent).status_code == 403
    assert web_as(adam).get(url).status_code == 405
    assert PhaseTransition.objects.count() == before
    assert not ContactRecord.objects.exists()
    assert not Dismissal.objects.exists()
    assert not AssignmentPause.objects.exists()


def test_form_of_ones_own_client_cannot_name_anothers_program(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, carla: Client
) -> None:
    builders.assign(ana, by=adam)
    hers = builders.assign(carla, by=berta)
    propose(hers)
    look_at(ana, carla)
    need = Need.objects.get(client=carla)
    forged = {
        "kind": "ready",
        "program": hers.pk,
        "key": need.key,
        "to": need.evidence["to"],
        "reason": "Mine.",
    }

    for act in ("forward", "hold", "dismiss"):
        web_as(adam).post(reverse("admin:client_queue", args=[ana.pk, act]), forged)

    assert not hers.transitions.filter(kind__in=["advanced", "held"]).exists()
    assert not Dismissal.objects.exists()


def test_unknown_act_is_not_there(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    assert web_as(adam).post(reverse("admin:client_queue", args=[ana.pk, "dance"])).status_code == 404


# ---- From which figures on ------------------------------------------------------------------------------------------


def test_owner_sets_the_thresholds_of_the_practice(
    web_as: Callable[..., Web], owner: User, ana: Client
) -> None:
    assignment = builders.assign(ana)
    Assignment.objects.update(evaluated_on=NOW.date())
    Practice.objects.update(numbers={"step_back": {"missed_days": 10}})
    url = reverse("admin:clients_practice_attention")
    web = web_as(owner)
    assert (
        "When somebody comes into the queue"
        in web.get(reverse("admin:clients_practice_numbers")).content.decode()
    )

    web.post(url, {"number-silent_days": "5"})

    assert Practice.objects.get().numbers == {
        "step_back": {"missed_days": 10},
        "attention": {"silent_days": 5},
    }
    assignment.refresh_from_db()
    assert assignment.evaluated_on is None


def test_the_thresholds_of_the_practice_ring_for_the_look(
    web_as: Callable[..., Web], owner: User, django_capture_on_commit_callbacks: Any
) -> None:
    rung: list[str] = []

    def note(sender: str, **_more: Any) -> None:
        rung.append(sender)

    before_task_publish.connect(note)
    with django_capture_on_commit_callbacks(execute=True):
        web_as(owner).post(reverse("admin:clients_practice_attention"), {"number-silent_days": "5"})

    assert "clients.tasks.look_at_days" in rung


@pytest.mark.parametrize("wrong", ["0", "61", "x", "2.5", "9" * 400])
def test_threshold_outside_its_range_is_refused(web_as: Callable[..., Web], owner: User, wrong: str) -> None:
    answer = web_as(owner).post(reverse("admin:clients_practice_attention"), {"number-silent_days": wrong})

    assert answer.status_code == 422
    assert answer.context["form"]["number-silent_days"].value() == wrong


def test_therapist_does_not_set_those_of_the_practice(web_as: Callable[..., Web], adam: User) -> None:
    assert web_as(adam).get(reverse("admin:clients_practice_attention")).status_code == 403


def test_thresholds_of_a_client_have_a_reason_and_a_history(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    url = reverse("admin:client_thresholds", args=[ana.pk])
    web = web_as(adam)

    assert web.post(url, {"number-silent_days": "7", "reason": ""}).status_code == 422
    web.post(url, {"number-silent_days": "7", "reason": "Trains at the weekend."})

    row = Threshold.objects.get()
    assert (row.numbers, row.by, row.reason, row.at) == (
        {"silent_days": 7},
        adam,
        "Trains at the weekend.",
        NOW,
    )
    html = web.get(url).content.decode()
    assert "Trains at the weekend." in html
    assert 'value="7"' in html


def test_thresholds_of_others_are_not_there(
    web_as: Callable[..., Web], berta: User, office: User, ana: Client
) -> None:
    url = reverse("admin:client_thresholds", args=[ana.pk])

    assert web_as(berta).get(url).status_code == 404
    assert web_as(berta).post(url, {"number-silent_days": "7", "reason": "Mine."}).status_code == 404
    assert web_as(office).get(url).status_code == 403
    assert not Threshold.objects.exists()


# ---- The queue, to take along ---------------------------------------------------------------------------------------


def test_queue_as_csv_has_a_line_for_each_reason_of_ones_own_clients(
    web_as: Callable[..., Web], adam: User, ana: Client, carla: Client
) -> None:
    for client in (ana, carla):
        propose(builders.assign(client, by=client.care_team.get().therapist))
        look_at(client)

    answer = web_as(adam).get(reverse("admin:queue_csv"))
    lines = list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))

    assert lines[0] == ["Name", "Where", "Reason", "Evidence", "Last session"]
    assert [line[0] for line in lines[1:]] == [str(ana)] * len(row_of(adam).lines)
    assert [line[2] for line in lines[1:]] == [line.reason for line in row_of(adam).lines]
    assert (
        str(carla) in web_as(carla.care_team.get().therapist).get(reverse("admin:queue_csv")).content.decode()
    )


def test_queue_as_csv_tells_the_office_no_reason_of_health(
    web_as: Callable[..., Web], adam: User, office: User, ana: Client
) -> None:
    propose(builders.assign(ana, by=adam))
    look_at(ana)

    told = web_as(office).get(reverse("admin:queue_csv")).content.decode()

    assert str(ana) not in told
