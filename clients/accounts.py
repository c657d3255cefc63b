"""allauth in our house: closed sign-up, every letter a row before it is a mail, one account per address."""

from __future__ import annotations

import secrets
import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.emails import language_of
from clients.inviting import request_password_reset
from clients.models import Delivery, User
from clients.reminders.queue import queue_letter

# What happened to an account, by the name that allauth gives to its letter
NOTICES = {
    "account/email/password_changed": gettext_lazy("Your password was changed."),
    "account/email/password_set": gettext_lazy("A password was set for your account."),
    "account/email/password_reset": gettext_lazy("Your password was replaced by a new one."),
    "mfa/email/totp_activated": gettext_lazy("An authenticator app was added to your account."),
    "mfa/email/totp_deactivated": gettext_lazy("The authenticator app was removed from your account."),
    "mfa/email/webauthn_added": gettext_lazy("A passkey was added to your account."),
    "mfa/email/webauthn_removed": gettext_lazy("A passkey was removed from your account."),
    "mfa/email/recovery_codes_generated": gettext_lazy("New recovery codes were made for your account."),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("E-mail and password do not fit together."),
        "too_many_login_attempts": gettext_lazy(
            "Too many tries. Please wait a few minutes, or let us mail you a link."
        ),
        "incorrect_password": gettext_lazy("This is not your password."),
        "enter_current_password": gettext_lazy("This is not your password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come by invitation only."""
        return False

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """The link is made when the letter is sent: a key never waits in a queue."""
        request_password_reset(email, timezone.now())

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Says what happened to the account, in the reader's language; no key, code or address of a machine."""
        with translation.override(language_of(None, user)):
            what = str(NOTICES[template_prefix])
            advice = _("Was it not you? Then choose a new password now and tell your practice: %(url)s") % {
                "url": settings.SITE_URL + reverse("account_reset_password")
            }
            data = {"subject": _("A change to your account"), "text": f"{what}\n\n{advice}"}
        queue_letter(
            Delivery.Letter.ACCOUNT_NOTICE,
            event_id=f"account_notice/{user.pk}/{secrets.token_hex(8)}",
            now=timezone.now(),
            user=user,
            data=data,
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth would send it here and now. All that we let it send has a method above."""
        raise LookupError(f"There is no letter for {template_prefix}.")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """A first second factor may be set up right after signing in: the password was typed a moment ago."""
        request = context.request
        latest = max(
            (record["at"] for record in get_authentication_records(request, request.user)), default=0
        )
        if time.time() - latest < app_settings.REAUTHENTICATION_TIMEOUT and not has_second_factor(
            request.user
        ):
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Whoever has a second factor shows that one: a password alone must not take it away."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [method for method in methods if method["id"].startswith("mfa_")] or methods

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")


class SecondFactorAdapter(DefaultMFAAdapter):
    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey %(number)d") % {"number": number}


def has_second_factor(user: User) -> bool:
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Authenticator.objects.filter(user=user, type__in=kinds).exists()


class AccountBackend(AuthenticationBackend):
    """Password by e-mail. One query and one hash, whatever there is at the address (L1).

    A closed account answers like a wrong password, even to the right one.
    """

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        user = User.objects.filter(email__iexact=email).first()
        return self._check_password(user, password)

    def _check_password(self, user: User | None, password: str) -> User | None:
        if user is None:
            return None
        self._did_check_password = True
        return user if user.check_password(password) and self.user_can_authenticate(user) else None


@receiver(authenticator_added)
def note_second_factor(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Who has just set up an app or a passkey has shown it here, so this session stays, and no other.

    A receiver, since allauth offers nothing else at this moment.
    """
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(
            request, user, "mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True
        )
        end_sessions(user, but=request.session.session_key)


def end_sessions(user: User, *, but: str | None = None) -> None:
    """Signs the user out everywhere, but for the session of this key. A session says whose it is only inside."""
    sessions = Session.objects.filter(expire_date__gt=timezone.now()).exclude(pk=but or "")
    theirs = [row.pk for row in sessions.iterator() if row.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=theirs).delete()
