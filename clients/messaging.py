"""Client and therapist write to each other; who has not been answered yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from clients.attention.asking import look_again
from clients.care import NotInCare
from clients.models import CareTeam, Client, Delivery, Message, User
from clients.recording import KeyReused
from clients.reminders.queue import queue_letter

A_PAGE = 50
NEWEST = 20  # messages of a conversation on one page


class NoReader(ValueError):
    """This client has no account, and so would never read it."""

    def __init__(self, client: Client) -> None:
        super().__init__(
            _("%(client)s has no account here and would not read it. Speak with them instead.")
            % {"client": client.name}
        )


@dataclass(frozen=True)
class Conversation:
    """What one client and the team wrote, as a list shows it: its newest message, and how many of theirs are unread."""

    client: Client
    newest: Message
    unread: int


# ---- Writing --------------------------------------------------------------------------------------------------------


@transaction.atomic
def write(client: Client, *, by: User, text: str, key: UUID, now: datetime) -> Message:
    """Keeps what was written, once for each key; the client gets a letter that something is there.

    Writes the client's row, so that the end of care and other messages of this moment wait. Raises NotInCare, NoReader,
    and KeyReused for a key that came with other words.
    """
    from_client = by.pk == client.user_id
    said: dict[str, Any] = {"client_id": client.pk, "by_id": by.pk, "from_client": from_client, "text": text}
    message, made = Message.objects.get_or_create(key=key, defaults={**said, "at": now})
    if not made:
        if any(getattr(message, name) != value for name, value in said.items()):
            raise KeyReused(_("This was sent before with other values."))
        return message
    if not from_client and client.user_id is None:
        raise NoReader(client)
    if not Client.objects.in_care().filter(pk=client.pk).update(ended_at=None):
        raise NotInCare(client)
    if not from_client:
        tell_of_messages(client, now)
        look_again(client, now)
    return message


def tell_of_messages(client: Client, now: datetime) -> None:
    """One letter for all that is unread: it is named after the oldest, so that a stream of messages is one letter."""
    oldest = Message.objects.filter(client=client).unread_by_client().order_by("pk").first()
    if oldest is not None and client.user_id and client.email:
        event = f"message/{oldest.pk}"
        queue_letter(Delivery.Letter.MESSAGE, event_id=event, now=now, client=client)


# ---- Reading --------------------------------------------------------------------------------------------------------


def mark_read(shown: Iterable[Message], *, by_client: bool, now: datetime) -> int:
    """Notes that the other side has read these; what was read before keeps its moment. Returns how many are new."""
    rows = Message.objects.filter(pk__in=[message.pk for message in shown], at__lte=now)
    return (rows.unread_by_client() if by_client else rows.unread_by_team()).update(seen_at=now)


def reads_for(user: User, client: Client, now: datetime) -> bool:
    """Whether a message is read once this person has seen it: in the client's care team, or where nobody is.

    So the owner can look without taking a message from whoever has to answer it.
    """
    team = CareTeam.objects.current(now).filter(client=client, therapist__is_active=True)
    carers = set(team.values_list("therapist", flat=True))
    return not carers or user.pk in carers


def conversation_with(client: Client, *, page: str | int = 1) -> Page[Message]:
    """The newest messages, or an earlier page of them, each page in the order in which they were written. Two queries."""
    written = Message.objects.filter(client=client).select_related("by").order_by("-at", "-pk")
    found = Paginator(written, NEWEST).get_page(page)
    found.object_list = list(found.object_list)[::-1]
    return found


def newest_for(client: Client) -> Message | None:
    """The newest message of the team that the client has not read. One query."""
    waiting = Message.objects.filter(client=client).unread_by_client().select_related("by")
    return waiting.order_by("at", "pk").last()


# ---- What waits for the team ----------------------------------------------------------------------------------------


def count_unread(user: Any) -> int:
    """How many clients in care have written something that nobody of the team has read. One query."""
    waiting = Message.objects.visible_to(user).unread_by_team().filter(client__ended_at__isnull=True)
    return waiting.values("client").distinct().count()


def written_with(user: Any) -> QuerySet[Any]:
    """The clients with whom something was written, with `unread`, `newest` and `newest_at`; the unread ones first."""
    written = Message.objects.filter(client=OuterRef("pk"))
    unread = written.unread_by_team().order_by().values("client").annotate(number=Count("pk"))
    newest = written.order_by("-at", "-pk")
    wrote = Message.objects.visible_to(user).values("client")
    clients = Client.objects.filter(pk__in=wrote).annotate(
        unread=Coalesce(Subquery(unread.values("number")), 0),
        newest=Subquery(newest.values("pk")[:1]),
        newest_at=Subquery(newest.values("at")[:1]),
    )
    waits = Case(When(unread__gt=0, then=Value(0)), default=Value(1), output_field=IntegerField())
    return clients.order_by(waits, "-newest_at", "pk")


def conversations(user: Any, *, page: str | int = 1) -> Page[Any]:
    """A Conversation for each client with whom something was written, the unread ones first. Three queries."""
    found: Page[Any] = Paginator(written_with(user), A_PAGE).get_page(page)
    rows: list[Any] = list(found.object_list)
    messages = Message.objects.select_related("by").in_bulk([client.newest for client in rows])
    found.object_list = [Conversation(client, messages[client.newest], client.unread) for client in rows]
    return found
