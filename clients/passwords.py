"""Passwords: long for staff, shorter for clients, no rules about signs (reliability.md L3)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clients.practice import this_practice

STAFF_LENGTH = 12
CLIENT_LENGTH = 8

# Whoever guesses passwords of this practice begins with these
TRADE_WORDS = frozenset(
    {
        *("massage", "massages", "therapy", "therapist", "therapie", "therapeut"),
        *("training", "train", "exercise", "praxis", "practice"),
    }
)
SHORTEST_WORD = 4
# Keys beside each other, figures and letters in their order
ROWS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
)
NEIGHBOURS = frozenset(pair for row in ROWS for way in (row, row[::-1]) for pair in pairwise(way))
RUN_COUNTS = 3
SMALL_TAIL = 4


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
        whole = left = letters_of(password)
        for word in sorted(guessable_words(user), key=len, reverse=True):
            left = left.replace(word, "")
        if left != whole and len(left) < minimum_length(user):
            raise ValidationError(
                _(
                    "The name of the practice, “massage” and your own name are easy to guess. Add some other words."
                ),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return _("Names and “massage” alone are easy to guess.")


class UsualPasswordValidator(CommonPasswordValidator):
    """Not one of the 20,000 passwords that everybody tries, nor one dressed up: twice, or with a small tail.

    Figures in their order, keys beside each other and one key held down count as three characters, however many.
    """

    def validate(self, password: str, user: Any = None) -> None:
        unit = repeated_part(password.casefold().strip())
        core = unit.strip("0123456789!?.,;:-_#*+$&/ ")
        usual = unit in self.passwords or (core in self.passwords and len(unit) - len(core) <= SMALL_TAIL)
        if usual or counted_length(unit) < min(len(password), minimum_length(user)):
            raise ValidationError(
                _(
                    "This is one of the first passwords that anybody tries. Take a short sentence of your own."
                ),
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return _("Not a password that many people use.")


def letters_of(text: str) -> str:
    """Letters and figures in one case: “Ana.Ortiz!” is “anaortiz”."""
    return re.sub(r"[\W_]+", "", text.casefold())


def guessable_words(user: Any) -> set[str]:
    """What stands about this person and the practice, whole and word by word, without the very short ones."""
    practice = this_practice()
    box, _at, host = getattr(user, "email", "").partition("@")
    texts = [practice.name if practice else "", getattr(user, "name", ""), box, host.rpartition(".")[0]]
    words = {letters_of(part) for text in texts for part in [text, *re.split(r"[\W_]+", text)]}
    return {word for word in words if len(word) >= SHORTEST_WORD} | TRADE_WORDS


def repeated_part(text: str) -> str:
    """“abcabc” is “abc”; what does not repeat from beginning to end is itself."""
    start = (text + text).find(text, 1)
    return text[:start] if text else text


def counted_length(text: str) -> int:
    """The length, where a run of neighbouring or equal keys counts as three at most."""
    total, run = 0, 0
    for number, sign in enumerate(text):
        before = text[number - 1] if number else ""
        run = run + 1 if before and (sign == before or (before, sign) in NEIGHBOURS) else 1
        total += run <= RUN_COUNTS
    return total
