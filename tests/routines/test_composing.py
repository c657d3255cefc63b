"""Actions on a design: what the builder shows is what is saved, and kept rows keep their keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from routines.composing import (
    DesignChanged,
    PhaseDesign,
    StepDesign,
    TooManyAtOnce,
    add_phase,
    add_step,
    copy_program,
    design_of,
    dose_for,
    facts_of_design,
    free_slug,
    new_phase,
    remove_phase,
    remove_step,
    reorder_phases,
    reorder_steps,
    save_design,
    slug_from,
    without_ids,
)
from routines.models import Dose, Exercise, Muscle, Phase, Program, Rule, Step
from routines.review import facts_of, review
from routines.seeding import content_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def sciatica() -> Program:
    return Program.objects.with_design().get(slug="program_sciatica_piriformis")


def saved(program: Program) -> list[PhaseDesign]:
    return design_of(Program.objects.with_design().get(pk=program.pk))


def exercise(slug: str = "bridge") -> Exercise:
    return Exercise.objects.get(slug=slug)


def test_design_that_is_saved_as_it_was_changes_nothing(sciatica: Program) -> None:
    before, content = saved(sciatica), content_of(sciatica)

    save_design(sciatica, before)

    assert saved(sciatica) == before
    assert content_of(sciatica) == content


def test_whole_design_is_saved_with_the_kept_rows(sciatica: Program) -> None:
    release, strengthen, _integrate, maintain = saved(sciatica)
    dose = Dose(1, 9, 4, None, 20, 2, 5)
    new_step = StepDesign(
        exercise("clam"), dose, side="left", start_after_days=3, until_days=9, note="Slowly"
    )
    wanted = [
        strengthen,
        replace(
            release,
            name="First of all",
            min_days=3,
            review_by_day=10,
            criteria=None,
            numbers={"tenderness_max": 4},
            tenderness_sites=[Muscle.objects.get(slug="soleus"), *release.tenderness_sites],
            steps=[release.steps[2], new_step, replace(release.steps[0], dose=dose, note="Softly")],
        ),
        PhaseDesign("maintain", "Second block", 7, 21, steps=[new_step]),
        maintain,
    ]

    save_design(sciatica, wanted)

    first, second, third, fourth = saved(sciatica)
    assert [first, fourth] == [strengthen, maintain]
    assert (second.id, second.name, second.min_days, second.review_by_day) == (
        release.id,
        "First of all",
        3,
        10,
    )
    assert (second.criteria, second.numbers) == (None, {"tenderness_max": 4})
    assert [muscle.slug for muscle in second.tenderness_sites] == ["soleus", "piriformis", "hip_adductors"]
    assert [step.id for step in second.steps] == [
        release.steps[2].id,
        second.steps[1].id,
        release.steps[0].id,
    ]
    assert replace(second.steps[1], id=None) == new_step
    assert (second.steps[2].dose, second.steps[2].note) == (dose, "Softly")
    assert without_ids(third) == replace(wanted[2], steps=(new_step,), tenderness_sites=(), translations={})
    assert list(Step.objects.filter(phase=release.id).values_list("order", flat=True)) == [1, 2, 3]


def test_step_that_moves_to_another_phase_keeps_its_row(sciatica: Program) -> None:
    release, strengthen, *others = saved(sciatica)
    moved = release.steps[0]
    wanted = [
        replace(release, steps=release.steps[1:]),
        replace(strengthen, steps=[moved, *strengthen.steps]),
        *others,
    ]

    save_design(sciatica, wanted, confirmed=True)

    assert Step.objects.get(pk=moved.id).phase_id == strengthen.id
    assert saved(sciatica)[1].steps[0] == moved


def test_step_outlives_its_phase_when_it_moved(sciatica: Program) -> None:
    release, strengthen, *others = saved(sciatica)
    moved = release.steps[0]

    save_design(sciatica, [replace(strengthen, steps=[moved]), *others])

    assert saved(sciatica)[0].steps == (moved,)
    assert not Phase.objects.filter(pk=release.id).exists()


def test_translations_stay_with_a_kept_phase(sciatica: Program) -> None:
    Phase.objects.filter(program=sciatica, order=1).update(translations={"de": {"name": "Lösen"}})
    design = [replace(phase, translations=None) for phase in saved(sciatica)]

    save_design(sciatica, design)

    assert saved(sciatica)[0].translations == {"de": {"name": "Lösen"}}


def test_everything_may_be_taken_away(sciatica: Program) -> None:
    save_design(sciatica, [])

    assert saved(sciatica) == []
    assert not Step.objects.filter(phase__program=sciatica).exists()


@pytest.mark.parametrize("kind", ["foreign phase", "foreign step", "phase twice", "step twice"])
def test_design_that_was_changed_elsewhere_is_refused_whole(sciatica: Program, kind: str) -> None:
    before = saved(sciatica)
    foreign = saved(Program.objects.get(slug="program_knee_valgus"))
    release, *others = before
    wanted = {
        "foreign phase": [replace(release, id=foreign[0].id), *others],
        "foreign step": [replace(release, steps=[foreign[0].steps[0]]), *others],
        "phase twice": [release, release, *others],
        "step twice": [replace(release, steps=[release.steps[0], release.steps[0]]), *others],
    }[kind]

    with pytest.raises(DesignChanged):
        save_design(sciatica, wanted, confirmed=True)

    assert saved(sciatica) == before


def test_six_at_once_are_saved_only_when_confirmed(sciatica: Program) -> None:
    before = saved(sciatica)
    release, *others = before
    steps = [replace(release.steps[0], id=None) for _number in range(6)]
    wanted = [replace(release, steps=steps), *others]

    with pytest.raises(TooManyAtOnce) as refused:
        save_design(sciatica, wanted)

    assert saved(sciatica) == before
    assert [warning.slug for warning in refused.value.warnings] == ["too_many_at_once"]
    assert str(refused.value).startswith("“Release the deep buttock” asks for 6 exercises at once")
    save_design(sciatica, wanted, confirmed=True)
    assert len(saved(sciatica)[0].steps) == 6


def test_what_the_database_refuses_leaves_the_design_as_it_was(sciatica: Program) -> None:
    before = saved(sciatica)
    release, *others = before
    impossible = replace(release.steps[0], dose=replace(release.steps[0].dose, sets=21))

    with pytest.raises(IntegrityError), transaction.atomic():
        save_design(sciatica, [replace(release, steps=[impossible]), *others])

    assert saved(sciatica) == before


def test_saving_takes_a_fixed_number_of_queries(
    sciatica: Program, django_assert_max_num_queries: object
) -> None:
    design = saved(sciatica)
    wider = [*design, *[without_ids(phase) for phase in design]]

    with django_assert_max_num_queries(20):  # type: ignore[operator]
        save_design(sciatica, wider, confirmed=True)


def test_unsaved_design_can_be_reviewed(sciatica: Program) -> None:
    design = saved(sciatica)

    assert facts_of_design(sciatica, design) == facts_of(sciatica)
    assert [
        warning.slug for warning in review(facts_of_design(sciatica, [replace(design[0], steps=())]))
    ] == ["empty_phase"]


def test_copy_has_the_same_design_in_rows_of_its_own(sciatica: Program) -> None:
    copy = copy_program(sciatica)

    assert [without_ids(phase) for phase in saved(copy)] == [without_ids(phase) for phase in saved(sciatica)]
    assert {phase.id for phase in saved(copy)}.isdisjoint({phase.id for phase in saved(sciatica)})
    assert (copy.name, copy.slug) == (f"{sciatica.name} (copy)", "program_sciatica_piriformis_copy")
    assert (copy.imbalance, copy.weeks_from, copy.warm_up) == (
        sciatica.imbalance, sciatica.weeks_from, sciatica.warm_up,
    )  # fmt: skip
    assert copy.seed_hash == ""


def test_copy_keeps_every_translation_but_that_of_its_name(sciatica: Program) -> None:
    assert sciatica.translations["de"].keys() == {"name", "notes", "warm_up"}

    copy = copy_program(sciatica)

    texts = {name: sciatica.translations["de"][name] for name in ("notes", "warm_up")}
    assert copy.translations == {"de": texts}


def test_second_copy_has_a_name_of_its_own(sciatica: Program) -> None:
    first, second = copy_program(sciatica, "Mine"), copy_program(sciatica, "Mine too")

    assert (first.name, second.name) == ("Mine", "Mine too")
    assert second.slug == "program_sciatica_piriformis_copy_2"


def test_phases_change_places(sciatica: Program) -> None:
    ids = [phase.id for phase in saved(sciatica)]

    reorder_phases(sciatica, list(reversed(ids)))

    assert [phase.id for phase in saved(sciatica)] == list(reversed(ids))
    assert list(sciatica.phases.order_by("order").values_list("order", flat=True)) == [1, 2, 3, 4]


def test_steps_change_places(sciatica: Program) -> None:
    phase = Phase.objects.get(program=sciatica, order=1)
    first, second, *others = [step.pk for step in phase.steps.all()]

    reorder_steps(phase, [second, first, *others])

    assert list(phase.steps.values_list("pk", "order")) == [
        (second, 1),
        (first, 2),
        (others[0], 3),
        (others[1], 4),
    ]


@pytest.mark.parametrize(
    "change", [lambda ids: ids[1:], lambda ids: [*ids, ids[0]], lambda ids: [*ids[1:], 0]]
)
def test_order_that_names_not_each_once_is_refused(sciatica: Program, change: object) -> None:
    ids = [phase.id for phase in saved(sciatica)]

    with pytest.raises(DesignChanged):
        reorder_phases(sciatica, change(ids))  # type: ignore[operator]

    assert [phase.id for phase in saved(sciatica)] == ids


@pytest.mark.parametrize(
    ("kind", "days", "criteria"),
    [
        ("release", (7, 21), "release_to_strengthen"),
        ("strengthen", (14, 42), "strengthen_to_integrate"),
        ("integrate", (14, 56), "integrate_to_maintain"),
        ("maintain", (28, 84), None),
    ],
)
def test_new_phase_begins_with_the_usual_numbers(
    sciatica: Program, kind: str, days: tuple[int, int], criteria: str | None
) -> None:
    phase = add_phase(sciatica, kind)

    assert (phase.order, phase.kind, phase.name) == (5, kind, kind.capitalize())
    assert (phase.min_days, phase.review_by_day) == days
    assert phase.criteria == (Rule.objects.get(slug=criteria) if criteria else None)
    assert new_phase(kind).criteria == phase.criteria


def test_new_step_begins_with_the_usual_dose(sciatica: Program) -> None:
    phase = Phase.objects.get(program=sciatica, order=1)

    step = add_step(phase, exercise("bridge"))

    assert (step.order, step.side, step.dose) == (5, "by_complaint", exercise("bridge").dose)
    assert dose_for(exercise("bridge")) == exercise("bridge").dose


def test_first_step_of_a_new_phase_is_the_first(sciatica: Program) -> None:
    assert add_step(add_phase(sciatica, "release"), exercise()).order == 1


def test_phase_that_is_removed_leaves_no_gap(sciatica: Program) -> None:
    remove_phase(Phase.objects.get(program=sciatica, order=2))

    assert list(sciatica.phases.order_by("order").values_list("kind", "order")) == [
        ("release", 1), ("integrate", 2), ("maintain", 3),
    ]  # fmt: skip


def test_step_that_is_removed_leaves_no_gap(sciatica: Program) -> None:
    phase = Phase.objects.get(program=sciatica, order=1)
    first, second, third, fourth = phase.steps.all()

    remove_step(second)

    assert list(phase.steps.values_list("pk", "order")) == [(first.pk, 1), (third.pk, 2), (fourth.pk, 3)]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ball release, deep buttock", "ball_release_deep_buttock"),
        ("Übung für die Hüfte", "ubung_fur_die_hufte"),
        ("90/90 stretch", "exercise_9090_stretch"),
        ("…", "exercise"),
    ],
)
def test_short_name_is_made_from_what_was_typed(name: str, slug: str) -> None:
    assert slug_from(name, Exercise) == slug


def test_short_name_that_is_taken_gets_a_number() -> None:
    assert free_slug(Exercise, "bridge") == "bridge_2"
    assert free_slug(Exercise, "b" * 90) == "b" * 74
