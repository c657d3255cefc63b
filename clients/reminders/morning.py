"""The morning question in a letter: links that answer without signing in, each good for one client, one day and one mailbox.

A link acts on nothing but this question (reliability.md A6). It tells nobody what it answers: the word is a keyed code in
it. It ends three days after the session, when the address changes, when care ends and when the account is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from clients.models import Client, MorningWord
from clients.progression.criteria import MORNING_DAYS
from clients.reminders.addresses import address_of, digest_of

SALT = "clients.reminders.morning"
LONGEST = 400  # characters of a token; ours have about 130


@dataclass(frozen=True)
class MorningLink:
    """What a link stands for; `word` is the button that was pressed in the letter, empty for none."""

    client: Client
    after_day: date
    word: str = ""


def signer_for(client: Client) -> Signer:
    """Bound to the mailbox the letter goes to."""
    return Signer(salt=f"{SALT}/{digest_of(address_of(client, None))}")


def code_of(client: Client, after_day: date, word: str) -> str:
    return salted_hmac(SALT, f"{client.uuid}/{after_day}/{word}", algorithm="sha256").hexdigest()[:16]


def make_token(client: Client, after_day: date, word: str = "") -> str:
    said = f"{client.uuid.hex}/{after_day:%Y-%m-%d}/{code_of(client, after_day, word)}"
    return urlsafe_base64_encode(signer_for(client).sign(said).encode())


def read_token(token: str, now: datetime) -> MorningLink | None:
    """What the link stands for; None for one that is not ours, of another purpose, or no longer good."""
    try:
        signed = urlsafe_base64_decode(token).decode("ascii") if len(token) <= LONGEST else ""
        person, day, code = signed.rsplit(":", 1)[0].split("/")
        uuid, after_day = UUID(hex=person), date.fromisoformat(day)
    except ValueError:
        return None
    client = Client.objects.select_related("user").filter(uuid=uuid, ended_at=None).first()
    if client is None or client.user is None or not client.user.is_active:
        return None
    try:
        signer_for(client).unsign(signed)
    except BadSignature:
        return None
    if not 0 < (client.local_date(now) - after_day).days <= MORNING_DAYS:
        return None
    words = ("", *MorningWord.values)
    word = next((w for w in words if constant_time_compare(code_of(client, after_day, w), code)), None)
    return None if word is None else MorningLink(client, after_day, word)
