"""The builder for one client: what is known of them beside the design, and the program as they will see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client as Web
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.demo import builders
from clients.models import Assignment, Client, HomeSetup, OwnProgram, User, WarningOverride
from routines.composing import add_step, copy_program
from routines.models import Exercise, Program
from tests.routines.test_builder import again, press, sent

pytestmark = pytest.mark.django_db
ADD = "admin:routines_program_add"


@pytest.fixture
def program() -> Program:
    return copy_program(Program.objects.get(slug="program_sciatica_piriformis"), "Sciatica of the practice")


def url(program: Program, client: Client | None = None, page: str = "builder") -> str:
    address = reverse(f"admin:routines_program_{page}", args=[program.pk])
    return f"{address}?client={client.pk}" if client else address


def asked(answer: Any, slug: str) -> Any:
    return next(each for each in answer.context["bench"].asked if each.warning.slug == slug)


# ---- Who comes in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["builder", "preview"])
def test_client_of_another_therapist_is_not_there(
    web_as: Callable[..., Web],
    adam: User,
    owner: User,
    office: User,
    carla: Client,
    program: Program,
    page: str,
) -> None:
    asked = url(program, carla, page)

    assert web_as(adam).get(asked).status_code == 404
    assert web_as(adam).post(asked, {"act": "save"}).status_code in (404, 405)
    assert web_as(owner).get(asked).status_code == 200
    assert web_as(office).get(asked).status_code == 403


def test_new_program_for_a_client_of_another_is_not_made(
    web_as: Callable[..., Web], adam: User, carla: Client
) -> None:
    web = web_as(adam)
    page = sent(web.get(reverse(ADD)))

    answer = web.post(f"{reverse(ADD)}?client={carla.pk}", {**page, "name": "Forged", "act": "save"})

    assert answer.status_code == 404
    assert not Program.objects.filter(name="Forged").exists()


@pytest.mark.parametrize("client", ["", "x", "0", "-1", "9" * 40, "1 or 1"])
def test_client_that_there_is_not_is_not_there(
    web_as: Callable[..., Web], adam: User, program: Program, client: str
) -> None:
    web = web_as(adam)

    assert web.get(f"{url(program)}?client={client}").status_code == 404
    assert web.get(f"{url(program, page='preview')}?client={client}").status_code == 404


def test_last_of_two_clients_counts(
    web_as: Callable[..., Web], adam: User, ana: Client, carla: Client, program: Program
) -> None:
    web = web_as(adam)

    assert web.get(f"{url(program)}?client={ana.pk}&client={carla.pk}").status_code == 404
    assert "CANARY" not in web.get(f"{url(program)}?client={carla.pk}&client={ana.pk}").content.decode()


def test_own_program_of_another_is_not_previewed(
    web_as: Callable[..., Web], adam: User, berta: User, program: Program
) -> None:
    OwnProgram.objects.create(program=program, therapist=berta)

    assert web_as(adam).get(url(program, page="preview")).status_code == 404
    assert web_as(berta).get(url(program, page="preview")).status_code == 200


# ---- Beside the design ----------------------------------------------------------------------------------------------


def test_what_is_known_of_the_client_stands_beside(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    builders.tag(ana, "bleeding_risk")
    builders.examine(ana, found=[("piriformis", "right", "tight", 7)])
    HomeSetup.objects.create(client=ana, floor=False, minutes=9, tools_at=timezone.now())

    answer = web_as(adam).get(url(program, ana))

    html = answer.content.decode()
    assert "For Ana Silva" in html
    assert "Blood thinners" in html
    assert "does not get down to it" in html
    assert "What your hands found on" in html
    assert answer.context["bench"].sheet.phases[0].spent.budget.minutes == 9


def test_step_and_review_say_what_speaks_against_it(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    builders.tag(ana, "bleeding_risk", valid_from=timezone.localdate())

    web = web_as(adam)
    for_ana, for_nobody = web.get(url(program, ana)), web.get(url(program))

    first = for_ana.context["bench"].sheet.phases[0].steps[0]
    assert [remark.slug for remark in first.remarks] == ["with_care"]
    assert "only with care because of" in asked(for_ana, "with_care").warning.sentence
    assert not for_nobody.context["bench"].sheet.phases[0].steps[0].remarks
    assert for_nobody.context["bench"].warnings == []


def test_search_marks_what_does_not_suit_and_leaves_it_out_on_demand(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    HomeSetup.objects.create(client=ana, floor=False)
    web = web_as(adam)
    page = sent(web.get(url(program, ana)))

    every = web.post(url(program, ana), {**page, "act": "find", "find-q": "bridge"})
    fitting = web.post(url(program, ana), {**page, "act": "find", "find-q": "bridge", "find-fitting": "on"})

    assert any(hit.remarks for hit in every.context["found"])
    assert all(not hit.remarks and not hit.exercise.needs_floor for hit in fitting.context["found"])
    assert len(fitting.context["found"]) < len(every.context["found"])


def test_saving_stays_with_the_client(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    web = web_as(adam)
    page = web.get(url(program, ana))
    made = press(web, f"{reverse(ADD)}?client={ana.pk}", "save", name="For somebody")

    assert again(web, url(program, ana), page, "save")["Location"] == url(program, ana)
    assert made["Location"] == url(Program.objects.get(name="For somebody"), ana)


def test_copy_is_made_for_the_same_client(
    web_as: Callable[..., Web], adam: User, ana: Client, carla: Client, program: Program
) -> None:
    web = web_as(adam)
    copied = web.post(url(program, ana, "copy"))
    number = Program.objects.count()
    refused = web.post(url(program, carla, "copy"))

    assert copied["Location"] == url(Program.objects.latest("pk"), ana)
    assert (refused.status_code, Program.objects.count()) == (404, number)


def test_reason_about_the_client_is_theirs_alone(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    ben = builders.make_client(name="Ben", therapist=adam)
    for client in (ana, ben):
        builders.tag(client, "bleeding_risk", valid_from=timezone.localdate())
    web = web_as(adam)
    page = web.get(url(program, ana))
    token = asked(page, "with_care").token

    again(web, url(program, ana), page, "save", **{f"why-{token}-reason": "Her doctor agrees."})

    row = WarningOverride.objects.get()
    assert (row.client, row.program, row.by) == (ana, program, adam)
    assert asked(web.get(url(program, ana)), "with_care").said.reason == "Her doctor agrees."
    assert asked(web.get(url(program, ben)), "with_care").said is None
    assert "Her doctor" not in web.get(url(program)).content.decode()


def test_condition_that_began_anew_asks_anew(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    condition = builders.tag(ana, "bleeding_risk", valid_from=timezone.localdate())
    web = web_as(adam)
    page = web.get(url(program, ana))
    token = asked(page, "with_care").token
    again(web, url(program, ana), page, "save", **{f"why-{token}-reason": "Her doctor agrees."})

    condition.valid_from = timezone.localdate() - timedelta(days=1)
    condition.save()

    assert asked(web.get(url(program, ana)), "with_care").said is None


def test_forbidden_exercise_stays_hidden_from_the_client_with_a_reason_too(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    builders.tag(ana, "recent_fracture_or_surgery", valid_from=timezone.localdate())
    web = web_as(adam)
    page = web.get(url(program, ana))
    token = asked(page, "contraindicated").token
    again(web, url(program, ana), page, "save", **{f"why-{token}-reason": "I think it is fine."})

    shown = web.get(url(program, ana, "preview")).context["phases"]

    assert WarningOverride.objects.filter(client=ana).count() == 1
    names = {screen.exercise for phase in shown for screen in phase.screens}
    assert page.context["bench"].sheet.phases[0].steps[0].exercise.slug not in names


def test_builder_for_a_client_asks_the_same_of_few_steps_and_of_many(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    """Which exercises the search shows first is a matter of the database's order, and so is what is asked about them."""
    builders.tag(ana, "recent_fracture_or_surgery", valid_from=timezone.localdate())
    HomeSetup.objects.create(client=ana, floor=False, tools_at=timezone.now())
    web = web_as(adam)
    web.get(url(program, ana))

    def asked_of_both() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as builder:
            web.get(url(program, ana))
        with CaptureQueriesContext(connection) as preview:
            web.get(url(program, ana, "preview"))
        return len(builder), len(preview)

    few = asked_of_both()
    for number, exercise in enumerate(Exercise.objects.filter(needs_floor=True)[:20]):
        add_step(program.phases.all()[number % 4], exercise)

    assert asked_of_both() == few
    assert few[0] in (63, 64, 67)
    assert few[1] == 64


# ---- Preview --------------------------------------------------------------------------------------------------------


def test_preview_shows_each_phase_as_it_is_saved(
    web_as: Callable[..., Web], adam: User, program: Program
) -> None:
    answer = web_as(adam).get(url(program, page="preview"))

    phases = answer.context["phases"]
    assert [phase.name for phase in phases] == [phase.name for phase in program.phases.all()]
    assert [len(phase.screens) for phase in phases] == [4, 4, 4, 3]
    clam = next(screen for screen in phases[1].screens if screen.exercise == "clam")
    assert (clam.dose, clam.sets[:2]) == (
        "2 × 12 each side", ("12 repetitions left", "12 repetitions right"),
    )  # fmt: skip
    assert clam.cue in answer.content.decode()


def test_preview_shows_the_therapists_own_picture_as_the_client_will_see_it(
    web_as: Callable[..., Web], adam: User, program: Program
) -> None:
    exercise = program.phases.first().steps.first().exercise
    token = uuid4().hex
    exercise.media.create(kind="photo", order=0, token=token, alt="Adam at the wall")

    html = web_as(adam).get(url(program, page="preview")).content.decode()

    assert f"/media/{token}/small.webp" in html  # in the list of Today
    assert f"/media/{token}/large.webp" in html  # on the screen of the player


def test_preview_says_the_same_as_what_is_assigned(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    """The rows of Today on the first day, read from a real copy."""
    shown = web_as(adam).get(url(program, ana, "preview")).context["phases"][0]

    builders.assign(ana, program.slug, by=adam, now=timezone.now())
    rows = web_as(ana.user).get(reverse("today")).context["page"].rows

    assert [(each.exercise, each.dose, each.note) for each in shown.screens] == [
        (row.exercise, row.dose, row.note) for row in rows
    ]


def test_preview_of_a_draft_shows_what_is_not_saved_and_writes_nothing(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    web = web_as(adam)
    data = sent(web.get(url(program, ana)))

    answer = web.post(url(program, ana), {**data, "name": "Typed name", "step-0-sets": "3", "act": "preview"})

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Typed name" in html
    assert answer.context["phases"][0].screens[0].dose.startswith("3 × ")
    assert ("step-0-sets", "3") in answer.context["sent"]
    assert 'name="step-0-sets" value="3"' in html
    program.refresh_from_db()
    assert program.name != "Typed name"
    assert not Assignment.objects.exists()
    back = web.post(url(program, ana), {**dict(answer.context["sent"]), "act": "look"})
    assert back.context["bench"].sheet.phases[0].steps[0].form["sets"].value() == "3"


def test_preview_of_a_new_program_is_shown_before_it_is_saved(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    page = press(web, reverse(ADD), f"add:{Exercise.objects.get(slug='clam').pk}", into="p1")

    answer = again(web, reverse(ADD), page, "preview")

    assert [screen.exercise for phase in answer.context["phases"] for screen in phase.screens] == ["clam"]
    assert not Program.objects.filter(name="New program").exists()


def test_preview_leaves_out_what_is_wrong_and_says_so(
    web_as: Callable[..., Web], adam: User, program: Program
) -> None:
    web = web_as(adam)

    answer = press(web, url(program), "preview", **{"step-0-sets": "x"})

    assert answer.status_code == 200
    assert len(answer.context["phases"][0].screens) == 3
    assert "is left out here" in answer.content.decode()


def test_preview_of_nothing_says_what_to_do(web_as: Callable[..., Web], adam: User) -> None:
    program = Program.objects.create(slug="empty", name="Empty")

    answer = web_as(adam).get(url(program, page="preview"))

    assert "No phase has an exercise" in answer.content.decode()


def test_client_s_tools_and_yes_are_told_in_the_preview(
    web_as: Callable[..., Web], adam: User, ana: Client, program: Program
) -> None:
    builders.tag(ana, "bleeding_risk", valid_from=timezone.localdate())
    HomeSetup.objects.create(client=ana, tools_at=timezone.now())

    answer = web_as(adam).get(url(program, ana, "preview"))

    first = answer.context["phases"][0].screens[0]
    assert first.exercise == "smr_buttock_ball_wall"  # as if the yes were given
    assert "You have not ticked at home" in first.instead[0]
    assert "as if you had given it" in answer.content.decode()
