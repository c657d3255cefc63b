"""Pages behind a letter: reminders without signing in, and the demo's mailbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone, translation
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from clients.forms.sessions import new_key
from clients.forms.telling import MorningLetterForm
from clients.models import MorningAnswer, MorningWord
from clients.recording import KeyReused
from clients.reminders.mailbox import Mail, newest, read
from clients.reminders.morning import MorningLink, make_token, read_token
from clients.reminders.unsubscribe import WISHES, grant, schedule_behind
from clients.telling import AnswerStands, NothingToAnswer, record_morning, why_no_morning
from clients.views.account import keeps_secrets

View = Callable[..., HttpResponse]

# A letter brings its own looks, inline, as letters must; it may fetch and run nothing.
LETTER_POLICY = {"default-src": [NONE], "style-src": [UNSAFE_INLINE], "frame-ancestors": [SELF]}


# ---- Reminders, from a letter ------------------------------------------------------------------------------------


@login_not_required
@keeps_secrets
@require_http_methods(["GET", "HEAD", "POST"])
def reminder_letters(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing, since mail scanners look at every link; a button acts, and another takes it back."""
    schedule = schedule_behind(token)
    if schedule is None:
        return unknown(request)
    wish = request.POST.get("wish", "")
    if request.method == "POST" and wish in WISHES:
        grant(schedule, wish, timezone.now())
        return redirect("reminder_letters", token)
    with translation.override(schedule.client.language):
        return render(request, "clients/letters/reminders.html", {"schedule": schedule})


@login_not_required
@csrf_exempt
@keeps_secrets
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """One click in the mail program (RFC 8058): it posts here without cookie or login, and that alone acts."""
    schedule = schedule_behind(token)
    if schedule is None:
        return unknown(request)
    if request.method != "POST":
        return redirect("reminder_letters", token)
    grant(schedule, "stop", timezone.now())
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@keeps_secrets
@require_http_methods(["GET", "HEAD", "POST"])
def morning_letter(request: HttpRequest, token: str) -> HttpResponse:
    """The morning question without signing in. Looking records nothing; the answer of the link waits for one press."""
    now = timezone.now()
    link = read_token(token, now)
    if link is None:
        return unknown(request)
    with translation.override(link.client.language):
        refused = ""
        form = MorningLetterForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            told = form.cleaned_data
            try:
                record_morning(link.client, link.after_day, told["word"], None, key=told["key"], now=now)
            except (AnswerStands, KeyReused, NothingToAnswer) as error:
                refused = str(error)
            else:
                return redirect("morning_letter", make_token(link.client, link.after_day))
        return render(request, "clients/letters/morning.html", morning_page(link, refused, now))


def morning_page(link: MorningLink, refused: str, now: datetime) -> dict[str, Any]:
    """The word to send, the one that stands, and the others, each with the key of its button; `over` where none counts."""
    if over := why_no_morning(link.client, link.after_day, now):
        return {"over": over}
    answers = MorningAnswer.objects.filter(client=link.client, after_day=link.after_day)
    standing = answers.latest_revisions().first()
    noted = standing is not None and link.word in ("", standing.word)
    words = [(value, str(label), {"key": new_key(), "word": value}) for value, label in MorningWord.choices]
    first = standing.word if noted and standing else link.word
    return {
        "refused": refused,
        "noted": noted,
        "chosen": next((each for each in words if each[0] == first), None),
        "others": [each for each in words if each[0] != first],
    }


def unknown(request: HttpRequest) -> HttpResponse:
    return render(request, "clients/letters/unknown.html", status=404)


# ---- The demo's mailbox ------------------------------------------------------------------------------------------


def demo_only(view: View) -> View:
    """Outside the demo these pages do not exist: letters hold links that open accounts."""

    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@demo_only
@require_safe
def demo_mail(request: HttpRequest) -> HttpResponse:
    return render(request, "clients/letters/demo_mail.html", {"mails": newest(folder_or_404())})


@demo_only
@require_safe
def demo_letter(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "clients/letters/demo_letter.html", {"mail": demo_mail_or_404(name)})


@xframe_options_sameorigin
@csp(LETTER_POLICY)
@demo_only
@require_safe
def demo_letter_html(request: HttpRequest, name: str) -> HttpResponse:
    """The letter's HTML as it was sent, for the frame on the page above."""
    return HttpResponse(demo_mail_or_404(name).html)


def folder_or_404() -> Path:
    """Where mails are files; there is none where they leave by SMTP."""
    if not settings.EMAIL_FILE_PATH:
        raise Http404
    return Path(settings.EMAIL_FILE_PATH)


def demo_mail_or_404(name: str) -> Mail:
    mail = read(folder_or_404(), name)
    if mail is None:
        raise Http404
    return mail


letter_urls = [
    path("reminders/<str:token>/", reminder_letters, name="reminder_letters"),
    path("reminders/<str:token>/stop/", unsubscribe, name="unsubscribe"),
    path("how-was-it/<str:token>/", morning_letter, name="morning_letter"),
    path("demo/mail/", demo_mail, name="demo_mail"),
    path("demo/mail/<str:name>/", demo_letter, name="demo_letter"),
    path("demo/mail/<str:name>/html/", demo_letter_html, name="demo_letter_html"),
]
