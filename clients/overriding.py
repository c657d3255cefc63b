"""Warnings about a program that were overridden with a reason: what stands, what is added, what ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from clients.models import Client, User, WarningOverride
from routines.models import Program


@dataclass(frozen=True)
class Given:
    """A reason for one warning. `personal`: it is about the client, and holds for no other."""

    warning: str
    about: str
    sentence: str
    reason: str
    personal: bool = False


def standing(program: Program, client: Client | None, user: Any) -> QuerySet[WarningOverride]:
    """What was overridden in this program, and for this client where there is one, as this person sees it."""
    rows: QuerySet[WarningOverride] = WarningOverride.objects.visible_to(user).standing()
    of = Q(client__isnull=True) if client is None else Q(client__isnull=True) | Q(client=client)
    return rows.filter(of, program=program.pk).select_related("by")


@transaction.atomic
def keep(
    program: Program,
    client: Client | None,
    given: Iterable[Given],
    *,
    holding: Collection[str],
    taken_back: Collection[str] = (),
    by: User,
    now: datetime,
) -> None:
    """What is `holding` no more, or was taken back, ends; each reason is a row. The same one sent twice is one."""
    rows = standing(program, client, by)
    rows.filter(~Q(about__in=holding) | Q(about__in=taken_back)).update(ended_at=now)
    WarningOverride.objects.bulk_create(
        [
            WarningOverride(
                program=program,
                client=client if each.personal else None,
                warning=each.warning,
                about=each.about,
                sentence=each.sentence,
                reason=each.reason,
                by=by,
                at=now,
            )
            for each in given
            if client is not None or not each.personal
        ],
        ignore_conflicts=True,
    )
