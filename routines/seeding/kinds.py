"""The kinds of entries, in the order in which they can be written: what is named comes before what names it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, Q

from routines.composing import PhaseDesign, StepDesign, save_design
from routines.models import (
    BodyArea,
    CatalogueEntry,
    Checklist,
    ConditionTag,
    Equipment,
    Exercise,
    ExerciseMuscle,
    ExerciseTag,
    Imbalance,
    ImbalanceArea,
    ImbalanceJoint,
    ImbalanceMuscle,
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
    Region,
    Rule,
    ScreeningGroup,
    ScreeningQuestion,
    Step,
    TendernessSite,
)
from routines.seeding.content import (
    OUT_OF_THE_WAY,
    Children,
    Content,
    Kind,
    Row,
    Writing,
    any_order,
    content,
)
from routines.seeding.wanted import (
    CHECKLIST_COLUMNS,
    EXERCISE_COLUMNS,
    IMBALANCE_COLUMNS,
    MEASURE_COLUMNS,
    MUSCLE_COLUMNS,
    PHASE_COLUMNS,
    QUESTION_COLUMNS,
    STEP_COLUMNS,
    exercises,
    imbalances,
    joints,
    muscles,
    outcome_measures,
    plain_entries,
    programs,
    regions,
    rules,
    screening_groups,
    screening_questions,
)


@dataclass(frozen=True)
class Ordered(Kind):
    """Entries with an order that is unique, for each value of `within` where there is one."""

    within: str | None = None

    def settle(self, wanted: dict[str, Content], fixed: Mapping[str, Row]) -> dict[str, Content]:
        """An order that an entry of the therapist holds is passed over."""
        taken = {self._place(row.content) for row in fixed.values()}
        settled = {}
        for slug, entry in sorted(wanted.items(), key=lambda item: item[1]["order"]):
            settled[slug] = self._in_free_place(entry, taken)
            taken.add(self._place(settled[slug]))
        return settled

    def make_room(self, changed: Collection[int]) -> None:
        self.model._default_manager.filter(pk__in=changed).update(order=F("order") + OUT_OF_THE_WAY)

    def _in_free_place(self, entry: Content, taken: set[tuple[str, int]]) -> Content:
        while self._place(entry) in taken:
            entry = {**entry, "order": entry["order"] + 1}
        return entry

    def _place(self, entry: Content) -> tuple[str, int]:
        return (entry[self.within] if self.within else "", entry["order"])


@dataclass(frozen=True)
class Muscles(Kind):
    """A pair of partners is one row, and belongs to the content of both."""

    def read_more(self, parents: Collection[int] | None) -> dict[int, dict[str, list[Any]]]:
        more = super().read_more(parents)
        pairs = MusclePartner.objects.order_by("pk")
        if parents is not None:
            pairs = pairs.filter(Q(first__in=parents) | Q(second__in=parents))
        for first, first_slug, second, second_slug, relation in pairs.values_list(
            "first_id", "first__slug", "second_id", "second__slug", "relation"
        ):
            more[first]["partners"].append(content(muscle=second_slug, relation=relation))
            more[second]["partners"].append(content(muscle=first_slug, relation=relation))
        for lists in more.values():
            lists["partners"] = any_order(lists["partners"])
        return more

    def settle(self, wanted: dict[str, Content], fixed: Mapping[str, Row]) -> dict[str, Content]:
        """A pair with a muscle that the therapist edited stays as it is: it is part of what she edited."""
        kept = {
            (slug, partner["muscle"]): partner["relation"]
            for slug, row in fixed.items()
            for partner in row.content.get("partners", [])
        }
        settled = {}
        for slug, entry in wanted.items():
            partners = [partner for partner in entry.get("partners", []) if partner["muscle"] not in fixed]
            partners += [
                content(muscle=other, relation=relation)
                for (other, me), relation in kept.items()
                if me == slug
            ]
            settled[slug] = content(**{**entry, "partners": any_order(partners)})
        return settled

    def write_more(self, contents: Mapping[int, Content], writing: Writing) -> None:
        wanted: dict[tuple[int, int, str], None] = {}
        for pk, entry in contents.items():
            for partner in entry.get("partners", []):
                other = writing.key(Muscle, partner["muscle"])
                wanted[min(pk, other), max(pk, other), partner["relation"]] = None
        pairs = MusclePartner.objects.filter(Q(first__in=contents) | Q(second__in=contents))
        present = {
            (first, second, relation): pk
            for pk, first, second, relation in pairs.values_list("pk", "first_id", "second_id", "relation")
        }
        MusclePartner.objects.filter(
            pk__in=[pk for pair, pk in present.items() if pair not in wanted]
        ).delete()
        MusclePartner.objects.bulk_create(
            MusclePartner(first_id=first, second_id=second, relation=relation)
            for first, second, relation in wanted
            if (first, second, relation) not in present
        )


@dataclass(frozen=True)
class Programs(Kind):
    """Phases with their steps, in their order."""

    def read_more(self, parents: Collection[int] | None) -> dict[int, dict[str, list[Any]]]:
        phases, sites, steps = Phase.objects.all(), TendernessSite.objects.all(), Step.objects.all()
        if parents is not None:
            phases = phases.filter(program__in=parents)
            sites, steps = sites.filter(phase__program__in=parents), steps.filter(phase__program__in=parents)
        sites_of, steps_of = defaultdict(list), defaultdict(list)
        for phase, slug in sites.order_by("order").values_list("phase_id", "muscle__slug"):
            sites_of[phase].append(slug)
        for step in steps.order_by("order").values(
            "phase_id", *STEP_COLUMNS, found_exercise=F("exercise__slug")
        ):
            columns = {name: step[name] for name in STEP_COLUMNS}
            steps_of[step["phase_id"]].append(content(exercise=step["found_exercise"], **columns))
        more = super().read_more(parents)
        for phase in phases.order_by("order").values(
            "pk", "program_id", *PHASE_COLUMNS, found_rule=F("criteria__slug")
        ):
            more[phase["program_id"]]["phases"].append(
                content(
                    **{name: phase[name] for name in PHASE_COLUMNS},
                    criteria=phase["found_rule"],
                    tenderness_sites=sites_of[phase["pk"]],
                    steps=steps_of[phase["pk"]],
                )
            )
        return more

    def write_more(self, contents: Mapping[int, Content], writing: Writing) -> None:
        found_exercises = Exercise.objects.in_bulk(field_name="slug")
        found_muscles = Muscle.objects.in_bulk(field_name="slug")
        found_rules = Rule.objects.in_bulk(field_name="slug")
        for program in Program.objects.filter(pk__in=contents).prefetch_related("phases__steps__exercise"):
            design = [
                PhaseDesign(
                    kind=phase["kind"],
                    name=phase["name"],
                    min_days=phase["min_days"],
                    review_by_day=phase["review_by_day"],
                    criteria=found_rules[phase["criteria"]] if "criteria" in phase else None,
                    tenderness_sites=[found_muscles[slug] for slug in phase.get("tenderness_sites", [])],
                    numbers=phase.get("numbers", {}),
                    translations=phase.get("translations", {}),
                    steps=[step_design(step, found_exercises) for step in phase.get("steps", [])],
                )
                for phase in contents[program.pk].get("phases", [])
            ]
            save_design(program, with_kept_rows(design, program), confirmed=True)


def step_design(step: Content, found: Mapping[str, Exercise]) -> StepDesign:
    return StepDesign(
        exercise=found[step["exercise"]],
        dose=Step(**{name: step.get(name) for name in Step.DOSE_FIELDS}).dose,
        side=step["side"],
        start_after_days=step["start_after_days"],
        until_days=step.get("until_days"),
        note=step.get("note", ""),
    )


def with_kept_rows(design: list[PhaseDesign], program: Program) -> list[PhaseDesign]:
    """The same design on the rows that are there: phases by their place, steps by their exercise."""
    present = list(program.phases.all())
    kept = []
    for place, phase in enumerate(design):
        if place >= len(present):
            kept.append(phase)
            continue
        free: dict[int, list[int]] = defaultdict(list)
        for step in present[place].steps.all():
            free[step.exercise_id].append(step.pk)
        steps = [
            replace(step, id=free[step.exercise.pk].pop(0) if free[step.exercise.pk] else None)
            for step in phase.steps
        ]
        kept.append(replace(phase, id=present[place].pk, steps=steps))
    return kept


def muscle_motion(row: Content, writing: Writing) -> dict[str, Any]:
    motion = (row["joint"], row["motion"])
    return {"motion_id": writing.key(JointMotion, motion, by=("joint__slug", "motion"))}


KINDS: tuple[Kind, ...] = (
    Ordered("vocabulary.regions", Region, regions, plain=("name", "order")),
    Kind(
        "vocabulary.equipment",
        Equipment,
        lambda data: plain_entries(data["vocabulary"]["equipment"], "name", "substitute"),
        plain=("name", "substitute"),
    ),
    Kind(
        "body_areas",
        BodyArea,
        lambda data: plain_entries(data["body_areas"], "name", "map_view", "sided"),
        plain=("name", "map_view", "sided"),
    ),
    Kind(
        "joints",
        Joint,
        joints,
        plain=("name", "anatomical_name", "sided"),
        references=("region",),
        children=(Children("motions", JointMotion, "joint", {"motion": "motion"}, shared="muscles"),),
    ),
    Muscles(
        "muscles",
        Muscle,
        muscles,
        plain=MUSCLE_COLUMNS,
        references=("region", "body_area"),
        links=("joints",),
        children=(
            Children(
                "motions",
                MuscleMotion,
                "muscle",
                {"joint": "motion__joint__slug", "motion": "motion__motion"},
                columns=muscle_motion,
            ),
        ),
    ),
    Kind("vocabulary.screening_groups", ScreeningGroup, screening_groups, plain=("name",)),
    Kind(
        "condition_tags",
        ConditionTag,
        lambda data: plain_entries(data["condition_tags"], "label", "scope", "rule"),
        plain=("label", "scope", "rule"),
    ),
    Kind(
        "imbalances",
        Imbalance,
        imbalances,
        plain=IMBALANCE_COLUMNS,
        links=("screening_groups",),
        children=(
            Children(
                "muscles",
                ImbalanceMuscle,
                "imbalance",
                {"muscle": "muscle__slug", "role": "role", "order": "order"},
            ),
            Children(
                "joints",
                ImbalanceJoint,
                "imbalance",
                {
                    "joint": "joint__slug",
                    "alteration": "alteration",
                    "plain_words": "plain_words",
                    "order": "order",
                },
            ),
            Children("pain_areas", ImbalanceArea, "imbalance", {"area": "area__slug", "order": "order"}),
        ),
    ),
    Kind(
        "messages",
        Message,
        lambda data: plain_entries(data["messages"], "title", "body"),
        plain=("title", "body"),
    ),
    Ordered(
        "screening_checklists",
        Checklist,
        lambda data: plain_entries(data["screening_checklists"], *CHECKLIST_COLUMNS),
        plain=CHECKLIST_COLUMNS,
        within="used_in",
    ),
    Ordered(
        "screening_questions",
        ScreeningQuestion,
        screening_questions,
        plain=(*QUESTION_COLUMNS, "order"),
        references=("group", "message", "adds_tag", "checklist"),
        wording=("question", "item", "translations"),
        within="checklist",
    ),
    Kind(
        "exercises",
        Exercise,
        exercises,
        plain=(*EXERCISE_COLUMNS, *Exercise.DOSE_FIELDS),
        versions=("easier", "harder"),
        links=("equipment",),
        children=(
            Children(
                "muscles",
                ExerciseMuscle,
                "exercise",
                {"muscle": "muscle__slug", "role": "role", "order": "order"},
            ),
            Children("tags", ExerciseTag, "exercise", {"tag": "tag__slug", "rule": "rule"}),
        ),
    ),
    Kind(
        "outcome_measures",
        OutcomeMeasure,
        outcome_measures,
        plain=MEASURE_COLUMNS,
        children=(
            Children(
                "questions", OutcomeQuestion, "measure", {"slug": "slug", "text": "text", "order": "order"}
            ),
            Children("anchors", OutcomeAnchor, "measure", {"value": "value", "label": "label"}),
        ),
        wording=("minimum", "maximum", "scoring", "translations", "questions", "anchors"),
    ),
    Kind("rules", Rule, rules, plain=("section", "numbers")),
    Programs(
        "programs",
        Program,
        programs,
        plain=("name", "weeks_from", "weeks_to", "notes", "warm_up"),
        references=("imbalance",),
    ),
)


def kind_of(entry: CatalogueEntry) -> Kind:
    """The kind that this entry is one of."""
    return next(kind for kind in KINDS if isinstance(entry, kind.model))
