"""One set in words, said by the page as the server says it (static/js/words.js)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import translation
from playwright.sync_api import Page

from clients.recording import SetEntry
from clients.templatetags.dose import entry_words

pytestmark = pytest.mark.e2e

FIGURES = [
    (30, None, None, ""), (119, None, None, ""), (120, None, None, ""), (150, None, None, ""), (605, None, None, ""),
    (None, 1, None, ""), (None, 12, None, ""), (None, 0, None, ""), (8, 10, None, ""), (10, 10, None, ""),
    (None, 12, "4.0", ""), (None, 12, "2.5", "red"), (None, 12, "1234.5", ""), (5, 10, None, "other"), (None, 8, "0.0", ""),
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "de"])
def test_page_says_a_set_as_the_server_does(page: Page, language: str, settings: Any) -> None:
    source = (settings.BASE_DIR / "static/js/words.js").read_text()
    with translation.override(language):
        words = Template('{% include "clients/sessions/_words.html" %}').render(Context())
        wanted, told = [], []
        for seconds, reps, load, band in FIGURES:
            for side in ("none", "left"):
                entry = SetEntry(
                    done=True, reps=reps, seconds=seconds, load_kg=load and Decimal(load), band=band
                )
                wanted.append(entry_words(entry, side))
                named = entry_words(SetEntry(done=True, seconds=9), side).removeprefix(
                    entry_words(SetEntry(done=True, seconds=9))
                )
                told.append(
                    [{"seconds": seconds, "reps": reps, "load_kg": load, "band": band}, named.strip()]
                )
    page.set_content(f'<html lang="{language}"><body>{words}</body></html>')
    page.add_script_tag(content=source)

    assert page.evaluate("(told) => told.map(([set, side]) => setWords(set, side))", told) == wanted
