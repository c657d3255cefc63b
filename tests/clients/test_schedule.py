"""Days of the week, days of a phase, stays in phases: pure, so without a database (domain.md 6.5, 6.7)."""

from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import pytest
import yaml

import routines
from clients.schedule import (
    DaysRefused,
    Pause,
    Stint,
    check_days,
    check_move,
    falls_on,
    neighbouring,
    phase_day,
    stints,
    week_of,
    weekdays_for,
)

CATALOGUE = Path(routines.__file__).parent / "data" / "catalogue.yaml"
KINDS = ["release_smr", "release_stretch", "strengthen", "integrate"]
RELEASE, LOADING = KINDS[:2], KINDS[2:]
MONDAY = date(2026, 3, 9)
# domain.md 6.7
LAID_OUT = {7: "1234567", 6: "123456", 5: "12356", 4: "1246", 3: "135", 2: "25", 1: "3"}
EVERY_CHOICE = ["".join(days) for n in range(1, 8) for days in combinations("1234567", n)]


@pytest.fixture(scope="module")
def rule():
    return yaml.safe_load(CATALOGUE.read_text())["schedule_rules"]["weekday"]


# Weekdays


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("days", [1, 2, 3, 5, 6, 7])
def test_days_a_week_become_the_days_of_the_table(rule, kind, days):
    layout = weekdays_for(days, kind, rule)

    assert (layout.weekdays, layout.note) == (LAID_OUT[days], "")


@pytest.mark.parametrize("kind", RELEASE)
def test_four_days_of_release_are_laid_out_as_four(rule, kind):
    layout = weekdays_for(4, kind, rule)

    assert (layout.weekdays, layout.note) == (LAID_OUT[4], "")


@pytest.mark.parametrize("kind", LOADING)
def test_four_days_of_strengthening_are_laid_out_as_three_and_say_so(rule, kind):
    layout = weekdays_for(4, kind, rule)

    assert layout.weekdays == LAID_OUT[3]
    assert layout.note.startswith("Four days a week cannot avoid neighbouring days")


@pytest.mark.parametrize("days", [-1, 0, 8])
def test_days_that_no_week_has_are_a_programming_error(rule, days):
    with pytest.raises(ValueError, match="days a week"):
        weekdays_for(days, "strengthen", rule)


@pytest.mark.parametrize("days", range(1, 8))
def test_strengthening_is_laid_out_with_a_day_of_rest_below_five_days(rule, days):
    assert neighbouring(weekdays_for(days, "strengthen", rule).weekdays) == (days >= 5)


@pytest.mark.parametrize("weekdays", EVERY_CHOICE)
def test_neighbouring_days_are_those_one_day_apart_sunday_to_monday_included(weekdays):
    dates = [MONDAY + timedelta(days=int(day) - 1) for day in weekdays]
    fortnight = {*dates, *(day + timedelta(days=7) for day in dates)}

    assert neighbouring(weekdays) == any(day + timedelta(days=1) in fortnight for day in fortnight)


@pytest.mark.parametrize(
    ("weekdays", "expected"),
    [("17", True), ("67", True), ("1", False), ("7", False), ("135", False), ("1357", True)],
)
def test_sunday_and_monday_are_neighbours(weekdays, expected):
    assert neighbouring(weekdays) is expected


# Moving days


@pytest.mark.parametrize("kind", LOADING)
@pytest.mark.parametrize("weekdays", [choice for choice in EVERY_CHOICE if len(choice) == 3])
def test_strengthening_moves_only_to_days_with_rest_in_between(rule, kind, weekdays):
    if neighbouring(weekdays):
        with pytest.raises(DaysRefused, match="a day of rest in between"):
            check_days(weekdays, days_per_week=3, kind=kind, rule=rule)
    else:
        check_days(weekdays, days_per_week=3, kind=kind, rule=rule)


@pytest.mark.parametrize("kind", RELEASE)
@pytest.mark.parametrize("weekdays", ["123", "167", "135"])
def test_release_moves_to_any_days(rule, kind, weekdays):
    check_days(weekdays, days_per_week=3, kind=kind, rule=rule)


@pytest.mark.parametrize(("days", "weekdays"), [(5, "12345"), (6, "234567"), (7, "1234567")])
def test_strengthening_asked_for_five_days_or_more_may_follow_itself(rule, days, weekdays):
    check_days(weekdays, days_per_week=days, kind="strengthen", rule=rule)


@pytest.mark.parametrize(
    ("kind", "days", "weekdays", "number"),
    [
        ("release_smr", 3, "13", 3),
        ("release_smr", 3, "1357", 3),
        ("release_smr", 3, "", 3),
        ("strengthen", 4, "1246", 3),  # asked for 4, laid out as 3
        ("strengthen", 3, "115", 3),  # the same day twice is one day
        ("integrate", 1, "14", 1),
    ],
)
def test_another_number_of_days_is_refused_and_names_the_right_one(rule, kind, days, weekdays, number):
    with pytest.raises(DaysRefused, match=f"choose {number} day"):
        check_days(weekdays, days_per_week=days, kind=kind, rule=rule)


def test_strengthening_asked_for_four_days_moves_as_three(rule):
    check_days("246", days_per_week=4, kind="strengthen", rule=rule)

    with pytest.raises(DaysRefused, match="rest in between"):
        check_days("126", days_per_week=4, kind="strengthen", rule=rule)


# Moving the days


RESTED = [days for days in EVERY_CHOICE if not neighbouring(days)]


def test_move_onto_the_morrow_of_a_day_of_strengthening_is_refused_and_names_a_better_day():
    with pytest.raises(DaysRefused) as refused:
        check_move("135", "246", [MONDAY])

    assert str(refused.value) == (
        "Strengthening needs a day of rest in between: now it would come on Monday and on Tuesday. "
        "Choose other days, or move to these on Sunday."
    )


@pytest.mark.parametrize(
    ("old", "new", "due"), [("135", "246", []), ("135", "357", [MONDAY]), ("12356", "246", [MONDAY])]
)
def test_move_that_leaves_a_day_of_rest_is_accepted(old, new, due):
    """Or that begins one: days that followed each other may become fewer at once."""
    check_move(old, new, due)


@pytest.mark.parametrize("old", RESTED)
def test_refused_move_is_accepted_on_the_day_that_it_names(old):
    week = week_of(MONDAY)
    for new in RESTED:
        for day in week:
            if str(day.isoweekday()) not in old or str(day.isoweekday() % 7 + 1) not in new:
                continue
            with pytest.raises(DaysRefused) as refused:
                check_move(old, new, [day])
            named = str(refused.value).rsplit(" ", 1)[1].rstrip(".")
            later = next(each for each in week if each.strftime("%A") == named)
            before = later - timedelta(days=1)
            check_move(old, new, [each for each in (before, later) if str(each.isoweekday()) in old])


# Stays in phases


def day(n):
    return MONDAY + timedelta(days=n)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], []),
        ([(0, 1)], [(1, 0, None)]),
        ([(0, 1), (7, 2)], [(1, 0, 7), (2, 7, None)]),
        ([(0, 1), (7, 2), (9, 1)], [(1, 0, 7), (2, 7, 9), (1, 9, None)]),  # there and back
        ([(0, 1), (7, 2), (9, None)], [(1, 0, 7), (2, 7, 9)]),  # ended
        ([(0, 1), (0, 2)], [(2, 0, None)]),  # of several changes on one day the last holds
        ([(0, 1), (5, 2), (5, 3)], [(1, 0, 5), (3, 5, None)]),
        ([(0, 1), (5, 2), (5, 1)], [(1, 0, 5), (1, 5, None)]),  # there and back on one day: a new first day
        ([(0, 1), (0, None)], []),  # ended on its first day: never followed
        ([(0, 1), (4, None), (4, None)], [(1, 0, 4)]),
    ],
)
def test_changes_become_stays_that_do_not_overlap(changes, expected):
    found = stints((day(n), phase) for n, phase in changes)

    assert found == [
        Stint(phase, day(first), None if until is None else day(until)) for phase, first, until in expected
    ]


def test_stay_holds_from_its_first_day_until_the_day_before_the_next():
    stint = Stint(1, day(2), day(5))

    assert [n for n in range(8) if stint.holds(day(n))] == [2, 3, 4]
    assert [n for n in range(8) if Stint(1, day(2)).holds(day(n))] == [2, 3, 4, 5, 6, 7]


# Pauses and days of a phase


def test_pause_holds_on_both_its_ends():
    assert [n for n in range(8) if Pause(day(2), day(4)).holds(day(n))] == [2, 3, 4]
    assert [n for n in range(8) if Pause(day(6)).holds(day(n))] == [6, 7]
    assert [n for n in range(8) if Pause(day(3), day(3)).holds(day(n))] == [3]


@pytest.mark.parametrize(
    ("asked", "pauses", "number"),
    [
        (0, [], 0),
        (1, [], 1),
        (20, [], 20),
        (0, [(0, 3)], 0),  # the first day is day 0 whatever comes
        (1, [(0, 0)], 0),  # one paused day does not count
        (4, [(0, 3)], 0),
        (5, [(0, 3)], 1),
        (10, [(3, 5)], 7),
        (3, [(3, 5)], 3),  # the day itself is not counted yet
        (4, [(3, 5)], 3),  # within the pause the number stands still
        (5, [(3, 5)], 3),
        (6, [(3, 5)], 3),
        (7, [(3, 5)], 4),
        (10, [(3, 5), (4, 7)], 5),  # days in two pauses count once
        (10, [(3, 5), (8, None)], 5),
        (10, [(-5, -1)], 10),  # before the phase
        (10, [(-5, 1)], 8),  # across its beginning
        (10, [(10, 20)], 10),
        (-3, [], -3),
        (-3, [(0, 3)], -3),
    ],
)
def test_phase_day_counts_from_zero_and_leaves_out_paused_days(asked, pauses, number):
    paused = [Pause(day(since), None if until is None else day(until)) for since, until in pauses]

    assert phase_day(day(0), day(asked), paused) == number


@pytest.mark.parametrize(
    ("start", "until", "due"),
    [
        (0, None, range(14)),
        (0, 10, range(10)),  # "until day 10": last on day 9
        (10, None, range(10, 14)),  # "from day 10": first on day 10
        (4, 5, range(4, 5)),
        (0, 1, range(1)),
    ],
)
def test_step_is_due_from_its_first_day_until_the_day_before_its_last(start, until, due):
    assert [n for n in range(14) if falls_on("1234567", start, until, day(n), n)] == list(due)


def test_step_until_day_10_and_step_from_day_10_never_meet():
    for n in range(21):
        assert falls_on("1234567", 0, 10, day(n), n) != falls_on("1234567", 10, None, day(n), n)


@pytest.mark.parametrize("weekdays", EVERY_CHOICE)
def test_step_is_due_on_its_weekdays_only(weekdays):
    due = [n for n in range(7) if falls_on(weekdays, 0, None, day(n), n)]

    assert "".join(str(n + 1) for n in due) == weekdays


def test_nothing_is_due_before_the_first_day():
    assert not falls_on("1234567", 0, None, day(-1), -1)


@pytest.mark.parametrize("n", range(7))
def test_week_goes_from_monday_to_sunday_around_each_of_its_days(n):
    assert week_of(day(n)) == [day(each) for each in range(7)]


def test_week_crosses_the_year():
    assert week_of(date(2027, 1, 1))[0] == date(2026, 12, 28)
    assert week_of(date(2027, 1, 3))[-1] == date(2027, 1, 3)
