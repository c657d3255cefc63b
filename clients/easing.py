"""Too hard: the easier version for today, in the place of the exercise. The plan stays; the therapist sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from clients.assigning import exercise_as_it_is
from clients.models import (
    OwnExercise,
    SessionItem,
    SessionItemStep,
    SkipReason,
    TooHard,
    TrainingSession,
    localized,
)
from clients.planning import PlanFacts, gather, reduced
from clients.recording import (
    ItemState,
    KeyReused,
    SessionState,
    complete,
    is_live,
    record_skip,
    state_of,
    with_verdicts,
)
from clients.safety import reaches, sides_of
from routines.models import Dose, Exercise, dose_columns

LIGHTER = {"sets_minus": 1, "reps_or_hold_percent": -30}  # catalogue.yaml, meta.easier_rule


class NothingEasier(ValueError):
    """There is no easier version that this client may do now."""


@dataclass(frozen=True)
class Easier:
    """What takes the place of one item: an exercise with the dose of the sets that are still open."""

    item: SessionItem
    exercise_id: int
    side_mode: str
    as_was: dict[str, Any]
    dose: Dose
    spared: int

    @property
    def name(self) -> str:
        return localized(self.as_was.get("texts", {}), "name")


def easier_dose(asked: Dose, done: int, usual: Dose | None, *, begun: bool = False) -> Dose | None:
    """The dose of what is still open after `done` sets; None where nothing easier is left. Pure.

    An easier exercise comes with its `usual` dose, and never with more sets than are open. Without one it is the same
    exercise: one set less while nothing is done on either side (`begun`), else the open sets with 30 percent fewer
    repetitions or seconds.
    """
    left = asked.sets - done
    if left < 1:
        return None
    if usual is not None:
        sets = min(usual.sets, left)
        return replace(usual, sets=sets, per_day=asked.per_day, days_per_week=asked.days_per_week)
    if not (done or begun) and asked.sets > 1:
        return reduced(asked, LIGHTER)
    lighter = reduced(replace(asked, sets=left), {**LIGHTER, "sets_minus": 0})
    return lighter if lighter.seconds_per_set < asked.seconds_per_set else None


def easier_for(state: SessionState, exercise_id: int, facts: PlanFacts, now: datetime) -> list[Easier]:
    """What is offered on each side that is not done yet; empty where there is nothing.

    The easier version of the catalogue where it is of the same kind, in use, not part of the session, and where neither
    a condition nor a stop forbids it or lets it wait on any of these sides; else the same exercise, lighter.
    """
    today = facts.client.local_date(now)
    open_ones = [
        each
        for each in state.items
        if each.item.exercise_id == exercise_id and each.item.stands_in_for_id is None and not each.settled
    ]
    if not open_ones:
        return []
    version = easier_version(exercise_id)
    if version is not None:
        known = replace(facts, reach=facts.reach | reaches([version.pk]))
        free = version.pk not in {each.item.exercise_id for each in state.items}
        if not free or not all(
            each.item.side in sides_of(version.side_mode, each.item.side)
            and not known.verdict(version.pk, each.item.side, today).withheld
            for each in open_ones
        ):
            version = None
    begun = any(each.done for each in state.items if each.item.exercise_id == exercise_id)
    found = (easier_of(each, version, begun=begun) for each in open_ones)
    return [each for each in found if each is not None]


def easier_of(state: ItemState, version: Exercise | None, *, begun: bool) -> Easier | None:
    item = state.item
    dose = easier_dose(item.dose, state.done, version.dose if version else None, begun=begun)
    if dose is None:
        return None
    as_was = item.as_was if version is None else exercise_as_it_is(version)
    return Easier(
        item=item,
        exercise_id=item.exercise_id if version is None else version.pk,
        side_mode=item.side_mode if version is None else version.side_mode,
        as_was={**as_was, "eased": item.as_was.get("texts", {})},
        dose=dose,
        spared=item.sets - state.done - dose.sets,
    )


def easier_version(exercise_id: int) -> Exercise | None:
    """The catalogue's easier version, of the same kind and for the whole practice."""
    exercise = Exercise.objects.get(pk=exercise_id)
    easier = Exercise.objects.with_details().filter(pk=exercise.easier_id, kind=exercise.kind)
    in_use = (
        Exercise.objects.with_known_conditions()
        .in_use()
        .exclude(pk__in=OwnExercise.objects.values("exercise"))
    )
    return easier.filter(pk__in=in_use.values("pk")).first()


def offered(session: TrainingSession, exercise_id: int, now: datetime) -> list[Easier]:
    """The same, read now: empty also for a session that is not being done, and where the easier version stands already."""
    if not is_live(session, now):
        return []
    today = session.client.local_date(now)
    facts = gather(session.client, session.local_date, today)
    state = with_verdicts(state_of(session), today, facts)
    return easier_for(state, exercise_id, facts, now)


@transaction.atomic
def ease(session: TrainingSession, exercise_id: int, *, key: str, now: datetime) -> TooHard:
    """Puts the easier version in the place of an exercise, for this session. Once: a second press changes nothing.

    Sets that are done stay. Raises NothingEasier, KeyReused.
    """
    # Holds the session's row: of two devices the second finds what the first one wrote
    TrainingSession.objects.filter(pk=session.pk).update(number=session.number)
    if same := TooHard.objects.filter(client=session.client, key=key).first():
        if (same.session_id, same.exercise_id) != (session.pk, exercise_id):
            raise KeyReused(_("This was sent before with other values."))
        return same
    known = TooHard.objects.filter(session=session, exercise=exercise_id).first()
    taken_back = session.items.filter(exercise=exercise_id, stand_in__isnull=False)
    offers = offered(session, exercise_id, now)
    if known is None:
        if not offers:
            raise NothingEasier(_("There is no easier version of it for you today. You can leave it out."))
        known = TooHard.objects.create(
            client=session.client,
            session=session,
            exercise_id=exercise_id,
            easier_id=offers[0].exercise_id,
            key=key,
            at=now,
        )
        put_in_place(session, offers)
        leave_out = [each.item for each in offers]
    else:
        leave_out = [item for item in taken_back if is_live(session, now) and not complete(item)]
    for item in leave_out:
        record_skip(item, skipped=True, reason=SkipReason.TOO_HARD, key=f"{key}-{item.order}", now=now)
    return known


def put_in_place(session: TrainingSession, offers: Iterable[Easier]) -> None:
    """The easier version as items of the session, serving the steps of what they stand in for."""
    last = session.items.aggregate(last=Max("order"))["last"]
    for order, each in enumerate(offers, last + 1):
        made = SessionItem.objects.create(
            **dose_columns(each.dose),
            session=session,
            order=order,
            exercise_id=each.exercise_id,
            as_was=each.as_was,
            kind=each.item.kind,
            side_mode=each.side_mode,
            side=each.item.side,
            note=each.item.note if each.exercise_id == each.item.exercise_id else "",
            later=each.item.later,
            stands_in_for=each.item,
            spared=each.spared,
        )
        SessionItemStep.objects.bulk_create(
            SessionItemStep(item=made, step_id=step)
            for step in each.item.served.values_list("step_id", flat=True)
        )


@transaction.atomic
def take_back(session: TrainingSession, exercise_id: int, *, key: str, now: datetime) -> None:
    """Back to the exercise as planned. What was done of the easier version stays. Raises KeyReused."""
    for item in session.items.filter(exercise=exercise_id, stand_in__isnull=False):
        record_skip(item, skipped=False, reason=SkipReason.TOO_HARD, key=f"{key}-{item.order}", now=now)


def take_up_rest(session: TrainingSession, now: datetime) -> None:
    """The rest of a short day too. A second time changes nothing, nor does it in a session that is over."""
    rest = TrainingSession.objects.filter(pk=session.pk, short=True, whole_at__isnull=True)
    rest.filter(finished_at__isnull=True).update(whole_at=max(now, session.started_at))
