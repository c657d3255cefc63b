"""Documents about a client: who reads them, how they are handed out, what leaves no file behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Web
from django.urls import reverse

from clients.demo.builders import NOW
from clients.documents import keep_document, withdraw_document
from clients.enrolling import hand_over, responsibility
from clients.models import Client, Document, User

pytestmark = pytest.mark.usefixtures("clock")
PDF = b"%PDF-1.7\n<script>alert(1)</script>"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def upload(web: Web, client: Client, content: bytes = PDF, **data: Any) -> Any:
    file = SimpleUploadedFile("../../referral.html", content, content_type="text/html")
    sent = {"title": "Referral", "key": str(uuid4()), "file": file} | data
    return web.post(reverse("admin:client_document_new", args=[client.pk]), sent)


@pytest.fixture
def referral(ana: Client, adam: User) -> Document:
    file = SimpleUploadedFile("a.pdf", PDF)
    return keep_document(ana, file, title="Referral, Dr. Weiß", key=uuid4(), by=adam, now=NOW)


def address(name: str, document: Document) -> str:
    return reverse(f"admin:{name}", args=[document.client_id, document.pk])


def test_document_is_kept_once_however_often_it_is_sent(
    web_as: Callable[..., Web], adam: User, ana: Client, media: Path
) -> None:
    web, key = web_as(adam), str(uuid4())
    for _time in range(2):
        answer = upload(web, ana, key=key)

    row = Document.objects.get()
    assert answer["Location"] == reverse("admin:client_letters", args=[ana.pk])
    assert (row.client, row.by, row.kind, row.title, row.key) == (ana, adam, "pdf", "Referral", UUID(key))
    assert [path.read_bytes() for path in files(media)] == [PDF]
    assert "Referral" in web.get(reverse("admin:client_letters", args=[ana.pk])).content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {"title": ""},
        {"title": "x" * 121},
        {"title": "\x00"},
        {"key": ""},
        {"key": "x"},
        {"file": ""},
        {"content": b"<html>"},
        {"content": b"MZ" + PDF},
        {"content": b""},
        {"content": b"%PDF-" + b"x" * (10 * 1024 * 1024)},
    ],
)
def test_document_that_is_refused_leaves_nothing_behind(
    web_as: Callable[..., Web], adam: User, ana: Client, media: Path, data: dict[str, Any]
) -> None:
    answer = upload(web_as(adam), ana, **data)

    assert answer.status_code == 422
    assert answer.context["document_form"].errors
    assert not Document.objects.exists()
    assert files(media) == []


def test_document_is_handed_out_as_a_download_that_runs_nothing(
    web_as: Callable[..., Web], adam: User, referral: Document
) -> None:
    answer = web_as(adam).get(address("client_document", referral))

    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert "referral-dr-wei" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", ["client_document", "client_document_withdraw"])
def test_nobody_but_the_therapist_finds_a_document(
    web_as: Callable[..., Web],
    ana: Client,
    berta: User,
    carla: Client,
    office: User,
    referral: Document,
    name: str,
) -> None:
    through_her_own = reverse(f"admin:{name}", args=[carla.pk, referral.pk])

    assert web_as(berta).get(address(name, referral)).status_code == 404
    assert web_as(berta).get(through_her_own).status_code == 404
    assert web_as(office).get(address(name, referral)).status_code == 403
    assert web_as(ana.user).get(address(name, referral)).status_code in (302, 403, 404)


def test_owner_reads_it_too(web_as: Callable[..., Web], owner: User, referral: Document) -> None:
    assert web_as(owner).get(address("client_document", referral)).status_code == 200


def test_document_goes_over_with_the_client(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, referral: Document
) -> None:
    hand_over(ana, held=responsibility(ana), to=berta, by=adam, reason="Moves away.", now=NOW)

    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert web_as(adam).get(address("client_document", referral)).status_code == 404
        assert web_as(berta).get(address("client_document", referral)).status_code == 200


def test_stranger_uploads_nothing(
    web_as: Callable[..., Web], berta: User, office: User, ana: Client, media: Path
) -> None:
    assert upload(web_as(berta), ana).status_code == 404
    assert upload(web_as(office), ana).status_code == 403
    assert files(media) == []


def test_document_of_another_client_is_not_sent_again_under_its_key(
    web_as: Callable[..., Web], berta: User, carla: Client, referral: Document, media: Path
) -> None:
    answer = upload(web_as(berta), carla, key=str(referral.key))

    assert answer.status_code == 422
    assert "Dr. Weiß" not in answer.content.decode()
    assert len(files(media)) == 1


def test_withdrawn_document_is_out_of_sight_with_who_and_why(
    web_as: Callable[..., Web], adam: User, ana: Client, referral: Document, media: Path
) -> None:
    web = web_as(adam)
    refused = web.post(address("client_document_withdraw", referral), {"reason": ""})
    web.post(address("client_document_withdraw", referral), {"reason": "Wrong person."})

    referral.refresh_from_db()
    assert refused.status_code == 422
    assert (referral.withdrawn_by, referral.withdrawn_at, referral.withdrawal_reason) == (
        adam,
        NOW,
        "Wrong person.",
    )
    assert web.get(address("client_document", referral)).status_code == 404
    assert "Dr. Weiß" not in web.get(reverse("admin:client_letters", args=[ana.pk])).content.decode()
    assert "Wrong person." in web.get(reverse("admin:client_timeline", args=[ana.pk])).content.decode()
    assert len(files(media)) == 1


def test_document_whose_file_is_gone_is_not_there(
    web_as: Callable[..., Web], adam: User, referral: Document, media: Path
) -> None:
    files(media)[0].unlink()

    assert web_as(adam).get(address("client_document", referral)).status_code == 404


def test_withdrawn_twice_is_said(web_as: Callable[..., Web], adam: User, referral: Document) -> None:
    withdraw_document(referral, by=adam, reason="Wrong.", now=NOW)

    answer = web_as(adam).post(address("client_document_withdraw", referral), {"reason": "Again."})

    assert answer.status_code == 404
