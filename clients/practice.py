"""The practice's row for code and pages."""

from __future__ import annotations

from django.conf import settings

from clients.models import Practice


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
