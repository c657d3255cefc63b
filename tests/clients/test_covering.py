"""A colleague covers from one day to another: given with a reason, ending by itself, never overlapping."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from clients.care import CareChanged
from clients.covering import (
    NobodyToCover,
    answered_for,
    covered_by,
    covers_of,
    end_covers,
    give_cover,
    hand_over_all,
    whole_days,
)
from clients.demo import builders
from clients.demo.builders import NOW
from clients.enrolling import end_care
from clients.models import CareDecision, CareTeam, Client, User
from tests.together import together

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def adam() -> User:
    return builders.make_therapist(name="Adam")


@pytest.fixture
def berta() -> User:
    return builders.make_therapist(name="Berta")


@pytest.fixture
def clients(adam: User) -> list[Client]:
    return [builders.make_client(name=name, therapist=adam) for name in ("Ana", "Ben", "Carla")]


def give(clients: list[Client], to: User, first: int, last: int, **more: Any) -> int:
    """From the beginning of a day to the end of another, counted from now."""
    given: dict[str, Any] = {
        "since": NOW + first * DAY,
        "until": NOW + last * DAY,
        "by": builders.responsible(clients[0]),
        "reason": "Holidays.",
        "now": NOW,
        **more,
    }
    return give_cover(clients, to=to, **given)


def covers(therapist: User) -> list[tuple[str, int, int]]:
    """Whom they cover, and from which day to which, counted from now."""
    rows = CareTeam.objects.filter(therapist=therapist, capacity="cover").order_by("client__name", "since")
    return [(row.client.name, (row.since - NOW).days, (row.until - NOW).days) for row in rows]


# ---- Giving ---------------------------------------------------------------------------------------------------------


def test_colleague_sees_the_clients_from_then_to_then_and_each_has_a_decision(
    clients: list[Client], adam: User, berta: User
) -> None:
    number = give(clients, berta, 1, 14)

    seen = [Client.objects.visible_to(berta, at=NOW + day * DAY).count() for day in (0, 1, 13, 14)]
    rows = CareDecision.objects.filter(kind="covered", therapist=berta, by=adam, reason="Holidays.", at=NOW)
    assert (number, seen) == (3, [0, 3, 3, 0])
    assert {(row.client.name, row.since, row.until) for row in rows} == {
        (client.name, NOW + DAY, NOW + 14 * DAY) for client in clients
    }


def test_cover_sees_and_decides_nothing_about_care(clients: list[Client], adam: User, berta: User) -> None:
    give(clients[:1], berta, 0, 14)

    assert list(answered_for(berta, NOW)) == []
    assert list(answered_for(adam, NOW)) == clients


@pytest.mark.parametrize(
    ("there", "given", "left"),
    [
        ([(5, 9)], (1, 14), [("Ana", 1, 14)]),
        ([(1, 20)], (5, 9), [("Ana", 1, 20)]),
        ([(5, 20)], (1, 9), [("Ana", 1, 20)]),
        ([(1, 3), (5, 9)], (2, 6), [("Ana", 1, 9)]),
        ([(-2, 3)], (2, 9), [("Ana", -2, 9)]),
        ([(-2, 3)], (5, 9), [("Ana", -2, 3), ("Ana", 5, 9)]),
        ([(-9, -5)], (1, 3), [("Ana", -9, -5), ("Ana", 1, 3)]),
        ([(1, 3)], (3, 5), [("Ana", 1, 5)]),
    ],
)
def test_what_overlaps_becomes_one_cover(
    clients: list[Client],
    berta: User,
    there: list[tuple[int, int]],
    given: tuple[int, int],
    left: list[tuple[str, int, int]],
) -> None:
    for first, last in there:
        CareTeam.objects.create(
            client=clients[0],
            therapist=berta,
            capacity="cover",
            since=NOW + first * DAY,
            until=NOW + last * DAY,
        )

    if left == [("Ana", 1, 20)] and given == (5, 9):
        with pytest.raises(NobodyToCover):
            give(clients[:1], berta, *given)
    else:
        give(clients[:1], berta, *given)

    assert covers(berta) == left


def test_covers_of_two_colleagues_stand_beside_each_other(clients: list[Client], berta: User) -> None:
    carl = builders.make_therapist(name="Carl")

    give(clients[:1], berta, 1, 9)
    give(clients[:1], carl, 5, 14)

    assert (covers(berta), covers(carl)) == ([("Ana", 1, 9)], [("Ana", 5, 14)])


def test_who_answers_is_left_out(clients: list[Client], adam: User, berta: User) -> None:
    own = builders.make_client(name="Dora", therapist=berta)

    assert give([*clients, own], berta, 1, 3) == 3
    with pytest.raises(NobodyToCover):
        give(clients, adam, 1, 3)
    assert ("Dora", 1, 3) not in covers(berta)


@pytest.mark.parametrize("who", ["client", "office", "gone"])
def test_only_who_gives_care_covers_or_answers(clients: list[Client], adam: User, who: str) -> None:
    forged = {
        "client": clients[1].user,
        "office": builders.make_office(),
        "gone": builders.make_therapist(is_active=False),
    }[who]

    with pytest.raises(CareChanged):
        give(clients[:1], forged, 1, 3)
    with pytest.raises(CareChanged):
        hand_over_all(adam, to=forged, by=adam, reason="Away.", now=NOW)

    assert not CareDecision.objects.exists()
    assert CareTeam.objects.filter(client__in=clients).count() == 3


def test_cover_sent_twice_is_given_once(clients: list[Client], berta: User) -> None:
    key = uuid4()
    give(clients, berta, 1, 3, key=key)

    with pytest.raises(CareChanged):
        give(clients, berta, 1, 9, key=key)

    assert covers(berta) == [("Ana", 1, 3), ("Ben", 1, 3), ("Carla", 1, 3)]
    assert CareDecision.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_cover_sent_by_several_at_once_is_given_once() -> None:
    client, berta, key = builders.make_client(name="Ana"), builders.make_therapist(name="Berta"), uuid4()

    outcomes = together(lambda: give([client], berta, 1, 3, key=key), times=3)

    assert [each for each in outcomes if each == 1] == [1]
    assert covers(berta) == [("Ana", 1, 3)]
    assert CareDecision.objects.count() == 1


def test_number_of_queries_grows_only_by_one_row_a_client(
    adam: User, berta: User, django_assert_max_num_queries: Any
) -> None:
    many = [builders.make_client(name=f"Client {number}", therapist=adam) for number in range(6)]

    with django_assert_max_num_queries(8 + 2 * len(many)):
        give(many, berta, 1, 3)


# ---- Ending ---------------------------------------------------------------------------------------------------------


def test_cover_ended_earlier_ends_now_and_one_ahead_never_was(
    clients: list[Client], adam: User, berta: User
) -> None:
    give(clients[:1], berta, -1, 14)
    give(clients[1:2], berta, 3, 14)

    number = end_covers(CareTeam.objects.filter(therapist=berta), by=adam, reason="Back early.", now=NOW)
    again = end_covers(CareTeam.objects.filter(therapist=berta), by=adam, reason="Back early.", now=NOW)

    assert (number, again) == (2, 0)
    assert covers(berta) == [("Ana", -1, 0)]
    assert CareDecision.objects.filter(kind="cover_ended", reason="Back early.").count() == 2
    assert not Client.objects.visible_to(berta, at=NOW).exists()


def test_responsibility_is_not_ended_as_a_cover(clients: list[Client], adam: User) -> None:
    assert end_covers(CareTeam.objects.filter(therapist=adam), by=adam, reason="No.", now=NOW) == 0
    assert CareTeam.objects.filter(therapist=adam, until__isnull=True).count() == 3


# ---- All over to a colleague ------------------------------------------------------------------------------------------


def test_all_in_care_go_to_one_colleague_with_a_decision_each(
    clients: list[Client], adam: User, berta: User
) -> None:
    end_care(clients[2], by=adam, reason="All is well.", now=NOW)

    number = hand_over_all(adam, to=berta, by=adam, reason="Moving away.", now=NOW)

    assert number == 2
    assert list(Client.objects.visible_to(berta)) == clients[:2]
    rows = CareDecision.objects.filter(kind="handed_over", therapist=berta, reason="Moving away.")
    assert {row.client for row in rows} == set(clients[:2])


def test_all_or_nobody_is_handed_over(clients: list[Client], adam: User) -> None:
    with pytest.raises(CareChanged):
        hand_over_all(adam, to=adam, by=adam, reason="To myself.", now=NOW)

    assert CareTeam.objects.filter(therapist=adam, until__isnull=True).count() == 3
    assert not CareDecision.objects.exists()


# ---- Days and lists -----------------------------------------------------------------------------------------------------


def test_whole_days_are_those_of_the_practice_s_clock() -> None:
    zone = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 3, 28, 10, tzinfo=UTC)

    ahead = whole_days(date(2026, 3, 29), date(2026, 3, 29), zone, now)  # the clocks go forward on this day
    begun = whole_days(date(2026, 3, 28), date(2026, 3, 28), zone, now)

    assert ahead == (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))
    assert begun == (now, datetime(2026, 3, 28, 23, tzinfo=UTC))


@pytest.mark.parametrize("number", [1, 3])
def test_covers_are_grouped_in_two_queries(
    adam: User, berta: User, number: int, django_assert_num_queries: Any
) -> None:
    clients = [builders.make_client(name=f"Client {n}", therapist=adam) for n in range(number)]
    give(clients, berta, -1, 14)
    give(clients[:1], builders.make_therapist(name="Carl"), 2, 5)

    with django_assert_num_queries(2):
        found = covers_of(CareTeam.objects.all(), NOW)

    assert [(each.therapist.name, str(each.answers), each.number, each.begun) for each in found] == [
        ("Carl", "Adam", 1, False),
        ("Berta", "Adam", number, True),
    ]
    assert [each.number for each in covered_by(berta, NOW)] == [number]
    assert covered_by(builders.make_office(), NOW) == []
