"""The cast of the workplace: two therapists, each with a client of their own, the owner and the office."""

from __future__ import annotations

from typing import Any

import pytest

from clients.demo import builders
from clients.models import Client, Practice, User


@pytest.fixture(autouse=True)
def plain_sign_in(settings: Any) -> None:
    """The second factor has tests of its own."""
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture(autouse=True)
def practice(db: None) -> Practice:
    return builders.make_practice()


@pytest.fixture
def adam() -> User:
    return builders.make_therapist(name="Adam")


@pytest.fixture
def berta() -> User:
    return builders.make_therapist(name="Berta")


@pytest.fixture
def owner() -> User:
    return builders.make_owner(name="Olga")


@pytest.fixture
def office() -> User:
    return builders.make_office(name="Olaf")


@pytest.fixture
def ana(adam: User) -> Client:
    return builders.make_client(name="Ana Silva", therapist=adam)


@pytest.fixture
def carla(berta: User) -> Client:
    """Of the other therapist: whatever of her shows on Adam's pages is a leak."""
    return builders.make_client(
        name="Carla CANARY", therapist=berta, complaint="CANARY complaint", notes="CANARY notes"
    )
