"""The practice's own words: in their places, with names filled in, and never of anybody's health."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from clients import emails
from clients.demo import builders
from clients.demo.builders import NOW
from clients.forms.practice import LetterForm
from clients.models import Client, Delivery, Practice
from clients.reminders.queue import queue_letter
from clients.wording import (
    WORDED,
    HealthWords,
    fill,
    letter_words,
    page_words,
    unknown_placeholders,
)
from routines.models import BodyArea, ConditionTag, Exercise, Joint, Muscle

pytestmark = pytest.mark.django_db
Letter = Delivery.Letter

OWN = {
    "subject": "News from {practice}",
    "greeting": "Dear {name},",
    "opening": "{therapist} has something for you.\n\nTake your time.",
    "closing": "Until soon, {practice}",
}


def write(letter: str, client: Client) -> EmailMultiAlternatives:
    user = client.user if letter == Letter.SIGN_IN else None
    row = queue_letter(letter, event_id=f"{letter}/{client.pk}", now=NOW, client=client, user=user)
    return emails.write(row, NOW)


def practice_with(letters: dict[str, Any], **fields: Any) -> Practice:
    return builders.make_practice(name="Elm Street", letters=letters, **fields)


# ---- Letters --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", [Letter.INVITATION, Letter.PLAN_CHANGED, Letter.MESSAGE, Letter.SIGN_IN])
def test_own_words_stand_around_the_usual_ones(letter: str) -> None:
    practice_with({letter: {"en": OWN}})
    client = builders.make_client(name="Ana Silva", therapist=builders.make_therapist(name="Adam"))

    mail = write(letter, client)

    html = str(mail.alternatives[0][0])
    assert mail.subject == "News from Elm Street"
    for text in (mail.body, html):
        places = [text.index(words) for words in ("Dear Ana Silva,", "Adam has something for you.", "http")]
        assert places == sorted(places)
        assert text.index("Until soon, Elm Street") > text.index("http")
    assert "<p>Take your time.</p>" in html


def test_letter_without_own_words_is_as_it_was() -> None:
    client = builders.make_client(therapist=builders.make_therapist(name="Adam"))
    builders.make_practice(name="Elm Street")
    plain = write(Letter.PLAN_CHANGED, client)
    practice_with({Letter.PLAN_CHANGED: {"de": OWN}, Letter.INVITATION: {"en": OWN}})

    again = write(Letter.PLAN_CHANGED, client)

    assert (again.subject, again.body, again.alternatives) == (plain.subject, plain.body, plain.alternatives)


def test_words_are_those_of_the_reader_s_language() -> None:
    practice_with({Letter.PLAN_CHANGED: {"en": OWN, "de": {"subject": "Neues für {name}"}}})
    client = builders.make_client(name="Ana", language="de")

    assert write(Letter.PLAN_CHANGED, client).subject == "Neues für Ana"


@pytest.mark.parametrize("letter", [Letter.SAFETY_ALERT, Letter.PASSWORD_RESET, Letter.ACCOUNT_NOTICE])
def test_letters_of_the_team_and_of_an_account_have_no_own_words(letter: Letter) -> None:
    practice = practice_with({letter: {"en": OWN}})

    assert letter not in WORDED
    assert not letter_words(practice, letter, "en")


def test_names_add_no_header_and_no_markup() -> None:
    practice_with({Letter.PLAN_CHANGED: {"en": {**OWN, "subject": "For {name}\r\nBcc: all@example.org"}}})
    client = builders.make_client(name="Ana\r\nBcc: evil@example.org <b>{practice}</b>")

    mail = write(Letter.PLAN_CHANGED, client)

    sent = mail.message()
    assert sent["Bcc"] is None
    assert "\n" not in mail.subject
    assert "{practice}" in mail.subject  # what a name holds is not read again
    assert "<b>" not in str(mail.alternatives[0][0])


def test_where_nobody_answers_the_practice_s_word_stands() -> None:
    practice_with(
        {Letter.PLAN_CHANGED: {"en": {"opening": "{therapist} writes."}}},
        texts={"en": {"therapist": "Your massage therapist"}},
    )
    client = builders.make_client()
    client.care_team.update(until=NOW)

    assert "Your massage therapist writes." in write(Letter.PLAN_CHANGED, client).body


def test_logo_and_colour_stand_in_the_letter() -> None:
    practice_with(
        {},
        logo={"name": "a" * 32, "width": 300, "height": 90},
        colours={"light": "#7A1F5C", "dark": "#E79BCB"},
    )

    html = str(write(Letter.PLAN_CHANGED, builders.make_client()).alternatives[0][0])

    assert f'src="http://localhost:8000/logo-{"a" * 32}.webp" alt="Elm Street"' in html
    assert "background:#7A1F5C" in html


# ---- Placeholders -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Dear {name}, {practice}, {therapist}", []),
        ("{nmae}", ["{nmae}"]),
        ("{}", ["{}"]),
        ("{name.__class__}", ["{name.__class__}"]),
        ("{name!r}", ["{name!r}"]),
        ("{{ name }}", ["{ name }", "{", "}"]),
        ("{% now %}", ["{% now %}"]),
        ("open { brace", ["{"]),
        ("{name", ["{"]),
    ],
)
def test_unknown_placeholder_is_found(text: str, unknown: list[str]) -> None:
    assert unknown_placeholders(text) == unknown


def test_filling_is_one_pass_in_one_line() -> None:
    assert fill("{name} {practice}", {"name": "{practice}", "practice": "A\n B"}) == "{practice} A B"


@pytest.mark.parametrize("part", ["subject", "greeting", "opening", "closing"])
@pytest.mark.parametrize("text", ["{nmae}", "Your knee waits", "Piriformis", "More pain?", "Rückenübungen"])
def test_form_refuses_beside_the_field(part: str, text: str) -> None:
    form = LetterForm({part: text})

    assert not form.is_valid()
    assert list(form.errors) == [part]


# ---- Health ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "de"])
def test_everything_the_catalogue_names_is_refused(language: str) -> None:
    health = HealthWords()
    missed = [
        name
        for model, field in ((BodyArea, "name"), (Joint, "name"), (Muscle, "name"), (Exercise, "name"), (ConditionTag, "label"))
        for row in model.objects.all()
        if not health.first_in(f"About {(name := row.text(field, language))}, today")
    ]  # fmt: skip

    assert missed == []


@pytest.mark.parametrize(
    "text",
    [
        "KNEE", "your\nlower   back", "kn\u00adee", "k\u200bnee", "Knee!", "(knee)", "knees", "\uff4b\uff4e\uff45\uff45", "Schmerzen", "Kopfschmerz",
        "Hüftgelenk", "Schultern", "muscles", "Bridge", "Piriformis", "sciatica", "Ihre Verspannung", "Beschwerden",
    ],
)  # fmt: skip
def test_words_of_health_are_found_however_they_are_written(text: str) -> None:
    assert HealthWords().first_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "Welcome back, {name}", "Your session for today", "Your program is ready", "A warm welcome from all of us",
        "We are away from 1 to 14 August. {therapist} is there for you.", "Willkommen in der Praxis, {name}",
        "Ihr Programm ist da. Nehmen Sie sich Zeit, und rufen Sie uns an, wenn etwas ist.", "Bis bald, Ihr Team",
        "Train and Massage", "Your exercises wait behind the button.", "Alles steht hinter dem Knopf.",
    ],
)  # fmt: skip
def test_ordinary_words_may_stand_in_a_letter(text: str) -> None:
    assert HealthWords().first_in(text) == ""


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("letter", WORDED)
def test_usual_words_would_be_accepted_as_own_ones(letter: str, language: str) -> None:
    practice = builders.make_practice(name="Elm Street")

    subject = emails.specimen(letter, practice, language, "Adam").subject

    assert HealthWords().first_in(subject) == ""


# ---- Pages ----------------------------------------------------------------------------------------------------------


def test_words_on_pages_are_the_reader_s_and_what_must_be_said_falls_back() -> None:
    practice = builders.make_practice(
        language="de",
        texts={
            "de": {"welcome": "Willkommen", "imprint": "Impressum", "privacy": "Frau X"},
            "en": {"today": "Hi"},
        },
    )

    with translation.override("en"):
        english = page_words(practice)
    german = page_words(practice, "de")

    assert (english.welcome, english.today, english.imprint, english.privacy) == (
        "",
        "Hi",
        "Impressum",
        "Frau X",
    )
    assert (german.welcome, german.today) == ("Willkommen", "")
    assert page_words(None).welcome == ""
