"""From the poses of a figure to its SVG: still or moving, left or right, for a light or a dark page. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape

from routines.figures.geometry import NUMBER, turned, written
from routines.figures.props import prop
from routines.figures.rigs import POSE_KEYS, RIGS, VIEWS, Drawn, Joints, Piece, Pose, UnknownPart, find

WIDTH, HEIGHT = 120, 90
SCALE = 10  # of the file to the units of the data
RIM = 2.2  # by how much the rim of a part is wider than the part
MOVE, REST = 1.4, 0.9  # seconds of one movement and of the rest at its end
BETWEEN = 3  # steps of one movement: enough that limbs keep their length
PLACES = ("hips", "base", "elbow", "knee", "mark")  # of a pose, not directions


@dataclass(frozen=True)
class Colours:
    """Of one theme, as in static/css/tokens.css (a test compares them). `rim` is the ground under a phase's picture."""

    ink: str
    ink_2: str
    muscle: str
    phase: Mapping[str, str]
    rim: Mapping[str, str]


LIGHT = Colours(
    "#1F2A2E",
    "#51606A",
    "#F07B3F",
    {"release": "#1B6A86", "strengthen": "#A0441A", "integrate": "#65499C", "maintain": "#48672C"},
    {"release": "#E1F0F4", "strengthen": "#FBE9DF", "integrate": "#EFE9F8", "maintain": "#EAF1E0"},
)
DARK = Colours(
    "#ECE7DE",
    "#A9B4B8",
    "#E0662B",
    {"release": "#7CC3DC", "strengthen": "#F0A27C", "integrate": "#BBA5E8", "maintain": "#A9CB86"},
    {"release": "#173039", "strengthen": "#3A2318", "integrate": "#2A2340", "maintain": "#23301A"},
)
PAGE = Colours(  # drawn into a page, in that page's own colours
    "var(--ink)",
    "var(--ink-2)",
    "var(--muscle)",
    dict.fromkeys(LIGHT.phase, "var(--phase)"),
    dict.fromkeys(LIGHT.rim, "var(--phase-tint)"),
)
THEMES = {"light": LIGHT, "dark": DARK}
PHASES = tuple(LIGHT.phase)


@dataclass(frozen=True)
class Figure:
    """One drawing as data: the rig and its view, the poses, what is held or leant against, where the muscle is.

    `shows` is the pose of the still, counted from 0.
    """

    rig: str
    view: str
    poses: tuple[Pose, ...]
    props: tuple[Mapping[str, Any], ...] = ()
    muscles: tuple[str, ...] = ()
    says: str = ""
    shows: int = -1

    @property
    def moves(self) -> bool:
        return len(self.poses) > 1


def between(start: Any, end: Any, share: float, key: str = "") -> Any:
    """A value of a pose `share` of the way to that of the next: directions turn the shorter way, places go straight."""
    if isinstance(start, Mapping) and isinstance(end, Mapping):
        return {name: between(start.get(name, told), told, share, name) for name, told in end.items()}
    if isinstance(start, list | tuple) and isinstance(end, list | tuple) and len(start) == len(end):
        if key in PLACES or key == "to":
            return [a + (b - a) * share for a, b in zip(start, end, strict=True)]
        return [turned(a, b, share) for a, b in zip(start, end, strict=True)]
    if isinstance(start, int | float) and isinstance(end, int | float) and not isinstance(start, bool):
        return turned(start, end, share)
    return end if share >= 0.5 else start


def settled(figure: Figure, pose: Pose) -> Pose:
    """The pose with limbs that reach for another part told by where that part is, so that two poses can be mixed."""
    drawn = RIGS[figure.rig](pose, figure.view)

    def fixed(told: Any) -> Any:
        if isinstance(told, Mapping) and isinstance(told.get("to"), str):
            at = find(drawn.joints, told["to"])
            return {**told, "to": [at.x, at.y]}
        return told

    return {name: fixed(told) for name, told in pose.items()}


def as_bones(figure: Figure, name: str, pose: Pose) -> list[float]:
    """A limb of the pose by its directions, however it was told."""
    far = "far_" if name.startswith("far_") else ""
    root, middle, tip = ("hip", "knee", "foot") if name.endswith("leg") else ("shoulder", "elbow", "hand")
    joints = RIGS[figure.rig](pose, figure.view).joints
    points = [joints[far + joint] for joint in (root, middle, tip, f"{tip}_end")]
    return [a.direction(b) for a, b in pairwise(points)]


def step(figure: Figure, start: Pose, end: Pose, share: float) -> Pose:
    """The pose `share` of the way between two."""
    if share == 1:
        return end
    pose: dict[str, Any] = {}
    for name in {**start, **end}:
        first, second = start.get(name), end.get(name)
        if name in ("arm", "far_arm", "leg", "far_leg"):
            near = name.removeprefix("far_")
            first, second = first or start.get(near), second or end.get(near)
            if first is None or second is None:
                continue
            reaches = [isinstance(told, Mapping) for told in (first, second)]
            same = all(reaches) and first.get("to") == second.get("to")
            if all(reaches) and not same:
                first, second = (
                    settled(figure, {**start, name: first})[name],
                    settled(figure, {**end, name: second})[name],
                )
            elif not all(reaches):
                first, second = (
                    as_bones(figure, name, {**start, name: first}),
                    as_bones(figure, name, {**end, name: second}),
                )
        if first is None or second is None:
            pose[name] = second if first is None else first
        else:
            pose[name] = between(first, second, share, name)
    return pose


def frame(figure: Figure, pose: Pose) -> list[Piece]:
    """Everything that is drawn of one pose, from back to front."""
    drawn: Drawn = RIGS[figure.rig](pose, figure.view)
    joints: Joints = drawn.joints
    if "mark" in pose:  # a place of the pose's own, for what is held
        joints["mark"] = find(joints, pose["mark"])
    behind: list[Piece] = []
    before: list[Piece] = []
    for told in figure.props:
        (name, what), *options = told.items()
        layer = dict(options).get("layer", "front" if name in ("arrow", "turning", "waves") else "back")
        (before if layer == "front" else behind).extend(prop(name, what, joints))
    muscles = []
    for name in figure.muscles:
        if name not in drawn.spots:
            raise UnknownPart(
                f"There is no muscle spot {name!r}; there are {', '.join(sorted(drawn.spots))}."
            )
        muscles.append(drawn.spots[name])
    return [*behind, *drawn.back, *drawn.front, *muscles, *before]


def frames(figure: Figure) -> tuple[list[list[Piece]], list[float], float]:
    """The pictures of one round, there and back, when each is reached, in shares of the round, and its seconds."""
    poses = [*figure.poses, *figure.poses[-2:0:-1], figure.poses[0]]
    told = [frame(figure, poses[0])]
    times = [0.0]
    clock = 0.0
    for start, end in pairwise(poses):
        for k in range(1, BETWEEN + 1):
            clock += MOVE / BETWEEN
            told.append(frame(figure, step(figure, start, end, k / BETWEEN)))
            times.append(clock)
        clock += REST
        told.append(told[-1])
        times.append(clock)
    return told, [time / clock for time in times], clock


def mixed(first: str, second: str, share: float) -> str:
    """A colour between two, `share` of the first."""
    if first.startswith("var("):
        return f"color-mix(in srgb, {first} {share:.0%}, {second})"
    a, b = ([int(colour[n : n + 2], 16) for n in (1, 3, 5)] for colour in (first, second))
    return "#" + "".join(f"{round(x * share + y * (1 - share)):02X}" for x, y in zip(a, b, strict=True))


def svg(
    figure: Figure, *, phase: str = "release", theme: str = "light", side: str = "right", moving: bool = False
) -> str:
    """The figure as a file of its own. `side`: which side works; `moving`: gently from pose to pose, for ever."""
    colours = PAGE if theme == "page" else THEMES[theme]
    rim, own = colours.rim[phase], colours.phase[phase]
    far = mixed(colours.ink, rim, 0.5)
    object_ink = mixed(colours.ink_2, rim, 0.75)
    looks = {
        "limb": f'stroke="{colours.ink}"',
        "far": f'stroke="{far}"',
        "solid": f'fill="{colours.ink}"',
        "far_solid": f'fill="{far}"',
        "block": f'fill="{colours.ink}" stroke="{colours.ink}"',
        "gap": f'stroke="{rim}"',
        "ground": f'stroke="{mixed(colours.ink_2, rim, 0.6)}"',
        "object": f'stroke="{object_ink}"',
        "object_solid": f'fill="{mixed(colours.ink_2, rim, 0.35)}"',
        "prop": f'stroke="{own}"',
        "prop_solid": f'fill="{own}"',
        "muscle": f'stroke="{colours.muscle}"',
        "arrow": f'stroke="{own}"',
    }
    if moving and figure.moves:
        rounds, times, seconds = frames(figure)
    else:
        rounds, times, seconds = [frame(figure, figure.poses[figure.shows])], [], 0
    parts = []
    for n, pieces in enumerate(zip(*rounds, strict=True)):
        first = pieces[0]
        look = looks[first.look]
        if first.width:
            look += f' stroke-width="{tenths(first.width)}"'
        moves = animated([piece.path for piece in pieces], times, seconds)
        path = f'd="{whole(first.path)}"'
        if not first.halo:
            parts.append(f"<path {look} {path}>{moves}</path>" if moves else f"<path {look} {path}/>")
            continue
        rim_look = f'stroke="{rim}" stroke-width="{tenths(first.width + RIM)}"'
        if not moves:
            parts.append(f"<path {rim_look} {path}/><path {look} {path}/>")
            continue
        name = f"p{n}"
        parts.append(
            f'<defs><path id="{name}" {path}>{moves}</path></defs>'
            f'<use href="#{name}" {rim_look}/><use href="#{name}" {look}/>'
        )
    content = "".join(parts)
    if side == "left":
        content = f'<g transform="matrix(-1 0 0 1 {WIDTH * SCALE} 0)">{content}</g>'
    title = f"<title>{escape(figure.says)}</title>" if figure.says else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * SCALE} {HEIGHT * SCALE}" fill="none" stroke-linecap="round" '
        f'stroke-linejoin="round">{title}{content}</svg>'
    )


def tenths(value: float) -> str:
    return str(round(value * SCALE))


def whole(path: str) -> str:
    """The path in tenths of a unit, so that no number needs a point."""
    return NUMBER.sub(lambda found: tenths(float(found[0])), path)


def animated(paths: Sequence[str], times: Sequence[float], seconds: float) -> str:
    """What moves a path through the frames; nothing where it stays."""
    if len(set(paths)) == 1:
        return ""
    when = ";".join(f"{time:.2f}".strip("0").rstrip(".") or "0" for time in times[:-1])
    return (
        f'<animate attributeName="d" dur="{written(seconds)}s" repeatCount="indefinite" keyTimes="{when};1" '
        f'values="{";".join(whole(path) for path in paths)}"/>'
    )


def check(figure: Figure) -> None:
    """Draws the figure once, so that what cannot be drawn says so: UnknownPart, or an error of its numbers."""
    if figure.rig not in RIGS:
        raise UnknownPart(f"There is no rig {figure.rig!r}; there are {', '.join(RIGS)}.")
    if figure.view not in VIEWS[figure.rig]:
        raise UnknownPart(
            f"The rig {figure.rig} has no view {figure.view!r}; it has {', '.join(VIEWS[figure.rig])}."
        )
    unknown = sorted({key for pose in figure.poses for key in pose} - POSE_KEYS[figure.rig])
    if unknown:
        raise UnknownPart(f"There is no {unknown[0]!r} in a pose of {figure.rig}.")
    svg(figure)
    svg(figure, moving=True)
