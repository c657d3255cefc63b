"""The timer in a browser: what is told and when, time that cannot be lost, and nothing that happens by itself (W4, C4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clients.demo.builders import assign, make_client, make_practice, make_therapist, screen, train
from clients.models import AssignedStep, Client, SessionItem, SetRecord
from tests.journeys.conftest import SCHEMES, Watched, axe_findings, small_targets

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

BALL = "smr_buttock_ball_wall"  # the first exercise of the program: 2 spots of 45 s, 15 s of rest
START = datetime(2026, 3, 10, 18, 1, tzinfo=UTC)

# An audio clock that stands still at 100 s, a device that vibrates, a voice: each notes what it is asked for.
DEVICE = """
  window.notes = []; window.pulses = []; window.spoken = []; window.locks = [];
  class Note {
    constructor() { this.frequency = {}; }
    connect(next) { return next; }
    disconnect() { window.notes = window.notes.filter((each) => each !== this); }
    start(at) { this.at = at; window.notes.push(this); }
    stop() {}
  }
  window.AudioContext = class extends EventTarget {
    state = "running"; currentTime = 100; destination = {};
    resume() { return Promise.resolve(); }
    createOscillator() { return new Note(); }
    createGain() {
      return { connect: (next) => next, gain: { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} } };
    }
  };
  Object.defineProperty(navigator, "vibrate", { value: (pattern) => window.pulses.push(pattern) });
  Object.defineProperty(window, "speechSynthesis", { value: {
    speak: (said) => window.spoken.push(said.text), cancel: () => window.spoken.push("-") } });
  Object.defineProperty(navigator, "wakeLock", { value: { request: async () => {
    const lock = new EventTarget();
    lock.release = async () => { window.locks.push("off"); };
    window.locks.push("on");
    window.given = lock;
    return lock;
  } } });
  Object.defineProperty(document, "hidden", { get: () => Boolean(window.away) });
"""
LISTEN = """() => {
  window.said = [];
  const region = document.querySelector("[data-say]");
  new MutationObserver(() => window.said.push([performance.now(), region.textContent])).observe(region, { childList: true });
}"""


@pytest.fixture
def client() -> Client:
    make_practice()
    return make_client(therapist=make_therapist(name="Tom Therapist"))


@pytest.fixture
def player(client: Client, visit: Callable[..., Watched]) -> Callable[..., Watched]:
    """`player(hold_seconds=45, …)`: the first exercise of today's session with this dose, nothing ticked."""

    def make(on: str = "right", **dose: Any) -> Watched:
        now = timezone.now()
        assign(client, now=now, side=on)
        AssignedStep.objects.update(weekdays="1234567")
        screen(client, now=now)
        session = train(client, now=now, partial={BALL: 0}, finish=False)
        SessionItem.objects.filter(session=session, as_was__slug=BALL).update(**dose)
        seat = visit(client.user)
        seat.page.add_init_script(DEVICE)
        seat.page.clock.install(time=START - timedelta(minutes=1))
        seat.page.goto(f"/session/{session.pk}/1/")
        seat.page.clock.pause_at(START)
        seat.page.evaluate(LISTEN)
        return seat

    return make


def main_button(page: Page) -> Any:
    return page.locator("[data-timer-main]")


def number(page: Page) -> Any:
    return page.locator("[data-ring-number]")


def word(page: Page) -> Any:
    return page.locator("[data-ring-word]")


def pass_seconds(page: Page, seconds: float) -> None:
    page.clock.run_for(int(seconds * 1000))


def tones_ahead(page: Page) -> list[float]:
    """When the audio clock will sound something, in seconds from its now."""
    return page.evaluate(
        "[...new Set(window.notes.map((note) => Math.round(10 * (note.at - 100)) / 10))].sort((a, b) => a - b)"
    )


def hide(page: Page, away: bool = True) -> None:
    page.evaluate(
        "(away) => { window.away = away; document.dispatchEvent(new Event('visibilitychange')); }", away
    )


def said(page: Page) -> list[str]:
    return [words for _at, words in page.evaluate("window.said")]


def recorded() -> int:
    return SetRecord.objects.filter(item__as_was__slug=BALL).count()


def switch(page: Page, name: str, on: bool) -> None:
    page.get_by_text("Sound, vibration, voice").click()
    button = page.get_by_role("switch", name=re.compile(f"^{name}"))
    if button.get_attribute("aria-checked") != str(on).lower():
        button.click()
    expect(button).to_have_attribute("aria-checked", str(on).lower())
    page.get_by_text("Sound, vibration, voice").click()


# ---- What is told ---------------------------------------------------------------------------------------------------


def test_timer_announces_begin_half_last_seconds_and_end_and_little_else(player):
    page = player().page
    main_button(page).click()
    pass_seconds(page, 60)

    assert said(page) == [
        "Hold begins. right side",
        "Half-time",
        "Five seconds left",
        "Time is over. 45 s right",
    ]


def test_timer_announces_saved_and_offline_of_others_with_its_own(player):
    page = player().page
    page.evaluate("document.dispatchEvent(new CustomEvent('say', { detail: 'Saved' }))")
    pass_seconds(page, 1)
    page.evaluate("document.dispatchEvent(new CustomEvent('say', { detail: 'Offline' }))")
    pass_seconds(page, 1)

    assert said(page) == ["Saved", "Offline"]


def test_timer_announces_at_most_six_times_a_minute_and_the_newest_at_last(player):
    page = player().page
    for time in range(1, 31):
        page.evaluate(f"document.dispatchEvent(new CustomEvent('say', {{ detail: 'Word {time}' }}))")
        pass_seconds(page, 1)
    pass_seconds(page, 60)

    assert said(page) == [*(f"Word {time}" for time in range(1, 7)), "Word 30"]
    moments = [at for at, _words in page.evaluate("window.said")]
    assert all(moments[n + 6] - moments[n] > 60_000 for n in range(len(moments) - 6))


def test_timer_announces_all_of_it_for_one_set_after_the_other_and_keeps_to_six(player):
    page = player().page
    for _set in (1, 2):
        main_button(page).click()
        pass_seconds(page, 50)
        page.evaluate("document.dispatchEvent(new CustomEvent('say', { detail: 'Saved' }))")
        main_button(page).click()
        expect(page.locator("button.tick[aria-pressed=true]")).to_have_count(_set)
        expect(page.locator(".tick-row .unsent")).to_have_count(
            0
        )  # or the seconds that pass count as no network
        pass_seconds(page, 17)

    begun_to_end = ["Hold begins. right side", "Half-time", "Five seconds left", "Time is over. 45 s right"]
    assert [words for words in said(page) if words in begun_to_end] == begun_to_end * 2
    assert sum("Saved" in words for words in said(page)) == 2
    moments = [at for at, _words in page.evaluate("window.said")]
    assert all(moments[n + 6] - moments[n] > 60_000 for n in range(len(moments) - 6))


def test_timer_puts_every_tone_on_the_audio_clock_ahead(player):
    page = player().page
    main_button(page).click()

    # three of the count, the begin, two of half-time, three last seconds, three notes of the end
    assert tones_ahead(page) == [0, 1, 2, 3, 25.5, 25.7, 45, 46, 47, 48, 48.2, 48.4]


def test_timer_plans_its_tones_anew_after_a_pause_and_more_time(player):
    page = player().page
    main_button(page).click()
    pass_seconds(page, 33)  # 15 s of the hold are left

    main_button(page).click()
    assert tones_ahead(page) == []
    page.locator("[data-timer-more]").click()
    assert tones_ahead(page) == []
    main_button(page).click()

    assert tones_ahead(page)[-6:] == [27, 28, 29, 30, 30.2, 30.4]


def test_timer_plans_its_tones_for_a_hidden_tab(player):
    page = player(hold_seconds=600).page
    main_button(page).click()
    pass_seconds(page, 63)
    hide(page)

    assert tones_ahead(page)[-3:] == [540, 540.2, 540.4]


@pytest.mark.parametrize("kept", ["Sound", "Vibration", "Voice"])
def test_timer_tells_the_end_by_each_means_alone(player, kept):
    page = player().page
    for name in ("Sound", "Vibration", "Voice"):
        switch(page, name, name == kept)
    page.reload()  # this device remembers
    page.evaluate("window.pulses = []; window.spoken = []")
    main_button(page).click()
    planned = tones_ahead(page)
    pass_seconds(page, 60)

    expect(word(page)).to_have_text("Time is over")  # on the screen in any case
    assert bool(planned) == (kept == "Sound")
    assert (page.evaluate("window.pulses.at(-1)") == [300, 120, 300]) == (kept == "Vibration")
    assert ("Time is over" in page.evaluate("window.spoken")) == (kept == "Voice")


def test_timer_is_mute_but_for_the_tones_until_a_voice_is_wanted(player):
    page = player().page
    main_button(page).click()
    pass_seconds(page, 60)

    assert set(page.evaluate("window.spoken")) <= {"-"}


# ---- Pause, repeat, more time -----------------------------------------------------------------------------------------


def test_timer_stops_everything_with_the_space_bar_and_goes_on(player):
    page = player().page
    switch(page, "Voice", True)
    main_button(page).click()
    pass_seconds(page, 13)
    page.evaluate("document.activeElement.blur(); window.spoken = []")

    page.keyboard.press(" ")

    expect(number(page)).to_have_text("35")
    expect(word(page)).to_have_text("Paused")
    expect(page.locator(".stage[data-paused]")).to_have_count(1)
    assert tones_ahead(page) == []
    assert page.evaluate("window.spoken") == ["-"]
    assert page.evaluate("window.pulses.at(-1)") == 0
    assert page.evaluate("window.locks") == ["on", "off"]
    pass_seconds(page, 100)
    expect(number(page)).to_have_text("35")

    page.keyboard.press(" ")
    pass_seconds(page, 5)
    expect(number(page)).to_have_text("30")
    expect(page.locator(".stage[data-paused]")).to_have_count(0)
    assert page.evaluate("window.locks") == ["on", "off", "on"]


def test_timer_pauses_a_moving_picture(player):
    page = player().page
    main_button(page).click()
    pass_seconds(page, 5)
    main_button(page).click()

    expect(page.locator(".stage .figure img")).to_have_attribute("src", re.compile("-still"))


def test_timer_leaves_the_space_bar_to_what_has_the_focus(player):
    page = player().page
    main_button(page).click()
    pass_seconds(page, 13)
    page.get_by_text("Adjust").first.focus()
    page.keyboard.press(" ")

    expect(page.get_by_label("Seconds", exact=True).first).to_be_visible()
    expect(main_button(page)).to_have_text("Pause")


def test_timer_is_stopped_by_escape_wherever_the_focus_is(player):
    page = player().page
    main_button(page).click()
    pass_seconds(page, 13)
    page.get_by_role("button", name=re.compile("^Set 2")).focus()
    page.keyboard.press("Escape")

    expect(main_button(page)).to_have_text("Go on")
    assert recorded() == 0


def test_timer_asks_for_the_screen_once_and_again_when_it_is_seen_again(player):
    page = player().page
    main_button(page).click()
    pass_seconds(page, 13)
    assert page.evaluate("window.locks") == ["on"]
    page.evaluate(
        "window.given.dispatchEvent(new Event('release'))"
    )  # what a browser does with a hidden page
    hide(page)
    hide(page, away=False)
    pass_seconds(page, 60)

    assert page.evaluate("window.locks") == ["on", "on", "off"]


def test_timer_goes_on_when_the_page_is_drawn_anew(player):
    page = player().page
    main_button(page).click()
    pass_seconds(page, 13)
    page.evaluate(
        """() => {
          for (const part of document.querySelectorAll("[data-live]")) part.replaceWith(part.cloneNode(true));
          document.dispatchEvent(new CustomEvent("page-refreshed"));
        }"""
    )
    pass_seconds(page, 5)
    expect(number(page)).to_have_text("30")
    main_button(page).click()

    expect(main_button(page)).to_have_text("Go on")


def test_timer_rest_is_paused_with_one_press(player):
    page = player().page
    page.get_by_role("button", name=re.compile("^Set 1")).click()
    expect(main_button(page)).to_have_text("Start now")
    page.get_by_role("button", name="Pause").click()
    pass_seconds(page, 100)

    expect(main_button(page)).to_have_text("Go on")
    expect(page.locator("[data-line-number]")).to_have_text("15")


def test_timer_repeats_a_hold_and_gives_more_time_after_its_end(player):
    page = player().page
    main_button(page).click()
    pass_seconds(page, 60)

    page.locator("[data-timer-more]").click()
    expect(number(page)).to_have_text("15")
    pass_seconds(page, 16)
    expect(word(page)).to_have_text("Time is over")
    page.get_by_role("button", name="Again").click()
    pass_seconds(page, 4)

    expect(number(page)).to_have_text("44")
    assert recorded() == 0


# ---- Time that cannot be lost -----------------------------------------------------------------------------------------


def test_timer_is_right_after_eight_minutes_in_a_throttled_tab(player):
    page = player(hold_seconds=600).page
    main_button(page).click()
    pass_seconds(page, 63)
    hide(page)
    for _minute in range(8):
        page.clock.fast_forward("01:00")  # a hidden tab may look once a minute
    hide(page, away=False)

    expect(number(page)).to_have_text("60")
    pass_seconds(page, 59)
    expect(word(page)).to_have_text("right side, hold")
    pass_seconds(page, 1.2)
    expect(word(page)).to_have_text("Time is over")


def test_timer_is_right_after_the_device_slept(player):
    """Asleep the one clock stands, the other does not: then the time has passed."""
    page = player(hold_seconds=600).page
    main_button(page).click()
    pass_seconds(page, 63)
    hide(page)
    set_clock(page, 480)
    hide(page, away=False)

    expect(number(page)).to_have_text("60")


@pytest.mark.parametrize("jump", [-3600, 3600])
def test_timer_does_not_care_for_a_clock_that_is_set(player, jump):
    page = player().page
    main_button(page).click()
    pass_seconds(page, 13)
    set_clock(page, jump)
    pass_seconds(page, 5)

    expect(number(page)).to_have_text("30")


@pytest.mark.parametrize("jump", [-3600, 3600])
def test_clock_that_is_set_before_the_start_changes_nothing(player, jump):
    page = player().page
    set_clock(page, jump)
    main_button(page).click()
    pass_seconds(page, 13)

    expect(number(page)).to_have_text("35")


def set_clock(page: Page, seconds: int) -> None:
    """The clock of the day jumps, the one that only runs does not."""
    page.evaluate("(by) => { const was = Date.now; Date.now = () => was() + by * 1000; }", seconds)


def test_timer_goes_on_after_a_reload_in_the_middle(player):
    page = player().page
    main_button(page).click()
    pass_seconds(page, 13)
    page.clock.fast_forward("00:10")
    page.reload()

    expect(number(page)).to_have_text("25")
    expect(word(page)).to_have_text("right side, hold")
    assert recorded() == 0


# ---- Sides, tempo ------------------------------------------------------------------------------------------------------


def test_timer_gives_the_second_side_its_full_window(player):
    page = player(on="both").page
    switch(page, "Voice", True)
    main_button(page).click()
    pass_seconds(page, 20)
    page.get_by_role("button", name=re.compile("^Set 1.*left")).click()  # ticked early

    expect(page.locator("[data-line-word]")).to_have_text("Change sides: right side")
    pass_seconds(page, 1)
    assert said(page)[-1] == "Change sides: right side, 10 s"
    assert "Change sides: right side, 10 s" in page.evaluate("window.spoken")
    pass_seconds(page, 11)
    expect(main_button(page)).to_have_text("Start")  # nobody is hurried into it
    main_button(page).click()
    pass_seconds(page, 3)

    expect(word(page)).to_have_text("right side, hold")
    expect(number(page)).to_have_text("45")


def test_timer_tells_the_change_within_a_window_of_both_sides(player):
    page = player(side_mode="alternating", reps=1, hold_seconds=20).page
    main_button(page).click()
    pass_seconds(page, 3 + 21)

    expect(page.locator("[data-ring-more]")).to_have_text("2 of 2")
    expect(number(page)).to_have_text("19")
    assert said(page)[-1] == "Change sides"


def test_timer_counts_the_holds_that_are_repeated(player):
    page = player(reps=10, hold_seconds=10).page
    main_button(page).click()
    pass_seconds(page, 3)
    expect(number(page)).to_have_text("10")
    expect(page.locator("[data-ring-more]")).to_have_text("1 of 10")
    pass_seconds(page, 34)

    expect(page.locator("[data-ring-more]")).to_have_text("4 of 10")
    expect(number(page)).to_have_text("6")


TEMPO = {"reps": 3, "hold_seconds": 0, "tempo_lift": 1, "tempo_hold": 2, "tempo_lower": 4}


def test_timer_guides_through_the_tempo_of_a_repetition(player):
    page = player(**TEMPO).page
    expect(main_button(page)).to_have_text("Start")
    main_button(page).click()
    seen = []
    pass_seconds(page, 3.3)
    for _second in range(21):
        seen.append((number(page).inner_text(), word(page).inner_text()))
        pass_seconds(page, 1)

    once = ["Lift", "Hold", "Hold", "Lower", "Lower", "Lower", "Lower"]
    assert seen == [(str(turn), part) for turn in (1, 2, 3) for part in once]
    expect(word(page)).to_have_text("Time is over")
    expect(main_button(page)).to_have_text("Tick right")
    pass_seconds(page, 600)
    assert recorded() == 0


def test_timer_guides_by_words_and_count_alone_where_motion_is_reduced(player):
    page = player(**TEMPO).page
    page.emulate_media(reduced_motion="reduce")
    main_button(page).click()
    arcs = set()
    pass_seconds(page, 3.3)
    for _second in range(7):
        arcs.add(page.locator("[data-ring-arc]").get_attribute("stroke-dashoffset"))
        pass_seconds(page, 1)

    assert arcs == {"0"}
    expect(number(page)).to_have_text("2")


# ---- Nothing by itself, and how it looks --------------------------------------------------------------------------------


def test_timer_never_ticks_and_never_leaves_the_page(player):
    seat = player()
    page = seat.page
    address = page.url
    main_button(page).click()
    page.clock.fast_forward("02:00:00")

    expect(main_button(page)).to_have_text("Tick right")
    assert page.url == address
    assert recorded() == 0
    assert seat.troubles == []


def test_timer_is_not_disturbed_by_a_set_that_is_saved_late(player):
    page = player().page
    page.get_by_role("button", name=re.compile("^Set 1")).click()
    expect(main_button(page)).to_have_text("Start now")
    first = page.locator("[data-set]").first.get_attribute("data-set")
    main_button(page).click()
    pass_seconds(page, 13)

    page.evaluate(
        "(set) => document.dispatchEvent(new CustomEvent('set-saved', { detail: { set, done: true } }))",
        first,
    )

    expect(number(page)).to_have_text("35")


@pytest.mark.parametrize("state", ["idle", "running", "paused", "over", "rest"])
def test_timer_is_clean_in_every_state_on_the_smallest_phone(player, state):
    seat = player()
    page = seat.page
    page.set_viewport_size({"width": 320, "height": 640})
    if state == "idle":
        page.get_by_text("Sound, vibration, voice").click()  # with the switches to be seen
    if state == "rest":
        page.get_by_role("button", name=re.compile("^Set 1")).click()
        expect(main_button(page)).to_have_text("Start now")
    elif state != "idle":
        main_button(page).click()
        pass_seconds(page, 60 if state == "over" else 13)
        if state == "paused":
            main_button(page).click()

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert small_targets(page) == []
    page.clock.resume()  # axe waits by the clock of the page
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert axe_findings(seat) == []


def test_timer_dock_hides_no_set_during_a_rest(player):
    page = player().page
    page.set_viewport_size({"width": 320, "height": 640})
    page.get_by_role("button", name=re.compile("^Set 1")).click()
    expect(main_button(page)).to_have_text("Start now")

    tick = page.get_by_role("button", name=re.compile("^Set 2")).bounding_box()
    dock = page.locator(".dock").bounding_box()
    assert tick["y"] + tick["height"] <= dock["y"]
    expect(page.locator("[data-timer]")).to_be_hidden()


def test_timer_is_paused_in_one_press_on_a_screen_without_height(player):
    page = player().page
    page.set_viewport_size({"width": 320, "height": 256})
    main_button(page).click()
    for top in (0, 9999):
        page.evaluate("(top) => window.scrollTo(0, top)", top)
        expect(main_button(page)).to_be_in_viewport(ratio=1)


def test_player_says_whom_to_call_with_one_tap_from_anywhere(player):
    page = player().page
    page.evaluate("window.scrollTo(0, 9999)")
    page.locator("summary", has=page.get_by_role("img", name="Help")).click()

    expect(page.get_by_text("Tom Therapist")).to_be_in_viewport()
    expect(page.locator(".help-menu a[href^='tel:']").first).to_be_in_viewport()
