"""`practice.py check`: all that can be said about the code without running its tests. `--fix` formats instead."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from practice import ROOT, VENV, say
from tests.harness.around import without_settings

PYTHON = sys.executable
DJADE = [str(VENV / "bin" / "djade"), "--target-version", "5.2"]
TEMPLATES = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*.html"))]
CONCISE = ["--output-format", "concise"]
IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
FOR_TESTS = {"DJANGO_SETTINGS_MODULE": "trainandmassage.test_settings"}
# Of a practice that is safely on the web; none of it is ever connected to
IN_PRODUCTION = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "practice.example",
    "SITE_URL": "https://practice.example",
    "DATABASE_URL": "postgresql://practice:secret@db.example/practice",
    "BROKER_URL": "redis://redis.example/0",
    "CACHE_URL": "redis://redis.example/1",
    "EMAIL_URL": "smtp://practice:secret@mail.example:587/?tls=1",
    "FROM_EMAIL": "practice@practice.example",
}


@dataclass(frozen=True)
class Check:
    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)

    def run(self) -> tuple[bool, str, float]:
        """Whether it passed, what it said, and the seconds that it took."""
        started = time.monotonic()
        done = subprocess.run(
            self.command,
            cwd=ROOT,
            env={**without_settings(os.environ), **self.env},
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return done.returncode == 0, done.stdout, time.monotonic() - started


CHECKS = [
    Check("types", [PYTHON, "-m", "mypy"]),
    Check("code", [PYTHON, "-m", "ruff", "check", *CONCISE]),
    Check("format of the code", [PYTHON, "-m", "ruff", "format", "--check", *CONCISE]),
    Check("import contracts", [PYTHON, "-c", IMPORTS, "--no-logo", "--cache-dir", ".var/cache/imports"]),
    Check("format of the templates", [*DJADE, "--check", *TEMPLATES]),
    Check("templates", [PYTHON, "-m", "djlint", "--lint", "--quiet", "templates"]),
    Check("translations compiled", [PYTHON, "-m", "tests.harness.translations"]),
    Check("no migration missing", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"], FOR_TESTS),
    Check(
        "fit for production",
        [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        IN_PRODUCTION,
    ),
]


def check() -> int:
    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for one, (passed, output, seconds) in zip(CHECKS, pool.map(Check.run, CHECKS), strict=True):
            say(f"{'ok    ' if passed else 'FAILED'} {one.name} ({seconds:.1f} s)")
            if not passed:
                say(output.rstrip(), "")
                failed.append(one.name)
    say(
        "",
        "== result",
        f"Check: FAILED, {', '.join(failed)}" if failed else f"Check: all {len(CHECKS)} passed",
    )
    return 1 if failed else 0


def fix() -> int:
    tidy = [
        [PYTHON, "-m", "ruff", "check", "--fix", "--quiet", "--exit-zero"],
        [PYTHON, "-m", "ruff", "format"],
        [PYTHON, "-m", "tests.harness.translations", "--write"],
    ]
    for command in tidy:
        subprocess.run(command, cwd=ROOT, check=True)
    subprocess.run(
        [*DJADE, *TEMPLATES], cwd=ROOT, check=False
    )  # its code only says whether it changed anything
    return 0


if __name__ == "__main__":
    sys.exit(fix() if "--fix" in sys.argv[1:] else check())
