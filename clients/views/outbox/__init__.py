"""What a device kept until there was a network, and what it keeps to do without one: entries in, plans out."""

from clients.views.outbox.planning import outbox_plan
from clients.views.outbox.receiving import outbox

__all__ = ["outbox", "outbox_plan"]
