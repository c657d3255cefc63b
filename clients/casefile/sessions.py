"""What was done: a session in one row of a table."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from clients.explaining import in_sentence
from clients.models import Client, Measure, TrainingSession
from clients.recording import SessionState, states_of
from clients.telling import Told, told_about

NEWEST = 10


@dataclass(frozen=True)
class SessionLine:
    """A session in one row of a table."""

    state: SessionState
    told: Told = field(default_factory=Told)

    @property
    def session(self) -> TrainingSession:
        return self.state.session

    @property
    def done(self) -> int:
        return self.state.done_sets

    @property
    def asked(self) -> int:
        return self.state.all_sets

    @property
    def skipped(self) -> list[str]:
        """ "Foam roll, calf: no time", each exercise once."""
        words = [
            f"{state.item.name}: {in_sentence(state.skip.get_reason_display())}"
            for state in self.state.items
            if state.skipped and state.skip is not None
        ]
        return list(dict.fromkeys(words))

    @property
    def eased(self) -> list[str]:
        """ "Clam: too hard, Bridge instead", each exercise once."""
        words = [
            easier_words(state.item.eased_from, state.item.name)
            for state in self.state.items
            if state.item.stands_in_for_id and not state.set_aside
        ]
        return list(dict.fromkeys(words))

    @property
    def before(self) -> int | None:
        return self.state.readings.get(Measure.PAIN_BEFORE)

    @property
    def after(self) -> int | None:
        return self.state.readings.get(Measure.PAIN_AFTER)

    @property
    def worst(self) -> int | None:
        return self.state.readings.get(Measure.PAIN_WORST)

    @property
    def effort(self) -> int | None:
        return self.state.readings.get(Measure.EFFORT)

    @property
    def has_more(self) -> bool:
        """Whether there is more to read of it than its figures."""
        told = self.told
        figures = (self.worst, self.effort)
        more = (self.skipped, self.eased, self.session.short, told.tightness, told.limb, told.note)
        return self.session.finished_at is None or any(more) or figures != (None, None)


def easier_words(hard: str, easier: str) -> str:
    if hard == easier:
        return _("%(exercise)s: too hard, done lighter") % {"exercise": hard}
    return _("%(exercise)s: too hard, %(easier)s instead") % {"exercise": hard, "easier": in_sentence(easier)}


def newest_sessions(client: Client, number: int = NEWEST) -> list[SessionLine]:
    states = states_of(TrainingSession.objects.filter(client=client)[:number])
    told = told_about([state.session for state in states])
    return [SessionLine(state, told[state.session.pk]) for state in states]
