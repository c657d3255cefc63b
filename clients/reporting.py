"""What became of the programs that were given: one row a program, medians and shares, with care for small numbers.

A report describes the practice's own records. It proves nothing about a program: people were not drawn by lot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import F, Prefetch
from django.utils.translation import gettext_lazy as _

from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    OutcomeResponse,
    PhaseTransition,
    TrainingSession,
)
from clients.outcomes import ACTIVITIES, PAIN, Difference, important
from clients.planning import AssignmentFacts, facts_of
from clients.progression.standing import MOVES
from clients.safety import blocked_days
from clients.schedule import Pause, falls_on, phase_day
from routines.models import OutcomeMeasure

FEW = 5  # people; below that neither a median nor a share is told, only the counts
FIRST_WEEKS = 28  # days from the start on which adherence is looked at, so that old and new programs compare
LEAST_DUE = 7  # days on which something was due; fewer say nothing about a habit
SILENT = 28  # days without a session of a program that runs; on paused and blocked ones nobody could train
BEFORE = 14  # days before the start on which a measure may have been answered to count as its beginning
PERIODS = {"quarter": (91, _("Last 3 months")), "year": (365, _("Last year")), "all": (None, _("All"))}


@dataclass(frozen=True)
class Answer:
    """One score of one day; `activities` is the list that was rated, as another list begins anew."""

    day: date
    score: Decimal
    measure: OutcomeMeasure
    activities: int | None = None


Answers = Mapping[str, Sequence[Answer]]  # by measure, oldest first


@dataclass(frozen=True)
class Course:
    """One program of one client. `share` is days trained of days due, 0 to 1; None: not enough data."""

    program: int
    client: int
    began: date
    state: str  # running, silent, finished, early
    share: float | None = None
    changes: Mapping[str, tuple[Decimal, Difference | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """A figure and how many people stand behind it; no figure where they are few."""

    people: int
    value: float | Decimal | None = None

    @property
    def few(self) -> bool:
        return 0 < self.people < FEW


@dataclass(frozen=True)
class Reached:
    """How many of those who answered a measure twice changed by what matters, and their median change in points."""

    of: int
    better: int
    worse: int
    change: Told

    @property
    def percent(self) -> int | None:
        return round(100 * self.better / self.of) if self.of >= FEW else None


@dataclass(frozen=True)
class Row:
    """What is told of one program, or of all of one imbalance."""

    name: str
    people: int
    running: int
    finished: int
    early: int
    silent: int
    adherence: Told  # median percent
    pain: Reached
    activities: Reached

    @property
    def left(self) -> Told:
        """Drop-out in percent: ended before the last phase, or silent for four weeks."""
        gone = self.early + self.silent
        return Told(self.people, 100 * gone / self.people if self.people >= FEW else None)


@dataclass(frozen=True)
class Group:
    """The programs for one imbalance, and all of them together."""

    whole: Row
    rows: tuple[Row, ...]


# ---- Summing: pure ----------------------------------------------------------------------------------------------------


def newest_of_each(courses: Iterable[Course]) -> list[Course]:
    """One course for each person, the one that began last: people are counted, never programs."""
    return list({course.client: course for course in sorted(courses, key=lambda each: each.began)}.values())


def row_of(name: str, every: Iterable[Course]) -> Row:
    courses = newest_of_each(every)
    states = [course.state for course in courses]
    return Row(
        name=name,
        people=len(courses),
        running=states.count("running") + states.count("silent"),
        finished=states.count("finished"),
        early=states.count("early"),
        silent=states.count("silent"),
        adherence=middle([100 * course.share for course in courses if course.share is not None]),
        pain=reached(courses, PAIN),
        activities=reached(courses, ACTIVITIES),
    )


def middle(values: Sequence[Any]) -> Told:
    return Told(len(values), median(values) if len(values) >= FEW else None)


def reached(courses: Iterable[Course], measure: str) -> Reached:
    found = [course.changes[measure] for course in courses if measure in course.changes]
    said = [difference for _change, difference in found]
    return Reached(
        of=len(found),
        better=said.count(Difference.BETTER),
        worse=said.count(Difference.WORSE),
        change=middle([change for change, _difference in found]),
    )


def state_of(
    assignment: Assignment,
    *,
    last_phase: bool,
    rests: Sequence[Pause],
    trained: date | None,
    today: date,
) -> str:
    """Where this program stands: ended after or before its last phase, silent for four weeks, or running."""
    if assignment.ended_on is not None:
        return "finished" if last_phase else "early"
    since = max(trained or assignment.start_date, assignment.start_date)
    resting = any(rest.holds(today) for rest in rests)
    return "silent" if not resting and phase_day(since, today, rests) > SILENT else "running"


def due_days(facts: AssignmentFacts, first: date, last: date, rests: Sequence[Pause]) -> set[date]:
    """The days on which at least one step of the phase fell due. Days of rest are not due."""
    found = set()
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        here = facts.phase_on(day)
        if here is None or any(rest.holds(day) for rest in rests):
            continue
        phase, number = here
        if any(
            step.phase_id == phase.pk
            and step.valid_from <= day
            and (step.valid_until is None or day < step.valid_until)
            and falls_on(step.weekdays, step.start_after_days, step.until_days, day, number)
            for step in facts.steps
        ):
            found.add(day)
    return found


def share_of(due: set[date], trained: set[date]) -> float | None:
    return len(due & trained) / len(due) if len(due) >= LEAST_DUE else None


# ---- Gathering ----------------------------------------------------------------------------------------------------------


def report(user: Any, now: datetime, *, period: str = "year") -> list[Group]:
    """The programs that this person's clients were given in the period, by imbalance. A fixed number of queries."""
    days, _word = PERIODS[period]
    programs = Assignment.objects.visible_to(user).filter(start_date__lte=now.date() + timedelta(days=1))
    if days is not None:
        programs = programs.filter(start_date__gte=now.date() - timedelta(days=days))
    found = read(programs)
    courses = courses_of(found, now)
    by_program: dict[Any, dict[str, list[Course]]] = defaultdict(lambda: defaultdict(list))
    for assignment, course in zip(found, courses, strict=True):
        imbalance = assignment.imbalance.text("name") if assignment.imbalance else ""
        by_program[imbalance][assignment.program.text("name")].append(course)
    groups = [
        Group(
            row_of(imbalance, [course for each in rows.values() for course in each]),
            tuple(row_of(name, each) for name, each in sorted(rows.items())),
        )
        for imbalance, rows in by_program.items()
    ]
    return sorted(groups, key=lambda group: (not group.whole.name, group.whole.name))


def read(programs: Any) -> list[Assignment]:
    begun = F("phase__assignment__start_date") + timedelta(days=FIRST_WEEKS)
    steps = AssignedStep.objects.filter(valid_from__lt=begun).only(
        "phase", "valid_from", "valid_until", "weekdays", "start_after_days", "until_days"
    )
    moves = PhaseTransition.objects.filter(kind__in=[*MOVES, PhaseTransition.Kind.ENDED]).order_by("at", "pk")
    return list(
        programs.select_related("client", "program", "imbalance").prefetch_related(
            "pauses",
            Prefetch("transitions", moves),
            Prefetch("phases", AssignedPhase.objects.defer("numbers", "tenderness_sites")),
            Prefetch("phases__steps", steps),
        )
    )


def courses_of(programs: Sequence[Assignment], now: datetime) -> list[Course]:
    clients = {each.client_id for each in programs}
    trained = days_trained(clients, min((each.start_date for each in programs), default=now.date()))
    answers = answers_of(clients)
    blocks = blocked_days(each.client for each in programs)
    return [
        course_of(each, trained[each.client_id], answers[each.client_id], blocks[each.client_id], now)
        for each in programs
    ]


def course_of(
    assignment: Assignment,
    trained: set[date],
    answers: Answers,
    blocks: Sequence[Pause],
    now: datetime,
) -> Course:
    today = assignment.client.local_date(now)
    phases = list(assignment.phases.all())
    facts = facts_of(assignment, {phase.pk: list(phase.steps.all()) for phase in phases})
    rests = [*facts.pauses, *blocks]
    begin = assignment.start_date
    end = min(begin + timedelta(days=FIRST_WEEKS - 1), today - timedelta(days=1))
    if (
        assignment.client.user_id is None
    ):  # on paper nothing is known of the days after the last that was keyed in
        end = min(end, max(trained, default=begin - timedelta(days=1)))
    last_phase = bool(phases) and phases[-1].state != AssignedPhase.State.LOCKED
    return Course(
        program=assignment.program_id,
        client=assignment.client_id,
        began=begin,
        state=state_of(
            assignment,
            last_phase=last_phase,
            rests=rests,
            trained=max(trained, default=None),
            today=today,
        ),
        share=share_of(due_days(facts, begin, end, rests), trained),
        changes=changes_of(answers, begin - timedelta(days=BEFORE), assignment.ended_on or today),
    )


def changes_of(answers: Answers, first: date, last: date) -> dict[str, tuple[Decimal, Difference | None]]:
    """Of each measure that was answered on two days at least: the latest less the first score, and what that says."""
    found = {}
    for slug, rows in answers.items():
        within = [row for row in rows if first <= row.day <= last]
        same = [row for row in within if row.activities == within[-1].activities]
        if len(same) >= 2:
            start, latest = same[0], same[-1]
            found[slug] = (latest.score - start.score, important(start.score, latest.score, latest.measure))
    return found


def days_trained(clients: Iterable[int], since: date) -> dict[int, set[date]]:
    """The days with a finished session in which something was done, by client."""
    found: dict[int, set[date]] = defaultdict(set)
    sessions = TrainingSession.objects.filter(client__in=set(clients)).finished().trained()
    rows = sessions.filter(local_date__gte=since).order_by().values_list("client", "local_date").distinct()
    for client, day in rows:
        found[client].add(day)
    return found


def answers_of(clients: Iterable[int]) -> dict[int, dict[str, list[Answer]]]:
    measures = {measure.pk: measure for measure in OutcomeMeasure.objects.filter(slug__in=[PAIN, ACTIVITIES])}
    found: dict[int, dict[str, list[Answer]]] = defaultdict(lambda: defaultdict(list))
    rows = OutcomeResponse.objects.filter(client__in=set(clients), measure__in=measures).latest_revisions()
    columns = ("client", "measure", "local_date", "score", "activities")
    for client, measure, day, score, activities in rows.order_by("local_date").values_list(*columns):
        found[client][measures[measure].slug].append(Answer(day, score, measures[measure], activities))
    return found
