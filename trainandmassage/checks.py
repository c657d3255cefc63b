"""It refuses to start unsafe: each wrong setting is a system check with a hint (reliability.md O2)."""

from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import WARNING, CheckMessage, Error, Tags, register, run_checks
from django.core.exceptions import ValidationError
from django.core.mail.message import sanitize_address
from django.core.validators import validate_email


@register(Tags.security, deploy=True)
def check_running_for_real(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """What a real practice must not run with. `check --deploy` and the start of the server ask it."""
    problems: list[CheckMessage] = []
    if settings.DEMO:
        problems.append(
            Error("DEMO is on.", hint="Unset DEMO: it shows everybody's mail.", id="practice.E001")
        )
    if not settings.STAFF_SECOND_FACTOR:
        problems.append(
            Error(
                "Staff may enter without a second factor.",
                hint="Unset STAFF_SECOND_FACTOR.",
                id="practice.E002",
            )
        )
    if settings.EMAIL_BACKEND != "django.core.mail.backends.smtp.EmailBackend":
        problems.append(
            Error(
                "Mail does not leave the machine.",
                hint="Set EMAIL_URL=smtp://user:password@host:587?tls=1.",
                id="practice.E003",
            )
        )
    if not settings.SITE_URL.startswith("https://"):
        problems.append(
            Error("SITE_URL is not https.", hint="Links in mails are built from it.", id="practice.E004")
        )
    if settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        problems.append(
            Error(
                "FROM_EMAIL is not set.", hint="Set FROM_EMAIL and REMINDER_FROM_EMAIL.", id="practice.E005"
            )
        )
    if "*" in settings.ALLOWED_HOSTS:
        problems.append(
            Error("Any host name is answered.", hint="List yours in ALLOWED_HOSTS.", id="practice.E006")
        )
    return problems


@register(Tags.security)
def check_secret_key(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.SECRET_KEY:
        return [Error("SECRET_KEY is empty.", hint="Set SECRET_KEY or SECRET_KEY_FILE.", id="practice.E010")]
    return []


@register(Tags.security)
def check_senders(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    senders = {"FROM_EMAIL": settings.DEFAULT_FROM_EMAIL, "REMINDER_FROM_EMAIL": settings.REMINDER_FROM_EMAIL}
    hint = "Write it like Practice <practice@practice.example>, without quotation marks around it."
    return [
        Error(f"{name} is not an address.", hint=hint, id="practice.E021")
        for name, sender in senders.items()
        if not is_sender(sender)
    ]


def is_sender(text: str) -> bool:
    """One address, with or without a name, that Django can write into a letter."""
    try:
        validate_email(parseaddr(text)[1])
        sanitize_address(text, "utf-8")
    except (ValidationError, ValueError):
        return False
    return True


@register(Tags.security)
def check_mail_password(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.EMAIL_HOST_PASSWORD or settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL:
        return []
    if settings.EMAIL_HOST in THIS_MACHINE:
        return []
    return [
        Error(
            "The password of the mail server would travel in the clear.",
            hint="Add ?tls=1 or ?ssl=1 to EMAIL_URL.",
            id="practice.E020",
        )
    ]


THIS_MACHINE = {"localhost", "127.0.0.1", "::1", "[::1]"}


def refuse_unsafe_start() -> None:
    """Ends the process, saying why, when a practice that others can reach is not safe.

    `practice.py run` listens to this machine alone, and what answers to this machine's names alone may run as it likes.
    The names by themselves would prove nothing: a visitor chooses what the Host header says.
    """
    names = {urlsplit(settings.SITE_URL).hostname, *settings.ALLOWED_HOSTS}
    if settings.EMBEDDED and names <= THIS_MACHINE:
        return
    problems = [
        problem
        for problem in run_checks(tags=[Tags.security], include_deployment_checks=True)
        if problem.level >= WARNING and not problem.is_silenced()
    ]
    if problems:
        told = "\n".join(f"- {problem.msg} {problem.hint or ''}".rstrip() for problem in problems)
        raise SystemExit(f"This practice does not start, because it is not safe:\n{told}")
