"""What a muscle felt like over time, 0 to 10: tightness before and after release, tenderness, left against right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from clients.charts.chart import Chart, Column, Figures, Series, chart_of
from clients.charts.thinning import thinned
from clients.charts.words import apart, from_to, gap_words, span_note
from clients.outcomes import figure

SESSION_GAP = 7  # days that a line crosses: tightness is told in each session,
WEEKLY_GAP = 14  # tenderness once a week


@dataclass(frozen=True)
class FeltPoint:
    """A day with its value; `before` where the same was asked before something was done."""

    day: date
    value: int | None
    before: int | None = None


def tightness_chart(key: str, name: str, points: Sequence[FeltPoint]) -> Chart:
    """A muscle on one side, before and after the release of a session; `points` are the oldest first."""
    short = thinned(
        [each.day for each in points], [[each.value for each in points], [each.before for each in points]]
    )
    after, before = short.columns
    told = after if any(value is not None for value in after) else before
    return chart_of(
        Figures(
            key=key,
            title=name,
            sentence=" ".join(
                filter(None, [from_to(told, of_ten()), eased_words(before, after), span_note(short)])
            ),
            days=short.days,
            series=(Series(_("After"), _("after"), after), Series(_("Before"), _("before"), before)),
            gap=SESSION_GAP,
            span=short.span,
            caption=_("Tightness from 0 to 10: %(muscle)s") % {"muscle": name},
            tone="phase-release",
        )
    )


def of_ten() -> str:
    return _("%(first)s of 10 at first, %(last)s the last time.")


def eased_words(before: Sequence[float | None], after: Sequence[float | None]) -> str:
    """By how much it eased within the latest session that told both; nothing where it did not."""
    both = [(a, b) for b, a in zip(before, after, strict=True) if a is not None and b is not None]
    if not both or both[-1][0] >= both[-1][1]:
        return ""
    return _("The last release took it from %(before)s to %(after)s.") % {
        "before": figure(both[-1][1]),
        "after": figure(both[-1][0]),
    }


def tenderness_chart(key: str, name: str, sides: Mapping[str, Sequence[tuple[date, int]]]) -> Chart:
    """One muscle, a series for each side that was told; with left and right how far they lie apart."""
    if set(sides) == {"left", "right"}:
        return sides_chart(
            key,
            name,
            by_day(sides["left"], sides["right"]),
            gap=WEEKLY_GAP,
            caption=_("Tenderness from 0 to 10: %(muscle)s") % {"muscle": name},
        )
    ((side, told),) = sides.items()
    short = thinned([day for day, _value in told], [[value for _day, value in told]])
    (values,) = short.columns
    word = {"left": _("left"), "right": _("right")}.get(side, "")
    return chart_of(
        Figures(
            key=key,
            title=name,
            sentence=" ".join(filter(None, [from_to(values, of_ten()), span_note(short)])),
            days=short.days,
            series=(Series(_("Tenderness"), word, values),),
            gap=WEEKLY_GAP,
            span=short.span,
            caption=_("Tenderness from 0 to 10: %(muscle)s") % {"muscle": name},
            tone="phase-release",
        )
    )


def by_day(
    left: Sequence[tuple[date, float]], right: Sequence[tuple[date, float]]
) -> list[tuple[date, float | None, float | None]]:
    """Both sides on each day that told one, the oldest first; of several values of a day the last counts."""
    lefts, rights = dict(left), dict(right)
    return [(day, lefts.get(day), rights.get(day)) for day in sorted({*lefts, *rights})]


def sides_chart(
    key: str,
    title: str,
    days: Sequence[tuple[date, float | None, float | None]],
    *,
    gap: int,
    caption: str,
    high: float = 10,
    low: float = 0,
    tone: str = "phase-release",
    notes: tuple[str, ...] = (),
) -> Chart:
    """Left against right, the days the oldest first, and how far they lie apart."""
    short = thinned(
        [day for day, _l, _r in days], [[left for _d, left, _r in days], [right for _d, _l, right in days]]
    )
    left, right = short.columns
    distance = Column(_("Apart"), tuple("–" if each is None else figure(each) for each in apart(left, right)))
    return chart_of(
        Figures(
            key=key,
            title=title,
            sentence=" ".join(filter(None, [gap_words(left, right), span_note(short)])),
            days=short.days,
            series=(Series(_("Left"), _("left"), left), Series(_("Right"), _("right"), right)),
            low=low,
            high=high,
            gap=gap,
            span=short.span,
            pair=True,
            beside=(distance,),
            caption=caption,
            tone=tone,
            notes=notes,
        )
    )
