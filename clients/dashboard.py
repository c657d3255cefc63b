"""Who needs the therapist today, and why: the front page of the workplace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.casefile import AccountState, Waiting, account_state, waiting_for_tick
from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    AssignmentPause,
    Client,
    ClientTag,
    ContactRecord,
    Delivery,
    Role,
    SafetyBlock,
    StopEvent,
    TrainingSession,
)
from clients.numbers import rule_numbers
from clients.progression.showing import Proposal, proposals_of, waiting_rows
from clients.progression.standing import Kind, fold, until
from clients.safety import conditions_of_many, reaches
from clients.schedule import Pause, phase_day
from routines.models import PhaseKind

SILENT_DAYS = 3
A_PAGE = 50


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
    def where(self) -> str:
        return " · ".join(place.words for place in self.places)


@dataclass(frozen=True)
class Need:
    """Somebody who needs the therapist: the reason in words, the evidence, and what helps."""

    kind: str
    person: Person
    tone: str
    reason: str
    evidence: str
    action: str
    url: str
    rises: bool = False


@dataclass(frozen=True)
class Today:
    in_need: list[Need]
    page: Page[Person] | Any
    clients: int

    @property
    def needy(self) -> int:
        """How many people that are: one may need somebody for two reasons."""
        return len({need.person.client.pk for need in self.in_need})

    @property
    def on_track(self) -> int:
        return self.clients - self.needy


ORDER = (
    "block",
    "stop",
    Kind.REFER_SUGGESTED,
    Kind.STEP_BACK_PROPOSED,
    Kind.RELEASE_ONLY,
    Kind.TIGHT_AGAIN,
    Kind.READY,
    Kind.REVIEW_DUE,
    "care",
    "silent",
    "invitation",
)


# ---- Lists of people ------------------------------------------------------------------------------------------------


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
    running = Assignment.objects.running().prefetch_related(
        Prefetch("phases", AssignedPhase.objects.filter(state=AssignedPhase.State.ACTIVE), to_attr="active"),
        "pauses",
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


# ---- Who needs somebody ---------------------------------------------------------------------------------------------


def count_in_need(user: Any, now: datetime) -> int:
    """How many people need somebody."""
    return len({need.person.client.pk for need in in_need(user, now)})


def todays_people(user: Any, now: datetime, *, page: str | int = 1) -> Today:
    """The front page: who needs somebody, and everybody, a page at a time. A fixed number of queries."""
    clients = clients_in_lists(user).in_care()  # type: ignore[attr-defined]
    found = Paginator(clients, A_PAGE).get_page(page)
    found.object_list = [person_of(client, now) for client in found.object_list]
    return Today(in_need=in_need(user, now), page=found, clients=found.paginator.count)


def in_need(user: Any, now: datetime) -> list[Need]:
    """Open safety blocks first, then stops that nobody has spoken about, steps that wait for a tick, silence, and invitations that nobody opened."""
    seen = clients_in_lists(user).in_care()  # type: ignore[attr-defined]
    found: list[Need] = []
    if user.role != Role.OFFICE:
        waiting = waiting_by_client(user, now)
        blocks = open_blocks_by_client(user)
        stops = open_stops_by_client(user)
        proposed = proposals_by_client(user, now)
        silent = Q(pk__in=silent_clients(user, now))
        people = seen.filter(Q(pk__in=[*waiting, *blocks, *stops, *proposed]) | silent | invitations_out())
    else:
        waiting, blocks, stops, proposed = {}, {}, {}, {}
        people = seen.filter(invitations_out())
    for client in people:
        person = person_of(client, now)
        today = client.local_date(now)
        if client.pk in blocks:
            found.append(block_need(person, blocks[client.pk]))
            continue
        if client.pk in stops:
            found.append(stop_need(person, stops[client.pk]))
        found += [proposal_need(person, each) for each in proposed.get(client.pk, ())]
        if client.pk in waiting:
            found.append(care_need(person, waiting[client.pk]))
        if person.account.may_invite and person.account.again:
            found.append(invitation_need(person))
        elif days := silent_for(person, today):
            found.append(silence_need(person, days))
    found.sort(key=lambda need: (place_in_queue(need), need.person.client.name.lower()))
    return found


def place_in_queue(need: Need) -> int:
    """By kind; what nobody answered for days rises to right behind the blocks and stops."""
    return 2 if need.rises else ORDER.index(need.kind) * 2


def proposals_by_client(user: Any, now: datetime) -> dict[int, list[Proposal]]:
    """What waits for an answer in running programs, by client. Two queries."""
    waiting = (
        Assignment.objects.visible_to(user)
        .running()
        .filter(waits=True, client__ended_at__isnull=True)
        .select_related("client")
        .prefetch_related("transitions")
    )
    found: dict[int, list[Proposal]] = {}
    for assignment in waiting:
        today = assignment.client.local_date(now)
        standing = fold(until(assignment.transitions.all(), now))
        after = rule_numbers(assignment, "proposals", assignment.transitions.all())
        proposals = proposals_of(waiting_rows(standing), today, after.value("escalate_after_days", 3))
        found.setdefault(assignment.client_id, []).extend(proposals)
    return found


def open_blocks_by_client(user: Any) -> dict[int, SafetyBlock]:
    """The most urgent open block of each client."""
    order = list(SafetyBlock.Effect.values)
    found: dict[int, SafetyBlock] = {}
    for block in SafetyBlock.objects.visible_to(user).open().filter(client__ended_at__isnull=True):
        known = found.get(block.client_id)
        if known is None or order.index(block.effect) < order.index(known.effect):
            found[block.client_id] = block
    return found


def open_stops_by_client(user: Any) -> dict[int, StopEvent]:
    """The newest stop of each client with whom nobody has spoken since."""
    spoken = ContactRecord.objects.filter(client=OuterRef("client"), at__gte=OuterRef("at"))
    stops = StopEvent.objects.visible_to(user).filter(~Exists(spoken), client__ended_at__isnull=True)
    return {stop.client_id: stop for stop in stops.order_by("at")}


def waiting_by_client(user: Any, now: datetime) -> dict[int, list[Waiting]]:
    """Steps of the current phases that a condition allows only with care, and nobody has agreed to."""
    tagged = ClientTag.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=(now - timedelta(days=2)).date())
    )
    clients = {
        client.pk: client
        for client in Client.objects.visible_to(user)
        .in_care()
        .filter(Exists(tagged.filter(client=OuterRef("pk"))))
    }
    steps: dict[int, list[AssignedStep]] = {}
    rows = AssignedStep.objects.filter(
        valid_until__isnull=True,
        phase__state=AssignedPhase.State.ACTIVE,
        phase__assignment__ended_on__isnull=True,
        phase__assignment__client__in=clients,
    ).annotate(client_pk=F("phase__assignment__client"))
    for row in rows.order_by("phase", "order"):
        steps.setdefault(row.client_pk, []).append(row)
    reach = reaches(row.exercise_id for found in steps.values() for row in found)
    conditions = conditions_of_many({client: client.local_date(now) for client in clients.values()})
    waiting = {pk: waiting_for_tick(found, reach, conditions[pk]) for pk, found in steps.items()}
    return {pk: found for pk, found in waiting.items() if found}


def silent_clients(user: Any, now: datetime) -> QuerySet[Client, Any]:
    """Who may be silent: inside, with a running program, nothing recorded lately. The exact days are counted later."""
    lately = (now - timedelta(days=SILENT_DAYS)).date()
    running = Assignment.objects.running().filter(client=OuterRef("pk"), start_date__lt=lately)
    paused = AssignmentPause.objects.filter(
        Q(until__isnull=True) | Q(until__gte=now.date()),
        assignment__client=OuterRef("pk"),
        assignment__ended_on__isnull=True,
        since__lte=now.date(),
    )
    recorded = TrainingSession.objects.filter(client=OuterRef("pk"), local_date__gte=lately)
    return (
        Client.objects.visible_to(user)
        .in_care()
        .filter(Exists(running), ~Exists(paused), ~Exists(recorded), user__isnull=False)
        .values("pk")
    )


def silent_for(person: Person, today: date) -> int:
    """Days without a session beyond the allowed ones; 0 when there is no silence."""
    if person.account.state != "inside" or not person.places or all(place.paused for place in person.places):
        return 0
    started = min(assignment.start_date for assignment in person.client.running)  # type: ignore[attr-defined]
    last = max(person.last_session or started, started)
    days = (today - last).days
    return days if days > SILENT_DAYS else 0


def invitations_out() -> Q:
    """An invitation was sent and nobody has come in."""
    return Q(user__isnull=True, invited_at__isnull=False) & ~Q(email="")


# ---- In words -------------------------------------------------------------------------------------------------------


def page_of(client: Client) -> str:
    return reverse("admin:client", args=[client.pk])


def block_need(person: Person, block: SafetyBlock) -> Need:
    cause = block.cause.splitlines()[0] if block.cause else block.get_effect_display()
    return Need(
        kind="block",
        person=person,
        tone="stop",
        reason=_("Blocked: %(cause)s") % {"cause": cause},
        evidence=_("%(effect)s, since %(when)s")
        % {"effect": block.get_effect_display(), "when": moment(block.created_at, person.client)},
        action=_("Record contact"),
        url=f"{page_of(person.client)}#contact",
    )


def stop_need(person: Person, stop: StopEvent) -> Need:
    return Need(
        kind="stop",
        person=person,
        tone="stop",
        reason=_("Something is wrong"),
        evidence=f"{stop.get_choice_display()}, {moment(stop.at, person.client)}",
        action=_("Record contact"),
        url=f"{page_of(person.client)}#contact",
    )


def care_need(person: Person, waiting: list[Waiting]) -> Need:
    return Need(
        kind="care",
        person=person,
        tone="warn",
        reason=ngettext(
            "%(number)d step waits for your yes", "%(number)d steps wait for your yes", len(waiting)
        )
        % {"number": len(waiting)},
        evidence=", ".join(dict.fromkeys(each.condition.label for each in waiting)),
        action=_("Look"),
        url=f"{page_of(person.client)}#care",
    )


# The word on the button and its colour, by the kind of proposal
ANSWERS: dict[str, tuple[Any, str]] = {
    Kind.REFER_SUGGESTED: (gettext_lazy("Decide"), "stop"),
    Kind.STEP_BACK_PROPOSED: (gettext_lazy("Decide"), "warn"),
    Kind.RELEASE_ONLY: (gettext_lazy("Look"), "warn"),
    Kind.TIGHT_AGAIN: (gettext_lazy("Look"), "info"),
    Kind.READY: (gettext_lazy("Approve"), "ok"),
    Kind.REVIEW_DUE: (gettext_lazy("Decide"), "info"),
}


def proposal_need(person: Person, proposal: Proposal) -> Need:
    action, tone = ANSWERS[proposal.kind]
    url = f"{page_of(person.client)}#program-{proposal.row.assignment_id}"
    if proposal.kind == Kind.READY:
        url = reverse(
            "admin:client_assignment", args=[person.client.pk, proposal.row.assignment_id, "forward"]
        )
    evidence = _("since %(day)s") % {"day": date_format(proposal.row.local_date, "MONTH_DAY_FORMAT")}
    if proposal.rises:
        evidence = ngettext("waits for %(days)d day", "waits for %(days)d days", proposal.days) % {
            "days": proposal.days
        }
    return Need(
        kind=proposal.kind,
        person=person,
        tone=tone,
        reason=f"{proposal.what}. {proposal.why}".strip(),
        evidence=evidence,
        action=str(action),
        url=url,
        rises=proposal.rises,
    )


def silence_need(person: Person, days: int) -> Need:
    if person.last_session is None:
        evidence = _("no session yet")
    else:
        evidence = _("last session on %(day)s") % {
            "day": date_format(person.last_session, "MONTH_DAY_FORMAT")
        }
    return Need(
        kind="silent",
        person=person,
        tone="quiet",
        reason=ngettext("Silent for %(days)d day", "Silent for %(days)d days", days) % {"days": days},
        evidence=evidence,
        action=_("Look"),
        url=page_of(person.client),
    )


def invitation_need(person: Person) -> Need:
    expired = person.account.state == "expired"
    return Need(
        kind="invitation",
        person=person,
        tone="info",
        reason=_("The invitation has run out") if expired else _("Invited, not inside yet"),
        evidence=_("sent %(when)s") % {"when": moment(person.account.since, person.client)}
        if person.account.since
        else "",
        action=_("Send again"),
        url=reverse("admin:client_invite", args=[person.client.pk]),
    )


def moment(at: datetime, client: Client) -> str:
    """Day and time by the client's clock."""
    return date_format(at.astimezone(client.zone_info), "j M, H:i")
