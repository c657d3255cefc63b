"""The morning question in the letter of the next day: one press without signing in, and a link that is good for nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.signing import Signer
from django.test import Client as Web
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from clients import emails
from clients.demo.builders import responsible, train
from clients.enrolling import end_care
from clients.inviting import SIGN_IN, make_link
from clients.models import AssignedStep, Client, MorningAnswer, MorningWord
from clients.reminders.morning import MorningLink, make_token, read_token
from clients.reminders.schedules import plan_letters
from clients.telling import record_morning
from tests.clients.reminders.people import SEVEN, make_reminded, ring
from tests.pages import main_of
from trainandmassage.logs import hide

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = SEVEN.date()
QUESTION = "How does the area feel this morning?"


@pytest.fixture
def ana() -> Iterator[Client]:
    """Ana trained yesterday; it is seven in the evening, the hour of her letter."""
    with time_machine.travel(SEVEN, tick=False):
        client = make_reminded(name="Ana Silva")
        client.assignments.update(start_date=TODAY - 2 * DAY)
        client.assignments.get().transitions.update(local_date=TODAY - 2 * DAY)
        AssignedStep.objects.update(valid_from=TODAY - 2 * DAY)
        train(client, now=SEVEN - DAY)
        yield client


def letter_of(client: Client) -> EmailMultiAlternatives:
    plan_letters(SEVEN)
    return emails.write(client.deliveries.get(kind="daily"), SEVEN)


def links(message: EmailMultiAlternatives) -> list[str]:
    return re.findall(r"http://localhost:8000(/how-was-it/\S+)", message.body)


def text(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def send(web: Web, path: str, word: str, key: str = "k" * 22) -> Any:
    return web.post(path, {"key": key, "word": word}, follow=True)


# ---- The letter --------------------------------------------------------------------------------------------------------


def test_letter_of_the_day_after_asks_with_four_links(ana: Client) -> None:
    message = letter_of(ana)
    html = str(message.alternatives[0][0])

    assert message.subject == "Your session for today"
    assert QUESTION in message.body
    assert QUESTION in html
    assert len(set(links(message))) == 4
    assert [
        unescape(path) for path in re.findall(r'href="http://localhost:8000(/how-was-it/[^"]+)"', html)
    ] == links(message)
    assert "Your session for today is ready" in message.body


def test_letter_without_a_session_the_day_before_asks_nothing(ana: Client) -> None:
    ana.sessions.update(local_date=TODAY - 2 * DAY)

    assert links(letter_of(ana)) == []


def test_letter_asks_nothing_that_was_answered(ana: Client) -> None:
    record_morning(ana, TODAY - DAY, "fine", None, key="one", now=SEVEN)

    message = letter_of(ana)

    assert links(message) == []
    assert QUESTION not in str(message.alternatives[0][0])


def test_letter_of_a_day_of_rest_is_the_question_alone(ana: Client) -> None:
    AssignedStep.objects.filter(phase__assignment__client=ana).update(weekdays="7")

    plan_letters(SEVEN)
    ring(SEVEN)

    assert [message.subject for message in mail.outbox] == ["One short question"]
    assert "There is no session today." in mail.outbox[0].body
    assert "minute" not in mail.outbox[0].body


def test_day_of_rest_without_a_question_has_no_letter(ana: Client) -> None:
    AssignedStep.objects.filter(phase__assignment__client=ana).update(weekdays="7")
    record_morning(ana, TODAY - DAY, "fine", None, key="one", now=SEVEN)

    plan_letters(SEVEN)
    ring(SEVEN)

    assert ana.deliveries.get(kind="daily").reason == "nothing_due"


def test_no_letter_after_the_session_of_the_day(ana: Client) -> None:
    train(ana, now=SEVEN)

    plan_letters(SEVEN)
    ring(SEVEN)

    assert ana.deliveries.get(kind="daily").reason == "done_today"


def test_letter_says_nothing_about_the_body(ana: Client) -> None:
    message = letter_of(ana)
    said = f"{message.subject} {message.body} {message.alternatives[0][0]}".lower()

    for word in ("buttock", "piriformis", "sciatica", "pain", "ache", "leg ", "tender"):
        assert word not in said


def test_letter_speaks_the_language_of_the_client(ana: Client) -> None:
    Client.objects.update(language="de")
    ana.refresh_from_db()

    message = letter_of(ana)

    assert "Wie fühlt sich der Bereich heute Morgen an?" in message.body
    assert "Etwas gereizt" in message.body


# ---- The page ----------------------------------------------------------------------------------------------------------


def test_looking_at_every_link_records_nothing(ana: Client, web: Web) -> None:
    """Mail scanners open them all."""
    for path in links(letter_of(ana)):
        for _ in range(3):
            assert web.get(path).status_code == 200
            web.head(path)

    assert not MorningAnswer.objects.exists()


def test_link_shows_its_answer_and_one_press_records_it(ana: Client, web: Web) -> None:
    path = links(letter_of(ana))[2]
    shown = web.get(path)
    assert shown.context["chosen"][0] == "sore"
    assert "Press once more, and it is noted." in text(shown)

    noted = send(web, path, "sore")

    assert MorningAnswer.objects.get().word == "sore"
    assert "Noted" in text(noted)
    assert "_auth_user_id" not in web.session
    for word in ("Ana", "Silva", "buttock", "iriformis"):
        assert word not in text(noted)


def test_answer_sent_twice_is_kept_once(ana: Client, web: Web) -> None:
    path = links(letter_of(ana))[0]
    for _twice in range(2):
        send(web, path, "fine")
    send(web, path, "fine", key="o" * 22)

    assert MorningAnswer.objects.count() == 1


def test_answer_is_corrected_on_the_same_day(ana: Client, web: Web) -> None:
    fine, _bit, sore, _worse = links(letter_of(ana))
    send(web, fine, "fine")
    assert web.get(sore).context["noted"] is False
    assert web.get(fine).context["noted"] is True

    noted = send(web, sore, "sore", key="o" * 22)

    assert "Your answer is: <strong>Sore</strong>" in text(noted)
    assert MorningAnswer.objects.count() == 2


def test_number_told_in_the_app_outlives_an_answer_from_the_letter(ana: Client, web: Web) -> None:
    path = links(letter_of(ana))[0]
    record_morning(ana, TODAY - DAY, "a_bit_sore", 8, key="one", now=SEVEN)

    send(web, path, "fine")

    newest = MorningAnswer.objects.latest_revisions().get()
    assert (newest.word, newest.pain) == ("fine", 8)


def test_answer_of_another_day_stands(ana: Client, web: Web) -> None:
    path = links(letter_of(ana))[0]
    send(web, path, "fine")

    with time_machine.travel(SEVEN + DAY, tick=False):
        shown = send(web, path, "sore", key="o" * 22)

        looked = text(web.get(path))

    assert "stands as it was felt then" in looked
    assert "<button" not in main_of(looked)
    assert "stands as it was felt then" in text(shown)
    assert MorningAnswer.objects.get().word == "fine"


@pytest.mark.parametrize("fields", [{}, {"word": "great"}, {"word": "fine", "key": "x"}])
def test_answer_that_cannot_be_read_is_not_kept(ana: Client, web: Web, fields: dict[str, str]) -> None:
    answer = web.post(links(letter_of(ana))[0], {"key": "k" * 22} | fields)

    assert answer.status_code == 200
    assert not MorningAnswer.objects.exists()


def test_form_is_kept_from_forgery(ana: Client) -> None:
    web = Web(enforce_csrf_checks=True)

    assert web.post(links(letter_of(ana))[0], {"key": "k" * 22, "word": "fine"}).status_code == 403


def test_page_keeps_its_address_to_itself(ana: Client, web: Web) -> None:
    answer = web.get(links(letter_of(ana))[0])

    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "strict-origin"


# ---- The token ---------------------------------------------------------------------------------------------------------


def refused(web: Web, token: str) -> bool:
    answer = web.get(reverse("morning_letter", args=[token]))
    assert not MorningAnswer.objects.exists()
    return answer.status_code == 404 and "This link does not work" in text(answer)


@pytest.mark.parametrize("word", ["", *MorningWord.values])
def test_token_brings_back_what_it_was_made_of(ana: Client, word: str) -> None:
    assert read_token(make_token(ana, TODAY - DAY, word), SEVEN) == MorningLink(ana, TODAY - DAY, word)


@pytest.mark.parametrize(("days", "good"), [(-1, False), (0, False), (1, True), (3, True), (4, False)])
def test_token_is_good_for_three_days_after_the_session(ana: Client, days: int, good: bool) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime.combine(TODAY + days * DAY, datetime.min.time(), berlin)

    for now in (first, first + timedelta(hours=23, minutes=59)):
        assert (read_token(make_token(ana, TODAY), now) is not None) is good


def test_expired_token_leads_to_the_friendly_page(ana: Client, web: Web) -> None:
    assert refused(web, make_token(ana, TODAY - 4 * DAY))


def test_token_ends_with_the_address(ana: Client, web: Web) -> None:
    token = make_token(ana, TODAY - DAY)
    ana.user.email = "new@example.org"
    ana.user.save()

    assert refused(web, token)


def test_token_ends_with_the_care(ana: Client, web: Web) -> None:
    token = make_token(ana, TODAY - DAY)
    end_care(ana, by=responsible(ana), reason="All is well.", now=SEVEN)

    assert refused(web, token)


def test_token_ends_with_the_account(ana: Client, web: Web) -> None:
    token = make_token(ana, TODAY - DAY)
    ana.user.is_active = False
    ana.user.save()

    assert refused(web, token)


def test_token_of_somebody_else_is_bound_to_them(ana: Client) -> None:
    ben = make_reminded(name="Ben Ortiz")

    assert read_token(make_token(ben, TODAY - DAY), SEVEN) == MorningLink(ben, TODAY - DAY)
    signed = urlsafe_base64_decode(make_token(ben, TODAY - DAY)).decode()
    forged = signed.replace(ben.uuid.hex, ana.uuid.hex)
    assert read_token(urlsafe_base64_encode(forged.encode()), SEVEN) is None


def test_token_moved_to_another_day_is_refused(ana: Client) -> None:
    signed = urlsafe_base64_decode(make_token(ana, TODAY - DAY)).decode()
    forged = signed.replace(f"{TODAY - DAY}", f"{TODAY - 2 * DAY}")

    assert forged != signed
    assert read_token(urlsafe_base64_encode(forged.encode()), SEVEN) is None


def test_token_signed_for_another_purpose_is_refused(ana: Client) -> None:
    signed = urlsafe_base64_decode(make_token(ana, TODAY - DAY)).decode().rsplit(":", 1)[0]
    other = Signer(salt="another purpose").sign(signed)

    assert read_token(urlsafe_base64_encode(other.encode()), SEVEN) is None


@pytest.mark.parametrize("token", ["x", "a" * 22, "ä", "%00", "Zm9v", "a" * 3000, "Oi86Lzo"])
def test_nonsense_is_refused(ana: Client, web: Web, token: str) -> None:
    assert refused(web, token)


def test_tokens_have_one_purpose(ana: Client, web: Web) -> None:
    """Each on each page: accepted on one (reliability.md A6)."""
    morning = make_token(ana, TODAY - DAY)
    unsubscribe = ana.reminder_schedule.token
    sign_in = make_link(SIGN_IN, user=ana.user, now=SEVEN).rstrip("/").rsplit("/", 1)[1]

    for name in ("reminder_letters", "unsubscribe"):
        assert web.get(reverse(name, args=[morning])).status_code == 404
        assert web.post(reverse(name, args=[morning])).status_code == 404
    for name in ("sign_in_link", "welcome"):
        web.get(reverse(name, args=[morning]))
        web.post(reverse(name, args=[morning]))
        assert "_auth_user_id" not in web.session
    assert refused(web, unsubscribe)
    assert refused(web, sign_in)


def test_link_tells_nobody_what_it_answers(ana: Client) -> None:
    """Neither the address nor what is encoded in it names the word; a log shows dots."""
    for value, _label in MorningWord.choices:
        token = make_token(ana, TODAY - DAY, value)
        said = urlsafe_base64_decode(token).decode()
        assert value not in token
        assert value not in said
        assert ana.email not in said
        assert hide(f"GET {reverse('morning_letter', args=[token])}") == "GET /how-was-it/…/"


def test_link_after_another_session_asks_for_the_newer_one(ana: Client, web: Web) -> None:
    path = links(letter_of(ana))[0]
    train(ana, now=SEVEN)

    with time_machine.travel(SEVEN + DAY, tick=False):
        looked, pressed = web.get(path), send(web, path, "fine")

    for shown in (text(looked), text(pressed)):
        assert "nothing to answer for that day any more" in shown
        assert "Press once more" not in shown
        assert QUESTION not in shown
        assert "<button" not in main_of(shown)
        assert 'href="/today/"' in shown
    assert not MorningAnswer.objects.exists()
