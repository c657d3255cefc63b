"""The tools that a client has at home: what they tick, and what an exercise needs that is not there.

Nothing is withheld because a tool is missing: the client reads what does instead of it, the therapist that it is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.examining import keep_in_care
from clients.models import Client, HomeSetup, User
from routines.drafting.facts import IN_EVERY_HOME
from routines.models import Equipment, Exercise
from routines.wording import in_sentence

Needs = Mapping[int, tuple[Equipment, ...]]


@dataclass(frozen=True)
class Cupboard:
    """What is at home, by slug; None: nobody was asked yet, which is not the same as nothing."""

    have: frozenset[str] | None = None

    def missing(self, tools: Iterable[Equipment]) -> tuple[Equipment, ...]:
        """Those of these tools that are not at home. Pure."""
        if self.have is None:
            return ()
        return tuple(tool for tool in tools if tool.slug not in self.have | IN_EVERY_HOME)


def cupboard_of(client: Client) -> Cupboard:
    return cupboards_of([client.pk])[client.pk]


def cupboards_of(clients: Collection[int]) -> dict[int, Cupboard]:
    """For each of these clients what is at home. One query."""
    found: dict[int, set[str]] = {}
    rows = HomeSetup.objects.filter(client__in=clients, tools_at__isnull=False)
    for pk, slug in rows.values_list("client_id", "tools__slug"):
        found.setdefault(pk, set()).update([slug] if slug else [])
    return {pk: Cupboard(frozenset(found[pk]) if pk in found else None) for pk in clients}


def tools_to_tick() -> list[Equipment]:
    """What may be at home or not; a wall is everywhere. What the client ticked stays although it was retired."""
    return list(Equipment.objects.in_use().exclude(slug__in=IN_EVERY_HOME))


@transaction.atomic
def keep_tools(
    client: Client, tools: Collection[Equipment], *, shown: Collection[Equipment], by: User, now: datetime
) -> None:
    """These of the `shown` tools are at home, the others of them are not. Raises NotInCare."""
    keep_in_care(client)
    values = {"tools_at": now, "tools_by": by}
    home, _made = HomeSetup.objects.update_or_create(client=client, defaults=values)
    home.tools.remove(*shown)
    home.tools.add(*tools)


def missing_tools(client: Client, exercises: Collection[int]) -> Needs:
    """For each of these exercises the tools that it needs and that are not at home. At most two queries."""
    return missing_of(cupboard_of(client), exercises)


def missing_of(cupboard: Cupboard, exercises: Collection[int]) -> Needs:
    """The same for a cupboard that was read. One query, none where nobody was asked."""
    if cupboard.have is None:
        return {}
    needs: dict[int, list[Equipment]] = {}
    rows = Exercise.equipment.through.objects.filter(exercise__in=exercises)
    for row in rows.select_related("equipment").order_by("equipment__name"):
        needs.setdefault(row.exercise_id, []).append(row.equipment)
    found = {pk: cupboard.missing(tools) for pk, tools in needs.items()}
    return {pk: tools for pk, tools in found.items() if tools}


def missing_words(tool: Equipment) -> str:
    """What the client reads beside the exercise."""
    words = {"tool": in_sentence(str(tool)), "substitute": tool.text("substitute")}
    if not words["substitute"]:
        return _("You have not ticked at home: %(tool)s. Ask your therapist what does instead.") % words
    return _("You have not ticked at home: %(tool)s. This does it: %(substitute)s.") % words


@dataclass(frozen=True)
class HomeOnFile:
    """What the therapist reads: the row of the client, what of it is worth naming, what the plan's exercises lack."""

    setup: HomeSetup | None
    cupboard: Cupboard
    tools: tuple[Equipment, ...]
    missing: Needs


def home_on_file(client: Client, exercises: Collection[int]) -> HomeOnFile:
    """Three queries at most."""
    setup = (
        HomeSetup.objects.filter(client=client).select_related("tools_by").prefetch_related("tools").first()
    )
    told = setup is not None and setup.tools_at is not None
    tools = tuple(setup.tools.all()) if setup and told else ()
    cupboard = Cupboard(frozenset(tool.slug for tool in tools) if told else None)
    named = tuple(tool for tool in tools if tool.slug not in IN_EVERY_HOME)
    return HomeOnFile(setup, cupboard, named, missing_of(cupboard, exercises))
