"""How tight it feels before and after the release block: one tap each, on the screens where the block begins and ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clients.forms.sessions import new_key
from clients.models import TightnessReading
from clients.recording import SessionState
from clients.telling import Site
from clients.tightness import tightness_told
from routines.models import ExerciseKind

Moment = TightnessReading.Moment


@dataclass(frozen=True)
class TightnessAsk:
    """What one screen asks or tells: the muscle, the moment it asks for, and what was told before and after."""

    site: Site
    moment: str
    before: int | None
    after: int | None
    fields: dict[str, Any]

    @property
    def told(self) -> int | None:
        return self.before if self.moment == Moment.BEFORE else self.after


def tightness_ask(state: SessionState, n: int) -> TightnessAsk | None:
    """Before the first set on the first screen of release; after the last one on the last, where before was told.

    None on every other screen. At most five queries.
    """
    release = [
        (number, group)
        for number, group in enumerate(state.shown(), 1)
        if ExerciseKind(group[0].item.kind).is_release
    ]
    if not release or n not in (release[0][0], release[-1][0]):
        return None
    site, told = tightness_told(state.session)
    over = all(each.settled for _number, group in release for each in group)
    begun = any(each.done or each.skipped for each in state.items)
    if n == release[-1][0] and over and Moment.BEFORE in told:
        moment = Moment.AFTER
    elif n == release[0][0] and not begun:
        moment = Moment.BEFORE
    else:
        return None
    if site is None:
        return None
    fields = {"key": new_key(), "when": moment.value, "muscle": site.muscle.slug, "side": site.side}
    return TightnessAsk(site, moment.value, told.get(Moment.BEFORE), told.get(Moment.AFTER), fields)
