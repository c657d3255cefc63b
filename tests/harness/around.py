"""What the harnesses have in common: a command runs inside one, and learns of it by its environment."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from types import FrameType

from practice import dies_with_parent

# What the settings read. Tests and checks start without them, lest a shell's DATABASE_URL lead them to a real practice.
SETTINGS_VARIABLES = (
    "ALLOWED_HOSTS", "BROKER_URL", "CACHE_URL", "DATABASE_URL", "DEBUG", "DEMO", "DJANGO_SETTINGS_MODULE", "EMAIL_URL",
    "EMBEDDED", "FROM_EMAIL", "LANGUAGE_CODE", "LOG_LEVEL", "REDIS_URL", "REMINDER_FROM_EMAIL", "SECRET_KEY", "SECURE",
    "SITE_URL", "STAFF_SECOND_FACTOR", "TICK_SECONDS", "TRUSTED_PROXIES", "VAR_DIR",
)  # fmt: skip


def without_settings(given: Mapping[str, str]) -> dict[str, str]:
    unwanted = {*SETTINGS_VARIABLES, *(f"{name}_FILE" for name in SETTINGS_VARIABLES)}
    return {name: value for name, value in given.items() if name not in unwanted}


def run_around(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Run it to its end and return its exit code. SIGTERM to us is SIGTERM to it, so that the harness can clean up after it."""
    with subprocess.Popen(command, env={**os.environ, **env}, preexec_fn=dies_with_parent()) as process:

        def pass_on(number: int, _frame: FrameType | None) -> None:
            process.send_signal(number)

        signal.signal(signal.SIGTERM, pass_on)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches the command by itself
        return process.wait()
