"""The other people of the demo: simulated lives through the real rules, so that the workplace has its thirty to care for."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from clients.demo import builders
from clients.demo.builders import ZONE
from clients.demo.simulation.lives import Person, Temper
from clients.enrolling import end_care
from clients.models import Assignment, Client, Delivery, Message, User
from clients.planning import gather_many, plan
from clients.progression.apply import evaluate_many
from clients.reminders.addresses import address_of, digest_of
from clients.reminders.due import Reason
from clients.telling import record_pain_diary

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
DAWN = time(6, 0)

NAMES = (
    "Amira Haddad", "Bela Novak", "Chiara Conti", "Daniel Okafor", "Elif Demir", "Farid Rahimi", "Greta Lindqvist",
    "Hannah Weiss", "Ivan Petrov", "Jana Kovacs", "Kemal Aydin", "Lena Fischer", "Mateo Garcia", "Nora Jensen",
    "Oskar Bauer", "Paula Schmid", "Quentin Moreau", "Rosa Almeida", "Samuel Klein", "Tamara Popescu", "Uwe Richter",
    "Vera Sokolova", "Walter Huber", "Xenia Papadaki", "Yusuf Kaya", "Zoe Martin", "Anton Berger", "Birgit Wagner",
    "Clemens Wolf", "Dora Szabo", "Emil Hansen", "Franka Vogt",
)  # fmt: skip

# Of each program: the complaint in the client's words, and what hands may find (muscle, state), on the side of the complaint
STORIES = {
    "program_sciatica_piriformis": (
        ("Ache deep in the buttock after driving", "Pulling from the buttock into the thigh"),
        (("piriformis", "tight"), ("gluteus_medius", "weak")),
    ),
    "program_upper_crossed": (
        ("Stiff neck from the desk", "Shoulders up at the ears by evening"),
        (("upper_trapezius", "tight"), ("lower_trapezius", "weak")),
    ),
    "program_knee_valgus": (
        ("Kneecap hurts on stairs", "Knee turns in when running"),
        (("hip_adductors", "tight"), ("gluteus_medius", "weak")),
    ),
    "program_plantar_heel": (
        ("First steps in the morning hurt", "Heel hurts after standing all day"),
        (("gastrocnemius", "tight"), ("soleus", "tight")),
    ),
    "program_lower_crossed": (
        ("Tired, arched low back", "Low back stiff after sitting"),
        (("iliopsoas", "tight"), ("gluteus_maximus", "weak")),
    ),
}

TEMPERS = (
    Temper("healer", flags=0),
    Temper("healer", pain_from=7, ease=0.12, flags=0),
    Temper("missing_answers", trains=0.75, answers=0.3, told=0.6, flags=0),
    Temper("healer", pain_from=5, ease=0.1, flags=0),
    Temper("late_answers", trains=0.8, late=0.8, flags=0),
    Temper("non_adherer", trains=0.25, answers=0.5, flags=0),
    Temper("healer", trains=0.98, answers=0.98, flags=0),
    Temper("late_therapist", trains=0.85, therapist=6, flags=0),
    Temper("healer", ease=0.07, flags=0),
    Temper("flarer", trains=0.75, flares=0.08, ease=0.04, flags=0),
)

BEGAN = (44, 34, 23, 12)  # days ago; people who began together are planned together


@dataclass(frozen=True)
class Word:
    """Something that a client wrote, so many hours ago."""

    of: int
    hours: int
    text: str


WORDS = (
    Word(2, 14, "The ball is out of stock here. Is a tennis ball all right until it comes?"),
    Word(11, 3, "Could we move my next massage to Thursday? Mornings are better."),
    Word(19, 40, "Thank you, the stairs were easy today."),
)


def move_in(number: int, therapists: list[User], now: datetime) -> list[Client]:
    """So many people, each in the care of one of these, who have lived up to yesterday. The same seed, the same people."""
    crowd = list(people(min(number, len(NAMES)), therapists, now))
    for began in BEGAN:
        group = [person for person, since in crowd if since == began]
        for ago in range(began, 0, -1):
            live(group, began - ago, dawn(now, ago))
    clients = [person.client for person, _since in crowd]
    write(clients, now)
    leave(crowd, now)
    return clients


def dawn(now: datetime, ago: int) -> datetime:
    return datetime.combine(now.date() - ago * DAY, DAWN, now.tzinfo)


def people(number: int, therapists: list[User], now: datetime) -> Iterator[tuple[Person, int]]:
    programs = list(STORIES)
    for n in range(number):
        chance = random.Random(f"crowd/{n}")  # noqa: S311 -- invented people
        began = BEGAN[n % len(BEGAN)]
        program = programs[n % len(programs)]
        complaints, found = STORIES[program]
        temper = TEMPERS[n % len(TEMPERS)]
        therapist = therapists[1 + n % (len(therapists) - 1)] if n % 4 == 3 else therapists[0]
        side = chance.choice(["left", "right"])
        moment = dawn(now, began) + 4 * HOUR
        client = builders.make_client(
            name=NAMES[n],
            email=f"{NAMES[n].lower().replace(' ', '.')}@example.org",
            therapist=therapist,
            side=side,
            complaint=chance.choice(complaints),
            zone=ZONE,
            since=moment - 8 * DAY,
        )
        person = Person(client, therapist, temper, chance, [], level=temper.pain_from)
        for ago in range(6, 0, -1):
            evening = moment - ago * DAY + 8 * HOUR
            record_pain_diary(
                client, client.local_date(evening), person.pain(), key=builders.new_key(), now=evening
            )
        builders.examine(
            client,
            found=[(muscle, side, state, chance.randint(4, 8)) for muscle, state in found],
            by=therapist,
            now=moment - DAY,
        )
        person.assignments = [
            builders.assign(client, program, now=moment - DAY, start_date=client.local_date(moment))
        ]
        yield person, began


def live(group: list[Person], n: int, now: datetime) -> None:
    """One day of these people, from six in the morning on: the morning, the therapist, the session, the evidence."""
    for person in group:
        person.wake(now)
    clients = [person.client for person in group]
    waiting = set(Assignment.objects.filter(client__in=clients, waits=True).values_list("pk", flat=True))
    for person in group:
        person.therapist_works(n, now + 5 * HOUR, waiting)
    begin = {person: now + person.chance.choice([9, 11, 12]) * HOUR for person in group}
    today = {person: person.client.local_date(begin[person]) for person in group}
    facts = gather_many({person.client: (today[person], today[person]) for person in group})
    for person in group:
        person.session(begin[person], plan(facts[person.client.pk], today[person]))
        if n % 14 == 0 and person.happens(person.temper.answers):
            builders.rate(person.client, "nprs", person.pain(), now=now + 14 * HOUR)
    evaluate_many({person.client: now + 15 * HOUR for person in group})


def write(clients: list[Client], now: datetime) -> None:
    """A few have written, and nobody has answered yet; of one the mail comes back."""
    for word in WORDS:
        if word.of < len(clients) and (by := clients[word.of].user):
            at = now - word.hours * HOUR
            Message.objects.create(
                client=clients[word.of],
                by=by,
                from_client=True,
                text=word.text,
                at=at,
                key=builders.new_key(),
            )
    if len(clients) > 5:
        lost = clients[5]
        Delivery.objects.create(
            client=lost,
            letter=Delivery.Letter.PLAN_CHANGED,
            event_id=f"demo/{lost.pk}",
            data={"address": digest_of(address_of(lost, None))},
            due_at=now - 2 * DAY,
            not_after=now - DAY,
            status=Delivery.Status.FAILED,
            attempts=3,
            reason=Reason.NO_SUCH_ADDRESS,
        )


def leave(crowd: list[tuple[Person, int]], now: datetime) -> None:
    """Some have left: their care has ended, their records stay."""
    for person, began in crowd:
        if began == BEGAN[0] and person.temper.name == "healer" and person.chance.random() < 0.4:
            end_care(person.client, by=person.therapist, reason="Moved to another town.", now=now - HOUR)
