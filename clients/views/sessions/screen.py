"""What the pages of a session are made of: one exercise with its sets, its windows and its words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.access import ClientRequest
from clients.cupboard import missing_tools, missing_words
from clients.explaining import in_sentence, why_this
from clients.forms.sessions import OwnNoteForm, SetForm
from clients.models import AssignedStep, Client, SessionItem, Side, TrainingSession, localized
from clients.recording import (
    ItemState,
    SessionState,
    SetEntry,
    current_state,
    is_live,
    prescribed,
    state_of,
)
from clients.remembering import LastTime, entry_of, filled_in, last_times, note_on, with_band
from clients.safety import Verdict, open_blocks, reasons
from clients.sketching import exercise_sketch
from clients.spots import SpotMap, maps_of, spots_of
from clients.templatetags.dose import entry_words, sided_dose, tempo_words
from clients.views.sessions.tightness import TightnessAsk, tightness_ask
from routines.bodysketch import Sketch
from routines.models import ExerciseKind, SideMode
from routines.wording import side_words

CHANGE_SIDES = 10  # seconds to change over (domain.md 4)
READ_WRITE = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class SetWindow:
    """One set as it stands before it is ticked, or as it was done, with the time that it takes.

    `rest` are the seconds until the next set.
    """

    item: SessionItem
    number: int
    entry: SetEntry
    rest: int = 0

    @property
    def told(self) -> str:
        return entry_words(self.entry, self.item.side)

    @property
    def side(self) -> str:
        return side_words(self.item.side_mode, self.item.side)

    @property
    def short(self) -> str:
        return str(Side(self.item.side).label) if self.item.side in (Side.LEFT, Side.RIGHT) else ""

    @property
    def reps(self) -> int:
        return self.entry.reps or self.item.reps

    @property
    def hold(self) -> int:
        """Seconds of each repetition; 0 for those at one's own pace."""
        return (self.entry.seconds or self.item.hold_seconds) if self.item.hold_seconds else 0

    @property
    def alternating(self) -> bool:
        return self.item.side_mode == SideMode.ALTERNATING

    @property
    def turns(self) -> int:
        """Repetitions in its window, those of both sides where they alternate."""
        return self.reps * (2 if self.alternating else 1)

    @property
    def seconds(self) -> int:
        """How long this set is held, both sides of an alternating one together; 0 without a hold."""
        return self.hold * self.turns

    @property
    def tempo(self) -> str:
        """Seconds of lifting, staying and lowering, "1 2 4"; empty for holds and for the person's own pace."""
        tempo = self.item.dose.tempo
        return "" if self.hold or not tempo or not sum(tempo) else " ".join(map(str, tempo))


@dataclass(frozen=True, kw_only=True)
class SetRow(SetWindow):
    """One set to tick."""

    label: str
    done: bool
    changed: bool
    current: bool
    form: SetForm


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
    tightness: TightnessAsk | None = None
    why: tuple[str, ...] = ()
    where: Sketch | None = None  # on the body it works
    spots: tuple[SpotMap, ...] = ()
    instead: tuple[str, ...] = ()  # of a tool that is not at home
    own_note: str = ""
    note_form: OwnNoteForm | None = None
    rest: int = 0
    offers: str = ""  # the keys of what the whole session offers by now, for the device

    @property
    def item(self) -> SessionItem:
        return self.states[0].item

    @property
    def side(self) -> str:
        """Which side the picture shows: that of the set that comes next, else of a single item, else both."""
        coming = [row.item.side for row in self.rows if row.current]
        sides = set(coming or (state.item.side for state in self.states))
        return sides.pop() if len(sides) == 1 else Side.BOTH

    @property
    def exercise_id(self) -> int:
        """The exercise that was planned for this screen, also where an easier one takes its place."""
        planned = (state.item for state in self.states if state.item.stands_in_for_id is None)
        return next(planned, self.item).exercise_id

    @property
    def too_hard(self) -> str:
        """The name of the exercise that was too hard, while the easier version stands."""
        return self.item.eased_from if self.item.stands_in_for_id else ""

    @property
    def may_ease(self) -> bool:
        return self.live and not self.settled and not self.too_hard

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
        standing = [s for s in self.states if not s.set_aside]
        return " ".join(reasons((s.item.side, s.verdict or Verdict()) for s in standing))

    @property
    def last(self) -> bool:
        return self.n == self.count

    @property
    def timed(self) -> bool:
        return (
            self.live and not self.settled and any(row.seconds or row.rest or row.tempo for row in self.rows)
        )


def exercise_dose(states: Sequence[ItemState]) -> str:
    """The dose line of one exercise, both its sides together, without what is set aside today."""
    standing = [state for state in states if not state.set_aside] or states
    states = [state for state in standing if state.item.stands_in_for_id] or standing
    states = [state for state in states if not state.forbidden] or states
    return sided_dose([(state.item.dose, state.item.side_mode, state.item.side) for state in states])


def find_session(request: ClientRequest, pk: int) -> TrainingSession:
    """The client's own session; 404 for anybody else's."""
    own = TrainingSession.objects.visible_to(request.user).select_related("client")
    return get_object_or_404(own, pk=pk, client=request.person)


def of_a_screen(
    view: Callable[[ClientRequest, Screen, datetime], HttpResponse],
) -> Callable[[ClientRequest, int, int], HttpResponse]:
    """Gives the view the n-th screen of the client's own session, unless a safety block ends it now."""

    @wraps(view)
    def found(request: ClientRequest, pk: int, n: int) -> HttpResponse:
        now = timezone.now()
        session = find_session(request, pk)
        if barred(session, now):
            return redirect("blocked")
        return view(request, screen_for(session, n, now), now)

    return found


def barred(session: TrainingSession, now: datetime) -> bool:
    """Whether a safety block ends this session now. Correcting what was done before stays possible."""
    return is_live(session, now) and bool(open_blocks(session.client))


def interleaved(states: Sequence[ItemState]) -> list[tuple[ItemState, int]]:
    """Set 1 left, set 1 right, set 2 left …; a side with fewer sets ends earlier."""
    most = max((state.item.sets for state in states), default=0)
    return [
        (state, n)
        for n in range(1, most + 1)
        for state in states
        if n <= state.item.sets and not (state.set_aside and not is_done(state, n))
    ]


def is_done(state: ItemState, number: int) -> bool:
    return number in state.sets and state.sets[number].done


def pause_after(state: ItemState, number: int, following: tuple[ItemState, int] | None) -> int:
    """Seconds until the next set: the change of sides within a set, else the rest that was asked for."""
    if following is None:
        return 0
    return CHANGE_SIDES if following[1] == number else state.item.rest_seconds


def entry_before(item: SessionItem, number: int, last: LastTime, banded: Collection[int]) -> SetEntry:
    """What a set is filled in with before it is ticked: no weight for release, no colour where there is no band. Pure."""
    entry = filled_in(prescribed(item), number, last)
    if ExerciseKind(item.kind).is_release:
        entry = replace(entry, load_kg=None)
    return entry if item.exercise_id in banded else replace(entry, band="")


def set_rows(
    states: Sequence[ItemState],
    last: Mapping[int, LastTime],
    banded: Collection[int],
    bound: SetForm | None,
) -> list[SetRow]:
    """The sets in their order, each as its own side was asked, filled in with what is remembered of the last time.

    Sets of an exercise that was too hard come first: they are what was done before.
    """
    rows: list[SetRow] = []
    aside = [state for state in states if state.set_aside]
    order = interleaved(aside) + interleaved([state for state in states if not state.set_aside])
    for place, (state, number) in enumerate(order):
        record = state.sets.get(number)
        done = record is not None and record.done
        asked = prescribed(state.item)
        entry = entry_before(state.item, number, last.get(state.item.pk, LastTime()), banded)
        if record is not None:
            entry = entry_of(record)
        mine = bound is not None and (bound.item, bound.number) == (state.item, number)
        following = order[place + 1] if place + 1 < len(order) else None
        rest = pause_after(state, number, following)
        told = SetWindow(state.item, number, entry).told
        rows.append(
            SetRow(
                state.item,
                number,
                entry,
                rest,
                label=_("Set %(number)d, %(set)s") % {"number": number, "set": told},
                done=done,
                changed=done and (entry.reps, entry.seconds) != (asked.reps, asked.seconds),
                current=not done and not any(row.current for row in rows),
                form=bound
                if mine and bound
                else SetForm(
                    item=state.item,
                    number=number,
                    shown=entry,
                    ticked=done,
                    banded=state.item.exercise_id in banded,
                ),
            )
        )
    return rows


def screen_for(session: TrainingSession, n: int, now: datetime, bound: SetForm | None = None) -> Screen:
    """The n-th exercise, from 1. Raises Http404 where the session has no such exercise."""
    state = current_state(session, now)
    live = is_live(session, now)
    exercises = state.shown() if live else state.exercises()
    if not 1 <= n <= len(exercises):
        raise Http404
    states = exercises[n - 1]
    item = states[0].item
    own_note = note_on(session, item.exercise_id)
    allowed = [state for state in states if not state.forbidden]
    return Screen(
        session=session,
        n=n,
        count=len(exercises),
        states=states,
        rows=set_rows(
            allowed,
            last_times(session, states),
            with_band({state.item.exercise_id for state in states}),
            bound,
        ),
        dose=exercise_dose(states),
        tempo=tempo_words(item.dose),
        needs=needs_words(item),
        live=live,
        following=exercises[n][0].item.name if n < len(exercises) else "",
        tightness=tightness_ask(state, n) if live else None,
        why=reasons_for([state.item for state in states]),
        where=exercise_sketch(item.as_was, {state.item.side for state in states}),
        spots=spots_for(session.client, [state.item for state in states]) if live else (),
        instead=instead_of_tools(session.client, item.exercise_id) if live else (),
        own_note=own_note,
        note_form=OwnNoteForm(initial={"text": own_note}, auto_id="own_note_%s"),
        rest=len(state.exercises()) - len(exercises),
        offers=" ".join(str(pk) for pk in sorted(each.item.pk for each in state.offered())) if live else "",
    )


def spots_for(client: Client, items: Sequence[SessionItem]) -> tuple[SpotMap, ...]:
    """The spots that the therapist marked for this exercise, as they stand now; of the sides that are done."""
    item, sides = items[0], {item.side for item in items}
    found = spots_of(client, [item.exercise_id]).get(item.exercise_id, [])
    return tuple(maps_of([spot for spot in found if spot.side in sides or spot.side == Side.NONE]))


def instead_of_tools(client: Client, exercise_id: int) -> tuple[str, ...]:
    """What does instead of each tool that the client has not ticked at home, as it stands now."""
    missing = missing_tools(client, [exercise_id]).get(exercise_id, ())
    return tuple(missing_words(tool) for tool in missing)


def why_left(group: Sequence[ItemState]) -> str:
    """Why an exercise was left out by the person: the reason, or that the day was short; empty where it was not."""
    if all(each.later and not each.done for each in group):
        return _("short day")
    return next((str(each.skip.get_reason_display()) for each in group if each.skipped and each.skip), "")


def reasons_for(items: Sequence[SessionItem]) -> tuple[str, ...]:
    """Why the steps that these items serve are in the program, each sentence once."""
    steps = AssignedStep.objects.filter(served_by__item__in=items).order_by("pk")
    return each_once(steps.values_list("why", flat=True))


def each_once(whys: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sentence for sentence in map(why_this, whys) if sentence))


def needs_words(item: SessionItem) -> str:
    return ", ".join(in_sentence(localized(tool, "name")) for tool in item.as_was.get("equipment", []))


def place_of(session: TrainingSession, item: SessionItem) -> int:
    """On which screen, from 1, this item stands."""
    for n, group in enumerate(state_of(session).exercises(), 1):
        if item.pk in {state.item.pk for state in group}:
            return n
    raise Http404


def to_step(session: TrainingSession, n: int) -> HttpResponse:
    return redirect(f"{reverse('session_step', args=[session.pk, n])}#sets")


def first_unsettled(state: SessionState) -> int | None:
    return next(
        (n for n, group in enumerate(state.shown(), 1) if not all(each.settled for each in group)), None
    )
