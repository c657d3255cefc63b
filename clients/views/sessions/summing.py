"""What a session was, in one factual sentence: pain, sets, minutes. No praise, no score."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.casefile.minutes import minutes_between
from clients.models import Measure
from clients.recording import SessionState


def minutes_taken(state: SessionState) -> int | None:
    """Whole minutes from the start to the last set; None where nobody can know. Pure."""
    ticked = [row for each in state.items for row in each.sets.values() if row.done and row.revision == 1]
    session = state.session
    return minutes_between(
        session.source, session.started_at, [(row.device_time, row.received_at) for row in ticked]
    )


def pain_words(state: SessionState) -> str:
    """ "Pain 4 before, 3 after."; only what was told."""
    before, after = state.readings.get(Measure.PAIN_BEFORE), state.readings.get(Measure.PAIN_AFTER)
    if before is not None and after is not None:
        return _("Pain %(before)d before, %(after)d after.") % {"before": before, "after": after}
    if before is not None:
        return _("Pain %(before)d before.") % {"before": before}
    return "" if after is None else _("Pain %(after)d after.") % {"after": after}


def sets_words(state: SessionState) -> str:
    """ "12 of 14 sets in 9 minutes."; on a short day those of its two exercises, and that it was one."""
    shown = [each for group in state.shown() for each in group]
    words = _("%(done)d of %(asked)d sets") % {
        "done": sum(each.done for each in shown),
        "asked": sum(each.asked for each in shown),
    }
    if state.session.shows_two:
        words = _("Short day: %(sets)s") % {"sets": words}
    minutes = minutes_taken(state)
    if minutes is not None:
        words = ngettext("%(sets)s in %(minutes)d minute", "%(sets)s in %(minutes)d minutes", minutes) % {
            "sets": words,
            "minutes": minutes,
        }
    return _("%(sentence)s.") % {"sentence": words}


def in_one_line(state: SessionState) -> str:
    return " ".join(filter(None, [pain_words(state), sets_words(state)]))
