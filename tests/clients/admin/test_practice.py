"""The practice's settings: for the owner to change, for the others to read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Web
from django.urls import reverse

from clients.forms.practice import PracticeForm
from clients.models import Practice, User

URL = "admin:clients_practice_changelist"


def form(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Good Hands", "phone": "+49 30 23125 014", "emergency_number": "112", "zone": "Europe/Lisbon",
        "languages": ["en", "de"], "language": "de", **fields,
    }  # fmt: skip


def test_owner_changes_the_practice(web_as: Callable[..., Web], owner: User) -> None:
    answer = web_as(owner).post(reverse(URL), form())

    practice = Practice.objects.get()
    assert answer["Location"] == reverse(URL)
    assert (practice.name, practice.zone, practice.language) == ("Good Hands", "Europe/Lisbon", "de")


def test_what_others_save_in_the_meantime_stays(
    web_as: Callable[..., Web], owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"en": {"welcome": "Good to see you."}}
    clean = PracticeForm.clean

    def meanwhile(form: PracticeForm) -> Any:
        Practice.objects.update(texts=words)
        return clean(form)

    monkeypatch.setattr(PracticeForm, "clean", meanwhile)
    web_as(owner).post(reverse(URL), form())

    practice = Practice.objects.get()
    assert (practice.name, practice.texts) == ("Good Hands", words)


def test_name_of_the_practice_is_one_line(web_as: Callable[..., Web], owner: User) -> None:
    web_as(owner).post(reverse(URL), form(name="Good\r\n Hands"))

    assert Practice.objects.get().name == "Good Hands"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"emergency_number": ""}, "emergency_number"),
        ({"emergency_number": "call me"}, "emergency_number"),
        ({"phone": "<b>"}, "phone"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"language": "xx"}, "language"),
        ({"languages": []}, "languages"),
        ({"languages": ["xx"]}, "languages"),
        ({"languages": ["en"]}, "language"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": 'https://x" onload="y'}, "website"),
    ],
)
def test_wrong_field_is_said_beside_it(
    web_as: Callable[..., Web], owner: User, wrong: dict[str, Any], field: str
) -> None:
    answer = web_as(owner).post(reverse(URL), form(**wrong))

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Practice.objects.get().name == "Train and Massage"


def test_name_in_the_rail_is_the_saved_one(web_as: Callable[..., Web], owner: User) -> None:
    answer = web_as(owner).post(reverse(URL), form(name="Typed", zone="nowhere"))

    assert answer.context["site_header"] == "Train and Massage"


def test_therapist_reads_and_changes_nothing(web_as: Callable[..., Web], adam: User, owner: User) -> None:
    web = web_as(adam)

    html = web.get(reverse(URL)).content.decode()
    web.post(reverse(URL), form())

    assert "Olga" in html
    assert "Adam" in html
    assert Practice.objects.get().name == "Train and Massage"


def test_office_does_not_enter(web_as: Callable[..., Web], office: User) -> None:
    assert web_as(office).get(reverse(URL)).status_code == 403


def test_there_is_one_practice_and_it_stays(web_as: Callable[..., Web], owner: User) -> None:
    web = web_as(owner)

    assert web.get(reverse("admin:clients_practice_add")).status_code == 403
    assert web.post(reverse("admin:clients_practice_delete", args=[1])).status_code == 403
    assert web.get(reverse("admin:clients_practice_change", args=[1]))["Location"] == reverse(URL)
