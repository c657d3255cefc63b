"""The tool cupboard: what is ticked, what is missing, what takes the place of a forbidden exercise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clients.care import NotInCare
from clients.cupboard import (
    Cupboard,
    cupboard_of,
    cupboards_of,
    home_on_file,
    keep_tools,
    missing_tools,
    missing_words,
    tools_to_tick,
)
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import Client, HomeSetup, User
from clients.planning import gather
from clients.replacing import Replacement, first_allowed
from clients.safety import Verdict
from routines.drafting.facts import IN_EVERY_HOME
from routines.models import Dose, Equipment, Exercise

BALL, ROLLER = "massage_ball", "foam_roller"
TODAY = NOW.date()


def tools(*slugs: str) -> list[Equipment]:
    return list(Equipment.objects.filter(slug__in=slugs))


def tick(client: Client, *slugs: str, **said: Any) -> None:
    given = {"shown": tools_to_tick(), "by": client.user, "now": NOW, **said}
    keep_tools(client, tools(*slugs), **given)


# ---- What is at home ------------------------------------------------------------------------------------------------


def test_never_asked_is_not_nothing_at_home(client: Client) -> None:
    assert cupboard_of(client).have is None

    tick(client)
    assert cupboard_of(client).have == frozenset()


def test_tools_are_as_they_were_ticked_last(client: Client, therapist: User) -> None:
    tick(client, BALL, ROLLER)
    tick(client, ROLLER, by=therapist, now=NOW + timedelta(days=1))
    home = HomeSetup.objects.get()

    assert cupboard_of(client).have == {ROLLER}
    assert (home.tools_by, home.tools_at) == (therapist, NOW + timedelta(days=1))
    assert (home.level, home.minutes) == (None, None)  # nobody said


def test_ticking_leaves_the_rest_of_what_the_therapist_noted(client: Client) -> None:
    home = HomeSetup.objects.create(client=client, level=1, minutes=10, floor=False)
    home.tools.set(tools("mat", BALL))
    tick(client, ROLLER)
    home.refresh_from_db()

    assert cupboard_of(client).have == {"mat", ROLLER}
    assert (home.level, home.minutes, home.floor) == (1, 10, False)


def test_nobody_ticks_after_care_has_ended(client: Client) -> None:
    Client.objects.filter(pk=client.pk).update(ended_at=NOW)

    with pytest.raises(NotInCare):
        tick(client, BALL)
    assert not HomeSetup.objects.exists()


def test_nobody_ticks_a_wall_or_what_is_retired(client: Client) -> None:
    Equipment.objects.filter(slug="stick").update(retired_at=NOW)
    offered = {tool.slug for tool in tools_to_tick()}

    assert BALL in offered
    assert not offered & (IN_EVERY_HOME | {"stick"})


def test_cupboards_of_many_cost_one_query(client: Client, django_assert_num_queries: Any) -> None:
    other = builders.make_client()
    tick(client, BALL, ROLLER)

    with django_assert_num_queries(1):
        found = cupboards_of([client.pk, other.pk])
    assert (found[client.pk].have, found[other.pk].have) == ({BALL, ROLLER}, None)


# ---- What is missing ------------------------------------------------------------------------------------------------


def test_missing_is_what_is_needed_and_neither_ticked_nor_in_every_home(client: Client) -> None:
    needed = tools(BALL, ROLLER, "wall")

    assert Cupboard(None).missing(needed) == ()
    assert {tool.slug for tool in Cupboard(frozenset()).missing(needed)} == {BALL, ROLLER}
    assert [tool.slug for tool in Cupboard(frozenset({BALL})).missing(needed)] == [ROLLER]


def test_missing_tools_are_named_for_each_exercise(client: Client, django_assert_num_queries: Any) -> None:
    ball = Exercise.objects.get(slug="smr_buttock_ball_wall").pk
    bridge = Exercise.objects.get(slug="bridge").pk
    assert missing_tools(client, [ball, bridge]) == {}

    tick(client)
    with django_assert_num_queries(2):
        found = missing_tools(client, [ball, bridge])
    assert {pk: [tool.slug for tool in rows] for pk, rows in found.items()} == {ball: [BALL]}

    tick(client, BALL)
    assert missing_tools(client, [ball, bridge]) == {}


@pytest.mark.django_db
def test_client_reads_what_does_instead() -> None:
    [ball], [band] = tools(BALL), tools("mini_band")

    assert missing_words(ball).endswith("This does it: a tennis ball in a sock.")
    assert missing_words(band).endswith("Ask your therapist what does instead.")


def test_therapist_reads_who_told_and_what_the_plan_lacks(client: Client) -> None:
    ball = Exercise.objects.get(slug="smr_buttock_ball_wall").pk
    assert home_on_file(client, [ball]).cupboard.have is None

    tick(client, ROLLER)
    found = home_on_file(client, [ball])
    assert found.setup is not None
    assert found.setup.tools_by == client.user
    assert [tool.slug for tool in found.tools] == [ROLLER]
    assert [tool.slug for tool in found.missing[ball]] == [BALL]


# ---- Instead of a forbidden exercise ----------------------------------------------------------------------------------


def version(pk: int, level: int, *needs: str) -> Replacement:
    return Replacement(pk, "not_sided", Dose(1, 8, 3, None, 0, 1, 7), {"level": level}, frozenset(needs))


@pytest.mark.parametrize(
    ("offered", "have", "chosen"),
    [
        ([version(1, 1, BALL), version(2, 1)], None, 1),  # nobody said what is at home
        ([version(1, 1, BALL), version(2, 1)], set(), 2),
        ([version(1, 1, BALL), version(2, 1)], {BALL}, 1),
        ([version(1, 1, "wall"), version(2, 1)], set(), 1),  # a wall is in every home
        ([version(1, 1, BALL), version(2, 2)], set(), 2),  # not harder than what was asked
        ([version(1, 1, BALL), version(2, 3)], set(), 1),  # a missing tool makes nothing harder
        ([version(1, 1, BALL)], set(), 1),  # nothing is withheld for it
    ],
)
def test_replacement_that_lacks_its_tool_comes_last_of_those_that_are_not_harder(
    offered: list[Replacement], have: set[str] | None, chosen: int
) -> None:
    found = first_allowed(offered, "none", lambda _pk, _side: Verdict(), level=2, have=have)

    assert found is not None
    assert found.exercise_id == chosen


def test_plan_of_a_client_with_a_condition_knows_the_cupboard(client: Client) -> None:
    builders.assign(client)
    builders.tag(client, "osteoporosis")
    builders.tag(client, "broken_or_infected_skin", "buttock")
    tick(client, ROLLER)

    assert gather(client, TODAY, TODAY).cupboard.have == {ROLLER}
