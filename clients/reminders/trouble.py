"""What an error of the mail server means for a letter. Pure."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from smtplib import (
    SMTPDataError,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

QUICK = [timedelta(seconds=10), timedelta(seconds=30), *(timedelta(minutes=n) for n in (1, 5, 15))]
SLOW = [timedelta(minutes=n) for n in (1, 5, 10, 20, 30)]
JITTER = 0.2
# What a server says in words, without a status code, when it has nothing against the address; about the sender are 5.1.7 and 5.1.8
NOT_THE_ADDRESS = re.compile(r"relay|policy|spam|block|den(y|ied)|reject|sender|authenti|list", re.IGNORECASE)
ADDRESS_STATUS = re.compile(r"5\.1\.(?![78]$)")


class Kind(Enum):
    AGAIN = "again"  # try this letter again, later
    UNKNOWN_ADDRESS = "unknown address"  # this address takes no mail: never again
    REFUSED = "refused"  # this letter is not taken; trying again will not help
    SENDER_REFUSED = "sender refused"  # letters from this sender are not taken, others may be
    DOOR_SHUT = "door shut"  # the server does not want us: nothing to do with this letter


@dataclass(frozen=True)
class Trouble:
    """`name` is for the row and the log: class and code, never the server's text, which repeats addresses."""

    kind: Kind
    name: str
    delays: tuple[timedelta, ...] = tuple(QUICK)


def read_trouble(error: OSError) -> Trouble:
    """What went wrong while one letter was handed over. Every error of smtplib is an OSError."""
    name = type(error).__name__
    if isinstance(error, SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()), (0, b""))
        refused = Kind.UNKNOWN_ADDRESS if knows_no_such_address(int(code), text) else Kind.REFUSED
        return by_code(name, int(code), enhanced(text), refused)
    if isinstance(error, SMTPSenderRefused) and error.smtp_code >= 500 and error.smtp_code != 552:
        sign_in_first = error.smtp_code == 530  # RFC 4954: whoever the sender is
        return Trouble(Kind.DOOR_SHUT if sign_in_first else Kind.SENDER_REFUSED, f"{name} {error.smtp_code}")
    if isinstance(error, (SMTPDataError, SMTPSenderRefused)):
        return by_code(name, error.smtp_code, enhanced(error.smtp_error), refused=Kind.REFUSED)
    if isinstance(error, SMTPNotSupportedError):
        return Trouble(Kind.REFUSED, name)
    return Trouble(Kind.AGAIN, name)


def read_door(error: OSError) -> Trouble:
    """What went wrong before any letter: connecting, TLS, login. AGAIN when the server is merely away or busy."""
    name = type(error).__name__
    if isinstance(error, SMTPResponseException):
        return Trouble(Kind.DOOR_SHUT if error.smtp_code >= 500 else Kind.AGAIN, f"{name} {error.smtp_code}")
    if isinstance(error, SMTPServerDisconnected) or not type(error).__module__.startswith("smtplib"):
        return Trouble(Kind.AGAIN, name)
    return Trouble(Kind.DOOR_SHUT, name)


def by_code(name: str, code: int, status: str, refused: Kind) -> Trouble:
    named = f"{name} {code} {status}".strip()
    if code == 552 or status.endswith(".2.2"):
        return Trouble(Kind.AGAIN, named, tuple(SLOW))  # the mailbox is full, which people mend
    if code == 452:
        return Trouble(Kind.AGAIN, named, tuple(SLOW))
    if code < 500:
        return Trouble(Kind.AGAIN, named)
    return Trouble(refused, named)


def knows_no_such_address(code: int, text: bytes | str) -> bool:
    """Whether it is the address that is wrong, and not our reputation or their policy. In doubt it is not."""
    if status := enhanced(text):
        return bool(ADDRESS_STATUS.match(status))
    return code == 550 and not NOT_THE_ADDRESS.search(words_of(text))


def enhanced(text: bytes | str) -> str:
    """The status code of RFC 3463, as in "550 5.1.1 no such user"; empty when there is none."""
    found = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", words_of(text))
    return found[1] if found else ""


def words_of(text: bytes | str) -> str:
    return text.decode("ascii", "replace") if isinstance(text, bytes) else str(text)


def delay_after(attempts: int, trouble: Trouble) -> timedelta | None:
    """How long to wait after this many tries, with a fifth more or less; None when it has been tried often enough."""
    if attempts > len(trouble.delays):
        return None
    return trouble.delays[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 -- spreads load only
