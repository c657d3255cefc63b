"""A changed program beside the plans that came from an earlier version: what differs, and what becomes of the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clients.adjusting import AssignmentEnded, add_step, change_step, end_assignment, remove_step
from clients.assigning import assign_program
from clients.copying import copy_assignment
from clients.demo import builders
from clients.demo.builders import NOW, SCIATICA
from clients.models import AssignedStep, Assignment, Client, Delivery, TemplateUpdate, User
from clients.planning import plan_for
from clients.updating import (
    AnsweredAlready,
    Asked,
    Stage,
    TemplateChanged,
    What,
    difference,
    followers,
    leave,
    number_of_followers,
    take_over,
)
from routines.composing import add_step as put_in
from routines.composing import design_of, reorder_steps, save_design, version_of
from routines.composing import remove_step as take_from
from routines.models import Dose, Exercise, Program, Step
from tests.together import together

DAY = timedelta(days=1)
HOLD = Dose(2, 1, 30, None, 10, 1, 7)
MORE = replace(HOLD, sets=3)
LESS = replace(HOLD, sets=1)


def asked(exercise: int, dose: Dose = HOLD, **parts: Any) -> Asked:
    return Asked(exercise, dose, parts.pop("side", "right"), **parts)


def stage(*steps: Asked, kind: str = "release", **parts: Any) -> Stage:
    return Stage(kind, steps, **parts)


def own(*steps: Asked, kind: str = "release", **parts: Any) -> Stage:
    return stage(*steps, kind=kind, phase=7, rows=tuple(range(100, 100 + len(steps))), **parts)


def told(base: Any, template: Any, copy: Any) -> list[tuple[str, int | None, bool]]:
    found = difference([base], [template], [copy])
    return [
        (line.what.value, (line.new or line.old).exercise if line.new or line.old else None, line.by_hand)
        for line in found.lines
    ]


# ---- What differs ------------------------------------------------------------------------------------------------


def test_same_version_differs_in_nothing() -> None:
    assert difference([stage(asked(1))], [stage(asked(1))], [own(asked(1))]).lines == ()


def test_other_dose_is_offered_with_the_old_and_the_new() -> None:
    line = difference([stage(asked(1))], [stage(asked(1, MORE))], [own(asked(1))]).lines[0]

    assert (line.what, line.old, line.new, line.step, line.by_hand) == (
        What.CHANGED,
        asked(1),
        asked(1, MORE),
        100,
        False,
    )


@pytest.mark.parametrize(
    ("base", "template", "copy", "lines"),
    [
        ([1], [1, 2], [1], [("added", 2, False)]),
        ([1, 2], [1], [1, 2], [("removed", 2, False)]),
        ([1, 2], [2, 1], [1, 2], [("order", None, False)]),
        ([1, 2, 3], [3, 1, 2], [2, 1, 3], [("order", None, True)]),
        ([1], [1], [1, 2], []),  # added for this client
        ([1, 2], [1, 2], [1], []),  # taken out for this client
        ([1, 2], [1], [1], []),  # taken out of both
        ([1], [1, 2], [1, 2], []),  # added to both
        ([1, 2], [2, 1], [2, 1], []),
        ([1, 2], [1, 2], [2, 1], []),  # put in order for this client
    ],
)
def test_only_what_changed_in_the_program_is_offered(
    base: list[int], template: list[int], copy: list[int], lines: list[Any]
) -> None:
    assert (
        told(
            *(
                make(*map(asked, each))
                for make, each in zip((stage, stage, own), (base, template, copy), strict=True)
            )
        )
        == lines
    )


def test_adjusted_dose_is_kept_and_named() -> None:
    found = difference([stage(asked(1))], [stage(asked(1))], [own(asked(1, LESS))])

    assert found.lines == ()
    assert [(each.old, each.own) for each in found.kept] == [(asked(1), asked(1, LESS))]


def test_dose_adjusted_for_the_client_and_changed_in_the_program_is_offered_as_by_hand() -> None:
    assert told(stage(asked(1)), stage(asked(1, MORE)), own(asked(1, LESS))) == [("changed", 1, True)]


def test_note_of_the_client_stays_when_the_dose_is_taken_over() -> None:
    found = difference([stage(asked(1))], [stage(asked(1, MORE))], [own(asked(1, note="For Ana"))])

    assert found.lines[0].new == asked(1, MORE, note="For Ana")
    assert not found.lines[0].by_hand


def test_removed_here_and_changed_there_is_offered_as_by_hand() -> None:
    assert told(stage(asked(1), asked(2)), stage(asked(1), asked(2, MORE)), own(asked(1))) == [
        ("added", 2, True)
    ]


def test_adjusted_here_and_removed_there_is_offered_as_by_hand() -> None:
    assert told(stage(asked(1), asked(2)), stage(asked(1)), own(asked(1), asked(2, LESS))) == [
        ("removed", 2, True)
    ]


def test_phase_that_is_over_is_left_alone_and_a_new_phase_is_only_named() -> None:
    found = difference(
        [stage(asked(1))],
        [stage(asked(1, MORE)), stage(asked(2), kind="integrate")],
        [own(asked(1), closed=True)],
    )

    assert (found.lines, found.new_phases) == ((), ("integrate",))


def test_exercise_that_stands_twice_in_a_phase_is_met_place_by_place() -> None:
    blocks = [asked(1, days=(0, 7)), asked(1, MORE, days=(7, None))]

    assert told(stage(*blocks), stage(blocks[0], replace(blocks[1], dose=LESS)), own(*blocks)) == [
        ("changed", 1, False)
    ]


# ---- Who is asked ------------------------------------------------------------------------------------------------


@pytest.fixture
def program(assignment: Assignment) -> Program:
    return Program.objects.with_design().get(slug=SCIATICA)


def first(program: Program) -> Step:
    return program.phases.first().steps.first()


def edit(program: Program, **columns: Any) -> None:
    Step.objects.filter(pk=first(program).pk).update(**columns)


def version(program: Program) -> str:
    return version_of(design_of(Program.objects.with_design().get(pk=program.pk)))


def own_first(assignment: Assignment) -> AssignedStep:
    return AssignedStep.objects.get(
        phase__assignment=assignment, phase__order=0, order=0, valid_until__isnull=True
    )


def test_nobody_is_asked_before_the_program_changes(program: Program, therapist: User) -> None:
    save_design(program, design_of(program), confirmed=True)
    Program.objects.filter(pk=program.pk).update(name="Another name")

    assert followers(program, therapist, NOW) == []


def test_changed_program_asks_only_those_who_see_the_client(
    program: Program, assignment: Assignment, therapist: User
) -> None:
    edit(program, sets=9)
    owner, stranger = builders.make_owner(), builders.make_therapist(name="Stella")

    assert [each.assignment for each in followers(program, therapist, NOW)] == [assignment]
    assert len(followers(program, owner, NOW)) == 1
    assert followers(program, stranger, NOW) == []


def test_ended_program_and_ended_care_are_not_asked(
    program: Program, assignment: Assignment, therapist: User, client: Client
) -> None:
    edit(program, sets=9)
    Client.objects.filter(pk=client.pk).update(ended_at=NOW)
    assert followers(program, therapist, NOW) == []

    Client.objects.filter(pk=client.pk).update(ended_at=None)
    end_assignment(assignment, by=therapist, reason="Done", now=NOW)
    assert followers(program, therapist, NOW) == []


def test_program_given_before_versions_were_kept_is_compared_with_what_was_given(
    program: Program, assignment: Assignment, therapist: User
) -> None:
    TemplateUpdate.objects.all().delete()
    assert followers(program, therapist, NOW) == []

    edit(program, sets=9)
    change_step(own_first(assignment), by=therapist, reason="Softer", now=NOW, note="Softly")
    lines = followers(program, therapist, NOW)[0].difference.lines

    assert [(line.what, line.new.dose.sets, line.by_hand) for line in lines if line.new] == [
        ("changed", 9, False)
    ]


def test_conditions_are_judged_for_what_would_be_new(
    program: Program, assignment: Assignment, therapist: User, client: Client
) -> None:
    builders.tag(client, "pregnancy")
    forbidden = Exercise.objects.filter(tags__tag__slug="pregnancy", tags__rule="avoid").first()
    put_in(program.phases.first(), forbidden)

    update = followers(program, therapist, NOW)[0]

    added = next(line for line in update.difference.lines if line.what == What.ADDED)
    assert [condition.slug for condition in update.avoid[added.key]] == ["pregnancy"]


@pytest.mark.parametrize("people", [1, 3])
def test_asking_costs_the_same_for_one_and_three(
    program: Program, therapist: User, people: int, django_assert_num_queries: Any
) -> None:
    for _number in range(people - 1):
        builders.assign(builders.make_client(therapist=therapist))
    edit(program, sets=9)

    with django_assert_num_queries(17):
        assert len(followers(program, therapist, NOW)) == people


# ---- The answer --------------------------------------------------------------------------------------------------


def test_taking_over_makes_new_versions_from_today_and_leaves_history(
    program: Program, assignment: Assignment, therapist: User, client: Client
) -> None:
    later = NOW + 3 * DAY
    old = own_first(assignment)
    phase = program.phases.first()
    extra = Exercise.objects.exclude(pk__in=phase.steps.values("exercise")).first()
    edit(program, sets=9)
    put_in(phase, extra)
    gone = phase.steps.all()[1]
    take_from(gone)
    yesterday = plan_for(client, (later - DAY).date())
    update = followers(program, therapist, later)[0]

    take_over(
        assignment,
        version=update.version,
        keys=[line.key for line in update.difference.lines],
        by=therapist,
        reason="Better known now",
        now=later,
    )

    new = own_first(assignment)
    assert (new.sets, new.replaces, new.valid_from, new.change_reason) == (
        9,
        old,
        later.date(),
        "Better known now",
    )
    current = AssignedStep.objects.filter(phase__assignment=assignment, valid_until__isnull=True)
    assert current.filter(exercise=extra).exists()
    assert not current.filter(exercise=gone.exercise, phase__order=0).exists()
    assert AssignedStep.objects.get(exercise=gone.exercise, phase=new.phase).removed_by == therapist
    assert repr(plan_for(client, (later - DAY).date()).items) == repr(yesterday.items)
    row = TemplateUpdate.objects.get(answer="taken")
    assert (row.by, row.at, row.reason, row.version) == (
        therapist,
        later,
        "Better known now",
        version(program),
    )
    assert Delivery.objects.filter(letter="plan_changed").count() == 1
    assert followers(program, therapist, later) == []


def test_order_is_taken_over(program: Program, assignment: Assignment, therapist: User) -> None:
    phase = program.phases.first()
    wanted = list(phase.steps.values_list("pk", flat=True))[::-1]
    reorder_steps(phase, wanted)
    update = followers(program, therapist, NOW)[0]
    assert [line.what for line in update.difference.lines] == ["order"]

    take_over(
        assignment,
        version=update.version,
        keys=[update.difference.lines[0].key],
        by=therapist,
        reason="Order",
        now=NOW,
    )

    current = AssignedStep.objects.filter(
        phase__assignment=assignment, phase__order=0, valid_until__isnull=True
    )
    assert list(current.order_by("order").values_list("exercise", flat=True)) == list(
        phase.steps.order_by("order").values_list("exercise", flat=True)
    )


def test_left_version_is_not_asked_again_but_the_next_one_is(
    program: Program, assignment: Assignment, therapist: User
) -> None:
    edit(program, sets=9)
    leave(assignment, version=version(program), by=therapist, reason="", now=NOW)
    assert followers(program, therapist, NOW) == []
    assert own_first(assignment).sets != 9

    edit(program, rest_seconds=99)
    update = followers(program, therapist, NOW)[0]

    assert len(update.difference.lines) == 1


def test_what_was_adjusted_by_hand_is_kept_where_it_is_not_chosen(
    program: Program, assignment: Assignment, therapist: User
) -> None:
    mine = change_step(
        own_first(assignment),
        by=therapist,
        reason="Softer",
        now=NOW,
        dose=replace(own_first(assignment).dose, sets=1),
    )
    edit(program, sets=9)
    update = followers(program, therapist, NOW)[0]
    assert [line.by_hand for line in update.difference.lines] == [True]

    take_over(assignment, version=update.version, keys=[], by=therapist, reason="Kept", now=NOW)

    assert own_first(assignment) == mine


def test_own_exercise_of_the_client_is_kept(
    program: Program, assignment: Assignment, therapist: User
) -> None:
    phase = assignment.phases.first()
    extra = Exercise.objects.exclude(pk__in=phase.steps.values("exercise")).first()
    add_step(phase, extra, dose=extra.dose, side="both", note="", by=therapist, reason="For Ana", now=NOW)
    remove_step(
        AssignedStep.objects.filter(phase=phase, valid_until__isnull=True).exclude(exercise=extra).last(),
        by=therapist,
        reason="Not for Ana",
        now=NOW,
    )
    edit(program, sets=9)

    update = followers(program, therapist, NOW)[0]

    assert [line.what for line in update.difference.lines] == ["changed"]
    assert len(update.difference.kept) == 2


def test_refusals_take_nothing(program: Program, assignment: Assignment, therapist: User) -> None:
    edit(program, sets=9)
    seen = followers(program, therapist, NOW)[0]
    who: dict[str, Any] = {"by": therapist, "reason": "Why", "now": NOW}
    keys = [line.key for line in seen.difference.lines]

    edit(program, sets=8)
    with pytest.raises(TemplateChanged):
        take_over(assignment, version=seen.version, keys=keys, **who)
    leave(assignment, version=version(program), **who)
    with pytest.raises(AnsweredAlready):
        take_over(assignment, version=version(program), keys=keys, **who)
    end_assignment(assignment, **who)
    with pytest.raises(AssignmentEnded):
        take_over(assignment, version=seen.version, keys=keys, **who)

    assert own_first(assignment).sets not in (8, 9)


def test_copy_of_another_client_is_asked_about_the_same_version(
    program: Program, assignment: Assignment, therapist: User
) -> None:
    ben = builders.make_client(name="Ben", therapist=therapist)
    change_step(
        own_first(assignment),
        by=therapist,
        reason="Softer",
        now=NOW,
        dose=replace(own_first(assignment).dose, sets=1),
    )
    copy_assignment(assignment, ben, start_date=NOW.date(), by=therapist, now=NOW, side="left")
    assert followers(program, therapist, NOW) == []

    edit(program, sets=9)

    assert [each.difference.lines[0].by_hand for each in followers(program, therapist, NOW)] == [True, True]


def test_copy_of_a_plan_without_a_kept_version_is_laid_beside_the_program_as_it_stands(
    program: Program, assignment: Assignment, therapist: User
) -> None:
    TemplateUpdate.objects.all().delete()
    ben = builders.make_client(name="Ben", therapist=therapist)
    change_step(
        own_first(assignment),
        by=therapist,
        reason="Softer",
        now=NOW,
        dose=replace(own_first(assignment).dose, sets=1),
    )
    copy = copy_assignment(assignment, ben, start_date=NOW.date(), by=therapist, now=NOW, side="left")
    given = copy.template_updates.get()
    edit(program, sets=9)
    update = next(each for each in followers(program, therapist, NOW) if each.assignment == copy)

    assert (given.answer, given.version != version(program)) == ("given", True)
    assert [line.by_hand for line in update.difference.lines] == [True]


def test_release_that_nobody_has_read_is_offered_to_nobody(
    program: Program, assignment: Assignment, therapist: User
) -> None:
    edit(program, sets=9)
    program.awaits_review = True
    Program.objects.filter(pk=program.pk).update(awaits_review=True, retired_at=NOW)

    assert followers(program, therapist, NOW) == []
    assert number_of_followers(program, therapist, NOW) == 0
    with pytest.raises(TemplateChanged):
        take(Assignment.objects.get(pk=assignment.pk), version(program), therapist)


def test_exercise_that_nobody_has_read_is_not_among_what_is_new(
    program: Program, assignment: Assignment, therapist: User
) -> None:
    there = {step.exercise_id for phase in program.phases.all() for step in phase.steps.all()}
    unread, read = Exercise.objects.exclude(pk__in=there)[:2]
    for exercise in (unread, read):
        put_in(program.phases.first(), exercise)
    Exercise.objects.filter(pk=unread.pk).update(awaits_review=True, retired_at=NOW)
    lines = followers(program, therapist, NOW)[0].difference.lines

    assert [line.new.exercise for line in lines if line.new] == [read.pk]


def take(assignment: Assignment, of: str, by: User) -> None:
    take_over(assignment, version=of, keys=["1"], by=by, reason="Better", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_who_answer_at_once_answer_once() -> None:
    builders.make_practice()
    client = builders.make_client()
    therapist = builders.responsible(client)
    assignment = builders.assign(client)
    program = Program.objects.get(slug=SCIATICA)
    edit(program, sets=9)
    update = followers(program, therapist, NOW)[0]
    keys = [line.key for line in update.difference.lines]

    def answer() -> str:
        try:
            take_over(
                Assignment.objects.get(pk=assignment.pk),
                version=update.version,
                keys=keys,
                by=therapist,
                reason="Why",
                now=NOW,
            )
        except AnsweredAlready:
            return "answered"
        return "taken"

    assert sorted(together(answer, times=2)) == ["answered", "taken"]
    assert (
        AssignedStep.objects.filter(phase__assignment=assignment, sets=9, valid_until__isnull=True).count()
        == 1
    )


def test_giving_a_program_keeps_its_version(client: Client, therapist: User) -> None:
    program = Program.objects.get(slug=SCIATICA)
    made = assign_program(program, client, start_date=NOW.date(), by=therapist, now=NOW)

    row = made.template_updates.get()
    assert (row.answer, row.version, row.by) == ("given", version(program), therapist)
