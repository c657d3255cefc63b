"""What holds in one program on a day, read from the rows of its decisions. Pure; nothing of it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from clients.models import PhaseTransition
from routines.models import PhaseKind

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

    `look_again` names for each kind of proposal and its cause the day before which it is not made again, as a person has
    answered. `not_before` is the day until which the therapist wants strengthening to rest at least.
    """

    phase_id: int | None = None
    proposals: tuple[PhaseTransition, ...] = ()
    look_again: tuple[tuple[str, str, date], ...] = ()
    release_only: PhaseTransition | None = None
    not_before: date | None = None
    reduced: tuple[PhaseTransition, ...] = ()
    alongside: PhaseTransition | None = None
    tight_again: tuple[PhaseTransition, ...] = ()
    tight_seen: bool = False

    def proposal(self, kind: str) -> PhaseTransition | None:
        return next((row for row in self.proposals if row.kind == kind), None)

    def may_propose(self, kind: str, day: date, cause: str = "") -> bool:
        """Another cause than the one that was answered is new evidence."""
        return all(day >= again for of, why, again in self.look_again if (of, why) == (kind, cause))

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
    again: dict[tuple[str, str], date] = {}
    release_only: PhaseTransition | None = None
    not_before: date | None = None
    reduced: dict[str, PhaseTransition] = {}
    alongside: PhaseTransition | None = None
    tight: list[PhaseTransition] = []
    seen = False
    for row in rows:
        kind = Kind(row.kind)
        if kind in MOVES:
            phase, open_, again, reduced, alongside = row.to_phase_id, {}, {}, {}, None
            if kind == Kind.STEPPED_BACK:
                tight = []
            if kind == Kind.STEPPED_BACK and row.numbers.get("to_kind") == PhaseKind.RELEASE:
                release_only, not_before = None, None  # nothing is strengthened that could rest
        elif kind == Kind.ENDED:
            return Standing()
        elif kind in PROPOSALS:
            if row.from_phase_id == phase:
                open_[kind] = row
        elif kind == Kind.NOT_READY:
            open_.pop(Kind.READY, None)
        elif kind in (Kind.HELD, Kind.CARRIED_ON, Kind.REFERRED):
            for answered in answered_by(row):
                proposal = open_.pop(answered, None)
                cause = proposal.numbers.get("cause", "") if proposal else ""
                if day := row.numbers.get("look_again"):
                    again[answered, cause] = date.fromisoformat(day)
            seen = seen or row.numbers.get("answers") == "tight"
        elif kind == Kind.RELEASE_ONLY:
            wanted = row.numbers.get("not_before")
            days = [not_before if release_only else None, date.fromisoformat(wanted) if wanted else None]
            not_before = max((day for day in days if day), default=None)
            release_only = row
        elif kind == Kind.STRENGTHENING_BACK:
            # Written for one pause, it does not end a newer one
            if release_only is None or row.event in ("", f"back/{release_only.pk}"):
                release_only, not_before = None, None
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
            seen = False
        elif kind == Kind.RELEASE_ENOUGH:
            tight = []
    return Standing(
        phase_id=phase,
        proposals=tuple(open_.values()),
        look_again=tuple((kind, cause, day) for (kind, cause), day in sorted(again.items())),
        release_only=release_only,
        not_before=not_before,
        reduced=tuple(reduced.values()),
        alongside=alongside,
        tight_again=tuple(tight),
        tight_seen=seen,
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
