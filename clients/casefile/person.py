"""Who the client is: how they come in, what speaks against what, who cares, where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.inviting import INVITATION, VALID_FOR
from clients.models import (
    AssignedPhase,
    Assignment,
    Client,
    ClientTag,
    Delivery,
    ReminderSchedule,
    SafetyBlock,
    Side,
    User,
)
from clients.schedule import Pause, phase_day
from routines.models import PhaseKind


@dataclass(frozen=True)
class AccountState:
    """How the client comes in: `state` is paper, not_invited, invited, expired or inside; `may_invite` is what helps."""

    state: str
    since: datetime | None = None

    @property
    def may_invite(self) -> bool:
        return self.state in {"not_invited", "invited", "expired"}

    @property
    def again(self) -> bool:
        return self.state in {"invited", "expired"}


def account_state(client: Client, invited_at: datetime | None, now: datetime) -> AccountState:
    """`invited_at` is when the newest invitation was queued. Read the client with their user."""
    if client.user is not None:
        return AccountState("inside", client.user.last_login or client.user.date_joined)
    if not client.email:
        return AccountState("paper")
    if invited_at is None:
        return AccountState("not_invited")
    return AccountState("invited" if now < invited_at + VALID_FOR[INVITATION] else "expired", invited_at)


def invited_at(client: Client) -> datetime | None:
    letters = Delivery.objects.filter(client=client, letter=Delivery.Letter.INVITATION)
    return letters.order_by("-pk").values_list("created_at", flat=True).first()


# ---- Conditions -----------------------------------------------------------------------------------------------------


def condition_words(row: ClientTag) -> str:
    """The condition with its place: "Fracture or surgery in the last 12 weeks (knee, left)"."""
    if row.area is None:
        return row.tag.text("label")
    place = row.area.text("name")
    if row.side in (Side.LEFT, Side.RIGHT):
        place = f"{place}, {row.get_side_display()}"
    return f"{row.tag.text('label')} ({place})"


def conditions_on(client: Client, day: date) -> list[tuple[ClientTag, str]]:
    """The conditions that hold on this day, each with its words. One query."""
    rows = ClientTag.objects.filter(client=client).on(day).select_related("tag", "area")
    return [(row, condition_words(row)) for row in rows]


def name_of(user: User | None) -> str:
    return str(user) if user else ""


# ---- The head of every page of a client -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """Where the client stands in one running program; `day` is counted from 1, 0 before its start."""

    assignment: Assignment
    phase: AssignedPhase
    day: int
    paused: bool

    @property
    def words(self) -> str:
        """ "Release, day 12"."""
        kind = PhaseKind(self.phase.kind).label
        if self.paused:
            return _("%(phase)s, paused") % {"phase": kind}
        if self.day < 1:
            return _("%(phase)s, not started") % {"phase": kind}
        return _("%(phase)s, day %(day)d") % {"phase": kind, "day": self.day}


@dataclass(frozen=True)
class Head:
    """What stands above every page of a client."""

    client: Client
    today: date
    account: AccountState
    conditions: list[tuple[ClientTag, str]]
    standings: list[Standing]
    carers: list[Any]
    next_letter_at: str  # by the client's clock; empty where none can come
    blocked: bool
    open_visit: int | None


def head_of(client: Client, now: datetime) -> Head:
    """A fixed number of queries, less one where no letter can come. Read the client with their user."""
    today = client.local_date(now)
    standings = standings_of(client, today)
    blocked = SafetyBlock.objects.filter(client=client).open().exists()
    return Head(
        client=client,
        today=today,
        account=account_state(client, invited_at(client), now),
        conditions=conditions_on(client, today),
        standings=standings,
        carers=list(
            client.care_team.select_related("therapist")
            .filter(Q(until__isnull=True) | Q(until__gt=now), since__lte=now)
            .order_by("-capacity", "since")
        ),
        next_letter_at=""
        if blocked or all(each.paused for each in standings)
        else next_letter_at(client, now),
        blocked=blocked,
        open_visit=client.visits.filter(closed_at__isnull=True).values_list("pk", flat=True).first(),
    )


def standings_of(client: Client, today: date) -> list[Standing]:
    active = AssignedPhase.objects.filter(state=AssignedPhase.State.ACTIVE)
    running = Assignment.objects.running().filter(client=client)
    found = []
    for assignment in running.prefetch_related(Prefetch("phases", active, to_attr="active"), "pauses"):
        pauses = [Pause(pause.since, pause.until) for pause in assignment.pauses.all()]
        for phase in assignment.active:
            day = phase_day(phase.started_on, today, pauses) + 1
            found.append(Standing(assignment, phase, day, any(pause.holds(today) for pause in pauses)))
    return found


def next_letter_at(client: Client, now: datetime) -> str:
    """When the next reminder is planned, by the client's clock; nothing where none can come."""
    schedule = ReminderSchedule.objects.filter(client=client, active=True).first()
    if client.ended_at is not None or client.user_id is None:
        return ""
    if schedule is None or schedule.next_due_at is None or schedule.next_due_at < now:
        return ""
    return date_format(schedule.next_due_at.astimezone(client.zone_info), "D j M, H:i")
