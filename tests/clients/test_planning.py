"""What a day holds: several programs in one plan, on the client's own day (domain.md 4, 5, 6.5)."""

from datetime import UTC, date, datetime, timedelta
from math import ceil
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext

import routines
from clients.adjusting import add_step, change_step, end_assignment, pause_assignment
from clients.demo import builders
from clients.demo.builders import NOW, SCIATICA
from clients.models import AssignedStep, Client, SafetyBlock
from clients.planning import (
    PlannedExercise,
    PlannedItem,
    gather,
    phase_rail,
    plan,
    plan_for,
    week_for,
)
from clients.schedule import week_of
from routines.models import ConditionTag, Dose, Exercise, ExerciseTag, Step, dose_columns

CATALOGUE = yaml.safe_load((Path(routines.__file__).parent / "data" / "catalogue.yaml").read_text())
TODAY = NOW.date()  # a Tuesday
DAY = timedelta(days=1)
KNEE, LOWER, HEEL = "program_knee_valgus", "program_lower_crossed", "program_plantar_heel"


def day(n):
    return TODAY + n * DAY


def slugs(found, number=1):
    """The exercises of a session in their order, with the side beside each."""
    return [f"{each.items[0].as_was['slug']} {each.side}" for each in found.exercises(number)]


def names(client, n):
    return {item.as_was["slug"] for item in plan_for(client, day(n)).items}


def steps(**where):
    return AssignedStep.objects.filter(**where)


# One program


@pytest.mark.django_db
def test_day_holds_the_steps_of_the_phase_in_the_order_of_a_session(client, assignment):
    found = plan_for(client, TODAY)

    assert slugs(found) == [
        "smr_buttock_ball_wall right",
        "smr_inner_thigh_roller right",
        "stretch_figure_four_sitting right",
        "stretch_inner_thigh_sitting both",
    ]
    assert [(item.kind, item.dose.sets) for item in found.items] == [
        ("release_smr", 2),
        ("release_smr", 1),
        ("release_stretch", 2),
        ("release_stretch", 2),
    ]
    assert (found.client, found.day, found.goes, found.blocked) == (client, TODAY, 1, False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("n", "due"),
    [
        (-1, 0),  # before the start
        (0, 4),
        (4, 4),  # Saturday
        (5, 2),  # Sunday: self-massage rests, stretches do not
        (6, 4),
    ],
)
def test_step_is_due_on_its_weekdays(client, assignment, n, due):
    assert len(plan_for(client, day(n)).items) == due


@pytest.mark.django_db
def test_step_begins_and_ends_with_its_days_of_the_phase(client):
    """Until day 4 and from day 4 never meet."""
    builders.assign(client, KNEE)

    stretch = [
        sorted(names(client, n) & {"stretch_back_thigh_strap", "stretch_calf_straight_knee"})
        for n in range(7)
    ]

    assert stretch == [["stretch_back_thigh_strap"]] * 4 + [["stretch_calf_straight_knee"]] * 3


@pytest.mark.django_db
def test_phase_changes_on_the_day_of_its_transition(client, assignment):
    builders.advance(assignment, now=NOW + 8 * DAY)

    current = [
        [(phase.kind, number) for _facts, phase, number in plan_for(client, day(n)).current]
        for n in (-1, 0, 7, 8, 9)
    ]

    assert current == [[], [("release", 0)], [("release", 7)], [("strengthen", 0)], [("strengthen", 1)]]
    assert names(client, 8) == {"smr_buttock_ball_wall", "clam", "bridge"}  # Wednesday
    assert "side_leg_raise" not in names(client, 13)  # Monday, day 5
    assert "side_leg_raise" in names(client, 15)  # Wednesday, day 7: from day 7 on


@pytest.mark.django_db
def test_locked_phases_are_not_due(client, assignment):
    due = set().union(*(names(client, n) for n in range(40)))

    assert due == {
        "smr_buttock_ball_wall",
        "smr_inner_thigh_roller",
        "stretch_figure_four_sitting",
        "stretch_inner_thigh_sitting",
    }


@pytest.mark.django_db
def test_day_before_the_start_has_no_current_phase(client):
    builders.assign(client, start_date=day(3))

    found = plan_for(client, day(2))

    assert (found.items, found.current, found.goes, found.minutes()) == ((), (), 0, 0)
    assert plan_for(client, day(3)).items


@pytest.mark.django_db
def test_program_that_ended_asks_for_nothing_from_that_day_on(client, assignment):
    end_assignment(assignment, by=builders.responsible(client), reason="Done.", now=NOW + 3 * DAY)

    assert [bool(plan_for(client, day(n)).items) for n in (2, 3, 4)] == [True, False, False]


@pytest.mark.django_db
def test_paused_program_is_current_but_asks_for_nothing(client, assignment):
    pause_assignment(assignment, until=day(1), by=builders.responsible(client), reason="Holiday", now=NOW)

    found = plan_for(client, TODAY)

    assert (found.items, len(found.current), len(found.paused)) == ((), 1, 1)
    assert plan_for(client, day(2)).items
    assert not plan_for(client, day(2)).paused


@pytest.mark.django_db
def test_stranger_has_nothing_of_mine(client, assignment):
    assert plan_for(builders.make_client(), TODAY).items == ()


@pytest.mark.django_db
def test_client_without_a_program_has_an_empty_day(client):
    found = plan_for(client, TODAY)

    assert (found.items, found.withheld, found.goes, found.warm_up, found.exercises()) == ((), (), 0, "", [])


# Sides


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("side", "items", "named"),
    [("left", ["left"], "left"), ("right", ["right"], "right"), ("both", ["left", "right"], "both")],
)
def test_each_side_is_an_item_of_its_own_and_one_exercise_on_the_screen(side, items, named):
    client = builders.make_client(side=side)
    builders.assign(client)

    found = plan_for(client, TODAY)

    ball = [item for item in found.items if item.step.as_was["slug"] == "smr_buttock_ball_wall"]
    assert [item.side for item in ball] == items
    assert found.exercises()[0].side == named
    assert len(found.exercises()) == 4


# Several programs


@pytest.mark.django_db
def test_two_programs_make_one_day_with_shared_exercises_once(client):
    lower, knee = builders.assign(client, LOWER), builders.assign(client, KNEE)

    found = plan_for(client, TODAY)

    assert [each.step.as_was["slug"] for each in found.exercises()] == [
        "smr_thigh_stick",
        "smr_outer_hip_ball",
        "stretch_hip_flexor_half_kneel",
        "stretch_cat_camel",
        "stretch_back_thigh_strap",
        "stretch_inner_thigh_rock_back",
    ]
    shared = [item for item in found.items if len(item.steps) == 2]
    assert {item.step.as_was["slug"] for item in shared} == {"smr_thigh_stick", "smr_outer_hip_ball"}
    assert {step.phase.assignment for item in shared for step in item.steps} == {lower, knee}
    assert [facts.assignment for facts, _phase, _number in found.current] == [lower, knee]


@pytest.mark.django_db
def test_kinds_come_in_the_order_of_a_session_whatever_the_programs(client):
    """Self-massage, stretch, strengthen, whole-body (domain.md 5)."""
    first = builders.assign(client, now=NOW - 30 * DAY)
    builders.advance(first, now=NOW - 20 * DAY)
    builders.advance(first, now=NOW - DAY)  # integrate
    second = builders.assign(client, KNEE, now=NOW - 20 * DAY)
    builders.advance(second, now=NOW - DAY)  # strengthen
    builders.assign(client, LOWER, now=NOW - DAY)  # release

    kinds = [item.kind.order for item in plan_for(client, day(1)).items]

    assert kinds == sorted(kinds)
    assert set(kinds) == {0, 1, 2, 3}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mine", "theirs", "wins"),
    [
        (Dose(2, 1, 45, None, 15, 1, 7), Dose(1, 1, 30, None, 15, 1, 7), "mine"),
        (Dose(1, 1, 30, None, 15, 1, 7), Dose(2, 1, 45, None, 15, 1, 7), "theirs"),
        (Dose(2, 12, 0, (1, 2, 4), 60, 1, 7), Dose(3, 10, 0, (1, 2, 4), 90, 1, 7), "theirs"),
        (Dose(2, 12, 0, (1, 2, 4), 60, 1, 7), Dose(2, 12, 0, None, 60, 1, 7), "mine"),  # slower is more
        (Dose(1, 10, 10, None, 0, 2, 7), Dose(1, 10, 10, None, 0, 1, 7), "mine"),  # twice a day
        (Dose(1, 10, 10, None, 0, 1, 7), Dose(1, 10, 10, None, 0, 3, 7), "theirs"),
        (
            Dose(2, 1, 30, None, 10, 1, 7),
            Dose(2, 1, 30, None, 60, 1, 7),
            "mine",
        ),  # the same: the first program's
        (Dose(3, 1, 20, None, 10, 1, 7), Dose(2, 1, 30, None, 60, 1, 7), "mine"),
    ],
)
def test_larger_dose_wins_whole(client, mine, theirs, wins):
    """Never the sets of one with the seconds of the other: nobody asked for that."""
    for program, dose in ((LOWER, mine), (KNEE, theirs)):
        assignment = builders.assign(client, program)
        steps(phase__assignment=assignment, exercise__slug="smr_thigh_stick").update(**dose_columns(dose))

    item = next(
        each for each in plan_for(client, TODAY).items if each.step.as_was["slug"] == "smr_thigh_stick"
    )

    assert item.dose == (mine if wins == "mine" else theirs)


@pytest.mark.django_db
def test_programs_for_different_sides_each_have_their_side(client):
    builders.assign(client, LOWER, side="left")
    builders.assign(client, KNEE, side="right")

    stick = [item for item in plan_for(client, TODAY).items if item.step.as_was["slug"] == "smr_thigh_stick"]

    assert [(item.side, len(item.steps)) for item in stick] == [("left", 1), ("right", 1)]


@pytest.mark.django_db
def test_notes_of_both_programs_stand_there_once_each(client):
    for program, note in ((LOWER, "Slowly."), (KNEE, "Slowly."), (HEEL, "With shoes off.")):
        assignment = builders.assign(client, program)
        steps(phase__assignment=assignment).update(note=note)
    AssignedStep.objects.filter(exercise__slug="stretch_calf_straight_knee").update(start_after_days=0)

    calf = next(
        item
        for item in plan_for(client, TODAY).items
        if item.step.as_was["slug"] == "stretch_calf_straight_knee"
    )
    stick = next(
        item for item in plan_for(client, TODAY).items if item.step.as_was["slug"] == "smr_thigh_stick"
    )

    assert (calf.note, stick.note) == ("Slowly. With shoes off.", "Slowly.")


@pytest.mark.django_db
def test_paused_program_leaves_the_other_alone(client):
    lower = builders.assign(client, LOWER)
    builders.assign(client, HEEL)
    pause_assignment(lower, until=None, by=builders.responsible(client), reason="Back first", now=NOW)

    found = plan_for(client, TODAY)

    assert {item.step.phase.assignment.program.slug for item in found.items} == {HEEL}
    assert (len(found.current), [facts.assignment for facts in found.paused]) == (2, [lower])


# Several times a day


@pytest.mark.django_db
def test_day_has_as_many_sessions_as_its_most_frequent_exercise(client):
    builders.assign(client, HEEL)  # the toe pull twice a day
    found = plan_for(client, TODAY)

    assert found.goes == 2
    assert len(slugs(found, 1)) == 4
    assert slugs(found, 2) == ["stretch_sole_toe_pull right"]
    assert slugs(found, 3) == []
    assert (found.minutes(1), found.minutes(2), found.minutes(3)) == (7, 2, 0)


@pytest.mark.django_db
def test_three_times_a_day(client, assignment):
    steps(exercise__slug="stretch_figure_four_sitting").update(per_day=3)
    steps(exercise__slug="smr_buttock_ball_wall").update(per_day=2)

    found = plan_for(client, TODAY)

    assert found.goes == 3
    assert [len(slugs(found, n)) for n in (1, 2, 3, 4)] == [4, 2, 1, 0]


# Minutes


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "seconds"),
    [
        (
            "smr_buttock_ball_wall",
            230,
        ),  # 2 spots x 2 sides x 45 + 15 rest + 2 x 10 to change + 15 to get ready
        ("smr_jaw_fingers", 85),  # both together
        ("stretch_cat_camel", 39),  # 8 x 3 s
        ("stretch_sole_toe_pull", 225),
        ("clam", 431),  # 2 x 2 x 12 x 7 + 60 + 20 + 15
        ("bridge", 243),
        ("dead_bug", 287),  # alternating counts both sides
        ("band_side_step", 239),  # no hold, no tempo: 3 s each
        ("heel_raise_towel", 705),
        ("deep_neck_nod", 115),
        ("walking", 915),
    ],
)
def test_length_of_an_exercise_follows_the_formula(slug, seconds):
    assert Exercise.objects.get(slug=slug).seconds == seconds


def length(exercise, sides):
    """domain.md 4, written once more."""
    dose = exercise["dose"]
    tempo = dose.get("tempo")
    per_rep = dose.get("hold_seconds") or (tempo["lift"] + tempo["hold"] + tempo["lower"] if tempo else 3)
    sets = dose["sets"]
    return (
        sets * sides * dose["reps"] * per_rep
        + (sets - 1) * (dose.get("rest_seconds") or 0)
        + sets * (sides - 1) * 10
        + 15
    )


@pytest.mark.django_db
def test_length_of_every_exercise_follows_the_formula():
    for exercise in CATALOGUE["exercises"]:
        sides = 2 if exercise["side_mode"] in ("each_side", "alternating") else 1
        assert Exercise.objects.get(slug=exercise["slug"]).seconds == length(exercise, sides), exercise[
            "slug"
        ]


@pytest.mark.django_db
@pytest.mark.parametrize(("side", "seconds"), [("right", 120 + 60 + 85 + 85), ("both", 230 + 115 + 165 + 85)])
def test_session_is_as_long_as_its_exercises_rounded_up(side, seconds):
    client = builders.make_client(side=side)
    builders.assign(client)

    found = plan_for(client, TODAY)

    assert sum(exercise.seconds for exercise in found.exercises()) == seconds
    assert found.minutes() == ceil(seconds / 60)


@pytest.mark.parametrize(
    ("side_mode", "sides", "seconds"),
    [
        ("each_side", ["left"], 75),
        ("each_side", ["left", "right"], 145),
        ("both_together", ["both"], 75),
        ("alternating", ["both"], 145),
        ("not_sided", ["none"], 75),
    ],
)
def test_second_side_counts_where_there_is_one(side_mode, sides, seconds):
    dose = Dose(1, 1, 60, None, 30, 1, 7)
    step = AssignedStep.with_dose(dose, side_mode=side_mode, kind="release_smr")

    assert PlannedExercise(tuple(PlannedItem(1, side, (step,), dose) for side in sides)).seconds == seconds


def test_sides_with_doses_of_their_own_count_each_with_its_own():
    """Once there and back, then two sets with their rests on the one side that has them."""
    small, large = Dose(1, 1, 30, None, 10, 1, 7), Dose(3, 1, 60, None, 10, 1, 7)
    step = AssignedStep.with_dose(small, side_mode="each_side", kind="release_smr")

    for left, right in ((small, large), (large, small)):
        exercise = PlannedExercise(
            (PlannedItem(1, "left", (step,), left), PlannedItem(1, "right", (step,), right))
        )
        assert exercise.seconds == 30 + 3 * 60 + 2 * 10 + 10 + 15


# Warm-up


@pytest.mark.django_db
def test_warm_up_is_shown_on_days_of_strengthening_only(client, assignment):
    builders.advance(assignment, now=NOW + DAY)  # Wednesday

    assert plan_for(client, TODAY).warm_up == ""
    assert plan_for(client, day(1)).warm_up == assignment.warm_up != ""
    assert plan_for(client, day(2)).warm_up == ""  # Thursday: nothing
    assert plan_for(client, day(1)).minutes() == ceil((45 + 431 + 243) / 60)


# Conditions, read live


@pytest.mark.django_db
def test_forbidden_step_is_withheld_with_the_reason(client, assignment):
    builders.tag(client, "acute_inflammation", "buttock", side="right")

    found = plan_for(client, TODAY)

    assert found.items == ()
    assert {(each.step.as_was["slug"], each.side) for each in found.withheld} == {
        ("smr_buttock_ball_wall", "right"),
        ("smr_inner_thigh_roller", "right"),
        ("stretch_figure_four_sitting", "right"),
        ("stretch_inner_thigh_sitting", "both"),
    }
    assert {each.slug for held in found.withheld for each in held.verdict.avoid} == {"acute_inflammation"}


@pytest.mark.django_db
def test_step_may_be_withheld_on_one_side_only():
    client = builders.make_client(side="both")
    builders.assign(client)
    builders.tag(client, "acute_inflammation", "buttock", side="left")

    found = plan_for(client, TODAY)

    assert slugs(found) == [
        "smr_buttock_ball_wall right",
        "smr_inner_thigh_roller right",
        "stretch_figure_four_sitting right",
    ]
    assert found.exercises()[0].seconds == 120


@pytest.mark.django_db
def test_step_with_care_waits_for_the_therapists_yes(client, assignment):
    builders.tag(client, "hypermobility")
    held = [each.step.as_was["slug"] for each in plan_for(client, TODAY).withheld]

    builders.agree(client, "stretch_figure_four_sitting", "hypermobility")

    assert held == ["stretch_figure_four_sitting", "stretch_inner_thigh_sitting"]
    assert "stretch_figure_four_sitting" in names(client, 0)
    assert "stretch_inner_thigh_sitting" not in names(client, 0)


@pytest.mark.django_db
def test_new_contraindication_reaches_a_running_client(client, assignment):
    builders.tag(client, "nerve_arm_symptoms")
    assert "smr_buttock_ball_wall" in names(client, 0)

    ExerciseTag.objects.create(
        exercise=Exercise.objects.get(slug="smr_buttock_ball_wall"),
        tag=ConditionTag.objects.get(slug="nerve_arm_symptoms"),
        rule="avoid",
    )

    assert "smr_buttock_ball_wall" not in names(client, 0)


@pytest.mark.django_db
def test_each_day_of_a_week_has_its_own_conditions(client, assignment):
    """Gathered for a whole week, a condition that ends on Wednesday still protects on Tuesday."""
    builders.tag(client, "pregnancy", valid_from=day(-1), valid_to=day(1))
    facts = gather(client, day(-1), day(5))

    rolled = [
        "smr_inner_thigh_roller" in {item.step.as_was["slug"] for item in plan(facts, day(n)).items}
        for n in range(5)
    ]

    assert rolled == [False, False, True, True, True]


@pytest.mark.django_db
@pytest.mark.parametrize("n", range(-1, 6))
def test_plan_of_a_day_is_the_same_however_much_is_gathered_around_it(client, assignment, n):
    builders.tag(client, "pregnancy", valid_from=day(1), valid_to=day(2))
    builders.advance(assignment, now=NOW + 4 * DAY)
    facts = gather(client, day(-3), day(9))

    alone = plan_for(client, day(n))

    def content(found):
        return (
            [(item.step.pk, item.side, item.dose) for item in found.items],
            len(found.withheld),
            len(found.current),
        )

    assert content(plan(facts, day(n))) == content(alone)


@pytest.mark.django_db
def test_open_blocks_stand_on_the_plan(client, assignment):
    SafetyBlock.objects.create(client=client, effect="review", created_at=NOW)

    found = plan_for(client, TODAY)

    assert (found.blocked, [each.effect for each in found.blocks]) == (True, ["review"])
    assert found.items, "what would be due is still known"


# The client's day


ZONES = [
    "Pacific/Kiritimati", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Fiji", "Asia/Kamchatka",
    "Australia/Sydney", "Australia/Lord_Howe", "Australia/Adelaide", "Australia/Eucla", "Asia/Tokyo", "Asia/Shanghai",
    "Asia/Ho_Chi_Minh", "Asia/Yangon", "Asia/Dhaka", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Karachi", "Asia/Kabul",
    "Asia/Dubai", "Asia/Tehran", "Europe/Moscow", "Africa/Nairobi", "Europe/Athens", "Africa/Cairo", "Europe/Berlin",
    "Africa/Lagos", "Europe/London", "Europe/Dublin", "UTC", "Atlantic/Azores", "America/Nuuk", "America/Sao_Paulo",
    "America/St_Johns", "America/Halifax", "America/New_York", "America/Chicago", "America/Denver",
    "America/Los_Angeles", "Pacific/Marquesas", "Pacific/Honolulu", "Pacific/Pago_Pago",
]  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "local", [date(2026, 3, 10), date(2026, 3, 29), date(2026, 12, 31), date(2028, 2, 29)]
)
def test_today_is_the_clients_local_day_up_to_the_last_minute(zone, local):
    client = Client(zone=zone)

    def at(day, hour, minute):
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)

    tomorrow = local + DAY
    assert client.local_date(at(local, 0, 1)) == local
    assert client.local_date(at(local, 23, 59)) == local
    assert client.local_date(at(tomorrow, 0, 1)) == tomorrow


@pytest.mark.django_db
@pytest.mark.parametrize(
    "zone", ["Pacific/Kiritimati", "Asia/Kathmandu", "Europe/Berlin", "Pacific/Pago_Pago"]
)
def test_plan_changes_at_the_clients_midnight(zone):
    client = builders.make_client(zone=zone)
    builders.assign(client, start_date=date(2026, 3, 12))

    def at(hour, minute, day):
        return datetime(2026, 3, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)

    before, after = (plan_for(client, client.local_date(now)) for now in (at(23, 59, 11), at(0, 1, 12)))

    assert (bool(before.items), bool(after.items)) == (False, True)


# The week


@pytest.mark.django_db
def test_week_counts_days_due_and_days_done(client, assignment):
    monday = week_of(TODAY)[0]
    facts = gather(client, monday, monday + 6 * DAY)
    assert (week_for(facts, TODAY).due, week_for(facts, TODAY).done) == (6, 0), "the program began on Tuesday"

    builders.train(client, now=NOW)
    builders.train(client, now=NOW + DAY, finish=False)
    week = week_for(facts, day(2))

    assert (week.due, week.done) == (6, 1), "a session counts when it is finished"


@pytest.mark.django_db
def test_day_on_which_something_was_done_although_nothing_is_due_any_more_counts(client, assignment):
    builders.train(client, now=NOW)
    for step in steps(phase__kind="release"):
        change_step(step, by=None, reason="", now=NOW, dose=Dose(1, 1, 30, None, 10, 1, 1))  # Wednesdays
    monday = week_of(TODAY)[0]

    week = week_for(gather(client, monday, monday + 6 * DAY), TODAY)

    assert (week.due, week.done) == (2, 1)


@pytest.mark.django_db
def test_two_sessions_of_a_day_are_one_day(client):
    builders.assign(client, HEEL)
    for number in (1, 2):
        builders.train(client, now=NOW, number=number)
    monday = week_of(TODAY)[0]

    assert week_for(gather(client, monday, monday + 6 * DAY), TODAY).done == 1


# The rail


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("n", "filled"),
    [(-1, [0, 0, 0, 0]), (0, [1 / 7, 0, 0, 0]), (5, [6 / 7, 0, 0, 0]), (6, [1, 0, 0, 0]), (30, [1, 0, 0, 0])],
)
def test_rail_fills_with_the_days_of_the_phase(client, assignment, n, filled):
    facts = gather(client, day(n), day(n)).assignments
    rail = phase_rail(facts[0], day(n)) if facts else []

    assert [part["filled"] for part in rail] == (filled if n >= 0 else [])
    assert [part["current"] for part in rail] == ([True, False, False, False] if n >= 0 else [])


@pytest.mark.django_db
def test_rail_shows_finished_phases_full(client, assignment):
    builders.advance(assignment, now=NOW + 8 * DAY)
    facts = gather(client, day(9), day(9)).assignments[0]

    rail = phase_rail(facts, day(9))

    assert [part["kind"] for part in rail] == ["release", "strengthen", "integrate", "maintain"]
    assert [part["filled"] for part in rail] == [1, 2 / 14, 0, 0]
    assert [part["current"] for part in rail] == [False, True, False, False]


@pytest.mark.django_db
def test_rail_of_a_phase_without_least_days_is_full_at_once(client):
    Step.objects.filter(phase__program__slug=SCIATICA).first().phase.program.phases.filter(
        kind="release"
    ).update(min_days=0)
    builders.assign(client)

    rail = phase_rail(gather(client, TODAY, TODAY).assignments[0], TODAY)

    assert rail[0]["filled"] == 1


# How much it costs


def queries(act):
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


@pytest.mark.django_db
def test_plan_costs_the_same_with_one_program_and_with_three(client, assignment):
    builders.tag(client, "acute_inflammation", "buttock", side="left")
    one = queries(lambda: plan_for(client, TODAY))

    builders.assign(client, KNEE)
    builders.assign(client, "program_upper_crossed")
    builders.tag(client, "hypermobility")

    assert queries(lambda: plan_for(client, TODAY)) == one <= 26


@pytest.mark.django_db
def test_plan_and_week_cost_the_same_with_three_thousand_sessions(client, assignment):
    monday = week_of(TODAY)[0]

    def look():
        facts = gather(client, monday, monday + 6 * DAY)
        return (
            queries(lambda: plan_for(client, TODAY)),
            queries(lambda: week_for(facts, TODAY)),
        )

    before = look()
    builders.bulk_sessions(client, 3000, items=1, sets=1)

    assert look() == before
    assert before[1] == 1


@pytest.mark.django_db
def test_plan_costs_the_same_after_many_changes(client, assignment):
    before = queries(lambda: plan_for(client, TODAY))
    by = builders.responsible(client)
    for n in range(5):
        for step in steps(phase__assignment=assignment, phase__kind="release", valid_until=None):
            change_step(step, by=by, reason="", now=NOW + n * DAY, note=f"Version {n}")
        if n in (2, 4):
            builders.advance(assignment, now=NOW + n * DAY)

    assert queries(lambda: plan_for(client, TODAY)) == before
    assert {item.note for item in plan_for(client, day(1)).items} == {"Version 1"}


@pytest.mark.django_db
def test_added_exercise_takes_its_place_by_its_kind(client, assignment):
    add_step(
        assignment.phases.first(),
        Exercise.objects.get(slug="smr_calf_roller"),
        dose=Dose(2, 1, 45, None, 15, 1, 7),
        side="by_complaint",
        note="",
        by=builders.responsible(client),
        reason="",
        now=NOW,
    )

    assert slugs(plan_for(client, TODAY))[:4] == [
        "smr_buttock_ball_wall right",
        "smr_inner_thigh_roller right",
        "smr_calf_roller right",
        "stretch_figure_four_sitting right",
    ]
