"""Waiting for what no element of the page tells."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

PATIENCE = 30  # seconds. Only a failure takes them; what else the machine has to do is no failure


def until(page: Page, holds: Callable[[], object]) -> None:
    """Asked again and again from here: the page's policy forbids to evaluate within, and its clock may stand still."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            pytest.fail(f"It did not hold for {PATIENCE} seconds.")
        page.wait_for_timeout(50)


def until_it_says(page: Page, script: str) -> None:
    """Until the script, evaluated in the page, comes to something true."""
    until(page, lambda: page.evaluate(script))


def bar(page: Page) -> Locator:
    """What says "n not sent"."""
    return page.locator("[data-outbox]")


def expect_all_sent(page: Page) -> None:
    """That nothing waits on the device: a bar that is hidden may only not have looked yet, or keep quiet for a moment."""
    expect(bar(page)).to_have_attribute("data-count", "0")
    expect(bar(page)).to_be_hidden()
