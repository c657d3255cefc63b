"""Asks for a look at a client after something was decided: any rule may ask, whatever the look itself needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from clients.models import Client


@dataclass
class Look:
    """A look at one client, once for each transaction however much was decided in it."""

    client: Client
    now: datetime

    def __post_init__(self) -> None:
        # Django names by it what failed after the commit, and would fail there itself
        self.__qualname__ = type(self).__qualname__

    def __call__(self) -> None:
        # A look reads plans, and plans are made with rules that ask for a look
        from clients.attention.look import look  # noqa: PLC0415 -- see above

        look({self.client: self.now})


def look_again(client: Client, now: datetime) -> None:
    """Looks at the client once what was decided is safely stored; a defect there undoes no decision."""
    for _savepoint, waiting, _robust in transaction.get_connection().run_on_commit:
        if isinstance(waiting, Look) and waiting.client == client:
            waiting.now = max(waiting.now, now)
            return
    transaction.on_commit(Look(client, now), robust=True)
