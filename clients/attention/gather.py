"""Reads what the queue is decided by, for many clients in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db.models import Max

from clients.attention.facts import Facts, Program, StepDays, Waits
from clients.attention.thresholds import thresholds_of
from clients.models import AssignedPhase, AssignedStep, Assignment, Client, TrainingSession
from clients.numbers import rule_numbers
from clients.progression.gather import Case
from clients.progression.showing import waiting_rows
from clients.progression.standing import Kind, Standing, fold, until
from clients.safety import conditions_of_many, reaches, waiting_for_tick
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
    steps = steps_of_current_phases(running)
    care = care_of(moments, running, steps)
    numbers = thresholds_of(days)
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
                    steps.get(assignment.pk, []),
                    care.get(assignment.pk, ()),
                )
                for assignment in running[client.pk]
            ),
        )
        for client, now in moments.items()
    }


def case_of(cases: Sequence[Case], assignment: Assignment) -> Case | None:
    return next((case for case in cases if case.assignment.pk == assignment.pk), None)


def program_of(
    assignment: Assignment,
    case: Case | None,
    now: datetime,
    client: Client,
    steps: Sequence[AssignedStep],
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
        steps=tuple(StepDays(step.weekdays, step.start_after_days, step.until_days) for step in steps),
        care=care,
        forward=by_order.get(here + 1) if here is not None else None,
        back=by_order.get(here - 1) if here is not None else None,
    )


def review_rests_until(standing: Standing) -> date | None:
    """The day before which the therapist wants no review; None where nobody has said one."""
    return max((day for kind, _cause, day in standing.look_again if kind == Kind.REVIEW_DUE), default=None)


def steps_of_current_phases(running: Mapping[int, Sequence[Assignment]]) -> dict[int, list[AssignedStep]]:
    """The steps that hold now, by program. One query."""
    ids = [assignment.pk for found in running.values() for assignment in found]
    rows = AssignedStep.objects.filter(
        valid_until__isnull=True,
        phase__state=AssignedPhase.State.ACTIVE,
        phase__assignment__in=ids,
    ).select_related("phase")
    found: dict[int, list[AssignedStep]] = {}
    for step in rows.defer("as_was", "why", "note").order_by("phase", "order"):
        found.setdefault(step.phase.assignment_id, []).append(step)
    return found


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
