"""Celery's messages as files, for a practice without a broker server.

kombu's own file transport shows a message under its name before it is written: a worker that looks in between reads half
of it and dies. Here a file is whole from the moment it can be seen.
"""

from __future__ import annotations

import fcntl
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    # kombu's own classes do not agree about the name of the second argument.
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        part = Path(self.data_folder_out) / f".{name}.part"
        try:
            part.write_bytes(str_to_bytes(dumps(payload)))
            part.rename(part.with_name(name))
        except OSError as error:
            raise ChannelError(f"The message cannot be left in {self.data_folder_out}.") from error

    def _queue_bind(self, *binding: Any) -> None:
        """One process after the other: at the first start all of them write the same small table."""
        with (self.control_folder / ".lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            super()._queue_bind(*binding)


class Transport(filesystem.Transport):
    Channel = Channel
