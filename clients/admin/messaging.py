"""What clients and the team write to each other, at the workplace."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.access import get_client_for_staff
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.care import NotInCare
from clients.enrolling import responsibility
from clients.forms.messages import MessageForm
from clients.messaging import (
    NoReader,
    conversation_with,
    conversations,
    mark_read,
    reads_for,
    write,
    written_with,
)
from clients.models import Client
from clients.recording import KeyReused
from routines.admin.tables import csv_of, moment


@require_safe
def show_all(request: HttpRequest) -> HttpResponse:
    """The conversations of one's own clients, the unread ones first."""
    care_only(request)
    page = conversations(request.user, page=request.GET.get("page", "1"))
    return draw(request, "messages", title=_("Messages"), page=page)


@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """With whom, when last, how many wait; what was written is read behind the sign-in alone."""
    care_only(request)
    head = [_("Client"), _("Newest message"), _("Not read yet")]
    rows = ([client.name, moment(client.newest_at), client.unread] for client in written_with(request.user))
    return csv_of("messages", [head, *rows])


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One conversation, with a form to answer. What is looked at here by who answers is read."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    form = MessageForm(request.POST) if request.method == "POST" else MessageForm()
    if form.is_valid() and sent(request, client, form):
        messages.success(request, _("Sent."))
        return redirect(f"{reverse('admin:client_messages', args=[client.pk])}#newest")
    now = timezone.now()
    page = conversation_with(client, page=request.GET.get("page", "1"))
    reads = reads_for(request.user, client, now)  # type: ignore[arg-type]
    if request.method == "GET" and reads:
        mark_read(page, by_client=False, now=now)
    return draw(
        request,
        "conversation",
        title=_("Messages with %(client)s") % {"client": client.name},
        status=refused(form),
        client=client,
        page=page,
        form=form,
        answers=None if reads else responsibility(client),
    )


def sent(request: HttpRequest, client: Client, form: MessageForm) -> bool:
    """Whether the message stands; what speaks against it stands in the form."""
    try:
        write(client, by=request.user, now=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]
    except (KeyReused, NoReader, NotInCare) as error:
        form.refuse(error)
        return False
    return True
