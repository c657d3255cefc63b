"""Passwords: long for staff, shorter for clients, no rules about signs (reliability.md L3)."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clients.practice import this_practice

STAFF_LENGTH = 12
CLIENT_LENGTH = 8

# Whoever guesses passwords of this practice begins with these
TRADE_WORDS = frozenset(
    {
        "massage",
        "massages",
        "therapy",
        "therapist",
        "therapie",
        "therapeut",
        "training",
        "train",
        "exercise",
        "praxis",
        "practice",
    }
)
SHORTEST_WORD = 4


def minimum_length(user: Any) -> int:
    return STAFF_LENGTH if user is not None and getattr(user, "is_staff", False) else CLIENT_LENGTH


def length_help(user: Any) -> str:
    return _("At least %(length)d characters; a short sentence is easy to remember.") % {
        "length": minimum_length(user)
    }


class RoleMinimumLengthValidator:
    def validate(self, password: str, user: Any = None) -> None:
        length = minimum_length(user)
        if len(password) < length:
            raise ValidationError(
                _("Use at least %(length)d characters; a short sentence is easy to remember."),
                code="password_too_short",
                params={"length": length},
            )

    def get_help_text(self) -> str:
        return length_help(None)


class PracticeWordsValidator:
    """The name of the practice, the words of the trade and one's own name and address do not count.

    What is left must be long enough by itself, so a sentence may well speak of massage.
    """

    def validate(self, password: str, user: Any = None) -> None:
        left = letters_of(password)
        for word in sorted(guessable_words(user), key=len, reverse=True):
            left = left.replace(word, "")
        if left != letters_of(password) and len(left) < minimum_length(user):
            raise ValidationError(
                _(
                    "The name of the practice, “massage” and your own name are easy to guess. Add some other words."
                ),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return _("Names and “massage” alone are easy to guess.")


def letters_of(text: str) -> str:
    """Letters and figures in one case: “Ana.Ortiz!” is “anaortiz”."""
    return re.sub(r"[\W_]+", "", text.casefold())


def guessable_words(user: Any) -> set[str]:
    """What stands about this person and the practice, whole and word by word, without the very short ones."""
    practice = this_practice()
    texts = [
        practice.name if practice else "",
        getattr(user, "name", ""),
        getattr(user, "email", "").partition("@")[0],
        getattr(user, "email", "").partition("@")[2].rpartition(".")[0],
    ]
    words = {letters_of(part) for text in texts for part in [text, *re.split(r"[\W_]+", text)]}
    return {word for word in words if len(word) >= SHORTEST_WORD} | TRADE_WORDS
