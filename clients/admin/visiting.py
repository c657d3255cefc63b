"""The visits of a client: the list, a new one, two of them side by side."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.access import get_client_for_staff
from clients.admin.pages import draw
from clients.admin.scoping import care_only
from clients.care import NotInCare
from clients.examining import all_visits, compare, open_visit, sheets_of
from clients.forms.examining import CompareForm
from clients.forms.sessions import KeyedForm, new_key
from clients.models import Visit
from clients.sketching import findings_sketches

ON_A_PAGE = 50


@require_safe
def show_all(request: HttpRequest, pk: int) -> HttpResponse:
    care_only(request)
    client = get_client_for_staff(request, pk)
    visits = all_visits(client)
    page = Paginator(visits, ON_A_PAGE).get_page(request.GET.get("page"))
    return draw(
        request,
        "visits",
        title=_("Visits of %(client)s") % {"client": client.name},
        client=client,
        visits=visits,
        page=page,
        sheets=sheets_of(Visit.objects.filter(client=client, pk__in=[visit.pk for visit in page])),
        open_visit=next((visit for visit in visits if visit.closed_at is None), None),
        visit_key=new_key(),
        compare_form=CompareForm(visits=choices(visits), initial=newest_two(visits)),
    )


def choices(visits: list[Visit]) -> list[tuple[str, str]]:
    return [(str(visit.pk), f"{date_format(visit.held_on, 'j F Y')} ({visit.by})") for visit in visits]


def newest_two(visits: list[Visit]) -> dict[str, str]:
    if len(visits) < 2:
        return {}
    return {"before": str(visits[1].pk), "after": str(visits[0].pk)}


@require_safe
def side_by_side(request: HttpRequest, pk: int) -> HttpResponse:
    """Any two visits with the difference; without a choice the two newest."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    visits = all_visits(client)
    form = CompareForm(request.GET or newest_two(visits), visits=choices(visits))
    pair = None
    if len(visits) > 1 and form.is_valid():
        keys = [form.cleaned_data[name] for name in ("before", "after")]
        by_pk = {
            str(sheet.visit.pk): sheet
            for sheet in sheets_of(Visit.objects.filter(client=client, pk__in=keys))
        }
        pair = sorted((by_pk[key] for key in keys), key=lambda sheet: (sheet.visit.held_on, sheet.visit.pk))
    return draw(
        request,
        "visits_compared",
        title=_("Two visits side by side"),
        client=client,
        visits=visits,
        form=form,
        pair=pair,
        found=compare(*pair) if pair else None,
        maps=list(zip(pair, findings_sketches(pair), strict=False)) if pair else [],
    )


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """A new visit, or the one that is open already. Whoever comes here after signing in again finds the list."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    if request.method != "POST":
        return redirect("admin:client_visits", client.pk)
    form = KeyedForm(request.POST)
    key = form.cleaned_data["key"] if form.is_valid() else new_key()
    try:
        visit = open_visit(client, by=request.user, key=key, now=timezone.now())  # type: ignore[arg-type]
    except NotInCare as error:
        messages.error(request, str(error))
        return redirect("admin:client", client.pk)
    return redirect("admin:client_visit", client.pk, visit.pk)
