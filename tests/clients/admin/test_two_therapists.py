"""Two therapists are fully apart: nothing of one's clients and own entries stands anywhere on the pages of the other, and no
form moves it (reliability.md A1-A3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.test import Client as Web
from django.urls import reverse

from clients.demo import builders
from clients.demo.builders import NOW, make_client, make_therapist, new_key
from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    CareDecision,
    Client,
    Delivery,
    Dismissal,
    ExerciseNote,
    HomeSetup,
    Message,
    Need,
    SafetyBlock,
    SessionItem,
    SessionNote,
    Threshold,
    TrainingSession,
    User,
    WarningOverride,
)
from clients.ownership import keep_exercise, keep_program
from routines.composing import copy_exercise, copy_program
from routines.models import Exercise, ExerciseMedia, Program
from routines.tagging import set_tags
from tests.test_closed import PAGES, Page, World, plant_canaries, record_of

pytestmark = pytest.mark.django_db
WORD = "CANARY"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Side:
    """One therapist with all that is theirs."""

    therapist: User
    client: Client
    rows: dict[type, Any]
    program: Program
    exercise: Exercise

    @property
    def assignment(self) -> Assignment:
        return self.rows[Assignment]

    def address(self, page: Page) -> str | None:
        """This page about what is theirs; None for a page of the practice's settings or the catalogue's other tables."""
        if not page.args:
            return reverse(page.name)
        if page.name in ("admin:app_list", "admin:view_on_site"):
            return None
        for kind, row in (("program", self.program), ("exercise", self.exercise)):
            if page.name.startswith((f"admin:routines_{kind}_", f"admin:{kind}_")):
                return reverse(page.name, args=[row.pk])
        world = World(self.client, self.rows, self.therapist, self.therapist, self.therapist)
        args = world.args(page)
        return reverse(page.name, args=args) if args is not None else None


def own_entries(therapist: User, word: str) -> tuple[Program, Exercise]:
    """A program and an exercise that this therapist keeps to themselves, with the word in all their texts."""
    exercise = copy_exercise(Exercise.objects.get(slug="clam"))
    program = copy_program(Program.objects.get(slug="program_plantar_heel"))
    program.phases.first().steps.filter(order=1).update(exercise=exercise)
    set_tags(program, [f"{word} tag"])
    keep_exercise(exercise, therapist, now=NOW)
    keep_program(program, therapist, now=NOW)
    return program, exercise


def name_entries(program: Program, exercise: Exercise, word: str) -> None:
    Exercise.objects.filter(pk=exercise.pk).update(
        name=f"{word} exercise", cue=f"{word} cue", author=f"{word} author", translations={}
    )
    ExerciseMedia.objects.filter(exercise=exercise).update(alt=f"{word} alt", author=f"{word} author")
    Program.objects.filter(pk=program.pk).update(
        name=f"{word} program", notes=f"{word} notes", warm_up=f"{word} warm-up", translations={}
    )
    program.phases.update(name=f"{word} phase", translations={})


def more_about(client: Client, by: User, rows: dict[type, Any], program: Program, exercise: Exercise) -> None:
    """What `record_of` leaves out."""
    assignment, session = rows[Assignment], rows[TrainingSession]
    given: dict[str, Any] = {"client": client, "by": by, "reason": "Because."}
    for from_client in (True, False):
        author = client.user if from_client else by
        Message.objects.create(
            client=client, by=author, from_client=from_client, text="Hello", at=NOW, key=uuid4()
        )
    CareDecision.objects.create(kind="ended", at=NOW - 3 * DAY, **given)
    for kind, rank in (("care", 8),):
        Need.objects.create(
            client=client,
            assignment=assignment,
            kind=kind,
            rank=rank,
            since=NOW.date(),
            key=kind,
            evidence={"steps": 1, "conditions": []},
        )
    Dismissal.objects.create(kind="mail", key="9", at=NOW, **given)
    Threshold.objects.create(numbers={"silent_days": 5}, at=NOW, **given)
    record = {"client": client, "received_at": NOW}
    SessionNote.objects.create(session=session, text="Note", key=new_key(), revision=1, **record)
    ExerciseNote.objects.create(exercise=exercise, text="Note", key=new_key(), revision=1, **record)
    builders.rate(client, "activities", [4, 5], now=NOW - DAY)
    HomeSetup.objects.create(client=client)
    steps = [step for phase in program.phases.all() for step in phase.steps.all()]
    for shared in (program, Program.objects.get(slug="program_plantar_heel")):
        for about in (client, None) if shared == program else (client,):
            WarningOverride.objects.create(
                program=shared,
                client=about,
                warning="four_days",
                about=f"step-{len(steps)}",
                sentence="Asked for 4 days.",
                reason="Wanted.",
                by=by,
                at=NOW,
            )
    LogEntry.objects.log_actions(
        by.pk, [client], 2, change_message=f"Changed {client.name}", single_object=True
    )


def name_client(client: Client, word: str) -> None:
    """The word into what is no health text, and into the copies that a plan and a session keep."""
    email = f"{word.lower()}@example.org"
    Client.objects.filter(pk=client.pk).update(name=f"{word} client", email=email)
    User.objects.filter(pk=client.user_id).update(name=f"{word} client", email=email)
    texts = {"": {"name": f"{word} text", "warm_up": f"{word} text"}}
    Assignment.objects.filter(client=client).update(texts=texts)
    AssignedPhase.objects.filter(assignment__client=client).update(texts=texts)
    SafetyBlock.objects.filter(client=client).update(
        texts={"": {"title": word, "body": word, "question": word}}
    )
    for kept in (
        AssignedStep.objects.filter(phase__assignment__client=client),
        SessionItem.objects.filter(session__client=client),
    ):
        for row in kept:
            row.as_was = {**row.as_was, "texts": texts}
            row.save(update_fields=["as_was"])
    Delivery.objects.filter(client=client).update(error_class=word)


def side(name: str, of: str, cover: User) -> Side:
    therapist = make_therapist(name=name)
    client = make_client(name=of, therapist=therapist)
    program, exercise = own_entries(therapist, of)
    rows = record_of(client, therapist, exercise, cover)
    more_about(client, therapist, rows, program, exercise)
    return Side(therapist, client, rows, program, exercise)


@dataclass(frozen=True)
class Two:
    adam: Side
    berta: Side


@pytest.fixture
def two() -> Two:
    """Whatever is Berta's holds the word; whatever is Adam's is as ordinary as before."""
    cover = make_therapist(name="Carl")
    berta = side("Berta", WORD, cover)
    plant_canaries()
    name_client(berta.client, WORD)
    name_entries(berta.program, berta.exercise, WORD)
    return Two(side("Adam", "Ana Silva", cover), berta)


# ---- Reading --------------------------------------------------------------------------------------------------------

NOT_VISITED = ("admin:login", "admin:logout", "admin:jsi18n")
LINKS_OF_A_PAGE = 12


def links_in(html: str) -> list[str]:
    """What only changes the query of the page: its filters with every choice, tabs, orders, pages, months."""
    return sorted({unescape(part.split('"')[0]) for part in html.split('href="?')[1:]})[:LINKS_OF_A_PAGE]


def addresses(side: Side) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        if page.name.startswith("admin:") and page.name not in NOT_VISITED and (url := side.address(page)):
            yield page.name, url
    yield "health of lists", f"{reverse('admin:app_list', args=['clients'])}"
    for name in ("builder", "preview"):
        for program in (side.program, Program.objects.get(slug="program_plantar_heel")):
            url = reverse(f"admin:routines_program_{name}", args=[program.pk])
            yield f"{name} for a client", f"{url}?client={side.client.pk}"
    shared = Program.objects.get(slug="program_plantar_heel").pk, Exercise.objects.get(slug="clam").pk
    for page in ("history", "delete", "change"):
        yield f"shared program {page}", reverse(f"admin:routines_program_{page}", args=[shared[0]])
        yield f"shared exercise {page}", reverse(f"admin:routines_exercise_{page}", args=[shared[1]])
    yield "shared updates", reverse("admin:program_updates", args=[shared[0]])
    yield "shared builder", reverse("admin:routines_program_builder", args=[shared[0]])


def read_all(web: Web, side: Side, *, queries: bool = True) -> Iterator[tuple[str, str, int, str]]:
    """Every page with every link that only changes its query, and what can be asked of it: name, address, status, text."""
    for name, url in addresses(side):
        answer = web.get(url, follow=True)
        text = text_of(answer)
        yield name, url, answer.status_code, text
        if not queries or not name.endswith("_changelist"):
            continue
        for query in [*links_in(text), "q=canary"]:
            answer = web.get(f"{url}?{query}", follow=True)
            yield name, f"{url}?{query}", answer.status_code, text_of(answer)
    yield from found_by_search(web)
    yield from found_in_forms(web, side)
    yield from found_by_autocomplete(web)


def text_of(answer: Any) -> str:
    told = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return told.decode(errors="replace") + repr(sorted(answer.headers.items()))


def found_by_search(web: Web) -> Iterator[tuple[str, str, int, str]]:
    for live in ({}, {"live": "1"}):
        for asked in ("canary", "can", "canary client", "canary@example.org"):
            answer = web.post(reverse("admin:search"), {"q": asked, **live})
            # what was typed comes back in its field
            yield (
                "search",
                f"{asked} {live}",
                answer.status_code,
                text_of(answer).replace(f'value="{asked}"', ""),
            )


def found_in_forms(web: Web, side: Side) -> Iterator[tuple[str, str, int, str]]:
    """The searches that are sent as a form: in the builder, among programs to give, among plans to copy."""
    pk = side.client.pk
    posts = [
        (reverse("admin:routines_program_builder", args=[side.program.pk]), {"act": "search", "q": "an"}),
        (reverse("admin:routines_program_add"), {"act": "search", "q": "an"}),
        (reverse("admin:client_assign", args=[pk]), {"act": "find", "q": "an"}),
        (reverse("admin:client_copy_program", args=[pk]), {"act": "find", "q": "an"}),
        (reverse("admin:client_draft", args=[pk]), {"act": "draft"}),
        (reverse("admin:client_step_add", args=[pk, side.rows[AssignedPhase].pk]), {"q": "an"}),
        (reverse("admin:routines_export"), {"programs": "on"}),
    ]
    for url, data in posts:
        answer = web.post(url, data, follow=True)
        yield "form", f"{url} {data}", answer.status_code, text_of(answer)


def found_by_autocomplete(web: Web) -> Iterator[tuple[str, str, int, str]]:
    for model in [
        *apps.get_app_config("clients").get_models(),
        *apps.get_app_config("routines").get_models(),
    ]:
        for field in model._meta.get_fields():
            if not field.is_relation or field.auto_created:
                continue
            asked = {
                "app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field.name,
                "term": "",
            }  # fmt: skip
            answer = web.get(reverse("admin:autocomplete"), asked)
            yield "autocomplete", f"{model.__name__}.{field.name}", answer.status_code, text_of(answer)


def around(text: str) -> str:
    """Where the word stands, for whoever reads the failure."""
    at = text.find(WORD)
    return text[max(0, at - 120) : at + 80]


def shows(text: str) -> bool:
    return WORD in text


def test_nothing_of_the_other_stands_on_any_page(two: Two, web_as: Callable[..., Web]) -> None:
    found = [
        (name, url, status, around(text))
        for name, url, status, text in read_all(web_as(two.adam.therapist), two.adam)
        if shows(text) or status >= 500
    ]

    assert found == []


def test_the_same_walk_finds_the_word_where_it_belongs(two: Two, web_as: Callable[..., Web]) -> None:
    """The control of the test above: to Berta the word is nearly everywhere."""
    read = read_all(web_as(two.berta.therapist), two.berta, queries=False)
    found = {name for name, _url, _status, text in read if shows(text)}

    assert len(found) > 60
    assert {"search", "form", "autocomplete"} <= found


# ---- Writing --------------------------------------------------------------------------------------------------------

NOT_SENT = ("admin:login", "admin:logout", "admin:password_change", "admin:search")


def everything_of(side: Side) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tables about people that is this client's or this therapist's, with all its values."""
    found = {}
    for model in apps.get_app_config("clients").get_models():
        rows = model._default_manager.all()
        if model is Client:
            rows = rows.filter(pk=side.client.pk)
        elif any(field.name == "client" for field in model._meta.fields):
            rows = rows.filter(client=side.client)
        elif any(field.name == "therapist" for field in model._meta.fields):
            rows = rows.filter(therapist=side.therapist)
        else:
            path = PATHS.get(model.__name__)
            if path is None:
                continue
            rows = rows.filter(**{path: side.client})
        found[model.__name__] = sorted(map(repr, rows.order_by().values_list()))
    found["Exercise"] = list(map(repr, Exercise.objects.filter(pk=side.exercise.pk).values_list()))
    found["Program"] = list(map(repr, Program.objects.filter(pk=side.program.pk).values_list()))
    found["Media"] = list(map(repr, ExerciseMedia.objects.filter(exercise=side.exercise).values_list()))
    return found


PATHS = {
    "AssignmentPause": "assignment__client",
    "AssignedPhase": "assignment__client",
    "AssignedStep": "phase__assignment__client",
    "TemplateUpdate": "assignment__client",
    "PhaseTransition": "assignment__client",
    "ScreeningAnswer": "screening__client",
    "SessionItem": "session__client",
    "Finding": "visit__client",
    "JointFinding": "visit__client",
    "PainArea": "visit__client",
}


def forged(other: Side) -> dict[str, str]:
    """Every field by which a form of the workplace names a row, with a row of the other therapist, and what else they ask."""
    rows = other.rows
    step, phase, need = rows[AssignedStep], rows[AssignedPhase], other.client.needs.first()
    assert need is not None
    named = {
        "client": other.client.pk, "clients": other.client.pk, "assignment": other.assignment.pk,
        "plan": other.assignment.pk, "step": step.pk, "phase": phase.pk, "to": phase.pk, "program": other.program.pk,
        "exercise": other.exercise.pk, "easier": other.exercise.pk, "harder": other.exercise.pk,
        "therapist": other.therapist.pk, "kind": need.kind, "key": need.key, "block": rows[SafetyBlock].pk,
        "id": other.client.pk, "pk": other.client.pk, "held": other.client.care_team.first().pk,
        "copy_of": other.exercise.pk, "user": other.therapist.pk, "by": other.therapist.pk,
    }  # fmt: skip
    said = {
        "reason": "Forged", "note": "Forged", "text": "Forged", "name": "Forged", "channel": "phone", "side": "left",
        "title": "Forged", "until": "2099-01-01", "since": "2026-03-11T08:00", "start_date": "2026-03-11",
        "whose": "mine", "act": "save", "wish": "retire", "sets": "2", "reps": "9", "others": "on",
    }  # fmt: skip
    return {name: str(value) for name, value in {**named, **said}.items()}


def test_no_form_with_the_others_rows_moves_anything(two: Two, web_as: Callable[..., Web]) -> None:
    """Sent to the other's addresses, and with the other's rows in every field to one's own."""
    before = everything_of(two.berta)
    web = web_as(two.adam.therapist)
    posted = forged(two.berta)
    wrong = []
    for side in (two.berta, two.adam):
        for page in PAGES:
            url = side.address(page) if page.name.startswith("admin:") and page.name not in NOT_SENT else None
            if url is None:
                continue
            answer = web.post(url, posted)
            foreign = side is two.berta and page.args
            text = text_of(answer).replace(f'value="{WORD}"', "")  # what was sent comes back in its field
            if answer.status_code >= 500 or shows(text):
                wrong.append(
                    (page.name, answer.status_code, around(text) if answer.status_code < 500 else "")
                )
            if foreign and answer.status_code not in (302, 403, 404, 405):
                wrong.append((page.name, answer.status_code))

    assert not wrong, wrong
    after = everything_of(two.berta)
    assert {name for name, rows in before.items() if after[name] != rows} == set()


def test_the_same_forms_move_rows_for_whom_they_belong_to(two: Two, web_as: Callable[..., Web]) -> None:
    """The control of the test above: what Berta sends about her own is written."""
    before = everything_of(two.berta)
    web = web_as(two.berta.therapist)
    for page in PAGES:
        url = two.berta.address(page) if page.name.startswith("admin:client") and page.args else None
        if url and "care_" not in page.name:
            web.post(url, forged(two.berta))

    after = everything_of(two.berta)
    moved = {name for name, rows in before.items() if after[name] != rows}
    assert {"ContactRecord", "AssignedStep"} <= moved, sorted(moved)
