"""Every page as people see it: axe, the policy, and no sideways scroll; light and dark, on a phone and at a desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from clients.demo.builders import (
    assign,
    bulk_sessions,
    bulk_told,
    examine,
    make_client,
    make_owner,
    make_practice,
    new_key,
    rate,
    screen,
    tag,
    train,
)
from clients.inviting import make_link
from clients.measuring import record_measurement
from clients.models import (
    AccessLink,
    AssignedPhase,
    AssignedStep,
    Client,
    Document,
    OwnMeasure,
    ReminderSchedule,
    TrainingSession,
    User,
)
from clients.ownership import keep_exercise
from clients.recording import start_session
from clients.reminders.morning import make_token
from routines.exchange import bring
from routines.media import add_photo
from routines.models import Exercise, Imbalance, ImportedExercise, Muscle, OutcomeMeasure, Program
from tests.clients.visits import make_visit
from tests.journeys.conftest import SCHEMES, WIDTHS, Watched, axe_findings
from tests.routines.exchange.shapes import open_zip, read_bytes

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

LONG = "A very long answer that somebody typed without a pause " * 6


@pytest.fixture
def owner() -> User:
    make_practice()
    return make_owner(name="Adam")


@pytest.fixture
def ana(owner: User) -> Client:
    """A client with history, in the middle of today's session."""
    now = timezone.now()
    client = make_client(name="Ana Silva", therapist=owner, since=now - timedelta(days=40))
    assign(client, by=owner, now=now - timedelta(days=6))
    screen(client, now=now - timedelta(days=6))
    for days in (6, 5, 4, 3, 2, 1):
        train(client, now=now - timedelta(days=days), pain_before=5, pain_after=3)
    start_session(client, number=1, key=new_key(), now=now)
    return client


ALL_LOOKS = tuple((width, scheme) for width in WIDTHS for scheme in SCHEMES)
TWO_LOOKS = (
    ("desk", "light"),
    ("phone", "dark"),
)  # where there are many pages: each width and each theme once


def look_at(
    watched: Watched, paths: list[str], looks: Sequence[tuple[str, str]] = ALL_LOOKS, unfold: bool = False
) -> list[str]:
    """What is wrong with these pages, in these looks, what is folded being opened first; empty when nothing is."""
    wrong = []
    for path in paths:
        answer = watched.page.goto(path)
        if answer is None or answer.status >= 400:
            wrong.append(f"{path} answered {answer and answer.status}")
            continue
        if unfold:
            watched.page.evaluate(
                "document.querySelectorAll('main details').forEach((each) => { each.open = true; })"
            )
        for width, scheme in looks:
            wide, high = WIDTHS[width]
            watched.page.set_viewport_size({"width": wide, "height": high})
            sideways = watched.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if sideways > 0:
                wrong.append(f"{path} scrolls {sideways} px sideways at {wide} px")
            # All of it at once: a row that happens to lie half under the fixed navigation is no small target
            whole = watched.page.evaluate("document.documentElement.scrollHeight")
            watched.page.set_viewport_size({"width": wide, "height": max(high, whole + high)})
            watched.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            wrong += [f"{path} ({wide} px, {scheme}) {finding}" for finding in axe_findings(watched)]
    return wrong + watched.troubles


def told(wrong: list[str]) -> str:
    return "\n".join(wrong)


def test_client_pages_are_clean(visit: Callable[..., Watched], ana: Client) -> None:
    session = TrainingSession.objects.get(client=ana, finished_at=None)
    old = TrainingSession.objects.filter(client=ana, finished_at__isnull=False).first()
    phase = AssignedPhase.objects.get(assignment__client=ana, state="active")

    wrong = look_at(
        visit(ana.user),
        [
            reverse("today"),
            reverse("program"),
            reverse("program_days", args=[phase.pk]),
            reverse("tight_again", args=[phase.assignment_id]),
            reverse("progress"),
            reverse("history"),
            reverse("settings"),
            reverse("morning"),
            reverse("tenderness"),
            reverse("health_changed"),
            reverse("messages"),
            reverse("program_changes"),
            reverse("program_handout"),
            reverse("sheet"),
            reverse("session", args=[session.pk]),
            reverse("session_step", args=[session.pk, 1]),
            reverse("session_skip", args=[session.pk, 1]),
            reverse("session_wrong", args=[session.pk, 1]),
            reverse("session_end", args=[session.pk]),
            reverse("session", args=[old.pk]),
            reverse("session_step", args=[old.pk, 1]),
            reverse("account_set_password"),
            reverse("account_logout"),
        ],
    )

    assert wrong == [], told(wrong)


def test_progress_with_years_gaps_and_two_sides_is_clean(
    visit: Callable[..., Watched], owner: User, ana: Client
) -> None:
    now = timezone.now()
    years = [s for s in bulk_sessions(ana, 400, now=now - timedelta(days=60)) if s.local_date.month != 3]
    TrainingSession.objects.filter(client=ana, local_date__month=3).delete()
    bulk_told(years)
    for day in (40, 20, 1):
        rate(ana, "nprs", 4 + day // 20, now=now - timedelta(days=day))

    wrong = look_at(visit(ana.user), [reverse("progress")], unfold=True)
    wrong += look_at(
        visit(owner, width="desk"), [reverse("admin:client_progress", args=[ana.pk])], TWO_LOOKS, unfold=True
    )

    assert wrong == [], told(wrong)


def test_pages_of_a_first_day_are_clean(visit: Callable[..., Watched], owner: User) -> None:
    now = timezone.now()
    fresh = make_client(name="Nora New", therapist=owner)
    empty = look_at(
        visit(fresh.user), [reverse("today"), reverse("program"), reverse("progress"), reverse("history")]
    )
    assign(fresh, by=owner, now=now)
    questions = look_at(
        visit(fresh.user),
        [reverse("today"), *(reverse("screening_list", args=[slug]) for slug in CHECKLISTS)],
    )
    screen(fresh, now=now)
    before = look_at(
        visit(fresh.user), [reverse("session_start", args=[1]), reverse("without_app", args=[1])]
    )
    screen(fresh, now=now + timedelta(days=100), yes=["fever_unwell"])
    blocked = look_at(visit(fresh.user), [reverse("today"), reverse("blocked")])
    blocked += look_at(visit(owner), [reverse("admin:client_handout", args=[fresh.pk])])

    wrong = empty + questions + before + blocked
    assert wrong == [], told(wrong)


CHECKLISTS = ("warning_signs", "ask_first", "adjust")


def test_pages_with_errors_keep_what_was_typed_and_are_clean(
    visit: Callable[..., Watched], ana: Client, owner: User
) -> None:
    desk = visit(owner, width="desk")
    desk.page.goto(reverse("admin:clients_client_add"))
    desk.page.get_by_label(re.compile("^Complaint")).fill(LONG)
    desk.page.get_by_label(re.compile("^E-mail")).fill("no address")
    desk.page.get_by_role("button", name="Take into care").click()

    assert desk.page.locator("[aria-invalid=true]").count() >= 2
    assert desk.page.get_by_label(re.compile("^E-mail")).input_value() == "no address"
    assert axe_findings(desk) == []
    assert desk.troubles == []


def test_doors_are_clean(visit: Callable[..., Watched], owner: User) -> None:
    client = make_client(name="Iris Invited", with_account=False, therapist=owner)
    invitation = make_link(AccessLink.Purpose.INVITATION, client=client, now=timezone.now())
    member = make_client(name="Mia Member", therapist=owner)
    assign(member, by=owner, now=timezone.now())
    token = ReminderSchedule.objects.get(client=member).token
    yesterday = member.local_date(timezone.now()) - timedelta(days=1)

    wrong = look_at(
        visit(None),
        [
            reverse("account_login"),
            reverse("account_reset_password"),
            reverse("sign_in"),
            "/" + invitation.split("/", 3)[3],
            reverse("reminder_letters", args=[token]),
            reverse("morning_letter", args=[make_token(member, yesterday, "sore")]),
        ],
    )

    assert wrong == [], told(wrong)


def test_workplace_is_clean(visit: Callable[..., Watched], owner: User, ana: Client) -> None:
    tag(ana, "osteoporosis")
    make_visit(ana, ("piriformis", "left", "tight", 7), ("triceps_brachii", "left", "tight", 2))
    program = Program.objects.get(slug="program_sciatica_piriformis")
    step = AssignedStep.objects.filter(phase__assignment__client=ana).first()
    phase = step.phase
    now = timezone.now()
    found = [("piriformis", "right", "tight", 7), ("gluteus_medius", "both", "weak", 4)]
    earlier = examine(
        ana, found=found, joints=[("hip", "right", "held turned out")], now=now - timedelta(days=3)
    )
    visit_now = examine(ana, found=found[:1], pain=[("buttock", "right", 5)], close=False, now=now)
    at_visit = reverse("admin:client_visit", args=[ana.pk, visit_now.pk])

    wrong = look_at(
        visit(owner, width="desk"),
        [
            reverse("admin:index"),
            reverse("admin:clients_client_changelist"),
            reverse("admin:clients_client_add"),
            reverse("admin:client", args=[ana.pk]),
            reverse("admin:clients_client_change", args=[ana.pk]),
            reverse("admin:client_care_end", args=[ana.pk]),
            reverse("admin:client_care_over", args=[ana.pk]),
            reverse("admin:client_conditions", args=[ana.pk]),
            reverse("admin:client_visits", args=[ana.pk]),
            reverse("admin:client_visits_compare", args=[ana.pk]),
            reverse("admin:client_visit", args=[ana.pk, earlier.pk]),
            at_visit,
            f"{at_visit}?place=buttock-right",
            f"{at_visit}?q=buttock",
            reverse("admin:client_assign", args=[ana.pk]),
            reverse("admin:client_draft", args=[ana.pk]),
            reverse("admin:client_step", args=[ana.pk, step.pk]),
            reverse("admin:client_step_remove", args=[ana.pk, step.pk]),
            reverse("admin:client_step_add", args=[ana.pk, phase.pk]),
            reverse("admin:routines_program_changelist"),
            reverse("admin:routines_program_builder", args=[program.pk]),
            reverse("admin:routines_exercise_changelist"),
            reverse("admin:routines_exercise_change", args=[Exercise.objects.get(slug="bridge").pk]),
            reverse("admin:routines_imbalance_changelist"),
            reverse("admin:routines_imbalance_change", args=[Imbalance.objects.get(slug="lower_crossed").pk]),
            reverse("admin:routines_muscle_changelist"),
            reverse("admin:routines_muscle_change", args=[Muscle.objects.get(slug="piriformis").pk]),
            reverse("admin:clients_delivery_changelist"),
            reverse("admin:messages"),
            reverse("admin:client_messages", args=[ana.pk]),
            reverse("admin:search"),
        ],
    )

    assert wrong == [], told(wrong)


@pytest.fixture
def measured(ana: Client, owner: User) -> OwnMeasure:
    """Ana has rated what she was asked, twice, and was measured on two days."""
    measure = OwnMeasure.objects.create(client=ana, name="Hip flexion", unit="°", sided=True, by=owner)
    for ago in (5, 0):
        now = timezone.now() - timedelta(days=ago)
        rate(ana, "nprs", 3 + ago % 3, now=now)
        rate(ana, "activities", [4, 6], now=now)
        sides = {"left": Decimal(90 - ago), "right": Decimal(100)}
        day = ana.local_date(now)
        record_measurement(measure, sides, day=day, by=owner, key=new_key(), now=timezone.now())
    diary = {"leg_pain": 2, "leg_feeling": 0, "leg_trust": 5, "leg_rest": 2}
    rate(ana, "leg_symptoms", diary, now=timezone.now())
    return measure


def number_of(slug: str) -> int:
    return OutcomeMeasure.objects.get(slug=slug).pk


def test_measures_and_the_method_are_clean(
    visit: Callable[..., Watched], ana: Client, measured: OwnMeasure
) -> None:
    wrong = look_at(
        visit(ana.user),
        [
            reverse("measures"),
            reverse("measure", args=[number_of("nprs")]),
            reverse("measure", args=[number_of("activities")]),
            reverse("measure", args=[number_of("leg_symptoms")]),
            reverse("measure_activities"),
            reverse("measure_question"),
            reverse("why_release_first"),
        ],
    )

    assert wrong == [], told(wrong)


def test_measures_and_numbers_at_the_workplace_are_clean(
    visit: Callable[..., Watched], ana: Client, owner: User, measured: OwnMeasure
) -> None:
    program = ana.assignments.get()

    wrong = look_at(
        visit(owner, width="desk"),
        [
            reverse("admin:client", args=[ana.pk]),
            reverse("admin:client_measures", args=[ana.pk]),
            reverse("admin:client_measure", args=[ana.pk, "change"]),
            reverse("admin:client_measure", args=[ana.pk, "rmdq"]),
            reverse("admin:client_measure_activities", args=[ana.pk]),
            reverse("admin:client_measure_question", args=[ana.pk]),
            reverse("admin:client_measure_define", args=[ana.pk]),
            reverse("admin:client_own_measure", args=[ana.pk, measured.pk]),
            reverse("admin:client_numbers", args=[ana.pk, program.pk]),
            reverse("admin:client_rule_numbers", args=[ana.pk, program.pk, "step_back"]),
            reverse("admin:clients_practice_numbers"),
            reverse("admin:clients_practice_rule", args=["reassess"]),
        ],
    )

    assert wrong == [], told(wrong)


def test_builder_for_a_client_and_its_preview_are_clean(
    visit: Callable[..., Watched], owner: User, ana: Client
) -> None:
    tag(ana, "osteoporosis")
    tag(ana, "recent_fracture_or_surgery")
    program = Program.objects.get(slug="program_sciatica_piriformis")
    builder = f"{reverse('admin:routines_program_builder', args=[program.pk])}?client={ana.pk}"

    wrong = look_at(
        visit(owner, width="desk"),
        [
            f"{builder}&find-area=buttock",
            f"{reverse('admin:routines_program_preview', args=[program.pk])}?client={ana.pk}",
        ],
    )

    assert wrong == [], told(wrong)


# ---- The pages of the workplace, group by group --------------------------------------------------------------------------


def pages_of_the_queue(ana: Client) -> list[str]:
    return [
        reverse("admin:index"),
        reverse("admin:messages"),
        reverse("admin:client_messages", args=[ana.pk]),
        reverse("admin:client_thresholds", args=[ana.pk]),
        reverse("admin:clients_practice_attention"),
        reverse("admin:search"),
    ]


def pages_of_a_client(ana: Client) -> list[str]:
    therapist = ana.care_team.get().therapist
    document = Document.objects.create(
        client=ana,
        number=1,
        title="A letter",
        kind="pdf",
        name="a.pdf",
        size=1,
        key=uuid4(),
        at=timezone.now(),
        by=therapist,
    )
    tabs = (
        "client",
        "client_plan",
        "client_progress",
        "client_timeline",
        "client_records",
        "client_letters",
        "client_since",
    )
    return [
        *(reverse(f"admin:{name}", args=[ana.pk]) for name in tabs),
        reverse("admin:client_document_withdraw", args=[ana.pk, document.pk]),
    ]


def pages_of_a_plan(ana: Client) -> list[str]:
    assignment = ana.assignments.get()
    step = AssignedStep.objects.filter(phase__assignment=assignment).first()
    assert step is not None
    return [
        reverse("admin:client_step_swap", args=[ana.pk, step.pk]),
        reverse("admin:client_save_template", args=[ana.pk, assignment.pk]),
        reverse("admin:client_copy_program", args=[ana.pk]),
        reverse("admin:client_handout", args=[ana.pk]),
        reverse("admin:client_sheet", args=[ana.pk]),
        reverse("admin:client_ask_list", args=[ana.pk, "warning_signs"]),
        reverse("admin:client_assignment", args=[ana.pk, assignment.pk, "pause"]),
        reverse("admin:client_assignment", args=[ana.pk, assignment.pk, "end"]),
        reverse("admin:program_updates", args=[assignment.program_id]),
    ]


def pages_of_the_catalogue(ana: Client) -> list[str]:
    exercise = Exercise.objects.get(slug="bridge")
    own = Exercise.objects.get(slug="clam")
    keep_exercise(own, ana.care_team.get().therapist, now=timezone.now())
    photo = BytesIO()
    Image.new("RGB", (4, 3)).save(photo, "PNG")
    photo.seek(0)
    add_photo(own, photo)
    bring(read_bytes(open_zip()), now=timezone.now())
    came = ImportedExercise.objects.get()
    return [
        reverse("admin:routines_exercise_change", args=[exercise.pk]),
        reverse("admin:routines_exercise_change", args=[own.pk]),
        reverse("admin:routines_exercise_add"),
        reverse("admin:routines_exercise_media", args=[own.pk]),
        reverse("admin:routines_exercise_import"),
        f"{reverse('admin:routines_exercise_figures')}?moving",
        reverse("admin:routines_exercise_reviews"),
        reverse("admin:routines_exercise_review", args=[came.exercise_id]),
        reverse("admin:routines_export"),
        reverse("admin:routines_program_add"),
    ]


def pages_of_the_practice(ana: Client) -> list[str]:
    letter = ["reminder", "en"]
    member = ana.care_team.get().therapist_id
    return [
        reverse("admin:clients_practice_changelist"),
        reverse("admin:clients_practice_look"),
        reverse("admin:clients_practice_words"),
        reverse("admin:clients_practice_letters"),
        reverse("admin:clients_practice_letter", args=letter),
        reverse("admin:clients_practice_preview", args=letter),
        reverse("admin:clients_practice_team"),
        reverse("admin:clients_practice_invite"),
        reverse("admin:clients_practice_member", args=[member]),
        reverse("admin:clients_practice_decide", args=[member, "out"]),
        reverse("admin:clients_careteam_covers"),
        reverse("admin:clients_careteam_cover"),
        reverse("admin:report"),
    ]


@pytest.mark.parametrize(
    "pages",
    [
        pages_of_the_queue,
        pages_of_a_client,
        pages_of_a_plan,
        pages_of_the_catalogue,
        pages_of_the_practice,
    ],
)
def test_pages_of_the_workplace_are_clean_with_everything_open(
    visit: Callable[..., Watched], owner: User, ana: Client, pages: Callable[[Client], list[str]]
) -> None:
    wrong = look_at(visit(owner, width="desk"), pages(ana), TWO_LOOKS, unfold=True)

    assert wrong == [], told(wrong)
