"""Today: what is due, why, and how to begin. One page with the states of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clients.access import ClientRequest, client_required
from clients.changes import has_news
from clients.explaining import Why, why
from clients.measures import Waiting, waiting_for
from clients.messaging import newest_for
from clients.models import Assignment, Client, SafetyBlock, Side, TenderSpot
from clients.planning import AssignmentFacts, DayPlan, Week, gather, phase_rail, plan, week_for
from clients.progression.gather import FAR, Case, cases
from clients.progression.showing import Gate, Note, gate_for_client, notes_for_client
from clients.recording import ItemState, SessionState, sessions_at, states_of, with_verdicts
from clients.safety import Verdict, blocked_days, open_blocks, reasons
from clients.screening import screening_open
from clients.shortening import TWO
from clients.spots import marked_words, spots_of
from clients.telling import tenderness_waits, tracked
from clients.templatetags.dose import sided_dose
from clients.views.sessions.screen import exercise_dose, why_left
from clients.views.sessions.starting import BEGIN
from clients.views.sessions.summing import in_one_line
from clients.views.telling import DiaryCard, MorningCard, diary_card, morning_card
from routines.models import PhaseKind

Spots = Mapping[int, Sequence[TenderSpot]]  # that stand, by exercise

LOOK_AHEAD = 14  # days in which the next session is looked for
FEW_MINUTES = 5  # a day that takes no longer needs no short way


class State(StrEnum):
    """What the day asks for; the first that applies."""

    BLOCKED = "blocked"
    CARE_ENDED = "care_ended"
    NO_PROGRAM = "no_program"
    NOT_STARTED = "not_started"
    PAUSED = "paused"
    REST = "rest"
    SCREENING = "screening"
    RESUME = "resume"
    DUE = "due"
    DONE = "done"


# Days on which only the diary asks for pain: elsewhere the session does.
WITHOUT_SESSION = (State.NO_PROGRAM, State.NOT_STARTED, State.PAUSED, State.REST)


@dataclass(frozen=True)
class Chapter:
    """One program as Today tells it: where it stands, why, and what opens next."""

    assignment: Assignment
    rail: list[dict[str, Any]]
    phase_name: str
    kind: PhaseKind
    day: int
    min_days: int
    why: Why | None
    gate: Gate | None
    may_reopen: bool
    paused: bool


@dataclass(frozen=True)
class Row:
    """One exercise in the list."""

    name: str
    dose: str
    kind: str
    position: str
    exercise: str
    side: str
    media: list[dict[str, Any]]
    note: str
    done: bool = False
    skipped: str = ""


@dataclass(frozen=True)
class LeftOut:
    name: str
    why: str


@dataclass(frozen=True)
class Alarm:
    """What the person reads while a safety block is open."""

    title: str
    body: str
    urgent: bool


@dataclass(frozen=True)
class TodayPage:
    state: State
    greeting: str
    chapters: list[Chapter]
    notes: list[Note]
    rows: list[Row]
    left_out: list[LeftOut]
    warm_up: str
    minutes: int
    week: Week
    number: int
    goes: int
    alarms: list[Alarm]
    current: SessionState | None
    finished: list[SessionState]
    next_day: date | None
    starts_on: date | None
    measures: Waiting
    morning: MorningCard | None = None
    tenderness: bool = False
    diary: DiaryCard | None = None
    may_be_short: bool = False
    facts: tuple[str, ...] = ()
    has_news: bool = False

    @property
    def begin(self) -> dict[str, str]:
        """What the tap on a number sends beside it."""
        return {BEGIN: "1"}


def greeting(client: Client, now: datetime) -> str:
    """By the client's own clock, with the first name."""
    hour = now.astimezone(client.zone_info).hour
    if 4 <= hour < 12:
        words = _("Good morning, %(name)s")
    elif 12 <= hour < 18:
        words = _("Good afternoon, %(name)s")
    else:
        words = _("Good evening, %(name)s")
    return words % {"name": next(iter(client.name.split()), client.name)}


def rail(facts: AssignmentFacts, day: date) -> list[dict[str, Any]]:
    """The phases as the rail component draws them."""
    found = []
    for part in phase_rail(facts, day):
        state = "ahead"
        if part["current"]:
            state = "current"
        elif part["phase"].state == part["phase"].State.DONE:
            state = "done"
        found.append(
            {
                "kind": part["kind"].value,
                "word": part["kind"].label,
                "state": state,
                "progress": part["filled"] * 100,
            }
        )
    return found


def chapters(today: DayPlan, known: Sequence[Case]) -> list[Chapter]:
    by_program = {case.assignment.pk: case for case in known}
    return [
        Chapter(
            assignment=facts.assignment,
            rail=rail(facts, today.day),
            phase_name=phase.name,
            kind=PhaseKind(phase.kind),
            day=number + 1,
            min_days=phase.min_days,
            why=why(facts.assignment, phase.kind),
            gate=gate_for_client(by_program[facts.assignment.pk], list(facts.phases.values())),
            may_reopen=phase.kind != PhaseKind.RELEASE,
            paused=facts in today.paused,
        )
        for facts, phase, number in today.current
    ]


def planned_rows(today: DayPlan, number: int, spots: Spots) -> list[Row]:
    return [
        Row(
            name=exercise.items[0].name,
            dose=sided_dose([(item.dose, item.side_mode, item.side) for item in exercise.items]),
            kind=exercise.kind.value,
            position=exercise.items[0].as_was.get("position", ""),
            exercise=exercise.items[0].as_was.get("slug", ""),
            side=exercise.items[0].side if len(exercise.items) == 1 else Side.BOTH,
            media=exercise.items[0].as_was.get("media", []),
            note=" ".join(
                filter(
                    None,
                    [
                        replaced_words(exercise.items[0].instead_of),
                        exercise.note,
                        marked_words(spots.get(exercise.items[0].exercise_id, ())),
                    ],
                )
            ),
        )
        for exercise in today.exercises(number)
    ]


def recorded_rows(state: SessionState, spots: Spots) -> list[Row]:
    """The exercises of a session that has begun, as they were frozen."""
    return [
        Row(
            name=group[0].item.name,
            dose=exercise_dose(group),
            kind=group[0].item.kind,
            position=group[0].item.as_was.get("position", ""),
            exercise=group[0].item.as_was.get("slug", ""),
            side=group[0].item.side if len(group) == 1 else Side.BOTH,
            media=group[0].item.as_was.get("media", []),
            note="" if all(each.forbidden or each.set_aside for each in group) else said_beside(group, spots),
            done=all(each.complete for each in group),
            skipped=left_out_words(group),
        )
        for group in state.exercises()
    ]


def said_beside(group: Sequence[ItemState], spots: Spots) -> str:
    """What it replaces, the therapist's note and spot, and why one of two sides must not be done."""
    item = group[0].item
    marked = marked_words(spots.get(item.exercise_id, ()))
    said = [
        replaced_words(item.instead_of),
        eased_words(item.eased_from),
        item.note,
        marked,
        *withheld_words(group),
    ]
    return " ".join(filter(None, said))


def eased_words(name: str) -> str:
    """For an easier version that takes the place of what was too hard."""
    return _("Instead of “%(exercise)s”, which was too hard today.") % {"exercise": name} if name else ""


def replaced_words(name: str) -> str:
    """For an exercise that takes the place of one that a condition forbids."""
    return (
        _("Instead of “%(exercise)s”, which one of your conditions forbids.") % {"exercise": name}
        if name
        else ""
    )


def left_out_words(group: Sequence[ItemState]) -> str:
    """Why an exercise of a session that has begun is not done: by the person, or because no side of it may be."""
    if all(each.forbidden or each.set_aside for each in group):
        return " ".join(withheld_words(group))
    return why_left(group)


def withheld_words(group: Sequence[ItemState]) -> list[str]:
    return reasons((each.item.side, each.verdict or Verdict()) for each in group if not each.set_aside)


def left_out(today: DayPlan, current: SessionState | None) -> list[LeftOut]:
    """Each exercise once, however many sides and programs it is withheld for; not those of which the list says it."""
    said = {each.item.exercise_id for each in current.items if each.forbidden} if current else set()
    judged: dict[int, list[tuple[str, Verdict]]] = {}
    for each in today.withheld:
        if each.step.exercise_id in said:
            continue
        judged.setdefault(each.step.exercise_id, []).append((each.side, each.verdict))
    for item in today.items:
        if item.exercise_id in judged:
            judged[item.exercise_id].append((item.side, Verdict()))
    names = {each.step.exercise_id: each.step.name for each in today.withheld}
    return [LeftOut(names[pk], " ".join(reasons(sides))) for pk, sides in judged.items()]


def alarms(blocks: Sequence[SafetyBlock]) -> list[Alarm]:
    """The messages of the open blocks as they were shown, the most urgent first, each once."""
    found = [
        Alarm(
            block.title,
            block.body,
            block.effect == SafetyBlock.Effect.EMERGENCY,
        )
        for block in blocks
    ]
    return list(dict.fromkeys(found))


def next_number(goes: int, states: Sequence[SessionState]) -> int:
    """The first session of the day that is not finished, 1 to `goes`; the last one when all are."""
    finished = {state.session.number for state in states if state.session.finished_at}
    return next((n for n in range(1, goes + 1) if n not in finished), max(goes, 1))


def page_for(client: Client, now: datetime) -> TodayPage:
    """All that Today shows, in a fixed number of queries."""
    day = client.local_date(now)
    facts = gather(client, day - FAR, day + timedelta(days=LOOK_AHEAD))
    today = plan(facts, day)
    known = cases(client, now, facts)
    states = states_of(sessions_at(client, now))
    number = next_number(today.goes, states)
    current = next((with_verdicts(each, day, facts) for each in states if not each.session.finished_at), None)
    finished = [each for each in states if each.session.finished_at]
    upcoming = (day + timedelta(days=n) for n in range(1, LOOK_AHEAD + 1))
    starts_on = min((each.assignment.start_date for each in facts.assignments), default=None)
    if starts_on is None:
        later = Assignment.objects.running().filter(client=client).order_by("start_date")
        starts_on = later.values_list("start_date", flat=True).first()
    asked = screening_open(client, day)
    spots = spots_of(client)
    shown = current or (finished[-1] if finished and len(finished) >= today.goes else None)
    state = state_of_day(today, states, starts_on, asked=asked, in_care=client.ended_at is None)
    asks = state not in (State.BLOCKED, State.CARE_ENDED)
    return TodayPage(
        state=state,
        greeting=greeting(client, now),
        chapters=chapters(today, known),
        notes=notes_for_client(known),
        rows=recorded_rows(shown, spots) if shown else planned_rows(today, number, spots),
        left_out=left_out(today, current),
        warm_up=shown.session.warm_up if shown else today.warm_up,
        minutes=today.minutes(current.session.number if current else number),
        week=week_for(facts, day, blocked_days([client])[client.pk]),
        number=current.session.number if current else number,
        goes=today.goes,
        alarms=alarms(today.blocks),
        current=current,
        finished=finished,
        next_day=next((each for each in upcoming if plan(facts, each).items), None),
        starts_on=starts_on,
        morning=morning_card(client, now) if asks else None,
        tenderness=asks and tenderness_waits(client, tracked(today), day),
        diary=diary_card(client, day) if state in WITHOUT_SESSION else None,
        measures=waiting_for(client, day),
        may_be_short=state == State.DUE
        and len(today.exercises(number)) > TWO
        and today.minutes(number) > FEW_MINUTES,
        facts=tuple(map(in_one_line, finished)),
        has_news=asks and has_news(client, now),
    )


def state_of_day(
    today: DayPlan,
    states: Sequence[SessionState],
    starts_on: date | None,
    *,
    asked: bool,
    in_care: bool = True,
) -> State:
    """Pure: which of the page's faces is shown. A block comes before everything."""
    finished = sum(1 for each in states if each.session.finished_at)
    if today.blocked:
        return State.BLOCKED
    if not in_care:
        return State.CARE_ENDED
    if any(not each.session.finished_at for each in states):
        return State.SCREENING if asked else State.RESUME
    if states and finished >= today.goes:
        return State.DONE
    if not today.current:
        return State.NOT_STARTED if starts_on and starts_on > today.day else State.NO_PROGRAM
    if len(today.paused) == len(today.current):
        return State.PAUSED
    if not today.items:
        return State.REST
    return State.SCREENING if asked else State.DUE


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page for whoever signed in."""
    return redirect("admin:index" if request.user.is_staff else "today")


@client_required
@require_safe
def today(request: ClientRequest) -> HttpResponse:
    page = page_for(request.person, timezone.now())
    context = {"page": page, "unread": newest_for(request.person)}
    return render(request, "clients/today/today.html", context)


@client_required
@require_safe
def blocked(request: ClientRequest) -> HttpResponse:
    """Why nothing can be started, and whom to call."""
    blocks = open_blocks(request.person)
    if not blocks:
        return redirect("today")
    return render(request, "clients/today/blocked.html", {"alarms": alarms(blocks), "section": "today"})
