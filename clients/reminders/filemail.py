"""Mail as files in a folder: for trying the application out on one machine."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


class FolderBackend(BaseEmailBackend):
    """Each mail is one .eml in EMAIL_FILE_PATH, named by time (UTC), recipient and letter, readable by us alone.

    The subject is not part of the name: a folder is seen by more eyes than a letter. A file is complete from the
    moment it can be seen. OSError when it cannot be written, as from a mail server that is away.
    """

    def __init__(self, *args: Any, file_path: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.folder = Path(file_path or settings.EMAIL_FILE_PATH)

    def open(self) -> bool:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.open()
        for message in email_messages:
            write_whole(self.folder / name_for(message), message.message().as_bytes())
        return len(email_messages)


def name_for(message: EmailMessage) -> str:
    at = timezone.now().strftime("%Y-%m-%d_%H-%M-%S.%f")
    to = re.sub(r"[^A-Za-z0-9@.+-]", "-", (message.recipients() or ["nobody"])[0])[:80]
    return f"{at}_{to}_{getattr(message, 'letter', 'mail')}.eml"


def write_whole(path: Path, content: bytes) -> None:
    """Under another name first, since somebody may be reading the folder."""
    part = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    part.rename(path)
