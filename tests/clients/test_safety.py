"""Which exercises a client's conditions forbid or allow only with care (domain.md 7.2, 7.4)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import ClientTag, SafetyBlock
from clients.safety import (
    REGION_OF_BARE_AREA,
    Condition,
    Conditions,
    Reach,
    Verdict,
    area_regions,
    conditions_of,
    conditions_of_many,
    judge,
    open_blocks,
    reaches,
    reasons,
    sides_of,
    touches,
    verdicts,
)
from routines.models import BodyArea, ConditionTag, Exercise, ExerciseTag, Muscle, Region

TODAY = NOW.date()
HIP = frozenset({"hip"})
SIDES = ["left", "right", "both", "none"]


def condition(slug="wound", regions=HIP, side="both", **days):
    return Condition(slug=slug, label="", rule="", regions=regions, side=side, **days)


def reach(regions=HIP, avoid=(), care=(), midline=()):
    return Reach(frozenset(regions), frozenset(avoid), frozenset(care), frozenset(midline))


def exercise(slug):
    return Exercise.objects.get(slug=slug)


def verdict(client, slug, side="both", day=TODAY):
    """What stands against this exercise on this side: (slugs that forbid, slugs that ask for care)."""
    chosen = exercise(slug)
    found = judge(chosen.pk, reaches([chosen.pk])[chosen.pk], side, conditions_of(client, day))
    return [each.slug for each in found.avoid], [each.slug for each in found.care]


# Pure


FEVER = replace(condition("fever"), label="Fever")
WOUND = replace(condition("wound"), label="Wound")
NOTHING, FORBIDS, WAITS = Verdict(), Verdict(avoid=(WOUND,), care=(FEVER,)), Verdict(care=(FEVER,))


@pytest.mark.parametrize(
    ("judged", "said"),
    [
        ([("left", NOTHING), ("right", NOTHING)], []),
        ([("both", WAITS)], ["Waits for your therapist's OK because of “Fever”."]),
        ([("left", FORBIDS), ("right", FORBIDS)], ["Left out because of “Wound”. Your therapist knows."]),
        ([("left", FORBIDS), ("left", FORBIDS), ("right", NOTHING)], ["Left side: Left out because of “Wound”. Your therapist knows."]),
        ([("left", FORBIDS), ("right", WAITS)], ["Left side: Left out because of “Wound”. Your therapist knows.", "Right side: Waits for your therapist's OK because of “Fever”."]),
    ],
)  # fmt: skip
def test_reasons_name_the_side_where_the_other_one_is_not_withheld_for_the_same(judged, said):
    assert reasons(judged) == said


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("mine", SIDES)
def test_one_sided_condition_touches_all_but_the_other_side(side, mine):
    other = {("left", "right"), ("right", "left")}

    assert touches(condition(side=mine), reach(), side) == ((mine, side) not in other)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("mine", SIDES)
def test_condition_of_the_whole_body_touches_everything(side, mine):
    assert touches(condition(regions=None, side=mine), reach(regions={"arm"}), side)


@pytest.mark.parametrize("side", SIDES)
def test_condition_elsewhere_touches_nothing(side):
    assert not touches(condition(regions=frozenset({"arm"})), reach(regions={"hip", "thigh"}), side)


@pytest.mark.parametrize("side", SIDES)
def test_condition_touches_an_exercise_of_which_nothing_is_known(side):
    assert touches(condition(side="left"), reach(regions=()), side)


def test_condition_touches_what_shares_one_of_its_regions():
    assert touches(condition(regions=frozenset({"hip", "thigh"})), reach(regions={"thigh", "trunk"}), "left")


def test_movement_of_the_midline_has_no_other_side():
    """The right side plank bends the same low back as the left one."""
    moves_the_spine = reach(regions={"hip", "trunk"}, midline={"trunk"})

    assert touches(condition(regions=frozenset({"trunk"}), side="left"), moves_the_spine, "right")
    assert not touches(condition(regions=HIP, side="left"), moves_the_spine, "right")


@pytest.mark.parametrize(
    ("rule", "ticked", "expected"),
    [
        ({}, (), ([], [])),
        ({"avoid": ["wound"]}, (), (["wound"], [])),
        ({"care": ["wound"]}, (), ([], ["wound"])),
        ({"avoid": ["wound"]}, [(7, "wound")], (["wound"], [])),  # a tick never opens what is forbidden
        ({"care": ["wound"]}, [(7, "wound")], ([], [])),
        ({"care": ["wound"]}, [(8, "wound")], ([], ["wound"])),  # agreed for another exercise
        ({"care": ["wound"]}, [(7, "clot")], ([], ["wound"])),  # agreed for another condition
        ({"avoid": ["clot"], "care": ["gout"]}, (), ([], [])),
    ],
)
def test_verdict_follows_rule_and_tick(rule, ticked, expected):
    found = judge(7, reach(**rule), "left", Conditions((condition(),), frozenset(ticked)))

    assert ([each.slug for each in found.avoid], [each.slug for each in found.care]) == expected
    assert found.withheld == any(expected)


def test_verdict_names_every_condition_that_speaks_against_it():
    three = (condition("wound"), condition("clot"), condition("gout", regions=frozenset({"arm"})))

    found = judge(7, reach(avoid=["wound", "clot", "gout"]), "left", Conditions(three))

    assert [each.slug for each in found.avoid] == ["wound", "clot"]


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        (None, None, range(6)),
        (2, None, range(1, 6)),
        (None, 2, range(3)),
        (2, 3, range(1, 4)),
        (4, 4, range(3, 5)),
    ],
)
def test_condition_holds_from_the_day_before_its_first_to_its_last(since, until, days):
    def day(n):
        return None if n is None else TODAY + timedelta(days=n)

    held = Conditions((condition(since=day(since), until=day(until)),), frozenset({(1, "a")}))

    assert [n for n in range(6) if held.on(day(n)).conditions] == list(days)
    assert held.on(day(0)).ticked == held.ticked


@pytest.mark.parametrize(
    ("side_mode", "side", "expected"),
    [
        ("each_side", "left", ("left",)),
        ("each_side", "right", ("right",)),
        ("each_side", "both", ("left", "right")),
        ("each_side", "none", ("left", "right")),
        *(("both_together", side, ("both",)) for side in SIDES),
        *(("alternating", side, ("both",)) for side in SIDES),
        *(("not_sided", side, ("none",)) for side in SIDES),
    ],
)
def test_each_side_has_its_own_window_where_the_exercise_has_sides(side_mode, side, expected):
    assert sides_of(side_mode, side) == expected


# The catalogue


@pytest.mark.django_db
def test_every_body_area_of_the_catalogue_has_a_region():
    """An area without one would count for the whole body: too careful, and nobody could tell why."""
    found = area_regions()

    assert len(found) == 40
    assert [area for area, regions in found.items() if regions is None] == []
    assert frozenset().union(*found.values()) == set(Region.objects.values_list("slug", flat=True))


@pytest.mark.django_db
def test_bare_areas_are_those_in_which_no_muscle_lies():
    bare = set(BodyArea.objects.filter(muscles__isnull=True).values_list("slug", flat=True))

    assert set(REGION_OF_BARE_AREA) == bare
    assert set(REGION_OF_BARE_AREA.values()) <= set(Region.objects.values_list("slug", flat=True))


@pytest.mark.django_db
def test_area_has_the_regions_of_its_muscles():
    assert area_regions()["upper_back"] == {"shoulder_girdle", "trunk"}


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["own_area", "navel"])
def test_area_of_which_nothing_is_known_counts_for_the_whole_body(slug):
    area = BodyArea.objects.create(slug=slug, name="Own", map_view="front", sided=True)
    client = builders.make_client()

    builders.tag(client, "broken_or_infected_skin", area.slug, side="left")

    assert area_regions()[slug] is None
    assert verdict(client, "smr_buttock_ball_wall", "right")[0] == ["broken_or_infected_skin"]
    assert verdict(client, "smr_jaw_fingers")[0] == ["broken_or_infected_skin"]


@pytest.mark.django_db
def test_exercise_reaches_its_muscles_and_the_joints_that_its_targets_move(django_assert_num_queries):
    ids = dict(Exercise.objects.values_list("slug", "pk"))

    with django_assert_num_queries(3):
        found = reaches(ids.values())

    assert found[ids["smr_buttock_ball_wall"]].regions == {"hip"}
    assert found[ids["smr_calf_roller"]].regions == {"lower_leg_foot", "thigh"}  # the calf bends the knee too
    assert found[ids["bridge_single_leg"]].midline == {"trunk"}
    assert found[ids["smr_thigh_stick"]].regions == {"hip", "thigh", "trunk"}
    assert found[ids["smr_thigh_stick"]].midline == set()  # a stick on the thigh bends no spine
    assert found[ids["curl_up"]].midline == {"trunk"}
    assert all(each.regions for each in found.values())


@pytest.mark.django_db
@pytest.mark.parametrize("tag", ConditionTag.Scope.values)
def test_every_rule_of_the_catalogue_acts_on_the_client_who_has_the_condition(tag):
    """Each avoid and each care of each exercise, for a condition that counts for the whole body."""
    for slug in ConditionTag.objects.filter(scope=tag).values_list("slug", flat=True):
        client = builders.make_client()
        builders.tag(client, slug)
        found = verdicts(client, Exercise.objects.all(), TODAY)
        for rule in ExerciseTag.objects.filter(tag__slug=slug):
            verdict = found.pop(rule.exercise_id)
            hit, free = (
                (verdict.avoid, verdict.care) if rule.rule == "avoid" else (verdict.care, verdict.avoid)
            )
            assert ([each.slug for each in hit], free) == ([slug], ())
        assert set(found.values()) <= {Verdict()}


# A client's conditions


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "exercise", "expected"),
    [
        ("pregnancy", "smr_front_thigh_roller", (["pregnancy"], [])),
        ("pregnancy", "bridge", ([], ["pregnancy"])),
        ("pregnancy", "clam", ([], [])),
        ("osteoporosis", "curl_up", (["osteoporosis"], [])),
        ("osteoporosis", "smr_buttock_ball_wall", ([], ["osteoporosis"])),
    ],
)
def test_condition_of_the_whole_person_hides_warns_or_leaves_alone(slug, exercise, expected):
    client = builders.make_client()

    builders.tag(client, slug)

    assert verdict(client, exercise, "left") == expected
    assert verdict(client, exercise, "none") == expected


@pytest.mark.django_db
def test_area_and_side_of_a_condition_of_the_whole_person_do_not_narrow_it():
    client = builders.make_client()

    builders.tag(client, "osteoporosis", "sole", side="left")

    assert verdict(client, "curl_up", "right") == (["osteoporosis"], [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("area", "side", "exercise", "at", "forbidden"),
    [
        ("buttock", "left", "smr_buttock_ball_wall", "left", True),
        ("buttock", "left", "smr_buttock_ball_wall", "right", False),
        ("buttock", "both", "smr_buttock_ball_wall", "right", True),
        ("buttock", "left", "smr_sole_ball", "left", False),
        ("buttock", "left", "bridge", "both", True),
        ("heel", "right", "smr_sole_ball", "right", True),
        ("heel", "right", "smr_sole_ball", "left", False),
        ("knee_back", "left", "smr_calf_roller", "left", True),
        ("knee_back", "left", "smr_calf_roller", "right", False),
        ("hand_palm", "right", "stretch_wrist_flexor", "right", True),
        ("abdomen", "left", "dead_bug", "both", True),
        ("abdomen", "left", "curl_up", "none", True),
        ("low_back", "left", "side_plank_knees", "right", True),  # the same low back
        ("low_back", "left", "clam", "right", False),
        ("neck_back", "right", "stretch_shoulder_top", "left", True),
        ("shoulder_blade", "right", "stretch_shoulder_top", "left", False),
        (None, "left", "smr_sole_ball", "right", True),
    ],
)
def test_local_condition_forbids_in_its_area_and_on_its_side(area, side, exercise, at, forbidden):
    client = builders.make_client()

    builders.tag(client, "acute_inflammation", area, side=side)

    assert verdict(client, exercise, at)[0] == (["acute_inflammation"] if forbidden else [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("area", "exercise", "at", "forbidden"),
    [
        ("calf", "smr_calf_roller", "left", True),
        ("calf", "smr_thigh_stick", "left", True),  # not that limb (domain.md 7.2)
        ("calf", "smr_buttock_ball_wall", "left", True),
        ("calf", "smr_thigh_stick", "right", False),
        ("calf", "smr_forearm_back_ball", "left", False),
        ("forearm_front", "smr_chest_ball_wall", "left", True),
        ("forearm_front", "smr_calf_roller", "left", False),
        ("forearm_front", "smr_jaw_fingers", "both", False),
    ],
)
def test_clot_forbids_self_massage_of_the_whole_limb(area, exercise, at, forbidden):
    client = builders.make_client()

    builders.tag(client, "blood_clot", area, side="left")

    assert verdict(client, exercise, at)[0] == (["blood_clot"] if forbidden else [])


@pytest.mark.django_db
def test_side_of_an_area_without_sides_means_nothing():
    client = builders.make_client()

    builders.tag(client, "acute_inflammation", "abdomen", side="left")

    assert [each.side for each in conditions_of(client, TODAY).conditions] == ["both"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "counts"),
    [(-2, False), (-1, True), (0, True), (3, True), (4, False)],
    ids=["long before", "day before", "first", "last", "after"],
)
def test_condition_counts_from_the_day_before_its_first_to_its_last(day, counts):
    client = builders.make_client()
    builders.tag(client, "pregnancy", valid_from=TODAY, valid_to=TODAY + timedelta(days=3))

    assert bool(conditions_of(client, TODAY + timedelta(days=day)).conditions) == counts


@pytest.mark.django_db
def test_conditions_of_a_range_are_those_of_any_of_its_days():
    client = builders.make_client()
    for n, slug in enumerate(["pregnancy", "osteoporosis", "hypermobility", "bleeding_risk"]):
        day = TODAY + timedelta(days=n)
        builders.tag(client, slug, valid_from=day, valid_to=day)

    found = conditions_of(client, TODAY + timedelta(days=1), TODAY + timedelta(days=2))

    assert [each.slug for each in found.conditions] == ["osteoporosis", "hypermobility", "bleeding_risk"]
    assert [each.slug for each in found.on(TODAY + timedelta(days=2)).conditions] == [
        "hypermobility",
        "bleeding_risk",
    ]


@pytest.mark.django_db
def test_journey_to_the_west_does_not_lift_a_new_condition():
    client = builders.make_client(zone="Pacific/Kiritimati")
    builders.tag(client, "acute_inflammation", "buttock")

    client.zone = "Pacific/Honolulu"
    client.save()

    assert client.local_date(NOW) < ClientTag.objects.get().valid_from
    assert verdict(client, "smr_buttock_ball_wall", day=client.local_date(NOW))[0] == ["acute_inflammation"]


@pytest.mark.django_db
def test_tick_opens_an_exercise_for_this_client_only():
    ticked, other = builders.make_client(), builders.make_client()
    for client in (ticked, other):
        builders.tag(client, "hypermobility")

    builders.agree(ticked, "stretch_figure_four_sitting", "hypermobility")

    assert verdict(ticked, "stretch_figure_four_sitting") == ([], [])
    assert verdict(ticked, "stretch_inner_thigh_sitting") == ([], ["hypermobility"])
    assert verdict(other, "stretch_figure_four_sitting") == ([], ["hypermobility"])


@pytest.mark.django_db
def test_tick_counts_only_for_a_condition_that_it_is_not_older_than():
    client, later = builders.make_client(), TODAY + timedelta(days=14)
    row = builders.tag(client, "hypermobility")
    builders.agree(client, "stretch_figure_four_sitting", "hypermobility")
    row.valid_to = TODAY + timedelta(days=3)
    row.save()
    builders.tag(client, "hypermobility", valid_from=later)

    assert verdict(client, "stretch_figure_four_sitting", day=TODAY) == ([], [])
    assert verdict(client, "stretch_figure_four_sitting", day=later) == ([], ["hypermobility"])

    builders.agree(client, "stretch_figure_four_sitting", "hypermobility", now=NOW + timedelta(days=14))

    assert verdict(client, "stretch_figure_four_sitting", day=later) == ([], [])


@pytest.mark.django_db
def test_stranger_has_none_of_my_conditions():
    client, stranger = builders.make_client(), builders.make_client()

    builders.tag(client, "pregnancy")

    assert conditions_of(stranger, TODAY) == Conditions()


@pytest.mark.django_db
def test_new_contraindication_of_an_exercise_counts_at_once():
    client = builders.make_client()
    builders.tag(client, "hypermobility")
    assert verdict(client, "clam") == ([], [])

    ExerciseTag.objects.create(
        exercise=exercise("clam"), tag=ConditionTag.objects.get(slug="hypermobility"), rule="avoid"
    )

    assert verdict(client, "clam") == (["hypermobility"], [])


@pytest.mark.django_db
def test_muscle_without_joints_still_has_its_region():
    muscle = Muscle.objects.get(slug="plantar_fascia")
    muscle.joints.clear()
    ball = exercise("smr_sole_ball")

    assert reaches([ball.pk])[ball.pk].regions == {"lower_leg_foot"}


@pytest.mark.django_db
def test_conditions_of_many_cost_no_more_than_those_of_one(django_assert_num_queries):
    days = {}
    for number in range(3):
        client = builders.make_client()
        builders.tag(client, "acute_inflammation", "buttock", side="left")
        builders.tag(client, "pregnancy", valid_from=TODAY + timedelta(days=number + 1))
        days[client] = TODAY + timedelta(days=1)

    with django_assert_num_queries(4):
        found = conditions_of_many(days)

    assert [len(each.conditions) for each in found.values()] == [2, 2, 1]
    assert found == {client.pk: conditions_of(client, day) for client, day in days.items()}


@pytest.mark.django_db
def test_open_blocks_come_the_most_urgent_first():
    client = builders.make_client()
    for effect in ["review", "emergency", "urgent", "review"]:
        SafetyBlock.objects.create(client=client, effect=effect, created_at=NOW)
    builders.talk(client, lift=SafetyBlock.objects.filter(effect="emergency"))

    assert [block.effect for block in open_blocks(client)] == ["urgent", "review", "review"]
    assert open_blocks(builders.make_client()) == []
