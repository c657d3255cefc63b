"""From which figures on a client comes into the queue: the therapist's for this client, the practice's, the default.

Unlike the numbers of a program these are not frozen: they decide who is looked at, not what is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction

from clients.attention.asking import look_again
from clients.doorbell import ring_for
from clients.models import Assignment, Client, Practice, Threshold, User
from clients.numbers import Numbers
from clients.practice import this_practice

RULE = "attention"
DEFAULTS: Mapping[str, int] = MappingProxyType(
    {"pain_rise": 2, "adherence_drop": 20, "silent_days": 3, "running_out_days": 7}
)
# The smallest and the largest value that makes sense
LIMITS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "pain_rise": (1, 10),
        "adherence_drop": (5, 100),
        "silent_days": (1, 60),
        "running_out_days": (1, 28),
    }
)


def thresholds(practice: Practice | None, own: Mapping[str, Any]) -> Numbers:
    said = practice.numbers.get(RULE, {}) if practice else {}
    levels = {"client": dict(own), "practice": said, "rule": DEFAULTS}
    return Numbers(RULE, {level: values for level, values in levels.items() if values})


def thresholds_of(clients: Iterable[int]) -> dict[int, Numbers]:
    """What counts for each of these clients, by the client's key. Two queries."""
    wanted = list(clients)
    practice = this_practice()
    own: dict[int, dict[str, Any]] = {}
    rows = Threshold.objects.filter(client__in=wanted).order_by("at", "pk")
    own.update(rows.values_list("client_id", "numbers"))
    return {pk: thresholds(practice, own.get(pk, {})) for pk in wanted}


@transaction.atomic
def set_thresholds(
    client: Client, own: Mapping[str, Any], *, by: User, reason: str, now: datetime
) -> Threshold:
    """The client's own figures from now on. The queue follows at once; should that fail, the clock comes back."""
    row = Threshold.objects.create(client=client, numbers=dict(own), by=by, reason=reason, at=now)
    look_soon(client)
    look_again(client, now)
    return row


def look_soon(client: Client | None = None) -> None:
    """Running programs of this client, or of everybody, count as not seen today: the clock comes back to them."""
    running = Assignment.objects.running()
    (running if client is None else running.filter(client=client)).update(evaluated_on=None)
    if client is None:
        transaction.on_commit(ring)


def ring() -> None:
    """Tell the worker that somebody waits to be looked at. When no one hears it, the clock comes round to them."""
    from clients.tasks import look_at_days  # noqa: PLC0415 -- the task looks by these figures

    ring_for(look_at_days, waits="the queue")
