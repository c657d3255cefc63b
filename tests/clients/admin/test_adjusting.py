"""This client's own copy: every change has a reason, yesterday keeps its plan."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Web
from django.urls import reverse

from clients.casefile import decisions
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    AssignmentPause,
    Client,
    OwnExercise,
    PhaseTransition,
    User,
)
from routines.models import Exercise

pytestmark = pytest.mark.usefixtures("clock")
TODAY = date(2026, 3, 10)
BALL = "smr_buttock_ball_wall"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def assignment(ana: Client, adam: User) -> Assignment:
    return builders.assign(ana, by=adam, start_date=None, now=NOW)


@pytest.fixture
def step(assignment: Assignment) -> AssignedStep:
    return AssignedStep.objects.get(phase__assignment=assignment, phase__order=0, exercise__slug=BALL)


def decision(assignment: Assignment, act: str) -> str:
    return reverse("admin:client_assignment", args=[assignment.client_id, assignment.pk, act])


def decide(web: Web, assignment: Assignment, act: str, **data: str) -> Any:
    """Opens the page, and sends what a browser would."""
    page = web.get(decision(assignment, act))
    to = page.context["to"] if page.status_code == 200 else None
    sent = {"to": str(to.pk)} if to else {}
    return web.post(decision(assignment, act), {"reason": "The spots are calm.", **sent, **data})


def phases(assignment: Assignment) -> list[str]:
    return list(AssignedPhase.objects.filter(assignment=assignment).values_list("state", flat=True))


# ---- Between phases -------------------------------------------------------------------------------------------------


def test_moving_on_leaves_a_row_that_says_who_when_and_why(
    web_as: Callable[..., Web], adam: User, ana: Client, assignment: Assignment
) -> None:
    answer = decide(web_as(adam), assignment, "forward")

    row = PhaseTransition.objects.get(kind=PhaseTransition.Kind.ADVANCED)
    assert answer["Location"] == reverse("admin:client", args=[ana.pk])
    assert (row.by, row.at, row.local_date, row.reason) == (adam, NOW, TODAY, "The spots are calm.")
    assert phases(assignment) == ["done", "active", "locked", "locked"]


def test_stepping_back_opens_the_phase_before(
    web_as: Callable[..., Web], adam: User, assignment: Assignment
) -> None:
    web = web_as(adam)
    decide(web, assignment, "forward")

    decide(web, assignment, "back")

    assert phases(assignment) == ["active", "locked", "locked", "locked"]


@pytest.mark.parametrize(("act", "here", "kind"), [("forward", 0, "advanced"), ("back", 2, "stepped_back")])
def test_move_sent_twice_moves_one_phase(
    web_as: Callable[..., Web], adam: User, assignment: Assignment, act: str, here: int, kind: str
) -> None:
    web = web_as(adam)
    for _phase in range(here):
        decide(web, assignment, "forward")
    html = web.get(decision(assignment, act)).content.decode()
    [to] = re.findall(r'name="to" value="(\d+)"', html)

    first, second = (
        web.post(decision(assignment, act), {"reason": "The spots are calm.", "to": to}) for _press in "12"
    )

    assert (first.status_code, second.status_code) == (302, 422)
    assert "moved in the meantime" in second.content.decode()
    assert phases(assignment) == ["done", "active", "locked", "locked"]
    assert PhaseTransition.objects.filter(kind=kind).count() == 1


@pytest.mark.parametrize("act", ["forward", "back", "pause", "end"])
def test_no_decision_without_a_reason(
    web_as: Callable[..., Web], adam: User, assignment: Assignment, act: str
) -> None:
    answer = decide(web_as(adam), assignment, act, reason="  ")

    assert answer.status_code == 422
    assert "reason" in answer.context["form"].errors
    assert PhaseTransition.objects.count() == 1  # the start


def test_there_is_nothing_before_the_first_phase(
    web_as: Callable[..., Web], adam: User, assignment: Assignment
) -> None:
    answer = decide(web_as(adam), assignment, "back")

    assert answer.status_code == 422
    assert "no such phase" in answer.content.decode()


def test_question_names_the_next_phase(
    web_as: Callable[..., Web], adam: User, ana: Client, assignment: Assignment
) -> None:
    page = web_as(adam).get(reverse("admin:client_assignment", args=[ana.pk, assignment.pk, "forward"]))

    assert "Wake up the buttock muscles" in page.content.decode()


# ---- Rest, and the end ----------------------------------------------------------------------------------------------


def test_pause_until_a_day(web_as: Callable[..., Web], adam: User, assignment: Assignment) -> None:
    decide(web_as(adam), assignment, "pause", until="2026-03-20")

    pause = AssignmentPause.objects.get()
    assert (pause.since, pause.until, pause.by) == (TODAY, date(2026, 3, 20), adam)


@pytest.mark.parametrize("until", ["2026-03-09", "tomorrow"])
def test_pause_that_cannot_be_is_said_beside_the_field(
    web_as: Callable[..., Web], adam: User, assignment: Assignment, until: str
) -> None:
    answer = decide(web_as(adam), assignment, "pause", until=until)

    assert answer.status_code == 422
    assert "until" in answer.context["form"].errors
    assert not AssignmentPause.objects.exists()


def test_second_pause_and_second_resume_are_answered_with_a_sentence(
    web_as: Callable[..., Web], adam: User, assignment: Assignment
) -> None:
    web = web_as(adam)
    decide(web, assignment, "pause")

    paused_twice = decide(web, assignment, "pause")
    decide(web, assignment, "resume")
    resumed_twice = decide(web, assignment, "resume")

    assert "paused already" in paused_twice.content.decode()
    assert "not paused" in resumed_twice.content.decode()
    assert AssignmentPause.objects.count() == 0


def test_end_keeps_the_records(web_as: Callable[..., Web], adam: User, assignment: Assignment) -> None:
    web = web_as(adam)
    decide(web, assignment, "end")
    again = decide(web, assignment, "end")

    assignment.refresh_from_db()
    assert assignment.ended_on == TODAY
    assert again.status_code == 422
    assert "has ended" in again.content.decode()
    assert AssignedStep.objects.filter(phase__assignment=assignment).exists()


def test_unknown_act_does_not_exist(web_as: Callable[..., Web], adam: User, assignment: Assignment) -> None:
    assert decide(web_as(adam), assignment, "delete").status_code == 404


def test_foreign_program_is_not_reached_through_an_own_client(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, carla: Client
) -> None:
    foreign = builders.assign(carla, by=berta)

    url = reverse("admin:client_assignment", args=[ana.pk, foreign.pk, "end"])
    answer = web_as(adam).post(url, {"reason": "Forged."})

    assert answer.status_code == 404
    foreign.refresh_from_db()
    assert foreign.ended_on is None


# ---- A step ---------------------------------------------------------------------------------------------------------


def dose(step: AssignedStep, **fields: Any) -> dict[str, Any]:
    names = (
        "sets",
        "reps",
        "hold_seconds",
        "tempo_lift",
        "tempo_hold",
        "tempo_lower",
        "rest_seconds",
        "per_day",
    )
    values = {name: getattr(step, name) for name in (*names, "days_per_week")}
    data: dict[str, Any] = {name: "" if value is None else str(value) for name, value in values.items()}
    return {
        **data, "side": step.side, "weekdays": list(step.weekdays), "note": step.note,
        "reason": "Too little.", **fields,
    }  # fmt: skip


def change(web: Web, step: AssignedStep, **fields: Any) -> Any:
    url = reverse("admin:client_step", args=[step.phase.assignment.client_id, step.pk])
    return web.post(url, dose(step, **fields))


def test_changed_step_is_a_new_version_from_today(
    web_as: Callable[..., Web], adam: User, assignment: Assignment, step: AssignedStep
) -> None:
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        answer = change(web_as(adam), step, sets="3", side="both", note="Softly.")

    step.refresh_from_db()
    new = AssignedStep.objects.get(replaces=step)
    assert answer.status_code == 302
    assert (step.sets, step.valid_until) == (2, TODAY + timedelta(days=3))
    assert (new.sets, new.side, new.note, new.valid_from) == (3, "both", "Softly.", TODAY + timedelta(days=3))
    assert (new.changed_by, new.change_reason, new.weekdays) == (adam, "Too little.", step.weekdays)


def test_other_days_a_week_lay_the_days_out_anew(
    web_as: Callable[..., Web], adam: User, step: AssignedStep
) -> None:
    change(web_as(adam), step, days_per_week="3")

    assert AssignedStep.objects.get(replaces=step).weekdays == "135"


def test_chosen_days_are_kept(web_as: Callable[..., Web], adam: User, step: AssignedStep) -> None:
    change(web_as(adam), step, days_per_week="2", weekdays=["6", "2"])

    assert AssignedStep.objects.get(replaces=step).weekdays == "26"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"sets": "0"}, "sets"),
        ({"sets": "21"}, "sets"),
        ({"hold_seconds": "-1"}, "hold_seconds"),
        ({"per_day": "4"}, "per_day"),
        ({"days_per_week": "8"}, "days_per_week"),
        ({"tempo_lift": "2"}, "tempo_hold"),
        ({"side": "up"}, "side"),
        ({"weekdays": ["1", "2"]}, "weekdays"),
        ({"weekdays": ["9"]}, "weekdays"),
        ({"reason": ""}, "reason"),
        ({"note": "x" * 301}, "note"),
    ],
)
def test_wrong_number_is_said_beside_it_and_changes_nothing(
    web_as: Callable[..., Web], adam: User, step: AssignedStep, wrong: dict[str, Any], field: str
) -> None:
    answer = change(web_as(adam), step, **wrong)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not AssignedStep.objects.filter(replaces=step).exists()


def test_days_that_would_follow_yesterday_are_refused_beside_them_and_kept_in_the_form(
    web_as: Callable[..., Web], adam: User, assignment: Assignment
) -> None:
    builders.advance(assignment, now=NOW)  # on Tuesday
    clam = AssignedStep.objects.get(phase__assignment=assignment, phase__order=1, exercise__slug="clam")

    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        answer = change(web_as(adam), clam, weekdays=["2", "4", "6"], note="Softly.")

    form = answer.context["form"]
    assert answer.status_code == 422
    said = (
        "Strengthening needs a day of rest in between: now it would come on Wednesday and on Thursday. "
        "Choose other days, or move to these on Sunday."
    )
    assert form.errors["weekdays"] == [said]
    assert said in answer.content.decode()
    assert (form["weekdays"].value(), form["note"].value()) == (["2", "4", "6"], "Softly.")
    assert not AssignedStep.objects.filter(replaces=clam).exists()


def test_old_version_leads_to_the_plan_as_it_is(
    web_as: Callable[..., Web], adam: User, ana: Client, step: AssignedStep
) -> None:
    web = web_as(adam)
    change(web, step, sets="3")

    answer = change(web, step, sets="4")

    assert answer["Location"] == reverse("admin:client", args=[ana.pk])
    assert not AssignedStep.objects.filter(sets=4).exists()


def test_step_of_an_ended_program_is_history(
    web_as: Callable[..., Web], adam: User, assignment: Assignment, step: AssignedStep
) -> None:
    web = web_as(adam)
    decide(web, assignment, "end")

    assert change(web, step, sets="3").status_code == 302
    assert not AssignedStep.objects.filter(replaces=step).exists()


def test_side_of_an_exercise_without_sides_is_not_asked(
    web_as: Callable[..., Web], adam: User, ana: Client, assignment: Assignment
) -> None:
    step = AssignedStep.objects.filter(phase__assignment=assignment, side_mode="both_together").first()
    assert step is not None

    page = web_as(adam).get(reverse("admin:client_step", args=[ana.pk, step.pk]))

    assert page.context["form"]["side"].is_hidden


def test_step_taken_out_is_no_longer_due_and_stays_in_the_record(
    web_as: Callable[..., Web], adam: User, ana: Client, step: AssignedStep
) -> None:
    url = reverse("admin:client_step_remove", args=[ana.pk, step.pk])
    web = web_as(adam)

    refused = web.post(url, {"reason": ""})
    done = web.post(url, {"reason": "It hurts."})

    step.refresh_from_db()
    assert (refused.status_code, done.status_code) == (422, 302)
    assert (step.valid_until, step.removal_reason, step.removed_by) == (TODAY, "It hurts.", adam)
    assert "Taken out: Ball release, buttock at a wall" in [entry.what for entry in decisions(ana)]


def test_foreign_step_is_not_reached(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, carla: Client
) -> None:
    builders.assign(carla, by=berta)
    step = AssignedStep.objects.filter(phase__assignment__client=carla).first()
    assert step is not None
    web = web_as(adam)

    answers = [
        web.post(reverse(f"admin:{name}", args=[ana.pk, step.pk]), dose(step))
        for name in ("client_step", "client_step_remove")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    step.refresh_from_db()
    assert step.valid_until is None


# ---- Adding one -----------------------------------------------------------------------------------------------------


@pytest.fixture
def phase(assignment: Assignment) -> AssignedPhase:
    return AssignedPhase.objects.get(assignment=assignment, order=0)


def adding(phase: AssignedPhase, exercise: Exercise | None = None) -> str:
    url = reverse("admin:client_step_add", args=[phase.assignment.client_id, phase.pk])
    return f"{url}?exercise={exercise.pk}" if exercise else url


def new(exercise: Exercise, **fields: str) -> dict[str, str]:
    return {
        "sets": "1", "reps": "8", "hold_seconds": "3", "tempo_lift": "", "tempo_hold": "", "tempo_lower": "",
        "rest_seconds": "0", "per_day": "1", "days_per_week": "3", "side": "by_complaint", "note": "",
        "reason": "Stiff back.", **fields,
    }  # fmt: skip


def test_search_lists_the_exercises_of_the_phase_first(
    web_as: Callable[..., Web], adam: User, phase: AssignedPhase
) -> None:
    hits = web_as(adam).get(adding(phase)).context["hits"]

    assert {exercise.kind for exercise, _verdict in hits} <= {"release_smr", "release_stretch"}


def test_search_says_what_a_condition_forbids(
    web_as: Callable[..., Web], adam: User, ana: Client, phase: AssignedPhase
) -> None:
    builders.tag(ana, "blood_clot", "buttock")

    html = web_as(adam).get(f"{adding(phase)}?q=buttock").content.decode()

    assert "not for this client" in html


def test_search_understands_the_words_on_the_page(
    web_as: Callable[..., Web], adam: User, phase: AssignedPhase
) -> None:
    adam.language = "de"
    adam.save()
    web = web_as(adam)
    shown = str(web.get(adding(phase)).context["hits"][0][0])

    assert shown in [str(exercise) for exercise, _v in web.get(adding(phase), {"q": shown}).context["hits"]]


def test_dose_is_filled_in_from_the_exercise(
    web_as: Callable[..., Web], adam: User, phase: AssignedPhase
) -> None:
    exercise = Exercise.objects.get(slug="stretch_cat_camel")

    form = web_as(adam).get(adding(phase, exercise)).context["form"]

    assert (form["sets"].value(), form["reps"].value(), form["hold_seconds"].value()) == (1, 8, 3)


def test_exercise_is_added_from_today(
    web_as: Callable[..., Web], adam: User, ana: Client, phase: AssignedPhase
) -> None:
    exercise = Exercise.objects.get(slug="stretch_cat_camel")
    web = web_as(adam)

    first = web.post(adding(phase, exercise), new(exercise))
    second = web.post(adding(phase, exercise), new(exercise))

    step = AssignedStep.objects.get(phase=phase, exercise=exercise)
    assert (first.status_code, second.status_code) == (302, 422)
    assert (step.valid_from, step.weekdays, step.changed_by) == (TODAY, "135", adam)
    assert "in the phase already" in second.content.decode()


def test_exercise_of_another_therapist_is_not_there_to_add(
    web_as: Callable[..., Web], adam: User, berta: User, phase: AssignedPhase
) -> None:
    exercise = Exercise.objects.get(slug="stretch_cat_camel")
    OwnExercise.objects.create(exercise=exercise, therapist=berta)

    assert web_as(adam).post(adding(phase, exercise), new(exercise)).status_code == 404


@pytest.mark.parametrize("wanted", ["999999", "x", "", "1e5", "9" * 5000])
def test_nonsense_instead_of_an_exercise_is_a_search_or_nothing(
    web_as: Callable[..., Web], adam: User, phase: AssignedPhase, wanted: str
) -> None:
    answer = web_as(adam).get(f"{adding(phase)}?exercise={wanted}")

    assert answer.status_code in (200, 404)


def test_foreign_phase_is_not_reached(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, carla: Client
) -> None:
    builders.assign(carla, by=berta)
    foreign = AssignedPhase.objects.filter(assignment__client=carla).first()
    assert foreign is not None

    assert web_as(adam).get(reverse("admin:client_step_add", args=[ana.pk, foreign.pk])).status_code == 404


def test_worse_side_first_and_a_set_more_on_the_weak_side(
    web_as: Callable[..., Web], adam: User, step: AssignedStep
) -> None:
    change(web_as(adam), step, side="both", first_side="left", extra_set_side="left")

    new = AssignedStep.objects.get(replaces=step)
    assert (new.side, new.first_side, new.extra_set_side) == ("both", "left", "left")
    assert [new.dose_on(side).sets for side in ("left", "right")] == [step.sets + 1, step.sets]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"side": "right", "extra_set_side": "left"}, "extra_set_side"),
        ({"side": "left", "first_side": "left"}, "first_side"),
        ({"side": "both", "sets": "20", "extra_set_side": "left"}, "extra_set_side"),
        ({"side": "both", "first_side": "up"}, "first_side"),
    ],
)
def test_sides_that_cannot_be_are_said_beside_the_field(
    web_as: Callable[..., Web], adam: User, step: AssignedStep, wrong: dict[str, str], field: str
) -> None:
    answer = change(web_as(adam), step, **wrong)

    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not AssignedStep.objects.filter(replaces=step).exists()
