"""A Chromium around a command: found, or fetched.

    python -m tests.harness.browser python -m pytest -m e2e

CHROMIUM names it for the command. Ends with code 69 and runs nothing when there is none to be had.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

from playwright.sync_api import sync_playwright

from practice import VAR
from tests.harness.around import run_around

NO_BROWSER_CODE = 69
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """The given one; else one on PATH; else Playwright's own; else, as root, the system's package. None if none of them starts."""
    if given := os.environ.get("CHROMIUM"):
        return given if starts(given) else None
    os.environ.setdefault("PLAYWRIGHT_BROWSERS_PATH", str(VAR / "browsers"))
    if found := on_path() or playwrights_own():
        return found
    say("No Chromium on PATH; asking Playwright for one.")
    playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    attempt(playwright, {})
    if found := playwrights_own():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Playwright's is not to be had or does not start; installing the system's.")
        attempt(["apt-get", "update", "-qq"], {"DEBIAN_FRONTEND": "noninteractive"})
        attempt(["apt-get", "install", "-y", "-qq", "chromium"], {"DEBIAN_FRONTEND": "noninteractive"})
    return on_path()


def on_path() -> str | None:
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path and starts(path)), None)


def playwrights_own() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if starts(path) else None


def starts(browser: str) -> bool:
    """One that lacks a library of the system is there, and yet useless."""
    try:
        return (
            subprocess.run([browser, "--version"], capture_output=True, timeout=60, check=False).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def attempt(command: Sequence[str], env: Mapping[str, str]) -> None:
    """One of several ways: says when it fails; the caller looks what there is now."""
    try:
        code = subprocess.run(
            command, env={**os.environ, **env}, stdout=subprocess.DEVNULL, timeout=600, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        code = -9
    if code != 0:
        say(f"`{' '.join(command[-3:])}` ended with code {code}.")


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    chromium = find_chromium()
    # Playwright's own loop runs in the test's thread, where Django would refuse to touch the database
    sys.exit(
        run_around(sys.argv[1:], {"CHROMIUM": chromium, "DJANGO_ALLOW_ASYNC_UNSAFE": "true"})
        if chromium
        else NO_BROWSER_CODE
    )
