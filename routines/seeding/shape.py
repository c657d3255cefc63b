"""The shape of the catalogue file: which keys there are, of which kind, within which limits.

Limits of single numbers are those of the database; which of them are wise is for the therapist to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import models

from routines.models import (
    Basis,
    BodyArea,
    Checklist,
    ConditionTag,
    Effect,
    Equipment,
    Exercise,
    ExerciseKind,
    Imbalance,
    ImbalanceJoint,
    Joint,
    JointMotion,
    MapView,
    Message,
    Muscle,
    MusclePartner,
    OutcomeAnchor,
    OutcomeMeasure,
    OutcomeQuestion,
    Phase,
    PhaseKind,
    Position,
    Program,
    Region,
    ScreeningGroup,
    ScreeningQuestion,
    SideMode,
    Step,
)
from routines.seeding.schema import (
    Check,
    either,
    exactly,
    flag,
    many,
    mapping_of,
    maybe,
    number,
    one_of,
    record,
    slug,
    span,
    text,
    whole,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHIPPED = {
    True: OutcomeMeasure.Shipped.YES,
    "total_only": OutcomeMeasure.Shipped.TOTAL_ONLY,
    False: OutcomeMeasure.Shipped.NO,
}


def words(model: type[models.Model], field: str) -> Check:
    """Text that fits into this column."""
    return text(getattr(model._meta.get_field(field), "max_length", None))


def entries(
    required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, texts: Iterable[str] = ()
) -> Check:
    """A list of entries with a short name each; `texts` are the keys that may be translated."""
    return many(
        record({"slug": slug, **required}, {**(optional or {}), "translations": translations(texts)}),
        at_least=1,
    )


def translations(texts: Iterable[str]) -> Check:
    return mapping_of(slug, record({}, {key: either(list, many(text()), text()) for key in texts}))


sentence = text(600)
morning_answer = record({"slug": slug, "label": text(120), "zone": one_of(("green", "amber", "red"))})

DOSE: dict[str, Check] = {
    "sets": whole(1, 20),
    "reps": whole(1, 200),
    "hold_seconds": whole(0, 3600),
    "tempo": maybe(record({"lift": whole(0, 60), "hold": whole(0, 60), "lower": whole(0, 60)})),
    "rest_seconds": whole(0, 600),
    "per_day": whole(1, 3),
    "days_per_week": whole(1, 7),
}

META = record(
    {"schema_version": one_of((1,)), "language": slug},
    {
        "title": sentence,
        "text_origin": sentence,
        "tempo_order": sentence,
        "dose_notes": sentence,
        "basis_values": mapping_of(one_of(Basis.values), sentence),
        "scope_values": mapping_of(one_of(ConditionTag.Scope.values), sentence),
        "exercise_defaults": record(
            {"author": words(Exercise, "author"), "licence": words(Exercise, "licence")}, {"note": sentence}
        ),
        "duration_rule": sentence,
        "pairing_rule": sentence,
        "pairing_review": sentence,
        "easier_rule": record(
            {},
            dict.fromkeys(("use_when", "two_sets_or_more", "one_set", "forbidden_exercise"), sentence),
        ),
        "sources": sentence,
    },
)

VOCABULARY = record(
    {
        "regions": entries({"name": words(Region, "name")}, texts=["name"]),
        "equipment": entries({"name": words(Equipment, "name")}, texts=["name"]),
        "positions": exactly(Position.values),
        "kinds": many(
            record(
                {"slug": one_of(ExerciseKind.values), "phase": one_of(PhaseKind.values)}, {"continuum": slug}
            )
        ),
        "phases": exactly(PhaseKind.values),
        "side_modes": exactly(SideMode.values),
        "partner_relations": exactly(MusclePartner.Relation.values),
        "motion_opposites": many(record({"a": slug, "b": slug})),
        "motions_without_opposite": many(slug),
        "screening_groups": many(
            either(
                dict,
                record(
                    {"slug": slug, "name": words(ScreeningGroup, "name")},
                    {"translations": translations(["name"])},
                ),
                slug,
            ),
            at_least=1,
        ),
        "screening_effects": mapping_of(one_of(Effect.values), sentence),
    }
)

BODY_AREAS = entries(
    {"name": words(BodyArea, "name"), "map_view": one_of(MapView.values), "sided": flag}, texts=["name"]
)

JOINTS = entries(
    {
        "name": words(Joint, "name"),
        "anatomical_name": words(Joint, "anatomical_name"),
        "region": slug,
        "sided": flag,
        "motions": many(words(JointMotion, "motion"), at_least=1),
    },
    texts=["name", "anatomical_name"],
)

MUSCLES = entries(
    {
        "name": words(Muscle, "name"),
        "anatomical_name": words(Muscle, "anatomical_name"),
        "tissue": one_of(Muscle.Tissue.values),
        "region": slug,
        "body_area": slug,
        "sided": flag,
        "map_view": one_of((MapView.FRONT.value, MapView.BACK.value)),
        "depth": one_of(Muscle.Depth.values),
        "action": words(Muscle, "action"),
        "joints": many(slug, at_least=1),
        "motions": many(record({"joint": slug, "motion": slug})),
        "partners": many(record({"muscle": slug, "relation": one_of(MusclePartner.Relation.values)})),
    },
    texts=["name", "anatomical_name", "action"],
)

IMBALANCES = entries(
    {
        "name": words(Imbalance, "name"),
        "client_words": words(Imbalance, "client_words"),
        "tight_muscles": many(slug, at_least=1),
        "weak_muscles": many(slug, at_least=1),
        "joints": many(
            record(
                {
                    "joint": slug,
                    "alteration": words(ImbalanceJoint, "alteration"),
                    "plain_words": words(ImbalanceJoint, "plain_words"),
                }
            )
        ),
        "pain_areas": many(slug),
        "usual_sides": one_of(Imbalance.UsualSides.values),
        "screening_groups": many(slug),
        "basis": one_of(Basis.values),
        "sources": many(slug),
    },
    {"refer_if": words(Imbalance, "refer_if"), "note": words(Imbalance, "note")},
    texts=["name", "client_words", "refer_if", "note"],
)

EXERCISES = entries(
    {
        "name": words(Exercise, "name"),
        "kind": one_of(ExerciseKind.values),
        "target_muscles": many(slug, at_least=1),
        "secondary_muscles": many(slug),
        "equipment": many(slug),
        "position": one_of(Position.values),
        "needs_floor": flag,
        "side_mode": one_of(SideMode.values),
        "level": whole(1, 5),
        "dose": record(DOSE),
        "cue": words(Exercise, "cue"),
        "cautions": many(text(300)),
        "avoid_if": many(slug),
        "care_if": many(slug),
        "easier": maybe(slug),
        "harder": maybe(slug),
        "basis": one_of(Basis.values),
        "sources": many(slug),
    },
    {"author": words(Exercise, "author"), "licence": words(Exercise, "licence")},
    texts=["name", "cue", "cautions"],
)

CONDITION_TAGS = entries(
    {
        "label": words(ConditionTag, "label"),
        "scope": one_of(ConditionTag.Scope.values),
        "rule": words(ConditionTag, "rule"),
    },
    texts=["label", "rule"],
)

CHECKLISTS = entries(
    {
        "order": whole(1, 100),
        "used_in": one_of(Checklist.UsedIn.values),
        "effects": many(one_of(Effect.values), at_least=1),
        "title": words(Checklist, "title"),
        "none_label": words(Checklist, "none_label"),
    },
    {"intro": words(Checklist, "intro"), "items_min": whole(0, 100), "items_max": whole(0, 100)},
    texts=["title", "intro", "none_label"],
)

QUESTIONS = entries(
    {
        "group": slug,
        "question": words(ScreeningQuestion, "question"),
        "item": words(ScreeningQuestion, "item"),
        "effect": one_of(Effect.values),
        "message": slug,
        "adds_tag": maybe(slug),
        "ask_before_each_session": flag,
        "checklist": slug,
    },
    texts=["question", "item"],
)

MESSAGES = entries(
    {"title": words(Message, "title"), "body": words(Message, "body")}, texts=["title", "body"]
)

OUTCOME_MEASURES = entries(
    {
        "name": words(OutcomeMeasure, "name"),
        "min": whole(-1000, 1000),
        "max": whole(-1000, 1000),
        "better": maybe(one_of((OutcomeMeasure.Better.LOWER.value, OutcomeMeasure.Better.HIGHER.value))),
        "important_change": maybe(number(0.1, 1000)),
        "or_percent": maybe(whole(1, 100)),
        "licence": words(OutcomeMeasure, "licence"),
        "implement": one_of(tuple(SHIPPED)),
        "sources": many(slug),
    },
    {
        "scoring": words(OutcomeMeasure, "scoring"),
        "questions": many(record({"slug": slug, "text": words(OutcomeQuestion, "text")})),
        "anchors": many(record({"value": whole(-1000, 1000), "label": words(OutcomeAnchor, "label")})),
        "choose": record(
            {"text": sentence, "min": whole(1, 20), "usual": whole(1, 20), "max": whole(1, 20)},
            {"rule": sentence},
        ),
        "entered_by": many(one_of(("therapist", "client"))),
        "note": sentence,
        "asks_screening": record(
            {"question": slug, "from_value": whole(0, 100), "screening_question": slug},
            {"or_rise": whole(1, 100)},
        ),
    },
    texts=["name", "note"],
)

dose_range = record({}, {key: span(0, 3600) for key in (*DOSE, "seconds_per_muscle") if key != "tempo"})
zero_to_ten = record({"target": span(0, 10), "stop_at": whole(0, 10)})
DOSE_DEFAULTS = record(
    {
        kind: record(
            {key: check for key, check in DOSE.items() if key not in ("tempo", "hold_seconds")},
            {
                "tempo": DOSE["tempo"],
                "hold_seconds": DOSE["hold_seconds"],
                "range": dose_range,
                "pressure_0_10": zero_to_ten,
                "stretch_0_10": zero_to_ten,
                "effort_0_10": zero_to_ten,
                "before_strengthening": record({"max_total_seconds_per_muscle": whole(1, 3600)}),
            },
        )
        for kind in ExerciseKind.values
    }
)

SCHEDULE_RULES = record(
    {
        "weekday": record(
            {
                "days_by_number": many(
                    record({"days_per_week": whole(1, 7), "weekdays": many(one_of(WEEKDAYS), at_least=1)}),
                    at_least=7,
                ),
                "strengthening_kinds": many(one_of(ExerciseKind.values)),
                "strengthening_on_consecutive_days_from_days_per_week": whole(1, 7),
            },
            dict.fromkeys(("fixed_when", "strengthening_with_4_days", "moving_days"), sentence),
        ),
        "phase_days": record(
            {"first_day": whole(0, 0)},
            dict.fromkeys(
                ("start_after_days", "until_days", "min_days_and_review_by_day", "not_counted"), sentence
            ),
        ),
        "concurrent_steps": record(
            {
                "max_in_templates": whole(1, 20),
                "warn_above": whole(1, 20),
                "refuse_above_unless_confirmed": whole(1, 20),
            },
            {"count": sentence},
        ),
        "warm_up": record({"kinds": many(one_of(ExerciseKind.values))}, {"rule": sentence}),
    }
)

DRAFTING_RULES = record(
    {"max_at_a_time": whole(1, 20)},
    dict.fromkeys(("rank", "sharing", "overflow", "uncovered", "partners", "result"), sentence),
)

SCREENING_RULES = record(
    {},
    dict.fromkeys(
        ("items", "over_items_max", "answered_when", "stored_as", "emergency_or_urgent", "local_tags"),
        sentence,
    ),
)

days, percent, points, times = whole(0, 730), whole(0, 100), number(0, 10), whole(0, 100)
GATE = record(
    {
        "min_days_in_phase": days,
        "review_by_day": days,
        "window_days": whole(1, 730),
        "therapist_sign_off": flag,
    },
    {
        "min_completed_sessions_in_window": times,
        "min_adherence_percent": percent,
        "tenderness_max": points,
        "or_tenderness_drop_at_least": points,
        "mean_pain_max": points,
        "mean_pain_not_above_baseline_by": points,
        "no_red_zone_sessions_in_window": flag,
        "no_new_neurological_signs": flag,
        "session_pain_max": points,
        "consecutive_green_sessions": times,
        "full_dose_sessions_in_a_row": times,
        "effort_max": points,
        "pain_drop_at_least": points,
        "or_pain_drop_percent": percent,
        "or_mean_pain_max": points,
        "activities_gain_at_least": points,
        "pain_drop_compared_with": sentence,
    },
)
GATES = ("release_to_strengthen", "strengthen_to_integrate", "integrate_to_maintain")
PROGRESSION_RULES = record(
    {
        **dict.fromkeys(GATES, GATE),
        "session_pain_zones": record({zone: span(0, 10) for zone in ("green", "amber", "red")}),
        "next_morning": record(
            {
                "hold_if_rise_at_least": points,
                "flag_if_rise_at_least": points,
                "answers": many(morning_answer),
            },
            dict.fromkeys(
                ("compare_with", "question", "number", "combine", "no_answer", "green_session"), sentence
            ),
        ),
        "step_back": record(
            {
                "red_sessions_in_a_row": times,
                "mean_pain_rise_over_baseline": points,
                "tenderness_rise_in_strengthen": points,
                "missed_days": days,
                "therapist_sign_off": flag,
            },
            {"applied": sentence, "until_the_therapist_answers": sentence},
        ),
        "reduce_dose": record(
            {
                "amber_sessions_in_a_row": times,
                "red_sessions": times,
                "next_morning_hold": times,
                "sets_minus": whole(0, 19),
                "reps_or_hold_percent": whole(-99, 0),
                "approved_dose_returns_after_green_sessions": times,
            }
        ),
        "pause_strengthening": record(
            {
                "red_sessions": times,
                "red_mornings": times,
                "pauses_kinds": many(one_of(ExerciseKind.values)),
                "returns_after_green_mornings": times,
                "messages": record({"start": slug, "return": slug}),
            },
            {
                "sign_off_on_return": flag,
                "adherence_lowered": flag,
                "weekly_goal_lowered": flag,
                "counts_towards_next_phase": flag,
                **dict.fromkeys(
                    (
                        "from",
                        "meanwhile",
                        "days_without_a_release_step",
                        "each_after",
                        "red_morning_meanwhile",
                        "dose_on_return",
                        "restores",
                        "open_step_back_proposal",
                    ),
                    sentence,
                ),
            },
        ),
        "load_progression": record(
            {
                "reps_from": whole(1, 200),
                "reps_to": whole(1, 200),
                "then_sets_to": whole(1, 20),
                "extra_reps_in_last_set": times,
                "sessions_in_a_row": times,
                "load_increase_percent": span(0, 100),
                "max_steps_per_week": whole(1, 7),
            }
        ),
        "reassess": record({"every_days": whole(1, 730), "full_outcome_days": many(days)}),
        "stop_and_refer": record({"no_meaningful_change_after_days": days}, {"alert": sentence}),
        "proposals": record(
            {"escalate_after_days": days}, {"advance_by_itself": sentence, "escalation": sentence}
        ),
        "resolution_order": many(slug, at_least=1),
        "baseline": record(
            {"last_recorded_days": whole(1, 730), "min_values": times},
            dict.fromkeys(("measure", "method", "taken", "fewer"), sentence),
        ),
        "reminders": record(
            {
                "max_per_day": whole(1, 3),
                "shorter_version_letter_after_missed_days": days,
                "shorter_version_letters": times,
                "weekly_after_ignored_days": days,
            },
            {"tell_therapist": sentence, "ignored_day": sentence},
        ),
    },
    {"resolution_note": sentence, "minimum_data": sentence},
)

STEP = record(
    {"exercise": slug},
    {
        **DOSE,
        "start_after_days": days,
        "until_days": maybe(whole(1, 730)),
        "note": words(Step, "note"),
    },
)
PHASE = record(
    {
        "kind": one_of(PhaseKind.values),
        "name": words(Phase, "name"),
        "min_days": days,
        "review_by_day": days,
        "criteria": maybe(slug),
        "tenderness_sites": many(slug),
        "steps": many(STEP, at_least=1, repeated=True),
    },
    {"numbers": mapping_of(slug, either(bool, flag, number(0, 730))), "translations": translations(["name"])},
)
PROGRAMS = entries(
    {
        "imbalance": maybe(slug),
        "name": words(Program, "name"),
        "weeks": text(10),
        "phases": many(PHASE, at_least=1),
    },
    {"notes": words(Program, "notes"), "warm_up": words(Program, "warm_up")},
    texts=["name", "notes", "warm_up"],
)

CATALOGUE = record(
    {
        "meta": META,
        "vocabulary": VOCABULARY,
        "body_areas": BODY_AREAS,
        "joints": JOINTS,
        "muscles": MUSCLES,
        "imbalances": IMBALANCES,
        "exercises": EXERCISES,
        "condition_tags": CONDITION_TAGS,
        "screening_checklists": CHECKLISTS,
        "screening_questions": QUESTIONS,
        "messages": MESSAGES,
        "outcome_measures": OUTCOME_MEASURES,
        "dose_defaults": DOSE_DEFAULTS,
        "schedule_rules": SCHEDULE_RULES,
        "drafting_rules": DRAFTING_RULES,
        "progression_rules": PROGRESSION_RULES,
        "programs": PROGRAMS,
    },
    {"screening_rules": SCREENING_RULES},
)
