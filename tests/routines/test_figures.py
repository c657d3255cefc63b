"""Figures: geometry of the poses, every drawing of the catalogue, the files they are served as, what moves and what does not."""

from __future__ import annotations

import dataclasses
import itertools
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from django.test import Client as Web
from django.urls import reverse
from django.utils.translation import override

from routines.figures import drawing, files, geometry, reading
from routines.figures.drawing import Figure, frames, svg
from routines.figures.geometry import Point
from routines.figures.reading import UnreadableFigure, figures, read_figure
from routines.figures.rigs import RIGS, VIEWS
from routines.models import Position

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = yaml.safe_load((ROOT / "routines/data/catalogue.yaml").read_text(encoding="utf-8"))
EXERCISES = {exercise["slug"]: exercise for exercise in CATALOGUE["exercises"]}
NAMES = sorted(figures())
MOST = 6_000  # bytes of one file
SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "title", "g", "path", "defs", "use", "animate"}
LIFT = Figure(
    "body",
    "side",
    (
        {"hips": [60, 40], "leg": [180, 180], "arm": [180, 180]},
        {"hips": [60, 40], "leg": [90, 180], "arm": [180, 180]},
    ),
)


def tree(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 -- our own drawing


def phase_of(name: str) -> str:
    return files.phase_for(EXERCISES[name]["kind"]) if name in EXERCISES else "release"


# ---- Geometry --------------------------------------------------------------------------------------------------------


def test_direction_is_that_of_a_compass() -> None:
    middle = Point(10, 10)

    reached = [middle.towards(turn, 5) for turn in (0, 90, 180, 270)]

    assert [(round(p.x, 6), round(p.y, 6)) for p in reached] == [(10, 5), (15, 10), (10, 15), (5, 10)]
    assert [round(middle.direction(p), 6) % 360 for p in reached] == [0, 90, 180, 270]


@pytest.mark.parametrize(("hint", "x"), [(90, 16), (270, 4)])
def test_joint_bends_towards_its_hint_and_keeps_both_lengths(hint: float, x: float) -> None:
    knee = geometry.joint(Point(10, 10), Point(10, 26), 10, 10, hint)

    assert round(knee.x) == x
    assert knee.distance(Point(10, 10)) == pytest.approx(10)
    assert knee.distance(Point(10, 26)) == pytest.approx(10)


def test_limb_that_cannot_reach_is_stretched_towards_the_place() -> None:
    knee = geometry.joint(Point(0, 0), Point(0, 90), 10, 10, 90)

    assert (round(knee.x, 1), round(knee.y, 1)) == (0, 10)


def test_direction_turns_the_shorter_way() -> None:
    assert geometry.turned(350, 10, 0.5) == 360
    assert geometry.turned(10, 350, 0.5) == 0


def test_shape_is_turned_mirrored_and_scaled() -> None:
    assert geometry.placed("M0 0L4 -10Z", Point(50, 50), 90) == "M50 50L60 54Z"
    assert geometry.placed("M0 0L4 -10Z", Point(50, 50), 0, flipped=True, scale=2) == "M50 50L42 30Z"


def test_moving_limb_keeps_its_length_in_every_frame() -> None:
    rounds, times, _seconds = frames(LIFT)
    legs = [pieces[-2].path for pieces in rounds]
    points = [[float(n) for n in geometry.NUMBER.findall(path)] for path in legs]

    lengths = {round(Point(*told[:2]).distance(Point(*told[2:4]))) for told in points}
    assert lengths == {19}
    assert len({tuple(told[2:4]) for told in points}) == 4  # start, two between, end
    assert times == sorted(times)
    assert (times[0], times[-1]) == (0, 1)
    assert legs[0] == legs[-1]


def test_hand_that_rests_somewhere_stays_there_while_the_body_moves() -> None:
    arm = {"to": [68, 42], "bend": 180}
    press = Figure(
        "body", "side", ({"hips": [50, 50], "arm": arm}, {"hips": [56, 52], "trunk": 20, "arm": arm})
    )

    rounds, _times, _seconds = frames(press)

    hands = {
        tuple(round(float(n)) for n in geometry.NUMBER.findall(pieces[-1].path)[4:6]) for pieces in rounds
    }
    assert hands == {(68, 42)}


# ---- Every figure of the catalogue -----------------------------------------------------------------------------------


def test_every_exercise_of_the_catalogue_and_every_position_has_a_figure() -> None:
    assert set(NAMES) == set(EXERCISES) | {f"position_{position}" for position in Position.values}


@pytest.mark.parametrize("name", NAMES)
def test_figure_can_be_drawn(name: str) -> None:
    drawing.check(figures()[name])


@pytest.mark.parametrize("name", NAMES)
def test_figure_is_small_sound_svg_in_every_look(name: str) -> None:
    for theme, side, moving in itertools.product(drawing.THEMES, files.SIDES, (False, True)):
        text = svg(figures()[name], phase=phase_of(name), theme=theme, side=side, moving=moving)
        root = tree(text)

        assert len(text.encode()) <= MOST
        assert {part.tag.removeprefix(SVG) for part in root.iter()} <= ALLOWED
        assert not re.search(r"style|class=|on\w+=|href=\"(?!#)|nan|inf", text)
        assert (
            len(root.findall(f".//{SVG}animate")) > 0
            if moving and figures()[name].moves
            else "<animate" not in text
        )


@pytest.mark.parametrize("name", NAMES)
def test_figure_stays_within_its_frame_and_moves_with_as_many_values_as_times(name: str) -> None:
    figure = figures()[name]

    for pieces in (drawing.frame(figure, pose) for pose in figure.poses):
        for piece in pieces:
            if piece.look in ("limb", "far", "muscle", "prop", "arrow"):
                numbers = [
                    float(n) for n in geometry.NUMBER.findall(re.sub(r"[hvHV][\d.-]+", "", piece.path))
                ]
                assert all(-2 <= x <= 122 for x in numbers[::2]) or figure.rig != "body", piece
    for animate in tree(svg(figure, moving=True)).iter(f"{SVG}animate"):
        times = animate.get("keyTimes", "").split(";")
        assert len(times) == len(animate.get("values", "").split(";"))
        assert (times[0], times[-1]) == ("0", "1")


@pytest.mark.parametrize("name", sorted(EXERCISES))
def test_figure_tints_a_muscle_and_says_what_it_shows(name: str) -> None:
    figure = figures()[name]

    assert figure.muscles
    assert 20 <= len(figure.says) <= 140
    assert figure.says.endswith(".")
    assert drawing.LIGHT.muscle in svg(figure)


def test_no_two_exercises_look_alike() -> None:
    drawn: dict[str, str] = {}
    for name in sorted(EXERCISES):
        same = drawn.setdefault(svg(dataclasses.replace(figures()[name], says="")), name)
        assert same == name


def test_figures_say_what_they_show_in_german_too() -> None:
    told = reading.words("de")

    assert set(told) == set(NAMES)
    with override("de"):
        assert files.says("bridge") == told["bridge"]
    with override("en"):
        assert files.says("bridge") == figures()["bridge"].says


def test_left_side_is_the_mirror_image() -> None:
    right, left = (svg(LIFT, side=side) for side in ("right", "left"))

    assert left.replace('<g transform="matrix(-1 0 0 1 1200 0)">', "").replace("</g>", "") == right


def test_colours_are_those_of_the_tokens() -> None:
    tokens = (ROOT / "static/css/tokens.css").read_text()
    told = dict(re.findall(r"--([\w-]+): light-dark\((#\w+, #\w+)\)", tokens))

    for n, colours in enumerate((drawing.LIGHT, drawing.DARK)):
        each = {name: pair.split(", ")[n] for name, pair in told.items()}
        assert (colours.ink, colours.ink_2, colours.muscle) == (each["ink"], each["ink-2"], each["muscle"])
        assert colours.phase == {phase: each[phase] for phase in drawing.PHASES}
        assert colours.rim == {phase: each[f"{phase}-tint"] for phase in drawing.PHASES}


# ---- What cannot be drawn says why -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"poses": [{"hips": [1, 2]}], "colour": "red"}, "There is no 'colour' in a figure"),
        ({}, "'poses' is missing"),
        ({"poses": [{}]}, "'hips' is missing"),
        ({"poses": [{"hips": [1, 2], "armm": [0, 0]}]}, "There is no 'armm' in a pose of body"),
        ({"poses": [{"hips": [1, 2]}], "shows": 9}, "index out of range"),
        ({"rig": "wing", "poses": [{"hips": [1, 2]}]}, "There is no rig 'wing'"),
        ({"view": "below", "poses": [{"hips": [1, 2]}]}, "no view 'below'"),
        ({"poses": [{"hips": [1, 2]}], "muscles": ["tail"]}, "There is no muscle spot 'tail'"),
        ({"poses": [{"hips": [1, 2]}], "props": [{"sword": 1}]}, "There is no prop 'sword'"),
        ({"poses": [{"hips": [1, 2], "arm": {"to": "tail"}}]}, "There is no joint 'tail'"),
        ({"poses": [{"hips": [1, 2], "arm": {"to": "knee"}, "leg": {"to": "hand"}}]}, "no joint"),
        ({"poses": [{"hips": [1, 2, 3]}]}, "too many values"),
    ],
)
def test_figure_that_cannot_be_drawn_says_which_and_why(told: dict[str, object], why: str) -> None:
    with pytest.raises(UnreadableFigure, match=f"clam: .*{re.escape(why)}"):
        read_figure("clam", told)


def test_every_rig_says_in_which_views_it_is_drawn() -> None:
    assert set(RIGS) == set(VIEWS)


# ---- Which figure, and its file --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exercise", "position", "name"),
    [
        ("clam", "side_lying", "clam"),
        ("clam_copy", "side_lying", "clam"),
        ("clam_copy_2", "side_lying", "clam"),
        ("clam_copy_2_copy", "side_lying", "clam"),
        ("unheard_of", "supine", "position_supine"),
        ("unheard_of", "flying", "position_standing"),
        ("", "", "position_standing"),
    ],
)
def test_exercise_without_a_figure_shows_its_position_and_no_other_exercise(
    exercise: str, position: str, name: str
) -> None:
    assert files.figure_for(exercise, position) == name


def test_file_is_anybodys_asks_no_database_and_is_kept_for_ever(client: Web) -> None:
    address = files.address("clam", phase="strengthen", theme="dark", side="left", moving=True)

    answer = client.get(address)

    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not {"Set-Cookie", "Vary"} & set(answer.headers)
    assert answer.content.decode() == svg(
        figures()["clam"], phase="strengthen", theme="dark", side="left", moving=True
    )


def test_earlier_version_leads_to_the_one_that_holds(client: Web) -> None:
    now = files.address("clam", phase="strengthen")

    answer = client.get(now.replace(files.DIGEST, "0123456789ab"))

    assert (answer.status_code, answer["Location"]) == (302, now)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("clam", "strengthen-dark-left-dancing.svg"),
        ("clam", "strengthen-dark-left-still.svg.exe"),
        ("clam", "danger-dark-left-still.svg"),
        ("sword", "strengthen-dark-left-still.svg"),
    ],
)
@pytest.mark.django_db
def test_file_that_there_is_not_is_not_found(client: Web, name: str, file: str) -> None:
    assert client.get(reverse("figure", args=(files.DIGEST, name, file))).status_code == 404


def test_inline_figure_has_the_colours_of_its_page_and_no_names_that_could_meet_others() -> None:
    drawn = files.inline("clam", phase="strengthen", side="left")

    assert "var(--ink)" in drawn
    assert "#" not in drawn
    assert " id=" not in drawn
    assert "<title>" not in drawn  # the name stands beside it, in the language of the page
