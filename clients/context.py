from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from clients.branding import brand_digest, logo_of
from clients.enrolling import responsibility
from clients.models import Client
from clients.practice import this_practice
from clients.wording import page_words


def practice(request: HttpRequest) -> dict[str, Any]:
    """`practice` for every page: name, phone, emergency number; what it says and how it looks follows from its row.

    `therapist` is asked for by the pages that name her.
    """
    person = getattr(request, "person", None)
    row = getattr(request, "practice", None) or this_practice()
    return {
        "practice": row,
        "brand_digest": brand_digest(row),
        "practice_logo": logo_of(row),
        "practice_words": page_words(row),
        "person": person,
        "therapist": SimpleLazyObject(lambda: responsible_name(person)),
    }


def responsible_name(person: Client | None) -> str:
    care = responsibility(person) if person else None
    return care.therapist.name if care else ""
