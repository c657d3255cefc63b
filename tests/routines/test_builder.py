"""The builder: the whole design travels with every post, and only *save* writes it down."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count
from django.test import Client as Web
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.demo import builders
from clients.models import OwnExercise, OwnProgram, User, WarningOverride
from routines.composing import add_phase, add_step, copy_program, design_of
from routines.models import Exercise, Imbalance, Phase, PhaseKind, Program, Step, TendernessSite
from routines.models.programs import MOST_PHASES, MOST_STEPS
from routines.tagging import set_tags
from tests.together import together

pytestmark = pytest.mark.django_db
SCIATICA = "program_sciatica_piriformis"


@pytest.fixture(autouse=True)
def plain_sign_in(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    builders.make_practice()


@pytest.fixture
def adam() -> User:
    return builders.make_therapist(name="Adam")


@pytest.fixture
def web(web_as: Callable[..., Web], adam: User) -> Web:
    return web_as(adam)


@pytest.fixture
def program() -> Program:
    """A copy, so that the shipped one stays what other tests expect."""
    return copy_program(Program.objects.get(slug=SCIATICA), "Sciatica of the practice")


@pytest.fixture
def short(program: Program) -> Program:
    """Two phases of three steps: what is tried in many ways is drawn in half the time."""
    program.phases.filter(order__gt=2).delete()
    Step.objects.filter(phase__program=program, order__gt=3).delete()
    assert [phase.steps.count() for phase in program.phases.all()] == [3, 3]
    return program


def url(program: Program) -> str:
    return reverse("admin:routines_program_builder", args=[program.pk])


ADD = "admin:routines_program_add"


def sent(answer: Any) -> dict[str, Any]:
    """What a browser would send back from this page: every field of the form as it stands."""
    bench = answer.context["bench"]
    data: dict[str, Any] = {
        "phase-TOTAL": str(len(bench.sheet.phases)),
        "step-TOTAL": str(bench.sheet.step_total),
        "into": bench.into["into"].value() or "",
    }
    forms = [bench.form, bench.budget, *(each.form for each in bench.asked if each.form)]
    data["agreed"] = [each.token for each in bench.asked if each.is_new]
    data["reopened"] = sorted(bench.answers.reopened)
    for phase in bench.sheet.phases:
        forms.append(phase.form)
        data[f"phase-{phase.number}-place"] = str(phase.number)
        for step in phase.steps:
            forms.append(step.form)
            data[f"step-{step.number}-place"] = str(step.number)
    for form in forms:
        for field in form:
            value = field.value()
            if isinstance(value, bool) or value is None:
                continue
            data[field.html_name] = value if isinstance(value, list) else str(getattr(value, "pk", value))
    return data


def press(web: Web, address: str, act: str, data: dict[str, Any] | None = None, **fields: Any) -> Any:
    """Presses a button of the page as it was opened, or as it came back."""
    data = sent(web.get(address)) if data is None else data
    return web.post(address, {**data, **fields, "act": act})


def again(web: Web, address: str, answer: Any, act: str, **fields: Any) -> Any:
    """Presses a button of a page that came back."""
    return web.post(address, {**sent(answer), **fields, "act": act})


def names(answer: Any) -> list[list[str]]:
    """The exercises of each phase, as the page shows them."""
    return [[step.exercise.slug for step in phase.steps] for phase in answer.context["bench"].sheet.phases]


def saved(program: Program) -> list[list[str]]:
    read = Program.objects.with_design().get(pk=program.pk)
    return [[step.exercise.slug for step in phase.steps] for phase in design_of(read)]


def untouched(program: Program) -> Any:
    return design_of(Program.objects.with_design().get(pk=program.pk))


# ---- Reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "slug",
    [
        "program_knee_valgus", "program_lower_crossed", "program_plantar_heel", "program_sciatica_piriformis",
        "program_upper_crossed",
    ],
)  # fmt: skip
def test_shipped_program_opens_without_a_warning_and_saves_as_it_is(web: Web, slug: str) -> None:
    program = Program.objects.get(slug=slug)
    before = untouched(program)
    page = web.get(url(program))

    assert page.context["bench"].warnings == []
    assert again(web, url(program), page, "save").status_code == 302
    assert untouched(program) == before


def test_page_shows_minutes_and_steps_at_once(web: Web, program: Program) -> None:
    phases = web.get(url(program)).context["bench"].sheet.phases

    assert [(phase.minutes, phase.at_once) for phase in phases] == [(10, 4), (20, 4), (25, 4), (12, 3)]


def test_new_program_begins_with_the_four_phases(web: Web) -> None:
    page = web.get(reverse(ADD))

    assert [phase.kind for phase in page.context["bench"].sheet.phases] == PhaseKind.values
    assert {warning.slug for warning in page.context["bench"].warnings} == {"empty_phase"}


# ---- Arranging: nothing is written ----------------------------------------------------------------------------------


def test_buttons_change_the_draft_and_write_nothing(web: Web, program: Program) -> None:
    before = untouched(program)
    exercise = Exercise.objects.get(slug="clam")
    for act in (
        "up:p0.1",
        "down:p0.0",
        "out:p0.0",
        "phase-up:p1",
        "phase-out:p2",
        "phase-new:release",
        f"add:{exercise.pk}",
    ):
        assert press(web, url(program), act).status_code == 200

    assert untouched(program) == before


def test_step_moves_down_and_up(web: Web, program: Program) -> None:
    first = names(web.get(url(program)))[0]

    down = press(web, url(program), "down:p0.0")
    back = again(web, url(program), down, "up:p0.1")

    assert names(down)[0] == [first[1], first[0], *first[2:]]
    assert names(back)[0] == first


def test_step_moves_over_to_the_neighbour_phase(web: Web, program: Program) -> None:
    before = names(web.get(url(program)))

    down = press(web, url(program), "down:p0.3")
    up = press(web, url(program), "up:p1.0")

    assert names(down)[:2] == [before[0][:3], [before[0][3], *before[1]]]
    assert names(up)[:2] == [[*before[0], before[1][0]], before[1][1:]]


@pytest.mark.parametrize("act", ["up:p0.0", "down:p1.2", "phase-up:p0", "phase-down:p1"])
def test_ends_of_the_program_are_ends(web: Web, short: Program, act: str) -> None:
    assert names(press(web, url(short), act)) == names(web.get(url(short)))


@pytest.mark.parametrize(
    "act",
    ["", "nonsense", "up:", "up:p9.0", "up:p0.99", "up:p0.x", "out:x", "phase-out:x", "phase-new:x", "add:x",
     "add:999999999999999999999999", "add:", "into:x", "find", "look"],
)  # fmt: skip
def test_nonsense_leaves_the_draft_as_it_is(web: Web, short: Program, act: str) -> None:
    answer = press(web, url(short), act)

    assert answer.status_code == 200
    assert names(answer) == names(web.get(url(short)))


def test_phase_moves_with_its_steps(web: Web, program: Program) -> None:
    before = names(web.get(url(program)))

    answer = press(web, url(program), "phase-down:p0")

    assert names(answer) == [before[1], before[0], *before[2:]]
    assert "out_of_order" in {warning.slug for warning in answer.context["bench"].warnings}


def test_what_was_typed_comes_back_with_every_button(web: Web, program: Program) -> None:
    answer = press(
        web, url(program), "down:p0.0",
        **{"name": "Typed name", "step-0-note": "Typed note", "phase-1-name": "Typed phase", "step-2-sets": "x"},
    )  # fmt: skip

    html = answer.content.decode()
    assert all(words in html for words in ("Typed name", "Typed note", "Typed phase", 'value="x"'))


def test_dragged_rows_are_sorted_by_their_place(web: Web, program: Program) -> None:
    data = sent(web.get(url(program)))
    data["step-0-place"], data["step-0-phase"] = "99", "p1"

    answer = press(web, url(program), "look", data)

    shown = names(answer)
    assert len(shown[0]) == 3
    assert shown[1][-1] == "smr_buttock_ball_wall"


# ---- Adding ---------------------------------------------------------------------------------------------------------


def test_added_exercise_brings_its_own_dose(web: Web, program: Program) -> None:
    exercise = Exercise.objects.get(slug="clam")

    answer = press(web, url(program), f"add:{exercise.pk}", into="p2")

    row = answer.context["bench"].sheet.phases[2].steps[-1]
    assert row.exercise == exercise
    assert row.form.dose == exercise.dose
    assert row.is_new


def test_search_stands_in_the_page(web: Web, program: Program) -> None:
    answer = press(web, url(program), "find", **{"find-q": "bridge"})

    assert {exercise.slug for exercise in answer.context["hits"]} == {"bridge", "bridge_single_leg"}


@pytest.mark.parametrize(
    ("field", "value", "lookup"),
    [
        ("kind", "strengthen", {"kind": "strengthen"}),
        ("position", "prone", {"position": "prone"}),
        ("muscle", "piriformis", {"muscles__muscle__slug": "piriformis"}),
        ("equipment", "foam_roller", {"equipment__slug": "foam_roller"}),
    ],
)
def test_search_is_narrowed_by_filters(
    web: Web, program: Program, field: str, value: str, lookup: dict[str, str]
) -> None:
    hits = web.get(url(program), {f"find-{field}": value}).context["hits"]

    assert hits
    assert {hit.pk for hit in hits} <= set(Exercise.objects.filter(**lookup).values_list("pk", flat=True))


def test_search_begins_with_the_kinds_of_the_phase(web: Web, program: Program) -> None:
    answer = press(web, url(program), "into:p1")

    assert {hit.kind for hit in answer.context["hits"]} == {"strengthen"}


@pytest.mark.parametrize("query", [{"find-q": "x" * 300}, {"find-kind": "nonsense"}, {"find-muscle": "'"}])
def test_search_leaves_out_what_it_does_not_understand(
    web: Web, short: Program, query: dict[str, str]
) -> None:
    assert web.get(url(short), query).status_code == 200


def test_retired_exercise_is_not_offered_but_stays_where_it_is(web: Web, program: Program) -> None:
    exercise = Exercise.objects.get(slug="smr_buttock_ball_wall")
    Exercise.objects.filter(pk=exercise.pk).update(retired_at=timezone.now())

    answer = press(web, url(program), "find", **{"find-q": "buttock at a wall"})

    assert exercise not in answer.context["hits"]
    assert "retired_exercise" in {warning.slug for warning in answer.context["bench"].warnings}
    assert names(answer)[0][0] == exercise.slug


def test_full_program_takes_no_more(web: Web, program: Program) -> None:
    phase = program.phases.first()
    exercise = Exercise.objects.get(slug="clam")
    for _number in range(MOST_STEPS - Step.objects.filter(phase__program=program).count()):
        add_step(phase, exercise)

    answer = press(web, url(program), f"add:{exercise.pk}")

    assert answer.context["bench"].sheet.step_total == MOST_STEPS
    assert "The program is full" in answer.content.decode()


def test_full_program_is_saved_with_all_that_a_browser_sends(web: Web) -> None:
    program = Program.objects.create(slug="full", name="Full")
    exercises = Exercise.objects.annotate(targets=Count("muscles")).order_by("-targets")[:MOST_STEPS]
    for _number in range(MOST_PHASES):
        add_phase(program, "release")
    for number, exercise in enumerate(exercises):
        add_step(program.phases.all()[number % MOST_PHASES], exercise)
    page = web.get(url(program))
    html = page.content.decode()
    for phase in page.context["bench"].sheet.phases:  # every muscle is ticked
        muscles = [key for key, _word in phase.form.fields["tracked"].choices]
        TendernessSite.objects.bulk_create(
            TendernessSite(phase_id=phase.form["id"].value(), muscle_id=muscle, order=order)
            for order, muscle in enumerate(muscles)
        )
    everything = dict.fromkeys(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', html), "")
    data = {**everything, **sent(web.get(url(program))), "confirmed": "on"}

    answer = press(web, url(program), "save", data)

    assert answer.status_code == 302
    assert sum(len(value) if isinstance(value, list) else 1 for value in data.values()) < 900
    assert sum(map(len, saved(program))) == MOST_STEPS


# ---- Doses of one press, the budget, the body map ----------------------------------------------------------------------


def test_dose_of_one_press_fills_the_step_and_writes_nothing(web: Web, program: Program) -> None:
    before = untouched(program)
    clam = web.get(url(program)).context["bench"].sheet.phases[1].steps[1]

    lighter = press(web, url(program), f"dose:{clam.where}:lighter")
    own = again(web, url(program), lighter, f"dose:{clam.where}:own")

    row = lighter.context["bench"].sheet.phases[1].steps[1]
    assert (row.form.dose.sets, row.form.dose.reps, row.is_new) == (1, 8, True)
    assert [each.preset.slug for each in row.presets if each.stands] == ["lighter"]
    assert own.context["bench"].sheet.phases[1].steps[1].form.dose == clam.exercise.dose
    assert untouched(program) == before


@pytest.mark.parametrize(
    "act", ["dose:", "dose:p0.0", "dose:p0.0:", "dose:p0.0:x", "dose:p9.9:own", "dose:x:own"]
)
def test_dose_of_no_name_leaves_the_draft_as_it_is(web: Web, short: Program, act: str) -> None:
    answer = press(web, url(short), act)

    assert answer.status_code == 200
    assert answer.context["bench"].sheet.design() == web.get(url(short)).context["bench"].sheet.design()


def test_presets_fit_the_kind(web: Web, program: Program) -> None:
    phases = web.get(url(program)).context["bench"].sheet.phases

    massage, strengthen = phases[0].steps[0], phases[1].steps[1]
    assert "fuller" not in {each.preset.slug for each in massage.presets}
    assert "fuller" in {each.preset.slug for each in strengthen.presets}


def test_budget_is_shown_beside_what_a_phase_asks_for(web: Web, program: Program) -> None:
    usual = web.get(url(program)).context["bench"].sheet.phases[0].spent.bars
    tighter = press(web, url(program), "look", **{"budget-minutes": "8", "budget-at_once": "2"})

    bars = tighter.context["bench"].sheet.phases[0].spent.bars
    assert [(bar.words, bar.over) for bar in usual] == [("10 of 15 min a day", 0), ("4 of 4 at once", 0)]
    assert [(bar.words, bar.over, bar.percent) for bar in bars] == [
        ("10 of 8 min a day", 2, 100), ("4 of 2 at once", 2, 100),
    ]  # fmt: skip
    kept = web.get(url(program)).context["bench"].sheet.phases[0].spent.budget
    assert (kept.minutes, kept.at_once) == (8, 2)  # until one signs out


def test_review_of_a_good_design_names_the_phases_over_budget(web: Web, program: Program) -> None:
    plenty, short_of = ({"budget-minutes": minutes, "budget-at_once": "12"} for minutes in ("60", "8"))

    enough = press(web, url(program), "look", **plenty).content.decode()
    tighter = press(web, url(program), "look", **short_of).content.decode()

    assert "Nothing to say against this design<" in enough
    assert "Nothing to say against this design<" not in tighter
    assert f"but that it asks for more than the budget: {program.phases.get(order=1).name}" in tighter


@pytest.mark.parametrize("minutes", ["", "x", "2", "181", "9" * 400, "\x00"])
def test_budget_that_cannot_be_is_said_and_stops_nothing(web: Web, program: Program, minutes: str) -> None:
    shown = press(web, url(program), "look", **{"budget-minutes": minutes})
    saved_all_the_same = press(web, url(program), "save", **{"budget-minutes": minutes})

    assert shown.context["bench"].budget.errors
    assert shown.context["bench"].sheet.phases[0].spent.budget.minutes == 15
    assert saved_all_the_same.status_code == 302


def test_pressed_area_finds_the_exercises_of_its_muscles(web: Web, program: Program) -> None:
    answer = press(web, url(program), "area:buttock")
    narrower = again(web, url(program), answer, "find", **{"find-area": "buttock", "find-kind": "strengthen"})
    everywhere = again(web, url(program), answer, "area:", **{"find-area": "buttock"})

    there = set(
        Exercise.objects.filter(muscles__muscle__body_area__slug="buttock").values_list("pk", flat=True)
    )
    assert answer.context["hits"]
    assert {hit.pk for hit in answer.context["hits"]} <= there
    assert {hit.kind for hit in narrower.context["hits"]} == {"strengthen"}
    assert everywhere.context["bench"].search.pressed is None
    html = answer.content.decode()
    assert 'value="area:buttock" aria-pressed="true"' in html
    assert "body-region chosen" in html


def test_map_and_list_name_the_same_areas(web: Web, program: Program) -> None:
    html = web.get(url(program)).content.decode()

    pressed = set(re.findall(r'href="#find-in-(\w+)"', html))
    listed = set(re.findall(r'id="find-in-(\w+)"', html))
    assert pressed == listed
    assert len(listed) > 20


@pytest.mark.parametrize("area", ["nowhere", "x" * 500, "'", "a b"])
def test_area_that_is_none_is_left_out(web: Web, short: Program, area: str) -> None:
    answer = press(web, url(short), f"area:{area}")

    assert answer.status_code == 200
    assert answer.context["bench"].search.pressed is None
    assert answer.context["hits"]


# ---- Warnings that are overridden ----------------------------------------------------------------------------------------


FOUR = {"step-5-days_per_week": "4"}


def asked(answer: Any, slug: str = "four_days") -> Any:
    return next(each for each in answer.context["bench"].asked if each.warning.slug == slug)


def test_warning_is_kept_with_its_reason_and_asks_no_more(web: Web, adam: User, program: Program) -> None:
    page = press(web, url(program), "look", **FOUR)
    token = asked(page).token
    given = again(
        web, url(program), page, f"keep:{token}", **{f"why-{token}-reason": "She swims on Fridays."}
    )

    assert asked(given).said.reason == "She swims on Fridays."
    assert not WarningOverride.objects.exists()  # nothing is written before one saves

    answer = again(web, url(program), given, "save", **{f"why-{token}-reason": "She swims on Fridays."})
    row = WarningOverride.objects.get()
    shown = web.get(answer["Location"])
    assert (row.program, row.client, row.warning, row.by) == (program, None, "four_days", adam)
    assert row.sentence == asked(page).warning.sentence
    assert (asked(shown).said.reason, asked(shown).said.by) == ("She swims on Fridays.", "Adam")
    assert "You said: “She swims on Fridays.”" in shown.content.decode()


def test_reason_that_is_typed_is_kept_with_the_program(web: Web, program: Program) -> None:
    page = press(web, url(program), "look", **FOUR)
    token = asked(page).token

    again(web, url(program), page, "save", **{f"why-{token}-reason": "Agreed."})

    assert WarningOverride.objects.get().reason == "Agreed."


def test_reason_stays_typed_with_every_other_button(web: Web, program: Program) -> None:
    page = press(web, url(program), "look", **FOUR)
    token = asked(page).token

    answer = again(web, url(program), page, "down:p0.0", **{f"why-{token}-reason": "Half a thou"})

    assert asked(answer).said is None
    assert asked(answer).form["reason"].value() == "Half a thou"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "\x00"])
def test_reason_that_is_none_is_said_beside_its_warning(web: Web, program: Program, reason: str) -> None:
    page = press(web, url(program), "look", **FOUR)
    token = asked(page).token

    answer = again(web, url(program), page, f"keep:{token}", **{f"why-{token}-reason": reason})

    assert answer.status_code == 422
    assert asked(answer).form.errors
    assert asked(answer).said is None


def test_too_long_reason_is_not_lost_by_saving(web: Web, program: Program) -> None:
    page = press(web, url(program), "look", **FOUR)
    token = asked(page).token

    answer = again(web, url(program), page, "save", **{f"why-{token}-reason": "x" * 301})

    assert answer.status_code == 422
    assert "x" * 301 in answer.content.decode()


def test_reason_for_another_dose_is_asked_anew(web: Web, program: Program) -> None:
    page = press(web, url(program), "look", **{"step-0-sets": "9"})
    token = asked(page, "unusual_dose").token
    again(web, url(program), page, "save", **{f"why-{token}-reason": "He tolerates it."})

    other = press(web, url(program), "look", **{"step-0-sets": "10"})
    again(web, url(program), other, "save")

    assert all(each.said is None for each in other.context["bench"].asked)
    assert WarningOverride.objects.get().ended_at is not None


def test_reason_that_is_taken_back_asks_again(web: Web, program: Program) -> None:
    page = press(web, url(program), "look", **FOUR)
    token = asked(page).token
    again(web, url(program), page, "save", **{f"why-{token}-reason": "Agreed."})

    back = press(web, url(program), f"reopen:{token}")
    assert asked(back).said is None
    assert WarningOverride.objects.get().ended_at is None
    again(web, url(program), back, "save")

    assert WarningOverride.objects.get().ended_at is not None
    assert asked(web.get(url(program))).said is None


@pytest.mark.parametrize("act", ["keep:", "keep:x", "keep:" + "0" * 16, "reopen:", "reopen:x"])
def test_reason_for_a_warning_that_there_is_not_is_left_out(web: Web, program: Program, act: str) -> None:
    token = "0" * 16
    forged = {f"why-{token}-reason": "Forged", "agreed": [token, "x"], "reopened": [token]}

    page = press(web, url(program), act, **forged)
    again(web, url(program), page, "save", **forged)

    assert page.status_code == 200
    assert not WarningOverride.objects.exists()


def test_token_that_the_page_did_not_ask_reaches_no_query(web: Web, program: Program) -> None:
    page = press(web, url(program), "look", **FOUR)

    with CaptureQueriesContext(connection) as queries:
        answer = again(web, url(program), page, "save", reopened=["forged", "nul\0"])

    assert answer.status_code == 302
    assert not [each for each in queries if "forged" in each["sql"]]


def test_hard_limit_stays_hard_with_a_reason(web: Web, program: Program) -> None:
    phase = program.phases.first()
    for slug in ("clam", "bridge"):
        add_step(phase, Exercise.objects.get(slug=slug))
    page = web.get(url(program))
    token = asked(page, "too_many_at_once").token

    answer = again(web, url(program), page, "save", **{f"why-{token}-reason": "He is an athlete."})

    assert answer.status_code == 422
    assert not WarningOverride.objects.exists()


def test_own_program_is_deleted_with_its_reasons(web: Web, adam: User, program: Program) -> None:
    OwnProgram.objects.create(program=program, therapist=adam)
    page = press(web, url(program), "look", **FOUR)
    again(web, url(program), page, "save", **{f"why-{asked(page).token}-reason": "Agreed."})

    web.post(reverse("admin:routines_program_delete", args=[program.pk]), {"post": "yes"})

    assert not Program.objects.filter(pk=program.pk).exists()
    assert not WarningOverride.objects.exists()


# ---- Saving ---------------------------------------------------------------------------------------------------------


def test_save_writes_order_dose_and_rows_together(web: Web, program: Program) -> None:
    kept = set(Step.objects.filter(phase__program=program).values_list("pk", flat=True))
    page = press(web, url(program), "down:p0.0")

    answer = again(
        web, url(program), page, "save",
        **{
            "name": "Better name", "step-0-sets": "1", "step-0-note": "Softly.", "step-0-until_days": "14",
            "phase-0-min_days": "9", "phase-0-name": "First of all",
        },
    )  # fmt: skip

    program.refresh_from_db()
    first = program.phases.get(order=1)
    step = first.steps.get(order=1)
    assert answer["Location"] == url(program)
    assert (program.name, first.name, first.min_days) == ("Better name", "First of all", 9)
    assert (step.exercise.slug, step.sets, step.note, step.until_days) == (
        "stretch_figure_four_sitting", 1, "Softly.", 14,
    )  # fmt: skip
    assert set(Step.objects.filter(phase__program=program).values_list("pk", flat=True)) == kept


def test_save_takes_out_and_puts_in(web: Web, program: Program) -> None:
    out = press(web, url(program), "out:p0.0")
    page = again(web, url(program), out, f"add:{Exercise.objects.get(slug='clam').pk}", into="p3")

    again(web, url(program), page, "save")

    after = saved(program)
    assert "smr_buttock_ball_wall" not in after[0]
    assert after[3][-1] == "clam"


def test_tracked_muscles_are_those_of_the_phase(web: Web, program: Program) -> None:
    page = web.get(url(program))
    offered = page.context["bench"].sheet.phases[0].form.fields["tracked"].choices
    keep = [key for key, _word in offered][-1:]

    again(web, url(program), page, "save", **{"phase-0-tracked": keep})

    sites = program.phases.get(order=1).tenderness_sites.values_list("muscle", flat=True)
    assert [str(pk) for pk in sites] == keep


def test_muscle_that_is_ticked_twice_is_tracked_once(web: Web, program: Program) -> None:
    before = untouched(program)
    tracked = [str(muscle.pk) for muscle in before[0].tenderness_sites]

    answer = press(web, url(program), "save", **{"phase-0-tracked": tracked * 2})

    assert answer.status_code == 302
    assert untouched(program) == before


def test_what_the_builder_does_not_show_stays(web: Web, program: Program) -> None:
    Phase.objects.filter(program=program).update(
        numbers={"min_days": 8}, translations={"de": {"name": "Erst lösen"}}
    )

    press(web, url(program), "save", **{"phase-0-min_days": "9"})

    phase = program.phases.get(order=1)
    assert (phase.min_days, phase.numbers, phase.translations) == (
        9, {"min_days": 8}, {"de": {"name": "Erst lösen"}},
    )  # fmt: skip


def test_text_that_says_something_else_loses_its_old_translation(web: Web, program: Program) -> None:
    translations = {"de": {"name": "Alt", "notes": "Erst\nso", "warm_up": "Gehen"}, "fr": {"name": "Vieux"}}
    Program.objects.filter(pk=program.pk).update(notes="First\nthis", translations=translations)
    Phase.objects.filter(program=program).update(translations={"de": {"name": "Erst lösen"}})

    press(web, url(program), "save", name="New", notes="First\r\nthis", **{"phase-0-name": "Renamed"})

    program.refresh_from_db()
    assert program.translations == {"de": {"notes": "Erst\nso", "warm_up": "Gehen"}}
    assert [phase.translations for phase in program.phases.all()][:2] == [{}, {"de": {"name": "Erst lösen"}}]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "required"),
        ({"weeks_from": "4", "weeks_to": ""}, "Give both, or none"),
        ({"weeks_from": "9", "weeks_to": "4"}, "Not less than the first number"),
        ({"weeks_from": "0", "weeks_to": "4"}, "Between 1 and 104"),
        ({"imbalance": "999999"}, "valid choice"),
        ({"phase-0-name": ""}, "required"),
        ({"phase-0-kind": "stretch"}, "valid choice"),
        ({"phase-0-min_days": "30", "phase-0-review_by_day": "20"}, "Not before the shortest time"),
        ({"phase-0-review_by_day": "731"}, "less than or equal to 730"),
        ({"phase-0-criteria": "session_pain_zones"}, "valid choice"),
        ({"phase-0-tracked": ["999999"]}, "valid choice"),
        ({"step-0-sets": "0"}, "greater than or equal to 1"),
        ({"step-0-reps": "201"}, "less than or equal to 200"),
        ({"step-0-sets": "9" * 40}, "less than or equal to 20"),
        ({"step-0-tempo_lift": "2"}, "all three parts"),
        ({"step-0-start_after_days": "7", "step-0-until_days": "7"}, "After the day on which it begins"),
        ({"step-0-side": "up"}, "valid choice"),
        ({"step-0-exercise": "999999"}, "not there any more"),
        ({"step-0-exercise": "x"}, "not there any more"),
        ({"step-0-note": "x" * 301}, "300"),
    ],
)
def test_wrong_field_is_said_keeps_the_rest_and_writes_nothing(
    web: Web, short: Program, wrong: dict[str, Any], words: str
) -> None:
    before = untouched(short)

    answer = press(web, url(short), "save", **{"notes": "Typed with care", **wrong})

    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert "Typed with care" in html
    assert "error-summary" in html
    assert untouched(short) == before


@pytest.mark.parametrize(
    "lost",
    [("phase-", "step-"), ("step-TOTAL",), ("phase-TOTAL",), ("step-3-",), ("phase-3-",), ("step-0-", "step-1-")],
)  # fmt: skip
def test_design_that_did_not_arrive_whole_is_not_taken_for_the_whole(
    web: Web, program: Program, lost: tuple[str, ...]
) -> None:
    before = untouched(program)
    arrived = {
        name: value for name, value in sent(web.get(url(program))).items() if not name.startswith(lost)
    }

    refused = press(web, url(program), "save", {**arrived, "name": "Typed with care"})
    after = untouched(program)
    again(web, url(program), refused, "save")

    assert refused.status_code == 422
    assert "Only a part of this page arrived" in refused.content.decode()
    assert (after, untouched(program)) == (before, before)
    program.refresh_from_db()
    assert program.name == "Typed with care"


def test_rows_of_another_program_are_not_taken(web: Web, program: Program) -> None:
    other = Program.objects.get(slug="program_plantar_heel")
    before = untouched(other)
    foreign = Step.objects.filter(phase__program=other).first()
    assert foreign is not None

    by_step = press(web, url(program), "save", **{"step-0-id": str(foreign.pk)})
    by_phase = press(web, url(program), "save", **{"phase-0-id": str(foreign.phase_id)})

    assert [by_step.status_code, by_phase.status_code] == [422, 422]
    assert "Open it anew" in by_step.content.decode()
    assert untouched(other) == before


def test_change_of_somebody_else_is_not_overwritten_unseen(web: Web, program: Program) -> None:
    page = web.get(url(program))
    Step.objects.filter(phase__program=program, sets=2).update(sets=3)

    first = again(web, url(program), page, "save", name="Mine")
    second = again(web, url(program), first, "save", name="Mine")

    assert first.status_code == 422
    assert "Somebody changed this program" in first.content.decode()
    assert second.status_code == 302


def test_change_at_the_last_moment_is_not_overwritten_either(web: Web, program: Program) -> None:
    quicker = []

    def somebody_is_quicker(execute: Any, sql: str, *args: Any) -> Any:
        """Just before the first write of this request."""
        if sql.startswith("UPDATE") and not quicker:
            quicker.append(sql)
            Phase.objects.filter(program=program, order=1).update(name="Theirs")
        return execute(sql, *args)

    page = web.get(url(program))
    with connection.execute_wrapper(somebody_is_quicker):
        answer = again(web, url(program), page, "save", name="Mine")

    assert answer.status_code == 422
    assert "Somebody changed this program" in answer.content.decode()
    program.refresh_from_db()
    assert program.name != "Mine"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told(
    web_as: Callable[..., Web], web: Web, adam: User, program: Program
) -> None:
    page = sent(web.get(url(program)))
    webs = [web, web_as(adam)]

    answers = together(
        lambda number: (
            press(webs[number], url(program), "save", {**page, "name": f"Mine {number}"}).status_code
        ),
        times=2,
        numbered=True,
    )

    assert sorted(answers) == [302, 422]


def test_too_many_at_once_needs_a_yes(web: Web, program: Program) -> None:
    phase = program.phases.first()
    for slug in ("clam", "bridge"):
        add_step(phase, Exercise.objects.get(slug=slug))
    page = web.get(url(program))

    refused = again(web, url(program), page, "save", name="Six at once")
    taken = again(web, url(program), page, "save", name="Six at once", confirmed="on")

    assert "I want so many exercises" in page.content.decode()
    assert refused.status_code == 422
    assert "confirmed" in refused.context["form"].errors
    assert taken.status_code == 302


def test_review_follows_what_is_typed(web: Web, program: Program) -> None:
    other = Imbalance.objects.get(slug="plantar_heel")

    answer = press(web, url(program), "look", imbalance=str(other.pk), **{"phase-0-criteria": ""})

    slugs = {warning.slug for warning in answer.context["bench"].warnings}
    assert {"no_criteria", "partner_not_released"} <= slugs


def test_retired_pattern_stays_where_it_is_and_is_offered_nowhere_else(web: Web, program: Program) -> None:
    pattern = program.imbalance
    Imbalance.objects.filter(pk=program.imbalance_id).update(retired_at=timezone.now())

    page = web.get(url(program))
    answer = again(web, url(program), page, "save")

    program.refresh_from_db()
    assert answer.status_code == 302
    assert program.imbalance == pattern
    assert pattern in page.context["form"].fields["imbalance"].queryset
    assert pattern not in web.get(reverse(ADD)).context["form"].fields["imbalance"].queryset


# ---- A new one, a copy, retiring --------------------------------------------------------------------------------------


def test_new_program_is_made_with_its_first_step(web: Web) -> None:
    page = press(web, reverse(ADD), f"add:{Exercise.objects.get(slug='clam').pk}", into="p1")

    answer = again(web, reverse(ADD), page, "save", name="Hüfte zuerst")

    program = Program.objects.get(name="Hüfte zuerst")
    assert answer["Location"] == url(program)
    assert program.slug == "hufte_zuerst"
    assert saved(program) == [[], ["clam"], [], []]
    assert not OwnProgram.objects.exists()


def test_new_program_that_is_sent_twice_is_made_once(web: Web) -> None:
    page = sent(press(web, reverse(ADD), "phase-new:release"))

    first, second = (press(web, reverse(ADD), "save", page, name="Twice") for _time in range(2))
    other = press(web, reverse(ADD), "save", name="Twice")

    made, another = Program.objects.filter(name="Twice").order_by("pk")
    assert first["Location"] == second["Location"] == url(made)
    assert other["Location"] == url(another)


def test_new_program_that_is_sent_again_with_other_words_keeps_what_was_typed(web: Web) -> None:
    page = sent(press(web, reverse(ADD), "phase-new:release"))
    press(web, reverse(ADD), "save", page, name="First")

    answer = press(web, reverse(ADD), "save", page, name="First corrected")

    assert answer.status_code == 422
    assert "was made from this page already" in answer.text
    assert 'value="First corrected"' in answer.text
    assert Program.objects.filter(name__startswith="First").count() == 1


@pytest.mark.django_db(transaction=True)
def test_new_program_that_is_sent_twice_at_once_is_made_once(
    web_as: Callable[..., Web], web: Web, adam: User
) -> None:
    page = sent(web.get(reverse(ADD)))
    webs = [web, web_as(adam)]

    together(
        lambda number: press(webs[number], reverse(ADD), "save", page, name="Twice"), times=2, numbered=True
    )
    third = press(web, reverse(ADD), "save", page, name="Twice")

    assert third["Location"] == url(Program.objects.get(name="Twice"))


def test_new_program_that_is_refused_is_not_half_there(web: Web) -> None:
    answer = press(web, reverse(ADD), "save", name="", **{"phase-0-name": "Typed phase"})

    assert answer.status_code == 422
    assert "Typed phase" in answer.content.decode()
    assert not Program.objects.filter(name="").exists()


def test_program_of_ones_own_is_seen_by_oneself_and_the_owner(
    web: Web, web_as: Callable[..., Web], adam: User
) -> None:
    press(web, reverse(ADD), "save", name="Mine alone", whose="mine")
    program = Program.objects.get(name="Mine alone")
    berta, olga = builders.make_therapist(name="Berta"), builders.make_owner(name="Olga")

    assert OwnProgram.objects.get().therapist == adam
    assert web.get(url(program)).status_code == 200
    assert web_as(berta).get(url(program)).status_code == 404
    assert web_as(olga).get(url(program)).status_code == 200
    lists = [
        web_as(user).get(reverse("admin:routines_program_changelist")).content.decode()
        for user in (berta, olga)
    ]
    assert ["Mine alone" in html for html in lists] == [False, True]


def test_own_program_can_be_shared_and_a_shared_one_not_taken(web: Web, program: Program) -> None:
    press(web, reverse(ADD), "save", name="Mine alone", whose="mine")
    mine = Program.objects.get(name="Mine alone")

    press(web, url(mine), "save", whose="practice")
    press(web, url(program), "save", whose="mine")

    assert not OwnProgram.objects.exists()


def test_review_says_that_a_shared_program_shows_an_own_exercise(
    web: Web, adam: User, program: Program
) -> None:
    OwnExercise.objects.create(
        exercise=Step.objects.filter(phase__program=program)[0].exercise, therapist=adam
    )

    def said(answer: Any) -> bool:
        return "own_exercise" in {warning.slug for warning in answer.context["bench"].warnings}

    assert said(web.get(url(program)))
    OwnProgram.objects.create(program=program, therapist=adam)
    assert not said(web.get(url(program)))
    assert said(press(web, url(program), "look", whose="practice"))
    OwnProgram.objects.all().delete()
    assert said(press(web, url(program), "look", whose="mine"))  # what is shared cannot be taken back


def test_exercise_of_another_is_neither_found_nor_added(
    web: Web, web_as: Callable[..., Web], program: Program
) -> None:
    exercise = Exercise.objects.get(slug="clam")
    OwnExercise.objects.create(exercise=exercise, therapist=builders.make_therapist(name="Berta"))

    before = names(web.get(url(program)))

    found = press(web, url(program), "find", **{"find-q": "clam"})
    added = press(web, url(program), f"add:{exercise.pk}", into="p0")
    press(web, url(program), "save")

    assert found.context["hits"] == []
    assert names(added) == before  # where it stood before, it stays
    assert saved(program) == before


def test_exercise_that_is_nowhere_in_the_program_cannot_be_forged_in(web: Web, program: Program) -> None:
    exercise = Exercise.objects.exclude(steps__phase__program=program).first()
    assert exercise is not None
    OwnExercise.objects.create(exercise=exercise, therapist=builders.make_therapist(name="Berta"))

    answer = press(web, url(program), "save", **{"step-0-exercise": str(exercise.pk)})

    assert answer.status_code == 422
    assert exercise.name not in answer.content.decode()


def test_copy_opens_in_the_builder(web: Web, program: Program) -> None:
    answer = web.post(reverse("admin:routines_program_copy", args=[program.pk]))

    copy = Program.objects.latest("pk")
    assert answer["Location"] == url(copy)
    assert saved(copy) == saved(program)


def test_copy_that_is_asked_for_twice_from_one_page_is_one(web: Web, program: Program) -> None:
    address = reverse("admin:routines_program_copy", args=[program.pk])
    key = web.get(url(program)).context["copy_fields"]["key"]

    answers = [
        web.post(address, {"key": each})
        for each in (key, key, web.get(url(program)).context["copy_fields"]["key"])
    ]

    first, second = Program.objects.order_by("pk").filter(pk__gt=program.pk)
    assert [answer["Location"] for answer in answers] == [url(first), url(first), url(second)]


@pytest.mark.django_db(transaction=True)
def test_copies_that_are_asked_for_at_once_are_one_for_each_page(
    web_as: Callable[..., Web], adam: User, program: Program
) -> None:
    address = reverse("admin:routines_program_copy", args=[program.pk])
    webs = [web_as(adam) for _number in range(4)]
    keys = [str(uuid.uuid4())] * 2 + [str(uuid.uuid4())] * 2

    answers = together(
        lambda number: webs[number].post(address, {"key": keys[number]}).status_code, times=4, numbered=True
    )

    assert answers == [302] * 4
    assert Program.objects.filter(pk__gt=program.pk).count() == 2


@pytest.mark.parametrize("key", ["", "nonsense", "x" * 500])
def test_copy_without_a_key_of_ours_is_made_all_the_same(web: Web, program: Program, key: str) -> None:
    answer = web.post(reverse("admin:routines_program_copy", args=[program.pk]), {"key": key})

    assert answer["Location"] == url(Program.objects.latest("pk"))
    assert Program.objects.latest("pk") != program


@pytest.mark.parametrize("place", ["builder", "list"])
def test_copy_of_an_own_program_belongs_to_whoever_copies(
    web_as: Callable[..., Web], adam: User, program: Program, place: str
) -> None:
    OwnProgram.objects.create(program=program, therapist=adam)
    berta, olga = builders.make_therapist(name="Berta"), builders.make_owner(name="Olga")

    for user in (adam, olga):
        if place == "builder":
            web_as(user).post(reverse("admin:routines_program_copy", args=[program.pk]))
        else:
            ticked = {"action": "copy", "_selected_action": str(program.pk)}
            web_as(user).post(reverse("admin:routines_program_changelist"), ticked)

    copies = Program.objects.filter(name__contains="(copy)").order_by("pk")
    assert [OwnProgram.objects.get(program=copy).therapist for copy in copies] == [adam, olga]
    assert [web_as(berta).get(url(copy)).status_code for copy in copies] == [404, 404]


def test_copy_of_a_shared_program_is_shared(web: Web, program: Program) -> None:
    web.post(reverse("admin:routines_program_copy", args=[program.pk]))

    assert not OwnProgram.objects.exists()


def test_retire_and_bring_back_do_what_the_button_says_however_often(web: Web, program: Program) -> None:
    address = reverse("admin:routines_program_retire", args=[program.pk])

    moments = []
    for wish in ("retire", "retire", "bring_back", "bring_back"):
        web.post(address, {"wish": wish})
        program.refresh_from_db()
        moments.append(program.retired_at)

    assert moments[0] is not None
    assert moments == [moments[0], moments[0], None, None]


@pytest.mark.parametrize("page", ["copy", "retire"])
def test_looking_at_the_address_of_a_button_does_nothing(web: Web, program: Program, page: str) -> None:
    assert web.get(reverse(f"admin:routines_program_{page}", args=[program.pk])).status_code == 405


def test_office_builds_nothing(web_as: Callable[..., Web], program: Program) -> None:
    office = web_as(builders.make_office())
    addresses = [url(program), reverse(ADD), reverse("admin:routines_program_copy", args=[program.pk])]

    assert [office.post(address).status_code for address in addresses] == [403, 403, 403]


def test_unknown_program_does_not_exist(web: Web) -> None:
    assert web.get(reverse("admin:routines_program_builder", args=[999_999])).status_code == 404


# ---- Bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"phase-TOTAL": "x", "step-TOTAL": "-1"},
        {"phase-TOTAL": "1000000", "step-TOTAL": "1000000"},
        {"phase-TOTAL": "99999999999999999999", "step-TOTAL": "99999999999999999999"},
        {"phase-TOTAL": "1", "phase-0-name": "A", "step-TOTAL": "2", "step-1-exercise": "²", "step-0-phase": "\x00"},
        {"phase-TOTAL": "1", "phase-0-key": "p0", "step-TOTAL": "1", "step-0-phase": "p0", "step-0-place": "9" * 5000},
        {"phase-TOTAL": "1", "phase-0-key": "x" * 500, "phase-0-place": "²", "phase--name": "x", "phase-": "y"},
        {"seen": "x" * 500, "imbalance": "9" * 40, "into": "x" * 500},
    ],
)  # fmt: skip
@pytest.mark.parametrize("act", ["save", "look", "up:p0.0", f"up:p0.{'9' * 5000}", "add:1"])
def test_nonsense_is_never_an_error_of_ours(web: Web, short: Program, data: dict[str, str], act: str) -> None:
    before = untouched(short)

    answer = web.post(url(short), {"name": "", **data, "act": act})

    assert answer.status_code in (200, 422)
    assert untouched(short) == before


# ---- Tags -----------------------------------------------------------------------------------------------------------


def test_tags_are_kept_each_once_whatever_their_capitals(web: Web, program: Program) -> None:
    set_tags(Program.objects.exclude(pk=program.pk).first(), ["Runners"])

    again(web, url(program), web.get(url(program)), "save", tags=" runners, Hip ,RUNNERS, ")

    assert [tag.name for tag in program.tags.all()] == ["Hip", "Runners"]
    page = web.get(url(program))
    assert page.context["form"]["tags"].value() == "Hip, Runners"
    assert '<option value="Hip">' in page.content.decode()
    again(web, url(program), page, "save", tags="")
    assert not program.tags.exists()


@pytest.mark.parametrize("tags", ["x" * 41, ",".join(map(str, range(9))), "a\0b", "x" * 501])
def test_tags_that_cannot_be_are_said_beside_the_field(web: Web, short: Program, tags: str) -> None:
    set_tags(short, ["Hip"])

    answer = again(web, url(short), web.get(url(short)), "save", tags=tags)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["tags"]
    assert [tag.name for tag in short.tags.all()] == ["Hip"]


def test_copy_of_a_program_has_its_tags(web: Web, program: Program) -> None:
    set_tags(program, ["Hip"])

    web.post(reverse("admin:routines_program_copy", args=[program.pk]))

    assert [tag.name for tag in Program.objects.latest("pk").tags.all()] == ["Hip"]


# ---- Cost -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [0, 20])
def test_page_asks_a_fixed_number_of_queries(
    web: Web, program: Program, django_assert_num_queries: Any, more: int
) -> None:
    exercises = list(Exercise.objects.all()[:more])
    for number, exercise in enumerate(exercises):
        add_step(program.phases.all()[number % 4], exercise)
    page = web.get(url(program))

    with django_assert_num_queries(31):
        web.get(url(program))
    with django_assert_num_queries(30):
        again(web, url(program), page, "look")


# ---- On the body ----------------------------------------------------------------------------------------------------


def test_each_phase_shows_what_it_releases_and_strengthens(web: Web, program: Program) -> None:
    sheet = web.get(url(program)).context["bench"].sheet

    assert [line.word for line in sheet.phases[0].reach.lines] == ["Released"]
    assert [line.word for line in sheet.phases[1].reach.lines] == ["Released", "Strengthened"]


def test_phase_without_steps_shows_no_body(web: Web) -> None:
    sheet = web.get(reverse(ADD)).context["bench"].sheet

    assert [phase.reach for phase in sheet.phases] == [None] * len(sheet.phases)


def test_hits_and_steps_show_where_they_work(web: Web, program: Program) -> None:
    page = web.get(url(program))

    assert all(hit.where.lines[0].word == "Works on" for hit in page.context["found"])
    assert all(step.works_on for phase in page.context["bench"].sheet.phases for step in phase.steps)
    assert f'id="hit-{page.context["found"][0].exercise.pk}-' in page.content.decode()
