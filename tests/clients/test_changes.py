"""What changed and why, as the client reads it, and what of it is news."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clients.adjusting import add_step, change_step, remove_step, reorder_steps
from clients.changes import NEW_FOR, SHOWN, changes_of, has_news, mark_seen, seen_since
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import AssignedStep, Assignment, Client, PhaseTransition, User
from routines.models import Exercise
from routines.wording import often

DAY = timedelta(days=1)


def first(assignment: Assignment) -> AssignedStep:
    steps = AssignedStep.objects.filter(
        phase__assignment=assignment, phase__order=0, valid_until__isnull=True
    )
    return steps.select_related("phase__assignment__client").order_by("order").first()


def more(
    step: AssignedStep, by: User | None, *, now: Any = NOW, reason: str = "It is time", sets: int = 1
) -> AssignedStep:
    return change_step(step, by=by, reason=reason, now=now, dose=replace(step.dose, sets=step.sets + sets))


def told(client: Client) -> list[str]:
    return [change.what for change in changes_of(client, NOW - DAY)]


def test_old_and_new_dose_stand_side_by_side_with_who_and_why(
    client: Client, assignment: Assignment, therapist: User
) -> None:
    more(first(assignment), therapist)

    change = changes_of(client, NOW - DAY)[0]

    assert change.what == "Ball release, buttock at a wall: 2 × 45 s, right side → 3 × 45 s, right side"
    assert (change.why, change.by, change.new) == ("It is time", therapist.name, True)


def test_how_often_is_told_where_it_is_another(
    client: Client, assignment: Assignment, therapist: User
) -> None:
    step = first(assignment)
    change_step(step, by=therapist, reason="Less", now=NOW, dose=replace(step.dose, days_per_week=3))

    assert told(client)[0].endswith(f"{often(first(assignment).dose)}")
    assert often(step.dose) in told(client)[0]


def test_added_removed_reordered_and_noted_are_told(
    client: Client, assignment: Assignment, therapist: User
) -> None:
    phase = first(assignment).phase
    who = {"by": therapist, "reason": "Why", "now": NOW}
    extra = Exercise.objects.exclude(pk__in=phase.steps.values("exercise")).first()
    added = add_step(phase, extra, dose=extra.dose, side="both", note="", **who)
    change_step(added, note="Softly", **who)
    gone = first(assignment)
    remove_step(gone, **who)
    current = AssignedStep.objects.filter(phase=phase, valid_until__isnull=True).order_by("-order")
    reorder_steps(phase, list(current.values_list("exercise", flat=True)), **who)

    words = " | ".join(told(client))
    assert f"{added.name}: added" in words
    assert f"{added.name}: with another note" in words
    assert f"{gone.name}: taken out" in words
    assert "in another place of the list" in words


def test_moves_between_phases_are_told(client: Client, assignment: Assignment) -> None:
    builders.advance(assignment, reason="All is calm")

    change = changes_of(client, NOW - DAY)[0]

    assert change.what.startswith("Moved on: ")
    assert (change.why, change.new) == ("All is calm", True)


def test_the_same_change_of_the_same_day_is_told_once(client: Client, assignment: Assignment) -> None:
    for event in ("red/session/1", "red/session/2"):
        PhaseTransition.objects.create(
            assignment=assignment,
            kind=PhaseTransition.Kind.DOSE_REDUCED,
            event=event,
            at=NOW,
            local_date=client.local_date(NOW),
            numbers={"of": "release", "cause": "session", "day": str(client.local_date(NOW))},
        )

    assert told(client).count("A little less for now") == 1


def test_nothing_of_another_client_is_told(client: Client, assignment: Assignment, therapist: User) -> None:
    other = builders.make_client(name="Ben", therapist=therapist)
    more(first(builders.assign(other)), therapist, reason="CANARY")

    assert "CANARY" not in repr(changes_of(client, NOW - DAY))
    assert not has_news(client, NOW + DAY)


def test_news_is_what_the_team_changed_since_the_last_look(
    client: Client, assignment: Assignment, therapist: User
) -> None:
    assert not has_news(client, NOW)
    step = more(first(assignment), therapist)
    assert has_news(client, NOW + timedelta(hours=1))

    mark_seen(client, NOW + timedelta(hours=2))
    client.refresh_from_db()
    assert not has_news(client, NOW + timedelta(hours=3))
    assert not any(change.new for change in changes_of(client, seen_since(client, NOW + timedelta(hours=3))))

    remove_step(step, by=therapist, reason="Enough", now=NOW + timedelta(hours=4))  # on the same day
    assert has_news(client, NOW + timedelta(hours=5))
    news = [
        change.what
        for change in changes_of(client, seen_since(client, NOW + timedelta(hours=5)))
        if change.new
    ]
    assert news == [f"{step.name}: taken out"]


def test_what_the_client_changed_is_no_news(client: Client, assignment: Assignment) -> None:
    step = AssignedStep.objects.filter(phase__assignment=assignment, weekdays="135").first()
    change_step(
        AssignedStep.objects.select_related("phase__assignment__client").get(pk=step.pk),
        by=None,
        reason="Moved to other days",
        now=NOW,
        weekdays="246",
    )

    assert not has_news(client, NOW + DAY)
    assert not changes_of(client, NOW - DAY)[0].new


def test_old_changes_are_no_news(client: Client, assignment: Assignment, therapist: User) -> None:
    more(first(assignment), therapist)

    assert not has_news(client, NOW + NEW_FOR + DAY)


def test_late_look_takes_nothing_back(client: Client) -> None:
    mark_seen(client, NOW)
    mark_seen(client, NOW - DAY)

    client.refresh_from_db()
    assert client.changes_seen_at == NOW


@pytest.mark.parametrize("number", [1, 3, SHOWN + 5])
def test_list_is_bounded_and_costs_the_same(
    client: Client, assignment: Assignment, therapist: User, number: int, django_assert_num_queries: Any
) -> None:
    builders.advance(assignment)
    step = first(assignment)
    for place in range(number):
        step = more(step, therapist, sets=1 if place % 2 else -1)

    with django_assert_num_queries(2):
        assert len(changes_of(client, NOW - DAY)) == min(number + 2, SHOWN)
