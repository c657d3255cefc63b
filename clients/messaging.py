"""Client and therapist write to each other; who has not been answered yet."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from clients.models import Message


def unread_by_client(user: Any) -> dict[int, list[Message]]:
    """What clients in care have written and nobody of the team has read, the oldest first. One query."""
    found: dict[int, list[Message]] = defaultdict(list)
    waiting = Message.objects.visible_to(user).unread_by_team().filter(client__ended_at__isnull=True)
    for message in waiting.order_by("at", "pk"):
        found[message.client_id].append(message)
    return dict(found)
