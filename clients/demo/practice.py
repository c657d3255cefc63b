"""The demo practice: made once, whole or not at all, and told to whoever asks how to get in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from clients.demo.builders import SESAME, make_office, make_owner, make_practice, make_therapist
from clients.demo.crowd import move_in
from clients.demo.lives import LIVES, live
from clients.models import Client, Delivery, Practice, ReminderSchedule, TrainingSession, User
from clients.progression.apply import evidence_changed
from clients.reminders.schedules import reschedule

OWNER, COLLEAGUE, OFFICE = "adam@example.org", "berta@example.org", "olaf@example.org"
OTHERS = 32


class NotADemo(Exception):
    """Real people are in this database."""


@dataclass(frozen=True)
class Login:
    """Who, with which words, and what there is to see."""

    name: str
    email: str
    password: str
    about: str


@transaction.atomic
def make_demo(now: datetime, others: int = 0) -> bool:
    """Makes the practice, its team, eight clients whose story is told, and `others` whose lives are simulated.

    Returns False where they are there already. Raises NotADemo, and changes nothing, in a database that a practice of its own uses.
    """
    if User.objects.filter(email=OWNER).exists():
        return False
    if Practice.objects.exists() or User.objects.exists() or Client.objects.exists():
        raise NotADemo
    make_practice(name="Train and Massage")
    adam = make_owner(name="Adam", email=OWNER, password=SESAME)
    berta = make_therapist(name="Berta", email=COLLEAGUE, password=SESAME)
    make_office(name="Olaf", email=OFFICE, password=SESAME)
    for client in move_in(others, [adam, berta], now):
        settle(client, now)
    for life in live(adam, now):
        settle(life.client, life.now)
    return True


def settle(client: Client, now: datetime) -> None:
    """The letters of those weeks count as sent, but for what may still be read today; the next reminder lies ahead."""
    gone = Delivery.objects.filter(client=client, not_after__lte=now, status=Delivery.Status.DUE)
    gone.update(status=Delivery.Status.SENT, sent_at=F("due_at"))
    for schedule in ReminderSchedule.objects.filter(client=client):
        reschedule(schedule, now)
    evidence_changed(client, now)
    last = TrainingSession.objects.filter(client=client).order_by("-started_at").first()
    if client.user is not None and last is not None:
        User.objects.filter(pk=client.user.pk).update(last_login=last.started_at)


def logins() -> Iterator[Login]:
    """Everybody who can sign in to the demo."""
    yield Login("Adam", OWNER, SESAME, "Therapist, owns the practice.")
    yield Login("Berta", COLLEAGUE, SESAME, "Therapist, with clients of her own.")
    yield Login("Olaf", OFFICE, SESAME, "Office: names and letters, nothing of health.")
    for tell in LIVES:
        email = f"{tell.__name__}@example.org"
        client = Client.objects.filter(user__email=email).first()
        if client is not None:
            yield Login(client.name, email, SESAME, (tell.__doc__ or "").splitlines()[0])
