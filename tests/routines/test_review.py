"""The review of a design: what a therapist should look at before anybody follows it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from routines.models import Dose, Exercise, Phase, Program, Rule
from routines.review import (
    DesignWarning,
    Limits,
    MuscleFacts,
    PhaseFacts,
    ProgramFacts,
    StepFacts,
    current_limits,
    facts_of,
    minutes_per_day,
    most_at_once,
    needs_confirmation,
    review,
    sides_of,
)

TIGHT = MuscleFacts("piriformis", "Piriformis")
TIGHT_TOO = MuscleFacts("hip_adductors", "Inner thigh muscles")
WEAK = MuscleFacts("gluteus_medius", "Side buttock muscle")
SOLE = MuscleFacts("plantar_fascia", "Sole band", is_fascia=True)

HOLD = Dose(2, 1, 45, None, 15, 1, 6)
MOVE = Dose(2, 12, 0, (1, 2, 4), 60, 1, 3)

RANGES = {
    "release_smr": {"hold_seconds": [20, 60], "seconds_per_muscle": [60, 120], "sets": [1, 3]},
    "release_stretch": {"hold_seconds": [15, 60], "sets": [1, 4]},
    "strengthen": {"sets": [1, 3], "reps": [8, 15], "days_per_week": [2, 5]},
    "integrate": {"sets": [1, 3], "reps": [8, 15]},
}


def release(name: str = "Ball", *targets: MuscleFacts, **facts: Any) -> StepFacts:
    dose = facts.pop("dose", HOLD)
    values: dict[str, Any] = {"kind": "release_smr", "usual_dose": HOLD, "sides": 2, **facts}
    return StepFacts(name=name, dose=dose, targets=targets or (TIGHT,), **values)


def strengthen(name: str = "Clam", *targets: MuscleFacts, **facts: Any) -> StepFacts:
    dose = facts.pop("dose", MOVE)
    values: dict[str, Any] = {"kind": "strengthen", "usual_dose": MOVE, "sides": 2, **facts}
    return StepFacts(name=name, dose=dose, targets=targets or (WEAK,), **values)


def phase(kind: str = "release", *steps: StepFacts, criteria: bool = True) -> PhaseFacts:
    return PhaseFacts(kind.capitalize(), kind, criteria, steps)


def program(*phases: PhaseFacts, tight: tuple[MuscleFacts, ...] = (TIGHT,)) -> ProgramFacts:
    return ProgramFacts(phases, tight, Limits(ranges=RANGES))


GOOD = program(
    phase("release", release()),
    phase("strengthen", release(dose=replace(HOLD, sets=1, hold_seconds=30)), strengthen()),
    phase("maintain", release(), strengthen(), criteria=False),
)


def test_good_design_has_no_warning() -> None:
    assert review(GOOD) == []


@pytest.mark.django_db
def test_shipped_programs_have_no_warning() -> None:
    found = {program.slug: review(facts_of(program)) for program in Program.objects.with_design()}

    assert len(found) == 5
    assert {slug: warnings for slug, warnings in found.items() if warnings} == {}


def test_program_without_phases_is_said_alone() -> None:
    assert review(program()) == [
        DesignWarning("no_phases", "The program has no phases yet, so it cannot be assigned.")
    ]


def test_empty_phase() -> None:
    assert review(program(phase("release"))) == [
        DesignWarning("empty_phase", "“Release” has no exercises yet.", phase=1)
    ]


def test_phase_that_nothing_ends_though_another_follows() -> None:
    design = program(
        phase("release", release(), criteria=False), phase("strengthen", release(), strengthen())
    )

    assert review(design) == [
        DesignWarning(
            "no_criteria",
            "“Release” does not say what opens the next phase, so nothing will ever be proposed.",
            phase=1,
        )
    ]


def test_last_phase_needs_no_criteria() -> None:
    assert review(program(phase("release", release(), criteria=False))) == []


def test_target_whose_tight_partner_no_earlier_phase_releases() -> None:
    design = program(
        phase("release", release()),
        phase(
            "strengthen", release("Roller", TIGHT_TOO), strengthen("Clam", WEAK), strengthen("Bridge", WEAK)
        ),
        tight=(TIGHT, TIGHT_TOO),
    )

    assert review(design) == [
        DesignWarning(
            "partner_not_released",
            "“Strengthen” strengthens Side buttock muscle, but no earlier phase releases this tight muscle: "
            "Inner thigh muscles.",
            phase=2,
        )
    ]


def test_several_tight_muscles_are_all_named() -> None:
    design = program(phase("strengthen", release(), strengthen()), tight=(TIGHT, TIGHT_TOO))

    (warning,) = review(design)
    assert warning.sentence == (
        "“Strengthen” strengthens Side buttock muscle, but no earlier phase releases these tight muscles: "
        "Piriformis and Inner thigh muscles."
    )


def test_muscle_released_two_phases_before_counts() -> None:
    design = program(
        phase("release", release("Ball", TIGHT)),
        phase("release", release("Roller", TIGHT_TOO)),
        phase("strengthen", release(), strengthen()),
        tight=(TIGHT, TIGHT_TOO),
    )

    assert review(design) == []


def test_program_without_a_pattern_has_no_partners_to_miss() -> None:
    assert review(program(phase("strengthen", release(), strengthen()), tight=())) == []


def test_four_at_once_are_usual_five_are_many_six_must_be_confirmed() -> None:
    four, five, six = (
        review(program(phase("release", *[release(f"Ball {number}") for number in range(count)])))
        for count in (4, 5, 6)
    )

    sentence = "“Release” asks for 5 exercises at once from day 0 on. People keep up best with 2 to 4."
    assert four == []
    assert five == [DesignWarning("too_many_at_once", sentence, phase=1)]
    assert [(warning.slug, warning.needs_confirmation) for warning in six] == [("too_many_at_once", True)]
    assert needs_confirmation(five) == []
    assert needs_confirmation(six) == six


def test_steps_that_never_meet_do_not_count_together() -> None:
    steps = [release(f"Ball {number}") for number in range(3)]
    until, from_ = release("Until", until_days=10), release("From", start_after_days=10)
    early = release("Early", start_after_days=9)

    assert most_at_once([*steps, until, from_]) == (4, 0)
    assert review(program(phase("release", *steps, until, from_))) == []
    assert most_at_once([*steps, until, early]) == (5, 9)
    assert most_at_once([]) == (0, 0)


def test_phases_out_of_order() -> None:
    design = program(
        phase("release", release()),
        phase("integrate", release(), strengthen()),
        phase("strengthen", release(), strengthen()),
    )

    assert review(design) == [
        DesignWarning(
            "out_of_order",
            "“Strengthen” comes after “Integrate”. The usual order is release, strengthen, integrate, maintain.",
            phase=3,
        )
    ]


def test_same_kind_twice_is_a_second_block() -> None:
    assert review(program(phase("release", release()), phase("release", release()))) == []


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (release(dose=replace(HOLD, sets=1, hold_seconds=61)), "“Ball”: seconds held 61; usual is 20 to 60."),
        (release(dose=replace(HOLD, hold_seconds=19)), "“Ball”: seconds held 19; usual is 20 to 60."),
        (release(dose=replace(HOLD, sets=4, hold_seconds=20)), "“Ball”: sets 4; usual is 1 to 3."),
        (
            release(dose=replace(HOLD, sets=3, hold_seconds=45)),
            "“Ball”: seconds on one muscle 135; usual is up to 120.",
        ),
        (strengthen(dose=replace(MOVE, reps=7)), "“Clam”: repetitions 7; usual is 8 to 15."),
        (strengthen(dose=replace(MOVE, reps=16)), "“Clam”: repetitions 16; usual is 8 to 15."),
        (strengthen(dose=replace(MOVE, days_per_week=6)), "“Clam”: days a week 6; usual is 2 to 5."),
    ],
)
def test_dose_outside_the_usual_range(step: StepFacts, sentence: str) -> None:
    design = program(phase("release", release()), phase("strengthen", release(), step))

    assert review(design) == [DesignWarning("unusual_dose", sentence, phase=2, step=2)]


@pytest.mark.parametrize(
    "step",
    [
        release(dose=replace(HOLD, hold_seconds=20)),
        release(dose=replace(HOLD, hold_seconds=60)),
        release(dose=replace(HOLD, sets=1, hold_seconds=20)),
        strengthen(dose=replace(MOVE, reps=8)),
        strengthen(dose=replace(MOVE, reps=15)),
        strengthen(dose=replace(MOVE, days_per_week=5)),
        # A hold is counted in seconds, its repetitions have no usual range
        strengthen(dose=Dose(1, 5, 10, None, 30, 1, 5)),
        # A dose of its own, from a trial: the range reaches as far as the exercise
        release(
            kind="release_stretch",
            usual_dose=Dose(1, 10, 10, None, 0, 2, 7),
            dose=Dose(1, 10, 10, None, 0, 1, 7),
        ),
        strengthen(usual_dose=replace(MOVE, days_per_week=7), dose=replace(MOVE, days_per_week=7)),
    ],
)
def test_dose_within_the_usual_range(step: StepFacts) -> None:
    assert review(program(phase("release", release()), phase("strengthen", release(), step))) == []


@pytest.mark.parametrize("kind", ["strengthen", "integrate", "maintain"])
def test_release_never_stops(kind: str) -> None:
    design = program(phase("release", release()), phase(kind, strengthen()))

    assert [(warning.slug, warning.phase, warning.sentence) for warning in review(design)] == [
        (
            "no_release",
            2,
            f"“{kind.capitalize()}” has no release. Keep one short release in it, so that what was freed stays free.",
        )
    ]


def test_fascia_is_not_strengthened() -> None:
    design = program(
        phase("release", release("Sole ball", SOLE), release()),
        phase("strengthen", release("Sole ball", SOLE), strengthen("Towel curl", SOLE, WEAK)),
    )

    assert review(design) == [
        DesignWarning(
            "fascia_strengthened",
            "“Towel curl” strengthens Sole band. Fascia can be released, not strengthened.",
            phase=2,
            step=2,
        )
    ]


def test_retired_exercise() -> None:
    assert review(program(phase("release", release(retired=True)))) == [
        DesignWarning(
            "retired_exercise", "“Ball” has been retired. Choose another exercise.", phase=1, step=1
        )
    ]


@pytest.mark.parametrize("kind", ["strengthen", "integrate"])
def test_strengthening_on_four_days_is_laid_out_as_three(kind: str) -> None:
    step = strengthen(kind=kind, dose=replace(MOVE, days_per_week=4))

    assert review(program(phase("release", release()), phase("strengthen", release(), step))) == [
        DesignWarning(
            "four_days",
            "“Clam” is asked for 4 days a week and will be laid out as 3, "
            "because strengthening needs a day between.",
            phase=2,
            step=2,
        )
    ]


def test_release_on_four_days_is_fine() -> None:
    assert review(program(phase("release", release(dose=replace(HOLD, days_per_week=4))))) == []


# ---- Facts ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_facts_come_from_the_saved_design(django_assert_num_queries: Any) -> None:
    program = Program.objects.with_design().get(slug="program_sciatica_piriformis")

    with django_assert_num_queries(3):
        facts = facts_of(program)

    assert [muscle.slug for muscle in facts.tight] == ["piriformis", "deep_hip_rotators", "hip_adductors"]
    assert [phase.has_criteria for phase in facts.phases] == [True, True, True, False]
    leg_raise = facts.phases[1].steps[3]
    assert (leg_raise.name, leg_raise.kind, leg_raise.sides, leg_raise.start_after_days) == (
        "Side-lying leg raise", "strengthen", 2, 7,
    )  # fmt: skip
    assert [muscle.slug for muscle in leg_raise.targets] == ["gluteus_medius", "gluteus_minimus"]
    assert facts.limits.ranges["strengthen"]["reps"] == [8, 15]


@pytest.mark.django_db
def test_facts_see_retired_exercises_and_fascia() -> None:
    Exercise.objects.filter(slug="stretch_sole_toe_pull").update(retired_at=timezone.now())
    program = Program.objects.with_design().get(slug="program_plantar_heel")

    warnings = review(facts_of(program))

    toe_pull = next(step for step in facts_of(program).phases[0].steps if step.retired)
    assert toe_pull.targets[0].is_fascia
    assert {warning.slug for warning in warnings} == {"retired_exercise"}


@pytest.mark.django_db
def test_numbers_of_the_practice_are_what_a_design_is_measured_by() -> None:
    Rule.objects.filter(slug="concurrent_steps").update(
        numbers={"warn_above": 2, "refuse_above_unless_confirmed": 3}
    )

    limits = current_limits()
    warnings = review(facts_of(Program.objects.with_design().get(slug="program_sciatica_piriformis")))

    assert (limits.warn_above, limits.confirm_above) == (2, 3)
    assert [(warning.phase, warning.needs_confirmation) for warning in warnings] == [
        (1, True), (2, True), (3, True), (4, False),
    ]  # fmt: skip


@pytest.mark.django_db
def test_program_without_a_pattern_is_read_too() -> None:
    program = Program.objects.create(slug="bare", name="Bare")
    Phase.objects.create(program=program, order=1, kind="release", name="Release")

    facts = facts_of(Program.objects.with_design().get(pk=program.pk))

    assert facts.tight == ()
    assert [warning.slug for warning in review(facts)] == ["empty_phase"]


@pytest.mark.parametrize(
    ("side_mode", "side", "sides"),
    [
        ("each_side", "by_complaint", 2),
        ("each_side", "both", 2),
        ("each_side", "left", 1),
        ("each_side", "right", 1),
        ("alternating", "left", 2),
        ("both_together", "both", 1),
        ("not_sided", "by_complaint", 1),
    ],
)
def test_sides_of_one_go(side_mode: str, side: str, sides: int) -> None:
    assert sides_of(side_mode, side) == sides


# ---- Minutes -------------------------------------------------------------------------------------------------------


def test_minutes_are_those_of_the_fullest_day() -> None:
    ball = release(dose=Dose(2, 1, 45, None, 15, 1, 6))  # 2x2x45 + 15 + 2x10 + 15 = 230 s
    clam = strengthen(dose=Dose(2, 12, 0, (1, 2, 4), 60, 1, 3))  # 2x2x84 + 60 + 20 + 15 = 431 s
    later = replace(clam, start_after_days=7)

    assert minutes_per_day([ball]) == 4
    assert minutes_per_day([ball, later]) == 12
    assert minutes_per_day([replace(ball, until_days=7), later]) == 8


def test_minutes_count_every_go_of_the_day() -> None:
    toe_pull = release(dose=Dose(1, 10, 10, None, 0, 3, 7), sides=1)  # 115 s each time

    assert minutes_per_day([toe_pull]) == 6


def test_phase_without_steps_takes_no_time() -> None:
    assert minutes_per_day([]) == 0
