// Ticks are saved without leaving the page, one after the other as they were pressed. A row that waits its turn, or that
// somebody is changing, stays when the page is drawn anew. On any trouble a set is sent the plain way, and its key makes
// sure that it counts once.
"use strict";

(() => {
  const waiting = []; // what was said and is not yet known to be saved
  let working = false;

  const setOf = (form) => form.querySelector("[data-set]").dataset.set;
  const rowOf = (set, page = document) => page.querySelector(`[data-set="${set}"]`)?.closest("form");
  const waits = (form) => waiting.some((each) => each.set === setOf(form));
  const changed = (field) => field.matches("input:not([type=hidden])") && field.value !== field.defaultValue;
  const inUse = (form) => waits(form) || form.querySelector("details[open]") || [...form.elements].some(changed);

  function replaceWith(page, saved) {
    const asked = document.querySelector("#tightness-after");
    const focused = document.activeElement;
    const hadFocus = rowOf(saved)?.contains(focused);
    for (const part of document.querySelectorAll("[data-live], .messages")) {
      const mark = part.dataset.live;
      const found = page.querySelector(mark ? `[data-live="${mark}"]` : ".messages");
      if (!found) continue;
      const fresh = document.importNode(found, true);
      for (const form of part.querySelectorAll(".ticks form")) {
        const row = rowOf(setOf(form), fresh);
        if (!row || setOf(form) === saved || !inUse(form)) continue;
        form.className = row.className;
        row.replaceWith(form);
      }
      part.replaceWith(fresh);
    }
    if (!asked) document.querySelector("#tightness-after")?.scrollIntoView({ block: "nearest" }); // asked after the last set
    document.dispatchEvent(new CustomEvent("page-refreshed"));
    const tick = rowOf(saved)?.querySelector("button.tick");
    (hadFocus ? tick : focused)?.focus({ preventScroll: true });
    const done = tick?.getAttribute("aria-pressed") === "true";
    document.dispatchEvent(new CustomEvent("set-saved", { detail: { set: saved, done } }));
  }

  const send = (each, keepalive = false) =>
    fetch(each.action, { method: "POST", body: each.said, headers: { Accept: "text/html" }, keepalive });

  async function answerTo(each) {
    const answer = await send(each);
    if (answer.status >= 500 || answer.status === 403) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const elsewhere = answer.redirected && new URL(answer.url).pathname !== location.pathname;
    if (elsewhere || !page.querySelector("[data-live]")) throw new Error("another page");
    return page;
  }

  // What was said then, whatever stands in the row now. It leaves the page.
  function sendPlainly(each) {
    const form = Object.assign(document.createElement("form"), { method: "post", action: each.action, hidden: true });
    for (const [name, value] of each.said) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
  }

  async function work() {
    working = true;
    let lost = null;
    while (waiting.length && !lost) {
      const each = waiting[0];
      const page = await answerTo(each).catch(() => null);
      waiting.shift();
      if (page) replaceWith(page, each.set);
      else if (waiting.length && !each.again) waiting.push({ ...each, again: true });
      else lost = each;
    }
    working = false;
    if (lost) sendPlainly(lost);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches(".ticks form")) return;
    event.preventDefault();
    if (waits(form)) return;
    const said = new FormData(form, event.submitter || undefined);
    said.set("device_time", new Date().toISOString());
    waiting.push({ set: setOf(form), action: form.getAttribute("action"), said });
    form.setAttribute("aria-busy", "true");
    if (!working) work();
  });

  window.addEventListener("pagehide", () => waiting.forEach((each) => send(each, true)));
})();
