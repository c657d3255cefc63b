"""Head, neck and shoulders. Pure."""

from __future__ import annotations

from routines.figures.geometry import Point, placed, polyline
from routines.figures.rigs.parts import Drawn, Joints, Piece, Pose, find, limb, spot

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
            nose = top.towards(head_way, 8 * size).towards(head_way + 90, -turn * size)
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
