#!/usr/bin/env python3
"""One door for every task, on a bare Python 3.11 or newer.

    python3 practice.py run      set up if needed, then web, worker and beat; Ctrl-C stops all
    python3 practice.py test     the whole suite on SQLite, on a real PostgreSQL, and in a browser
    python3 practice.py check    linters, types, import contracts, migrations, translations, deployment
    python3 practice.py fmt      format code and templates, compile translations
    python3 practice.py lock     compile the pinned requirements (maintainers)

Standard library only, since it runs before anything is installed: it makes `.venv`, installs the pinned packages
into it, and starts the work with the Python in there. What a running practice writes lies in `.var`.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import dataclasses
import fcntl
import hashlib
import http.client
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
STAMP = VENV / "set-up.json"
VAR = ROOT / ".var"
RUNTIME = "requirements.txt"
WITH_TESTS = "requirements-test.txt"


def say(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)


def read_text(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


# ---- Set-up --------------------------------------------------------------------------------------------------------


def steady_environment(given: Mapping[str, str]) -> dict[str, str]:
    """With a PATH, and with a home that can be written to, even where none was given."""
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", **given}
    if not os.access(env.get("HOME", ""), os.W_OK):
        env["HOME"] = str(VAR / "home")
        Path(env["HOME"]).mkdir(parents=True, exist_ok=True)
    return env


def digest(requirements: str) -> str:
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()


def succeeds(command: Sequence[str | Path]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def venv_version() -> str:
    """The version of the Python in `.venv`; empty when there is none that starts."""
    ask = [PYTHON, "-c", "import platform; print(platform.python_version())"]
    try:
        return subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def read_stamp(stamp: Path) -> dict[str, str]:
    """What the last finished set-up wrote; empty when none finished, so that a broken one is done again."""
    try:
        content = json.loads(read_text(stamp) or "{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def is_set_up(stamp: Mapping[str, str], requirements: str, version: str) -> bool:
    return (
        bool(version) and stamp.get("python") == version and stamp.get(requirements) == digest(requirements)
    )


@contextlib.contextmanager
def only_one(lock: Path, otherwise: Callable[[], None]) -> Iterator[None]:
    """Hold this file's lock; while another process has it, call `otherwise` and then wait."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            otherwise()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def set_up(requirements: str) -> None:
    """Make `.venv` hold what the requirements file pins. Costs a few hundredths of a second when it does already."""
    with only_one(VAR / "set-up.lock", lambda: say("Another set-up is under way; waiting for it.")):
        version = venv_version()
        if is_set_up(read_stamp(STAMP), requirements, version):
            return
        STAMP.unlink(missing_ok=True)
        if not was_built_for(version):
            make_venv()
        say(f"Installing {requirements} into .venv; done once, and the only step that needs the network.")
        # The file pins all that is needed, so pip looks for nothing
        options = "install -qq --disable-pip-version-check --no-input --only-binary :all: --no-deps --require-hashes -r"
        pip = [*pip_command(), *options.split(), requirements]
        if subprocess.run(pip, cwd=ROOT, check=False).returncode != 0:
            sys.exit("The packages could not be installed; pip says above why. Nothing was started.")
        stamp = {"python": venv_version(), requirements: digest(requirements)}
        if (
            requirements == WITH_TESTS
        ):  # it pins all that the other file pins, at the same versions: a test compares them
            stamp[RUNTIME] = digest(RUNTIME)
        STAMP.write_text(json.dumps(stamp))


def was_built_for(version: str) -> bool:
    """Whether `.venv` starts, with the Python that its packages were chosen for: a 3.12 does not see what a 3.11 installed."""
    built = re.search(r"^version\s*=\s*(\d+\.\d+)", read_text(VENV / "pyvenv.cfg"), re.MULTILINE)
    return built is not None and version.startswith(f"{built[1]}.")


def make_venv() -> None:
    say(f"Making .venv with Python {sys.version.split()[0]}.")
    inside_another = (
        Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    )
    python = inside_another if sys.prefix != sys.base_prefix and inside_another.exists() else sys.executable
    venv = [python, "-m", "venv", "--clear"]
    # Debian's bare python3 has no ensurepip; a pip from outside can fill the environment just as well
    if not succeeds([*venv, VENV]) and not succeeds([*venv, "--without-pip", VENV]):
        subprocess.run([*venv, "--without-pip", VENV], check=False)
        sys.exit(f"No virtual environment could be made in {VENV}; Python says above why.")


def pip_command() -> list[str]:
    inside = [PYTHON, "-m", "pip"]
    outside = [sys.executable, "-m", "pip", "--python", PYTHON]  # pip >= 22.3
    for command in (inside, outside):
        if succeeds([*command, "--version"]):
            return command
    return sys.exit(
        "This Python has neither ensurepip nor a pip of version 22.3 or newer.\n"
        "Debian and Ubuntu have them in a package: apt-get install python3-venv"
    )


# ---- Processes -----------------------------------------------------------------------------------------------------

LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1


def dies_with_parent(how: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """For Popen's preexec_fn: the child gets this signal when we end, however we end. Linux only; no effect elsewhere."""
    parent = os.getpid()

    def ask_the_kernel() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, how)
            if os.getppid() != parent:  # we ended in between
                os.kill(os.getpid(), how)

    return ask_the_kernel


@dataclasses.dataclass
class Child:
    """A process that is to run as long as we do."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause: float = 0.0  # seconds; doubles while it ends soon after each start

    LONGEST_PAUSE = 30.0

    def start(self, env: Mapping[str, str]) -> None:
        # A session of its own: Ctrl-C reaches only us, and each child gets one SIGTERM. A second one would cut Celery short.
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env=env, start_new_session=True, preexec_fn=dies_with_parent()
        )
        self.started_at = time.monotonic()

    def look_after(self, env: Mapping[str, str]) -> None:
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start(env)
        elif (code := self.process.poll()) is not None:
            self.kill_group()  # nothing that it started may outlive it and hold its port
            self.process = None
            self.pause = (
                1.0
                if now - self.started_at > self.LONGEST_PAUSE
                else min(self.pause * 2 or 1.0, self.LONGEST_PAUSE)
            )
            self.start_at = now + self.pause
            how = f"by signal {-code}" if code < 0 else f"with code {code}"
            say(f"{self.name} ended {how}; starting it again in {self.pause:.0f} s.")

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def terminate(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def kill_group(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """Keeps its children running until SIGINT, SIGTERM or SIGHUP, then stops them all."""

    def __init__(self, children: Sequence[Child], env: Mapping[str, str], patience: float = 15.0) -> None:
        self.children = children
        self.env = env
        self.patience = patience
        self.stops_asked = 0

    def ask_to_stop(self, *_: object) -> None:
        self.stops_asked += 1

    def run(self, each_round: Callable[[], None] = lambda: None) -> None:
        """Returns when everything has stopped. `each_round` is called a few times a second until then."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask_to_stop)
        try:
            while not self.stops_asked:
                for child in self.children:
                    child.look_after(self.env)
                each_round()
                time.sleep(0.2)
        finally:
            self.stop_all()

    def stop_all(self) -> None:
        """One SIGTERM each. What goes on after our patience, or at a second Ctrl-C, is killed with all that it started."""
        running = [child for child in self.children if child.is_running()]
        for child in running:
            child.terminate()
        deadline = time.monotonic() + self.patience
        while any(child.is_running() for child in running):
            if time.monotonic() > deadline or self.stops_asked > 1:
                for child in running:
                    child.kill_group()
            time.sleep(0.05)


# ---- Run -----------------------------------------------------------------------------------------------------------


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def require_port(port: int, patience: float = 2.0) -> None:
    """Gives one that has just been told to stop a moment, then exits with a sentence."""
    deadline = time.monotonic() + patience
    while not port_is_free(port):
        if time.monotonic() > deadline:
            sys.exit(
                f"Port {port} is taken by another program. Choose another port:\n"
                f"    python3 practice.py run --port {port + 1}"
            )
        time.sleep(0.1)


def make_secret_key(path: Path) -> None:
    """Once; readable by its owner alone."""
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))


def embedded_environment(given: Mapping[str, str], port: int) -> dict[str, str]:
    """What was given, and for the rest a practice on this machine alone.

    It is a demo unless DEMO says otherwise or a database is named: nobody wants invented clients in a real practice.
    """
    env = dict(given)
    env.setdefault("VAR_DIR", str(VAR))
    env.setdefault("DEMO", "0" if "DATABASE_URL" in env else "1")
    if "SECRET_KEY" not in env:
        env.setdefault("SECRET_KEY_FILE", str(Path(env["VAR_DIR"]) / "secret-key"))
    defaults = {
        "DJANGO_SETTINGS_MODULE": "trainandmassage.settings",
        "EMBEDDED": "1",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "SITE_URL": f"http://localhost:{port}",
        "SECURE": "0",  # no https on this machine
        "STAFF_SECOND_FACTOR": "0" if env["DEMO"] == "1" else "1",
        "LOG_LEVEL": "WARNING",
    }
    return defaults | env


def services(env: Mapping[str, str], port: int) -> list[Child]:
    # gunicorn would open a control socket in the home folder; nobody here speaks to it
    web = f"-m gunicorn trainandmassage.wsgi:application --bind 127.0.0.1:{port} --workers 2 --threads 4 --no-control-socket"
    worker = "worker --pool threads --concurrency 4 --without-gossip --without-mingle --loglevel WARNING"
    beat = [
        "beat",
        "--loglevel",
        "WARNING",
        "--schedule",
        str(Path(env["VAR_DIR"]) / "run" / "beat-schedule"),
    ]
    # Celery warns of root at every start; where this runs as root, in a container, everything does
    root_is_fine = ["-W", "ignore:You're running the worker with superuser privileges"]
    celery = [PYTHON, *root_is_fine, "-m", "celery", "--quiet", "--app", "trainandmassage"]
    return [
        Child("web", [PYTHON, *web.split(), "--log-level", "warning"]),
        Child("worker", [*celery, *worker.split()]),
        Child("beat", [*celery, *beat]),
    ]


def answers(port: int) -> bool:
    """Whether the web process speaks, whatever it says."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/", headers={"Host": "localhost"})
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def welcome(env: Mapping[str, str]) -> str:
    var = Path(env["VAR_DIR"])
    lines = ["", f"Train and Massage is running at {env['SITE_URL']}/", ""]
    if env["DEMO"] == "1":
        lines += [*(f"  {line}".rstrip() for line in read_text(var / "demo.txt").strip().splitlines()), ""]
    mail = env.get("EMAIL_URL", f"file://{var / 'mail'}")
    if mail.startswith("file:"):
        lines.append(f"  No letter is sent; each becomes a file in {mail.removeprefix('file://')}")
        if env["DEMO"] == "1":
            lines.append(f"  and can be read at {env['SITE_URL']}/demo/mail/")
    if env["STAFF_SECOND_FACTOR"] == "0":
        lines.append(
            "  This is a demo: the second factor is OFF for staff. A real practice does not start without it."
        )
    return "\n".join([*lines, "  Ctrl-C stops everything."])


def run(port: int) -> int:
    started = time.monotonic()
    env = embedded_environment(os.environ, port)
    var = Path(env["VAR_DIR"])
    running_already = "This practice is running already; Ctrl-C in its window stops it."
    with only_one(var / "run" / "lock", lambda: sys.exit(running_already)):
        require_port(port)
        if env.get("SECRET_KEY_FILE") == str(var / "secret-key"):
            make_secret_key(var / "secret-key")
        if env["DEMO"] != "1" and "DEMO" not in os.environ:
            say("A database is named, so no demo is made in it. DEMO=1 makes one.")
        say("Preparing database, catalogue and pages.")
        prepare = [PYTHON, "manage.py", "prepare"]
        if (
            subprocess.run(prepare, cwd=ROOT, env=env, preexec_fn=dies_with_parent(), check=False).returncode
            != 0
        ):
            return 1
        greeted = False

        def greet_once() -> None:
            nonlocal greeted
            if not greeted and answers(port):
                greeted = True
                say(welcome(env), f"  Ready after {time.monotonic() - started:.0f} s.", "")

        Supervisor(services(env, port), env).run(greet_once)
        say("Stopped.")
    return 0


# ---- Lock ----------------------------------------------------------------------------------------------------------


def lock(upgrade: bool) -> int:
    """Only maintainers need uv; everybody else installs with pip what stands in the two files."""
    uv = next(
        (command for command in (["uv"], [PYTHON, "-m", "uv"]) if succeeds([*command, "--version"])), None
    )
    if uv is None:
        sys.exit(
            "Locking needs uv. Put it on PATH, or into the environment: .venv/bin/python -m pip install uv"
        )
    options = (
        "--universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet"
        + " --upgrade" * upgrade
    )
    for target in (f"-o {RUNTIME}", f"--group test -o {WITH_TESTS}"):
        command = [*uv, *f"pip compile {options} pyproject.toml {target}".split()]
        if subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode != 0:
            return 1
    return 0


# ---- The door ------------------------------------------------------------------------------------------------------

# What stands behind a command's name is read by its module
MODULES = {
    "test": ["tests.harness.suites"],
    "check": ["tests.harness.checks"],
    "fmt": ["tests.harness.checks", "--fix"],
}


def become(command: list[str]) -> NoReturn:
    os.execv(command[0], command)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="practice.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage=argparse.SUPPRESS,
    )
    parser.add_argument("command", choices=["run", *MODULES, "lock"])
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    own = argparse.ArgumentParser(prog=f"practice.py {chosen.command}")
    os.environ.update(steady_environment(os.environ))
    os.chdir(ROOT)
    if chosen.command == "lock":
        own.add_argument(
            "--upgrade", action="store_true", help="take the newest versions that the ranges allow"
        )
        return lock(own.parse_args(chosen.rest).upgrade)
    if chosen.command == "run":
        own.add_argument("--port", type=int, default=os.environ.get("PORT", "8000"), help="PORT, or 8000")
        port = own.parse_args(chosen.rest).port
        set_up(RUNTIME)
        return run(port)
    set_up(WITH_TESTS)
    return become([PYTHON, "-m", *MODULES[chosen.command], *chosen.rest])


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 -- whoever starts it with an older Python is told so
        sys.exit(f"Train and Massage needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    sys.exit(main())
