"""What is refused because of how the care of a client stands."""

from __future__ import annotations

from django.utils.translation import gettext as _

from clients.models import Client


class CareChanged(ValueError):
    """Somebody decided about the care of this client in the meantime; the text says what holds now."""


class NotInCare(CareChanged):
    """The care of this client has ended."""

    def __init__(self, client: Client) -> None:
        super().__init__(_("The care of %(client)s has ended already.") % {"client": client.name})


def require_care(client: Client) -> None:
    """Before anything new is written down that the client or somebody for them tells. Raises NotInCare."""
    if client.ended_at is not None:
        raise NotInCare(client)
