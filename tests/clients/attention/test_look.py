"""What is written down of who needs somebody: at once, once a day, and the same as if all were written anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from clients.adjusting import change_step, end_assignment, pause_assignment, remove_step, resume_assignment
from clients.attention.look import look
from clients.attention.thresholds import set_thresholds, thresholds_of
from clients.casefile.plan import plan_on_file
from clients.demo import builders
from clients.demo.builders import NOW
from clients.enrolling import ConditionKnown, NewCondition, add_condition, end_condition
from clients.messaging import write
from clients.models import AssignedStep, Assignment, Client, Dismissal, Need, PhaseTransition, Practice
from clients.progression.apply import (
    evaluate,
    evaluate_days,
    evidence_changed,
    hold,
    move,
    strengthen_too,
    tight_again,
)
from clients.recording import finish_session
from clients.screening import record_contact
from clients.telling import record_pain_diary
from routines.models import ConditionTag, Exercise

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def kinds(client: Client) -> list[str]:
    return [need.kind for need in Need.objects.standing().filter(client=client)]


def everything() -> list[tuple[Any, ...]]:
    columns = ("client", "assignment", "kind", "rank", "rises", "since", "key", "evidence")
    return sorted(Need.objects.values_list(*columns), key=str)


def propose(assignment: Assignment, kind: str = "ready", *, now: Any = NOW) -> PhaseTransition:
    """A proposal as a rule writes it."""
    phase = assignment.phases.get(state="active")
    row = PhaseTransition.objects.create(
        assignment=assignment,
        kind=kind,
        from_phase=phase,
        at=now,
        local_date=now.date(),
        numbers={"criteria": []},
        event=f"{kind}/{phase.pk}",
    )
    Assignment.objects.filter(pk=assignment.pk).update(waits=True)
    return row


@pytest.fixture
def ana() -> Client:
    builders.make_practice()
    return builders.make_client()


@pytest.fixture
def kept(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """Does it as a request would: what follows the commit runs."""

    def keep(act: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        connection.run_on_commit.clear()  # what an earlier act has asked for is done
        with django_capture_on_commit_callbacks(execute=True):
            return act(*args, **kwargs)

    return keep


# ---- Written with what happens --------------------------------------------------------------------------------------


def test_session_ends_a_silence_at_once(ana: Client, kept: Callable[..., Any]) -> None:
    kept(builders.assign, ana, now=NOW - 9 * DAY)
    look({ana: NOW})
    assert kinds(ana) == ["silent"]

    kept(builders.train, ana, now=NOW)

    assert kinds(ana) == []


def test_answer_takes_the_proposal_out_of_the_queue(ana: Client, kept: Callable[..., Any]) -> None:
    assignment = kept(builders.assign, ana)
    propose(assignment)
    look({ana: NOW})
    assert kinds(ana) == ["ready"]

    kept(
        hold,
        assignment,
        by=builders.responsible(ana),
        reason="Not yet.",
        now=NOW,
        look_again=NOW.date() + 7 * DAY,
    )

    assert kinds(ana) == []


def test_move_takes_the_proposal_out_of_the_queue(ana: Client, kept: Callable[..., Any]) -> None:
    assignment = kept(builders.assign, ana)
    propose(assignment)
    look({ana: NOW})

    kept(
        move, assignment, to=assignment.phases.all()[1], by=builders.responsible(ana), reason="Calm.", now=NOW
    )

    assert kinds(ana) == []


def test_whoever_may_train_again_is_not_silent_from_before(ana: Client, kept: Callable[..., Any]) -> None:
    kept(builders.assign, ana, now=NOW - 9 * DAY)
    builders.screen(ana, now=NOW - 8 * DAY, yes=["fever_unwell"])

    kept(builders.talk, ana, now=NOW)

    assert kinds(ana) == []


def test_pause_and_return_are_seen_at_once(ana: Client, kept: Callable[..., Any]) -> None:
    assignment = kept(builders.assign, ana, now=NOW - 9 * DAY)
    look({ana: NOW})
    who = {"by": builders.responsible(ana), "reason": "Holidays", "now": NOW}

    kept(pause_assignment, assignment, until=None, **who)
    assert kinds(ana) == []

    kept(resume_assignment, assignment, **who)
    assert kinds(ana) == ["silent"]

    kept(end_assignment, assignment, **who)
    assert kinds(ana) == []
    assert not Need.objects.exists()


def test_condition_asks_for_a_yes_until_it_ends(ana: Client, kept: Callable[..., Any]) -> None:
    kept(builders.assign, ana)
    tag = ConditionTag.objects.get(slug="osteoporosis")

    row = kept(add_condition, ana, NewCondition(tag, None, "both"), by=builders.responsible(ana), now=NOW)
    assert kinds(ana) == ["care"]

    kept(end_condition, row, now=NOW + DAY)
    assert kinds(ana) == []


def test_condition_that_is_known_already_asks_for_no_look(
    ana: Client, django_capture_on_commit_callbacks: Any
) -> None:
    """What asks for the look belongs to what is stored: outside of a transaction it would come too early."""
    tag = ConditionTag.objects.get(slug="osteoporosis")
    by = builders.responsible(ana)
    add_condition(ana, NewCondition(tag, None, "both"), by=by, now=NOW)
    connection.run_on_commit.clear()

    with django_capture_on_commit_callbacks() as asked, pytest.raises(ConditionKnown):
        add_condition(ana, NewCondition(tag, None, "both"), by=by, now=NOW)

    assert asked == []


def test_plan_without_steps_runs_out_at_once(ana: Client, kept: Callable[..., Any]) -> None:
    kept(builders.assign, ana)
    by = builders.responsible(ana)
    for step in AssignedStep.objects.filter(phase__state="active"):
        kept(remove_step, step, by=by, reason="Too much", now=NOW)

    assert kinds(ana) == ["running_out"]


def test_strengthening_beside_release_is_due_and_waits_for_its_yes(
    ana: Client, kept: Callable[..., Any]
) -> None:
    assignment = kept(builders.assign, ana)
    by = builders.responsible(ana)
    following = assignment.phases.all()[1]
    for step in AssignedStep.objects.filter(phase__state="active"):
        kept(remove_step, step, by=by, reason="Too much", now=NOW)
    assert kinds(ana) == ["running_out"]

    kept(strengthen_too, assignment, by=by, reason="Bears it.", now=NOW)
    assert kinds(ana) == []

    exercise = following.steps.filter(kind="strengthen").first().exercise
    tag = ConditionTag.objects.get(slug="osteoporosis")
    exercise.tags.update_or_create(tag=tag, defaults={"rule": "care"})
    kept(add_condition, ana, NewCondition(tag, None, "both"), by=by, now=NOW)
    assert kinds(ana) == ["care"]


def test_release_that_is_open_again_is_due_and_waits_for_its_yes(
    ana: Client, kept: Callable[..., Any]
) -> None:
    assignment = kept(builders.assign, ana, now=NOW - DAY)
    by = builders.responsible(ana)
    builders.advance(assignment, now=NOW)
    for step in AssignedStep.objects.filter(phase__state="active"):
        kept(remove_step, step, by=by, reason="Too much", now=NOW)
    assert kinds(ana) == ["running_out"]

    kept(tight_again, assignment, ["piriformis"], now=NOW, by=ana.user)
    assert kinds(ana) == ["tight_again"]

    tag = ConditionTag.objects.get(slug="osteoporosis")
    for exercise in Exercise.objects.filter(muscles__muscle__slug="piriformis", kind="release_smr"):
        exercise.tags.update_or_create(tag=tag, defaults={"rule": "care"})
    kept(add_condition, ana, NewCondition(tag, None, "both"), by=by, now=NOW)
    assert kinds(ana) == ["tight_again", "care"]
    waiting = [each.step for each in plan_on_file(ana, NOW).waiting if each.step.phase.order == 0]
    assert len(waiting) == Need.objects.get(kind="care").evidence["steps"]


def test_evidence_that_is_looked_at_is_written(ana: Client, kept: Callable[..., Any]) -> None:
    assignment = kept(builders.assign, ana, now=NOW - 9 * DAY)
    propose(assignment, "review_due")

    kept(evaluate, ana, NOW)

    assert set(kinds(ana)) == {"review_due", "silent"}


def test_clock_finds_what_time_alone_brings(ana: Client, kept: Callable[..., Any]) -> None:
    kept(builders.assign, ana, now=NOW - 4 * DAY)
    kept(evaluate, ana, NOW - 3 * DAY)
    assert kinds(ana) == []

    kept(evaluate_days, NOW)

    assert kinds(ana) == ["silent"]


def test_pain_above_the_baseline_of_the_diary_is_seen(ana: Client, kept: Callable[..., Any]) -> None:
    assignment = kept(builders.assign, ana, now=NOW - 6 * DAY)
    for ago, pain in ((9, 2), (8, 3), (7, 2), (2, 5), (1, 5)):
        day = NOW - ago * DAY
        kept(record_pain_diary, ana, day.date(), pain, key=f"d{ago}", now=day)
    assert "pain_rise" not in kinds(ana)

    kept(record_pain_diary, ana, NOW.date(), 6, key="d0", now=NOW)

    need = Need.objects.get(kind="pain_rise")
    assert (need.assignment, need.evidence["now"], need.evidence["baseline"]) == (assignment, 5, 2)


# ---- The same as anew -----------------------------------------------------------------------------------------------


def test_what_is_written_bit_by_bit_equals_all_of_it_written_anew(kept: Callable[..., Any]) -> None:
    builders.make_practice()
    by = builders.make_therapist()
    people = [builders.make_client(name=f"Client {n}", therapist=by) for n in range(5)]
    programs = [kept(builders.assign, each, now=NOW - 9 * DAY, by=by) for each in people]
    kept(builders.train, people[0], now=NOW - 2 * DAY)
    kept(builders.train, people[0], now=NOW)
    kept(pause_assignment, programs[1], until=None, by=by, reason="Away", now=NOW)
    propose(programs[2], "step_back_proposed")
    kept(evidence_changed, people[2], NOW)
    propose(programs[3], "review_due", now=NOW - 4 * DAY)
    kept(evidence_changed, people[3], NOW)
    tag = ConditionTag.objects.get(slug="osteoporosis")
    kept(add_condition, people[4], NewCondition(tag, None, "both"), by=by, now=NOW)
    kept(
        change_step,
        AssignedStep.objects.filter(phase__state="active").first(),
        by=by,
        reason="",
        now=NOW,
        note="New",
    )
    kept(evaluate_days, NOW)
    written = everything()

    Need.objects.all().delete()
    look(dict.fromkeys(Client.objects.all(), NOW))

    assert everything() == written
    assert {row[2] for row in written} == {"step_back_proposed", "review_due", "care", "silent"}


def test_looking_again_writes_nothing_new(ana: Client) -> None:
    builders.assign(ana, now=NOW - 9 * DAY)
    look({ana: NOW})
    before = list(Need.objects.values())

    with CaptureQueriesContext(connection) as queries:
        look({ana: NOW})

    assert list(Need.objects.values()) == before
    assert [
        each["sql"]
        for each in queries
        if not each["sql"].lstrip("(").startswith(("SELECT", "SAVEPOINT", "RELEASE"))
    ] == []


def test_looking_at_many_asks_as_often_as_at_one(django_assert_num_queries: Any) -> None:
    builders.make_practice()
    therapist = builders.make_therapist()
    people = []
    for n in range(4):
        client = builders.make_client(name=f"Client {n}", therapist=therapist)
        builders.tag(client, "osteoporosis")
        builders.assign(client, now=NOW - 9 * DAY)
        people.append(client)
    with CaptureQueriesContext(connection) as one:
        look({people[0]: NOW})

    with django_assert_num_queries(len(one)):
        look(dict.fromkeys(people[1:], NOW))


def test_word_to_somebody_silent_answers_the_queue_for_as_long_as_silence_may_last(
    ana: Client, kept: Callable[..., Any]
) -> None:
    kept(builders.assign, ana, now=NOW - 9 * DAY)
    therapist = builders.responsible(ana)
    look({ana: NOW})
    assert kinds(ana) == ["silent"]

    kept(write, ana, by=ana.user, text="Hello", key=uuid4(), now=NOW)
    assert kinds(ana) == ["silent"], "it is the team's turn"
    kept(write, ana, by=therapist, text="How are you?", key=uuid4(), now=NOW)
    assert kinds(ana) == []
    look({ana: NOW + 4 * DAY})
    assert kinds(ana) == ["silent"]
    assert Need.objects.get(kind="silent").evidence["reached"] == NOW.date().isoformat()

    kept(record_contact, ana, by=therapist, channel="phone", note="On a trip.", now=NOW + 4 * DAY)
    assert kinds(ana) == []


# ---- From which figures on ------------------------------------------------------------------------------------------


def test_own_thresholds_count_before_those_of_the_practice(ana: Client, kept: Callable[..., Any]) -> None:
    kept(builders.assign, ana, now=NOW - 5 * DAY)
    Practice.objects.update(numbers={"attention": {"silent_days": 6}})
    look({ana: NOW})
    assert kinds(ana) == []

    set_thresholds(ana, {"silent_days": 2}, by=builders.responsible(ana), reason="Anxious", now=NOW)
    kept(evaluate_days, NOW)
    assert kinds(ana) == ["silent"]

    set_thresholds(ana, {}, by=builders.responsible(ana), reason="Calmer", now=NOW + timedelta(minutes=1))
    kept(evaluate_days, NOW)
    assert kinds(ana) == []
    assert thresholds_of([ana.pk])[ana.pk].value("silent_days") == 6


def test_own_threshold_counts_at_once(ana: Client, kept: Callable[..., Any]) -> None:
    kept(builders.assign, ana, now=NOW - 3 * DAY)
    look({ana: NOW})
    assert kinds(ana) == []

    kept(set_thresholds, ana, {"silent_days": 2}, by=builders.responsible(ana), reason="Anxious", now=NOW)

    assert kinds(ana) == ["silent"]


# ---- Put aside ------------------------------------------------------------------------------------------------------


def test_what_was_put_aside_comes_back_with_other_evidence_only(ana: Client) -> None:
    builders.assign(ana, now=NOW - 5 * DAY)
    look({ana: NOW})
    need = Need.objects.get()
    Dismissal.objects.create(
        client=ana, kind=need.kind, key=need.key, by=builders.responsible(ana), at=NOW, reason="On a trip"
    )
    assert kinds(ana) == []

    look({ana: NOW + DAY})
    assert kinds(ana) == []

    look({ana: NOW + 2 * DAY})  # a week of it
    assert kinds(ana) == ["silent"]


def test_session_and_a_new_silence_are_other_evidence(ana: Client) -> None:
    builders.assign(ana, now=NOW - 9 * DAY)
    session = builders.train(ana, now=NOW - 5 * DAY, finish=False)
    finish_session(session, now=NOW - 5 * DAY)
    look({ana: NOW})
    first = Need.objects.get(kind="silent")
    Dismissal.objects.create(
        client=ana, kind="silent", key=first.key, by=builders.responsible(ana), at=NOW, reason="On a trip"
    )

    builders.train(ana, now=NOW)
    look({ana: NOW + 4 * DAY})

    assert kinds(ana) == ["silent"]


# ---- A look that fails ----------------------------------------------------------------------------------------------


@pytest.fixture
def unreadable(ana: Client) -> Assignment:
    """A program of nine silent days, at which every look fails: the number of the practice is none."""
    assignment = builders.assign(ana, now=NOW - 9 * DAY)
    Practice.objects.update(numbers={"attention": {"silent_days": "CANARY"}})
    connection.run_on_commit.clear()
    return assignment


def test_look_that_fails_undoes_no_decision_and_holds_up_nothing(
    unreadable: Assignment, kept: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    later = []

    def decide() -> None:
        move(
            unreadable,
            to=unreadable.phases.all()[1],
            by=builders.responsible(unreadable.client),
            reason="Calm.",
            now=NOW,
        )
        evidence_changed(unreadable.client, NOW)
        transaction.on_commit(lambda: later.append("ran"))

    kept(decide)

    assert later == ["ran"]
    assert unreadable.transitions.filter(kind="advanced").exists()
    # The look at the needs, and that of the evidence at the needs
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


def test_evidence_that_cannot_be_looked_at_holds_up_nothing(
    unreadable: Assignment, kept: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    later = []

    def tell() -> None:
        evidence_changed(unreadable.client, None)  # type: ignore[arg-type]
        transaction.on_commit(lambda: later.append("ran"))

    kept(tell)

    assert later == ["ran"]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
