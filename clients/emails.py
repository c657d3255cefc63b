"""One function for each letter; its words stand in templates/emails/<letter>/.

A letter says that something is there, never what: no part of the body, complaint or exercise, neither in the subject
nor in the text. What and why stand behind the link. No picture but the practice's logo, which has the same address for
everybody; no counting of opens or clicks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import formataddr, parseaddr
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from clients.branding import brand_colour, logo_of
from clients.inviting import make_link, make_reset_link
from clients.models import AccessLink, CareTeam, Client, Delivery, MorningWord, Practice, User
from clients.models.practice import zone_of
from clients.planning import plan_for
from clients.practice import this_practice
from clients.reminders.addresses import address_of
from clients.reminders.morning import make_token
from clients.telling import morning_open
from clients.wording import LetterWords, letter_words, page_words

Letter = Delivery.Letter


class Mail(EmailMultiAlternatives):
    """A mail that knows which letter it is, for whoever files it. The name is not sent along."""

    letter = ""


def write(delivery: Delivery, now: datetime) -> Mail:
    """The mail of this row, in its reader's language and time. Links that open an account are made here, now."""
    with (
        translation.override(language_of(delivery.client, delivery.user)),
        timezone.override(zone_for(delivery)),
    ):
        return LETTERS[Letter(delivery.letter)](delivery, now)


# ---- The letters --------------------------------------------------------------------------------------------------


def reminder(delivery: Delivery, now: datetime) -> Mail:
    """The day's one letter: the session that is due, and on the day after one the question how the morning was."""
    client = client_of(delivery)
    day = delivery.local_date or client.local_date(now)
    schedule = client.reminder_schedule
    one_click = absolute("unsubscribe", schedule.token)
    plan = plan_for(client, day)
    message = compose(
        delivery,
        {
            "link": absolute("today"),
            "due": bool(plan.items),
            "minutes": plan.minutes(),
            "answers": morning_answers(client, day) if morning_open(client, day) else [],
            "reminders_link": absolute("reminder_letters", schedule.token),
        },
        sender=settings.REMINDER_FROM_EMAIL,
    )
    host = urlsplit(settings.SITE_URL).hostname
    message.extra_headers |= {
        "List-Id": f"<reminders.{host}>",
        "List-Unsubscribe": f"<{one_click}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return message


def morning_answers(client: Client, day: date) -> list[tuple[str, str]]:
    """The four words of the morning question, each with the link that answers it."""
    after_day = day - timedelta(days=1)
    return [
        (str(label), absolute("morning_letter", make_token(client, after_day, value)))
        for value, label in MorningWord.choices
    ]


def invitation(delivery: Delivery, now: datetime) -> Mail:
    client = client_of(delivery)
    link = make_link(AccessLink.Purpose.INVITATION, client=client, now=now)
    by = who_invited(delivery) or responsible_for(client, now)
    return compose(delivery, {"link": link, "by": by, "hours": settings.INVITATION_HOURS})


def staff_invitation(delivery: Delivery, now: datetime) -> Mail:
    link = make_link(AccessLink.Purpose.INVITATION, user=user_of(delivery), now=now)
    context = {"link": link, "by": who_invited(delivery), "hours": settings.INVITATION_HOURS}
    return compose(delivery, context)


def sign_in(delivery: Delivery, now: datetime) -> Mail:
    link = make_link(AccessLink.Purpose.SIGN_IN, user=user_of(delivery), now=now)
    return compose(delivery, {"link": link, "minutes": settings.SIGN_IN_LINK_MINUTES})


def password_reset(delivery: Delivery, now: datetime) -> Mail:
    link = make_reset_link(user_of(delivery))
    return compose(delivery, {"link": link, "minutes": settings.PASSWORD_RESET_TIMEOUT // 60})


def account_notice(delivery: Delivery, now: datetime) -> Mail:
    """What allauth has to say about an account; subject and text stand in the row."""
    return compose(delivery, {"subject": delivery.data["subject"], "text": delivery.data["text"]})


def plan_changed(delivery: Delivery, now: datetime) -> Mail:
    return compose(delivery, {"link": absolute("program_changes")})


def message(delivery: Delivery, now: datetime) -> Mail:
    """That somebody of the practice has written; the words stand behind the sign-in."""
    return compose(delivery, {"link": absolute("messages")})


def safety_alert(delivery: Delivery, now: datetime) -> Mail:
    """To the team: initials, never the name, and nothing of what was answered."""
    client = client_of(delivery)
    link = absolute("admin:client", client.pk)
    return compose(delivery, {"initials": initials(client.name), "link": link})


LETTERS: dict[Delivery.Letter, Callable[[Delivery, datetime], Mail]] = {
    Letter.REMINDER: reminder,
    Letter.INVITATION: invitation,
    Letter.STAFF_INVITATION: staff_invitation,
    Letter.SIGN_IN: sign_in,
    Letter.PASSWORD_RESET: password_reset,
    Letter.ACCOUNT_NOTICE: account_notice,
    Letter.PLAN_CHANGED: plan_changed,
    Letter.MESSAGE: message,
    Letter.SAFETY_ALERT: safety_alert,
}


# ---- What they share ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """A letter as its reader sees it."""

    subject: str
    text: str
    html: str


def compose(delivery: Delivery, context: dict[str, Any], sender: str = settings.DEFAULT_FROM_EMAIL) -> Mail:
    """Subject, text and HTML from the letter's three files, with the headers that every letter carries."""
    practice = this_practice()
    words = own_words(delivery, practice)
    drawn = draw(delivery.letter, {"practice": practice, "words": words, **context})
    name, address = parseaddr(sender)
    message = Mail(
        subject=drawn.subject,
        body=drawn.text,
        from_email=formataddr((" ".join((practice.name if practice else name).split()), address)),
        to=[address_of(delivery.client, delivery.user)],
        headers={
            "Message-ID": message_id(delivery, address),
            "Auto-Submitted": "auto-generated",
        },
    )
    message.letter = delivery.letter
    message.attach_alternative(drawn.html, "text/html")
    return message


def draw(letter: str, context: dict[str, Any]) -> Drawn:
    """The letter's three files with the practice's own words, name, colour and logo, in the language that is active."""
    practice, words = context["practice"], context["words"]
    context = {
        "language": translation.get_language(),
        "brand": brand_colour(practice),
        "logo": logo_of(practice),
        "site": settings.SITE_URL,
        **context,
    }
    folder = f"emails/{letter}"
    usual = render_to_string(f"{folder}/subject.txt", context)
    # The question of the morning has a subject of its own: it is another letter in the same row
    own = words.subject if context.get("due", True) else ""
    context["subject"] = " ".join((own or usual).split())
    return Drawn(
        context["subject"],
        render_to_string(f"{folder}/body.txt", context),
        render_to_string(f"{folder}/body.html", context),
    )


def own_words(delivery: Delivery, practice: Practice | None) -> LetterWords:
    """What the practice adds to this letter, with the names of the reader and of who answers for them."""
    words = letter_words(practice, delivery.letter)
    reader = delivery.client or delivery.user
    if not words or reader is None:
        return words
    therapist = ""
    if words.name_therapist and delivery.client:
        therapist = responsible_for(delivery.client, timezone.now())
    return words.filled(names_for(practice, reader.name, therapist))


def names_for(practice: Practice | None, reader: str, therapist: str) -> dict[str, str]:
    """What stands in the place of each placeholder. Where nobody answers, as the practice calls its therapists."""
    name = practice.name if practice else ""
    return {
        "name": reader,
        "practice": name,
        "therapist": therapist or page_words(practice).therapist or name,
    }


def specimen(letter: str, practice: Practice, language: str, by: str) -> Drawn:
    """The letter as a client would get it, with a name and links of nobody; without the logo, which it may not fetch."""
    link = absolute("home")
    with translation.override(language):
        context: dict[str, Any] = {
            Letter.INVITATION: {"link": link, "by": by, "hours": settings.INVITATION_HOURS},
            Letter.REMINDER: {
                "link": link,
                "due": True,
                "minutes": 10,
                "answers": [],
                "reminders_link": link,
            },
            Letter.SIGN_IN: {"link": link, "minutes": settings.SIGN_IN_LINK_MINUTES},
        }.get(Letter(letter), {"link": link})
        words = letter_words(practice, letter).filled(names_for(practice, "Ana Silva", by))
        return draw(letter, {"practice": practice, "words": words, "logo": None, **context})


def message_id(delivery: Delivery, sender: str) -> str:
    """The same for every try, so that a mailbox can recognise a second copy; names nobody."""
    if delivery.kind:
        key = f"planned/{client_of(delivery).uuid}/{delivery.local_date}/{delivery.kind}"
    else:
        key = f"event/{delivery.event_id}"
    return f"<{sha256(key.encode()).hexdigest()[:40]}@{sender.rpartition('@')[2]}>"


def absolute(page: str, *args: Any) -> str:
    return settings.SITE_URL + reverse(page, args=args)


def client_of(delivery: Delivery) -> Client:
    if delivery.client is None:
        raise ValueError(f"The letter {delivery.letter} needs a client.")
    return delivery.client


def user_of(delivery: Delivery) -> User:
    user = delivery.user or (delivery.client.user if delivery.client else None)
    if user is None:
        raise ValueError(f"The letter {delivery.letter} needs an account.")
    return user


def language_of(client: Client | None, user: User | None) -> str:
    """The reader's language, which clients choose as clients and not for their account; else the practice's."""
    reader = getattr(user, "client", None) or user or client
    if reader is not None and reader.language:
        return reader.language
    practice = this_practice()
    return practice.language if practice else settings.LANGUAGE_CODE


def zone_for(delivery: Delivery) -> ZoneInfo:
    if delivery.client and delivery.user in (None, delivery.client.user):
        return delivery.client.zone_info
    return zone_of(delivery.user.zone if delivery.user else "")


def who_invited(delivery: Delivery) -> str:
    """The name of the person who asked for this letter; empty when nobody did, or they are gone."""
    by = User.objects.filter(pk=delivery.data.get("by")).first()
    return by.name if by else ""


def responsible_for(client: Client, now: datetime) -> str:
    care = CareTeam.objects.current(now).filter(client=client, capacity=CareTeam.Capacity.RESPONSIBLE)
    first = care.select_related("therapist").first()
    return first.therapist.name if first else ""


def initials(name: str) -> str:
    """ "Ana María Pérez" is "A. P."; a single name is one letter."""
    words = name.split()
    return " ".join(f"{word[0].upper()}." for word in dict.fromkeys([words[0], words[-1]])) if words else "?"
