"""Weeks: the days that were due as an outline, filled by those that were done, and the minutes. No chains."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.charts.chart import Chart, Figures, Series, chart_of, top_of
from clients.charts.thinning import Span

DAYS = 7


class Week(Protocol):
    @property
    def monday(self) -> date: ...
    @property
    def due(self) -> int: ...
    @property
    def done(self) -> int: ...
    @property
    def runs(self) -> bool: ...
    @property
    def told(self) -> bool: ...


def weeks_chart(weeks: Sequence[Week]) -> Chart:
    """Oldest first; without a drawing where nothing was due in any of them."""
    return chart_of(
        Figures(
            key="weeks",
            title=_("Days a week, against the goal"),
            sentence=weeks_sentence(weeks),
            days=tuple(week.monday for week in weeks),
            series=(
                Series(_("Done"), "", tuple(week.done if week.told else None for week in weeks)),
                Series(_("Goal"), "", tuple(week.due if week.told else None for week in weeks)),
            ),
            high=DAYS,
            levels=(0, 3, DAYS),
            span=Span.WEEK,
            bars=True,
            flags=running(weeks),
            notes=(
                _(
                    "Filled: days done. Outline: days that were due. The goal of this week is that of the whole week."
                ),
            ),
            caption=_("Days done and days due"),
        )
    )


def running(weeks: Sequence[Week]) -> tuple[str, ...]:
    return tuple(_("this week") if week.runs else "" for week in weeks)


def weeks_sentence(weeks: Sequence[Week]) -> str:
    """What the chart shows, in words; without a week that is over there is nothing to say yet."""
    past = [week for week in weeks if not week.runs]
    over = [week for week in past if week.due]
    if not over and not all(week.told for week in past):
        return _("Not enough data: no sheet of these weeks has come back yet.")
    if not over:
        return _("Not enough data: no week is over yet.")
    said = week_words(over[-1], last=over[-1] is past[-1])
    if len(over) == 1:
        return said
    reached = sum(1 for week in over if week.done >= week.due)
    return f"{said} " + _("The goal was reached in %(reached)d of %(all)d weeks.") % {
        "reached": reached,
        "all": len(over),
    }


def week_words(week: Week, *, last: bool) -> str:
    """Done of due; a week after which nothing was due for a while says when it was."""
    words = {"done": week.done, "due": week.due}
    if last:
        return _("Last week %(done)d of %(due)d days.") % words
    monday = date_format(week.monday, "j F")
    return _("Week from %(monday)s: %(done)d of %(due)d days.") % {**words, "monday": monday}


def minutes_chart(weeks: Sequence[Week], minutes: Sequence[int | None]) -> Chart:
    """Minutes of each of these weeks; None where sessions were done and nobody knows how long they took."""
    known = [each for each in minutes if each]
    sentence = _("Not enough data: no session with a time yet.")
    if known:
        total = sum(known)
        sentence = ngettext(
            "%(number)d minute in all, in %(weeks)s.", "%(number)d minutes in all, in %(weeks)s.", total
        ) % {
            "number": total,
            "weeks": ngettext("%(number)d week", "%(number)d weeks", len(known)) % {"number": len(known)},
        }
    return chart_of(
        Figures(
            key="minutes",
            title=_("Minutes a week"),
            sentence=sentence,
            days=tuple(week.monday for week in weeks) if known else (),
            series=(Series(_("Minutes"), "", tuple(minutes)),) if known else (),
            high=top_of(known),
            span=Span.WEEK,
            bars=True,
            flags=running(weeks),
            notes=(
                _(
                    "From the start to the last set, as the app knows it; sessions without the app or on paper are not in it."
                ),
            )
            if known
            else (),
            caption=_("Minutes of training"),
        )
    )
