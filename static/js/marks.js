// What is told at which second of a set, and where its repetitions are: pure, so that timer.js only asks.
"use strict";

const marks = (() => {
  const COUNTED = [3, 2, 1]; // seconds before an end that are heard
  const HALF_FROM = 30; // a shorter window has no half
  const LAST_FROM = 15; // nor last five seconds
  const LONG = 40; // from here on both are always read out

  // The parts of one repetition: lift, stay, lower; of a hold that is repeated, the hold; else none.
  function parts({ tempo, turns, hold }) {
    if (tempo) return ["lift", "stay", "lower"].map((name, n) => ({ name, lasts: tempo[n] })).filter((part) => part.lasts);
    return hold && turns > 1 ? [{ name: "hold", lasts: hold }] : [];
  }

  const sum = (each) => each.reduce((all, part) => all + part.lasts, 0);

  // The whole window of a set in seconds.
  function length(row) {
    const cycle = sum(parts(row));
    return row.tempo ? cycle * row.turns : row.seconds;
  }

  // Which repetition (from 1) and which part of it, with `left` seconds of the window to go. Null for one hold.
  function where(row, left) {
    const each = parts(row);
    if (!each.length) return null;
    const cycle = sum(each);
    const gone = Math.min(Math.max(0, length(row) - left), length(row) - 0.001);
    let within = gone % cycle;
    const part = each.find((one) => within < one.lasts || (within -= one.lasts, false)) || each.at(-1);
    return { turn: Math.floor(gone / cycle) + 1, name: part.name, lasts: part.lasts, left: part.lasts - within };
  }

  const changes = (row, turn) => row.alternating && !row.tempo && turn > 0;

  function steps(row, words) {
    const found = [];
    const total = length(row);
    for (let turn = 0, gone = 0; turn < row.turns; turn += 1) {
      for (const part of parts(row)) {
        const counts = row.turns > 2;
        const tone = part.name !== "hold" ? part.name : changes(row, turn) ? "change" : "lift";
        const spoken = changes(row, turn) ? words.change : part.name === "lift" || part.name === "hold" ? `${words[part.name]} ${counts ? turn + 1 : ""}` : words[part.name];
        const say = changes(row, turn) && !counts ? words.change : "";
        if (gone) found.push({ left: total - gone, tone, speak: spoken, say });
        gone += part.lasts;
      }
    }
    return found;
  }

  function inHold(row, total, words) {
    const minor = total < LONG;
    const quiet = parts(row).length > 0; // its own tones are told, and no others between
    const first = parts(row)[0];
    const found = [{ left: total, tone: "begin", say: `${words.began}. ${row.side || row.told}`, speak: first ? `${row.side} ${words[first.name]}` : `${row.side} ${words.hold}` }];
    const two = row.alternating && row.turns === 2 && !row.tempo;
    if (total >= HALF_FROM && !two) found.push({ left: total / 2, tone: quiet ? "" : "half", say: words.half, speak: quiet ? "" : words.half, minor });
    found.push(...steps(row, words));
    if (total >= LAST_FROM) found.push({ left: 5, pulse: quiet ? "" : "last", say: words.last, speak: row.tempo ? "" : words.last, minor });
    if (!row.tempo && total > 5) found.push(...COUNTED.map((left) => ({ left, tone: "last" })));
    found.push({ left: 0, tone: "end", say: `${words.over}. ${row.told}`, speak: words.over });
    return found;
  }

  // What is told in a phase of so many seconds, from its beginning to its end.
  // `left`: seconds before the end; `tone` is heard and felt, `pulse` felt only, `say` read out, `speak` spoken.
  function of(phase, total, row, words, resting) {
    let found = [];
    if (phase === "ready") found = COUNTED.map((left) => ({ left, tone: "count", speak: left === total ? `${words.ready}. ${row.told}` : "" }));
    if (phase === "hold") found = inHold(row, total, words);
    if (phase === "rest") {
      found = [{ left: total, tone: resting.change ? "change" : "", say: resting.told, speak: resting.told }];
      if (total > 5) found.push(...COUNTED.map((left) => ({ left, tone: "last" })));
      found.push({ left: 0, tone: "begin", say: words.restOver, speak: words.restOver, minor: true });
    }
    return found.sort((a, b) => b.left - a.left);
  }

  return { of, where, length };
})();
