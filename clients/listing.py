"""People in lists: who is seen, where they stand and when they trained last, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery, Value
from django.utils.translation import gettext as _

from clients.casefile import AccountState, account_state
from clients.models import AssignedPhase, Assignment, Client, Delivery, Role, SafetyBlock, TrainingSession
from clients.schedule import Pause, phase_day
from routines.models import PhaseKind


@dataclass(frozen=True)
class Place:
    """Where a client stands in one program: the phase and its day, counted from 1."""

    phase: AssignedPhase
    day: int
    paused: bool = False

    @property
    def kind(self) -> PhaseKind:
        return PhaseKind(self.phase.kind)

    @property
    def words(self) -> str:
        if self.paused:
            return _("%(phase)s, paused") % {"phase": self.kind.label}
        if self.day < 1:
            return _("%(phase)s, not started") % {"phase": self.kind.label}
        return _("%(phase)s, day %(day)d") % {"phase": self.kind.label, "day": self.day}


@dataclass(frozen=True)
class Person:
    """A client in a list: where they stand, and when they trained last. Office staff see no places."""

    client: Client
    places: tuple[Place, ...]
    last_session: date | None
    account: AccountState
    blocked: bool

    @property
    def may_pause(self) -> bool:
        return any(not place.paused for place in self.places)

    @property
    def where(self) -> str:
        return " · ".join(place.words for place in self.places)


def clients_in_lists(user: Any, clients: QuerySet[Client] | None = None) -> QuerySet[Client]:
    """The clients that this person sees, with all that a list shows of them."""
    found = Client.objects.visible_to(user) if clients is None else clients
    sessions = TrainingSession.objects.filter(client=OuterRef("pk")).finished().order_by("-local_date")
    invitations = Delivery.objects.filter(client=OuterRef("pk"), letter=Delivery.Letter.INVITATION)
    found = found.select_related("user").annotate(
        last_session=Subquery(sessions.values("local_date")[:1]),
        invited_at=Subquery(invitations.order_by("-pk").values("created_at")[:1]),
    )
    if user.role == Role.OFFICE:
        return found.annotate(blocked=Value(False))
    found = found.annotate(blocked=Exists(SafetyBlock.objects.filter(client=OuterRef("pk")).open()))
    # A list says where somebody stands, not what with
    phases = AssignedPhase.objects.defer("texts", "numbers", "tenderness_sites")
    running = Assignment.objects.running().defer("texts", "why", "numbers", "note")
    running = running.prefetch_related(
        Prefetch("phases", phases.filter(state=AssignedPhase.State.ACTIVE), to_attr="active"), "pauses"
    )
    return found.prefetch_related(Prefetch("assignments", running, to_attr="running"))


def person_of(client: Client, now: datetime) -> Person:
    """One row of `clients_in_lists`, which has left out what this reader should not see."""
    today = client.local_date(now)
    return Person(
        client=client,
        places=tuple(
            place_of(assignment, today) for assignment in getattr(client, "running", []) if assignment.active
        ),
        last_session=client.last_session,  # type: ignore[attr-defined]
        account=account_state(client, client.invited_at, now),  # type: ignore[attr-defined]
        blocked=client.blocked,  # type: ignore[attr-defined]
    )


def place_of(assignment: Assignment, today: date) -> Place:
    phase = assignment.active[0]  # type: ignore[attr-defined]
    pauses = [Pause(pause.since, pause.until) for pause in assignment.pauses.all()]
    return Place(
        phase=phase,
        day=phase_day(phase.started_on, today, pauses) + 1,
        paused=any(pause.holds(today) for pause in pauses),
    )
