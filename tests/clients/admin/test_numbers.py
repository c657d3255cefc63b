"""Numbers of rules at the workplace: the practice's, and one client's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Web
from django.urls import reverse

from clients.adjusting import AssignmentEnded, change_numbers, end_assignment
from clients.demo.builders import NOW, assign, make_client
from clients.forms.numbers import FOR_ONE_CLIENT, RULES, WORDS, changeable, keys_of
from clients.models import Assignment, Client, PhaseTransition, Practice, User
from clients.numbers import Numbers, phase_numbers, rule_numbers
from routines.models import Phase, Rule

pytestmark = pytest.mark.usefixtures("clock")
GATE = "release_to_strengthen"
CLIENT = {"reason": "Sensitive after the flare."}


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def program(ana: Client, adam: User) -> Assignment:
    return assign(ana, by=adam)


def rule_page(assignment: Assignment, rule: str) -> str:
    return reverse("admin:client_rule_numbers", args=[assignment.client_id, assignment.pk, rule])


def practice_page(rule: str) -> str:
    return reverse("admin:clients_practice_rule", args=[rule])


def number(assignment: Assignment, rule: str, key: str) -> tuple[Any, str] | None:
    rows = list(PhaseTransition.objects.filter(assignment=assignment))
    phase = assignment.phases.filter(criteria=rule).first()
    found = (phase_numbers(phase, rows) if phase else rule_numbers(assignment, rule, rows)).get(key)
    return (found.value, found.whose) if found else None


# ---- Every number can be changed, at each level -----------------------------------------------------------------------


def another(value: Any) -> Any:
    return [another(each) for each in value] if isinstance(value, list) else value + 1


def every_number() -> list[tuple[str, str]]:
    rules = Rule.objects.filter(slug__in=FOR_ONE_CLIENT)
    return [(rule.slug, key) for rule in rules for key in keys_of(Numbers(rule.slug, {"rule": rule.numbers}))]


def test_each_number_of_each_level_wins_over_those_below(ana: Client, adam: User, practice: Practice) -> None:
    rules = {rule.slug: rule.numbers for rule in Rule.objects.filter(slug__in=FOR_ONE_CLIENT)}
    practice.numbers = {
        slug: {key: another(value) for key, value in numbers.items() if changeable(value)}
        for slug, numbers in rules.items()
    }
    practice.save()
    gates = dict(
        Phase.objects.filter(program__slug="program_sciatica_piriformis").values_list("criteria__slug", "pk")
    )
    for slug, pk in gates.items():
        if slug:
            thrice = {key: another(another(value)) for key, value in rules[slug].items() if changeable(value)}
            Phase.objects.filter(pk=pk).update(numbers=thrice)
    assignment = assign(ana, by=adam)
    asked = every_number()
    assert len(asked) > 50

    for slug, key in asked:
        value = rules[slug][key]
        days = key in ("min_days_in_phase", "review_by_day")
        expected = (another(another(value)), "phase") if slug in gates else (another(value), "practice")
        if days:
            assert number(assignment, slug, key)[1] == "phase", (slug, key)  # type: ignore[index]
        else:
            assert number(assignment, slug, key) == expected, (slug, key)

    for slug in rules:
        own = {key: another(another(another(rules[slug][key]))) for rule, key in asked if rule == slug}
        phase = assignment.phases.filter(criteria=slug).first()
        if own:
            change_numbers(assignment, slug, own, phase=phase, by=adam, reason="Own.", now=NOW)
    for slug, key in asked:
        assert number(assignment, slug, key) == (another(another(another(rules[slug][key]))), "client"), (
            slug,
            key,
        )


def test_without_own_numbers_the_rule_counts(program: Assignment) -> None:
    assert number(program, "step_back", "missed_days") == (14, "rule")
    assert number(program, GATE, "tenderness_max") == (3, "rule")


def test_every_number_has_plain_words() -> None:
    unnamed = {key for _rule, key in every_number() if key not in WORDS}
    rules = Rule.objects.filter(section=Rule.Section.PROGRESSION)
    with_numbers = {rule.slug for rule in rules if any(changeable(value) for value in rule.numbers.values())}

    assert unnamed == set()
    assert with_numbers - {"load_progression", "reminders"} <= set(RULES), "nothing reads these two yet"


def test_no_sign_off_can_be_switched_off(program: Assignment, web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    web.post(
        rule_page(program, GATE), {**CLIENT, "number-tenderness_max": 2, "number-therapist_sign_off": ""}
    )

    assert PhaseTransition.objects.get(kind="numbers").numbers["set"] == {"tenderness_max": 2}
    assert "sign_off" not in web.get(rule_page(program, GATE)).content.decode()


# ---- One client ---------------------------------------------------------------------------------------------------------


def test_own_number_is_a_dated_decision_with_its_reason(
    program: Assignment, web_as: Callable[..., Web], adam: User
) -> None:
    web = web_as(adam)

    web.post(rule_page(program, GATE), {**CLIENT, "number-tenderness_max": "2"})

    row = PhaseTransition.objects.get(kind="numbers")
    assert (row.by, row.reason, row.local_date) == (adam, CLIENT["reason"], NOW.date())
    assert row.from_phase == program.phases.get(criteria=GATE)
    assert row.numbers == {"rule": GATE, "set": {"tenderness_max": 2}, "unset": []}
    assert number(program, GATE, "tenderness_max") == (2, "client")
    listed = " ".join(
        web.get(reverse("admin:client_numbers", args=[program.client_id, program.pk]))
        .content.decode()
        .split()
    )
    assert "this client" in listed
    assert "otherwise 3" in listed


def test_emptied_number_is_taken_back_and_yesterday_stays(program: Assignment, adam: User) -> None:
    phase = program.phases.get(criteria=GATE)
    for own, day in (({"tenderness_max": 2, "mean_pain_max": 4}, 2), ({"mean_pain_max": 4}, 1)):
        change_numbers(program, GATE, own, phase=phase, by=adam, reason="x", now=NOW - timedelta(days=day))

    rows = list(PhaseTransition.objects.filter(kind="numbers"))
    assert rows[1].numbers == {"rule": GATE, "set": {}, "unset": ["tenderness_max"]}
    assert phase_numbers(phase, rows[:1]).value("tenderness_max") == 2
    assert phase_numbers(phase, rows).get("tenderness_max") == phase_numbers(phase, []).get("tenderness_max")
    assert phase_numbers(phase, rows).value("mean_pain_max") == 4


def test_same_numbers_again_leave_no_row(program: Assignment, web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    for _again in range(2):
        answer = web.post(rule_page(program, "step_back"), {**CLIENT, "number-missed_days": "10"})

    assert answer.status_code == 422
    assert "Nothing was changed." in answer.content.decode()
    assert PhaseTransition.objects.filter(kind="numbers").count() == 1


@pytest.mark.parametrize(
    ("rule", "fields", "said"),
    [
        (GATE, {"number-tenderness_max": "11"}, "Choose a number from 0 to 10."),
        (GATE, {"number-review_by_day": "2"}, "The review cannot come before"),
        ("session_pain_zones", {"number-green": "0, 2"}, "Green, amber and red must cover 0 to 10"),
        ("session_pain_zones", {"number-green": "0 to 2"}, "Write numbers with commas between them"),
        ("reassess", {"number-every_days": "0"}, "Choose a number from 1 to 730."),
        ("reassess", {"number-every_days": "nan"}, "Enter a number."),
        ("reassess", {"number-every_days": "7", "reason": " "}, "This field is required."),
    ],
)
def test_number_that_cannot_be_is_refused_beside_its_field(
    program: Assignment, web_as: Callable[..., Web], adam: User, rule: str, fields: dict[str, str], said: str
) -> None:
    answer = web_as(adam).post(rule_page(program, rule), {**CLIENT, **fields})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not PhaseTransition.objects.filter(kind="numbers").exists()


def test_zones_are_changed_together(program: Assignment, web_as: Callable[..., Web], adam: User) -> None:
    zones = {"number-green": "0, 2", "number-amber": "3,4", "number-red": "5, 10"}
    web_as(adam).post(rule_page(program, "session_pain_zones"), {**CLIENT, **zones})

    assert number(program, "session_pain_zones", "amber") == ([3, 4], "client")


def test_ended_program_keeps_its_numbers(program: Assignment, web_as: Callable[..., Web], adam: User) -> None:
    end_assignment(program, by=adam, reason="Done.", now=NOW)

    assert web_as(adam).get(rule_page(program, GATE)).status_code == 302
    with pytest.raises(AssignmentEnded):
        change_numbers(
            Assignment.objects.get(pk=program.pk), GATE, {}, phase=None, by=adam, reason="x", now=NOW
        )


@pytest.mark.parametrize("rule", ["reminders", "weekday", "unknown"])
def test_what_is_not_of_one_client_has_no_page(
    program: Assignment, web_as: Callable[..., Web], adam: User, rule: str
) -> None:
    assert web_as(adam).get(rule_page(program, rule)).status_code == 404


# ---- The practice -----------------------------------------------------------------------------------------------------


def test_owner_sets_a_number_of_the_practice(
    web_as: Callable[..., Web], owner: User, adam: User, program: Assignment
) -> None:
    web = web_as(owner)
    assert (
        "Share of the planned exercises done"
        in web.get(reverse("admin:clients_practice_numbers")).content.decode()
    )

    web.post(practice_page("step_back"), {"number-missed_days": "10"})
    web.post(practice_page("reassess"), {"number-full_outcome_days": "0, 42"})

    practice = Practice.objects.get()
    assert practice.numbers == {"step_back": {"missed_days": 10}, "reassess": {"full_outcome_days": [0, 42]}}
    assert number(program, "step_back", "missed_days") == (14, "rule"), "a running program keeps its numbers"
    later = assign(make_client(name="Ben Ortiz", therapist=adam), by=adam)
    assert number(later, "step_back", "missed_days") == (10, "practice")

    web.post(practice_page("step_back"), {"number-missed_days": ""})
    assert Practice.objects.get().numbers == {"reassess": {"full_outcome_days": [0, 42]}}


def test_number_of_the_practice_is_checked_with_the_rest_of_the_rule(
    web_as: Callable[..., Web], owner: User
) -> None:
    answer = web_as(owner).post(practice_page(GATE), {"number-review_by_day": "3"})

    assert answer.status_code == 422
    assert "The review cannot come before" in answer.content.decode()
    assert Practice.objects.get().numbers == {}


def test_weekdays_of_strengthening_follow_the_practice(
    web_as: Callable[..., Web], owner: User, ana: Client, adam: User
) -> None:
    key = "strengthening_on_consecutive_days_from_days_per_week"
    web_as(owner).post(practice_page("weekday"), {f"number-{key}": "3"})

    assert Practice.objects.get().numbers == {"weekday": {key: 3}}


def test_only_the_owner_changes_numbers_of_the_practice(
    web_as: Callable[..., Web], adam: User, office: User
) -> None:
    for person in (adam, office):
        assert web_as(person).get(practice_page(GATE)).status_code == 403
        assert web_as(person).post(practice_page(GATE), {"number-tenderness_max": "2"}).status_code == 403
    assert Practice.objects.get().numbers == {}


@pytest.mark.parametrize("changes", [0, 25])
def test_page_of_one_client_runs_a_fixed_number_of_queries(
    program: Assignment, web_as: Callable[..., Web], adam: User, django_assert_num_queries: Any, changes: int
) -> None:
    for place in range(changes):
        own = {"missed_days": 10 + place % 2}
        change_numbers(program, "step_back", own, phase=None, by=adam, reason="x", now=NOW)
    web = web_as(adam)

    with django_assert_num_queries(9):
        web.get(reverse("admin:client_numbers", args=[program.client_id, program.pk]))
