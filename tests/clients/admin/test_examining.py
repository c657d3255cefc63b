"""Visits in the workplace: the body map, findings and joints, finishing, and two visits side by side."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Web
from django.urls import reverse

from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import Client, Finding, HomeSetup, JointFinding, PainArea, User, Visit
from routines.models import Equipment, Joint, Muscle

pytestmark = pytest.mark.usefixtures("clock")
DAY = timedelta(days=1)
FOUND = [("piriformis", "right", "tight", 7), ("gluteus_medius", "right", "weak", 4)]


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def visit(ana: Client) -> Visit:
    return builders.examine(ana, close=False)


@pytest.fixture
def web(web_as: Callable[..., Web], adam: User) -> Web:
    return web_as(adam)


def address(visit: Visit, act: str = "", query: str = "") -> str:
    name = f"admin:client_visit{'_' if act else ''}{act}"
    return reverse(name, args=[visit.client_id, visit.pk]) + query


def html_of(web: Web, url: str, status: int = 200) -> str:
    answer = web.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def finding(slug: str, **data: Any) -> dict[str, Any]:
    muscle = Muscle.objects.get(slug=slug)
    return {"muscle": muscle.pk, "state": "tight", "side": "right", "rating": 7, "judged": "hands", **data}


def rows() -> list[tuple[str, str, str, int]]:
    found = Finding.objects.order_by("pk")
    return [(row.muscle.slug, row.side, row.state, row.rating) for row in found]


# ---- Beginning ------------------------------------------------------------------------------------------------------


def test_visit_begins_on_the_clients_page_and_once_however_often_it_is_pressed(
    web: Web, ana: Client, adam: User
) -> None:
    assert "New visit" in html_of(web, reverse("admin:client", args=[ana.pk]))
    assert "No visit recorded yet" in html_of(web, reverse("admin:client_records", args=[ana.pk]))

    for key in ("one", "one", "two"):
        answer = web.post(reverse("admin:client_visit_new", args=[ana.pk]), {"key": key})
    visit = Visit.objects.get()

    assert answer["Location"] == address(visit)
    assert (visit.by, visit.client) == (adam, ana)
    assert "Go on with the visit" in html_of(web, reverse("admin:client", args=[ana.pk]))


def test_visit_without_a_key_begins_as_well(web: Web, ana: Client) -> None:
    web.post(reverse("admin:client_visit_new", args=[ana.pk]))

    assert Visit.objects.count() == 1


@pytest.mark.parametrize("key", ["\x00" * 20, "x", "y" * 400, "a key with blanks in it"])
def test_key_that_no_page_has_made_begins_a_visit_all_the_same(web: Web, ana: Client, key: str) -> None:
    assert web.post(reverse("admin:client_visit_new", args=[ana.pk]), {"key": key}).status_code == 302
    assert "\x00" not in Visit.objects.get().key


def test_nobody_is_examined_after_care_has_ended(web: Web, ana: Client) -> None:
    Client.objects.filter(pk=ana.pk).update(ended_at=NOW)
    answer = web.post(reverse("admin:client_visit_new", args=[ana.pk]), {"key": "k"}, follow=True)

    assert "has ended already" in answer.content.decode()
    assert "New visit" not in answer.content.decode()
    assert not Visit.objects.exists()


# ---- The map and the lists ------------------------------------------------------------------------------------------


def test_pressing_an_area_lists_its_muscles_surface_first_with_what_they_do(web: Web, visit: Visit) -> None:
    answer = web.get(address(visit, query="?place=buttock-right"))
    lines = answer.context["lines"]

    assert [line.muscle.slug for line in lines] == ["gluteus_maximus", "deep_hip_rotators", "piriformis"]
    assert all(line.muscle.action in answer.content.decode() for line in lines)
    assert all(line.form["side"].value() == "right" for line in lines)
    assert "Buttock, right" in answer.content.decode()


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("piriformis", "piriformis"),
        ("gluteus max", "gluteus_maximus"),
        ("PÍRIFORMIS", "piriformis"),
        ("palm up", "supinator"),
        ("Wadenmuskel", None),
        ("nothing like this", None),
    ],
)
def test_search_finds_by_name_anatomy_and_what_a_muscle_does(
    web: Web, visit: Visit, words: str, first: str | None
) -> None:
    answer = web.get(address(visit), {"q": words})
    lines = answer.context["lines"]

    assert (lines[0].muscle.slug if lines else None) == first
    assert ("No muscle like this" in answer.content.decode()) is (first is None)


def test_common_word_draws_no_more_forms_than_help(web: Web, visit: Visit) -> None:
    assert len(web.get(address(visit), {"q": "e"}).context["lines"]) == 12


@pytest.mark.parametrize("query", ["?place=moon-left", "?place=abdomen-left", "?q=", "?place=", "?x=1"])
def test_what_makes_no_sense_in_the_address_is_left_out(web: Web, visit: Visit, query: str) -> None:
    assert "Press an area on the picture" in html_of(web, address(visit, query=query))


def test_area_without_a_muscle_still_takes_pain(web: Web, visit: Visit) -> None:
    html = html_of(web, address(visit, query="?place=knee_back-left"))

    assert "No muscle of the catalogue lies here." in html
    assert "Record the pain" in html


# ---- Recording ------------------------------------------------------------------------------------------------------


def test_finding_is_recorded_and_the_place_is_kept(web: Web, visit: Visit) -> None:
    answer = web.post(address(visit, "finding"), finding("piriformis", place="buttock-right"))

    assert rows() == [("piriformis", "right", "tight", 7)]
    html = html_of(web, answer["Location"])
    assert '<h2 class="card-title" tabindex="-1">Buttock, right</h2>' in html
    assert "Tight 7, right" in html
    assert "Buttock, right: 3 muscles, 1 finding" in html


@pytest.mark.parametrize("looked", [{"place": "buttock-right"}, {"q": "piriformis"}])
def test_what_is_written_has_no_place_in_its_address(web: Web, visit: Visit, looked: dict[str, str]) -> None:
    drawn = web.get(address(visit), looked).content.decode()
    answer = web.post(address(visit, "finding"), finding("piriformis", **looked))

    acts = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', drawn)
    acts += re.findall(r'formaction="([^"]*)"', drawn)
    assert len(acts) > 5
    assert [act for act in acts if "?" in act] == []
    assert answer["Location"] == address(visit, query="#place")
    [line] = [line for line in web.get(address(visit)).context["lines"] if line.muscle.slug == "piriformis"]
    assert line.noted


def test_place_of_one_visit_is_not_the_place_of_another(web: Web, visit: Visit, adam: User) -> None:
    web.post(address(visit, "finding"), finding("piriformis", place="buttock-right"))
    other = builders.examine(builders.make_client(name="Ben Ortiz", therapist=adam), close=False)

    assert "Press an area on the picture" in html_of(web, address(other))


ACTS = ["finding", "joint", "pain", "remove", "note", "home", "finish", "discard"]


@pytest.mark.parametrize("act", ACTS)
def test_whoever_signs_in_again_comes_back_to_the_visit(web: Web, visit: Visit, act: str) -> None:
    assert web.get(address(visit, act))["Location"] == address(visit)
    assert web.put(address(visit, act)).status_code == 405


def test_whoever_signs_in_again_before_a_new_visit_finds_the_list(web: Web, ana: Client) -> None:
    answer = web.get(reverse("admin:client_visit_new", args=[ana.pk]))

    assert answer["Location"] == reverse("admin:client_visits", args=[ana.pk])
    assert not Visit.objects.exists()


def test_finding_of_both_sides_and_of_a_muscle_without_sides(web: Web, visit: Visit) -> None:
    web.post(address(visit, "finding"), finding("piriformis", side="both", rating=0))
    web.post(address(visit, "finding"), finding("rectus_abdominis", state="weak"))

    assert rows() == [
        ("piriformis", "left", "tight", 0),
        ("piriformis", "right", "tight", 0),
        ("rectus_abdominis", "none", "weak", 7),
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"side": ""}, "Choose left, right or both sides."),
        ({"side": "none"}, "Select a valid choice."),
        ({"rating": ""}, "Please choose a number from 0 to 10."),
        ({"rating": "11"}, "Please choose a number from 0 to 10."),
        ({"state": "sore"}, "Select a valid choice."),
        ({"judged": "guess"}, "Select a valid choice."),
    ],
)
def test_error_stands_beside_the_field_and_nothing_typed_is_lost(
    web: Web, visit: Visit, wrong: dict[str, str], said: str
) -> None:
    data = finding("piriformis", judged="length") | wrong
    answer = web.post(address(visit, "finding"), data | {"place": "buttock-right"})
    html = answer.content.decode()

    assert answer.status_code == 422
    assert said in html
    [line] = [line for line in answer.context["lines"] if line.is_open]
    assert line.muscle.slug == "piriformis"
    assert line.form["judged"].value() == data["judged"]
    assert not Finding.objects.exists()


def test_refused_muscle_is_shown_even_where_the_address_names_another_area(web: Web, visit: Visit) -> None:
    answer = web.post(address(visit, "finding"), finding("piriformis", rating="", place="calf-left"))

    assert answer.context["lines"][0].muscle.slug == "piriformis"


def test_fascia_offers_tight_only(web: Web, visit: Visit) -> None:
    answer = web.post(address(visit, "finding"), finding("plantar_fascia", state="weak"))

    assert answer.status_code == 422
    assert not Finding.objects.exists()


@pytest.mark.parametrize("muscle", ["", "x", "999999", "9" * 40])
def test_unknown_muscle_is_not_found(web: Web, visit: Visit, muscle: str) -> None:
    assert web.post(address(visit, "finding"), {"muscle": muscle}).status_code == 404


def test_pain_is_recorded_with_and_without_a_number(web: Web, visit: Visit) -> None:
    url = address(visit, "pain")
    web.post(url, {"area": "calf", "side": "left", "rating": "6"})
    web.post(url, {"area": "abdomen"})
    refused = web.post(url, {"area": "calf", "side": ""})

    found = PainArea.objects.order_by("pk").values_list("area__slug", "side", "rating")
    assert list(found) == [("calf", "left", 6), ("abdomen", "none", None)]
    assert refused.status_code == 422
    assert "Choose left, right or both sides." in refused.content.decode()
    assert web.post(url, {"area": "moon"}).status_code == 404


def test_joint_is_recorded_in_own_words_and_the_patterns_words_are_offered(web: Web, visit: Visit) -> None:
    hip, pelvis = Joint.objects.get(slug="hip"), Joint.objects.get(slug="pelvis")
    web.post(address(visit, "joint"), {"joint": hip.pk, "side": "both", "alteration": " held  turned out "})
    web.post(address(visit, "joint"), {"joint": pelvis.pk, "side": "", "alteration": "anterior tilt"})
    refused = web.post(address(visit, "joint"), {"joint": hip.pk, "side": "", "alteration": "stiff"})

    found = JointFinding.objects.order_by("pk").values_list("joint__slug", "side", "alteration")
    assert list(found) == [
        ("hip", "left", "held turned out"),
        ("hip", "right", "held turned out"),
        ("pelvis", "none", "anterior tilt"),
    ]
    assert refused.status_code == 422
    assert 'value="stiff"' in refused.content.decode()
    assert '<option value="anterior tilt"' in html_of(web, address(visit))


def test_recorded_thing_is_taken_out(web: Web, visit: Visit) -> None:
    web.post(address(visit, "finding"), finding("piriformis"))
    row = Finding.objects.get()
    url = address(visit, "remove")

    assert web.post(url, {"kind": "moon", "what": row.pk}).status_code == 404
    assert web.post(url, {"kind": "muscle", "what": "x"}).status_code == 404
    assert web.post(url, {"kind": "muscle", "what": row.pk}).status_code == 302
    assert web.post(url, {"kind": "muscle", "what": row.pk}).status_code == 302
    assert not Finding.objects.exists()


def test_last_visit_is_told_beside_the_muscle(web: Web, ana: Client) -> None:
    builders.examine(ana, found=FOUND, now=NOW - DAY)
    visit = builders.examine(ana, close=False)

    assert "Last visit: Tight 7, right" in html_of(web, address(visit, query="?place=buttock-right"))


def test_home_is_kept_and_comes_back(web: Web, visit: Visit) -> None:
    mat = Equipment.objects.get(slug="mat")
    web.post(address(visit, "home"), {"tools": [mat.pk], "level": "1", "minutes": "10"})
    refused = web.post(address(visit, "home"), {"tools": [mat.pk], "level": "9", "minutes": "10"})

    home = HomeSetup.objects.get(client=visit.client)
    assert ([*home.tools.all()], home.floor, home.level, home.minutes) == ([mat], False, 1, 10)
    assert refused.status_code == 422
    assert web.get(address(visit)).context["home_form"]["minutes"].value() == 10


@pytest.mark.parametrize("tool", ["9" * 23, "999999", "x", "-1", "\x00"])
def test_tool_that_is_not_offered_is_refused(web: Web, visit: Visit, tool: str) -> None:
    answer = web.post(address(visit, "home"), {"tools": [tool], "level": "1", "minutes": "10"})

    assert answer.status_code == 422
    assert not HomeSetup.objects.exists()


def test_tools_that_are_kept_come_back_chosen(web: Web, visit: Visit) -> None:
    mat = Equipment.objects.get(slug="mat")
    web.post(address(visit, "home"), {"tools": [mat.pk], "level": "1", "minutes": "10"})

    chosen = re.findall(r'<input type="checkbox"[^>]*checked[^>]*>', html_of(web, address(visit)))
    assert ['name="tools"' in each and f'value="{mat.pk}"' in each for each in chosen].count(True) == 1
    assert len([each for each in chosen if 'name="tools"' in each]) == 1


# ---- Finishing ------------------------------------------------------------------------------------------------------


def test_finished_visit_is_read_only_and_stands_on_the_clients_page(web: Web, visit: Visit) -> None:
    web.post(address(visit, "finding"), finding("piriformis"))
    web.post(address(visit, "note"), {"note": "First thought"})
    answer = web.post(address(visit, "finish"), {"note": "Calm today."})
    visit.refresh_from_db()

    assert answer["Location"] == reverse("admin:client_draft", args=[visit.client_id])
    assert (visit.note, visit.closed_at) == ("Calm today.", NOW)
    html = html_of(web, address(visit))
    assert "Calm today." in html
    assert "Record" not in html.split("What was found")[1]
    assert "Tight 7, right" in html_of(web, reverse("admin:client_records", args=[visit.client_id]))


def test_finished_visit_of_somebody_with_a_program_leads_back_to_them(web: Web, visit: Visit) -> None:
    builders.assign(visit.client)
    web.post(address(visit, "finding"), finding("piriformis"))

    answer = web.post(address(visit, "finish"), {"note": ""})

    assert answer["Location"].endswith("#findings")


@pytest.mark.parametrize(
    ("act", "data"),
    [
        ("finding", {"side": "right", "state": "tight", "rating": 3, "judged": "hands"}),
        ("joint", {"side": "right", "alteration": "stiff"}),
        ("pain", {"area": "calf", "side": "left"}),
        ("remove", {"kind": "muscle"}),
        ("note", {"note": "Later"}),
        ("finish", {"note": "Later"}),
        ("discard", {}),
    ],
)
def test_finished_visit_says_that_it_stays(web: Web, ana: Client, act: str, data: dict[str, Any]) -> None:
    visit = builders.examine(ana, found=FOUND[:1])
    data = {
        "muscle": Muscle.objects.get(slug="piriformis").pk,
        "joint": Joint.objects.get(slug="hip").pk,
        "what": Finding.objects.get().pk,
        **data,
    }
    answer = web.post(address(visit, act), data, follow=True)

    assert "What was found then stays as it is." in answer.content.decode()
    assert rows() == FOUND[:1]
    assert Visit.objects.get().note == ""


@pytest.mark.parametrize("act", ["note", "finish"])
def test_note_for_a_visit_that_was_finished_elsewhere_is_shown_to_copy(
    web: Web, visit: Visit, act: str
) -> None:
    web.post(address(visit, "finish"), {"note": "Calm today."})
    answer = web.post(address(visit, act), {"note": "Typed on the other device"})
    html = answer.content.decode()

    assert answer.status_code == 409
    assert "Your note was not saved" in html
    assert "Typed on the other device" in html
    assert "What was found then stays as it is." in html
    assert "Calm today." in html
    assert Visit.objects.get().note == "Calm today."


@pytest.mark.parametrize("act", ["note", "finish"])
def test_note_that_was_written_meanwhile_is_not_written_over_unread(web: Web, visit: Visit, act: str) -> None:
    form = web.get(address(visit)).context["note_form"]
    said = {"note": "Typed on the other device", "seen": form["seen"].value()}
    web.post(address(visit, "note"), {"note": "Calm <today>."})
    refused = web.post(address(visit, act), said)
    visit.refresh_from_db()
    kept, shown = visit.note, refused.context["note_form"]
    again = web.post(address(visit, act), {**said, "seen": shown["seen"].value()})

    assert (refused.status_code, kept, visit.closed_at) == (422, "Calm <today>.", None)
    assert shown["note"].value() == "Typed on the other device"
    assert "Somebody has changed this in the meantime: “Calm &lt;today&gt;.”" in refused.content.decode()
    assert again.status_code == 302
    visit.refresh_from_db()
    assert (visit.note, visit.closed_at is None) == ("Typed on the other device", act == "note")


def test_note_for_a_finished_visit_is_shown_to_copy_though_its_page_had_another_note(
    web: Web, visit: Visit
) -> None:
    form = web.get(address(visit)).context["note_form"]
    web.post(address(visit, "finish"), {"note": "Calm today."})
    answer = web.post(address(visit, "note"), {"note": "Typed", "seen": form["seen"].value()})

    assert answer.status_code == 409
    assert "Your note was not saved" in answer.content.decode()


def test_visit_that_is_finished_twice_with_the_same_note_is_finished(web: Web, visit: Visit) -> None:
    for _time in range(2):
        answer = web.post(address(visit, "finish"), {"note": "Calm today."}, follow=True)

    assert "The visit is finished." in answer.content.decode()
    assert "stays as it is" not in answer.content.decode()


def test_open_visit_is_read_and_finished_after_care_has_ended(web: Web, visit: Visit) -> None:
    Client.objects.filter(pk=visit.client_id).update(ended_at=NOW)
    html = html_of(web, address(visit))
    refused = web.post(address(visit, "finding"), finding("piriformis"), follow=True)
    unsaved = web.post(address(visit, "note"), {"note": "Typed"})
    web.post(address(visit, "finish"), {"note": "The last one."})

    assert "nothing more is recorded" in html
    assert "Record the joint" not in html
    assert "has ended already" in refused.content.decode()
    assert unsaved.status_code == 409
    assert "Typed" in unsaved.content.decode()
    assert not Finding.objects.exists()
    visit.refresh_from_db()
    assert (visit.note, visit.closed_at) == ("The last one.", NOW)


def test_too_long_a_note_is_refused_and_kept(web: Web, visit: Visit) -> None:
    for act in ("note", "finish"):
        answer = web.post(address(visit, act), {"note": "x" * 4001})
        assert answer.status_code == 422
        assert "x" * 4001 in answer.content.decode()
    visit.refresh_from_db()
    assert visit.closed_at is None


def test_visit_opened_by_mistake_is_taken_back(web: Web, visit: Visit) -> None:
    assert "take it back" in html_of(web, address(visit))
    web.post(address(visit, "discard"))

    assert not Visit.objects.exists()


def test_visit_with_findings_is_not_taken_back(web: Web, visit: Visit) -> None:
    web.post(address(visit, "finding"), finding("piriformis"))
    answer = web.post(address(visit, "discard"), follow=True)

    assert "so it stays" in answer.content.decode()
    assert "take it back" not in answer.content.decode()


def test_visit_with_a_note_is_not_taken_back(web: Web, visit: Visit) -> None:
    web.post(address(visit, "note"), {"note": "Calm today."})
    answer = web.post(address(visit, "discard"), follow=True)

    assert Visit.objects.get().note == "Calm today."
    assert "so it stays" in answer.content.decode()
    assert "take it back" not in answer.content.decode()


# ---- Side by side ---------------------------------------------------------------------------------------------------


def test_two_visits_stand_side_by_side_in_order_of_time(web: Web, ana: Client) -> None:
    url = reverse("admin:client_visits_compare", args=[ana.pk])
    assert "Two visits are needed" in html_of(web, url)
    first = builders.examine(ana, found=FOUND, now=NOW - 2 * DAY)
    builders.examine(ana, now=NOW - DAY)
    last = builders.examine(ana, found=[("piriformis", "right", "tight", 4)], pain=[("calf", "left", None)])

    newest = web.get(url)
    chosen = web.get(url, {"before": last.pk, "after": first.pk})
    html = chosen.content.decode()

    assert [sheet.visit.pk for sheet in newest.context["pair"]] == [first.pk + 1, last.pk]
    assert [sheet.visit for sheet in chosen.context["pair"]] == [first, last]
    assert "3 less" in html
    assert "not recorded this time" in html
    assert "recorded for the first time" in html


def test_nought_is_a_number_side_by_side(web: Web, ana: Client) -> None:
    builders.examine(ana, found=[("piriformis", "right", "tight", 6)], now=NOW - DAY)
    builders.examine(ana, found=[("piriformis", "right", "tight", 0)], pain=[("calf", "left", None)])

    cells = re.findall(
        r'<td class="number"[^>]*>(.*?)</td>',
        html_of(web, reverse("admin:client_visits_compare", args=[ana.pk])),
    )

    assert cells == ["6", "0", "–", "–"]


def test_visit_of_another_client_is_no_choice(web: Web, ana: Client, carla: Client) -> None:
    for day in (2, 1):
        builders.examine(ana, now=NOW - day * DAY)
    other = builders.examine(carla)
    answer = web.get(
        reverse("admin:client_visits_compare", args=[ana.pk]), {"before": other.pk, "after": other.pk}
    )

    assert answer.context["pair"] is None
    assert "CANARY" not in answer.content.decode()


def test_list_names_every_visit(web: Web, ana: Client) -> None:
    url = reverse("admin:client_visits", args=[ana.pk])
    assert "No visit yet" in html_of(web, url)
    builders.examine(ana, found=FOUND, now=NOW - DAY)
    builders.examine(ana, close=False)
    html = html_of(web, url)

    assert "10 March 2026" in html
    assert "9 March 2026" in html
    assert "Piriformis (Tight 7, right)" in html


def test_every_visit_can_be_reached_and_chosen(web: Web, ana: Client) -> None:
    first = builders.examine(ana, found=FOUND, now=NOW - 60 * DAY)
    for day in range(51, 0, -1):
        builders.examine(ana, now=NOW - day * DAY)
    url = reverse("admin:client_visits", args=[ana.pk])
    newest = web.get(url)
    last = Visit.objects.first()

    assert len(newest.context["sheets"]) == 50
    assert [sheet.visit for sheet in web.get(url, {"page": 2}).context["sheets"]][-1] == first
    assert "?page=2" in newest.content.decode()
    pair = web.get(f"{url}compare/", {"before": first.pk, "after": last.pk}).context["pair"]
    assert [sheet.visit for sheet in pair] == [first, last]


# ---- Who may, and what it costs -------------------------------------------------------------------------------------


def test_visit_belongs_to_its_client(web: Web, ana: Client, carla: Client) -> None:
    other = builders.examine(carla, close=False)

    assert web.get(reverse("admin:client_visit", args=[ana.pk, other.pk])).status_code == 404
    assert web.get(address(other)).status_code == 404
    assert web.post(address(other, "finding"), finding("piriformis")).status_code == 404
    assert not Finding.objects.exists()


@pytest.mark.parametrize("name", ["client_visits", "client_visits_compare", "client_visit_new"])
def test_office_has_no_business_with_findings(
    web_as: Callable[..., Web], office: User, ana: Client, visit: Visit, name: str
) -> None:
    desk = web_as(office)
    act = desk.post if name.endswith("new") else desk.get

    assert act(reverse(f"admin:{name}", args=[ana.pk])).status_code == 403
    assert desk.get(address(visit)).status_code == 403
    assert "Findings" not in html_of(desk, reverse("admin:client", args=[ana.pk]))


@pytest.mark.parametrize("number", [1, 20])
def test_pages_ask_a_fixed_number_of_queries(
    web: Web, ana: Client, django_assert_num_queries: Any, number: int
) -> None:
    muscles = list(Muscle.objects.filter(sided=True)[:number])
    closed = builders.examine(ana, found=[(m.slug, "left", "tight", 5) for m in muscles], now=NOW - DAY)
    for _each in range(number):
        builders.examine(ana, found=FOUND, pain=[("calf", "left", 4)], now=NOW - DAY)
    visit = builders.examine(
        ana,
        found=[(m.slug, "left", "tight", 5) for m in muscles],
        joints=[("hip", "left", "stiff")],
        pain=[("calf", "left", 4)],
        close=False,
    )
    counted = {
        address(visit, query="?place=buttock-right"): VISIT,
        address(visit, query="?q=e"): VISIT,
        address(closed): READ,
        reverse("admin:client_visits", args=[ana.pk]): ALL,
        reverse("admin:client_visits_compare", args=[ana.pk]): COMPARED,
    }
    web.get(reverse("admin:client_visits", args=[ana.pk]))
    for url, expected in counted.items():
        with django_assert_num_queries(expected):
            web.get(url)


VISIT, READ, ALL, COMPARED = 26, 16, 15, 16
