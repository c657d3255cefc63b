"""Closed by default: every URL there is, tried by everybody who should not be there.

The list of URLs is read from the resolver: a new page is in the test the moment it exists, and fails it until the
test knows which object its address names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client as Web
from django.urls import URLPattern, URLResolver, get_resolver, reverse

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
    OwnMeasure,
    PhaseTransition,
    ReminderSchedule,
    SafetyBlock,
    Screening,
    SessionItem,
    StopEvent,
    TenderSpot,
    TrainingSession,
    User,
    Visit,
)
from clients.recording import stop
from clients.screening import Place
from clients.spots import Point, mark
from routines.models import BodyArea, OutcomeMeasure, Program

pytestmark = pytest.mark.django_db

# Doors: pages that somebody must reach before anybody knows who they are.
PUBLIC = {
    "account_inactive", "account_login", "account_logout", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "admin:login", "demo_letter",
    "demo_letter_html", "demo_mail", "health", "manifest", "mfa_authenticate", "mfa_login_webauthn", "morning_letter", "offline",
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
            "admin:client_rule_numbers": (self.ana.pk, self.hers[Assignment].pk, "step_back"),
            "admin:client_measure": (self.ana.pk, "nprs"),
            "admin:client_own_measure": (self.ana.pk, self.hers[OwnMeasure].pk),
            "admin:client_step_add": (self.ana.pk, self.hers[AssignedPhase].pk),
            "admin:client_step": (self.ana.pk, step.pk),
            "admin:client_step_remove": (self.ana.pk, step.pk),
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
    "admin:routines_program_copy": lambda: (Program.objects.first().pk,),
    "admin:routines_program_retire": lambda: (Program.objects.first().pk,),
    "mfa_remove_webauthn": lambda: (1,),
    "mfa_edit_webauthn": lambda: (1,),
}


@pytest.fixture
def world(settings: Any) -> World:
    settings.STAFF_SECOND_FACTOR = False
    make_practice()
    adam, berta = make_therapist(name="Adam"), make_therapist(name="Berta")
    ana = make_client(name="Ana Silva", therapist=adam)
    assignment = assign(ana, by=adam)
    condition = tag(ana, "osteoporosis")
    screen(ana, yes=["varicose"], places={"varicose": Place(BodyArea.objects.get(slug="calf"), "left")})
    agree(ana, "smr_buttock_ball_wall", "osteoporosis")
    talk(ana)
    session = train(ana, now=NOW)
    item = session.items.first()
    event, _block = stop(session, item, choice="dizzy_chest", key=new_key(), now=NOW)
    AssignmentPause.objects.create(
        assignment=assignment, since=date(2026, 1, 1), until=date(2026, 1, 2), reason="Away", by=adam
    )
    visit = examine(ana, by=adam, found=[("piriformis", "right", "tight", 7)], close=False)
    spot = mark(
        ana, item.exercise_id, Point("back", 590, 520), by=adam, now=NOW, seen=[], sides=["left", "right"]
    )
    rows = [
        ana, visit, spot, assignment, condition, session, item, event,
        AssignedPhase.objects.filter(assignment=assignment).first(),
        AssignedStep.objects.filter(phase__assignment=assignment).first(),
        *(model.objects.filter(client=ana).first() for model in OF_CLIENT),
        PhaseTransition.objects.filter(assignment=assignment).first(),
        AssignmentPause.objects.get(assignment=assignment),
        OwnMeasure.objects.create(client=ana, name="Hip flexion", by=adam),
    ]  # fmt: skip
    assert None not in rows
    return World(
        ana=ana,
        hers={type(row): row for row in rows},
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


def test_the_office_reads_names_and_letters_but_nothing_of_health(
    world: World, web_as: Callable[..., Web]
) -> None:
    Client.objects.filter(pk=world.ana.pk).update(complaint="CANARY", notes="CANARY")
    web = web_as(world.office)
    shown = []
    for page in PAGES:
        url = address(page, world) if page.name.startswith("admin:") else None
        if url and "CANARY" in web.get(url, follow=True).content.decode():
            shown.append(page.name)

    assert shown == []
