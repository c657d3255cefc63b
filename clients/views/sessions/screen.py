"""What the pages of a session are made of: one exercise with its sets, its windows and its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.access import ClientRequest
from clients.enrolling import responsibility
from clients.explaining import in_sentence, why_this
from clients.forms.sessions import SetForm
from clients.models import AssignedStep, SessionItem, SetRecord, Side, TrainingSession, localized
from clients.recording import ItemState, SessionState, SetEntry, current_state, is_live, prescribed
from clients.safety import Verdict, open_blocks, reasons
from clients.templatetags.dose import entry_words, tempo_words
from clients.views.sessions.tightness import TightnessAsk, tightness_ask
from routines.models import Dose, ExerciseKind, SideMode
from routines.wording import amount, dose_line, side_words

CHANGE_SIDES = 10  # seconds to change over (domain.md 4)
READ_WRITE = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class SetRow:
    """One set to tick: `told` is what was asked, or what was done; `seconds` is its window, 0 without a hold."""

    item: SessionItem
    number: int
    told: str
    label: str
    side: str
    short: str
    done: bool
    changed: bool
    current: bool
    form: SetForm
    seconds: int
    rest: int

    @property
    def alternating(self) -> bool:
        return self.item.side_mode == SideMode.ALTERNATING

    @property
    def turns(self) -> int:
        """Repetitions in its window, those of both sides where they alternate."""
        return self.item.reps * (2 if self.alternating else 1)

    @property
    def tempo(self) -> str:
        """Seconds of lifting, staying and lowering, "1 2 4"; empty for holds and for the person's own pace."""
        tempo = self.item.dose.tempo
        return "" if self.item.hold_seconds or not tempo or not sum(tempo) else " ".join(map(str, tempo))


@dataclass(frozen=True)
class Screen:
    """One exercise of a session with its sets, left and right in turn."""

    session: TrainingSession
    n: int
    count: int
    states: list[ItemState]
    rows: list[SetRow]
    dose: str
    tempo: str
    needs: str
    live: bool
    following: str
    therapist: str
    tightness: TightnessAsk | None = None
    why: tuple[str, ...] = ()

    @property
    def item(self) -> SessionItem:
        return self.states[0].item

    @property
    def settled(self) -> bool:
        return all(state.settled for state in self.states)

    @property
    def skipped(self) -> str:
        """The reason for which the exercise is left out; empty when it is not, or must be."""
        return next(
            (s.skip.get_reason_display() for s in self.states if s.skipped and s.skip and not s.forbidden), ""
        )

    @property
    def forbidden(self) -> str:
        """Why it is not offered any more, on one side or on all; empty when it is."""
        return " ".join(reasons((s.item.side, s.verdict or Verdict()) for s in self.states))

    @property
    def last(self) -> bool:
        return self.n == self.count

    @property
    def timed(self) -> bool:
        return (
            self.live and not self.settled and any(row.seconds or row.rest or row.tempo for row in self.rows)
        )


def exercise_dose(states: Sequence[ItemState]) -> str:
    """The dose line of one exercise, both its sides together."""
    states = [state for state in states if not state.forbidden] or states
    return sided_dose([(state.item.dose, state.item.side_mode, state.item.side) for state in states])


def sided_dose(asked: Sequence[tuple[Dose, str, str]]) -> str:
    """The dose, kind of sides and side of each item in one line; both sides by name where they are asked differently."""
    dose, side_mode, side = asked[0]
    if len({amount(each) for each, _mode, _side in asked}) > 1:
        return " / ".join(dose_line(*each) for each in asked)
    return dose_line(dose, side_mode, Side.BOTH if len(asked) > 1 else side)


def find_session(request: ClientRequest, pk: int) -> TrainingSession:
    """The client's own session; 404 for anybody else's."""
    own = TrainingSession.objects.visible_to(request.user).select_related("client")
    return get_object_or_404(own, pk=pk, client=request.person)


def barred(session: TrainingSession, now: datetime) -> bool:
    """Whether a safety block ends this session now. Correcting what was done before stays possible."""
    return is_live(session, now) and bool(open_blocks(session.client))


def interleaved(states: Sequence[ItemState]) -> list[tuple[ItemState, int]]:
    """Set 1 left, set 1 right, set 2 left …; a side with fewer sets ends earlier."""
    most = max((state.item.sets for state in states), default=0)
    return [(state, n) for n in range(1, most + 1) for state in states if n <= state.item.sets]


def last_load(session: TrainingSession, item: SessionItem) -> Decimal | None:
    """The weight in kilograms that was used last: the catalogue names none."""
    if ExerciseKind(item.kind).is_release:
        return None
    sets = SetRecord.objects.filter(client=session.client, item__exercise_id=item.exercise_id)
    used = sets.latest_revisions().filter(done=True, load_kg__isnull=False)
    return used.order_by("-received_at", "-pk").values_list("load_kg", flat=True).first()


def window(item: SessionItem) -> int:
    """How long one set is held, both sides of an alternating one together; 0 for repetitions at one's own pace."""
    if not item.hold_seconds:
        return 0
    return item.dose.seconds_per_set * (2 if item.side_mode == SideMode.ALTERNATING else 1)


def pause_after(state: ItemState, number: int, following: tuple[ItemState, int] | None) -> int:
    """Seconds until the next set: the change of sides within a set, else the rest that was asked for."""
    if following is None:
        return 0
    return CHANGE_SIDES if following[1] == number else state.item.rest_seconds


def set_rows(states: Sequence[ItemState], load: Decimal | None, bound: SetForm | None) -> list[SetRow]:
    """The sets in their order, each as its own side was asked, with the weight that was used last."""
    rows: list[SetRow] = []
    order = interleaved(states)
    for place, (state, number) in enumerate(order):
        record = state.sets.get(number)
        done = record is not None and record.done
        asked = prescribed(state.item)
        entry = replace(asked, load_kg=load)
        if record is not None:
            entry = SetEntry(record.done, record.reps, record.seconds, record.load_kg)
        mine = bound is not None and (bound.item, bound.number) == (state.item, number)
        following = order[place + 1] if place + 1 < len(order) else None
        told = entry_words(entry, state.item.side)
        rows.append(
            SetRow(
                item=state.item,
                number=number,
                told=told,
                label=_("Set %(number)d, %(set)s") % {"number": number, "set": told},
                side=side_words(state.item.side_mode, state.item.side),
                short=str(Side(state.item.side).label) if state.item.side in (Side.LEFT, Side.RIGHT) else "",
                done=done,
                changed=done and (entry.reps, entry.seconds) != (asked.reps, asked.seconds),
                current=not done and not any(row.current for row in rows),
                form=bound
                if mine and bound
                else SetForm(item=state.item, number=number, shown=entry, ticked=done),
                seconds=window(state.item),
                rest=pause_after(state, number, following),
            )
        )
    return rows


def screen_for(session: TrainingSession, n: int, now: datetime, bound: SetForm | None = None) -> Screen:
    """The n-th exercise, from 1. Raises Http404 where the session has no such exercise."""
    state = current_state(session, now)
    exercises = state.exercises()
    if not 1 <= n <= len(exercises):
        raise Http404
    states = exercises[n - 1]
    item = states[0].item
    live = is_live(session, now)
    care = responsibility(session.client)
    return Screen(
        session=session,
        n=n,
        count=len(exercises),
        states=states,
        rows=set_rows([state for state in states if not state.forbidden], last_load(session, item), bound),
        dose=exercise_dose(states),
        tempo=tempo_words(item.dose),
        needs=", ".join(in_sentence(localized(tool, "name")) for tool in item.as_was.get("equipment", [])),
        live=live,
        following=exercises[n][0].item.name if n < len(exercises) else "",
        therapist=care.therapist.name if care else "",
        tightness=tightness_ask(state, n) if live else None,
        why=reasons_for([state.item for state in states]),
    )


def reasons_for(items: Sequence[SessionItem]) -> tuple[str, ...]:
    """Why the steps that these items serve are in the program, each sentence once."""
    steps = AssignedStep.objects.filter(served_by__item__in=items).order_by("pk")
    told = map(why_this, steps.values_list("why", flat=True))
    return tuple(dict.fromkeys(sentence for sentence in told if sentence))


def place_of(session: TrainingSession, item: SessionItem) -> int:
    """On which screen, from 1, this item stands."""
    exercises = list(dict.fromkeys(session.items.order_by("order").values_list("exercise_id", flat=True)))
    return exercises.index(item.exercise_id) + 1


def to_step(session: TrainingSession, n: int) -> HttpResponse:
    return redirect(f"{reverse('session_step', args=[session.pk, n])}#sets")


def first_unsettled(state: SessionState) -> int | None:
    return next(
        (n for n, group in enumerate(state.exercises(), 1) if not all(each.settled for each in group)), None
    )
