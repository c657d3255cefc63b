"""`practice.py test`: the whole suite on SQLite and on PostgreSQL, then simulated lives, and in a browser.

What belongs to one database, to Redis or to a browser is selected by its marker before the run, so that no test is
ever skipped within one. What stands behind `--` goes to pytest:

    python3 practice.py test --only sqlite -- tests/clients -x
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import IO

from practice import ROOT, VAR, dies_with_parent, say
from tests.harness.around import without_settings
from tests.harness.browser import NO_BROWSER_CODE

NOTHING_SELECTED = 5  # pytest's exit code
NO_BROWSER = "BROWSER TESTS NOT RUN: no Chromium"
HOW_TO_GET_ONE = (
    "For them: install chromium (Debian, as root: apt-get install chromium), or set CHROMIUM=/path/to/chrome"
)


@dataclass(frozen=True)
class Suite:
    """One run of pytest: what it selects, and the harness around it."""

    name: str
    selects: str
    around: str | None
    measures_coverage: bool = False
    remark: str = ""

    def command(self, extra: Sequence[str]) -> list[str]:
        around = [sys.executable, "-m", self.around] if self.around else []
        # A part of the suite cannot reach the floor, so coverage is measured only when all of it runs
        coverage = ["--cov", "--cov-report=term"] if self.measures_coverage and not extra else []
        colour = ["--color=yes"] if sys.stdout.isatty() else []
        return [*around, sys.executable, "-m", "pytest", "-m", self.selects, *coverage, *colour, *extra]


# Coverage is this run's alone. It holds the tests of every rule; a line that only a browser passed is not a tested one.
SQLITE = Suite(
    "SQLite",
    "not e2e and not postgres_only and not simulation",
    "tests.harness.redis",
    measures_coverage=True,
)
SQLITE_WITHOUT_REDIS = replace(
    SQLITE,
    selects=f"{SQLITE.selects} and not redis",
    around=None,
    remark=" (no redis-server on PATH, so its tests were not selected)",
)
POSTGRES = Suite(
    "PostgreSQL", "not e2e and not sqlite_only and not redis and not simulation", "tests.harness.postgres"
)
# Weeks of lives: measured line by line they would take as long as everything else together
SIMULATION = Suite("Simulation", "simulation", None)
BROWSER = Suite("Browser", "e2e", "tests.harness.browser")

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
CLOSING = re.compile(r"^=+ (.+ in [\d.]+s(?: \([\d:]+\))?) =+$")
COVERED = re.compile(r"Total coverage: ([\d.]+)%")


def closing_line(output: Sequence[str]) -> str:
    """What a run of pytest came to: its own last line, and the coverage if it was measured."""
    plain = [ESCAPES.sub("", line).strip() for line in output]
    closings = [found[1] for line in plain if (found := CLOSING.match(line))]
    covered = [found[1] for line in plain if (found := COVERED.search(line))]
    return (closings[-1] if closings else "ended without a result") + "".join(
        f"; coverage {c} %" for c in covered[-1:]
    )


def verdict(suite: Suite, code: int, output: Sequence[str], extra: Sequence[str]) -> tuple[str, bool]:
    """The line that sums a run up, and whether it may stand."""
    if code == NO_BROWSER_CODE and suite is BROWSER:
        return f"{HOW_TO_GET_ONE}\n{NO_BROWSER}", os.environ.get("E2E") != "require"
    passed = code == 0 or (code == NOTHING_SELECTED and bool(extra))
    return f"{suite.name}: {'' if passed else 'FAILED, '}{closing_line(output)}{suite.remark}", passed


def start(suite: Suite, extra: Sequence[str], into: int | IO[str]) -> subprocess.Popen[str]:
    env = without_settings(os.environ) | {"HYPOTHESIS_STORAGE_DIRECTORY": str(VAR / "cache" / "hypothesis")}
    return subprocess.Popen(
        suite.command(extra),
        cwd=ROOT,
        env=env,
        text=True,
        errors="replace",
        stdout=into,
        stderr=subprocess.STDOUT,
        preexec_fn=dies_with_parent(),
    )


def follow(
    suite: Suite, process: subprocess.Popen[str], told: Iterable[str], extra: Sequence[str]
) -> tuple[str, bool]:
    """Shows what the run tells, and says what it came to."""
    say("", f"== {suite.name}")
    output = []
    for line in told:
        sys.stdout.write(line)
        sys.stdout.flush()
        output.append(line)
    return verdict(suite, process.wait(), output, extra)


def run_all(suites: Sequence[Suite], extra: Sequence[str]) -> list[tuple[str, bool]]:
    """Two at a time, as two cores are enough for them: both databases, then simulation and browser.

    The lines of the second of each two wait for their turn.
    """
    results = []
    for first, second in zip_longest(suites[::2], suites[1::2]):
        with tempfile.TemporaryFile("w+", errors="replace") as kept:
            beside = start(second, extra, kept) if second else None
            with start(first, extra, subprocess.PIPE) as process:
                assert process.stdout is not None
                results.append(follow(first, process, process.stdout, extra))
            if second and beside:
                beside.wait()
                kept.seek(0)
                results.append(follow(second, beside, kept, extra))
    return results


def main(argv: Sequence[str]) -> int:
    own, extra = list(argv), []
    if "--" in own:
        cut = own.index("--")
        own, extra = own[:cut], own[cut + 1 :]
    sqlite = SQLITE if shutil.which("redis-server") else SQLITE_WITHOUT_REDIS
    suites = {"sqlite": sqlite, "postgres": POSTGRES, "simulation": SIMULATION, "browser": BROWSER}
    parser = argparse.ArgumentParser(prog="practice.py test", epilog="What stands behind -- goes to pytest.")
    parser.add_argument("--only", choices=list(suites), help="one of the four runs")
    only = parser.parse_args(own).only
    results = run_all([suite for name, suite in suites.items() if only in (None, name)], extra)
    say("", "== result", *(line for line, _ in results))
    return 0 if all(passed for _, passed in results) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
