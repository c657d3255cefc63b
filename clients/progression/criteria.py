"""What must hold before the next phase, criterion by criterion (domain.md 6.4). Pure: values in, values out.

Each answers met, not met or not enough data, with its figures and the numbers of the rule and whose they are. Missing
data is never "met".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from clients.progression.facts import FURTHER_DOWN, GREEN, NERVE_STOPS, RED, Evidence, Session, Site

MORNING_DAYS = 3  # days after a session on which its morning can still be told


class Answer(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    NOT_ENOUGH = "not_enough_data"


@dataclass(frozen=True)
class Criterion:
    """One condition of a gate. `figures` are what was found, `numbers` what was asked for and by whom.

    `muscle` holds the texts of a tracked muscle, `side` its side, where the criterion is about one.
    """

    slug: str
    answer: Answer
    figures: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    muscle: Mapping[str, Any] = field(default_factory=dict)
    side: str = ""

    @property
    def met(self) -> bool:
        return self.answer == Answer.MET

    def wanted(self, key: str, default: Any = None) -> Any:
        """The number of the rule that was asked for."""
        return self.numbers.get(key, {}).get("value", default)

    def as_json(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "answer": self.answer.value,
            "figures": dict(self.figures),
            "numbers": {key: dict(number) for key, number in self.numbers.items()},
            "muscle": dict(self.muscle),
            "side": self.side,
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Criterion:
        """As a row of a decision keeps it."""
        return cls(
            slug=said["slug"],
            answer=Answer(said["answer"]),
            figures=said.get("figures", {}),
            numbers=said.get("numbers", {}),
            muscle=said.get("muscle", {}),
            side=said.get("side", ""),
        )


def holds(found: bool) -> Answer:
    return Answer.MET if found else Answer.NOT_MET


def gate(evidence: Evidence) -> list[Criterion]:
    """Every criterion of the rule of this phase, in its order. Empty for a phase that no rule closes."""
    if not evidence.numbers.rule:
        return []
    return [
        criterion
        for key, decide in GATE.items()
        if evidence.numbers.get(key)
        for criterion in decide(evidence)
    ]


def all_met(criteria: list[Criterion]) -> bool:
    """No gate is open because nothing was asked."""
    return bool(criteria) and all(criterion.met for criterion in criteria)


def rounded(value: float | None) -> float | None:
    """To one decimal, as it is shown and stored; comparisons use the value itself."""
    return None if value is None else round(value, 1)


def days_in_phase(evidence: Evidence) -> Iterator[Criterion]:
    asked = evidence.numbers.as_json("min_days_in_phase")
    yield Criterion(
        "days_in_phase",
        holds(evidence.phase_day >= evidence.numbers.value("min_days_in_phase")),
        {"days": max(0, evidence.phase_day)},
        asked,
    )


def sessions_done(evidence: Evidence) -> Iterator[Criterion]:
    days = evidence.numbers.value("window_days")
    done = len({(s.day, s.number) for s in evidence.mine(evidence.window(days))})
    yield Criterion(
        "sessions_done",
        holds(done >= evidence.numbers.value("min_completed_sessions_in_window")),
        {"sessions": done},
        evidence.numbers.as_json("min_completed_sessions_in_window", "window_days"),
    )


def adherence(evidence: Evidence) -> Iterator[Criterion]:
    """Completed due items of due items; partly done ones count by their share of sets (domain.md 6.4)."""
    since = evidence.window(evidence.numbers.value("window_days"))
    days = [each for day, each in evidence.due.items() if since <= day <= evidence.today]
    due, done = sum(n for n, _share in days), sum(share for _n, share in days)
    percent = 100 * done / due if due else None
    yield Criterion(
        "adherence",
        Answer.NOT_ENOUGH
        if percent is None
        else holds(percent >= evidence.numbers.value("min_adherence_percent")),
        {"percent": rounded(percent), "due": due, "done": rounded(done)},
        evidence.numbers.as_json("min_adherence_percent", "window_days"),
    )


def tenderness(evidence: Evidence) -> Iterator[Criterion]:
    """Each tracked muscle and side: at most so tender now, or so much less than at the start of the phase."""
    numbers = evidence.numbers
    since = evidence.window(numbers.value("window_days"))
    drop = numbers.get("or_tenderness_drop_at_least")
    for site in evidence.sites:
        latest = next((r for r in reversed(site.readings) if since <= r.day <= evidence.today), None)
        first = first_in_phase(evidence, site)
        figures = {"latest": latest.value if latest else None, "first": first}
        answer = Answer.NOT_ENOUGH
        if latest is not None:
            low = latest.value <= numbers.value("tenderness_max")
            fell = drop is not None and first is not None and first - latest.value >= drop.value
            answer = holds(low or fell)
        yield Criterion(
            "tenderness",
            answer,
            figures,
            numbers.as_json("tenderness_max", "or_tenderness_drop_at_least", "window_days"),
            {"slug": site.slug, "texts": dict(site.texts)},
            site.side,
        )


def first_in_phase(evidence: Evidence, site: Site) -> int | None:
    """How tender it was when the phase began: the first reading of the phase, else the last one before it."""
    inside = [r.value for r in site.readings if r.day >= evidence.phase_started]
    before = [r.value for r in site.readings if r.day < evidence.phase_started]
    return inside[0] if inside else before[-1] if before else None


def mean_pain(evidence: Evidence) -> Iterator[Criterion]:
    mean, days = evidence.mean_pain(evidence.numbers.value("window_days"))
    yield Criterion(
        "mean_pain",
        Answer.NOT_ENOUGH if mean is None else holds(mean <= evidence.numbers.value("mean_pain_max")),
        {"mean": rounded(mean), "days": days},
        evidence.numbers.as_json("mean_pain_max", "window_days"),
    )


def against_baseline(evidence: Evidence) -> Iterator[Criterion]:
    mean, days = evidence.mean_pain(evidence.numbers.value("window_days"))
    baseline = evidence.baseline(evidence.phase_started)
    by = evidence.numbers.value("mean_pain_not_above_baseline_by")
    yield Criterion(
        "against_baseline",
        Answer.NOT_ENOUGH if mean is None or baseline is None else holds(mean - baseline <= by),
        {"mean": rounded(mean), "baseline": rounded(baseline), "days": days},
        evidence.numbers.as_json("mean_pain_not_above_baseline_by", "window_days"),
    )


def no_red_sessions(evidence: Evidence) -> Iterator[Criterion]:
    sessions = evidence.mine(evidence.window(evidence.numbers.value("window_days")))
    zones = [evidence.zone_in_session(session) for session in sessions]
    red = zones.count(RED)
    answer = holds(not red)
    if not red and (not zones or None in zones):
        answer = Answer.NOT_ENOUGH
    yield Criterion(
        "no_red_sessions",
        answer,
        {"red": red, "sessions": len(zones), "untold": zones.count(None)},
        evidence.numbers.as_json("no_red_zone_sessions_in_window", "window_days"),
    )


def no_new_signs(evidence: Evidence) -> Iterator[Criterion]:
    """No warning sign told, no symptom that moved down a limb, nothing new and numb (domain.md 6.2, 7.1)."""
    since = evidence.window(evidence.numbers.value("window_days"))
    told = {day for day in evidence.signs if since <= day <= evidence.today}
    spread = {s.day for s in evidence.sessions if s.day >= since and told_by_session(s)}
    asked = [day for day in evidence.checked if since <= day <= evidence.today]
    signs = len(told | spread)
    yield Criterion(
        "no_new_signs",
        holds(False) if signs else Answer.MET if asked else Answer.NOT_ENOUGH,
        {"signs": signs, "checked": len(asked)},
        evidence.numbers.as_json("no_new_neurological_signs", "window_days"),
    )


def told_by_session(session: Session) -> bool:
    return session.limb in FURTHER_DOWN or bool(session.stops & NERVE_STOPS)


def green_sessions(evidence: Evidence) -> Iterator[Criterion]:
    """The last days with strengthening, each green with its morning; today's has none yet.

    `pending`: only the newest morning is missing, and it can still be told.
    """
    asked = evidence.numbers.value("consecutive_green_sessions")
    strong = evidence.strengthened(evidence.phase_started)
    days = sorted({session.day for session in strong if session.day < evidence.today})[-asked:]
    last = [session for session in strong if session.day in days]
    zones = evidence.zones_by_day(last)
    greens = run_of(zones, GREEN)
    pain = evidence.numbers.get("session_pain_max")
    worst = [session.worst for session in strong if not days or session.day >= days[0]]
    too_much = pain is not None and any(value is not None and value > pain.value for value in worst)
    answer = holds(greens >= asked and not too_much)
    if greens < asked and not too_much and all(zone in (GREEN, None) for zone in zones):
        # Too few sessions yet, or one without an answer on the morning after
        answer = Answer.NOT_ENOUGH
    yield Criterion(
        "green_sessions",
        answer,
        {
            "green": greens,
            "sessions": len(zones),
            "unanswered": zones.count(None),
            "pending": answer == Answer.NOT_ENOUGH and awaits_morning(evidence, days, zones),
        },
        evidence.numbers.as_json("consecutive_green_sessions", "session_pain_max"),
    )


def awaits_morning(evidence: Evidence, days: list[date], zones: list[str | None]) -> bool:
    """Whether all but the newest day are green, and the newest is the one that the morning question asks about now."""
    newest = max((day for day in evidence.trained_days if day < evidence.today), default=None)
    return (
        bool(days)
        and days[-1] == newest
        and days[-1] not in evidence.mornings
        and (evidence.today - days[-1]).days <= MORNING_DAYS
        and all(zone == GREEN for zone in zones[:-1])
    )


def run_of(zones: list[str | None], wanted: str) -> int:
    """How many of the last ones in a row."""
    count = 0
    for zone in reversed(zones):
        if zone != wanted:
            break
        count += 1
    return count


def full_dose(evidence: Evidence) -> Iterator[Criterion]:
    """The whole agreed dose of strengthening at an effort that leaves something in reserve, so many times running."""
    asked = evidence.numbers.value("full_dose_sessions_in_a_row")
    most = evidence.numbers.value("effort_max")
    last = evidence.strengthened(evidence.phase_started)[-asked:]
    whole = [was_full(session, evidence.program) for session in last]
    known = [full and session.effort is None for full, session in zip(whole, last, strict=True)]
    good = [
        full and session.effort is not None and session.effort <= most
        for full, session in zip(whole, last, strict=True)
    ]
    bad = [not each and not unknown for each, unknown in zip(good, known, strict=True)]
    if any(bad):
        answer = Answer.NOT_MET
    else:
        answer = Answer.MET if len(last) >= asked and all(good) else Answer.NOT_ENOUGH
    efforts = [session.effort for session in last if session.effort is not None]
    yield Criterion(
        "full_dose",
        answer,
        {"full": sum(good), "sessions": len(last), "effort": efforts[-1] if efforts else None},
        evidence.numbers.as_json("full_dose_sessions_in_a_row", "effort_max"),
    )


def was_full(session: Session, program: int) -> bool:
    items = [item for item in session.items if item.loading and not item.excused and program in item.programs]
    return bool(items) and all(item.full_dose and item.done >= item.asked for item in items)


def session_pain(evidence: Evidence) -> Iterator[Criterion]:
    """The strongest pain of each session of the window. Where green sessions are asked for, they say it already."""
    if evidence.numbers.get("consecutive_green_sessions"):
        return
    sessions = evidence.mine(evidence.window(evidence.numbers.value("window_days")))
    told = [session.worst for session in sessions if session.worst is not None]
    most = evidence.numbers.value("session_pain_max")
    answer = holds(all(value <= most for value in told))
    if answer == Answer.MET and (not told or len(told) < len(sessions)):
        answer = Answer.NOT_ENOUGH
    yield Criterion(
        "session_pain",
        answer,
        {"worst": max(told, default=None), "sessions": len(sessions), "untold": len(sessions) - len(told)},
        evidence.numbers.as_json("session_pain_max", "window_days"),
    )


def pain_drop(evidence: Evidence) -> Iterator[Criterion]:
    """Less pain by so many points or percent than before the first phase, or little pain at all."""
    numbers = evidence.numbers
    mean, days = evidence.mean_pain(numbers.value("window_days"))
    baseline = evidence.baseline(evidence.first_phase_on)
    low = numbers.get("or_mean_pain_max")
    if mean is None:
        answer = Answer.NOT_ENOUGH
    elif low is not None and mean <= low.value:
        answer = Answer.MET
    elif baseline is None:
        answer = Answer.NOT_ENOUGH
    else:
        answer = holds(
            dropped(
                baseline, mean, numbers.value("pain_drop_at_least"), numbers.value("or_pain_drop_percent")
            )
        )
    yield Criterion(
        "pain_drop",
        answer,
        {"mean": rounded(mean), "baseline": rounded(baseline), "days": days},
        numbers.as_json("pain_drop_at_least", "or_pain_drop_percent", "or_mean_pain_max", "window_days"),
    )


def dropped(first: float, latest: float, points: float, percent: float | None) -> bool:
    """Whether it fell by the points, or by the percent of where it began."""
    fall = first - latest
    return fall >= points or (percent is not None and first > 0 and 100 * fall / first >= percent)


def activities(evidence: Evidence) -> Iterator[Criterion]:
    """The mean of the activities, told in this phase, against the first rating of the same list for this program."""
    since = evidence.first_phase_on - timedelta(days=31)
    scores = [each for each in evidence.activities if each.day >= since]
    latest = scores[-1] if scores and scores[-1].day >= evidence.phase_started else None
    first = next((each for each in scores if latest and each.of == latest.of), None)
    gain = None
    if latest is not None and first is not None and first.day < latest.day:
        gain = latest.value - first.value
    yield Criterion(
        "activities",
        Answer.NOT_ENOUGH
        if gain is None
        else holds(gain >= evidence.numbers.value("activities_gain_at_least")),
        {
            "first": rounded(first.value) if first else None,
            "latest": rounded(latest.value) if latest else None,
            "gain": rounded(gain),
        },
        evidence.numbers.as_json("activities_gain_at_least"),
    )


# What each key of a rule asks for. Its order is the order on every page.
GATE: dict[str, Callable[[Evidence], Iterator[Criterion]]] = {
    "min_days_in_phase": days_in_phase,
    "min_completed_sessions_in_window": sessions_done,
    "min_adherence_percent": adherence,
    "tenderness_max": tenderness,
    "mean_pain_max": mean_pain,
    "mean_pain_not_above_baseline_by": against_baseline,
    "no_red_zone_sessions_in_window": no_red_sessions,
    "no_new_neurological_signs": no_new_signs,
    "consecutive_green_sessions": green_sessions,
    "full_dose_sessions_in_a_row": full_dose,
    "session_pain_max": session_pain,
    "pain_drop_at_least": pain_drop,
    "activities_gain_at_least": activities,
}
