"""One client and what hangs on her, for the tests of the rules. A file that wants another client makes its own."""

import pytest

from clients.demo import builders


@pytest.fixture
def client(db):
    return builders.make_client()


@pytest.fixture
def therapist(client):
    return builders.responsible(client)


@pytest.fixture
def assignment(client):
    return builders.assign(client)
