"""What the queue is decided by: one client's running programs as they stand on a day. Values only, no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from clients.numbers import Numbers
from clients.progression.facts import Evidence
from clients.schedule import Pause, falls_on, phase_day


@dataclass(frozen=True)
class Waits:
    """A proposal, or what a rule made safer, that nobody has answered; `row` is the decision that says so."""

    kind: str
    row: int
    day: date
    rests: bool = False  # a pause of strengthening may wait longer before it rises


@dataclass(frozen=True)
class StepDays:
    """On which days a step that holds now is due. `since` is the day it counts from, None: with its phase."""

    weekdays: str
    start_after_days: int
    until_days: int | None
    since: date | None = None


@dataclass(frozen=True)
class Program:
    """One running program. `evidence` is None before it begins.

    `review_rests_until` is the day before which the therapist wants no review. `care` names the steps that wait for
    a yes, as "exercise:condition". `forward` and `back` are the neighbouring phases.
    """

    pk: int
    started: date
    evidence: Evidence | None = None
    waits: tuple[Waits, ...] = ()
    escalate_after: int = 3
    review_rests_until: date | None = None
    paused: bool = False
    pauses: Sequence[Pause] = ()
    steps: tuple[StepDays, ...] = ()
    care: tuple[str, ...] = ()
    forward: int | None = None
    back: int | None = None

    def due_within(self, evidence: Evidence, days: int) -> bool:
        """Whether any step is due from tomorrow on within so many days."""
        for n in range(1, days + 1):
            day = evidence.today + timedelta(days=n)
            since = {step.since or evidence.phase_started for step in self.steps}
            numbers = {first: phase_day(first, day, self.pauses) for first in since}
            if any(
                falls_on(
                    step.weekdays,
                    step.start_after_days,
                    step.until_days,
                    day,
                    numbers[step.since or evidence.phase_started],
                )
                for step in self.steps
            ):
                return True
        return False


@dataclass(frozen=True)
class Facts:
    """One client. `inside`: they have an account, so that silence says something. `blocks` are days of no session.

    `reached` is the last day on which the team spoke with them or wrote to them.
    """

    today: date
    inside: bool
    last_session: date | None
    numbers: Numbers
    programs: tuple[Program, ...] = ()
    blocks: Sequence[Pause] = ()
    reached: date | None = None


@dataclass(frozen=True)
class Found:
    """A need with its evidence. `key` names the evidence: the same key is the same need."""

    kind: str
    program: int
    rank: int
    since: date
    key: str
    evidence: dict[str, Any]
    rises: bool = False
