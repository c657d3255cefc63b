"""Tiny collections in the shapes of the large ones, each as the bytes of a zip."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import Any

from PIL import Image

from routines.exchange import Collection, known, read, uploaded

UNLICENSE = "This is free and unencumbered software released into the public domain."


def packed(files: dict[str, bytes | str]) -> bytes:
    into = BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return into.getvalue()


def photo(colour: str = "red") -> bytes:
    into = BytesIO()
    Image.new("RGB", (64, 48), colour).save(into, "JPEG")
    return into.getvalue()


def read_bytes(content: bytes, name: str = "collection.zip", source: str = "") -> Collection:
    return read(uploaded(BytesIO(content), name), known(), source)


# ---- One file for each exercise ----


def open_entry(**changes: Any) -> dict[str, Any]:
    entry = {
        "id": "bird-dog", "name": "Arm and Leg Reach", "aliases": [], "family": "core", "variantGroup": None,
        "modality": "strength", "level": "beginner", "mechanic": "compound", "force": "static",
        "equipment": "body only", "primaryMuscles": ["glutes"], "secondaryMuscles": ["abdominals"],
        "measurementType": "reps", "laterality": "unilateral",
        "instructions": ["Begin on all fours.", "Extend one arm and the opposite leg."],
        "images": [], "video": None,
    }  # fmt: skip
    return {**entry, **changes}


def open_files(*entries: dict[str, Any], **more: bytes | str) -> dict[str, bytes | str]:
    return {
        "db/LICENSE": UNLICENSE,
        "db/vocab/muscles.json": '["glutes"]',
        **{f"db/exercises/{entry['id']}.json": json.dumps(entry) for entry in entries},
        **{f"db/images/{name.replace('__', '/')}.jpg": content for name, content in more.items()},
    }


def open_zip(*entries: dict[str, Any], **more: bytes | str) -> bytes:
    return packed(open_files(*(entries or (open_entry(),)), **more))


# ---- Fixtures joined by key ----


def record(model: str, pk: int, **fields: Any) -> dict[str, Any]:
    return {"model": model, "pk": pk, "fields": fields}


def wger_records(**changes: Any) -> dict[str, list[dict[str, Any]]]:
    """One exercise with an English and a German text; a list is replaced by naming it."""
    files = {
        "exercises/exercise-base-data": [
            record(
                "exercises.exercise", 9, uuid="1b020b3a", license=2, license_author="Ada", category=10, muscles=[8],
                muscles_secondary=[6, 13], equipment=[7, 1], license_object_url="",
            ),
        ],
        "exercises/translations": [
            record(
                "exercises.translation", 1, exercise=9, language=2, license=2, license_author="", name="Crunch",
                description="<p>Lie on your back &amp; lift.</p><script>alert(1)</script><ul><li>Slowly.</li></ul>",
            ),
            record(
                "exercises.translation", 2, exercise=9, language=1, license=3, license_author="Bernd", name="Rumpfbeuge",
                description="<p>Auf den Rücken legen.</p>",
            ),
            record("exercises.exercisecomment", 1, translation=1, comment="Keep the neck long"),
            record("exercises.alias", 1, translation=1, alias="Curl-up"),
        ],
        "exercises/muscles": [
            record("exercises.muscle", 6, name="Rectus abdominis", name_en="Abs"),
            record("exercises.muscle", 8, name="Gluteus maximus", name_en="Glutes"),
            record("exercises.muscle", 13, name="Brachialis", name_en=""),
        ],
        "exercises/categories": [
            record("exercises.exercisecategory", 10, name="Abs"), record("exercises.exercisecategory", 15, name="Cardio"),
        ],
        "exercises/equipment": [
            record("exercises.equipment", 7, name="none (bodyweight exercise)"), record("exercises.equipment", 1, name="Barbell"),
        ],
        "core/licenses": [
            record("core.license", 2, short_name="CC-BY-SA 4"), record("core.license", 3, short_name="CC0"),
        ],
        "core/languages": [
            record("core.language", 1, short_name="de"), record("core.language", 2, short_name="en"),
        ],
    }  # fmt: skip
    return files | changes


def wger_zip(**changes: Any) -> bytes:
    return packed({f"{name}.json": json.dumps(rows) for name, rows in wger_records(**changes).items()})


# ---- A table ----

TABLE = (
    "key,name,text,kind,targets,position,sides,level,licence,author,link,name_de,text_de\n"
    'a1,Wall slide,"Stand at a wall, slide the arms up.",strengthen,lower_trapezius|serratus_anterior,'
    "standing,both_together,1,CC BY 4.0,Ada,https://example.org/a1,Wandgleiten,An der Wand hochgleiten.\n"
)
