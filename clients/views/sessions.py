"""A session: start, one exercise after the other, how it was. Later the same pages correct what was recorded.

A session is *live* on its own day, and on the next until six hours from its start, until it is finished: only then is
the player shown, and an open safety block ends it. Everything else is correcting: the same sets without timers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.access import ClientRequest, client_required
from clients.explaining import in_sentence
from clients.forms.screening import BeforeSessionForm, WithoutAppForm
from clients.forms.sessions import EndForm, KeyedForm, SetForm, SkipForm, StopForm, new_key
from clients.models import (
    Client,
    Measure,
    SessionItem,
    SessionReading,
    SetRecord,
    Side,
    SkipReason,
    StopEvent,
    TrainingSession,
    localized,
)
from clients.planning import gather, plan_for
from clients.recording import (
    ClientBlocked,
    ItemState,
    KeyReused,
    NothingDue,
    NotInThisSession,
    ScreeningNeeded,
    SessionNotStarted,
    SessionState,
    SetEntry,
    any_record,
    current_state,
    finish_session,
    forbidden_items,
    is_live,
    prescribed,
    record_reading,
    record_set,
    record_skip,
    start_session,
    state_of,
    stop,
    tick_all,
)
from clients.safety import Verdict, open_blocks, reasons
from clients.screening import answer, before_session, first_screening
from clients.templatetags.dose import entry_words, tempo_words
from routines.models import Dose, ExerciseKind, SideMode
from routines.wording import amount, dose_line, side_words

CHANGE_SIDES = 10  # seconds to change over (domain.md 4)
READ_WRITE = ["GET", "HEAD", "POST"]


# ---- What the pages are made of --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SetRow:
    """One set to tick: `told` is what was asked, or what was done; `seconds` is its window, 0 without a hold.

    `repeated` is the dose of a window in which a hold is repeated; empty where it is one hold.
    """

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
    repeated: str
    rest: int
    changes_side: bool


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
        return self.live and not self.settled and any(row.seconds or row.rest for row in self.rows)


def key_of_day(key: str, day: date, number: int) -> str:
    """The key of a session that a form starts: a form left open overnight starts the other day's session anew."""
    return f"{key}.{day:%Y%m%d}.{number}"


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
                repeated=entry_words(asked) if state.item.hold_seconds and state.item.reps > 1 else "",
                rest=pause_after(state, number, following),
                changes_side=following is not None and following[1] == number,
            )
        )
    return rows


def screen_for(session: TrainingSession, n: int, now: datetime, bound: SetForm | None = None) -> Screen:
    """The n-th exercise, from 1. Raises Http404 where the session has no such exercise."""
    exercises = current_state(session, now).exercises()
    if not 1 <= n <= len(exercises):
        raise Http404
    states = exercises[n - 1]
    item = states[0].item
    return Screen(
        session=session,
        n=n,
        count=len(exercises),
        states=states,
        rows=set_rows([state for state in states if not state.forbidden], last_load(session, item), bound),
        dose=exercise_dose(states),
        tempo=tempo_words(item.dose),
        needs=", ".join(in_sentence(localized(tool, "name")) for tool in item.as_was.get("equipment", [])),
        live=is_live(session, now),
        following=exercises[n][0].item.name if n < len(exercises) else "",
    )


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


# ---- Starting --------------------------------------------------------------------------------------------------------


@client_required
@require_http_methods(READ_WRITE)
def session_start(request: ClientRequest, number: int) -> HttpResponse:
    """Pain now and the short list of the complaint, then the first exercise."""
    return ask_first(request, number, BeforeSessionForm, open_session)


@client_required
@require_http_methods(READ_WRITE)
def without_app(request: ClientRequest, number: int) -> HttpResponse:
    """ "I did it without the app": the same questions, then the whole session is recorded as asked, to be corrected."""
    return ask_first(request, number, WithoutAppForm, record_without_app)


def ask_first(
    request: ClientRequest,
    number: int,
    kind: type[BeforeSessionForm],
    then: Callable[[ClientRequest, BeforeSessionForm, int, datetime], HttpResponse],
) -> HttpResponse:
    """The questions that come before every session (domain.md 7.1), and what follows when they are answered."""
    client, now = request.person, timezone.now()
    today = client.local_date(now)
    form = kind(request.POST or None, asked=before_session(client), areas=[])
    if request.method != "POST" and (elsewhere := instead_of_starting(request, number, today)):
        return elsewhere
    if request.method == "POST" and form.is_valid():
        try:
            return then(request, form, number, now)
        except ScreeningNeeded:
            return redirect("screening")
        except (KeyReused, NothingDue) as error:
            messages.error(request, str(error))
            return redirect("today")
    context = {"form": form, "minutes": plan_for(client, today).minutes(number)}
    return render(request, "clients/sessions/start.html", context)


def instead_of_starting(request: ClientRequest, number: int, today: date) -> HttpResponse | None:
    """Where to go when this session has begun, must not begin, or does not exist."""
    client = request.person
    existing = TrainingSession.objects.filter(client=client, local_date=today, number=number).first()
    if existing is not None:
        return redirect("session", existing.pk)
    if open_blocks(client):
        return redirect("blocked")
    if first_screening(client, today):
        return redirect("screening")
    if not (number and plan_for(client, today).for_go(number)):
        messages.info(request, _("There is nothing to do for this session today."))
        return redirect("today")
    return None


def held_back(client: Client) -> HttpResponse:
    """Where the answers lead that let no session begin."""
    return redirect("blocked" if open_blocks(client) else "screening")


def open_session(request: ClientRequest, form: BeforeSessionForm, number: int, now: datetime) -> HttpResponse:
    session = begin(request.person, form, number, now)
    return redirect("session", session.pk) if session else held_back(request.person)


@transaction.atomic
def record_without_app(
    request: ClientRequest, form: BeforeSessionForm, number: int, now: datetime
) -> HttpResponse:
    """Every set as asked, once: another press finds what stands recorded. Raises NothingDue, KeyReused."""
    session = begin(request.person, form, number, now, source=TrainingSession.Source.WITHOUT_APP)
    if session is None:
        return held_back(request.person)
    key = key_of_day(form.cleaned_data["key"], session.local_date, number)
    if session.finished_at and session.key != key:
        messages.info(request, _("This session is recorded already."))
        return redirect("today")
    if not session.finished_at:
        tick_all(session, key=key, now=now)
        if not any_record(session):
            raise NothingDue(_("There is nothing to do for this session today."))
        finish_session(session, now=now)
    messages.success(request, _("Noted as done. If something was different, correct it below."))
    return redirect("today")


@transaction.atomic
def begin(
    client: Client,
    form: BeforeSessionForm,
    number: int,
    now: datetime,
    source: str = TrainingSession.Source.APP,
) -> TrainingSession | None:
    """Stores the answers and starts; a warning sign stores them and starts nothing. Raises NothingDue, KeyReused."""
    today = client.local_date(now)
    outcome = answer(client, form.asked, yes=form.yes, none=form.none, key=form.answer_key(today), now=now)
    if outcome.block is not None or first_screening(client, today):
        return None
    key = key_of_day(form.cleaned_data["key"], today, number)
    try:
        session = start_session(
            client, number=number, key=key, now=now, source=source, screening=outcome.screening
        )
    except ClientBlocked:
        return None
    pain = form.cleaned_data["pain_before"]
    known = SessionReading.objects.filter(session=session, measure=Measure.PAIN_BEFORE).exists()
    if (
        session.key == key or not known
    ):  # a page left open elsewhere does not overwrite what was said at the start
        record_reading(session, Measure.PAIN_BEFORE, pain, key=f"{key}-before", now=now)
    return session


# ---- Doing and correcting ----------------------------------------------------------------------------------------------


@client_required
@require_safe
def session(request: ClientRequest, pk: int) -> HttpResponse:
    """Resumes a live session at its first open exercise; shows any other one with what was done."""
    now = timezone.now()
    found = find_session(request, pk)
    if barred(found, now):
        return redirect("blocked")
    state = current_state(found, now)
    if is_live(found, now):
        n = first_unsettled(state)
        return redirect("session_end", pk) if n is None else redirect("session_step", pk, n)
    exercises = [
        {
            "n": n,
            "item": group[0].item,
            "dose": exercise_dose(group),
            "done": sum(each.done for each in group),
            "asked": sum(each.item.sets for each in group),
            "complete": all(each.complete for each in group),
            "skipped": next((s.skip.get_reason_display() for s in group if s.skipped and s.skip), ""),
        }
        for n, group in enumerate(state.exercises(), 1)
    ]
    context = {
        "session": found,
        "state": state,
        "exercises": exercises,
        "readings": [(measure.label, state.readings.get(measure)) for measure in Measure],
        "section": "history",
    }
    return render(request, "clients/sessions/summary.html", context)


@client_required
@require_safe
def session_step(request: ClientRequest, pk: int, n: int) -> HttpResponse:
    """One exercise: what to do, and its sets to tick."""
    now = timezone.now()
    found = find_session(request, pk)
    if barred(found, now):
        return redirect("blocked")
    return show_screen(request, screen_for(found, n, now))


def show_screen(request: ClientRequest, screen: Screen, status: int = 200) -> HttpResponse:
    context = {
        "screen": screen,
        "unskip_fields": {"key": new_key()},
        "section": "today" if screen.live else "history",
    }
    return render(request, "clients/sessions/step.html", context, status=status)


@client_required
@require_http_methods(READ_WRITE)
def session_set(request: ClientRequest, pk: int, item: int, number: int) -> HttpResponse:
    """Ticks one set, takes the tick back, or corrects its figures. Saved at once.

    Looked at, as after signing in again, it leads to the session.
    """
    now = timezone.now()
    found = find_session(request, pk)
    if request.method != "POST":
        return redirect("session", pk)
    if barred(found, now):
        return redirect("blocked")
    row = found.items.filter(pk=item).first()
    if row is None:
        messages.error(request, _("This exercise is not part of this session. Nothing was changed."))
        return redirect("session", pk)
    row.session = found
    n = place_of(found, row)
    form = SetForm(request.POST, item=row, number=number)
    if not form.is_valid():
        messages.error(request, _("This set was not saved. Look at the figures below."))
        return show_screen(request, screen_for(found, n, now, form), status=422)
    if form.cleaned_data["done"] and is_live(found, now):
        day, today = found.local_date, found.client.local_date(now)
        if verdict := forbidden_items([row], gather(found.client, day, today), day, today).get(row.pk):
            messages.error(request, verdict.sentence)
            return to_step(found, n)
    try:
        record_set(row, number, form.entry(), key=form.cleaned_data["key"], now=now, device_time=form.moment)
    except NotInThisSession as error:
        messages.error(request, str(error))
    except KeyReused:
        messages.error(
            request, _("This set was saved before with other figures. Here is what stands recorded.")
        )
        return show_screen(request, screen_for(found, n, now), status=409)
    return to_step(found, n)


@client_required
@require_http_methods(READ_WRITE)
def session_skip(request: ClientRequest, pk: int, n: int) -> HttpResponse:
    """Leaves an exercise out, with the reason. It can be taken up again."""
    now = timezone.now()
    found = find_session(request, pk)
    if barred(found, now):
        return redirect("blocked")
    screen = screen_for(found, n, now)
    form = SkipForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            skip_exercise(screen, reason=form.cleaned_data["reason"], form=form, skipped=True, now=now)
        except KeyReused as error:
            messages.error(request, str(error))
        return redirect("session", pk)
    context = {"screen": screen, "form": form, "section": "today" if screen.live else "history"}
    return render(request, "clients/sessions/skip.html", context)


@client_required
@require_http_methods(READ_WRITE)
def session_unskip(request: ClientRequest, pk: int, n: int) -> HttpResponse:
    """Takes an exercise up again. Looked at, as after signing in again, it leads to the session."""
    now = timezone.now()
    found = find_session(request, pk)
    if request.method != "POST":
        return redirect("session", pk)
    if barred(found, now):
        return redirect("blocked")
    screen = screen_for(found, n, now)
    form = KeyedForm(request.POST)
    if all(state.forbidden for state in screen.states):
        messages.error(request, screen.forbidden)
    elif form.is_valid():
        try:
            skip_exercise(screen, reason="", form=form, skipped=False, now=now)
        except KeyReused as error:
            messages.error(request, str(error))
    return redirect("session_step", pk, n)


@transaction.atomic
def skip_exercise(screen: Screen, *, reason: str, form: KeyedForm, skipped: bool, now: datetime) -> None:
    """On every side that is not complete. Taking it up again keeps the reason that stood there."""
    for state in screen.states:
        if state.complete or (not skipped and (state.forbidden or not state.skipped)):
            continue
        kept = state.skip.reason if state.skip else SkipReason.OTHER
        record_skip(
            state.item,
            skipped=skipped,
            reason=reason or kept,
            key=f"{form.cleaned_data['key']}-{state.item.order}",
            now=now,
            device_time=form.moment,
        )


# ---- Something is wrong ------------------------------------------------------------------------------------------------


@client_required
@require_http_methods(READ_WRITE)
def session_wrong(request: ClientRequest, pk: int, n: int = 0) -> HttpResponse:
    """Four answers, one press each. `n` is the exercise that was being done; 0, or unknown: none in particular.

    Offered until the day after, for a session goes on over midnight. An answer that was given is heard whenever it comes.
    """
    now = timezone.now()
    found = find_session(request, pk)
    yesterday = found.client.local_date(now) - timedelta(days=1)
    if request.method != "POST" and found.local_date < yesterday:
        raise Http404
    exercises = state_of(found).exercises()
    item = exercises[n - 1][0].item if 1 <= n <= len(exercises) else None
    form = StopForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        event, block = stop(
            found, item, choice=form.cleaned_data["choice"], key=form.cleaned_data["key"], now=now
        )
        return redirect("blocked") if block else redirect("session_stopped", pk, event.pk)
    if request.method == "POST":
        messages.error(request, _("Please press one of the four answers."))
    choices = [(word, {"choice": value, "key": new_key()}) for value, word in StopEvent.Choice.choices]
    context = {"session": found, "n": n, "choices": choices, "section": "today"}
    return render(request, "clients/sessions/wrong.html", context)


@client_required
@require_safe
def session_stopped(request: ClientRequest, pk: int, event: int) -> HttpResponse:
    """The message that the answer leads to, with the ways on."""
    found = find_session(request, pk)
    stopped = get_object_or_404(StopEvent.objects.filter(session=found), pk=event)
    context = {
        "session": found,
        "title": localized(stopped.texts, "title"),
        "body": localized(stopped.texts, "body"),
        "live": is_live(found, timezone.now()),
        "section": "today",
    }
    return render(request, "clients/sessions/stopped.html", context)


# ---- Ending --------------------------------------------------------------------------------------------------------------


@client_required
@require_http_methods(READ_WRITE)
def session_end(request: ClientRequest, pk: int) -> HttpResponse:
    """Pain after, strongest pain, effort; then the session is over. Later the same page corrects them."""
    now = timezone.now()
    found = find_session(request, pk)
    if barred(found, now):
        return redirect("blocked")
    state = current_state(found, now)
    with_effort = any(not ExerciseKind(each.item.kind).is_release for each in state.items)
    live = is_live(found, now)
    form = EndForm(request.POST or None, with_effort=with_effort, correcting=not live, initial=state.readings)
    if request.method == "POST" and form.is_valid():
        try:
            end(found, state, form, now)
        except (KeyReused, SessionNotStarted) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return (
                redirect("today")
                if found.local_date == found.client.local_date(now)
                else redirect("session", pk)
            )
    context = {
        "session": found,
        "state": state,
        "form": form,
        "live": live,
        "open_exercises": [
            (n, group[0].item.name)
            for n, group in enumerate(state.exercises(), 1)
            if not all(each.settled for each in group)
        ],
        "section": "today",
    }
    return render(request, "clients/sessions/end.html", context)


@transaction.atomic
def end(session: TrainingSession, state: SessionState, form: EndForm, now: datetime) -> None:
    """Writes the readings that are new or different, and finishes. Raises KeyReused, SessionNotStarted."""
    for measure, value in form.readings().items():
        if state.readings.get(measure) != value:
            record_reading(
                session,
                measure,
                value,
                key=f"{form.cleaned_data['key']}-{measure}",
                now=now,
                device_time=form.moment,
            )
    if session.finished_at is None:
        finish_session(session, now=now)
