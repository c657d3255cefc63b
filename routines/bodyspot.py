"""One spot on the body as it is drawn: which area lies under it, and the part of a view in which it is looked at.

A spot is told in thousandths of its view's width and height, so that it means the same however large the view is drawn.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from routines.bodymap import DRAWINGS, NONE, VIEWS, Drawing, View, side_word

WHOLE = 1000  # a spot lies from 0 to 1000 in both directions
MARGIN = 26.0  # units of the drawing left around an area
CURVE = 8  # straight pieces of which a curve is read
VIEW_BY_NAME = {view.name: view for view in VIEWS}

Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """The part of a view that is drawn enlarged, in the units of its drawing.

    `area` and `side` are empty for the whole; `path` draws the area on its side, `middle` lies in it.
    """

    view: View
    x: float
    y: float
    width: float
    height: float
    area: str = ""
    side: str = ""
    path: str = ""
    middle: Point | None = None

    @property
    def mirrored(self) -> bool:
        """Whether the area lies in the half that is drawn by turning the other one over."""
        return bool(self.side) and self.view.side_of(True) == self.side

    @property
    def key(self) -> str:
        """ "back.calf.left", or "back" for all of it: what an address and a form say."""
        return ".".join(filter(None, (self.view.name, self.area, self.side)))

    @property
    def areas(self) -> str:
        """The edges of all areas in the drawn half: what lies around, for the eye."""
        return "".join(each.path for each in DRAWINGS[self.view.name])

    @property
    def box(self) -> str:
        return f"{self.x:g} {self.y:g} {self.width:g} {self.height:g}"

    def high(self, wide: int) -> int:
        """How many pixels high it is when it is so many wide."""
        return round(wide * self.height / self.width)

    def spot(self, x: float, y: float) -> tuple[int, int]:
        """Thousandths of the view, from shares (0 to 1) of this frame."""
        return thousandths(self.view, (self.x + x * self.width, self.y + y * self.height))


def thousandths(view: View, point: Point) -> tuple[int, int]:
    """A point in the units of the drawing as it is kept; what lies outside is moved to the edge."""
    x, y = point
    return (
        min(max(round(WHOLE * x / view.width), 0), WHOLE),
        min(max(round(WHOLE * y / view.height), 0), WHOLE),
    )


@cache
def outline(path: str) -> tuple[Point, ...]:
    """The corners of a closed path of our drawings (absolute M, L, H, V, Q, C, Z), curves as short straight pieces."""
    points: list[Point] = []
    for command, numbers in pieces(path):
        if command == "H":
            points.extend((x, points[-1][1]) for x in numbers)
        elif command == "V":
            points.extend((points[-1][0], y) for y in numbers)
        else:
            pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
            size = {"M": 1, "L": 1, "Q": 2, "C": 3}[command]
            for start in range(0, len(pairs), size):
                bends = pairs[start : start + size]
                points.extend(curve([points[-1], *bends]) if size > 1 else bends)
    return tuple(points)


def pieces(path: str) -> Iterator[tuple[str, list[float]]]:
    for command, numbers in re.findall(r"([MLHVQC])([^A-Za-z]*)", path):
        yield command, [float(number) for number in re.findall(r"-?[\d.]+", numbers)]


def curve(bends: list[Point]) -> Iterator[Point]:
    """Points of the Bézier curve after its first one."""
    for step in range(1, CURVE + 1):
        part, row = step / CURVE, bends
        while len(row) > 1:
            row = [
                (a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])) for a, b in itertools.pairwise(row)
            ]
        yield row[0]


def within(path: str, x: float, y: float) -> bool:
    """Whether the point lies in the path; on its edge it may be either."""
    inside = False
    corners = outline(path)
    for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def half_of(view: View, x: int) -> str:
    """Whose side the spot lies on, left or right; the middle line counts for the viewer's left."""
    return view.side_of(x * 2 > WHOLE)


def area_at(view: View, x: int, y: int) -> str:
    """The slug of the area under this spot; empty beside the body."""
    across, down = x * view.width / WHOLE, y * view.height / WHOLE
    across = min(across, view.width - across)  # each view is drawn for its left half and mirrored
    if not within(view.outline, across, down):
        return ""
    # What is drawn later lies on top
    found = (each for each in reversed(DRAWINGS[view.name]) if within(each.path, across, down))
    return next((each.area for each in found), "")


def whole_view(view: View) -> Frame:
    return Frame(view, 0, 0, view.width, view.height)


def frames_of(area: str, side: str) -> list[Frame]:
    """The area on this side wherever it is drawn, with some of what lies around it. `side` none: across the middle."""
    return [
        enlarged(view, drawing, side)
        for view in VIEWS
        for drawing in DRAWINGS[view.name]
        if drawing.area == area
    ]


def enlarged(view: View, drawing: Drawing, side: str) -> Frame:
    """Its bounding box cut to the body's, with a margin, and nearly square, so that it fits a phone."""
    body, corners = outline(view.outline), outline(drawing.path)
    mirrored = view.side_of(True) == side
    xs, ys = [x for x, _y in corners], [y for _x, y in corners]
    left = max(min(xs), min(x for x, _y in body)) - MARGIN
    right = min(max(xs), view.width / 2 if side != NONE else view.width) + MARGIN
    if side == NONE:
        left = min(left, view.width - right)
        right = view.width - left
    elif mirrored:
        left, right = view.width - right, view.width - left
    top, bottom = max(min(ys), 0) - MARGIN, min(max(ys), view.height) + MARGIN
    width, height = right - left, bottom - top
    wider, higher = max(height / 1.4 - width, 0), max(width / 1.4 - height, 0)
    x, y = drawing.at
    return Frame(
        view,
        left - wider / 2,
        top - higher / 2,
        width + wider,
        height + higher,
        drawing.area,
        "" if side == NONE else side,
        drawing.path,
        (view.width - x if mirrored else x, y),
    )


def frame_named(key: str) -> Frame | None:
    """The frame that an address or a form names; None for what there is not."""
    name, area, side = (*key.split("."), "", "", "")[:3]
    view = VIEW_BY_NAME.get(name)
    if view is None or key.count(".") > 2 or side not in ("", "left", "right"):
        return None
    if not area:
        return whole_view(view) if key == name else None
    return next(
        (each for each in frames_of(area, side or NONE) if each.view == view and each.key == key), None
    )


def half_words(view: View, x: int) -> str:
    """ "left"; empty close to the middle line, where neither side is meant."""
    return "" if abs(x * 2 - WHOLE) < WHOLE // 25 else side_word(half_of(view, x))
