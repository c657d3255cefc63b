"""The catalogue in the workplace: found, filtered, edited, retired, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client as Web
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from clients.demo.builders import make_office, make_owner, make_practice
from routines.composing import copy_exercise
from routines.models import (
    BodyArea,
    Checklist,
    ConditionTag,
    Equipment,
    Exercise,
    ExerciseMuscle,
    Imbalance,
    Joint,
    JointMotion,
    Message,
    Muscle,
    MuscleMotion,
    MusclePartner,
    OutcomeMeasure,
    Program,
    Region,
    Rule,
    ScreeningGroup,
    ScreeningQuestion,
)
from routines.seeding import is_edited

pytestmark = pytest.mark.django_db

PAGES = sorted(
    model._meta.model_name or "" for model in admin.site._registry if model._meta.app_label == "routines"
)


@pytest.fixture
def office(settings: Any, web_as: Callable[..., Web]) -> Web:
    """Somebody who may look at clients' names, not at the catalogue."""
    settings.STAFF_SECOND_FACTOR = False
    make_practice()
    return web_as(make_office())


@pytest.fixture
def workplace(settings: Any, web_as: Callable[..., Web]) -> Web:
    """The owner of the practice, signed in."""
    settings.STAFF_SECOND_FACTOR = False
    make_practice()
    return web_as(make_owner())


def listed(web: Web, model: str, **query: Any) -> list[str]:
    """The short names of the entries that the list shows."""
    page = web.get(reverse(f"admin:routines_{model}_changelist"), query)
    assert page.status_code == 200
    return [row.slug for row in page.context["cl"].result_list]


def change(entry: Any) -> str:
    return reverse(f"admin:routines_{entry._meta.model_name}_change", args=[entry.pk])


def form_data(page: Any) -> dict[str, Any]:
    """What the browser would send if the person pressed save at once."""
    data: dict[str, Any] = {}
    context = page.context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for field in form:
            value = field.value()
            if value is None or value is False:
                continue
            data[field.html_name] = (
                field.field.widget.format_value(value) if not isinstance(value, list) else value
            )
            if value is True:
                data[field.html_name] = "on"
    return {name: value for name, value in data.items() if value is not None}


def save(web: Web, entry: Any, **changes: Any) -> Any:
    """Open the entry's page, change these fields and save; the page that answers."""
    page = web.get(change(entry))
    return web.post(change(entry), {**form_data(page), **changes})


def errors(page: Any) -> list[str]:
    """Everything the page complains about, of the form and its rows."""
    found = [line for lines in page.context["adminform"].form.errors.values() for line in lines]
    for inline in page.context["inline_admin_formsets"]:
        found += inline.formset.non_form_errors()
        found += [line for form in inline.formset.forms for lines in form.errors.values() for line in lines]
    return found


# ---- Every kind ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", PAGES)
def test_list_runs_one_number_of_queries_whatever_its_length(
    model: str, workplace: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = reverse(f"admin:routines_{model}_changelist")
    (registered,) = [entry for entry in admin.site._registry if entry._meta.model_name == model]
    workplace.get(url)

    counts, lengths = [], []
    for number in (1, 3):
        monkeypatch.setattr(admin.site.get_model_admin(registered), "list_per_page", number)
        with CaptureQueriesContext(connection) as queries:
            page = workplace.get(url)
        counts.append(len(queries))
        lengths.append(len(page.context["cl"].result_list))

    assert lengths == [1, 3]
    assert counts[0] == counts[1] <= 26


@pytest.mark.parametrize("model", [name for name in PAGES if name not in ("jointmotion", "musclepartner")])
def test_entry_that_is_saved_unchanged_is_no_edit(model: str, workplace: Web) -> None:
    (registered,) = [entry for entry in admin.site._registry if entry._meta.model_name == model]
    for entry in registered._default_manager.order_by("pk")[:3]:
        page = save(workplace, entry)

        assert page.status_code == 302, errors(page)
        assert not is_edited(registered._default_manager.get(pk=entry.pk))


@pytest.mark.parametrize(
    "model", [name for name in PAGES if name not in ("jointmotion", "outcomemeasure", "rule")]
)
def test_new_entry_has_a_page(model: str, workplace: Web) -> None:
    assert workplace.get(reverse(f"admin:routines_{model}_add")).status_code == 200


@pytest.mark.parametrize("model", PAGES)
def test_pages_are_closed_to_those_who_do_not_care_for_people(model: str, office: Web) -> None:
    assert office.get(reverse(f"admin:routines_{model}_changelist")).status_code == 403


@pytest.mark.parametrize("model", [name for name in PAGES if name not in ("jointmotion", "musclepartner")])
def test_no_shipped_entry_can_be_deleted(model: str, workplace: Web) -> None:
    (registered,) = [entry for entry in admin.site._registry if entry._meta.model_name == model]
    entry = registered._default_manager.order_by("pk").first()

    page = workplace.post(reverse(f"admin:routines_{model}_delete", args=[entry.pk]), {"post": "yes"})

    assert page.status_code == 403
    assert registered._default_manager.filter(pk=entry.pk).exists()


def test_nothing_inline_stands_in_a_page(workplace: Web) -> None:
    """The content security policy would forbid it."""
    page = workplace.get(change(Exercise.objects.get(slug="bridge"))).content.decode()

    assert " style=" not in page
    assert " onclick=" not in page


def test_page_of_an_entry_runs_one_number_of_queries_whatever_its_rows(workplace: Web) -> None:
    exercise, imbalance = (
        Exercise.objects.create(
            slug="new", name="New", cue="Lift.", kind="strengthen", position="supine", side_mode="each_side"
        ),
        Imbalance.objects.create(
            slug="new", name="New", client_words="Stiff", usual_sides="one", basis="seed"
        ),
    )
    muscle = Muscle.objects.create(
        slug="new", name="New", region=Region.objects.all()[0], body_area=BodyArea.objects.all()[0],
        map_view="back", depth="deep", sided=True,
    )  # fmt: skip
    joint = Joint.objects.create(slug="new", name="New", region=Region.objects.all()[0], sided=True)
    pages = [change(entry) for entry in (exercise, imbalance, muscle, joint)]
    for page in pages:
        workplace.get(page)

    counts: list[list[int]] = []
    for rows in (range(2), range(2, 12)):
        for order in rows:
            part = Muscle.objects.all()[order]
            exercise.muscles.create(muscle=part, role="target", order=order)
            exercise.tags.create(tag=ConditionTag.objects.all()[order], rule="care")
            imbalance.muscles.create(muscle=part, role="tight", order=order)
            imbalance.joints.create(
                joint=Joint.objects.all()[order], alteration="A", plain_words="B", order=order
            )
            imbalance.pain_areas.create(area=BodyArea.objects.all()[order], order=order)
            muscle.motions.create(motion=JointMotion.objects.all()[order])
            joint.motions.create(motion=f"motion {order}")
        counts.append([])
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                workplace.get(page)
            counts[-1].append(len(queries))

    assert counts[0] == counts[1]


# ---- Finding -------------------------------------------------------------------------------------------------------


def keys(model: Any, **where: Any) -> int:
    key: int = model.objects.get(**where).pk
    return key


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "clam"}, {"clam"}),
        ({"kind__exact": "integrate", "position__exact": "seated"}, set()),
        ({"level__exact": 3, "kind__exact": "release_smr"}, None),
        ({"needs_floor__exact": 1, "kind__exact": "integrate"}, None),
    ],
)
def test_exercises_are_found_by_word_kind_position_and_level(
    query: dict[str, Any], expected: set[str] | None, workplace: Web
) -> None:
    fields = {name.removesuffix("__exact"): value for name, value in query.items() if name != "q"}
    wanted = (
        set(Exercise.objects.filter(**fields).values_list("slug", flat=True))
        if expected is None
        else expected
    )

    assert set(listed(workplace, "exercise", **query)) == wanted


@pytest.mark.parametrize(
    ("lookup", "model", "slug"),
    [
        ("muscles__muscle__body_area", "BodyArea", "buttock"),
        ("muscles__muscle__region", "Region", "hip"),
        ("muscles__muscle", "Muscle", "piriformis"),
        ("equipment", "Equipment", "chair"),
        ("tags__tag", "ConditionTag", "pregnancy"),
    ],
)
def test_exercises_are_filtered_by_area_region_muscle_equipment_and_condition(
    lookup: str, model: str, slug: str, workplace: Web
) -> None:
    wanted = set(Exercise.objects.filter(**{f"{lookup}__slug": slug}).values_list("slug", flat=True))
    (registered,) = [entry for entry in admin.site._registry if entry.__name__ == model]

    found = listed(workplace, "exercise", **{f"{lookup}__id__exact": keys(registered, slug=slug)})

    assert set(found) == wanted
    assert len(found) == len(wanted) > 0


@pytest.mark.parametrize("model", PAGES)
@pytest.mark.parametrize("question", ["pk__in=1", "id__regex=(", "slug__startswith=a", "name__regex=("])
def test_list_answers_no_filter_that_it_does_not_offer(model: str, question: str, workplace: Web) -> None:
    answer = workplace.get(f"{reverse(f'admin:routines_{model}_changelist')}?{question}")

    assert answer.status_code == 400


def test_exercise_is_found_by_the_muscle_it_works_on(workplace: Web) -> None:
    found = listed(workplace, "exercise", q="piriformis")

    assert "stretch_figure_four_seated" in found or any("buttock" in slug for slug in found)
    assert "wall_slide" not in found


def test_list_of_exercises_says_dose_and_time(workplace: Web) -> None:
    page = workplace.get(reverse("admin:routines_exercise_changelist"), {"q": "clam"}).content.decode()

    assert "2 × 12 each side, 3 days a week" in page
    assert "7 min" in page


def test_retired_entries_are_out_of_sight_until_asked_for(workplace: Web) -> None:
    Exercise.objects.filter(slug="clam").update(retired_at=timezone.now())

    assert listed(workplace, "exercise", q="clam") == []
    assert listed(workplace, "exercise", q="clam", in_use="retired") == ["clam"]
    assert listed(workplace, "exercise", q="clam", in_use="all") == ["clam"]


def test_whether_it_is_in_use_is_a_column_only_where_both_are_shown(workplace: Web) -> None:
    url = reverse("admin:routines_exercise_changelist")

    usual, both = (
        workplace.get(url, query).content.decode()
        for query in ({"q": "clam"}, {"q": "clam", "in_use": "all"})
    )

    assert "column-in_use" not in usual
    assert "column-in_use" in both


def test_lists_lead_to_the_lists_beside_them(workplace: Web) -> None:
    page = workplace.get(reverse("admin:routines_muscle_changelist"))

    assert [(word, current) for word, _url, current in page.context["shelf"]] == [
        ("Imbalances", False), ("Muscles", True), ("Pairs of muscles", False), ("Joints", False), ("Body areas", False),
        ("Regions", False), ("Safety questions", False),
    ]  # fmt: skip
    assert all(workplace.get(url).status_code == 200 for _word, url, _current in page.context["shelf"])


def choices(page: Any, model: type[Model], field: str) -> list[Any]:
    """What the first row of these on the page offers for the field."""
    formsets = (each.formset for each in page.context["inline_admin_formsets"])
    return list(next(each for each in formsets if each.model is model).empty_form.fields[field].choices)


def test_choices_set_apart_what_is_retired(workplace: Web) -> None:
    soleus = Muscle.objects.get(slug="soleus")
    Muscle.objects.filter(pk=soleus.pk).update(retired_at=timezone.now())

    offered = choices(workplace.get(change(Exercise.objects.get(slug="bridge"))), ExerciseMuscle, "muscle")

    assert (soleus.pk, str(soleus)) not in offered
    assert offered[-1] == ("Retired", [(soleus.pk, str(soleus))])


def test_imbalances_are_listed_with_their_muscles(workplace: Web) -> None:
    page = workplace.get(
        reverse("admin:routines_imbalance_changelist"), {"q": "elbow flexor"}
    ).content.decode()

    assert str(Muscle.objects.get(slug="biceps_brachii")) in page
    assert str(Muscle.objects.get(slug="triceps_brachii")) in page


def test_programs_are_listed_with_what_the_review_says(workplace: Web) -> None:
    program = Program.objects.get(slug="program_knee_valgus")
    program.phases.filter(order=1).update(criteria=None)

    rows = workplace.get(reverse("admin:routines_program_changelist")).context["cl"].result_list

    notes = {row.slug: row.review_notes for row in rows}
    assert notes == {slug: int(slug == "program_knee_valgus") for slug in notes}
    assert len(notes) == 5


# ---- Editing -------------------------------------------------------------------------------------------------------


def test_edited_exercise_keeps_every_change(workplace: Web) -> None:
    bridge = Exercise.objects.get(slug="bridge")

    page = save(
        workplace, bridge, name="Our bridge", cautions="Slowly.\n\n  Breathe.  ", sets=3, tempo_hold=5,
        name_de="Unsere Brücke", cautions_de="Langsam.",
    )  # fmt: skip

    bridge = Exercise.objects.get(slug="bridge")
    assert page.status_code == 302, errors(page)
    assert (bridge.name, bridge.cautions, bridge.sets, bridge.tempo_hold) == (
        "Our bridge",
        ["Slowly.", "Breathe."],
        3,
        5,
    )
    assert (bridge.text("name", "de"), bridge.text("cautions", "de")) == ("Unsere Brücke", ["Langsam."])
    assert is_edited(bridge)
    with override("de"):
        assert str(bridge) == "Unsere Brücke"


def test_translation_that_is_emptied_is_gone(workplace: Web) -> None:
    Exercise.objects.filter(slug="bridge").update(
        translations={"de": {"name": "Brücke"}, "fr": {"name": "Pont"}}
    )

    save(workplace, Exercise.objects.get(slug="bridge"), name_de="")

    assert Exercise.objects.get(slug="bridge").translations == {"fr": {"name": "Pont"}}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sets": 21}, "Ensure this value is less than or equal to 20."),
        ({"level": 6}, "Ensure this value is less than or equal to 5."),
        ({"tempo_hold": ""}, "Give all three parts of the tempo, up to 60 seconds each, or none."),
        ({"name": ""}, "This field is required."),
    ],
)
def test_impossible_exercise_is_said_on_the_page(
    changes: dict[str, Any], sentence: str, workplace: Web
) -> None:
    page = save(workplace, Exercise.objects.get(slug="bridge"), **changes)

    assert page.status_code == 200
    assert errors(page) == [sentence]
    assert not is_edited(Exercise.objects.get(slug="bridge"))


@pytest.mark.parametrize("field", ["name", "cautions", "cautions_de", "sources"])
def test_text_that_no_database_takes_is_said_on_the_page(field: str, workplace: Web) -> None:
    page = save(workplace, Exercise.objects.get(slug="bridge"), **{field: "Slowly.\na\0b"})

    assert page.status_code == 200
    assert errors(page) == ["Null characters are not allowed."]


def test_new_exercise_gets_a_short_name_of_its_own(workplace: Web) -> None:
    add = reverse("admin:routines_exercise_add")
    bridge = Exercise.objects.get(slug="bridge")
    data = form_data(workplace.get(add)) | {
        "name": "Bridge", "kind": "strengthen", "position": "supine", "side_mode": "both_together", "cue": "Lift.",
        "level": 1, "basis": "convention", "author": "practice", "licence": "own text", "muscles-0-role": "target",
        "muscles-0-muscle": keys(Muscle, slug="soleus"), "easier": bridge.pk,
    }  # fmt: skip

    page = workplace.post(add, data)

    new = Exercise.objects.get(slug="bridge_2")
    assert page.status_code == 302, errors(page)
    assert [part.muscle.slug for part in new.muscles.all()] == ["soleus"]
    assert (new.seed_hash, new.easier) == ("", bridge)


def test_muscles_change_places(workplace: Web) -> None:
    exercise = Exercise.objects.get(slug="smr_buttock_ball_floor")
    targets = exercise.muscles.filter(role="target").order_by("order")
    first, second = (part.muscle.slug for part in targets)

    page = save(workplace, exercise, **{"muscles-0-place": 2, "muscles-1-place": 1})

    assert page.status_code == 302, errors(page)
    assert [part.muscle.slug for part in targets.all()] == [second, first]


@pytest.mark.parametrize(
    ("model", "slug", "rows", "column"),
    [
        (Exercise, "smr_buttock_ball_floor", "muscles", "muscle"),
        (Exercise, "smr_buttock_ball_floor", "tags", "tag"),
        (Imbalance, "sciatica_piriformis", "muscles", "muscle"),
        (Imbalance, "sciatica_piriformis", "pain_areas", "area"),
        (Joint, "hip", "motions", "motion"),
        (OutcomeMeasure, "nprs", "anchors", "value"),
    ],
)
def test_two_rows_trade_what_only_one_may_have(
    model: type[Model], slug: str, rows: str, column: str, workplace: Web
) -> None:
    entry = model._default_manager.get(slug=slug)
    data = form_data(workplace.get(change(entry)))
    first, second = f"{rows}-0", f"{rows}-1"
    traded = {
        f"{first}-{column}": data[f"{second}-{column}"],
        f"{second}-{column}": data[f"{first}-{column}"],
    }

    page = workplace.post(change(entry), {**data, **traded})

    saved = form_data(workplace.get(change(entry)))
    row = {saved[f"{rows}-{n}-id"]: saved[f"{rows}-{n}-{column}"] for n in range(2)}
    assert page.status_code == 302, errors(page)
    assert {key: str(value) for key, value in row.items()} == {
        data[f"{each}-id"]: str(traded[f"{each}-{column}"]) for each in (first, second)
    }


def test_row_that_is_taken_out_leaves_its_muscle_to_another(workplace: Web) -> None:
    exercise = Exercise.objects.get(slug="smr_buttock_ball_floor")
    data = form_data(workplace.get(change(exercise)))

    page = workplace.post(
        change(exercise), {**data, "muscles-1-DELETE": "on", "muscles-0-muscle": data["muscles-1-muscle"]}
    )

    muscles = {str(pk): str(muscle) for pk, muscle in exercise.muscles.values_list("pk", "muscle")}
    assert page.status_code == 302, errors(page)
    assert muscles[data["muscles-0-id"]] == data["muscles-1-muscle"]
    assert data["muscles-1-id"] not in muscles


@pytest.mark.parametrize("rows", ["muscles", "tags"])
def test_row_that_is_sent_twice_is_said_on_the_page(rows: str, workplace: Web) -> None:
    exercise = Exercise.objects.get(slug="smr_buttock_ball_floor")
    before = list(exercise.muscles.values_list("pk", "muscle", "order"))
    data = form_data(workplace.get(change(exercise)))

    page = workplace.post(change(exercise), {**data, f"{rows}-1-id": data[f"{rows}-0-id"]})

    assert page.status_code == 200
    assert errors(page)
    assert list(exercise.muscles.values_list("pk", "muscle", "order")) == before


def test_ranked_rows_close_gaps_and_come_last_without_a_number(workplace: Web) -> None:
    imbalance = Imbalance.objects.get(slug="sciatica_piriformis")
    rows = imbalance.muscles.filter(role="tight").order_by("order")
    first, second, third = (part.muscle.slug for part in rows)
    shown = workplace.get(change(imbalance)).context["inline_admin_formsets"][0].formset.initial_forms
    place = {form.instance.muscle.slug: form.prefix for form in shown if form.instance.role == "tight"}
    new = f"muscles-{len(shown)}"

    page = save(
        workplace,
        imbalance,
        **{
            f"{place[first]}-place": "",
            f"{place[second]}-DELETE": "on",
            f"{new}-role": "tight",
            f"{new}-place": 1,
            f"{new}-muscle": keys(Muscle, slug="soleus"),
        },
    )

    assert page.status_code == 302, errors(page)
    assert [(part.muscle.slug, part.order) for part in rows.all()] == [("soleus", 1), (third, 2), (first, 3)]


def test_same_muscle_twice_in_a_role_is_said_on_the_page(workplace: Web) -> None:
    imbalance = Imbalance.objects.get(slug="elbow_flexor_dominant")
    data = {"muscles-2-role": "tight", "muscles-2-muscle": keys(Muscle, slug="biceps_brachii")}

    page = save(workplace, imbalance, **data)

    assert page.status_code == 200
    assert any("duplicate" in line for line in errors(page))


def test_pair_of_muscles_is_kept_once_whichever_way_it_is_typed(workplace: Web) -> None:
    first, second = sorted([keys(Muscle, slug="soleus"), keys(Muscle, slug="jaw_closers")])
    add = reverse("admin:routines_musclepartner_add")

    workplace.post(add, {"first": second, "second": first, "relation": "functional"})
    again = workplace.post(add, {"first": first, "second": second, "relation": "antagonist"})
    itself = workplace.post(add, {"first": first, "second": first, "relation": "antagonist"})

    pair = MusclePartner.objects.get(first=first, second=second)
    assert pair.relation == "functional"
    assert (again.status_code, itself.status_code) == (200, 200)
    assert errors(itself) == ["A muscle is not its own partner."]


def test_muscle_names_its_partners(workplace: Web) -> None:
    page = workplace.get(change(Muscle.objects.get(slug="jaw_openers"))).content.decode()

    assert "Jaw-closing muscles</a>: Makes the opposite movement" in page


def test_motions_are_offered_with_their_joint(workplace: Web) -> None:
    offered = choices(workplace.get(change(Muscle.objects.get(slug="jaw_openers"))), MuscleMotion, "motion")

    opening = JointMotion.objects.get(joint__slug="jaw", motion="opening")
    assert (opening.pk, "Jaw: opening") in offered


def test_origin_is_said_on_the_page(workplace: Web) -> None:
    own = Equipment.objects.create(slug="own", name="Own")
    edited = Equipment.objects.get(slug="bed")
    Equipment.objects.filter(pk=edited.pk).update(name="Sofa")

    said = [
        workplace.get(change(entry)).content.decode()
        for entry in (own, edited, Equipment.objects.get(slug="mat"))
    ]

    assert "Made here." in said[0]
    assert "Shipped, and edited here." in said[1]
    assert "As shipped." in said[2]


def test_list_holds_the_effects_that_are_ticked(workplace: Web) -> None:
    checklist = Checklist.objects.get(slug="warning_signs")

    page = save(workplace, checklist, effects=["emergency", "urgent", "review"])

    assert page.status_code == 302, errors(page)
    assert Checklist.objects.get(slug="warning_signs").effects == ["emergency", "urgent", "review"]


def test_list_stays_where_it_is_asked(workplace: Web) -> None:
    checklist = Checklist.objects.get(slug="warning_signs")

    page = save(workplace, checklist, used_in="before_each_session", order=50)

    assert page.status_code == 302, errors(page)
    checklist.refresh_from_db()
    assert (checklist.used_in, checklist.order) == ("first_screening", 50)


def test_second_list_before_each_session_is_said_on_the_page(workplace: Web) -> None:
    url = reverse("admin:routines_checklist_add")
    new = {"title": "Mine", "none_label": "None", "order": 60, "effects": ["review"]}

    page = workplace.post(url, {**form_data(workplace.get(url)), **new, "used_in": "before_each_session"})

    assert page.status_code == 200
    assert len(errors(page)) == 1
    assert workplace.post(url, {**new, "used_in": "first_screening"}).status_code == 302
    assert Checklist.objects.filter(used_in="before_each_session").count() == 1


def test_shipped_question_keeps_what_it_does_and_when_it_is_asked(workplace: Web) -> None:
    question = ScreeningQuestion.objects.get(slug="chest_breath")
    assert question.effect == "emergency"
    settled = ["effect", "group_id", "checklist_id", "ask_before_each_session"]
    weaker = {
        "effect": "tag",
        "adds_tag": ConditionTag.objects.values_list("pk", flat=True)[0],
        "ask_before_each_session": "",
        "checklist": Checklist.objects.get(slug="adjust").pk,
        "group": ScreeningGroup.objects.exclude(pk=question.group_id)[0].pk,
        "item": "Pain in the chest, in other words",
    }

    page = save(workplace, question, **weaker)

    assert page.status_code == 302, errors(page)
    saved = ScreeningQuestion.objects.get(pk=question.pk)
    assert [getattr(saved, name) for name in settled] == [getattr(question, name) for name in settled]
    assert saved.item == weaker["item"]
    ScreeningQuestion.objects.update(seed_hash="")
    page = save(workplace, saved, **weaker)
    assert page.status_code == 302, errors(page)
    assert ScreeningQuestion.objects.get(pk=question.pk).effect == "tag", (
        "a question made here is its maker's"
    )


def test_two_questions_in_one_place_are_said_on_the_page(workplace: Web) -> None:
    first, second = ScreeningQuestion.objects.filter(checklist__slug="adjust")[:2]

    page = save(workplace, second, order=first.order)

    assert page.status_code == 200
    assert errors(page) == ["Safety question with this Checklist and Order already exists."]


@pytest.mark.parametrize(
    ("checklist", "effect", "sentence"),
    [
        ("adjust", "emergency", "This list holds no questions that mean “Emergency”."),
        (
            "before_session",
            "emergency",
            "Questions stand in a list that is asked before the first session.",
        ),
        ("warning_signs", "emergency", ""),
    ],
)
def test_question_stands_only_in_a_list_that_asks_it(
    checklist: str, effect: str, sentence: str, workplace: Web
) -> None:
    new = {
        "item": "Danger",
        "question": "Is there danger?",
        "effect": effect,
        "message": keys(Message, slug="emergency"),
        "group": keys(ScreeningGroup, slug="all"),
        "checklist": keys(Checklist, slug=checklist),
        "order": 99,
    }

    page = workplace.post(reverse("admin:routines_screeningquestion_add"), new)

    assert page.status_code == (200 if sentence else 302)
    assert ScreeningQuestion.objects.filter(item="Danger").exists() == (not sentence)
    if sentence:
        assert errors(page) == [sentence]


# ---- Wording of safety and measures --------------------------------------------------------------------------------


def test_reworded_question_is_a_new_version(workplace: Web) -> None:
    question = ScreeningQuestion.objects.get(slug="calf_signs")

    save(workplace, question, item="One calf newly swollen")
    save(workplace, ScreeningQuestion.objects.get(slug="calf_signs"), item_de="Wade geschwollen")
    save(workplace, ScreeningQuestion.objects.get(slug="calf_signs"))

    assert ScreeningQuestion.objects.get(slug="calf_signs").version == 3


def test_question_that_adapts_must_name_its_condition(workplace: Web) -> None:
    page = save(workplace, ScreeningQuestion.objects.get(slug="varicose"), adds_tag="")

    assert page.status_code == 200
    assert errors(page) == ["A question that adapts the exercises must name the condition that it adds."]


def test_reworded_measure_is_a_new_version(workplace: Web) -> None:
    save(workplace, OutcomeMeasure.objects.get(slug="nprs"), **{"anchors-0-label": "none at all"})
    save(workplace, OutcomeMeasure.objects.get(slug="nprs"), important_change="3.0")

    measure = OutcomeMeasure.objects.get(slug="nprs")
    assert (measure.version, measure.anchors.first().label) == (2, "none at all")


# ---- Retire and delete ---------------------------------------------------------------------------------------------


def act(web: Web, model: str, action: str, *entries: Any) -> Any:
    data = {"action": action, "_selected_action": [entry.pk for entry in entries]}
    return web.post(reverse(f"admin:routines_{model}_changelist") + "?in_use=all", data, follow=True)


def test_entries_are_retired_and_brought_back(workplace: Web) -> None:
    clam, bridge = Exercise.objects.get(slug="clam"), Exercise.objects.get(slug="bridge")

    first = act(workplace, "exercise", "retire", clam, bridge).content.decode()
    retired = set(Exercise.objects.filter(retired_at__isnull=False).values_list("slug", flat=True))
    second = act(workplace, "exercise", "bring_back", clam).content.decode()

    assert "2 entries retired." in first
    assert retired == {"clam", "bridge"}
    assert "1 entry is in use again." in second
    assert not Exercise.objects.in_use().filter(slug="bridge").exists()


def test_entry_is_retired_on_its_page(workplace: Web) -> None:
    clam = Exercise.objects.get(slug="clam")

    save(workplace, clam, retired="on")
    retired = Exercise.objects.get(slug="clam").retired_at
    save(workplace, clam)
    kept = Exercise.objects.get(slug="clam").retired_at
    page = workplace.get(change(clam))
    workplace.post(
        change(clam), {name: value for name, value in form_data(page).items() if name != "retired"}
    )

    assert retired is not None
    assert kept == retired
    assert Exercise.objects.get(slug="clam").retired_at is None


def test_shipped_safety_stays_in_use(workplace: Web) -> None:
    shipped, own = (
        ScreeningQuestion.objects.get(slug="calf_signs"),
        ScreeningQuestion.objects.get(slug="varicose"),
    )
    ScreeningQuestion.objects.filter(pk=own.pk).update(seed_hash="")

    act(workplace, "screeningquestion", "retire", shipped, own)
    save(workplace, shipped, retired="on")

    assert not ScreeningQuestion.objects.in_use().filter(slug="varicose").exists()
    assert ScreeningQuestion.objects.in_use().filter(slug="calf_signs").exists()
    assert "retired" not in workplace.get(change(shipped)).context["adminform"].form.data


def test_retired_safety_is_not_brought_back_by_saving_its_page(workplace: Web) -> None:
    Message.objects.filter(slug="urgent").update(retired_at=timezone.now())

    save(workplace, Message.objects.get(slug="urgent"), title="Please call")

    message = Message.objects.get(slug="urgent")
    assert (message.title, message.retired_at is None) == ("Please call", False)


def test_own_entry_is_deleted_only_while_nobody_uses_it(workplace: Web) -> None:
    used = ConditionTag.objects.create(slug="used", label="Used", scope="local", rule="Not there")
    free = ConditionTag.objects.create(slug="free", label="Free", scope="local", rule="Not there")
    Exercise.objects.get(slug="clam").tags.create(tag=used, rule="avoid")

    answers = [
        workplace.post(
            reverse("admin:routines_conditiontag_delete", args=[tag.pk]), {"post": "yes"}
        ).status_code
        for tag in (used, free)
    ]

    assert answers == [403, 302]
    assert list(ConditionTag.objects.filter(seed_hash="")) == [used]


# ---- Programs and rules --------------------------------------------------------------------------------------------


def test_program_is_copied_from_the_list(workplace: Web) -> None:
    page = act(workplace, "program", "copy", Program.objects.get(slug="program_knee_valgus")).content.decode()

    copy = Program.objects.get(slug="program_knee_valgus_copy")
    assert "“Kneecap pain: release the outer thigh, strengthen hip and knee (copy)” was made." in page
    assert copy.phases.count() == 4


@pytest.mark.parametrize(
    ("weeks", "said"), [((None, None), ""), ((8, 10), "8-10"), ((12, 12), "12")], ids=["none", "two", "one"]
)
def test_weeks_are_one_number_or_two(weeks: tuple[int | None, int | None], said: str, workplace: Web) -> None:
    Program.objects.filter(slug="program_knee_valgus").update(weeks_from=weeks[0], weeks_to=weeks[1])

    page = workplace.get(reverse("admin:routines_program_changelist"), {"q": "program_knee_valgus"})

    assert f'<td class="field-weeks">{said or "-"}</td>' in page.content.decode()


def test_numbers_of_a_rule_are_fields_of_their_own(workplace: Web) -> None:
    rule = Rule.objects.get(slug="release_to_strengthen")

    page = save(workplace, rule, number_min_adherence_percent="75", number_mean_pain_max="4.5")

    numbers = Rule.objects.get(slug="release_to_strengthen").numbers
    assert page.status_code == 302, errors(page)
    assert set(numbers) == set(rule.numbers)
    assert (numbers["min_adherence_percent"], numbers["mean_pain_max"]) == (75, 4.5)
    assert isinstance(numbers["min_adherence_percent"], int)
    assert numbers["therapist_sign_off"] is True


def test_sentence_of_a_rule_is_edited_as_one(workplace: Web) -> None:
    save(workplace, Rule.objects.get(slug="minimum_data"), number_text="No numbers, no progress.")

    assert Rule.objects.get(slug="minimum_data").numbers == {"text": "No numbers, no progress."}


@pytest.mark.parametrize(
    ("slug", "changes", "sentence"),
    [
        (
            "release_to_strengthen",
            {"number_min_adherence_percent": "101"},
            "must be a whole number from 0 to 100",
        ),
        (
            "release_to_strengthen",
            {"number_min_days_in_phase": "22"},
            "must not come before min_days_in_phase",
        ),
        (
            "session_pain_zones",
            {"number_amber": "[5, 5]"},
            "green, amber and red must cover 0 to 10 without gap or overlap",
        ),
        (
            "weekday",
            {"number_days_by_number": '[{"days_per_week": 7, "weekdays": ["mon"]}]'},
            "must have at least 7 entries",
        ),
        (
            "strengthen",
            {"number_range": '{"reps": [15, 8]}'},
            "range.reps: must begin with the smaller number",
        ),
        ("reassess", {"number_every_days": ""}, "This field is required."),
        ("weekday", {"number_days_by_number": "{"}, "Enter a valid JSON."),
        *(
            ("resolution_order", {"number_order": typed}, "Enter a valid JSON.")
            for typed in (
                "[NaN]",
                "[1e999]",
                '["\\u0000"]',
                '["\\ud800"]',
                "[" * 3000,
                "9" * 4400,
                f'["{"a" * 4000}"]',
            )
        ),
        ("resolution_order", {"number_order": "3"}, "must be a list"),
        ("resolution_order", {"number_order": "[]"}, "This field is required."),
        (
            "resolution_order",
            {"number_order": "[[1]]"},
            "order[0]: must be a short name of small letters, figures and underscores, beginning with a letter",
        ),
    ],
)
def test_impossible_rule_is_said_on_the_page(
    slug: str, changes: dict[str, Any], sentence: str, workplace: Web
) -> None:
    page = save(workplace, Rule.objects.get(slug=slug), **changes)

    assert page.status_code == 200
    assert errors(page) == [sentence]
    assert not is_edited(Rule.objects.get(slug=slug))


@pytest.mark.parametrize("key", ["9" * 25, "9" * 4400, "-1", "\x00", "ball"])
def test_equipment_that_cannot_be_is_said_on_the_page(key: str, workplace: Web) -> None:
    bridge = Exercise.objects.get(slug="bridge")

    page = save(workplace, bridge, equipment=[key])

    assert page.status_code == 200
    assert errors(page) == [f"“{key}” is not a valid value."]
    assert not is_edited(bridge)


def test_numbers_of_a_rule_stand_in_the_order_of_the_file(workplace: Web) -> None:
    shuffled = dict(sorted(Rule.objects.get(slug="step_back").numbers.items()))
    Rule.objects.filter(slug="step_back").update(numbers=shuffled)

    page = workplace.get(change(Rule.objects.get(slug="step_back")))

    assert list(page.context["adminform"].form.fields)[1:4] == [
        "number_red_sessions_in_a_row", "number_mean_pain_rise_over_baseline", "number_tenderness_rise_in_strengthen",
    ]  # fmt: skip


def test_rules_are_neither_added_nor_retired(workplace: Web) -> None:
    rule = Rule.objects.get(slug="reassess")

    assert workplace.get(reverse("admin:routines_rule_add")).status_code == 403
    act(workplace, "rule", "retire", rule)
    assert Rule.objects.in_use().filter(slug="reassess").exists()


def test_region_has_a_place_of_its_own(workplace: Web) -> None:
    page = save(workplace, Region.objects.get(slug="hip"), order=1)

    assert page.status_code == 200
    assert errors(page) == ["Region with this Order already exists."]


# ---- All figures side by side ----------------------------------------------------------------------------------------


def test_figures_stand_side_by_side_and_a_copy_has_that_of_its_original(workplace: Web) -> None:
    copy_exercise(Exercise.objects.get(slug="clam"))
    address = reverse("admin:routines_exercise_figures")

    page, moving = (workplace.get(address, asked).content.decode() for asked in ({}, {"moving": ""}))

    assert page.count("<picture") == 101
    assert page.count("/clam/strengthen-light-right-still.svg") == 2
    assert "data-moves" not in page
    assert "data-moves" in moving


def test_figures_cost_the_same_however_many_there_are(workplace: Web) -> None:
    address = reverse("admin:routines_exercise_figures")
    workplace.get(address)
    counts = []
    for _n in range(2):
        with CaptureQueriesContext(connection) as asked:
            workplace.get(address)
        counts.append(len(asked))
        copy_exercise(Exercise.objects.get(slug="bridge"))

    assert counts[0] == counts[1]
