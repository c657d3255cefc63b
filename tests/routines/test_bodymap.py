"""The body map: every area of the catalogue has its place in the picture, on each of its sides, and says what lies there."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.template import Context, Template

from routines.bodymap import DRAWINGS, VIEWS, DrawnView, Mark, Region, body_map, region_words, sides_drawn
from routines.models import BodyArea, Muscle

pytestmark = pytest.mark.django_db


def drawn(**kwargs: object) -> list[DrawnView]:
    return body_map(BodyArea.objects.in_use(), muscles={"buttock": 3}, **kwargs)  # type: ignore[arg-type]


def main_regions(views: list[DrawnView]) -> list[Region]:
    return [region for view in views for region in view.regions if region.main]


def html_of(views: list[DrawnView]) -> str:
    return Template("{% body_map views label='Body' %}").render(Context({"views": views}))


def test_every_area_of_the_catalogue_has_one_region_a_side_and_vice_versa() -> None:
    wanted = {(area.slug, side) for area in BodyArea.objects.in_use() for side in sides_drawn(area)}
    found = Counter((region.area, region.side) for region in main_regions(drawn()))

    assert set(found) == wanted
    assert set(found.values()) == {1}


def test_no_drawing_names_an_area_that_does_not_exist() -> None:
    areas = set(BodyArea.objects.values_list("slug", flat=True))

    assert {drawing.area for view in DRAWINGS.values() for drawing in view} == areas
    assert set(DRAWINGS) == {view.name for view in VIEWS}


def test_area_is_drawn_in_the_view_that_the_catalogue_names() -> None:
    of_view = {
        "front": {d.area for name in ("front", "palms", "feet") for d in DRAWINGS[name]},
        "back": {d.area for name in ("back", "hands", "soles") for d in DRAWINGS[name]},
    }
    for area in BodyArea.objects.all():
        views = ("front", "back") if area.map_view == "both" else (area.map_view,)
        assert all(area.slug in of_view[view] for view in views), area.slug


def test_every_muscle_lies_on_an_area_that_is_drawn() -> None:
    areas = {region.area for region in main_regions(drawn())}

    assert set(Muscle.objects.values_list("body_area__slug", flat=True)) <= areas


def test_right_of_the_person_is_left_of_the_viewer_from_the_front_only() -> None:
    at = {
        (view.view.name, region.side): region.x
        for view in drawn()
        for region in view.regions
        if region.area in ("thigh_front", "thigh_back")
    }

    assert at["front", "right"] < at["front", "left"]
    assert at["back", "left"] < at["back", "right"]


def test_number_stands_inside_the_picture() -> None:
    for view in drawn():
        for region in view.regions:
            assert 0 < region.x < view.view.width, region.name
            assert 0 < region.y < view.view.height, region.name


@pytest.mark.parametrize(
    ("side", "muscles", "mark", "words"),
    [
        ("right", 3, Mark(1), "Buttock, right: 3 muscles, 1 finding"),
        ("left", 1, Mark(2, pain=True), "Buttock, left: 1 muscle, 2 findings, pain"),
        ("none", 0, Mark(), "Buttock: 0 muscles"),
    ],
)
def test_region_is_named_for_a_screen_reader(side: str, muscles: int, mark: Mark, words: str) -> None:
    assert region_words("Buttock", side, muscles, mark) == words


def test_region_is_a_link_that_is_met_once_by_the_keyboard() -> None:
    html = html_of(drawn(href=lambda area, side: f"?area={area}&side={side}"))
    links = re.findall(r'<a class="body-region[^>]*>', html)
    met = [link for link in links if 'tabindex="-1"' not in link]

    assert len(met) == len(set(met)) == len(main_regions(drawn()))
    assert all("aria-label=" in link for link in met)
    assert all('aria-hidden="true"' in link for link in links if link not in met)
    assert 'href="?area=buttock&amp;side=right"' in html


def test_without_an_address_nothing_is_pressed() -> None:
    assert "<a " not in html_of(drawn())


def test_what_is_found_is_told_by_number_and_what_is_chosen_by_word() -> None:
    html = html_of(
        drawn(
            marks={("buttock", "right"): Mark(2, pain=True)},
            chosen=("calf", "left"),
            href=lambda area, side: f"?{area}",
        )
    )

    assert re.search(r"<text [^>]*>2</text>", html)
    chosen = re.findall(r'<a [^>]*aria-current="true"[^>]*>', html)
    assert len(chosen) == 1
    assert 'data-region="calf-left"' in chosen[0]
    assert "Buttock, right: 3 muscles, 2 findings, pain" in html
