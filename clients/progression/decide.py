"""What follows from the evidence of one program: proposals for a person, and what a rule makes safer (domain.md 6.4).

Pure. A decision is a row to be written; nothing here moves a phase.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from clients.numbers import Numbers
from clients.progression.criteria import Criterion, all_met, dropped, gate, run_of
from clients.progression.facts import AMBER, FURTHER_DOWN, GREEN, RED, RED_STOPS, Evidence, Session, worse
from clients.progression.standing import RELEASE, STRENGTHENING, Kind, Standing
from routines.models import PhaseKind

LATEST_DAYS = 7  # how long ago a red session may be that still pauses strengthening


@dataclass(frozen=True)
class Rules:
    """The numbers of the rules that guard the whole program, and the change of pain that matters (domain.md 6.3)."""

    step_back: Numbers
    reduce_dose: Numbers
    pause_strengthening: Numbers
    stop_and_refer: Numbers
    important_points: float = 2
    important_percent: float | None = 30


@dataclass(frozen=True)
class Happened:
    """A row to write: what, why in figures, and by which event, so that it happens once."""

    kind: str
    event: str
    numbers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """The gate as it stands, and what is to be written."""

    criteria: tuple[Criterion, ...]
    rows: tuple[Happened, ...]

    @property
    def met(self) -> int:
        return sum(1 for criterion in self.criteria if criterion.met)


def decide(
    evidence: Evidence, standing: Standing, rules: Rules, events: frozenset[str] = frozenset()
) -> Decision:
    """`events` are those whose rows are written already: they do not happen twice."""
    criteria = gate(evidence)
    careful = [*make_careful(evidence, standing, rules, events)]
    if (
        evidence.paused
    ):  # a red session of another program counts for this one too, and so do its green mornings
        if not careful:
            careful += give_back(evidence, standing, rules)
        return Decision(tuple(criteria), tuple(row for row in careful if row.event not in events))
    pauses = any(row.kind == Kind.RELEASE_ONLY for row in careful)
    careful += step_back(
        evidence, standing, rules, events, pausing=pauses or standing.release_only is not None
    )
    backwards = any(row.kind == Kind.STEP_BACK_PROPOSED for row in careful)
    pauses = any(row.kind == Kind.RELEASE_ONLY for row in careful)
    if not pauses and not backwards:
        careful += give_back(evidence, standing, rules)
    held_up = (
        pauses
        or backwards
        or evidence.blocked
        or standing.release_only
        or standing.proposal(Kind.STEP_BACK_PROPOSED)
    )
    careful += proposals(evidence, standing, rules, criteria, events, held_up=bool(held_up))
    return Decision(tuple(criteria), tuple(row for row in careful if row.event not in events))


# ---- Careful by itself --------------------------------------------------------------------------------------------------


def strengthens(evidence: Evidence, standing: Standing) -> bool:
    return evidence.phase_kind != PhaseKind.RELEASE or standing.alongside is not None


def red_events(evidence: Evidence) -> Iterator[tuple[str, date, Session]]:
    """Red sessions and red mornings of late: event, day, session. In their order."""
    since = max(evidence.today - timedelta(days=LATEST_DAYS), evidence.first_phase_on)
    for session in evidence.sessions:
        if session.day < since:
            continue
        stopped = session.limb in FURTHER_DOWN or bool(session.stops & RED_STOPS)
        if (session.finished or stopped) and evidence.zone_in_session(session) == RED:
            yield f"red/session/{session.key}", session.day, session
        if session.trained and evidence.zone_of_morning(session) == RED:
            yield f"red/morning/{session.day}", session.day + timedelta(days=1), session


def make_careful(
    evidence: Evidence, standing: Standing, rules: Rules, events: frozenset[str]
) -> Iterator[Happened]:
    """A red session or morning pauses strengthening, in the release phase it reduces release; so do three amber ones.

    Each event leaves its row, so that none of them acts a second time.
    """
    pauses = strengthens(evidence, standing)
    red = [(event, day) for event, day, _session in red_events(evidence)]
    new = [
        (event, day) for event, day in red if event not in events and enough(red, event, rules, pauses=pauses)
    ]
    for event, day in new:
        why = {"cause": "morning" if "/morning/" in event else "session", "day": day.isoformat()}
        if pauses:
            rule = rules.pause_strengthening.as_json("returns_after_green_mornings")
            yield Happened(Kind.RELEASE_ONLY, event, why | {"rule": rule})
        else:
            again = standing.reduction(RELEASE) is not None
            yield reduction(rules, RELEASE, event, why | {"again": again})
    if not new:
        yield from reduce_after_amber(evidence, standing, rules)


def enough(red: Sequence[tuple[str, date]], event: str, rules: Rules, *, pauses: bool) -> bool:
    """Whether the red sessions, or the red mornings, of late are as many as the rule asks for; usually one."""
    kind = event.split("/")[1]
    number = sum(1 for each, _day in red if each.split("/")[1] == kind)
    if pauses:
        key = "red_mornings" if kind == "morning" else "red_sessions"
        return number >= rules.pause_strengthening.value(key, 1)
    key = "next_morning_hold" if kind == "morning" else "red_sessions"
    return number >= rules.reduce_dose.value(key, 1)


def reduction(rules: Rules, of: str, event: str, why: dict[str, Any]) -> Happened:
    return Happened(
        Kind.DOSE_REDUCED,
        event,
        {
            "of": of,
            "sets_minus": rules.reduce_dose.value("sets_minus", 1),
            "reps_or_hold_percent": rules.reduce_dose.value("reps_or_hold_percent", -30),
            "rule": rules.reduce_dose.as_json("sets_minus", "reps_or_hold_percent"),
            **why,
        },
    )


def reduce_after_amber(evidence: Evidence, standing: Standing, rules: Rules) -> Iterator[Happened]:
    of = STRENGTHENING if strengthens(evidence, standing) else RELEASE
    if standing.reduction(of) or standing.release_only:
        return
    asked = rules.reduce_dose.value("amber_sessions_in_a_row")
    sessions = evidence.mine(evidence.phase_started, loading=of == STRENGTHENING)
    zones = evidence.zones_by_day(sessions)[-asked:]
    if len(zones) == asked and all(zone == AMBER for zone in zones):
        yield reduction(rules, of, f"amber/{sessions[-1].key}", {"cause": "amber", "sessions": asked})


def give_back(evidence: Evidence, standing: Standing, rules: Rules) -> Iterator[Happened]:
    """Strengthening comes back after enough green mornings, each after a release session; the dose after green sessions."""
    pause = standing.release_only
    if pause is not None:
        resting = standing.not_before is not None and evidence.today < standing.not_before
        if standing.proposal(Kind.STEP_BACK_PROPOSED) or resting:
            return
        asked = rules.pause_strengthening.value("returns_after_green_mornings")
        greens = green_mornings(evidence, pause)
        if len(greens) >= asked:
            figures = {"mornings": [day.isoformat() for day in greens], "dose": "reduced"}
            event = f"back/{pause.pk}"
            yield Happened(Kind.STRENGTHENING_BACK, event, figures)
            if standing.reduction(STRENGTHENING) is None:
                yield reduction(rules, STRENGTHENING, f"reduced/{pause.pk}", {"cause": "return"})
        return
    asked = rules.reduce_dose.value("approved_dose_returns_after_green_sessions")
    for row in standing.reduced:
        of = row.numbers.get("of", STRENGTHENING)
        later = row.local_date + timedelta(
            days=1
        )  # what was done on the day itself may have been the agreed dose
        since = evidence.strengthened(later) if of == STRENGTHENING else evidence.mine(later)
        zones = evidence.zones_by_day(since)
        if run_of(zones, GREEN) >= asked:
            yield Happened(
                Kind.DOSE_RESTORED,
                f"restored/{row.pk}",
                {
                    "of": of,
                    "sessions": asked,
                    "rule": rules.reduce_dose.as_json("approved_dose_returns_after_green_sessions"),
                },
            )


def green_mornings(evidence: Evidence, pause: Any) -> list[date]:
    """Days of release sessions since the pause began whose mornings were green. A red one starts the count again.

    An amber or missing answer adds nothing.
    """
    began = pause.local_date
    cause = pause.event
    days: list[date] = []
    for day in sorted({session.day for session in evidence.sessions if session.day >= began}):
        sessions = [session for session in evidence.sessions if session.day == day and session.trained]
        morning = evidence.mornings.get(day)
        if any(f"red/session/{session.key}" == cause for session in sessions) or not sessions:
            continue
        if any(evidence.zone_in_session(session) == RED for session in sessions):
            days = []
            continue
        if morning is None or not any(session.release for session in sessions):
            continue
        zone = worse([evidence.morning_zone(morning, session.before) for session in sessions])
        if zone == RED:
            days = []
        elif zone == GREEN and not any(session.loading for session in sessions):
            days.append(day)
    return days


# ---- Step back, proposed only ---------------------------------------------------------------------------------------------


def step_back(
    evidence: Evidence, standing: Standing, rules: Rules, events: frozenset[str], *, pausing: bool
) -> Iterator[Happened]:
    """Proposed where an earlier phase exists; until the therapist answers the days hold release only.

    In a first phase there is nothing to step back to: the therapist is asked to look (domain.md 6.2).
    """
    kind = Kind.STEP_BACK_PROPOSED if evidence.has_earlier else Kind.REVIEW_DUE
    if standing.proposal(kind):
        return
    for event, figures in reasons_to_step_back(evidence, rules):
        if event in events or not standing.may_propose(kind, evidence.today, figures["cause"]):
            continue
        if not evidence.has_earlier:
            if figures["cause"] == "red_sessions":
                yield Happened(kind, event, figures)
            continue
        yield Happened(kind, event, figures)
        if not pausing and strengthens(evidence, standing):
            yield Happened(Kind.RELEASE_ONLY, f"{event}/pause", {"cause": "step_back"})
        return


def reasons_to_step_back(evidence: Evidence, rules: Rules) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each with the event that it is known by, so that the same evidence is not proposed again."""
    numbers = rules.step_back
    asked = numbers.value("red_sessions_in_a_row")
    sessions = evidence.mine(evidence.phase_started)
    if run_of(evidence.zones_by_day(sessions), RED) >= asked:
        event = f"step_back/red/{sessions[-1].key}"
        yield event, {"cause": "red_sessions", "red": asked, "rule": numbers.as_json("red_sessions_in_a_row")}
    mean, _days = evidence.mean_pain(7)
    baseline = evidence.baseline(evidence.phase_started)
    rise = numbers.value("mean_pain_rise_over_baseline")
    if mean is not None and baseline is not None and mean - baseline >= rise:
        figures = {"cause": "pain", "mean": round(mean, 1), "baseline": baseline}
        yield (
            f"step_back/pain/{evidence.phase}/{evidence.today}",
            figures | {"rule": numbers.as_json("mean_pain_rise_over_baseline")},
        )
    if evidence.phase_kind == PhaseKind.STRENGTHEN:
        up = numbers.value("tenderness_rise_in_strengthen")
        for site in evidence.sites:
            inside = [r for r in site.readings if r.day >= evidence.phase_started]
            before = [r for r in site.readings if r.day < evidence.phase_started]
            if not inside:
                continue
            first = before[-1] if before else inside[0]
            if inside[-1].value - first.value >= up:
                figures = {
                    "cause": "tenderness",
                    "first": first.value,
                    "latest": inside[-1].value,
                    "muscle": {"slug": site.slug, "texts": dict(site.texts)},
                    "side": site.side,
                }
                event = f"step_back/tender/{site.slug}/{site.side}/{inside[-1].day}"
                yield event, figures | {"rule": numbers.as_json("tenderness_rise_in_strengthen")}
    trained = max(evidence.trained_days, default=evidence.phase_started)
    since = max(trained, evidence.phase_started)
    missed = evidence.missed_days(since)
    if missed >= numbers.value("missed_days"):
        event = f"step_back/missed/{evidence.phase}/{since}"
        yield event, {"cause": "missed_days", "days": missed, "rule": numbers.as_json("missed_days")}


# ---- Proposals ------------------------------------------------------------------------------------------------------------


def proposals(
    evidence: Evidence,
    standing: Standing,
    rules: Rules,
    criteria: Sequence[Criterion],
    events: frozenset[str],
    *,
    held_up: bool,
) -> Iterator[Happened]:
    ready = standing.proposal(Kind.READY)
    met = all_met(list(criteria)) and evidence.has_next and not held_up
    shown = {"criteria": [criterion.as_json() for criterion in criteria]}
    if met and ready is None and standing.may_propose(Kind.READY, evidence.today):
        yield Happened(Kind.READY, f"ready/{evidence.phase}/{evidence.today}", shown)
    if ready is not None and not met and (held_up or not only_waiting(criteria)):
        yield Happened(Kind.NOT_READY, f"not_ready/{ready.pk}", shown)
    asked = evidence.numbers.get("review_by_day")
    waiting = standing.proposal(Kind.REVIEW_DUE) or ready or met
    if (
        asked is not None
        and evidence.phase_day >= asked.value
        and not waiting
        and standing.may_propose(Kind.REVIEW_DUE, evidence.today)
    ):
        figures = shown | {"day": evidence.phase_day, "rule": evidence.numbers.as_json("review_by_day")}
        yield Happened(Kind.REVIEW_DUE, f"review/{evidence.phase}/{evidence.today}", figures)
    if standing.proposal(Kind.REFER_SUGGESTED):
        return
    for event, why in reasons_to_refer(evidence, rules):
        if event not in events and standing.may_propose(Kind.REFER_SUGGESTED, evidence.today, why["cause"]):
            yield Happened(Kind.REFER_SUGGESTED, event, why)
            return


def only_waiting(criteria: Sequence[Criterion]) -> bool:
    """Whether nothing speaks against the next phase, and a morning is missing that can still be told."""
    return all(criterion.met or criterion.figures.get("pending") for criterion in criteria)


def reasons_to_refer(evidence: Evidence, rules: Rules) -> Iterator[tuple[str, dict[str, Any]]]:
    """Symptoms that spread in two sessions running, something new and numb, no important change for six weeks."""
    last = [session for session in evidence.mine(evidence.phase_started) if session.limb][-2:]
    if len(last) == 2 and all(session.limb in FURTHER_DOWN for session in last):
        yield f"refer/spreading/{last[-1].key}", {"cause": "spreading"}
    if last and last[-1].limb == "new_numb":
        yield f"refer/numb/{last[-1].key}", {"cause": "new_numb"}
    days = rules.stop_and_refer.value("no_meaningful_change_after_days")
    if days is None or (evidence.today - evidence.first_phase_on).days < days:
        return
    mean, _days = evidence.mean_pain(7)
    baseline = evidence.baseline(evidence.first_phase_on)
    if mean is None or baseline is None or mean < rules.important_points:
        return
    if not dropped(baseline, mean, rules.important_points, rules.important_percent):
        figures = {"cause": "no_change", "mean": round(mean, 1), "baseline": baseline}
        yield (
            f"refer/no_change/{evidence.today}",
            figures | {"rule": rules.stop_and_refer.as_json("no_meaningful_change_after_days")},
        )
