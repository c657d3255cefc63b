"""The catalogue file is refused whole, naming the key that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from routines.seeding import DEFAULT_PATH, CatalogueError, load, validate
from routines.seeding.rules import rule_problems
from tests.routines.catalogue_files import GONE, data, entry, place, shipped

BRIDGE = place("exercises", "bridge")
PIRIFORMIS = place("muscles", "piriformis")
PARTNERS = entry("muscles", "piriformis", shipped())["partners"]
SCIATICA = place("imbalances", "sciatica_piriformis")
PROGRAM = place("programs", "program_sciatica_piriformis")
VARICOSE = place("screening_questions", "varicose")
WEEKDAYS = "schedule_rules.weekday.days_by_number"
ZONES = "progression_rules.session_pain_zones"
SADDLE = place("screening_questions", "saddle_numbness")

# The paths that are changed, and what the reader is told.
BROKEN: dict[str, tuple[dict[str, Any], list[str]]] = {
    "unknown key": ({f"{BRIDGE}.setz": 3}, [f"{BRIDGE}.setz: is not a known key"]),
    "unknown section": ({"exercise": []}, ["exercise: is not a known key"]),
    "missing section": ({"messages": GONE}, ["messages: is missing"]),
    "missing key": ({f"{BRIDGE}.dose.sets": GONE}, [f"{BRIDGE}.dose.sets: is missing"]),
    "section of the wrong kind": ({"exercises": {}}, ["exercises: must be a list"]),
    "empty section": ({"exercises": []}, ["exercises: must have at least 1 entry"]),
    "entry of the wrong kind": ({"joints[0]": "jaw"}, ["joints[0]: must be a mapping of keys to values"]),
    "text of the wrong kind": ({f"{BRIDGE}.name": 7}, [f"{BRIDGE}.name: must be text"]),
    "empty text": ({f"{BRIDGE}.cue": "  "}, [f"{BRIDGE}.cue: must not be empty"]),
    "text that no database takes": ({f"{BRIDGE}.name": "a\0b"}, [f"{BRIDGE}.name: must not hold a NUL"]),
    "text too long": ({f"{BRIDGE}.name": "x" * 121}, [f"{BRIDGE}.name: must have at most 120 characters"]),
    "number as text": (
        {f"{BRIDGE}.dose.sets": "2"},
        [f"{BRIDGE}.dose.sets: must be a whole number from 1 to 20"],
    ),
    "truth as a number": (
        {f"{BRIDGE}.dose.sets": True},
        [f"{BRIDGE}.dose.sets: must be a whole number from 1 to 20"],
    ),
    "dose too small": (
        {f"{BRIDGE}.dose.sets": 0},
        [f"{BRIDGE}.dose.sets: must be a whole number from 1 to 20"],
    ),
    "dose too large": (
        {f"{BRIDGE}.dose.per_day": 4},
        [f"{BRIDGE}.dose.per_day: must be a whole number from 1 to 3"],
    ),
    "half a tempo": ({f"{BRIDGE}.dose.tempo.hold": GONE}, [f"{BRIDGE}.dose.tempo.hold: is missing"]),
    "number as truth": ({f"{BRIDGE}.needs_floor": 1}, [f"{BRIDGE}.needs_floor: must be true or false"]),
    "unknown position": (
        {f"{BRIDGE}.position": "upside_down"},
        [
            f"{BRIDGE}.position: must be one of standing, seated, supine, prone, side_lying, kneeling, quadruped"
        ],
    ),
    "bad short name": (
        {f"{BRIDGE}.slug": "Bridge 2"},
        [
            f"{BRIDGE}.slug: must be a short name of small letters, figures and underscores, beginning with a letter"
        ],
    ),
    "list of the wrong kind": ({f"{BRIDGE}.equipment": "mat"}, [f"{BRIDGE}.equipment: must be a list"]),
    "no target": ({f"{BRIDGE}.target_muscles": []}, [f"{BRIDGE}.target_muscles: must have at least 1 entry"]),
    "said twice": (
        {f"{BRIDGE}.equipment": ["mat", "mat"]},
        [f"{BRIDGE}.equipment[1]: mat is in the list twice"],
    ),
    "several at once": (
        {f"{BRIDGE}.level": 6, f"{BRIDGE}.basis": "hearsay"},
        [
            f"{BRIDGE}.level: must be a whole number from 1 to 5",
            f"{BRIDGE}.basis: must be one of established, guideline, trial, convention, seed",
        ],
    ),
    "the program knows other words": (
        {"vocabulary.phases": ["release", "strengthen"]},
        ["vocabulary.phases: must be exactly release, strengthen, integrate, maintain"],
    ),
    "another schema": ({"meta.schema_version": 2}, ["meta.schema_version: must be one of 1"]),
    "same short name twice": (
        {"messages[8].slug": "emergency"},
        ["messages[8].slug: emergency is used twice"],
    ),
    "translation of an unknown text": (
        {f"{BRIDGE}.translations": {"de": {"nam": "Brücke"}}},
        [f"{BRIDGE}.translations.de.nam: is not a known key"],
    ),
    "unknown muscle": (
        {f"{BRIDGE}.target_muscles[0]": "gluteus"},
        [f"{BRIDGE}.target_muscles[0]: there is no muscle gluteus"],
    ),
    "unknown equipment": (
        {f"{BRIDGE}.equipment[0]": "rug"},
        [f"{BRIDGE}.equipment[0]: there is no equipment rug"],
    ),
    "unknown condition": (
        {f"{BRIDGE}.avoid_if[0]": "monday"},
        [f"{BRIDGE}.avoid_if[0]: there is no condition monday"],
    ),
    "unknown version": ({f"{BRIDGE}.easier": "nap"}, [f"{BRIDGE}.easier: there is no exercise nap"]),
    "its own version": (
        {f"{BRIDGE}.easier": "bridge"},
        [f"{BRIDGE}.easier: an exercise is not its own version"],
    ),
    "target and secondary": (
        {f"{BRIDGE}.secondary_muscles": ["gluteus_maximus"]},
        [f"{BRIDGE}.secondary_muscles: gluteus_maximus stands in target_muscles too"],
    ),
    "avoid and care": (
        {f"{BRIDGE}.avoid_if": ["hernia_or_abdominal"], f"{BRIDGE}.care_if": ["hernia_or_abdominal"]},
        [f"{BRIDGE}.care_if: hernia_or_abdominal stands in avoid_if too"],
    ),
    "fascia strengthened": (
        {f"{BRIDGE}.target_muscles": ["plantar_fascia"]},
        [f"{BRIDGE}.target_muscles: plantar_fascia is fascia, which can be released but not strengthened"],
    ),
    "unknown region": ({"joints[0].region": "head"}, ["joints[0].region: there is no region head"]),
    "unknown motion": (
        {"joints[0].motions[2]": "wiggle"},
        ["joints[0].motions[2]: there is no motion wiggle"],
    ),
    "motion that the joint has not": (
        {f"{PIRIFORMIS}.motions[0].motion": "dorsiflexion"},
        [f"{PIRIFORMIS}.motions[0].motion: the joint hip has no motion dorsiflexion"],
    ),
    "motion of a foreign joint": (
        {f"{PIRIFORMIS}.motions[0].joint": "jaw"},
        [f"{PIRIFORMIS}.motions[0].joint: jaw is not one of the muscle's joints"],
    ),
    "partner that knows nothing of it": (
        {f"{PIRIFORMIS}.partners": [*PARTNERS, {"muscle": "soleus", "relation": "functional"}]},
        [f"{PIRIFORMIS}.partners[{len(PARTNERS)}].muscle: soleus does not name piriformis as its partner"],
    ),
    "partner of itself": (
        {f"{PIRIFORMIS}.partners": [*PARTNERS, {"muscle": "piriformis", "relation": "functional"}]},
        [f"{PIRIFORMIS}.partners[{len(PARTNERS)}].muscle: a muscle is not its own partner"],
    ),
    "more steps than the builder can save": (
        {"programs[0].phases[0].steps": shipped()["programs"][0]["phases"][0]["steps"] * 20},
        ["programs[0].phases: at most 40 steps in all"],
    ),
    "unknown joint of a pattern": (
        {f"{SCIATICA}.joints[0].joint": "elbo"},
        [f"{SCIATICA}.joints[0].joint: there is no joint elbo"],
    ),
    "joint of a pattern twice": (
        {f"{SCIATICA}.joints[1].joint": "hip"},
        [f"{SCIATICA}.joints[1].joint: hip is used twice"],
    ),
    "unknown pain area": (
        {f"{SCIATICA}.pain_areas[0]": "seat"},
        [f"{SCIATICA}.pain_areas[0]: there is no body area seat"],
    ),
    "unknown message": ({f"{SADDLE}.message": "help"}, [f"{SADDLE}.message: there is no message help"]),
    "tag without a condition": (
        {f"{VARICOSE}.adds_tag": None},
        [f"{VARICOSE}.adds_tag: must name the condition that the effect tag adds"],
    ),
    "harmless question each day": (
        {f"{VARICOSE}.ask_before_each_session": True},
        [
            f"{VARICOSE}.ask_before_each_session: only emergency and urgent questions are repeated",
        ],
    ),
    "question in the wrong list": (
        {f"{SADDLE}.checklist": "adjust"},
        [f"{SADDLE}.checklist: This list holds no questions that mean “Emergency”."],
    ),
    "question in the list before each session": (
        {f"{SADDLE}.checklist": "before_session"},
        [f"{SADDLE}.checklist: Questions stand in a list that is asked before the first session."],
    ),
    "two lists in one place": (
        {"screening_checklists[1].order": 1},
        ["screening_checklists[1].order: 1 of first_screening is used twice"],
    ),
    "measure upside down": (
        {f"{place('outcome_measures', 'sbi')}.max": -1},
        [f"{place('outcome_measures', 'sbi')}.max: must be greater than min"],
    ),
    "words beside the scale": (
        {"outcome_measures[0].anchors[1].value": 11},
        ["outcome_measures[0].anchors[1].value: must be from 0 to 10"],
    ),
    "change that cannot matter": (
        {"outcome_measures[0].important_change": 0},
        ["outcome_measures[0].important_change: must be a number from 0.1 to 1000"],
    ),
    "range of one number": (
        {"dose_defaults.strengthen.range.reps": [8]},
        ["dose_defaults.strengthen.range.reps: must be two numbers, from and to"],
    ),
    "languages of the wrong kind": (
        {f"{BRIDGE}.translations": ["de"]},
        [f"{BRIDGE}.translations: must be a mapping of keys to values"],
    ),
    "days asked for twice": (
        {
            f"{WEEKDAYS}[1]": {
                "days_per_week": 7,
                "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            }
        },
        [f"{WEEKDAYS}[1].days_per_week: 7 is used twice"],
    ),
    "unknown number of a rule": (
        {"progression_rules.step_back.red_session_in_a_row": 2},
        ["progression_rules.step_back.red_session_in_a_row: is not a known key"],
    ),
    "review before the end": (
        {"progression_rules.release_to_strengthen.review_by_day": 6},
        ["progression_rules.release_to_strengthen.review_by_day: must not come before min_days_in_phase"],
    ),
    "gap between the zones": (
        {"progression_rules.session_pain_zones.amber": [5, 5]},
        [
            f"{ZONES}.red: green, amber and red must cover 0 to 10 without gap or overlap",
        ],
    ),
    "weekdays that do not fit": (
        {"schedule_rules.weekday.days_by_number[0].weekdays": ["mon"]},
        ["schedule_rules.weekday.days_by_number[0].weekdays: must be 7 of mon, tue, wed, thu, fri, sat, sun"],
    ),
    "weeks in words": (
        {f"{PROGRAM}.weeks": "about ten"},
        [f"{PROGRAM}.weeks: must be a number of weeks such as 12, or two such as 8-10, up to 104"],
    ),
    "weeks backwards": (
        {f"{PROGRAM}.weeks": "10-8"},
        [f"{PROGRAM}.weeks: must be a number of weeks such as 12, or two such as 8-10, up to 104"],
    ),
    "unknown exercise of a step": (
        {f"{PROGRAM}.phases[0].steps[0].exercise": "nap"},
        [f"{PROGRAM}.phases[0].steps[0].exercise: there is no exercise nap"],
    ),
    "step that ends before it begins": (
        {f"{PROGRAM}.phases[0].steps[0].start_after_days": 4, f"{PROGRAM}.phases[0].steps[0].until_days": 4},
        [f"{PROGRAM}.phases[0].steps[0].until_days: must come after start_after_days"],
    ),
    "phase reviewed too soon": (
        {f"{PROGRAM}.phases[0].review_by_day": 6},
        [f"{PROGRAM}.phases[0].review_by_day: must not come before min_days"],
    ),
    "unknown criteria": (
        {f"{PROGRAM}.phases[0].criteria": "when_ready"},
        [f"{PROGRAM}.phases[0].criteria: there is no rule when_ready"],
    ),
    "program without phases": ({f"{PROGRAM}.phases": []}, [f"{PROGRAM}.phases: must have at least 1 entry"]),
    "phase without steps": (
        {f"{PROGRAM}.phases[0].steps": []},
        [f"{PROGRAM}.phases[0].steps: must have at least 1 entry"],
    ),
}


@pytest.mark.parametrize(("changes", "problems"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_data_is_refused_naming_the_key(changes: dict[str, Any], problems: list[str]) -> None:
    with pytest.raises(CatalogueError) as refused:
        validate(data(**changes))

    assert refused.value.problems == problems


def test_pair_that_is_told_in_two_ways_is_refused_from_both_sides() -> None:
    broken = data(**{f"{place('muscles', 'jaw_closers')}.partners[0].relation": "functional"})

    with pytest.raises(CatalogueError) as refused:
        validate(broken)

    assert refused.value.problems == [
        f"{place('muscles', 'jaw_closers')}.partners[0].relation: jaw_openers calls the same pair antagonist",
        f"{place('muscles', 'jaw_openers')}.partners[0].relation: jaw_closers calls the same pair functional",
    ]


def test_list_before_a_session_must_have_a_length_that_people_read() -> None:
    crowded = data(**{f"{place('screening_checklists', 'before_session')}.items_max": 7})
    bare = data(**{f"{place('screening_checklists', 'before_session')}.items_min": 5})

    with pytest.raises(CatalogueError) as too_long:
        validate(crowded)
    with pytest.raises(CatalogueError) as too_short:
        validate(bare)

    assert (
        "screening_checklists[3].items_max: the list of sciatica_piriformis has 8 items"
        in too_long.value.problems
    )
    assert (
        "screening_checklists[3].items_min: the list of tennis_elbow has only 4 items"
        in too_short.value.problems
    )


@pytest.mark.parametrize("content", [None, [], "catalogue", 3])
def test_anything_but_a_mapping_is_refused(content: object) -> None:
    with pytest.raises(CatalogueError, match="the file: must be a mapping of keys to values"):
        validate(content)


def test_shipped_file_is_right() -> None:
    assert load(DEFAULT_PATH) == shipped()


def test_translations_may_stand_in_the_file() -> None:
    validate(data(**{f"{BRIDGE}.translations": {"de": {"name": "Brücke", "cautions": ["Langsam."]}}}))


def test_groups_of_questions_may_have_names_in_the_file() -> None:
    validate(data(**{"vocabulary.screening_groups[0]": {"slug": "all", "name": "Everybody"}}))


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be read"):
        load(tmp_path / "nothing.yaml")


def test_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.yaml"
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(CatalogueError, match="cannot be read"):
        load(file)


def test_file_that_is_not_yaml_is_refused_naming_the_line(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.yaml"
    file.write_text("meta:\n  title: [open\n", encoding="utf-8")

    with pytest.raises(CatalogueError, match=r"is not YAML: .* line 3"):
        load(file)


def test_empty_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.yaml"
    file.write_text("", encoding="utf-8")

    with pytest.raises(CatalogueError, match="must be a mapping"):
        load(file)


def test_objects_of_python_are_never_built(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.yaml"
    file.write_text("meta: !!python/object/apply:os.getcwd []\n", encoding="utf-8")

    with pytest.raises(CatalogueError, match="is not YAML"):
        load(file)


def test_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.yaml"
    file.write_text("exercises:\n  - slug: a\n    dose: {sets: 1, sets: 2}\n", encoding="utf-8")

    with pytest.raises(CatalogueError) as refused:
        load(file)

    assert refused.value.problems == ["exercises[0].dose.sets: stands twice"]


def test_every_shipped_rule_passes_its_own_check() -> None:
    rules = {**shipped()["progression_rules"], **shipped()["dose_defaults"], **shipped()["schedule_rules"]}

    found = {
        name: rule_problems(name, numbers) for name, numbers in rules.items() if isinstance(numbers, dict)
    }

    assert {name: problems for name, problems in found.items() if problems} == {}
