"""The small body: only what has something to show is drawn, on the right side, and the words say the same as the drawing."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from django.template import Context, Template

from routines.bodymap import DRAWINGS, VIEWS
from routines.bodysketch import (
    ALSO,
    BOTH,
    PAIN,
    STRENGTHENED,
    TIGHT,
    WEAK,
    WORDS,
    WORKS,
    Shown,
    Sketch,
    drawings_of,
    exercise_sketch,
    reached,
    shown,
    sketch,
    sketches,
)
from routines.models import BodyArea, Exercise, ExerciseKind

pytestmark = pytest.mark.django_db
BUTTOCK = Shown("buttock", "Buttock", True, "back", WORKS, "right")


def of(slug: str, look: str = WORKS, side: str = "", what: str = "") -> Shown:
    return shown(BodyArea.objects.get(slug=slug), look, side, what)


def made(*what: Shown) -> Sketch:
    found = sketch(what)
    assert found is not None
    return found


def views_of(found: Sketch) -> list[str]:
    return [drawn.view.name for drawn in found.views]


def html_of(found: Sketch | None, arguments: str = "") -> str:
    return Template(f"{{% body_sketch sketch prefix='test' {arguments} %}}").render(
        Context({"sketch": found})
    )


def places_drawn(found: Sketch) -> set[tuple[str, str, str]]:
    """Look, area and side of everything that is drawn."""
    return {
        (look, patch.area, patch.side)
        for drawn in found.views
        for patch in drawn.patches
        for look in patch.looks
    }


def places_said(found: Sketch) -> set[tuple[str, str, str]]:
    """The same, read from the words alone."""
    areas = {str(area).lower(): area for area in BodyArea.objects.all()}
    said = set()
    for line in found.lines:
        for place in line.places:
            words = re.sub(r" \(.*\)$", "", place)
            name, _comma, side = words.rpartition(", ")
            if side not in ("left", "right", "both sides"):
                name, side = words, ""
            area = areas[name.lower()]
            sides = [side] if side in ("left", "right") else ["left", "right"] if area.sided else ["none"]
            said |= {(line.look, area.slug, each) for each in sides}
    return said


def test_sketch_of_nothing_is_none() -> None:
    assert sketch([]) is None
    assert html_of(None).strip() == ""


def test_words_say_area_side_and_muscle() -> None:
    found = made(
        of("buttock", WORKS, "right", "Deep hip rotators"), of("hip_side", ALSO, "right"), of("abdomen", ALSO)
    )

    assert found.text == (
        "Works on: buttock, right (deep hip rotators). Also works on: abdomen; outside of the hip, right"
    )


def test_left_and_right_are_told_as_both_sides_where_the_same_is_said() -> None:
    same = made(of("calf", TIGHT, "left", "Calf 4"), of("calf", TIGHT, "right", "Calf 4"))
    other = made(of("calf", TIGHT, "left", "Calf 4"), of("calf", TIGHT, "right", "Calf 7"))

    assert same.text == "Tight: calf, both sides (calf 4)"
    assert other.text == "Tight: calf, left (calf 4); calf, right (calf 7)"


def test_area_that_is_meant_on_no_side_and_on_one_is_told_once() -> None:
    found = made(of("calf"), of("calf", side="right"))

    assert found.text == "Works on: calf"


def test_muscle_with_a_side_in_an_area_without_one_keeps_its_side_in_the_words() -> None:
    found = made(of("abdomen", WEAK, "left", "Straight belly muscle 5"))

    assert found.text == "Weak: abdomen (straight belly muscle 5, left)"


def test_only_views_that_show_something_are_drawn() -> None:
    assert views_of(made(of("buttock"))) == ["back"]
    assert views_of(made(of("chest"))) == ["front"]
    assert views_of(made(of("chest"), of("buttock"))) == ["front", "back"]
    assert views_of(made(of("sole"))) == ["soles"]
    assert views_of(made(of("hand_palm"), of("forearm_front"))) == ["front", "palms"]


def test_area_of_two_views_is_drawn_where_the_others_are() -> None:
    assert views_of(made(of("flank"), of("low_back"))) == ["back"]
    assert views_of(made(of("flank"), of("chest"))) == ["front"]


def test_half_of_the_body_is_enough_where_nothing_lies_outside_it() -> None:
    upper, lower = made(of("neck_back")).views[0], made(of("calf")).views[0]
    whole = made(of("neck_back"), of("calf")).views[0]

    assert (upper.is_half, lower.is_half, whole.is_half) == (True, True, False)
    assert upper.top < lower.top
    assert whole.height == whole.view.height


@pytest.mark.parametrize(("view", "area", "side", "mirrored"), [
    ("front", "chest", "right", False),
    ("front", "chest", "left", True),
    ("back", "buttock", "left", False),
    ("back", "buttock", "right", True),
])  # fmt: skip
def test_side_of_the_person_is_drawn_on_its_half(view: str, area: str, side: str, mirrored: bool) -> None:
    drawn = next(each for each in made(of(area, side=side)).views if each.view.name == view)

    assert [(patch.side, patch.mirrored) for patch in drawn.patches] == [(side, mirrored)]


def test_area_without_sides_is_drawn_once() -> None:
    (drawn,) = made(of("abdomen")).views

    assert [(patch.area, patch.side, patch.mirrored) for patch in drawn.patches] == [
        ("abdomen", "none", False)
    ]


def test_words_name_exactly_what_is_drawn_for_every_area_side_and_look() -> None:
    for area in BodyArea.objects.in_use():
        for side in ("left", "right", BOTH, "", "none"):
            for look in WORDS:
                found = made(shown(area, look, side))
                assert places_said(found) == places_drawn(found) != set(), (area.slug, side, look)


def test_words_name_exactly_what_is_drawn_for_every_exercise() -> None:
    for exercise in Exercise.objects.with_details():
        found = exercise_sketch(exercise)
        assert found is not None, exercise.slug
        assert places_said(found) == places_drawn(found), exercise.slug


def test_drawn_page_shows_what_the_sketch_says() -> None:
    """Read back from the markup: the path tells the area, the half tells the side."""
    found = made(
        of("buttock", TIGHT, "right"),
        of("buttock", WEAK, "left"),
        of("flank", PAIN, "left"),
        of("abdomen", WEAK),
        of("calf", TIGHT),
    )
    known = {(view.name, each.path): each.area for view in VIEWS for each in DRAWINGS[view.name]}
    sided = set(BodyArea.objects.filter(sided=True).values_list("slug", flat=True))
    drawn = set()
    pictures = re.findall(r"<svg viewBox.*?</svg>", html_of(found), re.DOTALL)
    for view, picture in zip([each.view for each in found.views], pictures, strict=True):
        for path in ElementTree.fromstring(picture).iter("path"):  # noqa: S314  # our own markup
            classes = path.get("class", "").split()
            if classes[:1] == ["patch"]:
                area = known[view.name, path.get("d", "")]
                side = view.side_of(path.get("transform") is not None) if area in sided else "none"
                drawn |= {(look, area, side) for look in classes[1:] if look in WORDS}

    assert drawn == places_said(found)


def test_looks_differ_without_colour() -> None:
    found = made(
        of("buttock", WORKS), of("chest", ALSO), of("calf", TIGHT), of("shin", WEAK), of("low_back", PAIN)
    )
    html = html_of(found)

    assert [line.texture for line in found.lines] == ["filled", "lines", "lines", "dots", "cross"]
    assert html.count("<pattern") == 3
    assert "patch works filled" in html
    assert html.count('class="body-hurts"') == 3  # on both sides, and beside the word


def test_ids_of_two_sketches_on_a_page_differ() -> None:
    page = Template(
        "{% body_sketch sketch prefix='one' key=1 %}{% body_sketch sketch prefix='one' key=2 %}"
    ).render(Context({"sketch": made(of("buttock", ALSO), of("chest"))}))
    ids = re.findall(r' id="([^"]+)"', page)

    assert len(ids) == len(set(ids)) > 4
    assert set(re.findall(r'(?:url\(|href=")#([^")]+)', page)) <= set(ids)


def test_picture_is_hidden_from_a_screen_reader_which_reads_the_words_beside_it() -> None:
    html = html_of(made(BUTTOCK))

    assert '<div class="sketch-views" aria-hidden="true">' in html
    assert re.sub(r"<[^>]+>", "", html.partition("<figcaption>")[2]).split() == [
        "Works",
        "on:",
        "buttock,",
        "right",
    ]


def test_sketch_is_light_and_has_no_inline_style() -> None:
    html = html_of(made(of("buttock"), of("chest", ALSO)))

    assert "style=" not in html
    assert len(html.encode()) < 6000


def test_area_that_nobody_drew_is_said_and_not_drawn() -> None:
    found = made(Shown("left_ear", "Ear", True, "front", PAIN, "left"))

    assert found.views == ()
    assert found.text == "Pain: ear, left, not on the drawing"
    assert drawings_of("left_ear") == []


def test_sketches_of_a_series_have_the_same_views() -> None:
    first, second, third = sketches([[of("buttock", PAIN)], [], [of("chest", PAIN), of("shin", PAIN)]])

    assert views_of(first) == views_of(second) == views_of(third) == ["front", "back"]
    assert [each.views[1].height for each in (first, second, third)] == [268, 268, 268]
    assert second.text == ""
    assert "None told" in html_of(second, "empty='None told'")


def test_exercise_tells_an_area_with_a_target_once() -> None:
    exercise = Exercise.objects.with_details().get(slug="bridge")
    found = exercise_sketch(exercise)

    assert found is not None
    named = [(look, area) for look, area, _side in places_drawn(found)]
    assert not {area for look, area in named if look == WORKS} & {
        area for look, area in named if look == ALSO
    }


def test_phase_tells_what_is_released_from_what_is_strengthened() -> None:
    release = Exercise.objects.with_details().filter(kind=ExerciseKind.RELEASE_SMR).first()
    strength = Exercise.objects.with_details().filter(kind=ExerciseKind.STRENGTHEN).first()
    assert release is not None
    assert strength is not None
    one, both = sketches([reached(release, "left"), [*reached(release, "left"), *reached(strength)]])

    assert [line.word for line in one.lines] == ["Released"]
    assert [line.word for line in both.lines] == ["Released", "Strengthened"]
    assert {look for look, _area, _side in places_drawn(both)} == {"released", STRENGTHENED}
    assert views_of(one) == views_of(both)
