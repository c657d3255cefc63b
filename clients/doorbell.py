"""The doorbell: the worker hears at once of what waits for it, and the clock would come to that anyway."""

from __future__ import annotations

import logging
from typing import Any

from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def ring_for(task: Any, *, waits: str) -> None:
    """Ask for this task of Celery. When no one hears it, its next round finds what `waits`."""
    try:
        task.apply_async(retry=False)
    except (OperationalError, OSError) as error:
        log.warning(
            "The doorbell does not ring (%s); what waits for the clock: %s.", type(error).__name__, waits
        )
