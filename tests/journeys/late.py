"""A server that is far away, or busy, and a phone that is slow: what a journey leaves to luck shows under `LATE=1`, and
under `SLOW=6`.

E2E=require LATE=1 python -m tests.harness.browser python -m pytest -m e2e
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.staticfiles.handlers import StaticFilesHandler
from playwright.sync_api import BrowserContext, Page


def make_late(seconds: float) -> None:
    """Each script comes that late, so that its page stands without it for a while, and everything else by a quarter."""
    answered: Callable[..., Iterable[bytes]] = StaticFilesHandler.__call__

    def answer(self: StaticFilesHandler, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        time.sleep(seconds if environ["PATH_INFO"].endswith(".js") else seconds / 4)
        return answered(self, environ, start_response)

    StaticFilesHandler.__call__ = answer  # type: ignore[method-assign]


def make_slow(context: BrowserContext, times: float) -> None:
    """Each page of that browser thinks that many times slower."""

    def slow(page: Page) -> None:
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": times})

    context.on("page", slow)
