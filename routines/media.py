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
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from routines.films import FILM, MOST_BYTES, POSTER, FilmRefused, container_of, write_film
from routines.models import MOST_OF_A_KIND, Exercise, ExerciseMedia
from routines.pictures import PictureRefused, Written, write_anew

FOLDER = "exercises"
SMALL, LARGE, SENT = "small.webp", "large.webp", "sent"
# What is served, and as what: nothing else of a folder is ever sent to anybody
TYPES = {SMALL: "image/webp", LARGE: "image/webp", POSTER: "image/webp", FILM: "video/mp4"}
LEFT_ALONE = timedelta(days=1)  # a folder younger than this may still get its row
PATIENCE = timedelta(minutes=3)  # longer than writing a film may take
MOST_TRIES = 3
REFUSALS = {
    "unreadable": gettext_lazy("This is no film that can be read: MP4, WebM or MOV."),
    "long": gettext_lazy("The film is longer than a minute."),
    "large": gettext_lazy("The film is too large: at most 80 MB, and no larger a picture than 4K."),
    "slow": gettext_lazy("Reading the film took too long. A shorter or smaller one may do."),
}


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


def address(token: str, name: str) -> str:
    """Where a browser finds the file."""
    return f"{settings.MEDIA_URL}{token}/{name}"


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
    return add_written(
        exercise, write_anew(file), alt=alt, author=author, licence=licence, link=link, key=key
    )


def add_written(
    exercise: Exercise,
    written: Sequence[Written],
    *,
    alt: str = "",
    author: str = "",
    licence: str = "",
    link: str = "",
    key: uuid.UUID | None = None,
) -> ExerciseMedia:
    """The same with a picture that is written anew already. Raises TooManyOfAKind."""
    there = made_before(key)
    if there is not None:
        return there
    small, large = written
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


def add_film(
    exercise: Exercise,
    file: BinaryIO,
    *,
    alt: str = "",
    author: str = "",
    licence: str = "",
    link: str = "",
    key: uuid.UUID | None = None,
) -> ExerciseMedia:
    """Keeps the film as it was sent until `prepare_next_film` has written it anew; nobody is shown it before.

    Raises FilmRefused for another kind of file or one that is too large, TooManyOfAKind.
    """
    there = made_before(key)
    if there is not None:
        return there
    check_room(exercise, ExerciseMedia.Kind.FILM)
    head = file.read(16)
    container_of(head)
    token = uuid.uuid4().hex
    folder = folder_of(token)
    folder.mkdir(parents=True, mode=0o700)
    try:
        receive(head, file, folder / SENT)
    except Exception:
        remove_files([token])
        raise
    return put_last(
        ExerciseMedia(
            exercise=exercise,
            kind=ExerciseMedia.Kind.FILM,
            state=ExerciseMedia.State.WAITING,
            token=token,
            alt=(alt or exercise.name)[:200],
            author=author[:200],
            licence=licence[:200],
            link=link,
            key=key,
        )
    )


def receive(head: bytes, file: BinaryIO, into: Path) -> None:
    """Writes what is sent, up to the limit. Raises FilmRefused beyond it."""
    size = len(head)
    with into.open("xb") as kept:
        kept.write(head)
        while chunk := file.read(1024 * 1024):
            size += len(chunk)
            if size > MOST_BYTES:
                raise FilmRefused("large")
            kept.write(chunk)
        kept.flush()
        os.fsync(kept.fileno())
    settle(into.parent)


def add_link(
    exercise: Exercise,
    link: str,
    *,
    alt: str = "",
    author: str = "",
    licence: str = "",
    key: uuid.UUID | None = None,
) -> ExerciseMedia:
    """A film elsewhere, to be opened in a window of its own. Raises TooManyOfAKind."""
    there = made_before(key)
    if there is not None:
        return there
    return put_last(
        ExerciseMedia(
            exercise=exercise,
            kind=ExerciseMedia.Kind.LINK,
            alt=(alt or exercise.name)[:200],
            author=author[:200],
            licence=licence[:200],
            link=link,
            key=key,
        )
    )


@transaction.atomic
def copy_media(exercise: Exercise, copy: Exercise) -> None:
    """The copy shows what the exercise shows; the files are there once."""
    for row in ExerciseMedia.objects.shown().filter(exercise=exercise):
        row.pk, row.key, row.exercise = None, None, copy
        row.save(force_insert=True)


@transaction.atomic
def take_off(row: ExerciseMedia, *, given: bool, now: datetime) -> bool:
    """Takes it off its exercise; what was `given` to somebody stays readable for them. False when it was off before."""
    gone = ExerciseMedia.objects.shown().filter(pk=row.pk).update(order=None, removed_at=now)
    if not gone:
        return False
    for each in ExerciseMedia.objects.shown().filter(
        exercise=row.exercise, kind=row.kind, order__gt=row.order
    ):
        ExerciseMedia.objects.filter(pk=each.pk).update(order=F("order") - 1)
    if not given or row.kind == ExerciseMedia.Kind.LINK:
        ExerciseMedia.objects.filter(pk=row.pk).delete()
        transaction.on_commit(lambda: remove_files([row.token]))
    return True


@transaction.atomic
def move_up(row: ExerciseMedia) -> bool:
    """Trades places with the one before it. False where there is none, or where somebody moved them meanwhile."""
    rows = ExerciseMedia.objects.shown().filter(exercise=row.exercise, kind=row.kind)
    if not row.order or not rows.filter(pk=row.pk, order=row.order).update(order=None):
        return False
    rows.filter(order=row.order - 1).update(order=row.order)
    rows.filter(pk=row.pk).update(order=row.order - 1)
    return True


# ---- Films are prepared outside of the request ---------------------------------------------------------------------------


def prepare_next_film(now: datetime) -> bool:
    """Writes one waiting film anew, which somebody else does not work on. False when there is none.

    A film that broke its worker is tried again after a while, a few times.
    """
    row = claim(now)
    if row is None:
        return False
    prepare(row)
    return True


def claim(now: datetime) -> ExerciseMedia | None:
    """A film that nobody works on. From then on others leave it alone for a while."""
    waiting = ExerciseMedia.objects.filter(state=ExerciseMedia.State.WAITING)
    waiting.filter(tries__gte=MOST_TRIES, tried_at__lt=now - PATIENCE).update(
        state=ExerciseMedia.State.REFUSED, reason="unreadable"
    )
    free = waiting.filter(Q(tried_at=None) | Q(tried_at__lt=now - PATIENCE), tries__lt=MOST_TRIES)
    for row in free.order_by("made_at", "pk")[:10]:
        same = waiting.filter(token=row.token, tries=row.tries)  # with its copies
        if same.update(tries=F("tries") + 1, tried_at=now):
            return row
    return None


def prepare(row: ExerciseMedia) -> None:
    """Writes film and poster, or says why not; then what was sent goes."""
    folder = folder_of(row.token)
    rows = ExerciseMedia.objects.filter(token=row.token, state=ExerciseMedia.State.WAITING)
    try:
        film = write_film(folder / SENT, folder)
    except FilmRefused as error:
        rows.update(state=ExerciseMedia.State.REFUSED, reason=error.code)
    else:
        settle(folder)
        rows.update(
            state=ExerciseMedia.State.READY,
            width=film.width,
            height=film.height,
            seconds=film.seconds,
            size=film.size,
        )
    (folder / SENT).unlink(missing_ok=True)
    remove_files([row.token])
