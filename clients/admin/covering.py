"""Who covers for whom: giving cover for several clients at once, seeing it, ending it earlier."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only, carers
from clients.care import CareChanged
from clients.covering import (
    COVER,
    RESPONSIBLE,
    Cover,
    answered_for,
    covered_by,
    covers_of,
    end_covers,
    give_cover,
    whole_days,
)
from clients.forms.practice import CoverEndForm, CoverForm
from clients.models import CareTeam, Client, Role, User
from routines.admin.tables import csv_of, moment
from routines.models.base import is_key

GET_AND_POST = ["GET", "HEAD", "POST"]


def whose(request: HttpRequest) -> tuple[User | None, QuerySet[Client]]:
    """Whose clients are covered: the therapist's own; for the owner those of the colleague whom they look at.

    Without a colleague the owner means their own clients, or where they have none everybody's.
    """
    now = timezone.now()
    mine = answered_for(request.user, now).in_care()  # type: ignore[arg-type,attr-defined]
    asked = request.GET.get("of", "")
    therapist = carers().filter(pk=asked).first() if is_key(asked) else None
    if asked and therapist is None:
        raise Http404
    if request.user.role != Role.OWNER:  # type: ignore[union-attr]
        if therapist not in (None, request.user):
            raise Http404
        return None, mine
    if therapist is None and answers_for_some(request.user, mine):  # type: ignore[arg-type]
        therapist = request.user  # type: ignore[assignment]
    if therapist is None:
        return None, mine
    rows = CareTeam.objects.filter(therapist=therapist, capacity=RESPONSIBLE, until__isnull=True)
    return therapist, mine.filter(pk__in=rows.values("client"))


def answers_for_some(user: User, clients: QuerySet[Client]) -> bool:
    own = CareTeam.objects.filter(therapist=user, capacity=RESPONSIBLE, until__isnull=True)
    return clients.filter(pk__in=own.values("client")).exists()


@require_http_methods(GET_AND_POST)
def cover(request: HttpRequest) -> HttpResponse:
    """My holidays: a colleague sees my clients from the first day to the last."""
    care_only(request)
    therapist, clients = whose(request)
    asked = request.GET.get("client", "")
    chosen = list(clients.filter(pk=asked).values_list("pk", flat=True)) if is_key(asked) else []
    form = CoverForm(
        request.POST or None,
        therapists=carers().exclude(pk__in=[(therapist or request.user).pk]),
        clients=clients,
        today=timezone.localdate(),
        chosen=chosen,
    )
    if form.is_valid():
        given = form.cleaned_data
        zone, now = timezone.get_current_timezone(), timezone.now()
        since, until = whole_days(given["first_day"], given["last_day"], zone, now)
        try:
            number = give_cover(
                form.covered(),
                to=given["therapist"],
                since=since,
                until=until,
                by=request.user,  # type: ignore[arg-type]
                reason=given["reason"],
                now=now,
                key=given["key"],
            )
        except CareChanged as error:
            form.add_error(None, str(error))
        else:
            words = ngettext(
                "%(therapist)s covers for %(number)d client.",
                "%(therapist)s covers for %(number)d clients.",
                number,
            )
            messages.success(request, words % {"therapist": given["therapist"], "number": number})
            return redirect("admin:clients_careteam_covers")
    here = reverse("admin:clients_careteam_cover")
    return draw(
        request,
        "cover",
        title=_("Cover"),
        status=refused(form),
        form=form,
        number=clients.count(),
        whose=therapist,
        alone=not form.fields["therapist"].queryset.exists(),  # type: ignore[attr-defined]
        others=[(str(user), f"{here}?of={user.pk}", user == therapist) for user in carers()]
        if request.user.role == Role.OWNER  # type: ignore[union-attr]
        else [],
    )


@require_safe
def covers(request: HttpRequest) -> HttpResponse:
    """Covers that hold or will: those that I may end, and those that I was given."""
    care_only(request)
    now = timezone.now()
    return draw(
        request,
        "covers",
        title=_("Who covers for whom"),
        given=covers_given(request, now),
        mine=covered_by(request.user, now),  # type: ignore[arg-type]
    )


def covers_given(request: HttpRequest, now: datetime) -> list[Cover]:
    """Those of clients about whose care this person decides."""
    return covers_of(CareTeam.objects.filter(client__in=answered_for(request.user, now)), now)  # type: ignore[arg-type]


@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """The covers that I may end, a line for each client."""
    care_only(request)
    head = [_("Client"), _("Who answers"), _("Who covers"), _("From"), _("To")]
    rows = [
        [client.name, cover.answers, cover.therapist, moment(cover.since), moment(cover.last_day)]
        for cover in covers_given(request, timezone.now())
        for client in cover.clients
    ]
    return csv_of("covers", [head, *rows])


@require_http_methods(GET_AND_POST)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a cover now, for one client or for everybody of the same arrangement for whom I answer."""
    care_only(request)
    now = timezone.now()
    may_end = CareTeam.objects.filter(
        client__in=answered_for(request.user, now), capacity=COVER, until__gt=now  # type: ignore[arg-type]
    )  # fmt: skip
    row = may_end.filter(pk=pk).select_related("client", "therapist").first()
    if row is None:
        raise Http404
    others = may_end.filter(therapist=row.therapist, since=row.since, until=row.until).exclude(pk=row.pk)
    form = CoverEndForm(request.POST or None, others=others.count())
    if form.is_valid():
        rows = [row, *(others if form.cleaned_data.get("others") else ())]
        end_covers(rows, by=request.user, reason=form.cleaned_data["reason"], now=now)  # type: ignore[arg-type]
        messages.success(request, _("%(therapist)s covers no more.") % {"therapist": row.therapist})
        return redirect("admin:clients_careteam_covers")
    context: dict[str, Any] = {"row": row, "form": form}
    title = _("End the cover of %(therapist)s") % {"therapist": row.therapist}
    return draw(request, "cover_end", title=title, status=refused(form), **context)
