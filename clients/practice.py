"""The practice's row for code and pages."""

from __future__ import annotations

from clients.models import Practice


def this_practice() -> Practice | None:
    """The practice, or None before `start_practice` or the demo has made it."""
    return Practice.objects.first()
