"""Charts as they stand on a page, read back from the drawing and from the table beside it, for tests that compare them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element, fromstring

FIGURE = re.compile(r'<figure class="chart-frame">.*?</figure>', re.DOTALL)


@dataclass(frozen=True)
class Drawn:
    """One chart of a page: its parts as elements. A chart without enough values has no drawing."""

    title: str
    sentence: str
    svg: Element | None
    table: Element | None

    @property
    def days(self) -> list[date]:
        """Of the table, the oldest first."""
        return [date.fromisoformat(each.attrib["datetime"]) for each in self.parts(self.table, "time")][::-1]

    @property
    def columns(self) -> list[list[str]]:
        """The cells of the table by column, the oldest first."""
        rows = [
            [words(cell) for cell in row.findall("td")] for row in self.body if row.get("class") != "silence"
        ]
        return [list(column)[::-1] for column in zip(*rows, strict=True)]

    @property
    def body(self) -> list[Element]:
        return [] if self.table is None else list(self.table.find("tbody") or [])

    @property
    def silences(self) -> int:
        return sum(1 for row in self.body if row.get("class") == "silence")

    @staticmethod
    def parts(of: Element | None, tag: str, css: str = "") -> list[Element]:
        found = [] if of is None else list(of.iter(tag))
        return [each for each in found if not css or css in each.get("class", "").split()]

    # ---- The drawing, turned back into values

    def level_of(self, y: float) -> float:
        """The value at this height, by the levels that are written."""
        told = [
            (float(each.attrib["y"]), number(words(each), n))
            for n, each in enumerate(self.parts(self.svg, "text", "level"))
        ]
        (floor, low), (top, high) = told[0], told[-1]
        return low + (floor - y) / (floor - top) * (high - low)

    @property
    def step(self) -> float:
        """What a tenth of a unit of the drawing is worth."""
        return abs(self.level_of(0) - self.level_of(0.15))

    @property
    def series(self) -> dict[int, list[tuple[float, float]]]:
        """The places of the marks of each series, by its place among the columns."""
        found = {}
        for group in self.parts(self.svg, "g", "series"):
            look = int(group.attrib["class"].rpartition("look-")[2])
            found[look] = [middle_of(look, mark.attrib["d"]) for mark in group.findall("path")]
        return found

    @property
    def bars(self) -> list[float]:
        return [self.level_of(float(bar.attrib["y"])) for bar in self.parts(self.svg, "rect", "bar")]

    @property
    def outlines(self) -> list[float]:
        return [self.level_of(float(bar.attrib["y"])) for bar in self.parts(self.svg, "rect", "bar-planned")]


def middle_of(look: int, d: str) -> tuple[float, float]:
    """Where a mark stands, from the outline of its shape: disc, square, triangle, diamond."""
    x, y, *rest = (float(each) for each in re.findall(r"-?[\d.]+(?:e-?\d+)?", d))
    size = {0: rest[0], 1: rest[0] / 2, 2: rest[0], 3: rest[0]}[look]
    return {0: (x + size, y), 1: (x + size, y + size), 2: (x, y + size), 3: (x, y + size)}[look]


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def number(text: str, place: int = 0) -> float:
    """A figure as it is written; a word is worth its place."""
    try:
        return float(text.replace("−", "-").replace("+", "").replace(",", ""))
    except ValueError:
        return place


def charts_on(html: str) -> list[Drawn]:
    found = []
    for whole in FIGURE.findall(html):
        tree = fromstring(whole.replace("<svg ", '<svg xmlns="" ', 1))  # noqa: S314 -- our own page
        title, sentence = next(iter(tree.iter("figcaption")))[:2]
        svg, table = next(tree.iter("svg"), None), next(tree.iter("table"), None)
        found.append(Drawn(words(title), words(sentence), svg, table))
    return found


def difference(chart: Drawn, order: list[str] | None = None) -> list[str]:
    """What the drawing says otherwise than the table; empty where they agree. `order` names values that are words."""
    if chart.svg is None:
        return [] if len(chart.days) < 2 else [f"{chart.title}: {len(chart.days)} rows without a drawing"]
    wrong = []
    for look, marks in chart.series.items():
        told = [
            (day, float(order.index(cell)) if order else number(cell))
            for day, cell in zip(chart.days, chart.columns[look], strict=True)
            if cell != "–"
        ]
        drawn = [chart.level_of(y) for _x, y in marks]
        if len(drawn) != len(told):
            wrong.append(f"{chart.title}: {len(drawn)} marks for {len(told)} cells")
            continue
        wrong += [
            f"{chart.title}: {day} is {value} in the table and {shown:.2f} in the drawing"
            for (day, value), shown in zip(told, drawn, strict=True)
            if abs(value - shown) > max(0.06, chart.step)
        ]
        wrong += out_of_place(chart, [day for day, _value in told], [x for x, _y in marks])
    for column, drawn in ((0, chart.bars), (1, chart.outlines)):
        told = [number(cell) for cell in chart.columns[column] if number(cell)] if drawn else []
        if len(told) != len(drawn) or any(
            abs(a - b) > max(0.06, chart.step) for a, b in zip(told, drawn, strict=False)
        ):
            wrong.append(f"{chart.title}: bars {drawn} for {told}")
    if not chart.bars and not chart.outlines and len(chart.parts(chart.svg, "rect", "gap")) != chart.silences:
        wrong.append(f"{chart.title}: {chart.silences} gaps in the table, others in the drawing")
    return wrong


def out_of_place(chart: Drawn, days: list[date], places: list[float]) -> list[str]:
    """Marks that do not stand where their day lies between the first and the last one."""
    every = [x for marks in chart.series.values() for x, _y in marks]
    left, right, whole = min(every), max(every), (chart.days[-1] - chart.days[0]).days
    if not whole:
        return []
    return [
        f"{chart.title}: {day} stands at {x}"
        for day, x in zip(days, places, strict=True)
        if abs(left + (day - chart.days[0]).days / whole * (right - left) - x) > 0.2
    ]
