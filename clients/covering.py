"""A colleague covers: sees somebody's clients from one day to another, and no longer. Each cover is decided with a reason.

A cover's access ends by itself, since `visible_to` reads the dates. Nobody covers twice at the same time: what overlaps
becomes one row, and what has begun is never taken back, only ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clients.care import CareChanged
from clients.enrolling import AT_LEAST, hand_over, hold_carer
from clients.models import CareDecision, CareTeam, Client, Role, User

Kind = CareDecision.Kind
COVER = CareTeam.Capacity.COVER
RESPONSIBLE = CareTeam.Capacity.RESPONSIBLE


class NobodyToCover(CareChanged):
    """There is no client whom this colleague does not see already."""


def answered_for(user: User, at: datetime) -> QuerySet[Client]:
    """The clients about whose care this person decides: whoever only covers hands nothing on."""
    clients = Client.objects.visible_to(user, at)
    if user.role == Role.OWNER:
        return clients
    own = CareTeam.objects.current(at).filter(therapist=user.pk, capacity=RESPONSIBLE)
    return clients.filter(pk__in=own.values("client"))


def whole_days(first: date, last: date, zone: tzinfo, now: datetime) -> tuple[datetime, datetime]:
    """From the beginning of the first day, or now where it has begun, to the end of the last."""
    since = datetime.combine(first, time.min, zone).astimezone(UTC)
    until = datetime.combine(last + timedelta(days=1), time.min, zone).astimezone(UTC)
    return max(since, now), until


# ---- Giving and ending ----------------------------------------------------------------------------------------------


@transaction.atomic
def give_cover(
    clients: Iterable[Client],
    *,
    to: User,
    since: datetime,
    until: datetime,
    by: User,
    reason: str,
    now: datetime,
    key: UUID | None = None,
) -> int:
    """`to` sees these clients from then to then; for how many that is new. With the same key it is decided once.

    Left out is for whom `to` answers, and whom they cover all that time anyway. Raises CareChanged.
    """
    if not hold_carer(to):
        raise CareChanged(_("%(therapist)s cannot answer for clients now.") % {"therapist": to})
    rows = {client.pk: client for client in clients}
    theirs = CareTeam.objects.filter(client__in=rows, therapist=to)
    answers = set(theirs.filter(capacity=RESPONSIBLE, until__isnull=True).values_list("client", flat=True))
    covers: dict[int, list[CareTeam]] = {}
    for row in theirs.filter(capacity=COVER, until__gte=since, since__lte=until).order_by("since"):
        covers.setdefault(row.client_id, []).append(row)
    new = [pk for pk in rows if pk not in answers and not holds(covers.get(pk, ()), since, until)]
    if not new:
        raise NobodyToCover(_("%(therapist)s sees these clients all that time already.") % {"therapist": to})
    for pk in new:
        join(rows[pk], to, covers.get(pk, ()), since, until, now)
    try:
        with transaction.atomic():
            CareDecision.objects.bulk_create(
                CareDecision(
                    client_id=pk, kind=Kind.COVERED, therapist=to, since=since, until=until, by=by, reason=reason,
                    at=now, key=key,
                )
                for pk in new
            )  # fmt: skip
    except IntegrityError as error:
        raise CareChanged(_("This cover has been given already.")) from error
    return len(new)


def holds(rows: Sequence[CareTeam], since: datetime, until: datetime) -> bool:
    return any(row.since <= since and row.until is not None and row.until >= until for row in rows)


def join(
    client: Client, to: User, rows: Sequence[CareTeam], since: datetime, until: datetime, now: datetime
) -> None:
    """One row for this time and what overlaps it. A row that has begun stays, and lasts longer."""
    until = max([until, *(row.until for row in rows if row.until)])
    begun = next((row for row in rows if row.since <= now), None)
    ahead = [row.pk for row in rows if row.since > now]
    first = min([since, *(row.since for row in rows if row.since > now)])
    CareTeam.objects.filter(pk__in=ahead).delete()
    if begun is not None and CareTeam.objects.filter(pk=begun.pk, until=begun.until).update(until=until):
        return
    CareTeam.objects.create(client=client, therapist=to, capacity=COVER, since=first, until=until)


@transaction.atomic
def end_covers(rows: Iterable[CareTeam], *, by: User, reason: str, now: datetime) -> int:
    """Ends these covers now; one that has not begun is as if it had never been given. How many were ended."""
    ended = []
    for row in rows:
        mine = CareTeam.objects.filter(pk=row.pk, capacity=COVER, until__gt=now)
        if row.since >= now:
            done, _models = mine.filter(since=row.since).delete()
        else:
            done = mine.update(until=max(now, row.since + AT_LEAST))
        if done:
            ended.append(row)
    CareDecision.objects.bulk_create(
        CareDecision(
            client_id=row.client_id, kind=Kind.COVER_ENDED, therapist_id=row.therapist_id, by=by, reason=reason, at=now
        )
        for row in ended
    )  # fmt: skip
    return len(ended)


@transaction.atomic
def hand_over_all(therapist: User, *, to: User, by: User, reason: str, now: datetime) -> int:
    """Everybody in care for whom this person answers is answered for by `to` from now on; how many. All or nobody.

    Raises CareChanged.
    """
    rows = list(responsible_rows(therapist).select_related("client"))
    for row in rows:
        hand_over(row.client, held=row, to=to, by=by, reason=reason, now=now)
    return len(rows)


def responsible_rows(therapist: User) -> QuerySet[CareTeam]:
    """For whom in care this person answers."""
    return CareTeam.objects.filter(
        therapist=therapist, capacity=RESPONSIBLE, until__isnull=True, client__ended_at__isnull=True
    )


# ---- Who covers for whom --------------------------------------------------------------------------------------------


@dataclass
class Cover:
    """The clients of one colleague that another covers for the same time, as one line."""

    first: CareTeam
    therapist: User
    answers: User | None
    since: datetime
    until: datetime
    begun: bool
    clients: list[Client]

    @property
    def number(self) -> int:
        return len(self.clients)

    @property
    def last_day(self) -> datetime | None:
        return self.first.last_moment


def covers_of(rows: QuerySet[CareTeam], now: datetime) -> list[Cover]:
    """Covers that hold or will, those of one arrangement together; two queries, however many clients they are for."""
    found = list(
        rows.filter(capacity=COVER, until__gt=now)
        .select_related("client", "therapist")
        .order_by("until", "therapist__name", "client__name", "pk")
    )
    answering = {
        row.client_id: row.therapist
        for row in CareTeam.objects.filter(
            client__in={row.client_id for row in found}, capacity=RESPONSIBLE, until__isnull=True
        ).select_related("therapist")
    }
    groups: dict[tuple[object, ...], Cover] = {}
    for row in found:
        answers = answering.get(row.client_id)
        key = (row.therapist_id, answers and answers.pk, row.since, row.until)
        if key not in groups:
            begun = row.since <= now
            groups[key] = Cover(row, row.therapist, answers, row.since, row.until, begun, [])  # type: ignore[arg-type]
        groups[key].clients.append(row.client)
    return list(groups.values())


def covered_by(user: User, now: datetime) -> list[Cover]:
    """For whom this person covers now, and for whom soon."""
    if user.role not in (Role.OWNER, Role.THERAPIST):
        return []
    return covers_of(CareTeam.objects.filter(therapist=user), now)
