"""Several requests at the same moment: real threads, each with its own connection to the database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection


def together(act: Callable[..., Any], *, times: int, numbered: bool = False) -> list[Any]:
    """Runs `act` in as many threads, which all begin at once; what each returned or, if it raised, its error.

    With `numbered` each gets its number, from 0. The test must be transactional, or nobody sees anybody's rows.
    """
    start = Barrier(times)

    def one(number: int) -> Any:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            return act(number) if numbered else act()
        except Exception as error:  # noqa: BLE001 -- the test looks at what became of each
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))
