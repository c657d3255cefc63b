"""A spot on the body map: which area lies under it, and the part of a view in which it is looked at."""

from __future__ import annotations

import pytest

from routines.bodymap import DRAWINGS, VIEWS, Drawing, View
from routines.bodyspot import (
    VIEW_BY_NAME,
    area_at,
    frame_named,
    frames_of,
    half_of,
    half_words,
    outline,
    thousandths,
    whole_view,
    within,
)

DRAWN = [(view, drawing) for view in VIEWS for drawing in DRAWINGS[view.name]]
NAMES = [f"{view.name}-{drawing.area}" for view, drawing in DRAWN]


@pytest.mark.parametrize(("view", "drawing"), DRAWN, ids=NAMES)
def test_area_lies_under_its_number_on_both_halves(view: View, drawing: Drawing) -> None:
    x, y = drawing.at

    assert area_at(view, *thousandths(view, (x, y))) == drawing.area
    assert area_at(view, *thousandths(view, (view.width - x, y))) == drawing.area


@pytest.mark.parametrize("view", VIEWS, ids=[view.name for view in VIEWS])
def test_nothing_lies_under_the_corners(view: View) -> None:
    assert [area_at(view, x, y) for x in (0, 1000) for y in (0, 1000)] == [""] * 4


@pytest.mark.parametrize(("view", "drawing"), DRAWN, ids=NAMES)
@pytest.mark.parametrize("side", ["left", "right", "none"])
def test_frame_holds_the_middle_of_its_area_on_the_asked_side(
    view: View, drawing: Drawing, side: str
) -> None:
    frame = next(each for each in frames_of(drawing.area, side) if each.view == view)
    assert frame.middle is not None
    x, y = frame.middle

    assert frame.x < x < frame.x + frame.width
    assert frame.y < y < frame.y + frame.height
    assert 0.7 < frame.width / frame.height < 1.45  # so that it fits a phone
    if side != "none" and drawing.at[0] * 2 != view.width:  # what lies across the middle is on neither
        assert half_of(view, thousandths(view, frame.middle)[0]) == side


def test_point_of_a_frame_is_told_in_thousandths_of_the_view_and_not_beyond_its_edge() -> None:
    front = VIEW_BY_NAME["front"]
    frame = whole_view(front)

    assert (frame.spot(0, 0), frame.spot(0.25, 0.5), frame.spot(1, 1)) == ((0, 0), (250, 500), (1000, 1000))
    assert frames_of("hand_palm", "left")[0].spot(1, 1)[0] <= 1000
    assert frames_of("head_back", "none")[0].spot(0.5, 0)[1] == 0


def test_persons_left_is_the_viewers_right_from_the_front_and_the_viewers_left_from_behind() -> None:
    front, back = VIEW_BY_NAME["front"], VIEW_BY_NAME["back"]

    assert (half_of(front, 100), half_of(front, 900)) == ("right", "left")
    assert (half_of(back, 100), half_of(back, 900)) == ("left", "right")
    assert (half_words(back, 100), half_words(back, 505)) == ("left", "")


@pytest.mark.parametrize("key", ["back", "back.calf.left", "soles.sole.right", "back.sacrum", "palms"])
def test_frame_is_found_again_by_its_key(key: str) -> None:
    frame = frame_named(key)

    assert frame is not None
    assert frame.key == key


@pytest.mark.parametrize(
    "key",
    [
        "",
        "side",
        "back.",
        "back.calf.both",
        "back.calf.none",
        "front.calf.left",
        "back.calf.left.x",
        "back..left",
        "\x00",
    ],
)
def test_frame_that_does_not_exist_is_none(key: str) -> None:
    assert frame_named(key) is None


def test_curves_are_followed() -> None:
    bow = "M0 0Q10 20 20 0Z"

    assert len(outline(bow)) == 9
    assert within(bow, 10, 9)
    assert not within(bow, 10, 11)
    assert not within(bow, 1, 9)
