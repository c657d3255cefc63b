"""Each criterion of each gate with its boundary values, the equal and the missing case (domain.md 6.4). No database."""

from dataclasses import replace

import pytest

from clients.progression.criteria import Answer, Criterion, all_met, gate
from clients.progression.facts import Item, Reading, Score, Site
from clients.progression.words import for_client, said_once
from tests.clients.progression.evidence import PROGRAM, criterion, day, diary, fine, make, numbers, session

MET, NOT, UNKNOWN = Answer.MET, Answer.NOT_MET, Answer.NOT_ENOUGH
STRENGTHEN, INTEGRATE = "strengthen_to_integrate", "integrate_to_maintain"


def sessions(n, **fields):
    return tuple(session(ago, **fields) for ago in range(n))


@pytest.mark.parametrize(("days", "answer"), [(6, NOT), (7, MET), (8, MET), (-3, NOT)])
def test_days_in_the_phase(days, answer):
    found = criterion(make(phase_day=days), "days_in_phase")

    assert found.answer == answer
    assert found.numbers["min_days_in_phase"] == {"value": 7, "whose": "rule"}


@pytest.mark.parametrize(("done", "answer"), [(0, NOT), (4, NOT), (5, MET), (6, MET)])
def test_sessions_in_the_window(done, answer):
    assert criterion(make(sessions=sessions(done)), "sessions_done").answer == answer


def test_sessions_before_the_window_of_others_and_empty_ones_do_not_count():
    inside = sessions(4)
    before = session(7)
    empty = session(5, done=0)
    other = session(6, programs=frozenset({99}))

    assert criterion(make(sessions=(*inside, before, empty, other)), "sessions_done").figures == {
        "sessions": 4
    }


@pytest.mark.parametrize(
    ("due", "done", "answer"),
    [(10, 6.9, NOT), (10, 7, MET), (10, 7.1, MET), (0, 0, UNKNOWN)],
)
def test_adherence(due, done, answer):
    evidence = make(due={day(2): (due, done)} if due else {})

    assert criterion(evidence, "adherence").answer == answer


def test_work_that_was_due_before_the_window_does_not_count():
    found = criterion(make(due={day(7): (10, 0.0), day(6): (4, 4.0)}), "adherence")

    assert (found.answer, found.figures["percent"]) == (MET, 100)


@pytest.mark.parametrize(
    ("first", "latest", "answer"),
    [
        (8, 3, MET),  # low enough
        (8, 4, MET),  # fell by 2 or more
        (6, 4, MET),  # fell by exactly 2
        (5, 4, NOT),
        (4, 4, NOT),
        (None, 4, NOT),  # told once: neither low nor fallen
        (None, 3, MET),
        (8, None, UNKNOWN),
        (None, None, UNKNOWN),
    ],
)
def test_tenderness_of_a_tracked_muscle(first, latest, answer):
    readings = [Reading(day(9), first)] if first is not None else []
    readings += [Reading(day(1), latest)] if latest is not None else []
    site = Site("piriformis", "right", readings=readings)

    assert criterion(make(sites=(site,)), "tenderness").answer == answer


@pytest.mark.parametrize(
    ("first", "latest", "said"),
    [
        (8, 3, ("Pressing the right piriformis: 3 or less of 10", "3")),
        (8, 4, ("Pressing the right piriformis: at least 2 less than at the start of the phase", "8 → 4")),
        (5, 4, ("Pressing the right piriformis: 3 or less of 10", "4")),
    ],
)
def test_tenderness_shows_the_goal_that_is_met(first, latest, said):
    readings = [Reading(day(9), first), Reading(day(1), latest)]
    site = Site("piriformis", "right", {"": {"name": "Piriformis"}}, readings)

    line = for_client(criterion(make(sites=(site,)), "tenderness"))

    assert (line.text, line.figure) == said


def test_that_there_is_not_enough_data_is_said_once():
    lines = [for_client(each) for each in gate(make())]

    said = [line.detail for line in said_once(lines)]

    too_little = "There is not enough data for this yet."
    assert [line.detail for line in lines].count(too_little) > 1
    assert said.count(too_little) == 1
    assert [line.answer for line in said_once(lines)] == [line.answer for line in lines]


def test_tenderness_answers_for_each_muscle_and_side():
    told = Site("piriformis", "right", readings=[Reading(day(1), 2)])
    untold = Site("piriformis", "left")

    found = [each for each in gate(make(sites=(told, untold))) if each.slug == "tenderness"]

    assert [(each.side, each.answer) for each in found] == [("right", MET), ("left", UNKNOWN)]


def test_tenderness_told_before_the_window_is_not_enough():
    site = Site("piriformis", "right", readings=[Reading(day(7), 1)])

    assert criterion(make(sites=(site,)), "tenderness").answer == UNKNOWN


@pytest.mark.parametrize(
    ("pain", "answer"),
    [
        (diary(d1=5, d2=5, d3=5), MET),
        (diary(d1=5, d2=5, d3=6), NOT),
        (diary(d1=1, d2=1), UNKNOWN),
        (diary(d1=1, d2=1, d7=1), UNKNOWN),  # a week ago is outside of seven days
        ({}, UNKNOWN),
    ],
)
def test_mean_pain(pain, answer):
    assert criterion(make(pain=pain), "mean_pain").answer == answer


@pytest.mark.parametrize(
    ("now", "answer"),
    [(4, MET), (5, MET), (6, NOT)],
)
def test_pain_against_the_baseline_of_the_phase(now, answer):
    pain = diary(d11=4, d12=4, d13=4, d1=now, d2=now, d3=now)

    assert criterion(make(pain=pain), "against_baseline").answer == answer


def test_baseline_is_the_median_of_the_last_seven_days_before_the_phase():
    pain = diary(d30=10, d17=1, d16=1, d15=1, d14=2, d13=9, d12=9, d11=9, d1=3, d2=3, d3=3)

    found = criterion(make(pain=pain), "against_baseline")

    assert (found.figures["baseline"], found.answer) == (2, MET)


@pytest.mark.parametrize("before", [{}, diary(d11=3, d12=3), diary(d10=3, d9=3, d8=3)])
def test_without_a_baseline_nothing_is_compared(before):
    """Two values are too few, and the first day of the phase lies in it already."""
    pain = {**before, **diary(d1=0, d2=0, d3=0)}

    assert criterion(make(pain=pain), "against_baseline").answer == UNKNOWN


@pytest.mark.parametrize(
    ("worst", "answer"),
    [([5], MET), ([6], NOT), ([2, 6], NOT), ([2, None], UNKNOWN), ([None, 6], NOT), ([], UNKNOWN)],
)
def test_red_sessions(worst, answer):
    made = tuple(session(ago, worst=value) for ago, value in enumerate(worst))

    assert criterion(make(sessions=made), "no_red_sessions").answer == answer


def test_symptoms_that_move_down_make_a_session_red_whatever_the_number():
    assert (
        criterion(make(sessions=(session(0, worst=0, limb="further_down"),)), "no_red_sessions").answer == NOT
    )


def test_symptoms_that_retreat_make_no_session_red():
    assert (
        criterion(make(sessions=(session(0, worst=7, limb="further_up"),)), "no_red_sessions").answer == MET
    )


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"checked": frozenset({day(1)})}, MET),
        ({"checked": frozenset()}, UNKNOWN),
        ({"checked": frozenset({day(7)})}, UNKNOWN),
        ({"checked": frozenset({day(1)}), "signs": frozenset({day(6)})}, NOT),
        ({"checked": frozenset({day(1)}), "signs": frozenset({day(7)})}, MET),
        ({"signs": frozenset({day(0)})}, NOT),
        ({"checked": frozenset({day(1)}), "sessions": (session(1, limb="new_numb"),)}, NOT),
        ({"checked": frozenset({day(1)}), "sessions": (session(1, stops=frozenset({"tingling"})),)}, NOT),
        ({"checked": frozenset({day(1)}), "sessions": (session(1, limb="less"),)}, MET),
    ],
)
def test_new_signs(fields, answer):
    assert criterion(make(**fields), "no_new_signs").answer == answer


# ---- Strengthen to integrate ------------------------------------------------------------------------------------------------


def strong(*ago, mornings=None, **fields):
    made = tuple(session(each, loading=True, effort=5, **fields) for each in sorted(ago, reverse=True))
    return make(STRENGTHEN, sessions=made, mornings=fine(*ago) if mornings is None else mornings)


@pytest.mark.parametrize(
    ("evidence", "answer"),
    [
        (strong(1, 3, 5), MET),
        (strong(1, 3), UNKNOWN),
        (strong(), UNKNOWN),
        (strong(1, 3, 5, worst=3), MET),
        (strong(1, 3, 5, worst=4), NOT),
        (strong(1, 3, 5, mornings=fine(1, 3)), UNKNOWN),  # one without an answer is never green
        (strong(1, 3, 5, mornings=fine(1, 3) | fine(5, word="sore")), NOT),
        (strong(1, 3, 5, mornings=fine(1, 3) | fine(5, word="a_bit_sore")), MET),
        (strong(1, 3, 5, worst=None), UNKNOWN),
        (strong(1, 3, 5, 20), MET),  # before the phase began
    ],
)
def test_green_sessions_in_a_row(evidence, answer):
    assert criterion(evidence, "green_sessions").answer == answer


@pytest.mark.parametrize("slug", ["green_sessions", "full_dose"])
def test_what_another_program_strengthens_is_no_evidence_for_this_one(slug):
    release = Item(loading=False, asked=1, done=1, programs=frozenset({PROGRAM}))
    theirs = Item(loading=True, asked=1, done=1, programs=frozenset({PROGRAM + 1}))
    own = tuple(session(ago, loading=True, effort=5) for ago in (5, 3, 1))
    shared = tuple(replace(each, items=(release, theirs)) for each in own)
    mornings = fine(5, 3, 1)

    assert criterion(make(STRENGTHEN, sessions=own, mornings=mornings), slug).answer == MET
    assert criterion(make(STRENGTHEN, sessions=shared, mornings=mornings), slug).answer == UNKNOWN


def test_what_another_program_left_undone_does_not_lessen_the_dose_of_this_one():
    theirs = Item(loading=True, asked=3, done=1, full_dose=False, programs=frozenset({PROGRAM + 1}))
    own = tuple(session(ago, loading=True, effort=5) for ago in (3, 1))
    both = tuple(replace(each, items=(*each.items, theirs)) for each in own)

    assert criterion(make(STRENGTHEN, sessions=both, mornings=fine(3, 1)), "full_dose").answer == MET


def test_days_of_release_only_are_no_green_sessions():
    made = tuple(session(ago, loading=False) for ago in (5, 3, 1))

    assert (
        criterion(make(STRENGTHEN, sessions=made, mornings=fine(1, 3, 5)), "green_sessions").answer == UNKNOWN
    )


@pytest.mark.parametrize(
    ("efforts", "full", "answer"),
    [
        ([6, 6], True, MET),
        ([5, 7], True, NOT),
        ([7, 5, 5], True, MET),  # only the last two count
        ([6], True, UNKNOWN),
        ([6, None], True, UNKNOWN),
        ([6, 6], False, NOT),
        ([], True, UNKNOWN),
    ],
)
def test_full_dose_at_an_effort_that_leaves_something(efforts, full, answer):
    made = tuple(
        session(2 * (len(efforts) - n), loading=True, full=full, effort=effort)
        for n, effort in enumerate(efforts)
    )

    assert criterion(make(STRENGTHEN, sessions=made), "full_dose").answer == answer


def test_a_session_that_was_partly_done_is_no_full_dose():
    made = (session(3, loading=True, effort=5), session(1, loading=True, effort=5, done=1, asked=2))

    assert criterion(make(STRENGTHEN, sessions=made), "full_dose").answer == NOT


def test_what_a_stop_took_out_is_not_asked_of_the_full_dose():
    excused = Item(loading=True, asked=2, done=0, excused=True)
    made = [session(ago, loading=True, effort=5) for ago in (3, 1)]
    made = tuple(type(each)(**{**each.__dict__, "items": (*each.items, excused)}) for each in made)

    assert criterion(make(STRENGTHEN, sessions=made), "full_dose").answer == MET


def test_window_of_the_next_gates_is_two_weeks():
    made = tuple(session(ago) for ago in (13, 12, 9, 5, 14))

    assert criterion(make(STRENGTHEN, sessions=made), "sessions_done").figures == {"sessions": 4}


# ---- Integrate to maintain ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("worst", "answer"),
    [([3, 3], MET), ([3, 4], NOT), ([3, None], UNKNOWN), ([], UNKNOWN), ([None, 4], NOT)],
)
def test_pain_in_each_session(worst, answer):
    made = tuple(session(ago, worst=value) for ago, value in enumerate(worst))

    assert criterion(make(INTEGRATE, sessions=made), "session_pain").answer == answer


@pytest.mark.parametrize(
    ("before", "now", "answer"),
    [
        (8, 6, MET),  # two points
        (8, 7, NOT),
        (6, 4, MET),
        (5, 4, NOT),  # one point, a fifth
        (4, 3, NOT),
        (3, 2, MET),  # little pain at all
        (9, 7, MET),
        (None, 2, MET),
        (None, 3, UNKNOWN),
        (8, None, UNKNOWN),
    ],
)
def test_pain_fell_since_before_the_first_phase(before, now, answer):
    pain = diary(d61=before, d62=before, d63=before) if before is not None else {}
    pain |= diary(d1=now, d2=now, d3=now) if now is not None else {}

    assert criterion(make(INTEGRATE, pain=pain), "pain_drop").answer == answer


def test_pain_that_fell_by_the_percent_is_enough():
    pain = diary(d61=5, d62=5, d63=5, d1=3, d2=4, d3=4, d4=3)

    assert criterion(make(INTEGRATE, own={"pain_drop_at_least": 9}, pain=pain), "pain_drop").answer == MET


@pytest.mark.parametrize(
    ("scores", "answer"),
    [
        ([(40, 3.0, 1), (2, 5.0, 1)], MET),
        ([(40, 3.0, 1), (2, 4.9, 1)], NOT),
        ([(40, 3.0, 1)], UNKNOWN),
        ([], UNKNOWN),
        ([(40, 1.0, 1), (20, 5.0, 2), (2, 5.5, 2)], NOT),  # another list begins a new line
        ([(40, 1.0, 1), (2, 9.0, 2)], UNKNOWN),
    ],
)
def test_activities_against_the_first_rating_of_the_same_list(scores, answer):
    told = tuple(Score(day(ago), value, of) for ago, value, of in scores)

    assert criterion(make(INTEGRATE, activities=told), "activities").answer == answer


# ---- The whole gate -------------------------------------------------------------------------------------------------------------


def full_release():
    made = tuple(session(ago) for ago in range(6, -1, -1))
    return make(
        sessions=made,
        mornings=fine(*range(1, 7)),
        pain=diary(d20=4, d19=4, d18=4, d3=3, d2=3, d1=3),
        due={day(ago): (4, 4.0) for ago in range(7)},
        sites=(Site("piriformis", "right", readings=[Reading(day(1), 2)]),),
        checked=frozenset(day(ago) for ago in range(7)),
    )


def test_gate_holds_when_every_criterion_does():
    assert all_met(gate(full_release()))


@pytest.mark.parametrize(
    ("gate_slug", "slugs"),
    [
        (
            "release_to_strengthen",
            [
                "days_in_phase",
                "sessions_done",
                "adherence",
                "mean_pain",
                "against_baseline",
                "no_red_sessions",
                "no_new_signs",
            ],
        ),
        (STRENGTHEN, ["days_in_phase", "sessions_done", "adherence", "green_sessions", "full_dose"]),
        (
            INTEGRATE,
            ["days_in_phase", "sessions_done", "adherence", "session_pain", "pain_drop", "activities"],
        ),
    ],
)
def test_nothing_told_means_not_enough_data_and_never_met(gate_slug, slugs):
    found = gate(make(gate_slug, phase_day=0, phase_started=day(0)))

    assert [each.slug for each in found] == slugs
    assert not [each.slug for each in found if each.met]


def test_no_rule_no_gate():
    assert not all_met([])


def test_criterion_keeps_its_figures_in_a_row():
    (tender,) = [each for each in gate(full_release()) if each.slug == "tenderness"]

    assert Criterion.from_json(tender.as_json()) == tender


def test_the_clients_own_number_counts_first_and_the_row_says_so():
    found = criterion(
        make(own={"tenderness_max": 1}, sites=(Site("piriformis", "right", readings=[Reading(day(1), 2)]),)),
        "tenderness",
    )

    assert found.answer == NOT
    assert found.numbers["tenderness_max"] == {"value": 1, "whose": "client"}
    assert numbers("release_to_strengthen").get("tenderness_max").whose == "rule"
