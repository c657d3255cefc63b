"""A real SMTP server that keeps what it is given, and refuses what it is told to refuse."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


@dataclass
class Sink:
    """`mails` in the order of arrival. A reply set for MAIL, RCPT, DATA or AUTH is given instead of an acceptance."""

    delay: float = 0.0
    replies: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if address in str(mail["To"])]

    async def handle_EHLO(  # noqa: N802 -- named by aiosmtpd
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802 -- named by aiosmtpd
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if reply := self.replies.get(f"MAIL {address}", self.replies.get("MAIL")):
            return reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 -- named by aiosmtpd
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if reply := self.replies.get(f"RCPT {address}", self.replies.get("RCPT")):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- named by aiosmtpd
        await asyncio.sleep(self.delay)
        if reply := self.replies.get("DATA"):
            if reply == "hang up":
                server.transport.abort()
            return reply
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def check_login(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        if reply := self.replies.get("AUTH"):
            return AuthResult(success=False, handled=False, message=reply)
        return AuthResult(success=True)


class OnFreePort(Controller):
    """aiosmtpd's own test of a fresh server wants to know its port, which it has from the system only then."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextlib.contextmanager
def running(**fields: Any) -> Iterator[Sink]:
    """The server, listening on a free port of this machine."""
    sink = Sink(**fields)
    controller = OnFreePort(
        sink, hostname="127.0.0.1", port=0, authenticator=sink.check_login, auth_require_tls=False
    )
    controller.start()
    sink.port = controller.port
    try:
        yield sink
    finally:
        controller.stop()
