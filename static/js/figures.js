// Figures move from pose to pose, unless less motion is asked for, the session is paused, or somebody holds them still.
"use strict";

(() => {
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");

  function follow(picture) {
    const stage = picture.closest(".stage");
    const button = picture.parentElement.querySelector("[data-figure-still]");
    let held = false;

    function show() {
      const moving = !held && !reduced.matches && !stage?.hasAttribute("data-paused");
      for (const part of picture.children) {
        const name = part.localName === "img" ? "src" : "srcset";
        const wanted = part[name].replace(/-(still|moving)\.svg$/, moving ? "-moving.svg" : "-still.svg");
        if (part[name] !== wanted) part[name] = wanted;
      }
      if (button) {
        button.hidden = reduced.matches;
        button.setAttribute("aria-pressed", held);
      }
    }

    button?.addEventListener("click", () => {
      held = !held;
      show();
    });
    reduced.addEventListener("change", show);
    if (stage) new MutationObserver(show).observe(stage, { attributes: true, attributeFilter: ["data-paused"] });
    show();
  }

  // A theme that somebody chose counts more than that of the device
  function themed() {
    const chosen = document.documentElement.dataset.theme;
    const media = { light: "not all", dark: "screen" }[chosen] || "screen and (prefers-color-scheme: dark)";
    for (const source of document.querySelectorAll("picture.figure > source")) source.media = media;
  }

  new MutationObserver(themed).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  themed();

  const all = () => document.querySelectorAll("picture[data-moves]").forEach(follow);
  document.addEventListener("page-refreshed", all); // the timer has drawn the page anew
  all();
})();
