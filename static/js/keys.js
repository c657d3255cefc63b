// The keys of the workplace: / and Ctrl K go to the search box, Ctrl S saves what the page is for, ? shows the keys.
// Single keys can be switched off, for whoever speaks to their computer (WCAG 2.1.4).
"use strict";

(() => {
  const box = document.querySelector("[data-finder] input[name=q]");
  const keys = document.querySelector("[data-keys]");
  const single = document.querySelector("[data-keys-single]");
  const KEPT = "single-keys"; // in the local storage
  if (!box) return;

  const TYPED = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
  const FIELD = "input:not([type=hidden], [type=submit], [type=button]), textarea, select";
  const dialog = () => document.querySelector("dialog[open], [aria-modal=true]");
  const shown = (each) => each.checkVisibility();

  // The button that saves the form: its one primary button, where there is something to fill in.
  function saver(form) {
    if (form?.method !== "post" || form.matches("[data-finder]")) return null;
    const parts = [...form.elements];
    if (!parts.some((each) => each.matches(FIELD) && shown(each))) return null;
    return parts.find((each) => each.type === "submit" && each.matches(".primary, .default") && !each.disabled && shown(each));
  }

  // That of the form one is in, else of the form that the page is for, else of the only one there is.
  function toSave() {
    const own = saver(document.activeElement?.form ?? document.activeElement?.closest("form"));
    const named = own || saver(document.querySelector("main form[data-save]"));
    if (named) return named;
    const all = [...document.querySelectorAll("main form")].map(saver).filter(Boolean);
    return all.length === 1 ? all[0] : null;
  }

  function go() {
    if (!shown(box)) return location.assign(box.form.action);
    box.focus();
    box.select();
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey || dialog()) return;
    const letter = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (event.shiftKey) return;
      const button = letter === "s" ? toSave() : null;
      if (letter !== "k" && !button) return;
      event.preventDefault();
      if (event.repeat) return;
      if (button) button.click();
      else go();
      return;
    }
    if (!single?.checked || event.target.closest(TYPED)) return;
    if (letter === "/") {
      event.preventDefault();
      go();
    } else if (letter === "?") {
      event.preventDefault();
      keys.open = !keys.open;
      if (keys.open) keys.querySelector("summary").focus();
    }
  });

  if (matchMedia("(hover: hover)").matches) keys.hidden = false;
  try {
    single.checked = localStorage.getItem(KEPT) !== "off";
    single.addEventListener("change", () => localStorage.setItem(KEPT, single.checked ? "on" : "off"));
  } catch {
    // Then they are on, until the page is left.
  }
})();
