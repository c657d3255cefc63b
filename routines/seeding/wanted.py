"""What the catalogue file wants each entry to say: content by short name, one function for each kind."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from routines.models import (
    Dose,
    ExerciseMuscle,
    ExerciseTag,
    ImbalanceMuscle,
    OutcomeMeasure,
    Rule,
    Step,
    StepSide,
    dose_columns,
)
from routines.seeding.consistency import groups, weeks
from routines.seeding.content import (
    Content,
    any_order,
    content,
    written,
)
from routines.seeding.shape import SHIPPED

Data = dict[str, Any]

MUSCLE_COLUMNS = ("name", "anatomical_name", "tissue", "sided", "map_view", "depth", "action")
IMBALANCE_COLUMNS = ("name", "client_words", "usual_sides", "refer_if", "basis", "sources", "note")
QUESTION_COLUMNS = ("question", "item", "effect", "ask_before_each_session")
EXERCISE_COLUMNS = (
    "name", "kind", "position", "needs_floor", "side_mode", "level", "cue", "cautions", "basis", "sources", "author",
    "licence",
)  # fmt: skip
CHECKLIST_COLUMNS = ("order", "used_in", "effects", "title", "intro", "none_label")
MEASURE_COLUMNS = (
    "name", "minimum", "maximum", "better", "important_change", "or_percent", "licence", "shipped", "scoring", "details",
    "sources",
)  # fmt: skip
MEASURE_DETAILS = ("choose", "entered_by", "asks_screening", "note")
META_RULES = ("pairing_rule", "pairing_review", "easier_rule", "duration_rule")
PHASE_COLUMNS = ("kind", "name", "min_days", "review_by_day", "numbers", "translations")
STEP_COLUMNS = (*Step.DOSE_FIELDS, "side", "start_after_days", "until_days", "note")


def plain_entries(entries: list[Data], *names: str) -> dict[str, Content]:
    """Entries that the file and the database describe by the same names."""
    return {
        entry["slug"]: content(**{name: entry.get(name) for name in ("translations", *names)})
        for entry in entries
    }


def regions(data: Data) -> dict[str, Content]:
    return {
        entry["slug"]: content(name=entry["name"], translations=entry.get("translations"), order=order)
        for order, entry in enumerate(data["vocabulary"]["regions"], start=1)
    }


def joints(data: Data) -> dict[str, Content]:
    return {
        entry["slug"]: content(
            name=entry["name"],
            translations=entry.get("translations"),
            anatomical_name=entry["anatomical_name"],
            region=entry["region"],
            sided=entry["sided"],
            motions=any_order(content(motion=motion) for motion in entry["motions"]),
        )
        for entry in data["joints"]
    }


def muscles(data: Data) -> dict[str, Content]:
    return {
        entry["slug"]: content(
            translations=entry.get("translations"),
            **{name: entry[name] for name in (*MUSCLE_COLUMNS, "region", "body_area")},
            joints=sorted(entry["joints"], key=written),
            motions=any_order(content(**motion) for motion in entry["motions"]),
            partners=any_order(content(**partner) for partner in entry["partners"]),
        )
        for entry in data["muscles"]
    }


# The file knows the groups of safety questions by their short names alone.
GROUP_NAMES = {
    "all": "Everybody",
    "lumbar": "Low back and legs",
    "leg_clot": "Blood clot in the leg",
    "leg_joint": "Hip, knee and ankle",
    "neck": "Neck",
    "headache": "Headache",
    "arm": "Arm and hand",
    "arm_vascular": "Blood vessels of the arm",
    "shoulder": "Shoulder",
}


def screening_groups(data: Data) -> dict[str, Content]:
    return {
        group["slug"]: content(
            name=group.get("name")
            or GROUP_NAMES.get(group["slug"])
            or group["slug"].replace("_", " ").capitalize(),
            translations=group.get("translations"),
        )
        for group in groups(data)
    }


def imbalances(data: Data) -> dict[str, Content]:
    return {
        entry["slug"]: content(
            translations=entry.get("translations"),
            **{name: entry.get(name) for name in IMBALANCE_COLUMNS},
            screening_groups=sorted(entry["screening_groups"], key=written),
            muscles=any_order(
                content(muscle=muscle, role=role, order=order)
                for role in ImbalanceMuscle.Role.values
                for order, muscle in enumerate(entry[f"{role}_muscles"], start=1)
            ),
            joints=any_order(
                content(**part, order=order) for order, part in enumerate(entry["joints"], start=1)
            ),
            pain_areas=any_order(
                content(area=area, order=order) for order, area in enumerate(entry["pain_areas"], start=1)
            ),
        )
        for entry in data["imbalances"]
    }


def screening_questions(data: Data) -> dict[str, Content]:
    names = (*QUESTION_COLUMNS, "group", "message", "adds_tag", "checklist")
    return {
        entry["slug"]: content(**{name: entry.get(name) for name in ("translations", *names)})
        | {"order": order}
        for order, entry in enumerate(data["screening_questions"], start=1)
    }


def exercises(data: Data) -> dict[str, Content]:
    defaults = data["meta"].get("exercise_defaults", {"author": "practice", "licence": "own text"})
    return {
        entry["slug"]: content(
            translations=entry.get("translations"),
            **{name: entry.get(name, defaults.get(name)) for name in EXERCISE_COLUMNS},
            **dose_columns(dose_of(entry["dose"])),
            easier=entry["easier"],
            harder=entry["harder"],
            equipment=sorted(entry["equipment"], key=written),
            muscles=any_order(
                content(muscle=muscle, role=role, order=order)
                for role in ExerciseMuscle.Role.values
                for order, muscle in enumerate(entry[f"{role}_muscles"], start=1)
            ),
            tags=any_order(
                content(tag=tag, rule=rule) for rule in ExerciseTag.Rule.values for tag in entry[f"{rule}_if"]
            ),
        )
        for entry in data["exercises"]
    }


def dose_of(values: Data) -> Dose:
    tempo = values["tempo"]
    return Dose(
        **{
            name: values[name]
            for name in ("sets", "reps", "hold_seconds", "rest_seconds", "per_day", "days_per_week")
        },
        tempo=(tempo["lift"], tempo["hold"], tempo["lower"]) if tempo else None,
    )


def outcome_measures(data: Data) -> dict[str, Content]:
    return {
        entry["slug"]: content(
            translations=entry.get("translations"),
            name=entry["name"],
            minimum=entry["min"],
            maximum=entry["max"],
            better=entry["better"] or OutcomeMeasure.Better.NEITHER.value,
            important_change=None
            if entry["important_change"] is None
            else Decimal(str(entry["important_change"])).quantize(Decimal("0.1")),
            or_percent=entry["or_percent"],
            licence=entry["licence"],
            shipped=SHIPPED[entry["implement"]].value,
            scoring=entry.get("scoring"),
            details={name: entry[name] for name in MEASURE_DETAILS if name in entry},
            sources=entry["sources"],
            questions=any_order(
                content(**question, order=order)
                for order, question in enumerate(entry.get("questions", []), start=1)
            ),
            anchors=any_order(content(**anchor) for anchor in entry.get("anchors", [])),
        )
        for entry in data["outcome_measures"]
    }


def rules(data: Data) -> dict[str, Content]:
    """One rule for each number or sentence of the trade that the program, or the therapist, looks up by name."""
    sections = {
        Rule.Section.PROGRESSION: data["progression_rules"],
        Rule.Section.DOSE: data["dose_defaults"],
        Rule.Section.SCHEDULE: data["schedule_rules"],
        Rule.Section.DRAFTING: {"drafting": data["drafting_rules"]},
        Rule.Section.META: {name: data["meta"][name] for name in META_RULES if name in data["meta"]}
        | {"screening": data.get("screening_rules", {})},
    }
    return {
        slug: content(section=section.value, numbers=numbers(value))
        for section, values in sections.items()
        for slug, value in values.items()
    }


def numbers(value: Any) -> Data:
    """A rule is a mapping; a sentence alone becomes its text, a list alone its order."""
    if isinstance(value, dict):
        return value
    return {"order": value} if isinstance(value, list) else {"text": value}


def programs(data: Data) -> dict[str, Content]:
    doses = {entry["slug"]: entry["dose"] for entry in data["exercises"]}
    found = {}
    for entry in data["programs"]:
        first, last = weeks(entry["weeks"]) or (None, None)
        found[entry["slug"]] = content(
            **{name: entry.get(name) for name in ("translations", "name", "imbalance", "notes", "warm_up")},
            weeks_from=first,
            weeks_to=last,
            phases=[phase_content(phase, doses) for phase in entry["phases"]],
        )
    return found


def phase_content(phase: Data, doses: dict[str, Data]) -> Content:
    names = (
        "kind",
        "name",
        "min_days",
        "review_by_day",
        "criteria",
        "tenderness_sites",
        "numbers",
        "translations",
    )
    return content(
        **{name: phase.get(name) for name in names},
        steps=[step_content(step, doses[step["exercise"]]) for step in phase["steps"]],
    )


def step_content(step: Data, usual: Data) -> Content:
    """The dose is that of the exercise in this file, with the step's own numbers over it.

    Which side is meant is settled at assignment, so that one design serves left and right complaints.
    """
    return content(
        exercise=step["exercise"],
        **dose_columns(dose_of({name: step.get(name, usual[name]) for name in usual})),
        side=StepSide.BY_COMPLAINT.value,
        start_after_days=step.get("start_after_days", 0),
        until_days=step.get("until_days"),
        note=step.get("note"),
    )
