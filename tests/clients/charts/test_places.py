"""Where to press: every body area of the catalogue has its place on the drawing, on the right side of it."""

from __future__ import annotations

import pytest

from clients.charts.places import AREAS, place_of
from routines.models import BodyArea, Muscle


@pytest.mark.django_db
def test_every_area_of_the_catalogue_is_drawn_from_a_side_it_is_seen_from() -> None:
    areas = {area.slug: area for area in BodyArea.objects.all()}

    assert set(AREAS) == set(areas)
    for slug, (view, distance, *_rest) in AREAS.items():
        assert areas[slug].map_view in (view, "both"), slug
        assert (distance > 0) is areas[slug].sided or slug in ("temple_jaw", "sacrum"), slug


@pytest.mark.parametrize("area", AREAS)
def test_spots_lie_on_the_drawing(area: str) -> None:
    place = place_of(area, "both", "Somewhere")

    assert place is not None
    for spot in place.spots:
        assert spot.rx < spot.x < 100 - spot.rx
        assert spot.ry < spot.y < 208 - spot.ry


@pytest.mark.parametrize(
    ("area", "side", "where"),
    [
        ("buttock", "right", [60]),  # from the back the right is on the right
        ("buttock", "left", [40]),
        ("thigh_front", "right", [40]),  # from the front it is on the left
        ("thigh_front", "left", [60]),
        ("buttock", "both", [60, 40]),
        ("buttock", "none", [60, 40]),
        ("abdomen", "none", [50]),
        ("abdomen", "left", [50]),
    ],
)
def test_right_and_left_are_those_of_the_person(area: str, side: str, where: list[float]) -> None:
    place = place_of(area, side, "Somewhere")

    assert place is not None
    assert [spot.x for spot in place.spots] == where


def test_area_that_is_not_drawn_has_no_place() -> None:
    assert place_of("tail", "left", "Tail") is None


@pytest.mark.django_db
def test_every_muscle_can_be_pressed_somewhere() -> None:
    assert all(
        place_of(muscle.body_area.slug, "left", muscle.name)
        for muscle in Muscle.objects.select_related("body_area")
    )
