"""A server that is far away, or busy. Under `LATE=1` what a journey leaves to luck shows:

    E2E=require LATE=1 python -m tests.harness.browser python -m pytest -m e2e
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.staticfiles.handlers import StaticFilesHandler


def make_late(seconds: float) -> None:
    """Every script comes that late, so that its page stands without it for a while; pages at most that late, by chance."""
    answered: Callable[..., Iterable[bytes]] = StaticFilesHandler.__call__

    def answer(self: StaticFilesHandler, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        scripts = environ["PATH_INFO"].endswith(".js")
        time.sleep(seconds if scripts else random.uniform(0, seconds) / 2)
        response = answered(self, environ, start_response)
        time.sleep(0 if scripts else random.uniform(0, seconds) / 2)
        return response

    StaticFilesHandler.__call__ = answer  # type: ignore[method-assign]
