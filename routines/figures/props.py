"""What a figure holds, lies on or leans against. Pure.

A place is two numbers or a joint ("hand", "knee 2 -3": a little beside it), so that a ball moves with the hip that rests
on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from routines.figures.geometry import pairs, placed, polyline
from routines.figures.rigs import Joints, Piece, UnknownPart, dot, find

Told = Mapping[str, Any]


def floor(told: Any, joints: Joints) -> list[Piece]:
    """floor: height, or {at: height, from: x, to: x}."""
    told = told if isinstance(told, Mapping) else {"at": told}
    return [Piece("ground", f"M{told.get('from', 4)} {told['at']}H{told.get('to', 116)}", 1.4)]


def wall(told: Any, joints: Joints) -> list[Piece]:
    """wall: x, or {at: x, from: y, to: y}."""
    told = told if isinstance(told, Mapping) else {"at": told}
    return [Piece("ground", f"M{told['at']} {told.get('from', 4)}V{told.get('to', 85)}", 2.2)]


def mat(told: Told, joints: Joints) -> list[Piece]:
    """mat: {from: x, to: x, at: height}; with `deep`, seen from above: the rim of the whole mat, so high; slant: its upper side so far to the right."""
    if "deep" in told:
        start, end, at, top = told["from"], told["to"], told["at"], told["at"] - told["deep"]
        slant = told.get("slant", 0)
        return [Piece("prop", f"M{start} {at}H{end}L{end + slant} {top}H{start + slant}Z", 1.8)]
    return [Piece("prop", f"M{told['from']} {told['at']}H{told['to']}", 2.6)]


def ball(told: Told, joints: Joints) -> list[Piece]:
    """ball: {at: place, r: radius}."""
    return [dot("prop", find(joints, told["at"]), told.get("r", 4.4), halo=True)]


def roller(told: Told, joints: Joints) -> list[Piece]:
    """roller: {at: place, r: radius}, seen from its end; {from: place, to: place, r: half its width}, seen along."""
    if "from" in told:
        return [
            Piece(
                "prop", polyline([find(joints, told["from"]), find(joints, told["to"])]), 2 * told.get("r", 5)
            )
        ]
    at, r = find(joints, told["at"]), told.get("r", 6)
    return [dot("prop", at, r, halo=True), dot("gap", at, r * 0.45)]


def line(told: Told, joints: Joints) -> list[Piece]:
    """stick, band, strap, bar: {through: [places], width}; beside, longer: so far to the right of its way, and beyond its ends."""
    points = [find(joints, place) for place in told["through"]]
    if "beside" in told or "longer" in told:
        way, off, longer = points[0].direction(points[-1]), told.get("beside", 0), told.get("longer", 0)
        points = [point.towards(way + 90, off) for point in points]
        points[0], points[-1] = points[0].towards(way + 180, longer), points[-1].towards(way, longer)
    return [Piece("prop", polyline(points), told.get("width", 2.4), halo=bool(told.get("halo")))]


def curve(told: Told, joints: Joints) -> list[Piece]:
    """A cane or a loose band: {through: [start, bend, end]} or [start, bend, bend, end]."""
    start, *rest = [find(joints, place) for place in told["through"]]
    command = "Q" if len(rest) == 2 else "C"
    return [Piece("prop", f"{polyline([start])}{command}{pairs(rest)}", told.get("width", 3))]


def loop(told: Told, joints: Joints) -> list[Piece]:
    """A mini band around two places: {around: [place, place], r}."""
    a, b = (find(joints, place) for place in told["around"])
    r = told.get("r", 4)
    way = a.direction(b)
    rim = [
        a.towards(way - 90, r), b.towards(way - 90, r), b.towards(way, r * 0.9), b.towards(way + 90, r),
        a.towards(way + 90, r), a.towards(way + 180, r * 0.9),
    ]  # fmt: skip
    p = [pairs([point]) for point in rim]
    return [Piece("prop", f"M{p[0]}L{p[1]}Q{p[2]} {p[3]}L{p[4]}Q{p[5]} {p[0]}", told.get("width", 2.4))]


def chair(told: Told, joints: Joints) -> list[Piece]:
    """chair: {seat: [x, y] of its middle, wide, floor, back: left, right or none}."""
    x, y = told["seat"]
    half, floor_at = told.get("wide", 26) / 2, told.get("floor", 84)
    legs = f"M{x - half} {y}H{x + half}M{x - half + 2} {y}V{floor_at}M{x + half - 2} {y}V{floor_at}"
    back = told.get("back", "left")
    if back != "none":
        edge, lean = (x - half, -3) if back == "left" else (x + half, 3)
        legs += f"M{edge} {y}L{edge + lean} {y - told.get('high', 26)}"
    return [Piece("object", legs, 2.8)]


def block(told: Told, joints: Joints) -> list[Piece]:
    """step, bed, table top: {at: [x, y] of its upper left corner, wide, high}."""
    x, y = told["at"]
    return [Piece("object_solid", f"M{x} {y}h{told['wide']}v{told['high']}h-{told['wide']}Z", 0)]


def table(told: Told, joints: Joints) -> list[Piece]:
    """table: {from: x, to: x, at: height, floor}; without `floor` its legs are not seen."""
    start, end, at = told["from"], told["to"], told["at"]
    path = f"M{start} {at}H{end}"
    if "floor" in told:
        path += f"M{start + 5} {at}V{told['floor']}M{end - 5} {at}V{told['floor']}"
    return [Piece("object", path, 2.8)]


def doorway(told: Told, joints: Joints) -> list[Piece]:
    """doorway: {at: x of the jamb, top, floor}: the edge that the forearm leans against, and the wall behind it."""
    x, top, low = told["at"], told.get("top", 4), told.get("floor", 84)
    return [Piece("object", f"M{x} {low}V{top}M{x + 4} {low}V{top}", 2.4)]


def towel(told: Told, joints: Joints) -> list[Piece]:
    """A rolled towel or cushion: {at: place, wide, high, turn: direction of its upper side}."""
    at = find(joints, told["at"])
    w, h = told.get("wide", 10) / 2, told.get("high", 6) / 2
    shape = f"M{-w} 0C{-w} {-h * 1.3} {w} {-h * 1.3} {w} 0C{w} {h * 1.3} {-w} {h * 1.3} {-w} 0Z"
    return [Piece("prop_solid", placed(shape, at, told.get("turn", 0)), 0, halo=True)]


def bottle(told: Told, joints: Joints) -> list[Piece]:
    """A light weight: {at: place, turn: where its neck points, high}."""
    at, s = find(joints, told["at"]), told.get("high", 14) / 14
    shape = "M-3.500 7L-3.500 -2C-3.500 -5 -1.500 -5 -1.500 -8L1.500 -8C1.500 -5 3.500 -5 3.500 -2L3.500 7Z"
    return [Piece("prop_solid", placed(shape, at, told.get("turn", 0), scale=s), 0, halo=True)]


def dumbbell(told: Told, joints: Joints) -> list[Piece]:
    """A small weight across the hand: {at: place, turn: direction of its bar, wide, plate: half its height}."""
    at, half = find(joints, told["at"]), told.get("wide", 12) / 2
    turn = told.get("turn", 90)
    ends = at.towards(turn, half), at.towards(turn + 180, half)
    plate = told.get("plate", 3.4)
    plates = [polyline([end.towards(turn + 90, plate), end.towards(turn - 90, plate)]) for end in ends]
    return [Piece("prop", polyline(ends), 2.6), Piece("prop", "".join(plates), 4.2)]


def hammer(told: Told, joints: Joints) -> list[Piece]:
    """hammer: {at: place of the hand, turn: where its head points, long}; or {at, to: place of its head}."""
    at, long, turn = find(joints, told["at"]), told.get("long", 26), told.get("turn", 0)
    if "to" in told:
        end = find(joints, told["to"])
        long, turn = at.distance(end), at.direction(end)
    top = at.towards(turn, long)
    head = polyline([top.towards(turn + 90, 6), top.towards(turn - 90, 5)])
    return [Piece("prop", polyline([at.towards(turn + 180, 6), top]), 2.6), Piece("prop", head, 5.6)]


def bag(told: Told, joints: Joints) -> list[Piece]:
    """A bag that hangs from the hand: {at: place of its handle, wide, high}."""
    at = find(joints, told["at"])
    w, h = told.get("wide", 16) / 2, told.get("high", 15)
    handle = f"M{-w * 0.6} 7L0 0L{w * 0.6} 7"
    sack = f"M{-w} 7L{w} 7L{w * 0.85} {7 + h}L{-w * 0.85} {7 + h}Z"
    return [Piece("prop", placed(handle, at, 0), 2.2), Piece("prop_solid", placed(sack, at, 0), 0, halo=True)]


def helping_arm(told: Told, joints: Joints) -> list[Piece]:
    """A forearm, hand or finger where the rig has none: {through: [places], width, far: true for the far colour, halo: false}."""
    points = [find(joints, place) for place in told["through"]]
    look = "far" if told.get("far") else "limb"
    return [Piece(look, polyline(points), told.get("width", 9), halo=told.get("halo", True))]


def crease(told: Told, joints: Joints) -> list[Piece]:
    """A line in a palm or between fingers, in the colour of the ground: {through: [start, bend, end], width}."""
    start, *rest = [find(joints, place) for place in told["through"]]
    return [Piece("gap", f"{polyline([start])}Q{pairs(rest)}", told.get("width", 1.1))]


def arrow(told: Told, joints: Joints) -> list[Piece]:
    """Which way it moves: {from: place, to: place, bend: how far the way curves to its right}."""
    start, end = find(joints, told["from"]), find(joints, told["to"])
    bend = told.get("bend", 0)
    middle = start.along(end, 0.5).towards(start.direction(end) + 90, bend)
    heading = middle.direction(end)
    barbs = [end.towards(heading + turn, told.get("head", 4.5)) for turn in (145, -145)]
    path = f"{polyline([start])}Q{pairs([middle, end])}{polyline([barbs[0], end, barbs[1]])}"
    if told.get("both"):
        heading = middle.direction(start)
        barbs = [start.towards(heading + turn, told.get("head", 4.5)) for turn in (145, -145)]
        path += polyline([barbs[0], start, barbs[1]])
    return [Piece("arrow", path, 2)]


def turning(told: Told, joints: Joints) -> list[Piece]:
    """An arrow that goes round: {at: place, r, from: direction, to: direction}; clockwise when `to` is the greater."""
    at, r = find(joints, told["at"]), told.get("r", 5)
    first, last = told.get("from", 0), told.get("to", 290)
    share = (last - first) / 4
    bulge = r / math.cos(math.radians(share / 2))  # so that four pieces make the round
    path = polyline([at.towards(first, r)])
    for n in range(4):
        path += f"Q{pairs([at.towards(first + share * (n + 0.5), bulge), at.towards(first + share * (n + 1), r)])}"
    end, heading = at.towards(last, r), last + (90 if last > first else -90) + (12 if last < first else -12)
    barbs = [end.towards(heading + turn, told.get("head", 4)) for turn in (145, -145)]
    return [Piece("arrow", path + polyline([barbs[0], end, barbs[1]]), told.get("width", 2))]


def behind(told: Told, joints: Joints) -> list[Piece]:
    """A small second picture, seen from behind, of where it lies: {at: place of the middle, of: trunk or head, high}."""
    at, s = find(joints, told["at"]), told.get("high", 40) / 40
    if told.get("of", "trunk") == "head":
        shapes = [
            "M-5 -2C-5 8 -18 8 -19 20L19 20C18 8 5 8 5 -2Z",
            "M0 5C-7 4 -10.500 -1 -10.500 -8C-10.500 -16 -6 -20 0 -20C6 -20 10.500 -16 10.500 -8C10.500 -1 7 4 0 5Z",
        ]
    else:
        shapes = [
            (
                "M-3.500 -20L3.500 -20C3.500 -15 12 -15 13 -11C13 -3 9 0 9 6C9 10 12 13 12 20"
                "L-12 20C-12 13 -9 10 -9 6C-9 0 -13 -3 -13 -11C-12 -15 -3.500 -15 -3.500 -20Z"
            )
        ]
    pieces = [Piece("far_solid", placed(shape, at, 0, scale=s), 0) for shape in shapes]
    spine = [at.shifted(0, y * s) for y in ((-14, 16) if len(shapes) == 1 else (6, 19))]
    return [*pieces, Piece("gap", polyline(spine), 1.2)]


def grip(told: Told, joints: Joints) -> list[Piece]:
    """A hand that holds something in a close-up, with its forearm: {at: place, from: place, far: true for the other hand}."""
    at, start = find(joints, told["at"]), find(joints, told["from"])
    look = "far" if told.get("far") else "limb"
    return [
        Piece(look, polyline([start, at]), told.get("width", 7), halo=True),
        dot(look, at, told.get("r", 4.8)),
    ]


def waves(told: Told, joints: Joints) -> list[Piece]:
    """Pressing or breathing without a way: short strokes around a place: {at: place, r, from: direction, to: direction}."""
    at, r = find(joints, told["at"]), told.get("r", 9)
    first, last = told.get("from", -40), told.get("to", 40)
    strokes = [
        polyline(
            [at.towards(first + (last - first) * n / 2, r), at.towards(first + (last - first) * n / 2, r + 4)]
        )
        for n in range(3)
    ]
    return [Piece("arrow", "".join(strokes), 2)]


PROPS: Mapping[str, Callable[[Any, Joints], list[Piece]]] = {
    "floor": floor, "wall": wall, "mat": mat, "ball": ball, "roller": roller, "stick": line, "band": line,
    "strap": line, "bar": line, "cane": curve, "rope": curve, "mini_band": loop, "chair": chair, "step": block,
    "bed": block, "block": block, "table": table, "doorway": doorway, "towel": towel, "cushion": towel, "bottle": bottle,
    "dumbbell": dumbbell, "hammer": hammer, "bag": bag, "behind": behind, "grip": grip, "helping_arm": helping_arm, "crease": crease,
    "arrow": arrow, "turning": turning, "waves": waves,
}  # fmt: skip


def prop(name: str, told: Any, joints: Joints) -> list[Piece]:
    if name not in PROPS:
        raise UnknownPart(f"There is no prop {name!r}; there are {', '.join(sorted(PROPS))}.")
    return PROPS[name](told, joints)
