"""A short day: the two exercises of the day that matter most, for somebody who has five minutes.

What was asked stays asked: the others stay due, and the day counts with the share that was done. Nothing is skipped and
nothing is made lighter, so that a short day can neither lift nor sink more than what was done of it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import product

from django.db.models import Q

from clients.planning import DayPlan, PlannedExercise, targets_of
from routines.models import MusclePartner

Pairs = Collection[frozenset[str]]
TWO = 2


def two_that_matter(exercises: Sequence[PlannedExercise], pairs: Pairs = ()) -> tuple[PlannedExercise, ...]:
    """The first release that has its partner on this day, with that partner: release first, then strengthen. Pure.

    Without such a pair the first release and the first strengthening; where one of the two kinds is missing, the two
    first of the other, on different muscles where there are such. Empty for a day of two exercises or fewer: it is short
    as it is. `pairs` are slugs of partner muscles.
    """
    if len(exercises) <= TWO:
        return ()
    release = [each for each in exercises if each.kind.is_release]
    loading = [each for each in exercises if not each.kind.is_release]
    if release and loading:
        return next(
            ((soft, hard) for soft, hard in product(release, loading) if are_partners(soft, hard, pairs)),
            (release[0], loading[0]),
        )
    first, *others = release or loading
    known = targets_of(first.step)
    second = next((each for each in others if not targets_of(each.step) & known), others[0])
    return (first, second)


def are_partners(one: PlannedExercise, other: PlannedExercise, pairs: Pairs) -> bool:
    wanted = product(targets_of(one.step), targets_of(other.step))
    return any(frozenset(pair) in pairs for pair in wanted)


def pairs_among(exercises: Sequence[PlannedExercise]) -> set[frozenset[str]]:
    """Those of the catalogue's pairs whose muscles these exercises reach. One query."""
    slugs = {slug for each in exercises for slug in targets_of(each.step)}
    rows = MusclePartner.objects.filter(Q(first__slug__in=slugs) & Q(second__slug__in=slugs))
    return {frozenset(pair) for pair in rows.values_list("first__slug", "second__slug")}


def minutes_of(exercises: Sequence[PlannedExercise]) -> int:
    """Whole minutes, rounded up."""
    return math.ceil(sum(each.seconds for each in exercises) / 60)


def short_day(plan: DayPlan, number: int) -> tuple[PlannedExercise, ...]:
    """The two of the day's first, second or third session; empty where it has no more than two."""
    exercises = plan.exercises(number)
    if len(exercises) <= TWO:
        return ()
    return two_that_matter(exercises, pairs_among(exercises))
