"""The team: who works here, in which role, and how a colleague comes and goes. The owner decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.admin.numbers import owner_only
from clients.admin.pages import draw, refused, settings_links
from clients.admin.scoping import carers
from clients.care import CareChanged
from clients.covering import hand_over_all
from clients.forms.practice import ColleagueForm, NameForm, RoleForm
from clients.forms.workplace import CareReasonForm, HandOverForm
from clients.inviting import AlreadyInside, invite_staff
from clients.models import StaffDecision, User
from clients.staffing import Member, TeamChanged, change_role, let_in, let_in_again, shut_out
from clients.staffing import team as team_of
from routines.admin.tables import csv_of, moment

GET_AND_POST = ["GET", "HEAD", "POST"]
NEWEST = 20


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    owner_only(request)
    members = team_of(timezone.now())
    decisions = StaffDecision.objects.select_related("user", "by").order_by("-at", "-pk")[:NEWEST]
    return draw(
        request,
        "team",
        title=_("Team"),
        members=[member for member in members if member.user.is_active],
        gone=[member for member in members if not member.user.is_active],
        decisions=list(decisions),
        links=settings_links("team"),
    )


@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    owner_only(request)
    head = [
        _("Name"), _("E-mail"), _("Role"), _("Clients"), _("Covers"), _("Last here"), _("Second step"), _("Signs in"),
    ]  # fmt: skip
    return csv_of("team", [head, *map(cells_of, team_of(timezone.now()))])


def cells_of(member: Member) -> list[object]:
    user = member.user
    return [
        user.name,
        user.email,
        user.get_role_display(),
        member.clients,
        member.covers,
        moment(user.last_login),
        _("yes") if member.second_factor else _("no"),
        _("yes") if user.is_active else _("no"),
    ]


@require_http_methods(GET_AND_POST)
def invite(request: HttpRequest) -> HttpResponse:
    owner_only(request)
    form = ColleagueForm(request.POST or None)
    if form.is_valid():
        try:
            colleague = let_in(**form.cleaned_data, by=request.user, now=timezone.now())  # type: ignore[arg-type]
        except TeamChanged as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("A letter to %(email)s is on its way.") % {"email": colleague.email})
            return redirect("admin:clients_practice_team")
    return draw(
        request,
        "team_invite",
        title=_("Invite a colleague"),
        status=refused(form),
        form=form,
        links=settings_links("team"),
    )


def member_or_404(pk: int) -> Member:
    found = team_of(timezone.now(), pk)
    if not found:
        raise Http404
    return found[0]


@require_http_methods(GET_AND_POST)
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the team: the name that clients read, and what can be decided about them."""
    owner_only(request)
    found = member_or_404(pk)
    name = str(found.user)
    form = NameForm(request.POST or None, instance=found.user)
    if form.is_valid():
        found.user.save(update_fields=["name"])
        messages.success(request, _("Saved."))
        return redirect("admin:clients_practice_member", pk)
    return draw(
        request,
        "team_member",
        title=name,
        status=refused(form),
        form=form,
        member=found,
        decisions=found.user.staff_decisions.select_related("by").order_by("-at", "-pk")[:NEWEST],
        links=settings_links("team"),
    )


@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    owner_only(request)
    user = member_or_404(pk).user
    if not user.is_active:
        raise Http404
    try:
        invite_staff(user, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except AlreadyInside:
        messages.info(request, _("%(person)s has chosen a password already.") % {"person": user})
    else:
        messages.success(request, _("A letter to %(email)s is on its way.") % {"email": user.email})
    return redirect("admin:clients_practice_member", pk)


# ---- One decision ---------------------------------------------------------------------------------------------------

Take = Callable[..., str]


def role_page(request: HttpRequest, user: User) -> tuple[str, str, Any, Take]:
    form = RoleForm(request.POST or None, initial={"role": user.role})

    def take(**decision: Any) -> str:
        change_role(user, form.cleaned_data["role"], seen=request.POST.get("seen", ""), **decision)
        return _("%(person)s has another role now.") % {"person": user}

    return _("Another role for %(person)s") % {"person": user}, _("Change the role"), form, take


def out_page(request: HttpRequest, user: User) -> tuple[str, str, Any, Take]:
    def take(**decision: Any) -> str:
        shut_out(user, **decision)
        return _("%(person)s can sign in no more, and is signed out everywhere.") % {"person": user}

    title = _("Deactivate %(person)s") % {"person": user}
    return title, _("Deactivate"), CareReasonForm(request.POST or None), take


def again_page(request: HttpRequest, user: User) -> tuple[str, str, Any, Take]:
    def take(**decision: Any) -> str:
        let_in_again(user, **decision)
        return _("%(person)s can sign in again.") % {"person": user}

    title = _("Let %(person)s in again") % {"person": user}
    return title, _("Let in again"), CareReasonForm(request.POST or None), take


def over_page(request: HttpRequest, user: User) -> tuple[str, str, Any, Take]:
    form = HandOverForm(request.POST or None, therapists=carers().exclude(pk=user.pk))

    def take(**decision: Any) -> str:
        to = form.cleaned_data["therapist"]
        number = hand_over_all(user, to=to, **decision)
        return _("%(therapist)s answers for %(number)d more clients from now on.") % {
            "therapist": to,
            "number": number,
        }

    return _("Hand over all clients of %(person)s") % {"person": user}, _("Hand all over"), form, take


ACTS = {"role": role_page, "out": out_page, "again": again_page, "over": over_page}


@require_http_methods(GET_AND_POST)
def decide(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """A decision about one of the team, with its reason; what is refused stands in the form."""
    owner_only(request)
    if act not in ACTS:
        raise Http404
    found = member_or_404(pk)
    title, word, form, take = ACTS[act](request, found.user)
    if form.is_valid():
        try:
            done = take(by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())
        except (TeamChanged, CareChanged) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done)
            mine = found.user == request.user
            return redirect("admin:index") if mine else redirect("admin:clients_practice_member", pk)
    return draw(
        request,
        "team_decide",
        title=title,
        status=refused(form),
        form=form,
        word=word,
        act=act,
        member=found,
        links=settings_links("team"),
    )
