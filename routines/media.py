"""Pictures and films of exercises: the only writer of their rows and of their files.

A folder with a random name holds what belongs to a row; copies of an exercise share it. Files are written whole before
their row, and removed after the last row that names them: what a crash leaves behind is a folder without a row, which
`sweep` finds.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from routines.models import MOST_OF_A_KIND, Exercise, ExerciseMedia
from routines.pictures import PictureRefused, write_anew

FOLDER = "exercises"
SMALL, LARGE = "small.webp", "large.webp"
LEFT_ALONE = timedelta(days=1)  # a folder younger than this may still get its row


class TooManyOfAKind(PictureRefused):
    """The exercise has as many pictures, or films, as it may have."""


# ---- Files -----------------------------------------------------------------------------------------------------------


def root() -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER


def folder_of(token: str) -> Path:
    """The folder with the files of this token; spread over 256, so that no folder becomes endless."""
    return root() / token[:2] / token


def keep(token: str, files: Mapping[str, bytes]) -> None:
    """Writes the files so that after a crash each is there whole or not at all."""
    folder = folder_of(token)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in files.items():
        beside = folder / f".{uuid.uuid4().hex}"
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / name)
    for each in (folder, folder.parent):
        settle(each)


def settle(folder: Path) -> None:
    """The names in the folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_files(tokens: Iterable[str]) -> None:
    """Removes the folders that no row names any more."""
    unused = set(filter(None, tokens))
    unused -= set(ExerciseMedia.objects.filter(token__in=unused).values_list("token", flat=True))
    for token in unused:
        shutil.rmtree(folder_of(token), ignore_errors=True)


def sweep(seconds: float | None = None) -> int:
    """Removes folders without a row that are older than a day; says how many."""
    before = (time.time() if seconds is None else seconds) - LEFT_ALONE.total_seconds()
    old = {path.name: path for path in root().glob("??/*") if path.stat().st_mtime < before}
    known = set(ExerciseMedia.objects.exclude(token="").values_list("token", flat=True))
    found = [path for name, path in old.items() if name not in known]
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
    return len(found)


# ---- Rows ------------------------------------------------------------------------------------------------------------


def add_photo(
    exercise: Exercise,
    file: BinaryIO,
    *,
    alt: str = "",
    author: str = "",
    licence: str = "",
    link: str = "",
    key: uuid.UUID | None = None,
) -> ExerciseMedia:
    """Writes the picture anew and puts it behind those that the exercise has; the same `key` makes one row.

    Raises PictureRefused; TooManyOfAKind, which is one, when there are four.
    """
    there = made_before(key)
    if there is not None:
        return there
    check_room(exercise, ExerciseMedia.Kind.PHOTO)
    small, large = write_anew(file)
    row = ExerciseMedia(
        exercise=exercise,
        kind=ExerciseMedia.Kind.PHOTO,
        token=uuid.uuid4().hex,
        width=large.width,
        height=large.height,
        size=len(small.content) + len(large.content),
        alt=(alt or exercise.name)[:200],
        author=author[:200],
        licence=licence[:200],
        link=link,
        key=key,
    )
    keep(row.token, {SMALL: small.content, LARGE: large.content})
    return put_last(row)


def made_before(key: uuid.UUID | None) -> ExerciseMedia | None:
    return ExerciseMedia.objects.filter(key=key).first() if key else None


def check_room(exercise: Exercise, kind: str) -> int:
    """The first free place. Raises TooManyOfAKind."""
    taken = set(
        ExerciseMedia.objects.shown().filter(exercise=exercise, kind=kind).values_list("order", flat=True)
    )
    free = next((place for place in range(MOST_OF_A_KIND) if place not in taken), None)
    if free is None:
        words = _("An exercise has at most %(number)s of them. Take one off first.")
        raise TooManyOfAKind(words % {"number": MOST_OF_A_KIND})
    return free


def put_last(row: ExerciseMedia) -> ExerciseMedia:
    """Saves the row in the first free place, which somebody may take at the same moment; without a row no files stay."""
    try:
        while True:
            row.order = check_room(row.exercise, row.kind)
            try:
                with transaction.atomic():
                    row.save(force_insert=True)
            except IntegrityError:
                there = made_before(row.key)
                if there is not None:
                    remove_files([row.token])
                    return there
                if not ExerciseMedia.objects.filter(
                    exercise=row.exercise, kind=row.kind, order=row.order
                ).exists():
                    raise
                row.pk = None
            else:
                return row
    except Exception:
        remove_files([row.token])
        raise
