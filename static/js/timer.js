// Hold and rest, computed from timestamps: a locked screen, a reload or a phone call changes nothing. It never ticks a set.
// States of one set: idle → ready (3 s) → hold → over; after a tick: rest → idle for the next set.
"use strict";

(() => {
  const READY_SECONDS = 3;
  let box, main, rows, state, beat;
  const store = `timer:${location.pathname}`;

  const seconds = (ms) => Math.max(0, Math.ceil(ms / 1000));
  const left = () => (state.pausedLeft !== null ? state.pausedLeft : state.endsAt - Date.now());
  const clock = (n) => (n < 120 ? String(n) : `${Math.floor(n / 60)}:${String(n % 60).padStart(2, "0")}`);
  const row = () => rows.find((each) => each.set === state.set);

  function keep() {
    try {
      sessionStorage.setItem(store, JSON.stringify(state));
    } catch {
      // Without storage the timer works until the page is left.
    }
  }

  function restore() {
    try {
      return JSON.parse(sessionStorage.getItem(store));
    } catch {
      return null;
    }
  }

  function say(words) {
    box.querySelector("[data-timer-say]").textContent = words;
  }

  function next() {
    return rows.find((each) => !each.done) || null;
  }

  function idle() {
    const open = next();
    state = { phase: "idle", set: open ? open.set : "", endsAt: 0, total: open ? open.seconds : 0, pausedLeft: null };
    keep();
  }

  function run(phase, length) {
    state = { ...state, phase, total: length, endsAt: Date.now() + length * 1000, pausedLeft: null };
    keep();
  }

  function forward() {
    while (state.pausedLeft === null && ["ready", "hold", "rest"].includes(state.phase) && left() <= 0) {
      if (state.phase === "ready") {
        const overdue = left();
        run("hold", row().seconds);
        state.endsAt += overdue;
        keep();
        say(`${box.dataset.began}. ${row().side}`);
      } else if (state.phase === "hold") {
        state = { ...state, phase: "over", pausedLeft: null };
        keep();
        say(`${box.dataset.over}. ${row().told}`);
        navigator.vibrate?.([200, 100, 200]);
      } else {
        idle();
        say(box.dataset.restOver);
        navigator.vibrate?.(200);
      }
    }
  }

  function words() {
    const now = row();
    const side = now && now.side ? `${now.side}, ` : "";
    if (state.phase === "ready") return box.dataset.ready;
    if (state.phase === "hold") return `${side}${now.repeated || box.dataset.hold}`;
    if (state.phase === "over") return box.dataset.over;
    if (state.phase === "rest") return state.change ? box.dataset.change : box.dataset.rest;
    return now ? now.side : "";
  }

  function tickWord() {
    return row() ? `${box.dataset.tick} ${row().short}`.trim() : box.dataset.tick;
  }

  function draw() {
    forward();
    const running = ["ready", "hold", "rest"].includes(state.phase);
    const rest = running ? left() : 0;
    const shown = running ? seconds(rest) : state.phase === "over" ? 0 : state.total;
    const share = running && state.total ? Math.min(100, Math.max(0, rest / state.total / 10)) : state.phase === "over" ? 0 : 100;
    const timed = running || state.phase === "over" || state.total > 0;
    box.hidden = !timed;
    box.querySelector("[data-ring-number]").textContent = clock(shown);
    box.querySelector("[data-ring-word]").textContent = words();
    box.querySelector("[data-ring-arc]").setAttribute("stroke-dashoffset", String(100 - share));
    const word = {
      idle: state.total ? box.dataset.start : tickWord(),
      over: tickWord(),
      rest: `${box.dataset.skipRest} (${clock(shown)})`,
    }[state.phase];
    main.textContent = word || (state.pausedLeft === null ? box.dataset.pause : box.dataset.on);
    for (const button of document.querySelectorAll("[data-timer-less], [data-timer-more]")) {
      button.disabled = !["hold", "rest"].includes(state.phase);
    }
    clearTimeout(beat);
    if (running && state.pausedLeft === null) beat = setTimeout(draw, 200);
  }

  function tick() {
    const button = row() && row().form.querySelector("button.tick");
    if (button) button.form.requestSubmit(button);
  }

  function press() {
    if (state.phase === "over" || (state.phase === "idle" && !state.total)) {
      tick();
    } else if (state.phase === "idle") {
      run("ready", READY_SECONDS);
      box.scrollIntoView({ block: "nearest" });
      say(`${box.dataset.ready}. ${row().told}`);
    } else if (state.phase === "rest") {
      idle();
      if (state.total) run("ready", READY_SECONDS);
    } else if (state.pausedLeft === null) {
      state = { ...state, pausedLeft: Math.max(0, left()) };
      keep();
    } else {
      state = { ...state, endsAt: Date.now() + state.pausedLeft, pausedLeft: null };
      keep();
    }
    draw();
  }

  function shift(by) {
    const now = Math.max(1000, left() + by * 1000);
    state.total = Math.max(state.total, now / 1000);
    if (state.pausedLeft === null) state.endsAt = Date.now() + now;
    else state.pausedLeft = now;
    keep();
    draw();
  }

  function read() {
    clearTimeout(beat);
    box = document.querySelector("[data-timer]");
    const dock = document.querySelector("[data-timer-dock]");
    if (!box || !dock) return false;
    dock.hidden = false;
    for (const link of document.querySelectorAll("[data-without-timer]")) link.hidden = true;
    for (const link of document.querySelectorAll("[data-with-timer]")) link.hidden = false;
    main = dock.querySelector("[data-timer-main]");
    rows = [...document.querySelectorAll("[data-set]")].map((mark) => ({
      set: mark.dataset.set,
      seconds: Number(mark.dataset.seconds),
      repeated: mark.dataset.repeated,
      rest: Number(mark.dataset.rest),
      change: mark.dataset.change === "1",
      side: mark.dataset.side,
      short: mark.dataset.short,
      told: mark.dataset.told,
      form: mark.closest("form"),
      done: mark.closest("form").classList.contains("done"),
    }));
    return true;
  }

  function begin() {
    if (!read()) return;
    const kept = restore();
    const known = kept && rows.some((each) => each.set === kept.set && (!each.done || kept.phase === "rest"));
    if (known) state = kept;
    else idle();
    draw();
  }

  document.addEventListener("click", (event) => {
    if (!box?.isConnected) return;
    if (event.target.closest("[data-timer-main]")) press();
    else if (event.target.closest("[data-timer-less]")) shift(-15);
    else if (event.target.closest("[data-timer-more]")) shift(15);
  });

  document.addEventListener("set-saved", (event) => {
    if (!read()) return;
    const saved = rows.find((each) => each.set === event.detail.set);
    idle();
    if (event.detail.done && saved.rest && next()) {
      state.change = saved.change;
      run("rest", saved.rest);
      say(`${saved.change ? box.dataset.change : box.dataset.rest}, ${saved.rest}`);
    }
    draw();
  });

  document.addEventListener("visibilitychange", () => {
    if (box?.isConnected && !document.hidden) draw();
  });

  begin();
})();
