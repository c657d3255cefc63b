// What a person is told while training: heard, felt, spoken, and read out by a screen reader. Each has its own switch, kept on
// this device; none is needed. Sounds are put on the audio clock ahead of time, so that a hidden tab is in time too.
"use strict";

const cues = (() => {
  // [hertz, begins after, lasts] in seconds, one triple for each note
  const TONES = {
    count: [[660, 0, 0.09]],
    begin: [[880, 0, 0.3]],
    half: [[587, 0, 0.14], [587, 0.24, 0.14]],
    last: [[660, 0, 0.09]],
    change: [[784, 0, 0.18], [523, 0.22, 0.34]],
    end: [[784, 0, 0.22], [988, 0.2, 0.22], [1175, 0.4, 0.6]],
    lift: [[523, 0, 0.16]],
    stay: [[440, 0, 0.12]],
    lower: [[349, 0, 0.2]],
  };
  const PULSES = { count: 40, begin: 200, half: [80, 80, 80], last: 60, change: [200, 100, 200], end: [300, 120, 300], lift: 90, stay: 40, lower: [40, 60, 40] };
  const VOLUME = 0.25;
  const JUST_NOW = 0.25; // seconds
  const A_MINUTE = 60000;
  const MOST = 6; // announcements in a minute (W4)
  const TOGETHER = 250; // milliseconds: what is said at once is one announcement

  let switches = { sound: true, vibration: true, voice: false };
  let audio = null;
  let planned = [];
  let whenHeard = () => {};
  let lock = null;
  let lockWanted = false;

  // ---- Switches ----

  function remember() {
    try {
      localStorage.setItem("cues", JSON.stringify(switches));
    } catch {
      // Without storage they hold until the page is left.
    }
  }

  function recall() {
    try {
      const kept = JSON.parse(localStorage.getItem("cues"));
      for (const name of Object.keys(switches)) if (typeof kept?.[name] === "boolean") switches[name] = kept[name];
    } catch {
      // What is not readable is not kept.
    }
  }

  function offer() {
    const able = {
      sound: Boolean(window.AudioContext),
      vibration: Boolean(navigator.vibrate),
      voice: Boolean(window.speechSynthesis),
    };
    for (const part of document.querySelectorAll("[data-cues]")) part.hidden = false;
    for (const box of document.querySelectorAll("[data-cue-switch]")) {
      const name = box.dataset.cueSwitch;
      box.setAttribute("aria-checked", String(switches[name]));
      box.hidden = !able[name];
    }
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-cue-switch]");
    if (!box) return;
    const name = box.dataset.cueSwitch;
    switches[name] = !switches[name];
    box.setAttribute("aria-checked", String(switches[name]));
    remember();
    if (name === "sound") wake();
    if (name === "vibration") feel("begin");
    if (name === "voice") switches.voice ? speak(box.dataset.sample) : window.speechSynthesis?.cancel();
    whenHeard();
  });

  // ---- Sound ----

  // Browsers let a page sound only after somebody has touched it, and take the sound away when they like.
  function wake() {
    if (!switches.sound || !window.AudioContext) return;
    if (!audio) {
      audio = new AudioContext();
      audio.addEventListener("statechange", () => whenHeard());
    }
    if (audio.state !== "running") audio.resume().catch(() => {});
  }

  function sound(hertz, begins, later, lasts) {
    const at = begins + later;
    const note = audio.createOscillator();
    const loud = audio.createGain();
    note.frequency.value = hertz;
    loud.gain.setValueAtTime(0, at);
    loud.gain.linearRampToValueAtTime(VOLUME, at + 0.015);
    loud.gain.exponentialRampToValueAtTime(0.0005, at + lasts);
    note.connect(loud).connect(audio.destination);
    note.start(at);
    note.stop(at + lasts + 0.02);
    planned.push({ note, begins });
    note.onended = () => { planned = planned.filter((each) => each.note !== note); };
  }

  // `coming`: [{ after, tone }], milliseconds from now. It takes the place of what was planned; what sounds just now sounds out.
  function plan(coming) {
    if (!switches.sound || audio?.state !== "running") return silence();
    const now = audio.currentTime;
    const first = planned.length ? JUST_NOW : -JUST_NOW;
    silence(now + JUST_NOW);
    for (const { after, tone } of coming) {
      if (after / 1000 <= first) continue;
      const begins = now + Math.max(0, after / 1000);
      for (const [hertz, later, lasts] of TONES[tone]) sound(hertz, begins, later, lasts);
    }
  }

  function silence(from = 0) {
    for (const { note } of planned.filter((each) => each.begins >= from)) {
      note.onended = null;
      note.disconnect(); // stop() alone may click
    }
    planned = planned.filter((each) => each.begins < from);
  }

  // ---- Vibration and voice ----

  function feel(name) {
    if (switches.vibration && !document.hidden) navigator.vibrate?.(PULSES[name]);
  }

  function speak(words) {
    if (!switches.voice || !words || !window.speechSynthesis) return;
    const said = new SpeechSynthesisUtterance(words);
    said.lang = document.documentElement.lang;
    speechSynthesis.cancel(); // the newest word is the one that counts
    speechSynthesis.speak(said);
  }

  function hush() {
    silence();
    window.speechSynthesis?.cancel();
    if (switches.vibration) navigator.vibrate?.(0);
  }

  // ---- The live region ----

  let told = []; // when something was announced, within the last minute
  let waiting = [];
  let full = false; // six were said within a minute, the newest waits
  let pending = 0;

  function announce(words, { minor = false } = {}) {
    if (!words || (full && minor)) return;
    if (full) waiting = [{ words, minor }];
    else waiting.push({ words, minor });
    if (full) return;
    if (waiting.length === 1) {
      clearTimeout(pending);
      pending = setTimeout(tell, TOGETHER);
    }
  }

  // At most six in a minute. Where they are used up the newest waits; what matters less keeps the last two free.
  function tell() {
    told = told.filter((at) => performance.now() - at < A_MINUTE);
    full = false;
    if (told.length >= MOST - 2 && waiting.every((each) => each.minor)) waiting = [];
    if (!waiting.length) return;
    full = told.length >= MOST;
    if (full) {
      waiting = [waiting.at(-1)];
      pending = setTimeout(tell, A_MINUTE - (performance.now() - told[0]) + 10);
      return;
    }
    const region = document.querySelector("[data-say]");
    if (region) region.textContent = waiting.map((each) => each.words.replace(/[.]$/, "")).join(". ");
    told.push(performance.now());
    waiting = [];
  }

  document.addEventListener("say", (event) => announce(String(event.detail ?? "")));

  // ---- A screen that stays on, where the browser offers it ----

  async function lockScreen() {
    if (!lockWanted || lock || document.hidden || !navigator.wakeLock) return;
    lock = await navigator.wakeLock.request("screen").catch(() => null);
    lock?.addEventListener("release", () => { lock = null; });
    if (!lockWanted) unlockScreen();
  }

  function unlockScreen() {
    lock?.release().catch(() => {});
    lock = null;
  }

  function awake(wanted) {
    if (wanted === lockWanted) return;
    lockWanted = wanted;
    if (wanted) lockScreen();
    else unlockScreen();
  }

  document.addEventListener("visibilitychange", () => {
    lockScreen(); // a hidden page loses it
    if (lockWanted && !document.hidden) wake();
  });
  for (const touch of ["pointerup", "keydown"]) document.addEventListener(touch, () => { if (lockWanted) wake(); });

  document.addEventListener("page-changed", offer);

  recall();
  offer();
  return { wake, plan, feel, speak, hush, announce, awake, onHeard(call) { whenHeard = call; } };
})();
