// The page without a network: today's sessions from the plan on this device, done and recorded into the outbox.
"use strict";

(async () => {
  const { outbox, offlinePlan } = window;
  const place = document.querySelector("[data-place]");
  const foot = document.querySelector("[data-foot]");
  const text = (name) => document.querySelector(`[data-text="${name}"]`).textContent;
  let plan = null;
  let sessions = [];
  let asking = null; // for the plan anew
  const notes = []; // what the practice answered to what was sent

  function view(name, slots = {}) {
    const found = document.querySelector(`template[data-view="${name}"]`).content.cloneNode(true);
    for (const [slot, words] of Object.entries(slots)) {
      const part = found.querySelector(`[data-slot="${slot}"]`);
      if (part) Object.assign(part, { textContent: words || "", hidden: !words });
    }
    return found;
  }

  function show(content, below = null, still = false) {
    place.replaceChildren(...notes.map(noteOf), content);
    foot.replaceChildren(...(below ? [below] : []));
    for (const [name, sign] of [["page-step", ".ticks"], ["page-checklist", ".checklist"]]) document.body.classList.toggle(name, Boolean(place.querySelector(sign)));
    if (still) return;
    document.dispatchEvent(new CustomEvent("page-changed"));
    window.scrollTo(0, 0);
    const heading = place.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  }

  const dial = (number) => `tel:${number.replace(/[^+\d]/g, "")}`;
  const on = (root, selector, act) => root.querySelector(selector)?.addEventListener("click", act);

  function drawInto(root, items) {
    const shown = items.find((item) => item.side !== "left") || items[0]; // of both sides the right one, as on Today
    const picture = new DOMParser().parseFromString(shown.picture, "text/html").querySelector("svg");
    if (!picture) return;
    picture.setAttribute("aria-hidden", "true"); // the name stands beside it
    root.querySelector("[data-picture]").append(picture);
  }

  async function read() {
    plan = await outbox.plan();
    if (!plan) return;
    const [acts, entries] = await Promise.all([outbox.did(), outbox.all()]);
    const unsent = new Set(entries.map((entry) => entry.key));
    sessions = offlinePlan.sessionsOf(plan, acts, unsent, new Date());
  }

  // True once the device has it. What could not be kept is said to be lost, never saved.
  async function keep(entry) {
    try {
      await outbox.put(entry);
    } catch {
      document.querySelector("[data-say]").textContent = text("lost");
      place.prepend(alertOf(text("lost")));
      return false;
    }
    outbox.say(text("kept"));
    outbox.replay();
    await read();
    return true;
  }

  const noteOf = (words) => Object.assign(document.createElement("p"), { className: "notice tone-warn", textContent: words });

  function alertOf(words) {
    const line = noteOf(words);
    line.setAttribute("role", "alert");
    return line;
  }

  // The network is back, and something must not go on: a block ends it, a sentence stays on every screen.
  document.addEventListener("outbox-answered", async ({ detail: { answer, blocked } }) => {
    if (!blocked && !answer.note) return;
    if (!blocked && !notes.includes(answer.note)) {
      notes.push(answer.note);
      place.prepend(alertOf(answer.note));
    }
    asking ??= outbox.keepPlan().catch(() => {}).finally(() => (asking = null));
    await asking;
    if (blocked) location.assign(document.querySelector("[data-outbox]").dataset.blocked);
    else await read();
  });

  function refuse(form, words) {
    const place = form.querySelector("[data-error]");
    Object.assign(place, { textContent: words, hidden: false });
    form.querySelector("input:not([type=hidden])")?.focus();
  }

  function said(form, submitter) {
    const { key, device_time, csrfmiddlewaretoken, ...what } = Object.fromEntries(new FormData(form, submitter));
    return what;
  }

  // ---- Today -------------------------------------------------------------------------------------------------------

  function showToday() {
    const page = view("today");
    const list = page.querySelector("[data-list]");
    for (const session of sessions) {
      const card = view("session", {
        title: `${text("session")} ${session.number}`,
        state: session.finished ? text("finished") : "",
      });
      const words = { done: text("done"), out: text("left-out") };
      for (const items of offlinePlan.screens(session.items)) {
        const left = items.every((item) => item.skipped) ? words.out : "";
        const done = items.every((item) => item.done.size >= item.sets) ? words.done : "";
        const line = view("line", { name: items[0].name, dose: items[0].dose, state: done || left });
        line.querySelector(".step").classList.add(`phase-${items[0].phase}`);
        drawInto(line, items);
        card.querySelector("[data-list]").append(line);
      }
      const go = card.querySelector("[data-go]");
      go.hidden = session.finished;
      go.querySelector("[data-word-start]").hidden = session.begun;
      go.querySelector("[data-word-on]").hidden = !session.begun;
      go.addEventListener("click", () => (session.begun ? goOn(session) : showAsk(session)));
      list.append(card);
    }
    if (!sessions.length) {
      const next = offlinePlan.nextDay(plan, new Date());
      const day = next && new Date(`${next}T12:00Z`).toLocaleDateString(document.documentElement.lang, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
      const after = next && text("next-day").replace("{day}", day);
      list.append(plan.asks ? view("asks") : view("rest", { next: after }));
    }
    show(page);
  }

  const again = (session) => sessions.find((each) => each.day === session.day && each.number === session.number) || session;

  // From the n-th screen to the one before or after: by its exercise, for what must not be done any more is not shown.
  function turn(session, exercise, n, by) {
    const now = again(session);
    const screens = offlinePlan.screens(now.items);
    const at = screens.findIndex(([item]) => item.exercise === exercise);
    const to = at < 0 ? n + Math.min(by, 0) : at + by;
    if (to < 0) showToday();
    else if (to < screens.length) showStep(now, to);
    else showEnd(now);
  }

  function goOn(session) {
    const screens = offlinePlan.screens(session.items);
    const open = screens.findIndex((items) => !offlinePlan.settled(items));
    if (open < 0) showEnd(session);
    else showStep(session, open);
  }

  // ---- Before: pain and the safety list ----------------------------------------------------------------------------------

  function showAsk(session) {
    const asked = plan.questions;
    const page = view("ask", { title: asked.title, intro: asked.intro, none: asked.none });
    const list = page.querySelector("[data-list]");
    for (const question of asked.items) {
      const row = view("question", { item: question.item });
      row.querySelector("label").prepend(Object.assign(document.createElement("input"), { type: "checkbox", value: question.slug }));
      list.append(row);
    }
    const form = page.querySelector("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      begin(session, form, event.submitter);
    });
    show(page);
  }

  async function begin(session, form, submitter) {
    const yes = [...form.querySelectorAll("[data-list] input:checked")].map((box) => box.value);
    const pain = new FormData(form).get("pain_before");
    if (!yes.length && submitter?.name !== "none") return refuse(form, text("asks"));
    if (!yes.length && pain === null) return refuse(form, text("asks"));
    const kept = await keep({
      kind: "start",
      session: { number: session.number },
      what: pain === null ? {} : { pain_before: Number(pain) },
      asked: plan.questions.items.map((question) => question.slug),
      yes,
      shown: session.shown,
    });
    if (!kept) return;
    if (yes.length) return halt(yes);
    goOn(again(session));
  }

  // A yes is a warning sign: it starts nothing.
  async function halt(yes) {
    const { title, body } = plan.questions.items.find((question) => yes.includes(question.slug));
    const words = { title, body, blocks: true };
    await outbox.stopHere(words);
    showMessage(words);
  }

  function showMessage(words, back = null) {
    const page = view("message", words);
    page.querySelector(".emergency").classList.add(words.blocks ? "tone-stop" : "tone-warn");
    page.querySelector("[data-not-told]").hidden = Boolean(words.known);
    const { name, phone, emergency } = plan.contact;
    const numbers = [[emergency, text("emergency"), words.blocks ? "first" : ""], [phone, name, ""]];
    for (const [number, word, css] of numbers) {
      if (!number) continue;
      const call = view("call", { word, number });
      const link = call.querySelector("a");
      link.href = dial(number);
      if (css) link.classList.add(css);
      page.querySelector("[data-calls]").append(call);
    }
    const button = page.querySelector("[data-back]");
    button.hidden = !back;
    if (back) button.addEventListener("click", back);
    show(page);
  }

  // ---- One exercise ----------------------------------------------------------------------------------------------------

  function showStep(session, n, pressed = null) {
    const screens = offlinePlan.screens(session.items);
    const items = screens[n];
    const first = items[0];
    const page = view("step", {
      where: `${n + 1} ${text("of")} ${screens.length}`,
      kind: first.kind,
      name: first.name,
      dose: first.dose,
      warm_up: n === 0 && session.warm_up ? text("warm-up").replace("{warm_up}", session.warm_up) : "",
      cue: first.cue,
      tempo: first.tempo_words,
      needs: first.needs && text("needs").replace("{needs}", first.needs),
      spot: [...new Set(items.map((item) => item.spot).filter(Boolean))].join(" "),
      note: first.note,
      own_note: first.own_note,
      skipped: items.every((item) => item.skipped) ? text("left-out") : "",
    });
    page.querySelector(".stack").classList.add(`phase-${first.phase}`);
    page.querySelector(".own-note").hidden = !first.own_note;
    const reasons = page.querySelector("[data-why]");
    reasons.hidden = !first.why.length;
    reasons.append(...first.why.map((words) => Object.assign(document.createElement("p"), { textContent: words })));
    for (const words of first.cautions) page.querySelector("[data-cautions]").append(view("caution", { words }));
    const list = page.querySelector("[data-list]");
    askTightness(page, session, n);
    const rows = offlinePlan.rows(items);
    const current = rows.find(({ item, number }) => !item.done.has(number));
    drawInto(page, current ? [current.item] : items);
    for (const [place, row] of rows.entries()) list.append(setRow(session, row, row === current, rows[place + 1]));
    if (pressed !== null) keepTyped(page, pressed.set);
    const below = stepFoot(session, n, screens.length, items);
    const timed = !offlinePlan.settled(items) && page.querySelector("[data-seconds]:not([data-seconds='0']), [data-tempo], [data-rest]:not([data-rest='0'])");
    if (!timed) for (const part of [page, below]) part.querySelectorAll("[data-timer], [data-timer-dock], .cues").forEach((each) => each.remove());
    show(page, below, pressed !== null);
    if (pressed === null) return;
    document.dispatchEvent(new CustomEvent("page-refreshed"));
    document.dispatchEvent(new CustomEvent("set-saved", { detail: pressed }));
    const form = place.querySelector(`[data-set="${pressed.set}"]`)?.closest("form");
    (form ? form.querySelector("button.tick") : place.querySelector("h1")).focus({ preventScroll: true });
    place.querySelector("[data-tightness=after] .tightness")?.scrollIntoView({ block: "nearest" });
  }

  // One tap before the first set of the release block and one after its last; told, it can be changed.
  function askTightness(page, session, n) {
    const moment = offlinePlan.tightnessAt(session, n);
    if (!moment) return;
    const { name, muscle, side, before, after } = session.tightness;
    const told = session.tightness[moment];
    const said = (pattern) => text(pattern).replace("{name}", name).replace("{before}", before).replace("{after}", after);
    const first = told === undefined && moment === "after" ? said("tight-then") : name;
    const card = view("tightness", { name: first, told: told !== undefined && said(`tight-${moment}`) });
    card.querySelectorAll(`form:not(#tightness-${moment})`).forEach((each) => each.remove());
    const form = card.querySelector("form");
    if (told !== undefined) {
      const change = card.querySelector("details");
      change.hidden = false;
      change.append(form);
      form.querySelector(`button[value="${told}"]`).setAttribute("aria-pressed", "true");
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const what = { when: moment, value: event.submitter.value, muscle, side };
      if (!(await keep({ kind: "tightness", session: session.ref, what, label: name }))) return;
      askTightness(document, again(session), n);
      place.querySelector(".tightness summary")?.focus({ preventScroll: true });
    });
    page.querySelector(`[data-tightness=${moment}]`).replaceChildren(card);
  }

  // Figures that somebody is changing in another row stay when the page is drawn anew.
  function keepTyped(page, pressed) {
    for (const form of place.querySelectorAll(".tick-row")) {
      const { set } = form.querySelector("[data-set]").dataset;
      if (set === pressed || !form.querySelector("details[open]")) continue;
      page.querySelector(`[data-set="${set}"]`)?.closest("form").replaceWith(form);
    }
  }

  // What the timer reads of a set, as the server writes it in the player.
  function marked(mark, session, { item, number }, set, following) {
    const told = {
      set: `${session.day}-${session.number}-${item.exercise}-${item.side}-${number}`,
      seconds: set.window, hold: set.hold, turns: set.turns, told: set.told,
      rest: offlinePlan.pauseAfter({ item, number }, following), side: item.side_words, short: item.short,
    };
    Object.assign(mark.dataset, told, item.tempo && { tempo: item.tempo }, item.alternating && { alternating: "1" });
  }

  // Only what the exercise has stays; a row is drawn many times, so each has names of its own.
  function figuresOf(form, item, set, name) {
    const has = { reps: set.reps !== null, seconds: set.seconds !== null, load_kg: item.loaded, band: item.banded };
    for (const [figure, wanted] of Object.entries(has)) {
      const inputs = form.querySelectorAll(`[name="${figure}"]`);
      if (!wanted) inputs[0]?.closest(".field")?.remove();
      for (const input of inputs) {
        if (input.type === "radio") input.checked = input.value === (set[figure] ?? "");
        else input.value = set[figure] ?? "";
      }
    }
    for (const part of form.querySelectorAll("[id], [for], [aria-describedby], [aria-labelledby]")) {
      for (const attribute of ["id", "for", "aria-describedby", "aria-labelledby"]) {
        const value = part.getAttribute(attribute);
        if (value) part.setAttribute(attribute, value.split(" ").map((each) => `${each}-${name}`).join(" "));
      }
    }
  }

  // The same screen after a press; where the exercise was taken out meanwhile, the next one.
  function refresh(session, exercise, pressed = null) {
    const now = again(session);
    const at = offlinePlan.screens(now.items).findIndex(([item]) => item.exercise === exercise);
    if (at < 0) goOn(now);
    else showStep(now, at, pressed);
  }

  function setRow(session, { item, number }, current, following) {
    const set = offlinePlan.setOf(item, number);
    const row = view("set", { number: String(number), told: set.told });
    const form = row.querySelector("form");
    const button = row.querySelector("button.tick");
    const done = item.done.has(number);
    const summary = row.querySelector("summary");
    form.classList.toggle("done", done);
    form.classList.toggle("current", current);
    button.setAttribute("aria-pressed", String(done));
    button.setAttribute("aria-label", `${text("set")} ${number}, ${set.told}`);
    summary.textContent = done ? summary.dataset.correct : summary.dataset.adjust;
    marked(row.querySelector("[data-set]"), session, { item, number }, set, following);
    figuresOf(form, item, set, `${item.exercise}-${item.side}-${number}`);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.getAttribute("aria-busy")) return;
      form.setAttribute("aria-busy", "true");
      const told = said(form);
      const figures = Object.fromEntries(offlinePlan.FIGURES.filter((name) => name in told).map((name) => [name, told[name]]));
      const wrong = [...form.elements].find((field) => field.matches("input[type=number]") && !field.checkValidity());
      const now = event.submitter === button ? !done : true;
      const entry = { kind: "set", session: session.ref, item: nameOf(item), number, what: { done: now ? "1" : "", ...figures }, label: item.name };
      if (wrong) refuse(form, wrong.validationMessage);
      else if (await keep(entry)) return refresh(session, item.exercise, { set: form.querySelector("[data-set]").dataset.set, done: now });
      form.removeAttribute("aria-busy");
    });
    return row;
  }

  const nameOf = (item) => (item.id ? { id: item.id } : { exercise: item.exercise, side: item.side });

  function stepFoot(session, n, count, items) {
    const bar = view("step-foot");
    const settled = offlinePlan.settled(items);
    for (const next of bar.querySelectorAll("[data-next]")) {
      next.textContent = n + 1 < count ? text("next") : text("end");
      next.addEventListener("click", () => turn(session, items[0].exercise, n, 1));
    }
    const main = bar.querySelector("[data-next].big");
    main.classList.toggle("ghost", !settled);
    main.classList.toggle("primary", settled);
    const skipped = items.every((item) => item.skipped);
    bar.querySelector("[data-skip]").hidden = settled || skipped;
    bar.querySelector("[data-unskip]").hidden = !skipped || items.some((item) => item.stopped);
    on(bar, "[data-back]", () => turn(session, items[0].exercise, n, -1));
    on(bar, "[data-skip]", () => showSkip(session, items[0]));
    on(bar, "[data-unskip]", async () => {
      await keep({ kind: "unskip", session: session.ref, item: nameOf(items[0]), what: {}, label: items[0].name });
      refresh(session, items[0].exercise);
    });
    on(bar, "[data-wrong]", () => showWrong(session, items[0], () => refresh(session, items[0].exercise)));
    return bar;
  }

  function showSkip(session, item) {
    const page = view("skip", { name: item.name });
    const form = page.querySelector("form");
    on(page, "[data-back]", () => refresh(session, item.exercise));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const what = said(form);
      if (!what.reason) return refuse(form, text("asks"));
      if (await keep({ kind: "skip", session: session.ref, item: nameOf(item), what, label: item.name })) goOn(again(session));
    });
    show(page);
  }

  // `item` is what was being done; without one it is of the whole session.
  function showWrong(session, item, back) {
    const page = view("wrong");
    on(page, "[data-back]", back);
    for (const button of page.querySelectorAll("[data-choice]")) {
      button.addEventListener("click", async () => {
        const { choice } = button.dataset;
        const entry = { kind: "stop", session: session.ref, item: item ? nameOf(item) : {}, what: { choice }, label: item?.name };
        if (!(await keep(entry))) return;
        const halted = await outbox.heed(entry);
        showMessage(halted || plan.stops[choice], halted ? null : () => goOn(again(session)));
      });
    }
    show(page);
  }

  // ---- The end ---------------------------------------------------------------------------------------------------------

  function showEnd(session) {
    const page = view("end");
    const form = page.querySelector("form");
    if (session.items.every((item) => item.release)) form.querySelector("[name=effort]")?.closest(".field")?.remove();
    if (!session.limb) form.querySelector("[name=limb]")?.closest(".field")?.remove();
    on(page, "[data-back]", () => {
      const last = offlinePlan.screens(again(session).items).length - 1;
      if (last < 0) showToday();
      else showStep(again(session), last);
    });
    on(page, "[data-wrong]", () => showWrong(session, null, () => showEnd(session)));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const what = said(form);
      const numb = what.limb === plan.numb.value; // heard whatever else is missing
      if (!numb && (!what.pain_after || !what.pain_worst)) return refuse(form, text("asks"));
      if (!numb && !session.recorded && !session.items.some((item) => item.skipped || item.done.size)) return refuse(form, text("nothing-ticked"));
      const entry = { kind: "finish", session: session.ref, what };
      if (!(await keep(entry))) return;
      const halted = await outbox.heed(entry);
      if (halted) showMessage(halted);
      else showToday();
    });
    show(page);
  }

  // ---- Begin -----------------------------------------------------------------------------------------------------------

  function offerHelp() {
    const { name, phone, emergency } = plan.contact;
    const help = document.querySelector("[data-help]");
    for (const [number, word] of [[phone, name], [emergency, text("emergency")]]) {
      if (!number) continue;
      const call = view("help-call", { word: `${word} ${number}` });
      call.querySelector("a").href = dial(number);
      help.querySelector("[data-calls]").append(call);
    }
    help.hidden = false;
  }

  const nothing = () => show(view("nothing"));
  if (!outbox?.account) return nothing();
  try {
    await read();
  } catch {
    return nothing();
  }
  if (!plan) return nothing();
  offerHelp();
  const halted = await outbox.halt();
  const blocked = plan.blocked[0];
  if (halted || blocked) return showMessage(halted || { ...blocked, blocks: true, known: true });

  if (plan.held) return nothing();

  // Where the page was, in a session that is being done: its exercise, what is wrong with it, or the end.
  const [, id, screen, what] = location.pathname.match(/^\/session\/(\d+)\/(?:(\d+)\/)?([a-z]+)?/) || [];
  const going = sessions.find((session) => session.id === Number(id) && !session.finished);
  const at = going ? offlinePlan.screens(going.items).findIndex(([item]) => item.screen === Number(screen)) : -1;
  if (!going) showToday();
  else if (what === "wrong") showWrong(going, offlinePlan.screens(going.items)[at]?.[0], () => goOn(going));
  else if (what === "end") showEnd(going);
  else if (at >= 0) showStep(going, at);
  else goOn(going);
})();
