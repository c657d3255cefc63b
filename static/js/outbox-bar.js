// "n not sent", on every page: how many, why, and what was not taken, with its sentence, to send again or let go of.
"use strict";

(() => {
  const bar = document.querySelector("[data-outbox]");
  const outbox = window.outbox;
  if (!bar || !outbox) return;
  const QUIET = 1500; // ms in which a send that goes well need not be told: the row itself says "not sent"
  const word = (name) => bar.querySelector(`[data-word="${name}"]`)?.textContent || name;
  let quiet = 0;

  const at = (entry) => new Date(entry.device_time).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });

  function dataOf(entry) {
    const told = Object.entries(entry.what || {}).filter(([name, value]) => value !== "" && bar.querySelector(`[data-word="${name}"]`));
    const parts = told.map(([name, value]) => `${word(name)} ${value}`);
    if (entry.number) parts.unshift(`${word("number")} ${entry.number}`);
    return [at(entry), ...parts].join(", ");
  }

  function rowOf(entry) {
    const row = bar.querySelector("[data-outbox-row]").content.cloneNode(true);
    row.querySelector("[data-slot=what]").textContent = `${entry.label || word(entry.kind)}:`;
    row.querySelector("[data-slot=data]").textContent = dataOf(entry);
    row.querySelector("[data-slot=note]").textContent = entry.note || "";
    row.querySelector("[data-again]").addEventListener("click", () => outbox.again(entry.n));
    row.querySelector("[data-let-go]").addEventListener("click", (event) => {
      const button = event.currentTarget;
      if (button.dataset.asked) return void outbox.letGo(entry);
      button.dataset.asked = "1";
      button.textContent = button.dataset.sure;
    });
    return row;
  }

  function reasonOf(status, queued) {
    if (!queued) return "refused";
    if (status.signIn || status.elsewhere) return "sign-in";
    return status.sending ? "sending" : "queued";
  }

  function draw(entries, status) {
    const refused = entries.filter((entry) => entry.state === "refused");
    const queued = entries.length - refused.length;
    const reason = reasonOf(status, queued);
    const newest = Math.min(...entries.map((entry) => Date.now() - new Date(entry.device_time).getTime()));
    const short = !refused.length && !status.failed && reason !== "sign-in" && newest < QUIET;
    clearTimeout(quiet);
    if (short && entries.length) quiet = setTimeout(() => draw(entries, status), QUIET);
    bar.dataset.count = String(entries.length);
    bar.dataset.state = entries.length ? reason : "sent";
    bar.hidden = !entries.length || short;
    bar.querySelector("[data-outbox-count]").textContent = String(entries.length);
    for (const why of bar.querySelectorAll("[data-outbox-why]")) why.hidden = why.dataset.outboxWhy !== reason;
    bar.querySelector("[data-outbox-send]").hidden = reason !== "queued";
    bar.querySelector("[data-outbox-sign-in]").hidden = reason !== "sign-in" || bar.dataset.served !== "1";
    const list = bar.querySelector("[data-outbox-refused]");
    list.hidden = !refused.length;
    list.replaceChildren(...refused.map(rowOf));
  }

  // Signed out: how many wait for whoever was here last. Only the number is read.
  async function drawForNobody() {
    const last = outbox.lastAccount();
    if (!last) return;
    const base = await outbox.openAt(last);
    const request = base.transaction(["entries"]).objectStore("entries").getAll();
    request.onsuccess = () => {
      draw(request.result.map((entry) => ({ ...entry, state: "queued" })), { signIn: true });
      bar.querySelector("[data-outbox-sign-in]").hidden = true; // this is the page on which one signs in
      base.close();
    };
  }

  // Signing out takes everything off this device, so it sends first, and asks where that does not go.
  const leaving = bar.querySelector("[data-outbox-leaving]");

  async function leave(form) {
    await Promise.race([outbox.replay(), new Promise((over) => setTimeout(over, 3000))]);
    const left = await outbox.all().catch(() => []);
    if (left.length) {
      draw(left, { ...outbox.status, failed: true });
      leaving.hidden = false;
      bar.querySelector("[data-outbox-stay]").focus();
      bar.querySelector("[data-outbox-leave]").onclick = () => goOut(form);
    } else await goOut(form);
  }

  async function goOut(form) {
    await outbox.clear().catch(() => {});
    form.submit();
  }

  bar.querySelector("[data-outbox-stay]").addEventListener("click", () => (leaving.hidden = true));
  document.addEventListener("submit", (event) => {
    if (!outbox.account || event.target.getAttribute("action") !== bar.dataset.logout) return;
    event.preventDefault();
    leave(event.target);
  });

  bar.querySelector("[data-outbox-send]").addEventListener("click", () => outbox.replay());
  document.addEventListener("outbox-changed", (event) => outbox.account && draw(event.detail.entries, event.detail.status));
  document.addEventListener("say", (event) => {
    const place = document.querySelector("[data-outbox-say]");
    if (place && !document.querySelector("[data-say]")) place.textContent = event.detail;
  });
  if (outbox.account) outbox.changed();
  else drawForNobody().catch(() => {});
})();
