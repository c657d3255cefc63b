"""The body as it is drawn: one region for each body area of the catalogue and each of its sides.

Each view is drawn by hand for the half on the viewer's left and mirrored. Regions are drawn over the edge of the body and
cut off by its outline. From the front the person's right lies on the viewer's left, from behind their left. Deep muscles
lie on the area that covers them (domain.md 2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from routines.models import BodyArea

LEFT, RIGHT, NONE = "left", "right", "none"

BODY = (
    "M100.4 10C87 10 79 19 79 34C79 41 80 46 81 50C82 57 85 63 88 67V77C88 86 80 90 68 94C54 97 46 104 44 120"
    "C42 138 39 156 35 174C31 190 25 214 20 236C16 241 11 247 8 256C6.5 261 10 264 13 261L17 256"
    "C15 266 15 276 17 285C18 292 24 294 27 289C31 281 35 262 36 242C43 220 50 200 54 180C58 164 62 148 64 136"
    "C65 152 70 168 71 184C71 198 64 210 61 228C58 252 62 284 66 318C66 330 66 338 65 348C62 366 66 392 74 416"
    "C74 424 69 430 65 437C62 444 68 447 77 447C86 447 92 443 92 436C92 428 90 422 90 414C95 394 97 368 95 348"
    "C94 338 94 328 95 318C98 296 99 270 99 248L100.4 246Z"
)
HAND = (
    "M31 2V16C24 24 14 36 10 47C8 53 14 56 18 51L26 40L27 74C27 80 34 80 34.5 74L36 53L37.5 83C38 89 45 89 45 83"
    "L45.5 53L48.5 81C49.5 87 56 86 55.5 80L54 51L59 71C60.5 76 67 74.5 66 69L61 38C60.5 29 58 24 57 16V2Z"
)
FOOT = (
    "M29 4C40 3 47 10 48 21C49 31 52 40 57 51C61 60 64 66 64 76C64 85 58 90 53 87C50 93 43 94 40 89C36 94 30 93 28 88"
    "C24 91 19 89 19 84C14 84 12 79 13 73C14 62 18 54 18 43C17 33 15 27 16 18C17 9 21 5 29 4Z"
)


@dataclass(frozen=True)
class View:
    """One drawing: its size in units, the outline of its left half, and whose side the viewer's left is."""

    name: str
    label: Any
    width: int
    height: int
    outline: str
    left_is: str
    lines: tuple[str, ...] = ()  # of the left half, for the eye alone

    @property
    def flip(self) -> str:
        """The transform that draws the other half."""
        return f"translate({self.width} 0) scale(-1 1)"

    def side_of(self, mirrored: bool) -> str:
        return self.left_is if not mirrored else LEFT if self.left_is == RIGHT else RIGHT


VIEWS = (
    View(
        "front",
        gettext_lazy("Front"),
        200,
        456,
        BODY,
        RIGHT,
        ("M95 43Q92.5 41 90 43", "M100.4 60Q97 60 95.5 58.5", "M97.5 219Q100 222 102.5 219"),
    ),
    View("back", pgettext_lazy("of the body", "Back"), 200, 456, BODY, LEFT),
    View("palms", gettext_lazy("Palms"), 152, 92, HAND, RIGHT, ("M27 40Q40 36 50 20",)),
    View("hands", gettext_lazy("Hand backs"), 152, 92, HAND, LEFT),
    View("feet", gettext_lazy("Foot tops"), 152, 96, FOOT, RIGHT),
    View("soles", gettext_lazy("Soles"), 152, 96, FOOT, LEFT),
)


@dataclass(frozen=True)
class Drawing:
    """An area in one view: its shape on the viewer's left (or across the middle), and where its number stands."""

    area: str
    path: str
    at: tuple[float, float]


def _d(area: str, path: str, x: float, y: float) -> Drawing:
    return Drawing(area, path, (x, y))


# From head to foot. An area's region is its first drawing; the others repeat it for whoever points at them.
DRAWINGS: Mapping[str, tuple[Drawing, ...]] = {
    "front": (
        _d("forehead", "M70 0H130V30Q121 34 116 29Q100 25 84 29Q79 34 70 30Z", 100, 20),
        _d("temple_jaw", "M70 30Q79 34 84 29Q84 48 87 56Q89 62 94 67L88 74H70Z", 84, 45),
        _d("neck_front", "M78 72L89 67.500Q94 72 100 72.500V97L76 91Z", 94, 84),
        _d("shoulder_side", "M60 86L53 136H30V86Z", 51, 115),
        _d("shoulder_front", "M60 86L53 136H66Q66 118 79 99L76 86Z", 63, 110),
        _d("chest", "M76 91L100 97V150Q82 158 63 146V136H66Q66 118 79 99Z", 84, 124),
        _d("arm_front", "M20 136H64.500L60 168H20Z", 50, 152),
        _d("elbow_inner", "M20 168H62L54 191H20Z", 44, 179),
        _d("forearm_front", "M0 191H56L44 237H0Z", 36, 214),
        _d("hand_palm", "M0 237H50V300H0Z", 26, 262),
        _d(
            "abdomen",
            "M80 155Q90 155.5 100 150Q110 155.5 120 155V204Q112 222 100 232Q88 222 80 204Z",
            100,
            186,
        ),
        _d("flank", "M63 146Q70 153 80 155V204L57 209L64 180Z", 75, 178),
        _d("hip_side", "M50 210L57 209L76 205L73 246H50Z", 67, 228),
        _d("groin", "M76 205L80 204Q88 222 100 232V254Q84 246 74 234Z", 85, 229),
        _d("thigh_outer", "M50 246H73L77 310H50Z", 68, 276),
        _d("thigh_front", "M74 234Q80 242 88 248L87 310H75.500L73 246Z", 80, 280),
        _d("thigh_inner", "M88 248Q94 252 100 254V310H88Z", 92, 270),
        _d("knee_outer", "M50 310H78V350H50Z", 71, 330),
        _d("knee_front", "M78 310H100V350H78Z", 86, 330),
        _d("lower_leg_outer", "M50 350H78Q76 384 80 412H50Z", 70, 378),
        _d("shin", "M78 350H100V412H80Q76 384 78 350Z", 86, 378),
        _d("ankle_inner", "M82 412H100V429H82Z", 87, 420),
        _d("foot_top", "M50 412H82V429H100V460H50Z", 76, 437),
    ),
    "back": (
        _d("head_back", "M70 0H130V58Q100 66 70 58Z", 100, 36),
        _d("neck_back", "M70 58Q85 64 100 62.500V92Q92 90 84 84L70 82Z", 94, 77),
        _d("shoulder_top", "M70 82L84 84Q92 90 100 92V105Q80 104 60 108H40V86Z", 76, 98),
        _d("shoulder_blade", "M30 108H60Q74 105 85 105L83 150Q72 152 63 146V136H30Z", 66, 126),
        _d("upper_back", "M85 105H100V177L63 168V146Q72 152 83 150Z", 92, 140),
        _d("arm_back", "M20 136H64.500L60 168H20Z", 50, 152),
        _d("elbow_outer", "M20 168H62L54 191H20Z", 44, 179),
        _d("forearm_back", "M0 191H56L44 237H0Z", 36, 214),
        _d("hand_back", "M0 237H50V300H0Z", 26, 262),
        _d("flank", "M63 168L78 171.500V204L57 209L64 180Z", 74, 190),
        _d("low_back", "M78 171.500L100 177V206H78Z", 89, 192),
        _d("sacrum", "M82 206H100V238Q88 230 82 206Z", 94, 218),
        _d("hip_side", "M50 210L57 209L78 204L82 206Q66 222 69 246L50 250Z", 66, 230),
        _d("buttock", "M82 206Q88 230 100 238V258Q84 264 69 252V246Q66 222 82 206Z", 82, 240),
        _d("thigh_back", "M50 250L69 246V252Q84 264 100 258V312H50Z", 81, 284),
        _d("knee_back", "M50 312H100V350H50Z", 80, 331),
        _d("calf", "M50 350H100V414H50Z", 79, 380),
        _d("heel", "M50 414H100V460H50Z", 80, 432),
    ),
    "palms": (_d("hand_palm", "M0 0H76V92H0Z", 44, 38),),
    "hands": (_d("hand_back", "M0 0H76V92H0Z", 44, 38),),
    "feet": (_d("foot_top", "M0 0H76V96H0Z", 38, 60),),
    "soles": (
        _d("sole", "M0 28Q38 36 76 26V96H0Z", 38, 62),
        _d("heel", "M0 0H76V26Q38 36 0 28Z", 32, 16),
    ),
}


@dataclass(frozen=True)
class Mark:
    """What is known of an area on one side: findings at its muscles, and whether it hurts there."""

    findings: int = 0
    pain: bool = False


@dataclass(frozen=True)
class Region:
    """One area on one side as it is drawn; `main` is the one that keyboard and screen reader meet."""

    area: str
    side: str
    path: str
    mirrored: bool
    x: float
    y: float
    label: str
    href: str
    chosen: bool
    mark: Mark
    main: bool

    @property
    def name(self) -> str:
        return f"{self.area}-{self.side}"

    @property
    def pain_at(self) -> str:
        """Where the cross for pain stands: beside the number, where there is one."""
        return f"{self.x + (12 if self.mark.findings else 0):g} {self.y:g}"

    @property
    def look(self) -> str:
        """The classes that say what the region shows."""
        shown = {"found": self.mark.findings, "pain": self.mark.pain, "chosen": self.chosen}
        return " ".join(["body-region", *(word for word, holds in shown.items() if holds)])


@dataclass(frozen=True)
class DrawnView:
    view: View
    regions: tuple[Region, ...]

    @property
    def lefthand(self) -> str:
        return side_word(self.view.left_is)

    @property
    def righthand(self) -> str:
        return side_word(self.view.side_of(True))

    @property
    def marked(self) -> list[Region]:
        return [region for region in self.regions if region.mark.findings or region.mark.pain]


SIDE_WORDS = {
    LEFT: pgettext_lazy("side of the body", "left"),
    RIGHT: pgettext_lazy("side of the body", "right"),
    NONE: "",
}


def side_word(side: str) -> str:
    return str(SIDE_WORDS[side])


def place_words(area: str, side: str) -> str:
    """ "Buttock, right"; the area alone where it has no sides."""
    return f"{area}, {side_word(side)}" if side in (LEFT, RIGHT) else area


def region_words(area: str, side: str, muscles: int, mark: Mark) -> str:
    """ "Buttock, right: 3 muscles, 1 finding, pain", as a screen reader says it."""
    facts = [ngettext("%(number)d muscle", "%(number)d muscles", muscles) % {"number": muscles}]
    if mark.findings:
        facts.append(
            ngettext("%(number)d finding", "%(number)d findings", mark.findings) % {"number": mark.findings}
        )
    if mark.pain:
        facts.append(_("pain"))
    return f"{place_words(area, side)}: {', '.join(facts)}"


def sides_drawn(area: BodyArea) -> tuple[str, ...]:
    return (RIGHT, LEFT) if area.sided else (NONE,)


def body_map(
    areas: Iterable[BodyArea],
    *,
    muscles: Mapping[str, int],
    marks: Mapping[tuple[str, str], Mark] | None = None,
    chosen: tuple[str, str] | None = None,
    href: Callable[[str, str], str] | None = None,
) -> list[DrawnView]:
    """The views with a region for each area and side. `muscles` counts the muscles of an area by its slug.

    `marks` and `chosen` name an area by slug and side; `href` makes the address behind a region, else none is pressed.
    """
    known = {area.slug: area for area in areas}
    drawn: set[str] = set()
    views = []
    for view in VIEWS:
        regions: list[Region] = []
        for drawing in DRAWINGS[view.name]:
            area = known.get(drawing.area)
            if area is None:
                continue
            main = area.slug not in drawn
            drawn.add(area.slug)
            for mirrored in (False, True) if area.sided else (False,):
                side = view.side_of(mirrored) if area.sided else NONE
                mark = (marks or {}).get((area.slug, side), Mark())
                x, y = drawing.at
                regions.append(
                    Region(
                        area=area.slug,
                        side=side,
                        path=drawing.path,
                        mirrored=mirrored,
                        x=view.width - x if mirrored else x,
                        y=y,
                        label=region_words(str(area), side, muscles.get(area.slug, 0), mark),
                        href=href(area.slug, side) if href else "",
                        chosen=chosen == (area.slug, side),
                        mark=mark,
                        main=main,
                    )
                )
        views.append(DrawnView(view, tuple(regions)))
    return views


def search_map(
    areas: Iterable[BodyArea], muscles: Mapping[str, int], chosen: str, href: Callable[[str], str]
) -> list[DrawnView]:
    """The map for looking something up: an area counts whole, whichever side is pressed, and is met once by the keyboard."""
    known = {area.slug: area for area in areas}
    views = body_map(known.values(), muscles=muscles, href=lambda area, _side: href(area))
    return [
        replace(
            drawn,
            regions=tuple(
                replace(
                    region,
                    chosen=region.area == chosen,
                    main=region.main and not region.mirrored,
                    label=region_words(str(known[region.area]), NONE, muscles.get(region.area, 0), Mark()),
                )
                for region in drawn.regions
            ),
        )
        for drawn in views
    ]
