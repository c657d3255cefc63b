"""What must never happen, counted: the watchers know the rows and what the simulated people remember, not the rules.

Each check is written anew from the requirement, so that a rule that is broken does not also blind its watcher.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from clients.demo.simulation.lives import Person
from clients.models import (
    AssignedPhase,
    ClientTag,
    MorningAnswer,
    PhaseTransition,
    SessionReading,
    SetRecord,
    TendernessReading,
    TrainingSession,
)
from clients.planning import DayPlan
from clients.progression.criteria import gate
from clients.progression.gather import Case, cases_of
from routines.models import ConditionTag, ExerciseTag

EARLY = "strengthening before its gate"
PAUSED = "strengthening while paused"
FORBIDDEN = "a forbidden exercise offered"
BLOCKED = "a session while blocked"
SKIPPED = "a phase skipped or entered twice"
ROWLESS = "a change of phase without its row and person"
MISSING = "met on missing data"
LOWERED = "adherence lowered by a pause"
REWRITTEN = "history changed"
TWICE = "two answers for the same moment"
VIOLATIONS = (EARLY, PAUSED, FORBIDDEN, BLOCKED, SKIPPED, ROWLESS, MISSING, LOWERED, REWRITTEN, TWICE)

LOADING = ("strengthen", "integrate")
MOVES = ("started", "advanced", "stepped_back")

Row = tuple[str, "int | None", dict[str, Any]]  # kind, to which phase, numbers of a decision


@dataclass
class Watch:
    """Counts of violations, and of what was looked at."""

    counts: Counter[str] = field(default_factory=Counter)
    looked: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    forbids: dict[int, set[str]] = field(default_factory=dict)
    whole_person: set[str] = field(default_factory=set)
    kept: list[tuple[Person, datetime, Any]] = field(default_factory=list)

    @classmethod
    def ready(cls) -> Watch:
        watch = cls()
        for exercise, tag in ExerciseTag.objects.filter(rule="avoid").values_list("exercise_id", "tag__slug"):
            watch.forbids.setdefault(exercise, set()).add(tag)
        watch.whole_person = set(
            ConditionTag.objects.filter(scope=ConditionTag.Scope.WHOLE_PERSON).values_list("slug", flat=True)
        )
        return watch

    def violation(self, what: str, example: str) -> None:
        self.counts[what] += 1
        self.examples.setdefault(what, example)

    # ---- Each day ---------------------------------------------------------------------------------------------------

    def days(self, plans: Iterable[tuple[Person, DayPlan]]) -> None:
        """What each person is offered on their day, before anything of it is done."""
        plans = list(plans)
        rows: dict[int, dict[int, list[Row]]] = {}
        clients = [person.client.pk for person, _plan in plans]
        found = PhaseTransition.objects.filter(assignment__client__in=clients).order_by("at", "pk")
        for client, assignment, kind, to, numbers in found.values_list(
            "assignment__client_id", "assignment_id", "kind", "to_phase_id", "numbers"
        ):
            rows.setdefault(client, {}).setdefault(assignment, []).append((kind, to, numbers))
        tags: dict[int, set[str]] = {}
        holding = ClientTag.objects.filter(client__in=clients, valid_to=None, tag__slug__in=self.whole_person)
        for client, slug in holding.values_list("client_id", "tag__slug"):
            tags.setdefault(client, set()).add(slug)
        for person, plan in plans:
            self.day(person, plan, rows.get(person.client.pk, {}), tags.get(person.client.pk, set()))

    def day(self, person: Person, plan: DayPlan, rows: dict[int, list[Row]], tags: set[str]) -> None:
        self.looked["days"] += 1
        open_ = {phase for each in rows.values() for phase in open_phases(each)}
        paused = any(rests(each) for each in rows.values())
        for item in plan.items:
            self.looked["items"] += 1
            if item.kind in LOADING:
                if not any(step.phase_id in open_ for step in item.steps):
                    self.violation(EARLY, f"{person.client.name} on {plan.day}")
                if paused or person.ledger.flare:
                    self.violation(PAUSED, f"{person.client.name} on {plan.day}")
            if self.forbids.get(item.exercise_id, set()) & tags:
                self.violation(FORBIDDEN, f"{person.client.name} on {plan.day}, exercise {item.exercise_id}")

    # ---- Each week --------------------------------------------------------------------------------------------------

    def week(self, person: Person, now: datetime, found: list[Case], *, keep: bool) -> None:
        """Adherence of whole days; and now and then the answer of the gate, to be asked again in the end.

        `found` are the person's programs as they stand now.
        """
        for case in found:
            due = case.evidence.due
            for day in person.ledger.whole_days & set(due):
                self.looked["whole days"] += 1
                asked, done = due[day]
                if done < asked - 1e-9:
                    self.violation(LOWERED, f"{person.client.name} on {day}: {done} of {asked}")
            for pause in case.assignment.pauses.all():
                n = 0
                while pause.since + timedelta(days=n) <= min(pause.until or pause.since, case.evidence.today):
                    if pause.since + timedelta(days=n) in due:
                        self.violation(LOWERED, f"{person.client.name}: a paused day is due")
                    n += 1
        if keep:
            self.kept.append((person, now, answers(found)))

    def seen_by_the_end(self, everybody: list[Person]) -> Counter[str]:
        """What would be counted if it ended now."""
        looked = replace(self, counts=Counter(self.counts), looked=Counter(self.looked))
        for person in everybody:
            looked.end(person)
        looked.ask_again()
        return looked.counts

    # ---- In the end -------------------------------------------------------------------------------------------------

    def end(self, person: Person) -> None:
        self.blocked(person)
        for assignment in person.assignments:
            self.phases(list(assignment.phases.order_by("order")), moves_of(assignment.pk))
            self.missing_data(person, assignment.pk)
        self.records(person)

    def blocked(self, person: Person) -> None:
        for _n in range(person.ledger.sessions_while_blocked):
            self.violation(BLOCKED, f"{person.client.name}")

    def phases(self, phases: list[AssignedPhase], moves: list[PhaseTransition]) -> None:
        """Each move leads one phase on or any back, from where the last one led; the state is what the rows say."""
        order = {phase.pk: phase.order for phase in phases}
        here: int | None = None
        for row in moves:
            self.looked["moves"] += 1
            to = row.to_phase_id
            if row.kind != "started" and (row.by_id is None or not row.reason):
                self.violation(ROWLESS, f"move {row.pk}")
            if here is not None and to is not None:
                step = order[to] - order[here]
                if row.from_phase_id != here or not (step == 1 or step < 0):
                    self.violation(SKIPPED, f"move {row.pk}")
            here = to
        active = [phase.pk for phase in phases if phase.state == AssignedPhase.State.ACTIVE]
        if active != [here]:
            self.violation(
                ROWLESS, f"assignment {phases[0].assignment_id}: {active} is active, the rows say {here}"
            )

    def missing_data(self, person: Person, assignment: int) -> None:
        rows = PhaseTransition.objects.filter(assignment=assignment, kind="ready")
        for row in rows:
            self.looked["ready"] += 1
            for criterion in row.numbers["criteria"]:
                if criterion["answer"] != "met" or self.lacks(person, row, criterion):
                    self.violation(MISSING, f"{person.client.name}, ready {row.pk}: {criterion['slug']}")

    def lacks(self, person: Person, row: PhaseTransition, criterion: dict[str, Any]) -> bool:
        """Whether the person never told what this criterion needs."""
        figures = criterion["figures"]
        needs = {
            "adherence": "percent",
            "tenderness": "latest",
            "mean_pain": "mean",
            "against_baseline": "baseline",
            "session_pain": "worst",
            "pain_drop": "mean",
            "activities": "gain",
        }
        if (key := needs.get(criterion["slug"])) and figures.get(key) is None:
            return True
        if criterion["slug"] == "tenderness":
            days = criterion["numbers"]["window_days"]["value"]
            told = {
                day
                for day, slug, side in person.ledger.tender
                if (slug, side) == (criterion["muscle"]["slug"], criterion["side"])
            }
            return not any(row.local_date - timedelta(days=days) < day <= row.local_date for day in told)
        if criterion["slug"] == "no_red_sessions":
            return bool(figures["untold"]) or not figures["sessions"]
        if criterion["slug"] == "green_sessions":
            return self.mornings_missing(
                person, row, criterion["numbers"]["consecutive_green_sessions"]["value"]
            )
        return False

    def mornings_missing(self, person: Person, row: PhaseTransition, number: int) -> bool:
        served = TrainingSession.objects.filter(
            client=person.client,
            started_at__lte=row.at,
            local_date__lt=row.local_date,
            items__kind__in=LOADING,
            items__set_records__done=True,
            items__steps__phase__assignment=row.assignment_id,
        )
        days = list(served.order_by("-local_date").values_list("local_date", flat=True).distinct())[:number]
        return any(person.ledger.mornings.get(day) not in ("fine", "a_bit_sore") for day in days)

    def records(self, person: Person) -> None:
        """As many rows as the person told things: none twice, none lost, none changed."""
        client, ledger = person.client, person.ledger
        self.looked["records"] += ledger.sets + ledger.readings
        if SetRecord.objects.filter(client=client).count() != ledger.sets:
            self.violation(TWICE, f"sets of client {client.pk}")
        if SessionReading.objects.filter(client=client).count() != ledger.readings:
            self.violation(TWICE, f"readings of client {client.pk}")
        mornings = list(MorningAnswer.objects.filter(client=client).values_list("after_day", "word"))
        if len(mornings) != len(ledger.mornings):
            self.violation(TWICE, f"mornings of client {client.pk}")
        if dict(mornings) != ledger.mornings:
            self.violation(REWRITTEN, f"mornings of client {client.pk}")
        told = TendernessReading.objects.filter(client=client)
        if {
            (r.local_date, r.muscle.slug, r.side): r.value for r in told.select_related("muscle")
        } != ledger.tender:
            self.violation(REWRITTEN, f"tenderness of client {client.pk}")

    def ask_again(self) -> None:
        """The gate as of each moment that was kept answers as it did then."""
        moments: dict[datetime, list[tuple[Person, Any]]] = {}
        for person, moment, then in self.kept:
            moments.setdefault(moment, []).append((person, then))
        for moment, kept in moments.items():
            found = cases_of({person.client: moment for person, _then in kept})
            for person, then in kept:
                self.looked["asked again"] += 1
                if answers(found[person.client.pk]) != then:
                    self.violation(REWRITTEN, f"{person.client.name} as of {moment:%Y-%m-%d}")


def open_phases(rows: list[Row]) -> set[int]:
    """Phases whose strengthening may be offered: the one that a person led to, and one that was opened beside it."""
    current: int | None = None
    beside: int | None = None
    for kind, to, numbers in rows:
        if kind in MOVES:
            current, beside = to, None
        elif kind == "alongside":
            beside = numbers.get("phase")
        elif kind == "alongside_ended":
            beside = None
        elif kind == "ended":
            current = beside = None
    return {phase for phase in (current, beside) if phase is not None}


def rests(rows: list[Row]) -> bool:
    """Whether strengthening was paused and neither came back nor gave way to a phase of release."""
    paused = False
    for kind, _to, numbers in rows:
        if kind == "release_only":
            paused = True
        elif kind == "strengthening_back" or (kind == "stepped_back" and numbers.get("to_kind") == "release"):
            paused = False
    return paused


def moves_of(assignment: int) -> list[PhaseTransition]:
    return list(PhaseTransition.objects.filter(assignment=assignment, kind__in=MOVES).order_by("at", "pk"))


def answers(found: list[Case]) -> list[Any]:
    return [[criterion.as_json() for criterion in gate(case.evidence)] for case in found]
