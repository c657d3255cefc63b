"""Who needs the therapist today, why, and what helps: the front page of the workplace.

What needs somebody was written down before (clients.attention), so the page reads a bounded number of rows in a fixed
number of queries, however many clients there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Value, When
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.attention.live import (
    BLOCK,
    INVITATION,
    MAIL,
    STOP,
    UNREAD,
    in_order,
    invited,
    lost_letters,
    people_in_need,
    unspoken_stops,
)
from clients.attention.words import evidence_of, reason_of
from clients.charts.spark import Spark, spark_of
from clients.listing import Person, clients_in_lists, person_of
from clients.models import Client, Delivery, Message, Need, PhaseTransition, Role, SafetyBlock, StopEvent
from clients.progression.words import why_for_therapist
from clients.reminders.due import Reason
from routines.models import ConditionTag

Kind = Need.Kind
A_PAGE = 30
A_BATCH = 200
A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Act:
    """What helps, in one click: a form with its reason filled in, or a link where something must be read or chosen."""

    word: str
    url: str
    look: str = "ghost"
    reason: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    until: date | None = None  # the last day that the form proposes

    @property
    def is_form(self) -> bool:
        return bool(self.fields)


@dataclass(frozen=True)
class Line:
    """One reason why a client is in the queue, with its evidence and what helps."""

    kind: str
    tone: str
    reason: str
    evidence: str
    acts: tuple[Act, ...] = ()
    chart: Spark | None = None
    key: str = ""
    program: int | None = None
    aside: Act | None = None  # "Not now", where that may be said
    rises: bool = False


@dataclass(frozen=True)
class Row:
    """One client in the queue: all reasons together, the most urgent first."""

    person: Person
    lines: tuple[Line, ...]
    blocks: tuple[int, ...] = ()  # what a contact lifts
    contact: str = ""  # where a contact is recorded; empty for office staff
    lifts: bool = False
    pause: Act | None = None
    thresholds: str = ""

    @property
    def tone(self) -> str:
        return self.lines[0].tone

    @property
    def asks_for_contact(self) -> bool:
        """Whether to speak with the client is what helps first."""
        return any(line.kind in (BLOCK, STOP) for line in self.lines)

    @property
    def more(self) -> bool:
        return bool(self.contact or self.pause or self.thresholds or any(line.aside for line in self.lines))


@dataclass(frozen=True)
class Today:
    rows: list[Row]
    queue: Page[Client] | Any
    page: Page[Person] | Any
    clients: int

    @property
    def needy(self) -> int:
        """How many people that are."""
        return self.queue.paginator.count

    @property
    def calm(self) -> int:
        """How many have nothing open. It says nothing of how they do: some have told nothing yet."""
        return self.clients - self.needy


# ---- Who needs somebody ---------------------------------------------------------------------------------------------


def count_in_need(user: Any, now: datetime) -> int:
    """How many people need somebody. One query."""
    return people_in_need(user, now).count()


def todays_people(user: Any, now: datetime, *, page: str | int = 1, queue: str | int = 1) -> Today:
    """The front page: who needs somebody, and everybody, a page at a time. A fixed number of queries."""
    clients = clients_in_lists(user).in_care()  # type: ignore[attr-defined]
    found = Paginator(clients, A_PAGE).get_page(page)
    found.object_list = [person_of(client, now) for client in found.object_list]
    needy = Paginator(in_order(user, people_in_need(user, now), now), A_PAGE).get_page(queue)
    rows = rows_of(user, [client.pk for client in needy.object_list], now)
    return Today(rows=rows, queue=needy, page=found, clients=found.paginator.count)


def everybody_in_need(user: Any, now: datetime) -> Iterator[Row]:
    """The whole queue, in its order, a batch at a time."""
    ids = list(in_order(user, people_in_need(user, now), now).values_list("pk", flat=True))
    for start in range(0, len(ids), A_BATCH):
        yield from rows_of(user, ids[start : start + A_BATCH], now)


def rows_of(user: Any, ids: Sequence[int], now: datetime) -> list[Row]:
    """The rows of these clients, in this order; whoever needs nobody has none."""
    still_out = Case(When(invited(), then=Value(True)), default=Value(False))
    people = clients_in_lists(user).filter(pk__in=ids).annotate(invitation_open=still_out)
    clients = {client.pk: client for client in people}
    reading = Reading.of(user, list(clients), now)
    rows = (row_of(user, clients[pk], reading, now) for pk in ids if pk in clients)
    return [row for row in rows if row.lines]


@dataclass(frozen=True)
class Reading:
    """What the rows of a page are made of, by client: nothing of health for office staff."""

    lost: Mapping[int, Delivery]
    blocks: Mapping[int, list[SafetyBlock]] = field(default_factory=dict)
    stops: Mapping[int, StopEvent] = field(default_factory=dict)
    needs: Mapping[int, list[Need]] = field(default_factory=dict)
    unread: Mapping[int, list[Message]] = field(default_factory=dict)
    decisions: Mapping[int, PhaseTransition] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, user: Any, clients: Sequence[int], now: datetime) -> Reading:
        lost = {
            letter.client_id: letter
            for letter in lost_letters(now).filter(client__in=clients).order_by("due_at", "pk")
        }
        if user.role == Role.OFFICE:
            return cls(lost)
        needs = by_client(Need.objects.standing().filter(client__in=clients))
        every = [need for found in needs.values() for need in found]
        rows = [need.evidence["row"] for need in every if "row" in need.evidence]
        slugs = {slug for need in every for slug in need.evidence.get("conditions", ())}
        tags = ConditionTag.objects.filter(slug__in=slugs)
        unread = Message.objects.unread_by_team().filter(client__in=clients)
        return cls(
            lost=lost,
            blocks=by_client(SafetyBlock.objects.open().filter(client__in=clients)),
            stops={
                stop.client_id: stop for stop in unspoken_stops().filter(client__in=clients).order_by("at")
            },
            needs=needs,
            unread=by_client(unread.order_by("at", "pk")),
            decisions=PhaseTransition.objects.in_bulk(rows),
            conditions={tag.slug: tag.text("label") for tag in tags},
        )


def by_client(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.client_id, []).append(row)
    return found


def row_of(user: Any, client: Client, reading: Reading, now: datetime) -> Row:
    person = person_of(client, now)
    blocks = sorted(reading.blocks.get(client.pk, ()), key=urgency_of)
    lines: list[Line] = []
    if blocks:
        lines.append(block_line(person, blocks[0]))
    if stop := reading.stops.get(client.pk):
        lines.append(stop_line(person, stop))
    lines += [
        need_line(person, need, reading, now)
        for need in sorted(reading.needs.get(client.pk, ()), key=lambda need: (need.rank, need.pk))
        # Whoever may not train is not silent
        if not (blocks and need.kind in (Kind.SILENT, Kind.ADHERENCE))
    ]
    if messages := reading.unread.get(client.pk):
        lines.append(unread_line(person, messages))
    if letter := reading.lost.get(client.pk):
        lines.append(mail_line(person, letter))
    if person.account.again and client.invitation_open:  # type: ignore[attr-defined]
        lines.append(invitation_line(person))
    if user.role == Role.OFFICE:
        return Row(person, tuple(lines))
    return Row(
        person,
        tuple(lines),
        blocks=tuple(block.pk for block in blocks),
        contact=address(client, "contact"),
        lifts=bool(blocks),
        pause=pause_act(person, lines, now) if person.may_pause else None,
        thresholds=reverse("admin:client_thresholds", args=[client.pk]),
    )


def urgency_of(block: SafetyBlock) -> int:
    return list(SafetyBlock.Effect.values).index(block.effect)


# ---- In words -------------------------------------------------------------------------------------------------------


def page_of(client: Client) -> str:
    return reverse("admin:client", args=[client.pk])


def address(client: Client, act: str) -> str:
    return reverse("admin:client_queue", args=[client.pk, act])


def messages_of(client: Client) -> str:
    return reverse("admin:client_messages", args=[client.pk])


def write_to(client: Client) -> Act:
    return Act(_("Write"), messages_of(client), "primary")


def block_line(person: Person, block: SafetyBlock) -> Line:
    cause = block.cause.splitlines()[0] if block.cause else block.get_effect_display()
    return Line(
        kind=BLOCK,
        tone="stop",
        reason=_("Blocked: %(cause)s") % {"cause": cause},
        evidence=_("%(effect)s, since %(when)s")
        % {"effect": block.get_effect_display(), "when": moment(block.created_at, person.client)},
    )


def stop_line(person: Person, stop: StopEvent) -> Line:
    when = moment(stop.at, person.client)
    if stop.session.sheet_id:  # keyed in later
        when = date_format(stop.session.local_date, "j M")
    return Line(
        kind=STOP,
        tone="stop",
        reason=_("Something is wrong"),
        evidence=f"{stop.get_choice_display()}, {when}",
    )


def unread_line(person: Person, messages: Sequence[Message]) -> Line:
    reason = ngettext("%(number)d unread message", "%(number)d unread messages", len(messages))
    when = moment(messages[0].at, person.client)
    return Line(
        kind=UNREAD,
        tone="info",
        reason=reason % {"number": len(messages)},
        evidence=_("the first %(when)s") % {"when": when} if len(messages) > 1 else when,
        acts=(Act(_("Read"), messages_of(person.client), "primary"),),
    )


def mail_line(person: Person, letter: Delivery) -> Line:
    return Line(
        kind=MAIL,
        tone="warn",
        reason=_("Mail does not arrive"),
        evidence=f"{Reason(letter.reason).label}, {moment(letter.due_at, person.client)}",
        acts=(Act(_("Look"), page_of(person.client)),),
        key=str(letter.pk),
        aside=not_now(person.client, MAIL, str(letter.pk)),
    )


def invitation_line(person: Person) -> Line:
    expired = person.account.state == "expired"
    url = reverse("admin:client_invite", args=[person.client.pk])
    key = person.account.since.isoformat() if person.account.since else ""
    return Line(
        kind=INVITATION,
        tone="info",
        reason=_("The invitation has run out") if expired else _("Invited, not inside yet"),
        evidence=_("sent %(when)s") % {"when": moment(person.account.since, person.client)}
        if person.account.since
        else "",
        acts=(Act(_("Send again"), url, fields={"from": "queue"}),),
        key=key,
        aside=not_now(person.client, INVITATION, key),
    )


TONES: dict[str, str] = {
    Kind.REFER_SUGGESTED: "stop",
    Kind.STEP_BACK_PROPOSED: "warn",
    Kind.PAIN_RISE: "warn",
    Kind.RELEASE_ONLY: "warn",
    Kind.TIGHT_AGAIN: "info",
    Kind.READY: "ok",
    Kind.REVIEW_DUE: "info",
    Kind.CARE: "warn",
    Kind.ADHERENCE: "quiet",
    Kind.SILENT: "quiet",
    Kind.RUNNING_OUT: "info",
}


def need_line(person: Person, need: Need, reading: Reading, now: datetime) -> Line:
    row = reading.decisions.get(need.evidence.get("row", 0))
    return Line(
        kind=need.kind,
        tone=TONES[need.kind],
        reason=reason_of(need, row, person.client.local_date(now)),
        evidence=evidence_of(need, reading.conditions),
        acts=acts_of(person, need, row, now),
        chart=spark_of(need.evidence.get("chart")),
        key=need.key,
        program=need.assignment_id,
        aside=not_now(person.client, need.kind, need.key, need.assignment_id),
        rises=need.rises,
    )


# ---- What helps -----------------------------------------------------------------------------------------------------


def seen_as(need: Need, **more: Any) -> dict[str, Any]:
    """What a form says of the evidence that its reader saw."""
    return {"kind": need.kind, "program": need.assignment_id, "key": need.key, **more}


def not_now(client: Client, kind: str, key: str, program: int | None = None) -> Act:
    return Act(
        _("Not now"),
        address(client, "dismiss"),
        "link",
        reason=_("Seen, nothing to do for now."),
        fields={"kind": kind, "key": key, "program": program or ""},
    )


# kind: for each of its answers the act, the word, and the look of the button
ANSWERS: dict[str, tuple[tuple[str, Any, str], ...]] = {
    Kind.READY: (("hold", gettext_lazy("Hold"), "ghost"), ("forward", gettext_lazy("Approve"), "primary")),
    Kind.STEP_BACK_PROPOSED: (
        ("keep-phase", gettext_lazy("No step back"), "ghost"),
        ("back", gettext_lazy("Step back"), "primary"),
    ),
    Kind.REFER_SUGGESTED: (
        ("keep-on", gettext_lazy("Carry on"), "ghost"),
        ("refer", gettext_lazy("Ask for a medical look"), "primary"),
    ),
    Kind.TIGHT_AGAIN: (("tight-seen", gettext_lazy("Seen, it goes on"), "primary"),),
    Kind.REVIEW_DUE: (("keep-releasing", gettext_lazy("Go on"), "primary"),),
}
LOOK_AT = (Kind.RELEASE_ONLY, Kind.TIGHT_AGAIN, Kind.REVIEW_DUE)


def acts_of(person: Person, need: Need, row: PhaseTransition | None, now: datetime) -> tuple[Act, ...]:
    client = person.client
    acts: list[Act] = []
    if need.kind in LOOK_AT:
        acts.append(Act(_("Look"), f"{page_of(client)}#program-{need.assignment_id}"))
    for act, word, look in ANSWERS.get(need.kind, ()):
        to = {"to": need.evidence["to"]} if act in ("forward", "back") and "to" in need.evidence else {}
        if act in ("forward", "back") and not to:
            continue
        acts.append(Act(str(word), address(client, act), look, usual_reason(act, row), seen_as(need, **to)))
    reads = client.user_id is not None  # whoever follows on paper is spoken with: see `Row.contact`
    if need.kind == Kind.RELEASE_ONLY and reads:
        acts.append(write_to(client))
    if need.kind == Kind.CARE:
        acts.append(Act(_("Look"), f"{page_of(client)}#care", "primary"))
    if need.kind == Kind.RUNNING_OUT:
        acts.append(Act(_("Plan"), reverse("admin:client_assign", args=[client.pk]), "primary"))
    if need.kind in (Kind.PAIN_RISE, Kind.ADHERENCE, Kind.SILENT):
        acts.append(pausing(client, need, now))
        if reads:
            acts.append(write_to(client))
    return tuple(acts)


def usual_reason(act: str, row: PhaseTransition | None) -> str:
    """What stands as the reason until somebody writes another: the evidence in words, fit for the client to read."""
    if act == "hold":
        return _("Not yet. We look again in a week.")
    if act == "keep-phase":
        return _("Seen. The phase goes on.")
    if act == "keep-on":
        return _("Seen. The program goes on.")
    if act == "tight-seen":
        return _("Seen. The extra release goes on.")
    found = why_in_words(row)
    if act == "keep-releasing":
        again = _("We look again in a week.")
        return f"{found} {again}".strip()
    return found or _("As we talked about.")


def why_in_words(row: PhaseTransition | None) -> str:
    """ "9 of 9 met." """
    found = why_for_therapist(row) if row else ""
    return f"{found.rstrip('.')}." if found else ""


# Why the program rests, as the client may read it
RESTS: dict[str, Any] = {
    Kind.PAIN_RISE: gettext_lazy("Pain has risen. The program rests for some days."),
    Kind.ADHERENCE: gettext_lazy("It was a lot lately. The program rests for some days."),
    Kind.SILENT: gettext_lazy("We have not heard from you. The program rests for some days."),
}


def pausing(client: Client, need: Need, now: datetime) -> Act:
    return Act(
        _("Pause"),
        address(client, "pause"),
        reason=str(RESTS[need.kind]),
        fields=seen_as(need),
        until=client.local_date(now) + A_WEEK,
    )


def pause_act(person: Person, lines: Sequence[Line], now: datetime) -> Act | None:
    """Among the further things to do, where no line offers it already. It needs a line of a program, to be of now."""
    named = [line for line in lines if line.program is not None]
    if not named or any(act.until for line in lines for act in line.acts):
        return None
    first = named[0]
    return Act(
        _("Pause"),
        address(person.client, "pause"),
        reason=_("The program rests for some days."),
        fields={"kind": first.kind, "program": first.program, "key": first.key},
        until=person.client.local_date(now) + A_WEEK,
    )


def moment(at: datetime, client: Client) -> str:
    """Day and time by the client's clock."""
    return date_format(at.astimezone(client.zone_info), "j M, H:i")
