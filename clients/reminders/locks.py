"""Rows that another process is busy with."""

from __future__ import annotations

from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def not_in_other_hands(rows: QuerySet[Row]) -> QuerySet[Row]:
    """On PostgreSQL, leave out rows that another planner or sender has locked; to be called in a transaction.

    It only saves work. SQLite ignores such locks without a word, so what keeps two processes from doing the same
    is always the conditional UPDATE that follows.
    """
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True, of=("self",))
    return rows
