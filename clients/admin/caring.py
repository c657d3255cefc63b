"""Whether a client is in care, and who answers for them: decided by whoever answers now, or by the owner."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.access import get_client_for_staff
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only, carers
from clients.care import CareChanged
from clients.enrolling import end_care, hand_over, responsibility, resume_care
from clients.forms.workplace import CareReasonForm, HandOverForm, ReasonForm
from clients.models import CareTeam, Client, Role
from routines.models.base import is_key

GET_AND_POST = ["GET", "HEAD", "POST"]


def answers_for(user: Any, carers: Iterable[CareTeam]) -> bool:
    """Whether this person decides about the care: the owner, or who is responsible. A cover hands nothing on."""
    return user.role == Role.OWNER or any(
        care.therapist_id == user.pk and care.capacity == CareTeam.Capacity.RESPONSIBLE for care in carers
    )


def client_answered_for(request: HttpRequest, pk: int) -> Client:
    care_only(request)
    client = get_client_for_staff(request, pk)
    if not answers_for(request.user, client.care_team.current(timezone.now())):
        raise PermissionDenied
    return client


def decide(
    request: HttpRequest,
    client: Client,
    form: ReasonForm,
    act: str,
    take: Callable[..., str],
    *,
    title: str,
    word: str,
    **context: Any,
) -> HttpResponse:
    """The page of one decision. `take` takes it and returns what to say; what it refuses stands in the form."""
    if form.is_valid():
        try:
            done = take(by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())
        except CareChanged as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done)
            if Client.objects.visible_to(request.user).filter(pk=client.pk).exists():
                return redirect("admin:client", client.pk)
            return redirect("admin:clients_client_changelist")
    context |= {"client": client, "form": form, "act": act, "word": word}
    return draw(request, "care", title=title, status=refused(form), **context)


@require_http_methods(GET_AND_POST)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_answered_for(request, pk)

    def take(**decision: Any) -> str:
        end_care(client, **decision)
        return _("The care of %(client)s has ended.") % {"client": client.name}

    title = _("End the care of %(client)s") % {"client": client.name}
    return decide(
        request, client, ReasonForm(request.POST or None), "end", take, title=title, word=_("End care")
    )


@require_http_methods(GET_AND_POST)
def again(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_answered_for(request, pk)

    def take(**decision: Any) -> str:
        resume_care(client, **decision)
        return _("%(client)s is in care again.") % {"client": client.name}

    form, word = CareReasonForm(request.POST or None), _("Take into care again")
    title = _("Take %(client)s into care again") % {"client": client.name}
    held = responsibility(client)
    unanswered = held is None or not carers().filter(pk=held.therapist_id).exists()
    return decide(request, client, form, "again", take, title=title, word=word, unanswered=unanswered)


@require_http_methods(GET_AND_POST)
def over(request: HttpRequest, pk: int) -> HttpResponse:
    """To a colleague, from whoever answered when the page was drawn."""
    client = client_answered_for(request, pk)
    form = HandOverForm(request.POST or None, therapists=carers())

    def take(**decision: Any) -> str:
        to, seen = form.cleaned_data["therapist"], request.POST.get("held", "")
        held = client.care_team.filter(pk=seen).first() if is_key(seen) else None
        hand_over(client, held=held, to=to, **decision)
        return _("%(therapist)s answers for %(client)s from now on.") % {
            "therapist": to,
            "client": client.name,
        }

    title = _("Hand %(client)s over") % {"client": client.name}
    held = responsibility(client)
    alone = not form.fields["therapist"].queryset.exclude(pk=held.therapist_id if held else None).exists()  # type: ignore[attr-defined]
    context = {"held": held, "alone": alone}
    return decide(request, client, form, "over", take, title=title, word=_("Hand over"), **context)
