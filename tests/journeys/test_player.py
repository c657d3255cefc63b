"""The player in a browser: time that comes from timestamps, ticks that survive a bad network."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from clients.demo.builders import assign, make_client, make_practice, screen, train
from clients.models import AssignedStep, Client, SetRecord, TrainingSession
from tests.journeys.waiting import bar, expect_all_sent, until, until_it_says

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

BALL = "smr_buttock_ball_wall"  # the first exercise of the program: 2 spots of 45 s, 15 s of rest


@pytest.fixture
def client() -> Client:
    make_practice()
    return make_client()


def follow(client: Client, now: datetime) -> None:
    """A program that asks for everything every day: the tests run on any day of the week."""
    assign(client, now=now)
    AssignedStep.objects.update(weekdays="1234567")
    screen(client, now=now)


@pytest.fixture
def player(client: Client, visit: Callable[..., Any]) -> Any:
    """The first exercise of today's session, nothing ticked, with a clock that stands still."""
    now = timezone.now()
    follow(client, now)
    session = train(client, now=now, partial={BALL: 0}, finish=False)
    seat = visit(client.user)
    seat.page.clock.install(time=datetime(2026, 3, 10, 18, 0, tzinfo=UTC))
    seat.page.goto(f"/session/{session.pk}/1/")
    seat.page.clock.pause_at(datetime(2026, 3, 10, 18, 1, tzinfo=UTC))
    return seat


def main_button(page: Page) -> Any:
    return page.locator("[data-timer-main]")


def number(page: Page) -> Any:
    return page.locator("[data-ring-number]")


def pass_seconds(page: Page, seconds: int) -> None:
    page.clock.run_for(seconds * 1000)


class Net:
    """The saves of sets on their way: held back, until it is open."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.held: list[Route] = []
        self.open = False

    def take(self, route: Route) -> None:
        if self.open:
            route.continue_()
        else:
            self.held.append(route)

    def wait_for(self, number: int) -> Route:
        until(self.page, lambda: len(self.held) >= number)
        return self.held[number - 1]

    def let_through(self, number: int) -> None:
        """Opens once that many are held, lest the first goes by before anybody waits for it."""
        held = self.wait_for(number)
        self.open = True
        held.continue_()


def look_around(page: Page) -> None:
    """Time for what is on its way: the clock of the page stands still."""
    page.evaluate("fetch('/health/').then((answer) => answer.text())")


def ticks(page: Page) -> Any:
    return page.locator("button.tick")


def unsent(page: Page) -> Any:
    return page.locator(".tick-row .unsent")


def ball_sets() -> list[tuple[int, bool]]:
    rows = SetRecord.objects.filter(item__as_was__slug=BALL).latest_revisions()
    return sorted(rows.values_list("number", "done"))


def in_order() -> Any:
    return SetRecord.objects.filter(item__as_was__slug=BALL).order_by("pk")


@pytest.fixture
def net(player):
    net = Net(player.page)
    player.page.route("**/outbox/", net.take)
    return net


def test_player_counts_down_a_hold_and_never_ticks_by_itself(player):
    page = player.page
    main_button(page).click()
    expect(page.locator("[data-ring-word]")).to_have_text("Get ready")

    pass_seconds(page, 3)
    expect(page.locator("[data-ring-word]")).to_have_text("right side, hold")
    expect(number(page)).to_have_text("45")
    pass_seconds(page, 20)
    expect(number(page)).to_have_text("25")
    pass_seconds(page, 60)

    expect(page.locator("[data-ring-word]")).to_have_text("Time is over")
    expect(main_button(page)).to_have_text("Tick right")
    assert SetRecord.objects.filter(item__as_was__slug=BALL).count() == 0
    assert player.troubles == []


def test_player_pauses_and_takes_more_time(player):
    page = player.page
    main_button(page).click()
    pass_seconds(page, 13)

    main_button(page).click()
    expect(main_button(page)).to_have_text("Go on")
    pass_seconds(page, 300)
    expect(number(page)).to_have_text("35")
    page.locator("[data-timer-more]").click()
    expect(number(page)).to_have_text("50")
    page.reload()
    main_button(page).click()
    pass_seconds(page, 10)

    expect(number(page)).to_have_text("40")


def test_player_rests_after_a_tick_and_is_then_ready_for_the_next_set(player):
    page = player.page
    main_button(page).click()
    pass_seconds(page, 60)
    main_button(page).click()

    expect(main_button(page)).to_have_text("Start now")
    expect(unsent(page)).to_have_count(0)
    assert SetRecord.objects.get(item__as_was__slug=BALL).device_time is not None
    pass_seconds(page, 16)

    expect(main_button(page)).to_have_text("Start")
    expect(page.locator(".tick-row.current")).to_have_count(1)
    assert SetRecord.objects.filter(item__as_was__slug=BALL).count() == 1
    assert player.troubles == []


def test_tick_pressed_twice_at_once_records_one(player):
    page = player.page

    page.get_by_role("button", name=re.compile("^Set 1")).dblclick()

    expect(page.locator(".tick-row.done")).to_have_count(1)
    expect(unsent(page)).to_have_count(0)
    assert SetRecord.objects.filter(item__as_was__slug=BALL).count() == 1


def test_tick_over_a_network_that_breaks_is_sent_again_and_counts_once(player):
    """The request arrives, its answer does not: the same entry is sent again, with the same key."""
    page = player.page
    tried = []

    def lose_the_answer(route: Route) -> None:
        tried.append(route.request.post_data_json["entries"][0]["key"])
        if len(tried) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/outbox/", lose_the_answer)

    page.get_by_role("button", name=re.compile("^Set 1")).click()

    expect(unsent(page)).to_have_text("not sent")
    expect(bar(page)).to_contain_text("1 not sent Kept on this device.")
    page.get_by_role("button", name="Send now").click()
    expect(unsent(page)).to_have_count(0)
    expect_all_sent(page)
    expect(page.locator(".tick-row.done")).to_have_count(1)
    assert len(tried) == 2
    assert len(set(tried)) == 1
    assert SetRecord.objects.filter(item__as_was__slug=BALL).count() == 1


def test_tick_shows_at_once_and_says_that_it_is_not_sent_until_the_answer(player, net):
    page = player.page
    ticks(page).nth(0).click()

    expect(page.locator(".tick-row.done")).to_have_count(1)
    expect(unsent(page)).to_have_text("not sent")
    expect(main_button(page)).to_have_text("Start now")
    net.let_through(1)

    expect(unsent(page)).to_have_count(0)


def test_tick_that_is_refused_says_why_and_can_be_sent_again_or_let_go(player):
    page = player.page
    sentence = "This exercise is not part of this session."

    def refuse(route: Route) -> None:
        key = route.request.post_data_json["entries"][0]["key"]
        answer = {"key": key, "state": "refused", "note": sentence}
        route.fulfill(json={"answers": [answer], "blocked": False})

    page.route("**/outbox/", refuse)
    ticks(page).nth(0).click()

    expect(bar(page)).to_contain_text(sentence)
    expect(bar(page)).to_contain_text("set 1, seconds 45")
    expect(unsent(page)).to_have_text("not taken")
    page.unroute("**/outbox/")
    page.get_by_role("button", name="Send again").click()

    expect(page.locator(".tick-row.done")).to_have_count(1)
    expect(unsent(page)).to_have_count(0)
    assert ball_sets() == [(1, True)]


def test_refused_tick_is_let_go_only_when_asked_twice(player):
    page = player.page
    page.route("**/outbox/", lambda route: route.fulfill(status=400, json={"error": "Cannot be read."}))
    ticks(page).nth(0).click()

    page.get_by_role("button", name="Let it go").click()
    page.get_by_role("button", name="Really let go?").click()

    expect_all_sent(page)
    assert ball_sets() == []


def test_tick_without_a_database_in_the_browser_is_sent_the_plain_way(player):
    page = player.page
    page.add_init_script(
        "delete IDBFactory.prototype.open; IDBFactory.prototype.open = () => { throw new Error('none'); }"
    )
    page.reload()

    ticks(page).nth(0).click()

    page.wait_for_url("**/#sets")
    expect(page.locator(".tick-row.done")).to_have_count(1)
    assert ball_sets() == [(1, True)]


def test_tick_costs_less_than_two_kilobytes_both_ways(player):
    page = player.page
    with page.expect_request_finished(lambda request: request.method == "POST") as finished:
        ticks(page).nth(0).click()

    assert finished.value.url.endswith("/outbox/")
    assert sum(finished.value.sizes().values()) < 2048, finished.value.sizes()


def test_ticks_in_quick_succession_are_saved_one_after_the_other(player, net):
    page = player.page
    ticks(page).nth(0).click()
    ticks(page).nth(1).click()

    expect(unsent(page)).to_have_count(2)
    first = net.wait_for(1)
    look_around(page)
    assert len(net.held) == 1

    net.open = True
    first.continue_()
    expect(unsent(page)).to_have_count(0)
    expect(page.locator(".tick-row.done")).to_have_count(2)
    assert ball_sets() == [(1, True), (2, True)]
    assert list(in_order().values_list("number", flat=True)) == [1, 2]
    assert player.troubles == []


@pytest.mark.parametrize("breaks", [1, 2])
def test_tick_that_waited_is_saved_though_the_network_breaks(player, net, breaks):
    page = player.page
    ticks(page).nth(0).click()
    ticks(page).nth(1).click()
    expect(unsent(page)).to_have_count(2)

    if breaks == 2:
        net.wait_for(1).continue_()
        expect(unsent(page)).to_have_count(1)
    net.wait_for(breaks).abort()
    expect(bar(page)).to_be_visible()
    expect(bar(page)).to_contain_text(f"{3 - breaks} not sent")
    net.open = True
    pass_seconds(page, 3)  # it tries again by itself

    expect(unsent(page)).to_have_count(0)
    expect(page.locator(".tick-row.done")).to_have_count(2)
    assert ball_sets() == [(1, True), (2, True)]


def test_tick_is_saved_though_the_page_is_left_at_once(player, net):
    page = player.page
    ticks(page).nth(0).click()
    ticks(page).nth(1).click()
    net.wait_for(1)
    net.open = True

    page.get_by_role("link", name="Close").click()
    page.wait_for_url("**/today/")

    until(page, lambda: ball_sets() == [(1, True), (2, True)])


def test_end_of_the_session_hears_of_ticks_that_were_on_their_way(player, net):
    page = player.page
    ticks(page).nth(0).click()
    ticks(page).nth(1).click()
    net.wait_for(1)

    page.goto(f"/session/{TrainingSession.objects.get().pk}/end/")
    expect(page.get_by_text("Not ticked yet")).to_be_visible()
    done, asked = re.findall(r"\d+", page.locator("header .where").inner_text())
    net.let_through(2)

    expect(page.get_by_text("Not ticked yet")).to_have_count(0)
    expect(page.locator("header .where")).to_have_text(f"{int(done) + 2} of {asked} sets")
    assert player.troubles == []


def leave_while_ticking(page: Page, url: str) -> None:
    """Two ticks and off to another page, which was drawn before they arrived and comes after their answers did."""
    drawn = page.request.get(url)
    for n in (0, 1):
        ticks(page).nth(n).click()
        expect(page.locator(".tick-row.done")).to_have_count(n + 1)
    until_it_says(page, "outbox.all().then((left) => left.length === 0)")
    page.route(f"**{url}", lambda route: route.fulfill(response=drawn), times=1)
    page.goto(url)


def test_end_of_the_session_counts_what_the_page_before_it_had_the_answer_to(player):
    page = player.page

    leave_while_ticking(page, f"/session/{TrainingSession.objects.get().pk}/end/")

    expect(page.get_by_text("Not ticked yet")).to_have_count(0)
    assert ball_sets() == [(1, True), (2, True)]


def test_exercise_shows_what_the_page_before_it_had_the_answer_to(player):
    page = player.page

    leave_while_ticking(page, f"/session/{TrainingSession.objects.get().pk}/1/")

    expect(page.locator(".tick-row.done")).to_have_count(2)
    expect(unsent(page)).to_have_count(0)


def test_tick_taken_back_and_set_again_without_a_network_arrives_in_order(player, net):
    page = player.page
    for done in (1, 0, 1):
        ticks(page).nth(0).click()
        expect(page.locator(".tick-row.done")).to_have_count(done)
    net.let_through(1)

    expect(unsent(page)).to_have_count(0)
    assert list(in_order().values_list("done", flat=True)) == [True, False, True]


def test_tick_that_is_not_sent_stands_in_the_page_when_it_is_opened_again(player, net):
    page = player.page
    ticks(page).nth(0).click()
    net.wait_for(1)

    page.reload()

    expect(page.locator(".tick-row.done")).to_have_count(1)
    expect(unsent(page)).to_have_text("not sent")


def test_tick_leaves_alone_what_is_typed_in_another_set(player):
    page = player.page
    page.get_by_text("Adjust").nth(1).click()
    figure = page.get_by_label("Seconds", exact=True).nth(1)
    figure.fill("33")  # what a person counted, not what the plus would make of it

    ticks(page).nth(0).click()
    expect(page.locator(".tick-row.done")).to_have_count(1)
    expect(figure).to_have_value("33")
    expect(figure).to_be_visible()
    page.get_by_role("button", name="Save like this").click()

    expect(page.locator(".tick-row.done").nth(1)).to_contain_text("33 s right")


def test_set_is_adjusted_in_place(player):
    page = player.page
    page.get_by_text("Adjust").first.click()
    page.get_by_label("Less: Seconds").first.click()
    page.get_by_role("button", name="Save like this").first.click()

    expect(page.locator(".tick-row.done").first).to_contain_text("40 s right")
    expect(unsent(page)).to_have_count(0)
    assert SetRecord.objects.get(item__as_was__slug=BALL).seconds == 40


def test_timer_without_scripts_is_not_there(client, visit):
    now = timezone.now()
    follow(client, now)
    session = train(client, now=now, partial={BALL: 0}, finish=False)
    page = visit(client.user, scripts=False).page

    page.goto(f"/session/{session.pk}/1/")

    expect(page.locator("[data-timer]")).to_be_hidden()
    expect(page.get_by_text("Sound, vibration, voice")).to_be_hidden()
    expect(page.get_by_role("link", name=re.compile("^Next:"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Set 1")).click()
    expect(page.locator(".tick-row.done")).to_have_count(1)
