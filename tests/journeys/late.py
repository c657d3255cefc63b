"""A server that is far away, or busy. Under `LATE=1` what a journey leaves to luck shows:

E2E=require LATE=1 python -m tests.harness.browser python -m pytest -m e2e
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.staticfiles.handlers import StaticFilesHandler


def make_late(seconds: float) -> None:
    """Each script comes that late, so that its page stands without it for a while, and everything else by a quarter."""
    answered: Callable[..., Iterable[bytes]] = StaticFilesHandler.__call__

    def answer(self: StaticFilesHandler, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        time.sleep(seconds if environ["PATH_INFO"].endswith(".js") else seconds / 4)
        return answered(self, environ, start_response)

    StaticFilesHandler.__call__ = answer  # type: ignore[method-assign]
