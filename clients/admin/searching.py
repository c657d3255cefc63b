"""The search box of every page of the workplace. What is looked for may be about health: it is posted and stands in no address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from clients.admin.pages import draw
from clients.models import Role
from clients.searching import LONGEST
from clients.searching import search as find


def owns(request: HttpRequest) -> bool:
    return request.user.role == Role.OWNER  # type: ignore[union-attr]


def may(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)


# Word, URL name, who may open it, what else it is called.
PAGES: tuple[tuple[Any, str, Callable[[HttpRequest], bool], Any], ...] = (
    (_("New client"), "clients_client_add", may("clients.add_client"), _("add, take into care")),
    (_("New program"), "routines_program_add", may("routines.add_program"), _("add, builder")),
    (_("New exercise"), "routines_exercise_add", may("routines.add_exercise"), _("add")),
    (_("New cover"), "clients_careteam_cover", may("clients.add_careteam"), _("colleague, holiday")),
    (_("Numbers of rules"), "clients_practice_numbers", owns, _("thresholds, gates")),
)


def pages_for(request: HttpRequest) -> list[tuple[Any, str, Any]]:
    """(word, address, what else it is called) of what this person may open, each once: the places, their pages, every list."""
    site: Any = admin.site
    found: dict[str, tuple[Any, Any]] = {url: (word, "") for word, url, _name, _icon in site.places(request)}
    for word, name, may_open, also in PAGES:
        if may_open(request) and (url := site.find(name)):
            found.setdefault(url, (word, also))
    for word, url in site.lists(request):
        found.setdefault(url, (word, ""))
    return [(word, url, also) for url, (word, also) in found.items()]


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """What was found, as a page, or (`live`) its list alone for the box that is typed in."""
    asked = " ".join(request.POST.get("q", "").replace("\0", " ")[:LONGEST].split())
    groups = find(request.user, asked, pages_for(request), timezone.now()) if asked else []
    if request.POST.get("live"):
        return TemplateResponse(request, "admin/_found.html", {"groups": groups})
    return draw(request, "search", title=gettext("Search"), asked=asked, groups=groups, may_type=not asked)
