"""Every draft obeys the rules: for each pattern without findings, and for 200 sets of findings made up by chance.

What should be is worked out here from the catalogue's file alone, never taken from the draft's own word.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from typing import Any

import pytest

from routines.composing import FIRST_VALUES
from routines.drafting import (
    DraftPhase,
    DraftStep,
    Found,
    Home,
    NothingToDraft,
    ProgramDraft,
    TooManyFindings,
    Wanted,
    Word,
    draft,
)
from routines.drafting.facts import IN_EVERY_HOME
from tests.routines.drafting.conftest import CASES, SHIPPED_CATALOGUE, Case, Shipped

RELEASES = ("release_smr", "release_stretch")
DATA = SHIPPED_CATALOGUE.data
PATTERNS = [row["slug"] for row in DATA["imbalances"]]
OF_PATTERNS = [
    Case(number, Wanted(imbalance=slug, sides=sides), home, ())
    for number, (slug, sides, home) in enumerate(
        (slug, sides, home)
        for slug in PATTERNS
        for sides, home in (
            (("left", "right"), Home()),
            (
                ("left",),
                Home(tools=frozenset({"massage_ball", "mini_band"}), floor=False, level=1, minutes=10),
            ),
        )
    )
]
EVERY = [pytest.param(case, id=f"chance{case.number}") for case in CASES] + [
    pytest.param(case, id=f"{case.wanted.imbalance}-{'-'.join(case.wanted.sides)}") for case in OF_PATTERNS
]

made: dict[int, ProgramDraft] = {}


def drafted(case: Case) -> ProgramDraft:
    if id(case) not in made:
        made[id(case)] = draft(case.wanted, SHIPPED_CATALOGUE.catalogue, case.verdict, case.home)
    return made[id(case)]


@pytest.fixture(params=EVERY)
def case(request: Any) -> Case:
    chosen: Case = request.param
    try:
        drafted(chosen)
    except NothingToDraft:  # chance found nothing but zeros
        assert all(not each.rating for each in chosen.wanted.found)
        chosen = OF_PATTERNS[0]
    return chosen


# ---- Worked out from the file ----------------------------------------------------------------------------------------


def sides_of(muscle: str) -> set[str]:
    return {"left", "right"} if SHIPPED_CATALOGUE.muscle(muscle)["sided"] else {"none"}


def wanted_of(case: Case, state: str) -> dict[str, set[str]]:
    """The muscles of this state with the sides that count."""
    if not case.wanted.found:
        pattern = SHIPPED_CATALOGUE.imbalance(str(case.wanted.imbalance))
        if state == "weak":
            return {muscle: sides_of(muscle) for muscle in pattern["weak_muscles"]}
        return {
            muscle: set(case.wanted.sides) if SHIPPED_CATALOGUE.muscle(muscle)["sided"] else {"none"}
            for muscle in pattern["tight_muscles"]
        }
    found: dict[str, set[str]] = {}
    for each in case.wanted.found:
        if each.state == state and each.rating:
            found.setdefault(each.muscle, set()).add(each.side)
    return found


def pattern_of_each(case: Case) -> dict[str, str]:
    """The pattern of each tight finding: again and again the one that explains most of what is left."""
    tight, weak = wanted_of(case, "tight"), wanted_of(case, "weak")
    rating = {
        muscle: max(
            each.rating for each in case.wanted.found if (each.muscle, each.state) == (muscle, "tight")
        )
        for muscle in tight
    }
    left, left_weak, belongs = set(tight), set(weak), {}
    chosen = [row for row in DATA["imbalances"] if row["slug"] == case.wanted.imbalance]
    while left:
        rows = chosen or [row for row in DATA["imbalances"] if left & set(row["tight_muscles"])]
        chosen = []
        if not rows:
            break
        best = sorted(
            rows,
            key=lambda row: (
                -len(left & set(row["tight_muscles"])) - len(left_weak & set(row["weak_muscles"])),
                -len(set(tight) & set(row["tight_muscles"])) - len(set(weak) & set(row["weak_muscles"])),
                -sum(rating[muscle] for muscle in left & set(row["tight_muscles"])),
                len(row["tight_muscles"]) + len(row["weak_muscles"]),
                row["slug"],
            ),
        )[0]
        belongs |= dict.fromkeys(left & set(best["tight_muscles"]), best["slug"])
        left -= set(best["tight_muscles"])
        left_weak -= set(best["weak_muscles"])
    return belongs


def partners_of(case: Case) -> dict[str, set[str]]:
    """Muscles to strengthen with their sides, by the pairing rule, and the weak findings without a tight one."""
    weak = wanted_of(case, "weak")
    if not case.wanted.found:
        return weak
    wanted = dict(weak)
    belongs = pattern_of_each(case)
    for muscle in wanted_of(case, "tight"):
        if muscle in belongs:
            mine = SHIPPED_CATALOGUE.imbalance(belongs[muscle])["weak_muscles"]
            partners = [each for each in mine if each in weak] or mine
        else:
            pairs = SHIPPED_CATALOGUE.muscle(muscle)["partners"]
            partners = [each["muscle"] for each in pairs if each["relation"] == "antagonist"]
        for each in partners:
            wanted.setdefault(each, sides_of(each))
    return wanted


def could_serve(case: Case, exercise: dict[str, Any], muscle: str, side: str) -> bool:
    """Whether the exercise aims at the muscle and nothing forbids it where it would have to be done."""
    if muscle not in exercise["target_muscles"]:
        return False
    if exercise["side_mode"] == "each_side":
        sides = [side] if side in ("left", "right") else ["left", "right"]
    else:
        sides = ["none" if exercise["side_mode"] == "not_sided" else "both"]
    return any(case.verdict(exercise["slug"], each) != Word.FORBIDDEN for each in sides)


def serves(step: DraftStep, muscle: str, side: str) -> bool:
    exercise = SHIPPED_CATALOGUE.exercise(step.exercise)
    if muscle not in exercise["target_muscles"]:
        return False
    return exercise["side_mode"] != "each_side" or side == "none" or step.side in (side, "both")


def possible(case: Case, kinds: tuple[str, ...], muscle: str, side: str) -> bool:
    return any(could_serve(case, row, muscle, side) for row in DATA["exercises"] if row["kind"] in kinds)


def needed(wanted: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    for muscle, sides in wanted.items():
        for side in sides:
            yield muscle, side


def steps_of(made: ProgramDraft, kind: str) -> tuple[DraftStep, ...]:
    phase = made.phase(kind)
    return phase.steps if phase else ()


def due_on_each_day(phase: DraftPhase) -> Iterator[tuple[int, list[DraftStep]]]:
    for day in range(phase.review_by_day + 30):
        yield (
            day,
            [
                step
                for step in phase.steps
                if step.start_after_days <= day and (step.until_days is None or day < step.until_days)
            ],
        )


def seconds(step: DraftStep) -> int:
    """catalogue.yaml, meta.duration_rule."""
    exercise, dose = SHIPPED_CATALOGUE.exercise(step.exercise), step.dose
    two = exercise["side_mode"] == "alternating" or (
        exercise["side_mode"] == "each_side" and step.side == "both"
    )
    sides = 2 if two else 1
    per_rep = dose.hold_seconds or (sum(dose.tempo) if dose.tempo else 3)
    once = dose.sets * sides * dose.reps * per_rep + (dose.sets - 1) * dose.rest_seconds
    return dose.per_day * (once + dose.sets * (sides - 1) * 10 + 15)


# ---- The rules ---------------------------------------------------------------------------------------------------------


def test_every_tight_muscle_is_released_unless_nothing_permitted_could(case: Case) -> None:
    made = drafted(case)
    for muscle, side in needed(wanted_of(case, "tight")):
        covered = any(serves(step, muscle, side) for step in steps_of(made, "release"))
        named = any((u.muscle.slug, u.side, u.role) == (muscle, side, "tight") for u in made.uncovered)
        assert covered == possible(case, RELEASES, muscle, side), (muscle, side)
        assert named == (not covered), (muscle, side)


def test_every_partner_is_strengthened_unless_nothing_permitted_could(case: Case) -> None:
    made = drafted(case)
    for muscle, side in needed(partners_of(case)):
        fascia = SHIPPED_CATALOGUE.muscle(muscle).get("tissue") == "fascia"
        covered = any(
            serves(step, muscle, side) and step.kind == "strengthen" for step in steps_of(made, "strengthen")
        )
        named = any((u.muscle.slug, u.side, u.role) == (muscle, side, "weak") for u in made.uncovered)
        assert covered == (possible(case, ("strengthen",), muscle, side) and not fascia), (muscle, side)
        assert named == (not covered), (muscle, side)


def test_reason_for_what_is_uncovered_is_true(case: Case) -> None:
    for each in drafted(case).uncovered:
        kinds = RELEASES if each.role == "tight" else ("strengthen",)
        known = [
            row
            for row in DATA["exercises"]
            if row["kind"] in kinds and each.muscle.slug in row["target_muscles"]
        ]
        assert each.sentence
        if each.reason == "none":
            assert not known
        elif each.reason == "forbidden":
            assert known
            assert not any(could_serve(case, row, each.muscle.slug, each.side) for row in known)


def test_what_is_strengthened_is_a_partner_or_a_weak_finding(case: Case) -> None:
    wanted = set(partners_of(case))
    for phase in drafted(case).phases:
        for step in phase.steps:
            if step.kind in RELEASES:
                continue
            named = {muscle["slug"] for muscle in step.why["muscles"]}
            assert named
            assert named <= wanted & set(SHIPPED_CATALOGUE.exercise(step.exercise)["target_muscles"])


def test_nothing_forbidden_is_in_it_and_what_needs_care_asks(case: Case) -> None:
    made = drafted(case)
    asked = {(step.exercise, step.sides) for step in made.asks}
    for phase in made.phases:
        for step in phase.steps:
            words = {case.verdict(step.exercise, side) for side in step.sides}
            assert Word.FORBIDDEN not in words
            assert (Word.CARE in words) == ((step.exercise, step.sides) in asked)


def test_what_is_left_out_is_named_where_it_was_wanted(case: Case) -> None:
    made = drafted(case)
    named = {each.exercise for each in made.left_out}
    tight = wanted_of(case, "tight")
    for row in DATA["exercises"]:
        if row["kind"] not in RELEASES or not set(row["target_muscles"]) & set(tight):
            continue
        sides = {"left", "right"} if row["side_mode"] == "each_side" else {"both", "none"}
        if all(case.verdict(row["slug"], side) == Word.FORBIDDEN for side in sides):
            assert row["slug"] in named


def test_at_most_four_at_a_time_within_the_minutes(case: Case) -> None:
    made = drafted(case)
    for phase in made.phases:
        said = any(remark.slug == "too_long" and remark.phase == phase.kind for remark in made.remarks)
        for _day, due in due_on_each_day(phase):
            assert 1 <= len(due) <= 4
            if case.home.minutes is None or sum(map(seconds, due)) <= case.home.minutes * 60:
                continue
            opening = [step for step in due if step.kind in RELEASES and phase.kind != "release"]
            assert len(due) - len(opening) <= 1  # one exercise alone is too long already
            assert all(step.dose.sets == 1 for step in due)
            assert said


def test_days_give_each_block_its_time(case: Case) -> None:
    made = drafted(case)
    for phase in made.phases:
        low, high, rule = FIRST_VALUES[phase.kind]
        blocks = phase.blocks
        assert phase.min_days == low * len(blocks)
        assert phase.review_by_day == high + low * (len(blocks) - 1)
        assert phase.rule == rule
        assert [block.start for block in blocks] == [number * low for number in range(len(blocks))]
        assert blocks[-1].until is None
        assert any(r.slug == "blocks" and r.phase == phase.kind for r in made.remarks) == (len(blocks) > 1)


def test_strengthening_waits_for_the_release_phase_and_release_never_stops(case: Case) -> None:
    made = drafted(case)
    kinds = [phase.kind for phase in made.phases]
    assert kinds == [kind for kind in ("release", "strengthen", "integrate", "maintain") if kind in kinds]
    assert all(step.kind in RELEASES for step in steps_of(made, "release"))
    for kind in ("strengthen", "integrate"):
        if kind not in kinds:
            continue
        short = [step for step in steps_of(made, kind) if step.kind in RELEASES]
        if not any(remark.slug == "no_release" and remark.phase == kind for remark in made.remarks):
            assert len(short) == 1
        elif steps_of(made, "release"):
            pytest.fail("What was released could open the strengthening days.")
        for step in short:
            assert step.dose.sets == 1
            assert step.until_days is None
            assert step.start_after_days == 0
            if step.kind == "release_stretch":
                assert step.dose.reps * step.dose.hold_seconds <= 45


def test_maintaining_is_three_steps_twice_a_week_with_a_release(case: Case) -> None:
    steps = steps_of(drafted(case), "maintain")
    assert 0 < len(steps) <= 3 or not drafted(case).phases
    assert all(step.dose.days_per_week == 2 for step in steps)
    if steps_of(drafted(case), "release"):
        assert any(step.kind in RELEASES for step in steps)
        strengthened = [s for s in steps_of(drafted(case), "strengthen") if s.kind == "strengthen"]
        if strengthened:
            assert sum(step.kind in RELEASES for step in steps) == 1


def test_no_exercise_stands_twice_in_a_phase(case: Case) -> None:
    for phase in drafted(case).phases:
        slugs = [step.exercise for step in phase.steps]
        assert len(slugs) == len(set(slugs))


def test_sides_are_those_of_the_findings(case: Case) -> None:
    tight = wanted_of(case, "tight")
    for step in steps_of(drafted(case), "release"):
        exercise = SHIPPED_CATALOGUE.exercise(step.exercise)
        if exercise["side_mode"] != "each_side":
            assert step.side == "both"
            continue
        sides = {side for muscle in exercise["target_muscles"] for side in tight.get(muscle, ())}
        assert set(step.sides) <= (sides if "none" not in sides else {"left", "right"})


def test_highest_ratings_come_first_and_are_tracked(case: Case) -> None:
    made = drafted(case)
    if not case.wanted.found:
        pattern = SHIPPED_CATALOGUE.imbalance(str(case.wanted.imbalance))
        assert [muscle.slug for muscle in made.tight] == pattern["tight_muscles"]
    else:
        ratings = [
            max(f.rating for f in case.wanted.found if (f.muscle, f.state) == (muscle.slug, "tight"))
            for muscle in made.tight
        ]
        assert ratings == sorted(ratings, reverse=True)
    for phase in made.phases:
        assert list(phase.tracked) == [muscle.slug for muscle in made.tight[:3]]


def test_home_is_preferred(case: Case) -> None:
    """A release with a drawback is there only where every permitted one for one of its muscles has one as bad."""
    tight = wanted_of(case, "tight")

    def on_floor(exercise: dict[str, Any]) -> bool:
        return bool(exercise["needs_floor"]) and not case.home.floor

    def lacks(exercise: dict[str, Any]) -> bool:
        tools = case.home.tools
        return tools is not None and bool(set(exercise["equipment"]) - tools - IN_EVERY_HOME)

    for step in steps_of(drafted(case), "release"):
        exercise = SHIPPED_CATALOGUE.exercise(step.exercise)
        if on_floor(exercise):
            assert any(
                all(
                    on_floor(row)
                    for row in DATA["exercises"]
                    if row["kind"] in RELEASES and could_serve(case, row, muscle, side)
                )
                for muscle, side in needed(tight)
                if serves(step, muscle, side)
            )
            assert any(remark.slug == "floor" for remark in drafted(case).remarks)
        if lacks(exercise):
            assert any(remark.slug == "tools" for remark in drafted(case).remarks)


def test_same_facts_in_another_order_give_the_same_draft(case: Case) -> None:
    dice = random.Random(case.number)  # noqa: S311
    known = SHIPPED_CATALOGUE.catalogue

    def shuffled(rows: Any) -> list[Any]:
        found = list(rows)
        dice.shuffle(found)
        return found

    again = draft(
        dataclasses.replace(case.wanted, found=tuple(shuffled(case.wanted.found))),
        dataclasses.replace(
            known,
            muscles=dict(shuffled(known.muscles.items())),
            exercises=shuffled(known.exercises),
            imbalances=shuffled(known.imbalances),
            antagonists={slug: shuffled(rows) for slug, rows in shuffled(known.antagonists.items())},
        ),
        case.verdict,
        case.home,
    )

    assert again == drafted(case)


def test_each_step_says_why_it_is_there(case: Case) -> None:
    for phase in drafted(case).phases:
        for step in phase.steps:
            assert step.why["because"] in ("tight", "partner", "weak", "short_release", "keep")
            assert step.why["muscles"]
            assert set(step.why) == {"because", "muscles", "sides", "rating", "of"}
            if step.why["because"] == "partner" and case.wanted.found:
                assert step.why["of"]["tight"]


# ---- One by one --------------------------------------------------------------------------------------------------------


def fine(exercise: str, side: str) -> Word:
    return Word.OK


def test_second_kind_is_added_where_there_is_room(shipped: Shipped) -> None:
    made = draft(Wanted((Found("piriformis", "left", "tight", 7),)), shipped.catalogue, fine)

    release = {step.exercise: step.side for step in steps_of(made, "release")}
    assert release == {"smr_buttock_ball_wall": "left", "stretch_figure_four_sitting": "left"}


def test_second_kind_makes_no_block_of_its_own(shipped: Shipped) -> None:
    found = tuple(
        Found(muscle, "left", "tight", 5)
        for muscle in ("piriformis", "tensor_fasciae_latae", "peroneals", "biceps_brachii")
    )
    made = draft(Wanted(found), shipped.catalogue, fine)

    assert len(steps_of(made, "release")) == 4
    assert len(made.phase("release").blocks) == 1  # type: ignore[union-attr]


def test_one_exercise_serves_several_muscles(shipped: Shipped) -> None:
    found = tuple(Found(muscle, "left", "tight", 5) for muscle in ("piriformis", "deep_hip_rotators"))
    made = draft(Wanted(found), shipped.catalogue, fine)

    first = steps_of(made, "release")[0]
    assert [muscle["slug"] for muscle in first.why["muscles"]] == ["piriformis", "deep_hip_rotators"]


def test_weak_finding_alone_begins_with_strengthening_and_keeps_a_short_release(shipped: Shipped) -> None:
    made = draft(Wanted((Found("gluteus_medius", "right", "weak", 6),)), shipped.catalogue, fine)

    assert [phase.kind for phase in made.phases] == ["strengthen", "integrate", "maintain"]
    assert {step.side for step in steps_of(made, "strengthen") if step.why["because"] == "weak"} <= {
        "right",
        "both",
    }
    assert any(step.why["because"] == "short_release" for step in steps_of(made, "strengthen"))


def test_weak_findings_of_the_same_pattern_take_the_place_of_its_weak_muscles(shipped: Shipped) -> None:
    found = (Found("piriformis", "left", "tight", 7), Found("gluteus_maximus", "left", "weak", 4))
    made = draft(Wanted(found), shipped.catalogue, fine)

    assert [muscle.slug for muscle in made.weak] == ["gluteus_maximus"]


def test_therapist_may_choose_the_pattern(shipped: Shipped) -> None:
    found = (Found("piriformis", "left", "tight", 7),)
    by_itself = draft(Wanted(found), shipped.catalogue, fine)
    chosen = draft(Wanted(found, imbalance="hamstring_dominant"), shipped.catalogue, fine)

    assert [each.slug for each in by_itself.imbalances] == ["sciatica_piriformis"]
    assert [each.slug for each in chosen.imbalances] == ["hamstring_dominant"]
    assert "iliopsoas" in {muscle.slug for muscle in chosen.weak}


def test_finding_of_no_pattern_pairs_with_the_opposite_movement(shipped: Shipped) -> None:
    made = draft(Wanted((Found("infraspinatus", "left", "tight", 7),)), shipped.catalogue, fine)

    assert made.imbalances == ()
    assert {muscle.slug for muscle in made.weak} == {
        "pectoralis_major", "latissimus_dorsi", "teres_major", "subscapularis", "anterior_deltoid",
    }  # fmt: skip


def test_side_that_is_forbidden_is_left_out_alone(shipped: Shipped) -> None:
    def verdict(exercise: str, side: str) -> Word:
        return Word.FORBIDDEN if side == "left" else Word.OK

    found = tuple(Found("piriformis", side, "tight", 7) for side in ("left", "right"))
    made = draft(Wanted(found), shipped.catalogue, verdict)

    assert {step.side for step in steps_of(made, "release")} == {"right"}
    assert [(each.muscle.slug, each.side) for each in made.uncovered if each.role == "tight"] == [
        ("piriformis", "left")
    ]
    assert ("smr_buttock_ball_wall", ("left",)) in {(each.exercise, each.sides) for each in made.left_out}


def test_what_is_not_tight_at_all_asks_for_nothing(shipped: Shipped) -> None:
    with pytest.raises(NothingToDraft, match="Record what your hands found"):
        draft(Wanted((Found("piriformis", "left", "tight", 0),)), shipped.catalogue, fine)
    with pytest.raises(NothingToDraft):
        draft(Wanted(), shipped.catalogue, fine)


def test_more_than_a_program_holds_is_refused(shipped: Shipped) -> None:
    found = tuple(
        Found(row["slug"], "left", state, 5) for row in shipped.data["muscles"] for state in ("tight", "weak")
    )

    with pytest.raises(TooManyFindings, match="at most 40 exercises"):
        draft(Wanted(found), shipped.catalogue, fine)


def test_everything_forbidden_leaves_an_empty_draft_that_says_so(shipped: Shipped) -> None:
    made = draft(
        Wanted(imbalance="elbow_flexor_dominant"), shipped.catalogue, lambda exercise, side: Word.FORBIDDEN
    )

    assert made.phases == ()
    assert {each.reason for each in made.uncovered} == {"forbidden"}


def test_fewer_sets_are_said_where_the_day_is_short(shipped: Shipped) -> None:
    made = draft(Wanted(imbalance="elbow_flexor_dominant"), shipped.catalogue, fine, Home(minutes=5))

    step = next(step for step in steps_of(made, "strengthen") if step.kind == "strengthen")
    assert step.dose.sets == 1
    assert any(remark.slug == "fewer_sets" for remark in made.remarks)
