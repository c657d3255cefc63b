"""Giving a program to a client: what is copied, what cannot be assigned, what the therapist is warned of."""

from datetime import UTC, date, datetime, timedelta

import pytest

from clients.adjusting import (
    end_assignment,
)
from clients.assigning import (
    AlreadyAssigned,
    ProgramEmpty,
    StartDateRefused,
    agree_with_care,
    settle_side,
    warnings_for,
)
from clients.demo import builders
from clients.demo.builders import NOW, SCIATICA
from clients.explaining import requirements
from clients.models import (
    AssignedPhase,
    Assignment,
    CareTick,
    ReminderSchedule,
)
from routines.composing import design_of
from routines.models import (
    ConditionTag,
    Exercise,
    ExerciseMuscle,
    Imbalance,
    Muscle,
    Phase,
    Program,
    Step,
)
from tests.clients.plans import TODAY, due, step_of
from tests.together import together

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
PROGRAMS = [
    "program_knee_valgus",
    "program_lower_crossed",
    "program_plantar_heel",
    "program_sciatica_piriformis",
    "program_upper_crossed",
]


# The copy


@pytest.mark.parametrize("slug", PROGRAMS)
def test_copy_holds_what_the_design_says(client, slug):
    program = Program.objects.with_design().get(slug=slug)

    assignment = builders.assign(client, slug)

    assert (assignment.name, assignment.warm_up) == (program.name, program.warm_up)
    assert assignment.imbalance == program.imbalance
    for place, (phase, copy) in enumerate(zip(program.phases.all(), assignment.phases.all(), strict=True)):
        assert (copy.order, copy.kind, copy.name) == (place, phase.kind, phase.name)
        assert (copy.min_days, copy.review_by_day) == (phase.min_days, phase.review_by_day)
        assert copy.criteria == (phase.criteria.slug if phase.criteria else "")
        assert copy.numbers.get("rule", {}) == (phase.criteria.numbers if phase.criteria else {})
        assert copy.numbers.get("phase", {}) == phase.numbers
        assert [site["slug"] for site in copy.tenderness_sites] == [
            site.muscle.slug for site in phase.tenderness_sites.all()
        ]
        for step, copied in zip(phase.steps.all(), copy.steps.all(), strict=True):
            assert copied.dose == step.dose
            assert (copied.exercise, copied.note) == (step.exercise, step.note)
            assert (copied.kind, copied.side_mode) == (step.exercise.kind, step.exercise.side_mode)
            assert (copied.start_after_days, copied.until_days) == (step.start_after_days, step.until_days)
            assert (copied.name, copied.cue) == (step.exercise.name, step.exercise.cue)
            assert copied.cautions == step.exercise.cautions
            assert copied.as_was["position"] == step.exercise.position
            assert (copied.valid_from, copied.valid_until) == (TODAY, None)
            assert len(copied.weekdays) == step.days_per_week


def test_first_phase_is_active_and_the_others_are_locked(assignment, therapist):
    states = [(phase.state, phase.started_on) for phase in assignment.phases.all()]

    assert states == [("active", TODAY), ("locked", None), ("locked", None), ("locked", None)]
    row = assignment.transitions.get()
    assert (row.kind, row.from_phase, row.to_phase) == ("started", None, assignment.phases.first())
    assert (row.at, row.local_date, row.by) == (NOW, TODAY, therapist)


def test_copy_keeps_the_reason_in_words(assignment):
    """The muscles that the program releases and strengthens come first."""
    why = assignment.why

    assert [each[""]["name"] for each in why["tight"]][:1] == ["Piriformis"]
    assert [each[""]["name"] for each in why["weak"]] == ["Side buttock muscle", "Large buttock muscle"]
    assert {each[""]["name"] for each in why["joints"]} == {"Hip", "Sacroiliac joint"}
    assert all(each[""]["plain_words"] for each in why["joints"])
    assert "buttock" in why["client_words"][""]["client_words"]


@pytest.mark.parametrize(
    ("slug", "tight", "partners"),
    [
        ("program_plantar_heel", "Calf (upper)", ["Shin muscle"]),
        ("program_upper_crossed", "Upper trapezius", ["Lower trapezius", "Serratus anterior"]),
    ],
)
def test_copy_keeps_which_muscles_are_partners_of_the_one_that_is_released(client, slug, tight, partners):
    why = builders.assign(client, slug).why

    assert why["tight"][0][""]["name"] == tight
    assert [each[""]["name"] for each in why["partners"]] == partners


def test_copy_names_no_partner_that_the_program_does_not_strengthen(client):
    shin = Muscle.objects.get(name="Shin muscle")
    ExerciseMuscle.objects.filter(muscle=shin).delete()

    assert builders.assign(client, "program_plantar_heel").why["partners"] == []


def test_copy_of_a_program_without_an_imbalance_gives_no_reason(client):
    Program.objects.filter(slug=SCIATICA).update(imbalance=None)

    assignment = builders.assign(client)

    assert (assignment.imbalance, assignment.why) == (None, {})


def test_copy_speaks_every_language_of_the_catalogue(client):
    exercise = Exercise.objects.get(slug="smr_buttock_ball_wall")
    exercise.translations = {"de": {"name": "Ball an der Wand", "cue": ""}}
    exercise.save()

    step = step_of(builders.assign(client), "smr_buttock_ball_wall")

    assert step.as_was["texts"]["de"] == {"name": "Ball an der Wand"}
    assert step.name == "Ball release, buttock at a wall"


def test_copy_keeps_the_plain_words_of_the_joints_in_every_language(client):
    Imbalance.objects.filter(slug="sciatica_piriformis").update(
        translations={"de": {"plain_words": ["Erstes.", "Zweites."]}, "fr": {"plain_words": ["Un."]}}
    )

    joints = builders.assign(client).why["joints"]

    assert [each["de"]["plain_words"] for each in joints] == ["Erstes.", "Zweites."]
    assert all("fr" not in each for each in joints), "one text for two joints belongs to neither"
    assert joints[0][""]["plain_words"] == "The thigh does not sit and turn freely in the socket."


def test_nearest_level_that_has_a_number_wins_and_is_told_apart(client):
    """Program's phase, practice, rule (domain.md 6.4)."""
    phase = Phase.objects.get(program__slug=SCIATICA, kind="release")
    rule = phase.criteria
    ours, theirs, untouched = list(rule.numbers)[:3]
    Phase.objects.filter(pk=phase.pk).update(numbers={ours: "phase"})
    builders.make_practice(
        numbers={rule.slug: {ours: "practice", theirs: "practice"}, "step_back": {untouched: "of another"}}
    )

    copy = builders.assign(client).phases.first()

    assert copy.numbers == {
        "phase": {ours: "phase"},
        "practice": {ours: "practice", theirs: "practice"},
        "rule": rule.numbers,
    }


def test_opening_asks_for_the_practices_number(client):
    builders.make_practice(numbers={"release_to_strengthen": {"min_completed_sessions_in_window": 9}})

    copy = builders.assign(client).phases.first()

    assert "9 sessions in 7 days" in requirements(copy)


@pytest.mark.parametrize(
    ("step_side", "side_mode", "kind", "complaint", "expected"),
    [
        ("by_complaint", "each_side", "release_smr", "left", "left"),
        ("by_complaint", "each_side", "release_stretch", "right", "right"),
        ("by_complaint", "each_side", "release_smr", "both", "both"),
        ("by_complaint", "each_side", "release_smr", "none", "both"),
        ("by_complaint", "each_side", "strengthen", "left", "both"),
        ("by_complaint", "each_side", "integrate", "right", "both"),
        ("left", "each_side", "strengthen", "right", "left"),
        ("right", "each_side", "release_smr", "left", "right"),
        ("both", "each_side", "release_smr", "left", "both"),
        ("left", "both_together", "release_smr", "left", "both"),
        ("by_complaint", "alternating", "strengthen", "left", "both"),
        ("left", "not_sided", "strengthen", "left", "none"),
    ],
)
def test_side_is_settled_by_the_complaint(step_side, side_mode, kind, complaint, expected):
    """Release the painful side, strengthen both (domain.md 4)."""
    assert settle_side(step_side, side_mode, kind, complaint) == expected


@pytest.mark.parametrize(
    ("side", "given", "release", "strengthen"),
    [
        ("left", None, "left", "both"),
        ("right", None, "right", "both"),
        ("none", None, "both", "both"),
        ("left", "right", "right", "both"),
        ("left", "both", "both", "both"),
    ],
)
def test_assignment_settles_the_sides_of_its_steps(side, given, release, strengthen):
    assignment = builders.assign(builders.make_client(side=side), side=given)

    assert assignment.side == (given or side)
    assert step_of(assignment, "smr_buttock_ball_wall").side == release
    assert step_of(assignment, "stretch_inner_thigh_sitting").side == "both"
    assert step_of(assignment, "clam", "strengthen").side == strengthen
    assert step_of(assignment, "walking", "integrate").side == "none"


def test_strengthening_asked_for_four_days_is_laid_out_as_three(client):
    Step.objects.filter(phase__program__slug=SCIATICA, exercise__slug="clam").update(days_per_week=4)

    step = step_of(builders.assign(client), "clam", "strengthen")

    assert (step.weekdays, step.days_per_week) == ("135", 4)


def test_client_is_reminded_from_the_first_program_on(client):
    builders.assign(client)
    schedule = ReminderSchedule.objects.get(client=client)
    assert (schedule.local_time.hour, schedule.zone, schedule.active) == (18, client.zone, True)
    ReminderSchedule.objects.update(local_time="07:00", active=False)

    builders.assign(client, "program_plantar_heel")

    schedule = ReminderSchedule.objects.get(client=client)
    assert (schedule.local_time.hour, schedule.active) == (7, False), "what the client chose stays"


# What cannot be assigned


@pytest.mark.parametrize(
    ("start", "ok"),
    [
        (-1, False),
        (0, True),
        (1, True),
        (365, True),
        (366, False),
    ],
)
def test_program_starts_today_or_within_a_year(client, start, ok):
    if ok:
        assert builders.assign(client, start_date=TODAY + start * DAY).start_date == TODAY + start * DAY
    else:
        with pytest.raises(StartDateRefused, match="from today on"):
            builders.assign(client, start_date=TODAY + start * DAY)
        assert not Assignment.objects.exists()


def test_today_is_the_clients_day():
    """Half past eleven at night in Berlin is tomorrow in Auckland and still today in New York."""
    now = datetime(2026, 3, 10, 22, 30, tzinfo=UTC)
    early, late = builders.make_client(zone="America/New_York"), builders.make_client(zone="Pacific/Auckland")

    assert builders.assign(early, start_date=TODAY, now=now).start_date == TODAY
    with pytest.raises(StartDateRefused):
        builders.assign(late, start_date=TODAY, now=now)


def test_leap_day_has_a_year_ahead(client):
    leap = datetime(2028, 2, 29, 12, 0, tzinfo=UTC)

    assert builders.assign(client, start_date=date(2029, 2, 28), now=leap).start_date == date(2029, 2, 28)


def test_program_without_phases_is_refused(client):
    Program.objects.create(slug="bare", name="Bare")

    with pytest.raises(ProgramEmpty, match="without steps"):
        builders.assign(client, "bare")


def test_program_with_one_empty_phase_is_refused_whole(client):
    Step.objects.filter(phase__program__slug=SCIATICA, phase__kind="maintain").delete()

    with pytest.raises(ProgramEmpty):
        builders.assign(client)

    assert not Assignment.objects.exists()
    assert not ReminderSchedule.objects.exists()


def test_program_is_followed_once_at_a_time(client, assignment, therapist):
    with pytest.raises(AlreadyAssigned, match="Ana Silva follows this program already"):
        builders.assign(client)
    assert Assignment.objects.count() == 1
    end_assignment(assignment, by=therapist, reason="Again from the start.", now=NOW)

    again = builders.assign(client)

    assert again.pk != assignment.pk
    assert builders.assign(builders.make_client()).program == again.program, "others may follow it too"


# Warnings


@pytest.mark.parametrize(
    ("tag", "area", "side", "expected"),
    [
        (None, None, "both", {}),
        ("nerve_arm_symptoms", None, "both", {}),
        (
            "acute_inflammation",
            "buttock",
            "right",
            {
                "smr_buttock_ball_wall": ("avoid", {"right"}),
                "stretch_figure_four_sitting": ("avoid", {"right"}),
                "smr_inner_thigh_roller": ("avoid", {"right"}),
                "stretch_inner_thigh_sitting": ("avoid", {"both"}),
                "clam": ("avoid", {"right"}),
                "bridge": ("avoid", {"both"}),
                "side_leg_raise": ("avoid", {"right"}),
                "band_squat": ("avoid", {"both"}),
                "step_down_side": ("avoid", {"right"}),
                "walking": ("avoid", {"none"}),
            },
        ),
        (
            "hypermobility",
            None,
            "both",
            {
                "stretch_figure_four_sitting": ("care", {"right"}),
                "stretch_inner_thigh_sitting": ("care", {"both"}),
            },
        ),
        (
            "pregnancy",
            None,
            "both",
            {"smr_inner_thigh_roller": ("avoid", {"right"}), "bridge": ("care", {"both"})},
        ),
    ],
)
def test_therapist_is_warned_of_what_speaks_against_the_program(client, tag, area, side, expected):
    if tag:
        builders.tag(client, tag, area, side=side)

    warnings = warnings_for(
        design_of(Program.objects.with_design().get(slug=SCIATICA)), client, TODAY, client.side
    )

    found = {}
    for warning in warnings:
        rule = "avoid" if warning.verdict.avoid else "care"
        slug = warning.step.exercise.slug
        assert found.setdefault(slug, (rule, set(warning.sides))) == (rule, set(warning.sides))
        assert [each.slug for each in warning.verdict.avoid + warning.verdict.care] == [tag]
    assert found == expected


def test_warnings_cost_a_fixed_number_of_queries(client, django_assert_num_queries):
    builders.tag(client, "hypermobility")
    for slug in PROGRAMS[:3]:
        program = Program.objects.with_design().get(slug=slug)
        with django_assert_num_queries(5):
            warnings_for(design_of(program), client, TODAY, "left")


def test_agreement_given_at_assignment_opens_the_exercise(client, therapist):
    builders.tag(client, "hypermobility")
    stretch, tag = (
        Exercise.objects.get(slug="stretch_figure_four_sitting"),
        ConditionTag.objects.get(slug="hypermobility"),
    )

    builders.assign(client, care=[(stretch.pk, tag.pk)])

    assert "stretch_figure_four_sitting right" in due(client)
    assert "stretch_inner_thigh_sitting both" not in due(client)
    tick = CareTick.objects.get()
    assert (tick.exercise, tick.tag, tick.by, tick.at) == (stretch, tag, therapist, NOW)
    owner = builders.make_owner()
    agree_with_care(client, [(stretch.pk, tag.pk)] * 2, by=owner, now=NOW + DAY)
    again = CareTick.objects.get()
    assert (again.pk, again.by, again.at) == (tick.pk, owner, NOW + DAY), "a new yes takes its place"


# At the same moment


@pytest.mark.django_db(transaction=True)
def test_program_assigned_several_times_at_once_is_followed_once():
    client = builders.make_client()

    outcomes = together(lambda: builders.assign(client), times=4)

    assert sorted(type(each).__name__ for each in outcomes) == ["AlreadyAssigned"] * 3 + ["Assignment"]
    assert Assignment.objects.count() == 1
    assert AssignedPhase.objects.count() == 4
    assert ReminderSchedule.objects.count() == 1
