"""A visit with findings, as these tests ask for it."""

from datetime import timedelta

from clients.demo.builders import NOW, new_key, responsible
from clients.models import Client, Finding, Visit
from routines.models import Muscle


def make_visit(client: Client, *found: tuple[str, str, str, int], days: int = 0) -> Visit:
    """Muscle, side, tight or weak, rating; held so many days after the others."""
    visit = Visit.objects.create(
        client=client,
        held_on=NOW.date() + timedelta(days=days - 3),
        by=responsible(client),
        opened_at=NOW,
        closed_at=NOW,
        key=new_key(),
    )
    for muscle, side, state, rating in found:
        Finding.objects.create(
            visit=visit, muscle=Muscle.objects.get(slug=muscle), side=side, state=state, rating=rating
        )
    return visit
