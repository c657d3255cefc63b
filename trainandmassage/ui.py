"""Template components, registered as builtins: what a page is made of. The markup is in templates/components/, docs/design.md lists the attributes.

An unknown attribute is a TemplateSyntaxError, so a typing error never becomes a page without its warning.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.template import Context, Library, TemplateSyntaxError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from routines.figures import files
from routines.films import POSTER
from routines.media import LARGE, SMALL, address

register = Library()

# Drawn for this product on a grid of 24, as outlines of width 2; "solid" parts are filled.
ICONS = {
    "tick": '<path d="M5 12.5l4.6 4.6L19 7.5"/>',
    "circle": '<circle cx="12" cy="12" r="7.5"/>',
    "dashes": '<circle cx="12" cy="12" r="7.5" stroke-dasharray="2.6 3.3"/>',
    "cross": '<path d="M6 6l12 12M18 6L6 18"/>',
    "cloud_off": '<path d="M7 18h10a4 4 0 001.5-7.7A6 6 0 008 7.6M6.5 9.7A4.2 4.2 0 007 18M4 4l16 16"/>',
    "close": '<path d="M6 6l12 12M18 6L6 18"/>',
    "lock": '<rect x="5" y="11" width="14" height="9" rx="2.5"/><path d="M8 11V8a4 4 0 018 0v3"/>',
    "unlock": '<rect x="5" y="11" width="14" height="9" rx="2.5"/><path d="M8 11V8a4 4 0 017.6-1.7"/>',
    "play": '<path class="solid" d="M8 5.2v13.6a.8.8 0 001.2.7l10.6-6.8a.8.8 0 000-1.4L9.2 4.5A.8.8 0 008 5.2z"/>',
    "pause": (
        '<rect class="solid" x="6.5" y="5" width="4" height="14" rx="1.2"/>'
        '<rect class="solid" x="13.5" y="5" width="4" height="14" rx="1.2"/>'
    ),
    "plus": '<path d="M12 5.5v13M5.5 12h13"/>',
    "minus": '<path d="M5.5 12h13"/>',
    "warning": '<path d="M12 4.2L3.4 19a.9.9 0 00.8 1.3h15.6a.9.9 0 00.8-1.3z"/><path d="M12 10v4.5M12 17.2v.1"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11.2v5M12 7.8v.1"/>',
    "stop": '<path d="M8.4 3.5h7.2l4.9 4.9v7.2l-4.9 4.9H8.4l-4.9-4.9V8.4z"/><path d="M12 7.8v5M12 16v.1"/>',
    "phone": (
        '<path d="M6.2 4h2.6l1.7 4.2-2 1.5a11.5 11.5 0 005.8 5.8l1.5-2 4.2 1.7v2.6a2.2 2.2 0 01-2.4 2.2'
        'A16 16 0 014 6.4 2.2 2.2 0 016.2 4z"/>'
    ),
    "search": '<circle cx="10.8" cy="10.8" r="6.3"/><path d="M15.6 15.6l4.6 4.6"/>',
    "arrow": '<path d="M4.5 12h15M13.5 6l6 6-6 6"/>',
    "back": '<path d="M14.5 5.5L8 12l6.5 6.5"/>',
    "up": '<path d="M5.5 14.5L12 8l6.5 6.5"/>',
    "down": '<path d="M5.5 9.5L12 16l6.5-6.5"/>',
    "calendar": '<rect x="4" y="5.5" width="16" height="15" rx="3"/><path d="M4 10.5h16M8.5 3.5v4M15.5 3.5v4"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.2V12l3.2 2"/>',
    "bell": '<path d="M6 16.5V11a6 6 0 0112 0v5.5l1.5 1.5h-15z"/><path d="M10 20.5a2.2 2.2 0 004 0"/>',
    "settings": (
        '<path d="M4 7.5h9M17.5 7.5H20M4 16.5h2.5M11 16.5h9"/>'
        '<circle cx="15.2" cy="7.5" r="2.3"/><circle cx="8.8" cy="16.5" r="2.3"/>'
    ),
    "history": '<path d="M5 19.5V11M10 19.5V5M15 19.5v-6.5M20 19.5V9"/>',
    "home": '<path d="M4 11.2L12 4.5l8 6.7V19a1.5 1.5 0 01-1.5 1.5h-13A1.5 1.5 0 014 19z"/><path d="M9.7 20.5v-5.5h4.6v5.5"/>',
    "today": (
        '<circle cx="12" cy="12" r="4.2"/>'
        '<path d="M12 3v1.8M12 19.2V21M3 12h1.8M19.2 12H21M5.7 5.7L7 7M17 17l1.3 1.3M18.3 5.7L17 7M7 17l-1.3 1.3"/>'
    ),
    "program": (
        '<path d="M6 5v14"/><circle class="solid" cx="6" cy="5.5" r="2.2"/><circle class="solid" cx="6" cy="12" r="2.2"/>'
        '<circle cx="6" cy="18.5" r="1.8"/><path d="M11.5 5.5H20M11.5 12H20M11.5 18.5H17"/>'
    ),
    "mail": '<rect x="3.5" y="5.5" width="17" height="13.5" rx="2.5"/><path d="M4.5 7.5L12 13l7.5-5.5"/>',
    "user": '<circle cx="12" cy="8.2" r="3.9"/><path d="M4.8 20a7.2 7.2 0 0114.4 0"/>',
    "people": (
        '<circle cx="9" cy="8.5" r="3.4"/><path d="M2.8 19.5a6.2 6.2 0 0112.4 0"/>'
        '<path d="M15.5 5.4a3.3 3.3 0 010 6.2M17.5 14.2a6 6 0 013.7 5.3"/>'
    ),
    "exercise": (
        '<circle cx="12" cy="4.8" r="2.3"/><path d="M12 9.5v6l-3.5 5.5M12 15.5l3.5 5.5M5 8.5l7 1.5 7-1.5"/>'
    ),
    "muscle": (
        '<path d="M5 20c-1.5-6 .5-9.5 3-12l1-4.5 3.5 1-.5 4.5c4 0 7.5 2.5 7.5 6.3 0 3-2.5 4.7-6 4.7z"/>'
        '<path d="M9.5 14.5c1-1.8 3-2.7 5-2.3"/>'
    ),
    "report": '<path d="M4.5 20h15M7 16.5v-5M12 16.5v-10M17 16.5v-7"/>',
    "practice": '<path d="M5 20.5V9.5L12 4l7 5.5v11z"/><path d="M12 11.5v5M9.5 14h5"/>',
    "chart": '<path d="M4 4.5V18a1.5 1.5 0 001.5 1.5H20"/><path d="M8 14.5l3.5-4 3 2.5L19.5 7"/>',
    "pencil": '<path d="M5 19l.8-4L16 4.8a1.7 1.7 0 012.4 0l.8.8a1.7 1.7 0 010 2.4L9 18.2z"/><path d="M14.2 6.8l3 3"/>',
    "trash": '<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12a1.5 1.5 0 001.5 1.5h6.4a1.5 1.5 0 001.5-1.5l.8-12"/>',
    "link": (
        '<path d="M10 14a4 4 0 005.7 0l3.1-3.1a4 4 0 00-5.7-5.7L12 6.3"/>'
        '<path d="M14 10a4 4 0 00-5.7 0l-3.1 3.1a4 4 0 005.7 5.7l1.1-1.1"/>'
    ),
    "print": (
        '<path d="M7.5 8.5V4h9v4.5"/><rect x="4" y="8.5" width="16" height="8" rx="2"/>'
        '<rect x="7.5" y="13.5" width="9" height="6.5" rx="1"/>'
    ),
    "message": '<path d="M4 6.5A2.5 2.5 0 016.5 4h11A2.5 2.5 0 0120 6.5v7a2.5 2.5 0 01-2.5 2.5H11l-5 4v-4.1A2.5 2.5 0 014 13.5z"/>',
    "drag": (
        '<circle class="solid" cx="9" cy="6" r="1.5"/><circle class="solid" cx="15" cy="6" r="1.5"/>'
        '<circle class="solid" cx="9" cy="12" r="1.5"/><circle class="solid" cx="15" cy="12" r="1.5"/>'
        '<circle class="solid" cx="9" cy="18" r="1.5"/><circle class="solid" cx="15" cy="18" r="1.5"/>'
    ),
    "note": '<path d="M6.5 4h11A1.5 1.5 0 0119 5.5V14l-6 6H6.5A1.5 1.5 0 015 18.5v-13A1.5 1.5 0 016.5 4z"/><path d="M13 20v-6h6M8.5 8.5h7"/>',
    "sun": (
        '<circle cx="12" cy="12" r="4.2"/>'
        '<path d="M12 3v1.8M12 19.2V21M3 12h1.8M19.2 12H21M5.7 5.7L7 7M17 17l1.3 1.3M18.3 5.7L17 7M7 17l-1.3 1.3"/>'
    ),
    "out": '<path d="M14 4.5H7A1.5 1.5 0 005.5 6v12A1.5 1.5 0 007 19.5h7M10.5 12H20M16.5 8.5L20 12l-3.5 3.5"/>',
    "skip": '<path d="M6 6l7 6-7 6zM18 6v12"/>',
    "repeat": '<path d="M5 11a7 7 0 0112-4.5L19.5 9M19.5 4.5V9H15M19 13a7 7 0 01-12 4.5L4.5 15M4.5 19.5V15H9"/>',
}

TONES = {
    "info": ("info", _("Note")),
    "ok": ("tick", _("Done")),
    "warn": ("warning", _("Take care")),
    "stop": ("stop", _("Important")),
}
MESSAGE_TONES = {"success": "ok", "warning": "warn", "error": "stop"}
BUTTON_LOOKS = ("primary", "ghost", "danger", "link")
# URL name (or its beginning) of the client's four places, the word under the icon, the icon.
PLACES = (
    ("today", _("Today"), "today"),
    ("program", _("Program"), "program"),
    ("progress", _("Progress"), "history"),
    ("settings", _("Settings"), "settings"),
)


def draw(name: str, /, **context: Any) -> SafeString:
    return render_to_string(f"components/{name}.html", context)


def known(word: str, words: Iterable[str], what: str) -> str:
    """The word itself; TemplateSyntaxError when the component has no such variant."""
    if word not in words:
        raise TemplateSyntaxError(f"{what} must be one of {', '.join(words)}, not {word!r}.")
    return word


# ---- Pictures -----------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, *, label: str = "", css: str = "") -> SafeString:
    """A small sign; decorative unless it has a label."""
    shape = ICONS[known(name, ICONS, "icon")]
    if label:
        told: SafeString = format_html('role="img" aria-label="{}"', label)
    else:
        told = SafeString('aria-hidden="true"')
    # The shapes are our own constants above.
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" focusable="false" {}>{}</svg>', css, told, SafeString(shape)
    )


@register.simple_tag
def figure(
    position: str,
    kind: str = "",
    *,
    exercise: str = "",
    label: str = "",
    media: Iterable[Any] = (),
    large: bool = False,
    side: str = "",
    theme: str = "",
) -> SafeString:
    """The first picture among the exercise's `media`, else the figure that is drawn for it (by its slug, routines.figures).

    `media` are rows of routines.models.ExerciseMedia, or what a plan keeps of them. The kind gives the colour, `side` says
    whether the left works. A large one says what it shows and moves from pose to pose where scripts run and nobody asked
    for less motion (static/js/figures.js). `theme`: one of those of routines.figures.drawing, else that of the page.
    """
    picture, shows = first_picture(media or (), large=large)
    if picture:
        alt = shows if large else label
        return format_html('<img class="photo" src="{}" alt="{}" loading="lazy">', picture, alt)
    if theme:
        known(theme, files.THEMES, "theme")
    name = files.figure_for(exercise, position)
    file = partial(files.address, name, phase=files.phase_for(kind), side=side)
    return draw(
        "figure",
        light=file(theme=theme or "light"),
        dark="" if theme else file(theme="dark"),
        alt=files.says(name) if large else label,
        moves=large and not theme and files.moves(name),
        large=large,
    )


def first_picture(media: Iterable[Any], *, large: bool = False) -> tuple[str, str]:
    """The first picture, else the still of the first film that is ready: its address and what it shows, or two empty texts."""
    for kind, name in (("photo", LARGE if large else SMALL), ("film", POSTER)):
        for each in media:
            if read(each, "kind") == kind and read(each, "state") == "ready":
                return address(str(read(each, "token")), name), str(read(each, "alt"))
    return "", ""


@register.inclusion_tag("components/body_map.html")
def body_map(views: Iterable[Any], *, label: str, prefix: str = "body") -> dict[str, Any]:
    """The body with its regions (routines.bodymap.body_map); `prefix` tells two maps of one page apart."""
    return {"views": views, "label": label, "prefix": prefix}


@register.inclusion_tag("components/body_sketch.html")
def body_sketch(sketch: Any, *, prefix: str, key: Any = "", empty: str = "", css: str = "") -> dict[str, Any]:
    """A small body with a few areas shown (routines.bodysketch.Sketch); nothing for None.

    `prefix` tells two kinds of sketches of one page apart, `key` two of the same kind.
    Its words stand below it; `empty` is said where nothing is shown.
    """
    return {
        "sketch": sketch,
        "prefix": f"{prefix}-{key}" if key else prefix,
        "empty": empty,
        "css": css,
    }


@register.inclusion_tag("components/spot_map.html")
def spot_map(shown: Any, *, prefix: str, label: str = "", width: int = 0) -> dict[str, Any]:
    """Part of the body with the tender spots on it (clients.spots.SpotMap); `width` in pixels, 0: as its place allows.

    Without `label` the words stand beside it. `prefix` tells two maps of one page apart.
    """
    height = shown.frame.high(width) if width else 0
    return {
        "map": shown,
        "frame": shown.frame,
        "prefix": prefix,
        "label": label,
        "width": width,
        "height": height,
    }


# ---- Page ---------------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/main_nav.html", takes_context=True)
def main_nav(context: Context) -> dict[str, Any]:
    """The client's four places; the current one from `section` or from the URL's name."""
    match = getattr(context.get("request"), "resolver_match", None)
    here = context.get("section") or (match.url_name if match else "") or ""
    places = [(reverse(name), word, sign, here.startswith(name)) for name, word, sign in PLACES]
    return {
        "places": places,
        "practice": context.get("practice"),
        "practice_logo": context.get("practice_logo"),
    }


@register.filter
def message_tone(tags: str) -> str:
    """The notice's tone for a Django message."""
    return next((tone for tag, tone in MESSAGE_TONES.items() if tag in (tags or "").split()), "info")


# ---- Surfaces -----------------------------------------------------------------------------------------------------


@register.simple_block_tag
def card(
    content: SafeString, *, title: str = "", level: int = 2, tone: str = "", id: str = "", css: str = ""
) -> SafeString:
    """A surface. `tone`: "sunken", or a phase or tone, which tints it."""
    look = {"": "", "sunken": "sunken"}.get(tone)
    if look is None:
        look = f"tinted {'tone' if tone in (*TONES, 'brand', 'quiet') else 'phase'}-{tone}"
    return draw("card", content=content, title=title, heading=f"h{level}", look=look, id=id, css=css)


@register.simple_block_tag
def notice(content: SafeString, *, tone: str = "info", title: str = "", alert: bool = False) -> SafeString:
    """What one should know now; sign and word come with the tone."""
    sign, word = TONES[known(tone, TONES, "tone")]
    return draw("notice", content=content, tone=tone, sign=sign, word=word, title=title, alert=alert)


@register.simple_block_tag
def emergency(content: SafeString, practice: Any, *, title: str, urgent: bool = False) -> SafeString:
    """Who to call: the practice's telephone and the emergency number as links."""
    return draw("emergency", content=content, practice=practice, title=title, urgent=urgent)


@register.filter
def phone_uri(number: str) -> str:
    """A telephone number as a tel: link wants it: digits and a leading plus."""
    digits = re.sub(r"[^\d+]", "", str(number or ""))
    return f"tel:{digits}"


@register.simple_block_tag
def empty_state(content: SafeString, *, title: str, icon: str = "", level: int = 2) -> SafeString:
    """Nothing here yet, and the next step."""
    return draw("empty_state", content=content, title=title, sign=icon, heading=f"h{level}")


@register.simple_tag
def letter_frame(url: str, *, title: str) -> SafeString:
    """A letter in a frame without scripts; the page behind `url` sends its own policy."""
    return format_html('<iframe class="letter-frame" sandbox src="{}" title="{}"></iframe>', url, title)


# ---- Actions ------------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/post_button.html")
def post_button(
    *,
    action: str,
    word: str,
    variant: str = "primary",
    icon: str = "",
    label: str = "",
    fields: Mapping[str, Any] | None = None,
    name: str = "",
    value: str = "",
    css: str = "",
) -> dict[str, Any]:
    """A form with one button. `label` is what a screen reader hears when the word alone is not enough."""
    return {
        "action": action,
        "word": word,
        "variant": known(variant, BUTTON_LOOKS, "variant"),
        "sign": icon,
        "label": label,
        "fields": fields or {},
        "name": name,
        "value": value,
        "css": css,
    }


@register.inclusion_tag("components/tap_scale.html", takes_context=True)
def tap_scale(
    context: Context,
    *,
    action: str,
    ask: str,
    id: str,
    low: str,
    high: str,
    name: str = "value",
    fields: Mapping[str, Any] | None = None,
    current: int | None = None,
) -> dict[str, Any]:
    """0 to 10 as eleven buttons: one tap answers. `ask` is the question, `low` and `high` the words at the ends.

    `current` is what stands told. The form posts to `action` with `fields` and the number as `name`.
    """
    return {
        "csrf_token": context.get("csrf_token"),
        "action": action,
        "ask": ask,
        "id": id,
        "low": low,
        "high": high,
        "name": name,
        "fields": fields or {},
        "numbers": [(number, number == current) for number in range(11)],
    }


@register.inclusion_tag("components/segmented.html")
def segmented(*, label: str, links: Iterable[tuple[str, str, bool]]) -> dict[str, Any]:
    """Views of the same thing, as links: (word, url, is_current)."""
    return {"label": label, "links": links}


@register.inclusion_tag("components/pages.html", takes_context=True)
def pages(context: Context, page: Page, *, param: str = "page") -> dict[str, Any]:
    """Links to the other pages of a list; the rest of the query string stays."""
    return {
        "page": page,
        "param": param,
        "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "request": context.get("request"),
    }


@register.filter
def button_look(classes: str, kind: str = "button") -> str:
    """The classes of a crispy-forms button in our words: a submit is the primary action unless another look is named."""
    # crispy-forms adds Bootstrap's names whatever the template pack
    named = [word for word in (classes or "").split() if not word.startswith("btn")]
    if not set(named) & set(BUTTON_LOOKS):
        named.insert(0, "primary" if kind == "submit" else "ghost")
    return " ".join(named)


# ---- Training -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RailPart:
    """One phase on the rail; `filled` in percent of its bar."""

    kind: str
    word: str
    state: str
    filled: int
    href: str


def read(thing: Any, name: str, default: Any = "") -> Any:
    """A value of a dict or of an object, as templates read them."""
    return thing.get(name, default) if isinstance(thing, Mapping) else getattr(thing, name, default)


@register.inclusion_tag("components/phase_rail.html")
def phase_rail(parts: Iterable[Any], *, label: str = "") -> dict[str, Any]:
    """The phases of a plan in order: kind, word, state (done, current, ahead), progress in percent, href."""
    rail = []
    for part in parts:
        state = known(str(read(part, "state")), ("done", "current", "ahead"), "state")
        filled = {"done": 100, "ahead": 0}.get(state, round(float(read(part, "progress", 0) or 0)))
        rail.append(
            RailPart(
                str(read(part, "kind")),
                str(read(part, "word")),
                state,
                max(0, min(100, filled)),
                str(read(part, "href")),
            )
        )
    return {"parts": rail, "label": label or _("Phases")}


@register.simple_tag
def phase_tag(phase: str, word: str = "") -> SafeString:
    """The word in its phase's colour."""
    return format_html('<span class="tag phase-{}">{}</span>', phase, word or phase)


@register.inclusion_tag("components/step_row.html")
def step_row(
    *,
    name: str,
    dose: str = "",
    phase: str = "",
    word: str = "",
    position: str = "",
    kind: str = "",
    exercise: str = "",
    media: Iterable[Any] = (),
    side: str = "",
    href: str = "",
    note: str = "",
    why: str = "",
    done: bool = False,
    skipped: str = "",
    locked: bool = False,
    level: int = 0,
    where: Any = None,
    key: Any = "",
) -> dict[str, Any]:
    """One exercise in a list: picture, name, dose in one line, tag. `skipped` is the reason, `why` says why it is in the program.

    `where` is a sketch of where it works, opened on demand; `key` tells the rows of one page apart.
    """
    return {
        "name": name,
        "dose": dose,
        "phase": phase,
        "word": word,
        "position": position,
        "kind": kind,
        "exercise": exercise,
        "href": href,
        "media": media,
        "side": side,
        "note": note,
        "why": why,
        "done": done,
        "skipped": skipped,
        "locked": locked,
        "heading": f"h{level}" if level else "",
        "where": where,
        "key": key,
    }


@register.inclusion_tag("components/criteria.html")
def criteria(lines: Iterable[Any]) -> dict[str, Any]:
    """What must hold before the next phase, a line each: text, figure, and whether it is met, not yet, or unknown."""
    return {"lines": lines}


@register.simple_block_tag(takes_context=True)
def tick_form(
    context: Context,
    content: SafeString,
    *,
    action: str,
    number: int | str = "",
    target: str,
    done: bool = False,
    current: bool = False,
    phase: str = "",
    label: str = "",
) -> SafeString:
    """One set whose figures can be changed before ticking; the body is the form's fields, drawn by crispy-forms."""
    return draw(
        "tick_row",
        content=content,
        action=action,
        number=number,
        target=target,
        done=done,
        current=current,
        phase=phase,
        label=label,
        csrf_token=context.get("csrf_token"),
    )


@register.inclusion_tag("components/ring.html")
def ring(
    *, seconds: int, left: int | None = None, word: str = "", phase: str = "", id: str = ""
) -> dict[str, Any]:
    """Time left of a hold or a rest; a timer moves it by its data attributes."""
    left = seconds if left is None else max(0, min(left, seconds))
    return {
        "seconds": seconds,
        "left": left,
        "offset": 100 - round(100 * left / seconds) if seconds else 100,
        "word": word,
        "phase": phase,
        "id": id,
    }


# ---- Records ------------------------------------------------------------------------------------------------------


@register.simple_block_tag
def chart_frame(content: SafeString, *, title: str, sentence: str = "", level: int = 2) -> SafeString:
    """A chart with the sentence that says what it shows."""
    return draw("chart_frame", content=content, title=title, sentence=sentence, heading=f"h{level}")


# ---- Fields -------------------------------------------------------------------------------------------------------


@register.filter
def widget_attr(field: BoundField, name: str) -> str:
    """An attribute of the field's widget (templates cannot read names with a hyphen)."""
    return str(field.field.widget.attrs.get(name, ""))


@register.filter
def field_shape(field: BoundField) -> str:
    """The template in practice/shapes/ that draws this field."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, forms.RadioSelect):
        return "scale" if "data-scale" in widget.attrs else "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.NumberInput) and "data-stepper" in widget.attrs:
        return "stepper"
    if field.use_fieldset:
        return "group"
    return "input"


@register.filter
def first_control(field: BoundField) -> str:
    """The id that a link in the error summary leads to."""
    if field_shape(field) in {"choices", "scale", "group"}:
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


@register.filter
def named_control(field: BoundField) -> SafeString:
    """The control of a table's cell, with its column's name for a screen reader (there is no label beside it)."""
    return SafeString(field.as_widget(attrs={"aria-label": str(field.label)}))
