"""Points, directions and paths of a figure. Pure.

Units are those of the drawing (120 by 90, y grows downwards). A direction is told like a compass: 0 up, 90 to the right,
180 down, 270 to the left.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")


@dataclass(frozen=True)
class Point:
    x: float
    y: float

    def towards(self, direction: float, length: float) -> Point:
        """The point `length` away in that direction."""
        turn = math.radians(direction)
        return Point(self.x + length * math.sin(turn), self.y - length * math.cos(turn))

    def shifted(self, x: float, y: float) -> Point:
        return Point(self.x + x, self.y + y)

    def along(self, other: Point, share: float) -> Point:
        """The point that lies `share` of the way to the other."""
        return Point(self.x + (other.x - self.x) * share, self.y + (other.y - self.y) * share)

    def distance(self, other: Point) -> float:
        return math.hypot(other.x - self.x, other.y - self.y)

    def direction(self, other: Point) -> float:
        return math.degrees(math.atan2(other.x - self.x, self.y - other.y)) % 360


def written(value: float) -> str:
    """A number in as few characters as a tenth of a unit needs."""
    told = f"{value:.1f}".removesuffix(".0")
    return "0" if told == "-0" else told


def pairs(points: Sequence[Point]) -> str:
    return " ".join(f"{written(p.x)} {written(p.y)}" for p in points)


def polyline(points: Sequence[Point]) -> str:
    """The path through the points."""
    return f"M{pairs(points)}"


def placed(shape: str, at: Point, direction: float, *, flipped: bool = False, scale: float = 1) -> str:
    """A path given for a part that points upwards from the origin, laid at a place, in a direction, mirrored on demand.

    Only absolute commands whose numbers come in pairs can be turned: M, L, Q, C, Z.
    """
    numbers = [float(n) for n in NUMBER.findall(shape)]
    turn = math.radians(direction)
    sin, cos = math.sin(turn) * scale, math.cos(turn) * scale
    laid = []
    for x, y in zip(numbers[::2], numbers[1::2], strict=True):
        across = -x if flipped else x
        laid.append(f"{written(at.x + across * cos - y * sin)} {written(at.y + across * sin + y * cos)}")
    places = iter(laid)
    told = []
    for command, rest in re.findall(r"([MLQCZ])([^MLQCZ]*)", shape):
        count = len(NUMBER.findall(rest)) // 2
        told.append(command + " ".join(next(places) for _ in range(count)))
    return "".join(told)


def joint(start: Point, end: Point, first: float, second: float, hint: float) -> Point:
    """Where knee or elbow lies when a limb of these two lengths reaches from start to end, bent towards the hint.

    A place out of reach is pointed at with the limb stretched; one too near is reached with the limb folded.
    """
    far = max(min(start.distance(end), first + second - 1e-6), abs(first - second) + 1e-6)
    straight = start.direction(end)
    bend = math.degrees(math.acos((first**2 + far**2 - second**2) / (2 * first * far)))
    middles = [start.towards(straight + turn, first) for turn in (bend, -bend)]
    aim = start.along(end, 0.5).towards(hint, 1000)
    return min(middles, key=aim.distance)


def turned(start: float, end: float, share: float) -> float:
    """The direction `share` of the way from one to another, by the shorter way round."""
    return start + ((end - start + 180) % 360 - 180) * share
