// Number fields in [data-stepper-box] get their minus and plus; without this file they are plain number fields.
"use strict";

function showSteps(root) {
  for (const button of root.querySelectorAll("[data-stepper-box] [data-step][hidden]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  const input = button?.closest("[data-stepper-box]")?.querySelector("input");
  if (!input) return;
  input.stepUp(Number(button.dataset.step) * Number(input.dataset.by ?? 1));
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

showSteps(document);
for (const drawn of ["page-refreshed", "page-changed"]) document.addEventListener(drawn, () => showSteps(document));
