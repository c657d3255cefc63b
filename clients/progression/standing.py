"""What holds in one program on a day, read from the rows of its decisions. Pure; nothing of it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from clients.models import PhaseTransition

Kind = PhaseTransition.Kind

MOVES = (Kind.STARTED, Kind.ADVANCED, Kind.STEPPED_BACK)
PROPOSALS = (Kind.READY, Kind.STEP_BACK_PROPOSED, Kind.REVIEW_DUE, Kind.REFER_SUGGESTED)

# Which exercises a dose was reduced for
RELEASE = "release"
STRENGTHENING = "strengthening"

# What a person's answer settles, in `numbers["answers"]` of a row CARRIED_ON
ANSWERS = {
    "step_back": Kind.STEP_BACK_PROPOSED,
    "review": Kind.REVIEW_DUE,
    "refer": Kind.REFER_SUGGESTED,
    "ready": Kind.READY,
}


@dataclass(frozen=True)
class Standing:
    """Which phase, which proposals wait for a person, what is paused, reduced or added.

    `look_again` names for each kind of proposal the day before which it is not made again, as a person has answered.
    """

    phase_id: int | None = None
    proposals: tuple[PhaseTransition, ...] = ()
    look_again: tuple[tuple[str, date], ...] = ()
    release_only: PhaseTransition | None = None
    reduced: tuple[PhaseTransition, ...] = ()
    alongside: PhaseTransition | None = None
    tight_again: tuple[PhaseTransition, ...] = ()

    def proposal(self, kind: str) -> PhaseTransition | None:
        return next((row for row in self.proposals if row.kind == kind), None)

    def may_propose(self, kind: str, day: date) -> bool:
        return all(day >= again for of, again in self.look_again if of == kind)

    def reduction(self, of: str) -> PhaseTransition | None:
        """The row by which the dose of release or of strengthening is reduced now."""
        return next((row for row in self.reduced if row.numbers.get("of") == of), None)

    @property
    def muscles(self) -> frozenset[str]:
        """Muscles whose release is reopened, by their slugs."""
        return frozenset(slug for row in self.tight_again for slug in row.numbers.get("muscles", ()))


def until(rows: Iterable[PhaseTransition], moment: datetime) -> list[PhaseTransition]:
    """The rows that were there at that moment, in their order."""
    return sorted((row for row in rows if row.at <= moment), key=lambda row: (row.at, row.pk))


def standing_on(rows: Sequence[PhaseTransition], day: date) -> Standing:
    """What holds on the client's day `day`.

    A pause of strengthening and a smaller dose hold from the eve of their day on: in a zone further west the same moment
    still belongs to the day before, and a journey must not lift them.
    """
    eve = day + timedelta(days=1)
    return fold(
        row
        for row in rows
        if row.local_date <= day
        or (row.local_date == eve and row.kind in (Kind.RELEASE_ONLY, Kind.DOSE_REDUCED))
    )


def fold(rows: Iterable[PhaseTransition]) -> Standing:
    """What follows from these rows, in their order."""
    phase: int | None = None
    open_: dict[str, PhaseTransition] = {}
    again: dict[str, date] = {}
    release_only: PhaseTransition | None = None
    reduced: dict[str, PhaseTransition] = {}
    alongside: PhaseTransition | None = None
    tight: list[PhaseTransition] = []
    for row in rows:
        kind = Kind(row.kind)
        if kind in MOVES:
            phase, open_, again, reduced, alongside = row.to_phase_id, {}, {}, {}, None
            if kind == Kind.STEPPED_BACK:
                tight = []
        elif kind == Kind.ENDED:
            return Standing()
        elif kind in PROPOSALS:
            if row.from_phase_id == phase:
                open_[kind] = row
        elif kind == Kind.NOT_READY:
            open_.pop(Kind.READY, None)
        elif kind in (Kind.HELD, Kind.CARRIED_ON, Kind.REFERRED):
            for answered in answered_by(row):
                open_.pop(answered, None)
                if day := row.numbers.get("look_again"):
                    again[answered] = date.fromisoformat(day)
        elif kind == Kind.RELEASE_ONLY:
            release_only = row
        elif kind == Kind.STRENGTHENING_BACK:
            release_only = None
        elif kind == Kind.DOSE_REDUCED:
            reduced[row.numbers.get("of", STRENGTHENING)] = row
        elif kind == Kind.DOSE_RESTORED:
            reduced.pop(row.numbers.get("of", STRENGTHENING), None)
        elif kind == Kind.ALONGSIDE:
            alongside = row
        elif kind == Kind.ALONGSIDE_ENDED:
            alongside = None
        elif kind == Kind.TIGHT_AGAIN:
            tight.append(row)
        elif kind == Kind.RELEASE_ENOUGH:
            tight = []
    return Standing(
        phase_id=phase,
        proposals=tuple(open_.values()),
        look_again=tuple(sorted(again.items())),
        release_only=release_only,
        reduced=tuple(reduced.values()),
        alongside=alongside,
        tight_again=tuple(tight),
    )


def answered_by(row: PhaseTransition) -> list[str]:
    """Which proposals this answer settles."""
    if row.kind == Kind.HELD:
        return [Kind.READY]
    if row.kind == Kind.REFERRED:
        return [Kind.REFER_SUGGESTED, Kind.REVIEW_DUE]
    return [ANSWERS[each] for each in as_list(row.numbers.get("answers")) if each in ANSWERS]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []
