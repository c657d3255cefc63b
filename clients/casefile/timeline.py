"""Everything that happened with a client and everything that was decided, as one list, the newest first.

Each source gives at most one page of its own rows, in its own order, and the pages are merged: the same queries for three
rows and for three thousand. A page begins behind a cursor, never at an offset.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.casefile.letters import why_not_sent
from clients.casefile.person import condition_words, name_of
from clients.casefile.sessions import SessionLine, easier_words
from clients.models import (
    AssignedStep,
    CareDecision,
    CareTick,
    Client,
    ClientTag,
    ContactRecord,
    Delivery,
    Document,
    HealthChange,
    Measurement,
    Message,
    MorningAnswer,
    OutcomeResponse,
    PhaseTransition,
    SafetyBlock,
    Screening,
    Side,
    StopEvent,
    TooHard,
    TrainingSession,
    Visit,
)
from clients.outcomes import figure, title_of
from clients.progression.words import why_for_therapist
from clients.recording import states_of
from clients.templatetags.dose import step_dose
from routines.wording import often

A_PAGE = 30
DECISIONS = 20
LAST_MICROSECOND = 250_000_000_000_000_000  # in the year 9892, so that each zone has the day
A_MOMENT = timedelta(microseconds=1)  # a cover ends at midnight; its last day is the one before
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Group(models.TextChoices):
    """What one may look at alone."""

    DECISIONS = "decisions", gettext_lazy("Decisions")
    SESSIONS = "sessions", gettext_lazy("Sessions")
    SAFETY = "safety", gettext_lazy("Safety")
    VISITS = "visits", gettext_lazy("Visits and measures")
    LETTERS = "letters", gettext_lazy("Letters and messages")
    DOCUMENTS = "documents", gettext_lazy("Documents")


@dataclass(frozen=True)
class Entry:
    """One line: what happened on the client's day, by whom and why. `look` gives it its colour, `href` leads to the whole.

    `quoted`: the why is what a person wrote or said.
    """

    day: date
    what: str
    why: str = ""
    who: str = ""
    look: str = "tone-quiet"
    href: str = ""
    quoted: bool = True


@dataclass(frozen=True, order=True)
class Cursor:
    """The place of a line in the list. Of one moment the source that stands first comes first, of a source the newest row."""

    at: datetime
    rank: int  # of the source, as a negative number, so that the larger cursor is the newer line
    pk: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}.{-self.rank}.{self.pk}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor of an address; None for anything that none of our pages wrote."""
        found = re.fullmatch(r"([0-9]{1,18})\.([0-9]{1,2})\.([0-9]{1,18})", text)
        if found is None or int(found[1]) > LAST_MICROSECOND:
            return None
        at = EPOCH + timedelta(microseconds=int(found[1]))
        return cls(at, -int(found[2]), int(found[3]))


Tell = Callable[[Client, list[Any]], Iterable[Entry]]


@dataclass(frozen=True)
class Source:
    """Rows of one kind. `column` is when they happened: a moment, or a day that stands at `hour` o'clock of the client's."""

    group: Group
    column: str
    rows: Callable[[Client], QuerySet[Any]]
    tell: Tell
    hour: int | None = None
    decided: bool = False

    def at(self, client: Client, row: Any) -> datetime:
        value = getattr(row, self.column)
        return value if self.hour is None else moment_of(client, value, self.hour)

    def newest(
        self, client: Client, rank: int, number: int, before: Cursor | None, since: date | None
    ) -> list[tuple[Cursor, Entry]]:
        """At most `number` lines behind the cursor."""
        rows = self.rows(client).order_by(f"-{self.column}", "-pk")
        if before is not None:
            rows = self.behind(rows, client, rank, before)
        if since is not None:
            first = since if self.hour is not None else moment_of(client, since, 0)
            rows = rows.filter(**{f"{self.column}__gte": first})
        found = list(rows[:number])
        places = [Cursor(self.at(client, row), rank, row.pk) for row in found]
        return list(zip(places, self.tell(client, found), strict=True))

    def behind(self, rows: QuerySet[Any], client: Client, rank: int, before: Cursor) -> QuerySet[Any]:
        limit: Any = before.at
        same = True  # whether a row may stand at the very moment of the cursor
        if self.hour is not None:
            limit = client.local_date(before.at)
            stands = moment_of(client, limit, self.hour)
            if stands != before.at:
                same = False
                limit = limit if stands < before.at else limit - timedelta(days=1)
                return rows.filter(**{f"{self.column}__lte": limit})
        earlier = Q(**{f"{self.column}__lt": limit})
        if same and rank < before.rank:
            return rows.filter(**{f"{self.column}__lte": limit})
        if same and rank == before.rank:
            return rows.filter(earlier | Q(**{self.column: limit}, pk__lt=before.pk))
        return rows.filter(earlier)


def moment_of(client: Client, day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=client.zone_info)


@dataclass(frozen=True)
class Timeline:
    """One page of the list; `older` is the cursor of the next one, empty on the last."""

    lines: list[Entry] = field(default_factory=list)
    older: str = ""


def timeline(
    client: Client,
    *,
    groups: Collection[str] = (),
    before: Cursor | None = None,
    number: int = A_PAGE,
    since: date | None = None,
    decided: bool = False,
) -> Timeline:
    """The newest lines of these groups, of all without one; behind the cursor, and from a day on where one is given."""
    found: list[tuple[Cursor, Entry]] = []
    for n, source in enumerate(SOURCES):
        if (not groups or source.group in groups) and (source.decided or not decided):
            found += source.newest(client, -n, number + 1, before, since)
    found.sort(key=lambda line: line[0], reverse=True)
    shown = found[:number]
    return Timeline([entry for _place, entry in shown], str(shown[-1][0]) if len(found) > number else "")


def decisions(client: Client, number: int = DECISIONS, since: date | None = None) -> list[Entry]:
    """Moves between phases, changes of the plan, conditions, contacts, who cares: the newest first."""
    return timeline(client, number=number, since=since, decided=True).lines


def each(tell: Callable[[Client, Any], Entry]) -> Tell:
    return lambda client, rows: [tell(client, row) for row in rows]


# ---- Decisions ------------------------------------------------------------------------------------------------------

LOOKS: dict[str, str] = {
    PhaseTransition.Kind.RELEASE_ONLY: "tone-warn",
    PhaseTransition.Kind.STEP_BACK_PROPOSED: "tone-warn",
    PhaseTransition.Kind.REFER_SUGGESTED: "tone-stop",
    PhaseTransition.Kind.READY: "tone-ok",
    PhaseTransition.Kind.STRENGTHENING_BACK: "tone-ok",
}


def transition(client: Client, row: PhaseTransition) -> Entry:
    what = row.get_kind_display()
    if row.from_phase and row.to_phase:
        what = _("%(what)s: from “%(old)s” to “%(new)s”") % {
            "what": what,
            "old": row.from_phase.name,
            "new": row.to_phase.name,
        }
    else:
        what = f"{what}: {row.assignment.name}"
    look = f"phase-{row.to_phase.kind}" if row.to_phase else LOOKS.get(row.kind, "tone-quiet")
    who = name_of(row.by) or (_("by rule") if row.kind != PhaseTransition.Kind.STARTED else "")
    day, why, quoted = client.local_date(row.at), why_for_therapist(row), row.by is not None
    if row.kind == PhaseTransition.Kind.STARTED and row.local_date > day:
        why, quoted = _("from %(day)s on") % {"day": date_format(row.local_date, "j F")}, False
    return Entry(day, what, why, who, look, quoted=quoted)


def step_new(client: Client, row: AssignedStep) -> Entry:
    look = f"phase-{row.phase.kind}"
    return Entry(row.valid_from, changed_words(row), row.change_reason, name_of(row.changed_by), look)


def step_taken_out(client: Client, row: AssignedStep) -> Entry:
    what = _("Taken out: %(step)s") % {"step": row.name}
    look = f"phase-{row.phase.kind}"
    return Entry(row.valid_until or row.valid_from, what, row.removal_reason, name_of(row.removed_by), look)


def changed_words(row: AssignedStep) -> str:
    """What is new in this version of a step."""
    if row.replaces is None:
        return _("Added: %(step)s") % {"step": row.name}
    what = _("Changed: %(step)s") % {"step": row.name}
    old, new = in_words(row.replaces), in_words(row)
    if old == new:
        return what
    return _("%(what)s, from %(old)s to %(new)s") % {"what": what, "old": old, "new": new}


def in_words(step: AssignedStep) -> str:
    return f"{step_dose(step)}, {often(step.dose)}"


CARE_WORDS = {
    CareDecision.Kind.HANDED_OVER: gettext_lazy("Handed over to %(therapist)s"),
    CareDecision.Kind.COVERED: gettext_lazy("%(therapist)s covers from %(first)s to %(last)s"),
    CareDecision.Kind.COVER_ENDED: gettext_lazy("%(therapist)s covers no more"),
}


def care_decision(client: Client, row: CareDecision) -> Entry:
    what = row.get_kind_display()
    if row.therapist:
        what = CARE_WORDS[CareDecision.Kind(row.kind)] % {
            "therapist": row.therapist,
            "first": date_format(client.local_date(row.since), "j M") if row.since else "",
            "last": date_format(client.local_date(row.until - A_MOMENT), "j M") if row.until else "",
        }
    return Entry(client.local_date(row.at), what, row.reason, name_of(row.by))


def care_tick(client: Client, row: CareTick) -> Entry:
    what = _("Agreed with care: %(step)s, %(condition)s") % {
        "step": row.exercise.text("name"),
        "condition": row.tag.text("label"),
    }
    return Entry(client.local_date(row.at), what, row.note, name_of(row.by), "tone-ok")


def condition_noted(client: Client, row: ClientTag) -> Entry:
    what = _("Condition noted: %(condition)s") % {"condition": condition_words(row)}
    return Entry(row.valid_from, what, "", name_of(row.added_by) or row.get_source_display(), "tone-warn")


def condition_ended(client: Client, row: ClientTag) -> Entry:
    what = _("Condition ended: %(condition)s") % {"condition": condition_words(row)}
    return Entry(row.valid_to or row.valid_from, what)


# ---- Safety ---------------------------------------------------------------------------------------------------------


def contact(client: Client, row: ContactRecord) -> Entry:
    lifted = bool(row.lifts.all())
    what = _("Contact, block lifted: %(how)s") if lifted else _("Contact: %(how)s")
    what %= {"how": row.get_channel_display()}
    return Entry(client.local_date(row.at), what, row.note, name_of(row.by), "tone-ok")


def blocked(client: Client, row: SafetyBlock) -> Entry:
    what = _("Blocked: %(effect)s") % {"effect": row.get_effect_display()}
    return Entry(client.local_date(row.created_at), what, row.cause, "", "tone-stop", quoted=False)


def stopped(client: Client, row: StopEvent) -> Entry:
    what = _("Something was wrong: %(choice)s") % {"choice": row.get_choice_display()}
    if row.session.sheet_id:
        words = {"day": date_format(row.session.local_date, "j F"), "choice": row.get_choice_display()}
        what = _("Something was wrong on %(day)s, from paper: %(choice)s") % words
    why = row.item.name if row.item else ""
    return Entry(client.local_date(row.at), what, why, "", "tone-stop", quoted=False)


def health_change(client: Client, row: HealthChange) -> Entry:
    words = _(
        "The client says that something about their health has changed; the first questions come again."
    )
    return Entry(client.local_date(row.at), words, "", "", "tone-warn")


def screened(client: Client, row: Screening) -> Entry:
    yes = [answer.text for answer in row.answers.all() if answer.yes]
    what = _("Answered: %(checklist)s") % {"checklist": row.checklist}
    look = "tone-warn" if yes else "tone-quiet"
    why = "; ".join(yes) or _("no warning sign")
    who = _("asked by %(name)s") % {"name": row.asked_by} if row.asked_by else ""
    return Entry(row.local_date, what, why, who, look, quoted=False)


# ---- Sessions -------------------------------------------------------------------------------------------------------


def sessions(client: Client, rows: list[TrainingSession]) -> list[Entry]:
    return [session(SessionLine(state)) for state in states_of(rows)]


def session(line: SessionLine) -> Entry:
    what = _("Session: %(done)d of %(asked)d sets") % {"done": line.done, "asked": line.asked}
    told = []
    if line.before is not None:
        told.append(_("pain before %(value)d") % {"value": line.before})
    if line.after is not None:
        told.append(_("after %(value)d") % {"value": line.after})
    if not line.session.finished_at:
        told.append(_("not finished"))
    href = reverse("admin:clients_trainingsession_change", args=[line.session.pk])
    who = "" if line.session.source == TrainingSession.Source.APP else line.session.get_source_display()
    if line.session.sheet is not None:
        who = _("from paper, keyed in by %(name)s") % {"name": line.session.sheet.by}
    return Entry(line.session.local_date, what, ", ".join(told), who, "tone-brand", href, quoted=False)


def morning(client: Client, row: MorningAnswer) -> Entry:
    what = _("The morning after: %(word)s") % {"word": row.get_word_display()}
    why = "" if row.pain is None else _("pain %(value)d") % {"value": row.pain}
    look = "tone-warn" if row.word == "worse_than_before" else "tone-quiet"
    return Entry(row.answered_on, what, why, "", look, quoted=False)


def too_hard(client: Client, row: TooHard) -> Entry:
    """What the client found too hard: the plan did not change by it."""
    what = easier_words(row.exercise.text("name"), row.easier.text("name"))
    why = _("Said in a session. The plan is unchanged.")
    return Entry(row.session.local_date, what, why, "", "tone-warn", quoted=False)


# ---- Visits and measures --------------------------------------------------------------------------------------------


def visit(client: Client, row: Visit) -> Entry:
    what = _("Visit") if row.closed_at else _("Visit, not closed yet")
    number = row.found  # type: ignore[attr-defined]
    why = ngettext("one finding", "%(number)d findings", number) % {"number": number}
    href = reverse("admin:client_visit", args=[client.pk, row.pk])
    return Entry(row.held_on, what, why, name_of(row.by), "tone-brand", href, quoted=False)


def outcome(client: Client, row: OutcomeResponse) -> Entry:
    what = f"{title_of(row.measure)}: {figure(row.score, signed=row.measure.minimum < 0)}"
    href = reverse("admin:client_measure", args=[client.pk, row.measure.slug])
    return Entry(row.local_date, what, "", name_of(row.entered_by), "tone-info", href)


def measured(client: Client, row: Measurement) -> Entry:
    side = f", {row.get_side_display()}" if row.side in (Side.LEFT, Side.RIGHT) else ""
    what = f"{row.measure.name}{side}: {figure(row.value)} {row.measure.unit}".rstrip()
    href = reverse("admin:client_own_measure", args=[client.pk, row.measure_id])
    return Entry(row.measured_on, what, "", name_of(row.by), "tone-info", href)


# ---- Letters, messages, documents -----------------------------------------------------------------------------------

FATES: dict[str, str] = {
    Delivery.Status.SENT: "tone-ok",
    Delivery.Status.FAILED: "tone-stop",
    Delivery.Status.MISSED: "tone-warn",
}


def letter(client: Client, row: Delivery) -> Entry:
    what = _("Letter, %(letter)s: %(status)s") % {
        "letter": row.get_letter_display(),
        "status": row.get_status_display(),
    }
    look = FATES.get(row.status, "tone-quiet")
    return Entry(client.local_date(row.due_at), what, why_not_sent(row), "", look, quoted=False)


def message(client: Client, row: Message) -> Entry:
    what = _("Message from the client") if row.from_client else _("Message to the client")
    look = "tone-info" if row.from_client else "tone-quiet"
    return Entry(client.local_date(row.at), what, row.text, name_of(row.by), look)


def document(client: Client, row: Document) -> Entry:
    what = _("Document: %(title)s") % {"title": row.title}
    href = "" if row.withdrawn_at else reverse("admin:client_document", args=[client.pk, row.pk])
    return Entry(client.local_date(row.at), what, "", name_of(row.by), "tone-info", href)


def document_withdrawn(client: Client, row: Document) -> Entry:
    what = _("Document withdrawn: %(title)s") % {"title": row.title}
    at = row.withdrawn_at or row.at
    return Entry(client.local_date(at), what, row.withdrawal_reason, name_of(row.withdrawn_by), "tone-quiet")


def steps_of(client: Client) -> QuerySet[AssignedStep]:
    steps = AssignedStep.objects.filter(phase__assignment__client=client)
    return steps.select_related("replaces", "changed_by", "removed_by", "phase")


def tags_of(client: Client) -> QuerySet[ClientTag]:
    return ClientTag.objects.filter(client=client).select_related("tag", "area", "added_by")


def documents_of(client: Client) -> QuerySet[Document]:
    return Document.objects.filter(client=client).select_related("by", "withdrawn_by")


# Of one moment the source that stands first comes first. A new source goes to the end: a cursor names its place.
SOURCES = (
    Source(
        Group.DECISIONS,
        "at",
        lambda client: CareDecision.objects.filter(client=client).select_related("therapist", "by"),
        each(care_decision),
        decided=True,
    ),
    Source(
        Group.DECISIONS,
        "at",
        lambda client: PhaseTransition.objects.filter(assignment__client=client).select_related(
            "assignment", "from_phase", "to_phase", "by"
        ),
        each(transition),
        decided=True,
    ),
    Source(
        Group.DECISIONS,
        "valid_from",
        lambda client: steps_of(client).filter(changed_by__isnull=False),
        each(step_new),
        hour=12,
        decided=True,
    ),
    Source(
        Group.DECISIONS,
        "valid_until",
        lambda client: steps_of(client).filter(removed_by__isnull=False),
        each(step_taken_out),
        hour=12,
        decided=True,
    ),
    Source(
        Group.DECISIONS,
        "at",
        lambda client: CareTick.objects.filter(client=client).select_related("exercise", "tag", "by"),
        each(care_tick),
        decided=True,
    ),
    Source(Group.DECISIONS, "valid_from", tags_of, each(condition_noted), hour=12, decided=True),
    Source(
        Group.DECISIONS,
        "valid_to",
        lambda client: tags_of(client).filter(valid_to__isnull=False),
        each(condition_ended),
        hour=12,
        decided=True,
    ),
    Source(
        Group.SAFETY,
        "at",
        lambda client: (
            ContactRecord.objects.filter(client=client).select_related("by").prefetch_related("lifts")
        ),
        each(contact),
        decided=True,
    ),
    Source(
        Group.SAFETY, "created_at", lambda client: SafetyBlock.objects.filter(client=client), each(blocked)
    ),
    Source(
        Group.SAFETY,
        "at",
        lambda client: StopEvent.objects.filter(client=client).select_related("item", "session"),
        each(stopped),
    ),
    Source(
        Group.SAFETY,
        "at",
        lambda client: HealthChange.objects.filter(client=client),
        each(health_change),
        decided=True,
    ),
    Source(
        Group.SAFETY,
        "answered_at",
        lambda client: (
            Screening.objects.filter(client=client)
            .select_related("checklist", "asked_by")
            .prefetch_related("answers")
        ),
        each(screened),
    ),
    Source(
        Group.SESSIONS,
        "local_date",
        lambda client: TrainingSession.objects.filter(client=client).select_related("sheet__by"),
        sessions,
        hour=18,
    ),
    Source(
        Group.SESSIONS,
        "at",
        lambda client: TooHard.objects.filter(client=client).select_related("session", "exercise", "easier"),
        each(too_hard),
        decided=True,
    ),
    Source(
        Group.SESSIONS,
        "received_at",
        lambda client: MorningAnswer.objects.filter(client=client).latest_revisions(),
        each(morning),
    ),
    Source(
        Group.VISITS,
        "held_on",
        lambda client: (
            Visit.objects.filter(client=client).select_related("by").annotate(found=models.Count("findings"))
        ),
        each(visit),
        hour=12,
    ),
    Source(
        Group.VISITS,
        "received_at",
        lambda client: (
            OutcomeResponse.objects.filter(client=client)
            .latest_revisions()
            .select_related("measure", "entered_by")
        ),
        each(outcome),
    ),
    Source(
        Group.VISITS,
        "received_at",
        lambda client: (
            Measurement.objects.filter(client=client).latest_revisions().select_related("measure", "by")
        ),
        each(measured),
    ),
    Source(Group.LETTERS, "due_at", lambda client: Delivery.objects.filter(client=client), each(letter)),
    Source(
        Group.LETTERS,
        "at",
        lambda client: Message.objects.filter(client=client).select_related("by"),
        each(message),
    ),
    Source(Group.DOCUMENTS, "at", documents_of, each(document)),
    Source(
        Group.DOCUMENTS,
        "withdrawn_at",
        lambda client: documents_of(client).filter(withdrawn_at__isnull=False),
        each(document_withdrawn),
    ),
)
