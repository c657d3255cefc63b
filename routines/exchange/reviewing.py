"""What becomes of an entry that came from elsewhere: offered once somebody has read it, or set aside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from routines.exchange.bringing import EXERCISES
from routines.exchange.comparing import deep, flat
from routines.media import check_room
from routines.models import (
    ConditionTag,
    Exercise,
    ExerciseMedia,
    ExerciseMuscle,
    ExerciseTag,
    ImportedExercise,
    ImportedPicture,
    ImportedProgram,
    Muscle,
    Program,
)
from routines.pictures import PictureRefused
from routines.seeding.content import Row, Writing

CHOSEN = ("name", "kind", "position", "needs_floor", "side_mode", "level", "cue")


class NotReady(Exception):
    """It cannot be offered like this; the text says what is missing."""


class AlreadyReviewed(Exception):
    """Somebody else has read it meanwhile."""

    def __str__(self) -> str:
        return _("Somebody has reviewed it meanwhile.")


def offer(
    imported: ImportedExercise,
    chosen: Mapping[str, Any],
    *,
    rules: Mapping[ConditionTag, str],
    none_forbids: bool = False,
    target: Muscle | None = None,
    now: datetime,
) -> None:
    """Offers the exercise as it was chosen, with these conditions: what each means for it, or the word that none does.

    Raises NotReady without a target muscle or a word on the conditions, AlreadyReviewed.
    """
    if bool(rules) == none_forbids:
        raise NotReady(_("Say which conditions speak against it, or that you looked and none does."))
    with transaction.atomic():
        values = {name: chosen[name] for name in CHOSEN}
        conclude(Exercise, imported.exercise_id, retired_at=None, **values)
        targets = ExerciseMuscle.objects.filter(
            exercise=imported.exercise_id, role=ExerciseMuscle.Role.TARGET
        )
        if not targets.exists():
            if target is None:
                raise NotReady(_("Choose the muscle that it is for."))
            ExerciseMuscle.objects.filter(exercise=imported.exercise_id, muscle=target).delete()
            ExerciseMuscle.objects.create(
                exercise_id=imported.exercise_id, muscle=target, role=ExerciseMuscle.Role.TARGET, order=1
            )
        ExerciseTag.objects.filter(exercise=imported.exercise_id).delete()
        ExerciseTag.objects.bulk_create(
            ExerciseTag(exercise_id=imported.exercise_id, tag=tag, rule=rule) for tag, rule in rules.items()
        )
        settled(ImportedExercise, imported.pk, now, undecided=[])


def set_aside(imported: ImportedExercise, *, now: datetime) -> None:
    """Not for this practice: it stays retired, and a newer release does not bring it back. Raises AlreadyReviewed."""
    with transaction.atomic():
        conclude(Exercise, imported.exercise_id)
        settled(ImportedExercise, imported.pk, now)


def offer_program(imported: ImportedProgram, *, now: datetime) -> None:
    """Offers the program. Raises NotReady while one of its exercises waits or is set aside, AlreadyReviewed."""
    with transaction.atomic():
        conclude(Program, imported.program_id, retired_at=None)
        waiting = Exercise.objects.filter(
            Q(awaits_review=True) | Q(retired_at__isnull=False), steps__phase__program=imported.program_id
        )
        if names := sorted({each.text("name") for each in waiting}):
            raise NotReady(_("Review its exercises first: %(names)s.") % {"names": ", ".join(names[:5])})
        settled(ImportedProgram, imported.pk, now)


def set_program_aside(imported: ImportedProgram, *, now: datetime) -> None:
    with transaction.atomic():
        conclude(Program, imported.program_id)
        settled(ImportedProgram, imported.pk, now)


def conclude(model: Any, pk: int, **values: Any) -> None:
    """Only the first of two who read it at the same time."""
    if not model.objects.filter(pk=pk, awaits_review=True).update(awaits_review=False, **values):
        raise AlreadyReviewed


def settled(model: Any, pk: int, now: datetime, **values: Any) -> None:
    model.objects.filter(pk=pk).update(reviewed_at=now, **values)


# ---- A newer release of an exercise that is offered already ----


def differences(imported: ImportedExercise) -> list[tuple[str, Any, Any]]:
    """Field, what stands here, what the newer release says."""
    here = flat(EXERCISES.read(imported.exercise.slug)[imported.exercise.slug].content)
    return [
        (name, here.get(name), said)
        for name, said in sorted(imported.coming.items())
        if here.get(name) != said
    ]


def take_over(imported: ImportedExercise, *, now: datetime) -> None:
    """Writes what the newer release says, and shows its pictures. Raises AlreadyReviewed."""
    with transaction.atomic():
        coming = imported.coming
        done_with(imported, now)
        slug = imported.exercise.slug
        row = EXERCISES.read(slug)[slug]
        writing = Writing()
        wanted = deep({**flat(row.content), **coming})
        if wanted != row.content:
            EXERCISES.write({}, {slug: (Row(row.pk, "", row.content), wanted)}, writing)
            Exercise.objects.filter(pk=row.pk).update(seed_hash=row.seed_hash)
        if row.content.get("tags") and not wanted.get("tags"):
            ImportedExercise.objects.filter(pk=imported.pk).update(undecided=["tags"])
        for picture in imported.pictures.filter(waiting=True, media__isnull=False).select_related("media"):
            show(imported.exercise, picture)
        imported.pictures.update(waiting=False)


def leave(imported: ImportedExercise, *, now: datetime) -> None:
    """Stays with what stands here. Raises AlreadyReviewed."""
    with transaction.atomic():
        done_with(imported, now)
        imported.pictures.update(waiting=False)


def done_with(imported: ImportedExercise, now: datetime) -> None:
    """What was read is what is decided: a release that came meanwhile waits on."""
    read = ImportedExercise.objects.filter(pk=imported.pk, digest=imported.digest).filter(
        ~Q(coming={}) | Q(pictures__waiting=True)
    )
    if not ImportedExercise.objects.filter(pk__in=read.values("pk")).update(coming={}, reviewed_at=now):
        raise AlreadyReviewed


def show(exercise: Exercise, picture: ImportedPicture) -> None:
    """In the first free place; where there is none, it stays off."""
    try:
        order = check_room(exercise, ExerciseMedia.Kind.PHOTO)
    except PictureRefused:
        return
    ExerciseMedia.objects.filter(pk__in=[picture.media_id]).update(removed_at=None, order=order)


def with_news() -> Q:
    """Exercises that are offered, of which a newer release says something else."""
    return Q(exercise__retired_at__isnull=True) & (~Q(coming={}) | Q(pictures__waiting=True))
