"""The practice's row for code and pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings

from clients.models import Practice

TRIES = 10  # others saving settings of the practice at the same moment


def this_practice() -> Practice | None:
    """The practice, or None before `start_practice` or the demo has made it."""
    return Practice.objects.first()


def offered_languages(practice: Practice | None) -> list[tuple[str, str]]:
    """Code and name of each language that the practice offers: all of ours where it has not chosen."""
    chosen = practice.languages if practice else []
    return [(code, str(word)) for code, word in settings.LANGUAGES if code in chosen] or [
        (code, str(word)) for code, word in settings.LANGUAGES
    ]


def language_choices(current: str) -> list[tuple[str, str]]:
    """What somebody may choose: what is offered, and what they speak already."""
    offered = {code for code, _word in offered_languages(this_practice())}
    return [(code, str(word)) for code, word in settings.LANGUAGES if code in offered or code == current]


def rewrite(practice: Practice, field: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Writes a part of a JSON column without touching the rest, also when two parts are saved at once."""
    for _attempt in range(TRIES):
        kept = getattr(Practice.objects.only(field).get(pk=practice.pk), field)
        if Practice.objects.filter(pk=practice.pk, **{field: kept}).update(**{field: change(kept)}):
            return
    raise RuntimeError(f"The {field} of the practice could not be written.")
