"""Who needs the therapist, and by what evidence. Pure: facts in, needs out (product.md, the morning queue).

Missing data is never a need: with too few values there is not enough data, and no row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from statistics import median
from typing import Any

from clients.attention.facts import Facts, Found, Program, StepDays, Waits
from clients.attention.thresholds import DEFAULTS
from clients.models import Need
from clients.progression.facts import Evidence
from clients.schedule import phase_day

Kind = Need.Kind

# The most urgent first; what is read live (blocks, stops) comes before all of these
ORDER = (
    Kind.REFER_SUGGESTED,
    Kind.STEP_BACK_PROPOSED,
    Kind.PAIN_RISE,
    Kind.RELEASE_ONLY,
    Kind.TIGHT_AGAIN,
    Kind.READY,
    Kind.REVIEW_DUE,
    Kind.CARE,
    Kind.ADHERENCE,
    Kind.SILENT,
    Kind.RUNNING_OUT,
)
RISEN = 1  # what nobody answered for days stands right behind blocks and stops
RESTS_LONG = 7  # days after which a pause of strengthening rises
LATELY = 7  # days in which pain must have been told to say anything about now
VALUES = 3  # recorded days that a rise is read from: one bad day is not a rise
WEEK = 7
BEFORE = 14  # days before the last week that it is compared with
DUE_DAYS = 3  # due days that each side of the comparison needs
SHOWN = timedelta(days=28)  # how far back the small chart goes
WEEKS = 6


def rank_of(kind: str, *, rises: bool = False) -> int:
    return RISEN if rises else 2 + ORDER.index(Kind(kind))


def decide(facts: Facts) -> list[Found]:
    """All needs of one client, in the order of the queue."""
    found: list[Found] = []
    silence = silence_of(facts)
    for program in facts.programs:
        found += waiting(program, facts.today)
        found += care(program)
        if program.evidence is None or program.paused:
            continue
        found += pain_rise(program, program.evidence, value(facts, "pain_rise"))
        if silence is None:
            found += adherence(program, program.evidence, value(facts, "adherence_drop"))
        found += running_out(program, program.evidence, value(facts, "running_out_days"))
    if silence is not None and not reached_lately(facts):
        found.append(silent(facts, silence))
    return sorted(found, key=lambda need: (need.rank, need.program))


def value(facts: Facts, key: str) -> Any:
    return facts.numbers.value(key, DEFAULTS[key])


# ---- What waits for an answer ---------------------------------------------------------------------------------------


def waiting(program: Program, today: date) -> Iterator[Found]:
    """Each proposal and each pause by rule that nobody has answered."""
    seen: set[str] = set()
    for each in program.waits:
        if each.kind in seen:
            continue
        seen.add(each.kind)
        days = max(0, (today - each.day).days)
        rises = days >= (RESTS_LONG if each.rests else program.escalate_after)
        yield Found(
            kind=each.kind,
            program=program.pk,
            rank=rank_of(each.kind, rises=rises),
            since=each.day,
            key=str(each.row),
            evidence={"row": each.row, "days": days} | neighbours(program, each) | chart_for(program, each),
            rises=rises,
        )


def neighbours(program: Program, each: Waits) -> dict[str, Any]:
    """The phase to which an answer would move the program."""
    to = {Kind.READY: program.forward, Kind.STEP_BACK_PROPOSED: program.back}.get(Kind(each.kind))
    return {"to": to} if to is not None else {}


def chart_for(program: Program, each: Waits) -> dict[str, Any]:
    evidence = program.evidence
    if evidence is None:
        return {}
    if each.kind in (Kind.READY, Kind.TIGHT_AGAIN):
        return tenderness_line(evidence) or pain_line(evidence)
    if each.kind == Kind.REVIEW_DUE:
        return pain_line(evidence) or weeks(evidence)
    return pain_line(evidence)


def care(program: Program) -> Iterator[Found]:
    """Steps that a condition allows only with care, and nobody has agreed to."""
    if program.care:
        named = sorted(program.care)
        yield Found(
            kind=Kind.CARE,
            program=program.pk,
            rank=rank_of(Kind.CARE),
            since=program.started,
            key=sha256("/".join(named).encode()).hexdigest()[:40],
            evidence={
                "steps": len(named),
                "conditions": list(dict.fromkeys(each.split(":", 1)[1] for each in named)),
            },
        )


# ---- Against one's own past -----------------------------------------------------------------------------------------


def pain_rise(program: Program, evidence: Evidence, points: float) -> Iterator[Found]:
    """Pain above the client's own baseline: the median of the last recorded days against that of before the phase.

    Nothing where a step back is proposed already, or where there are too few values.
    """
    baseline = evidence.baseline(evidence.phase_started)
    since = max(evidence.window(LATELY), evidence.phase_started)
    lately = [(day, pain) for day, pain in sorted(evidence.pain.items()) if since <= day <= evidence.today]
    told = any(each.kind == Kind.STEP_BACK_PROPOSED for each in program.waits)
    if baseline is None or len(lately) < VALUES or told:
        return
    now = float(median(pain for _day, pain in lately[-VALUES:]))
    limit = baseline + points
    if now < limit:
        return
    first, worst = episode(evidence.pain, limit, evidence.today)
    yield Found(
        kind=Kind.PAIN_RISE,
        program=program.pk,
        rank=rank_of(Kind.PAIN_RISE),
        since=first,
        key=f"{evidence.phase}/{first}/{worst}",
        evidence={"now": now, "baseline": baseline} | pain_line(evidence),
    )


def episode(pain: Mapping[date, int], limit: float, today: date) -> tuple[date, int]:
    """Since when the recorded days lie at or above the limit, and the worst of them. One day below ends it."""
    first, worst = today, 0
    begun = False
    for day, told in sorted(pain.items(), reverse=True):
        if day > today or (not begun and told < limit):
            continue
        if told < limit:
            break
        begun = True
        first, worst = day, max(worst, told)
    return first, worst


def adherence(program: Program, evidence: Evidence, drop: float) -> Iterator[Found]:
    """The done share of the last week against that of the two weeks before, both from enough due days.

    Today does not count, as it is not over, and no day whose sheet of paper has not come back.
    """
    until = min(evidence.told_until, evidence.today - timedelta(days=1))
    since = until - timedelta(days=WEEK - 1)
    now = share(evidence, since, until)
    before = share(evidence, since - timedelta(days=BEFORE), since - timedelta(days=1))
    if now is None or before is None or before - now < drop:
        return
    fortnight = (until + timedelta(days=1) - evidence.phase_started).days // BEFORE
    yield Found(
        kind=Kind.ADHERENCE,
        program=program.pk,
        rank=rank_of(Kind.ADHERENCE),
        since=since,
        # After two weeks the days are others, and so is the evidence
        key=f"{evidence.phase}/{fortnight}/{(before - now) // 20}",
        evidence={"now": now, "before": before} | weeks(evidence),
    )


def share(evidence: Evidence, since: date, until: date) -> int | None:
    """Percent of the due work done in these days; None with too few due days."""
    days = [told for day, told in evidence.due.items() if since <= day <= until]
    due = sum(items for items, _done in days)
    if len(days) < DUE_DAYS or not due:
        return None
    return round(100 * sum(done for _items, done in days) / due)


@dataclass(frozen=True)
class Silence:
    """Since when nothing was heard in a program that goes on, and for how many days on which they might train."""

    program: Program
    since: date
    days: int


def silence_of(facts: Facts) -> Silence | None:
    """The longest silence beyond the allowed days.

    Only programs that go on count, and only days that were not paused and on which no block stood.
    """
    if not facts.inside:
        return None
    found = []
    for program in facts.programs:
        if not program.paused and program.started <= facts.today:
            since = max(facts.last_session or program.started, program.started)
            found.append(
                Silence(program, since, phase_day(since, facts.today, [*program.pauses, *facts.blocks]))
            )
    longest = max(found, key=lambda each: (each.days, -each.program.pk), default=None)
    return longest if longest and longest.days > value(facts, "silent_days") else None


def reached_lately(facts: Facts) -> bool:
    """Somebody wrote or spoke: before they are asked after again, as many days pass as silence may last."""
    return facts.reached is not None and (facts.today - facts.reached).days <= value(facts, "silent_days")


def silent(facts: Facts, silence: Silence) -> Found:
    reached = facts.reached if facts.reached and facts.reached >= silence.since else None
    return Found(
        kind=Kind.SILENT,
        program=silence.program.pk,
        rank=rank_of(Kind.SILENT),
        since=silence.since,
        key=f"{silence.since}/{silence.days // WEEK}",  # one more week of silence is new evidence
        evidence={
            "days": silence.days,
            "last": facts.last_session.isoformat() if facts.last_session else None,
            "reached": reached.isoformat() if reached else None,
        }
        | (weeks(silence.program.evidence) if silence.program.evidence else {}),
    )


# ---- What comes to its end ------------------------------------------------------------------------------------------


def running_out(program: Program, evidence: Evidence, days: int) -> Iterator[Found]:
    """Nothing follows: no step is due in the coming days, or the last phase comes to the end of its weeks."""
    asked = evidence.numbers.get("review_by_day")
    ends: date | None = None
    cause = ending = ""
    if not program.due_within(evidence, days):
        ends, cause = evidence.today, "steps"
        ending = fingerprint(program.steps)  # other steps are new evidence
    elif not evidence.has_next and asked is not None:
        left = int(asked.value) - evidence.phase_day
        reviewed = any(each.kind == Kind.REVIEW_DUE for each in program.waits)
        rests = program.review_rests_until is not None and evidence.today < program.review_rests_until
        if left <= days and not reviewed and not rests:
            ends, cause = evidence.today + timedelta(days=left), "phase"
            ending = f"{ends}/over" if left <= 0 else f"{ends}"  # that it came is new evidence
    if ends is None:
        return
    yield Found(
        kind=Kind.RUNNING_OUT,
        program=program.pk,
        rank=rank_of(Kind.RUNNING_OUT),
        since=evidence.today if cause == "steps" else ends,
        key=f"{evidence.phase}/{cause}/{ending}",
        evidence={"cause": cause, "ends": ends.isoformat(), "days": days} | weeks(evidence),
    )


def fingerprint(steps: Sequence[StepDays]) -> str:
    days = sorted(f"{each.weekdays}/{each.start_after_days}/{each.until_days}/{each.since}" for each in steps)
    return sha256("|".join(days).encode()).hexdigest()[:20]


# ---- Small charts ---------------------------------------------------------------------------------------------------


def pain_line(evidence: Evidence) -> dict[str, Any]:
    """Pain of the last weeks, a value for each recorded day, with the baseline of the phase where there is one."""
    values = [
        [day.isoformat(), told]
        for day, told in sorted(evidence.pain.items())
        if evidence.today - SHOWN <= day <= evidence.today
    ]
    if len(values) < 2:
        return {}
    return {"chart": {"of": "pain", "values": values, "baseline": evidence.baseline(evidence.phase_started)}}


def tenderness_line(evidence: Evidence) -> dict[str, Any]:
    """The tracked muscle with the most values, and the number that the next phase asks for."""
    sites = [
        [reading for reading in site.readings if reading.day <= evidence.today] for site in evidence.sites
    ]
    longest = max(sites, key=len, default=[])
    if len(longest) < 2:
        return {}
    values = [[reading.day.isoformat(), reading.value] for reading in longest[-12:]]
    return {
        "chart": {"of": "tenderness", "values": values, "baseline": evidence.numbers.value("tenderness_max")}
    }


def weeks(evidence: Evidence) -> dict[str, Any]:
    """Sessions in each of the last weeks of the program, the newest week last."""
    first = max(evidence.first_phase_on, evidence.today - timedelta(days=WEEK * WEEKS - 1))
    counts = [0] * ((evidence.today - first).days // WEEK + 1)
    for session in evidence.mine(first):
        if session.day <= evidence.today:
            counts[-1 - (evidence.today - session.day).days // WEEK] += 1
    return {"chart": {"of": "sessions", "values": counts}} if any(counts) else {}
