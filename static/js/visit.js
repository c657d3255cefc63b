// A visit without leaving the page: a pressed area or a sent form changes the parts that are marked [data-swap]. What is
// typed elsewhere stays: a part that is marked "sent" is drawn anew only when it was sent itself.
// Without this file, and on any trouble, links and forms do the same by loading the page.
"use strict";

(() => {
  const page = document.querySelector("[data-visit]");
  if (!page) return;

  function swap(fresh, focus) {
    for (const part of [...page.querySelectorAll("[data-swap]")]) {
      const found = fresh.getElementById(part.id);
      if (found && (part.id === focus || part.dataset.swap !== "sent")) part.replaceWith(document.importNode(found, true));
    }
    document.querySelector(".messages")?.remove();
    document.querySelector("[data-visit-status]").textContent = fresh.querySelector(".messages")?.textContent.trim() ?? "";
    document.dispatchEvent(new CustomEvent("page-refreshed"));
    const part = document.getElementById(focus);
    (part?.querySelector(".error-summary, [aria-invalid='true']") ?? part?.querySelector("[tabindex='-1'], summary"))?.focus();
    part?.scrollIntoView({ block: "nearest" });
  }

  async function load(url, options, focus) {
    const answer = await fetch(url, { headers: { Accept: "text/html" }, ...options });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.status >= 500 || !fresh.querySelector("[data-visit]")) throw new Error(String(answer.status));
    swap(fresh, focus);
    return answer;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-map-link]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const url = link.getAttribute("href");
    load(url, {}, "place").then(() => history.replaceState(null, "", url.split("#")[0]), () => location.assign(url));
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-swap-form]");
    if (!form || event.defaultPrevented) return;
    event.preventDefault();
    const body = new FormData(form);
    const seen = new URLSearchParams(location.search); // the place that is looked at now, not when the form was drawn
    if (location.search) for (const name of ["q", "place"]) body.set(name, seen.get(name) ?? "");
    load(form.action, { method: "POST", body }, form.dataset.swapForm).catch(() => form.submit());
  });
})();
