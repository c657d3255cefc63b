"""Signing in, passwords and the second factor. allauth's forms with our labels; it checks what is typed."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as factor_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn import forms as passkey_forms
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.inviting import request_password_reset
from clients.passwords import length_help

LABELS = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "oldpassword": _("Your password now"),
    "password1": _("New password"),
    "password2": _("New password once more"),
    "code": _("Code of six figures"),
    "name": _("Name of this key"),
}


class OurWords:
    """Our labels, help and nothing in the fields that looks like an answer."""

    fields: dict[str, forms.Field]
    user: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            field.help_text = length_help(self.user) if name == "password1" else ""


class LoginForm(OurWords, account_forms.LoginForm):
    pass


class ReauthenticateForm(OurWords, account_forms.ReauthenticateForm):
    pass


class ChangePasswordForm(OurWords, account_forms.ChangePasswordForm):
    pass


class SetPasswordForm(OurWords, account_forms.SetPasswordForm):
    pass


class ResetPasswordKeyForm(OurWords, account_forms.ResetPasswordKeyForm):
    pass


class ResetPasswordForm(OurWords, account_forms.ResetPasswordForm):
    """Asks for a letter. Whether the address is known is looked up by the rule that hides the answer."""

    def clean_email(self) -> str:
        return self.cleaned_data["email"]

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        request_password_reset(self.cleaned_data["email"], timezone.now())
        return self.cleaned_data["email"]


class SignInForm(forms.Form):
    """Where to mail the link to."""

    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_action = reverse("sign_in")
        self.helper.add_input(Submit("send", _("Mail me a link"), css_class="primary full"))


class AuthenticateForm(OurWords, factor_forms.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")
        self.fields["code"].help_text = _("From your authenticator app, or one of your recovery codes.")


class ReauthenticateByCodeForm(OurWords, factor_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")
        self.fields["code"].help_text = _("From your authenticator app, or one of your recovery codes.")


class ActivateTOTPForm(OurWords, AllauthActivateTOTPForm):
    def clean_code(self) -> str:
        """A code opens one door once: the one that proves the app cannot be used again to sign in."""
        code = super().clean_code()
        if not TOTP(Authenticator(user=self.user))._mark_code_used(code):  # noqa: SLF001 -- allauth marks at sign-in only
            raise get_adapter().validation_error("incorrect_code")
        return code


class AddPasskeyForm(OurWords, passkey_forms.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].label = _("Sign in with this key alone, without a password")
        self.fields["passwordless"].help_text = _("Your device then asks for your finger, face or PIN.")
        self.fields["passwordless"].initial = True


class EditPasskeyForm(OurWords, passkey_forms.EditWebAuthnForm):
    pass
