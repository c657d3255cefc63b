// The program builder without leaving the page: the same posts, their answers put in place; drag by the grip.
// Without this file every button is a plain submit.
"use strict";

(() => {
  const form = document.querySelector("[data-builder]");
  if (!form) return;
  let unsaved = Boolean(form.querySelector("[data-unsaved]")?.hasAttribute("data-changed"));
  let latest = 0;
  let plain = false;
  let waiting;

  const bench = () => form.querySelector("[data-bench]");
  const openOnes = () => [...form.querySelectorAll("details[data-keep][open]")].map((each) => each.dataset.keep);

  // Sends the design with an act; gives the new page, or null when a newer request has overtaken this one.
  async function send(act) {
    const turn = ++latest;
    const data = new FormData(form);
    data.set("act", act);
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(data), credentials: "same-origin" });
    if ((!answer.ok && answer.status !== 422) || answer.redirected) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return turn === latest ? page : null;
  }

  // When the answer does not come, the browser does what it does without script.
  function plainly(act) {
    const button = document.createElement("button");
    button.name = "act";
    button.value = act;
    button.hidden = true;
    form.append(button);
    unsaved = false;
    plain = true;
    form.requestSubmit(button);
  }

  // `held` finds in the moved step what had the focus before.
  async function arrange(act, held = "") {
    clearTimeout(waiting);
    const open = openOnes();
    let page;
    try {
      const answer = send(act);
      bench().inert = true; // what is typed now would be lost when the answer is put in place
      page = await answer;
    } catch {
      bench().inert = false;
      plainly(act);
      return;
    }
    bench().inert = false;
    if (!page) return;
    const fresh = page.querySelector("[data-bench]");
    if (!fresh) {
      plainly(act);
      return;
    }
    bench().replaceWith(fresh);
    for (const details of form.querySelectorAll("details[data-keep]")) {
      if (open.includes(details.dataset.keep)) details.open = true;
    }
    ready();
    const goal = aim(act, held, fresh);
    const row = goal?.closest("[data-step-row], [data-phase]");
    if (goal) goal.focus({ preventScroll: Boolean(row) });
    row?.scrollIntoView({ block: "nearest" });
    if (!goal && act.startsWith("out:")) fresh.querySelector("[data-phase] button")?.focus();
    say(row);
  }

  // What gets the focus once the answer stands: the moved row, the pressed dose, the field that is wrong.
  function aim(act, held, fresh) {
    if (act.startsWith("into:")) return form.querySelector("#find input[type=search]");
    if (act.startsWith("keep:") || act.startsWith("reopen:")) {
      const token = act.split(":")[1];
      return fresh.querySelector(`[data-reason="${token}"] input`) ?? fresh.querySelector(`button[value="reopen:${token}"]`);
    }
    const again = act.startsWith("dose:") && fresh.querySelector(`button[value="${CSS.escape(act)}"]`);
    const moved = held && fresh.querySelector(`[data-step-row].here ${held}`);
    return again || moved || fresh.querySelector("[autofocus]");
  }

  // "Clam, 2 of 4, Release": what was moved and where it stands.
  function say(row) {
    const phase = row?.closest("[data-phase]");
    const name = row?.querySelector("h3")?.textContent.trim();
    const rows = phase && row.matches("[data-step-row]") ? [...phase.querySelectorAll("[data-step-row]")] : [];
    const words = form.dataset.placeWords.replace("{n}", rows.indexOf(row) + 1).replace("{count}", rows.length).replace("{name}", name);
    form.querySelector("[data-said]").textContent = [rows.length ? words : "", phase?.querySelector("h2")?.textContent.trim()].filter(Boolean).join(", ");
  }

  // New words in the places that only tell something: nothing that one is typing in is touched.
  async function refresh(act, places) {
    const open = openOnes();
    let page;
    try {
      page = await send(act);
    } catch {
      return;
    }
    if (!page) return;
    for (const place of places) {
      const old = form.querySelectorAll(place);
      const fresh = page.querySelectorAll(place);
      if (old.length !== fresh.length) continue;
      old.forEach((each, n) => {
        if (!each.contains(document.activeElement) || act.startsWith("area:")) each.replaceWith(fresh[n]);
      });
    }
    for (const details of form.querySelectorAll("details[data-keep]")) if (open.includes(details.dataset.keep)) details.open = true;
  }

  const TOLD = ["[data-review]", "[data-phase] details[data-keep] > summary", "[data-told]"];
  function soon(work, after) {
    clearTimeout(waiting);
    waiting = setTimeout(work, after);
  }

  form.addEventListener("input", (event) => {
    if (event.target.closest("[data-reason]")) {
      unsaved = true;
      return;
    }
    if (event.target.closest("#budget")) {
      soon(() => refresh("look", TOLD), 300);
      return;
    }
    if (event.target.closest("#find")) {
      soon(() => refresh("find", ["[data-hits]"]), 250);
      return;
    }
    unsaved = true;
    soon(() => refresh("look", TOLD), 600);
  });

  // ---- The keyboard: Alt with an arrow moves the step in which the focus stands ----
  const HELD = ["[data-grip]", "button[value^='up:']", "button[value^='down:']", "summary"];

  form.addEventListener("keydown", (event) => {
    const by = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    const row = event.target.closest("[data-step-row]");
    if (event.target.matches("input, select, textarea")) return; // there the keys mean something else
    if (!by || !row || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (bench().inert) return;
    unsaved = true;
    const held = HELD.find((each) => event.target.matches(each)) ?? (row.querySelector("[data-grip]").offsetParent ? "[data-grip]" : `button[value^='${by}:']`);
    arrange(row.querySelector(`button[value^='${by}:']`).value, held);
  });

  // ---- The body map: a region is the button of its area ----
  form.addEventListener("click", (event) => {
    const region = event.target.closest("[data-map-link]");
    if (!region || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const button = form.querySelector(region.getAttribute("href"));
    if (!button) return;
    event.preventDefault();
    press(button.value, region.dataset.region ? `[data-region="${region.dataset.region}"]` : "");
  });

  // Searches in an area; the focus stays on what was pressed.
  async function press(act, focus) {
    clearTimeout(waiting);
    await refresh(act, ["[data-hits]", "[data-areas]", "[data-area-word]", "#find input[name='find-area']"]);
    form.querySelector(focus || `button[value="${CSS.escape(act)}"]`)?.focus({ preventScroll: true });
  }

  form.addEventListener("submit", (event) => {
    const reason = event.submitter?.value === "look" && document.activeElement?.closest("[data-reason]");
    const act = reason ? `keep:${reason.dataset.reason}` : (event.submitter?.value ?? "look");
    if (plain || act === "save" || act === "preview") {
      unsaved = false;
      return;
    }
    event.preventDefault();
    clearTimeout(waiting);
    if (act.startsWith("area:")) {
      press(act, "");
      return;
    }
    const searching = act === "find" || (act === "look" && document.activeElement?.closest("#find"));
    if (searching) {
      refresh("find", ["[data-hits]"]);
    } else {
      unsaved = unsaved || !["look", "find"].includes(act.split(":")[0]);
      arrange(act);
    }
  });

  addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });

  // ---- Drag by the grip ----
  const EDGE = 80; // near the edge of the window the page comes along
  let dragged = null;

  function target(x, y) {
    const under = document.elementFromPoint(x, y);
    const row = under?.closest("[data-step-row]");
    if (row) return row;
    return under?.closest("[data-phase]")?.querySelector("[data-steps]");
  }

  form.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip || event.button !== 0) return;
    dragged = grip.closest("[data-step-row]");
    dragged.classList.add("dragged");
    grip.setPointerCapture(event.pointerId);
    event.preventDefault();
  });

  form.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    if (event.clientY > innerHeight - EDGE) scrollBy(0, 14);
    else if (event.clientY < EDGE) scrollBy(0, -14);
    const goal = target(event.clientX, event.clientY);
    if (!goal || goal === dragged) return;
    if (goal.matches("[data-steps]")) {
      if (dragged.parentElement !== goal) goal.append(dragged);
      return;
    }
    const box = goal.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) goal.before(dragged);
    else goal.after(dragged);
  });

  function drop() {
    if (!dragged) return;
    dragged.classList.remove("dragged");
    dragged = null;
    form.querySelectorAll("[data-step-row]").forEach((row, number) => {
      row.querySelector("[data-place]").value = number;
      row.querySelector("input[name$='-phase']").value = row.closest("[data-phase]").dataset.phase;
    });
    unsaved = true;
    arrange("look");
  }
  form.addEventListener("pointerup", drop);
  form.addEventListener("pointercancel", drop);

  function ready() {
    for (const grip of form.querySelectorAll("[data-grip]")) grip.hidden = false;
  }
  ready();
})();
