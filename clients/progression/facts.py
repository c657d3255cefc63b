"""What the rules of progression look at: the records of one client as they stood at a moment (domain.md 6.1).

Values only, no rows: the decisions run without a database. Days are the client's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import mean, median
from typing import Any

from clients.numbers import Numbers
from clients.schedule import Pause, phase_day

GREEN, AMBER, RED = "green", "amber", "red"
ORDER = (GREEN, AMBER, RED)

FURTHER_DOWN = ("further_down", "new_numb")
RETREATING = "further_up"

# "Something is wrong" that makes a session red: sharp, or spreading (domain.md 6.2)
RED_STOPS = frozenset({"too_strong", "tingling", "dizzy_chest"})
NERVE_STOPS = frozenset({"tingling"})


@dataclass(frozen=True)
class Morning:
    """The answer on the morning after a day of training; `pain` 0 to 10 where it was told."""

    word: str
    pain: int | None = None


@dataclass(frozen=True)
class Item:
    """One exercise on one side in a session: sets asked and done, and whether it was the agreed dose and done whole.

    `excused`: a condition, a stop or a pause withheld it, so that it was not due.
    """

    loading: bool
    asked: int
    done: int
    full_dose: bool = True
    excused: bool = False
    programs: frozenset[int] = frozenset()

    @property
    def share(self) -> float:
        return min(1.0, self.done / self.asked) if self.asked else 0.0


@dataclass(frozen=True)
class Session:
    """One session as it was recorded. Numbers 0 to 10, None where nothing was told."""

    key: int
    day: date
    number: int = 1
    finished: bool = True
    before: int | None = None
    worst: int | None = None
    effort: int | None = None
    limb: str = ""
    stops: frozenset[str] = frozenset()
    items: tuple[Item, ...] = ()
    programs: frozenset[int] = frozenset()

    @property
    def trained(self) -> bool:
        return any(item.done for item in self.items)

    @property
    def loading(self) -> bool:
        """Something was strengthened: a release-only day counts neither as green nor as full dose."""
        return any(item.loading and item.done for item in self.items)

    @property
    def release(self) -> bool:
        return any(not item.loading and item.done for item in self.items)


@dataclass(frozen=True)
class Reading:
    """How tender a muscle was on a day, 0 to 10."""

    day: date
    value: int


@dataclass(frozen=True)
class Site:
    """A tracked muscle on one side: its readings from the start of the program on, in their order."""

    slug: str
    side: str
    texts: Mapping[str, Any] = field(default_factory=dict)
    readings: Sequence[Reading] = ()


@dataclass(frozen=True)
class Score:
    """One answer of the activities: the mean, and which list was rated."""

    day: date
    value: float
    of: int | None = None


@dataclass(frozen=True)
class Evidence:
    """One program of one client at a moment, on the client's day `today`.

    `due` are the shares of work by day: day to (due items, their done shares). `checked` are the days on which the
    safety list was answered, `signs` those on which a warning sign was told. `phase_day` counts from 0 without paused
    days. `first_phase_on` is when the program began. `told_until` is the last day of which anything can be known: today,
    but for somebody on paper alone the last day that was keyed in.
    """

    today: date
    program: int
    phase: int
    phase_kind: str
    phase_started: date
    phase_day: int
    first_phase_on: date
    has_earlier: bool
    has_next: bool
    paused: bool
    numbers: Numbers
    zones: Numbers
    mornings_rule: Numbers
    baseline_rule: Numbers
    sessions: tuple[Session, ...] = ()
    mornings: Mapping[date, Morning] = field(default_factory=dict)
    pain: Mapping[date, int] = field(default_factory=dict)
    due: Mapping[date, tuple[int, float]] = field(default_factory=dict)
    sites: tuple[Site, ...] = ()
    checked: frozenset[date] = frozenset()
    signs: frozenset[date] = frozenset()
    activities: tuple[Score, ...] = ()
    trained_days: frozenset[date] = frozenset()
    pauses: tuple[Pause, ...] = ()
    blocked: bool = False
    paper_until: date | None = None

    @property
    def told_until(self) -> date:
        return self.today if self.paper_until is None else min(self.today, self.paper_until)

    # ---- Windows --------------------------------------------------------------------------------------------------

    def window(self, days: int) -> date:
        """The first day of the last `days` days, today included."""
        return self.today - timedelta(days=days - 1)

    def mine(self, since: date, *, loading: bool = False) -> list[Session]:
        """Sessions of this program in which something was done, from that day on."""
        return [
            session
            for session in self.sessions
            if session.day >= since
            and session.trained
            and self.program in session.programs
            and (session.loading or not loading)
        ]

    def strengthened(self, since: date) -> list[Session]:
        """Those in which something of this program was strengthened: what another program strengthens proves nothing here."""
        return [
            session
            for session in self.mine(since, loading=True)
            if any(item.loading and item.done and self.program in item.programs for item in session.items)
        ]

    # ---- Traffic light (domain.md 6.2) ----------------------------------------------------------------------------

    def zone_in_session(self, session: Session) -> str | None:
        """By the pain, the direction of symptoms in a limb, and stops; None where too little was told.

        The direction comes before the number: symptoms that move down are red whatever it is; symptoms that retreat
        are never red by it.
        """
        if session.limb in FURTHER_DOWN or session.stops & RED_STOPS:
            return RED
        if session.worst is None:
            return None
        found = self.zone_of_pain(session.worst)
        return AMBER if found == RED and session.limb == RETREATING else found

    def zone_of_pain(self, value: float) -> str:
        for zone in (RED, AMBER):
            low, high = self.zones.value(zone)
            if low <= value <= high:
                return zone
        return GREEN

    def zone_of_morning(self, session: Session) -> str | None:
        """The worse of word and number; None without an answer."""
        morning = self.mornings.get(session.day)
        return None if morning is None else self.morning_zone(morning, session.before)

    def morning_zone(self, morning: Morning, before: int | None) -> str:
        words = {each["slug"]: each["zone"] for each in self.mornings_rule.value("answers")}
        zones = [words[morning.word]]
        if morning.pain is not None and before is not None:
            rise = morning.pain - before
            if rise >= self.mornings_rule.value("hold_if_rise_at_least"):
                zones.append(RED)
            elif rise >= self.mornings_rule.value("flag_if_rise_at_least"):
                zones.append(AMBER)
        return worse(zones)

    def zone(self, session: Session) -> str | None:
        """The session with its morning. Green needs both; amber and red count as soon as one of them says so."""
        known = [self.zone_in_session(session), self.zone_of_morning(session)]
        told = [zone for zone in known if zone]
        if len(told) == len(known):
            return worse(told)
        return next((zone for zone in told if zone != GREEN), None)

    def zones_by_day(self, sessions: Sequence[Session]) -> list[str | None]:
        """One zone for each day of these sessions, in their order: several goes of a day share one morning.

        The worst of the day; None where nothing is worse than green and something was not told.
        """
        days: dict[date, list[str | None]] = {}
        for session in sessions:
            days.setdefault(session.day, []).append(self.zone(session))
        return [worse_of_day(zones) for zones in days.values()]

    def missed_days(self, since: date) -> int:
        """Days after that one on which the program did not rest and that are told: a sheet that is still out says nothing."""
        return phase_day(since, max(since, self.told_until), self.pauses)

    # ---- Pain -----------------------------------------------------------------------------------------------------

    def mean_pain(self, days: int) -> tuple[float | None, int]:
        """Mean of one value for each recorded day, and of how many days; None below the least number of values."""
        since = self.window(days)
        values = [value for day, value in self.pain.items() if since <= day <= self.today]
        enough = values and len(values) >= self.baseline_rule.value("min_values", 3)
        return (mean(values) if enough else None), len(values)

    def baseline(self, before: date) -> float | None:
        """The median of the last recorded days before that day; None with too few of them (domain.md 6.4)."""
        values = [value for day, value in sorted(self.pain.items()) if day < before]
        values = values[-self.baseline_rule.value("last_recorded_days", 7) :]
        if not values or len(values) < self.baseline_rule.value("min_values", 3):
            return None
        return float(median(values))


def worse_of_day(zones: Sequence[str | None]) -> str | None:
    told = [zone for zone in zones if zone]
    if len(told) == len(zones):
        return worse(told)
    return next((zone for zone in (RED, AMBER) if zone in told), None)


def worse(zones: Sequence[str]) -> str:
    return max(zones, key=ORDER.index)
