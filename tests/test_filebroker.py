"""Messages as files: whole from the moment they can be seen, and each taken once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from trainandmassage.celery import app
from trainandmassage.filebroker import Channel

MESSAGES = 300


@pytest.fixture
def connect(tmp_path: Path) -> Callable[[], Channel]:
    """A channel of another process each time: they share nothing but the folders."""
    folders = {name: str(tmp_path / name) for name in ("messages", "control")}
    for folder in folders.values():
        Path(folder).mkdir()
    options = {
        "data_folder_in": folders["messages"],
        "data_folder_out": folders["messages"],
        "control_folder": folders["control"],
    }
    return lambda: Connection("filesystem://", transport_options=options).channel()


def test_the_practices_celery_uses_it() -> None:
    assert isinstance(app.connection_for_write("filesystem://").channel(), Channel)


def test_a_reader_never_sees_half_a_message(connect: Callable[[], Channel]) -> None:
    """A message of some size, so that writing it takes a while; the reader looks all the time."""
    messages = [{"number": number, "words": "word " * 2000} for number in range(MESSAGES)]

    def read() -> list[int]:
        channel, found = connect(), []
        while len(found) < MESSAGES:
            try:
                found.append(channel._get("celery")["number"])
            except Empty:
                continue
        return found

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        writer = connect()
        for message in messages:
            writer._put("celery", message)
        assert sorted(reading.result(timeout=60)) == list(range(MESSAGES))


def test_binding_at_the_same_moment_leaves_a_whole_table(connect: Callable[[], Channel]) -> None:
    """What web, worker and beat do at their first start."""
    channels = [connect() for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda channel: channel._queue_bind("celery", "celery", "", "celery"), channels))

    assert [tuple(row) for row in channels[0].get_table("celery")] == [("celery", "", "celery")]


def test_a_folder_that_is_gone_is_an_error_of_the_channel(
    connect: Callable[[], Channel], tmp_path: Path
) -> None:
    channel = connect()
    (tmp_path / "messages").rmdir()

    with pytest.raises(ChannelError):
        channel._put("celery", {})
