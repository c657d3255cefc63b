"""The design system: colours that can be read, templates that the strict policy accepts, components that say what they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Row, Submit
from django import forms
from django.conf import settings
from django.forms import formset_factory
from django.template import Context, Template, TemplateSyntaxError

from clients.progression.criteria import Answer
from clients.progression.words import Line
from trainandmassage import ui

ROOT = Path(settings.BASE_DIR)
SHEETS = sorted((ROOT / "static" / "css").rglob("*.css"))
# Letters are read by mail programs, which know neither our style sheets nor our policy.
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "emails" not in path.parts)
THEMES = ("light", "dark")
GROUNDS = ("paper", "surface", "sunken")
MEANINGS = ("brand", "release", "strengthen", "integrate", "maintain", "ok", "warn", "stop")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


# ---- Colours ------------------------------------------------------------------------------------------------------


def tokens() -> dict[str, dict[str, str]]:
    """Colour by theme and name, as tokens.css writes them."""
    text = (ROOT / "static/css/tokens.css").read_text(encoding="utf-8")
    pairs = re.findall(r"--([\w-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\)", text)
    return {
        "light": {name: light for name, light, _dark in pairs},
        "dark": {name: dark for name, _light, dark in pairs},
    }


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def text_pairs() -> Iterator[tuple[str, str]]:
    """Every (text, ground) that a component uses."""
    yield from product(("ink", "ink-2", *MEANINGS), GROUNDS)
    for meaning in MEANINGS:
        yield meaning, f"{meaning}-tint"
        yield from product(("ink", "ink-2"), (f"{meaning}-tint",))
        yield "surface", meaning
    yield from (("on-brand", "brand"), ("on-stop", "stop"))


@pytest.mark.parametrize("theme", THEMES)
def test_text_colours_are_readable_on_every_ground(theme: str) -> None:
    colours = tokens()[theme]

    faint = {
        (text, ground): round(contrast(colours[text], colours[ground]), 2)
        for text, ground in text_pairs()
        if contrast(colours[text], colours[ground]) < 4.5
    }

    assert faint == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_edges_of_controls_are_seen(theme: str, ground: str) -> None:
    colours = tokens()[theme]

    assert contrast(colours["control"], colours[ground]) >= 3


def test_contrast_of_black_and_white_is_the_known_one() -> None:
    assert round(contrast("#FFFFFF", "#000000"), 2) == 21


# ---- Style sheets -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sheet", SHEETS, ids=name_of)
def test_sheet_loads_nothing_from_elsewhere(sheet: Path) -> None:
    assert re.findall(r"url\(\s*['\"]?(?:https?:)?//", sheet.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=name_of)
def test_sheet_lies_in_a_layer(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)

    outside = re.sub(r"@import [^;]+ layer\(\w+\);|@layer [\w, ]+;", "", text)

    assert re.match(r"\s*(@layer \w+ \{.*\}\s*)?$", outside, flags=re.DOTALL)


def test_reduced_motion_stops_every_transition_and_animation() -> None:
    base = (ROOT / "static/css/base.css").read_text(encoding="utf-8")

    block = re.search(
        r"prefers-reduced-motion: reduce\) \{\s*\*, ::before, ::after \{(.*?)\}", base, re.DOTALL
    )

    assert block is not None
    assert "animation: none !important" in block[1]
    assert "transition: none !important" in block[1]


def test_nothing_moves_by_itself() -> None:
    """No keyframes at all: a change of state is the only motion, and base.css can switch it off."""
    moving = [name_of(sheet) for sheet in SHEETS if "@keyframes" in sheet.read_text(encoding="utf-8")]

    assert moving == []


# ---- Templates under the strict policy ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_template_has_no_inline_code(path: Path) -> None:
    text = re.sub(
        r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}",
        "",
        path.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )

    found = [
        *re.findall(r"\sstyle\s*=", text),
        *re.findall(r"<style\b", text),
        *re.findall(r"\son[a-z]+\s*=\s*[\"']", text),
        *re.findall(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))[^>]*>", text),
        *re.findall(r"javascript:", text),
    ]

    assert found == []


# ---- Components ---------------------------------------------------------------------------------------------------


def draw(source: str, **context: Any) -> str:
    return " ".join(Template(source).render(Context(context)).split())


class Page(HTMLParser):
    """Ids, what refers to them, and the text, of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in {"for", "aria-describedby", "aria-labelledby"}:
                self.targets.extend((value or "").split())
            elif name == "href" and (value or "").startswith("#"):
                self.targets.append((value or "")[1:])


def test_unknown_attribute_is_a_template_error() -> None:
    with pytest.raises(TemplateSyntaxError, match="colour"):
        Template('{% card colour="red" %}text{% endcard %}')


@pytest.mark.parametrize(
    "source",
    [
        '{% icon "unicorn" %}',
        '{% notice tone="loud" %}x{% endnotice %}',
        '{% post_button action="/" word="Go" variant="huge" %}',
        "{% phase_rail parts %}",
    ],
)
def test_unknown_variant_is_a_template_error(source: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="must be one of"):
        draw(source, parts=[{"kind": "release", "word": "Release", "state": "soon"}])


@pytest.mark.parametrize("name", sorted(ui.ICONS))
def test_icon_is_sound_svg(name: str) -> None:
    icon = ElementTree.fromstring(draw(f'{{% icon "{name}" %}}'))  # noqa: S314 -- our own drawing

    assert icon.get("aria-hidden") == "true"
    assert len(icon) >= 1


def test_figure_is_a_file_for_each_theme_and_decorative_beside_its_name() -> None:
    drawn = draw('{% figure "supine" "strengthen" exercise="bridge" side="left" %}')

    assert re.findall(r"/bridge/([\w-]+)\.svg", drawn) == [
        "strengthen-dark-left-still",
        "strengthen-light-left-still",
    ]
    assert 'alt=""' in drawn
    assert "data-moves" not in drawn


def test_large_figure_says_what_it_shows_and_can_be_held_still() -> None:
    drawn = draw('{% figure "supine" "strengthen" exercise="bridge" large=True %}')

    assert 'alt="Lying on the back' in drawn
    assert "data-moves" in drawn
    assert "data-figure-still" in drawn


def test_figure_on_paper_has_one_file_and_stays_still() -> None:
    drawn = draw('{% figure "supine" "strengthen" exercise="bridge" large=True theme="light" %}')

    assert re.findall(r"/bridge/([\w-]+)\.svg", drawn) == ["strengthen-light-right-still"]
    assert "data-moves" not in drawn


def test_picture_of_the_therapist_takes_the_place_of_the_figure() -> None:
    photo = {"kind": "photo", "state": "ready", "token": "abc", "alt": "On the mat"}

    drawn = draw('{% figure "supine" "strengthen" exercise="bridge" media=media large=True %}', media=[photo])

    assert "bridge" not in drawn
    assert 'alt="On the mat"' in drawn


def test_phase_rail_fills_by_progress_and_says_it() -> None:
    parts = [
        {"kind": "release", "word": "Release", "state": "done"},
        {"kind": "strengthen", "word": "Strengthen", "state": "current", "progress": 62.4},
        {"kind": "integrate", "word": "Integrate", "state": "ahead", "progress": 10},
        {"kind": "maintain", "word": "Maintain", "state": "current", "progress": 250},
    ]

    rail = draw("{% phase_rail parts %}", parts=parts)

    assert re.findall(r'width="(\d+)%"', rail) == ["100", "62", "0", "100"]
    assert "now, 62 percent" in rail
    assert rail.count('aria-current="step"') == 2


def test_criteria_say_in_words_what_is_met() -> None:
    lines = [
        Line("7 days", "8 of 7", Answer.MET),
        Line("5 sessions", "3 of 5", Answer.NOT_MET),
        Line("Pain", "–", Answer.NOT_ENOUGH, detail="There is not enough data yet."),
    ]

    drawn = draw("{% criteria lines %}", lines=lines)

    assert re.findall(r'visually-hidden">, ([a-z ]+)<', drawn) == ["met", "not yet", "not enough data yet"]
    assert re.findall(r'criterion-figure">([^<]*)<', drawn) == ["8 of 7", "3 of 5", "–"]
    assert "There is not enough data yet." in drawn


def test_tick_row_is_a_form_with_one_button() -> None:
    row = draw(
        '{% tick_form action="/tick" number=1 target="30 s left" done=True %}<i>fields</i>{% endtick_form %}',
        csrf_token="token",
    )

    assert row.count("<button") == 1
    assert 'aria-pressed="true"' in row
    assert 'name="csrfmiddlewaretoken" value="token"' in row
    assert "<i>fields</i>" in row


@pytest.mark.parametrize(("left", "offset"), [(30, 0), (15, 50), (0, 100), (45, 0), (-5, 100)])
def test_ring_shows_the_time_left(left: int, offset: int) -> None:
    assert f'stroke-dashoffset="{offset}"' in draw("{% ring seconds=30 left=left %}", left=left)


def test_emergency_panel_links_the_numbers_and_puts_the_urgent_one_first() -> None:
    practice = {"name": "Practice", "phone": "+34 (600) 11-22", "emergency_number": "112"}

    panel = draw('{% emergency practice title="Stop" urgent=True %}Why{% endemergency %}', practice=practice)

    assert re.findall(r'href="(tel:[^"]+)"', panel) == ["tel:112", "tel:+346001122"]


def test_components_escape_what_people_typed() -> None:
    row = draw("{% step_row name=name dose=name note=name skipped=name %}", name="<b>x</b>")

    assert "<b>" not in row


@pytest.mark.parametrize(
    ("classes", "kind", "look"),
    [
        ("btn btn-primary", "submit", "primary"),
        ("btn btn-primary ghost", "submit", "ghost"),
        ("btn btn-primary danger small", "submit", "danger small"),
        ("btn", "button", "ghost"),
        ("btn btn-inverse", "reset", "ghost"),
    ],
)
def test_button_of_a_form_is_primary_unless_it_says_otherwise(classes: str, kind: str, look: str) -> None:
    assert ui.button_look(classes, kind) == look


@pytest.mark.parametrize(
    ("tags", "tone"), [("success", "ok"), ("error", "stop"), ("extra warning", "warn"), ("", "info")]
)
def test_message_gets_the_tone_of_its_level(tags: str, tone: str) -> None:
    assert ui.message_tone(tags) == tone


def test_every_component_is_written_down() -> None:
    text = (ROOT / "docs/design.md").read_text(encoding="utf-8")

    missing = [name for name in ui.register.tags if f"{{% {name}" not in text and f"`{name}`" not in text]

    assert missing == []


# ---- Fields -------------------------------------------------------------------------------------------------------


class Answers(forms.Form):
    name = forms.CharField(help_text="As your therapist knows you.")
    mail = forms.EmailField(required=False)
    note = forms.CharField(required=False, widget=forms.Textarea)
    hour = forms.ChoiceField(choices=[("19", "19:00")])
    pain = forms.ChoiceField(
        choices=[(str(level), str(level)) for level in range(11)],
        widget=forms.RadioSelect(attrs={"data-scale": "pain", "data-low": "No pain", "data-high": "Worst"}),
    )
    morning = forms.ChoiceField(
        choices=[("f", "fine"), ("w", "worse")], widget=forms.RadioSelect(attrs={"data-cards": "1"})
    )
    signs = forms.MultipleChoiceField(
        choices=[("a", "Numbness"), ("b", "Fever")], widget=forms.CheckboxSelectMultiple
    )
    agree = forms.BooleanField(help_text="You can change it later.")
    times = forms.IntegerField(widget=forms.NumberInput(attrs={"data-stepper": "1", "data-unit": "s"}))
    key = forms.CharField(widget=forms.HiddenInput)


CRISPY = "{% load crispy_forms_tags %}{{ form|crispy }}"


@pytest.mark.parametrize("data", [None, {}, {"mail": "nobody", "pain": "11", "name": "Ana"}])
def test_form_refers_only_to_what_is_there(data: dict[str, str] | None) -> None:
    page = Page(draw(CRISPY, form=Answers(data)))

    assert sorted(set(page.targets) - set(page.ids)) == []
    assert len(page.ids) == len(set(page.ids))


def test_error_stands_in_the_summary_and_beside_its_field_and_keeps_what_was_typed() -> None:
    html = draw(CRISPY, form=Answers({"mail": "nobody", "name": "Ana"}))

    assert 'class="error-summary" role="alert" tabindex="-1" autofocus' in html
    assert '<a href="#id_pain_0">Pain</a>' in html
    assert re.search(
        r'<input type="email" name="mail" value="nobody"[^>]*aria-invalid="true"[^>]*aria-describedby="id_mail_error"',
        html,
    )
    assert 'id="id_mail_error"' in html
    assert 'value="Ana"' in html


def test_error_of_the_whole_form_is_in_the_summary() -> None:
    form = Answers({})
    form.add_error(None, "These two do not fit together.")

    assert "<li>These two do not fit together.</li>" in draw(CRISPY, form=form)


def test_error_of_a_hidden_field_is_told() -> None:
    assert "<li>This field is required.</li>" in draw(CRISPY, form=Answers({}))


def test_pain_scale_is_eleven_choices_with_words_at_both_ends() -> None:
    html = draw(CRISPY, form=Answers())

    scale = re.search(r'<div class="scale">(.*?)</div>\s*<div class="scale-ends"[^>]*>(.*?)</div>', html)

    assert scale is not None
    assert re.findall(r'value="(\d+)"', scale[1]) == [str(level) for level in range(11)]
    assert re.findall(r"<span>(.*?)</span>", scale[2]) == ["No pain", "Worst"]


def test_group_of_choices_is_a_fieldset_described_by_its_error() -> None:
    html = draw(CRISPY, form=Answers({}))

    assert re.search(r'<fieldset id="div_id_signs"[^>]*aria-describedby="id_signs_error"', html)


def test_optional_field_says_so() -> None:
    html = draw(CRISPY, form=Answers())

    assert '>Mail <span class="optional">optional</span></label>' in html
    assert ">Name</label>" in html


def test_stepper_hides_its_buttons_until_the_script_shows_them() -> None:
    html = draw(CRISPY, form=Answers())

    assert len(re.findall(r'data-step="-?1"[^>]* hidden>', html)) == 2
    assert '<span class="unit">s</span>' in html


def test_form_with_a_layout_is_drawn_whole() -> None:
    form = Answers({"name": ""})
    form.helper = FormHelper()
    form.helper.layout = Layout(
        Fieldset("You", Row("name", "mail")), "pain", Submit("none", "None of these", css_class="ghost")
    )
    form.helper.add_input(Submit("save", "Save"))

    html = draw("{% load crispy_forms_tags %}{% crispy form %}", form=form, csrf_token="token")

    assert "<legend>You</legend>" in html
    assert 'class="button ghost"' in html
    assert 'class="button primary"' in html
    assert 'method="post" novalidate' in html
    assert html.count('class="error-summary"') == 1


def test_form_that_is_only_read_has_no_token() -> None:
    form = Answers()
    form.helper = FormHelper()
    form.helper.form_method = "get"

    assert "csrfmiddlewaretoken" not in draw(
        "{% load crispy_forms_tags %}{% crispy form %}", form=form, csrf_token="token"
    )


@pytest.mark.parametrize("template", ["", "practice/table_inline_formset.html"])
def test_formset_has_one_summary_for_all_its_rows(template: str) -> None:
    formset = formset_factory(Answers, extra=2)(
        {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-mail": "x", "form-1-mail": "y"}
    )
    helper = FormHelper()
    helper.template = template

    html = draw(
        "{% load crispy_forms_tags %}{% crispy formset helper %}",
        formset=formset,
        helper=helper,
        csrf_token="token",
    )

    assert html.count('class="error-summary"') == 1
    assert "form-TOTAL_FORMS" in html
    assert {f"id_form-{row}-mail_error" for row in (0, 1)} <= set(Page(html).ids)
