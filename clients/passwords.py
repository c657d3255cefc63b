"""Passwords: long for staff, shorter for clients, no rules about signs (reliability.md L3)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

STAFF_LENGTH = 12
CLIENT_LENGTH = 8


def minimum_length(user: Any) -> int:
    return STAFF_LENGTH if user is not None and getattr(user, "is_staff", False) else CLIENT_LENGTH


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
        return _("At least %(length)d characters; a short sentence is easy to remember.") % {"length": CLIENT_LENGTH}
