"""What an error of the mail server means for a letter."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest

from clients.reminders.trouble import QUICK, SLOW, Kind, delay_after, enhanced, read_door, read_trouble


def refused(code: int, text: bytes) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"ana@example.org": (code, text)})


@pytest.mark.parametrize(
    ("error", "kind", "slow"),
    [
        (refused(450, b"4.2.0 greylisted"), Kind.AGAIN, False),
        (refused(452, b"4.2.2 mailbox full"), Kind.AGAIN, True),
        (refused(552, b"mailbox full"), Kind.AGAIN, True),
        (refused(550, b"5.1.1 no such user"), Kind.UNKNOWN_ADDRESS, False),
        (refused(550, b"no such user"), Kind.UNKNOWN_ADDRESS, False),
        (refused(553, b"5.1.3 bad address syntax"), Kind.UNKNOWN_ADDRESS, False),
        (refused(550, b"relay not permitted"), Kind.REFUSED, False),
        (refused(550, b"Blocked by our spam filter"), Kind.REFUSED, False),
        (refused(550, b"Denied by policy"), Kind.REFUSED, False),
        (refused(550, b"5.1.8 sender's domain unknown"), Kind.REFUSED, False),
        (refused(550, b"5.4.1 no such route"), Kind.REFUSED, False),
        (refused(551, b"user not local"), Kind.REFUSED, False),
        (refused(554, b"not today"), Kind.REFUSED, False),
        (refused(550, b"5.7.1 your address is on a list"), Kind.REFUSED, False),
        (smtplib.SMTPDataError(451, b"later"), Kind.AGAIN, False),
        (smtplib.SMTPDataError(554, b"looks like spam"), Kind.REFUSED, False),
        (smtplib.SMTPSenderRefused(421, b"busy", "a@b.example"), Kind.AGAIN, False),
        (smtplib.SMTPSenderRefused(530, b"sign in first", "a@b.example"), Kind.DOOR_SHUT, False),
        (smtplib.SMTPSenderRefused(553, b"not yours", "a@b.example"), Kind.SENDER_REFUSED, False),
        (smtplib.SMTPSenderRefused(552, b"too large", "a@b.example"), Kind.AGAIN, True),
        (smtplib.SMTPNotSupportedError("SMTPUTF8"), Kind.REFUSED, False),
        (smtplib.SMTPServerDisconnected("gone"), Kind.AGAIN, False),
        (TimeoutError(), Kind.AGAIN, False),
        (ConnectionResetError(), Kind.AGAIN, False),
    ],
)
def test_trouble_while_a_letter_is_handed_over(error: OSError, kind: Kind, slow: bool) -> None:
    trouble = read_trouble(error)

    assert (trouble.kind, trouble.delays == tuple(SLOW)) == (kind, slow)
    assert "ana@example.org" not in trouble.name


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (smtplib.SMTPAuthenticationError(535, b"no"), Kind.DOOR_SHUT),
        (smtplib.SMTPAuthenticationError(454, b"try later"), Kind.AGAIN),
        (smtplib.SMTPConnectError(554, b"no"), Kind.DOOR_SHUT),
        (smtplib.SMTPConnectError(421, b"busy"), Kind.AGAIN),
        (smtplib.SMTPNotSupportedError("AUTH"), Kind.DOOR_SHUT),
        (smtplib.SMTPServerDisconnected("gone"), Kind.AGAIN),
        (ConnectionRefusedError(), Kind.AGAIN),
        (TimeoutError(), Kind.AGAIN),
    ],
)
def test_trouble_at_the_door(error: OSError, kind: Kind) -> None:
    assert read_door(error).kind is kind


@pytest.mark.parametrize(
    ("text", "status"),
    [(b"5.1.1 no such user", "5.1.1"), ("4.7.0 slow down", "4.7.0"), (b"no such user", ""), (b"", "")],
)
def test_enhanced_status(text: bytes | str, status: str) -> None:
    assert enhanced(text) == status


@pytest.mark.parametrize(("error", "delays"), [(TimeoutError(), QUICK), (refused(452, b"full"), SLOW)])
def test_delays_grow_with_a_fifth_more_or_less(error: OSError, delays: list[timedelta]) -> None:
    trouble = read_trouble(error)

    for attempts, usual in enumerate(delays, start=1):
        drawn = {delay_after(attempts, trouble) for _ in range(50)}
        assert len(drawn) > 10
        assert all(each is not None and 0.8 * usual <= each <= 1.2 * usual for each in drawn)
    assert delay_after(len(delays) + 1, trouble) is None
