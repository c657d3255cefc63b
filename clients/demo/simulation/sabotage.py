"""Rules broken on purpose, one for each counter: a watcher that does not see its rule broken is worth nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from clients import planning, recording, safety, telling
from clients.demo import builders
from clients.demo.simulation import lives, watching
from clients.models import AssignedPhase, Assignment, MorningAnswer, PhaseTransition
from clients.progression import criteria, decide, gather
from clients.progression.criteria import Answer

real_gate = criteria.gate
real_due_by_day = gather.due_by_day


def every_phase_at_once(facts: planning.AssignmentFacts, day: date) -> Iterator[Any]:
    """No gate: the steps of every phase are offered from the first day on."""
    found = facts.phase_on(day)
    if found is not None:
        yield from ((step, found[1]) for step in planning.valid_steps(facts, day))


def never_pausing(facts: planning.PlanFacts, day: date) -> bool:
    return False


def forbidding_nothing(*args: Any) -> safety.Verdict:
    return safety.Verdict()


def skipping(assignment: Assignment, *, to: AssignedPhase, **decision: Any) -> PhaseTransition:
    """To the phase after the next one."""
    phases = list(AssignedPhase.objects.filter(assignment=assignment))
    further = phases[min(to.order + 1, len(phases) - 1)]
    return moved(assignment, further, **decision)


def moved(assignment: Assignment, to: AssignedPhase, **decision: Any) -> PhaseTransition:
    current = AssignedPhase.objects.get(assignment=assignment, state=AssignedPhase.State.ACTIVE)
    switch(current, to, decision["now"])
    return PhaseTransition.objects.create(
        assignment=assignment,
        kind="advanced",
        from_phase=current,
        to_phase=to,
        at=decision["now"],
        local_date=assignment.client.local_date(decision["now"]),
        by=decision["by"],
        reason=decision["reason"],
    )


def switch(current: AssignedPhase, to: AssignedPhase, now: Any) -> None:
    today = max(current.started_on or now.date(), current.assignment.client.local_date(now))
    AssignedPhase.objects.filter(pk=current.pk).update(state="done", ended_on=today)
    AssignedPhase.objects.filter(pk=to.pk).update(state="active", started_on=today, ended_on=None)


def without_a_row(assignment: Assignment, *, to: AssignedPhase, **decision: Any) -> None:
    switch(AssignedPhase.objects.get(assignment=assignment, state="active"), to, decision["now"])


def met_all_the_same(evidence: Any) -> list[criteria.Criterion]:
    """What is not known is taken as met."""
    return [
        replace(each, answer=Answer.MET) if each.answer == Answer.NOT_ENOUGH else each
        for each in real_gate(evidence)
    ]


def pauses_count(told: Any, facts: Any, since: date) -> dict[date, tuple[int, float]]:
    """What rests in a pause is held against the person."""
    found = real_due_by_day(told, facts, since)
    return {
        day: (due + 1, share) if told.facts.release_only(day) or facts.paused_on(day) else (due, share)
        for day, (due, share) in found.items()
    }


def overwriting(client: Any, after_day: date, *told: Any, **sent: Any) -> Any:
    """Earlier answers are changed in place when a new one is told."""
    MorningAnswer.objects.filter(client=client, after_day__lt=after_day).update(word="sore")
    return telling.record_morning(client, after_day, *told, **sent)


def twice(*args: Any, key: str, **sent: Any) -> Any:
    """The key of a repeated request is not looked at."""
    return recording.record_set(*args, key=builders.new_key(), **sent)


# Counter: module, name, what stands there instead
PATCHES: dict[str, list[tuple[Any, str, Any]]] = {
    watching.EARLY: [
        (planning, "steps_on", every_phase_at_once),
        (planning, "entered", lambda assignment: {phase.pk for phase in assignment.phases.all()}),
    ],
    watching.PAUSED: [(planning.PlanFacts, "release_only", never_pausing)],
    watching.FORBIDDEN: [(planning, "judge", forbidding_nothing)],
    watching.BLOCKED: [(planning, "open_blocks_of", lambda clients: {})],
    watching.SKIPPED: [(lives, "move", skipping)],
    watching.ROWLESS: [(lives, "move", without_a_row)],
    watching.MISSING: [(decide, "gate", met_all_the_same)],
    watching.LOWERED: [(gather, "due_by_day", pauses_count)],
    watching.REWRITTEN: [(lives, "record_morning", overwriting)],
    watching.TWICE: [(lives, "record_set", twice)],
}
