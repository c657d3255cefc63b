"""What the device keeps to train without a network: the plans of today and the next six days, as the player shows them.

With each exercise what stands beside it: why, the marked spot, the client's own note. The client's name is not in it; those
of the therapist and the practice are, with the numbers to call. The device deletes it after seven days, and at sign-out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clients.access import ClientRequest, client_required
from clients.context import responsible_name
from clients.forms.sessions import LOADED
from clients.models import (
    AssignedStep,
    Client,
    LimbAnswer,
    Practice,
    SessionItem,
    SetRecord,
    Side,
    StopEvent,
    TenderSpot,
    TrainingSession,
)
from clients.planning import DayPlan, PlanFacts, PlannedItem, gather, plan
from clients.recording import (
    GOES_ON,
    STOP_MESSAGES,
    SessionState,
    sessions_at,
    states_of,
    with_verdicts,
)
from clients.remembering import done_lately, entry_of, last_time, notes_on, with_band
from clients.replaying import sign_shown
from clients.safety import open_blocks
from clients.screening import before_session, screening_open_on
from clients.spots import marked_words, spots_of
from clients.telling import Site, limb_asked, limb_patterns
from clients.templatetags.dose import kind_in_full, kind_phase, tempo_words
from clients.tightness import Opening, sites_of, tightness_told
from clients.views.sessions.screen import CHANGE_SIDES, SetWindow, each_once, entry_before, needs_words
from routines.figures import files
from routines.models import ExerciseKind, Message, dose_columns
from routines.wording import dose_line

DAYS = 7  # today and the next six
FORM = 3  # of the plan: the page that reads it takes no other


@client_required
@require_safe
def outbox_plan(request: ClientRequest) -> JsonResponse:
    """Kept by the device at each visit of Today."""
    return JsonResponse(kept_plan(request.person, request.practice, timezone.now()))


@dataclass(frozen=True)
class Known:
    """What every session of the plan needs: the sets done lately, what is done with a band, which patterns ask for a limb,
    whose tightness is asked, and by exercise the marked spot and the client's own note."""

    rows: list[SetRecord]
    banded: frozenset[int]
    patterns: set[int]
    sites: dict[Opening, Site]
    spots: dict[int, list[TenderSpot]]
    notes: dict[int, str]

    def site_of(self, opens: Opening | None) -> Site | None:
        return None if opens is None else self.sites.get(opens)


def kept_plan(client: Client, practice: Practice | None, now: datetime) -> dict[str, Any]:
    today = client.local_date(now)
    days = [today + timedelta(days=n) for n in range(DAYS)]
    facts = gather(client, today - timedelta(days=1), days[-1])
    states = states_of(sessions_at(client, now))
    begun = {(state.session.local_date, state.session.number) for state in states}
    blocks = open_blocks(client)
    going = [] if blocks else [each for each in states if not each.session.finished_at]
    open_days = screening_open_on(client, days)
    plans = [] if blocks else [plan(facts, day) for day in days if day not in open_days]
    exercises = {item.exercise_id for each in plans for item in each.items}
    exercises |= {each.item.exercise_id for state in going for each in state.items}
    followed = {each.assignment.imbalance_id for each in facts.assignments}
    openings = [opening_of(each, number, facts) for each in plans for number in range(1, each.goes + 1)]
    known = Known(
        done_lately(client, exercises),
        with_band(exercises),
        limb_patterns(pk for pk in followed if pk),
        sites_of([each for each in openings if each]),
        spots_of(client, exercises),
        notes_on(client, exercises),
    )
    return {
        "form": FORM,
        "account": str(client.user_id),
        "made_at": now.isoformat(),
        "zone": str(client.zone_info),
        "goes_on": int(GOES_ON.total_seconds()),
        "blocked": [{"title": b.title, "body": b.body} for b in blocks],
        "asks": today in open_days,
        "contact": contact(practice, responsible_name(client)),
        "questions": questions(client),
        "stops": stop_messages(),
        "numb": {"value": LimbAnswer.Direction.NEW_NUMB, **message_words("urgent")},
        "days": [
            {"day": each.day.isoformat(), "sessions": to_begin(client, each, begun, facts, known)}
            for each in plans
        ],
        "open": [going_on(each, facts, known, now) for each in going],
    }


def contact(practice: Practice | None, therapist: str) -> dict[str, str]:
    if practice is None:
        return {"name": therapist, "phone": "", "emergency": ""}
    name = ", ".join(filter(None, [therapist, practice.name]))
    return {"name": name, "phone": practice.phone, "emergency": practice.emergency_number}


def questions(client: Client) -> dict[str, Any]:
    """The list before a session, each question with what a yes shows at once; only a yes that blocks has a message."""
    asked = before_session(client)
    messages = {
        each.pk: each for each in Message.objects.filter(pk__in={q.message_id for q in asked.questions})
    }
    return {
        "title": asked.checklist.text("title"),
        "intro": asked.checklist.text("intro"),
        "none": asked.checklist.text("none_label"),
        "items": [
            {
                "slug": each.slug,
                "item": each.text("item"),
                "title": messages[each.message_id].text("title"),
                "body": messages[each.message_id].text("body"),
            }
            for each in asked.questions
        ],
    }


def stop_messages() -> dict[str, dict[str, str]]:
    """What each answer to "Something is wrong" shows."""
    messages = {each.slug: each for each in Message.objects.filter(slug__in=set(STOP_MESSAGES.values()))}
    return {
        str(choice): {"title": messages[slug].text("title"), "body": messages[slug].text("body")}
        for choice, slug in STOP_MESSAGES.items()
        if slug in messages and choice in StopEvent.Choice.values
    }


def message_words(slug: str) -> dict[str, str]:
    message = Message.objects.get(slug=slug)
    return {"title": message.text("title"), "body": message.text("body")}


def to_begin(
    client: Client, day: DayPlan, begun: set[Any], facts: PlanFacts, known: Known
) -> list[dict[str, Any]]:
    """The sessions of the day that nobody has begun."""
    return [
        {
            "number": number,
            "warm_up": day.warm_up,
            "shown": sign_shown(client, day, number),
            "limb": any(asks_limb(each, facts, known) for each in day.for_go(number)),
            "tightness": tightness_words(known.site_of(opening_of(day, number, facts)), {}),
            "items": [
                item_words(
                    as_item(each),
                    TrainingSession(client=client, local_date=day.day, number=number),
                    known,
                    [step.why for step in each.steps],
                )
                for each in day.for_go(number)
            ],
        }
        for number in range(1, min(day.goes, 3) + 1)
        if (day.day, number) not in begun
    ]


def asks_limb(planned: PlannedItem, facts: PlanFacts, known: Known) -> bool:
    """Whether it belongs to a program for a pattern whose symptoms go into a leg or arm."""
    served = {step.phase_id for step in planned.steps}
    return any(
        each.assignment.imbalance_id in known.patterns and served & each.phases.keys()
        for each in facts.assignments
    )


def opening_of(day: DayPlan, number: int, facts: PlanFacts) -> Opening | None:
    """What the session would open its release with; None where it has none."""
    first = next((each for each in day.for_go(number) if each.kind.is_release), None)
    if first is None:
        return None
    step = min(first.steps, key=lambda each: each.pk)
    whose = next(each for each in facts.assignments if step.phase_id in each.phases)
    return Opening.of(first.exercise_id, first.side, whose.phases[step.phase_id], whose.assignment.side)


def tightness_words(site: Site | None, told: Mapping[str, int]) -> dict[str, Any] | None:
    """The muscle that is asked about, and what was told of it so far."""
    if site is None:
        return None
    return {"muscle": site.muscle.slug, "side": site.side, "name": site.name, **told}


def as_item(planned: PlannedItem) -> SessionItem:
    """What a session would freeze, not saved."""
    return SessionItem(
        **dose_columns(planned.dose),
        exercise_id=planned.exercise_id,
        as_was=planned.as_was,
        kind=planned.step.kind,
        side_mode=planned.side_mode,
        side=planned.side,
        note=planned.note,
    )


def going_on(state: SessionState, facts: PlanFacts, known: Known, now: datetime) -> dict[str, Any]:
    """A session that is being done, to go on with: what stands recorded, without what must not be done by now."""
    session = state.session
    now_allowed = with_verdicts(state, session.client.local_date(now), facts)
    served = AssignedStep.objects.filter(served_by__item__session=session).order_by("pk")
    whys: dict[int, list[Mapping[str, Any]]] = {}
    for item, why in served.values_list("served_by__item", "why"):
        whys.setdefault(item, []).append(why)
    offered = now_allowed.offered()
    places = {each.item.pk: n for n, group in enumerate(state.exercises(), 1) for each in group}
    return {
        "id": session.pk,
        "day": session.local_date.isoformat(),
        "number": session.number,
        "warm_up": session.warm_up,
        "limb": limb_asked(session),
        "recorded": not offered or any(each.done or each.skipped for each in state.items),
        "tightness": tightness_words(*tightness_told(session)),
        "items": [
            item_words(each.item, session, known, whys.get(each.item.pk, ()), each.sets)
            | {
                "id": each.item.pk,
                "screen": places[each.item.pk],
                "done": sorted(number for number, row in each.sets.items() if row.done),
                "skipped": each.skipped,
            }
            for each in offered
        ],
    }


def item_words(
    item: SessionItem,
    session: TrainingSession,
    known: Known,
    whys: Iterable[Mapping[str, Any]],
    recorded: Mapping[int, SetRecord] | None = None,
) -> dict[str, Any]:
    """One exercise on one side as the page without a network shows it. Seconds, whole repetitions.

    `each` has its sets: filled in as in the player, or as they were `recorded`.
    """
    last = last_time(session, item, known.rows)
    sets = [
        SetWindow(
            item,
            number,
            entry_of(recorded[number])
            if recorded and number in recorded
            else entry_before(item, number, last, known.banded),
        )
        for number in range(1, item.sets + 1)
    ]
    return {
        "exercise": item.exercise_id,
        "side": item.side,
        "side_words": sets[0].side,
        "short": sets[0].short,
        "name": item.name,
        "cue": item.cue,
        "note": item.note,
        "why": each_once(whys),
        "spot": marked_words(
            each for each in known.spots.get(item.exercise_id, ()) if each.side in (item.side, Side.NONE)
        ),
        "own_note": known.notes.get(item.exercise_id, ""),
        "needs": needs_words(item),
        "cautions": item.cautions,
        "kind": kind_in_full(item.kind),
        "phase": kind_phase(item.kind),
        "release": ExerciseKind(item.kind).is_release,
        "loaded": item.kind in LOADED,
        "banded": item.exercise_id in known.banded,
        "dose": dose_line(item.dose, item.side_mode, item.side),
        "tempo": sets[0].tempo,
        "tempo_words": tempo_words(item.dose),
        "alternating": sets[0].alternating,
        "rest": item.rest_seconds,
        "change": CHANGE_SIDES,
        "sets": item.sets,
        "each": [set_words(each) for each in sets],
        "picture": drawn_inline(item),
    }


def drawn_inline(item: SessionItem) -> str:
    """Its figure as part of the plan: a file could be out of reach when it is needed."""
    name = files.figure_for(item.as_was.get("slug", ""), item.as_was.get("position", ""))
    return files.inline(name, phase=files.phase_for(item.kind), side=item.side)


def set_words(row: SetWindow) -> dict[str, Any]:
    load = row.entry.load_kg
    return {
        "told": row.told,
        "reps": row.entry.reps,
        "seconds": row.entry.seconds,
        "load_kg": None if load is None else str(load),
        "band": row.entry.band,
        "hold": row.hold,
        "turns": row.turns,
        "window": row.seconds,
    }
