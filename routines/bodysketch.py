"""A small drawing of the body on which a few areas are shown, and the words that say the same. Pure.

Only the views that have something to show are drawn. What an area is shown for is told by its texture (filled, lines, dots, a
cross), so that it reads without colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from routines.bodymap import DRAWINGS, LEFT, NONE, RIGHT, VIEWS, Drawing, View, place_words
from routines.bodyspot import outline
from routines.models import BodyArea, Exercise, ExerciseKind, ExerciseMuscle, SideMode
from routines.wording import in_sentence

BOTH = "both"
WORKS, ALSO = "works", "also"
RELEASED, STRENGTHENED = "released", "strengthened"
TIGHT, WEAK, PAIN = "tight", "weak", "pain"

# What an area may be shown for, in the order in which it is told.
WORDS: Mapping[str, Any] = {
    WORKS: gettext_lazy("Works on"),
    ALSO: gettext_lazy("Also works on"),
    RELEASED: gettext_lazy("Released"),
    STRENGTHENED: gettext_lazy("Strengthened"),
    TIGHT: gettext_lazy("Tight"),
    WEAK: gettext_lazy("Weak"),
    PAIN: gettext_lazy("Pain"),
}
FILLED, LINES, DOTS, CROSS = "filled", "lines", "dots", "cross"
TEXTURES: Mapping[str, str] = {
    WORKS: FILLED,
    ALSO: LINES,
    RELEASED: LINES,
    STRENGTHENED: FILLED,
    TIGHT: LINES,
    WEAK: DOTS,
    PAIN: CROSS,
}
CLOSE_UPS = ("palms", "hands", "feet", "soles")
# Parts of the whole body that are drawn larger where nothing lies outside: from where, how high.
HALVES = ((188, 268), (0, 274))
EDGE = 8  # units between what is shown and the edge of the drawing


@dataclass(frozen=True)
class Shown:
    """One area and what it is shown for. `side` is left, right, both; none or empty where no side is meant.

    `view` is where the catalogue shows the area, `what` says what was meant there: a muscle, a number.
    """

    area: str
    name: str
    sided: bool
    view: str
    look: str
    side: str = ""
    what: str = ""

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides that are drawn; what is meant on no side is drawn on each that the area has."""
        if not self.sided:
            return (NONE,)
        return (self.side,) if self.side in (LEFT, RIGHT) else (RIGHT, LEFT)


def shown(area: BodyArea, look: str, side: str = "", what: str = "") -> Shown:
    return Shown(area.slug, str(area), area.sided, area.map_view, look, side, what)


@dataclass(frozen=True)
class Patch:
    """One area on one side of a view with all that it is shown for."""

    area: str
    side: str
    looks: tuple[str, ...]
    path: str
    mirrored: bool
    x: float
    y: float

    @property
    def css(self) -> str:
        filled = any(TEXTURES[look] == FILLED for look in self.looks)
        return " ".join(["patch", *self.looks, *(["filled"] if filled else [])])

    @property
    def overlays(self) -> list[str]:
        """What is drawn over its colour by a pattern."""
        return [look for look in self.looks if TEXTURES[look] in (LINES, DOTS)]

    @property
    def cross_at(self) -> str:
        """Where the cross for pain stands; empty where none does."""
        return f"{self.x:g} {self.y:g}" if PAIN in self.looks else ""


@dataclass(frozen=True)
class SketchView:
    """One view, or a half of it, with its patches."""

    view: View
    top: float
    height: float
    patches: tuple[Patch, ...]

    @property
    def box(self) -> str:
        return f"-3 {self.top:g} {self.view.width + 6} {self.height:g}"

    @property
    def css(self) -> str:
        return "close-up" if self.view.name in CLOSE_UPS else "body-half" if self.is_half else "whole-body"

    @property
    def is_half(self) -> bool:
        return self.height < self.view.height


@dataclass(frozen=True)
class Line:
    """All that is shown for one thing, in words: "Works on: buttock, right (deep buttock rotators)"."""

    look: str
    places: tuple[str, ...]

    @property
    def word(self) -> str:
        return str(WORDS[self.look])

    @property
    def texture(self) -> str:
        return TEXTURES[self.look]

    @property
    def text(self) -> str:
        return "; ".join(self.places)


@dataclass(frozen=True)
class Sketch:
    """The views that are drawn and the lines that say the same."""

    views: tuple[SketchView, ...]
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The whole drawing in words."""
        return ". ".join(f"{line.word}: {line.text}" for line in self.lines)

    @property
    def patterns(self) -> list[Line]:
        """What needs a pattern."""
        return [line for line in self.lines if line.texture in (LINES, DOTS)]


def sketch(what: Iterable[Shown], *, beside: Iterable[Shown] = ()) -> Sketch | None:
    """The drawing of what is shown; None where nothing is.

    `beside`: what the drawings show that stand beside this one, so that all of them have the same views.
    """
    here = list(what)
    if not here:
        return None
    return drawn(here, [*here, *beside])


def sketches(series: Sequence[Sequence[Shown]]) -> list[Sketch]:
    """Drawings to be compared: each has the views of all, one without anything to show as well."""
    everything = [each for one in series for each in one]
    return [drawn(one, everything) for one in series]


def drawn(here: Sequence[Shown], everything: Sequence[Shown]) -> Sketch:
    views = views_for(everything)
    return Sketch(
        tuple(
            SketchView(view, *frame_of(view, everything), patches=tuple(patches(view, here)))
            for view in VIEWS
            if view.name in views
        ),
        tuple(lines(here)),
    )


# ---- Where -----------------------------------------------------------------------------------------------------------


def drawings_of(area: str) -> list[tuple[str, Drawing]]:
    """Each view that draws the area, with its drawing."""
    return [(name, each) for name, rows in DRAWINGS.items() for each in rows if each.area == area]


def views_for(what: Iterable[Shown]) -> set[str]:
    """The fewest views that show each area well: hands and feet from near, the others from where the catalogue has them."""
    chosen: set[str] = set()
    either: list[Shown] = []
    for each in what:
        names = [name for name, _drawing in drawings_of(each.area)]
        near = [name for name in names if name in CLOSE_UPS]
        if near or len(names) == 1:
            chosen.add((near or names)[0])
        elif names:
            either.append(each)
    for each in either:
        names = [name for name, _drawing in drawings_of(each.area)]
        if not chosen & set(names):
            chosen.add(each.view if each.view in names else names[0])
    return chosen


def frame_of(view: View, what: Iterable[Shown]) -> tuple[float, float]:
    """From where and how high the view is drawn: a half of the body where nothing that is shown lies outside it."""
    if view.name not in CLOSE_UPS:
        spans = [
            span(view, each.path) for one in what for name, each in drawings_of(one.area) if name == view.name
        ]
        for top, height in HALVES:
            if spans and all(top + EDGE <= low and high <= top + height - EDGE for low, high in spans):
                return top, height
        return 0, view.height
    return -3, view.height + 3


def span(view: View, path: str) -> tuple[float, float]:
    """The highest and the lowest point of an area, as far as the body reaches."""
    down = [y for _x, y in outline(path)]
    return max(min(down), EDGE), min(max(down), view.height - EDGE)


def patches(view: View, what: Sequence[Shown]) -> Iterable[Patch]:
    """From head to foot, what lies over another one last, as the body map draws it."""
    for each in DRAWINGS[view.name]:
        of_area = [one for one in what if one.area == each.area]
        for mirrored in (False, True):
            side = view.side_of(mirrored)
            looks = {one.look for one in of_area if side in one.sides or (NONE in one.sides and not mirrored)}
            if not looks:
                continue
            sided = any(one.sided for one in of_area)
            x, y = each.at
            yield Patch(
                each.area,
                side if sided else NONE,
                tuple(look for look in WORDS if look in looks),
                each.path,
                mirrored,
                view.width - x if mirrored else x,
                y,
            )


# ---- In words --------------------------------------------------------------------------------------------------------


def lines(what: Sequence[Shown]) -> Iterable[Line]:
    for look in WORDS:
        if here := [each for each in what if each.look == look]:
            yield Line(look, tuple(places(here)))


def places(what: Sequence[Shown]) -> list[str]:
    """ "buttock, right (deep buttock rotators)", from head to foot; both sides together where the same is said of them."""
    order = [area for rows in DRAWINGS.values() for area in (each.area for each in rows)]
    known: dict[tuple[str, str], list[Shown]] = {}
    for each in what:
        known.setdefault((each.area, each.side if each.sided else NONE), []).append(each)
    found: dict[tuple[str, tuple[str, ...]], list[Shown]] = {}
    for (area, _side), here in known.items():
        said = tuple(dict.fromkeys(filter(None, map(what_words, here))))
        found.setdefault((area, said), []).append(here[0])
    rows = sorted(found.items(), key=lambda row: order.index(row[0][0]) if row[0][0] in order else len(order))
    return [
        words for (_area, said), here in rows for words in (with_what(each, said) for each in together(here))
    ]


def together(here: list[Shown]) -> list[Shown]:
    """One for the sides of an area: without a word where one of them is meant on no side, else both where both are."""
    sides = {each.side for each in here}
    if not sides <= {LEFT, RIGHT, BOTH}:
        return [replace(here[0], side="")]
    return [replace(here[0], side=BOTH)] if len(sides) > 1 else here


def what_words(each: Shown) -> str:
    """A muscle with its side where the area has none."""
    what = in_sentence(each.what)
    return place_words(what, each.side) if what and not each.sided else what


def with_what(each: Shown, said: Sequence[str]) -> str:
    name = in_sentence(each.name)
    if each.sided:
        name = f"{name}, {_('both sides')}" if each.side == BOTH else place_words(name, each.side)
    if not drawings_of(each.area):
        name = _("%(place)s, not on the drawing") % {"place": name}
    return f"{name} ({', '.join(said)})" if said else name


# ---- Of the catalogue --------------------------------------------------------------------------------------------------


def muscles_shown(rows: Iterable[ExerciseMuscle], side: str = "") -> list[Shown]:
    """The areas of an exercise's muscles: where it works and where it works as well. Read the rows with their areas.

    An area in which a target lies is told once, as the target's.
    """
    rows = list(rows)
    targets = {row.muscle.body_area_id for row in rows if row.role == ExerciseMuscle.Role.TARGET}
    return [
        shown(
            row.muscle.body_area,
            WORKS if row.role == ExerciseMuscle.Role.TARGET else ALSO,
            side,
            str(row.muscle),
        )
        for row in rows
        if row.role == ExerciseMuscle.Role.TARGET or row.muscle.body_area_id not in targets
    ]


def exercise_sketch(exercise: Exercise) -> Sketch | None:
    """Where it works. Read the exercise with its muscles and their areas."""
    return sketch(muscles_shown(exercise.muscles.all()))


def reached(exercise: Exercise, side: str = "") -> list[Shown]:
    """The areas of the muscles that an exercise is for, released or strengthened; `side` where it is done side by side."""
    look = reach_of(exercise.kind)
    told = side if exercise.side_mode == SideMode.EACH_SIDE and side in (LEFT, RIGHT, BOTH) else ""
    return [
        shown(row.muscle.body_area, look, told)
        for row in exercise.muscles.all()
        if row.role == ExerciseMuscle.Role.TARGET
    ]


def reach_of(kind: str) -> str:
    return RELEASED if ExerciseKind(kind).is_release else STRENGTHENED
