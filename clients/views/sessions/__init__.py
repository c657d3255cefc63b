"""A session: start, one exercise after the other, how it was. Later the same pages correct what was recorded.

A session is *live* on its own day, and on the next until six hours from its start, until it is finished: only then is
the player shown, and an open safety block ends it. Everything else is correcting: the same sets without timers.
"""

from clients.views.sessions.doing import (
    session,
    session_note,
    session_set,
    session_skip,
    session_step,
    session_tightness,
    session_unskip,
)
from clients.views.sessions.easing import session_as_planned, session_rest, session_too_hard
from clients.views.sessions.ending import session_end
from clients.views.sessions.starting import session_start, without_app
from clients.views.sessions.stopping import session_stopped, session_wrong

__all__ = [
    "session",
    "session_as_planned",
    "session_end",
    "session_note",
    "session_rest",
    "session_set",
    "session_skip",
    "session_start",
    "session_step",
    "session_stopped",
    "session_tightness",
    "session_too_hard",
    "session_unskip",
    "session_wrong",
    "without_app",
]
