"""A browser for the journeys: what is signed in, what the policy refused, what axe finds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.late import make_late, make_slow
from tests.journeys.waiting import PATIENCE

expect.set_options(timeout=PATIENCE * 1000)

WIDTHS = {"phone": (360, 780), "desk": (1280, 900)}
SCHEMES = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Of what passed axe tells one example each: telling it all takes longer than the finding. It fetches no style sheets once
# more: no rule of these reads them, and it would write them as inline style, which the policy refuses.
ASKED = {
    "runOnly": {"type": "tag", "values": RULES},
    "resultTypes": ["violations"],
    "preload": False,
}

if os.environ.get("LATE"):
    make_late(float(os.environ["LATE"]))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium that the harness found. Root cannot have a sandbox."""
    args = ["--no-sandbox"] if os.geteuid() == 0 else []
    quiet = [
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--disable-quic",
    ]
    return {**browser_type_launch_args, "executable_path": os.environ["CHROMIUM"], "args": args + quiet}


@pytest.fixture(autouse=True)
def plain_staff_sign_in(settings: Any) -> None:
    """Journeys are about the work behind the door; the second factor has tests of its own."""
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture(autouse=True)
def whole_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A press is over when the page that it brought stands with its scripts: a person looks before going on, a robot does not.

    Pressed earlier, a form goes the plain way, which has journeys of its own.
    """

    def and_wait(act: Callable[..., None]) -> Callable[..., None]:
        def acted(self: Locator, *args: Any, **how: Any) -> None:
            act(self, *args, **how)
            self.page.wait_for_load_state()

        return acted

    monkeypatch.setattr(Locator, "click", and_wait(Locator.click))
    monkeypatch.setattr(Locator, "press", and_wait(Locator.press))


class Watched:
    """A page that remembers what went wrong on it: refused by the policy, thrown by a script, answered with a 5xx."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.troubles: list[str] = []
        page.on("console", lambda message: self.hear(message.type, message.text))
        page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        page.on("response", lambda answer: self.see(answer.status, answer.url))

    def hear(self, kind: str, text: str) -> None:
        if "Content Security Policy" in text:
            self.troubles.append(f"policy: {text}")
        elif kind == "error" and "Failed to load resource" not in text:
            self.troubles.append(f"console: {text}")

    def see(self, status: int, url: str) -> None:
        if status >= 500 or (status == 404 and "/static/" in url):
            self.troubles.append(f"{status} {url}")


def session_cookie(user: Any, url: str) -> dict[str, Any]:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": url}


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Callable[..., Watched]]:
    """`visit(user, width="phone", scheme="light", scripts=True)`: a fresh browser, signed in as that user or as nobody."""
    contexts: list[BrowserContext] = []

    def make(
        user: Any = None, *, width: str = "phone", scheme: str = "light", scripts: bool = True, **options: Any
    ) -> Watched:
        wide, high = WIDTHS[width]
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": wide, "height": high},
            color_scheme=scheme,
            java_script_enabled=scripts,
            **{"service_workers": "block", **options},  # what one answers, no test could hold back
        )
        context.set_default_timeout(PATIENCE * 1000)
        if os.environ.get("SLOW"):
            make_slow(context, float(os.environ["SLOW"]))
        contexts.append(context)
        if user is not None:
            context.add_cookies([session_cookie(user, live_server.url)])
        return Watched(context.new_page())

    yield make
    for number, context in enumerate(contexts):
        if os.environ.get("LOOK"):  # a folder: what the browsers showed last, for whoever looks for a fault
            for page in context.pages:
                page.screenshot(path=f"{os.environ['LOOK']}/{number}.png", full_page=True)
        context.close()


def axe_findings(watched: Watched) -> list[str]:
    """What axe says against the page, one line each; empty when it is clean."""
    results = Axe().run(watched.page, options=ASKED)
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


def small_targets(page: Page) -> list[str]:
    """What is shown to be pressed and is smaller than 44 pixels, but links within a sentence."""
    return page.evaluate(
        """() => [...document.querySelectorAll("a, button, summary, label.choice, .scale label")].filter((each) => {
          const { width, height } = each.getBoundingClientRect();
          return each.checkVisibility() && !each.matches("p a, .skip-link") && width && (width < 44 || height < 43.9);
        }).map((each) => each.outerHTML.slice(0, 120))"""
    )
