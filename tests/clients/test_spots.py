"""The tender spot that the therapist marks: moved without loss, on the right side, once whoever presses at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from clients.adjusting import change_step
from clients.care import NotInCare
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import AssignedStep, Assignment, Client, TenderSpot, User
from clients.spots import (
    BesideTheBody,
    OtherSide,
    Point,
    SpotChanged,
    maps_of,
    mark,
    side_of_point,
    spot_sides,
    spots_of,
    take_away,
)
from routines.bodyspot import frames_of

BUTTOCK = Point("back", 590, 520)  # on the right: from behind, the viewer's right
LEFT_BUTTOCK = Point("back", 410, 520)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def step(assignment: Assignment) -> AssignedStep:
    return AssignedStep.objects.get(
        phase__assignment=assignment, exercise__slug="smr_buttock_ball_wall", phase__order=0
    )


@pytest.fixture
def put(client: Client, step: AssignedStep, therapist: User) -> Any:
    def make(point: Point = BUTTOCK, **said: Any) -> TenderSpot:
        given = {"sides": ["right"], "seen": [], "by": therapist, "now": NOW, **said}
        return mark(client, step.exercise_id, point, **given)

    return make


def test_spot_knows_its_area_its_side_and_who_marked_it(put: Any, therapist: User) -> None:
    spot = put(note="Gently")

    assert (spot.side, spot.area.slug, spot.marked_by, spot.marked_at) == ("right", "buttock", therapist, NOW)
    assert (spot.place, spot.words) == ("Buttock, right", "Buttock, right. Gently")


def test_moved_spot_is_a_new_row_that_keeps_the_note_and_the_old_one_stays(put: Any, therapist: User) -> None:
    first = put(note="Gently")
    second = put(Point("back", 600, 530), seen=[first.pk], now=LATER)
    first.refresh_from_db()

    assert (second.x, second.note, second.ended_at) == (600, "Gently", None)
    assert (first.x, first.ended_at, first.ended_by) == (590, LATER, therapist)


def test_same_spot_pressed_twice_is_marked_once(put: Any) -> None:
    assert put() == put()
    assert TenderSpot.objects.count() == 1


def test_spot_that_the_page_did_not_show_is_not_overwritten(put: Any) -> None:
    first = put()

    with pytest.raises(SpotChanged):
        put(Point("back", 600, 530))
    assert TenderSpot.objects.get() == first


def test_slower_of_two_moves_is_told_and_changes_nothing(put: Any) -> None:
    first = put()
    second = put(Point("back", 600, 530), seen=[first.pk])

    with pytest.raises(SpotChanged):
        put(Point("back", 610, 530), seen=[first.pk])
    assert TenderSpot.objects.standing().get() == second


def test_spot_that_somebody_took_away_is_not_moved(put: Any, client: Client, therapist: User) -> None:
    first = put()
    take_away(client, first.pk, by=therapist, now=NOW)

    with pytest.raises(SpotChanged):
        put(Point("back", 600, 530), seen=[first.pk])
    assert put(Point("back", 600, 530)).pk != first.pk  # drawn anew, the page shows none


def test_both_sides_have_a_spot_each(put: Any, client: Client, step: AssignedStep) -> None:
    right = put(sides=["left", "right"])
    left = put(LEFT_BUTTOCK, sides=["left", "right"], seen=[right.pk])

    assert [(spot.side, spot.place) for spot in spots_of(client)[step.exercise_id]] == [
        ("right", "Buttock, right"),
        ("left", "Buttock, left"),
    ]
    assert left.ended_at is None


def test_side_on_which_the_exercise_is_not_done_takes_no_spot(put: Any) -> None:
    with pytest.raises(OtherSide, match="for the right side"):
        put(LEFT_BUTTOCK)


def test_point_beside_the_body_is_refused(put: Any) -> None:
    with pytest.raises(BesideTheBody):
        put(Point("back", 990, 20))
    assert not TenderSpot.objects.exists()


def test_nobody_marks_after_care_has_ended(put: Any, client: Client, therapist: User) -> None:
    spot = put()
    Client.objects.filter(pk=client.pk).update(ended_at=NOW)

    with pytest.raises(NotInCare):
        put(Point("back", 600, 530), seen=[spot.pk])
    with pytest.raises(NotInCare):
        take_away(client, spot.pk, by=therapist, now=NOW)
    assert TenderSpot.objects.standing().get() == spot


def test_taken_away_spot_is_gone_once_and_stays_as_history(put: Any, client: Client, therapist: User) -> None:
    spot = put()

    assert take_away(client, spot.pk, by=therapist, now=LATER)
    assert not take_away(client, spot.pk, by=therapist, now=LATER)
    assert spots_of(client) == {}
    assert TenderSpot.objects.get().ended_at == LATER


def test_clock_that_was_set_back_ends_a_spot_no_earlier_than_it_began(
    put: Any, client: Client, therapist: User
) -> None:
    spot = put(now=LATER)
    take_away(client, spot.pk, by=therapist, now=NOW)

    assert TenderSpot.objects.get().ended_at == LATER


def test_nobody_elses_spot_is_taken_away(put: Any, therapist: User) -> None:
    spot = put()
    other = builders.make_client(name="Ben Ortiz", therapist=therapist)

    assert not take_away(other, spot.pk, by=therapist, now=NOW)
    assert TenderSpot.objects.standing().get() == spot


def test_newer_version_of_the_step_keeps_the_spot(
    put: Any, client: Client, step: AssignedStep, therapist: User
) -> None:
    spot = put()
    changed = change_step(step, by=therapist, reason="Lighter", now=NOW, note="New")

    assert spots_of(client, [changed.exercise_id]) == {changed.exercise_id: [spot]}


@pytest.mark.parametrize(
    ("point", "sides", "side"),
    [
        (Point("back", 499, 520), ["left", "right"], "left"),
        (Point("back", 501, 520), ["left", "right"], "right"),
        (Point("front", 499, 520), ["left", "right"], "right"),
        (Point("soles", 200, 520), ["left"], "left"),
        (Point("back", 500, 520), ["right"], "right"),  # the middle line lies on both
        (Point("front", 500, 520), ["left"], "left"),
        (Point("back", 200, 520), ["none"], "none"),
    ],
)
def test_side_follows_from_the_half_that_was_tapped(point: Point, sides: list[str], side: str) -> None:
    assert side_of_point(point, sides) == side


@pytest.mark.parametrize(
    ("mode", "side", "sides"),
    [
        ("each_side", "both", ("left", "right")),
        ("each_side", "left", ("left",)),
        ("both_together", "both", ("none",)),
        ("alternating", "both", ("none",)),
        ("not_sided", "none", ("none",)),
    ],
)
def test_only_a_step_done_side_by_side_takes_a_spot_for_each_side(
    mode: str, side: str, sides: tuple[str, ...]
) -> None:
    assert spot_sides(mode, side) == sides


def test_spots_of_one_area_and_side_share_a_map(put: Any) -> None:
    right = put(sides=["left", "right"])
    left = put(LEFT_BUTTOCK, sides=["left", "right"])
    maps = maps_of([right, left])

    assert [shown.frame for shown in maps] == [frames_of("buttock", side)[0] for side in ("right", "left")]
    assert [shown.words for shown in maps] == ["Buttock, right", "Buttock, left"]
    assert [len(shown.pins) for shown in maps] == [1, 1]
    assert maps[0].whole is not None
    assert maps[0].whole.frame.area == ""
    assert maps_of([right, right])[0].spots == (right, right)


def test_spots_cost_one_query(put: Any, client: Client, django_assert_num_queries: Any) -> None:
    put(sides=["left", "right"])
    put(LEFT_BUTTOCK, sides=["left", "right"])

    with django_assert_num_queries(1):
        assert [spot.place for found in spots_of(client).values() for spot in found]


def test_spot_is_seen_by_the_client_the_owner_and_the_own_therapist_alone(
    put: Any, client: Client, therapist: User
) -> None:
    spot = put()
    stranger = builders.make_client(name="Ben Ortiz")

    for person in (client.user, therapist, builders.make_owner()):
        assert TenderSpot.objects.visible_to(person).get() == spot
    for person in (stranger.user, builders.responsible(stranger), builders.make_office()):
        with pytest.raises(ObjectDoesNotExist):
            TenderSpot.objects.visible_to(person).get()
