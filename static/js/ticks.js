// A tick is written to this device, the row shows it at once with "not sent", and the outbox sends it. Where nothing can
// be written it is sent the plain way, as without this file. A row that somebody is changing stays when the page is drawn anew.
"use strict";

(() => {
  const outbox = window.outbox;
  const mark = document.querySelector("[data-outbox]");
  const PLACE = /\/session\/(\d+)\/set\/(\d+)\/(\d+)\//;

  const markOf = (form) => form.querySelector("[data-set]");
  const setOf = (form) => markOf(form).dataset.set;
  const forms = (page = document) => [...page.querySelectorAll(".ticks form")];
  const rowOf = (set, page = document) => forms(page).find((form) => setOf(form) === set);
  const changed = (field) => (field.type === "radio" ? field.checked !== field.defaultChecked : field.matches("input:not([type=hidden])") && field.value !== field.defaultValue);
  const inUse = (form) => form.querySelector("details[open]") || [...form.elements].some(changed);
  const isDone = (form) => form.classList.contains("done");
  const settled = () => forms().every(isDone);
  let drawn = settled(); // whether the exercise was finished when the server drew it
  let acts = 0; // presses and answers so far

  // ---- What a row shows --------------------------------------------------------------------------------------------

  function chip(form, words) {
    const target = form.querySelector(".tick-row-target");
    target.querySelector(".unsent")?.remove();
    if (!words) return;
    const sign = Object.assign(document.createElement("span"), { className: "unsent", textContent: words });
    target.insertBefore(sign, target.querySelector("[data-set]"));
  }

  function tell(form, told) {
    const before = markOf(form).dataset.told;
    if (!told || told === before) return;
    markOf(form).dataset.told = told;
    const words = [...form.querySelector(".tick-row-target").childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (words) words.data = told;
    const button = form.querySelector("button.tick");
    button.setAttribute("aria-label", button.getAttribute("aria-label").replace(before, told));
  }

  function showDone(form, done) {
    form.classList.toggle("done", done);
    form.querySelector("button.tick").setAttribute("aria-pressed", String(done));
    const word = form.querySelector("details.more > summary");
    word.textContent = done ? word.dataset.correct : word.dataset.adjust;
    const hidden = form.querySelector("input[type=hidden][name=done]");
    if (hidden) hidden.value = done ? "" : "1"; // what the next press says
    const open = forms().find((each) => !isDone(each));
    for (const each of forms()) {
      each.classList.toggle("current", each === open);
      each.closest("li").toggleAttribute("aria-current", false);
      if (each === open) each.closest("li").setAttribute("aria-current", "step");
    }
    document.dispatchEvent(new CustomEvent("set-next", { detail: open ? markOf(open).dataset.shows : "" }));
  }

  // The figures as they were typed, in the words that stand there, until the server says them.
  function guess(form) {
    const fields = [...form.elements].filter(changed);
    if (fields.length) tell(form, setWords(Object.fromEntries(new FormData(form)), markOf(form).dataset.short));
    for (const field of fields) Object.assign(field, { defaultValue: field.value, defaultChecked: field.checked });
  }

  function show(form, entry) {
    const done = Boolean(entry.what.done);
    showDone(form, done);
    chip(form, mark.dataset.row);
    form.dataset.waits = entry.key;
    return done;
  }

  // ---- Pressing ----------------------------------------------------------------------------------------------------

  function entryOf(form, said) {
    const [, session, item, number] = form.getAttribute("action").match(PLACE).map(Number);
    const { csrfmiddlewaretoken, key, device_time, ...what } = Object.fromEntries(said);
    const label = document.querySelector("h1")?.textContent.trim();
    return { kind: "set", session: { id: session }, item: { id: item }, number, what, label };
  }

  // It leaves the page.
  function sendPlainly(action, said) {
    const form = Object.assign(document.createElement("form"), { method: "post", action, hidden: true });
    for (const [name, value] of said) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    document.body.append(form);
    form.submit();
  }

  async function press(form, said) {
    form.setAttribute("aria-busy", "true");
    const entry = await outbox.put(entryOf(form, said));
    form.removeAttribute("aria-busy");
    guess(form);
    const open = form.querySelector("details[open]");
    if (open) open.open = false;
    const done = show(form, entry);
    acts += 1;
    document.dispatchEvent(new CustomEvent("set-saved", { detail: { set: setOf(form), done } }));
    outbox.replay();
  }

  document.addEventListener("click", (event) => {
    if (event.detail > 1 && event.target.closest(".ticks button.tick")) event.preventDefault(); // a double click is one tick
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches(".ticks form") || !outbox?.account || !window.indexedDB) return;
    event.preventDefault();
    if (form.getAttribute("aria-busy")) return;
    const said = new FormData(form, event.submitter || undefined);
    said.set("device_time", new Date().toISOString());
    press(form, said).catch(() => sendPlainly(form.getAttribute("action"), said));
  });

  // ---- Answers -----------------------------------------------------------------------------------------------------

  function notice(words) {
    const box = document.querySelector(".messages");
    if (!box) return;
    const line = Object.assign(document.createElement("div"), { className: "notice tone-warn" });
    line.append(Object.assign(document.createElement("p"), { className: "notice-body", textContent: words }));
    box.replaceChildren(line);
  }

  document.addEventListener("outbox-answered", ({ detail: { entry, answer, blocked } }) => {
    if (blocked && document.querySelector("[data-live=dock] [data-timer-dock], [data-live=dock] a.danger")) {
      location.assign(mark.dataset.blocked);
      return;
    }
    const form = entry.kind === "set" && rowOf(`${entry.item?.id}-${entry.number}`);
    if (!form || (form.dataset.waits && form.dataset.waits !== entry.key)) return; // a later press of this row waits
    acts += 1;
    delete form.dataset.waits;
    chip(form, answer.state === "stored" ? "" : mark.dataset.rowRefused);
    if (answer.state === "stored") showDone(form, Boolean(entry.what.done));
    if (answer.state === "stored" && entry.what.done) tell(form, answer.told);
    if (answer.note) notice(answer.note);
    if (!forms().some((each) => each.dataset.waits) && (answer.note || settled() !== drawn)) refresh();
  });

  // ---- The page drawn anew, when the exercise is finished or taken up again ----------------------------------------------

  function replaceParts(page) {
    const asked = document.querySelector("#tightness-after");
    const focused = document.activeElement;
    const focusedSet = focused?.closest?.(".ticks form");
    const onward = focused?.closest?.("[data-live=dock]");
    for (const part of document.querySelectorAll("[data-live=content], [data-live=dock]")) {
      const found = page.querySelector(`[data-live="${part.dataset.live}"]`);
      if (!found) continue;
      const fresh = document.importNode(found, true);
      for (const form of forms(part)) {
        const row = rowOf(setOf(form), fresh);
        if (row && (form.dataset.waits || inUse(form))) row.replaceWith(form);
      }
      part.replaceWith(fresh);
    }
    if (!asked) document.querySelector("#tightness-after")?.scrollIntoView({ block: "nearest" }); // asked after the last set
    document.dispatchEvent(new CustomEvent("page-refreshed"));
    if (onward) document.querySelector("[data-live=dock] :is(a.big, [data-timer-main]):not([hidden])")?.focus({ preventScroll: true });
    if (focusedSet) rowOf(setOf(focusedSet))?.querySelector("button.tick")?.focus({ preventScroll: true });
  }

  async function refresh() {
    const before = acts;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const entries = await outbox.all();
      if (before !== acts) return; // something was pressed or answered meanwhile, and asks again itself
      if (answer.ok && !answer.redirected && page.querySelector("[data-live=content]")) replaceParts(page);
      drawn = settled();
      overlay(entries);
    } catch {
      // Without a network the page stays as it is; what was ticked stands in it.
    }
  }

  // What an earlier visit of this page did and the server does not know yet.
  function overlay(entries) {
    for (const entry of entries) {
      if (entry.kind !== "set" || !entry.item?.id) continue;
      const form = rowOf(`${entry.item.id}-${entry.number}`);
      if (form && entry.state === "queued") show(form, entry);
      else if (form) chip(form, mark.dataset.rowRefused);
    }
  }

  // What the page that was here before had sent, and had the answer to, after this one was drawn.
  async function catchUp() {
    overlay(await outbox.all());
    const pressed = new Map();
    for (const { kind, item, number, done } of await outbox.did()) if (kind === "set") pressed.set(`${item?.id}-${number}`, done);
    const behind = (form) => !form.querySelector(".unsent") && (pressed.get(setOf(form)) ?? isDone(form)) !== isDone(form);
    if (forms().some(behind)) await refresh();
  }

  if (outbox?.account) catchUp().catch(() => {});
})();
