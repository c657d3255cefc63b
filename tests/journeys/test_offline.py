"""Without a network: the shell, the plan on the device, what was done and when it is sent, whose it is (C1, C2, C3, C5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from clients.cupboard import cupboard_of
from clients.demo.builders import assign, make_client, make_practice, screen, tag, train
from clients.models import (
    AssignedStep,
    Client,
    SafetyBlock,
    SessionItem,
    SessionNote,
    SetRecord,
    SkipRecord,
    StopEvent,
    TightnessReading,
    TrainingSession,
)
from clients.recording import state_of
from tests.journeys.conftest import axe_findings, session_cookie, small_targets
from tests.journeys.waiting import bar, expect_all_sent, until, until_it_says

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def follow(client: Client) -> Client:
    """A program that asks for everything every day: the tests run on any day of the week."""
    now = timezone.now()
    assign(client, now=now)
    AssignedStep.objects.update(weekdays="1234567")
    screen(client, now=now)
    return client


@pytest.fixture
def client() -> Client:
    make_practice()
    return follow(make_client())


@pytest.fixture
def phone(client: Client, visit: Callable[..., Any]) -> Any:
    """Ana's phone after a visit of Today: the shell and the plan are on it."""
    seat = visit(client.user, service_workers="allow")
    open_today(seat.page)
    return seat


def open_today(page: Page) -> None:
    page.goto("/today/")
    until_it_says(page, "navigator.serviceWorker.controller !== null")
    until_it_says(page, "window.outbox.plan().then(Boolean)")


def cut(page: Page, off: bool = True) -> None:
    page.context.set_offline(off)


def sign_in(page: Page, client: Client) -> None:
    page.context.clear_cookies()
    place = urlsplit(page.url)
    page.context.add_cookies([session_cookie(client.user, f"{place.scheme}://{place.netloc}")])


def begin(page: Page) -> None:
    """Pain and the safety list, all well."""
    page.get_by_role("button", name="Start").click()
    page.get_by_role("radio", name="4").check()
    page.get_by_role("button", name="None of these: start").click()
    expect(page.get_by_text("1 of ")).to_be_visible()


def begin_without_network(page: Page) -> None:
    cut(page)
    page.reload()
    begin(page)


def tick_first(page: Page) -> None:
    page.locator("button.tick").first.click()
    expect(page.locator(".tick-row.done")).to_have_count(1)


def do_screen(page: Page) -> int:
    """Every set of the exercise that is shown; how many there were."""
    rows = page.locator(".tick-row")
    for n in range(rows.count()):
        rows.nth(n).locator("button.tick").click()
        expect(page.locator(".tick-row.done")).to_have_count(n + 1)
    return rows.count()


def do_everything(page: Page) -> int:
    """Every set of every exercise; how many there were."""
    done = 0
    while page.get_by_role("heading", name="How was it?").count() == 0:
        done += do_screen(page)
        page.locator("[data-next]:visible").click()
    return done


def finish(page: Page) -> None:
    page.locator("input[name=pain_after][value='2']").check()
    page.locator("input[name=pain_worst][value='5']").check()
    page.get_by_role("button", name="Finish").click()
    expect(page.locator("main").get_by_text("Finished on this device.")).to_be_visible()


def test_session_is_begun_done_and_recorded_without_a_network(phone, client):
    page = phone.page
    cut(page)
    page.reload()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    begin(page)
    sets = do_everything(page)
    finish(page)

    expect(bar(page)).to_contain_text(f"{sets + 2} not sent")
    assert TrainingSession.objects.count() == 0
    cut(page, off=False)
    page.goto("/today/")

    expect_all_sent(page)
    session = TrainingSession.objects.get(client=client)
    state = state_of(session)
    assert (state.done_sets, state.all_sets) == (sets, sets)
    assert state.readings == {"pain_before": 4, "pain_after": 2, "pain_worst": 5}
    assert session.finished_at is not None
    assert SetRecord.objects.count() == sets
    assert phone.troubles == []


def test_it_is_sent_by_itself_as_soon_as_there_is_a_network(phone, client):
    page = phone.page
    begin_without_network(page)
    tick_first(page)

    cut(page, off=False)

    expect_all_sent(page)
    assert SetRecord.objects.filter(client=client).count() == 1


def test_session_that_is_open_goes_on_without_a_network_and_after_the_tab_was_killed(phone, client):
    page = phone.page
    session = train(client, now=timezone.now(), partial={}, pain_after=None, finish=False, skip=())
    SetRecord.objects.all().delete()
    page.goto(f"/session/{session.pk}/1/")
    until_it_says(page, f"window.outbox.plan().then((plan) => plan.open.some((s) => s.id === {session.pk}))")
    tick_first(page)
    expect(page.locator(".tick-row .unsent")).to_have_count(0)
    cut(page)

    page.goto(f"/session/{session.pk}/1/")
    expect(page.locator(".tick-row.done")).to_have_count(1)
    page.locator(".tick-row:not(.done) button.tick").first.click()
    expect(page.locator(".tick-row.done")).to_have_count(2)
    page.close()
    again = page.context.new_page()
    again.goto(f"/session/{session.pk}/1/")
    expect(again.get_by_text("1 not sent")).to_be_visible()
    cut(again, off=False)

    expect_all_sent(again)
    assert SetRecord.objects.count() == 2


def test_picture_is_whole_and_silent_without_a_network(phone):
    page = phone.page
    begin_without_network(page)
    picture = page.locator("[data-picture] svg").first
    frame, drawing = page.locator(".picture:has(svg)").first.bounding_box(), picture.bounding_box()

    for start, length in (("x", "width"), ("y", "height")):
        assert frame[start] - 1 <= drawing[start]
        assert drawing[start] + drawing[length] <= frame[start] + frame[length] + 1
    assert drawing["height"] > 60
    assert picture.get_attribute("aria-hidden") == "true"


def test_timer_guides_a_session_without_a_network(phone):
    page = phone.page
    begin_without_network(page)
    page.get_by_role("button", name="Start", exact=True).click()
    ring = page.locator("[data-ring-number]")

    expect(ring).to_have_text("3")
    expect(page.locator("[data-timer] [data-ring-word]")).to_contain_text("hold")
    page.keyboard.press("Escape")
    expect(page.locator("[data-timer-main]")).to_have_text("Go on")
    stands = ring.inner_text()
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="Back").click()
    expect(ring).to_have_text(stands)
    expect(page.locator("[data-timer-main]")).to_have_text("Go on")
    page.locator("button.tick").first.click()
    expect(page.locator("[data-line-word]")).not_to_be_empty()  # rest, or the change of sides
    expect(page.locator("[data-timer-rest-pause]")).to_be_visible()
    assert phone.troubles == []


def test_figures_are_adjusted_without_a_network(phone, client):
    page = phone.page
    begin_without_network(page)
    row, second = page.locator(".tick-row").first, page.locator(".tick-row").nth(1)
    second.get_by_text("Adjust").click()
    second.get_by_role("spinbutton", name="Seconds").fill("33")
    row.get_by_text("Adjust").click()
    seconds = row.get_by_role("spinbutton", name="Seconds")
    before = int(seconds.input_value())
    seconds.fill("-1")
    row.get_by_role("button", name="Save like this").click()
    expect(row.locator("[data-error]")).to_be_visible()
    assert seconds.input_value() == "-1"
    seconds.fill(str(before))
    row.locator("[data-step='-1']").click()
    row.get_by_role("button", name="Save like this").click()

    expect(page.locator(".tick-row.done")).to_have_count(1)
    expect(row).to_contain_text(f"{before - 5} s")
    assert second.get_by_role("spinbutton", name="Seconds").input_value() == "33"
    cut(page, off=False)
    expect_all_sent(page)
    assert SetRecord.objects.get(client=client).seconds == before - 5


def test_tightness_is_told_before_and_after_the_release_without_a_network(phone, client):
    page = phone.page
    begin_without_network(page)
    card = page.locator(".tightness")
    card.get_by_role("button", name="7", exact=True).click()
    expect(card).to_contain_text("tightness 7 before you begin")
    card.get_by_text("Change").click()
    card.get_by_role("button", name="6", exact=True).click()
    expect(card).to_contain_text("tightness 6 before you begin")
    do_screen(page)
    while card.count() == 0:
        page.locator("[data-next]:visible").click()
        do_screen(page)
    expect(card).to_contain_text("6 before you began")
    card.get_by_role("button", name="3", exact=True).click()
    expect(card).to_contain_text("tightness before 6, now 3")

    cut(page, off=False)
    expect_all_sent(page)
    told = TightnessReading.objects.filter(session__client=client).latest_revisions()
    assert {row.moment: row.value for row in told} == {"before": 6, "after": 3}
    assert phone.troubles == []


def test_new_numbness_is_heard_without_a_network_whatever_else_is_missing(phone, client):
    page = phone.page
    begin_without_network(page)
    do_everything(page)
    page.get_by_label("New numbness").check()
    page.get_by_role("button", name="Finish").click()

    expect(page.locator(".emergency")).to_contain_text("+49 30 23125 014")
    cut(page, off=False)
    page.evaluate("void window.outbox.replay()")
    expect_all_sent(page)
    assert SafetyBlock.objects.filter(client=client).open().exists()


def test_whom_to_call_is_one_tap_away_without_a_network(phone):
    page = phone.page
    begin_without_network(page)
    page.locator("[data-help] summary").click()

    expect(page.locator("[data-help] a[href='tel:112']")).to_be_visible()


def test_day_without_exercises_says_when_the_next_session_is(client, visit):
    tomorrow = client.local_date(timezone.now()) + timedelta(days=1)
    AssignedStep.objects.update(weekdays=str(tomorrow.isoweekday()))
    page = visit(client.user, service_workers="allow").page
    open_today(page)
    cut(page)
    page.reload()

    expect(page.locator("main")).to_contain_text(f"The next session is on {tomorrow:%A}")


def test_exercise_is_left_out_and_something_wrong_is_told_without_a_network(phone, client):
    page = phone.page
    begin_without_network(page)
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="Leave it out").click()
    expect(page.locator("main").get_by_text("Please answer this.")).to_be_visible()
    page.get_by_label("No time").check()
    page.get_by_role("button", name="Leave it out").click()
    expect(page.get_by_text("2 of ")).to_be_visible()
    page.get_by_role("button", name="Something is wrong").click()
    page.get_by_role("button", name="Dizzy").click()

    expect(page.locator(".emergency")).to_contain_text("112")
    page.reload()
    expect(page.locator(".emergency")).to_contain_text("112")
    cut(page, off=False)
    page.evaluate("void window.outbox.replay()")

    expect_all_sent(page)
    assert SafetyBlock.objects.filter(client=client).open().exists()
    assert SkipRecord.objects.filter(client=client).exists()


def test_warning_sign_without_a_network_shows_whom_to_call_and_begins_nothing(phone, client):
    page = phone.page
    cut(page)
    page.reload()
    page.get_by_role("button", name="Start").click()
    page.get_by_text("Fever, chills").click()
    page.get_by_role("button", name="Go on with what I ticked").click()

    expect(page.locator(".emergency")).to_contain_text("+49 30 23125 014")
    expect(page.locator(".emergency")).to_contain_text("has not been told yet")
    expect(page.get_by_role("button", name="Start")).to_have_count(0)
    cut(page, off=False)
    page.goto("/today/")

    expect_all_sent(page)
    assert TrainingSession.objects.count() == 0
    assert SafetyBlock.objects.filter(client=client).open().exists()


def test_login_that_has_ended_keeps_everything_until_the_next(phone, client):
    page = phone.page
    begin_without_network(page)
    tick_first(page)
    Session.objects.all().delete()
    cut(page, off=False)

    expect(bar(page)).to_contain_text(
        "2 not sent Kept on this device until you sign in.", use_inner_text=True
    )
    page.goto("/today/")
    expect(bar(page)).to_contain_text("2 not sent")
    assert TrainingSession.objects.count() == 0
    sign_in(page, client)
    page.goto("/today/")

    expect_all_sent(page)
    assert SetRecord.objects.filter(client=client).count() == 1


def test_another_account_on_the_same_phone_neither_sends_nor_sees_it(phone, client):
    page = phone.page
    begin_without_network(page)
    tick_first(page)
    ben = make_client(name="Ben Ortiz")
    sign_in(page, ben)
    cut(page, off=False)
    page.goto("/today/")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Ben")
    expect_all_sent(page)
    until_it_says(page, "window.outbox.plan().then(Boolean)")
    cut(page)
    page.reload()
    expect(page.locator("main").get_by_text("A few questions about your health are open.")).to_be_visible()
    assert TrainingSession.objects.count() == 0
    kept = f"window.outbox.openAt('{client.user_id}').then((base) => new Promise((told) => "
    kept += "{ const r = base.transaction('plan').objectStore('plan').count(); r.onsuccess = () => { base.close(); told(r.result); }; }))"
    assert page.evaluate(kept) == 0
    cut(page, off=False)
    sign_in(page, client)
    page.goto("/today/")

    expect_all_sent(page)
    assert SetRecord.objects.filter(client=client).count() == 1


def test_plan_of_more_than_a_week_ago_is_gone(phone):
    page = phone.page
    old = "new Date(Date.now() - 8 * 24 * 3600 * 1000).toISOString()"
    page.evaluate(
        f"""async () => {{
          const plan = await window.outbox.plan();
          const base = await window.outbox.openAt(window.outbox.account);
          await new Promise((done) => {{
            const act = base.transaction("plan", "readwrite");
            act.objectStore("plan").put({{ ...plan, made_at: {old} }}, "plan");
            act.oncomplete = done;
          }});
          base.close();
        }}"""
    )
    cut(page)
    page.reload()

    expect(page.get_by_role("heading", name="Nothing to do is kept here")).to_be_visible()


def test_new_version_takes_the_place_of_the_old_one(client, visit):
    seat = visit(client.user, service_workers="allow")
    page = seat.page
    page.goto("/health/")
    page.evaluate(
        "caches.open('shell-of-three-versions-ago').then((cache) => cache.put('/offline/', new Response('old')))"
    )

    open_today(page)

    names = page.evaluate("caches.keys()")
    assert len(names) == 1
    assert "shell-of-three-versions-ago" not in names
    kept = page.evaluate(
        "caches.keys().then(([name]) => caches.open(name)).then((cache) => cache.keys()).then((all) => all.map((each) => new URL(each.url).pathname))"
    )
    assert all(path == "/offline/" or path.startswith("/static/") for path in kept)
    assert client.name not in page.evaluate("caches.match('/offline/').then((shell) => shell.text())")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_without_a_network_are_clean(client, visit, scheme):
    seat = visit(client.user, service_workers="allow", scheme=scheme)
    page = seat.page
    open_today(page)
    cut(page)
    page.set_viewport_size({"width": 320, "height": 640})
    page.reload()
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    found = axe_findings(seat) + small_targets(page)
    page.get_by_role("button", name="Start").click()
    found += axe_findings(seat) + small_targets(page)
    page.get_by_role("radio", name="4").check()
    page.get_by_role("button", name="None of these: start").click()
    expect(page.locator("[data-slot=note]")).to_be_hidden()  # nobody wrote one
    found += small_targets(page)
    page.locator("button.tick").first.click()
    expect(bar(page)).to_be_visible()
    found += axe_findings(seat)
    while page.get_by_role("heading", name="How was it?").count() == 0:
        page.locator("[data-next]:visible").click()
    found += axe_findings(seat) + small_targets(page)
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    assert found == []
    assert wide <= 0
    assert seat.troubles == []


def databases(page: Page) -> list[str]:
    return page.evaluate("indexedDB.databases().then((all) => all.map((each) => each.name))")


def sign_out(page: Page) -> None:
    page.get_by_text("Ana Silva").click()
    page.get_by_role("button", name="Sign out").first.click()


def test_signing_out_leaves_nothing_on_the_device(phone, client):
    page = phone.page
    assert databases(page) == [f"outbox-{client.user_id}"]

    sign_out(page)

    page.wait_for_url("**/accounts/login/")
    assert databases(page) == []
    assert page.evaluate("localStorage.length") == 0


def test_signing_out_with_unsent_work_warns_first(phone, client):
    page = phone.page
    page.route("**/outbox/", lambda route: route.abort())
    page.evaluate("window.outbox.put({ kind: 'finish', session: { id: 1 }, what: { pain_after: 1 } })")

    sign_out(page)
    expect(page.get_by_text("If you sign out now, this is recorded nowhere.")).to_be_visible()
    page.get_by_role("button", name="Stay signed in").click()
    assert page.evaluate("window.outbox.all().then((all) => all.length)") == 1
    sign_out(page)
    page.get_by_role("button", name="Sign out and delete it").click()

    page.wait_for_url("**/accounts/login/")
    assert databases(page) == []


# ---- Pages that were opened with a network, when it goes away ------------------------------------------------------------


@pytest.fixture
def open_session(phone, client) -> TrainingSession:
    """A session that only has to be ended, known to the phone."""
    session = train(client, now=timezone.now(), partial={}, pain_after=None, finish=False, skip=())
    phone.page.goto(f"/session/{session.pk}/1/")
    until_it_says(
        phone.page, f"window.outbox.plan().then((plan) => plan.open.some((s) => s.id === {session.pk}))"
    )
    return session


def test_how_it_was_is_kept_when_the_network_goes_while_it_is_told(phone, client, open_session):
    page = phone.page
    page.goto(f"/session/{open_session.pk}/end/")
    page.locator("input[name=pain_after][value='2']").check()
    page.locator("input[name=pain_worst][value='5']").check()
    page.get_by_label("A note to your therapist").fill("The left hip clicked.")
    cut(page)
    page.get_by_role("button", name="Finish").click()

    expect(page.locator("main").get_by_text("Finished on this device.")).to_be_visible()
    expect(bar(page)).to_contain_text("1 not sent")
    cut(page, off=False)
    expect_all_sent(page)
    open_session.refresh_from_db()
    assert open_session.finished_at is not None
    assert state_of(open_session).readings["pain_worst"] == 5
    assert SessionNote.objects.get(session=open_session).text == "The left hip clicked."


def test_last_set_without_a_network_leads_on_to_the_next_exercise(phone, open_session):
    page = phone.page
    SetRecord.objects.all().delete()
    page.goto(f"/session/{open_session.pk}/1/")
    cut(page)
    rows = page.locator(".tick-row")
    for n in range(rows.count()):
        rows.nth(n).locator("button.tick").click()
        expect(page.locator(".tick-row.done")).to_have_count(n + 1)

    expect(page.locator("[data-timer-main]")).to_be_hidden()
    page.locator("a.big[data-without-timer]").click()
    expect(page.get_by_text("2 of ")).to_be_visible()


def test_warning_sign_before_a_session_is_heard_when_the_network_goes_on_its_page(phone, client):
    page = phone.page
    page.goto("/session/start/1/")
    page.locator(".checklist input[type=checkbox]").first.check()
    cut(page)
    page.get_by_role("button", name="Go on with what I ticked").click()

    expect(page.locator(".emergency a.call").first).to_be_visible()
    assert not SafetyBlock.objects.exists()
    cut(page, off=False)
    expect_all_sent(page)
    assert SafetyBlock.objects.filter(client=client).count() == 1


def test_warning_sign_is_heard_though_the_browser_takes_a_dead_network_for_one(phone):
    page = phone.page
    page.goto("/session/start/1/")
    page.locator(".checklist input[type=checkbox]").first.check()
    page.context.route("**/*", lambda route: route.abort())
    page.get_by_role("button", name="Go on with what I ticked").click()

    expect(page.locator(".emergency a.call").first).to_be_visible()


def test_tap_that_begins_leads_to_the_page_without_a_network(phone):
    page = phone.page
    page.goto("/today/")
    cut(page)
    page.locator("#begin-number").get_by_role("button", name="4", exact=True).click()

    expect(page.get_by_role("button", name="Start")).to_be_visible()
    begin(page)


def test_warning_sign_of_somebody_signed_out_says_whom_to_call(phone, open_session):
    page = phone.page
    page.goto(f"/session/{open_session.pk}/1/wrong/")
    page.context.clear_cookies()
    page.locator("[data-kind=stop] form").filter(has_text="Dizzy").get_by_role("button").click()

    expect(page.locator(".emergency a.call").first).to_be_visible()
    expect(bar(page)).to_contain_text("1 not sent")


def test_session_goes_on_over_midnight_without_a_network(client, visit):
    evening = timezone.now().astimezone(client.zone_info).replace(hour=23, minute=50, second=0)
    seat = visit(client.user, service_workers="allow")
    page = seat.page
    open_today(page)
    page.clock.install(time=evening)
    begin_without_network(page)
    tick_first(page)
    page.clock.fast_forward("00:15:00")
    page.locator(".tick-row:not(.done) button.tick").first.click()

    expect(page.locator(".tick-row.done")).to_have_count(2)


def test_form_stays_though_the_browser_takes_a_dead_network_for_one(phone, client):
    page = phone.page
    page.goto("/at-home/")
    page.get_by_label("Foam roller").check()
    page.context.route("**/*", lambda route: route.abort())
    page.evaluate("performance.now = () => 60_000")  # a page that has stood for a minute
    assert page.evaluate("navigator.onLine")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert").filter(has_text="stays here")).to_be_visible()
    assert page.get_by_label("Foam roller").is_checked()


def test_block_that_is_heard_late_leads_to_whom_to_call_on_whatever_page(phone, client, open_session):
    page = phone.page
    other = page.context.new_page()
    other.goto("/history/")
    page.goto(f"/session/{open_session.pk}/1/wrong/")
    cut(page)
    page.locator("[data-kind=stop] form").filter(has_text="Dizzy").get_by_role("button").click()
    expect(page.locator(".emergency a.call").first).to_be_visible()
    page.close()
    cut(other, off=False)

    other.wait_for_url("**/blocked/")


def test_warning_sign_is_heard_when_the_network_goes_on_the_page_that_asks_for_it(
    phone, client, open_session
):
    page = phone.page
    page.goto(f"/session/{open_session.pk}/1/wrong/")
    cut(page)
    page.locator("[data-kind=stop] form").filter(has_text="Dizzy").get_by_role("button").click()

    expect(page.locator(".emergency a.call").first).to_be_visible()
    expect(page.locator("[data-go]")).to_have_count(0)
    assert not SafetyBlock.objects.exists()
    cut(page, off=False)
    expect_all_sent(page)
    assert SafetyBlock.objects.filter(client=client).count() == 1


def test_form_that_is_not_of_a_session_stays_as_it_was_filled_in(phone, client):
    page = phone.page
    page.goto("/at-home/")
    box = page.get_by_label("Foam roller")
    box.check()
    cut(page)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert").filter(has_text="stays here")).to_be_visible()
    assert box.is_checked()
    cut(page, off=False)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. Your therapist sees it too.")).to_be_visible()
    assert cupboard_of(client).have == {"foam_roller"}


def test_answer_that_the_server_refuses_is_shown_beside_its_field(phone, client, open_session):
    page = phone.page
    page.goto(f"/session/{open_session.pk}/end/")
    page.locator("#end").evaluate("(form) => (form.noValidate = true)")
    page.locator("input[name=pain_after][value='2']").check()
    page.get_by_role("button", name="Finish").click()

    expect(page.locator(".errors, .error, [id$=error]").first).to_be_visible()
    assert page.locator("input[name=pain_after][value='2']").is_checked()
    expect_all_sent(page)
    open_session.refresh_from_db()
    assert open_session.finished_at is None
    cut(page)
    page.goto(f"/session/{open_session.pk}/1/")
    expect(page.get_by_text("1 of ")).to_be_visible()  # and it is not taken for ended here


def test_exercise_that_was_stopped_is_left_out_without_a_network(phone, client):
    page = phone.page
    begin_without_network(page)
    name = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Something is wrong").click()
    page.get_by_role("button", name="Tingling or numb").click()
    page.get_by_role("button", name="Back to the session").click()

    expect(page.get_by_text("2 of ")).to_be_visible()
    assert page.get_by_role("heading", level=1).inner_text() != name
    page.get_by_role("button", name="Back").click()
    expect(page.locator("main").get_by_text("left out")).to_be_visible()
    expect(page.get_by_role("button", name="Take it up again")).to_be_hidden()
    cut(page, off=False)
    expect_all_sent(page)
    assert StopEvent.objects.get(client=client).item.name == name


@pytest.mark.parametrize(
    ("place", "heading"), [("2/", None), ("2/wrong/", "What is wrong?"), ("end/", "How was it?")]
)
def test_page_of_a_session_opens_at_the_same_place_without_a_network(phone, open_session, place, heading):
    page = phone.page
    page.goto(f"/session/{open_session.pk}/2/")
    second = page.get_by_role("heading", level=1).inner_text()
    cut(page)
    page.goto(f"/session/{open_session.pk}/{place}")

    expect(page.get_by_role("heading", level=1)).to_have_text(heading or second)


def test_what_was_too_hard_is_not_offered_without_a_network(phone, open_session):
    page = phone.page
    SetRecord.objects.all().delete()
    page.goto(f"/session/{open_session.pk}/1/")
    asked = page.locator(".dose").first.inner_text()
    page.get_by_role("link", name="Too hard").click()
    page.get_by_role("button", name="Do this one today").click()
    expect(page.locator(".ticks")).to_be_visible()
    easier, dose = page.get_by_role("heading", level=1).inner_text(), page.locator(".dose").first.inner_text()
    assert dose != asked
    lighter = SessionItem.objects.get(stands_in_for__isnull=False)
    until_it_says(page, f"window.outbox.plan().then((plan) => plan.open[0].items[0].id === {lighter.pk})")
    cut(page)
    page.reload()

    expect(page.get_by_text("1 of ")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(easier)
    expect(page.locator(".dose").first).to_have_text(dose)


def test_practice_that_blocks_meanwhile_is_heard_as_soon_as_there_is_a_network(phone, client):
    page = phone.page
    begin_without_network(page)
    tick_first(page)
    screen(client, now=timezone.now() + timedelta(days=100), yes=["fever_unwell"])
    cut(page, off=False)

    page.wait_for_url("**/blocked/")
    assert SetRecord.objects.filter(client=client).count() == 1
    page.goto("/blocked/")
    cut(page)
    page.goto("/today/")
    expect(page.locator(".emergency")).to_be_visible()


def test_sentence_of_the_practice_about_what_was_sent_stays_to_be_read(phone, client):
    page = phone.page
    begin_without_network(page)
    tick_first(page)
    ball = page.get_by_role("heading", level=1).inner_text()
    tag(client, "bleeding_risk")
    cut(page, off=False)

    note = page.get_by_role("alert").filter(has_text="Do no more of it")
    expect(note).to_be_visible()
    until_it_says(
        page,
        f"window.outbox.plan().then((plan) => plan.open.length > 0 && plan.open[0].items.every((item) => item.name !== {ball!r}))",
    )
    following = page.evaluate("window.outbox.plan().then((plan) => plan.open[0].items[0].name)")
    page.locator("[data-next]:visible").click()
    expect(page.locator(".notice").filter(has_text="Do no more of it")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(following)


def test_session_of_which_nothing_is_ticked_is_not_ended_without_a_network(phone):
    page = phone.page
    begin_without_network(page)
    while page.get_by_role("heading", name="How was it?").count() == 0:
        page.locator("[data-next]:visible").click()
    page.locator("input[name=pain_after][value='2']").check()
    page.locator("input[name=pain_worst][value='5']").check()
    page.get_by_role("button", name="Finish").click()

    expect(page.locator("[data-error]")).to_contain_text("Nothing is ticked yet")
    page.get_by_role("button", name="Something is wrong").click()
    expect(page.get_by_role("heading", name="What is wrong?")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("heading", name="How was it?")).to_be_visible()


# ---- When it is sent -----------------------------------------------------------------------------------------------------


def keys_sent(page: Page) -> list[str]:
    """The key of each entry that any page sends from now on, as often as it is sent."""
    found: list[str] = []

    def note(request: Any) -> None:
        if request.method == "POST" and request.url.endswith("/outbox/"):
            found.extend(each["key"] for each in request.post_data_json["entries"])

    page.context.on("requestfinished", note)
    return found


def test_two_tabs_of_a_browser_without_locks_send_everything_once(phone, client):
    page = phone.page
    page.context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    begin_without_network(page)
    assert page.evaluate("navigator.locks === undefined")
    tick_first(page)
    other = page.context.new_page()
    other.goto("/today/")
    expect(other.get_by_text("2 not sent")).to_be_visible()
    sent = keys_sent(page)
    cut(page, off=False)

    expect_all_sent(page)
    assert len(sent) == len(set(sent)) == 2
    assert TrainingSession.objects.filter(client=client).count() == 1
    assert SetRecord.objects.filter(client=client).count() == 1


def test_what_waits_is_sent_in_the_background_though_no_page_is_open(phone, client):
    page = phone.page
    begin_without_network(page)
    tick_first(page)
    blank = page.context.new_page()
    cdp = page.context.new_cdp_session(blank)
    found: list[Any] = []
    cdp.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    cdp.send("ServiceWorker.enable")
    place = urlsplit(page.url)
    page.close()
    cut(blank, off=False)
    until(blank, lambda: found)
    sync = {"origin": f"{place.scheme}://{place.netloc}", "registrationId": found[-1]["registrationId"]}
    cdp.send("ServiceWorker.dispatchSyncEvent", {**sync, "tag": "outbox", "lastChance": False})

    until(blank, SetRecord.objects.filter(client=client).exists)
    assert SetRecord.objects.filter(client=client).count() == 1
