"""A client's program on paper: the handout to print, and the sheet that came back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.access import get_client_for_staff
from clients.admin.pages import draw
from clients.admin.scoping import care_only
from clients.forms.screening import ChecklistForm
from clients.forms.sheets import day_named, filled_in, taken_in, warnings_of
from clients.handouts import NothingToHandOut, handout_for
from clients.models import AssignedPhase, Client, User
from clients.safety import open_blocks
from clients.screening import answer, before_session, first_screening, list_named, screening_open
from routines.models import BodyArea, is_key


@require_safe
def handout(request: HttpRequest, pk: int) -> HttpResponse:
    """In the client's language: what is due from today on, or one phase of a running program as if it began today."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    phase = phase_named(client, request.GET["phase"]) if "phase" in request.GET else None
    today = client.local_date(timezone.now())
    with translation.override(client.language):
        try:
            found = handout_for(client, today, phase)
        except NothingToHandOut:
            found = None
        back = reverse("admin:client_plan", args=[client.pk])
        context = {
            "handout": found,
            "back": back,
            "blocked": bool(open_blocks(client)),
            "unasked": reverse("admin:client_ask", args=[client.pk]) if screening_open(client, today) else "",
        }
        return render(request, "clients/sheets/handout.html", context)


def phase_named(client: Client, number: str) -> AssignedPhase:
    """A phase of one of the client's running programs; 404 for any other number."""
    if not is_key(number):
        raise Http404
    running = AssignedPhase.objects.filter(assignment__client=client, assignment__ended_on=None)
    return get_object_or_404(running, pk=int(number))


@require_http_methods(["GET", "HEAD", "POST"])
def key_in(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet that a client brought, keyed in by whom they brought it to."""
    care_only(request)
    client, now = get_client_for_staff(request, pk), timezone.now()
    data = request.POST if request.method == "POST" else None
    first = day_named((data or request.GET).get("from", ""))
    form, keyed = filled_in(client, data, first, by=request.user, now=now)  # type: ignore[arg-type]
    here = reverse("admin:client_sheet", args=[client.pk])
    if keyed is not None:
        messages.success(request, taken_in(keyed))
        for words in warnings_of(keyed, now):
            messages.warning(request, words)
        if keyed.block is not None:
            messages.warning(
                request, _("A warning sign stands on the sheet: nothing is offered until you have spoken.")
            )
            return redirect("admin:client", client.pk)
        return redirect(f"{here}?from={keyed.sheet.first_day.isoformat()}")
    return draw(
        request,
        "sheet",
        title=_("Sheet of %(client)s") % {"client": client.name},
        status=form.status if form else 200,
        client=client,
        form=form,
        here=here,
        handout=reverse("admin:client_handout", args=[client.pk]),
    )


@require_safe
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """The next list of safety questions that is open, or the short one before a session."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    lists = first_screening(client, client.local_date(timezone.now()))
    asked = lists[0] if lists else before_session(client)
    return redirect("admin:client_ask_list", client.pk, asked.checklist.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def ask_list(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One list put to a client who follows on paper. A yes means the same as one that is given on a telephone."""
    care_only(request)
    client, now = get_client_for_staff(request, pk), timezone.now()
    today = client.local_date(now)
    short = before_session(client)
    asked = short if slug == short.checklist.slug else list_named(client, slug)
    if asked is None:
        raise Http404
    if client.ended_at is not None:
        return redirect("admin:client", client.pk)
    areas = list(BodyArea.objects.in_use()) if asked.needs_place else []
    form = ChecklistForm(request.POST or None, asked=asked, areas=areas)
    if form.is_valid():
        key = form.answer_key(today)
        by: User = request.user  # type: ignore[assignment]
        outcome = answer(
            client,
            asked,
            yes=form.yes,
            none=form.none,
            places=form.places(),
            key=key,
            now=now,
            asked_by=by,
        )
        if outcome.block is not None:
            messages.warning(request, _("Noted. Read out below what the client is told."))
            return redirect("admin:client", client.pk)
        messages.success(request, _("Noted."))
        return redirect(
            "admin:client_ask" if screening_open(client, today) else "admin:client_plan", client.pk
        )
    return draw(
        request,
        "ask",
        title=_("Safety questions to %(client)s") % {"client": client.name},
        status=form.status,
        client=client,
        form=form,
    )
