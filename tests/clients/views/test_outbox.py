"""The door of the outbox: what a device kept is taken in once, whoever's it is and whenever it comes (D1, C2, C3)."""

import json
from datetime import timedelta
from itertools import count

import pytest
import time_machine
from django.core import signing
from django.test import Client as Web

from clients.adjusting import remove_step
from clients.demo.builders import NOW, assign, make_client, responsible, screen, tag, train
from clients.easing import ease
from clients.forms.outbox import LARGEST
from clients.models import (
    AssignedStep,
    Delivery,
    SafetyBlock,
    Screening,
    SessionItem,
    SessionReading,
    SetRecord,
    SkipRecord,
    StopEvent,
    TenderSpot,
    TightnessReading,
    TrainingSession,
)
from clients.recording import finish_session, state_of
from clients.remembering import record_own_note
from clients.replaying import SALT
from clients.tightness import record_tightness, tightness_site
from clients.views.sessions.summing import minutes_taken
from routines.models import BodyArea, Exercise

pytestmark = pytest.mark.django_db

BALL = "smr_buttock_ball_wall"
DOOR = "/outbox/"
keys = (f"key-of-a-device-{n:05}" for n in count())


def entry(seat, kind, *, key=None, at=NOW, **fields):
    return {
        "schema": 1,
        "key": key or next(keys),
        "account": str(seat.client.user_id),
        "kind": kind,
        "device_time": at.isoformat(),
        "zone": "Europe/Berlin",
        **fields,
    }


def send(seat, *entries, web=None):
    return (web or seat.web).post(DOOR, json.dumps({"entries": entries}), content_type="application/json")


def answers(seat, *entries):
    response = send(seat, *entries)
    assert response.status_code == 200, response.content
    return response.json()["answers"]


def states(seat, *entries):
    return [each["state"] for each in answers(seat, *entries)]


def kept(seat, day=None):
    """The first session of the day (today where none is named) as the device keeps it."""
    days = {each["day"]: each["sessions"] for each in seat.get("/outbox/plan/").json()["days"]}
    return days[(day or seat.client.local_date(NOW)).isoformat()][0]


def start(seat, *, at=NOW, number=1, yes=(), shown="", key=None, **fields):
    what = {"pain_before": 4} if not yes else {}
    return entry(
        seat,
        "start",
        key=key,
        at=at,
        session={"number": number},
        what=what,
        yes=list(yes),
        shown=shown,
        **fields,
    )


def belonging(begun):
    """How what follows names the session that this entry begins."""
    return {"key": begun["key"], "number": begun["session"]["number"], "started": begun["device_time"]}


def tick(seat, session, item, number=1, *, done="1", **fields):
    asked = item["each"][number - 1] if "each" in item else item
    figures = {name: asked[name] for name in ("seconds", "reps", "load_kg", "band") if asked.get(name)}
    named = {"id": item["id"]} if "id" in item else {"exercise": item["exercise"], "side": item["side"]}
    return entry(
        seat, "set", session=session, item=named, number=number, what={"done": done, **figures}, **fields
    )


def whole(seat, *, at=NOW, yes=(), day=None):
    """A session from its first question to its last, done without a network at that moment."""
    plan = kept(seat, day)
    begun = start(seat, at=at, shown=plan["shown"])
    sets = [
        tick(seat, belonging(begun), item, number, at=at)
        for item in plan["items"]
        for number in range(1, item["sets"] + 1)
    ]
    end = entry(seat, "finish", at=at, session=belonging(begun), what={"pain_after": 2, "pain_worst": 4})
    return [begun, *sets, end]


@pytest.fixture
def item(begun):
    """Her first exercise in the session that is open on the server."""
    found = next(each for each in begun.items.all() if each.as_was["slug"] == BALL)
    return {"id": found.pk, "seconds": found.hold_seconds, "reps": None}


@pytest.fixture
def session(begun):
    return {"id": begun.pk}


# ---- Whose it is -----------------------------------------------------------------------------------------------------


def test_door_says_whose_browser_it_is_and_is_kept_by_nobody(ana):
    response = ana.get(DOOR)

    assert response.json()["account"] == str(ana.client.user_id)
    assert set(response.json()) == {"account", "csrf"}
    assert "no-store" in response["Cache-Control"]
    assert ana.client.name not in response.content.decode()


def test_door_knows_nobody_who_is_signed_out(db):
    assert Web().get(DOOR).json()["account"] == ""


def test_entry_of_somebody_signed_out_is_answered_401_and_not_led_elsewhere(ana, session, item):
    response = send(ana, tick(ana, session, item), web=Web())

    assert response.status_code == 401
    assert response.json()["error"] == "Sign in to send this."
    assert not SetRecord.objects.filter(item=item["id"]).exists()


def test_entry_with_an_old_token_is_answered_403_and_taken_with_a_fresh_one(ana, session, item):
    web = Web(enforce_csrf_checks=True)
    web.force_login(ana.client.user)
    told = json.dumps({"entries": [tick(ana, session, item)]})
    old = web.post(DOOR, told, content_type="application/json", headers={"X-CSRFToken": "o" * 64})
    fresh = web.get(DOOR).json()["csrf"]
    new = web.post(DOOR, told, content_type="application/json", headers={"X-CSRFToken": fresh})

    assert (old.status_code, new.status_code) == (403, 200)
    assert SetRecord.objects.filter(item=item["id"]).count() == 1


def test_entry_of_another_account_is_answered_409_and_nothing_of_it_is_stored(ana, ben, session, item):
    response = send(ana, tick(ana, session, item), web=ben.web)

    assert response.status_code == 409
    assert not SetRecord.objects.filter(item=item["id"]).exists()


def test_entry_cannot_reach_the_session_of_somebody_else(ana, ben, session, item):
    stolen = tick(ana, session, item) | {"account": str(ben.client.user_id)}

    assert states(ben, stolen) == ["refused"]
    assert not SetRecord.objects.filter(item=item["id"]).exists()


def test_team_has_no_outbox(therapist, web_as, ana, session, item):
    web = web_as(therapist)

    assert web.get(DOOR).json()["account"] == ""
    assert send(ana, tick(ana, session, item), web=web).status_code == 403


# ---- One set ---------------------------------------------------------------------------------------------------------


def test_set_is_stored_and_the_answer_names_the_record(ana, session, item):
    (answer,) = answers(ana, tick(ana, session, item))

    row = SetRecord.objects.get(item=item["id"])
    assert answer["state"] == "stored"
    assert answer["record"] == f"set/{row.pk}"
    assert answer["told"] == "45 s right"
    assert row.device_time == NOW


def test_set_sent_again_names_the_first_record(ana, session, item):
    told = tick(ana, session, item)

    first, again = answers(ana, told)[0], answers(ana, told)[0]

    assert first == again
    assert SetRecord.objects.filter(item=item["id"]).count() == 1


def test_same_key_with_another_content_is_a_conflict(ana, session, item):
    told = tick(ana, session, item)

    assert states(ana, told) == ["stored"]
    assert states(ana, told | {"what": {"done": "1", "seconds": 30}}) == ["conflict"]
    assert SetRecord.objects.get(item=item["id"]).seconds == 45


def test_tick_costs_less_than_two_kilobytes_both_ways(ana, session, item):
    """The body and what Django says around it; what the browser says of itself is counted in the journey."""
    told = json.dumps({"entries": [tick(ana, session, item)]})
    response = ana.web.post(DOOR, told, content_type="application/json")
    headers = sum(len(f"{name}: {value}\r\n") for name, value in response.headers.items())

    assert len(told) + len(response.content) + headers < 1400


def test_set_taken_back_and_done_again_keeps_the_order(ana, session, item):
    answers(
        ana,
        tick(ana, session, item),
        tick(ana, session, item, done=""),
        tick(ana, session, item),
    )

    rows = SetRecord.objects.filter(item=item["id"]).order_by("revision")
    assert list(rows.values_list("done", flat=True)) == [True, False, True]


@pytest.mark.parametrize(
    "change",
    [
        {"number": 0},
        {"number": 99},
        {"number": 10**30},
        {"number": True},
        {"number": "1"},
        {"item": {"id": 10**17}},
        {"item": {"exercise": 1, "side": "\0"}},
        {"item": []},
        {"session": {"id": 10**17}},
        {"session": {"key": "unknown-key-of-nobody", "number": 1, "started": "2026-03-01T10:00:00Z"}},
        {"session": {}},
        {"what": {"done": "1", "seconds": "many"}},
        {"what": {"done": "1", "seconds": 99999}},
        {"what": {"done": "1", "seconds": {}}},
        {"what": "nothing"},
        {"kind": "delete"},
        {"kind": None},
        {"kind": []},
        {"schema": 0},
        {"schema": None},
    ],
)
def test_entry_that_cannot_be_taken_is_refused_with_a_sentence_and_holds_up_no_other(
    ana, session, item, change
):
    broken, good = tick(ana, session, item) | change, tick(ana, session, item, number=2)

    first, second = answers(ana, broken, good)

    assert first["state"] == "refused"
    assert len(first["note"]) > 10
    assert second["state"] == "stored"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"entries": []}',
        b'{"entries": {}}',
        b'{"entries": [1]}',
        b'{"entries": [{"key": "short"}]}',
        b'{"entries": [{"key": "a-key-of-a-device-1", "x": "\\ud800"}]}',
        b"[" * 30_000,
        b'{"entries": ' + b"9" * 5000 + b"}",
    ],
)
def test_body_that_cannot_be_read_is_answered_400(ana, body):
    response = ana.web.post(DOOR, body, content_type="application/json")

    assert response.status_code == 400
    assert response.json()["error"] == "This could not be read."


def test_body_that_is_too_long_is_answered_413(ana):
    response = ana.web.post(DOOR, b" " * (LARGEST + 1), content_type="application/json")

    assert response.status_code == 413
    assert "too long" in response.json()["error"]


def test_more_entries_than_a_device_sends_are_refused(ana, session, item):
    assert send(ana, *[tick(ana, session, item) for _n in range(21)]).status_code == 400


# ---- Leaving out, ending, stopping ------------------------------------------------------------------------------------


def test_exercise_is_left_out_and_taken_up_again(ana, session, item, begun):
    named = {"session": session, "item": {"id": item["id"]}}

    assert states(ana, entry(ana, "skip", what={"reason": "no_time"}, **named)) == ["stored"]
    assert SkipRecord.objects.filter(item=item["id"]).latest_revisions().get().reason == "no_time"
    assert states(ana, entry(ana, "unskip", **named)) == ["stored"]
    assert not SkipRecord.objects.filter(item=item["id"]).latest_revisions().get().skipped


@pytest.mark.parametrize(
    ("kind", "what", "reason"),
    [("skip", {"reason": "no_time"}, "no_time"), ("stop", {"choice": "other"}, "pain")],
)
def test_lighter_version_that_is_left_out_or_stopped_stays_in_its_place(
    ana, begun, session, item, kind, what, reason
):
    Exercise.objects.filter(slug=BALL).update(easier=None)
    hard = SessionItem.objects.get(pk=item["id"])
    ease(begun, hard.exercise_id, key="too-hard-today", now=NOW)
    lighter = begun.items.get(stands_in_for=hard)

    assert states(ana, entry(ana, kind, session=session, item={"id": lighter.pk}, what=what)) == ["stored"]

    found = {each.item.pk: (each.set_aside, each.skip.reason) for each in state_of(begun).items if each.skip}
    assert found == {hard.pk: (True, "too_hard"), lighter.pk: (False, reason)}


def test_what_was_stopped_stays_stopped_whatever_was_done_before_it(ana, session, item):
    told = [
        entry(ana, "skip", session=session, item={"id": item["id"]}, what={"reason": "no_time"}),
        entry(ana, "unskip", session=session, item={"id": item["id"]}),
        entry(ana, "stop", session=session, item={"id": item["id"]}, what={"choice": "tingling"}),
    ]

    assert states(ana, *told) == ["stored"] * 3

    skips = SkipRecord.objects.filter(item=item["id"]).latest_revisions()
    assert [(row.skipped, row.reason) for row in skips] == [(True, "pain")]


def test_exercise_is_not_left_out_without_a_reason(ana, session, item):
    (answer,) = answers(ana, entry(ana, "skip", session=session, item={"id": item["id"]}))

    assert (answer["state"], answer["note"]) == ("refused", "Please choose a reason.")


def test_session_is_ended_with_how_it_was(ana, session, item, begun):
    answers(ana, tick(ana, session, item))
    end = entry(ana, "finish", session=session, what={"pain_after": 1, "pain_worst": 3, "note": "Well"})

    assert states(ana, end, end) == ["stored", "stored"]
    begun.refresh_from_db()
    assert begun.finished_at is not None
    assert state_of(begun).readings == {"pain_before": 3, "pain_after": 1, "pain_worst": 3}


def test_session_of_which_nothing_is_ticked_is_not_ended(ana, session):
    end = entry(ana, "finish", session=session, what={"pain_after": 1, "pain_worst": 3})

    assert states(ana, end) == ["refused"]


def test_something_wrong_stops_the_exercise_and_alerts_once(ana, session, item):
    wrong = entry(ana, "stop", session=session, item={"id": item["id"]}, what={"choice": "too_strong"})

    assert states(ana, wrong) == states(ana, wrong) == ["stored"]
    assert StopEvent.objects.get().item_id == item["id"]
    assert Delivery.objects.filter(letter=Delivery.Letter.SAFETY_ALERT).count() == 1


def test_warning_sign_of_a_session_blocks_though_it_is_sent_after_the_sets(ana, session, item):
    """All of it is history, and the block stands when the first set is written."""
    wrong = entry(ana, "stop", session=session, what={"choice": "dizzy_chest"})
    response = send(ana, tick(ana, session, item), wrong)

    assert [each["state"] for each in response.json()["answers"]] == ["stored", "stored"]
    assert response.json()["blocked"] is True
    assert SafetyBlock.objects.get().effect == "emergency"
    assert SetRecord.objects.filter(item=item["id"]).exists()


# ---- A session that began without a network ---------------------------------------------------------------------------


def test_whole_session_arrives_and_counts_once(ana):
    told = whole(ana)

    assert set(states(ana, *told[:20])) == {"stored"}
    assert set(states(ana, *told[:20])) == {"stored"}

    session = TrainingSession.objects.get()
    state = state_of(session)
    assert session.key == told[0]["key"]
    assert state.readings == {"pain_before": 4, "pain_after": 2, "pain_worst": 4}
    assert state.done_sets == len([each for each in told[:20] if each["kind"] == "set"])
    assert session.screening == Screening.objects.get(checklist__slug="before_session")
    assert session.finished_at is not None


def test_session_counts_for_the_local_day_on_which_it_was_begun(ana):
    plan = kept(ana)
    late = NOW.replace(hour=23, minute=30)  # half past midnight in Berlin
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        states(ana, start(ana, at=NOW, shown=plan["shown"]))
        states(ana, start(ana, at=late))

    days = TrainingSession.objects.order_by("local_date").values_list("local_date", flat=True)
    assert list(days) == [NOW.date(), NOW.date() + timedelta(days=1)]


@pytest.mark.parametrize(("days", "hours", "state"), [(7, 0, "stored"), (8, 0, "refused")])
def test_session_of_more_than_a_week_ago_is_refused_with_a_sentence(ana, days, hours, state):
    plan = kept(ana)
    with time_machine.travel(NOW + timedelta(days=days), tick=False):
        (answer,) = answers(ana, start(ana, shown=plan["shown"]))

    assert answer["state"] == state
    assert state == "stored" or "more than 7 days old" in answer["note"]


def test_session_of_tomorrow_is_refused_and_of_a_clock_a_little_fast_is_not(ana):
    (answer,) = answers(ana, start(ana, at=NOW + timedelta(days=1)))

    assert answer["state"] == "refused"
    assert "clock of this device is ahead" in answer["note"]
    assert states(ana, start(ana, at=NOW + timedelta(minutes=5))) == ["stored"]
    assert TrainingSession.objects.get().started_at == NOW


def test_what_was_shown_is_what_was_asked_though_the_plan_has_changed(ana):
    told = whole(ana)
    step = AssignedStep.objects.filter(
        phase__assignment=ana.assignment, phase__state="active", as_was__slug=BALL, valid_until=None
    ).get()
    remove_step(step, by=responsible(ana.client), reason="Too strong", now=NOW)

    assert set(states(ana, *told[:20])) == {"stored"}
    assert SetRecord.objects.filter(item__as_was__slug=BALL).exists()


def test_what_was_shown_by_an_older_version_of_the_app_is_asked_as_it_is_planned_now(ana):
    plan = kept(ana)
    *head, rows = signing.loads(plan["shown"], salt=SALT)
    shown = signing.dumps([*head, [[*row[:-1], row[-1][:-1]] for row in rows]], salt=SALT, compress=True)

    assert states(ana, start(ana, shown=shown)) == ["stored"]
    assert TrainingSession.objects.get().items.count() == len(plan["items"])


def test_minutes_of_a_session_that_is_sent_late_are_those_in_which_it_was_done(ana):
    begun, *sets, end = whole(ana, at=NOW - timedelta(hours=1))
    for each in sets:
        each["device_time"] = (NOW - timedelta(minutes=51)).isoformat()
    for few in range(0, len(sets) + 2, 20):
        answers(ana, *[begun, *sets, end][few : few + 20])

    assert minutes_taken(state_of(TrainingSession.objects.get())) == 9


def test_what_was_shown_to_somebody_else_is_not_believed(ana, ben):
    stolen = kept(ben)["shown"]

    answers(ana, start(ana, shown=stolen + "x"), start(ana, shown=stolen))

    whose = set(
        TrainingSession.objects.get().items.values_list("steps__phase__assignment__client", flat=True)
    )
    assert whose == {ana.client.pk}


def test_two_devices_begin_the_same_session_and_it_is_one(ana):
    first, second = whole(ana), whole(ana)
    later = [each for each in second if each["kind"] == "set"][1:]

    answers(ana, first[0], first[1])
    answers(ana, second[0], *later[:15])

    session = TrainingSession.objects.get()
    assert session.key == first[0]["key"]
    assert SetRecord.objects.count() == 1 + len(later[:15])
    assert SessionReading.objects.count() == 1


def test_warning_sign_before_a_session_blocks_and_begins_nothing(ana):
    response = send(ana, start(ana, yes=["fever_unwell"], asked=["fever_unwell"]))

    assert response.json()["answers"][0]["state"] == "stored"
    assert response.json()["blocked"] is True
    assert SafetyBlock.objects.get().screening is not None
    assert TrainingSession.objects.count() == 0
    assert Delivery.objects.filter(letter=Delivery.Letter.SAFETY_ALERT).count() == 1


def test_session_of_somebody_who_is_blocked_by_now_is_history_and_says_so(ana):
    told = whole(ana)
    screen(ana.client, now=NOW + timedelta(days=100), yes=["fever_unwell"])

    response = send(ana, *told[:20])

    assert {each["state"] for each in response.json()["answers"]} == {"stored"}
    assert "Do not go on" in response.json()["answers"][0]["note"]
    assert response.json()["blocked"] is True
    assert SetRecord.objects.exists()


def test_set_of_an_exercise_that_is_forbidden_by_now_is_recorded_and_says_so(ana, session, item):
    label = tag(ana.client, "bleeding_risk").tag.text("label")

    (answer,) = answers(ana, tick(ana, session, item))

    assert answer["state"] == "stored"
    assert label in answer["note"]
    assert SetRecord.objects.filter(item=item["id"]).exists()


def test_tightness_is_told_of_the_muscle_that_the_device_asked_about(ana, session):
    what = {"when": "before", "value": "7", "muscle": "piriformis", "side": "left"}
    told = entry(ana, "tightness", session=session, what=what)

    assert states(ana, told, told) == ["stored", "stored"]
    row = TightnessReading.objects.get()
    assert (row.muscle.slug, row.side, row.moment, row.value) == ("piriformis", "left", "before", 7)


@pytest.mark.parametrize(
    "wrong", [{"value": "11"}, {"value": ""}, {"when": "later"}, {"muscle": "no-such"}, {"side": "up"}]
)
def test_tightness_that_cannot_be_read_is_refused_with_a_sentence(ana, session, wrong):
    what = {"when": "before", "value": "7", "muscle": "piriformis", "side": "left"} | wrong

    (answer,) = answers(ana, entry(ana, "tightness", session=session, what=what))

    assert answer["state"] == "refused"
    assert answer["note"]
    assert not TightnessReading.objects.exists()


# ---- What the device keeps --------------------------------------------------------------------------------------------


def test_plan_holds_a_week_at_most_and_whom_to_call_but_not_whose_it_is(ana, therapist):
    response = ana.get("/outbox/plan/")
    found = response.json()

    assert len(found["days"]) == 7
    assert found["account"] == str(ana.client.user_id)
    assert ana.client.name.split()[0] not in response.content.decode()
    assert found["contact"]["name"].startswith(f"{therapist.name}, ")
    assert found["contact"]["emergency"] == "112"
    assert found["questions"]["items"][0]["body"]
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "others", [[], ["program_upper_crossed"], ["program_upper_crossed", "program_plantar_heel"]]
)
def test_plan_runs_a_fixed_number_of_queries(ana, begun, others, django_assert_max_num_queries):
    for program in others:
        assign(ana.client, program=program, now=NOW)

    with django_assert_max_num_queries(48):
        ana.get("/outbox/plan/")


def test_plan_holds_the_session_that_is_being_done(ana, begun, session, item):
    answers(ana, tick(ana, session, item))

    found = ana.get("/outbox/plan/").json()

    (going_on,) = found["open"]
    assert going_on["id"] == begun.pk
    assert {each["id"]: each["done"] for each in going_on["items"]}[item["id"]] == [1]
    assert begun.local_date.isoformat() not in [
        each["day"] for each in found["days"] if any(s["number"] == 1 for s in each["sessions"])
    ]


def test_plan_fills_in_what_was_done_the_last_time(ana, begun, session, item):
    answers(ana, tick(ana, session, item | {"seconds": 30}))
    finish_session(begun, now=NOW)

    name = SessionItem.objects.get(pk=item["id"]).name
    tomorrow = ana.get("/outbox/plan/").json()["days"][1]["sessions"][0]

    (same,) = [each for each in tomorrow["items"] if each["name"] == name]
    assert [each["seconds"] for each in same["each"]] == [30, 45]
    assert [each["window"] for each in same["each"]] == [30, 45]
    assert same["each"][0]["told"].startswith("30 s")


@pytest.mark.parametrize(
    ("program", "asks"), [("program_sciatica_piriformis", True), ("program_upper_crossed", False)]
)
def test_plan_asks_for_the_limb_where_the_pattern_does(sit_down, program, asks):
    seat = sit_down(program=program)

    found = seat.get("/outbox/plan/").json()

    assert {each["limb"] for day in found["days"] for each in day["sessions"]} == {asks}
    assert found["numb"]["title"]


def test_plan_asks_for_the_muscle_that_the_session_asks_for(ana):
    plan = kept(ana)
    (begun,) = answers(ana, start(ana, shown=plan["shown"]))
    session = TrainingSession.objects.get(pk=begun["session"])
    site = tightness_site(session)

    assert plan["tightness"] == {"muscle": site.muscle.slug, "side": site.side, "name": site.name}
    record_tightness(session, site, "before", 6, key="told-before-it", now=NOW)
    (going_on,) = ana.get("/outbox/plan/").json()["open"]
    assert going_on["tightness"] == plan["tightness"] | {"before": 6}


def test_plan_holds_what_stands_beside_the_exercise(ana, begun, session, item, therapist):
    hard = SessionItem.objects.get(pk=item["id"])
    record_own_note(begun, hard.exercise_id, "Beside the door.", key="a-note-of-mine", now=NOW)
    TenderSpot.objects.create(
        client=ana.client, exercise=hard.exercise, area=BodyArea.objects.get(slug="buttock"), side="right",
        view="back", x=600, y=500, marked_at=NOW, marked_by=therapist,
    )  # fmt: skip

    found = ana.get("/outbox/plan/").json()

    beside = [
        each
        for s in [*found["open"], *found["days"][1]["sessions"]]
        for each in s["items"]
        if each["name"] == hard.name
    ]
    assert len(beside) == 2
    for each in beside:
        assert each["own_note"] == "Beside the door."
        assert each["spot"].startswith("Marked by your therapist")
        assert each["needs"]
        assert each["kind"] == "release · massage"


def test_plan_of_somebody_who_is_blocked_holds_nothing_to_do(ana):
    screen(ana.client, now=NOW + timedelta(days=100), yes=["fever_unwell"])

    found = ana.get("/outbox/plan/").json()

    assert found["days"] == found["open"] == []
    assert found["blocked"][0]["title"]


def test_plan_of_somebody_with_open_questions_holds_nothing_to_do(sit_down):
    assert sit_down(screened=False, name="Nora New").get("/outbox/plan/").json()["days"] == []


def test_session_that_is_over_is_not_begun_again(ana):
    train(ana.client, now=NOW)

    days = ana.get("/outbox/plan/").json()["days"]

    assert days[0]["sessions"] == []


def test_plan_of_somebody_without_a_program_holds_nothing_to_do(therapist, web_as):
    client = make_client(name="Nora New", therapist=therapist)

    found = web_as(client.user).get("/outbox/plan/").json()

    assert [each for each in found["days"] if each["sessions"]] == []
