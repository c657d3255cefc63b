"""The four bodies that a figure can be drawn with. Pure.

A rig takes one pose and gives what is drawn of it: pieces from back to front, the joints by name, and the muscle spots.
The side towards the viewer is the one that works: the person's right. The other one is called far.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from routines.figures.geometry import Point, joint, pairs, placed, polyline

Pose = Mapping[str, Any]
Joints = dict[str, Point]


class UnknownPart(Exception):
    """A figure names a joint, a muscle spot, a rig or a prop that there is not."""


@dataclass(frozen=True)
class Piece:
    """One path: `look` names how it is drawn (LOOKS in drawing.py), `width` its stroke, 0 for a filled shape."""

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


# ---- The whole body --------------------------------------------------------------------------------------------------


def body(pose: Pose, view: str) -> Drawn:
    """From the side (facing right unless `faces: left`), from the front or from behind.

    hips: [x, y]; trunk, head: directions; arm, far_arm, leg, far_leg: limbs; size: scale; bow: how far the back rounds
    to the back (below 0: hollows); breath: how far the belly swells, 0 to 1. From the front, face: true shows the nose, turn: how far it looks to the right.
    pelvis: the direction of the hips alone, from the front or back (default trunk). leg_over: the working leg keeps a
    rim where it crosses the other; dim: true draws the far limbs lighter, of somebody lying on them. tall: the share of
    the trunk that is seen, of somebody who leans towards the viewer (below 0: the shoulders are lower than the hips).
    """
    size = pose.get("size", 1.0)
    facing = -1 if pose.get("faces") == "left" else 1
    trunk = float(pose.get("trunk", 0))
    joints: Joints = {"hips": find({}, pose["hips"])}
    drawn = Drawn(joints=joints)
    hips = joints["hips"]
    shoulders = joints["shoulders"] = hips.towards(trunk, 24 * size * pose.get("tall", 1))
    wide = view != "side"
    right = trunk + (-90 if view == "front" else 90)  # where the person's right lies, seen so
    head_way = float(pose.get("head", trunk))
    skull = joints["skull"] = shoulders.towards(head_way, 13 * size)
    apart = pose.get("apart", 1.0)  # shoulders and hips seen half from the side
    for side, way in (("", 1), ("far_", -1)):
        joints[f"{side}shoulder"] = shoulders.towards(right, 8.5 * size * way * apart) if wide else shoulders
        tilt = float(pose.get("pelvis", trunk)) - trunk
        joints[f"{side}hip"] = hips.towards(right + tilt, 4.6 * size * way * apart) if wide else hips
    if not wide:
        joints["far_shoulder"] = find({}, pose["far_shoulder"]) if "far_shoulder" in pose else shoulders
    front = trunk + 90 * facing
    middle = hips.along(shoulders, 0.5).towards(front, -pose.get("bow", 0) * 2)
    belly = Piece(
        "limb",
        f"M{polyline([hips])[1:]}Q{polyline([middle])[1:]} {polyline([shoulders])[1:]}",
        11.5 * size,
    )
    limbs: dict[str, list[Point]] = {}
    lengths = {
        "leg": (19 * size, 19 * size, (5 if wide else 8) * size),
        "arm": (14 * size, 13 * size, 4 * size),
    }
    names = {"leg": ("hip", "knee", "foot"), "arm": ("shoulder", "elbow", "hand")}
    foot_turn = 0 if wide else -90 * facing
    waiting = ["leg", "far_leg", "arm", "far_arm"]
    while waiting:
        later: list[str] = []
        for name in waiting:
            near = name.removeprefix("far_")
            side = name.removesuffix(near)
            told = pose.get(name, pose.get(near, [180, 180]))
            chain = tuple(side + joint for joint in names[near])
            try:
                limbs[name] = limb(joints, chain, lengths[near], told, foot_turn if near == "leg" else 0)
            except UnknownPart:  # it reaches for a limb that is not placed yet
                if len(later) + 1 == len(waiting):
                    raise
                later.append(name)
        if len(later) == len(waiting):
            raise UnknownPart(f"{' and '.join(later)} reach for each other.")
        waiting = later
    far_look = (
        "limb" if wide and not pose.get("dim") else "far"
    )  # dim: lying on the far side, seen from the front
    leg_width, arm_width = 7.6 * size, 6 * size
    drawn.back = [
        Piece(far_look, polyline(limbs["far_arm"]), arm_width),
        Piece(far_look, polyline(limbs["far_leg"]), leg_width),
    ]
    neck = Piece("limb", polyline([shoulders, skull]), 5 * size)
    face = skull.towards(head_way + 95 * facing, 5.6 * size)
    head = dot("limb", skull, 6.6 * size)
    nose = Piece("limb", polyline([face, face.towards(head_way + 95 * facing, 1)]), 3.4 * size)
    if wide:
        outline = [joints["shoulder"], joints["far_shoulder"], joints["far_hip"], joints["hip"]]
        drawn.back += [Piece("block", polyline(outline) + "Z", 7 * size), neck, head]
        if pose.get("face"):  # a nose, so that one sees the front
            look = skull.towards(head_way + 90, -pose.get("turn", 0.0) * size)
            drawn.back.append(
                Piece(
                    "gap",
                    polyline([look.towards(head_way, 1 * size), look.towards(head_way, -2.5 * size)]),
                    1.6 * size,
                )
            )
        drawn.front = [
            Piece("limb", polyline(limbs["leg"]), leg_width, halo=bool(pose.get("leg_over"))),
            Piece("limb", polyline(limbs["arm"]), arm_width, halo=bool(pose.get("arm_over"))),
        ]
        if pose.get("far_leg_over"):
            drawn.front.append(Piece("limb", drawn.back.pop(1).path, leg_width, halo=True))
        if pose.get("far_arm_over"):
            drawn.front.append(Piece("limb", polyline(limbs["far_arm"]), arm_width, halo=True))
            drawn.back.pop(0)
    else:
        drawn.back += [belly, neck, head, nose]
        if "breath" in pose:
            full = hips.along(shoulders, 0.3).towards(front, 8 * size * pose["breath"])
            drawn.back.append(Piece("limb", f"{polyline([hips])}Q{pairs([full, shoulders])}", 11.5 * size))
        drawn.front = [
            Piece("limb", polyline(limbs["leg"]), leg_width, halo=True),
            Piece("limb", polyline(limbs["arm"]), arm_width, halo=True),
        ]
        if pose.get("far_leg_over"):
            drawn.front.insert(1, Piece("far", drawn.back.pop(1).path, leg_width, halo=True))
        if pose.get("far_arm_over"):
            drawn.front.insert(1, Piece("far", drawn.back.pop(0).path, arm_width, halo=True))
    drawn.spots = body_spots(
        joints, trunk, facing, size, wide, right, pose.get("bow", 0), pose.get("breath", 0)
    )
    return drawn


def body_spots(
    joints: Joints,
    trunk: float,
    facing: int,
    size: float,
    wide: bool,
    right: float,
    bow: float = 0,
    breath: float = 0,
) -> dict[str, Piece]:
    """Where each muscle of the body lies, on the side that works; `far_` for the other one."""
    found: dict[str, Piece] = {}

    def beside(a: Point, b: Point, start: float, end: float, off: float) -> list[Point]:
        """A stretch of a bone, moved towards the front (below 0: the back) of it, seen from the side."""
        way = a.direction(b) + (-90 if not wide else 90) * facing
        return [a.along(b, share).towards(way, off * size) for share in (start, end)]

    for side in ("", "far_"):
        hip, knee, foot = (joints[f"{side}{n}"] for n in ("hip", "knee", "foot"))
        tip = joints[f"{side}foot_end"]
        shoulder, elbow, hand = (joints[f"{side}{n}"] for n in ("shoulder", "elbow", "hand"))
        # From the front "front" and "back" lie in the middle of the limb; outer and inner lie beside it
        outward = (1 if side == "" else -1) * (1 if (right - trunk) % 360 == 90 else -1)
        depth = 0.0 if wide else 1.0

        def put(name: str, points: list[Point], width: float, *, side: str = side) -> None:
            found[f"{side}{name}"] = spot(points, width * size)

        put("thigh_front", beside(hip, knee, 0.25, 0.8, 1.9 * depth), 3.4)
        put("thigh_back", beside(hip, knee, 0.25, 0.85, -1.9 * depth), 3.4)
        put("thigh_outer", beside(hip, knee, 0.2, 0.85, (1.7 * -outward if wide else 0.0)), 3.4)
        put("thigh_inner", beside(hip, knee, 0.15, 0.75, (1.7 * outward if wide else 0.6)), 3.4)
        put("knee_inner", beside(hip, knee, 0.68, 0.92, (1.9 * outward if wide else 1.6)), 3.2)
        put("calf", beside(knee, foot, 0.15, 0.55, -1.9 * depth), 3.6)
        put("lower_calf", beside(knee, foot, 0.45, 0.85, -1.7 * depth), 3.4)
        put("shin", beside(knee, foot, 0.2, 0.75, 1.7 * depth), 3.2)
        put("shin_outer", beside(knee, foot, 0.15, 0.75, (1.7 * -outward if wide else 0.0)), 3.2)
        put("shin_inner", beside(knee, foot, 0.3, 0.85, (1.7 * outward if wide else -0.8)), 3.0)
        put("sole", beside(foot, tip, 0.1, 0.9, -1.8 * depth), 3.0)
        put("arm_front", beside(shoulder, elbow, 0.3, 0.85, -1.5 * depth), 3.0)
        put("arm_back", beside(shoulder, elbow, 0.25, 0.85, 1.5 * depth), 3.0)
        put("forearm", beside(elbow, hand, 0.1, 0.75, 0.0), 3.0)
        put("shoulder_side", [shoulder, shoulder.along(elbow, 0.3)], 4.0)
        line = trunk + 180
        if wide:
            away = trunk + (90 if (right - trunk) % 360 == 90 else -90) * (1 if side == "" else -1)
            put("buttock", [hip.towards(away, 0.5), hip.towards(line, 3.5 * size)], 6.0)
            put(
                "hip_side",
                [hip.towards(away, 3.2 * size), hip.towards(away, 3.4 * size).towards(line, 4 * size)],
                4.2,
            )
            put("hip_front", [hip, hip.along(knee, 0.18)], 4.4)
            put(
                "shoulder_top",
                [
                    joints["shoulders"].along(shoulder, 0.35).towards(trunk, 2 * size),
                    shoulder.towards(trunk, 1.5 * size),
                ],
                3.6,
            )
            put(
                "chest",
                [
                    shoulder.towards(line, 6 * size),
                    joints["shoulders"].along(shoulder, 0.3).towards(line, 7 * size),
                ],
                4.4,
            )
            put(
                "shoulder_blade",
                [
                    joints["shoulders"].along(shoulder, 0.62).towards(line, 4 * size),
                    joints["shoulders"].along(shoulder, 0.6).towards(line, 8.5 * size),
                ],
                4.6,
            )
            put(
                "between_blades",
                [
                    joints["shoulders"].along(shoulder, 0.25).towards(line, 4 * size),
                    joints["shoulders"].along(shoulder, 0.22).towards(line, 11 * size),
                ],
                3.6,
            )
            put(
                "lower_blade",
                [
                    joints["shoulders"].along(shoulder, 0.5).towards(line, 8 * size),
                    joints["shoulders"].along(shoulder, 0.12).towards(line, 15 * size),
                ],
                3.6,
            )
            put(
                "side_back",
                [
                    joints["shoulders"].along(shoulder, 0.95).towards(line, 8 * size),
                    joints["shoulders"].along(shoulder, 0.62).towards(line, 15 * size),
                ],
                4.0,
            )
            put("waist", [shoulder.along(hip, 0.5), shoulder.along(hip, 0.85)], 4.2)
            put(
                "low_back",
                [
                    joints["hips"].along(hip, 0.45).towards(trunk, 2 * size),
                    joints["hips"].along(hip, 0.45).towards(trunk, 9 * size),
                ],
                3.4,
            )
            put(
                "belly",
                [joints["hips"].towards(trunk, 2.5 * size), joints["hips"].towards(trunk, 10 * size)],
                5.0,
            )
        else:
            hips, shoulders = joints["hips"], joints["shoulders"]
            front = trunk + 90 * facing

            def at(
                share: float,
                off: float,
                *,
                hips: Point = hips,
                shoulders: Point = shoulders,
                front: float = front,
            ) -> Point:
                rounded = 4 * bow * share * (1 - share) if 0 < share < 1 else 0  # as far as the back itself
                return hips.along(shoulders, share).towards(front, off * size - rounded)

            put("buttock", [at(0.1, -3.6), at(-0.12, -2.6)], 5.6)
            put("hip_side", [at(0.12, 0), at(-0.08, 0)], 5.0)
            put("hip_front", [at(0.14, 2.9), hip.along(knee, 0.2).towards(front, 1.4 * size)], 3.8)
            put("low_back", [at(0.12, -3.7), at(0.45, -3.7)], 3.6)
            put("upper_back", [at(0.55, -3.7), at(0.95, -3.7)], 3.6)
            put("lower_blade", [at(0.5, -3.6), at(0.8, -3.2)], 3.8)
            put("between_blades", [at(0.62, -3.5), at(0.92, -3.5)], 3.8)
            put("shoulder_blade", [at(0.74, -2.4), at(0.92, -2.4)], 4.6)
            put("side_back", [at(0.45, -1.2), at(0.85, -1.2)], 4.4)
            put("side_ribs", [at(0.6, 1.0), at(0.86, -0.6)], 4.4)
            put("waist", [at(0.15, 0), at(0.5, 0)], 4.8)
            put("corset", [at(0.22, 4.4), at(0.22, -4.4)], 6.4)
            put("corset_front", [at(0.2, 3.9), at(0.2, 0.4)], 6.4)
            put("belly", [at(0.1, 3.5 + 2 * breath), at(0.55, 3.5 + 3.7 * breath)], 3.8)
            put("chest", [at(0.68, 3.4), at(0.92, 3.2)], 4.0)
            put("shoulder_top", [at(1.02, 0), shoulders.along(joints["skull"], 0.3)], 4.2)
        neck_way = joints["shoulders"].direction(joints["skull"])
        for name, off in (("neck_front", 1.8 * facing), ("neck_back", -1.8 * facing), ("neck_side", 0.0)):
            shift = 0.0 if wide else off
            start = joints["shoulders"].along(joints["skull"], 0.15)
            end = joints["shoulders"].along(joints["skull"], 0.6)
            put(name, [p.towards(neck_way + 90, shift * size) for p in (start, end)], 3.0)
    return found


# ---- Head and neck ---------------------------------------------------------------------------------------------------

# Each points upwards from its joint; the face looks to the right
PROFILE = (
    "M-6 0C-13 -4 -15 -14 -12 -21C-8 -30 6 -32 12 -24C14 -21 14 -17 14 -15L17.500 -9.500Q18 -8 15.500 -7.500"
    "L15.500 -4C15.500 -1.500 14 -.500 12 -.500L12 2C11.500 5 7 6 3 4Z"
)
FACE = "M0 6C-8 5 -12 -3 -12 -12C-12 -24 -6 -28 0 -28C6 -28 12 -24 12 -12C12 -3 8 5 0 6Z"
EAR = "M-12 -13C-15 -14 -15 -7 -11.500 -6Z"
OTHER_EAR = "M12 -13C15 -14 15 -7 11.500 -6Z"
BUST = "M-7 -2C-9 4 -17 6 -18 16L-17 46L15 46L14 18C14 8 8 6 6 -1Z"
BUST_WIDE = "M-6 -6C-7 3 -18 6 -26 9C-33 12 -34 20 -34 46L34 46C34 20 33 12 26 9C18 6 7 3 6 -6Z"


def head(pose: Pose, view: str) -> Drawn:
    """Head, neck and shoulders: base: [x, y] of the neck; trunk, neck, head: directions; tilt as `head` beside the neck.

    arm, far_arm: limbs from the shoulder, drawn only when they are told. profile: left or right, where the turned face
    looks in the picture, from the front or back.
    """
    facing = -1 if pose.get("faces") == "left" else 1
    size = pose.get("size", 1.0)
    trunk = float(pose.get("trunk", 0))
    neck_way, head_way = float(pose.get("neck", trunk)), float(pose.get("head", pose.get("neck", trunk)))
    joints: Joints = {"base": find({}, pose["base"])}
    base = joints["base"]
    top = joints["nape"] = base.towards(neck_way, 13 * size)
    forward = head_way + 90 * facing
    for name, up, ahead in (
        ("crown", 29, 1), ("back_head", 15, -12), ("skull_base", 3, -9), ("chin", -2, 12), ("jaw", 2, 6), ("temple", 16, 6),
        ("forehead", 20, 13), ("ear", 10, -2), ("side_head", 18, 12), ("far_side_head", 18, -12),
    ):  # fmt: skip
        joints[name] = top.towards(head_way, up * size).towards(forward, ahead * size)
    wide = view != "side"
    right = trunk + (-90 if view == "front" else 90)
    for side, way in (("", 1), ("far_", -1)):
        out: float = 27 * way if wide else -3
        joints[f"{side}shoulder"] = base.towards(trunk + 180, 14 * size).towards(
            right if wide else trunk + 90 * facing, out * size
        )
    drawn = Drawn(joints=joints)
    if wide:
        turn = pose.get("turn", 0.0)  # of the face towards the person's right (below 0: left), in units
        drawn.back = [
            Piece("solid", placed(BUST_WIDE, base, trunk, scale=size)),
            Piece(
                "limb",
                polyline([base.towards(trunk, -3), top.towards(head_way, 4 * size)]),
                14 * size,
                halo=True,
            ),
            Piece("solid", placed(FACE, top, head_way, scale=size), halo=True),
            Piece("solid", placed(EAR, top, head_way, scale=size)),
            Piece("solid", placed(OTHER_EAR, top, head_way, scale=size)),
        ]
        if "profile" in pose:
            turned_head = placed(PROFILE, top, head_way, flipped=pose["profile"] == "left", scale=size)
            drawn.back[2:] = [Piece("solid", turned_head, halo=True)]
        elif view == "front":
            look = turn * (-1 if view == "front" else 1)
            nose = top.towards(head_way, 8 * size).towards(head_way + 90, look * size)
            drawn.back.append(Piece("gap", polyline([nose.towards(head_way, 5 * size), nose]), 1.6 * size))
    else:
        drawn.back = [
            Piece("solid", placed(BUST, base, trunk, flipped=facing < 0, scale=size)),
            Piece(
                "limb",
                polyline([base.towards(trunk, -2), top.towards(head_way, 3 * size)]),
                13 * size,
                halo=True,
            ),
            Piece("solid", placed(PROFILE, top, head_way, flipped=facing < 0, scale=size)),
        ]
    for name in ("far_arm", "arm"):
        if name in pose:
            side = "far_" if name == "far_arm" else ""
            points = limb(
                joints,
                (f"{side}shoulder", f"{side}elbow", f"{side}hand"),
                (30 * size, 27 * size, 8 * size),
                pose[name],
                0,
            )
            look = "far" if side and not wide else "limb"
            (drawn.back if side and not pose.get("far_arm_over") and not wide else drawn.front).append(
                Piece(look, polyline(points), 8.5 * size, halo=True)
            )
            if side and not wide and not pose.get("far_arm_over"):
                drawn.back.insert(0, drawn.back.pop())

    def at(start: Point, way: float, up: float, ahead: float) -> Point:
        return start.towards(way, up * size).towards(way + 90 * facing, ahead * size)

    spots = drawn.spots
    if wide:
        for side, way in (("", 1), ("far_", -1)):
            out = right
            shoulder = joints[f"{side}shoulder"]
            low = base.towards(out, 7 * way * size)
            spots[f"{side}shoulder_top"] = spot(
                [
                    top.towards(neck_way + 180, 5 * size).towards(out, 5 * way * size),
                    low.towards(trunk + 180, 4 * size),
                    shoulder.towards(trunk, 4.5 * size),
                ],
                4.4 * size,
            )
            spots[f"{side}blade_lifter"] = spot(
                [
                    top.towards(out, 4 * way * size),
                    base.towards(out, 6 * way * size),
                    base.towards(out, 11 * way * size).towards(trunk + 180, 15 * size),
                ],
                4 * size,
            )
            spots[f"{side}neck_side"] = spot(
                [
                    top.towards(neck_way + 180, 1 * size).towards(out, 5 * way * size),
                    base.towards(out, 5.5 * way * size).towards(trunk + 180, 4 * size),
                ],
                4.2 * size,
            )
            spots[f"{side}neck_front"] = spot(
                [
                    top.towards(out, 6 * way * size),
                    base.towards(out, 1.5 * way * size).towards(trunk + 180, 5 * size),
                ],
                3.8 * size,
            )
            spots[f"{side}jaw"] = spot(
                [
                    top.towards(head_way, 1 * size).towards(out, 8 * way * size),
                    top.towards(head_way, 7 * size).towards(out, 9.5 * way * size),
                ],
                4.4 * size,
            )
            spots[f"{side}temple"] = spot(
                [
                    top.towards(head_way, 14 * size).towards(out, 9 * way * size),
                    top.towards(head_way, 18 * size).towards(out, 8 * way * size),
                ],
                4.4 * size,
            )
            spots[f"{side}skull_base"] = spot(
                [
                    top.towards(head_way, 2 * size).towards(out, 2 * way * size),
                    top.towards(head_way, 2.5 * size).towards(out, 7 * way * size),
                ],
                4.4 * size,
            )
    else:
        spots["skull_base"] = spot([at(top, head_way, 5, -10), at(top, head_way, 0, -6)], 4.6 * size)
        spots["neck_back"] = spot([at(top, neck_way, -1, -4.5), at(base, neck_way, 1, -5)], 4.4 * size)
        spots["neck_front"] = spot([at(top, neck_way, 0, 2.5), at(base, neck_way, 2, 4)], 4.2 * size)
        spots["neck_side"] = spot([at(top, neck_way, 1, -1), at(base, neck_way, 0, 1.5)], 4.4 * size)
        spots["jaw"] = spot([at(top, head_way, 1, 5.5), at(top, head_way, 7, 4)], 4.6 * size)
        spots["temple"] = spot([at(top, head_way, 14, 5), at(top, head_way, 18, 5)], 4.6 * size)
        spots["shoulder_top"] = spot([at(base, neck_way, 3, -5), at(base, trunk, -8, -11)], 4.6 * size)
        spots["chest"] = spot([at(base, trunk, -12, 10), at(base, trunk, -22, 11)], 4.6 * size)
    return drawn


# ---- Forearm and hand ------------------------------------------------------------------------------------------------

FOREARM = "M-6.500 2C-9 -10 -7 -26 -4.500 -43L4.500 -43C7 -26 9 -10 6.500 2C4 6 -4 6 -6.500 2Z"
PALM = "M-4 1C-7 -4 -8 -10 -7.500 -16L7.500 -16C8 -10 7 -4 4 1Z"
HAND_EDGE = "M-4 1C-5 -5 -4.500 -11 -4 -17L3.500 -17C4.500 -11 5 -5 4 1Z"


def arm_and_hand(pose: Pose, view: str, prefix: str = "") -> Drawn:
    """A forearm with its hand: elbow: [x, y]; forearm, hand, fingers, thumb: directions; upper: the upper arm, when told.

    From the side (the hand's edge, fingers as one) or, view `top`, the hand flat with five fingers; spread: degrees
    between two of them; curl: how much shorter the fingers look. `other`: a second arm, drawn in the far colour.
    """
    facing = -1 if pose.get("faces") == "left" else 1
    size = pose.get("size", 1.0)
    joints: Joints = {f"{prefix}elbow": find({}, pose["elbow"])}
    elbow = joints[f"{prefix}elbow"]
    way = float(pose["forearm"])
    hand_way = float(pose.get("hand", way))
    finger_way = float(pose.get("fingers", hand_way))
    wrist = joints[f"{prefix}wrist"] = elbow.towards(way, 43 * size)
    knuckles = joints[f"{prefix}knuckles"] = wrist.towards(hand_way, 15 * size)
    joints[f"{prefix}palm"] = wrist.towards(hand_way, 8 * size)
    look, line = ("solid", "limb") if not prefix else ("far_solid", "far")
    drawn = Drawn(joints=joints)
    pieces = drawn.front
    if "upper" in pose:
        pieces.append(Piece(line, polyline([elbow, elbow.towards(float(pose["upper"]), 60)]), 15 * size))
    pieces.append(Piece(look, placed(FOREARM, elbow, way, flipped=facing < 0, scale=size), halo=True))
    curl = pose.get("curl", 1.0)
    if view == "top":
        pieces.append(Piece(look, placed(PALM, wrist, hand_way, flipped=facing < 0, scale=size)))
        spread = pose.get("spread", 3.0)
        for n, length in enumerate((15, 17, 16, 13)):
            off = (-5.4 + 3.6 * n) * facing
            root = knuckles.towards(hand_way + 90, off * size)
            tip = root.towards(finger_way + (n - 1.5) * spread * facing, length * size * curl)
            joints[f"{prefix}finger{n + 1}"] = tip
            pieces.append(Piece(line, polyline([root, tip]), 3.5 * size))
        thumb_root = wrist.towards(hand_way, 4 * size).towards(hand_way + 90, -6 * facing * size)
        thumb_way = float(pose.get("thumb", hand_way - (40 + spread) * facing))
        joints[f"{prefix}thumb"] = thumb_root.towards(thumb_way, 14 * size)
        pieces.append(Piece(line, polyline([thumb_root, joints[f"{prefix}thumb"]]), 4.4 * size))
    else:
        pieces.append(Piece(look, placed(HAND_EDGE, wrist, hand_way, flipped=facing < 0, scale=size)))
        middle = knuckles.towards(finger_way, 8 * size * curl)
        bent = float(pose.get("fingertips", finger_way))
        tip = joints[f"{prefix}fingertips"] = middle.towards(bent, 9 * size * curl)
        joints[f"{prefix}finger_middle"] = middle
        pieces.append(Piece(line, polyline([knuckles, middle, tip]), 6 * size))
        if "thumb" in pose:
            root = wrist.towards(hand_way, 5 * size)
            joints[f"{prefix}thumb"] = root.towards(float(pose["thumb"]), 12 * size)
            pieces.append(Piece(line, polyline([root, joints[f"{prefix}thumb"]]), 4.6 * size, halo=True))
    front = way - 90 * facing
    for name, off in (("forearm_front", 4.0), ("forearm_back", -4.0), ("forearm", 0.0)):
        points = [
            elbow.along(wrist, share).towards(front, off * size * (1.15 - share * 0.5))
            for share in (0.1, 0.7)
        ]
        drawn.spots[f"{prefix}{name}"] = spot(points, 4.6 * size)
    turn = [
        elbow.along(wrist, 0.06).towards(front, 3 * size),
        elbow.along(wrist, 0.34).towards(front, -2 * size),
    ]
    drawn.spots[f"{prefix}forearm_turner"] = spot(turn, 4.6 * size)
    if "other" in pose and not prefix:
        second = arm_and_hand(pose["other"], pose["other"].get("view", view), "other_")
        joints.update(second.joints)
        if pose.get("other_over", True):
            drawn.front += second.front
        else:
            drawn.back += second.front
    return drawn


# ---- Lower leg and foot ----------------------------------------------------------------------------------------------

SHANK = "M-7 -2C-12 10 -11 22 -5 40L5 40C7 26 8 10 7 -2C4 -6 -4 -6 -7 -2Z"
SHANK_FRONT = "M-8 -2C-10 10 -9 22 -5 40L5 40C9 22 10 10 8 -2C4 -6 -4 -6 -8 -2Z"
FOOT_SIDE = "M-5 -4C-10 0 -11 7 -7 9.500L20 9.500L21 3.500C13 2 8 -1 5 -5Z"
FOOT_FRONT = "M-5 -3L5 -3C7 4 9 8 8.500 13C8 17 -8 17 -8.500 13C-9 8 -7 4 -5 -3Z"
FOOT_POINTED = "M-4.500 -1L4.500 -1C6 5 9.500 12 8.500 20C4 22.500 -5 20 -9 15C-8.500 9 -6 4 -5 -3Z"
ARCHED = "M-5 -4C-10 0 -11 7 -7 9.500L-3 9.500Q7 {:.3f} 16 9.500L20 9.500L21 3.500C{:.3f} {:.3f} {:.3f} {:.3f} 5 -5Z"


def pointed_foot(
    pose: Pose, ankle: Point, foot_way: float, size: float, prefix: str, joints: Joints
) -> list[Piece]:
    """A foot from the front with its back and toes, the big toe on the inner side; its joints are entered."""
    inner = 1 if prefix else -1  # of the foot's own left and right

    def on_foot(ahead: float, inwards: float) -> Point:
        return ankle.towards(foot_way, ahead * size).towards(foot_way + 90, inwards * inner * size)

    joints[f"{prefix}ball"], joints[f"{prefix}toes"] = on_foot(17, 0), on_foot(25, 0)
    joints[f"{prefix}ball_inner"], joints[f"{prefix}ball_outer"] = on_foot(16, 8.5), on_foot(14, -8.5)
    look, line = ("solid", "limb") if not prefix else ("far_solid", "far")
    back = placed(FOOT_POINTED, ankle, foot_way + 180, flipped=not prefix, scale=size)
    digits = (
        (20, 5.4, 25, 5.8, 4.8),
        (19.5, 1.4, 24, 1.5, 3),
        (18.5, -1.8, 22.8, -2, 3),
        (17.3, -4.7, 21, -5.1, 3),
    )
    last = ((15.8, -7.2, 18.6, -7.8, 3),)
    toes = [
        Piece(line, polyline([on_foot(a, b), on_foot(c, d)]), wide * size)
        for a, b, c, d, wide in (*digits, *last)
    ]
    return [dot(line, ankle, 5 * size), Piece(look, back), *toes]


def leg_and_foot(pose: Pose, view: str, prefix: str = "") -> Drawn:
    """A lower leg with its foot: knee: [x, y]; shank: direction; foot: direction of the toes; toes: of the toes alone.

    thigh: the thigh, when told. From the side, toes to the right (or `faces: left`), or from the front, where `foot` is
    the direction of the sole's tip. arch: 0 flat to 1 domed. `other`: a second leg, drawn in the far colour.
    pointed: the foot from the front is pointed, so that one sees its back and the toes.
    """
    facing = -1 if pose.get("faces") == "left" else 1
    size = pose.get("size", 1.0)
    joints: Joints = {f"{prefix}knee": find({}, pose["knee"])}
    knee = joints[f"{prefix}knee"]
    way = float(pose.get("shank", 180))
    ankle = joints[f"{prefix}ankle"] = knee.towards(way, 40 * size)
    look, line = ("solid", "limb") if not prefix else ("far_solid", "far")
    drawn = Drawn(joints=joints)
    pieces = drawn.front
    if "thigh" in pose:
        pieces.append(Piece(line, polyline([knee, knee.towards(float(pose["thigh"]), 60)]), 17 * size))
    wide = view != "side"
    shape = SHANK_FRONT if wide else SHANK
    pieces.append(Piece(look, placed(shape, knee, way + 180, flipped=facing < 0, scale=size), halo=True))
    if wide:
        foot_way = float(pose.get("foot", 180))
        if pose.get("pointed"):
            pieces += pointed_foot(pose, ankle, foot_way, size, prefix, joints)
        else:
            pieces.append(Piece(look, placed(FOOT_FRONT, ankle, foot_way + 180, scale=size)))
            joints[f"{prefix}toes"] = ankle.towards(foot_way, 14 * size)
            joints[f"{prefix}ball"] = ankle.towards(foot_way, 11 * size)
        out = way - 90 * facing
        for name, off in (("shin_outer", 5.0), ("shin_inner", -5.0), ("shin", 0.0)):
            points = [
                knee.along(ankle, share).towards(out, -off * size * (1.1 - share * 0.5))
                for share in (0.12, 0.75)
            ]
            drawn.spots[f"{prefix}{name}"] = spot(points, 4.6 * size)
        drawn.spots[f"{prefix}sole"] = spot(
            [ankle.towards(foot_way, 6 * size), ankle.towards(foot_way, 12 * size)], 5 * size
        )
    else:
        foot_way = float(pose.get("foot", way - 90 * facing))
        arch = pose.get("arch", 0)
        dome = ARCHED.format(9.5 - 6 * arch, 13 + arch, 2 - 2 * arch, 8 + arch, -1 - 2 * arch)
        sole = dome if "arch" in pose else FOOT_SIDE
        # The shapes are drawn with the toes to the right: pointing up means turned a quarter back
        pieces.append(
            Piece(look, placed(sole, ankle, foot_way - 90 * facing, flipped=facing < 0, scale=size))
        )

        def on_foot(ahead: float, below: float) -> Point:
            return ankle.towards(foot_way, ahead * size).towards(foot_way + 90 * facing, below * size)

        ball = joints[f"{prefix}ball"] = on_foot(19, 6.5)
        joints[f"{prefix}heel"] = on_foot(-6, 8)
        joints[f"{prefix}arch"] = on_foot(7, 8.5)
        toe_way = float(pose.get("toes", foot_way))
        joints[f"{prefix}toes"] = ball.towards(toe_way, 8 * size)
        pieces.append(Piece(line, polyline([ball, joints[f"{prefix}toes"]]), 5.4 * size))
        front = way - 90 * facing
        for name, off, start, end in (
            ("calf", -5.5, 0.12, 0.5), ("lower_calf", -3.4, 0.45, 0.85), ("shin", 3.6, 0.15, 0.75),
            ("shin_outer", -0.5, 0.12, 0.75), ("shin_inner", -1.5, 0.3, 0.9),
            ("calf_rear", -6.0, 0.4, 0.74),
        ):  # fmt: skip
            points = [knee.along(ankle, share).towards(front, off * size) for share in (start, end)]
            drawn.spots[f"{prefix}{name}"] = spot(points, 4.4 * size)
        under = 7.2 - 2 * arch
        drawn.spots[f"{prefix}sole"] = spot(
            [on_foot(-3, 7.5), on_foot(7, under - 0.8), on_foot(16, 7.2)], 3.6 * size
        )
    if "other" in pose and not prefix:
        second = leg_and_foot(pose["other"], view, "other_")
        joints.update(second.joints)
        drawn.back += second.front
    return drawn


RIGS: Mapping[str, Callable[[Pose, str], Drawn]] = {
    "body": body,
    "head": head,
    "hand": arm_and_hand,
    "foot": leg_and_foot,
}
VIEWS = {
    "body": ("side", "front", "back"),
    "head": ("side", "front", "back"),
    "hand": ("side", "top"),
    "foot": ("side", "front"),
}
