"""Who needs the therapist, by evidence made by hand: these tests use no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from clients.attention.decide import decide
from clients.attention.facts import Facts, Found, Program, StepDays, Waits
from clients.attention.thresholds import thresholds
from clients.models import Practice
from clients.progression.facts import Evidence, Reading, Site
from clients.schedule import Pause
from tests.clients.progression.evidence import PROGRAM, TODAY, day, diary, make, session

EVERY_DAY = (StepDays("1234567", 0, None),)


def program(evidence: Evidence | None = None, **fields: Any) -> Program:
    values = {
        "pk": PROGRAM,
        "started": day(10),
        "evidence": evidence,
        "steps": EVERY_DAY,
        "forward": 71,
        **fields,
    }
    return Program(**values)


def facts(
    *programs: Program,
    last: date | None = TODAY,
    inside: bool = True,
    own: dict[str, int] | None = None,
    practice: dict[str, int] | None = None,
    blocks: Sequence[Pause] = (),
    reached: date | None = None,
) -> Facts:
    known = Practice(numbers={"attention": practice}) if practice else None
    return Facts(TODAY, inside, last, thresholds(known, own or {}), programs, blocks, reached)


def found(*programs: Program, **values: Any) -> list[Found]:
    return decide(facts(*programs, **values))


def kinds(*programs: Program, **values: Any) -> list[str]:
    return [str(need.kind) for need in found(*programs, **values)]


# ---- A rise of pain -------------------------------------------------------------------------------------------------

BEFORE = {"d14": 2, "d13": 3, "d12": 3}  # a baseline of 3


def risen(d2: int = 5, d1: int = 5, d0: int = 6, **fields: Any) -> Program:
    return program(make(pain=diary(**BEFORE, d2=d2, d1=d1, d0=d0), **fields))


def test_pain_above_the_own_baseline_is_a_need() -> None:
    (need,) = found(risen())

    assert need.kind == "pain_rise"
    assert (need.evidence["now"], need.evidence["baseline"], need.since) == (5, 3, day(2))
    assert need.evidence["chart"]["baseline"] == 3


@pytest.mark.parametrize("days", [{"d2": 4, "d1": 4, "d0": 4}, {"d2": 3, "d1": 3, "d0": 10}])
def test_less_than_the_threshold_or_one_bad_day_is_no_need(days: dict[str, int]) -> None:
    assert kinds(risen(**days)) == []


def test_pain_without_enough_values_is_not_enough_data() -> None:
    two_before = program(make(pain=diary(d14=1, d12=1, d2=9, d1=9, d0=9)))
    two_lately = program(make(pain=diary(**BEFORE, d1=9, d0=9)))
    long_ago = program(make(pain=diary(**BEFORE, d9=9, d8=9, d7=9)))

    assert kinds(two_before) == kinds(two_lately) == kinds(long_ago) == []


def test_pain_threshold_is_the_clients_before_the_practices() -> None:
    assert kinds(risen(), practice={"pain_rise": 3}) == []
    assert kinds(risen(), practice={"pain_rise": 3}, own={"pain_rise": 2}) == ["pain_rise"]
    assert kinds(risen(), own={"pain_rise": 3}) == []


def test_pain_is_not_told_twice_beside_a_step_back() -> None:
    proposed = replace(risen(), waits=(Waits("step_back_proposed", 5, TODAY),), back=69)

    assert kinds(proposed) == ["step_back_proposed"]


def test_key_of_a_rise_is_the_same_until_it_gets_worse_or_begins_anew() -> None:
    (first,) = found(risen())
    (next_day,) = decide(
        replace(facts(risen()), programs=(program(make(pain=diary(**BEFORE, d3=5, d2=6, d1=5, d0=5))),))
    )
    (worse,) = found(risen(d0=8))

    assert first.key.endswith("/6")
    assert next_day.key != first.key
    assert worse.key != first.key
    assert found(risen())[0].key == first.key


def test_paused_program_has_no_evidence_of_its_own() -> None:
    assert kinds(replace(risen(), paused=True)) == []


# ---- Less is done ---------------------------------------------------------------------------------------------------


def doing(now: float, before: float, *, due: int = 7, earlier: int = 14) -> Program:
    """Shares of four due items a day: in the last week, and in the two weeks before."""
    days = {day(ago): (4, 4 * now) for ago in range(1, due + 1)}
    days |= {day(ago): (4, 4 * before) for ago in range(8, 8 + earlier)}
    return program(make(phase_started=day(30), phase_day=30, due=days, numbers=make().numbers))


def test_drop_of_twenty_points_is_a_need() -> None:
    (need,) = found(doing(0.6, 0.8))

    assert (need.kind, need.evidence["now"], need.evidence["before"]) == ("adherence", 60, 80)


def test_smaller_drop_is_no_need_and_the_threshold_is_the_practices_or_the_clients() -> None:
    assert kinds(doing(0.7, 0.8)) == []
    assert kinds(doing(0.7, 0.8), practice={"adherence_drop": 10}) == ["adherence"]
    assert kinds(doing(0.7, 0.8), practice={"adherence_drop": 10}, own={"adherence_drop": 30}) == []


def test_too_few_due_days_are_not_enough_data() -> None:
    assert kinds(doing(0, 1, due=2)) == []
    assert kinds(doing(0, 1, earlier=2)) == []


def test_today_does_not_count_as_it_is_not_over() -> None:
    today = doing(0.8, 0.8)
    assert today.evidence is not None
    undone = replace(today.evidence, due={**today.evidence.due, TODAY: (40, 0.0)})

    assert kinds(replace(today, evidence=undone)) == []


def test_days_of_a_sheet_that_is_still_out_are_not_undone_days() -> None:
    out = doing(0, 0.8)
    assert out.evidence is not None
    paper = replace(out, evidence=replace(out.evidence, paper_until=day(8)))

    assert kinds(out, inside=False) == ["adherence"]
    assert kinds(paper, inside=False) == []


# ---- Silence --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ago", "expected"), [(3, []), (4, ["silent"])])
def test_silence_begins_after_the_allowed_days(ago: int, expected: list[str]) -> None:
    assert kinds(program(make()), last=day(ago)) == expected


def test_silence_threshold_is_the_practices_or_the_clients() -> None:
    assert kinds(program(make()), last=day(4), practice={"silent_days": 5}) == []
    assert kinds(program(make()), last=day(4), practice={"silent_days": 5}, own={"silent_days": 2}) == [
        "silent"
    ]


def test_whoever_follows_on_paper_or_rests_or_has_not_begun_is_not_silent() -> None:
    assert kinds(program(make()), last=day(9), inside=False) == []
    assert kinds(program(make(), paused=True), last=day(9)) == []
    assert kinds(program(None, started=TODAY + timedelta(days=1)), last=None) == []


def test_one_more_week_of_silence_is_new_evidence() -> None:
    keys = [found(program(make()), last=day(ago))[0].key for ago in (4, 6)]
    (later,) = found(program(make()), last=day(8))

    assert keys[0].split("/")[1] == keys[1].split("/")[1]
    assert later.key.split("/")[1] != keys[0].split("/")[1]


def test_paused_days_are_no_silence() -> None:
    week = (Pause(day(8), day(2)),)
    (need,) = found(program(make(), pauses=(Pause(day(8), day(6)),)), last=day(9))

    assert kinds(program(make(), pauses=week), last=day(9)) == []
    assert need.evidence["days"] == 6


def test_days_on_which_nobody_may_train_are_no_silence() -> None:
    over = (Pause(day(8), TODAY),)
    (need,) = found(program(make()), last=day(9), blocks=(Pause(day(8), day(6)),))

    assert kinds(program(make()), last=day(9), blocks=over) == []
    assert need.evidence["days"] == 6


def test_silence_rests_after_a_contact_as_long_as_silence_may_last() -> None:
    (again,) = found(program(make()), last=day(9), reached=day(4))
    (before,) = found(program(make()), last=day(9), reached=day(20))

    assert kinds(program(make()), last=day(9), reached=day(3)) == []
    assert kinds(program(make()), last=day(9), reached=day(3), practice={"silent_days": 2}) == ["silent"]
    assert (again.evidence["days"], again.evidence["reached"]) == (9, day(4).isoformat())
    assert before.evidence["reached"] is None, "it was before the silence"


def test_what_is_not_done_is_no_row_of_its_own_while_silence_rests() -> None:
    assert kinds(doing(0, 1), last=day(8), reached=TODAY) == []


def test_silence_counts_from_the_programs_that_go_on() -> None:
    resting = program(make(), started=day(60), paused=True)
    going = program(make(program=8), pk=8, started=day(2))
    to_come = program(None, pk=6, started=TODAY + timedelta(days=1))

    assert kinds(resting, going, last=None) == []
    (need,) = found(resting, to_come, replace(going, started=day(5)), last=None)
    assert (need.program, need.since, need.evidence["days"]) == (8, day(5), 5)


def test_silence_stands_for_what_was_not_done() -> None:
    assert kinds(doing(0, 1), last=day(8)) == ["silent"]


def test_silence_shows_the_sessions_of_the_last_weeks() -> None:
    trained = tuple(session(ago) for ago in (9, 10, 17))
    (need,) = found(program(make(first_phase_on=day(20), sessions=trained)), last=day(9))

    assert need.evidence["chart"] == {"of": "sessions", "values": [1, 2, 0]}


# ---- Running out ----------------------------------------------------------------------------------------------------


def test_plan_without_a_step_in_the_coming_days_runs_out() -> None:
    over = (StepDays("1234567", 0, 11),)
    (need,) = found(program(make(), steps=over))

    assert (need.kind, need.evidence["cause"]) == ("running_out", "steps")
    assert kinds(program(make(), steps=(StepDays("1234567", 0, 12),))) == []
    assert kinds(program(make(), steps=(StepDays("1234567", 17, None),))) == []


def test_step_beside_the_phase_counts_from_its_own_day() -> None:
    over = StepDays("1234567", 0, 11)

    assert kinds(program(make(), steps=(over, replace(over, since=day(3))))) == []
    assert kinds(program(make(), steps=(over, replace(over, since=day(10))))) == ["running_out"]


def test_plan_that_runs_out_is_new_evidence_with_other_steps_or_another_end() -> None:
    over, other = StepDays("1234567", 0, 11), StepDays("135", 0, 5)
    keys = [
        found(program(make(), steps=steps))[0].key for steps in ((over,), (over, other), (), (other, over))
    ]
    ends = [found(last_phase(phase_day))[0].key for phase_day in (14, 20, 21)]

    assert len(set(keys)) == 3
    assert keys[1] == keys[3]
    assert len(set(ends)) == 3


def test_end_of_the_last_phase_is_the_same_evidence_until_it_comes() -> None:
    def on(today: date) -> str:
        evidence = make(today=today, phase_started=day(14), phase_day=(today - day(14)).days, has_next=False)
        (need,) = found(program(evidence, forward=None))
        return need.key

    before, day_after, over = (on(TODAY + timedelta(days=n)) for n in (0, 1, 7))
    assert before == day_after != over == on(TODAY + timedelta(days=9))


def test_days_ahead_are_the_practices_or_the_clients() -> None:
    later = (StepDays("1234567", 15, None),)

    assert kinds(program(make(), steps=later)) == []
    assert kinds(program(make(), steps=later), practice={"running_out_days": 3}) == ["running_out"]
    assert (
        kinds(program(make(), steps=later), practice={"running_out_days": 3}, own={"running_out_days": 7})
        == []
    )


def last_phase(phase_day: int, **fields: Any) -> Program:
    """The last phase, whose review is asked for on day 21."""
    evidence = make(phase_started=day(phase_day), phase_day=phase_day, has_next=False)
    return program(evidence, forward=None, **fields)


@pytest.mark.parametrize(("phase_day", "expected"), [(13, []), (14, ["running_out"]), (30, ["running_out"])])
def test_last_phase_runs_out_as_its_end_comes_near(phase_day: int, expected: list[str]) -> None:
    assert kinds(last_phase(phase_day)) == expected


def test_last_phase_that_waits_for_its_review_or_goes_on_does_not_run_out() -> None:
    reviewed = last_phase(21, waits=(Waits("review_due", 4, TODAY),))

    assert kinds(reviewed) == ["review_due"]
    assert kinds(last_phase(21, review_rests_until=TODAY + timedelta(days=1))) == []


# ---- What waits for an answer ---------------------------------------------------------------------------------------


def test_proposals_carry_their_row_and_the_phase_they_lead_to() -> None:
    ready = program(make(), waits=(Waits("ready", 8, day(1)),))
    (need,) = found(ready)

    assert (need.key, need.since, need.evidence["row"], need.evidence["to"]) == ("8", day(1), 8, 71)


def test_what_nobody_answered_rises_above_everything_that_waits() -> None:
    old = program(make(), waits=(Waits("review_due", 4, day(3)), Waits("ready", 8, day(2))))

    assert [(str(need.kind), need.rises) for need in found(old)] == [("review_due", True), ("ready", False)]
    assert [need.rises for need in found(replace(old, escalate_after=4))] == [False, False]


@pytest.mark.parametrize(("ago", "rises"), [(6, False), (7, True)])
def test_pause_of_strengthening_may_wait_a_week(ago: int, rises: bool) -> None:
    (need,) = found(program(make(), waits=(Waits("release_only", 4, day(ago), rests=True),)))

    assert need.rises is rises


def test_ready_shows_the_tenderness_with_what_the_phase_asks_for() -> None:
    site = Site("piriformis", "right", readings=[Reading(day(9), 7), Reading(day(1), 3)])
    (need,) = found(program(make(sites=(site,)), waits=(Waits("ready", 8, TODAY),)))

    assert need.evidence["chart"] == {
        "of": "tenderness",
        "values": [[day(9).isoformat(), 7], [day(1).isoformat(), 3]],
        "baseline": 3,
    }


def test_steps_with_care_are_new_evidence_when_there_are_others() -> None:
    (one,) = found(program(make(), care=("5:osteoporosis",)))
    (two,) = found(program(make(), care=("5:osteoporosis", "6:pregnancy")))

    assert (one.kind, one.evidence) == ("care", {"steps": 1, "conditions": ["osteoporosis"]})
    assert two.evidence == {"steps": 2, "conditions": ["osteoporosis", "pregnancy"]}
    assert one.key != two.key


def test_order_is_that_of_who_is_in_trouble() -> None:
    waits = ("review_due", "ready", "tight_again", "step_back_proposed", "refer_suggested", "release_only")
    many = program(
        make(), waits=tuple(Waits(kind, n, TODAY) for n, kind in enumerate(waits, 1)), care=("5:x",)
    )

    assert kinds(many, last=day(9)) == [
        "refer_suggested", "step_back_proposed", "release_only", "tight_again", "ready", "review_due", "care", "silent",
    ]  # fmt: skip


def test_nobody_needs_anybody_without_a_program() -> None:
    assert found(last=None) == []
