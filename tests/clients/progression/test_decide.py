"""What follows from the evidence: proposals, and what a rule makes safer (domain.md 6.4). No database."""

from datetime import timedelta

import pytest

from clients.numbers import Numbers
from clients.progression.criteria import Answer
from clients.progression.decide import decide
from clients.progression.facts import Morning, Reading, Site
from clients.progression.standing import Kind, fold
from clients.schedule import Pause
from tests.clients.progression.evidence import (
    PHASE,
    RULES,
    TODAY,
    criterion,
    day,
    diary,
    fine,
    make,
    replace,
    row,
    session,
)
from tests.clients.progression.test_criteria import full_release

STRENGTHEN = "strengthen_to_integrate"
STARTED = row(Kind.STARTED, ago=10, pk=1)


def kinds(evidence, *rows, events=frozenset()):
    decision = decide(evidence, fold([STARTED, *rows]), RULES, frozenset(events))
    return [happened.kind for happened in decision.rows]


def written(evidence, *rows):
    """The rows that a decision writes, as the next evaluation reads them."""
    decision = decide(evidence, fold([STARTED, *rows]), RULES, frozenset(each.event for each in rows))
    return [
        row(each.kind, pk=100 + n, event=each.event, **each.numbers) for n, each in enumerate(decision.rows)
    ]


# ---- Ready, and its answers -------------------------------------------------------------------------------------------------


def test_a_gate_that_holds_makes_the_program_ready_with_the_evidence():
    decision = decide(full_release(), fold([STARTED]), RULES)

    (ready,) = decision.rows
    assert ready.kind == Kind.READY
    assert {each["answer"] for each in ready.numbers["criteria"]} == {"met"}
    assert decision.met == len(decision.criteria) == 8


def test_a_second_look_says_nothing_new():
    assert written(full_release(), *written(full_release())) == []


def test_a_gate_that_holds_no_more_takes_the_word_back():
    ready = row(Kind.READY)
    less = replace(full_release(), sessions=())

    assert kinds(less, ready) == [Kind.NOT_READY]


def test_not_yet_rests_until_the_day_that_the_therapist_named():
    rests = row(Kind.HELD, pk=3, look_again=(TODAY + timedelta(days=1)).isoformat())
    over = row(Kind.HELD, pk=3, look_again=TODAY.isoformat())

    assert kinds(full_release(), row(Kind.READY, pk=2), rests) == []
    assert kinds(full_release(), row(Kind.READY, pk=2), over) == [Kind.READY]


def test_last_phase_is_never_ready():
    assert Kind.READY not in kinds(replace(full_release(), has_next=False))


def test_paused_program_is_left_alone():
    assert kinds(replace(full_release(), paused=True)) == []


def test_a_proposal_of_another_phase_is_none_of_this_one():
    assert fold([STARTED, row(Kind.READY, phase=PHASE + 1)]).proposals == ()


@pytest.mark.parametrize(("phase_day", "asked"), [(20, []), (21, [Kind.REVIEW_DUE]), (30, [Kind.REVIEW_DUE])])
def test_review_is_asked_for_on_its_day_without_the_gate(phase_day, asked):
    assert kinds(make(phase_day=phase_day)) == asked


def test_review_is_not_asked_for_while_all_holds():
    assert kinds(replace(full_release(), phase_day=30)) == [Kind.READY]


def test_answered_review_rests():
    answered = row(
        Kind.CARRIED_ON, pk=3, answers="review", look_again=(TODAY + timedelta(days=1)).isoformat()
    )

    assert kinds(make(phase_day=30), row(Kind.REVIEW_DUE, pk=2), answered) == []


# ---- Pausing strengthening ----------------------------------------------------------------------------------------------------


def strong(*sessions, mornings=None, **fields):
    return make(
        STRENGTHEN,
        sessions=tuple(sorted(sessions, key=lambda each: each.day)),
        mornings=mornings or {},
        **fields,
    )


@pytest.mark.parametrize(
    ("sessions", "mornings", "expected"),
    [
        ([session(0, loading=True, worst=5)], {}, []),
        ([session(0, loading=True, worst=6)], {}, [Kind.RELEASE_ONLY]),
        ([session(0, loading=False, worst=6)], {}, [Kind.RELEASE_ONLY]),
        ([session(0, loading=True, worst=0, limb="further_down")], {}, [Kind.RELEASE_ONLY]),
        ([session(0, loading=True, stops=frozenset({"too_strong"}))], {}, [Kind.RELEASE_ONLY]),
        ([session(1, loading=True)], fine(1, word="sore"), []),
        ([session(1, loading=True)], fine(1, word="worse_than_before"), [Kind.RELEASE_ONLY]),
        ([session(1, loading=True, before=3)], {day(1): Morning("fine", 5)}, [Kind.RELEASE_ONLY]),
        ([session(1, loading=True, before=3)], {day(1): Morning("fine", 4)}, []),
        ([session(1, loading=True, before=None)], {day(1): Morning("fine", 9)}, []),
        ([session(8, loading=True, worst=9)], {}, []),  # too long ago to act on
    ],
)
def test_a_red_session_or_morning_pauses_strengthening(sessions, mornings, expected):
    assert kinds(strong(*sessions, mornings=mornings)) == expected


def test_each_red_event_pauses_once():
    evidence = strong(session(0, 5, loading=True, worst=8))

    assert kinds(evidence, events={"red/session/5"}) == []


def test_in_release_a_red_session_reduces_release_at_once():
    (reduced,) = written(make(sessions=(session(0, worst=7),)))

    assert (reduced.kind, reduced.numbers["of"], reduced.numbers["sets_minus"]) == (
        Kind.DOSE_REDUCED,
        "release",
        1,
    )


def test_strengthening_started_too_is_paused_like_any_other():
    assert kinds(make(sessions=(session(0, worst=7),)), row(Kind.ALONGSIDE, ago=3)) == [Kind.RELEASE_ONLY]


def paused(ago, event="red/session/5", **numbers):
    return row(Kind.RELEASE_ONLY, ago=ago, pk=50, event=event, **numbers)


@pytest.mark.parametrize(
    ("mornings", "back"),
    [
        (fine(3, 2), True),
        (fine(3), False),
        ({}, False),
        (fine(3) | fine(2, word="a_bit_sore"), True),
        (fine(3) | fine(2, word="sore"), False),  # amber adds nothing
        (fine(4, 3) | fine(2, word="worse_than_before"), False),  # red starts the count again
        (fine(4, word="worse_than_before") | fine(3, 2), True),
    ],
)
def test_strengthening_comes_back_after_two_green_mornings_each_after_release(mornings, back):
    cause = session(5, 5, loading=True, worst=8)
    release = [session(ago) for ago in (4, 3, 2)]
    evidence = strong(cause, *release, mornings=mornings)
    handled = {"red/session/5", *(f"red/morning/{each}" for each in mornings)}

    found = kinds(evidence, paused(5), events=handled)

    assert (found == [Kind.STRENGTHENING_BACK, Kind.DOSE_REDUCED]) is back
    assert back or found == []


def test_green_mornings_without_a_release_session_bring_nothing_back():
    cause = session(5, 5, loading=True, worst=8)

    assert kinds(strong(cause, mornings=fine(3, 2)), paused(5), events={"red/session/5"}) == []


def test_therapist_may_make_the_pause_longer():
    cause = session(5, 5, loading=True, worst=8)
    evidence = strong(cause, session(4), session(3), mornings=fine(4, 3))
    longer = paused(5, not_before=(TODAY + timedelta(days=1)).isoformat())

    assert kinds(evidence, longer, events={"red/session/5"}) == []
    assert Kind.STRENGTHENING_BACK in kinds(
        evidence, paused(5, not_before=TODAY.isoformat()), events={"red/session/5"}
    )


def test_an_open_step_back_goes_first():
    cause = session(5, 5, loading=True, worst=8)
    evidence = strong(cause, session(4), session(3), mornings=fine(4, 3))

    assert kinds(evidence, paused(5), row(Kind.STEP_BACK_PROPOSED, ago=4), events={"red/session/5"}) == []


def test_nothing_is_ready_while_strengthening_is_paused():
    held_up = replace(full_release(), phase_kind="strengthen", has_earlier=True)

    assert kinds(held_up) == [Kind.READY]
    assert Kind.READY not in kinds(held_up, paused(0))


# ---- The dose -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zones", "expected"),
    [([5, 4, 4], [Kind.DOSE_REDUCED]), ([5, 4], []), ([5, 2, 4], []), ([4, 4, 3], [])],
)
def test_three_amber_sessions_in_a_row_reduce_the_dose(zones, expected):
    made = tuple(session(2 * (len(zones) - n), loading=True, worst=worst) for n, worst in enumerate(zones))

    assert kinds(strong(*made)) == expected


@pytest.mark.parametrize(
    ("mornings", "expected"),
    [(fine(4, 2), [Kind.DOSE_RESTORED]), (fine(4), []), (fine(4) | fine(2, word="sore"), [])],
)
def test_agreed_dose_comes_back_after_two_green_sessions(mornings, expected):
    made = (session(4, loading=True), session(2, loading=True))
    reduced = row(Kind.DOSE_REDUCED, ago=6, pk=9, of="strengthening")

    assert kinds(strong(*made, mornings=mornings), reduced) == expected


def test_release_days_do_not_bring_back_the_dose_of_strengthening():
    made = (session(4), session(2))
    reduced = row(Kind.DOSE_REDUCED, ago=6, pk=9, of="strengthening")

    assert kinds(strong(*made, mornings=fine(4, 2)), reduced) == []


# ---- A step back is proposed ------------------------------------------------------------------------------------------------------


def test_two_red_sessions_in_a_row_propose_a_step_back_and_hold_release_only():
    red = (session(3, 1, loading=True, worst=7), session(1, 2, loading=True, worst=8))

    assert kinds(strong(*red), events={"red/session/1", "red/session/2"}) == [
        Kind.STEP_BACK_PROPOSED,
        Kind.RELEASE_ONLY,
    ]


def test_no_step_back_from_the_first_phase():
    red = (session(3, 1, worst=7), session(1, 2, worst=8))

    assert Kind.STEP_BACK_PROPOSED not in kinds(make(sessions=red))


@pytest.mark.parametrize(("now", "proposed"), [(4, False), (5, True), (6, True)])
def test_pain_two_above_the_baseline_proposes_a_step_back(now, proposed):
    pain = diary(d13=3, d12=3, d11=3, d3=now, d2=now, d1=now)

    assert (Kind.STEP_BACK_PROPOSED in kinds(strong(pain=pain))) is proposed


@pytest.mark.parametrize(("latest", "proposed"), [(3, False), (4, True), (5, True)])
def test_tenderness_back_up_by_two_proposes_a_step_back(latest, proposed):
    site = Site("piriformis", "right", readings=[Reading(day(12), 2), Reading(day(1), latest)])

    assert (Kind.STEP_BACK_PROPOSED in kinds(strong(sites=(site,)))) is proposed


@pytest.mark.parametrize(("ago", "proposed"), [(13, False), (14, True), (20, True)])
def test_fourteen_days_without_a_session_propose_a_step_back(ago, proposed):
    evidence = strong(phase_started=day(30), phase_day=30, trained_days=frozenset({day(ago)}))

    assert (Kind.STEP_BACK_PROPOSED in kinds(evidence)) is proposed


def test_paused_days_are_not_missed_days():
    rest = (Pause(day(14), day(1)),)
    evidence = strong(phase_started=day(30), phase_day=17, trained_days=frozenset({day(15)}), pauses=rest)

    assert Kind.STEP_BACK_PROPOSED not in kinds(evidence)
    assert Kind.STEP_BACK_PROPOSED in kinds(replace(evidence, pauses=()))


@pytest.mark.parametrize(("keyed", "proposed"), [(20, False), (7, False), (6, True), (0, True)])
def test_days_of_a_sheet_that_is_still_out_are_not_missed_days(keyed, proposed):
    evidence = strong(
        phase_started=day(30), phase_day=30, trained_days=frozenset({day(20)}), paper_until=day(keyed)
    )

    assert (Kind.STEP_BACK_PROPOSED in kinds(evidence)) is proposed


def test_answered_step_back_is_not_proposed_again_for_the_same_evidence():
    evidence = strong(phase_started=day(30), phase_day=30, trained_days=frozenset({day(20)}))
    asked = written(evidence)
    answered = row(Kind.CARRIED_ON, pk=200, answers="step_back", look_again=day(0).isoformat())

    found = decide(
        evidence, fold([STARTED, *asked, answered]), RULES, frozenset(each.event for each in asked)
    )

    assert Kind.STEP_BACK_PROPOSED not in [each.kind for each in found.rows]


# ---- To a doctor --------------------------------------------------------------------------------------------------------------------


def test_symptoms_that_spread_in_two_sessions_running_suggest_a_doctor():
    spreading = (session(3, 1, limb="further_down"), session(1, 2, limb="further_down"))

    assert Kind.REFER_SUGGESTED in kinds(make(sessions=spreading))
    assert Kind.REFER_SUGGESTED not in kinds(make(sessions=spreading[1:]))
    assert Kind.REFER_SUGGESTED not in kinds(make(sessions=(spreading[0], session(1, 2, limb="same"))))


@pytest.mark.parametrize(
    ("days", "now", "suggested"),
    [(42, 6, True), (41, 6, False), (42, 4, False), (42, None, False)],
)
def test_six_weeks_without_a_change_that_matters_suggest_a_doctor(days, now, suggested):
    began = TODAY - timedelta(days=days)
    pain = {began - timedelta(days=n): 6 for n in (1, 2, 3)}
    pain |= diary(d1=now, d2=now, d3=now) if now is not None else {}
    evidence = make(first_phase_on=began, phase_started=began, phase_day=12, pain=pain)

    assert (Kind.REFER_SUGGESTED in kinds(evidence)) is suggested


# ---- What a review found ---------------------------------------------------------------------------------------------------------


def test_a_stop_counts_although_the_session_was_never_finished():
    left = session(1, loading=True, finished=False, worst=None, stops=frozenset({"tingling"}))

    assert kinds(strong(left)) == [Kind.RELEASE_ONLY]


def test_a_later_red_event_does_not_shorten_the_rest_that_the_therapist_wants():
    wanted = (TODAY + timedelta(days=60)).isoformat()
    newer = row(Kind.RELEASE_ONLY, ago=5, pk=51, event="red/morning/x")
    evidence = strong(session(4), session(3), mornings=fine(4, 3))

    assert kinds(evidence, paused(8, not_before=wanted), newer, events={"red/session/5"}) == []


def test_a_paused_program_gets_its_strengthening_back_too():
    cause = session(5, 5, loading=True, worst=8)
    evidence = strong(cause, session(4), session(3), mornings=fine(4, 3), paused=True)

    assert Kind.STRENGTHENING_BACK in kinds(evidence, paused(5), events={"red/session/5"})


def test_an_answered_reason_hides_neither_the_way_back_nor_another_reason():
    site = Site("piriformis", "right", readings=[Reading(day(12), 2), Reading(day(8), 4)])
    known = {"step_back/tender/piriformis/right/" + str(day(8)), "red/session/5"}
    cause = session(5, 5, loading=True, worst=8)
    evidence = strong(cause, session(4), session(3), mornings=fine(4, 3), sites=(site,))

    assert Kind.STRENGTHENING_BACK in kinds(evidence, paused(5), events=known)
    silent = replace(evidence, phase_started=day(40), trained_days=frozenset({day(20)}), mornings={})
    assert Kind.STEP_BACK_PROPOSED in kinds(silent, events=known)


def test_answer_to_one_cause_rests_only_that_cause():
    asked = row(Kind.REFER_SUGGESTED, pk=2, cause="no_change")
    answered = row(
        Kind.CARRIED_ON, pk=3, answers="refer", look_again=(TODAY + timedelta(days=90)).isoformat()
    )
    spreading = (session(3, 1, limb="further_down"), session(1, 2, limb="further_down"))

    assert Kind.REFER_SUGGESTED in kinds(make(sessions=spreading), asked, answered)


def test_several_goes_of_one_day_are_one_day():
    goes = (session(1, 1, loading=True, number=1), session(1, 2, loading=True, number=2))

    assert Kind.STEP_BACK_PROPOSED not in kinds(strong(*goes, mornings=fine(1, word="worse_than_before")))
    threes = (*goes, session(1, 3, loading=True, number=3))
    assert Kind.DOSE_REDUCED not in kinds(strong(*threes, mornings=fine(1, word="sore")))


def test_stepping_back_to_release_ends_the_pause():
    back = row(Kind.STEPPED_BACK, pk=60, to_kind="release")

    assert fold([STARTED, paused(3), back]).release_only is None


def test_way_back_of_one_pause_does_not_end_a_newer_one():
    back = row(Kind.STRENGTHENING_BACK, pk=61, event="back/50")

    assert fold([STARTED, paused(3), row(Kind.RELEASE_ONLY, pk=55), back]).release_only.pk == 55
    assert fold([STARTED, paused(3), back]).release_only is None


def test_two_red_days_in_a_first_phase_ask_the_therapist_to_look():
    red = (session(3, 1, worst=7), session(1, 2, worst=8))

    assert Kind.REVIEW_DUE in kinds(make(sessions=red), events={"red/session/1", "red/session/2"})


def test_ready_stays_while_only_the_newest_morning_waits_to_be_told():
    told = [session(ago, loading=True, effort=5) for ago in (9, 7, 5, 3)]
    newest = session(1, loading=True, effort=5)
    days = frozenset(day(ago) for ago in (9, 7, 5, 3, 1))
    evidence = strong(
        *told,
        newest,
        mornings=fine(9, 7, 5, 3),
        trained_days=days,
        phase_day=14,
        due={day(1): (4, 4.0)},
        sites=(Site("piriformis", "right", readings=[Reading(day(1), 2)]),),
    )

    found = criterion(evidence, "green_sessions")

    assert (found.answer, found.figures["pending"]) == (Answer.NOT_ENOUGH, True)
    assert kinds(evidence, row(Kind.READY)) == []
    assert kinds(replace(evidence, today=TODAY + timedelta(days=3)), row(Kind.READY)) == [Kind.NOT_READY]


def test_nothing_is_ready_while_a_block_is_open():
    assert Kind.READY not in kinds(replace(full_release(), blocked=True))


def test_a_phase_that_no_rule_closes_is_never_ready():
    without = replace(
        full_release(), numbers=Numbers("", {"phase": {"min_days_in_phase": 7, "review_by_day": 21}})
    )

    assert kinds(without) == []
