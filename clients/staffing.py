"""The team: letting a colleague in, their role, shutting them out. Each is decided by an owner and leaves a row.

There is always an owner who can come in, and nobody leaves while they answer for somebody in care.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from clients.covering import COVER, RESPONSIBLE, end_covers, responsible_rows
from clients.inviting import invite_staff
from clients.models import CareTeam, Practice, Role, StaffDecision, User
from clients.models.accounts import STAFF_ROLES

Kind = StaffDecision.Kind


class TeamChanged(ValueError):
    """It is not as the page showed it, or must not be; the text says why."""


class LastOwner(TeamChanged):
    """Nobody would be left who may change the practice."""


class StillAnswers(TeamChanged):
    """They answer for clients in care, who must be handed over first."""


@dataclass(frozen=True)
class Member:
    """Somebody of the team as the owner sees them."""

    user: User
    clients: int
    covers: int
    second_factor: bool

    @property
    def invited(self) -> bool:
        """Let in, and has not chosen a password yet."""
        return not self.user.has_usable_password()


def team(now: datetime, pk: int | None = None) -> list[Member]:
    """Everybody who is of the team or was, those who may sign in first; one query, however many they are."""
    answers = Q(
        care_for__capacity=RESPONSIBLE, care_for__until__isnull=True, care_for__client__ended_at__isnull=True
    )
    covers = Q(care_for__capacity=COVER, care_for__since__lte=now, care_for__until__gt=now)
    users = User.objects.exclude(role=Role.CLIENT)
    if pk is not None:
        users = users.filter(pk=pk)
    found = users.annotate(
        answered=Count("care_for", filter=answers, distinct=True),
        covered=Count("care_for", filter=covers, distinct=True),
        factor=Exists(
            Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
        ),
    ).order_by("-is_active", "name", "email")
    return [Member(user, user.answered, user.covered, user.factor) for user in found]


@transaction.atomic
def let_in(*, name: str, email: str, role: str, by: User | None, now: datetime) -> User:
    """The account with its role, and the letter with which they choose a password. Raises TeamChanged."""
    practice = Practice.objects.first()
    colleague = User(name=name, email=email.strip().lower(), role=role)
    if practice is not None:
        colleague.zone, colleague.language = practice.zone, practice.language
    colleague.set_unusable_password()
    try:
        with transaction.atomic():
            colleague.save(force_insert=True)
    except IntegrityError as error:
        raise TeamChanged(_("This address has an account already.")) from error
    invite_staff(colleague, by=by, now=now)
    StaffDecision.objects.create(user=colleague, kind=Kind.INVITED, new_role=role, by=by, at=now)
    return colleague


@transaction.atomic
def change_role(user: User, role: str, *, seen: str, by: User, reason: str, now: datetime) -> None:
    """Another role from now on; `seen` is the role that was shown.

    Raises LastOwner, StillAnswers, or TeamChanged for one that somebody has changed meanwhile.
    """
    one_at_a_time(user, by)
    if not {role, seen} <= set(STAFF_ROLES):
        raise TeamChanged(changed(user))
    if role == seen:
        raise TeamChanged(_("%(person)s has this role already.") % {"person": user})
    if seen == Role.OWNER:
        keep_an_owner(user)
    if role == Role.OFFICE:
        leave_nobody(user, by=by, reason=reason, now=now)
    if not User.objects.filter(pk=user.pk, role=seen, is_active=True).update(role=role):
        raise TeamChanged(changed(user))
    StaffDecision.objects.create(
        user=user, kind=Kind.ROLE_CHANGED, old_role=seen, new_role=role, by=by, reason=reason, at=now
    )


@transaction.atomic
def shut_out(user: User, *, by: User, reason: str, now: datetime) -> None:
    """No longer signs in, and is signed out everywhere with the next page they ask for; their covers end.

    Raises LastOwner, StillAnswers, or TeamChanged for whoever is out already.
    """
    one_at_a_time(user, by)
    keep_an_owner(user)
    leave_nobody(user, by=by, reason=reason, now=now)
    if not User.objects.filter(pk=user.pk, is_active=True, role__in=STAFF_ROLES).update(is_active=False):
        raise TeamChanged(changed(user))
    StaffDecision.objects.create(user=user, kind=Kind.DEACTIVATED, by=by, reason=reason, at=now)


@transaction.atomic
def let_in_again(user: User, *, by: User, reason: str, now: datetime) -> None:
    """With the role, password and second factor that they had. Raises TeamChanged for whoever is inside."""
    one_at_a_time(user, by)
    if not User.objects.filter(pk=user.pk, is_active=False, role__in=STAFF_ROLES).update(is_active=True):
        raise TeamChanged(changed(user))
    StaffDecision.objects.create(user=user, kind=Kind.REACTIVATED, by=by, reason=reason, at=now)


# ---- What they share ------------------------------------------------------------------------------------------------


def one_at_a_time(user: User, by: User) -> None:
    """Until the transaction ends nobody else decides about the team, nor lets this person answer for a client.

    An UPDATE holds its row on either database; what the next statement reads is what the one before has left. Whoever
    decides must still be an owner by then. Raises TeamChanged.
    """
    Practice.objects.update(name=F("name"))
    User.objects.filter(pk=user.pk).update(role=F("role"))
    if not User.objects.filter(pk=by.pk, role=Role.OWNER, is_active=True).exists():
        raise TeamChanged(_("Only an owner of the practice decides about the team."))


def keep_an_owner(user: User) -> None:
    others = User.objects.filter(role=Role.OWNER, is_active=True).exclude(pk=user.pk)
    if User.objects.filter(pk=user.pk, role=Role.OWNER).exists() and not others.exists():
        raise LastOwner(
            _("%(person)s is the only owner. Make somebody else an owner first.") % {"person": user}
        )


def leave_nobody(user: User, *, by: User, reason: str, now: datetime) -> None:
    """Nobody in care may be without somebody who answers; covers simply end. Raises StillAnswers."""
    if responsible_rows(user).exists():
        raise StillAnswers(
            _("%(person)s answers for clients in care. Hand them over first.") % {"person": user}
        )
    end_covers(
        CareTeam.objects.filter(therapist=user, capacity=COVER, until__gt=now), by=by, reason=reason, now=now
    )


def changed(user: User) -> str:
    return _("Somebody has changed this in the meantime. Look at %(person)s again.") % {"person": user}
