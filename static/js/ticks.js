// Ticks are saved without leaving the page. Each set is a form of its own; on any trouble it is sent the plain way, and its
// key makes sure that it counts once.
"use strict";

(() => {
  const plainly = new WeakSet();

  function replaceWith(page) {
    for (const part of document.querySelectorAll("[data-live], .messages")) {
      const mark = part.dataset.live;
      const fresh = page.querySelector(mark ? `[data-live="${mark}"]` : ".messages");
      if (fresh) part.replaceWith(document.importNode(fresh, true));
    }
    document.dispatchEvent(new CustomEvent("page-refreshed"));
  }

  async function save(form, button) {
    const said = new FormData(form, button || undefined);
    said.set("device_time", new Date().toISOString());
    const action = form.getAttribute("action");
    const answer = await fetch(action, { method: "POST", body: said, headers: { Accept: "text/html" } });
    const here = new URL(answer.url).pathname;
    if (answer.redirected && here !== location.pathname) {
      location.assign(answer.url);
      return;
    }
    if (answer.status >= 500 || answer.status === 403) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("[data-live]")) throw new Error("another page");
    const hadFocus = form.contains(document.activeElement);
    const ticked = form.querySelector("[data-set]").dataset.set;
    replaceWith(page);
    const row = document.querySelector(`[data-set="${ticked}"]`)?.closest("form");
    if (hadFocus) row?.querySelector("button.tick")?.focus({ preventScroll: true });
    const done = row?.querySelector("button.tick")?.getAttribute("aria-pressed") === "true";
    document.dispatchEvent(new CustomEvent("set-saved", { detail: { set: ticked, done } }));
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches(".ticks form") || plainly.has(form)) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    const button = event.submitter;
    save(form, button).catch(() => {
      plainly.add(form);
      form.requestSubmit(button || undefined);
    });
  });
})();
