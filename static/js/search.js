// The search box of the workplace while one types: what is found appears below it, to be chosen by arrow keys and Enter.
// Without this file, or when no answer comes, the box is a form that leads to the page of what was found.
"use strict";

(() => {
  const form = document.querySelector("[data-finder]");
  if (!form) return;
  const box = form.querySelector("input[name=q]");
  const list = form.querySelector("[data-finder-list]");
  const said = form.querySelector("[data-finder-said]");
  const PAUSE = 150; // ms without a key before the practice is asked
  let waiting;
  let asking = new AbortController();

  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) box.setAttribute(name, value);

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  function close() {
    clearTimeout(waiting);
    asking.abort();
    list.hidden = true;
    list.replaceChildren();
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    box.removeAttribute("aria-activedescendant");
    if (!option) return;
    option.setAttribute("aria-selected", "true");
    box.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  // The rows of the page of what was found, as a list to choose from.
  function show(page) {
    const kept = chosen()?.href; // what was chosen stays chosen when a later answer has it too
    let number = 0;
    const groups = [...page.querySelectorAll("[data-group]")].map((section, place) => {
      const title = Object.assign(document.createElement("span"), { className: "finder-title", id: `finder-group-${place}`, textContent: section.querySelector("h2").textContent });
      const group = Object.assign(document.createElement("div"), { className: "finder-group" });
      group.setAttribute("role", "group");
      group.setAttribute("aria-labelledby", title.id);
      group.append(title);
      for (const row of section.querySelectorAll("[data-hit]")) {
        const option = Object.assign(document.createElement("a"), { href: row.getAttribute("href"), id: `finder-option-${number++}`, tabIndex: -1 });
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.append(...row.childNodes);
        group.append(option);
      }
      return group;
    });
    box.removeAttribute("aria-activedescendant");
    list.replaceChildren(...groups);
    list.hidden = !number;
    if (kept) choose(options().find((option) => option.href === kept));
    box.setAttribute("aria-expanded", String(Boolean(number)));
    said.textContent = number ? `${number}: ${said.dataset.some}` : said.dataset.none;
  }

  async function ask() {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const asked = new FormData(form);
    asked.set("live", "1");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(asked), credentials: "same-origin", signal });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!signal.aborted && form.contains(document.activeElement)) show(page);
    } catch {
      // Enter leads to the page of what was found, or to the browser's own word about the network.
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(waiting);
    if (box.value.trim()) waiting = setTimeout(ask, PAUSE);
    else close();
  });

  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options();
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault(); // the words stay
      close();
    } else if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      chosen().click();
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && all.length) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const place = all.indexOf(chosen());
      choose(place < 0 ? all.at(step > 0 ? 0 : -1) : all[place + step]); // past an end nothing is chosen: the words again
    }
  });

  form.addEventListener("submit", close);
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the box

  const key = form.querySelector("[data-finder-key]");
  if (matchMedia("(hover: hover)").matches) key.hidden = false;
})();
