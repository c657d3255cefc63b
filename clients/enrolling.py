"""Taking a person into care, handing them over, ending it; and what is known about them: conditions from, to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import DateField, F, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from clients.adjusting import AssignmentEnded, end_assignment
from clients.attention.asking import look_again
from clients.care import CareChanged, NotInCare
from clients.models import Assignment, CareDecision, CareTeam, Client, ClientTag, Role, Side, User, ZoneChange
from clients.screening import alert, needs_a_look
from routines.models import BodyArea, ConditionTag

AT_LEAST = timedelta(microseconds=1)  # a row holds for some time, also when it is ended by a clock that lags


class ConditionKnown(ValueError):
    """The client has this condition at this place already."""


class NobodyAnswers(CareChanged):
    """Whoever answered for the client gives care no more; nobody is in care without somebody who answers."""


@dataclass(frozen=True)
class NewCondition:
    """A condition as the therapist found it. Without an area a local one counts for the whole body."""

    tag: ConditionTag
    area: BodyArea | None = None
    side: str = Side.BOTH


@transaction.atomic
def enrol(client: Client, conditions: Sequence[NewCondition] = (), *, by: User, now: datetime) -> Client:
    """Saves the new client, in the care of the therapist who took them in. Raises ConditionKnown for a double one."""
    client.created_at = now
    client.save(force_insert=True)
    CareTeam.objects.create(client=client, therapist=by, capacity=CareTeam.Capacity.RESPONSIBLE, since=now)
    for condition in conditions:
        add_condition(client, condition, by=by, now=now)
    return client


def responsibility(client: Client) -> CareTeam | None:
    """The row of whoever answers for this client; None where nobody does."""
    rows = CareTeam.objects.filter(client=client, capacity=CareTeam.Capacity.RESPONSIBLE, until__isnull=True)
    return rows.select_related("therapist").first()


def hold_carer(user: User) -> bool:
    """Whether this is somebody of the team who gives care; until the transaction ends they stay so.

    The UPDATE holds their row: whoever takes away their role or their access waits, and then sees what was written.
    """
    return bool(
        User.objects.filter(pk=user.pk, is_active=True, role__in=[Role.OWNER, Role.THERAPIST]).update(
            role=F("role")
        )
    )


def held_by_a_carer(held: CareTeam | None) -> bool:
    """Whether somebody who gives care answers by this row; until the transaction ends it stays so."""
    if held is None or not hold_carer(held.therapist):
        return False
    return bool(CareTeam.objects.filter(pk=held.pk, until__isnull=True).update(until=None))


@transaction.atomic
def end_care(client: Client, *, by: User, reason: str, now: datetime) -> None:
    """Ends the care, and with it every running program. Records stay.

    Letters and invitations look at `ended_at` themselves, also those on their way. Raises NotInCare.
    """
    if not Client.objects.in_care().filter(pk=client.pk).update(ended_at=now):
        raise NotInCare(client)
    for assignment in Assignment.objects.running().filter(client=client).select_related("client"):
        with suppress(AssignmentEnded):  # by somebody else, at this moment
            end_assignment(assignment, by=by, reason=reason, now=now)
    CareDecision.objects.create(client=client, kind=CareDecision.Kind.ENDED, by=by, reason=reason, at=now)


@transaction.atomic
def resume_care(client: Client, *, by: User, reason: str, now: datetime) -> None:
    """Takes the client into care again, with whoever answers for them. Programs that ended stay so.

    Raises NobodyAnswers where that is nobody who gives care by now, CareChanged.
    """
    if not held_by_a_carer(responsibility(client)):
        raise NobodyAnswers(
            _("Nobody of the team answers for %(client)s now. Hand them over to a colleague first.")
            % {"client": client.name}
        )
    if not Client.objects.filter(pk=client.pk, ended_at__isnull=False).update(ended_at=None):
        raise CareChanged(_("%(client)s is in care already.") % {"client": client.name})
    CareDecision.objects.create(client=client, kind=CareDecision.Kind.RESUMED, by=by, reason=reason, at=now)


@transaction.atomic
def hand_over(
    client: Client, *, held: CareTeam | None, to: User, by: User, reason: str, now: datetime
) -> None:
    """From now on `to` answers for the client, and covers no more; whoever did before sees them no longer.

    Where a safety block is open or an alert waits, `to` is alerted as well. `held` is the responsibility that was
    shown, None where nobody answered. Raises CareChanged.
    """
    if not hold_carer(to):
        raise CareChanged(_("%(therapist)s cannot answer for clients now.") % {"therapist": to})
    since = max(now, held.since + AT_LEAST) if held else now
    open_row = CareTeam.objects.filter(capacity=CareTeam.Capacity.RESPONSIBLE, until__isnull=True)
    changed = _("Somebody has handed %(client)s over in the meantime. Look who answers now.")
    if held and not open_row.filter(pk=held.pk, client=client).update(until=since):
        raise CareChanged(changed % {"client": client.name})
    if held and held.therapist == to:
        raise CareChanged(_("%(therapist)s answers for this client already.") % {"therapist": to})
    try:
        with transaction.atomic():
            care = CareTeam.objects.create(client=client, therapist=to, since=since)
    except IntegrityError as error:
        raise CareChanged(changed % {"client": client.name}) from error
    covers = CareTeam.objects.filter(client=client, therapist=to, capacity=CareTeam.Capacity.COVER)
    covers.filter(since__gte=since).delete()
    covers.filter(until__gt=since).update(until=since)
    if needs_a_look(client):
        alert(to, client, event=f"handed_over/{care.pk}", now=since)
    CareDecision.objects.create(
        client=client, kind=CareDecision.Kind.HANDED_OVER, therapist=to, by=by, reason=reason, at=now
    )


@transaction.atomic
def set_clock(client: Client, zone: str, *, now: datetime) -> None:
    """Another zone from now on. The days that have been stay what they were by the old one."""
    old = client.zone
    if zone != old and Client.objects.filter(pk=client.pk, zone=old).update(zone=zone):
        ZoneChange.objects.create(client=client, old=old, new=zone, at=now)
    client.zone = zone


@transaction.atomic
def add_condition(client: Client, condition: NewCondition, *, by: User, now: datetime) -> ClientTag:
    """A condition from the client's today on: it protects running programs at once. Raises ConditionKnown."""
    local = condition.tag.scope == ConditionTag.Scope.LOCAL
    area = condition.area if local else None
    try:
        with transaction.atomic():
            tag = ClientTag.objects.create(
                client=client,
                tag=condition.tag,
                area=area,
                side=condition.side if area is not None and area.sided else Side.BOTH,
                valid_from=client.local_date(now),
                added_by=by,
            )
    except IntegrityError as error:
        raise ConditionKnown(
            _("“%(condition)s” is on the list already.") % {"condition": condition.tag.text("label")}
        ) from error
    look_again(client, now)
    return tag


def end_condition(tag: ClientTag, *, now: datetime) -> date:
    """Ends the condition yesterday, or tonight when it was added today; returns its last day. Ended once, it stays."""
    yesterday = date.fromordinal(tag.client.local_date(now).toordinal() - 1)
    ClientTag.objects.filter(pk=tag.pk, valid_to__isnull=True).update(
        valid_to=Greatest(F("valid_from"), Value(yesterday, DateField()))
    )
    look_again(tag.client, now)
    return max(tag.valid_from, yesterday)
