"""What changed in a client's plan, in their words: what it was, what it is now, who changed it and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, Q
from django.utils.translation import gettext as _

from clients.models import AssignedPhase, AssignedStep, Client, PhaseTransition
from clients.progression.words import what_for_client, why_for_client
from clients.templatetags.dose import days_words, step_dose
from routines.wording import often

SHOWN = 50
NEW_FOR = timedelta(days=30)  # what is older is no news, whether it was read or not


@dataclass(frozen=True)
class Change:
    """Something that was changed: when, what, why, by whom ("" for the person who reads). `new`: not looked at yet."""

    at: date
    what: str
    why: str
    by: str
    kind: str
    new: bool = False


def moved(
    row: PhaseTransition,
    phases: Mapping[int, AssignedPhase],
    people: Mapping[int, str],
    since: datetime | None = None,
) -> Change:
    what = what_for_client(row)
    to = phases.get(row.to_phase_id or 0)
    if to is not None:
        what = _("%(what)s: %(phase)s") % {"what": what, "phase": to.name}
    return Change(
        at=row.local_date,
        what=what,
        why=why_for_client(row),
        by=people.get(row.by_id or 0, "") or _("By the rule your therapist set"),
        kind=to.kind if to else "",
        new=since is not None and row.kind != PhaseTransition.Kind.STARTED and row.at > since,
    )


def told_once(moves: Iterable[tuple[PhaseTransition, Change]]) -> Iterator[Change]:
    """Two hard sessions found in one look make it lighter once; what a person did twice stands there twice."""
    seen: set[Change] = set()
    for row, change in moves:
        if row.by_id or change not in seen:
            yield change
        seen.add(change)


def step_changes(step: AssignedStep, since: datetime | None = None) -> list[Change]:
    """What became of a step with this version: how it differs from the one before, and that it was taken out."""
    kind = step.phase.kind
    found = []
    if step.change_reason:
        by = step.changed_by.name if step.changed_by else ""
        found.append(
            Change(
                at=step.valid_from,
                what=difference(step),
                why=step.change_reason,
                by=by,
                kind=kind,
                new=step.changed_by_id is not None and is_after(step.changed_at, since),
            )
        )
    if step.removed_by and step.valid_until:
        what = _("%(exercise)s: taken out") % {"exercise": step.name}
        found.append(
            Change(
                at=step.valid_until,
                what=what,
                why=step.removal_reason,
                by=step.removed_by.name,
                kind=kind,
                new=is_after(step.removed_at, since),
            )
        )
    return found


def is_after(moment: datetime | None, since: datetime | None) -> bool:
    return moment is not None and since is not None and moment > since


def difference(step: AssignedStep) -> str:
    """The old and the new, by the first thing that differs."""
    old = step.replaces
    if old is None:
        return _("%(exercise)s: added") % {"exercise": step.name}
    if old.exercise_id != step.exercise_id:
        return _("%(new)s instead of %(old)s") % {"new": step.name, "old": old.name}
    was, now = dose_words(old, step)
    if was != now:
        return _("%(exercise)s: %(old)s → %(new)s") % {"exercise": step.name, "old": was, "new": now}
    if old.weekdays != step.weekdays:
        return _("%(exercise)s: now on %(days)s") % {
            "exercise": step.name,
            "days": days_words(step.weekdays),
        }
    if old.order != step.order:
        return _("%(exercise)s: in another place of the list") % {"exercise": step.name}
    if old.note != step.note:
        return _("%(exercise)s: with another note") % {"exercise": step.name}
    return _("%(exercise)s: now %(dose)s") % {"exercise": step.name, "dose": now}


def dose_words(old: AssignedStep, new: AssignedStep) -> tuple[str, str]:
    """The dose lines of both, with how often where that differs."""
    was, now = step_dose(old), step_dose(new)
    if often(old.dose) != often(new.dose):
        return f"{was}, {often(old.dose)}", f"{now}, {often(new.dose)}"
    return was, now


# ---- All of a client's --------------------------------------------------------------------------------------------


def changes_of(client: Client, since: datetime) -> list[Change]:
    """The latest changes of every program of the client, the newest first, in a fixed number of queries."""
    steps = AssignedStep.objects.filter(phase__assignment__client=client)
    steps = steps.exclude(change_reason="", removal_reason="").select_related(
        "changed_by", "removed_by", "phase", "replaces"
    )
    rows = PhaseTransition.objects.filter(assignment__client=client).select_related("to_phase", "by")
    found = [
        change
        for step in steps.order_by("-valid_from", "-pk")[:SHOWN]
        for change in step_changes(step, since)
    ]
    moves = []
    for row in rows.order_by("-local_date", "-pk")[:SHOWN]:
        if what_for_client(row):
            phases = {row.to_phase.pk: row.to_phase} if row.to_phase else {}
            people = {row.by.pk: row.by.name} if row.by and row.by_id != client.user_id else {}
            moves.append((row, moved(row, phases, people, since if people else None)))
    found += told_once(moves)
    found.sort(key=lambda change: (change.at, change.new), reverse=True)
    return found[:SHOWN]


def seen_since(client: Client, now: datetime) -> datetime:
    """From when on a change is news to the client."""
    return max(client.changes_seen_at or client.created_at, now - NEW_FOR)


def mark_seen(client: Client, now: datetime) -> None:
    """The client has looked. An earlier look that arrives late takes nothing back."""
    earlier = Q(changes_seen_at__isnull=True) | Q(changes_seen_at__lt=now)
    Client.objects.filter(earlier, pk=client.pk).update(changes_seen_at=now)


def has_news(client: Client, now: datetime) -> bool:
    """Whether somebody of the team changed something that the client has not looked at. One query."""
    since = seen_since(client, now)
    steps = AssignedStep.objects.filter(phase__assignment__client=client).filter(
        Q(changed_by__isnull=False, changed_at__gt=since) | Q(removed_at__gt=since)
    )
    rows = PhaseTransition.objects.filter(assignment__client=client, by__isnull=False, at__gt=since).exclude(
        kind__in=[PhaseTransition.Kind.STARTED, PhaseTransition.Kind.NUMBERS]
    )
    if client.user_id:
        rows = rows.exclude(by=client.user_id)
    return Client.objects.filter(Exists(steps) | Exists(rows), pk=client.pk).exists()
