"""A forearm with its hand. Pure."""

from __future__ import annotations

from routines.figures.geometry import placed, polyline
from routines.figures.rigs.parts import Drawn, Joints, Piece, Pose, find, spot

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
        drawn.front += second.front
    return drawn
