"""What a client says around sessions: the morning after, tenderness, tightness, a limb, a note, the pain diary (domain.md 6.1).

Everything is a record: a repeated request changes nothing, a correction is the next revision. What is asked follows from
pure functions; nothing here judges what an answer means, except that new numbness or weakness stops at once.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from clients.care import require_care
from clients.models import (
    Client,
    HealthChange,
    LimbAnswer,
    MorningAnswer,
    PainDiaryEntry,
    SafetyBlock,
    SessionNote,
    Side,
    TendernessReading,
    TightnessReading,
    TrainingSession,
)
from clients.planning import DayPlan
from clients.progression.apply import evidence_changed
from clients.progression.criteria import MORNING_DAYS
from clients.progression.gather import MOST_TRACKED, tracked_sides
from clients.recording import GOES_ON, record, record_once, replayed, same_again
from clients.screening import block
from routines.models import Imbalance, Message, Muscle, PhaseKind

MORNING_BEGINS = 4  # o'clock: whoever is up at midnight has no morning yet
TENDERNESS_DAYS = 7  # tenderness once a week (domain.md 6.1)
TRACKING = (PhaseKind.RELEASE, PhaseKind.STRENGTHEN)

# Where the nerves of the low back and of the neck show in a limb (domain.md 6.2, direction rule).
LEG = frozenset(
    [
        "thigh_front",
        "thigh_inner",
        "thigh_outer",
        "thigh_back",
        "knee_front",
        "knee_outer",
        "knee_back",
        "shin",
        "lower_leg_outer",
        "calf",
        "ankle_inner",
        "heel",
        "sole",
        "foot_top",
    ]
)
HAND = frozenset({"hand_palm", "hand_back"})


class NothingToAnswer(ValueError):
    """No session of that day waits for an answer."""

    def __init__(self) -> None:
        super().__init__(_("There is nothing to answer for that day any more."))


class AnswerStands(ValueError):
    """The answer of another day is not changed any more: it is what was felt that morning."""

    def __init__(self) -> None:
        super().__init__(_("This was answered on another day, and stands as it was felt then."))


class DayOver(ValueError):
    """The page is of another day."""


@dataclass(frozen=True)
class Site:
    """A muscle on one side that is asked about: left, right, both or none."""

    muscle: Muscle
    side: str

    @property
    def name(self) -> str:
        return site_name(self.muscle, self.side)


@dataclass(frozen=True)
class Morning:
    """The day after which it is asked now, if any, and what was answered today, if anything."""

    asked: date | None = None
    answer: MorningAnswer | None = None


def site_name(muscle: Muscle, side: str) -> str:
    """ "Piriformis, right"; without a side the name alone."""
    if side in (Side.LEFT, Side.RIGHT):
        return f"{muscle.text('name')}, {Side(side).label}"
    return str(muscle.text("name"))


# ---- The morning after ----------------------------------------------------------------------------------------------


def morning_asked(trained_days: Collection[date], answered: Container[date], today: date) -> date | None:
    """The day that is asked about: the newest day of training before today, at most three days back. Pure.

    None when it is answered. An older day is not asked about: what is felt now follows the newer session.
    """
    earliest = today - timedelta(days=MORNING_DAYS)
    newest = max((day for day in trained_days if earliest <= day < today), default=None)
    return None if newest is None or newest in answered else newest


def trained_days(client: Client, now: datetime) -> set[date]:
    """The days before today on which something was done, as far back as is asked; not a session that still runs."""
    today = client.local_date(now)
    near = TrainingSession.objects.filter(
        client=client, local_date__gte=today - timedelta(days=MORNING_DAYS), local_date__lt=today
    )
    running = Q(finished_at__isnull=True, started_at__gt=now - GOES_ON)
    return set(near.exclude(running).trained().values_list("local_date", flat=True))


def morning_of(client: Client, now: datetime) -> Morning:
    """What Today asks about the morning, in two queries. Before four o'clock it is still the night."""
    if now.astimezone(client.zone_info).hour < MORNING_BEGINS:
        return Morning()
    today = client.local_date(now)
    days = trained_days(client, now)
    answers = {
        row.after_day: row
        for row in MorningAnswer.objects.filter(client=client, after_day__in=days).latest_revisions()
    }
    newest = answers.get(max(days)) if days else None
    return Morning(
        asked=morning_asked(days, answers, today),
        answer=newest if newest is not None and newest.answered_on == today else None,
    )


def why_no_morning(client: Client, after_day: date, now: datetime) -> str:
    """Why that morning can neither be answered nor corrected any more, as a sentence; "" while it can. Two queries."""
    newest = MorningAnswer.objects.filter(client=client, after_day=after_day).latest_revisions().first()
    if newest is not None:
        return "" if newest.answered_on == client.local_date(now) else str(AnswerStands())
    asked = morning_asked(trained_days(client, now), (), client.local_date(now))
    return "" if asked == after_day else str(NothingToAnswer())


def morning_open(client: Client, day: date) -> bool:
    """Whether the day's letter asks how the morning was: on the day after training, until it is answered."""
    yesterday = day - timedelta(days=1)
    trained = TrainingSession.objects.filter(client=client, local_date=yesterday).trained()
    answers = MorningAnswer.objects.filter(client=client, after_day=yesterday)
    return trained.exists() and not answers.exists()


def record_morning(
    client: Client,
    after_day: date,
    word: str,
    pain: int | None,
    *,
    key: str,
    now: datetime,
    device_time: datetime | None = None,
) -> MorningAnswer:
    """How the area felt on the morning after that day; until the evening of the same day it can be corrected.

    Without a number the one that was told stays: another word takes nothing back. The same word and number again
    change nothing. Raises NotInCare, NothingToAnswer, AnswerStands, KeyReused.
    """
    require_care(client)
    told: dict[str, Any] = {"after_day": after_day, "word": word}
    if pain is not None:
        told["pain"] = pain
    # Its revisions so far, and what this key made before
    known = list(
        MorningAnswer.objects.filter(Q(after_day=after_day) | Q(key=key), client=client).order_by("revision")
    )
    if row := same_again(known, key, told):
        return row
    today = client.local_date(now)
    if standing := next((row for row in reversed(known) if row.after_day == after_day), None):
        pain = standing.pain if pain is None else pain
        if (standing.word, standing.pain) == (word, pain):
            return standing
        if standing.answered_on != today:
            raise AnswerStands
    elif morning_asked(trained_days(client, now), (), today) != after_day:
        raise NothingToAnswer
    row = record(
        MorningAnswer,
        client,
        key,
        now,
        device_time,
        answered_on=today,
        after_day=after_day,
        word=word,
        pain=pain,
    )
    evidence_changed(client, now)
    return row


# ---- Tenderness, once a week ----------------------------------------------------------------------------------------


def tenderness_due(last: date | None, today: date) -> bool:
    """Whether a muscle is asked about: never told, or told a week ago or longer. Pure."""
    return last is None or today - last >= timedelta(days=TENDERNESS_DAYS)


def tracked(today: DayPlan) -> list[Site]:
    """At most three muscles of each program, in their order, each on its sides. One query."""
    asked: dict[str, list[str]] = {}
    for facts, phase, _number in today.current:
        if phase.kind in TRACKING and facts not in today.paused:
            for site in phase.tenderness_sites[:MOST_TRACKED]:
                asked.setdefault(site["slug"], []).append(facts.assignment.side)
    slugs = list(asked)
    muscles = {each.slug: each for each in Muscle.objects.filter(slug__in=slugs).select_related("body_area")}
    found = [
        Site(muscles[slug], side)
        for slug in slugs
        if slug in muscles
        for complaint in asked[slug]
        for side in tracked_sides(complaint, sided=muscles[slug].sided)
    ]
    return list(dict.fromkeys(found))


def newest_tenderness(client: Client, sites: Collection[Site]) -> dict[Site, TendernessReading]:
    """The newest reading of each site that has one. One query."""
    rows = TendernessReading.objects.filter(client=client, muscle__in=[site.muscle for site in sites])
    newest = {
        (row.muscle_id, row.side): row for row in rows.latest_revisions().order_by("local_date", "revision")
    }
    return {
        site: newest[site.muscle.pk, site.side] for site in sites if (site.muscle.pk, site.side) in newest
    }


def tenderness_waits(client: Client, sites: Collection[Site], today: date) -> bool:
    """Whether one of the tracked muscles is due. One query."""
    told = newest_tenderness(client, sites)
    return any(tenderness_due(told[site].local_date if site in told else None, today) for site in sites)


def record_tenderness(
    client: Client, site: Site, value: int, *, key: str, now: datetime, device_time: datetime | None = None
) -> TendernessReading:
    """How tender it is when pressed, 0 to 10, on the client's day. Raises NotInCare, KeyReused."""
    require_care(client)
    row = record(
        TendernessReading,
        client,
        key,
        now,
        device_time,
        local_date=client.local_date(now),
        muscle=site.muscle,
        side=site.side,
        value=value,
    )
    evidence_changed(client, now)
    return row


# ---- A leg or an arm ------------------------------------------------------------------------------------------------


def limb_applies(areas: Collection[str], groups: Collection[str]) -> bool:
    """Whether a pattern is asked where the symptoms of a leg or arm went, by its pain areas and screening groups. Pure.

    A leg: the questions of the low back belong to it and its pain reaches the thigh or below. An arm: the questions of
    the arm belong to it and its pain reaches the hand. A pattern that stays at one joint, such as an elbow, a knee or a
    heel, is a matter of muscle and tendon, for which the number counts (domain.md 6.2).
    """
    leg = "lumbar" in groups and not LEG.isdisjoint(areas)
    arm = "arm" in groups and not HAND.isdisjoint(areas)
    return leg or arm


def limb_asked(session: TrainingSession) -> bool:
    """Whether one of the programs that this session served is for such a pattern. Three queries."""
    served = session.items.filter(steps__phase__assignment__imbalance__isnull=False)
    return bool(limb_patterns(served.values("steps__phase__assignment__imbalance")))


def limb_patterns(imbalances: Iterable[int] | QuerySet[Any, Any]) -> set[int]:
    """Those of these patterns for which it is asked. Three queries."""
    patterns = Imbalance.objects.filter(pk__in=imbalances)
    return {
        each.pk
        for each in patterns.prefetch_related("pain_areas__area", "screening_groups")
        if limb_applies(
            {row.area.slug for row in each.pain_areas.all()},
            {row.slug for row in each.screening_groups.all()},
        )
    }


@transaction.atomic
def record_limb(
    session: TrainingSession,
    direction: str,
    *,
    key: str,
    now: datetime,
    device_time: datetime | None = None,
) -> tuple[LimbAnswer, SafetyBlock | None]:
    """Where the symptoms went with the session. Raises KeyReused.

    New numbness or weakness blocks everything at once and alerts the therapist (domain.md 6.2, 6.4 stop and refer).
    """
    row, made = record_once(
        LimbAnswer, session.client, key, now, device_time, session=session, direction=direction
    )
    evidence_changed(session.client, now)
    if not made or direction != LimbAnswer.Direction.NEW_NUMB:
        return row, None
    blocked = block(
        session.client,
        effect=SafetyBlock.Effect.URGENT,
        message=Message.objects.get(slug="urgent"),
        cause=row.get_direction_display(),
        now=now,
        event=f"limb/{row.pk}",
    )
    return row, blocked


# ---- A note, the diary, a change of health --------------------------------------------------------------------------


def record_note(
    session: TrainingSession, text: str, *, key: str, now: datetime, device_time: datetime | None = None
) -> SessionNote:
    """What the client wants to tell the therapist about a session; empty text takes it back. Raises KeyReused."""
    return record(SessionNote, session.client, key, now, device_time, session=session, text=text)


def record_pain_diary(
    client: Client,
    day: date,
    value: int,
    *,
    key: str,
    now: datetime,
    device_time: datetime | None = None,
) -> PainDiaryEntry:
    """Pain of today, 0 to 10, without a session. Raises NotInCare, DayOver for a page that was left open, KeyReused."""
    require_care(client)
    told = {"local_date": day, "value": value}
    if row := replayed(PainDiaryEntry, client, key, told):
        return row
    if day != client.local_date(now):
        raise DayOver(_("This page was of another day. Here is today."))
    row = record(PainDiaryEntry, client, key, now, device_time, **told)
    evidence_changed(client, now)
    return row


def pain_told(client: Client, day: date) -> int | None:
    """What the diary says of that day. One query."""
    entries = PainDiaryEntry.objects.filter(client=client, local_date=day).latest_revisions()
    return entries.values_list("value", flat=True).first()


def report_health_change(client: Client, *, key: str, now: datetime) -> HealthChange:
    """From now on the first questions are asked again; the same key again changes nothing (domain.md 7.4).

    Raises NotInCare.
    """
    require_care(client)
    change, _made = HealthChange.objects.get_or_create(client=client, key=key, defaults={"at": now})
    return change


# ---- What was told about sessions -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tightness:
    """Before and after the release block; None where it was not told."""

    name: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Told:
    """What stands told about one session beside its readings; empty where nothing was."""

    morning: MorningAnswer | None = None
    limb: LimbAnswer | None = None
    note: str = ""
    tightness: list[Tightness] = field(default_factory=list)


def told_about(sessions: Iterable[TrainingSession]) -> dict[int, Told]:
    """What was told about each session, by its key, in four queries however many there are."""
    sessions = list(sessions)
    days = {session.local_date for session in sessions}
    mornings = {
        (row.client_id, row.after_day): row
        for row in MorningAnswer.objects.filter(
            client__in={session.client_id for session in sessions}, after_day__in=days
        ).latest_revisions()
    }
    limbs = {
        row.session_id: row for row in LimbAnswer.objects.filter(session__in=sessions).latest_revisions()
    }
    notes = {
        row.session_id: row.text
        for row in SessionNote.objects.filter(session__in=sessions).latest_revisions()
    }
    readings: dict[int, dict[tuple[int, str], dict[str, TightnessReading]]] = {}
    rows = TightnessReading.objects.filter(session__in=sessions).latest_revisions().order_by("pk")
    for row in rows.select_related("muscle"):
        site = readings.setdefault(row.session_id, {}).setdefault((row.muscle_id, row.side), {})
        site[row.moment] = row
    return {
        session.pk: Told(
            morning=mornings.get((session.client_id, session.local_date)),
            limb=limbs.get(session.pk),
            note=notes.get(session.pk, ""),
            tightness=[tightness_of(moments) for moments in readings.get(session.pk, {}).values()],
        )
        for session in sessions
    }


def diary_told(client: Client, number: int) -> list[PainDiaryEntry]:
    """The newest days of the pain diary, the newest first. One query."""
    entries = PainDiaryEntry.objects.filter(client=client).latest_revisions()
    return list(entries.order_by("-local_date")[:number])


def tightness_of(moments: dict[str, TightnessReading]) -> Tightness:
    before = moments.get(TightnessReading.Moment.BEFORE)
    after = moments.get(TightnessReading.Moment.AFTER)
    one = before or after
    return Tightness(
        name=site_name(one.muscle, one.side) if one else "",
        before=before.value if before else None,
        after=after.value if after else None,
    )
