from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.reminders.sink import Sink, running


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """A mail server to which the application is connected."""
    with running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        settings.EMAIL_TIMEOUT = 5
        yield server
