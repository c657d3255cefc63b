"""A Redis of its own around a command, where redis-server is installed.

    python -m tests.harness.redis python -m pytest -m redis

It listens on a free port of this machine, keeps nothing on disk, and goes when the command ends; REDIS_URL names it.
"""

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from practice import dies_with_parent
from tests.harness.around import run_around


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A running Redis; yields its URL."""
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("redis-server is not on PATH.")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        command = [
            program,
            "--bind",
            "127.0.0.1",
            "--port",
            str(port),
            "--dir",
            folder,
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, start_new_session=True, preexec_fn=dies_with_parent()
        ) as process:
            try:
                wait_for(process, port)
                yield f"redis://127.0.0.1:{port}/0"
            finally:
                process.terminate()
                process.wait(timeout=30)


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("redis-server did not start.") from None
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    with server() as url:
        code = run_around(sys.argv[1:], {"REDIS_URL": url})
    sys.exit(code)
