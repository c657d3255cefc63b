"""Pain before and after each session and on the next morning: what a page says of it, with the change that matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median_high

from django.utils.translation import gettext as _

from clients.charts.chart import Chart, Figures, Goal, Series, chart_of
from clients.charts.thinning import thinned
from clients.charts.words import from_to, nothing, span_note
from clients.models import MorningWord

GAP_DAYS = 7  # a line does not cross a longer silence


@dataclass(frozen=True)
class PainPoint:
    """One session: pain 0 to 10 before, after and on the next morning; None where it was not told."""

    day: date
    before: int | None
    after: int | None
    morning: int | None = None


@dataclass(frozen=True)
class StrainPoint:
    """One session: the strongest pain during it and its effort, 0 to 10; None where it was not told."""

    day: date
    worst: int | None
    effort: int | None


def important_change(start: float) -> int:
    """By how many points pain must fall to matter, from where it began (domain.md 6.3): about 1 from a low start,
    2 from the middle, 3 from 8 on. 0 where there is nothing to lose.
    """
    if start == 0:
        return 0
    if start <= 4:
        return 1
    return 2 if start < 8 else 3


def pain_chart(points: Sequence[PainPoint]) -> Chart:
    """`points` are the oldest first. The first series is the one that sentence and goal speak of: after, or before
    where after was never told.
    """
    short = thinned(
        [each.day for each in points],
        [
            [each.after for each in points],
            [each.before for each in points],
            [each.morning for each in points],
        ],
    )
    heads = (
        (_("After"), _("after"), _("Pain after the session: %(first)s of 10 at first, %(last)s the last time.")),
        (_("Before"), _("before"), _("Pain before the session: %(first)s of 10 at first, %(last)s the last time.")),
        (_("Next morning"), _("morning"), _("Pain the next morning: %(first)s of 10 at first, %(last)s the last time.")),
    )  # fmt: skip
    told = [
        (head, word, said, column)
        for (head, word, said), column in zip(heads, short.columns, strict=True)
        if any(value is not None for value in column)
    ]
    goals: tuple[Goal, ...] = ()
    sentence = nothing()
    if told:
        _head, _word, said, main = told[0]
        sentence = from_to(main, said)
        first = next(value for value in main if value is not None)
        fall = important_change(first)
        goals = (Goal(first - fall, _("a change that matters:")),) if fall else ()
    return chart_of(
        Figures(
            key="pain",
            title=_("Pain, before and after"),
            sentence=" ".join(filter(None, [sentence, span_note(short)])),
            days=short.days,
            series=tuple(Series(head, word, column) for head, word, _said, column in told),
            gap=GAP_DAYS,
            span=short.span,
            goals=goals,
            caption=_("Pain from 0 to 10"),
        )
    )


def strain_chart(points: Sequence[StrainPoint], amber: float | None = None) -> Chart:
    """The strongest pain during a session beside its effort; never averaged, as they are two things.

    `amber` is the pain from which a session is no longer green, where one number says so (domain.md 6.2).
    """
    short = thinned(
        [each.day for each in points], [[each.worst for each in points], [each.effort for each in points]]
    )
    worst, effort = short.columns
    worst_told = any(value is not None for value in worst)
    said = [
        from_to(
            worst,
            _("Strongest pain during the session: %(first)s of 10 at first, %(last)s the last time."),
            _("Strongest pain during the session: %(value)s of 10 so far."),
        )
        if worst_told
        else "",
        from_to(
            effort,
            _("Effort: %(first)s of 10 at first, %(last)s the last time."),
            _("Effort: %(value)s of 10 so far."),
        )
        if any(value is not None for value in effort)
        else "",
        span_note(short),
    ]
    return chart_of(
        Figures(
            key="strain",
            title=_("Strongest pain and effort in the session"),
            sentence=" ".join(filter(None, said)) or nothing(),
            days=short.days,
            series=tuple(
                Series(head, word, column)
                for head, word, column in (
                    (_("Strongest pain"), _("pain"), worst),
                    (_("Effort"), _("effort"), effort),
                )
                if any(value is not None for value in column)
            ),
            gap=GAP_DAYS,
            span=short.span,
            goals=(Goal(amber, _("amber from")),) if amber is not None and worst_told else (),
            caption=_("Strongest pain and effort from 0 to 10"),
        )
    )


def diary_chart(days: Sequence[tuple[date, int]]) -> Chart:
    """One number for each day of the diary, the oldest first."""
    short = thinned([day for day, _value in days], [[value for _day, value in days]])
    (values,) = short.columns
    sentence = from_to(values, _("Pain diary: %(first)s of 10 at first, %(last)s the last time."))
    return chart_of(
        Figures(
            key="diary",
            title=_("Pain on days without a session"),
            sentence=" ".join(filter(None, [sentence, span_note(short)])),
            days=short.days,
            series=(Series(_("Pain"), _("pain"), values),),
            gap=GAP_DAYS,
            span=short.span,
            caption=_("Pain from 0 to 10"),
        )
    )


def morning_chart(answers: Sequence[tuple[date, str]]) -> Chart:
    """The four words of the mornings after; `answers` name the day of the session, the oldest first.

    Of several answers in one point the middle one is drawn, of two middle ones the worse.
    """
    order = list(MorningWord)
    signs = (_("fine"), _("a bit sore"), _("sore"), _("worse"))
    places = [order.index(MorningWord(word)) for _day, word in answers]
    short = thinned([day for day, _word in answers], [[float(each) for each in places]], middle=median_high)
    said = nothing()
    if answers:
        counted = [(sign, places.count(n)) for n, sign in enumerate(signs) if n in places]
        words = ", ".join(_("%(number)d × %(word)s") % {"number": n, "word": sign} for sign, n in counted)
        said = _("The mornings after: %(words)s. The last time: %(last)s.") % {
            "words": words,
            "last": signs[places[-1]],
        }
    return chart_of(
        Figures(
            key="mornings",
            title=_("The morning after"),
            sentence=" ".join(filter(None, [said, span_note(short)])),
            days=short.days,
            series=(Series(_("Answer"), "", short.columns[0]),),
            high=len(order) - 1,
            words=tuple(str(word.label) for word in order),
            signs=signs,
            gap=GAP_DAYS,
            span=short.span,
            caption=_("How the area felt on the morning after the session"),
        )
    )
