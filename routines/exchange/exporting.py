"""Hands out exercises and programs in our own format (docs/exchange.md), which `own` reads again."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from routines.exchange.own import BASE_LANGUAGE, CATALOGUE_FILE, FORMAT, VERSION
from routines.media import LARGE, folder_of
from routines.models import Exercise, ExerciseMedia, ExerciseMuscle, ExerciseTag, ImportedExercise, Program
from routines.seeding.content import Content
from routines.seeding.kinds import KINDS

EXERCISES = next(kind for kind in KINDS if kind.model is Exercise)
PROGRAMS = next(kind for kind in KINDS if kind.model is Program)
PLAIN = ("name", "kind", "position", "needs_floor", "side_mode", "level", "cue", "basis", "author", "licence")
LISTS = ("cautions", "equipment", "sources")


def document(
    exercises: QuerySet[Exercise],
    programs: QuerySet[Program] | None = None,
    *,
    source: str,
    day: date,
    seen: QuerySet[Exercise] | None = None,
) -> tuple[dict[str, Any], dict[str, Path]]:
    """The document, and where the pictures that it names lie. The number of queries is fixed.

    With the programs go the exercises of their steps, those that are no longer offered too. A program with an exercise
    that is not among those `seen` stays here, and nothing that waits for review goes out.
    """
    designs = PROGRAMS.read() if programs is not None else {}
    read = (Exercise.objects.all() if seen is None else seen).filter(awaits_review=False)
    shown = set(read.values_list("slug", flat=True))
    wanted = [
        each
        for each in ([] if programs is None else programs.filter(awaits_review=False).order_by("slug"))
        if all(step["exercise"] in shown for step in steps_of(designs[each.slug].content))
    ]
    steps = {step["exercise"] for each in wanted for step in steps_of(designs[each.slug].content)}
    chosen = [
        *exercises.filter(awaits_review=False).order_by("slug"),
        *read.filter(slug__in=steps).exclude(pk__in=exercises.values("pk")).order_by("slug"),
    ]
    contents = EXERCISES.read()
    origins = {
        row.exercise_id: row
        for row in ImportedExercise.objects.filter(exercise__in=[each.pk for each in chosen])
    }
    files: dict[str, Path] = {}
    pictures = pictures_of(chosen, files)
    known = {each.slug for each in chosen}
    return {
        "format": FORMAT,
        "version": VERSION,
        "source": source,
        "made": day.isoformat(),
        "language": BASE_LANGUAGE,
        "exercises": [
            exercise_entry(
                each.slug, contents[each.slug].content, origins.get(each.pk), pictures.get(each.pk, []), known
            )
            for each in chosen
        ],
        "programs": [program_entry(each.slug, designs[each.slug].content) for each in wanted],
    }, files


def steps_of(design: Content) -> Iterable[Content]:
    return (step for phase in design.get("phases", []) for step in phase.get("steps", []))


def in_order(rows: Sequence[Content], role: str) -> list[str]:
    return [row["muscle"] for row in sorted(rows, key=lambda row: row["order"]) if row["role"] == role]


def dose_entry(values: Content) -> dict[str, Any]:
    tempo = None
    if "tempo_lift" in values:
        tempo = {part: values.get(f"tempo_{part}", 0) for part in ("lift", "hold", "lower")}
    names = ("sets", "reps", "hold_seconds", "rest_seconds", "per_day", "days_per_week")
    return {name: values[name] for name in names} | {"tempo": tempo}


def exercise_entry(
    slug: str,
    content: Content,
    origin: ImportedExercise | None,
    pictures: list[dict[str, str]],
    known: set[str],
) -> dict[str, Any]:
    muscles, tags = content.get("muscles", []), content.get("tags", [])
    entry = {
        "key": slug,
        **{name: content[name] for name in PLAIN if name in content},
        **{name: content.get(name, []) for name in LISTS},
        "dose": dose_entry(content),
        "target_muscles": in_order(muscles, ExerciseMuscle.Role.TARGET),
        "secondary_muscles": in_order(muscles, ExerciseMuscle.Role.SECONDARY),
        **{
            f"{rule}_if": sorted(tag["tag"] for tag in tags if tag["rule"] == rule)
            for rule in ExerciseTag.Rule.values
        },
        **{name: content.get(name) if content.get(name) in known else None for name in ("easier", "harder")},
        "translations": content.get("translations", {}),
        "pictures": pictures,
    }
    if origin is not None:
        entry |= {"link": origin.link, "credits": origin.credits, "words": origin.words}
    return entry


def program_entry(slug: str, content: Content) -> dict[str, Any]:
    names = ("name", "imbalance", "weeks_from", "weeks_to")
    return {
        "key": slug,
        **{name: content.get(name) for name in names},
        **{name: content.get(name, "") for name in ("notes", "warm_up")},
        "translations": content.get("translations", {}),
        "phases": [phase_entry(phase) for phase in content.get("phases", [])],
    }


def phase_entry(phase: Content) -> dict[str, Any]:
    return {
        **{name: phase.get(name) for name in ("kind", "name", "min_days", "review_by_day", "criteria")},
        "numbers": phase.get("numbers", {}),
        "tenderness_sites": phase.get("tenderness_sites", []),
        "translations": phase.get("translations", {}),
        "steps": [
            {
                "exercise": step["exercise"],
                "dose": dose_entry(step),
                "side": step["side"],
                "start_after_days": step["start_after_days"],
                "until_days": step.get("until_days"),
                "note": step.get("note", ""),
            }
            for step in phase.get("steps", [])
        ],
    }


def pictures_of(exercises: Sequence[Exercise], files: dict[str, Path]) -> dict[int, list[dict[str, str]]]:
    """The pictures of each exercise by their path in the zip; films stay here."""
    slugs = {each.pk: each.slug for each in exercises}
    found: dict[int, list[dict[str, str]]] = {}
    shown = ExerciseMedia.objects.shown().filter(exercise__in=slugs, kind=ExerciseMedia.Kind.PHOTO)
    for row in shown.order_by("exercise", "order"):
        path = f"pictures/{slugs[row.exercise_id]}/{row.order}.webp"
        there = folder_of(row.token) / LARGE
        if there.is_file():
            files[path] = there
            about = {"alt": row.alt, "author": row.author, "licence": row.licence, "link": row.link}
            found.setdefault(row.exercise_id, []).append({"file": path, **about})
    return found


def as_text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def as_zip(document: dict[str, Any], files: dict[str, Path]) -> BytesIO:
    """`catalogue.json` with the pictures beside it."""
    into = BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(CATALOGUE_FILE, as_text(document))
        for name, path in files.items():
            archive.writestr(zipfile.ZipInfo(name), path.read_bytes())  # pictures are small already
    into.seek(0)
    return into
