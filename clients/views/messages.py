"""What the client and their therapist write to each other."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.access import ClientRequest, client_required
from clients.care import NotInCare
from clients.forms.messages import MessageForm
from clients.messaging import conversation_with, mark_read, write
from clients.models import User
from clients.recording import KeyReused


@client_required
@require_http_methods(["GET", "HEAD", "POST"])
def conversation(request: ClientRequest) -> HttpResponse:
    """What was written stays readable after care has ended; nothing new is taken then."""
    client, now = request.person, timezone.now()
    form = MessageForm(request.POST) if request.method == "POST" else MessageForm()
    if form.is_valid():
        author: User = request.user  # type: ignore[assignment]
        try:
            write(client, by=author, now=now, **form.cleaned_data)
        except NotInCare:
            form.add_error(None, _("This was not sent: your care here has ended."))
        except KeyReused as error:
            form.refuse(error)
        else:
            messages.success(request, _("Sent. It is read between sessions."))
            return redirect(f"{reverse('messages')}#newest")
    page = conversation_with(client, page=request.GET.get("page", "1"))
    if request.method == "GET":
        mark_read(page, by_client=True, now=now)
    context = {"form": form, "page": page, "section": "today"}
    return render(
        request, "clients/messages/conversation.html", context, status=422 if form.is_bound else 200
    )
