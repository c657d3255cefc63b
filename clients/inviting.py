"""Who comes in: invitations, links to sign in, and the letters that carry them (reliability.md A6, L1, L6).

A letter is queued by the act. Its link is made when the letter is sent: 128 random bits, of which only the digest is
kept. Looking at a link changes nothing, since mail scanners look at every link; one POST uses it up.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists
from django.urls import reverse

from clients.care import NotInCare
from clients.models import AccessLink, Client, Delivery, Role, User
from clients.reminders.addresses import address_of, give_another_chance
from clients.reminders.queue import queue_letter

INVITATION = AccessLink.Purpose.INVITATION
SIGN_IN = AccessLink.Purpose.SIGN_IN
VALID_FOR = {
    INVITATION: timedelta(hours=settings.INVITATION_HOURS),
    SIGN_IN: timedelta(minutes=settings.SIGN_IN_LINK_MINUTES),
}
PAGES = {INVITATION: "welcome", SIGN_IN: "sign_in_link"}


class InvitationRefused(Exception):
    """Nobody was invited."""


class NoAddress(InvitationRefused):
    """There is no e-mail to write to: the client follows on paper."""


class AlreadyInside(InvitationRefused):
    """The person has an account and has used it."""


class AddressTaken(InvitationRefused):
    """Another account, perhaps one of the team, has this e-mail."""


class LinkRefused(Exception):
    """The link opens nothing."""


class LinkUnknown(LinkRefused):
    """No link like this for this purpose: mistyped, cut off, made up, or meant for another page."""


class LinkExpired(LinkRefused):
    """Too old, or the address or the account has changed since the letter was written."""


class LinkUsed(LinkRefused):
    """It has been used, or a newer link of the same person has."""


class CareEnded(LinkRefused):
    """The client is not in care any more, so there is nothing to come in to."""


# ---- Inviting -----------------------------------------------------------------------------------------------------


def invite(client: Client, *, by: User, now: datetime) -> Delivery:
    """Queues the letter that lets this client in; asked twice at the same moment it is one letter.

    Letters to this address that came back are forgotten: whoever invites has asked the client.
    Raises NotInCare, NoAddress, AlreadyInside or AddressTaken.
    """
    if client.ended_at is not None:
        raise NotInCare(client)
    if not client.email:
        raise NoAddress
    if client.user is not None and client.user.last_login is not None:
        raise AlreadyInside
    if User.objects.filter(email__iexact=client.email).exclude(pk=client.user_id or 0).exists():
        raise AddressTaken
    give_another_chance(address_of(client, None))
    number = client.deliveries.filter(letter=Delivery.Letter.INVITATION).count() + 1
    return queue_letter(
        Delivery.Letter.INVITATION,
        event_id=f"invitation/{client.uuid}/{number}",
        now=now,
        client=client,
        data={"by": by.pk},
    )


def invite_staff(user: User, *, by: User | None, now: datetime) -> Delivery:
    """Queues the letter with which somebody of the team chooses a password; their role is set already.

    Raises AlreadyInside when they have one.
    """
    if user.has_usable_password():
        raise AlreadyInside
    give_another_chance(user.email)
    number = user.deliveries.filter(letter=Delivery.Letter.STAFF_INVITATION).count() + 1
    return queue_letter(
        Delivery.Letter.STAFF_INVITATION,
        event_id=f"staff_invitation/{user.pk}/{number}",
        now=now,
        user=user,
        data={"by": by.pk if by else None},
    )


def invited_by(link: AccessLink) -> User | None:
    """Who asked for the invitation behind this link; None for the owner's own."""
    letters = Delivery.objects.filter(
        letter__in=[Delivery.Letter.INVITATION, Delivery.Letter.STAFF_INVITATION]
    )
    mine = letters.filter(client=link.client) if link.client_id else letters.filter(user=link.user)
    by = mine.filter(data__by__isnull=False).order_by("-pk").values_list("data__by", flat=True).first()
    return User.objects.filter(pk=by).first() if by else None


# ---- Links --------------------------------------------------------------------------------------------------------


def digest_of(token: str) -> str:
    return sha256(token.encode(errors="backslashreplace")).hexdigest()


def make_link(purpose: str, *, client: Client | None = None, user: User | None = None, now: datetime) -> str:
    """A new address for one person to come in by: called when the letter is sent, so that no token waits in a queue.

    An invitation is for the client, or for a user of the team; a sign-in link always for the user.
    """
    if purpose == SIGN_IN:
        user, client = user or (client.user if client else None), None
    elif client is not None:
        user = None
    email = address_of(client, user)
    if not email:
        raise ValueError(f"A link for {purpose} needs somebody with an address.")
    token = secrets.token_urlsafe(16)
    AccessLink.objects.create(
        purpose=purpose,
        client=client,
        user=user,
        digest=digest_of(token),
        email=email,
        created_at=now,
        expires_at=now + VALID_FOR[AccessLink.Purpose(purpose)],
    )
    return settings.SITE_URL + reverse(PAGES[AccessLink.Purpose(purpose)], args=[token])


def password_path(user: User) -> str:
    """The page on which this user chooses a password, for one hour from now; a new password closes it."""
    return reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
    )


def make_reset_link(user: User) -> str:
    """The address in a letter about a new password: called when the letter is sent."""
    return settings.SITE_URL + password_path(user)


def open_link(token: str, purpose: str, now: datetime) -> AccessLink:
    """The link behind this token, which stays as it is.

    Raises LinkUnknown, LinkUsed, CareEnded or LinkExpired.
    """
    links = AccessLink.objects.select_related("client__user", "user__client")
    link = links.filter(digest=digest_of(token), purpose=purpose).first()
    if link is None:
        raise LinkUnknown
    if link.used_at is not None:
        raise LinkUsed
    if link.client is not None and link.client.ended_at is not None:
        raise CareEnded
    if link.expires_at <= now or not still_right(link):
        raise LinkExpired
    return link


def account_of(link: AccessLink) -> User | None:
    """None for a client who has not come in yet."""
    return link.user if link.client is None else link.client.user


def still_right(link: AccessLink) -> bool:
    """Whether person, address and account are what they were when the letter was written."""
    account = account_of(link)
    if address_of(link.client, link.user).lower() != link.email.lower():
        return False
    if link.user is not None and link.purpose == INVITATION:
        return link.user.is_active and link.user.is_staff and not link.user.has_usable_password()
    return account is None or may_use_links(account)


def may_use_links(account: User) -> bool:
    """A link alone signs in clients, never anybody of the team."""
    return account.is_active and account.role == Role.CLIENT


def use_up(link: AccessLink, now: datetime) -> None:
    """Marks the link, and with it every open one of the same person and purpose; of several at once, one succeeds.

    One statement, so that two links of one person, used at the same moment, cannot wait for each other.
    """
    still_open = AccessLink.objects.filter(
        purpose=link.purpose, client=link.client, user=link.user, used_at__isnull=True
    )
    itself = still_open.filter(pk=link.pk, expires_at__gt=now)
    if not still_open.filter(Exists(itself)).update(used_at=now):
        raise LinkUsed


def accept_invitation(token: str, now: datetime) -> User:
    """Uses the invitation up and returns the account it opens, made now for a client who has none.

    A client may be signed in with it. Somebody of the team may not: a link is no password (L6); they go on to
    `password_path`. Raises what `open_link` does, or AddressTaken, and then nothing has changed.
    """
    link = open_link(token, INVITATION, now)
    with transaction.atomic():
        use_up(link, now)
        account = account_of(link) or make_account(link.client)
        # Whoever holds the link reads the mailbox, so the address is confirmed by this.
        EmailAddress.objects.update_or_create(
            user=account, email=account.email.lower(), defaults={"verified": True, "primary": True}
        )
    return account


def make_account(client: Client | None) -> User:
    """The client's account, without a password. Raises AddressTaken, and LinkUsed when there is one by now."""
    if client is None:
        raise LinkUnknown
    try:
        with transaction.atomic():
            account = User.objects.create_user(
                client.email, role=Role.CLIENT, name=client.name, language=client.language, zone=client.zone
            )
    except IntegrityError as error:
        raise AddressTaken from error
    if not Client.objects.filter(pk=client.pk, user__isnull=True).update(user=account):
        raise LinkUsed
    return account


def use_sign_in_link(token: str, now: datetime) -> User:
    """Uses the link up and returns the client's account. Raises LinkUnknown, LinkUsed or LinkExpired."""
    link = open_link(token, SIGN_IN, now)
    account = account_of(link)
    if account is None:
        raise LinkUnknown
    use_up(link, now)
    return account


# ---- Letters that anybody may ask for -----------------------------------------------------------------------------


def request_sign_in_link(email: str, now: datetime) -> None:
    """Queues the letter that helps this person in, if there is one: a link for a client, for the team a new password.

    An invited client gets another invitation. Known or unknown, the work is the same (L1).
    """
    account = account_at(email)
    letter = Delivery.Letter.SIGN_IN
    if account is not None and account.is_staff:
        letter = Delivery.Letter.PASSWORD_RESET
    answer(letter, email, account, invited_at(email), now)


def request_password_reset(email: str, now: datetime) -> None:
    """Queues the letter with which an account gets a new password, under the same rule as above."""
    answer(Delivery.Letter.PASSWORD_RESET, email, account_at(email), invited_at(email), now)


def account_at(email: str) -> User | None:
    return User.objects.select_related("client").filter(email__iexact=email, is_active=True).first()


def invited_at(email: str) -> Client | None:
    """The client who was invited last at this address and has not come in."""
    invited = Client.objects.filter(
        email__iexact=email, user__isnull=True, deliveries__letter=Delivery.Letter.INVITATION
    )
    return invited.order_by("-deliveries__pk").first()


def answer(letter: str, email: str, account: User | None, invited: Client | None, now: datetime) -> None:
    """Queues the letter; for an unknown address it does the same work and takes it back.

    Neither the number of queries nor the time, the commit and the doorbell included, tells who is a client here.
    """
    event = secrets.token_hex(8)
    with transaction.atomic():
        before = transaction.savepoint()
        if account is None and invited is not None:
            queue_letter(
                Delivery.Letter.INVITATION,
                event_id=f"invitation/{invited.uuid}/{event}",
                now=now,
                client=invited,
            )
        else:
            reader = account or User(pk=0, email=email)
            queue_letter(
                letter,
                event_id=f"{letter}/{reader.pk}/{event}",
                now=now,
                client=getattr(account, "client", None),
                user=reader,
            )
        if account is None and invited is None:
            transaction.savepoint_rollback(before)
        else:
            transaction.savepoint_commit(before)
