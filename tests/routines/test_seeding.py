"""Seeding brings the file into the database once, follows its changes, and loses no edit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from routines.models import (
    BodyArea,
    Checklist,
    Dose,
    Equipment,
    Exercise,
    ExerciseMuscle,
    Imbalance,
    ImbalanceMuscle,
    Joint,
    JointMotion,
    Message,
    Muscle,
    MusclePartner,
    OutcomeMeasure,
    Phase,
    Program,
    Region,
    Rule,
    ScreeningGroup,
    ScreeningQuestion,
    Step,
    TendernessSite,
)
from routines.seeding import CatalogueError, content_of, is_edited, seed
from routines.seeding.content import hash_of
from routines.seeding.kinds import KINDS
from tests.routines.catalogue_files import GONE, data, entry, place, shipped

pytestmark = pytest.mark.django_db

BRIDGE = place("exercises", "bridge")
PROGRAM = place("programs", "program_sciatica_piriformis")


@pytest.fixture
def empty() -> None:
    """A database as after migrating: nothing seeded yet."""
    for kind in reversed(KINDS):
        kind.model.objects.all().delete()


def everything() -> dict[str, dict[str, Any]]:
    """All content of the catalogue with keys and hashes: equal only when nothing at all was written."""
    return {
        kind.section: {slug: (row.pk, row.seed_hash, row.content) for slug, row in kind.read().items()}
        for kind in KINDS
    }


def writes(queries: CaptureQueriesContext) -> list[str]:
    words = ("INSERT", "UPDATE", "DELETE")
    return [query["sql"] for query in queries if query["sql"].lstrip().upper().startswith(words)]


# ---- The first time ------------------------------------------------------------------------------------------------


def test_first_seeding_writes_every_entry_of_the_file(empty: None) -> None:
    report = seed(shipped())

    counts = {kind.section: kind.model.objects.count() for kind in KINDS}
    assert counts == {
        "vocabulary.regions": 7,
        "vocabulary.equipment": 16,
        "body_areas": 40,
        "joints": 21,
        "muscles": 59,
        "vocabulary.screening_groups": 9,
        "condition_tags": 24,
        "imbalances": 18,
        "messages": 9,
        "screening_checklists": 4,
        "screening_questions": 43,
        "exercises": 100,
        "outcome_measures": 10,
        "rules": 31,
        "programs": 5,
    }
    assert report.summary == "Catalogue: 396 new, 0 updated, 0 unchanged, 0 kept (edited here)"


def test_first_seeding_writes_what_belongs_to_the_entries(empty: None) -> None:
    seed(shipped())

    source = shipped()
    pairs = {frozenset((m["slug"], p["muscle"])) for m in source["muscles"] for p in m["partners"]}
    phases = [phase for program in source["programs"] for phase in program["phases"]]
    assert MusclePartner.objects.count() == len(pairs)
    assert JointMotion.objects.count() == sum(len(joint["motions"]) for joint in source["joints"])
    assert ImbalanceMuscle.objects.count() == sum(
        len(imbalance["tight_muscles"]) + len(imbalance["weak_muscles"]) for imbalance in source["imbalances"]
    )
    assert Phase.objects.count() == len(phases) == 20
    assert Step.objects.count() == sum(len(phase["steps"]) for phase in phases)
    assert TendernessSite.objects.count() == sum(len(phase["tenderness_sites"]) for phase in phases)


def test_exercise_is_as_the_file_says(empty: None) -> None:
    seed(shipped())

    exercise = Exercise.objects.get(slug="smr_buttock_ball_floor")
    parts = [(part.role, part.muscle.slug) for part in exercise.muscles.select_related("muscle")]
    assert exercise.name == "Ball release, deep buttock (sitting)"
    assert exercise.dose == Dose(2, 1, 45, None, 15, 1, 6)
    assert exercise.easier == Exercise.objects.get(slug="smr_buttock_ball_wall")
    assert exercise.harder is None
    assert parts == [
        ("target", "piriformis"),
        ("target", "deep_hip_rotators"),
        ("secondary", "gluteus_medius"),
    ]
    assert [tool.slug for tool in exercise.equipment.all()] == ["massage_ball"]
    assert sorted(tag.tag.slug for tag in exercise.tags.filter(rule="avoid")) == [
        "acute_inflammation", "blood_clot", "broken_or_infected_skin", "recent_fracture_or_surgery",
    ]  # fmt: skip
    assert exercise.cautions == ["Move off the spot at once if tingling or pain shoots down the leg."]
    assert (exercise.author, exercise.licence) == ("practice", "own text")


def test_step_has_the_dose_of_its_exercise_with_its_own_numbers_over_it(empty: None) -> None:
    seed(shipped())

    strengthen = Phase.objects.get(program__slug="program_sciatica_piriformis", kind="strengthen")
    release, clam, _bridge, leg_raise = strengthen.steps.select_related("exercise")
    assert (strengthen.name, strengthen.min_days, strengthen.review_by_day) == (
        "Wake up the buttock muscles",
        14,
        42,
    )
    assert strengthen.criteria == Rule.objects.get(slug="strengthen_to_integrate")
    assert release.dose == Dose(1, 1, 30, None, 15, 1, 3)
    assert clam.dose == clam.exercise.dose == Dose(2, 12, 0, (1, 2, 4), 60, 1, 3)
    assert (leg_raise.exercise.slug, leg_raise.start_after_days, leg_raise.until_days) == (
        "side_leg_raise",
        7,
        None,
    )
    assert {step.side for step in Step.objects.all()} == {"by_complaint"}


def test_program_has_its_weeks_as_numbers(empty: None) -> None:
    seed(shipped())

    found = dict(Program.objects.values_list("slug", "weeks_from"))
    assert found["program_knee_valgus"] == 8
    assert Program.objects.get(slug="program_knee_valgus").weeks_to == 12
    heel = Program.objects.get(slug="program_plantar_heel")
    assert (heel.weeks_from, heel.weeks_to) == (12, 12)


def test_muscle_that_is_tight_and_weak_is_both(empty: None) -> None:
    seed(shipped())

    roles = ImbalanceMuscle.objects.filter(imbalance__slug="plantar_heel", muscle__slug="soleus")
    assert sorted(roles.values_list("role", flat=True)) == ["tight", "weak"]


def test_sentences_and_lists_of_rules_are_wrapped(empty: None) -> None:
    seed(shipped())

    numbers = dict(Rule.objects.values_list("slug", "numbers"))
    assert numbers["release_to_strengthen"]["min_days_in_phase"] == 7
    assert numbers["minimum_data"] == {"text": "Missing data means not_enough_data, never met."}
    assert numbers["resolution_order"] == {
        "order": ["client_override", "program_phase", "practice_default", "rule_default"]
    }
    assert numbers["drafting"]["max_at_a_time"] == 4
    assert dict(Rule.objects.values_list("slug", "section"))["pairing_rule"] == "meta"


def test_measures_say_what_may_be_asked(empty: None) -> None:
    seed(shipped())

    shipped_as = dict(OutcomeMeasure.objects.values_list("slug", "shipped"))
    effort, change = OutcomeMeasure.objects.get(slug="effort"), OutcomeMeasure.objects.get(slug="change")
    assert (shipped_as["nprs"], shipped_as["rmdq"], shipped_as["odi"]) == ("yes", "total_only", "no")
    assert (effort.better, effort.important_change) == ("neither", None)
    assert (change.minimum, change.important_change) == (-5, Decimal("2.5"))
    assert OutcomeMeasure.objects.get(slug="leg_symptoms").details["asks_screening"]["from_value"] == 4
    assert OutcomeMeasure.objects.get(slug="odi").questions.count() == 0


def test_groups_of_questions_have_names_for_people(empty: None) -> None:
    seed(data(**{"vocabulary.screening_groups[8]": {"slug": "shoulder", "name": "Shoulder and arm"}}))

    names = dict(ScreeningGroup.objects.values_list("slug", "name"))
    assert names["leg_clot"] == "Blood clot in the leg"
    assert names["shoulder"] == "Shoulder and arm"
    assert all(name and "_" not in name for name in names.values())


def test_translations_of_the_file_are_read_in_that_language(empty: None) -> None:
    seed(data(**{f"{BRIDGE}.translations": {"de": {"name": "Brücke"}}}))

    bridge = Exercise.objects.get(slug="bridge")
    assert bridge.text("name", "de") == "Brücke"
    assert bridge.text("cue", "de") == bridge.cue
    assert bridge.text("name", "en") == "Bridge"


def test_every_entry_keeps_the_hash_of_what_it_says(empty: None) -> None:
    seed(shipped())

    wrong = [
        f"{kind.section} {slug}"
        for kind in KINDS
        for slug, row in kind.read().items()
        if row.seed_hash != hash_of(row.content)
    ]
    assert wrong == []


def test_first_seeding_is_quick(empty: None) -> None:
    begun = perf_counter()

    seed(shipped())

    assert perf_counter() - begun < 5


# ---- Again ---------------------------------------------------------------------------------------------------------


def test_second_seeding_writes_nothing() -> None:
    before = everything()
    begun = perf_counter()

    with CaptureQueriesContext(connection) as queries:
        report = seed(shipped())

    assert writes(queries) == []
    assert everything() == before
    assert report.summary == "Catalogue: 0 new, 0 updated, 396 unchanged, 0 kept (edited here)"
    assert perf_counter() - begun < 2


def test_dry_run_says_what_would_be_done_and_writes_nothing() -> None:
    Message.objects.filter(slug="urgent").update(title="Edited")
    changed = data(**{f"{BRIDGE}.cue": "Lift slowly.", f"{place('messages', 'emergency')}.title": "Stop now"})
    before = everything()

    with CaptureQueriesContext(connection) as queries:
        report = seed(changed, dry_run=True)

    assert writes(queries) == []
    assert everything() == before
    assert (report.new, report.updated, report.unchanged, report.edited_here) == (
        0,
        2,
        393,
        ["messages urgent"],
    )
    assert report.lines[-1].endswith("(dry run, nothing written)")


def test_broken_data_writes_nothing() -> None:
    before = everything()

    with pytest.raises(CatalogueError):
        seed(data(**{f"{BRIDGE}.cue": "Lift slowly.", "programs[4].weeks": "soon"}))

    assert everything() == before


@pytest.mark.parametrize(
    ("changes", "model", "slug"),
    [
        ({f"{BRIDGE}.cue": "Lift slowly."}, Exercise, "bridge"),
        ({f"{place('exercises', 'bird_dog')}.dose.rest_seconds": 45}, Exercise, "bird_dog"),
        ({f"{place('exercises', 'bird_dog')}.dose.hold_seconds": 0}, Exercise, "bird_dog"),
        ({f"{BRIDGE}.cautions": []}, Exercise, "bridge"),
        ({f"{BRIDGE}.equipment": ["mat", "bed"]}, Exercise, "bridge"),
        ({f"{BRIDGE}.avoid_if": []}, Exercise, "bridge"),
        ({f"{BRIDGE}.secondary_muscles": ["soleus"]}, Exercise, "bridge"),
        ({f"{BRIDGE}.harder": None}, Exercise, "bridge"),
        ({f"{BRIDGE}.translations": {"de": {"name": "Brücke"}}}, Exercise, "bridge"),
        (
            {"joints[0].motions": ["opening", "closing", "protraction", "retraction", "rotation"]},
            Joint,
            "jaw",
        ),
        ({"muscles[0].joints": ["upper_neck", "neck"]}, Muscle, "suboccipitals"),
        ({"imbalances[0].pain_areas": ["calf", "buttock"]}, Imbalance, "sciatica_piriformis"),
        (
            {"imbalances[0].weak_muscles": ["gluteus_maximus", "gluteus_medius"]},
            Imbalance,
            "sciatica_piriformis",
        ),
        ({"imbalances[0].screening_groups": ["lumbar"]}, Imbalance, "sciatica_piriformis"),
        ({"progression_rules.reassess.every_days": 7}, Rule, "reassess"),
        ({"outcome_measures[0].anchors[0].label": "none at all"}, OutcomeMeasure, "nprs"),
        ({f"{place('screening_checklists', 'adjust')}.intro": GONE}, Checklist, "adjust"),
        ({f"{PROGRAM}.notes": "After a check of the lumbar signs."}, Program, "program_sciatica_piriformis"),
        ({f"{PROGRAM}.phases[0].tenderness_sites": ["piriformis"]}, Program, "program_sciatica_piriformis"),
        ({f"{PROGRAM}.phases[0].numbers": {"tenderness_max": 4}}, Program, "program_sciatica_piriformis"),
        ({f"{PROGRAM}.phases[3].steps[1].sets": 1}, Program, "program_sciatica_piriformis"),
    ],
)
def test_entry_that_changed_in_the_file_is_updated_alone(
    changes: dict[str, Any], model: Any, slug: str
) -> None:
    before = everything()

    report = seed(data(**changes))

    changed = {
        (section, name)
        for section, rows in everything().items()
        for name, row in rows.items()
        if row != before[section][name]
    }
    assert (report.new, report.updated, report.edited_here) == (0, 1, [])
    assert {name for _section, name in changed} == {slug}
    assert not is_edited(model.objects.get(slug=slug))
    assert seed(data(**changes)).updated == 0
    assert seed(shipped()).updated == 1
    assert everything() == before


def test_new_dose_of_an_exercise_reaches_the_shipped_programs_that_use_it() -> None:
    report = seed(data(**{f"{BRIDGE}.dose.sets": 3}))

    steps = Step.objects.filter(exercise__slug="bridge").select_related("phase__program")
    assert {step.sets for step in steps} == {3}
    assert report.updated == 1 + len({step.phase.program for step in steps})


def test_new_entry_of_the_file_is_added() -> None:
    new = {
        **entry("exercises", "bridge", shipped()),
        "slug": "bridge_long",
        "name": "Long bridge",
        "easier": "bridge",
    }

    report = seed(data(exercises=[*shipped()["exercises"], new]))

    assert (report.new, report.updated) == (1, 0)
    assert Exercise.objects.get(slug="bridge_long").easier == Exercise.objects.get(slug="bridge")


def test_questions_may_change_places() -> None:
    first, second, *others = shipped()["screening_questions"]

    seed(data(screening_questions=[second, first, *others]))

    assert [question.slug for question in ScreeningQuestion.objects.all()[:2]] == [
        second["slug"],
        first["slug"],
    ]


def test_lists_may_change_places() -> None:
    report = seed(data(**{"screening_checklists[0].order": 2, "screening_checklists[1].order": 1}))

    lists = Checklist.objects.filter(used_in="first_screening")
    assert [checklist.slug for checklist in lists] == ["ask_first", "warning_signs", "adjust"]
    assert report.updated == 2


def test_regions_may_change_places() -> None:
    first, second, *others = shipped()["vocabulary"]["regions"]

    seed(data(**{"vocabulary.regions": [second, first, *others]}))

    assert [region.slug for region in Region.objects.all()[:2]] == [second["slug"], first["slug"]]


def test_steps_keep_their_rows_where_the_exercise_stays() -> None:
    release = Phase.objects.get(program__slug="program_sciatica_piriformis", kind="release")
    before = {step.exercise.slug: step.pk for step in release.steps.select_related("exercise")}
    steps = entry("programs", "program_sciatica_piriformis", shipped())["phases"][0]["steps"]

    seed(data(**{f"{PROGRAM}.phases[0].steps": [steps[2], steps[0]]}))

    after = {step.exercise.slug: step.pk for step in release.steps.select_related("exercise")}
    assert list(after) == [steps[2]["exercise"], steps[0]["exercise"]]
    assert after == {slug: before[slug] for slug in after}


def test_program_may_grow_and_shrink() -> None:
    phases = entry("programs", "program_sciatica_piriformis", shipped())["phases"]

    seed(data(**{f"{PROGRAM}.phases": [phases[0], *phases]}))
    grown = list(
        Phase.objects.filter(program__slug="program_sciatica_piriformis").values_list("kind", flat=True)
    )
    seed(shipped())

    assert grown == ["release", "release", "strengthen", "integrate", "maintain"]
    assert Phase.objects.filter(program__slug="program_sciatica_piriformis").count() == 4


@pytest.mark.parametrize(
    ("section", "slug", "change", "model"),
    [
        ("screening_questions", "calf_signs", {"question": "Is one calf newly swollen?"}, ScreeningQuestion),
        ("screening_questions", "calf_signs", {"item": "One calf newly swollen"}, ScreeningQuestion),
        ("screening_questions", "calf_signs", {"translations": {"de": {"item": "Wade"}}}, ScreeningQuestion),
        ("outcome_measures", "nprs", {"anchors": [{"value": 0, "label": "none"}]}, OutcomeMeasure),
    ],
)
def test_new_wording_is_a_new_version(section: str, slug: str, change: dict[str, Any], model: Any) -> None:
    seed(data(**{place(section, slug): {**entry(section, slug, shipped()), **change}}))

    assert model.objects.get(slug=slug).version == 2
    assert not is_edited(model.objects.get(slug=slug))


def test_change_that_nobody_reads_is_no_new_version() -> None:
    seed(data(**{f"{place('screening_questions', 'varicose')}.adds_tag": "pregnancy"}))

    varicose = ScreeningQuestion.objects.get(slug="varicose")
    assert (varicose.adds_tag.slug, varicose.version) == ("pregnancy", 1)


# ---- What the therapist did ----------------------------------------------------------------------------------------


def add_muscle(bridge: Exercise) -> None:
    ExerciseMuscle.objects.create(
        exercise=bridge, muscle=Muscle.objects.get(slug="soleus"), role="secondary", order=9
    )


EDITS: dict[str, Callable[[Exercise], object]] = {
    "text": lambda bridge: Exercise.objects.filter(pk=bridge.pk).update(name="Our bridge"),
    "dose": lambda bridge: Exercise.objects.filter(pk=bridge.pk).update(reps=11),
    "version": lambda bridge: Exercise.objects.filter(pk=bridge.pk).update(harder=None),
    "muscle added": add_muscle,
    "muscle taken away": lambda bridge: bridge.muscles.first().delete(),
    "condition taken away": lambda bridge: bridge.tags.first().delete(),
    "equipment": lambda bridge: bridge.equipment.add(Equipment.objects.get(slug="bed")),
    "translation": lambda bridge: Exercise.objects.filter(pk=bridge.pk).update(
        translations={"de": {"name": "B"}}
    ),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_edited_entry_is_kept_and_reported(edit: Callable[[Exercise], object]) -> None:
    edit(Exercise.objects.get(slug="bridge"))
    before = everything()

    report = seed(data(**{f"{BRIDGE}.cue": "Lift slowly."}))

    assert everything() == before
    assert report.edited_here == ["exercises bridge"]
    assert report.summary == "Catalogue: 0 new, 0 updated, 395 unchanged, 1 kept (edited here)"
    assert "Kept, edited here: exercises bridge" in report.lines
    assert is_edited(Exercise.objects.get(slug="bridge"))


def test_edit_that_was_taken_back_follows_the_file_again() -> None:
    bridge = Exercise.objects.get(slug="bridge")
    Exercise.objects.filter(pk=bridge.pk).update(cue="Something else.")
    Exercise.objects.filter(pk=bridge.pk).update(cue=bridge.cue)

    report = seed(data(**{f"{BRIDGE}.cue": "Lift slowly."}))

    assert report.updated == 1
    assert Exercise.objects.get(slug="bridge").cue == "Lift slowly."


def test_line_breaks_of_a_browser_are_no_edit() -> None:
    message = Message.objects.get(slug="urgent")
    message.body = message.body + "\r\n "
    message.save()

    assert not is_edited(message)


def test_edited_step_keeps_the_whole_program() -> None:
    Step.objects.filter(phase__program__slug="program_sciatica_piriformis").update(rest_seconds=17)

    report = seed(data(**{f"{PROGRAM}.notes": "New notes."}))

    assert report.edited_here == ["programs program_sciatica_piriformis"]
    assert Program.objects.get(slug="program_sciatica_piriformis").notes != "New notes."


def test_entry_that_was_made_here_under_a_name_of_the_file_is_kept() -> None:
    Exercise.objects.filter(slug="bridge").update(seed_hash="")
    before = everything()

    report = seed(data(**{f"{BRIDGE}.cue": "Lift slowly."}))

    assert everything() == before
    assert report.made_here == ["exercises bridge"]
    assert "Kept, made here under a name of the file: exercises bridge" in report.lines
    assert report.kept == 1


def test_entry_that_is_gone_from_the_file_is_reported_and_stays() -> None:
    source = data()
    source["messages"] = [message for message in source["messages"] if message["slug"] != "not_a_diagnosis"]

    report = seed(source)

    assert report.gone == ["messages not_a_diagnosis"]
    assert "No longer in the file, left as it is: messages not_a_diagnosis" in report.lines
    assert Message.objects.filter(slug="not_a_diagnosis").exists()


def test_entry_that_was_made_here_is_not_missed_in_the_file() -> None:
    Equipment.objects.create(slug="own_thing", name="Own thing")

    report = seed(shipped())

    assert report.gone == []
    assert Equipment.objects.filter(slug="own_thing", seed_hash="").exists()


def test_retired_entry_stays_retired_and_is_no_edit() -> None:
    Exercise.objects.filter(slug="bridge").update(retired_at=timezone.now())

    report = seed(data(**{f"{BRIDGE}.cue": "Lift slowly."}))

    bridge = Exercise.objects.get(slug="bridge")
    assert report.updated == 1
    assert (bridge.cue, bridge.retired_at is None) == ("Lift slowly.", False)


def test_pair_with_an_edited_muscle_stays_as_it_is() -> None:
    Muscle.objects.filter(slug="jaw_openers").update(name="Jaw openers, ours")
    changed = data()
    for slug in ("jaw_openers", "jaw_closers"):
        entry("muscles", slug, changed)["partners"][0]["relation"] = "functional"
    entry("muscles", "jaw_closers", changed)["action"] = "Closes the jaw"

    first, second = seed(changed), seed(changed)

    pair = MusclePartner.objects.get(first__slug="jaw_closers", second__slug="jaw_openers")
    assert pair.relation == "antagonist"
    assert Muscle.objects.get(slug="jaw_closers").action == "Closes the jaw"
    assert (first.updated, first.edited_here) == (1, ["muscles jaw_openers"])
    assert (second.updated, second.unchanged) == (0, 395)


def test_pair_may_change_or_end() -> None:
    changed = data()
    for slug in ("jaw_openers", "jaw_closers"):
        entry("muscles", slug, changed)["partners"][0]["relation"] = "functional"
    ended = data()
    for slug in ("jaw_openers", "jaw_closers"):
        entry("muscles", slug, ended)["partners"] = []
    pair = MusclePartner.objects.filter(first__slug="jaw_closers", second__slug="jaw_openers")

    seed(changed)
    relation = pair.get().relation
    seed(ended)

    assert relation == "functional"
    assert not pair.exists()


def test_place_of_the_practices_own_region_is_passed_over() -> None:
    Region.objects.create(slug="own_region", name="Own region", order=8)
    source = data()
    source["vocabulary"]["regions"].append({"slug": "face", "name": "Face"})

    first, second = seed(source), seed(source)

    assert Region.objects.get(slug="face").order == 9
    assert Region.objects.get(slug="own_region").order == 8
    assert (first.new, second.new, second.updated) == (1, 0, 0)


def test_place_of_the_practices_own_question_is_passed_over() -> None:
    first = shipped()["screening_questions"][0]["slug"]
    ScreeningQuestion.objects.filter(slug=first).update(slug="ours", seed_hash="")

    made, second = seed(data()), seed(data())

    places = dict(ScreeningQuestion.objects.values_list("slug", "order"))
    assert (places["ours"], places[first]) == (1, 2)
    assert (made.new, second.new, second.updated) == (1, 0, 0)


def test_motion_that_an_edited_muscle_makes_is_not_taken_away() -> None:
    """The muscle was kept, so its joint must go on making this motion."""
    Muscle.objects.filter(slug="jaw_closers").update(name="Jaw closers, ours")
    source = data(**{f"{place('muscles', 'jaw_closers')}.motions": []})
    entry("joints", "jaw", source)["motions"].remove("closing")
    entry("joints", "jaw", source)["motions"].remove("retraction")

    seed(source)

    motions = JointMotion.objects.filter(joint__slug="jaw")
    assert set(motions.values_list("motion", flat=True)) == {"opening", "protraction", "closing"}


def test_content_of_one_entry_is_what_the_whole_list_says() -> None:
    for kind in KINDS:
        slug, row = next(iter(kind.read().items()))
        assert content_of(kind.model.objects.get(slug=slug)) == row.content


def test_empty_values_are_no_content_so_that_a_later_column_edits_nothing() -> None:
    assert content_of(BodyArea.objects.get(slug="calf")) == {
        "name": "Calf",
        "map_view": "back",
        "sided": True,
        "translations": {"de": {"name": "Wade"}},
    }


# ---- The command ---------------------------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("seed_catalogue", *arguments, stdout=out)
    return out.getvalue()


def test_command_says_what_it_did() -> None:
    Message.objects.filter(slug="urgent").update(title="Edited")

    assert run().splitlines() == [
        "Kept, edited here: messages urgent",
        "Catalogue: 0 new, 0 updated, 395 unchanged, 1 kept (edited here)",
    ]


def test_command_reads_another_file_and_may_only_look(tmp_path: Path) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text(yaml.safe_dump(data(**{f"{BRIDGE}.cue": "Lift slowly."})), encoding="utf-8")

    looked = run(str(file), "--dry-run")
    before = Exercise.objects.get(slug="bridge").cue
    run(str(file))

    assert (
        looked
        == "Catalogue: 0 new, 1 updated, 395 unchanged, 0 kept (edited here) (dry run, nothing written)\n"
    )
    assert before != "Lift slowly."
    assert Exercise.objects.get(slug="bridge").cue == "Lift slowly."


def test_command_refuses_a_broken_file_whole(tmp_path: Path) -> None:
    file = tmp_path / "ours.yaml"
    broken = data(**{f"{BRIDGE}.cue": "Lift slowly.", f"{BRIDGE}.dose.sets": 0})
    file.write_text(yaml.safe_dump(broken), encoding="utf-8")
    before = everything()

    with pytest.raises(CommandError) as refused:
        run(str(file))

    assert str(refused.value) == (
        "The catalogue was refused and nothing was written:\n"
        f"  {BRIDGE}.dose.sets: must be a whole number from 1 to 20"
    )
    assert everything() == before
