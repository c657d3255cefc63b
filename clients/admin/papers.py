"""Documents about a client: taken in, handed out to the team as a download, withdrawn."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.access import get_client_for_staff
from clients.admin.file import draw_letters
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.documents import (
    CONTENT_TYPES,
    ENDINGS,
    AlreadyWithdrawn,
    DocumentRefused,
    keep_document,
    place,
    withdraw_document,
)
from clients.forms.casefile import DocumentForm, WithdrawForm
from clients.models import Client, Document


def document_of(request: HttpRequest, client: Client, pk: int) -> Document:
    """A document of this client that stands; a withdrawn one is out of everybody's sight."""
    rows = Document.objects.visible_to(request.user).standing()
    found: Document = get_object_or_404(rows, pk=pk, client=client)
    return found


@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    care_only(request)
    client = get_client_for_staff(request, pk)
    form = DocumentForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            keep_document(
                client,
                form.cleaned_data["file"],
                title=form.cleaned_data["title"],
                key=form.cleaned_data["key"],
                by=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
            )
        except DocumentRefused as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, _("Kept: %(title)s.") % {"title": form.cleaned_data["title"]})
            return redirect("admin:client_letters", client.pk)
    return draw_letters(request, client, status=refused(form), document_form=form)


@require_safe
@cache_control(private=True, no_store=True)
def show(request: HttpRequest, pk: int, document: int) -> HttpResponse | FileResponse:
    """Only ever as a download, of a type that we fixed: whatever is in the file, no page of ours runs it."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    row = document_of(request, client, document)
    kind = Document.Kind(row.kind)
    name = f"{slugify(row.title, allow_unicode=True) or 'document'}.{ENDINGS[kind]}"
    try:
        file = place(row.name).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    answer = FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[kind])
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int, document: int) -> HttpResponse:
    care_only(request)
    client = get_client_for_staff(request, pk)
    row = document_of(request, client, document)
    form = WithdrawForm(request.POST or None)
    if form.is_valid():
        try:
            withdraw_document(row, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())  # type: ignore[arg-type]
        except AlreadyWithdrawn as error:
            messages.info(request, str(error))
        else:
            messages.success(request, _("Withdrawn: %(title)s.") % {"title": row.title})
        return redirect("admin:client_letters", client.pk)
    return draw(
        request,
        "document_withdraw",
        title=_("Withdraw “%(title)s”") % {"title": row.title},
        status=refused(form),
        client=client,
        document=row,
        form=form,
    )
