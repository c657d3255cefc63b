"""Where a letter goes, and addresses that must not be written to."""

from __future__ import annotations

from datetime import datetime

from django.utils.crypto import salted_hmac

from clients.models import Client, Suppression, User


def address_of(client: Client | None, user: User | None) -> str:
    """The address of a letter's reader; empty for a client who follows on paper.

    A client with an account is reached where they sign in, since that address has been confirmed.
    """
    if user is not None:
        return user.email
    if client is None:
        return ""
    return client.user.email if client.user is not None else client.email


def digest_of(address: str) -> str:
    """What we keep of an address to know it again: 64 figures, keyed, so that nobody can guess their way back.

    Another SECRET_KEY forgets the suppressed addresses; each is learnt again from its next bounce.
    """
    return salted_hmac("clients.reminders.address", address.strip().lower(), algorithm="sha256").hexdigest()


def is_suppressed(address: str) -> bool:
    return Suppression.objects.filter(address_hash=digest_of(address)).exists()


def suppress(address: str, *, reason: str, now: datetime) -> None:
    """No letter to this address any more. Says it once, however often it is told."""
    Suppression.objects.get_or_create(
        address_hash=digest_of(address), defaults={"reason": reason, "since": now}
    )


def give_another_chance(address: str) -> None:
    """Letters to this address go out again: somebody of the team asks for one, and knows more than a bounce."""
    Suppression.objects.filter(address_hash=digest_of(address)).delete()
