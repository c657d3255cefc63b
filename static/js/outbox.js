// What was done is written to this device first and then sent, again and again until the server names the record.
// IndexedDB "outbox-<account>": `entries` are not sent yet, `did` is what this device did, `plan` what it may do offline.
// Offers window.outbox; tells the document "outbox-changed" and "outbox-answered". Nothing of another account is opened.
"use strict";

window.outbox = (() => {
  const SCHEMA = 1;
  const LAST = "outbox-account";
  const FORM = 3; // of the plan, as the server writes it
  const VERSION = 1; // of the database: a newer one adds stores and takes none away
  const BATCH = 20;
  const TIMEOUT = 20_000; // ms until an answer counts as lost
  const KEEP = 7 * 24 * 3600 * 1000;
  const URGENT = ["warning", "start", "stop"]; // as the server sorts them
  const KEPT = ["set", "tightness"]; // whose figures the page without a network shows again
  const mark = document.querySelector("[data-outbox]");
  const shell = mark?.dataset.served === "0"; // the page without a network does not say whose it is: the device knows
  const account = mark?.dataset.account || (shell ? lastAccount() : "");
  const door = mark?.dataset.door || "/outbox/";
  const status = { sending: false, failed: false, signIn: false, elsewhere: false, kept: true };

  // ---- The database ----------------------------------------------------------------------------------------------

  const asked = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  function openAt(whose) {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(`outbox-${whose}`, VERSION);
      request.onupgradeneeded = () => {
        const names = request.result.objectStoreNames;
        if (!names.contains("entries")) request.result.createObjectStore("entries", { keyPath: "n", autoIncrement: true });
        if (!names.contains("did")) request.result.createObjectStore("did", { keyPath: "n", autoIncrement: true });
        if (!names.contains("plan")) request.result.createObjectStore("plan");
      };
      request.onsuccess = () => {
        request.result.onversionchange = () => request.result.close();
        resolve(request.result);
      };
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error("blocked"));
    });
  }

  let opened = null;
  let gone = false; // signed out: nothing opens it again
  function database() {
    if (!account || gone) return Promise.reject(new Error("nobody"));
    opened ??= openAt(account).catch((error) => {
      opened = null;
      status.kept = false;
      throw error;
    });
    return opened;
  }

  // One transaction: what `work` returns is told once all of it is on the disk.
  async function within(stores, mode, work) {
    const base = await database();
    return new Promise((resolve, reject) => {
      const act = base.transaction(stores, mode, { durability: "strict" });
      let told;
      act.oncomplete = () => resolve(told);
      act.onabort = act.onerror = () => reject(act.error || new Error("not kept"));
      Promise.resolve(work(act)).then((value) => (told = value), () => act.abort());
    });
  }

  const all = () => within(["entries"], "readonly", (act) => asked(act.objectStore("entries").getAll()));
  const did = () => within(["did"], "readonly", (act) => asked(act.objectStore("did").getAll()));

  // What may be done without a network; null where nothing is kept, or for longer than a week.
  async function plan() {
    const kept = await within(["plan"], "readonly", (act) => asked(act.objectStore("plan").get("plan")));
    return kept?.form === FORM && Date.now() - new Date(kept.made_at).getTime() < KEEP ? kept : null;
  }

  function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16)); // 128 bits
    return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  }

  // Kept on this device when the promise holds; refused where there is no room or no database.
  async function put(told) {
    const entry = {
      schema: SCHEMA,
      key: newKey(),
      account,
      device_time: new Date().toISOString(),
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      ...told,
      state: "queued",
    };
    const { kind, key, session, item, number, device_time } = entry;
    const done = kind === "set" ? Boolean(entry.what.done) : !entry.yes?.length;
    await within(["entries", "did"], "readwrite", async (act) => {
      entry.n = await asked(act.objectStore("entries").add(entry));
      act.objectStore("did").add({ kind, key, session, item, number, device_time, done, ...(KEPT.includes(kind) && { what: entry.what }) });
    });
    await changed();
    return entry;
  }

  // As if it had not been done here.
  async function letGo({ n, key }) {
    await within(["entries", "did"], "readwrite", async (act) => {
      act.objectStore("entries").delete(n);
      for (const each of await asked(act.objectStore("did").getAll())) if (each.key === key) act.objectStore("did").delete(each.n);
    });
    await changed();
  }

  async function again(n) {
    await within(["entries"], "readwrite", async (act) => {
      const entry = await asked(act.objectStore("entries").get(n));
      if (entry) act.objectStore("entries").put({ ...entry, state: "queued", note: "" });
    });
    await changed();
    replay();
  }

  // ---- What everybody may know -----------------------------------------------------------------------------------

  async function changed() {
    const entries = await all().catch(() => []);
    document.dispatchEvent(new CustomEvent("outbox-changed", { detail: { entries, status: { ...status } } }));
    return entries;
  }

  const say = (text) => text && document.dispatchEvent(new CustomEvent("say", { detail: text }));

  // ---- Sending ---------------------------------------------------------------------------------------------------

  let token = document.querySelector("[name=csrfmiddlewaretoken]")?.value || "";

  const wire = ({ schema, key, account: whose, kind, session, item, number, what, asked: list, yes, shown, device_time, zone }) => ({
    schema, key, account: whose, kind, session, item, number, what, asked: list, yes, shown, device_time, zone,
  });

  const urgency = (entry) => {
    const place = URGENT.indexOf(entry.kind === "start" && entry.yes?.length ? "warning" : entry.kind);
    return place < 0 ? URGENT.length : place;
  };

  const sessionOf = (entry) => (entry.kind === "start" ? entry.key : entry.session?.key || entry.session?.id);

  const limited = (url, options) => fetch(url, { ...options, redirect: "error", signal: AbortSignal.timeout?.(TIMEOUT) });

  // Whose browser this is by now; a fresh token with it.
  async function look() {
    const answer = await limited(door, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const said = await answer.json();
    token = said.csrf;
    status.signIn = !said.account;
    status.elsewhere = Boolean(said.account) && said.account !== account;
    return said.account === account;
  }

  // Whether the practice can be reached now, whoever is signed in.
  const reached = (patience) => fetch(door, { cache: "no-store", redirect: "error", signal: AbortSignal.timeout?.(patience) }).then((answer) => answer.ok, () => false);

  // The answer with its status, or null where it cannot be sent for now. Throws without a network.
  async function post(batch, fresh = false) {
    if ((!token || fresh) && !(await look())) return null;
    const answer = await limited(door, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ entries: batch.map(wire) }),
      keepalive: true, // a page that is left at once still tells it
    });
    if (answer.status === 401 || answer.status === 409 || (answer.status === 403 && fresh)) {
      await look();
      if (answer.status === 403) throw new Error("403");
      return null;
    }
    if (answer.status === 403) return post(batch, true);
    if (answer.status === 429 || answer.status === 404) throw new Error(String(answer.status));
    if (answer.status >= 500) return { status: answer.status };
    return { status: answer.status, said: await answer.json() };
  }

  async function settle(batch, { status: code, said }) {
    const refusal = (entry) => ({ key: entry.key, state: "refused", note: said.error || "" });
    const answers = new Map((code === 200 ? said.answers : batch.map(refusal)).map((each) => [each.key, each]));
    await within(["entries"], "readwrite", (act) => {
      const store = act.objectStore("entries");
      for (const entry of batch) {
        const answer = answers.get(entry.key);
        if (answer?.state === "stored") store.delete(entry.n);
        else if (answer) store.put({ ...entry, state: "refused", note: answer.note });
      }
    });
    for (const entry of batch) {
      const answer = answers.get(entry.key);
      if (!answer) continue;
      const detail = { entry, answer, blocked: Boolean(said.blocked) };
      document.dispatchEvent(new CustomEvent("outbox-answered", { detail }));
    }
  }

  async function oneAfterTheOther() {
    let size = BATCH;
    const stuck = new Set(); // sessions of which the server breaks at one entry: what follows keeps its order and waits too
    for (;;) {
      const waiting = (await all()).filter((entry) => entry.state === "queued" && entry.account === account && !stuck.has(sessionOf(entry)));
      if (!waiting.length) break;
      waiting.sort((a, b) => urgency(a) - urgency(b) || a.n - b.n);
      const batch = waiting.slice(0, size);
      status.sending = true;
      await changed();
      const reply = await post(batch);
      if (!reply) return;
      status.failed = reply.status >= 500;
      status.signIn = status.elsewhere = false;
      if (reply.status !== 200 && batch.length > 1) size = 1; // one of them is at fault; the others shall not wait for it
      else if (reply.status >= 500) stuck.add(sessionOf(batch[0]));
      else await settle(batch, reply);
    }
    if (stuck.size) throw new Error("500");
  }

  // One replayer at a time, whatever the number of tabs.
  async function alone(work) {
    if (navigator.locks) return navigator.locks.request(`outbox-${account}`, work);
    const me = newKey();
    const mine = await within(["plan"], "readwrite", async (act) => {
      const lease = await asked(act.objectStore("plan").get("lease"));
      if (lease && lease.until > Date.now()) return false;
      act.objectStore("plan").put({ who: me, until: Date.now() + 2 * TIMEOUT }, "lease");
      return true;
    });
    if (!mine) return later();
    try {
      return await work();
    } finally {
      await within(["plan"], "readwrite", (act) => void act.objectStore("plan").delete("lease"));
    }
  }

  let running = null;
  let once = false;
  let tries = 0;
  let timer = 0;

  function later() {
    navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("outbox")).catch(() => {});
    clearTimeout(timer);
    const wait = Math.min(5 * 60_000, 1000 * 2 ** Math.min(tries, 9));
    tries += 1;
    timer = setTimeout(replay, wait / 2 + (Math.random() * wait) / 2);
  }

  function replay() {
    if (!account) return Promise.resolve();
    if (running) {
      once = true; // what came meanwhile
      return running;
    }
    running = (async () => {
      do {
        once = false;
        const before = status.failed;
        try {
          clearTimeout(timer);
          await alone(oneAfterTheOther);
          tries = 0;
          const left = (await all()).length;
          if (before && !left) say(mark.dataset.allSent);
        } catch {
          status.failed = true;
          if (!before && !gone) say(mark.dataset.keptHere);
          if (!before) navigator.storage?.persist?.(); // what waits is not to be cleared away for want of room
          if (!gone) later();
          once = false;
        }
        status.sending = false;
        await changed();
      } while (once);
    })().finally(() => {
      running = null;
    });
    return running;
  }

  // ---- The plan for days without a network -------------------------------------------------------------------------

  async function keepPlan() {
    // From when on the plan cannot know what was done here, by the clock of this device.
    const waiting = (await all()).filter((entry) => entry.state === "queued").map((entry) => entry.device_time);
    const asked_at = [...waiting, new Date().toISOString()].sort()[0];
    const answer = await limited(mark.dataset.planUrl, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!answer.ok) return;
    const fresh = await answer.json();
    if (fresh.account !== account) return;
    const unsent = (await all()).some((entry) => entry.state === "queued");
    await within(["plan"], "readwrite", (act) => {
      act.objectStore("plan").put({ ...fresh, asked_at }, "plan");
      if (!unsent) act.objectStore("plan").delete("halt"); // the server has heard it and says itself what holds
    });
  }

  // What was answered without a network and stops everything until there is one.
  const halt = () => within(["plan"], "readonly", (act) => asked(act.objectStore("plan").get("halt")));
  const stopHere = (words) => within(["plan"], "readwrite", (act) => void act.objectStore("plan").put(words, "halt"));

  // New numbness, dizziness or pain in the chest stops everything here before anybody else has heard it; its words, or null.
  async function heed({ kind, what }) {
    const { stops = {}, numb = {} } = (await plan().catch(() => null)) || {};
    const words = kind === "stop" && what.choice === "dizzy_chest" ? stops.dizzy_chest : kind === "finish" && what.limb === numb.value ? numb : null;
    if (!words?.title) return null;
    const halted = { ...words, blocks: true };
    await stopHere(halted);
    return halted;
  }

  // Nothing is kept for longer than a week, but what is not sent.
  async function tidy() {
    const oldest = Date.now() - KEEP;
    await within(["plan", "did"], "readwrite", async (act) => {
      const kept = await asked(act.objectStore("plan").get("plan"));
      if (kept && new Date(kept.made_at).getTime() < oldest) act.objectStore("plan").delete("plan");
      for (const each of await asked(act.objectStore("did").getAll())) {
        if (new Date(each.device_time).getTime() < oldest) act.objectStore("did").delete(each.n);
      }
    });
  }

  // At sign-out: the whole database goes.
  async function clear() {
    gone = true;
    clearTimeout(timer);
    if (opened) (await opened).close();
    localStorage.removeItem(LAST);
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(`outbox-${account}`);
      request.onsuccess = request.onblocked = resolve;
      request.onerror = () => reject(request.error);
    });
  }

  // Somebody else signed in on this device: the plan of whoever was here before goes, what they did waits for them.
  async function forgetPlanOf(whose) {
    const base = await openAt(whose);
    const act = base.transaction(["plan", "did"], "readwrite");
    act.objectStore("plan").clear();
    act.objectStore("did").clear();
    act.oncomplete = () => base.close();
  }

  function lastAccount() {
    try {
      return localStorage.getItem(LAST) || "";
    } catch {
      return "";
    }
  }

  async function begin() {
    await changed();
    if (!account) return;
    const before = lastAccount();
    if (before && before !== account) await forgetPlanOf(before).catch(() => {});
    try {
      localStorage.setItem(LAST, account);
    } catch {
      // Without it the page without a network does not know whose it is, and shows nothing.
    }
    navigator.serviceWorker?.register(mark.dataset.worker).catch(() => {});
    await tidy().catch(() => {});
    await replay();
    const kept = await plan().catch(() => null);
    const here = Number(location.pathname.match(/^\/session\/(\d+)\//)?.[1]);
    const going = kept?.open.find((each) => each.id === here);
    const offers = document.querySelector("[data-offers]")?.dataset.offers; // by now: the plan may be older
    const old = here && (!going || (offers && offers !== going.items.map((item) => item.id).sort((a, b) => a - b).join(" ")));
    if (!shell && (old || [mark.dataset.today, mark.dataset.blocked].includes(location.pathname))) await keepPlan().catch(() => {});
  }

  window.addEventListener("online", () => replay());
  document.addEventListener("visibilitychange", () => document.hidden || replay());
  navigator.serviceWorker?.addEventListener("message", (event) => event.data === "outbox-replay" && replay());

  begin();
  return { account, all, again, changed, clear, did, halt, heed, keepPlan, lastAccount, letGo, openAt, plan, put, reached, replay, say, status, stopHere };
})();
