"""What the entries of the catalogue file say about each other: names that exist, pairs that agree, ranges in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from routines.models import Checklist, Effect, ExerciseKind, MusclePartner
from routines.models.programs import MOST_PHASES, MOST_STEPS
from routines.seeding.rules import GATES, rule_contradictions


def contradictions(data: dict[str, Any]) -> Iterator[str]:
    """One line for each, beginning with the key. `data` has the right shape."""
    names = {section: {entry["slug"] for entry in rows} for section, rows in lists(data).items()}
    for section, rows in lists(data).items():
        yield from _repeated((f"{section}[{place}].slug", row["slug"]) for place, row in enumerate(rows))
    yield from _joints(data, names)
    yield from _muscles(data, names)
    yield from _imbalances(data, names)
    yield from _exercises(data, names)
    yield from _screening(data, names)
    yield from _measures(data, names)
    yield from _rules(data, names)
    yield from _programs(data, names)


def lists(data: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Every list of entries with short names, by the path of its key."""
    return {
        "vocabulary.regions": data["vocabulary"]["regions"],
        "vocabulary.equipment": data["vocabulary"]["equipment"],
        "vocabulary.screening_groups": groups(data),
        **{key: rows for key, rows in data.items() if isinstance(rows, list)},
    }


def groups(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The groups of safety questions as entries; in the file a short name alone will do."""
    return [
        group if isinstance(group, dict) else {"slug": group}
        for group in data["vocabulary"]["screening_groups"]
    ]


def _unknown(path: str, value: str | None, known: Collection[str], what: str) -> Iterator[str]:
    if value is not None and value not in known:
        yield f"{path}: there is no {what} {value}"


def _all_unknown(path: str, values: Iterable[str], known: Collection[str], what: str) -> Iterator[str]:
    for place, value in enumerate(values):
        yield from _unknown(f"{path}[{place}]", value, known, what)


def _repeated(values: Iterable[tuple[str, Any]]) -> Iterator[str]:
    seen = set()
    for path, value in values:
        if value in seen:
            yield f"{path}: {value} is used twice"
        seen.add(value)


def _overlap(path: str, first: Iterable[str], other_key: str, other: Iterable[str]) -> Iterator[str]:
    for value in first:
        if value in other:
            yield f"{path}: {value} stands in {other_key} too"


def _joints(data: dict[str, Any], names: dict[str, set[str]]) -> Iterator[str]:
    motions = set(data["vocabulary"]["motions_without_opposite"])
    for pair in data["vocabulary"]["motion_opposites"]:
        motions |= {pair["a"], pair["b"]}
    for place, joint in enumerate(data["joints"]):
        path = f"joints[{place}]"
        yield from _unknown(f"{path}.region", joint["region"], names["vocabulary.regions"], "region")
        yield from _all_unknown(f"{path}.motions", joint["motions"], motions, "motion")


def _muscles(data: dict[str, Any], names: dict[str, set[str]]) -> Iterator[str]:
    motions = {joint["slug"]: set(joint["motions"]) for joint in data["joints"]}
    relations = {
        (muscle["slug"], partner["muscle"]): partner["relation"]
        for muscle in data["muscles"]
        for partner in muscle["partners"]
    }
    for place, muscle in enumerate(data["muscles"]):
        path = f"muscles[{place}]"
        yield from _unknown(f"{path}.region", muscle["region"], names["vocabulary.regions"], "region")
        yield from _unknown(f"{path}.body_area", muscle["body_area"], names["body_areas"], "body area")
        yield from _all_unknown(f"{path}.joints", muscle["joints"], names["joints"], "joint")
        for number, motion in enumerate(muscle["motions"]):
            here = f"{path}.motions[{number}]"
            if motion["joint"] not in muscle["joints"]:
                yield f"{here}.joint: {motion['joint']} is not one of the muscle's joints"
            elif motion["motion"] not in motions.get(motion["joint"], ()):
                yield f"{here}.motion: the joint {motion['joint']} has no motion {motion['motion']}"
        yield from _repeated(
            (f"{path}.motions[{number}]", f"{motion['joint']} {motion['motion']}")
            for number, motion in enumerate(muscle["motions"])
        )
        yield from _repeated(
            (f"{path}.partners[{number}].muscle", partner["muscle"])
            for number, partner in enumerate(muscle["partners"])
        )
        for number, partner in enumerate(muscle["partners"]):
            yield from _partner(
                f"{path}.partners[{number}]", muscle["slug"], partner, names["muscles"], relations
            )


def _partner(
    path: str,
    muscle: str,
    partner: dict[str, Any],
    known: Collection[str],
    relations: dict[tuple[str, str], str],
) -> Iterator[str]:
    other = partner["muscle"]
    if other == muscle:
        yield f"{path}.muscle: a muscle is not its own partner"
        return
    yield from _unknown(f"{path}.muscle", other, known, "muscle")
    back = relations.get((other, muscle))
    if other in known and back is None:
        yield f"{path}.muscle: {other} does not name {muscle} as its partner"
    elif back is not None and back != partner["relation"]:
        words = MusclePartner.Relation(back).value
        yield f"{path}.relation: {other} calls the same pair {words}"


def _imbalances(data: dict[str, Any], names: dict[str, set[str]]) -> Iterator[str]:
    for place, imbalance in enumerate(data["imbalances"]):
        path = f"imbalances[{place}]"
        for key in ("tight_muscles", "weak_muscles"):
            yield from _all_unknown(f"{path}.{key}", imbalance[key], names["muscles"], "muscle")
        joints = [part["joint"] for part in imbalance["joints"]]
        for number, joint in enumerate(joints):
            yield from _unknown(f"{path}.joints[{number}].joint", joint, names["joints"], "joint")
        yield from _repeated((f"{path}.joints[{number}].joint", joint) for number, joint in enumerate(joints))
        yield from _all_unknown(
            f"{path}.pain_areas", imbalance["pain_areas"], names["body_areas"], "body area"
        )
        yield from _all_unknown(
            f"{path}.screening_groups",
            imbalance["screening_groups"],
            names["vocabulary.screening_groups"],
            "group of questions",
        )


def _exercises(data: dict[str, Any], names: dict[str, set[str]]) -> Iterator[str]:
    fascia = {muscle["slug"] for muscle in data["muscles"] if muscle["tissue"] == "fascia"}
    for place, exercise in enumerate(data["exercises"]):
        path = f"exercises[{place}]"
        targets, secondary = exercise["target_muscles"], exercise["secondary_muscles"]
        yield from _all_unknown(f"{path}.target_muscles", targets, names["muscles"], "muscle")
        yield from _all_unknown(f"{path}.secondary_muscles", secondary, names["muscles"], "muscle")
        yield from _overlap(f"{path}.secondary_muscles", secondary, "target_muscles", targets)
        if not ExerciseKind(exercise["kind"]).is_release:
            for muscle in fascia.intersection(targets):
                yield f"{path}.target_muscles: {muscle} is fascia, which can be released but not strengthened"
        yield from _all_unknown(
            f"{path}.equipment", exercise["equipment"], names["vocabulary.equipment"], "equipment"
        )
        for key in ("avoid_if", "care_if"):
            yield from _all_unknown(f"{path}.{key}", exercise[key], names["condition_tags"], "condition")
        yield from _overlap(f"{path}.care_if", exercise["care_if"], "avoid_if", exercise["avoid_if"])
        for key in ("easier", "harder"):
            if exercise[key] == exercise["slug"]:
                yield f"{path}.{key}: an exercise is not its own version"
            yield from _unknown(f"{path}.{key}", exercise[key], names["exercises"], "exercise")


def _screening(data: dict[str, Any], names: dict[str, set[str]]) -> Iterator[str]:
    checklists = {checklist["slug"]: checklist for checklist in data["screening_checklists"]}
    yield from _repeated(
        (f"screening_checklists[{place}].order", f"{checklist['order']} of {checklist['used_in']}")
        for place, checklist in enumerate(data["screening_checklists"])
    )
    for place, question in enumerate(data["screening_questions"]):
        path = f"screening_questions[{place}]"
        yield from _unknown(
            f"{path}.group", question["group"], names["vocabulary.screening_groups"], "group of questions"
        )
        yield from _unknown(f"{path}.message", question["message"], names["messages"], "message")
        yield from _unknown(f"{path}.adds_tag", question["adds_tag"], names["condition_tags"], "condition")
        yield from _unknown(f"{path}.checklist", question["checklist"], checklists, "checklist")
        if question["effect"] == Effect.TAG and question["adds_tag"] is None:
            yield f"{path}.adds_tag: must name the condition that the effect tag adds"
        if question["ask_before_each_session"] and question["effect"] not in (
            Effect.EMERGENCY,
            Effect.URGENT,
        ):
            yield f"{path}.ask_before_each_session: only emergency and urgent questions are repeated"
        if checklist := checklists.get(question["checklist"]):
            asked = Checklist(used_in=checklist["used_in"], effects=checklist["effects"])
            if refusal := asked.refusal(question["effect"]):
                yield f"{path}.checklist: {refusal}"
    for place, checklist in enumerate(data["screening_checklists"]):
        if checklist["used_in"] == Checklist.UsedIn.BEFORE_EACH_SESSION:
            yield from _length_before_session(f"screening_checklists[{place}]", checklist, data)


def _length_before_session(path: str, checklist: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
    """The list of every complaint must be short enough to be read each day, and never empty of the general signs."""
    repeated = Counter(
        question["group"]
        for question in data["screening_questions"]
        if question["ask_before_each_session"] and question["effect"] in checklist["effects"]
    )
    for imbalance in data["imbalances"]:
        length = sum(repeated[group] for group in {"all", *imbalance["screening_groups"]})
        if length < checklist.get("items_min", 0):
            yield f"{path}.items_min: the list of {imbalance['slug']} has only {length} items"
        if length > checklist.get("items_max", length):
            yield f"{path}.items_max: the list of {imbalance['slug']} has {length} items"


def _measures(data: dict[str, Any], names: dict[str, set[str]]) -> Iterator[str]:
    for place, measure in enumerate(data["outcome_measures"]):
        path = f"outcome_measures[{place}]"
        questions = [question["slug"] for question in measure.get("questions", [])]
        values = [anchor["value"] for anchor in measure.get("anchors", [])]
        if measure["max"] <= measure["min"]:
            yield f"{path}.max: must be greater than min"
        yield from _repeated(
            (f"{path}.questions[{number}].slug", slug) for number, slug in enumerate(questions)
        )
        yield from _repeated(
            (f"{path}.anchors[{number}].value", value) for number, value in enumerate(values)
        )
        for number, value in enumerate(values):
            if not measure["min"] <= value <= measure["max"]:
                yield f"{path}.anchors[{number}].value: must be from {measure['min']} to {measure['max']}"
        if asks := measure.get("asks_screening"):
            here = f"{path}.asks_screening"
            yield from _unknown(f"{here}.question", asks["question"], questions, "question")
            yield from _unknown(
                f"{here}.screening_question",
                asks["screening_question"],
                names["screening_questions"],
                "safety question",
            )


def _rules(data: dict[str, Any], names: dict[str, set[str]]) -> Iterator[str]:
    for section in ("progression_rules", "schedule_rules"):
        for name, numbers in data[section].items():
            yield from (f"{section}.{name}.{problem}" for problem in rule_contradictions(name, numbers))
    for key, message in data["progression_rules"]["pause_strengthening"]["messages"].items():
        path = f"progression_rules.pause_strengthening.messages.{key}"
        yield from _unknown(path, message, names["messages"], "message")


def _programs(data: dict[str, Any], names: dict[str, set[str]]) -> Iterator[str]:
    for place, program in enumerate(data["programs"]):
        path = f"programs[{place}]"
        yield from _unknown(f"{path}.imbalance", program["imbalance"], names["imbalances"], "imbalance")
        if weeks(program["weeks"]) is None:
            yield f"{path}.weeks: must be a number of weeks such as 12, or two such as 8-10, up to 104"
        if len(program["phases"]) > MOST_PHASES:
            yield f"{path}.phases: at most {MOST_PHASES}"
        if sum(len(phase["steps"]) for phase in program["phases"]) > MOST_STEPS:
            yield f"{path}.phases: at most {MOST_STEPS} steps in all"
        for number, phase in enumerate(program["phases"]):
            yield from _phase(f"{path}.phases[{number}]", phase, names)


def _phase(path: str, phase: dict[str, Any], names: dict[str, set[str]]) -> Iterator[str]:
    yield from _unknown(f"{path}.criteria", phase["criteria"], GATES, "rule")
    yield from _all_unknown(f"{path}.tenderness_sites", phase["tenderness_sites"], names["muscles"], "muscle")
    if phase["review_by_day"] < phase["min_days"]:
        yield f"{path}.review_by_day: must not come before min_days"
    for number, step in enumerate(phase["steps"]):
        here = f"{path}.steps[{number}]"
        yield from _unknown(f"{here}.exercise", step["exercise"], names["exercises"], "exercise")
        until = step.get("until_days")
        if until is not None and until <= step.get("start_after_days", 0):
            yield f"{here}.until_days: must come after start_after_days"


def weeks(value: str) -> tuple[int, int] | None:
    """ "8-10" as (8, 10), "12" as (12, 12); None for anything else or outside 1 to 104."""
    parts = value.split("-")
    if len(parts) > 2 or not all(part.strip().isdecimal() for part in parts):
        return None
    first, last = int(parts[0]), int(parts[-1])
    return (first, last) if 1 <= first <= last <= 104 else None
