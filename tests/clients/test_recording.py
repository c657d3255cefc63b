"""Recording a session: saved at once, never overwritten, the same for a request that came twice (reliability.md D1, D2)."""

import contextlib
import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from clients.adjusting import change_step, remove_step
from clients.demo import builders
from clients.demo.builders import NOW, new_key
from clients.models import (
    AssignedStep,
    Delivery,
    SafetyBlock,
    SessionItem,
    SessionItemStep,
    SessionReading,
    SetRecord,
    SkipRecord,
    StopEvent,
    TrainingSession,
)
from clients.planning import gather, plan_for
from clients.recording import (
    ClientBlocked,
    KeyReused,
    NothingDue,
    NotInThisSession,
    ScreeningNeeded,
    SessionNotStarted,
    SetEntry,
    finish_session,
    forbidden_items,
    prescribed,
    record_reading,
    record_set,
    record_skip,
    sessions_on,
    start_session,
    state_of,
    states_of,
    stop,
    tick_all,
)
from routines.models import ConditionTag, Dose, ExerciseTag, Message
from tests.together import together

TODAY = NOW.date()
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
DONE = SetEntry(seconds=45)


def make_session(client=None, *, program=builders.SCIATICA, now=NOW):
    if client is None:
        client = builders.make_client()
        builders.assign(client, program, now=now)
        builders.screen(client, now=now)
    return start_session(client, number=1, key=new_key(), now=now)


@pytest.fixture
def session(db):
    return make_session()


@pytest.fixture
def client(session):
    return session.client


def item_of(session, slug="smr_buttock_ball_wall", side=None):
    items = [item for item in session.items.all() if item.as_was["slug"] == slug]
    return next(item for item in items if side in (None, item.side))


def sets_of(item):
    """What stands recorded: {number: (done, seconds)}."""
    state = next(each for each in state_of(item.session).items if each.item == item)
    return {number: (row.done, row.seconds) for number, row in state.sets.items()}


# Starting


@pytest.mark.django_db
def test_session_holds_the_items_of_the_day_with_what_was_asked(session, client):
    plan = plan_for(client, TODAY)

    assert (session.local_date, session.number, session.zone) == (TODAY, 1, client.zone)
    assert (session.started_at, session.finished_at, session.source) == (NOW, None, "app")
    for order, (item, planned) in enumerate(zip(session.items.all(), plan.items, strict=True)):
        assert (item.order, item.exercise_id, item.side) == (order, planned.exercise_id, planned.side)
        assert (item.dose, item.kind, item.side_mode) == (planned.dose, planned.kind, planned.step.side_mode)
        assert (item.as_was, item.note) == (planned.step.as_was, planned.note)
        assert list(item.steps.all()) == list(planned.steps)


@pytest.mark.django_db
def test_session_of_two_merged_programs_serves_the_steps_of_both():
    client = builders.make_client(side="both")
    for program in ("program_lower_crossed", "program_knee_valgus"):
        builders.assign(client, program)
        builders.screen(client, now=NOW)

    session = make_session(client)

    shared = [item for item in session.items.all() if item.steps.count() == 2]
    assert {item.as_was["slug"] for item in shared} == {"smr_thigh_stick", "smr_outer_hip_ball"}
    for item in shared:
        assert {step.phase.assignment for step in item.steps.all()} == set(client.assignments.all())


@pytest.mark.django_db
def test_session_keeps_the_warm_up_of_its_day(client):
    builders.advance(client.assignments.get(), now=NOW)
    wednesday = NOW + DAY

    assert make_session(client, now=wednesday).warm_up == client.assignments.get().warm_up != ""


@pytest.mark.django_db
def test_second_device_gets_the_session_that_the_first_has_started(session, client):
    again = start_session(client, number=1, key=new_key(), now=NOW + MINUTE)

    assert again == session
    assert again.started_at == NOW
    assert TrainingSession.objects.count() == 1


@pytest.mark.django_db
def test_same_key_for_another_session_is_refused(client):
    AssignedStep.objects.update(per_day=2)
    client.sessions.all().delete()
    start_session(client, number=1, key="mine", now=NOW)

    with pytest.raises(KeyReused):
        start_session(client, number=2, key="mine", now=NOW)

    assert TrainingSession.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("number", [-1, 0, 2, 3, 4])
def test_session_that_the_day_does_not_ask_for_is_refused(session, client, number):
    with pytest.raises(NothingDue, match="nothing to do"):
        start_session(client, number=number, key=new_key(), now=NOW)

    assert TrainingSession.objects.count() == 1


@pytest.mark.django_db
def test_nothing_starts_without_a_program_or_before_its_start():
    client = builders.make_client()
    with pytest.raises(NothingDue):
        make_session(client)

    builders.assign(client, start_date=TODAY + DAY)
    builders.screen(client, now=NOW)

    with pytest.raises(NothingDue):
        make_session(client)
    assert make_session(client, now=NOW + DAY).local_date == TODAY + DAY


@pytest.mark.django_db
def test_second_session_of_the_day_holds_what_is_due_twice(client):
    client.sessions.all().delete()
    AssignedStep.objects.filter(exercise__slug="stretch_figure_four_sitting").update(per_day=2)

    second = start_session(client, number=2, key=new_key(), now=NOW)

    assert [item.as_was["slug"] for item in second.items.all()] == ["stretch_figure_four_sitting"]
    with pytest.raises(NothingDue):
        start_session(client, number=3, key=new_key(), now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "day"),
    [("Pacific/Auckland", TODAY + DAY), ("Europe/Berlin", TODAY), ("America/New_York", TODAY)],
)
def test_session_belongs_to_the_clients_day(zone, day):
    client = builders.make_client(zone=zone)
    builders.assign(client)
    builders.screen(client, now=NOW)

    session = make_session(client)

    assert (session.local_date, session.zone) == (day, zone)


@pytest.mark.django_db
def test_blocked_client_cannot_start_nor_go_on(session, client):
    SafetyBlock.objects.create(client=client, effect="review", created_at=NOW)

    with pytest.raises(ClientBlocked):
        start_session(client, number=1, key=new_key(), now=NOW)


@pytest.mark.django_db
def test_what_is_asked_stays_when_the_plan_changes_meanwhile(session, client):
    step = AssignedStep.objects.get(exercise__slug="smr_buttock_ball_wall", phase__kind="release")

    change_step(
        step,
        by=builders.responsible(client),
        reason="",
        now=NOW + MINUTE,
        dose=Dose(5, 1, 20, None, 15, 1, 6),
    )

    assert item_of(session).sets == 2
    assert start_session(client, number=1, key=new_key(), now=NOW + 2 * MINUTE) == session


# Sets


@pytest.mark.django_db
def test_set_is_recorded_with_key_device_time_and_time_received(session, client):
    row = record_set(
        item_of(session),
        2,
        SetEntry(reps=10, seconds=40, load_kg=Decimal("2.5")),
        key="k1",
        now=NOW + MINUTE,
        device_time=NOW + 59 * MINUTE,
    )

    row.refresh_from_db()
    assert (row.client, row.number, row.revision, row.key) == (client, 2, 1, "k1")
    assert (row.done, row.reps, row.seconds, row.load_kg) == (True, 10, 40, Decimal("2.5"))
    assert (row.received_at, row.device_time) == (NOW + MINUTE, NOW + 59 * MINUTE)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [-1, 0, 3, 99])
def test_set_that_was_not_asked_is_refused(session, number):
    with pytest.raises(NotInThisSession, match="has 2 sets"):
        record_set(item_of(session), number, DONE, key=new_key(), now=NOW)

    assert not SetRecord.objects.exists()


@pytest.mark.django_db
def test_correction_is_the_next_revision_and_the_first_stays(session):
    item = item_of(session)
    record_set(item, 1, SetEntry(seconds=45), key="a", now=NOW)
    record_set(item, 1, SetEntry(seconds=30), key="b", now=NOW + MINUTE)
    record_set(item, 1, SetEntry(done=False), key="c", now=NOW + 2 * MINUTE)

    assert sets_of(item) == {1: (False, None)}
    assert [(row.revision, row.done, row.seconds) for row in item.set_records.order_by("revision")] == [
        (1, True, 45),
        (2, True, 30),
        (3, False, None),
    ]


@pytest.mark.django_db
def test_as_of_a_moment_counts_what_had_been_received_by_then(session):
    item = item_of(session)
    for number, minute, seconds in [(1, 0, 45), (1, 10, 30), (2, 5, 20), (1, 20, 15)]:
        record_set(item, number, SetEntry(seconds=seconds), key=new_key(), now=NOW + minute * MINUTE)

    def as_of(minute):
        rows = SetRecord.objects.filter(item=item).as_of(NOW + minute * MINUTE)
        return {row.number: row.seconds for row in rows}

    assert as_of(-1) == {}
    assert as_of(0) == as_of(4) == {1: 45}
    assert as_of(5) == as_of(9) == {1: 45, 2: 20}
    assert as_of(10) == {1: 30, 2: 20}
    assert as_of(20) == as_of(999) == {1: 15, 2: 20}
    latest = SetRecord.objects.filter(item=item).latest_revisions()
    assert {row.number: row.seconds for row in latest} == as_of(999)


@pytest.mark.django_db
def test_late_record_of_an_earlier_set_is_a_new_revision_though_its_device_time_is_older(session):
    item = item_of(session)
    record_set(item, 1, SetEntry(seconds=45), key="a", now=NOW + 9 * MINUTE, device_time=NOW + 8 * MINUTE)

    row = record_set(item, 1, SetEntry(seconds=20), key="b", now=NOW + 60 * MINUTE, device_time=NOW)

    assert row.revision == 2
    assert sets_of(item) == {1: (True, 20)}


# The same request twice


RECORDS = {
    "set": (
        lambda session, key, **more: record_set(
            item_of(session), 1, SetEntry(**{"seconds": 45, **more}), key=key, now=NOW
        ),
        [{"seconds": 44}, {"done": False}, {"reps": 1}, {"load_kg": Decimal("1.0")}],
    ),
    "skip": (
        lambda session, key, **more: record_skip(
            item_of(session), **{"skipped": True, "reason": "pain", **more}, key=key, now=NOW
        ),
        [{"skipped": False}, {"reason": "no_time"}],
    ),
    "reading": (
        lambda session, key, **more: record_reading(
            session, **{"measure": "pain_before", "value": 3, **more}, key=key, now=NOW
        ),
        [{"value": 4}, {"measure": "pain_after"}],
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", RECORDS)
def test_same_key_and_same_content_is_the_same_record(session, what):
    write, _others = RECORDS[what]
    first = write(session, "k")
    later = write(session, "other key")

    again = write(session, "k")

    assert (again.pk, again.revision) == (first.pk, 1)
    assert later.revision == 2, "an older request that comes again does not undo a newer one"
    assert type(first).objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("what", "other"), [(what, other) for what, (_write, others) in RECORDS.items() for other in others]
)
def test_same_key_with_other_content_is_refused(session, what, other):
    write, _others = RECORDS[what]
    first = write(session, "k")

    with pytest.raises(KeyReused, match="sent before with other values"):
        write(session, "k", **other)

    assert list(type(first).objects.all()) == [first]


@pytest.mark.django_db
def test_same_key_for_another_set_or_item_is_refused(session):
    first = item_of(session)
    record_set(first, 1, DONE, key="k", now=NOW)

    for item, number in ((first, 2), (item_of(session, "smr_inner_thigh_roller"), 1)):
        with pytest.raises(KeyReused):
            record_set(item, number, DONE, key="k", now=NOW)

    assert SetRecord.objects.count() == 1


@pytest.mark.django_db
def test_load_is_the_same_however_many_zeros_it_has(session):
    item = item_of(session)
    first = record_set(item, 1, SetEntry(load_kg=Decimal("2.5")), key="k", now=NOW)

    assert record_set(item, 1, SetEntry(load_kg=Decimal("2.50")), key="k", now=NOW) == first


@pytest.mark.django_db
def test_key_belongs_to_its_client(session):
    other = make_session()

    record_set(item_of(session), 1, DONE, key="k", now=NOW)
    record_set(item_of(other), 1, SetEntry(seconds=10), key="k", now=NOW)

    assert SetRecord.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "write",
    [
        lambda session: record_reading(session, "pain_before", 11, key="k", now=NOW),
        lambda session: record_reading(session, "pain_before", -1, key="k", now=NOW),
        lambda session: record_reading(session, "mood", 1, key="k", now=NOW),
        lambda session: record_set(item_of(session), 1, SetEntry(reps=501), key="k", now=NOW),
        lambda session: record_set(item_of(session), 1, SetEntry(seconds=7201), key="k", now=NOW),
        lambda session: record_set(item_of(session), 1, SetEntry(load_kg=Decimal(501)), key="k", now=NOW),
        lambda session: record_set(item_of(session), 1, DONE, key="", now=NOW),
        lambda session: record_skip(item_of(session), skipped=True, reason="dog", key="k", now=NOW),
    ],
    ids=["pain 11", "pain -1", "measure", "reps", "seconds", "load", "no key", "reason"],
)
def test_value_that_cannot_be_is_refused_by_the_database(session, write):
    with pytest.raises(IntegrityError):
        write(session)

    assert not SetRecord.objects.exists()
    assert not SkipRecord.objects.exists()
    assert not SessionReading.objects.exists()


# Skipping and readings


@pytest.mark.django_db
def test_exercise_is_left_out_and_taken_up_again(session):
    item = item_of(session)

    def state():
        return next(each for each in state_of(session).items if each.item == item)

    record_skip(item, skipped=True, reason="no_time", key=new_key(), now=NOW)
    assert (state().skipped, state().settled, state().complete) == (True, True, False)
    record_skip(item, skipped=False, reason="no_time", key=new_key(), now=NOW)
    assert (state().skipped, state().settled) == (False, False)
    assert [row.skipped for row in SkipRecord.objects.order_by("revision")] == [True, False]


@pytest.mark.django_db
def test_exercise_left_out_half_way_counts_what_was_done(session):
    item = item_of(session)
    record_set(item, 1, DONE, key=new_key(), now=NOW)
    record_skip(item, skipped=True, reason="pain", key=new_key(), now=NOW)

    state = next(each for each in state_of(session).items if each.item == item)

    assert (state.done, state.skipped, state.settled, state.complete) == (1, True, True, False)
    assert state_of(session).done_sets == 1


@pytest.mark.django_db
def test_exercise_done_after_all_is_not_left_out(session):
    item = item_of(session)
    record_skip(item, skipped=True, reason="pain", key=new_key(), now=NOW)
    for number in (1, 2):
        record_set(item, number, DONE, key=new_key(), now=NOW)

    state = next(each for each in state_of(session).items if each.item == item)

    assert (state.skipped, state.complete, state.settled) == (False, True, True)


@pytest.mark.django_db
@pytest.mark.parametrize("value", range(11))
def test_reading_is_corrected_by_the_next_one(session, value):
    record_reading(session, "pain_before", value, key=new_key(), now=NOW)
    record_reading(session, "pain_after", value, key=new_key(), now=NOW)
    row = record_reading(session, "pain_before", 10 - value, key=new_key(), now=NOW)

    assert row.revision == 2
    assert state_of(session).readings == {"pain_before": 10 - value, "pain_after": value}


# Finishing


@pytest.mark.django_db
def test_session_without_a_record_cannot_be_finished(session):
    record_reading(session, "pain_before", 3, key=new_key(), now=NOW)

    with pytest.raises(SessionNotStarted, match="Nothing is ticked yet"):
        finish_session(session, now=NOW)

    session.refresh_from_db()
    assert session.finished_at is None


@pytest.mark.django_db
def test_session_whose_records_were_all_taken_back_cannot_be_finished(session):
    item = item_of(session)
    record_set(item, 1, DONE, key=new_key(), now=NOW)
    record_set(item, 1, SetEntry(done=False), key=new_key(), now=NOW)
    record_skip(item, skipped=True, reason="other", key=new_key(), now=NOW)
    record_skip(item, skipped=False, reason="other", key=new_key(), now=NOW)

    with pytest.raises(SessionNotStarted):
        finish_session(session, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["set", "skip"])
def test_session_with_a_set_or_a_reason_is_finished_once(session, what):
    RECORDS[what][0](session, "k")

    finish_session(session, now=NOW + 12 * MINUTE)
    finish_session(session, now=NOW + 99 * MINUTE)

    session.refresh_from_db()
    assert session.finished_at == NOW + 12 * MINUTE


@pytest.mark.django_db
def test_session_never_ends_before_it_began(session):
    """Another server's clock may be behind."""
    record_set(item_of(session), 1, DONE, key=new_key(), now=NOW)

    finish_session(session, now=NOW - MINUTE)

    session.refresh_from_db()
    assert session.finished_at == session.started_at


@pytest.mark.django_db
def test_finished_session_is_corrected_like_any_other(session):
    item = item_of(session)
    record_set(item, 1, DONE, key=new_key(), now=NOW)
    record_reading(session, "pain_after", 2, key=new_key(), now=NOW)
    finish_session(session, now=NOW + MINUTE)

    record_set(item, 1, SetEntry(seconds=20), key=new_key(), now=NOW + DAY)
    record_set(item, 2, DONE, key=new_key(), now=NOW + DAY)
    record_reading(session, "pain_after", 5, key=new_key(), now=NOW + DAY)

    assert sets_of(item) == {1: (True, 20), 2: (True, 45)}
    assert state_of(session).readings == {"pain_after": 5}
    session.refresh_from_db()
    assert session.finished_at == NOW + MINUTE


# "I did it without the app"


@pytest.mark.django_db
def test_tick_all_records_every_open_set_as_asked(session):
    tick_all(session, key="all", now=NOW)

    state = state_of(session)
    assert state.done_sets == state.all_sets == 7
    assert all(each.complete for each in state.items)
    for row in SetRecord.objects.select_related("item"):
        assert SetEntry(True, row.reps, row.seconds, row.load_kg) == prescribed(row.item)


@pytest.mark.django_db
def test_tick_all_keeps_what_was_recorded_and_what_was_left_out(session):
    done, skipped, taken_back = session.items.all()[:3]
    record_set(done, 1, SetEntry(seconds=12), key=new_key(), now=NOW)
    record_skip(skipped, skipped=True, reason="pain", key=new_key(), now=NOW)
    record_set(taken_back, 1, DONE, key=new_key(), now=NOW)
    record_set(taken_back, 1, SetEntry(done=False), key=new_key(), now=NOW)

    tick_all(session, key="all", now=NOW)

    assert sets_of(done) == {1: (True, 12), 2: (True, 45)}
    assert sets_of(skipped) == {}
    assert all(row_done for row_done, _seconds in sets_of(taken_back).values())
    assert all(state.settled for state in state_of(session).items)


@pytest.mark.django_db
@pytest.mark.parametrize("rule", ["avoid", "care"])
def test_tick_all_leaves_out_what_a_condition_withholds_by_now(session, client, rule):
    ball = item_of(session)
    ExerciseTag.objects.create(
        exercise_id=ball.exercise_id, tag=ConditionTag.objects.get(slug="nerve_arm_symptoms"), rule=rule
    )
    builders.tag(client, "nerve_arm_symptoms")

    tick_all(session, key="all", now=NOW)

    assert sets_of(ball) == {}
    assert set(forbidden_items(session.items.all(), gather(client, TODAY, TODAY), TODAY, TODAY)) == {ball.pk}
    assert SetRecord.objects.exists()


@pytest.mark.django_db
def test_tick_all_leaves_out_what_the_therapist_has_taken_out(session, client):
    ball = item_of(session)
    by = builders.responsible(client)
    remove_step(ball.steps.get(), by=by, reason="Too strong", now=NOW)

    tick_all(session, key="all", now=NOW)

    assert sets_of(ball) == {}
    assert SetRecord.objects.count() == 5


@pytest.mark.django_db
def test_tick_all_twice_changes_nothing(session):
    tick_all(session, key="all", now=NOW)
    rows = SetRecord.objects.count()

    tick_all(session, key="all", now=NOW + MINUTE)
    tick_all(session, key="all again", now=NOW + MINUTE)

    assert SetRecord.objects.count() == rows == 7


@pytest.mark.parametrize(
    ("dose", "expected"),
    [
        (Dose(2, 1, 45, None, 15, 1, 7), SetEntry(seconds=45)),  # one long hold
        (Dose(1, 10, 10, None, 30, 1, 7), SetEntry(reps=10, seconds=10)),  # ten holds of ten seconds
        (Dose(2, 12, 0, (1, 2, 4), 60, 1, 3), SetEntry(reps=12)),
        (Dose(2, 12, 0, None, 60, 1, 3), SetEntry(reps=12)),
        (Dose(1, 1, 0, None, 0, 1, 3), SetEntry(reps=1)),
    ],
)
def test_prescribed_set_is_filled_in_by_its_dose(dose, expected):
    assert prescribed(SessionItem.with_dose(dose)) == expected


# "Something is wrong"


@pytest.mark.django_db
@pytest.mark.parametrize("choice", ["too_strong", "tingling", "other"])
def test_stop_ends_the_exercise_on_every_side_and_tells_the_therapist(choice):
    client = builders.make_client(side="both")
    builders.assign(client)
    builders.screen(client, now=NOW)
    session = make_session(client)
    left, right = item_of(session, side="left"), item_of(session, side="right")
    record_set(left, 1, DONE, key=new_key(), now=NOW)

    event, blocked = stop(session, left, choice=choice, key="stop", now=NOW + MINUTE)

    assert blocked is None
    assert not plan_for(client, TODAY).blocked
    message = Message.objects.get(slug="stop_exercise")
    assert event.texts[""] == {"title": message.title, "body": message.body}
    assert (event.item, event.choice, event.at) == (left, choice, NOW + MINUTE)
    states = {each.item.pk: each for each in state_of(session).items}
    for item in (left, right):
        assert (states[item.pk].skipped, states[item.pk].skip.reason) == (True, "pain")
    assert states[left.pk].done == 1, "what was done before stays"
    assert sum(state.skipped for state in states.values()) == 2, "the other exercises go on"
    session.refresh_from_db()
    assert session.finished_at is None
    assert [(letter.letter, letter.user) for letter in Delivery.objects.all()] == [
        ("safety_alert", builders.responsible(client))
    ]


@pytest.mark.django_db
def test_stopped_exercise_rests_in_the_later_sessions_of_its_day_only(client):
    AssignedStep.objects.update(per_day=2)
    first = client.sessions.get()
    ball = item_of(first)
    stop(first, ball, choice="tingling", key="stop", now=NOW)
    tick_all(first, key="first", now=NOW)
    finish_session(first, now=NOW)

    second = start_session(client, number=2, key=new_key(), now=NOW + MINUTE)
    tick_all(second, key="second", now=NOW + MINUTE)

    others = {item.exercise_id for item in first.items.all()} - {ball.exercise_id}
    assert sets_of(ball) == {}
    assert {item.exercise_id for item in second.items.all()} == others
    held = plan_for(client, TODAY).withheld
    assert [(each.step.exercise_id, each.verdict.stopped) for each in held] == [(ball.exercise_id, True)]
    assert ball.exercise_id in {item.exercise_id for item in plan_for(client, TODAY + DAY).items}


@pytest.mark.django_db
def test_dizziness_or_the_chest_ends_everything(session, client):
    event, blocked = stop(session, item_of(session), choice="dizzy_chest", key="stop", now=NOW + MINUTE)

    session.refresh_from_db()
    assert session.finished_at == NOW + MINUTE
    assert (blocked.effect, blocked.created_at) == ("emergency", NOW + MINUTE)
    assert event.texts == blocked.texts
    assert event.texts[""]["title"] == Message.objects.get(slug="emergency").title
    with pytest.raises(ClientBlocked):
        start_session(client, number=1, key=new_key(), now=NOW + 2 * MINUTE)
    assert Delivery.objects.get().letter == "safety_alert"


@pytest.mark.django_db
def test_stop_leaves_a_finished_side_as_it_is():
    client = builders.make_client(side="both")
    builders.assign(client)
    builders.screen(client, now=NOW)
    session = make_session(client)
    left, right = item_of(session, side="left"), item_of(session, side="right")
    for number in (1, 2):
        record_set(left, number, DONE, key=new_key(), now=NOW)

    stop(session, right, choice="tingling", key="stop", now=NOW)

    states = {each.item.pk: each for each in state_of(session).items}
    assert (states[left.pk].complete, states[left.pk].skip) == (True, None)
    assert states[right.pk].skipped


@pytest.mark.django_db
def test_stop_between_two_exercises_leaves_none_out(session):
    event, _blocked = stop(session, None, choice="other", key="stop", now=NOW)

    assert event.item is None
    assert not SkipRecord.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("choice", ["too_strong", "dizzy_chest"])
def test_stop_sent_twice_happens_once(session, choice):
    item = item_of(session)
    first = stop(session, item, choice=choice, key="stop", now=NOW)

    again = stop(session, item, choice=choice, key="stop", now=NOW + MINUTE)

    assert again == first
    assert (StopEvent.objects.count(), Delivery.objects.count()) == (1, 1)
    assert SafetyBlock.objects.count() == (choice == "dizzy_chest")


@pytest.mark.django_db
def test_emergency_ends_a_session_whose_clock_was_ahead(session):
    stop(session, None, choice="dizzy_chest", key="stop", now=NOW - MINUTE)

    session.refresh_from_db()
    assert session.finished_at == session.started_at


@pytest.mark.django_db
def test_stop_of_an_exercise_of_another_session_is_refused(session):
    with pytest.raises(NotInThisSession):
        stop(session, item_of(make_session()), choice="other", key="stop", now=NOW)

    assert not StopEvent.objects.exists()


@pytest.mark.django_db
def test_stop_with_an_unknown_choice_is_refused(session):
    with pytest.raises(ValueError, match="hungry"):
        stop(session, None, choice="hungry", key="stop", now=NOW)


# Looking at what stands recorded


@pytest.mark.django_db
def test_states_of_many_sessions_cost_what_those_of_one_cost(client, django_assert_num_queries):
    builders.bulk_sessions(client, 40)
    sessions = list(TrainingSession.objects.filter(client=client))

    for some in (sessions[:1], sessions):
        with django_assert_num_queries(4):
            found = states_of(some)
        assert [state.session for state in found] == some
    assert found[-1].done_sets == found[-1].all_sets == 4
    assert found[-1].readings == {"pain_before": 3, "pain_after": 2}
    assert states_of([]) == []


@pytest.mark.django_db
def test_items_of_one_exercise_stand_on_one_screen():
    client = builders.make_client(side="both")
    builders.assign(client)
    builders.screen(client, now=NOW)

    screens = state_of(make_session(client)).exercises()

    assert [[state.item.side for state in screen] for screen in screens] == [
        ["left", "right"],
        ["left", "right"],
        ["left", "right"],
        ["both"],
    ]


@pytest.mark.django_db
def test_session_starts_only_after_the_safety_questions():
    client = builders.make_client()
    builders.assign(client)

    with pytest.raises(ScreeningNeeded):
        start_session(client, number=1, key=new_key(), now=NOW)

    builders.screen(client, now=NOW)
    assert start_session(client, number=1, key=new_key(), now=NOW).client == client


@pytest.mark.django_db
def test_sessions_of_a_day_come_in_their_order(client):
    AssignedStep.objects.update(per_day=3)
    for number in (3, 2):
        start_session(client, number=number, key=new_key(), now=NOW)

    assert [session.number for session in sessions_on(client, TODAY)] == [1, 2, 3]
    assert sessions_on(client, TODAY - DAY) == []
    assert sessions_on(builders.make_client(), TODAY) == []


# Two devices (D2)


class TwoDevices(RuleBasedStateMachine):
    """A phone and a tablet follow the same session in any order; requests get lost, come twice and come late.

    The model remembers, for each set, every value in the order in which the server took it. Each run has a day of its
    own in the life of one client.
    """

    client = None
    days = itertools.count()

    @initialize()
    def begin(self):
        self.moment = NOW + next(self.days) * DAY
        self.day = self.client.local_date(self.moment)
        builders.screen(self.client, now=self.moment)
        self.items = []
        self.taken = {}
        self.sent = []

    def tick(self):
        self.moment += timedelta(seconds=10)
        return self.moment

    @rule()
    def open_session(self):
        session = start_session(self.client, number=1, key=new_key(), now=self.tick())
        items = list(session.items.select_related("session__client"))
        assert not self.items or items == self.items
        self.items = items

    def item(self, place):
        if not self.items:
            self.open_session()
        return self.items[place]

    @rule(
        place=st.integers(0, 3),
        number=st.integers(1, 2),
        seconds=st.integers(0, 90),
        done=st.booleans(),
        late=st.integers(0, 120),
    )
    def tick_a_set(self, place, number, seconds, done, late):
        item = self.item(place)
        request = (item, min(number, item.sets), SetEntry(done=done, seconds=seconds), new_key())
        self.send(request, late)
        self.sent.append(request)

    @rule(place=st.integers(0, 99))
    def send_again(self, place):
        """The answer got lost: the device sends one of its requests once more."""
        if self.sent:
            self.send(self.sent[place % len(self.sent)], 0)

    def send(self, request, late):
        item, number, entry, key = request
        before = SetRecord.objects.filter(client=self.client, key=key).first()
        now = self.tick()
        row = record_set(item, number, entry, key=key, now=now, device_time=now - late * MINUTE)
        if before is None:
            self.taken.setdefault((item.pk, number), []).append((entry.done, entry.seconds))
        else:
            assert row == before

    @rule(place=st.integers(0, 3), skipped=st.booleans())
    def skip(self, place, skipped):
        record_skip(self.item(place), skipped=skipped, reason="other", key=new_key(), now=self.tick())

    @rule()
    def finish(self):
        if self.items:
            with contextlib.suppress(SessionNotStarted):
                finish_session(self.items[0].session, now=self.tick())

    def teardown(self):
        rows = SetRecord.objects.filter(item__session__client=self.client, item__session__local_date=self.day)
        history = {}
        for row in rows.order_by("item_id", "number", "revision"):
            values = history.setdefault((row.item_id, row.number), [])
            values.append((row.done, row.seconds))
            assert row.revision == len(values), "no gap, no revision twice"
        assert history == self.taken
        latest = {(row.item_id, row.number): (row.done, row.seconds) for row in rows.latest_revisions()}
        assert latest == {place: values[-1] for place, values in self.taken.items()}
        assert len(sessions_on(self.client, self.day)) == bool(self.items)


@pytest.mark.django_db
def test_two_devices_make_one_session_and_lose_no_set():
    client = builders.make_client()
    builders.assign(client)
    builders.screen(client, now=NOW)
    AssignedStep.objects.update(weekdays="1234567")

    run_state_machine_as_test(
        type("TwoDevicesOfAna", (TwoDevices,), {"client": client}),
        settings=settings(
            max_examples=200, stateful_step_count=12, database=None, suppress_health_check=list(HealthCheck)
        ),
    )

    assert TrainingSession.objects.filter(client=client).count() > 100


# At the same moment


@pytest.mark.django_db(transaction=True)
def test_session_started_at_once_on_several_devices_is_one_session():
    client = builders.make_client()
    builders.assign(client)
    builders.screen(client, now=NOW)

    sessions = together(
        lambda: start_session(client, number=1, key=new_key(), now=NOW),
        times=6,
    )

    assert {session.pk for session in sessions} == {TrainingSession.objects.get().pk}
    assert SessionItem.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_request_sent_several_times_at_once_is_one_record():
    item = item_of(make_session())

    rows = together(lambda: record_set(item, 1, DONE, key="pressed", now=NOW), times=6)

    assert {row.pk for row in rows} == {SetRecord.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_set_recorded_at_once_by_several_devices_loses_no_value():
    item = item_of(make_session())

    rows = together(
        lambda number: record_set(item, 1, SetEntry(seconds=number), key=new_key(), now=NOW),
        times=8,
        numbered=True,
    )

    assert sorted(row.revision for row in rows) == list(range(1, 9))
    assert sorted(row.seconds for row in SetRecord.objects.all()) == list(range(8))
    assert SetRecord.objects.latest_revisions().count() == 1


@pytest.mark.django_db(transaction=True)
def test_stop_pressed_several_times_at_once_happens_once():
    session = make_session()
    item = item_of(session)

    outcomes = together(
        lambda: stop(session, item, choice="dizzy_chest", key="pressed", now=NOW + MINUTE), times=4
    )

    assert {event.pk for event, _block in outcomes} == {StopEvent.objects.get().pk}
    assert {blocked.pk for _event, blocked in outcomes} == {SafetyBlock.objects.get().pk}


@pytest.mark.postgres_only
@pytest.mark.django_db(transaction=True)
def test_without_its_constraint_a_session_could_begin_twice():
    """The control: what keeps the devices apart is the database. (SQLite lets only one of them write at a time.)"""
    client = builders.make_client()
    builders.assign(client)
    builders.screen(client, now=NOW)
    once = next(each for each in TrainingSession._meta.constraints if each.name == "trainingsession_once")
    with connection.schema_editor() as editor:
        editor.remove_constraint(TrainingSession, once)

    try:
        for days in range(20):
            now = NOW + days * DAY
            together(lambda now=now: start_session(client, number=1, key=new_key(), now=now), times=6)
            if TrainingSession.objects.count() > days + 1:
                break
        doubled = TrainingSession.objects.count() - days - 1
    finally:
        SessionItemStep.objects.all().delete()
        TrainingSession.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(TrainingSession, once)

    assert doubled > 0
