"""What a draft says: why each step is there, what stays uncovered, what the therapist should look at (domain.md 7.5, 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from routines.drafting.choosing import Choosing, Need, Pick
from routines.drafting.facts import (
    CatalogueKnown,
    DraftPhase,
    DraftStep,
    ExerciseKnown,
    Home,
    Named,
    Remark,
    Uncovered,
)
from routines.drafting.pairing import TIGHT, WEAK, WantedMuscle
from routines.models import ExerciseKind, PhaseKind
from routines.wording import listed

Why = Callable[[Pick], dict[str, Any]]


def too_many(most: int) -> str:
    return _(
        "One program holds at most %(most)d exercises, and these findings need more. Draft for one pattern at a time."
    ) % {"most": most}


def nothing() -> str:
    return _("Record what your hands found, or choose a pattern. A draft begins with one of them.")


# ---- Why a step is there -----------------------------------------------------------------------------------------


def why_of(
    pick: Pick, wanted: Mapping[str, WantedMuscle], because: str, catalogue: CatalogueKnown
) -> dict[str, Any]:
    """What the step keeps for ever: {"because", "muscles", "sides", "rating", "of"}, names in every language.

    `because` is tight, partner, weak, short_release or keep; empty lets the muscles say whether they are weak or
    partners. `of` holds the pattern and, for partners, the tight muscles that they pair with.
    """
    rows = [wanted[slug] for slug in pick.muscles if slug in wanted]
    if not because:
        because = "weak" if any(row.found for row in rows) else "partner"
    told = [
        row.muscle.told
        | {"sides": [need.side for need in pick.needs if need.muscle == row.slug], "rating": row.rating}
        for row in rows
    ] or [catalogue.muscles[slug].told | {"sides": [], "rating": None} for slug in pick.muscles]
    pattern = next((row.imbalance for row in rows if row.imbalance), None)
    tight = list(dict.fromkeys(each for row in rows for each in row.partners_of))
    of: dict[str, Any] = {}
    if pattern:
        of["imbalance"] = pattern.told
    if tight and because == "partner":
        of["tight"] = [muscle.told for muscle in tight]
    return {
        "because": because,
        "muscles": told,
        "sides": list(pick.sides),
        "rating": max((row.rating for row in rows if row.rating is not None), default=None),
        "of": of,
    }


# ---- What stays uncovered ----------------------------------------------------------------------------------------


def uncovered_of(
    choosing: Choosing, tight: Iterable[Need], weak: Iterable[Need], catalogue: CatalogueKnown
) -> Iterator[Uncovered]:
    releases = (ExerciseKind.RELEASE_SMR, ExerciseKind.RELEASE_STRETCH)
    for role, kinds, needs in ((TIGHT, releases, tight), (WEAK, (ExerciseKind.STRENGTHEN,), weak)):
        for need in needs:
            muscle = catalogue.muscles[need.muscle]
            if role == WEAK and muscle.is_fascia:
                reason, sentence = "fascia", _("Fascia can be released, not strengthened.")
            elif choosing.known(need.muscle, kinds):
                reason = "forbidden"
                sentence = _("Every exercise for it is left out because of a condition.")
            else:
                reason = "none"
                sentence = (
                    _("The catalogue has no self-massage and no stretch for it.")
                    if role == TIGHT
                    else _("The catalogue has no strengthening for it.")
                )
            yield Uncovered(muscle, need.side, role, reason, sentence)


# ---- What to look at ---------------------------------------------------------------------------------------------


def remarks_of(phases: Sequence[DraftPhase], catalogue: CatalogueKnown, home: Home) -> Iterator[Remark]:
    known = {each.slug: each for each in catalogue.exercises}
    kinds = {phase.kind for phase in phases}
    for phase in phases:
        yield from of_phase(phase, known, home)
    for kind in (PhaseKind.STRENGTHEN, PhaseKind.INTEGRATE):
        phase_here = next((each for each in phases if each.kind == kind), None)
        if phase_here and not any(ExerciseKind(step.kind).is_release for step in phase_here.steps):
            yield Remark(
                "no_release", _("No release that is permitted could open the strengthening days."), kind.value
            )
    if phases and PhaseKind.STRENGTHEN not in kinds:
        yield Remark(
            "no_strengthening", _("There is nothing to strengthen here, so release goes over into keeping.")
        )
    if phases and PhaseKind.RELEASE not in kinds:
        yield Remark("no_tight", _("Nothing to release was found, so the draft begins with strengthening."))


def of_phase(phase: DraftPhase, known: Mapping[str, ExerciseKnown], home: Home) -> Iterator[Remark]:
    name = str(PhaseKind(phase.kind).label)
    blocks = phase.blocks
    if len(blocks) > 1:
        yield Remark(
            "blocks",
            _(
                "“%(phase)s” is done in %(number)d blocks, one after the other, so it lasts at least %(days)d days "
                "and is looked at by day %(review)d."
            )
            % {
                "phase": name,
                "number": len(blocks),
                "days": phase.min_days,
                "review": phase.review_by_day,
            },
            phase.kind,
        )
    for block in blocks:
        if home.minutes is not None and block.seconds > home.minutes * 60:
            longest = max(block.steps, key=lambda step: step.seconds)
            yield Remark(
                "too_long",
                _("“%(exercise)s” makes %(minutes)d minutes a day, more than the %(budget)d there are.")
                % {
                    "exercise": known[longest.exercise].name,
                    "minutes": block.minutes,
                    "budget": home.minutes,
                },
                phase.kind,
            )
    for step in phase.steps:
        yield from of_step(step, known[step.exercise], home, phase.kind)


def of_step(step: DraftStep, exercise: ExerciseKnown, home: Home, phase: str) -> Iterator[Remark]:
    """What holds for the exercise wherever it stands is about no phase, so that it is said once."""
    words = {"exercise": exercise.name}
    full = exercise.dose.sets
    because = step.why.get("because")
    meant_short = because == "short_release" or (because == "keep" and exercise.releases)
    if step.dose.sets < full and not meant_short:
        said = ngettext(
            "“%(exercise)s” has %(sets)d set instead of %(full)d, so that it fits into the day.",
            "“%(exercise)s” has %(sets)d sets instead of %(full)d, so that it fits into the day.",
            step.dose.sets,
        )
        yield Remark("fewer_sets", said % {**words, "sets": step.dose.sets, "full": full}, phase)
    if exercise.needs_floor and not home.floor:
        yield Remark(
            "floor",
            _("“%(exercise)s” needs the floor; nothing else that is permitted serves the same muscle.")
            % words,
        )
    if missing := home.lacks(exercise):
        yield Remark(
            "tools",
            _("“%(exercise)s” needs what is not noted at home: %(tools)s.")
            % {**words, "tools": named(missing)},
        )
    if home.level is not None and exercise.level > home.level:
        yield Remark(
            "level",
            _("“%(exercise)s” is harder than the level to begin with (%(level)d instead of %(most)d).")
            % {**words, "level": exercise.level, "most": home.level},
        )


def named(entries: Iterable[Named]) -> str:
    return listed([each.name for each in entries])
