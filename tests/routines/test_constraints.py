"""Every constraint of the catalogue refuses what it is there to refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import models
from django.db.models import F

from routines.models import (
    BodyArea,
    Checklist,
    ConditionTag,
    Equipment,
    Exercise,
    ExerciseMedia,
    ExerciseMuscle,
    ExerciseTag,
    Imbalance,
    ImbalanceArea,
    ImbalanceJoint,
    ImbalanceMuscle,
    ImportedExercise,
    ImportedPicture,
    ImportedProgram,
    Joint,
    JointMotion,
    Message,
    Muscle,
    MuscleMotion,
    MusclePartner,
    OutcomeAnchor,
    OutcomeMeasure,
    OutcomeQuestion,
    Phase,
    Program,
    ProgramTag,
    Region,
    Rule,
    ScreeningGroup,
    ScreeningQuestion,
    Step,
    TendernessSite,
)
from tests.constraints import Attack, assert_refused, cases, changed, doubled, every_constraint

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tagged(db: None) -> None:
    """The catalogue is shipped without tags."""
    ProgramTag.objects.create(name="Hip", key="hip")


def named(model: type[models.Model], *fields: str) -> list[Attack]:
    return [changed(model, **{field: ""}) for field in fields]


def prescription(model: type[models.Model], name: str) -> dict[str, list[Attack]]:
    """Ranges of the dose, one below and one above each."""
    return {
        f"{name}_sets": [changed(model, sets=0), changed(model, sets=21)],
        f"{name}_reps": [changed(model, reps=0), changed(model, reps=201)],
        f"{name}_hold": [changed(model, hold_seconds=3601)],
        f"{name}_rest": [changed(model, rest_seconds=601)],
        f"{name}_per_day": [changed(model, per_day=0), changed(model, per_day=4)],
        f"{name}_days_per_week": [changed(model, days_per_week=0), changed(model, days_per_week=8)],
        f"{name}_tempo_whole_or_none": [
            changed(model, tempo_lift=1, tempo_hold=None, tempo_lower=1),
            changed(model, tempo_lift=None, tempo_hold=None, tempo_lower=1),
            changed(model, tempo_lift=61, tempo_hold=0, tempo_lower=1),
            changed(model, tempo_lift=1, tempo_hold=61, tempo_lower=1),
            changed(model, tempo_lift=1, tempo_hold=0, tempo_lower=61),
        ],
    }


def media(*rows: dict[str, Any]) -> Attack:
    """Write pictures of one exercise, right but for these values."""

    def attack() -> object:
        exercise = Exercise.objects.order_by("pk")[:1].get()
        usual: dict[str, Any] = {"kind": "photo", "order": 0, "token": "a" * 32, "alt": "A bridge"}
        return ExerciseMedia.objects.bulk_create(
            ExerciseMedia(exercise=exercise, **{**usual, **values}) for values in rows
        )

    return attack


def same_short_name(*entries: Any) -> dict[str, list[Attack]]:
    return {f"{model._meta.model_name}.slug": [doubled(model)] for model in entries}


def came(model: type[models.Model], **values: Any) -> Attack:
    """An entry that came from elsewhere, written with these values."""
    entry = {ImportedExercise: "exercise", ImportedProgram: "program"}[model]

    def attack() -> object:
        row = {"source": "wger", "key": "1", "digest": "d", "first_at": MADE, "last_at": MADE}
        parent = (Exercise if entry == "exercise" else Program).objects.order_by("pk")
        return model._default_manager.create(**{**row, entry: parent[0], **values})

    return attack


def came_twice(model: type[models.Model], **values: Any) -> Attack:
    """The same entry once more, of another row or under another key."""

    def attack() -> object:
        came(model)()
        others = (Exercise if model is ImportedExercise else Program).objects.order_by("pk")
        entry = "exercise" if model is ImportedExercise else "program"
        return came(model, **(values or {entry: others[1]}))()

    return attack


def came_with(*rows: dict[str, str]) -> Attack:
    """Pictures that came with an exercise."""

    def attack() -> object:
        imported = came(ImportedExercise)()
        return [
            ImportedPicture.objects.create(**{"imported": imported, "digest": "d", "name": "n", **row})
            for row in rows
        ]

    return attack


MADE = datetime(2026, 3, 2, tzinfo=UTC)
TIGHT = {"role": "tight"}
SAME = uuid4()

ATTACKS: dict[str, list[Attack]] = {
    **same_short_name(
        BodyArea, ConditionTag, Equipment, Exercise, Imbalance, Joint, Message, Muscle, OutcomeMeasure, Program, Rule,
        ScreeningGroup,
    ),
    # Anatomy
    "region.slug": [doubled(Region, order=99)],
    "region.order": [doubled(Region, slug="another")],
    "region_named": named(Region, "slug", "name"),
    "bodyarea_named": named(BodyArea, "slug", "name"),
    "bodyarea_map_view": [changed(BodyArea, map_view="side")],
    "joint_named": named(Joint, "slug", "name"),
    "jointmotion_once": [doubled(JointMotion)],
    "jointmotion_named": named(JointMotion, "motion"),
    "muscle_named": named(Muscle, "slug", "name"),
    "muscle_tissue": [changed(Muscle, tissue="bone")],
    "muscle_map_view": [changed(Muscle, map_view="both")],
    "muscle_depth": [changed(Muscle, depth="middle")],
    "musclemotion_once": [doubled(MuscleMotion)],
    "musclepartner_once": [doubled(MusclePartner)],
    "musclepartner_one_row_a_pair": [
        changed(MusclePartner, second=F("first")),
        changed(MusclePartner, first=F("second"), second=F("first")),
    ],
    "musclepartner_relation": [changed(MusclePartner, relation="friend")],
    "screeninggroup_named": named(ScreeningGroup, "slug"),
    "imbalance_named": named(Imbalance, "slug", "name", "client_words"),
    "imbalance_sides": [changed(Imbalance, usual_sides="three")],
    "imbalance_basis": [changed(Imbalance, basis="hearsay")],
    "imbalancemuscle_once_a_role": [doubled(ImbalanceMuscle, order=99)],
    "imbalancemuscle_order": [
        changed(ImbalanceMuscle, {**TIGHT, "imbalance__slug": "sciatica_piriformis", "order": 1}, order=2)
    ],
    "imbalancemuscle_role": [changed(ImbalanceMuscle, role="sore", order=99)],
    "imbalancejoint_once": [doubled(ImbalanceJoint, order=99)],
    "imbalancejoint_order": [changed(ImbalanceJoint, {"imbalance__slug": "sciatica_piriformis", "order": 1}, order=2)],
    "imbalancejoint_words": named(ImbalanceJoint, "alteration", "plain_words"),
    "imbalancearea_once": [doubled(ImbalanceArea, order=99)],
    "imbalancearea_order": [changed(ImbalanceArea, {"imbalance__slug": "sciatica_piriformis", "order": 1}, order=2)],
    # Exercises
    "equipment_named": named(Equipment, "slug", "name"),
    "conditiontag_named": named(ConditionTag, "slug", "label", "rule"),
    "conditiontag_scope": [changed(ConditionTag, scope="somewhere")],
    **prescription(Exercise, "exercise"),
    "exercise_named": named(Exercise, "slug", "name", "cue"),
    "exercise_kind": [changed(Exercise, kind="dance")],
    "exercise_position": [changed(Exercise, position="flying")],
    "exercise_side_mode": [changed(Exercise, side_mode="inside")],
    "exercise_basis": [changed(Exercise, basis="hearsay")],
    "exercise_level": [changed(Exercise, level=0), changed(Exercise, level=6)],
    "exercise_not_its_own_version": [changed(Exercise, easier=F("id")), changed(Exercise, harder=F("id"))],
    "exercise.key": [lambda: Exercise.objects.update(key=SAME)],
    # Pictures and films
    "exercisemedia_kind": [media({"kind": "sound"})],
    "exercisemedia_state": [media({"state": "waiting"}), media({"kind": "film", "state": "lost"})],
    "exercisemedia_says_what_it_shows": [media({"alt": ""})],
    "exercisemedia_file_or_link": [
        media({"token": ""}), media({"kind": "link", "token": ""}), media({"kind": "link", "link": "https://example.org"}),
    ],
    "exercisemedia_link_is_safe": [
        media({"link": "javascript:alert(1)"}), media({"kind": "link", "token": "", "link": "http://example.org"}),
    ],
    "exercisemedia_few": [media({"order": 4})],
    "exercisemedia_order": [media({}, {})],
    "exercisemedia.key": [media({"key": SAME}, {"order": 1, "key": SAME})],
    "exercise_reviewed_before_offered": [changed(Exercise, {"retired_at": None}, awaits_review=True)],
    # What came from elsewhere
    "importedexercise_once": [came_twice(ImportedExercise)],
    "importedexercise.exercise": [came_twice(ImportedExercise, key="2")],
    "importedexercise_named": [came(ImportedExercise, **{name: ""}) for name in ("source", "key", "digest")],
    "importedprogram_once": [came_twice(ImportedProgram)],
    "importedprogram.program": [came_twice(ImportedProgram, key="2")],
    "importedprogram_named": [came(ImportedProgram, **{name: ""}) for name in ("source", "key", "digest")],
    "importedpicture_once": [came_with({}, {})],
    "importedpicture_named": [came_with({"digest": ""}), came_with({"name": ""})],
    "exercisemuscle_once": [
        doubled(ExerciseMuscle, order=99), doubled(ExerciseMuscle, {"role": "target"}, role="secondary", order=99),
    ],
    "exercisemuscle_order": [
        changed(ExerciseMuscle, {"role": "target", "exercise__slug": "smr_buttock_ball_floor", "order": 1}, order=2)
    ],
    "exercisemuscle_role": [changed(ExerciseMuscle, role="helper")],
    "exercisetag_once": [doubled(ExerciseTag), doubled(ExerciseTag, {"rule": "avoid"}, rule="care")],
    "exercisetag_rule": [changed(ExerciseTag, rule="maybe")],
    # Safety
    "message_named": named(Message, "slug", "title", "body"),
    "checklist.slug": [doubled(Checklist, order=99)],
    "checklist_order": [doubled(Checklist, slug="another")],
    "checklist_one_before_each_session": [
        doubled(Checklist, {"used_in": "before_each_session"}, slug="another", order=99)
    ],
    "checklist_used_in": [changed(Checklist, used_in="at_night")],
    "checklist_named": named(Checklist, "slug", "title", "none_label"),
    "screeningquestion.slug": [doubled(ScreeningQuestion, order=99)],
    "screeningquestion_order": [doubled(ScreeningQuestion, slug="another")],
    "screeningquestion_named": named(ScreeningQuestion, "slug", "question", "item"),
    "screeningquestion_effect": [changed(ScreeningQuestion, {"effect": "review"}, effect="none")],
    "screeningquestion_tag_named": [
        changed(ScreeningQuestion, {"effect": "tag"}, adds_tag=None),
        changed(ScreeningQuestion, {"adds_tag": None, "ask_before_each_session": False}, effect="tag"),
    ],
    "screeningquestion_repeats_only_warnings": [
        changed(ScreeningQuestion, {"effect": "review"}, ask_before_each_session=True),
        changed(ScreeningQuestion, {"effect": "tag"}, ask_before_each_session=True),
    ],
    "screeningquestion_version": [changed(ScreeningQuestion, version=0)],
    # Measures
    "outcomemeasure_named": named(OutcomeMeasure, "slug", "name"),
    "outcomemeasure_range": [changed(OutcomeMeasure, maximum=F("minimum")), changed(OutcomeMeasure, minimum=100)],
    "outcomemeasure_better": [changed(OutcomeMeasure, better="sideways"[:8])],
    "outcomemeasure_shipped": [changed(OutcomeMeasure, shipped="perhaps")],
    "outcomemeasure_change": [
        changed(OutcomeMeasure, important_change=Decimal(0)),
        changed(OutcomeMeasure, important_change=Decimal("-0.1")),
    ],
    "outcomemeasure_percent": [changed(OutcomeMeasure, or_percent=0), changed(OutcomeMeasure, or_percent=101)],
    "outcomequestion_once": [doubled(OutcomeQuestion, order=99)],
    "outcomequestion_order": [doubled(OutcomeQuestion, slug="another")],
    "outcomequestion_named": named(OutcomeQuestion, "slug", "text"),
    "outcomeanchor_once": [doubled(OutcomeAnchor)],
    "outcomeanchor_named": named(OutcomeAnchor, "label"),
    # Programs
    "rule_named": named(Rule, "slug"),
    "rule_section": [changed(Rule, section="weather")],
    "program.key": [lambda: Program.objects.update(key=uuid4())],
    "programtag.key": [doubled(ProgramTag)],
    "programtag_named": named(ProgramTag, "name", "key"),
    "program_named": named(Program, "slug", "name"),
    "program_reviewed_before_offered": [changed(Program, {"retired_at": None}, awaits_review=True)],
    "program_weeks": [
        changed(Program, weeks_from=0),
        changed(Program, weeks_from=9, weeks_to=8),
        changed(Program, weeks_from=9, weeks_to=105),
        changed(Program, weeks_from=None, weeks_to=8),
        changed(Program, weeks_from=8, weeks_to=None),
    ],
    "phase_order": [doubled(Phase), changed(Phase, {"order": 1}, order=2)],
    "phase_kind": [changed(Phase, kind="rest")],
    "phase_named": named(Phase, "name"),
    "phase_days": [
        changed(Phase, min_days=8, review_by_day=7),
        changed(Phase, min_days=7, review_by_day=731),
    ],
    "tendernesssite_once": [doubled(TendernessSite, order=99)],
    "tendernesssite_order": [changed(TendernessSite, {"phase__kind": "release", "order": 1}, order=2)],
    **prescription(Step, "step"),
    "step_order": [doubled(Step), changed(Step, {"order": 1}, order=2)],
    "step_side": [changed(Step, side="inside")],
    "step_day_range": [
        changed(Step, start_after_days=731, until_days=None),
        changed(Step, start_after_days=4, until_days=4),
        changed(Step, start_after_days=4, until_days=3),
        changed(Step, start_after_days=0, until_days=0),
        changed(Step, start_after_days=0, until_days=731),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "attack"), list(cases(ATTACKS)))
def test_database_refuses(name: str, attack: Attack) -> None:
    assert_refused("routines", name, attack)


def test_every_constraint_is_attacked() -> None:
    assert sorted(ATTACKS) == sorted(every_constraint("routines"))
