"""The whole body, from the side, the front or behind. Pure."""

from __future__ import annotations

from routines.figures.geometry import Point, pairs, polyline
from routines.figures.rigs.parts import Drawn, Joints, Piece, Pose, UnknownPart, dot, find, limb, spot


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
