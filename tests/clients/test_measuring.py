"""Measures of the therapist's own: by side, with a unit, two days next to each other."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from clients.care import NotInCare
from clients.demo.builders import NOW
from clients.measures import Point
from clients.measuring import OwnLine, Pair, SideLine, names_used, own_lines, record_measurement
from clients.models import Client, Measurement, OwnMeasure, User
from clients.outcomes import AnswerRefused
from clients.recording import KeyReused

TODAY = NOW.date()
EARLIER = TODAY - timedelta(days=28)


@pytest.mark.parametrize(
    ("before", "after", "better", "moved", "words"),
    [
        ("80", "95", "higher", "15", "better"),
        ("80", "70", "higher", "-10", "worse"),
        ("12", "8.5", "lower", "-3.5", "better"),
        ("8", "8", "lower", "0", ""),
        ("80", "95", "neither", "15", ""),
        (None, "95", "higher", None, ""),
        ("80", None, "higher", None, ""),
    ],
)
def test_difference_of_two_days(
    before: str | None, after: str | None, better: str, moved: str | None, words: str
) -> None:
    pair = Pair("left", before and Decimal(before), after and Decimal(after), better)  # type: ignore[arg-type]

    assert (pair.moved, pair.words) == (None if moved is None else Decimal(moved), words)


def test_first_and_latest_day_by_side() -> None:
    left = SideLine("left", (Point(EARLIER, Decimal(80)), Point(TODAY, Decimal(95))))
    right = SideLine("right", (Point(EARLIER, Decimal(90)),))
    line = OwnLine(OwnMeasure(sided=True, better="higher"), (left, right))

    assert line.days == [TODAY, EARLIER]
    assert [(pair.side, pair.moved) for pair in line.first_and_latest] == [("left", 15), ("right", None)]
    assert OwnLine(OwnMeasure(), (SideLine("none", ()),)).first_and_latest == []


@pytest.fixture
def flexion(client: Client, therapist: User) -> OwnMeasure:
    return OwnMeasure.objects.create(client=client, name="Hip flexion", unit="°", sided=True, by=therapist)


def note(measure: OwnMeasure, key: str = "one", day: date = TODAY, **values: int) -> list[Measurement]:
    told = {side: Decimal(value) for side, value in values.items()}
    return record_measurement(measure, told, day=day, by=measure.by, key=key, now=NOW)


def test_values_of_a_day_are_kept_by_side(client: Client, flexion: OwnMeasure) -> None:
    note(flexion, "one", EARLIER, left=80, right=90)
    note(flexion, "two", left=95)

    line = own_lines(client)[0]

    assert [[(point.day, point.score) for point in side.points] for side in line.sides] == [
        [(EARLIER, 80), (TODAY, 95)],
        [(EARLIER, 90)],
    ]


def test_sent_twice_is_one_value_and_another_one_corrects_it(client: Client, flexion: OwnMeasure) -> None:
    for _again in range(2):
        note(flexion, left=80)
    assert Measurement.objects.count() == 1

    note(flexion, "two", left=85)

    assert [row.value for row in Measurement.objects.filter(measure=flexion)] == [80, 85]
    assert own_lines(client)[0].sides[0].on(TODAY) == 85
    with pytest.raises(KeyReused):
        note(flexion, "two", left=60)


@pytest.mark.parametrize("values", [{}, {"none": 4}, {"both": 4}])
def test_side_that_is_not_measured_is_refused(flexion: OwnMeasure, values: dict[str, int]) -> None:
    with pytest.raises(AnswerRefused):
        note(flexion, **values)


def test_tomorrow_is_refused(flexion: OwnMeasure) -> None:
    with pytest.raises(AnswerRefused):
        note(flexion, day=TODAY + timedelta(days=1), left=80)


def test_names_are_those_of_this_therapist(flexion: OwnMeasure, therapist: User) -> None:
    assert names_used(therapist) == ["Hip flexion"]
    assert names_used(User(pk=999_999)) == []


def test_nothing_is_measured_after_care_has_ended(flexion: OwnMeasure) -> None:
    flexion.client.ended_at = NOW

    with pytest.raises(NotInCare):
        note(flexion, left=80)
