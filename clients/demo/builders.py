"""People and records for the demo and for tests: plain functions, every default visible, each told what time it is.

What the rules can do is done through the rules; only the `bulk_…` builders write rows themselves.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress

from clients.assigning import agree_with_care, assign_program, exercise_as_it_is
from clients.examining import close_visit, open_visit, record_finding, record_joint, record_pain
from clients.measures import choose_activities, record_outcome
from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    CareTeam,
    Client,
    ClientTag,
    ContactRecord,
    Measure,
    MorningAnswer,
    MorningWord,
    OutcomeResponse,
    PhaseTransition,
    Practice,
    Role,
    SafetyBlock,
    SessionItem,
    SessionItemStep,
    SessionReading,
    SetRecord,
    Side,
    SkipReason,
    TightnessReading,
    TrainingSession,
    User,
    Visit,
)
from clients.outcomes import AVERAGE_PAIN
from clients.progression.apply import move
from clients.recording import (
    finish_session,
    prescribed,
    record_reading,
    record_set,
    record_skip,
    start_session,
    state_of,
)
from clients.screening import Outcome, Place, answer, before_session, first_screening, record_contact
from routines.models import (
    BodyArea,
    ConditionTag,
    Exercise,
    Joint,
    Muscle,
    OutcomeMeasure,
    Program,
    dose_columns,
)

NOW = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)  # a Tuesday evening
SINCE = datetime(2020, 1, 1, 8, 0, tzinfo=UTC)  # long before any moment that a test travels to
ZONE = "Europe/Berlin"
SCIATICA = "program_sciatica_piriformis"
SESAME = "password"  # opens every account that is made here: nobody real is behind one

numbers = itertools.count(1)


def new_key() -> str:
    """What a browser makes for a request that may be sent twice."""
    return uuid.uuid4().hex


def address(name: str) -> str:
    """An address that nobody else has: "Ana Silva" becomes ana.silva.7@example.org."""
    return f"{'.'.join(name.lower().split())}.{next(numbers)}@example.org"


# ---- The practice and its people ------------------------------------------------------------------------------------


def make_practice(
    *,
    name: str = "Train and Massage",
    zone: str = ZONE,
    phone: str = "+49 30 23125 014",
    emergency_number: str = "112",
    **fields: Any,
) -> Practice:
    """The practice, made or changed to this: there is only one."""
    practice, _made = Practice.objects.update_or_create(
        pk=Practice.ONLY,
        defaults={"name": name, "zone": zone, "phone": phone, "emergency_number": emergency_number, **fields},
    )
    return practice


def make_user(
    *,
    name: str,
    role: str,
    email: str | None = None,
    password: str | None = None,
    confirmed: bool = True,
    **fields: Any,
) -> User:
    """Somebody who can sign in. No password: by a link only."""
    user = User.objects.create_user(email or address(name), password, name=name, role=role, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=confirmed, primary=True)
    return user


def make_owner(
    *, name: str = "Olga Owner", email: str | None = None, password: str | None = SESAME, **fields: Any
) -> User:
    return make_user(name=name, role=Role.OWNER, email=email, password=password, **fields)


def make_therapist(
    *, name: str = "Tom Therapist", email: str | None = None, password: str | None = SESAME, **fields: Any
) -> User:
    return make_user(name=name, role=Role.THERAPIST, email=email, password=password, **fields)


def make_office(
    *, name: str = "Olaf Office", email: str | None = None, password: str | None = SESAME, **fields: Any
) -> User:
    return make_user(name=name, role=Role.OFFICE, email=email, password=password, **fields)


def make_client(
    *,
    name: str = "Ana Silva",
    therapist: User | None = None,
    email: str | None = None,
    with_account: bool = True,
    password: str | None = None,
    side: str = Side.RIGHT,
    complaint: str = "Deep ache in the right buttock",
    zone: str = ZONE,
    language: str = "en",
    since: datetime = SINCE,
    **fields: Any,
) -> Client:
    """A client in the care of a therapist (of a new one where none is named).

    Without an account and an e-mail (`with_account=False`, `email=""`) it is a client who follows on paper.
    """
    if email is None:
        email = address(name)
    user = None
    if with_account:
        user = make_user(
            name=name, role=Role.CLIENT, email=email, password=password, language=language, zone=zone
        )
    client = Client.objects.create(
        user=user,
        name=name,
        email=email,
        zone=zone,
        language=language,
        complaint=complaint,
        side=side,
        created_at=since,
        **fields,
    )
    CareTeam.objects.create(client=client, therapist=therapist or make_therapist(), since=since)
    return client


def responsible(client: Client) -> User:
    """The therapist who answers for this client."""
    return client.care_team.get(capacity=CareTeam.Capacity.RESPONSIBLE, until__isnull=True).therapist


def tag(
    client: Client,
    slug: str,
    area: str | None = None,
    *,
    side: str = Side.BOTH,
    valid_from: date | None = None,
    valid_to: date | None = None,
    now: datetime = NOW,
) -> ClientTag:
    """Gives the client a condition, by the slugs of condition and body area."""
    return ClientTag.objects.create(
        client=client,
        tag=ConditionTag.objects.get(slug=slug),
        area=BodyArea.objects.get(slug=area) if area else None,
        side=side,
        valid_from=valid_from or client.local_date(now),
        valid_to=valid_to,
    )


def examine(
    client: Client,
    *,
    found: Collection[tuple[str, str, str, int]] = (),
    joints: Collection[tuple[str, str, str]] = (),
    pain: Collection[tuple[str, str, int | None]] = (),
    close: bool = True,
    by: User | None = None,
    now: datetime = NOW,
) -> Visit:
    """A visit with what was found: (muscle, side, state, rating), (joint, side, words), (area, side, rating)."""
    visit = open_visit(client, by=by or responsible(client), key=new_key(), now=now)
    for slug, side, state, rating in found:
        record_finding(visit, Muscle.objects.get(slug=slug), side=side, state=state, rating=rating)
    for slug, side, words in joints:
        record_joint(visit, Joint.objects.get(slug=slug), side=side, alteration=words)
    for slug, side, level in pain:
        record_pain(visit, BodyArea.objects.get(slug=slug), side=side, rating=level)
    if close:
        close_visit(visit, note="", before="", now=now)
        visit.refresh_from_db()
    return visit


# ---- What they do, through the rules ----------------------------------------------------------------------------------


def assign(
    client: Client,
    program: str = SCIATICA,
    *,
    start_date: date | None = None,
    by: User | None = None,
    now: datetime = NOW,
    side: str | None = None,
    note: str = "",
    care: Collection[tuple[int, int]] = (),
) -> Assignment:
    """Gives the client the program with this slug, from today where no other day is named."""
    return assign_program(
        Program.objects.get(slug=program),
        client,
        start_date=start_date or client.local_date(now),
        by=by or responsible(client),
        now=now,
        side=side,
        note=note,
        care=care,
    )


def advance(
    assignment: Assignment,
    *,
    by: User | None = None,
    reason: str = "The tender spots are calm.",
    now: datetime = NOW,
) -> PhaseTransition:
    """Moves the program to its next phase."""
    phases = list(assignment.phases.all())
    active = next(phase for phase in phases if phase.state == AssignedPhase.State.ACTIVE)
    return move(
        assignment,
        to=phases[active.order + 1],
        by=by or responsible(assignment.client),
        reason=reason,
        now=now,
    )


def agree(
    client: Client,
    exercise: str,
    condition: str,
    *,
    by: User | None = None,
    now: datetime = NOW,
    note: str = "",
) -> None:
    """The therapist's yes to an exercise that this condition allows only with care, by their slugs."""
    agree_with_care(
        client,
        [(Exercise.objects.get(slug=exercise).pk, ConditionTag.objects.get(slug=condition).pk)],
        by=by or responsible(client),
        now=now,
        note=note,
    )


def screen(
    client: Client,
    *,
    now: datetime = NOW,
    yes: Collection[str] = (),
    places: Mapping[str, Place] | None = None,
) -> list[Outcome]:
    """Answers every list of the first screening that is open, with these questions as yes.

    A warning sign ends the screening, as it does for a client.
    """
    outcomes = []
    for asked in first_screening(client, client.local_date(now)):
        ticked = [question.slug for question in asked.questions if question.slug in yes]
        outcome = answer(
            client, asked, yes=ticked, none=not ticked, key=new_key(), now=now, places=places or {}
        )
        outcomes.append(outcome)
        if outcome.block is not None and outcome.block.effect != SafetyBlock.Effect.REVIEW:
            break
    return outcomes


def check_in(client: Client, *, now: datetime = NOW, yes: Collection[str] = ()) -> Outcome:
    """Answers the short list before a session."""
    return answer(client, before_session(client), yes=list(yes), none=not yes, key=new_key(), now=now)


def train(
    client: Client,
    *,
    now: datetime = NOW,
    pain_before: int | None = 3,
    pain_after: int | None = 2,
    skip: Collection[str] = (),
    reason: str = SkipReason.NO_TIME,
    partial: Mapping[str, int] | None = None,
    number: int = 1,
    finish: bool = True,
    source: str = TrainingSession.Source.APP,
) -> TrainingSession:
    """Does a whole session that begins at `now`, every set as it was asked, one minute each.

    `skip` names the exercises left out, `partial` how many sets of an exercise are done on each side. Safety
    questions that are still open are answered with no.
    """
    screen(client, now=now)
    session = start_session(
        client,
        number=number,
        key=new_key(),
        now=now,
        source=source,
        screening=check_in(client, now=now).screening,
    )
    if pain_before is not None:
        record_reading(session, Measure.PAIN_BEFORE, pain_before, key=new_key(), now=now)
    moment = now
    for item in session.items.all():
        slug = item.as_was["slug"]
        if slug in skip:
            record_skip(item, skipped=True, reason=reason, key=new_key(), now=moment)
            continue
        for set_number in range(1, (partial or {}).get(slug, item.sets) + 1):
            moment += timedelta(minutes=1)
            record_set(item, set_number, prescribed(item), key=new_key(), now=moment, device_time=moment)
    if pain_after is not None:
        record_reading(session, Measure.PAIN_AFTER, pain_after, key=new_key(), now=moment)
    if finish:
        finish_session(session, now=moment)
    session.refresh_from_db()
    return session


def talk(
    client: Client,
    *,
    by: User | None = None,
    now: datetime = NOW,
    note: str = "Spoken on the phone, all clear.",
    lift: Collection[SafetyBlock] | None = None,
) -> ContactRecord:
    """The therapist speaks with the client and lifts what is open, or only these blocks."""
    return record_contact(
        client,
        by=by or responsible(client),
        channel=ContactRecord.Channel.PHONE,
        note=note,
        now=now,
        lift=list(SafetyBlock.objects.filter(client=client).open() if lift is None else lift),
    )


def rate(
    client: Client,
    measure: str,
    answers: int | Sequence[int] | Mapping[str, int],
    *,
    activities: Sequence[str] = ("Put on socks", "Sit through a meal", "Walk for an hour"),
    now: datetime = NOW,
    by: User | None = None,
) -> OutcomeResponse:
    """One outcome measure answered: a number for a single question, ratings of the activities, or {question: value}."""
    asked = OutcomeMeasure.objects.get(slug=measure)
    chosen = None
    said: Mapping[str, int] | Sequence[int] = [] if isinstance(answers, int) else answers
    if measure == "activities":
        said = [answers] if isinstance(answers, int) else list(said)  # type: ignore[arg-type]
        chosen = choose_activities(client, activities[: len(said)], key=new_key(), now=now)
    elif isinstance(answers, int):
        said = {AVERAGE_PAIN if measure == "nprs" else asked.questions.get().slug: answers}
    return record_outcome(
        client,
        asked,
        said,
        day=client.local_date(now),
        by=by or client.user or responsible(client),
        key=new_key(),
        now=now,
        activities=chosen,
    )


# ---- Rows for tests of large numbers --------------------------------------------------------------------------------


def bulk_sessions(
    client: Client,
    n: int,
    *,
    now: datetime = NOW,
    items: int = 2,
    sets: int = 2,
    pain_before: int = 3,
    pain_after: int = 2,
    every: int = 1,
) -> list[TrainingSession]:
    """Writes `n` finished sessions, one each `every` days up to yesterday, in a few statements.

    Their items serve the client's assigned steps, or belong to any exercises where nothing is assigned.
    """
    today = client.local_date(now)
    sessions = TrainingSession.objects.bulk_create(
        TrainingSession(
            client_id=client.pk,
            local_date=today - timedelta(days=ago),
            number=1,
            zone=client.zone,
            key=new_key(),
            started_at=now - timedelta(days=ago),
            finished_at=now - timedelta(days=ago) + timedelta(minutes=12),
        )
        for ago in range(1 + every * (n - 1), 0, -every)
    )
    of_client = AssignedStep.objects.filter(phase__assignment__client=client)
    steps = list({step.exercise_id: step for step in of_client}.values())[:items]
    exercises = list(Exercise.objects.with_details().order_by("slug")[:items])
    designs = steps or exercises
    as_was = [step.as_was for step in steps] or [exercise_as_it_is(exercise) for exercise in exercises]
    made = SessionItem.objects.bulk_create(
        SessionItem(
            **{**dose_columns(design.dose), "sets": sets},
            session=session,
            order=order,
            exercise_id=design.exercise_id if isinstance(design, AssignedStep) else design.pk,
            kind=design.kind,
            side_mode=design.side_mode,
            side=Side.NONE,
        )
        for session in sessions
        for order, design in enumerate(designs)
    )
    # One long text for each exercise, not one for each row
    for order, copy in enumerate(as_was):
        SessionItem.objects.filter(session__in=sessions, order=order).update(as_was=copy)
    if steps:
        SessionItemStep.objects.bulk_create(
            SessionItemStep(item_id=item.pk, step_id=steps[item.order].pk) for item in made
        )
    SetRecord.objects.bulk_create(
        SetRecord(
            client_id=client.pk,
            item_id=item.pk,
            number=number,
            key=new_key(),
            received_at=item.session.started_at,
            reps=item.reps,
            seconds=item.hold_seconds or None,
        )
        for item in made
        for number in range(1, sets + 1)
    )
    SessionReading.objects.bulk_create(
        SessionReading(
            client_id=client.pk,
            session_id=session.pk,
            measure=measure,
            value=value,
            key=new_key(),
            received_at=session.started_at,
        )
        for session in sessions
        for measure, value in ((Measure.PAIN_BEFORE, pain_before), (Measure.PAIN_AFTER, pain_after))
    )
    return sessions


def bulk_told(
    sessions: Sequence[TrainingSession],
    *,
    muscle: str = "piriformis",
    sides: Mapping[str, tuple[int, int]] | None = None,
    word: str = MorningWord.FINE,
) -> None:
    """What was told of these sessions: tightness of a muscle before and after by side, and the morning after."""
    felt = Muscle.objects.get(slug=muscle)
    moments = (TightnessReading.Moment.BEFORE, TightnessReading.Moment.AFTER)
    TightnessReading.objects.bulk_create(
        TightnessReading(
            client_id=session.client_id,
            session=session,
            muscle=felt,
            side=side,
            moment=moment,
            value=value,
            key=new_key(),
            received_at=session.started_at,
        )
        for session in sessions
        for side, values in (sides or {Side.LEFT: (4, 3), Side.RIGHT: (7, 5)}).items()
        for moment, value in zip(moments, values, strict=True)
    )
    MorningAnswer.objects.bulk_create(
        MorningAnswer(
            client_id=session.client_id,
            after_day=session.local_date,
            answered_on=session.local_date + timedelta(days=1),
            word=word,
            key=new_key(),
            received_at=session.started_at + timedelta(days=1),
        )
        for session in sessions
    )


def recorded(session: TrainingSession) -> dict[str, list[int]]:
    """What stands recorded: the numbers of the sets done, by exercise and side ("clam left")."""
    return {
        f"{state.item.as_was['slug']} {state.item.side}": sorted(
            n for n, row in state.sets.items() if row.done
        )
        for state in state_of(session).items
    }
