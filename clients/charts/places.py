"""Where on the body a muscle lies, as spots on a small drawing seen from the front or the back. Pure."""

from __future__ import annotations

from dataclasses import dataclass

MIDDLE = 50.0

# Body area: seen from, distance from the middle, height on the drawing, half width, half height. Our own drawing.
AREAS: dict[str, tuple[str, float, float, float, float]] = {
    "head_back": ("back", 0, 15, 6, 5),
    "temple_jaw": ("front", 7, 16, 3, 5),
    "forehead": ("front", 0, 9, 6, 3.5),
    "neck_front": ("front", 3, 29, 2.5, 4),
    "neck_back": ("back", 3, 28, 2.5, 5),
    "shoulder_top": ("back", 11, 36, 7, 3.5),
    "shoulder_front": ("front", 17, 43, 4.5, 5),
    "shoulder_side": ("front", 21, 45, 3.5, 5),
    "shoulder_blade": ("back", 11, 51, 6, 8),
    "chest": ("front", 10, 50, 7, 6),
    "upper_back": ("back", 4, 58, 3.5, 12),
    "arm_front": ("front", 23, 60, 4, 8),
    "arm_back": ("back", 23, 60, 4, 8),
    "elbow_outer": ("back", 27, 74, 3.5, 4.5),
    "elbow_inner": ("front", 24.5, 74, 3.5, 4.5),
    "forearm_front": ("front", 28.5, 87, 4, 9),
    "forearm_back": ("back", 28.5, 87, 4, 9),
    "hand_palm": ("front", 31.5, 106, 4.5, 5),
    "hand_back": ("back", 31.5, 106, 4.5, 5),
    "abdomen": ("front", 0, 78, 9, 11),
    "flank": ("front", 15, 78, 4, 9),
    "low_back": ("back", 6, 82, 5, 8),
    "sacrum": ("back", 4, 95, 4, 5),
    "buttock": ("back", 10, 101, 8, 7),
    "hip_side": ("front", 19, 100, 4.5, 7),
    "groin": ("front", 9, 104, 6, 4),
    "thigh_front": ("front", 10, 124, 5.5, 14),
    "thigh_inner": ("front", 5.5, 122, 3.5, 13),
    "thigh_outer": ("front", 14.5, 124, 3.5, 14),
    "thigh_back": ("back", 10, 124, 5.5, 14),
    "knee_front": ("front", 9, 146, 5, 5),
    "knee_outer": ("front", 13, 146, 3.5, 5),
    "knee_back": ("back", 9, 146, 5, 5),
    "shin": ("front", 8, 169, 3.5, 13),
    "lower_leg_outer": ("front", 11.5, 168, 3, 13),
    "calf": ("back", 8.5, 164, 5, 11),
    "ankle_inner": ("front", 5, 189, 3, 4),
    "heel": ("back", 8, 195, 4, 4),
    "sole": ("back", 10, 199, 5.5, 3.5),
    "foot_top": ("front", 10.5, 198, 5.5, 4),
}


@dataclass(frozen=True)
class Spot:
    """An ellipse: its middle and its half width and height, on a drawing of 100 by 208."""

    x: float
    y: float
    rx: float
    ry: float


@dataclass(frozen=True)
class Place:
    """One drawing: from the front or the back, with a spot on each side that is meant. `name` says it in words."""

    name: str
    back: bool
    spots: tuple[Spot, ...]


def place_of(area: str, side: str, name: str) -> Place | None:
    """The drawing for this body area and side (left, right, both, none); None for an area that is not drawn here.

    From the front the person's right is on the left of the drawing, from the back on the right.
    """
    if area not in AREAS:
        return None
    view, distance, y, rx, ry = AREAS[area]
    back = view == "back"
    signs = {"left": (-1,), "right": (1,)}.get(side, (1, -1)) if distance else (0,)
    turn = 1 if back else -1
    spots = tuple(Spot(MIDDLE + turn * sign * distance, y, rx, ry) for sign in signs)
    return Place(name, back, spots)
