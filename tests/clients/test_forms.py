"""What the client's forms take, refuse and hand on."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.template import Context, Template

from clients.forms.preferences import DaysField, zone_choices
from clients.forms.sessions import EndForm, KeyedForm, SetForm, device_moment, new_key
from clients.forms.widgets import ScaleField
from clients.models import SessionItem
from clients.recording import SetEntry

KEY = "k" * 22


def item(**fields) -> SessionItem:
    asked = {"sets": 2, "reps": 1, "hold_seconds": 45, "kind": "release_smr", "side": "right"}
    return SessionItem(pk=7, **asked | fields)


def draw(form) -> str:
    return Template("{% load crispy_forms_tags %}{{ form|crispy }}").render(Context({"form": form}))


# ---- Keys and clocks ---------------------------------------------------------------------------------------------------


def test_every_form_has_a_key_of_its_own():
    assert len({new_key() for _n in range(100)}) == 100
    assert KeyedForm()["key"].value() != KeyedForm()["key"].value()


@pytest.mark.parametrize("key", ["", "k" * 15, "k" * 41, "k k" * 7, "k" * 20 + "\0"])
def test_key_that_no_page_of_ours_made_is_refused(key):
    assert KeyedForm({"key": key}).errors["key"]


def test_key_is_taken_without_blanks_around_it():
    form = KeyedForm({"key": f" {KEY}\n"})

    assert form.is_valid()
    assert form.cleaned_data["key"] == KEY


def test_device_moment_reads_what_javascript_writes():
    assert device_moment("2026-03-10T18:00:00.123Z") == datetime(2026, 3, 10, 18, 0, 0, 123000, UTC)


@pytest.mark.parametrize("told", ["", "x", "2026-13-01T00:00:00Z", "2026-03-10T18:00", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"])  # fmt: skip
def test_device_moment_of_a_broken_clock_is_nothing(told):
    assert device_moment(told) is None


# ---- Sets --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ({}, ["seconds"]),
        ({"reps": 10, "hold_seconds": 5}, ["reps", "seconds"]),
        ({"reps": 12, "hold_seconds": 0}, ["reps"]),
        ({"reps": 12, "hold_seconds": 0, "kind": "strengthen"}, ["reps", "load_kg"]),
        ({"kind": "integrate"}, ["seconds", "load_kg"]),
    ],
)
def test_set_form_asks_for_what_the_exercise_has(asked, fields):
    form = SetForm(item=item(**asked), number=1)

    assert [name for name in form.fields if name in ("reps", "seconds", "load_kg")] == fields


def test_set_form_comes_filled_in_and_ticks():
    form = SetForm(item=item(), number=1)

    assert (form["seconds"].value(), form["done"].value()) == (45, "1")
    assert SetForm(item=item(), number=1, ticked=True)["done"].value() == ""
    assert SetForm(item=item(), number=1, shown=SetEntry(seconds=30))["seconds"].value() == 30


def test_set_form_has_ids_of_its_own():
    assert "set_7_1_seconds" in draw(SetForm(item=item(), number=1))
    assert "set_7_2_seconds" in draw(SetForm(item=item(), number=2))


def test_set_form_hands_on_the_entry():
    form = SetForm(
        {"key": KEY, "done": "1", "reps": "10", "load_kg": "2.5"},
        item=item(reps=12, hold_seconds=0, kind="strengthen"),
        number=1,
    )

    assert form.is_valid()
    assert (form.entry().reps, str(form.entry().load_kg), form.entry().done) == (10, "2.5", True)


@pytest.mark.parametrize("load", ["-1", "500.5", "2.55", "NaN", "Infinity", "1e9", "x"])
def test_set_form_refuses_a_weight_that_cannot_be(load):
    form = SetForm(
        {"key": KEY, "done": "1", "reps": "10", "load_kg": load},
        item=item(reps=12, hold_seconds=0, kind="strengthen"),
        number=1,
    )

    assert form.errors["load_kg"]


# ---- Scales ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["11", "-1", "3.0", "three", " ", "٣"])
def test_scale_takes_whole_numbers_from_0_to_10_only(value):
    form = EndForm({"key": KEY, "pain_after": value, "pain_worst": "3"}, with_effort=False)

    assert form.errors["pain_after"] == ["Please choose a number from 0 to 10."]


def test_scale_takes_0_as_an_answer():
    form = EndForm({"key": KEY, "pain_after": "0", "pain_worst": "10"}, with_effort=False)

    assert form.is_valid()
    assert form.readings() == {"pain_after": 0, "pain_worst": 10}


def test_scale_is_drawn_as_eleven_buttons_with_words_at_both_ends():
    drawn = draw(EndForm(with_effort=False))

    assert drawn.count('type="radio"') == 22
    assert "No pain" in drawn
    assert "The worst pain you can imagine" in drawn
    assert ScaleField().widget.attrs["data-scale"] == "pain"


# ---- Days and zones ----------------------------------------------------------------------------------------------------


def test_days_are_one_word_in_their_order():
    assert DaysField().clean(["5", "1", "3", "3"]) == "135"
    assert DaysField().prepare_value("135") == ["1", "3", "5"]
    assert DaysField().prepare_value(["1"]) == ["1"]


def test_zone_choices_hold_the_present_one_even_under_an_old_name():
    names = dict(zone_choices("US/Pacific"))

    assert "US/Pacific" in names
    assert "US/Eastern" not in names
    assert names["America/New_York"] == "America / New York"


# ---- Every field is drawn by the pack ------------------------------------------------------------------------------------


def test_no_page_of_a_client_has_a_field_written_by_hand():
    folder = settings.BASE_DIR / "templates" / "clients"
    pages = [page for page in folder.rglob("*.html") if "workplace" not in page.parts]
    written = [
        str(page.relative_to(settings.BASE_DIR))
        for page in pages
        if any(tag in page.read_text("utf-8") for tag in ("<input", "<select", "<textarea"))
    ]

    # The grid of a sheet: a form of crispy's for each of its hundreds of places would take a second
    assert written == ["templates/clients/sheets/_grid.html"]
