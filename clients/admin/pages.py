"""Drawing a page of our own inside the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _


def draw(
    request: HttpRequest, template: str, *, title: str, status: int = 200, **context: Any
) -> HttpResponse:
    """The page with what every page of the workplace has: rail, names, messages."""
    request.current_app = admin.site.name
    everything = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"clients/workplace/{template}.html", everything, status=status)


def refused(form: Any) -> int:
    """The status of a page that shows a form again: what was sent could not be taken."""
    return 422 if form.is_bound else 200


def settings_links(current: str) -> list[tuple[str, str, bool]]:
    """The questions that the owner answers about the practice: word, address, whether it is this page."""
    places = [
        ("changelist", _("Practice")),
        ("look", _("Colours")),
        ("words", _("Words")),
        ("letters", _("Letters")),
        ("team", _("Team")),
        ("numbers", _("Numbers")),
    ]
    return [(word, reverse(f"admin:clients_practice_{name}"), name == current) for name, word in places]
