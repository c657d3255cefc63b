"""A lower leg with its foot. Pure."""

from __future__ import annotations

from routines.figures.geometry import Point, placed, polyline
from routines.figures.rigs.parts import Drawn, Joints, Piece, Pose, dot, find, spot

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
