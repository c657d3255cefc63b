"""A sheet of paper that came back: sessions as if told on their day, once, and nothing that stands recorded is touched."""

from datetime import timedelta

import pytest

from clients.adjusting import pause_assignment
from clients.care import NotInCare
from clients.demo.builders import (
    NOW,
    advance,
    assign,
    make_client,
    new_key,
    recorded,
    responsible,
    screen,
    tag,
    train,
)
from clients.enrolling import end_care
from clients.keying import NothingToKey, SheetChanged, Written, key_in, keyed_before, red_days, sheet_of
from clients.models import (
    Delivery,
    Measure,
    MorningAnswer,
    PainDiaryEntry,
    PaperSheet,
    PhaseTransition,
    SafetyBlock,
    SetRecord,
    StopEvent,
    TrainingSession,
    ZoneChange,
)
from clients.progression.apply import evaluate, pause_strengthening
from clients.progression.criteria import Answer, gate
from clients.progression.decide import green_mornings
from clients.progression.gather import cases
from clients.recording import record_reading, record_skip, start_session, states_of, stop, tick_all
from tests.together import together

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = NOW.date()


@pytest.fixture
def ana():
    """Without an account and an e-mail; her program began a week ago."""
    client = make_client(name="Ana Silva", with_account=False, email="")
    assign(client, now=NOW - 7 * DAY)
    return client


def whole(slot, **readings):
    """Everything of a session ticked."""
    done = frozenset((item.exercise_id, item.side) for item in slot.items)
    return Written(slot, done, {Measure[name.upper()].value: value for name, value in readings.items()})


def key(client, written, mornings=None, *, key=None, now=NOW):
    return key_in(client, written, mornings or {}, by=responsible(client), key=key or new_key(), now=now)


def slots(client, today=TODAY):
    return sheet_of(client, today).slots


# ---- The days of a sheet ---------------------------------------------------------------------------------------------


def test_sheet_holds_no_day_before_the_program_and_none_ahead(ana):
    sheet = sheet_of(ana, TODAY)

    assert (sheet.first, sheet.last) == (TODAY - 7 * DAY, TODAY)
    assert sheet_of(ana, TODAY, TODAY - 300 * DAY).first == TODAY - 7 * DAY
    assert sheet_of(ana, TODAY, TODAY + 300 * DAY).last == TODAY


def test_sheet_without_a_program_is_refused():
    with pytest.raises(NothingToKey):
        sheet_of(make_client(), TODAY)


def test_sheet_of_a_long_program_shows_the_newest_two_weeks_and_leads_back():
    client = make_client()
    assign(client, now=NOW - 90 * DAY)

    sheet = sheet_of(client, TODAY)

    assert (sheet.first, sheet.last) == (TODAY - 13 * DAY, TODAY)
    assert sheet.earlier == TODAY - 27 * DAY
    assert sheet.later is None
    assert sheet_of(client, TODAY, sheet.earlier).later == sheet.first


def test_sheet_of_two_sessions_a_day_shows_the_newest_week_and_leads_back():
    client = make_client()
    assign(client, "program_plantar_heel", now=NOW - 20 * DAY)

    sheet = sheet_of(client, TODAY)
    week_before = sheet_of(client, TODAY, sheet.earlier)

    assert (sheet.first, sheet.last) == (TODAY - 6 * DAY, TODAY)
    assert (week_before.first, week_before.last) == (TODAY - 13 * DAY, TODAY - 7 * DAY)
    assert week_before.later == sheet.first


def test_next_sheet_begins_after_the_one_that_was_keyed_in(ana):
    key(ana, [whole(slot) for slot in slots(ana)[:3]])

    assert sheet_of(ana, TODAY).first == TODAY - 4 * DAY


def test_recorded_session_shows_what_stands_and_offers_nothing(ana):
    train(ana, now=NOW - DAY)

    yesterday = slots(ana)[-2]

    assert yesterday.recorded is not None
    assert yesterday.items == ()


def test_session_opened_in_the_app_and_left_empty_takes_in_what_stands_on_paper():
    client = make_client(name="Ana Silva")
    assign(client, now=NOW - 2 * DAY)
    screen(client, now=NOW - 2 * DAY)
    opened = start_session(client, number=1, key=new_key(), now=NOW - DAY)
    slot = slots(client)[1]
    assert slot.recorded is None

    key(client, [whole(slot, pain_before=4)])

    state = states_of([TrainingSession.objects.get(client=client)])[0]
    assert (state.session, state.session.source, state.session.number) == (opened, "paper", 1)
    assert state.session.finished_at == NOW
    assert state.done_sets == state.all_sets > 0
    assert state.readings == {"pain_before": 4}


def test_session_opened_in_the_app_and_gone_on_with_refuses_the_sheet():
    client = make_client(name="Ana Silva")
    assign(client, now=NOW - 2 * DAY)
    screen(client, now=NOW - 2 * DAY)
    opened = start_session(client, number=1, key=new_key(), now=NOW - DAY)
    slot = slots(client)[1]
    tick_all(opened, key=new_key(), now=NOW - DAY)

    with pytest.raises(SheetChanged):
        key(client, [whole(slot)])

    assert TrainingSession.objects.get(client=client).source == "app"


@pytest.mark.parametrize("told", ["stop", "skip", "reading"])
def test_session_in_which_something_was_told_stays_as_it_is(told):
    client = make_client(name="Ana Silva")
    assign(client, now=NOW - 2 * DAY)
    screen(client, now=NOW - 2 * DAY)
    session = start_session(client, number=1, key=new_key(), now=NOW - DAY)
    if told == "stop":
        stop(session, None, choice="other", key=new_key(), now=NOW - DAY)
    elif told == "skip":
        item = session.items.first()
        record_skip(item, skipped=True, reason="no_time", key=new_key(), now=NOW - DAY)
    else:
        record_reading(session, "pain_before", 3, key=new_key(), now=NOW - DAY)

    assert slots(client)[1].recorded is not None


# ---- Taking it in ----------------------------------------------------------------------------------------------------


def test_ticks_become_a_session_of_that_day_as_it_was_asked(ana):
    first = slots(ana)[0]

    keyed = key(ana, [whole(first, pain_before=5, pain_worst=4, pain_after=3)])

    session = TrainingSession.objects.get(client=ana)
    assert (session.local_date, session.number, session.source) == (first.day, 1, "paper")
    assert session.finished_at is not None
    assert (session.sheet, keyed.sheet.by, keyed.sheet.at) == (keyed.sheet, responsible(ana), NOW)
    state = states_of([session])[0]
    assert state.done_sets == state.all_sets > 0
    assert state.readings == {"pain_before": 5, "pain_worst": 4, "pain_after": 3}
    asked = {(item.exercise_id, item.side): item.dose for item in first.plan.for_go(1)}
    assert {(item.exercise_id, item.side): item.dose for item in session.items.all()} == asked


def test_session_keeps_the_zone_of_its_day(ana):
    ZoneChange.objects.create(client=ana, old="Asia/Tokyo", new=ana.zone, at=NOW - 3 * DAY)
    seen = slots(ana)

    key(ana, [whole(seen[1]), whole(seen[-1])])

    zones = TrainingSession.objects.filter(client=ana).order_by("local_date").values_list("zone", flat=True)
    assert list(zones) == ["Asia/Tokyo", ana.zone]


def test_what_is_not_ticked_is_neither_done_nor_skipped(ana):
    slot = slots(ana)[0]
    ball = slot.items[0]

    key(ana, [Written(slot, frozenset([(ball.exercise_id, ball.side)]))])

    state = states_of(TrainingSession.objects.filter(client=ana))[0]
    assert [each.item.exercise_id for each in state.items if each.done] == [ball.exercise_id]
    assert not any(each.skipped for each in state.items)


def test_empty_places_stay_unknown(ana):
    key(ana, [whole(slots(ana)[0])])

    assert states_of(TrainingSession.objects.filter(client=ana))[0].readings == {}
    assert not MorningAnswer.objects.exists()


def test_same_form_twice_is_taken_in_once(ana):
    slot, same = slots(ana)[0], new_key()

    first = key(ana, [whole(slot)], key=same)
    second = key(ana, [whole(slot)], key=same, now=NOW + DAY)

    assert first.sheet == second.sheet == keyed_before(ana, same).sheet
    assert PaperSheet.objects.count() == TrainingSession.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_same_form_several_times_at_once_is_taken_in_once(ana):
    seen, same = slots(ana), new_key()
    by = responsible(ana)

    keyed = together(
        lambda: key_in(ana, [whole(slot) for slot in seen], {}, by=by, key=same, now=NOW), times=4
    )

    assert {each.sheet for each in keyed} == {PaperSheet.objects.get()}
    assert TrainingSession.objects.count() == len(seen)


@pytest.mark.django_db(transaction=True)
def test_two_who_key_in_the_same_days_at_once_record_them_once(ana):
    seen, by = slots(ana), responsible(ana)
    morning = {seen[0].day: "fine"}

    keyed = together(
        lambda: key_in(ana, [whole(slot) for slot in seen], morning, by=by, key=new_key(), now=NOW), times=4
    )

    assert sorted(type(each).__name__ for each in keyed) == ["Keyed"] + ["SheetChanged"] * 3
    assert PaperSheet.objects.get().sessions.count() == TrainingSession.objects.count() == len(seen)
    assert MorningAnswer.objects.count() == 1


def test_day_recorded_meanwhile_refuses_the_whole_sheet(ana):
    seen = slots(ana)
    session = train(ana, now=NOW - 2 * DAY)
    before = recorded(session)

    with pytest.raises(SheetChanged):
        key(ana, [whole(slot) for slot in seen])

    assert list(TrainingSession.objects.filter(client=ana)) == [session]
    assert recorded(session) == before
    assert not PaperSheet.objects.exists()


def test_morning_counts_for_the_morning_after_and_is_not_told_twice(ana):
    day = slots(ana)[0].day
    key(ana, [whole(slots(ana)[0])], {day: "sore"})

    answer = MorningAnswer.objects.get()
    assert (answer.after_day, answer.answered_on, answer.word) == (day, day + DAY, "sore")
    with pytest.raises(SheetChanged):
        key(ana, [], {day: "fine"})
    assert MorningAnswer.objects.get().word == "sore"


def test_pain_without_a_session_goes_into_the_diary(ana):
    slot = slots(ana)[2]

    key(ana, [Written(slot, readings={"pain_before": 6})])

    assert PainDiaryEntry.objects.values_list("local_date", "value").get() == (slot.day, 6)
    assert not TrainingSession.objects.exists()


def test_second_session_of_a_day_is_a_session_of_its_own():
    client = make_client(with_account=False, email="")
    assign(client, "program_plantar_heel", now=NOW - 2 * DAY)
    day = [slot for slot in slots(client) if slot.day == TODAY - DAY]

    key(client, [whole(slot, pain_worst=n) for n, slot in enumerate(day, 1)])

    sessions = TrainingSession.objects.filter(client=client)
    assert sorted((each.number, states_of([each])[0].readings["pain_worst"]) for each in sessions) == [
        (1, 1),
        (2, 2),
    ]


def test_sheet_after_the_end_of_care_is_refused(ana):
    seen = slots(ana)
    end_care(ana, by=responsible(ana), reason="Moved away", now=NOW)
    ana.refresh_from_db()

    with pytest.raises(NotInCare):
        key(ana, [whole(seen[0])])


def test_whole_sheet_is_taken_in_by_its_rows(ana):
    keyed = key(ana, [whole(slot) for slot in slots(ana)])

    assert keyed.sheet.sessions.count() == 8
    assert (keyed.sheet.first_day, keyed.sheet.last_day) == (TODAY - 7 * DAY, TODAY)
    assert SetRecord.objects.filter(client=ana, received_at=NOW).count() == SetRecord.objects.count()


# ---- What was done before it was forbidden ---------------------------------------------------------------------------


def test_condition_noted_at_the_visit_hides_nothing_of_the_sheet(ana):
    before = [slot.items for slot in slots(ana)]
    tag(ana, "acute_inflammation", now=NOW)

    seen = slots(ana)
    assert [slot.items for slot in seen] == before
    key(ana, [whole(slot) for slot in seen])

    states = states_of(TrainingSession.objects.filter(client=ana))
    assert len(states) == 8
    assert all(state.done_sets == state.all_sets > 0 for state in states)


def test_what_a_condition_forbids_can_be_ticked_where_it_was_done_all_the_same(ana):
    tag(ana, "acute_inflammation", valid_from=TODAY - 20 * DAY)
    slot = slots(ana)[0]
    forbidden = slot.beside[0]
    assert forbidden.exercise_id not in {item.exercise_id for item in slot.items}

    key(ana, [Written(slot, frozenset([(forbidden.exercise_id, forbidden.side)]))])

    state = states_of(TrainingSession.objects.filter(client=ana))[0]
    assert [each.item.exercise_id for each in state.items if each.done] == [forbidden.exercise_id]
    assert len(state.items) == len(slot.items) + 1


def test_pause_at_the_visit_hides_nothing_of_the_sheet(ana):
    before = slots(ana)[-1].items
    pause_assignment(ana.assignments.get(), until=None, by=responsible(ana), reason="Holiday", now=NOW)

    assert before
    assert slots(ana)[-1].items == before


def test_strengthening_done_after_a_rule_paused_it_is_seen_by_the_rules(ana):
    program = ana.assignments.get()
    advance(program, now=NOW - 7 * DAY)
    pause_strengthening(program, by=responsible(ana), reason="Red morning", now=NOW - 4 * DAY)
    seen = sheet_of(ana, TODAY, TODAY - 7 * DAY).slots
    late = [slot for slot in seen if slot.day > TODAY - 4 * DAY and slot.loading]
    assert late

    key(ana, [whole(slot, pain_before=2, pain_worst=2) for slot in late], {late[0].day: "fine"})

    evidence = cases(ana, NOW)[0].evidence
    assert all(session.loading for session in evidence.sessions)
    assert green_mornings(evidence, program.transitions.get(kind="release_only")) == []


def test_sheet_asks_for_the_dose_that_held_when_it_began(ana):
    program = ana.assignments.get()
    numbers = {"of": "release", "sets_minus": 1, "reps_or_hold_percent": -30}
    agreed = [item.dose for item in slots(ana)[5].items]
    with_row = {"kind": "dose_reduced", "numbers": numbers, "event": "red/session/1"}
    PhaseTransition.objects.create(
        assignment=program, at=NOW - 4 * DAY, local_date=TODAY - 4 * DAY, **with_row
    )

    within = sheet_of(ana, TODAY, TODAY - 7 * DAY).slots
    after = sheet_of(ana, TODAY, TODAY - 4 * DAY).slots

    assert [item.dose for item in within[5].items] == agreed
    assert [item.dose.sets for item in after[2].items] == [max(1, dose.sets - 1) for dose in agreed]
    key(ana, [whole(within[5])])
    assert {each.dose for each in TrainingSession.objects.get().items.all()} == set(agreed)


# ---- What follows from it --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_red_session_on_paper_makes_the_next_days_lighter(ana):
    key(ana, [whole(slots(ana)[-2], pain_before=3, pain_worst=8)])

    assert PhaseTransition.objects.filter(kind=PhaseTransition.Kind.DOSE_REDUCED).count() == 1


def test_sheet_that_is_still_out_steps_nobody_back():
    client = make_client(name="Otto Papier", with_account=False, email="")
    advance(assign(client, now=NOW - 14 * DAY), now=NOW - 14 * DAY)
    careful = PhaseTransition.objects.filter(
        assignment__client=client, kind__in=["step_back_proposed", "release_only"]
    )

    evaluate(client, NOW)
    assert not careful.exists()

    told = [slot for slot in sheet_of(client, TODAY, TODAY - 14 * DAY).slots if slot.items]
    key(client, [whole(slot, pain_before=2, pain_worst=2) for slot in told])
    evaluate(client, NOW)
    assert not careful.exists()


def test_days_without_training_on_a_sheet_that_came_back_are_missed_days():
    client = make_client(name="Otto Papier", with_account=False, email="")
    advance(assign(client, now=NOW - 15 * DAY), now=NOW - 15 * DAY)
    sheet = sheet_of(client, TODAY, TODAY - 15 * DAY)

    key(client, [Written(slot, readings={"pain_before": 2}) for slot in sheet.slots])
    key(client, [Written(sheet_of(client, TODAY, TODAY).slots[-1], readings={"pain_before": 2})])
    evaluate(client, NOW)

    assert PhaseTransition.objects.filter(assignment__client=client, kind="step_back_proposed").exists()


def test_red_session_of_long_ago_is_history(ana):
    client = make_client(with_account=False, email="")
    assign(client, now=NOW - 12 * DAY)

    key(client, [whole(slots(client)[0], pain_before=3, pain_worst=8)])
    evaluate(client, NOW)

    assert not PhaseTransition.objects.filter(assignment__client=client, kind="dose_reduced").exists()


def test_empty_places_never_meet_a_criterion(ana):
    key(ana, [whole(slot) for slot in slots(ana)])

    answers = {each.slug: each.answer for each in gate(cases(ana, NOW)[0].evidence)}

    assert answers["sessions_done"] == Answer.MET
    assert answers["no_red_sessions"] == Answer.NOT_ENOUGH
    assert answers["mean_pain"] == Answer.NOT_ENOUGH
    assert answers["tenderness"] == Answer.NOT_ENOUGH


def test_evidence_of_yesterday_does_not_know_the_sheet_of_today(ana):
    key(ana, [whole(slot) for slot in slots(ana)])

    assert cases(ana, NOW - DAY)[0].evidence.sessions == ()
    assert len(cases(ana, NOW)[0].evidence.sessions) == 8


def test_numbers_on_paper_are_as_good_as_those_of_the_app(ana):
    advance(ana.assignments.get(), now=NOW - 7 * DAY)
    today = slots(ana)
    strong = [slot for slot in today if slot.items and slot.day < TODAY]
    readings = {"pain_before": 2, "pain_worst": 2, "pain_after": 1, "effort": 5}

    key(ana, [whole(slot, **readings) for slot in strong], {slot.day: "fine" for slot in strong})

    answers = {each.slug: each.answer for each in gate(cases(ana, NOW)[0].evidence)}
    assert (answers["green_sessions"], answers["full_dose"]) == (Answer.MET, Answer.MET)


def test_red_days_of_a_sheet_are_named_however_long_ago(ana):
    seen = slots(ana)
    told = [
        whole(seen[0], pain_before=3, pain_worst=8),
        whole(seen[1], pain_before=3, pain_worst=2),
        whole(seen[2], pain_before=3, pain_worst=2),
        whole(seen[3]),
    ]

    keyed = key(ana, told, {seen[1].day: "worse_than_before", seen[2].day: "fine"})

    assert red_days(keyed.sheet, NOW) == [seen[0].day, seen[1].day]


def test_one_letter_tells_of_everything_that_was_wrong_on_a_sheet(ana):
    seen = slots(ana)

    key(
        ana,
        [Written(seen[n], stopped=choice) for n, choice in enumerate(["tingling", "other", "dizzy_chest"])],
    )

    assert StopEvent.objects.filter(client=ana).count() == 3
    assert Delivery.objects.filter(client=ana, letter="safety_alert").count() == 1


@pytest.mark.parametrize(
    ("choice", "blocked"), [("too_strong", False), ("tingling", False), ("dizzy_chest", True)]
)
def test_stop_on_paper_is_heard_as_one_in_the_app(ana, choice, blocked):
    slot = slots(ana)[-3]

    keyed = key(ana, [Written(slot, stopped=choice)])

    event = StopEvent.objects.get(client=ana)
    assert (event.choice, event.session.local_date) == (choice, slot.day)
    assert event.session.finished_at is not None
    assert Delivery.objects.filter(client=ana, letter="safety_alert").exists()
    assert (keyed.block is not None) == blocked == SafetyBlock.objects.filter(client=ana).exists()
