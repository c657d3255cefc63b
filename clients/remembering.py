"""What the figures of a set are filled in with: the prescription, and what was really done the last time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from clients.models import Client, ExerciseNote, SessionItem, SetRecord, TrainingSession
from clients.recording import ItemState, SetEntry, prescribed, record
from routines.models import Exercise

BANDS = frozenset({"resistance_band", "mini_band"})


@dataclass(frozen=True)
class LastTime:
    """One exercise on one side the last time it was done: the set as it was asked, and the sets as they were done."""

    asked: SetEntry = field(default_factory=SetEntry)
    sets: Mapping[int, SetEntry] = field(default_factory=dict)
    load_kg: Decimal | None = None
    band: str = ""


def filled_in(asked: SetEntry, number: int, last: LastTime) -> SetEntry:
    """What stands in a set before it is ticked. Pure.

    Weight and band are those that were used last, since the catalogue names none. Repetitions and seconds are the
    prescription; only while it is the same as last time, and this set was then corrected to fewer, those fewer. More
    than was asked is never filled in: the therapist decides about more. None of it is ever zero.
    """
    entry = replace(asked, load_kg=last.load_kg, band=last.band)
    before = last.sets.get(number)
    if before is None or (asked.reps, asked.seconds) != (last.asked.reps, last.asked.seconds):
        return entry
    return replace(entry, reps=fewer(asked.reps, before.reps), seconds=fewer(asked.seconds, before.seconds))


def fewer(asked: int | None, before: int | None) -> int | None:
    return asked if asked is None or not before else min(asked, before)


def entry_of(row: SetRecord) -> SetEntry:
    return SetEntry(row.done, row.reps, row.seconds, row.load_kg, row.band)


def last_times(session: TrainingSession, states: Sequence[ItemState]) -> dict[int, LastTime]:
    """For each of these items what is remembered, by the item's key. Two queries.

    The sets are those of the latest earlier session in which this exercise was done on this side. Weight and band are
    the latest that were used, in this session too and, where this side has none, on the other side.
    """
    rows = done_lately(session.client, {state.item.exercise_id for state in states})
    return {state.item.pk: last_time(session, state.item, rows) for state in states}


def done_lately(client: Client, exercises: Collection[int]) -> list[SetRecord]:
    """The sets of these exercises that stand as done, the newest first. One query."""
    rows = SetRecord.objects.filter(client=client, item__exercise__in=exercises, done=True)
    newest = ("-item__session__local_date", "-item__session__number", "-received_at", "-pk")
    return list(rows.latest_revisions().select_related("item__session").order_by(*newest)[:200])


def last_time(session: TrainingSession, item: SessionItem, rows: Iterable[SetRecord]) -> LastTime:
    """What these rows, newest first, say of this item. Pure."""
    mine = [row for row in rows if row.item.exercise_id == item.exercise_id]
    here = [row for row in mine if row.item.side == item.side]
    now = (session.local_date, session.number)
    before = [row for row in here if (row.item.session.local_date, row.item.session.number) < now]
    newest = before[:1]
    return LastTime(
        asked=prescribed(newest[0].item) if newest else SetEntry(),
        sets={row.number: entry_of(row) for row in before if row.item_id == newest[0].item_id},
        load_kg=next((row.load_kg for row in [*here, *mine] if row.load_kg is not None), None),
        band=next((row.band for row in [*here, *mine] if row.band), ""),
    )


def with_band(exercise_ids: Collection[int]) -> frozenset[int]:
    """Those of these exercises that are done with a band, as the catalogue says now. One query."""
    banded = Exercise.objects.filter(pk__in=exercise_ids, equipment__slug__in=BANDS)
    return frozenset(banded.values_list("pk", flat=True))


def note_on(session: TrainingSession, exercise_id: int) -> str:
    """The client's own note on this exercise; empty where there is none. One query."""
    return notes_on(session.client, [exercise_id]).get(exercise_id, "")


def notes_on(client: Client, exercises: Collection[int]) -> dict[int, str]:
    """The client's own notes by exercise. One query."""
    notes = ExerciseNote.objects.filter(client=client, exercise__in=exercises).latest_revisions()
    return dict(notes.values_list("exercise", "text"))


def record_own_note(
    session: TrainingSession,
    exercise_id: int,
    text: str,
    *,
    key: str,
    now: datetime,
    device_time: datetime | None = None,
) -> None:
    """The next revision of the note. Raises KeyReused."""
    exercise = Exercise.objects.get(pk=exercise_id)
    record(ExerciseNote, session.client, key, now, device_time, exercise=exercise, text=text)
