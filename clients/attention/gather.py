"""Reads what the queue is decided by, for many clients in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from clients import planning
from clients.attention.facts import Facts, Program, StepDays, Waits
from clients.attention.thresholds import thresholds_of
from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    Client,
    ContactRecord,
    Message,
    TrainingSession,
)
from clients.numbers import rule_numbers
from clients.progression.gather import Case
from clients.progression.showing import waiting_rows
from clients.progression.standing import Kind, Standing, fold, until
from clients.safety import blocked_days, conditions_of_many, reaches, waiting_for_tick
from clients.schedule import Pause


def facts_of(moments: Mapping[Client, datetime], cases: Mapping[int, Sequence[Case]]) -> dict[int, Facts]:
    """One client's facts by the client's key. `cases` are the programs' evidence as it was gathered for that moment."""
    days = {client.pk: client.local_date(now) for client, now in moments.items()}
    running: dict[int, list[Assignment]] = {pk: [] for pk in days}
    programs = Assignment.objects.running().filter(client__in=days).defer("texts", "why")
    for assignment in programs.prefetch_related("transitions", "pauses", "phases").order_by("pk"):
        running[assignment.client_id].append(assignment)
    last = dict(
        TrainingSession.objects.filter(client__in=days)
        .finished()
        .order_by()
        .values_list("client_id")
        .annotate(day=Max("local_date"))
    )
    held = steps_that_hold(moments, running)
    care = care_of(moments, running, {pk: [each.step for each in found] for pk, found in held.items()})
    numbers = thresholds_of(days)
    blocks = blocked_days(moments)
    reached = reached_at(moments)
    return {
        client.pk: Facts(
            today=days[client.pk],
            inside=client.user_id is not None,
            last_session=last.get(client.pk),
            numbers=numbers[client.pk],
            programs=tuple(
                program_of(
                    assignment,
                    case_of(cases.get(client.pk, ()), assignment),
                    now,
                    client,
                    [each.days for each in held[assignment.pk]],
                    care.get(assignment.pk, ()),
                )
                for assignment in running[client.pk]
            ),
            blocks=blocks[client.pk],
            reached=client.local_date(reached[client.pk]) if client.pk in reached else None,
        )
        for client, now in moments.items()
    }


def reached_at(clients: Iterable[Client]) -> dict[int, datetime]:
    """When the team last spoke with each of them or wrote to them. One query."""
    pks = [client.pk for client in clients]
    spoken = ContactRecord.objects.filter(client__in=pks).order_by().values_list("client").annotate(Max("at"))
    written = Message.objects.filter(client__in=pks, from_client=False).order_by().values_list("client")
    found: dict[int, datetime] = {}
    for pk, at in spoken.union(written.annotate(Max("at")), all=True):
        found[pk] = max(at, found.get(pk, at))
    return found


def case_of(cases: Sequence[Case], assignment: Assignment) -> Case | None:
    return next((case for case in cases if case.assignment.pk == assignment.pk), None)


def program_of(
    assignment: Assignment,
    case: Case | None,
    now: datetime,
    client: Client,
    steps: Sequence[StepDays],
    care: tuple[str, ...],
) -> Program:
    rows = until(assignment.transitions.all(), now)
    standing = fold(rows)
    today = client.local_date(now)
    pauses = [Pause(pause.since, pause.until) for pause in assignment.pauses.all()]
    phases = list(assignment.phases.all())
    here = next((phase.order for phase in phases if phase.state == AssignedPhase.State.ACTIVE), None)
    by_order = {phase.order: phase.pk for phase in phases}
    return Program(
        pk=assignment.pk,
        started=assignment.start_date,
        evidence=case.evidence if case else None,
        waits=tuple(
            Waits(row.kind, row.pk, row.local_date, rests=row.kind == Kind.RELEASE_ONLY)
            for row in waiting_rows(standing)
        ),
        escalate_after=rule_numbers(assignment, "proposals", rows).value("escalate_after_days", 3),
        review_rests_until=review_rests_until(standing),
        paused=any(pause.holds(today) for pause in pauses),
        pauses=pauses,
        steps=tuple(steps),
        care=care,
        forward=by_order.get(here + 1) if here is not None else None,
        back=by_order.get(here - 1) if here is not None else None,
    )


def review_rests_until(standing: Standing) -> date | None:
    """The day before which the therapist wants no review; None where nobody has said one."""
    return max((day for kind, _cause, day in standing.look_again if kind == Kind.REVIEW_DUE), default=None)


@dataclass(frozen=True)
class Held:
    """A step that holds now, and on which days it is due."""

    step: AssignedStep
    days: StepDays


def steps_that_hold(
    moments: Mapping[Client, datetime], running: Mapping[int, Sequence[Assignment]]
) -> dict[int, list[Held]]:
    """The newest version of each step that a plan may hold now, by program: see `planning.steps_on`. One query.

    Also while a program is paused or before its first day, as it goes on with them, or begins.
    """
    programs = [assignment for found in running.values() for assignment in found]
    entered = {phase for assignment in programs for phase in planning.entered(assignment)}
    rows = AssignedStep.objects.filter(valid_until__isnull=True, phase__in=entered)
    # What a step targets is asked only where release is open again
    unread = ["why", "note"] if planning.reopened(programs) else ["why", "note", "as_was"]
    steps: dict[int, list[AssignedStep]] = {}
    for step in rows.defer(*unread).order_by("phase__order", "order", "pk"):
        steps.setdefault(step.phase_id, []).append(step)
    found: dict[int, list[Held]] = {}
    for client, now in moments.items():
        for assignment in running[client.pk]:
            facts = planning.facts_of(assignment, steps)
            day = max([client.local_date(now), *(stint.first_day for stint in facts.stints)])
            found[assignment.pk] = [
                Held(step, days_of(facts, step, day))
                for step, _number in planning.steps_among(facts, facts.steps, day)
            ]
    return found


def days_of(facts: planning.AssignmentFacts, step: AssignedStep, day: date) -> StepDays:
    phase = facts.phase_on(day)
    if phase is not None and step.phase_id == phase[0].pk:
        return StepDays(step.weekdays, step.start_after_days, step.until_days)
    alongside = facts.standing_on(day).alongside
    if alongside is not None and step.phase_id == planning.beside(alongside):
        return StepDays(step.weekdays, step.start_after_days, step.until_days, since=alongside.local_date)
    return StepDays(step.weekdays, 0, None)  # reopened: whatever its days were


def care_of(
    moments: Mapping[Client, datetime],
    running: Mapping[int, Sequence[Assignment]],
    steps: Mapping[int, list[AssignedStep]],
) -> dict[int, tuple[str, ...]]:
    """What waits for the therapist's yes, by program. What the exercises touch is asked only where there are conditions."""
    known = conditions_of_many({client: client.local_date(now) for client, now in moments.items()})
    concerned = [
        assignment.pk for pk, found in running.items() if known[pk].conditions for assignment in found
    ]
    reach = reaches(step.exercise_id for pk in concerned for step in steps.get(pk, ()))
    found: dict[int, tuple[str, ...]] = {}
    for pk, programs in running.items():
        for assignment in programs:
            if assignment.pk in concerned:
                waiting = waiting_for_tick(steps.get(assignment.pk, ()), reach, known[pk])
                found[assignment.pk] = tuple(each.key for each in waiting)
    return found
