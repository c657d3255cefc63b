"""Letters to a client and their fate in words: what came, what was held back and why, and what helps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.models import Client, Delivery, ReminderSchedule
from clients.reminders.addresses import address_of, is_suppressed
from clients.reminders.due import Reason
from clients.reminders.fate import Fate, next_letter

NEWEST = 10
SHOWN = 25

# What helps, where something does. Whatever is missing here is as it should be.
HELPS: dict[str, Any] = {
    Reason.ACCOUNT_CLOSED: gettext_lazy("Take the client into care again, if that is what you both want."),
    Reason.NO_ADDRESS: gettext_lazy("Add an e-mail to the client, then invite them."),
    Reason.NOT_CONFIRMED: gettext_lazy("The client opens the invitation first. You can send it again."),
    Reason.ADDRESS_CHANGED: gettext_lazy("Nothing to do: the next letter goes to the new address."),
    Reason.SUPPRESSED: gettext_lazy(
        "Ask the client for an address that works, or whether the mailbox is full."
    ),
    Reason.UNSUBSCRIBED: gettext_lazy(
        "The client switched them off, and can switch them on in the settings."
    ),
    Reason.OTHER_DAYS: gettext_lazy("The client chose the days, and can change them in the settings."),
    Reason.PAUSED: gettext_lazy("Letters come again after the pause, or as soon as you resume the program."),
    Reason.BLOCKED: gettext_lazy("Speak with the client and record the contact: then letters come again."),
    Reason.NOT_ASSIGNED: gettext_lazy("Assign a program: without one there is nothing to be reminded of."),
    Reason.WEEKLY: gettext_lazy("Letters come weekly until a session is recorded again."),
    Reason.TOO_LATE: gettext_lazy(
        "The practice’s own letters were late. The owner can look whether they run."
    ),
    Reason.REFUSED: gettext_lazy("The owner can look at the mail settings of the practice."),
    Reason.NO_SUCH_ADDRESS: gettext_lazy("Look for a mistyped letter in the address, and ask the client."),
    Reason.TOO_MANY_TRIES: gettext_lazy("The owner can look at the mail settings of the practice."),
    Reason.OUR_ERROR: gettext_lazy("Tell whoever looks after this application; the log names the letter."),
}


@dataclass(frozen=True)
class LetterLine:
    """One letter and its fate in words."""

    delivery: Delivery

    @property
    def why(self) -> str:
        return why_not_sent(self.delivery)


def why_not_sent(delivery: Delivery) -> str:
    """Why a letter was not sent, in words; nothing for one that was, or that still waits."""
    return str(dict(Reason.choices).get(delivery.reason, delivery.reason))


def newest_letters(client: Client, *, for_office: bool = False, number: int = NEWEST) -> list[LetterLine]:
    """The newest letters about a client; the office sees none that hints at health."""
    letters: QuerySet[Delivery] = Delivery.objects.filter(client=client).order_by("-due_at", "-pk")
    if for_office:
        letters = without_health(letters)
    return [LetterLine(letter) for letter in letters[:number]]


def without_health(letters: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Without safety alerts, and without letters that were held back for a safety block."""
    return letters.exclude(letter=Delivery.Letter.SAFETY_ALERT).exclude(reason=Reason.BLOCKED)


@dataclass(frozen=True)
class HeldBack:
    """Why the newest letters did not go out: a reason, how often, when last, and what helps."""

    words: str
    helps: str
    times: int
    last: datetime


@dataclass(frozen=True)
class MailOnFile:
    """ "Why did I not get a mail?", answered from the rows. Moments are written by the client's clock."""

    client: Client
    address: str
    suppressed: bool
    schedule: ReminderSchedule | None
    coming: Fate | None
    held_back: list[HeldBack]
    letters: list[LetterLine]

    @property
    def days(self) -> str:
        """ "every day", or "Mon, Wed, Fri"."""
        days = self.schedule.days if self.schedule else ""
        if len(days) == len(WEEKDAYS_ABBR):
            return _("every day")
        return ", ".join(str(WEEKDAYS_ABBR[int(day) - 1]) for day in days)

    @property
    def coming_at(self) -> str:
        if self.coming is None:
            return ""
        return by_clock_of(self.client, self.coming.delivery.due_at)

    @property
    def coming_helps(self) -> str:
        return str(HELPS.get(self.coming.reason, "")) if self.coming and self.coming.reason else ""


def mail_on_file(client: Client, now: datetime) -> MailOnFile:
    """A fixed number of queries. Read the client with their user."""
    schedule = ReminderSchedule.objects.filter(client=client).first()
    address = address_of(client, None)
    letters = newest_letters(client, number=SHOWN)
    return MailOnFile(
        client=client,
        address=address,
        suppressed=bool(address) and is_suppressed(address),
        schedule=schedule,
        coming=next_letter(client, schedule, now),
        held_back=held_back([line.delivery for line in letters]),
        letters=letters,
    )


def held_back(letters: list[Delivery]) -> list[HeldBack]:
    """The reasons among these letters, the newest first; a session that was done is no trouble. Pure."""
    found: dict[str, list[Delivery]] = {}
    for letter in letters:
        if letter.reason and letter.reason not in (
            Reason.DONE_TODAY,
            Reason.ALREADY_ACCEPTED,
            Reason.READ_ALREADY,
        ):
            found.setdefault(letter.reason, []).append(letter)
    return [
        HeldBack(why_not_sent(rows[0]), str(HELPS.get(reason, "")), len(rows), rows[0].due_at)
        for reason, rows in found.items()
    ]


def by_clock_of(client: Client, at: datetime) -> str:
    return date_format(at.astimezone(client.zone_info), "l j F, H:i")
