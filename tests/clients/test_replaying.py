"""Two devices do one session without a network, and what they kept arrives in any order, in part, and again (D2)."""

from datetime import timedelta
from itertools import count

import pytest
from django.core import signing
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients.demo.builders import NOW, assign, make_client, make_practice, screen
from clients.models import AssignedStep, SetRecord, TrainingSession
from clients.planning import plan_for
from clients.recording import prescribed, record_set
from clients.replaying import SALT, DayRefused, read_shown, session_begun, sign_shown, start_later
from routines.models import Exercise, dose_columns

numbers = count()


@pytest.fixture
def ana(db):
    make_practice()
    client = make_client()
    assign(client, now=NOW)
    screen(client, now=NOW)
    return client


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_two_devices_give_one_session_and_no_set_is_lost(ana, data):
    TrainingSession.objects.all().delete()
    plan = plan_for(ana, NOW.date())
    shown = sign_shown(ana, plan, 1)
    places = [
        (item.exercise_id, item.side, n) for item in plan.for_go(1) for n in range(1, item.dose.sets + 1)
    ]
    round_ = next(numbers)
    told = []  # (device, what): its start first, then its sets in their order
    done = set()
    for device in ("a", "b"):
        mine = data.draw(st.lists(st.sampled_from(places), unique=True, max_size=5), label=device)
        done |= set(mine)
        told.append([(device, None), *((device, place) for place in mine)])
    waiting = [list(each) for each in told]
    sent = []
    while any(waiting):
        each = data.draw(st.sampled_from([n for n, left in enumerate(waiting) if left]), label="next")
        sent.append(waiting[each].pop(0))
        if data.draw(st.booleans(), label="its answer is lost"):
            sent.append(sent[-1])

    for device, place in sent:
        key = f"device-{device}-{round_}-start"
        moment = NOW - timedelta(minutes=5 if device == "a" else 3)
        if place is None:
            start_later(ana, number=1, key=key, moment=moment, now=NOW, shown=shown)
            continue
        session = session_begun(ana, key=key, number=1, started=moment, now=NOW)
        exercise, side, n = place
        item = session.items.get(exercise_id=exercise, side=side)
        record_set(item, n, prescribed(item), key=f"{device}-{round_}-{exercise}-{side}-{n}", now=NOW)

    assert TrainingSession.objects.count() == 1
    rows = SetRecord.objects.latest_revisions().filter(done=True)
    assert set(rows.values_list("item__exercise_id", "item__side", "number")) == done
    assert SetRecord.objects.count() == sum(len(each) - 1 for each in told)


def test_what_was_shown_counts_for_its_client_day_and_number_alone(ana):
    shown = sign_shown(ana, plan_for(ana, NOW.date()), 1)

    assert read_shown(ana, shown, NOW.date(), 1)
    assert not read_shown(ana, shown, NOW.date() + timedelta(days=1), 1)
    assert not read_shown(ana, shown, NOW.date(), 2)
    assert not read_shown(ana, shown[:-2], NOW.date(), 1)
    assert not read_shown(make_client(name="Ben Ortiz"), shown, NOW.date(), 1)


def test_stand_in_that_was_shown_costs_the_same_however_many_muscles_it_has(ana):
    step = AssignedStep.objects.filter(phase__assignment__client=ana).first()
    counted = Exercise.objects.annotate(number=Count("muscles")).order_by("number", "pk")
    few, many = counted.filter(number__gt=0).first(), counted.last()

    def cost(exercise):
        item = [exercise.pk, "right", "each_side", [step.pk], True, list(dose_columns(step.dose).values())]
        token = signing.dumps([ana.pk, NOW.date().isoformat(), 1, [item]], salt=SALT, compress=True)
        with CaptureQueriesContext(connection) as queries:
            assert read_shown(ana, token, NOW.date(), 1)
        return len([each for each in queries if "routines_muscle" in each["sql"]])

    assert few.number < many.number
    assert cost(few) == cost(many)


def test_device_that_saw_more_than_the_session_has_puts_it_in(ana):
    shown = sign_shown(ana, plan_for(ana, NOW.date()), 1)
    session = start_later(ana, number=1, key="k" * 20, moment=NOW, now=NOW, shown=shown)
    there = session.items.count()
    session.items.first().delete()

    again = start_later(ana, number=1, key="o" * 20, moment=NOW, now=NOW, shown=shown)

    assert again == session
    assert session.items.count() == there


def test_day_is_refused_before_anything_is_written(ana):
    with pytest.raises(DayRefused):
        start_later(ana, number=1, key="k" * 20, moment=NOW - timedelta(days=9), now=NOW)

    assert not TrainingSession.objects.exists()
