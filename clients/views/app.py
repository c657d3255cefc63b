"""The app on the home screen: its manifest, its service worker, and the page without a network. Nothing about anybody."""

from __future__ import annotations

import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clients.access import PersonRequest
from clients.branding import brand_colour, brand_digest
from clients.forms.sessions import EndForm, SetFigures, SkipForm
from clients.forms.widgets import ScaleField
from clients.models import StopEvent
from clients.practice import this_practice

SHEETS = (
    "tokens",
    "base",
    "components/shell",
    "components/actions",
    "components/surfaces",
    "components/forms",
    "components/training",
    "components/records",
    "components/bodymap",
    "components/bodysketch",
    "components/outbox",
    "pages/player",
    "pages/entrance",
    "pages/client",
)
SCRIPTS = (
    "outbox",
    "outbox-bar",
    "menu",
    "stepper",
    "cues",
    "marks",
    "timer",
    "words",
    "offline-plan",
    "offline",
)
FILES = (
    *(f"css/{sheet}.css" for sheet in SHEETS),
    *(f"js/{script}.js" for script in SCRIPTS),
    "img/favicon.svg",
    "img/icon-192.png",
)
PAPER = "#FBF8F3"  # --paper of the light theme: a manifest knows no token


class PainForm(forms.Form):
    """What is asked before every session."""

    pain_before = ScaleField(label=gettext_lazy("How strong is the pain in this area right now?"))


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The shell: drawn without the request, so that it cannot know whose it is."""
    return HttpResponse(shell())


def shell() -> str:
    context = {
        "pain_form": PainForm(),
        "skip_form": SkipForm(),
        "set_form": SetFigures(auto_id="set_%s"),
        "end_form": EndForm(with_effort=True, with_limb=True),
        "stops": StopEvent.Choice.choices,
        "sheets": [f"css/{sheet}.css" for sheet in SHEETS],
        "scripts": [f"js/{script}.js" for script in SCRIPTS],
        "brand_digest": brand_digest(this_practice()),
        "LANGUAGE_CODE": get_language(),
    }
    return render_to_string("clients/offline/shell.html", context)


@login_not_required
@never_cache
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, which holds for the whole site. Another version of any file of the shell is another worker."""
    files = [reverse("offline"), *(static(name) for name in FILES)]
    digest = brand_digest(this_practice())
    colours = [reverse("brand", args=[digest])] if digest else []
    head = (
        f"const VERSION = {json.dumps(version())};\nconst SHELL = {json.dumps(files)};\n"
        f"const COLOURS = {json.dumps(colours)};\n"
    )
    return HttpResponse(head + source("js/worker.js"), content_type="text/javascript; charset=utf-8")


def version() -> str:
    """Of everything that the shell is made of, in the language in which it is drawn; not of the keys of its forms."""
    words = re.sub(r'name="key" value="[^"]*"', "", shell())
    return sha256((files_together() + words).encode()).hexdigest()[:16]


@cache
def files_together() -> str:
    return "".join(
        sha256(Path(found).read_bytes()).hexdigest() for found in map(finders.find, FILES) if found
    )


def source(name: str) -> str:
    return Path(str(finders.find(name))).read_text(encoding="utf-8")


@login_not_required
@require_safe
def manifest(request: PersonRequest) -> JsonResponse:
    """How the app stands on a home screen, where anybody may read it: the practice's name and nothing of health."""
    name = request.practice.name if request.practice else "Train and Massage"
    icons = [
        {"src": static("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml"},
        *(
            {
                "src": static(f"img/icon-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": use,
            }
            for size in (192, 512)
            for use in ("any", "maskable")
        ),
    ]
    return JsonResponse(
        {
            "id": "/",
            "name": name,
            "short_name": _("Practice"),
            "lang": get_language(),
            "start_url": reverse("home"),
            "scope": "/",
            "display": "standalone",
            "background_color": PAPER,
            "theme_color": brand_colour(request.practice),
            "icons": icons,
        },
        content_type="application/manifest+json",
    )
