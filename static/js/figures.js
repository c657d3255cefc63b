// Figures move from pose to pose, unless less motion is asked for, the session is paused, or somebody holds them still.
// In a session of both sides the figure shows the side of the set that comes next.
"use strict";

(() => {
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  let held = false; // for all of them: who wants rest wants it on the whole page

  function swap(picture, pattern, wanted) {
    for (const part of picture.children) {
      const name = part.localName === "img" ? "src" : "srcset";
      const file = part[name].replace(pattern, wanted);
      if (part[name] !== file) part[name] = file;
    }
  }

  function show() {
    for (const picture of document.querySelectorAll("picture[data-moves]")) {
      const paused = reduced.matches || Boolean(picture.closest("[data-paused]"));
      swap(picture, /-(still|moving)\.svg$/, held || paused ? "-still.svg" : "-moving.svg");
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
  document.addEventListener("set-next", ({ detail: side }) => {
    const shown = document.querySelector(".stage picture.figure");
    if (shown && side) swap(shown, /-(left|right)-(still|moving)\.svg$/, `-${side === "left" ? "left" : "right"}-$2.svg`);
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
