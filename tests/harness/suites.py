"""`practice.py test`: the whole suite on SQLite and on PostgreSQL, then in a browser, and simulated lives.

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
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from practice import ROOT, VAR, dies_with_parent, say
from tests.harness.around import without_settings
from tests.harness.browser import NO_BROWSER_CODE

AT_ONCE = 3  # for two cores: the browser's run waits half of its time
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
        measured = ["-m", "slipcover"] if self.measures_coverage and not extra else []
        colour = ["--color=yes"] if sys.stdout.isatty() else []
        return [*around, sys.executable, *measured, "-m", "pytest", "-m", self.selects, *colour, *extra]


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
COVERED = re.compile(r"^\(summary\) .* (\d+)$")


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


def start(suite: Suite, extra: Sequence[str], into: IO[str]) -> subprocess.Popen[str]:
    env = without_settings(os.environ) | {"HYPOTHESIS_STORAGE_DIRECTORY": str(VAR / "cache" / "hypothesis")}
    return subprocess.Popen(
        suite.command(extra),
        cwd=ROOT,
        env=env,
        text=True,
        stdout=into,
        stderr=subprocess.STDOUT,
        preexec_fn=dies_with_parent(),
    )


class Run:
    """A suite that has begun, and what it has told so far."""

    def __init__(self, suite: Suite, extra: Sequence[str], log: Path) -> None:
        self.suite = suite
        self.extra = extra
        self.output = ""
        with open(log, "w") as into:
            self.process = start(suite, extra, into)
        self.heard = open(log, errors="replace")  # noqa: SIM115 -- closed with the result

    def goes_on(self) -> bool:
        return self.process.poll() is None

    def show(self) -> None:
        """What it has told since it was last shown."""
        new = self.heard.read()
        self.output += new
        sys.stdout.write(new)
        sys.stdout.flush()

    def result(self) -> tuple[str, bool]:
        self.heard.close()
        return verdict(self.suite, self.process.wait(), self.output.splitlines(), self.extra)


def run_all(suites: Sequence[Suite], extra: Sequence[str]) -> list[tuple[str, bool]]:
    """A few at a time: when one of them ends, the next begins.

    They are told of in their order; the lines of the others wait for their turn.
    """
    runs: list[Run] = []
    results: list[tuple[str, bool]] = []
    with tempfile.TemporaryDirectory() as folder:

        def begin() -> None:
            while len(runs) < len(suites) and sum(run.goes_on() for run in runs) < AT_ONCE:
                runs.append(Run(suites[len(runs)], extra, Path(folder) / str(len(runs))))

        begin()
        for run in runs:  # it grows meanwhile
            say("", f"== {run.suite.name}")
            while run.goes_on():
                run.show()
                time.sleep(0.1)
                begin()
            run.show()
            results.append(run.result())
            begin()
    return results


def main(argv: Sequence[str]) -> int:
    own, extra = list(argv), []
    if "--" in own:
        cut = own.index("--")
        own, extra = own[:cut], own[cut + 1 :]
    sqlite = SQLITE if shutil.which("redis-server") else SQLITE_WITHOUT_REDIS
    # The longest first, so that little is left for the end, when a core has nothing to do
    suites = {"sqlite": sqlite, "postgres": POSTGRES, "browser": BROWSER, "simulation": SIMULATION}
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
