"""The four bodies that a figure can be drawn with. Pure.

A rig takes one pose and gives what is drawn of it: pieces from back to front, the joints by name, and the muscle spots.
The side towards the viewer is the one that works: the person's right. The other one is called far.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from routines.figures.rigs.body import body
from routines.figures.rigs.foot import leg_and_foot
from routines.figures.rigs.hand import arm_and_hand
from routines.figures.rigs.head import head
from routines.figures.rigs.parts import Drawn, Joints, Piece, Pose, UnknownPart, dot, find

RIGS: Mapping[str, Callable[[Pose, str], Drawn]] = {
    "body": body,
    "head": head,
    "hand": arm_and_hand,
    "foot": leg_and_foot,
}
# What a pose may tell of each
POSE_KEYS = {
    "body": frozenset(
        [
            "hips",
            "trunk",
            "head",
            "size",
            "faces",
            "bow",
            "breath",
            "tall",
            "pelvis",
            "apart",
            "turn",
            "face",
            "dim",
            "mark",
            "arm",
            "far_arm",
            "leg",
            "far_leg",
            "arm_over",
            "far_arm_over",
            "leg_over",
            "far_leg_over",
        ]
    ),
    "head": frozenset(
        [
            "base",
            "trunk",
            "neck",
            "head",
            "size",
            "faces",
            "turn",
            "profile",
            "mark",
            "arm",
            "far_arm",
            "far_arm_over",
        ]
    ),
    "hand": frozenset(
        [
            "elbow",
            "forearm",
            "hand",
            "fingers",
            "fingertips",
            "thumb",
            "upper",
            "curl",
            "spread",
            "size",
            "faces",
            "mark",
            "other",
        ]
    ),
    "foot": frozenset(
        ["knee", "shank", "foot", "toes", "thigh", "arch", "pointed", "size", "faces", "mark", "other"]
    ),
}
VIEWS = {
    "body": ("side", "front", "back"),
    "head": ("side", "front", "back"),
    "hand": ("side", "top"),
    "foot": ("side", "front"),
}

__all__ = ["POSE_KEYS", "RIGS", "VIEWS", "Drawn", "Joints", "Piece", "Pose", "UnknownPart", "dot", "find"]
