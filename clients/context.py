from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from clients.enrolling import responsibility
from clients.models import Client
from clients.practice import this_practice


def practice(request: HttpRequest) -> dict[str, Any]:
    """`practice` for every page: name, phone, emergency number. `therapist` is asked for by the pages that name her."""
    person = getattr(request, "person", None)
    return {
        "practice": getattr(request, "practice", None) or this_practice(),
        "person": person,
        "therapist": SimpleLazyObject(lambda: responsible_name(person)),
    }


def responsible_name(person: Client | None) -> str:
    care = responsibility(person) if person else None
    return care.therapist.name if care else ""
