// The service worker: keeps the shell of the app and no page with anybody's data. SHELL and VERSION stand before this file,
// and COLOURS: the practice's own, without which the shell stands as well.
// Without a network a page that is opened becomes the shell, which the device fills from its own plan.
"use strict";

const CACHE = `shell-${VERSION}`;
const OFFLINE = "/offline/";
const PATIENCE = 8000; // ms

self.addEventListener("install", (event) => {
  const fresh = SHELL.map((url) => new Request(url, { cache: "reload", credentials: "same-origin" }));
  const colours = (cache) => Promise.allSettled(COLOURS.map((url) => cache.add(url)));
  const whole = (cache) => cache.addAll(fresh).then(() => colours(cache));
  event.waitUntil(caches.open(CACHE).then(whole).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("shell-") && name !== CACHE);
  const clean = caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name))));
  event.waitUntil(clean.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  // A form is left to the browser: its own page for a network that is gone can send it again
  if (request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/workplace/")) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (SHELL.includes(url.pathname) || COLOURS.includes(url.pathname)) event.respondWith(file(request));
});

const HASHED = /\.[0-9a-f]{12}\.\w+$/; // a name that is never another file

async function file(request) {
  const kept = await caches.match(request.url);
  if (kept && HASHED.test(request.url)) return kept;
  return fetch(request).catch(() => kept || Response.error());
}

// A network that answers a page in no time that anybody waits is none.
function page(request) {
  const answer = fetch(request);
  const late = new Promise((_resolve, reject) => setTimeout(reject, PATIENCE));
  return Promise.race([answer, late]).catch(async () => (await caches.match(OFFLINE)) || answer);
}

// ---- Background Sync, where there is such a thing: what waits is sent though no page is open --------------------------------

const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function replay() {
  const pages = await self.clients.matchAll({ type: "window" });
  if (pages.length) return pages.forEach((page) => page.postMessage("outbox-replay"));
  const look = await fetch("/outbox/", { cache: "no-store", credentials: "same-origin" });
  const { account, csrf } = await look.json();
  const names = (await indexedDB.databases()).map((each) => each.name);
  if (!account || !names.includes(`outbox-${account}`)) return undefined;
  return navigator.locks.request(`outbox-${account}`, () => send(account, csrf));
}

// Until a page asks for the plan anew; whom to call stays.
async function offerNothing(base) {
  const store = base.transaction(["plan"], "readwrite").objectStore("plan");
  const plan = await asked(store.get("plan"));
  if (plan) await asked(store.put({ ...plan, days: [], open: [], held: true }, "plan"));
}

async function send(account, csrf) {
  const base = await asked(indexedDB.open(`outbox-${account}`));
  base.onversionchange = () => base.close();
  const urgent = (entry) => (entry.kind === "start" ? (entry.yes?.length ? 0 : 1) : entry.kind === "stop" ? 2 : 3);
  const all = await asked(base.transaction(["entries"]).objectStore("entries").getAll());
  const waiting = all.filter((entry) => entry.state === "queued").sort((a, b) => urgent(a) - urgent(b) || a.n - b.n);
  for (const entry of waiting) {
    const { n, state, note, label, ...told } = entry;
    const answer = await fetch("/outbox/", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
      body: JSON.stringify({ entries: [told] }),
    });
    if (!answer.ok) break; // the page has the words for it
    const { answers: [said], blocked } = await answer.json();
    if (blocked) await offerNothing(base);
    const store = base.transaction(["entries"], "readwrite").objectStore("entries");
    await asked(said.state === "stored" ? store.delete(n) : store.put({ ...entry, state: "refused", note: said.note }));
  }
  base.close();
}

self.addEventListener("sync", (event) => event.tag === "outbox" && event.waitUntil(replay()));
