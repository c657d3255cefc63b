"""A draft for a client: what is gathered, what it becomes when it is saved, what stays out of the catalogue."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from clients.adjusting import change_step
from clients.assigning import assign_program
from clients.cupboard import keep_tools, tools_to_tick
from clients.demo import builders
from clients.demo.builders import NOW
from clients.drafting import (
    NothingPermitted,
    draft_for,
    home_of,
    save_draft,
    side_for_pattern,
    visits_of,
    wanted_of_pattern,
    wanted_of_visit,
)
from clients.explaining import why_this
from clients.models import AssignedStep, Assignment, Client, HomeSetup, OwnProgram, User, Visit
from clients.ownership import keep_exercise, visible_programs
from routines.composing import copy_program, design_of, save_design
from routines.drafting import Home
from routines.drafting.catalogue import read_catalogue, read_numbers
from routines.models import Equipment, Exercise, Imbalance, Muscle, Program, Step
from routines.review import facts_of, review
from routines.wording import why_words
from tests.clients.visits import make_visit
from tests.routines.drafting.conftest import SHIPPED_CATALOGUE
from tests.together import together

TODAY = NOW.date()
PATTERNS = [row["slug"] for row in SHIPPED_CATALOGUE.data["imbalances"]]


@pytest.fixture
def visit(client: Client) -> Visit:
    return make_visit(client, ("piriformis", "right", "tight", 7), ("gluteus_maximus", "right", "weak", 4))


def saved(client: Client, therapist: User, wanted: Any, key: uuid.UUID | None = None) -> Program:
    found = draft_for(client, wanted, by=therapist, day=TODAY)
    return save_draft(found, key=key or uuid.uuid4(), by=therapist, day=TODAY, now=NOW)


# ---- Gathering ---------------------------------------------------------------------------------------------------


def test_catalogue_is_read_as_it_was_shipped(db: None) -> None:
    known, shipped = read_catalogue(Exercise.objects.with_details()), SHIPPED_CATALOGUE.catalogue

    assert known.muscles == shipped.muscles
    assert {each.slug: each for each in known.exercises} == {each.slug: each for each in shipped.exercises}
    assert {each.slug: each for each in known.imbalances} == {each.slug: each for each in shipped.imbalances}
    assert {slug: set(rows) for slug, rows in known.antagonists.items()} == {
        slug: set(rows) for slug, rows in shipped.antagonists.items() if rows
    }


def test_numbers_are_the_practice_s_before_the_rule_s(db: None) -> None:
    plain = read_numbers()
    own = read_numbers({"drafting": {"max_at_a_time": 3}, "release_to_strengthen": {"min_days_in_phase": 5}})

    assert (plain.at_a_time, plain.days["release"].min_days, plain.days["maintain"].min_days) == (4, 7, 28)
    assert (own.at_a_time, own.days["release"].min_days, own.days["release"].review_by_day) == (3, 5, 21)


@pytest.mark.parametrize(("pattern", "day"), [("knee_valgus", 14), ("plantar_heel", 14), ("it_band", 21)])
def test_release_of_knee_and_heel_is_looked_at_earlier(
    client: Client, therapist: User, pattern: str, day: int
) -> None:
    made = draft_for(client, wanted_of_pattern(pattern, "right"), by=therapist, day=TODAY).draft
    release = made.phase("release")

    assert release is not None
    assert release.review_by_day == day + 7 * (len(release.blocks) - 1)


def test_home_without_a_row_is_not_known(client: Client) -> None:
    assert home_of(client) == Home()

    setup = HomeSetup.objects.create(client=client, floor=False, level=1, minutes=10, tools_at=NOW)
    setup.tools.set(Equipment.objects.filter(slug="massage_ball"))

    assert home_of(client) == Home(frozenset({"massage_ball"}), floor=False, level=1, minutes=10)


def test_nobody_asked_for_tools_is_not_the_same_as_none_at_home(client: Client) -> None:
    setup = HomeSetup.objects.create(client=client, level=1, minutes=10)
    assert home_of(client).tools is None

    setup.tools_at = NOW
    setup.save()
    assert home_of(client).tools == frozenset()


def test_tools_that_the_client_ticked_say_nothing_of_level_and_minutes(client: Client) -> None:
    keep_tools(client, [], shown=[], by=client.user, now=NOW)

    assert home_of(client) == Home(frozenset())


def test_draft_prefers_what_is_at_home_and_says_what_is_missing(
    client: Client, therapist: User, visit: Visit
) -> None:
    def tools_of_release() -> set[str]:
        made = draft_for(client, wanted_of_visit(visit), by=therapist, day=TODAY)
        phase = made.draft.phase("release")
        assert phase is not None
        steps = [step for step in phase.steps if step.why["because"] == "tight"]
        return {tool.slug for step in steps for tool in made.exercise(step.exercise).equipment.all()}

    shown = tools_to_tick()
    keep_tools(client, shown, shown=shown, by=therapist, now=NOW)
    with_all = tools_of_release()
    keep_tools(client, [], shown=shown, by=therapist, now=NOW)
    with_none = tools_of_release()

    assert "massage_ball" in with_all
    assert not with_none & {tool.slug for tool in shown}


def test_newest_visit_with_findings_comes_first(client: Client, therapist: User, visit: Visit) -> None:
    make_visit(client, days=1)
    newest = make_visit(client, ("soleus", "left", "tight", 3), days=2)

    assert visits_of(client, therapist) == [newest, visit]
    assert visits_of(client, builders.make_therapist(name="Stranger")) == []


@pytest.mark.parametrize(("side", "asked"), [("left", "left"), ("both", "both"), ("none", "both")])
def test_side_of_the_complaint_is_released(client: Client, side: str, asked: str) -> None:
    client.side = side

    assert side_for_pattern(client) == asked


def test_condition_leaves_out_and_says_which(client: Client, therapist: User, visit: Visit) -> None:
    builders.tag(client, "blood_clot", "buttock", side="right")
    forbidden = draft_for(client, wanted_of_visit(visit), by=therapist, day=TODAY)

    used = {step.exercise for phase in forbidden.draft.phases for step in phase.steps}
    assert "smr_buttock_ball_wall" not in used
    assert "smr_buttock_ball_wall" in {each.exercise for each in forbidden.draft.left_out}
    avoid, _care = forbidden.conditions_for("smr_buttock_ball_wall", ["right"])
    assert [condition.slug for condition in avoid] == ["blood_clot"]


def test_agreed_care_asks_no_more(client: Client, therapist: User, visit: Visit) -> None:
    builders.tag(client, "nerve_leg_pain")
    builders.tag(client, "hypermobility")
    asked = draft_for(client, wanted_of_visit(visit), by=therapist, day=TODAY)
    slugs = {step.exercise for step in asked.draft.asks}
    assert slugs

    for slug in slugs:
        for condition in ("nerve_leg_pain", "hypermobility"):
            builders.agree(client, slug, condition)
    again = draft_for(client, wanted_of_visit(visit), by=therapist, day=TODAY)

    assert not {step.exercise for step in again.draft.asks} & slugs


def test_exercise_of_a_colleague_is_not_drafted(client: Client, therapist: User, visit: Visit) -> None:
    other = builders.make_therapist(name="Other")
    keep_exercise(Exercise.objects.get(slug="smr_buttock_ball_wall"), other, now=NOW)

    made = draft_for(client, wanted_of_visit(visit), by=therapist, day=TODAY).draft

    assert "smr_buttock_ball_wall" not in {step.exercise for phase in made.phases for step in phase.steps}


# ---- Saving ------------------------------------------------------------------------------------------------------


def test_draft_becomes_a_program_of_one_s_own_without_a_name_of_a_person(
    client: Client, therapist: User, visit: Visit
) -> None:
    program = saved(client, therapist, wanted_of_visit(visit))

    assert OwnProgram.objects.get(program=program).therapist == therapist
    assert program.name == "Piriformis, 10 Mar 2026"
    assert client.name not in f"{program.name} {program.slug} {program.notes} {program.translations}"
    assert [phase.kind for phase in program.phases.all()] == [
        "release",
        "strengthen",
        "integrate",
        "maintain",
    ]
    assert [phase.criteria and phase.criteria.slug for phase in program.phases.all()] == [
        "release_to_strengthen", "strengthen_to_integrate", "integrate_to_maintain", None,
    ]  # fmt: skip
    assert program.phases.first().translations["de"]["name"] == "Lösen"
    assert program.imbalance == Imbalance.objects.get(slug="sciatica_piriformis")


def test_same_page_sent_twice_makes_one_program(client: Client, therapist: User, visit: Visit) -> None:
    key = uuid.uuid4()
    first, second = (saved(client, therapist, wanted_of_visit(visit), key) for _time in range(2))
    other = saved(client, therapist, wanted_of_pattern("upper_crossed", "both"), key)

    assert first == second
    assert other != first
    assert Step.objects.filter(phase__program=first).count() == len(
        [step for phase in design_of(Program.objects.with_design().get(pk=first.pk)) for step in phase.steps]
    )


def test_nothing_permitted_makes_no_program(client: Client, therapist: User) -> None:
    found = draft_for(client, wanted_of_pattern("elbow_flexor_dominant", "both"), by=therapist, day=TODAY)
    empty = type(found)(**{**vars(found), "draft": type(found.draft)((), (), (), ())})

    with pytest.raises(NothingPermitted):
        save_draft(empty, key=uuid.uuid4(), by=therapist, day=TODAY, now=NOW)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_each_pattern_saves_a_design_that_the_review_has_nothing_against(
    client: Client, therapist: User, pattern: str
) -> None:
    program = saved(client, therapist, wanted_of_pattern(pattern, "right"))

    warnings = review(facts_of(Program.objects.with_design().get(pk=program.pk)))
    assert [warning.sentence for warning in warnings] == []


def test_review_names_only_muscles_that_were_not_found_tight_or_stay_uncovered(
    client: Client, therapist: User, visit: Visit
) -> None:
    found = draft_for(client, wanted_of_visit(visit), by=therapist, day=TODAY)

    said = [warning.sentence for warning in found.warnings if warning.slug == "partner_not_released"]
    assert len(said) == 1
    assert str(Muscle.objects.get(slug="hip_adductors")) in said[0]
    assert "Piriformis" not in said[0].split(":")[1]


# ---- Why it is there ---------------------------------------------------------------------------------------------


def test_why_travels_into_copies_and_new_versions(client: Client, therapist: User, visit: Visit) -> None:
    program = saved(client, therapist, wanted_of_visit(visit))
    step = Step.objects.get(phase__program=program, phase__kind="release", order=1)
    copy = copy_program(program)
    assign_program(program, client, start_date=TODAY, by=therapist, now=NOW)
    assigned = AssignedStep.objects.get(
        phase__assignment=Assignment.objects.get(), phase__kind="release", order=0
    )
    changed = change_step(assigned, by=therapist, reason="Softly", now=NOW, note="Softly")

    assert step.why["because"] == "tight"
    assert Step.objects.get(phase__program=copy, phase__kind="release", order=1).why == step.why
    assert assigned.why == changed.why == step.why


def test_saving_in_the_builder_keeps_why_unless_the_exercise_is_another(
    client: Client, therapist: User, visit: Visit
) -> None:
    program = saved(client, therapist, wanted_of_visit(visit))
    release, *rest = design_of(Program.objects.with_design().get(pk=program.pk))
    bare = [type(step)(**{**vars(step), "why": None}) for step in release.steps]
    other = Exercise.objects.get(slug="clam")
    bare[1] = type(bare[1])(**{**vars(bare[1]), "exercise": other})

    save_design(program, [type(release)(**{**vars(release), "steps": bare}), *rest])

    first, second = Step.objects.filter(phase__program=program, phase__kind="release").order_by("order")[:2]
    assert first.why["because"] == "tight"
    assert second.why == {}


def test_sentences_say_why_to_therapist_and_client(client: Client, therapist: User, visit: Visit) -> None:
    program = saved(client, therapist, wanted_of_visit(visit))
    steps = {
        step.why["because"]: step.why for step in Step.objects.filter(phase__program=program).order_by("-pk")
    }

    assert why_words(steps["tight"]) == "Feels tight: piriformis (right, 7 of 10)."
    assert why_words(steps["weak"]).startswith("Found weak: large buttock muscle (right, 4 of 10)")
    assert why_this(steps["tight"]) == ("May ease what feels tight: piriformis (right).")
    assert "4 of 10" not in why_this(steps["weak"])
    assert {"short_release", "keep"} <= steps.keys()
    assert why_words({}) == why_this({}) == ""


def test_partner_names_the_tight_muscle(client: Client, therapist: User) -> None:
    visit = make_visit(client, ("piriformis", "right", "tight", 7))
    program = saved(client, therapist, wanted_of_visit(visit))

    step = Step.objects.filter(
        phase__program=program, phase__kind="strengthen", why__because="partner"
    ).first()
    assert step is not None
    assert why_words(step.why).startswith("Partner of piriformis: ")


def test_program_of_a_draft_is_seen_by_its_therapist_alone(
    client: Client, therapist: User, visit: Visit
) -> None:
    program = saved(client, therapist, wanted_of_visit(visit))

    assert program in visible_programs(therapist)
    assert program not in visible_programs(builders.make_therapist(name="Other"))


def test_draft_asks_what_the_plan_would_ask(client: Client, therapist: User, visit: Visit) -> None:
    """The verdict that the draft is made with is the live one of the plan."""
    builders.tag(client, "pregnancy")
    found = draft_for(client, wanted_of_visit(visit), by=therapist, day=TODAY)

    for step in (step for phase in found.draft.phases for step in phase.steps):
        avoid, care = found.conditions_for(step.exercise, step.sides)
        assert not avoid
        assert step.care == bool(care)


@pytest.mark.django_db(transaction=True)
def test_same_draft_sent_at_once_makes_one_program() -> None:
    client = builders.make_client()
    therapist = builders.responsible(client)
    found = draft_for(client, wanted_of_pattern("upper_crossed", "both"), by=therapist, day=TODAY)
    key = uuid.uuid4()

    made = together(lambda: save_draft(found, key=key, by=therapist, day=TODAY, now=NOW), times=4)

    assert {program.pk for program in made} == {Program.objects.get(key__isnull=False).pk}
    assert OwnProgram.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_drafts_of_one_name_made_at_once_are_all_kept() -> None:
    client = builders.make_client()
    therapist = builders.responsible(client)
    found = draft_for(client, wanted_of_pattern("upper_crossed", "both"), by=therapist, day=TODAY)

    made = together(lambda: save_draft(found, key=uuid.uuid4(), by=therapist, day=TODAY, now=NOW), times=2)

    assert len({program.pk for program in made}) == 2
