"""Planning: one letter for each client and local day, whatever people change and however long nobody planned."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from clients.demo.builders import make_client, make_practice
from clients.models import Client, Delivery, ReminderSchedule
from clients.reminders.clock import DAY, due_utc, tzdata_version
from clients.reminders.schedules import (
    Occurrence,
    Wish,
    follow_new_zone_rules,
    plan_letters,
    reschedule,
    restart,
    take,
)

BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = date(2026, 3, 10)
EVENING = Wish(days="1234567", wall=time(19), zone=BERLIN)
SEVEN = datetime(2026, 3, 10, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)


def make_schedule(now: datetime = SEVEN - HOUR, **fields: Any) -> ReminderSchedule:
    """A schedule for every evening at seven in Berlin, planned from `now` on."""
    client = fields.pop("client", None) or make_client()
    chosen = {"local_time": time(19), "zone": "Europe/Berlin", **fields}
    schedule = ReminderSchedule.objects.create(client=client, **chosen)
    reschedule(schedule, now)
    return schedule


def planned_days(client: Client) -> list[date]:
    return list(client.deliveries.order_by("local_date").values_list("local_date", flat=True))


# ---- The pure half ------------------------------------------------------------------------------------------------


def test_take_plans_nothing_before_the_time() -> None:
    assert take(EVENING, (TUESDAY, SEVEN), SEVEN - HOUR) == (None, (TUESDAY, SEVEN))


def test_take_plans_today_and_goes_on_to_the_next_chosen_day() -> None:
    wish = Wish(days="24", wall=time(19), zone=BERLIN)

    assert take(wish, (TUESDAY, SEVEN), SEVEN) == ((TUESDAY, SEVEN), (TUESDAY + 2 * DAY, SEVEN + 2 * DAY))


def test_take_skips_the_days_of_an_outage() -> None:
    """Three days without a planner leave one letter, today's, if its time has come."""
    noon = SEVEN + 3 * DAY - 7 * HOUR

    assert take(EVENING, (TUESDAY, SEVEN), noon) == (None, (TUESDAY + 3 * DAY, SEVEN + 3 * DAY))
    assert take(EVENING, (TUESDAY, SEVEN), noon + 8 * HOUR)[0] == (TUESDAY + 3 * DAY, SEVEN + 3 * DAY)


def test_take_still_plans_a_letter_of_the_last_minutes_after_midnight() -> None:
    wish = Wish(days="1234567", wall=time(23, 55), zone=BERLIN)
    scheduled = wish.from_day(TUESDAY)

    assert take(wish, scheduled, scheduled[1] + HOUR / 6)[0] == scheduled
    assert take(wish, scheduled, scheduled[1] + HOUR)[0] is None


def test_take_leaves_out_paused_days() -> None:
    wish = Wish(days="1234567", wall=time(19), zone=BERLIN, paused_until=TUESDAY + 4 * DAY)

    assert take(wish, (TUESDAY, SEVEN), SEVEN) == (None, (TUESDAY + 5 * DAY, SEVEN + 5 * DAY))


def test_restart_keeps_today_while_its_time_is_ahead() -> None:
    assert restart(EVENING, SEVEN - HOUR, planned_today=False) == (TUESDAY, SEVEN)
    assert restart(EVENING, SEVEN + HOUR, planned_today=False) == (TUESDAY + DAY, SEVEN + DAY)
    assert restart(EVENING, SEVEN - HOUR, planned_today=True) == (TUESDAY + DAY, SEVEN + DAY)


ZONES = ["Europe/Berlin", "Pacific/Kiritimati", "Pacific/Honolulu", "America/Nuuk", "Asia/Kolkata", "UTC"]
wishes = st.builds(
    Wish,
    days=st.sets(st.sampled_from("1234567"), min_size=1).map(lambda days: "".join(sorted(days))),
    wall=st.times().map(lambda moment: moment.replace(second=0, microsecond=0, tzinfo=None)),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    paused_until=st.none() | st.dates(date(2026, 3, 1), date(2026, 4, 10)),
)
waits = st.timedeltas(timedelta(minutes=1), timedelta(hours=40))
changes = st.tuples(waits, st.none() | wishes)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(first=wishes, history=st.lists(changes, max_size=25))
def test_no_history_of_changes_plans_a_day_twice_or_before_its_time(
    first: Wish, history: list[tuple[timedelta, Wish | None]]
) -> None:
    """T2 on the pure half: change anything, wait any time, look whether there is a letter to plan."""
    now, wish = datetime(2026, 3, 20, 12, tzinfo=UTC), first
    planned: dict[date, Occurrence] = {}
    scheduled = restart(wish, now, planned_today=False)
    for wait, changed in history:
        now += wait
        if changed:
            wish = changed
            scheduled = restart(wish, now, planned_today=now.astimezone(wish.zone).date() in planned)
        letter, following = take(wish, scheduled, now)
        assert following > scheduled or (letter is None and following == scheduled)
        scheduled = following
        if letter is None:
            continue
        day, due = letter
        assert due == due_utc(day, wish.wall, wish.zone) <= now
        assert str(day.isoweekday()) in wish.days
        assert wish.paused_until is None or day > wish.paused_until
        planned.setdefault(day, letter)


# ---- Rows ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
class TestHistories:
    """T2 on the database: the same with real rows, where the unique constraint has the last word."""

    def test_no_history_of_changes_makes_two_letters_for_one_day(self) -> None:
        class History(RuleBasedStateMachine):
            @initialize()
            def begin(self) -> None:
                self.now = datetime(2026, 3, 20, 12, tzinfo=UTC)
                self.schedule = make_schedule(self.now)
                self.due: dict[date, datetime] = {}

            @rule(wish=wishes)
            def change(self, wish: Wish) -> None:
                ReminderSchedule.objects.filter(pk=self.schedule.pk).update(
                    days=wish.days,
                    local_time=wish.wall,
                    zone=wish.zone.key,
                    paused_until=wish.paused_until,
                )
                self.schedule.refresh_from_db()
                reschedule(self.schedule, self.now)

            @rule(wait=waits)
            def wait_and_plan(self, wait: timedelta) -> None:
                self.now += wait
                wish = Wish.of(self.schedule)
                plan_letters(self.now)
                self.schedule.refresh_from_db()
                for letter in Delivery.objects.filter(client=self.schedule.client):
                    if letter.local_date not in self.due:
                        self.due[letter.local_date] = letter.due_at
                        assert letter.due_at == due_utc(letter.local_date, wish.wall, wish.zone) <= self.now

            @invariant()
            def each_day_has_one_letter_that_stays_as_it_was(self) -> None:
                if hasattr(self, "schedule"):
                    rows = Delivery.objects.filter(client=self.schedule.client)
                    days = Counter(rows.values_list("local_date", flat=True))
                    assert not days or max(days.values()) == 1
                    assert self.schedule.next_due_at > self.now

        History.TestCase.settings = settings(
            max_examples=25, stateful_step_count=20, suppress_health_check=list(HealthCheck)
        )
        History.TestCase("runTest").runTest()


@pytest.mark.django_db
def test_plan_letters_makes_one_row_and_moves_on() -> None:
    schedule = make_schedule()

    assert [plan_letters(SEVEN), plan_letters(SEVEN), plan_letters(SEVEN + HOUR)] == [1, 0, 0]

    letter = schedule.client.deliveries.get()
    assert (letter.local_date, letter.kind, letter.due_at) == (TUESDAY, "daily", SEVEN)
    assert letter.not_after == SEVEN + 2 * HOUR
    schedule.refresh_from_db()
    assert (schedule.next_local_date, schedule.next_due_at) == (TUESDAY + DAY, SEVEN + DAY)


@pytest.mark.django_db
def test_plan_letters_plans_nobody_who_cannot_get_letters() -> None:
    """Care has ended; no account; switched off."""
    for client, active in (
        (make_client(ended_at=SEVEN - DAY), True),
        (make_client(with_account=False), True),
        (make_client(), False),
    ):
        make_schedule(client=client, active=active)

    assert plan_letters(SEVEN) == 0
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_after_three_days_off_there_is_one_letter_for_today() -> None:
    """R6: no flood after an outage."""
    schedule = make_schedule()

    plan_letters(SEVEN + 3 * DAY + HOUR)

    assert planned_days(schedule.client) == [TUESDAY + 3 * DAY]


@pytest.mark.django_db
def test_travel_over_the_date_line_never_repeats_a_day() -> None:
    """Kiritimati to Honolulu is a day back: the day that comes twice has had its letter."""
    schedule = make_schedule(
        datetime(2026, 3, 9, 12, tzinfo=UTC), zone="Pacific/Kiritimati", local_time=time(9)
    )
    at_nine = due_utc(TUESDAY, time(9), ZoneInfo("Pacific/Kiritimati"))
    plan_letters(at_nine)
    ReminderSchedule.objects.update(zone="Pacific/Honolulu")
    schedule.refresh_from_db()
    reschedule(schedule, at_nine + HOUR)
    for hours in range(0, 96, 3):
        plan_letters(at_nine + hours * HOUR)

    days = planned_days(schedule.client)
    assert days == sorted(set(days))
    assert TUESDAY in days


@pytest.mark.django_db
def test_a_new_time_on_a_day_that_had_its_letter_means_tomorrow() -> None:
    schedule = make_schedule()
    plan_letters(SEVEN)

    ReminderSchedule.objects.update(local_time=time(20))
    schedule.refresh_from_db()
    reschedule(schedule, SEVEN + HOUR / 2)

    assert schedule.next_local_date == TUESDAY + DAY
    plan_letters(SEVEN + 2 * HOUR)
    assert planned_days(schedule.client) == [TUESDAY]


@pytest.mark.django_db
def test_switching_off_leaves_nothing_to_plan() -> None:
    schedule = make_schedule()
    schedule.active = False

    reschedule(schedule, SEVEN - HOUR)

    schedule.refresh_from_db()
    assert (schedule.next_local_date, schedule.next_due_at) == (None, None)


@pytest.mark.django_db
def test_new_zone_rules_move_what_was_planned_with_old_ones() -> None:
    """T5: an instant that older rules gave is computed again, the day stays."""
    schedule = make_schedule()
    ReminderSchedule.objects.update(next_due_at=SEVEN + HOUR, tzdata_version="2019.1")

    assert follow_new_zone_rules(SEVEN - HOUR) == 1

    schedule.refresh_from_db()
    assert (schedule.next_local_date, schedule.next_due_at) == (TUESDAY, SEVEN)
    assert schedule.tzdata_version == tzdata_version()
    assert follow_new_zone_rules(SEVEN - HOUR) == 0


@pytest.mark.django_db
def test_a_schedule_that_was_never_computed_is_computed() -> None:
    schedule = ReminderSchedule.objects.create(
        client=make_client(), local_time=time(19), zone="Europe/Berlin"
    )

    plan_letters(SEVEN - HOUR)

    schedule.refresh_from_db()
    assert schedule.next_due_at == SEVEN


@pytest.mark.django_db
def test_a_schedule_in_no_known_zone_keeps_the_practices_time() -> None:
    make_practice(zone="Europe/Lisbon")
    schedule = make_schedule(zone="Mars/Olympus_Mons")

    assert plan_letters(SEVEN) == 0  # it is six in Lisbon
    assert plan_letters(SEVEN + HOUR) == 1
    assert planned_days(schedule.client) == [TUESDAY]


@pytest.mark.django_db
def test_a_poisoned_schedule_does_not_hold_up_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """R7: a pause to the end of the calendar; the client's row rests for an hour, everybody else's letter is planned."""
    poisoned = make_schedule()
    ReminderSchedule.objects.filter(pk=poisoned.pk).update(paused_until=date.max)
    healthy = [make_schedule() for _ in range(3)]

    assert plan_letters(SEVEN) == 3
    assert plan_letters(SEVEN + HOUR / 2) == 0

    assert all(planned_days(schedule.client) == [TUESDAY] for schedule in healthy)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    poisoned.refresh_from_db()
    assert poisoned.next_due_at == SEVEN + HOUR


@pytest.mark.django_db
def test_a_poisoned_schedule_is_not_computed_at_every_tick() -> None:
    poisoned = make_schedule()
    ReminderSchedule.objects.filter(pk=poisoned.pk).update(
        next_local_date=date.min, local_time=time(0), tzdata_version="2019.1"
    )

    plan_letters(SEVEN - HOUR)

    poisoned.refresh_from_db()
    assert (poisoned.tzdata_version, poisoned.next_due_at) == (tzdata_version(), SEVEN)


@pytest.mark.django_db(transaction=True)
def test_four_planners_at_once_make_one_letter_each_day() -> None:
    """R5: any number of planners may run."""
    make_practice()
    schedules = [make_schedule() for _ in range(25)]
    start = threading.Barrier(4)

    def planner(_: int) -> None:
        start.wait()
        for _round in range(5):
            plan_letters(SEVEN)
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(planner, range(4)))

    assert Delivery.objects.count() == len(schedules)
    assert {schedule.client_id for schedule in schedules} == set(
        Delivery.objects.values_list("client", flat=True)
    )
