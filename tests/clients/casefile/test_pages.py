from __future__ import annotations

from datetime import timedelta

import pytest

from clients.casefile.pages import records
from clients.demo import builders
from clients.models import Client

pytestmark = pytest.mark.django_db


def test_file_knows_the_newest_visit_the_open_one_and_their_number(client: Client) -> None:
    empty = records(client).visits
    builders.examine(client, now=builders.NOW - timedelta(days=1))
    open_one = builders.examine(client, close=False)
    found = records(client).visits

    assert (empty.newest, empty.open_visit, empty.number) == (None, None, 0)
    assert found.newest is not None
    assert (found.newest.visit, found.open_visit, found.number) == (open_one, open_one, 2)
