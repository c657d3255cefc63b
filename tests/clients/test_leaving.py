"""A client who leaves takes along what they rated; a list of activities that is rated does not go alone."""

from datetime import timedelta

import pytest
from django.db.models import RestrictedError

from clients.demo.builders import NOW, rate
from clients.models import ActivityList, Client, OutcomeResponse


@pytest.fixture
def rated(client):
    rate(client, "activities", [2, 4], now=NOW - timedelta(days=1))
    rate(client, "activities", [5], activities=["Walk"])
    return client


def test_client_is_deleted_with_rated_activities(rated):
    rated.delete()

    assert not Client.objects.exists()
    assert not OutcomeResponse.objects.exists()
    assert not ActivityList.objects.exists()


def test_rated_list_of_activities_is_not_deleted_alone(rated):
    with pytest.raises(RestrictedError):
        ActivityList.objects.first().delete()
