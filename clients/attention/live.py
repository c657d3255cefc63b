"""Who needs somebody by what is read at each look at the page: safety, messages, letters and invitations.

These are few rows with an index of their own, and what is unsafe must be right at once, whatever was written down before.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from clients.models import (
    Client,
    ContactRecord,
    Delivery,
    Dismissal,
    Message,
    Need,
    Role,
    SafetyBlock,
    StopEvent,
)
from clients.reminders.due import Reason

BLOCK, STOP, UNREAD, MAIL, INVITATION = "block", "stop", "unread", "mail", "invitation"
# Before and behind the ranks of what was written down
RANKS = {BLOCK: -2, STOP: -1, UNREAD: 90, MAIL: 91, INVITATION: 92}
LATELY = timedelta(days=14)
NOT_ARRIVED = [
    Reason.NO_SUCH_ADDRESS,
    Reason.REFUSED,
    Reason.TOO_MANY_TRIES,
    Reason.OUR_ERROR,
    Reason.SUPPRESSED,
]


def people_in_need(user: Any, now: datetime) -> QuerySet[Client, Any]:
    """The clients in care whom this person sees and who need somebody. Office: letters and invitations only."""
    wanted = lost(now) | invited()
    if user.role != Role.OFFICE:
        wanted |= (
            Q(pk__in=SafetyBlock.objects.open().values("client"))
            | Q(pk__in=unspoken_stops().values("client"))
            | Q(pk__in=Need.objects.standing().values("client"))
            | Q(pk__in=Message.objects.unread_by_team().values("client"))
        )
    return Client.objects.visible_to(user, now).in_care().filter(wanted)


def in_order(user: Any, clients: QuerySet[Client, Any], now: datetime) -> QuerySet[Client, Any]:
    """The most urgent first, then by name."""
    cases = [When(lost(now), then=Value(RANKS[MAIL]))]
    if user.role != Role.OFFICE:
        rank = Need.objects.standing().filter(client=OuterRef("pk")).order_by("rank").values("rank")[:1]
        cases = [
            When(pk__in=SafetyBlock.objects.open().values("client"), then=Value(RANKS[BLOCK])),
            When(pk__in=unspoken_stops().values("client"), then=Value(RANKS[STOP])),
            When(pk__in=Need.objects.standing().values("client"), then=Subquery(rank)),
            When(
                pk__in=Message.objects.unread_by_team().values("client"),
                then=Value(RANKS[UNREAD]),
            ),
            *cases,
        ]
    urgency = Case(*cases, default=Value(RANKS[INVITATION]), output_field=IntegerField())
    return clients.annotate(urgency=urgency).order_by("urgency", "name", "pk")


def unspoken_stops() -> QuerySet[StopEvent, Any]:
    """ "Something is wrong" about which nobody has spoken with the client since."""
    spoken = ContactRecord.objects.filter(client=OuterRef("client"), at__gte=OuterRef("at"))
    return StopEvent.objects.filter(~Exists(spoken)).select_related("session")


def lost_letters(now: datetime) -> QuerySet[Delivery, Any]:
    """Letters to clients that did not arrive lately, none having arrived since, which nobody has put aside."""
    arrived = Delivery.objects.filter(
        client=OuterRef("client"), status=Delivery.Status.SENT, sent_at__gt=OuterRef("due_at")
    ).exclude(letter=Delivery.Letter.SAFETY_ALERT)
    aside = Dismissal.objects.filter(
        client=OuterRef("client"), kind=Dismissal.Kind.MAIL, at__gte=OuterRef("due_at")
    )
    lately = Delivery.objects.filter(reason__in=NOT_ARRIVED, due_at__gte=now - LATELY, client__isnull=False)
    # An alert goes to the therapist, whatever client it is about
    return lately.exclude(letter=Delivery.Letter.SAFETY_ALERT).filter(~Exists(arrived), ~Exists(aside))


def lost(now: datetime) -> Q:
    return Q(pk__in=lost_letters(now).values("client"))


def invited() -> Q:
    """An invitation was sent, nobody has come in, and nobody has put it aside since."""
    aside = Dismissal.objects.filter(
        client=OuterRef("client"), kind=Dismissal.Kind.INVITATION, at__gte=OuterRef("created_at")
    )
    sent = Delivery.objects.filter(client=OuterRef("pk"), letter=Delivery.Letter.INVITATION)
    return Q(Exists(sent.filter(~Exists(aside))), user__isnull=True) & ~Q(email="")
