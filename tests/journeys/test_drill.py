"""The drill of the outbox in small: real scripts over a network that breaks at random (C1, C2, D1, D2).

The whole drill has 500 sessions: `manage.py drill outbox`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from playwright.sync_api import Browser

from clients.demo.builders import make_practice
from clients.demo.drilling import VIOLATIONS, one_session

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

SESSIONS = 3


def drill(browser: Browser, live_server: Any, *, control: bool) -> Counter[str]:
    make_practice()
    found: Counter[str] = Counter(dict.fromkeys(VIOLATIONS, 0))
    for number in range(SESSIONS):
        one_session(browser, live_server.url, number, 7, found, control=control)
    return found


def test_sessions_over_a_network_that_breaks_are_recorded_once(browser: Browser, live_server: Any) -> None:
    assert dict(drill(browser, live_server, control=False)) == dict.fromkeys(VIOLATIONS, 0)


def test_without_the_key_of_the_device_sets_come_out_twice(browser: Browser, live_server: Any) -> None:
    """The control: a key that is made when it is sent."""
    assert drill(browser, live_server, control=True)["twice"] > 0
