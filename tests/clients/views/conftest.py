"""Ana follows her program since three days ago and has answered the health questions; it is Tuesday evening."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client as Web

from clients.demo.builders import NOW, assign, make_client, make_practice, make_therapist, screen, train
from clients.models import Assignment, Client, TrainingSession

START = NOW - timedelta(days=3)


def text(response: HttpResponse) -> str:
    """What the page says, in one line and without the escapes."""
    return " ".join(html.unescape(response.content.decode()).split())


@dataclass
class Seat:
    """Somebody at their phone."""

    client: Client
    assignment: Assignment
    web: Web

    def get(self, path: str) -> HttpResponse:
        return self.web.get(path)

    def post(self, path: str, **fields: object) -> HttpResponse:
        return self.web.post(path, fields)


@pytest.fixture(autouse=True)
def evening() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def practice(db):
    return make_practice()


@pytest.fixture
def therapist(practice):
    return make_therapist()


@pytest.fixture
def sit_down(therapist, web_as):
    """A client with a program, screened unless told otherwise: `sit_down(name="Ben")`."""

    def make(program="program_sciatica_piriformis", *, screened=True, start=START, **fields) -> Seat:
        client = make_client(therapist=therapist, **fields)
        assignment = assign(client, program, start_date=client.local_date(start), now=start)
        if screened:
            screen(client, now=start)
        return Seat(client, assignment, web_as(client.user))

    return make


@pytest.fixture
def ana(sit_down) -> Seat:
    return sit_down()


@pytest.fixture
def ben(sit_down) -> Seat:
    return sit_down(name="Ben Ortiz")


@pytest.fixture
def begun(ana) -> TrainingSession:
    """Ana's session of today, nothing ticked yet."""
    names = {step.as_was["slug"]: 0 for phase in ana.assignment.phases.all() for step in phase.steps.all()}
    return train(ana.client, now=NOW, partial=names, pain_after=None, finish=False)
