// A button with data-print opens the browser's own dialogue; without this file it stays hidden and the menu prints.
"use strict";

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
