// Hold, tempo and rest, computed from timestamps: a locked screen, a reload or a phone call changes nothing. It never ticks a set.
// States of one set: idle → ready (3 s) → hold → over; after a tick: rest → idle for the next set.
// What is told when stands in marks.js, how it is told in cues.js.
"use strict";

(() => {
  const READY_SECONDS = 3;
  const RUNNING = ["ready", "hold", "rest"];
  const BEAT = 200; // milliseconds
  const LATE = 1.5; // seconds after which a cue would only confuse
  const JUMP = 500; // milliseconds between the two clocks that are no drift
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const store = `timer:${location.pathname}`;
  let box, dock, main, rows, state, beat, glide, words;

  const left = () => (state.pausedLeft !== null ? state.pausedLeft : state.endsAt - Date.now());
  const seconds = () => Math.max(0, Math.ceil(left() / 1000));
  const clock = (n) => (n < 120 ? String(n) : `${Math.floor(n / 60)}:${String(n % 60).padStart(2, "0")}`);
  const row = () => rows.find((each) => each.set === state.set);
  const next = () => rows.find((each) => !each.done) || null;
  const running = () => RUNNING.includes(state.phase);
  const paused = () => state.pausedLeft !== null;
  const filled = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);

  // ---- What is kept, so that a reload goes on ----

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

  // ---- The two clocks: one that people and networks set, one that only runs ----

  const apart = () => Date.now() - performance.now();
  let known = apart();
  let away = false; // hidden since the last look

  // A clock that was set moves the end by as much. Forward while nobody looked is a device that slept: then the time has passed.
  function mindTheClock() {
    const jump = Math.round((apart() - known) / 10) * 10; // one of the clocks has whole milliseconds only
    if (Math.abs(jump) < JUMP) return;
    known += jump;
    if (jump > 0 && away) return;
    if (running() && !paused()) {
      state.endsAt += jump;
      keep();
    }
  }

  // ---- States ----

  function enter(phase, total, endsAt, more = {}) {
    state = { set: state?.set ?? "", ...more, phase, total, endsAt, pausedLeft: null, told: null };
    keep();
  }

  function idle() {
    const open = next();
    enter("idle", open ? marks.length(open) : 0, 0, { set: open ? open.set : "" });
  }

  function run(phase, total, more = {}) {
    mindTheClock(); // a jump of before is not one of what begins now
    enter(phase, total, Date.now() + total * 1000, { set: state.set, ...more });
  }

  function forward() {
    mindTheClock();
    let moved = false;
    while (running() && !paused()) {
      tell();
      if (left() > 0) break;
      moved = true;
      if (state.phase === "ready") enter("hold", marks.length(row()), state.endsAt + marks.length(row()) * 1000);
      else if (state.phase === "hold") enter("over", state.total, 0);
      else idle();
    }
    if (moved) planSounds();
  }

  // ---- Cues ----

  const cuesOf = (phase, total) => marks.of(phase, total, row(), words, state.resting);

  function tell() {
    const now = left() / 1000;
    const due = cuesOf(state.phase, state.total).filter((mark) => mark.left >= now && (state.told === null || mark.left < state.told));
    if (!due.length) return;
    state.told = due.at(-1).left;
    keep();
    for (const mark of due) {
      if (mark.left && mark.left - now > LATE) continue;
      if (mark.tone || mark.pulse) cues.feel(mark.pulse || mark.tone);
      cues.announce(mark.say, mark);
      if (mark.left - now < LATE) cues.speak(mark.speak);
    }
  }

  // Everything that will sound until somebody has to do something, ahead of time.
  function planSounds() {
    if (!running() || paused()) return cues.plan([]);
    const rest = left();
    const ahead = (found, end) => found.filter((mark) => mark.tone).map((mark) => ({ after: end - mark.left * 1000, tone: mark.tone }));
    const coming = ahead(cuesOf(state.phase, state.total), rest);
    if (state.phase === "ready") {
      const total = marks.length(row());
      coming.push(...ahead(cuesOf("hold", total), rest + total * 1000));
    }
    cues.plan(coming);
  }

  // ---- What is shown ----

  function shown() {
    const now = row();
    const at = state.phase === "hold" ? marks.where(now, left() / 1000) : null;
    const side = now && now.side ? `${now.side}, ` : "";
    if (at && now.tempo) {
      const share = { lift: 1 - at.left / at.lasts, stay: 1, lower: at.left / at.lasts }[at.name];
      return { number: String(at.turn), more: filled(words.ofAll, { count: now.turns }), word: words[at.name], share };
    }
    if (at) {
      const more = filled(words.of, { n: at.turn, count: now.turns });
      return { number: clock(Math.ceil(at.left)), more, word: `${side}${words.hold}`, share: at.left / at.lasts };
    }
    const number = clock(running() ? seconds() : state.phase === "over" ? 0 : state.total);
    const share = state.phase === "over" ? 1 : state.total ? left() / state.total / 1000 : 0;
    const word = { ready: words.ready, hold: `${side}${words.hold}`, over: words.over, rest: state.resting?.word }[state.phase] ?? now?.side ?? "";
    return { number, more: "", word, share: Math.min(1, Math.max(0, share)) };
  }

  const put = (part, text) => { if (part.textContent !== text) part.textContent = text; };

  function drawArc() {
    const share = still.matches ? 1 : shown().share;
    box.querySelector("[data-ring]").style.setProperty("--share", share);
    box.querySelector("[data-ring-arc]").setAttribute("stroke-dashoffset", String(100 - 100 * share));
    dock.querySelector("[data-line-bar]").value = 100 * share;
  }

  // Between two beats the arc moves with the screen, and only then.
  function flow() {
    cancelAnimationFrame(glide);
    if (!running() || paused() || still.matches || document.hidden) return;
    glide = requestAnimationFrame(() => { drawArc(); flow(); });
  }

  function drawButtons() {
    const tickWord = row() ? `${words.tick} ${row().short}`.trim() : words.tick;
    const word = { idle: state.total ? words.start : tickWord, over: tickWord, rest: paused() ? words.on : words.skipRest }[state.phase];
    put(main, word || (paused() ? words.on : words.pause));
    const again = ["hold", "over"].includes(state.phase) && (paused() || state.phase === "over");
    dock.querySelector("[data-timer-again]").hidden = !again;
    dock.querySelector("[data-timer-less]").hidden = again || !["hold", "rest"].includes(state.phase);
    dock.querySelector("[data-timer-more]").hidden = !["hold", "rest", "over"].includes(state.phase);
    dock.querySelector("[data-timer-rest-pause]").hidden = state.phase !== "rest" || paused();
  }

  function draw() {
    forward();
    const { number, more, word } = shown();
    const name = paused() ? "paused" : state.phase;
    const stage = box.closest(".stage");
    box.hidden = !["ready", "hold", "over"].includes(state.phase);
    stage.dataset.phase = state.phase;
    stage.toggleAttribute("data-tempo", Boolean(row()?.tempo));
    stage.toggleAttribute("data-paused", paused());
    dock.dataset.phase = name;
    put(box.querySelector("[data-ring-number]"), number);
    put(box.querySelector("[data-ring-more]"), more);
    for (const part of [box.querySelector("[data-ring-word]"), dock.querySelector("[data-line-word]")]) put(part, paused() ? words.paused : word);
    put(dock.querySelector("[data-line-number]"), `${number} ${more}`.trim());
    drawArc();
    drawButtons();
    cues.awake(running() && !paused());
    clearTimeout(beat);
    if (running() && !paused()) beat = setTimeout(draw, BEAT);
  }

  function show() {
    draw();
    flow();
  }

  // ---- What is pressed ----

  function tick() {
    const button = row() && row().form.querySelector("button.tick");
    if (button) button.form.requestSubmit(button);
  }

  function start() {
    cues.wake();
    run("ready", READY_SECONDS);
    show();
    planSounds();
    box.scrollIntoView({ block: "nearest" });
  }

  function pause() {
    mindTheClock();
    state = { ...state, pausedLeft: Math.max(0, left()) };
    keep();
    cues.hush();
    show();
  }

  function goOn() {
    mindTheClock();
    cues.wake();
    state = { ...state, endsAt: Date.now() + state.pausedLeft, pausedLeft: null };
    keep();
    show();
    planSounds();
  }

  function press() {
    if (state.phase === "over" || (state.phase === "idle" && !state.total)) tick();
    else if (state.phase === "idle") start();
    else if (paused()) goOn();
    else if (state.phase === "rest") skipRest();
    else pause();
  }

  function skipRest() {
    idle();
    if (state.total) start();
    else show();
  }

  function shift(by) {
    mindTheClock();
    if (state.phase === "over") {
      cues.wake();
      enter("hold", by, Date.now() + by * 1000);
      state.told = by; // it has begun before
    } else {
      const guided = state.phase === "hold" && marks.where(row(), 0); // its repetitions are counted: it goes back to the first
      const now = Math.min(Math.max(1000, left() + by * 1000), guided ? marks.length(row()) * 1000 : Infinity);
      state.total = Math.max(state.total, now / 1000);
      state.told = by > 0 ? Math.min(now / 1000 + 0.001, state.total) : state.told;
      if (paused()) state.pausedLeft = now;
      else state.endsAt = Date.now() + now;
    }
    keep();
    show();
    planSounds();
  }

  // The dock tells the time as long as the ring is out of sight.
  const inView = new IntersectionObserver((seen) => dock?.toggleAttribute("data-ring-seen", seen.at(-1).intersectionRatio > 0.6), { threshold: [0, 0.6] });

  // ---- Beginning, and what happens around ----

  function rowOf(mark) {
    const { set, seconds, rest, side, short, told, tempo, turns, hold, alternating } = mark.dataset;
    const form = mark.closest("form");
    return {
      set, side, short, told, form,
      seconds: Number(seconds),
      rest: Number(rest),
      tempo: tempo ? tempo.split(" ").map(Number) : null,
      turns: Number(turns) || 1,
      hold: Number(hold),
      alternating: alternating === "1",
      done: form.classList.contains("done"),
    };
  }

  function read() {
    clearTimeout(beat);
    cancelAnimationFrame(glide);
    box = document.querySelector("[data-timer]");
    dock = document.querySelector("[data-timer-dock]");
    if (!box || !dock) return false;
    words = box.dataset;
    rows = [...document.querySelectorAll("[data-set]")].map(rowOf);
    const over = rows.every((each) => each.done); // then the way on is the first thing, not the timer
    const held = dock.contains(document.activeElement);
    dock.hidden = over;
    for (const link of document.querySelectorAll("[data-without-timer]")) link.hidden = !over;
    if (over && held) document.querySelector("[data-without-timer]")?.focus({ preventScroll: true });
    for (const link of document.querySelectorAll("[data-with-timer]")) link.hidden = over;
    main = dock.querySelector("[data-timer-main]");
    inView.disconnect();
    inView.observe(box);
    return true;
  }

  function begin() {
    if (!read()) return;
    const kept = restore();
    const fits = kept && "told" in kept && rows.some((each) => each.set === kept.set && (!each.done || kept.phase === "rest"));
    if (fits) state = kept;
    else idle();
    show();
    planSounds();
  }

  const onPage = () => Boolean(box?.isConnected && state);

  document.addEventListener("click", (event) => {
    if (!onPage()) return;
    const pressed = (mark) => event.target.closest(mark);
    if (pressed("[data-timer-main]")) press();
    else if (pressed("[data-timer-again]")) start();
    else if (pressed("[data-timer-rest-pause]")) pause();
    else if (pressed("[data-timer-less]")) shift(-15);
    else if (pressed("[data-timer-more]")) shift(15);
  });

  // The space bar pauses and goes on, unless it means something where the focus is; Escape pauses from anywhere.
  document.addEventListener("keydown", (event) => {
    if (event.repeat || !onPage() || !running()) return;
    const own = event.target.closest?.("input, select, textarea, button, summary, a, [contenteditable]");
    if (event.key === "Escape" && !paused()) pause();
    if (event.key !== " " || own) return;
    event.preventDefault();
    if (paused()) goOn();
    else pause();
  });

  // Another screen stands on the same page: what ran goes on only where its set stands.
  document.addEventListener("page-changed", () => {
    clearTimeout(beat);
    cancelAnimationFrame(glide);
    if (state) {
      cues.hush();
      cues.awake(false);
    }
    state = null;
    begin();
  });

  document.addEventListener("page-refreshed", () => {
    if (!state || !read()) return;
    if (state.phase === "idle") idle();
    show();
  });

  // What runs is not disturbed by another set that is saved late, or by its own rest that is told twice.
  function goesOn(set, done) {
    if (["ready", "hold"].includes(state?.phase)) return set !== state.set && row() && !row().done;
    return state?.phase === "rest" && done && state.resting.set === set;
  }

  document.addEventListener("set-saved", (event) => {
    if (!read()) {
      cues.hush();
      cues.awake(false);
      return;
    }
    const { set, done } = event.detail;
    const saved = rows.find((each) => each.set === set);
    if (goesOn(set, done)) return show();
    idle();
    if (done && saved?.rest && next()) {
      const change = next().side !== saved.side;
      const word = change ? `${words.change}: ${next().side}` : words.rest;
      run("rest", saved.rest, { resting: { set, change, word, told: `${word}, ${saved.rest} s` } });
    }
    show();
    if (state.phase === "rest") row().form.scrollIntoView({ block: "nearest" });
    planSounds();
  });

  function look() {
    if (!onPage()) return;
    show();
    planSounds();
    away = document.hidden;
  }

  document.addEventListener("visibilitychange", look);
  window.addEventListener("pageshow", (event) => { if (event.persisted) look(); });
  cues.onHeard(() => { if (onPage()) planSounds(); });

  begin();
})();
