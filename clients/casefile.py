"""One client as the therapist reads them: what stands out, the plan, what was done, what was decided and why.

Everything is limited to the newest rows, so that the page costs the same after three sessions and after three thousand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from clients.charts.pain import PainChart, PainPoint, pain_chart
from clients.cupboard import HomeOnFile, home_on_file
from clients.examining import FindingsOnFile, findings_on_file
from clients.explaining import in_sentence
from clients.inviting import INVITATION, VALID_FOR
from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    CareDecision,
    Client,
    ClientTag,
    ContactRecord,
    Delivery,
    HealthChange,
    Measure,
    PainDiaryEntry,
    PhaseTransition,
    SafetyBlock,
    ScreeningAnswer,
    SessionReading,
    Side,
    StopEvent,
    TenderSpot,
    TooHard,
    TrainingSession,
    User,
)
from clients.numbers import rule_numbers
from clients.planning import AssignmentFacts, facts_of, phase_rail
from clients.progression.gather import Case, cases
from clients.progression.showing import Gate, Proposal, gate_for_therapist, proposals_of, waiting_rows
from clients.progression.standing import Standing
from clients.progression.words import why_for_therapist
from clients.recording import SessionState, states_of
from clients.reminders.due import Reason
from clients.replacing import Replacements, first_allowed, replacements
from clients.safety import (
    Condition,
    Conditions,
    Reach,
    Verdict,
    Waiting,
    conditions_of,
    judge,
    judged,
    open_blocks,
    reaches,
    sides_of,
    waiting_for_tick,
)
from clients.spots import spots_of
from clients.telling import Tender, Told, diary_told, tenderness_told, told_about
from clients.templatetags.dose import step_dose
from routines.models import Equipment, ExerciseKind, PhaseKind, SideMode
from routines.wording import often

NEWEST = 10
DECISIONS = 20
CHART_SESSIONS = 60  # the chart tells the last months; the list of sessions goes back to the first day
EVERY_DAY = "1234567"


# ---- Account --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AccountState:
    """How the client comes in: `state` is paper, not_invited, invited, expired or inside; `may_invite` is what helps."""

    state: str
    since: datetime | None = None

    @property
    def may_invite(self) -> bool:
        return self.state in {"not_invited", "invited", "expired"}

    @property
    def again(self) -> bool:
        return self.state in {"invited", "expired"}


def account_state(client: Client, invited_at: datetime | None, now: datetime) -> AccountState:
    """`invited_at` is when the newest invitation was queued. Read the client with their user."""
    if client.user is not None:
        return AccountState("inside", client.user.last_login or client.user.date_joined)
    if not client.email:
        return AccountState("paper")
    if invited_at is None:
        return AccountState("not_invited")
    return AccountState("invited" if now < invited_at + VALID_FOR[INVITATION] else "expired", invited_at)


def invited_at(client: Client) -> datetime | None:
    letters = Delivery.objects.filter(client=client, letter=Delivery.Letter.INVITATION)
    return letters.order_by("-pk").values_list("created_at", flat=True).first()


# ---- The plan -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StepLine:
    """One step of the client's copy with its dose in words and what speaks against it today."""

    step: AssignedStep
    avoid: tuple[Condition, ...]
    care: tuple[Condition, ...]
    instead: tuple[str, ...] = ()
    spots: tuple[TenderSpot, ...] = ()
    missing: tuple[Equipment, ...] = ()  # tools that are not at home

    @property
    def takes_a_spot(self) -> bool:
        return self.step.kind == ExerciseKind.RELEASE_SMR

    @property
    def dose(self) -> str:
        return step_dose(self.step)

    @property
    def days(self) -> str:
        """ "Mon, Wed, Fri", "every day", with the times a day where they are more than one."""
        dose = self.step.dose
        if self.step.weekdays == EVERY_DAY:
            return often(dose)
        days = ", ".join(str(WEEKDAYS_ABBR[int(day) - 1]) for day in self.step.weekdays)
        if dose.per_day == 1:
            return days
        return _("%(days)s, %(times)d times a day") % {"days": days, "times": dose.per_day}


@dataclass(frozen=True)
class PhaseSheet:
    phase: AssignedPhase
    lines: tuple[StepLine, ...]
    seconds: int
    days_here: int | None = None

    @property
    def minutes(self) -> int:
        """One session with everything of the phase, rounded up."""
        return -(-self.seconds // 60)

    @property
    def is_current(self) -> bool:
        return self.phase.state == AssignedPhase.State.ACTIVE


@dataclass(frozen=True)
class AssignmentSheet:
    """A running program: its rail, its phases with the steps that hold now, and where it stands."""

    assignment: Assignment
    rail: list[dict[str, Any]]
    phases: tuple[PhaseSheet, ...]
    paused: bool
    starts_later: bool
    gate: Gate | None = None
    proposals: tuple[Proposal, ...] = ()
    standing: Standing = field(default_factory=Standing)

    @property
    def may_strengthen_too(self) -> bool:
        """In release, with a phase of strengthening behind it that has not begun beside it."""
        here = self.current
        return bool(
            here
            and here.phase.kind == PhaseKind.RELEASE
            and self.following
            and self.standing.alongside is None
        )

    @property
    def strengthens(self) -> bool:
        here = self.current
        return bool(here and (here.phase.kind != PhaseKind.RELEASE or self.standing.alongside))

    @property
    def current(self) -> PhaseSheet | None:
        return next((sheet for sheet in self.phases if sheet.is_current), None)

    @property
    def day(self) -> int | None:
        """The day of the current phase, counted from 1."""
        here = self.current.days_here if self.current else None
        return None if here is None else here + 1

    @property
    def following(self) -> PhaseSheet | None:
        """The phase after the current one, where there is one."""
        places = list(self.phases)
        here = next((n for n, sheet in enumerate(places) if sheet.is_current), None)
        return None if here is None or here + 1 >= len(places) else places[here + 1]

    @property
    def earlier(self) -> tuple[PhaseSheet, ...]:
        """Phases that one can step back to."""
        here = next((n for n, sheet in enumerate(self.phases) if sheet.is_current), 0)
        return self.phases[:here]


def running_assignments(client: Client) -> list[Assignment]:
    steps = AssignedStep.objects.filter(valid_until__isnull=True).order_by("order", "pk")
    return list(
        Assignment.objects.running()
        .filter(client=client)
        .prefetch_related(
            "transitions", "pauses", "phases", Prefetch("phases__steps", steps, to_attr="current_steps")
        )
    )


def sheet_of(
    assignment: Assignment,
    reach: Mapping[int, Reach],
    conditions: Conditions,
    today: date,
    case: Case | None = None,
    versions: Replacements | None = None,
    spots: Mapping[int, Sequence[TenderSpot]] | None = None,
    home: HomeOnFile | None = None,
) -> AssignmentSheet:
    facts: AssignmentFacts = facts_of(assignment, {})
    found = facts.phase_on(today)
    phases = []
    for phase in assignment.phases.all():
        lines = []
        seconds = 0
        for step in phase.current_steps:  # type: ignore[attr-defined]
            avoid, care = judged(step, reach, conditions)
            taken = {each.exercise_id for each in phase.current_steps}  # type: ignore[attr-defined]
            have = home.cupboard.have if home else None
            instead = names_instead(step, versions or {}, reach, conditions, taken, have) if avoid else ()
            missing = home.missing.get(step.exercise_id, ()) if home else ()
            mine = tuple((spots or {}).get(step.exercise_id, ()))
            lines.append(StepLine(step, tuple(avoid.values()), tuple(care.values()), instead, mine, missing))
            two = len(sides_of(step.side_mode, step.side)) > 1 or step.side_mode == SideMode.ALTERNATING
            seconds += step.dose.seconds(2 if two else 1)
        here = found[1] if found and found[0].pk == phase.pk else None
        phases.append(PhaseSheet(phase, tuple(lines), seconds, here))
    return AssignmentSheet(
        assignment=assignment,
        rail=rail_parts(facts, today),
        phases=tuple(phases),
        paused=facts.paused_on(today),
        starts_later=assignment.start_date > today,
        gate=gate_for_therapist(case, [sheet.phase for sheet in phases]) if case else None,
        proposals=proposals_in(case, today) if case else (),
        standing=case.standing if case else Standing(),
    )


def proposals_in(case: Case, today: date) -> tuple[Proposal, ...]:
    after = rule_numbers(case.assignment, "proposals", case.rows).value("escalate_after_days", 3)
    return tuple(proposals_of(waiting_rows(case.standing), today, after))


def names_instead(
    step: AssignedStep,
    versions: Replacements,
    reach: Mapping[int, Reach],
    conditions: Conditions,
    taken: Collection[int],
    have: Collection[str] | None = None,
) -> tuple[str, ...]:
    """What is offered in the place of a forbidden step, each exercise once."""

    def verdict(pk: int, side: str) -> Verdict:
        return judge(pk, reach[pk], side, conditions)

    found = (
        first_allowed(
            versions.get(step.exercise_id, ()),
            side,
            verdict,
            level=step.as_was.get("level", 1),
            taken=taken,
            have=have,
        )
        for side in sides_of(step.side_mode, step.side)
        if verdict(step.exercise_id, side).avoid
    )
    return tuple(dict.fromkeys(each.name for each in found if each))


def rail_parts(facts: AssignmentFacts, today: date) -> list[dict[str, Any]]:
    """The phase rail as the component draws it."""
    parts = []
    for part in phase_rail(facts, today):
        phase = part["phase"]
        current = phase.state == AssignedPhase.State.ACTIVE
        done = phase.state == AssignedPhase.State.DONE
        parts.append(
            {
                "kind": phase.kind,
                "word": part["kind"].label,
                "state": "current" if current else "done" if done else "ahead",
                "progress": round(100 * part["filled"]),
            }
        )
    return parts


# ---- What was done --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SessionLine:
    """A session in one row of a table."""

    state: SessionState
    told: Told = field(default_factory=Told)

    @property
    def session(self) -> TrainingSession:
        return self.state.session

    @property
    def done(self) -> int:
        return self.state.done_sets

    @property
    def asked(self) -> int:
        return self.state.all_sets

    @property
    def skipped(self) -> list[str]:
        """ "Foam roll, calf: no time", each exercise once."""
        words = [
            f"{state.item.name}: {in_sentence(state.skip.get_reason_display())}"
            for state in self.state.items
            if state.skipped and state.skip is not None
        ]
        return list(dict.fromkeys(words))

    @property
    def eased(self) -> list[str]:
        """ "Clam: too hard, Bridge instead", each exercise once."""
        words = [
            easier_words(state.item.eased_from, state.item.name)
            for state in self.state.items
            if state.item.stands_in_for_id and not state.set_aside
        ]
        return list(dict.fromkeys(words))

    @property
    def before(self) -> int | None:
        return self.state.readings.get(Measure.PAIN_BEFORE)

    @property
    def after(self) -> int | None:
        return self.state.readings.get(Measure.PAIN_AFTER)

    @property
    def worst(self) -> int | None:
        return self.state.readings.get(Measure.PAIN_WORST)

    @property
    def effort(self) -> int | None:
        return self.state.readings.get(Measure.EFFORT)

    @property
    def has_more(self) -> bool:
        """Whether there is more to read of it than its figures."""
        told = self.told
        figures = (self.worst, self.effort)
        more = (self.skipped, self.eased, self.session.short, told.tightness, told.limb, told.note)
        return self.session.finished_at is None or any(more) or figures != (None, None)


def easier_words(hard: str, easier: str) -> str:
    if hard == easier:
        return _("%(exercise)s: too hard, done lighter") % {"exercise": hard}
    return _("%(exercise)s: too hard, %(easier)s instead") % {"exercise": hard, "easier": in_sentence(easier)}


def newest_sessions(client: Client, number: int = NEWEST) -> list[SessionLine]:
    states = states_of(TrainingSession.objects.filter(client=client)[:number])
    told = told_about([state.session for state in states])
    return [SessionLine(state, told[state.session.pk]) for state in states]


def pain_points(client: Client, number: int = CHART_SESSIONS) -> list[PainPoint]:
    """The last finished sessions with their readings, oldest first. Two queries."""
    recent = list(TrainingSession.objects.filter(client=client).finished()[:number])
    measures = (Measure.PAIN_BEFORE, Measure.PAIN_AFTER)
    readings = SessionReading.objects.filter(session__in=recent, measure__in=measures).latest_revisions()
    told = {(each.session_id, each.measure): each.value for each in readings}
    return [
        PainPoint(
            day=session.local_date,
            before=told.get((session.pk, Measure.PAIN_BEFORE)),
            after=told.get((session.pk, Measure.PAIN_AFTER)),
        )
        for session in reversed(recent)
    ]


def pain_sentence(chart: PainChart | None) -> str:
    """What the chart shows, in words and without praise."""
    if chart is None or chart.first is None or chart.last is None:
        return ""
    if chart.first == chart.last:
        return _("One number so far: %(value)d of 10.") % {"value": chart.last.value}
    words = (
        _("Pain after the session: %(first)d of 10 at first, %(last)d the last time.")
        if chart.main is chart.after
        else _("Pain before the session: %(first)d of 10 at first, %(last)d the last time.")
    )
    return words % {"first": chart.first.value, "last": chart.last.value}


# ---- What was decided -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One line of the timeline: what happened on the client's day, by whom and why. `look` gives it its colour."""

    day: date
    what: str
    why: str = ""
    who: str = ""
    look: str = ""


def decisions(client: Client, number: int = DECISIONS) -> list[Entry]:
    """Moves between phases, changes of the plan, conditions, contacts, who cares: the newest first."""
    entries = [
        *care_decisions(client, number),
        *transitions(client, number),
        *step_changes(client, number),
        *contacts(client, number),
        *condition_changes(client, number),
        *health_changes(client, number),
        *too_hard(client, number),
    ]
    return sorted(entries, key=lambda entry: entry.day, reverse=True)[:number]


LOOKS: dict[str, str] = {
    PhaseTransition.Kind.RELEASE_ONLY: "tone-warn",
    PhaseTransition.Kind.STEP_BACK_PROPOSED: "tone-warn",
    PhaseTransition.Kind.REFER_SUGGESTED: "tone-stop",
    PhaseTransition.Kind.READY: "tone-ok",
    PhaseTransition.Kind.STRENGTHENING_BACK: "tone-ok",
}


def transitions(client: Client, number: int) -> list[Entry]:
    rows = PhaseTransition.objects.filter(assignment__client=client).order_by("-at", "-pk")
    found = []
    for row in rows.select_related("assignment", "from_phase", "to_phase", "by")[:number]:
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
        found.append(Entry(row.local_date, what, why_for_therapist(row), who, look))
    return found


def step_changes(client: Client, number: int) -> list[Entry]:
    rows = AssignedStep.objects.filter(phase__assignment__client=client)
    rows = rows.filter(Q(changed_by__isnull=False) | Q(removed_by__isnull=False))
    rows = rows.select_related("replaces", "changed_by", "removed_by", "phase").order_by("-pk")
    found = []
    for row in rows[:number]:
        look = f"phase-{row.phase.kind}"
        if row.removed_by and row.valid_until:
            what = _("Taken out: %(step)s") % {"step": row.name}
            found.append(Entry(row.valid_until, what, row.removal_reason, name_of(row.removed_by), look))
        if row.changed_by:
            who = name_of(row.changed_by)
            found.append(Entry(row.valid_from, changed_words(row), row.change_reason, who, look))
    return found


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


def too_hard(client: Client, number: int) -> list[Entry]:
    """What the client found too hard: the plan did not change by it."""
    rows = TooHard.objects.filter(client=client).select_related("session", "exercise", "easier")
    return [
        Entry(
            row.session.local_date,
            easier_words(row.exercise.text("name"), row.easier.text("name")),
            _("Said in a session. The plan is unchanged."),
            client.name,
            "tone-warn",
        )
        for row in rows[:number]
    ]


def contacts(client: Client, number: int) -> list[Entry]:
    rows = ContactRecord.objects.filter(client=client).select_related("by").prefetch_related("lifts")
    return [
        Entry(
            client.local_date(row.at),
            (_("Contact, block lifted: %(how)s") if row.lifts.all() else _("Contact: %(how)s"))
            % {"how": row.get_channel_display()},
            row.note,
            name_of(row.by),
            "tone-ok",
        )
        for row in rows[:number]
    ]


def condition_changes(client: Client, number: int) -> list[Entry]:
    rows = ClientTag.objects.filter(client=client).select_related("tag", "area", "added_by")
    found = []
    for row in rows.order_by("-pk")[:number]:
        what = _("Condition noted: %(condition)s") % {"condition": condition_words(row)}
        who = name_of(row.added_by) or row.get_source_display()
        found.append(Entry(row.valid_from, what, "", who, "tone-warn"))
        if row.valid_to is not None:
            what = _("Condition ended: %(condition)s") % {"condition": condition_words(row)}
            found.append(Entry(row.valid_to, what, "", "", "tone-quiet"))
    return found


def health_changes(client: Client, number: int) -> list[Entry]:
    rows = HealthChange.objects.filter(client=client)
    words = _(
        "The client says that something about their health has changed; the first questions come again."
    )
    return [Entry(client.local_date(row.at), words, "", "", "tone-warn") for row in rows[:number]]


def care_decisions(client: Client, number: int) -> list[Entry]:
    rows = CareDecision.objects.filter(client=client).select_related("therapist", "by").order_by("-at", "-pk")
    found = []
    for row in rows[:number]:
        what = row.get_kind_display()
        if row.therapist:
            what = _("Handed over to %(therapist)s") % {"therapist": row.therapist}
        found.append(Entry(client.local_date(row.at), what, row.reason, name_of(row.by), "tone-quiet"))
    return found


def condition_words(row: ClientTag) -> str:
    """The condition with its place: "Fracture or surgery in the last 12 weeks (knee, left)"."""
    if row.area is None:
        return row.tag.text("label")
    place = row.area.text("name")
    if row.side in (Side.LEFT, Side.RIGHT):
        place = f"{place}, {row.get_side_display()}"
    return f"{row.tag.text('label')} ({place})"


def name_of(user: User | None) -> str:
    return str(user) if user else ""


# ---- Letters --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LetterLine:
    """One letter and its fate in words."""

    delivery: Delivery

    @property
    def why(self) -> str:
        return why_not_sent(self.delivery)


def why_not_sent(delivery: Delivery) -> str:
    """Why a letter was not sent, in words; nothing for one that was, or that still waits."""
    return str(dict(Reason.choices).get(delivery.reason, delivery.reason))


def newest_letters(client: Client, *, for_office: bool = False) -> list[LetterLine]:
    """The newest letters about a client; the office sees none that hints at health."""
    letters: QuerySet[Delivery] = Delivery.objects.filter(client=client).order_by("-due_at", "-pk")
    if for_office:
        letters = without_health(letters)
    return [LetterLine(letter) for letter in letters[:NEWEST]]


def without_health(letters: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Without safety alerts, and without letters that were held back for a safety block."""
    return letters.exclude(letter=Delivery.Letter.SAFETY_ALERT).exclude(reason=Reason.BLOCKED)


# ---- The whole page -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CaseFile:
    client: Client
    today: date
    account: AccountState
    conditions: list[tuple[ClientTag, str]]
    blocks: list[SafetyBlock]
    waiting: list[Waiting]
    sheets: list[AssignmentSheet]
    ended: list[Assignment]
    sessions: list[SessionLine]
    answers: list[ScreeningAnswer]
    screened_on: date | None
    stops: list[StopEvent]
    tender: list[Tender]
    diary: list[PainDiaryEntry]
    decisions: list[Entry]
    letters: list[LetterLine]
    carers: list[Any]
    points: list[PainPoint]  # the newest first
    chart: PainChart | None
    sentence: str
    visits: FindingsOnFile
    home: HomeOnFile

    @property
    def last_session(self) -> TrainingSession | None:
        return self.sessions[0].session if self.sessions else None


def open_file(client: Client, now: datetime) -> CaseFile:
    """Everything on the client's page, in a fixed number of queries. Read the client with their user."""
    today = client.local_date(now)
    assignments = running_assignments(client)
    known = {case.assignment.pk: case for case in cases(client, now)}
    steps = [
        step
        for assignment in assignments
        for phase in assignment.phases.all()
        for step in phase.current_steps  # type: ignore[attr-defined]
    ]
    reach = reaches(step.exercise_id for step in steps)
    conditions = conditions_of(client, today)
    forbidden = {step.exercise_id for step in steps if judged(step, reach, conditions)[0]}
    versions = replacements(forbidden) if forbidden else {}
    if versions:
        reach |= reaches(each.exercise_id for found in versions.values() for each in found)
    spots, home = spots_of(client), home_on_file(client, [step.exercise_id for step in steps])
    waiting = waiting_for_tick(
        (
            step
            for assignment in assignments
            for phase in assignment.phases.all()
            if phase.state != AssignedPhase.State.DONE
            for step in phase.current_steps  # type: ignore[attr-defined]
        ),
        reach,
        conditions,
    )
    answers = ScreeningAnswer.objects.filter(screening__client=client).order_by(
        "-screening__answered_at", "pk"
    )
    newest = answers.values_list("screening__local_date", flat=True).first()
    points = pain_points(client)
    chart = pain_chart(points)
    return CaseFile(
        client=client,
        today=today,
        account=account_state(client, invited_at(client), now),
        conditions=[
            (row, condition_words(row))
            for row in ClientTag.objects.filter(client=client).on(today).select_related("tag", "area")
        ],
        blocks=open_blocks(client),
        waiting=waiting,
        sheets=[
            sheet_of(assignment, reach, conditions, today, known.get(assignment.pk), versions, spots, home)
            for assignment in assignments
        ],
        ended=list(
            Assignment.objects.filter(client=client, ended_on__isnull=False).order_by("-ended_on")[:NEWEST]
        ),
        sessions=newest_sessions(client),
        answers=list(answers.filter(yes=True).select_related("screening__checklist")[:NEWEST]),
        screened_on=newest,
        stops=list(StopEvent.objects.filter(client=client).select_related("item")[:NEWEST]),
        tender=tenderness_told(client),
        diary=diary_told(client, NEWEST),
        decisions=decisions(client),
        letters=newest_letters(client),
        carers=list(
            client.care_team.select_related("therapist")
            .filter(Q(until__isnull=True) | Q(until__gt=now), since__lte=now)
            .order_by("-capacity", "since")
        ),
        points=points[::-1],
        chart=chart,
        sentence=pain_sentence(chart),
        visits=findings_on_file(client),
        home=home,
    )
