"""Coming in: the invitation, the link by mail. Passwords, passkeys and the second factor are allauth's pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core.ratelimit import consume_or_429
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clients.forms.accounts import SignInForm
from clients.inviting import (
    INVITATION,
    SIGN_IN,
    AddressTaken,
    CareEnded,
    LinkExpired,
    LinkRefused,
    LinkUnknown,
    LinkUsed,
    accept_invitation,
    invited_by,
    open_link,
    password_path,
    request_sign_in_link,
    use_sign_in_link,
)
from clients.middleware import speak
from clients.models import AccessLink, User

View = Callable[..., HttpResponse]


def keeps_secrets(view: View) -> View:
    """A page whose address holds a token: kept by no cache, named in no Referer.

    Not `no-referrer`: with it browsers send `Origin: null` with the form, which the check against forged forms
    refuses. `strict-origin` tells the name of the site and never the address of the page.
    """

    @wraps(view)
    def quiet(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "strict-origin"
        return response

    return quiet


def enter(request: HttpRequest, user: User) -> HttpResponse:
    """Signs the client in with a session of its own; whoever was signed in here before leaves first."""
    if request.user.is_authenticated and request.user != user:
        logout(request)
    record_authentication(request, user, "mail_link", email=user.email)
    return perform_login(request, user, redirect_url=reverse("today"), email=user.email)


def speak_to(request: HttpRequest, link: AccessLink) -> None:
    """In the language of the person the link was written to."""
    person = link.client or link.user
    if person is not None:
        speak(request, person.language)


def refused(request: HttpRequest, why: LinkRefused | AddressTaken) -> HttpResponse:
    """One page for every link that opens nothing, with the way to another one."""
    reason, status = {
        LinkUnknown: ("unknown", 404),
        LinkUsed: ("used", 410),
        LinkExpired: ("expired", 410),
        CareEnded: ("ended", 410),
        AddressTaken: ("taken", 409),
    }[type(why)]
    response = render(
        request, "clients/account/link_refused.html", {"reason": reason, "form": SignInForm()}, status=status
    )
    # Django would write the address, token included, into the log
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 -- Django has no public way
    return response


@login_not_required
@keeps_secrets
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        if request.method == "POST":
            if too_many := consume_or_429(request, action="access_link"):
                return too_many
            user = accept_invitation(token, now)
            return redirect(password_path(user)) if user.is_staff else enter(request, user)
        link = open_link(token, INVITATION, now)
    except (LinkRefused, AddressTaken) as why:
        return refused(request, why)
    speak_to(request, link)
    return render(
        request,
        "clients/account/welcome.html",
        {"link": link, "invited": link.client or link.user, "by": invited_by(link)},
    )


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("home")
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        email = form.cleaned_data["email"]
        if too_many := consume_or_429(request, action="sign_in_link", key=email.lower()):
            return too_many
        request_sign_in_link(email, timezone.now())
        return redirect("sign_in_sent")
    return render(
        request, "clients/account/sign_in.html", {"form": form}, status=422 if form.is_bound else 200
    )


@login_not_required
@require_safe
def sign_in_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "clients/account/sign_in_sent.html", {"minutes": settings.SIGN_IN_LINK_MINUTES})


@login_not_required
@keeps_secrets
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        if request.method == "POST":
            if too_many := consume_or_429(request, action="access_link"):
                return too_many
            return enter(request, use_sign_in_link(token, now))
        link = open_link(token, SIGN_IN, now)
    except LinkRefused as why:
        return refused(request, why)
    speak_to(request, link)
    return render(request, "clients/account/sign_in_link.html", {"link": link})


account_urls = [
    path("welcome/<str:token>/", welcome, name="welcome"),
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-in/sent/", sign_in_sent, name="sign_in_sent"),
    path("sign-in/<str:token>/", sign_in_link, name="sign_in_link"),
]
