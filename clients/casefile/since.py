"""Since the last visit: what the therapist wants to know before the hands go to work.

What was not told is "not enough data", never "fine".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any, Generic, TypeVar

from django.db.models import Count, Model, QuerySet, Window

from clients.casefile.timeline import Entry, decisions
from clients.casefile.weeks import Days
from clients.models import (
    Client,
    Measure,
    Message,
    MorningAnswer,
    MorningWord,
    PainDiaryEntry,
    PhaseTransition,
    SessionNote,
    SessionReading,
    StopEvent,
    TightnessReading,
    TooHard,
    TrainingSession,
    Visit,
)
from clients.telling import site_name

Row = TypeVar("Row", bound=Model)

LOOK_BACK = timedelta(days=60)  # for the pain of the days before
RECORDED_DAYS = 7
FEWEST = 3  # fewer values are not enough (domain.md 6.4, baseline)
SHOWN = 5
READ = 100  # decisions that are looked at for the shown ones: a keyed sheet of two weeks may bring one for each session
COMFORTABLE = 12  # lines that one page of paper holds in a size that reads easily
MOST_STOPS = 20  # that something was wrong is not left out for want of room


@dataclass(frozen=True)
class Felt:
    """How tight a muscle on one side felt before and after release: the middle of the sessions in which both were told."""

    name: str
    sessions: int
    before: float
    after: float


@dataclass(frozen=True)
class Pain:
    """The middle of the last recorded days before, and of the newest ones; None where fewer than three were told."""

    before: float | None
    now: float | None

    @property
    def enough(self) -> bool:
        return self.before is not None and self.now is not None


@dataclass(frozen=True)
class Newest(Generic[Row]):
    """The newest rows, and how many there are besides."""

    rows: list[Row]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Since:
    """`visit` is the last closed one; without one, or where it lies further back, the list begins on `first`.

    `on_paper`: days were due of which only a sheet can tell.
    """

    visit: Visit | None
    first: date
    due: int
    done: int
    on_paper: bool
    sessions: int
    pain: Pain
    tightness: list[Felt]
    mornings: list[tuple[MorningWord, int]]
    flares: int
    stops: Newest[StopEvent]
    too_hard: Newest[TooHard]
    notes: Newest[SessionNote]
    questions: list[Message]
    decided: list[Entry]

    @property
    def whole(self) -> bool:
        """Whether it reaches back to the visit."""
        return self.visit is not None and self.visit.held_on >= self.first

    @property
    def crowded(self) -> bool:
        """Whether one page of paper has room for it in small print only."""
        told = (
            self.tightness,
            self.stops.rows,
            self.too_hard.rows,
            self.notes.rows,
            self.questions,
            self.decided,
        )
        return sum(len(rows) for rows in told) > COMFORTABLE

    @property
    def room(self) -> int:
        """How many characters of a note or a question one page of paper has room for."""
        return 160 if self.crowded else 300

    @property
    def share(self) -> int | None:
        """Done days of due days in percent; None where nothing was due."""
        return round(100 * self.done / self.due) if self.due else None


def since_visit(client: Client, days: Days) -> Since:
    """A fixed number of queries, however long ago it was."""
    visit = Visit.objects.filter(client=client).closed().select_related("by").first()
    first = max(visit.held_on, days.first) if visit else days.first
    on_paper = client.user_id is None
    due, done = days.since(first, on_paper=on_paper)
    sessions = TrainingSession.objects.filter(client=client, local_date__gte=first)
    notes = SessionNote.objects.filter(session__in=sessions).latest_revisions().exclude(text="")
    stops = StopEvent.objects.filter(client=client, session__local_date__gte=first)
    hard = TooHard.objects.filter(client=client, session__local_date__gte=first)
    flares = PhaseTransition.objects.filter(
        assignment__client=client,
        local_date__gte=first,
        kind__in=[PhaseTransition.Kind.RELEASE_ONLY, PhaseTransition.Kind.STEP_BACK_PROPOSED],
    )
    return Since(
        visit=visit,
        first=first,
        due=due,
        done=done,
        on_paper=on_paper and any(days.since(first)),
        sessions=sessions.finished().count(),
        pain=pain_then_and_now(pain_of_days(client, first - LOOK_BACK), first)
        if visit
        else pain_from_the_first_days(pain_of_days(client, first)),
        tightness=tightness_since(client, first),
        mornings=mornings_since(client, first),
        flares=len(set(flares.values_list("local_date", flat=True))),
        stops=newest(stops.select_related("item", "session"), MOST_STOPS),
        too_hard=newest(hard.select_related("exercise", "easier", "session"), SHOWN),
        notes=newest(notes.select_related("session").order_by("-session__local_date", "-pk"), SHOWN),
        questions=unanswered(client),
        decided=told_once(decisions(client, READ, since=first))[:SHOWN],
    )


def told_once(entries: Iterable[Entry]) -> list[Entry]:
    """What a rule decided several times on a day, for one session after the other, is told by its newest line. Pure."""
    found: dict[object, Entry] = {}
    for entry in entries:
        found.setdefault(entry if entry.quoted else (entry.day, entry.what, entry.who), entry)
    return list(found.values())


def newest(rows: QuerySet[Row], number: int) -> Newest[Row]:
    """One query, which counts what it leaves out."""
    found: list[Any] = list(rows.annotate(total=Window(Count("pk")))[:number])
    return Newest(found, found[0].total if found else 0)


def pain_of_days(client: Client, earliest: date) -> dict[date, int]:
    """One value for each recorded day: before the first session of the day, else the diary. Two queries."""
    diary = PainDiaryEntry.objects.filter(client=client, local_date__gte=earliest).latest_revisions()
    found: dict[date, int] = dict(diary.values_list("local_date", "value"))
    told = SessionReading.objects.filter(
        measure=Measure.PAIN_BEFORE, session__client=client, session__local_date__gte=earliest
    ).latest_revisions()
    found.update(told.order_by("-session__number").values_list("session__local_date", "value"))
    return found


def pain_then_and_now(days: Mapping[date, int], first: date) -> Pain:
    """The middle of at most seven recorded days until the visit, and of the newest seven after it. Pure."""
    before = [days[day] for day in sorted(days) if day <= first][-RECORDED_DAYS:]
    now = [days[day] for day in sorted(days) if day > first][-RECORDED_DAYS:]
    return Pain(middle(before), middle(now))


def pain_from_the_first_days(days: Mapping[date, int]) -> Pain:
    """Without a visit: the first recorded days beside the newest, none of them in both. Pure."""
    values = [days[day] for day in sorted(days)]
    number = min(RECORDED_DAYS, len(values) // 2)
    return Pain(middle(values[:number]), middle(values[len(values) - number :]))


def middle(values: list[int]) -> float | None:
    return median(values) if len(values) >= FEWEST else None


def tightness_since(client: Client, first: date) -> list[Felt]:
    rows = (
        TightnessReading.objects.filter(client=client, session__local_date__gte=first)
        .latest_revisions()
        .select_related("muscle")
        .order_by("session__local_date", "pk")
    )
    return felt(rows)


def felt(rows: Iterable[TightnessReading]) -> list[Felt]:
    """Each muscle and side with the sessions that told both moments."""
    names: dict[tuple[int, str], str] = {}
    told: dict[tuple[int, str], dict[int, dict[str, int]]] = {}
    for row in rows:
        site = (row.muscle_id, row.side)
        names.setdefault(site, site_name(row.muscle, row.side))
        told.setdefault(site, {}).setdefault(row.session_id, {})[row.moment] = row.value
    found = []
    for site, sessions in told.items():
        both = [each for each in sessions.values() if len(each) == len(TightnessReading.Moment)]
        if both:
            before = median(each[TightnessReading.Moment.BEFORE] for each in both)
            after = median(each[TightnessReading.Moment.AFTER] for each in both)
            found.append(Felt(names[site], len(both), before, after))
    return sorted(found, key=lambda each: (-each.sessions, each.name))


def mornings_since(client: Client, first: date) -> list[tuple[MorningWord, int]]:
    """How often each word was said of the mornings after, in the order of the words."""
    said = MorningAnswer.objects.filter(client=client, after_day__gte=first).latest_revisions()
    counted = Counter(said.values_list("word", flat=True))
    return [(word, counted[word]) for word in MorningWord if counted[word]]


def unanswered(client: Client) -> list[Message]:
    """What the client wrote since the team last wrote: the newest few, oldest first. Two queries."""
    messages = Message.objects.filter(client=client).order_by("-at", "-pk")
    last = messages.filter(from_client=False).values_list("at", flat=True).first()
    open_ones = messages.filter(from_client=True)
    if last is not None:
        open_ones = open_ones.filter(at__gt=last)
    return list(open_ones[:SHOWN])[::-1]
