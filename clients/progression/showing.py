"""The gate as both people read it: the same evidence, one in the client's words, one with figures (product.md, none has 2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from clients.models import AssignedPhase, PhaseTransition
from clients.progression.criteria import Criterion, gate
from clients.progression.gather import Case
from clients.progression.standing import Kind, Standing
from clients.progression.words import (
    Line,
    for_client,
    for_therapist,
    said_once,
    why_for_client,
    why_for_therapist,
)
from routines.models import Message, PhaseKind

RESTS_LONG = 7  # days after which a pause of strengthening rises in the queue
RECENT = timedelta(days=2)  # how long Today says that strengthening is back


@dataclass(frozen=True)
class Gate:
    """What opens the next phase and how far one is. `waiting` while all holds and the therapist has not answered."""

    name: str
    kind: PhaseKind
    lines: tuple[Line, ...]
    waiting: bool = False
    held: str = ""

    @property
    def met(self) -> int:
        return sum(1 for line in self.lines if line.met)

    @property
    def all(self) -> int:
        return len(self.lines)

    @property
    def told(self) -> str:
        """ "3 of 5 met"."""
        return _("%(met)d of %(all)d met") % {"met": self.met, "all": self.all}


def gate_for_client(case: Case, phases: Sequence[AssignedPhase]) -> Gate | None:
    return gate_of(case, phases, for_client)


def gate_for_therapist(case: Case, phases: Sequence[AssignedPhase]) -> Gate | None:
    return gate_of(case, phases, for_therapist)


def gate_of(case: Case, phases: Sequence[AssignedPhase], words: Callable[[Criterion], Line]) -> Gate | None:
    """None in the last phase, and where no rule closes this one."""
    current = next((phase for phase in phases if phase.pk == case.evidence.phase), None)
    if current is None:
        return None
    following = next((phase for phase in phases if phase.order == current.order + 1), None)
    criteria = gate(case.evidence)
    if following is None or not criteria:
        return None
    return Gate(
        name=following.name,
        kind=PhaseKind(following.kind),
        lines=tuple(said_once(words(criterion) for criterion in criteria)),
        waiting=case.standing.proposal(Kind.READY) is not None,
        held=held_words(case),
    )


def held_words(case: Case) -> str:
    """Why the therapist said not yet, as long as that holds."""
    for row in reversed(case.rows):
        if row.kind in (Kind.ADVANCED, Kind.STEPPED_BACK, Kind.READY):
            return ""
        if row.kind == Kind.HELD:
            return row.reason
    return ""


# ---- What Today says to the client ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """A message on Today: what became lighter, what came back, what the therapist has been asked."""

    title: str
    body: str
    tone: str = "info"


def notes_for_client(cases: Sequence[Case]) -> list[Note]:
    """Each message once, those of the catalogue first and the most careful of them before. One query."""
    resting = any(case.standing.release_only for case in cases)
    said = [each for case in cases if (each := note_of(case, resting=resting))]
    wanted = [slug for slug in MESSAGES if slug in said]
    texts = {message.slug: message for message in Message.objects.filter(slug__in=wanted)}
    notes = [Note(texts[slug].text("title"), texts[slug].text("body")) for slug in wanted]
    notes += dict.fromkeys(each for each in said if isinstance(each, Note))
    if any(case.standing.proposal(Kind.READY) for case in cases):
        notes.append(
            Note(
                _("All that opens the next phase holds"),
                _("Your therapist has been asked and decides with you. Until then the plan stays as it is."),
                "ok",
            )
        )
    return notes


# Of the catalogue, the most careful first
MESSAGES = ("step_back", "release_only_days", "strengthening_returns")


def note_of(case: Case, *, resting: bool) -> Note | str | None:
    """What one program has to say: a message of the catalogue by its slug, or a note where that one would not fit the cause.

    `resting`: strengthening rests in one of the programs, so that it is back in none.
    """
    pause, proposal = case.standing.release_only, case.standing.proposal(Kind.STEP_BACK_PROPOSED)
    if proposal:
        if proposal.numbers.get("cause") not in ("missed_days", "tenderness"):
            return "step_back"
        asked = _("Your therapist has been asked to look.")
        return Note(_("Release only for now"), f"{why_for_client(proposal)} {asked}")
    if pause:
        return decided(_("Release only for now"), pause) if pause.by_id else "release_only_days"
    back = None if resting else back_lately(case.rows, case.evidence.today)
    if back:
        return decided(_("Strengthening is back"), back) if back.by_id else "strengthening_returns"
    lighter = case.standing.reduced
    return Note(_("A little less for now"), why_for_client(lighter[-1])) if lighter else None


def decided(title: str, row: PhaseTransition) -> Note:
    return Note(title, _("Your therapist says: %(reason)s") % {"reason": row.reason})


def back_lately(rows: Sequence[PhaseTransition], today: date) -> PhaseTransition | None:
    """The row by which strengthening came back in these days."""
    last = next(
        (row for row in reversed(rows) if row.kind in (Kind.RELEASE_ONLY, Kind.STRENGTHENING_BACK)), None
    )
    if last is None or last.kind != Kind.STRENGTHENING_BACK or today - last.local_date >= RECENT:
        return None
    return last


# ---- What waits for the therapist ------------------------------------------------------------------------------------------

# The most careful first
URGENCY = (
    Kind.REFER_SUGGESTED,
    Kind.STEP_BACK_PROPOSED,
    Kind.RELEASE_ONLY,
    Kind.TIGHT_AGAIN,
    Kind.READY,
    Kind.REVIEW_DUE,
)


@dataclass(frozen=True)
class Proposal:
    """What the app proposes or has made safer, with its evidence and since when; `rises` after days without an answer."""

    row: PhaseTransition
    why: str
    lines: tuple[Line, ...] = ()
    days: int = 0
    rises: bool = False

    @property
    def kind(self) -> str:
        return self.row.kind

    @property
    def what(self) -> str:
        return self.row.get_kind_display()


def proposals_of(rows: Sequence[PhaseTransition], today: date, escalate_after: int = 3) -> list[Proposal]:
    """What waits in one program, from the rows that still hold. Pure."""
    found = []
    for row in sorted(rows, key=lambda row: URGENCY.index(Kind(row.kind))):
        days = max(0, (today - row.local_date).days)
        criteria = [Criterion.from_json(each) for each in row.numbers.get("criteria", [])]
        found.append(
            Proposal(
                row=row,
                why=why_for_therapist(row),
                lines=tuple(for_therapist(criterion) for criterion in criteria),
                days=days,
                rises=days >= (RESTS_LONG if row.kind == Kind.RELEASE_ONLY else escalate_after),
            )
        )
    return found


def waiting_rows(standing: Standing) -> list[PhaseTransition]:
    """The rows of a standing that the therapist should see."""
    rows = list(standing.proposals)
    pause = standing.release_only
    if pause is not None and pause.numbers.get("cause") not in ("step_back", "therapist"):
        rows.append(pause)
    return rows if standing.tight_seen else [*rows, *standing.tight_again[-1:]]
