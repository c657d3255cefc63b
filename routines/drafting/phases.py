"""A draft of a staged program: release, strengthen, integrate, maintain (domain.md 0, 4, 5, 6.5, 6.6).

Nothing is assigned by it and nothing is decided: it is what the therapist begins with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from routines.drafting.choosing import (
    Choosing,
    Need,
    Pick,
    Room,
    add_where_it_fits,
    fitted,
    needs_of,
    packed,
)
from routines.drafting.facts import (
    BOTH,
    BOTH_SIDES,
    CatalogueKnown,
    DraftPhase,
    DraftStep,
    ExerciseKnown,
    Home,
    LeftOut,
    NothingToDraft,
    Numbers,
    ProgramDraft,
    TooManyFindings,
    Verdicts,
    Wanted,
)
from routines.drafting.pairing import TIGHT, WEAK, Pairs, WantedMuscle, pairs_of, sides_of
from routines.drafting.words import Why, nothing, remarks_of, too_many, uncovered_of, why_of
from routines.models import ExerciseKind, PhaseKind
from routines.models.programs import MOST_STEPS

SMR, STRETCH = ExerciseKind.RELEASE_SMR, ExerciseKind.RELEASE_STRETCH
RELEASES = (SMR, STRETCH)
TRACKED = 3  # muscles whose tenderness is asked for
MAINTAINED = 3  # steps of the maintain phase, one of them a release (domain.md 6.5)
MAINTAIN_DAYS = 2  # a week
SHORT_HOLD = 30  # seconds of the short release before strengthening
SHORTER_HOLD = 20  # and in the integrate phase


def draft(
    wanted: Wanted,
    catalogue: CatalogueKnown,
    verdict: Verdicts,
    home: Home | None = None,
    numbers: Numbers | None = None,
) -> ProgramDraft:
    """The staged program for what was found, or for a pattern without findings.

    Raises NothingToDraft where neither says anything, TooManyFindings where one program cannot hold what is needed.
    """
    pairs = pairs_of(wanted, catalogue)
    if not pairs.tight and not pairs.weak:
        raise NothingToDraft(nothing())
    made = Drafting(pairs, catalogue, verdict, home or Home(), numbers or Numbers()).result()
    return replace(made, from_findings=bool(wanted.found))


class Drafting:
    """One draft on its way. What each phase needs of the ones before is kept here."""

    def __init__(
        self, pairs: Pairs, catalogue: CatalogueKnown, verdict: Verdicts, home: Home, numbers: Numbers
    ) -> None:
        self.pairs = pairs
        self.catalogue = catalogue
        self.home = home
        self.numbers = numbers
        self.choosing = Choosing(catalogue, verdict, home)
        self.room = Room(numbers.at_a_time, home.minutes * 60 if home.minutes is not None else None)
        self.tight = needs_of(pairs.tight)
        self.weak = [need for need in needs_of(pairs.weak) if not catalogue.muscles[need.muscle].is_fascia]
        self.by_slug = {TIGHT: _named(pairs.tight), WEAK: _named(pairs.weak)}

    def result(self) -> ProgramDraft:
        released, open_tight = self.choosing.cover(self.tight, RELEASES)
        strengthened, open_weak = self.choosing.cover(
            self.weak,
            [ExerciseKind.STRENGTHEN],
            wanted=self.by_slug[WEAK].keys(),
            unwanted=self.by_slug[TIGHT].keys(),
        )
        short = self.short_release(released)
        blocks = packed(released, self.room)
        phases = [
            self.strengthening(strengthened, short),
            self.integrating(strengthened, short),
            self.maintaining(released, strengthened, short),
        ]
        left = MOST_STEPS - len(released) - sum(len(phase.steps) for phase in phases)
        if left < 0:
            raise TooManyFindings(too_many(MOST_STEPS))
        self.add_second_kinds(blocks, released, left)
        phases = [self.releasing(blocks), *phases]
        kept = tuple(phase for phase in phases if phase.steps)
        fascia = [need for need in needs_of(self.pairs.weak) if self.catalogue.muscles[need.muscle].is_fascia]
        uncovered = uncovered_of(self.choosing, open_tight, [*open_weak, *fascia], self.catalogue)
        return ProgramDraft(
            imbalances=self.pairs.imbalances,
            tight=tuple(each.muscle for each in self.pairs.tight),
            weak=tuple(each.muscle for each in self.pairs.weak),
            phases=kept,
            uncovered=tuple(uncovered),
            left_out=tuple(self.left_out()),
            remarks=tuple(dict.fromkeys(remarks_of(kept, self.catalogue, self.home))),
        )

    # ---- Release ----

    def add_second_kinds(self, blocks: list[list[Pick]], released: Sequence[Pick], most: int) -> None:
        """Self-massage and stretch for each muscle where both exist, as far as there is room; no block for their sake."""
        for pick in self.choosing.more(self.tight, released, RELEASES):
            if most > 0 and add_where_it_fits(blocks, pick, self.room):
                most -= 1

    def releasing(self, blocks: Sequence[Sequence[Pick]]) -> DraftPhase:
        return self.phase(PhaseKind.RELEASE, blocks, lambda pick: self.why(pick, TIGHT, "tight"))

    def short_release(self, released: Sequence[Pick]) -> Pick | None:
        """What keeps a short turn in every later phase: of the first tight muscle, self-massage before stretch."""
        for need in self.tight:
            mine = [pick for pick in released if need in pick.needs]
            if mine:
                return mine[0]
        return self.other_release()

    def other_release(self) -> Pick | None:
        """Without a tight muscle: a release of what pairs with the weak ones, else of themselves."""
        for muscle in self.pairs.weak:
            patterns = [each for each in self.catalogue.imbalances if muscle.slug in each.weak]
            beside = [
                slug for each in sorted(patterns, key=lambda each: each.slug) for slug in each.tight
            ] or sorted(self.catalogue.antagonists.get(muscle.slug, ()))
            for slug in [*beside, muscle.slug]:
                if slug not in self.catalogue.muscles:
                    continue
                sides = sides_of(self.catalogue.muscles[slug])
                needs = [Need(slug, side) for side in sides if side in muscle.sides] or [
                    Need(slug, side) for side in sides
                ]
                offered = [
                    each
                    for each in self.choosing.candidates(needs[0], RELEASES)
                    if not any(self.choosing.drawbacks(each, self.choosing.serving(each, needs[0])))
                ]
                if offered:
                    chosen = self.choosing.best(needs[0], offered, needs)
                    return self.choosing.pick(chosen, needs, needs)
        return None

    def shortened(self, pick: Pick, hold: int, beside: Iterable[Pick]) -> Pick:
        """One set, a short hold, on every day on which one of the others is due."""
        dose = pick.dose
        held = min(dose.hold_seconds, hold) if dose.hold_seconds else 0
        reps = dose.reps
        if pick.exercise.kind == STRETCH:
            each = held or dose.seconds_per_rep
            reps = max(1, min(reps, self.numbers.stretch_seconds_before_strengthening // each))
        days = covering_days([other.dose.days_per_week for other in beside])
        short = replace(dose, sets=1, reps=reps, hold_seconds=held, per_day=1, days_per_week=days)
        return replace(pick, dose=short)

    # ---- Later phases ----

    def strengthening(self, strengthened: Sequence[Pick], short: Pick | None) -> DraftPhase:
        first = [self.shortened(short, SHORT_HOLD, strengthened)] if short and strengthened else []
        blocks = packed(strengthened, self.room.less(first))
        return self.phase(PhaseKind.STRENGTHEN, blocks, lambda pick: self.why(pick, WEAK), always=first)

    def integrating(self, strengthened: Sequence[Pick], short: Pick | None) -> DraftPhase:
        """Whole-body exercises for the muscles that were strengthened; where there is none, what was begun goes on."""
        if not strengthened:
            return self.phase(PhaseKind.INTEGRATE, [], lambda pick: {})
        room = self.room.less([self.shortened(short, SHORTER_HOLD, ())] if short else [])
        chosen = self.whole_body(room)
        goes_on = not chosen
        if goes_on:
            block: list[Pick] = []
            for pick in strengthened:
                add_where_it_fits([block], fitted(pick, room), room)
            chosen = block or [fitted(strengthened[0], room)]
        first = [self.shortened(short, SHORTER_HOLD, chosen)] if short else []
        return self.phase(
            PhaseKind.INTEGRATE,
            [chosen],
            lambda pick: self.why(pick, WEAK, "keep" if goes_on else ""),
            always=first,
        )

    def whole_body(self, room: Room) -> list[Pick]:
        """One block of them for the partners: first one for each, then more; none with a drawback while there are others.

        None at all on a floor that the client cannot reach, or with care: nobody needs them to go on.
        """
        needs, kinds = self.weak, [ExerciseKind.INTEGRATE]

        def could(exercise: ExerciseKnown) -> bool:
            floor, care, _tool, _level = self.choosing.drawbacks(exercise, self.choosing.permitted(exercise))
            return not floor and not care and room.holds([fitted(self.choosing.whole(exercise), room)])

        def would(exercise: ExerciseKnown) -> bool:
            return could(exercise) and not any(
                self.choosing.drawbacks(exercise, self.choosing.permitted(exercise))
            )

        chosen: list[Pick] = []
        easy, _open = self.choosing.cover(needs, kinds, only=would)
        for pick in [*easy, *self.choosing.more(needs, easy, kinds)]:
            add_where_it_fits([chosen], fitted(pick, room), room)
        if not chosen:
            for pick in self.choosing.cover(needs, kinds, only=could)[0]:
                add_where_it_fits([chosen], fitted(pick, room), room)
        if len(chosen) < room.most:
            taken = {pick.exercise.slug for pick in chosen}
            rest, _open = self.choosing.cover(
                needs, kinds, only=lambda each: would(each) and each.slug not in taken
            )
            for pick in rest:
                add_where_it_fits([chosen], fitted(pick, room), room)
        return chosen

    def maintaining(
        self, released: Sequence[Pick], strengthened: Sequence[Pick], short: Pick | None
    ) -> DraftPhase:
        """Three steps twice a week, one of them a release (domain.md 6.5)."""
        first = [twice_a_week(self.shortened(short, SHORT_HOLD, ()))] if short else []
        room = Room(max(MAINTAINED, len(first) + 1), self.room.seconds).less(first)
        whole = self.whole_body(room) if strengthened else []
        rest = [each for each in released if short is None or each.exercise != short.exercise]
        offered = [*strengthened[:1], *whole[:1], *strengthened[1:], *whole[1:]] or rest
        block: list[Pick] = []
        for pick in offered:
            add_where_it_fits([block], twice_a_week(fitted(pick, room)), room)
        if offered and not block:
            block = [twice_a_week(fitted(offered[0], room))]
        return self.phase(
            PhaseKind.MAINTAIN,
            [block] if block else [],
            lambda pick: self.why(pick, TIGHT if pick.exercise.releases else WEAK, "keep"),
            always=first,
        )

    # ---- Putting together ----

    def phase(
        self,
        kind: PhaseKind,
        blocks: Sequence[Sequence[Pick]],
        why: Why,
        *,
        always: Sequence[Pick] = (),
    ) -> DraftPhase:
        """Blocks one after the other, each for the days that the phase lasts at least; `always` is due in each."""
        days = self.numbers.days[kind.value]
        length = max(days.min_days, 1)
        because = "keep" if kind == PhaseKind.MAINTAIN else "short_release"
        steps = [self.step(pick, self.why(pick, TIGHT, because)) for pick in always]
        for number, block in enumerate(blocks):
            start = number * length
            until = start + length if number + 1 < len(blocks) else None
            in_order = sorted(block, key=lambda each: ExerciseKind(each.exercise.kind).order)
            steps += [self.step(pick, why(pick), start, until) for pick in in_order]
        grown = max(len(blocks) - 1, 0) * length
        review_by = days.review_by_day
        if kind == PhaseKind.RELEASE and self.pairs.imbalances:
            review_by = min(
                review_by, self.numbers.release_review_by.get(self.pairs.imbalances[0].slug, review_by)
            )
        return DraftPhase(
            kind=kind.value,
            min_days=days.min_days + grown,
            review_by_day=max(review_by, days.min_days) + grown,
            rule=days.rule,
            tracked=tuple(each.slug for each in self.pairs.tight[:TRACKED]),
            steps=tuple(steps),
        )

    def step(self, pick: Pick, why: dict[str, object], start: int = 0, until: int | None = None) -> DraftStep:
        exercise = pick.exercise
        one = pick.sides[0] if len(pick.sides) == 1 and pick.sides[0] in BOTH_SIDES else BOTH
        return DraftStep(
            exercise=exercise.slug,
            kind=exercise.kind,
            dose=pick.dose,
            side=one,
            sides=pick.sides,
            seconds=pick.seconds,
            why=why,
            care=self.choosing.with_care(exercise, pick.sides),
            start_after_days=start,
            until_days=until,
        )

    def why(self, pick: Pick, role: str, because: str = "") -> dict[str, object]:
        return why_of(pick, self.by_slug[role], because, self.catalogue)

    def left_out(self) -> Iterable[LeftOut]:
        """Exercises for the wanted muscles that are forbidden on a side on which they are wanted."""
        needs = [(RELEASES, need) for need in self.tight]
        needs += [((ExerciseKind.STRENGTHEN, ExerciseKind.INTEGRATE), need) for need in self.weak]
        for exercise in self.choosing.exercises:
            asked = [n for kinds, n in needs if exercise.kind in kinds and n.muscle in exercise.targets]
            sides = {need.side for need in asked}
            allowed = self.choosing.permitted(exercise)
            forbidden = tuple(
                side
                for side in exercise.possible_sides
                if side not in allowed
                and (side in sides or side not in BOTH_SIDES or not sides & {*BOTH_SIDES})
            )
            if asked and forbidden:
                yield LeftOut(exercise.slug, forbidden)


def _named(muscles: Iterable[WantedMuscle]) -> dict[str, WantedMuscle]:
    return {each.slug: each for each in muscles}


def twice_a_week(pick: Pick) -> Pick:
    return replace(pick, dose=replace(pick.dose, days_per_week=MAINTAIN_DAYS, per_day=1))


def covering_days(others: Iterable[int]) -> int:
    """Days a week whose weekdays hold those of the others (domain.md 6.7); 3 where there are none.

    Tuesday and Friday of two days lie in no three, and four days of strengthening are laid out as three.
    """
    asked = {3 if days == 4 else days for days in others} or {3}
    most = max(asked)
    return 5 if most == 3 and asked & {2} else most
