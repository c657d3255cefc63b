"""The owner's pages about the practice: look, words, letters, team. Nobody else changes anything there."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Web
from django.urls import reverse
from PIL import Image

from clients.branding import logo_of, sheet
from clients.demo import builders
from clients.models import CareTeam, Client, Delivery, Practice, StaffDecision, User
from clients.wording import WORDED

LOOK = "admin:clients_practice_look"
PAGES = ["changelist", "look", "words", "letters", "team", "invite", "numbers"]


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:clients_practice_{name}", args=args)


@pytest.fixture
def web(web_as: Callable[..., Web], owner: User) -> Web:
    return web_as(owner)


def kept() -> Practice:
    return Practice.objects.get()


# ---- Whose pages they are -------------------------------------------------------------------------------------------


def owners_pages(adam: User) -> list[str]:
    letter = ("invitation", "en")
    return [
        *(url(name) for name in PAGES[1:]),
        url("usual_look"), url("logo"), url("no_logo"), url("letter", *letter), url("usual_letter", *letter),
        url("preview", *letter), url("member", adam.pk), url("invite_again", adam.pk),
        *(url("decide", adam.pk, act) for act in ("role", "out", "again", "over")),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["therapist", "office", "client"])
def test_settings_are_the_owner_s(
    web_as: Callable[..., Web], adam: User, office: User, ana: Client, who: str
) -> None:
    web = web_as({"therapist": adam, "office": office, "client": ana.user}[who])
    data = {
        "light": "#7A1F5C",
        "follow": "on",
        "role": "owner",
        "seen": "therapist",
        "reason": "Mine.",
        "name": "X",
    }

    looked = {web.get(page).status_code for page in owners_pages(adam)}
    pressed = {web.post(page, data).status_code for page in owners_pages(adam)}

    assert looked <= {302 if who == "client" else 403, 403, 404, 405}
    assert pressed <= {302 if who == "client" else 403, 403, 404, 405}
    assert (kept().colours, kept().texts, kept().letters) == ({}, {}, {})
    assert not StaffDecision.objects.exists()


@pytest.mark.parametrize("page", PAGES)
def test_owner_reads_each_page(web: Web, page: str) -> None:
    assert web.get(url(page)).status_code == 200


# ---- Look -----------------------------------------------------------------------------------------------------------


def test_colour_is_saved_with_one_for_dark_pages(web: Web) -> None:
    answer = web.post(reverse(LOOK), {"light": "#7a1f5c", "follow": "on", "dark": "#000000"})

    own = kept().colours
    assert answer["Location"] == reverse(LOOK)
    assert own["light"] == "#7A1F5C"
    assert own["dark"] != "#000000"
    assert own["dark"] in sheet(own)


def test_faint_colour_is_refused_with_its_ratio_and_one_that_would_do(web: Web) -> None:
    answer = web.post(reverse(LOOK), {"light": "#FFD700", "dark": "#101010"})

    form = answer.context["form"]
    assert answer.status_code == 422
    assert list(form.errors) == ["light", "dark"]
    assert "1.2" in form.errors["light"][0]
    assert form.offers["light"] in form.errors["light"][0]
    assert 'value="#FFD700"' in answer.text
    assert kept().colours == {}

    taken = web.post(
        reverse(LOOK), {"light": "#FFD700", "follow": "on", "take": f"light:{form.offers['light']}"}
    )

    assert taken.status_code == 302
    assert kept().colours["light"] == form.offers["light"]


@pytest.mark.parametrize(
    "colour",
    [
        "", "red", "#FFF", "#12345", "#1234567", "#GGGGGG", "#7A1F5C;}*{display:none}", "#7A1F5C\n", "url(//evil.example)",
        "\x00", "#7A1F5C" * 9999, "{", "light-dark(#000,#fff)", "#\uff17A1F5C",
    ],
)  # fmt: skip
def test_what_is_no_colour_is_refused(web: Web, colour: str) -> None:
    answers = [
        web.post(reverse(LOOK), {"light": colour, "follow": "on"}),
        web.post(reverse(LOOK), {"light": "#7A1F5C", "dark": colour}),
        web.post(reverse(LOOK), {"light": "#FFD700", "follow": "on", "take": f"light:{colour}"}),
        web.post(reverse(LOOK), {"light": "#FFD700", "follow": "on", "take": colour}),
    ]

    strict = [answer.status_code for answer in answers if colour.strip() != "#7A1F5C"]
    assert set(strict) <= {422}
    assert set(kept().colours.values()) <= {kept().colours.get("light"), kept().colours.get("dark")}
    assert "display" not in sheet(kept().colours)


def test_usual_colours_come_back(web: Web) -> None:
    builders.make_practice(colours={"light": "#7A1F5C", "dark": "#E79BCB"})

    web.post(url("usual_look"))

    assert kept().colours == {}


def upload(content: bytes, name: str = "../../logo.png") -> dict[str, Any]:
    return {"logo": SimpleUploadedFile(name, content, content_type="image/png")}


def test_logo_is_uploaded_shown_and_removed(web: Web, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    into = BytesIO()
    Image.new("RGB", (300, 90), "#7A1F5C").save(into, "PNG")

    answer = web.post(url("logo"), upload(into.getvalue()))
    logo = logo_of(kept())
    assert logo is not None
    shown = [web.get(page).text for page in (reverse("admin:index"), reverse(LOOK))]
    entrance = Web().get(reverse("account_login")).text
    web.post(url("no_logo"))

    address = reverse("logo", args=[logo.name])
    assert answer["Location"] == reverse(LOOK)
    assert [address in page for page in (*shown, entrance)] == [True, True, True]
    assert kept().logo == {}


@pytest.mark.parametrize("content", [b"", b"<svg onload='alert(1)'/>", b"\x89PNG\r\n\x1a\nbroken"])
def test_broken_logo_is_refused_beside_its_field(
    web: Web, settings: Any, tmp_path: Path, content: bytes
) -> None:
    settings.MEDIA_ROOT = tmp_path

    answer = web.post(url("logo"), upload(content))

    assert answer.status_code == 422
    assert list(answer.context["logo_form"].errors) == ["logo"]
    assert (kept().logo, list(tmp_path.rglob("*.*"))) == ({}, [])


# ---- Words ----------------------------------------------------------------------------------------------------------


def test_words_are_kept_by_language_and_stand_escaped_where_they_belong(web: Web, ana: Client) -> None:
    web.post(f"{url('words')}?language=de", {"welcome": "Willkommen"})
    web.post(
        url("words"),
        {
            "welcome": "Come in <b>",
            "today": "Closed on Friday",
            "imprint": "Elm Street 5",
            "privacy": "Ask Ms X",
        },
    )

    entrance = Web().get(reverse("account_login"), headers={"Accept-Language": "en"}).text
    german = Web().get(reverse("account_login"), headers={"Accept-Language": "de"}).text
    reader = Web()
    reader.force_login(ana.user)
    today = reader.get(reverse("today")).text
    assert set(kept().texts) == {"de", "en"}
    assert "Come in &lt;b&gt;" in entrance
    assert "Willkommen" in german
    assert "Closed on Friday" in today
    assert ["Elm Street 5" in page and "Ask Ms X" in page for page in (entrance, german, today)] == [True] * 3


def test_empty_places_say_nothing(ana: Client) -> None:
    reader = Web()
    reader.force_login(ana.user)

    for page in (Web().get(reverse("account_login")).text, reader.get(reverse("today")).text):
        assert "imprint" not in page
        assert "own-words" not in page


def test_word_on_today_is_silent_where_somebody_must_call(web: Web, ana: Client) -> None:
    builders.make_practice(texts={"en": {"today": "Closed on Friday"}})
    builders.assign(ana)
    builders.screen(ana, yes=["night_pain"])
    reader = Web()
    reader.force_login(ana.user)

    assert "Closed on Friday" not in reader.get(reverse("today"), follow=True).text


@pytest.mark.parametrize("language", ["xx", "", "../", "\ud800"[:0] + "e" * 5000])
def test_words_in_a_language_that_is_not_offered_are_not_found(web: Web, language: str) -> None:
    assert web.get(url("words"), {"language": language}).status_code == 404


def test_words_that_are_too_long_are_kept_in_the_form(web: Web) -> None:
    answer = web.post(url("words"), {"welcome": "a" * 301})

    assert answer.status_code == 422
    assert "a" * 301 in answer.text
    assert kept().texts == {}


# ---- Letters --------------------------------------------------------------------------------------------------------


def test_letter_is_worded_previewed_and_taken_back(web: Web) -> None:
    letter = ("plan_changed", "en")

    answer = web.post(url("letter", *letter), {"subject": "News", "greeting": "Dear {name} <i>,"})
    page = web.get(url("letter", *letter)).text
    preview = web.get(url("preview", *letter))
    german = web.get(url("preview", "plan_changed", "de"))
    web.post(url("usual_letter", *letter))

    assert answer["Location"] == url("letter", *letter)
    assert f'sandbox src="{url("preview", *letter)}"' in page
    assert "Dear Ana Silva &lt;i&gt;," in preview.text
    assert "Dear" not in german.text
    assert kept().letters["plan_changed"]["en"] == {}


def test_preview_alone_has_the_second_policy(web: Web) -> None:
    preview = web.get(url("preview", "invitation", "en"))
    page = web.get(url("letter", "invitation", "en"))

    assert sorted(preview["Content-Security-Policy"].split("; ")) == [
        "default-src 'none'",
        "frame-ancestors 'self'",
        "style-src 'unsafe-inline'",
    ]
    assert preview["X-Frame-Options"] == "SAMEORIGIN"
    assert "unsafe-inline" not in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


def test_preview_makes_no_link_and_no_letter(web: Web) -> None:
    for letter in WORDED:
        assert web.get(url("preview", letter, "en")).status_code == 200

    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "Your knee"},
        {"opening": "Rückenschmerzen?"},
        {"greeting": "{nmae}"},
        {"closing": "a" * 401},
    ],
)
def test_wording_that_may_not_be_sent_is_said_beside_its_field(web: Web, wrong: dict[str, str]) -> None:
    answer = web.post(url("letter", "invitation", "en"), wrong)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(wrong)
    assert kept().letters == {}


@pytest.mark.parametrize("address", [("safety_alert", "en"), ("invitation", "xx"), ("nothing", "en")])
def test_letter_that_is_not_to_clients_has_no_page(web: Web, address: tuple[str, str]) -> None:
    for name in ("letter", "preview"):
        assert web.get(url(name, *address)).status_code == 404
    assert web.post(url("usual_letter", *address)).status_code == 404


def test_language_that_is_not_offered_is_no_choice(
    web: Web, web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.make_practice(languages=["en"])

    page = web_as(adam).get(reverse("admin:clients_client_change", args=[ana.pk]))
    entrance = Web().get(reverse("account_login"), headers={"Accept-Language": "de, en;q=0.5"})

    assert [code for code, _word in page.context["form"].fields["language"].choices] == ["en"]
    assert '<html lang="en"' in entrance.text


# ---- The team -------------------------------------------------------------------------------------------------------


def test_colleague_is_invited(web: Web, owner: User) -> None:
    data = {"name": "Berta\r\nBrandt", "email": "Berta@example.org", "role": "therapist"}

    first, second = web.post(url("invite"), data), web.post(url("invite"), data)

    berta = User.objects.get(email="berta@example.org")
    assert (first.status_code, second.status_code) == (302, 422)
    assert list(second.context["form"].errors) == ["email"]
    assert berta.name == "Berta Brandt"
    assert StaffDecision.objects.get().by == owner
    assert "Berta Brandt" in web.get(url("team")).text


@pytest.mark.parametrize("wrong", [{"role": "client"}, {"role": ""}, {"email": "nobody"}, {"name": " "}])
def test_wrong_invitation_lets_nobody_in(web: Web, wrong: dict[str, str]) -> None:
    before = User.objects.count()

    answer = web.post(url("invite"), {"name": "B", "email": "b@example.org", "role": "office", **wrong})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(wrong)
    assert User.objects.count() == before


def test_invitation_is_sent_again_until_they_are_inside(web: Web, adam: User) -> None:
    web.post(url("invite"), {"name": "B", "email": "b@example.org", "role": "office"})
    colleague = User.objects.get(email="b@example.org")

    web.post(url("invite_again", colleague.pk))
    web.post(url("invite_again", adam.pk))

    assert list(Delivery.objects.values_list("user", flat=True)) == [colleague.pk] * 2


def test_role_is_changed_with_a_reason_as_it_was_shown(web: Web, adam: User) -> None:
    page = url("decide", adam.pk, "role")

    no_reason = web.post(page, {"role": "owner", "seen": "therapist"})
    done = web.post(page, {"role": "owner", "seen": "therapist", "reason": "Partner now."})
    again = web.post(page, {"role": "office", "seen": "therapist", "reason": "Late."})

    adam.refresh_from_db()
    assert [answer.status_code for answer in (no_reason, done, again)] == [422, 302, 422]
    assert adam.role == "owner"
    assert "Partner now." in web.get(url("member", adam.pk)).text


def test_who_has_clients_is_handed_over_before_they_leave(
    web: Web, adam: User, berta: User, ana: Client
) -> None:
    out, over = url("decide", adam.pk, "out"), url("decide", adam.pk, "over")

    refused = web.post(out, {"reason": "Leaves."})
    web.post(over, {"therapist": berta.pk, "reason": "Leaves."})
    done = web.post(out, {"reason": "Leaves."})

    assert refused.status_code == 422
    assert over in refused.text
    assert done.status_code == 302
    assert CareTeam.objects.get(client=ana, until__isnull=True).therapist == berta
    assert not User.objects.get(pk=adam.pk).is_active


@pytest.mark.parametrize("who", ["office", "client", "adam", "nobody"])
def test_all_are_handed_over_to_who_gives_care_only(
    web: Web, adam: User, office: User, ana: Client, who: str
) -> None:
    to = {"office": office.pk, "client": ana.user.pk, "adam": adam.pk, "nobody": "9" * 30}[who]

    answer = web.post(url("decide", adam.pk, "over"), {"therapist": to, "reason": "Leaves."})

    assert answer.status_code == 422
    assert CareTeam.objects.get(client=ana).therapist == adam


def test_client_is_nobody_of_the_team(web: Web, ana: Client) -> None:
    pages = [
        url("member", ana.user.pk),
        *(url("decide", ana.user.pk, act) for act in ("role", "out", "over")),
    ]

    assert [web.get(page).status_code for page in pages] == [404] * 4
    assert web.get(url("member", 10**18)).status_code == 404
    assert web.get(f"{url('team')}{'9' * 30}/").status_code == 404
    assert web.get(url("decide", 1, "promote")).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_team_page_asks_a_fixed_number_of_queries(
    web: Web, number: int, django_assert_num_queries: Any
) -> None:
    for each in range(number):
        therapist = builders.make_therapist(name=f"T {each}")
        builders.make_client(therapist=therapist)
        StaffDecision.objects.create(user=therapist, kind="invited", new_role="therapist", at=builders.NOW)
    web.get(url("team"))

    with django_assert_num_queries(8):
        web.get(url("team"))
