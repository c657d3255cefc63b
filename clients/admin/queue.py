"""What is done from the morning queue: one press, the reason filled in from the evidence, and back to the queue.

A page that was drawn before the evidence changed changes nothing: its reader is told, and sees the queue as it is now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.access import get_client_for_staff
from clients.adjusting import AssignmentEnded, PauseRefused, pause_assignment, running_pauses
from clients.admin import adjusting
from clients.admin.file import spoken
from clients.admin.numbers import keep_numbers, owner_only
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.attention.live import lost_letters
from clients.attention.thresholds import RULE, look_soon, set_thresholds, thresholds, thresholds_of
from clients.dashboard import everybody_in_need
from clients.forms.numbers import words_of
from clients.forms.queue import ClientThresholdsForm, QuickContactForm, ThresholdsForm
from clients.forms.workplace import LookAgainForm, PauseForm, ReasonForm
from clients.models import Assignment, Client, Delivery, Dismissal, Need, Threshold
from clients.progression.apply import AnswerRefused, MoveRefused
from routines.admin.tables import csv_of
from routines.models import is_key

GET_AND_POST = ["GET", "HEAD", "POST"]


class OtherEvidence(ValueError):
    """What the page showed is not what stands there now."""

    def __init__(self) -> None:
        super().__init__(_("This has changed in the meantime. Here is the queue as it is now."))


@dataclass(frozen=True)
class Deed:
    """What one press does, the word on its button, and the form that its reason is read with."""

    do: Callable[[HttpRequest, Client, Any, datetime], str]
    word: Any
    form: type[Any]


# ---- The queue, to take along -------------------------------------------------------------------------------------------


@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """A line for each reason, as this person reads it on the front page."""
    head = [_("Name"), _("Where"), _("Reason"), _("Evidence"), _("Last session")]
    rows = everybody_in_need(request.user, timezone.now())
    return csv_of(
        "queue",
        [
            head,
            *(
                [row.person.client, row.person.where, line.reason, line.evidence, row.person.last_session]
                for row in rows
                for line in row.lines
            ),
        ],
    )


# ---- What can be done ---------------------------------------------------------------------------------------------------


def shown(request: HttpRequest, *names: str) -> list[str]:
    """What the page says of the evidence that it showed. Raises OtherEvidence for a NUL, which no evidence holds."""
    found = [request.POST.get(name, "") for name in names]
    if any("\0" in value for value in found):
        raise OtherEvidence
    return found


def need_of(request: HttpRequest, client: Client) -> Need:
    """The need as the page showed it. Raises OtherEvidence where it is another one by now, or gone."""
    kind, program, key = shown(request, "kind", "program", "key")
    need = None
    if is_key(program) and kind in Need.Kind.values:
        standing = Need.objects.visible_to(request.user).standing()
        need = standing.filter(client=client, assignment=int(program), kind=kind, key=key).first()
    if need is None:
        raise OtherEvidence
    return need


def answer(act: str) -> Callable[[HttpRequest, Client, Any, datetime], str]:
    """One of the decisions of the client's page, from here."""

    def answered(request: HttpRequest, client: Client, form: Any, now: datetime) -> str:
        need = need_of(request, client)
        assignment = adjusting.assignment_of(request, client, need.assignment_id)
        do, _word, _question = adjusting.ACTS[act]
        return do(assignment, form, by=request.user, now=now)

    return answered


def pause(request: HttpRequest, client: Client, form: Any, now: datetime) -> str:
    """Rests every program of the client that does not rest already."""
    need_of(request, client)
    today = client.local_date(now)
    running = Assignment.objects.running().filter(client=client).select_related("client")
    going = [each for each in running if not running_pauses(each, today).exists()]
    if not going:
        raise PauseRefused(_("This program is paused already."))
    said = form.cleaned_data
    try:
        with transaction.atomic():
            for assignment in going:
                pause_assignment(
                    assignment,
                    until=said["until"],
                    by=request.user,  # type: ignore[arg-type]
                    reason=said["reason"],
                    now=now,
                )
    except IntegrityError as error:  # two at the same moment
        raise PauseRefused(_("This program is paused already.")) from error
    return _("%(client)s’s plan is paused.") % {"client": client.name}


def dismiss(request: HttpRequest, client: Client, form: Any, now: datetime) -> str:
    """Puts a need aside until there is other evidence. Whoever comes second finds it put aside."""
    kind, key = shown(request, "kind", "key")
    if kind == Dismissal.Kind.MAIL:
        found = is_key(key) and lost_letters(now).filter(client=client, pk=int(key)).exists()
    elif kind == Dismissal.Kind.INVITATION:
        letters = Delivery.objects.filter(client=client, letter=Delivery.Letter.INVITATION)
        newest = letters.order_by("-pk").values_list("created_at", flat=True).first()
        found = client.user_id is None and newest is not None and newest.isoformat() == key
    else:
        found = need_of(request, client) is not None
    if not found:
        raise OtherEvidence
    try:
        with transaction.atomic():
            Dismissal.objects.create(
                client=client,
                kind=kind,
                key=key,
                by=request.user,  # type: ignore[misc]
                at=now,
                reason=form.cleaned_data["reason"],
            )
    except IntegrityError as error:
        raise OtherEvidence from error
    return _("Put aside. It comes back when there is something new.")


DEEDS: dict[str, Deed] = {
    "forward": Deed(answer("forward"), gettext_lazy("Approve"), ReasonForm),
    "back": Deed(answer("back"), gettext_lazy("Step back"), ReasonForm),
    "hold": Deed(answer("hold"), gettext_lazy("Hold"), LookAgainForm),
    "keep-phase": Deed(answer("keep-phase"), gettext_lazy("No step back"), LookAgainForm),
    "keep-releasing": Deed(answer("keep-releasing"), gettext_lazy("Go on"), LookAgainForm),
    "keep-on": Deed(answer("keep-on"), gettext_lazy("Carry on"), LookAgainForm),
    "refer": Deed(answer("refer"), gettext_lazy("Ask for a medical look"), ReasonForm),
    "tight-seen": Deed(answer("tight-seen"), gettext_lazy("Seen, it goes on"), ReasonForm),
    "pause": Deed(pause, gettext_lazy("Pause"), PauseForm),
    "contact": Deed(spoken, gettext_lazy("Record contact"), QuickContactForm),
    "dismiss": Deed(dismiss, gettext_lazy("Not now"), ReasonForm),
}
FOR_OFFICE = ("dismiss",)
SEEN = ("kind", "program", "key", "to")  # what a form carries of the page on which it stood


@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """One press in the queue. Without a reason the question stands alone on a page, with what was written."""
    kind = request.POST.get("kind", "")
    if act not in FOR_OFFICE or kind not in Dismissal.Kind.values:
        care_only(request)
    client = get_client_for_staff(request, pk)
    if act not in DEEDS:
        raise Http404
    deed = DEEDS[act]
    now = timezone.now()
    dated = deed.form in (PauseForm, LookAgainForm)
    form = deed.form(request.POST, **({"today": client.local_date(now)} if dated else {}))
    if form.is_valid():
        try:
            messages.success(request, deed.do(request, client, form, now))
        except (OtherEvidence, AnswerRefused, MoveRefused, PauseRefused, AssignmentEnded) as error:
            messages.warning(request, str(error))
        return redirect("admin:index")
    return draw(
        request,
        "queue_act",
        title=f"{deed.word}: {client.name}",
        status=refused(form),
        client=client,
        form=form,
        word=deed.word,
        carried=[(name, value) for name in SEEN if (value := request.POST.get(name))],
        blocks=[value for value in request.POST.getlist("block") if is_key(value)],
    )


# ---- From which figures on ------------------------------------------------------------------------------------------------


@require_http_methods(GET_AND_POST)
def of_practice(request: HttpRequest) -> HttpResponse:
    """The practice's own thresholds. They count from the next look on, which comes soon."""
    practice = owner_only(request)
    form = ThresholdsForm(request.POST or None, numbers=thresholds(practice, {}), level="practice")
    if form.is_valid():
        keep_numbers(practice, RULE, form.own())
        look_soon()
        messages.success(request, _("Saved. The queue follows with the next look at each client."))
        return redirect("admin:clients_practice_numbers")
    return draw(
        request,
        "thresholds_practice",
        title=_("When somebody comes into the queue"),
        status=refused(form),
        form=form,
    )


@require_http_methods(GET_AND_POST)
def of_client(request: HttpRequest, pk: int) -> HttpResponse:
    """This client's own thresholds, with a reason, and what was decided before."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    numbers = thresholds_of([client.pk])[client.pk]
    form = ClientThresholdsForm(request.POST or None, numbers=numbers)
    if form.is_valid():
        set_thresholds(
            client,
            form.own(),
            by=request.user,  # type: ignore[arg-type]
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        messages.success(request, _("Saved. It counts for %(client)s from now on.") % {"client": client.name})
        return redirect("admin:client_thresholds", client.pk)
    newest = Threshold.objects.filter(client=client).select_related("by").order_by("-at", "-pk")[:10]
    return draw(
        request,
        "thresholds_client",
        title=_("When %(client)s comes into the queue") % {"client": client.name},
        status=refused(form),
        client=client,
        form=form,
        history=[(row, [(words_of(key), value) for key, value in row.numbers.items()]) for row in newest],
    )
