"""Evidence made by hand, with the numbers of the shipped catalogue: these tests use no database."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import yaml

from clients.models import PhaseTransition
from clients.numbers import Numbers
from clients.progression.decide import Rules
from clients.progression.facts import Evidence, Item, Morning, Session
from routines.seeding import DEFAULT_PATH

TODAY = date(2026, 3, 31)
PROGRAM, PHASE = 7, 70


def day(ago):
    return TODAY - timedelta(days=ago)


@cache
def rules():
    return yaml.safe_load(DEFAULT_PATH.read_text())["progression_rules"]


def numbers(slug, **own):
    """The numbers of a rule as the catalogue ships them, with these of the client's own."""
    return Numbers(slug, {"rule": rules()[slug], "client": own})


RULES = Rules(
    step_back=numbers("step_back"),
    reduce_dose=numbers("reduce_dose"),
    pause_strengthening=numbers("pause_strengthening"),
    stop_and_refer=numbers("stop_and_refer"),
)


def make(gate="release_to_strengthen", own=None, **fields):
    """A program on day 10 of a phase in which nothing was told yet."""
    kind = {"release": "release", "strengthen": "strengthen", "integrate": "integrate"}[gate.split("_")[0]]
    values = {
        "today": TODAY,
        "program": PROGRAM,
        "phase": PHASE,
        "phase_kind": kind,
        "phase_started": day(10),
        "phase_day": 10,
        "first_phase_on": day(10) if kind == "release" else day(60),
        "has_earlier": kind != "release",
        "has_next": True,
        "paused": False,
        "numbers": numbers(gate, **(own or {})),
        "zones": numbers("session_pain_zones"),
        "mornings_rule": numbers("next_morning"),
        "baseline_rule": numbers("baseline"),
        **fields,
    }
    return Evidence(**values)


def session(ago, key=None, *, loading=False, done=1, asked=1, full=True, **fields):
    """One session so many days ago with one exercise; pain and effort as told."""
    item = Item(loading=loading, asked=asked, done=done, full_dose=full, programs=frozenset({PROGRAM}))
    items = (
        (item, Item(loading=False, asked=1, done=1, programs=frozenset({PROGRAM}))) if loading else (item,)
    )
    values = {"worst": 2, "before": 2, "programs": frozenset({PROGRAM}), **fields}
    return Session(key=key or 1000 - ago, day=day(ago), items=items, **values)


def fine(*ago, word="fine"):
    """The mornings after the sessions of these days ago."""
    return {day(each): Morning(word) for each in ago}


def diary(**values):
    """Pain by days ago: diary(d3=2) is a 2 three days ago."""
    return {day(int(key[1:])): value for key, value in values.items()}


def row(kind, ago=0, phase=PHASE, pk=1, event="", **said):
    """A row of a decision, as standing reads it."""
    made = PhaseTransition(
        pk=pk, kind=kind, from_phase_id=phase, local_date=day(ago), event=event, numbers=said
    )
    if kind in ("started", "advanced", "stepped_back"):
        made.to_phase_id = phase
    return made


def criterion(evidence, slug):
    """The one criterion of this name."""
    from clients.progression.criteria import gate  # noqa: PLC0415 -- the module under test

    (found,) = [each for each in gate(evidence) if each.slug == slug]
    return found


__all__ = ["PHASE", "PROGRAM", "RULES", "TODAY", "Morning", "replace"]
