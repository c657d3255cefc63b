// The page without a network: today's sessions from the plan on this device, done and recorded into the outbox.
"use strict";

(async () => {
  const { outbox, offlinePlan } = window;
  const place = document.querySelector("[data-place]");
  const foot = document.querySelector("[data-foot]");
  const text = (name) => document.querySelector(`[data-text="${name}"]`).textContent;
  let plan = null;
  let sessions = [];

  function view(name, slots = {}) {
    const found = document.querySelector(`template[data-view="${name}"]`).content.cloneNode(true);
    for (const [slot, words] of Object.entries(slots)) {
      const part = found.querySelector(`[data-slot="${slot}"]`);
      if (part) Object.assign(part, { textContent: words || "", hidden: !words });
    }
    return found;
  }

  function show(content, below = null, still = false) {
    place.replaceChildren(content);
    foot.replaceChildren(...(below ? [below] : []));
    if (still) return;
    window.scrollTo(0, 0);
    const heading = place.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  }

  const on = (root, selector, act) => root.querySelector(selector)?.addEventListener("click", act);

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
      alertOf(text("lost"));
      return false;
    }
    document.querySelector("[data-say]").textContent = text("kept");
    outbox.say(text("kept"));
    outbox.replay();
    await read();
    return true;
  }

  function alertOf(words) {
    const line = Object.assign(document.createElement("p"), { className: "notice tone-warn", textContent: words });
    line.setAttribute("role", "alert");
    place.prepend(line);
  }

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
        card.querySelector("[data-list]").append(view("line", { name: items[0].name, dose: items[0].dose, state: done || left }));
      }
      const go = card.querySelector("[data-go]");
      go.hidden = session.finished;
      go.querySelector("[data-word-start]").hidden = session.begun;
      go.querySelector("[data-word-on]").hidden = !session.begun;
      go.addEventListener("click", () => (session.begun ? goOn(session) : showAsk(session)));
      list.append(card);
    }
    if (!sessions.length) list.append(view("rest"));
    show(page);
  }

  const again = (session) => sessions.find((each) => each.day === session.day && each.number === session.number) || session;

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
    document.body.classList.add("page-checklist");
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

  // A yes starts nothing here: what it means for the plan is known only with a network.
  async function halt(yes) {
    const first = plan.questions.items.find((question) => yes.includes(question.slug));
    const blocks = first && first.effect !== "tag";
    const words = blocks ? { title: first.title, body: first.body, blocks } : { title: text("adapt-title"), body: text("adapt-body") };
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
      link.href = `tel:${number.replace(/[^+\d]/g, "")}`;
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
      name: first.name,
      dose: first.dose,
      warm_up: n === 0 ? session.warm_up : "",
      cue: first.cue,
      note: first.note,
      skipped: items.every((item) => item.skipped) ? text("left-out") : "",
    });
    page.querySelector(".stack").classList.add(`phase-${first.phase}`);
    const picture = new DOMParser().parseFromString(first.picture, "text/html").querySelector("svg");
    if (picture) page.querySelector("[data-picture]").append(picture);
    for (const words of first.cautions) page.querySelector("[data-cautions]").append(view("caution", { words }));
    const list = page.querySelector("[data-list]");
    const rows = offlinePlan.rows(items);
    const current = rows.find(({ item, number }) => !item.done.has(number));
    for (const row of rows) list.append(setRow(session, n, row, row === current));
    show(page, stepFoot(session, n, screens.length, items), pressed !== null);
    if (pressed !== null) place.querySelectorAll("button.tick")[pressed]?.focus({ preventScroll: true });
  }

  function setRow(session, n, { item, number }, current) {
    const row = view("set", { number: String(number), told: item.told });
    const form = row.querySelector("form");
    const button = row.querySelector("button");
    const done = item.done.has(number);
    form.classList.toggle("done", done);
    form.classList.toggle("current", current);
    button.setAttribute("aria-pressed", String(done));
    button.setAttribute("aria-label", `${text("set")} ${number}, ${item.told}`);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.getAttribute("aria-busy")) return;
      form.setAttribute("aria-busy", "true");
      const figures = Object.fromEntries(["reps", "seconds"].filter((name) => item[name] !== null).map((name) => [name, item[name]]));
      const what = { done: done ? "" : "1", ...figures };
      const place = [...form.closest("ol").querySelectorAll("form")].indexOf(form);
      if (await keep({ kind: "set", session: session.ref, item: nameOf(item), number, what, label: item.name })) showStep(again(session), n, place);
      else form.removeAttribute("aria-busy");
    });
    return row;
  }

  const nameOf = (item) => (item.id ? { id: item.id } : { exercise: item.exercise, side: item.side });

  function stepFoot(session, n, count, items) {
    const bar = view("step-foot");
    const next = bar.querySelector("[data-next]");
    const settled = offlinePlan.settled(items);
    next.textContent = n + 1 < count ? text("next") : text("end");
    next.classList.toggle("ghost", !settled);
    next.classList.toggle("primary", settled);
    next.addEventListener("click", () => (n + 1 < count ? showStep(again(session), n + 1) : showEnd(again(session))));
    const skipped = items.every((item) => item.skipped);
    bar.querySelector("[data-skip]").hidden = settled || skipped;
    bar.querySelector("[data-unskip]").hidden = !skipped;
    on(bar, "[data-back]", () => (n ? showStep(again(session), n - 1) : showToday()));
    on(bar, "[data-skip]", () => showSkip(session, n, items[0]));
    on(bar, "[data-unskip]", async () => {
      await keep({ kind: "unskip", session: session.ref, item: nameOf(items[0]), what: {}, label: items[0].name });
      showStep(again(session), n);
    });
    on(bar, "[data-wrong]", () => showWrong(session, n, items[0]));
    return bar;
  }

  function showSkip(session, n, item) {
    const page = view("skip", { name: item.name });
    const form = page.querySelector("form");
    on(page, "[data-back]", () => showStep(session, n));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const what = said(form);
      if (!what.reason) return refuse(form, text("asks"));
      if (await keep({ kind: "skip", session: session.ref, item: nameOf(item), what, label: item.name })) goOn(again(session));
    });
    show(page);
  }

  function showWrong(session, n, item) {
    const page = view("wrong");
    on(page, "[data-back]", () => showStep(session, n));
    for (const button of page.querySelectorAll("[data-choice]")) {
      button.addEventListener("click", async () => {
        const { choice } = button.dataset;
        if (!(await keep({ kind: "stop", session: session.ref, item: nameOf(item), what: { choice }, label: item.name }))) return;
        const blocks = choice === "dizzy_chest";
        const words = { ...plan.stops[choice], blocks };
        if (blocks) await outbox.stopHere(words);
        showMessage(words, blocks ? null : () => goOn(again(session)));
      });
    }
    show(page);
  }

  // ---- The end ---------------------------------------------------------------------------------------------------------

  function showEnd(session) {
    const page = view("end");
    const form = page.querySelector("form");
    if (session.items.every((item) => item.release)) form.querySelector("[name=effort]")?.closest(".field")?.remove();
    on(page, "[data-back]", () => showStep(session, offlinePlan.screens(session.items).length - 1));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const what = said(form);
      if (!what.pain_after || !what.pain_worst) return refuse(form, text("asks"));
      if (await keep({ kind: "finish", session: session.ref, what })) showToday();
    });
    show(page);
  }

  // ---- Begin -----------------------------------------------------------------------------------------------------------

  const nothing = () => show(view("nothing"));
  if (!outbox?.account) return nothing();
  try {
    await read();
  } catch {
    return nothing();
  }
  if (!plan) return nothing();
  const halted = await outbox.halt();
  const blocked = plan.blocked[0];
  if (halted || blocked) return showMessage(halted || { ...blocked, blocks: true, known: true });
  const here = Number(location.pathname.match(/^\/session\/(\d+)\//)?.[1]);
  const going = sessions.find((session) => session.id === here && !session.finished);
  if (going) goOn(going);
  else showToday();
})();
