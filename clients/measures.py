"""What a client answered, as lines over time, and what waits for an answer. Answers stay raw; a correction is a revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from clients.care import require_care
from clients.models import (
    ActivityList,
    Assignment,
    Client,
    OutcomeResponse,
    PhaseTransition,
    ScreeningAnswer,
    User,
)
from clients.numbers import Numbers, rule_numbers
from clients.outcomes import (
    ORDER,
    TITLES,
    AnswerRefused,
    Difference,
    asked_for,
    due_on,
    important,
    leg_alarm,
    line_that_matters,
    score,
    starting_point,
    story,
    title_of,
)
from clients.progression.apply import evidence_changed
from clients.recording import KeyReused, record
from routines.models import ImbalanceArea, OutcomeMeasure, ScreeningQuestion


@dataclass(frozen=True)
class Point:
    day: date
    score: Decimal


@dataclass(frozen=True)
class Line:
    """One measure over time: the values by day, oldest first. A changed list of activities begins a new line."""

    measure: OutcomeMeasure
    points: tuple[Point, ...] = ()
    activities: ActivityList | None = None

    @property
    def first(self) -> Point | None:
        return self.points[0] if self.points else None

    @property
    def latest(self) -> Point | None:
        return self.points[-1] if self.points else None

    @property
    def start(self) -> Decimal | None:
        """What the latest value is held against."""
        return starting_point(self.measure, self.first.score if self.first else None)

    @property
    def moved(self) -> Decimal | None:
        """The latest value less what it is held against."""
        return None if self.start is None or self.latest is None else self.latest.score - self.start

    @property
    def sentence(self) -> str:
        return story(self.measure, [point.score for point in self.points])

    @property
    def matters(self) -> str:
        return line_that_matters(self.measure)

    @property
    def difference(self) -> Difference | None:
        """None with one value only, unless the value is itself a rating of change."""
        if self.first is None or self.latest is None or (len(self.points) < 2 and self.measure.minimum >= 0):
            return None
        return important(self.first.score, self.latest.score, self.measure)


@dataclass(frozen=True)
class Asked:
    """A measure of this client: whether it is due, its current line, and the lines of earlier lists of activities."""

    measure: OutcomeMeasure
    due: bool
    line: Line
    earlier: tuple[Line, ...] = ()
    open: bool = True

    @property
    def title(self) -> str:
        return title_of(self.measure)


@dataclass(frozen=True)
class Measures:
    """Everything about the outcome measures of one client on one day."""

    asked: tuple[Asked, ...] = ()
    activities: ActivityList | None = None
    question: ScreeningQuestion | None = None
    answers: Mapping[tuple[str, date], Any] = field(default_factory=dict)

    @property
    def due(self) -> list[Asked]:
        return [each for each in self.asked if each.due]

    def of(self, slug: str) -> Asked | None:
        return next((each for each in self.asked if each.measure.slug == slug), None)

    def numbered(self, pk: int) -> Asked | None:
        """By the measure's number: a client's addresses name no complaint."""
        return next((each for each in self.asked if each.measure.pk == pk), None)


def measures_of(client: Client, today: date) -> Measures:
    """What is asked of this client, what is due on `today`, and every line so far. A fixed number of queries."""
    wanted = wanted_by(running_programs(client, today))
    everything = answered_until(client, today)
    rows = standing(everything)
    known = {row.measure.slug for row in rows}
    offered = (
        OutcomeMeasure.objects.in_use()
        .exclude(shipped=OutcomeMeasure.Shipped.NO)
        .filter(slug__in=known | set(wanted))
        .prefetch_related("questions", "anchors")
    )
    current = current_activities(client)
    asked = []
    for measure in sorted(offered, key=place):
        own = [row for row in rows if row.measure_id == measure.pk]
        lines = lines_of(measure, own, current)
        program = wanted.get(measure.slug)
        asked.append(
            Asked(
                measure,
                due=program is not None and client.ended_at is None and program.due(measure.slug, own, today),
                line=lines[0],
                earlier=tuple(lines[1:]),
                open=program is not None and client.ended_at is None,
            )
        )
    return Measures(
        asked=tuple(asked),
        activities=current,
        question=question_waiting(everything),
        answers={(row.measure.slug, row.local_date): row.answers for row in rows},
    )


@dataclass(frozen=True)
class Waiting:
    """What waits for the client: short names of measures in their order, and whether a safety question does."""

    due: tuple[str, ...] = ()
    question: ScreeningQuestion | None = None

    @property
    def titles(self) -> list[str]:
        return [str(TITLES[slug]) for slug in self.due]


def waiting_for(client: Client, today: date) -> Waiting:
    """What Today names, without the lines of all measures."""
    wanted = wanted_by(running_programs(client, today))
    everything = answered_until(client, today)
    rows = standing(everything)
    due = (
        slug
        for slug in ORDER
        if slug in wanted and wanted[slug].due(slug, [row for row in rows if row.measure.slug == slug], today)
    )
    return Waiting(due=() if client.ended_at else tuple(due), question=question_waiting(everything))


def wanted_by(programs: Sequence[RunningProgram]) -> dict[str, RunningProgram]:
    """The earliest program that asks for a measure gives it its days. `programs` are the earliest first."""
    return {slug: each for each in reversed(programs) for slug in asked_for(each.areas, each.groups)}


def answered_until(client: Client, today: date) -> list[OutcomeResponse]:
    """Every revision of every answer, by day. One query."""
    rows = OutcomeResponse.objects.filter(client=client, local_date__lte=today)
    return list(rows.select_related("measure", "activities").order_by("local_date", "revision"))


def standing(revisions: Sequence[OutcomeResponse]) -> list[OutcomeResponse]:
    """The latest revision of each answer, the oldest day first. `revisions` are by day and revision."""
    return list({(row.measure_id, row.local_date): row for row in revisions}.values())


def place(measure: OutcomeMeasure) -> tuple[int, str]:
    return (ORDER.index(measure.slug) if measure.slug in ORDER else len(ORDER), measure.name)


@dataclass(frozen=True)
class RunningProgram:
    """A program that has begun and does not rest: where its complaint is felt, and its numbers of the rule `reassess`."""

    start: date
    areas: frozenset[str]
    groups: frozenset[str]
    reassess: Numbers

    def due(self, slug: str, rows: Sequence[OutcomeResponse], today: date) -> bool:
        answered = [(row.local_date - self.start).days for row in rows]
        return due_on(slug, (today - self.start).days, answered, self.reassess.merged())


def running_programs(client: Client, today: date) -> list[RunningProgram]:
    """The earliest first."""
    running = (
        Assignment.objects.running()
        .filter(client=client, start_date__lte=today)
        .order_by("start_date", "pk")
        .select_related("imbalance")
        .prefetch_related(
            "pauses",
            Prefetch("transitions", PhaseTransition.objects.filter(kind=PhaseTransition.Kind.NUMBERS)),
            Prefetch("imbalance__pain_areas", ImbalanceArea.objects.select_related("area")),
            "imbalance__screening_groups",
        )
    )
    found = []
    for assignment in running:
        if any(
            pause.since <= today and (not pause.until or today <= pause.until)
            for pause in assignment.pauses.all()
        ):
            continue
        pattern = assignment.imbalance
        rows: list[PhaseTransition] = list(assignment.transitions.all())
        found.append(
            RunningProgram(
                start=assignment.start_date,
                areas=frozenset(row.area.slug for row in pattern.pain_areas.all())
                if pattern
                else frozenset(),
                groups=frozenset(group.slug for group in pattern.screening_groups.all())
                if pattern
                else frozenset(),
                reassess=rule_numbers(assignment, "reassess", rows),
            )
        )
    return found


def lines_of(
    measure: OutcomeMeasure, rows: Sequence[OutcomeResponse], current: ActivityList | None
) -> list[Line]:
    """The line that goes on first; earlier lists of activities after it, the newest first."""
    if measure.scoring != "mean":
        return [Line(measure, tuple(Point(row.local_date, row.score) for row in rows))]
    by_list: dict[int | None, list[OutcomeResponse]] = {current.pk if current else None: []}
    for row in rows:
        by_list.setdefault(row.activities_id, []).append(row)
    now, *before = by_list.items()
    lines = [Line(measure, tuple(Point(row.local_date, row.score) for row in now[1]), current)]
    for _pk, own in reversed(before):
        lines.append(Line(measure, tuple(Point(row.local_date, row.score) for row in own), own[0].activities))
    return lines


def question_raised(diary: Sequence[OutcomeResponse]) -> datetime | None:
    """When the leg diary last asked its safety question anew; None where it never did. Pure.

    `diary` are all revisions. What once asked goes on asking: a lower number afterwards, of the same day or a later one,
    takes no question back. An answer of a day asks once, by its first revision that did.
    """
    told: dict[date, Mapping[str, int]] = {}
    raised: dict[date, datetime] = {}
    for row in sorted(diary, key=lambda each: (each.received_at, each.pk)):
        told[row.local_date] = row.answers
        newest, *earlier = sorted(told, reverse=True)
        before = told[earlier[0]] if earlier else None
        if leg_alarm(told[newest], before, row.measure.details["asks_screening"]):
            raised.setdefault(newest, row.received_at)
    return max(raised.values(), default=None)


def question_waiting(revisions: Sequence[OutcomeResponse]) -> ScreeningQuestion | None:
    """The safety question that the leg diary asks, until it is answered; `revisions` are all of the client's answers."""
    diary = [row for row in revisions if row.measure.details.get("asks_screening")]
    raised = question_raised(diary)
    if raised is None:
        return None
    newest = diary[-1]
    question = (
        ScreeningQuestion.objects.in_use()
        .filter(slug=newest.measure.details["asks_screening"]["screening_question"])
        .select_related("checklist", "message", "adds_tag")
        .first()
    )
    answered = ScreeningAnswer.objects.filter(
        screening__client=newest.client_id, screening__answered_at__gte=raised, question=question
    )
    return None if question is None or answered.exists() else question


# ---- Recording ------------------------------------------------------------------------------------------------------


def current_activities(client: Client) -> ActivityList | None:
    return ActivityList.objects.filter(client=client).order_by("-since", "-pk").first()


def choose_activities(client: Client, names: Sequence[str], *, key: str, now: datetime) -> ActivityList:
    """The client's list from now on. The same list goes on; the same key again makes nothing new.

    Raises NotInCare, AnswerRefused, and KeyReused where the key has named another list.
    """
    require_care(client)
    names = [" ".join(name.split()) for name in names]
    names = list(dict.fromkeys(name for name in names if name))
    if not 1 <= len(names) <= 5:
        raise AnswerRefused(_("Name one to five activities."))
    current = current_activities(client)
    if current is not None and current.names == names:
        return current
    try:
        with transaction.atomic():
            return ActivityList.objects.create(
                client=client, names=names, since=client.local_date(now), key=key, created_at=now
            )
    except IntegrityError:
        sent = ActivityList.objects.filter(client=client, key=key).first()
        if sent is None:
            raise
        if sent.names != names:
            raise KeyReused(_("This was sent before with other values.")) from None
        return sent


def record_outcome(
    client: Client,
    measure: OutcomeMeasure,
    answers: Mapping[str, int] | Sequence[int],
    *,
    day: date,
    by: User,
    key: str,
    now: datetime,
    activities: ActivityList | None = None,
    device_time: datetime | None = None,
) -> OutcomeResponse:
    """One answer of one day; another one of the same day corrects it.

    Raises NotInCare, AnswerRefused, NotOffered, KeyReused.
    """
    require_care(client)
    if day > client.local_date(now):
        raise AnswerRefused(_("This day has not come yet."))
    if measure.scoring == "mean" and (activities is None or len(activities.names) != len(answers)):
        raise AnswerRefused(_("Rate each of your activities."))
    asked = [question.slug for question in measure.questions.all()]
    row = record(
        OutcomeResponse,
        client,
        key,
        now,
        device_time,
        measure=measure,
        version=measure.version,
        local_date=day,
        answers=dict(answers) if isinstance(answers, Mapping) else list(answers),
        score=score(measure, answers, asked),
        activities=activities if measure.scoring == "mean" else None,
        entered_by=by,
    )
    evidence_changed(client, now)
    return row
