"""Closed by default: every URL there is, tried by everybody who should not be there.

The list of URLs is read from the resolver: a new page is in the test the moment it exists, and fails it until the
test knows which object its address names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import CharField, Model, TextField
from django.test import Client as Web
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from PIL import Image

from clients.demo.builders import (
    NOW,
    agree,
    assign,
    examine,
    make_client,
    make_office,
    make_practice,
    make_therapist,
    new_key,
    screen,
    tag,
    talk,
    train,
)
from clients.models import (
    AssignedPhase,
    AssignedStep,
    Assignment,
    AssignmentPause,
    CareTeam,
    CareTick,
    Client,
    ClientTag,
    ContactRecord,
    Delivery,
    Document,
    OwnMeasure,
    PhaseTransition,
    Practice,
    ReminderSchedule,
    SafetyBlock,
    Screening,
    SessionItem,
    StaffDecision,
    StopEvent,
    TenderSpot,
    TrainingSession,
    User,
    Visit,
)
from clients.ownership import keep_exercise
from clients.recording import stop
from clients.screening import Place
from clients.spots import Point, mark
from routines.media import add_photo
from routines.models import BodyArea, Exercise, ExerciseMedia, OutcomeMeasure, Program

pytestmark = pytest.mark.django_db

# Doors: pages that somebody must reach before anybody knows who they are.
PUBLIC = {
    "account_inactive", "account_login", "account_logout", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "admin:login", "brand", "demo_letter", "figure",
    "demo_letter_html", "demo_mail", "health", "logo", "manifest", "mfa_authenticate", "mfa_login_webauthn", "morning_letter", "offline",
    "outbox", "reminder_letters", "sign_in", "sign_in_link", "sign_in_sent", "unsubscribe", "welcome", "worker",
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    name: str
    args: tuple[str, ...]


def pages(patterns: list[Any] | None = None, space: str = "", above: tuple[str, ...] = ()) -> Iterator[Page]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from pages(pattern.url_patterns, pattern.namespace or space, (*above, *names_in(pattern)))
        elif isinstance(pattern, URLPattern) and pattern.name:
            name = f"{space}:{pattern.name}" if space else pattern.name
            yield Page(name, (*above, *names_in(pattern)))


def names_in(pattern: URLPattern | URLResolver) -> list[str]:
    """What the address names, whether it is written as a route or as a regular expression."""
    return [*pattern.pattern.converters, *getattr(pattern.pattern, "regex", re.compile("")).groupindex]


PAGES = sorted(set(pages()), key=lambda page: page.name)


@dataclass(frozen=True)
class World:
    """Ana and all that hangs on her, and those who have no business with it."""

    ana: Client
    hers: dict[type, Any]
    stranger: User
    other_therapist: User
    office: User

    def args(self, page: Page) -> tuple[Any, ...] | None:
        """The address of Ana's own object on this page; None for a page without one of hers."""
        session, step = self.hers[TrainingSession], self.hers[AssignedStep]
        item: SessionItem = self.hers[SessionItem]
        known: dict[str, tuple[Any, ...]] = {
            "session": (session.pk,),
            "session_step": (session.pk, 1),
            "session_skip": (session.pk, 1),
            "session_note": (session.pk, 1),
            "session_rest": (session.pk,),
            "session_too_hard": (session.pk, 1),
            "session_as_planned": (session.pk, 1),
            "session_unskip": (session.pk, 1),
            "session_tightness": (session.pk, 1),
            "session_wrong": (session.pk, 1),
            "session_wrong_now": (session.pk,),
            "session_stopped": (session.pk, self.hers[StopEvent].pk),
            "session_set": (session.pk, item.pk, 1),
            "session_end": (session.pk,),
            "program_days": (self.hers[AssignedPhase].pk,),
            "tight_again": (self.hers[Assignment].pk,),
            "admin:client_condition_end": (self.ana.pk, self.hers[ClientTag].pk),
            "admin:client_assignment": (self.ana.pk, self.hers[Assignment].pk, "pause"),
            "admin:client_queue": (self.ana.pk, "contact"),
            "admin:client_numbers": (self.ana.pk, self.hers[Assignment].pk),
            "admin:client_save_template": (self.ana.pk, self.hers[Assignment].pk),
            "admin:client_update": (self.ana.pk, self.hers[Assignment].pk),
            "admin:client_rule_numbers": (self.ana.pk, self.hers[Assignment].pk, "step_back"),
            "admin:client_measure": (self.ana.pk, "nprs"),
            "admin:client_own_measure": (self.ana.pk, self.hers[OwnMeasure].pk),
            "admin:client_step_add": (self.ana.pk, self.hers[AssignedPhase].pk),
            "admin:client_step": (self.ana.pk, step.pk),
            "admin:client_step_remove": (self.ana.pk, step.pk),
            "admin:client_step_dose": (self.ana.pk, step.pk),
            "admin:client_step_swap": (self.ana.pk, step.pk),
            "admin:client_document": (self.ana.pk, self.hers[Document].pk),
            "admin:client_document_withdraw": (self.ana.pk, self.hers[Document].pk),
            "exercise_media": (self.hers[ExerciseMedia].token, "small.webp"),
            "admin:clients_careteam_end": (self.ana.care_team.get(capacity="cover").pk,),
            "admin:client_ask_list": (self.ana.pk, "warning_signs"),
            "admin:client_spot": (self.ana.pk, step.pk),
            "admin:client_spot_change": (self.ana.pk, step.pk, self.hers[TenderSpot].pk),
        }
        if page.name in known:
            return known[page.name]
        if "visit" in page.args:
            return (self.ana.pk, self.hers[Visit].pk)
        if page.name == "admin:client" or page.name.startswith("admin:client_"):
            return (self.ana.pk,)
        for model, row in self.hers.items():
            if page.name.startswith(f"admin:clients_{model.__name__.lower()}_") and page.args:
                return (row.pk,)
        return None


# Pages whose address names something that is nobody's secret, with an address that exists.
SHARED: dict[str, Callable[[], tuple[Any, ...]]] = {
    "session_start": lambda: (1,),
    "without_app": lambda: (1,),
    "measure": lambda: (OutcomeMeasure.objects.get(slug="nprs").pk,),
    "screening_list": lambda: ("warning_signs",),
    "admin:app_list": lambda: ("clients",),
    "admin:view_on_site": lambda: (ContentType.objects.get_for_model(Client).pk, 1),
    "admin:routines_program_builder": lambda: (Program.objects.first().pk,),
    "admin:routines_program_preview": lambda: (Program.objects.first().pk,),
    "admin:routines_program_copy": lambda: (Program.objects.first().pk,),
    "admin:routines_program_retire": lambda: (Program.objects.first().pk,),
    "admin:program_updates": lambda: (Program.objects.first().pk,),
    "admin:routines_exercise_media": lambda: (Exercise.objects.first().pk,),
    "admin:routines_exercise_copy": lambda: (Exercise.objects.first().pk,),
    "admin:routines_exercise_retire": lambda: (Exercise.objects.first().pk,),
    "mfa_remove_webauthn": lambda: (1,),
    "mfa_edit_webauthn": lambda: (1,),
}


def record_of(
    client: Client, by: User, own: Exercise | None = None, cover: User | None = None
) -> dict[type, Any]:
    """Rows of every kind that a page of the workplace is about; `own` becomes an exercise that only `by` sees."""
    assignment = assign(client, by=by)
    condition = tag(client, "osteoporosis")
    screen(client, yes=["varicose"], places={"varicose": Place(BodyArea.objects.get(slug="calf"), "left")})
    agree(client, "smr_buttock_ball_wall", "osteoporosis")
    talk(client)
    session = train(client, now=NOW)
    item = session.items.first()
    event, _block = stop(session, item, choice="dizzy_chest", key=new_key(), now=NOW)
    AssignmentPause.objects.create(
        assignment=assignment, since=date(2026, 1, 1), until=date(2026, 1, 2), reason="Away", by=by
    )
    visit = examine(client, by=by, found=[("piriformis", "right", "tight", 7)], close=False)
    spot = mark(
        client, item.exercise_id, Point("back", 590, 520), by=by, now=NOW, seen=[], sides=["left", "right"]
    )
    own = own or AssignedStep.objects.filter(phase__assignment=assignment).first().exercise
    keep_exercise(own, by, now=NOW)
    photo = BytesIO()
    Image.new("RGB", (4, 3)).save(photo, "PNG")
    photo.seek(0)
    CareTeam.objects.create(
        client=client,
        therapist=cover or make_therapist(name="Carl"),
        capacity="cover",
        since=NOW,
        until=timezone.now() + timedelta(days=9),
    )
    rows = [
        add_photo(own, photo),
        client, visit, spot, assignment, condition, session, item, event,
        AssignedPhase.objects.filter(assignment=assignment).first(),
        AssignedStep.objects.filter(phase__assignment=assignment).first(),
        *(model.objects.filter(client=client).first() for model in OF_CLIENT),
        PhaseTransition.objects.filter(assignment=assignment).first(),
        AssignmentPause.objects.get(assignment=assignment),
        OwnMeasure.objects.create(client=client, name="Hip flexion", by=by),
        Document.objects.create(
            client=client, number=1, title="Letter", kind="pdf", name=f"{uuid4().hex}.pdf", size=1, key=uuid4(), at=NOW, by=by
        ),
    ]  # fmt: skip
    assert None not in rows
    return {type(row): row for row in rows}


@pytest.fixture
def world(settings: Any) -> World:
    settings.STAFF_SECOND_FACTOR = False
    make_practice()
    adam, berta = make_therapist(name="Adam"), make_therapist(name="Berta")
    ana = make_client(name="Ana Silva", therapist=adam)
    return World(
        ana=ana,
        hers=record_of(ana, adam),
        stranger=make_client(name="Stella Stranger", therapist=berta).user,
        other_therapist=berta,
        office=make_office(),
    )


OF_CLIENT = (
    CareTeam,
    CareTick,
    ContactRecord,
    Delivery,
    ReminderSchedule,
    SafetyBlock,
    Screening,
)


OF_THE_PRACTICE = ("admin:routines_", "admin:clients_practice_")


def address(page: Page, world: World) -> str | None:
    if not page.args:
        return reverse(page.name)
    if page.name in SHARED:
        return reverse(page.name, args=SHARED[page.name]())
    args = world.args(page)
    return reverse(page.name, args=args) if args is not None else None


def test_every_page_with_an_object_in_its_address_is_known_here(world: World) -> None:
    unknown = [
        page.name
        for page in PAGES
        if page.args
        and page.name not in PUBLIC
        and not page.name.startswith(OF_THE_PRACTICE)
        and not address(page, world)
    ]

    assert unknown == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_is_sent_to_the_door(world: World, web: Web, method: str) -> None:
    reached = []
    for page in PAGES:
        url = None if page.name in PUBLIC else address(page, world)
        if url is None:
            continue
        answer = getattr(web, method)(url)
        to_the_door = answer.status_code == 302 and answer["Location"].startswith(
            (reverse("account_login"), reverse("admin:login"))
        )
        if not to_the_door:
            reached.append((page.name, answer.status_code))

    assert reached == []


def of_ana(world: World) -> list[tuple[Page, str]]:
    found = []
    for page in PAGES:
        args = world.args(page) if page.args else None
        if args is not None:
            found.append((page, reverse(page.name, args=args)))
    return found


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_client_finds_nothing_of_hers(world: World, web_as: Callable[..., Web], method: str) -> None:
    web = web_as(world.stranger)
    reached = [
        (page.name, answer.status_code)
        for page, url in of_ana(world)
        if not page.name.startswith("admin:")
        and (answer := getattr(web, method)(url)).status_code not in (404, 405)
    ]

    assert reached == []


def test_a_client_enters_no_page_of_the_workplace(world: World, web_as: Callable[..., Web]) -> None:
    web = web_as(world.ana.user)
    entered = []
    for page in PAGES:
        url = address(page, world) if page.name.startswith("admin:") and page.name != "admin:login" else None
        if url and (answer := web.get(url)).status_code not in (302, 403, 404, 405):
            entered.append((page.name, answer.status_code))

    assert entered == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_therapist_finds_what_does_not_exist(
    world: World, web_as: Callable[..., Web], method: str
) -> None:
    web = web_as(world.other_therapist)
    different = []
    for page, url in of_ana(world):
        if not page.name.startswith("admin:"):
            continue
        answer = getattr(web, method)(url)
        args = world.args(page) or ()
        nowhere = getattr(web, method)(reverse(page.name, args=(999_999, *args[1:])))
        same = (answer.status_code, answer.get("Location")) == (nowhere.status_code, nowhere.get("Location"))
        hidden = answer.status_code in (403, 404, 405) or (answer.status_code == 302 and same)
        if not hidden or "Ana" in answer.content.decode():
            different.append((page.name, answer.status_code, answer.get("Location")))

    assert different == []


# What the office reads, and what holds no words of anybody: everything else that is written down about a person is health.
NO_HEALTH = {
    "Client.name", "Client.email", "Client.zone", "Client.language", "AccessLink.digest", "AccessLink.email",
    "ReminderSchedule.zone", "ReminderSchedule.days", "ReminderSchedule.token", "ReminderSchedule.tzdata_version",
    "ZoneChange.old", "ZoneChange.new", "Delivery.reason", "Delivery.event_id", "Delivery.kind",
    "Suppression.address", "Suppression.digest", "Suppression.reason",
}  # fmt: skip
NOT_OF_CLIENTS = (User, Practice, StaffDecision)


def fields_of_health() -> Iterator[tuple[type[Model], Any]]:
    for model in apps.get_app_config("clients").get_models():
        for field in model._meta.local_fields:
            words = isinstance(field, CharField | TextField) and not field.choices
            kept = f"{model.__name__}.{field.name}" in NO_HEALTH or field.unique
            if words and not kept and model not in NOT_OF_CLIENTS:
                yield model, field


def plant_canaries() -> tuple[list[str], list[str]]:
    """Writes CANARY into every field with words about somebody's health; those that took it, those that refused."""
    taken, refused = [], []
    for model, field in fields_of_health():
        name = f"{model.__name__}.{field.name}"
        try:
            with transaction.atomic():
                model._base_manager.update(**{field.name: "CANARY"[: field.max_length or None]})
        except IntegrityError:
            refused.append(name)
        else:
            taken.append(name)
    return taken, refused


# What a constraint keeps from being words: days, keys of a request, and the reason of a removal or withdrawal where there is none
NO_WORDS = {
    "AssignedStep.removal_reason", "AssignedStep.weekdays", "Document.withdrawal_reason", "Screening.key", "SessionReading.key", "SetRecord.key",
}  # fmt: skip


def pages_with_a_canary(world: World, web: Web) -> list[str]:
    shown = []
    for page in PAGES:
        url = address(page, world) if page.name.startswith("admin:") else None
        if url and "CANARY" in web.get(url, follow=True).content.decode():
            shown.append(page.name)
    return shown


def test_the_office_reads_names_and_letters_but_nothing_of_health(
    world: World, web_as: Callable[..., Web]
) -> None:
    _taken, refused = plant_canaries()

    assert set(refused) == NO_WORDS
    assert pages_with_a_canary(world, web_as(world.office)) == []


def test_canaries_of_health_stand_where_they_are_looked_for(world: World, web_as: Callable[..., Web]) -> None:
    """The control of the test above: to whoever answers for Ana the same pages show them."""
    plant_canaries()
    adam = world.ana.care_team.get(capacity="responsible").therapist

    shown = pages_with_a_canary(world, web_as(adam))

    assert {"admin:client", "admin:client_visit", "admin:clients_client_changelist"} <= set(shown)


@pytest.mark.parametrize(
    "question",
    ["complaint__icontains=CANARY", "notes__icontains=CANARY", "tags__tag__slug=osteoporosis", "q=CANARY"],
)
def test_the_office_cannot_ask_a_list_about_health(
    world: World, web_as: Callable[..., Web], question: str
) -> None:
    plant_canaries()

    answer = web_as(world.office).get(f"{reverse('admin:clients_client_changelist')}?{question}")

    assert "Ana Silva" not in answer.content.decode() or answer.status_code == 302


def test_words_of_the_catalogue_tell_the_office_nothing_of_a_person(
    world: World, web_as: Callable[..., Web]
) -> None:
    """Conditions, muscles and exercises of Ana are rows of the catalogue, with no canary in them."""
    web = web_as(world.office)
    item: SessionItem = world.hers[SessionItem]
    words = [
        world.hers[ClientTag].tag.label, item.exercise.name, "Buttock-related", "piriformis", "Release the deep",
        "warning sign", "CANARY",
    ]  # fmt: skip
    told = [
        (page.name, word)
        for page in PAGES
        if page.name.startswith("admin:") and (url := address(page, world))
        for html in [web.get(url, follow=True).content.decode().lower()]
        for word in words
        if word.lower() in html
    ]

    assert told == []
