"""Asking the safety questions and acting on the answers (domain.md 7.1, 7.4).

An emergency, urgent or review answer blocks every session until the therapist records a contact. Nothing here
judges what the cause is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef

from clients.assigning import texts_of
from clients.attention.asking import look_again
from clients.models import (
    AssignedStep,
    Assignment,
    CareTeam,
    Client,
    ClientTag,
    ContactRecord,
    Delivery,
    HealthChange,
    Role,
    SafetyBlock,
    Screening,
    ScreeningAnswer,
    Side,
    User,
)
from clients.reminders.queue import queue_letter
from clients.safety import open_blocks
from routines.models import (
    BodyArea,
    Checklist,
    ConditionTag,
    Effect,
    ExerciseMuscle,
    Message,
    ScreeningQuestion,
)

SENT_TWICE = timedelta(minutes=2)  # the same words again so soon are the same form, sent twice
VALID_DAYS = 91  # asked again every 3 months (domain.md 7.4)
EVERYBODY = "all"
# Asked as well when the therapist adds an exercise for another region (domain.md 7.4).
GROUPS_OF_REGION = {
    "head_neck": {"neck", "headache"},
    "arm": {"arm"},
    "trunk": {"lumbar"},
    "hip": {"lumbar"},
    "thigh": {"leg_clot", "leg_joint"},
    "lower_leg_foot": {"leg_clot", "leg_joint"},
}


@dataclass(frozen=True)
class Asked:
    """A checklist with the questions that concern this client, in file order within the effects."""

    checklist: Checklist
    questions: tuple[ScreeningQuestion, ...]

    @property
    def needs_place(self) -> tuple[ScreeningQuestion, ...]:
        """Questions whose condition is local: area and side are asked with them."""
        return tuple(q for q in self.questions if q.adds_tag and q.adds_tag.scope == ConditionTag.Scope.LOCAL)


@dataclass(frozen=True)
class Place:
    """Where a local condition is; no area means that it counts for the whole body."""

    area: BodyArea | None = None
    side: str = Side.BOTH


@dataclass(frozen=True)
class Outcome:
    """What the answers did: the most urgent effect, with the block and the message to show."""

    screening: Screening
    effect: Effect | None
    block: SafetyBlock | None
    message: Message | None


class AnswerMissing(ValueError):
    """Neither an item nor "none of these" was chosen: an empty list is not an answer."""


def groups_for(client: Client) -> set[str]:
    """The groups of the client's running programs, those of regions added by hand, and those asked of everybody."""
    programs = Assignment.objects.running().filter(client=client, imbalance__screening_groups__isnull=False)
    groups = programs.order_by().values_list("imbalance__screening_groups__slug", flat=True)
    added = (GROUPS_OF_REGION.get(region, set()) for region in regions_added(client))
    return {EVERYBODY, *groups}.union(*added)


def regions_added(client: Client) -> set[str]:
    """Regions that the running programs train only because an exercise was added to this client's copy.

    A program without an imbalance names no groups of its own, so that all its exercises count as added.
    """
    designed: set[int] = set()
    followed: set[int] = set()
    steps = AssignedStep.objects.filter(phase__assignment__client=client, phase__assignment__ended_on=None)
    columns = ("exercise_id", "valid_until", "phase__assignment__imbalance", "replaces_id", "changed_by_id")
    for exercise, valid_until, imbalance, replaces, changed_by in steps.order_by().values_list(*columns):
        if imbalance is not None and replaces is None and changed_by is None:
            designed.add(exercise)
        if valid_until is None:
            followed.add(exercise)
    if followed <= designed:
        return set()
    regions: dict[int, set[str]] = {}
    targets = ExerciseMuscle.objects.filter(exercise__in=designed | followed, role=ExerciseMuscle.Role.TARGET)
    for exercise, region in targets.values_list("exercise_id", "muscle__region__slug"):
        regions.setdefault(exercise, set()).add(region)
    known = set().union(*(regions.get(exercise, set()) for exercise in designed))
    return set().union(*(regions.get(exercise, set()) for exercise in followed - designed)) - known


def questions_for(client: Client) -> list[ScreeningQuestion]:
    questions = ScreeningQuestion.objects.in_use().filter(group__slug__in=groups_for(client))
    # What a yes tells is read when there is one
    return by_urgency(questions.select_related("checklist", "adds_tag"))


def by_urgency(questions: Iterable[ScreeningQuestion]) -> list[ScreeningQuestion]:
    order = list(Effect)
    return sorted(questions, key=lambda question: (order.index(Effect(question.effect)), question.order))


def valid_on(answered: date, day: date) -> bool:
    """For three months (domain.md 7.4)."""
    return answered > day - timedelta(days=VALID_DAYS)


def answered_of_first(client: Client, today: date) -> dict[tuple[int, int], date]:
    """(question, version) of what holds, and its newest day: for three months, and not before the last change of health."""
    rows = (
        ScreeningAnswer.objects.filter(
            screening__client=client,
            screening__checklist__used_in=Checklist.UsedIn.FIRST_SCREENING,
            screening__local_date__gt=today - timedelta(days=VALID_DAYS),
        )
        .exclude(
            Exists(HealthChange.objects.filter(client=client, at__gt=OuterRef("screening__answered_at")))
        )
        .order_by()
        .values_list("question_id", "version")
        .annotate(on=Max("screening__local_date"))
    )
    return {(question, version): on for question, version, on in rows}


def first_screening(client: Client, today: date) -> list[Asked]:
    """The checklists that still lack an answer to one of their questions, in their order; empty when all is answered."""
    answered = answered_of_first(client, today)
    asked: dict[Checklist, list[ScreeningQuestion]] = {}
    for question in questions_for(client):
        if question.checklist.used_in == Checklist.UsedIn.FIRST_SCREENING:
            asked.setdefault(question.checklist, []).append(question)
    lists = [Asked(checklist, tuple(questions)) for checklist, questions in asked.items()]
    lists.sort(key=lambda each: each.checklist.order)
    return [each for each in lists if any((q.pk, q.version) not in answered for q in each.questions)]


def list_named(client: Client, slug: str) -> Asked | None:
    """The whole list with the questions that concern this client, answered or not."""
    questions = tuple(question for question in questions_for(client) if question.checklist.slug == slug)
    return Asked(questions[0].checklist, questions) if questions else None


def screening_open(client: Client, today: date) -> bool:
    """Whether `first_screening` still asks anything; the questions themselves are not read."""
    return bool(screening_open_on(client, [today]))


def screening_open_on(client: Client, days: Collection[date]) -> set[date]:
    """Those of these days on which it asks something, as far as is answered by now. In a fixed number of queries."""
    questions = ScreeningQuestion.objects.in_use().filter(
        group__slug__in=groups_for(client), checklist__used_in=Checklist.UsedIn.FIRST_SCREENING
    )
    asked = set(questions.order_by().values_list("pk", "version"))
    answered = answered_of_first(client, min(days))
    return {day for day in days if not asked <= {what for what, on in answered.items() if valid_on(on, day)}}


def before_session(client: Client) -> Asked:
    """The short list before every session; a mix of regions may make it longer, and it is never cut."""
    checklist = Checklist.objects.get(used_in=Checklist.UsedIn.BEFORE_EACH_SESSION)
    questions = ScreeningQuestion.objects.in_use().filter(
        group__slug__in=groups_for(client), ask_before_each_session=True
    )
    # What a yes does is read when there is one
    return Asked(checklist, tuple(by_urgency(questions.order_by())))


def asked_of(client: Client, slugs: Collection[str], yes: Collection[str]) -> Asked:
    """The list before a session as a device asked it a while ago. A yes is heard, be its question still asked or not.

    Without any question of ours it is the list as it is asked now.
    """
    asked = before_session(client)
    known = ScreeningQuestion.objects.filter(slug__in={*slugs, *yes}).select_related("adds_tag", "message")
    return Asked(asked.checklist, tuple(by_urgency(known))) if known else asked


@transaction.atomic
def answer(
    client: Client,
    asked: Asked,
    *,
    yes: Sequence[str],
    none: bool,
    key: str,
    now: datetime,
    places: Mapping[str, Place] | None = None,
    answered_at: datetime | None = None,
    asked_by: User | None = None,
) -> Outcome:
    """Stores every question of the list as its own yes or no and acts on the answers.

    `answered_at` is earlier than `now` where the answer was given without a network; what it does begins now.

    `yes` are slugs of the ticked items; `none` is the button "None of these", which clears them. `places` tells
    where a local condition is; `asked_by` who put the list to a client without a telephone. The same key again returns what the first request did, until its block is lifted:
    from then on it is a new answer, which blocks and alerts again. Raises AnswerMissing.
    """
    chosen = set() if none else {slug for slug in yes if slug in {q.slug for q in asked.questions}}
    if not none and not chosen:
        raise AnswerMissing
    today = client.local_date(now)
    answered_at = answered_at or now
    screening = Screening(
        client=client,
        checklist=asked.checklist,
        answered_at=answered_at,
        local_date=client.local_date(answered_at),
        asked_by=asked_by,
        key=key,
    )
    while True:
        try:
            with transaction.atomic():
                screening.save(force_insert=True)
            break
        except IntegrityError:  # the same request, sent again
            outcome = outcome_of(Screening.objects.get(client=client, key=screening.key))
            if outcome.block is None or outcome.block.lifted_at is None:
                return outcome
            screening.key = sha256(f"{screening.key}/again".encode()).hexdigest()
    ScreeningAnswer.objects.bulk_create(
        ScreeningAnswer(
            screening=screening,
            question=question,
            version=question.version,
            text=question.item,
            effect=question.effect,
            yes=question.slug in chosen,
        )
        for question in asked.questions
    )
    ticked = [question for question in asked.questions if question.slug in chosen]
    for question in ticked:
        if question.adds_tag:
            add_tag(client, question.adds_tag, (places or {}).get(question.slug, Place()), today)
            look_again(client, now)
    blocking = [question for question in ticked if Effect(question.effect).blocks]
    if blocking:
        first = min(blocking, key=lambda question: list(Effect).index(Effect(question.effect)))
        block(
            client,
            effect=first.effect,
            message=first.message,
            cause="\n".join(question.item for question in blocking),
            now=now,
            event=f"screening/{screening.pk}",
            screening=screening,
        )
    return outcome_of(screening) if ticked else Outcome(screening, None, None, None)


def outcome_of(screening: Screening) -> Outcome:
    block_row = SafetyBlock.objects.filter(screening=screening).first()
    ticked = ScreeningAnswer.objects.filter(screening=screening, yes=True).select_related("question__message")
    order = list(Effect)
    first = min(ticked, key=lambda each: order.index(Effect(each.effect)), default=None)
    return Outcome(
        screening=screening,
        effect=Effect(first.effect) if first else None,
        block=block_row,
        message=first.question.message if first else None,
    )


def add_tag(client: Client, tag: ConditionTag, place: Place, today: date) -> None:
    """Adds the condition unless it stands there already; one that was to begin later begins today."""
    row, _made = ClientTag.objects.get_or_create(
        client=client,
        tag=tag,
        area=place.area,
        side=place.side,
        valid_to=None,
        defaults={"valid_from": today, "source": ClientTag.Source.SCREENING},
    )
    ClientTag.objects.filter(pk=row.pk, valid_from__gt=today).update(valid_from=today)


def block(
    client: Client,
    *,
    effect: str,
    message: Message,
    cause: str,
    now: datetime,
    event: str,
    screening: Screening | None = None,
) -> SafetyBlock:
    """Blocks every session and alerts the client's therapist. Only ever makes things safer."""
    row = SafetyBlock.objects.create(
        client=client,
        effect=effect,
        texts=texts_of(message, "title", "body"),
        cause=cause,
        screening=screening,
        created_at=now,
    )
    alert_therapists(client, event=event, now=now)
    return row


def alert_therapists(client: Client, *, event: str, now: datetime) -> None:
    """A letter to those who care for the client now and may read of health; to the owner when nobody does."""
    carers = User.objects.filter(
        care_for__in=CareTeam.objects.current(now).filter(client=client),
        is_active=True,
        role__in=[Role.OWNER, Role.THERAPIST],
    )
    people = list(carers.distinct()) or list(User.objects.filter(role=Role.OWNER, is_active=True))
    for person in people:
        alert(person, client, event=event, now=now)


def alert(person: User, client: Client, *, event: str, now: datetime) -> None:
    """A letter that says no more than that this client needs a look; once for each event."""
    queue_letter(
        Delivery.Letter.SAFETY_ALERT, event_id=f"{event}/{person.pk}", now=now, user=person, client=client
    )


def needs_a_look(client: Client) -> bool:
    """Whether a block is open, or an alert about this client has not been sent yet."""
    alerts = Delivery.objects.live().filter(client=client, letter=Delivery.Letter.SAFETY_ALERT)
    return SafetyBlock.objects.filter(client=client).open().exists() or alerts.exists()


@transaction.atomic
def note_contact(
    client: Client, *, by: User, channel: str, note: str, now: datetime, seen: Collection[int]
) -> bool:
    """They spoke: a contact, which lifts the open blocks of those that were `seen`. The same words sent twice are one.

    Whether the client can train again by that.
    """
    # Holds the client's row: of two at once the second finds what the first one wrote
    Client.objects.filter(pk=client.pk).update(name=F("name"))
    said: dict[str, Any] = {"by": by, "channel": channel, "note": note}
    lift = [block for block in open_blocks(client) if block.pk in seen]
    if lift or not ContactRecord.objects.filter(client=client, at__gt=now - SENT_TWICE, **said).exists():
        record_contact(client, now=now, lift=lift, **said)
    return bool(lift) and not open_blocks(client)


@transaction.atomic
def record_contact(
    client: Client, *, by: User, channel: str, note: str, now: datetime, lift: Sequence[SafetyBlock] = ()
) -> ContactRecord:
    """Records that the therapist spoke with the client, and lifts the blocks that this settles."""
    contact = ContactRecord.objects.create(client=client, by=by, at=now, channel=channel, note=note)
    settled = SafetyBlock.objects.filter(client=client, pk__in=[row.pk for row in lift]).open()
    settled.update(lifted_at=now, contact=contact)
    look_again(client, now)
    return contact
