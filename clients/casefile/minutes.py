"""How long a session took, as far as the app knows it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from clients.models import Client, SetRecord, TrainingSession

LONGEST = timedelta(hours=3)  # a session that lay open longer says nothing about its minutes


def minutes_between(
    source: str, began: datetime, sets: Sequence[tuple[datetime | None, datetime]]
) -> int | None:
    """Whole minutes from the start to the last set, rounded up; None where nobody can know. Pure.

    `sets` are the sets as they were first recorded: by the device's clock, and when they arrived. A set that was
    corrected later says nothing about when it was done. One that was sent late was done when the device says, if that is
    between the start and the arrival.
    """
    if not sets or source != TrainingSession.Source.APP:
        return None
    taken = max(done_at(told, arrived, began) for told, arrived in sets) - began
    return math.ceil(taken / timedelta(minutes=1)) if timedelta(0) < taken <= LONGEST else None


def done_at(told: datetime | None, arrived: datetime, began: datetime) -> datetime:
    return told if told is not None and began < told < arrived else arrived


def minutes_by_day(client: Client, first: date) -> dict[date, int]:
    """The minutes of each day from `first` on whose sessions are finished and have a time. Two queries."""
    sessions = TrainingSession.objects.filter(client=client, local_date__gte=first).finished()
    rows = (
        SetRecord.objects.filter(client=client, item__session__local_date__gte=first)
        .select_related("item")
        .only("number", "revision", "done", "device_time", "received_at", "item__session_id")
        .order_by("revision")
    )
    newest: dict[tuple[int, int], SetRecord] = {(row.item_id, row.number): row for row in rows}
    ticked: dict[int, list[tuple[datetime | None, datetime]]] = {}
    for row in newest.values():
        if row.done and row.revision == 1:
            ticked.setdefault(row.item.session_id, []).append((row.device_time, row.received_at))
    found: dict[date, int] = {}
    for pk, day, source, began in sessions.values_list("pk", "local_date", "source", "started_at"):
        minutes = minutes_between(source, began, ticked.get(pk, ()))
        if minutes is not None:
            found[day] = found.get(day, 0) + minutes
    return found
