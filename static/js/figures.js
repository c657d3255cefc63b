// Figures move from pose to pose, unless less motion is asked for, the session is paused, or somebody holds them still.
"use strict";

(() => {
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  let held = false; // for all of them: who wants rest wants it on the whole page

  function show() {
    for (const picture of document.querySelectorAll("picture[data-moves]")) {
      const paused = reduced.matches || Boolean(picture.closest("[data-paused]"));
      for (const part of picture.children) {
        const name = part.localName === "img" ? "src" : "srcset";
        const wanted = part[name].replace(/-(still|moving)\.svg$/, held || paused ? "-still.svg" : "-moving.svg");
        if (part[name] !== wanted) part[name] = wanted;
      }
      const button = picture.parentElement.querySelector("[data-figure-still]");
      if (button) {
        button.hidden = paused;
        button.setAttribute("aria-pressed", held);
      }
    }
  }

  // A theme that somebody chose counts more than that of the device
  function themed() {
    const chosen = document.documentElement.dataset.theme;
    const media = { light: "not all", dark: "screen" }[chosen] || "screen and (prefers-color-scheme: dark)";
    for (const source of document.querySelectorAll("picture.figure > source")) source.media = media;
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-figure-still]")) return;
    held = !held;
    show();
  });
  document.addEventListener("page-refreshed", () => {
    themed();
    show();
  });
  reduced.addEventListener("change", show);
  new MutationObserver(themed).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  new MutationObserver(show).observe(document.body, { subtree: true, attributeFilter: ["data-paused"] });
  themed();
  show();
})();
