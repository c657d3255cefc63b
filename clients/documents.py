"""Documents about a client: what is taken in, where it lies, how it is withdrawn (reliability.md A5, I2).

A file is known by its content, never by its name. A picture is written anew; a PDF is kept as it is and only ever handed out
as a download. What was refused leaves no file behind.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from clients.models import Client, Document, User
from clients.models.documents import MOST_DOCUMENTS
from routines.pictures import PictureRefused, write_anew

MOST_PDF_BYTES = 10 * 1024 * 1024
PDF_BEGINS = b"%PDF-"
PICTURE_WIDTH = 2000  # a letter that was photographed stays readable
FOLDER = "private/documents"  # below MEDIA_ROOT; no address leads there
ENDINGS = {Document.Kind.PDF: "pdf", Document.Kind.PICTURE: "webp"}
CONTENT_TYPES = {Document.Kind.PDF: "application/pdf", Document.Kind.PICTURE: "image/webp"}


class DocumentRefused(ValueError):
    """The file cannot be taken; the text says why."""


class AlreadyWithdrawn(ValueError):
    """Somebody has withdrawn this document in the meantime."""


def read_upload(file: BinaryIO) -> tuple[Document.Kind, bytes]:
    """What the file is and what is kept of it. Raises DocumentRefused."""
    head = file.read(len(PDF_BEGINS))
    file.seek(0)
    if head == PDF_BEGINS:
        content = file.read(MOST_PDF_BYTES + 1)
        if len(content) > MOST_PDF_BYTES:
            raise DocumentRefused(_("The PDF is larger than %(mb)d MB.") % {"mb": MOST_PDF_BYTES // 1024**2})
        return Document.Kind.PDF, content
    try:
        return Document.Kind.PICTURE, write_anew(file, widths=[PICTURE_WIDTH])[0].content
    except PictureRefused as error:
        raise DocumentRefused(
            _("This is neither a PDF nor a picture that can be read. %(why)s") % {"why": error}
        ) from error


def keep_document(
    client: Client, file: BinaryIO, *, title: str, key: UUID, by: User, now: datetime
) -> Document:
    """The document with its file, made now or, when this form was sent before, the one that exists.

    Raises DocumentRefused: for the file, or when the client has as many as can be kept.
    """
    if known := Document.objects.filter(client=client, key=key).first():
        return known
    kind, content = read_upload(file)
    name = f"{secrets.token_hex(16)}.{ENDINGS[kind]}"
    path = place(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    kept = None
    try:
        kept = number_it(client, title=title, key=key, by=by, at=now, kind=kind, name=name, size=len(content))
    finally:
        if kept is None or kept.name != name:
            path.unlink(missing_ok=True)
    return kept


def number_it(client: Client, *, key: UUID, **what: object) -> Document:
    """The row with the next free number. Two at once meet in the constraint; the second takes the number behind."""
    for _attempt in range(3):
        last = Document.objects.filter(client=client).aggregate(last=Max("number"))["last"] or 0
        if last >= MOST_DOCUMENTS:
            raise DocumentRefused(_("This client has as many documents as can be kept."))
        try:
            with transaction.atomic():
                return Document.objects.create(client=client, number=last + 1, key=key, **what)
        except IntegrityError:
            if twin := Document.objects.filter(client=client, key=key).first():
                return twin
    raise DocumentRefused(_("Somebody uploaded at the same moment. Look at the list, then try again."))


def withdraw_document(document: Document, *, by: User, reason: str, now: datetime) -> None:
    """Out of everybody's sight, with who and why; the file stays for the record. Raises AlreadyWithdrawn."""
    rows = Document.objects.filter(pk=document.pk, withdrawn_at__isnull=True)
    if not rows.update(withdrawn_at=now, withdrawn_by=by, withdrawal_reason=reason):
        raise AlreadyWithdrawn(_("This document has been withdrawn already."))


def place(name: str) -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER / name[:2] / name


def standing_documents(client: Client) -> list[Document]:
    """Those that were not withdrawn, the newest first. One query, at most MOST_DOCUMENTS rows."""
    return list(Document.objects.filter(client=client).standing().select_related("by"))
