"""What a draft is made from and what it is: plain values, nothing of them asks the database (domain.md 6.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from routines.models import Dose, ExerciseKind, PhaseKind, SideMode
from routines.models.base import localized

LEFT, RIGHT, BOTH, NONE = "left", "right", "both", "none"
BOTH_SIDES = (LEFT, RIGHT)
NO_SIDE = (NONE,)

# In every home or replaced by what is: nobody notes a wall among their tools.
IN_EVERY_HOME = frozenset({"bed", "chair", "doorway", "mat", "towel", "wall"})

Texts = Mapping[str, Any]  # {"": {"name": …}, "de": {"name": …}}


class Word(StrEnum):
    """What is known about the client says of an exercise on one side: fine, only with care, or not at all."""

    OK = "ok"
    CARE = "care"
    FORBIDDEN = "forbidden"


Verdicts = Callable[[str, str], Word]  # exercise slug, side: left, right, both or none


class NothingToDraft(ValueError):
    """Neither a finding nor a pattern says what the draft is for."""


class TooManyFindings(ValueError):
    """What was found needs more exercises than one program can hold."""


# ---- The catalogue ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Named:
    slug: str
    texts: Texts = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return str(localized(dict(self.texts), "name") or self.slug)

    @property
    def told(self) -> dict[str, Any]:
        """As a step keeps it in its `why`."""
        return {"slug": self.slug, "texts": dict(self.texts)}


@dataclass(frozen=True)
class MuscleKnown(Named):
    sided: bool = True
    is_fascia: bool = False


@dataclass(frozen=True)
class ImbalanceKnown(Named):
    """`tight` and `weak` are muscle slugs in the order of the pattern."""

    tight: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExerciseKnown(Named):
    kind: str = ExerciseKind.RELEASE_SMR
    targets: tuple[str, ...] = ()
    secondary: tuple[str, ...] = ()
    level: int = 1
    needs_floor: bool = False
    equipment: tuple[Named, ...] = ()
    dose: Dose = field(default=Dose(1, 1, 30, None, 0, 1, 7))
    side_mode: str = SideMode.EACH_SIDE
    retired: bool = False

    @property
    def releases(self) -> bool:
        return ExerciseKind(self.kind).is_release

    @property
    def possible_sides(self) -> tuple[str, ...]:
        """The sides on which it is done and judged, each by itself."""
        if self.side_mode == SideMode.EACH_SIDE:
            return BOTH_SIDES
        return NO_SIDE if self.side_mode == SideMode.NOT_SIDED else (BOTH,)

    def seconds(self, dose: Dose, sides: int) -> int:
        """Seconds of one day, every go counted (catalogue.yaml, meta.duration_rule)."""
        each = 2 if self.side_mode == SideMode.ALTERNATING else sides
        return dose.per_day * dose.seconds(each)


@dataclass(frozen=True)
class CatalogueKnown:
    """`antagonists` are muscle slugs by muscle slug, from both sides of each pair."""

    muscles: Mapping[str, MuscleKnown]
    exercises: Sequence[ExerciseKnown]
    imbalances: Sequence[ImbalanceKnown]
    antagonists: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def imbalance(self, slug: str | None) -> ImbalanceKnown | None:
        return next((each for each in self.imbalances if each.slug == slug), None)


# ---- The client -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """One finding: a muscle on one side, tight or weak, 0 to 10."""

    muscle: str
    side: str
    state: str
    rating: int


@dataclass(frozen=True)
class Wanted:
    """What the draft is for: findings, or a named pattern without findings.

    With findings `imbalance` is the pattern that the therapist chose for them; the rest is matched. Without, `sides`
    are those on which its tight muscles are released.
    """

    found: tuple[Found, ...] = ()
    imbalance: str | None = None
    sides: tuple[str, ...] = BOTH_SIDES


@dataclass(frozen=True)
class Home:
    """What the client has and can do. None: not known, so nothing is preferred and no time is counted.

    `level` is the hardest to begin with, `minutes` are those of a day.
    """

    tools: frozenset[str] | None = None
    floor: bool = True
    level: int | None = None
    minutes: int | None = None

    def lacks(self, exercise: ExerciseKnown) -> tuple[Named, ...]:
        if self.tools is None:
            return ()
        have = self.tools | IN_EVERY_HOME
        return tuple(tool for tool in exercise.equipment if tool.slug not in have)


@dataclass(frozen=True)
class PhaseDays:
    """Days of a phase at least, its review by day, and the rule that opens the next one."""

    min_days: int
    review_by_day: int
    rule: str | None


@dataclass(frozen=True)
class Numbers:
    """Numbers of the rules, as the practice has them; the shipped ones here (catalogue.yaml; domain.md 5, 6.4, 6.5).

    Release of knee and heel is looked at by day 14 instead of 21 (domain.md 6.4): the practice's programs say for which
    patterns.
    """

    at_a_time: int = 4
    release_review_by: Mapping[str, int] = field(
        default_factory=dict
    )  # by pattern, where it is looked at earlier
    stretch_seconds_before_strengthening: int = 45
    days: Mapping[str, PhaseDays] = field(
        default_factory=lambda: {
            PhaseKind.RELEASE.value: PhaseDays(7, 21, "release_to_strengthen"),
            PhaseKind.STRENGTHEN.value: PhaseDays(14, 42, "strengthen_to_integrate"),
            PhaseKind.INTEGRATE.value: PhaseDays(14, 56, "integrate_to_maintain"),
            PhaseKind.MAINTAIN.value: PhaseDays(28, 84, None),
        }
    )


# ---- The draft --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DraftStep:
    """One exercise with its dose. `sides` are those that were judged, `side` what the step says of them.

    Due from day `start_after_days` (inclusive) until day `until_days` (exclusive, None: to the end of the phase).
    """

    exercise: str
    kind: str
    dose: Dose
    side: str
    sides: tuple[str, ...]
    seconds: int
    why: Mapping[str, Any]
    care: bool = False
    start_after_days: int = 0
    until_days: int | None = None

    def is_due(self, day: int) -> bool:
        return self.start_after_days <= day and (self.until_days is None or day < self.until_days)


@dataclass(frozen=True)
class DraftBlock:
    """The steps that are due together, from one day of the phase to another (None: to its end)."""

    number: int
    start: int
    until: int | None
    steps: tuple[DraftStep, ...]

    @property
    def seconds(self) -> int:
        return sum(step.seconds for step in self.steps)

    @property
    def minutes(self) -> int:
        return -(-self.seconds // 60)


@dataclass(frozen=True)
class DraftPhase:
    kind: str
    min_days: int
    review_by_day: int
    rule: str | None
    tracked: tuple[str, ...]
    steps: tuple[DraftStep, ...]

    @property
    def blocks(self) -> list[DraftBlock]:
        starts = sorted({step.start_after_days for step in self.steps})
        ends: list[int | None] = [*starts[1:], None]
        return [
            DraftBlock(number, start, end, tuple(step for step in self.steps if step.is_due(start)))
            for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
        ]

    @property
    def minutes(self) -> int:
        """Of the fullest block, a day."""
        return max((block.minutes for block in self.blocks), default=0)


@dataclass(frozen=True)
class Uncovered:
    """A muscle that no exercise of the draft works on in this role, `tight` or `weak`, and why in words."""

    muscle: MuscleKnown
    side: str
    role: str
    reason: str
    sentence: str


@dataclass(frozen=True)
class LeftOut:
    """An exercise that would serve a wanted muscle but is forbidden on these sides."""

    exercise: str
    sides: tuple[str, ...]


@dataclass(frozen=True)
class Remark:
    """One sentence that the therapist should read. `phase` is the kind of phase it is about, empty for the whole."""

    slug: str
    sentence: str
    phase: str = ""


@dataclass(frozen=True)
class ProgramDraft:
    """`imbalances` are the patterns that explain the findings, the strongest first, or the one that was named instead."""

    imbalances: tuple[ImbalanceKnown, ...]
    tight: tuple[MuscleKnown, ...]
    weak: tuple[MuscleKnown, ...]
    phases: tuple[DraftPhase, ...]
    uncovered: tuple[Uncovered, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    remarks: tuple[Remark, ...] = ()
    from_findings: bool = True

    @property
    def asks(self) -> list[DraftStep]:
        """Steps that something known about the client allows only with care."""
        return [step for phase in self.phases for step in phase.steps if step.care]

    def phase(self, kind: str) -> DraftPhase | None:
        return next((phase for phase in self.phases if phase.kind == kind), None)
