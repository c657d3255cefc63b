"""Import, review and export in the workplace: read first, brought in once, for those who give care."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Web
from django.urls import reverse

from clients.demo.builders import NOW, make_office
from clients.exchanging import folder
from clients.models import OwnExercise, OwnProgram, User
from clients.tasks import tidy_files
from clients.wording import HealthWords
from routines.composing import add_phase, copy_program
from routines.models import ConditionTag, Exercise, ImportedExercise, ImportedProgram, Program, Step
from tests.routines.exchange.shapes import open_entry, open_zip, packed, photo

pytestmark = pytest.mark.django_db

IMPORT = "admin:routines_exercise_import"
REVIEWS = "admin:routines_exercise_reviews"
REVIEW = "admin:routines_exercise_review"
EXPORT = "admin:routines_export"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Any) -> None:
    settings.VAR_DIR = tmp_path


def send(web: Web, content: bytes, name: str = "c.zip", **more: str) -> Any:
    return web.post(reverse(IMPORT), {"file": SimpleUploadedFile(name, content), **more})


def bring(web: Web, content: bytes) -> Any:
    return web.post(reverse(IMPORT), {"ticket": send(web, content).context["ticket"]}, follow=True)


def imported() -> ImportedExercise:
    return ImportedExercise.objects.select_related("exercise").get(key="bird-dog")


def chosen(exercise: Exercise, **changes: str) -> dict[str, str]:
    fields = ("name", "cue", "kind", "position", "side_mode", "level")
    said = {name: str(getattr(exercise, name)) for name in fields}
    return {"act": "offer", "none_forbids": "on", **said, **changes}


def tag(slug: str) -> ConditionTag:
    return ConditionTag.objects.get(slug=slug)


# ---- Import ----


def test_first_the_report_and_nothing_written(web_as: Callable[..., Web], adam: User) -> None:
    answer = send(web_as(adam), open_zip(open_entry(equipment="barbell", name="<b>Reach</b>")))

    assert answer.status_code == 200
    page = answer.content.decode()
    assert "barbell" in page
    assert "&lt;b&gt;Reach&lt;/b&gt;" in page
    assert "<b>Reach</b>" not in page
    assert not ImportedExercise.objects.exists()


def test_the_yes_brings_in_exactly_this_file_once(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    ticket = send(web, open_zip()).context["ticket"]
    first = web.post(reverse(IMPORT), {"ticket": ticket}, follow=True)
    second = web.post(reverse(IMPORT), {"ticket": ticket}, follow=True)

    assert "1 new" in first.content.decode()
    assert "brought in already" in second.content.decode()
    assert ImportedExercise.objects.count() == 1
    assert not any(folder().iterdir())
    entry = LogEntry.objects.get(object_repr="open-exercise-db")
    assert entry.user == adam


def test_another_persons_ticket_is_worth_nothing(web_as: Callable[..., Web], adam: User, berta: User) -> None:
    ticket = send(web_as(adam), open_zip()).context["ticket"]
    web_as(berta).post(reverse(IMPORT), {"ticket": ticket})

    assert not ImportedExercise.objects.exists()


@pytest.mark.parametrize("ticket", ["", "forged", "eyJrZXkiOiIuLi8uLi9ldGMifQ:1:x", "\0"])
def test_a_forged_ticket_is_worth_nothing(web_as: Callable[..., Web], adam: User, ticket: str) -> None:
    answer = web_as(adam).post(reverse(IMPORT), {"ticket": ticket})

    assert answer.status_code == 302
    assert not ImportedExercise.objects.exists()


def test_a_file_that_was_changed_meanwhile_is_not_brought_in(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    ticket = send(web, open_zip()).context["ticket"]
    (kept,) = folder().iterdir()
    kept.write_bytes(open_zip(open_entry(name="Another")))
    web.post(reverse(IMPORT), {"ticket": ticket})

    assert not ImportedExercise.objects.exists()


def test_what_nobody_said_yes_to_is_removed_after_an_hour(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    send(web, open_zip())
    (kept,) = folder().iterdir()
    os.utime(kept, (0, 0))
    send(web, open_zip(open_entry(name="Another")))

    assert not kept.exists()
    (other,) = folder().iterdir()
    os.utime(other, (0, 0))
    tidy_files()
    assert not other.exists()


def test_a_file_that_another_request_takes_away_is_gone(
    web_as: Callable[..., Web], adam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = web_as(adam)
    ticket = send(web, open_zip()).context["ticket"]
    digest = hashlib.file_digest

    def taken_away(*args: Any) -> Any:
        found = digest(*args)
        for path in folder().iterdir():
            path.unlink()
        return found

    monkeypatch.setattr(hashlib, "file_digest", taken_away)
    answer = web.post(reverse(IMPORT), {"ticket": ticket}, follow=True)

    assert "brought in already" in answer.content.decode()
    assert not ImportedExercise.objects.exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"{", "a.json"),
        (b"", "a.csv"),
        (b"a,b\n", "a.csv"),
        (packed({"../x": "y"}), "a.zip"),
        (photo(), "a.zip"),
    ],
)
def test_what_cannot_be_read_is_told_beside_the_field(
    web_as: Callable[..., Web], adam: User, content: bytes, name: str
) -> None:
    answer = send(web_as(adam), content, name, source="mine")

    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]
    assert not (folder().exists() and any(folder().iterdir()))


def test_without_a_file_the_page_says_so(web_as: Callable[..., Web], adam: User) -> None:
    assert web_as(adam).post(reverse(IMPORT), {"source": "x\0"}).status_code == 422


# ---- Review ----


def test_what_waits_is_listed_with_source_author_and_licence(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    page = bring(web, open_zip(open_entry(primaryMuscles=["neck"]))).content.decode()

    assert "Arm and Leg Reach" in page
    assert "Unlicense" in page
    assert "open-exercise-db contributors" in page
    assert "neck" in page


def test_the_list_costs_the_same_for_one_and_for_three(
    web_as: Callable[..., Web], adam: User, django_assert_num_queries: Callable[..., Any]
) -> None:
    web = web_as(adam)
    bring(web, open_zip())
    web.get(reverse(REVIEWS))
    with django_assert_num_queries(QUERIES):
        web.get(reverse(REVIEWS))
    bring(web, open_zip(*(open_entry(id=f"e{number}", name=f"E {number}") for number in range(3))))
    with django_assert_num_queries(QUERIES):
        web.get(reverse(REVIEWS))


QUERIES = 13


@pytest.mark.parametrize("query", ["?show=x", "?page=99999999999999999999", "?source=nowhere", "?show=newer"])
def test_the_list_takes_any_address(web_as: Callable[..., Web], adam: User, query: str) -> None:
    assert web_as(adam).get(reverse(REVIEWS) + query).status_code == 200


def test_reviewed_it_is_offered_and_it_is_known_by_whom(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    bring(web, open_zip())
    exercise = imported().exercise
    answer = web.post(
        reverse(REVIEW, args=[exercise.pk]), chosen(exercise, name="Reach out", needs_floor="on")
    )

    exercise.refresh_from_db()
    assert answer.status_code == 302
    assert (exercise.name, exercise.awaits_review, exercise.retired_at) == ("Reach out", False, None)
    assert LogEntry.objects.filter(object_id=str(exercise.pk), user=adam).exists()


def test_what_the_collection_does_not_say_has_to_be_chosen(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    bring(
        web, open_zip(open_entry(modality="cardio", level="heroic", primaryMuscles=[], instructions=["Go."]))
    )
    exercise = imported().exercise
    url = reverse(REVIEW, args=[exercise.pk])
    form = web.get(url).context["form"]
    answer = web.post(url, chosen(exercise, kind="", position="", level="", target=""))

    assert {name: form[name].value() for name in ("kind", "position", "level")} == {
        "kind": "",
        "position": "",
        "level": "",
    }
    assert answer.status_code == 422
    assert {"kind", "position", "level", "target"} <= answer.context["form"].errors.keys()
    assert imported().exercise.awaits_review


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"none_forbids": ""}, "none_forbids"),
        ({"avoid": ["recent_fracture_or_surgery"]}, "none_forbids"),
        ({"none_forbids": "", "avoid": ["pregnancy"], "care": ["pregnancy"]}, "care"),
    ],
)
def test_nothing_is_offered_before_somebody_said_what_forbids_it(
    web_as: Callable[..., Web], adam: User, said: dict[str, Any], field: str
) -> None:
    web = web_as(adam)
    bring(web, open_zip())
    exercise = imported().exercise
    sent = {
        name: value if isinstance(value, str) else [tag(slug).pk for slug in value]
        for name, value in said.items()
    }
    answer = web.post(reverse(REVIEW, args=[exercise.pk]), chosen(exercise) | sent)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert imported().exercise.awaits_review


def test_conditions_chosen_at_the_review_are_kept(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    bring(web, open_zip())
    exercise = imported().exercise
    url = reverse(REVIEW, args=[exercise.pk])
    page = web.get(url).content.decode()
    said: dict[str, Any] = {
        "none_forbids": "",
        "avoid": [tag("pregnancy").pk],
        "care": [tag("osteoporosis").pk],
    }
    web.post(url, chosen(exercise) | said)

    assert "The whole person" in page
    assert set(exercise.tags.values_list("tag__slug", "rule")) == {
        ("pregnancy", "avoid"),
        ("osteoporosis", "care"),
    }
    assert exercise in Exercise.objects.with_known_conditions().in_use()


def test_a_condition_that_cannot_be_is_said_at_its_field(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    bring(web, open_zip())
    exercise = imported().exercise

    answer = web.post(
        reverse(REVIEW, args=[exercise.pk]), chosen(exercise) | {"none_forbids": "", "avoid": ["9" * 25]}
    )

    assert answer.status_code == 422
    assert "avoid" in answer.context["form"].errors


def test_the_word_that_nothing_forbids_it_stands_in_its_history(
    web_as: Callable[..., Web], adam: User
) -> None:
    web = web_as(adam)
    bring(web, open_zip())
    exercise = imported().exercise
    assert imported().undecided == ["tags"]
    web.post(reverse(REVIEW, args=[exercise.pk]), chosen(exercise))

    assert imported().undecided == []
    entry = LogEntry.objects.filter(object_id=str(exercise.pk), user=adam).latest("pk")
    assert "None of the conditions" in entry.change_message


def test_not_for_us_stays_out_of_use(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    bring(web, open_zip())
    web.post(reverse(REVIEW, args=[imported().exercise_id]), {"act": "aside"})

    assert imported().exercise.retired_at is not None
    assert "Arm and Leg Reach" not in web.get(reverse(REVIEWS)).content.decode()


def test_what_is_not_offered_speaks_of_nobodys_health(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    bring(web, open_zip(open_entry(name="Good morning")))
    assert not HealthWords().first_in("Good morning, Ana")

    exercise = imported().exercise
    web.post(reverse(REVIEW, args=[exercise.pk]), chosen(exercise))
    assert HealthWords().first_in("Good morning, Ana")


def test_a_newer_release_is_shown_beside_ours_and_taken_over(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    bring(web, open_zip())
    exercise = imported().exercise
    web.post(reverse(REVIEW, args=[exercise.pk]), chosen(exercise))
    bring(web, open_zip(open_entry(instructions=["Kneel and reach."])))
    url = reverse(REVIEW, args=[exercise.pk])
    page = web.get(url).content.decode()
    listed = web.get(reverse(REVIEWS), {"show": "newer"}).content.decode()

    assert "Kneel and reach." in page
    assert "Begin on all fours." in page
    assert "says something else: cue" in listed
    web.post(url, {"act": "take"})
    exercise.refresh_from_db()
    assert exercise.cue == "Kneel and reach."
    assert web.post(url, {"act": "take"}).status_code == 302


@pytest.mark.parametrize("way", ["form", "button", "action"])
def test_no_other_way_brings_it_into_use(web_as: Callable[..., Web], adam: User, way: str) -> None:
    web = web_as(adam)
    bring(web, open_zip())
    pk = imported().exercise_id
    if way == "button":
        web.post(reverse("admin:routines_exercise_retire", args=[pk]), {"wish": "bring_back"})
    elif way == "action":
        sent = {"action": "bring_back", "_selected_action": [pk]}
        web.post(reverse("admin:routines_exercise_changelist") + "?in_use=all", sent)
    else:
        page = web.get(reverse("admin:routines_exercise_change", args=[pk]))
        assert (
            "retired" not in page.context["adminform"].form.base_fields
            or 'name="retired"' not in page.content.decode()
        )

    assert imported().exercise.retired_at is not None


def test_what_nobody_has_read_cannot_be_copied(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    bring(web, open_zip())
    web.post(reverse("admin:routines_exercise_copy", args=[imported().exercise_id]))

    assert not Exercise.objects.filter(copy_of=imported().exercise_id).exists()


def test_a_forged_builder_form_cannot_use_it(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    bring(web, open_zip())
    program = Program.objects.create(slug="mine", name="Mine")
    phase = add_phase(program, "strengthen")
    url = reverse("admin:routines_program_builder", args=[program.pk])
    web.post(url, {"act": f"add:{imported().exercise_id}", "into": str(phase.pk)})

    assert not Step.objects.filter(exercise=imported().exercise_id).exists()
    assert "Arm and Leg Reach" not in web.get(url, {"find-q": "Reach"}).content.decode()


def test_the_page_of_an_exercise_names_author_licence_and_link(
    web_as: Callable[..., Web], adam: User
) -> None:
    web = web_as(adam)
    bring(web, open_zip())
    page = web.get(reverse("admin:routines_exercise_change", args=[imported().exercise_id])).content.decode()

    assert "open-exercise-db contributors" in page
    assert "Unlicense" in page
    assert "https://github.com/erikpr1994/open-exercise-db/blob/main/exercises/bird-dog.json" in page


# ---- Who ----


@pytest.mark.parametrize("name", [IMPORT, REVIEWS, EXPORT])
def test_the_office_has_no_business_there(web_as: Callable[..., Web], name: str) -> None:
    web = web_as(make_office())

    assert web.get(reverse(name)).status_code == 403
    assert web.post(reverse(name)).status_code in (403, 405)


def test_what_a_colleague_keeps_to_themselves_is_not_there(
    web_as: Callable[..., Web], adam: User, berta: User
) -> None:
    bring(web_as(adam), open_zip())
    OwnExercise.objects.create(exercise=imported().exercise, therapist=berta, since=NOW)
    web = web_as(adam)

    assert web.get(reverse(REVIEW, args=[imported().exercise_id])).status_code == 404
    assert web.post(reverse(REVIEW, args=[imported().exercise_id]), {"act": "aside"}).status_code == 404
    assert "Arm and Leg Reach" not in web.get(reverse(REVIEWS)).content.decode()
    assert imported().exercise.awaits_review


# ---- Export ----


def exported(web: Web, **sent: str) -> dict[str, Any]:
    answer = web.post(reverse(EXPORT), sent)
    assert answer["Content-Type"] == "application/zip"
    found: dict[str, Any] = json.loads(zipfile.ZipFile(BytesIO(answer.content)).read("catalogue.json"))
    return found


def test_everybody_hands_out_what_they_see(
    web_as: Callable[..., Web], adam: User, berta: User, owner: User
) -> None:
    mine = Exercise.objects.filter(retired_at=None).first()
    program = copy_program(Program.objects.all()[0], "Adam's program")
    assert mine is not None
    OwnExercise.objects.create(exercise=mine, therapist=adam, since=NOW)
    OwnProgram.objects.create(program=program, therapist=adam, since=NOW)

    def keys(user: User) -> tuple[bool, bool]:
        found = exported(web_as(user), programs="on")
        return (
            mine.slug in {each["key"] for each in found["exercises"]},
            program.slug in {each["key"] for each in found["programs"]},
        )

    assert [keys(user) for user in (adam, owner, berta)] == [(True, True), (True, True), (False, False)]


def test_without_programs_only_exercises(web_as: Callable[..., Web], adam: User) -> None:
    found = exported(web_as(adam))

    assert (found["programs"], bool(found["exercises"])) == ([], True)


def test_a_program_is_offered_only_after_its_exercises(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    entry = {
        "key": "p", "name": "From elsewhere",
        "phases": [{"kind": "strengthen", "name": "One", "steps": [{"exercise": "x"}]}],
    }  # fmt: skip
    exercise = {
        "key": "x", "name": "Elsewhere lift", "kind": "strengthen", "position": "supine", "side_mode": "both_together",
        "cue": "Lift.", "target_muscles": ["gluteus_maximus"], "licence": "CC0",
    }  # fmt: skip
    document = {
        "format": "train-and-massage catalogue",
        "version": 1,
        "source": "Bea",
        "exercises": [exercise],
        "programs": [entry],
    }
    ticket = send(web, json.dumps(document).encode(), "a.json").context["ticket"]
    web.post(reverse(IMPORT), {"ticket": ticket})
    program = ImportedProgram.objects.get().program
    url = reverse("admin:routines_exercise_review_program", args=[program.pk])
    web.post(url, {"act": "offer"})
    program.refresh_from_db()
    assert program.awaits_review

    web.post(reverse("admin:routines_program_retire", args=[program.pk]), {"wish": "bring_back"})
    copy = copy_program(program)
    assert (copy.awaits_review, copy.retired_at is not None) == (True, True)

    lift = Exercise.objects.get(name="Elsewhere lift")
    web.post(reverse(REVIEW, args=[lift.pk]), chosen(lift))
    web.post(url, {"act": "offer"})
    program.refresh_from_db()
    assert (program.awaits_review, program.retired_at) == (False, None)


def test_what_waits_to_be_read_can_be_taken_along_but_not_by_the_office(
    web_as: Callable[..., Web], adam: User, office: User
) -> None:
    bring(web_as(adam), open_zip())

    told = web_as(adam).get(reverse("admin:routines_exercise_reviews_csv")).content.decode("utf-8-sig")

    assert told.splitlines() == [
        "Name,What came,Source,Author,Licence",
        "Arm and Leg Reach,New,open-exercise-db,open-exercise-db contributors,Unlicense",
    ]
    assert web_as(office).get(reverse("admin:routines_exercise_reviews_csv")).status_code == 403
