"""The workplace's pages about people. Every way to a client goes through `clients.access.get_client_for_staff`."""

from clients.admin import assignments, catalogue, correspondence, people, practice, training

__all__ = ["assignments", "catalogue", "correspondence", "people", "practice", "training"]
