"""Reading the folder that `filemail` writes: the demo's mailbox."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

NAME = re.compile(r"(?P<at>\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.\d{6})_[A-Za-z0-9@.+-]*_(?P<letter>[a-z_]+)\.eml")
LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Mail:
    """One letter as it was sent. `links` are those of its text, in order, each once."""

    name: str
    at: datetime
    letter: str
    sender: str
    to: str
    subject: str
    text: str
    html: str
    links: tuple[str, ...]


def newest(folder: Path, count: int = 100) -> list[Mail]:
    """The latest mails first; none when nothing was ever sent."""
    names = sorted((path.name for path in folder.glob("*.eml") if NAME.fullmatch(path.name)), reverse=True)
    return [mail for name in names[:count] if (mail := read(folder, name))]


def read(folder: Path, name: str) -> Mail | None:
    """The mail of this name; None unless it is one of ours. A name never leads out of the folder."""
    found = NAME.fullmatch(name)
    path = folder / name
    if found is None or not path.is_file():
        return None
    message = message_from_bytes(path.read_bytes(), policy=default)
    text = part_of(message, "plain")
    return Mail(
        name=name,
        at=datetime.strptime(found["at"], "%Y-%m-%d_%H-%M-%S.%f").replace(tzinfo=UTC),
        letter=found["letter"],
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=text,
        html=part_of(message, "html"),
        links=tuple(dict.fromkeys(LINK.findall(text))),
    )


def part_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
