// The end of a session says what is not ticked yet: a tick that was on its way when the page was drawn counts once it has arrived.
"use strict";

(() => {
  let asked = 0;

  async function follow() {
    const mine = ++asked;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked || !answer.ok || answer.redirected) return;
    for (const part of document.querySelectorAll("[data-follows]")) {
      const found = fresh.querySelector(`[data-follows="${part.dataset.follows}"]`);
      if (found) part.replaceWith(document.importNode(found, true));
    }
  }

  document.addEventListener("outbox-answered", ({ detail: { entry, answer } }) => {
    if (entry.kind === "set" && answer.state === "stored") follow().catch(() => {}); // without a network the page stays as it is
  });
})();
