// The tender spot by keyboard: the arrow keys move a cross over the picture, Enter marks the spot where it stands.
// Without this file Enter marks the middle of the area; a finger or a mouse needs no script at all.
"use strict";

(() => {
  const form = document.querySelector("[data-spot-form]");
  if (!form) return;
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const PART = 0.02; // of the width for one press, with Shift four times as far

  form.querySelector("[data-spot-plain]").hidden = true;
  form.querySelector("[data-spot-keys]").hidden = false;

  for (const press of form.querySelectorAll("[data-spot-press]")) {
    const map = press.parentElement.querySelector("svg");
    const box = map.viewBox.baseVal;
    let at = [0.5, 0.5];
    let cross = null;

    function show() {
      if (!cross) {
        cross = document.createElementNS(map.namespaceURI, "path");
        cross.setAttribute("class", "spot-aim");
        cross.setAttribute("d", "M-7 0H7M0 -7V7");
        map.append(cross);
      }
      cross.setAttribute("transform", `translate(${box.x + at[0] * box.width} ${box.y + at[1] * box.height}) scale(${box.width / 100})`);
    }

    press.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (step) {
        event.preventDefault();
        const far = PART * (event.shiftKey ? 4 : 1);
        at = [at[0] + step[0] * far, at[1] + (step[1] * far * box.width) / box.height].map((part) => Math.min(Math.max(part, 0), 1));
        show();
      } else if (event.key === "Enter" && cross) {
        event.preventDefault();
        for (const [axis, part, size] of [["x", at[0], press.width], ["y", at[1], press.height]]) {
          const field = document.createElement("input");
          Object.assign(field, { type: "hidden", name: `${press.name}.${axis}`, value: Math.round(part * size) });
          form.append(field);
        }
        form.submit();
      }
    });
  }
})();
