"""What a therapist should look at in the design of a program before she gives it to anybody (domain.md 3, 5, 6.5, 6.7).

Facts are gathered by `facts_of`; `review` decides from them alone and asks nothing of the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from routines.models import (
    Dose,
    Exercise,
    ExerciseKind,
    ExerciseMuscle,
    Imbalance,
    ImbalanceMuscle,
    Muscle,
    PhaseKind,
    Program,
    Rule,
    SideMode,
    StepSide,
)
from routines.wording import listed


@dataclass(frozen=True)
class MuscleFacts:
    slug: str
    name: str
    is_fascia: bool = False


@dataclass(frozen=True)
class StepFacts:
    """`sides` is how often each set is done in one go: 2 where left and right are done one after the other."""

    name: str
    kind: str
    dose: Dose
    usual_dose: Dose
    targets: tuple[MuscleFacts, ...] = ()
    sides: int = 1
    start_after_days: int = 0
    until_days: int | None = None
    retired: bool = False
    slug: str = ""

    @property
    def strengthens(self) -> bool:
        return not self.releases

    @property
    def releases(self) -> bool:
        return ExerciseKind(self.kind).is_release

    def is_due(self, day: int) -> bool:
        """Whether the step belongs to this day of the phase, counted from 0 (domain.md 6.5)."""
        return self.start_after_days <= day and (self.until_days is None or day < self.until_days)


@dataclass(frozen=True)
class PhaseFacts:
    name: str
    kind: str
    has_criteria: bool
    steps: tuple[StepFacts, ...]


@dataclass(frozen=True)
class Limits:
    """The numbers of the trade that a design is measured by; data of the rules, here with the shipped values.

    `ranges` holds for each kind of exercise the usual smallest and largest value of single numbers of the dose.
    """

    ranges: Mapping[str, Mapping[str, Sequence[int]]] = field(default_factory=dict)
    warn_above: int = 4
    confirm_above: int = 5
    spaced_kinds: Sequence[str] = (ExerciseKind.STRENGTHEN, ExerciseKind.INTEGRATE)


@dataclass(frozen=True)
class ProgramFacts:
    """`tight` are the tight muscles of the program's imbalance; empty when it has none."""

    phases: tuple[PhaseFacts, ...]
    tight: tuple[MuscleFacts, ...] = ()
    limits: Limits = Limits()


@dataclass(frozen=True)
class DesignWarning:
    """One sentence for the therapist. `phase` and `step` are places counted from 1, None for the whole.

    A warning may be overridden with a reason; one that `needs_confirmation` only knowingly. `about` is what it is about in
    every language: the same warning about something else is another one. `personal`: it is about the person alone.
    """

    slug: str
    sentence: str
    phase: int | None = None
    step: int | None = None
    needs_confirmation: bool = False
    about: str = field(default="", compare=False)
    personal: bool = field(default=False, compare=False)

    @property
    def key(self) -> tuple[str, str]:
        return self.slug, self.about


@dataclass(frozen=True)
class Remark:
    """What speaks against one exercise for the person whom the program is made for; `grave` where they will not do it.

    `brief` stands beside the exercise, `sentence` in the review.
    """

    slug: str
    brief: str
    sentence: str
    about: str
    grave: bool = False


# ---- Gather --------------------------------------------------------------------------------------------------------


class AnyPhase(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def criteria(self) -> Rule | None: ...


class AnyStep(Protocol):
    @property
    def exercise(self) -> Exercise: ...
    @property
    def dose(self) -> Dose: ...
    @property
    def side(self) -> str: ...
    @property
    def start_after_days(self) -> int: ...
    @property
    def until_days(self) -> int | None: ...


def facts_of(program: Program, limits: Limits | None = None) -> ProgramFacts:
    """The saved design. Read the program by `with_design()`: three more queries then, whatever its size.

    Where many programs are reviewed, read `current_limits()` once and prefetch `imbalance__muscles__muscle`.
    """
    return gather(
        program.imbalance, [(phase, list(phase.steps.all())) for phase in program.phases.all()], limits
    )


def gather(
    imbalance: Imbalance | None,
    phases: Iterable[tuple[AnyPhase, Iterable[AnyStep]]],
    limits: Limits | None = None,
) -> ProgramFacts:
    """Facts of phases with their steps, saved or only wished for. Exercises should be read by `with_details()`."""
    return ProgramFacts(
        phases=tuple(
            PhaseFacts(
                phase.name, phase.kind, phase.criteria is not None, tuple(step_facts(step) for step in steps)
            )
            for phase, steps in phases
        ),
        tight=_tight_muscles(imbalance),
        limits=current_limits() if limits is None else limits,
    )


def step_facts(step: AnyStep) -> StepFacts:
    exercise = step.exercise
    return StepFacts(
        name=exercise.text("name"),
        kind=exercise.kind,
        dose=step.dose,
        usual_dose=exercise.dose,
        targets=tuple(
            _muscle_facts(part.muscle)
            for part in exercise.muscles.all()
            if part.role == ExerciseMuscle.Role.TARGET
        ),
        sides=sides_of(exercise.side_mode, step.side),
        start_after_days=step.start_after_days,
        until_days=step.until_days,
        retired=exercise.retired_at is not None,
        slug=exercise.slug,
    )


def sides_of(side_mode: str, side: str = StepSide.BY_COMPLAINT) -> int:
    """How many sides one go has. A side that the complaint will settle counts as both."""
    if side_mode == SideMode.ALTERNATING:
        return 2
    return 2 if side_mode == SideMode.EACH_SIDE and side in (StepSide.BY_COMPLAINT, StepSide.BOTH) else 1


def _muscle_facts(muscle: Muscle) -> MuscleFacts:
    return MuscleFacts(muscle.slug, muscle.text("name"), muscle.tissue == Muscle.Tissue.FASCIA)


def _tight_muscles(imbalance: Imbalance | None) -> tuple[MuscleFacts, ...]:
    if imbalance is None:
        return ()
    prefetch_related_objects([imbalance], "muscles__muscle")
    return tuple(
        _muscle_facts(part.muscle)
        for part in imbalance.muscles.all()
        if part.role == ImbalanceMuscle.Role.TIGHT
    )


def current_limits() -> Limits:
    """The limits as the rules have them now; one query."""
    wanted = [*ExerciseKind.values, "concurrent_steps", "weekday"]
    numbers: dict[str, dict[str, Any]] = dict(
        Rule.objects.filter(slug__in=wanted).values_list("slug", "numbers")
    )
    usual = Limits()
    concurrent = numbers.get("concurrent_steps", {})
    return Limits(
        ranges={kind: numbers.get(kind, {}).get("range", {}) for kind in ExerciseKind.values},
        warn_above=concurrent.get("warn_above", usual.warn_above),
        confirm_above=concurrent.get("refuse_above_unless_confirmed", usual.confirm_above),
        spaced_kinds=numbers.get("weekday", {}).get("strengthening_kinds", usual.spaced_kinds),
    )


# ---- Decide --------------------------------------------------------------------------------------------------------


def review(program: ProgramFacts) -> list[DesignWarning]:
    """Everything worth a second look, in the order of the design. An empty list: nothing to say."""
    if not program.phases:
        return [DesignWarning("no_phases", _("The program has no phases yet, so it cannot be assigned."))]
    warnings: list[DesignWarning] = []
    for place in range(1, len(program.phases) + 1):
        warnings += _review_phase(program, place)
    return warnings


def needs_confirmation(warnings: Iterable[DesignWarning]) -> list[DesignWarning]:
    """Those that may only be overridden knowingly."""
    return [warning for warning in warnings if warning.needs_confirmation]


def _review_phase(program: ProgramFacts, place: int) -> Iterator[DesignWarning]:
    phase = program.phases[place - 1]
    before = program.phases[: place - 1]
    here = f"{place}:{phase.kind}"
    if before and _order(phase.kind) < _order(before[-1].kind):
        yield DesignWarning(
            "out_of_order",
            _(
                "“%(phase)s” comes after “%(before)s”. The usual order is release, strengthen, integrate, maintain."
            )
            % {"phase": phase.name, "before": before[-1].name},
            place,
            about=f"{place}:{before[-1].kind}:{phase.kind}",
        )
    if not phase.has_criteria and place < len(program.phases):
        yield DesignWarning(
            "no_criteria",
            _("“%(phase)s” does not say what opens the next phase, so nothing will ever be proposed.")
            % {"phase": phase.name},
            place,
            about=here,
        )
    if not phase.steps:
        yield DesignWarning(
            "empty_phase",
            _("“%(phase)s” has no exercises yet.") % {"phase": phase.name},
            place,
            about=here,
        )
        return
    yield from _too_many_at_once(phase, place, program.limits)
    yield from _unreleased_partners(program, place)
    if phase.kind != PhaseKind.RELEASE and not any(step.releases for step in phase.steps):
        yield DesignWarning(
            "no_release",
            _("“%(phase)s” has no release. Keep one short release in it, so that what was freed stays free.")
            % {"phase": phase.name},
            place,
            about=here,
        )
    for number, step in enumerate(phase.steps, start=1):
        for slug, sentence, what in _review_step(step, program.limits):
            yield DesignWarning(slug, sentence, place, number, about=f"{step.slug}:{what}")


def _order(kind: str) -> int:
    return PhaseKind.values.index(kind)


def most_at_once(steps: Sequence[StepFacts]) -> tuple[int, int]:
    """The largest number of steps that are due in the same day range, and the first day on which it is reached."""
    counts = {
        day: sum(step.is_due(day) for step in steps)
        for day in sorted({step.start_after_days for step in steps})
    }
    day = max(counts, key=lambda day: counts[day], default=0)
    return counts.get(day, 0), day


def _too_many_at_once(phase: PhaseFacts, place: int, limits: Limits) -> Iterator[DesignWarning]:
    number, day = most_at_once(phase.steps)
    if number <= limits.warn_above:
        return
    words = {"phase": phase.name, "number": number, "day": day, "usual": limits.warn_above}
    yield DesignWarning(
        "too_many_at_once",
        _(
            "“%(phase)s” asks for %(number)s exercises at once from day %(day)s on. "
            "People keep up best with 2 to %(usual)s."
        )
        % words,
        place,
        needs_confirmation=number > limits.confirm_above,
        about=f"{place}:{phase.kind}:{number}",
    )


def _unreleased_partners(program: ProgramFacts, place: int) -> Iterator[DesignWarning]:
    """Tight muscles that no earlier phase releases although this one strengthens (catalogue.yaml, meta.pairing_review)."""
    phase = program.phases[place - 1]
    strengthening = [step for step in phase.steps if step.strengthens and step.targets]
    released = {
        target.slug
        for earlier in program.phases[: place - 1]
        for step in earlier.steps
        if step.releases
        for target in step.targets
    }
    unreleased = [muscle for muscle in program.tight if muscle.slug not in released]
    missing = [muscle.name for muscle in unreleased]
    if not strengthening or not missing:
        return
    targets = list(dict.fromkeys(target.name for step in strengthening for target in step.targets))
    yield DesignWarning(
        "partner_not_released",
        ngettext(
            "“%(phase)s” strengthens %(targets)s, but no earlier phase releases this tight muscle: %(missing)s.",
            "“%(phase)s” strengthens %(targets)s, but no earlier phase releases these tight muscles: %(missing)s.",
            len(missing),
        )
        % {"phase": phase.name, "targets": listed(targets), "missing": listed(missing)},
        place,
        about=":".join([f"{place}:{phase.kind}", *(muscle.slug for muscle in unreleased)]),
    )


def _review_step(step: StepFacts, limits: Limits) -> Iterator[tuple[str, str, str]]:
    """Slug, sentence, and what beside the exercise it is about."""
    if step.retired:
        yield (
            "retired_exercise",
            _("“%(step)s” has been retired. Choose another exercise.") % {"step": step.name},
            "",
        )
    fascia = [target.name for target in step.targets if target.is_fascia]
    if step.strengthens and fascia:
        yield (
            "fascia_strengthened",
            _("“%(step)s” strengthens %(fascia)s. Fascia can be released, not strengthened.")
            % {"step": step.name, "fascia": listed(fascia)},
            "",
        )
    for name, label, value, low, high in _unusual_numbers(step, limits):
        words = {"step": step.name, "label": label, "value": value, "low": low, "high": high}
        if low:
            sentence = _("“%(step)s”: %(label)s %(value)s; usual is %(low)s to %(high)s.") % words
        else:
            sentence = _("“%(step)s”: %(label)s %(value)s; usual is up to %(high)s.") % words
        yield "unusual_dose", sentence, f"{name}:{value}"
    if step.kind in limits.spaced_kinds and step.dose.days_per_week == 4:
        yield (
            "four_days",
            _(
                "“%(step)s” is asked for 4 days a week and will be laid out as 3, "
                "because strengthening needs a day between."
            )
            % {"step": step.name},
            "",
        )


def _unusual_numbers(step: StepFacts, limits: Limits) -> Iterator[tuple[str, str, int, int, int]]:
    """Numbers of the dose outside the usual range of the kind (domain.md 5).

    Some exercises have a dose of their own from a trial or toolkit, so the range reaches as far as the usual dose
    of the exercise. Holds are counted in seconds, hence the usual repetitions hold for moving ones only. The time on
    one muscle has no lower limit: a short release is meant to be short.
    """
    labels = {
        "sets": _("sets"),
        "reps": _("repetitions"),
        "hold_seconds": _("seconds held"),
        "days_per_week": _("days a week"),
        "seconds_per_muscle": _("seconds on one muscle"),
    }
    for name, (smallest, largest) in limits.ranges.get(step.kind, {}).items():
        if name not in labels or (name == "reps" and step.dose.hold_seconds):
            continue
        value, usual = _number(step.dose, name), _number(step.usual_dose, name)
        low = 0 if name == "seconds_per_muscle" else min(smallest, usual)
        high = max(largest, usual)
        if not low <= value <= high:
            yield name, labels[name], value, low, high


def _number(dose: Dose, name: str) -> int:
    if name == "seconds_per_muscle":
        return dose.sets * dose.seconds_per_set
    value: int = getattr(dose, name)
    return value


# ---- Budget --------------------------------------------------------------------------------------------------------

USUAL_MINUTES = 15
USUAL_AT_ONCE = 4
LEAST_MINUTES, MOST_MINUTES = 3, 180
MOST_AT_ONCE = 12


@dataclass(frozen=True)
class Budget:
    """What the therapist wants to ask for at most: minutes of a day, exercises at once."""

    minutes: int = USUAL_MINUTES
    at_once: int = USUAL_AT_ONCE


@dataclass(frozen=True)
class Bar:
    """One number beside its limit, in words and as a share of it."""

    words: str
    value: int
    limit: int

    @property
    def over(self) -> int:
        return max(0, self.value - self.limit)

    @property
    def percent(self) -> int:
        return min(100, 100 * self.value // self.limit)


@dataclass(frozen=True)
class Spent:
    """What a phase asks for, beside the budget."""

    minutes: int
    at_once: int
    budget: Budget = field(default_factory=Budget)

    @property
    def bars(self) -> tuple[Bar, Bar]:
        words = {
            "minutes": self.minutes,
            "most_minutes": self.budget.minutes,
            "number": self.at_once,
            "most": self.budget.at_once,
        }
        return (
            Bar(_("%(minutes)d of %(most_minutes)d min a day") % words, self.minutes, self.budget.minutes),
            Bar(_("%(number)d of %(most)d at once") % words, self.at_once, self.budget.at_once),
        )


# ---- Minutes -------------------------------------------------------------------------------------------------------


def minutes_per_day(steps: Sequence[StepFacts]) -> int:
    """Whole minutes of the fullest day of a phase, when everything that is due in the same day range falls on one day.

    Counts every go of the day (`per_day`). The warm-up is a note, not a step, and is not in it (domain.md 6.5).
    """
    starts = {step.start_after_days for step in steps}
    fullest = max((seconds_on_day(steps, day) for day in starts), default=0)
    return -(-fullest // 60)


def seconds_on_day(steps: Iterable[StepFacts], day: int) -> int:
    """Seconds of all steps that belong to this day of the phase, counted from 0."""
    return sum(step.dose.per_day * step.dose.seconds(step.sides) for step in steps if step.is_due(day))
