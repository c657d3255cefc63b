"""A letter that somebody's act causes: a row in the transaction of that act, and the doorbell after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from clients.doorbell import ring_for
from clients.models import Client, Delivery, User
from clients.reminders.addresses import address_of, digest_of

# A letter that comes too late is worse than none: a link to sign in is asked for again, an invitation is not.
PATIENCE = {
    Delivery.Letter.SIGN_IN: timedelta(minutes=30),
    Delivery.Letter.PASSWORD_RESET: timedelta(hours=1),
}
USUAL_PATIENCE = timedelta(hours=24)


def queue_letter(
    letter: str,
    *,
    event_id: str,
    now: datetime,
    client: Client | None = None,
    user: User | None = None,
    data: dict[str, Any] | None = None,
    not_after: datetime | None = None,
) -> Delivery:
    """The letter's row, made now or, when this event was queued before, the one that exists; nothing is sent here.

    It goes to the user if there is one, else to the client; a safety alert names both, the user being the reader.
    The row is part of the caller's transaction: what is rolled back is never written to anybody.
    """
    delivery, made = Delivery.objects.get_or_create(
        event_id=event_id,
        defaults={
            "letter": letter,
            "client": client,
            "user": user,
            "data": {**(data or {}), "address": digest_of(address_of(client, user))},
            "due_at": now,
            "not_after": not_after or now + PATIENCE.get(Delivery.Letter(letter), USUAL_PATIENCE),
        },
    )
    if made:
        transaction.on_commit(ring)
    return delivery


def ring() -> None:
    """Tell the senders that there may be work. When no one hears it, the next tick of the clock finds the row."""
    from clients.tasks import tick  # noqa: PLC0415 -- tick sends letters, and what writes their links queues letters

    ring_for(tick, waits="letters")
