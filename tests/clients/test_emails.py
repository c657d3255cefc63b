"""The letters: what they say, to whom, in which language, and what they never say (reliability.md 3e, R9, P5)."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import uuid4

import pytest
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone, translation

from clients import emails
from clients.demo.builders import (
    assign,
    make_client,
    make_owner,
    make_practice,
    make_therapist,
    responsible,
)
from clients.inviting import SIGN_IN, open_link
from clients.models import AccessLink, AssignedStep, Client, Delivery, Message, Practice, User
from clients.reminders.queue import queue_letter
from clients.reminders.schedules import plan_letters
from tests.clients.reminders.people import SEVEN, make_reminded

pytestmark = pytest.mark.django_db
Letter = Delivery.Letter


def write(letter: str, **people: Any) -> EmailMultiAlternatives:
    data = people.pop("data", {})
    return emails.write(queue_letter(letter, event_id=f"{letter}/1", now=SEVEN, data=data, **people), SEVEN)


def write_reminder(client: Client) -> EmailMultiAlternatives:
    plan_letters(SEVEN)
    return emails.write(client.deliveries.get(kind="daily"), SEVEN)


def as_read(message: EmailMultiAlternatives) -> EmailMessage:
    """What the reader's mail program is given."""
    return message_from_bytes(message.message().as_bytes(), policy=default)


def html_of(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0][0])


def words_of(message: EmailMultiAlternatives) -> str:
    return "\n".join(
        [message.subject, message.body, html_of(message), *map(str, message.extra_headers.values())]
    )


# ---- The reminder -------------------------------------------------------------------------------------------------


def test_a_practice_name_over_two_lines_is_one_line_in_the_header() -> None:
    client = make_reminded()
    Practice.objects.update(name="Elm\r\nStreet")

    message = write_reminder(client)

    assert message.from_email.startswith("Elm Street <")
    assert message.message()["From"].startswith("Elm Street <")


def test_a_reminder_names_practice_and_minutes_and_leads_to_today() -> None:
    client = make_reminded()
    Practice.objects.update(name="Elm Street")

    message = write_reminder(client)

    assert message.subject == "Your session for today"
    assert message.to == [client.user.email]
    assert re.search(r"takes about \d+ minutes", message.body)
    assert "Elm Street" in message.body
    assert "\nhttp://localhost:8000/today/\n" in message.body
    assert 'href="http://localhost:8000/today/"' in html_of(message)


def test_a_reminder_has_a_sender_of_its_own(settings: Any) -> None:
    settings.REMINDER_FROM_EMAIL = "Somebody <reminders@elm.example>"
    client = make_reminded()
    Practice.objects.update(name="Elm Street, Berlin")

    message = as_read(write_reminder(client))

    assert message["From"] == '"Elm Street, Berlin" <reminders@elm.example>'
    assert str(message["Message-ID"]).endswith("@elm.example>")


def test_a_reminder_can_be_stopped_with_one_click(settings: Any) -> None:
    """RFC 8058: one https address, both headers, no key of the client in it."""
    settings.SITE_URL = "https://elm.example"
    client = make_reminded()

    message = write_reminder(client)

    token = client.reminder_schedule.token
    assert message.extra_headers["List-Unsubscribe"] == f"<https://elm.example/reminders/{token}/stop/>"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.extra_headers["List-Id"] == "<reminders.elm.example>"
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert f"https://elm.example/reminders/{token}/\n" in message.body
    assert f'href="https://elm.example/reminders/{token}/"' in html_of(message)
    assert str(client.uuid) not in words_of(message)


def test_a_reminder_has_the_same_message_id_at_every_try() -> None:
    client, other = make_reminded(), make_reminded(name="Ben Ortiz")

    first, again, others = write_reminder(client), write_reminder(client), write_reminder(other)

    assert first.extra_headers["Message-ID"] == again.extra_headers["Message-ID"]
    assert first.extra_headers["Message-ID"] != others.extra_headers["Message-ID"]


def test_a_letter_is_text_and_html_and_brings_nothing_from_elsewhere() -> None:
    message = as_read(write_reminder(make_reminded()))

    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert not re.search(r"<(img|script|link|iframe)|url\(|@import", str(message.get_body(("html",))))


# ---- Letters about coming in -----------------------------------------------------------------------------------------


def test_an_invitation_says_who_invites_and_opens_the_program() -> None:
    therapist = make_therapist(name="Tom Therapist")
    client = make_client(therapist=therapist, with_account=False, email="ana@example.org")

    message = write(Letter.INVITATION, client=client, data={"by": therapist.pk})

    assert message.to == ["ana@example.org"]
    assert message.body.startswith("Tom Therapist has set up a program for you.")
    assert re.search(r"http://localhost:8000/\S+", message.body)
    assert AccessLink.objects.get().client == client


def test_an_invitation_without_a_name_names_the_responsible_therapist() -> None:
    client = make_client(with_account=False, email="ana@example.org")

    message = write(Letter.INVITATION, client=client)

    assert message.body.startswith(f"{responsible(client).name} has set up a program for you.")


def test_a_link_is_made_when_the_letter_is_written_and_not_before() -> None:
    client = make_client(with_account=False, email="ana@example.org")

    letter = queue_letter(Letter.INVITATION, event_id="the one", now=SEVEN, client=client)

    assert not AccessLink.objects.exists()
    emails.write(letter, SEVEN)
    assert AccessLink.objects.count() == 1


def test_the_owners_invitation_names_nobody() -> None:
    owner = make_owner(password=None)

    message = write(Letter.STAFF_INVITATION, user=owner, data={"by": None})

    assert message.to == [owner.email]
    assert message.body.startswith("Your account for the workplace is ready.")
    assert AccessLink.objects.get().user == owner


def test_a_sign_in_letter_holds_a_link_that_opens() -> None:
    client = make_client()

    message = write(Letter.SIGN_IN, client=client, user=client.user)

    token = re.search(r"http://localhost:8000/\S*?([\w-]{20,})/?\n", message.body)
    assert token is not None
    assert open_link(token[1], SIGN_IN, SEVEN).user == client.user


def test_a_password_letter_leads_to_allauths_page(web: Any) -> None:
    therapist = make_therapist()

    message = write(Letter.PASSWORD_RESET, user=therapist)

    link = re.search(r"http://localhost:8000(/\S+)", message.body)
    assert link is not None
    assert web.get(link[1], follow=True).context["form"].user == therapist


def test_an_account_notice_says_what_it_was_given() -> None:
    data = {"subject": "Password changed", "text": "Was it you?\n\nThen all is well."}

    message = write(Letter.ACCOUNT_NOTICE, user=make_therapist(), data=data)

    assert message.subject == "Password changed"
    assert message.body.startswith(data["text"])
    assert "<p>Was it you?</p>" in html_of(message)


# ---- To the team ----------------------------------------------------------------------------------------------------


def test_a_safety_alert_gives_initials_and_a_link() -> None:
    therapist = make_therapist()
    client = make_client(name="Ana Maria Silva", therapist=therapist)

    message = write(Letter.SAFETY_ALERT, user=therapist, client=client)

    assert message.subject == "A. S. needs you"
    assert message.to == [therapist.email]
    assert reverse("admin:client", args=[client.pk]) in message.body
    assert "Silva" not in words_of(message)


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ana Maria Silva", "A. S."), ("Ana", "A."), ("ana silva", "A. S."), ("Ana Ana", "A.")],
)
def test_initials(name: str, letters: str) -> None:
    assert emails.initials(name) == letters


# ---- What no letter says --------------------------------------------------------------------------------------------


def every_letter(client: Client, therapist: User) -> list[EmailMultiAlternatives]:
    queued = [
        queue_letter(
            letter,
            event_id=letter,
            now=SEVEN,
            client=client,
            user=therapist if letter in (Letter.SAFETY_ALERT, Letter.STAFF_INVITATION) else None,
            data={"subject": "A word", "text": "Of two."} if letter == Letter.ACCOUNT_NOTICE else {},
        )
        for letter in Letter
        if letter != Letter.REMINDER
    ]
    return [write_reminder(client), *(emails.write(letter, SEVEN) for letter in queued)]


def test_no_letter_names_a_complaint_a_part_of_the_body_or_an_exercise() -> None:
    """P5: what is planted wherever health text may stand, and the words of the plan itself, appear nowhere."""
    client = make_reminded(complaint="canary in the left buttock", notes="canary", name="Ana Silva")
    assignment = client.assignments.get()
    steps = AssignedStep.objects.filter(phase__assignment=assignment)
    secrets = {
        "canary",
        "buttock",
        assignment.name.lower(),
        *(step.name.lower() for step in steps),
        *(phase.name.lower() for phase in assignment.phases.all()),
        "pain",
        "muscle",
        "stretch",
        "massage",
    }
    Practice.objects.update(name="Elm Street")

    for message in every_letter(client, responsible(client)):
        words = words_of(message).lower()
        assert [secret for secret in secrets if secret in words] == []


def test_names_and_words_from_people_cannot_break_a_letter() -> None:
    """I4: a line break adds no header, a tag stays text."""
    make_practice(name="Elm & <b>Oak</b>")
    therapist = make_therapist(name="Tom <script>alert(1)</script>", email="tom@example.org")
    client = make_client(therapist=therapist, with_account=False, email="ana@example.org")

    message = write(Letter.INVITATION, client=client, data={"by": therapist.pk})
    word = write(
        Letter.ACCOUNT_NOTICE,
        user=therapist,
        data={"subject": "One\r\nBcc: all@example.org", "text": "<script>"},
    )

    assert message.subject == "Your program from Elm & <b>Oak</b> is ready"
    assert "Tom <script>" in message.body
    assert "<script>" not in html_of(message)
    assert as_read(message)["Subject"] == message.subject
    assert as_read(word)["Bcc"] is None
    assert word.recipients() == ["tom@example.org"]


# ---- Language and zone ----------------------------------------------------------------------------------------------


def test_a_letter_speaks_its_readers_language_and_leaves_ours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's own letters in the client's language; the team's in theirs, else in the practice's."""
    make_practice(language="de")
    therapist = make_therapist(language="en")
    client = make_client(therapist=therapist, language="de", zone="Asia/Tokyo")
    spoken = []

    def listen(delivery: Delivery, now: Any) -> EmailMultiAlternatives:
        spoken.append((translation.get_language(), str(timezone.get_current_timezone())))
        return EmailMultiAlternatives()

    monkeypatch.setattr(emails, "LETTERS", dict.fromkeys(Letter, listen))
    for people in (
        {"client": client},
        {"client": client, "user": client.user},
        {"client": client, "user": therapist},
        {"user": make_owner(zone="Europe/Lisbon")},
    ):
        emails.write(Delivery(letter=Letter.SIGN_IN, **people), SEVEN)

    assert spoken == [
        ("de", "Asia/Tokyo"),
        ("de", "Asia/Tokyo"),
        ("en", "Europe/Berlin"),
        ("de", "Europe/Lisbon"),
    ]
    assert translation.get_language() == "en"


def test_a_letter_without_its_person_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a client"):
        emails.write(Delivery(letter=Letter.REMINDER, user=make_therapist()), SEVEN)
    with pytest.raises(ValueError, match="needs an account"):
        emails.write(Delivery(letter=Letter.SIGN_IN, client=make_client(with_account=False)), SEVEN)


def test_a_program_that_changed_leads_to_what_changed_and_why() -> None:
    client = make_client()
    assign(client)

    message = write(Letter.PLAN_CHANGED, client=client)

    assert message.subject == "Something has changed in your program"
    assert "http://localhost:8000/program/changes/\n" in message.body


def test_a_message_leads_behind_the_sign_in_and_says_nothing_of_it() -> None:
    client = make_client()
    Message.objects.create(
        client=client, by=responsible(client), text="CANARY calf", at=SEVEN, key=uuid4(), from_client=False
    )

    letter = write(Letter.MESSAGE, client=client)

    assert letter.subject == "There is a message for you"
    assert "http://localhost:8000/messages/\n" in letter.body
    assert "CANARY" not in words_of(letter)
    assert client.name not in letter.subject
