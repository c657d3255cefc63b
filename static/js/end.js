// The end of a session says what is not ticked yet. A tick that was on its way when the page was drawn counts once it has
// arrived; if that was before the page came, the page before had the answer, so what is open is asked for once more.
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

  const show = () => follow().catch(() => {}); // without a network the page stays as it is

  document.addEventListener("outbox-answered", ({ detail: { entry, answer } }) => {
    if (entry.kind === "set" && answer.state === "stored") show();
  });
  if (document.querySelector("[data-follows=open]:not([hidden])")) show();
})();
