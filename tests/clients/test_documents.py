"""What is taken in about a client, where it lies, how it is withdrawn."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from clients import documents
from clients.demo import builders
from clients.demo.builders import NOW
from clients.documents import (
    FOLDER,
    MOST_PDF_BYTES,
    AlreadyWithdrawn,
    DocumentRefused,
    keep_document,
    place,
    read_upload,
    standing_documents,
    withdraw_document,
)
from clients.models import Client, Document, User
from clients.models.documents import MOST_DOCUMENTS
from tests.together import together

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 content"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def picture(size: tuple[int, int] = (40, 30), kind: str = "JPEG") -> bytes:
    into = BytesIO()
    Image.new("RGB", size, "red").save(into, kind)
    return into.getvalue()


def keep(client: Client, by: User, content: bytes = PDF, **how: Any) -> Document:
    return keep_document(
        client, BytesIO(content), **({"title": "Report", "key": uuid4(), "by": by, "now": NOW} | how)
    )


def test_pdf_is_kept_as_it_is_below_the_private_folder(client: Client, therapist: User, media: Path) -> None:
    row = keep(client, therapist)

    path = place(row.name)
    assert path.read_bytes() == PDF
    assert path.is_relative_to(media / FOLDER)
    assert len(path.stem) == 32
    assert (row.kind, row.size, row.number) == ("pdf", len(PDF), 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_picture_is_written_anew(client: Client, therapist: User, kind: str) -> None:
    sent = picture(kind=kind) + b"<script>alert(1)</script>"

    row = keep(client, therapist, sent)

    kept = place(row.name).read_bytes()
    assert row.kind == "picture"
    assert row.name.endswith(".webp")
    assert kept[:4] == b"RIFF"
    assert b"script" not in kept


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PD",
        b" %PDF-1.4",
        b"<svg/>",
        b"PK\x03\x04",
        picture(kind="GIF"),
        picture(kind="BMP"),
        picture()[:60],
    ],
)
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(DocumentRefused):
        read_upload(BytesIO(content))


def test_pdf_has_a_most(client: Client, therapist: User, media: Path) -> None:
    assert len(read_upload(BytesIO(PDF.ljust(MOST_PDF_BYTES)))[1]) == MOST_PDF_BYTES
    with pytest.raises(DocumentRefused, match="larger than 10 MB"):
        keep(client, therapist, PDF.ljust(MOST_PDF_BYTES + 1))
    assert files(media) == []


def test_client_has_a_most_of_documents_withdrawn_ones_among_them(
    client: Client, therapist: User, media: Path
) -> None:
    row = keep(client, therapist)
    Document.objects.filter(pk=row.pk).update(number=MOST_DOCUMENTS)
    withdraw_document(row, by=therapist, reason="Old.", now=NOW)

    with pytest.raises(DocumentRefused, match="as many documents"):
        keep(client, therapist)
    assert len(files(media)) == 1


def test_document_is_withdrawn_once(client: Client, therapist: User) -> None:
    row = keep(client, therapist)
    withdraw_document(row, by=therapist, reason="Wrong.", now=NOW)

    with pytest.raises(AlreadyWithdrawn):
        withdraw_document(row, by=therapist, reason="Again.", now=NOW)
    row.refresh_from_db()
    assert row.withdrawal_reason == "Wrong."
    assert standing_documents(client) == []


def test_documents_of_one_client_alone_are_listed(client: Client, therapist: User) -> None:
    keep(builders.make_client(name="Carla"), therapist)
    mine = [keep(client, therapist, title=title) for title in ("One", "Two")]

    assert standing_documents(client) == mine[::-1]


@pytest.mark.django_db(transaction=True)
def test_documents_that_come_at_once_are_numbered_apart() -> None:
    client = builders.make_client()
    by = builders.responsible(client)

    outcomes = together(lambda: keep(client, by), times=3)

    kept = [each for each in outcomes if isinstance(each, Document)]
    assert {type(each) for each in outcomes} <= {Document, DocumentRefused}
    assert sorted(each.number for each in kept) == list(range(1, len(kept) + 1))
    assert all(documents.place(each.name).exists() for each in kept)
