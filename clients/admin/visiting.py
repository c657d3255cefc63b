"""The visits of a client: the list, a new one, two of them side by side."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clients.access import get_client_for_staff
from clients.admin.pages import draw
from clients.admin.scoping import care_only
from clients.care import NotInCare
from clients.examining import VisitSheet, compare, newest_visits, open_visit
from clients.forms.examining import CompareForm

GET = ["GET", "HEAD"]


@require_http_methods(GET)
def show_all(request: HttpRequest, pk: int) -> HttpResponse:
    care_only(request)
    client = get_client_for_staff(request, pk)
    sheets = newest_visits(client)
    return draw(
        request,
        "visits",
        title=_("Visits of %(client)s") % {"client": client.name},
        client=client,
        sheets=sheets,
        visit_key=uuid.uuid4().hex,
        compare_form=CompareForm(visits=choices(sheets), initial=newest_two(sheets)),
    )


def choices(sheets: list[VisitSheet]) -> list[tuple[str, str]]:
    return [
        (str(sheet.visit.pk), f"{date_format(sheet.visit.held_on, 'j F Y')} ({sheet.visit.by})")
        for sheet in sheets
    ]


def newest_two(sheets: list[VisitSheet]) -> dict[str, str]:
    if len(sheets) < 2:
        return {}
    return {"before": str(sheets[1].visit.pk), "after": str(sheets[0].visit.pk)}


@require_http_methods(GET)
def side_by_side(request: HttpRequest, pk: int) -> HttpResponse:
    """Any two visits with the difference; without a choice the two newest."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    sheets = newest_visits(client)
    by_pk = {str(sheet.visit.pk): sheet for sheet in sheets}
    form = CompareForm(request.GET or newest_two(sheets), visits=choices(sheets))
    pair = None
    if len(sheets) > 1 and form.is_valid():
        chosen = [by_pk[form.cleaned_data[name]] for name in ("before", "after")]
        pair = sorted(chosen, key=lambda sheet: (sheet.visit.held_on, sheet.visit.pk))
    return draw(
        request,
        "visits_compared",
        title=_("Two visits side by side"),
        client=client,
        sheets=sheets,
        form=form,
        pair=pair,
        found=compare(*pair) if pair else None,
    )


@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """A new visit, or the one that is open already."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    key = request.POST.get("key", "")[:64] or uuid.uuid4().hex
    try:
        visit = open_visit(client, by=request.user, key=key, now=timezone.now())  # type: ignore[arg-type]
    except NotInCare as error:
        messages.error(request, str(error))
        return redirect("admin:client", client.pk)
    return redirect("admin:client_visit", client.pk, visit.pk)
