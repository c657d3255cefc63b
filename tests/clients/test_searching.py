"""One search over clients, exercises, programs and pages: every word, the best first, and only what this person may see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from clients.demo.builders import NOW, assign, make_client, make_office, make_owner, make_therapist
from clients.models import Client, OwnExercise, OwnProgram
from clients.searching import LONGEST, MOST, WORDS, fit, search, words_of
from routines.models import Exercise, Program

pytestmark = pytest.mark.django_db

PAGES = [("New client", "/new/", "add"), ("Practice", "/practice/", "")]


def found(user, asked, pages=()):
    """The names of each group by its title."""
    return {str(each.title): [hit.name for hit in each.hits] for each in search(user, asked, pages, NOW)}


# ---- Words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "names", "beside", "place"),
    [
        ("ana silva", ["Ana Silva"], [], 0),
        ("ana s", ["Ana Silva"], [], 1),
        ("sil an", ["Ana Silva"], [], 2),
        ("ilva", ["Ana Silva"], [], 3),
        ("silva buttock", ["Ana Silva"], ["Ache in the buttock"], 4),
        ("buttock", ["Ana Silva"], ["Ache in the buttock"], 4),
        ("ben", ["Ana Silva"], ["Ache"], None),
        ("ana ben", ["Ana Silva"], [], None),
        ("jose", ["José Pérez"], [], 1),
        ("MÜLLER", ["Jürgen Müller"], [], 2),
        ("muller", ["Jürgen Müller"], [], 2),
        ("turn", ["Ankle turn-in stretch"], [], 2),
        ("dehnung", ["Calf stretch", "Wadendehnung"], [], 3),
    ],
)
def test_fit_is_told_by_how_well_every_word_is_met(asked, names, beside, place):
    assert fit(words_of(asked), names, beside) == place


@pytest.mark.parametrize("asked", ["", "   ", "\0", "\0 \0"])
def test_nothing_asked_finds_nothing(asked):
    assert search(make_owner(), asked, PAGES, NOW) == []


def test_question_without_end_is_cut():
    assert len(words_of("a b c d e f g h i")) == WORDS
    assert len(words_of("x" * 10_000)[0]) == LONGEST


# ---- Clients --------------------------------------------------------------------------------------------------------


def test_therapist_finds_own_clients_by_name_address_and_complaint():
    adam = make_therapist(name="Adam")
    ana = make_client(name="Ana Silva", therapist=adam, complaint="Ache in the buttock", email="as@x.example")
    make_client(name="Ana CANARY", complaint="CANARY buttock", email="canary@x.example")

    for asked in ("ana", "as@x", "buttock"):
        assert found(adam, asked)["Clients"] == [ana.name]
    assert "Clients" not in found(adam, "canary")


def test_owner_finds_everybody():
    make_client(name="Ana CANARY")

    assert found(make_owner(), "canary")["Clients"] == ["Ana CANARY"]


def test_office_finds_names_and_addresses_and_no_health():
    make_client(name="Ana Silva", complaint="CANARY buttock", email="as@x.example")
    assign(Client.objects.get())
    office = make_office()

    groups = search(office, "ana", [], NOW)

    assert [(hit.name, hit.tags, hit.note) for hit in groups[0].hits] == [("Ana Silva", (), "")]
    assert found(office, "as@x") == {"Clients": ["Ana Silva"]}
    assert found(office, "canary") == {}
    assert found(office, "bridge") == {}


def test_nearest_comes_first_and_who_has_left_last():
    adam = make_therapist()
    names = ["Ana", "Ana Silva", "Juliana", "Mia Anand", "Ana Alt"]
    for name in names:
        make_client(name=name, therapist=adam)
    Client.objects.filter(name="Ana Alt").update(ended_at=NOW)

    group = search(adam, "ana", [], NOW)[0]

    assert [hit.name for hit in group.hits] == ["Ana", "Ana Silva", "Mia Anand", "Juliana", "Ana Alt"]
    assert group.hits[-1].note == "care has ended"


def test_phase_stands_beside_a_client():
    client = make_client(name="Ana Silva")
    assign(client, now=NOW - timedelta(days=3))

    hit = search(make_owner(), "ana", [], NOW)[0].hits[0]

    assert hit.tags == (("release", "Release, day 4"),)
    assert hit.url.endswith(f"/{client.pk}/")


def test_group_shows_the_best_and_says_how_many_more():
    adam = make_therapist()
    for n in range(MOST + 3):
        make_client(name=f"Ana {n}", therapist=adam)

    group = search(adam, "ana", [], NOW)[0]

    assert (len(group.hits), group.more) == (MOST, 3)


# ---- The catalogue --------------------------------------------------------------------------------------------------


def test_exercise_is_found_in_both_languages_with_its_kind():
    owner = make_owner()
    bridge = Exercise.objects.get(slug="bridge")
    german = bridge.translations["de"]["name"]

    hit = next(each for each in search(owner, german, [], NOW) if str(each.title) == "Exercises").hits[0]
    assert (hit.name, hit.tags) == (bridge.name, (("strengthen", "Strengthen"),))

    with translation.override("de"):
        assert search(owner, "bridge", [], NOW)[0].hits[0].name == german


def test_program_is_found_by_its_pattern_too():
    owner = make_owner()
    program = Program.objects.get(slug="program_sciatica_piriformis")

    assert program.name in found(owner, program.name)["Programs"]
    assert program.name in found(owner, program.imbalance.name)["Programs"]


def test_what_somebody_keeps_or_the_practice_retired_is_not_found():
    adam, berta = make_therapist(name="Adam"), make_therapist(name="Berta")
    clam, bridge = Exercise.objects.get(slug="clam"), Exercise.objects.get(slug="bridge")
    program = Program.objects.get(slug="program_plantar_heel")
    OwnExercise.objects.create(exercise=clam, therapist=berta)
    OwnProgram.objects.create(program=program, therapist=berta)
    Exercise.objects.filter(pk=bridge.pk).retire(NOW)

    assert clam.name in found(berta, clam.name)["Exercises"]
    assert clam.name not in found(adam, clam.name).get("Exercises", [])
    assert program.name in found(berta, program.name)["Programs"]
    assert program.name not in found(adam, program.name).get("Programs", [])
    assert bridge.name not in found(adam, bridge.name).get("Exercises", [])


def test_page_is_found_by_what_else_it_is_called():
    assert found(make_owner(), "new cl", PAGES)["Pages"] == ["New client"]
    assert found(make_owner(), "add", PAGES)["Pages"] == ["New client"]


# ---- Cost -----------------------------------------------------------------------------------------------------------


def test_search_asks_as_many_queries_of_300_as_of_3():
    adam = make_therapist()
    counts = []
    for number in (3, 297):
        make_many(adam, number)
        with CaptureQueriesContext(connection) as captured:
            groups = search(adam, "a", PAGES, NOW)
        counts.append(len(captured))

    assert [len(group.hits) for group in groups] == [MOST, MOST, 5, 2]
    assert counts == [7, 7]


def make_many(therapist, number):
    """Clients with a program each, and as many exercises and programs."""
    for n in range(min(number, 12)):
        assign(make_client(name=f"Ana {number} {n}", therapist=therapist), by=therapist)
    for n in range(12, number):
        make_client(name=f"Ana {number} {n}", therapist=therapist, with_account=False, email="")
    bridge = Exercise.objects.get(slug="bridge")
    Exercise.objects.bulk_create(copy_of(bridge, f"more_{number}_{n}") for n in range(number))


def copy_of(exercise, slug):
    fields = {field.attname: getattr(exercise, field.attname) for field in Exercise._meta.concrete_fields}
    return Exercise(**{**fields, "id": None, "slug": slug})
