"""What a set is filled in with: the prescription, and what was really done the last time."""

from decimal import Decimal

import pytest

from clients.recording import SetEntry
from clients.remembering import LastTime, filled_in

TWELVE = SetEntry(reps=12)


def last(asked=TWELVE, load=None, band="", **sets):
    return LastTime(asked, {int(n[1:]): entry for n, entry in sets.items()}, load, band)


def test_without_a_last_time_it_is_the_prescription():
    assert filled_in(TWELVE, 1, LastTime()) == TWELVE


def test_weight_and_band_are_always_those_of_the_last_time():
    found = filled_in(SetEntry(reps=8), 1, last(load=Decimal(4), band="green"))

    assert (found.reps, found.load_kg, found.band) == (8, Decimal(4), "green")


@pytest.mark.parametrize(("did", "filled"), [(9, 9), (12, 12), (15, 12), (0, 12), (None, 12)])
def test_fewer_than_asked_are_kept_and_more_never(did, filled):
    assert filled_in(TWELVE, 1, last(s1=SetEntry(reps=did))).reps == filled


def test_each_set_remembers_its_own():
    before = last(s1=SetEntry(reps=12), s2=SetEntry(reps=9))

    assert [filled_in(TWELVE, n, before).reps for n in (1, 2, 3)] == [12, 9, 12]


def test_changed_prescription_counts_as_it_is():
    assert filled_in(SetEntry(reps=10), 1, last(s1=SetEntry(reps=6))).reps == 10


def test_seconds_are_kept_the_same_way():
    held = SetEntry(seconds=45)

    assert filled_in(held, 1, last(asked=held, s1=SetEntry(seconds=30))).seconds == 30
