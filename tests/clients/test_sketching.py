"""The body in small for people: plans as they were given, visits as they were held, pain as it was told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from clients.demo.builders import NOW, make_client
from clients.examining import newest_visits, sheet_of
from clients.models import AssignedStep, Assignment, Client, PainArea, Visit
from clients.sketching import (
    NEWEST,
    areas_of_muscles,
    exercise_sketch,
    findings_sketch,
    findings_sketches,
    glance,
    pain_over_time,
    pain_places,
    reached,
    side_of,
)
from routines.bodysketch import Sketch
from routines.models import BodyArea, Exercise, Muscle
from tests.clients.visits import make_visit


def places(found: Sketch | None) -> set[tuple[str, str, str]]:
    assert found is not None
    return {
        (look, patch.area, patch.side)
        for drawn in found.views
        for patch in drawn.patches
        for look in patch.looks
    }


def hurt(visit: Visit, *told: tuple[str, str, int | None]) -> Visit:
    for area, side, rating in told:
        PainArea.objects.create(visit=visit, area=BodyArea.objects.get(slug=area), side=side, rating=rating)
    return visit


@pytest.fixture
def step(assignment: Assignment) -> AssignedStep:
    return AssignedStep.objects.get(
        phase__assignment=assignment, exercise__slug="smr_buttock_ball_wall", phase__order=0
    )


# ---- An exercise of a plan ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sides", "word"),
    [
        ({"left"}, "left"),
        ({"right", "none"}, "right"),
        ({"left", "right"}, "both"),
        ({"none"}, ""),
        ({"both"}, ""),
        (set(), ""),
    ],
)
def test_sides_become_one_word(sides: set[str], word: str) -> None:
    assert side_of(sides) == word


def test_exercise_is_drawn_on_the_side_on_which_it_is_done(step: AssignedStep) -> None:
    found = exercise_sketch(step.as_was, {"left"})

    assert {side for _look, _area, side in places(found)} == {"left"}
    assert found is not None
    assert found.lines[0].text.startswith(("buttock, left", "outside of the hip, left"))


def test_exercise_stays_as_it_was_given_when_the_catalogue_changes(step: AssignedStep) -> None:
    before = exercise_sketch(step.as_was, {"right"})
    Exercise.objects.get(pk=step.exercise_id).muscles.all().delete()
    Muscle.objects.update(body_area=BodyArea.objects.get(slug="calf"))
    BodyArea.objects.update(name="Elsewhere")

    assert exercise_sketch(step.as_was, {"right"}) == before


def test_copy_from_before_it_kept_its_areas_reads_them_in_one_query(
    step: AssignedStep, django_assert_num_queries: Any
) -> None:
    copy = {
        part: [{name: each[name] for name in ("slug", "texts")} for each in step.as_was[part]]
        for part in ("targets", "also")
    }

    with django_assert_num_queries(1):
        old = exercise_sketch(copy, {"left"})
    with django_assert_num_queries(0):
        assert exercise_sketch(step.as_was, {"left"}) == old


def test_copy_from_before_it_kept_what_else_works_shows_its_targets(step: AssignedStep) -> None:
    copy = {key: value for key, value in step.as_was.items() if key != "also"}

    assert {look for look, _area, _side in places(exercise_sketch(copy, {"left"}))} == {"works"}


def test_copy_without_muscles_has_no_drawing_and_asks_nothing(
    db: None, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert exercise_sketch({}, {"left"}) is None


def test_step_reaches_what_it_is_for_by_its_kind(step: AssignedStep) -> None:
    areas = areas_of_muscles([step.as_was])

    assert {each.look for each in reached(step.as_was, "release_smr", {"left"}, areas)} == {"released"}
    assert {each.look for each in reached(step.as_was, "strengthen", {"left"}, areas)} == {"strengthened"}


# ---- Findings -----------------------------------------------------------------------------------------------------------


def test_findings_tell_tight_weak_and_pain_apart_on_their_sides(client: Client) -> None:
    visit = hurt(
        make_visit(client, ("piriformis", "right", "tight", 8), ("gluteus_medius", "left", "weak", 5)),
        ("buttock", "right", 6),
    )
    found = findings_sketch(sheet_of(visit))

    assert found is not None
    assert places(found) >= {("tight", "buttock", "right"), ("pain", "buttock", "right")}
    assert {side for look, _area, side in places(found) if look == "weak"} == {"left"}
    assert [line.look for line in found.lines] == ["tight", "weak", "pain"]
    assert "piriformis 8" in found.lines[0].text
    assert found.lines[2].text == "buttock, right (6 of 10)"


def test_pain_that_was_not_rated_has_no_number(client: Client) -> None:
    found = findings_sketch(sheet_of(hurt(make_visit(client), ("low_back", "left", None))))

    assert found is not None
    assert found.text == "Pain: low back, left"


def test_visit_without_findings_has_no_drawing(client: Client) -> None:
    assert findings_sketch(sheet_of(make_visit(client))) is None
    assert findings_sketch(None) is None
    assert findings_sketches([sheet_of(make_visit(client))]) == []


def test_two_visits_are_drawn_alike(client: Client) -> None:
    make_visit(client, ("piriformis", "right", "tight", 8))
    hurt(make_visit(client, days=1), ("chest", "left", None))
    after, before = newest_visits(client, 2)
    one, two = findings_sketches([before, after])

    assert [each.view.name for each in one.views] == [each.view.name for each in two.views]
    assert [each.box for each in one.views] == [each.box for each in two.views]


def test_glance_shows_the_newest_visit(client: Client) -> None:
    assert glance(client) is None
    make_visit(client, ("piriformis", "right", "tight", 8))
    newest = make_visit(client, days=1)
    seen = glance(client)

    assert seen is not None
    assert (seen.visit, seen.sketch) == (newest, None)


# ---- Pain over time -----------------------------------------------------------------------------------------------------


def test_pain_that_nobody_told_is_not_enough_data(client: Client) -> None:
    make_visit(client, ("piriformis", "right", "tight", 8))

    assert pain_places(client) is None


def test_pain_says_at_how_many_visits_each_place_was_told(client: Client) -> None:
    hurt(make_visit(client, days=0), ("buttock", "right", 6), ("thigh_back", "right", 3))
    hurt(make_visit(client, days=1), ("buttock", "right", 5))
    make_visit(client, days=2)
    hurt(make_visit(client, days=3), ("buttock", "right", None), ("buttock", "left", 1))
    seen = pain_places(client)

    assert seen is not None
    day = NOW.date().strftime("%-d %b %Y")
    first = (NOW.date() - timedelta(days=3)).strftime("%-d %b %Y")
    assert seen.facts == (
        f"Buttock, right: in 3 of 4 visits, last on {day}",
        f"Buttock, left: in 1 of 4 visits, last on {day}",
        f"Back of the thigh, right: in 1 of 4 visits, last on {first}",
    )
    assert [places(each.sketch) for each in seen.visits] == [
        {("pain", "buttock", "right"), ("pain", "thigh_back", "right")},
        {("pain", "buttock", "right")},
        set(),
        {("pain", "buttock", "right"), ("pain", "buttock", "left")},
    ]


def test_pain_of_a_visit_that_is_still_open_does_not_count(client: Client) -> None:
    hurt(make_visit(client), ("buttock", "right", 6))
    Visit.objects.update(closed_at=None)

    assert pain_places(client) is None


def test_pain_of_somebody_else_is_not_shown(client: Client) -> None:
    hurt(make_visit(make_client(name="Ben Ortiz")), ("buttock", "right", 6))

    assert pain_places(client) is None


def test_pain_draws_the_newest_visits_and_counts_all(client: Client) -> None:
    for days in range(NEWEST + 3):
        hurt(make_visit(client, days=days), ("calf", "left", days))
    seen = pain_places(client)

    assert seen is not None
    assert [each.day for each in seen.visits] == sorted(each.day for each in seen.visits)
    assert (len(seen.visits), seen.earlier, seen.number) == (NEWEST, 3, NEWEST + 3)
    assert seen.visits[-1].sketch.text == f"Pain: calf, left ({NEWEST + 2} of 10)"


def test_pain_that_was_last_told_long_ago_is_said_and_not_drawn() -> None:
    buttock = BodyArea(slug="buttock", name="Buttock", sided=True, map_view="back")
    visits = [Visit(pk=number, held_on=date(2026, 1, number)) for number in range(1, NEWEST + 2)]
    seen = pain_over_time(visits, [PainArea(visit_id=1, area=buttock, side="left")])

    assert seen is not None
    assert seen.visits == ()
    assert seen.facts == (f"Buttock, left: in 1 of {NEWEST + 1} visits, last on 1 Jan 2026",)


def test_pain_of_a_visit_that_was_finished_meanwhile_is_left_out() -> None:
    buttock = BodyArea(slug="buttock", name="Buttock", sided=True, map_view="back")

    assert pain_over_time([], [PainArea(visit_id=1, area=buttock, side="left")]) is None


@pytest.mark.parametrize("number", [1, 3])
def test_pain_takes_a_fixed_number_of_queries(
    client: Client, django_assert_num_queries: Any, number: int
) -> None:
    for days in range(number):
        hurt(make_visit(client, days=days), ("calf", "left", 2), ("buttock", "right", 3))

    with django_assert_num_queries(2):
        pain_places(client)


@pytest.mark.parametrize("number", [1, 3])
def test_glance_takes_a_fixed_number_of_queries(
    client: Client, django_assert_num_queries: Any, number: int
) -> None:
    for days in range(number):
        found = [("piriformis", "right", "tight", 8), ("gluteus_medius", "left", "weak", 5)][:number]
        hurt(make_visit(client, *found, days=days), ("buttock", "right", 3))

    with django_assert_num_queries(8):
        glance(client)
