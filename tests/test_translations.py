"""German: every message of the practice, whole and with its numbers; and what a German client gets to read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polib
import pytest
import time_machine
from django.utils import formats, translation
from django.utils.html import strip_tags
from django.utils.translation.template import templatize

from clients import emails
from clients.demo.builders import NOW, assign, make_client, make_practice, screen, train
from clients.reminders.schedules import plan_letters
from practice import ROOT
from tests.clients.reminders.people import SEVEN, make_reminded
from tests.harness import translations
from trainandmassage.formats.de.formats import PATTERNS

GERMAN = ROOT / "locale" / "de" / "LC_MESSAGES" / "django.po"
OURS = ("clients", "routines", "trainandmassage", "templates")
PLACEHOLDER = re.compile(r"%\(\w+\)\d*[a-z]|%%|\{\w*\}")
STRING = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
IN_TEMPLATE = re.compile(rf"\b(_|n?p?n?gettext)\(\s*({STRING})\s*(?:,\s*({STRING}))?")
NO_SENTENCE = re.compile(r"[A-Z_]+FORMAT|c|Y-m-d")  # named patterns, and days that machines read


@pytest.fixture(scope="module")
def german() -> polib.POFile:
    return polib.pofile(str(GERMAN))


def sources(*kinds: str) -> list[Path]:
    paths = [path for folder in OURS for kind in kinds for path in (ROOT / folder).rglob(f"*.{kind}")]
    return [path for path in sorted(paths) if "migrations" not in path.parts]


def said(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


# ---- The catalogue of messages ------------------------------------------------------------------------------------


def messages_in_code(path: Path) -> Iterator[tuple[str | None, str]]:
    """Context and message of every call of gettext and its kin."""
    for call in ast.walk(ast.parse(path.read_text())):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        words = [each.value for each in call.args if isinstance(each, ast.Constant)]
        if not words or not isinstance(words[0], str):
            continue
        if name in {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}:
            yield None, words[0]
        elif name in {"pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"}:
            yield words[0], str(words[1])


def messages_in_template(path: Path) -> Iterator[tuple[str | None, str]]:
    for name, first, second in IN_TEMPLATE.findall(templatize(path.read_text())):
        if "pgettext" in name:
            yield ast.literal_eval(first), ast.literal_eval(second)
        else:
            yield None, ast.literal_eval(first)


def test_german_knows_every_message(german: polib.POFile) -> None:
    known = {(entry.msgctxt or None, entry.msgid) for entry in german}

    used = {message for path in sources("py") for message in messages_in_code(path)}
    used |= {message for path in sources("html", "txt") for message in messages_in_template(path)}

    assert len(used) > 1000
    assert used - known == set(), "manage.py makemessages -l de --no-location --no-obsolete, then translate"


def test_german_leaves_nothing_out(german: polib.POFile) -> None:
    unsure = [entry.msgid for entry in german if entry.fuzzy or entry.obsolete or not all(said(entry))]

    assert unsure == []
    assert not german.metadata_is_fuzzy
    assert german.metadata["Plural-Forms"] == "nplurals=2; plural=(n != 1);"


def test_german_keeps_every_number_and_name(german: polib.POFile) -> None:
    """A plural has its forms side by side: each has what the English form beside it has."""
    lost = {}
    for entry in german:
        english = [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]
        if [sorted(PLACEHOLDER.findall(words)) for words in english] != [
            sorted(PLACEHOLDER.findall(words)) for words in said(entry)
        ]:
            lost[entry.msgid] = said(entry)

    assert lost == {}


def test_german_keeps_the_spaces_at_the_ends(german: polib.POFile) -> None:
    for entry in german:
        for words in said(entry):
            assert (words[:1].isspace(), words[-1:].isspace()) == (
                entry.msgid[:1].isspace(),
                entry.msgid[-1:].isspace(),
            ), entry.msgid


def test_german_calls_mail_and_care_by_one_word(german: polib.POFile) -> None:
    """E-Mail and Betreuung everywhere, so that nobody waits for paper or takes a massage for the care."""
    wrong = re.compile(r"\bBrief(e|en|s)?\b|\bBehandlung(en)?\b")

    assert [words for entry in german for words in said(entry) if wrong.search(words)] == []


def test_german_says_of_an_exercise_that_it_rests() -> None:
    with translation.override("de"):
        words = translation.gettext(
            "Something was wrong with it, so it rests for today. Your therapist knows."
        )

    assert "deshalb ruht diese Übung heute" in words


def test_german_is_calm_and_promises_nothing(german: polib.POFile) -> None:
    """domain.md 7.5: nobody shouts, and self-massage frees no fascia."""
    wrong = re.compile(
        r"!|\bheil(t|en)\b|garantier|Faszien? (zu )?lösen|Verklebung|\b(du|dir|dich|deine?)\b", re.I
    )

    assert [words for entry in german for words in said(entry) if wrong.search(words)] == []


def test_german_says_each_message_once() -> None:
    assert translations.twice(GERMAN) == []


def test_compiled_german_says_what_the_source_says() -> None:
    assert translations.outdated(ROOT / "locale") == []


# ---- Dates --------------------------------------------------------------------------------------------------------


def test_every_pattern_of_a_date_has_a_german_form() -> None:
    in_templates = re.compile(r"""\|(?:date|time):["']([^"']+)["']""")
    in_code = re.compile(r"""date_format\([^\n]*,\s*"([^"]+)"\)""")

    used = {
        pattern
        for path in sources("py", "html", "txt")
        for pattern in (in_code if path.suffix == ".py" else in_templates).findall(path.read_text())
    }

    assert len(used) > 5
    assert {pattern for pattern in used if not NO_SENTENCE.fullmatch(pattern)} - set(PATTERNS) == set()


@pytest.mark.parametrize(
    ("pattern", "english", "german"),
    [
        ("l j F", "Tuesday 10 March", "Dienstag, 10. März"),
        ("j M Y", "10 Mar 2026", "10. Mär 2026"),
        ("j F, H:i", "10 March, 18:00", "10. März, 18:00"),
        ("DATETIME_FORMAT", "10 Mar 2026, 18:00", "10. März 2026 18:00"),
        ("TIME_FORMAT", "18:00", "18:00"),
    ],
)
def test_date_is_written_as_its_reader_writes_it(pattern: str, english: str, german: str) -> None:
    with translation.override("en"):
        assert formats.date_format(NOW, pattern) == english
    with translation.override("de"):
        assert formats.date_format(NOW, pattern) == german


# ---- What a German client reads -----------------------------------------------------------------------------------


def read(response) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


@pytest.fixture
def anja(db):
    """A German client on the third day of her program, and the health questions answered."""
    make_practice()
    start = NOW - timedelta(days=3)
    client = make_client(name="Anja Sommer", language="de")
    assign(client, start_date=client.local_date(start), now=start)
    screen(client, now=start)
    return client


@time_machine.travel(NOW, tick=False)
def test_today_of_a_german_client_is_german(anja, web_as) -> None:
    response = web_as(anja.user).get("/today/")

    assert 'lang="de"' in response.content.decode()
    page = read(response)
    for words in (
        "Guten Abend, Anja",
        "Warum dieses Programm",
        "Lösen",
        "Heute 6 Minuten",
        "Starten",
        "Verlauf",
    ):
        assert words in page
    for words in ("Good evening", "Why this program", "minutes", "Start,", "Progress"):
        assert words not in page


@time_machine.travel(NOW, tick=False)
def test_dates_of_a_german_client_are_german(anja, web_as) -> None:
    session = train(anja, now=NOW)
    web = web_as(anja.user)

    assert "Seit 7. März 2026" in read(web.get("/program/"))
    assert "Dienstag, 10. März" in read(web.get(f"/session/{session.pk}/"))


@pytest.mark.django_db
def test_reminder_of_a_german_client_is_german() -> None:
    client = make_reminded(language="de")
    plan_letters(SEVEN)

    letter = emails.write(client.deliveries.get(kind="daily"), SEVEN)

    assert letter.subject == "Ihr Training für heute"
    assert "Ihr Training für heute ist bereit. Es dauert etwa" in letter.body
    page = str(letter.alternatives[0][0])
    assert 'lang="de"' in page
    assert "Keine oder weniger Erinnerungen" in page
    assert "session" not in strip_tags(page)
