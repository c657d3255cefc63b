"""The cast and the tools of every test. The people are made by the demo's own builders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client as Web


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The catalogue is reference data: seeded once for each test database."""
    with django_db_blocker.unblock():
        call_command("seed_catalogue", verbosity=0)


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """Rate limits live in the cache."""
    cache.clear()


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def web_as() -> Callable[..., Web]:
    """A signed-in HTTP client: `web_as(user)`."""

    def sign_in(user: Any) -> Web:
        web = Web()
        web.force_login(user)
        return web

    return sign_in
