"""How it goes: the same charts for the client and for the therapist, who reads more of them (`detail`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clients.casefile.milestones import OPENS, Milestone, milestones
from clients.casefile.plan import rail_parts
from clients.casefile.told import Felt, Readings, diary_of, felt_of, loads_of, readings_of
from clients.casefile.weeks import WEEKS, WeekLine, days_on_file, first_of, minutes_of_weeks
from clients.charts.chart import Chart
from clients.charts.felt import SESSION_GAP, by_day, sides_chart, tenderness_chart, tightness_chart
from clients.charts.load import load_chart
from clients.charts.measure import measure_chart, own_chart
from clients.charts.pain import diary_chart, morning_chart, pain_chart, strain_chart
from clients.charts.weeks import minutes_chart, weeks_chart
from clients.measures import Measures, measures_of
from clients.measuring import OwnLine, own_lines
from clients.models import AssignedPhase, Assignment, Client, PhaseTransition, TrainingSession
from clients.planning import AssignmentFacts, PlanFacts, gather
from clients.progression.gather import FAR, Case, cases
from clients.progression.showing import Gate, gate_for_client, gate_for_therapist
from clients.schedule import week_of


@dataclass(frozen=True)
class Scope:
    """How much of everything is shown."""

    weeks: int
    muscles: int
    exercises: int
    milestones: int


FOR_CLIENT = Scope(weeks=WEEKS, muscles=6, exercises=4, milestones=8)
FOR_THERAPIST = Scope(weeks=26, muscles=16, exercises=12, milestones=30)


@dataclass(frozen=True)
class Stage:
    """Where one running program stands: its rail, and the gate of its phase."""

    assignment: Assignment
    rail: list[dict[str, Any]]
    phase: AssignedPhase
    day: int
    paused: bool
    gate: Gate | None


@dataclass(frozen=True)
class Section:
    """One question with its charts; `word` names it in short, `empty` is what stands there while there is no chart."""

    key: str
    word: str
    title: str
    charts: list[Chart]
    empty: str


@dataclass(frozen=True)
class Progress:
    stages: list[Stage]
    sections: list[Section]
    milestones: list[Milestone]
    measures: Measures
    sessions: int
    since: date | None

    @property
    def begun(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self.sessions or any(section.charts for section in self.sections))

    def section(self, key: str) -> Section:
        return next(each for each in self.sections if each.key == key)


def progress_of(client: Client, now: datetime, *, detail: bool = False) -> Progress:
    """A fixed number of queries, whatever years there are: long times are drawn by weeks or months."""
    today = client.local_date(now)
    scope = FOR_THERAPIST if detail else FOR_CLIENT
    facts = gather(client, min(first_of(today, scope.weeks), today - FAR), week_of(today)[-1])
    done = trained_on(client)
    days = days_on_file(client, today, scope.weeks, facts, done)
    weeks = days.weeks(on_paper=client.user_id is None)
    readings = readings_of(client)
    felt = felt_of(client, readings.sessions)
    measures = measures_of(client, today)
    own = own_lines(client) if detail else []
    known = cases(client, now, facts)
    return Progress(
        stages=stages(today, facts, known, gate_for_therapist if detail else gate_for_client),
        sections=[
            pain(client, readings, known, detail=detail),
            muscles(felt, scope),
            sides(felt, scope, own),
            by_week(client, weeks),
            loads(client, today, scope),
            outcomes(measures, own),
        ],
        milestones=milestones(
            done,
            openings(client),
            measures.asked,
        )[: scope.milestones],
        measures=measures,
        sessions=len(done),
        since=done[0] if done else None,
    )


def trained_on(client: Client) -> list[date]:
    """The day of each finished session in which something was done, the oldest first."""
    sessions = TrainingSession.objects.filter(client=client).finished().trained()
    return list(sessions.order_by("local_date", "number").values_list("local_date", flat=True))


def openings(client: Client) -> QuerySet[PhaseTransition]:
    """What opened in any program that the client ever had."""
    rows = PhaseTransition.objects.filter(assignment__client=client, kind__in=OPENS)
    return rows.select_related("to_phase").order_by("at", "pk")


def stages(
    today: date,
    facts: PlanFacts,
    known: Sequence[Case],
    gate_of: Callable[[Case, Sequence[AssignedPhase]], Gate | None],
) -> list[Stage]:
    by_program = {case.assignment.pk: case for case in known}
    running = [each for each in facts.assignments if each.assignment.ended_on is None]
    return [stage for each in running if (stage := stage_of(each, today, by_program, gate_of))]


def stage_of(
    facts: AssignmentFacts,
    today: date,
    known: dict[int, Case],
    gate_of: Callable[[Case, Sequence[AssignedPhase]], Gate | None],
) -> Stage | None:
    """None for a program that has not begun."""
    found = facts.phase_on(today)
    if found is None:
        return None
    case = known.get(facts.assignment.pk)
    return Stage(
        assignment=facts.assignment,
        rail=rail_parts(facts, today),
        phase=found[0],
        day=found[1] + 1,
        paused=facts.paused_on(today),
        gate=gate_of(case, list(facts.phases.values())) if case else None,
    )


# ---- The questions --------------------------------------------------------------------------------------------------


def told(charts: Iterable[Chart]) -> list[Chart]:
    """Those that have something to say."""
    return [chart for chart in charts if chart.figures.days]


def pain(client: Client, readings: Readings, known: Sequence[Case], *, detail: bool) -> Section:
    charts = [pain_chart(readings.pain), morning_chart(readings.words), diary_chart(diary_of(client))]
    if detail:
        charts.insert(1, strain_chart(readings.strain, amber_from(known)))
    return Section(
        "pain",
        _("Pain"),
        _("Pain"),
        told(charts),
        _("Not enough data yet: pain is asked before and after a session."),
    )


def amber_from(known: Sequence[Case]) -> float | None:
    """The pain in a session from which it is no longer green; None where the programs do not agree on one number."""
    lows = {case.evidence.zones.value("amber")[0] for case in known}
    return float(lows.pop()) if len(lows) == 1 else None


def muscles(felt: Felt, scope: Scope) -> Section:
    """Tightness of each muscle and side, and the tenderness of those that were pressed on one side only; newest first."""
    charts = [
        (points[-1].day, tightness_chart(f"tight-{muscle}-{side}", felt.name(muscle, side), points))
        for (muscle, side), points in felt.tightness.items()
    ]
    charts += [
        (
            max(day for told in by_side.values() for day, _value in told),
            tenderness_chart(
                f"tender-{muscle}",
                _("%(muscle)s, when pressed") % {"muscle": felt.name(muscle, next(iter(by_side)))},
                by_side,
            ),
        )
        for muscle, by_side in pressed(felt).items()
        if len(by_side) == 1
    ]
    return Section(
        "muscles",
        _("Muscles"),
        _("What the muscles feel like"),
        newest(charts, scope.muscles),
        _("Not enough data yet: how tight a muscle feels is asked before and after its release."),
    )


def pressed(felt: Felt) -> dict[int, dict[str, Sequence[tuple[date, int]]]]:
    """Tenderness by muscle and side."""
    found: dict[int, dict[str, Sequence[tuple[date, int]]]] = {}
    for (muscle, side), values in felt.tenderness.items():
        found.setdefault(muscle, {})[side] = values
    return found


def newest(charts: Iterable[tuple[date, Chart]], most: int) -> list[Chart]:
    return told(chart for _day, chart in sorted(charts, key=lambda each: each[0], reverse=True)[:most])


def sides(felt: Felt, scope: Scope, own: Sequence[OwnLine]) -> Section:
    """Left against right, wherever a muscle or a measure has both."""
    charts = [
        (
            max(day for values in by_side.values() for day, _value in values),
            tenderness_chart(
                f"tender-{muscle}", _("%(muscle)s, when pressed") % {"muscle": felt.name(muscle)}, by_side
            ),
        )
        for muscle, by_side in pressed(felt).items()
        if set(by_side) == {"left", "right"}
    ]
    for muscle in dict.fromkeys(muscle for muscle, _side in felt.tightness):
        left, right = (
            [
                (point.day, point.before)
                for point in felt.tightness.get((muscle, side), ())
                if point.before is not None
            ]
            for side in ("left", "right")
        )
        if left and right:
            name = _("%(muscle)s, tight before release") % {"muscle": felt.name(muscle)}
            charts.append(
                (
                    max(left[-1][0], right[-1][0]),
                    sides_chart(
                        f"sides-{muscle}",
                        name,
                        by_day(left, right),
                        gap=SESSION_GAP,
                        caption=_("Tightness from 0 to 10: %(muscle)s") % {"muscle": felt.name(muscle)},
                    ),
                )
            )
    measured = told(own_chart(line) for line in own if line.measure.sided)
    return Section(
        "sides",
        _("Left and right"),
        _("Left against right"),
        [*newest(charts, scope.muscles), *measured],
        _("Not enough data yet: no muscle has numbers for both sides."),
    )


def by_week(client: Client, weeks: Sequence[WeekLine]) -> Section:
    charts = [weeks_chart(weeks), minutes_chart(weeks, minutes_of_weeks(client, weeks))]
    return Section(
        "weeks", _("Weeks"), _("Week by week"), told(charts), _("Not enough data yet: no week with a goal.")
    )


def loads(client: Client, today: date, scope: Scope) -> Section:
    charts = [
        load_chart(f"load-{each.exercise}", each.name, each.sides, cut=each.cut)
        for each in loads_of(client, today, scope.exercises)
    ]
    return Section(
        "load",
        _("Strength"),
        _("Strength"),
        told(charts),
        _("Not enough data yet: it begins with the first strengthening exercise."),
    )


def outcomes(measures: Measures, own: Sequence[OwnLine]) -> Section:
    charts = [measure_chart(each.line, each.title) for each in measures.asked]
    charts += [own_chart(line) for line in own if not line.measure.sided]
    return Section(
        "measures",
        _("Measures"),
        _("Every two weeks"),
        told(charts),
        _("Not enough data yet: the questions come every two weeks."),
    )
