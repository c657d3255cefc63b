"""Which exercises serve the wanted muscles, and how they fit into blocks of few at a time and short enough days.

Cover by rank: for the first muscle that nothing serves yet the best permitted exercise, which then serves every other
open muscle that it reaches, and so on. Pure; the same for the same facts in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from routines.drafting.facts import (
    BOTH_SIDES,
    CatalogueKnown,
    Dose,
    ExerciseKnown,
    Home,
    Verdicts,
    Word,
)
from routines.drafting.pairing import WantedMuscle
from routines.models import ExerciseKind, SideMode

LONG = 600  # seconds: one exercise that takes most of a usual day's time comes after shorter ones


@dataclass(frozen=True)
class Need:
    """One muscle on one side: what is served or not."""

    muscle: str
    side: str


@dataclass(frozen=True)
class Pick:
    """A chosen exercise with the sides on which it is done, and every wanted muscle and side that it serves there."""

    exercise: ExerciseKnown
    sides: tuple[str, ...]
    needs: tuple[Need, ...]
    dose: Dose

    @property
    def seconds(self) -> int:
        return self.exercise.seconds(self.dose, len(self.sides))

    @property
    def muscles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(need.muscle for need in self.needs))


def needs_of(muscles: Iterable[WantedMuscle]) -> list[Need]:
    return [Need(each.slug, side) for each in muscles for side in each.sides]


class Choosing:
    """Chooses for one client. `unwanted` are muscles that a strengthening exercise should rather not aim at."""

    def __init__(self, catalogue: CatalogueKnown, verdict: Verdicts, home: Home) -> None:
        self.exercises = sorted(
            (each for each in catalogue.exercises if not each.retired), key=lambda each: each.slug
        )
        self.home = home
        self.verdict = cache(verdict)

    # ---- One exercise ----

    def permitted(self, exercise: ExerciseKnown) -> list[str]:
        """The sides on which nothing that is known forbids it."""
        sides = exercise.possible_sides
        return [side for side in sides if self.verdict(exercise.slug, side) != Word.FORBIDDEN]

    def serving(self, exercise: ExerciseKnown, need: Need) -> list[str]:
        """The sides on which it would serve this muscle there; none when it cannot."""
        if need.muscle not in exercise.targets:
            return []
        sides = self.permitted(exercise)
        if exercise.side_mode == SideMode.EACH_SIDE and need.side in BOTH_SIDES:
            return [side for side in sides if side == need.side]
        return sides

    def with_care(self, exercise: ExerciseKnown, sides: Iterable[str]) -> bool:
        return any(self.verdict(exercise.slug, side) == Word.CARE for side in sides)

    def drawbacks(self, exercise: ExerciseKnown, sides: Iterable[str]) -> tuple[bool, bool, bool, bool]:
        """What speaks against it, the worst first: the floor, a condition, a tool that is missing, its level."""
        return (
            exercise.needs_floor and not self.home.floor,
            self.with_care(exercise, sides),
            bool(self.home.lacks(exercise)),
            self.home.level is not None and exercise.level > self.home.level,
        )

    def candidates(self, need: Need, kinds: Collection[str]) -> list[ExerciseKnown]:
        return [each for each in self.exercises if each.kind in kinds and self.serving(each, need)]

    def known(self, muscle: str, kinds: Collection[str]) -> list[ExerciseKnown]:
        """All that the catalogue offers for this muscle, forbidden or not."""
        return [each for each in self.exercises if each.kind in kinds and muscle in each.targets]

    def pick(self, exercise: ExerciseKnown, open_needs: Iterable[Need], needs: Sequence[Need]) -> Pick:
        """The exercise on the sides that the open needs ask for, with all needs that it serves there."""
        wanted = {side for need in open_needs for side in self.serving(exercise, need)}
        sides = tuple(side for side in exercise.possible_sides if side in wanted)
        served = tuple(need for need in needs if set(self.serving(exercise, need)) & wanted)
        return Pick(exercise, sides, served, exercise.dose)

    def whole(self, exercise: ExerciseKnown) -> Pick:
        """On every side that is permitted."""
        return Pick(exercise, tuple(self.permitted(exercise)), (), exercise.dose)

    def best(
        self,
        need: Need,
        offered: Iterable[ExerciseKnown],
        open_needs: Sequence[Need],
        wanted: Collection[str] = (),
        unwanted: Collection[str] = (),
    ) -> ExerciseKnown:
        """What is at home and easy to do first, then what serves most, self-massage, the lowest level, the shortest."""

        def worth(exercise: ExerciseKnown) -> tuple[object, ...]:
            served = [each for each in open_needs if self.serving(exercise, each)]
            sides = {side for each in served for side in self.serving(exercise, each)}
            aside = [muscle for muscle in exercise.targets if wanted and muscle not in wanted]
            return (
                *self.drawbacks(exercise, self.serving(exercise, need)),
                any(muscle in unwanted for muscle in aside),
                -len(served),
                len(aside),
                ExerciseKind(exercise.kind).order,
                (seconds := exercise.seconds(exercise.dose, len(sides))) > LONG,
                exercise.level,
                seconds,
                exercise.slug,
            )

        return min(offered, key=worth)

    # ---- Many ----

    def cover(
        self,
        needs: Sequence[Need],
        kinds: Collection[str],
        *,
        wanted: Collection[str] = (),
        unwanted: Collection[str] = (),
        only: Callable[[ExerciseKnown], bool] = lambda exercise: True,
    ) -> tuple[list[Pick], list[Need]]:
        """Exercises that serve every need that can be served, in the order of rank, and the needs that cannot."""
        picks: list[Pick] = []
        uncovered: list[Need] = []
        open_needs = list(needs)
        for need in needs:
            if need not in open_needs:
                continue
            offered = [each for each in self.candidates(need, kinds) if only(each)]
            if not offered:
                uncovered.append(need)
                open_needs.remove(need)
                continue
            chosen = self.best(need, offered, open_needs, wanted, unwanted)
            served = [each for each in open_needs if self.serving(chosen, each)]
            picks.append(self.pick(chosen, served, needs))
            open_needs = [each for each in open_needs if each not in served]
        return picks, uncovered

    def more(
        self,
        needs: Sequence[Need],
        picks: Sequence[Pick],
        kinds: Sequence[str],
        *,
        wanted: Collection[str] = (),
    ) -> Iterable[Pick]:
        """Further exercises without any drawback: for each muscle by rank one of each kind that it lacks yet."""
        served = {(pick.exercise.kind, need) for pick in picks for need in pick.needs}
        taken = {pick.exercise.slug for pick in picks}
        for muscle in dict.fromkeys(need.muscle for need in needs):
            for kind in kinds:
                lacking = [each for each in needs if (kind, each) not in served]
                mine = [each for each in lacking if each.muscle == muscle]
                if not mine:
                    continue
                offered = [
                    each
                    for each in self.candidates(mine[0], [kind])
                    if each.slug not in taken and not any(self.drawbacks(each, self.permitted(each)))
                ]
                if not offered:
                    continue
                chosen = self.best(mine[0], offered, lacking, wanted)
                pick = self.pick(chosen, [each for each in lacking if self.serving(chosen, each)], needs)
                served |= {(kind, each) for each in pick.needs}
                taken.add(chosen.slug)
                yield pick


# ---- Blocks ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Room:
    """How many exercises at a time, and how many seconds a day they may take together; None: as long as they like."""

    most: int
    seconds: int | None

    def holds(self, picks: Sequence[Pick]) -> bool:
        return len(picks) <= self.most and (
            self.seconds is None or sum(pick.seconds for pick in picks) <= self.seconds
        )

    def less(self, picks: Sequence[Pick]) -> Room:
        """What is left beside these, at least one exercise."""
        seconds = None if self.seconds is None else max(self.seconds - sum(each.seconds for each in picks), 0)
        return Room(max(self.most - len(picks), 1), seconds)


def fitted(pick: Pick, room: Room) -> Pick:
    """With as many sets less as it takes to fit alone; one set is the least (domain.md 6.4, reduce the dose)."""
    while not room.holds([pick]) and pick.dose.sets > 1:
        pick = replace(pick, dose=replace(pick.dose, sets=pick.dose.sets - 1))
    return pick


def packed(picks: Iterable[Pick], room: Room) -> list[list[Pick]]:
    """Blocks one after the other; each exercise goes into the first that holds it. One that fits nowhere stands alone."""
    blocks: list[list[Pick]] = []
    for pick in picks:
        chosen = fitted(pick, room)
        block = next((each for each in blocks if room.holds([*each, chosen])), None)
        if block is None:
            blocks.append([chosen])
        else:
            block.append(chosen)
    return blocks


def add_where_it_fits(blocks: Sequence[list[Pick]], pick: Pick, room: Room) -> bool:
    """Into the block of a muscle that it serves, else into the first that holds it; False when none does."""

    def away(block: list[Pick]) -> bool:
        muscles = {muscle for each in block for muscle in each.muscles}
        return not muscles & set(pick.muscles)

    for block in sorted(blocks, key=away):
        if room.holds([*block, pick]):
            block.append(pick)
            return True
    return False
