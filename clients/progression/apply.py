"""Moving between phases by hand: one transaction, one row that says who, when and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clients.adjusting import refuse_if_ended, tell_about_change
from clients.models import AssignedPhase, Assignment, PhaseTransition, User


class MoveRefused(ValueError):
    """There is no such move from here; the text says why."""


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
        numbers=numbers or {},
    )
    tell_about_change(assignment, now)
    return transition
