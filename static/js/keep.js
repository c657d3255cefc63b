// What is told of a session (`data-kind`) is written to this device first and then sent, as a tick is: the outbox has it
// whatever the network does. Any other form is sent when the practice answers, after what was done before it; else it stays on
// the page as it was filled in.
"use strict";

(() => {
  const outbox = window.outbox;
  const mark = document.querySelector("[data-outbox]");
  const PATIENCE = 6000; // ms until the page without a network takes over
  const FRESH = 15_000; // ms for which a page that has just come says itself that the practice can be reached
  const SAVED = "saved"; // in the session storage: the next page says so
  if (!outbox?.account || !window.indexedDB || !HTMLFormElement.prototype.requestSubmit) return;
  let plain = null; // the form that goes the plain way now

  const allSent = () => Promise.race([outbox.replay(), new Promise((over) => setTimeout(over, PATIENCE))]);

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
    await allSent();
    document.removeEventListener("outbox-answered", hear);
    if (heard?.answer.state === "stored") {
      if (entry.kind === "finish") sessionStorage.setItem(SAVED, "1");
      return location.assign(wayOn(told, heard));
    }
    if (heard) {
      await outbox.letGo(entry); // the page of the server has the sentence beside its field
      return plainly(form, submitter);
    }
    const halted = await outbox.heed(entry);
    if (halted) location.assign(mark.dataset.offline); // the page that shows whom to call, whatever the network does
    else location.assign(entry.kind === "finish" ? mark.dataset.today : `/session/${told.dataset.session}/`);
  }

  function plainly(form, submitter) {
    plain = form;
    form.requestSubmit(submitter);
    plain = null;
  }

  // A warning sign before a session is heard without a network too, and starts nothing.
  async function warning(form) {
    const [, number] = location.pathname.match(/^\/session\/(?:start|without-app)\/(\d)\//) || [];
    const plan = number && (await outbox.plan().catch(() => null));
    const yes = plan ? plan.questions.items.filter((question) => form.elements[question.slug]?.checked) : [];
    if (!yes.length) return false;
    const slugs = (questions) => questions.map((question) => question.slug);
    await outbox.put({ kind: "start", session: { number: Number(number) }, what: {}, asked: slugs(plan.questions.items), yes: slugs(yes), shown: "" });
    await outbox.stopHere({ title: yes[0].title, body: yes[0].body, blocks: true });
    location.assign(mark.dataset.offline);
    return true;
  }

  async function send(form, submitter) {
    if (await outbox.reached(PATIENCE)) {
      await allSent();
      return plainly(form, submitter);
    }
    if (await warning(form)) return;
    if (form.elements.begin) return location.assign(mark.dataset.offline); // a session can be begun there
    form.querySelector("[data-stays]")?.remove();
    const line = notice("warn", mark.dataset.stays);
    line.dataset.stays = "";
    line.setAttribute("role", "alert");
    form.append(line);
    line.scrollIntoView({ block: "center" });
  }

  function notice(tone, words) {
    const line = Object.assign(document.createElement("div"), { className: `notice tone-${tone}` });
    line.append(Object.assign(document.createElement("p"), { className: "notice-body", textContent: words }));
    return line;
  }

  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || form.method !== "post" || form === plain) return;
    const told = form.closest("[data-kind]");
    const asks = form.elements.begin || form.querySelector(".checklist"); // before a session nothing may be missed
    const waits = mark.dataset.count !== "0"; // or nobody has looked yet
    if (!told && !asks && !waits && navigator.onLine && performance.now() < FRESH) return;
    event.preventDefault();
    if (form.getAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    await (told ? keep(form, told, submitter) : send(form, submitter)).catch(() => plainly(form, submitter));
    form.removeAttribute("aria-busy");
  });

  // A warning sign that is answered only now, on whatever page: whom to call comes first.
  document.addEventListener("outbox-answered", ({ detail: { entry, blocked } }) => {
    const warns = ["start", "stop", "finish"].includes(entry.kind);
    if (blocked && warns && location.pathname !== mark.dataset.blocked) location.assign(mark.dataset.blocked);
  });

  try {
    if (sessionStorage.getItem(SAVED)) document.querySelector(".messages")?.append(notice("ok", mark.dataset.saved));
    sessionStorage.removeItem(SAVED);
  } catch {
    // Nothing is said then.
  }
})();
