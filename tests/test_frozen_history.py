"""What was assigned and what was recorded stays, whatever becomes of the catalogue (reliability.md D3).

Safety is the exception, on purpose: a new contraindication reaches running clients at once.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import ProtectedError, RestrictedError
from django.urls import reverse
from django.utils import translation

from clients.adjusting import change_step
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    AssignmentPause,
    Client,
    PhaseTransition,
    SafetyBlock,
    ScreeningAnswer,
    SessionItem,
    SessionItemStep,
    SessionReading,
    SetRecord,
    SkipRecord,
    StopEvent,
    TrainingSession,
)
from clients.planning import plan_for
from clients.recording import state_of, stop
from routines.models import (
    BodyArea,
    ConditionTag,
    Equipment,
    Exercise,
    ExerciseMuscle,
    ExerciseTag,
    Imbalance,
    ImbalanceJoint,
    ImbalanceMuscle,
    Joint,
    Message,
    Muscle,
    MusclePartner,
    Phase,
    Program,
    Rule,
    ScreeningQuestion,
    Step,
    TendernessSite,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
EDITS = 500
HISTORY = [
    Assignment, AssignedPhase, AssignedStep, AssignmentPause, PhaseTransition, TrainingSession, SessionItem,
    SessionItemStep, SetRecord, SkipRecord, SessionReading, StopEvent, SafetyBlock, ScreeningAnswer,
]  # fmt: skip
TEXTS = {
    Program: ["name", "warm_up", "notes"],
    Phase: ["name"],
    Exercise: ["name", "cue"],
    Muscle: ["name", "action", "anatomical_name"],
    Joint: ["name"],
    Imbalance: ["name", "client_words", "note"],
    ImbalanceJoint: ["plain_words", "alteration"],
    Equipment: ["name"],
    BodyArea: ["name"],
    ConditionTag: ["label", "rule"],
    Message: ["title", "body"],
    ScreeningQuestion: ["item", "question"],
    Step: ["note"],
}
NUMBERS = {
    Exercise: ["sets", "reps", "hold_seconds", "rest_seconds", "per_day", "days_per_week", "level"],
    Step: ["sets", "reps", "hold_seconds", "rest_seconds", "per_day", "days_per_week"],
    Phase: ["min_days"],
}


DELETED = [
    Step, Phase, TendernessSite, ImbalanceMuscle, ImbalanceJoint, MusclePartner, ExerciseMuscle, ExerciseTag, Exercise,
    Program, Imbalance, Muscle, Equipment,
]  # fmt: skip


def digest(rows: Any) -> str:
    return hashlib.sha256(json.dumps(rows, cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()


def records() -> dict[str, str]:
    """A hash for each table of history."""
    return {model.__name__: digest(list(model.objects.order_by("pk").values())) for model in HISTORY}


def plans() -> list[Any]:
    """Everybody's plan as it is read, in both languages: names, cues, doses, phases, reasons."""
    found = []
    for language in ("en", "de"):
        with translation.override(language):
            for client in Client.objects.all():
                for n in range(-20, 15):
                    plan = plan_for(client, client.local_date(NOW) + n * DAY)
                    found.append(
                        [
                            client.pk,
                            n,
                            plan.warm_up,
                            [plan.minutes(go) for go in (1, 2, 3)],
                            [
                                (facts.assignment.name, phase.name, number)
                                for facts, phase, number in plan.current
                            ],
                            [
                                (
                                    [step.pk for step in item.steps],
                                    item.step.name,
                                    item.step.cue,
                                    item.step.cautions,
                                    item.side,
                                    str(item.dose),
                                    item.note,
                                )
                                for item in plan.items
                            ],
                        ]
                    )
                for session in client.sessions.all():
                    state = state_of(session)
                    found.append(
                        [
                            session.warm_up,
                            [(each.item.name, each.item.cue, each.done) for each in state.items],
                        ]
                    )
    return found


def pages(web_as: Callable[..., Any]) -> dict[str, str]:
    """The client's pages as HTML, without what is drawn by lot for each request."""
    found = {}
    for client in Client.objects.exclude(user=None):
        web = web_as(client.user)
        last = client.sessions.first()
        sessions = [reverse("session", args=[last.pk]), reverse("session_step", args=[last.pk, 1])]
        for url in [reverse("today"), reverse("program"), reverse("history"), *sessions]:
            answer = web.get(url, follow=True)
            assert answer.status_code == 200, url
            html = re.sub(r"<input[^>]*hidden[^>]*>", "", answer.content.decode())
            found[f"{client.name} {url}"] = re.sub(r"[0-9a-f]{32}|[\w-]{64}", "", html)
    return found


@pytest.fixture
def lives() -> list[Client]:
    """Two clients with three programs, weeks of records, changed steps, a stop and a lifted block."""
    builders.make_practice()
    exercise = Exercise.objects.get(slug="smr_buttock_ball_wall")
    exercise.translations = {"de": {"name": "Ball an der Wand", "cue": "An die Wand lehnen."}}
    exercise.save()
    ana, erika = builders.make_client(), builders.make_client(name="Erika Vogel", side="left")
    buttock = builders.assign(ana, now=NOW - 15 * DAY)
    builders.screen(ana, now=NOW - 15 * DAY, yes=["night_pain"])
    builders.talk(ana, now=NOW - 15 * DAY)
    for ago in range(14, 6, -1):
        builders.train(ana, now=NOW - ago * DAY, skip=["smr_inner_thigh_roller"] if ago == 12 else [])
    builders.advance(buttock, now=NOW - 6 * DAY)
    step = AssignedStep.objects.get(
        phase__assignment=buttock, phase__kind="strengthen", exercise__slug="clam"
    )
    change_step(step, by=builders.responsible(ana), reason="Too easy.", now=NOW - 5 * DAY, note="Slowly.")
    for ago in (4, 1):
        session = builders.train(ana, now=NOW - ago * DAY)
    stop(session, session.items.first(), choice="tingling", key="stop", now=NOW - DAY)
    for program in ("program_lower_crossed", "program_knee_valgus"):
        builders.assign(erika, program, now=NOW - 9 * DAY)
    builders.screen(erika, now=NOW - 9 * DAY)
    for ago in range(9, 0, -2):
        builders.train(erika, now=NOW - ago * DAY)
    return [ana, erika]


class Editor:
    """A therapist who changes whatever there is to change in the catalogue, by lot."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 -- the same edits on every run
        self.count = 0

    def some(self, model: type[models.Model], **where: Any) -> Any:
        return self.chance.choice(list(model._default_manager.filter(**where).order_by("pk")))

    def word(self) -> str:
        self.count += 1
        return f"Edited {self.count}"

    def change_text(self) -> None:
        model = self.chance.choice(list(TEXTS))
        row = self.some(model)
        setattr(row, self.chance.choice(TEXTS[model]), self.word())
        row.save()

    def translate(self) -> None:
        model = self.chance.choice([Program, Phase, Exercise, Muscle, Joint, Imbalance, Equipment, Message])
        row = self.some(model)
        texts = {"name": self.word(), "cue": self.word(), "warm_up": self.word(), "cautions": [self.word()]}
        row.translations = {"de": texts, "en": texts}
        row.save()

    def change_number(self) -> None:
        model = self.chance.choice(list(NUMBERS))
        row = self.some(model)
        setattr(row, self.chance.choice(NUMBERS[model]), self.chance.randint(1, 3))
        row.save()

    def change_exercise(self) -> None:
        row = self.some(Exercise)
        row.cautions = [self.word()]
        row.position = self.chance.choice(["standing", "seated", "supine"])
        row.side_mode = self.chance.choice(["each_side", "both_together", "not_sided", "alternating"])
        row.kind = self.chance.choice(["release_smr", "release_stretch", "strengthen", "integrate"])
        row.equipment.set([self.some(Equipment)])
        row.save()

    def change_step_in_design(self) -> None:
        row = self.some(Step)
        row.exercise = self.some(Exercise)
        row.side = self.chance.choice(["left", "right", "both", "by_complaint"])
        row.start_after_days, row.until_days = self.chance.choice([(0, None), (3, 9), (0, 1)])
        row.save()

    def change_pattern(self) -> None:
        imbalance = self.some(Imbalance)
        muscle = self.some(Muscle)
        ImbalanceMuscle.objects.get_or_create(
            imbalance=imbalance, muscle=muscle, role="weak", defaults={"order": 100 + self.count}
        )
        self.count += 1

    def change_muscles_of_exercise(self) -> None:
        ExerciseMuscle.objects.get_or_create(
            exercise=self.some(Exercise),
            muscle=self.some(Muscle),
            defaults={"role": "target", "order": 100 + self.count},
        )
        self.count += 1

    def change_rule(self) -> None:
        rule = self.some(Rule)
        rule.numbers = {
            key: value + 1 if type(value) is int else value for key, value in rule.numbers.items()
        }
        if rule.slug == "weekday":
            rule.numbers = {**rule.numbers, "days_by_number": []}
        rule.save()

    def add_phase_and_step(self) -> None:
        program = self.some(Program)
        last = max([phase.order for phase in program.phases.all()], default=0)
        phase = Phase.objects.create(program=program, order=last + 1, kind="maintain", name=self.word())
        Step.objects.create(phase=phase, order=1, exercise=self.some(Exercise))

    def retire(self) -> None:
        row = self.some(self.chance.choice([Program, Exercise, Muscle, Imbalance, Equipment]))
        row.retired_at = NOW
        row.save()

    def delete(self) -> None:
        """What history points to, the database keeps; everything else goes."""
        model = self.chance.choice(DELETED)
        rows = model._default_manager.all()
        if rows.exists():
            try:
                with transaction.atomic():
                    self.chance.choice(list(rows.order_by("pk"))).delete()
            except (ProtectedError, RestrictedError):
                return

    def edit(self) -> None:
        acts = [
            self.change_text, self.change_text, self.translate, self.change_number, self.change_exercise,
            self.change_step_in_design, self.change_pattern, self.change_muscles_of_exercise, self.change_rule,
            self.add_phase_and_step, self.retire, self.delete, self.delete,
        ]  # fmt: skip
        self.chance.choice(acts)()


@time_machine.travel(NOW, tick=False)
def test_plan_and_history_stay_through_five_hundred_edits(lives, web_as):
    before_records, before_plans, before_pages = records(), plans(), pages(web_as)
    exercises = Exercise.objects.count()
    ball = reverse("session_step", args=[lives[0].sessions.first().pk, 1])
    assert "Ball release, buttock at a wall" in before_pages[f"Ana Silva {ball}"]
    assert "Wake up the buttock muscles" in before_pages["Ana Silva /program/"]
    assert "Roller stick, front and outer thigh" in before_pages["Erika Vogel /today/"]
    editor = Editor(seed=11)

    for _edit in range(EDITS):
        editor.edit()

    assert records() == before_records
    assert plans() == before_plans
    after = pages(web_as)
    assert [name for name in after if after[name] != before_pages[name]] == []
    assert Exercise.objects.count() < exercises, "some were deleted"
    assert Exercise.objects.filter(retired_at__isnull=False).exists()
    assert Exercise.objects.filter(name__startswith="Edited").exists()


def test_what_history_points_to_cannot_be_deleted(lives):
    kept = SessionItem.objects.first().exercise
    for row in (kept, Assignment.objects.first().program, Assignment.objects.first().imbalance):
        with pytest.raises(ProtectedError):
            row.delete()

    assert Exercise.objects.filter(pk=kept.pk).exists()


def test_next_client_gets_the_program_as_it_is_now(lives):
    """The copy is frozen, not the design."""
    Step.objects.filter(exercise__slug="clam").update(sets=4)
    Exercise.objects.filter(slug="clam").update(name="Clam, the new way")

    builders.assign(builders.make_client(name="Next"))

    clams = AssignedStep.objects.filter(exercise__slug="clam", valid_until=None).order_by("pk")
    assert [(step.sets, step.name) for step in clams] == [(2, "Clam"), (4, "Clam, the new way")]


def test_new_contraindication_reaches_running_clients(lives):
    ana = lives[0]
    today = ana.local_date(NOW)
    wednesday = today + DAY
    builders.tag(ana, "hypermobility")
    before_records = records()
    before_sides = {
        item.side for item in plan_for(ana, wednesday).items if item.step.as_was["slug"] == "clam"
    }
    assert before_sides, "the clam is of the day before anything is said"

    ExerciseTag.objects.create(
        exercise=Exercise.objects.get(slug="clam"),
        tag=ConditionTag.objects.get(slug="hypermobility"),
        rule=ExerciseTag.Rule.AVOID,
    )

    plan = plan_for(ana, wednesday)
    assert "clam" not in {item.as_was["slug"] for item in plan.items}
    served = {item.side for item in plan.items if any(step.as_was["slug"] == "clam" for step in item.steps)}
    withheld = {each.side for each in plan.withheld if each.verdict.avoid}
    assert served | withheld == before_sides, "each side is replaced, or left out and said"
    assert records() == before_records, "what was done stays"
