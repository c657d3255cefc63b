"""The invented people of the demo: what each has lived through up to now, told through the real rules."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from clients.demo.builders import (
    SESAME,
    advance,
    agree,
    assign,
    check_in,
    examine,
    make_client,
    new_key,
    rate,
    screen,
    tag,
    talk,
    train,
)
from clients.keying import Slot, Written, key_in, sheet_of
from clients.measuring import record_measurement
from clients.models import (
    Assignment,
    Client,
    Measure,
    MorningWord,
    OwnMeasure,
    ReminderSchedule,
    Side,
    SkipReason,
    TrainingSession,
    User,
)
from clients.planning import plan_for
from clients.progression.apply import evaluate
from clients.recording import record_reading
from clients.telling import (
    record_morning,
    record_pain_diary,
    record_tenderness,
    tenderness_waits,
    tracked,
)
from clients.tightness import record_tightness, tightness_site

DAY = timedelta(days=1)
MORNING = time(7, 40)


@dataclass
class Life:
    """One client's days. Dates are counted back from `today`, the client's day at `now`; nothing lies after `now`."""

    client: Client
    now: datetime
    chance: random.Random
    evening: time = time(18, 10)
    habit: float = 0.9  # how often a day with something to do is a day on which it is done
    pain_from: int = 6
    pain_to: int = 2
    ease: int = 28  # days until the pain is down
    assignments: list[Assignment] = field(default_factory=list)
    tells_all: bool = False  # answers every question
    everyday: tuple[str, ...] = ()  # what is hard for this person, in their own words

    @property
    def today(self) -> date:
        return self.client.local_date(self.now)

    def at(self, ago: int, clock: time, minutes: int = 0) -> datetime:
        """That time on the client's clock so many days ago."""
        moment = datetime.combine(self.today - ago * DAY, clock, self.client.zone_info)
        return min(moment + timedelta(minutes=minutes), self.now)

    def begin(self, program: str, ago: int, *, note: str = "", told: int = 1) -> Assignment:
        """The therapist assigns it `told` days before it starts."""
        assignment = assign(
            self.client,
            program,
            start_date=self.today - ago * DAY,
            now=self.at(ago + told, time(11, 20)),
            note=note,
        )
        self.assignments.append(assignment)
        return assignment

    def answer_screening(self, ago: int, yes: Collection[str] = ()) -> None:
        screen(self.client, now=self.at(ago, time(19, 5)), yes=yes)

    def move_on(self, assignment: Assignment, ago: int, reason: str) -> None:
        advance(assignment, reason=reason, now=self.at(ago, time(9, 15)))

    def train_between(self, first: int, last: int) -> None:
        """Trains on most of the days on which something is due, from `first` to `last` days ago."""
        for ago in range(first, last - 1, -1):
            self.perhaps_train(ago)

    def bring_sheet(self, ago: int, therapist: User) -> None:
        """The paper of the days before, keyed in by the therapist at the massage."""
        moment = self.at(ago, time(11, 0))
        sheet = sheet_of(self.client, self.client.local_date(moment))
        slots = [slot for slot in sheet.slots if slot.items and slot.day < sheet.today]
        written = [self.wrote(slot, self.pain((self.today - slot.day).days)) for slot in slots]
        mornings = {slot.day: MorningWord.A_BIT_SORE.value for slot in slots}
        key_in(self.client, written, mornings, by=therapist, key=new_key(), now=moment)

    def wrote(self, slot: Slot, before: int) -> Written:
        done = frozenset((item.exercise_id, item.side) for item in slot.items)
        after = max(0, before - 1)
        readings = {Measure.PAIN_BEFORE: before, Measure.PAIN_WORST: before, Measure.PAIN_AFTER: after}
        return Written(slot, done, {measure.value: value for measure, value in readings.items()})

    def perhaps_train(self, ago: int) -> None:
        plan = plan_for(self.client, self.today - ago * DAY)
        if not plan.items or self.chance.random() > self.habit:
            return
        skip, partial = self.shortcut([exercise.step.as_was["slug"] for exercise in plan.exercises()])
        before = self.pain(ago)
        session = train(
            self.client,
            now=self.at(ago, self.evening, self.chance.randint(-25, 70)),
            pain_before=before,
            pain_after=max(0, before - self.chance.choice([0, 0, 1, 1, 2])),
            skip=skip,
            reason=self.chance.choice([SkipReason.NO_TIME, SkipReason.TOO_TIRED, SkipReason.NO_EQUIPMENT]),
            partial=partial,
        )
        self.tell(session, ago, before)

    def tell(self, session: TrainingSession, ago: int, before: int) -> None:
        """Around the session: tightness, the strongest pain, how it was the next morning; tenderness once a week.

        Yesterday's session waits for its answer. Said by the day alone, so that it is told alike every time.
        """
        if site := tightness_site(session):
            for moment, value in (("before", before + 1), ("after", max(0, before - 1))):
                record_tightness(session, site, moment, min(10, value), key=new_key(), now=session.started_at)
        worst = min(10, before + ago % 2)
        record_reading(session, Measure.PAIN_WORST, worst, key=new_key(), now=session.started_at)
        if ago > 1 and (ago % 6 or self.tells_all):  # one morning of six stays open
            word = MorningWord.A_BIT_SORE if before > 3 else MorningWord.FINE
            record_morning(
                self.client, session.local_date, word, None, key=new_key(), now=self.at(ago - 1, MORNING)
            )
        sites = tracked(plan_for(self.client, session.local_date))
        if ago > 0 and tenderness_waits(self.client, sites, session.local_date):
            for site in sites:
                record_tenderness(
                    self.client, site, min(10, before + 1), key=new_key(), now=session.started_at
                )

    def shortcut(self, exercises: list[str]) -> tuple[list[str], dict[str, int]]:
        """Now and then one exercise is left out, or only its first set is done."""
        dice = self.chance.random()
        if len(exercises) > 2 and dice < 0.1:
            return [self.chance.choice(exercises)], {}
        if dice > 0.92:
            return [], {self.chance.choice(exercises): 1}
        return [], {}

    def pain(self, ago: int) -> int:
        """Falls from `pain_from` to `pain_to`, a point up or down from day to day."""
        start = min(assignment.start_date for assignment in self.assignments)
        way = min(1.0, (self.today - ago * DAY - start).days / self.ease)
        level = self.pain_from + (self.pain_to - self.pain_from) * way
        return min(10, max(0, round(level + self.chance.choice([-1, 0, 0, 0, 1]))))

    def rates(self, ago: int, *, pain: int, activities: Sequence[int], change: int | None = None) -> None:
        """The questions of every two weeks, answered in the evening."""
        moment = self.at(ago, time(20, 0))
        rate(self.client, "nprs", pain, now=moment)
        rate(self.client, "activities", activities, activities=self.everyday, now=moment)
        if change is not None:
            rate(self.client, "change", change, now=moment)

    def remind_at(self, clock: time, days: str = "1234567") -> None:
        ReminderSchedule.objects.filter(client=self.client).update(local_time=clock, days=days)


def ana(therapist: User, now: datetime, chance: random.Random) -> Life:
    """Release, everything fine."""
    life = Life(
        make_client(
            name="Ana Silva",
            email="ana@example.org",
            password=SESAME,
            therapist=therapist,
            side=Side.RIGHT,
            complaint="Deep ache in the right buttock, worse after sitting",
            notes="Drives a lot. Wants to cycle again in spring.",
            since=now - 12 * DAY,
        ),
        now,
        chance,
        pain_from=5,
        pain_to=3,
        ease=14,
        habit=0.95,
    )
    deep, hip, inner = "piriformis", "gluteus_medius", "hip_adductors"
    examine(
        life.client,
        pain=[("buttock", "right", 7), ("thigh_back", "right", 5), ("low_back", "right", 2)],
        by=therapist,
        now=life.at(11, time(11, 0)),
    )
    examine(
        life.client,
        found=[
            (deep, "right", "tight", 8),
            (deep, "left", "tight", 3),
            (inner, "right", "tight", 5),
            (hip, "right", "weak", 6),
        ],
        joints=[("hip", "right", "held turned out")],
        pain=[("buttock", "right", 6), ("thigh_back", "right", 3)],
        by=therapist,
        now=life.at(9, time(11, 0)),
    )
    life.begin(
        "program_sciatica_piriformis",
        8,
        note="Take your time with the ball. We look at it together next week.",
    )
    life.answer_screening(8)
    life.train_between(8, 1)
    examine(
        life.client,
        found=[
            (deep, "right", "tight", 5),
            (deep, "left", "tight", 3),
            (inner, "right", "tight", 4),
            (hip, "right", "weak", 6),
        ],
        pain=[("buttock", "right", 4)],
        by=therapist,
        now=life.at(2, time(11, 0)),
    )
    life.remind_at(time(18, 0))
    return life


def ben(therapist: User, now: datetime, chance: random.Random) -> Life:
    """Release, blocked by an urgent answer."""
    life = Life(
        make_client(
            name="Ben Ortiz",
            email="ben@example.org",
            password=SESAME,
            therapist=therapist,
            side=Side.BOTH,
            complaint="Tired, arched low back after standing at work",
            notes="Chef, on his feet ten hours a day.",
            since=now - 9 * DAY,
        ),
        now,
        chance,
        evening=time(21, 5),
        pain_from=5,
        pain_to=4,
    )
    life.begin("program_lower_crossed", 5)
    life.answer_screening(5)
    life.train_between(5, 1)
    life.remind_at(time(20, 30))
    check_in(life.client, now=life.at(0, MORNING), yes=["fever_unwell"])
    return life


def carla(therapist: User, now: datetime, chance: random.Random) -> Life:
    """Strengthening neck and shoulder blades."""
    life = Life(
        make_client(
            name="Carla Meier",
            email="carla@example.org",
            password=SESAME,
            therapist=therapist,
            side=Side.BOTH,
            complaint="Stiff neck and shoulders from the desk",
            notes="Two screens, no break before noon.",
            since=now - 26 * DAY,
        ),
        now,
        chance,
        evening=time(19, 30),
        pain_from=5,
        pain_to=1,
    )
    program = life.begin("program_upper_crossed", 21)
    life.answer_screening(21)
    life.train_between(21, 10)
    life.move_on(program, 9, "Shoulder top and chest are calm, pain at 3 for a week.")
    life.train_between(9, 1)
    life.everyday = ("Look over my shoulder in the car", "Two hours at the desk")
    life.rates(21, pain=5, activities=[4, 3])
    life.rates(7, pain=4, activities=[6, 4], change=2)
    life.remind_at(time(19, 0))
    return life


def david(therapist: User, now: datetime, chance: random.Random) -> Life:
    """Back on the stairs, and silent for a week.

    Cannot kneel: one exercise was agreed with care.
    """
    life = Life(
        make_client(
            name="David Kim",
            email="david@example.org",
            password=SESAME,
            therapist=therapist,
            side=Side.LEFT,
            complaint="Pain at the left kneecap on stairs",
            notes="Runs. Stopped in autumn.",
            since=now - 52 * DAY,
        ),
        now,
        chance,
        evening=time(17, 45),
        pain_from=6,
        pain_to=2,
        ease=35,
        habit=0.85,
    )
    tag(life.client, "knee_cannot_kneel", valid_from=life.today - 47 * DAY)
    agree(
        life.client,
        "stretch_inner_thigh_rock_back",
        "knee_cannot_kneel",
        note="On a folded blanket, no weight on the kneecap.",
        now=life.at(47, time(11, 30)),
    )
    program = life.begin("program_knee_valgus", 46)
    life.answer_screening(46)
    life.train_between(46, 38)
    life.move_on(program, 37, "Outer thigh no longer tender.")
    life.train_between(37, 16)
    life.move_on(program, 15, "Full dose three times, knee steady on the step.")
    life.train_between(15, 6)
    life.remind_at(time(17, 30))
    return life


def erika(therapist: User, now: datetime, chance: random.Random) -> Life:
    """Two programs, merged into one day twice a week.

    A review answer at the start was cleared by a talk.
    """
    life = Life(
        make_client(
            name="Erika Vogel",
            email="erika@example.org",
            password=SESAME,
            therapist=therapist,
            side=Side.LEFT,
            complaint="Left buttock and outer knee after long walks",
            notes="Retired teacher, hikes. Night pain was the old mattress.",
            since=now - 75 * DAY,
        ),
        now,
        chance,
        evening=time(9, 30),
        pain_from=5,
        pain_to=1,
        ease=40,
        habit=0.88,
    )
    buttock = life.begin("program_sciatica_piriformis", 70)
    life.answer_screening(70, yes=["night_pain"])
    talk(
        life.client,
        note="Seen by her doctor last month, nothing found. We may start.",
        now=life.at(69, time(10, 0)),
    )
    life.train_between(69, 63)
    knee = life.begin("program_knee_valgus", 62)
    life.answer_screening(62)
    life.train_between(62, 57)
    life.move_on(buttock, 56, "Piriformis tenderness 2, pain at 3.")
    life.train_between(56, 53)
    life.move_on(knee, 52, "Outer thigh calm, pain at 3.")
    life.train_between(52, 36)
    life.move_on(buttock, 35, "Last three sessions without a rise, effort 5.")
    life.train_between(35, 31)
    life.move_on(knee, 30, "Full dose, knee stays over the foot.")
    life.train_between(30, 13)
    life.move_on(buttock, 12, "Pain at 1, walks two hours.")
    life.train_between(12, 8)
    life.move_on(knee, 7, "Stairs without pain.")
    life.train_between(7, 1)
    life.everyday = ("Walk for two hours", "Get out of a low chair", "Climb two floors")
    life.rates(70, pain=6, activities=[3, 5, 2])
    life.rates(56, pain=5, activities=[4, 5, 3], change=1)
    life.rates(42, pain=4, activities=[5, 6, 5], change=2)
    life.rates(28, pain=3, activities=[6, 7, 5], change=2)
    life.rates(14, pain=2, activities=[7, 8, 7], change=4)
    for ago, diary in ((70, (4, 2, 2, 5)), (42, (3, 1, 1, 4)), (14, (1, 0, 0, 2))):
        questions = ("leg_pain", "leg_feeling", "leg_trust", "leg_rest")
        rate(
            life.client,
            "leg_symptoms",
            dict(zip(questions, diary, strict=True)),
            now=life.at(ago, time(20, 5)),
        )
    flexion = OwnMeasure.objects.create(
        client=life.client,
        name="Hip flexion, lying, knee bent",
        unit="°",
        sided=True,
        better=OwnMeasure.Better.HIGHER,
        by=therapist,
    )
    for ago, left, right in ((70, 95, 110), (35, 105, 110), (12, 112, 112)):
        record_measurement(
            flexion,
            {"left": Decimal(left), "right": Decimal(right)},
            day=life.today - ago * DAY,
            by=therapist,
            key=f"flexion-{ago}",
            now=life.at(ago, time(11, 0)),
        )
    life.remind_at(time(9, 0), days="25")
    return life


def frieda(therapist: User, now: datetime, chance: random.Random) -> Life:
    """Follows on paper: no e-mail, no account. Her sheet is keyed in."""
    life = Life(
        make_client(
            name="Frieda Lang",
            email="",
            with_account=False,
            therapist=therapist,
            side=Side.RIGHT,
            complaint="Right heel, first steps in the morning",
            notes="No computer. Brings her sheet to each massage.",
            since=now - 8 * DAY,
        ),
        now,
        chance,
        evening=time(16, 0),
        pain_from=6,
        pain_to=4,
        ease=21,
    )
    life.begin("program_plantar_heel", 6)
    life.answer_screening(6)
    life.bring_sheet(2, therapist)
    return life


def gina(therapist: User, now: datetime, chance: random.Random) -> Life:
    """Ready for strengthening: all that was asked for holds, and the therapist is asked."""
    life = Life(
        make_client(
            name="Gina Rossi",
            email="gina@example.org",
            password=SESAME,
            therapist=therapist,
            side=Side.RIGHT,
            complaint="Ache in the right buttock after long drives",
            notes="Writes everything down.",
            since=now - 16 * DAY,
        ),
        now,
        chance,
        evening=time(18, 30),
        habit=1.0,
        pain_from=2,
        pain_to=1,
        ease=10,
        tells_all=True,
    )
    for ago in (14, 13, 12, 11):
        record_pain_diary(
            life.client, life.today - ago * DAY, 4, key=new_key(), now=life.at(ago, time(20, 0))
        )
    life.begin("program_sciatica_piriformis", 10)
    life.answer_screening(10)
    life.train_between(10, 1)
    life.remind_at(time(18, 0))
    return life


def hugo(therapist: User, now: datetime, chance: random.Random) -> Life:
    """A flare in strengthening: release only until two good mornings."""
    life = Life(
        make_client(
            name="Hugo Brandt",
            email="hugo@example.org",
            password=SESAME,
            therapist=therapist,
            side=Side.BOTH,
            complaint="Tired, arched low back after standing",
            notes="Carries crates at work.",
            since=now - 30 * DAY,
        ),
        now,
        chance,
        evening=time(18, 40),
        habit=1.0,
        pain_from=5,
        pain_to=3,
        tells_all=True,
    )
    program = life.begin("program_lower_crossed", 26)
    life.answer_screening(26)
    life.train_between(26, 13)
    life.move_on(program, 12, "Front of the hips is calm, pain at 3.")
    life.train_between(12, 2)
    newest = life.client.sessions.order_by("-local_date").first()
    if newest is not None:
        after = (life.today - newest.local_date).days
        record_reading(newest, Measure.PAIN_WORST, 7, key=new_key(), now=life.at(after, time(20, 0)))
        evaluate(life.client, life.at(after, time(20, 30)))
    life.remind_at(time(18, 0))
    return life


LIVES = (ana, ben, carla, david, erika, frieda, gina, hugo)


def live(therapist: User, now: datetime) -> Iterable[Life]:
    """Everybody's life up to `now`; the same seed tells the same lives."""
    for number, tell in enumerate(LIVES):
        yield tell(therapist, now, random.Random(2026 + number))  # noqa: S311 -- invented pain needs no cryptography
