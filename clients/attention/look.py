"""Writes down who needs the therapist, so that the front page of a clinic need not look at everybody's records.

One way for one client and for many: a look at one is a round of one. It is written with each look at the evidence,
after each decision, and once a day for what time alone brings (silence, an end that comes near).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from clients.attention.decide import decide
from clients.attention.facts import Found
from clients.attention.gather import facts_of
from clients.models import Client, Need
from clients.progression.gather import Case, cases_of

WRITTEN = ["client", "rank", "rises", "since", "key", "evidence"]
COMPARED = ["client_id", *WRITTEN[1:]]


def look(moments: Mapping[Client, datetime], cases: Mapping[int, Sequence[Case]] | None = None) -> None:
    """Writes the needs of these clients as of their moment. `cases` spare gathering the evidence again."""
    if not moments:
        return
    if cases is None:
        cases = cases_of(moments)
    found = {pk: decide(facts) for pk, facts in facts_of(moments, cases).items()}
    write(found)


@transaction.atomic
def write(found: Mapping[int, Sequence[Found]]) -> None:
    """Only what differs is written; what is not found any more is gone."""
    known = {(need.assignment_id, need.kind): need for need in Need.objects.filter(client__in=list(found))}
    wanted = {
        (each.program, str(each.kind)): need_of(client, each)
        for client, needs in found.items()
        for each in needs
    }
    gone = [need.pk for place, need in known.items() if place not in wanted]
    changed = [need for place, need in wanted.items() if not same(need, known.get(place))]
    if gone:
        Need.objects.filter(pk__in=gone).delete()
    if changed:
        Need.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["assignment", "kind"],
            update_fields=WRITTEN,
        )


def need_of(client: int, found: Found) -> Need:
    return Need(
        client_id=client,
        assignment_id=found.program,
        kind=found.kind,
        rank=found.rank,
        rises=found.rises,
        since=found.since,
        key=found.key,
        evidence=found.evidence,
    )


def same(need: Need, known: Need | None) -> bool:
    return known is not None and all(getattr(need, name) == getattr(known, name) for name in COMPARED)
