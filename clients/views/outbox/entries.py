"""Each kind of entry through the form and the rule that its page uses, with the client's own key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clients.forms.outbox import Entry
from clients.forms.screening import BeforeSessionForm
from clients.forms.sessions import EndForm, KeyedForm, SetForm, SkipForm, StopForm
from clients.forms.telling import TightnessOfForm
from clients.models import (
    Client,
    Measure,
    SessionItem,
    SessionReading,
    SkipReason,
    StopEvent,
    TrainingSession,
)
from clients.recording import (
    KeyReused,
    NothingDue,
    NotInThisSession,
    SessionNotStarted,
    record_reading,
    record_set,
    record_skip,
    state_of,
    stop,
    verdict_on,
)
from clients.remembering import with_band
from clients.replaying import DayRefused, NoSuchSession, session_begun, start_later
from clients.safety import open_blocks
from clients.screening import answer, asked_of
from clients.telling import limb_asked, told_about
from clients.templatetags.dose import entry_words
from clients.tightness import record_tightness
from clients.views.sessions.ending import tell_all
from routines.models import ExerciseKind

Answer = dict[str, Any]


class FormRefused(ValueError):
    """The values cannot be taken; the text says why."""


REFUSALS = (DayRefused, FormRefused, NoSuchSession, NotInThisSession, NothingDue, SessionNotStarted)


def take_in(client: Client, entry: Entry, now: datetime) -> Answer:
    """Stored, with what it became; refused, with a sentence; or a conflict: this key said something else before."""
    try:
        return {"state": "stored", **KINDS[entry.kind](client, entry, now)}
    except KeyReused as error:
        return {"state": "conflict", "note": str(error)}
    except REFUSALS as error:
        return {"state": "refused", "note": str(error)}


def filled_in(form: Any) -> Any:
    """The form itself when it is valid. Raises FormRefused with its sentences."""
    if not form.is_valid():
        sentences = [str(error) for errors in form.errors.values() for error in errors]
        raise FormRefused(" ".join(dict.fromkeys(sentences)))
    return form


def data_of(entry: Entry) -> dict[str, str]:
    """What the form of the page would have sent."""
    told = entry.moment.isoformat() if entry.moment else ""
    return {**entry.what, "key": entry.key, "device_time": told}


# ---- Which session, which exercise ---------------------------------------------------------------------------------


def session_for(client: Client, entry: Entry, now: datetime) -> TrainingSession:
    """The client's own. Raises NoSuchSession."""
    ref = entry.session
    if not ref.pk:
        found = session_begun(client, key=ref.key, number=ref.number, started=ref.started, now=now)
    else:
        own = TrainingSession.objects.filter(client=client, pk=ref.pk).first()
        if own is None:
            raise NoSuchSession(_("This session is not there any more."))
        found = own
    found.client = client
    return found


def item_for(session: TrainingSession, entry: Entry) -> SessionItem:
    """Raises NotInThisSession."""
    ref = entry.item
    items = session.items.all()
    found = (
        items.filter(pk=ref.pk) if ref.pk else items.filter(exercise_id=ref.exercise, side=ref.side)
    ).first()
    if found is None:
        raise NotInThisSession(_("This exercise is not part of this session. Nothing was changed."))
    found.session = session
    return found


# ---- The kinds -----------------------------------------------------------------------------------------------------


def start(client: Client, entry: Entry, now: datetime) -> Answer:
    """The safety answers, then the session with the pain before it. A yes is stored, and blocks, and starts nothing."""
    moment = entry.moment or now
    asked = asked_of(client, entry.asked, entry.yes)
    told = dict.fromkeys(entry.yes, "on") if entry.yes else {"none": "1"}
    form = filled_in(BeforeSessionForm({**data_of(entry), **told}, asked=asked, areas=[]))
    day = client.local_date(min(moment, now))
    outcome = answer(
        client,
        asked,
        yes=form.yes,
        none=form.none,
        key=form.answer_key(day),
        now=now,
        answered_at=min(moment, now),
    )
    if entry.yes:
        note = _("Your answers are kept. Before you train, your therapist has to hear from you.")
        if outcome.block is None:
            note = _("Your answers are kept, and the plan is adapted to them.")
        return {"record": f"screening/{outcome.screening.pk}", "note": note}
    session = start_later(
        client,
        number=entry.session.number,
        key=entry.key,
        moment=moment,
        now=now,
        shown=entry.shown,
        screening=outcome.screening,
    )
    pain = form.cleaned_data["pain_before"]
    known = SessionReading.objects.filter(session=session, measure=Measure.PAIN_BEFORE).exists()
    if session.key == entry.key or not known:
        key = f"{entry.key}-before"
        record_reading(session, Measure.PAIN_BEFORE, pain, key=key, now=now, device_time=entry.moment)
    found: Answer = {"record": f"session/{session.pk}", "session": session.pk}
    if open_blocks(client):
        found["note"] = _(
            "What you did is recorded. Do not go on: your therapist has to hear from you first."
        )
    return found


def one_set(client: Client, entry: Entry, now: datetime) -> Answer:
    """One set as it was done; it says where the exercise must not be done any more by now."""
    session = session_for(client, entry, now)
    item = item_for(session, entry)
    banded = item.exercise_id in with_band([item.exercise_id])
    form = filled_in(SetForm(data_of(entry), item=item, number=entry.number, banded=banded))
    told = form.entry()
    row = record_set(item, entry.number, told, key=entry.key, now=now, device_time=entry.moment)
    found: Answer = {"record": f"set/{row.pk}", "told": entry_words(told, item.side)}
    if told.done and session.finished_at is None and (verdict := verdict_on(session, item, now)):
        found["note"] = _("This set is recorded. Do no more of it: %(why)s") % {"why": verdict.sentence}
    return found


def skip(client: Client, entry: Entry, now: datetime) -> Answer:
    form = filled_in(SkipForm(data_of(entry)))
    return leave(client, entry, now, skipped=True, reason=form.cleaned_data["reason"])


def unskip(client: Client, entry: Entry, now: datetime) -> Answer:
    filled_in(KeyedForm(data_of(entry)))
    return leave(client, entry, now, skipped=False, reason="")


@transaction.atomic
def leave(client: Client, entry: Entry, now: datetime, *, skipped: bool, reason: str) -> Answer:
    """The exercise on every side that is not complete: left out, or taken up again.

    What was too hard and is set aside for its easier version stays so, and what was stopped stays stopped: that goes
    before everything that arrives with it (`ORDER`).
    """
    session = session_for(client, entry, now)
    item = item_for(session, entry)
    record = f"session/{session.pk}"
    if StopEvent.objects.filter(session=session, item__exercise=item.exercise_id).exists():
        return {"record": record}
    for each in state_of(session).items:
        if each.item.exercise_id != item.exercise_id or each.set_aside or each.complete:
            continue
        if not (skipped or each.skipped):
            continue
        each.item.session = session
        row = record_skip(
            each.item,
            skipped=skipped,
            reason=reason or (each.skip.reason if each.skip else SkipReason.OTHER),
            key=f"{entry.key}-{each.item.order}",
            now=now,
            device_time=entry.moment,
        )
        record = f"skip/{row.pk}"
    return {"record": record}


def finish(client: Client, entry: Entry, now: datetime) -> Answer:
    """How it was, and the end."""
    session = session_for(client, entry, now)
    state = state_of(session)
    told = told_about([session])[session.pk]
    form = EndForm(
        data_of(entry),
        with_effort=any(not ExerciseKind(each.item.kind).is_release for each in state.items),
        with_limb=told.limb is not None or limb_asked(session),
        correcting=False,
    )
    tell_all(session, state, told, filled_in(form), now)
    return {"record": f"session/{session.pk}", "session": session.pk}


def stopped(client: Client, entry: Entry, now: datetime) -> Answer:
    """ "Something is wrong", heard whenever it comes."""
    session = session_for(client, entry, now)
    item = item_for(session, entry) if entry.item.pk or entry.item.exercise else None
    form = filled_in(StopForm(data_of(entry)))
    event, block = stop(session, item, choice=form.cleaned_data["choice"], key=entry.key, now=now)
    found: Answer = {"record": f"stop/{event.pk}"}
    if block is not None:
        found["note"] = _("Your therapist has been told. Do not train until the two of you have spoken.")
    return found


def tightness(client: Client, entry: Entry, now: datetime) -> Answer:
    """Of the muscle that the device asked about."""
    session = session_for(client, entry, now)
    form = filled_in(TightnessOfForm(data_of(entry)))
    told = form.cleaned_data
    row = record_tightness(
        session, form.site, told["when"], told["value"], key=entry.key, now=now, device_time=entry.moment
    )
    return {"record": f"tightness/{row.pk}"}


KINDS: dict[str, Callable[[Client, Entry, datetime], Answer]] = {
    "start": start,
    "set": one_set,
    "skip": skip,
    "unskip": unskip,
    "finish": finish,
    "stop": stopped,
    "tightness": tightness,
}
