"""Who sees which picture or film of an exercise: the team those of their exercises, a client those of their plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from clients.doorbell import ring_for
from clients.models import AssignedStep, Assignment, OwnExercise, SessionItem, TrainingSession, User
from clients.ownership import visible_exercises
from routines.films import FILM, POSTER
from routines.media import LARGE, address
from routines.models import Exercise, ExerciseMedia, ExerciseMuscle


def file_for(user: User, token: str) -> ExerciseMedia | None:
    """What this file belongs to, when this person may see it; None for anybody else, as for no such file."""
    rows = ExerciseMedia.objects.filter(token=token, state=ExerciseMedia.State.READY).exclude(token="")
    exercises = Exercise.objects.filter(pk__in=rows.values("exercise"))
    if user.is_staff and visible_exercises(user, exercises).exists():
        return rows.first()
    return rows.first() if of_a_plan(user, exercises).exists() else None


def of_a_plan(user: User, exercises: QuerySet[Exercise]) -> QuerySet[Exercise]:
    """Those of the exercises that stand in a plan this person sees, or that may take the place of one that does."""
    steps = AssignedStep.objects.visible_to(user)
    items = SessionItem.objects.filter(session__in=TrainingSession.objects.visible_to(user).values("pk"))
    planned = Exercise.objects.filter(Q(pk__in=steps.values("exercise")) | Q(pk__in=items.values("exercise")))
    targets = ExerciseMuscle.objects.filter(role=ExerciseMuscle.Role.TARGET, exercise__in=planned)
    shared = ~Q(pk__in=OwnExercise.objects.values("exercise"))
    same_muscle = Q(
        muscles__role=ExerciseMuscle.Role.TARGET, muscles__muscle__in=targets.values("muscle")
    ) & Q(kind__in=planned.values("kind"))
    easier = Q(pk__in=planned.exclude(easier=None).values("easier"))
    return exercises.filter(Q(pk__in=planned.values("pk")) | shared & (easier | same_muscle)).distinct()


def is_given(row: ExerciseMedia) -> bool:
    """Whether somebody's plan or record keeps it, so that it must stay readable."""
    return any(
        kept.objects.filter(exercise=row.exercise_id)
        .annotate(told=Cast("as_was", TextField()))
        .filter(told__contains=row.token)
        .exists()
        for kept in (AssignedStep, SessionItem)
    )


def followed_by(user: User, exercise: Exercise) -> int:
    """How many people whom this person sees have the exercise in a running program."""
    running = Assignment.objects.running().visible_to(user)
    now = AssignedStep.objects.filter(
        exercise=exercise, valid_until__isnull=True, phase__assignment__in=running.values("pk")
    )
    return now.values("phase__assignment__client").distinct().count()


def ring() -> None:
    """Tell the worker that a film waits. When no one hears it, the next tick of the clock finds the row."""
    from clients.tasks import prepare_films  # noqa: PLC0415 -- the task looks for what waits here

    ring_for(prepare_films, waits="films")


# ---- What a client is shown beside the figure ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """One picture, film or link with its words."""

    kind: str
    alt: str
    large: str = ""
    film: str = ""
    poster: str = ""
    link: str = ""
    author: str = ""
    licence: str = ""
    is_more: bool = False  # than the first picture, which takes the place of the drawing

    @property
    def says_more(self) -> bool:
        """Whether there is anything to show of it beside the exercise."""
        return bool(
            self.is_more or self.film or self.kind == "link" or self.author or self.licence or self.link
        )


def shown_of(media: Sequence[Mapping[str, Any]]) -> list[Shown]:
    """What a plan keeps of an exercise's media, ready to be shown. A film may have been prepared since it was given."""
    late = [each["token"] for each in media if each["kind"] == "film" and each["state"] != "ready"]
    ready = (
        set(
            ExerciseMedia.objects.filter(token__in=late, state=ExerciseMedia.State.READY).values_list(
                "token", flat=True
            )
        )
        if late
        else set()
    )
    found: list[Shown] = []
    for each in media:
        if each["token"] in late and each["token"] not in ready:
            continue
        is_photo, is_film = each["kind"] == "photo", each["kind"] == "film"
        found.append(
            Shown(
                kind=each["kind"],
                alt=each["alt"],
                large=address(each["token"], LARGE) if is_photo else "",
                film=address(each["token"], FILM) if is_film else "",
                poster=address(each["token"], POSTER) if is_film else "",
                link=each["link"],
                author=each["author"],
                licence=each["licence"],
                is_more=is_photo and any(other.kind == "photo" for other in found),
            )
        )
    return [each for each in found if each.says_more]
