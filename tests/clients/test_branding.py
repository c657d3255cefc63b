"""The practice's own colour and logo: measured, served, and nothing else than a colour and a picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client as Web
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from clients import branding
from clients.branding import (
    ENOUGH,
    GROUNDS,
    HOUSE,
    INKS,
    THEMES,
    brand_colour,
    brand_digest,
    companion,
    contrast,
    faintest,
    keep_logo,
    logo_of,
    nearest,
    own_colours,
    reads,
    remove_logo,
    shades,
    sheet,
)
from clients.demo import builders
from clients.models import Practice
from routines.pictures import PictureRefused

COLOURS = {"light": "#7A1F5C", "dark": "#E79BCB"}
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")


def picture(size: tuple[int, int] = (600, 150), kind: str = "PNG") -> BytesIO:
    into = BytesIO()
    see_through = kind == "PNG"
    Image.new("RGBA" if see_through else "RGB", size, "#7A1F5C80" if see_through else "#7A1F5C").save(
        into, kind
    )
    into.seek(0)
    return into


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


# ---- Contrast -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#FFFFFF", "#000000", 21), ("#FFFFFF", "#FFFFFF", 1), ("#777777", "#FFFFFF", 4.48), ("#0000FF", "#FFFFFF", 8.59)],
)  # fmt: skip
def test_contrast_is_the_known_one_either_way(one: str, other: str, ratio: float) -> None:
    assert round(contrast(one, other), 2) == round(contrast(other, one), 2) == ratio


def test_grounds_and_inks_are_those_of_the_tokens() -> None:
    text = (Path(site.BASE_DIR) / "static/css/tokens.css").read_text(encoding="utf-8")
    tokens = {
        name: dict(zip(THEMES, pair, strict=True))
        for name, *pair in re.findall(r"--([\w-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\)", text)
    }

    for theme in THEMES:
        assert GROUNDS[theme] == {name: tokens[name][theme] for name in ("paper", "surface", "sunken")}
        assert INKS[theme] == (tokens["ink"][theme], tokens["ink-2"][theme])
        assert HOUSE[theme] == tokens["brand"][theme]


def test_look_measures_on_the_same_grounds() -> None:
    script = (Path(site.BASE_DIR) / "static/js/look.js").read_text(encoding="utf-8")

    for theme in THEMES:
        written = re.search(rf"{theme}: \[(.*?)\]", script)
        assert written is not None
        assert re.findall(r"#\w{6}", written[1]) == list(GROUNDS[theme].values())


@given(colour=colours, theme=st.sampled_from(THEMES))
def test_nearest_colour_reads_and_a_readable_one_stays(colour: str, theme: str) -> None:
    found = nearest(colour, theme)

    assert faintest(found, theme) >= ENOUGH
    assert not reads(colour, theme) or found == colour


@given(colour=colours)
def test_companion_for_dark_pages_reads_easily(colour: str) -> None:
    assert faintest(companion(colour), "dark") >= 7


@given(colour=colours, theme=st.sampled_from(THEMES))
def test_everything_that_follows_from_a_colour_can_be_read(colour: str, theme: str) -> None:
    found = shades(nearest(colour, theme), theme)

    pairs = [
        (found.on_brand, found.brand),
        (found.brand, found.tint),
        *((ink, found.tint) for ink in INKS[theme]),
        (GROUNDS[theme]["surface"], found.brand),
    ]
    assert [pair for pair in pairs if contrast(*pair) < ENOUGH] == []


# ---- The sheet ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"light": "#7A1F5C"},
        {"light": "red;}*{display:none", "dark": "#E79BCB"},
        {"light": "#7A1F5C}", "dark": "#E79BCB"},
        {"light": "#7A1F5C\n", "dark": "#E79BCB"},
        {"light": ["#7A1F5C"], "dark": "#E79BCB"},
        {"light": "url(https://evil.example/x)", "dark": "#E79BCB"},
    ],
)
def test_what_is_no_colour_never_reaches_the_sheet(row: dict[str, Any]) -> None:
    assert own_colours(row) == {}
    assert sheet(row) == ""


def test_sheet_holds_three_tokens_in_their_layer_and_nothing_else() -> None:
    assert re.fullmatch(
        r"@layer tokens \{\n  :root \{\n(    --(brand|on-brand|brand-tint): light-dark\(#[0-9A-F]{6}, #[0-9A-F]{6}\);\n){3}  \}\n\}\n",
        sheet(COLOURS),
    )


@pytest.mark.django_db
def test_sheet_is_served_for_ever_to_anybody(web: Web) -> None:
    practice = builders.make_practice(colours=COLOURS)

    answer = web.get(reverse("brand", args=[brand_digest(practice)]))

    assert answer.content.decode() == sheet(COLOURS)
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert not answer.cookies


@pytest.mark.django_db
def test_earlier_sheet_leads_to_the_one_that_holds_and_without_colours_there_is_none(web: Web) -> None:
    practice = builders.make_practice(colours=COLOURS)
    now = brand_digest(practice)
    url = reverse("brand", args=["0" * 12])

    earlier = web.get(url)
    builders.make_practice(colours={})
    none = web.get(url)

    assert (earlier.status_code, earlier["Location"]) == (302, reverse("brand", args=[now]))
    assert none.status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["account_login", "today", "admin:index", "offline"])
def test_pages_link_the_sheet_after_the_others_only_when_there_is_one(
    web_as: Callable[..., Web], settings: Any, page: str
) -> None:
    settings.STAFF_SECOND_FACTOR = False
    practice = builders.make_practice()
    client = builders.make_client()
    web = (
        web_as(builders.make_owner() if page.startswith("admin") else client.user)
        if page != "account_login"
        else Web()
    )

    before = web.get(reverse(page)).content.decode()
    builders.make_practice(colours=COLOURS)
    practice.refresh_from_db()
    after = web.get(reverse(page)).content.decode()

    link = f'href="{reverse("brand", args=[brand_digest(practice)])}"'
    assert "/brand-" not in before
    assert after.index(link) > after.index("entrance.css")


@pytest.mark.django_db
def test_worker_keeps_the_colours_beside_the_shell_and_manifest_names_them(web: Web) -> None:
    builders.make_practice()
    plain = web.get(reverse("worker")).content.decode()
    practice = builders.make_practice(colours=COLOURS)

    own = web.get(reverse("worker")).content.decode()

    url = reverse("brand", args=[brand_digest(practice)])
    assert "const COLOURS = [];" in plain
    assert f'const COLOURS = ["{url}"];' in own
    assert url not in own[own.index("const SHELL") : own.index("const COLOURS")]
    assert plain.splitlines()[0] != own.splitlines()[0]  # another version
    assert web.get(reverse("manifest")).json()["theme_color"] == COLOURS["light"]


def test_letters_without_own_colours_have_the_usual_one() -> None:
    assert brand_colour(None) == HOUSE["light"]


# ---- The logo -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_logo_is_written_anew_and_served_for_ever(web: Web, media: Path) -> None:
    practice = builders.make_practice()

    keep_logo(practice, picture())

    logo = logo_of(practice)
    assert logo is not None
    answer = web.get(reverse("logo", args=[logo.name]))
    with Image.open(BytesIO(answer.content)) as shown:
        assert (shown.format, shown.size, shown.mode) == ("WEBP", (logo.width, logo.height), "RGBA")
    assert answer["Content-Type"] == "image/webp"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert logo.is_wide


@pytest.mark.django_db(transaction=True)
def test_another_logo_takes_the_place_of_the_first(web: Web, media: Path) -> None:
    practice = builders.make_practice()
    keep_logo(practice, picture())
    first = logo_of(practice)
    assert first is not None

    keep_logo(practice, picture((90, 90), "JPEG"))
    second = logo_of(practice)
    remove_logo(practice)

    assert second is not None
    assert second.name != first.name
    assert not second.is_wide
    assert [web.get(reverse("logo", args=[each.name])).status_code for each in (first, second)] == [404, 404]
    assert list(media.rglob("*.webp")) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content", [b"", b"<svg onload=alert(1)>", b"GIF89a" + bytes(40), b"\x89PNG\r\n\x1a\n" + bytes(40)]
)
def test_what_is_no_picture_is_refused_and_nothing_is_stored(media: Path, content: bytes) -> None:
    practice = builders.make_practice()

    with pytest.raises(PictureRefused):
        keep_logo(practice, BytesIO(content))

    assert logo_of(Practice.objects.get()) is None
    assert list(media.rglob("*.*")) == []


@pytest.mark.django_db
def test_lost_file_of_a_logo_is_not_found(web: Web, media: Path) -> None:
    builders.make_practice(logo={"name": "a" * 32, "width": 9, "height": 9})

    assert web.get(reverse("logo", args=["a" * 32])).status_code == 404
    assert branding.logo_file(None, "a" * 32) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("colour", "ground"),
    [("#141414FF", "light"), ("#FFFFFFFF", "dark"), ("#808080FF", ""), ("#7A1F5CFF", "light")],
)
def test_see_through_logo_has_a_ground_on_which_it_is_seen(media: Path, colour: str, ground: str) -> None:
    into = BytesIO()
    picture = Image.new("RGBA", (200, 100), "#00000000")
    picture.paste(colour, (20, 20, 180, 80))
    picture.save(into, "PNG")
    into.seek(0)
    practice = builders.make_practice()

    keep_logo(practice, into)

    logo = logo_of(practice)
    assert logo is not None
    assert logo.ground == ground


@pytest.mark.django_db
def test_logo_that_fills_its_frame_needs_no_ground(media: Path) -> None:
    practice = builders.make_practice()

    keep_logo(practice, picture((90, 90), "JPEG"))

    assert practice.logo["ground"] == ""
