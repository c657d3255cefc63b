// What is told of a session (`data-kind`) is written to this device first and then sent, as a tick is: the outbox has it
// whatever the network does. Any other form stays on the page as it was filled in, as long as there is no network.
"use strict";

(() => {
  const outbox = window.outbox;
  const mark = document.querySelector("[data-outbox]");
  const PATIENCE = 6000; // ms until the page without a network takes over
  if (!outbox?.account || !window.indexedDB || !HTMLFormElement.prototype.requestSubmit) return;
  let plain = null; // the form that goes the plain way, because what it says is for the server to refuse

  function entryOf(form, told, submitter) {
    const { csrfmiddlewaretoken, device_time, key, ...what } = Object.fromEntries(new FormData(form, submitter));
    const { kind, session, item } = told.dataset;
    const label = document.querySelector("h1")?.textContent.trim();
    return { kind, key, session: { id: Number(session) }, item: item ? { id: Number(item) } : {}, what, label };
  }

  function wayOn(told, { answer, blocked }) {
    if (blocked) return mark.dataset.blocked;
    const stopped = answer.record.match(/^stop\/(\d+)$/);
    return stopped ? `/session/${told.dataset.session}/stopped/${stopped[1]}/` : told.dataset.next || location.pathname;
  }

  async function keep(form, told, submitter) {
    const entry = await outbox.put(entryOf(form, told, submitter));
    let heard = null;
    const hear = ({ detail }) => detail.entry.key === entry.key && (heard = detail);
    document.addEventListener("outbox-answered", hear);
    await Promise.race([outbox.replay(), new Promise((over) => setTimeout(over, PATIENCE))]);
    document.removeEventListener("outbox-answered", hear);
    if (heard?.answer.state === "stored") return location.assign(wayOn(told, heard));
    if (heard) {
      await outbox.letGo(entry.n); // the page of the server has the sentence beside its field
      return plainly(form, submitter);
    }
    await outbox.heed(entry);
    location.assign(told.dataset.kind === "finish" ? mark.dataset.today : `/session/${told.dataset.session}/`);
  }

  function plainly(form, submitter) {
    plain = form;
    form.requestSubmit(submitter);
    plain = null;
  }

  function stay(form) {
    form.querySelector("[data-stays]")?.remove();
    const line = Object.assign(document.createElement("p"), { className: "notice tone-warn", textContent: mark.dataset.stays });
    line.dataset.stays = "";
    line.setAttribute("role", "alert");
    form.append(line);
    line.scrollIntoView({ block: "center" });
  }

  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || form.method !== "post" || form === plain) return;
    const told = form.closest("[data-kind]");
    if (!told && navigator.onLine) return;
    event.preventDefault();
    if (!told) return stay(form);
    if (form.getAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    await keep(form, told, submitter).catch(() => plainly(form, submitter));
    form.removeAttribute("aria-busy");
  });
})();
