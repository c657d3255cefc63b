"""Simulated clients and their therapist: what they do on a day, through the real rules, and what they remember of it.

Each person keeps a ledger of what was told and offered. The watchers compare it with what the rules made of it.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from unittest import mock

from django.db import transaction

from clients import recording
from clients.adjusting import pause_assignment, resume_assignment
from clients.demo import builders
from clients.enrolling import set_clock
from clients.measures import record_outcome
from clients.models import (
    ActivityList,
    AssignedPhase,
    Assignment,
    Client,
    LimbAnswer,
    Measure,
    Role,
    TrainingSession,
    User,
)
from clients.planning import DayPlan, plan_for
from clients.progression.apply import (
    AnswerRefused,
    MoveRefused,
    carry_on,
    end_pause,
    hold,
    move,
    refer,
    release_enough,
    standing_now,
    strengthen_too,
    tight_again,
)
from clients.progression.standing import Kind
from clients.recording import (
    ClientBlocked,
    NothingDue,
    ScreeningNeeded,
    finish_session,
    prescribed,
    record_reading,
    record_set,
    record_skip,
    start_session,
)
from clients.safety import open_blocks
from clients.screening import VALID_DAYS
from clients.telling import (
    NothingToAnswer,
    record_limb,
    record_morning,
    record_pain_diary,
    record_tenderness,
    tracked,
)
from routines.models import ConditionTag, OutcomeMeasure, PhaseKind

PROGRAMS = (
    "program_sciatica_piriformis",
    "program_upper_crossed",
    "program_knee_valgus",
    "program_plantar_heel",
    "program_lower_crossed",
)
ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Pacific/Honolulu", "Asia/Kolkata")


@dataclass(frozen=True)
class Temper:
    """How somebody is: chances from 0 to 1, pain from 0 to 10, days that a therapist lets things wait (None: for ever)."""

    name: str
    trains: float = 0.92
    answers: float = 0.92
    told: float = 1.0
    pain_from: float = 6
    ease: float = 0.09
    flares: float = 0.01
    flags: float = 0.002
    travels: float = 0.0
    late: float = 0.1
    therapist: int | None = 1


TEMPERS = (
    Temper("healer"),
    Temper("healer", pain_from=7, ease=0.12),
    Temper("non_adherer", trains=0.3, answers=0.5),
    Temper("flarer", trains=0.75, flares=0.08, ease=0.04),
    Temper("red_flag", trains=0.7, flags=0.06),
    Temper("missing_answers", trains=0.75, answers=0.3, told=0.6),
    Temper("late_answers", trains=0.8, late=0.8),
    Temper("traveller", trains=0.75, travels=0.12),
    Temper("late_therapist", trains=0.8, therapist=6),
    Temper("no_therapist", trains=0.5, therapist=None, flares=0.03),
)


@contextmanager
def as_planned(day: DayPlan) -> Iterator[None]:
    """Nothing was told since the day was planned, with that of many others in one go: starting need not ask again."""
    with mock.patch.object(
        recording, "plan_for", lambda client, on: day if on == day.day else plan_for(client, on)
    ):
        yield


@dataclass
class Ledger:
    """What one simulated person told and was offered, kept outside of the database."""

    mornings: dict[date, str] = field(default_factory=dict)
    sets: int = 0
    readings: int = 0
    answered: int = 0
    tender: dict[tuple[date, str, str], int] = field(default_factory=dict)
    flare: bool = False  # strengthening must rest
    greens: int = 0
    whole_days: set[date] = field(default_factory=set)
    sessions_while_blocked: int = 0


@dataclass(eq=False)
class Person:
    client: Client
    therapist: User
    temper: Temper
    chance: random.Random
    assignments: list[Assignment]
    ledger: Ledger = field(default_factory=Ledger)
    trained: date | None = None  # the newest day of training whose morning is open
    untold: tuple[date, str, datetime] | None = None  # the morning after that day, told a day late
    waiting_since: dict[str, int] = field(default_factory=dict)
    level: float = 6
    screened: date | None = None
    blocked: bool = False

    def happens(self, share: float) -> bool:
        return self.chance.random() < share

    # ---- The client ----------------------------------------------------------------------------------------------

    def wake(self, now: datetime) -> None:
        """Perhaps a journey, and the morning. `now` is six in the morning, UTC."""
        if self.happens(self.temper.travels):
            set_clock(self.client, self.chance.choice(ZONES), now=now)
        self.level = max(0.5, self.level - self.temper.ease)
        if self.untold is not None:
            self.tell_morning(*self.untold)
            self.untold = None
        self.morning(now)

    def say_tight(self, now: datetime) -> None:
        """Now and then it is tight again in the evening."""
        if self.happens(0.004) and self.assignments:
            with suppress(AnswerRefused):
                sites = [s["slug"] for p in self.assignments[0].phases.all() for s in p.tenderness_sites]
                tight_again(self.assignments[0], sites[:1], now=now, by=self.client.user)

    def pain(self) -> int:
        return min(10, max(0, round(self.level + self.chance.choice([-1, 0, 0, 0, 1]))))

    def morning(self, now: datetime) -> None:
        """The answer of the morning: at once, twice at once, a day late, or not at all.

        What is told a day late is kept until then: the session of the day between comes first.
        """
        if self.trained is None or not self.happens(self.temper.answers):
            return
        late = self.chance.choice([8, 26]) if self.happens(self.temper.late) else 0
        bad = self.happens(self.temper.flares)
        word = (
            "worse_than_before" if bad else self.chance.choice(["fine", "fine", "fine", "a_bit_sore", "sore"])
        )
        after, self.trained = self.trained, None
        if late > 24:
            self.untold = (after, word, now + timedelta(hours=late))
        else:
            self.tell_morning(after, word, now + timedelta(hours=late))

    def tell_morning(self, after: date, word: str, now: datetime) -> None:
        key = builders.new_key()
        try:
            for _again in range(2 if self.happens(0.3) else 1):
                record_morning(self.client, after, word, None, key=key, now=now)
        except NothingToAnswer:
            return
        self.ledger.answered += after not in self.ledger.mornings
        self.ledger.mornings[after] = word
        self.note_morning(word)

    def note_morning(self, word: str) -> None:
        """Two green mornings end a flare, a red one begins it. Never later than the rule, which asks for more."""
        ledger = self.ledger
        if word == "worse_than_before":
            self.flares_up()
        elif ledger.flare and word in ("fine", "a_bit_sore"):
            ledger.greens += 1
            if ledger.greens >= 2:
                ledger.flare, ledger.greens = False, 0

    def flares_up(self) -> None:
        """Strengthening must rest from now on, where anything is strengthened."""
        strengthens = AssignedPhase.objects.filter(
            assignment__in=self.assignments, state=AssignedPhase.State.ACTIVE
        ).exclude(kind=PhaseKind.RELEASE)
        if strengthens.exists():
            self.ledger.flare, self.ledger.greens = True, 0

    def session(self, now: datetime, day: DayPlan) -> None:
        """Does what the day asks for, as Today showed it, or does not."""
        today = day.day
        self.blocked = self.blocked or day.blocked
        if self.blocked:
            self.try_while_blocked(now)
            return
        if not day.items:
            if self.happens(0.3):
                record_pain_diary(self.client, today, self.pain(), key=builders.new_key(), now=now)
            return
        if not self.happens(self.temper.trains):
            return
        if self.screened is None or today - self.screened >= timedelta(days=VALID_DAYS - 3):
            builders.screen(self.client, now=now)
            self.screened = today
        flag = self.happens(self.temper.flags)
        outcome = builders.check_in(self.client, now=now, yes=self.warning() if flag else ())
        if outcome.block is not None:
            self.blocked = True
            self.try_while_blocked(now)
            return
        try:
            with nullcontext() if flag else as_planned(day):
                session = start_session(
                    self.client, number=1, key=builders.new_key(), now=now, screening=outcome.screening
                )
        except (ClientBlocked, NothingDue, ScreeningNeeded):
            return
        if session.finished_at is None:
            self.do(session, day, now)
            self.weekly(day, now)

    def warning(self) -> list[str]:
        from clients.screening import before_session  # noqa: PLC0415 -- only on the rare day of a warning sign

        return [self.chance.choice(before_session(self.client).questions).slug]

    def try_while_blocked(self, now: datetime) -> None:
        """Somebody who does not read the page presses Start all the same."""
        existing = TrainingSession.objects.filter(client=self.client).count()
        with suppress(ClientBlocked, NothingDue, ScreeningNeeded):
            start_session(self.client, number=1, key=builders.new_key(), now=now)
        self.ledger.sessions_while_blocked += (
            TrainingSession.objects.filter(client=self.client).count() - existing
        )

    def do(self, session: TrainingSession, day: DayPlan, now: datetime) -> None:
        before = self.pain()
        self.read(session, Measure.PAIN_BEFORE, before, now)
        items = list(session.items.all())
        whole, begun = True, self.ledger.sets
        for item in items:
            if self.happens(0.03):
                record_skip(item, skipped=True, reason="no_time", key=builders.new_key(), now=now)
                whole = False
                continue
            for number in range(1, item.sets + 1):
                if self.happens(0.02):
                    whole = False
                    continue
                key = builders.new_key()
                for _again in range(2 if self.happens(0.05) else 1):
                    record_set(item, number, prescribed(item), key=key, now=now)
                self.ledger.sets += 1
        if self.ledger.sets == begun:
            return
        flare = self.happens(self.temper.flares)
        worst = self.chance.randint(6, 9) if flare else min(3, before) if self.level < 4 else min(5, before)
        told = self.happens(self.temper.told)
        if told:
            self.read(session, Measure.PAIN_WORST, worst, now)
        if told and self.happens(0.9):
            self.read(session, Measure.EFFORT, self.chance.choice([4, 5, 5, 6, 7]), now)
        limb = ""
        if self.happens(self.temper.flares / 4):
            limb = LimbAnswer.Direction.FURTHER_DOWN
            record_limb(session, limb, key=builders.new_key(), now=now)
        finish_session(session, now=now)
        if (told and worst >= 6) or limb:
            self.flares_up()
        if whole and day.goes == 1:
            self.ledger.whole_days.add(session.local_date)
        self.trained = session.local_date

    def read(self, session: TrainingSession, measure: str, value: int, now: datetime) -> None:
        record_reading(session, measure, value, key=builders.new_key(), now=now)
        self.ledger.readings += 1

    def weekly(self, day: DayPlan, now: datetime) -> None:
        """Tenderness once a week, the activities now and then."""
        today = self.client.local_date(now)
        if today.isoweekday() == 1 and self.happens(self.temper.answers):
            with transaction.atomic():
                for site in tracked(day):
                    value = max(0, min(10, round(self.level - self.chance.choice([1, 2, 2]))))
                    record_tenderness(self.client, site, value, key=builders.new_key(), now=now)
                    self.ledger.tender[today, site.muscle.slug, site.side] = value
        if today.day in (1, 15) and self.happens(self.temper.answers):
            self.rate_activities(now)

    def rate_activities(self, now: datetime) -> None:
        """The same two activities each time: the further the pain is down, the better they go."""
        today = self.client.local_date(now)
        chosen = ActivityList.objects.filter(client=self.client).first()
        if chosen is None:
            chosen = ActivityList.objects.create(
                client=self.client,
                names=["Stairs", "Sitting"],
                since=today,
                key=builders.new_key(),
                created_at=now,
            )
        value = max(0, min(10, round(10 - self.level)))
        record_outcome(
            self.client,
            OutcomeMeasure.objects.get(slug="activities"),
            [value, value],
            day=today,
            by=self.client.user or self.therapist,
            key=builders.new_key(),
            now=now,
            activities=chosen,
        )

    # ---- The therapist ---------------------------------------------------------------------------------------------

    def therapist_works(self, n: int, now: datetime, waiting: Collection[int]) -> None:
        """Answers what has waited for as long as she lets things wait; some answers are refused, which is theirs to do.

        `waiting` are the programs that wait for her.
        """
        if self.blocked:
            for block in open_blocks(self.client):
                if self.due(f"block/{block.pk}", n):
                    builders.talk(self.client, by=self.therapist, now=now, lift=[block])
            self.blocked = bool(open_blocks(self.client))
        for assignment in self.assignments:
            if assignment.pk in waiting or self.happens(0.01):
                with suppress(AnswerRefused, MoveRefused):
                    self.answer(assignment, n, now)
            if self.happens(0.003):
                self.rest(assignment, now)

    def due(self, what: str, n: int) -> bool:
        if self.temper.therapist is None:
            return False
        since = self.waiting_since.setdefault(what, n)
        if n - since < self.temper.therapist:
            return False
        self.waiting_since.pop(what)
        return True

    def answer(self, assignment: Assignment, n: int, now: datetime) -> None:
        standing = standing_now(assignment, now)
        who: dict[str, Any] = {"by": self.therapist, "now": now}
        for proposal in standing.proposals:
            if not self.due(f"{proposal.kind}/{proposal.pk}", n):
                continue
            if proposal.kind == Kind.READY:
                if self.happens(0.85):
                    self.move_on(assignment, who)
                else:
                    hold(assignment, reason="After the next massage.", **who)
            elif proposal.kind == Kind.STEP_BACK_PROPOSED:
                if self.happens(0.4):
                    phases = list(assignment.phases.all())
                    here = next(phase for phase in phases if phase.state == phase.State.ACTIVE)
                    to = phases[here.order - 1]
                    move(assignment, to=to, reason="Calmer for now.", **who)
                    if to.kind == PhaseKind.RELEASE:
                        self.ledger.flare, self.ledger.greens = False, 0
                else:
                    self.flare_lifted(assignment, now)
                    carry_on(assignment, "step_back", reason="One bad week.", **who)
            elif proposal.kind == Kind.REVIEW_DUE:
                if self.happens(0.5):
                    carry_on(assignment, "review", reason="A little longer.", **who)
                else:
                    self.move_on(assignment, who)
            elif proposal.kind == Kind.REFER_SUGGESTED:
                refer(assignment, reason="Please have it looked at.", **who)
        if standing.tight_again and self.happens(0.2):
            release_enough(assignment, reason="Loose again.", **who)
        if self.happens(0.1):
            strengthen_too(assignment, reason="Little pain, so both together.", **who)
        if standing.release_only and self.happens(0.01):
            end_pause(assignment, reason="It was the garden.", **who)
            self.ledger.flare, self.ledger.greens = False, 0

    def flare_lifted(self, assignment: Assignment, now: datetime) -> None:
        pause = standing_now(assignment, now).release_only
        if pause is not None and pause.numbers.get("cause") == "step_back":
            self.ledger.flare, self.ledger.greens = False, 0

    def move_on(self, assignment: Assignment, who: dict[str, Any]) -> None:
        phases = list(assignment.phases.all())
        here = next(phase for phase in phases if phase.state == phase.State.ACTIVE)
        if here.order + 1 < len(phases):
            move(assignment, to=phases[here.order + 1], reason="All that was asked for holds.", **who)

    def rest(self, assignment: Assignment, now: datetime) -> None:
        """A holiday of a few days, or its end."""
        today = self.client.local_date(now)
        if assignment.pauses.filter(until__gte=today).exists():
            resume_assignment(assignment, by=self.therapist, reason="Back again.", now=now)
        else:
            until = today + timedelta(days=self.chance.randint(2, 8))
            pause_assignment(assignment, until=until, by=self.therapist, reason="Holiday.", now=now)


def conditions_against(program: str) -> list[str]:
    """Conditions of the whole person that forbid an exercise of this program."""
    found = ConditionTag.objects.filter(
        scope=ConditionTag.Scope.WHOLE_PERSON,
        exercises__rule="avoid",
        exercises__exercise__steps__phase__program__slug=program,
    )
    return sorted(set(found.values_list("slug", flat=True)))


def people(number: int, first: int, seed: int, now: datetime) -> list[Person]:
    """Clients with everything that the rules know of: one or two programs, sides, conditions, zones, tempers."""
    therapist = User.objects.filter(role=Role.THERAPIST).first() or builders.make_therapist()
    found = []
    for n in range(first, first + number):
        chance = random.Random(f"{seed}/{n}")  # noqa: S311 -- a simulation, no secret
        temper = TEMPERS[n % len(TEMPERS)]
        client = builders.make_client(
            name=f"Client {n}",
            therapist=therapist,
            zone=chance.choice(ZONES[:2]),
            side=chance.choice(["left", "right", "both"]),
            since=now - timedelta(days=8),
        )
        person = Person(client, therapist, temper, chance, [], level=temper.pain_from)
        for ago in range(6, 0, -1):
            if person.happens(temper.answers):
                moment = now - timedelta(days=ago) + timedelta(hours=12)
                record_pain_diary(
                    client, client.local_date(moment), person.pain(), key=builders.new_key(), now=moment
                )
        programs = chance.sample(PROGRAMS, 2 if person.happens(0.2) else 1)
        person.assignments = [builders.assign(client, each, now=now, by=therapist) for each in programs]
        against = conditions_against(programs[0])
        if against and person.happens(0.4):
            builders.tag(client, chance.choice(against), now=now)
        found.append(person)
    return found
