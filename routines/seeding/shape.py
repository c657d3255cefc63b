"""The shape of the catalogue file and of its translations: which keys there are, of which kind, within which limits.

Limits of single numbers are those of the database; which of them are wise is for the therapist to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
from routines.seeding.rules import (
    DOSE,
    DOSE_DEFAULTS,
    DRAFTING_RULES,
    EASIER_RULE,
    PROGRESSION_RULES,
    PROGRESSION_SENTENCES,
    SCHEDULE_RULES,
    SCREENING_RULES,
    days,
    sentence,
)
from routines.seeding.schema import (
    Check,
    Problems,
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
    text,
    whole,
)

SHIPPED = {
    True: OutcomeMeasure.Shipped.YES,
    "total_only": OutcomeMeasure.Shipped.TOTAL_ONLY,
    False: OutcomeMeasure.Shipped.NO,
}


def words(model: type[models.Model], field: str) -> Check:
    """Text that fits into this column."""
    return text(getattr(model._meta.get_field(field), "max_length", None))


@dataclass(frozen=True)
class Entries:
    """A list of entries with a short name each. `texts` are the checks of the texts that may be translated."""

    check: Check
    texts: Mapping[str, Check]

    def __call__(self, value: object, path: str, problems: Problems) -> None:
        self.check(value, path, problems)


def entries(
    required: Mapping[str, Check],
    optional: Mapping[str, Check] | None = None,
    texts: Iterable[str] = (),
    more_texts: Mapping[str, Check] | None = None,
) -> Entries:
    """`texts` are the keys that may be translated, within the limits of the original; `more_texts` belong to rows."""
    checks = {**required, **(optional or {})}
    translated = {**{key: checks[key] for key in texts}, **(more_texts or {})}
    return Entries(
        many(
            record(
                {"slug": slug, **required}, {**(optional or {}), "translations": translations(translated)}
            ),
            at_least=1,
        ),
        translated,
    )


def translations(texts: Mapping[str, Check]) -> Check:
    """Texts by language."""
    return mapping_of(slug, record({}, texts))


def by_name(section: Entries, more_texts: Mapping[str, Check] | None = None) -> Check:
    """The texts of entries of this section in one language, by short name."""
    return mapping_of(slug, record({}, {**section.texts, **(more_texts or {})}))


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
        "easier_rule": EASIER_RULE,
        "sources": sentence,
    },
)

REGIONS = entries({"name": words(Region, "name")}, texts=["name"])
EQUIPMENT = entries(
    {"name": words(Equipment, "name")},
    {"substitute": words(Equipment, "substitute")},
    texts=["name", "substitute"],
)

VOCABULARY = record(
    {
        "regions": REGIONS,
        "equipment": EQUIPMENT,
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
                    {"translations": translations({"name": words(ScreeningGroup, "name")})},
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
    more_texts={"plain_words": many(words(ImbalanceJoint, "plain_words"), repeated=True)},
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
    more_texts={
        "questions": many(words(OutcomeQuestion, "text"), repeated=True),
        "anchors": many(words(OutcomeAnchor, "label"), repeated=True),
        "choose": sentence,
    },
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
    {
        "numbers": mapping_of(slug, either(bool, flag, number(0, 730))),
        "translations": translations({"name": words(Phase, "name")}),
    },
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
        "dose_defaults": record(DOSE_DEFAULTS),
        "schedule_rules": record(SCHEDULE_RULES),
        "drafting_rules": DRAFTING_RULES,
        "progression_rules": record(PROGRESSION_RULES, PROGRESSION_SENTENCES),
        "programs": PROGRAMS,
    },
    {"screening_rules": SCREENING_RULES},
)

# A file of texts in another language. Its `phases` are names, in the order of the program.
LANGUAGE = record(
    {"meta": record({"schema_version": one_of((1,)), "language": slug}, {"text_origin": sentence})},
    {
        "vocabulary": record({}, {"regions": by_name(REGIONS), "equipment": by_name(EQUIPMENT)}),
        "body_areas": by_name(BODY_AREAS),
        "joints": by_name(JOINTS),
        "muscles": by_name(MUSCLES),
        "imbalances": by_name(IMBALANCES),
        "exercises": by_name(EXERCISES),
        "condition_tags": by_name(CONDITION_TAGS),
        "screening_checklists": by_name(CHECKLISTS),
        "screening_questions": by_name(QUESTIONS),
        "messages": by_name(MESSAGES),
        "outcome_measures": by_name(OUTCOME_MEASURES),
        "programs": by_name(PROGRAMS, {"phases": many(words(Phase, "name"), repeated=True)}),
    },
)
