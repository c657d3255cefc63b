"""What was reached, with its day: facts, never a chain that could break. Coming back counts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.measures import Asked
from clients.models import PhaseTransition
from clients.outcomes import Difference, important, moved_words
from clients.progression.words import what_for_client

COUNTS = (10, 25, 50, 100, 250, 500, 1000)  # sessions
AWAY = timedelta(days=14)  # so long without a session is more than a week that was missed
OPENS = (
    PhaseTransition.Kind.ADVANCED,
    PhaseTransition.Kind.ALONGSIDE,
    PhaseTransition.Kind.STRENGTHENING_BACK,
)


@dataclass(frozen=True)
class Milestone:
    """What was reached on a day; `kind` is the phase whose colour it has, where it has one."""

    day: date
    what: str
    kind: str = ""


def milestones(
    sessions: Sequence[date],
    rows: Iterable[PhaseTransition],
    measures: Iterable[Asked],
) -> list[Milestone]:
    """The newest first. `sessions` has the day of each session in which something was done, the oldest first; `rows` are the
    openings of all programs, those that ended long ago included: what was reached once stays reached.
    """
    found = [
        *of_sessions(sessions),
        *of_returns(sessions),
        *of_phases(rows),
        *of_measures(measures),
    ]
    return sorted(found, key=lambda each: each.day, reverse=True)


def of_sessions(sessions: Sequence[date]) -> Iterable[Milestone]:
    if sessions:
        yield Milestone(sessions[0], _("First session"))
    for count in COUNTS:
        if len(sessions) >= count:
            yield Milestone(sessions[count - 1], _("%(count)d sessions done") % {"count": count})


def of_returns(sessions: Sequence[date]) -> Iterable[Milestone]:
    """Each time that somebody trained again after a longer silence, whatever was its reason."""
    for before, day in pairwise(sessions):
        if day - before > AWAY:
            days = (day - before).days - 1
            words = ngettext(
                "Back after %(days)d day without a session",
                "Back after %(days)d days without a session",
                days,
            )
            yield Milestone(day, words % {"days": days})


def of_phases(rows: Iterable[PhaseTransition]) -> Iterable[Milestone]:
    for row in rows:
        if row.kind not in OPENS:
            continue
        to = row.to_phase
        if row.kind == PhaseTransition.Kind.ADVANCED and to is not None:
            yield Milestone(row.local_date, _("“%(phase)s” opened") % {"phase": to.name}, to.kind)
        elif row.kind != PhaseTransition.Kind.ADVANCED:
            yield Milestone(row.local_date, what_for_client(row), "strengthen")


def of_measures(measures: Iterable[Asked]) -> Iterable[Milestone]:
    """The first answer of each line that was better by more than the usual ups and downs; so has each list of activities."""
    lines = [(each.title, line) for each in measures for line in (each.line, *each.earlier)]
    for title, line in lines:
        if line.start is None or len(line.points) < 2:
            continue
        for point in line.points[1:]:
            if important(line.points[0].score, point.score, line.measure) == Difference.BETTER:
                words = {"measure": title, "moved": moved_words(point.score - line.start)}
                yield Milestone(
                    point.day, _("%(measure)s: %(moved)s, more than the usual ups and downs") % words
                )
                break
