"""Our own format: what `exporting` writes and docs/exchange.md describes, read again."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from routines.exchange.drafting import Sketch, drafted, safe_link
from routines.exchange.files import MOST_ROWS, Bundle, Marks, Refused, parsed
from routines.exchange.incoming import (
    LONGEST_CAUTION,
    LONGEST_CREDIT,
    LONGEST_CUE,
    LONGEST_KEY,
    LONGEST_LINK,
    LONGEST_NAME,
    LONGEST_TEXT,
    Collection,
    Incoming,
    IncomingPicture,
    IncomingProgram,
    RefusedEntry,
    Unknown,
)
from routines.exchange.known import Known, looked_up
from routines.models import (
    Basis,
    Dose,
    ExerciseKind,
    PhaseKind,
    Position,
    SideMode,
    StepSide,
    dose_columns,
)
from routines.models.programs import MOST_PHASES, MOST_STEPS
from routines.pictures import MOST_BYTES as MOST_OF_A_PICTURE
from routines.seeding.content import Content, content
from routines.seeding.rules import DOSE
from routines.seeding.schema import (
    Check,
    Problems,
    flag,
    many,
    mapping_of,
    maybe,
    number,
    one_of,
    record,
    slug,
    text,
    whole,
)

FORMAT = "train-and-massage catalogue"
VERSION = 1
CATALOGUE_FILE = "catalogue.json"
BASE_LANGUAGE = "en"


def words(longest: int) -> Check:
    """Text that may be empty."""
    filled = text(longest)

    def check(value: Any, path: str, problems: Problems) -> None:
        if value != "":
            filled(value, path, problems)

    return check


language = text(20)
key = text(LONGEST_KEY)
cautions = many(text(LONGEST_CAUTION), repeated=True)
credit = {"author": words(LONGEST_CREDIT), "licence": words(LONGEST_CREDIT), "link": words(LONGEST_LINK)}
dose = record(DOSE)

EXERCISE = record(
    {
        "key": key,
        "name": text(LONGEST_NAME),
        "kind": one_of(ExerciseKind.values),
        "position": one_of(Position.values),
        "side_mode": one_of(SideMode.values),
        "cue": text(LONGEST_CUE),
        "target_muscles": many(slug),
        "licence": text(LONGEST_CREDIT),
    },
    {
        "secondary_muscles": many(slug),
        "equipment": many(slug),
        "needs_floor": flag,
        "level": whole(1, 5),
        "dose": dose,
        "cautions": cautions,
        "avoid_if": many(slug),
        "care_if": many(slug),
        "easier": maybe(key),
        "harder": maybe(key),
        "basis": one_of(Basis.values),
        "sources": many(text(200), repeated=True),
        "author": words(LONGEST_CREDIT),
        "link": words(LONGEST_LINK),
        "translations": mapping_of(
            language, record({}, {"name": text(LONGEST_NAME), "cue": text(LONGEST_CUE), "cautions": cautions})
        ),
        "words": mapping_of(language, text(LONGEST_TEXT)),
        "credits": many(record({"language": words(20)}, credit)),
        "pictures": many(record({"file": text(300)}, {"alt": words(200), **credit})),
    },
)

day = whole(0, 730)
STEP = record(
    {"exercise": key},
    {
        "dose": dose,
        "side": one_of(StepSide.values),
        "start_after_days": day,
        "until_days": maybe(whole(1, 730)),
        "note": words(300),
    },
)
PHASE = record(
    {
        "kind": one_of(PhaseKind.values),
        "name": text(120),
        "steps": many(STEP, repeated=True),
    },
    {
        "min_days": day,
        "review_by_day": day,
        "criteria": maybe(slug),
        "tenderness_sites": many(slug),
        "numbers": mapping_of(
            slug,
            lambda value, path, problems: (
                None if isinstance(value, bool) else number(0, 730)(value, path, problems)
            ),
        ),
        "translations": mapping_of(language, record({}, {"name": text(120)})),
    },
)
PROGRAM = record(
    {"key": key, "name": text(160), "phases": many(PHASE, repeated=True)},
    {
        "imbalance": maybe(slug),
        "weeks_from": maybe(whole(1, 104)),
        "weeks_to": maybe(whole(1, 104)),
        "notes": words(LONGEST_TEXT),
        "warm_up": words(200),
        "translations": mapping_of(
            language, record({}, {"name": text(160), "notes": text(LONGEST_TEXT), "warm_up": text(200)})
        ),
    },
)


def fits(bundle: Bundle) -> bool:
    return catalogue_file(bundle) is not None


def catalogue_file(bundle: Bundle) -> str | None:
    """`catalogue.json` of a zip or a folder, or a single JSON file that names the format."""
    named = bundle.named(CATALOGUE_FILE)
    if not named and len(bundle.paths) == 1:
        named = [path for path in bundle.paths if FORMAT.encode() in bundle.read(path)]
    return named[0] if len(named) == 1 else None


def read(bundle: Bundle, known: Known, source: str) -> Collection:
    path = catalogue_file(bundle) or ""
    data = parsed(bundle.read(path), path, Marks())
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise Refused(_("This is no exercise collection in a shape that can be read here."))
    if data.get("version") != VERSION:
        raise Refused(_("It is of another version of the format than %(version)d.") % {"version": VERSION})
    named = data.get("source")
    collection = Collection("own", source or (slugify(named)[:80] if isinstance(named, str) else ""))
    exercises, programs = listed(data, "exercises"), listed(data, "programs")
    above = path.removesuffix(PurePosixPath(path).name)
    for entry in exercises:
        found = exercise(entry, bundle, above, known)
        if isinstance(found, Incoming):
            collection.exercises.append(found)
            collection.texts.update([BASE_LANGUAGE, *found.content.get("translations", {})])
        else:
            collection.refused.append(found)
    for entry in programs:
        design = program(entry, known)
        if isinstance(design, IncomingProgram):
            collection.programs.append(design)
        else:
            collection.refused.append(design)
    return collection


def listed(data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = data.get(name, [])
    if not isinstance(rows, list) or not all(
        isinstance(row, dict) and isinstance(row.get("key"), str) for row in rows
    ):
        raise Refused(_("“%(name)s” is no list of entries with a key each.") % {"name": name})
    if len(rows) > MOST_ROWS:
        raise Refused(_("There are more than %(most)d entries in it.") % {"most": MOST_ROWS})
    return rows


def wrong(entry: dict[str, Any], check: Check) -> RefusedEntry | None:
    problems: Problems = []
    check(entry, "", problems)
    if not problems:
        return None
    why = _("It is not as the format says: %(problem)s") % {"problem": problems[0]}
    return RefusedEntry(entry["key"][:LONGEST_KEY], str(entry.get("name", ""))[:LONGEST_NAME], why)


def dose_of(values: dict[str, Any]) -> dict[str, int | None]:
    tempo = values["tempo"]
    lifted = (tempo["lift"], tempo["hold"], tempo["lower"]) if tempo else None
    return dose_columns(
        Dose(tempo=lifted, **{name: value for name, value in values.items() if name != "tempo"})
    )


def exercise(entry: dict[str, Any], bundle: Bundle, above: str, known: Known) -> Incoming | RefusedEntry:
    if refusal := wrong(entry, EXERCISE):
        return refusal
    targets, unknown = looked_up(entry["target_muscles"], known.muscles, "muscle")
    secondary, more = looked_up(entry.get("secondary_muscles", []), known.muscles, "muscle")
    unknown += more
    equipment, more = looked_up(entry.get("equipment", []), known.equipment, "equipment")
    unknown += more
    conditions = {slug: slug for slug in known.conditions}
    avoid, more = looked_up(entry.get("avoid_if", []), conditions, "condition")
    unknown += more
    care, more = looked_up(entry.get("care_if", []), conditions, "condition")
    unknown += more
    said = {name: entry[name] for name in ("kind", "position", "side_mode", "cue", "licence")}
    plain = ("cautions", "basis", "sources", "translations", "credits", "easier", "harder", "author", "link")
    return drafted(
        Sketch(
            key=entry["key"],
            name=entry["name"],
            text=entry["cue"],
            level=entry.get("level", 1),
            floor=entry.get("needs_floor", False),
            targets=targets,
            secondary=secondary,
            equipment=equipment,
            avoid_if=avoid,
            care_if=care,
            dose=dose_of(entry["dose"]) if "dose" in entry else None,
            unknown=unknown,
            words=entry.get("words", {}),
            pictures=[picture(each, bundle, above) for each in entry.get("pictures", [])],
            **said,
            **{name: entry[name] for name in plain if name in entry},
        ),
        known,
    )


def picture(entry: dict[str, Any], bundle: Bundle, above: str) -> IncomingPicture:
    path = f"{above}{entry['file']}"
    about = {name: entry.get(name, "") for name in ("alt", "author", "licence")}
    about["link"] = safe_link(entry.get("link", ""))
    if path not in bundle.readers:
        return IncomingPicture(entry["file"][:200], None, **about)

    def reader() -> bytes:
        return bundle.readers[path](MOST_OF_A_PICTURE + 1)

    return IncomingPicture(entry["file"][:200], reader, hashlib.sha256(reader()).hexdigest(), **about)


def program(entry: dict[str, Any], known: Known) -> IncomingProgram | RefusedEntry:
    """With the exercises by their keys; refused where it names what this catalogue does not have."""
    if refusal := wrong(entry, PROGRAM):
        return refusal
    problem = missing_in(entry, known)
    if problem:
        return RefusedEntry(entry["key"], entry["name"][:LONGEST_NAME], problem)
    return IncomingProgram(
        entry["key"],
        content(
            **{
                name: entry.get(name)
                for name in ("name", "imbalance", "weeks_from", "weeks_to", "notes", "warm_up")
            },
            translations=entry.get("translations"),
            phases=[phase_content(phase, known) for phase in entry["phases"]],
        ),
    )


def missing_in(entry: dict[str, Any], known: Known) -> str:
    phases = entry["phases"]
    first, last = entry.get("weeks_from"), entry.get("weeks_to")
    if (first is None) != (last is None) or (first is not None and first > last):
        return _("Its weeks do not begin with the smaller number.")
    if len(phases) > MOST_PHASES or any(len(phase["steps"]) > MOST_STEPS for phase in phases):
        return _("It has too many phases or steps.")
    names = [
        *(
            Unknown("imbalance", name)
            for name in [entry.get("imbalance")]
            if name and name not in known.imbalances
        ),
        *(
            Unknown("rule", name)
            for phase in phases
            if (name := phase.get("criteria")) and name not in known.rules
        ),
        *(
            Unknown("muscle", name)
            for phase in phases
            for name in phase.get("tenderness_sites", [])
            if name not in known.muscles
        ),
    ]
    if names:
        return _("It names what this catalogue does not have: %(words)s.") % {
            "words": ", ".join(dict.fromkeys(each.word for each in names))
        }
    for phase in phases:
        if phase.get("review_by_day", 21) < phase.get("min_days", 7):
            return _("The review cannot come before the days that the phase lasts at least.")
        for step in phase["steps"]:
            until = step.get("until_days")
            if until is not None and until <= step.get("start_after_days", 0):
                return _("The last day must come after the first.")
    return ""


def phase_content(phase: dict[str, Any], known: Known) -> Content:
    return content(
        kind=phase["kind"],
        name=phase["name"],
        min_days=phase.get("min_days", 7),
        review_by_day=phase.get("review_by_day", 21),
        numbers=phase.get("numbers"),
        translations=phase.get("translations"),
        criteria=phase.get("criteria"),
        tenderness_sites=phase.get("tenderness_sites", []),
        steps=[step_content(step) for step in phase["steps"]],
    )


def step_content(step: dict[str, Any]) -> Content:
    """Without a dose of its own a step takes the usual one of its exercise, once that is known."""
    return content(
        exercise=step["exercise"],
        **(dose_of(step["dose"]) if "dose" in step else {}),
        side=step.get("side", StepSide.BY_COMPLAINT.value),
        start_after_days=step.get("start_after_days", 0),
        until_days=step.get("until_days"),
        note=step.get("note"),
    )
