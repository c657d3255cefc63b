"""Own exercises: seen by their therapist and the owner, found by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client as Web
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.demo import builders
from clients.demo.builders import NOW, SCIATICA
from clients.models import Client, OwnExercise, OwnProgram, TemplateUpdate, User
from clients.ownership import keep_exercise, keep_program
from routines.composing import copy_exercise, copy_program
from routines.models import Exercise, Program
from routines.tagging import set_tags

ADD = "admin:routines_exercise_add"
LIST = "admin:routines_exercise_changelist"


def form(**fields: str) -> dict[str, str]:
    empty = {
        f"{prefix}-{name}": value
        for prefix in ("muscles", "tags")
        for name, value in (("TOTAL_FORMS", "0"), ("INITIAL_FORMS", "0"))
    }
    return {
        "name": "Adam's own bridge", "kind": "strengthen", "cue": "Lift slowly.", "position": "supine",
        "side_mode": "both_together", "level": "1", "sets": "2", "reps": "10", "hold_seconds": "0",
        "rest_seconds": "30", "per_day": "1", "days_per_week": "3", "basis": "convention", "author": "practice",
        "licence": "own text", "whose": "practice", **empty, **fields,
    }  # fmt: skip


@pytest.fixture
def own(web_as: Callable[..., Web], adam: User) -> Exercise:
    answer = web_as(adam).post(reverse(ADD), form(whose="mine"))
    assert answer.status_code == 302, answer.context["errors"]
    return Exercise.objects.get(name="Adam's own bridge")


def test_new_exercise_belongs_to_the_practice(web_as: Callable[..., Web], adam: User, berta: User) -> None:
    web_as(adam).post(reverse(ADD), form())

    assert not OwnExercise.objects.exists()
    assert (
        "own bridge"
        in web_as(berta).get(reverse(LIST), {"q": "own bridge"}).content.decode().split("result_list")[1]
    )


def test_own_exercise_is_seen_by_its_therapist_and_the_owner(
    web_as: Callable[..., Web], adam: User, berta: User, owner: User, own: Exercise
) -> None:
    change = reverse("admin:routines_exercise_change", args=[own.pk])

    assert OwnExercise.objects.get().therapist == adam
    assert [web_as(user).get(change).status_code for user in (adam, owner)] == [200, 200]
    assert web_as(berta).get(change).status_code == 302  # Django's "does not exist"
    assert "own bridge" not in web_as(berta).get(reverse(LIST)).content.decode()


def test_own_exercise_is_no_choice_of_others(
    web_as: Callable[..., Web], adam: User, berta: User, own: Exercise
) -> None:
    bridge = reverse("admin:routines_exercise_change", args=[Exercise.objects.get(slug="bridge").pk])

    offered = [
        web_as(user).get(bridge).context["adminform"].form.fields["easier"].choices for user in (adam, berta)
    ]

    assert [(own.pk, own.name) in choices for choices in offered] == [True, False]


def change(exercise: Exercise, **fields: str) -> dict[str, str]:
    return form(name=exercise.name, **fields)


def test_copy_of_somebody_alone_stands_among_the_figures_for_who_sees_it(
    web_as: Callable[..., Web], adam: User, berta: User
) -> None:
    copy = copy_exercise(Exercise.objects.get(slug="clam"))
    keep_exercise(copy, adam, now=NOW)
    Exercise.objects.filter(pk=copy.pk).update(name="CANARY clam")

    mine, others = (
        web_as(user).get(reverse("admin:routines_exercise_figures")).content.decode()
        for user in (adam, berta)
    )

    assert "CANARY clam" in mine
    assert "CANARY clam" not in others


def test_own_exercise_can_be_shared(web_as: Callable[..., Web], adam: User, own: Exercise) -> None:
    url = reverse("admin:routines_exercise_change", args=[own.pk])
    web = web_as(adam)

    kept = web.post(url, change(own, whose="mine"))
    assert (kept.status_code, OwnExercise.objects.count()) == (302, 1)
    web.post(url, change(own, whose="practice"))

    assert not OwnExercise.objects.exists()


def test_exercise_of_the_practice_cannot_be_taken(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    web.post(reverse(ADD), form())
    exercise = Exercise.objects.get(name="Adam's own bridge")
    url = reverse("admin:routines_exercise_change", args=[exercise.pk])

    page = web.get(url).content.decode()
    web.post(url, change(exercise, whose="mine"))

    assert "Who uses it?" not in page
    assert not OwnExercise.objects.exists()


def test_owner_keeps_whose_it_is(web_as: Callable[..., Web], adam: User, owner: User, own: Exercise) -> None:
    web_as(owner).post(
        reverse("admin:routines_exercise_change", args=[own.pk]), change(own, whose="mine", cue="Slower.")
    )

    kept: Any = OwnExercise.objects.get()
    assert (kept.therapist, kept.exercise.cue) == (adam, "Slower.")


@pytest.mark.parametrize("link", ["easier", "harder"])
def test_version_that_is_hidden_stays_when_somebody_else_saves(
    web_as: Callable[..., Web], adam: User, berta: User, own: Exercise, link: str
) -> None:
    web_as(adam).post(reverse(ADD), form(name="Bridge on a ball"))
    shared = Exercise.objects.get(name="Bridge on a ball")
    Exercise.objects.filter(pk=shared.pk).update(**{link: own})
    url = reverse("admin:routines_exercise_change", args=[shared.pk])
    web = web_as(berta)

    assert not web.get(url).context["adminform"].form[link].value()
    web.post(url, change(shared, cue="Slower."))
    shared.refresh_from_db()
    assert (getattr(shared, link), shared.cue) == (own, "Slower.")

    other = Exercise.objects.get(slug="bridge")
    web.post(url, change(shared, **{link: str(other.pk)}))
    shared.refresh_from_db()
    assert getattr(shared, link) == other

    web.post(url, change(shared, **{link: ""}))
    shared.refresh_from_db()
    assert getattr(shared, link) is None


def test_own_program_is_deleted_by_its_therapist(web_as: Callable[..., Web], adam: User) -> None:
    program = copy_program(Program.objects.get(slug="program_knee_valgus"))
    OwnProgram.objects.create(program=program, therapist=adam)

    web_as(adam).post(reverse("admin:routines_program_delete", args=[program.pk]), {"post": "yes"})

    assert not OwnProgram.objects.exists()
    assert not Program.objects.filter(pk=program.pk).exists()


# ---- Tags, whose, and a changed program ------------------------------------------------------------------------------


def test_list_is_narrowed_to_own_programs_and_says_whose_they_are(
    web_as: Callable[..., Web], adam: User, berta: User
) -> None:
    mine, hers = Program.objects.all()[:2]
    keep_program(mine, adam, now=NOW)
    keep_program(hers, berta, now=NOW)
    url = reverse("admin:routines_program_changelist")
    web = web_as(adam)

    def rows(**query: str) -> set[Program]:
        return set(web.get(url, query).context["cl"].result_list)

    assert rows(whose="mine") == {mine}
    assert not rows(whose="practice") & {mine, hers}
    assert hers not in rows()
    assert rows(whose="everybody") == rows()


def test_tags_filter_the_list_and_those_of_a_colleague_s_own_program_stay_theirs(
    web_as: Callable[..., Web], adam: User, berta: User
) -> None:
    shared, hers = Program.objects.all()[:2]
    keep_program(hers, berta, now=NOW)
    set_tags(shared, ["Runners"])
    set_tags(hers, ["CANARY"])
    url = reverse("admin:routines_program_changelist")
    web = web_as(adam)
    tag = shared.tags.get()

    page = web.get(url, {"tag": str(tag.pk)})

    assert list(page.context["cl"].result_list) == [shared]
    assert "Runners" in page.content.decode()
    assert "CANARY" not in page.content.decode()
    assert list(web.get(url, {"q": "runn"}).context["cl"].result_list) == [shared]
    for odd in ("a\0b", "9" * 40, "x"):
        assert web.get(url, {"tag": odd}).status_code < 500


def test_page_of_a_program_reads_nobodys_plan(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    builders.assign(ana)
    program = Program.objects.get(slug=SCIATICA)
    program.phases.first().steps.update(rest_seconds=77)
    url = reverse("admin:routines_program_builder", args=[program.pk])
    with CaptureQueriesContext(connection) as queries:
        web_as(adam).get(url)

    assert not [each for each in queries if 'FROM "clients_assignedstep"' in each["sql"]]


def test_plan_of_before_versions_were_kept_counts_once_the_program_was_saved_after_it(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.assign(ana)
    TemplateUpdate.objects.all().delete()
    program = Program.objects.get(slug=SCIATICA)
    url = reverse("admin:routines_program_builder", args=[program.pk])
    web = web_as(adam)
    assert web.get(url).context["followers"] == 0

    entry = LogEntry.objects.create(
        user=adam,
        content_type=ContentType.objects.get_for_model(Program),
        object_id=str(program.pk),
        object_repr="",
        action_flag=CHANGE,
    )
    LogEntry.objects.filter(pk=entry.pk).update(action_time=NOW + timedelta(days=1))
    assert web.get(url).context["followers"] == 1


def test_changed_program_says_how_many_follow_an_earlier_version(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, carla: Client
) -> None:
    for client in (ana, carla):
        builders.assign(client)
    program = Program.objects.get(slug=SCIATICA)
    url = reverse("admin:routines_program_builder", args=[program.pk])
    assert "earlier version" not in web_as(adam).get(url).content.decode()

    program.phases.first().steps.update(rest_seconds=77)

    assert web_as(adam).get(url).context["followers"] == 1
    assert "1 person follows an earlier version" in web_as(adam).get(url).content.decode()
