"""What is told beside a session, at the phone: one tap each, as plain forms, kept once, and corrected without overwriting."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from clients.adjusting import pause_assignment
from clients.demo.builders import NOW, assign, make_client, responsible, screen, tag, train
from clients.enrolling import end_care
from clients.models import (
    HealthChange,
    LimbAnswer,
    MorningAnswer,
    PainDiaryEntry,
    SafetyBlock,
    SessionNote,
    TendernessReading,
    TightnessReading,
    TrainingSession,
)
from clients.recording import state_of
from clients.telling import record_limb, record_morning, report_health_change
from tests.clients.views.conftest import text

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
KEY = "k" * 22
QUESTION = "How does the area feel this morning?"


def url(name, session, *rest):
    return reverse(name, args=[session.pk, *rest])


def press(seat, page, word):
    """Presses the button with this word on the page: its form is sent as it stands there."""
    html = seat.get(page).content.decode()
    for form in re.findall(r"<form.*?</form>", html, re.DOTALL):
        button = re.search(r"<button([^>]*)>(.*?)</button>", form, re.DOTALL)
        if button and re.sub(r"<[^>]*>", "", button[2]).strip() == word:
            fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
            return seat.web.post(re.search(r'action="([^"]+)"', form)[1], fields, follow=True)
    raise AssertionError(f"No button says {word}.")


def tap(seat, page, scale, number):
    """Taps a number of the scale with this id."""
    html = seat.get(page).content.decode()
    form = re.search(rf'<form class="tap-scale"[^>]*id="{scale}".*?</form>', html, re.DOTALL)[0]
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    name = re.search(r'<button type="submit" name="(\w+)"', form)[1]
    return seat.web.post(re.search(r'action="([^"]+)"', form)[1], fields | {name: str(number)}, follow=True)


@pytest.fixture
def yesterday(ana) -> TrainingSession:
    return train(ana.client, now=NOW - DAY)


# ---- The morning after -------------------------------------------------------------------------------------------------


def test_today_asks_how_the_morning_is_after_a_session(ana, yesterday):
    shown = text(ana.get("/today/"))

    assert QUESTION in shown
    for word in ("Fine", "A bit sore", "Sore", "Worse than before"):
        assert f">{word}</button>" in shown


def test_today_asks_nothing_about_the_morning_without_a_session(ana):
    assert QUESTION not in text(ana.get("/today/"))


@pytest.mark.parametrize(("ago", "asked"), [(2, True), (3, True), (4, False)])
def test_today_asks_for_three_days(sit_down, ago, asked):
    seat = sit_down(start=NOW - 6 * DAY)
    train(seat.client, now=NOW - ago * DAY)

    assert (QUESTION in text(seat.get("/today/"))) is asked


def test_morning_is_answered_with_one_tap(ana, yesterday):
    shown = text(press(ana, "/today/", "A bit sore"))

    answer = MorningAnswer.objects.get()
    assert (answer.word, answer.pain, answer.after_day) == ("a_bit_sore", None, yesterday.local_date)
    assert "This morning: A bit sore" in shown
    assert QUESTION not in shown


def test_morning_takes_a_number_from_whoever_likes(ana, yesterday):
    press(ana, "/today/", "Sore")
    shown = text(tap(ana, "/today/", "morning-number", 4))

    assert MorningAnswer.objects.latest_revisions().get().pain == 4
    assert "This morning: Sore, 4 of 10" in shown


def test_morning_is_corrected_on_the_same_day(ana, yesterday):
    press(ana, "/today/", "Fine")
    shown = text(press(ana, "/morning/", "Worse than before"))

    assert MorningAnswer.objects.count() == 2
    assert "This morning: Worse than before" in shown


@pytest.mark.parametrize("word", ["Fine", "Sore"])
def test_morning_number_is_not_erased_by_a_tap_on_a_word(ana, yesterday, word):
    press(ana, "/today/", "Fine")
    tap(ana, "/morning/", "morning-number", 9)

    shown = text(press(ana, "/morning/", word))

    assert MorningAnswer.objects.latest_revisions().get().pain == 9
    assert f"This morning: {word}, 9 of 10" in shown


def test_morning_is_not_corrected_on_the_next_day(ana, yesterday):
    record_morning(ana.client, yesterday.local_date, "fine", None, key="one", now=NOW)

    with time_machine.travel(NOW + DAY, tick=False):
        assert ana.get("/morning/").headers["Location"] == "/today/"
        shown = ana.web.post(
            "/morning/", {"key": KEY, "after_day": yesterday.local_date, "word": "sore"}, follow=True
        )

    assert "stands as it was felt then" in text(shown)
    assert MorningAnswer.objects.get().word == "fine"


@pytest.mark.parametrize(
    "fields",
    [
        {"word": "great"},
        {"word": "", "pain": "3"},
        {"word": "fine", "pain": "11"},
        {"word": "fine", "after_day": "yesterday"},
        {"word": "fine", "key": "short"},
    ],
)
def test_morning_that_cannot_be_read_is_said_and_not_saved(ana, yesterday, fields):
    sent = {"key": KEY, "after_day": yesterday.local_date.isoformat()} | fields

    assert "This answer was not saved" in text(ana.web.post("/morning/", sent, follow=True))
    assert not MorningAnswer.objects.exists()


def test_morning_sent_twice_is_kept_once(ana, yesterday):
    for _twice in range(2):
        ana.post("/morning/", key=KEY, after_day=yesterday.local_date, word="sore")

    assert MorningAnswer.objects.count() == 1


def test_morning_page_with_nothing_to_answer_leads_to_today(ana):
    assert ana.get("/morning/").headers["Location"] == "/today/"


def test_morning_of_a_blocked_client_gives_way_to_the_phones(ana, yesterday):
    record_limb(yesterday, "new_numb", key="one", now=NOW)

    assert QUESTION not in text(ana.get("/today/"))


# ---- The pain diary ----------------------------------------------------------------------------------------------------

DIARY = "How strong is the pain today?"


def test_diary_is_offered_from_the_invitation_on(therapist, web_as, sit_down):
    client = make_client(therapist=therapist)
    seat = type("Seat", (), {"web": web_as(client.user), "get": lambda self, path: self.web.get(path)})()

    assert DIARY in text(seat.get("/today/"))
    shown = text(tap(seat, "/today/", "diary-number", 6))

    assert PainDiaryEntry.objects.get().value == 6
    assert "Pain today: 6 of 10" in shown


def test_diary_is_offered_before_the_start_in_a_pause_and_on_a_day_of_rest(sit_down):
    later = sit_down(name="Lara Later", start=NOW + 3 * DAY)
    paused = sit_down(name="Paul Paused")
    pause_assignment(
        paused.assignment, until=None, by=responsible(paused.client), reason="Flu", now=NOW - DAY
    )
    resting = sit_down(name="Rita Rest")
    for phase in resting.assignment.phases.all():
        phase.steps.update(weekdays="3")

    for seat in (later, paused, resting):
        assert DIARY in text(seat.get("/today/"))


def test_diary_is_not_offered_where_the_session_asks(ana):
    assert DIARY not in text(ana.get("/today/"))


def test_diary_is_changed_by_a_revision(sit_down):
    seat = sit_down(start=NOW + 3 * DAY)
    tap(seat, "/today/", "diary-number", 6)
    shown = text(tap(seat, "/today/", "diary-number", 5))

    assert PainDiaryEntry.objects.count() == 2
    assert "Pain today: 5 of 10" in shown


def test_diary_of_a_page_left_open_overnight_counts_for_no_day(sit_down):
    seat = sit_down(start=NOW + 3 * DAY)

    shown = seat.web.post("/diary/", {"key": KEY, "day": "2026-03-09", "value": "4"}, follow=True)

    assert "This page was of another day" in text(shown)
    assert not PainDiaryEntry.objects.exists()


@pytest.mark.parametrize("value", ["11", "-1", "much", ""])
def test_diary_off_the_scale_is_not_saved(ana, value):
    shown = ana.web.post("/diary/", {"key": KEY, "day": "2026-03-10", "value": value}, follow=True)

    assert "This answer was not saved" in text(shown)
    assert not PainDiaryEntry.objects.exists()


def test_diary_looked_at_leads_to_today(ana):
    assert ana.get("/diary/").headers["Location"] == "/today/"


# ---- Tenderness --------------------------------------------------------------------------------------------------------

WEEKLY = "Once a week: how tender is it?"


def fields_of(seat):
    return seat.get("/tenderness/").context["form"].sites


def test_tenderness_is_offered_until_told_and_again_after_a_week(ana):
    assert WEEKLY in text(ana.get("/today/"))

    told = dict.fromkeys(fields_of(ana), "4")
    ana.post("/tenderness/", key=KEY, **told)
    assert WEEKLY not in text(ana.get("/today/"))

    with time_machine.travel(NOW + 7 * DAY, tick=False):
        assert WEEKLY in text(ana.get("/today/"))


def test_tenderness_shows_each_muscle_and_side_with_its_place(ana):
    shown = text(ana.get("/tenderness/"))

    assert "Where to press: Piriformis, right" in shown
    assert "seen from the back" in shown
    assert "Inner thigh muscles, right" in shown


def test_tenderness_is_saved_by_muscle_and_corrected_on_the_same_day(ana):
    first, second = fields_of(ana)
    ana.post("/tenderness/", key=KEY, **{first: "6"})
    ana.post("/tenderness/", key="o" * 22, **{first: "5", second: "2"})
    ana.post("/tenderness/", key="p" * 22, **{first: "5", second: "2"})

    rows = TendernessReading.objects.order_by("pk")
    assert [(row.side, row.value, row.revision) for row in rows] == [
        ("right", 6, 1),
        ("right", 5, 2),
        ("right", 2, 1),
    ]


def test_tenderness_tells_what_it_was_the_last_time(ana):
    first, _second = fields_of(ana)
    ana.post("/tenderness/", key=KEY, **{first: "6"})

    with time_machine.travel(NOW + 7 * DAY, tick=False):
        assert "6 on 10 March" in text(ana.get("/tenderness/"))


@pytest.mark.parametrize("value", ["", "11", "x"])
def test_tenderness_without_a_number_asks_for_one(ana, value):
    first, _second = fields_of(ana)
    refused = ana.post("/tenderness/", key=KEY, **{first: value})
    shown = text(refused)

    assert refused.status_code == 422
    assert "Choose a number for at least one muscle" in shown or "Please choose a number" in shown
    assert not TendernessReading.objects.exists()


def test_tenderness_with_a_used_key_and_another_number_says_so(ana):
    first, _second = fields_of(ana)
    ana.post("/tenderness/", key=KEY, **{first: "6"})

    again = ana.post("/tenderness/", key=KEY, **{first: "7"})
    assert again.status_code == 409
    assert "sent before with other values" in text(again)
    assert (
        ana.post("/tenderness/", key=again.context["form"]["key"].value(), **{first: "7"}).status_code == 302
    )
    assert TendernessReading.objects.latest_revisions().get().value == 7


def test_tenderness_without_a_tracked_muscle_leads_to_today(therapist, web_as):
    client = make_client(therapist=therapist)

    assert web_as(client.user).get("/tenderness/").headers["Location"] == "/today/"


# ---- Tightness ---------------------------------------------------------------------------------------------------------

BEFORE = "How tight does it feel before you begin?"
NOW_ASKED = "How tight does it feel now?"


def do(seat, session, upto=None):
    """Ticks every set of the session, up to this exercise."""
    for n, group in enumerate(state_of(session).exercises(), 1):
        for state in group:
            for number in range(1, state.item.sets + 1):
                seat.post(
                    url("session_set", session, state.item.pk, number),
                    key=f"{'k' * 16}{state.item.pk}-{number}",
                    done="1",
                    seconds=state.item.hold_seconds or "",
                    reps=state.item.reps or "",
                )
        if n == upto:
            break


def test_tightness_is_asked_before_the_first_set_with_one_tap(ana, begun):
    page = url("session_step", begun, 1)
    assert BEFORE in text(ana.get(page))
    assert BEFORE not in text(ana.get(url("session_step", begun, 2)))

    shown = text(tap(ana, page, "tightness-number", 6))

    reading = TightnessReading.objects.get()
    assert (reading.moment, reading.muscle.slug, reading.side, reading.value) == (
        "before",
        "piriformis",
        "right",
        6,
    )
    assert "tightness 6 before you begin" in shown


def test_tightness_left_open_is_not_asked_any_more(ana, begun):
    do(ana, begun, upto=1)
    assert BEFORE not in text(ana.get(url("session_step", begun, 1)))

    do(ana, begun)
    last = len(state_of(begun).exercises())
    assert NOW_ASKED not in text(ana.get(url("session_step", begun, last)))


def test_tightness_is_asked_again_after_the_release_and_told_as_it_is(ana, begun):
    tap(ana, url("session_step", begun, 1), "tightness-number", 6)
    do(ana, begun)
    page = url("session_step", begun, len(state_of(begun).exercises()))
    asked = text(ana.get(page))
    assert NOW_ASKED in asked
    assert "Piriformis, right: 6 before you began" in asked

    assert "tightness before 6, now 4" in text(tap(ana, page, "tightness-number", 4))
    assert "before 6, now 3" in text(tap(ana, page, "tightness-number", 3))
    assert TightnessReading.objects.count() == 3


def test_tightness_never_blocks_the_way(ana, begun):
    do(ana, begun)

    assert ana.get(url("session", begun)).headers["Location"] == url("session_end", begun)


@pytest.mark.parametrize("fields", [{"value": "11"}, {"when": "during"}, {"key": "short"}])
def test_tightness_that_cannot_be_read_is_not_saved(ana, begun, fields):
    sent = {"key": KEY, "when": "before", "value": "5"} | fields
    shown = ana.web.post(url("session_tightness", begun, 1), sent, follow=True)

    assert "This answer was not saved" in text(shown)
    assert not TightnessReading.objects.exists()


def test_tightness_looked_at_leads_to_the_session(ana, begun):
    assert ana.get(url("session_tightness", begun, 1)).headers["Location"] == url("session", begun)


def test_tightness_of_an_exercise_that_is_not_there_is_not_kept(ana, begun):
    answer = ana.post(url("session_tightness", begun, 999), key=KEY, when="before", value="5")

    assert answer.status_code == 404
    assert not TightnessReading.objects.exists()


def test_tightness_of_another_client_is_not_found(ben, begun):
    assert ben.post(url("session_tightness", begun, 1), key=KEY, when="before", value="5").status_code == 404


def test_tightness_of_a_blocked_client_leads_to_the_phones(ana, begun):
    record_limb(begun, "new_numb", key="one", now=NOW)

    answer = ana.post(url("session_tightness", begun, 1), key=KEY, when="before", value="5")
    assert answer.headers["Location"] == "/blocked/"


# ---- After the session -------------------------------------------------------------------------------------------------

LIMB = "where did it go with this session?"


@pytest.mark.parametrize(
    ("program", "phase", "most"),
    [
        ("program_sciatica_piriformis", "release", 3),
        ("program_sciatica_piriformis", "strengthen", 4),
        ("program_plantar_heel", "release", 2),
        ("program_plantar_heel", "strengthen", 3),
    ],
)
def test_end_needs_at_most_four_answers(sit_down, program, phase, most):
    seat = sit_down(program)
    session = train(seat.client, now=NOW, finish=False, pain_after=None)
    if phase == "strengthen":
        session.items.filter(order=0).update(kind="strengthen")

    form = seat.get(url("session_end", session)).context["form"]

    asked = [field for field in form.visible_fields() if field.name != "note"]
    assert len(asked) == most <= 4
    assert not form.fields["note"].required
    assert ("limb" in form.fields) is (program == "program_sciatica_piriformis")


def test_end_records_direction_and_note_and_goes_to_today(ana, begun):
    do(ana, begun)
    answer = ana.post(
        url("session_end", begun), key=KEY, pain_after="2", pain_worst="3", limb="less", note=" Slept badly. "
    )

    assert answer.headers["Location"] == "/today/"
    assert LimbAnswer.objects.get().direction == "less"
    assert SessionNote.objects.get().text == "Slept badly."


def test_end_without_direction_and_note_records_none(ana, begun):
    do(ana, begun)
    ana.post(url("session_end", begun), key=KEY, pain_after="2", pain_worst="3")

    assert not LimbAnswer.objects.exists()
    assert not SessionNote.objects.exists()
    begun.refresh_from_db()
    assert begun.finished_at


@pytest.mark.parametrize("numbers", [{"pain_after": "2", "pain_worst": "3"}, {}, {"pain_after": "11"}])
@pytest.mark.parametrize("ticked", [True, False])
def test_new_numbness_is_heard_whatever_else_is_missing(ana, begun, numbers, ticked):
    if ticked:
        do(ana, begun)

    answer = ana.post(url("session_end", begun), key=KEY, limb="new_numb", **numbers)

    assert answer.headers["Location"] == "/blocked/"
    assert SafetyBlock.objects.get().effect == "urgent"
    assert "Please get medical advice today" in text(ana.get("/today/"))


def test_end_corrected_later_shows_and_changes_what_was_told(ana, begun):
    do(ana, begun)
    end = url("session_end", begun)
    ana.post(end, key=KEY, pain_after="2", pain_worst="3", limb="same", note="Fine")
    form = ana.get(end).context["form"]
    assert (form.initial["limb"], form.initial["note"]) == ("same", "Fine")

    ana.post(end, key="o" * 22, pain_after="2", pain_worst="3", limb="further_down", note="")

    assert LimbAnswer.objects.latest_revisions().get().direction == "further_down"
    assert SessionNote.objects.latest_revisions().get().text == ""
    assert not SafetyBlock.objects.exists()


def test_end_sent_twice_records_once(ana, begun):
    do(ana, begun)
    for _twice in range(2):
        ana.post(url("session_end", begun), key=KEY, pain_after="2", pain_worst="3", limb="more", note="Hm")

    assert (LimbAnswer.objects.count(), SessionNote.objects.count()) == (1, 1)


def test_end_with_a_note_too_long_keeps_it(ana, begun):
    do(ana, begun)
    shown = ana.post(url("session_end", begun), key=KEY, pain_after="2", pain_worst="3", note="a" * 501)

    assert shown.status_code == 422
    assert "a" * 501 in shown.content.decode()
    assert not SessionNote.objects.exists()


@pytest.mark.parametrize("note", ["a" * 501, "line\r\n" * 200, "a\0b" * 200])
def test_new_numbness_is_heard_whatever_the_note(ana, begun, note):
    do(ana, begun)

    answer = ana.post(
        url("session_end", begun), key=KEY, pain_after="2", pain_worst="3", limb="new_numb", note=note
    )

    assert answer.headers["Location"] == "/blocked/"
    assert SafetyBlock.objects.get().effect == "urgent"
    kept = note.replace("\r\n", "\n").replace("\0", "")[:500].strip()
    assert SessionNote.objects.get().text == kept


def test_lines_of_a_note_count_as_the_browser_counts_them(ana, begun):
    do(ana, begun)
    note = "\r\n".join(["a" * 41] * 11 + ["b" * 38])

    ana.post(url("session_end", begun), key=KEY, pain_after="2", pain_worst="3", note=note)

    assert SessionNote.objects.get().text == note.replace("\r\n", "\n")


def test_end_with_a_used_key_can_be_sent_once_more(ana, begun):
    do(ana, begun)
    end = url("session_end", begun)
    ana.post(end, key=KEY, pain_after="2", pain_worst="3")

    again = ana.post(end, key=KEY, pain_after="6", pain_worst="7")

    assert again.status_code == 409
    assert "sent before with other values" in text(again)
    key = again.context["form"]["key"].value()
    assert key != KEY
    assert f'value="{key}"' in again.content.decode()
    assert ana.post(end, key=key, pain_after="6", pain_worst="7").status_code == 302
    assert state_of(begun).readings["pain_after"] == 6


def test_summary_and_history_tell_what_was_told(ana, begun):
    tap(ana, url("session_step", begun, 1), "tightness-number", 6)
    do(ana, begun)
    ana.post(
        url("session_end", begun), key=KEY, pain_after="2", pain_worst="3", limb="further_up", note="Good day"
    )
    with time_machine.travel(NOW + DAY, tick=False):
        press(ana, "/today/", "Sore")
        shown, past = text(ana.get(url("session", begun))), text(ana.get("/history/"))

    assert 'Piriformis, right: <span class="number">before 6, after –</span>' in shown
    assert "Moved up, towards the back or neck" in shown
    assert "Good day" in shown
    assert "<dt>Next morning</dt><dd>Sore</dd>" in shown
    assert "next morning: Sore" in past


# ---- A change of health ------------------------------------------------------------------------------------------------


def test_change_of_health_is_one_tap_away(ana):
    for page in ("/today/", "/settings/", "/history/", "/program/"):
        assert reverse("health_changed") in text(ana.get(page))


def test_change_of_health_asks_everything_again(ana):
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert ana.client.health_changes.count() == 0
        answer = press(ana, "/health-changed/", "Yes, ask me again")
        assert answer.redirect_chain[-1][0] == "/questions/warning_signs/"
        assert "Start with a few health questions" in text(ana.get("/today/"))

    assert ana.client.health_changes.count() == 1


def test_change_of_health_in_a_running_session_asks_first(ana, begun):
    report_health_change(ana.client, key="one", now=NOW + timedelta(minutes=1))

    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        shown = text(ana.get("/today/"))
        assert "Start with a few health questions" in shown

        screen(ana.client, now=NOW + timedelta(minutes=2))
        assert "Resume" in text(ana.get("/today/"))


def test_change_of_health_with_a_broken_key_changes_nothing(ana):
    ana.post("/health-changed/", key="short")

    assert ana.client.health_changes.count() == 0


def test_change_of_health_keeps_known_conditions(ana):
    tag(ana.client, "osteoporosis")
    ana.post("/health-changed/", key=KEY)

    assert ana.client.tags.count() == 1


def test_nothing_is_asked_once_care_has_ended(ana, yesterday, therapist):
    end_care(ana.client, by=therapist, reason="All is well.", now=NOW)

    shown = text(ana.get("/today/"))

    assert QUESTION not in shown
    assert WEEKLY not in shown
    assert DIARY not in shown


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/morning/", {"word": "fine", "after_day": (NOW - DAY).date().isoformat()}),
        ("/diary/", {"day": NOW.date().isoformat(), "value": "4"}),
        ("/tenderness/", {}),
        ("/health-changed/", {}),
    ],
)
def test_nothing_is_told_once_care_has_ended(ana, yesterday, therapist, path, fields):
    if path == "/tenderness/":
        first, _second = fields_of(ana)
        fields = {first: "4"}
    end_care(ana.client, by=therapist, reason="All is well.", now=NOW)

    assert ana.get(path).headers["Location"] == "/today/"
    shown = text(ana.web.post(path, {"key": KEY, **fields}, follow=True))

    assert "This was not saved: your care here has ended." in shown
    for kind in (MorningAnswer, PainDiaryEntry, TendernessReading, HealthChange):
        assert not kind.objects.exists()


def test_two_programs_are_asked_about_once(ana, yesterday):
    assign(ana.client, "program_upper_crossed", now=NOW - DAY)

    assert text(ana.get("/today/")).count(QUESTION) == 1
    assert len({site.muscle.slug for site in fields_of(ana).values()}) == 5
