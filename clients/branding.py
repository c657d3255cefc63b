"""The practice's own colour and logo: readable on every ground of the pages, served as files that never change.

A colour is checked when it is saved, against the grounds of static/css/tokens.css (tests/clients/test_branding.py
compares the two), so that no page has to look again (WCAG 2.2, 1.4.3: 4.5 to 1).
"""

from __future__ import annotations

import colorsys
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image

from clients.models import Practice
from routines.pictures import Written, write_anew

ENOUGH = 4.5
EASILY = 7
SEEN = 3  # what is no text (WCAG 2.2, 1.4.11)
THEMES = ("light", "dark")
HOUSE = {"light": "#0F6B66", "dark": "#5CC4BC"}
GROUNDS = {
    "light": {"paper": "#FBF8F3", "surface": "#FFFFFF", "sunken": "#F2EDE4"},
    "dark": {"paper": "#14191B", "surface": "#1C2326", "sunken": "#0F1315"},
}
INKS = {"light": ("#1F2A2E", "#51606A"), "dark": ("#ECE7DE", "#A9B4B8")}
ON_BRAND = {"light": ("#FFFFFF",), "dark": ("#06201E", "#0B0E0F", "#000000")}
TINT = 14  # percent of the colour in its tint, or less where words on it would be hard to read

COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
LOGO_NAME = re.compile(r"[0-9a-f]{32}")
LOGO_WIDTH = 480
LOGO_FOLDER = "practice"


# ---- Contrast -----------------------------------------------------------------------------------------------------


def channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    shares = [value / 255 for value in channels(colour)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black and white)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def faintest(colour: str, theme: str) -> float:
    """How well a text of this colour can be read on the ground of the theme that is worst for it."""
    return min(contrast(colour, ground) for ground in GROUNDS[theme].values())


def reads(colour: str, theme: str) -> bool:
    return faintest(colour, theme) >= ENOUGH


def companion(colour: str) -> str:
    """The colour of dark pages that goes with this one of light pages: the same hue, easy to read."""
    return nearest(colour, "dark", EASILY)


def nearest(colour: str, theme: str, enough: float = ENOUGH) -> str:
    """The same hue, darker in the light theme and lighter in the dark one, as little as it takes to be read."""
    if faintest(colour, theme) >= enough:
        return colour.upper()
    red, green, blue = (value / 255 for value in channels(colour))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    here = round(lightness * 400)
    ways = range(here, -1, -1) if theme == "light" else range(here, 401)
    for step in ways:
        shares = colorsys.hls_to_rgb(hue, step / 400, saturation)
        found = "#" + "".join(f"{round(share * 255):02X}" for share in shares)
        if faintest(found, theme) >= enough:
            return found
    return INKS[theme][0]


def mixed(colour: str, ground: str, percent: int) -> str:
    pairs = zip(channels(colour), channels(ground), strict=True)
    return "#" + "".join(
        f"{round((one * percent + other * (100 - percent)) / 100):02X}" for one, other in pairs
    )


# ---- The colours of the pages -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shades:
    """What follows from one colour in one theme: itself, the words of a button on it, and its tint."""

    brand: str
    on_brand: str
    tint: str


def shades(colour: str, theme: str) -> Shades:
    """Of a colour that can be read in this theme; then words on the button and on the tint can be read as well."""
    colour = colour.upper()
    on_brand = max(
        ON_BRAND[theme], key=lambda each: (contrast(each, colour) >= ENOUGH, contrast(each, colour))
    )
    surface = GROUNDS[theme]["surface"]
    for percent in range(TINT, 0, -1):
        tint = mixed(colour, surface, percent)
        if all(contrast(word, tint) >= ENOUGH for word in (colour, *INKS[theme])):
            return Shades(colour, on_brand, tint)
    return Shades(colour, on_brand, surface)


def own_colours(colours: Mapping[str, str]) -> dict[str, str]:
    """The colour of each theme; nothing where the practice has none. What is no colour never leaves the row."""
    found = {theme: colours.get(theme, "") for theme in THEMES}
    whole = all(isinstance(each, str) and COLOUR.fullmatch(each) for each in found.values())
    return {theme: each.upper() for theme, each in found.items()} if whole else {}


def sheet(colours: Mapping[str, str]) -> str:
    """The style sheet that takes the place of the house's colours; empty where the practice has none."""
    own = own_colours(colours)
    if not own:
        return ""
    light, dark = (shades(own[theme], theme) for theme in THEMES)
    return (
        "@layer tokens {\n  :root {\n"
        f"    --brand: light-dark({light.brand}, {dark.brand});\n"
        f"    --on-brand: light-dark({light.on_brand}, {dark.on_brand});\n"
        f"    --brand-tint: light-dark({light.tint}, {dark.tint});\n"
        "  }\n}\n"
    )


def digest(text: str) -> str:
    """The name of a sheet follows from what stands in it, so that it can be kept for ever."""
    return sha256(text.encode()).hexdigest()[:12]


def brand_digest(practice: Practice | None) -> str:
    """Empty where the house's colours hold."""
    text = sheet(practice.colours) if practice else ""
    return digest(text) if text else ""


def brand_colour(practice: Practice | None) -> str:
    """For what knows no style sheet: a letter, the app on a home screen."""
    own = own_colours(practice.colours) if practice else {}
    return own.get("light", HOUSE["light"])


# ---- The logo -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Logo:
    """A picture with a ground of its own where it could not be seen on that of the page."""

    name: str
    width: int
    height: int
    ground: str = ""  # "light" for a dark picture, "dark" for a light one

    @property
    def is_wide(self) -> bool:
        """A wide one holds the name as a rule, which then need not stand beside it."""
        return self.width > 2 * self.height


def logo_of(practice: Practice | None) -> Logo | None:
    kept = practice.logo if practice else {}
    if not kept.get("name"):
        return None
    return Logo(kept["name"], kept["width"], kept["height"], kept.get("ground", ""))


def path_of(name: str) -> str:
    return f"{LOGO_FOLDER}/{name}.webp"


def keep_logo(practice: Practice, file: BinaryIO) -> None:
    """Writes the picture anew, under a name that nobody guesses. Raises PictureRefused."""
    picture = write_anew(file, [LOGO_WIDTH])[0]
    name = secrets.token_hex(16)
    default_storage.save(path_of(name), ContentFile(picture.content))
    change_logo(practice, name, picture)


def remove_logo(practice: Practice) -> None:
    change_logo(practice)


def change_logo(practice: Practice, name: str = "", picture: Written | None = None) -> None:
    old = practice.logo.get("name")
    practice.logo = {}
    if picture:
        practice.logo = {
            "name": name,
            "width": picture.width,
            "height": picture.height,
            "ground": ground_for(picture.content),
        }
    with transaction.atomic():
        practice.save(update_fields=["logo"])
        if old:
            transaction.on_commit(lambda: default_storage.delete(path_of(old)))


def ground_for(content: bytes) -> str:
    """The ground that a see-through picture needs where its own colours are too near to that of the page."""
    with Image.open(BytesIO(content)) as picture:
        if not picture.has_transparency_data:
            return ""
        one = picture.convert("RGBa").resize((1, 1), Image.Resampling.BOX).convert("RGBA")
        red, green, blue, _alpha = one.tobytes()
    colour = f"#{red:02X}{green:02X}{blue:02X}"
    if contrast(colour, GROUNDS["dark"]["surface"]) < SEEN:
        return "light"
    return "dark" if contrast(colour, GROUNDS["light"]["surface"]) < SEEN else ""


def logo_file(practice: Practice | None, name: str) -> BytesIO | None:
    """The picture of this name, while it is the practice's; None for any other name."""
    logo = logo_of(practice)
    if logo is None or logo.name != name or not LOGO_NAME.fullmatch(name):
        return None
    try:
        with default_storage.open(path_of(name)) as kept:
            return BytesIO(kept.read())
    except FileNotFoundError:
        return None
