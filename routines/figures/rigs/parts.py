"""What every rig is made of: pieces, joints, limbs, and the spots of muscles. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from routines.figures.geometry import Point, joint, polyline

Pose = Mapping[str, Any]
Joints = dict[str, Point]


class UnknownPart(Exception):
    """A figure names a joint, a muscle spot, a rig or a prop that there is not."""


@dataclass(frozen=True)
class Piece:
    """One path: `look` names how it is drawn (see drawing.svg), `width` its stroke, 0 for a filled shape."""

    look: str
    path: str
    width: float = 0
    halo: bool = False  # with a rim of the background, so that it stays apart from what lies under it


@dataclass
class Drawn:
    """What a rig drew of one pose."""

    back: list[Piece] = field(default_factory=list)
    front: list[Piece] = field(default_factory=list)
    joints: Joints = field(default_factory=dict)
    spots: dict[str, Piece] = field(default_factory=dict)


def dot(look: str, at: Point, radius: float, *, halo: bool = False) -> Piece:
    """A round shape: the cap of a line without length, which moves like any other path."""
    return Piece(look, f"{polyline([at])}h0", 2 * radius, halo)


def spot(points: Sequence[Point], width: float) -> Piece:
    return Piece("muscle", polyline(points), width)


def find(joints: Joints, told: Any) -> Point:
    """A place: two numbers, or a joint by name, or "joint x y" for a place beside it."""
    if isinstance(told, str):
        name, *off = told.split()
        if name not in joints:
            raise UnknownPart(f"There is no joint {name!r}; there are {', '.join(sorted(joints))}.")
        x, y = (float(n) for n in off) if off else (0.0, 0.0)
        return joints[name].shifted(x, y)
    x, y = told
    return Point(float(x), float(y))


def limb(
    joints: Joints, names: Sequence[str], lengths: tuple[float, float, float], told: Any, end: float
) -> list[Point]:
    """The points of a limb from its root, entered among the joints.

    `told` is two or three directions, or where the limb reaches: {to: place, bend: direction, end: direction}. `end` is
    how far the hand or foot turns from the last bone when nobody says.
    A limb that reaches may say how much of its bones is seen: bones: [share of the upper one, share of the lower one].
    """
    root, middle, tip = names
    start = joints[root]
    first, second, last = lengths
    if isinstance(told, Mapping):
        aim = find(joints, told["to"])
        seen = told.get("bones", (1, 1))
        first, second = first * seen[0], second * seen[1]
        mid = joint(start, aim, first, second, told.get("bend", 0))
        reach = mid.towards(mid.direction(aim), second)
        heading = told.get("end", mid.direction(reach) + end)
    else:
        mid = start.towards(told[0], first)
        reach = mid.towards(told[1], second)
        heading = told[2] if len(told) > 2 else told[1] + end
    joints[middle], joints[tip] = mid, reach
    joints[f"{tip}_end"] = reach.towards(heading, last)
    return [start, mid, reach, joints[f"{tip}_end"]]
