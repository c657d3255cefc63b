"""One client as the therapist reads them: the person, the plan, what was done, what was decided and why, letters, and
how it goes, which the client reads too.

Lists are limited to the newest rows, so that a page costs the same after three sessions and after three thousand.
"""

from clients.casefile.letters import newest_letters, why_not_sent, without_health
from clients.casefile.person import AccountState, account_state, condition_words, head_of, invited_at
from clients.casefile.plan import plan_on_file
from clients.casefile.sessions import SessionLine
from clients.casefile.timeline import decisions

__all__ = [
    "AccountState",
    "SessionLine",
    "account_state",
    "condition_words",
    "decisions",
    "head_of",
    "invited_at",
    "newest_letters",
    "plan_on_file",
    "why_not_sent",
    "without_health",
]
