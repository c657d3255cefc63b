"""Drills the outbox: real scripts in a real browser, a network that breaks at random, and a count of what came of it.

What must never happen is counted: a session that is not one record, a set that is twice or lost, an indicator that says
less than is unsent. Needs the browser of the tests (CHROMIUM) and Playwright, so nothing of the product imports it.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from django.utils import timezone

from clients.demo import builders
from clients.models import AssignedStep, Client, SetRecord, TrainingSession
from clients.recording import state_of

VIOLATIONS = ("not one record", "twice", "lost", "indicator", "not sent in the end")
CUTS = ("pass", "pass", "before", "during", "answer lost", "broken")

# The control: each attempt has a key of its own, as if the browser made it when it sends
KEYS_ANEW = """
  const send = window.fetch;
  window.fetch = async (url, options) => {
    if (!options?.body || !String(url).endsWith("/outbox/")) return send(url, options);
    const told = JSON.parse(options.body), own = {};
    for (const entry of told.entries.filter((each) => each.kind === "set")) {
      const fresh = crypto.randomUUID();
      own[fresh] = entry.key;
      entry.key = fresh;
    }
    const answer = await send(url, { ...options, body: JSON.stringify(told) });
    if (!answer.ok) return answer;
    const said = await answer.json();
    for (const each of said.answers) each.key = own[each.key] || each.key;
    return new Response(JSON.stringify(said), { status: answer.status });
  };
"""


@contextmanager
def server() -> Iterator[str]:
    """The site on this machine, on the database that is connected: each request with a connection of its own."""
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    thread = LiveServerThread("localhost", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    try:
        yield f"http://localhost:{thread.port}"
    finally:
        thread.terminate()


def make_person(number: int) -> Client:
    """Somebody with a session to do today, whatever the day of the week."""
    now = timezone.now()
    client = builders.make_client(name=f"Drill {number}")
    builders.assign(client, now=now)
    AssignedStep.objects.filter(phase__assignment__client=client).update(weekdays="1234567")
    builders.screen(client, now=now)
    return client


class Device:
    """One browser of a client: what it did, over a network that breaks."""

    def __init__(
        self, browser: Any, url: str, client: Client, chance: random.Random, *, control: bool
    ) -> None:
        self.url, self.client, self.chance = url, client, chance
        self.healed = False
        self.told: list[dict[str, Any]] = []
        self.context = browser.new_context(base_url=url, service_workers="block")
        if control:
            self.context.add_init_script(KEYS_ANEW)
        self.context.route("**/outbox/", self.pass_or_cut)
        self.sign_in()
        self.open()

    def sign_in(self) -> None:
        session = SessionStore()
        session[SESSION_KEY] = str(self.client.user_id)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = self.client.user.get_session_auth_hash()  # type: ignore[union-attr]
        session.save()
        self.login = session.session_key
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": self.url}
        self.context.add_cookies([cookie])

    def open(self) -> None:
        self.page = self.context.new_page()
        self.page.goto("/today/")
        if not self.page.locator("[data-outbox]").get_attribute(
            "data-account"
        ):  # an answer to the old login, come late, has ended the new one
            self.sign_in()
            self.page.goto("/today/")

    def kill(self) -> None:
        """The tab is gone in the middle of whatever it did."""
        self.page.close()
        self.open()

    def expire(self) -> None:
        """The login ends while there is work; the person signs in again later."""
        Session.objects.filter(session_key=self.login).delete()
        self.page.evaluate("window.outbox.replay().then(() => null)")
        self.sign_in()

    def pass_or_cut(self, route: Any) -> None:
        cut = "pass" if self.healed else self.chance.choice(CUTS)
        if cut == "before":
            route.abort()
        elif cut == "broken":
            route.fulfill(status=503, body="")
        elif cut == "during":
            route.abort("connectionreset")
        elif cut == "answer lost":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    def put(self, entry: dict[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = self.page.evaluate("(entry) => window.outbox.put(entry)", entry)
        self.page.evaluate("void window.outbox.replay()")
        self.told.append(kept)
        return kept

    def wanders(self) -> None:
        what = self.chance.random()
        if what < 0.12:
            self.kill()
        elif what < 0.2:
            self.expire()
        elif what < 0.5:
            self.page.wait_for_timeout(self.chance.randrange(120))

    def indicated(self) -> int:
        """What the page says is not sent."""
        self.page.evaluate("window.outbox.changed().then(() => null)")
        return int(self.page.locator("[data-outbox]").get_attribute("data-count") or 0)

    def heal(self) -> bool:
        """The network holds: whether everything is sent in the end."""
        self.healed = True
        self.kill()
        for _moment in range(60):
            if self.page.locator("[data-outbox]").get_attribute("data-state") == "sign-in":
                self.sign_in()  # an answer to the old login, come late, has ended the new one
                self.kill()
            self.page.evaluate("window.outbox.replay().then(() => null)")
            if self.indicated() == 0:
                return True
            self.page.wait_for_timeout(100)
        return False


def unsent_sets(client: Client, devices: list[Device]) -> int:
    """Sets that the devices did and the practice has not."""
    known = set(SetRecord.objects.filter(client=client).values_list("key", flat=True))
    return sum(
        1 for device in devices for each in device.told if each["kind"] == "set" and each["key"] not in known
    )


def one_session(
    browser: Any, url: str, number: int, seed: int, found: Counter[str], *, control: bool
) -> None:
    """One session of one client on one device or two."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 -- the same accidents at every run
    client = make_person(number)
    devices = [
        Device(browser, url, client, chance, control=control) for _n in range(1 + (chance.random() < 0.3))
    ]
    plan = devices[0].page.evaluate("window.outbox.keepPlan().then(() => window.outbox.plan())")
    asked = plan["days"][0]["sessions"][0]
    sets = [(item, n) for item in asked["items"] for n in range(1, item["sets"] + 1)]
    done: set[tuple[int, str, int]] = set()
    for device in devices:
        start = {
            "kind": "start",
            "session": {"number": 1},
            "what": {"pain_before": 3},
            "yes": [],
            "shown": asked["shown"],
        }
        begun = device.put(start)
        session = {"key": begun["key"], "number": 1, "started": begun["device_time"]}
        mine = [each for each in sets if chance.random() < 0.6] if len(devices) > 1 else sets
        for item, n in mine or sets[:1]:
            asked_for = item["each"][n - 1]
            figures = {name: asked_for[name] for name in ("reps", "seconds") if asked_for[name] is not None}
            named = {"exercise": item["exercise"], "side": item["side"]}
            what = {"done": "1", **figures}
            device.put({"kind": "set", "session": session, "item": named, "number": n, "what": what})
            done.add((item["exercise"], item["side"], n))
            device.wanders()
        device.put({"kind": "finish", "session": session, "what": {"pain_after": 2, "pain_worst": 4}})
        if not control:
            missing = unsent_sets(client, [device])  # asked first: what arrives meanwhile is no fault
            shown = device.indicated()
            still = unsent_sets(client, [device])
            found["indicator"] += min(missing, still) > shown
    for device in devices:
        found["not sent in the end"] += not device.heal()
        device.context.close()
    look(client, devices, done, found)


def look(client: Client, devices: list[Device], done: set[tuple[int, str, int]], found: Counter[str]) -> None:
    sessions = list(TrainingSession.objects.filter(client=client))
    found["not one record"] += len(sessions) != 1
    recorded = {
        (state.item.exercise_id, state.item.side, n)
        for session in sessions
        for state in state_of(session).items
        for n, row in state.sets.items()
        if row.done
    }
    found["lost"] += len(done - recorded)
    told = sum(1 for device in devices for each in device.told if each["kind"] == "set")
    found["twice"] += max(0, SetRecord.objects.filter(client=client).count() - told)


def drill(
    sessions: int,
    seed: int,
    chromium: str,
    *,
    control: bool = False,
    told: Callable[[str], None] = lambda _line: None,
) -> Counter[str]:
    """So many sessions on the database that is connected; how often each violation was seen."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- only the drill needs a browser

    builders.make_practice()
    found: Counter[str] = Counter(dict.fromkeys(VIOLATIONS, 0))
    with server() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for number in range(sessions):
            one_session(browser, url, number, seed, found, control=control)
            if (number + 1) % 25 == 0:
                told(f"{number + 1} of {sessions}: {json.dumps(found)}")
        browser.close()
    return found
