"""Whose own programs and exercises are whose. A row without an owner belongs to the whole practice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from clients.models import OwnExercise, OwnProgram, Role, User
from routines.models import Exercise, Program

PRACTICE, MINE = "practice", "mine"


def visible_programs(user: Any, programs: QuerySet[Program] | None = None) -> QuerySet[Program]:
    """The practice's programs and the user's own; the owner sees all."""
    found = Program.objects.all() if programs is None else programs
    if user.role == Role.OWNER:
        return found
    others = OwnProgram.objects.exclude(therapist=user).values("program")
    return found.exclude(pk__in=others)


def visible_exercises(user: Any, exercises: QuerySet[Exercise] | None = None) -> QuerySet[Exercise]:
    """The practice's exercises and the user's own; the owner sees all."""
    found = Exercise.objects.all() if exercises is None else exercises
    if user.role == Role.OWNER:
        return found
    others = OwnExercise.objects.exclude(therapist=user).values("exercise")
    return found.exclude(pk__in=others)


def whose_programs(programs: QuerySet[Program], whose: str, user: Any) -> QuerySet[Program]:
    """Of these, those of the whole practice, or the user's own ("mine")."""
    if whose == MINE:
        return programs.filter(pk__in=OwnProgram.objects.filter(therapist=user).values("program"))
    return programs.exclude(pk__in=OwnProgram.objects.values("program"))


def own_of(user: Any, programs: Iterable[Program]) -> dict[int, bool]:
    """Of these programs, those that somebody keeps to themselves, and whether that is this user."""
    rows = OwnProgram.objects.filter(program__in=[program.pk for program in programs])
    return {program: therapist == user.pk for program, therapist in rows.values_list("program", "therapist")}


def keep_program(program: Program, therapist: User, *, now: datetime) -> None:
    """Only this therapist, and the owner of the practice, see the program from now on."""
    OwnProgram.objects.get_or_create(program=program, defaults={"therapist": therapist, "since": now})


def keep_exercise(exercise: Exercise, therapist: User, *, now: datetime) -> None:
    """Only this therapist, and the owner of the practice, see the exercise from now on."""
    OwnExercise.objects.get_or_create(exercise=exercise, defaults={"therapist": therapist, "since": now})


def share_program(program: Program) -> None:
    """The program belongs to the whole practice from now on."""
    OwnProgram.objects.filter(program=program).delete()


def share_exercise(exercise: Exercise) -> None:
    """The exercise belongs to the whole practice from now on."""
    OwnExercise.objects.filter(exercise=exercise).delete()
