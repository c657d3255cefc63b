"""Moving between phases, answering proposals, and what a rule makes safer: one transaction, one row with who, when, why.

`evaluate` writes proposals and safer days, never a change of phase; a person moves one phase at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from clients.adjusting import refuse_if_ended, tell_about_change
from clients.assigning import texts_of
from clients.attention.asking import look_again
from clients.attention.look import look
from clients.models import AssignedPhase, Assignment, Client, PhaseTransition, User
from clients.models.practice import zone_of
from clients.progression.decide import decide
from clients.progression.gather import Case, cases, cases_of
from clients.progression.showing import waiting_rows
from clients.progression.standing import ANSWERS, Kind, Standing, fold, until
from clients.screening import SENT_TWICE, alert_therapists
from routines.models import Muscle, PhaseKind

log = logging.getLogger(__name__)

TOGETHER = 40  # clients looked at in one transaction: few enough that nobody waits long for it
LONGEST_EVENT: int = PhaseTransition._meta.get_field("event").max_length or 0
LOOK_AGAIN = timedelta(days=7)  # how long an answered proposal rests unless the therapist names a day


class MoveRefused(ValueError):
    """There is no such move from here; the text says why."""


class AnswerRefused(ValueError):
    """There is nothing to answer any more, or it cannot be answered like this; the text says why."""


@transaction.atomic
def move(
    assignment: Assignment,
    *,
    to: AssignedPhase,
    by: User,
    reason: str,
    now: datetime,
    numbers: dict[str, Any] | None = None,
) -> PhaseTransition:
    """Moves one phase on, or back to an earlier one, from the client's today on.

    Nobody skips a phase. Raises MoveRefused, AssignmentEnded; a second request for the same move is refused, as
    the first has ended the phase it starts from.
    """
    refuse_if_ended(assignment)
    if not reason.strip():
        raise MoveRefused(_("Please say why."))
    phases = list(AssignedPhase.objects.filter(assignment=assignment))
    current = next((phase for phase in phases if phase.state == AssignedPhase.State.ACTIVE), None)
    if current is None or to.assignment_id != assignment.pk:
        raise MoveRefused(_("This program has no such phase."))
    if to.order == current.order:
        raise MoveRefused(_("This phase is the current one already."))
    if to.order > current.order + 1:
        raise MoveRefused(
            _("One phase at a time: “%(next)s” comes first.") % {"next": phases[current.order + 1].name}
        )
    today = max(assignment.client.local_date(now), current.started_on or assignment.start_date)
    forward = to.order > current.order
    left = AssignedPhase.objects.filter(pk=current.pk, state=AssignedPhase.State.ACTIVE).update(
        state=AssignedPhase.State.DONE if forward else AssignedPhase.State.LOCKED,
        started_on=current.started_on if forward else None,
        ended_on=today if forward else None,
    )
    if not left:
        raise MoveRefused(_("Somebody has just moved this program. Look again."))
    if not forward:
        between = AssignedPhase.objects.filter(assignment=assignment, order__gt=to.order)
        between.update(state=AssignedPhase.State.LOCKED, started_on=None, ended_on=None)
    AssignedPhase.objects.filter(pk=to.pk).update(
        state=AssignedPhase.State.ACTIVE, started_on=today, ended_on=None
    )
    transition = PhaseTransition.objects.create(
        assignment=assignment,
        kind=PhaseTransition.Kind.ADVANCED if forward else PhaseTransition.Kind.STEPPED_BACK,
        from_phase=current,
        to_phase=to,
        at=now,
        local_date=today,
        by=by,
        reason=reason.strip(),
        numbers=(numbers or {}) | {"to_kind": to.kind},
    )
    note_waiting(assignment)
    look_again(assignment.client, now)
    tell_about_change(assignment, now)
    return transition


# ---- Looking at the evidence --------------------------------------------------------------------------------------------


@dataclass
class Look:
    """A look at the evidence of one client, once for each transaction however much was told in it."""

    client: Client
    now: datetime

    def __post_init__(self) -> None:
        # Django names by it what failed after the commit, and would fail there itself
        self.__qualname__ = type(self).__qualname__

    def __call__(self) -> None:
        evaluate(self.client, self.now)


def evidence_changed(client: Client, now: datetime) -> None:
    """Looks at the evidence once what was told is safely stored; a failure there loses no record.

    Until it was looked at, the programs count as not seen today, so that the clock comes back to them.
    """
    if not Assignment.objects.running().filter(client=client).update(evaluated_on=None):
        return
    for _savepoint, waiting, _robust in transaction.get_connection().run_on_commit:
        if isinstance(waiting, Look) and waiting.client == client:
            waiting.now = max(waiting.now, now)
            return
    transaction.on_commit(Look(client, now), robust=True)


def evaluate(client: Client, now: datetime) -> list[Case]:
    """Looks at every running program of the client as of now, and writes what is new. Any number may do so at once.

    What it writes proposes, makes safer, or gives back what was approved: it never moves a phase.
    """
    return evaluate_many({client: now})[client.pk]


@transaction.atomic
def evaluate_many(moments: Mapping[Client, datetime]) -> dict[int, list[Case]]:
    """The same for each of these clients at their moment: all of it or, if one look fails, nothing."""
    # Taken first, so that a decision at the same moment waits, or is seen
    by_day: dict[date, list[int]] = {}
    for client, now in moments.items():
        by_day.setdefault(client.local_date(now), []).append(client.pk)
    for day, clients in sorted(by_day.items()):
        Assignment.objects.running().filter(client__in=clients).update(evaluated_on=day)
    found = cases_of(moments)
    rows = []
    for client, now in moments.items():
        for case in found[client.pk]:
            decision = decide(case.evidence, case.standing, case.rules, case.events)
            rows += [
                PhaseTransition(
                    assignment=case.assignment,
                    kind=happened.kind,
                    from_phase_id=case.evidence.phase,
                    at=now,
                    local_date=case.evidence.today,
                    numbers=happened.numbers,
                    event=happened.event,
                )
                for happened in decision.rows
            ]
    PhaseTransition.objects.bulk_create(rows, ignore_conflicts=True)
    changed = {row.assignment_id for row in rows}
    for case in (case for each in found.values() for case in each):
        if case.assignment.pk in changed or case.assignment.waits != bool(waiting_rows(fold(case.rows))):
            note_waiting(case.assignment)

    def write_needs() -> None:
        look(moments, found)

    # Who needs somebody is written after the commit: a defect there costs no proposal
    transaction.on_commit(write_needs, robust=True)
    return found


def note_waiting(assignment: Assignment) -> None:
    """Marks the program as one that waits for the therapist, or not any more."""
    rows = PhaseTransition.objects.filter(assignment=assignment).order_by("at", "pk")
    waits = bool(waiting_rows(fold(rows)))
    Assignment.objects.filter(pk=assignment.pk).exclude(waits=waits).update(waits=waits)


def evaluate_days(now: datetime, *, stop: Callable[[], bool] = lambda: False, batch: int = 200) -> int:
    """Looks at each client with a program at which nobody has looked on their day. Days gone by are not made up for.

    Returns how many were looked at. Two at once write the same rows once; one client's trouble holds up nobody else.
    """
    looked: set[int] = set()
    while not stop():
        waiting = [each for each in unseen(now, batch) if each.pk not in looked]
        if not waiting:
            break
        for start in range(0, len(waiting), TOGETHER):
            some = waiting[start : start + TOGETHER]
            looked.update(client.pk for client in some)
            try:
                evaluate_many(dict.fromkeys(some, now))
            except Exception:  # noqa: BLE001 -- one of them is in trouble: each alone finds out who
                for client in some:
                    look_alone(client, now)
    return len(looked)


def look_alone(client: Client, now: datetime) -> None:
    try:
        evaluate(client, now)
    except Exception as error:  # noqa: BLE001 -- one client's trouble holds up nobody else
        # The log has no words of it, which may be a row
        log.error("The evidence of client %s: %s.", client.pk, type(error).__name__)  # noqa: TRY400 -- see above


def unseen(now: datetime, batch: int) -> list[Client]:
    """Clients in care with a running program that was not looked at on their day, the longest unseen first. Two queries."""
    running = Assignment.objects.running().filter(unseen_today(now), client__ended_at__isnull=True)
    oldest = running.select_related("client").order_by(F("evaluated_on").asc(nulls_first=True), "pk")
    return list({each.client_id: each.client for each in oldest[:batch]}.values())


def unseen_today(now: datetime) -> Q:
    """Programs at which nobody has looked on the client's own day, which differs from zone to zone. One query."""
    days: dict[date, list[str]] = {}
    for zone in Client.objects.order_by().values_list("zone", flat=True).distinct():
        days.setdefault(now.astimezone(zone_of(zone)).date(), []).append(zone)
    unseen = Q(evaluated_on__isnull=True)
    for day, zones in days.items():
        unseen |= Q(client__zone__in=zones, evaluated_on__lt=day)
    return unseen


def evidence_now(assignment: Assignment, now: datetime) -> dict[str, Any]:
    """The gate of the current phase as it stands, for the row of a decision."""
    case = next((case for case in cases(assignment.client, now) if case.assignment.pk == assignment.pk), None)
    if case is None:
        return {}
    decision = decide(case.evidence, case.standing, case.rules, case.events)
    return {"criteria": [criterion.as_json() for criterion in decision.criteria]}


# ---- A person's answers -------------------------------------------------------------------------------------------------


def standing_now(assignment: Assignment, now: datetime) -> Standing:
    return fold(until(PhaseTransition.objects.filter(assignment=assignment), now))


@transaction.atomic
def decide_by_person(
    assignment: Assignment,
    kind: str,
    *,
    by: User,
    reason: str,
    now: datetime,
    numbers: dict[str, Any] | None = None,
    event: str = "",
) -> PhaseTransition:
    """The row of a decision that moves no phase; the same decision sent twice is one row.

    Raises MoveRefused without a reason, AssignmentEnded.
    """
    refuse_if_ended(assignment)
    if not reason.strip():
        raise MoveRefused(_("Please say why."))
    said = PhaseTransition.objects.filter(
        assignment=assignment, kind=kind, by=by, reason=reason.strip(), at__gt=now - SENT_TWICE
    )
    if (twice := said.order_by("-pk").first()) is not None:
        return twice
    active = AssignedPhase.objects.filter(assignment=assignment, state=AssignedPhase.State.ACTIVE).first()
    row = PhaseTransition.objects.create(
        assignment=assignment,
        kind=kind,
        from_phase=active,
        at=now,
        local_date=assignment.client.local_date(now),
        by=by,
        reason=reason.strip(),
        numbers=numbers or {},
        event=event,
    )
    note_waiting(assignment)
    look_again(assignment.client, now)
    return row


@transaction.atomic
def hold(
    assignment: Assignment, *, by: User, reason: str, now: datetime, look_again: date | None = None
) -> PhaseTransition:
    """Not yet, although the gate holds: it rests until `look_again`, a week where no day is named.

    Raises AnswerRefused where nothing waits, MoveRefused, AssignmentEnded.
    """
    refuse_if_ended(assignment)
    if standing_now(assignment, now).proposal(Kind.READY) is None:
        raise AnswerRefused(_("Nothing waits for this answer any more. Look where the program stands now."))
    return decide_by_person(
        assignment,
        Kind.HELD,
        by=by,
        reason=reason,
        now=now,
        numbers=evidence_now(assignment, now) | {"look_again": next_look(assignment, now, look_again)},
    )


def next_look(assignment: Assignment, now: datetime, day: date | None) -> str:
    today = assignment.client.local_date(now)
    return max(day or today + LOOK_AGAIN, today + timedelta(days=1)).isoformat()


@transaction.atomic
def carry_on(
    assignment: Assignment,
    answers: str,
    *,
    by: User,
    reason: str,
    now: datetime,
    look_again: date | None = None,
) -> PhaseTransition:
    """The therapist saw the proposal and stays with the phase. `answers` is step_back, review or refer.

    A pause of strengthening that only waited for this answer ends with it. Raises AnswerRefused, MoveRefused,
    AssignmentEnded.
    """
    refuse_if_ended(assignment)
    standing = standing_now(assignment, now)
    if standing.proposal(ANSWERS[answers]) is None:
        raise AnswerRefused(_("Nothing waits for this answer any more. Look where the program stands now."))
    row = decide_by_person(
        assignment,
        Kind.CARRIED_ON,
        by=by,
        reason=reason,
        now=now,
        numbers={"answers": answers, "look_again": next_look(assignment, now, look_again)},
    )
    pause = standing.release_only
    if answers == "step_back" and pause is not None and pause.numbers.get("cause") == "step_back":
        end_pause(assignment, by=by, reason=reason, now=now)
    return row


@transaction.atomic
def refer(assignment: Assignment, *, by: User, reason: str, now: datetime) -> PhaseTransition:
    """The therapist asks the client to see a doctor; what may be done meanwhile is decided separately.

    Raises MoveRefused, AssignmentEnded.
    """
    row = decide_by_person(
        assignment,
        Kind.REFERRED,
        by=by,
        reason=reason,
        now=now,
        numbers=evidence_now(assignment, now) | {"look_again": next_look(assignment, now, None)},
    )
    tell_about_change(assignment, now)
    return row


@transaction.atomic
def end_pause(assignment: Assignment, *, by: User, reason: str, now: datetime) -> PhaseTransition:
    """Strengthening comes back today because the therapist says so. Raises AnswerRefused, MoveRefused, AssignmentEnded."""
    refuse_if_ended(assignment)
    pause = standing_now(assignment, now).release_only
    if pause is None:
        raise AnswerRefused(_("Strengthening is not paused."))
    row = decide_by_person(
        assignment, Kind.STRENGTHENING_BACK, by=by, reason=reason, now=now, event=f"back/{pause.pk}"
    )
    tell_about_change(assignment, now)
    return row


@transaction.atomic
def pause_strengthening(
    assignment: Assignment, *, by: User, reason: str, now: datetime, not_before: date | None = None
) -> PhaseTransition:
    """Release only from today on, at least until `not_before`; it comes back by the rule. Raises MoveRefused, AssignmentEnded."""
    numbers = {"cause": "therapist", "not_before": not_before.isoformat() if not_before else None}
    row = decide_by_person(assignment, Kind.RELEASE_ONLY, by=by, reason=reason, now=now, numbers=numbers)
    tell_about_change(assignment, now)
    return row


@transaction.atomic
def strengthen_too(assignment: Assignment, *, by: User, reason: str, now: datetime) -> PhaseTransition:
    """Strengthening of the next phase begins beside release: the therapist's right at any time.

    Raises AnswerRefused where the current phase is no release or it began already, MoveRefused, AssignmentEnded.
    """
    refuse_if_ended(assignment)
    phases = list(AssignedPhase.objects.filter(assignment=assignment))
    current = next((phase for phase in phases if phase.state == AssignedPhase.State.ACTIVE), None)
    following = next((phase for phase in phases if current and phase.order == current.order + 1), None)
    if current is None or current.kind != PhaseKind.RELEASE or following is None:
        raise AnswerRefused(
            _("Strengthening can only be added to a phase of release that has a phase after it.")
        )
    if standing_now(assignment, now).alongside is not None:
        raise AnswerRefused(_("Strengthening has begun already."))
    row = decide_by_person(
        assignment,
        Kind.ALONGSIDE,
        by=by,
        reason=reason,
        now=now,
        numbers=evidence_now(assignment, now) | {"phase": following.pk},
        event=f"alongside/{current.pk}/{assignment.client.local_date(now)}",
    )
    tell_about_change(assignment, now)
    return row


@transaction.atomic
def release_alone(assignment: Assignment, *, by: User, reason: str, now: datetime) -> PhaseTransition:
    """Takes strengthening beside release back. Raises AnswerRefused, MoveRefused, AssignmentEnded."""
    refuse_if_ended(assignment)
    if standing_now(assignment, now).alongside is None:
        raise AnswerRefused(_("No strengthening goes on beside release."))
    row = decide_by_person(assignment, Kind.ALONGSIDE_ENDED, by=by, reason=reason, now=now)
    tell_about_change(assignment, now)
    return row


@transaction.atomic
def tight_seen(assignment: Assignment, *, by: User, reason: str, now: datetime) -> PhaseTransition:
    """The therapist knows of it, and the extra release goes on. Raises AnswerRefused, MoveRefused, AssignmentEnded."""
    refuse_if_ended(assignment)
    standing = standing_now(assignment, now)
    if not standing.tight_again or standing.tight_seen:
        raise AnswerRefused(_("Nothing waits for this answer any more. Look where the program stands now."))
    return decide_by_person(
        assignment, Kind.CARRIED_ON, by=by, reason=reason, now=now, numbers={"answers": "tight"}
    )


@transaction.atomic
def release_enough(assignment: Assignment, *, by: User, reason: str, now: datetime) -> PhaseTransition:
    """The reopened release ends; the plan is as it was before. Raises AnswerRefused, MoveRefused, AssignmentEnded."""
    refuse_if_ended(assignment)
    if not standing_now(assignment, now).tight_again:
        raise AnswerRefused(_("No extra release is open."))
    row = decide_by_person(assignment, Kind.RELEASE_ENOUGH, by=by, reason=reason, now=now)
    tell_about_change(assignment, now)
    return row


# ---- A client's word ----------------------------------------------------------------------------------------------------


@transaction.atomic
def tight_again(
    assignment: Assignment, muscles: Collection[str], *, now: datetime, by: User | None = None
) -> PhaseTransition | None:
    """ "It is tight again": release for these muscles (slugs) is open again from today on, and the therapist is told.

    A second word on the same day about the same muscles changes nothing and returns None. Raises AnswerRefused for none
    of them, AssignmentEnded.
    """
    refuse_if_ended(assignment)
    today = assignment.client.local_date(now)
    found = list(Muscle.objects.filter(slug__in=muscles).order_by("slug"))
    named = [muscle.slug for muscle in found]
    if not named:
        raise AnswerRefused(_("Choose what is tight again."))
    active = AssignedPhase.objects.filter(assignment=assignment, state=AssignedPhase.State.ACTIVE).first()
    if active is None or active.kind == PhaseKind.RELEASE:
        raise AnswerRefused(
            _("Release is open already. Go on with it; your therapist sees how tight it feels.")
        )
    said = ",".join(named)
    event = f"tight/{today}/{said}"
    if len(event) > LONGEST_EVENT:
        event = f"tight/{today}/{sha256(said.encode()).hexdigest()[:40]}"
    if PhaseTransition.objects.filter(assignment=assignment, event=event).exists():
        return None
    PhaseTransition.objects.bulk_create(
        [
            PhaseTransition(
                assignment=assignment,
                kind=Kind.TIGHT_AGAIN,
                from_phase=active,
                at=now,
                local_date=today,
                by=by,
                numbers={"muscles": named, "names": [texts_of(muscle, "name") for muscle in found]},
                event=event,
            )
        ],
        ignore_conflicts=True,
    )
    note_waiting(assignment)
    look_again(assignment.client, now)
    alert_therapists(assignment.client, event=f"tight/{assignment.pk}/{today}", now=now)
    return PhaseTransition.objects.get(assignment=assignment, event=event)
