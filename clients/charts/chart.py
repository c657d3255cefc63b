"""What a chart says, once, and from it both the drawing and the table beside it, so that the two cannot differ. Pure.

Rules of domain.md 8: the first value, the latest, the line of important change and every gap are shown. Lines are told
apart by dash and mark and by the word at their end, never by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.charts.scales import Scale, day_scale, day_ticks, path
from clients.charts.spark import Bar
from clients.charts.thinning import Span
from clients.outcomes import figure

WIDTH, HEIGHT = 400, 230  # small, so that its words stay readable on a phone
LEFT, RIGHT, TOP, BOTTOM = 32, 98, 22, 32  # to the right of the lines stand their words
INSET = 14  # from the edge to the first mark: its value stands above it
LINE = 17  # what a word needs in height, in the largest type that a chart is set in
WIDEST = 34  # of a bar
WIDE_GAP = 132  # from here on a gap has room for its words
MANY = 40  # marks from which on they are drawn finer
LONG = 300  # days from which on the axis names months and years
Place = tuple[float, float, date]
MARKS = ("disc", "square", "triangle", "diamond")


@dataclass(frozen=True)
class Series:
    """Values of one kind, one for each row; None where it was not told. `head` is the full name, `word` the short one."""

    head: str
    word: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Goal:
    """A level that means something, with what it means."""

    value: float
    word: str


@dataclass(frozen=True)
class Column:
    """What stands beside the values in the table alone."""

    head: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """What a chart says. `days` are the oldest first; each series has a value for each of them, one of them at least.

    `words` names the values from 0 on where they are words, `signs` the same in short; such values are marks without a
    line, since nothing lies between two words. `levels` are those that are written where the middle is not. `gap` is the longest silence that a line crosses, in days.
    `pair`: how far the first two lie apart is drawn. `bars`: the first series as bars, the second as their outline.
    """

    key: str
    title: str
    sentence: str
    days: tuple[date, ...] = ()
    series: tuple[Series, ...] = ()
    low: float = 0
    high: float = 10
    gap: int = 7
    span: Span = Span.DAY
    words: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    levels: tuple[float, ...] = ()
    signed: bool = False
    goals: tuple[Goal, ...] = ()
    pair: bool = False
    bars: bool = False
    beside: tuple[Column, ...] = ()
    flags: tuple[str, ...] = ()  # a word beside a day of the table
    notes: tuple[str, ...] = ()
    caption: str = ""
    tone: str = "tone-brand"

    def text(self, value: float | None) -> str:
        """A value as people read it; a dash where it was not told."""
        if value is None:
            return "–"
        return self.words[int(value)] if self.words else figure(value, signed=self.signed)

    @property
    def longest(self) -> timedelta:
        """The longest silence that a line crosses."""
        return timedelta(days=max(self.gap, self.span.value))

    def silence(self, between: timedelta) -> str:
        """What stands in a gap."""
        if self.span is not Span.DAY:
            return _("nothing told")
        days = between.days - 1
        return ngettext("%(days)d day without", "%(days)d days without", days) % {"days": days}

    @property
    def rows(self) -> list[Row]:
        """The table, the newest first: the same figures as in the drawing, and its gaps."""
        found = []
        for n, day in enumerate(self.days):
            later = self.days[n + 1] if n + 1 < len(self.days) else day
            found.append(
                Row(
                    day=day,
                    cells=tuple(self.text(each.values[n]) for each in self.series),
                    beside=tuple(each.texts[n] for each in self.beside),
                    flag=self.flags[n] if self.flags else "",
                    silence=self.silence(later - day) if later - day > self.longest and not self.bars else "",
                )
            )
        return found[::-1]

    @property
    def row_head(self) -> str:
        """What the rows of the table are."""
        return {
            Span.DAY: _("Day"),
            Span.WEEK: _("Week from"),
            Span.MONTH: _("Month"),
            Span.QUARTER: _("Three months from"),
        }[self.span]

    @property
    def table_title(self) -> str:
        return _("%(what)s, the newest first") % {"what": self.caption or self.title}

    @property
    def by_month(self) -> bool:
        return self.span in (Span.MONTH, Span.QUARTER)

    @property
    def columns(self) -> int:
        return 1 + len(self.series) + len(self.beside)

    @property
    def told(self) -> int:
        """How many days have a value of some kind."""
        return sum(
            1 for n in range(len(self.days)) if any(each.values[n] is not None for each in self.series)
        )


@dataclass(frozen=True)
class Row:
    """One row of the table; `silence` says that nothing was told from this day to the next row, where that is a gap."""

    day: date
    cells: tuple[str, ...]
    beside: tuple[str, ...] = ()
    flag: str = ""
    silence: str = ""


@dataclass(frozen=True)
class Label:
    """A word at its place. `anchor` is start, middle or end."""

    x: float
    y: float
    text: str = ""
    anchor: str = "start"
    day: date | None = None


@dataclass(frozen=True)
class Mark:
    """A value in the drawing: the outline of its shape around its place."""

    x: float
    y: float
    d: str


@dataclass(frozen=True)
class Stroke:
    """A series as it is drawn: the lines between its gaps, and its marks. `look` is its place among the series, 0 first."""

    look: int
    lines: tuple[str, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Rule:
    """A line across the drawing, with the word at its level."""

    y: float
    label: Label


@dataclass(frozen=True)
class GoalLine:
    """A goal as a line across the drawing. Its words stand under the drawing, where they cover no value; `look` is its
    place among the goals, 0 first.
    """

    look: int
    y: float
    words: str


@dataclass(frozen=True)
class Link:
    """How far two values of one day lie apart."""

    x: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Gap:
    """A stretch without anything told; without words where they have no room."""

    x: float
    width: float
    middle: float
    words: str = ""
    height: float = HEIGHT - BOTTOM - TOP


@dataclass(frozen=True)
class Drawing:
    """Geometry for templates/components/chart.html, in the units of its viewBox."""

    levels: tuple[Rule, ...]
    days: tuple[Label, ...]
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    floor: float = HEIGHT - BOTTOM
    gaps: tuple[Gap, ...] = ()
    links: tuple[Link, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    bars: tuple[Bar, ...] = ()
    outlines: tuple[Bar, ...] = ()
    goals: tuple[GoalLine, ...] = ()
    firsts: tuple[Label, ...] = ()
    lasts: tuple[Label, ...] = ()
    long: bool = False
    many: bool = False
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class Chart:
    """A chart as a page shows it; without a drawing where a number tells more than one dot."""

    figures: Figures
    drawing: Drawing | None = field(default=None)


def chart_of(figures: Figures) -> Chart:
    if figures.bars:
        return Chart(figures, bars_of(figures))
    return Chart(figures, lines_of(figures))


# ---- Lines ----------------------------------------------------------------------------------------------------------


def lines_of(figures: Figures) -> Drawing | None:
    """None with fewer than two days that have a value."""
    if figures.told < 2:
        return None
    left = 4 if figures.words else LEFT
    x = day_scale(list(figures.days), left + INSET, WIDTH - RIGHT)
    y = Scale(figures.low, figures.high, HEIGHT - BOTTOM, TOP)
    places = [
        [(x(day.toordinal()), y(value), day) for day, value in told(figures.days, series.values)]
        for series in figures.series
    ]
    many = max(len(found) for found in places)
    return Drawing(
        levels=tuple(level_rules(figures, y, left)),
        days=day_labels(figures, x),
        left=left,
        gaps=tuple(gaps_of(figures, x)),
        links=tuple(links_of(figures, x, y)) if figures.pair else (),
        strokes=tuple(
            Stroke(
                look,
                () if figures.words else broken(found, figures.longest),
                tuple(mark(look, px, py, mark_size(many)) for px, py, _day in found),
            )
            for look, found in enumerate(places)
            if found
        ),
        goals=tuple(goal_lines(figures, y)),
        firsts=tuple(first_labels(figures, places)),
        lasts=tuple(last_labels(figures, places)),
        long=is_long(figures.days),
        many=many > MANY,
    )


def told(days: Sequence[date], values: Sequence[float | None]) -> list[tuple[date, float]]:
    return [(day, value) for day, value in zip(days, values, strict=True) if value is not None]


def is_long(days: Sequence[date]) -> bool:
    return (days[-1] - days[0]).days > LONG


def broken(places: Sequence[Place], longest: timedelta) -> tuple[str, ...]:
    """The polylines between the silences; a single value between two of them has only its mark."""
    strokes: list[list[Place]] = []
    for place in places:
        if strokes and place[2] - strokes[-1][-1][2] <= longest:
            strokes[-1].append(place)
        else:
            strokes.append([place])
    return tuple(path([(px, py) for px, py, _day in stroke]) for stroke in strokes if len(stroke) > 1)


def mark_size(number: int) -> float:
    """Half the width of a mark: smaller where there are many."""
    return 4.5 if number <= 20 else 3.2 if number <= MANY else 2.2


def mark(look: int, x: float, y: float, size: float) -> Mark:
    """The shape of this series around its place."""
    shape = MARKS[look % len(MARKS)]
    if shape == "disc":
        return Mark(
            x,
            y,
            f"M{x - size:g} {y:g}a{size:g} {size:g} 0 1 0 {2 * size:g} 0a{size:g} {size:g} 0 1 0 {-2 * size:g} 0z",
        )
    if shape == "square":
        return Mark(x, y, f"M{x - size:g} {y - size:g}h{2 * size:g}v{2 * size:g}h{-2 * size:g}z")
    if shape == "triangle":
        return Mark(x, y, f"M{x:g} {y - size:g}l{size:g} {2 * size:g}h{-2 * size:g}z")
    return Mark(x, y, f"M{x:g} {y - size:g}l{size:g} {size:g}l{-size:g} {size:g}l{-size:g} {-size:g}z")


def level_rules(figures: Figures, y: Scale, left: float) -> Iterable[Rule]:
    """Numbers stand left of their line; words right of it, where there is room for them."""
    if figures.words:
        for place, word in enumerate(figures.signs or figures.words):
            yield Rule(y(place), Label(WIDTH - RIGHT + 9, y(place), word))
        return
    for value in figures.levels or levels(figures.low, figures.high):
        yield Rule(y(value), Label(left - 8, y(value), figures.text(value), "end"))


def levels(low: float, high: float) -> list[float]:
    """Lowest, middle and highest."""
    middle = (low + high) / 2
    return [low, middle, high]


def top_of(values: Iterable[float]) -> float:
    """A round number that lies above all of these, so that half of it is a number to read as well: 10, 20, 40, 60, 100, 200."""
    highest = max(values, default=0)
    size = 1
    while size * 10 <= highest:
        size *= 10
    return next(step * size for step in (1, 2, 4, 6, 10) if step * size >= highest)


def day_labels(figures: Figures, x: Scale) -> tuple[Label, ...]:
    ticks = day_ticks(list(figures.days), most=3)
    anchors = ["start", *["middle"] * (len(ticks) - 2), "end"] if len(ticks) > 1 else ["middle"]
    return tuple(
        Label(x(day.toordinal()), HEIGHT - 8, anchor=anchor, day=day)
        for day, anchor in zip(ticks, anchors, strict=True)
    )


def gaps_of(figures: Figures, x: Scale) -> Iterable[Gap]:
    for day, later in pairwise(figures.days):
        if later - day > figures.longest:
            start, end = x(day.toordinal()) + 7, x(later.toordinal()) - 7
            if end > start:
                width, middle = round(end - start, 1), round((start + end) / 2, 1)
                yield Gap(
                    round(start, 1), width, middle, figures.silence(later - day) if width >= WIDE_GAP else ""
                )


def links_of(figures: Figures, x: Scale, y: Scale) -> Iterable[Link]:
    one, other = figures.series[:2]
    for day, a, b in zip(figures.days, one.values, other.values, strict=True):
        if a is not None and b is not None and a != b:
            top, bottom = sorted((y(a), y(b)))
            yield Link(x(day.toordinal()), top, bottom)


def goal_lines(figures: Figures, y: Scale) -> Iterable[GoalLine]:
    """Those that lie on the scale."""
    for look, goal in enumerate(figures.goals):
        if figures.low <= goal.value <= figures.high:
            yield GoalLine(look, y(goal.value), f"{goal.word} {figures.text(goal.value)}")


def first_labels(figures: Figures, places: Sequence[Sequence[Place]]) -> Iterable[Label]:
    """The first value of two series beside their first marks, the higher above, the lower below; the table has the others.

    Words that stand on their level need none.
    """
    if figures.words:
        return
    begun = sorted((found[0][1], look) for look, found in enumerate(places) if found)
    for (py, look), beside in zip(two_of(begun), (-8, LINE), strict=False):
        first = next(value for value in figures.series[look].values if value is not None)
        yield Label(places[look][0][0], round(py + beside, 1), figures.text(first), "middle")


def two_of(begun: Sequence[tuple[float, int]]) -> Sequence[tuple[float, int]]:
    """Of these places, the highest first: the highest and the lowest. The first series, of which sentence and goal speak,
    is always one of the two: between others its value stands where there is more room.
    """
    if len(begun) < 3:
        return begun
    main = next(place for place in begun if place[1] == min(look for _y, look in begun))
    top, bottom = begun[0], begun[-1]
    if main in (top, bottom):
        return [top, bottom]
    return [main, bottom] if main[0] - top[0] >= bottom[0] - main[0] else [top, main]


def last_labels(figures: Figures, places: Sequence[Sequence[Place]]) -> Iterable[Label]:
    """The latest value of each series with its word, at the right, none over another. Words stand there anyway."""
    if figures.words:
        return
    ended = [(look, found[-1][1]) for look, found in enumerate(places) if found]
    heights = spread([py for _look, py in ended], LINE, TOP, HEIGHT - BOTTOM)
    for (look, _py), py in zip(ended, heights, strict=True):
        series = figures.series[look]
        last = next(value for value in reversed(series.values) if value is not None)
        yield Label(WIDTH - RIGHT + 9, round(py, 1), f"{figures.text(last)} {series.word}".strip())


def spread(places: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """The same places, moved no more than they must so that neighbours lie `least` apart, between `low` and `high`."""
    order = sorted(range(len(places)), key=lambda n: places[n])
    moved = [places[n] for n in order]
    for n in range(1, len(moved)):
        moved[n] = max(moved[n], moved[n - 1] + least)
    if moved and moved[-1] > high:
        moved[-1] = high
        for n in range(len(moved) - 2, -1, -1):
            moved[n] = min(moved[n], moved[n + 1] - least)
    if moved and moved[0] < low:
        moved = [each + low - moved[0] for each in moved]
    found = [0.0] * len(places)
    for n, place in zip(order, moved, strict=True):
        found[n] = place
    return found


# ---- Bars -----------------------------------------------------------------------------------------------------------


def bars_of(figures: Figures) -> Drawing | None:
    """A bar for each row, none where nothing is known; None where there is nothing but noughts."""
    if not any(value for each in figures.series for value in each.values):
        return None
    right = WIDTH - 8
    y = Scale(figures.low, figures.high, HEIGHT - BOTTOM, TOP)
    room = (right - LEFT) / len(figures.days)
    wide = round(min(WIDEST, room * 0.7), 1)
    middles = [round(LEFT + room * (n + 0.5), 1) for n in range(len(figures.days))]
    every = -(-len(figures.days) // 4)  # at most four days are written
    named = [n for n in range(len(figures.days)) if (len(figures.days) - 1 - n) % every == 0]
    drawn = [bars(series.values, middles, wide, y) for series in figures.series]
    return Drawing(
        levels=tuple(level_rules(figures, y, LEFT)),
        days=tuple(Label(middles[n], HEIGHT - 8, anchor="middle", day=figures.days[n]) for n in named),
        right=right,
        bars=tuple(bar for bar in drawn[0] if bar),
        outlines=tuple(bar for bar in drawn[1] if bar) if len(drawn) > 1 else (),
        firsts=tuple(bar_labels(figures, middles, y)),
        long=False,
    )


def bars(values: Sequence[float | None], middles: Sequence[float], wide: float, y: Scale) -> list[Bar | None]:
    """None for a value that is not known or nought."""
    found: list[Bar | None] = []
    for value, middle in zip(values, middles, strict=True):
        top = y(min(value, y.high)) if value else y(0)
        height = round(y(0) - top, 1)
        found.append(Bar(round(middle - wide / 2, 1), top, wide, height) if height else None)
    return found


def bar_labels(figures: Figures, middles: Sequence[float], y: Scale) -> Iterable[Label]:
    """The first and the latest value above their bars, "3/5" where there is an outline."""
    known = [n for n in range(len(figures.days)) if figures.series[0].values[n] is not None]
    for n in sorted({known[0], known[-1]} if known else ()):
        values = [each.values[n] for each in figures.series]
        top = max(min(value or 0, figures.high) for value in values)
        yield Label(
            middles[n], round(y(top) - 6, 1), "/".join(figures.text(value) for value in values), "middle"
        )
