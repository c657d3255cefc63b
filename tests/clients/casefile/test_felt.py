"""Tenderness and tightness of each muscle and side over time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clients.casefile.felt import tenderness_lines, tightness_lines
from clients.demo import builders
from clients.demo.builders import NOW, new_key
from clients.models import Client
from clients.telling import Site, record_tenderness
from clients.tightness import record_tightness
from routines.models import Muscle

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def site(side: str = "right") -> Site:
    return Site(Muscle.objects.get(slug="piriformis"), side)


def test_tenderness_has_a_line_for_each_side(client: Client) -> None:
    record_tenderness(client, site("left"), 3, key=new_key(), now=NOW - 7 * DAY)
    record_tenderness(client, site(), 7, key=new_key(), now=NOW - 7 * DAY)
    record_tenderness(client, site(), 5, key=new_key(), now=NOW)

    right, left = tenderness_lines(client)

    assert (right.name, [point.value for point in right.points]) == ("Piriformis, right", [5, 7])
    assert right.chart is not None
    assert right.sentence == "7 of 10 at first, 5 the last time."
    assert (left.name, left.chart, left.sentence) == (
        "Piriformis, left",
        None,
        "Not enough data for a line yet.",
    )


def test_tightness_tells_before_and_after_of_each_session(client: Client) -> None:
    builders.assign(client, now=NOW - 3 * DAY)
    builders.screen(client, now=NOW - 3 * DAY)
    for ago, before, after in ((2, 6, 4), (1, 5, 3)):
        session = builders.train(client, now=NOW - ago * DAY)
        record_tightness(session, site(), "before", before, key=new_key(), now=NOW)
        record_tightness(session, site(), "after", after, key=new_key(), now=NOW)

    (line,) = tightness_lines(client)

    assert [(point.before, point.value) for point in line.points] == [(5, 3), (6, 4)]
    assert line.chart is not None
    assert len(line.chart.before.dots) == 2
