"""Paper as the client meets it: a handout to print, and a filled-in sheet to key in."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from clients.demo.builders import NOW, bulk_sessions, new_key, responsible, tag, train
from clients.enrolling import end_care
from clients.models import MorningAnswer, PaperSheet, SafetyBlock, SessionReading, SetRecord, TrainingSession
from clients.recording import stop
from tests.clients.views.conftest import text

pytestmark = pytest.mark.django_db

SHEET = reverse("sheet")
HANDOUT = reverse("program_handout")
DAY = timedelta(days=1)
BOXES = re.compile(r'name="done" value="([^"]+)"')


def boxes(answer):
    return BOXES.findall(answer.content.decode())


def send(seat, path=SHEET, **fields):
    return seat.post(path, **({"key": uuid4().hex} | fields))


def cell(ask, ago, number=1):
    return f"{ask}-{(NOW - ago * DAY):%Y%m%d}-{number}"


# ---- The handout -----------------------------------------------------------------------------------------------------


def test_handout_holds_what_is_needed_without_a_screen(ana, practice):
    page = text(ana.get(HANDOUT))

    for words in (
        practice.name,
        practice.phone,
        practice.emergency_number,
        "Release the deep buttock",
        "Mon, Tue, Wed",
    ):
        assert words in page
    assert "http://localhost:8000/today/" in page
    assert "Stop" in page
    assert 'class="qr"' in page


def test_handout_is_light_in_any_theme(ana):
    assert 'data-theme="light"' in ana.get(HANDOUT).content.decode()


def test_handout_of_somebody_blocked_leads_to_what_to_do(ana, begun):
    stop(begun, None, choice="dizzy_chest", key=new_key(), now=NOW)

    assert ana.get(HANDOUT)["Location"] == reverse("blocked")


def test_handout_waits_for_the_safety_questions(sit_down):
    seat = sit_down(name="Nora", screened=False)

    assert seat.get(HANDOUT)["Location"] == reverse("screening")


def test_handout_without_anything_due_says_so(ana):
    end_care(ana.client, by=responsible(ana.client), reason="Moved", now=NOW)

    assert "Nothing is due in the days ahead" in text(ana.get(HANDOUT))


def test_program_leads_to_paper(ana):
    page = ana.get(reverse("program")).content.decode()

    assert HANDOUT in page
    assert SHEET in page


# ---- The sheet -------------------------------------------------------------------------------------------------------


def test_sheet_shows_the_days_of_the_program_with_nothing_ticked(ana):
    answer = ana.get(SHEET)

    found = boxes(answer)
    assert {box.split("-")[0] for box in found} == {f"{NOW - n * DAY:%Y%m%d}" for n in range(4)}
    assert "checked" not in answer.content.decode()


def test_sheet_is_keyed_in_once(ana):
    ticked = [box for box in boxes(ana.get(SHEET)) if box.startswith(f"{NOW - DAY:%Y%m%d}")]
    fields = {"key": uuid4().hex, "done": ticked, cell("pain_before", 1): "4", cell("morning", 1): "b"}

    for _twice in range(2):
        answer = send(ana, **fields)
        assert answer.status_code == 302
        assert answer["Location"].startswith(SHEET)

    session = TrainingSession.objects.get(client=ana.client)
    assert (session.source, session.local_date) == ("paper", (NOW - DAY).date())
    assert PaperSheet.objects.get().by == ana.client.user
    assert MorningAnswer.objects.get().word == "a_bit_sore"
    assert "One session was recorded from the sheet." in text(ana.get(SHEET))


def test_hyphen_leaves_a_place_empty_where_no_script_takes_it_away(ana):
    ticked = [box for box in boxes(ana.get(SHEET)) if box.startswith(f"{NOW - DAY:%Y%m%d}")]

    answer = send(
        ana, done=ticked, **{cell("pain_before", 1): "4", cell("pain_after", 1): "-", cell("morning", 1): "–"}
    )

    assert answer.status_code == 302
    assert [(row.measure, row.value) for row in SessionReading.objects.all()] == [("pain_before", 4)]
    assert not MorningAnswer.objects.exists()


def test_same_form_with_another_tick_is_not_taken_for_the_first(ana):
    ticked = [box for box in boxes(ana.get(SHEET)) if box.startswith(f"{NOW - DAY:%Y%m%d}")]
    fields = {"key": uuid4().hex, "done": ticked[:1]}
    send(ana, **fields)

    more = send(ana, **fields | {"done": ticked[:2]})
    sign = send(ana, **fields | {cell("stopped", 1): "G"})
    first = (NOW - 3 * DAY).date().isoformat()
    another = send(ana, **{"key": fields["key"], "from": first, cell("pain_before", 2): "4"})

    assert (more.status_code, sign.status_code, another.status_code) == (422, 422, 302)
    assert "was recorded in the meantime" in text(more)
    assert PaperSheet.objects.count() == 2
    assert SetRecord.objects.values("item").distinct().count() == 1


def test_keys_of_a_sheet_have_room_for_everything_on_it(ana):
    ticked = boxes(ana.get(SHEET))
    told = {cell(ask, 2): "4" for ask in ("pain_before", "pain_worst", "pain_after")}

    answer = send(
        ana, key="k" * 40, done=ticked, **told, **{cell("morning", 2): "a", cell("stopped", 2): "e"}
    )

    assert answer.status_code == 302
    assert len(PaperSheet.objects.get().key) == 40


def test_button_ticks_a_session_and_saves_nothing(ana):
    day = f"{NOW - DAY:%Y%m%d}-1"

    answer = send(ana, tick=day, **{cell("pain_before", 1): "4"})

    page = answer.content.decode()
    assert answer.status_code == 200
    checked = [each for each in re.findall(r"<input[^>]+>", page) if " checked" in each]
    assert checked
    assert all(f'value="{day}.' in each for each in checked)
    assert 'value="4"' in page
    assert not TrainingSession.objects.exists()


def test_button_leaves_what_the_sheet_does_not_ask_for_to_the_hand(ana):
    tag(ana.client, "acute_inflammation", valid_from=(NOW - 20 * DAY).date())

    page = send(ana, tick="all").content.decode()

    beside = re.findall(r'beside"><input[^>]+>', page)
    assert beside
    assert not any(" checked" in each or "data-slot" in each for each in beside)
    assert "A box with a dashed frame" in page


def test_tick_alone_complains_of_nothing(ana):
    page = text(send(ana, tick="all"))

    assert "Nothing stands here yet" not in page
    assert page.count(" checked>") == len(BOXES.findall(page))


def test_page_with_a_broken_key_gets_a_new_one(ana):
    page = send(ana, key="short", **{cell("pain_before", 1): "3"}).content.decode()
    fresh = re.search(r'name="key" value="([^"]+)"', page)[1]

    assert send(ana, key=fresh, **{cell("pain_before", 1): "3"}).status_code == 302


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "Nothing stands here yet."),
        ({"done": "20200101-1.1-left"}, "was recorded in the meantime"),
        ({"done": "\x00"}, "was recorded in the meantime"),
        ({cell("pain_before", 1): "11"}, "0 to 10"),
        ({cell("pain_before", 1): "9" * 5000}, "0 to 10"),
        ({cell("pain_before", 1): "\x00"}, "0 to 10"),
        ({cell("pain_before", 1): "-1"}, "0 to 10"),
        ({cell("pain_worst", 1): "3"}, "tick first"),
        ({cell("pain_after", 1): "3"}, "tick first"),
        ({cell("morning", 1): "E"}, "A to D"),
        ({cell("morning", 1): "AA"}, "A to D"),
        ({cell("morning", 1): "\x00"}, "A to D"),
        ({cell("morning", 1): "A"}, "tick first"),
        ({cell("stopped", 1): "A"}, "E to H"),
        ({cell("pain_before", -1): "3"}, "Nothing stands here yet."),
        ({cell("pain_before", 30): "3"}, "Nothing stands here yet."),
        ({"key": "short", cell("pain_before", 1): "3"}, "was recorded in the meantime"),
        ({"key": "\x00" * 20, cell("pain_before", 1): "3"}, "was recorded in the meantime"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_saved(ana, fields, why):
    answer = send(ana, **fields)

    assert answer.status_code == 422
    assert why in text(answer)
    assert not TrainingSession.objects.exists()
    assert not PaperSheet.objects.exists()


def test_morning_after_a_session_that_was_stopped_at_once_is_taken(ana):
    first = (NOW - 3 * DAY).date().isoformat()

    same = send(ana, **{cell("stopped", 2): "e", cell("morning", 2): "d"})
    send(ana, **{cell("stopped", 1): "h"})
    later = send(ana, **{"from": first, cell("morning", 1): "d"})

    assert (same.status_code, later.status_code) == (302, 302)
    assert [each.word for each in MorningAnswer.objects.all()] == ["worse_than_before"] * 2


def test_pain_that_the_diary_holds_already_is_said_so(ana):
    first = (NOW - 3 * DAY).date().isoformat()
    send(ana, **{cell("pain_before", 2): "3"})

    answer = send(ana, **{"from": first, cell("pain_before", 2): "4"})

    assert answer.status_code == 422
    assert "is in the diary already" in text(answer)


def test_what_was_typed_stays_when_something_is_wrong(ana):
    ticked = boxes(ana.get(SHEET))[:2]

    page = send(ana, done=ticked, **{cell("pain_before", 1): "12"}).content.decode()

    assert 'value="12"' in page
    assert page.count(" checked>") == 2
    assert f'href="#{cell("pain_before", 1)}"' in page


@pytest.mark.parametrize("first", ["", "yesterday", "2026-13-45", "0001-01-01", "9999-12-31"])
def test_any_day_in_the_address_shows_a_sheet(ana, first):
    answer = ana.web.get(SHEET, {"from": first})

    assert answer.status_code == 200
    assert boxes(answer)


def test_recorded_session_is_shown_and_locked(ana):
    train(ana.client, now=NOW - DAY, pain_before=7)

    answer = ana.get(SHEET)

    assert f"{NOW - DAY:%Y%m%d}" not in {box.split("-")[0] for box in boxes(answer)}
    assert '<span class="stands">7</span>' in answer.content.decode()
    assert send(ana, **{cell("pain_worst", 1): "9"}).status_code == 422
    assert SessionReading.objects.filter(measure="pain_worst").count() == 0


def test_warning_sign_on_the_sheet_leads_to_what_to_do(ana):
    answer = send(ana, **{cell("stopped", 1): "G"})

    assert answer["Location"] == reverse("blocked")
    assert SafetyBlock.objects.filter(client=ana.client).exists()


def test_what_was_wrong_and_what_was_red_is_said_after_saving(ana):
    ticked = [box for box in boxes(ana.get(SHEET)) if box.startswith(f"{NOW - DAY:%Y%m%d}")]
    red = {cell("pain_worst", 1): "9"}

    answer = send(ana, done=ticked, **red, **{cell("stopped", 2): "f", cell("stopped", 3): "f"})

    page = text(ana.get(answer["Location"]))
    assert page.count("Tingling or numb: Stop this exercise") == 1
    assert "Too much by the rules of the program: Sat 7 March, Sun 8 March and Mon 9 March." in page


def test_sheet_is_closed_once_care_has_ended(ana):
    end_care(ana.client, by=responsible(ana.client), reason="Moved", now=NOW)

    assert ana.get(SHEET)["Location"] == reverse("today")
    assert send(ana, **{cell("pain_before", 1): "3"})["Location"] == reverse("today")


def test_two_sheets_meet_only_their_own_rows(ana, ben):
    ticked = boxes(ana.get(SHEET))[:1]

    send(ben, done=ticked)

    assert not TrainingSession.objects.filter(client=ana.client).exists()


def test_sheet_costs_the_same_however_much_is_recorded(ana, django_assert_num_queries):
    ana.get(SHEET)
    train(ana.client, now=NOW - DAY)
    with django_assert_num_queries(20) as one:
        ana.get(SHEET)
    bulk_sessions(ana.client, 3, now=NOW - 40 * DAY)
    train(ana.client, now=NOW - 2 * DAY)
    train(ana.client, now=NOW - 3 * DAY)

    with django_assert_num_queries(len(one)):
        ana.get(SHEET)
